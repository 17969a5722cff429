//! The line that is typed, in colours: a style for each byte, then the runs of one style as text.

use std::ops::Range;

use anstyle::Style;

use super::{pasted, words};
use crate::command;
use crate::render::colour::{self, paint};
use crate::text::forms;
use crate::text::words::{Word, line};

/// A longer text, in bytes, is not coloured: it was pasted, and colouring it again at each key takes too long.
const MOST: usize = 64 << 10;

/// What a name that is typed may stand for.
pub struct Names<'a> {
    pub sockets: &'a [String],
    pub commands: &'a [String],
}

/// Commands, sockets, options, numbers, names, quoted text and comments in their colours, and what is wrong.
pub fn coloured(text: &str, names: &Names<'_>, wrong: &[Range<usize>]) -> String {
    if text.len() > MOST {
        return text.to_string();
    }
    let mut styles: Vec<Option<Style>> = vec![None; text.len()];
    let masked = words::masked(&pasted::masked(text));
    let mut at = 0;
    while at < masked.len() {
        let mut problems = Vec::new();
        let read = line(&masked, 0, at, &mut problems);
        own_word(text, at, &mut styles);
        let opening = opening(&read.words);
        for (place, word) in read.words.iter().enumerate() {
            let range = word.span.start as usize..word.span.end as usize;
            let raw = masked.get(range.clone()).unwrap_or("");
            if place < opening {
                if raw != "=" {
                    fill(&mut styles, range, colour::VALUE);
                }
            } else if word.quoted {
                quoted(raw, range.start, &mut styles);
            } else if place == opening {
                command_word(raw, range.start, names, &mut styles);
            } else if word.bare().is_none() {
                fill(&mut styles, range.clone(), colour::VALUE);
            } else if let Some(style) = bare(raw, names) {
                fill(&mut styles, range, style);
            }
        }
        // A quote that is open yet, or a here-document: its text is text.
        if let Some(open) = problems.iter().filter(|p| p.incomplete).map(|p| p.span.start as usize).min() {
            quoted(masked.get(open..).unwrap_or(""), open, &mut styles);
        }
        if let Some(comment) = read.comment {
            fill(&mut styles, comment.start as usize..comment.end as usize, colour::FAINT);
        }
        at = read.end.max(at + 1);
    }
    for range in wrong {
        fill(&mut styles, range.clone(), colour::WRONG);
    }
    drawn(text, &styles)
}

