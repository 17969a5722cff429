//! Digests, encodings, JSON, patterns, random bytes and the time: bytes at hand, and no call.

use std::borrow::Cow;

use regex::bytes::Regex;

use super::bytes::Word;
use super::param::{Count, Data, Expression, Given, Got, Key, OneData, Param, Payload, given, groups};
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::session::Session;
use crate::text::diagnostic::{suggest, there_are};
use crate::value::digest::{self, Hash};
use crate::value::encoding::{self, Encoding};
use crate::value::errno::Class;
use crate::value::json::{self, JsonPath};
use crate::value::outcome::{CallError, Detail, Outcome, Reply};
use crate::value::{Bytes, Value, no_room};
use crate::words::{Phrase, Sentence};

pub const ROWS: &[Command] = &[
    command!(Bytes, "match", find_groups, (data: OneData, regex: Expression),
        One(en "a list of the groups, or nothing" es "una lista de los grupos, o nada"),
        en "what the groups of a regular expression take of DATA; the whole match where it has none"
        es "lo que los grupos de una expresión regular toman de DATA; todo lo que calza si no tiene",
        c "", rust "", python "re.search(regex, data).groups()",
        errors ["ValueError"], does [GivesList],
        note en "`.0` is the first group. Nothing where it does not match: `if $m empty`."
             es "`.0` es el primer grupo. Nada donde no calza: `if $m empty`.",
        like "m = match \"Content-Length: 42\" r\"(\\S+): *(\\d+)\"\nprint ${m.1}\nmatch \"abc\" \"x\""),
    command!(Bytes, "json", parse_json, (data: OneData, path: Option<PathWord>),
        One(en "the value" es "el valor"),
        en "JSON text as a value, or what stands at a path in it"
        es "un texto JSON como valor, o lo que está en una ruta dentro de él",
        c "", rust "", python "json.loads(data)['a'][0]",
        errors ["JSONDecodeError", "KeyError", "UnicodeDecodeError"], does [GivesList],
        note en "Bytes, integers, flags, lists and maps; `null` is nothing. A number that is no integer of 64 bits is its letters. \
            PATH is `.a.0.b`; a key that is no name stands in quotes: `'.\"a-b\".0'`."
             es "Bytes, enteros, valores lógicos, listas y mapas; `null` es nada. Un número que no es un entero de 64 bits son sus letras. \
            PATH es `.a.0.b`; una clave que no es un nombre va entre comillas: `'.\"a-b\".0'`.",
        like "json '{\"id\": 7, \"tags\": [\"a\", \"b\"]}'\njson '{\"tags\": [\"a\", \"b\"]}' .tags.1"),
    command!(Bytes, "tojson", to_json, (value: Word),
        One(en "the text" es "el texto"),
        en "a value as JSON text"
        es "un valor como texto JSON",
        c "", rust "", python "json.dumps(value).encode()",
        errors ["TypeError", "UnicodeDecodeError"],
        note en "With the blanks that Python puts in, and letters as they are."
             es "Con los espacios que pone Python, y las letras tal cual.",
        like "parts = split \"a,b\" \",\"\ntojson $parts"),
    command!(Bytes, "hash", hash, (name: HashName, data: Data),
        One(en "the digest" es "el resumen"),
        en "a digest or a checksum: md5, sha1, sha256, sha512, crc32, inet (of IP and TCP)"
        es "un resumen o una suma de verificación: md5, sha1, sha256, sha512, crc32, inet (de IP y TCP)",
        c "", rust "", python "hashlib.new(name, data).digest()",
        errors [],
        note en "The high byte comes first. `.hex` and `.base64` show it as it is usually written."
             es "El byte alto va primero. `.hex` y `.base64` lo muestran como se suele escribir.",
        like "h = hash sha256 \"hola\"\nprint ${h.hex}"),
    command!(Bytes, "hmac", hmac, (name: KeyedName, key: Key, data: Data),
        One(en "the digest" es "el resumen"),
        en "a digest with a key mixed in: md5, sha1, sha256, sha512"
        es "un resumen con una clave mezclada: md5, sha1, sha256, sha512",
        c "", rust "", python "hmac.digest(key, data, name)",
        errors [],
        like "h = hmac sha256 secreto \"hola\"\nprint ${h.hex}"),
    command!(Bytes, "encode", encode, (encoding: EncodingWord, text: Data),
        One(en "the bytes" es "los bytes"),
        en "text in an encoding: latin-1, utf-16, ascii, cp437, …; bytes as `hex`, `base64`, `url`, `python`"
        es "un texto en una codificación: latin-1, utf-16, ascii, cp437, …; bytes como `hex`, `base64`, `url`, `python`",
        c "", rust "", python "text.encode(encoding)",
        errors ["UnicodeEncodeError", "UnicodeDecodeError"],
        note en "`python` is how Python's `print` shows bytes: `b'\\xf1'`."
             es "`python` es como muestra los bytes el `print` de Python: `b'\\xf1'`.",
        like "encode latin-1 \"año\"\nencode url \"a b&c\"\nencode python \"año\\n\""),
    command!(Bytes, "decode", decode, (encoding: EncodingWord, data: Data),
        One(en "the text" es "el texto"),
        en "bytes in an encoding as text; `hex`, `base64`, `url` and `python` as bytes"
        es "bytes en una codificación como texto; `hex`, `base64`, `url` y `python` como bytes",
        c "", rust "", python "data.decode(encoding)",
        errors ["UnicodeDecodeError", "ValueError"],
        like "decode latin-1 x\"61 f1 6f\"\ndecode base64 \"aG9sYQ==\""),
    command!(Bytes, "random", random, (n: Count),
        One(en "the bytes" es "los bytes"),
        en "N random bytes"
        es "N bytes al azar",
        c "", rust "", python "random.randbytes(n)",
        errors ["MemoryError"],
        note en "They follow from a seed, which the report of a failure tells; `--seed N` of `run` and `test` gives the same bytes \
            again. Each thread has its own. For tests, not for secrets."
             es "Salen de una semilla, que el informe de una falla dice; `--seed N` de `run` y `test` da de nuevo los mismos bytes. \
            Cada hilo tiene los suyos. Para pruebas, no para secretos.",
        like "x = random 16\nprint ${x.len}"),
    command!(Bytes, "now", now, (monotonic: Monotonic),
        One(en "nanoseconds" es "nanosegundos"),
        en "the time in nanoseconds since 1970"
        es "la hora en nanosegundos desde 1970",
        c "", rust "", python "time.time_ns()",
        errors [],
        like "now\nnow --monotonic"),
];

