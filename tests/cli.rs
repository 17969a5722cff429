//! The command line as a process: what goes in, what comes out, and the exit code.

mod nohup;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use nohup::hears_hangup;

/// What a run left behind.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn sockbook(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    command.args(arguments).stdin(Stdio::null());
    command.env_remove("SOCKBOOK_LANG").env_remove("CLICOLOR_FORCE");
    command
}

fn ran(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn run(arguments: &[&str]) -> Ran {
    ran(sockbook(arguments))
}

/// Each line after a `-c`.
fn lines(lines: &[&str]) -> Ran {
    let arguments: Vec<&str> = lines.iter().flat_map(|l| ["-c", l]).collect();
    run(&arguments)
}

/// Text on standard input.
fn piped(text: &str, arguments: &[&str]) -> Ran {
    let mut command = sockbook(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A folder with a script in it.
fn script(bytes: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sock");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn file(path: &Path) -> &str {
    path.to_str().unwrap()
}

// What is wrong with the text: exit 2, nothing run.

#[test]
fn every_wrong_line_has_its_own_message() {
    let cases = [
        ("sockt inet", "unknown command `sockt`", "1:1", "did you mean `socket`?"),
        ("x.send hi", "unknown socket `x`", "1:1", "`x = socket inet stream`"),
        ("print $nada", "unknown name `nada`", "1:7", "`--var nada=VALUE`"),
        ("print ${2}", "there is no argument 2", "1:7", "0 arguments"),
        ("connect", "`connect` needs HOST PORT", "1:1", "usage: connect"),
        ("connect localhost", "`connect` needs a port after the host", "1:9", "a Unix path has a `/`"),
        ("listen 1 2", "too many words for `listen`", "1:10", "usage: listen"),
        ("getsockname now", "`getsockname` takes no words", "1:13", "usage: getsockname"),
        ("print \"hola", "this quote is never closed", "1:7", "end the text with `\"`"),
        ("repeat 3", "`repeat` is never closed", "1:1", "a line that says `end`"),
        ("end", "`end` without a block to end", "1:1", ""),
        ("bind localhost 70000", "`70000` is not a port", "1:16", "a port is 0 to 65535"),
        ("send hi\\n", "a backslash outside quotes", "1:8", "put the text in quotes"),
        ("send \"\\q\"", "\\q", "1:7", ""),
        ("socket inet steam", "`steam` is not a socket type", "1:13", "did you mean `stream`?"),
        ("a=socket", "`=`", "1:1", ""),
        ("recv -3", "negative", "1:6", ""),
        ("listen | cat", "`|` has no meaning here", "1:8", "quote it"),
        ("recv 10 --tiemout 1s", "has no option `--tiemout`", "1:9", "did you mean `--timeout`?"),
        ("fails ECONREFUSED connect localhost 1", "ECONREFUSED", "1:7", "ECONNREFUSED"),
    ];
    for (line, message, place, help) in cases {
        let ran = lines(&[line]);
        assert_eq!(ran.code, Some(2), "{line}\n{}", ran.err);
        let first = ran.err.lines().next().unwrap_or("");
        assert!(first.starts_with("error: ") && first.contains(message), "{line}\n{}", ran.err);
        assert!(ran.err.contains(&format!("--> -c:{place}")), "{line}\n{}", ran.err);
        assert!(ran.err.contains(help), "{line}\n{}", ran.err);
        assert!(ran.err.ends_with("1 mistake; nothing was run\n"), "{line}\n{}", ran.err);
        assert_eq!(ran.out, "", "{line}");
    }
}

#[test]
fn a_mistake_on_the_last_line_is_found_before_the_first_runs() {
    let ran = lines(&["print uno", "print dos", "bind localhost http2000", "prnt tres"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    assert!(ran.err.contains("-c:4:1"), "{}", ran.err);
}

// What the kernel refuses: exit 1.

#[test]
fn every_refusal_has_its_name_its_line_and_its_cause() {
    let cases: [(&[&str], &str, &str, &str); 8] = [
        (
            &["socket inet stream", "connect no.such.host.invalid 80"],
            "getaddrinfo: EAI_",
            "2:9",
            "note: gaierror, an OSError",
        ),
        (
            &[
                "l = socket inet stream",
                "bind 127.0.0.1 0",
                "socket inet stream",
                "connect 127.0.0.1 ${l.local.port}",
            ],
            "connect: ECONNREFUSED (111) Connection refused: 127.0.0.1:",
            "4:9",
            "note: ConnectionRefusedError, a ConnectionError, an OSError",
        ),
        (
            &["socket inet stream", "bind 127.0.0.1 0", "listen", "recv"],
            "recv: ENOTCONN (107)",
            "4:1",
            "`accept` returned",
        ),
        (&["socket inet stream", "accept"], "EINVAL (22)", "2:1", "has not called `listen`"),
        (
            &["a = socket inet stream", "a.close", "a.sendall x"],
            "EBADF (9) Bad file descriptor: this socket was closed",
            "3:1",
            "CLOSED",
        ),
        (&["recv"], "EBADF (9)", "1:1", "make one first: `socket inet stream`"),
        (
            &["a, b = socketpair", "sendall --file /no/such/file"],
            "open: ENOENT (2) No such file or directory: /no/such/file",
            "2:16",
            "FileNotFoundError",
        ),
        (&["let n = 1", "expect $n == 2"], "left == right", "2:8", "right: 2"),
    ];
    for (script, message, place, more) in cases {
        let ran = lines(script);
        assert_eq!(ran.code, Some(1), "{script:?}\n{}", ran.err);
        let first = ran.err.lines().next().unwrap_or("");
        assert!(first.starts_with("error: ") && first.contains(message), "{script:?}\n{}", ran.err);
        assert!(ran.err.contains(&format!("--> -c:{place}")), "{script:?}\n{}", ran.err);
        assert!(ran.err.contains(more), "{script:?}\n{}", ran.err);
    }
}

#[test]
fn the_causes_are_said_in_spanish_too() {
    let ran = run(&["--lang", "es", "-c", "recv"]);
    assert!(ran.err.contains("crea uno primero"), "{}", ran.err);
    let mut command = sockbook(&["-c", "recv"]);
    command.env("SOCKBOOK_LANG", "es_CL.UTF-8");
    assert!(ran_err(command).contains("crea uno primero"));
}

fn ran_err(command: Command) -> String {
    ran(command).err
}

// Files.

#[test]
fn a_file_that_is_no_script_is_refused() {
    let (folder, path) = script(b"print uno\nprint \"caf\xe9\"\n");
    let ran = run(&[file(&path)]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(
        ran.err.contains("x.sock:2:11: a script is UTF-8 text, and byte 0xe9 here is not"),
        "{}",
        ran.err
    );

    let ran = run(&[file(folder.path())]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("this is a directory, and a script is a file"), "{}", ran.err);

    let missing = folder.path().join("missing.sock");
    for how in [vec![file(&missing)], vec!["run", file(&missing)], vec!["check", file(&missing)]] {
        let ran = run(&how);
        assert_eq!(ran.code, Some(2), "{how:?}");
        assert!(ran.err.contains("missing.sock: no such file or directory"), "{how:?}\n{}", ran.err);
    }
}

#[test]
fn line_ends_and_emptiness_do_no_harm() {
    let crlf = "# uno\r\nif 1 < 2\r\n    print a \\\r\n        b\r\nend\r\nlet t = \"fin\"\r\nprint $t\r\n";
    for (text, out) in
        [("", ""), ("\n\n", ""), ("# nada", ""), ("print hola", "hola\n"), (crlf, "a b\nfin\n")]
    {
        let (_folder, path) = script(text);
        let ran = run(&[file(&path)]);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), out, ""), "{text:?}");
    }
}

#[test]
fn a_script_is_started_by_its_first_line() {
    let text = format!("#!{}\nprint ${{1}} ${{2:-dos}}\n", env!("CARGO_BIN_EXE_sockbook"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sock");
    // Written by a shell: were it written here, what another test starts at that moment would have it open
    // for a moment more, and a file that is written cannot be started (ETXTBSY).
    let mut command = Command::new("sh");
    command.args(["-c", r#"printf %s "$1" >"$0" && chmod 755 "$0" && exec "$0" --uno"#, file(&path), &text]);
    let ran = ran(command);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "--uno dos\n"), "{}", ran.err);
}

// Arguments and variables.

#[test]
fn values_come_from_outside() {
    let (_folder, path) = script("print ${who:-nadie} ${1:-x} ${2:-y}\n");
    let path = file(&path);
    let out = |arguments: &[&str]| {
        let ran = run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}\n{}", ran.err);
        ran.out
    };
    assert_eq!(out(&[path]), "nadie x y\n");
    assert_eq!(out(&[path, "a", "-b"]), "nadie a -b\n");
    assert_eq!(out(&["run", path, "a", "b"]), "nadie a b\n");
    assert_eq!(out(&["run", "--var", "who=Ana", path]), "Ana x y\n");
    assert_eq!(out(&["run", path, "a", "--var", "who=Ana=Eva", "--", "--var"]), "Ana=Eva a --var\n");
    assert_eq!(out(&["--var", "who=", path]), "nadie x y\n");
    let mut command = sockbook(&[path]);
    command.env("SOCKBOOK_VAR_who", "entorno");
    assert_eq!(ran(command).out, "entorno x y\n");
    let mut command = sockbook(&["--var", "who=línea", path]);
    command.env("SOCKBOOK_VAR_who", "entorno");
    assert_eq!(ran(command).out, "línea x y\n");
}

/// A command line without options is read by a shorter way; an option that says nothing new takes the long one.
#[test]
fn a_plain_command_line_and_one_with_an_option_are_one() {
    let (_folder, path) = script("print ${who:-nadie} ${1:-x} ${2:-y}\nsocket inet stream\nrecv 1\n");
    let path = file(&path);
    for words in [&["run"][..], &["test"], &["help", "b"], &["", ""], &["a=b", "c d"], &["é", "+c"]] {
        let ran = |before: &[&str]| {
            let ran = run(&[before, &[path], words].concat());
            (ran.code, ran.out, ran.err)
        };
        let plain = ran(&[]);
        for long in [&["run"][..], &["--lang", "en"], &["run", "--lang", "en"], &["--format=text"], &["--"]] {
            assert_eq!(plain, ran(long), "{long:?} {words:?}");
        }
    }
    let missing = |before: &[&str]| {
        let ran = run(&[before, &["/no/such.sock", "a"]].concat());
        (ran.code, ran.out, ran.err)
    };
    assert_eq!(missing(&[]).0, Some(2));
    assert_eq!(missing(&[]), missing(&["--lang", "en"]));
    assert_eq!(missing(&["run"]), missing(&["run", "--lang", "en"]));
}

#[test]
fn a_wrong_command_line_is_refused() {
    let (_folder, path) = script("print hola\n");
    let path = file(&path);
    let cases: [(&[&str], &str); 9] = [
        (&["run"], "required"),
        (&["--bogus", path], "there is no option `--bogus`"),
        (&["run", "--bogus", path], "--bogus"),
        (&["run", "--var", "x", path], "has no `=`"),
        (&["run", "--var", "1x=2", path], "`1x`"),
        (&["run", "--timeout", "soon", path], "`soon` is not a duration"),
        (&["run", "--format", "yaml", path], "yaml"),
        (&["help", "sedn"], "did you mean `send`?"),
        (&["test"], "required"),
    ];
    for (arguments, message) in cases {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ran.err.starts_with("error: ") && ran.err.contains(message), "{arguments:?}\n{}", ran.err);
    }
}

#[test]
fn what_is_asked_for_goes_to_standard_output() {
    for (arguments, text) in [
        (vec!["--version"], "sockbook 0."),
        (vec!["--help"], "Usage: sockbook"),
        (vec!["help"], "accept"),
        (vec!["help", "recv"], "sock.recv"),
    ] {
        let ran = run(&arguments);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(ran.out.contains(text), "{arguments:?}\n{}", ran.out);
    }
}

// Standard input and output.

#[test]
fn standard_input_is_a_script() {
    let ran = piped("print uno\nprint dos", &[]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "uno\ndos\n"), "{}", ran.err);
    let ran = piped("print ${1}\n", &["run", "-", "hola"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "hola\n"), "{}", ran.err);
    let ran = piped("print uno\nrecv\n", &[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("--> <stdin>:2:1"), "{}", ran.err);
}

#[test]
fn echo_is_the_numbered_transcript() {
    let ran = run(&["--echo", "-c", "a, b = socketpair", "-c", "a.sendall \"café\"", "-c", "b.recv"]);
    let out = "In [1]: a, b = socketpair\n\
               Out[1]: a: unix stream ⇄ b: unix stream\n\
               In [2]: a.sendall \"café\"\n\
               In [3]: b.recv\n\
               Out[3]: 5 bytes (4 characters)  \"café\"\n";
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), out), "{}", ran.err);
}

