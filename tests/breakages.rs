//! Deliberate breakages of small servers: what a report says first is the cause, and nothing waits for a dead program.
//!
//! Each script of `tests/breakages` says in its comments what the headline has (`# headline:`) and what else is shown
//! (`# shows:`). `BREAKAGES=table cargo test --test breakages -- --nocapture` prints all of them.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

const FOLDER: &str = "tests/breakages";

fn run(arguments: &[&str]) -> Json {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    command.current_dir(FOLDER).args(["--lang", "en", "test", ".", "--report", "json=-"]).args(arguments);
    for name in ["SOCKBOOK_LANG", "GITHUB_ACTIONS", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The texts behind a mark in the comments of a script.
fn comments(file: &str, mark: &str) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(FOLDER).join(file)).unwrap();
    text.lines().filter_map(|line| line.strip_prefix(mark)).map(|rest| rest.trim().to_string()).collect()
}

#[test]
#[cfg_attr(without = "python3", ignore)]
fn the_headline_of_each_breakage_is_its_cause() {
    let report = run(&["--limit", "120s", "--timeout", "60s"]);
    let scripts = report["scripts"].as_array().unwrap();
    assert!(scripts.len() >= 32, "{}", scripts.len());
    let mut wrong = Vec::new();
    for script in scripts {
        let file = script["file"].as_str().unwrap();
        let error = &script["error"];
        let (message, detail) =
            (error["message"].as_str().unwrap_or("passed"), error["detail"].as_str().unwrap_or(""));
        if std::env::var_os("BREAKAGES").is_some() {
            println!("| {} | {message} |", file.trim_start_matches("./"));
        }
        // Cut off is what has waited out the limit of the script.
        let mut lost: Vec<String> =
            comments(file, "# headline:").into_iter().filter(|text| !message.contains(text)).collect();
        lost.extend(comments(file, "# shows:").into_iter().filter(|text| !detail.contains(text)));
        if script["status"] != "failed" || !lost.is_empty() {
            wrong.push(format!("{file}: {} without {lost:?}\n{detail}", script["status"]));
        }
        // One whose program has died has waited for nothing.
        let died = comments(file, "# headline: the program");
        if !died.is_empty() && message.contains("no answer within") {
            wrong.push(format!("{file} waited: {message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn reports_say_how_it_came_there() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("lib.part", "def check a\n    expect $a == 2\nend\n");
    write("a.sock", "source lib.part\nfor n in 2 3\n    check $n\nend\n");
    let test = |arguments: &[&str], github: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
        command.current_dir(folder.path()).args(["--lang", "en", "test", "a.sock"]).args(arguments);
        let output = command.env("GITHUB_ACTIONS", github).env_remove("GITHUB_WORKSPACE").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let report: Json = serde_json::from_str(&test(&["--report", "json=-"], "")).unwrap();
    let error = &report["scripts"][0]["error"];
    assert_eq!(
        (&error["file"], &error["line"], &error["test_line"]),
        (&"lib.part".into(), &2.into(), &2.into())
    );
    let stack = error["stack"].as_array().unwrap();
    let kinds: Vec<&str> = stack.iter().map(|leg| leg["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["round", "def"]);
    assert_eq!((&stack[0]["round"], &stack[0]["values"]["n"]), (&2.into(), &"3".into()));
    assert_eq!((&stack[1]["name"], &stack[1]["values"]["a"]), (&"check".into(), &"3".into()));
    assert_eq!((&stack[1]["file"], &stack[1]["line"]), (&"a.sock".into(), &3.into()));
    let junit = test(&["--report", "junit=-"], "");
    assert!(junit.contains("file=\"a.sock\"") && junit.contains("how it came there:"), "{junit}");
    let github = test(&[], "true");
    assert!(github.contains("::error file=a.sock,line=2,"), "{github}");
}

/// Runs a script in the foreground with `sockbook run`.
fn start(folder: &Path, script: &str) -> std::process::Child {
    std::fs::write(folder.join("run.sock"), script).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    command.current_dir(folder).args(["run", "run.sock"]);
    command.stdout(std::process::Stdio::piped()).spawn().unwrap()
}

fn first_line(child: &mut std::process::Child) -> String {
    use std::io::BufRead as _;
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line.trim().to_string()
}

fn is_gone(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.is_empty() || stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'))
}

fn goes(pid: &str) -> bool {
    for _ in 0..2000 {
        if is_gone(pid) {
            return true;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
    false
}

#[test]
fn a_killed_sockbook_takes_its_programs_along() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path(), "process p sleep 1000\nprint ${p.pid}\nsleep 1000s\n");
    let pid = first_line(&mut child);
    assert!(!is_gone(&pid), "{pid}");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(goes(&pid), "{pid} lives");
}

#[test]
fn a_daemon_ends_with_its_script_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // It is out of its program's group when it writes its number.
    let script = "process p sh -c \"setsid sh -c 'echo $$; exec sleep 1000 >/dev/null 2>&1' &\"\n\
                  pid = waitfor p \"([0-9]+)\\n\"\nwait p\nprint ${pid.0}\n";
    let output = {
        std::fs::write(folder.path().join("run.sock"), script).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
        command.current_dir(folder.path()).args(["--lang", "en", "run", "run.sock"]).output().unwrap()
    };
    let pid = String::from_utf8(output.stdout).unwrap().trim().to_string();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("sleep 1000") && err.contains("` behind") && err.contains(&pid), "{pid}: {err}");
    assert!(goes(&pid), "{pid} lives");
}
