//! The canonical hex + ASCII form of `hexdump -C`.

use std::fmt::Write as _;

use crate::text::literal::hex_digits;
use crate::text::secrets::hide_bytes;

/// Sixteen bytes a line, with their place before and their text behind; runs of equal lines are `*`.
pub fn dump(bytes: &[u8]) -> String {
    pieces(bytes).collect()
}

/// The same in pieces of some thousand lines; the last line, the length, has no line end.
pub fn pieces(bytes: &[u8]) -> impl Iterator<Item = String> {
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
            let _ = write!(out, "{:08x}", bytes.len());
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
