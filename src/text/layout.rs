//! The one layout of a script: four spaces a block, one between words, everything else as it was.

use super::parse::{is_arm, is_opener, line_of, mark, parse};
use super::tree::Line;
use super::words::{self, Word};
use crate::text::diagnostic::{Diagnostic, Source, Span};
use crate::text::forms::Keyword;

/// Spaces for each block around a line, and for the rest of a line that goes on in the next.
const STEP: usize = 4;

/// The text in the one layout, or what keeps it from being read. Quoted text, here-documents and
/// comments stay as they are, and the tree is the same.
pub fn format(source: &Source) -> Result<String, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    parse(source, &mut problems);
    if problems.iter().any(Diagnostic::is_error) {
        return Err(problems);
    }
    let mut writer = Writer { source, out: String::with_capacity(source.text.len()), level: 0, blank: false };
    writer.write_all();
    Ok(writer.out)
}

struct Writer<'a> {
    source: &'a Source,
    out: String,
    /// Open blocks.
    level: usize,
    /// A blank line was read and not written yet.
    blank: bool,
}

impl Writer<'_> {
    fn write_all(&mut self) {
        let text = &*self.source.text;
        let (mut at, mut lost) = (mark(text), words::Lost::default());
        while at < text.len() {
            let mut problems = Vec::new();
            let read = words::line_into(Vec::new(), text, self.source.base(), at, &mut lost, &mut problems);
            at = read.end;
            match (read.words.as_slice(), read.comment) {
                ([], None) => self.blank = true,
                ([], Some(comment)) => self.write_comment(comment),
                (words, comment) => {
                    self.write_line(words, comment);
                    self.write_documents(&text[read.body..read.end]);
                }
            }
        }
        if self.out.starts_with('\u{feff}') {
            self.out.insert(0, '\u{feff}');
        }
    }

    /// A comment that is a line, or a line of an answer.
    fn write_comment(&mut self, comment: Span) {
        let text = self.source.slice(comment).trim_end();
        self.begin(self.level);
        match text.strip_prefix("#>") {
            Some(shown) => {
                let shown = shown.strip_prefix(' ').unwrap_or(shown);
                self.out.push_str(if shown.is_empty() { "#>" } else { "#> " });
                self.out.push_str(shown);
            }
            None => self.out.push_str(text),
        }
        self.end();
    }

    fn write_line(&mut self, words: &[Word], comment: Option<Span>) {
        let mut problems = Vec::new();
        let line = line_of(words.to_vec(), &mut problems);
        let arm = line.as_ref().is_some_and(is_arm);
        let end = line.as_ref().is_some_and(|l| l.keyword == Some(Keyword::End));
        if arm || end {
            self.level = self.level.saturating_sub(1);
        }
        self.begin(self.level);
        let first = line.as_ref().map_or(0, |l| self.write_targets(l, words));
        let expression = words::hold_expression(words);
        for at in first..words.len() {
            if at > 0 && (at > first || first > 0) {
                // Between the names and the command nothing is worth a line of its own.
                let goes_on = at > first && self.goes_on(words[at - 1].span.end, words[at].span.start);
                let joined = expression && (words[at - 1].is("(") || words[at].is(")"));
                if goes_on || !joined {
                    self.separate(goes_on);
                }
            }
            self.out.push_str(self.source.slice(words[at].span));
        }
        if let Some(comment) = comment {
            self.write_trailing(words, comment);
        }
        self.end();
        if arm || line.as_ref().is_some_and(is_opener) {
            self.level += 1;
        }
    }

    /// `NAMES =`; which word is the first after it.
    fn write_targets(&mut self, line: &Line, words: &[Word]) -> usize {
        if line.targets.is_empty() {
            return 0;
        }
        let names: Vec<&str> = line.targets.iter().map(|n| &*n.text).collect();
        self.out.push_str(&names.join(", "));
        self.out.push_str(" =");
        let command = line.socket.as_ref().map_or(line.command.span, |s| s.span);
        words.iter().position(|w| w.span.start == command.start).unwrap_or(0)
    }

    /// A comment after a line keeps its column, so that columns of comments stay columns.
    fn write_trailing(&mut self, words: &[Word], comment: Span) {
        let before = words.last().map_or(comment.start, |w| w.span.end);
        if self.goes_on(before, comment.start) {
            self.separate(true);
            self.out.push_str(self.source.slice(comment).trim_end());
            return;
        }
        let column = self.column(words, comment);
        let now = self.out.rsplit('\n').next().unwrap_or("");
        let width = now.chars().count();
        let indent = now.len() - now.trim_start_matches(' ').len();
        let wanted = match column {
            (column, Some(old)) => (column + indent).saturating_sub(old),
            (column, None) => column,
        };
        self.out.extend(std::iter::repeat_n(' ', wanted.saturating_sub(width).max(1)));
        self.out.push_str(self.source.slice(comment).trim_end());
    }

    /// The column of a comment as written, and the indentation of its line; none where that line
    /// begins within quotes, which stay as they are.
    fn column(&self, words: &[Word], comment: Span) -> (usize, Option<usize>) {
        let text = &*self.source.text;
        let base = self.source.base() as usize;
        let at = (comment.start as usize).saturating_sub(base);
        let start = text[..at].rfind('\n').map_or(mark(text), |n| n + 1);
        let start_line = &text[start..at];
        let inside = words.iter().any(|w| {
            let (from, to) = (w.span.start as usize - base, w.span.end as usize - base);
            from < start && start < to
        });
        let indent = start_line.len() - start_line.trim_start_matches([' ', '\t']).len();
        (start_line.chars().count(), (!inside).then_some(indent))
    }

    /// The lines of here-documents, as they are. Their line ends are `\n` to the reader anyway.
    fn write_documents(&mut self, body: &str) {
        for line in body.split_inclusive('\n') {
            let line = line.strip_suffix('\n').unwrap_or(line);
            let plain = line.strip_suffix('\r').unwrap_or(line);
            // Only one carriage return belongs to the line end.
            self.out.push_str(if plain.ends_with('\r') { line } else { plain });
            self.out.push('\n');
        }
    }

    /// Does a `\` at a line's end stand between these places?
    fn goes_on(&self, from: u32, to: u32) -> bool {
        self.source.slice(Span { start: from, end: to }).contains('\n')
    }

    fn separate(&mut self, goes_on: bool) {
        if goes_on {
            self.out.push_str(" \\\n");
            self.indent(self.level + 1);
        } else {
            self.out.push(' ');
        }
    }

    fn begin(&mut self, level: usize) {
        if std::mem::take(&mut self.blank) && !self.out.is_empty() {
            self.out.push('\n');
        }
        self.indent(level);
    }

    fn indent(&mut self, level: usize) {
        self.out.extend(std::iter::repeat_n(' ', level * STEP));
    }

    fn end(&mut self) {
        self.out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::diagnostic::Sources;

    fn laid_out(text: &str) -> String {
        format(&Sources::default().add("t", text)).expect(text)
    }

    #[test]
    fn there_is_one_layout() {
        for (input, want) in [
            ("", ""),
            ("\n\n", ""),
            ("\n\nclose\n\n\n\nclose\n\n", "close\n\nclose\n"),
            ("  a,b   =\taccept  ", "a, b = accept\n"),
            ("a , b = s.accept", "a, b = s.accept\n"),
            ("  let   n =  5", "let n = 5\n"),
            ("repeat 2\nclose\n # c\nend", "repeat 2\n    close\n    # c\nend\n"),
            (
                "if a == b\n x\nelse if c == d\n  y\nelse\nz\n end",
                "if a == b\n    x\nelse if c == d\n    y\nelse\n    z\nend\n",
            ),
            (
                "try\na\nexcept X  as e\nb\nfinally\nc\nend",
                "try\n    a\nexcept X as e\n    b\nfinally\n    c\nend\n",
            ),
            ("\u{feff}x\r\ny\r\n", "x\ny\n"),
            ("recv 5\n#>5 bytes\n   #>   more\n#>\n", "recv 5\n#> 5 bytes\n#>   more\n#>\n"),
            ("repeat 1\nrecv\n#> x\nend", "repeat 1\n    recv\n    #> x\nend\n"),
            ("send  \"a  b\"   'c'", "send \"a  b\" 'c'\n"),
            ("send \"two\r\n  lines\"   x\r\n", "send \"two\r\n  lines\" x\n"),
            ("send a \\\n b\\\n\n", "send a \\\n    b\n"),
            ("\\\nsend a \\\r\n# c", "send a \\\n    # c\n"),
            (
                "repeat 2\nsend <<-END  --x\n  a\r\n   b  \n  END\nend",
                "repeat 2\n    send <<-END --x\n  a\n   b  \n  END\nend\n",
            ),
            ("accept  &", "accept &\n"),
            ("recv?", "recv?\n"),
            ("let n = ( 1 + 2 ) * 3", "let n = (1 + 2) * 3\n"),
            ("let  n = ( (1 + $x ) * 2 )", "let n = ((1 + $x) * 2)\n"),
            ("print ( a )", "print ( a )\n"),
            ("expect  $( recv  5 ).len ==  5", "expect $( recv  5 ).len == 5\n"),
        ] {
            assert_eq!(laid_out(input), want, "{input}");
            assert_eq!(laid_out(want), want, "{input}");
        }
    }

    #[test]
    fn columns_of_comments_stay_columns() {
        for (input, want) in [
            ("close# no\nclose  # b", "close# no\nclose  # b\n"),
            ("recv   5    # a\nclose       # b", "recv 5      # a\nclose       # b\n"),
            ("repeat 1\nrecv  # a\nx     # b\nend", "repeat 1\n    recv  # a\n    x     # b\nend\n"),
            ("\t\trecv 5 # a", "recv 5 # a\n"),
            ("a,b = accept # x", "a, b = accept # x\n"),
            ("\u{feff}close  # a\nclose  # b", "close  # a\nclose  # b\n"),
            ("send \"a\n   b\"   c   # x", "send \"a\n   b\" c     # x\n"),
        ] {
            assert_eq!(laid_out(input), want, "{input}");
            assert_eq!(laid_out(want), want, "{input}");
        }
    }

    #[test]
    fn a_text_with_mistakes_is_not_touched() {
        assert!(format(&Sources::default().add("t", "repeat 2\nclose")).is_err());
        assert!(format(&Sources::default().add("t", "send \"open")).is_err());
    }
}
