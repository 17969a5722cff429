//! Data: the bytes that a command sends or works on.

use std::sync::Arc;

use super::file::path_of;
use super::number::count_of;
use super::{Given, Got, Param};
use crate::command::expr::{Expr, at_word};
use crate::command::syntax::{Kind, OptionSpec};
use crate::command::words::Words;
use crate::session::Session;
use crate::text::diagnostic::{Diagnostic, Excerpt};
use crate::text::words::{Part, Word};
use crate::value::encoding;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail};
use crate::value::{Bytes, Value, ask_room, extend, printed_int, word_int};

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
            Payload::Borrowed(bytes) => Arc::new(bytes.to_vec().into()),
            Payload::Made(bytes) => bytes,
        }
    }
}

const DATA_OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "--file",
        value: Some("PATH"),
        about: phrase!(
            en "the bytes of a file, instead of words",
            es "los bytes de un archivo, en vez de palabras"
        ),
    },
    OptionSpec {
        name: "--base64",
        value: None,
        about: phrase!(en "the words are base64", es "las palabras son base64"),
    },
    OptionSpec {
        name: "--crlf",
        value: None,
        about: phrase!(en "line ends become CRLF", es "los fines de línea pasan a CRLF"),
    },
    OptionSpec {
        name: "--repeat",
        value: Some("N"),
        about: phrase!(en "all of it N times", es "todo N veces"),
    },
];

/// Data larger than this is a mistake: `--repeat` could ask for more than there is memory.
pub const LARGEST_DATA: usize = crate::value::LARGEST;
/// As much of `--repeat` is made when the text is read.
const LARGEST_KNOWN: usize = 64 << 10;

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
                words.refuse_name(word)?;
                let expr = Expr::read(words, word)?;
                match expr.literal().map(|v| (count_of(v), v.to_text())) {
                    None => Some(Given::Later(Box::new(expr))),
                    Some((Ok(n), _)) => Some(Given::Now(n)),
                    Some((Err(_), text)) => {
                        words.report(Diagnostic::new(
                            word.span,
                            say!(
                                en "`{text}` is not a number of times",
                                es "`{text}` no es un número de veces",
                                text
                            ),
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
                    say!(
                        en "`--file` and words of data exclude each other",
                        es "`--file` y palabras de datos se excluyen"
                    ),
                );
                words.report(problem);
                return None;
            }
            let source = Source::File(Expr::letters(words, path)?);
            return Some(Made::Shaped(Shaped { source, base64, crlf, repeat }));
        }
        let mut parts = vec![words.require(name)?];
        while !one && !words.is_empty() {
            let Some(word) = words.next() else { break };
            parts.push(word);
        }
        let span = parts[0].span.to(parts[parts.len() - 1].span);
        words.note(name, span);
        // What base64 stands for has no blanks in it.
        if !base64 {
            match parts.as_slice() {
                [only] => words.refuse_name(only)?,
                several => refuse_joined(words, several)?,
            }
        }
        let read = |word: &&Word<'_>| {
            if base64 { Expr::letters(words, word) } else { read_piece(words, word) }
        };
        let exprs: Vec<Option<Expr>> = parts.iter().map(read).collect();
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
                        Arc::new(joined.into())
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
            // What is large is made when the line runs; what can never fit is a mistake now.
            (Source::Known(bytes), Some(Given::Now(n))) => {
                let size = bytes.len().saturating_mul(*n);
                (size <= LARGEST_KNOWN || size > LARGEST_DATA).then(|| (bytes.clone(), *n))
            }
            _ => None,
        };
        let Some((bytes, repeat)) = now else { return Some(Made::Shaped(data)) };
        match data.shape(bytes, repeat) {
            Ok(bytes) => Some(Made::Known(bytes)),
            Err(error) => {
                words.report(Diagnostic::new(span, error.sentence()));
                None
            }
        }
    }
}

impl Shaped {
    /// The options' work on the bytes.
    fn shape(&self, bytes: Bytes, repeat: usize) -> Result<Bytes, CallError> {
        use base64::Engine as _;
        let mut bytes = bytes;
        if self.base64 {
            let text: Vec<u8> = bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
            let decoded = base64::engine::general_purpose::STANDARD.decode(text);
            let wrong = |e| CallError::class(Class::ValueError, Detail::Text(encoding::not_base64(&e)));
            let decoded = decoded.map_err(wrong)?;
            bytes = Arc::new(decoded.into());
        }
        if self.crlf {
            ask_room(bytes.len().saturating_mul(2))?;
            let mut out = Vec::with_capacity(bytes.len() + 16);
            for (at, &b) in bytes.iter().enumerate() {
                if b == b'\n' && (at == 0 || bytes[at - 1] != b'\r') {
                    out.push(b'\r');
                }
                out.push(b);
            }
            bytes = Arc::new(out.into());
        }
        if repeat != 1 {
            let size = bytes.len().checked_mul(repeat).filter(|&n| n <= LARGEST_DATA);
            let mut out = Vec::new();
            if size.is_none_or(|n| out.try_reserve_exact(n).is_err()) {
                let detail = Detail::Text(say!(
                    en "{repeat} times {bytes} bytes is more than fits",
                    es "{repeat} veces {bytes} bytes es más de lo que cabe",
                    repeat,
                    bytes = bytes.len()
                ));
                return Err(CallError::class(Class::MemoryError, detail));
            }
            // By doubling: a byte sixteen million times is a few copies.
            out.extend_from_slice(if repeat == 0 { &[] } else { &bytes });
            while let Some(left) = size.and_then(|n| n.checked_sub(out.len())).filter(|&left| left > 0) {
                out.extend_from_within(..left.min(out.len()));
            }
            bytes = Arc::new(out.into());
        }
        Ok(bytes)
    }
}

