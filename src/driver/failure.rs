//! What ends the program itself with exit code 2: a file that cannot be read, arguments that make no sense.
//!
//! It travels as an `anyhow::Error` and is worded where it is shown, in the language of the command line.

use std::fmt;

use super::output::Lost;
use crate::words::{Lang, Sentence};

/// Why the program cannot do what it was asked for.
#[derive(Clone, Debug)]
pub struct Failure(pub Sentence);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.english())
    }
}

impl std::error::Error for Failure {}

/// A sentence as the error that ends the program.
pub fn failure(sentence: impl Into<Sentence>) -> anyhow::Error {
    anyhow::Error::new(Failure(sentence.into()))
}

/// The error in a language; one of a library in its own words.
pub fn shown(error: &anyhow::Error, lang: Lang) -> String {
    sentence(error).show(lang)
}

/// The same, to be shown later.
pub fn sentence(error: &anyhow::Error) -> Sentence {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.0.clone();
    }
    match error.downcast_ref::<Lost>() {
        Some(lost) => lost.sentence(),
        None => Sentence::plain(format!("{error:#}")),
    }
}
