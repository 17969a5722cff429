//! Socket options: their table, and how their values are read, set and shown.

pub(crate) mod setting;
pub mod table;
pub(crate) mod typed;
