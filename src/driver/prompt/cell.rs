//! What was typed: is more of it still to come, and which statements are in it.

use std::ops::Range;

use super::words;
use crate::text::diagnostic::{Diagnostic, Source, Sources};
use crate::text::parse::parse;
use crate::text::tree::Statement;
use crate::text::words::line;

/// Is something open at the end: a quote, a here-document, a block, a line that ends in `\`?
///
/// Two empty lines close everything, so that a quote opened by mistake can be left.
pub fn is_open(text: &str) -> bool {
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
