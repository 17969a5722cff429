//! `sockbook test`, from outside: what it finds, reports and survives.

mod nohup;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use nohup::hears_hangup;
use serde_json::Value as Json;

/// A folder of scripts, gone with the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(scripts: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        scripts.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
        command.current_dir(self.0.path()).arg("test").args(arguments);
        for name in
            ["SOCKBOOK_LANG", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "RUST_BACKTRACE"]
        {
            command.env_remove(name);
        }
        command.env("XDG_CACHE_HOME", self.0.path().join(".cache"));
        command
    }

    /// Runs `sockbook test` in the folder: the exit code, standard output, standard error.
    fn test(&self, arguments: &[&str]) -> (i32, String, String) {
        parts(self.command(arguments).output().unwrap())
    }
}

fn parts(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().expect("no signal ends it"), text(output.stdout), text(output.stderr))
}

fn junit(text: &str) -> roxmltree::Document<'_> {
    roxmltree::Document::parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// A test point of TAP: its number, whether it is `ok`, its description, its directive, its diagnostics.
#[derive(Debug)]
struct Point {
    number: usize,
    ok: bool,
    name: String,
    directive: String,
    yaml: Vec<String>,
}

/// Reads TAP 14 strictly: what is no line of it is a panic. The points, and why it bailed out.
fn tap(text: &str) -> (Vec<Point>, Option<String>) {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let plan: usize = lines.next().unwrap().strip_prefix("1..").unwrap().parse().unwrap();
    let (mut points, mut bail): (Vec<Point>, _) = (Vec::new(), None);
    let mut inside = false;
    for line in lines {
        if inside {
            inside = line != "  ...";
            assert!(line.is_empty() || line.starts_with("  "), "{line}");
            points.last_mut().unwrap().yaml.push(line.to_string());
        } else if line == "  ---" {
            inside = true;
        } else if let Some(why) = line.strip_prefix("Bail out! ") {
            bail = Some(why.to_string());
        } else {
            let (ok, rest) = match line.strip_prefix("not ok ") {
                Some(rest) => (false, rest),
                None => (true, line.strip_prefix("ok ").unwrap_or_else(|| panic!("no TAP: {line}"))),
            };
            let (number, rest) = rest.split_once(" - ").unwrap();
            let (name, directive) = rest.split_once(" # ").unwrap_or((rest, ""));
            let (name, directive) = (name.to_string(), directive.to_string());
            points.push(Point { number: number.parse().unwrap(), ok, name, directive, yaml: Vec::new() });
        }
    }
    assert!(!inside);
    assert_eq!(points.len(), plan);
    assert!(points.iter().enumerate().all(|(at, p)| p.number == at + 1));
    (points, bail)
}

const PASSES: &str = "a, b = socketpair\na.send hola\nb.recv\n#> 4 bytes  \"hola\"\n";
const ANSWER: &str = "a, b = socketpair\na.send hola\n  b.recv\n  #> 4 bytes  \"hole\"\n";
const HANGS: &str = "l = socket\nl.bind 127.0.0.1 0\nl.listen\nl.accept\n";

