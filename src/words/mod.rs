//! The languages of the program, and what it says in each.
//!
//! A sentence about a fact is a function of that fact, in [`Words`]: `en` and `es` hold one each, so that plural, gender
//! and the order of words are plain Rust, and one that is missing does not compile. A sentence that is said in one place
//! is written there, in every language at once, with `say!` and `phrase!` (see [`sentence`]). `glossary.md` names the
//! terms that all texts use.
//!
//! Nothing here knows the rest of the program: a function takes numbers and texts.
//!
//! A third language is a file with an `impl Words` beside these two, whose `phrase` finds its texts by the English ones,
//! and a row in [`LANGUAGES`].

#[macro_use]
pub mod sentence;

mod en;
mod es;
mod foreign;

pub use foreign::foreign;
pub use sentence::{Counted, Hole, OneOf, Phrase, Sentence, counted, one_of};

/// A language by its place in [`LANGUAGES`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lang(u8);

/// A language of the program.
pub struct Language {
    /// Its code, as `--lang` and `set lang` take it, and as LANG begins.
    pub code: &'static str,
    /// What it calls itself.
    pub name: &'static str,
    words: &'static dyn Words,
}

/// Every language; the first is the one that is spoken where none is chosen, and that data are in.
pub const LANGUAGES: &[Language] = &[
    Language { code: "en", name: "English", words: &en::English },
    Language { code: "es", name: "español", words: &es::Spanish },
];

/// Their codes, in the order of the table.
pub const CODES: [&str; LANGUAGES.len()] = {
    let mut codes = [""; LANGUAGES.len()];
    let mut at = 0;
    while at < codes.len() {
        codes[at] = LANGUAGES[at].code;
        at += 1;
    }
    codes
};

impl Lang {
    /// English, which data are in as well.
    pub const EN: Lang = Lang(0);
    /// Spanish.
    pub const ES: Lang = Lang(1);

    /// Every language, in the order of the table.
    pub fn all() -> impl Iterator<Item = Lang> {
        (0..LANGUAGES.len() as u8).map(Lang)
    }

    /// The language of a code such as `es`.
    pub fn of_code(code: &str) -> Option<Lang> {
        Lang::all().find(|lang| lang.row().code == code)
    }

    /// The language of a locale such as `es_CL.UTF-8`.
    pub fn of_locale(locale: &str) -> Option<Lang> {
        Lang::of_code(locale.split(['_', '.', '@', '-']).next().unwrap_or_default())
    }

    /// Its place in the table.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Its row of the table.
    pub fn row(self) -> &'static Language {
        &LANGUAGES[self.index()]
    }

    /// Its code, as `--lang` takes it.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// Its sentences about facts.
    pub fn words(self) -> &'static dyn Words {
        self.row().words
    }
}

/// What is counted in sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A word that a command is given.
    Argument,
    /// To be filled in by a student.
    Blank,
    /// Of data.
    Byte,
    /// Of text.
    Character,
    /// Of a time that grows.
    Doubling,
    /// Of a BPF program.
    Instruction,
    /// Of a script, or of what a program wrote.
    Line,
    /// Found before anything runs.
    Mistake,
    /// Sent, received or lost.
    Packet,
    /// What a script brings that passes, in a course.
    Point,
    /// A segment without data, sent to see whether the peer is there.
    Probe,
    /// Of a loop.
    Round,
    /// A `.sock` file.
    Script,
    /// Of TCP.
    Segment,
    /// A piece of memory that is given to a call beside others.
    Slice,
    /// Of the session's table.
    Socket,
    /// A part of a script that is a test of its own.
    Subtest,
    /// How often: `3 times`.
    Time,
    /// Of a script that may be run again.
    Try,
    /// Of a pair or a list.
    Value,
    /// Found before anything runs, and no mistake.
    Warning,
    /// Of a line.
    Word,
}

/// The limit that ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `--timeout` of the command.
    Command,
    /// `set timeout`.
    Session,
    /// `--timeout` of the command line.
    CommandLine,
    /// What `test` gives each command where nothing else is said.
    Default,
    /// `settimeout` of the socket.
    Socket,
    /// `--within` of an `expect`, for the commands in its condition.
    Within,
    /// The kernel's own.
    System,
}

/// How many scripts came out how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// All of them.
    pub scripts: u64,
    /// At the first try or a later one.
    pub passed: u64,
    /// Of those that passed.
    pub flaky: u64,
    /// At every try, or not valid.
    pub failed: u64,
    /// By `skip` or `require`.
    pub skipped: u64,
    /// The run ended before.
    pub not_run: u64,
    /// Failed, as they are known to.
    pub known: u64,
    /// Cut short by a signal.
    pub interrupted: u64,
    /// The `subtest`s.
    pub subtests: u64,
    /// Those that failed.
    pub subtests_failed: u64,
    /// The points that came, of those that there are.
    pub points: Option<(u64, u64)>,
}

/// The sentences about facts. A text that comes in (a path, a value, a name) is shown as it is.
pub trait Words: Sync {
    /// A text that is written in every language at once.
    fn phrase(&self, phrase: &Phrase) -> &'static str;
    /// "1 byte", "2 bytes".
    fn count(&self, n: u64, noun: Noun) -> String;
    /// "`a`, `b` or `c`", for what was expected.
    fn one_of(&self, words: &[&str]) -> String;

    // What is known of a call that failed, beyond its number.

