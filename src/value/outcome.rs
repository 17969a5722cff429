//! What a command came to: facts, from which the prompt, the reports and JSON each speak.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::text::diagnostic::Span;
use crate::text::literal;
use crate::value::errno::{Class, Code};
use crate::value::socket::Endpoint;
use crate::value::{Address, Bytes, Value, duration_text};
use crate::words::{Phrase, Sentence};

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
        /// Nothing came, and whether that is the end or an empty message nobody can tell.
        unsure: bool,
        /// The datagram's length, where it was longer than what came.
        whole: Option<NonZeroUsize>,
    },
    /// The number of the socket, whose own address it was given.
    Connected {
        number: u32,
    },
    /// What was received went to a file.
    Filed {
        path: Box<String>,
        end: bool,
    },
    Printed(Box<String>),
    Hexdump,
    Sockets(Box<Vec<SocketFacts>>),
    Table(Box<Table>),
    /// Help was asked for, on one command or on all.
    Help(Option<Box<String>>),
}

/// Each line makes one and hands it up.
const _: () = assert!(size_of::<Fact>() == 16 && size_of::<Reply>() == 48);

/// Rows of anything, each cell text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Table {
    pub head: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

/// Everything to be seen of one socket. What the kernel would not say is absent.
#[derive(Debug, Default, Clone)]
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
    /// Connections waiting for `accept`, and how many may.
    pub backlog: Option<(u32, u32)>,
}

impl Fact {
    /// Is there a value that `$_` should keep? What has none is there to be shown, or is nothing.
    #[inline]
    pub fn is_result(&self) -> bool {
        use Fact::*;
        !matches!(self, Nothing | Printed(_) | Hexdump | Sockets(_) | Table(_) | Help(_))
    }

    /// A result that says no more than a few numbers: nearly every one.
    #[inline(always)]
    pub fn is_plain_result(&self) -> bool {
        use Fact::*;
        matches!(
            self,
            Value
                | Word
                | Created
                | CreatedPair
                | Accepted
                | Bound
                | Sent { .. }
                | Received { .. }
                | Connected { .. }
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
    /// The parameter whose word is at fault.
    pub blame: Option<&'static str>,
    /// What a looping receive had taken before it failed.
    pub data: Option<Bytes>,
    /// How far a command that loops had come.
    pub progress: Option<Progress>,
    pub socket: Option<Arc<Endpoint>>,
    /// Where it happened: set once, by the innermost line.
    pub span: Option<Span>,
    /// When a limit was hit while others were about: who waits where.
    pub waiting: Vec<Waiting>,
}

/// A thread of the script inside a call, as a report shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub thread: Arc<str>,
    /// The C name of the call; empty where it was between calls.
    pub call: &'static str,
    /// The socket's number, 0 for none.
    pub number: u32,
    /// Its name and addresses, once somebody who knows them has looked.
    pub socket: String,
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

/// Whose patience ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `--timeout` of the command.
    Command,
    /// `set timeout`, or `--timeout` of the command line.
    Session,
    /// `settimeout` of the socket.
    Socket,
    /// The kernel's own.
    System,
}

impl CallError {
    pub fn new(call: &'static str, code: Code, detail: Detail) -> CallError {
        CallError {
            call,
            code,
            detail,
            blame: None,
            data: None,
            progress: None,
            socket: None,
            span: None,
            waiting: Vec::new(),
        }
    }

    pub fn errno(call: &'static str, number: i32) -> CallError {
        CallError::new(call, Code::Errno(number), Detail::None)
    }

