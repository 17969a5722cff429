//! The table as a TextMate grammar, which editors colour `.sock` files with.
//!
//! The patterns keep to what Oniguruma and the `regex` crate both read, so that a test can use them.

use serde_json::{Value as Json, json};

use crate::command::all;
use crate::command::arithmetic;
use crate::command::condition::operator_words;
use crate::command::row::Kind;
use crate::text::forms::FORMS;
use crate::value::errno::Caught;

const NAME: &str = "[A-Za-z_][A-Za-z0-9_]*";

/// `sock.tmLanguage.json`, as it lies in `scripts/editors`.
pub fn textmate() -> String {
    let targets = format!(r"(?:({NAME})(?:\s*,\s*({NAME}))?\s+(=)\s+)?");
    let socket = format!(r"(?:({NAME})(\.))?");
    let commands = alternatives(commands());
    let keywords = alternatives(keywords());
    let grammar = json!({
        "name": "sockbook",
        "scopeName": "source.sock",
        "fileTypes": ["sock"],
        "firstLineMatch": "^#!.*\\bsockbook\\b",
        "patterns": [
            { "match": r"^\s*(#>)(.*)$", "name": "comment.line.answer.sock",
              "captures": { "1": scope("punctuation.definition.answer"), "2": scope("string.unquoted.answer") } },
            { "match": r"^\s*(# %%.*)$", "captures": { "1": scope("markup.heading.cell") } },
            { "match": r"(?:^|\s)(#.*)$", "captures": { "1": scope("comment.line.number-sign") } },
            { "match": r"\\$", "name": "punctuation.separator.continuation.sock" },
            { "match": format!(r"^\s*(def)\s+({NAME})"),
              "captures": { "1": scope("keyword.control"), "2": scope("entity.name.function") } },
            { "match": format!(r"^\s*(for)\s+({NAME})\s+(in)\b"),
              "captures": { "1": scope("keyword.control"), "2": scope("variable.other"), "3": scope("keyword.control") } },
            { "match": r"^\s*(else)\s+(if)\b",
              "captures": { "1": scope("keyword.control"), "2": scope("keyword.control") } },
            { "match": format!(r"\s(as)\s+({NAME})\s*$"),
              "captures": { "1": scope("keyword.control"), "2": scope("variable.other") } },
            { "match": format!(r"^\s*{targets}(fails)((?:\s+[A-Z][A-Za-z0-9]*)*)\s+{socket}({commands})(\?|\b)"),
              "captures": {
                  "1": scope("variable.other"), "2": scope("variable.other"), "3": scope("keyword.operator.assignment"),
                  "4": scope("keyword.control"), "5": scope("support.class.error"), "6": scope("variable.other.socket"),
                  "7": scope("punctuation.accessor"), "8": scope("support.function"), "9": scope("keyword.operator.help"),
              } },
            { "match": format!(r"^\s*({keywords})\b"), "captures": { "1": scope("keyword.control") } },
            { "match": format!(r"^\s*{targets}{socket}({commands})(\?|\b)"),
              "captures": {
                  "1": scope("variable.other"), "2": scope("variable.other"), "3": scope("keyword.operator.assignment"),
                  "4": scope("variable.other.socket"), "5": scope("punctuation.accessor"), "6": scope("support.function"),
                  "7": scope("keyword.operator.help"),
              } },
            { "match": format!(r"^\s*({})\s*$", alternatives(signs())), "captures": { "1": scope("support.function") } },
            { "begin": format!(r"<<-?'({NAME})'"), "end": r"^\s*(\1)$", "name": "string.unquoted.heredoc.raw.sock" },
            { "begin": format!("<<-?\"?({NAME})\"?"), "end": r"^\s*(\1)$", "name": "string.unquoted.heredoc.sock",
              "patterns": [{ "include": "#escape" }, { "include": "#braced" }] },
            { "begin": r#"\br""#, "end": r#"""#, "name": "string.quoted.raw.sock", "patterns": [{ "match": r"\\." }] },
            { "begin": r"\br'", "end": "'", "name": "string.quoted.raw.sock", "patterns": [{ "match": r"\\." }] },
            { "begin": r#"\bx""#, "end": r#"""#, "name": "string.quoted.hex.sock", "patterns": [{ "include": "#hex" }] },
            { "begin": r"\bx'", "end": "'", "name": "string.quoted.hex.sock", "patterns": [{ "include": "#hex" }] },
            { "begin": r#"""#, "end": r#"""#, "name": "string.quoted.double.sock",
              "patterns": [{ "include": "#escape" }, { "include": "#braced" }] },
            { "begin": "'", "end": "'", "name": "string.quoted.single.sock",
              "patterns": [{ "include": "#escape" }, { "include": "#braced" }] },
            { "match": format!(r"(\$\()\s*(?:({NAME})(\.))?({commands})\b"),
              "captures": {
                  "1": scope("punctuation.section.embedded.begin"), "2": scope("variable.other.socket"),
                  "3": scope("punctuation.accessor"), "4": scope("support.function"),
              } },
            { "include": "#braced" },
            { "match": r"\$[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*", "name": "variable.other.value.sock" },
            { "match": format!(r"\s({})\b", alternatives(options())), "captures": { "1": scope("entity.other.attribute-name") } },
            { "match": r"\s(&)\s*$", "captures": { "1": scope("keyword.operator.background") } },
            { "match": format!(r"\s({})(?:\s|$)", alternatives(operators())), "captures": { "1": scope("keyword.operator") } },
            { "match": format!(r"\b({})\b", alternatives(errors())), "name": "support.class.error.sock" },
            { "match": format!(r"\b({})\b", alternatives(constants())), "name": "constant.language.sock" },
            { "match": r"\b(?:0x[0-9A-Fa-f]+|[0-9]+(?:\.[0-9]+)?[A-Za-z]{0,3})\b", "name": "constant.numeric.sock" },
        ],
        "repository": {
            "escape": { "patterns": [
                { "match": r#"\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\}|[abefnrtv\\'"$]|$)"#,
                  "name": "constant.character.escape.sock" },
                { "match": r"\\.", "name": "invalid.illegal.escape.sock" },
            ] },
            "braced": { "patterns": [
                { "match": r"\$\{[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*(?::-[^}]*)?\}", "name": "variable.other.value.sock" },
            ] },
            "hex": { "patterns": [
                { "match": r"[0-9A-Fa-f]+", "name": "constant.numeric.hex.sock" },
                { "match": r"\S", "name": "invalid.illegal.hex.sock" },
            ] },
        },
    });
    format!("{grammar:#}\n")
}

fn scope(name: &str) -> Json {
    json!({ "name": format!("{name}.sock") })
}

/// Words as `a|b`, the longer first, each taken literally.
fn alternatives(words: impl IntoIterator<Item = impl Into<String>>) -> String {
    let mut words: Vec<String> = words.into_iter().map(Into::into).collect();
    words.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    words.dedup();
    let literal: Vec<String> = words.iter().map(|w| regex::escape(w).replace("\\-", "-")).collect();
    literal.join("|")
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// What a line can begin with that is a command's name.
pub fn commands() -> impl Iterator<Item = &'static str> {
    all().flat_map(|c| std::iter::once(c.name).chain(c.aliases.iter().copied())).filter(|n| is_word(n))
}

/// `=` and `?`.
fn signs() -> impl Iterator<Item = &'static str> {
    all().flat_map(|c| c.aliases.iter().copied()).filter(|n| !is_word(n))
}

/// The words of blocks.
pub fn keywords() -> impl Iterator<Item = &'static str> {
    FORMS.iter().map(|f| f.name)
}

/// `--timeout` and its like.
pub fn options() -> impl Iterator<Item = &'static str> {
    all().flat_map(|c| c.options().map(|o| o.name))
}

fn operators() -> impl Iterator<Item = &'static str> {
    operator_words().chain(arithmetic::operator_words()).chain(["not", "and", "or", "="])
}

fn errors() -> impl Iterator<Item = &'static str> {
    Caught::names()
}

/// Words that a parameter is one of: `inet`, `stream`, `true`.
pub fn constants() -> impl Iterator<Item = &'static str> {
    let words = |kind: Kind| match kind {
        Kind::Word(words) => words,
        _ => &[],
    };
    all().flat_map(move |c| c.params.iter().flat_map(move |p| words(p.kind))).copied().chain(["none"])
}
