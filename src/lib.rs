//! A notebook for sockets: lines of text whose commands are the Berkeley socket calls.
//!
//! Text comes in at the bottom, what people see goes out at the top, and a file uses only floors
//! below its own (`tests/tidy.rs` holds it to that):
//!
//! **text → words → tree → steps → calls on the session → facts → what is shown**
//!
//! Facts hold no sentences: the prompt, a report and JSON hear the same ones. Nothing below
//! [`render`] words what happened, and nothing above [`engine`] makes a call.

// Text: no operating system.
pub mod diagnostic;
pub mod literal;
pub mod syntax;

// What things are.
pub mod endpoint;
pub mod errno;
pub mod job;
pub mod outcome;
pub mod process;
pub mod value;

// The door to the kernel, and what is known of a session.
pub mod net;
pub mod scope;
pub mod session;
pub mod table;

// The one table.
pub mod command;

// Running.
pub mod engine;

// Speech.
pub mod complete;
pub mod coverage;
pub mod grammar;
pub mod manual;
pub mod render;

// Drivers.
pub mod check;
pub mod cli;
pub mod fmt;
pub mod prompt;
pub mod script;
pub mod suite;
pub mod transcript;
