//! A finding where people type: the line stands on the screen already, so that a mark below it, what is wrong and
//! the way out are enough.

use anstyle::{AnsiColor, Style as Colour};
use unicode_width::UnicodeWidthStr;

use super::{Brief, HELP, Marked, NOTE, Note, Sources, Span, Style, marked, presentable};
use crate::text::literal;
use crate::words::Phrase;

pub const ERROR: Colour = AnsiColor::BrightRed.on_default().bold();
pub const WARNING: Colour = AnsiColor::BrightYellow.on_default().bold();
const FACT: Colour = AnsiColor::BrightGreen.on_default().bold();
const WAY_OUT: Colour = AnsiColor::BrightCyan.on_default().bold();

impl Brief {
    /// The mark, the message after its `level`, and the notes.
    pub(super) fn draw(
        &self,
        (level, colour): (Phrase, Colour),
        message: &str,
        span: Option<Span>,
        notes: &[Note],
        sources: &Sources,
        style: Style,
    ) -> String {
        let paint = |text: &str, colour: Colour| match style.colour {
            true => format!("{colour}{text}{colour:#}"),
            false => text.to_string(),
        };
        let mut lines = Vec::new();
        if let Some(span) = span {
            let (line, mark) = self.place(span, sources);
            lines.extend(line);
            lines.extend(mark.map(|mark| {
                let blank = mark.len() - mark.trim_start().len();
                format!("{}{}", &mark[..blank], paint(&mark[blank..], colour))
            }));
        }
        let mut say = |name: Phrase, colour: Colour, text: &str| {
            let name = name.show(style.lang);
            let text = self.wrapped(&literal::visible(text), name.width() + 2);
            lines.push(format!("{}: {text}", paint(name, colour)));
        };
        say(level, colour, message);
        for note in notes {
            match note {
                Note::Fact(text) => say(NOTE, FACT, text),
                Note::Help(text) => say(HELP, WAY_OUT, text),
            }
        }
        lines.join("\n")
    }

    /// The line, where it does not stand right above, and the mark below it.
    fn place(&self, span: Span, sources: &Sources) -> (Option<String>, Option<String>) {
        let span = sources.seen(span);
        let Some(source) = sources.source(span) else { return (None, None) };
        let Marked { number, line, mark } = marked(source, span);
        if let Some((typed, indent)) = self.above
            && typed.start <= span.start
            && span.start <= typed.end
            && !line.contains(char::is_control)
        {
            let before = indent + line[..mark.start].width();
            let carets = line[mark.clone()].width().clamp(1, self.columns.saturating_sub(before).max(1));
            if before < self.columns {
                return (None, Some(format!("{}{}", " ".repeat(before), "^".repeat(carets))));
            }
        }
        let column = line[..mark.start].chars().count() + 1;
        let head = format!("{}:{number}:{column}  ", literal::one_line(&source.name));
        // Beside a long name, and on a narrow terminal, the line stands below its place.
        let room = self.columns.saturating_sub(head.width());
        let (first, room) =
            if room < 24 { (format!("{}\n", head.trim_end()), self.columns) } else { (head, room) };
        let (shown, mark) = presentable(line, mark, (room / 2).saturating_sub(2).max(8));
        let indent = if first.ends_with('\n') { 0 } else { first.width() };
        // A tab is as wide below as above.
        let below: String = shown[..mark.start]
            .chars()
            .map(|c| if c == '\t' { "\t".to_string() } else { " ".repeat(c.to_string().width()) })
            .collect();
        let carets = "^".repeat(shown[mark].width().max(1));
        (Some(format!("{first}{shown}")), Some(format!("{}{below}{carets}", " ".repeat(indent))))
    }

    /// The text in lines of the terminal, cut between words; all but the first are indented so far.
    fn wrapped(&self, text: &str, indent: usize) -> String {
        let room = self.columns.saturating_sub(indent).max(8);
        let mut out = String::new();
        let mut used = 0;
        for (at, word) in text.split(' ').enumerate() {
            let width = word.width();
            if at > 0 && used + 1 + width > room {
                out.push('\n');
                out.push_str(&" ".repeat(indent));
                used = 0;
            } else if at > 0 {
                out.push(' ');
                used += 1;
            }
            out.push_str(word);
            used += width;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::diagnostic::Diagnostic;
    use crate::words::{Lang, Sentence};

    fn drawn(text: &str, at: std::ops::Range<usize>, columns: usize, indent: Option<usize>) -> String {
        let mut sources = Sources::default();
        let source = sources.add("In [2]", text);
        let base = source.base() as usize;
        let above = indent.map(|indent| (Span::new(base, base + text.len()), indent));
        let style = Style { colour: false, lang: Lang::EN, brief: Some(Brief { columns, above }) };
        let span = Span::new(base + at.start, base + at.end);
        Diagnostic::new(span, Sentence::plain("no such thing here"))
            .help(Sentence::plain("write it so"))
            .draw(&sources, style)
    }

    #[test]
    fn the_mark_stands_below_what_was_typed() {
        let want = "             ^^^^\nerror: no such thing here\nhelp: write it so";
        assert_eq!(drawn("recv nope", 5..9, 80, Some(8)), want);
        // A wide character takes two columns.
        assert!(drawn("日 nope", 4..8, 80, Some(8)).starts_with("           ^^^^\n"));
        // At the end of the line, and no further than the window.
        assert!(drawn("recv", 4..4, 80, Some(8)).starts_with("            ^\n"));
        assert!(drawn("recv nope", 5..9, 15, Some(8)).starts_with("             ^^\n"));
    }

    #[test]
    fn a_line_that_stands_elsewhere_is_shown() {
        let want = "In [2]:2:3  a nope\n              ^^^^\nerror: no such thing here\nhelp: write it so";
        assert_eq!(drawn("one\na nope", 6..10, 80, None), want);
        let narrow = drawn("one\na nope", 6..10, 20, None);
        assert!(
            narrow.starts_with("In [2]:2:3\na nope\n  ^^^^\nerror: no such thing\n       here"),
            "{narrow}"
        );
    }
}
