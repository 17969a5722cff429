//! A notebook for sockets: lines of text whose commands are the Berkeley socket calls.
//!
//! Text comes in at the bottom, what people see goes out at the top, and a file uses only floors
//! below its own (`tests/tidy.rs` holds it to that):
//!
//! **text → words → tree → steps → calls on the session → facts → what is shown**
//!
//! Facts hold no sentences: the prompt, a report and JSON hear the same ones. [`words`] has the sentences about facts,
//! in every language; a mistake in a text is worded where it is found, in every language at once. Nothing above
//! [`engine`] makes a call.

#![deny(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

// First, for its macros `say!` and `phrase!`.
#[macro_use]
pub mod words;

pub mod command;
pub mod driver;
pub mod engine;
pub mod manual;
pub mod net;
pub(crate) mod picture;
pub mod python;
pub mod render;
pub mod session;
pub mod text;
pub mod value;
