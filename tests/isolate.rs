//! Networks of their own (`--isolate`), through the binary, as an ordinary user: a port that another program has is free in
//! each, a fixture's server is reached from the scripts below it, programs are in them too, and the packets are the real ones.

mod common;

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::RwLock;

/// A user who owns nothing else, and is not the one that a user namespace without a map shows.
const ORDINARY: u32 = 54321;

/// Held while a program is copied, and shared by those that are started.
static FORKS: RwLock<()> = RwLock::new(());

/// Runs a program to its end.
fn output(command: &mut Command) -> Ran {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = FORKS.read().unwrap();
    let child = command.spawn().unwrap();
    drop(started);
    Ran::of(&child.wait_with_output().unwrap())
}

/// A folder with a copy of the program, which an ordinary user may read.
struct World(tempfile::TempDir);

impl World {
    fn new(files: &[(&str, &str)]) -> World {
        let world = World(tempfile::tempdir().unwrap());
        // A child that another test forks meanwhile would have the copy open, and it could not be started.
        let _alone = FORKS.write().unwrap();
        std::fs::copy(env!("CARGO_BIN_EXE_sockbook"), world.0.path().join("sockbook")).unwrap();
        files.iter().for_each(|(name, text)| world.write(name, text));
        world
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    /// Runs the program with these arguments, as an ordinary user where this is root.
    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new("./sockbook");
        command.args(arguments);
        self.start(command)
    }

    fn start(&self, mut command: Command) -> Ran {
        let folder = self.0.path();
        command.current_dir(folder).env("HOME", folder).env("TMPDIR", folder);
        for name in ["SOCKBOOK_LANG", "GITHUB_ACTIONS", "XDG_CACHE_HOME"] {
            command.env_remove(name);
        }
        if nix::unistd::geteuid().is_root() {
            own(folder);
            command.uid(ORDINARY).gid(ORDINARY);
        }
        output(&mut command)
    }
}

/// Gives a folder and all below it to the ordinary user.
fn own(path: &Path) {
    std::os::unix::fs::lchown(path, Some(ORDINARY), Some(ORDINARY)).unwrap();
    if path.is_dir() {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::read_dir(path).unwrap().for_each(|entry| own(&entry.unwrap().path()));
    }
}

#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: &Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    fn is(&self, code: i32, part: &str) {
        assert!(self.code == Some(code) && (self.out.contains(part) || self.err.contains(part)), "{self:?}");
    }
}

const BOTH_ENDS: &str = "server = socket inet stream\nserver.bind 127.0.0.1 $port\nserver.listen\n\
    client = socket inet stream\nclient.connect 127.0.0.1 $port\nconn = server.accept\nconn.sendall \"hola\\n\"\n\
    expect $(client.recvline) == \"hola\\n\"\n";

#[test]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn sixteen_scripts_have_the_same_port_side_by_side() {
    // A port that this program has: outside no other can have it.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("port={}", taken.local_addr().unwrap().port());
    let world = World::new(&[]);
    for n in 0..16 {
        world.write(&format!("t/s{n}.sock"), BOTH_ENDS);
    }
    let arguments = ["test", "-j", "8", "--var", &port, "t"];
    world.run(&arguments).is(1, "0 passed, 16 failed");
    let isolated = [&arguments[..], &["--isolate"]].concat();
    world.run(&isolated).is(0, "16 passed, 0 failed");
    // What is tried or repeated has a new one each time; a network is also what `--sandbox` is in.
    let ran = world.run(&[&isolated[..], &["--repeat", "3", "--shard", "1/2"]].concat());
    ran.is(0, " passed, 0 failed");
    assert!(!ran.out.contains(": 0 passed"), "{ran:?}");
    world.run(&[&isolated[..], &["--sandbox=both"]].concat()).is(0, "16 passed, 0 failed");
    world.write("sockbook.toml", "isolate = true\n");
    world.run(&arguments).is(0, "16 passed, 0 failed");
}

/// A server in Python that says who it is to each client.
const SERVER: &str = "writefile \"${tmpdir}/server.py\" <<'END'\nimport socket, sys\ns = socket.socket()\n\
    s.bind((\"127.0.0.1\", int(sys.argv[1])))\ns.listen()\nwhile True:\n    c, _ = s.accept()\n    c.sendall(sys.argv[2].encode())\n\
    \x20   c.close()\nEND\nprocess server python3 \"${tmpdir}/server.py\" $port $name\nwaitport 127.0.0.1 $port\n";

