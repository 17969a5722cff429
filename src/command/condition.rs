//! Conditions: `A OP B`, `A empty`, `S open`, `true`, with `not` before them or before the operator.

use std::cmp::Ordering;
use std::time::Duration;

use super::expr::{Expr, at_word};
use super::param::{Param, duration, read_socket};
use super::row::Kind;
use super::words::Words;
use crate::session::Session;
use crate::text::diagnostic::{Diagnostic, Span, did_you_mean, suggest};
use crate::text::words::Word;
use crate::value::errno::{Caught, Class};
use crate::value::outcome::{CallError, Detail, Halt, Miss, MissKind};
use crate::value::{Bytes, Value, duration_of, printed_int, word_int};
use crate::words::{Sentence, foreign, one_of};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Differs,
    Less,
    AtMost,
    More,
    AtLeast,
    Contains,
    /// `expect TEXT`
    Text,
    StartsWith,
    EndsWith,
    Matches,
    Empty,
    Open,
    Closed,
    /// `true` or `false` alone.
    Always,
}

const BINARY: &[(&str, Operator)] = &[
    ("==", Operator::Equal),
    ("!=", Operator::Differs),
    ("<", Operator::Less),
    ("<=", Operator::AtMost),
    (">", Operator::More),
    (">=", Operator::AtLeast),
    ("contains", Operator::Contains),
    ("startswith", Operator::StartsWith),
    ("endswith", Operator::EndsWith),
    ("matches", Operator::Matches),
];

const UNARY: &[(&str, Operator)] =
    &[("empty", Operator::Empty), ("open", Operator::Open), ("closed", Operator::Closed)];

/// Every operator as it is typed.
pub fn operator_words() -> impl Iterator<Item = &'static str> {
    BINARY.iter().chain(UNARY).map(|(text, _)| *text)
}

impl Operator {
    pub fn text(self) -> &'static str {
        let shown = if self == Operator::Text { Operator::Contains } else { self };
        let named = BINARY.iter().chain(UNARY).find(|(_, op)| *op == shown);
        named.map_or("", |(text, _)| text)
    }

    /// Is a bare integer its letters, beside this value?
    fn reads_letters(self, other: &Value) -> bool {
        match self {
            Operator::Equal | Operator::Differs => {
                matches!(other, Value::Bytes(_)) && other.to_int().is_none()
            }
            Operator::Contains => !matches!(other, Value::List(_)),
            Operator::StartsWith | Operator::EndsWith | Operator::Matches => true,
            _ => false,
        }
    }
}

#[derive(Debug)]
pub struct Condition {
    negated: bool,
    operator: Operator,
    left: Side,
    right: Option<Side>,
    /// A pattern that could be made before anything runs.
    pattern: Option<regex::bytes::Regex>,
}

/// One side of an operator.
#[derive(Debug)]
struct Side {
    expr: Expr,
    /// A bare integer as it is typed, where it would be printed otherwise: `0x10`, `64KiB`.
    letters: Option<Value>,
}

impl Side {
    /// Its letters, where they are known before anything runs.
    fn letters(&self) -> Option<&Value> {
        self.letters.as_ref().or_else(|| self.expr.literal())
    }
}

impl From<Expr> for Side {
    fn from(expr: Expr) -> Side {
        Side { expr, letters: None }
    }
}

/// What a condition came to, with both sides as they were.
pub struct Verdict {
    pub holds: bool,
    left: Value,
    right: Option<Value>,
}

