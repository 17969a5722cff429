//! Whatever the size: a line of 10 MB, 100,000 blocks within each other, a million names. Each text is right or wrong, in
//! the time and the memory of its size, and what is too much is a clear error.
//!
//! `SOCKBOOK_LONG=1` makes every text ten times as long.

use std::process::{Command, Output};

const BINARY: &str = env!("CARGO_BIN_EXE_sockbook");

/// KiB of address space and seconds of a processor, for texts of some MB without optimization. What grows with the square
/// of its text needs hours.
const MEMORY: usize = 2_500_000;
const SECONDS: usize = 60;

/// A text of a script, by its name.
type Text = (&'static str, String);

fn long() -> usize {
    if std::env::var_os("SOCKBOOK_LONG").is_some() { 10 } else { 1 }
}

/// One line for each of so many numbers.
fn each(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(line).collect()
}

fn names(n: usize, between: &str) -> String {
    (0..n).map(|n| format!("v{n}")).collect::<Vec<_>>().join(between)
}

/// Runs a command line on a text, within the limits.
fn limited(folder: &tempfile::TempDir, arguments: &str, text: &str) -> Output {
    std::fs::write(folder.path().join("t.sock"), text).unwrap();
    let line =
        format!("ulimit -v {MEMORY} -t {}; exec \"$0\" {arguments} t.sock </dev/null", SECONDS * long());
    Command::new("bash").args(["-c", &line, BINARY]).current_dir(folder.path()).output().unwrap()
}

/// Each text is read by these command lines, and their messages stay short.
fn are_read(texts: Vec<Text>, arguments: &[&str]) {
    /// In bytes: a hundred mistakes, each with its line.
    const MOST_SAID: usize = 200_000;
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in texts {
        for arguments in arguments {
            let ran = limited(&folder, arguments, &text);
            let said = String::from_utf8_lossy(&ran.stderr);
            let start: String = said.chars().take(500).collect();
            let code = ran.status.code();
            assert!(matches!(code, Some(0..=2)), "{name}: {arguments}: {:?} {start}", ran.status);
            assert!(!said.contains("panicked"), "{name}: {arguments}: {start}");
            assert!(code != Some(2) || !arguments.starts_with("run"), "{name} is not valid: {start}");
            assert!(said.len() < MOST_SAID, "{name}: {arguments} says {} bytes: {start}", said.len());
        }
    }
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn long_lines_are_read_in_their_time() {
    let mega = 10_000_000 * long();
    are_read(
        vec![
            ("a word", format!("print {}", "a".repeat(mega))),
            ("an unknown command", "a".repeat(mega)),
            ("an unknown name", format!("print ${}", "a".repeat(mega))),
            ("a quote", format!("print \"{}\"", "x".repeat(mega))),
            ("a quote that is open", format!("print \"{}", "x".repeat(mega))),
            ("a comment", format!("# {}\nprint 1\n", "x".repeat(mega))),
            ("an answer", format!("print 1\n#> {}\n", "x".repeat(mega))),
            ("digits", format!("let x = {}\n", "9".repeat(mega))),
            ("a file's name", format!("source {}\n", "a".repeat(mega))),
            ("a here-document", format!("print <<END\n{}\nEND\n", "x".repeat(mega))),
            ("zeros", "\0".repeat(mega / 10)),
            ("words", format!("send {}", "a ".repeat(mega / 10))),
        ],
        &["check"],
    );
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn what_nests_has_a_limit() {
    let n = 100_000 * long();
    let folder = tempfile::tempdir().unwrap();
    for (name, text, want) in [
        ("blocks", "repeat 1\n".repeat(n) + &"end\n".repeat(n), "more than 100 blocks inside one another"),
        ("conditions", "if 1 == 1\n".repeat(n), "more than 100 blocks inside one another"),
        ("threads", "spawn t\n".repeat(n), "more than 100 blocks inside one another"),
        ("parentheses", format!("let x = {}1{}\n", "(".repeat(n), ")".repeat(n)), "more than 100 operators"),
        ("apart", format!("let x = {}1 {}\n", "( ".repeat(n), ") ".repeat(n)), "more than 100 operators"),
        ("operators", format!("let x = 1{}\n", " + 1".repeat(n)), "more than 100 operators"),
        (
            "commands",
            format!("print {}x{}\n", "$(slice ".repeat(n), " 0)".repeat(n)),
            "more than 20 commands",
        ),
        ("groups", format!("match abc \"{}{}\"\n", "(".repeat(n), ")".repeat(n)), "not a regular expression"),
        ("repetitions", "match abc \"(a{1000}){1000}{1000}\"\n".into(), "not a regular expression"),
        (
            "JSON",
            format!(
                "let open = $(bytes {n} \"[\")\nlet shut = $(bytes {n} \"]\")\njson \"${{open}}${{shut}}\"\n"
            ),
            "more than 128 lists and maps stand within each other",
        ),
        ("calls", "def f\n    f\nend\nf\n".into(), "more than 500 calls inside one another"),
        (
            "results",
            "def f n\n    return $(f $n)\nend\nf 1\n".into(),
            "more than 1000 calls inside one another",
        ),
        (
            "maps",
            "let x = $(map a 1)\nrepeat 60\n    let x = $(map a $x b $x)\nend\n".into(),
            "more than 10000000 values within one do not fit",
        ),
        (
            "lists",
            "let x = $(list a b)\nrepeat 60\n    let x = $(list $x $x)\nend\n".into(),
            "bytes do not fit",
        ),
        ("bytes", "let x = a\nrepeat 60\n    let x = \"${x}${x}\"\nend\n".into(), "bytes do not fit"),
    ] {
        let ran = limited(&folder, "run --timeout 50s", &text);
        let said = String::from_utf8_lossy(&ran.stderr);
        let start: String = said.chars().take(500).collect();
        assert!(matches!(ran.status.code(), Some(1 | 2)), "{name}: {:?} {start}", ran.status);
        assert!(said.contains(want), "{name}: {start}");
    }
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn very_many_are_read_in_their_time() {
    let n = 50_000 * long();
    are_read(
        vec![
            ("names", each(4 * n, |n| format!("let v{n} = {n}\n"))),
            ("names of a list", format!("{} = list 1\n", names(n, ","))),
            ("names of a loop", format!("for {} in 1\nend\n", names(n, ","))),
            ("arguments", format!("def f {}\nend\n", names(n, " "))),
            ("defs", each(n, |n| format!("def f{n}\n    print 1\nend\n"))),
            ("names of a def", format!("def f\n{}end\n", each(n, |n| format!("    let v{n} = 1\n")))),
            ("threads", each(n, |n| format!("spawn t{n}\n    let a{n} = 1\nend\n"))),
            (
                "threads of a def",
                format!(
                    "def f\n{}end\n",
                    each(n / 2, |n| format!("    let v{n} = 1\n    spawn t{n}\n    end\n"))
                ),
            ),
            ("arms", format!("if 1 == 2\n{}end\n", "else if 1 == 2\n".repeat(n))),
            ("handlers", format!("try\n    print 1\n{}end\n", "except OSError\n    print 2\n".repeat(n))),
            ("closing parentheses", format!("let x = 1{}\n", ")a".repeat(10 * n))),
            ("values after `fails`", format!("fails {}\n", "$x ".repeat(2 * n))),
            ("unknown names", each(n, |n| format!("print $v{n}\n"))),
            ("slips", "print \"a\".encode()\n".repeat(n)),
            ("unknown escapes", format!("print \"{}\"\n", "\\q".repeat(n))),
            ("sockets", each(n, |n| format!("s{n} = socket\n"))),
            ("answers", format!("print 1\n{}", "#> x\n".repeat(4 * n))),
            ("here-documents", format!("print {}\n{}", "<<E ".repeat(n), "x\nE\n".repeat(n))),
            ("commands in a line", format!("print {}\n", "$(slice x 0) ".repeat(n))),
            ("tags", format!("test tag {}\nprint 1\n", names(n, " "))),
            ("a continued line", "print 1 \\\n".repeat(4 * n) + "2\n"),
            ("blanks", "____\n".repeat(n)),
            ("open here-documents", "print <<END\n".repeat(n)),
            ("cells", "# %% title\nprint 1\n".repeat(n)),
        ],
        &["check"],
    );
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn a_layout_of_very_many_is_made_in_its_time() {
    let n = 50_000 * long();
    are_read(
        vec![
            ("lines", "print   1\n".repeat(4 * n)),
            ("blocks", "if 1 == 1\nprint 1\nend\n".repeat(n)),
            ("words", format!("list {}\n", "a ".repeat(4 * n))),
            ("parentheses", format!("let x = 1{}\n", ")a".repeat(10 * n))),
            ("here-documents", format!("print {}\n{}", "<<E ".repeat(n), "x\nE\n".repeat(n))),
        ],
        &["fmt --check"],
    );
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn very_many_run_in_their_time() {
    let n = 50_000 * long();
    are_read(
        vec![
            ("names", each(2 * n, |n| format!("let v{n} = {n}\n"))),
            ("threads at once", format!("repeat {n}\n    spawn t\n        sleep 100s\n    end\nend\n")),
            ("calls at once", format!("a, b = socketpair\nrepeat {n}\n    x = a.recv &\nend\n")),
            ("sockets", format!("repeat {n}\n    a, b = socketpair\nend\n")),
            ("a pattern that tries all", format!("match $(bytes {n} a) \"(a+)+$b\"\n")),
            ("lists in lists", format!("let x = $(list 1)\nrepeat {n}\n    let x = $(list $x)\nend\n")),
            ("parts", format!("let x = $(split $(bytes {} \",\") \",\")\nprint ${{x.len}}\n", 4 * n)),
            ("a large type", "unpack \">".to_string() + &"H".repeat(n) + "\" abc\n"),
        ],
        &["run --timeout 50s"],
    );
}
