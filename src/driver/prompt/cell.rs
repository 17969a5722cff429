//! What was typed: is more of it still to come, and which statements are in it.

use std::ops::Range;

use super::{pasted, python, words};
use crate::text::diagnostic::{Diagnostic, Source, Sources};
use crate::text::forms::{self, Role};
use crate::text::parse::parse;
use crate::text::tree::Statement;
use crate::text::words::{line, lines};

/// Is something open at the end: a quote, a here-document, a block, a line that ends in `\`?
///
/// Two empty lines close everything, so that a quote opened by mistake can be left.
pub fn is_open(text: &str) -> bool {
    // An empty line ends a block of Python's.
    let ends = text.rsplit('\n').next().unwrap_or_default().trim().is_empty();
    is_open_plain(&pasted::masked(text)) || !ends && python::is_open(&pasted::plain(text))
}

/// The same for a text that has no prompts in it.
pub fn is_open_plain(text: &str) -> bool {
    if text.ends_with("\n\n") {
        return false;
    }
    let (source, _, problems) = read(text);
    // A backslash that is the very last thing would be a continuation, were there a line to come.
    let last = text.len().saturating_sub(1) as u32;
    if text.ends_with('\\') && problems.iter().any(|p| p.span.start == last && !p.incomplete) {
        return true;
    }
    // What stands in an open quote or here-document was read as commands; its mistakes are none.
    let is_text = |p: &&Diagnostic| p.incomplete && source.slice(p.span).starts_with(['"', '\'', '<']);
    let text_from = problems.iter().filter(is_text).map(|p| p.span.start).min().unwrap_or(u32::MAX);
    let mistaken = problems.iter().any(|p| p.is_error() && !p.incomplete && p.span.start < text_from);
    !mistaken && problems.iter().any(|p| p.incomplete)
}

/// What a text leaves open at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// A quote.
    Quote,
    /// A here-document, which this line ends.
    Document(String),
    /// A block, by its keyword.
    Block(String),
    /// A line that ends in `\`.
    Line,
}

/// What is open at the end, the innermost of several blocks.
pub fn open(text: &str) -> Option<Open> {
    if !is_open_plain(&pasted::masked(text)) {
        return None;
    }
    let (source, _, problems) = read(text);
    let mut blocks = Vec::new();
    for problem in problems.iter().filter(|p| p.incomplete) {
        let at = source.slice(problem.span);
        if at.starts_with(['"', '\'']) {
            return Some(Open::Quote);
        }
        if let Some(name) = at.strip_prefix("<<") {
            let name = name.trim_start_matches('-').trim_matches(['"', '\'']);
            return Some(Open::Document(name.to_string()));
        }
        blocks.push(problem.span);
    }
    match blocks.iter().max_by_key(|span| span.start) {
        Some(_) => innermost(&source.text).map(Open::Block),
        None => Some(Open::Line),
    }
}

/// The keywords of the blocks that are open at the end, the innermost last. Text that is no line of the language (a
/// here-document) is not asked for.
fn blocks(text: &str) -> Vec<String> {
    let mut open = Vec::new();
    for (_, read) in lines(text) {
        let Some(first) = read.words.first().and_then(|word| word.bare()) else { continue };
        match forms::find(first).map(|form| form.role) {
            Some(Role::Loop | Role::Block | Role::Body) => open.push(first.to_string()),
            Some(Role::End) => {
                open.pop();
            }
            _ => {}
        }
    }
    open
}

fn innermost(text: &str) -> Option<String> {
    blocks(text).pop()
}

/// The blanks that a line begins with which comes after this text.
pub fn indent(text: &str) -> String {
    if let Some(blanks) = python::indent(text) {
        return blanks;
    }
    "    ".repeat(blocks(&words::masked(text)).len())
}

/// A line that holds nothing but the beginning or the end of a part of a block (`end`, `else`) stands as far out as the
/// block itself: what is to stand before it, where it stands further in.
pub fn outdent(text: &str) -> Option<(usize, String)> {
    let begin = text.rfind('\n')? + 1;
    let word = text[begin..].trim_start();
    let indented = text.len() - begin - word.len();
    let closes = forms::find(word).is_some_and(|form| matches!(form.role, Role::Arm(_) | Role::End));
    let wanted = blocks(&words::masked(&text[..begin])).len().checked_sub(1)? * 4;
    let block = matches!(open(&text[..begin]), Some(Open::Block(_)));
    (closes && block && indented > wanted).then(|| (begin, format!("{}{word}", " ".repeat(wanted))))
}

