//! The lines of this session by their numbers.

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::words;
use crate::command;
use crate::command::row::Does;
use crate::text::answers::lines_of;
use crate::text::diagnostic::Sources;
use crate::text::forms;
use crate::text::literal::{self, show};
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
        self.cut |= self.bytes > Kept::MOST;
        if !self.cut {
            self.lines.extend(lines_of(text));
        }
    }

    /// How many bytes are kept, about.
    fn held(&self) -> usize {
        self.bytes.min(Kept::MOST)
    }

    /// Forgets what was shown; gives back how much that was.
    fn let_go(&mut self) -> usize {
        let held = self.held();
        self.cut |= !self.lines.is_empty();
        self.lines = Vec::new();
        self.bytes = 0;
        held
    }
}

#[derive(Default)]
pub struct Log {
    entries: Vec<Entry>,
    /// How many bytes of what they showed are kept, and from which line on.
    bytes: usize,
    from: usize,
}

/// So many bytes of what all lines showed are kept, of the latest: the lines themselves stay.
const MOST_SHOWN: usize = 32 << 20;

fn lock(shown: &Shown) -> MutexGuard<'_, Kept> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `history` is to show.
#[derive(Debug, PartialEq, Eq)]
pub struct Wanted {
    pub numbers: RangeInclusive<u32>,
    /// Only lines that hold this, in small or capital letters.
    pub part: Option<String>,
    /// What they showed, too.
    pub outs: bool,
}

/// Is this statement only a look at the session?
pub fn is_looking(text: &str) -> bool {
    let source = Sources::default().add("", text);
    let tree = parse(&source, &mut Vec::new());
    tree.iter().all(|statement| match statement {
        Statement::Line(line) => {
            let looks = |row: &command::row::Command| {
                row.does(Does::Looks) || row.does(Does::LooksAlone) && line.words.is_empty()
            };
            let looks = command::find(&line.command.text).is_some_and(looks);
            line.help || line.targets.is_empty() && looks
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
    /// The same of the file that runs at the start of every session: only where a line needs it.
    Init(PathBuf),
}

impl Script {
    /// Its text in a script that stands in `folder`.
    fn text(&self, folder: &Path) -> String {
        let path = match self {
            Script::Text(text) => return text.clone(),
            Script::Init(path) => Cow::Borrowed(path.as_path()),
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
    /// Adds a line; one that ran others, which have higher numbers and are over, comes before them.
    pub fn push(&mut self, entry: Entry) {
        let after = |other: &Entry| entry.number > 0 && other.number > entry.number;
        let at = self.entries.iter().rposition(|other| !after(other)).map_or(0, |at| at + 1);
        self.bytes += lock(&entry.shown).held();
        self.entries.insert(at, entry);
        // What is let go of already counts for nothing.
        self.from = self.from.min(at);
        while self.bytes > MOST_SHOWN
            && let Some(oldest) = self.entries.get(self.from)
        {
            self.bytes -= lock(&oldest.shown).let_go().min(self.bytes);
            self.from += 1;
        }
    }

    /// Everything was closed and every name forgotten: no line before is part of a script any more.
    pub fn reset(&mut self) {
        self.entries.iter_mut().for_each(|entry| entry.script = None);
    }

    pub fn range(&self, numbers: &RangeInclusive<u32>) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |e| numbers.contains(&e.number))
    }

    /// `history`: each line with its number, the failed ones marked; where it is wanted, with what it showed.
    pub fn shown(&self, wanted: &Wanted) -> String {
        let width = self.entries.last().map_or(1, |e| e.number.to_string().len()).max(3);
        let mut out = Vec::new();
        let part = wanted.part.as_ref().map(|part| part.to_lowercase());
        for entry in self.range(&wanted.numbers).filter(|e| e.number > 0) {
            let showed = lock(&entry.shown);
            let has = |text: &str| part.as_ref().is_none_or(|part| text.to_lowercase().contains(part));
            if !(has(&entry.text) || wanted.outs && showed.lines.iter().any(|line| has(line))) {
                continue;
            }
            let mark = if entry.worked { ' ' } else { '!' };
            let mut lines = entry.text.lines();
            out.push(format!("{:>width$}{mark} {}", entry.number, lines.next().unwrap_or("")));
            out.extend(lines.map(|l| format!("{:>width$}  {l}", "")));
            if wanted.outs {
                out.extend(
                    showed.lines.iter().map(|l| format!("{:>width$}  #> {l}", "").trim_end().to_string()),
                );
            }
        }
        out.join("\n")
    }

    /// The text of a line, or of the last one that only ran commands.
    pub fn text(&self, number: Option<u32>) -> Option<String> {
        let is = |entry: &&Entry| match number {
            Some(number) => entry.number == number,
            None => entry.number > 0 && words::recognise(&entry.text).is_none(),
        };
        self.entries.iter().rev().find(is).map(|entry| entry.text.clone())
    }

    /// The line that last gave this name a value.
    pub fn made(&self, name: &str) -> Option<(u32, String)> {
        let gives = |entry: &&Entry| {
            let source = Sources::default().add("", words::command_of(&entry.text));
            let tree = parse(&source, &mut Vec::new());
            entry.worked
                && entry.number > 0
                && tree.iter().any(|statement| match statement {
                    Statement::Line(line) => {
                        let bound = || line.words.first().is_some_and(|word| word.bare() == Some(name));
                        line.targets.iter().any(|target| target.text == name)
                            || line.command.text == forms::BINDS && bound()
                    }
                    Statement::Block(_) => false,
                })
        };
        self.entries.iter().rev().find(gives).map(|entry| (entry.number, literal::one_line(&entry.text)))
    }

    /// The last line in which the name stands as a word of its own.
    pub fn used(&self, name: &str) -> Option<(u32, String)> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let has = |entry: &&Entry| {
            let mut words = entry.text.split(|c: char| !is_word(c));
            entry.number > 0 && !entry.text.trim_end().ends_with('?') && words.any(|word| word == name)
        };
        self.entries.iter().rev().find(has).map(|entry| (entry.number, literal::one_line(&entry.text)))
    }

    /// The lines for a script in this folder, as it has them; those that only looked too, where all are wanted, and the
    /// user's own script, where a line needs it.
    pub fn worth(&self, numbers: &RangeInclusive<u32>, all: bool, init: bool, folder: &Path) -> Vec<Entry> {
        let is_init = |e: &Entry| matches!(e.script, Some(Script::Init(_)));
        let within = self.entries.iter().filter(|e| numbers.contains(&e.number) || is_init(e));
        let wanted = within.filter(|e| (all || !e.looking) && (init || !is_init(e)));
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
            log.worth(&(1..=9), all, false, Path::new("")).into_iter().map(|e| e.text).collect()
        };
        assert_eq!(texts(false), ["socket inet stream", "close"]);
        assert_eq!(texts(true), ["socket inet stream", "sockets", "recv?", "close"]);
        let shown = |part: Option<&str>| {
            log.shown(&Wanted { numbers: 1..=9, part: part.map(str::to_string), outs: true })
        };
        assert_eq!(shown(None).lines().nth(2), Some("  3! connect nowhere 1"));
        assert_eq!(shown(Some("SOCKET")), "  1  socket inet stream\n  2  sockets");
    }
}
