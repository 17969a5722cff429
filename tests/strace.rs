//! One to one: what strace sees is what was typed, and no more.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value as Json;

/// The network calls of a script, as `name(arguments) = result`, without the process ids.
fn calls(script: &str, arguments: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (file, log) = (folder.path().join("x.sock"), folder.path().join("log"));
    std::fs::write(&file, script).unwrap();
    let output = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=network", "-e", "signal=none", "-s", "64", "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_sockbook"))
        .args(["run", "--timeout", "1m"])
        .args(arguments)
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let log = std::fs::read_to_string(&log).unwrap();
    whole(&log)
}

/// The calls of a log, those put together again that another thread's event has cut in two.
fn whole(log: &str) -> Vec<String> {
    whole_by_thread(log).into_iter().map(|(_, call)| call).collect()
}

/// The same, each with its thread.
fn whole_by_thread(log: &str) -> Vec<(&str, String)> {
    let mut made: Vec<(&str, String)> = Vec::new();
    for (process, call) in log.lines().filter_map(|line| line.split_once(' ')) {
        let call = call.trim_start();
        // A thread that is gone before strace could say what it was in.
        if call.starts_with("???") {
            continue;
        }
        if let Some(rest) = call.strip_prefix("<... ") {
            let (_, rest) = rest.split_once(" resumed>").unwrap();
            let is_begun = |(p, c): &(&str, String)| *p == process && c.ends_with("<unfinished ...>");
            // Its begin is lost where another thread ended the process meanwhile.
            let Some(at) = made.iter().rposition(is_begun) else { continue };
            let begun = made[at].1.replace("<unfinished ...>", "").trim_end().to_string() + rest;
            // The descriptor of an accept4 that waited is there when the call ends, not when it began.
            if begun.starts_with("accept4(") {
                made.remove(at);
                made.push((process, begun));
            } else {
                made[at].1 = begun;
            }
        } else {
            made.push((process, call.to_string()));
        }
    }
    made
}

#[test]
fn cut_calls_are_whole_again() {
    let log = "7 bind(3, 0) = 0\n7 recvfrom(3,  <unfinished ...>\n8 send(4) = 1\n7 <... recvfrom resumed>\"x\", 1) = 1\n8 ???( <detached ...>\n";
    assert_eq!(whole(log), ["bind(3, 0) = 0", "recvfrom(3,\"x\", 1) = 1", "send(4) = 1"]);
}

fn names(calls: &[String]) -> Vec<&str> {
    calls.iter().map(|c| c.split('(').next().unwrap_or(c)).collect()
}

#[test]
#[cfg_attr(without = "strace", ignore = "strace is missing, or may not trace")]
fn the_greeting_makes_the_calls_typed() {
    let made = calls(
        r#"
server = socket inet stream
bind 127.0.0.1 0
listen 3
let port = ${server.local.port}
client = socket inet stream
client.connect 127.0.0.1 $port
peer = server.accept
sendall "Gracias por conectarte\n"
close
data = client.recv 4096
expect $data == "Gracias por conectarte\n"
client.shutdown write
client.close
server.close
"#,
        &[],
    );
    let wanted = [
        "socket",
        "bind",
        "listen",
        "getsockname",
        "socket",
        "connect",
        "accept4",
        "sendto",
        "recvfrom",
        "shutdown",
    ];
    assert_eq!(names(&made), wanted, "{made:#?}");
    let shows = [
        (0, "socket(AF_INET, SOCK_STREAM"),
        (1, "sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")"),
        (2, ", 3)"),
        (7, "\"Gracias por conectarte\\n\", 23, "),
        (8, ", 4096, "),
        (9, "SHUT_WR"),
    ];
    for (at, text) in shows {
        assert!(made[at].contains(text), "{text} in {}", made[at]);
    }
}

