//! The repository's own scripts see what is false: each expectation, each answer, each `fails` and each `except` that
//! is reached is falsified in turn, and the script must fail.
//!
//! A sample by default; `SOCKBOOK_MUTANTS=` makes all, `SOCKBOOK_MUTANTS=text/` those of scripts whose path holds this.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code)]
mod script_text;

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;

use script_text::{is_half, logical, scripts};

/// By default one script of so many is taken, and of its mutants one of so many.
const SAMPLE: usize = 4;

/// Mutants that may live, or be no scripts: the end of a script's path, the changed line, what was changed, and why.
const MAY_LIVE: &[(&str, &str, &str, &str)] = &[
    ("files/print.sock", "#>", "a line of the answer is gone", "a last empty line may be left out"),
    (
        "lang/conditions.sock",
        "expect not true or true",
        "the condition is negated",
        "the `not` that is put before it is of its first part alone",
    ),
    (
        "lang/conditions.sock",
        "expect ($n == 5)",
        "another value is expected",
        "the value takes its parenthesis along",
    ),
    (
        "lang/properties.sock",
        "fails AttributeError print ${a.len}",
        "`fails` is dropped",
        "found before anything runs",
    ),
    (
        "lang/properties.sock",
        "fails AttributeError print $(a.getsockname).len",
        "`fails` is dropped",
        "found before anything runs",
    ),
];

/// A script with one thing changed.
struct Mutant {
    script: PathBuf,
    /// The line of the change, from 1, and its text.
    line: usize,
    was: String,
    /// The lines of its command and its answer, where the failure is to be.
    blamed: RangeInclusive<usize>,
    what: &'static str,
    text: String,
}

#[test]
fn what_is_falsified_fails() {
    let only = std::env::var("SOCKBOOK_MUTANTS").ok();
    let mut all = scripts(Path::new("tests/cases/ok"));
    all.extend(scripts(Path::new("scripts")));
    all.retain(|p| !is_half(p) && !p.starts_with("scripts/net"));
    match &only {
        Some(part) => all.retain(|p| p.to_string_lossy().contains(part)),
        None => all = all.into_iter().step_by(SAMPLE).collect(),
    }
    let copy = tempfile::Builder::new().prefix("sbmut").tempdir_in("/tmp").unwrap();
    // With their folders, for what one script sources of another.
    let copied = Command::new("cp")
        .args(["-r", "--parents", "tests/cases/ok", "scripts"])
        .arg(copy.path())
        .status()
        .unwrap();
    assert!(copied.success());
    let place = |path: &Path| copy.path().join(path);

    // Unchanged they pass, under another name too; and tell which lines are reached.
    let reached = run(copy.path(), &all.iter().map(|p| place(p)).collect::<Vec<_>>());
    let mut mutants = Vec::new();
    for path in &all {
        let (status, lines) = (&reached[&place(path)].status, &reached[&place(path)].reached);
        assert!(status == "passed" || status == "skipped", "{}: {status}", path.display());
        mutants.extend(mutate(path, lines));
    }
    if only.is_none() {
        mutants = mutants.into_iter().step_by(SAMPLE).collect();
    }
    let mut files = Vec::new();
    for (number, mutant) in mutants.iter().enumerate() {
        let beside = place(&mutant.script).with_file_name(format!("mutant-{number}.sock"));
        std::fs::write(&beside, &mutant.text).unwrap();
        files.push(beside);
    }
    let mut results = BTreeMap::new();
    for some in files.chunks(400) {
        results.extend(run(copy.path(), some));
    }
    let (mut survivors, mut invalid, mut elsewhere, mut explained) =
        (Vec::new(), Vec::new(), Vec::new(), HashSet::new());
    for (mutant, file) in mutants.iter().zip(&files) {
        let result = &results[file];
        let place = format!("{}:{}", mutant.script.display(), mutant.line);
        let shown = format!("{place}: {}: `{}`", mutant.what, mutant.was);
        let row = MAY_LIVE.iter().position(|(script, was, what, _)| {
            mutant.script.ends_with(script) && mutant.was.trim() == *was && mutant.what == *what
        });
        match (result.status.as_str(), row) {
            ("failed", None) if !mutant.blamed.contains(&(result.line as usize)) => {
                elsewhere.push(format!("{shown} fails at line {}", result.line));
            }
            ("failed", None) => {}
            ("failed", Some(row)) => survivors.push(format!("{shown} is found by now: {:?}", MAY_LIVE[row])),
            ("invalid", None) => invalid.push(format!("{shown}: {}", result.message)),
            (_, Some(row)) => drop(explained.insert(row)),
            _ => survivors.push(shown),
        }
    }
    println!(
        "{} scripts, {} mutants: {} live, {} may live, {} failed in what they call, {} are no scripts",
        all.len(),
        mutants.len(),
        survivors.len(),
        explained.len(),
        elsewhere.len(),
        invalid.len()
    );
    elsewhere.iter().chain(&invalid).for_each(|line| println!("{line}"));
    assert!(survivors.is_empty(), "nothing sees that these are false:\n{}", survivors.join("\n"));
    assert!(invalid.is_empty(), "not a script any more:\n{}", invalid.join("\n"));
}

