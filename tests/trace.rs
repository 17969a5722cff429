//! What `--trace` and `set trace on` show, and the same facts in JSON, through the binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::{Command, Output};

use serde_json::Value as Json;
use sockbook::text::answers::matches;

/// Sockets are shown with their numbers: what the test was started with open takes none of them.
const START: &str = "exec \"$0\" \"$@\" 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-";

fn run(script: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.sock");
    std::fs::write(&file, script).unwrap();
    let output = Command::new("sh")
        .args(["-c", START, env!("CARGO_BIN_EXE_sockbook"), "run"])
        .args(arguments)
        .arg(&file)
        .env_remove("SOCKBOOK_LANG")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Standard error as lines, each call's time as `[..]`.
fn lines(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let timeless = |line: &str| match (line.rfind("  <"), line.rfind('>')) {
        (Some(from), Some(to)) if from < to => format!("{}  <..>{}", &line[..from], &line[to + 1..]),
        _ => line.to_string(),
    };
    text.lines().map(timeless).collect()
}

/// Holds the trace of a script against what is wanted; `[..]` stands for any text in a line.
fn check(script: &str, wanted: &str) {
    let got = lines(&run(script, &["--trace"]));
    let wanted: Vec<String> = wanted.lines().skip(1).map(str::to_string).collect();
    assert!(matches(&wanted, &got), "{}", got.join("\n"));
}

#[test]
fn a_connection_is_traced_to_its_end() {
    check(
        "l = socket inet stream\nbind 127.0.0.1 0\nlisten 3\nc = socket inet stream\n\
         c.connect 127.0.0.1 ${l.local.port}\na = l.accept\na.sendall \"hola\\n\"\nc.recvline\nc.shutdown write\n\
         a.recv --dontwait\nb = a.dup\nb.close\na.close --reset\n",
        r#"
    socket(inet, stream) = 3  <..>
    bind(3, 127.0.0.1:0) = 0  <..>
    listen(3, 3) = 0  <..>
    socket(inet, stream) = 4  <..>
    getsockname(3) = 0  <..>  # only looking
    connect(4, 127.0.0.1:[..]) = 0  <..>
    accept4(3) = 5  <..>
    send(5, 5 bytes, 0) = 5  <..>
    recv(4, 4096, MSG_PEEK) = 5  <..>
    recv(4, 5, 0) = 5  <..>
    shutdown(4, SHUT_WR) = 0  <..>
    recv(5, 4096, MSG_DONTWAIT) = 0  <..>
    dup(5) = 6  <..>
    close(6) = 0  <..>
    setsockopt(5, SOL_SOCKET, SO_LINGER, 0s) = 0  <..>
    close(5) = 0  <..>
    close(3) = 0  <..>
    close(4) = 0  <..>"#,
    );
}

#[test]
fn datagrams_pieces_and_modes_are_traced() {
    check(
        "r = socket inet dgram\nr.bind 127.0.0.1 0\ns = socket inet dgram\nx = r.getsockname\n\
         s.sendto hola $x\nr.recvfrom 100\na, b = socketpair\na.sendmsg \"head;\" body\na.setblocking false\n\
         a.getblocking\na.settimeout 250ms\na.gettimeout\na.settimeout none\npoll --timeout 0 a b\npoll b\n\
         sleep 1ms\n",
        r#"
    socket(inet, dgram) = 3  <..>
    bind(3, 127.0.0.1:0) = 0  <..>
    socket(inet, dgram) = 4  <..>
    getsockname(3) = 0  <..>
    sendto(4, 4 bytes, 0, 127.0.0.1:[..]) = 4  <..>
    recvfrom(3, 100, MSG_TRUNC) = 4  <..>
    socketpair(unix, stream) = 0  <..>
    sendmsg(5, 2 slices, 9 bytes, 0) = 9  <..>
    fcntl(5, F_GETFL) = 2  <..>
    fcntl(5, F_SETFL, O_RDWR|O_NONBLOCK) = 0  <..>
    fcntl(5, F_GETFL) = 2050  <..>
    setsockopt(5, SOL_SOCKET, SO_RCVTIMEO, 250ms) = 0  <..>
    setsockopt(5, SOL_SOCKET, SO_SNDTIMEO, 250ms) = 0  <..>
    getsockopt(5, SOL_SOCKET, SO_RCVTIMEO) = 0  <..>
    setsockopt(5, SOL_SOCKET, SO_RCVTIMEO, none) = 0  <..>
    setsockopt(5, SOL_SOCKET, SO_SNDTIMEO, none) = 0  <..>
    poll(2 sockets, POLLIN|POLLRDHUP, 0s) = 1  <..>
    poll(1 socket, POLLIN|POLLRDHUP) = 1  <..>
    nanosleep(1ms) = 0  <..>
    close(3) = 0  <..>
    close(4) = 0  <..>
    close(5) = 0  <..>
    close(6) = 0  <..>"#,
    );
}

#[test]
fn what_goes_and_comes_beside_the_bytes_is_traced() {
    check(
        "a, b = socketpair\na.sendmsg --fd a hola\ndata, m = b.recvmsg\nr = socket inet dgram\nr.bind 127.0.0.1 0\n\
         r.setsockopt recvttl true\ns = socket inet dgram\ns.sendmsg --to ${r.local} --ttl 7 --pktinfo 127.0.0.1 x\n\
         data, m = r.recvmsg 10\n",
        r#"
    socketpair(unix, stream) = 0  <..>
    sendmsg(3, 1 slice, 4 bytes, 0, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[[]3]}]) = 4  <..>
    recvmsg(4, 4096, MSG_CMSG_CLOEXEC, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[[]5]}]) = 4  <..>
    getsockopt(5, SOL_SOCKET, SO_DOMAIN) = 0  <..>  # only looking
    getsockopt(5, SOL_SOCKET, SO_TYPE) = 0  <..>  # only looking
    getsockopt(5, SOL_SOCKET, SO_PROTOCOL) = 0  <..>  # only looking
    fcntl(5, F_GETFL) = 2  <..>  # only looking
    getsockopt(5, SOL_SOCKET, SO_ACCEPTCONN) = 0  <..>  # only looking
    getsockopt(5, SOL_SOCKET, SO_RCVTIMEO) = 0  <..>  # only looking
    getsockopt(5, SOL_SOCKET, SO_SNDTIMEO) = 0  <..>  # only looking
    socket(inet, dgram) = 6  <..>
    bind(6, 127.0.0.1:0) = 0  <..>
    setsockopt(6, IPPROTO_IP, IP_RECVTTL, 1) = 0  <..>
    socket(inet, dgram) = 7  <..>
    getsockname(6) = 0  <..>  # only looking
    sendmsg(7, 1 slice, 1 byte, 0, 127.0.0.1:[..], msg_control=[{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=[[]7]}, {cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, cmsg_data={ipi_ifindex=0, ipi_spec_dst=127.0.0.1, ipi_addr=0.0.0.0}}]) = 1  <..>
    recvmsg(6, 10, MSG_TRUNC|MSG_CMSG_CLOEXEC, msg_control=[{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=[[]7]}]) = 1  <..>
    close(3) = 0  <..>
    close(4) = 0  <..>
    close(5) = 0  <..>
    close(6) = 0  <..>
    close(7) = 0  <..>"#,
    );
}