#[test]
#[cfg_attr(without = "strace", ignore = "strace is missing, or may not trace")]
fn datagrams_and_pairs_make_the_calls_typed() {
    let made = calls(
        r#"
inbox = socket inet dgram
bind 127.0.0.1 0
outbox = socket inet dgram
outbox.sendto "hola" 127.0.0.1 ${inbox.local.port}
data = inbox.recvfrom 100
left, right = socketpair
left.sendall "uno\ndos"
line = right.recvline
rest = right.recv
"#,
        &[],
    );
    let wanted = [
        "socket",
        "bind",
        "socket",
        "getsockname",
        "sendto",
        "recvfrom",
        "socketpair",
        "sendto",
        "recvfrom",
        "recvfrom",
        "recvfrom",
    ];
    // recvfrom or recvmsg: which of the two tells a cut datagram is not the script's matter.
    let made_names: Vec<_> =
        names(&made).into_iter().map(|n| if n == "recvmsg" { "recvfrom" } else { n }).collect();
    assert_eq!(made_names, wanted, "{made:#?}");
    assert!(made[8].contains("MSG_PEEK"), "recvline looks first: {}", made[8]);
}

#[test]
#[cfg_attr(without = "strace", ignore = "strace is missing, or may not trace")]
fn nothing_is_read_that_nobody_looks_at() {
    let script = "a = socket inet stream\nbind 127.0.0.1 0\nlisten\nclose\n";
    assert_eq!(names(&calls(script, &[])), ["socket", "bind", "listen"]);
    // Shown, the port that the system chose is asked for.
    assert_eq!(names(&calls(script, &["--echo"])), ["socket", "bind", "getsockname", "listen"]);
}

// The facts of the trace beside what strace sees, call by call.

/// A call as strace shows it.
#[derive(Clone, Debug)]
struct Seen {
    name: String,
    /// The first argument, where it is a number.
    first: Option<i64>,
    arguments: String,
    /// The errno's name; EINTR too for what the kernel would have begun anew.
    result: Result<i64, String>,
}

impl Seen {
    /// Reads `name(arguments) = result`; nothing for a call that did not return.
    fn read(line: &str) -> Option<Seen> {
        let (name, rest) = line.split_once('(')?;
        let (arguments, result) = rest.rsplit_once(" = ")?;
        let arguments = arguments.trim_end();
        let first = arguments.split([',', ')', ' ']).next().and_then(|first| first.parse().ok());
        let mut words = result.split_whitespace();
        let result = match (words.next()?, words.next()) {
            ("?", Some(interrupted)) if interrupted.starts_with("ERESTART") => Err("EINTR".into()),
            ("-1", Some(errno)) => Err(errno.to_string()),
            (number, _) => Ok(match number.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            }),
        };
        Some(Seen { name: name.into(), first, arguments: arguments.into(), result })
    }

    fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }

    fn has(&self, text: &str) -> bool {
        self.arguments.contains(text)
    }

    fn was_interrupted(&self) -> bool {
        self.result.as_ref().is_err_and(|errno| errno == "EINTR")
    }
}

/// The two descriptors that a call made: `[5, 6]`.
fn pair(call: &Seen) -> Vec<i64> {
    let pair = call.arguments.split(['[', ']']).nth(1).unwrap_or("");
    pair.split(", ").filter_map(|fd| fd.parse().ok()).collect()
}

/// Calls for memory, threads, signals, time and chance.
const HOUSEKEEPING: &[&str] = &[
    "mmap",
    "munmap",
    "mprotect",
    "mremap",
    "madvise",
    "brk",
    "getrandom",
    "futex",
    "set_robust_list",
    "rseq",
    "sched_getaffinity",
    "sched_yield",
    "gettid",
    "getpid",
    "tgkill",
    "prctl",
    "sigaltstack",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "setitimer",
    "prlimit64",
    "exit",
    "exit_group",
];

/// The threads of sockbook's own, by the names they give themselves: look-ups of libc, the gate's, the readers of what
/// programs write, and the one that starts programs.
const HELPERS: [&str; 5] = ["\"look-up\"", "\"kicker\"", "\"output\"", "\"watcher\"", STARTER];
const STARTER: &str = "\"starter\"";

