//! A script as a lesson: its cells (`# %%`), its blanks (`____`), their hints (`#?`), and the exercise that is made of
//! it.
//!
//! The cells are those of the percent format that Jupytext, VS Code and Spyder share. A lesson as it is kept runs and
//! passes; below a line that is an exercise stands what a student is given in its place, behind `#____`. The solution
//! is therefore the lesson, and the exercise never holds it.

use memchr::memmem::Finder;

use crate::text::forms::{Sought, holds};
use std::ops::Range;

use super::words::lines;

/// What stands for something to be filled in.
pub const BLANK: &str = "____";
static BLANKS: Sought = Sought::new(|| Finder::new(BLANK));
/// Before what a student is given in place of the line above.
const GIVEN: &str = "#____ ";
/// Before a hint.
const HINT: &str = "#?";

/// A cell: its marker is not part of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<'t> {
    /// It is text: `# %% [markdown]`.
    pub is_text: bool,
    /// What stands behind the marker.
    pub title: &'t str,
    /// Where its lines stand.
    pub body: Range<usize>,
}

/// Is this line the beginning of a cell? Whether of a text, and the title.
fn marker(line: &str) -> Option<(bool, &str)> {
    let rest = line.strip_prefix('#')?.trim_start_matches([' ', '\t']).strip_prefix("%%")?;
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim();
    for kind in ["[markdown]", "[md]"] {
        if let Some(title) = rest.strip_prefix(kind).or_else(|| rest.strip_suffix(kind)) {
            return Some((true, title.trim()));
        }
    }
    Some((false, rest))
}

/// The cells of a script, the lines before the first marker as one of code. A marker that stands inside a statement
/// (in a here-document) is none; a text ends where a line is no comment.
pub fn cells<'t>(text: &'t str, statements: &[Range<usize>]) -> Vec<Cell<'t>> {
    let inside = |at: usize| {
        let before = statements.partition_point(|statement| statement.start < at);
        statements[..before].last().is_some_and(|statement| at < statement.end)
    };
    let mut cells = vec![Cell { is_text: false, title: "", body: 0..0 }];
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let (start, end) = (at, at + whole.len());
        at = end;
        let content = whole.trim_end();
        let found = marker(content).filter(|_| !inside(start));
        if let Some((is_text, title)) = found {
            cells.push(Cell { is_text, title, body: end..end });
        } else if let Some(cell) = cells.last_mut() {
            if cell.is_text && !content.is_empty() && !content.starts_with('#') {
                cells.push(Cell { is_text: false, title: "", body: start..end });
            } else {
                cell.body.end = end;
            }
        }
    }
    cells.retain(|cell| !cell.title.is_empty() || !text[cell.body.clone()].trim().is_empty());
    cells
}

