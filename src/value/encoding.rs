//! Text to bytes and back, in the encodings that protocols and files have.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE};
use yore::code_pages::{CP437, CP850, CP1252};

use super::errno::Class;
use super::outcome::{CallError, Detail};
use super::{ask_room, utf8};
use crate::text::literal;
use crate::words::Sentence;

/// A way to write text, or bytes, as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    /// With a mark of the order of its bytes, the low one first unless the mark says otherwise.
    Utf16,
    Utf16Le,
    Utf16Be,
    Ascii,
    Latin1,
    Cp437,
    Cp850,
    Cp1252,
    Hex,
    Base64,
    Base64Url,
    /// `%20`
    Url,
    /// `b'\xff'`, as Python shows bytes.
    Python,
}

/// Every encoding by its names, the usual one first.
const ENCODINGS: &[(&str, &[&str], Encoding)] = &[
    ("utf-8", &["utf8"], Encoding::Utf8),
    ("utf-16", &["utf16"], Encoding::Utf16),
    ("utf-16le", &["utf-16-le", "utf16le"], Encoding::Utf16Le),
    ("utf-16be", &["utf-16-be", "utf16be"], Encoding::Utf16Be),
    ("ascii", &["us-ascii"], Encoding::Ascii),
    ("latin-1", &["latin1", "iso-8859-1", "iso8859-1"], Encoding::Latin1),
    ("cp437", &["ibm437"], Encoding::Cp437),
    ("cp850", &["ibm850"], Encoding::Cp850),
    ("cp1252", &["windows-1252"], Encoding::Cp1252),
    ("hex", &[], Encoding::Hex),
    ("base64", &[], Encoding::Base64),
    ("base64url", &[], Encoding::Base64Url),
    ("url", &["percent"], Encoding::Url),
    ("python", &[], Encoding::Python),
];

/// The names that are offered.
pub const NAMES: &[&str] = &[
    "utf-8",
    "utf-16",
    "utf-16le",
    "utf-16be",
    "ascii",
    "latin-1",
    "cp437",
    "cp850",
    "cp1252",
    "hex",
    "base64",
    "base64url",
    "url",
    "python",
];

/// Base64 in which the `=` at the end may be missing.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

