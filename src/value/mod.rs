//! What a name can stand for, and the properties that can be read without asking the kernel.

pub(crate) mod control;
pub(crate) mod digest;
pub(crate) mod encoding;
pub mod errno;
pub(crate) mod fields;
pub(crate) mod format;
pub(crate) mod job;
pub(crate) mod json;
pub(crate) mod map;
pub(crate) mod octets;
pub(crate) mod outcome;
pub(crate) mod packing;
pub(crate) mod process;
pub(crate) mod signal;
pub(crate) mod socket;
pub mod state;
pub(crate) mod way;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use outcome::Halt;

use crate::text::literal;
use crate::value::errno::{Class, Code};
use crate::value::job::Group;
use crate::value::map::Map;
use crate::value::octets::Octets;
use crate::value::outcome::{CallError, Detail};
use crate::value::process::Process;
use crate::value::socket::Endpoint;
use crate::words::{Lang, Phrase, Sentence, counted};

/// Bytes that are cheap to hand on.
pub type Bytes = Arc<Octets>;

/// The largest value, in bytes: the system gives more than it has, and ends programs later for it.
pub const LARGEST: usize = 4 << 30;

/// Appends to bytes whose length a script decides; a MemoryError where there is no room.
pub fn extend(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), CallError> {
    let whole = out.len().saturating_add(bytes.len());
    if whole > LARGEST || out.try_reserve(bytes.len()).is_err() {
        return Err(no_room(whole));
    }
    out.extend_from_slice(bytes);
    Ok(())
}

/// Is there room for so many bytes more? To be asked before many small allocations, each of which would end the
/// program if it failed; for less than a MiB it does not ask.
pub fn ask_room(bytes: usize) -> Result<(), CallError> {
    const SMALL: usize = 1 << 20;
    let mut room = Vec::<u8>::new();
    if bytes >= SMALL && (bytes > LARGEST || room.try_reserve_exact(bytes).is_err()) {
        return Err(no_room(bytes));
    }
    Ok(())
}

/// May these values be put into another? One that holds others many times over is soon larger than anything that could be
/// shown or compared.
pub fn ask_within<'v>(values: impl IntoIterator<Item = &'v Value>) -> Result<(), CallError> {
    let nested = |value: &&Value| matches!(value, Value::List(_) | Value::Map(_));
    let mut whole = 0usize;
    for value in values.into_iter().filter(nested) {
        let Some(size) = value.size() else {
            let most = MOST_WITHIN;
            let text = say!(
                en "more than {most} values within one do not fit",
                es "más de {most} valores dentro de uno no caben",
                most
            );
            return Err(CallError::class(Class::MemoryError, Detail::Text(text)));
        };
        whole = whole.saturating_add(size);
    }
    if whole > LARGEST { Err(no_room(whole)) } else { Ok(()) }
}

/// So many values are counted in a value that holds others.
const MOST_WITHIN: usize = 10_000_000;

/// What a value in a list takes beside its bytes, at most.
pub const PER_VALUE: usize = 128;

/// The MemoryError of so many bytes.
pub fn no_room(bytes: usize) -> CallError {
    let text = say!(
        en "{bytes} do not fit", es "{bytes} no caben", bytes = counted(bytes, crate::words::Noun::Byte)
    );
    CallError::class(Class::MemoryError, Detail::Text(text))
}

/// What a name can stand for.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// No result.
    #[default]
    Nothing,
    /// An integer.
    Int(i64),
    /// An option that is on or off; prints as 1 or 0.
    Flag(bool),
    /// A time.
    Duration(Duration),
    /// Bytes; text is UTF-8.
    Bytes(Bytes),
    /// An address.
    Address(Arc<Address>),
    /// The local address of a socket, read by getsockname(2) when it is first used or shown.
    Local(Arc<Local>),
    /// A socket, open or closed.
    Socket(Arc<Endpoint>),
    /// A list.
    List(Arc<Vec<Value>>),
    /// Keys with their values.
    Map(Arc<Map>),
    /// An error that was caught.
    Error(Arc<CallError>),
    /// Spawned blocks and background calls of one name.
    Jobs(Arc<Group>),
    /// A program that was started.
    Process(Arc<Process>),
}

