//! Values as JSON text and back.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::errno::Class;
use super::map::Map;
use super::octets::Octets;
use super::outcome::{CallError, Detail};
use super::{PER_VALUE, Value, ask_room, extend, no_key, printed_int, utf8};
use crate::text::secrets::first;
use crate::words::Sentence;

/// Lists and maps within each other: deeper ones are refused.
const DEEPEST: usize = 128;

/// What of a JSON text is wanted: `.a.0."b c"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonPath(Vec<String>);

impl JsonPath {
    /// A path as it was written. The error is what is wrong with it.
    pub fn read(text: &str) -> Result<JsonPath, Sentence> {
        let mut parts = Vec::new();
        let mut rest = text;
        if text == "." {
            return Ok(JsonPath::default());
        }
        let wrong = || {
            say!(
                en "`{text}` is not a path: it is `.` before each key or place",
                es "`{text}` no es una ruta: lleva `.` antes de cada clave o posición",
                text
            )
        };
        while !rest.is_empty() {
            rest = rest.strip_prefix('.').ok_or_else(wrong)?;
            let part;
            (part, rest) = match rest.strip_prefix('"') {
                Some(inside) => {
                    let (part, rest) = inside.split_once('"').ok_or_else(|| {
                        say!(
                            en "`{text}` has a quote that is never closed",
                            es "`{text}` tiene una comilla que nunca se cierra",
                            text
                        )
                    })?;
                    (part, rest)
                }
                None => {
                    let end = rest.find('.').unwrap_or(rest.len());
                    if end == 0 || rest[..end].contains(['"', '[', ']']) {
                        return Err(wrong());
                    }
                    rest.split_at(end)
                }
            };
            parts.push(part.to_string());
        }
        if parts.is_empty() { Err(wrong()) } else { Ok(JsonPath(parts)) }
    }
}

/// The value at a path of a JSON text: bytes, an integer, a flag, a list, a map, or nothing for `null`. A number that is no
/// integer of 64 bits is its letters.
pub fn parse(data: &[u8], path: &JsonPath) -> Result<Value, CallError> {
    let text = utf8(data).map_err(|e| e.blame("data"))?;
    // What is made of it is counted before it is made: each value but the first has a comma or a colon before it.
    let values = 1 + text.bytes().filter(|b| matches!(b, b',' | b':')).count();
    ask_room(text.len().saturating_add(values.saturating_mul(2 * PER_VALUE)))?;
    let mut raw: &RawValue = read(text)?;
    let mut at = String::new();
    for part in &path.0 {
        raw = match raw.get().as_bytes().first() {
            Some(b'{') => {
                let Entries(entries) = read(raw.get())?;
                // The last of several that are called the same, as in Python.
                let found = entries.into_iter().rev().find(|(key, _)| key == part);
                found.map(|(_, value)| value).ok_or_else(|| missing(&no_key(&Value::text(part)), &at))?
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = read(raw.get())?;
                let index: Option<usize> = part.parse().ok();
                let found = index.and_then(|index| items.get(index).copied());
                found.ok_or_else(|| {
                    let text = say!(
                        en "there is no `.{part}` in a list of {length}",
                        es "no hay `.{part}` en una lista de {length}",
                        part,
                        length = items.len()
                    );
                    missing(&CallError::class(Class::KeyError, Detail::Text(text)), &at)
                })?
            }
            _ => {
                let text = say!(
                    en "there is no `.{part}` in {value}, which is no list and no map",
                    es "no hay `.{part}` en {value}, que no es una lista ni un mapa",
                    part,
                    value = first(raw.get(), 40).unwrap_or_else(|| raw.get().to_string())
                );
                return Err(missing(&CallError::class(Class::KeyError, Detail::Text(text)), &at));
            }
        };
        at.push('.');
        at.push_str(part);
    }
    value_of(raw, 0)
}

/// The KeyError of a path, with how far it could be followed.
fn missing(error: &CallError, at: &str) -> CallError {
    let why = error.sentence();
    let text = match at {
        "" => why,
        at => say!(en "at `{at}`: {why}", es "en `{at}`: {why}", at, why),
    };
    CallError::class(Class::KeyError, Detail::Text(text)).blame("path")
}

fn read<'d, T: Deserialize<'d>>(text: &'d str) -> Result<T, CallError> {
    serde_json::from_str(text).map_err(|e| not_json(&e))
}

fn not_json(e: &serde_json::Error) -> CallError {
    let (line, column) = (e.line(), e.column());
    let text = match e.classify() {
        serde_json::error::Category::Eof => {
            say!(en "this is not JSON: it ends too early", es "esto no es JSON: termina antes de tiempo")
        }
        _ => say!(
            en "this is not JSON: line {line}, column {column} cannot stand there",
            es "esto no es JSON: lo de la línea {line}, columna {column} no puede ir ahí",
            line,
            column
        ),
    };
    CallError::class(Class::JSONDecodeError, Detail::Text(text)).blame("data")
}