/// The Markdown of a text cell: its lines without the `#`.
pub fn markdown(body: &str) -> String {
    let lines = body.lines().map(|line| {
        let line = line.strip_prefix('#').unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line).trim_end()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The places of `____` in a piece of text, where it is not part of a longer word.
fn blanks_in(text: &str, offset: usize, found: &mut Vec<Range<usize>>) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for (at, _) in text.match_indices(BLANK) {
        let end = at + BLANK.len();
        if !text[..at].ends_with(is_word) && !text[end..].starts_with(is_word) {
            found.push(offset + at..offset + end);
        }
    }
}

/// The blanks of a script: in its words, and in the lines of its answers. Quoted text and comments have none.
pub fn blanks(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !holds(text, &BLANKS) {
        return found;
    }
    for (at, read) in lines(text) {
        let end = text.ceil_char_boundary(read.end.max(at + 1));
        if read.words.is_empty() {
            let comment = text[at..end].trim_start();
            if comment.starts_with("#>") {
                blanks_in(comment, end - comment.len(), &mut found);
            }
        }
        for word in &read.words {
            let (from, to) = (word.span.start as usize, word.span.end as usize);
            let written = text.get(from..to).unwrap_or("");
            let quote = written.trim_start_matches(['r', 'x', 'b']);
            if !quote.starts_with(['"', '\'', '<']) {
                blanks_in(written, from, &mut found);
            }
        }
    }
    found
}

/// The blanks of a program in another language: wherever they stand but in a comment's line.
pub fn blanks_anywhere(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    for whole in text.split_inclusive('\n') {
        if !whole.trim_start().starts_with('#') {
            blanks_in(whole, at, &mut found);
        }
        at += whole.len();
    }
    found
}

/// The hint of the blank that stands here: the `#?` lines below its line.
pub fn hint(text: &str, at: usize) -> Option<String> {
    let rest = text.get(at..)?;
    let below = rest.lines().skip(1).map(str::trim).take_while(|line| line.starts_with('#'));
    let hints: Vec<&str> = below.filter_map(|line| line.strip_prefix(HINT)).map(str::trim).collect();
    (!hints.is_empty()).then(|| hints.join(" "))
}

/// The exercise that a lesson stands for: where a line has a form to fill in, that.
pub fn exercise(lesson: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in lesson.lines() {
        match line.trim_start().strip_prefix(GIVEN) {
            None => lines.push(line.to_string()),
            Some(given) => {
                if let Some(last) = lines.last_mut() {
                    let indent = last.len() - last.trim_start().len();
                    *last = format!("{}{given}", &last[..indent]);
                }
            }
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// A line of code without the comment at its end.
fn without_comment(line: &str) -> &str {
    let in_quotes = |before: &str| before.matches(['"', '\'']).count() % 2 == 1;
    let comment = line.match_indices(" #").map(|(at, _)| at).find(|at| !in_quotes(&line[..*at]));
    match comment.filter(|_| !line.starts_with('#')) {
        Some(at) => line[..at].trim_end(),
        None => line,
    }
}

/// Is a line of a student's this line of the exercise, its blanks filled in?
fn fills(line: &str, given: &str) -> bool {
    let (line, given) = (without_comment(line), without_comment(given));
    let mut parts = given.split(BLANK);
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    let answer = given.starts_with("#>");
    while let Some(part) = parts.next() {
        let at = match parts.peek() {
            Some(_) => rest.find(part),
            None => rest.len().checked_sub(part.len()).filter(|at| rest.get(*at..) == Some(part)),
        };
        let Some(at) = at else { return false };
        let filled = rest[..at].trim();
        // `[..]` would be right whatever comes.
        if filled.is_empty() || filled.contains(BLANK) || answer && filled.contains("[..]") {
            return false;
        }
        rest = &rest[at + part.len()..];
    }
    true
}

/// The first line of the exercise with a blank or an answer that the student's file has lost: a file from which the
/// work was deleted is not done.
pub fn lost<'e>(exercise: &'e str, student: &str) -> Option<&'e str> {
    let mut lines = student.lines().map(str::trim);
    let wanted = exercise
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("#>") || !line.starts_with('#') && line.contains(BLANK));
    wanted.into_iter().find(|given| !lines.any(|line| fills(line, given)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_cut_into_cells() {
        let text = "#!x\n# head\na = socket\n# %% [markdown] Uno\n# # T\n#\n# text\nclose\n#%% dos\nb\n";
        let found: Vec<(bool, &str, &str)> =
            cells(text, &[]).into_iter().map(|c| (c.is_text, c.title, &text[c.body])).collect();
        assert_eq!(
            found,
            [
                (false, "", "#!x\n# head\na = socket\n"),
                (true, "Uno", "# # T\n#\n# text\n"),
                (false, "", "close\n"),
                (false, "dos", "b\n"),
            ]
        );
        assert_eq!(markdown("# # T\n#\n# text\n"), "# T\n\ntext");
        // Neither a longer run of signs nor a line of a here-document begins one.
        assert_eq!(cells("# %%% no\nx\n", &[]).len(), 1);
        let document = "print <<X\n# %% no\nX\n";
        let whole = 0..document.len();
        assert_eq!(cells(document, std::slice::from_ref(&whole)).len(), 1);
    }

    #[test]
    fn blanks_stand_in_words_and_answers() {
        for (text, want) in [
            ("recv ____", 1),
            ("recv 5 # ____", 0),
            ("# recv ____", 0),
            ("print \"____\"", 0),
            ("print <<X\n____\nX\n", 0),
            ("print ${data.____} ____\n#> ____ bytes\n", 3),
            ("recv _____", 0),
            ("a____b = 1", 0),
            ("____ = recv\n____.close\n", 2),
        ] {
            assert_eq!(blanks(text).len(), want, "{text:?}");
        }
    }

    #[test]
    fn an_exercise_is_the_lesson_without_its_solution() {
        let lesson = "if true\n    recv 5\n    #____ recv ____\n    #? five\nend\n";
        let given = exercise(lesson);
        assert_eq!(given, "if true\n    recv ____\n    #? five\nend\n");
        assert_eq!(hint(&given, blanks(&given)[0].start).as_deref(), Some("five"));
        for (student, lost_line) in [
            ("recv 5\n", None),
            ("  recv 5 # here\n", None),
            ("recv\n", Some("recv ____")),
            ("recv ____\n", Some("recv ____")),
            ("", Some("recv ____")),
        ] {
            assert_eq!(lost(&given, student), lost_line, "{student:?}");
        }
        assert_eq!(lost("#> ____ bytes\n", "#> [..] bytes\n"), Some("#> ____ bytes"));
        assert_eq!(lost("#> ____ bytes\n", "#> 5 bytes\n"), None);
    }
}
