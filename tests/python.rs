//! Python and sockbook, call by call: the paired files of tests/python print the same lines.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir("tests/python").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.into_iter().filter(|p| p.extension().is_some_and(|e| e == "py")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        trials.push(Trial::test(name, move || compare(&path)).with_ignored_flag(cfg!(without = "python3")));
    }
    assert!(!trials.is_empty(), "no pair in tests/python");
    libtest_mimic::run(&arguments, trials).exit();
}

fn said(program: &str, path: &Path) -> Result<String, Failed> {
    let output = Command::new(program).arg(path).output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{} {:?}\n{out}{err}", path.display(), output.status.code()).into())
}

fn compare(path: &Path) -> Result<(), Failed> {
    let theirs = said("python3", path)?;
    let ours = said(env!("CARGO_BIN_EXE_sockbook"), &path.with_extension("sock"))?;
    if theirs.is_empty() {
        return Err(format!("{} prints nothing", path.display()).into());
    }
    for (at, (python, sockbook)) in theirs.lines().zip(ours.lines()).enumerate() {
        if python != sockbook {
            return Err(format!("line {}\npython   {python}\nsockbook {sockbook}", at + 1).into());
        }
    }
    if theirs.lines().count() != ours.lines().count() {
        return Err(format!("python said\n{theirs}sockbook said\n{ours}").into());
    }
    Ok(())
}
