//! What a script says: lines, and blocks of lines.

use super::words::Word;
use crate::diagnostic::Span;

/// A piece of text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub text: String,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Statement {
    Line(Line),
    Block(Block),
}

impl Statement {
    pub fn span(&self) -> Span {
        match self {
            Statement::Line(line) => line.span,
            Statement::Block(block) => block.arms.first().map_or(block.end, |a| a.head.span.to(block.end)),
        }
    }
}

/// `[NAMES =] [SOCKET.]COMMAND WORD… [&]`
#[derive(Clone, Debug)]
pub struct Line {
    pub span: Span,
    pub targets: Vec<Name>,
    pub socket: Option<Name>,
    pub command: Name,
    pub words: Vec<Word>,
    pub background: Option<Span>,
    /// `COMMAND?`: the help is asked for.
    pub help: bool,
    /// The `#>` lines below it.
    pub answer: Option<Answer>,
}

/// What `Out` is to show, a string a line, `#>` and indentation taken off.
#[derive(Clone, Debug)]
pub struct Answer {
    pub span: Span,
    pub lines: Vec<String>,
}

/// `repeat … end`, and `if … else … end` with an arm for each part.
#[derive(Clone, Debug)]
pub struct Block {
    pub arms: Vec<Arm>,
    pub end: Span,
}

#[derive(Clone, Debug)]
pub struct Arm {
    /// Its command is the keyword.
    pub head: Line,
    pub body: Vec<Statement>,
}
