//! What a user starts: the command line, the prompt, `run`, `test`, `check`, `fmt`.

pub mod check;
pub mod cli;
pub mod files;
pub mod fmt;
pub mod prompt;
pub mod run;
pub mod suite;
pub mod terminal;
pub mod transcript;
