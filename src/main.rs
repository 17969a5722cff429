//! `sockbook`: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    match sockbook::cli::main(std::env::args_os().collect()) {
        Ok(code) => std::process::exit(code),
        Err(error) => {
            // Never through `Termination`: that would print a backtrace where CI asks for one.
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
