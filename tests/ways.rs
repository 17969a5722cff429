//! A script does the same on every way in: from a file, on standard input, after `-c`, typed, pasted with and without
//! brackets. Compared are what it prints and shows, and at the end the sockets, the names with their values and `$_`.
//!
//! Every fifth script by default, and those of jobs; `SOCKBOOK_WAYS=` takes all, `SOCKBOOK_WAYS=text/` those whose path
//! holds this.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
mod pty;
mod script_text;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use pty::{COOKED, Term};
use script_text::{is_half, logical, scripts, statements};

const SOCKBOOK: &str = env!("CARGO_BIN_EXE_sockbook");

/// Scripts that cannot be compared, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("course/23-peers.sock", "which of two servers is heard first is chance"),
    ("curso/23-pares.sock", "which of two servers is heard first is chance"),
    ("course/07-backlog.sock", "it shows connections that nobody accepts, whose TCP states pass with time"),
    ("curso/07-la-cola.sock", "it shows connections that nobody accepts, whose TCP states pass with time"),
    ("course/08-recv.sock", "how much one recv takes of much is chance"),
    ("curso/08-recv.sock", "how much one recv takes of much is chance"),
    ("course/03-addresses.sock", "it prints a tab, which a terminal shows as blanks"),
    ("curso/03-direcciones.sock", "it prints a tab, which a terminal shows as blanks"),
    ("course/09-send.sock", "how often the buffer is full for now is chance"),
    ("curso/09-send.sock", "how often the buffer is full for now is chance"),
    ("course/20-synchronising.sock", "which thread takes which piece is chance"),
    ("curso/20-sincronizar.sock", "which thread takes which piece is chance"),
    ("course/13-time-wait.sock", "it shows what the kernel still holds of closed connections"),
    ("curso/13-time-wait.sock", "it shows what the kernel still holds of closed connections"),
    ("course/22-poll.sock", "which of several clients is heard first is chance"),
    ("curso/22-poll.sock", "which of several clients is heard first is chance"),
    ("look/options.sock", "it shows SO_COOKIE"),
    ("options/about.sock", "it shows SO_COOKIE"),
    ("options/raw.sock", "it shows the checksums of packets"),
    ("options/tcp_info.sock", "it shows times of a connection"),
    ("options/tcp_server.sock", "it shows the headers of packets"),
    ("classics/backlog.sock", "it shows connections that nobody accepts, whose TCP states pass with time"),
    ("course/16-file.sock", "its results are larger than a screen"),
    ("curso/16-archivo.sock", "its results are larger than a screen"),
    ("text/timeout.sock", "which of two limits has run out first is chance on a busy machine"),
    ("text/skip.sock", "it ends the script early"),
    ("text/require_missing.sock", "it ends the script early"),
    ("text/exit.sock", "it ends the session"),
    ("text/escapes.sock", "it prints control characters, which a terminal shows escaped"),
    ("text/functions.sock", "it calls a `def` above its place, and the prompt runs line by line"),
    ("jobs/many_clients.sock", "its names are wider than a screen"),
    ("suite/folder/uses.sock", "it is one of a fixture's, which only a file has"),
    ("suite/subtests.sock", "a `skip` in it is told when it is reached, in a file at the end"),
    ("lib/dns.sock", "it shows control characters, which a terminal shows escaped"),
    ("protocols/http.sock", "it shows the date"),
    ("suite/subtest_skip.sock", "at the prompt no subtest is kept, and a skip in one ends what was pasted"),
    ("look/packetdrill.sock", "it shows TCP states, which pass with time"),
    ("messages/descriptors_python.sock", "it shows the number of a descriptor"),
    ("grading/07-grande.sock", "its results are larger than a screen"),
    ("bytes/random.sock", "it shows random bytes"),
    ("files/print.sock", "what it prints has no line end, and the prompt stands behind it"),
    ("life/autobind.sock", "it shows names that the kernel chose"),
    ("look/time_wait.sock", "it shows addresses, of which the prompt has looked at more"),
    ("messages/control_python.sock", "it shows the bytes of a time"),
    ("look/diagram.sock", "its lines bear their numbers, at the prompt those of their In"),
    ("look/diagram_unix.sock", "its lines bear their numbers, at the prompt those of their In"),
    ("look/diagram_udp.sock", "its lines bear their numbers, at the prompt those of their In"),
    ("look/diagram_loop.sock", "its lines bear their numbers, at the prompt those of their In"),
];