    /// The stream ended; `wanted` is absent where no length was asked for.
    fn early_end(&self, got: u64, wanted: Option<u64>) -> String;
    /// More than `max` bytes came.
    fn too_much(&self, max: u64) -> String;
    /// The delimiter was not among the first `max` bytes.
    fn no_delimiter(&self, max: u64) -> String;
    /// The command puts a stream together, and this kind of socket keeps messages apart.
    fn needs_stream(&self, kind: &str) -> String;
    /// A frame announces `length` bytes, and `max` may come.
    fn frame_too_long(&self, length: u64, max: u64) -> String;
    /// The stream ended after `got` of the bytes that a frame announced.
    fn frame_cut(&self, got: u64, announced: u64) -> String;
    /// Bytes that are no text, from the byte `at` on.
    fn not_utf8(&self, at: usize, byte: u8) -> String;
    /// A value of another kind than is due.
    fn not_a(&self, found: &str, wanted: &str) -> String;
    /// A number that is not within `low` and `high`.
    fn out_of_range(&self, found: &str, what: &str, low: i64, high: i64) -> String;
    /// An empty name is one that is not known.
    fn unset(&self, name: &str) -> String;
    /// A value of this kind has no property of this name.
    fn no_property(&self, of: &str, name: &str) -> String;
    /// A list of `length` has no element `index`, which counts from 0.
    fn no_element(&self, index: usize, length: usize) -> String;
    /// A receive that went to a file failed; the file holds these bytes.
    fn file_holds(&self, path: &str, bytes: u64) -> String;
    /// A limit ran out; `after` is its duration.
    fn no_answer(&self, after: &str, limit: Limit) -> String;
    /// More than `most` calls of `def`s within each other.
    fn too_deep(&self, most: usize) -> String;
    /// An address of another family than the socket's.
    fn other_family(&self, found: &str, wanted: &str) -> String;
    /// A send of `offered` bytes failed when `taken` had been taken.
    fn sent_so_far(&self, taken: u64, offered: u64) -> String;

    // Why a script does not go on.

    /// `fail TEXT`.
    fn failed(&self, text: &str) -> String;
    /// `skip TEXT`.
    fn skipped(&self, text: &str) -> String;
    /// The limit of the whole script ran out; `after` is its duration.
    fn script_limit(&self, after: &str) -> String;
    /// Ended by a signal that has a name, or by Ctrl-C.
    fn ended_by(&self, signal: Option<&str>) -> String;
    /// How a program ended that a signal ended.
    fn killed_by(&self, signal: &str) -> String;
    /// A class and those that it is derived from: `BrokenPipeError, a ConnectionError, an OSError`.
    fn classes(&self, class: &str, parents: &[&str]) -> String;
    /// Where a thread waits; an empty call is none, an empty socket none.
    fn thread_waits(&self, thread: &str, call: &str, socket: &str) -> String;
    /// What a receive had taken when it failed, and where that is.
    fn data_so_far(&self, place: &str, bytes: u64, shown: &str) -> String;

    // An expectation that did not hold.

    /// `right` is false for an operator that has one side only, as `empty`.
    /// Each comparison that did not hold: whether it is negated, its operator, and whether it has a right side.
    fn expectation_failed(&self, sides: &[(bool, &str, bool)]) -> String;
    /// The two sides of a comparison, as they were; lined up.
    fn sides(&self, left: &str, right: Option<&str>) -> Vec<String>;
    /// What a command gave that was to fail.
    fn gave(&self, value: &str) -> String;
    /// Expected was a failure, with one of these names if there are any, and there was none.
    fn did_not_fail(&self, names: &[&str]) -> String;
    /// Expected was a failure with one of these names, and it was another.
    fn failed_otherwise(&self, names: &[&str], headline: &str) -> String;
    /// In place of `n` lines that are not shown.
    fn more_lines(&self, n: u64) -> String;

    // What Out shows.

    /// `offered` bytes were given to a send, and `taken` of them taken.
    fn taken(&self, taken: u64, offered: u64) -> String;
    /// The start of a message, whose rest is lost, or is still there.
    fn cut_message(&self, got: u64, whole: u64, lost: bool) -> String;
    /// Where a datagram came from.
    fn from(&self, address: &str) -> String;
    /// A receive wrote this many bytes to a file; `end`: up to the end of stream.
    fn filed(&self, bytes: u64, path: &str, end: bool) -> String;
    /// The beginning of a value of `bytes`.
    fn and_more(&self, shown: &str, bytes: u64) -> String;

    // What `check` and `test` say in the end.

    /// The last line of `check`.
    fn checked(&self, scripts: u64, mistakes: u64, warnings: u64) -> String;
    /// The last line of `test --repeat`.
    fn runs_failed(&self, failures: u64, runs: u64) -> String;
    /// Beside a script that passed, or failed, after more than one try.
    fn tried_again(&self, times: u64) -> String;
    /// Why a script fails whose `subtest`s did.
    fn subtests_failed(&self, failed: usize, of: usize) -> String;
    /// The last line of `test`.
    fn totals(&self, totals: &Totals) -> String;

    // The prompt.

    /// `save` left out lines that failed.
    fn lines_left_out(&self, lines: u64) -> String;
    /// `save` wrote this many lines.
    fn lines_saved(&self, lines: u64, path: &str) -> String;
    /// `reset` closed this many sockets.
    fn session_reset(&self, sockets: u64) -> String;

    // A program that a script started.

    /// It runs, with this process id.
    fn running_as(&self, pid: i32) -> String;
    /// It ended with this status.
    fn exited_with(&self, code: i32) -> String;
}
