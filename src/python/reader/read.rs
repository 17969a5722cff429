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
use crate::text::literal;
use crate::words::Sentence;

/// Longer texts are no scripts.
const LONGEST: usize = 4 << 20;

/// So deep may brackets, blocks and operators stand in one another: the parser calls itself for each.
const DEEPEST: usize = 4000;

/// The lines that stand for `text`; what is learned goes to `known`.
pub fn read(known: &mut Known, text: &str) -> Result<Reading, Mistake> {
    let read = if text.len() > LONGEST { None } else { with_room(text, || read_here(known, text)) };
    read.unwrap_or_else(|| Err(Mistake { line: 1, column: 1, why: mark::TOO_DEEP.into(), open: false }))
}

fn read_here(known: &mut Known, text: &str) -> Result<Reading, Mistake> {
    let parsed = parse_module(text).map_err(|error| mistake(text, &error))?;
    let mut comments: Vec<(usize, String, bool)> = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for token in parsed.tokens() {
        if token.kind() == TokenKind::Comment {
            let at = usize::from(token.range().start());
            line += memchr::memchr_iter(b'\n', &text.as_bytes()[counted..at]).count();
            counted = at;
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
    learned.loop_ends.clear();
    for _ in 0..3 {
        let mut start = known.clone();
        start.kinds = std::mem::take(&mut learned.kinds);
        start.functions = std::mem::take(&mut learned.functions);
        start.closed = std::mem::take(&mut learned.closed);
        start.values_before = std::mem::take(&mut learned.values);
        start.nones = std::mem::take(&mut learned.nones);
        start.loop_ends = std::mem::take(&mut learned.loop_ends);
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
    learned.loop_ends.clear();
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

/// At most so deep is what a text has in one another: blocks (by their blanks), and in a line whatever may begin or
/// continue an expression (`a.b.c` is an attribute of an attribute). A line in brackets goes on in the next.
fn nesting(text: &str) -> usize {
    let (mut most, mut brackets, mut begun, mut blanks) = (0, 0usize, 0, 0);
    for line in text.lines() {
        if brackets == 0 {
            blanks = line.len() - line.trim_start().len();
            begun = 0;
        }
        for byte in line.bytes() {
            match byte {
                b'(' | b'[' | b'{' => brackets += 1,
                b')' | b']' | b'}' => brackets = brackets.saturating_sub(1),
                _ => {}
            }
            begun += usize::from(b"([{.+-*~/%|&^<>@".contains(&byte));
        }
        let words = line.split(|c: char| !c.is_alphanumeric());
        begun += words.filter(|word| matches!(*word, "not" | "lambda" | "else" | "await" | "elif")).count();
        most = most.max(blanks + begun);
    }
    most
}

/// Does the work on a text, which calls itself for all that stands in one another, with the stack that it needs; nothing
/// where that is too deep.
fn with_room<T: Send>(text: &str, work: impl FnOnce() -> T + Send) -> Option<T> {
    /// What `ulimit -s 256` has room for, in a build without optimization too.
    const SHALLOW: usize = 16;
    /// What the deepest needs there, twice; memory that is not used costs nothing.
    const ROOM: usize = 256 << 20;
    let deep = nesting(text);
    if deep <= SHALLOW {
        return Some(work());
    }
    if deep > DEEPEST {
        return None;
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(ROOM).spawn_scoped(scope, work).ok()?;
        thread.join().ok()
    })
}

/// What the parser found wrong. Whether more lines may mend it is told by the text without its last line end.
fn mistake(text: &str, error: &ParseError) -> Mistake {
    let at = usize::from(error.location.start()).min(text.len());
    let before = text.get(..at).unwrap_or(text);
    let line = 1 + memchr::memchr_iter(b'\n', before.as_bytes()).count();
    let begin = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |n| n + 1);
    let column = 1 + before[begin..].chars().count();
    // It quotes what it met.
    let said = literal::one_line(&error.error.to_string());
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
    text.len() <= LONGEST && with_room(text, || says_something_here(text)).unwrap_or(false)
}

fn says_something_here(text: &str) -> bool {
    let Ok(parsed) = parse_module(text) else { return false };
    !parsed.syntax().body.is_empty()
        && parsed.syntax().body.iter().any(|stmt| match stmt {
            Stmt::Expr(only) => matches!(&*only.value, Expr::Call(_) | Expr::Named(_) | Expr::Await(_)),
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::Reader;

    #[test]
    fn what_is_deep_has_room_or_is_refused() {
        for (begin, middle, end) in [
            ("(", "1", ")"),
            ("-", "1", ""),
            ("not ", "1", ""),
            ("lambda: ", "1", ""),
            ("a if b else ", "1", ""),
            ("f(", "", ")"),
            ("[", "", "]"),
            ("", "a", ".b"),
            ("", "a", "[0]"),
            ("", "1", " % 2"),
            ("", "a", ".b()"),
        ] {
            for times in [15, 900, 3900, 100_000] {
                let text = format!("x = {}{middle}{}\n", begin.repeat(times), end.repeat(times));
                let read = Reader::new().read(&text);
                assert!(read.is_ok() || times > 900, "{begin}{middle}{end} {times}: {read:?}");
                assert!(read.is_err() || times < 100_000, "{begin}{middle}{end} {times}");
                assert_eq!(
                    says_something(&text),
                    times < 100_000 && read.is_ok(),
                    "{begin}{middle}{end} {times}"
                );
            }
        }
    }
}
