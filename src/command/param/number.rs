//! Numbers: integers, counts, sizes.

use super::{Given, Got, Param, given, wrong};
use crate::command::expr::Expr;
use crate::command::syntax::Kind;
use crate::command::words::Words;
use crate::session::Session;
use crate::text::diagnostic::Diagnostic;
use crate::value::Value;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail};
use crate::words::Sentence;

/// A whole number.
#[derive(Debug)]
pub struct Integer(Given<i64>);

impl Param for Integer {
    type Value<'a> = i64;
    const KIND: Kind = Kind::Integer;
    const USAGE: &'static str = "INTEGER";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |value: &Value, text: &str| {
            value.to_int().ok_or_else(|| {
                let message = say!(en "`{text}` is not an integer", es "`{text}` no es un entero", text);
                (message, integer_help(text))
            })
        };
        given(words, name, make).map(Integer)
    }

    fn get(&self, session: &mut Session) -> Got<i64> {
        match &self.0 {
            Given::Now(n) => Ok(*n),
            Given::Later(expr) => {
                let value = expr.get(session)?;
                value
                    .to_int()
                    .ok_or_else(|| wrong(Class::ValueError, phrase!(en "an integer", es "un entero"), &value))
            }
        }
    }
}

fn integer_help(text: &str) -> Option<Sentence> {
    let too_big = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    Some(if too_big {
        say!(en "the largest is {most}", es "el mayor es {most}", most = i64::MAX)
    } else {
        say!(en "like `4096`, `0x1000` or `64KiB`", es "como `4096`, `0x1000` o `64KiB`")
    })
}

fn negative(text: &str) -> Sentence {
    say!(en "`{text}` is negative", es "`{text}` es negativo", text)
}

fn no_number_of_bytes(text: &str) -> Sentence {
    say!(en "`{text}` is not a number of bytes", es "`{text}` no es un número de bytes", text)
}

/// A number of bytes, or of anything there can be none of: not negative, and what one call can take.
#[derive(Debug)]
pub struct Count(Given<usize>);

/// Receives of more than this are refused: no kernel moves more in a call.
pub const LARGEST_COUNT: i64 = 0x7fff_f000;

impl Param for Count {
    type Value<'a> = usize;
    const KIND: Kind = Kind::Integer;
    const USAGE: &'static str = "N";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |value: &Value, text: &str| match value.to_int() {
            Some(n) if (0..=LARGEST_COUNT).contains(&n) => Ok(n as usize),
            Some(n) if n < 0 => Err((negative(text), None)),
            Some(_) => {
                let most = say!(
                    en "the most is {most} bytes",
                    es "lo máximo son {most} bytes",
                    most = LARGEST_COUNT
                );
                Err((say!(en "`{text}` is too much", es "`{text}` es demasiado", text), Some(most)))
            }
            None => Err((no_number_of_bytes(text), integer_help(text))),
        };
        // Most are a few digits.
        if let Some(word) = words.peek()
            && let Some(digits) = word.bare().filter(|t| t.len() < 9)
            && !digits.starts_with('0')
            && let Ok(n) = digits.parse::<u32>()
            && !digits.starts_with('+')
        {
            words.advance(name, word);
            return Some(Count(Given::Now(n as usize)));
        }
        given(words, name, make).map(Count)
    }

    fn get(&self, session: &mut Session) -> Got<usize> {
        match &self.0 {
            Given::Now(n) => Ok(*n),
            Given::Later(expr) => later_count(expr, session),
        }
    }
}

fn later_count(expr: &Expr, session: &mut Session) -> Got<usize> {
    count_of(&expr.get(session)?)
}

pub(super) fn count_of(value: &Value) -> Got<usize> {
    match value.to_int() {
        Some(n) if (0..=LARGEST_COUNT).contains(&n) => Ok(n as usize),
        Some(n) => {
            let detail = Detail::Range {
                what: phrase!(en "number of bytes", es "un número de bytes"),
                low: 0,
                high: LARGEST_COUNT,
                found: n.to_string(),
            };
            Err(CallError::class(Class::ValueError, detail).into())
        }
        None => {
            Err(wrong(Class::ValueError, phrase!(en "a number of bytes", es "un número de bytes"), value))
        }
    }
}