fn value_of(raw: &RawValue, depth: usize) -> Result<Value, CallError> {
    let text = raw.get();
    if depth > DEEPEST {
        let text = say!(
            en "more than {most} lists and maps stand within each other",
            es "hay más de {most} listas y mapas unos dentro de otros",
            most = DEEPEST
        );
        return Err(CallError::class(Class::JSONDecodeError, Detail::Text(text)).blame("data"));
    }
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let Entries(entries) = read(text)?;
            let mut map = Map::default();
            for (key, value) in entries {
                map.put(Value::text(&key), value_of(value, depth + 1)?);
            }
            Value::from(map)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = read(text)?;
            Value::list(items.into_iter().map(|item| value_of(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Value::bytes(read::<String>(text)?),
        Some(b't') => Value::flag(true),
        Some(b'f') => Value::flag(false),
        Some(b'n') => Value::Nothing,
        _ => printed_int(text).map_or_else(|| Value::Bytes(Arc::new(Octets::number(text))), Value::Int),
    })
}

/// The entries of a JSON object, in order.
struct Entries<'d>(Vec<(String, &'d RawValue)>);

impl<'d> Deserialize<'d> for Entries<'d> {
    fn deserialize<D: Deserializer<'d>>(from: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'d> Visitor<'d> for Each {
            type Value = Entries<'d>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("{…}")
            }

            fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> Result<Entries<'d>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }

            fn visit_seq<A: SeqAccess<'d>>(self, _: A) -> Result<Entries<'d>, A::Error> {
                Err(serde::de::Error::custom("{…}"))
            }
        }
        from.deserialize_map(Each)
    }
}

/// A value as JSON text, with the blanks that Python puts in.
pub fn text_of(value: &Value) -> Result<Vec<u8>, CallError> {
    let mut out = Vec::new();
    write(value, &mut out, 0)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>, depth: usize) -> Result<(), CallError> {
    if depth > DEEPEST {
        return Err(CallError::class(Class::RecursionError, Detail::Depth { most: DEEPEST }));
    }
    match value {
        Value::Nothing => extend(out, b"null"),
        Value::Int(n) => extend(out, n.to_string().as_bytes()),
        Value::Flag(on) => extend(out, if *on { b"true" } else { b"false" }),
        Value::Bytes(bytes) if bytes.is_number() => extend(out, bytes),
        Value::Bytes(bytes) => write_text(utf8(bytes)?, out),
        Value::Address(_) | Value::Local(_) | Value::Duration(_) => write_text(&value.to_text(), out),
        Value::List(items) => {
            extend(out, b"[")?;
            for (at, item) in items.iter().enumerate() {
                extend(out, if at == 0 { b"" } else { b", " })?;
                write(item, out, depth + 1)?;
            }
            extend(out, b"]")
        }
        Value::Map(map) => {
            extend(out, b"{")?;
            for (at, (key, item)) in map.iter().enumerate() {
                extend(out, if at == 0 { b"" } else { b", " })?;
                match key {
                    Value::Bytes(bytes) => write_text(utf8(bytes)?, out)?,
                    Value::Int(n) => write_text(&n.to_string(), out)?,
                    other => return Err(unwritable(other)),
                }
                extend(out, b": ")?;
                write(item, out, depth + 1)?;
            }
            extend(out, b"}")
        }
        other => Err(unwritable(other)),
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), CallError> {
    extend(out, serde_json::Value::from(text).to_string().as_bytes())
}

fn unwritable(value: &Value) -> CallError {
    let wanted = phrase!(en "a value that JSON has", es "un valor que JSON tenga");
    CallError::class(Class::TypeError, Detail::NotA { wanted, found: value.described() }).blame("value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, path: &str) -> String {
        let Ok(path) = JsonPath::read(path) else { return "no path".into() };
        parse(text.as_bytes(), &path).map_or_else(|e| e.code.name(), |v| v.to_literal())
    }

    #[test]
    fn a_path_leads_into_it() {
        let text =
            r#" {"a": [1, {"b c": "x", "n": null}, true], "e": 1.50, "big": 9223372036854775808, "a": [5]} "#;
        for (path, want) in [
            (".", r#"{"a": [5], "e": "1.50", "big": "9223372036854775808"}"#),
            (".a.0", "5"),
            (".e", "\"1.50\""),
            (".a.1", "KeyError"),
            (".a.x", "KeyError"),
            (".e.x", "KeyError"),
            (".z", "KeyError"),
            ("a", "no path"),
            (".a.", "no path"),
            ("", "no path"),
            (".a[0]", "no path"),
            (".\"a", "no path"),
        ] {
            assert_eq!(at(text, path), want, "{path}");
        }
        assert_eq!(at(r#"[{"b c": "é\u00e9\n"}]"#, r#".0."b c""#), "\"éé\\n\"");
        assert_eq!(at("[null, false]", "."), "[nothing, 0]");
        for text in ["", "{", "[1,]", "{'a': 1}", "1 2", "\u{1}", "[01]", "nul"] {
            assert_eq!(at(text, "."), "JSONDecodeError", "{text:?}");
        }
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert_eq!(at(&deep(129), "."), deep(129));
        assert_eq!(at(&deep(130), "."), "JSONDecodeError");
        assert_eq!(at(&deep(100_000), "."), "JSONDecodeError");
    }

    #[test]
    fn values_are_written_as_python_writes_them() {
        let text = r#"{"a": [1, -2, 1.50, 1e3, 18446744073709551616, "2.5", true, null, "é\"\\\n\u0001"], "b": {}, "5": []}"#;
        let Ok(value) = parse(text.as_bytes(), &JsonPath::default()) else { panic!("{text}") };
        let written = text_of(&value).ok().and_then(|b| String::from_utf8(b).ok());
        assert_eq!(written.as_deref(), Some(text));
        assert!(text_of(&Value::bytes([0xff])).is_err());
    }
}