/// Where each statement stands, its here-documents with it; nothing if the text cannot be read.
pub fn statements(text: &str) -> Option<Vec<Range<usize>>> {
    let (source, tree, problems) = read(text);
    if problems.iter().any(Diagnostic::is_error) {
        return None;
    }
    let places = tree.iter().map(|statement| {
        let first = statement.span().start as usize;
        let last = match statement {
            Statement::Line(_) => first,
            Statement::Block(block) => block.end.start as usize,
        };
        let start = memchr::memrchr(b'\n', &text.as_bytes()[..first]).map_or(0, |n| n + 1);
        let end = line(&source.text, source.base(), last, &mut Vec::new()).end;
        let found = &text[start..end];
        let indent = found.len() - found.trim_start().len();
        start + indent..start + found.trim_end().len()
    });
    Some(places.collect())
}

fn read(text: &str) -> (Source, Vec<Statement<'static>>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let source = Sources::default().add("", words::masked(text));
    let tree = parse(&source, &mut problems).into_iter().map(Statement::into_owned).collect();
    (source, tree, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_goes_on() {
        for (text, open) in [
            ("", false),
            ("recv 10", false),
            ("send \"a", true),
            ("send \"a\nit's \\q\n", true),
            ("send \"a\\", true),
            ("send a \\", true),
            ("send a \\\nb", false),
            ("# a comment \\", false),
            ("repeat 3", true),
            ("repeat 3\n  recv\n", true),
            ("repeat 3\n  recv\nend", false),
            ("repeat 3\n  send \"\\q\"", false),
            ("repeat 3\n\n", false),
            ("time repeat 3", true),
            ("%timeit 10 repeat 3\nend", false),
            ("sendall <<END\nit's a \\ text", true),
            ("sendall <<END\nit's\n\nthe text\nEND", false),
            ("send \"a\n\n", false),
            ("end", false),
        ] {
            assert_eq!(is_open(text), open, "{text:?}");
        }
    }

    #[test]
    fn what_is_open_has_a_name() {
        let block = |name: &str| Some(Open::Block(name.into()));
        for (text, want) in [
            ("recv", None),
            ("send \"a", Some(Open::Quote)),
            ("repeat 3\n  send \"a", Some(Open::Quote)),
            ("sendall <<END\nit's", Some(Open::Document("END".into()))),
            ("sendall <<-'END'\nx", Some(Open::Document("END".into()))),
            ("repeat 3", block("repeat")),
            ("repeat 3\n  if 1 == 2\n", block("if")),
            ("repeat 3\n  if 1 == 2\n  end\n", block("repeat")),
            ("try\n recv\nexcept", block("try")),
            ("send a \\", Some(Open::Line)),
        ] {
            assert_eq!(open(text), want, "{text:?}");
        }
    }

    #[test]
    fn lines_of_a_block_stand_further_in() {
        for (text, want) in
            [("repeat 2", 4), ("repeat 2\n    if 1 == 2", 8), ("repeat 2\n    recv", 4), ("recv", 0)]
        {
            assert_eq!(indent(text).len(), want, "{text:?}");
        }
        assert_eq!(outdent("repeat 2\n    end"), Some((9, "end".into())));
        assert_eq!(outdent("repeat 2\n    if a == b\n        else"), Some((23, "    else".into())));
        assert_eq!(outdent("repeat 2\nend"), None);
        assert_eq!(outdent("print <<X\n  repeat 2\n  end"), None);
        assert_eq!(outdent("end"), None);
    }

    #[test]
    fn a_cell_is_cut_into_its_statements() {
        let cut = |text: &'static str| -> Option<Vec<&'static str>> {
            statements(text).map(|found| found.into_iter().map(|r| &text[r]).collect())
        };
        for (text, want) in [
            ("", vec![]),
            ("# only a comment", vec![]),
            ("socket\nbind localhost 0\n", vec!["socket", "bind localhost 0"]),
            ("  a = socket # one\n\n# two\nclose", vec!["a = socket # one", "close"]),
            ("repeat 2\n  recv\nend\nclose", vec!["repeat 2\n  recv\nend", "close"]),
            ("sendall <<X\nhola\nX\nclose", vec!["sendall <<X\nhola\nX", "close"]),
            ("recv\n#> 2 bytes  \"hi\"\nclose", vec!["recv", "close"]),
            ("%time recv 5\nhistory", vec!["%time recv 5", "history"]),
            ("time repeat 2\n recv\nend", vec!["time repeat 2\n recv\nend"]),
            ("send \"a\nb\"\nclose", vec!["send \"a\nb\"", "close"]),
        ] {
            assert_eq!(cut(text), Some(want), "{text:?}");
        }
        assert_eq!(cut("end"), None);
    }
}