#[test]
fn every_report_tells_the_same() {
    let folder = Folder::new(&[
        ("a_passes.sock", PASSES),
        ("b_answer.sock", ANSWER),
        ("c_invalid.sock", "sockett\n"),
        ("d_hangs.sock", HANGS),
        ("e_skips.sock", "skip \"no <reason> & none\\x07\"\n"),
        ("f_prints.sock", "print \"a<b>&\\x1b[31m\\u{fffe}]]>\"\nexpect 1 == 2\n"),
    ]);
    let reports = ["--report", "junit=j.xml", "--report", "tap=t.tap", "--report", "json=j.json"];
    let arguments = [&[".", "-j", "2", "--limit", "2s"][..], &reports[..]].concat();
    let (code, out, err) = folder.test(&arguments);
    assert_eq!((code, &*err), (1, ""), "{out}");
    assert!(out.contains("6 scripts: 1 passed, 4 failed, 1 skipped"), "{out}");
    assert!(out.contains("b_answer.sock:4:3"), "{out}");

    let text = folder.read("j.xml");
    let document = junit(&text);
    let suite = document.descendants().find(|n| n.has_tag_name("testsuite")).unwrap();
    let number = |name: &str| suite.attribute(name).unwrap().parse::<f64>().unwrap();
    assert_eq!(["tests", "failures", "errors", "skipped"].map(number), [6.0, 2.0, 2.0, 1.0]);
    assert!(number("time") >= 2.0);
    let cases: Vec<_> = suite.children().filter(|n| n.has_tag_name("testcase")).collect();
    let what = |at: usize| {
        let problem = cases[at].children().find(|n| n.is_element());
        let line = cases[at].attribute("line").unwrap();
        (cases[at].attribute("file").unwrap(), line, problem.map_or("", |p| p.tag_name().name()))
    };
    assert_eq!(what(0), ("a_passes.sock", "1", ""));
    assert_eq!(what(1), ("b_answer.sock", "1", "failure"));
    assert_eq!(what(2), ("c_invalid.sock", "1", "error"));
    assert_eq!(what(3), ("d_hangs.sock", "1", "error"));
    assert_eq!(what(4), ("e_skips.sock", "1", "skipped"));
    assert_eq!(what(5), ("f_prints.sock", "1", "failure"));
    let message =
        |at: usize| cases[at].children().find(|n| n.is_element()).unwrap().attribute("message").unwrap();
    assert_eq!(message(1), "the answer is another: got `4 bytes  \"hola\"`, not `4 bytes  \"hole\"`");
    assert_eq!(message(5), "`1 == 2`: got 1");
    let skipped = cases[4].children().find(|n| n.is_element()).unwrap();
    assert_eq!(skipped.attribute("message"), Some("no <reason> & none\\x07"));
    let printed = cases[5].children().find(|n| n.has_tag_name("system-out")).unwrap();
    assert_eq!(printed.text(), Some("a<b>&\\x1b[31m\\ufffe]]>\n"));

    let text = folder.read("t.tap");
    let (points, bail) = tap(&text);
    assert_eq!(points.iter().map(|p| p.ok).collect::<Vec<_>>(), [true, false, false, false, true, false]);
    assert_eq!(points[4].directive, "SKIP no <reason> & none\\x07");
    assert!(points[1].yaml.iter().any(|l| l == "    line: 4"), "{:?}", points[1]);
    assert!(points.iter().zip(["a_", "b_", "c_", "d_", "e_", "f_"]).all(|(p, n)| p.name.starts_with(n)));
    assert_eq!(bail, None);

    let read = json(&folder.read("j.json"));
    assert_eq!((&read["format"], &read["version"]), (&"sockbook test".into(), &2.into()));
    let statuses: Vec<_> = read["scripts"].as_array().unwrap().iter().map(|s| &s["status"]).collect();
    assert_eq!(statuses, ["passed", "failed", "invalid", "broken", "skipped", "failed"]);
    let script = &read["scripts"][1];
    assert_eq!(script["error"]["line"], 4);
    assert_eq!(script["error"]["sockets"][1]["name"], "b");
    let commands: Vec<_> =
        script["commands"].as_array().unwrap().iter().map(|c| c["command"].as_str().unwrap()).collect();
    assert_eq!(commands, ["socketpair", "send", "recv"]);
    assert_eq!(script["commands"][2]["result"]["text"], "hola");
    assert_eq!(read["scripts"][5]["output"], "a<b>&\u{1b}[31m\u{fffe}]]>\n");
}

#[test]
fn a_failure_shows_both_sides_the_sockets_and_the_programs() {
    let folder = Folder::new(&[
        ("a.sock", ANSWER),
        ("b.sock", "a, b = socketpair\na.send \"hola\\x00\"\nb.recv\nexpect $_ == \"hola\\xff\"\n"),
        ("c.sock", "process srv sh -c \"echo up; echo oops >&2; exit 3\"\nwait srv\nfail \"no server\"\n"),
    ]);
    let (code, out, _) = folder.test(&["."]);
    assert_eq!(code, 1);
    let wanted = "- expected, + came:\n- 4 bytes  \"hole\"\n+ 4 bytes  \"hola\"\n               ^\n";
    assert!(out.contains(wanted), "{out}");
    assert!(out.contains("they differ at byte 4: left 0x00, right 0xff"), "{out}");
    assert!(out.contains("left   00000000  68 6f 6c 61 00"), "{out}");
    assert!(out.contains("the sockets as they stood:\n"), "{out}");
    let wanted = "srv  exited with 3: sh -c echo up; echo oops >&2; exit 3\n    stdout:\n      up\n    \
                  stderr:\n      oops\n";
    assert!(out.contains(wanted), "{out}");
    // `run` says the same.
    let mut run = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    let (code, _, err) = parts(run.current_dir(folder.0.path()).args(["run", "c.sock"]).output().unwrap());
    assert_eq!(code, 1);
    assert!(err.contains(wanted), "{err}");
}

#[test]
fn limits_name_themselves_and_who_waits() {
    let folder = Folder::new(&[
        ("accept.sock", HANGS),
        ("loop.sock", "while true\nend\n"),
        ("threads.sock", "a, b = socketpair\nspawn reader\n  a.recv\nend\nb.recv\n"),
        ("timeout.sock", "a, b = socketpair\nb.recv --timeout 20ms\n"),
    ]);
    let (code, out, _) = folder.test(&[".", "--limit", "2s", "-j", "4"]);
    assert_eq!(code, 1);
    assert_eq!(out.matches("error: the script's limit of 2s is over").count(), 3, "{out}");
    assert!(out.contains("thread `main` waits in accept4 on l (127.0.0.1:"), "{out}");
    assert!(out.contains("thread `main` waits in recv on b"), "{out}");
    assert!(out.contains("thread `reader` waits in recv on a"), "{out}");
    assert!(out.contains("no answer within 20ms, the command's `--timeout`"), "{out}");
    assert!(out.contains("LISTEN"), "{out}");
}

