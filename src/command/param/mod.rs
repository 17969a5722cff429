//! What a word can become: each parameter type reads its words once and gives its value each time.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use socket2::Domain;

use super::expr::Expr;
use super::row::Kind;
use super::words::{OptionSpec, Words};
use crate::net::resolve::Port;
use crate::session::Session;
use crate::session::names::Place;
use crate::text::diagnostic::{Diagnostic, Excerpt, one_of};
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail, Halt};
use crate::value::socket::Endpoint;
use crate::value::{Address, Bytes, Value, duration_of, int_text};
use crate::words::{Phrase, Sentence};

/// What a word can become.
pub trait Param: Sized + Send + Sync + 'static {
    /// What the command's function is handed.
    type Value<'a>;
    const KIND: Kind;
    /// How the usage shows it; empty for what has no words of its own.
    const USAGE: &'static str;
    const OPTIONAL: bool = false;
    const OPTIONS: &'static [OptionSpec] = &[];
    /// Does it limit how long the command may take?
    const BLOCKS: bool = false;

    /// Reads the words, once. Mistakes are reported, and then there is nothing.
    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self>;

    /// The value, each time the line runs.
    fn get<'a>(&'a self, session: &mut Session) -> Result<Self::Value<'a>, Box<Halt>>;
}

/// Puts the blame on a parameter, where nobody has been blamed yet.
pub fn blamed(mut halt: Box<Halt>, parameter: &'static str) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt
        && error.blame.is_none()
    {
        error.blame = Some(parameter);
    }
    halt
}

pub type Got<T> = Result<T, Box<Halt>>;

impl<P: Param> Param for Option<P> {
    type Value<'a> = Option<P::Value<'a>>;
    const KIND: Kind = P::KIND;
    const USAGE: &'static str = P::USAGE;
    const OPTIONAL: bool = true;
    const OPTIONS: &'static [OptionSpec] = P::OPTIONS;
    const BLOCKS: bool = P::BLOCKS;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        if words.is_empty() { Some(None) } else { P::read(words, name).map(Some) }
    }

    #[inline(always)]
    fn get<'a>(&'a self, session: &mut Session) -> Got<Self::Value<'a>> {
        match self {
            None => Ok(None),
            Some(given) => match given.get(session) {
                Ok(value) => Ok(Some(value)),
                Err(halt) => Err(halt),
            },
        }
    }
}

/// A value that is known from the text, or one that is worked out each time.
#[derive(Debug)]
pub enum Given<T> {
    Now(T),
    Later(Box<Expr>),
}

pub(super) fn wrong(class: Class, wanted: Phrase, value: &Value) -> Box<Halt> {
    let found = match value {
        Value::Bytes(_) => Sentence::plain(value.to_literal()),
        other => other.described(),
    };
    CallError::class(class, Detail::NotA { wanted, found }).into()
}

/// Reads one word as `T`: what is literal is made at once, and its mistakes are found before anything runs.
pub(super) fn given<T>(
    words: &mut Words<'_>,
    name: &'static str,
    make: impl FnOnce(&Value, &str) -> Result<T, (String, Option<String>)>,
) -> Option<Given<T>> {
    let word = words.require(name)?;
    words.note(name, word.span);
    let expr = Expr::read(words, word)?;
    let Some(value) = expr.literal() else { return Some(Given::Later(Box::new(expr))) };
    let text = value.to_text();
    match make(value, &text) {
        Ok(made) => Some(Given::Now(made)),
        Err((message, help)) => {
            let problem = Diagnostic::new(word.span, untranslated!(message));
            words.report(match help {
                Some(help) => problem.help(untranslated!(help)),
                None => problem,
            });
            None
        }
    }
}

// Numbers.

/// A whole number.
#[derive(Debug)]
pub struct Integer(Given<i64>);

impl Param for Integer {
    type Value<'a> = i64;
    const KIND: Kind = Kind::Integer;
    const USAGE: &'static str = "INTEGER";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |value: &Value, text: &str| {
            value.to_int().ok_or_else(|| (format!("`{text}` is not an integer"), integer_help(text)))
        };
        given(words, name, make).map(Integer)
    }

    fn get(&self, session: &mut Session) -> Got<i64> {
        match &self.0 {
            Given::Now(n) => Ok(*n),
            Given::Later(expr) => {
                let value = expr.get(session)?;
                value
                    .to_int()
                    .ok_or_else(|| wrong(Class::ValueError, untranslated!(phrase "an integer"), &value))
            }
        }
    }
}

fn integer_help(text: &str) -> Option<String> {
    let too_big = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    Some(if too_big {
        format!("the largest is {}", i64::MAX)
    } else {
        "like `4096`, `0x1000` or `64KiB`".to_string()
    })
}

/// A number of bytes, or of anything there can be none of: not negative, and what one call can take.
#[derive(Debug)]
pub struct Count(Given<usize>);

/// Receives of more than this are refused: no kernel moves more in a call.
pub const LARGEST_COUNT: i64 = 0x7fff_f000;

