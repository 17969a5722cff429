//! Mutated Python: whatever the text, reading it ends, without a panic, and each statement has a line or a mark.
//!
//! `MUTANTS=100000 cargo test --lib python::mutants -- --nocapture` reads so many and shows what came of them.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ruff_python_ast::Stmt;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged;

use crate::engine::Compiler;
use crate::python::{MarkKind, Reader, Reading};
use crate::session::names::Scope;

/// So many texts are read in each run of the tests.
const USUAL: usize = 600;

/// The seeded numbers of xorshift.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// Where each statement begins, as lines from 1.
struct Lines<'t> {
    text: &'t str,
    found: BTreeSet<usize>,
}

impl<'a> Visitor<'a> for Lines<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let at = usize::from(stmt.range().start());
        let line = 1 + self.text[..at].matches('\n').count();
        self.found.insert(line);
        visitor::walk_stmt(self, stmt);
    }
}

fn fixtures() -> Vec<String> {
    let mut paths: Vec<_> =
        std::fs::read_dir("tests/python_text").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let python = paths.iter().filter(|path| path.extension().is_some_and(|e| e == "py"));
    python.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// Pieces that are put in: words, signs, and what is often wrong.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "\n",
    "\n    ",
    "    ",
    " and ",
    " or ",
    " not ",
    " if ",
    " else ",
    "f\"{x}\"",
    "b\"\\xff\"",
    "'",
    "\"",
    "\"\"\"",
    "lambda x: x",
    "await y",
    "yield",
    "*args",
    "**kw",
    "None",
    "True",
    "-1",
    "0x",
    "1.5",
    "99999999999999999999",
    "…",
    "\u{202e}",
    "ñ",
    "\t",
    "\r\n",
    "\\",
    "#",
    "#>",
    "$x",
    "${x}",
    "$(x)",
    "self.x",
    "x[0]",
    "x[1:2]",
    "x = ",
    " += 1",
    "print(x)",
    "del x",
    "return",
    "break",
    "pass",
    "import os",
    "try:\n    pass\nfinally:\n    pass",
    "class A:\n    x = 1\n",
    "def f(a, b=1, *c):\n    return a\n",
    "with a as b:\n    pass\n",
    "async def g(): pass",
    "match x:\n    case 1:\n        pass\n",
    "global x",
    "nonlocal x",
    "assert x",
    "raise",
    "(x := 5)",
    "[i for i in x]",
    "{k: v for k, v in x}",
    "x.append(y)",
    "x.recv(5)",
    "socket.socket()",
    "end",
    "let",
    "sock",
    "_v1",
    "\0",
];

/// Words that stand where no other may.
const KEYWORDS: &[&str] = &[
    "if", "else", "elif", "while", "for", "in", "def", "class", "try", "except", "finally", "with", "as",
    "return", "not", "and", "or", "import", "from", "break", "continue", "pass", "raise", "global", "is",
    "assert", "del", "lambda",
];

