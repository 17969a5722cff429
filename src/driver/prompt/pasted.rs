//! A session that was copied from a terminal or a page: the prompts before its lines and what the lines showed are not
//! part of them.

use std::borrow::Cow;

use super::{cell, python};

/// Where the text of a line begins that has a prompt before it: `In [3]: recv`, `   ...: end`.
fn after_prompt(line: &str) -> Option<(usize, bool)> {
    let begun = line.len() - line.trim_start().len();
    let rest = &line[begun..];
    if let Some(numbered) = rest.strip_prefix("In [") {
        let digits = numbered.len() - numbered.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let text = numbered[digits..].strip_prefix("]:").filter(|_| digits > 0)?;
        let text = text.strip_prefix(' ').unwrap_or(text);
        return Some((line.len() - text.len(), true));
    }
    let text = rest.strip_prefix("...:")?;
    let text = text.strip_prefix(' ').unwrap_or(text);
    Some((line.len() - text.len(), false))
}

/// So many lines without a prompt are judged by the whole statement above them, which is read for each; what comes below
/// them belongs to it.
const MOST_JUDGED: usize = 500;

/// The text with blanks in place of prompts and of what was shown: every line stays where it is. As it was, where no
/// line has a prompt before it.
pub fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains("In [") || !text.lines().any(|line| after_prompt(line).is_some_and(|(_, first)| first))
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut statement = String::new();
    // How many lines without a prompt belong to the statement.
    let mut lines = 0;
    // A prompt with nothing behind it, as a notebook's page has it, stands above its cell.
    let mut below = false;
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        let kept = match after_prompt(content) {
            Some((at, first)) => {
                if first {
                    statement.clear();
                    lines = 0;
                    below = content[at..].trim().is_empty();
                }
                at
            }
            None if content.starts_with("Out[") => {
                below = false;
                content.len()
            }
            None if below => 0,
            // Without a prompt of its own a line goes on what is open; all else was shown.
            None if lines == MOST_JUDGED
                || !statement.is_empty() && goes_on(statement.trim_end_matches('\n'), content) =>
            {
                lines = MOST_JUDGED.min(lines + 1);
                0
            }
            None if content.trim_start().starts_with("#>") => 0,
            None => content.len(),
        };
        statement.push_str(&content[kept..]);
        statement.push('\n');
        out.extend(std::iter::repeat_n(' ', kept));
        out.push_str(&line[kept..]);
    }
    Cow::Owned(out)
}

/// Whether a line without a prompt belongs to the statement above it.
fn goes_on(statement: &str, line: &str) -> bool {
    cell::is_open_plain(statement) || python::belongs(statement, line)
}

/// The same without the blanks.
pub fn plain(text: &str) -> Cow<'_, str> {
    let Cow::Owned(masked) = masked(text) else { return Cow::Borrowed(text) };
    let lines = masked.lines().zip(text.lines());
    let kept = lines.filter(|(line, _)| !line.trim().is_empty()).map(|(line, original)| {
        let at = after_prompt(original).map_or(0, |(at, _)| at);
        &line[at.min(line.len())..]
    });
    Cow::Owned(kept.collect::<Vec<_>>().join("\n"))
}

/// The lines of the `#>` answer that a text begins with.
pub fn answer(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim_start).skip_while(|line| line.is_empty());
    let answers = lines.map_while(|line| line.strip_prefix("#>"));
    answers.map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_and_what_was_shown_are_left_out() {
        for (text, want) in [
            ("recv\nclose", "recv\nclose"),
            ("In [1]: print a", "print a"),
            (
                "In [1]: a, b = socketpair\nOut[1]: a: unix\nIn [2]: a.send x\nOut[2]: 1 byte",
                "a, b = socketpair\na.send x",
            ),
            ("In [4]: repeat 2\n    print hi\nend\nhi\nhi\nIn [5]:", "repeat 2\n    print hi\nend"),
            ("In [1]: repeat 2\n   ...:     print hi\n   ...: end\nhi", "repeat 2\n    print hi\nend"),
            ("In [1]: print a\n#> a\nIn [2]: print b", "print a\n#> a\nprint b"),
            ("print \"In [1]: x\"", "print \"In [1]: x\""),
            ("In [1]:\na = 5\nprint(a)\nOut[1]: 5\nIn [2]:\nb = 6", "a = 5\nprint(a)\nb = 6"),
            ("In [1]: for i in x:\n    print(i)\n1\nIn [2]: y", "for i in x:\n    print(i)\ny"),
        ] {
            assert_eq!(plain(text), want, "{text:?}");
            assert_eq!(masked(text).len(), text.len(), "{text:?}");
        }
    }

    #[test]
    fn a_very_long_statement_stays_whole() {
        let body = "    print x\n".repeat(3 * MOST_JUDGED);
        assert_eq!(plain(&format!("In [1]: repeat 2\n{body}end")), format!("repeat 2\n{body}end"));
    }

    #[test]
    fn answers_are_read() {
        assert_eq!(answer("\n#> 5 bytes\n  #>   x\nprint"), ["5 bytes", "  x"]);
        assert!(answer("print\n#> x").is_empty());
    }
}
