//! The canonical hex + ASCII form of `hexdump -C`.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::text::literal::hex_digits;
use crate::text::secrets::hide_bytes;
use crate::value::outcome::Part;
use crate::words::{Lang, Noun};

/// Sixteen bytes a line, with their place before and their text behind; runs of equal lines are `*`.
pub fn dump(bytes: &[u8]) -> String {
    pieces(bytes, &[], Lang::EN).collect()
}

/// The same in pieces of some thousand lines; the last line, the length, has no line end. `parts` are marked below their
/// bytes, and told of at the end. Where text has fewer characters than bytes, the last line says so.
pub fn pieces<'b>(bytes: &'b [u8], parts: &[Part], lang: Lang) -> Box<dyn Iterator<Item = String> + 'b> {
    let length = format!("{:08x}{}", bytes.len(), characters(bytes, lang));
    if parts.is_empty() {
        return Box::new(rows(bytes, length));
    }
    Box::new(std::iter::once(marked(bytes, parts, &length)))
}

/// `  4 characters = 5 bytes`, of text where the two differ.
fn characters(bytes: &[u8], lang: Lang) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !bytes.is_ascii() => {
            let words = lang.words();
            let characters = words.count(text.chars().count() as u64, Noun::Character);
            format!("  {characters} = {}", words.count(bytes.len() as u64, Noun::Byte))
        }
        _ => String::new(),
    }
}

/// The letter of a field.
fn letter(at: usize) -> char {
    char::from(if at < 26 { b'a' + at as u8 } else { b'A' + (at % 26) as u8 })
}

/// Each line with its marks below it, and the fields by their letters.
fn marked(bytes: &[u8], parts: &[Part], length: &str) -> String {
    let mut out = String::new();
    let bytes = hide_bytes(bytes);
    for (row, line) in bytes.chunks(16).enumerate() {
        let start = row * 16;
        push_row(start, line, &mut out);
        out.push('\n');
        let mut marks: Vec<char> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let (from, to) = (part.from.max(start), part.to.min(start + line.len()));
            if from >= to {
                continue;
            }
            let (left, right) = (column(from - start), column(to - 1 - start) + 2);
            marks.resize(marks.len().max(right), ' ');
            match right - left {
                2 => marks[left] = letter(at),
                width => {
                    marks[left..right].fill('─');
                    (marks[left], marks[right - 1]) = ('└', '┘');
                    marks[left + width / 2] = letter(at);
                }
            }
        }
        if !marks.is_empty() {
            out.extend(marks);
            out.push('\n');
        }
    }
    out.push_str(length);
    let name = parts.iter().map(|part| part.name.width()).max().unwrap_or(0);
    let places: Vec<String> = parts
        .iter()
        .map(|part| match part.to - part.from {
            1 => part.from.to_string(),
            _ => format!("{}-{}", part.from, part.to - 1),
        })
        .collect();
    let place = places.iter().map(String::len).max().unwrap_or(0);
    for (at, (part, shown)) in parts.iter().zip(&places).enumerate() {
        let _ = write!(out, "\n{}  {shown:<place$}  {:<name$}  {}", letter(at), part.name, part.value);
    }
    out
}

fn rows(bytes: &[u8], length: String) -> impl Iterator<Item = String> + '_ {
    const PIECE: usize = 1024;
    // Drawn byte by byte, over lines: what is hidden is hidden before.
    let bytes = hide_bytes(bytes);
    let rows = bytes.len().div_ceil(16);
    let mut row = 0;
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let place = |at: usize| bytes.get(at * 16..).map(|rest| &rest[..rest.len().min(16)]);
        let mut out = String::with_capacity(PIECE * 80);
        for at in row..rows.min(row + PIECE) {
            let equal = |a: usize, b: usize| place(a) == place(b);
            if at == 0 || at + 1 == rows || !equal(at, at - 1) {
                push_row(at * 16, place(at).unwrap_or_default(), &mut out);
                out.push('\n');
            } else if at == 1 || !equal(at - 1, at - 2) {
                out.push_str("*\n");
            }
        }
        row += PIECE;
        done = row >= rows;
        if done {
            out.push_str(&length);
        }
        Some(out)
    })
}

/// One line of it: up to sixteen bytes that stand at `place`.
pub fn row(place: usize, line: &[u8]) -> String {
    let mut out = String::with_capacity(80);
    push_row(place, line, &mut out);
    out
}

fn push_row(place: usize, line: &[u8], out: &mut String) {
    let _ = write!(out, "{place:08x} ");
    for at in 0..16 {
        if at == 8 {
            out.push(' ');
        }
        out.push(' ');
        out.push_str(line.get(at).map_or("  ", hex_digits));
    }
    out.push_str("  |");
    out.extend(line.iter().map(|&b| if (0x20..0x7f).contains(&b) { char::from(b) } else { '.' }));
    out.push('|');
}

/// Where in such a line the byte at `at` of it stands.
pub fn column(at: usize) -> usize {
    10 + 3 * at + usize::from(at >= 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_marked_and_characters_counted() {
        let part = |from, to, name: &str| Part { from, to, name: name.into(), value: "7".into() };
        let shown: String = pieces(
            b"\x00\x07\x01ab\xc3\xa9",
            &[part(0, 2, "H"), part(2, 3, "B"), part(3, 7, "4s")],
            Lang::EN,
        )
        .collect();
        assert_eq!(
            shown,
            "00000000  00 07 01 61 62 c3 a9                              |...ab..|\n          └─a─┘ b  └────c────┘\n\
             00000007  6 characters = 7 bytes\na  0-1  H   7\nb  2    B   7\nc  3-6  4s  7"
        );
    }

    #[test]
    fn it_is_what_hexdump_c_shows() {
        assert_eq!(
            dump(b"hola\r\n\x00\xff"),
            "00000000  68 6f 6c 61 0d 0a 00 ff                           |hola....|\n00000008"
        );
        assert_eq!(dump(b""), "00000000");
        let long = dump(&[0; 64]);
        assert_eq!(long.lines().count(), 4, "{long}");
        assert!(long.contains("*\n00000030"), "{long}");
    }
}
