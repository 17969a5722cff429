//! Values to bytes and back, by the format strings of Python's `struct` or by a type like `u32be`.

use super::errno::Class;
use super::outcome::{CallError, Detail, Part};
use super::{Bytes, PER_VALUE, Value, ask_room, no_room};
use crate::text::diagnostic::suggest;
use crate::words::{Noun, Phrase, Sentence, counted};

/// The most that may be packed at once.
const LARGEST: usize = 1 << 30;

/// What one value is packed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A filler: no value.
    Pad,
    Char,
    Bool,
    Signed,
    Unsigned,
    /// IEEE 754, of 2, 4 or 8 bytes.
    Float,
    /// Bytes, cut or filled with NUL.
    Bytes,
    /// The same with its length in the first byte.
    Pascal,
}

/// One character of a format with its count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    /// As it was written: `u8`, or a format's character.
    name: Name,
    kind: Kind,
    /// One item's size; of bytes, the whole.
    size: usize,
    /// How many items; of bytes, one.
    count: usize,
    /// Where it begins.
    offset: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Type(&'static str),
    Letter(char),
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Name::Type(name) => f.write_str(name),
            Name::Letter(c) => write!(f, "{c}"),
        }
    }
}

/// A format, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    fields: Vec<Field>,
    big: bool,
    /// As the C compiler of this machine has it.
    native: bool,
    /// All of it, in bytes.
    size: usize,
}

/// Every type that is not a format string.
pub const TYPES: &[&str] = &[
    "u8", "i8", "u16be", "u16le", "i16be", "i16le", "u24be", "u24le", "i24be", "i24le", "u32be", "u32le",
    "i32be", "i32le", "u40be", "u40le", "i40be", "i40le", "u48be", "u48le", "i48be", "i48le", "u56be",
    "u56le", "i56be", "i56le", "u64be", "u64le", "i64be", "i64le",
];

/// A format as it was written: `u16be`, or `>IH`. The error is what is wrong and the way out.
pub fn read(text: &str) -> Result<Format, (Sentence, Sentence)> {
    if let Some(format) = read_type(text) {
        return Ok(format);
    }
    // `struct` would read `i12be` as an integer, 12 bytes and half a float, which is never meant.
    let digits = text.trim_start_matches(['i', 'u']).trim_end_matches("be").trim_end_matches("le");
    if text.starts_with(['i', 'u']) && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err((
            say!(en "`{text}` is not a type", es "`{text}` no es un tipo", text),
            suggest(text, TYPES.iter().copied()).unwrap_or_else(|| widths().into()),
        ));
    }
    read_struct(text)
}

/// How the types are called.
fn widths() -> Phrase {
    phrase!(
        en "`u8`, `i8`, or of 16, 24, 32, 40, 48, 56 or 64 bits with the byte that comes first: `u16be`, `i24le`",
        es "`u8`, `i8`, o de 16, 24, 32, 40, 48, 56 o 64 bits y con el byte que va primero: `u16be`, `i24le`"
    )
}

fn read_type(text: &str) -> Option<Format> {
    let name = *TYPES.iter().find(|t| **t == text)?;
    let kind = if name.starts_with('u') { Kind::Unsigned } else { Kind::Signed };
    let bits: usize = name.trim_matches(|c: char| c.is_ascii_lowercase()).parse().ok()?;
    let field = Field { name: Name::Type(name), kind, size: bits / 8, count: 1, offset: 0 };
    Some(Format { fields: vec![field], big: !name.ends_with("le"), native: false, size: bits / 8 })
}

