//! What is run: steps with everything settled that can be settled before.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;

use crate::command::RowId;
use crate::command::condition::Condition;
use crate::command::expr::Expr;
use crate::command::row::{Action, Command};
use crate::diagnostic::Span;
use crate::errno::Caught;
use crate::scope::{Place, Slim};
use crate::syntax::tree::Answer;

pub type Block = Box<[Step]>;

/// So many lines of a script are given back together.
pub const PIECE: usize = 256;

/// A script that was read without a mistake.
pub struct Program {
    pub body: Body,
    /// The `def`s, by index.
    pub functions: Arc<[Arc<Function>]>,
    /// The threads and calls that some line waits for by name; none where a line waits for all.
    pub waits: Option<Arc<HashSet<String>>>,
}

/// A script's own lines.
#[derive(Default)]
pub struct Body {
    /// In order, some to a block: they run once, and what is done can be given back.
    pub lines: Vec<Lines>,
    /// The commands that several lines have said, without the names around them.
    pub said: Vec<Call>,
}

/// Lines of a script that follow one another, outside every block.
pub enum Lines {
    /// Commands that other lines have said in the same words.
    Again(Box<[Again]>),
    Steps(Block),
}

/// Which of the commands that were said it is, and the names around it.
pub struct Again {
    pub span: Span,
    pub said: u32,
    /// The socket before the dot.
    pub socket: Option<Slim>,
    /// The name its result goes into.
    pub target: Option<Slim>,
}

/// Such a line costs a third of what others do.
const _: () = assert!(size_of::<Again>() <= 20);

impl Body {
    /// Where the first line stands.
    pub fn first(&self) -> Option<Span> {
        match self.lines.first()? {
            Lines::Again(lines) => lines.first().map(|again| again.span),
            Lines::Steps(steps) => steps.first().map(|step| step.span),
        }
    }
}

/// A body while it is read.
#[derive(Default)]
pub struct Reading {
    body: Body,
    /// The lines that are in no block yet: of the one kind or of the other.
    steps: Vec<Step>,
    again: Vec<Again>,
    /// Their memory, while there are none.
    spare: Vec<Again>,
    /// How many steps there were.
    pub count: usize,
}

impl Reading {
    /// Of a text of so many bytes.
    pub fn of(length: usize) -> Reading {
        /// Hardly any line has fewer, with the newline.
        const SHORTEST: usize = 8;
        Reading { steps: Vec::with_capacity((length / SHORTEST + 1).min(PIECE)), ..Reading::default() }
    }

    pub fn step(&mut self, step: Step) {
        if self.again.capacity() > 0 {
            self.end_again();
        }
        if self.steps.len() == PIECE {
            self.end_steps();
        }
        self.steps.push(step);
        self.count += 1;
    }

    #[inline]
    pub fn again(&mut self, again: Again) {
        // There is no room either while there are steps.
        if self.again.len() == self.again.capacity() {
            self.make_room();
        }
        self.again.push(again);
    }

    #[cold]
    fn make_room(&mut self) {
        self.end_steps();
        if !self.again.is_empty() {
            self.end_again();
        }
        self.again = std::mem::take(&mut self.spare);
        self.again.reserve_exact(PIECE);
    }

    /// Takes the last step for what other lines may say again, if it is such a command and `is_said` says so; `keep`
    /// is told what it is, and its number among those that are said.
    pub fn keep_last(&mut self, is_said: impl FnOnce() -> bool, keep: impl FnOnce(&'static Command, u32)) {
        let settled = |step: &mut Step| match &step.kind {
            Kind::Call(call) => call.row().shape.settled && call.targets[1].is_none(),
            _ => false,
        };
        let Some(Step { span, kind }) = self.steps.pop_if(|step| settled(step) && is_said()) else { return };
        match kind {
            Kind::Call(Call { action, around }) => {
                let said = self.body.said.len() as u32;
                self.body.said.push(Call { action, around: around.named(None, None) });
                keep(around.row(), said);
                let Around { socket, targets: [target, _], .. } = around;
                self.again(Again { span, said, socket, target });
            }
            kind => self.steps.push(Step { span, kind }),
        }
    }

    pub fn end(mut self) -> Body {
        let steps = std::mem::take(&mut self.steps);
        if !steps.is_empty() {
            self.body.lines.push(Lines::Steps(steps.into()));
        }
        self.end_again();
        self.body
    }

    #[cold]
    fn end_steps(&mut self) {
        if !self.steps.is_empty() {
            self.body.lines.push(Lines::Steps(self.steps.drain(..).collect()));
        }
    }

    #[cold]
    fn end_again(&mut self) {
        let mut again = std::mem::take(&mut self.again);
        if again.len() == PIECE {
            self.body.lines.push(Lines::Again(again.into()));
            return;
        }
        if !again.is_empty() {
            self.body.lines.push(Lines::Again(again.drain(..).collect()));
        }
        self.spare = again;
    }
}

/// A `def`.
pub struct Function {
    pub name: String,
    pub parameters: usize,
    /// Names it has in all.
    pub locals: usize,
    pub body: Block,
}

/// A line or a block.
pub struct Step {
    pub span: Span,
    pub kind: Kind,
}

pub enum Kind {
    Call(Call),
    Answered(Box<Answered>),
    Fails(Box<Fails>),
    Invoke(Box<Invoke>),
    Repeat {
        count: Box<Expr>,
        body: Block,
    },
    While {
        condition: Box<Condition>,
        body: Block,
    },
    For(Box<For>),
    If {
        arms: Box<[(Condition, Block)]>,
        otherwise: Block,
    },
    Try(Box<Try>),
    Break,
    Continue,
    Return(Option<Box<Expr>>),
    /// The lines of a `source`d file.
    Lines(Block),
    /// A `def`: it was read, and does nothing here.
    Nothing,
    Spawn(Arc<Spawn>),
    Background(Arc<Background>),
}

/// One command. A script has one for each of its lines, so it is kept small.
pub struct Call {
    pub action: Action,
    pub around: Around,
}

/// What stands around the words of a command.
#[derive(Clone, Copy)]
pub struct Around {
    /// The socket before the dot.
    pub socket: Option<Slim>,
    /// The names its result goes into.
    pub targets: [Option<Slim>; 2],
    row: RowId,
    /// It may wait: what was printed must be seen before.
    pub waits: bool,
}

impl Deref for Call {
    type Target = Around;

