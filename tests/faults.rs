//! Faults of the system: interrupted and failing calls, full disks, small limits, closed descriptors, a name server that
//! does not answer. A script then ends with an error that names the fault, and nothing that it had is lost.

#[allow(dead_code)]
mod pty;

use std::process::{Command, Output};

/// Every call that is injected, and ends well.
const CALLS: &str = r#"l = socket inet stream
l.setsockopt reuseaddr 1
l.bind 127.0.0.1 0
l.listen
c = socket inet stream
c.connect 127.0.0.1 ${l.local.port}
d = l.accept
c.sendall "hola\n"
print $(d.recvline)
d.sendmsg "que" "tal"
print $(c.recvmsg 10)
c.shutdown write
poll $d --read --timeout 1s
print $(d.recvall).len
e = d.dup
a, b = socketpair
a.send x
print $(b.recv 1)
sleep 1ms
e.close
d.close
"#;

const BINARY: &str = env!("CARGO_BIN_EXE_sockbook");

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The script of all calls, where this call fails so.
fn injected(call: &str, error: &str, when: &str) -> Output {
    let folder = folder(&[("calls.sock", CALLS)]);
    Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e"])
        .arg(format!("inject={call}:error={error}:when={when}"))
        .args([BINARY, "run", "--timeout", "20s"])
        .arg(folder.path().join("calls.sock"))
        .output()
        .unwrap()
}

/// The first poll(2) is that of the runtime of std, before `main`.
fn first(call: &str) -> u32 {
    if call == "poll" { 2 } else { 1 }
}

#[test]
#[cfg_attr(without = "strace", ignore = "strace is missing")]
fn a_call_that_is_interrupted_is_made_again() {
    for call in [
        "socket",
        "bind",
        "listen",
        "accept4",
        "connect",
        "sendto",
        "sendmsg",
        "recvfrom",
        "recvmsg",
        "getsockname",
        "setsockopt",
        "shutdown",
        "poll",
        "socketpair",
        "clock_nanosleep",
    ] {
        let ran = injected(call, "EINTR", &first(call).to_string());
        assert!(ran.status.success(), "{call}: {}", text(&ran.stderr));
    }
}

#[test]
#[cfg_attr(without = "strace", ignore = "strace is missing")]
fn a_call_that_fails_is_named_with_its_error() {
    let calls = [
        "socket",
        "bind",
        "listen",
        "accept4",
        "connect",
        "sendto",
        "sendmsg",
        "recvfrom",
        "recvmsg",
        "setsockopt",
        "shutdown",
        "poll",
        "socketpair",
        "fcntl",
    ];
    for (at, call) in calls.into_iter().enumerate() {
        // Each call with three of them; each of them with several calls.
        let errors = ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ECONNRESET", "EADDRINUSE", "EPIPE"];
        for error in (0..3).map(|n| errors[(at * 3 + n) % errors.len()]) {
            let ran = injected(call, error, &format!("{}+", first(call)));
            let said = text(&ran.stderr);
            assert_eq!(ran.status.code(), Some(1), "{call} {error}: {said}");
            assert!(said.starts_with("error: ") && said.contains(error), "{call} {error}: {said}");
        }
    }
}

