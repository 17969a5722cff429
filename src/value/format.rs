//! Python's format specifications, for integers and text: `x`, `04d`, `<10`.

use super::errno::Class;
use super::outcome::{CallError, Detail};
use super::{Bytes, Value, extend};
use crate::words::Sentence;

/// How a value is to be written: `[[FILL]ALIGN][SIGN][#][0][WIDTH][,|_][.PRECISION][TYPE]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    fill: Option<char>,
    /// `<`, `>`, `^` or `=`; none where the kind of the value decides.
    align: Option<char>,
    /// `+` or a blank, for numbers that are not negative.
    sign: Option<char>,
    /// `0x`, `0o`, `0b` before the digits.
    prefix: bool,
    /// Filled with zeros, where nothing else is said.
    zero: bool,
    width: usize,
    /// What stands between groups of digits.
    grouping: Option<char>,
    /// Of a text, at most so many characters.
    precision: Option<usize>,
    kind: Option<char>,
}

/// Wider than this is a mistake.
const WIDEST: usize = 1 << 30;

impl Spec {
    /// A specification as it was written. The error is what is wrong with it.
    pub fn read(text: &str) -> Result<Spec, Sentence> {
        let letters: Vec<char> = text.chars().collect();
        let is_align = |c: Option<&char>| c.is_some_and(|c| matches!(c, '<' | '>' | '^' | '='));
        let mut spec = Spec::default();
        let mut at = 0;
        if is_align(letters.get(1)) {
            spec.fill = letters.first().copied();
            at = 1;
        }
        if is_align(letters.get(at)) {
            spec.align = letters.get(at).copied();
            at += 1;
        }
        let mut take = |wanted: &[char]| {
            let found = letters.get(at).copied().filter(|c| wanted.contains(c));
            at += usize::from(found.is_some());
            found
        };
        spec.sign = take(&['+', '-', ' ']).filter(|sign| *sign != '-');
        spec.prefix = take(&['#']).is_some();
        spec.zero = take(&['0']).is_some();
        const DIGITS: &[char] = &['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
        let too_wide = || say!(en "`{text}` has a number that is too large", es "`{text}` tiene un número demasiado grande", text);
        let number = |take: &mut dyn FnMut(&[char]) -> Option<char>| {
            let mut found: Option<usize> = None;
            while let Some(digit) = take(DIGITS) {
                let digit = digit.to_digit(10).unwrap_or(0) as usize;
                found = Some(found.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            }
            if found.is_some_and(|n| n > WIDEST) { Err(too_wide()) } else { Ok(found) }
        };
        spec.width = number(&mut take)?.unwrap_or(0);
        spec.grouping = take(&[',', '_']);
        if take(&['.']).is_some() {
            spec.precision = Some(number(&mut take)?.ok_or_else(|| {
                say!(en "`{text}` has no number after its `.`", es "`{text}` no tiene un número después del `.`", text)
            })?);
        }
        spec.kind = take(&['b', 'c', 'd', 'o', 'x', 'X', 's']);
        let rest: String = letters.iter().skip(at).collect();
        if !rest.is_empty() {
            return Err(match rest.chars().next() {
                Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') if rest.len() == 1 => say!(
                    en "`{rest}` writes fractions, and there are whole numbers only",
                    es "`{rest}` escribe fracciones, y aquí solo hay números enteros",
                    rest
                ),
                _ => say!(
                    en "`{text}` is no format: it ends before `{rest}`",
                    es "`{text}` no es un formato: termina antes de `{rest}`",
                    text,
                    rest
                ),
            });
        }
        if let (Some('s'), true) = (spec.kind, spec.sign.is_some() || spec.prefix || spec.grouping.is_some())
        {
            return Err(say!(
                en "`{text}` is of a number, and `s` of text", es "`{text}` es de un número, y `s` es de texto", text
            ));
        }
        if let (Some(kind), Some(_)) = (spec.kind.filter(|kind| *kind != 's'), spec.precision) {
            return Err(say!(
                en "`{kind}` takes no precision: it is of text",
                es "`{kind}` no lleva precisión: es para texto",
                kind
            ));
        }
        Ok(spec)
    }

    /// The value as it is to be written. Bytes that are wholly an integer are one where the type wants one.
    pub fn apply(&self, value: &Value) -> Result<Bytes, CallError> {
        match (value, self.kind) {
            (Value::Int(n), None) => self.number(*n),
            (Value::Flag(on), None) => self.number(i64::from(*on)),
            (_, None | Some('s')) => self.text(&value.to_bytes()),
            _ => match value.to_int() {
                Some(n) => self.number(n),
                None => {
                    let detail = Detail::NotA {
                        wanted: phrase!(en "an integer", es "un entero"),
                        found: Sentence::plain(value.to_literal()),
                    };
                    Err(CallError::class(Class::ValueError, detail).blame("value"))
                }
            },
        }
    }

    fn number(&self, n: i64) -> Result<Bytes, CallError> {
        if self.precision.is_some() {
            let text = phrase!(en "a number takes no precision: it is of text", es "un número no lleva precisión: es para texto");
            return Err(CallError::class(Class::ValueError, Detail::Text(text.into())).blame("spec"));
        }
        if self.kind == Some('c') {
            let letter = u32::try_from(n).ok().and_then(char::from_u32).ok_or_else(|| {
                let text = say!(en "{n} is no character", es "{n} no es un carácter", n);
                CallError::class(Class::OverflowError, Detail::Text(text)).blame("value")
            })?;
            return self.padded("", letter.encode_utf8(&mut [0; 4]).as_bytes(), 1, '<');
        }
        let magnitude = n.unsigned_abs();
        let (digits, prefix, group) = match self.kind {
            Some('b') => (format!("{magnitude:b}"), "0b", 4),
            Some('o') => (format!("{magnitude:o}"), "0o", 4),
            Some('x') => (format!("{magnitude:x}"), "0x", 4),
            Some('X') => (format!("{magnitude:X}"), "0X", 4),
            _ => (magnitude.to_string(), "", 3),
        };
        let mut before = String::new();
        match (n < 0, self.sign) {
            (true, _) => before.push('-'),
            (false, Some(sign)) => before.push(sign),
            (false, None) => {}
        }
        if self.prefix {
            before.push_str(prefix);
        }
        let digits = match self.grouping {
            None => digits,
            Some(mark) => {
                // The zeros of the filling are grouped too.
                let zeros = self.zero && self.filling() == '0' && self.align.is_none_or(|align| align == '=');
                let width = if zeros { self.width.saturating_sub(before.len()) } else { 0 };
                grouped(&digits, mark, group, width)?
            }
        };
        let length = digits.len();
        self.padded(&before, digits.as_bytes(), length, if self.zero { '=' } else { '>' })
    }

    fn text(&self, bytes: &[u8]) -> Result<Bytes, CallError> {
        if self.align == Some('=') || self.sign.is_some() || self.prefix || self.grouping.is_some() {
            let found = Sentence::plain(crate::text::literal::show(bytes));
            let wanted =
                phrase!(en "a number, and the format is one's", es "un número, y el formato es de uno");
            return Err(CallError::class(Class::ValueError, Detail::NotA { wanted, found }).blame("value"));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let most = self.precision.unwrap_or(usize::MAX);
                let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
                let cut = &text[..end];
                self.padded("", cut.as_bytes(), cut.chars().count(), '<')
            }
            // Its bytes are counted.
            Err(_) => {
                let cut = &bytes[..bytes.len().min(self.precision.unwrap_or(usize::MAX))];
                self.padded("", cut, cut.len(), '<')
            }
        }
    }

