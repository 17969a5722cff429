//! Random sequences of socket calls, made by CPython and by sockbook, say the same: tests/random/calls.py.
//!
//! A few hundred by default. By hand, in a release build:
//! `SOCKBOOK_SEQUENCES=20000 SOCKBOOK_SEED=7 cargo test --release --test random_calls -- --nocapture`.

use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let trial = Trial::test("random_calls_say_what_cpython_says", compare)
        .with_ignored_flag(cfg!(without = "python3"));
    libtest_mimic::run(&arguments, vec![trial]).exit();
}

fn compare() -> Result<(), Failed> {
    let set = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_string());
    let output = Command::new("python3")
        .args(["tests/random/calls.py", env!("CARGO_BIN_EXE_sockbook")])
        .arg(set("SOCKBOOK_SEQUENCES", "400"))
        .arg(set("SOCKBOOK_SEED", "1"))
        .output()?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        println!("{said}");
        return Ok(());
    }
    Err(said.into())
}
