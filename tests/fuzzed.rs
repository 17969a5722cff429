//! Whatever the bytes: no panic, no hang, and what must hold of each reader holds. With a fixed budget here; with more by
//! `SOCKBOOK_FUZZ=100000 cargo test --release --test fuzzed`, and for as long as one likes by `cargo fuzz` (`tests/fuzz`).

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sockbook::driver::probes;

/// So many inputs for each probe, unless the environment says otherwise.
const BUDGET: u32 = 500;

/// So long one input may take, on a busy machine and without optimization.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a text is spoilt.
#[derive(Clone, Debug)]
enum Change {
    Cut(Index, Index),
    Twice(Index, Index),
    Put(Index, Vec<u8>),
    Flip(Index, u8),
    Many(Index, Vec<u8>, usize),
}

/// What readers stumble over.
const SHARP: &[&str] = &[
    "\"",
    "'",
    "\\",
    "$",
    "${",
    "}",
    "$(",
    ")",
    "(",
    "[",
    "]",
    "{",
    "#>",
    "#",
    "# %%",
    "<<END\n",
    "\nEND\n",
    "\0",
    "\r",
    "\r\n",
    "\n",
    "\t",
    "=",
    "&",
    "?",
    ".",
    ",",
    ":",
    "-",
    "--",
    "...",
    "[..]",
    "[port]",
    "____",
    "end\n",
    "repeat 2\n",
    "if 1 == 1\n",
    "else\n",
    "try\n",
    "except\n",
    "def f\n",
    "spawn t\n",
    "let x = ",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "1e999",
    "0x",
    "\u{1b}[2J",
    "\u{9b}31m",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\u{10ffff}",
    "é",
    "\\u{110000}",
    "\\x",
    "\\777",
    "true",
    "null",
    "[[",
    "\"\"\"",
    "'''",
    "a.b.c = 1\n",
    "(?i)",
    "(a*)*",
    "{1,1000}",
    "\\p{L}",
    "#V2\n",
    "In [1]: ",
];

fn change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        4 => select(SHARP.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..8),
    ];
    let index = any::<Index>;
    prop_oneof![
        (index(), index()).prop_map(|(a, b)| Change::Cut(a, b)),
        (index(), index()).prop_map(|(a, b)| Change::Twice(a, b)),
        (index(), piece.clone()).prop_map(|(at, bytes)| Change::Put(at, bytes)),
        (index(), any::<u8>()).prop_map(|(at, byte)| Change::Flip(at, byte)),
        (index(), piece, 2..2000_usize).prop_map(|(at, bytes, times)| Change::Many(at, bytes, times)),
    ]
}

fn spoilt(text: &[u8], changes: &[Change]) -> Vec<u8> {
    /// Some changes multiply.
    const LONGEST: usize = 64 << 10;
    let mut bytes = text.to_vec();
    for change in changes {
        let place = |index: &Index| index.index(bytes.len() + 1);
        let stretch = |a: &Index, b: &Index| place(a).min(place(b))..place(a).max(place(b));
        match change {
            Change::Cut(a, b) => drop(bytes.drain(stretch(a, b))),
            Change::Twice(a, b) => bytes.extend_from_within(stretch(a, b)),
            Change::Put(at, new) => drop(bytes.splice(place(at)..place(at), new.iter().copied())),
            Change::Flip(at, byte) => {
                let at = place(at);
                if let Some(old) = bytes.get_mut(at) {
                    *old ^= byte;
                }
            }
            Change::Many(at, new, times) => drop(bytes.splice(place(at)..place(at), new.repeat(*times))),
        }
        bytes.truncate(LONGEST);
    }
    bytes
}

