//! What a user starts: the command line, the prompt, `run`, `test`, `check`, `fmt`.

pub(crate) mod around;
pub(crate) mod check;
pub mod cli;
pub(crate) mod config;
pub(crate) mod convert;
pub(crate) mod course;
pub(crate) mod failure;
pub(crate) mod files;
pub(crate) mod fixture;
pub(crate) mod fmt;
pub(crate) mod held;
pub mod output;
pub(crate) mod prompt;
pub mod run;
pub(crate) mod suite;
pub(crate) mod terminal;
pub mod transcript;
pub(crate) mod usage;
