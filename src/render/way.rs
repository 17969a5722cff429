//! How a failure came there: the lines that were on their way, the test's own first.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use unicode_width::UnicodeWidthStr;

use super::error::span_of;
use crate::text::diagnostic::{Place, Sources, Span};
use crate::text::literal;
use crate::text::secrets::{first, part};
use crate::value::Value;
use crate::value::outcome::{Halt, Miss, MissKind};
use crate::value::way::{Leg, LegKind, Way};
use crate::words::{Lang, Sentence};

/// So many columns of a line, and bytes of a value, are shown.
const MOST_COLUMNS: usize = 48;
const MOST_BYTES: usize = 64;

/// The lines that a failure left, with their arguments and values; `None` where it left none.
pub fn lines(halt: &Halt, sources: &Sources, lang: Lang) -> Option<String> {
    let ways = ways(halt);
    let mut rows: Vec<[String; 3]> = Vec::new();
    for way in &ways {
        for (at, leg) in way.legs().enumerate() {
            if let Some((gap, left_out)) = way.gap()
                && gap == at
            {
                let more = lang.words().more_lines(left_out as u64);
                rows.push([more, String::new(), String::new()]);
            }
            rows.push([place(sources, leg.span), line(sources, leg.span), about(&leg.kind, lang)]);
        }
    }
    // The line itself, where the report's caret is under another.
    if let Some(inner) = inner_span(halt) {
        rows.push([place(sources, inner), line(sources, inner), String::new()]);
    }
    if rows.is_empty() {
        return None;
    }
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths = [width(0), width(1)];
    let head = phrase!(en "how it came there:", es "cómo se llegó ahí:").show(lang);
    let mut out = head.to_string();
    for [place, line, about] in &rows {
        let (a, b) = (widths[0] - place.width(), widths[1] - line.width());
        let row = format!("  {place}{}  {line}{}  {about}", " ".repeat(a), " ".repeat(b));
        out.push('\n');
        out.push_str(row.trim_end());
    }
    Some(out)
}

/// The same for programs, the test's own line first.
pub fn stack(halt: &Halt, sources: &Sources) -> Json {
    let values = |values: &[(Arc<str>, Value)]| -> Json {
        let pair = |(name, value): &(Arc<str>, Value)| (name.to_string(), json!(literal_of(value)));
        Json::Object(values.iter().map(pair).collect())
    };
    let leg = |leg: &Leg| {
        let place = sources.place(leg.span);
        let mut object = json!({
            "file": place.as_ref().map(|p| &*p.file),
            "line": place.as_ref().map(|p| p.line),
            "column": place.as_ref().map(|p| p.column),
            "text": line(sources, leg.span),
        });
        let fields = match &leg.kind {
            LegKind::Call { def, arguments } => {
                json!({ "kind": "def", "name": &**def, "values": values(arguments) })
            }
            LegKind::Source => json!({ "kind": "source" }),
            LegKind::Round { number, values: of } => {
                json!({ "kind": "round", "round": number, "values": values(of) })
            }
            LegKind::Thread { name } => json!({ "kind": "thread", "name": &**name }),
        };
        if let (Some(object), Json::Object(fields)) = (object.as_object_mut(), fields) {
            object.extend(fields);
        }
        object
    };
    ways(halt).iter().flat_map(|way| way.legs()).map(leg).collect()
}

/// The place in the script itself, which is the first of the sources: where its line called what failed, or failed.
pub fn own_place(halt: &Halt, sources: &Sources) -> Option<Place> {
    let own = sources.first()?;
    let outer = ways(halt).into_iter().flat_map(|way| way.legs()).map(|leg| leg.span);
    let mut spans = outer.chain(span_of(halt, sources));
    spans.find(|span| own.holds(*span)).and_then(|span| sources.place(span))
}

/// The way of the halt, and that of the error which it is about.
fn ways(halt: &Halt) -> Vec<&Way> {
    let inner = match halt {
        Halt::Miss(Miss {
            kind: MissKind::FailedOtherwise { error, .. } | MissKind::TooLate { error, .. },
            ..
        }) => Some(&error.way),
        _ => None,
    };
    halt.way().into_iter().chain(inner).filter(|way| !way.is_empty()).collect()
}

/// Where the error of a `fails` happened, if not in its own line.
fn inner_span(halt: &Halt) -> Option<Span> {
    match halt {
        Halt::Miss(Miss {
            kind: MissKind::FailedOtherwise { error, .. } | MissKind::TooLate { error, .. },
            ..
        }) if !error.way.is_empty() => error.span,
        _ => None,
    }
}

fn place(sources: &Sources, span: Span) -> String {
    match sources.place(span) {
        Some(place) => format!("{}:{}:{}", literal::one_line(&place.file), place.line, place.column),
        None => String::new(),
    }
}

/// The text of a line, cut where it is long.
fn line(sources: &Sources, span: Span) -> String {
    let text = sources.text(span).lines().next().unwrap_or("");
    cut(literal::one_line(text.trim_end()), MOST_COLUMNS)
}

fn cut(text: String, most: usize) -> String {
    first(&text, most).map_or(text, |first| first + "…")
}

fn about(kind: &LegKind, lang: Lang) -> String {
    let listed = |values: &[(Arc<str>, Value)]| {
        let pair = |(name, value): &(Arc<str>, Value)| format!("{name} = {}", literal_of(value));
        values.iter().map(pair).collect::<Vec<_>>().join(", ")
    };
    match kind {
        LegKind::Call { arguments, .. } => listed(arguments),
        LegKind::Source => String::new(),
        LegKind::Round { number, values } => {
            let round: Sentence = say!(en "round {number}", es "vuelta {number}", number);
            match values.is_empty() {
                true => round.show(lang),
                false => format!("{}: {}", round.show(lang), listed(values)),
            }
        }
        LegKind::Thread { name } => say!(en "thread `{name}`", es "hilo `{name}`", name).show(lang),
    }
}

/// A value in one line, of bytes the first.
fn literal_of(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) if bytes.len() > MOST_BYTES => {
            format!("{} …", literal::show(&part(bytes, 0..MOST_BYTES)))
        }
        Value::Socket(socket) => socket.name().to_string(),
        other => cut(literal::one_line(&other.to_literal()), 2 * MOST_BYTES),
    }
}
