//! Pictures of a session through the binary: the diagram in its widths, and the capture, read back here block by block
//! and, where it is installed, by tshark.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::packets;

const EXERCISE: &str = "server = socket inet stream\nserver.bind 127.0.0.1 0\nserver.listen 3\nclient = socket inet stream\n\
    client.connect 127.0.0.1 ${server.local.port}\nconn = server.accept\nconn.sendall \"Gracias por conectarte\\n\"\n\
    conn.close\nclient.recv 4096\nclient.recv 4096\nclient.close\nserver.close\n";

fn sockbook(folder: &Path, script: &str, arguments: &[&str]) -> Output {
    std::fs::write(folder.join("x.sock"), script).unwrap();
    Command::new(env!("CARGO_BIN_EXE_sockbook"))
        .args(arguments)
        .arg("x.sock")
        .current_dir(folder)
        .env_remove("SOCKBOOK_LANG")
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_script_is_drawn_when_it_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let output = sockbook(folder.path(), EXERCISE, &["run", "--diagram"]);
    assert!(output.status.success() && output.stdout.is_empty());
    let drawn = text(&output.stderr);
    let order =
        ["LISTEN", "SYN ", "SYN ACK", "ESTABLISHED", "23 bytes", "FIN", "TIME_WAIT", "12 server.close"];
    let places: Vec<usize> = order.iter().map(|word| drawn.find(word).expect(word)).collect();
    assert!(places.is_sorted(), "{drawn}");
    assert!(drawn.lines().all(|line| line.chars().count() <= 80), "{drawn}");
    let spanish = sockbook(folder.path(), EXERCISE, &["run", "--diagram", "--lang", "es"]);
    assert!(text(&spanish.stderr).contains("deducido"), "{}", text(&spanish.stderr));
}

#[test]
fn a_script_that_draws_nothing_looks_at_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = sockbook(folder.path(), EXERCISE, &["run", "--trace"]);
    let looks = text(&output.stderr).lines().filter(|line| line.contains("TCP_INFO")).count();
    assert_eq!(looks, 0);
}