    fn filling(&self) -> char {
        self.fill.unwrap_or(if self.zero { '0' } else { ' ' })
    }

    /// Fills up to the width. `length`: in characters, without what stands `before`.
    fn padded(&self, before: &str, body: &[u8], length: usize, usual: char) -> Result<Bytes, CallError> {
        let room = self.width.saturating_sub(before.len() + length);
        let (left, inside, right) = match self.align.unwrap_or(usual) {
            '<' => (0, 0, room),
            '^' => (room / 2, 0, room - room / 2),
            '=' => (0, room, 0),
            _ => (room, 0, 0),
        };
        let mut fill = [0; 4];
        let fill = self.filling().encode_utf8(&mut fill).as_bytes();
        let mut out = Vec::new();
        super::ask_room(room.saturating_mul(fill.len()).saturating_add(body.len()))?;
        let pad = |out: &mut Vec<u8>, n: usize| (0..n).try_for_each(|_| extend(out, fill));
        pad(&mut out, left)?;
        extend(&mut out, before.as_bytes())?;
        pad(&mut out, inside)?;
        extend(&mut out, body)?;
        pad(&mut out, right)?;
        Ok(std::sync::Arc::new(out.into()))
    }
}

/// The digits in groups from the right, with zeros before them up to this width, as Python fills.
fn grouped(digits: &str, mark: char, size: usize, width: usize) -> Result<String, CallError> {
    super::ask_room(width.saturating_mul(2))?;
    let mut reversed = String::new();
    let mut digits = digits.bytes().rev();
    for count in 0.. {
        let next = digits.next();
        // A mark never stands first, and the width is reached with a digit.
        if next.is_none() && reversed.len() >= width {
            break;
        }
        if count > 0 && count % size == 0 {
            reversed.push(mark);
        }
        reversed.push(char::from(next.unwrap_or(b'0')));
    }
    Ok(reversed.chars().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spec: &str, value: Value) -> String {
        match Spec::read(spec) {
            Ok(spec) => {
                spec.apply(&value).map_or_else(|e| e.code.name(), |b| String::from_utf8_lossy(&b).into())
            }
            Err(_) => "mistake".into(),
        }
    }

    #[test]
    fn as_python_formats() {
        // Each answer is that of Python 3.13's `format`.
        for (spec, n, want) in [
            ("x", 255, "ff"),
            ("#06x", 255, "0x00ff"),
            ("04d", -7, "-007"),
            ("+d", 5, "+5"),
            (" d", 5, " 5"),
            ("08b", 5, "00000101"),
            (",", 1_234_567, "1,234,567"),
            ("_x", 0x1234_5678, "1234_5678"),
            ("010,", 1234, "00,001,234"),
            ("09,", 1234, "0,001,234"),
            ("08,", 1234, "0,001,234"),
            ("<6", 42, "42    "),
            ("*^7", 42, "**42***"),
            ("6", 42, "    42"),
            ("=+6", -42, "-   42"),
            ("c", 241, "ñ"),
            ("X", -255, "-FF"),
            ("o", 8, "10"),
            ("s", 8, "8"),
        ] {
            assert_eq!(of(spec, Value::Int(n)), want, "{spec}");
        }
        for (spec, text, want) in [
            ("", "hola", "hola"),
            ("<6", "hola", "hola  "),
            (">6", "café", "  café"),
            ("^7s", "hola", " hola  "),
            (".2", "hola", "ho"),
            ("x", "255", "ff"),
            ("05", "ab", "ab000"),
            ("=5", "ab", "ValueError"),
            ("d", "ab", "ValueError"),
            ("+", "ab", "ValueError"),
        ] {
            assert_eq!(of(spec, Value::text(text)), want, "{spec}");
        }
        for spec in [".2f", "y", "5.", "+s", "99999999999999999999", ".2d", "5x5"] {
            assert_eq!(of(spec, Value::Int(1)), "mistake", "{spec}");
        }
        assert_eq!(of("c", Value::Int(0xd800)), "OverflowError");
        assert_eq!(of(".2", Value::Int(5)), "ValueError");
    }
}
