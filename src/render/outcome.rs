//! What `Out` shows for an outcome.

use std::fmt::Write as _;

use super::table::END_OF_STREAM;
use super::{hexdump, table};
use crate::session::Format;
use crate::text::literal;
use crate::text::secrets::part;
use crate::value::map::Map;
use crate::value::outcome::{Fact, Outcome};
use crate::value::{Value, domain_name, type_name};
use crate::words::{Lang, Noun};

/// Bytes beyond these are counted, not shown.
const SHOWN: usize = 4096;

/// A drawing is so wide where there is no window.
const WIDTH: usize = 80;

/// The text after `Out[n]: `, without a line end; nothing where there is nothing to show.
///
/// `value` is the outcome's, looked at: no address in it is still to be read. `local` is the own
/// address of a socket that has connected.
pub fn out(
    outcome: &Outcome,
    value: &Value,
    local: Option<&str>,
    format: Format,
    lang: Lang,
) -> Option<String> {
    let words = lang.words();
    Some(match &outcome.fact {
        Fact::Nothing | Fact::Printed(_) | Fact::PrintedPart(_) | Fact::Help { .. } => return None,
        Fact::Value if !matches!(outcome.second, Value::Nothing) => {
            format!("{}, {}", value.to_literal(), outcome.second.to_literal())
        }
        Fact::Value => match value {
            Value::Bytes(bytes) => received(bytes, format, lang),
            Value::Error(error) => error_line(error, lang),
            Value::List(items) if !items.is_empty() => {
                together("[", items.iter().map(Value::to_item).collect(), "]")
            }
            Value::Map(map) if !map.is_empty() => {
                let entry =
                    |(key, value): (&Value, &Value)| format!("{}: {}", key.to_literal(), value.to_item());
                together("{", map.iter().map(entry).collect(), "}")
            }
            Value::Nothing => return None,
            other => other.to_literal(),
        },
        Fact::Word => literal::one_line(&value.to_text()),
        Fact::Created => created(value),
        Fact::CreatedPair => format!("{} ⇄ {}", created(value), created(&outcome.second)),
        Fact::Accepted => format!("{} ← {}", created(value), outcome.second.to_text()),
        Fact::Bound => value.to_text(),
        Fact::Connected { .. } => match local {
            Some(local) => format!("{local} → {}", value.to_text()),
            None => format!("→ {}", value.to_text()),
        },
        Fact::Sent { offered } => {
            let taken = value.to_int().unwrap_or(0).unsigned_abs();
            words.taken(taken, *offered as u64)
        }
        Fact::Received { end: true, .. } => END_OF_STREAM.show(lang).into(),
        Fact::Received { unsure: true, .. } => phrase!(
            en "0 bytes: the end, or an empty message",
            es "0 bytes: el fin, o un mensaje vacío"
        )
        .show(lang)
        .into(),
        Fact::Received { whole, peeked, .. } => {
            let Value::Bytes(bytes) = value else { return Some(value.to_literal()) };
            let mut text = match whole {
                Some(whole) => {
                    let cut = words.cut_message(bytes.len() as u64, whole.get() as u64, !peeked);
                    format!("{cut}  {}", payload(bytes, format, lang))
                }
                None => received(bytes, format, lang),
            };
            match &outcome.second {
                Value::Nothing => {}
                Value::Map(map) => text += &beside(map, lang),
                from => drop(write!(text, "  {}", words.from(&from.to_text()))),
            }
            text
        }
        Fact::Filed { path, end } => {
            let bytes = value.to_int().unwrap_or(0).unsigned_abs();
            words.filed(bytes, &literal::one_line(path), *end && bytes == 0)
        }
        Fact::Hexdump(parts) => match value {
            Value::Bytes(bytes) => hexdump::pieces(bytes, parts, lang).collect(),
            other => other.to_literal(),
        },
        Fact::Sockets(facts) => table::draw(&table::sockets(facts, lang), lang),
        Fact::Table(rows) => table::draw(rows, lang),
        Fact::Drawing(drawing) => drawing.draw(WIDTH, lang),
    })
}

/// What came beside the bytes of a message: who sent it, then each key with its value; that not all of it fitted is said.
fn beside(map: &Map, lang: Lang) -> String {
    let mut text = String::new();
    for (key, value) in map.iter() {
        let key = key.to_text();
        match (&*key, value) {
            (_, Value::Nothing) => {}
            ("from", address) => drop(write!(text, "  {}", lang.words().from(&address.to_text()))),
            ("flags", Value::List(flags)) => {
                let is = |flag: &Value, name: &str| flag.to_bytes()[..] == *name.as_bytes();
                if flags.iter().any(|flag| is(flag, "CTRUNC")) {
                    let cut = phrase!(
                        en "what came beside it did not fit, and was closed (MSG_CTRUNC)",
                        es "lo que lo acompañaba no cupo, y se cerró (MSG_CTRUNC)"
                    );
                    let _ = write!(text, "  {}", cut.show(lang));
                }
                for flag in flags.iter().filter(|flag| is(flag, "EOR") || is(flag, "OOB")) {
                    let _ = write!(text, "  {}", flag.to_text());
                }
            }
            (_, Value::List(items)) if items.is_empty() => {}
            (_, value) => drop(write!(text, "  {key} {}", value.to_literal())),
        }
    }
    text
}

fn created(value: &Value) -> String {
    match value {
        Value::Socket(s) => format!("{}: {} {}", s.name(), domain_name(s.domain()), type_name(s.kind())),
        other => other.to_text(),
    }
}

/// `5 bytes (4 characters)  "café"`
fn received(bytes: &[u8], format: Format, lang: Lang) -> String {
    let words = lang.words();
    let mut text = words.count(bytes.len() as u64, Noun::Byte);
    if let Ok(valid) = std::str::from_utf8(bytes)
        && !valid.is_ascii()
    {
        let _ = write!(text, " ({})", words.count(valid.chars().count() as u64, Noun::Character));
    }
    if bytes.is_empty() { text } else { format!("{text}  {}", payload(bytes, format, lang)) }
}

fn payload(bytes: &[u8], format: Format, lang: Lang) -> String {
    let shown = &*part(bytes, 0..bytes.len().min(SHOWN));
    let more = bytes.len() - shown.len();
    let text = match format {
        Format::Text => literal::show(shown),
        Format::Hex => {
            let hex: Vec<String> = shown.iter().map(|b| format!("{b:02x}")).collect();
            format!("x\"{}\"", hex.join(" "))
        }
        Format::Json => serde_json::Value::String(literal::text(shown)).to_string(),
    };
    match more {
        0 => text,
        more => lang.words().and_more(&text, more as u64),
    }
}

fn error_line(error: &crate::value::outcome::CallError, lang: Lang) -> String {
    let number = error.code.number().map_or(String::new(), |n| format!(" ({n})"));
    format!("{}{number}: {}", error.code.name(), error.message(lang))
}

/// What is short on a line, what is long a line an item.
fn together(open: &str, texts: Vec<String>, close: &str) -> String {
    let line = format!("{open}{}{close}", texts.join(", "));
    if line.chars().count() <= 72 { line } else { texts.join("\n") }
}
