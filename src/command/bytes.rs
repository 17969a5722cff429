//! Bytes at hand: no call is made.

use super::expr::Expr;
use super::param::{
    Base, Count, Data, Given, Got, Integer, Mask, New, Old, OneData, OneSequence, Param, Pattern, Payload,
    Piece, Separator, Sequence, given,
};
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::session::Session;
use crate::session::names::Place;
use crate::text::diagnostic::Diagnostic;
use crate::value::errno::Class;
use crate::value::format::Spec;
use crate::value::outcome::{CallError, Detail, Fact, Outcome, Reply};
use crate::value::packing::{self, Format};
use crate::value::{Bytes, PER_VALUE, Value, ask_room, extend, no_room};
use crate::words::{Phrase, Sentence};

pub const ROWS: &[Command] = &[
    command!(Bytes, "pack", pack, (values: Packing), One(en "the bytes" es "los bytes"),
        en "numbers and text as bytes, as a struct in C lies in memory"
        es "números y texto como bytes, tal como un struct de C queda en memoria",
        c "", rust "", python "data = struct.pack('>IH', 1, 2)",
        errors ["OverflowError", "ValueError"],
        note en "TYPE is `u8`, `i8`, `u16be`, `u16le` and so on to `i64le`, or a format of Python's \
            `struct`: `\">IH\"`. The formats `n`, `N` and `P` are refused: their size is the machine's own \
            business."
             es "TYPE es `u8`, `i8`, `u16be`, `u16le` y así hasta `i64le`, o un formato del `struct` de \
            Python: `\">IH\"`. Los formatos `n`, `N` y `P` se rechazan: su tamaño depende de cada máquina.",
        like "header = pack \">BH\" 1 500\nhexdump $header"),
    command!(Bytes, "unpack", unpack, (kind: FormatWord, data: OneData, at: At),
        One(en "the value, or a list of values" es "el valor, o una lista de valores"),
        en "bytes as the numbers and text they stand for"
        es "bytes como los números y el texto que representan",
        c "", rust "", python "a, b = struct.unpack('>IH', data)",
        errors ["ValueError"], does [Unpacks, GivesList],
        note en "A format gives a list, also of one value. DATA must have exactly the type's length; with \
            `--at N` it is read from there, and what follows is left alone. What 64 bits with a sign cannot hold, and a \
            number with a fraction, is text."
             es "Un formato da una lista, también de un solo valor. DATA debe tener exactamente el largo del tipo; con \
            `--at N` se lee desde ahí, y lo que sigue no se toca. Lo que no cabe en 64 bits con signo, y un \
            número con decimales, es texto.",
        like "n = unpack u16be x\"01 f4\"\nprint $n\nlist = unpack \">BH\" x\"01 01f4\"\nprint ${list.1}"),
    command!(Bytes, "slice", slice, (data: OneSequence, from: Integer, to: Option<Integer>),
        One(en "the bytes, or the list" es "los bytes, o la lista"),
        en "the bytes from one place up to another, of a list its items; negative places count from the end"
        es "los bytes desde una posición hasta otra, de una lista sus elementos; las negativas se cuentan desde el final",
        c "", rust "", python "data[start:end]",
        errors [], does [GivesList],
        like "slice \"hola mundo\" 0 4\nslice \"hola mundo\" -5\nl = list a b c\nslice $l 1"),
    command!(Bytes, "split", split, (data: OneData, separator: Separator),
        One(en "a list of bytes" es "una lista de bytes"),
        en "the pieces between the separators"
        es "los trozos entre los separadores",
        c "", rust "", python "data.split(separator)",
        errors ["ValueError"], does [GivesList],
        like "parts = split \"uno;dos\" \";\"\nprint ${parts.1}"),
    command!(Bytes, "find", find, (data: OneData, part: Piece),
        One(en "the place, or -1" es "la posición, o -1"),
        en "where a part begins for the first time"
        es "dónde empieza una parte por primera vez",
        c "", rust "", python "data.find(part)",
        errors [],
        like "find \"hola mundo\" mundo"),
    command!(Bytes, "replace", replace, (data: OneData, old: Old, new: New),
        One(en "the bytes" es "los bytes"),
        en "bytes with each OLD in them become NEW"
        es "los bytes con cada OLD cambiado por NEW",
        c "", rust "", python "data.replace(old, new)",
        errors ["ValueError"],
        like "replace \"a b c\" \" \" \"-\""),
    command!(Bytes, "bytes", bytes, (n: Count, pattern: Option<Pattern>),
        One(en "the bytes" es "los bytes"),
        en "N bytes: of PATTERN again and again, or of zeros"
        es "N bytes: de PATTERN una y otra vez, o de ceros",
        c "", rust "", python "(pattern * n)[:n]",
        errors ["ValueError", "MemoryError"],
        like "bytes 4\nbytes 10 abc\nx = bytes 64KiB\nprint ${x.len}"),
    command!(Bytes, "xor", xor, (data: OneData, mask: Mask),
        One(en "the bytes" es "los bytes"),
        en "each byte with the mask's, which is begun again where it ends"
        es "cada byte con el de la máscara, que vuelve a empezar donde termina",
        c "", rust "", python "bytes(b ^ mask[i % len(mask)] for i, b in enumerate(data))",
        errors ["ValueError"],
        note en "The mask of a WebSocket frame, and its own inverse." es "Es la máscara de una trama de WebSocket, y su propia inversa.",
        like "x = xor \"hola\" x\"01 02 03 04\"\nxor $x x\"01 02 03 04\""),
    command!(Bytes, "int", int, (text: Number, base: Option<Base>),
        One(en "the integer" es "el entero"),
        en "text as an integer, in the base 10 or another"
        es "texto como un entero, en base 10 o en otra",
        c "", rust "", python "int(text, base)",
        errors ["ValueError", "OverflowError"],
        note en "BASE is 2 to 36; in base 2, 8 and 16 the text may begin with `0b`, `0o` and `0x`, and in base 0 that \
            decides. Blanks around it are free."
             es "BASE va de 2 a 36; en base 2, 8 y 16 el texto puede empezar con `0b`, `0o` y `0x`, y en base 0 eso \
            decide. Los espacios alrededor no importan.",
        like "int \"ff\" 16\nint \"007\"\nint \"0b101\" 0"),
    command!(Bytes, "format", format, (spec: SpecWord, value: Word),
        One(en "the text" es "el texto"),
        en "a number or text, written as Python's format specification says"
        es "un número o un texto, escrito como dice la especificación de formato de Python",
        c "", rust "", python "format(value, spec)",
        errors ["ValueError", "OverflowError"],
        note en "`x` `X` `o` `b` `d` `c` for numbers, `s` for text; before it `<10` `>10` `^10`, a filling, `0`, `#`, `+`, `,`. \
            Quote a `#`."
             es "`x` `X` `o` `b` `d` `c` para números, `s` para texto; antes `<10` `>10` `^10`, un relleno, `0`, `#`, `+`, `,`. \
            Pon el `#` entre comillas.",
        like "format x 255\nformat 04d 7\nformat \"#010b\" 5\nformat \"<10\" hola"),
    command!(Bytes, "hexdump", hexdump, (data: Option<Data>), Nothing,
        en "bytes in hex and as text; `$_` without words"
        es "bytes en hexadecimal y como texto; `$_` si no hay palabras",
        c "", rust "", python "",
        errors [],
        like "hexdump \"hola\\r\\n\""),
];