#[test]
fn every_line_of_json_is_an_object() {
    let (_folder, path) =
        script("a, b = socketpair\na.sendall \"\\x00\\xff\"\nb.recv\nb.shutdown write\nb.send x\n");
    let ran = run(&["run", "--format", "json", file(&path)]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let objects: Vec<serde_json::Value> =
        ran.out.lines().map(|l| serde_json::from_str(l).expect(l)).collect();
    let commands: Vec<&str> = objects.iter().map(|o| o["command"].as_str().unwrap()).collect();
    assert_eq!(commands, ["socketpair", "sendall", "recv", "shutdown", "send"], "{}", ran.out);
    for object in &objects {
        for key in ["file", "line", "in", "command", "socket", "result", "error", "micros"] {
            assert!(object.get(key).is_some(), "no `{key}` in {object}");
        }
    }
    assert_eq!(objects[2]["line"], 3);
    assert!(objects[4]["error"].to_string().contains("EPIPE"), "{}", objects[4]);
}

#[test]
fn a_command_in_a_word_has_a_line_of_json_before_the_line_around_it() {
    let (_folder, path) = script(
        "a, b = socketpair\na.sendall \"one\\ntwo\\n\"\nif $(b.recvline) == \"one\\n\"\n    print $(slice $(b.recvline) 1)\nend\n\
         def twice x\n    return $(list $x $x)\nend\nprint $(twice 3)\nx = list 1\nprint $(b.recv --dontwait)\n",
    );
    let ran = run(&["run", "--format", "json", "--trace", file(&path)]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let objects: Vec<serde_json::Value> =
        ran.out.lines().map(|l| serde_json::from_str(l).expect(l)).collect();
    let of = |o: &serde_json::Value| {
        let calls = o["calls"].as_array().map_or(0, Vec::len);
        (o["command"].as_str().unwrap_or("-").to_string(), o["line"].as_u64(), o["inner"] == true, calls)
    };
    let told: Vec<_> = objects.iter().map(of).collect();
    let told: Vec<_> =
        told.iter().map(|(c, line, inner, calls)| (c.as_str(), *line, *inner, *calls)).collect();
    assert_eq!(
        told[..11],
        [
            ("socketpair", Some(1), false, 1),
            ("sendall", Some(2), false, 1),
            ("recvline", Some(3), true, 2),
            ("recvline", Some(4), true, 2),
            ("slice", Some(4), true, 0),
            ("print", Some(4), false, 0),
            ("list", Some(7), true, 0),
            ("twice", Some(9), true, 0),
            ("print", Some(9), false, 0),
            ("list", Some(10), false, 0),
            ("recv", Some(11), true, 1),
        ]
    );
    assert_eq!(objects[2]["socket"], "b");
    assert_eq!(objects[2]["in"], "b.recvline");
    assert_eq!(objects[2]["result"]["text"], "one\n");
    assert_eq!(objects[7]["result"], serde_json::json!([3, 3]));
    assert_eq!(objects[10]["error"]["name"], "EAGAIN");
}

#[test]
fn a_socket_that_was_inherited_is_a_socket_of_the_table() {
    let (mut ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let lines = [
        "-c",
        "s = socket --fd 0",
        "-c",
        "s.sendall \"hola\"",
        "-c",
        "print $(s.recvexact 3) ${s.family} ${s.type}",
    ];
    let mut command = sockbook(&lines);
    command
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    drop(command);
    let mut got = [0; 4];
    ours.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"hola");
    ours.write_all(b"abc").unwrap();
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!((output.status.code(), &*out), (Some(0), "abc unix stream\n"), "{err}");
    // Closed with the script: the peer sees the end.
    assert_eq!(ours.read(&mut got).unwrap(), 0);
    for (line, name) in
        [("socket --fd 99", "EBADF"), ("socket --fd -1", "EBADF"), ("socket --fd 0", "ENOTSOCK")]
    {
        let (_folder, path) = script(format!("fails {name} {line}\n"));
        assert_eq!(run(&[file(&path)]).code, Some(0), "{line}");
    }
    // One that the script itself opened is not there to be taken.
    let (_folder, path) = script("l = socket\nfails EBADF socket --fd ${l.fd}\n");
    assert_eq!(run(&[file(&path)]).code, Some(0));
}

// How it ends.

#[test]
fn the_exit_code_says_how_it_went() {
    for (line, code) in [
        ("print hola", 0),
        ("skip \"hoy no\"", 0),
        ("require command no-such-program", 0),
        ("exit 7", 7),
        ("fail \"no va\"", 1),
        ("expect 1 == 2", 1),
        ("recv", 1),
        ("rcv", 2),
    ] {
        assert_eq!(lines(&[line]).code, Some(code), "{line}");
    }
}

/// A script that has printed its first line and now waits.
fn waiting(text: &str) -> (tempfile::TempDir, Child) {
    let (folder, path) = script(text);
    let mut command = sockbook(&[file(&path)]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0u8; 6];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"listo\n");
    (folder, child)
}

#[test]
fn a_signal_ends_a_blocked_accept_and_finally_runs() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
        if signal == Signal::SIGHUP && !hears_hangup() {
            continue;
        }
        let (_folder, child) = waiting(
            "socket inet stream\nbind 127.0.0.1 0\nlisten\ntry\n    print listo\n    accept\n\
             finally\n    print adiós\nend\n",
        );
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        let ended = output.status.code().or(output.status.signal().map(|s| 128 + s));
        assert_eq!(ended, Some(code), "{signal}\n{err}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "adiós\n", "{signal}\n{err}");
        assert!(err.contains("x.sock:6:5"), "{signal}\n{err}");
    }
}