/// What a look for the descendants of a script's programs reads.
static PROCESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""/proc(/self/task(/\d+(/children)?)?|/\d+(/\w+)*)?/?""#).unwrap());

/// The calls of a script in a log of strace, a list for each of its threads, that of `main` first; and the numbers of
/// the programs that were started.
fn made_by_script(log: &str) -> (Vec<Vec<Seen>>, BTreeSet<i64>) {
    let mut threads: Vec<(String, Vec<Seen>)> = Vec::new();
    let (mut helpers, mut starters) = (HashSet::new(), HashSet::new());
    let mut started = BTreeSet::new();
    // Descriptors that are not the script's: the pipes of look-ups and programs, texts of scripts. Each is one thread's:
    // begun and ended, the calls of several threads stand in no one order.
    let mut own: HashSet<(usize, i64)> = HashSet::new();
    // What malloc(3) reads, by thread.
    let mut asking: HashSet<(usize, i64)> = HashSet::new();
    let mut begun = false;
    for (thread, call) in whole_by_thread(log) {
        if threads.is_empty() {
            threads.push((thread.to_string(), Vec::new()));
        }
        let Some(at) = threads.iter().position(|t| t.0 == thread) else { continue };
        let Some(seen) = Seen::read(&call) else { continue };
        // Until the script is read it is the loader's and the start's.
        let is_text = seen.name == "openat" && (seen.has(".sock\"") || seen.has(".part\""));
        begun |= is_text;
        if !begun {
            continue;
        }
        if seen.name.starts_with("clone") && seen.has("CLONE_THREAD") {
            threads.push((seen.result.unwrap().to_string(), Vec::new()));
            continue;
        }
        if seen.name == "prctl" && HELPERS.iter().any(|name| seen.has(name)) {
            helpers.insert(thread.to_string());
            if seen.has(STARTER) {
                starters.insert(thread.to_string());
            }
        }
        if starters.contains(thread) && seen.is(&["clone", "clone3", "vfork"]) {
            started.extend(&seen.result);
        }
        // A pipe that another thread has closed: its number is the script's now.
        let made = match &*seen.name {
            "socket" | "accept4" | "openat" => seen.result.iter().copied().collect::<Vec<_>>(),
            "socketpair" => pair(&seen),
            _ => Vec::new(),
        };
        own.retain(|&(thread, fd)| thread != at || !made.contains(&fd));
        // malloc(3) asks for the processors and the rules of memory when several threads use it.
        let asked = ["\"/sys/devices/system/cpu/online\"", "\"/proc/sys/vm/overcommit_memory\""];
        let is_malloc = seen.name == "openat" && asked.iter().any(|path| seen.has(path));
        let is_process = seen.name == "openat" && PROCESS.is_match(&seen.arguments);
        if is_malloc {
            asking.extend(seen.result.iter().map(|fd| (at, *fd)));
            continue;
        }
        // It is read and closed at once, whatever the calls of other threads stand between.
        if let Some(asked) = seen.first.map(|fd| (at, fd)).filter(|asked| asking.contains(asked))
            && seen.is(&["read", "close"])
        {
            if seen.name == "close" {
                asking.remove(&asked);
            }
            continue;
        }
        if is_text || is_process {
            own.extend(seen.result.iter().map(|fd| (at, *fd)));
            continue;
        }
        if seen.name == "pipe2" {
            own.extend(pair(&seen).into_iter().map(|fd| (at, fd)));
            continue;
        }
        // A number that another thread closed may be the script's now.
        let made = match seen.name.as_str() {
            "socketpair" => pair(&seen),
            "socket" | "accept4" | "openat" | "fcntl" => seen.result.iter().copied().collect(),
            _ => Vec::new(),
        };
        own.retain(|(_, fd)| !made.contains(fd));
        let of_own = seen.first.is_some_and(|fd| own.contains(&(at, fd)));
        let reads =
            ["read", "write", "fcntl", "lseek", "statx", "newfstatat", "fstat", "getdents64", "close"];
        if of_own && seen.is(&reads) {
            if seen.name == "close" {
                own.remove(&(at, seen.first.unwrap()));
            }
            continue;
        }
        // Once the script has been stopped, a write to the terminal waits for room with a limit.
        let room = ["[{fd=1, events=POLLOUT}]", "[{fd=2, events=POLLOUT}]"];
        let terminal = (seen.name == "ioctl" && (seen.has("TCGETS") || seen.has("TIOCGWINSZ")))
            || (seen.name == "poll" && room.iter().any(|room| seen.has(room)))
            || (seen.name == "write" && matches!(seen.first, Some(1 | 2)));
        // std finds out whether there is statx(2), and without optimisation whether what it closes is open.
        let probe = (seen.name == "statx" && seen.has("0, NULL, "))
            || (seen.name == "fcntl" && seen.has("F_GETFD"))
            || (seen.is(&["statx", "newfstatat", "access", "faccessat2", "readlink"])
                && PROCESS.is_match(&seen.arguments));
        // Only of a sleep is the rest the script's: see `system_calls`.
        let goes_on = seen.name == "restart_syscall" && !seen.has("nanosleep");
        // Before a script runs, the fixtures and the settings of its folders are looked for.
        let folders = ["/fixture.sock\"", "\"fixture.sock\"", "sockbook.toml\"", "/.git\""];
        let found = seen.name == "getcwd" || folders.iter().any(|name| seen.has(name));
        if !terminal && !probe && !goes_on && !found && !seen.is(HOUSEKEEPING) {
            threads[at].1.push(seen);
        }
    }
    threads.retain(|t| !helpers.contains(&t.0));
    (threads.into_iter().map(|(_, calls)| calls).collect(), started)
}