impl Value {
    /// About how many bytes it has, what it holds counted each time that it stands in it; none where those are too many to
    /// be counted.
    pub fn size(&self) -> Option<usize> {
        const MOST: usize = MOST_WITHIN;
        match self {
            Value::List(_) | Value::Map(_) => {}
            Value::Bytes(bytes) => return Some(size_of::<Value>().saturating_add(bytes.len())),
            _ => return Some(size_of::<Value>()),
        }
        let (mut size, mut seen) = (0usize, 0);
        let mut rest = vec![self];
        while let Some(value) = rest.pop() {
            size = size.saturating_add(size_of::<Value>());
            seen += 1;
            match value {
                Value::Bytes(bytes) => size = size.saturating_add(bytes.len()),
                Value::List(list) if seen + rest.len() + list.len() > MOST => return None,
                Value::Map(map) if seen + rest.len() + 2 * map.len() > MOST => return None,
                Value::List(list) => rest.extend(list.iter()),
                Value::Map(map) => rest.extend(map.iter().flat_map(|(key, value)| [key, value])),
                _ => {}
            }
        }
        Some(size)
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Value {
        Value::Duration(duration)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Value {
        Value::Map(Arc::new(map))
    }
}

/// A local address that may not have been read yet.
#[derive(Debug)]
pub struct Local {
    /// Whose address it is.
    pub socket: Arc<Endpoint>,
    /// The address, once it was read.
    pub read: OnceLock<Arc<Address>>,
}

/// An address as the kernel tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// IPv4 or IPv6.
    Inet(SocketAddr),
    /// A Unix path.
    Path(Vec<u8>),
    /// A Unix name without a file: `@name`.
    Abstract(Vec<u8>),
    /// A Unix socket that was never bound.
    Unnamed,
    /// Of another family: what stands behind the family in the kernel's struct.
    Other {
        /// AF_….
        family: i32,
        /// What follows the family, as the kernel gave it.
        bytes: Vec<u8>,
    },
}

impl Address {
    /// The host of an internet address.
    pub fn host(&self) -> Option<String> {
        match self {
            Address::Inet(SocketAddr::V4(a)) => Some(a.ip().to_string()),
            Address::Inet(SocketAddr::V6(a)) => Some(match a.scope_id() {
                0 => a.ip().to_string(),
                scope => format!("{}%{scope}", a.ip()),
            }),
            _ => None,
        }
    }

    /// The port of an internet address.
    pub fn port(&self) -> Option<u16> {
        match self {
            Address::Inet(a) => Some(a.port()),
            _ => None,
        }
    }

    /// What an address has beside its host and port: the flow information of IPv6, and the fields of vsock, packet and
    /// netlink addresses.
    fn field(&self, name: &str) -> Option<Value> {
        match self {
            Address::Inet(SocketAddr::V6(a)) if name == "flow" => {
                // As the kernel has it, in the network's order.
                Some(Value::Int(u32::from_be(a.flowinfo()).into()))
            }
            Address::Other { family, bytes } => fields::get(*family, bytes, name),
            _ => None,
        }
    }

    /// `inet`, `inet6`, `unix`, …
    pub fn family(&self) -> String {
        match self {
            Address::Inet(SocketAddr::V4(_)) => "inet".into(),
            Address::Inet(SocketAddr::V6(_)) => "inet6".into(),
            Address::Path(_) | Address::Abstract(_) | Address::Unnamed => "unix".into(),
            Address::Other { family, .. } => named(DOMAINS, *family),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Inet(a) => write!(f, "{a}"),
            Address::Path(p) => f.write_str(&literal::one_line(&literal::text(p))),
            Address::Abstract(n) => write!(f, "@{}", literal::one_line(&literal::text(n))),
            Address::Unnamed => f.write_str("(unnamed)"),
            Address::Other { family, bytes } => f.write_str(&fields::show(*family, bytes)),
        }
    }
}

impl Value {
    /// `true` or `false`.
    pub fn flag(on: bool) -> Value {
        Value::Flag(on)
    }