#[test]
fn what_fails_is_traced_with_its_error() {
    check(
        "s = socket inet stream\nfails ECONNREFUSED connect 127.0.0.1 1\nfails EINVAL accept\n\
         fails gaierror getaddrinfo nowhere --numeric\nfails ENOPROTOOPT setsockopt 6 9999 1\nsetsockopt keepidle 60s\n\
         getsockopt keepidle\n",
        r#"
    socket(inet, stream) = 3  <..>
    connect(3, 127.0.0.1:1) = -1 ECONNREFUSED  <..>
    accept4(3) = -1 EINVAL  <..>
    getaddrinfo(nowhere, NULL, AI_NUMERICHOST) = EAI_NONAME  <..>
    setsockopt(3, 6, 9999, 1) = -1 ENOPROTOOPT  <..>
    setsockopt(3, IPPROTO_TCP, TCP_KEEPIDLE, 60s) = 0  <..>
    getsockopt(3, IPPROTO_TCP, TCP_KEEPIDLE) = 0  <..>
    close(3) = 0  <..>"#,
    );
}

#[test]
fn files_are_traced() {
    check(
        "a, b = socketpair\nlet file = ${tmpdir}/x\na.sendall hola\na.shutdown write\nb.recvall --to $file\n\
         b.sendfile $file\na.recv 100\nb.sendall --file $file\n",
        r#"
    socketpair(unix, stream) = 0  <..>
    mkdir([..]) = 0  <..>
    send(3, 4 bytes, 0) = 4  <..>
    shutdown(3, SHUT_WR) = 0  <..>
    open([..]/x, O_WRONLY|O_CREAT|O_TRUNC) = 5  <..>
    recv(4, 65536, 0) = 4  <..>
    write(5, 4 bytes) = 4  <..>
    recv(4, 65536, 0) = 0  <..>
    close(5) = 0  <..>
    open([..]/x, O_RDONLY|O_NONBLOCK) = 5  <..>
    fstat(5) = 0  <..>
    sendfile(4, [..]/x, 0, [..]) = 4  <..>
    sendfile(4, [..]/x, 4, [..]) = 0  <..>
    close(5) = 0  <..>
    recv(3, 100, 0) = 4  <..>
    open([..]/x, O_RDONLY) = 5  <..>
    read(5, 65536) = 4  <..>
    read(5, 65536) = 0  <..>
    close(5) = 0  <..>
    send(4, 4 bytes, 0) = 4  <..>
    close(3) = 0  <..>
    close(4) = 0  <..>
    rmdir([..]) = 0  <..>"#,
    );
}

