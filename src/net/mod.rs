//! The door to the kernel: every system call that a script causes is made here.

pub(crate) mod address;
pub(crate) mod diag;
pub(crate) mod door;
pub(crate) mod file;
pub mod gate;
pub(crate) mod kernel;
pub(crate) mod look;
pub mod options;
pub(crate) mod probe;
pub(crate) mod process;
pub(crate) mod resolve;
pub(crate) mod tcp_info;
