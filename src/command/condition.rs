//! Conditions: `A OP B`, `A empty`, `S open`, `true`, with `not` before them or before the operator, and `and`, `or`
//! between them. `formula` reads them.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use super::expr::{Expr, at_word};
use super::formula;
use super::param::{duration, no_pattern, pattern_of};
use super::words::Words;
use crate::session::Session;
use crate::session::names::Place;
use crate::text::diagnostic::{Diagnostic, Span, did_you_mean, suggest};
use crate::text::words::Word;
use crate::value::errno::{Caught, Class};
use crate::value::outcome::{CallError, Detail, Halt, Miss, MissKind, Sides};
use crate::value::{Bytes, Value, duration_of, printed_int, word_int};
use crate::words::{Sentence, one_of};

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

    /// Is it `<` or one of its like?
    fn orders(self) -> bool {
        matches!(self, Operator::Less | Operator::AtMost | Operator::More | Operator::AtLeast)
    }

    /// Is a bare integer its letters, beside this value?
    fn reads_letters(self, other: &Value) -> bool {
        match self {
            Operator::Equal | Operator::Differs => {
                matches!(other, Value::Bytes(_)) && other.to_int().is_none()
            }
            Operator::Contains => !matches!(other, Value::List(_) | Value::Map(_)),
            Operator::StartsWith | Operator::EndsWith | Operator::Matches => true,
            _ => false,
        }
    }

    /// Two texts that this operator compares as durations: in `<` and its like any two that read as such, in `==` and `!=`
    /// where one of them is `typed` bare in the line.
    fn lengths(self, left: &Value, right: &Value, typed: bool) -> Option<(Duration, Duration)> {
        let by_length = match self {
            _ if self.orders() => true,
            Operator::Equal | Operator::Differs => typed,
            _ => false,
        };
        match (left, right) {
            (Value::Bytes(a), Value::Bytes(b)) if by_length => Some((text_length(a)?, text_length(b)?)),
            _ => None,
        }
    }
}

/// How long the duration is that a text is: `250ms`. One without a unit is a number.
pub fn text_length(text: &[u8]) -> Option<Duration> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.ends_with(char::is_alphabetic))?;
    duration_of(text)
}

/// What holds or does not.
#[derive(Debug)]
pub enum Condition {
    Test(Test),
    Not(Box<Condition>),
    /// All of them hold; those behind one that does not are not looked at.
    All(Box<[Condition]>),
    /// One of them holds; those behind it are not looked at.
    Any(Box<[Condition]>),
}

/// One operator with its sides.
#[derive(Debug)]
pub struct Test {
    negated: bool,
    operator: Operator,
    left: Side,
    right: Option<Side>,
    /// A pattern that could be made before anything runs.
    pattern: Option<Box<Pattern>>,
}

/// What named groups took.
type Found = Vec<(Place, Value)>;

/// A literal pattern.
#[derive(Debug)]
struct Pattern {
    regex: regex::bytes::Regex,
    /// Its named groups by their number, each with its name's place; none under `not`.
    groups: Box<[(usize, Place)]>,
}

/// One side of an operator.
#[derive(Debug)]
pub struct Side {
    expr: Expr,
    /// A bare integer as it is typed, where it would be printed otherwise: `0x10`, `64KiB`.
    letters: Option<Value>,
    /// Is it a bare duration: `250ms`?
    is_duration: bool,
    /// It is text whatever it looks like.
    is_quoted: bool,
}

impl Side {
    /// Reads one word as a side.
    pub fn read(words: &mut Words<'_>, word: &Word<'_>) -> Option<Side> {
        if !word.bare().is_some_and(|t| matches!(t, "true" | "false") || Caught::from_name(t).is_some()) {
            words.refuse_name(word)?;
        }
        let expr = match word.bare() {
            Some("true") => Expr::constant(Value::flag(true), word.span),
            Some("false") => Expr::constant(Value::flag(false), word.span),
            _ => Expr::read(words, word)?,
        };
        let typed = word.bare().filter(|text| word_int(text).is_some() && printed_int(text).is_none());
        let is_duration = word.bare().is_some_and(|text| text_length(text.as_bytes()).is_some());
        Some(Side { expr, letters: typed.map(Value::text), is_duration, is_quoted: word.quoted })
    }

    /// A number with a fraction is text here, and by its letters 10.5 would be less than 9.5: to order it is a TypeError.
    fn refuse_fraction(&self, value: &Value) -> Result<(), Box<Halt>> {
        if !matches!(value, Value::Bytes(text) if !self.is_quoted && is_fraction(text)) {
            return Ok(());
        }
        let wanted = phrase!(
            en "a whole number, and fractions are text here: take a smaller unit",
            es "un número entero, y una fracción es texto aquí: usa una unidad menor"
        );
        let detail = Detail::NotA { wanted, found: value.described() };
        Err(at_word(CallError::class(Class::TypeError, detail).into(), self.expr.span))
    }

