//! How long: durations and limits of time.

use std::time::Duration;

use super::{Given, Got, Param, wrong};
use crate::command::expr::Expr;
use crate::command::syntax::{Kind, OptionSpec};
use crate::command::words::Words;
use crate::session::Session;
use crate::text::diagnostic::Diagnostic;
use crate::text::words::Word;
use crate::value::Value;
use crate::value::duration_of;
use crate::value::errno::Class;
use crate::words::Phrase;

/// How long: `250ms`, `2s`, `1m`; a bare number is seconds.
#[derive(Debug)]
pub struct Span(Given<Duration>);

/// A value as a duration: a bare number is seconds, text is read as a script's word is.
pub fn duration(value: &Value) -> Option<Duration> {
    match value {
        Value::Duration(time) => Some(*time),
        Value::Int(n) => u64::try_from(*n).ok().map(Duration::from_secs),
        Value::Bytes(b) => duration_of(std::str::from_utf8(b).ok()?),
        _ => None,
    }
}

const DURATION_HELP: Phrase = phrase!(
    en "like `250ms`, `2s`, `1.5s` or `1m`; a bare number is seconds",
    es "como `250ms`, `2s`, `1.5s` o `1m`; un número solo son segundos"
);

/// A word as a duration.
pub fn read_duration(words: &mut Words<'_>, word: &Word<'_>) -> Option<Given<Duration>> {
    let expr = Expr::read(words, word)?;
    let Some(value) = expr.literal() else { return Some(Given::Later(Box::new(expr))) };
    match duration(value) {
        Some(d) => Some(Given::Now(d)),
        None => {
            let text = value.to_text();
            let message = say!(en "`{text}` is not a duration", es "`{text}` no es una duración", text);
            words.report(Diagnostic::new(word.span, message).help(DURATION_HELP));
            None
        }
    }
}

/// The duration, each time the line runs.
pub fn get_duration(given: &Given<Duration>, session: &mut Session) -> Got<Duration> {
    match given {
        Given::Now(d) => Ok(*d),
        Given::Later(expr) => {
            let value = expr.get(session)?;
            duration(&value)
                .ok_or_else(|| wrong(Class::ValueError, phrase!(en "a duration", es "una duración"), &value))
        }
    }
}

impl Param for Span {
    type Value<'a> = Duration;
    const KIND: Kind = Kind::Duration;
    const USAGE: &'static str = "DURATION";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        read_duration(words, word).map(Span)
    }

    fn get(&self, session: &mut Session) -> Got<Duration> {
        get_duration(&self.0, session)
    }
}

/// `DURATION|none`
#[derive(Debug)]
pub struct SpanOrNone(Option<Span>);

impl Param for SpanOrNone {
    type Value<'a> = Option<Duration>;
    const KIND: Kind = Kind::Duration;
    const USAGE: &'static str = "DURATION|none";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        if words.peek().and_then(|w| w.bare()).is_some_and(|t| t.eq_ignore_ascii_case("none")) {
            if let Some(word) = words.next() {
                words.note(name, word.span);
            }
            return Some(SpanOrNone(None));
        }
        Span::read(words, name).map(|s| SpanOrNone(Some(s)))
    }

    fn get(&self, session: &mut Session) -> Got<Option<Duration>> {
        self.0.as_ref().map(|s| s.get(session)).transpose()
    }
}

/// `--timeout DURATION`
#[derive(Debug)]
pub struct Timeout(Option<Given<Duration>>);

impl Param for Timeout {
    type Value<'a> = Option<Duration>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--timeout",
        value: Some("DURATION"),
        about: phrase!(
            en "give up after so long, with ETIMEDOUT",
            es "se rinde después de este tiempo, con ETIMEDOUT"
        ),
    }];
    const BLOCKS: bool = true;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let Some(word) = words.option("--timeout") else { return Some(Timeout(None)) };
        words.note(name, word.span);
        read_duration(words, word).map(|d| Timeout(Some(d)))
    }

    fn get(&self, session: &mut Session) -> Got<Option<Duration>> {
        let limit = self.0.as_ref().map(|d| get_duration(d, session)).transpose()?;
        session.limit_command(limit);
        Ok(limit)
    }
}