#[test]
fn a_second_signal_ends_what_finally_does() {
    let (_folder, mut child) = waiting(
        "def f n\n    if $n > 0\n        let m = $n - 1\n        f $m\n        f $m\n    end\nend\n\
         try\n    try\n        print listo\n        sleep 1m\n    finally\n        print cleans\n        sleep 1ms\n        f 60\n    end\n\
         finally\n    print outer\nend\n",
    );
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let mut cleans = [0u8; 7];
    child.stdout.as_mut().unwrap().read_exact(&mut cleans).unwrap();
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(130), &b""[..]));
}

#[test]
fn a_small_stack_is_a_recursion_error() {
    let (_folder, path) = script("def f n\n    if 1 == 1\n        f $n\n    end\nend\nf 1\n");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -s 700; exec \"$0\" \"$1\"", env!("CARGO_BIN_EXE_sockbook"), file(&path)]);
    let ran = ran(command);
    assert!(ran.err.starts_with("error: RecursionError: more than "), "{}", ran.err);
    assert!(ran.err.contains("x.sock:3:9"), "{}", ran.err);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let (_folder, path) = script("while true\n    print hola\nend\n");
    let mut child = sockbook(&[file(&path)]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "hola\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code().or(output.status.signal().map(|s| 128 + s)), Some(141));
}