fn pack(_: &mut Session, bytes: Vec<u8>) -> Reply {
    Outcome::value(Value::bytes(bytes))
}

fn unpack(session: &mut Session, format: Format, data: Payload<'_>, at: Option<i64>) -> Reply {
    let piece = match at {
        Some(at) => format.at(&data, at)?,
        None => &data,
    };
    let value = format.unpack(piece)?;
    let from = piece.as_ptr() as usize - data.as_ptr() as usize;
    session.note_unpacked(&data, from, format);
    Outcome::value(value)
}

fn slice(_: &mut Session, data: Sequence<'_>, from: i64, to: Option<i64>) -> Reply {
    let range = |length| place(from, length)..to.map_or(length, |to| place(to, length));
    Outcome::value(match &data {
        Sequence::Bytes(data) => Value::bytes(data.get(range(data.len())).unwrap_or_default()),
        Sequence::Items(items) => Value::list(items.get(range(items.len())).unwrap_or_default().to_vec()),
    })
}

/// A place in so many bytes; negative ones count from the end, and none is outside.
fn place(at: i64, length: usize) -> usize {
    let from_end = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
    if at < 0 { length.saturating_sub(from_end) } else { from_end.min(length) }
}

fn split(_: &mut Session, data: Payload<'_>, separator: Bytes) -> Reply {
    not_empty(&separator, "separator", phrase!(en "a separator", es "un separador"))?;
    let count = 1 + memchr::memmem::find_iter(&data, &separator[..]).count();
    ask_room(data.len().saturating_add(count.saturating_mul(PER_VALUE)))?;
    let mut parts = Vec::with_capacity(count);
    let mut begin = 0;
    for at in memchr::memmem::find_iter(&data, &separator[..]) {
        parts.push(Value::bytes(&data[begin..at]));
        begin = at + separator.len();
    }
    parts.push(Value::bytes(&data[begin..]));
    Outcome::value(Value::list(parts))
}