impl Encoding {
    /// By any of its names, in either case, with `_` for `-`, as Python takes them.
    pub fn named(name: &str) -> Option<Encoding> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        let row = ENCODINGS.iter().find(|(usual, others, _)| *usual == name || others.contains(&&*name));
        row.map(|row| row.2)
    }

    fn name(self) -> &'static str {
        ENCODINGS.iter().find(|row| row.2 == self).map_or("", |row| row.0)
    }

    /// Text in this encoding; of bytes, in those that are for bytes.
    pub fn encode(self, data: &[u8]) -> Result<Vec<u8>, CallError> {
        ask_room(data.len().saturating_mul(4))?;
        Ok(match self {
            Encoding::Hex => data.iter().flat_map(|byte| literal::hex_digits(byte).bytes()).collect(),
            Encoding::Base64 => STANDARD.encode(data).into_bytes(),
            Encoding::Base64Url => URL_SAFE.encode(data).into_bytes(),
            Encoding::Url => percent(data),
            Encoding::Python => python_bytes(data).into_bytes(),
            Encoding::Utf8 => utf8(data)?.as_bytes().to_vec(),
            Encoding::Utf16 => {
                let mut out = vec![0xff, 0xfe];
                out.extend(utf8(data)?.encode_utf16().flat_map(u16::to_le_bytes));
                out
            }
            Encoding::Utf16Le => utf8(data)?.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => utf8(data)?.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Encoding::Ascii => self.letters(data, |c| c.is_ascii().then_some(c as u8))?,
            Encoding::Latin1 => self.letters(data, |c| u8::try_from(u32::from(c)).ok())?,
            Encoding::Cp437 => self.letters(data, |c| CP437.encode_char(c))?,
            Encoding::Cp850 => self.letters(data, |c| CP850.encode_char(c))?,
            Encoding::Cp1252 => {
                self.letters(data, |c| CP1252.encode_char(c).filter(|_| is_no_control(&c)))?
            }
        })
    }

    /// Each letter as one byte; a UnicodeEncodeError says which one has none.
    fn letters(self, data: &[u8], byte: impl Fn(char) -> Option<u8>) -> Result<Vec<u8>, CallError> {
        let mut out = Vec::with_capacity(data.len());
        for (at, c) in utf8(data)?.chars().enumerate() {
            out.push(byte(c).ok_or_else(|| {
                let shown = literal::show(c.encode_utf8(&mut [0; 4]).as_bytes());
                let text = say!(
                    en "character {at}, {shown}, is not in {name}",
                    es "el carácter {at}, {shown}, no existe en {name}",
                    at,
                    shown,
                    name = self.name()
                );
                CallError::class(Class::UnicodeEncodeError, Detail::Text(text)).blame("text")
            })?);
        }
        Ok(out)
    }

    /// What these bytes say: text as UTF-8; bytes, in the encodings that are for bytes.
    pub fn decode(self, data: &[u8]) -> Result<Vec<u8>, CallError> {
        ask_room(data.len().saturating_mul(3))?;
        let wrong = |text: Sentence| CallError::class(Class::ValueError, Detail::Text(text)).blame("data");
        match self {
            Encoding::Hex => literal::hex_bytes(data).map_err(|flaw| {
                let at = flaw.at.start;
                wrong(say!(en "byte {at}: {what}", es "byte {at}: {what}", at, what = flaw.what))
            }),
            Encoding::Base64 | Encoding::Base64Url => {
                let text: Vec<u8> = data.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
                let decoded = match self {
                    Encoding::Base64 => STANDARD.decode(text),
                    // As it stands in addresses and tokens, without the `=` at the end.
                    _ => GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT).decode(text),
                };
                decoded.map_err(|e| wrong(not_base64(&e)))
            }
            Encoding::Url => unpercent(data).map_err(|at| {
                wrong(say!(
                    en "byte {at}: two hex digits are due after `%`",
                    es "byte {at}: después de `%` van dos dígitos hexadecimales",
                    at
                ))
            }),
            Encoding::Python => {
                from_python(data).ok_or_else(|| wrong(say!(en "not bytes as Python shows them: b'…'", es "no son bytes como los muestra Python: b'…'")))
            }
            Encoding::Utf8 => utf8(data).map(|text| text.as_bytes().to_vec()),
            Encoding::Utf16 => match data {
                [0xfe, 0xff, rest @ ..] => self.units(rest, u16::from_be_bytes),
                [0xff, 0xfe, rest @ ..] => self.units(rest, u16::from_le_bytes),
                _ => self.units(data, u16::from_le_bytes),
            },
            Encoding::Utf16Le => self.units(data, u16::from_le_bytes),
            Encoding::Utf16Be => self.units(data, u16::from_be_bytes),
            Encoding::Ascii => self.characters(data, |byte| byte.is_ascii().then_some(char::from(byte))),
            Encoding::Latin1 => self.characters(data, |byte| Some(char::from(byte))),
            Encoding::Cp437 => self.characters(data, |byte| Some(CP437.decode_byte(byte))),
            Encoding::Cp850 => self.characters(data, |byte| Some(CP850.decode_byte(byte))),
            Encoding::Cp1252 => {
                self.characters(data, |byte| Some(CP1252.decode_byte(byte)).filter(is_no_control))
            }
        }
    }

    fn undecodable(self, at: usize) -> CallError {
        let text = say!(en "byte {at} is not {name}", es "el byte {at} no es {name}", at, name = self.name());
        CallError::class(Class::UnicodeDecodeError, Detail::Text(text)).blame("data")
    }

    fn characters(self, data: &[u8], of: impl Fn(u8) -> Option<char>) -> Result<Vec<u8>, CallError> {
        let mut out = String::with_capacity(data.len());
        for (at, &byte) in data.iter().enumerate() {
            out.push(of(byte).ok_or_else(|| self.undecodable(at))?);
        }
        Ok(out.into_bytes())
    }

    fn units(self, data: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Vec<u8>, CallError> {
        let pairs = data.chunks_exact(2);
        if !pairs.remainder().is_empty() {
            return Err(self.undecodable(data.len() - 1));
        }
        let units = pairs.map(|pair| unit([pair[0], pair[1]]));
        let mut out = String::with_capacity(data.len());
        let mut at = 0;
        for c in char::decode_utf16(units) {
            let c = c.map_err(|_| self.undecodable(at))?;
            at += 2 * c.len_utf16();
            out.push(c);
        }
        Ok(out.into_bytes())
    }
}

/// Browsers read what this page leaves out as controls; it has none of them.
fn is_no_control(c: &char) -> bool {
    !('\u{80}'..'\u{a0}').contains(c)
}

/// Letters, digits and `-._~` stay as they are (RFC 3986).
fn percent(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    for byte in data {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(*byte),
            byte => {
                out.push(b'%');
                out.extend_from_slice(literal::hex_digits(byte).to_ascii_uppercase().as_bytes());
            }
        }
    }
    out
}

/// The error is where a `%` has no digits.
fn unpercent(data: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(data.len());
    let mut at = 0;
    while let Some(&byte) = data.get(at) {
        let coded = byte == b'%';
        if coded {
            let digits = data.get(at + 1..at + 3).filter(|d| d.iter().all(u8::is_ascii_hexdigit));
            let digits = digits.and_then(|d| std::str::from_utf8(d).ok()).ok_or(at)?;
            out.push(u8::from_str_radix(digits, 16).map_err(|_| at)?);
        } else {
            out.push(byte);
        }
        at += if coded { 3 } else { 1 };
    }
    Ok(out)
}