    /// Its letters, where they are known before anything runs.
    fn letters(&self) -> Option<&Value> {
        self.letters.as_ref().or_else(|| self.expr.literal())
    }
}

impl From<Expr> for Side {
    fn from(expr: Expr) -> Side {
        Side { expr, letters: None, is_duration: false, is_quoted: false }
    }
}

/// What a condition came to, with both sides of the comparison that settled it as they were.
pub struct Verdict {
    pub holds: bool,
    sides: Sides,
    /// The other comparisons, where none of several held.
    others: Vec<Sides>,
}

impl Verdict {
    /// The failed expectation this is, for the report.
    pub fn miss(self) -> Miss {
        Miss::new(MissKind::Condition { sides: self.sides() })
    }

    /// The comparisons that settled it.
    pub fn sides(self) -> Vec<Sides> {
        self.others.into_iter().chain([self.sides]).collect()
    }
}

impl Condition {
    /// Reads the rest of the line as a condition. `short`: one word alone is TEXT to be contained in `$_`.
    pub fn read(words: &mut Words<'_>, short: bool) -> Option<Condition> {
        let mut condition = formula::condition(words, short)?;
        condition.name_groups(words, false)?;
        Some(condition)
    }

    /// Makes the named groups of literal patterns names: they are known below the line.
    fn name_groups(&mut self, words: &mut Words<'_>, negated: bool) -> Option<()> {
        match self {
            Condition::Test(test) => test.name_groups(words, negated),
            Condition::Not(inner) => inner.name_groups(words, !negated),
            Condition::All(several) | Condition::Any(several) => {
                several.iter_mut().try_for_each(|condition| condition.name_groups(words, negated))
            }
        }
    }

    /// Gives each group what it took: nothing where its match failed or was not looked at.
    fn bind_groups(&self, session: &mut Session, found: &[(Place, Value)]) {
        match self {
            Condition::Test(test) => {
                for (_, place) in test.pattern.iter().flat_map(|pattern| &pattern.groups) {
                    let value = found.iter().rev().find(|(of, _)| of == place);
                    session.assign(*place, value.map_or(Value::Nothing, |(_, value)| value.clone()));
                }
            }
            Condition::Not(inner) => inner.bind_groups(session, found),
            Condition::All(several) | Condition::Any(several) => {
                several.iter().for_each(|condition| condition.bind_groups(session, found));
            }
        }
    }

    /// All of these hold.
    pub fn all(several: Vec<Condition>) -> Condition {
        Condition::All(several.into())
    }

    /// One of these holds.
    pub fn any(several: Vec<Condition>) -> Condition {
        Condition::Any(several.into())
    }

    /// It does not hold.
    pub fn negate(self) -> Condition {
        match self {
            Condition::Test(test) => Condition::Test(Test { negated: !test.negated, ..test }),
            Condition::Not(inner) => *inner,
            other => Condition::Not(Box::new(other)),
        }
    }

    /// Looks whether it holds; operands are read as far as they are due, left to right.
    pub fn test(&self, session: &mut Session) -> Result<Verdict, Box<Halt>> {
        let mut found = Vec::new();
        let verdict = self.look(session, &mut found);
        // Only now: an operand may be a name that a group is to bear.
        self.bind_groups(session, &found);
        verdict
    }

    fn look(&self, session: &mut Session, found: &mut Found) -> Result<Verdict, Box<Halt>> {
        match self {
            Condition::Test(test) => test.look(session, found),
            Condition::Not(inner) => {
                let mut verdict = inner.look(session, found)?;
                verdict.holds = !verdict.holds;
                verdict.sides.negated = !verdict.sides.negated;
                for other in &mut verdict.others {
                    other.negated = !other.negated;
                }
                Ok(verdict)
            }
            Condition::All(several) => Condition::first(several, false, session, found),
            Condition::Any(several) => Condition::first(several, true, session, found),
        }
    }

    /// The first of several that holds, or that does not; else the last, with the others beside it.
    fn first(
        several: &[Condition],
        holds: bool,
        session: &mut Session,
        found: &mut Found,
    ) -> Result<Verdict, Box<Halt>> {
        let mut others = Vec::new();
        for (at, condition) in several.iter().enumerate() {
            let mut verdict = condition.look(session, found)?;
            if verdict.holds == holds {
                return Ok(verdict);
            }
            if at + 1 == several.len() {
                others.append(&mut verdict.others);
                return Ok(Verdict { others, ..verdict });
            }
            others.append(&mut verdict.others);
            others.push(verdict.sides);
        }
        // There is always one.
        let sides = Sides { left: Value::Nothing, operator: "", right: None, negated: false };
        Ok(Verdict { holds: !holds, sides, others })
    }

