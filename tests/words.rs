//! The languages of the program: what has a sentence in one has it in the other, and no page, message or report of one
//! has a word of the other's.

mod common;
#[allow(dead_code)]
mod pty;
mod texts;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use common::scripts;
use pty::{CTRL_C, EDITING, Term};
use regex::Regex;
use sockbook::command::all;
use sockbook::command::session::settings;
use sockbook::net::options::table::OPTIONS;
use sockbook::text::forms::FORMS;
use sockbook::words::Lang;
use texts::{Vocabulary, is_marked, literals, sources, texts};

/// A language and the words that must not stand in its texts.
fn languages() -> [(&'static str, Vocabulary); 2] {
    [("en", Vocabulary::read("spanish")), ("es", Vocabulary::read("english"))]
}

fn assert_none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} times\n{}", wrong.len(), wrong.join("\n"));
}

// What the sources have.

#[test]
fn each_text_of_the_sources_is_in_its_language() {
    let [english, spanish] = languages();
    let mut wrong = Vec::new();
    let all = texts();
    assert!(all.len() > 1500, "{} texts are found", all.len());
    for text in &all {
        for (words, vocabulary) in [(&text.en, &english.1), (&text.es, &spanish.1)] {
            let strange = vocabulary.found_in(words);
            if !strange.is_empty() {
                wrong.push(format!("{}: {strange:?} in {words:?}", text.place));
            }
        }
        if text.en.is_empty() != text.es.is_empty() {
            wrong.push(format!("{}: {:?} and {:?}", text.place, text.en, text.es));
        }
    }
    assert_none(wrong);
}

/// Words of the language that a sentence is put together with.
const OPERATORS: &[&str] = &["not "];

#[test]
fn each_sentence_about_a_fact_is_in_its_language() {
    let mut wrong = Vec::new();
    for (language, vocabulary) in languages() {
        let path = format!("src/words/{language}.rs");
        let (_, source) = sources().into_iter().find(|(name, _)| *name == path).unwrap();
        for literal in literals(&path, &source) {
            let strange = vocabulary.found_in(&literal.text);
            if !strange.is_empty() && !OPERATORS.contains(&&*literal.text) {
                wrong.push(format!("{}: {strange:?} in {:?}", literal.place, literal.text));
            }
        }
    }
    assert_none(wrong);
}

/// Sources whose English is no sentence of a message: a document, kinds as keys, the texts of other forms.
const NOT_SAID: &[&str] = &[
    "src/build.rs",
    "src/manual/complete.rs",
    "src/manual/grammar.rs",
    "src/value/errno.rs",
    "src/words/en.rs",
    // Its examples and Python; the texts of a row are marked.
    "src/text/forms.rs",
    // The two pages stand in it.
    "src/driver/suite/report/help.rs",
    // Python.
    "src/python/reader/mutants.rs",
    "src/python/table.rs",
];

/// Strings with English words that are data, or keys.
const DATA: &[&str] = &[
    "\n[... {left_out} bytes left out ...]\n",
    "thread, call or process",
    "bare-name",
    "bare-command",
    "cut off",
    "else if",
    "never-closed",
    "sleep-for-peer",
    "quoted-name",
    "look-up",
    "(address of {})",
    // The statuses of TAP, JSON and JUnit.
    "not run",
    "not valid",
    "  at:\n    file: {file}\n    line: {}\n    column: {}",
    // A policy of a page, in its own words.
    "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
    // Mermaid's own words.
    "    Note over {over}: {text}",
    // Lines that Python is read as, and what its parser says.
    "{side} not empty",
    "{side} not empty and {side} != false and {side} != 0",
    " not empty",
    " not contains ",
    "else if {}",
    "for thread in […]",
    "for {key}, {value} in {map}",
    "for {line} in {lines}",
    "if {word} empty",
    "for {} in {words}",
    "with … as …",
    "for {item} in {list}",
    "for {key} in {map}",
    "for {item} in {word}",
    "for {name}, {name}",
    "for {key}, {one} in {map}",
    "Expected an indented block",
    "unexpected EOF while parsing",
    // What `save` writes.
    "let out{} = $_\n",
    // What a hint's English text is asked for, and a kind that completion knows by its English name.
    "(?:write|did you mean) `([^`]+)`(.*)",
    "an address",
    // How a script takes an error, in the error's help.
    "  fails {name} COMMAND…\n  try … except {name} as e … end",
    // The README's table.
    "| command | what it does | the call | in Python |\n|---|---|---|---|\n",
];