impl Param for Count {
    type Value<'a> = usize;
    const KIND: Kind = Kind::Integer;
    const USAGE: &'static str = "N";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |value: &Value, text: &str| match value.to_int() {
            Some(n) if (0..=LARGEST_COUNT).contains(&n) => Ok(n as usize),
            Some(n) if n < 0 => Err((format!("`{text}` is negative"), None)),
            Some(_) => {
                Err((format!("`{text}` is too much"), Some(format!("the most is {LARGEST_COUNT} bytes"))))
            }
            None => {
                // What is counted has its own name.
                let what = match name {
                    "backlog" => "a backlog".to_string(),
                    _ => "a number of bytes".to_string(),
                };
                Err((format!("`{text}` is not {what}"), integer_help(text)))
            }
        };
        // Most are a few digits.
        if let Some(word) = words.peek()
            && let Some(digits) = word.bare().filter(|t| t.len() < 9)
            && !digits.starts_with('0')
            && let Ok(n) = digits.parse::<u32>()
            && !digits.starts_with('+')
        {
            words.advance(name, word);
            return Some(Count(Given::Now(n as usize)));
        }
        given(words, name, make).map(Count)
    }

    #[inline(always)]
    fn get(&self, session: &mut Session) -> Got<usize> {
        match &self.0 {
            Given::Now(n) => Ok(*n),
            Given::Later(expr) => later_count(expr, session),
        }
    }
}

#[inline(never)]
fn later_count(expr: &Expr, session: &mut Session) -> Got<usize> {
    count_of(&expr.get(session)?)
}

fn count_of(value: &Value) -> Got<usize> {
    match value.to_int() {
        Some(n) if (0..=LARGEST_COUNT).contains(&n) => Ok(n as usize),
        Some(n) => {
            let detail = Detail::Range {
                what: untranslated!(phrase "number of bytes"),
                low: 0,
                high: LARGEST_COUNT,
                found: n.to_string(),
            };
            Err(CallError::class(Class::ValueError, detail).into())
        }
        None => Err(wrong(Class::ValueError, untranslated!(phrase "a number of bytes"), value)),
    }
}

/// A length that several calls may make up: not negative.
#[derive(Debug)]
pub struct Size(Given<u64>);

impl Size {
    /// An option's word as a size.
    pub fn of_option(
        words: &mut Words<'_>,
        option: &'static str,
        name: &'static str,
    ) -> Option<Option<Size>> {
        words.with_option(option, |words, _| Size::read(words, name))
    }
}

impl Param for Size {
    type Value<'a> = u64;
    const KIND: Kind = Kind::Integer;
    const USAGE: &'static str = "N";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |value: &Value, text: &str| match value.to_int() {
            Some(n) => u64::try_from(n).map_err(|_| (format!("`{text}` is negative"), None)),
            None => Err((format!("`{text}` is not a number of bytes"), integer_help(text))),
        };
        given(words, name, make).map(Size)
    }

    fn get(&self, session: &mut Session) -> Got<u64> {
        match &self.0 {
            Given::Now(n) => Ok(*n),
            Given::Later(expr) => {
                let value = expr.get(session)?;
                match value.to_int().map(u64::try_from) {
                    Some(Ok(n)) => Ok(n),
                    Some(Err(_)) => {
                        let found = value.to_literal();
                        let what = untranslated!(phrase "number of bytes");
                        let detail = Detail::Range { what, low: 0, high: i64::MAX, found };
                        Err(CallError::class(Class::ValueError, detail).into())
                    }
                    None => Err(wrong(Class::ValueError, untranslated!(phrase "a number of bytes"), &value)),
                }
            }
        }
    }
}

// Time.

/// How long: `250ms`, `2s`, `1m`; a bare number is seconds.
#[derive(Debug)]
pub struct Span(Given<Duration>);

fn duration_value(value: &Value) -> Option<Duration> {
    match value {
        Value::Duration(time) => Some((*time).into()),
        Value::Int(n) => u64::try_from(*n).ok().map(Duration::from_secs),
        Value::Bytes(b) => duration_of(std::str::from_utf8(b).ok()?),
        _ => None,
    }
}

const DURATION_HELP: &str = "like `250ms`, `2s`, `1.5s` or `1m`; a bare number is seconds";

fn read_duration(words: &mut Words<'_>, word: &crate::text::words::Word) -> Option<Given<Duration>> {
    let expr = Expr::read(words, word)?;
    let Some(value) = expr.literal() else { return Some(Given::Later(Box::new(expr))) };
    match duration_value(value) {
        Some(d) => Some(Given::Now(d)),
        None => {
            let message = format!("`{}` is not a duration", value.to_text());
            words.report(
                Diagnostic::new(word.span, untranslated!(message)).help(untranslated!(DURATION_HELP)),
            );
            None
        }
    }
}

/// A value as a duration, or the error that it is none.
pub fn duration(value: &Value) -> Got<Duration> {
    duration_value(value).ok_or_else(|| wrong(Class::ValueError, untranslated!(phrase "a duration"), value))
}

fn get_duration(given: &Given<Duration>, session: &mut Session) -> Got<Duration> {
    match given {
        Given::Now(d) => Ok(*d),
        Given::Later(expr) => duration(&expr.get(session)?),
    }
}

impl Param for Span {
    type Value<'a> = Duration;
    const KIND: Kind = Kind::Duration;
    const USAGE: &'static str = "DURATION";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        read_duration(words, word).map(Span)
    }

    fn get(&self, session: &mut Session) -> Got<Duration> {
        get_duration(&self.0, session)
    }
}

/// `DURATION|none`
#[derive(Debug)]
pub struct SpanOrNone(Option<Span>);

