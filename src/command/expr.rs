//! A word that gives a value when its line runs.

use std::sync::Arc;

use super::arithmetic::Sum;
use super::inner::Inner;
use super::words::Words;
use crate::net::tcp_info;
use crate::session::Session;
use crate::session::names::{HERE, Place, Scope};
use crate::text::diagnostic::{Diagnostic, Span, did_you_mean, nearest, there_are};
use crate::text::words::{Part, Reference, Word};
use crate::value::control::KEYS;
use crate::value::outcome::{CallError, Detail, Halt};
use crate::value::{Bytes, PROPERTIES, Value, extend, word_int};

/// A name with its properties, resolved to its place.
#[derive(Clone, Debug)]
pub struct Lookup {
    pub place: Place,
    properties: Box<[Box<str>]>,
    /// What `${name:-text}` stands for while the name has no value, or an empty one.
    default: Option<Value>,
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub span: Span,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Literal(Value),
    Lookup(Lookup),
    Joined(Box<[Piece]>),
    Call(Box<Inner>),
    /// Beside it, where its sign stands.
    Sum(Box<(Sum, Span)>),
}

#[derive(Clone, Debug)]
enum Piece {
    Bytes(Bytes),
    Lookup(Lookup),
}

/// A bare word where a value is due: the integer it reads as, else text. `007` is text, because it would print
/// otherwise.
pub fn bare_value(text: &str) -> Value {
    word_int(text).map_or_else(|| Value::text(text), Value::Int)
}

/// What a bare word stands for.
type Bare = fn(&str) -> Value;

impl Lookup {
    pub fn of(place: Place) -> Lookup {
        Lookup { place, properties: Box::default(), default: None }
    }

    /// `$_`
    pub fn last() -> Lookup {
        Lookup::of(Place::Last)
    }

    fn read(words: &mut Words<'_>, reference: &Reference, bare: Bare) -> Option<Lookup> {
        let place = words.scope.require(&reference.name, reference.span, "name");
        let place = words.accept(place)?;
        let keys = words.scope.may_be_map(place);
        let properties = Expr::read_properties(words, &reference.properties, keys)?;
        let default = reference.default.as_deref().map(bare);
        if !reference.properties.is_empty() {
            words.scope.note_properties(place, &reference.properties);
        }
        Some(Lookup { place, properties, default })
    }

    /// The value, or the default of `${name:-text}` for what is unset or empty, as a shell has it.
    pub fn get(&self, session: &mut Session) -> Result<Value, Box<Halt>> {
        let Some(default) = &self.default else { return self.get_set(session) };
        match self.get_set(session) {
            Ok(Value::Bytes(bytes)) if bytes.is_empty() => Ok(default.clone()),
            Err(halt) if matches!(*halt, Halt::Error(CallError { detail: Detail::Unset { .. }, .. })) => {
                Ok(default.clone())
            }
            other => other,
        }
    }

    fn get_set(&self, session: &mut Session) -> Result<Value, Box<Halt>> {
        let mut properties = self.properties.iter();
        // `$_` after `accept` or `recvfrom` is a pair.
        let mut value = match (session.second(self.place), self.properties.first().map(|p| &**p)) {
            (Some(second), Some("1")) => {
                properties.next();
                second
            }
            (Some(_), Some("0")) => {
                properties.next();
                session.get(self.place)?
            }
            _ => session.get(self.place)?,
        };
        for property in properties {
            value = session.property(&value, property)?;
        }
        Ok(value)
    }
}

/// Puts the blame on a word, where there is none yet.
#[cold]
pub fn at_word(mut halt: Box<Halt>, word: Span) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt
        // What has its place is of another line, or of a command in this one.
        && error.span.is_none()
    {
        error.word = error.word.or(Some(word));
    }
    halt
}

/// What a reference whose name nothing gives a value stands for: the script's own folder, or its default.
fn fallback(words: &Words<'_>, reference: &Reference, bare: Bare) -> Option<Value> {
    if words.scope.find(&reference.name).is_some() {
        return None;
    }
    if reference.name == HERE {
        let folder = Value::text(&words.scope.folder()?);
        let property = |value: Value, (name, _): &(String, Span)| value.property(name)?.ok();
        return reference.properties.iter().try_fold(folder, property);
    }
    reference.default.as_deref().map(bare)
}

