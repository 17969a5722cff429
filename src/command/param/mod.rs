//! What a word can become: each parameter type reads its words once and gives its value each time.
//!
//! A file for each kind of value: numbers, times, data, addresses, words of a set, files, sockets, `let`'s binding.
//! A new parameter type is one of these files' and implements [`Param`].

mod address;
mod binding;
mod data;
mod delimiter;
mod file;
mod names;
mod number;
pub(crate) mod pattern;
mod socket;
mod time;
mod word;

pub use address::{Goal, Host, PortWord, Target};
pub use binding::{Binding, shared_late};
pub use data::{Data, LARGEST_DATA, OneData, OneSequence, Payload, Sequence, read_piece};
pub use delimiter::{Delimiters, Ends, Search};
pub use file::{FilePath, Sink, To};
pub use names::Names;
pub use number::{Backlog, Base, Count, Integer, LARGEST_COUNT, Size, Threads};
pub use pattern::{Expression, groups, no_pattern, pattern_of};
pub use socket::{SocketName, SocketNames, read_named, read_socket};
pub use time::{Span, SpanOrNone, Timeout, duration, get_duration, read_duration};
pub use word::{
    Family, Flag, HOWS, How, Key, Mask, New, Octets, Old, Pattern, Piece, ProtocolWord, RecvFlags, Rest,
    SendFlags, Separator, SocketType, Text, Told,
};

use super::expr::Expr;
use super::syntax::{Kind, OptionSpec};
use super::words::Words;
use crate::session::Session;
use crate::text::diagnostic::Diagnostic;
use crate::value::Value;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail, Halt};
use crate::words::{Phrase, Sentence};

/// What a word can become.
pub trait Param: Sized + Send + Sync + 'static {
    /// What the command's function is handed.
    type Value<'a>;
    const KIND: Kind;
    /// How the usage shows it; empty for what has no words of its own.
    const USAGE: &'static str;
    const OPTIONAL: bool = false;
    const OPTIONS: &'static [OptionSpec] = &[];
    /// Does it limit how long the command may take?
    const BLOCKS: bool = false;

    /// Reads the words, once. Mistakes are reported, and then there is nothing.
    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self>;

    /// The value, each time the line runs.
    fn get<'a>(&'a self, session: &mut Session) -> Result<Self::Value<'a>, Box<Halt>>;
}

/// Names the parameter at fault, where the error names none yet.
pub fn blamed(mut halt: Box<Halt>, parameter: &'static str) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt
        && error.blame.is_none()
        // What has its place is of another line, or of a command in this one.
        && error.span.is_none()
    {
        error.blame = Some(parameter);
    }
    halt
}

pub type Got<T> = Result<T, Box<Halt>>;

impl<P: Param> Param for Option<P> {
    type Value<'a> = Option<P::Value<'a>>;
    const KIND: Kind = P::KIND;
    const USAGE: &'static str = P::USAGE;
    const OPTIONAL: bool = true;
    const OPTIONS: &'static [OptionSpec] = P::OPTIONS;
    const BLOCKS: bool = P::BLOCKS;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        // DATA may stand in an option: `hexdump --file PATH`.
        let absent = words.is_empty() && !words.gives_any(P::OPTIONS);
        if absent { Some(None) } else { P::read(words, name).map(Some) }
    }

    fn get<'a>(&'a self, session: &mut Session) -> Got<Self::Value<'a>> {
        match self {
            None => Ok(None),
            Some(given) => match given.get(session) {
                Ok(value) => Ok(Some(value)),
                Err(halt) => Err(halt),
            },
        }
    }
}

/// A value that is known from the text, or one that is worked out each time.
#[derive(Debug)]
pub enum Given<T> {
    Now(T),
    Later(Box<Expr>),
}

pub(in crate::command) fn wrong(class: Class, wanted: Phrase, value: &Value) -> Box<Halt> {
    let found = match value {
        Value::Bytes(_) => Sentence::plain(value.to_literal()),
        other => other.described(),
    };
    CallError::class(class, Detail::NotA { wanted, found }).into()
}

/// Reads one word as `T`: what is literal is made at once, and its mistakes are found before anything runs.
pub(super) fn given<T>(
    words: &mut Words<'_>,
    name: &'static str,
    make: impl FnOnce(&Value, &str) -> Result<T, (Sentence, Option<Sentence>)>,
) -> Option<Given<T>> {
    let word = words.require(name)?;
    words.note(name, word.span);
    let expr = Expr::read(words, word)?;
    let Some(value) = expr.literal() else { return Some(Given::Later(Box::new(expr))) };
    let text = word.bare().map_or_else(|| value.to_text(), str::to_string);
    match make(value, &text) {
        Ok(made) => Some(Given::Now(made)),
        Err((message, help)) => {
            let problem = Diagnostic::new(word.span, message);
            words.report(match help {
                Some(help) => problem.help(help),
                None => problem,
            });
            None
        }
    }
}