/// A parent that starts it without them would have `print` write into the first socket.
#[test]
fn a_socket_never_gets_a_number_of_the_standard_three() {
    let (_folder, path) = script("print hola\na, b = socketpair\nexpect ${a.fd} == 3\nexpect ${b.fd} == 4\n");
    for closed in ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"] {
        // What the test itself was started with open is none of the standard three either.
        let line = format!("exec \"$0\" \"$1\" 3<&- 4<&- {closed}");
        let mut command = Command::new("sh");
        command.args(["-c", &line, env!("CARGO_BIN_EXE_sockbook"), file(&path)]);
        let ran = ran(command);
        assert_eq!(ran.code, Some(0), "{closed}\n{}", ran.err);
    }
}

#[test]
fn a_peer_that_goes_away_is_a_connection_error_and_no_signal() {
    let ran = lines(&[
        "a, b = socketpair",
        "b.close",
        "try",
        "a.sendall hola",
        "except ConnectionError as e",
        "print ${e.name}",
        "end",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "EPIPE\n"), "{}", ran.err);
    let ran = lines(&["a, b = socketpair", "b.close", "a.sendall hola"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("EPIPE (32)"), "{}", ran.err);
}

// Bytes, as a peer gets them.

/// What arrives when a script says `sendall DATA`.
fn arrives(data: &str) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let peer = thread::spawn(move || {
        let (mut stream, _): (TcpStream, _) = listener.accept().unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let (_folder, path) = script(format!("socket inet stream\nconnect 127.0.0.1 $port\nsendall {data}\n"));
    let ran = run(&["run", "--var", &format!("port={port}"), file(&path)]);
    if ran.code == Some(2) {
        // Nothing connected: let the listener go.
        drop(TcpStream::connect(("127.0.0.1", port.parse().unwrap())));
    }
    assert_eq!(ran.code, Some(0), "{data}\n{}", ran.err);
    peer.join().unwrap()
}

#[test]
fn the_bytes_written_are_the_bytes_that_arrive() {
    let cases: &[(&str, &[u8])] = &[
        (r#""\\n""#, b"\\n"),
        (r"'\\n'", b"\\n"),
        (r"'a\nb'", b"a\nb"),
        (r#""\x00\xff""#, &[0, 255]),
        (r#""$4\r\n""#, b"$4\r\n"),
        (r#"'{"a": 1}'"#, br#"{"a": 1}"#),
        ("\"café\"", "café".as_bytes()),
        (r#""\u00e9\u{1f600}""#, "é😀".as_bytes()),
        (r#"r"\n$4""#, br"\n$4"),
        (r#"x"de ad BE ef""#, &[0xde, 0xad, 0xbe, 0xef]),
        (r#"b"\0\a\b\f\v\e\101""#, &[0, 7, 8, 12, 11, 27, b'A']),
        (r#""\"\'\$\${port}""#, b"\"'$${port}"),
        ("hola", b"hola"),
        ("\"hola\" 'mundo'", b"holamundo"),
        (r#""GET" " " '/'"#, b"GET /"),
        (r#""" "a" """#, b"a"),
        ("-- --file", b"--file"),
        ("--repeat 3 ab", b"ababab"),
        ("--base64 aG9sYQ==", b"hola"),
        (r#"--crlf "a\nb\r\n""#, b"a\r\nb\r\n"),
        ("<<END\nuno\n\tdós\nEND", "uno\n\tdós\n".as_bytes()),
        ("<<-'END'\n    a\\n\n      b\n    END", b"a\\n\n  b\n"),
        ("\"a\\\nb\"", b"ab"),
        ("\"a\nb\"", b"a\nb"),
        ("'it''s'", b"its"),
        ("# nada", b""),
    ];
    for (data, wanted) in cases.iter().filter(|c| !c.0.starts_with('#')) {
        assert_eq!(arrives(data), *wanted, "sendall {data}");
    }
}

/// Who reads standard error may have seen enough: `sockbook bad.sock 2>&1 | head -1`.
#[test]
fn a_reader_that_has_gone_changes_no_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("bad.sock");
    std::fs::write(&script, "socket inet steam\nrecieve\n").unwrap();
    for action in ["run", "check", "fmt"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_sockbook"))
            .arg(action)
            .arg(&script)
            .stdout(std::process::Stdio::null())
            .stderr(writer)
            .status()
            .unwrap();
        // `fmt` lays out a line whose command is not known.
        let want = if action == "fmt" { 0 } else { 2 };
        assert_eq!(status.code(), Some(want), "{action}");
    }
}

#[test]
fn a_loop_gives_back_the_memory_of_what_it_replaces() {
    // Each round makes two results of another size: all of them together are 400 MB.
    let (_folder, path) = script(
        "a, b = socketpair unix stream\nbig = pack \">200000s\" \"x\"\nrepeat 4000\n    a.sendall \"hola\"\n    \
         b.recv 2000000\n    slice $big 0 100000\nend\n",
    );
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 250000 && exec \"$0\" run \"$1\""]);
    command.args([env!("CARGO_BIN_EXE_sockbook"), file(&path)]).stdin(Stdio::null());
    let got = ran(command);
    assert_eq!((got.code, got.err.as_str()), (Some(0), ""));
}

#[test]
fn a_last_carriage_return_ends_its_line_as_every_other_does() {
    for text in [
        "print y\r",
        "let x = y\r\nprint $x\r",
        "print <<E\r\ny\r\nE\r",
        "print 'y' # c\r",
        "print y # c\n#\r",
    ] {
        let ran = piped(text, &[]);
        assert_eq!((ran.code, ran.out.trim_end_matches('\n'), &*ran.err), (Some(0), "y", ""), "{text:?}");
        let laid_out = piped(text, &["fmt", "-"]);
        assert_eq!(laid_out.code, Some(0), "{text:?}");
        assert!(!laid_out.out.contains('\r'), "{:?}", laid_out.out);
    }
}

/// The most memory that the process has had, in MiB.
fn peak_of(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() >> 10
}

/// The tree of one statement is in memory at a time, and a step of a line is small.
#[test]
fn a_script_of_a_hundred_thousand_lines_stays_small() {
    let peak = |lines: usize| {
        let mut text = "a, b = socketpair\n".to_string();
        for n in 0..lines / 2 {
            text.push_str(&format!("a.sendall \"{n:064}\"\nb.recv 64\n"));
        }
        text.push_str("print done\nsleep 1m\n");
        let (_folder, path) = script(text);
        let mut command = sockbook(&["run", path.to_str().unwrap()]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "done\n");
        let peak = peak_of(&child);
        child.kill().unwrap();
        child.wait().unwrap();
        peak
    };
    // Of the debug build only what the lines add is compared: its code is larger than the released one's.
    let (few, many) = (peak(2), peak(100_000));
    assert!(many - few < 13, "{few} MiB for two lines, {many} MiB for a hundred thousand");
}

/// A command with its standard output full, and then with its reader gone: code and standard error.
fn lost(arguments: &[&str]) -> [(Option<i32>, String); 2] {
    let (reader, gone) = std::io::pipe().unwrap();
    drop(reader);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    [Stdio::from(full), Stdio::from(gone)].map(|stdout| {
        let mut command = sockbook(arguments);
        command.stdout(stdout).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    })
}

const FULL: &str = "error: standard output: No space left on device\n";

#[test]
fn output_that_is_lost_is_said_and_never_a_panic() {
    for arguments in [
        &["help"][..],
        &["help", "recv"],
        &["help", "reports"],
        &["help", "--markdown"],
        &["help", "--coverage"],
        &["help", "--grammar"],
        &["--help"],
        &["test", "--help"],
        &["--version"],
        &["man"],
        &["completions", "bash"],
    ] {
        assert_eq!(lost(arguments), [(Some(1), FULL.into()), (Some(0), String::new())], "{arguments:?}");
    }
    // A script is about its output, and ends with it.
    for line in [
        "repeat 100000\nprint hola\nend",
        "hexdump --repeat 100000 abc",
        "set echo on\nrepeat 9999\nprint hola\nend",
    ] {
        let want = [(Some(1), FULL.into()), (Some(141), String::new())];
        assert_eq!(lost(&["-c", line]), want, "{line}");
    }
    // Work on files goes on, and its own code stands.
    let (folder, path) = script("print  1\n");
    std::fs::write(folder.path().join("y.sock"), "prnt  2\n").unwrap();
    let all = folder.path().to_str().unwrap();
    assert_eq!(lost(&["check", file(&path)]), [(Some(1), FULL.into()), (Some(0), String::new())]);
    let [full, gone] = lost(&["check", all]);
    assert_eq!((full.0, gone.0), (Some(2), Some(2)));
    assert!(full.1.ends_with(FULL) && !gone.1.contains("standard output"), "{full:?} {gone:?}");
    assert_eq!(lost(&["fmt", "--check", all]), [(Some(1), FULL.into()), (Some(1), String::new())]);
    assert_eq!(lost(&["fmt", all])[0], (Some(1), FULL.into()));
    for (name, want) in [("x.sock", "print 1\n"), ("y.sock", "prnt 2\n")] {
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), want);
    }
    // Standard error that is full changes nothing.
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = sockbook(&["-c", "print hola", "-c", "expect 1 == 2"]);
    assert_eq!(
        command.stderr(full).output().map(|o| (o.status.code(), o.stdout)).unwrap(),
        (Some(1), b"hola\n".to_vec())
    );
}

/// Nothing reads what a script prints, and Ctrl-C ends it all the same: its `finally` runs, and prints.
#[test]
fn a_reader_that_does_not_read_holds_no_end_up() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let (folder, path) = script(
            "a, b = socketpair\nlet data = ${chunk}\ntry\n  while true\n    print $data\n  end\nfinally\n  \
             repeat 100\n    print $data\n  end\n  a.sendall done\n  b.recv --to \"${done}\"\nend\n",
        );
        let done = folder.path().join("done");
        let chunk = format!("chunk={}", "x".repeat(10_000));
        let mut command =
            sockbook(&["run", "--var", &chunk, "--var", &format!("done={}", file(&done)), file(&path)]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It prints, and soon the pipe is full.
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{err}");
        assert_eq!(std::fs::read(&done).unwrap(), b"done");
        assert!(err.contains("x.sock:5:5") || err.contains("x.sock:4:3"), "{err}");
    }
}

#[test]
fn what_a_terminal_would_obey_is_escaped_wherever_a_mistake_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a\x1b[31m\u{9b}\u{202e}b.sock");
    std::fs::write(&path, "use fi\x1b[31mrst\nprint \"\u{9b}\u{202e} \\q\"\n\u{9b}x\x07\nrequire fi\x1b\n")
        .unwrap();
    let fine = folder.path().join("fine\x1b.sock");
    std::fs::write(&fine, "print  1\nexpect 1 == 2 then \"\u{9b}\"\n").unwrap();
    for action in ["run", "check", "test", "fmt"] {
        for path in [&path, &fine] {
            let ran = run(&[action, file(path)]);
            let all = format!("{}{}", ran.out, ran.err);
            let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!all.contains(raw), "{action}: {all:?}");
            assert!(all.contains("\\x1b"), "{action}: {all}");
        }
    }
    let listed = run(&["test", "--list", file(folder.path())]);
    assert!(listed.out.contains("a\\x1b[31m\\u{9b}\\u{202e}b.sock"), "{}", listed.out);
}

/// The first hundred are shown, and how many more there are.
#[test]
fn very_many_mistakes_are_told_at_once() {
    for text in [format!("print {}\n", "$x:$y ".repeat(20_000)), "prnt x\n".repeat(20_000)] {
        let (_folder, path) = script(text);
        for action in ["run", "check", "test"] {
            let ran = run(&[action, file(&path)]);
            let all = format!("{}{}", ran.out, ran.err);
            let shown = all.lines().filter(|l| l.starts_with("error: ")).count();
            assert_eq!(shown, 101, "{action}");
            assert!(all.contains("error: 19900 more from here on"), "{action}");
            assert!(action == "test" || all.contains("20000 mistakes"), "{action}");
        }
        let ran = run(&["check", "--format", "json", file(&path)]);
        assert_eq!(ran.out.lines().count(), 101);
    }
}

/// A thread of the script may still be about to end when the script does.
#[test]
fn a_temporary_folder_goes_with_the_script() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..30 {
        let mut command =
            sockbook(&["-c", "let d = ${tmpdir}", "-c", "a, b = socketpair", "-c", "a.recv 1 &"]);
        command.args(["-c", "b.sendall 1", "-c", "wait"]).env("TMPDIR", folder.path());
        let ran = ran(command);
        assert_eq!((ran.code, &*ran.err), (Some(0), ""));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "after round {round}");
    }
}

#[test]
fn a_file_error_has_its_number_wherever_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let mut command =
        sockbook(&["-c", "try", "-c", "print ${tmpdir}", "-c", "except FileNotFoundError as e"]);
    command.args(["-c", "print ${e.name}", "-c", "end", "-c", "print ${tmpdir}"]).env("TMPDIR", &missing);
    let ran = ran(command);
    assert_eq!((ran.code, &*ran.out), (Some(1), "ENOENT\n"));
    assert!(
        ran.err.starts_with(&format!(
            "error: mkdir: ENOENT (2) No such file or directory: {}",
            missing.display()
        )),
        "{}",
        ran.err
    );
}

#[test]
fn a_word_of_the_command_line_has_its_page() {
    for action in ["run", "test", "report", "check", "fmt", "completions", "man"] {
        let page = run(&["help", action]);
        assert_eq!((page.code, &*page.err), (Some(0), ""), "{action}");
        assert!(page.out.contains(&format!("Usage: sockbook {action}")), "{}", page.out);
        // A keyword of the name has its page behind it.
        let own = run(&[action, "--help"]).out;
        assert!(page.out.starts_with(own.trim_end()), "{}", page.out);
    }
    let wrong = run(&["help", "tesst"]);
    assert!(wrong.err.contains("did you mean `test`?"), "{}", wrong.err);
}

/// A script run where only so many descriptors may be open.
fn run_with_descriptors(most: u32, script: &str) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.sock");
    std::fs::write(&path, script).unwrap();
    let start = format!("ulimit -n {most}; exec \"$0\" run \"$1\" 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-");
    let output =
        Command::new("sh").args(["-c", &start, env!("CARGO_BIN_EXE_sockbook")]).arg(&path).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn limits_need_no_descriptor() {
    let script = "l = socket\nbind 127.0.0.1 0\nlisten\nc = socket\nc.connect ${l.local}\na, b = socketpair\n\
                  try\n    repeat 20\n        socket\n    end\nexcept EMFILE\n    print full\nend\n\
                  fails EMFILE l.accept --timeout 10s\n\
                  fails EMFILE l.accept\n\
                  fails TimeoutError a.recv --timeout 20ms\nprint ${_.message}\n\
                  a.settimeout 20ms\nfails TimeoutError a.recv\nprint ${_.message}\n\
                  fails EMFILE getaddrinfo localhost 80\nprint ${_.name}\n";
    let (code, out, err) = run_with_descriptors(16, script);
    assert_eq!(
        out,
        "full\nConnection timed out: no answer within 20ms, the command's `--timeout`\n\
         Connection timed out: no answer within 20ms, the socket's `settimeout`\nEMFILE\n",
        "{err}"
    );
    assert_eq!((code, err.as_str()), (Some(0), ""));
}

#[test]
fn a_thread_that_cannot_be_made_is_no_socket_that_does_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.sock");
    std::fs::write(&path, "repeat 200\n    spawn t\n        sleep 10s\n    end\nend\n").unwrap();
    // Each thread has a stack of 8 MiB.
    let start = "ulimit -v 400000; exec \"$0\" run \"$1\"";
    let output =
        Command::new("sh").args(["-c", start, env!("CARGO_BIN_EXE_sockbook")]).arg(&path).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.starts_with("error: pthread_create: EAGAIN (11)") && err.contains("no thread"), "{err}");
}

/// Runs `sockbook` in a folder of its own that holds `s.sock`, under these limits of sh(1)'s `ulimit`.
fn limited(limits: &str, arguments: &[&str], text: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.sock"), text).unwrap();
    let start = format!("{limits}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &start, env!("CARGO_BIN_EXE_sockbook")]).args(arguments);
    command.current_dir(folder.path()).env_remove("SOCKBOOK_LANG");
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_is_repeated_is_made_when_its_line_runs() {
    let text = "a, b = socketpair\nif 1 > 2\n    a.sendall --repeat 1000000000 x\nend\n";
    for arguments in [&["check", "s.sock"][..], &["run", "s.sock"]] {
        let (code, err) = limited("ulimit -v 500000", arguments, text);
        assert_eq!(code, Some(0), "{arguments:?} {err}");
    }
    // Where its line does run, it fails there, and alone.
    let text = "a, b = socketpair\na.sendall --repeat 1000000000 x\n";
    let (code, err) = limited("ulimit -v 500000", &["run", "s.sock"], text);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("MemoryError") && err.contains("s.sock:2:"), "{err}");
}

#[test]
fn a_file_that_may_not_grow_is_an_error_of_its_line() {
    let text = "a, b = socketpair\na.sendall --repeat 100000 x\na.shutdown write\nb.recvall --to out\n";
    let (code, err) = limited("ulimit -f 8", &["run", "s.sock"], text);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("EFBIG (27)") && err.contains("s.sock:4:"), "{err}");
}

#[test]
fn a_failure_tells_the_seed_and_the_seed_gives_the_same_bytes() {
    const SCRIPT: &str = "x = random 8\nspawn other\n    y = random 8\n    return $y\nend\ny = wait other\n\
                          print ${x.hex} ${y.hex}\nfail \"at last\"\n";
    let (_folder, path) = script(SCRIPT);
    let path = path.to_str().unwrap();
    let first = run(&["run", path]);
    assert_eq!(first.code, Some(1), "{}", first.err);
    let seed = first.err.split("--seed ").nth(1).and_then(|rest| rest.split('`').next()).unwrap().to_string();
    let again = run(&["run", "--seed", &seed, path]);
    assert_eq!(again.out, first.out);
    let threads: Vec<&str> = first.out.split_whitespace().collect();
    assert!(threads.len() == 2 && threads[0] != threads[1], "{threads:?}");
    // The sequence of a seed is the same in every version.
    let one = run(&["run", "--seed", "1", path]);
    assert!(one.out.starts_with("1e61397408ab415e "), "{}", one.out);
    let tested = run(&["test", "--seed", "1", path]);
    assert!(tested.out.contains("`--seed 1`"), "{}", tested.out);
    assert!(tested.out.contains(one.out.trim()), "{}", tested.out);
    // Where nothing was random, no seed is told.
    assert!(!lines(&["fail no"]).err.contains("seed"));
}

#[test]
fn lines_of_standard_input_are_taken_one_by_one() {
    const SCRIPT: &str = "print before\nname = input \"name? \"\nprint --no-newline \"hola, \"\nprint \"${name}!\"\n\
                          line = input\nexpect $line empty\nline = input\nprint <${line}>\ntry\n    input\n\
                          except EOFError\n    print over\nend\n";
    let (_folder, path) = script(SCRIPT);
    let mut command = sockbook(&[path.to_str().unwrap()]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"Ana\r\n\nlast").unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(out, "before\nname? hola, Ana!\n<last>\nover\n");
    // Lines of JSON stay such.
    let mut command = sockbook(&["run", "--format", "json", path.to_str().unwrap()]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"Ana\r\n\nlast").unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.lines().all(|line| line.starts_with('{')), "{out}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "name? ");
    // A file is one by any name.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("<stdin>"), "x = input\nprint $x\n").unwrap();
    let mut command = sockbook(&["run", "<stdin>"]);
    command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"Ana\n").unwrap();
    assert_eq!(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap(), "Ana\n");
    // Where the script is standard input, its next line is no answer.
    let own = piped("x = input\nprint $x\n", &[]);
    assert_eq!(own.code, Some(2));
    assert!(
        own.out.is_empty() && own.err.contains("<stdin>:1:5") && own.err.contains("sockbook FILE"),
        "{}",
        own.err
    );
    let own = piped("print before\nif $(input) == a\n    print a\nend\n", &[]);
    assert_eq!((own.code, own.out.as_str()), (Some(2), ""), "{}", own.err);
}

#[test]
fn what_is_left_of_another_connection_is_not_that_of_a_closed_socket() {
    // Of this one the kernel holds the client's TIME_WAIT, whose peer was this port.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (mut served, _) = listener.accept().unwrap();
    drop(client);
    assert_eq!(served.read(&mut [0; 1]).unwrap(), 0);
    drop((served, listener));
    for address in ["127.0.0.1", "0.0.0.0"] {
        let script = format!(
            "l = socket inet stream\nl.bind {address} 0\nl.listen\nc = socket inet stream\n\
             c.setsockopt SO_REUSEADDR on\nc.bind 127.0.0.1 {port}\nc.connect 127.0.0.1 ${{l.local.port}}\na = l.accept\n\
             c.close --reset\npoll a\na.close\nprint ${{a.state}}\nsockets --all\n"
        );
        let ran = piped(&script, &["run", "-"]);
        assert!(ran.code == Some(0) && ran.out.starts_with("CLOSED\n"), "{address}: {}{}", ran.out, ran.err);
        // Its own address is its listener's, where that is one address.
        let row = ran.out.lines().find(|line| line.trim_start().starts_with("a ")).unwrap();
        let own = row.matches("127.0.0.1:").count() == 2;
        assert!(own == (address == "127.0.0.1") && !row.contains("0.0.0.0"), "{row}");
    }
}
