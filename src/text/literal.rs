//! Bytes and `"a\r\n\x00"`: reading literals and showing bytes, each the other's inverse.

use crate::words::{Phrase, Sentence};

/// What is wrong in a literal: where (bytes from its start), what, and the way out.
#[derive(Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where it stands, in bytes of the text.
    pub at: std::ops::Range<usize>,
    /// What is wrong.
    pub what: Sentence,
    /// The way out.
    pub help: Phrase,
}

/// Reads one escape; `text` begins at the backslash. Returns its length and appends its bytes.
///
/// The escapes are Python's, with `\e`, `\$` and `\u{…}` beside them; an unknown one is an error,
/// because a typo in a protocol's bytes is found nowhere else.
pub fn escape(text: &[u8], out: &mut Vec<u8>) -> Result<usize, Flaw> {
    let flaw =
        |len: usize, what: Sentence, help: Phrase| Err(Flaw { at: 0..len.min(text.len()), what, help });
    let Some(&c) = text.get(1) else {
        return flaw(
            1,
            say!(en "a lone backslash", es "una barra invertida sola"),
            phrase!(en "write `\\\\` for one backslash", es "escribe `\\\\` para una barra invertida"),
        );
    };
    let simple = |byte: u8, out: &mut Vec<u8>| {
        out.push(byte);
        Ok(2)
    };
    match c {
        b'\n' => Ok(2),
        b'\r' if text.get(2) == Some(&b'\n') => Ok(3),
        b'\\' | b'\'' | b'"' | b'$' => simple(c, out),
        b'n' => simple(b'\n', out),
        b'r' => simple(b'\r', out),
        b't' => simple(b'\t', out),
        b'a' => simple(7, out),
        b'b' => simple(8, out),
        b'v' => simple(11, out),
        b'f' => simple(12, out),
        b'e' => simple(27, out),
        b'x' => match text.get(2..4).and_then(|h| Some((hex(h[0])?, hex(h[1])?))) {
            Some((high, low)) => {
                out.push(high << 4 | low);
                Ok(4)
            }
            None => flaw(
                4,
                say!(en "`\\x` needs two hex digits", es "`\\x` requiere dos dígitos hexadecimales"),
                phrase!(en "like `\\x0a`", es "como `\\x0a`"),
            ),
        },
        b'0'..=b'7' => {
            let digits = text[1..].iter().take(3).take_while(|d| matches!(d, b'0'..=b'7')).count();
            let value = text[1..=digits].iter().fold(0u32, |v, d| v * 8 + u32::from(d - b'0'));
            match u8::try_from(value) {
                Ok(byte) => {
                    out.push(byte);
                    Ok(1 + digits)
                }
                Err(_) => flaw(
                    1 + digits,
                    say!(
                        en "an octal escape above `\\377` is more than a byte",
                        es "un escape octal sobre `\\377` es más que un byte"
                    ),
                    phrase!(
                        en "a byte is `\\0` to `\\377`, or `\\x00` to `\\xff`",
                        es "un byte va de `\\0` a `\\377`, o de `\\x00` a `\\xff`"
                    ),
                ),
            }
        }
        b'u' => unicode(text, out),
        _ => {
            let length = 1 + std::str::from_utf8(&text[1..])
                .ok()
                .or_else(|| std::str::from_utf8(&text[1..text.len().min(5)]).ok())
                .and_then(|t| t.chars().next())
                .map_or(1, char::len_utf8);
            let shown = String::from_utf8_lossy(&text[..length.min(text.len())]).into_owned();
            let shown = shown.escape_default().to_string().replace("\\\\", "\\");
            flaw(
                length,
                say!(en "unknown escape `{shown}`", es "escape desconocido `{shown}`", shown),
                phrase!(en "write `\\\\` for a backslash", es "escribe `\\\\` para una barra invertida"),
            )
        }
    }
}

