//! The texts of the program in every language, as the sources have them, and which words are whose.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::common::files;

/// A text that the sources have in both languages.
pub struct Text {
    /// `FILE:LINE`.
    pub place: String,
    pub en: String,
    pub es: String,
}

/// A string of the sources.
pub struct Literal {
    pub place: String,
    pub text: String,
    /// What stands before it in its line.
    pub before: String,
}

/// Words that are one language's and not the other's: `english.txt` or `spanish.txt`.
pub struct Vocabulary(BTreeSet<String>);

impl Vocabulary {
    pub fn read(name: &str) -> Vocabulary {
        let path = Path::new("tests/texts").join(name).with_extension("txt");
        let text = std::fs::read_to_string(path).unwrap();
        Vocabulary(text.split_whitespace().map(str::to_string).collect())
    }

    /// The words of a text that are in here.
    pub fn found_in(&self, text: &str) -> Vec<String> {
        prose(text).into_iter().filter(|word| self.0.contains(word)).collect()
    }
}

/// The words of a text, in small letters, without what is code: in backticks, in braces, an option, beside a sign or a digit, with a
/// capital letter that does not begin it.
fn prose(text: &str) -> Vec<String> {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"`[^`]*`|\{[^{}]*\}|--?[a-z][a-z-]*|\bIn \[|\bOut\b").unwrap());
    let text = CODE.replace_all(text, " ");
    let mut words = Vec::new();
    for token in text.split_whitespace() {
        let token = token.trim_matches(|c: char| ".,;:!?¿¡()[]«»\"'…*|".contains(c));
        for word in token.split(['-', '–', '—', '\'']) {
            let spoken =
                word.chars().all(char::is_alphabetic) && !word.chars().skip(1).any(char::is_uppercase);
            if !word.is_empty() && spoken {
                words.push(word.to_lowercase());
            }
        }
    }
    words
}

/// Everything between `en "…"` and `es "…"` in the sources, and the two texts of each row of errno.rs.
pub fn texts() -> Vec<Text> {
    let mut found = Vec::new();
    for (path, source) in sources() {
        let all = literals(&path, &source);
        for pair in all.windows(2) {
            let marked = is_marked(&pair[0], "en") && is_marked(&pair[1], "es");
            let row = path.ends_with("value/errno.rs") && !pair[0].text.is_empty();
            let beside = ["", ","].contains(&pair[1].before.trim());
            if marked || row && beside {
                let (en, es) = (pair[0].text.clone(), pair[1].text.clone());
                found.push(Text { place: pair[0].place.clone(), en, es });
            }
        }
    }
    found
}

/// Does `en` or `es` stand before the string?
pub fn is_marked(literal: &Literal, language: &str) -> bool {
    let before = literal.before.trim_end().strip_suffix(language);
    before.is_some_and(|before| !before.ends_with(char::is_alphanumeric))
}

/// The sources without their tests and comments, by path.
pub fn sources() -> Vec<(String, String)> {
    let comment = Regex::new(r"(?m)^\s*//.*$").unwrap();
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod").next().unwrap();
        (path.display().to_string(), comment.replace_all(text, "").into_owned())
    };
    files(Path::new("src"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(read)
        .collect()
}

/// The strings of a source, as they are read by Rust.
pub fn literals(path: &str, source: &str) -> Vec<Literal> {
    let token = Regex::new(r#"(?s)'(?:\\.[^']*|[^\\'])'|"((?:[^"\\]|\\.)*)""#).unwrap();
    let mut found = Vec::new();
    let mut end = 0;
    for literal in token.captures_iter(source) {
        let whole = literal.get(0).unwrap();
        let before = source[end..whole.start()].to_string();
        end = whole.end();
        if let Some(text) = literal.get(1) {
            let line = source[..whole.start()].matches('\n').count() + 1;
            found.push(Literal { place: format!("{path}:{line}"), text: read(text.as_str()), before });
        }
    }
    found
}

/// A string's text: its escapes read, a line that goes on joined.
fn read(literal: &str) -> String {
    static ESCAPE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\\(\n\s*|.)").unwrap());
    let meant = |escape: &regex::Captures<'_>| match &escape[1] {
        "n" => "\n".to_string(),
        other => other.trim_start_matches(['\n', ' ']).to_string(),
    };
    ESCAPE.replace_all(literal, meant).into_owned()
}