impl Param for SpanOrNone {
    type Value<'a> = Option<Duration>;
    const KIND: Kind = Kind::Duration;
    const USAGE: &'static str = "DURATION|none";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        if words.peek().and_then(|w| w.bare()).is_some_and(|t| t.eq_ignore_ascii_case("none")) {
            if let Some(word) = words.next() {
                words.note(name, word.span);
            }
            return Some(SpanOrNone(None));
        }
        Span::read(words, name).map(|s| SpanOrNone(Some(s)))
    }

    fn get(&self, session: &mut Session) -> Got<Option<Duration>> {
        self.0.as_ref().map(|s| s.get(session)).transpose()
    }
}

/// `--timeout DURATION`
#[derive(Debug)]
pub struct Timeout(Option<Given<Duration>>);

impl Param for Timeout {
    type Value<'a> = Option<Duration>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--timeout",
        value: Some("DURATION"),
        about: "give up after so long, with ETIMEDOUT",
    }];
    const BLOCKS: bool = true;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let Some(word) = words.option("--timeout") else { return Some(Timeout(None)) };
        words.note(name, word.span);
        read_duration(words, word).map(|d| Timeout(Some(d)))
    }

    fn get(&self, session: &mut Session) -> Got<Option<Duration>> {
        self.0.as_ref().map(|d| get_duration(d, session)).transpose()
    }
}

// Data.

/// One or more words joined, or a file's bytes.
#[derive(Debug)]
pub enum Data {
    /// A piece of the script itself: it is not kept twice.
    Script(Excerpt),
    Made(Box<Made>),
}

/// Data that stands nowhere as it is sent.
#[derive(Debug)]
pub enum Made {
    /// All of it is known: a loop only sends.
    Known(Bytes),
    One(Expr),
    Words(Box<[Expr]>),
    Shaped(Shaped),
}

/// A line that sends keeps this in its own memory.
const _: () = assert!(size_of::<Data>() <= 16);

/// Data that something is done to when the line runs.
#[derive(Debug)]
pub struct Shaped {
    source: Source,
    base64: bool,
    crlf: bool,
    repeat: Option<Given<usize>>,
}

#[derive(Debug)]
enum Source {
    Known(Bytes),
    Words(Box<[Expr]>),
    File(Expr),
}

/// The bytes of DATA, each time its line runs.
#[derive(Debug)]
pub enum Payload<'a> {
    Borrowed(&'a [u8]),
    Made(Bytes),
}

impl std::ops::Deref for Payload<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Payload::Borrowed(bytes) => bytes,
            Payload::Made(bytes) => bytes,
        }
    }
}

impl Payload<'_> {
    /// As a value that can be kept.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Payload::Borrowed(bytes) => Arc::new(bytes.to_vec()),
            Payload::Made(bytes) => bytes,
        }
    }
}

const DATA_OPTIONS: &[OptionSpec] = &[
    OptionSpec { name: "--file", value: Some("PATH"), about: "the bytes of a file, instead of words" },
    OptionSpec { name: "--base64", value: None, about: "the words are base64" },
    OptionSpec { name: "--crlf", value: None, about: "line ends become CRLF" },
    OptionSpec { name: "--repeat", value: Some("N"), about: "all of it N times" },
];

/// Data larger than this is a mistake: `--repeat` could ask for more than there is memory.
const LARGEST_DATA: usize = 1 << 32;

impl Data {
    fn read_words(words: &mut Words<'_>, name: &'static str, one: bool) -> Option<Data> {
        if words.is_plain()
            && (one || words.left() == 1)
            && let Some(data) = Data::read_verbatim(words, name)
        {
            return Some(data);
        }
        Made::read(words, name, one).map(|made| Data::Made(Box::new(made)))
    }

    /// One word that stands in the script as it is to be sent.
    fn read_verbatim(words: &mut Words<'_>, name: &'static str) -> Option<Data> {
        let (word, text) = (words.peek()?, words.text?);
        let piece = word.verbatim().filter(|_| word.quoted)?;
        let piece = Excerpt::of(text, piece)?;
        words.advance(name, word);
        Some(Data::Script(piece))
    }
}

