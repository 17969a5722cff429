//! Text to tree: words with their places, lines, blocks. Nothing is looked up and nothing runs here.

pub mod answers;
pub mod diagnostic;
pub mod forms;
pub(crate) mod hash;
pub mod layout;
pub mod lesson;
pub mod literal;
pub mod parse;
pub(crate) mod secrets;
pub mod tree;
pub mod words;

pub use parse::parse;
