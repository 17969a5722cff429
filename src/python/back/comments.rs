//! The comments of the script in the program: each where it stood.

use super::Writer;
use crate::text::diagnostic::Span;
use crate::text::literal::push_visible;

/// Comments that are no text for a reader: answers, what an exercise has in a line's place, hints.
const MARKS: &[&str] = &["#>", "#____", "#?", "#!"];

/// Text of a script as it may stand in a Python file: what ends a line there, turns the text around it, or may not stand
/// in a file at all is written as its number. Literals have none of it, so it comes from comments alone.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if matches!(c, '\n' | '\t') || !c.is_control() && !turns {
            out.push(c);
        } else {
            push_visible(c, &mut out);
        }
    }
    out
}

impl Writer<'_> {
    /// Writes text as a comment, each line of it.
    pub fn comment(&mut self, text: &str) {
        for line in text.lines() {
            self.line(format!("# {}", line.trim_end()).trim_end());
        }
    }

    /// Writes the comments that stand before this place and are not written yet; an empty line stays one.
    pub fn comments(&mut self, until: u32) {
        if self.told >= until {
            return;
        }
        let text = self.sources.text(Span { start: self.told, end: until }).to_string();
        let mut blank = false;
        for whole in text.split_inclusive('\n') {
            let line = whole.trim();
            if line.is_empty() {
                // What stands before a statement on its line is no line.
                blank |= whole.ends_with('\n');
                continue;
            }
            let Some(comment) =
                line.strip_prefix('#').filter(|_| !MARKS.iter().any(|mark| line.starts_with(mark)))
            else {
                continue;
            };
            self.blank_line(&mut blank);
            match comment.trim_start() {
                // No cell begins inside of a statement.
                text if text.starts_with("%%") => self.line(&format!("# \\{text}")),
                _ => self.line(line),
            }
        }
        self.blank_line(&mut blank);
        self.told = until;
    }

    fn blank_line(&mut self, blank: &mut bool) {
        if std::mem::take(blank) && self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }

    /// Puts the comment at the end of a statement's line behind the line that was written for it, or before what was.
    pub fn end_of_line(&mut self, line: Span, first: usize) {
        let Some(source) = self.sources.source(line) else { return };
        let at = (line.end.saturating_sub(source.base())) as usize;
        let rest = source.text.get(at..).unwrap_or("");
        let rest = rest.lines().next().unwrap_or("");
        // A here-document ends with its line.
        let ended = source.text.get(..at).is_some_and(|text| text.ends_with('\n'));
        if ended {
            self.told = line.end;
            return;
        }
        let comment = rest.trim();
        // The line end is no empty line.
        self.told = line.end + rest.len() as u32 + 1;
        if !comment.starts_with('#') || MARKS.iter().any(|mark| comment.starts_with(mark)) {
            return;
        }
        let comment = comment.to_string();
        match self.lines.get_mut(first) {
            Some(written) if written.chars().count() + comment.chars().count() < 100 => {
                written.push_str("  ");
                written.push_str(&comment);
            }
            Some(written) => {
                let indent = written.len() - written.trim_start().len();
                self.lines.insert(first, format!("{:indent$}{comment}", ""));
            }
            None => self.line(&comment),
        }
    }
}