impl Made {
    fn read(words: &mut Words<'_>, name: &'static str, one: bool) -> Option<Made> {
        let (base64, crlf) = (words.switch("--base64").is_some(), words.switch("--crlf").is_some());
        let repeat = match words.option("--repeat") {
            None => None,
            Some(word) => {
                let expr = Expr::read(words, word)?;
                match expr.literal().map(|v| (count_of(v), v.to_text())) {
                    None => Some(Given::Later(Box::new(expr))),
                    Some((Ok(n), _)) => Some(Given::Now(n)),
                    Some((Err(_), text)) => {
                        words.report(Diagnostic::new(
                            word.span,
                            untranslated!(format!("`{text}` is not a number of times")),
                        ));
                        return None;
                    }
                }
            }
        };
        if let Some(path) = words.option("--file") {
            words.note(name, path.span);
            if let Some(extra) = words.peek().filter(|_| !one) {
                let problem = Diagnostic::new(
                    extra.span,
                    untranslated!("`--file` and words of data exclude each other"),
                );
                words.report(problem);
                return None;
            }
            let source = Source::File(Expr::read(words, path)?);
            return Some(Made::Shaped(Shaped { source, base64, crlf, repeat }));
        }
        let first = words.require(name)?;
        let mut span = first.span;
        let mut exprs = vec![Expr::read(words, first)];
        while !one && !words.is_empty() {
            let Some(word) = words.next() else { break };
            span = span.to(word.span);
            exprs.push(Expr::read(words, word));
        }
        words.note(name, span);
        if exprs.len() > 1 {
            warn_of_joined(words, &exprs, span);
        }
        let mut exprs: Vec<Expr> = exprs.into_iter().collect::<Option<_>>()?;
        let known: Option<Vec<&Value>> = exprs.iter().map(Expr::literal).collect();
        let shaped = base64 || crlf || repeat.is_some();
        let source = match known {
            Some(values) => {
                let joined = match values.as_slice() {
                    [one] => one.to_bytes(),
                    several => {
                        let mut joined = Vec::new();
                        several.iter().for_each(|v| joined.extend_from_slice(&v.to_bytes()));
                        Arc::new(joined)
                    }
                };
                if !shaped {
                    return Some(Made::Known(joined));
                }
                Source::Known(joined)
            }
            None if shaped => Source::Words(exprs.into()),
            None if exprs.len() == 1 => return exprs.pop().map(Made::One),
            None => return Some(Made::Words(exprs.into())),
        };
        let data = Shaped { source, base64, crlf, repeat };
        let now = match (&data.source, &data.repeat) {
            (Source::Known(bytes), None) => Some((bytes.clone(), 1)),
            (Source::Known(bytes), Some(Given::Now(n))) => Some((bytes.clone(), *n)),
            _ => None,
        };
        let Some((bytes, repeat)) = now else { return Some(Made::Shaped(data)) };
        match data.shape(bytes, repeat) {
            Ok(bytes) => Some(Made::Known(bytes)),
            Err(error) => {
                words.report(Diagnostic::new(span, untranslated!(error.message())));
                None
            }
        }
    }
}

impl Shaped {
    /// The options' work on the bytes.
    fn shape(&self, bytes: Arc<Vec<u8>>, repeat: usize) -> Result<Arc<Vec<u8>>, CallError> {
        use base64::Engine as _;
        let mut bytes = bytes;
        if self.base64 {
            let text: Vec<u8> = bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
            bytes = Arc::new(base64::engine::general_purpose::STANDARD.decode(text).map_err(|e| {
                CallError::class(
                    Class::ValueError,
                    Detail::Text(untranslated!(format!("this is not base64: {}", base64_words(&e)))),
                )
            })?);
        }
        if self.crlf {
            let mut out = Vec::with_capacity(bytes.len() + 16);
            for (at, &b) in bytes.iter().enumerate() {
                if b == b'\n' && (at == 0 || bytes[at - 1] != b'\r') {
                    out.push(b'\r');
                }
                out.push(b);
            }
            bytes = Arc::new(out);
        }
        if repeat != 1 {
            let size = bytes.len().checked_mul(repeat).filter(|&n| n <= LARGEST_DATA);
            let mut out = Vec::new();
            if size.is_none_or(|n| out.try_reserve_exact(n).is_err()) {
                let detail = Detail::Text(untranslated!(format!(
                    "{repeat} times {} bytes is more than fits",
                    bytes.len()
                )));
                return Err(CallError::class(Class::MemoryError, detail));
            }
            // By doubling: a byte sixteen million times is a few copies.
            out.extend_from_slice(if repeat == 0 { &[] } else { &bytes });
            while let Some(left) = size.and_then(|n| n.checked_sub(out.len())).filter(|&left| left > 0) {
                out.extend_from_within(..left.min(out.len()));
            }
            bytes = Arc::new(out);
        }
        Ok(bytes)
    }
}

/// What is wrong with base64 text.
fn base64_words(e: &base64::DecodeError) -> String {
    use base64::DecodeError::{InvalidByte, InvalidLastSymbol, InvalidLength, InvalidPadding};
    match e {
        InvalidByte(at, b'=') => format!("its `=` is not at the end, but byte {at}"),
        InvalidByte(at, byte) => format!("byte {at} is {}", crate::text::literal::show(&[*byte])),
        InvalidLength(n) => format!("{n} letters are one too many or too few"),
        InvalidLastSymbol { .. } => "its last letter says more than it can".to_string(),
        InvalidPadding => "it ends without the `=` it needs".to_string(),
    }
}

/// `sendall hello world` sends `helloworld`.
fn warn_of_joined(words: &mut Words<'_>, exprs: &[Option<Expr>], span: crate::text::diagnostic::Span) {
    let bare = |e: &Option<Expr>| {
        e.as_ref().and_then(Expr::literal).is_some_and(|v| match v {
            Value::Bytes(b) => !b.is_empty() && b.iter().all(|c| c.is_ascii_graphic()),
            _ => true,
        })
    };
    if exprs.windows(2).any(|w| bare(&w[0]) && bare(&w[1])) && !words.quoted_since(exprs.len()) {
        words.report(
            Diagnostic::warning(
                "joined-words",
                span,
                untranslated!("these words are joined without a space"),
            )
            .help(untranslated!("quote the whole text, if the spaces are meant")),
        );
    }
}

impl Param for Data {
    type Value<'a> = Payload<'a>;
    const KIND: Kind = Kind::Data;
    const USAGE: &'static str = "DATA";
    const OPTIONS: &'static [OptionSpec] = DATA_OPTIONS;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        Data::read_words(words, name, false)
    }

    #[inline]
    fn get<'a>(&'a self, session: &mut Session) -> Got<Payload<'a>> {
        match self {
            Data::Script(piece) => Ok(Payload::Borrowed(piece.bytes())),
            Data::Made(made) => made.get(session),
        }
    }
}

