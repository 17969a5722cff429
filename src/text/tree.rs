//! What a script says: lines, and blocks of lines.

use std::borrow::Cow;

use super::forms::Keyword;
use super::words::Word;
use crate::text::diagnostic::Span;

/// A piece of text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name<'t> {
    pub text: Cow<'t, str>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Statement<'t> {
    Line(Line<'t>),
    Block(Block<'t>),
}

impl Statement<'_> {
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
    pub span: Span,
    pub targets: Vec<Name<'t>>,
    pub socket: Option<Name<'t>>,
    pub command: Name<'t>,
    /// What the command is, where it is a word of the language and stands as one.
    pub keyword: Option<Keyword>,
    pub words: Vec<Word<'t>>,
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
    pub lines: Vec<String>,
    /// Where each line stands, from its `#>`: other comments may stand between them.
    pub places: Vec<Span>,
}

/// `repeat … end`, and `if … else … end` with an arm for each part.
#[derive(Clone, Debug)]
pub struct Block<'t> {
    pub arms: Vec<Arm<'t>>,
    pub end: Span,
}

#[derive(Clone, Debug)]
pub struct Arm<'t> {
    /// Its command is the keyword.
    pub head: Line<'t>,
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
