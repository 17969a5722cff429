//! The door to the kernel: every system call that a script causes is made here.

pub mod address;
pub mod diag;
pub mod door;
pub mod file;
pub mod gate;
pub mod kernel;
pub mod look;
pub mod options;
pub mod probe;
pub mod process;
pub mod resolve;
pub mod tcp_info;