impl Made {
    fn get<'a>(&'a self, session: &mut Session) -> Got<Payload<'a>> {
        match self {
            Made::Known(bytes) => Ok(Payload::Borrowed(bytes)),
            Made::One(expr) => expr.bytes(session).map(Payload::Made),
            Made::Words(exprs) => joined(exprs, session).map(Payload::Made),
            Made::Shaped(shaped) => shaped.get(session).map(Payload::Made),
        }
    }
}

fn joined(exprs: &[Expr], session: &mut Session) -> Got<Bytes> {
    let mut out = session.buffer();
    for expr in exprs {
        out.extend_from_slice(&expr.bytes(session)?);
    }
    Ok(Arc::new(out))
}

impl Shaped {
    fn get(&self, session: &mut Session) -> Got<Bytes> {
        let bytes = match &self.source {
            Source::Known(bytes) => bytes.clone(),
            Source::Words(exprs) => joined(exprs, session)?,
            Source::File(path) => {
                let path = path_of(path, session)?;
                Arc::new(crate::net::file::read(&mut session.caller, &path, LARGEST_DATA)?)
            }
        };
        let repeat = match &self.repeat {
            None => 1,
            Some(Given::Now(n)) => *n,
            Some(Given::Later(expr)) => count_of(&expr.get(session)?)?,
        };
        if !self.base64 && !self.crlf && repeat == 1 {
            return Ok(bytes);
        }
        Ok(self.shape(bytes, repeat)?)
    }
}

/// DATA that is one word, because other words follow it.
#[derive(Debug)]
pub struct OneData(Data);

impl Param for OneData {
    type Value<'a> = Payload<'a>;
    const KIND: Kind = Kind::Data;
    const USAGE: &'static str = "DATA";
    const OPTIONS: &'static [OptionSpec] = DATA_OPTIONS;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        Data::read_words(words, name, true).map(OneData)
    }

    fn get<'a>(&'a self, session: &mut Session) -> Got<Payload<'a>> {
        self.0.get(session)
    }
}

// Addresses.

/// Where to: `HOST PORT`, a Unix path, or an address at hand.
#[derive(Debug)]
pub enum Target {
    Inet {
        host: Host,
        port: PortWord,
    },
    Unix(Box<Address>),
    /// A lone value: an address, or a path.
    Value(Expr),
}

/// What a target is before it is looked up.
#[derive(Debug)]
pub enum Goal<'a> {
    Inet {
        host: std::borrow::Cow<'a, str>,
        port: Port,
    },
    /// The text says which address the host is.
    Number {
        host: Ipv4Addr,
        port: Port,
    },
    Known(Address),
}

impl Param for Target {
    type Value<'a> = &'a Target;
    const KIND: Kind = Kind::Target;
    const USAGE: &'static str = "HOST PORT|PATH|ADDRESS";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let Some(first) = words.peek() else {
            words.missing(name);
            return None;
        };
        if words.left() == 1 {
            words.next()?;
            words.note(name, first.span);
            if first.parts().iter().any(|p| matches!(p, crate::text::words::Part::Value(_))) {
                return Expr::read(words, first).map(Target::Value);
            }
            let bytes = first.literal().unwrap_or_default();
            return match unix_address(bytes) {
                Some(Ok(address)) => Some(Target::Unix(Box::new(address))),
                Some(Err(message)) => {
                    words.report(Diagnostic::new(first.span, untranslated!(message)));
                    None
                }
                None => {
                    let shown = crate::text::literal::text(bytes);
                    let help = match shown.rsplit_once(':') {
                        Some((host, port))
                            if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) =>
                        {
                            format!("write `{} {port}`", if host.is_empty() { "\"\"" } else { host })
                        }
                        _ => "a Unix path has a `/` in it, or begins with `@`".to_string(),
                    };
                    words.report(
                        Diagnostic::new(
                            first.span,
                            untranslated!(format!("`{}` needs a port after the host", words.syntax.name)),
                        )
                        .help(untranslated!(help)),
                    );
                    None
                }
            };
        }
        let second = words.peek_at(1).map_or(first.span, |w| w.span);
        let host = Host::read(words, "host");
        let port = PortWord::read(words, "port");
        words.note(name, first.span.to(second));
        Some(Target::Inet { host: host?, port: port? })
    }

    fn get<'a>(&'a self, _: &mut Session) -> Got<&'a Target> {
        Ok(self)
    }
}

impl Target {
    /// What it is before it is looked up.
    pub fn goal<'a>(&'a self, session: &mut Session) -> Got<Goal<'a>> {
        self.read_goal(session).map_err(|halt| blamed(halt, "address"))
    }

    fn read_goal<'a>(&'a self, session: &mut Session) -> Got<Goal<'a>> {
        match self {
            Target::Inet { host, port } => {
                if let Some(host) = host.number {
                    let port = port.get(session).map_err(|h| blamed(h, "port"))?;
                    return Ok(Goal::Number { host, port });
                }
                let host = host.get(session).map_err(|h| blamed(h, "host"))?;
                let port = port.get(session).map_err(|h| blamed(h, "port"))?;
                Ok(Goal::Inet { host, port })
            }
            Target::Unix(address) => Ok(Goal::Known((**address).clone())),
            Target::Value(expr) => {
                let value = expr.get(session)?;
                match session.look(&value)? {
                    Value::Address(address) => Ok(Goal::Known((*address).clone())),
                    Value::Bytes(bytes) => match unix_address(&bytes) {
                        Some(Ok(address)) => Ok(Goal::Known(address)),
                        Some(Err(message)) => {
                            Err(CallError::class(Class::ValueError, Detail::Text(untranslated!(message)))
                                .into())
                        }
                        None => Err(wrong(
                            Class::ValueError,
                            untranslated!(phrase "an address or a path (a host needs a port after it)"),
                            &Value::Bytes(bytes),
                        )),
                    },
                    other => Err(wrong(Class::TypeError, untranslated!(phrase "an address"), &other)),
                }
            }
        }
    }
}

