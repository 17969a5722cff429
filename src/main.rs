//! `sockbook`: arguments in, exit code out.
//!
//! The runtime of std has, before `main`, opened `/dev/null` for each standard descriptor that is
//! closed, and set SIGPIPE to be ignored: a socket never gets the numbers 0 to 2, and a write whose
//! reader is gone fails with EPIPE.

#![deny(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sockbook::driver::output;

fn main() {
    let code = sockbook::driver::cli::main(std::env::args_os().collect()).unwrap_or_else(|error| {
        // Never through `Termination`: that would print a backtrace where CI asks for one.
        output::complain(format_args!("error: {error:#}"));
        error.downcast_ref::<output::Lost>().map_or(2, |lost| lost.exit_code())
    });
    std::process::exit(code)
}