/// How a script ended.
struct Ran {
    status: String,
    /// Where it failed.
    line: u64,
    message: String,
    /// The lines of its own that ran.
    reached: HashSet<usize>,
}

fn run(folder: &Path, files: &[PathBuf]) -> BTreeMap<PathBuf, Ran> {
    let report = folder.join("report.json");
    let output = Command::new(env!("CARGO_BIN_EXE_sockbook"))
        .args(["test", "-j", "4", "--timeout", "20s", "--limit", "60s", "--report"])
        .arg(format!("json={}", report.display()))
        .args(files)
        .env_remove("SOCKBOOK_LANG")
        .output()
        .unwrap();
    let text = std::fs::read_to_string(&report)
        .unwrap_or_else(|e| panic!("{e}\n{}", String::from_utf8_lossy(&output.stderr)));
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut found = BTreeMap::new();
    for script in report["scripts"].as_array().unwrap() {
        let file = script["file"].as_str().unwrap();
        let own = |c: &&serde_json::Value| c["file"].as_str() == Some(file);
        let commands = script["commands"].as_array().unwrap().iter();
        let ran = Ran {
            status: script["status"].as_str().unwrap().to_string(),
            line: script["error"]["line"].as_u64().unwrap_or(0),
            message: script["error"]["message"].as_str().unwrap_or("").to_string(),
            reached: commands.filter(own).filter_map(|c| c["line"].as_u64()).map(|n| n as usize).collect(),
        };
        found.insert(PathBuf::from(file), ran);
    }
    found
}

/// The mutants of a script.
fn mutate(path: &Path, reached: &HashSet<usize>) -> Vec<Mutant> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut change = |what: &'static str, at: usize, until: usize, blamed, new: Option<String>| {
        let mut changed: Vec<String> = lines.iter().map(|l| l.to_string()).collect();
        changed.splice(at..until, new);
        let mutant = Mutant {
            script: path.to_path_buf(),
            line: at + 1,
            was: lines[at].to_string(),
            blamed,
            what,
            text: changed.join("\n") + "\n",
        };
        found.push(mutant);
    };
    let all = logical(&text);
    for (number, line) in all.iter().enumerate() {
        let (at, until) = (line.lines.start, line.lines.end);
        let whole = lines[at..until].join("\n");
        let is_reached = reached.contains(&(at + 1));
        let ended = until - at == 1;
        let answers = (until..lines.len()).take_while(|l| lines[*l].trim_start().starts_with("#>")).count();
        let blamed = at + 1..=until + answers;
        match line.command.as_str() {
            "expect" if is_reached && ended => {
                for (what, new) in false_expectations(&whole) {
                    change(what, at, until, blamed.clone(), Some(new));
                }
            }
            "fails" if is_reached => {
                let (before, rest) = whole.split_once("fails").unwrap();
                let mut words: Vec<&str> = rest.split(' ').collect();
                words.retain(|w| !w.is_empty());
                let names = words.iter().take_while(|w| is_error(w)).count();
                let command = words[names..].join(" ");
                change(
                    "another error is awaited",
                    at,
                    until,
                    blamed.clone(),
                    Some(format!("{before}fails EXDEV {command}")),
                );
                // A name that is given to the error stays known.
                let alone = match before.rsplit_once('=') {
                    Some(_) => format!("{command}\n{whole}"),
                    None => format!("{before}{command}"),
                };
                change("`fails` is dropped", at, until, blamed.clone(), Some(alone));
            }
            "except" => {
                let caught = all
                    .get(number + 1)
                    .is_some_and(|next| next.depth > line.depth && reached.contains(&(next.lines.start + 1)));
                let words: Vec<&str> = whole.split_whitespace().collect();
                let names = words[1..].iter().take_while(|w| is_error(w)).count();
                if caught && names > 0 {
                    let rest = words[1 + names..].join(" ");
                    change(
                        "another error is caught",
                        at,
                        until,
                        1..=until,
                        Some(format!("except EXDEV {rest}")),
                    );
                }
            }
            _ => {}
        }
        // Its answer.
        if !is_reached {
            continue;
        }
        for answer in until..until + answers {
            let body = lines[answer].trim_start().trim_start_matches("#>").trim_start();
            let false_one = match body {
                "..." => "#> ~~~".to_string(),
                _ if body.ends_with("[..]") => format!("#> ~{body}"),
                _ => format!("#> {body}~"),
            };
            change("the answer is another", answer, answer + 1, blamed.clone(), Some(false_one));
            // What stands beside `...` is in it.
            let is_any =
                |at: usize| (until..until + answers).contains(&at) && lines[at].trim().ends_with("#> ...");
            // The empty line at the end, which a text's own line end makes, may be left out.
            let may_go = answer + 1 == until + answers && body.is_empty();
            if answers > 1 && !may_go && !(answer.saturating_sub(1)..=answer + 1).any(is_any) {
                change("a line of the answer is gone", answer, answer + 1, blamed.clone(), None);
            }
        }
    }
    found
}