#[test]
fn no_sentence_stands_outside_of_both_languages() {
    let [_, (_, english)] = languages();
    let mut wrong = Vec::new();
    for (path, source) in sources() {
        // What is written in Python is no sentence; those about it stand in `say!`.
        if NOT_SAID.contains(&&*path) || path.starts_with("src/python/back/") {
            continue;
        }
        for literal in literals(&path, &source) {
            // What a row says of other languages, and its example.
            let of_row =
                ["en", "es", "like", "python", "c", "rust"].iter().any(|word| is_marked(&literal, word));
            let words: BTreeSet<String> = english.found_in(&literal.text).into_iter().collect();
            if words.len() > 1 && !of_row && !DATA.contains(&&*literal.text) {
                wrong.push(format!("{}: {:?}", literal.place, literal.text));
            }
        }
    }
    assert_none(wrong);
}

/// For a translator: `TEXTS=deadlock cargo test --test words -- --ignored --nocapture side_by_side` shows the texts that
/// contain a word, in every language; without TEXTS all of them.
#[test]
#[ignore = "it only shows the texts"]
fn side_by_side() {
    let wanted = std::env::var("TEXTS").unwrap_or_default();
    for text in texts() {
        if text.en.contains(&wanted) || text.es.contains(&wanted) {
            println!("{}\n  en  {}\n  es  {}\n", text.place, indented(&text.en), indented(&text.es));
        }
    }
    let function = Regex::new(r"(?ms)^    fn (\w+).*?^    \}").unwrap();
    let both: Vec<String> = ["en", "es"].map(|l| format!("src/words/{l}.rs")).into();
    let read = |path: &String| std::fs::read_to_string(path).unwrap();
    let [english, spanish] = [read(&both[0]), read(&both[1])];
    for one in function.captures_iter(&english) {
        let Some(other) = function.captures_iter(&spanish).find(|other| other[1] == one[1]) else { continue };
        if one[0].contains(&wanted) || other[0].contains(&wanted) {
            println!("src/words: {}\n{}\n{}\n", &one[1], &one[0], &other[0]);
        }
    }
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n      ")
}

// What the program shows.

fn sockbook(language: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    command.env("SOCKBOOK_LANG", language).env_remove("GITHUB_ACTIONS").stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Each line of a text in which a word of the other language stands.
fn strange(name: &str, text: &str, vocabulary: &Vocabulary) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in text.lines() {
        let words = vocabulary.found_in(line);
        if !words.is_empty() {
            wrong.push(format!("{name}: {words:?} in {line:?}"));
        }
    }
    wrong
}

/// A page of help without the lines that are code, the example and how the command is written here and in Python, and
/// without the names in the first column.
fn without_code(page: &str) -> String {
    let example = Regex::new(r"(?s)\n(example|ejemplo)\n.*").unwrap();
    let code =
        Regex::new(r"(?m)^  (usage|uso|also|también|set|fijar|read|leer|Python) .*$|^ +\S+( \S+)* {2,}");
    code.unwrap().replace_all(&example.replace(page, ""), "").into_owned()
}

#[test]
fn help_is_in_its_language() {
    let mut wrong = Vec::new();
    let commands = all().map(|row| row.name);
    let words = FORMS.iter().map(|form| form.name);
    let topics: Vec<&str> = commands.chain(words).chain(OPTIONS.iter().map(|option| option.name)).collect();
    for (language, vocabulary) in languages() {
        let lang = Lang::of_code(language).unwrap();
        for topic in topics.iter().map(|topic| Some(*topic)).chain([None]) {
            let page =
                without_code(&sockbook::manual::page::help(topic, &[], lang, sockbook::manual::page::WIDTH));
            // The page as a whole: what stands in backticks may go on in the next line.
            let strange = vocabulary.found_in(&page);
            if !strange.is_empty() {
                wrong.push(format!("help {topic:?}: {strange:?} in\n{page}"));
            }
        }
        let page = said(&sockbook(language).args(["help", "reports"]).output().unwrap());
        wrong.extend(strange(
            "help reports",
            &REPORT_FIELDS.replace_all(&without_code(&page), ""),
            &vocabulary,
        ));
        for topic in ["--coverage", "no_such_thing"] {
            let text = said(&sockbook(language).args(["help", topic]).output().unwrap());
            wrong.extend(strange(topic, &text, &vocabulary));
        }
    }
    assert_none(wrong);
}