/// Scripts that keep more than a screen holds: their values are not shown at the end.
const LARGE: &[&str] = &["data/sendmsg.sock", "data/sendfile_full.sock", "lib/websocket.sock"];

/// How long the prompt may take for a statement.
const PATIENCE: Duration = Duration::from_secs(20);

/// Lines at the end of each script: the state that it leaves.
const STATE: [&str; 3] = ["sockets", "vars", "print \"last: ${_:-none}\""];

#[test]
fn a_script_does_the_same_however_it_comes_in() {
    let only = std::env::var("SOCKBOOK_WAYS").ok();
    let mut all = scripts(Path::new("tests/cases/ok"));
    all.extend(scripts(Path::new("scripts")));
    all.retain(|p| !is_half(p) && !p.starts_with("scripts/net"));
    all.retain(|p| !LEFT_OUT.iter().any(|(name, _)| p.ends_with(name)));
    // Of the others each tenth, by its name: which they are does not change when scripts come or go.
    let tenth = |p: &Path| p.to_string_lossy().bytes().map(u32::from).sum::<u32>() % 10 == 0;
    all.retain(|p| match &only {
        Some(part) => p.to_string_lossy().contains(part),
        None => tenth(p) || p.starts_with("tests/cases/ok/jobs"),
    });
    assert!(!all.is_empty());
    // What is sourced lies beside; the copy is this test's own.
    let copy = tempfile::Builder::new().prefix("sbways").tempdir_in("/tmp").unwrap();
    let copied = Command::new("cp")
        .args(["-r", "--parents", "tests/cases/ok", "scripts"])
        .arg(copy.path())
        .status()
        .unwrap();
    assert!(copied.success());
    let left = Mutex::new(all);
    let differences = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(path) = left.lock().unwrap().pop() else { break };
            let copy = copy.path().join(&path);
            let compared = std::panic::catch_unwind(|| compare(&copy));
            let compared = compared.unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                Err(text.lines().take(40).collect::<Vec<_>>().join("\n"))
            });
            if let Err(difference) = compared {
                differences.lock().unwrap().push(format!("--- {}\n{difference}", path.display()));
            }
        }
    };
    std::thread::scope(|s| (0..6).for_each(|_| drop(s.spawn(work))));
    let mut differences = differences.into_inner().unwrap();
    differences.sort();
    assert!(differences.is_empty(), "{} differ\n{}", differences.len(), differences.join("\n"));
}

fn compare(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).unwrap();
    let script = Script::of(&text, path);
    let folder = path.parent().unwrap();
    std::fs::write(path, &script.whole).unwrap();

    let file = run(folder, &["run", "--echo", path.to_str().unwrap()], None)?;
    let stdin = run(folder, &["run", "--echo", "-"], Some(&script.whole))?;
    let mut lines = vec!["--echo"];
    script.parts.iter().for_each(|p| lines.extend(["-c", p]));
    let dash_c = run(folder, &lines, None)?;
    let file = script.shown(&file);
    same("a file and standard input", &file, &script.shown(&stdin))?;
    same("a file and -c", &file, &script.shown(&dash_c))?;
    same("a file and a bracketed paste", &file, &script.shown(&pasted(folder, &script, &file)))?;
    if text.contains('\t') {
        // That key completes.
        return Ok(());
    }
    same("a file and typing", &file, &script.shown(&typed(folder, &script, &file)))?;
    let keys = script.shown(&keys(folder, &script, &file));
    equal("a file and keys", &file.state, &keys.state)
}

/// The transcript of a run.
fn run(folder: &Path, arguments: &[&str], input: Option<&str>) -> Result<String, String> {
    let mut child = Command::new(SOCKBOOK)
        .args(arguments)
        .current_dir(folder)
        .env_remove("SOCKBOOK_LANG")
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    if let Some(input) = input {
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    }
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(out);
    }
    let err = String::from_utf8_lossy(&output.stderr);
    Err(format!("{:?} {:?}\n{err}", &arguments[..2], output.status.code()))
}

// The prompt.