/// Is this word of `fails` or `except` an error's name?
fn is_error(word: &str) -> bool {
    let name = word.starts_with('E')
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    name || matches!(word, "gaierror" | "Exception")
        || word.starts_with(|c: char| c.is_ascii_uppercase()) && word.ends_with("Error")
}

/// An expectation's opposites.
fn false_expectations(line: &str) -> Vec<(&'static str, String)> {
    let (indent, rest) = line.split_once("expect ").unwrap();
    let rest = match rest.find(" #") {
        Some(at) if !rest[..at].contains('"') || rest[..at].matches('"').count() % 2 == 0 => {
            rest[..at].trim_end()
        }
        _ => rest.trim_end(),
    };
    let words = words(rest);
    let mut found = Vec::new();
    if words.len() == 1 && rest != "true" {
        found.push(("another text is expected", format!("{indent}expect \"~ never ~\"")));
        return found;
    }
    let either = words.iter().any(|w| w == "or");
    if let Some(rest) = rest.strip_prefix("not ") {
        found.push(("the condition is negated", format!("{indent}expect {rest}")));
    } else if !either && words[0] != "--within" && !rest.contains("(?<") && !rest.contains("(?P<") {
        // Of what holds within a time, the contrary may hold before; without a match there are no named groups.
        found.push(("the condition is negated", format!("{indent}expect not {rest}")));
    }
    let joined = words.iter().any(|w| w == "and" || w == "or" || w == "else");
    if words.len() >= 3
        && !joined
        && matches!(words[words.len() - 2].as_str(), "==" | "contains" | "startswith" | "endswith")
        && !words.iter().any(|w| w == "not")
    {
        let last = words.last().unwrap();
        let other = match last.parse::<i64>() {
            Ok(number) => number.wrapping_add(1).to_string(),
            Err(_) if last == "true" => "false".to_string(),
            Err(_) if last == "false" => "true".to_string(),
            Err(_) if last.ends_with('"') && last.starts_with("x\"") => {
                format!("{}7e\"", &last[..last.len() - 1])
            }
            Err(_) if last.ends_with(['"', '\'']) => {
                let (text, quote) = last.split_at(last.len() - 1);
                format!("{text}~{quote}")
            }
            Err(_) if last.starts_with('$') => "\"~ never ~\"".to_string(),
            Err(_) => format!("{last}~"),
        };
        let before = &rest[..rest.len() - last.len()];
        found.push(("another value is expected", format!("{indent}expect {before}{other}")));
    }
    found
}

/// A line's words, quotes kept together.
fn words(text: &str) -> Vec<String> {
    let (mut found, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            None if c.is_whitespace() => {
                if !word.is_empty() {
                    found.push(std::mem::take(&mut word));
                }
                continue;
            }
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(_) if c == '\\' => {
                word.push(c);
                word.extend(chars.next());
                continue;
            }
            Some(mark) if c == mark => quote = None,
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
}
