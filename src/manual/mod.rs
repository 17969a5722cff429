//! What the tables say: the man page, completion, the grammar for editors, the tables of coverage.

pub mod complete;
pub mod coverage;
pub mod grammar;
pub mod page;
pub mod topics;