impl Expr {
    /// A word where a value is due: a bare one that reads as an integer is that integer.
    pub fn read(words: &mut Words<'_>, word: &Word<'_>) -> Option<Expr> {
        Expr::read_as(words, word, bare_value)
    }

    /// A word where bytes are due, as in DATA: a bare one is its letters.
    pub fn letters(words: &mut Words<'_>, word: &Word<'_>) -> Option<Expr> {
        Expr::read_as(words, word, Value::text)
    }

    /// The properties that are asked of a value, each after a dot. `keys`: they may be those of a map.
    pub fn read_properties(
        words: &mut Words<'_>,
        properties: &[(String, Span)],
        keys: bool,
    ) -> Option<Box<[Box<str>]>> {
        let mut before = "";
        for (name, span) in properties {
            let index = keys || name.bytes().all(|b| b.is_ascii_digit());
            let of_info = std::mem::replace(&mut before, name) == "info";
            if of_info && !index && !tcp_info::is_field(name) {
                let message = say!(
                    en "TCP_INFO has no field `{name}`",
                    es "TCP_INFO no tiene el campo `{name}`",
                    name
                );
                let problem = Diagnostic::new(Span { start: span.start - 1, ..*span }, message);
                words.report(match nearest(name, tcp_info::names()) {
                    Some(near) => problem.help(did_you_mean(&format!(".{near}"))),
                    None => problem.help(say!(
                        en "`info` shows all of them, and C's names do too: `.tcpi_rtt`",
                        es "`info` los muestra todos, y también sirven los nombres de C: `.tcpi_rtt`"
                    )),
                });
                return None;
            }
            let name = name.as_str();
            if !index && !PROPERTIES.contains(&name) && !KEYS.contains(&name) && !tcp_info::is_field(name) {
                let dotted = Span { start: span.start - 1, ..*span };
                let problem = Diagnostic::new(
                    dotted,
                    say!(en "there is no property `.{name}`", es "no existe la propiedad `.{name}`", name),
                );
                words.report(problem.help(match nearest(name, PROPERTIES.iter().copied()) {
                    Some(near) => did_you_mean(&format!(".{near}")),
                    None => there_are(PROPERTIES.iter().copied()),
                }));
                return None;
            }
        }
        Some(properties.iter().map(|(p, _)| p.as_str().into()).collect())
    }

    fn read_as(words: &mut Words<'_>, word: &Word<'_>, bare: Bare) -> Option<Expr> {
        let form = match word.parts() {
            [Part::Call(call)] => Form::Call(Box::new(Inner::read(words, call)?)),
            [] => Form::Literal(Value::bytes([])),
            [Part::Text(text)] if word.quoted => Form::Literal(Value::text(text)),
            [Part::Text(text)] => Form::Literal(bare(text)),
            [Part::Bytes(bytes)] => match word.bare() {
                Some(text) => Form::Literal(bare(text)),
                None => Form::Literal(Value::bytes(bytes.clone())),
            },
            [Part::Value(reference)] if !word.quoted => match fallback(words, reference, bare) {
                Some(default) => Form::Literal(default),
                None => Form::Lookup(Lookup::read(words, reference, bare)?),
            },
            parts => {
                let mut pieces = Vec::with_capacity(parts.len());
                let mut good = true;
                for part in parts {
                    match part {
                        Part::Text(text) => {
                            pieces.push(Piece::Bytes(Arc::new(text.as_bytes().to_vec().into())))
                        }
                        Part::Bytes(bytes) => pieces.push(Piece::Bytes(Arc::new(bytes.clone().into()))),
                        // It stands in a word of its own only.
                        Part::Call(_) => good = false,
                        Part::Value(reference) => match fallback(words, reference, Value::text) {
                            Some(default) => pieces.push(Piece::Bytes(default.to_bytes())),
                            None => match Lookup::read(words, reference, Value::text) {
                                Some(lookup) => pieces.push(Piece::Lookup(lookup)),
                                None => good = false,
                            },
                        },
                    }
                }
                if !good {
                    return None;
                }
                Form::Joined(pieces.into())
            }
        };
        Some(Expr { span: word.span, form })
    }

    pub fn constant(value: Value, span: Span) -> Expr {
        Expr { span, form: Form::Literal(value) }
    }

    pub fn lookup(lookup: Lookup, span: Span) -> Expr {
        Expr { span, form: Form::Lookup(lookup) }
    }

