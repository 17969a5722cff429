//! Socket options: their table, and how their values are read, set and shown.

pub mod setting;
pub mod table;
pub mod typed;
