//! What a peer, a program, a name or a file may hold: control sequences, C1, bidirectional and invisible characters, OSC 52.
//! Whatever a script does with it, in no report, in no format and on no terminal does it stand as it is. What is too long or
//! never ends is bounded, with an error that says so.
//!
//! Each script of `tests/hostile` gets the text as `evil`. `print` writes to a pipe or a file what it was given, as `echo`
//! does: what is asked of that is the terminal.

mod common;
#[allow(dead_code)]
mod pty;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pty::Term;

const BINARY: &str = env!("CARGO_BIN_EXE_sockbook");

/// Everything at once: clear the screen, the clipboard, a title, colours that stay, a reset, C1, direction marks, what is not
/// seen, tags, a carriage return, a backspace, a bell; and the ends of answers and reports.
const EVIL: &str = "A\u{1b}[2J\u{1b}]52;c;aGFjaw==\u{7}\u{1b}]0;owned\u{1b}\\\u{1b}[5;41mB\u{1b}c\u{9b}31m\u{9d}52;c;eA==\u{9c}\
    \u{202e}drowssap\u{2066}\u{200b}\u{feff}\u{ad}\u{e0041}\u{e000}C\r\u{8}\u{8}\u{7f}D\u{1b}P+q544e\u{1b}\\\u{1b}(0\u{e}\
    ]]></x><script>&#27;[2J::error::\u{2028}E";

fn cases() -> Vec<PathBuf> {
    common::scripts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile"))
}

/// What a terminal would obey, or what changes how other text looks.
fn is_obeyed(c: char) -> bool {
    let unseen = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e007f}');
    c.is_control() && !matches!(c, '\n' | '\t') || unseen
}

/// Nothing of it stands as it is.
fn is_clean(text: &str, what: &str) {
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_obeyed(*c)) {
        let from = text.floor_char_boundary(at.saturating_sub(100));
        let to = text.ceil_char_boundary((at + 100).min(text.len()));
        panic!("{what} has {c:?}: {:?}", &text[from..to]);
    }
}

fn text(bytes: &[u8], what: &str) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|e| panic!("{what} is no text: {e}"))
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.args(arguments).args(["--var", &format!("evil={EVIL}")]).current_dir(folder);
    command
        .env("CLICOLOR_FORCE", "0")
        .env("NO_COLOR", "1")
        .env_remove("GITHUB_ACTIONS")
        .env_remove("SOCKBOOK_LANG")
        .output()
        .unwrap()
}

/// Ends by itself, and by no signal.
fn ended(ran: &Output, what: &str) {
    assert!(matches!(ran.status.code(), Some(0..=2)), "{what}: {:?}", ran.status);
    assert!(!String::from_utf8_lossy(&ran.stderr).contains("panicked"), "{what}");
}

#[test]
fn nothing_is_written_as_it_came_in_any_format() {
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let path = case.to_str().unwrap();
        for arguments in [
            &["run", "--timeout", "30s", path][..],
            &["run", "--timeout", "30s", "--echo", "--trace", "--diagram", path],
            &["run", "--timeout", "30s", "--lang", "es", path],
            &["check", path],
        ] {
            let what = format!("{arguments:?}");
            let ran = run(folder.path(), arguments);
            ended(&ran, &what);
            assert_ne!(ran.status.code(), Some(2), "{what} is not valid: {ran:?}");
            is_clean(&text(&ran.stderr, &what), &what);
        }
        let arguments = ["run", "--timeout", "30s", "--format", "json", "--echo", "--trace", path];
        let ran = run(folder.path(), &arguments);
        ended(&ran, path);
        for (text, what) in [(text(&ran.stdout, path), "its JSON"), (text(&ran.stderr, path), "its trace")] {
            is_clean(&text, &format!("{path}: {what}"));
        }
    }
}