    #[inline]
    fn deref(&self) -> &Around {
        &self.around
    }
}

/// A command under which stands what it is to answer.
pub struct Answered {
    pub call: Call,
    pub answer: Box<Answer>,
}

/// A line of a long script costs this much, and what its words need.
const _: () = assert!(size_of::<Step>() <= 56);

impl Kind {
    /// A command, and what it is to answer if anything.
    pub fn call(call: Call, answer: Option<Box<Answer>>) -> Kind {
        match answer {
            None => Kind::Call(call),
            Some(answer) => Kind::Answered(Box::new(Answered { call, answer })),
        }
    }
}

impl Call {
    pub fn new(row: RowId, action: Action, socket: Option<Place>, targets: Targets) -> Call {
        let targets = targets.places().map(|place| place.map(Slim::of));
        let around = Around { socket: socket.map(Slim::of), targets, row, waits: row.get().shape.waits };
        Call { action, around }
    }
}

impl Around {
    /// With one name before it or none.
    #[inline]
    pub fn plain(row: RowId, socket: Option<Slim>, target: Option<Slim>, waits: bool) -> Around {
        Around { socket, targets: [target, None], row, waits }
    }

    /// The same with this socket before the dot, and this one name before it.
    #[inline(always)]
    pub fn named(self, socket: Option<Slim>, target: Option<Slim>) -> Around {
        Around { socket, targets: [target, None], ..self }
    }

    #[inline]
    pub fn row(&self) -> &'static Command {
        self.row.get()
    }

    #[inline]
    pub fn targets(&self) -> Targets {
        match self.targets {
            [None, _] => Targets::None,
            [Some(one), None] => Targets::One(one.place()),
            [Some(one), Some(two)] => Targets::Two(one.place(), two.place()),
        }
    }
}

/// `for NAME in WORD…`
pub struct For {
    pub name: Place,
    pub words: Box<[Expr]>,
    pub body: Block,
}

/// Where results go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    None,
    One(Place),
    Two(Place, Place),
}

impl Targets {
    pub fn places(self) -> [Option<Place>; 2] {
        match self {
            Targets::None => [None, None],
            Targets::One(one) => [Some(one), None],
            Targets::Two(one, two) => [Some(one), Some(two)],
        }
    }
}

pub struct Fails {
    /// The names that were given, as they were written.
    pub names: Vec<String>,
    pub wanted: Vec<Caught>,
    pub step: Step,
    pub targets: Targets,
    pub answer: Option<Box<Answer>>,
}

pub struct Invoke {
    pub function: usize,
    pub arguments: Box<[Expr]>,
    pub targets: Targets,
    pub answer: Option<Box<Answer>>,
}

pub struct Try {
    pub body: Block,
    pub excepts: Vec<Except>,
    pub finally: Option<Block>,
}

pub struct Except {
    /// Empty: any error.
    pub caught: Vec<Caught>,
    pub name: Option<Place>,
    pub body: Block,
}

/// `spawn NAME … end`
pub struct Spawn {
    pub name: String,
    pub place: Place,
    pub body: Block,
}

/// `COMMAND &`
pub struct Background {
    /// The call. Its thread names what it makes; the script's own names get it when somebody has
    /// waited.
    pub step: Step,
    pub targets: Targets,
    /// The line as it was written.
    pub line: String,
}