/// What `help reports` describes by its name in the document.
static REPORT_FIELDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)\bmedian\b|\b(of|seconds)$|\b(passed|failed|errors|interrupted|known|skipped|flaky|part|got|of|title|status|reason|seconds|message|detail|source|first|lines|sides|operator|expected|ladder|file|line|column|text|kind|name|round|values|programs|count|retried|min|median|de todas|in|command|result|error)(,|\.|:| y| and|;| \(|\))|"[a-z ]*""#,
    )
    .unwrap()
});

/// Every command of the command line, and what is wrong with arguments.
const COMMAND_LINES: &[&str] = &[
    "--help",
    "-h",
    "help --help",
    "run --help",
    "test --help",
    "check --help",
    "fmt --help",
    "completions --help",
    "man --help",
    "--lang",
    "--lang xx",
    "--bad",
    "run",
    "run --timeout",
    "run --timeout soon x.sock",
    "run --timeout 1s --timeout 2s x.sock",
    "run --format xml x.sock",
    "run --var x x.sock",
    "run --quiet=yes x.sock",
    "test",
    "test --jobs 0 .",
    "test --jobs x .",
    "test --repeat 0 .",
    "test --shard 0/2 .",
    "test --shard 3 .",
    "test --bless --retries 1 .",
    "test --report xml=x .",
    "test --report junit=a --report junit=a .",
    "test x1.sock",
    "test --filter nothing tests/cases/ok/life",
    "run x1.sock",
    "run src",
    "check x1.sock",
    "fmt x1.sock",
    "fmt --check x1.sock",
    "completions",
    "completions ksh",
    "x1.sock",
    "-c",
];

#[test]
fn the_command_line_is_in_its_language() {
    let mut wrong = Vec::new();
    // What the description of an argument holds that is written as it is.
    let code = Regex::new(r"sockbook( [a-z]+)+|: [^\]]*\]|<[^>]*>|^ +[a-z]+ {2,}|'[^' ]*'").unwrap();
    for (language, vocabulary) in languages() {
        for line in COMMAND_LINES {
            let text = said(&sockbook(language).args(line.split(' ')).output().unwrap());
            assert!(!text.is_empty(), "{line}");
            let text: Vec<String> = text.lines().map(|l| code.replace_all(l, " ").into_owned()).collect();
            wrong.extend(strange(line, &text.join("\n"), &vocabulary));
        }
    }
    assert_none(wrong);
}

#[test]
fn the_manual_page_is_in_its_language() {
    let mut wrong = Vec::new();
    // Requests, fonts, and what is bold or slanted: names, options, code.
    let roff =
        Regex::new(r"(?m)^\.(TH|ie|el).*$|^(en|es)$|^\.[A-Z]+|\\f[BI](?s:.*?)\\fR|\[[a-z ]+: [^\]]*\]")
            .unwrap();
    for (language, vocabulary) in languages() {
        let page = said(&sockbook(language).arg("man").output().unwrap());
        wrong.extend(strange("man", &roff.replace_all(&page, " "), &vocabulary));
    }
    assert_none(wrong);
}

/// The output about a script, without the script's own lines.
fn without_source(said: &str) -> String {
    Regex::new(r"(?m)^ *(\d+ \||-->|[+~-] |In \[|= (ayuda: uso|help: usage):).*$")
        .unwrap()
        .replace_all(said, "")
        .into_owned()
}

/// The words of a script, which a message may repeat; not those of its comments.
fn words_of_script(path: &Path) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric())).map(str::to_lowercase).collect()
}

