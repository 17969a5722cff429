//! The canonical hex + ASCII form of `hexdump -C`.

use std::fmt::Write as _;

use crate::text::literal::hex_digits;

/// Sixteen bytes a line, with their place before and their text behind; runs of equal lines are `*`.
pub fn dump(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut before: Option<&[u8]> = None;
    let mut elided = false;
    for (row, line) in bytes.chunks(16).enumerate() {
        let last = (row + 1) * 16 >= bytes.len();
        if before == Some(line) && !last {
            if !elided {
                out.push_str("*\n");
            }
            elided = true;
            continue;
        }
        (before, elided) = (Some(line), false);
        push_row(row * 16, line, &mut out);
        out.push('\n');
    }
    let _ = writeln!(out, "{:08x}", bytes.len());
    out
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
            "00000000  68 6f 6c 61 0d 0a 00 ff                           |hola....|\n00000008\n"
        );
        assert_eq!(dump(b""), "00000000\n");
        let long = dump(&[0; 64]);
        assert_eq!(long.lines().count(), 4, "{long}");
        assert!(long.contains("*\n00000030"), "{long}");
    }
}
