//! Running: a tree becomes steps whose names are slots, and the steps run on a session.

mod blocks;
pub mod compile;
pub mod lint;
mod locate;
pub mod look;
pub mod program;
pub mod run;
pub mod spawn;

pub use compile::Compiler;
pub use locate::locate;
pub use program::{Function, Program, Step};
pub use run::{Event, Runner, Watch};