fn unicode(text: &[u8], out: &mut Vec<u8>) -> Result<usize, Flaw> {
    let braced = text.get(2) == Some(&b'{');
    let (digits, length) = if braced {
        let end = text[3..].iter().take(9).position(|&c| c == b'}');
        match end {
            Some(n) => (&text[3..3 + n], 4 + n),
            None => (&text[0..0], 3),
        }
    } else {
        (text.get(2..6).unwrap_or(&[]), 6)
    };
    let value = std::str::from_utf8(digits)
        .ok()
        .filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_hexdigit()))
        .and_then(|d| u32::from_str_radix(d, 16).ok());
    match value.map(char::from_u32) {
        Some(Some(c)) => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            Ok(length)
        }
        Some(None) => Err(Flaw {
            at: 0..length.min(text.len()),
            what: say!(en "that is not a Unicode character", es "eso no es un carácter Unicode"),
            help: phrase!(
                en "characters end at `\\u{10ffff}`, and surrogates are none; for a byte write `\\xHH`",
                es "los caracteres terminan en `\\u{10ffff}`, y los sustitutos no lo son; para un byte \
                    escribe `\\xHH`"
            ),
        }),
        None => Err(Flaw {
            at: 0..length.min(text.len()),
            what: say!(
                en "`\\u` needs four hex digits, or some in braces",
                es "`\\u` requiere cuatro dígitos hexadecimales, o algunos entre llaves"
            ),
            help: phrase!(en "like `\\u00e9` or `\\u{1f980}`", es "como `\\u00e9` o `\\u{1f980}`"),
        }),
    }
}

/// Reads the inside of `x"de ad be ef"`.
pub fn hex_bytes(text: &[u8]) -> Result<Vec<u8>, Flaw> {
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (at, &c) in text.iter().enumerate() {
        if c.is_ascii_whitespace() {
            continue;
        }
        let Some(digit) = hex(c) else {
            let length = String::from_utf8_lossy(&text[at..]).chars().next().map_or(1, char::len_utf8);
            return Err(Flaw {
                at: at..(at + length).min(text.len()),
                what: say!(en "not a hex digit", es "no es un dígito hexadecimal"),
                help: phrase!(
                    en "`x\"…\"` takes pairs of 0-9 and a-f, with spaces where you like",
                    es "`x\"…\"` lleva pares de 0-9 y a-f, con espacios donde quieras"
                ),
            });
        };
        match high.take() {
            None => high = Some(digit),
            Some(h) => out.push(h << 4 | digit),
        }
    }
    match high {
        None => Ok(out),
        Some(_) => Err(Flaw {
            at: 0..text.len(),
            what: say!(
                en "an odd number of hex digits",
                es "un número impar de dígitos hexadecimales"
            ),
            help: phrase!(en "a byte is two digits", es "un byte son dos dígitos"),
        }),
    }
}

fn hex(c: u8) -> Option<u8> {
    char::from(c).to_digit(16).map(|d| d as u8)
}

/// Bytes as a literal that reads back to the same bytes, and that no terminal obeys.
///
/// Printable UTF-8 stays as it is; everything else becomes an escape.
pub fn show(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid().chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                // `${` would put a value in when the text is read back.
                '$' if rest.peek() == Some(&'{') => out.push_str("\\$"),
                c => push_visible(c, &mut out),
            }
        }
        chunk.invalid().iter().for_each(|&byte| push_hex(byte, &mut out));
    }
    out.push('"');
    out
}

/// `\xff`
fn push_hex(byte: u8, out: &mut String) {
    out.push_str("\\x");
    out.push_str(hex_digits(&byte));
}

/// A byte's two digits.
pub fn hex_digits(byte: &u8) -> &'static str {
    const DIGITS: &[u8; 512] = &{
        let (mut digits, mut at) = ([0; 512], 0);
        while at < 256 {
            digits[2 * at] = b"0123456789abcdef"[at / 16];
            digits[2 * at + 1] = b"0123456789abcdef"[at % 16];
            at += 1;
        }
        digits
    };
    let at = 2 * usize::from(*byte);
    std::str::from_utf8(&DIGITS[at..at + 2]).unwrap_or("??")
}

/// Text for a terminal: lines stay lines, nothing else moves the cursor or changes a colour.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            c => push_visible(c, &mut out),
        }
    }
    out
}

/// Text for a terminal: as [`visible`], and CR LF is a line end too.
pub fn on_terminal(text: &str) -> String {
    if text.contains("\r\n") { visible(&text.replace("\r\n", "\n")) } else { visible(text) }
}

/// Text within an element or an attribute of HTML or SVG: as [`visible`], and nothing in it is markup.
pub fn in_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c => push_visible(c, &mut out),
        }
    }
    out
}

/// Text on one line, for names and messages: as [`visible`], and line ends are shown too.
pub fn one_line(text: &str) -> String {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return text.to_string();
    }
    visible(text).replace('\n', "\\n").replace('\t', "\\t")
}

/// `print`'s text: UTF-8 as it is, other bytes as `\xff`.
pub fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|&byte| push_hex(byte, &mut out));
    }
    out
}

