//! What was typed before, in this session, in earlier ones and at other prompts: the lines that the arrow keys, Ctrl-R,
//! Alt-. and the hint behind the cursor look through.

use std::sync::Arc;

/// So many of the latest lines are kept.
pub const MOST: usize = 10_000;

#[derive(Default)]
pub struct Past {
    /// The oldest first.
    entries: Vec<Arc<str>>,
    browsed: Option<Browsed>,
    word: Option<LastWord>,
    /// No entry goes on from this text, so none does from a longer one.
    hopeless: Option<String>,
}

/// Where the arrow keys have come to.
struct Browsed {
    /// What was typed before the first of them.
    typed: String,
    at: usize,
    shown: Arc<str>,
}

/// What Alt-. has put in last.
struct LastWord {
    at: usize,
    text: String,
    end: usize,
}

impl Past {
    /// A new line begins.
    pub fn begin(&mut self) {
        (self.browsed, self.word, self.hopeless) = (None, None, None);
    }

    /// Adds a line, unless it is the last one again.
    pub fn add(&mut self, text: &str) -> bool {
        if self.entries.last().is_some_and(|last| **last == *text) {
            return false;
        }
        if self.entries.len() >= MOST + MOST / 10 {
            self.entries.drain(..MOST / 10);
        }
        self.entries.push(text.into());
        self.hopeless = None;
        true
    }

    /// The line before, of those that begin as what was typed.
    pub fn back(&mut self, text: &str) -> Option<String> {
        let (typed, from) = match &self.browsed {
            Some(browsed) if *browsed.shown == *text => (browsed.typed.clone(), browsed.at),
            _ => (text.to_string(), self.entries.len()),
        };
        let fits = |at: &usize| self.entries[*at].starts_with(&typed) && *self.entries[*at] != *text;
        let at = (0..from).rev().find(fits)?;
        self.show(typed, at)
    }

    /// The line after, and last of all what was typed.
    pub fn forward(&mut self, text: &str) -> Option<String> {
        let browsed = self.browsed.as_ref().filter(|browsed| *browsed.shown == *text)?;
        let typed = browsed.typed.clone();
        let fits = |at: &usize| self.entries[*at].starts_with(&typed) && *self.entries[*at] != *text;
        match (browsed.at + 1..self.entries.len()).find(fits) {
            Some(at) => self.show(typed, at),
            None => {
                self.browsed = None;
                Some(typed)
            }
        }
    }

    fn show(&mut self, typed: String, at: usize) -> Option<String> {
        let shown = self.entries.get(at)?.clone();
        let text = shown.to_string();
        self.browsed = Some(Browsed { typed, at, shown });
        Some(text)
    }

    /// How an earlier line went on from this text: the latest, and first of those that `fits` says can be done now.
    pub fn continuation(&mut self, text: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
        /// Of so many that go on, the latest will do.
        const TRIED: usize = 50;
        if text.is_empty() || self.hopeless.as_ref().is_some_and(|short| text.starts_with(short.as_str())) {
            return None;
        }
        let longer = |entry: &&Arc<str>| entry.len() > text.len() && entry.starts_with(text);
        let mut all = self.entries.iter().rev().filter(longer).filter(|e| !e.contains('\n')).take(TRIED);
        let Some(latest) = all.next() else {
            self.hopeless = Some(text.to_string());
            return None;
        };
        let best = if fits(latest) { latest } else { all.find(|entry| fits(entry)).unwrap_or(latest) };
        Some(best[text.len()..].to_string())
    }

    /// So many of the latest lines, the latest first.
    pub fn latest(&self, most: usize) -> impl Iterator<Item = &str> {
        self.entries.iter().rev().take(most).map(|entry| &**entry)
    }

    /// The lines in which the text occurs, the latest first, each once.
    pub fn search(&self, query: &str, most: usize) -> Vec<Arc<str>> {
        let mut found: Vec<Arc<str>> = Vec::new();
        for entry in self.entries.iter().rev() {
            if entry.contains(query) && !found.iter().any(|other| other == entry) {
                found.push(entry.clone());
                if found.len() == most {
                    break;
                }
            }
        }
        found
    }

    /// The last word of the line before, or after it was put in, of the one before that: how many bytes before the
    /// cursor it takes the place of, and the word.
    pub fn last_word(&mut self, text: &str, cursor: usize) -> Option<(usize, String)> {
        let again = |word: &&LastWord| word.end == cursor && text[..cursor].ends_with(&word.text);
        let (from, old) = match self.word.as_ref().filter(again) {
            Some(word) => (word.at, word.text.len()),
            None => (self.entries.len(), 0),
        };
        let at = (0..from).rev().find(|at| !self.entries[*at].trim().is_empty())?;
        let entry = self.entries[at].trim_end();
        let word = entry.rsplit(char::is_whitespace).next().unwrap_or(entry).to_string();
        self.word = Some(LastWord { at, text: word.clone(), end: cursor - old + word.len() });
        Some((old, word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(lines: &[&str]) -> Past {
        let mut past = Past::default();
        lines.iter().for_each(|line| {
            past.add(line);
        });
        past
    }

    #[test]
    fn the_arrows_go_through_what_begins_as_it_was_typed() {
        let mut past = past(&["recv 1", "send a", "recv 2", "recv 2", "send b"]);
        assert_eq!(past.back("recv").as_deref(), Some("recv 2"));
        assert_eq!(past.back("recv 2").as_deref(), Some("recv 1"));
        assert_eq!(past.back("recv 1"), None);
        assert_eq!(past.forward("recv 1").as_deref(), Some("recv 2"));
        assert_eq!(past.forward("recv 2").as_deref(), Some("recv"));
        assert_eq!(past.forward("recv"), None);
        assert_eq!(past.back("").as_deref(), Some("send b"));
        // What was changed is a new beginning.
        assert_eq!(past.back("send").as_deref(), Some("send b"));
    }

    #[test]
    fn a_hint_prefers_what_can_be_done() {
        let mut past = past(&["a.recv 5", "b.recv 6", "a.recv 7\nclose"]);
        assert_eq!(past.continuation("a.re", |_| true).as_deref(), Some("cv 5"));
        assert_eq!(past.continuation("", |_| true), None);
        assert_eq!(past.continuation("x", |_| true), None);
        past.add("send 1");
        past.add("send 2");
        assert_eq!(past.continuation("send", |line| line == "send 1").as_deref(), Some(" 1"));
        assert_eq!(past.continuation("send", |_| false).as_deref(), Some(" 2"));
    }

    #[test]
    fn the_last_words_come_one_after_the_other() {
        let mut past = past(&["connect localhost 80", "print \"é\"", ""]);
        assert_eq!(past.last_word("recv ", 5), Some((0, "\"é\"".into())));
        assert_eq!(past.last_word("recv \"é\"", 9), Some((4, "80".into())));
        assert_eq!(past.last_word("recv 80", 7), None);
    }

    #[test]
    fn a_search_finds_each_line_once() {
        let past = past(&["recv 1", "send", "recv 2", "recv 1"]);
        let found: Vec<String> = past.search("cv", 9).iter().map(|e| e.to_string()).collect();
        assert_eq!(found, ["recv 1", "recv 2"]);
    }
}
