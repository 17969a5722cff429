//! A value or an expression alone on a line, which is shown as a command's result is. It has no name to be called by.

use super::expr::Expr;
use super::formula;
use super::param::{Got, Param};
use super::row::{Command, Kind, command};
use super::words::Words;
use crate::session::Session;
use crate::text::diagnostic::Diagnostic;
use crate::value::Value;
use crate::value::outcome::{Fact, Outcome, Reply};

static ROW: Command = command!(Session, "value", show, (value: Shown), One(en "the value" es "el valor"),
    en "a value, shown"
    es "un valor, mostrado",
    c "", rust "", python "",
    errors [], does [Looks],
    like "1 + 2");

/// The row of such a line.
pub fn row() -> &'static Command {
    &ROW
}

/// The whole line.
#[derive(Debug)]
struct Shown(Expr);

impl Param for Shown {
    type Value<'a> = Value;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "VALUE";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let first = words.peek()?;
        words.note(name, first.span);
        if let (1, Some(text)) = (words.left(), first.bare())
            && crate::value::word_int(text).is_none()
            && formula::spaced(text).is_none()
        {
            let message = say!(en "unknown command `{text}`", es "comando desconocido `{text}`", text);
            words.report(Diagnostic::new(first.span, message));
            return None;
        }
        formula::expression(words, &[]).map(Shown)
    }

    fn get(&self, session: &mut Session) -> Got<Value> {
        let value = self.0.get(session)?;
        session.look(&value)
    }
}

fn show(_: &mut Session, value: Value) -> Reply {
    match value {
        Value::Nothing => Outcome::nothing(),
        Value::Socket(_) => Outcome::with(value, Fact::Created),
        value => Outcome::value(value),
    }
}