/// Adds a character; what a terminal would obey, or what cannot be seen, as its escape.
pub fn push_visible(c: char, out: &mut String) {
    if c == '\r' {
        out.push_str("\\r");
    } else if c.is_ascii_control() {
        push_hex(c as u8, out);
    } else if c.is_control() || is_unseen(c) {
        out.push_str(&format!("\\u{{{:x}}}", c as u32));
    } else {
        out.push(c);
    }
}

/// JSON text in which everything stands escaped that a terminal would obey, or that cannot be seen: outside of its
/// strings there is nothing of the kind.
pub fn in_json(text: String) -> String {
    let harmless = |c: char| matches!(c, '\n' | '\t') || !c.is_control() && !is_unseen(c);
    if text.chars().all(harmless) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match harmless(c) {
            true => out.push(c),
            false => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")))
            }
        }
    }
    out
}

/// Characters that change how their neighbours look while being nothing themselves: separators,
/// joiners, direction marks, variation selectors, tags, private use.
pub fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}')
}

/// `localhost:80`, `[::1]:http` or `http://localhost:80/` as the two words that were meant. `None` for what is not so.
pub fn host_and_port(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
    let is_service =
        |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let rest = if scheme.is_some() { rest.split(['/', '?', '#']).next()? } else { rest };
    // An IPv6 address alone has no port.
    if rest.parse::<std::net::Ipv6Addr>().is_ok() {
        return None;
    }
    let (host, port) = match (rest.rsplit_once(':').filter(|(_, port)| is_service(port)), scheme) {
        (Some(both), _) => both,
        (None, Some(scheme)) if is_service(scheme) => (rest, scheme),
        (None, _) => return None,
    };
    let is_host = !host.contains(char::is_whitespace) && !host.contains('/');
    is_host.then_some((if host.is_empty() { "\"\"" } else { host }, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<u8>, String> {
        let (mut out, mut at) = (Vec::new(), 0);
        let text = text.as_bytes();
        while at < text.len() {
            if text[at] == b'\\' {
                at += escape(&text[at..], &mut out).map_err(|f| f.what.english())?;
            } else {
                out.push(text[at]);
                at += 1;
            }
        }
        Ok(out)
    }

    #[test]
    fn every_escape_is_read() {
        for (input, want) in [
            (r"a\r\n", &b"a\r\n"[..]),
            (r"\0\00\x00", b"\0\0\0"),
            (r"\101\377", b"A\xff"),
            (r"\a\b\f\v\e\t", b"\x07\x08\x0c\x0b\x1b\t"),
            ("\\\\n \\' \\\" \\$", b"\\n ' \" $"),
            (r"\u00e9\u{1f980}", "é🦀".as_bytes()),
            ("a\\\nb", b"ab"),
        ] {
            assert_eq!(read(input).as_deref(), Ok(want), "{input}");
        }
    }

    #[test]
    fn a_wrong_escape_is_said() {
        for (input, want) in [
            (r"\q", "unknown escape `\\q`"),
            (r"\xg0", "`\\x` needs two hex digits"),
            (r"\400", "an octal escape above `\\377` is more than a byte"),
            (r"\ud800", "that is not a Unicode character"),
            (r"\u12", "`\\u` needs four hex digits, or some in braces"),
            ("\\", "a lone backslash"),
        ] {
            assert_eq!(read(input), Err(want.to_string()), "{input}");
        }
    }

    #[test]
    fn every_byte_round_trips() {
        let all: Vec<u8> = (0..=255).collect();
        let shown = show(&all);
        assert_eq!(read(&shown[1..shown.len() - 1]).as_deref(), Ok(&all[..]));
        assert!(shown.chars().all(|c| !c.is_control()));
    }

    #[test]
    fn nothing_that_moves_a_cursor_is_shown() {
        assert_eq!(on_terminal("a\r\nb\r\r\n\rc"), "a\nb\\r\n\\rc");
        assert_eq!(show("\u{202e}é\u{1b}[2J${x}".as_bytes()), r#""\u{202e}é\x1b[2J\${x}""#);
        assert_eq!(visible("a\u{1b}[31m\r\n"), "a\\x1b[31m\\r\n");
    }

    #[test]
    fn hex_takes_spaces_and_says_what_is_wrong() {
        assert_eq!(hex_bytes(b"de ad BE ef"), Ok(vec![0xde, 0xad, 0xbe, 0xef]));
        assert_eq!(hex_bytes(b"d").map_err(|f| f.what.english()), Err("an odd number of hex digits".into()));
        assert_eq!(hex_bytes(b"0g").map_err(|f| f.at), Err(1..2));
    }
}