    /// Bytes as a value.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Value {
        Value::Bytes(Arc::new(bytes.into().into()))
    }

    /// A text as a value: its UTF-8.
    pub fn text(text: &str) -> Value {
        Value::bytes(text.as_bytes())
    }

    /// A list as a value.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(items))
    }

    /// An address as a value.
    pub fn address(address: Address) -> Value {
        Value::Address(Arc::new(address))
    }

    /// What kind of thing it is, for messages.
    pub fn kind(&self) -> Phrase {
        match self {
            Value::Nothing => phrase!(en "nothing", es "nada"),
            Value::Int(_) => phrase!(en "an integer", es "un entero"),
            Value::Flag(_) => phrase!(en "a flag", es "un valor lógico"),
            Value::Duration(_) => phrase!(en "a duration", es "una duración"),
            Value::Bytes(_) => phrase!(en "bytes", es "bytes"),
            Value::Address(_) | Value::Local(_) => phrase!(en "an address", es "una dirección"),
            Value::Socket(_) => phrase!(en "a socket", es "un socket"),
            Value::List(_) => phrase!(en "a list", es "una lista"),
            Value::Map(_) => phrase!(en "a map", es "un mapa"),
            Value::Error(_) => phrase!(en "an error", es "un error"),
            Value::Jobs(_) => phrase!(en "a job", es "una tarea"),
            Value::Process(_) => phrase!(en "a process", es "un proceso"),
        }
    }

    /// The same without its article, for a column.
    pub fn kind_noun(&self) -> Phrase {
        let bare = |text: &'static str, articles: &[&str]| {
            let split = text.split_once(' ').filter(|(article, _)| articles.contains(article));
            split.map_or(text, |(_, noun)| noun)
        };
        let kind = self.kind();
        Phrase { en: bare(kind.en, &["a", "an"]), es: bare(kind.es, &["un", "una"]) }
    }

    /// What it is and of which kind, for messages: `5 (an integer)`.
    pub fn described(&self) -> Sentence {
        let (shown, kind) = (self.to_literal(), self.kind());
        say!(en "{shown} ({kind})", es "{shown} ({kind})", shown, kind)
    }

    /// The bytes `sendall`, `${…}` and comparisons see: the printed form, without quotes.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Value::Bytes(b) => b.clone(),
            // Its own bytes, which text that is shown may not hold.
            Value::Address(a) => match &**a {
                Address::Path(path) => Arc::new(path.clone().into()),
                Address::Abstract(name) => Arc::new([b"@", &name[..]].concat().into()),
                _ => Arc::new(a.to_string().into_bytes().into()),
            },
            other => Arc::new(other.to_text().into_bytes().into()),
        }
    }

    /// What `print` shows.
    pub fn to_text(&self) -> String {
        match self {
            Value::Nothing => String::new(),
            Value::Int(n) => n.to_string(),
            Value::Flag(on) => u8::from(*on).to_string(),
            Value::Duration(time) => duration_text(*time),
            Value::Bytes(b) => literal::text(b),
            Value::Address(a) => a.to_string(),
            Value::Local(l) => match l.read.get() {
                Some(a) => a.to_string(),
                None => format!("(address of {})", l.socket.name()),
            },
            Value::Socket(s) => s.name().to_string(),
            Value::List(items) => {
                let mut out = String::from("[");
                for (at, item) in items.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    let _ = write!(out, "{comma}{}", item.to_item());
                }
                out + "]"
            }
            Value::Map(map) => {
                let mut out = String::from("{");
                for (at, (key, value)) in map.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    let _ = write!(out, "{comma}{}: {}", key.to_literal(), value.to_item());
                }
                out + "}"
            }
            Value::Error(e) => e.code.name(),
            Value::Jobs(group) => {
                let states: Vec<&str> = group.jobs().iter().map(|j| j.state().en).collect();
                states.join(", ")
            }
            Value::Process(p) => p.name.to_string(),
        }
    }

    /// As it would be typed: bytes in quotes, the rest as printed.
    pub fn to_literal(&self) -> String {
        match self {
            Value::Bytes(b) => literal::show(b),
            other => other.to_text(),
        }
    }

    /// As it is shown inside a list or a map.
    pub fn to_item(&self) -> String {
        match self {
            Value::Nothing => "nothing".into(),
            other => other.to_literal(),
        }
    }

    /// A number, or bytes that are wholly one: as an integer is printed, without a leading 0, a `+` or a blank.
    pub fn to_int(&self) -> Option<i64> {
        match self {
            Value::Int(n) => Some(*n),
            Value::Flag(on) => Some(i64::from(*on)),
            Value::Bytes(b) => printed_int(std::str::from_utf8(b).ok()?),
            _ => None,
        }
    }

    /// A property of what is at hand. `None`: there is no such property here (see `session` for those
    /// that ask the kernel).
    pub fn property(&self, name: &str) -> Option<Result<Value, CallError>> {
        let index: Option<usize> = name.parse().ok();
        Some(Ok(match (self, name) {
            (Value::Bytes(b), _) => return bytes_property(b, name),
            (Value::Address(a), "host") => match (a.host(), &**a) {
                (Some(host), _) => Value::text(&host),
                (None, Address::Path(p)) => Value::bytes(p.clone()),
                (None, Address::Abstract(n)) => Value::bytes([b"@", &n[..]].concat()),
                (None, _) => a.field("cid").unwrap_or_else(|| Value::text("")),
            },
            (Value::Address(a), "port") => match a.port() {
                Some(port) => Value::Int(port.into()),
                None if a.field("port").is_some() => a.field("port").unwrap_or_default(),
                None => {
                    return Some(Err(no_property(
                        "port",
                        phrase!(en "an address of this family", es "una dirección de esta familia"),
                    )));
                }
            },
            (Value::Address(a), "family") => Value::text(&a.family()),
            (Value::Address(a), _) => return a.field(name).map(Ok),
            (Value::Socket(s), "name") => Value::text(&s.name()),
            (Value::Socket(s), "family") => Value::text(domain_name(s.domain()).as_str()),
            (Value::Socket(s), "type") => Value::text(type_name(s.kind()).as_str()),
            (Value::Error(e), "name") => Value::text(&e.code.name()),
            (Value::Error(e), "number") => Value::Int(e.code.number().unwrap_or(0).into()),
            (Value::Error(e), "class") => Value::text(e.code.class().name()),
            (Value::Error(e), "message") => Value::text(&e.message(Lang::EN)),
            (Value::Error(e), "call") => Value::text(e.call),
            (Value::Error(e), "data") => match &e.done.data {
                Some(data) => Value::Bytes(data.clone()),
                None => Value::bytes([]),
            },
            (Value::Process(p), "stdout") => Value::bytes(p.stdout()),
            (Value::Process(p), "stderr") => Value::bytes(p.stderr()),
            (Value::Process(p), "pid") => Value::Int(p.pid.into()),
            (Value::Process(p), "name") => Value::text(&p.name),
            (Value::List(items), "len") => Value::Int(items.len() as i64),
            (Value::List(items), _) if index.is_some() => {
                let at = index.unwrap_or(usize::MAX);
                match items.get(at) {
                    Some(item) => item.clone(),
                    None => {
                        let detail = Detail::Index { index: at, length: items.len() };
                        return Some(Err(CallError::class(Class::IndexError, detail)));
                    }
                }
            }
            // Its keys, and nothing else: `.len` is a key like any other.
            (Value::Map(map), _) => match map.get(&Value::text(name)) {
                Some(value) => value.clone(),
                None => return Some(Err(no_key(&Value::text(name)))),
            },
            _ => return None,
        }))
    }
}

