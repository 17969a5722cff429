//! `sockbook init`: what it writes runs at once, in each language, and nothing that was there is touched.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod yaml;

use std::path::Path;
use std::process::{Command, Output};

const SOCKBOOK: &str = env!("CARGO_BIN_EXE_sockbook");

fn sockbook(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(SOCKBOOK)
        .args(arguments)
        .current_dir(folder)
        .env_remove("SOCKBOOK_LANG")
        .output()
        .expect("the binary runs")
}

fn out(run: &Output) -> String {
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}

#[test]
fn a_project_passes_its_first_test() {
    for (lang, said, again, passed) in [
        ("en", "wrote tests/first.sock", "sockbook.toml is there already: left as it is", "1 passed"),
        ("es", "se escribió tests/first.sock", "sockbook.toml ya existe: se deja como está", "1 aprobado"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let first = out(&sockbook(folder, &["init", "--lang", lang]));
        assert!(first.contains(said) && first.ends_with(": sockbook test tests\n"), "{first}");
        let tested = out(&sockbook(folder, &["test", "tests", "--lang", lang]));
        assert!(tested.contains(passed), "{tested}");
        let checked = out(&sockbook(folder, &["check", "tests", "--lang", "en"]));
        assert_eq!(checked, "1 script checked, 0 mistakes\n");
        out(&sockbook(folder, &["fmt", "--check", "tests"]));
        // What was changed stays, and what was taken away comes again.
        std::fs::write(folder.join("sockbook.toml"), "limit = \"7s\"\n").unwrap();
        std::fs::remove_file(folder.join("tests/first.sock")).unwrap();
        let second = out(&sockbook(folder, &["init", "--lang", lang]));
        assert!(second.contains(again) && second.contains(said), "{second}");
        assert_eq!(std::fs::read_to_string(folder.join("sockbook.toml")).unwrap(), "limit = \"7s\"\n");
    }
}

#[test]
fn a_folder_is_named_and_made() {
    let folder = tempfile::tempdir().unwrap();
    let said = out(&sockbook(folder.path(), &["init", "new/project", "--lang", "en"]));
    assert_eq!(
        said,
        "wrote new/project/sockbook.toml\nwrote new/project/tests/first.sock\nnow, in new/project: sockbook test tests\n"
    );
    out(&sockbook(folder.path(), &["test", "new/project/tests"]));
    // A link that leads nowhere is something that is there.
    let link = folder.path().join("linked");
    std::fs::create_dir(&link).unwrap();
    std::os::unix::fs::symlink("/nowhere", link.join("sockbook.toml")).unwrap();
    let said = out(&sockbook(folder.path(), &["init", "linked", "--lang", "en"]));
    assert!(said.starts_with("linked/sockbook.toml is there already"), "{said}");
    std::fs::write(folder.path().join("file"), "").unwrap();
    let run = sockbook(folder.path(), &["init", "file", "--lang", "en"]);
    assert_eq!(run.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&run.stderr),
        "error: cannot write file/sockbook.toml: not a directory\n"
    );
}

/// A limit of the size of files stands for a disk that is full.
#[test]
fn a_file_that_cannot_be_written_is_not_left_empty() {
    let folder = tempfile::tempdir().unwrap();
    let line = "trap '' XFSZ; ulimit -f 0; exec \"$0\" init --lang en";
    let run = Command::new("bash").args(["-c", line, SOCKBOOK]).current_dir(folder.path()).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(said, "error: cannot write sockbook.toml: file too large\n");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    assert!(out(&sockbook(folder.path(), &["init", "--lang", "en"])).starts_with("wrote sockbook.toml\n"));
}

/// The jobs are read as YAML, and their lines of shell run, as far as they need no network: the program is there already.
#[test]
fn its_jobs_run() {
    for lang in ["en", "es"] {
        for (runner, file) in [("github", ".github/workflows/sockbook.yml"), ("gitlab", ".gitlab-ci.yml")] {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path();
            out(&sockbook(folder, &["init", "--ci", runner, "--lang", lang]));
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            let lines = yaml::shell(&yaml::read(&text), &[]);
            assert_eq!(lines.len(), 2, "{lines:?}");
            assert!(
                text.contains(env!("CARGO_PKG_VERSION"))
                    && !text.contains('@'.to_string().repeat(2).as_str())
            );
            std::fs::create_dir_all(folder.join(".sockbook/bin")).unwrap();
            std::os::unix::fs::symlink(SOCKBOOK, folder.join(".sockbook/bin/sockbook")).unwrap();
            for line in lines {
                out(&yaml::run(&line, folder, Path::new(SOCKBOOK), &[]));
            }
            let report = std::fs::read_to_string(folder.join("sockbook.xml")).unwrap();
            roxmltree::Document::parse(&report).unwrap();
        }
    }
}
