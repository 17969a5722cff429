//! `fmt` and `check` as the command line has them: files, exit codes, what is shown.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn sockbook(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sockbook"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("SOCKBOOK_LANG")
        .output()
        .expect("the binary runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn fmt_writes_what_it_changes_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("sub")).unwrap();
    std::fs::write(path("sub/loose.sock"), "repeat 2\r\n  print   a\r\nend").unwrap();
    std::fs::set_permissions(path("sub/loose.sock"), std::fs::Permissions::from_mode(0o750)).unwrap();
    std::fs::write(path("tidy.sock"), "print a\n").unwrap();
    std::fs::write(path("wrong.sock"), "print  \"a\n").unwrap();
    std::fs::write(path("other.txt"), "print   a").unwrap();
    let before = std::fs::metadata(path("tidy.sock")).unwrap().modified().unwrap();

    let checked = sockbook(folder.path(), &["fmt", "--check", "sub"]);
    assert_eq!(checked.status.code(), Some(1));
    let name = "sub/loose.sock";
    assert_eq!(
        out(&checked),
        format!(
            "--- {name}\n+++ {name}\n@@ line 1\n-repeat 2\\r\n-  print   a\\r\n-end (no line end)\n+repeat 2\n+    print a\n+end\n"
        )
    );
    assert_eq!(std::fs::read_to_string(path("sub/loose.sock")).unwrap().len(), 26);

    let done = sockbook(folder.path(), &["fmt", "."]);
    assert_eq!(done.status.code(), Some(2), "{}", err(&done));
    assert!(err(&done).contains("this quote is never closed"), "{}", err(&done));
    assert!(err(&done).contains("wrong.sock:1:8"), "{}", err(&done));
    assert_eq!(out(&done), "sub/loose.sock\n");
    assert_eq!(std::fs::read_to_string(path("sub/loose.sock")).unwrap(), "repeat 2\n    print a\nend\n");
    assert_eq!(std::fs::metadata(path("sub/loose.sock")).unwrap().permissions().mode() & 0o777, 0o750);
    assert_eq!(std::fs::read_to_string(path("wrong.sock")).unwrap(), "print  \"a\n");
    assert_eq!(std::fs::read_to_string(path("other.txt")).unwrap(), "print   a");
    assert_eq!(std::fs::metadata(path("tidy.sock")).unwrap().modified().unwrap(), before);

    let again = sockbook(folder.path(), &["fmt", "--check", "sub", "tidy.sock"]);
    assert_eq!((again.status.code(), out(&again)), (Some(0), String::new()));

    // A file that is named is one, whatever it is called; a link stays a link.
    std::os::unix::fs::symlink("sub/loose.sock", path("link.sock")).unwrap();
    std::fs::write(path("sub/loose.sock"), "print    b").unwrap();
    let done = sockbook(folder.path(), &["fmt", "link.sock", "other.txt"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
    assert!(std::fs::symlink_metadata(path("link.sock")).unwrap().is_symlink());
    assert_eq!(std::fs::read_to_string(path("sub/loose.sock")).unwrap(), "print b\n");
    assert_eq!(std::fs::read_to_string(path("other.txt")).unwrap(), "print a\n");
    let left: Vec<_> = std::fs::read_dir(folder.path().join("sub")).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing else is left behind: {left:?}");
}

#[test]
fn fmt_lays_out_standard_input() {
    use std::io::Write as _;
    for (arguments, text, code, want) in [
        (&["fmt", "-"][..], "a,b =  socketpair", 0, "a, b = socketpair\n"),
        (&["fmt", "--check", "-"], "print a\n", 0, ""),
        (&["fmt", "-"], "print \"a", 2, ""),
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sockbook"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(code), want), "{text}");
    }
}

#[test]
fn check_warns_and_is_content() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.sock"),
        "let who = \"mundo\"\nprint \"hola $who\"\nl = socket inet stream\nl.bind localhost 8998\nl.connect localhost 8998\nsendall hello\nexit\nprint é never\n",
    )
    .unwrap();
    let said = sockbook(folder.path(), &["check", "a.sock"]);
    assert_eq!(said.status.code(), Some(0), "{}", err(&said));
    assert_eq!(out(&said), "1 script checked, 0 mistakes, 4 warnings\n");
    let want = "\
warning[quoted-name]: in quotes `$who` is these 4 characters
 --> a.sock:2:13
  |
2 | print \"hola $who\"
  |             ^^^^
  |
  = help: did you mean `${who}`? (`\\$who` says it is not meant)
";
    assert!(err(&said).starts_with(want), "{}", err(&said));

    let said = sockbook(folder.path(), &["check", "--format", "json", "a.sock"]);
    let found: Vec<serde_json::Value> =
        out(&said).lines().map(|l| serde_json::from_str(l).expect(l)).collect();
    let codes: Vec<&str> = found.iter().map(|d| d["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["quoted-name", "never-closed", "fixed-port", "unreachable"]);
    let place = |d: &serde_json::Value| {
        ["line", "column", "end_line", "end_column"].map(|key| d[key].as_u64().unwrap())
    };
    assert_eq!(place(&found[0]), [2, 13, 2, 17]);
    assert_eq!(place(&found[3]), [8, 1, 8, 14]);
    assert_eq!(found[2]["severity"], "warning");

    // Warnings never change a run.
    std::fs::write(folder.path().join("b.sock"), "let who = \"mundo\"\nprint \"hola $who\"\n").unwrap();
    let ran = sockbook(folder.path(), &["b.sock"]);
    assert_eq!((ran.status.code(), out(&ran), err(&ran)), (Some(0), "hola $who\n".into(), String::new()));
}

#[test]
fn check_asks_whether_a_name_in_what_is_shown_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    for (line, help) in [
        ("print who", "`$who` prints what the name stands for"),
        ("print who.len", "`${who.len}` prints the value"),
        ("fail who.0", "`${who.0}` prints the value"),
        ("raise ValueError who", "`$who` prints what the name stands for"),
        ("print a.recv", "`$(a.recv)` prints the value"),
        ("print a.close", ""),
        ("print who.log", ""),
        ("print who.len who", ""),
        ("skip other.len", ""),
    ] {
        std::fs::write(folder.path().join("a.sock"), format!("let who = mundo\na, b = socketpair\n{line}\n"))
            .unwrap();
        let said = sockbook(folder.path(), &["check", "--format", "json", "a.sock"]);
        assert_eq!(said.status.code(), Some(0), "{}", err(&said));
        let found: Vec<serde_json::Value> =
            out(&said).lines().map(|l| serde_json::from_str(l).expect(l)).collect();
        let found = found.iter().find(|found| found["code"] == "bare-name");
        assert_eq!(found.map_or("", |found| found["help"].as_str().unwrap()), help, "{line}");
    }
}

#[test]
fn check_tells_mistakes_in_json_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.sock"), "socket inet steam\n").unwrap();
    std::fs::write(folder.path().join("b.sock"), b"print \xff\n").unwrap();
    let said = sockbook(folder.path(), &["check", "--format", "json", "."]);
    assert_eq!(said.status.code(), Some(2));
    let found: Vec<serde_json::Value> =
        out(&said).lines().map(|l| serde_json::from_str(l).expect(l)).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0]["severity"], "error");
    assert_eq!(found[0]["code"], serde_json::Value::Null);
    assert_eq!(found[0]["help"], "did you mean `stream`?");
    let keys = |d: &serde_json::Value| d.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&found[0]), keys(&found[1]), "one form for all");
}

/// `sockbook help | head` has had enough, and nothing has failed.
#[test]
fn a_reader_may_leave_early() {
    for arguments in [&["help"][..], &["help", "--markdown"], &["man"], &["completions", "bash"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_sockbook"))
            .args(arguments)
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn the_scripts_of_this_house_are_laid_out() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let said = sockbook(here, &["fmt", "--check", "scripts", "tests/cases/ok", "tests/python"]);
    assert_eq!(said.status.code(), Some(0), "{}{}", out(&said), err(&said));
}
