//! Facts to words: the transcript, errors, tables, JSON. Nothing here makes a call.

pub(crate) mod colour;
pub(crate) mod diff;
pub(crate) mod error;
pub mod hexdump;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod outcome;
pub(crate) mod sides;
pub(crate) mod table;
pub(crate) mod trace;
pub(crate) mod way;