/// The kind, and the size as the C compiler has it and as the standard has it.
fn letter(c: char) -> Option<(Kind, usize, usize)> {
    const LONG: usize = size_of::<std::ffi::c_long>();
    Some(match c {
        'x' => (Kind::Pad, 1, 1),
        'c' => (Kind::Char, 1, 1),
        'b' => (Kind::Signed, 1, 1),
        'B' => (Kind::Unsigned, 1, 1),
        '?' => (Kind::Bool, 1, 1),
        'h' => (Kind::Signed, 2, 2),
        'H' => (Kind::Unsigned, 2, 2),
        'i' => (Kind::Signed, 4, 4),
        'I' => (Kind::Unsigned, 4, 4),
        'l' => (Kind::Signed, LONG, 4),
        'L' => (Kind::Unsigned, LONG, 4),
        'q' => (Kind::Signed, 8, 8),
        'Q' => (Kind::Unsigned, 8, 8),
        'e' => (Kind::Float, 2, 2),
        'f' => (Kind::Float, 4, 4),
        'd' => (Kind::Float, 8, 8),
        's' => (Kind::Bytes, 1, 1),
        'p' => (Kind::Pascal, 1, 1),
        _ => return None,
    })
}

fn read_struct(text: &str) -> Result<Format, (Sentence, Sentence)> {
    const HELP: Phrase = phrase!(
        en "a type like `u32be`, or a struct format like \">IH\"",
        es "un tipo como `u32be`, o un formato de struct como \">IH\""
    );
    let host_is_big = cfg!(target_endian = "big");
    let (native, big, rest) = match text.chars().next() {
        Some('@') => (true, host_is_big, &text[1..]),
        Some('=') => (false, host_is_big, &text[1..]),
        Some('<') => (false, false, &text[1..]),
        Some('>' | '!') => (false, true, &text[1..]),
        _ => (true, host_is_big, text),
    };
    let not_a_type = |what: Sentence| {
        say!(
            en "`{text}` is not a type: {what}",
            es "`{text}` no es un tipo: {what}",
            text,
            what
        )
    };
    let wrong = |what: Sentence| (not_a_type(what), Sentence::from(HELP));
    let mut format = Format { fields: Vec::new(), big, native, size: 0 };
    let mut letters = rest.chars();
    while let Some(mut c) = letters.next() {
        if c.is_ascii_whitespace() || c == '\x0b' {
            continue;
        }
        let mut repeat: Option<usize> = None;
        while let Some(digit) = c.to_digit(10) {
            let so_far = repeat.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(digit as usize));
            repeat =
                Some(so_far.ok_or_else(|| {
                    wrong(say!(en "a count is too large", es "un conteo es demasiado grande"))
                })?);
            c = letters.next().ok_or_else(|| {
                wrong(say!(en "a count stands before nothing", es "un conteo no tiene nada después"))
            })?;
        }
        if matches!(c, 'n' | 'N' | 'P') {
            let what = say!(
                en "`{c}` has the size of a C compiler's pointer, which no peer could know",
                es "`{c}` tiene el tamaño de un puntero del compilador de C, que el otro extremo no puede \
                    saber",
                c
            );
            let other = if c == 'n' { 'q' } else { 'Q' };
            let help = say!(
                en "`{other}` has 8 bytes everywhere",
                es "`{other}` tiene 8 bytes en todas partes",
                other
            );
            return Err((not_a_type(what), help));
        }
        let Some((kind, compiled, standard)) = letter(c) else {
            return Err(wrong(say!(
                en "`{c}` is no format character",
                es "`{c}` no es un carácter de formato",
                c
            )));
        };
        let size = if native { compiled } else { standard };
        if native && size > 1 {
            // As a C compiler lays out a struct; a count of 0 aligns and takes nothing.
            format.size = format.size.next_multiple_of(size);
        }
        let repeat = repeat.unwrap_or(1);
        let whole = matches!(kind, Kind::Bytes | Kind::Pascal);
        let (size, count) = if whole { (repeat, 1) } else { (size, repeat) };
        format.fields.push(Field { name: Name::Letter(c), kind, size, count, offset: format.size });
        let added = size.checked_mul(count).and_then(|n| format.size.checked_add(n));
        format.size = added
            .filter(|&n| n <= LARGEST)
            .ok_or_else(|| wrong(say!(en "it has more than 1 GiB", es "tiene más de 1 GiB")))?;
    }
    Ok(format)
}

