//! The lines of this session by their numbers.

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::command;
use crate::command::row::Does;
use crate::text::answers::lines_of;
use crate::text::diagnostic::Sources;
use crate::text::literal::show;
use crate::text::parse::parse;
use crate::text::tree::Statement;

/// A statement that was typed.
#[derive(Clone, Default)]
pub struct Entry {
    pub number: u32,
    pub text: String,
    pub worked: bool,
    /// It only looked, or it is one of the prompt's own words: nothing for a script.
    pub looking: bool,
    /// What its line showed, as far as it has come: a background call's result comes later.
    pub shown: Shown,
    /// The port that the system chose for it.
    pub port: Option<u16>,
    /// What does the same in a script; nothing for what failed and changed nothing, and for the prompt's own words.
    pub script: Option<Script>,
}

/// What a line showed, shared with the observer that shows it.
pub type Shown = Arc<Mutex<Kept>>;

/// The lines that a statement showed, as an answer may hold them.
#[derive(Default)]
pub struct Kept {
    pub lines: Vec<String>,
    /// More was shown than is kept.
    pub cut: bool,
    bytes: usize,
}

impl Kept {
    /// A longer answer is not kept: it is too long to be read.
    const MOST: usize = 64 << 10;

    /// Adds what was shown: a text of its own, or the next piece of one that ended a line.
    pub fn add(&mut self, text: &str) {
        self.bytes += text.len();
        self.cut = self.bytes > Kept::MOST;
        if !self.cut {
            self.lines.extend(lines_of(text));
        }
    }
}

#[derive(Default)]
pub struct Log(Vec<Entry>);

/// Is this statement only a look at the session?
pub fn is_looking(text: &str) -> bool {
    let source = Sources::default().add("", text);
    let tree = parse(&source, &mut Vec::new());
    tree.iter().all(|statement| match statement {
        Statement::Line(line) => {
            line.help || command::find(&line.command.text).is_some_and(|row| row.does(Does::Looks))
        }
        Statement::Block(_) => false,
    })
}

/// What a script has in place of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    Text(String),
    /// The lines of this file.
    File(PathBuf),
}

impl Script {
    /// Its text in a script that stands in `folder`.
    fn text(&self, folder: &Path) -> String {
        let path = match self {
            Script::Text(text) => return text.clone(),
            // Where the script stands where the session does, the path is as it was typed.
            Script::File(path) if folder.as_os_str().is_empty() => Cow::Borrowed(path.as_path()),
            Script::File(path) => Cow::Owned(std::path::absolute(path).unwrap_or_else(|_| path.clone())),
        };
        let shown = path.to_string_lossy();
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
        if shown.chars().all(plain) {
            format!("source {shown}")
        } else {
            format!("source {}", show(shown.as_bytes()))
        }
    }
}

impl Log {
    pub fn push(&mut self, entry: Entry) {
        self.0.push(entry);
    }

    /// Everything was closed and every name forgotten: no line before is part of a script any more.
    pub fn reset(&mut self) {
        self.0.iter_mut().for_each(|entry| entry.script = None);
    }

    pub fn range(&self, numbers: &RangeInclusive<u32>) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(move |e| numbers.contains(&e.number))
    }

    /// `history`: each line with its number, the failed ones marked.
    pub fn shown(&self) -> String {
        let width = self.0.last().map_or(1, |e| e.number.to_string().len()).max(3);
        let mut out = Vec::new();
        for entry in self.0.iter().filter(|e| e.number > 0) {
            let mark = if entry.worked { ' ' } else { '!' };
            let mut lines = entry.text.lines();
            out.push(format!("{:>width$}{mark} {}", entry.number, lines.next().unwrap_or("")));
            out.extend(lines.map(|l| format!("{:>width$}  {l}", "")));
        }
        out.join("\n")
    }

    /// The lines for a script in this folder, as it has them; those that only looked too, where all are wanted.
    pub fn worth(&self, numbers: &RangeInclusive<u32>, all: bool, folder: &Path) -> Vec<Entry> {
        let wanted = self.range(numbers).filter(|e| all || !e.looking);
        let written = |e: &Entry| e.script.as_ref().map(|s| Entry { text: s.text(folder), ..e.clone() });
        wanted.filter_map(written).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(lines: &[(&str, bool)]) -> Log {
        let mut log = Log::default();
        for (at, (text, worked)) in lines.iter().enumerate() {
            let looking = is_looking(text);
            let number = at as u32 + 1;
            let text = text.to_string();
            let script = worked.then(|| Script::Text(text.clone()));
            log.push(Entry { number, text, worked: *worked, looking, script, ..Entry::default() });
        }
        log
    }

    #[test]
    fn a_file_that_ran_is_sourced() {
        let file = |path: &str| Script::File(path.into());
        assert_eq!(file("a/b.sock").text(Path::new("")), "source a/b.sock");
        assert_eq!(file("/a b.sock").text(Path::new("x")), "source \"/a b.sock\"");
        assert!(file("b.sock").text(Path::new("x")).starts_with("source /"));
    }

    #[test]
    fn a_script_holds_what_worked() {
        let log = log(&[
            ("socket inet stream", true),
            ("sockets", true),
            ("connect nowhere 1", false),
            ("recv?", true),
            ("close", true),
        ]);
        let texts = |all| -> Vec<String> {
            log.worth(&(1..=9), all, Path::new("")).into_iter().map(|e| e.text).collect()
        };
        assert_eq!(texts(false), ["socket inet stream", "close"]);
        assert_eq!(texts(true), ["socket inet stream", "sockets", "recv?", "close"]);
        assert_eq!(log.shown().lines().nth(2), Some("  3! connect nowhere 1"));
    }
}
