//! Running: a tree becomes steps whose names are slots, and the steps run on a session.

pub mod compile;
pub mod lint;
pub mod look;
pub mod program;
pub mod run;
pub mod spawn;

pub use compile::{Compiler, locate};
pub use program::{Function, Program, Step};
pub use run::{Event, Runner, Watch};
