//! Bytes at hand: no call is made.

use super::expr::Expr;
use super::param::{Data, Given, Got, Integer, OneData, Param, Payload, Piece, Separator, given};
use super::row::{Command, Kind, command};
use super::words::Words;
use crate::session::Session;
use crate::session::names::Place;
use crate::text::diagnostic::Diagnostic;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail, Fact, Outcome, Reply};
use crate::value::packing::{self, Format};
use crate::value::{Bytes, PER_VALUE, Value, ask_room};
use crate::words::Sentence;

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
    command!(Bytes, "unpack", unpack, (kind: FormatWord, data: OneData),
        One(en "the value, or a list of values" es "el valor, o una lista de valores"),
        en "bytes as the numbers and text they stand for"
        es "bytes como los números y el texto que representan",
        c "", rust "", python "a, b = struct.unpack('>IH', data)",
        errors ["ValueError"], does [Unpacks],
        note en "A format gives a list, also of one value. DATA must have exactly the type's length. What 64 bits with a sign cannot hold, and a \
            number with a fraction, is text."
             es "Un formato da una lista, también de un solo valor. DATA debe tener exactamente el largo del tipo. Lo que no cabe en 64 bits con signo, y un \
            número con decimales, es texto.",
        like "n = unpack u16be x\"01 f4\"\nprint $n\nlist = unpack \">BH\" x\"01 01f4\"\nprint ${list.1}"),
    command!(Bytes, "slice", slice, (data: OneData, from: Integer, to: Option<Integer>),
        One(en "the bytes" es "los bytes"),
        en "the bytes from one place up to another; negative places count from the end"
        es "los bytes desde una posición hasta otra; las negativas se cuentan desde el final",
        c "", rust "", python "data[start:end]",
        errors [],
        like "slice \"hola mundo\" 0 4\nslice \"hola mundo\" -5"),
    command!(Bytes, "split", split, (data: OneData, separator: Separator),
        One(en "a list of bytes" es "una lista de bytes"),
        en "the pieces between the separators"
        es "los trozos entre los separadores",
        c "", rust "", python "data.split(separator)",
        errors ["ValueError"],
        like "parts = split \"uno;dos\" \";\"\nprint ${parts.1}"),
    command!(Bytes, "find", find, (data: OneData, part: Piece),
        One(en "the place, or -1" es "la posición, o -1"),
        en "where a part begins for the first time"
        es "dónde empieza una parte por primera vez",
        c "", rust "", python "data.find(part)",
        errors [],
        like "find \"hola mundo\" mundo"),
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

fn unpack(_: &mut Session, format: Format, data: Payload<'_>) -> Reply {
    Outcome::value(format.unpack(&data)?)
}

fn slice(_: &mut Session, data: Payload<'_>, from: i64, to: Option<i64>) -> Reply {
    let (from, to) = (place(from, data.len()), to.map_or(data.len(), |to| place(to, data.len())));
    Outcome::value(Value::bytes(data.get(from..to).unwrap_or_default()))
}

/// A place in so many bytes; negative ones count from the end, and none is outside.
fn place(at: i64, length: usize) -> usize {
    let from_end = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
    if at < 0 { length.saturating_sub(from_end) } else { from_end.min(length) }
}

fn split(_: &mut Session, data: Payload<'_>, separator: Bytes) -> Reply {
    if separator.is_empty() {
        let detail = Detail::NotA {
            wanted: phrase!(en "a separator", es "un separador"),
            found: Sentence::plain("\"\""),
        };
        return Err(CallError::class(Class::ValueError, detail).blame("separator").into());
    }
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
    Outcome::with(Value::Bytes(bytes), Fact::Hexdump)
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
        given(words, name, make).map(FormatWord)
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
        if let Some(known) = format.known()
            && known.values() != values.len()
        {
            words.report(Diagnostic::new(span, packing::how_many(known.values(), values.len())));
            return None;
        }
        Some(Packing { format, values })
    }

    fn get(&self, session: &mut Session) -> Got<Vec<u8>> {
        let format = self.format.get(session).map_err(|halt| super::param::blamed(halt, "kind"))?;
        let values: Got<Vec<Value>> =
            self.values.iter().map(|e| e.get(session).and_then(|v| session.look(&v))).collect();
        Ok(format.pack(&values?)?)
    }
}
