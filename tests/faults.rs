//! Faults of the system: interrupted and failing calls, full disks, small limits, closed descriptors, a name server that
//! does not answer. A script then ends with an error that names the fault, and nothing that it had is lost.

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
    let folder = folder(&[("soak.sock", script)]);
    let mut child = Command::new(BINARY)
        .args(["run", "--timeout", "20s", "soak.sock"])
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
