//! The one table. Dispatch, usage, help, completion, suggestions and the documents are questions put to it.

pub mod bytes;
pub mod condition;
pub mod expectations;
pub mod expr;
mod frame;
pub mod jobs;
pub mod life;
pub mod names;
pub mod options;
mod packing;
pub mod param;
mod receive;
pub mod receiving;
pub mod row;
pub mod send;
pub mod session;
pub mod words;

use std::sync::LazyLock;

use row::{Command, Group};

use crate::text::hash::NameMap;

/// The rows, in the order of the help.
static TABLES: [&[Command]; 9] = [
    life::ROWS,
    send::ROWS,
    receiving::ROWS,
    options::ROWS,
    names::ROWS,
    bytes::ROWS,
    jobs::ROWS,
    expectations::ROWS,
    session::ROWS,
];

/// Every command, in the order of the help.
pub fn all() -> impl Iterator<Item = &'static Command> {
    TABLES.into_iter().flatten()
}

/// The command of this name, or of this other name.
pub fn find(name: &str) -> Option<&'static Command> {
    INDEX.get(name).copied()
}

/// Names and other names to rows.
static INDEX: LazyLock<NameMap<&'static str, &'static Command>> = LazyLock::new(|| {
    all().flat_map(|row| std::iter::once(&row.name).chain(row.aliases).map(move |name| (*name, row))).collect()
});

/// A form of the language that is no command: what it looks like and what it does.
pub struct Form {
    pub name: &'static str,
    pub usage: &'static str,
    pub summary: &'static str,
    pub python: &'static str,
    pub example: &'static str,
    pub group: Group,
}

/// Blocks and statements, for the help; the parser knows their grammar.
pub const FORMS: &[Form] = &[
    Form {
        name: "repeat",
        usage: "repeat N … end",
        summary: "the lines inside, N times",
        python: "for _ in range(n):",
        example: "repeat 3\n    print hello\nend",
        group: Group::Blocks,
    },
    Form {
        name: "while",
        usage: "while CONDITION … end",
        summary: "the lines inside, as long as the condition holds",
        python: "while condition:",
        example: "let n = 3\nwhile $n > 0\n    let n = $n - 1\nend",
        group: Group::Blocks,
    },
    Form {
        name: "for",
        usage: "for NAME in WORD… … end",
        summary: "the lines inside once for each word, or for each item of a list",
        python: "for name in words:",
        example: "for word in hola \"buenos días\"\n    print $word\nend",
        group: Group::Blocks,
    },
    Form {
        name: "if",
        usage: "if CONDITION … [else if CONDITION …] [else …] end",
        summary: "the lines of the first part whose condition holds",
        python: "if condition: … elif condition: … else: …",
        example: "let n = 3\nif $n > 2\n    print many\nelse\n    print few\nend",
        group: Group::Blocks,
    },
    Form {
        name: "try",
        usage: "try … [except [ERROR…] [as NAME] …] [finally …] end",
        summary: "catch an error by its name or class; `finally` runs in every case",
        python: "try: … except ConnectionError as e: … finally: …",
        example: "socket inet stream\ntry\n    connect 127.0.0.1 1\nexcept ConnectionError as e\n    print ${e.name}\nfinally\n    close\nend",
        group: Group::Blocks,
    },
    Form {
        name: "def",
        usage: "def NAME ARGUMENT… … end",
        summary: "a command of your own; what it assigns stays inside",
        python: "def name(argument): …",
        example: "def greet who\n    print \"hola, ${who}\"\nend\ngreet mundo",
        group: Group::Blocks,
    },
    Form {
        name: "spawn",
        usage: "spawn NAME … end",
        summary: "a thread: it sees the names as they are now and shares the sockets; `wait NAME` waits for it",
        python: "threading.Thread(target=…).start()",
        example: "a, b = socketpair\nspawn peer\n    b.sendall hola\nend\na.recv\nwait peer",
        group: Group::Jobs,
    },
    Form {
        name: "return",
        usage: "return [WORD]",
        summary: "leave a `def`, giving a value",
        python: "return value",
        example: "def twice n\n    let m = $n * 2\n    return $m\nend\nx = twice 21\nprint $x",
        group: Group::Blocks,
    },
    Form {
        name: "break",
        usage: "break",
        summary: "leave the innermost loop",
        python: "break",
        example: "while true\n    break\nend",
        group: Group::Blocks,
    },
    Form {
        name: "continue",
        usage: "continue",
        summary: "go on with the next round of the innermost loop",
        python: "continue",
        example: "repeat 2\n    continue\nend",
        group: Group::Blocks,
    },
    Form {
        name: "source",
        usage: "source FILE",
        summary: "the lines of another file, here; its path is relative to this file",
        python: "exec(open(file).read())",
        example: "",
        group: Group::Blocks,
    },
    Form {
        name: "fails",
        usage: "fails [ERROR…] COMMAND…",
        summary: "succeed only if the command fails, and so; a time-out only where it is named",
        python: "with pytest.raises(ConnectionRefusedError): …",
        example: "socket inet stream\nfails ECONNREFUSED connect 127.0.0.1 1",
        group: Group::Tests,
    },
];

pub fn form(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|f| f.name == name)
}

/// All words a line can begin with, for suggestions and completion.
pub fn openings() -> impl Iterator<Item = &'static str> {
    let keywords = ["else", "except", "finally", "end"];
    all().map(|c| c.name).chain(FORMS.iter().map(|f| f.name)).chain(keywords)
}

#[cfg(test)]
mod table {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_name_stands_twice() {
        let mut seen = HashSet::new();
        for name in
            all().flat_map(|c| std::iter::once(&c.name).chain(c.aliases)).chain(FORMS.iter().map(|f| &f.name))
        {
            assert!(seen.insert(*name), "{name} stands twice");
        }
    }

    #[test]
    fn optional_words_come_last() {
        for row in all() {
            let words: Vec<bool> =
                row.params.iter().filter(|p| !p.usage.is_empty()).map(|p| p.optional).collect();
            assert!(words.is_sorted(), "{}: {:?}", row.name, words);
        }
    }

    #[test]
    fn every_row_says_what_it_stands_for() {
        for row in all() {
            let calls = !matches!(row.group, Group::Tests | Group::Session | Group::Bytes | Group::Jobs);
            let named = !row.c.is_empty() && !row.rust.is_empty() && !row.python.is_empty();
            assert!(named || !calls, "{} has no call", row.name);
            assert!(!row.summary.ends_with('.') && !row.summary.is_empty(), "{}", row.name);
            assert!(!row.example.is_empty(), "{} has no example", row.name);
            for error in row.errors {
                assert!(crate::value::errno::Caught::from_name(error).is_some(), "{}: {error}", row.name);
            }
        }
    }
}