/// What is wrong with base64 text.
pub fn not_base64(e: &base64::DecodeError) -> Sentence {
    let why = base64_words(e);
    say!(en "this is not base64: {why}", es "esto no es base64: {why}", why)
}

fn base64_words(e: &base64::DecodeError) -> Sentence {
    use base64::DecodeError::{InvalidByte, InvalidLastSymbol, InvalidLength, InvalidPadding};
    match e {
        InvalidByte(at, b'=') => say!(
            en "its `=` is not at the end, but byte {at}",
            es "su `=` no está al final, sino en el byte {at}",
            at
        ),
        InvalidByte(at, byte) => say!(
            en "byte {at} is {byte}",
            es "el byte {at} es {byte}",
            at,
            byte = literal::show(&[*byte])
        ),
        InvalidLength(n) => say!(
            en "{n} letters are one too many or too few",
            es "{n} letras son una de más o de menos",
            n
        ),
        InvalidLastSymbol { .. } => say!(
            en "its last letter says more than it can",
            es "su última letra dice más de lo que puede"
        ),
        InvalidPadding => say!(
            en "it ends without the `=` it needs",
            es "termina sin el `=` que necesita"
        ),
    }
}

/// Bytes as Python shows them: `b'…'`, in double quotes where they hold a single one only.
pub fn python_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    let mut out = vec![b'b', quote];
    for &byte in bytes {
        match byte {
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            b'\\' => out.extend(b"\\\\"),
            b'\'' if quote == b'\'' => out.extend(b"\\'"),
            0x20..=0x7e => out.push(byte),
            _ => {
                out.extend(b"\\x");
                out.extend(literal::hex_digits(&byte).bytes());
            }
        }
    }
    out.push(quote);
    String::from_utf8_lossy(&out).into_owned()
}

/// The bytes of `b'…'`.
fn from_python(shown: &[u8]) -> Option<Vec<u8>> {
    let inner = shown.strip_prefix(b"b")?;
    let (&quote, rest) = inner.split_first()?;
    let mut rest = rest.strip_suffix(&[quote]).filter(|_| matches!(quote, b'\'' | b'"'))?;
    let mut out = Vec::new();
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            // Python's bytes have these escapes; the others of a script are not among them.
            b'\\' if !after.first().is_some_and(|next| b"\\'\"nrtabvfx01234567".contains(next)) => {
                return None;
            }
            b'\\' => &rest[literal::escape(rest, &mut out).ok()?..],
            _ if byte == quote => return None,
            _ => {
                out.push(byte);
                after
            }
        };
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back() {
        for name in NAMES {
            let Some(encoding) = Encoding::named(name) else { panic!("{name}") };
            assert_eq!(encoding.name(), *name);
            let text = if *name == "ascii" { "a~" } else { "¿qué?" };
            let coded = encoding.encode(text.as_bytes()).ok();
            let back = coded.as_ref().and_then(|coded| encoding.decode(coded).ok());
            assert_eq!(back.as_deref(), Some(text.as_bytes()), "{name}: {coded:?}");
        }
    }

    #[test]
    fn each_is_what_python_makes() {
        for (name, text, want) in [
            ("utf-16", "h\u{1f980}", &b"\xff\xfeh\x00\x3e\xd8\x80\xdd"[..]),
            ("UTF_16_BE", "h", b"\x00h"),
            ("latin-1", "ñ", b"\xf1"),
            ("cp437", "ñ", b"\xa4"),
            ("cp850", "Ñ", b"\xa5"),
            ("cp1252", "€", b"\x80"),
            ("hex", "\u{1}z", b"017a"),
            ("base64url", "???>", b"Pz8_Pg=="),
            ("url", "a b/ñ~", b"a%20b%2F%C3%B1~"),
        ] {
            assert_eq!(
                Encoding::named(name).and_then(|e| e.encode(text.as_bytes()).ok()).as_deref(),
                Some(want),
                "{name}"
            );
        }
        let fails = |name: &str, data: &[u8]| {
            let failed = Encoding::named(name).and_then(|e| e.decode(data).err());
            failed.map(|e| e.code.name()).unwrap_or_default()
        };
        assert_eq!(fails("ascii", b"a\xff"), "UnicodeDecodeError");
        assert_eq!(fails("utf-16le", b"abc"), "UnicodeDecodeError");
        assert_eq!(fails("utf-16le", b"\x00\xd8"), "UnicodeDecodeError");
        assert_eq!(fails("cp1252", b"\x81"), "UnicodeDecodeError");
        assert_eq!(fails("hex", b"0"), "ValueError");
        assert_eq!(fails("base64", b"!"), "ValueError");
        assert_eq!(fails("url", b"%4"), "ValueError");
    }
}
