//! Pieces of Python: an expression with what is known of its value, literals, names.

use std::fmt::Write as _;

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// An integer.
    Int,
    /// `bytes`.
    Bytes,
    /// `bytes`, or None at the end of a stream.
    Line,
    /// A socket.
    Socket,
    /// An address of the internet, or what `getsockname` gives for another family.
    Address,
    /// A list.
    List,
    /// A map.
    Map,
    /// An error.
    Error,
    /// A program.
    Process,
    /// True or False.
    Flag,
    /// It may be anything.
    Any,
    /// No line that gives it is known yet.
    Never,
}

impl Type {
    /// What is known of a value that is one or the other.
    pub fn or(self, other: Type) -> Type {
        match (self, other) {
            (Type::Never, known) | (known, Type::Never) => known,
            (one, other) if one == other => one,
            (Type::Bytes | Type::Line, Type::Bytes | Type::Line) => Type::Line,
            _ => Type::Any,
        }
    }
}

/// A Python expression.
#[derive(Clone, Debug)]
pub struct Code {
    /// Its text.
    pub text: String,
    /// What its value is.
    pub of: Type,
    /// How tightly its operator binds, of Python's: see [`Code::ATOM`].
    pub level: u8,
}

impl Code {
    /// Nothing binds tighter: a name, a call, a literal.
    pub const ATOM: u8 = 20;
    /// A comparison; `not`, `and` and `or` are below it.
    pub const COMPARISON: u8 = 4;

    /// A name, a call, a literal: what needs no parentheses.
    pub fn atom(text: impl Into<String>, of: Type) -> Code {
        Code { text: text.into(), of, level: Code::ATOM }
    }

    /// What has an operator of this level.
    pub fn level(text: impl Into<String>, of: Type, level: u8) -> Code {
        Code { text: text.into(), of, level }
    }

    /// The text as it stands before a dot.
    pub fn tight(&self) -> String {
        self.above(Code::ATOM)
    }

    /// The text as it stands where what binds at least so tightly needs no parentheses.
    pub fn above(&self, level: u8) -> String {
        if self.level >= level { self.text.clone() } else { format!("({})", self.text) }
    }

    /// A literal integer.
    pub fn int(n: i64) -> Code {
        Code { text: n.to_string(), of: Type::Int, level: if n < 0 { 15 } else { Code::ATOM } }
    }

    /// A literal of bytes.
    pub fn bytes(bytes: &[u8]) -> Code {
        Code::atom(bytes_literal(bytes), Type::Bytes)
    }
}

/// `"…"`: the text as a Python literal.
pub fn text_literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    push_text(text, false, &mut out);
    out.push('"');
    out
}

/// Adds text as it stands in a literal; `braces`: in one of an f-string.
pub fn push_text(text: &str, braces: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '{' | '}' if braces => out.extend([c, c]),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            // What cannot be seen, or turns the text around it, is written as its number.
            c if c.is_control() || crate::text::literal::is_unseen(c) => {
                let _ = match c as u32 {
                    n @ ..=0xffff => write!(out, "\\u{n:04x}"),
                    n => write!(out, "\\U{n:08x}"),
                };
            }
            c => out.push(c),
        }
    }
}

/// `b"…"`, or `"…".encode()` for text that ASCII has no letters for.
pub fn bytes_literal(bytes: &[u8]) -> String {
    if !bytes.is_ascii()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return format!("{}.encode()", text_literal(text));
    }
    let mut out = String::from("b\"");
    for &byte in bytes {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => out.push(byte as char),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
    out
}