/// A text without the words of its script, and without the operators of a condition; what is in backticks stays whole.
fn without_own(text: &str, own: &BTreeSet<String>) -> String {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let is_own = |word: &str| own.contains(&bare(word)) || ["contains", "matches"].contains(&word.trim());
    text.split_inclusive(char::is_whitespace).filter(|word| word.contains('`') || !is_own(word)).collect()
}

#[test]
fn every_mistake_of_the_cases_is_said_in_its_language() {
    let mut wrong = Vec::new();
    let cases = scripts(Path::new("tests/cases/fail"));
    for (language, vocabulary) in languages() {
        for path in &cases {
            let output = sockbook(language).args(["run", "--timeout", "10s"]).arg(path).output().unwrap();
            let text = without_source(&String::from_utf8_lossy(&output.stderr));
            let text = without_own(&text, &words_of_script(path));
            wrong.extend(strange(&path.display().to_string(), &text, &vocabulary));
        }
    }
    assert_none(wrong);
}

// The reports.

/// Scripts that end in every way, without a word of either language.
const ENDINGS: &[(&str, &str)] = &[
    ("a1.sock", "print x\n#> x\n"),
    ("a2.sock", "print x\n#> y\n"),
    ("a3.sock", "recv 1 2 3 --no\n"),
    ("a4.sock", "skip x\n"),
    ("a5.sock", "a, b = socketpair\na.recv\n"),
    ("a6.sock", "sleep 1h\n"),
    ("a7.sock", "exit 3\n"),
    ("a8.sock", "process p sh -c \"mkdir x1 2>/dev/null && exit 1; exit 0\"\nn = wait p\nexpect $n == 0\n"),
    ("a9.sock", "spawn w\n    fail x\nend\nwait w\n"),
    ("b1.sock", "a, b = socketpair\na.recv 1 &\na.close\nlet n = 1\nif $n > 2\n    print x\n    #> x\nend\n"),
    ("b2.sock", "require command no_x\n"),
    ("b3.sock", "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nspawn w\n    l.accept\nend\nwait w\n"),
    ("b4.sock", "fails\n    print x\nend\n"),
    ("b5.sock", "expect hola\n"),
    ("b6.sock", "a, b = socketpair\na.sendall hola\nb.recv\nexpect holo\n"),
];

#[test]
fn the_reports_are_in_their_language() {
    let mut wrong = Vec::new();
    let github = Regex::new(r"(?m)^::(error|warning) .*?title=").unwrap();
    // What is data in TAP: the keys, and the words of a status.
    let tap = Regex::new(
        r"(?m)^  (duration_ms|flaky|retried|severity|at|output|runs|failures|message|detail|  \w+):",
    )
    .unwrap();
    let status =
        Regex::new(r"(?m)^  severity: .*$|^TAP version 14$|^(not )?ok \d+ |# SKIP|: (true|false)$").unwrap();
    for (language, vocabulary) in languages() {
        let folder = tempfile::tempdir().unwrap();
        let mut own = BTreeSet::new();
        for (name, text) in ENDINGS {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            own.extend(words_of_script(&path));
        }
        let mut test = |arguments: &str| {
            let mut command = sockbook(language);
            command.current_dir(folder.path()).env("GITHUB_ACTIONS", "true").args(arguments.split(' '));
            let output = command.output().unwrap();
            let text = github.replace_all(&said(&output), "").replace("%0A", "\n");
            let text = status.replace_all(&tap.replace_all(&without_source(&text), ""), "").into_owned();
            wrong.extend(strange(arguments, &without_own(&text, &own), &vocabulary));
        };
        let reports = "--report junit=j.xml --report json=j.json --report html=h.html";
        test(&format!("test --timeout 200ms --limit 500ms --retries 1 {reports} ."));
        test("test --timeout 200ms --limit 500ms --repeat 2 .");
        test("test --timeout 200ms --limit 500ms --report tap .");
        test("test --fail-fast -j 1 .");
        test("test --bless a2.sock b5.sock");
        test("test --report junit=/nadie/x a1.sock");
        test("test --list .");
        test("check .");
        test("check a3.sock");
        test("fmt --check .");
        test("run --echo --trace b6.sock");

        let mut told = Vec::new();
        let junit = std::fs::read_to_string(folder.path().join("j.xml")).unwrap();
        for node in roxmltree::Document::parse(&junit).unwrap().descendants() {
            told.extend(node.attribute("message").map(str::to_string));
            told.extend(node.text().map(str::to_string));
        }
        let json = std::fs::read(folder.path().join("j.json")).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        for script in json["scripts"].as_array().unwrap() {
            let texts = [&script["error"]["message"], &script["error"]["detail"], &script["reason"]];
            told.extend(texts.into_iter().filter_map(|text| text.as_str()).map(str::to_string));
        }
        let page = std::fs::read_to_string(folder.path().join("h.html")).unwrap();
        told.push(MARKUP.replace_all(&page, "\n").replace("sockbook test", ""));
        let told = without_own(&without_source(&told.join("\n")), &own);
        wrong.extend(strange("a report's texts", &told, &vocabulary));
    }
    assert_none(wrong);
}

