//! Facts to words: the transcript, errors, tables, JSON. Nothing here makes a call.

pub mod colour;
pub mod diff;
pub mod error;
pub mod hexdump;
pub mod json;
pub mod outcome;
pub mod table;
pub mod trace;
