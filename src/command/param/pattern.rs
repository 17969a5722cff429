//! Regular expressions.

use std::borrow::Cow;

use regex::bytes::Regex;

use super::{Got, Param};
use crate::command::expr::Expr;
use crate::command::syntax::Kind;
use crate::command::words::Words;
use crate::session::Session;
use crate::text::diagnostic::Diagnostic;
use crate::value::Value;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail};
use crate::words::{Sentence, foreign};

/// A pattern's size is bounded: it may come from a variable.
pub const LARGEST_PATTERN: usize = 1 << 20;

/// A regular expression over bytes, or why it is none.
pub fn pattern_of(text: &[u8]) -> Result<Regex, Sentence> {
    let text = std::str::from_utf8(text).map_err(|_| {
        let text = phrase!(en "a pattern is UTF-8 text", es "un patrón es texto UTF-8");
        Sentence::from(text)
    })?;
    regex::bytes::RegexBuilder::new(text).unicode(false).size_limit(LARGEST_PATTERN).build().map_err(|e| {
        let lines = e.to_string();
        foreign(lines.lines().last().unwrap_or("").trim_start_matches("error: "))
    })
}

/// The mistake of a word that is no regular expression.
pub fn no_pattern() -> Sentence {
    say!(en "this is not a regular expression", es "esto no es una expresión regular")
}

/// A regular expression, made once where it stands in the text.
#[derive(Debug)]
pub struct Expression {
    expr: Expr,
    known: Option<Regex>,
}

impl Param for Expression {
    /// Borrowed where it is made once: a copy would make the memory that matching needs anew.
    type Value<'a> = Cow<'a, Regex>;
    const KIND: Kind = Kind::Text;
    const USAGE: &'static str = "REGEX";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        words.refuse_name(word)?;
        let expr = Expr::letters(words, word)?;
        let known = match expr.literal().map(|text| pattern_of(&text.to_bytes())) {
            None => None,
            Some(Ok(regex)) => Some(regex),
            Some(Err(why)) => {
                words.report(Diagnostic::new(word.span, no_pattern()).help(why));
                return None;
            }
        };
        // The groups, or the whole match where there are none.
        words.values = known.as_ref().map(|regex| regex.captures_len().saturating_sub(1).max(1));
        Some(Expression { expr, known })
    }

    fn get<'a>(&'a self, session: &mut Session) -> Got<Cow<'a, Regex>> {
        match &self.known {
            Some(regex) => Ok(Cow::Borrowed(regex)),
            None => {
                let text = self.expr.bytes(session)?;
                let wrong = |why| CallError::class(Class::ValueError, Detail::Text(why));
                Ok(Cow::Owned(pattern_of(&text).map_err(wrong)?))
            }
        }
    }
}

/// The groups of a match: the whole of it where there are none; nothing where it failed.
pub fn groups(regex: &Regex, data: &[u8]) -> Value {
    let Some(found) = regex.captures(data) else { return Value::Nothing };
    let own = usize::from(found.len() > 1);
    let groups = found.iter().skip(own);
    Value::list(groups.map(|g| g.map_or(Value::Nothing, |g| Value::bytes(g.as_bytes()))).collect())
}