#[test]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
#[cfg_attr(without = "python3", ignore = "python3 is missing")]
fn scripts_below_a_fixture_share_its_network() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("port={}", taken.local_addr().unwrap().port());
    let client = |name: &str| {
        format!("c = socket inet stream\nc.connect 127.0.0.1 $port\nexpect $(c.recvall) == \"{name}\"\n")
    };
    let world = World::new(&[]);
    for name in ["one", "two"] {
        world.write(&format!("t/{name}/fixture.sock"), &format!("let name = \"{name}\"\n{SERVER}"));
        for n in 0..4 {
            world.write(&format!("t/{name}/s{n}.sock"), &client(name));
        }
    }
    // One below another is in the same network.
    world.write("t/one/deep/fixture.sock", "waitport 127.0.0.1 $port\nown = freeport\nexport own\n");
    let deep = format!("expect $own > 0\n{}", client("one"));
    world.write("t/one/deep/s.sock", &deep);
    world.run(&["test", "--isolate", "-j", "8", "--var", &port, "t"]).is(0, "9 passed, 0 failed");
    world.run(&["run", "--isolate", "--var", &port, "t/one/deep/s.sock"]).is(0, "");
}

#[test]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn the_user_id_stays_and_only_loopback_is_there() {
    let world = World::new(&[(
        "x.sock",
        "require isolated\nrequire not root\nprocess p sh -c \"id -u; id -g; grep CapEff /proc/self/status; cat /proc/net/dev\"\nwait p\n\
         print --no-newline ${p.stdout}\nfor name in $(if_nameindex)\n    print $name\nend\n\
         s = socket inet stream\nfails EACCES s.bind 127.0.0.1 80\nfails ENETUNREACH s.connect 192.0.2.1 80\n\
         spawn t\n    l = socket inet stream\n    l.bind 127.0.0.1 0\n    l.listen\n    waitport 127.0.0.1 ${l.local.port}\nend\nwait t\n",
    )]);
    for arguments in
        [&["run", "--isolate", "x.sock"][..], &["test", "--isolate", "x.sock", "--report", "json=-"]]
    {
        let ran = world.run(arguments);
        let user = if nix::unistd::geteuid().is_root() { ORDINARY } else { nix::unistd::geteuid().as_raw() };
        ran.is(0, &user.to_string());
        ran.is(
            0,
            "CapEff:\\t0000000000000000"
                .replace("\\t", if arguments[0] == "run" { "\t" } else { "\\t" })
                .as_str(),
        );
        assert!(ran.out.contains("lo:") && !ran.out.contains("eth0"), "{ran:?}");
    }
    world.run(&["test", "x.sock"]).is(0, "needs a network of its own");
    world.run(&["-c", "require not isolated", "--isolate"]).is(0, "not for a network of its own");
}

#[test]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn where_the_system_refuses_nothing_is_run() {
    let world = World::new(&[("x.sock", "print ran\n")]);
    let limited = |arguments: &str| {
        let mut command = Command::new("unshare");
        // The limits of this user namespace alone.
        let text = format!(
            "echo 0 >/proc/sys/user/max_user_namespaces && echo 0 >/proc/sys/user/max_net_namespaces && exec ./sockbook {arguments}"
        );
        command.args(["--user", "--map-root-user", "sh", "-c", &text]);
        world.start(command)
    };
    for arguments in ["test --isolate x.sock", "run --isolate x.sock", "-c 'print ran' --isolate"] {
        let ran = limited(arguments);
        ran.is(2, "`--isolate` cannot be had here, and nothing was run: unshare(2): no space left on device");
        ran.is(2, "sudo sysctl -w user.max_");
        assert!(!ran.out.contains("ran"), "{ran:?}");
    }
    limited("test --lang es --isolate x.sock").is(2, "no se ejecutó nada");
}

#[test]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn a_script_that_gets_no_network_is_not_the_failure_that_is_known() {
    let known = "test fails \"not yet\"\nexpect 1 == 2\n";
    let world = World::new(&[("a.sock", known), ("b.sock", known), ("c.sock", known)]);
    world.run(&["test", "--isolate", "."]).is(0, "3 known to fail");
    let mut command = Command::new("unshare");
    // The program finds out with one, and keeps it; the scripts' own are too many then.
    let text = "echo 1 >/proc/sys/user/max_net_namespaces && exec ./sockbook test --isolate -j 3 .";
    command.args(["--user", "--map-root-user", "sh", "-c", text]);
    let ran = world.start(command);
    ran.is(1, "it got no network of its own: unshare(2): no space left on device");
    ran.is(1, "sudo sysctl -w user.max_net_namespaces");
}

#[test]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn the_network_of_a_fixture_ends_with_it() {
    let world = World::new(&[]);
    for folder in 0..30 {
        world.write(&format!("t/{folder}/fixture.sock"), "print up\n");
        world.write(&format!("t/{folder}/x.sock"), "print ran\n");
    }
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 40; exec ./sockbook test -j 2 --isolate t"]);
    world.start(command).is(0, "30 scripts: 30 passed");
}