/// The KeyError of a map that does not have this key.
pub fn no_key(key: &Value) -> CallError {
    let text = say!(
        en "the map has no key {key}", es "el mapa no tiene la clave {key}", key = key.to_literal()
    );
    CallError::class(Class::KeyError, Detail::Text(text))
}

/// The AttributeError of a value of kind `of` that has no such property.
pub fn no_property(name: &str, of: Phrase) -> CallError {
    CallError::class(Class::AttributeError, Detail::NoProperty { name: name.into(), of })
}

/// Every property there is, for `check` and completion.
pub const PROPERTIES: &[&str] = &[
    "len", "text", "hex", "base64", "trim", "lines", "int", "repr", "chars", "match", "host", "port",
    "family", "name", "fd", "type", "local", "peer", "state", "number", "class", "message", "call", "data",
    "stdout", "stderr", "status", "pid", "cid", "groups", "protocol", "ifindex", "hatype", "pkttype", "addr",
    "flow", "info", "recvq", "sendq", "backlog", "events",
];

/// Bytes without the white space at both ends, of which the vertical tab is a part, as in Python.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let white = |b: &u8| b.is_ascii_whitespace() || *b == 0x0b;
    let begin = bytes.iter().position(|b| !white(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !white(b)).map_or(begin, |at| at + 1);
    &bytes[begin..end]
}

