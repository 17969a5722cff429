//! What a command came to: facts, from which the prompt, the reports and JSON each speak.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::text::diagnostic::Span;
use crate::text::literal;
use crate::value::errno::{Class, Code};
use crate::value::process::Process;
use crate::value::socket::{Endpoint, Moved};
use crate::value::way::{Leg, Way};
use crate::value::{Address, Bytes, Value, duration_text};
pub use crate::words::Limit;
use crate::words::{Lang, Phrase, Sentence};

/// What a command gives: an outcome, or the reason why the script does not simply go on.
pub type Reply = Result<Outcome, Box<Halt>>;

/// The result and how it came about.
#[derive(Debug, Default)]
pub struct Outcome {
    pub value: Value,
    /// The other of a pair: the address beside a socket or beside bytes.
    pub second: Value,
    pub fact: Fact,
}

#[derive(Debug, Default)]
pub enum Fact {
    /// No result: `$_` stays as it is, and no Out is shown.
    #[default]
    Nothing,
    /// The value says it all.
    Value,
    /// So it does, and it is a word and no data.
    Word,
    Created,
    CreatedPair,
    Accepted,
    Bound,
    /// The value says how many bytes were taken.
    Sent {
        offered: usize,
    },
    Received {
        /// A stream is at its end.
        end: bool,
        /// Nothing came, which may be the end or an empty message: a seqpacket socket does not tell.
        unsure: bool,
        /// The datagram's length, where it was longer than what came.
        whole: Option<NonZeroUsize>,
        /// It was only looked at, and is still to be received.
        peeked: bool,
    },
    /// The number of the socket, whose own address it was given.
    Connected {
        number: u32,
    },
    /// What was received went to a file.
    Filed {
        path: String,
        end: bool,
    },
    Printed(String),
    /// The same, and what is printed next stands on the same line.
    PrintedPart(String),
    /// Of the value; with the fields that `unpack` read out of these bytes last.
    Hexdump(Vec<Part>),
    Sockets(Vec<SocketFacts>),
    Table(Table),
    /// A picture, which is drawn as wide as there is room.
    Drawing(Box<dyn Drawing>),
    /// Help was asked for, on one topic or on all; the sockets are those that a page on states shows.
    Help {
        topic: Option<String>,
        sockets: Vec<SocketFacts>,
    },
}

/// A field of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// From this byte up to, but not with, that one.
    pub from: usize,
    pub to: usize,
    /// What it was read as: `u16be`, `H`.
    pub name: String,
    /// The value as it is written.
    pub value: String,
}

/// What is drawn when it is shown.
pub trait Drawing: std::fmt::Debug + Send + Sync {
    /// In a window of so many columns.
    fn draw(&self, columns: usize, lang: Lang) -> String;
}

/// Rows of anything. What a cell says in words, it says in every language.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Table {
    pub head: Vec<Phrase>,
    pub rows: Vec<Vec<Sentence>>,
}

/// Everything to be seen of one socket. What the kernel would not say is absent.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SocketFacts {
    pub current: bool,
    pub name: String,
    pub fd: Option<i32>,
    pub family: String,
    pub kind: String,
    pub local: Option<Address>,
    pub peer: Option<Address>,
    /// `LISTEN`, `ESTABLISHED`, …; `CLOSED` for a socket that was closed here.
    pub state: String,
    pub receive_queue: Option<u64>,
    pub send_queue: Option<u64>,
    pub readable: bool,
    pub writable: bool,
    pub end_of_stream: bool,
    /// An error the kernel reports (POLLERR); the number itself would be consumed by reading it.
    pub error: bool,
    /// It was closed here; its state is what the kernel still holds of it.
    pub closed: bool,
    /// Connections waiting for `accept`, and how many may.
    pub backlog: Option<(u32, u32)>,
    /// What it sent.
    pub sent: Moved,
    /// What it received.
    pub received: Moved,
    /// The bytes that the peer has acknowledged, and those that were received, over the connection's life.
    pub moved: Option<(u64, u64)>,
}

impl Fact {
    /// Is there a value that `$_` should keep? What has none is there to be shown, or is nothing.
    #[inline]
    pub fn is_result(&self) -> bool {
        use Fact::*;
        !matches!(
            self,
            Nothing
                | Printed(_)
                | PrintedPart(_)
                | Hexdump(_)
                | Sockets(_)
                | Table(_)
                | Drawing(_)
                | Help { .. }
        )
    }
}

