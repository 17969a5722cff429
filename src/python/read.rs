//! Reads a text: once or twice to learn of which kinds its names are, then for its lines.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::{ParseError, parse_module};
use ruff_text_size::Ranged;

use super::mark;
use super::names::{Bound, Known, Scan};
use super::pass::{Pass, comment};
use super::{Mistake, Reading};
use crate::words::Sentence;

/// Longer texts are no scripts.
const LONGEST: usize = 4 << 20;

/// So deep may brackets and blocks stand in one another, and so many operators in a row: the parser calls itself for
/// each.
const DEEPEST: usize = 200;

/// The lines that stand for `text`; what is learned goes to `known`.
pub fn read(known: &mut Known, text: &str) -> Result<Reading, Mistake> {
    if text.len() > LONGEST || is_too_deep(text) {
        return Err(Mistake { line: 1, column: 1, why: mark::TOO_DEEP.into(), open: false });
    }
    let parsed = parse_module(text).map_err(|error| mistake(text, &error))?;
    let mut comments: Vec<(usize, String, bool)> = Vec::new();
    for token in parsed.tokens() {
        if token.kind() == TokenKind::Comment {
            let at = usize::from(token.range().start());
            let line = 1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count();
            let begin = memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |n| n + 1);
            let own = text[usize::from(token.range().start())..usize::from(token.range().end())].trim_end();
            if line == 1 && own.starts_with("#!") {
                continue;
            }
            comments.push((line, comment(own), text[begin..at].trim().is_empty()));
        }
    }
    comments.reverse();
    let body = &parsed.syntax().body;
    let mut learned = known.clone();
    let mut lines = Vec::new();
    for _ in 0..3 {
        let mut start = known.clone();
        start.kinds = std::mem::take(&mut learned.kinds);
        start.functions = std::mem::take(&mut learned.functions);
        start.closed = std::mem::take(&mut learned.closed);
        start.constants = std::mem::take(&mut learned.constants);
        start.classes.extend(learned.classes.drain().map(|(name, mut class)| {
            class.made = known.classes.get(&name).map_or(0, |before| before.made);
            (name, class)
        }));
        let scan = Scan::of(body);
        start.seen.extend(scan.all.iter().cloned());
        let mut pass = Pass::new(text, start, scan, comments.clone());
        pass.script(body);
        lines = pass.out;
        learned = pass.known;
    }
    *known = learned;
    Ok(Reading { lines })
}

impl Pass<'_> {
    /// The statements of a whole text, each after the names that functions share with it are declared.
    fn script(&mut self, body: &[Stmt]) {
        let shared: Vec<String> = self.scan.shared.iter().cloned().collect();
        // A name that an earlier cell has given a value to cannot be shared any more: its value goes on under another.
        for name in &shared {
            if self.known.given.contains(&format!(" {name}")) && !self.known.shared.contains(name) {
                let before = self.known.sock_name(name);
                self.known.renamed.remove(name);
                self.known.taken.insert(before.clone());
                let after = self.known.sock_name(name);
                self.known.shared.insert(name.clone());
                self.changed(mark::SPACE_OF_NAMES);
                self.push(format!("share {after} = ${before}"));
            }
        }
        for stmt in body {
            let mut bound = Bound::default();
            bound.visit_stmt(stmt);
            let own = match stmt {
                Stmt::Assign(assign) => match &assign.targets[..] {
                    [Expr::Name(name)] => Some(name.id.to_string()),
                    _ => None,
                },
                Stmt::AnnAssign(assign) => match &*assign.target {
                    Expr::Name(name) => Some(name.id.to_string()),
                    _ => None,
                },
                _ => None,
            };
            self.comments_before(self.line_at(stmt));
            self.from = self.line_at(stmt);
            for name in bound.names.union(&bound.globals) {
                let declared = self.known.shared.contains(name) || own.as_ref() == Some(name);
                if shared.contains(name) && !declared && !self.known.functions.contains_key(name) {
                    let sock = self.known.sock_name(name);
                    self.known.shared.insert(name.clone());
                    self.push(format!("share {sock} = \"\""));
                }
            }
            self.statements(std::slice::from_ref(stmt));
        }
        self.comments_before(usize::MAX);
    }
}

/// Brackets, blocks or operators that stand in one another too deeply for a parser that calls itself.
fn is_too_deep(text: &str) -> bool {
    let (mut depth, mut row) = (0usize, 0usize);
    for line in text.lines() {
        let indented = line.len() - line.trim_start().len();
        if indented > 4 * DEEPEST {
            return true;
        }
        for byte in line.bytes() {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            row = if byte.is_ascii_alphanumeric() { row } else { row + 1 };
            if depth > DEEPEST {
                return true;
            }
        }
        if row > 40 * DEEPEST {
            return true;
        }
        if depth == 0 {
            row = 0;
        }
    }
    false
}

/// What the parser found wrong. Whether more lines may mend it is told by the text without its last line end.
fn mistake(text: &str, error: &ParseError) -> Mistake {
    let at = usize::from(error.location.start()).min(text.len());
    let before = text.get(..at).unwrap_or(text);
    let line = 1 + memchr::memchr_iter(b'\n', before.as_bytes()).count();
    let begin = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |n| n + 1);
    let column = 1 + before[begin..].chars().count();
    let said = error.error.to_string();
    // A quote of one line is never open; one of three is until its end.
    let quoted = |quote: &str| text.matches(quote).count() % 2 == 1;
    let in_text = quoted("\"\"\"") || quoted("'''");
    let at_end = text.get(at..).is_none_or(|rest| rest.trim().is_empty());
    let goes_on =
        ["Expected an indented block", "unexpected EOF while parsing"].iter().any(|part| said.contains(part));
    let open = in_text || at_end && goes_on;
    let why: Sentence = say!(en "no Python: {said}", es "no es Python: {said}", said);
    Mistake { line, column, why, open }
}

/// Whether a statement of the text is more than a name or a literal: of a word alone nothing tells the language.
pub fn says_something(text: &str) -> bool {
    let Ok(parsed) = parse_module(text) else { return false };
    !parsed.syntax().body.is_empty()
        && parsed.syntax().body.iter().any(|stmt| match stmt {
            Stmt::Expr(only) => matches!(&*only.value, Expr::Call(_) | Expr::Named(_) | Expr::Await(_)),
            _ => true,
        })
}
