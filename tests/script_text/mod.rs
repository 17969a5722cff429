//! Scripts for the tests that take them apart: where they are, and their statements.

#![allow(clippy::unwrap_used)]

use std::ops::Range;
use std::path::{Path, PathBuf};

/// Every `.sock` file below a folder, in order.
pub fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(scripts(&path));
        } else if path.extension().is_some_and(|e| e == "sock") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A command, a block's first line, its `else` or its `end`: one line of the language.
#[derive(Clone, Debug)]
pub struct Logical {
    /// The lines of the file that it is made of, its here-documents and continuations with it.
    pub lines: Range<usize>,
    /// The command's first word, behind `NAMES =` and `SOCKET.`.
    pub command: String,
    /// How many blocks it stands in.
    pub depth: usize,
}

const OPENERS: &[&str] = &["repeat", "while", "for", "if", "try", "spawn", "def", "subtest"];

/// The lines of the language, without comments, answers and blank lines.
pub fn logical(text: &str) -> Vec<Logical> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut found, mut at, mut depth) = (Vec::new(), 0, 0usize);
    while at < lines.len() {
        let start = at;
        let mut quote: Option<char> = None;
        let mut documents = Vec::new();
        // Goes on while a quote is open or the line ends in a backslash.
        loop {
            let goes_on = scan(lines[at], &mut quote, &mut documents);
            at += 1;
            if !goes_on || at == lines.len() {
                break;
            }
        }
        for end in documents {
            while at < lines.len() && lines[at].trim_start_matches('\t').trim() != end {
                at += 1;
            }
            at += 1;
        }
        let at_most = at.min(lines.len());
        let first = lines[start].trim();
        if first.is_empty() || first.starts_with('#') {
            continue;
        }
        let command = command_of(first);
        if matches!(command.as_str(), "end" | "else" | "except" | "finally") {
            depth = depth.saturating_sub(1);
        }
        found.push(Logical { lines: start..at_most, command: command.clone(), depth });
        let opens =
            OPENERS.contains(&command.as_str()) || matches!(command.as_str(), "else" | "except" | "finally");
        depth += usize::from(opens);
    }
    found
}

/// Reads a line of a file; does the next one belong to it?
fn scan(line: &str, quote: &mut Option<char>, documents: &mut Vec<String>) -> bool {
    let mut chars = line.chars().peekable();
    let mut before = ' ';
    let mut escaped_end = false;
    while let Some(c) = chars.next() {
        escaped_end = false;
        match *quote {
            Some(_) if c == '\\' => escaped_end = chars.next().is_none(),
            Some(mark) if c == mark => *quote = None,
            Some(_) => {}
            None if c == '#' && before.is_whitespace() => return false,
            None if c == '\\' => escaped_end = chars.next().is_none(),
            None if c == '"' || c == '\'' => *quote = Some(c),
            None if c == '<' && before == '<' => {
                let word: String = chars.by_ref().take_while(|c| !c.is_whitespace()).collect();
                let word = word.trim_start_matches('-').trim_matches(|c| c == '\'' || c == '"');
                if word.starts_with(|c: char| c.is_alphabetic()) {
                    documents.push(word.to_string());
                }
                before = ' ';
                continue;
            }
            None => {}
        }
        before = c;
    }
    escaped_end || quote.is_some()
}

fn command_of(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let targets = words.iter().take(4).position(|w| *w == "=");
    let word = words.get(targets.map_or(0, |at| at + 1)).copied().unwrap_or("");
    let is_prefixed = word.starts_with(|c: char| c.is_ascii_lowercase());
    match word.split_once('.') {
        Some((_, command)) if is_prefixed => command.to_string(),
        _ => word.to_string(),
    }
}

/// The statements of a script, each as its text: a line, or a whole block.
pub fn statements(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    for line in logical(text) {
        let continues =
            line.depth > 0 || matches!(line.command.as_str(), "end" | "else" | "except" | "finally");
        match found.last_mut() {
            Some(last) if continues => last.end = line.lines.end,
            _ => found.push(line.lines),
        }
    }
    found.into_iter().map(|range| lines[range].join("\n")).collect()
}

/// Half of a pair of scripts that need each other: `…-server.sock` and `…-client.sock`.
pub fn is_half(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let other = |from: &str, to: &str| {
        text.strip_suffix(from).is_some_and(|stem| Path::new(&format!("{stem}{to}")).exists())
    };
    other("-server.sock", "-client.sock") || other("-client.sock", "-server.sock")
}