impl Format {
    /// How many values it packs.
    pub fn values(&self) -> usize {
        self.fields.iter().filter(|f| f.kind != Kind::Pad).map(|f| f.count).sum()
    }

    /// Does it stand for a list of values, and not for the one of a type?
    pub fn is_list(&self) -> bool {
        !matches!(self.fields.as_slice(), [Field { name: Name::Type(_), .. }])
    }

    /// The values as bytes; there must be as many as [`Format::values`].
    pub fn pack(&self, values: &[Value]) -> Result<Vec<u8>, CallError> {
        let wanted = self.values();
        if values.len() != wanted {
            return Err(refused(how_many(wanted, values.len())));
        }
        let mut out = Vec::new();
        if out.try_reserve_exact(self.size).is_err() {
            return Err(no_room(self.size));
        }
        out.resize(self.size, 0);
        let mut values = values.iter();
        for field in self.fields.iter().filter(|f| f.kind != Kind::Pad) {
            for item in 0..field.count {
                let at = field.offset + item * field.size;
                let room = &mut out[at..at + field.size];
                if let Some(value) = values.next() {
                    self.put(field, value, room)?;
                }
            }
        }
        Ok(out)
    }

    fn put(&self, field: &Field, value: &Value, room: &mut [u8]) -> Result<(), CallError> {
        match field.kind {
            Kind::Pad => {}
            Kind::Char => match &text_of(value)?[..] {
                [one] => room[0] = *one,
                _ => return Err(not_a(phrase!(en "one byte", es "un byte"), value)),
            },
            Kind::Bool => room[0] = u8::from(truth(value)?),
            Kind::Signed | Kind::Unsigned => {
                let number =
                    whole(value).ok_or_else(|| not_a(phrase!(en "an integer", es "un entero"), value))?;
                let bits = 8 * field.size as u32;
                let (low, high) = match field.kind {
                    Kind::Signed => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
                    _ => (0, (1i128 << bits) - 1),
                };
                if !(low..=high).contains(&number) {
                    let detail = Detail::Text(say!(
                        en "{number} does not fit `{field}`: it is {low} to {high}",
                        es "{number} no cabe en `{field}`: va de {low} a {high}",
                        number,
                        field = field.name,
                        low,
                        high
                    ));
                    return Err(CallError::class(Class::OverflowError, detail).blame("values"));
                }
                self.put_bits(number as u64, room);
            }
            Kind::Float => {
                let number =
                    float(value).ok_or_else(|| not_a(phrase!(en "a number", es "un número"), value))?;
                let too_large = || {
                    let text = say!(
                        en "{number} does not fit `{field}`",
                        es "{number} no cabe en `{field}`",
                        number = float_text(number),
                        field = field.name
                    );
                    CallError::class(Class::OverflowError, Detail::Text(text)).blame("values")
                };
                let bits = match field.size {
                    2 => u64::from(half_bits(number).ok_or_else(too_large)?),
                    4 => {
                        let single = number as f32;
                        // A C compiler makes it infinite, and so does Python where it asks the compiler.
                        if single.is_infinite() && number.is_finite() && !self.native {
                            return Err(too_large());
                        }
                        u64::from(single.to_bits())
                    }
                    _ => number.to_bits(),
                };
                self.put_bits(bits, room);
            }
            Kind::Bytes => {
                let bytes = text_of(value)?;
                let length = bytes.len().min(room.len());
                room[..length].copy_from_slice(&bytes[..length]);
            }
            Kind::Pascal => {
                let bytes = text_of(value)?;
                if let Some((first, rest)) = room.split_first_mut() {
                    let length = bytes.len().min(rest.len());
                    rest[..length].copy_from_slice(&bytes[..length]);
                    *first = u8::try_from(length).unwrap_or(u8::MAX);
                }
            }
        }
        Ok(())
    }