/// Fails the first time it is run in a folder, and passes from then on.
const FLAKY: &str = "process p mkdir made\nstatus = wait p\nexpect $status == 1\n";

#[test]
fn a_retried_pass_is_flaky() {
    let folder = Folder::new(&[("a.sock", FLAKY), ("b.sock", "fail always\n")]);
    let (code, out, _) = folder.test(&["a.sock", "--retries", "2", "--report", "json=j.json"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("flaky    a.sock"), "{out}");
    assert!(out.contains("1 script: 1 passed (1 flaky), 0 failed"), "{out}");
    let script = &json(&folder.read("j.json"))["scripts"][0];
    assert_eq!((&script["status"], &script["flaky"]["line"]), (&"passed".into(), &3.into()));
    std::fs::remove_dir(folder.path("made")).unwrap();
    let (code, _, _) = folder.test(&[".", "-j1", "--retries", "2", "--report", "junit=j.xml"]);
    assert_eq!(code, 1);
    let text = folder.read("j.xml");
    let document = junit(&text);
    let names: Vec<_> = document.descendants().map(|n| n.tag_name().name()).collect();
    assert!(names.contains(&"flakyFailure") && names.contains(&"failure"), "{text}");
    // Without retries it has failed.
    std::fs::remove_dir(folder.path("made")).unwrap();
    assert_eq!(folder.test(&["a.sock"]).0, 1);
}

#[test]
fn a_retried_pass_tells_which_subtests_failed() {
    let script = "try\n    let n = $(readfile tried)\nexcept\n    let n = \"\"\nend\nwritefile tried x\n\
        subtest one\n    expect $n == x\nend\nsubtest two\n    expect \"2${n}\" == 2x\nend\n";
    let folder = Folder::new(&[("a.sock", script)]);
    let forms = ["json=r.json", "junit=r.xml", "tap=r.tap", "html=r.html"];
    let mut arguments = vec!["a.sock", "--retries", "1"];
    forms.iter().for_each(|form| arguments.extend(["--report", form]));
    let (code, out, _) = folder.test(&arguments);
    assert_eq!(code, 0, "{out}");
    let flaky = &json(&folder.read("r.json"))["scripts"][0]["flaky"];
    let message = flaky["message"].as_str().unwrap();
    assert_eq!(message, "[one] `$n == x`: got \"\"");
    assert_eq!((&flaky["line"], &flaky["test_line"], &flaky["column"]), (&8.into(), &8.into(), &12.into()));
    assert_eq!(flaky["sides"][0]["expected"], "\"x\"", "{flaky}");
    let detail = flaky["detail"].as_str().unwrap();
    let ends = [detail.find("--- [one]\nerror: "), detail.find("\n\n--- [two]\nerror: ")];
    assert!(ends[0] == Some(0) && ends[1].is_some(), "{detail}");
    assert!(detail.contains("2 of 2 subtests failed"), "{detail}");
    assert!(out.contains("tried again)\n--- [one]\nerror: ") && out.contains("--- [two]\nerror: "), "{out}");
    let xml = folder.read("r.xml");
    let document = junit(&xml);
    let told = document.descendants().find(|n| n.has_tag_name("flakyFailure")).unwrap();
    assert_eq!((told.attribute("message"), told.text()), (Some(message), Some(detail)), "{xml}");
    let tap = folder.read("r.tap");
    assert!(tap.contains("message: \"[one] `$n == x`: got") && tap.contains("    line: 8\n"), "{tap}");
    assert!(tap.contains("  detail: |\n    --- [one]\n") && tap.contains("\n    --- [two]\n"), "{tap}");
    // The page has a chapter for each of them, and none of both.
    let page = folder.read("r.html");
    assert!(page.contains("</span> one</h3>") && page.contains("</span> two</h3>"), "{page}");
    assert!(!page.contains("--- [one]"), "{page}");
}

#[test]
fn repeating_counts_failures() {
    let folder = Folder::new(&[("a.sock", FLAKY), ("b.sock", PASSES)]);
    let (code, out, _) = folder.test(&[".", "-j1", "--repeat", "4", "--report", "json=-"]);
    assert_eq!(code, 1);
    let read = json(&out);
    let runs = |at: usize| (&read["scripts"][at]["runs"]["count"], &read["scripts"][at]["runs"]["failed"]);
    assert_eq!(runs(0), (&4.into(), &1.into()));
    assert_eq!(runs(1), (&4.into(), &0.into()));
    assert!(read["scripts"][1]["runs"]["median"].as_f64() > Some(0.0));
    let (_, out, _) = folder.test(&["b.sock", "--repeat", "4"]);
    assert!(out.contains("0 of 4 runs failed, min "), "{out}");
}

#[test]
fn the_first_failure_can_end_the_run() {
    let folder = Folder::new(&[("a.sock", PASSES), ("b.sock", "fail no\n"), ("c.sock", PASSES)]);
    let (code, out, err) = folder.test(&[".", "-j1", "--fail-fast", "--report", "tap"]);
    assert_eq!(code, 1);
    let (points, _) = tap(&out);
    assert_eq!(points[2].directive, "SKIP not run");
    assert!(err.contains("3 scripts: 1 passed, 1 failed, 1 not run"), "{err}");
}

#[test]
fn folders_are_walked_as_people_expect() {
    let folder = Folder::new(&[("b.sock", PASSES), ("a.sock", PASSES), ("notes.txt", "")]);
    for name in ["sub", ".hidden", "ignored", ".git"] {
        std::fs::create_dir(folder.path(name)).unwrap();
        folder.write(&format!("{name}/z.sock"), PASSES);
    }
    folder.write(".gitignore", "ignored\n");
    symlink(folder.path("a.sock"), folder.path("link.sock")).unwrap();
    symlink(folder.0.path(), folder.path("sub/round.sock")).unwrap();
    let list = |arguments: &[&str]| {
        let (code, out, err) = folder.test(arguments);
        assert_eq!(code, 0, "{err}");
        out.lines().map(str::to_string).collect::<Vec<_>>()
    };
    let all = ["a.sock", "b.sock", "link.sock", "sub/z.sock"];
    assert_eq!(list(&[".", "--list"]), all);
    assert_eq!(
        list(&["sub", ".", "sub/z.sock", "./a.sock", "--list"]),
        ["sub/z.sock", "a.sock", "b.sock", "link.sock"]
    );
    assert_eq!(list(&[".", "--list", "--filter", "sub/"]), ["sub/z.sock"]);
    let mut parts: Vec<String> = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        parts.extend(list(&[".", "--list", "--shard", part]));
    }
    parts.sort();
    assert_eq!(parts, all);
    // More machines than scripts is no fault.
    assert_eq!(folder.test(&[".", "--shard", "9/9"]).0, 0);
}

