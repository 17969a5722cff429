//! What holds for any text: the reader ends and never panics, what is shown reads back, and the one
//! layout changes no meaning.

use std::process::Command;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sockbook::text::diagnostic::{Diagnostic, Sources, Style};
use sockbook::text::layout::format;
use sockbook::text::literal;
use sockbook::text::parse;
use sockbook::text::tree::{Line, Statement};
use sockbook::text::words::{self, Part, Word};
use sockbook::words::Lang;

fn read(text: &str) -> (Vec<Statement<'static>>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let source = Sources::default().add("t", text);
    let tree = parse(&source, &mut problems).into_iter().map(Statement::into_owned).collect();
    (tree, problems)
}

/// A tree without its places: what a text means.
fn meaning(tree: &[Statement<'_>]) -> String {
    let word = |w: &Word<'_>| {
        let part = |p: &Part<'_>| match p {
            Part::Text(t) => format!("{:?}", t.as_bytes()),
            Part::Bytes(b) => format!("{b:?}"),
            Part::Call(call) => format!("$({})", call.words.len()),
            Part::Value(r) => {
                let properties: Vec<&str> = r.properties.iter().map(|p| p.0.as_str()).collect();
                format!("${}.{}", r.name, properties.join("."))
            }
        };
        format!("{}{}", u8::from(w.quoted), w.parts().iter().map(part).collect::<Vec<_>>().join("+"))
    };
    let line = |l: &Line<'_>| {
        let targets: Vec<&str> = l.targets.iter().map(|n| &*n.text).collect();
        let words: Vec<String> = l.words.iter().map(word).collect();
        // Trailing blanks of an answer count for nothing.
        let answer: Option<Vec<&str>> =
            l.answer.as_ref().map(|a| a.lines.iter().map(|l| l.trim_end()).collect());
        let socket = l.socket.as_ref().map(|s| &*s.text);
        format!(
            "{targets:?} {socket:?} {} {words:?} {} {} {answer:?}\n",
            l.command.text,
            l.background.is_some(),
            l.help
        )
    };
    let statement = |s: &Statement<'_>| match s {
        Statement::Line(l) => line(l),
        Statement::Block(b) => {
            let arms: Vec<String> =
                b.arms.iter().map(|a| format!("{}{{{}}}", line(&a.head), meaning(&a.body))).collect();
            arms.concat()
        }
    };
    tree.iter().map(statement).collect()
}

/// Pieces that a script is made of, and pieces that no script is made of.
fn piece() -> impl Strategy<Value = String> {
    let known = vec![
        "repeat 2\n",
        "while true\n",
        "for x in a b\n",
        "if a == b\n",
        "else\n",
        "else if c == d\n",
        "try\n",
        "except X as e\n",
        "finally\n",
        "spawn t\n",
        "def f a\n",
        "end\n",
        "end\n",
        "end\n",
        "break\n",
        "a = socket inet stream\n",
        "a,b=accept\n",
        "a , b =  accept\n",
        "a.recv 5\n",
        "#> 5 bytes\n",
        "  #>more\n",
        "# a comment  \n",
        "recv # why\n",
        "recv     # why\n",
        "accept &\n",
        "recv?\n",
        "end?\n",
        "\n",
        "\n\n\n",
        "\r\n",
        " ",
        "\t",
        "\\\n",
        "\\\r\n",
        "\\",
        "\r",
        "\r\r\n",
        "\\\r",
        "\"",
        "'",
        "\"a b\"",
        "'c'",
        "r\"\\n\"",
        "x\"de ad\"",
        "x\"0\"",
        "b''",
        "\"\\n\\x00\\u{e9}\"",
        "\"two\r\nlines\"",
        "$x",
        "${x.len}",
        "\"${x}\"",
        "$",
        "${",
        "\"$4\"",
        "<<END",
        "<<-END",
        "<<'END'",
        "END\n",
        "\nEND\n",
        "  END",
        "<<END\n a\n  b\\\n\r\r\nEND\n",
        "=",
        "==",
        "&",
        "--to",
        "--",
        "send",
        "sendall",
        "close",
        ".",
        ",",
        "?",
        "é",
        "\u{feff}",
        "\u{a0}",
        "\u{2028}",
        "\u{0}",
        "\u{b}",
        "a",
        "1",
    ];
    prop_oneof![
        8 => select(known).prop_map(str::to_string),
        1 => ".{0,6}",
        1 => any::<char>().prop_map(String::from),
    ]
}

