//! How the released program is linked. What a program that lives for a millisecond pays at its start
//! is mostly the dynamic loader's work, and most of that can be done once, here.
//!
//! - At a fixed address (`-no-pie`): else the loader writes 16,000 addresses into 75 pages of tables at
//!   every start. The stack, the heap and the libraries stay where chance puts them; the program's own
//!   code and tables do not. `RUSTFLAGS=-Clink-arg=-pie` takes it back.
//! - With gcc's unwinder inside (`libgcc_eh.a`): else a library of its own is looked for, opened, mapped
//!   and searched for a dozen functions that only a panic needs.
//!
//! The C library stays shared: look-ups (getaddrinfo) load what `/etc/nsswitch.conf` names, which a
//! static program can only do beside the very C library it was built with.

use std::env::{var, var_os};
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    let is = |name: &str, wanted: &str| var(name).is_ok_and(|value| value == wanted);
    let features = var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if !is_gnu || is_static || !is("PROFILE", "release") {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if has_unwinder() {
        // As a file of that name, whatever the kind: the linker finds it among gcc's own.
        println!("cargo::rustc-link-lib=dylib:+verbatim=libgcc_eh.a");
    }
}

/// Has the compiler that links a `libgcc_eh.a`? gcc always has; another may not.
fn has_unwinder() -> bool {
    let linker = var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let asked = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output();
    // Where there is none the answer is the bare name.
    asked.is_ok_and(|said| Path::new(String::from_utf8_lossy(&said.stdout).trim()).is_absolute())
}
