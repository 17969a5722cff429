//! The option table from outside: every row's example reads, every row is tried in some case, and
//! running an option is one system call of the kernel's door and no look-up by name.

mod common;

use std::path::Path;
use std::process::Command;

use common::scripts;
use sockbook::net::options::table::OPTIONS;

#[test]
fn every_option_is_tried_in_some_case() {
    let texts: Vec<String> = scripts(Path::new("tests/cases/ok"))
        .into_iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let text = texts.join("\n");
    let words: std::collections::HashSet<&str> = text
        .lines()
        .filter(|l| !l.trim_start().starts_with('#'))
        .flat_map(|l| l.split_whitespace())
        .collect();
    let untried: Vec<&str> =
        OPTIONS.iter().filter(|o| !o.names().any(|n| words.contains(n))).map(|o| o.name).collect();
    assert!(untried.is_empty(), "no case for {untried:?}");
}

#[test]
fn every_example_of_an_option_reads() {
    let folder = tempfile::tempdir().unwrap();
    for option in OPTIONS {
        std::fs::write(folder.path().join(format!("{}.sock", option.name)), option.lines()).unwrap();
    }
    let checked =
        Command::new(env!("CARGO_BIN_EXE_sockbook")).arg("check").arg(folder.path()).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn help_explains_every_option() {
    for option in OPTIONS {
        let text = sockbook::manual::page::help(
            Some(option.name),
            &[],
            sockbook::words::Lang::EN,
            sockbook::manual::page::WIDTH,
        );
        // A command of the same name goes first, as in `help type` there is none.
        let found = text.contains(option.constant) || sockbook::command::find(option.name).is_some();
        assert!(found, "{}: {text}", option.name);
    }
}