fn find(_: &mut Session, data: Payload<'_>, part: Bytes) -> Reply {
    let at = memchr::memmem::find(&data, &part).and_then(|at| i64::try_from(at).ok());
    Outcome::value(Value::Int(at.unwrap_or(-1)))
}

/// Some words may not be empty: nothing would stand between the pieces, or be replaced, for ever.
fn not_empty(bytes: &[u8], parameter: &'static str, wanted: Phrase) -> Got<()> {
    if !bytes.is_empty() {
        return Ok(());
    }
    let detail = Detail::NotA { wanted, found: Sentence::plain("\"\"") };
    Err(CallError::class(Class::ValueError, detail).blame(parameter).into())
}

fn replace(_: &mut Session, data: Payload<'_>, old: Bytes, new: Bytes) -> Reply {
    not_empty(&old, "old", phrase!(en "something to be replaced", es "algo que cambiar"))?;
    let mut out = Vec::new();
    let mut begin = 0;
    for at in memchr::memmem::find_iter(&data, &old[..]) {
        extend(&mut out, &data[begin..at])?;
        extend(&mut out, &new)?;
        begin = at + old.len();
    }
    extend(&mut out, &data[begin..])?;
    Outcome::value(Value::bytes(out))
}

fn bytes(_: &mut Session, n: usize, pattern: Option<Bytes>) -> Reply {
    let pattern = pattern.as_deref().map_or(&[0][..], |pattern| &pattern[..]);
    not_empty(pattern, "pattern", phrase!(en "a pattern", es "un patrón"))?;
    let mut out = Vec::new();
    if out.try_reserve_exact(n).is_err() {
        return Err(no_room(n).into());
    }
    if let [one] = pattern {
        out.resize(n, *one);
    }
    while out.len() < n {
        let left = n - out.len();
        match out.len() {
            0 => out.extend_from_slice(&pattern[..left.min(pattern.len())]),
            // What is there is whole patterns.
            length => out.extend_from_within(..left.min(length)),
        }
    }
    Outcome::value(Value::bytes(out))
}

fn xor(_: &mut Session, data: Payload<'_>, mask: Bytes) -> Reply {
    not_empty(&mask, "mask", phrase!(en "a mask", es "una máscara"))?;
    let mut out = Vec::new();
    extend(&mut out, &data)?;
    out.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    Outcome::value(Value::bytes(out))
}