impl Outcome {
    pub fn nothing() -> Reply {
        Ok(Outcome::default())
    }

    pub fn value(value: Value) -> Reply {
        Ok(Outcome { value, second: Value::Nothing, fact: Fact::Value })
    }

    pub fn with(value: Value, fact: Fact) -> Reply {
        Ok(Outcome { value, second: Value::Nothing, fact })
    }

    /// Does what it shows end its line?
    pub fn ends_line(&self) -> bool {
        !matches!(self.fact, Fact::PrintedPart(_))
    }

    /// Is there something that `$_` should keep?
    pub fn has_result(&self) -> bool {
        self.fact.is_result()
    }
}

/// A call that failed.
#[derive(Debug, Clone)]
pub struct CallError {
    /// The C name of the call, empty where no call was made.
    pub call: &'static str,
    pub code: Code,
    pub detail: Detail,
    /// Where it was to go.
    pub to: Option<Box<Address>>,
    /// What is known of the cause here, in place of the usual one.
    pub advice: Option<Box<Sentence>>,
    /// The parameter whose word is at fault.
    pub blame: Option<&'static str>,
    /// The word at fault, where a single one is: it stands in the line of `span`.
    pub word: Option<Span>,
    /// It happened in a `$(…)` of the line, whose own command it is not.
    pub inner: bool,
    /// What a command that loops had done before it failed.
    pub done: Done,
    pub socket: Option<Arc<Endpoint>>,
    /// Where it happened: set once, by the innermost line.
    pub span: Option<Span>,
    /// The calls all threads waited in, when a limit ran out and there were several.
    pub waiting: Vec<Waiting>,
    /// The lines that were on their way.
    pub way: Way,
}

/// A thread of the script inside a call, as a report shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub thread: Arc<str>,
    /// The C name of the call; empty where it was between calls.
    pub call: &'static str,
    /// The socket's number, 0 for none.
    pub number: u32,
    /// Its name and address, filled in by the session.
    pub socket: String,
}

/// What a command that loops had done before it failed, or was interrupted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// What a receive had taken.
    pub data: Option<Bytes>,
    /// How far it had come.
    pub progress: Option<Progress>,
}

impl Done {
    /// The message, and how far the command had come.
    pub fn told(&self, message: String, lang: Lang) -> String {
        let words = lang.words();
        match &self.progress {
            None => message,
            Some(Progress::Sent { taken, offered }) => {
                format!("{message}; {}", words.sent_so_far(*taken, *offered))
            }
            Some(Progress::Filed { path, bytes }) => {
                format!("{message}; {}", words.file_holds(&literal::one_line(path), *bytes))
            }
        }
    }
}

/// How far a command that loops had come before it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The kernel had taken so many of so many bytes.
    Sent { taken: u64, offered: u64 },
    /// A file holds so much of what came.
    Filed { path: String, bytes: u64 },
}

/// What is known beyond the number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Detail {
    #[default]
    None,
    /// The stream ended; `wanted` is absent where no length was asked for.
    Early {
        wanted: Option<u64>,
        got: u64,
    },
    /// More came than was allowed.
    TooMuch {
        max: u64,
    },
    /// As much came as was allowed, and the delimiter was not in it.
    NoDelimiter {
        max: u64,
    },
    /// The command puts a stream together, and this kind of socket keeps messages apart.
    NoStream {
        kind: String,
    },
    /// A frame said it was longer than is allowed; nothing of its body was taken.
    Announced {
        length: u64,
        max: u64,
    },
    /// The stream ended inside a frame.
    ShortFrame {
        announced: u64,
        got: u64,
    },
    NotUtf8 {
        at: usize,
        byte: u8,
    },
    /// A value of the wrong kind or form.
    NotA {
        wanted: Phrase,
        found: Sentence,
    },
    Range {
        what: Phrase,
        low: i64,
        high: i64,
        found: String,
    },
    Unset {
        name: String,
    },
    NoProperty {
        name: String,
        of: Phrase,
    },
    Index {
        index: usize,
        length: usize,
    },
    /// A name that was looked up.
    Host {
        host: String,
    },
    /// Where the call was to go.
    To(Address),
    File {
        path: String,
        written: Option<u64>,
    },
    Limit {
        limit: Limit,
        after: Duration,
    },
    /// The socket was closed earlier.
    Closed,
    /// There is no current socket.
    NoSocket,
    Overflow,
    DivisionByZero,
    /// Calls within calls.
    Depth {
        most: usize,
    },
    /// An address has no form the socket's family could take.
    WrongFamily {
        found: String,
        wanted: String,
    },
    Text(Sentence),
}