/// `sendall hello world` would send `helloworld`: in joined DATA only quoted words and values stand side by side.
fn refuse_joined(words: &mut Words<'_>, parts: &[&Word<'_>]) -> Option<()> {
    let Some(bare) = parts.iter().find(|w| !w.quoted && w.literal().is_some()) else { return Some(()) };
    // `"a" + "b"`
    let is_plus = |at: usize| at > 0 && at + 1 < parts.len() && parts[at].is("+") && parts[at - 1].quoted;
    let sum = (0..parts.len()).any(is_plus);
    let span = if sum { parts[0].span.to(parts[parts.len() - 1].span) } else { bare.span };
    let mut meant = String::new();
    for (at, word) in parts.iter().enumerate().filter(|(at, _)| !is_plus(*at)) {
        if at > 0 && !word.quoted && !parts[at - 1].quoted {
            meant.push(' ');
        }
        for part in word.parts() {
            match (part, part.bytes()) {
                (Part::Value(reference), _) => meant.push_str(&reference.braced()),
                (_, Some(bytes)) => {
                    let shown = crate::text::literal::show(bytes);
                    meant.push_str(&shown[1..shown.len() - 1]);
                }
                _ => {}
            }
        }
    }
    let problem = Diagnostic::new(
        span,
        say!(
            en "the words of DATA are joined without a blank",
            es "las palabras de DATA se juntan sin espacio"
        ),
    );
    words.report(problem.help(say!(
        en "write `\"{meant}\"`", es "escribe `\"{meant}\"`", meant
    )));
    None
}

/// A bare word of DATA that is an integer elsewhere, and whose letters are another text than its digits: `0x10`.
fn refuse_number(words: &mut Words<'_>, word: &Word<'_>) -> Option<()> {
    let Some(text) = word.bare().filter(|t| word_int(t).is_some() && printed_int(t).is_none()) else {
        return Some(());
    };
    let problem = Diagnostic::new(
        word.span,
        say!(en "`{text}` is an integer, and DATA is bytes", es "`{text}` es un entero, y DATA son bytes", text),
    );
    words.report(problem.help(say!(
        en "quote it for its letters, or make bytes of the number: `x = pack u32be {text}`",
        es "entre comillas son sus letras; con `x = pack u32be {text}` el número se hace bytes",
        text
    )));
    None
}

/// One word of DATA: its letters, or a value.
pub fn read_piece(words: &mut Words<'_>, word: &Word<'_>) -> Option<Expr> {
    refuse_number(words, word)?;
    Expr::letters(words, word)
}

impl Param for Data {
    type Value<'a> = Payload<'a>;
    const KIND: Kind = Kind::Data;
    const USAGE: &'static str = "DATA";
    const OPTIONS: &'static [OptionSpec] = DATA_OPTIONS;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        Data::read_words(words, name, false)
    }

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
            Made::One(expr) => piece(expr, session).map(Payload::Made),
            Made::Words(exprs) => joined(exprs, session).map(Payload::Made),
            Made::Shaped(shaped) => shaped.get(session).map(Payload::Made),
        }
    }
}

fn joined(exprs: &[Expr], session: &mut Session) -> Got<Bytes> {
    let mut out = session.buffer();
    for expr in exprs {
        extend(&mut out, &piece(expr, session)?)?;
    }
    Ok(Arc::new(out.into()))
}

/// The bytes of one word of DATA: of a list, those of its items, one after the other.
fn piece(expr: &Expr, session: &mut Session) -> Got<Bytes> {
    if let Some(Value::Bytes(bytes)) = expr.literal() {
        return Ok(bytes.clone());
    }
    let value = expr.get(session)?;
    bytes_of(value, expr, session)
}

fn bytes_of(value: Value, expr: &Expr, session: &mut Session) -> Got<Bytes> {
    match value {
        Value::List(items) => {
            let mut out = Vec::new();
            for item in items.iter() {
                extend(&mut out, &session.look(item)?.to_bytes())?;
            }
            Ok(Arc::new(out.into()))
        }
        Value::Bytes(bytes) => Ok(bytes),
        value => {
            let seen = session.look(&value).map_err(|halt| at_word(halt, expr.span))?;
            Ok(seen.to_bytes())
        }
    }
}

impl Shaped {
    fn get(&self, session: &mut Session) -> Got<Bytes> {
        let bytes = match &self.source {
            Source::Known(bytes) => bytes.clone(),
            Source::Words(exprs) => joined(exprs, session)?,
            Source::File(path) => {
                let path = path_of(path, session)?;
                let deadline = session.early_deadline();
                Arc::new(crate::net::file::read(&mut session.caller, &path, LARGEST_DATA, deadline)?.into())
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

/// DATA that is one word, or a list as such.
#[derive(Debug)]
pub struct OneSequence(Data);

/// What [`OneSequence`] is when its line runs.
pub enum Sequence<'a> {
    Bytes(Payload<'a>),
    Items(Arc<Vec<Value>>),
}

impl Param for OneSequence {
    type Value<'a> = Sequence<'a>;
    const KIND: Kind = Kind::Data;
    const USAGE: &'static str = "DATA";
    const OPTIONS: &'static [OptionSpec] = DATA_OPTIONS;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        Data::read_words(words, name, true).map(OneSequence)
    }

    fn get<'a>(&'a self, session: &mut Session) -> Got<Sequence<'a>> {
        if let Data::Made(made) = &self.0
            && let Made::One(expr) = &**made
        {
            return Ok(match expr.get(session)? {
                Value::List(items) => Sequence::Items(items),
                value => Sequence::Bytes(Payload::Made(bytes_of(value, expr, session)?)),
            });
        }
        self.0.get(session).map(Sequence::Bytes)
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