fn find_groups(_: &mut Session, data: Payload<'_>, regex: Cow<'_, Regex>) -> Reply {
    Outcome::value(groups(&regex, &data))
}

fn parse_json(_: &mut Session, data: Payload<'_>, path: Option<JsonPath>) -> Reply {
    Outcome::value(json::parse(&data, &path.unwrap_or_default())?)
}

fn to_json(_: &mut Session, value: Value) -> Reply {
    Outcome::value(Value::bytes(json::text_of(&value)?))
}

fn hash(_: &mut Session, hash: Hash, data: Payload<'_>) -> Reply {
    Outcome::value(Value::bytes(hash.of(&data)))
}

fn hmac(_: &mut Session, hash: Hash, key: Bytes, data: Payload<'_>) -> Reply {
    Outcome::value(hash.keyed(&key, &data).map_or(Value::Nothing, Value::bytes))
}

fn encode(_: &mut Session, encoding: Encoding, text: Payload<'_>) -> Reply {
    Outcome::value(Value::bytes(encoding.encode(&text)?))
}

fn decode(_: &mut Session, encoding: Encoding, data: Payload<'_>) -> Reply {
    Outcome::value(Value::bytes(encoding.decode(&data)?))
}

fn random(session: &mut Session, n: usize) -> Reply {
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(n).is_err() {
        return Err(no_room(n).into());
    }
    session.fill_randomly(&mut bytes, n);
    Outcome::value(Value::bytes(bytes))
}