/// Puts itself under a seccomp filter in which unshare(2) is refused, as Docker's is, and becomes sockbook.
const FILTERED: &str = "import ctypes, os, platform, struct, sys
call = {'x86_64': 272, 'aarch64': 97}[platform.machine()]
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, call), (6, 0, 0, 0x50001), (6, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack('HxxxxxxP', len(steps), ctypes.addressof(code)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program) == 0
os.execv('./sockbook', ['./sockbook'] + sys.argv[1:])
";

#[test]
#[cfg_attr(without = "python3", ignore = "python3 is missing")]
fn a_container_that_refuses_has_its_own_way_out() {
    let world = World::new(&[("x.sock", "print ran\n"), ("filtered.py", FILTERED)]);
    // As this user: Python may be readable by this user alone.
    let mut command = Command::new("python3");
    command.args(["filtered.py", "test", "--isolate", "x.sock"]).current_dir(world.0.path());
    output(&mut command).is(2, "docker run --cap-add SYS_ADMIN");
}

/// Scripts whose captures are compared.
const SESSIONS: [(&str, &str); 6] = [
    (
        "exercise",
        "server = socket inet stream\nserver.bind 127.0.0.1 0\nserver.listen 3\nclient = socket inet stream\n\
         client.connect 127.0.0.1 ${server.local.port}\nconn = server.accept\nconn.sendall \"Gracias por conectarte\\n\"\n\
         conn.close\nclient.recv 4096\nclient.recv 4096\nclient.close\nserver.close\n",
    ),
    (
        "halves",
        "l = socket inet6 stream\nl.bind ::1 0\nl.listen\nc = socket inet6 stream\nc.connect ::1 ${l.local.port}\ns = l.accept\n\
         c.sendall \"pregunta\"\nc.shutdown write\nexpect $(s.recvall) == \"pregunta\"\ns.sendall \"respuesta\"\ns.close\n\
         expect $(c.recvall) == \"respuesta\"\nc.close\n",
    ),
    (
        "reset",
        "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nc = socket inet stream\nc.connect 127.0.0.1 ${l.local.port}\ns = l.accept\n\
         s.sendall \"a\"\nc.recv 1\ns.close --reset\nfails ECONNRESET c.recv 1\n",
    ),
    (
        "refused",
        "l = socket inet stream\nl.bind 127.0.0.1 0\nc = socket inet stream\nfails ECONNREFUSED c.connect 127.0.0.1 ${l.local.port}\nm = socket inet6 stream\nm.bind ::1 0\nd = socket inet6 stream\nfails ECONNREFUSED d.connect ::1 ${m.local.port}\n",
    ),
    (
        "datagrams",
        "u = socket inet dgram\nu.bind 127.0.0.1 0\nv = socket inet dgram\nv.sendto \"uno\" 127.0.0.1 ${u.local.port}\n\
         data, from = u.recvfrom\nu.sendto \"dos\" ${from.host} ${from.port}\nv.recvfrom\nlet port = ${u.local.port}\nu.close\n\
         v.connect 127.0.0.1 $port\nv.send \"perdido\"\nfails ECONNREFUSED v.recv\n",
    ),
    (
        "large",
        "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nc = socket inet stream\nc.connect 127.0.0.1 ${l.local.port}\ns = l.accept\n\
         spawn t\n    c.sendall $(bytes 300000 \"abc\")\n    c.close\nend\nexpect $(s.recvall).len == 300000\nwait t\n",
    ),
];

/// A packet as it is compared: which of its two ends sent it, its flags or its kind, and its bytes.
type Seen = (bool, String, Vec<u8>);

/// The packets of a capture, without mere acknowledgements. What one call sends may be in several segments: what goes one
/// way without anything between is one.
fn packets(capture: &[u8]) -> Vec<(Seen, String)> {
    let mut found: Vec<(Seen, String)> = Vec::new();
    // The next byte of each way: the kernel may send some again, where the receiver had no room.
    let mut next = std::collections::HashMap::new();
    for (bytes, comment) in common::packets(capture) {
        let v6 = bytes[0] >> 4 == 6;
        let (head, protocol) = if v6 { (40, bytes[6]) } else { (usize::from(bytes[0] & 15) * 4, bytes[9]) };
        let ends = if v6 { &bytes[8..40] } else { &bytes[12..20] };
        let port = |at: usize| u16::from_be_bytes([bytes[head + at], bytes[head + at + 1]]);
        assert_eq!(ends[..ends.len() / 2], ends[ends.len() / 2..], "from an address to itself");
        match protocol {
            6 => {
                let mut data = bytes[head + usize::from(bytes[head + 12] >> 4) * 4..].to_vec();
                let seq = u32::from_be_bytes(bytes[head + 4..head + 8].try_into().unwrap());
                let due =
                    next.entry((port(0), port(2))).or_insert(seq + u32::from(bytes[head + 13] & 2 != 0));
                if !data.is_empty() {
                    let again = due.wrapping_sub(seq) as usize;
                    data.drain(..again.min(data.len()));
                    *due = due.wrapping_add(data.len() as u32);
                }
                let flags = bytes[head + 13];
                let first = found.first().is_none_or(|((_, what, _), _)| what == "SYN");
                let server = SERVER_PORT.with(|kept| {
                    if first && flags == 2 {
                        kept.set(port(2));
                    }
                    kept.get()
                });
                let down = port(0) == server;
                if !data.is_empty() {
                    match found.last_mut() {
                        Some(((way, what, all), _)) if *way == down && what == "data" => all.extend(data),
                        _ => found.push(((down, "data".into(), data), comment.clone())),
                    }
                }
                // FIN, SYN, RST and ACK; that the buffer was empty then (PSH) is the sender's own affair.
                match flags & !8 {
                    16 => {}
                    2 => found.push(((down, "SYN".into(), Vec::new()), comment)),
                    // The line of what it came with stands first.
                    other => {
                        let comment = comment.rsplit("; ").next().unwrap_or_default().to_string();
                        found.push(((down, format!("{other:#x}"), Vec::new()), comment));
                    }
                }
            }
            17 => found.push(((false, "UDP".into(), bytes[head + 8..].to_vec()), comment)),
            1 | 58 => found.push(((false, "ICMP".into(), bytes[head..head + 2].to_vec()), comment)),
            other => panic!("protocol {other}"),
        }
    }
    found
}

thread_local! {
    /// The port of the listener of the session that is read.
    static SERVER_PORT: std::cell::Cell<u16> = const { std::cell::Cell::new(0) };
}

#[test]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn drawn_and_captured_packets_agree() {
    let world = World::new(&[]);
    for (name, script) in SESSIONS {
        world.write("x.sock", script);
        world.run(&["run", "--pcap", "drawn.pcapng", "x.sock"]).is(0, "");
        world.run(&["run", "--isolate", "--pcap", "real.pcapng", "x.sock"]).is(0, "");
        let (drawn, real) = (world.read("drawn.pcapng"), world.read("real.pcapng"));
        let says = |capture: &[u8], part: &str| String::from_utf8_lossy(capture).contains(part);
        assert!(
            says(&drawn, "not captured") && says(&real, "captured: the packets on the loopback"),
            "{name}"
        );
        let (drawn, real) = (packets(&drawn), packets(&real));
        let seen = |all: &[(Seen, String)]| all.iter().map(|(seen, _)| seen.clone()).collect::<Vec<_>>();
        let shown = |all: &[(Seen, String)]| {
            let line = |((down, what, bytes), comment): &(Seen, String)| {
                format!("{down} {what} {} {comment}", bytes.len())
            };
            all.iter().map(line).collect::<Vec<_>>()
        };
        assert!(seen(&drawn) == seen(&real), "{name}: {:#?}\n{:#?}", shown(&drawn), shown(&real));
        // Each has the line that it is of, as the drawn one has.
        let lines = |all: &[(Seen, String)]| {
            all.iter().map(|(_, comment)| comment.replace(" (inferred)", "")).collect::<Vec<_>>()
        };
        assert_eq!(lines(&drawn), lines(&real), "{name}");
    }
}