impl Condition {
    /// Reads the rest of the line as a condition. `short`: one word alone is TEXT to be contained in `$_`.
    pub fn read(words: &mut Words<'_>, short: bool) -> Option<Condition> {
        let start = words.peek().map(|w| w.span);
        let mut negated = false;
        if words.peek().and_then(Word::bare) == Some("not") {
            words.next_any();
            negated = true;
        }
        let Some(first) = words.next_any() else {
            words.missing("condition");
            return None;
        };
        if words.is_empty() {
            let truth = match first.bare() {
                Some("true") => Some(true),
                Some("false") => Some(false),
                _ => None,
            };
            if let Some(truth) = truth {
                let left = Expr::constant(Value::flag(truth), first.span);
                return Some(Condition::new(negated, Operator::Always, left.into(), None));
            }
            if short {
                let place = words.scope.require("_", first.span, "name");
                words.accept(place)?;
                words.refuse_name(first)?;
                let right = Expr::letters(words, first)?;
                let left = Expr::last(first.span);
                return Some(Condition::new(negated, Operator::Text, left.into(), Some(right.into())));
            }
            words.report(
                Diagnostic::new(
                    first.span,
                    say!(
                        en "a condition is due here, and this is one word",
                        es "aquí va una condición, y esto es una sola palabra"
                    ),
                )
                .help(say!(
                    en "like `$n < 5`, `$data contains \"ok\"`, `$data not empty` or `true`",
                    es "como `$n < 5`, `$data contains \"ok\"`, `$data not empty` o `true`"
                )),
            );
            return None;
        }
        if words.peek().and_then(Word::bare) == Some("not") {
            words.next_any();
            negated = !negated;
        }
        let Some(middle) = words.next_any() else {
            words.report(
                Diagnostic::new(
                    first.span,
                    say!(en "an operator is due after this", es "después de esto va un operador"),
                )
                .help(operators()),
            );
            return None;
        };
        let text = middle.bare().unwrap_or("");
        if let Some(&(_, operator)) = UNARY.iter().find(|(t, _)| *t == text) {
            let left = if operator == Operator::Empty {
                Condition::side(words, first)?
            } else {
                read_socket(words, first)?.into()
            };
            return Some(Condition::new(negated, operator, left, None));
        }
        let Some(&(_, operator)) = BINARY.iter().find(|(t, _)| *t == text) else {
            let problem =
                Diagnostic::new(middle.span, say!(en "an operator is due here", es "aquí va un operador"));
            let problem = match text {
                "=" => problem.help(say!(en "`==` compares", es "`==` compara")),
                "is" => problem.help(did_you_mean("==")),
                _ => {
                    let near = suggest(text, BINARY.iter().chain(UNARY).map(|b| b.0));
                    problem.help(near.unwrap_or_else(operators))
                }
            };
            words.report(problem);
            return None;
        };
        let Some(last) = words.next_any() else {
            let span = start.unwrap_or(first.span).to(middle.span);
            words.report(Diagnostic::new(
                span,
                say!(en "something is missing after `{text}`", es "falta algo después de `{text}`", text),
            ));
            return None;
        };
        let left = Condition::side(words, first);
        let right = Condition::side(words, last)?;
        let mut condition = Condition::new(negated, operator, left?, Some(right));
        if operator == Operator::Matches
            && let Some(pattern) = condition.right.as_ref().and_then(Side::letters)
        {
            match pattern_of(&pattern.to_bytes()) {
                Ok(regex) => condition.pattern = Some(regex),
                Err(why) => {
                    words.report(
                        Diagnostic::new(
                            last.span,
                            say!(
                                en "this is not a regular expression",
                                es "esto no es una expresión regular"
                            ),
                        )
                        .help(why),
                    );
                    return None;
                }
            }
        }
        Some(condition)
    }

    fn side(words: &mut Words<'_>, word: &Word) -> Option<Side> {
        if !word.bare().is_some_and(|t| matches!(t, "true" | "false") || Caught::from_name(t).is_some()) {
            words.refuse_name(word)?;
        }
        let expr = match word.bare() {
            Some("true") => Expr::constant(Value::flag(true), word.span),
            Some("false") => Expr::constant(Value::flag(false), word.span),
            _ => Expr::read(words, word)?,
        };
        let typed = word.bare().filter(|text| word_int(text).is_some() && printed_int(text).is_none());
        Some(Side { expr, letters: typed.map(Value::text) })
    }

    fn new(negated: bool, operator: Operator, left: Side, right: Option<Side>) -> Condition {
        Condition { negated, operator, left, right, pattern: None }
    }