fn int(_: &mut Session, text: Value, base: Option<u32>) -> Reply {
    if let Value::Int(_) | Value::Flag(_) = text {
        // Its digits are no text of another base.
        return match base {
            None => Outcome::value(Value::Int(text.to_int().unwrap_or(0))),
            Some(_) => {
                let detail = Detail::NotA { wanted: phrase!(en "text", es "texto"), found: text.described() };
                Err(CallError::class(Class::TypeError, detail).blame("text").into())
            }
        };
    }
    let bytes = text.to_bytes();
    let base = base.unwrap_or(10);
    match std::str::from_utf8(&bytes).ok().and_then(|t| based(t.trim(), base)) {
        Some(Ok(n)) => Outcome::value(Value::Int(n)),
        Some(Err(())) => Err(CallError::class(Class::OverflowError, Detail::Overflow).blame("text").into()),
        None => {
            let text = say!(
                en "{text} is not an integer in base {base}",
                es "{text} no es un entero en base {base}",
                text = text.to_literal(),
                base
            );
            Err(CallError::class(Class::ValueError, Detail::Text(text)).blame("text").into())
        }
    }
}

/// Text as Python's `int` reads it in a base; an error where it is more than 64 bits hold.
fn based(text: &str, base: u32) -> Option<Result<i64, ()>> {
    let (digits, negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    let prefixed = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => Some(16),
        [b'0', b'o' | b'O', ..] => Some(8),
        [b'0', b'b' | b'B', ..] => Some(2),
        _ => None,
    };
    let (digits, base) = match prefixed {
        Some(of) if base == of || base == 0 => (&digits[2..], of),
        _ => (digits, if base == 0 { 10 } else { base }),
    };
    // There are no digits in base 1.
    if base == 1 || digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, base);
    let number = magnitude
        .ok()
        .and_then(|n| if negative { 0i64.checked_sub_unsigned(n) } else { i64::try_from(n).ok() });
    Some(number.ok_or(()))
}

fn format(_: &mut Session, spec: Spec, value: Value) -> Reply {
    Outcome::value(Value::Bytes(spec.apply(&value)?))
}

fn hexdump(session: &mut Session, data: Option<Payload<'_>>) -> Reply {
    let bytes = match data {
        Some(bytes) => bytes.into_bytes(),
        None => match session.get(Place::Last)? {
            Value::Bytes(bytes) => bytes,
            other => {
                let found = other.described();
                return Err(CallError::class(
                    Class::TypeError,
                    Detail::NotA { wanted: phrase!(en "bytes", es "bytes"), found },
                )
                .into());
            }
        },
    };
    let parts = session.unpacked_parts(&bytes);
    Outcome::with(Value::Bytes(bytes), Fact::Hexdump(parts))
}

/// `--at N`: where to begin.
#[derive(Debug)]
struct At(Option<Integer>);

impl Param for At {
    type Value<'a> = Option<i64>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--at",
        value: Some("N"),
        about: phrase!(
            en "from this byte on; a negative one counts from the end",
            es "desde este byte; uno negativo se cuenta desde el final"
        ),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        words.with_option("--at", |words, _| Integer::read(words, "at")).map(At)
    }

    fn get(&self, session: &mut Session) -> Got<Option<i64>> {
        self.0.as_ref().map(|at| at.get(session)).transpose()
    }
}

/// Text that is to be a number.
#[derive(Debug)]
struct Number(Expr);

impl Param for Number {
    type Value<'a> = Value;
    const KIND: Kind = Kind::Text;
    const USAGE: &'static str = "TEXT";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        words.refuse_name(word)?;
        Expr::letters(words, word).map(Number)
    }

    fn get(&self, session: &mut Session) -> Got<Value> {
        let value = self.0.get(session)?;
        session.look(&value)
    }
}

