//! One to one: what strace sees is what was typed, and no more.

use std::process::Command;

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
    let mut made: Vec<(&str, String)> = Vec::new();
    for (process, call) in log.lines().filter_map(|line| line.split_once(' ')) {
        let call = call.trim_start();
        // A thread that is gone before strace could say what it was in.
        if call.starts_with("???") {
            continue;
        }
        if let Some(rest) = call.strip_prefix("<... ") {
            let (_, rest) = rest.split_once(" resumed>").unwrap();
            let begun =
                made.iter_mut().rfind(|(p, c)| *p == process && c.ends_with("<unfinished ...>")).unwrap();
            begun.1 = begun.1.replace("<unfinished ...>", "").trim_end().to_string() + rest;
        } else {
            made.push((process, call.to_string()));
        }
    }
    made.into_iter().map(|(_, call)| call).collect()
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