    pub fn test(&self, session: &mut Session) -> Result<Verdict, Box<Halt>> {
        let left = match self.operator {
            Operator::Open | Operator::Closed => self.left.expr.get_socket(session)?,
            _ => self.left.expr.get(session)?,
        };
        let mut left = session.look(&left)?;
        let mut right = match &self.right {
            Some(right) => {
                let right = right.expr.get(session)?;
                Some(session.look(&right)?)
            }
            None => None,
        };
        if let Some(right) = &mut right {
            let (as_text, of_right) =
                (self.operator, self.right.as_ref().and_then(|side| side.letters.as_ref()));
            if let Some(letters) = &self.left.letters
                && as_text.reads_letters(right)
            {
                left = letters.clone();
            }
            if let Some(letters) = of_right
                && as_text.reads_letters(&left)
            {
                *right = letters.clone();
            }
        }
        let plain = match (&self.operator, &right) {
            (Operator::Always, _) => matches!(left, Value::Flag(true)),
            (Operator::Empty, _) => is_empty(&left),
            (Operator::Open, _) => matches!(&left, Value::Socket(s) if s.is_open()),
            (Operator::Closed, _) => !matches!(&left, Value::Socket(s) if s.is_open()),
            (Operator::Matches, Some(right)) => match &self.pattern {
                Some(pattern) => pattern.is_match(&left.to_bytes()),
                None => pattern_of(&right.to_bytes())
                    .map_err(|why| CallError::class(Class::ValueError, Detail::Text(why)))?
                    .is_match(&left.to_bytes()),
            },
            (Operator::Text, Some(_)) => contains_text(&left, right.as_ref())?,
            (operator, Some(right)) => {
                let places = [
                    self.left.expr.span,
                    self.right.as_ref().map_or(self.left.expr.span, |side| side.expr.span),
                ];
                compare(*operator, &left, right, places)?
            }
            (_, None) => false,
        };
        Ok(Verdict { holds: plain != self.negated, left, right })
    }

    /// The failed expectation this is, for the report.
    pub fn miss(&self, verdict: Verdict) -> Miss {
        let kind = MissKind::Condition {
            left: verdict.left,
            operator: self.operator.text(),
            right: verdict.right,
            negated: self.negated,
        };
        Miss { span: None, kind }
    }
}

fn operators() -> Sentence {
    let words = one_of(BINARY.iter().chain(UNARY).map(|b| b.0));
    say!(en "the operators are {words}", es "los operadores son {words}", words)
}

/// A pattern's size is bounded: it may come from a variable.
fn pattern_of(text: &[u8]) -> Result<regex::bytes::Regex, Sentence> {
    let text = std::str::from_utf8(text).map_err(|_| {
        let text = phrase!(en "a pattern is UTF-8 text", es "un patrón es texto UTF-8");
        Sentence::from(text)
    })?;
    regex::bytes::RegexBuilder::new(text).unicode(false).size_limit(1 << 20).build().map_err(|e| {
        let lines = e.to_string();
        foreign(lines.lines().last().unwrap_or("").trim_start_matches("error: "))
    })
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Nothing => true,
        Value::Bytes(b) => b.is_empty(),
        Value::List(items) => items.is_empty(),
        _ => false,
    }
}

/// `places`: of the two words, for what is wrong with one.
fn compare(operator: Operator, left: &Value, right: &Value, places: [Span; 2]) -> Result<bool, Box<Halt>> {
    match operator {
        Operator::Equal => Ok(equal(left, right)),
        Operator::Differs => Ok(!equal(left, right)),
        Operator::Contains => Ok(contains(left, right)),
        Operator::StartsWith => Ok(left.to_bytes().starts_with(&right.to_bytes())),
        Operator::EndsWith => Ok(left.to_bytes().ends_with(&right.to_bytes())),
        _ => {
            let order = order(left, right, places)?;
            Ok(match operator {
                Operator::Less => order == Ordering::Less,
                Operator::AtMost => order != Ordering::Greater,
                Operator::More => order == Ordering::Greater,
                _ => order != Ordering::Less,
            })
        }
    }
}

/// Numbers by value, durations by length, errors by name or class; all else by what would be printed.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        // What is written as a number is one.
        (Value::Int(a), Value::Bytes(_)) => right.to_int() == Some(*a),
        (Value::Bytes(_), Value::Int(b)) => left.to_int() == Some(*b),
        (Value::Flag(a), Value::Flag(b)) => a == b,
        (Value::Flag(a), Value::Bytes(b)) | (Value::Bytes(b), Value::Flag(a)) => match &b[..] {
            b"true" => *a,
            b"false" => !*a,
            other => other == if *a { b"1" } else { b"0" },
        },
        (Value::Duration(a), Value::Bytes(b)) | (Value::Bytes(b), Value::Duration(a)) => {
            std::str::from_utf8(b).ok().and_then(duration_of) == Some(*a)
        }
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        // A name of an error is also the name of its class.
        (Value::Error(e), Value::Bytes(b)) | (Value::Bytes(b), Value::Error(e)) => {
            let name = crate::text::literal::text(b);
            crate::value::errno::Caught::from_name(&name).is_some_and(|c| c.catches(e.code))
        }
        (Value::Address(a), Value::Address(b)) => a == b,
        _ => left.to_bytes() == right.to_bytes(),
    }
}

