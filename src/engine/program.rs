//! What is run: steps with everything settled that can be settled before.

use std::collections::HashSet;
use std::sync::Arc;

use crate::command::condition::Condition;
use crate::command::expr::Expr;
use crate::command::row::{Action, Command};
use crate::session::names::Place;
use crate::text::diagnostic::Span;
use crate::text::tree::Answer;
use crate::value::errno::Caught;

pub type Block = Box<[Step]>;

/// A script that was read without a mistake.
pub struct Program {
    pub body: Block,
    /// The `def`s, by index.
    pub functions: Arc<[Arc<Function>]>,
    /// The threads and calls that some line waits for by name; none where a line waits for all.
    pub waits: Option<Arc<HashSet<String>>>,
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

/// One command: what stands around its words, and what its words have become.
pub struct Call {
    /// The socket before the dot.
    pub socket: Option<Place>,
    /// The names its result goes into.
    pub targets: Targets,
    pub row: &'static Command,
    pub action: Action,
}

/// A command under which stands what it is to answer.
pub struct Answered {
    pub call: Call,
    pub answer: Box<Answer>,
}

impl Kind {
    /// A command, and what it is to answer if anything.
    pub fn call(call: Call, answer: Option<Box<Answer>>) -> Kind {
        match answer {
            None => Kind::Call(call),
            Some(answer) => Kind::Answered(Box::new(Answered { call, answer })),
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