    /// Is anything in it read anew each time: a property, a command's result, a shared name?
    pub fn changes(&self) -> bool {
        match self {
            Condition::Test(test) => {
                matches!(test.operator, Operator::Open | Operator::Closed)
                    || test.left.expr.changes()
                    || test.right.as_ref().is_some_and(|right| right.expr.changes())
            }
            Condition::Not(inner) => inner.changes(),
            Condition::All(several) | Condition::Any(several) => several.iter().any(Condition::changes),
        }
    }
}

impl Pattern {
    /// Does it match? Then its named groups have taken something.
    fn fits(&self, bytes: &[u8], found: &mut Found) -> bool {
        if self.groups.is_empty() {
            return self.regex.is_match(bytes);
        }
        let Some(taken) = self.regex.captures(bytes) else { return false };
        for (number, place) in &self.groups {
            if let Some(group) = taken.get(*number) {
                found.push((*place, Value::bytes(group.as_bytes())));
            }
        }
        true
    }
}

impl Test {
    /// An operator with sides that are known to fit.
    pub fn new(negated: bool, operator: Operator, left: Side, right: Option<Side>) -> Test {
        Test { negated, operator, left, right, pattern: None }
    }

    /// `expect TEXT`: `$_` contains it.
    pub fn text(words: &mut Words<'_>, word: &Word<'_>, negated: bool) -> Option<Test> {
        let place = words.scope.require("_", word.span, "name");
        words.accept(place)?;
        if let Some(problem) = words.name_as_text(word) {
            // `S open` may still come of it.
            words.report(problem.unfinished());
            return None;
        }
        let right = Expr::letters(words, word)?;
        let left = Expr::last(word.span);
        Some(Test::new(negated, Operator::Text, left.into(), Some(right.into())))
    }

    /// An operator with its sides. A literal pattern is read now.
    pub fn compare(
        words: &mut Words<'_>,
        negated: bool,
        operator: Operator,
        left: Side,
        right: Side,
    ) -> Option<Test> {
        let span = right.expr.span;
        let mut test = Test::new(negated, operator, left, Some(right));
        if operator == Operator::Matches
            && let Some(pattern) = test.right.as_ref().and_then(Side::letters)
        {
            match pattern_of(&pattern.to_bytes()) {
                Ok(regex) => test.pattern = Some(Box::new(Pattern { regex, groups: Box::default() })),
                Err(why) => {
                    words.report(Diagnostic::new(span, no_pattern()).help(why));
                    return None;
                }
            }
        }
        Some(test)
    }

    fn name_groups(&mut self, words: &mut Words<'_>, negated: bool) -> Option<()> {
        let Some(pattern) = self.pattern.as_mut().filter(|_| negated == self.negated) else {
            return Some(());
        };
        let span = self.right.as_ref().map_or(self.left.expr.span, |right| right.expr.span);
        let mut groups = Vec::new();
        for (number, name) in pattern.regex.capture_names().enumerate() {
            let Some(name) = name else { continue };
            let checked = words.scope.check_target(name, span);
            words.accept(checked)?;
            let place = words.scope.assign(name);
            words.scope.note_given(name, place, span);
            words.scope.note_map(place, false);
            groups.push((number, place));
        }
        pattern.groups = groups.into();
        Some(())
    }

    fn look(&self, session: &mut Session, found: &mut Found) -> Result<Verdict, Box<Halt>> {
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
            let typed = self.left.is_duration || self.right.as_ref().is_some_and(|side| side.is_duration);
            if let Some((a, b)) = self.operator.lengths(&left, right, typed) {
                (left, *right) = (Value::Duration(a), Value::Duration(b));
            }
            if self.operator.orders() {
                self.left.refuse_fraction(&left)?;
                self.right.as_ref().map_or(Ok(()), |side| side.refuse_fraction(right))?;
            }
        }
        let plain = match (&self.operator, &right) {
            (Operator::Always, _) => matches!(left, Value::Flag(true)),
            (Operator::Empty, _) => is_empty(&left),
            (Operator::Open, _) => matches!(&left, Value::Socket(s) if s.is_open()),
            (Operator::Closed, _) => !matches!(&left, Value::Socket(s) if s.is_open()),
            (Operator::Matches, Some(right)) => match &self.pattern {
                Some(pattern) => pattern.fits(&left.to_bytes(), found),
                None => pattern_of(&right.to_bytes())
                    .map_err(|why| CallError::class(Class::ValueError, Detail::Text(why)))?
                    .is_match(&left.to_bytes()),
            },
            (Operator::Text, Some(text)) => {
                let at = self.right.as_ref().map_or(self.left.expr.span, |side| side.expr.span);
                contains_text(&left, text, at)?
            }
            (operator, Some(right)) => {
                let places = [
                    self.left.expr.span,
                    self.right.as_ref().map_or(self.left.expr.span, |side| side.expr.span),
                ];
                compare(*operator, &left, right, places)?
            }
            (_, None) => false,
        };
        let sides = Sides { left, operator: self.operator.text(), right, negated: self.negated };
        Ok(Verdict { holds: plain != self.negated, sides, others: Vec::new() })
    }
}