fn now(_: &mut Session, monotonic: bool) -> Reply {
    use nix::time::{ClockId, clock_gettime};
    let clock = if monotonic { ClockId::CLOCK_MONOTONIC } else { ClockId::CLOCK_REALTIME };
    let time = clock_gettime(clock).map_err(|e| CallError::errno("clock_gettime", e as i32))?;
    let nanos = i128::from(time.tv_sec()) * 1_000_000_000 + i128::from(time.tv_nsec());
    let nanos = i64::try_from(nanos).map_err(|_| CallError::class(Class::OverflowError, Detail::Overflow))?;
    Outcome::value(Value::Int(nanos))
}

/// `--monotonic`
#[derive(Debug)]
struct Monotonic(bool);

impl Param for Monotonic {
    type Value<'a> = bool;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--monotonic",
        value: None,
        about: phrase!(
            en "of a clock that never jumps; only differences mean something",
            es "de un reloj que nunca salta; solo las diferencias dicen algo"
        ),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        Some(Monotonic(words.switch("--monotonic").is_some()))
    }

    fn get(&self, _: &mut Session) -> Got<bool> {
        Ok(self.0)
    }
}

/// A word of a set, which a value may say too.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident as $of:ty, $usage:literal, $names:expr, $find:expr, $what:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        struct $type(Given<$of>);

        impl $type {
            fn find(text: &str) -> Option<$of> {
                $find(text)
            }
        }

        impl Param for $type {
            type Value<'a> = $of;
            const KIND: Kind = Kind::Word($names);
            const USAGE: &'static str = $usage;

            fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
                let make = |_: &Value, text: &str| {
                    $type::find(text).ok_or_else(|| {
                        let what: Phrase = $what;
                        let near = suggest(text, $names.iter().copied());
                        let help = near.unwrap_or_else(|| there_are($names.iter().copied()));
                        (say!(en "`{text}` is not {what}", es "`{text}` no es {what}", text, what), Some(help))
                    })
                };
                given(words, name, make).map($type)
            }

            fn get(&self, session: &mut Session) -> Got<$of> {
                match &self.0 {
                    Given::Now(found) => Ok(*found),
                    Given::Later(expr) => {
                        let text = expr.text(session)?;
                        let found = Sentence::plain(Value::text(&text).to_literal());
                        let wrong = || {
                            CallError::class(Class::ValueError, Detail::NotA { wanted: $what, found }).into()
                        };
                        $type::find(&text).ok_or_else(wrong)
                    }
                }
            }
        }
    };
}

named!(
    /// The name of a hash.
    HashName as Hash, "NAME", digest::NAMES, Hash::named, phrase!(en "a hash", es "un hash"));
named!(
    /// The name of a hash that a key can be mixed into.
    KeyedName as Hash, "NAME", digest::KEYED,
    |text: &str| Some(text).filter(|text| digest::KEYED.contains(text)).and_then(Hash::named),
    phrase!(en "a hash that takes a key", es "un hash que lleve clave"));
named!(
    /// The name of an encoding.
    EncodingWord as Encoding, "ENCODING", encoding::NAMES, Encoding::named, phrase!(en "an encoding", es "una codificación"));

/// What of a JSON text is wanted.
#[derive(Debug)]
struct PathWord(Given<JsonPath>);

impl Param for PathWord {
    type Value<'a> = JsonPath;
    const KIND: Kind = Kind::Text;
    const USAGE: &'static str = "PATH";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let help =
            phrase!(en "like `.items.0.name`; `.` is all of it", es "como `.items.0.name`; `.` es todo");
        let make = |_: &Value, text: &str| JsonPath::read(text).map_err(|m| (m, Some(help.into())));
        given(words, name, make).map(PathWord)
    }

    fn get(&self, session: &mut Session) -> Got<JsonPath> {
        match &self.0 {
            Given::Now(path) => Ok(path.clone()),
            Given::Later(expr) => {
                let text = expr.text(session)?;
                let wrong = |message| CallError::class(Class::ValueError, Detail::Text(message));
                Ok(JsonPath::read(&text).map_err(wrong)?)
            }
        }
    }
}
