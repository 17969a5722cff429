//! `sockbook`: arguments in, exit code out.
//!
//! The runtime of std has, before `main`, opened `/dev/null` for each standard descriptor that is
//! closed, and set SIGPIPE to be ignored: a socket never gets the numbers 0 to 2, and a write whose
//! reader is gone fails with EPIPE.

#![deny(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

fn main() {
    std::process::exit(sockbook::driver::cli::main(std::env::args_os().collect()))
}