/// A whole number within bounds, under a name of its own.
macro_rules! bounded {
    ($(#[$doc:meta])* $type:ident as $int:ty, $usage:literal, $low:expr, $high:expr,
     $a:expr, $bare:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $type(Given<$int>);

        impl Param for $type {
            type Value<'a> = $int;
            const KIND: Kind = Kind::Integer;
            const USAGE: &'static str = $usage;

            fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
                let word = words.require(name)?;
                words.note(name, word.span);
                let expr = Expr::read(words, word)?;
                let Some(value) = expr.literal() else { return Some($type(Given::Later(Box::new(expr)))) };
                let (text, what) = (value.to_text(), $a);
                let made = value.to_int().filter(|n| ($low..=$high).contains(n));
                let Some(made) = made.and_then(|n| <$int>::try_from(n).ok()) else {
                    let message = say!(en "`{text}` is not {what}", es "`{text}` no es {what}", text, what);
                    let (low, high) = ($low, $high);
                    let help = say!(en "it is {low} to {high}", es "va de {low} a {high}", low, high);
                    words.report(Diagnostic::new(word.span, message).help(help));
                    return None;
                };
                Some($type(Given::Now(made)))
            }

            fn get(&self, session: &mut Session) -> Got<$int> {
                let expr = match &self.0 {
                    Given::Now(n) => return Ok(*n),
                    Given::Later(expr) => expr,
                };
                let value = expr.get(session)?;
                let Some(n) = value.to_int() else { return Err(wrong(Class::ValueError, $a, &value)) };
                let made = Some(n).filter(|n| ($low..=$high).contains(n));
                made.and_then(|n| <$int>::try_from(n).ok()).ok_or_else(|| {
                    let detail = Detail::Range { what: $bare, low: $low, high: $high, found: n.to_string() };
                    CallError::class(Class::ValueError, detail).into()
                })
            }
        }
    };
}

bounded!(
    /// How many connections may wait for `accept`. listen(2) takes any int, and a negative one for the most there may be.
    Backlog as i32, "BACKLOG", i64::from(i32::MIN), i64::from(i32::MAX),
    phrase!(en "a backlog", es "una cola de espera"), phrase!(en "backlog", es "una cola de espera"));
bounded!(
    /// The base of a number's digits; in 0 the text says it.
    Base as u32, "BASE", 0, 36,
    phrase!(en "a base", es "una base"), phrase!(en "base", es "una base"));
bounded!(
    /// How many threads are to come together.
    Threads as usize, "N", 1, i64::from(i32::MAX),
    phrase!(en "a number of threads", es "una cantidad de hilos"),
    phrase!(en "number of threads", es "una cantidad de hilos"));

/// A length that several calls may make up: not negative.
#[derive(Debug)]
pub struct Size(Given<u64>);

impl Size {
    /// An option's word as a size.
    pub fn of_option(
        words: &mut Words<'_>,
        option: &'static str,
        name: &'static str,
    ) -> Option<Option<Size>> {
        words.with_option(option, |words, _| Size::read(words, name))
    }
}

impl Param for Size {
    type Value<'a> = u64;
    const KIND: Kind = Kind::Integer;
    const USAGE: &'static str = "N";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |value: &Value, text: &str| match value.to_int() {
            Some(n) => u64::try_from(n).map_err(|_| (negative(text), None)),
            None => Err((no_number_of_bytes(text), integer_help(text))),
        };
        given(words, name, make).map(Size)
    }

    fn get(&self, session: &mut Session) -> Got<u64> {
        match &self.0 {
            Given::Now(n) => Ok(*n),
            Given::Later(expr) => {
                let value = expr.get(session)?;
                match value.to_int().map(u64::try_from) {
                    Some(Ok(n)) => Ok(n),
                    Some(Err(_)) => {
                        let found = value.to_literal();
                        let what = phrase!(en "number of bytes", es "un número de bytes");
                        let detail = Detail::Range { what, low: 0, high: i64::MAX, found };
                        Err(CallError::class(Class::ValueError, detail).into())
                    }
                    None => Err(wrong(
                        Class::ValueError,
                        phrase!(en "a number of bytes", es "un número de bytes"),
                        &value,
                    )),
                }
            }
        }
    }
}
