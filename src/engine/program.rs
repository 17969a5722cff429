//! What is run: steps with everything settled that can be settled before.

use std::collections::HashSet;
use std::sync::Arc;

use crate::command::condition::Condition;
use crate::command::expr::Expr;
use crate::command::param::Text;
use crate::command::row::{Action, Command};
use crate::session::names::Place;
use crate::text::diagnostic::{Diagnostic, Span};
use crate::text::tree::Answer;
use crate::value::errno::Caught;

pub type Block = Box<[Step]>;

/// A script that was read without a mistake.
pub struct Program {
    /// The steps of its lines, in order.
    pub body: Block,
    /// The `def`s, by index.
    pub functions: Arc<[Arc<Function>]>,
    /// The threads and calls that some line waits for by name; none where a line waits for all.
    pub waits: Option<Arc<HashSet<String>>>,
    /// A line of it draws what has happened.
    pub draws: bool,
    /// Its last line, where it waits for its threads.
    pub end: Option<Span>,
}

/// A `def`.
pub struct Function {
    pub name: Arc<str>,
    pub parameters: Box<[Arc<str>]>,
    /// The values of the last arguments where a call has no words for them.
    pub defaults: Box<[Expr]>,
    /// The last argument is a list of what is left.
    pub rest: bool,
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
    Kept(Box<Kept>),
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
    If(Box<If>),
    Try(Box<Try>),
    Break,
    Continue,
    /// One value, or a list of several.
    Return(Box<[Expr]>),
    /// The lines of a `source`d file.
    Lines(Block),
    /// A `def`: it was read, and does nothing here.
    Nothing,
    Spawn(Arc<Spawn>),
    Subtest(Box<Subtest>),
    Background(Arc<Background>),
    /// A line of a `def` typed at the prompt that names what is not there yet: a NameError when it runs.
    Missing(Box<Diagnostic>),
}

/// A command with nothing around it but its socket, as most lines are: a long script has one for each line,
/// so what only some lines need stands in [`Kept`].
pub struct Call {
    /// The socket before the dot.
    pub socket: Option<Place>,
    pub row: &'static Command,
    pub action: Action,
}

/// A command whose result goes into names, or under which stands what it is to answer.
pub struct Kept {
    pub call: Call,
    pub targets: Targets,
    pub answer: Option<Box<Answer>>,
}

impl Kind {
    /// A command with what stands around it.
    pub fn call(call: Call, targets: Targets, answer: Option<Box<Answer>>) -> Kind {
        match (&targets, &answer) {
            (Targets::None, None) => Kind::Call(call),
            _ => Kind::Kept(Box::new(Kept { call, targets, answer })),
        }
    }

    /// The names into which its result goes.
    pub fn targets(&self) -> Targets {
        match self {
            Kind::Kept(kept) => kept.targets.clone(),
            Kind::Invoke(invoke) => invoke.targets.clone(),
            _ => Targets::None,
        }
    }
}

/// `if … else if … else … end`
pub struct If {
    pub arms: Box<[(Condition, Block)]>,
    pub otherwise: Block,
}

/// `for NAME, … in WORD…`
pub struct For {
    pub names: Box<[(Arc<str>, Place)]>,
    pub words: Box<[Expr]>,
    pub body: Block,
}

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    None,
    One(Place),
    /// The two of a pair.
    Two(Place, Place),
    /// The items of a list, which has as many.
    Apart(Arc<[Place]>, Span),
}

impl Targets {
    pub fn places(&self) -> Vec<Place> {
        match self {
            Targets::None => Vec::new(),
            Targets::One(one) => vec![*one],
            Targets::Two(one, two) => vec![*one, *two],
            Targets::Apart(places, _) => places.to_vec(),
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

/// `subtest TEXT … end`
pub struct Subtest {
    pub title: Text,
    pub body: Block,
}

/// `spawn NAME … end`
pub struct Spawn {
    pub name: String,
    pub place: Place,
    /// The script's end does not wait for it.
    pub daemon: bool,
    pub body: Block,
}

/// `COMMAND &`
pub struct Background {
    /// The call. Its thread names what it makes; the script's own names get it once a `wait` has
    /// waited.
    pub step: Step,
    pub targets: Targets,
    /// The line as it was written.
    pub line: String,
}