/// Runs a text of bash in this folder.
fn bash(folder: &tempfile::TempDir, text: &str) -> Output {
    Command::new("bash").args(["-c", text, BINARY]).current_dir(folder.path()).output().unwrap()
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn a_socket_is_never_standard_output() {
    let script =
        "a, b = socketpair\na.sendall \"only the socket\"\nwritefile got $(b.recv 100)\nprint lost\n";
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        let folder = folder(&[("x.sock", script)]);
        let ran = bash(&folder, &format!("\"$0\" run --timeout 20s x.sock {closed}"));
        assert!(ran.status.success(), "{closed}: {}", text(&ran.stderr));
        assert_eq!(
            std::fs::read_to_string(folder.path().join("got")).unwrap(),
            "only the socket",
            "{closed}"
        );
    }
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn small_limits_are_errors_and_no_crashes() {
    for (limit, named) in [
        ("-n 4", "EMFILE"),
        ("-n 8", "EMFILE"),
        ("-s 256", ""),
        ("-u 1", ""),
        ("-f 0", ""),
        ("-v 200000", ""),
    ] {
        let folder = folder(&[("x.sock", CALLS)]);
        let ran = bash(&folder, &format!("ulimit {limit}; \"$0\" run --timeout 20s x.sock"));
        let said = text(&ran.stderr);
        assert!(matches!(ran.status.code(), Some(0 | 1)), "{limit}: {:?} {said}", ran.status);
        assert!(said.contains(named) && !said.contains("panicked"), "{limit}: {said}");
    }
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn ten_thousand_sockets_are_open_at_once() {
    let folder = folder(&[("x.sock", "repeat 5000\n    a, b = socketpair\nend\nprint done\n")]);
    let ran =
        bash(&folder, "ulimit -n 11000 2>/dev/null || { echo done; exit; }; \"$0\" run --timeout 20s x.sock");
    assert_eq!(text(&ran.stdout), "done\n", "{}", text(&ran.stderr));
}

#[test]
fn a_home_or_a_temporary_folder_that_is_missing_is_named() {
    let folder = folder(&[("x.sock", "print 1\n"), ("y.sock", "writefile ${tmpdir}/x a\n")]);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(BINARY);
        command.args(arguments).current_dir(folder.path());
        command
            .env("HOME", "/no/such")
            .env("TMPDIR", "/no/such")
            .env("XDG_STATE_HOME", "/no/such")
            .output()
            .unwrap()
    };
    assert!(run(&["run", "x.sock"]).status.success());
    assert!(run(&["test", "x.sock"]).status.success());
    let failed = run(&["run", "y.sock"]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(
        text(&failed.stderr).contains("ENOENT (2) No such file or directory: /no/such"),
        "{}",
        text(&failed.stderr)
    );
}

/// Runs a text of bash as root of namespaces of its own, in this folder.
fn apart(folder: &tempfile::TempDir, text: &str) -> Output {
    Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--net", "bash", "-c", text, BINARY])
        .current_dir(folder.path())
        .output()
        .unwrap()
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn on_a_full_disk_the_old_file_is_whole() {
    let blessed = "let n = 1 + 1\nprint $n\n#> 3\n";
    let receive = "a, b = socketpair\na.sendall --repeat 10000 \"0123456789\"\na.close\nfails ENOSPC b.recvall --to full/got\n";
    let folder = folder(&[("t.sock", blessed), ("r.sock", receive), ("x.sock", "print 1\n")]);
    std::fs::create_dir(folder.path().join("full")).unwrap();
    let ran = apart(
        &folder,
        "mount -t tmpfs -o size=96k tmpfs full || exit 9
        cp t.sock full/t.sock; echo old >full/report.xml
        head -c 1000000 /dev/zero >full/fill 2>/dev/null
        \"$0\" test --bless full/t.sock && exit 2
        cmp t.sock full/t.sock || exit 3
        \"$0\" test x.sock --report junit=full/report.xml && exit 4
        [ \"$(cat full/report.xml)\" = old ] || exit 5
        \"$0\" run --timeout 20s r.sock || exit 6
        [ \"$(ls full | tr '\\n' ' ')\" = 'fill got report.xml t.sock ' ] || exit 7",
    );
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn a_name_server_that_does_not_answer_is_a_timeout() {
    let script = "u = socket inet dgram\nu.bind 127.0.0.53 53\ns = socket inet stream\n\
        fails TimeoutError s.connect --timeout 300ms noanswer.example 80\n";
    let folder = folder(&[("dns.sock", script), ("resolv", "nameserver 127.0.0.53\noptions timeout:30\n")]);
    let ran = apart(
        &folder,
        "ip link set lo up; mount --bind resolv /etc/resolv.conf || exit 0; \"$0\" run --timeout 20s dns.sock",
    );
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
}

#[test]
fn memory_descriptors_and_threads_stay_flat() {
    use std::io::{BufRead as _, BufReader, Write as _};
    let script = "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\ndef talk\n    c = socket inet stream\n    \
        c.connect 127.0.0.1 ${l.local.port}\n    d = l.accept\n    c.sendall \"hola\\n\"\n    d.recvline\n    d.close\n    \
        c.close --reset\nend\nfor n in 2000 20000\n    repeat $n\n        talk\n    end\n    print done\n    input\nend\n";
    let script = script.replace("20000", &(20_000 * soak()).to_string());
    let folder = folder(&[("soak.sock", &script)]);
    let mut child = Command::new(BINARY)
        .args(["run", "--timeout", &format!("{}s", 40 * soak()), "soak.sock"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut stdin = child.stdin.take().unwrap();
    let mut looked = Vec::new();
    for _ in 0..2 {
        assert_eq!(lines.next().unwrap().unwrap(), "done");
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let number = |name: &str| -> u64 {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        let fds = std::fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap().count();
        looked.push((number("VmRSS:"), number("Threads:"), fds));
        stdin.write_all(b"\n").unwrap();
    }
    assert!(child.wait().unwrap().success());
    let ((memory, threads, fds), (memory_then, threads_then, fds_then)) = (looked[0], looked[1]);
    assert!(threads_then <= threads && fds_then <= fds, "{looked:?}");
    // Some KiB a thousand connections would be a leak.
    assert!(memory_then < memory + 2048, "KiB, threads, descriptors: {looked:?}");
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn on_a_full_disk_what_the_prompt_keeps_is_whole() {
    let folder = folder(&[]);
    std::fs::create_dir(folder.path().join("full")).unwrap();
    // It fills its page of the disk to the last bytes.
    let history: String = (0..200).map(|n| format!("print {n}\n")).collect();
    let history = format!("#V2\n{history}");
    let history = format!("{history}# {}\n", "x".repeat(4093 - history.len() - 3));
    std::fs::write(folder.path().join("history"), history).unwrap();
    // What is left of the disk takes none of the three files.
    let text = "mount -t tmpfs -o size=96k tmpfs full || exit 9
        cd full; export HOME=$PWD XDG_CONFIG_HOME=$PWD/config XDG_STATE_HOME=$PWD/state SOCKBOOK_HISTORY=$PWD/history
        mkdir -p config/sockbook; echo '# old settings' >config/sockbook/settings.sock; cp ../history history
        echo 'print \"old script\"' >kept.sock; cp config/sockbook/settings.sock ../settings.sock; cp kept.sock ../kept.sock
        head -c 1000000 /dev/zero >fill 2>/dev/null
        \"$0\"
        cmp history ../history && cmp config/sockbook/settings.sock ../settings.sock && cmp kept.sock ../kept.sock && ls -A . && echo WHOLE";
    let line = ["unshare", "--user", "--map-root-user", "--mount", "bash", "-c", text, BINARY];
    let mut term = pty::Term::start(folder.path(), &line, &[]);
    term.patience = std::time::Duration::from_secs(15);
    term.expect("leaves");
    term.prompt();
    term.run("let text = \"a line for which there is no room\"", "");
    term.run("set --keep", "no space left on device");
    term.line("save kept.sock");
    term.expect("overwrite it?");
    term.send("y\r");
    term.expect("o space left on device");
    term.prompt();
    term.send(pty::CTRL_D);
    term.expect("WHOLE");
    let raw = term.raw();
    let listed = raw.rsplit("\r\n").take(8).collect::<Vec<_>>().join(" ");
    assert!(!listed.contains('~'), "a temporary file is left: {listed}");
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn folders_that_are_read_only_or_not_named_are_no_obstacle() {
    let folder = folder(&[("x.sock", "print 1\n"), ("y.sock", "writefile ${tmpdir}/x a\n")]);
    std::fs::create_dir(folder.path().join("only")).unwrap();
    let ran = apart(
        &folder,
        "mount -t tmpfs -o ro tmpfs only || exit 9
        ro() { env HOME=$PWD/only TMPDIR=$PWD/only XDG_STATE_HOME=$PWD/only/s XDG_CONFIG_HOME=$PWD/only/c \"$@\"; }
        none() { env -u HOME -u TMPDIR -u XDG_STATE_HOME -u XDG_CONFIG_HOME \"$@\"; }
        for how in ro none; do
            $how \"$0\" run x.sock || exit 2
            $how \"$0\" test x.sock || exit 3
            echo 'print 2' | $how \"$0\" || exit 4
            $how \"$0\" test --last-failed x.sock; [ $? -le 2 ] || exit 5
        done
        ro \"$0\" run y.sock && exit 6
        ro \"$0\" run y.sock 2>&1 | grep -q EROFS || exit 7
        none \"$0\" run y.sock || exit 8
        ro \"$0\" test x.sock --report junit=only/r.xml && exit 10
        exit 0",
    );
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn a_file_that_may_not_grow_is_an_error() {
    let folder = folder(&[("x.sock", "writefile got $(bytes 1000000 x)\n")]);
    std::fs::write(folder.path().join("t.sock"), format!("{}print 1\n#> 2\n", "# long\n".repeat(2000)))
        .unwrap();
    let before = std::fs::read(folder.path().join("t.sock")).unwrap();
    let ran = bash(&folder, "ulimit -f 4; \"$0\" run x.sock");
    assert_eq!(ran.status.code(), Some(1), "{:?}", ran.status);
    assert!(text(&ran.stderr).contains("EFBIG"), "{}", text(&ran.stderr));
    let ran = bash(&folder, "ulimit -f 4; \"$0\" test --bless t.sock");
    assert!(matches!(ran.status.code(), Some(1 | 2)), "{:?}", ran.status);
    assert_eq!(std::fs::read(folder.path().join("t.sock")).unwrap(), before);
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 3, "x.sock, t.sock and got");
}

/// The calendar's clock, which jumps by a year at each look of a thread, there and back.
const JUMPING: &str = "#define _GNU_SOURCE
#include <time.h>
#include <sys/time.h>
#include <unistd.h>
#include <sys/syscall.h>
static __thread int looks;
static long jump(void) { return (++looks % 2 ? 1 : -1) * 31536000L; }
int clock_gettime(clockid_t clock, struct timespec *at) {
    int done = syscall(SYS_clock_gettime, clock, at);
    if (clock == CLOCK_REALTIME) at->tv_sec += jump();
    return done;
}
int gettimeofday(struct timeval *at, void *zone) {
    int done = syscall(SYS_gettimeofday, at, zone);
    at->tv_sec += jump();
    return done;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
";

#[test]
#[cfg_attr(without = "cc", ignore = "cc is missing")]
#[cfg_attr(target_env = "musl", ignore = "a static program takes no library before it")]
fn a_clock_that_jumps_ends_no_wait_and_spoils_no_report() {
    let script = "let first = $(now)\nlet second = $(now)\n\
        let apart = ($second - $first) / 1000000000000000\nexpect $apart != 0\nlet begun = $(now --monotonic)\n\
        a, b = socketpair\nfails TimeoutError b.recv --timeout 50ms\nb.settimeout 50ms\nfails TimeoutError b.recv\nsleep 20ms\n\
        process p sleep 0.05\nwait p\nlet took = $(now --monotonic) - $begun\nexpect $took < 60000000000\n";
    let folder = folder(&[("x.sock", script), ("calls.sock", CALLS), ("jump.c", JUMPING)]);
    let library = folder.path().join("jump.so");
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(folder.path().join("jump.c"))
        .output();
    assert!(made.is_ok_and(|made| made.status.success()), "cc");
    let arguments = ["test", "--timeout", "20s", "x.sock", "calls.sock"];
    let reports = ["--report", "junit=r.xml", "--report", "json=r.json"];
    let ran = Command::new(BINARY)
        .args(arguments)
        .args(reports)
        .env("LD_PRELOAD", &library)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}{}", text(&ran.stdout), text(&ran.stderr));
    let report = std::fs::read_to_string(folder.path().join("r.xml")).unwrap();
    let document = roxmltree::Document::parse(&report).unwrap();
    let times = document.descendants().filter_map(|node| node.attribute("time"));
    let times: Vec<f64> = times.map(|time| time.parse().unwrap()).collect();
    assert!(times.len() >= 2 && times.iter().all(|time| (0.0..60.0).contains(time)), "{times:?}");
    let traced = Command::new(BINARY)
        .args(["run", "--format", "json", "--trace", "--timeout", "20s", "--pcap", "r.pcap", "calls.sock"])
        .env("LD_PRELOAD", &library)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(traced.status.success(), "{}", text(&traced.stderr));
}

/// How long a soak is: by hand longer, `SOCKBOOK_SOAK=10`.
fn soak() -> usize {
    std::env::var("SOCKBOOK_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// What the kernel counts of a process: KiB of memory, threads, descriptors.
fn counted(pid: i32) -> (u64, u64, usize) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let number = |name: &str| -> u64 {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (number("VmRSS:"), number("Threads:"), std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count())
}

#[test]
fn a_test_that_is_repeated_leaves_nothing_behind() {
    use std::io::{BufRead as _, BufReader};
    // Each round hands its number to this test, which looks at the program then.
    let script = "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nc = socket inet stream\nc.connect 127.0.0.1 ${l.local.port}\n\
        d = l.accept\nc.sendall $(bytes 100000 x) &\nlet got = $(d.recvexact 100000)\nexpect ${got.len} == 100000\n\
        spawn t\n    writefile ${tmpdir}/a $got\nend\nwait t\nu = socket unix stream\nu.connect ./seen\nu.sendall \"round\\n\"\nu.recvline\n";
    let folder = folder(&[("x.sock", script)]);
    let seen = std::os::unix::net::UnixListener::bind(folder.path().join("seen")).unwrap();
    let (first, rounds) = (100, 600 * soak());
    let mut child = Command::new(BINARY)
        .args(["test", "--jobs", "1", "--timeout", "60s", "--repeat", &rounds.to_string(), "x.sock"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut looked = Vec::new();
    for round in 1..=rounds {
        let (stream, _) = seen.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        if round == first || round == rounds {
            looked.push(counted(child.id() as i32));
        }
        std::io::Write::write_all(&mut &stream, b"on\n").unwrap();
    }
    assert!(child.wait().unwrap().success());
    let ((memory, threads, fds), (memory_then, threads_then, fds_then)) = (looked[0], looked[1]);
    assert!(threads_then <= threads + 1 && fds_then <= fds + 1, "{looked:?}");
    assert!(memory_then < memory + 2048 * soak() as u64, "KiB, threads, descriptors: {looked:?}");
}

#[test]
fn a_prompt_that_lives_for_days_lets_the_oldest_results_go() {
    let folder = folder(&[]);
    let mut term = pty::Term::start(folder.path(), &[BINARY], &[]);
    term.patience = std::time::Duration::from_secs(15);
    term.expect("leaves");
    term.run("let big = $(bytes 1000000 x)", "");
    // Each result is a MB of its own: 256 of them are kept.
    for round in 1..=270 {
        term.run(&format!("\"${{big}}{round}\""), "Out[");
    }
    let (memory, threads, fds) = counted(term.process());
    for round in 1..=30 * soak() {
        term.run(&format!("\"${{big}}{round}\""), "Out[");
    }
    let (memory_then, threads_then, fds_then) = counted(term.process());
    assert!(memory_then < memory + 64 * 1024, "{memory} KiB, {memory_then} KiB");
    assert!(threads_then <= threads && fds_then <= fds);
    assert!(term.raw().contains("the oldest results are let go from here on"), "it is not told");
    term.run("print ${_3.len}", "the result of `In [3]` was let go");
    term.run("print ${_290.len}", "100000");
    assert_eq!(term.leaves(), 0);
}
