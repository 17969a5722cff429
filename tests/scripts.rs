//! The scripts for people: each one runs, the pairs against each other and against Python.

mod common;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::Mutex;

use common::{is_required, scripts};

/// No run waits for longer than this in one call.
const PATIENCE: &str = "1m";

fn sockbook(script: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    command.args(["run", "--timeout", PATIENCE, script]).args(arguments).env_remove("SOCKBOOK_LANG");
    command
}

#[track_caller]
fn assert_well(what: &str, output: &Output) {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{what}\n{out}{err}");
}

/// Half of a pair: the `…-server.sock` and `…-client.sock` of the same number.
fn is_half(path: &Path) -> bool {
    let other = |from: &str, to: &str| {
        let text = path.to_string_lossy();
        text.strip_suffix(from).is_some_and(|stem| Path::new(&format!("{stem}{to}")).exists())
    };
    other("-server.sock", "-client.sock") || other("-client.sock", "-server.sock")
}

#[test]
fn every_script_of_one_file_runs() {
    let all: Vec<PathBuf> = scripts(Path::new("scripts"))
        .into_iter()
        .filter(|p| !is_half(p) && !p.starts_with("scripts/net"))
        .collect();
    assert!(all.len() > 10, "where are the scripts?");
    let left = Mutex::new(all);
    let work = || {
        loop {
            let Some(path) = left.lock().unwrap().pop() else { break };
            let name = path.display().to_string();
            assert_well(&name, &sockbook(&name, &[]).output().unwrap());
        }
    };
    std::thread::scope(|s| (0..4).for_each(|_| drop(s.spawn(work))));
}

/// The program that each script of a protocol needs.
const SERVERS: &[(&str, &str)] = &[
    ("http", "nginx"),
    ("proxy-v2", "nginx"),
    ("redis", "redis-server"),
    ("dns", "dnsmasq"),
    ("mqtt", "mosquitto"),
    ("websocket", "mosquitto"),
    ("postgres", "initdb"),
    ("smtp", "python3"),
    ("socks5", "python3"),
];

#[test]
fn each_protocol_is_spoken_with_a_server() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    command.args(["test", "--timeout", PATIENCE, "--limit", "5m", "scripts/protocols"]);
    let output = command.env_remove("SOCKBOOK_LANG").output().unwrap();
    assert_well("test scripts/protocols", &output);
    let report = String::from_utf8_lossy(&output.stdout);
    let all = scripts(Path::new("scripts/protocols"));
    assert_eq!(all.len(), SERVERS.len(), "{all:?}");
    for (name, tool) in SERVERS {
        let path = format!("scripts/protocols/{name}.sock");
        let line = report.lines().find(|line| line.contains(&path)).expect(&path);
        let skipped = line.starts_with("skipped");
        assert!(line.starts_with("ok") || skipped && !is_required(tool), "{line}\n{report}");
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 40, "{path} has {lines} lines, and 40 can be read at once");
    }
}

#[test]
fn every_script_is_valid_and_can_be_started_by_its_name() {
    use std::os::unix::fs::PermissionsExt;
    let output = Command::new(env!("CARGO_BIN_EXE_sockbook")).args(["check", "scripts"]).output().unwrap();
    assert_well("check scripts", &output);
    for path in scripts(Path::new("scripts")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let mode = path.metadata().unwrap().permissions().mode();
        let name = path.display();
        assert!(text.starts_with("#!/usr/bin/env sockbook\n# "), "{name}: the first lines");
        assert!(mode & 0o111 == 0o111, "{name}: mode {mode:o}, not 755");
        // Lessons say in their cells what is to be learnt, and the grading suite in its messages.
        let told = ["scripts/course", "scripts/curso", "scripts/grading"].iter().any(|f| path.starts_with(f));
        for word in ["# Learn:", "# Watch:"].iter().filter(|_| !told) {
            assert!(text.contains(word), "{name} has no `{word}`");
        }
    }
}

/// A process that listens, and the port that its first line ends in.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    port: String,
}