#[test]
fn programs_are_traced() {
    check(
        "process p sh -c \"exit 3\"\nstatus = wait p\nexpect $status == 3\nfails ENOENT process q /no/such/program\n",
        r#"
    execve(sh, -c, exit 3) = [..]  <..>
    waitid([..]) = 0  <..>
    execve(/no/such/program) = -1 ENOENT  <..>
    kill(-[..], 9) = [..]  <..>
    close([..]) = 0  <..>
    wait4([..]) = [..]  <..>"#,
    );
}

#[test]
fn what_is_only_shown_is_marked_as_a_look() {
    let output = run("s = socket inet stream\ninfo\noptions\nprint ${s.state}\nsockets\n", &["--trace"]);
    let got = lines(&output);
    assert!(got.len() > 80, "{}", got.join("\n"));
    for (at, line) in got.iter().enumerate() {
        let typed = at == 0 || at + 1 == got.len();
        assert_eq!(line.ends_with("  # only looking"), !typed, "{line}");
    }
}

#[test]
fn a_look_is_marked_in_spanish_too() {
    let output = run("s = socket inet dgram\nprint ${s.local}\n", &["--trace", "--lang", "es"]);
    assert_eq!(lines(&output)[1], "    getsockname(3) = 0  <..>  # solo para mirar");
}

#[test]
fn a_trace_begins_and_ends_where_it_is_set() {
    let output = run("a, b = socketpair\nset trace on\na.sendall x\nset trace off\nb.recv\n", &[]);
    assert_eq!(lines(&output), ["    send(3, 1 byte, 0) = 1  <..>"]);
}

#[test]
fn threads_are_traced_each_by_its_own() {
    let output = run(
        "a, b = socketpair\nset trace on\nspawn w\n    b.recv 1\n    return ${b.local.family}\nend\na.sendall x\nwait w\n",
        &[],
    );
    let mut got = lines(&output);
    got.sort();
    let wanted = [
        "    close(3) = 0  <..>",
        "    close(4) = 0  <..>",
        "    getsockname(4) = 0  <..>  # only looking",
        "    recv(4, 1, 0) = 1  <..>",
        "    send(3, 1 byte, 0) = 1  <..>",
        "    wait() = 0  <..>",
    ];
    assert_eq!(got, wanted);
}

