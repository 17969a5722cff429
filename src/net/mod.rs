//! The door to the kernel: every system call a command makes is made here.

pub mod address;
pub mod begin;
pub mod call;
pub mod diag;
pub mod environment;
pub mod file;
pub mod gate;
pub mod kernel;
pub mod look;
pub mod options;
pub mod process;
pub mod resolve;
pub mod setting;
pub mod tcp_info;
pub mod typed;