/// Words that no name of a script may be in Python: its keywords, what it has without an import, and the names that the
/// written program uses.
const TAKEN: &[&str] = &[
    "abs",
    "aiter",
    "all",
    "and",
    "anext",
    "any",
    "ArithmeticError",
    "as",
    "ascii",
    "assert",
    "AssertionError",
    "async",
    "AttributeError",
    "await",
    "BaseException",
    "BaseExceptionGroup",
    "bin",
    "BlockingIOError",
    "bool",
    "break",
    "breakpoint",
    "BrokenPipeError",
    "BufferError",
    "bytearray",
    "bytes",
    "BytesWarning",
    "callable",
    "ChildProcessError",
    "chr",
    "class",
    "classmethod",
    "compile",
    "complex",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "continue",
    "copyright",
    "credits",
    "def",
    "del",
    "delattr",
    "DeprecationWarning",
    "dict",
    "dir",
    "divmod",
    "elif",
    "Ellipsis",
    "else",
    "EncodingWarning",
    "enumerate",
    "EnvironmentError",
    "EOFError",
    "eval",
    "except",
    "Exception",
    "ExceptionGroup",
    "exec",
    "exit",
    "failed",
    "False",
    "FileExistsError",
    "FileNotFoundError",
    "filter",
    "finally",
    "float",
    "FloatingPointError",
    "for",
    "format",
    "found",
    "from",
    "frozenset",
    "FutureWarning",
    "GeneratorExit",
    "getattr",
    "global",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "if",
    "import",
    "ImportError",
    "ImportWarning",
    "in",
    "IndentationError",
    "IndexError",
    "input",
    "int",
    "InterruptedError",
    "IOError",
    "is",
    "IsADirectoryError",
    "isinstance",
    "issubclass",
    "iter",
    "KeyboardInterrupt",
    "KeyError",
    "LABELS",
    "lambda",
    "last",
    "len",
    "license",
    "list",
    "locals",
    "LookupError",
    "map",
    "max",
    "MemoryError",
    "memoryview",
    "min",
    "ModuleNotFoundError",
    "NameError",
    "next",
    "None",
    "nonlocal",
    "not",
    "NotADirectoryError",
    "NotImplemented",
    "NotImplementedError",
    "object",
    "oct",
    "open",
    "or",
    "ord",
    "OSError",
    "OverflowError",
    "pass",
    "PendingDeprecationWarning",
    "PermissionError",
    "pow",
    "print",
    "ProcessLookupError",
    "property",
    "PythonFinalizationError",
    "quit",
    "raise",
    "range",
    "RecursionError",
    "ReferenceError",
    "repr",
    "ResourceWarning",
    "return",
    "reversed",
    "round",
    "RuntimeError",
    "RuntimeWarning",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "StopAsyncIteration",
    "StopIteration",
    "str",
    "sum",
    "super",
    "SyntaxError",
    "SyntaxWarning",
    "SystemError",
    "SystemExit",
    "TabError",
    "TimeoutError",
    "True",
    "try",
    "tuple",
    "type",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "ValueError",
    "vars",
    "Warning",
    "while",
    "with",
    "yield",
    "ZeroDivisionError",
    "zip",
];

/// May a name of a script not be the same in Python?
pub fn is_taken(name: &str) -> bool {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    // `__file__`; `_1` and `found_2` are the program's own.
    let is_own =
        name.starts_with("__") || ["_", "found_"].iter().any(|p| name.strip_prefix(p).is_some_and(is_number));
    is_own
        || TAKEN.contains(&name)
        || super::runtime::MODULES.contains(&name)
        || super::runtime::is_helper(name)
}

/// The name of a script in Python, where some are taken.
pub fn name(name: &str) -> String {
    // What ends in `_` moves on too, so that no two become one.
    let plain = name.trim_end_matches('_');
    if !plain.is_empty() && is_taken(plain) { format!("{name}_") } else { name.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_pythons() {
        assert_eq!(text_literal("a\"\\\n\u{1b}é\u{202e}"), "\"a\\\"\\\\\\n\\x1bé\\u202e\"");
        assert_eq!(bytes_literal(b"a\r\n\0\""), "b\"a\\r\\n\\x00\\\"\"");
        assert_eq!(bytes_literal("café".as_bytes()), "\"café\".encode()");
        assert_eq!(bytes_literal(b"\xff"), "b\"\\xff\"");
    }

    #[test]
    fn names_stay_apart() {
        assert_eq!(name("data"), "data");
        assert_eq!(name("in"), "in_");
        assert_eq!(name("in_"), "in__");
        assert_eq!(name("socket"), "socket_");
        assert_eq!(name("_"), "_");
        assert_eq!(name("OSError"), "OSError_");
        assert_eq!(name("__file__"), "__file___");
        assert_eq!(name("_x"), "_x");
    }
}
