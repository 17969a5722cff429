//! `sockbook`: arguments in, exit code out.
//!
//! It begins at C's `main`; [`sockbook::net::begin`] says why.

#![no_main]

use std::ffi::{OsString, c_char, c_int};
use std::panic::catch_unwind;

use sockbook::net::begin;

#[unsafe(no_mangle)]
extern "C" fn main(count: c_int, texts: *const *const c_char) -> c_int {
    begin::prepare();
    // SAFETY: these are what the C library calls `main` with.
    let arguments = unsafe { begin::arguments(count, texts) };
    // A panic has said what it is, and may not go on into C; the code is the one std gives it.
    let code = catch_unwind(|| run(arguments)).unwrap_or(101);
    std::process::exit(code)
}

fn run(arguments: Vec<OsString>) -> i32 {
    sockbook::driver::cli::main(arguments).unwrap_or_else(|error| {
        // Never through `Termination`: that would print a backtrace where CI asks for one.
        sockbook::driver::transcript::complain(format_args!("error: {error:#}"));
        2
    })
}
