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
    /// The steps of its lines, in order.
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
    Return(Option<Box<Expr>>),
    /// The lines of a `source`d file.
    Lines(Block),
    /// A `def`: it was read, and does nothing here.
    Nothing,
    Spawn(Arc<Spawn>),
    Background(Arc<Background>),
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
        match (targets, &answer) {
            (Targets::None, None) => Kind::Call(call),
            _ => Kind::Kept(Box::new(Kept { call, targets, answer })),
        }
    }

    /// The names into which its result goes.
    pub fn targets(&self) -> Targets {
        match self {
            Kind::Kept(kept) => kept.targets,
            Kind::Invoke(invoke) => invoke.targets,
            _ => Targets::None,
        }
    }
}

/// `if … else if … else … end`
pub struct If {
    pub arms: Box<[(Condition, Block)]>,
    pub otherwise: Block,
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
    /// The call. Its thread names what it makes; the script's own names get it once a `wait` has
    /// waited.
    pub step: Step,
    pub targets: Targets,
    /// The line as it was written.
    pub line: String,
}
