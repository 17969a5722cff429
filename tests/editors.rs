//! What editors and shells get is made from the table and reads as it should.

use std::path::Path;
use std::process::{Command, Output};

use regex::Regex;
use serde_json::Value as Json;
use sockbook::command::all;
use sockbook::manual::grammar;
use sockbook::text::forms::FORMS;

fn sockbook(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sockbook")).args(arguments).output().expect("the binary runs")
}

#[test]
fn the_grammar_in_the_folder_is_the_tables() {
    let path = Path::new("scripts/editors/sock.tmLanguage.json");
    let made = grammar::textmate();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == made, "sockbook help --grammar > {}", path.display());
    assert_eq!(String::from_utf8_lossy(&sockbook(&["help", "--grammar"]).stdout), made);
}

#[test]
fn the_files_for_editors_are_json() {
    for name in ["package.json", "language-configuration.json", "sock.tmLanguage.json"] {
        let text = std::fs::read_to_string(Path::new("scripts/editors").join(name)).unwrap();
        serde_json::from_str::<Json>(&text).expect(name);
    }
}

/// Enough of a TextMate engine for lines: the first rule that matches earliest wins.
struct Grammar {
    rules: Vec<Rule>,
}

struct Rule {
    begin: Regex,
    /// For what goes on until its end; `\1` is put in when it begins.
    end: Option<String>,
    name: Option<String>,
    captures: Vec<(usize, String)>,
    inside: Vec<Rule>,
}

fn rules(list: &Json, whole: &Json) -> Vec<Rule> {
    let mut made = Vec::new();
    for rule in list.as_array().into_iter().flatten() {
        if let Some(include) = rule["include"].as_str() {
            made.extend(rules(&whole["repository"][&include[1..]]["patterns"], whole));
            continue;
        }
        let begin = rule["match"].as_str().or(rule["begin"].as_str()).expect("a pattern");
        let captures = rule["captures"].as_object().into_iter().flatten();
        made.push(Rule {
            begin: Regex::new(begin).expect(begin),
            end: rule["end"].as_str().map(str::to_string),
            name: rule["name"].as_str().map(str::to_string),
            captures: captures
                .map(|(n, c)| (n.parse().unwrap(), c["name"].as_str().unwrap().to_string()))
                .collect(),
            inside: rules(&rule["patterns"], whole),
        });
    }
    made
}

impl Grammar {
    fn load() -> Grammar {
        let whole: Json = serde_json::from_str(&grammar::textmate()).unwrap();
        Grammar { rules: rules(&whole["patterns"], &whole) }
    }

    /// The coloured pieces of some lines, as `piece scope`, the scope without `.sock`.
    fn tokens(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut at = 0;
        colour(&self.rules, text, &mut at, None, &mut found);
        found
    }
}

fn token(text: &str, scope: &str) -> String {
    format!("{} {}", text.trim(), scope.trim_end_matches(".sock"))
}

fn colour(rules: &[Rule], text: &str, at: &mut usize, end: Option<&Regex>, found: &mut Vec<String>) {
    loop {
        // An engine sees a line at a time.
        let line_start = text[..*at].rfind('\n').map_or(0, |n| n + 1);
        let line_end = text[*at..].find('\n').map_or(text.len(), |n| *at + n);
        let line = &text[line_start..line_end];
        let from = *at - line_start;
        let ends = end.and_then(|e| e.find_at(line, from));
        let starts = rules
            .iter()
            .filter_map(|r| r.begin.captures_at(line, from).map(|c| (c.get(0).unwrap().start(), r, c)))
            .min_by_key(|(start, ..)| *start);
        match (ends, starts) {
            (Some(e), starts) if starts.as_ref().is_none_or(|s| s.0 >= e.start()) => {
                *at = line_start + e.end();
                return;
            }
            (_, Some((_, rule, captures))) => {
                let whole = captures.get(0).unwrap();
                *at = line_start + whole.end();
                for (n, scope) in &rule.captures {
                    if let Some(piece) = captures.get(*n).filter(|p| !p.is_empty()) {
                        found.push(token(piece.as_str(), scope));
                    }
                }
                if let Some(pattern) = &rule.end {
                    let tag = captures.get(1).map_or("", |t| t.as_str());
                    let pattern = pattern.replace("\\1", &regex::escape(tag));
                    let begun = line_start + whole.start();
                    let place = found.len();
                    colour(&rule.inside, text, at, Some(&Regex::new(&pattern).unwrap()), found);
                    let name = rule.name.as_deref().unwrap_or("");
                    found.insert(place, token(&text[begun..*at], name));
                } else if let Some(name) = &rule.name {
                    found.push(token(whole.as_str(), name));
                }
                assert!(!whole.is_empty() || *at < line_end || whole.end() == line.len());
                if whole.is_empty() {
                    *at = line_end;
                }
            }
            (None, None) if line_end < text.len() => *at = line_end + 1,
            _ => {
                *at = text.len();
                return;
            }
        }
        if *at == line_end && line_end < text.len() {
            *at += 1;
            if end.is_none() {
                continue;
            }
        }
        if *at >= text.len() && end.is_none() {
            return;
        }
    }
}

#[test]
fn every_word_of_the_table_is_coloured() {
    let grammar = Grammar::load();
    let has = |line: &str, want: String| {
        let tokens = grammar.tokens(line);
        assert!(tokens.contains(&want), "{line}: {want} is not in {tokens:?}");
    };
    for row in all() {
        for name in std::iter::once(&row.name).chain(row.aliases) {
            has(&format!("{name} "), format!("{name} support.function"));
            if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                has(&format!("a, b = sock.{name} 5"), format!("{name} support.function"));
            }
        }
        for option in row.options() {
            has(
                &format!("{} {} x", row.name, option.name),
                format!("{} entity.other.attribute-name", option.name),
            );
        }
    }
    for name in FORMS.iter().map(|f| f.name) {
        let line = format!("{name} recv");
        has(&line, format!("{name} keyword.control"));
    }
    for name in sockbook::value::errno::Caught::names() {
        has(&format!("except {name}"), format!("{name} support.class.error"));
    }
}