/// Where the command stands: after `NAMES =`.
fn opening(words: &[Word<'_>]) -> usize {
    let is = |at: usize| words.get(at).and_then(Word::bare) == Some("=");
    (1..words.len().min(4)).find(|&at| is(at)).map_or(0, |at| at + 1)
}

/// One of the prompt's own words at the beginning of a line: `save`, `%time`.
fn own_word(text: &str, at: usize, styles: &mut [Option<Style>]) {
    let rest = text.get(at..).unwrap_or("");
    let begun = at + rest.len() - rest.trim_start().len();
    let first = rest.lines().next().unwrap_or("");
    if let Some((own, after)) = words::recognise(first) {
        let end = at + first.len() - after.len();
        let _ = own;
        fill(styles, begun..end, colour::COMMAND);
    }
}

/// `sock.recv`, `recv?`, `repeat`, a `def`.
fn command_word(raw: &str, from: usize, names: &Names<'_>, styles: &mut [Option<Style>]) {
    let name = raw.trim_end_matches('?');
    let dot = name.find('.').filter(|&dot| names.sockets.iter().any(|s| s == &name[..dot]));
    let socket = dot.map_or(0, |dot| dot + 1);
    if let Some(dot) = dot {
        fill(styles, from..from + dot, colour::SOCKET);
    }
    let command = &name[name.rfind('.').map_or(0, |n| n + 1)..];
    let style = if forms::find(command).is_some() && dot.is_none() {
        colour::KEYWORD
    } else if command::find(command).is_some() || names.commands.iter().any(|c| c == command) {
        colour::COMMAND
    } else if names.sockets.iter().any(|s| s == name) {
        colour::SOCKET
    } else {
        return;
    };
    fill(styles, from + socket..from + raw.len(), style);
}

/// The style of a bare word that is no command.
fn bare(raw: &str, names: &Names<'_>) -> Option<Style> {
    if raw.len() > 2 && raw.starts_with("--") {
        return Some(colour::OPTION);
    }
    if names.sockets.iter().any(|s| s == raw) {
        return Some(colour::SOCKET);
    }
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    let number = digits.starts_with(|c: char| c.is_ascii_digit()) && !digits.contains([':', '/', '_']);
    // An address is not a number, a duration is.
    (number && digits.matches('.').count() < 2).then_some(colour::NUMBER)
}

/// Quoted text, its escapes and the values in it. What stands before the first quote is its prefix.
fn quoted(raw: &str, from: usize, styles: &mut [Option<Style>]) {
    fill(styles, from..from + raw.len(), colour::QUOTED);
    let bytes = raw.as_bytes();
    let is_raw = bytes.first() == Some(&b'r') && matches!(bytes.get(1), Some(b'"' | b'\''));
    let mut at = 0;
    while at < bytes.len() {
        let length = match bytes[at] {
            b'\\' if !is_raw => escape_length(&raw[at..]),
            b'$' if bytes.get(at + 1) == Some(&b'{') && !is_raw => {
                let length = raw[at..].find('}').map_or(2, |n| n + 1);
                fill(styles, from + at..from + at + length, colour::VALUE);
                at += length;
                continue;
            }
            _ => {
                at += 1;
                continue;
            }
        };
        fill(styles, from + at..from + at + length, colour::ESCAPE);
        at += length;
    }
}

/// The length of the escape that the text begins with.
fn escape_length(text: &str) -> usize {
    let rest = &text[1..];
    let hex = |most: usize| rest[1..].chars().take(most).take_while(char::is_ascii_hexdigit).count();
    match rest.chars().next() {
        Some('x') => 2 + hex(2),
        Some('u') if rest[1..].starts_with('{') => rest.find('}').map_or(3, |n| n + 2),
        Some('u') => 2 + hex(4),
        Some('0'..='7') => 1 + rest.chars().take(3).take_while(|c| ('0'..='7').contains(c)).count(),
        Some(c) => 1 + c.len_utf8(),
        None => 1,
    }
}

fn fill(styles: &mut [Option<Style>], range: Range<usize>, style: Style) {
    let end = range.end.min(styles.len());
    if let Some(part) = styles.get_mut(range.start.min(end)..end) {
        part.fill(Some(style));
    }
}

/// The runs of one style, each painted once. A style that begins within a character begins behind it.
fn drawn(text: &str, styles: &[Option<Style>]) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut from = 0;
    while from < text.len() {
        let mut to = from + 1;
        while to < text.len() && (styles[to] == styles[from] || !text.is_char_boundary(to)) {
            to += 1;
        }
        match styles[from] {
            // A style ends with its line: the next one may be drawn alone.
            Some(style) => {
                let pieces: Vec<String> =
                    text[from..to].split('\n').map(|piece| painted(piece, style)).collect();
                out.push_str(&pieces.join("\n"));
            }
            None => out.push_str(&text[from..to]),
        }
        from = to;
    }
    out
}

fn painted(piece: &str, style: Style) -> String {
    if piece.is_empty() { String::new() } else { paint(piece, style, true) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wrong: &[Range<usize>], want: &str) {
        let names = Names { sockets: &["s".into()], commands: &["greet".into()] };
        let got = coloured(text, &names, wrong);
        let shown = got.replace("\x1b[", "<").replace('m', ">");
        let want = want.replace('m', ">");
        assert_eq!(shown, want, "{text:?}");
        assert_eq!(anstream::adapter::strip_str(&got).to_string(), text);
    }

    #[test]
    fn colours_change_no_character() {
        for (text, want) in [
            ("recv 10", "<36mrecv<0m <94m10<0m"),
            ("x = s.recv # all", "<35mx<0m = <32ms<0m.<36mrecv<0m <2m# all<0m"),
            ("a, b = accept", "<35ma,<0m <35mb<0m = <36maccept<0m"),
            ("send \"é\" $x", "<36msend<0m <33m\"é\"<0m <35m$x<0m"),
            ("nonsense recv", "nonsense recv"),
            ("send \"open", "<36msend<0m <33m\"open<0m"),
            ("repeat 2\n  recv\nend", "<1m<36mrepeat<0m <94m2<0m\n  <36mrecv<0m\n<1m<36mend<0m"),
            ("time recv", "<36mtime<0m <36mrecv<0m"),
            ("save x.sock", "<36msave<0m x.sock"),
            ("greet s 127.0.0.1", "<36mgreet<0m <32ms<0m 127.0.0.1"),
            ("recv --timeout 5s", "<36mrecv<0m <34m--timeout<0m <94m5s<0m"),
            ("print \"a\\x41\\n${x}\"", "<36mprint<0m <33m\"a<0m<1m<93m\\x41\\n<0m<35m${x}<0m<33m\"<0m"),
            ("print r\"\\n\"", "<36mprint<0m <33mr\"\\n\"<0m"),
        ] {
            check(text, &[], want);
        }
    }

    #[test]
    fn what_is_wrong_is_red() {
        let nine = Range { start: 5, end: 9 };
        check("recv nine", std::slice::from_ref(&nine), "<36mrecv<0m <4m<31mnine<0m");
    }
}
