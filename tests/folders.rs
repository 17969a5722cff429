//! `sockbook test` of folders: fixtures, libraries, what chooses scripts, and what `test` lines say.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value as Json;

/// A folder of scripts, gone with the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(scripts: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        scripts.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// As an editor writes: beside it, then in its place.
    fn swap(&self, name: &str, text: &str) {
        self.write(&format!("{name}.new"), text);
        std::fs::rename(self.path(&format!("{name}.new")), self.path(name)).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn sockbook(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
        command.current_dir(self.0.path()).args(arguments);
        for name in ["SOCKBOOK_LANG", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"] {
            command.env_remove(name);
        }
        command.env("XDG_CACHE_HOME", self.path(".cache"));
        command
    }

    /// Runs `sockbook` in the folder: the exit code, standard output and standard error.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        parts(self.sockbook(arguments).output().unwrap())
    }

    /// Runs `sockbook test` in the folder.
    fn test(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run(&[&["test"], arguments].concat())
    }
}

fn parts(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().expect("no signal ends it"), text(output.stdout), text(output.stderr))
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// Is there a process of this number that has not ended?
fn lives(pid: &str) -> bool {
    let pid: u32 = pid.trim().parse().expect("the number of a process, whole");
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

/// Waits until something holds; it is a failure when it never does.
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A fixture whose server, a thread, tells a line to each client, and which starts a program.
const FIXTURE: &str = "l = socket inet stream\nbind 127.0.0.1 0\nlisten\nlet port = ${l.local.port}\n\
    process begun sh -c \"echo begun >> begun.txt\"\nwait begun\n\
    process server sh -c \"echo $$ > server.pid; echo up; exec sleep 1000\"\nwaitfor server up\n\
    spawn answers\n    while true\n        c = l.accept\n        c.sendall \"hola\\n\"\n        c.close\n    end\nend\n\
    export port\n";
const USES: &str =
    "socket inet stream\nconnect 127.0.0.1 $port\nline = recvline\nexpect $line == \"hola\\n\"\n";

#[test]
fn a_fixture_is_begun_once_and_ends_with_its_folder() {
    let folder = Folder::new(&[("a/fixture.sock", FIXTURE), ("z.sock", "expect 1 == 1\n")]);
    (0..20).for_each(|n| folder.write(&format!("a/{n:02}.sock"), USES));
    folder.write("a/deep/below.sock", USES);
    let (code, out, err) = folder.test(&[".", "-j", "4", "--repeat", "3"]);
    assert_eq!((code, &*err), (0, ""), "{out}");
    assert!(out.contains("22 scripts: 22 passed, 0 failed"), "{out}");
    assert_eq!(folder.read("begun.txt"), "begun\n");
    eventually("the server ends", || !lives(&folder.read("server.pid")));
    // A script that is not below it does not begin it.
    std::fs::remove_file(folder.path("begun.txt")).unwrap();
    assert_eq!(folder.test(&["z.sock"]).0, 0);
    assert_eq!(folder.read("begun.txt"), "");
}

#[test]
fn fixtures_stand_inside_one_another() {
    let outer = "let a = 1\nlet b = 1\nexport a b\nprocess p sh -c \"trap 'echo outer >> ends.txt; exit 0' TERM; echo up; while :; do sleep 0.01; done\"\n\
        while ${p.stdout.len} == 0\nend\n";
    let inner = "let b = $a + 1\nexport b\nprocess p sh -c \"trap 'echo inner >> ends.txt; exit 0' TERM; echo up; while :; do sleep 0.01; done\"\n\
        while ${p.stdout.len} == 0\nend\n";
    let folder = Folder::new(&[
        ("fixture.sock", outer),
        ("x.sock", "expect $a == 1\nexpect $b == 1\n"),
        ("in/fixture.sock", inner),
        ("in/y.sock", "expect $a == 1\nexpect $b == 2\n"),
        ("in/z.sock", "expect $b == 9\n"),
    ]);
    let (code, out, _) = folder.test(&[".", "--filter", "not z"]);
    assert_eq!(code, 0, "{out}");
    // The inner one was up within the outer.
    assert_eq!(folder.read("ends.txt"), "inner\nouter\n");
    // What the command line says wins.
    let (code, out, _) = folder.test(&["in/z.sock", "--var", "b=9"]);
    assert_eq!(code, 0, "{out}");
    let (code, out, err) = folder.run(&["check", "."]);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn a_fixture_that_fails_is_one_failure() {
    let folder = Folder::new(&[
        ("a/fixture.sock", "print starting\nsocketpair\nexpect 1 == 2\n"),
        ("a/one.sock", "print 1\n"),
        ("a/two.sock", "print 2\n"),
        ("b/fixture.sock", "skip \"no server here\"\n"),
        ("b/three.sock", "print 3\n"),
        ("c.sock", "print 4\n"),
    ]);
    let (code, out, _) = folder.test(&[".", "--report", "json=j.json", "--report", "junit=j.xml"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("4 scripts: 1 passed, 1 failed, 1 skipped, 2 not run"), "{out}");
    assert!(out.contains("a/one.sock  (a/fixture.sock failed)"), "{out}");
    assert!(out.contains("b/three.sock  (no server here)"), "{out}");
    assert!(out.contains("--> a/fixture.sock:3:8") && out.contains("it printed:\nstarting"), "{out}");
    let read = json(&folder.read("j.json"));
    let of = |script: &Json| {
        (script["file"].as_str().unwrap().to_string(), script["status"].as_str().unwrap().to_string())
    };
    let scripts: Vec<_> = read["scripts"].as_array().unwrap().iter().map(of).collect();
    let want = [
        ("a/fixture.sock", "failed"),
        ("a/one.sock", "not run"),
        ("a/two.sock", "not run"),
        ("b/three.sock", "skipped"),
        ("c.sock", "passed"),
    ];
    assert_eq!(scripts, want.map(|(file, status)| (file.to_string(), status.to_string())));
    let xml = folder.read("j.xml");
    assert!(xml.contains("tests=\"5\" failures=\"1\" errors=\"0\" skipped=\"3\""), "{xml}");
    assert_eq!(folder.test(&["b", "--deny-skips"]).0, 1);
    assert_eq!(folder.test(&["b"]).0, 0);
}

#[test]
fn what_a_fixture_does_not_come_to_is_no_pass() {
    let folder = Folder::new(&[
        ("a/fixture.sock", "let x = 1\nif 1 > 2\n    print 1\n    #> 1\nend\nexport x\n"),
        ("a/one.sock", "print $x\n"),
        ("b/fixture.sock", "subtest one\n    exit 0\nend\n"),
        ("b/one.sock", "print 1\n"),
        ("c/fixture.sock", "subtest one\n    fail no\nend\nskip later\n"),
        ("c/one.sock", "print 1\n"),
    ]);
    for (name, said) in
        [("a", "this answer was never reached"), ("b", "the script ended in it"), ("c", "failed: no")]
    {
        let (code, out, _) = folder.test(&[name]);
        assert!(code == 1 && out.contains(said), "{name} {code}: {out}");
    }
}

#[test]
fn a_subtest_that_ends_or_skips_its_script_is_told() {
    let folder = Folder::new(&[
        ("exits.sock", "subtest one\n    exit 0\nend\nexpect 1 == 2\n"),
        ("skips.sock", "subtest one\n    skip later\nend\n"),
    ]);
    let (code, out, _) = folder.test(&["exits.sock"]);
    assert!(
        code == 1 && out.contains("the script ended in it") && out.contains("0 passed, 1 failed"),
        "{out}"
    );
    assert_eq!(folder.test(&["skips.sock"]).0, 0);
    let (code, out, _) = folder.test(&["skips.sock", "--deny-skips"]);
    assert!(code == 1 && out.contains("no script or subtest may be skipped"), "{out}");
}

#[test]
fn a_fixture_whose_program_dies_fails_in_the_end() {
    let folder = Folder::new(&[
        ("a/fixture.sock", "process p sh -c \"trap '' TERM; read x < go; echo gone >&2; exit 3\"\n"),
        ("a/one.sock", "writefile ${here}/../go \"x\\n\"\n"),
    ]);
    nix::unistd::mkfifo(&folder.path("go"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let (code, out, _) = folder.test(&["a"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("--- a/fixture.sock") && out.contains("gone"), "{out}");
    assert!(out.contains("1 script: 1 passed, 1 failed"), "{out}");
}

#[test]
fn a_fixture_ends_whatever_ends_the_run() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let folder = Folder::new(&[
            ("a/fixture.sock", FIXTURE),
            ("a/hangs.sock", "process p sh -c \"echo > at.txt; exec sleep 1000\"\nwait p\n"),
            ("a/later.sock", USES),
        ]);
        let mut child = folder.sockbook(&["test", ".", "-j1"]).stdout(Stdio::null()).spawn().unwrap();
        eventually("the script runs", || folder.path("at.txt").exists());
        let pid = folder.read("server.pid");
        assert!(lives(&pid));
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(128 + signal as i32));
        // Its end was asked for; on a busy machine a process may take its time to die.
        eventually("the server ends", || !lives(&pid));
    }
}

#[test]
fn a_fixture_that_hangs_is_cut_off() {
    let folder = Folder::new(&[
        ("a/fixture.sock", "test limit 100ms\nl = socket\nbind 127.0.0.1 0\nlisten\naccept\n"),
        ("a/one.sock", "print 1\n"),
    ]);
    let (code, out, _) = folder.test(&["."]);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("CUT OFF  a/fixture.sock") && out.contains("the script's limit of 100ms is over"),
        "{out}"
    );
    assert!(out.contains("1 script: 0 passed, 1 failed, 1 not run"), "{out}");
}

#[test]
fn libraries_are_no_tests_unless_they_are_named() {
    let folder = Folder::new(&[
        ("lib/common.sock", "def free\n    return 1\nend\nfail \"not a test\"\n"),
        ("_own.sock", "fail \"not a test\"\n"),
        ("fixture.sock", "source setup.sock\n"),
        ("setup.sock", "print up\n"),
        ("a.sock", "if 1 > 2\n    source lib/../lib/common.sock\nend\nn = free\nexpect $n == 1\n"),
    ]);
    let (code, out, _) = folder.test(&["."]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("1 script: 1 passed"), "{out}");
    let (code, out, _) = folder.test(&["_own.sock", "lib/common.sock"]);
    assert_eq!(code, 1);
    assert!(out.contains("2 scripts: 0 passed, 2 failed"), "{out}");
    std::fs::remove_file(folder.path("a.sock")).unwrap();
    let (code, out, _) = folder.test(&["."]);
    assert_eq!(code, 1);
    assert!(out.contains("FAILED   lib/common.sock"), "{out}");
    std::fs::remove_dir_all(folder.path("lib")).unwrap();
    let (code, _, err) = folder.test(&["."]);
    assert_eq!(code, 2);
    assert!(err.contains("no script here is a test"), "{err}");
    // A list may be empty, and says so; what is at fault is no empty list.
    let (code, out, err) = folder.test(&[".", "--list"]);
    assert_eq!((code, &*out), (0, ""), "{err}");
    assert!(err.contains("no script here is a test"), "{err}");
    std::fs::create_dir(folder.path("empty")).unwrap();
    assert_eq!(folder.test(&["empty", "--list"]).0, 0);
    assert_eq!(folder.test(&["empty", "_own.sock", "--list"]).0, 2);
    assert_eq!(folder.test(&["nowhere", "--list"]).0, 2);
    folder.write("sockbook.toml", "nonsense = 1\n");
    assert_eq!(folder.test(&[".", "--list"]).0, 2);
}

#[test]
fn test_lines_say_how_a_script_runs() {
    let folder = Folder::new(&[
        ("limit.sock", "test limit 100ms\nwhile true\nend\n"),
        ("known.sock", "test fails \"issue 12\"\nexpect 1 == 2\n"),
        ("cured.sock", "test fails \"issue 13\"\nexpect 1 == 1\n"),
        ("good.sock", "test points 3\ntest title \"a good one\"\ntest tag fast\n"),
        ("bad.sock", "test points 4\nexpect 1 == 2\n"),
    ]);
    let reports = ["--report", "tap=t.tap", "--report", "json=j.json", "--report", "junit=new/folder/j.xml"];
    let (code, out, _) = folder.test(&[&["."], &reports[..]].concat());
    assert_eq!(code, 1);
    assert!(out.contains("5 scripts: 1 passed, 3 failed, 1 known to fail; 3 of 7 points"), "{out}");
    assert!(out.contains("known    known.sock") && out.contains("(issue 12)"), "{out}");
    assert!(out.contains("it passes, and `test fails` says that it fails: issue 13"), "{out}");
    assert!(out.contains("\nfailed:\n  bad.sock:2  `1 == 2`: got 1\n  cured.sock  it passes"), "{out}");
    assert!(folder.read("t.tap").contains("not ok 5 - limit.sock\n"), "{}", folder.read("t.tap"));
    assert!(folder.read("t.tap").contains("not ok 4 - known.sock # TODO issue 12\n"));
    let xml = folder.read("new/folder/j.xml");
    assert!(xml.contains("<property name=\"title\" value=\"a good one\"/>"), "{xml}");
    let read = json(&folder.read("j.json"));
    assert_eq!(read["points"]["got"], 3);
    assert_eq!(read["scripts"][3]["status"], "known");
    assert_eq!(read["scripts"][2]["tags"][0], "fast");
    // The command line's limit wins.
    let (_, out, _) = folder.test(&["limit.sock", "--limit", "200ms"]);
    assert!(out.contains("the script's limit of 200ms is over"), "{out}");
}

#[test]
fn what_runs_alone_has_nothing_beside_it() {
    // Each says when it begins and ends; `mkdir` fails where another is inside.
    let inside = |what: &str, tag: &str| {
        format!(
            "{what}process p sh -c \"mkdir {tag}-in && sleep 0.02 && rmdir {tag}-in\"\nstatus = wait p\nexpect $status == 0\n"
        )
    };
    let folder = Folder::new(&[]);
    for n in 0..4 {
        folder.write(&format!("port{n}.sock"), &inside("test alone port\n", "port"));
        folder.write(&format!("alone{n}.sock"), &inside("test alone\n", "alone"));
        folder.write(
            &format!("other{n}.sock"),
            "process p sh -c \"test ! -e alone-in\"\nstatus = wait p\nexpect $status == 0\n",
        );
    }
    let (code, out, _) = folder.test(&[".", "-j", "8", "--repeat", "3"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("12 scripts: 12 passed"), "{out}");
}

#[test]
fn subtests_are_tests_in_every_report() {
    let folder = Folder::new(&[(
        "a.sock",
        "for n in 1 2 3\n    subtest \"row ${n}\"\n        expect $n != 2\n    end\nend\nsubtest same\nend\nsubtest same\n    skip later\nend\nprint end\n",
    )]);
    let reports = ["--report", "tap=t.tap", "--report", "json=j.json", "--report", "junit=j.xml"];
    let (code, out, _) = folder.test(&[&["."], &reports[..]].concat());
    assert_eq!(code, 1);
    assert!(out.contains("1 script: 0 passed, 1 failed; 5 subtests, 1 failed"), "{out}");
    assert!(out.contains("--- a.sock [row 2]") && out.contains("it printed:\nend"), "{out}");
    let xml = folder.read("j.xml");
    assert!(xml.contains("tests=\"6\" failures=\"2\" errors=\"0\" skipped=\"1\""), "{xml}");
    assert!(xml.contains("name=\"a.sock [row 2]\" classname=\".\" file=\"a.sock\" line=\"2\""), "{xml}");
    assert!(xml.contains("name=\"a.sock [same #2]\""), "{xml}");
    let tap = folder.read("t.tap");
    assert!(tap.contains("    not ok 2 - row 2\n") && tap.contains("    1..5\nnot ok 1 - a.sock\n"), "{tap}");
    let read = json(&folder.read("j.json"));
    let subtests = read["scripts"][0]["subtests"].as_array().unwrap().clone();
    let statuses: Vec<_> = subtests.iter().map(|s| s["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["passed", "failed", "passed", "passed", "skipped"]);
    assert_eq!((&subtests[1]["error"]["line"], &subtests[1]["line"]), (&3.into(), &2.into()));
    // In a plain run they end nothing either, and the exit code says it.
    let (code, out, err) = folder.run(&["run", "a.sock"]);
    assert_eq!((code, &*out), (1, "end\n"), "{err}");
    assert!(err.contains("--- row 2\nerror: expectation failed"), "{err}");
    assert!(err.ends_with("error: 1 of 5 subtests failed\n"), "{err}");
    // One that ends the script leaves it to the script to say how.
    folder.write("b.sock", "subtest a\n    exit 3\nend\n");
    let (_, out, _) = folder.test(&["b.sock"]);
    assert!(out.contains("--- b.sock [a]\n") && out.contains("error: it ended with `exit 3`"), "{out}");
}

#[test]
fn what_failed_last_time_can_be_run_again() {
    let folder =
        Folder::new(&[("a.sock", "expect 1 == 2\n"), ("b.sock", "print b\n"), ("c.sock", "fail c\n")]);
    let (code, out, _) = folder.test(&[".", "--failed"]);
    assert_eq!(code, 0);
    assert!(out.contains("no script here failed when it last ran"), "{out}");
    assert_eq!(folder.test(&["."]).0, 1);
    assert_eq!(folder.test(&[".", "--failed", "--list"]).1, "a.sock\nc.sock\n");
    // One that is not run stays on the list; one that passes leaves it.
    folder.write("a.sock", "print a\n");
    assert_eq!(folder.test(&["a.sock"]).0, 0);
    assert_eq!(folder.test(&[".", "--failed", "--list"]).1, "c.sock\n");
}

#[test]
fn what_is_shown_and_kept_can_be_chosen() {
    let folder = Folder::new(&[
        ("a.sock", "print a\n"),
        ("b.sock", "let f = \"${tmpdir}/x\"\nprocess p touch $f\nwait p\nfail b\n"),
        ("c.sock", "skip c\n"),
    ]);
    let (_, out, _) = folder.test(&[".", "-q", "--keep", "--color", "always"]);
    assert!(!out.contains("a.sock") && !out.contains("c.sock") && out.contains("\x1b["), "{out}");
    let kept = out.lines().find_map(|line| line.strip_prefix("its temporary folder is kept: ")).unwrap();
    assert!(Path::new(kept).join("x").exists(), "{out}");
    std::fs::remove_dir_all(kept).unwrap();
    let (_, out, _) = folder.test(&[".", "--color", "never"]);
    assert!(!out.contains("kept") && !out.contains("\x1b["), "{out}");
}

#[test]
fn answers_that_vary_are_found_by_several_runs() {
    let folder = Folder::new(&[(
        "a.sock",
        "process p sh -c \"date +%N\"\nwait p\nlet n = ${p.stdout.trim}\nprint \"n ${n}\"\n#> old\nprint same\n#> old\n",
    )]);
    let (code, out, _) = folder.test(&["a.sock", "--bless", "--repeat", "3"]);
    assert_eq!(code, 0, "{out}");
    let text = folder.read("a.sock");
    assert!(text.contains("#> n [..]\n") && text.contains("#> same\n"), "{text}");
    assert_eq!(folder.test(&["a.sock"]).0, 0);
}

/// What a report says, without what differs from run to run.
fn without_times(text: &str) -> Json {
    fn strip(value: &mut Json) {
        match value {
            Json::Object(fields) => {
                for name in ["began", "seconds", "min", "median", "micros", "shard"] {
                    fields.remove(name);
                }
                fields.values_mut().for_each(strip);
            }
            Json::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut read = json(text);
    strip(&mut read);
    read
}

#[test]
fn shards_make_one_report_that_equals_the_whole() {
    let folder = Folder::new(&[
        ("a/bad.sock", "test points 2\nexpect 1 == 2\n"),
        ("a/parts.sock", "subtest one\nend\nsubtest two\n    expect 1 == 2\nend\n"),
        ("down/fixture.sock", "fail down\n"),
        ("invalid.sock", "sockett\n"),
        ("skips.sock", "test title \"a title\"\nskip why\n"),
        ("known.sock", "test fails \"issue 1\"\ntest points 1\nfail it\n"),
    ]);
    (0..200).for_each(|n| folder.write(&format!("n{}/{n:03}.sock", n % 7), "print x\n#> x\n"));
    (0..8).for_each(|n| folder.write(&format!("down/{n}.sock"), "print x\n"));
    let (code, _, err) =
        folder.test(&[".", "-q", "--report", "json=.whole.json", "--report", "junit=.whole.xml"]);
    assert_eq!(code, 1, "{err}");
    let mut files = Vec::new();
    for part in 1..=4 {
        let (shard, report) = (format!("{part}/4"), format!("json=.{part}.json"));
        folder.test(&[".", "-q", "--shard", &shard, "--report", &report]);
        files.push(format!(".{part}.json"));
    }
    let mut names: Vec<&str> = files.iter().map(String::as_str).collect();
    // In whatever order they come: each shard has the fixture that failed before a script of its own.
    for _ in 0..names.len() {
        names.rotate_left(1);
        let (code, out, err) = folder.run(&[&["report", "merge"], &names[..]].concat());
        assert_eq!((code, &*err), (1, ""));
        assert_eq!(without_times(&out), without_times(&folder.read(".whole.json")), "{names:?}");
    }
    // So do the other forms of it.
    let reports = ["--report", "junit=.merged.xml", "--report", "tap=.merged.tap"];
    let (code, out, _) = folder.run(&[&["report", "merge"], &names[..], &reports[..]].concat());
    assert_eq!(code, 1);
    assert!(
        out.contains("213 scripts: 200 passed, 4 failed, 1 known to fail, 1 skipped, 8 not run"),
        "{out}"
    );
    let timeless = |text: String| -> Vec<String> {
        let cut = |line: &str| {
            let line = line.split(" time=").next().unwrap().split(" timestamp=").next().unwrap();
            line.to_string()
        };
        text.lines().map(cut).collect()
    };
    assert_eq!(timeless(folder.read(".merged.xml")), timeless(folder.read(".whole.xml")));
    // None may be missing, or be there twice.
    let (code, _, err) = folder.run(&["report", "merge", ".1.json", ".2.json", ".4.json"]);
    assert_eq!((code, &*err), (2, "error: part 3 of 4 is missing\n"));
    let (code, _, err) = folder.run(&["report", "merge", ".1.json", ".1.json"]);
    assert_eq!((code, &*err), (2, "error: .1.json and .1.json are reports of the same run\n"));
    let copy = folder.read(".whole.json");
    folder.write(".copy.json", &copy);
    let (code, _, err) = folder.run(&["report", "merge", ".whole.json", ".copy.json"]);
    assert_eq!((code, &*err), (2, "error: .whole.json and .copy.json are reports of the same run\n"));
    folder.test(&[".", "-q", "--shard", "1/4", "--report", "json=.again.json"]);
    let (code, _, err) = folder.run(&["report", "merge", ".1.json", ".again.json"]);
    assert_eq!((code, &*err), (2, "error: .again.json and .1.json are both part 1 of 4\n"));
    let (code, _, err) = folder.run(&["report", "merge", "skips.sock"]);
    assert!(code == 2 && err.contains("skips.sock is no JSON report"), "{err}");
    // Recorded times make parts too, of all scripts, each once.
    let timings = ["--timings", ".whole.json", "--list", "--shard"];
    let lists = ["1/3", "2/3", "3/3"].map(|part| folder.test(&[&["."], &timings[..], &[part]].concat()).1);
    let mut listed: Vec<&str> = lists.iter().flat_map(|list| list.lines()).collect();
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed.len(), 213);
}

#[test]
fn parts_of_different_runs_are_not_merged() {
    let folder = Folder::new(&[("t/4.sock", "sleep 40ms\nexpect 1 == 2\n")]);
    for n in [1, 2, 3, 5, 6] {
        folder.write(&format!("t/{n}.sock"), &format!("sleep {n}0ms\n"));
    }
    folder.test(&["t", "--report", "json=old.json"]);
    let timed = ["--timings", "old.json"];
    let part = |shard: &str, more: &[&str], report: &str| {
        let report = format!("json={report}");
        folder.test(&[&["t", "--shard", shard, "--report", &report], more].concat());
    };
    part("1/2", &timed, "timed-1.json");
    part("2/2", &timed, "timed-2.json");
    part("1/2", &[], "1.json");
    part("2/2", &[], "2.json");
    part("2/2", &["--filter", "not 6"], "few-2.json");
    let merge = |one: &str, other: &str| folder.run(&["report", "merge", one, other]);
    assert_eq!(merge("timed-1.json", "timed-2.json").0, 1);
    assert_eq!(merge("1.json", "2.json").0, 1);
    let mut refused = 0;
    for (one, other) in [("timed-1.json", "2.json"), ("1.json", "timed-2.json"), ("1.json", "few-2.json")] {
        let (code, _, err) = merge(one, other);
        assert_eq!(code, 2, "{one} {other}: {err}");
        assert!(err.contains("parts of different runs"), "{err}");
        refused += usize::from(err.contains(" is in "));
    }
    assert!(refused > 0, "a script that is in two parts is named");
}

#[test]
fn a_note_is_told_where_only_failures_are() {
    let folder = Folder::new(&[("a.sock", "process p sleep 100\nwaitport 127.0.0.1 $port\n")]);
    let foreign = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("port={}", foreign.local_addr().unwrap().port());
    let (code, out, _) = folder.test(&["a.sock", "-q", "--var", &port]);
    assert!(code == 0 && out.contains("none of this script's programs"), "{out}");
    let (_, out, _) = folder.test(&["a.sock", "--report", "tap", "--var", &port]);
    assert!(out.contains("  notes:\n    - \"") && out.contains("none of this script's programs"), "{out}");
}

#[test]
fn a_signal_leaves_finally_two_seconds() {
    let text = "try\n    writefile begun x\n    sleep 1000s\nfinally\n    sleep 60s\nend\n";
    for (arguments, signal, code) in [
        (&["test", "a.sock", "--limit", "1000s"][..], Signal::SIGTERM, 143),
        (&["test", "a.sock", "--limit", "1000s"], Signal::SIGINT, 130),
        (&["run", "a.sock"], Signal::SIGTERM, 143),
    ] {
        let folder = Folder::new(&[("a.sock", text)]);
        let mut runner =
            folder.sockbook(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("the script waits", || folder.path("begun").exists());
        kill(Pid::from_raw(runner.id() as i32), signal).unwrap();
        let begun = Instant::now();
        assert_eq!(runner.wait().unwrap().code(), Some(code), "{arguments:?}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{arguments:?}");
    }
}

#[test]
fn run_begins_the_fixtures_of_a_script() {
    let folder = Folder::new(&[
        ("a/fixture.sock", FIXTURE),
        ("a/one.sock", USES),
        ("a/bad.sock", "expect $port == 0\n"),
    ]);
    let (code, out, err) = folder.run(&["run", "a/one.sock"]);
    assert_eq!((code, &*out, &*err), (0, "", ""));
    assert_eq!(folder.read("begun.txt"), "begun\n");
    eventually("the server ends", || !lives(&folder.read("server.pid")));
    let (code, _, err) = folder.run(&["a/bad.sock"]);
    assert!(code == 1 && err.contains("a/bad.sock:1:8"), "{err}");
    eventually("the server ends", || !lives(&folder.read("server.pid")));
    folder.write("a/fixture.sock", "print started\nsockett\n");
    let (code, out, err) = folder.run(&["a/one.sock"]);
    assert_eq!((code, &*out), (2, ""), "{err}");
    folder.write("a/fixture.sock", "let port = 1\nexport port\nfail broken\n");
    let (code, _, err) = folder.run(&["a/one.sock"]);
    assert!(code == 1 && err.contains("a/fixture.sock:3:1"), "{err}");
}

#[test]
fn a_projects_file_holds_defaults() {
    let folder = Folder::new(&[
        (
            "sockbook.toml",
            "limit = \"100ms\"\nreports = [\"junit=out/j.xml\"]\n[vars]\nport = 81\nhost = \"h\"\n",
        ),
        ("t/hangs.sock", "while true\nend\n"),
        ("t/own.sock", "test limit 30s\nexpect $port == 81\nexpect $host == \"h\"\nsleep 200ms\n"),
    ]);
    let below = |arguments: &[&str]| {
        parts(
            folder.sockbook(&[&["test"], arguments].concat()).current_dir(folder.path("t")).output().unwrap(),
        )
    };
    let (code, out, err) = below(&["."]);
    assert_eq!((code, &*err), (1, ""));
    assert!(
        out.contains("the script's limit of 100ms is over") && out.contains("ok       own.sock"),
        "{out}"
    );
    assert!(folder.read("out/j.xml").contains("name=\"own.sock\""));
    // Whose limit it was is told.
    assert!(out.contains("`limit` in `sockbook.toml` says so"), "{out}");
    folder.write("u/ends.sock", "test limit 50ms\nwhile true\nend\n");
    let ends = |arguments: &[&str]| folder.test(&[&["u/ends.sock"], arguments].concat()).1;
    assert!(ends(&[]).contains("the script's own `test limit` says so"), "{}", ends(&[]));
    let given = ends(&["--limit", "60ms"]);
    assert!(given.contains("the command line's `--limit` says so"), "{given}");
    let (_, out, _) = below(&[".", "--limit", "120ms", "--var", "host=x"]);
    assert_eq!(out.matches("error: the script's limit of 120ms is over").count(), 1, "{out}");
    assert!(out.contains("FAILED   own.sock"), "{out}");
    let (code, _, err) = folder.run(&["t/own.sock"]);
    assert_eq!((code, &*err), (0, ""));
    folder.write("sockbook.toml", "job = 3\n");
    let (code, _, err) = below(&["."]);
    assert_eq!(
        (code, &*err),
        (
            2,
            "error: /sockbook.toml:1:1: there is no `job`; did you mean `jobs`?\n"
                .replace("/sockbook.toml", &folder.path("sockbook.toml").display().to_string())
                .as_str()
        )
    );
    // What is wrong with a report is said at its place too.
    for (report, why) in [("foo=x", "a report is `html=FILE`, "), ("json", "`json` names no file; ")] {
        folder.write("sockbook.toml", &format!("jobs = 1\nreports = [\n    \"tap\", \"{report}\",\n]\n"));
        let (code, _, err) = folder.test(&["t/own.sock"]);
        assert!(code == 2 && err.starts_with(&format!("error: sockbook.toml:3:12: {why}")), "{err}");
    }
}

#[test]
fn the_end_of_a_fixtures_program_ends_what_waits() {
    let waits = "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nl.accept --timeout 1000s\n";
    let folder = Folder::new(&[
        (
            "fixture.sock",
            "process server sh -c \"echo last words; exec sleep 1000\"\nlet pid = ${server.pid}\nexport pid\n",
        ),
        ("a.sock", &format!("process k kill -9 $pid\nwait k\n{waits}")),
        ("b.sock", waits),
    ]);
    // One beside the other that kills it, and one that comes after.
    for jobs in ["2", "1"] {
        let (code, out, _) = folder.test(&[".", "-j", jobs, "--limit", "1000s"]);
        assert_eq!(code, 1, "{out}");
        for script in ["a.sock", "b.sock"] {
            let told = out.split(&format!("--- {script}\n")).nth(1).unwrap_or_else(|| panic!("{out}"));
            assert!(told.starts_with("error: the program `server` ") && told.contains("last words"), "{out}");
        }
    }
}

#[test]
#[cfg_attr(without = "python3", ignore)]
fn a_daemon_without_its_environment_is_the_scripts_all_the_same() {
    let folder = Folder::new(&[
        (
            "server.py",
            "import socket, sys, time\ns = socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen()\ntime.sleep(1000)\n",
        ),
        (
            "a.sock",
            "process p sh -c \"exec env -i PATH=\\\"$PATH\\\" setsid -f python3 ${here}/server.py ${tmpdir}/s\"\n\
             wait p\nwaitport ${tmpdir}/s\nsocket unix\nconnect ${tmpdir}/s\n",
        ),
    ]);
    let (code, out, _) = folder.test(&["a.sock", "--timeout", "60s"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("server.py") && out.contains("behind"), "{out}");
    assert!(!out.contains("none of this script's programs"), "{out}");
}

#[test]
fn what_kills_the_runner_kills_its_programs() {
    let server = "process server sh -c \"echo $$ > NAME.new; mv NAME.new NAME.pid; exec sleep 1000\"\n";
    let folder = Folder::new(&[
        ("fixture.sock", &server.replace("NAME", "fixture")),
        ("a.sock", &format!("{}sleep 1000s\n", server.replace("NAME", "script"))),
    ]);
    let mut runner = folder
        .sockbook(&["test", ".", "--limit", "1000s"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = || ["fixture.pid", "script.pid"].map(|name| folder.read(name).trim().to_string());
    eventually("both are up", || begun().iter().all(|pid| !pid.is_empty()));
    assert!(begun().iter().all(|pid| lives(pid)));
    kill(Pid::from_raw(runner.id() as i32), Signal::SIGKILL).unwrap();
    runner.wait().unwrap();
    begun().iter().for_each(|pid| eventually("the program ends", || !lives(pid)));
}

/// `sockbook test --watch`, whose lines are read as they come.
struct Watching {
    child: std::process::Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl Watching {
    fn start(folder: &Folder, arguments: &[&str]) -> Watching {
        let mut command = folder.sockbook(&[&["test", "--watch"], arguments].concat());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let out = std::io::BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in std::io::BufRead::lines(out) {
                let _ = sender.send(line.unwrap());
            }
        });
        Watching { child, lines }
    }

    /// The lines of a round, which ends with the words that it waits.
    fn round(&self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.lines.recv_timeout(Duration::from_secs(60)) {
                Ok(line) if line == "waiting for a change; Ctrl-C ends it" => return lines,
                Ok(line) => lines.push(line),
                Err(e) => panic!("{e}: {lines:#?}"),
            }
        }
    }

    /// What the next round says has changed, and which scripts it ran, in their order.
    fn changed(&self) -> (String, Vec<String>) {
        let lines = self.round();
        let told = lines.iter().find_map(|line| line.strip_prefix("changed: "));
        let script = |line: &String| {
            let (verdict, rest) = line.split_once(' ')?;
            let name = rest.split_whitespace().next()?;
            (["ok", "FAILED"].contains(&verdict) && name.ends_with(".sock")).then(|| name.to_string())
        };
        let scripts = lines.iter().filter_map(script).collect();
        (told.unwrap_or_else(|| panic!("{lines:#?}")).to_string(), scripts)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn watch_runs_again_what_a_change_is_about() {
    let folder = Folder::new(&[
        ("a.sock", "expect 1 == 1\n"),
        ("b.sock", "source _lib.sock\nexpect $b == 1\n"),
        ("in/fixture.sock", "let f = 1\nexport f\n"),
        ("in/c.sock", "expect $f == 1\n"),
        ("_lib.sock", "source _deep.sock\n"),
        ("_deep.sock", "let b = 1\n"),
    ]);
    let mut watching = Watching::start(&folder, &[".", "-j", "1"]);
    let first = watching.round();
    assert!(first.iter().any(|line| line.contains("3 scripts: 3 passed")), "{first:#?}");
    let expect = |told: &str, scripts: &[&str]| {
        assert_eq!(watching.changed(), (told.to_string(), scripts.iter().map(|s| s.to_string()).collect()));
    };
    folder.swap("notes.txt", "no part of a script");
    folder.swap("_deep.sock", "let b = 12\n");
    expect("_deep.sock", &["b.sock"]);
    folder.swap("in/fixture.sock", "let f = 12\nexport f\n");
    expect("in/fixture.sock", &["in/c.sock"]);
    // Those that fail come first.
    folder.swap("sockbook.toml", "retries = 0\n");
    expect("sockbook.toml", &["b.sock", "in/c.sock", "a.sock"]);
    folder.swap("b.sock", "source _lib.sock\nexpect $b == 12\n");
    expect("b.sock", &["b.sock"]);
    folder.swap("new/d.sock", "expect 1 == 1\n");
    expect("new/d.sock", &["new/d.sock"]);
    // A mistake is told, and made good by the next change.
    folder.swap("sockbook.toml", "retris = 0\n");
    folder.swap("sockbook.toml", "retries = 10\n");
    loop {
        let (told, scripts) = watching.changed();
        assert_eq!(told, "sockbook.toml");
        if scripts == ["in/c.sock", "a.sock", "b.sock", "new/d.sock"] {
            break;
        }
    }
    kill(Pid::from_raw(watching.child.id() as i32), Signal::SIGINT).unwrap();
    assert_eq!(watching.child.wait().unwrap().code(), Some(130));
}

#[test]
fn the_scripts_below_a_fixture_that_failed_are_chosen_again() {
    // It fails before them, and behind them.
    let late =
        "process p sh -c \"trap 'exit 3' TERM; echo up; while :; do sleep 0.01; done\"\nwaitfor p up\n";
    for fixture in ["expect 1 == 2\n", late] {
        let folder =
            Folder::new(&[("a/fixture.sock", fixture), ("a/x.sock", "print x\n"), ("b.sock", "print b\n")]);
        assert_eq!(folder.test(&["."]).0, 1);
        assert_eq!(folder.test(&[".", "--failed", "--list"]).1, "a/x.sock\n");
        assert_eq!(folder.test(&[".", "--failed"]).0, 1);
        folder.write("a/fixture.sock", "let x = 1\n");
        assert_eq!(folder.test(&[".", "--failed"]).0, 0);
        assert_eq!(folder.test(&[".", "--failed", "--list"]).1, "");
    }
    // What `--deny-skips` refuses has failed too.
    let folder = Folder::new(&[("a.sock", "skip enough\n"), ("b.sock", "print b\n")]);
    assert_eq!(folder.test(&[".", "--deny-skips"]).0, 1);
    assert_eq!(folder.test(&[".", "--failed", "--list"]).1, "a.sock\n");
}

#[test]
fn every_end_that_is_a_failure_names_its_line() {
    let folder = Folder::new(&[
        ("code.sock", "print a\ndef f n\n    exit $n\nend\nf 3\n"),
        ("limit.sock", "test limit 200ms\na, b = socketpair\nspawn w\n    b.recv\nend\n\n# It waits here.\n"),
        ("within.sock", "subtest one\n    print a\n    exit 3\nend\n"),
    ]);
    let (code, out, _) = folder.test(&[".", "--report", "json=r.json"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("it ended with `exit 3`\n --> code.sock:3:5"), "{out}");
    assert!(out.contains("code.sock:5:1  f 3"), "{out}");
    assert!(out.contains("limit.sock:5:1"), "{out}");
    assert!(out.contains("the script ended in it\n --> within.sock:3:5"), "{out}");
    let report: Json = serde_json::from_str(&folder.read("r.json")).unwrap();
    let lines = report["scripts"].as_array().unwrap().iter().map(|script| script["error"]["line"].as_u64());
    assert_eq!(lines.collect::<Vec<_>>(), [Some(3), Some(5), Some(3)], "{report}");
}

#[test]
fn gradescope_is_told_what_people_are_told() {
    let known = "test fails \"not yet\"\nexpect 1 == 2\n";
    let parts = "subtest one\n    print a\n    expect 1 == 2\nend\nsubtest two\n    expect 1 == 1\nend\n";
    let folder = Folder::new(&[("known.sock", known), ("parts.sock", parts), ("well.sock", "print x\n")]);
    let test = |name: &str| -> Json {
        folder.test(&[".", "--report", "gradescope=r.json"]);
        let report: Json = serde_json::from_str(&folder.read("r.json")).unwrap();
        let tests = report["tests"].as_array().unwrap();
        tests.iter().find(|test| test["name"] == name).unwrap().clone()
    };
    let parts = test("parts.sock");
    let output = parts["output"].as_str().unwrap();
    assert!(output.contains("--- parts.sock [one]\nerror: expectation failed"), "{output}");
    assert!(output.contains("it printed:\na"), "{output}");
    assert!(!output.contains("[two]"), "{output}");
    assert_eq!((&parts["status"], &parts["score"]), (&"failed".into(), &0.into()));
    // It counts neither way where no script has points of its own; it brings none of its own.
    let known_test = test("known.sock");
    let score = (&known_test["status"], &known_test["score"], &known_test["max_score"]);
    assert_eq!(score, (&"passed".into(), &0.into(), &0.into()));
    assert!(known_test["output"].as_str().unwrap().contains("not yet"), "{known_test}");
    folder.write("known.sock", &format!("test points 2\n{known}"));
    let known_test = test("known.sock");
    let score = (&known_test["status"], &known_test["score"], &known_test["max_score"]);
    assert_eq!(score, (&"failed".into(), &0.into(), &2.into()));
}