    fn put_bits(&self, bits: u64, room: &mut [u8]) {
        let size = room.len();
        if self.big {
            room.copy_from_slice(&bits.to_be_bytes()[8 - size..]);
        } else {
            room.copy_from_slice(&bits.to_le_bytes()[..size]);
        }
    }

    /// The bytes of it in `data`, from a place on; a negative one counts from the end. What follows is left alone.
    pub fn at<'d>(&self, data: &'d [u8], at: i64) -> Result<&'d [u8], CallError> {
        let length = i64::try_from(data.len()).unwrap_or(i64::MAX);
        let from = usize::try_from(if at < 0 { length.saturating_add(at) } else { at }).ok();
        let piece = from.and_then(|from| data.get(from..from.checked_add(self.size)?));
        piece.ok_or_else(|| {
            let text = say!(
                en "the type has {wanted}, and at {at} of {given} there are not as many",
                es "el tipo tiene {wanted}, y en {at} de {given} no hay tantos",
                wanted = counted(self.size, Noun::Byte),
                given = data.len(),
                at
            );
            CallError::class(Class::ValueError, Detail::Text(text)).blame("at")
        })
    }

    /// What these bytes are: the value of a type, the list of a `struct` format's values, however many. There must be
    /// exactly as many bytes as the format has.
    pub fn unpack(&self, bytes: &[u8]) -> Result<Value, CallError> {
        if bytes.len() != self.size {
            let text = say!(
                en "the type has {wanted}, and these are {given}",
                es "el tipo tiene {wanted}, y estos son {given}",
                wanted = counted(self.size, Noun::Byte),
                given = bytes.len()
            );
            return Err(CallError::class(Class::ValueError, Detail::Text(text)).blame("data"));
        }
        let count: usize = self.fields.iter().filter(|f| f.kind != Kind::Pad).map(|f| f.count).sum();
        ask_room(bytes.len().saturating_add(count.saturating_mul(PER_VALUE)))?;
        let mut values = Vec::new();
        for field in self.fields.iter().filter(|f| f.kind != Kind::Pad) {
            for item in 0..field.count {
                let at = field.offset + item * field.size;
                values.push(self.get(field, &bytes[at..at + field.size]));
            }
        }
        Ok(match values.pop() {
            Some(one) if !self.is_list() => one,
            last => {
                values.extend(last);
                Value::list(values)
            }
        })
    }

    /// The fields in these bytes, which it fits, with their values; no more than `most`.
    pub fn parts(&self, bytes: &[u8], most: usize) -> Vec<Part> {
        let fields = self.fields.iter().filter(|f| f.kind != Kind::Pad);
        let items = fields
            .flat_map(|field| (0..field.count).map(move |item| (field, field.offset + item * field.size)));
        let part = |(field, from): (&Field, usize)| {
            let to = from + field.size;
            let value = self.get(field, bytes.get(from..to)?).to_literal();
            Some(Part { from, to, name: field.name.to_string(), value })
        };
        items.take(most).filter_map(part).filter(|part| part.to > part.from).collect()
    }

    fn get(&self, field: &Field, bytes: &[u8]) -> Value {
        match field.kind {
            Kind::Pad => Value::Nothing,
            Kind::Char | Kind::Bytes => Value::bytes(bytes),
            Kind::Bool => Value::flag(bytes[0] != 0),
            Kind::Signed => {
                let spare = 64 - 8 * bytes.len() as u32;
                Value::Int((self.get_bits(bytes) << spare) as i64 >> spare)
            }
            Kind::Unsigned => {
                let bits = self.get_bits(bytes);
                // What 64 bits with a sign cannot hold is still a number in text.
                i64::try_from(bits).map_or_else(|_| Value::text(&bits.to_string()), Value::Int)
            }
            Kind::Float => {
                let bits = self.get_bits(bytes);
                Value::text(&float_text(match bytes.len() {
                    2 => half_value(bits as u16),
                    4 => f64::from(f32::from_bits(bits as u32)),
                    _ => f64::from_bits(bits),
                }))
            }
            Kind::Pascal => match bytes.split_first() {
                None => Value::bytes([]),
                Some((first, rest)) => Value::bytes(&rest[..rest.len().min(usize::from(*first))]),
            },
        }
    }

    fn get_bits(&self, bytes: &[u8]) -> u64 {
        let mut eight = [0; 8];
        if self.big {
            eight[8 - bytes.len()..].copy_from_slice(bytes);
            u64::from_be_bytes(eight)
        } else {
            eight[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(eight)
        }
    }
}