#[test]
fn no_report_has_it_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let forms = ["junit=r.xml", "json=r.json", "tap=r.tap", "html=r.html", "gradescope=r.gs"];
    for case in cases() {
        let path = case.to_str().unwrap();
        let mut arguments = vec!["test", "--timeout", "30s", path];
        forms.iter().for_each(|form| arguments.extend(["--report", *form]));
        let ran = run(folder.path(), &arguments);
        assert!(matches!(ran.status.code(), Some(0 | 1)), "{path}: {ran:?}");
        is_clean(&text(&ran.stdout, path), path);
        is_clean(&text(&ran.stderr, path), path);
        for form in forms {
            let file = folder.path().join(form.split('=').nth(1).unwrap());
            let bytes = std::fs::read(&file).unwrap_or_else(|e| panic!("{path}: {form}: {e}"));
            std::fs::remove_file(&file).unwrap();
            let report = text(&bytes, form);
            is_clean(&report, &format!("{path}: {form}"));
            if form.starts_with("junit") {
                roxmltree::Document::parse(&report).unwrap_or_else(|e| panic!("{path}: {e}"));
            }
            if form.starts_with("html") || form.starts_with("junit") {
                assert!(!report.contains("<script>&#27;"), "{path}: {form}");
            }
        }
    }
}

#[test]
fn a_terminal_obeys_none_of_it() {
    let home = tempfile::tempdir().unwrap();
    let evil = format!("evil={EVIL}");
    for case in cases() {
        let path = case.to_str().unwrap();
        for (command, colour) in [("run", "1"), ("test", "1"), ("run", "")] {
            let line = [BINARY, command, "--timeout", "30s", "--var", &evil, path];
            let mut term = Term::start(home.path(), &line, &[("NO_COLOR", colour)]);
            term.ends();
            let raw = term.raw();
            // The terminal's driver ends each line so.
            let mut shown = raw.replace("\r\n", "\n");
            if !colour.is_empty() && command == "run" {
                is_clean(&shown, path);
                continue;
            }
            // Colours and erasing are the program's own; those of the text are none of them.
            for own in ["\u{1b}[2J", "\u{1b}[5;41m", "\u{1b}]", "\u{1b}P", "\u{1b}c", "\u{1b}("] {
                assert!(!shown.contains(own), "{path}: {command} has {own:?}");
            }
            shown = shown.replace(['\r', '\u{1b}'], "");
            is_clean(&shown, &format!("{path}: {command}"));
        }
    }
}

#[test]
fn the_name_of_a_script_is_shown_and_not_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    // A name has no `/`.
    let name = format!("{}.sock", EVIL.replace('/', "|").chars().take(60).collect::<String>());
    std::fs::write(folder.path().join(&name), "expect 1 == 2\n").unwrap();
    for arguments in [
        &["run", &name][..],
        &["check", &name],
        &["fmt", "--check", &name],
        &["test", "--report", "junit=r.xml", "--report", "json=r.json", "--report", "tap=r.tap", "."],
        &["run", &format!("no {name}")],
    ] {
        let ran = run(folder.path(), arguments);
        ended(&ran, &format!("{arguments:?}"));
        is_clean(&text(&ran.stdout, "stdout"), &format!("{arguments:?}"));
        is_clean(&text(&ran.stderr, "stderr"), &format!("{arguments:?}"));
    }
    for report in ["r.xml", "r.json", "r.tap"] {
        is_clean(&text(&std::fs::read(folder.path().join(report)).unwrap(), report), report);
    }
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn what_never_ends_is_bounded() {
    for (case, want) in [
        ("frame", "EMSGSIZE (90) Message too long: a frame of 4294967295 bytes was announced"),
        ("frame64", "was announced, and 16777216 is the most"),
        ("endless_line", "1048576"),
        ("endless_peer", "1048576"),
        ("endless_program", "TimeoutError"),
    ] {
        let path = format!("{}/tests/hostile/{case}.sock", env!("CARGO_MANIFEST_DIR"));
        // In 400 MB of address space.
        let line = format!("ulimit -v 400000; exec \"$0\" run --timeout 30s --var evil=x {path}");
        let ran = Command::new("bash").args(["-c", &line, BINARY]).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{case}: {said}");
        assert!(said.contains(want), "{case}: {said}");
    }
}
