//! What was expected beside what came: the common part once, the first difference marked.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::{colour, hexdump};
use crate::text::answers::{is_any_lines, line_matches, texts};
use crate::text::diagnostic::Style;
use crate::text::literal;
use crate::text::secrets::{hide_bytes, part};
use crate::words::{Phrase, Sentence};

/// So many lines, and columns of a line, are shown at most.
const MOST_LINES: usize = 200;
const MOST_COLUMNS: usize = 400;

enum Piece<'a> {
    Common(&'a str),
    Missing(&'a str),
    Extra(&'a str),
}

/// An answer beside what came: `-` is expected, `+` came, `^` marks where a line begins to differ.
pub fn lines(wanted: &[String], got: &[String], style: Style) -> String {
    let head = match got.is_empty() {
        true => phrase!(en "- expected, and nothing came:", es "- se esperaba, y no llegó nada:"),
        false => phrase!(en "- expected, + came:", es "- se esperaba, + llegó:"),
    };
    let mut out = head.show(style.lang).to_string();
    let pieces = align(wanted, got);
    let mut shown = 0;
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        if shown >= MOST_LINES {
            let more = style.lang.words().more_lines((pieces.len() - at) as u64);
            out.push_str(&format!("\n  {more}"));
            break;
        }
        shown += 1;
        match (piece, pieces.get(at + 1), pieces.get(at + 2)) {
            (Piece::Common(line), ..) => push(&mut out, ' ', line, 0, style),
            // One line for one other: what differs in it is marked.
            (Piece::Missing(line), Some(Piece::Extra(other)), after)
                if !matches!(after, Some(Piece::Extra(_)))
                    && !at.checked_sub(1).is_some_and(|b| matches!(pieces[b], Piece::Missing(_))) =>
            {
                let (line, other) = (literal::one_line(line), literal::one_line(other));
                let range = differing(&line, &other);
                let from = start_of_view(&other, range.start);
                push(&mut out, '-', &line, from.min(line.len()), style);
                push(&mut out, '+', &other, from, style);
                let before = other[from..range.start].width() + usize::from(from > 0);
                let width = other[range.clone()].width().clamp(1, MOST_COLUMNS);
                let mark = format!("\n  {}{}", " ".repeat(before), "^".repeat(width));
                out.push_str(&tinted(&mark, '^', style));
                at += 1;
            }
            (Piece::Missing(line), ..) => push(&mut out, '-', &literal::one_line(line), 0, style),
            (Piece::Extra(line), ..) => push(&mut out, '+', &literal::one_line(line), 0, style),
        }
        at += 1;
    }
    out
}

/// Where a long line's view begins, so that the difference is in it.
fn start_of_view(line: &str, difference: usize) -> usize {
    if difference < MOST_COLUMNS / 2 {
        return 0;
    }
    let from = difference - MOST_COLUMNS / 4;
    (from..=difference).find(|&at| line.is_char_boundary(at)).unwrap_or(0)
}

fn push(out: &mut String, sign: char, line: &str, from: usize, style: Style) {
    let from = (from..=line.len()).find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    let mut text = literal::one_line(&line[from..]);
    if let Some((end, _)) = text.char_indices().nth(MOST_COLUMNS) {
        text.truncate(end);
        text.push('…');
    }
    let cut = if from > 0 { "…" } else { "" };
    let line = format!("{sign} {cut}{text}");
    out.push('\n');
    out.push_str(&tinted(line.trim_end(), sign, style));
}

fn tinted(text: &str, sign: char, style: Style) -> String {
    let tint = match sign {
        '-' => colour::BAD,
        '+' => colour::GOOD,
        '^' => colour::MARK,
        _ => return text.to_string(),
    };
    colour::paint(text, tint, style.colour)
}

/// The lines side by side, as many as can be explained by each other.
fn align<'a>(wanted: &'a [String], got: &'a [String]) -> Vec<Piece<'a>> {
    const MOST: usize = 2000;
    let (wanted, got) = (&wanted[..wanted.len().min(MOST)], &got[..got.len().min(MOST)]);
    let wide = got.len() + 1;
    // How well the ends that begin here fit: 2 for a line that matches, 1 for one that `...` takes.
    let mut fit = vec![0u32; (wanted.len() + 1) * wide];
    let any = |i: usize| is_any_lines(&wanted[i]);
    let same = |i: usize, j: usize| line_matches(wanted[i].trim_end(), got[j].trim_end());
    for i in (0..wanted.len()).rev() {
        for j in (0..=got.len()).rev() {
            let mut best = fit[(i + 1) * wide + j];
            if j < got.len() {
                best = best.max(fit[i * wide + j + 1] + u32::from(any(i)));
                if !any(i) && same(i, j) {
                    best = best.max(fit[(i + 1) * wide + j + 1] + 2);
                }
            }
            fit[i * wide + j] = best;
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pieces = Vec::new();
    while i < wanted.len() || j < got.len() {
        let here = fit[i * wide + j];
        if i < wanted.len() && any(i) {
            if here == fit[(i + 1) * wide + j] {
                i += 1;
            } else {
                pieces.push(Piece::Common(&got[j]));
                j += 1;
            }
        } else if i < wanted.len() && j < got.len() && same(i, j) && here == fit[(i + 1) * wide + j + 1] + 2 {
            pieces.push(Piece::Common(&got[j]));
            (i, j) = (i + 1, j + 1);
        } else if i < wanted.len() && here == fit[(i + 1) * wide + j] {
            pieces.push(Piece::Missing(&wanted[i]));
            i += 1;
        } else {
            pieces.push(Piece::Extra(&got[j]));
            j += 1;
        }
    }
    pieces
}

/// The part of `text` that `pattern` does not explain.
fn differing(pattern: &str, text: &str) -> Range<usize> {
    let texts = texts(pattern);
    let last = texts.len() - 1;
    let mut at = 0;
    for (n, piece) in texts.iter().enumerate() {
        let rest = &text[at..];
        let found = if n == 0 { rest.starts_with(piece).then_some(0) } else { rest.find(piece) };
        if let Some(found) = found {
            at += found + piece.len();
            continue;
        }
        // As much of it as there is.
        let beginnings = piece.char_indices().rev().map(|(end, _)| &piece[..end]);
        let fits = |b: &&str| if n == 0 { rest.starts_with(b) } else { rest.contains(b) };
        let same = beginnings.filter(|b| !b.is_empty()).find(fits).unwrap_or("");
        at += rest.find(same).unwrap_or(0) + same.len();
        let left = if n == last { &piece[same.len()..] } else { &texts[last] };
        let end = shared(left.chars().rev(), text[at..].chars().rev());
        return at..text.len() - end;
    }
    at..text.len()
}

/// How many bytes two texts have in common at their beginning.
fn shared(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>) -> usize {
    a.zip(b).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum()
}

const LEFT: Phrase = phrase!(en "left", es "izquierda");
const RIGHT: Phrase = phrase!(en "right", es "derecha");

/// Two byte strings in hex around their first difference, which is marked; none where they are equal.
pub fn bytes(left: &[u8], right: &[u8], style: Style) -> Option<String> {
    part_and_bytes(left, 0..left.len(), right, style)
}

/// The same of a part of the left one, which is what was compared.
pub fn part_and_bytes(whole: &[u8], compared: Range<usize>, right: &[u8], style: Style) -> Option<String> {
    let left = &whole[compared.clone()];
    if left == right {
        return None;
    }
    // Drawn byte by byte, over lines: what is hidden is hidden before.
    let (left_hidden, right_shown) = (hide_bytes(whole), hide_bytes(right));
    let left_shown = &left_hidden[compared];
    const BEFORE: usize = 1;
    const AFTER: usize = 3;
    let at = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let byte = |of: &[u8], shown: &[u8]| match (of.get(at), shown.get(at)) {
        (Some(b), shown) if shown == Some(b) => Sentence::plain(format!("0x{b:02x}")),
        (Some(_), _) => phrase!(en "a secret's byte", es "un byte de un secreto").into(),
        (None, _) => phrase!(en "the end", es "el fin").into(),
    };
    let differ = say!(
        en "they differ at byte {at}: left {left}, right {right}",
        es "difieren en el byte {at}: izquierda {left}, derecha {right}",
        at,
        left = byte(left, left_shown),
        right = byte(right, &right_shown)
    );
    let mut out = differ.show(style.lang);
    let (left_name, right_name) = (LEFT.show(style.lang), RIGHT.show(style.lang));
    let width = left_name.width().max(right_name.width());
    let margin = " ".repeat(width + 2);
    let row = |of: &'_ [u8], n: usize| -> Vec<u8> { of.iter().skip(n * 16).take(16).copied().collect() };
    let first = at / 16;
    let last = left.len().max(right.len()).saturating_sub(1) / 16;
    for n in first.saturating_sub(BEFORE)..=last.min(first + AFTER) {
        let (a, b) = (row(left_shown, n), row(&right_shown, n));
        if a == b {
            out.push_str(&format!("\n{margin}{}", hexdump::row(n * 16, &a)));
            continue;
        }
        for (side, sign, bytes) in [(left_name, '-', &a), (right_name, '+', &b)] {
            if !bytes.is_empty() || n == first {
                out.push('\n');
                out.push_str(&tinted(
                    &format!("{side:<width$}  {}", hexdump::row(n * 16, bytes)),
                    sign,
                    style,
                ));
            }
        }
        if n == first {
            let mark = format!("\n{margin}{}^^", " ".repeat(hexdump::column(at % 16)));
            out.push_str(&tinted(&mark, '^', style));
        }
    }
    if last > first + AFTER {
        out.push_str(&format!("\n{margin}…"));
    }
    if let Some(aligned) = aligned(left, right, at) {
        out.push('\n');
        out.push_str(&aligned.show(style.lang));
    }
    Some(out)
}

/// Bytes of unequal length whose ends are the same: what stands between the common beginning, of `begin` bytes, and the
/// common end.
fn aligned(left: &[u8], right: &[u8], begin: usize) -> Option<Sentence> {
    let most = left.len().min(right.len()) - begin;
    let end = left.iter().rev().zip(right.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    if left.len() == right.len() || end == 0 {
        return None;
    }
    let middle = |whole: &[u8]| shown_part(whole, begin..whole.len() - end);
    let is_empty = |whole: &[u8]| whole.len() == begin + end;
    Some(match (is_empty(left), is_empty(right)) {
        (false, true) => say!(
            en "left has {more} between the first {begin} and the last {end} bytes, which are the same",
            es "izquierda tiene {more} entre los primeros {begin} y los últimos {end} bytes, que son iguales",
            more = middle(left),
            begin,
            end
        ),
        (true, false) => say!(
            en "right has {more} between the first {begin} and the last {end} bytes, which are the same",
            es "derecha tiene {more} entre los primeros {begin} y los últimos {end} bytes, que son iguales",
            more = middle(right),
            begin,
            end
        ),
        _ => say!(
            en "between the first {begin} and the last {end} bytes, which are the same, left has {left} and right {right}",
            es "entre los primeros {begin} y los últimos {end} bytes, que son iguales, izquierda tiene {left} y derecha {right}",
            begin,
            end,
            left = middle(left),
            right = middle(right)
        ),
    })
}

/// A part of some bytes as a literal; of a long one the beginning.
fn shown_part(whole: &[u8], of: Range<usize>) -> String {
    const MOST: usize = 64;
    let more = if of.len() > MOST { " …" } else { "" };
    format!("{}{more}", literal::show(&part(whole, of.start..of.end.min(of.start + MOST))))
}

/// How far a pattern matches: its longest beginning that does, and how the text goes on there.
pub fn matched(text: &[u8], pattern: &[u8], style: Style) -> Option<String> {
    /// Patterns beyond this are not taken apart.
    const LONGEST: usize = 400;
    let pattern = std::str::from_utf8(pattern).ok().filter(|p| p.len() <= LONGEST)?;
    let beginnings = pattern.char_indices().map(|(at, _)| &pattern[..at]).rev();
    let (fits, end) =
        beginnings.filter(|b| !b.is_empty() && !b.ends_with(['|', '('])).find_map(|beginning| {
            let whole = format!("{beginning}{}", ")".repeat(open_groups(beginning)));
            let regex =
                regex::bytes::RegexBuilder::new(&whole).unicode(false).size_limit(1 << 20).build().ok()?;
            let found = regex.find(text)?;
            // An anchor alone says nothing.
            (found.end() > found.start()).then(|| (beginning, found.end()))
        })?;
    let rest = match text.len() == end {
        true => phrase!(en "the end", es "el fin").into(),
        false => Sentence::plain(shown_part(text, end..text.len())),
    };
    let fits = literal::text(&part(pattern.as_bytes(), 0..fits.len()));
    let sentence = say!(
        en "the pattern fits as far as `{fits}`, up to byte {end}; there comes {rest}",
        es "el patrón calza hasta `{fits}`, hasta el byte {end}; ahí viene {rest}",
        fits = literal::one_line(&fits),
        end,
        rest
    );
    Some(sentence.show(style.lang))
}

/// How many groups a beginning of a pattern leaves open.
fn open_groups(pattern: &str) -> usize {
    let (mut open, mut in_class, mut escaped) = (0usize, false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => open += 1,
            ')' if !in_class => open = open.saturating_sub(1),
            _ => {}
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    const PLAIN: Style = Style { colour: false, lang: Lang::EN, brief: None };

    fn of(wanted: &str, got: &str) -> String {
        let split = |t: &str| t.lines().map(str::to_string).collect::<Vec<_>>();
        lines(&split(wanted), &split(got), PLAIN)
    }

    #[test]
    fn common_lines_stand_once() {
        assert_eq!(
            of("a\nport [..] x\nb\nc", "a\nport 7 y\nb\nd\nc"),
            "- expected, + came:\n  a\n- port [..] x\n+ port 7 y\n         ^\n  b\n+ d\n  c"
        );
        assert_eq!(of("a", ""), "- expected, and nothing came:\n- a");
        assert_eq!(of("\n", ""), "- expected, and nothing came:\n-");
        assert_eq!(of("\n", "a"), "- expected, + came:\n-\n+ a\n  ^");
        assert_eq!(of("[.]..", "...."), "- expected, + came:\n- [.]..\n+ ....\n     ^");
        assert_eq!(of("a\n...\nz", "a\nb\nc\ny"), "- expected, + came:\n  a\n  b\n  c\n  y\n- z");
    }

    #[test]
    fn what_differs_in_a_line_is_marked() {
        for (wanted, got, part) in [
            ("4 bytes hola", "4 bytes hole", "e"),
            ("a[..]c", "abcd", "d"),
            ("ab", "a", ""),
            ("", "x", "x"),
            ("[..] x", "y z", "z"),
            ("[..]xy", "abc", "abc"),
            ("é1", "é2", "2"),
        ] {
            assert_eq!(&got[differing(wanted, got)], part, "{wanted} {got}");
        }
    }

    #[test]
    fn a_pattern_shows_how_far_it_fits() {
        for (text, pattern, want) in [
            (
                "HTTP/1.1 404 Not Found",
                r"^HTTP/1\.1 200 OK",
                r#"as far as `^HTTP/1\.1 `, up to byte 9; there comes "404 Not Found""#,
            ),
            ("id=77", r"id=(\d+);", r"as far as `id=(\d+)`, up to byte 5; there comes the end"),
            ("ab", r"(a(b|c)d)", r"as far as `(a(b|c)`, up to byte 2; there comes the end"),
        ] {
            let shown = matched(text.as_bytes(), pattern.as_bytes(), PLAIN).unwrap();
            assert_eq!(shown, format!("the pattern fits {want}"));
        }
        assert_eq!(matched(b"xyz", b"^abc", PLAIN), None);
    }

    #[test]
    fn unequal_lengths_are_aligned() {
        let shown = bytes(b"HELLO big world", b"HELLO world", PLAIN).unwrap();
        let last = shown.lines().last().unwrap();
        assert_eq!(last, "left has \"big \" between the first 6 and the last 5 bytes, which are the same");
        let shown = bytes(b"a1z", b"a22z", PLAIN).unwrap();
        let last = shown.lines().last().unwrap();
        assert_eq!(
            last,
            "between the first 1 and the last 1 bytes, which are the same, left has \"1\" and right \"22\""
        );
    }

    #[test]
    fn bytes_show_where_they_part() {
        assert_eq!(bytes(b"a", b"a", PLAIN), None);
        let shown = bytes(b"hola\n", b"hole\n", PLAIN).unwrap();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], "they differ at byte 3: left 0x61, right 0x65");
        let mark = lines[3].find('^').unwrap();
        assert_eq!(&lines[1][mark..mark + 2], "61");
        assert_eq!(&lines[2][mark..mark + 2], "65");
        let long = bytes(&[7; 100], &[7; 90], PLAIN).unwrap();
        assert!(long.starts_with("they differ at byte 90: left 0x07, right the end"), "{long}");
        let column = long.lines().position(|l| l.contains('^')).unwrap();
        assert!(column > 0);
        assert!(bytes(b"", b"x", PLAIN).unwrap().contains("left the end"));
    }
}