#[test]
fn lines_are_coloured_as_they_are_read() {
    let grammar = Grammar::load();
    for (text, want) in [
        (
            "sock = socket inet stream # why",
            vec![
                "sock variable.other",
                "= keyword.operator.assignment",
                "socket support.function",
                "inet constant.language",
                "stream constant.language",
                "# why comment.line.number-sign",
            ],
        ),
        (
            "    l.accept --timeout 2s &",
            vec![
                "l variable.other.socket",
                ". punctuation.accessor",
                "accept support.function",
                "--timeout entity.other.attribute-name",
                "2s constant.numeric",
                "& keyword.operator.background",
            ],
        ),
        (
            "sendall \"a\\n${x.len}\\q # no\"",
            vec![
                "sendall support.function",
                "\"a\\n${x.len}\\q # no\" string.quoted.double",
                "\\n constant.character.escape",
                "${x.len} variable.other.value",
                "\\q invalid.illegal.escape",
            ],
        ),
        (
            "send r\"\\\"\" x'de g'",
            vec![
                "send support.function",
                "r\"\\\"\" string.quoted.raw",
                "\\\" ",
                "x'de g' string.quoted.hex",
                "de constant.numeric.hex",
                "g invalid.illegal.hex",
            ],
        ),
        (
            "#> 5 bytes",
            vec![
                "#> punctuation.definition.answer",
                "5 bytes string.unquoted.answer",
                "#> 5 bytes comment.line.answer",
            ],
        ),
        ("# %% [markdown]", vec!["# %% [markdown] markup.heading.cell"]),
        (
            "fails ECONNREFUSED s.connect localhost 1",
            vec![
                "fails keyword.control",
                "ECONNREFUSED support.class.error",
                "s variable.other.socket",
                ". punctuation.accessor",
                "connect support.function",
                "1 constant.numeric",
            ],
        ),
        (
            "send <<END\n  close ${x}\nEND\nclose",
            vec![
                "send support.function",
                "<<END\n  close ${x}\nEND string.unquoted.heredoc",
                "${x} variable.other.value",
                "close support.function",
            ],
        ),
        (
            "while $n >= 0x10",
            vec![
                "while keyword.control",
                "$n variable.other.value",
                ">= keyword.operator",
                "0x10 constant.numeric",
            ],
        ),
    ] {
        // A rule without a name colours nothing.
        let tokens = grammar.tokens(text);
        let want: Vec<&str> = want.into_iter().filter(|w| !w.ends_with(' ')).collect();
        assert_eq!(tokens, want, "{text}");
    }
}

#[test]
fn completions_hold_the_words_of_the_language() {
    for shell in ["bash", "zsh", "fish"] {
        let output = sockbook(&["completions", shell]);
        assert!(output.status.success() && !output.stdout.is_empty(), "{shell}");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        for word in ["recvuntil", "--filter", "completions"] {
            // Fish's script completes options and subcommands only.
            if shell == "fish" && word == "recvuntil" {
                continue;
            }
            let word = if shell == "fish" { word.trim_start_matches('-') } else { word };
            assert!(text.contains(word), "{shell}: {word}");
        }
    }
    for shell in ["elvish", "powershell"] {
        assert!(!sockbook(&["completions", shell]).stdout.is_empty(), "{shell}");
    }
    assert_eq!(sockbook(&["completions", "csh"]).status.code(), Some(2));
}

/// Has a program read what sockbook writes; it must not complain.
fn is_read_by(program: &str, arguments: &[&str], written: &[u8]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), written).unwrap();
    let read = Command::new(program).args(arguments).arg(file.path()).output().unwrap();
    let said = String::from_utf8_lossy(&read.stderr).into_owned();
    assert!(read.status.success() && said.is_empty(), "{program}: {said}");
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
fn bash_reads_its_completions() {
    is_read_by("bash", &["-n"], &sockbook(&["completions", "bash"]).stdout);
}

#[test]
#[cfg_attr(without = "zsh", ignore = "zsh is missing")]
fn zsh_reads_its_completions() {
    is_read_by("zsh", &["-n"], &sockbook(&["completions", "zsh"]).stdout);
}

#[test]
#[cfg_attr(without = "fish", ignore = "fish is missing")]
fn fish_reads_its_completions() {
    is_read_by("fish", &["--no-execute"], &sockbook(&["completions", "fish"]).stdout);
}

#[test]
#[cfg_attr(without = "groff", ignore = "groff is missing")]
fn groff_reads_the_manual_page() {
    is_read_by("groff", &["-man", "-Tutf8", "-ww", "-z"], &sockbook(&["man"]).stdout);
}

#[test]
#[cfg_attr(without = "mandoc", ignore = "mandoc is missing")]
fn mandoc_reads_the_manual_page() {
    is_read_by("mandoc", &["-T", "lint", "-W", "error"], &sockbook(&["man"]).stdout);
}

#[test]
fn the_manual_page_holds_every_command() {
    let text = String::from_utf8(sockbook(&["man"]).stdout).unwrap();
    for row in all() {
        assert!(text.contains(&format!("\\fB{}", row.name)), "{} is not in the page", row.name);
    }
    for form in FORMS {
        assert!(text.contains(&format!("\\fB{}", form.name)), "{} is not in the page", form.name);
    }
}
