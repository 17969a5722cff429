//! What a script says: lines, and blocks of lines.

use std::borrow::Cow;

use super::forms::Keyword;
use super::words::Word;
use crate::text::diagnostic::Span;

/// A piece of text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name<'t> {
    /// Its letters.
    pub text: Cow<'t, str>,
    /// Where it stands.
    pub span: Span,
}

/// What a script is a row of.
#[derive(Clone, Debug)]
pub enum Statement<'t> {
    /// One command.
    Line(Line<'t>),
    /// A keyword, its lines, and `end`.
    Block(Block<'t>),
}

impl Statement<'_> {
    /// From its first byte to its last.
    pub fn span(&self) -> Span {
        match self {
            Statement::Line(line) => line.span,
            Statement::Block(block) => block.arms.first().map_or(block.end, |a| a.head.span.to(block.end)),
        }
    }

    /// The same, for which no text need be kept.
    pub fn into_owned(self) -> Statement<'static> {
        match self {
            Statement::Line(line) => Statement::Line(line.into_owned()),
            Statement::Block(block) => Statement::Block(Block {
                arms: block.arms.into_iter().map(Arm::into_owned).collect(),
                end: block.end,
            }),
        }
    }
}

/// `[NAMES =] [SOCKET.]COMMAND WORD… [&]`
#[derive(Clone, Debug)]
pub struct Line<'t> {
    /// The whole line.
    pub span: Span,
    /// The names before `=`.
    pub targets: Vec<Name<'t>>,
    /// The name before the dot.
    pub socket: Option<Name<'t>>,
    /// The command or the keyword.
    pub command: Name<'t>,
    /// What the command is, where it is a word of the language and stands as one.
    pub keyword: Option<Keyword>,
    /// The words after it.
    pub words: Vec<Word<'t>>,
    /// The `&` at its end.
    pub background: Option<Span>,
    /// `COMMAND?`: the help is asked for.
    pub help: bool,
    /// The `#>` lines below it.
    pub answer: Option<Box<Answer>>,
}

/// What `Out` is to show, a string a line, `#>` and indentation taken off.
#[derive(Clone, Debug)]
pub struct Answer {
    /// From the first `#>` to the end of the last line.
    pub span: Span,
    /// What it says, without `#>`.
    pub lines: Vec<String>,
    /// Where each line stands, from its `#>`: other comments may stand between them.
    pub places: Vec<Span>,
}

/// `repeat … end`, and `if … else … end` with an arm for each part.
#[derive(Clone, Debug)]
pub struct Block<'t> {
    /// The parts of the block: `if`, `else`, …
    pub arms: Vec<Arm<'t>>,
    /// Its `end`.
    pub end: Span,
}

/// A part of a block: the line that begins it, and the lines below.
#[derive(Clone, Debug)]
pub struct Arm<'t> {
    /// Its command is the keyword.
    pub head: Line<'t>,
    /// The lines below.
    pub body: Vec<Statement<'t>>,
}

impl Name<'_> {
    fn into_owned(self) -> Name<'static> {
        Name { text: Cow::Owned(self.text.into_owned()), span: self.span }
    }
}

impl Line<'_> {
    /// The same, for which no text need be kept.
    pub fn into_owned(self) -> Line<'static> {
        Line {
            span: self.span,
            targets: self.targets.into_iter().map(Name::into_owned).collect(),
            socket: self.socket.map(Name::into_owned),
            command: self.command.into_owned(),
            keyword: self.keyword,
            words: self.words.into_iter().map(Word::into_owned).collect(),
            background: self.background,
            help: self.help,
            answer: self.answer,
        }
    }
}

impl Arm<'_> {
    /// The same, for which no text need be kept.
    pub fn into_owned(self) -> Arm<'static> {
        Arm { head: self.head.into_owned(), body: self.body.into_iter().map(Statement::into_owned).collect() }
    }
}