#[test]
fn a_line_of_many_calls_is_cut_and_says_so() {
    let script = "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nc = socket inet stream\n\
                  c.connect 127.0.0.1 ${l.local.port}\nset trace on\nc.sendall --chunk 1 --repeat 10003 x\nset trace off\n";
    let output = run(script, &[]);
    let got = lines(&output);
    assert_eq!(got.len(), 10_001);
    assert_eq!(got[10_000], "    … and more calls, which are not shown: 3");
}

#[test]
fn a_call_that_a_time_limit_ended_says_which() {
    check(
        "a, b = socketpair\nfails TimeoutError b.recv --timeout 10ms\nb.settimeout 20ms\nfails TimeoutError b.recv\n",
        r#"
    socketpair(unix, stream) = 0  <..>
    recv(4, 4096, 0) = -1 EINTR (the time limit, 10ms)  <..>
    setsockopt(4, SOL_SOCKET, SO_RCVTIMEO, 20ms) = 0  <..>
    setsockopt(4, SOL_SOCKET, SO_SNDTIMEO, 20ms) = 0  <..>
    recv(4, 4096, 0) = -1 E[..] (the time limit, 20ms)  <..>
    close(3) = 0  <..>
    close(4) = 0  <..>"#,
    );
    let script = "a, b = socketpair\nfails TimeoutError b.recv --timeout 10ms\n";
    let objects = objects(&run(script, &["--format", "json", "--trace"]));
    let failed = &objects[1]["calls"][0];
    assert_eq!((&failed["errno"], &failed["limit"]), (&"EINTR".into(), &0.01.into()));
}

/// The objects on standard output.
fn objects(output: &Output) -> Vec<Json> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn json_has_the_calls_beside_the_line_while_there_is_a_trace() {
    let script = "a, b = socketpair\na.sendall hola\ndata = b.recv 100\nb.close\n";
    let output = run(script, &["--format", "json"]);
    assert!(objects(&output).iter().all(|o| o.get("calls").is_none()));

    let output = run(script, &["--format", "json", "--trace"]);
    assert_eq!(lines(&output), [""; 0], "the calls are said once");
    let objects = objects(&output);
    let names: Vec<Vec<&str>> = objects
        .iter()
        .map(|o| o["calls"].as_array().unwrap().iter().map(|c| c["call"].as_str().unwrap()).collect())
        .collect();
    // What the end closes belongs to no line.
    assert_eq!(names, [vec!["socketpair"], vec!["send"], vec!["recv"], vec!["close"], vec!["close"]]);
    assert!(objects[4]["command"].is_null());
    let received = &objects[2]["calls"][0];
    let wanted: Json = serde_json::from_str(
        r#"{"call": "recv", "fd": 4, "socket": "b", "arguments": {"room": 100, "flags": 0}, "result": 4,
            "errno": null, "look": false, "thread": "main", "job": 0, "data": {"bytes": 4, "text": "hola"}}"#,
    )
    .unwrap();
    for (key, value) in wanted.as_object().unwrap() {
        assert_eq!(&received[key], value, "{key}");
    }
    assert!(received["micros"].is_u64() && received["when"].is_number());
}

#[test]
fn json_says_what_a_call_gave_and_why_it_failed() {
    let script =
        "s = socket inet dgram\ns.bind 127.0.0.1 0\nfails ENOTCONN getpeername\nx = getsockopt broadcast\n";
    let output = run(script, &["--format", "json", "--trace"]);
    let objects = objects(&output);
    let bound = &objects[1]["calls"];
    assert_eq!(bound[0]["arguments"]["address"], "127.0.0.1:0");
    // The object shows the port, which is read for it.
    assert_eq!((&bound[1]["call"], &bound[1]["look"]), (&"getsockname".into(), &true.into()));
    assert_eq!(bound[1]["gave"]["host"], "127.0.0.1");
    let failed = &objects[2]["calls"][0];
    assert_eq!((&failed["errno"], &failed["result"]), (&"ENOTCONN".into(), &Json::Null));
    let option = &objects[3]["calls"][0];
    assert_eq!(option["arguments"]["option"], "SO_BROADCAST");
    assert_eq!(option["gave"], false);
}