/// What of a page is not said to people: its code, what programs wrote, names and places, and the elements themselves.
static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?s)<(script|style|pre|code|tspan)\b.*?</(script|style|pre|code|tspan)>|<(span|strong|td|p|h3)[^>]* class="[^"]*\b(mono|tag)\b[^"]*"[^>]*>.*?</(span|strong|td|p|h3)>|<table class="mono"><tbody>.*?</table>|data-[a-z]+="[^"]*"|<[^>]*>"#,
    )
    .unwrap()
});

// The prompt.

/// Lines of a session that show every kind of result, refusal and notice, without a word of either language.
const SESSION: &[&str] = &[
    "a, b = socketpair",
    "a.sendall hola",
    "b.recv",
    "b.recv 1 &",
    "jobs",
    "sockets",
    "vars",
    "options",
    "a.info",
    "a.sendall hola",
    "wait",
    "no_such_command",
    "recv 1 2 3",
    "b.recv --timeout 10ms",
    "connect 127.0.0.1 1",
    "a.close",
    "a.send x",
    "b.recv",
    "b.recvuntil x",
    "history",
    "history x",
    "time print x",
    "timeit 3 print x",
    "timeit",
    "timeit 3",
    "timeit x print x",
    "rerun",
    "rerun 99",
    "rerun x",
    "rerun 3 x",
    "save",
    "save 1",
    "save x.sock 99",
    "save x.sock 1-2",
    "save x.sock 1-2",
    "n",
    "run",
    "run x1.sock",
    "run x2.sock",
    "set",
    "set x",
    "set lang x",
    "let n = 1 / 0",
    "let n = x",
    "expect ${n} == 2",
    "print $m",
    "print ${_999}",
    "socket inet stream",
    "bind 127.0.0.1 0",
    "listen",
    "info",
    "getsockopt tcp_info",
    "help save",
    "set trace on",
    "getsockname",
    "fail x",
    "exit 3 4",
    "reset x",
    "reset",
    "recv",
    "b.recv",
    "clear x",
    "sleep 1h &",
];

#[test]
fn the_prompt_is_in_its_language() {
    let mut wrong = Vec::new();
    let control = Regex::new(r"\x1b\[[0-9;?]*[a-zA-Z]|\r|\x1b[=>78]").unwrap();
    for (language, vocabulary) in languages() {
        let home = tempfile::Builder::new().prefix("sbp").tempdir_in("/tmp").unwrap();
        std::fs::write(home.path().join("x2.sock"), "exit 3\n").unwrap();
        let program = [env!("CARGO_BIN_EXE_sockbook"), "--lang", language];
        let mut term = Term::sized(home.path(), home.path(), (40, 250), &program, &[]);
        term.prompt();
        for line in SESSION {
            term.line(line);
            term.expect(if line.starts_with("save") { "" } else { EDITING });
        }
        term.leaves();
        // The editor draws a line anew at each key: halves of words, which are the user's own.
        let shown = control.replace_all(&term.raw(), "\n").into_owned();
        let shown: Vec<&str> = shown.lines().filter(|line| !line.starts_with("In [")).collect();
        let shown = shown.join("\n");
        let words = SESSION.iter().flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
        let names = OPTIONS.iter().map(|option| option.name);
        // Keys of TCP_INFO's map, and a value that is none, are data.
        let data = ["none", "else", "nothing", "state", "lost", "probes", "delivered"];
        // So are the names of the settings and their values.
        let settings =
            settings().iter().flat_map(|(name, values)| std::iter::once(name).chain(*values)).copied();
        let own = words.chain(names).chain(data).chain(settings).map(str::to_lowercase).collect();
        wrong.extend(strange("prompt", &without_own(&without_source(&shown), &own), &vocabulary));
    }
    assert_none(wrong);
}