/// One word of any kind.
#[derive(Debug)]
pub struct Word(Expr);

impl Param for Word {
    type Value<'a> = Value;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "VALUE";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        words.refuse_name(word)?;
        Expr::read(words, word).map(Word)
    }

    fn get(&self, session: &mut Session) -> Got<Value> {
        let value = self.0.get(session)?;
        session.look(&value)
    }
}

/// How a value is to be written.
#[derive(Debug)]
struct SpecWord(Given<Spec>);

impl Param for SpecWord {
    type Value<'a> = Spec;
    const KIND: Kind = Kind::Text;
    const USAGE: &'static str = "SPEC";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let help = phrase!(en "like `x`, `04d` or `<10`", es "como `x`, `04d` o `<10`");
        let make = |_: &Value, text: &str| Spec::read(text).map_err(|m| (m, Some(help.into())));
        given(words, name, make).map(SpecWord)
    }

    fn get(&self, session: &mut Session) -> Got<Spec> {
        match &self.0 {
            Given::Now(spec) => Ok(spec.clone()),
            Given::Later(expr) => {
                let text = expr.text(session)?;
                let wrong = |message| CallError::class(Class::ValueError, Detail::Text(message));
                Ok(Spec::read(&text).map_err(wrong)?)
            }
        }
    }
}

/// `u32be`, or a struct format.
#[derive(Debug)]
struct FormatWord(Given<Format>);

impl FormatWord {
    /// The format, where it is known from the text.
    fn known(&self) -> Option<&Format> {
        match &self.0 {
            Given::Now(format) => Some(format),
            Given::Later(_) => None,
        }
    }
}

impl Param for FormatWord {
    type Value<'a> = Format;
    const KIND: Kind = Kind::Word(packing::TYPES);
    const USAGE: &'static str = "TYPE";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |_: &Value, text: &str| packing::read(text).map_err(|(m, help)| (m, Some(help)));
        let format = given(words, name, make).map(FormatWord)?;
        words.values = format.known().filter(|format| format.is_list()).map(Format::values);
        Some(format)
    }

    fn get(&self, session: &mut Session) -> Got<Format> {
        match &self.0 {
            Given::Now(format) => Ok(format.clone()),
            Given::Later(expr) => {
                let text = expr.text(session)?;
                let wrong = |(message, _)| CallError::class(Class::ValueError, Detail::Text(message));
                Ok(packing::read(&text).map_err(wrong)?)
            }
        }
    }
}

/// A type and its values.
#[derive(Debug)]
struct Packing {
    format: FormatWord,
    values: Vec<Expr>,
}

impl Param for Packing {
    type Value<'a> = Vec<u8>;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "TYPE VALUE…";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let format = FormatWord::read(words, "kind");
        let mut span = words.last_span().unwrap_or(words.command);
        let mut values = Vec::new();
        while let Some(word) = words.next() {
            span = if values.is_empty() { word.span } else { span.to(word.span) };
            values.push(Expr::read(words, word));
        }
        words.note(name, span);
        let (format, values) = (format?, values.into_iter().collect::<Option<Vec<_>>>()?);
        // A list among them stands for its items.
        let all_known = values.iter().all(|value| value.literal().is_some());
        if let Some(known) = format.known()
            && known.values() != values.len()
            && (all_known || known.values() < values.iter().filter(|v| v.literal().is_some()).count())
        {
            let problem = Diagnostic::new(span, packing::how_many(known.values(), values.len()));
            let lacks = values.len() < known.values();
            words.report(if lacks { problem.unfinished() } else { problem });
            return None;
        }
        Some(Packing { format, values })
    }

    fn get(&self, session: &mut Session) -> Got<Vec<u8>> {
        let format = self.format.get(session).map_err(|halt| super::param::blamed(halt, "kind"))?;
        Ok(format.pack(&super::flat(&self.values, session)?)?)
    }
}