#[test]
fn a_capture_has_the_bytes_and_the_lines() {
    let folder = tempfile::tempdir().unwrap();
    let output = sockbook(folder.path(), EXERCISE, &["run", "--pcap", "x.pcapng"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let capture = std::fs::read(folder.path().join("x.pcapng")).unwrap();
    assert!(text(&capture).contains("not captured"));
    let packets = packets(&capture);
    let flags: Vec<u8> = packets.iter().map(|(packet, _)| packet[33]).collect();
    // SYN, SYN ACK, ACK, data and ACK, FIN and ACK from each side.
    assert_eq!(flags, [2, 18, 16, 24, 16, 17, 16, 17, 16]);
    let (data, comment) = &packets[3];
    assert_eq!(&data[40..], b"Gracias por conectarte\n");
    assert_eq!(comment, "7 conn.sendall \"Gracias por conectarte\\n\"");
    // Each header of IP sums up to nothing.
    for (packet, _) in &packets {
        let sum: u32 =
            packet[..20].chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
        assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff);
    }
}

#[test]
fn no_packet_is_longer_than_wireshark_reads() {
    let folder = tempfile::tempdir().unwrap();
    let script = "a, b = socketpair\nspawn t\n    a.sendall $(bytes 700000 \"abc\")\n    a.close\nend\n\
        expect $(b.recvall).len == 700000\nwait t\nu, v = socketpair unix dgram\nu.send \"\"\n";
    let output = sockbook(folder.path(), script, &["run", "--pcap", "x.pcapng"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let packets = packets(&std::fs::read(folder.path().join("x.pcapng")).unwrap());
    assert!(packets.iter().all(|(bytes, _)| bytes.len() <= 262_144), "{}", packets.len());
    assert!(packets.iter().map(|(bytes, _)| bytes.len()).sum::<usize>() > 700_000);
}

#[test]
fn a_capture_that_cannot_be_written_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = sockbook(folder.path(), "print hola\n", &["run", "--pcap", "no/such.pcapng"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(text(&output.stderr).contains("no/such.pcapng"), "{}", text(&output.stderr));
}

#[test]
fn only_scripts_that_failed_leave_a_capture() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.sock"), EXERCISE).unwrap();
    let output = sockbook(
        folder.path(),
        &format!("{EXERCISE}fail no\n"),
        &["test", "--pcap", "captures", "good.sock"],
    );
    assert_eq!(output.status.code(), Some(1));
    let names: Vec<String> = std::fs::read_dir(folder.path().join("captures"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["x.pcapng"]);
    assert!(text(&output.stdout).contains("captures/x.pcapng"), "{}", text(&output.stdout));
    assert_eq!(packets(&std::fs::read(folder.path().join("captures/x.pcapng")).unwrap()).len(), 9);
    // Each has its own, whatever its name.
    std::fs::create_dir(folder.path().join("a")).unwrap();
    for name in ["a/x.sock", "a-x.sock"] {
        std::fs::write(folder.path().join(name), format!("{EXERCISE}fail no\n")).unwrap();
    }
    sockbook(folder.path(), "print 1\n", &["test", "--pcap", "captures", "a/x.sock", "a-x.sock"]);
    for name in ["captures/a/x.pcapng", "captures/a-x.pcapng"] {
        assert_eq!(packets(&std::fs::read(folder.path().join(name)).unwrap()).len(), 9);
    }
}

#[test]
fn a_picture_for_a_browser_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let output = sockbook(folder.path(), &format!("{EXERCISE}diagram --svg x.svg\n"), &["run"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let svg = std::fs::read_to_string(folder.path().join("x.svg")).unwrap();
    for part in
        ["<title id=\"t\">", "<desc id=\"d\">", "prefers-color-scheme:dark", "role=\"img\"", "23 bytes"]
    {
        assert!(svg.contains(part), "{part}");
    }
    // Nothing is loaded: the only address is the name of the format.
    assert_eq!(svg.matches("http").count(), 1);
    assert!(!svg.contains("diagram --svg"), "drawing is no part of the picture");
}

#[test]
#[cfg_attr(without = "tshark", ignore = "tshark is missing")]
fn tshark_follows_the_stream() {
    let folder = tempfile::tempdir().unwrap();
    assert!(sockbook(folder.path(), EXERCISE, &["run", "--pcap", "x.pcapng"]).status.success());
    let tshark = |arguments: &[&str]| {
        let output = Command::new("tshark")
            .args(["-r", "x.pcapng"])
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert!(tshark(&["-q", "-z", "follow,tcp,ascii,0"]).contains("\nGracias por conectarte\n"));
    assert_eq!(tshark(&["-Y", "_ws.malformed"]), "");
}

#[test]
#[cfg_attr(without = "python3", ignore = "python3 is missing")]
fn what_a_program_sends_that_got_the_listener_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let script = "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\n\
        process p --listen l python3 -c \"import socket; c, a = socket.socket(fileno=3).accept(); c.sendall(b'from 3')\"\n\
        c = socket inet stream\nc.connect 127.0.0.1 ${l.local.port}\nl.close\nexpect $(c.recvall) == \"from 3\"\nwait p\nc.close\n";
    let output = sockbook(folder.path(), script, &["run", "--pcap", "x.pcapng"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let packets = packets(&std::fs::read(folder.path().join("x.pcapng")).unwrap());
    let flags: Vec<u8> = packets.iter().map(|(packet, _)| packet[33]).filter(|flags| *flags != 16).collect();
    // SYN, SYN ACK, data, FIN from each side, and no reset.
    assert_eq!(flags, [2, 18, 24, 17, 17], "{packets:?}");
}

#[test]
fn a_connect_that_does_not_wait_is_refused_and_never_ends() {
    let folder = tempfile::tempdir().unwrap();
    let script = "l = socket inet stream\nl.bind 127.0.0.1 0\nc = socket inet stream\nc.setblocking false\n\
        fails EINPROGRESS ECONNREFUSED c.connect 127.0.0.1 ${l.local.port}\nc.close\n\
        d = socket inet stream\nfails ECONNREFUSED d.connect 127.0.0.1 ${l.local.port}\nl.listen\n\
        d.connect 127.0.0.1 ${l.local.port}\ne = l.accept\nd.close\ne.close\n";
    let output = sockbook(folder.path(), script, &["run", "--pcap", "x.pcapng"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let packets = packets(&std::fs::read(folder.path().join("x.pcapng")).unwrap());
    let flags: Vec<u8> = packets.iter().map(|(packet, _)| packet[33]).filter(|flags| *flags != 16).collect();
    // A later connection of the same socket has its end.
    assert_eq!(flags, [2, 20, 2, 20, 2, 18, 17, 17]);
}
