//! Markdown on a terminal: headings, paragraphs, lists, quotes, code and tables, in so many columns.
//!
//! The text is read by `pulldown-cmark`; here its events become lines. A table that is too wide for the terminal is a
//! block of lines for each of its rows. Used for the text cells of `run --step`.

use anstyle::Style;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::colour::{self, paint};
use crate::text::literal::visible;

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().bold();
const ITALIC: Style = Style::new().italic();

/// The text in at most so many columns, without a line end at its end.
pub fn draw(markdown: &str, columns: usize, colour: bool) -> String {
    let markdown = visible(markdown);
    let mut page = Page { columns: columns.max(20), colour, ..Page::default() };
    for event in Parser::new_ext(&markdown, Options::ENABLE_TABLES) {
        page.event(event);
    }
    page.flush(PLAIN);
    page.out.trim_end().to_string()
}

/// What stands before the lines of a list's item or a quote: before its first line, and before the others.
struct Margin {
    first: String,
    rest: String,
    begun: bool,
}

#[derive(Default)]
struct Page {
    out: String,
    columns: usize,
    colour: bool,
    margins: Vec<Margin>,
    /// The numbers of the lists that are open; none for one with dots.
    lists: Vec<Option<u64>>,
    /// The paragraph so far.
    pieces: Vec<(String, Style)>,
    styles: Vec<Style>,
    /// The lines of a block of code.
    code: Option<String>,
    rows: Vec<Vec<String>>,
    in_table: bool,
    /// Where links lead that are open.
    links: Vec<String>,
}

impl Page {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Code(text) => {
                let mark = if self.colour { "" } else { "`" };
                self.add(&format!("{mark}{text}{mark}"), colour::COMMAND);
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.add(&text, self.styles.last().copied().unwrap_or(PLAIN)),
            },
            Event::SoftBreak => self.add(" ", PLAIN),
            Event::HardBreak => self.add("\n", PLAIN),
            Event::Rule => {
                self.gap();
                let rule = "─".repeat(self.room());
                self.line(&paint(rule, colour::FAINT, self.colour));
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.gap(),
            Tag::Heading { .. } => {
                self.gap();
                self.styles.push(BOLD);
            }
            Tag::CodeBlock(_) => {
                self.flush(PLAIN);
                self.gap();
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                self.flush(PLAIN);
                if self.lists.is_empty() {
                    self.gap();
                }
                self.lists.push(first);
            }
            Tag::Item => {
                let first = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "• ".to_string(),
                };
                let rest = " ".repeat(first.width());
                self.margins.push(Margin { first, rest, begun: false });
            }
            Tag::BlockQuote(_) => {
                self.gap();
                self.margins.push(Margin { first: "│ ".into(), rest: "│ ".into(), begun: false });
            }
            Tag::Emphasis => self.styles.push(ITALIC),
            Tag::Strong => self.styles.push(BOLD),
            Tag::Link { dest_url, .. } => self.links.push(dest_url.to_string()),
            Tag::Table(_) => {
                self.gap();
                self.in_table = true;
            }
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.flush(PLAIN),
            TagEnd::Heading(level) => {
                let width: usize = self.pieces.iter().map(|(text, _)| text.width()).sum();
                self.flush(BOLD);
                self.styles.pop();
                let sign = match level {
                    HeadingLevel::H1 => "═",
                    HeadingLevel::H2 => "─",
                    _ => return,
                };
                let rule = sign.repeat(width.min(self.room()));
                self.line(&paint(rule, colour::FAINT, self.colour));
            }
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                let room = self.room().saturating_sub(4).max(8);
                for line in code.lines() {
                    for part in cut(&line.replace('\t', "    "), room) {
                        self.line(&format!("    {}", paint(part, colour::COMMAND, self.colour)));
                    }
                }
            }
            TagEnd::List(_) => {
                self.flush(PLAIN);
                self.lists.pop();
            }
            TagEnd::Item => {
                self.flush(PLAIN);
                self.margins.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.flush(PLAIN);
                self.margins.pop();
            }
            TagEnd::Emphasis | TagEnd::Strong => {
                self.styles.pop();
            }
            TagEnd::Link => {
                if let Some(url) = self.links.pop() {
                    let shown: String = self.pieces.iter().map(|(text, _)| text.as_str()).collect();
                    if !shown.ends_with(&url) {
                        self.add(&format!(" ({url})"), PLAIN);
                    }
                }
            }
            TagEnd::TableCell => {
                let text: String = self.pieces.drain(..).map(|(text, _)| text).collect();
                if let Some(row) = self.rows.last_mut() {
                    row.push(text);
                }
            }
            TagEnd::Table => self.table(),
            _ => {}
        }
    }

    fn add(&mut self, text: &str, style: Style) {
        self.pieces.push((text.to_string(), style));
    }

    /// The columns that are left beside the margins.
    fn room(&self) -> usize {
        let taken: usize = self.margins.iter().map(|margin| margin.rest.width()).sum();
        self.columns.saturating_sub(taken).max(10)
    }

    /// An empty line before a block; not at the beginning of the page or of an item.
    fn gap(&mut self) {
        let fresh = self.margins.last().is_some_and(|margin| !margin.begun);
        if !self.out.is_empty() && !fresh && !self.out.ends_with("\n\n") {
            let margin: String = self.margins.iter().map(|margin| margin.rest.as_str()).collect();
            self.out.push_str(margin.trim_end());
            self.out.push('\n');
        } else if self.margins.len() == 1 && self.lists.is_empty() && !self.out.is_empty() {
            // A quote that begins.
            if !self.out.ends_with("\n\n") {
                self.out.push('\n');
            }
        }
    }

    fn line(&mut self, text: &str) {
        let mut line = String::new();
        for margin in &mut self.margins {
            line.push_str(if margin.begun { &margin.rest } else { &margin.first });
            margin.begun = true;
        }
        line.push_str(text);
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// The paragraph so far, in lines.
    fn flush(&mut self, base: Style) {
        let pieces = std::mem::take(&mut self.pieces);
        if pieces.iter().all(|(text, _)| text.trim().is_empty()) {
            return;
        }
        let room = self.room();
        let (mut line, mut width) = (String::new(), 0);
        for word in words(&pieces, room) {
            let own: usize = word.iter().map(|(text, _)| text.width()).sum();
            let is_break = word.iter().any(|(text, _)| text == "\n");
            if is_break || width > 0 && width + 1 + own > room {
                self.line(&std::mem::take(&mut line));
                width = 0;
            }
            if is_break {
                continue;
            }
            if width > 0 {
                line.push(' ');
                width += 1;
            }
            for (text, style) in word {
                let style = if style == PLAIN { base } else { style };
                line.push_str(&paint(text, style, self.colour && style != PLAIN));
            }
            width += own;
        }
        self.line(&line);
    }

    fn table(&mut self) {
        self.in_table = false;
        let rows = std::mem::take(&mut self.rows);
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let wide =
            |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|c| c.width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(wide).collect();
        let Some((head, body)) = rows.split_first() else { return };
        if widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1) <= self.room() {
            for (at, row) in rows.iter().enumerate() {
                let mut line = String::new();
                for (cell, width) in row.iter().zip(&widths) {
                    line.push_str(cell);
                    line.push_str(&" ".repeat(width - cell.width() + 2));
                }
                self.line(&paint(line.trim_end(), BOLD, self.colour && at == 0));
                if at == 0 {
                    let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
                    self.line(&paint(rules.join("  "), colour::FAINT, self.colour));
                }
            }
            return;
        }
        for row in body {
            self.gap();
            for (title, cell) in head.iter().zip(row) {
                let title = if title.is_empty() { String::new() } else { format!("{title}: ") };
                self.pieces = vec![(title, BOLD), (cell.clone(), PLAIN)];
                self.margins.push(Margin { first: String::new(), rest: "  ".into(), begun: false });
                self.flush(PLAIN);
                self.margins.pop();
            }
        }
    }
}