/// A path or `@name` as the address it is; `None` for what is neither.
fn unix_address(text: &[u8]) -> Option<Result<Address, String>> {
    use crate::net::address::LONGEST_PATH;
    let (rest, is_abstract) = match text.strip_prefix(b"@") {
        Some(name) => (name, true),
        None => (text, false),
    };
    if !is_abstract && !text.contains(&b'/') {
        return None;
    }
    if rest.len() > LONGEST_PATH {
        let length = rest.len();
        return Some(Err(format!("a Unix path has at most {LONGEST_PATH} bytes, and this has {length}")));
    }
    if !is_abstract && text.contains(&0) {
        return Some(Err("a Unix path has no NUL in it".into()));
    }
    Some(Ok(if is_abstract { Address::Abstract(rest.to_vec()) } else { Address::Path(rest.to_vec()) }))
}

/// A host's name or number.
#[derive(Debug)]
pub struct Host {
    word: Expr,
    /// What the word says, if it is a plain IPv4 address.
    number: Option<Ipv4Addr>,
}

impl Param for Host {
    type Value<'a> = std::borrow::Cow<'a, str>;
    const KIND: Kind = Kind::Host;
    const USAGE: &'static str = "HOST";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        let expr = Expr::read(words, word)?;
        if let Some(value) = expr.literal() {
            let bytes = value.to_bytes();
            if std::str::from_utf8(&bytes).is_err() || bytes.contains(&0) {
                words.report(Diagnostic::new(word.span, untranslated!("this cannot be a host's name")));
                return None;
            }
        }
        let number = expr.literal().and_then(|v| std::str::from_utf8(&v.to_bytes()).ok()?.parse().ok());
        Some(Host { word: expr, number })
    }

    fn get<'a>(&'a self, session: &mut Session) -> Got<Self::Value<'a>> {
        if let Some(Value::Bytes(bytes)) = self.word.literal()
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return Ok(text.into());
        }
        let value = self.word.get(session)?;
        match session.look(&value)? {
            // An address stands for its host where only a host is due.
            Value::Address(address) => Ok(address.host().unwrap_or_else(|| address.to_string()).into()),
            _ => self.word.text(session).map(Into::into),
        }
    }
}

/// A port: a number, 0 for any, or a service's name.
#[derive(Debug)]
pub struct PortWord(Given<Port>);

fn port_of(value: &Value) -> Result<Port, String> {
    match (value, value.to_int()) {
        (_, Some(n)) => match u16::try_from(n) {
            Ok(port) => Ok(Port::Number(port)),
            Err(_) => Err(format!("{n} is not a port")),
        },
        (Value::Bytes(bytes), None) => match std::str::from_utf8(bytes) {
            Ok(name) if !name.is_empty() && !name.contains('\0') && int_text(name).is_none() => {
                if name.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(format!("{name} is not a port"));
                }
                Ok(Port::Service(name.to_string()))
            }
            _ => Err(format!("{} is not a port", value.to_literal())),
        },
        _ => Err(format!("{} is not a port", value.to_literal())),
    }
}

impl Param for PortWord {
    type Value<'a> = Port;
    const KIND: Kind = Kind::Port;
    const USAGE: &'static str = "PORT";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |value: &Value, text: &str| {
            port_of(value).map_err(|_| {
                let help = "a port is 0 to 65535, or a service's name like `http`; 0 lets the system choose";
                (format!("`{text}` is not a port"), Some(help.to_string()))
            })
        };
        given(words, name, make).map(PortWord)
    }

    fn get(&self, session: &mut Session) -> Got<Port> {
        match &self.0 {
            Given::Now(port) => Ok(port.clone()),
            Given::Later(expr) => {
                if let Some(Value::Int(number)) = expr.at_hand(session)
                    && let Ok(port) = u16::try_from(*number)
                {
                    return Ok(Port::Number(port));
                }
                let value = expr.get(session)?;
                port_of(&value).map_err(|_| {
                    let found = value.to_literal();
                    let detail =
                        Detail::Range { what: untranslated!(phrase "port"), low: 0, high: 65535, found };
                    CallError::class(Class::OverflowError, detail).into()
                })
            }
        }
    }
}

// Words of a set.

/// Finds a word in a table of `(name, constant, number)`; numbers stand for themselves.
fn constant(table: &[(&str, &str, i32)], text: &str) -> Option<i32> {
    let named =
        table.iter().find(|(name, c, _)| text.eq_ignore_ascii_case(name) || text.eq_ignore_ascii_case(c));
    named.map(|row| row.2).or_else(|| text.parse().ok().filter(|n| *n >= 0))
}

