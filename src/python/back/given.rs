//! The words of a command as its row reads them: its options apart from the rest.

use super::Writer;
use super::code::{Code, Type};
use super::operand::Got;
use crate::command::row::Command;
use crate::text::words::Word;
use crate::value::duration_of;

/// What a command was given.
pub struct Given<'w, 't> {
    options: Vec<(&'static str, Option<&'w Word<'t>>)>,
    /// The words that are no options.
    pub words: Vec<&'w Word<'t>>,
}

impl<'w, 't> Given<'w, 't> {
    /// Sorts the words; options stand anywhere before `--`, but not behind a program's name.
    pub fn of(row: &'static Command, words: &'w [Word<'t>]) -> Given<'w, 't> {
        let mut given = Given { options: Vec::new(), words: Vec::new() };
        // NAME and COMMAND.
        let most = row.syntax().words_before_program().map(|_| 1);
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let text = word.bare().unwrap_or("");
            let behind_program = most.is_some_and(|most| given.words.len() > most);
            if text == "--" && !behind_program {
                given.words.extend(rest.by_ref());
                break;
            }
            let spec = row.options().find(|spec| spec.name == text).filter(|_| !behind_program);
            match spec {
                Some(spec) => given.options.push((spec.name, spec.value.and_then(|_| rest.next()))),
                None => given.words.push(word),
            }
        }
        given
    }

    /// Is the option given?
    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(given, _)| *given == name)
    }

    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&'w Word<'t>> {
        self.all(name).next()
    }

    /// The values of an option that stands several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &'w Word<'t>> {
        self.options.iter().filter(move |(given, _)| *given == name).filter_map(|(_, value)| *value)
    }

    /// The options that are given and not among these.
    pub fn other_than(&self, known: &[&str]) -> Option<&'static str> {
        self.options.iter().map(|(name, _)| *name).find(|name| !known.contains(name))
    }

    /// The word at this place.
    pub fn word(&self, at: usize) -> Option<&'w Word<'t>> {
        self.words.get(at).copied()
    }
}

/// The letters of a word, quoted or not; None of a value, which is known only when the program runs.
pub fn known(word: &Word<'_>) -> Option<String> {
    word.literal().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// The row of a table of `(name, constant, number)` that these letters name.
pub fn named<'r>(table: &'r [(&str, &str, i32)], text: &str) -> Option<&'r (&'r str, &'r str, i32)> {
    table.iter().find(|row| row.0.eq_ignore_ascii_case(text) || row.1.eq_ignore_ascii_case(text))
}

/// The options of DATA.
pub const DATA: &[&str] = &["--file", "--base64", "--crlf", "--repeat"];

impl Writer<'_> {
    /// DATA of these words, with what its options do to them.
    pub fn given_data(&mut self, given: &Given<'_, '_>, words: &[&Word<'_>]) -> Got<Code> {
        let mut code = match given.option("--file") {
            Some(path) => {
                let path = self.text(path)?;
                Code::atom(format!("{}({path})", self.helper("read_file")), Type::Bytes)
            }
            None => self.data(words)?,
        };
        if given.has("--base64") {
            self.module("base64");
            code = Code::atom(format!("base64.b64decode({})", code.text), Type::Bytes);
        }
        if given.has("--crlf") {
            code = Code::atom(format!("{}({})", self.helper("crlf"), code.text), Type::Bytes);
        }
        if let Some(times) = given.option("--repeat") {
            let times = self.value(times)?;
            let times = self.number(&times);
            code = Code::level(format!("{} * {}", code.above(12), times.above(13)), Type::Bytes, 12);
        }
        Ok(code)
    }

    /// A word out of a table of `(name, constant, number)` as the constant of Python's `socket`; one that is a value is
    /// looked up when the program runs.
    pub fn constant(&mut self, word: &Word<'_>, table: &[(&str, &str, i32)]) -> Got<String> {
        let Some(text) = known(word) else {
            let code = self.value(word)?;
            return Ok(format!("{}({})", self.helper("socket_constant"), code.text));
        };
        self.module("socket");
        Ok(match named(table, &text) {
            Some((_, constant, number)) if constant.starts_with("IPPROTO_MPTCP") => number.to_string(),
            Some((_, constant, _)) => format!("socket.{constant}"),
            None => self.whole(word)?,
        })
    }

    /// A length of time as Python's seconds.
    pub fn seconds(&mut self, word: &Word<'_>) -> Got<String> {
        if let Some(time) = word.literal().and_then(|b| std::str::from_utf8(b).ok()).and_then(duration_of) {
            return Ok(format!("{}", time.as_secs_f64()));
        }
        let code = self.value(word)?;
        Ok(format!("{}({})", self.helper("seconds"), code.text))
    }

    /// The value of `--timeout`.
    pub fn limit(&mut self, given: &Given<'_, '_>) -> Got<Option<String>> {
        given.option("--timeout").map(|word| self.seconds(word)).transpose()
    }

    /// An integer.
    pub fn whole(&mut self, word: &Word<'_>) -> Got<String> {
        let code = self.value(word)?;
        Ok(self.number(&code).text)
    }
}