/// Facts of what libc does by itself, and strace sees in other threads or as a futex.
const UNSEEN: [&str; 8] = [
    "getaddrinfo",
    "getnameinfo",
    "getservbyname",
    "getservbyport",
    "getprotobyname",
    "wait",
    "waitfor",
    "barrier",
];

/// The system calls that a fact's name may be: those of another name, and those that libc or the machine chooses from.
fn system_calls(name: &str) -> &[&str] {
    match name {
        "send" => &["sendto"],
        "recv" => &["recvfrom"],
        "dup" => &["fcntl"],
        "open" => &["openat"],
        "poll" => &["poll", "ppoll"],
        // A sleep that a signal without a handler has cut in two goes on as another call.
        "nanosleep" => &["clock_nanosleep", "nanosleep", "restart_syscall"],
        "stat" => &["statx", "stat", "newfstatat"],
        "fstat" => &["statx", "fstat", "newfstatat"],
        "mkdir" => &["mkdir", "mkdirat"],
        "gethostname" => &["uname"],
        _ => &[],
    }
}

/// Holds a thread's facts against its calls; after how many calls something differs, and what, if anything does.
fn compare(facts: &[Json], seen: &[Seen], started: &BTreeSet<i64>) -> Result<(), (usize, String)> {
    let mut calls = seen.iter().peekable();
    let why = differs(facts, &mut calls, started);
    why.map_err(|why| (seen.len() - calls.len(), why))
}