fn read_constant(
    words: &mut Words<'_>,
    name: &'static str,
    table: &'static [(&'static str, &'static str, i32)],
    what: Phrase,
) -> Option<Given<i32>> {
    if let Some(word) = words.peek()
        && let Some(text) = word.bare()
        && let Some(row) = table.iter().find(|row| row.0 == text)
    {
        words.advance(name, word);
        return Some(Given::Now(row.2));
    }
    given(words, name, |_, text| {
        constant(table, text).ok_or_else(|| {
            let near = crate::text::diagnostic::nearest(text, table.iter().flat_map(|r| [r.0, r.1]));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", one_of(table.iter().map(|r| r.0))),
            };
            (format!("`{text}` is not {}", what.en), Some(help))
        })
    })
}

#[cold]
fn later_constant(
    expr: &Expr,
    session: &mut Session,
    table: &[(&str, &str, i32)],
    wanted: Phrase,
) -> Got<i32> {
    let text = expr.text(session)?;
    constant(table, &text).ok_or_else(|| wrong(Class::ValueError, wanted, &Value::text(&text)))
}

macro_rules! constant_word {
    ($(#[$doc:meta])* $type:ident, $table:expr, $words:expr, $usage:literal, $what:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $type(Given<i32>);

        impl Param for $type {
            type Value<'a> = i32;
            const KIND: Kind = Kind::Word($words);
            const USAGE: &'static str = $usage;

            fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
                read_constant(words, name, $table, $what).map($type)
            }

            #[inline(always)]
            fn get(&self, session: &mut Session) -> Got<i32> {
                match &self.0 {
                    Given::Now(n) => Ok(*n),
                    Given::Later(expr) => later_constant(expr, session, $table, $what),
                }
            }
        }
    };
}

constant_word!(
    /// An address family.
    Family, crate::value::DOMAINS, &["inet", "inet6", "unix", "vsock", "packet", "netlink"],
    "DOMAIN", phrase!(en "a socket domain", es "un dominio de sockets"));
constant_word!(
    /// A socket's type.
    SocketType, crate::value::TYPES, &["stream", "dgram", "seqpacket", "raw", "rdm"], "TYPE", phrase!(en "a socket type", es "un tipo de socket"));
constant_word!(
    /// A protocol's number or name.
    ProtocolWord, crate::value::PROTOCOLS, &["tcp", "udp", "icmp", "icmpv6", "mptcp", "sctp", "udplite", "dccp", "raw"],
    "PROTOCOL", phrase!(en "a protocol", es "un protocolo"));
constant_word!(
    /// Which half of a connection to shut.
    How, HOWS, &["read", "write", "both"], "read|write|both", phrase!(en "a half of a connection", es "una mitad de una conexión"));
constant_word!(
    /// `true` or `false`.
    Flag, FLAGS, &["true", "false"], "true|false", phrase!(en "`true` or `false`", es "`true` ni `false`"));

const HOWS: &[(&str, &str, i32)] = &[
    ("read", "SHUT_RD", libc::SHUT_RD),
    ("write", "SHUT_WR", libc::SHUT_WR),
    ("both", "SHUT_RDWR", libc::SHUT_RDWR),
];

const FLAGS: &[(&str, &str, i32)] = &[("true", "on", 1), ("false", "off", 0)];

// Text, files, sockets.

/// Any one word as text.
#[derive(Debug)]
pub struct Text(pub Expr);

impl Param for Text {
    type Value<'a> = String;
    const KIND: Kind = Kind::Text;
    const USAGE: &'static str = "TEXT";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        Expr::read(words, word).map(Text)
    }

    fn get(&self, session: &mut Session) -> Got<String> {
        self.0.text(session)
    }
}

/// The words that are left, each with its value.
#[derive(Debug)]
pub struct Rest(Vec<Expr>);

impl Param for Rest {
    type Value<'a> = Vec<Value>;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "WORD…";
    const OPTIONAL: bool = true;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let mut exprs = Vec::new();
        while let Some(word) = words.next() {
            words.note(name, word.span);
            exprs.push(Expr::read(words, word));
        }
        exprs.into_iter().collect::<Option<_>>().map(Rest)
    }

    fn get(&self, session: &mut Session) -> Got<Vec<Value>> {
        self.0.iter().map(|e| e.get(session).and_then(|v| session.look(&v))).collect()
    }
}

/// One word as bytes, without options of its own.
macro_rules! octets {
    ($(#[$doc:meta])* $type:ident, $usage:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $type(Expr);

        impl Param for $type {
            type Value<'a> = crate::value::Bytes;
            const KIND: Kind = Kind::Text;
            const USAGE: &'static str = $usage;

            fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
                let word = words.require(name)?;
                words.note(name, word.span);
                Expr::read(words, word).map($type)
            }

            fn get(&self, session: &mut Session) -> Got<crate::value::Bytes> {
                self.0.bytes(session)
            }
        }
    };
}

octets!(
    /// Any bytes.
    Octets, "BYTES");
octets!(
    /// What ends a message.
    Delimiter, "DELIM");
octets!(
    /// What stands between pieces.
    Separator, "SEP");
octets!(
    /// What is looked for.
    Piece, "PART");

/// A file's name.
#[derive(Debug)]
pub struct FilePath(Expr);