/// What stands around the line that is typed, and what talks back: a key or a line, and what it shows in each language.
const AROUND: &[(&str, [&str; 2])] = &[
    ("a, b = socketpair\r", ["│ b CONNECTED", "│ b CONNECTED"]),
    ("a.sendall hola\r", ["· b: 4 bytes to receive", "· b: 4 bytes por recibir"]),
    ("", ["b CONNECTED 4 B waiting", "b CONNECTED 4 B esperan"]),
    ("set notify on\r", ["In [4]: ", "In [4]: "]),
    ("process p sh -c \"exit 3\"\r", ["· the program `p` exited with", "· el programa `p` terminó con"]),
    // What is wrong, before Enter; what is open; what there is to choose from.
    ("recv nine ", ["`nine` is not a number of bytes", "`nine` no es un número de bytes"]),
    ("\x15repeat 2\r", ["`end` closes `repeat`", "`end` cierra el `repeat`"]),
    ("\x15\x7fx\x15", ["In [5]: ", "In [5]: "]),
    ("\x15print \"open\r", ["the quote is open", "la comilla sigue abierta"]),
    (CTRL_C, ["In [5]: ", "In [5]: "]),
    ("b.recv\t", ["take what has come", "toma lo que llegó"]),
    // (Escape would wait for the rest of a key.)
    ("\x07", ["In [5]: b.recv", "In [5]: b.recv"]),
    ("\x15watch 20ms a.gettimeout\r", ["every 20ms, round 3: ", "cada 20ms, ronda 3: "]),
    (CTRL_C, ["In [6]: ", "In [6]: "]),
    ("talk b\r", ["Enter sends the line", "`Enter` envía la línea"]),
    ("\x04", ["said: In [", "lo dicho: In ["]),
    ("b.recv\r", ["recv on b, 1 s; Ctrl-C ends it", "recv en b, 1 s; Ctrl-C lo termina"]),
    (CTRL_C, ["interrupted", "interrumpido"]),
    (
        "\x04",
        [
            "still open or running: a, b; Ctrl-D again leaves",
            "aún abierto o en curso: a, b; Ctrl-D otra vez sale",
        ],
    ),
];

#[test]
fn what_stands_around_the_line_is_in_its_language() {
    let mut wrong = Vec::new();
    for (at, (language, vocabulary)) in languages().into_iter().enumerate() {
        let home = tempfile::Builder::new().prefix("sbp").tempdir_in("/tmp").unwrap();
        let program = [env!("CARGO_BIN_EXE_sockbook")];
        let vars = [("SOCKBOOK_LANG", language)];
        // A value that is none.
        let data = BTreeSet::from(["none".to_string()]);
        let mut term = Term::sized(home.path(), home.path(), (40, 120), &program, &vars);
        term.prompt();
        for (keys, shows) in AROUND {
            match keys.ends_with(' ') {
                true => term.type_by_hand(keys),
                false => {
                    term.caught_up();
                    term.send(keys);
                }
            }
            if *keys == CTRL_C {
                term.prompt();
            }
            term.until(|screen| screen.contains(shows[at]));
            let screen = term.screen();
            assert!(screen.contains(shows[at]), "{language}: no {:?} after {keys:?}:\n{screen}", shows[at]);
            let own = |line: &&str| !line.starts_with("In [");
            let said: Vec<&str> = screen.lines().filter(own).collect();
            wrong.extend(strange(keys, &without_own(&said.join("\n"), &data), &vocabulary));
        }
    }
    assert_none(wrong);
}

