//! The menu of what could stand at the cursor, or of earlier lines: rows below the line, one of them chosen.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::render::colour::{self, paint};
use crate::render::table::cut;

/// At most so many rows are shown at once.
pub const MOST_ROWS: usize = 8;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is shown of it.
    pub shown: String,
    /// Its description.
    pub about: String,
    /// What is put in.
    pub text: String,
}

/// What the menu is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Words that could stand at the cursor.
    Words,
    /// Earlier lines in which the text occurs.
    Past,
}

#[derive(Clone, Debug)]
pub struct Menu {
    pub of: Of,
    pub items: Vec<Item>,
    /// What a chosen item takes the place of, in bytes of the text.
    pub range: Range<usize>,
    pub chosen: Option<usize>,
}

impl Menu {
    /// The next item, or the one before; round and round.
    pub fn step(&mut self, forward: bool) {
        let count = self.items.len();
        if count > 0 {
            self.chosen = Some(match (self.chosen, forward) {
                (None, true) => 0,
                (None, false) => count - 1,
                (Some(at), true) => (at + 1) % count,
                (Some(at), false) => (at + count - 1) % count,
            });
        }
    }

    pub fn chosen(&self) -> Option<&Item> {
        self.items.get(self.chosen?)
    }

    /// The text that all items begin with.
    pub fn common(&self) -> &str {
        let Some(first) = self.items.first() else { return "" };
        let mut common = first.text.as_str();
        for item in &self.items {
            let same = common.chars().zip(item.text.chars()).take_while(|(a, b)| a == b);
            common = &common[..same.map(|(a, _)| a.len_utf8()).sum()];
        }
        common
    }

    /// Its rows, at most so many, in at most so many columns. `query` is marked where it occurs.
    pub fn rows(&self, most: usize, columns: usize, query: &str, colour: bool) -> Vec<String> {
        let most = most.min(MOST_ROWS);
        if most == 0 {
            return Vec::new();
        }
        let chosen = self.chosen.unwrap_or(0);
        // The chosen row stays in the window; the last row may say how many there are.
        let counted = self.items.len() > most;
        let window = if counted { (most - 1).max(1) } else { most };
        let first = (chosen / window) * window;
        let page = &self.items[first..(first + window).min(self.items.len())];
        let wide = page.iter().map(|item| item.shown.width()).max().unwrap_or(0);
        let wide = wide.min(
            columns.saturating_sub(4) * if page.iter().any(|i| !i.about.is_empty()) { 1 } else { 2 } / 2 + 2,
        );
        let mut rows = Vec::new();
        for (at, item) in page.iter().enumerate() {
            let is_chosen = self.chosen == Some(first + at);
            let shown = cut(&item.shown, columns.saturating_sub(2));
            let gap = wide.saturating_sub(shown.width());
            let left = columns.saturating_sub(2 + shown.width() + gap + 2);
            let about = cut(&item.about, left);
            let about =
                if about.is_empty() { String::new() } else { format!("{}  {about}", " ".repeat(gap)) };
            let mark = if is_chosen { "> " } else { "  " };
            rows.push(if is_chosen {
                paint(format!("{mark}{shown}{about}"), colour::CHOSEN, colour)
            } else {
                let shown = if self.of == Of::Past { marked(&shown, query, colour) } else { shown.clone() };
                format!(
                    "{mark}{shown}{}",
                    if about.is_empty() { about } else { paint(about, colour::FAINT, colour) }
                )
            });
        }
        if counted {
            let (to, all) = (first + page.len(), self.items.len());
            let count = format!("  {}-{to} / {all}", first + 1);
            rows.push(paint(cut(&count, columns), colour::FAINT, colour));
        }
        rows
    }
}

/// The text with what was looked for in another colour.
fn marked(text: &str, query: &str, colour: bool) -> String {
    match text.find(query) {
        Some(at) if !query.is_empty() => {
            let (before, rest) = text.split_at(at);
            let (found, after) = rest.split_at(query.len());
            format!("{before}{}{after}", paint(found, colour::MARK, colour))
        }
        _ => text.to_string(),
    }
}