/// Texts to begin with: every script of the tests, and some of what no script is.
fn seeds() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> =
        common::scripts(Path::new("tests/cases")).iter().map(|path| std::fs::read(path).unwrap()).collect();
    all.extend(common::scripts(Path::new("scripts/course")).iter().map(|path| std::fs::read(path).unwrap()));
    let others = [
        "jobs = 4\ntimeout = \"5s\"\n[vars]\na = 1\nb = \"two\"\n",
        "[test]\nreport = [\"junit=out/junit.xml\"]\n",
        "#V2\nsocket inet stream\nprint \"a\\\\n\"\n",
        "{\"a\": [1, 2.5, null, {\"b\": \"c\\u00e9\\ud83d\\ude00\"}], \"1\": true}",
        "[[[1], 2], [-0, 1e9, \"\"]]",
        ".a.0.\"b c\"\n{\"a\": [{\"b c\": 5}]}",
        "^(GET|POST) (/[^ ]*) HTTP/1\\.[01]\r?$\nGET /index.html HTTP/1.1\r",
        "In [1]: print 1\n1\nIn [2]: repeat 2\n   ...:   print 2\n   ...: end\n2\n2\n",
        "import socket\nwith socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:\n    s.connect((\"localhost\", 80))\n    while data := s.recv(4):\n        print(f\"{data!r:>10}\", end=\"\")\n",
        "class Servidor:\n    def __init__(self, port=0):\n        self.port = port\n    def atender(self):\n        try:\n            return [1, {\"a\": b\"\\xff\"}][0:]\n        except (OSError, ValueError) as e:\n            raise\ns = Servidor()\ns.atender()\n",
        "{\"cells\": [{\"cell_type\": \"markdown\", \"source\": [\"# Uno\\n\"]}, {\"cell_type\": \"code\", \"source\": \"print(1)\", \"outputs\": [{\"output_type\": \"stream\", \"name\": \"stdout\", \"text\": [\"1\\n\"]}], \"metadata\": {}}], \"nbformat\": 4, \"nbformat_minor\": 5, \"metadata\": {}}",
        "",
    ];
    all.extend(others.iter().map(|text| text.as_bytes().to_vec()));
    all
}

#[test]
fn every_reader_holds_whatever_the_bytes() {
    let budget = std::env::var("SOCKBOOK_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(BUDGET);
    let config = ProptestConfig { cases: budget, failure_persistence: None, ..ProptestConfig::default() };
    let seeds = seeds();
    let input = prop_oneof![
        8 => (select(seeds), vec(change(), 0..6)).prop_map(|(seed, changes)| spoilt(&seed, &changes)),
        2 => vec(change(), 1..12).prop_map(|changes| spoilt(b"", &changes)),
        1 => vec(any::<u8>(), 0..400),
    ];
    for (name, holds) in probes::ALL {
        let mut runner = proptest::test_runner::TestRunner::new(config.clone());
        let ran = runner.run(&input, |bytes| {
            let begun = Instant::now();
            prop_assert!(holds(&bytes), "{} does not hold of {:?}", name, String::from_utf8_lossy(&bytes));
            prop_assert!(begun.elapsed() < PATIENCE, "{} took {:?}", name, begun.elapsed());
            Ok(())
        });
        if let Err(failed) = ran {
            panic!("{name}: {failed}");
        }
    }
}

#[test]
#[cfg_attr(without = "fuzz", ignore = "a package has no tests/fuzz")]
fn each_probe_is_a_target_of_cargo_fuzz() {
    let manifest = std::fs::read_to_string("tests/fuzz/Cargo.toml").unwrap();
    let targets = common::files(Path::new("tests/fuzz/targets"));
    let named =
        |name: &str| manifest.contains(&format!("[[bin]]\nname = \"{name}\"\npath = \"targets/{name}.rs\""));
    let targets: BTreeSet<String> =
        targets.iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    let probes: BTreeSet<String> = probes::ALL.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(targets, probes);
    assert!(probes.iter().all(|name| named(name)), "{manifest}");
    for name in &probes {
        let text = std::fs::read_to_string(format!("tests/fuzz/targets/{name}.rs")).unwrap();
        assert!(text.contains(&format!("probe(\"{name}\"")), "{text}");
    }
}
