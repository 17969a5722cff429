//! Which tools its tests find, and how the released program is linked.
//!
//! A test that needs a tool is ignored where the tool is missing: `#[cfg_attr(without = "strace", ignore =
//! "strace is missing")]`. SOCKBOOK_CI, which `.ci/run` sets, names those that are installed: a test is then
//! never ignored, and fails without its tool.
//!
//! As for the link: what a program that lives for a millisecond pays at its start
//! is mostly the dynamic loader's work, and most of that can be done once, here.
//!
//! - At a fixed address (`-no-pie`): else the loader writes 16,000 addresses into 75 pages of tables at
//!   every start. The stack, the heap and the libraries stay where chance puts them; the program's own
//!   code and tables do not. `RUSTFLAGS=-Clink-arg=-pie` takes it back.
//! - With gcc's unwinder inside (`libgcc_eh.a`): else a library of its own is looked for, opened, mapped
//!   and searched for a dozen functions that only a panic needs.
//! - With the functions that a script's run executes side by side (`src/order.ld`): else they lie all over 9 MB of
//!   code, which the kernel maps in windows of 64 KiB, and a short run takes 25 to 40 page faults and 2 MB more.
//!
//! The C library stays shared: look-ups (getaddrinfo) load what `/etc/nsswitch.conf` names, which a
//! static program can only do beside the very C library it was built with.

use std::env::{var, var_os};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-env-changed=SOCKBOOK_CI");
    find_tools();
    pack_course();
    let is = |name: &str, wanted: &str| var(name).is_ok_and(|value| value == wanted);
    let features = var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    println!("cargo::rustc-check-cfg=cfg(ordered)");
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("PROFILE", "release") {
        return;
    }
    order_code();
    if !is("CARGO_CFG_TARGET_ENV", "gnu") || is_static {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if has_unwinder() {
        // As a file of that name, whatever the kind: the linker finds it among gcc's own.
        println!("cargo::rustc-link-lib=dylib:+verbatim=libgcc_eh.a");
    }
}

/// The lessons and what lies beside them, deflated for `sockbook course`: for each file a line with its path and its
/// length, then its bytes.
fn pack_course() {
    let mut packed = Vec::new();
    for folder in ["course", "curso"] {
        let path = Path::new("scripts").join(folder);
        println!("cargo::rerun-if-changed={}", path.display());
        let listed = std::fs::read_dir(&path).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> =
            listed.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        files.sort();
        for file in files {
            let (Some(name), Ok(bytes)) =
                (file.file_name().and_then(|name| name.to_str()), std::fs::read(&file))
            else {
                continue;
            };
            packed.extend(format!("{folder}/{name}\t{}\n", bytes.len()).into_bytes());
            packed.extend(bytes);
        }
    }
    let packed = miniz_oxide::deflate::compress_to_vec(&packed, 9);
    let out = var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    if let Err(e) = std::fs::write(out.join("course.bin"), packed) {
        panic!("the lessons cannot be packed: {e}");
    }
}

/// The tools that tests need, each with arguments that show whether it works: where a container forbids
/// ptrace, strace is there and cannot trace.
const TOOLS: &[(&str, &[&str])] = &[
    ("strace", &["-f", "true"]),
    ("python3", &["-c", "import socket, struct"]),
    ("nvim", &["--version"]),
    ("node", &["--version"]),
    ("parallel", &["--version"]),
    ("pytest", &["-n", "2", "--version"]),
    ("curl", &["--version"]),
    ("cc", &["--version"]),
    ("nbformat", &["-c", "import nbformat"]),
    ("bash", &["--version"]),
    ("unshare", &["--user", "--map-current-user", "--net", "ip", "link", "show", "lo"]),
    ("zsh", &["--version"]),
    ("fish", &["--version"]),
    ("groff", &["--version"]),
    ("mandoc", &["-T", "lint", "/dev/null"]),
    ("tshark", &["--version"]),
    ("chromium", &["--version"]),
];

/// Sets `cfg(without = "TOOL")` for each that does not work and is not named. A release build has no tests to
/// spare, and starts none of them.
fn find_tools() {
    let names: Vec<String> = TOOLS.iter().map(|(name, _)| format!("{name:?}")).collect();
    println!("cargo::rustc-check-cfg=cfg(without, values(\"registry\", \"fuzz\", {}))", names.join(", "));
    if var("PROFILE").is_ok_and(|profile| profile == "release") {
        return;
    }
    let required = var("SOCKBOOK_CI").unwrap_or_default();
    let is_required = |tool: &str| required.split_whitespace().any(|name| name == tool);
    let works = |tool: &str, arguments: &[&str]| {
        let program = if tool == "nbformat" { "python3" } else { tool };
        // mandoc ends with 2 where the page that it checks has no title.
        Command::new(program)
            .args(arguments)
            .output()
            .is_ok_and(|run| run.status.success() || tool == "mandoc")
    };
    for (tool, _) in TOOLS.iter().filter(|(tool, arguments)| !is_required(tool) && !works(tool, arguments)) {
        println!("cargo::rustc-cfg=without={tool:?}");
    }
    // The source of the dependencies, where cargo keeps those of a registry.
    let home = var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(var_os("HOME")?).join(".cargo")));
    let registry = home.map(|home| home.join("registry/src"));
    if !is_required("registry") && !registry.is_some_and(|folder| folder.is_dir()) {
        println!("cargo::rustc-cfg=without=\"registry\"");
    }
    // It is a package of its own, which this one leaves out.
    if !std::path::Path::new("tests/fuzz/Cargo.toml").exists() {
        println!("cargo::rustc-cfg=without=\"fuzz\"");
    }
}

/// Puts the functions of `src/order.ld` first, and sets `cfg(ordered)`: where the linker takes it, which lld and
/// GNU's do and mold does not. An empty program is linked to see.
fn order_code() {
    println!("cargo::rerun-if-changed=src/order.ld");
    let out = var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    let (Ok(script), Some(rustc)) = (std::fs::canonicalize("src/order.ld"), var_os("RUSTC")) else { return };
    let source = out.join("empty.rs");
    if std::fs::write(&source, "fn main() {}").is_err() {
        return;
    }
    let mut link = Command::new(rustc);
    let flags = var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    link.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    if let Some(linker) = var_os("RUSTC_LINKER") {
        link.arg("-C").arg([OsString::from("linker="), linker].into_iter().collect::<OsString>());
    }
    link.arg("--target").arg(var_os("TARGET").unwrap_or_default());
    link.arg(format!("-Clink-arg=-T{}", script.display())).arg("-o").arg(out.join("empty")).arg(source);
    if link.output().is_ok_and(|linked| linked.status.success()) {
        println!("cargo::rustc-link-arg-bins=-T{}", script.display());
        println!("cargo::rustc-cfg=ordered");
    }
}

/// Has the compiler that links a `libgcc_eh.a`? gcc always has; another may not.
fn has_unwinder() -> bool {
    let linker = var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let asked = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output();
    // Where there is none the answer is the bare name.
    asked.is_ok_and(|said| Path::new(String::from_utf8_lossy(&said.stdout).trim()).is_absolute())
}