fn bytes_property(bytes: &Bytes, name: &str) -> Option<Result<Value, CallError>> {
    use base64::Engine as _;
    Some(Ok(match name {
        "len" => Value::Int(bytes.len() as i64),
        "text" => match utf8(bytes) {
            Ok(_) => Value::Bytes(bytes.clone()),
            Err(error) => return Some(Err(error)),
        },
        "chars" => match utf8(bytes) {
            Ok(text) => {
                if let Err(error) = ask_room(text.len().saturating_mul(PER_VALUE)) {
                    return Some(Err(error));
                }
                Value::list(text.chars().map(|c| Value::text(c.encode_utf8(&mut [0; 4]))).collect())
            }
            Err(error) => return Some(Err(error)),
        },
        "match" => match bytes.delimiter() {
            Some(delimiter) => Value::bytes(delimiter),
            None => {
                let of =
                    phrase!(en "bytes that no delimiter ended", es "bytes que ningún delimitador terminó");
                return Some(Err(no_property(name, of)));
            }
        },
        "repr" => Value::text(&literal::show(bytes)),
        "hex" => {
            let mut out = String::with_capacity(bytes.len() * 2);
            bytes.iter().for_each(|b| {
                let _ = write!(out, "{b:02x}");
            });
            Value::text(&out)
        }
        "base64" => Value::text(&base64::engine::general_purpose::STANDARD.encode(&bytes[..])),
        "trim" => Value::bytes(trimmed(bytes)),
        "lines" => {
            let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            let lines = text.split(|&b| b == b'\n').map(|l| Value::bytes(l.strip_suffix(b"\r").unwrap_or(l)));
            Value::list(if bytes.is_empty() { Vec::new() } else { lines.collect() })
        }
        "int" => match std::str::from_utf8(bytes).ok().and_then(|t| int_text(t.trim())) {
            Some(n) => Value::Int(n),
            None => {
                let detail = Detail::NotA {
                    wanted: phrase!(en "an integer", es "un entero"),
                    found: Sentence::plain(literal::show(bytes)),
                };
                return Some(Err(CallError::class(Class::ValueError, detail)));
            }
        },
        _ => return None,
    }))
}

/// Bytes as text, or the UnicodeDecodeError that says where they are none.
pub fn utf8(bytes: &[u8]) -> Result<&str, CallError> {
    std::str::from_utf8(bytes).map_err(|e| {
        let detail = Detail::NotUtf8 { at: e.valid_up_to(), byte: bytes[e.valid_up_to()] };
        CallError::class(Class::UnicodeDecodeError, detail)
    })
}

/// Text that is written as an integer is printed: `4096`, `-5`, and neither `007` nor `+5`.
pub fn printed_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = match digits.as_bytes() {
        [b'0'] => text.len() == 1,
        [b'1'..=b'9', ..] => true,
        _ => false,
    };
    if plain { text.parse().ok() } else { None }
}