fn script() -> impl Strategy<Value = String> {
    vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

/// Lines that are more often right than wrong.
fn tidy_script() -> impl Strategy<Value = String> {
    let gap = || select(vec![" ", "  ", "\t", " \\\n", "   \\\r\n  "]);
    let word = select(vec![
        "a",
        "5",
        "\"x  y\"",
        "'\n'",
        "r'\\d'",
        "x\"00 ff\"",
        "$x",
        "${y.len}",
        "--to",
        "=",
        "b",
        "é",
        "<<END",
        "<<-'END'",
        "a#b",
    ]);
    let start = select(vec!["", "", "a = ", "a,b  = ", "s.", "a , b\t=\\\n s."]);
    let command = select(vec!["recv", "send", "accept", "close", "print", "expect"]);
    let tail = select(vec!["", "", "  ", " # why", "      # why not ", " &", " \\\n", "\r"]);
    let eol = select(vec!["\n", "\r\n"]);
    let line = (start, command, vec((gap(), word), 0..4), tail, eol.clone()).prop_map(
        |(start, command, words, tail, eol)| {
            let documents = words.iter().filter(|(_, w)| w.starts_with("<<")).count();
            let words: String = words.iter().map(|(g, w)| format!("{g}{w}")).collect();
            let bodies = format!("  one  {eol}\ttwo{eol}END{eol}").repeat(documents);
            format!("{start}{command}{words}{tail}{eol}{bodies}")
        },
    );
    let extra = select(vec!["#> answer  \n", "\n", "\n\n", "  # note \r\n", "\t\n"]).prop_map(str::to_string);
    let leaf = prop_oneof![4 => line, 1 => extra].boxed();
    let block = leaf.prop_recursive(4, 40, 5, |inner| {
        (select(vec!["repeat 2", "while true", "if a == b", "try", "def f"]), vec(inner, 0..5), eol_of())
            .prop_map(|(head, body, eol)| {
                let arm = match head {
                    "if a == b" => format!("else{eol}"),
                    "try" => format!("finally{eol}close{eol}"),
                    _ => String::new(),
                };
                format!("  {head}  {eol}{}{arm}end{eol}", body.concat())
            })
    });
    vec(block, 0..8).prop_map(|lines| lines.concat())
}

fn eol_of() -> impl Strategy<Value = &'static str> {
    select(vec!["\n", "\r\n"])
}

fn holds_for_format(text: &str) -> Result<bool, TestCaseError> {
    let (tree, problems) = read(text);
    let source = Sources::default().add("t", text);
    let Ok(once) = format(&source) else {
        prop_assert!(!problems.is_empty());
        return Ok(false);
    };
    let (again, problems) = read(&once);
    prop_assert!(problems.is_empty(), "{text:?}\n{once:?}\n{problems:?}");
    prop_assert_eq!(meaning(&tree), meaning(&again), "{:?}\n{:?}", text, once);
    let twice = format(&Sources::default().add("t", &once)).expect("it was read before");
    prop_assert_eq!(&twice, &once, "{:?}", text);
    prop_assert!(once.is_empty() || (once.ends_with('\n') && !once.ends_with("\n\n")) || text.contains("<<"));
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_that_are_shown_read_back(bytes in vec(any::<u8>(), 0..200)) {
        let shown = literal::show(&bytes);
        let text = format!("send {shown}");
        let mut problems = Vec::new();
        let line = words::line(&text, 0, 0, &mut problems);
        prop_assert_eq!(problems, Vec::<Diagnostic>::new());
        prop_assert_eq!(line.words.len(), 2, "{}", &text);
        prop_assert_eq!(line.words[1].literal(), Some(&bytes[..]), "{}", &text);
        prop_assert!(shown.chars().all(|c| !c.is_control()));
    }

    #[test]
    fn text_that_is_shown_reads_back(text in any::<String>()) {
        let line = format!("send {}", literal::show(text.as_bytes()));
        let mut problems = Vec::new();
        let read = words::line(&line, 0, 0, &mut problems);
        prop_assert_eq!(read.words[1].literal(), Some(text.as_bytes()), "{}", &line);
    }

    /// Without escapes, values, here-documents and prefixes, our words are a shell's.
    #[test]
    fn words_agree_with_shlex(text in "([ac-qs-wyz0-9=#~*;|&(){}.,:/é\u{a0}-]|[ \t]|'[a-z #=]{0,4}'|\"[a-z #=']{0,4}\"){0,24}") {
        let mut problems = Vec::new();
        let line = words::line(&text, 0, 0, &mut problems);
        let ours: Option<Vec<String>> = line.words.iter()
            .map(|w| w.literal().and_then(|b| String::from_utf8(b.to_vec()).ok())).collect();
        // A line that begins with a value or a `(` holds an expression, in which parentheses are words of their own.
        let expression = line.words.first().is_some_and(|w| w.quoted || w.is("(") || words::starts_number(w.bare().unwrap_or("")));
        prop_assume!(!expression || !text.contains(['(', ')']));
        prop_assert_eq!(ours, shlex::split(&text), "{:?}", text);
    }

    #[test]
    fn the_reader_ends_whatever_it_reads(text in script()) {
        let (_, problems) = read(&text);
        for problem in problems {
            prop_assert!(problem.span.start <= problem.span.end);
            prop_assert!(problem.span.end as usize <= text.len());
            // Drawing it must not fail either.
            let mut sources = Sources::default();
            sources.add("t", &text);
            problem.draw(&sources, Style { colour: false, lang: Lang::EN, brief: None });
        }
    }

    #[test]
    fn the_reader_ends_on_bytes(bytes in vec(any::<u8>(), 0..300)) {
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn the_layout_changes_no_meaning(text in script()) {
        holds_for_format(&text)?;
    }

    #[test]
    fn the_layout_of_a_tidy_script_changes_no_meaning(text in tidy_script()) {
        holds_for_format(&text)?;
    }
}

#[test]
fn most_tidy_scripts_can_be_laid_out() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let laid = (0..200)
        .filter(|_| {
            let text = tidy_script().new_tree(&mut runner).expect("a tree").current();
            holds_for_format(&text).expect("it holds")
        })
        .count();
    assert!(laid > 50, "only {laid} of 200 scripts could be read, so the property says little");
}