impl CallError {
    pub fn new(call: &'static str, code: Code, detail: Detail) -> CallError {
        CallError {
            call,
            code,
            detail,
            to: None,
            advice: None,
            blame: None,
            word: None,
            inner: false,
            done: Done::default(),
            socket: None,
            span: None,
            waiting: Vec::new(),
            way: Way::default(),
        }
    }

    pub fn errno(call: &'static str, number: i32) -> CallError {
        CallError::new(call, Code::Errno(number), Detail::None)
    }

    pub fn io(call: &'static str, error: &std::io::Error) -> CallError {
        match crate::value::errno::number_of(error) {
            Some(number) => CallError::errno(call, number),
            None => {
                let class = match error.kind() {
                    std::io::ErrorKind::InvalidInput => Class::ValueError,
                    std::io::ErrorKind::OutOfMemory => Class::MemoryError,
                    _ => Class::OSError,
                };
                CallError::new(call, Code::Class(class), Detail::Text(Sentence::plain(error.to_string())))
            }
        }
    }

    pub fn detail(mut self, detail: Detail) -> CallError {
        self.detail = detail;
        self
    }

    pub fn advice(mut self, advice: impl Into<Sentence>) -> CallError {
        self.advice = Some(Box::new(advice.into()));
        self
    }

    /// Where it happened, and the word at fault if there is one in that line.
    pub fn places(&self) -> Option<(Span, Option<Span>)> {
        let span = self.span?;
        Some((span, self.word.filter(|word| span.start <= word.start && word.end <= span.end)))
    }

    pub fn blame(mut self, parameter: &'static str) -> CallError {
        self.blame = Some(parameter);
        self
    }

    pub fn data(mut self, data: Bytes) -> CallError {
        self.done.data = Some(data);
        self
    }

    /// Whatever limit it was that ran out.
    pub fn is_timeout(&self) -> bool {
        self.code.class() == Class::TimeoutError
    }

    /// Whether a call failed: an `OSError`, or a stream that ended too early. Any other error is the script's own slip,
    /// which `fails` without a name does not take for the failure that was meant; so is a command without any socket.
    pub fn is_of_a_call(&self) -> bool {
        let class = self.code.class();
        let is_of_a_socket = !matches!(self.detail, Detail::NoSocket);
        is_of_a_socket && (class.is(Class::OSError) || class.is(Class::EOFError))
    }

    /// What happened in a line, without the name and number. In English it is data: scripts read it as `.message`.
    pub fn message(&self, lang: Lang) -> String {
        let said = self.detail.said(lang);
        let message = match (self.code.words().show(lang), said.is_empty()) {
            (words, _) if words.is_empty() => said,
            (words, false) => format!("{words}: {said}"),
            (words, true) => words,
        };
        self.done.told(message, lang)
    }
}

impl CallError {
    /// The message in every language.
    pub fn sentence(&self) -> Sentence {
        Sentence::of(|lang| self.message(lang))
    }
}