fn mutated(texts: &[String], numbers: &mut Numbers) -> String {
    let mut text: Vec<char> = texts[numbers.below(texts.len())].chars().collect();
    for _ in 0..1 + numbers.below(4) {
        let at = numbers.below(text.len() + 1);
        let end = (at + numbers.below(40)).min(text.len());
        match numbers.below(16) {
            0 => drop(text.drain(at..end)),
            1 => {
                let piece = PIECES[numbers.below(PIECES.len())];
                text.splice(at..at, piece.chars());
            }
            2 => {
                let copy = text[at..end].to_vec();
                let to = numbers.below(text.len() + 1);
                text.splice(to..to, copy);
            }
            3 => {
                let piece = PIECES[numbers.below(PIECES.len())];
                let end = (at + numbers.below(6)).min(text.len());
                text.splice(at..end, piece.chars());
            }
            4 => {
                // A line of another text.
                let other = &texts[numbers.below(texts.len())];
                let lines: Vec<&str> = other.lines().collect();
                let line = lines[numbers.below(lines.len())];
                let begin = text[..at].iter().rposition(|c| *c == '\n').map_or(0, |n| n + 1);
                text.splice(begin..begin, line.chars().chain(['\n']));
            }
            5 => {
                // A line less.
                let begin = text[..at].iter().rposition(|c| *c == '\n').map_or(0, |n| n + 1);
                let end = text[at..].iter().position(|c| *c == '\n').map_or(text.len(), |n| at + n + 1);
                text.drain(begin..end);
            }
            6..=13 => {
                // A word of the text in place of another, which leaves most texts Python.
                let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
                let whole: String = text.iter().collect();
                let words: Vec<&str> = whole.split(|c| !word(c)).filter(|w| !w.is_empty()).collect();
                let piece = words[numbers.below(words.len().max(1)).min(words.len().saturating_sub(1))];
                let begin = text[..at].iter().rposition(|c| !word(*c)).map_or(0, |n| n + 1);
                let end = text[at..].iter().position(|c| !word(*c)).map_or(text.len(), |n| at + n);
                if !KEYWORDS.contains(&piece) && begin < end {
                    text.splice(begin..end, piece.chars());
                }
            }
            _ => {
                // A piece in place of a word.
                let word = |c: &char| c.is_alphanumeric() || *c == '_';
                let begin = text[..at].iter().rposition(|c| !word(c)).map_or(0, |n| n + 1);
                let end = text[at..].iter().position(|c| !word(c)).map_or(text.len(), |n| at + n);
                let piece = PIECES[numbers.below(PIECES.len())];
                text.splice(begin..end.max(begin), piece.chars());
            }
        }
    }
    text.into_iter().collect()
}

/// Reads a text, and says what is wrong with that.
fn check(text: &str, counts: &mut [usize; 4]) -> Result<(), String> {
    let begun = Instant::now();
    let reading = Reader::new().read(text);
    if begun.elapsed() > Duration::from_secs(5) {
        return Err("took too long".into());
    }
    let Ok(reading) = reading else {
        counts[0] += 1;
        return Ok(());
    };
    let Ok(parsed) = parse_module(text) else { return Err("read what is no Python".into()) };
    let mut lines = Lines { text, found: BTreeSet::new() };
    lines.visit_body(&parsed.syntax().body);
    let said: BTreeSet<usize> = reading.lines.iter().map(|line| line.from).collect();
    if let Some(line) = lines.found.difference(&said).next() {
        return Err(format!("line {line} has neither a line nor a mark"));
    }
    if let Some(line) = reading.lines.iter().find(|line| line.text.contains(['\n', '\r'])) {
        return Err(format!("two lines in one: {:?}", line.text));
    }
    if let Some(why) = not_sockbook(&reading) {
        return Err(why);
    }
    let marks = reading.lines.iter().filter_map(|line| line.mark.as_ref());
    let kinds: Vec<MarkKind> = marks.map(|mark| mark.kind).collect();
    counts[if kinds.contains(&MarkKind::Unsaid) { 3 } else { 1 + usize::from(!kinds.is_empty()) }] += 1;
    Ok(())
}

/// What is wrong with the lines as sockbook, where nothing is left unsaid: but for names and what is asked of values,
/// which the Python has wrong too.
fn not_sockbook(reading: &Reading) -> Option<String> {
    if reading.lines.iter().any(|line| line.mark.as_ref().is_some_and(|mark| mark.kind == MarkKind::Unsaid)) {
        return None;
    }
    let mut compiler = Compiler::new(Scope::default());
    let (_, problems) = compiler.compile("", reading.text(), &mut |_| Ok(String::new()));
    let own = [
        "unknown ",
        "there is no ",
        " is not a",
        " is not `",
        " has no ",
        " is no format",
        " is no number",
        " gives ",
        "the type takes",
        " stands twice",
        "gets past",
        "a host's name",
        "is an option of",
        " needs ",
    ];
    let mut wrong = problems.iter().filter(|p| p.is_error()).map(|p| (p.message.english(), p.span));
    let (message, span) = wrong.find(|(message, _)| !own.iter().any(|known| message.contains(known)))?;
    let line = compiler.sources.line_of(span).map(|(source, range)| source.text[range].to_string());
    Some(format!("no sockbook: {message}: {}", line.unwrap_or_default()))
}

