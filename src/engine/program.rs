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
    /// What the commands do that several lines have said.
    pub said: Vec<Action>,
}

/// Lines of a script that follow one another, outside every block.
pub enum Lines {
    /// Commands that other lines have said in the same words.
    Again(Box<[Again]>),
    Steps(Block),
}

/// Which of the commands that were said it is, and what stands around it.
pub struct Again {
    pub span: Span,
    pub said: u32,
    pub around: Around,
}

/// Such a line costs half of what others do.
const _: () = assert!(size_of::<Again>() <= 28);

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
    /// How many steps there were.
    pub count: usize,
}

impl Reading {
    pub fn step(&mut self, step: Step) {
        self.end_again();
        if self.steps.len() == PIECE {
            self.end_steps();
        }
        self.steps.push(step);
        self.count += 1;
    }

    #[inline]
    pub fn again(&mut self, again: Again) {
        if !self.steps.is_empty() || self.again.len() == PIECE {
            self.end_steps();
            self.end_again();
        }
        self.again.push(again);
    }

    /// Takes the last step for what other lines may say again, if it is such a command and `is_said` says so; `keep`
    /// is told what is around it, and its number among those that are said.
    pub fn keep_last(&mut self, is_said: impl FnOnce() -> bool, keep: impl FnOnce(&Around, u32)) {
        let settled = |step: &mut Step| matches!(&step.kind, Kind::Call(call) if call.row().shape.settled);
        let Some(Step { span, kind }) = self.steps.pop_if(|step| settled(step) && is_said()) else { return };
        match kind {
            Kind::Call(Call { action, around }) => {
                let said = self.body.said.len() as u32;
                self.body.said.push(action);
                keep(&around, said);
                self.again(Again { span, said, around });
            }
            kind => self.steps.push(Step { span, kind }),
        }
    }

    pub fn end(mut self) -> Body {
        self.end_steps();
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
        if !self.again.is_empty() {
            self.body.lines.push(Lines::Again(self.again.drain(..).collect()));
        }
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
    socket: Option<Slim>,
    targets: [Option<Slim>; 2],
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

    /// The socket before the dot is this one.
    #[inline]
    pub fn aim_at(&mut self, socket: Slim) {
        self.socket = Some(socket);
    }

    /// The one name before it is this one.
    #[inline]
    pub fn give_to(&mut self, target: Slim) {
        self.targets = [Some(target), None];
    }

    #[inline]
    pub fn row(&self) -> &'static Command {
        self.row.get()
    }

    pub fn row_id(&self) -> RowId {
        self.row
    }

    /// The socket before the dot.
    #[inline]
    pub fn socket_place(&self) -> Option<Slim> {
        self.socket
    }

    /// As a place.
    #[inline]
    pub fn socket(&self) -> Option<Place> {
        self.socket.map(Slim::place)
    }

    /// Does its result go into `$_` only?
    #[inline]
    pub fn names_nothing(&self) -> bool {
        self.targets[0].is_none()
    }

    /// The slot of the one name its result goes into, where that is one of the script.
    #[inline]
    pub fn target_slot(&self) -> Option<u32> {
        match self.targets {
            [Some(one), None] => one.slot(),
            _ => None,
        }
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
