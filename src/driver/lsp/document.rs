//! A text as an editor counts it: lines from 0, characters in UTF-16 code units.

use std::ops::Range;

use serde_json::{Value as Json, json};

/// A text with its lines.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub text: String,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl Document {
    pub fn new(text: impl Into<String>) -> Document {
        let text = text.into();
        let starts = std::iter::once(0).chain(starts_in(&text, 1..text.len() + 1)).collect();
        Document { text, starts }
    }

    /// The byte at this place. Past the end of a line it is that end, and past the last line the end of the text.
    pub fn offset(&self, line: u64, character: u64) -> usize {
        let start = usize::try_from(line).ok().and_then(|line| self.starts.get(line));
        let Some(&start) = start else { return self.text.len() };
        let mut left = character;
        for (at, c) in self.text[start..].char_indices() {
            // A place inside a character is the one before it.
            if matches!(c, '\n' | '\r') || left < c.len_utf16() as u64 {
                return start + at;
            }
            left -= c.len_utf16() as u64;
        }
        self.text.len()
    }

    /// Line and character of a byte; of one inside a character, those of the character.
    pub fn position(&self, mut at: usize) -> (usize, usize) {
        at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let line = self.starts.partition_point(|&start| start <= at).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = &self.text[start..at];
        // Many places may stand in one long line.
        let ascii = before.is_ascii().then_some(before.len());
        (line, ascii.unwrap_or_else(|| before.chars().map(char::len_utf16).sum()))
    }

    /// A stretch of bytes, as the protocol has it.
    pub fn range(&self, bytes: Range<usize>) -> Json {
        let place = |at: usize| {
            let (line, character) = self.position(at);
            json!({ "line": line, "character": character })
        };
        json!({ "start": place(bytes.start), "end": place(bytes.end) })
    }

    /// The byte that a position of the protocol names.
    pub fn offset_of(&self, position: &Json) -> Option<usize> {
        Some(self.offset(position["line"].as_u64()?, position["character"].as_u64()?))
    }

    /// The bytes that a range of the protocol names.
    pub fn bytes_of(&self, range: &Json) -> Option<Range<usize>> {
        let (one, other) = (self.offset_of(&range["start"])?, self.offset_of(&range["end"])?);
        Some(one.min(other)..one.max(other))
    }

    /// Makes a change as the protocol tells it: a range and its new text, or the whole new text. One that cannot be read
    /// is none.
    pub fn change(&mut self, change: &Json) {
        let Some(new) = change["text"].as_str() else { return };
        if change["range"].is_null() {
            *self = Document::new(new);
        } else if let Some(at) = self.bytes_of(&change["range"]) {
            self.replace(at, new);
        }
    }

    /// Puts a text in the place of these bytes. Only the lines that it touches are looked for again: an editor may send
    /// thousands of changes at once.
    fn replace(&mut self, at: Range<usize>, new: &str) {
        self.text.replace_range(at.clone(), new);
        let after = at.start + new.len();
        // Whether a line begins at a byte is known by this byte and the one before.
        let first = self.starts.partition_point(|&start| start < at.start.max(1));
        let rest = self.starts.partition_point(|&start| start <= at.end).max(first);
        for start in &mut self.starts[rest..] {
            *start = *start - at.end + after;
        }
        self.starts.splice(first..rest, starts_in(&self.text, at.start.max(1)..after + 1));
    }

    /// The line that this byte is in, without its end.
    pub fn line(&self, at: usize) -> Range<usize> {
        let (line, _) = self.position(at);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        start..start + self.text[start..end].trim_end_matches(['\n', '\r']).len()
    }
}

/// The bytes among these, the first of a text apart, at which a line begins: behind `\n`, `\r\n` or `\r`.
fn starts_in(text: &str, among: Range<usize>) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let before = among.start.saturating_sub(1);
    let ends = memchr::memchr2_iter(b'\n', b'\r', &bytes[before..among.end.saturating_sub(1).max(before)]);
    ends.map(move |at| before + at + 1).filter(|&at| bytes[at - 1] == b'\n' || bytes.get(at) != Some(&b'\n'))
}

/// The edit that makes one text of the other: one stretch, from the first line that differs to the last.
pub fn difference(old: &Document, new: &str) -> Option<Json> {
    if old.text == new {
        return None;
    }
    let common = |old: &mut dyn Iterator<Item = &str>, new: &mut dyn Iterator<Item = &str>| -> usize {
        old.zip(new).take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum()
    };
    let head = common(&mut old.text.split_inclusive('\n'), &mut new.split_inclusive('\n'));
    let (old_rest, new_rest) = (&old.text[head..], &new[head..]);
    let tail = common(&mut old_rest.split_inclusive('\n').rev(), &mut new_rest.split_inclusive('\n').rev());
    let range = old.range(head..old.text.len() - tail);
    Some(json!({ "range": range, "newText": new_rest[..new_rest.len() - tail] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_in_utf_16() {
        let text = Document::new("a𝄞b\nñ\r\n\rz");
        for (at, place) in [
            (0, (0, 0)),
            (1, (0, 1)),
            (5, (0, 3)),
            (6, (0, 4)),
            (7, (1, 0)),
            (9, (1, 1)),
            (11, (2, 0)),
            (12, (3, 0)),
            (13, (3, 1)),
        ] {
            assert_eq!(text.position(at), place, "{at}");
            assert_eq!(text.offset(place.0 as u64, place.1 as u64), at, "{at}");
        }
        // Inside a character; past a line; past the text.
        assert_eq!(text.position(3), (0, 1));
        assert_eq!(text.offset(0, 2), 1);
        assert_eq!(text.offset(0, 99), 6);
        assert_eq!(text.offset(1, 99), 9);
        assert_eq!(text.offset(99, 0), 13);
        assert_eq!(text.offset(u64::MAX, u64::MAX), 13);
    }

    #[test]
    fn changes_are_applied_and_found() {
        let old = Document::new("one\ntwo\nthree\n");
        let changed = |change: Json| {
            let mut new = old.clone();
            new.change(&change);
            new.text
        };
        assert_eq!(changed(json!({ "range": old.range(4..7), "text": "2" })), "one\n2\nthree\n");
        let reversed = json!({ "range": { "start": { "line": 1, "character": 3 }, "end": { "line": 1, "character": 0 } }, "text": "" });
        assert_eq!(changed(reversed), "one\n\nthree\n");
        assert_eq!(changed(json!({ "range": 5, "text": "" })), old.text);
        for new in
            ["", "one\n", "one\ntwo\nthree", "zero\none\ntwo\nthree\n", "one\ntwo\nthree\nthree\n", "a\nb\n"]
        {
            let edit = difference(&old, new).unwrap();
            assert_eq!(changed(json!({ "range": edit["range"], "text": edit["newText"] })), new);
        }
        assert!(difference(&old, &old.text).is_none());
    }

    #[test]
    fn lines_are_known_after_every_change() {
        let texts = ["", "\n", "\r", "\r\n", "a", "a\r", "\na", "\r\n\r\n", "a\rb\nc\r\nd"];
        for old in texts {
            for new in texts {
                for start in 0..=old.len() {
                    for end in start..=old.len() {
                        let mut document = Document::new(old);
                        document.replace(start..end, new);
                        let whole = Document::new(document.text.as_str());
                        assert_eq!(document.starts, whole.starts, "{old:?} {start}..{end} {new:?}");
                    }
                }
            }
        }
    }
}