/// What is said when there are too many values or too few.
pub fn how_many(wanted: usize, given: usize) -> Sentence {
    say!(
        en "the type takes {wanted}, and here {given}",
        es "el tipo lleva {wanted}, y aquí hay {given}",
        wanted = counted(wanted, Noun::Value),
        given
    )
}

fn refused(text: Sentence) -> CallError {
    CallError::class(Class::ValueError, Detail::Text(text)).blame("values")
}

fn not_a(wanted: Phrase, value: &Value) -> CallError {
    let found = Sentence::plain(value.to_literal());
    CallError::class(Class::ValueError, Detail::NotA { wanted, found }).blame("values")
}

/// The bytes of a text: a number, a flag, a list have none (`struct.error` in Python).
fn text_of(value: &Value) -> Result<Bytes, CallError> {
    match value {
        Value::Bytes(bytes) => Ok(bytes.clone()),
        other => {
            let wanted = phrase!(en "bytes", es "bytes");
            let detail = Detail::NotA { wanted, found: other.described() };
            Err(CallError::class(Class::TypeError, detail).blame("values"))
        }
    }
}

/// A whole number, up to those that only 64 bits without a sign hold.
fn whole(value: &Value) -> Option<i128> {
    value.to_int().map(i128::from).or_else(|| match value {
        Value::Bytes(bytes) => {
            let text = std::str::from_utf8(bytes).ok()?;
            match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
                Some(hex) => u64::from_str_radix(hex, 16).ok().map(i128::from),
                None => text.parse().ok(),
            }
        }
        _ => None,
    })
}

fn truth(value: &Value) -> Result<bool, CallError> {
    match value {
        Value::Bytes(bytes) => match &bytes[..] {
            b"true" => Ok(true),
            b"false" => Ok(false),
            _ => whole(value)
                .map(|n| n != 0)
                .ok_or_else(|| not_a(phrase!(en "`true` or `false`", es "`true` ni `false`"), value)),
        },
        _ => whole(value)
            .map(|n| n != 0)
            .ok_or_else(|| not_a(phrase!(en "`true` or `false`", es "`true` ni `false`"), value)),
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.trim().parse().ok(),
        _ => value.to_int().map(|n| n as f64),
    }
}

/// As Python shows it: the shortest text that is this number again.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let shortest = format!("{:e}", number.abs());
    // Where two texts of that length are as near, Python takes the even one.
    let places = shortest.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count() - 1;
    let even = format!("{:.places$e}", number.abs());
    let text = if even.parse() == Ok(number.abs()) { even } else { shortest };
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = digits.replace('.', "");
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if number.is_sign_negative() { "-" } else { "" };
    match exponent {
        0..16 => {
            let whole = exponent as usize + 1;
            let digits = format!("{digits:0<whole$}");
            let rest = if digits.len() > whole { &digits[whole..] } else { "0" };
            format!("{sign}{}.{rest}", &digits[..whole])
        }
        -4..0 => format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
        _ => {
            let rest = if digits.len() > 1 { format!(".{}", &digits[1..]) } else { String::new() };
            let direction = if exponent < 0 { '-' } else { '+' };
            format!("{sign}{}{rest}e{direction}{:02}", &digits[..1], exponent.unsigned_abs())
        }
    }
}

