//! The helpers that a written program stands on (`runtime/*.py`), of which it has those that it uses.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The helpers: Python as it stands in programs.
const TEXTS: &[&str] = &[
    include_str!("runtime/values.py"),
    include_str!("runtime/sockets.py"),
    include_str!("runtime/session.py"),
];

/// The modules of Python's standard library that helpers and programs use.
pub const MODULES: &[&str] = &[
    "atexit",
    "base64",
    "builtins",
    "ctypes",
    "errno",
    "fcntl",
    "hashlib",
    "hmac",
    "json",
    "os",
    "re",
    "select",
    "shutil",
    "signal",
    "socket",
    "struct",
    "subprocess",
    "sys",
    "tempfile",
    "termios",
    "threading",
    "time",
    "traceback",
    "weakref",
    "zlib",
];

/// One definition of the helpers.
struct Helper {
    /// The names that it defines.
    names: Vec<&'static str>,
    text: &'static str,
    /// The words of its text.
    words: BTreeSet<&'static str>,
}

static HELPERS: LazyLock<Vec<Helper>> = LazyLock::new(|| {
    TEXTS
        .iter()
        .flat_map(|text| text.split("\n\n\n"))
        .map(|text| {
            let text = text.trim_matches('\n');
            let names = text.lines().filter_map(defined).collect();
            Helper { names, text, words: words(text).collect() }
        })
        .collect()
});

/// The name that a line at the left margin defines.
fn defined(line: &'static str) -> Option<&'static str> {
    let rest = line.strip_prefix("def ").or_else(|| line.strip_prefix("class ")).unwrap_or(line);
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
    let is_definition = rest.len() != line.len() || rest[end..].starts_with(" = ");
    (end > 0 && is_definition).then(|| &rest[..end])
}

/// The words of a Python text that no dot stands before.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.split(move |c| !is_word(c) && c != '.')
        .filter_map(move |word| word.split('.').next().filter(|first| !first.is_empty()))
}

/// Is it the name of a helper?
pub fn is_helper(name: &str) -> bool {
    HELPERS.iter().any(|helper| helper.names.contains(&name))
}

/// The imports and the helpers that a program needs which uses these names, in two pieces of text, each with the line
/// end of its last line. `labels`: the words of tables, in one language.
pub fn prelude(used: &BTreeSet<String>, labels: &[&str]) -> (String, String) {
    let mut wanted: BTreeSet<&str> = used.iter().map(String::as_str).collect();
    loop {
        let before = wanted.len();
        for helper in HELPERS.iter() {
            if helper.names.iter().any(|name| wanted.contains(name)) {
                // The helpers' own lines are whole.
                wanted.extend(helper.words.iter().filter(|word| **word != "print"));
            }
        }
        if wanted.len() == before {
            break;
        }
    }
    let needed = HELPERS.iter().filter(|helper| helper.names.iter().any(|name| wanted.contains(name)));
    let pieces: Vec<&str> = needed.map(|helper| helper.text).collect();
    let imports = MODULES.iter().filter(|module| wanted.contains(*module));
    let imports: String = imports.map(|module| format!("import {module}\n")).collect();
    let mut helpers = pieces.join("\n\n\n");
    if pieces.is_empty() {
        return (imports, helpers);
    }
    helpers.push('\n');
    if wanted.contains("LABELS") {
        let labels: Vec<String> = labels.iter().map(|label| super::code::text_literal(label)).collect();
        helpers = format!("LABELS = ({})\n\n\n{helpers}", labels.join(", "));
    }
    (imports, helpers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_what_it_uses() {
        let used = ["recvline".to_string()].into();
        let (imports, helpers) = prelude(&used, &[]);
        assert_eq!(imports, "import errno\nimport os\nimport socket\nimport time\n");
        assert!(helpers.contains("def recvuntil(") && helpers.contains("def taking("), "{helpers}");
        assert!(!helpers.contains("def hexdump"), "{helpers}");
        assert_eq!(prelude(&BTreeSet::new(), &[]), (String::new(), String::new()));
    }

    #[test]
    fn every_definition_is_found() {
        for helper in HELPERS.iter() {
            assert!(!helper.names.is_empty(), "{}", helper.text);
        }
        assert!(is_helper("shown") && is_helper("barriers") && is_helper("sharing"));
    }
}
