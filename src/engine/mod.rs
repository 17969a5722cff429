//! Running: a tree becomes steps whose names are slots, and the steps run on a session.

mod blocks;
pub(crate) mod compile;
mod head;
pub(crate) mod lint;
mod locate;
pub(crate) mod look;
pub(crate) mod program;
pub(crate) mod run;
mod slips;
pub(crate) mod spawn;
mod subtests;

pub use compile::{Compiler, FIXTURE, straight};
pub use head::{Alone, Head, exported, sourced};
pub use locate::locate;
pub use program::Program;
pub use run::{Event, Runner, Watch};