    pub fn io(call: &'static str, error: &std::io::Error) -> CallError {
        match error.raw_os_error() {
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

    pub fn blame(mut self, parameter: &'static str) -> CallError {
        self.blame = Some(parameter);
        self
    }

    pub fn data(mut self, data: Bytes) -> CallError {
        self.data = Some(data);
        self
    }

    /// Whatever limit it was that ran out.
    pub fn is_timeout(&self) -> bool {
        self.code.class() == Class::TimeoutError
    }

    /// What happened in a line, without the name and number; scripts read it as `.message`.
    pub fn message(&self) -> String {
        let words = self.code.words();
        let said = self.said();
        let message = match (words.is_empty(), said.is_empty()) {
            (false, false) => format!("{words}: {said}"),
            (false, true) => words,
            _ => said,
        };
        match &self.progress {
            None => message,
            Some(Progress::Sent { taken, offered }) => {
                format!("{message}; {taken} of {} sent", count(*offered, "byte"))
            }
            Some(Progress::Filed { path, bytes }) => {
                format!("{message}; {} holds {}", literal::one_line(path), count(*bytes, "byte"))
            }
        }
    }

    fn said(&self) -> String {
        match &self.detail {
            Detail::None => String::new(),
            Detail::Early { wanted: Some(wanted), got } => {
                format!("end of stream after {got} of {wanted} bytes")
            }
            Detail::Early { wanted: None, got } => format!("end of stream after {}", count(*got, "byte")),
            Detail::TooMuch { max } => format!("more than {} came", count(*max, "byte")),
            Detail::NoDelimiter { max } => format!("no delimiter in the first {}", count(*max, "byte")),
            Detail::NoStream { kind } => {
                format!("this needs a stream, and a {kind} socket keeps messages apart")
            }
            Detail::Announced { length, max } => {
                format!("a frame of {} was announced, and {max} is the most", count(*length, "byte"))
            }
            Detail::ShortFrame { announced, got } => {
                format!("end of stream after {got} of the {} announced", count(*announced, "byte"))
            }
            Detail::NotUtf8 { at, byte } => format!("byte {at} (0x{byte:02x}) is not UTF-8"),
            Detail::NotA { wanted, found } => format!("{} is not {}", found.english(), wanted.en),
            Detail::Range { what, low, high, found } => {
                format!("{found} is no {}: it is {low} to {high}", what.en)
            }
            Detail::Unset { name } => format!("`{name}` has no value yet"),
            Detail::NoProperty { name, of } => format!("{} has no `.{name}`", of.en),
            Detail::Index { index, length } => format!("there is no `.{index}` in a list of {length}"),
            Detail::Host { host } => literal::one_line(host),
            Detail::To(address) => address.to_string(),
            Detail::File { path, written: None } => literal::one_line(path),
            Detail::File { path, written: Some(n) } => {
                format!("{} holds {}", literal::one_line(path), count(*n, "byte"))
            }
            Detail::Limit { limit, after } => {
                let whose = match limit {
                    Limit::Command => "the command's `--timeout`",
                    Limit::Session => "`set timeout` or the command line's `--timeout`",
                    Limit::Socket => "the socket's `settimeout`",
                    Limit::System => "the system",
                };
                format!("no answer within {}, {whose}", duration_text(*after))
            }
            Detail::Closed => "this socket was closed".into(),
            Detail::NoSocket => "there is no current socket".into(),
            Detail::Overflow => "the result does not fit in 64 bits".into(),
            Detail::DivisionByZero => "division by zero".into(),
            Detail::Depth { most } => format!("more than {most} calls inside one another"),
            Detail::WrongFamily { found, wanted } => {
                format!("{} is not an address of family {wanted}", literal::one_line(found))
            }
            Detail::Text(text) => literal::one_line(&text.english()),
        }
    }
}

/// "1 byte", "2 bytes".
pub fn count(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Why a script does not simply go on.
#[derive(Debug)]
pub enum Halt {
    /// A call failed; `except` and `fails` may take it.
    Error(CallError),
    /// `expect` did not find what it wanted.
    Miss(Miss),
    /// `fail TEXT`.
    Fail { text: String, span: Option<Span> },
    /// `skip TEXT`, or a `require` that was not met.
    Skip { text: String },
    /// `exit CODE`.
    Exit(i32),
    /// The limit of the whole script was reached.
    Limit { after: Duration, span: Option<Span>, waiting: Vec<Waiting> },
    /// A signal asked for the end: 2 is Ctrl-C.
    Signal { number: i32, span: Option<Span> },
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
}

#[derive(Debug, Clone)]
pub enum MissKind {
    /// `expect A OP B`
    Condition { left: Value, operator: &'static str, right: Option<Value>, negated: bool },
    /// `fails`: the command did not fail.
    DidNotFail { wanted: Vec<String>, got: Value },
    /// `fails`: it failed otherwise.
    FailedOtherwise { wanted: Vec<String>, error: Box<CallError> },
    /// A `#>` answer: what it said and what came.
    Answer { wanted: Vec<String>, got: Vec<String> },
    /// An answer whose command was never run.
    Unreached,
}
