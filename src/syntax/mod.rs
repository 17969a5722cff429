//! Text to tree: words with their places, lines, blocks. Nothing is looked up and nothing runs here.

pub mod answers;
mod eight;
pub mod format;
pub mod glance;
pub mod parse;
pub mod tree;
pub mod words;

pub use parse::parse;