impl Detail {
    /// The fact in words; empty where there is none.
    pub fn said(&self, lang: Lang) -> String {
        let words = lang.words();
        let shown = |phrase: Phrase| phrase.show(lang).to_string();
        match self {
            Detail::None => String::new(),
            Detail::Early { wanted, got } => words.early_end(*got, *wanted),
            Detail::TooMuch { max } => words.too_much(*max),
            Detail::NoDelimiter { max } => words.no_delimiter(*max),
            Detail::NoStream { kind } => words.needs_stream(kind),
            Detail::Announced { length, max } => words.frame_too_long(*length, *max),
            Detail::ShortFrame { announced, got } => words.frame_cut(*got, *announced),
            Detail::NotUtf8 { at, byte } => words.not_utf8(*at, *byte),
            Detail::NotA { wanted, found } => words.not_a(&found.show(lang), wanted.show(lang)),
            Detail::Range { what, low, high, found } => {
                words.out_of_range(found, what.show(lang), *low, *high)
            }
            Detail::Unset { name } => words.unset(name),
            Detail::NoProperty { name, of } => words.no_property(of.show(lang), name),
            Detail::Index { index, length } => words.no_element(*index, *length),
            Detail::Host { host } => literal::one_line(host),
            Detail::To(address) => address.to_string(),
            Detail::File { path, written: None } => literal::one_line(path),
            Detail::File { path, written: Some(n) } => words.file_holds(&literal::one_line(path), *n),
            Detail::Limit { limit, after } => words.no_answer(&duration_text(*after), *limit),
            Detail::Closed => shown(phrase!(en "this socket was closed", es "este socket se cerró")),
            Detail::NoSocket => shown(phrase!(en "there is no current socket", es "no hay un socket actual")),
            Detail::Overflow => {
                shown(phrase!(en "the result does not fit in 64 bits", es "el resultado no cabe en 64 bits"))
            }
            Detail::DivisionByZero => shown(phrase!(en "division by zero", es "división por cero")),
            Detail::Depth { most } => words.too_deep(*most),
            Detail::WrongFamily { found, wanted } => words.other_family(&literal::one_line(found), wanted),
            Detail::Text(sentence) => literal::one_line(&sentence.show(lang)),
        }
    }
}

/// Who set the limit of a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SetBy {
    /// Its own `test limit`.
    Script,
    /// `--limit` of the command line.
    CommandLine,
    /// `limit` of `sockbook.toml`.
    Project,
    /// What `test` gives each script where nothing else is said.
    #[default]
    Default,
}

/// Why a script does not simply go on.
// It is always handed on in a box.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum Halt {
    /// A call failed; `except` and `fails` may take it.
    Error(CallError),
    /// `expect` did not find what it wanted.
    Miss(Miss),
    /// `fail TEXT`.
    Fail {
        /// Why, in the script's words.
        text: String,
        /// Why these words could not be had.
        untold: Option<Arc<Halt>>,
        /// The line.
        span: Option<Span>,
        /// The lines that were on their way.
        way: Way,
    },
    /// `skip TEXT`, or a `require` that was not met.
    Skip {
        /// Why.
        text: Sentence,
    },
    /// `exit CODE`.
    Exit {
        /// What the process ends with.
        code: i32,
        /// The line.
        span: Option<Span>,
        /// The lines that were on their way.
        way: Way,
    },
    /// The limit of the whole script was reached.
    Limit {
        /// The limit.
        after: Duration,
        /// Who set it.
        by: SetBy,
        /// The line that ran.
        span: Option<Span>,
        /// Where each thread of the script was.
        waiting: Vec<Waiting>,
        /// The lines that were on their way.
        way: Way,
    },
    /// A signal asked for the end: 2 is Ctrl-C.
    Signal {
        /// As in signal(7).
        number: i32,
        /// What the command that ran had done by then.
        done: Done,
        /// The line that ran.
        span: Option<Span>,
        /// The lines that were on their way.
        way: Way,
    },
    /// A program under test died.
    Died {
        /// The program.
        process: Arc<Process>,
        /// The script was over, and had asked it to end.
        asked: bool,
        /// What the script itself failed on meanwhile.
        then: Option<Box<Halt>>,
        /// The line that ran.
        span: Option<Span>,
        /// The lines that were on their way.
        way: Way,
    },
    /// The script is over, and some of its `subtest`s have failed.
    Subtests {
        /// How many.
        failed: usize,
        /// Of so many.
        of: usize,
    },
    /// The script ended in another of its threads, and this thread with it.
    Cancelled {
        /// The line that ran.
        span: Option<Span>,
        /// The lines that were on their way.
        way: Way,
    },
}

impl Halt {
    /// The lines that were on their way; none for what is no failure.
    pub fn way(&self) -> Option<&Way> {
        match self {
            Halt::Error(CallError { way, .. })
            | Halt::Miss(Miss { way, .. })
            | Halt::Fail { way, .. }
            | Halt::Limit { way, .. }
            | Halt::Died { way, .. }
            | Halt::Cancelled { way, .. }
            | Halt::Exit { way, .. }
            | Halt::Signal { way, .. } => Some(way),
            Halt::Skip { .. } | Halt::Subtests { .. } => None,
        }
    }