/// For how long this thread has had a processor: a busy machine makes nothing slow by it. Where the kernel
/// does not count that, the clock on the wall has to do.
fn busy() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = counted.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// What must be read in a moment, however large it is.
#[test]
fn large_and_odd_texts_are_read_in_a_moment() {
    let mega = 1 << 20;
    for (name, text) in [
        ("a long word", "a".repeat(mega)),
        ("a long line", "send ".to_string() + &"a ".repeat(mega / 2)),
        ("a long quote", format!("send \"{}\"", "é".repeat(mega / 2))),
        ("an open quote", format!("send \"{}", "x".repeat(mega))),
        ("many open quotes", "send \"x\n".repeat(20_001)),
        ("many quotes", "\"".repeat(mega)),
        ("many single quotes", "'\"".repeat(mega / 2)),
        ("many backslashes", "\\".repeat(mega)),
        ("many values", "${x}".repeat(mega / 4)),
        ("many dollars", "$".repeat(mega)),
        ("many open braces", "${".repeat(mega / 2)),
        ("many blocks", "repeat 2\n".repeat(mega / 9)),
        ("many ends", "end\n".repeat(mega / 16)),
        ("many open documents", "send <<END\n".repeat(1000)),
        ("many documents in a line", "send ".to_string() + &"<<END ".repeat(10_000)),
        ("many carriage returns", "\r".repeat(mega)),
        ("a continuation that never ends", "\\\n".repeat(mega / 2)),
        ("a backslash and a carriage return", "a \\\rb\nclose\\\r".to_string()),
        ("zeros", "\0".repeat(mega)),
        ("many answers", "recv\n".to_string() + &"#> a\n".repeat(mega / 8)),
        ("many lost answers", "#> a\n".repeat(mega / 64)),
        ("many names", "a,".repeat(mega / 2) + " = accept"),
    ] {
        let begun = busy();
        read(&text);
        let source = Sources::default().add("t", &text);
        let _ = format(&source);
        let took = busy() - begun;
        assert!(took < Duration::from_secs(20), "{name} took {took:?}");
    }
}

/// Through the binary: whatever stands in a file, it is right or it is wrong, and nothing else.
#[test]
fn check_says_right_or_wrong_of_anything() {
    use proptest::strategy::ValueTree;
    let folder = tempfile::tempdir().expect("a folder");
    let mut runner = proptest::test_runner::TestRunner::default();
    for round in 0..40 {
        let bytes = match round % 4 {
            0 => vec(any::<u8>(), 0..400).new_tree(&mut runner).expect("bytes").current(),
            1 => tidy_script().new_tree(&mut runner).expect("a script").current().into_bytes(),
            _ => script().new_tree(&mut runner).expect("a script").current().into_bytes(),
        };
        let path = folder.path().join("any.sock");
        std::fs::write(&path, &bytes).expect("it is written");
        for arguments in [&["check"][..], &["check", "--format", "json"], &["fmt", "--check"]] {
            let output = Command::new(env!("CARGO_BIN_EXE_sockbook"))
                .args(arguments)
                .arg(&path)
                .output()
                .expect("the binary runs");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let text = String::from_utf8_lossy(&bytes);
            let allowed: &[i32] = if arguments[0] == "fmt" { &[0, 1, 2] } else { &[0, 2] };
            let code = output.status.code();
            assert!(code.is_some_and(|c| allowed.contains(&c)), "{arguments:?} {code:?} {text:?}\n{said}");
            assert!(!said.contains("panicked"), "{arguments:?} {text:?}\n{said}");
        }
    }
}