fn open(folder: &Path, lines: usize) -> (Term, tempfile::TempDir) {
    let home = tempfile::Builder::new().prefix("sbw").tempdir_in("/tmp").unwrap();
    let rows = u16::try_from(300 + 4 * lines).unwrap();
    // What comes by itself has no place in a script's transcript.
    let settings = home.path().join(".config/sockbook");
    std::fs::create_dir_all(&settings).unwrap();
    std::fs::write(settings.join("settings.sock"), "set notify off\nset status off\n").unwrap();
    let mut term = Term::sized(home.path(), folder, (rows, 1000), &[SOCKBOOK], &[]);
    term.patience = PATIENCE;
    term.prompt();
    (term, home)
}

fn leave(mut term: Term, script: &Script, file: &Shown) -> String {
    if script.beside {
        // What ends in the background is told when the prompt has time for it.
        term.patience = Duration::from_secs(3);
        term.until(|screen| same("", file, &script.shown(screen)).is_ok());
        term.patience = PATIENCE;
    }
    term.leaves();
    term.screen()
}

/// One statement, and the next when the prompt is there again.
fn typed(folder: &Path, script: &Script, file: &Shown) -> String {
    let (mut term, _home) = open(folder, script.lines());
    for part in &script.parts {
        term.line(&part.replace('\n', "\r"));
        term.prompt();
    }
    leave(term, script, file)
}

fn pasted(folder: &Path, script: &Script, file: &Shown) -> String {
    let (mut term, _home) = open(folder, 2 * script.lines() + script.whole.lines().count());
    term.paste(script.whole.trim_end());
    term.line("");
    term.prompt();
    leave(term, script, file)
}

/// The keys of several statements before the first has run, as a paste comes without brackets. What the terminal
/// itself echoes meanwhile stands anywhere, so that only the state at the end can be compared.
fn keys(folder: &Path, script: &Script, file: &Shown) -> String {
    let (mut term, _home) = open(folder, 3 * script.lines());
    let (statements, state) = script.parts.split_at(script.parts.len() - script.state);
    // A terminal that runs something takes some 4,000 bytes ahead.
    for group in statements.chunks(8) {
        let text = group.join("\n").replace('\n', "\r");
        term.send(&format!("{text}\r"));
        group.iter().for_each(|_| {
            term.expect(COOKED);
            term.prompt();
        });
    }
    for line in state {
        term.line(line);
        term.prompt();
    }
    leave(term, script, file)
}

/// What there is to know of a script to read its transcripts.
struct Script {
    /// Its text, and the lines that show the state.
    whole: String,
    /// How many those are.
    state: usize,
    /// Its statements, and behind them those that show the state.
    parts: Vec<String>,
    /// What `In` shows of more than one line, by its lines.
    tall: Vec<Vec<String>>,
    /// Something runs beside it: what that shows may come at any place.
    beside: bool,
    /// It has commands of its own or sources a file: the results inside them are shown in a file alone.
    inner: bool,
}

impl Script {
    fn of(text: &str, path: &Path) -> Script {
        let large = LARGE.iter().any(|name| path.ends_with(name));
        let state: Vec<&str> = STATE.into_iter().filter(|s| !large || *s == "sockets").collect();
        let whole = format!("{}\n{}\n", text.trim_end(), state.join("\n"));
        let parts = statements(text).into_iter().chain(state.iter().map(|s| s.to_string()));
        let lines: Vec<&str> = text.lines().collect();
        let logical = logical(text);
        let all = logical.iter().map(|l| lines[l.lines.clone()].join("\n")).chain(statements(text));
        let trimmed = |text: String| text.lines().map(|l| l.trim().to_string()).collect::<Vec<_>>();
        let is = |names: &[&str]| logical.iter().any(|l| names.contains(&l.command.as_str()));
        Script {
            state: state.len(),
            whole: whole.clone(),
            parts: parts.collect(),
            // Last what is pasted whole.
            tall: all.chain([whole.clone()]).map(trimmed).filter(|t| t.len() > 1).collect(),
            beside: is(&["spawn"]) || lines.iter().any(|l| l.ends_with(" &")),
            inner: is(&["def", "source"]),
        }
    }

    fn lines(&self) -> usize {
        self.parts.iter().map(|p| p.lines().count()).sum()
    }

