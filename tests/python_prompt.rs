//! Python at the prompt: cells that are pasted, blocks that are typed, mistakes that point at their line.
#![cfg(feature = "python")]

#[allow(dead_code)]
mod pty;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use pty::Term;
use tempfile::TempDir;

const SOCKBOOK: &str = env!("CARGO_BIN_EXE_sockbook");

fn home() -> TempDir {
    tempfile::Builder::new().prefix("sbp").tempdir_in("/tmp").unwrap()
}

fn open(home: &TempDir) -> Term {
    let mut term = Term::sized(home.path(), home.path(), (60, 100), &[SOCKBOOK], &[]);
    term.expect("]: ");
    term
}

/// The cells of a file, each with its number in the order of both files.
fn cells(path: &str) -> Vec<(u32, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    let cells = text.split("# %% ").skip(1).map(|cell| {
        let (number, body) = cell.split_once('\n').unwrap();
        (number.trim().parse().unwrap(), body.trim_end().to_string())
    });
    cells.collect()
}

/// What the cells print when they run as two programs: the server's lines, then the client's.
fn printed_by_python() -> Vec<String> {
    let mut server = Command::new("python3")
        .arg("tests/python_notebook/server.py")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    let port = first.trim().strip_prefix("port ").unwrap();
    let text = std::fs::read_to_string("tests/python_notebook/client.py").unwrap();
    let mut client =
        Command::new("python3").arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let program = format!("HOST = '127.0.0.1'\nport = {port}\n{text}");
    client.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
    let client = client.wait_with_output().unwrap();
    assert!(client.status.success());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(server.wait().unwrap().success());
    rest.lines()
        .map(String::from)
        .chain(String::from_utf8(client.stdout).unwrap().lines().map(String::from))
        .collect()
}

/// Server and client cells side by side at one prompt print what they print as two programs.
#[test]
#[cfg_attr(without = "python3", ignore = "python3 is missing")]
fn a_notebook_runs_to_its_end_at_one_prompt() {
    let mut cells =
        [cells("tests/python_notebook/server.py"), cells("tests/python_notebook/client.py")].concat();
    cells.sort();
    let home = home();
    let mut term = open(&home);
    let mut shown = String::new();
    for (at, (number, cell)) in cells.iter().enumerate() {
        // As a terminal pastes it, and as a notebook's page has it, by turns.
        let text = if number % 2 == 0 { format!("In [{number}]:\n{cell}") } else { cell.clone() };
        term.paste(&text);
        term.send("\r\r");
        term.expect(&format!("In [{}]: ", at + 2));
        let screen = term.screen();
        assert!(!screen.contains("error:"), "cell {number}:\n{screen}");
        shown.push_str(&screen);
    }
    for line in printed_by_python() {
        assert!(shown.lines().any(|shown| shown.trim_end() == line), "no {line:?} in\n{shown}");
    }
    assert_eq!(term.leaves(), 0);
}

#[test]
fn a_block_that_is_typed_waits_for_its_rest() {
    let home = home();
    let mut term = open(&home);
    // The second line stands further in by itself, and the third is empty.
    term.type_by_hand("for i in range(3):\rprint(\"round\", i)\r\r");
    term.expect("In [2]: ");
    let screen = term.screen();
    for line in ["round 0", "round 2", "  for i in 0 1 2", "      print \"round\" $i"] {
        assert!(screen.lines().any(|shown| shown.trim_end() == line), "no {line:?} in\n{screen}");
    }
    assert_eq!(term.leaves(), 0);
}

#[test]
fn the_lines_are_dim_where_there_is_colour() {
    let home = home();
    let colours = [("NO_COLOR", "")];
    let mut term = Term::sized(home.path(), home.path(), (60, 100), &[SOCKBOOK], &colours);
    term.expect("]: ");
    term.paste("text = \"\\x1b[31m\"\nprint(len(text))");
    term.send("\r");
    term.expect("In [2]: ");
    let (screen, raw) = (term.screen(), term.raw());
    assert!(raw.contains("\x1b[2m  let text = ") && !raw.contains("\x1b[31m\""), "{raw:?}");
    // What stands there is no escape sequence of the line's own style.
    assert!(screen.contains("\n  let text = \"\\x1b[31m\"\n"), "{screen}");
    assert_eq!(term.leaves(), 0);
}

#[test]
fn mistakes_point_at_the_line_of_python() {
    let home = home();
    let mut term = open(&home);
    // An error while it runs.
    term.paste("import socket\nsock = socket.socket()\nsock.connect((\"127.0.0.1\", 1))");
    term.send("\r");
    term.expect("In [2]: ");
    let screen = term.screen();
    assert!(screen.contains("In [1]:3:1  sock.connect((\"127.0.0.1\", 1))"), "{screen}");
    assert!(screen.contains("ECONNREFUSED"), "{screen}");
    // What cannot be said is not run, and neither is what stands above it.
    term.paste("print(\"not run\")\nx = lambda: 5");
    term.send("\r");
    term.expect("In [3]: ");
    let screen = term.screen();
    assert!(screen.contains("In [2]:2:1  x = lambda: 5"), "{screen}");
    assert!(screen.contains("there is no line for `lambda`"), "{screen}");
    assert!(!screen.lines().any(|line| line == "not run"), "{screen}");
    // What is both is sockbook.
    term.send("sock.close\r");
    term.expect("In [4]: ");
    // The names of earlier cells are known, and of lines of sockbook too.
    term.send("let n = 5\r");
    term.expect("In [5]: ");
    term.send("print(f\"{n + 1} {len(b'abc')}\")\r");
    term.expect("In [6]: ");
    let screen = term.screen();
    assert!(screen.lines().any(|line| line.trim_end() == "6 3"), "{screen}");
    term.send("history\r");
    term.expect("In [7]: ");
    let screen = term.screen();
    assert!(screen.contains("# print(f\"{n + 1} {len(b'abc')}\")"), "{screen}");
    assert_eq!(term.leaves(), 0);
}