#[test]
fn what_is_wrong_with_the_command_line_is_said_before_anything_runs() {
    let folder = Folder::new(&[("a.sock", "process p touch ran\nwait p\n")]);
    std::fs::create_dir(folder.path("empty")).unwrap();
    for (arguments, said) in [
        (&["empty"][..], "no script (`*.sock`) in this folder"),
        (&["nowhere"], "nowhere"),
        (&[], "required"),
        (&["a.sock", "-j", "0"], "--jobs"),
        (&["a.sock", "--shard", "3/2"], "like `2/5`"),
        (&["a.sock", "--repeat", "0"], "--repeat"),
        (&["a.sock", "--limit", "soon"], "`soon` is not a duration"),
        (&["a.sock", "--var", "x"], "has no `=`"),
        (&["a.sock", "--filter", "zz"], "`--filter` holds for no script here"),
        (&["a.sock", "--filter", "zz and"], "a word is missing at the end"),
        (&["a.sock", "--bless", "--retries", "2"], "cannot be used with"),
        (&["a.sock", "--timings", "x"], "--shard"),
        (&["a.sock", "--shard", "1/2", "--timings", "x"], "x: no such file or directory"),
        (&["a.sock", "--report", "xml=a"], "a report is `html=FILE`, `junit=FILE`"),
        (&["a.sock", "--report", "junit"], "write `junit=FILE`"),
        (
            &["a.sock", "--report", "junit=a.sock/where"],
            "cannot write the report a.sock/where: not a directory\n",
        ),
        (&["a.sock", "--report", "junit=empty"], "is a directory"),
        (&["a.sock", "--report", "junit=x", "--report", "json=x"], "cannot share the file x"),
        (&["a.sock", "--report", "tap", "--report", "json=-"], "standard output can hold one report only"),
    ] {
        let (code, out, err) = folder.test(arguments);
        assert_eq!((code, &*out), (2, ""), "{arguments:?} {err}");
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
    assert!(!folder.path("ran").exists());
    let left: Vec<_> = std::fs::read_dir(folder.0.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn files_that_cannot_be_read_are_errors_of_their_own() {
    let folder = Folder::new(&[("a.sock", PASSES)]);
    folder.write("b.sock", b"print \"caf\xe9\"\n");
    symlink("nowhere", folder.path("c.sock")).unwrap();
    let (code, out, _) = folder.test(&["."]);
    assert_eq!(code, 1);
    assert!(out.contains("b.sock:1:11: a script is UTF-8 text"), "{out}");
    assert!(out.contains("c.sock: no such file or directory"), "{out}");
    assert!(out.contains("3 scripts: 1 passed, 2 failed"), "{out}");
}

#[test]
fn a_full_disk_keeps_the_results_on_the_screen() {
    let folder = Folder::new(&[("a.sock", PASSES)]);
    let (code, out, err) = folder.test(&["a.sock", "--report", "junit=/dev/full", "--report", "json=j.json"]);
    assert_eq!(code, 1);
    assert!(out.contains("1 script: 1 passed"), "{out}");
    assert!(err.contains("cannot write the report /dev/full: no space left on device"), "{err}");
    assert_eq!(json(&folder.read("j.json"))["counts"]["passed"], 1, "the other one stands");
    // Results that could not be written are no results; a reader that has gone has seen enough.
    for arguments in [&["a.sock"][..], &["--list", "a.sock"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = folder.command(arguments).stdout(full).output().unwrap();
        let (code, _, err) = parts(output);
        assert_eq!((code, &*err), (1, "error: standard output: No space left on device\n"));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = folder.command(arguments).stdout(writer).output().unwrap();
        assert_eq!(parts(output), (0, String::new(), String::new()));
    }
}

#[test]
fn a_report_replaces_a_file_and_follows_a_link() {
    let folder = Folder::new(&[("a.sock", PASSES), ("real.json", "old")]);
    symlink("real.json", folder.path("link.json")).unwrap();
    let mode = || std::fs::metadata(folder.path("real.json")).unwrap().mode() & 0o777;
    let before = mode();
    assert_eq!(folder.test(&["a.sock", "--report", "json=link.json"]).0, 0);
    assert!(std::fs::symlink_metadata(folder.path("link.json")).unwrap().is_symlink());
    assert_eq!(json(&folder.read("real.json"))["exit"], 0);
    assert_eq!(mode(), before);
}

#[test]
fn what_cannot_be_blessed_is_said() {
    let folder = Folder::new(&[("a.sock", "print hola\n#> hello\n")]);
    // A script that came through a pipe has no place to be written to.
    let mut child = folder
        .command(&["--bless", "/dev/stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"print hola\n#> hello\n").unwrap();
    let (code, out, _) = parts(child.wait_with_output().unwrap());
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("cannot write /"), "{out}");
    // Permissions mean nothing to root.
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        let closed = std::os::unix::fs::PermissionsExt::from_mode(0o555);
        std::fs::set_permissions(folder.0.path(), closed).unwrap();
        let (code, out, _) = folder.test(&["--bless", "a.sock"]);
        assert!(code == 1 && out.contains("cannot write"), "{out}");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.0.path(), open).unwrap();
    }
    assert_eq!(folder.read("a.sock"), "print hola\n#> hello\n");
    // A link stays one, and the file it leads to is written.
    symlink("a.sock", folder.path("link.sock")).unwrap();
    assert_eq!(folder.test(&["--bless", "link.sock"]).0, 0);
    assert_eq!(folder.read("a.sock"), "print hola\n#> hola\n");
    assert!(std::fs::symlink_metadata(folder.path("link.sock")).unwrap().is_symlink());
}

/// A script that says it is there, waits for a word, and says goodbye in `finally`.
const MEETS: &str =
    "s = socket\ns.connect 127.0.0.1 $port\ntry\n  s.send hi\n  s.recv\nfinally\n  s.send bye\nend\n";

/// A place where a script that runs meets the test.
fn meeting() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, format!("port={port}"))
}

/// A script that has come, and is in its `try`.
fn comes(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    let mut hi = [0; 2];
    stream.read_exact(&mut hi).unwrap();
    assert_eq!(&hi, b"hi");
    stream
}

fn goodbye(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_signal_ends_the_run_and_its_reports_are_whole() {
    for (signal, code, jobs) in
        [(Signal::SIGINT, 130, "1"), (Signal::SIGTERM, 143, "2"), (Signal::SIGHUP, 129, "1")]
    {
        if signal == Signal::SIGHUP && !hears_hangup() {
            continue;
        }
        let folder =
            Folder::new(&[("a.sock", PASSES), ("b.sock", MEETS), ("c.sock", MEETS), ("d.sock", PASSES)]);
        let (listener, port) = meeting();
        let reports = ["--report", "junit=j.xml", "--report", "tap=t.tap", "--report", "json=j.json"];
        let child = folder
            .command(&[&[".", "-j", jobs, "--var", &port][..], &reports[..]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let streams: Vec<TcpStream> = (0..jobs.parse().unwrap()).map(|_| comes(&listener)).collect();
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        let (got, out, err) = parts(child.wait_with_output().unwrap());
        assert_eq!((got, &*err), (code, ""), "{out}");
        for stream in streams {
            assert_eq!(goodbye(stream), "bye");
        }
        let hung: usize = jobs.parse().unwrap();
        let totals = format!("4 scripts: 1 passed, 0 failed, {hung} interrupted, {} not run; ", 3 - hung);
        assert!(out.contains(&totals), "{out}");
        // Where it was when the signal came.
        assert!(out.contains("--- b.sock\nerror: ") && out.contains("--> b.sock:"), "{out}");
        let text = folder.read("j.xml");
        let document = junit(&text);
        let skipped = document.descendants().filter(|n| n.has_tag_name("skipped")).count();
        assert_eq!(skipped, 3 - hung, "{text}");
        let errors: Vec<_> = document.descendants().filter(|n| n.has_tag_name("error")).collect();
        assert!(
            errors.len() == hung && errors.iter().all(|e| e.attribute("type") == Some("interrupted")),
            "{text}"
        );
        let (points, bail) = tap(&folder.read("t.tap"));
        assert_eq!(points.iter().filter(|p| p.directive == "SKIP not run").count(), 3 - hung);
        assert!(bail.is_some());
        let read = json(&folder.read("j.json"));
        assert_eq!((&read["signal"], &read["exit"]), (&(signal as i32).into(), &code.into()));
        assert_eq!(read["scripts"][0]["status"], "passed");
    }
}

#[test]
fn a_script_that_cannot_be_interrupted_is_left_behind() {
    let folder = Folder::new(&[("b.sock", PASSES)]);
    let pipe = folder.path("a.sock");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut child = folder
        .command(&["a.sock", "b.sock", "-j1", "--report", "tap"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It can be opened without waiting from when the runner has it open, which then waits for a script's
    // text, and nothing ends such a wait.
    let mut options = std::fs::File::options();
    options.write(true).custom_flags(nix::libc::O_NONBLOCK);
    let writer = loop {
        match options.open(&pipe) {
            Ok(writer) => break writer,
            // A pause between two looks.
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    // Who insists is heard.
    while child.try_wait().unwrap().is_none() {
        kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
        // A pause between two signals: two that are pending at once are one.
        std::thread::sleep(Duration::from_millis(50));
    }
    let (code, out, _) = parts(child.wait_with_output().unwrap());
    assert_eq!(code, 130);
    assert!(tap(&out).0.iter().all(|p| p.directive == "SKIP not run"), "{out}");
    drop(writer);
}

#[test]
fn a_script_that_goes_while_another_runs_is_an_error() {
    // What a script says is read before anything runs; what it sources, in its turn.
    let sources = "source _gone.sock\n";
    let folder =
        Folder::new(&[("a.sock", MEETS), ("b.sock", sources), ("c.sock", PASSES), ("_gone.sock", "")]);
    let (listener, port) = meeting();
    let child = folder
        .command(&[".", "-j1", "--var", &port])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stream = comes(&listener);
    std::fs::remove_file(folder.path("_gone.sock")).unwrap();
    std::fs::remove_file(folder.path("c.sock")).unwrap();
    stream.write_all(b"go on").unwrap();
    let (code, out, _) = parts(child.wait_with_output().unwrap());
    assert_eq!(code, 1);
    assert!(out.contains("_gone.sock: no such file or directory"), "{out}");
    assert!(out.contains("3 scripts: 2 passed, 1 failed"), "{out}");
}

#[test]
fn scripts_side_by_side_do_not_touch_each_other() {
    // One closes its first socket while a thread of it waits there; the other waits on its own first.
    let closes =
        "a, b = socketpair\nspawn reader\n  fails EBADF a.recv\nend\nsleep 1ms\na.close\nwait reader\n";
    let waits = "a, b = socketpair\nspawn writer\n  sleep 4ms\n  b.send x\nend\na.recv\n#> 1 byte  \"x\"\nwait writer\n";
    let folder = Folder::new(&[("closes.sock", closes), ("waits.sock", waits)]);
    let (code, out, _) = folder.test(&[".", "-j", "6", "--repeat", "100"]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn many_scripts_run_many_times_without_a_flake() {
    let folder = Folder::new(&[]);
    let script = "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nc = socket inet stream\n\
                  c.connect 127.0.0.1 ${l.local.port}\npeer, who = l.accept\npeer.sendall Gracias\n\
                  c.recvexact 7\n#> 7 bytes  \"Gracias\"\n";
    (0..100).for_each(|n| folder.write(&format!("{n:03}.sock"), script));
    let (code, out, _) = folder.test(&[".", "-j", "8", "--repeat", "5"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("100 scripts: 100 passed, 0 failed"), "{out}");
}

#[test]
fn github_is_told_where() {
    let folder = Folder::new(&[("a.sock", ANSWER)]);
    let output = folder.command(&["a.sock"]).env("GITHUB_ACTIONS", "true").output().unwrap();
    let (_, out, _) = parts(output);
    let line = out.lines().last().unwrap();
    let start =
        "::error file=a.sock,line=4,col=3,title=failed%3A a.sock::the answer is another: got `4 bytes";
    assert!(line.starts_with(start), "{line}");
    assert!(!folder.test(&["a.sock"]).1.contains("::error"));
}

#[test]
fn a_pipe_sees_plain_lines() {
    let folder = Folder::new(&[("a.sock", PASSES), ("b.sock", ANSWER)]);
    let (_, out, err) = folder.test(&["."]);
    assert!(!out.contains('\x1b') && !out.contains('\r') && err.is_empty(), "{out}{err}");
}

#[test]
fn a_terminal_sees_what_runs_and_keeps_what_came_of_it() {
    let folder = Folder::new(&[("a.sock", PASSES), ("b.sock", MEETS)]);
    let (listener, port) = meeting();
    let size = nix::pty::Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = nix::pty::openpty(&size, None).unwrap();
    let mut command = folder.command(&[".", "-j1", "--var", &port]);
    command.env("TERM", "xterm").env_remove("NO_COLOR");
    command.stdout(terminal.slave.try_clone().unwrap()).stderr(terminal.slave);
    let mut child = command.spawn().unwrap();
    // A child that keeps the other end would never see the end of it.
    drop(command);
    let mut master = std::fs::File::from(terminal.master);
    let mut screen = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
    let mut stream = comes(&listener);
    let mut buffer = [0; 4096];
    while !screen.screen().contents().contains("1 of 2  b.sock") {
        let n = master.read(&mut buffer).unwrap();
        screen.process(&buffer[..n]);
    }
    stream.write_all(b"go on").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    while let Ok(n @ 1..) = master.read(&mut buffer) {
        screen.process(&buffer[..n]);
    }
    let text = screen.screen().contents();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("ok       a.sock") && lines[1].starts_with("ok       b.sock"), "{text}");
    assert!(lines[3].starts_with("2 scripts: 2 passed, 0 failed") && lines.len() == 4, "{text}");
}

#[test]
fn the_report_has_its_help() {
    let output = Command::new(env!("CARGO_BIN_EXE_sockbook")).args(["help", "reports"]).output().unwrap();
    let (code, out, _) = parts(output);
    assert_eq!(code, 0);
    // Every field of the document is described.
    let folder = Folder::new(&[("a.sock", ANSWER)]);
    let read = json(&folder.test(&["a.sock", "--report", "json=-"]).1);
    let mut fields: Vec<&String> = read.as_object().unwrap().keys().collect();
    for inner in
        [&read["counts"], &read["scripts"][0], &read["scripts"][0]["error"], &read["scripts"][0]["runs"]]
    {
        fields.extend(inner.as_object().unwrap().keys());
    }
    for field in fields {
        assert!(out.contains(field.as_str()), "{field} is not described");
    }
}

/// Blesses a script; what it is then. It passes as it stands, and a second time nothing changes.
fn blessed(text: &str) -> String {
    let folder = Folder::new(&[("x.sock", text)]);
    let (code, out, err) = folder.test(&["--bless", "x.sock"]);
    assert_eq!((code, &*err), (0, ""), "{text}\n{out}");
    let new = folder.read("x.sock");
    let (code, out, _) = folder.test(&["x.sock"]);
    assert_eq!(code, 0, "{new}\n{out}");
    folder.test(&["--bless", "x.sock"]);
    assert_eq!(folder.read("x.sock"), new);
    new
}

#[test]
fn blessing_leaves_every_other_byte_alone() {
    for (text, want) in [
        // Behind the whole statement.
        ("print <<END\nhola\nEND\nprint 2\n", "print <<END\nhola\nEND\n#> hola\nprint 2\n#> 2\n"),
        ("print <<A <<B\n1\nA\n2\nB\n", "print <<A <<B\n1\nA\n2\nB\n#> 1\n#>  2\n"),
        ("print 1 \\\n    2  # two\n", "print 1 \\\n    2  # two\n#> 1 2\n"),
        ("print \"1\n2\"\n", "print \"1\n2\"\n#> 1\n#> 2\n"),
        (
            "repeat 1\n\tprint <<-END\n\t\tx\n\tEND\nend\n",
            "repeat 1\n\tprint <<-END\n\t\tx\n\tEND\n\t#> x\nend\n",
        ),
        ("print 1", "print 1\n#> 1"),
        ("\u{feff}print 1\r\n\r\nprint 2", "\u{feff}print 1\r\n#> 1\r\n\r\nprint 2\n#> 2"),
        // Comments between the lines of an answer, and blanks around it.
        ("print 1\n#> a\n# comment\n#> b\nprint 2\n", "print 1\n#> 1\n# comment\nprint 2\n"),
        (
            "print <<E\n1\n2\n3\nE\n  #> a\n# c\n\t#> b  \n# d\n",
            "print <<E\n1\n2\n3\nE\n  #> 1\n# c\n\t#> 2\n  #> 3\n# d\n",
        ),
        ("print 1\r\n#> a\r\n#>   b\r\n\r\n#c", "print 1\r\n#> 1\r\n\r\n#c"),
        // Nothing came.
        ("print 1\n#> 1\na = socket\na.close\n  #> x\n# end", "print 1\n#> 1\na = socket\na.close\n# end"),
        ("a = socket\n#> a: [..]\na.close\n#>", "a = socket\n#> a: [..]\na.close\n"),
        // What holds stays as it was written.
        ("print 1\n#>1  \nprint 2\n#> 3\n", "print 1\n#>1  \nprint 2\n#> 2\n"),
        ("let x = \"[..]\"\nprint $x\n#> ${x}\n", "let x = \"[..]\"\nprint $x\n#> ${x}\n"),
        // What would be read as something else.
        ("print \"...\"\n", "print \"...\"\n#> [.]..\n"),
        (
            "print \"[..] ${here-}\"\n".replace("${here-}", "\\${x}").as_str(),
            "print \"[..] \\${x}\"\n#> [[]..] [$]{x}\n",
        ),
        (
            "print \"\"\nprint \"a\\r\\nb\\n\\n\"\n",
            "print \"\"\n#>\nprint \"a\\r\\nb\\n\\n\"\n#> a\\r\n#> b\n#>\n",
        ),
    ] {
        assert_eq!(blessed(text), want, "{text:?}");
    }
}

#[test]
fn an_answer_holds_for_what_it_says_and_for_nothing_else() {
    for (text, holds) in [
        ("print \"...\"\n#> [.]..\n", true),
        ("print x\n#> [.]..\n", false),
        ("print \"\"\n#>\n", true),
        ("print \"\"\n#> ...\n", true),
        ("print x\n#>\n", false),
        ("a = socket\na.close\n#>\n", false),
        ("print \"a\\n\\n\"\n#> a\n", false),
        ("print \"a\\r\\nb\"\n#> a\n#> b\n", false),
        ("print \"a\\r\\nb\"\n#> a\\r\n#> b\n", true),
        ("print \"a\\nb\"\n#> a\\r\n#> b\n", false),
        ("let x = 5\nprint 5\n#> ${x}\n", true),
        ("let x = 5\nprint 6\n#> ${x}\n", false),
        ("let x = \"[..]\"\nprint 6\n#> ${x}\n", false),
        ("print \"\\${y}\"\n#> ${y}\n", true),
        ("repeat 2\n  print ${_:-1}\n  #> 1\nend\n", true),
        ("let n = 1\nrepeat 2\n  print $n\n  #> 1\n  let n = 2\nend\n", false),
    ] {
        let folder = Folder::new(&[("x.sock", text)]);
        let (code, out, err) = folder.test(&["x.sock"]);
        assert_eq!((code, &*err), (i32::from(!holds), ""), "{text}\n{out}");
    }
}

#[test]
fn a_sourced_file_is_checked_and_never_written() {
    let lib = "a, b = socketpair\na.sendall \"hola\\n\"\nb.recv\n";
    let folder = Folder::new(&[("lib.sock", lib), ("main.sock", "source lib.sock\nprint one\n")]);
    let (code, out, _) = folder.test(&["--bless", "main.sock"]);
    assert_eq!(code, 0, "{out}");
    assert_eq!(folder.read("main.sock"), "source lib.sock\nprint one\n#> one\n");
    assert_eq!(folder.read("lib.sock"), lib);
    // An answer of its own that does not hold is a failure, also while the other file is written.
    folder.write("lib.sock", "print 1\n#> 2\n");
    for arguments in [&["main.sock"][..], &["--bless", "main.sock"]] {
        let (code, out, _) = folder.test(arguments);
        assert_eq!(code, 1, "{out}");
        assert!(out.contains("lib.sock:2:1"), "{out}");
    }
    assert_eq!(folder.read("lib.sock"), "print 1\n#> 2\n");
}

#[test]
fn blessing_makes_nothing_of_an_answer_that_is_never_reached() {
    let text = "print 1\n#> 2\nif 1 == 2\n  print x\n  #> x\nend\n";
    let folder = Folder::new(&[("x.sock", text)]);
    let (code, out, _) = folder.test(&["--bless", "x.sock"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("this answer was never reached"), "{out}");
    assert_eq!(folder.read("x.sock"), text.replace("#> 2", "#> 1"));
}

#[test]
fn a_script_that_asks_for_too_much_memory_fails_alone() {
    let grow = |times: u32, then: &str| {
        format!("let x = \"0123456789abcdef\"\nrepeat {times}\n    let x = \"${{x}}${{x}}\"\nend\n{then}\n")
    };
    let format = format!("unpack \">{}B\" $x", 16 << 21);
    let scripts = [
        ("a.sock", "print a\n#> a\n".to_string(), None),
        ("interpolation.sock", grow(40, ""), Some(3)),
        ("joined.sock", grow(24, "hexdump $x $x $x $x"), Some(5)),
        ("printed.sock", grow(22, &format!("print{}", " $x".repeat(16))), Some(5)),
        ("split.sock", grow(23, "split $x 1"), Some(5)),
        ("unpacked.sock", grow(21, &format), Some(5)),
        ("z.sock", "print z\n#> z\n".to_string(), None),
    ];
    let texts: Vec<(&str, &str)> = scripts.iter().map(|(name, text, _)| (*name, text.as_str())).collect();
    let folder = Folder::new(&texts);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 700000; exec \"$0\" test -j 1 --report json=j.json ."]);
    command.arg(env!("CARGO_BIN_EXE_sockbook")).current_dir(folder.0.path()).env_remove("SOCKBOOK_LANG");
    let (code, out, err) = parts(command.output().unwrap());
    assert_eq!(code, 1, "{out}{err}");
    for (name, _, line) in &scripts {
        match line {
            None => assert!(out.contains(&format!("ok       {name}")), "{name}\n{out}"),
            Some(line) => {
                let place = format!("{name}:{line}:");
                assert!(out.lines().any(|l| l.contains(&place)), "{place}\n{out}");
            }
        }
    }
    let failed = scripts.iter().filter(|s| s.2.is_some()).count();
    assert_eq!(out.matches("error: MemoryError").count(), failed, "{out}");
    assert!(folder.read("j.json").contains("z.sock"));
}