fn differs(
    facts: &[Json],
    calls: &mut std::iter::Peekable<std::slice::Iter<'_, Seen>>,
    started: &BTreeSet<i64>,
) -> Result<(), String> {
    // A descendant that a program left behind is taken back without the script.
    let of_descendant =
        |c: &&Seen| c.name == "wait4" && c.first.is_some_and(|pid| pid > 0 && !started.contains(&pid));
    for fact in facts.iter().filter(|f| !UNSEEN.contains(&f["call"].as_str().unwrap())) {
        let name = fact["call"].as_str().unwrap();
        // Programs are started by a thread that all of a script's share: see `programs`. A path with `*` stands for
        // many.
        if name == "execve" || fact["arguments"]["path"].as_str().is_some_and(|path| path.contains('*')) {
            continue;
        }
        let errno = fact["errno"].as_str();
        // libc asks over a socket of its own, or two.
        if name.starts_with("if_") || name == "getifaddrs" {
            while let Some(socket) = calls.next_if(|c| c.name == "socket") {
                let fd = socket.result.clone().ok();
                while calls.next_if(|c| c.first == fd && c.name != "close").is_some() {}
                calls.next_if(|c| c.first == fd && c.name == "close");
            }
            continue;
        }
        // The folder with all that is in it.
        if name == "rmdir" {
            let path = fact["arguments"]["path"].as_str().unwrap();
            let last =
                |c: &Seen| (c.is(&["rmdir"]) || c.has("AT_REMOVEDIR")) && c.has(&format!("\"{path}\""));
            if !calls.by_ref().any(last) {
                return Err(format!("{fact} was not made"));
            }
            continue;
        }
        let names = system_calls(name);
        // A call that was interrupted for nothing is made again; what ended by it says so.
        while calls.next_if(|c| (errno != Some("EINTR") && c.was_interrupted()) || of_descendant(c)).is_some()
        {
        }
        let Some(call) = calls.next() else { return Err(format!("{fact} was not made")) };
        let is_name = if names.is_empty() { call.name == name } else { call.is(names) };
        let fd = fact["fd"].as_i64().filter(|_| name != "poll");
        let same = match &call.result {
            Ok(n) => fact["result"].as_i64() == Some(*n),
            Err(e) => errno == Some(e),
        };
        beside(fact, call)?;
        if !is_name || !same || (fd.is_some() && fd != call.first) {
            return Err(format!("the trace says {fact}\nand strace {call:?}"));
        }
    }
    match calls.find(|c| !c.was_interrupted() && !of_descendant(c)) {
        None => Ok(()),
        Some(call) => Err(format!("the trace does not have {call:?}")),
    }
}

/// Were the programs that the trace says, and no others, started?
fn programs(facts: &BTreeMap<u64, Vec<Json>>, started: &BTreeSet<i64>) -> Result<(), String> {
    let starts: Vec<&Json> = facts.values().flatten().filter(|f| f["call"] == "execve").collect();
    let ran: BTreeSet<i64> = starts.iter().filter_map(|f| f["result"].as_i64()).filter(|n| *n > 0).collect();
    if let Some(pid) = ran.difference(started).next() {
        return Err(format!("the trace says that program {pid} was started, and strace {started:?}"));
    }
    // The child of a start that failed was there for a moment.
    let failed = starts.len() - ran.len();
    if started.len() - ran.len() > failed {
        return Err(format!("strace saw {started:?} start, and the trace says {ran:?} and {failed} failed"));
    }
    Ok(())
}

/// Control messages that strace decodes to the letter: interfaces and addresses it writes as calls of libc.
const DECODED: [&str; 7] = [
    "SCM_RIGHTS",
    "SCM_CREDENTIALS",
    "SO_TIMESTAMP_OLD",
    "SO_TIMESTAMPNS_OLD",
    "IP_TTL",
    "IP_TOS",
    "IP_CHECKSUM",
];

/// What went and came beside the bytes of a message, as the trace and strace each decode it.
fn beside(fact: &Json, call: &Seen) -> Result<(), String> {
    let (came, went) = (&fact["control"], &fact["arguments"]["control"]);
    for control in [came, went].into_iter().filter_map(Json::as_array).flatten() {
        let kind = control["type"].as_str().unwrap();
        let shown = control["shown"].as_str().unwrap().trim_start_matches('{');
        // Of what it does not decode, strace shows the level.
        let known = DECODED.contains(&kind);
        let wanted = if known { shown } else { shown.split(", cmsg_type").next().unwrap() };
        if !call.has(wanted) {
            return Err(format!("the trace says {control}\nand strace {call:?}"));
        }
    }
    Ok(())
}