/// The words of a paragraph, each of one or more pieces; one that is longer than a line is cut.
fn words(pieces: &[(String, Style)], room: usize) -> Vec<Vec<(String, Style)>> {
    let mut words: Vec<Vec<(String, Style)>> = Vec::new();
    let mut word: Vec<(String, Style)> = Vec::new();
    for (text, style) in pieces {
        if text == "\n" {
            words.push(std::mem::take(&mut word));
            words.push(vec![("\n".into(), PLAIN)]);
            continue;
        }
        for (at, part) in text.split(' ').enumerate() {
            if at > 0 {
                words.push(std::mem::take(&mut word));
            }
            if part.width() > room {
                let mut parts = cut(part, room);
                let last = parts.pop();
                words.extend(parts.into_iter().map(|part| vec![(part, *style)]));
                word.extend(last.map(|part| (part, *style)));
            } else if !part.is_empty() {
                word.push((part.to_string(), *style));
            }
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// A line in pieces of at most so many columns.
fn cut(line: &str, room: usize) -> Vec<String> {
    let (mut parts, mut width) = (vec![String::new()], 0);
    for c in line.chars() {
        let own = c.width().unwrap_or(0);
        if width + own > room {
            parts.push(String::new());
            width = 0;
        }
        width += own;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Título\n\nUn texto con `recv` y **negrita** que sigue\ny sigue hasta más allá.\n\n- uno\n- \
        dos, que es más largo que el otro y no cabe\n  1. a\n\n> cita\n\n```\nrecv 4096\n```\n\n| a | b |\n|---|---|\n\
        | 1 | `x` |\n";

    #[test]
    fn a_page_at_eighty_columns() {
        let want = "Título\n══════\n\nUn texto con `recv` y negrita que sigue y sigue hasta más allá.\n\n• uno\n• dos, que \
            es más largo que el otro y no cabe\n  1. a\n\n│ cita\n\n    recv 4096\n\na  b\n─  ───\n1  `x`";
        assert_eq!(draw(TEXT, 80, false), want);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let table =
            "| llamada | qué hace |\n|---|---|\n| `recv` | toma lo que haya llegado, que puede ser menos |\n";
        for width in [20, 40, 80] {
            for text in [TEXT, table, &"palabra".repeat(20)] {
                let drawn = draw(text, width, false);
                assert!(drawn.lines().all(|line| line.width() <= width), "{width}\n{drawn}");
            }
        }
        assert!(
            draw(table, 40, false).starts_with("llamada: `recv`\nqué hace: toma lo"),
            "{}",
            draw(table, 40, false)
        );
        assert!(draw("# a", 80, true).contains('\u{1b}'));
        assert!(!draw("a \u{1b}[2J b", 80, false).contains('\u{1b}'));
    }
}
