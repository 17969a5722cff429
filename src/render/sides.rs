//! A failure in parts, for reports that show them side by side: what was expected and what came, and the lines of the
//! source around it.

use serde_json::{Value as Json, json};

use super::error::headline;
use crate::text::diagnostic::{Place, Sources};
use crate::text::literal;
use crate::text::secrets::{hide, hide_bytes};
use crate::value::Value;
use crate::value::outcome::{Halt, Miss, MissKind, Sides};
use crate::words::Lang;

/// So many bytes of a side are shown.
const MOST: usize = 4096;
/// So many lines before the one at fault, and behind it.
const BEFORE: usize = 12;
const BEHIND: usize = 4;

/// Both sides of what was expected: a list, because `or` has several; nothing where nothing was expected.
pub fn sides(halt: &Halt, lang: Lang) -> Json {
    let Halt::Miss(Miss { kind, .. }) = halt else { return Json::Null };
    let pair = |operator: String, expected: Option<String>, got: Option<String>| json!({ "operator": operator, "expected": expected, "got": got });
    match kind {
        MissKind::Condition { sides } | MissKind::TooLate { sides, .. } => {
            let one = |Sides { left, operator, right, negated }: &Sides| {
                let operator = if *negated { format!("not {operator}") } else { (*operator).to_string() };
                pair(operator, right.as_ref().map(shown), Some(shown(left)))
            };
            sides.iter().map(one).collect()
        }
        MissKind::DidNotFail { wanted, got } => {
            json!([pair("fails".into(), Some(cut(&wanted.join(" "))), Some(shown(got)))])
        }
        MissKind::FailedOtherwise { wanted, error } => {
            json!([pair("fails".into(), Some(cut(&wanted.join(" "))), Some(cut(&headline(error, lang))))])
        }
        MissKind::Answer { wanted, got } => {
            json!([pair("#>".into(), Some(cut(&wanted.join("\n"))), Some(cut(&got.join("\n"))))])
        }
        MissKind::Unreached => Json::Null,
    }
}

/// Secrets are hidden while they are whole: what is cut, or marked in parts, would show a piece of one.
fn shown(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) if bytes.len() > MOST => {
            format!("{} …", literal::show(&hide_bytes(bytes)[..MOST]))
        }
        other => cut(&other.to_literal()),
    }
}

fn cut(text: &str) -> String {
    let text = hide(text);
    match text.len() > MOST {
        true => format!("{} …", &text[..text.floor_char_boundary(MOST)]),
        false => text.to_string(),
    }
}

/// The lines around a failure; and around the script's own line that led there, where that is another.
pub fn source(at: Option<&Place>, own: Option<&Place>, sources: &Sources) -> Json {
    let is_far = |own: &&Place| {
        at.is_none_or(|at| own.file != at.file || own.line + BEFORE < at.line || at.line + BEHIND < own.line)
    };
    let both = own.filter(is_far).into_iter().chain(at);
    both.filter_map(|place| {
        let text = sources.named(&place.file)?;
        let first = place.line.saturating_sub(BEFORE).max(1);
        let lines: Vec<&str> = text.lines().skip(first - 1).take(place.line + BEHIND + 1 - first).collect();
        Some(json!({
            "file": &*place.file, "line": place.line, "column": place.column, "first": first,
            "lines": lines.into_iter().map(cut).collect::<Vec<_>>(),
        }))
    })
    .collect()
}
