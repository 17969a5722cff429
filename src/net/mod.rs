//! The door to the kernel: every system call that a script causes is made here.

pub(crate) mod address;
pub(crate) mod capture;
pub(crate) mod children;
pub(crate) mod descriptor;
pub(crate) mod diag;
pub(crate) mod door;
pub(crate) mod enclosure;
pub(crate) mod file;
pub mod gate;
pub(crate) mod idna;
pub(crate) mod kernel;
pub(crate) mod listeners;
pub(crate) mod look;
pub(crate) mod message;
pub(crate) mod namespace;
pub mod options;
pub(crate) mod policy;
pub(crate) mod ports;
pub(crate) mod probe;
pub(crate) mod process;
pub(crate) mod resolve;
pub(crate) mod syn;
pub(crate) mod tcp_info;
