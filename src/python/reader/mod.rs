//! The reader itself: a text is passed over for what its names are, and then written line by line. What is of
//! expressions, calls, conditions, statements and blocks stands in the module of that name.

mod blocks;
mod builtin;
mod call;
mod condition;
mod define;
mod expression;
mod method;
#[cfg(test)]
mod mutants;
mod names;
mod operand;
mod pass;
mod read;
mod socket;
mod statement;
mod text;

pub use self::names::Known;
pub use self::read::{read, says_something};
use super::{Line, Mistake, Reading, mark};