/// The operator that this word is, between two sides.
pub fn binary(text: &str) -> Option<Operator> {
    BINARY.iter().find(|row| row.0 == text).map(|row| row.1)
}

/// The operator that this word is, behind one side.
pub fn unary(text: &str) -> Option<Operator> {
    UNARY.iter().find(|row| row.0 == text).map(|row| row.1)
}

/// Is it the operator of a comparison?
pub fn is_comparison(word: &Word<'_>) -> bool {
    word.bare().is_some_and(|text| binary(text).or(unary(text)).is_some())
}

/// Reports a word that stands where an operator is due.
pub fn no_operator(words: &mut Words<'_>, word: &Word<'_>) {
    let problem = Diagnostic::new(word.span, say!(en "an operator is due here", es "aquí va un operador"));
    let problem = match word.bare().unwrap_or("") {
        "=" => problem.help(say!(en "`==` compares", es "`==` compara")),
        "is" => {
            let ahead = |at| words.peek_at(at).filter(|_| words.peek() == Some(word));
            // `is open`, `is not empty`, `is not 5`
            let not = ahead(1).filter(|next| next.is("not"));
            let state = ahead(if not.is_some() { 2 } else { 1 }).and_then(|next| {
                let text = next.bare()?;
                unary(text).map(|_| (next, text))
            });
            let (last, meant) = match (not, state) {
                (Some(_), Some((last, state))) => (last, format!("not {state}")),
                (None, Some((last, state))) => (last, state.to_string()),
                (Some(not), None) => (not, "!=".to_string()),
                (None, None) => (word, "==".to_string()),
            };
            Diagnostic { span: word.span.to(last.span), ..problem }.help(did_you_mean(&meant))
        }
        "<>" | "=!" | "!==" => problem.help(did_you_mean("!=")),
        "=>" => problem.help(did_you_mean(">=")),
        "=<" => problem.help(did_you_mean("<=")),
        "&&" => problem.help(did_you_mean("and")),
        "||" => problem.help(did_you_mean("or")),
        text => {
            let near = suggest(text, BINARY.iter().chain(UNARY).map(|b| b.0));
            problem.help(near.unwrap_or_else(operators))
        }
    };
    words.report(problem);
}

/// What a condition looks like, for messages.
pub fn examples() -> Sentence {
    say!(
        en "like `$n < 5`, `$data contains \"ok\"`, `$data not empty` or `true`",
        es "como `$n < 5`, `$data contains \"ok\"`, `$data not empty` o `true`"
    )
}

/// The operators, for messages.
pub fn operators() -> Sentence {
    let words = one_of(BINARY.iter().chain(UNARY).map(|b| b.0));
    say!(en "the operators are {words}", es "los operadores son {words}", words)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Nothing => true,
        Value::Bytes(b) => b.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
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
        // The same keys with equal values, in whatever order.
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|v| equal(value, v)))
        }
        _ => left.to_bytes() == right.to_bytes(),
    }
}

/// `expect TEXT`: only text contains text. A TEXT that is always there, which stands `at` this place, is a ValueError.
fn contains_text(left: &Value, right: &Value, at: Span) -> Result<bool, Box<Halt>> {
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
    let (left, right) = (text(left)?, text(right)?);
    if right.is_empty() || Arc::ptr_eq(&left, &right) {
        let why = match right.is_empty() {
            true => phrase!(
                en "every text contains the empty one: nothing is expected",
                es "todo texto contiene el vacío: no se espera nada"
            ),
            false => phrase!(
                en "this is `$_` itself, which always contains itself; name what it is to contain",
                es "este es el propio `$_`, que siempre se contiene; di qué debe contener"
            ),
        };
        return Err(at_word(CallError::class(Class::ValueError, Detail::Text(why.into())).into(), at));
    }
    Ok(memchr::memmem::find(&left, &right).is_some())
}

fn contains(left: &Value, right: &Value) -> bool {
    match left {
        Value::List(items) => items.iter().any(|item| equal(item, right)),
        Value::Map(map) => map.get(right).is_some(),
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

/// Is it a number with a fraction: `-9.5`?
fn is_fraction(text: &[u8]) -> bool {
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let text = text.strip_prefix(b"-").unwrap_or(text);
    memchr::memchr(b'.', text).is_some_and(|dot| digits(&text[..dot]) && digits(&text[dot + 1..]))
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
