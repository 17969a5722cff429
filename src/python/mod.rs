//! Python text as lines of sockbook: statement by statement, in one pass. Nothing of Python is ever executed here.
//!
//! What sockbook has no line for is marked with the reason, and the rest is still read; so is a line whose meaning
//! changes. The prompt reads pasted cells with it, `sockbook convert` reads files, and `help python` shows the rows.

pub mod back;
#[cfg_attr(not(feature = "python"), allow(dead_code))]
mod mark;
#[cfg(feature = "python")]
mod reader;
pub mod table;

pub use self::mark::{Mark, MarkKind};
use crate::text::diagnostic::{Diagnostic, Source};
use crate::words::{Lang, Sentence};

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
pub struct Reader {
    #[cfg(feature = "python")]
    known: reader::Known,
}

impl Reader {
    /// A reader that knows no names yet.
    pub fn new() -> Reader {
        Reader::default()
    }

    /// The lines that stand for `text`, or the syntax error of a text that is no Python; then nothing of it is kept.
    #[cfg(feature = "python")]
    pub fn read(&mut self, text: &str) -> Result<Reading, Mistake> {
        reader::read(&mut self.known, text)
    }

    /// A build without Python reads none.
    #[cfg(not(feature = "python"))]
    pub fn read(&mut self, _text: &str) -> Result<Reading, Mistake> {
        Err(Mistake { line: 1, column: 1, why: WITHOUT.into(), open: false })
    }
}

/// What a build without the feature `python` says of Python.
pub const WITHOUT: crate::words::sentence::Phrase = phrase!(
    en "this sockbook was built without Python (the feature `python`)",
    es "este sockbook se compiló sin Python (la característica `python`)"
);

/// Whether `text` is Python, and more than a word or a literal alone, of which nothing tells the language. That it is
/// no sockbook is for the caller to find first: what both languages accept is sockbook.
#[cfg(feature = "python")]
pub fn is_python(text: &str) -> bool {
    reader::says_something(text)
}

/// A build without Python knows none.
#[cfg(not(feature = "python"))]
pub fn is_python(_text: &str) -> bool {
    false
}

/// Whether a Python text can hardly be sockbook with a mistake in it: it has a call, a block or an import.
pub fn is_plainly_python(text: &str) -> bool {
    is_python(text)
        && (text.contains(['(', '['])
            || text.contains("import ")
            || text.lines().any(|l| l.trim_end().ends_with(':')))
}

/// The mistakes of a file, or the one that says what it is, where it is a Python program.
pub fn in_a_file(problems: Vec<Diagnostic>, source: Option<&Source>) -> Vec<Diagnostic> {
    let first = problems.iter().find(|problem| problem.is_error()).map(|problem| problem.span);
    let (Some(span), Some(source)) = (first, source) else { return problems };
    let text = &source.text;
    let begins_block = |line: &str| line.trim_end().ends_with(':');
    let imports = |line: &str| line.starts_with("import ") || line.starts_with("from ");
    let named = source.name.ends_with(".py");
    let has_its_form = named || text.lines().any(|line| begins_block(line) || imports(line));
    // A build without Python has the name alone to go by.
    let without = cfg!(not(feature = "python")) && named;
    if !has_its_form || !without && !is_python(text) {
        return problems;
    }
    let message = phrase!(en "this is Python, which the prompt reads and a file does not", es "esto es Python, que el prompt lee y un archivo no");
    let name = &source.name;
    let help = say!(
        en "`sockbook convert {name}` makes a script of it",
        es "`sockbook convert {name}` hace de él un script",
        name
    );
    vec![Diagnostic::new(span, message).help(if without { WITHOUT.into() } else { help })]
}