#[test]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
#[cfg_attr(without = "tshark", ignore = "tshark is missing")]
fn tshark_reads_what_was_captured() {
    let world = World::new(&[]);
    for (name, script) in SESSIONS {
        world.write("x.sock", &format!("{script}fail no\n"));
        world.run(&["test", "--isolate", "--pcap", "captures", "x.sock"]).is(1, "captures/x.pcapng");
        assert!(!packets(&world.read("captures/x.pcapng")).is_empty(), "{name}");
        let mut tshark = Command::new("tshark");
        let filter = "_ws.malformed || tcp.analysis.ack_lost_segment";
        tshark.args(["-r", "captures/x.pcapng", "-Y", filter]).current_dir(world.0.path());
        let read = output(&mut tshark);
        assert_eq!((read.code, &*read.out), (Some(0), ""), "{name}");
    }
}

#[test]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn a_secret_is_in_no_packet() {
    let script = "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nc = socket inet stream\nc.connect 127.0.0.1 ${l.local.port}\n\
        s = l.accept\nc.sendall \"<\" ${key} \">\"\nexpect $(s.recv 100) == \"<${key}>\"\n";
    let world = World::new(&[("x.sock", script)]);
    world.run(&["run", "--secret", "key=hunter-22", "--isolate", "--pcap", "x.pcapng", "x.sock"]).is(0, "");
    let capture = String::from_utf8_lossy(&world.read("x.pcapng")).into_owned();
    assert!(!capture.contains("hunter") && capture.contains("<*********>"), "{capture}");
}