#[test]
fn mutated_python_is_read_to_its_end() {
    let texts = fixtures();
    let many = std::env::var("MUTANTS").ok().and_then(|n| n.parse().ok()).unwrap_or(USUAL);
    let seed = std::env::var("MUTANTS_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0x5eed_cafe_u64);
    let mut numbers = Numbers(seed);
    let mut counts = [0; 4];
    let mut failed = Vec::new();
    for at in 0..many {
        let text = mutated(&texts, &mut numbers);
        let read = std::panic::catch_unwind(|| {
            let mut own = [0; 4];
            (check(&text, &mut own), own)
        });
        match read {
            Ok((Ok(()), own)) => counts.iter_mut().zip(own).for_each(|(all, n)| *all += n),
            Ok((Err(why), _)) => failed.push(format!("{at}: {why}\n{text}")),
            Err(_) => failed.push(format!("{at}: a panic\n{text}")),
        }
    }
    let [no_python, whole, changed, unsaid] = counts;
    println!(
        "{many} texts: {no_python} no Python, {whole} without a mark, {changed} with a change, {unsaid} with what is unsaid, {} failed",
        failed.len()
    );
    for text in failed.iter().filter(|_| many > USUAL) {
        println!("{}", text.lines().next().unwrap_or_default());
    }
    assert!(failed.is_empty(), "{}", failed[..failed.len().min(5)].join("\n=====\n"));
}

#[test]
fn what_is_long_is_read_in_time() {
    let nested = |n: usize, inner: &str, around: [&str; 2]| {
        (0..n).fold(inner.to_string(), |text, _| format!("{}{text}{}", around[0], around[1]))
    };
    let list = "[i for i in a] == b";
    for (what, text) in [
        ("attributes", format!("import socket\nx = socket{}\n", ".a".repeat(3000))),
        ("and", format!("if c and {}: pass\n", nested(25, list, ["(", &format!(" and {list})")]))),
        ("or", format!("if c or {}: pass\n", nested(25, list, [&format!("({list} or "), ")"]))),
        ("comments", "# c\n".repeat(20_000) + "x = 1\n"),
        ("handlers", format!("try:\n  pass\nexcept Foo:\n{}", "  x = 1 # c\n".repeat(5000))),
        ("branches", format!("if a:\n  pass\n{}", format!("elif {list}:\n  pass\n").repeat(400))),
        ("maps", "m = {}\n".to_string() + &"m = {\"a\": m}\n".repeat(5000)),
        ("tuples", "m = 1\n".to_string() + &"t = (m, m)\nm = {\"a\": t}\n".repeat(60)),
        ("numbers", format!("import random\nx = {}\n", nested(30, "1", ["random.randint(", ", 2)"]))),
        ("letters", ('\u{4e00}'..'\u{6000}').map(|c| format!("{c} = 1\n")).collect()),
        ("comparisons", format!("if a{}: pass\n", " == a".repeat(20_000))),
        ("generators", format!("x = [i {}]\n", "for i in a ".repeat(2000))),
        ("items", format!("a = []\nx = [{}]\n", "[i for i in a],\n".repeat(1000))),
        ("order", format!("def f():\n  global n\n  n = 1\nn = 2\nx = ({})\n", "n, f(),\n".repeat(1000))),
    ] {
        let begun = Instant::now();
        let _ = Reader::new().read(&text);
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}: {:?}", begun.elapsed());
    }
}

#[test]
fn what_stands_too_deep_is_refused() {
    for text in [
        "(".repeat(100_000),
        format!("x = {}1", "-".repeat(100_000)),
        format!("x = {}1", "not ".repeat(50_000)),
        format!("x = 1{}", " + 1".repeat(50_000)),
        format!("x{}", ".y".repeat(50_000)),
        format!("x{}", "(1)".repeat(50_000)),
        format!("x{}", "[0]".repeat(50_000)),
        format!("x = {}1", "lambda: ".repeat(50_000)),
        format!("x = {}1", "1 if 1 else ".repeat(50_000)),
        format!("x = {}", "f'{".repeat(20_000)),
        "if x:\n".to_string() + &(1..400).map(|n| " ".repeat(n) + "if x:\n").collect::<String>(),
        "if 1: pass\n".to_string() + &"elif 1: pass\n".repeat(20_000),
        format!("x = {}", "a == ".repeat(50_000)),
        "[".repeat(150) + &"]".repeat(150),
    ] {
        let _ = Reader::new().read(&text);
    }
}