impl Param for FilePath {
    type Value<'a> = PathBuf;
    const KIND: Kind = Kind::Path;
    const USAGE: &'static str = "PATH";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        Expr::read(words, word).map(FilePath)
    }

    fn get(&self, session: &mut Session) -> Got<PathBuf> {
        path_of(&self.0, session)
    }
}

fn path_of(expr: &Expr, session: &mut Session) -> Got<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let bytes = expr.bytes(session)?;
    if bytes.contains(&0) {
        return Err(wrong(Class::ValueError, untranslated!(phrase "a path"), &Value::Bytes(bytes)));
    }
    Ok(PathBuf::from(std::ffi::OsString::from_vec(bytes.to_vec())))
}

/// `--to PATH`, `--append`: what is received goes to a file.
#[derive(Debug)]
pub struct To(Option<(Expr, bool)>);

/// A file to receive into.
#[derive(Debug, Clone)]
pub struct Sink {
    pub path: PathBuf,
    pub append: bool,
}

impl Param for To {
    type Value<'a> = Option<Sink>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec { name: "--to", value: Some("PATH"), about: "into this file, not into memory" },
        OptionSpec { name: "--append", value: None, about: "with `--to`: after what the file holds" },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let append = words.switch("--append");
        match (words.option("--to"), append) {
            (Some(word), append) => {
                words.note("to", word.span);
                Expr::read(words, word).map(|e| To(Some((e, append.is_some()))))
            }
            (None, Some(span)) => {
                words.report(Diagnostic::new(span, untranslated!("`--append` goes with `--to PATH`")));
                None
            }
            (None, None) => Some(To(None)),
        }
    }

    fn get(&self, session: &mut Session) -> Got<Option<Sink>> {
        match &self.0 {
            None => Ok(None),
            Some((path, append)) => {
                let path = path_of(path, session).map_err(|h| blamed(h, "to"))?;
                Ok(Some(Sink { path, append: *append }))
            }
        }
    }
}

/// A socket by its name.
#[derive(Debug)]
pub struct SocketName(Expr);

impl Param for SocketName {
    type Value<'a> = Arc<Endpoint>;
    const KIND: Kind = Kind::Socket;
    const USAGE: &'static str = "SOCKET";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        read_socket(words, word).map(SocketName)
    }

    fn get(&self, session: &mut Session) -> Got<Arc<Endpoint>> {
        match self.0.get(session)? {
            Value::Socket(socket) => Ok(socket),
            other => Err(wrong(Class::TypeError, untranslated!(phrase "a socket"), &other)),
        }
    }
}

pub fn read_socket(words: &mut Words<'_>, word: &crate::text::words::Word) -> Option<Expr> {
    match word.bare() {
        Some(name) => {
            let place: Result<Place, Diagnostic> = words.scope.require(name, word.span, "socket");
            let place = words.accept(place)?;
            Some(Expr::lookup(super::expr::Lookup::of(place), word.span))
        }
        None => Expr::read(words, word),
    }
}

/// Some sockets, or none for the current one.
#[derive(Debug)]
pub struct SocketNames(Vec<SocketName>);

impl Param for SocketNames {
    type Value<'a> = Vec<Arc<Endpoint>>;
    const KIND: Kind = Kind::Sockets;
    const USAGE: &'static str = "SOCKET…";
    const OPTIONAL: bool = true;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let mut sockets = Vec::new();
        while !words.is_empty() {
            sockets.push(SocketName::read(words, name));
        }
        sockets.into_iter().collect::<Option<_>>().map(SocketNames)
    }

    fn get(&self, session: &mut Session) -> Got<Vec<Arc<Endpoint>>> {
        self.0.iter().map(|s| s.get(session)).collect()
    }
}

/// The socket2 domain a number names.
pub fn domain(number: i32) -> Domain {
    Domain::from(number)
}

/// Switches that become message flags.
macro_rules! flags {
    ($(#[$doc:meta])* $type:ident, [$($name:literal $flag:path, $about:literal;)*]) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $type(i32);

        impl Param for $type {
            type Value<'a> = i32;
            const KIND: Kind = Kind::Options;
            const USAGE: &'static str = "";
            const OPTIONS: &'static [OptionSpec] =
                &[$(OptionSpec { name: $name, value: None, about: $about }),*];

            fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
                let mut flags = 0;
                $(if words.switch($name).is_some() { flags |= $flag; })*
                Some($type(flags))
            }

            fn get(&self, _: &mut Session) -> Got<i32> {
                Ok(self.0)
            }
        }
    };
}

flags!(
    /// MSG_… for sending.
    SendFlags, [
    "--oob" libc::MSG_OOB, "as urgent data (MSG_OOB)";
    "--dontroute" libc::MSG_DONTROUTE, "to hosts of this network only (MSG_DONTROUTE)";
    "--dontwait" libc::MSG_DONTWAIT, "fail with EAGAIN where it would wait (MSG_DONTWAIT)";
    "--more" libc::MSG_MORE, "hold it back, more is coming (MSG_MORE)";
]);
flags!(
    /// MSG_… for receiving.
    RecvFlags, [
    "--oob" libc::MSG_OOB, "the urgent byte (MSG_OOB)";
    "--dontwait" libc::MSG_DONTWAIT, "fail with EAGAIN where it would wait (MSG_DONTWAIT)";
    "--waitall" libc::MSG_WAITALL, "wait until N bytes are there (MSG_WAITALL)";
    "--trunc" libc::MSG_TRUNC, "TCP: throw the bytes away unread (MSG_TRUNC)";
]);