/// What a script's trace says, each thread's facts by the number of its job, and the commands it ran.
fn traced(output: &str) -> (BTreeMap<u64, Vec<Json>>, BTreeSet<String>) {
    let (mut facts, mut commands) = (BTreeMap::<u64, Vec<Json>>::from([(0, Vec::new())]), BTreeSet::new());
    for line in output.lines() {
        let mut line: Json = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        commands.extend(line["command"].as_str().map(str::to_string));
        if let Json::Array(calls) = line["calls"].take() {
            for call in calls {
                facts.entry(call["job"].as_u64().unwrap()).or_default().push(call);
            }
        }
    }
    (facts, commands)
}

/// Runs a script under strace with its trace as JSON and compares the two; the commands that it ran.
fn trace_and_strace(script: &Path) -> Result<BTreeSet<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let output = Command::new("strace")
        .args(["-f", "-qq", "-e", "signal=none", "-s", "128", "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_sockbook"))
        .args(["run", "--timeout", "1m", "--format", "json", "--trace"])
        .arg(script)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let (facts, commands) = traced(&stdout);
    let log = std::fs::read_to_string(&log).unwrap();
    let (mut threads, started) = made_by_script(&log);
    programs(&facts, &started).map_err(|why| format!("{}: {why}", script.display()))?;
    // Which thread of the system is which of the script strace does not say: each has one.
    for (job, facts) in &facts {
        let compared: Vec<_> = threads.iter().map(|calls| compare(facts, calls, &started)).collect();
        let at = if *job == 0 {
            compared[0].is_ok().then_some(0)
        } else {
            compared.iter().position(Result::is_ok)
        };
        match at {
            Some(at) if *job == 0 => threads[at] = vec![],
            Some(at) => drop(threads.remove(at)),
            None => {
                let mut why: Vec<_> = compared.into_iter().filter_map(Result::err).collect();
                if *job == 0 {
                    why.truncate(1);
                }
                let (_, furthest) = why.into_iter().max().unwrap();
                return Err(format!("{} (job {job}): {furthest}", script.display()));
            }
        }
    }
    let is_wait = |c: &Seen| c.name == "wait4" && c.first.is_some_and(|pid| !started.contains(&pid));
    match threads.into_iter().flatten().find(|c| !c.was_interrupted() && !is_wait(c)) {
        None => Ok(commands),
        Some(call) => Err(format!("{}: the trace does not have {call:?}", script.display())),
    }
}

fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(scripts(&path));
        } else if path.extension().is_some_and(|e| e == "sock") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What no case does, or only behind `fails`.
const MORE: &str = r#"
print a
hexdump "ab"
help send
try
    gethostbyaddr 127.0.0.1
except gaierror
end
vars
jobs
status
try
    input
except EOFError
end
"#;

#[test]
#[cfg_attr(without = "strace", ignore = "strace is missing, or may not trace")]
fn the_trace_says_what_strace_sees() {
    let folder = tempfile::tempdir().unwrap();
    let more = folder.path().join("more.sock");
    std::fs::write(&more, MORE).unwrap();
    let mut all = scripts(Path::new("tests/cases/ok"));
    // It is one of a fixture's, which only `test` runs.
    all.retain(|path| !path.ends_with("suite/folder/uses.sock"));
    all.push(more);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let (mut commands, mut wrong) = (BTreeSet::new(), Vec::new());
    std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            while let Some(script) = all.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                done.push(trace_and_strace(script));
            }
            done
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        for result in threads.into_iter().flat_map(|t| t.join().unwrap()) {
            match result {
                Ok(ran) => commands.extend(ran),
                Err(why) => wrong.push(why),
            }
        }
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n\n"));
    // `exit`, `fail` and `skip` end a script before they could be told.
    let never = ["exit", "fail", "skip"];
    let missing: Vec<&str> = sockbook::command::all()
        .map(|row| row.name)
        .filter(|name| !commands.contains(*name) && !never.contains(name))
        .collect();
    assert!(missing.is_empty(), "no script here runs {missing:?}");
}