impl Server {
    fn start(mut command: Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let digits = |c: char| c.is_ascii_digit();
        let port = line.trim_end().rsplit(|c| !digits(c)).next().unwrap().to_string();
        if port.is_empty() {
            let output = child.wait_with_output().unwrap();
            panic!("no port in `{line}`\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Server { child, stdout, port }
    }

    /// Waits for its end, which must be a good one; everything it printed after the first line.
    fn finish(mut self) -> String {
        let mut printed = String::new();
        self.stdout.read_to_string(&mut printed).unwrap();
        let output = self.child.wait_with_output().unwrap();
        assert_well("the server", &output);
        printed
    }
}

fn python(text: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command.args(["-u", "-c", text]).args(arguments);
    command
}

/// The halves for two terminals, in each language: the server, the client, and what they say.
struct Halves {
    greeting: [&'static str; 2],
    greeted: &'static str,
    connected: &'static str,
    echo: [&'static str; 2],
    goodbye: &'static str,
    udp: [&'static str; 2],
    question: &'static str,
    answer: &'static str,
}

const HALVES: [Halves; 2] = [
    Halves {
        greeting: ["scripts/course/_06-greeting-server.sock", "scripts/course/_06-greeting-client.sock"],
        greeted: "Thanks for connecting\n",
        connected: "Connection from 127.0.0.1:",
        echo: ["scripts/course/_15-echo-server.sock", "scripts/course/_15-echo-client.sock"],
        goodbye: "Goodbye, 127.0.0.1:",
        udp: ["scripts/course/_17-udp-server.sock", "scripts/course/_17-udp-client.sock"],
        question: "Hello, are you there?",
        answer: "I got 21 bytes",
    },
    Halves {
        greeting: ["scripts/curso/_06-saludo-server.sock", "scripts/curso/_06-saludo-client.sock"],
        greeted: "Gracias por conectarte\n",
        connected: "Conexión desde 127.0.0.1:",
        echo: ["scripts/curso/_15-eco-server.sock", "scripts/curso/_15-eco-client.sock"],
        goodbye: "Adiós, 127.0.0.1:",
        udp: ["scripts/curso/_17-udp-server.sock", "scripts/curso/_17-udp-client.sock"],
        question: "Hola, ¿estás ahí?",
        answer: "Recibí 20 bytes",
    },
];
const SPANISH: &Halves = &HALVES[1];

#[test]
fn the_server_greets_five_clients() {
    for Halves { greeting: [server, client], greeted, connected, .. } in HALVES {
        let server = Server::start(sockbook(server, &["localhost", "0"]));
        for _ in 0..5 {
            let output = sockbook(client, &["localhost", &server.port]).output().unwrap();
            assert_well("the client", &output);
            assert_eq!(String::from_utf8_lossy(&output.stdout), greeted);
        }
        let printed = server.finish();
        assert_eq!(printed.matches(connected).count(), 5, "{printed}");
    }
}

#[test]
#[cfg_attr(without = "python3", ignore = "python3 is missing")]
fn the_server_greets_five_clients_in_python() {
    const CLIENT: &str = r#"
import socket, sys
for _ in range(5):
    sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60)
    data = b""
    while piece := sock.recv(4096):
        data += piece
    assert data.decode() == "Gracias por conectarte\n", data
    sock.close()
"#;
    let server = Server::start(sockbook(SPANISH.greeting[0], &["localhost", "0"]));
    assert_well("the client in Python", &python(CLIENT, &[&server.port]).output().unwrap());
    server.finish();
}

#[test]
#[cfg_attr(without = "python3", ignore = "python3 is missing")]
fn five_clients_are_greeted_by_a_server_in_python() {
    const SERVER: &str = r#"
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("localhost", 0))
server.listen(3)
server.settimeout(60)
print(server.getsockname()[1])
for _ in range(5):
    client, address = server.accept()
    client.sendall("Gracias por conectarte\n".encode())
    client.close()
"#;
    let server = Server::start(python(SERVER, &[]));
    for _ in 0..5 {
        let output = sockbook(SPANISH.greeting[1], &["localhost", &server.port]).output().unwrap();
        assert_well("the client", &output);
    }
    server.finish();
}

#[test]
fn the_echo_server_has_its_clients() {
    for Halves { echo: [server, client], goodbye, .. } in HALVES {
        let server = Server::start(sockbook(server, &["localhost", "0", "2"]));
        for _ in 0..2 {
            assert_well("the client", &sockbook(client, &["localhost", &server.port]).output().unwrap());
        }
        assert_eq!(server.finish().matches(goodbye).count(), 2);
    }
}

#[test]
#[cfg_attr(without = "python3", ignore = "python3 is missing")]
fn json_comes_back_from_the_echo_server_to_python() {
    const CLIENT: &str = r#"
import json, socket, sys
sock = socket.create_connection(("localhost", int(sys.argv[1])), timeout=60)
message = {"nombre": "José", "notas": list(range(5000))}
data = json.dumps(message).encode("utf-8")
sock.sendall(data)
echo = b""
while len(echo) < len(data):
    echo += sock.recv(4096)
assert json.loads(echo.decode("utf-8")) == message
"#;
    let server = Server::start(sockbook(SPANISH.echo[0], &["localhost", "0"]));
    assert_well("the client in Python", &python(CLIENT, &[&server.port]).output().unwrap());
    server.finish();
}

#[test]
fn datagrams_are_answered() {
    for Halves { udp: [server, client], question, answer, .. } in HALVES {
        let server = Server::start(sockbook(server, &["localhost", "0"]));
        let output = sockbook(client, &["localhost", &server.port]).output().unwrap();
        assert_well("the client", &output);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains(answer), "{said}");
        assert!(server.finish().contains(question));
    }
}
