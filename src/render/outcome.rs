//! What `Out` shows for an outcome.

use std::fmt::Write as _;

use super::{hexdump, table};
use crate::session::Format;
use crate::text::literal;
use crate::value::outcome::{Fact, Outcome, count};
use crate::value::{Value, domain_name, type_name};

/// Bytes beyond these are counted, not shown.
const SHOWN: usize = 4096;

/// The text after `Out[n]: `, without a line end; nothing where there is nothing to show.
///
/// `value` is the outcome's, looked at: no address in it is still to be read. `local` is the own
/// address of a socket that has connected.
pub fn out(outcome: &Outcome, value: &Value, local: Option<&str>, format: Format) -> Option<String> {
    Some(match &outcome.fact {
        Fact::Nothing | Fact::Printed(_) | Fact::Help(_) => return None,
        Fact::Value if !matches!(outcome.second, Value::Nothing) => {
            format!("{}, {}", value.to_literal(), outcome.second.to_literal())
        }
        Fact::Value => match value {
            Value::Bytes(bytes) => received(bytes, format),
            Value::Error(error) => error_line(error),
            Value::List(items) if !items.is_empty() => list(items),
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
            match (*offered as u64).saturating_sub(taken) {
                0 => count(taken, "byte"),
                left => format!("{taken} of {offered} bytes taken, {left} left to send"),
            }
        }
        Fact::Received { end: true, .. } => "end of stream".into(),
        Fact::Received { unsure: true, .. } => "0 bytes: the end, or an empty message".into(),
        Fact::Received { whole, .. } => {
            let Value::Bytes(bytes) = value else { return Some(value.to_literal()) };
            let mut text = match whole {
                Some(whole) => {
                    let lost = whole.get() - bytes.len();
                    format!("{} of {whole} bytes, {lost} lost  {}", bytes.len(), payload(bytes, format))
                }
                None => received(bytes, format),
            };
            if !matches!(outcome.second, Value::Nothing) {
                let _ = write!(text, "  from {}", outcome.second.to_text());
            }
            text
        }
        Fact::Filed { path, end } => {
            let bytes = value.to_int().unwrap_or(0).unsigned_abs();
            let end = if *end && bytes == 0 { ", end of stream" } else { "" };
            format!("{} to {}{end}", count(bytes, "byte"), literal::one_line(path))
        }
        Fact::Hexdump => match value {
            Value::Bytes(bytes) => hexdump::dump(bytes).trim_end().to_string(),
            other => other.to_literal(),
        },
        Fact::Sockets(facts) => table::draw(&table::sockets(facts)),
        Fact::Table(rows) => table::draw(rows),
    })
}

fn created(value: &Value) -> String {
    match value {
        Value::Socket(s) => format!("{}: {} {}", s.name(), domain_name(s.domain()), type_name(s.kind())),
        other => other.to_text(),
    }
}

/// `5 bytes (4 characters)  "café"`
fn received(bytes: &[u8], format: Format) -> String {
    let mut text = count(bytes.len() as u64, "byte");
    if let Ok(valid) = std::str::from_utf8(bytes)
        && !valid.is_ascii()
    {
        let _ = write!(text, " ({})", count(valid.chars().count() as u64, "character"));
    }
    if bytes.is_empty() { text } else { format!("{text}  {}", payload(bytes, format)) }
}

fn payload(bytes: &[u8], format: Format) -> String {
    let shown = &bytes[..bytes.len().min(SHOWN)];
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
        more => format!("{text} and {} more", count(more as u64, "byte")),
    }
}

fn error_line(error: &crate::value::outcome::CallError) -> String {
    let number = error.code.number().map_or(String::new(), |n| format!(" ({n})"));
    format!("{}{number}: {}", error.code.name(), error.message())
}

/// A short list on a line, a long one a line an item.
fn list(items: &[Value]) -> String {
    let texts: Vec<String> = items.iter().map(Value::to_literal).collect();
    let line = format!("[{}]", texts.join(", "));
    if line.chars().count() <= 72 { line } else { texts.join("\n") }
}