    /// The same, to be changed.
    pub fn way_mut(&mut self) -> Option<&mut Way> {
        match self {
            Halt::Error(CallError { way, .. })
            | Halt::Miss(Miss { way, .. })
            | Halt::Fail { way, .. }
            | Halt::Limit { way, .. }
            | Halt::Died { way, .. }
            | Halt::Cancelled { way, .. }
            | Halt::Exit { way, .. }
            | Halt::Signal { way, .. } => Some(way),
            Halt::Skip { .. } | Halt::Subtests { .. } => None,
        }
    }

    /// What the command had done by then, of a call that failed or was interrupted.
    pub fn done_mut(&mut self) -> Option<&mut Done> {
        match self {
            Halt::Error(CallError { done, .. }) | Halt::Signal { done, .. } => Some(done),
            _ => None,
        }
    }

    /// It leaves this line too.
    #[cold]
    pub fn leaves(&mut self, leg: impl FnOnce() -> Leg) {
        if let Some(way) = self.way_mut() {
            way.push(leg());
        }
    }

    /// Where it happened, where no inner line has said so: the innermost knows best.
    pub fn place(&mut self, at: Span) {
        match self {
            Halt::Error(CallError { span, .. })
            | Halt::Miss(Miss { span, .. })
            | Halt::Fail { span, .. }
            | Halt::Limit { span, .. }
            | Halt::Died { span, .. }
            | Halt::Cancelled { span, .. }
            | Halt::Exit { span, .. }
            | Halt::Signal { span, .. } => *span = span.or(Some(at)),
            Halt::Skip { .. } | Halt::Subtests { .. } => {}
        }
    }

    /// The line that it is about, where one is known.
    pub fn line(&self) -> Option<Span> {
        match self {
            Halt::Error(CallError { span, .. })
            | Halt::Miss(Miss { span, .. })
            | Halt::Fail { span, .. }
            | Halt::Limit { span, .. }
            | Halt::Died { span, .. }
            | Halt::Cancelled { span, .. }
            | Halt::Exit { span, .. }
            | Halt::Signal { span, .. } => *span,
            Halt::Skip { .. } | Halt::Subtests { .. } => None,
        }
    }

    /// `exit` with this code.
    pub fn exit(code: i32) -> Halt {
        Halt::Exit { code, span: None, way: Way::default() }
    }
}

impl From<CallError> for Box<Halt> {
    fn from(error: CallError) -> Self {
        Box::new(Halt::Error(error))
    }
}

/// An expectation that did not hold, with both sides as they were.
#[derive(Debug, Clone)]
pub struct Miss {
    pub span: Option<Span>,
    pub kind: MissKind,
    /// The lines that were on their way.
    pub way: Way,
    /// What the script says of it: `expect … else TEXT`.
    pub text: Option<String>,
    /// Why that could not be had.
    pub untold: Option<Arc<Halt>>,
}

impl Miss {
    /// A miss of this kind, whose place is not known yet.
    pub fn new(kind: MissKind) -> Miss {
        Miss { span: None, kind, text: None, untold: None, way: Way::default() }
    }
}

/// A comparison, with both sides as they were.
#[derive(Debug, Clone)]
pub struct Sides {
    pub left: Value,
    pub operator: &'static str,
    pub right: Option<Value>,
    pub negated: bool,
}

#[derive(Debug, Clone)]
pub enum MissKind {
    /// `expect A OP B`: each comparison that settled it; several where none of those between `or` held.
    Condition { sides: Vec<Sides> },
    /// `expect --within`: a command of the condition was not done in that time. With the sides of the last look before.
    TooLate { time: Duration, error: Box<CallError>, sides: Vec<Sides> },
    /// `fails`: the command did not fail.
    DidNotFail { wanted: Vec<String>, got: Value },
    /// `fails`: it failed otherwise.
    FailedOtherwise { wanted: Vec<String>, error: Box<CallError> },
    /// A `#>` answer: what it said and what came.
    Answer { wanted: Vec<String>, got: Vec<String> },
    /// An answer whose command was never run.
    Unreached,
}
