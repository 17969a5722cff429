//! The lines of this session by their numbers, and the script that they make.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::command;
use crate::diagnostic::Sources;
use crate::syntax::parse::parse;
use crate::syntax::tree::Statement;
use crate::syntax::words::{Part, line};

/// A statement that was typed.
pub struct Entry {
    pub number: u32,
    pub text: String,
    pub worked: bool,
    /// It only looked, or it is one of the prompt's own words: nothing for a script.
    pub looking: bool,
}

#[derive(Default)]
pub struct Log(Vec<Entry>);

/// Commands that show the session and change nothing.
const LOOKING: &[&str] = &["sockets", "vars", "help", "info", "options", "diagram", "jobs"];

/// Is this statement only a look at the session?
pub fn is_looking(text: &str) -> bool {
    let tree = parse(&Sources::default().add("", text), &mut Vec::new());
    tree.iter().all(|statement| match statement {
        Statement::Line(line) => {
            line.help || command::find(&line.command.text).is_some_and(|row| LOOKING.contains(&row.name))
        }
        Statement::Block(_) => false,
    })
}

impl Log {
    pub fn push(&mut self, entry: Entry) {
        self.0.push(entry);
    }

    pub fn range(&self, numbers: &RangeInclusive<u32>) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(move |e| numbers.contains(&e.number))
    }

    /// `history`: each line with its number, the failed ones marked.
    pub fn shown(&self) -> String {
        let width = self.0.last().map_or(1, |e| e.number.to_string().len()).max(3);
        let mut out = Vec::new();
        for entry in &self.0 {
            let mark = if entry.worked { ' ' } else { '!' };
            let mut lines = entry.text.lines();
            out.push(format!("{:>width$}{mark} {}", entry.number, lines.next().unwrap_or("")));
            out.extend(lines.map(|l| format!("{:>width$}  {l}", "")));
        }
        out.join("\n")
    }

    /// The script of the lines that worked; `$_7` becomes a name, for a script has no numbers. An
    /// error is a line that needs another that is not there.
    pub fn script(&self, numbers: &RangeInclusive<u32>) -> Result<(String, usize), String> {
        let lines: Vec<&Entry> = self.range(numbers).filter(|e| e.worked && !e.looking).collect();
        let mut wanted = BTreeSet::new();
        let mut texts = Vec::new();
        for (at, entry) in lines.iter().enumerate() {
            let (text, used) = named(&entry.text);
            if let Some(gone) = used.iter().find(|n| !lines[..at].iter().any(|e| e.number == **n)) {
                let number = entry.number;
                return Err(format!(
                    "In [{number}] uses `$_{gone}`, and In [{gone}] is not among these lines"
                ));
            }
            wanted.extend(used);
            texts.push(text);
        }
        let mut out = String::new();
        for (entry, text) in lines.iter().zip(texts) {
            out.push_str(&text);
            out.push('\n');
            if wanted.contains(&entry.number) {
                out.push_str(&format!("let out{} = $_\n", entry.number));
            }
        }
        Ok((out, lines.len()))
    }
}

/// The text with `$_7` as `$out7`, and the numbers that were used.
fn named(text: &str) -> (String, Vec<u32>) {
    let mut places = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let read = line(text, 0, at, &mut Vec::new());
        for part in read.words.iter().flat_map(|w| &w.parts) {
            if let Part::Value(reference) = part
                && let Some(number) = reference.name.strip_prefix('_').and_then(|n| n.parse::<u32>().ok())
            {
                let start = reference.span.start as usize;
                let brace = usize::from(text[start..].starts_with("${"));
                places.push((start + 1 + brace, number));
            }
        }
        at = read.end.max(at + 1);
    }
    let (mut out, mut done) = (String::new(), 0);
    for &(start, _) in &places {
        out.push_str(&text[done..start]);
        out.push_str("out");
        // Its underscore goes, its digits stay.
        done = start + 1;
    }
    out.push_str(&text[done..]);
    (out, places.into_iter().map(|p| p.1).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(lines: &[(&str, bool)]) -> Log {
        let mut log = Log::default();
        for (at, (text, worked)) in lines.iter().enumerate() {
            let looking = is_looking(text);
            log.push(Entry { number: at as u32 + 1, text: text.to_string(), worked: *worked, looking });
        }
        log
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
        assert_eq!(log.script(&(1..=9)), Ok(("socket inet stream\nclose\n".into(), 2)));
        assert_eq!(log.script(&(5..=5)), Ok(("close\n".into(), 1)));
        assert_eq!(log.shown().lines().nth(2), Some("  3! connect nowhere 1"));
    }

    #[test]
    fn numbered_results_become_names() {
        let log = log(&[("recv 5", true), ("print $_1 \"${_1.len}\"", true)]);
        let want = "recv 5\nlet out1 = $_\nprint $out1 \"${out1.len}\"\n";
        assert_eq!(log.script(&(1..=2)), Ok((want.into(), 2)));
        assert!(log.script(&(2..=2)).is_err());
    }
}