    /// An operation, whose sign stands there.
    pub fn sum(sum: Sum, sign: Span) -> Expr {
        Expr { span: sum.span(sign), form: Form::Sum(Box::new((sum, sign))) }
    }

    /// The same with its parentheses.
    pub fn within(self, span: Span) -> Expr {
        Expr { span, ..self }
    }

    /// May it give another value when it is read again: a property, a command's result, a shared name?
    pub fn changes(&self) -> bool {
        let lookup = |lookup: &Lookup| !lookup.properties.is_empty() || lookup.place.is_shared();
        match &self.form {
            Form::Literal(_) => false,
            Form::Lookup(name) => lookup(name),
            Form::Joined(pieces) => pieces.iter().any(|p| matches!(p, Piece::Lookup(name) if lookup(name))),
            Form::Call(_) => true,
            Form::Sum(sum) => sum.0.left.as_ref().is_some_and(Expr::changes) || sum.0.right.changes(),
        }
    }

    /// May the value be a map?
    pub fn may_be_map(&self, scope: &Scope) -> bool {
        match &self.form {
            Form::Lookup(name) => scope.may_be_map(name.place),
            Form::Call(inner) => inner.may_be_map(),
            Form::Literal(_) | Form::Joined(_) | Form::Sum(_) => false,
        }
    }

    /// Makes the calls that stand in it, left to right: what is left is worked out without waiting.
    pub fn settled(&self, session: &mut Session) -> Result<Expr, Box<Halt>> {
        let form = match &self.form {
            Form::Call(_) => Form::Literal(self.get(session)?),
            Form::Sum(sum) => {
                let (sum, sign) = &**sum;
                let left = sum.left.as_ref().map(|left| left.settled(session)).transpose()?;
                let right = sum.right.settled(session)?;
                Form::Sum(Box::new((Sum { operation: sum.operation, left, right }, *sign)))
            }
            other => other.clone(),
        };
        Ok(Expr { span: self.span, form })
    }

    /// The value, where it is known before anything runs.
    pub fn literal(&self) -> Option<&Value> {
        match &self.form {
            Form::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// The value, where a name has it as it is.
    pub fn at_hand<'s>(&self, session: &'s Session) -> Option<&'s Value> {
        match &self.form {
            Form::Lookup(lookup) if lookup.properties.is_empty() && lookup.default.is_none() => {
                session.at_hand(lookup.place)
            }
            _ => None,
        }
    }

    /// The value, each time the line runs. A failure is this word's.
    pub fn get(&self, session: &mut Session) -> Result<Value, Box<Halt>> {
        self.read_value(session).map_err(|halt| at_word(halt, self.span))
    }

    fn read_value(&self, session: &mut Session) -> Result<Value, Box<Halt>> {
        match &self.form {
            Form::Literal(value) => Ok(value.clone()),
            Form::Lookup(lookup) => lookup.get(session),
            Form::Joined(pieces) => {
                let mut out = session.buffer();
                for piece in pieces {
                    piece.append(session, &mut out)?;
                }
                Ok(Value::Bytes(Arc::new(out.into())))
            }
            Form::Call(inner) => inner.value(session),
            Form::Sum(sum) => sum.0.value(self.span, session),
        }
    }

    /// The value as bytes; a local address is read for it.
    pub fn bytes(&self, session: &mut Session) -> Result<Bytes, Box<Halt>> {
        match &self.form {
            Form::Literal(Value::Bytes(bytes)) => Ok(bytes.clone()),
            _ => {
                let value = self.get(session)?;
                let seen = session.look(&value).map_err(|halt| at_word(halt, self.span))?;
                Ok(seen.to_bytes())
            }
        }
    }

    /// The value as text, for names of hosts and files.
    pub fn text(&self, session: &mut Session) -> Result<String, Box<Halt>> {
        let bytes = self.bytes(session)?;
        Ok(crate::value::utf8(&bytes)?.to_string())
    }
}

impl Piece {
    fn append(&self, session: &mut Session, out: &mut Vec<u8>) -> Result<(), Box<Halt>> {
        match self {
            Piece::Bytes(bytes) => extend(out, bytes)?,
            Piece::Lookup(lookup) => {
                let value = lookup.get(session)?;
                let value = session.look(&value)?;
                extend(out, &value.to_bytes())?;
            }
        }
        Ok(())
    }
}