/// IEEE 754 binary16, rounded once, to the nearest, ties to even; `None` where it does not fit.
///
/// The `half` crate (2.7) cuts off 32 bits before it rounds, so that a number just above a tie is taken for
/// one: 1 + 2^-11 + 2^-40 becomes 0x3c00 there, and 0x3c01 here and in Python.
fn half_bits(number: f64) -> Option<u16> {
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    if number.is_nan() {
        return Some(sign | 0x7e00);
    }
    if number.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let size = number.abs();
    // Below the smallest normal number steps are of 2^-24, above it of 2^-10 of the power of two below.
    let bits = if size < 2f64.powi(-14) {
        (size * 2f64.powi(24)).round_ties_even() as u32
    } else {
        let exponent = (size.to_bits() >> 52) as i32 - 1023;
        if exponent > 15 {
            return None;
        }
        let fraction = (size * 2f64.powi(10 - exponent)).round_ties_even() as u32;
        // A fraction that was rounded up to 2 carries into the exponent by itself.
        ((exponent + 14) as u32 * 1024) + fraction
    };
    (bits < 0x7c00).then_some(sign | bits as u16)
}

fn half_value(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let size = match bits >> 10 & 0x1f {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + fraction / 1024.0) * 2f64.powi(i32::from(exponent) - 15),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(format: &str, values: &[&str]) -> String {
        let values: Vec<Value> = values.iter().map(|v| Value::text(v)).collect();
        match read(format) {
            Err((message, _)) => message.english(),
            Ok(format) => match format.pack(&values) {
                Ok(bytes) => bytes.iter().map(|b| format!("{b:02x}")).collect(),
                Err(error) => error.code.name(),
            },
        }
    }

    #[test]
    fn values_are_packed_as_python_packs_them() {
        for (format, values, want) in [
            ("u8", &["255"][..], "ff"),
            ("i16be", &["-2"], "fffe"),
            ("u16le", &["258"], "0201"),
            (">IH", &["1", "2"], "000000010002"),
            ("<q", &["-1"], "ffffffffffffffff"),
            ("!Q", &["18446744073709551615"], "ffffffffffffffff"),
            ("!Q", &["18446744073709551616"], "OverflowError"),
            (">B", &["256"], "OverflowError"),
            (">b", &["-129"], "OverflowError"),
            (">H", &["x"], "ValueError"),
            (">2H", &["1"], "ValueError"),
            ("<2xB", &["1"], "000001"),
            ("4s", &["hi"], "68690000"),
            ("1s", &["hi"], "68"),
            ("4p", &["hola"], "03686f6c"),
            ("0s", &["x"], ""),
            (">e", &["1.5"], "3e00"),
            (">e", &["1.0004882812509095"], "3c01"),
            (">e", &["65504"], "7bff"),
            (">e", &["65520"], "OverflowError"),
            (">f", &["0.1"], "3dcccccd"),
            (">f", &["1e39"], "OverflowError"),
            (">d", &["-2"], "c000000000000000"),
            ("?", &["true"], "01"),
            ("c", &["ab"], "ValueError"),
            (">  2H ", &["1", "2"], "00010002"),
        ] {
            assert_eq!(pack(format, values), want, "{format} {values:?}");
        }
    }

    #[test]
    fn a_c_compiler_aligns() {
        assert_eq!(read("@bhi").map(|f| f.size), Ok(8));
        assert_eq!(read("bq").map(|f| f.size), Ok(16));
        assert_eq!(read("=bq").map(|f| f.size), Ok(9));
        assert_eq!(read("qb0q").map(|f| f.size), Ok(16));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in
            ["P", ">n", "y", "3", "u16", "2 H", ">>H", "i128be", "9999999999s", "99999999999999999999999x"]
        {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(read("").map(|f| f.size), Ok(0));
    }

    #[test]
    fn every_half_is_itself_again() {
        for bits in 0..=u16::MAX {
            let value = half_value(bits);
            if !value.is_nan() {
                assert_eq!(half_bits(value), Some(bits), "{bits:#x}");
            }
        }
    }

    #[test]
    fn floats_read_as_in_python() {
        for (number, want) in [
            (1.0, "1.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (0.0001, "0.0001"),
            (-0.0, "-0.0"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(float_text(number), want);
        }
    }
}