// Which language.

/// What is said with nothing but these names set.
fn told(arguments: &[&str], vars: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    for name in ["SOCKBOOK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"] {
        command.env_remove(name);
    }
    command.args(arguments).envs(vars.iter().copied()).stdin(Stdio::null());
    said(&command.output().unwrap())
}

fn language_of(said: &str) -> &'static str {
    let words = |name: &str| Vocabulary::read(name).found_in(said).len();
    match words("english").cmp(&words("spanish")) {
        Ordering::Greater => "en",
        Ordering::Less => "es",
        Ordering::Equal => panic!("{said}"),
    }
}

#[test]
fn the_option_goes_before_the_names_and_those_in_their_order() {
    let script = ["-c", "recv"];
    for (vars, language) in [
        (&[][..], "en"),
        (&[("LANG", "es_CL.UTF-8")], "es"),
        (&[("LANG", "es")], "es"),
        (&[("LANG", "es_CL.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")], "en"),
        (&[("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "es_CL")], "es"),
        (&[("LC_MESSAGES", "es_CL.UTF-8"), ("LC_ALL", "C")], "en"),
        (&[("LC_MESSAGES", "C"), ("LC_ALL", "es_ES@euro")], "es"),
        // What is empty is not set; a language that is not spoken here is English.
        (&[("LC_ALL", ""), ("LANG", "es_CL.UTF-8")], "es"),
        (&[("LC_ALL", "de_DE.UTF-8"), ("LANG", "es_CL.UTF-8")], "en"),
        (&[("LANG", "est")], "en"),
        (&[("SOCKBOOK_LANG", "es"), ("LC_ALL", "en_US.UTF-8")], "es"),
        (&[("SOCKBOOK_LANG", "en"), ("LC_ALL", "es_CL.UTF-8")], "en"),
        (&[("SOCKBOOK_LANG", ""), ("LANG", "es_CL.UTF-8")], "es"),
        (&[("SOCKBOOK_LANG", "xx"), ("LANG", "es_CL.UTF-8")], "es"),
    ] {
        assert_eq!(language_of(&told(&script, vars)), language, "{vars:?}");
        assert_eq!(language_of(&told(&["--bad"], vars)), language, "{vars:?}");
        for lang in ["en", "es"] {
            assert_eq!(language_of(&told(&["--lang", lang, "-c", "recv"], vars)), lang, "{vars:?}");
        }
    }
}

#[test]
fn every_command_of_the_command_line_takes_the_language() {
    // What each says is a refusal, or a page.
    for line in [
        "run x1.sock",
        "test x1.sock",
        "check x1.sock",
        "fmt x1.sock",
        "help recv",
        "man",
        "completions ksh",
        "--help",
        "run --help",
        "help no_such_thing",
        "-c recv",
    ] {
        for language in ["en", "es"] {
            let words: Vec<&str> = line.split(' ').collect();
            let before: Vec<&str> = ["--lang", language].into_iter().chain(words.clone()).collect();
            let last: Vec<&str> = words.into_iter().chain(["--lang", language]).collect();
            let said = told(&last, &[]);
            assert_eq!(language_of(&said), language, "{line}");
            assert_eq!(told(&before, &[]), said, "{line}");
        }
    }
}

#[test]
fn a_session_changes_its_language_and_values_have_none() {
    let script = "try\n    recv\nexcept OSError as e\n    print ${e.message} ${e.name} ${e.class}\nend\n";
    let run = |language: &str| said(&sockbook(language).args(["--echo", "-c", script]).output().unwrap());
    assert!(run("es").contains("there is no current socket EBADF OSError\n"));
    assert_eq!(run("es"), run("en"));
    let failing =
        |lines: &str, language: &str| said(&sockbook(language).args(["-c", lines]).output().unwrap());
    assert!(failing("set lang es\nrecv", "en").contains("no hay un socket actual"));
    assert!(failing("set lang en\nrecv", "es").contains("there is no current socket"));
}

// Answers.

/// A script, what `test` or `test --bless` says of it in this language, and what is in the file then.
fn tested(script: &str, language: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x1.sock");
    std::fs::write(&path, script).unwrap();
    let output = sockbook(language).arg("test").args(more).arg(&path).output().unwrap();
    (output.status.code(), said(&output), std::fs::read_to_string(&path).unwrap())
}

/// Two answers that each language has its own way, with the first as it is in one.
const PAIR: &str = "a, b = socketpair\nshutdown\nb.recv\n#> ANSWER\n";
const ENGLISH: &str = "end of stream";
const SPANISH: &str = "fin del flujo";

#[test]
fn an_answer_may_stand_in_either_language() {
    for answer in [ENGLISH, SPANISH] {
        for language in ["en", "es"] {
            let (code, said, _) = tested(&PAIR.replace("ANSWER", answer), language, &[]);
            assert_eq!(code, Some(0), "{answer} {language}: {said}");
        }
    }
    let mixed = format!("{}b.recv\n#> {ENGLISH}\n", PAIR.replace("ANSWER", SPANISH));
    assert_eq!(tested(&mixed, "es", &[]).0, Some(0));
    assert_eq!(tested(&PAIR.replace("ANSWER", "no language has this"), "es", &[]).0, Some(1));
}

#[test]
fn a_wrong_answer_is_compared_in_the_language_of_the_file() {
    let script = format!("{}b.recv\n#> x\n", PAIR.replace("ANSWER", SPANISH));
    let (code, said, _) = tested(&script, "en", &[]);
    assert!(code == Some(1) && said.contains(&format!("+ {SPANISH}")), "{said}");
    let (_, said, _) = tested(&script.replace(SPANISH, ENGLISH), "es", &[]);
    assert!(said.contains(&format!("+ {ENGLISH}")), "{said}");
    // Nothing tells which it is: it is the session's.
    let (_, said, _) = tested(&PAIR.replace("ANSWER", "x"), "es", &[]);
    assert!(said.contains(&format!("+ {SPANISH}")), "{said}");
}

#[test]
fn blessing_keeps_the_language_of_the_file() {
    let more = "b.recv\n#> x\n";
    for (answer, run) in [(ENGLISH, "es"), (SPANISH, "en")] {
        let start = PAIR.replace("ANSWER", answer);
        // Also where the answer that tells comes after the one that is written.
        let early = start.replace("shutdown\n", "shutdown\nb.recv\n#> x\n");
        for script in [format!("{start}{more}"), early] {
            let (code, said, new) = tested(&script, run, &["--bless"]);
            assert_eq!((code, new), (Some(0), script.replace("#> x", &format!("#> {answer}"))), "{said}");
        }
    }
    // A new file's are the session's, and a script may choose.
    let bare = PAIR.replace("#> ANSWER\n", "");
    assert!(tested(&bare, "es", &["--bless"]).2.ends_with(&format!("b.recv\n#> {SPANISH}\n")));
    assert!(tested(&bare, "en", &["--bless"]).2.ends_with(&format!("b.recv\n#> {ENGLISH}\n")));
    let chosen = bare.replace("shutdown", "set lang es\nshutdown");
    assert!(tested(&chosen, "en", &["--bless"]).2.ends_with(&format!("b.recv\n#> {SPANISH}\n")));
}

#[test]
fn save_writes_in_the_language_of_the_session() {
    for (language, answer) in [("en", ENGLISH), ("es", SPANISH)] {
        let home = tempfile::Builder::new().prefix("sbp").tempdir_in("/tmp").unwrap();
        let program = [env!("CARGO_BIN_EXE_sockbook"), "--lang", language];
        let mut term = Term::sized(home.path(), home.path(), (40, 110), &program, &[]);
        term.prompt();
        for line in ["a, b = socketpair", "shutdown", "b.recv", "save x1.sock"] {
            term.run(line, "");
        }
        assert_eq!(term.leaves(), 0);
        let saved = std::fs::read_to_string(home.path().join("x1.sock")).unwrap();
        assert!(saved.contains(&format!("b.recv\n#> {answer}\n")), "{saved}");
        for other in ["en", "es"] {
            assert_eq!(tested(&saved, other, &[]).0, Some(0), "{saved}");
        }
    }
}