/// A bare word of a script as the integer it reads as: `4096`, `-5`, `0x1000`, `0b101`, `64KiB`. Nothing for
/// `007`, `+5` and what exceeds 64 bits, which are text.
pub fn word_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let based = matches!(digits, [b'0', b'x' | b'X' | b'b' | b'B', _, ..]);
    match digits {
        [b'0', _, ..] if !based => None,
        [b'0'..=b'9', ..] => int_text(text),
        _ => None,
    }
}

/// What `.int` reads: as [`word_int`], and with leading zeros or a `+`.
pub fn int_text(text: &str) -> Option<i64> {
    let (digits, negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    let split = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let based =
        |digits: &str, base| u64::from_str_radix(digits, base).ok().filter(|_| !digits.starts_with('+'));
    let magnitude = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        based(hex, 16)?
    } else if let Some(bits) = digits.strip_prefix("0b").or_else(|| digits.strip_prefix("0B")) {
        based(bits, 2)?
    } else {
        let scale: u64 = match &digits[split..] {
            "" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "TiB" => 1 << 40,
            "kB" | "KB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return None,
        };
        digits[..split].parse::<u64>().ok()?.checked_mul(scale)?
    };
    if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// `250ms`, `2s`, `1m`, `1.5s`; a bare number is seconds.
pub fn duration_of(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    if number.is_empty() || number == "." {
        return None;
    }
    let scale = match unit {
        "" | "s" => 1.0,
        "ms" => 1e-3,
        "us" | "µs" => 1e-6,
        "ns" => 1e-9,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let time = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * scale).ok()?;
    // Finer than a nanosecond: never rounded to none.
    let is_zero = number.bytes().all(|b| matches!(b, b'0' | b'.'));
    (is_zero == time.is_zero()).then_some(time)
}

/// The shortest of the notations that `duration_of` reads.
pub fn duration_text(d: Duration) -> String {
    // A whole number of the largest unit, so many of the next ones, and with how many digits those are written.
    let (whole, rest, digits, name) = match (d.as_secs(), d.subsec_nanos()) {
        (0, 0) => return "0s".into(),
        (0, n @ ..1_000) => (n.into(), 0, 0, "ns"),
        (0, n @ ..1_000_000) => ((n / 1_000).into(), n % 1_000, 3, "us"),
        (0, n) => ((n / 1_000_000).into(), n % 1_000_000, 6, "ms"),
        (seconds, n) => (seconds, n, 9, "s"),
    };
    if rest == 0 {
        return format!("{whole}{name}");
    }
    let fraction = format!("{rest:0digits$}");
    format!("{whole}.{}{name}", fraction.trim_end_matches('0'))
}

/// The socket families by name, with C's constant.
pub const DOMAINS: &[(&str, &str, i32)] = &[
    ("inet", "AF_INET", libc::AF_INET),
    ("inet6", "AF_INET6", libc::AF_INET6),
    ("unix", "AF_UNIX", libc::AF_UNIX),
    ("vsock", "AF_VSOCK", libc::AF_VSOCK),
    ("packet", "AF_PACKET", libc::AF_PACKET),
    ("netlink", "AF_NETLINK", libc::AF_NETLINK),
];

/// The types of sockets: our name, the constant, its number.
pub const TYPES: &[(&str, &str, i32)] = &[
    ("stream", "SOCK_STREAM", libc::SOCK_STREAM),
    ("dgram", "SOCK_DGRAM", libc::SOCK_DGRAM),
    ("seqpacket", "SOCK_SEQPACKET", libc::SOCK_SEQPACKET),
    ("raw", "SOCK_RAW", libc::SOCK_RAW),
    ("rdm", "SOCK_RDM", libc::SOCK_RDM),
];

/// The protocols by name.
pub const PROTOCOLS: &[(&str, &str, i32)] = &[
    ("tcp", "IPPROTO_TCP", libc::IPPROTO_TCP),
    ("udp", "IPPROTO_UDP", libc::IPPROTO_UDP),
    ("icmp", "IPPROTO_ICMP", libc::IPPROTO_ICMP),
    ("icmpv6", "IPPROTO_ICMPV6", libc::IPPROTO_ICMPV6),
    ("mptcp", "IPPROTO_MPTCP", libc::IPPROTO_MPTCP),
    ("sctp", "IPPROTO_SCTP", libc::IPPROTO_SCTP),
    ("udplite", "IPPROTO_UDPLITE", libc::IPPROTO_UDPLITE),
    ("dccp", "IPPROTO_DCCP", libc::IPPROTO_DCCP),
    ("raw", "IPPROTO_RAW", libc::IPPROTO_RAW),
];

fn named(table: &[(&str, &str, i32)], number: i32) -> String {
    match table.iter().find(|r| r.2 == number) {
        Some(row) => row.0.to_string(),
        None => number.to_string(),
    }
}

/// `inet` for AF_INET; the number of a family without a name; `none` of a descriptor that is no socket.
pub fn domain_name(domain: socket2::Domain) -> String {
    if i32::from(domain) == libc::AF_UNSPEC {
        return "none".into();
    }
    named(DOMAINS, domain.into())
}

/// `stream` for SOCK_STREAM; the number of a type without a name; `file` of a descriptor that is no socket.
pub fn type_name(kind: socket2::Type) -> String {
    if i32::from(kind) == 0 {
        return "file".into();
    }
    named(TYPES, kind.into())
}

/// An error that the kernel did not make: the class says what it is.
impl CallError {
    pub fn class(class: Class, detail: Detail) -> CallError {
        CallError::new("", Code::Class(class), detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read() {
        for (text, want) in [
            ("4096", Some(4096)),
            ("-5", Some(-5)),
            ("0x10", Some(16)),
            ("64KiB", Some(65536)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("1.5", None),
            ("", None),
            ("-", None),
            ("0x", None),
            ("5 ", None),
        ] {
            assert_eq!(int_text(text), want, "{text}");
        }
    }

    #[test]
    fn durations_are_read_and_shown() {
        for (text, shown) in [
            ("250ms", "250ms"),
            ("2", "2s"),
            ("1.5s", "1.5s"),
            ("1m", "60s"),
            ("0", "0s"),
            ("1us", "1us"),
            ("0.0005", "500us"),
        ] {
            assert_eq!(duration_of(text).map(duration_text).as_deref(), Some(shown), "{text}");
        }
        for text in ["", "s", "5x", "-1", "1e3", "0.4ns", "1..2", "99999999999999999999999"] {
            assert_eq!(duration_of(text), None, "{text}");
        }
    }

    #[test]
    fn bytes_have_their_properties() {
        let of = |bytes: &[u8], name: &str| match Value::bytes(bytes).property(name) {
            Some(Ok(value)) => value.to_text(),
            Some(Err(error)) => error.code.name(),
            None => "none".into(),
        };
        assert_eq!(of("café".as_bytes(), "len"), "5");
        assert_eq!(of(b"\x00\xff", "hex"), "00ff");
        assert_eq!(of(b"hi", "base64"), "aGk=");
        assert_eq!(of(b" 42\r\n", "int"), "42");
        assert_eq!(of(b" x \r\n", "trim"), "x");
        assert_eq!(of(b" \x0b\x0c x y\t\x0b\n", "trim"), "x y");
        assert_eq!(of(b" \x0b ", "trim"), "");
        assert_eq!(of(b"a\r\nb\n", "lines"), "[\"a\", \"b\"]");
        assert_eq!(of(b"\xff", "text"), "UnicodeDecodeError");
        assert_eq!(of("aé\n".as_bytes(), "chars"), "[\"a\", \"é\", \"\\n\"]");
        assert_eq!(of(b"\xff", "chars"), "UnicodeDecodeError");
        assert_eq!(of(b"a\r\n\xff'", "repr"), "\"a\\r\\n\\xff'\"");
        assert_eq!(of(b"", "port"), "none");
    }
}
