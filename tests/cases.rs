//! Every `cases/**/*.sock` is one named test, run through the binary.
//!
//! `ok/` holds scripts that pass as tests, answers and all; `fail/` holds scripts that must not, each
//! with the exact text of standard error beside it in `NAME.err` (`[..]` stands for any text in a
//! line). `BLESS=1 cargo test --test cases` writes the `.err` files; `sockbook test --bless` the answers.

mod common;

use std::path::Path;
use std::process::Command;

use common::scripts;
use libtest_mimic::{Arguments, Failed, Trial};
use sockbook::text::answers::{Typed, generalise, matches};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for (folder, test) in [("ok", passes as fn(&Path) -> Result<(), Failed>), ("fail", fails)] {
        let before = trials.len();
        for path in scripts(&Path::new("tests/cases").join(folder)) {
            let name = path.strip_prefix("tests/cases").unwrap().display().to_string();
            trials.push(Trial::test(name, move || test(&path)));
        }
        assert!(trials.len() > before, "no case in tests/cases/{folder}");
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// Sockets are shown with their numbers: what the test was started with open takes none of them.
const START: &str = "exec \"$0\" \"$@\" 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-";

fn sockbook(arguments: &[&str], path: &Path) -> std::process::Output {
    Command::new("sh")
        .args(["-c", START, env!("CARGO_BIN_EXE_sockbook")])
        .args(arguments)
        .arg(path)
        .env_remove("SOCKBOOK_LANG")
        .output()
        .expect("the binary runs")
}

fn passes(path: &Path) -> Result<(), Failed> {
    // Some start Python, which may take its time on a busy machine.
    let output = sockbook(&["test", "-j", "1", "--timeout", "1m", "--limit", "3m"], path);
    if output.status.code() == Some(0) {
        return Ok(());
    }
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    Err(format!("exit {:?}\n{out}{err}", output.status.code()).into())
}

fn fails(path: &Path) -> Result<(), Failed> {
    let output = sockbook(&["run", "--timeout", "10s"], path);
    let code = output.status.code();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    if !matches!(code, Some(1 | 2)) {
        return Err(format!("exit {code:?}, and a case that fails ends with 1 or 2\n{err}").into());
    }
    let said = format!("exit {}\n{err}", code.unwrap_or(-1));
    let beside = path.with_extension("err");
    if std::env::var_os("BLESS").is_some() {
        let typed = Typed::of(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        // No name is put in here: a `$` stays as it is.
        let general = |line: &str| generalise(line, &typed, None).replace("[$]", "$");
        let general: Vec<String> = said.lines().map(general).collect();
        std::fs::write(&beside, general.join("\n") + "\n").unwrap();
        return Ok(());
    }
    let wanted = std::fs::read_to_string(&beside)
        .map_err(|e| format!("{}: {e}; BLESS=1 writes it\n{said}", beside.display()))?;
    let lines = |text: &str| text.lines().map(str::to_string).collect::<Vec<_>>();
    if matches(&lines(&wanted), &lines(&said)) {
        return Ok(());
    }
    Err(format!("--- {}\n{wanted}\n--- now\n{said}", beside.display()).into())
}