    /// What a transcript shows beside the lines that were typed; `Out` without its number.
    fn shown(&self, transcript: &str) -> Shown {
        let input = regex::Regex::new(r"^In \[\d+\][^:]*:(.*)$").unwrap();
        let output = regex::Regex::new(r"^Out\[\d+\]:").unwrap();
        let lines: Vec<&str> = transcript.lines().map(str::trim_end).collect();
        let (mut shown, mut at) = (Vec::new(), 0);
        // Is this the rest of a result that is left out?
        let mut left_out = false;
        while at < lines.len() {
            let line = lines[at];
            at += 1;
            if let Some(typed) = input.captures(line) {
                let first = typed[1].trim();
                let rest = |tall: &&Vec<String>| {
                    let below = lines[at..].iter().map(|l| l.trim());
                    tall[0] == first && below.take(tall.len() - 1).eq(tall[1..].iter())
                };
                at += self.tall.iter().filter(rest).map(|tall| tall.len() - 1).max().unwrap_or(0);
                left_out = false;
            } else if let Some(label) = output.find(line) {
                left_out = self.inner && label.len() == line.len();
                if !self.inner {
                    shown.push(format!("Out:{}", &line[label.len()..]));
                }
            } else if line.starts_with("warning[") {
                // On standard error, which a terminal shows too.
                while lines
                    .get(at)
                    .is_some_and(|l| l.trim_start().starts_with(['-', '|', '=']) || l.contains(" | "))
                {
                    at += 1;
                }
            } else if line.starts_with("still open or running: ") || line.starts_with("· ") {
                // The prompt asks before it ends, and tells what comes by itself.
            } else if line.contains("` has failed; `wait") || line.starts_with("the program `") {
                // The prompt tells of it early; a script hears of it at `wait` alone.
            } else if !left_out && !line.is_empty() && !line.starts_with("sockbook ") {
                shown.push(line.to_string());
            }
        }
        let shown = plain(&shown);
        let state = shown.iter().rposition(|l| l.starts_with("name fd ")).unwrap_or(shown.len());
        let (mut before, mut state) = (shown[..state].to_vec(), shown[state..].to_vec());
        if self.beside {
            before.extend(state.extract_if(.., |l| l.starts_with("Out:")));
            before.sort();
        }
        Shown { before, state }
    }
}

/// What a transcript shows: before the tables at the end, and they.
struct Shown {
    before: Vec<String>,
    state: Vec<String>,
}

/// Lines without what differs from run to run: ports, descriptors, durations, folders.
fn plain(lines: &[String]) -> Vec<String> {
    let varies = r"/tmp/sb[\w.-]*|\b(\d{4,})\b|\b\d+(\.\d+)?(ns|µs|us|ms|s)\b";
    let varies = regex::Regex::new(varies).unwrap();
    let row =
        regex::Regex::new(r"^((?:[> ] )?\S+ +)\d+( +(?:inet|inet6|unix|vsock|packet|netlink) )").unwrap();
    let mut out = Vec::new();
    for line in lines {
        // On a terminal a carriage return is shown.
        let line = line.replace("\\x0d", "");
        let line = line.trim_end_matches("\\r");
        let line = row.replace(line, "${1}FD$2");
        let line = varies.replace_all(&line, |m: &regex::Captures<'_>| {
            if m[0].starts_with('/') {
                return "TMP".to_string();
            }
            if m.get(1).is_none() { "TIME" } else { "<>" }.to_string()
        });
        if line.trim().is_empty() {
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        out.push(if line.contains("  ") { words.join(" ") } else { line.into_owned() });
    }
    out
}

/// The prompt's mark that it shows no more results of this statement.
const NO_MORE: &str = "… and more, which are not shown";

fn same(which: &str, one: &Shown, other: &Shown) -> Result<(), String> {
    let all_shown = !other.before.iter().any(|l| l == NO_MORE);
    let shown = |s: &Shown| -> Vec<String> {
        let lines = s.before.iter().filter(|l| all_shown || !(l.starts_with("Out:") || *l == NO_MORE));
        lines.cloned().collect()
    };
    equal(which, &shown(one), &shown(other))?;
    equal(which, &one.state, &other.state)
}

fn equal(which: &str, one: &[String], other: &[String]) -> Result<(), String> {
    for at in 0..one.len().max(other.len()) {
        let (left, right) = (one.get(at), other.get(at));
        if left != right {
            let before = &one[at.saturating_sub(3).min(one.len())..at.min(one.len())].join("\n");
            let end = "(the end)".to_string();
            let (left, right) = (left.unwrap_or(&end), right.unwrap_or(&end));
            return Err(format!("{which} differ\n{before}\n- {left}\n+ {right}"));
        }
    }
    Ok(())
}