/// `expect TEXT`: only text contains text.
fn contains_text(left: &Value, right: Option<&Value>) -> Result<bool, Box<Halt>> {
    let text = |value: &Value| -> Result<Bytes, Box<Halt>> {
        match value {
            Value::Bytes(_) | Value::Address(_) | Value::Error(_) | Value::Nothing => Ok(value.to_bytes()),
            other => {
                let wanted = phrase!(en "text, and `expect TEXT` looks in `$_`", es "texto, y `expect TEXT` busca en `$_`");
                let found = other.described();
                Err(CallError::class(Class::TypeError, Detail::NotA { wanted, found }).into())
            }
        }
    };
    let Some(right) = right else { return Ok(false) };
    Ok(memchr::memmem::find(&text(left)?, &text(right)?).is_some())
}

fn contains(left: &Value, right: &Value) -> bool {
    match left {
        Value::List(items) => items.iter().any(|item| equal(item, right)),
        _ => memchr::memmem::find(&left.to_bytes(), &right.to_bytes()).is_some(),
    }
}

/// How long a value is, as one side of a comparison: a duration, or text that is one and no number.
fn length(value: &Value) -> Option<Duration> {
    match value {
        Value::Int(_) => None,
        Value::Bytes(_) if value.to_int().is_some() => None,
        other => duration(other),
    }
}

/// Two numbers by size, two durations by length, two texts by their bytes; a mixture is a TypeError.
fn order(left: &Value, right: &Value, places: [Span; 2]) -> Result<Ordering, Box<Halt>> {
    if matches!(left, Value::Duration(_)) || matches!(right, Value::Duration(_)) {
        if let (Some(a), Some(b)) = (length(left), length(right)) {
            return Ok(a.cmp(&b));
        }
        let (other, at) =
            if matches!(left, Value::Duration(_)) { (right, places[1]) } else { (left, places[0]) };
        let wanted = phrase!(en "a duration to compare with, like `250ms` or `2s`", es "una duración con la que comparar, como `250ms` o `2s`");
        let found = other.described();
        return Err(at_word(CallError::class(Class::TypeError, Detail::NotA { wanted, found }).into(), at));
    } else if let (Some(a), Some(b)) = (left.to_int(), right.to_int()) {
        return Ok(a.cmp(&b));
    } else if let (Value::Bytes(a), Value::Bytes(b)) = (left, right) {
        return Ok(a.cmp(b));
    }
    let (wrong, at) = if left.to_int().is_none() { (left, places[0]) } else { (right, places[1]) };
    let wanted = phrase!(en "a number to compare with", es "un número con el que comparar");
    let found = wrong.described();
    Err(at_word(CallError::class(Class::TypeError, Detail::NotA { wanted, found }).into(), at))
}

/// As the parameter of `expect`.
impl Param for Condition {
    type Value<'a> = &'a Condition;
    const KIND: Kind = Kind::Condition;
    const USAGE: &'static str = "CONDITION|TEXT";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        if let (Some(first), Some(span)) = (words.peek(), words.last_span()) {
            words.note(name, first.span.to(span));
        }
        Condition::read(words, true)
    }

    fn get<'a>(&'a self, _: &mut Session) -> Result<Self::Value<'a>, Box<Halt>> {
        Ok(self)
    }
}

impl Expr {
    fn last(span: crate::text::diagnostic::Span) -> Expr {
        Expr::lookup(super::expr::Lookup::last(), span)
    }

    /// A socket, or nothing where its number is closed.
    fn get_socket(&self, session: &mut Session) -> Result<Value, Box<Halt>> {
        match self.get(session) {
            Ok(value @ Value::Socket(_)) => Ok(value),
            Ok(other) => {
                let found = other.described();
                Err(CallError::class(
                    Class::TypeError,
                    Detail::NotA { wanted: phrase!(en "a socket", es "un socket"), found },
                )
                .into())
            }
            Err(halt) => match *halt {
                Halt::Error(CallError { detail: Detail::Unset { .. }, .. }) => Ok(Value::Nothing),
                _ => Err(halt),
            },
        }
    }
}
