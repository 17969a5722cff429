//! Numbers: integers, counts, sizes.

use super::{Given, Got, Param, given, wrong};
use crate::command::expr::Expr;
use crate::command::syntax::Kind;
use crate::command::words::Words;
use crate::session::Session;
use crate::value::Value;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail};

/// A whole number.
#[derive(Debug)]
pub struct Integer(Given<i64>);

impl Param for Integer {
    type Value<'a> = i64;
    const KIND: Kind = Kind::Integer;
    const USAGE: &'static str = "INTEGER";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |value: &Value, text: &str| {
            value.to_int().ok_or_else(|| (format!("`{text}` is not an integer"), integer_help(text)))
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
                    .ok_or_else(|| wrong(Class::ValueError, untranslated!(phrase "an integer"), &value))
            }
        }
    }
}

fn integer_help(text: &str) -> Option<String> {
    let too_big = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    Some(if too_big {
        format!("the largest is {}", i64::MAX)
    } else {
        "like `4096`, `0x1000` or `64KiB`".to_string()
    })
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
            Some(n) if n < 0 => Err((format!("`{text}` is negative"), None)),
            Some(_) => {
                Err((format!("`{text}` is too much"), Some(format!("the most is {LARGEST_COUNT} bytes"))))
            }
            None => {
                // What is counted has its own name.
                let what = match name {
                    "backlog" => "a backlog".to_string(),
                    _ => "a number of bytes".to_string(),
                };
                Err((format!("`{text}` is not {what}"), integer_help(text)))
            }
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
                what: untranslated!(phrase "number of bytes"),
                low: 0,
                high: LARGEST_COUNT,
                found: n.to_string(),
            };
            Err(CallError::class(Class::ValueError, detail).into())
        }
        None => Err(wrong(Class::ValueError, untranslated!(phrase "a number of bytes"), value)),
    }
}

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
            Some(n) => u64::try_from(n).map_err(|_| (format!("`{text}` is negative"), None)),
            None => Err((format!("`{text}` is not a number of bytes"), integer_help(text))),
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
                        let what = untranslated!(phrase "number of bytes");
                        let detail = Detail::Range { what, low: 0, high: i64::MAX, found };
                        Err(CallError::class(Class::ValueError, detail).into())
                    }
                    None => Err(wrong(Class::ValueError, untranslated!(phrase "a number of bytes"), &value)),
                }
            }
        }
    }
}
