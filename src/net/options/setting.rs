//! A value for an option: from the words of a line to what the kernel is given.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use socket2::SockFilter;

use super::table::{MILLIS, SECONDS, SocketOption, plain};
use crate::text::diagnostic::{suggest, there_are};
use crate::value::{Value, duration_of, duration_text};
use crate::words::{Phrase, Sentence};

/// What a value is, in words and in the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Flag,
    /// A number of something; `wide` ones are 64 bits in the kernel.
    Int {
        of: Phrase,
        low: i64,
        high: i64,
        wide: bool,
    },
    /// A time in this unit; `none` where the option has a way to say so.
    Time {
        unit: Duration,
        none: Option<i64>,
    },
    /// One of these words.
    Choice(&'static [(&'static str, &'static str, i32)]),
    /// Text; `none` takes it away.
    Text,
    /// A C struct or array, byte by byte; there may be so many.
    Bytes(usize),
    /// Eight bytes an instruction.
    Filter,
    /// No value: to set it is all there is.
    Order,
    /// `GROUP [INTERFACE]`
    Group4,
    Group6,
    /// `GROUP SOURCE [INTERFACE]`
    Source,
    /// An interface by one of its addresses.
    Address4,
    /// An interface by number or name; `none` for any.
    Interface,
    /// Read only: a word, an error, an address, numbers in a row.
    Domain,
    Type,
    Protocol,
    Error,
    Address,
    Numbers(Phrase),
    /// struct tcp_info, as a map.
    Account,
}

/// A value on its way to the kernel: read once, set as often as the line runs.
#[derive(Clone, Debug)]
pub enum Setting {
    Flag(bool),
    Int(i64),
    Time(Option<Duration>),
    Text(Option<Vec<u8>>),
    Filter(Arc<Vec<SockFilter>>),
    Order,
    Group4 {
        group: Ipv4Addr,
        on: Interface,
    },
    Group6 {
        group: Ipv6Addr,
        on: Interface,
    },
    Source {
        group: Ipv4Addr,
        source: Ipv4Addr,
        on: Ipv4Addr,
    },
    Interface(Interface),
    /// The bytes as they are.
    Bytes(Vec<u8>),
}

/// An interface as it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interface {
    /// The system's choice.
    Any,
    Address(Ipv4Addr),
    Index(u32),
    Name(String),
}

impl Setting {
    /// The interface it names, where that may be given by name.
    pub fn interface(&self) -> Option<&Interface> {
        match self {
            Setting::Group4 { on, .. } | Setting::Group6 { on, .. } | Setting::Interface(on) => Some(on),
            _ => None,
        }
    }

    /// The same on another interface.
    pub fn on_interface(&self, on: Interface) -> Setting {
        match self {
            Setting::Group4 { group, .. } => Setting::Group4 { group: *group, on },
            Setting::Group6 { group, .. } => Setting::Group6 { group: *group, on },
            Setting::Interface(_) => Setting::Interface(on),
            other => other.clone(),
        }
    }
}

/// As a trace shows it.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Flag(on) => write!(f, "{}", u8::from(*on)),
            Setting::Int(n) => write!(f, "{n}"),
            Setting::Time(Some(time)) => f.write_str(&duration_text(*time)),
            Setting::Time(None) | Setting::Text(None) => f.write_str("none"),
            Setting::Text(Some(bytes)) | Setting::Bytes(bytes) => {
                f.write_str(&crate::text::literal::show(bytes))
            }
            Setting::Filter(lines) => write!(f, "{} instructions", lines.len()),
            Setting::Order => Ok(()),
            Setting::Group4 { group, on } => write!(f, "{group}, {on}"),
            Setting::Group6 { group, on } => write!(f, "{group}, {on}"),
            Setting::Source { group, source, on } => write!(f, "{group}, {source}, {on}"),
            Setting::Interface(on) => write!(f, "{on}"),
        }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Interface::Any => f.write_str("any"),
            Interface::Address(address) => write!(f, "{address}"),
            Interface::Index(index) => write!(f, "{index}"),
            Interface::Name(name) => f.write_str(name),
        }
    }
}

/// What is wrong with a value, and which of them; `class` words fit both a diagnostic and an error.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    pub at: usize,
    pub message: Sentence,
    pub help: Option<Sentence>,
}

impl Wrong {
    fn new(at: usize, message: Sentence) -> Wrong {
        Wrong { at, message, help: None }
    }

    fn help(self, help: impl Into<Sentence>) -> Wrong {
        Wrong { help: Some(help.into()), ..self }
    }
}

impl SocketOption {
    /// What the value is, for usage and messages.
    pub fn value_usage(&self) -> Sentence {
        let plain = |usage: &str| Sentence::plain(usage);
        match self.form {
            Form::Flag => plain("true|false"),
            Form::Int { of, .. } => say!(en "INTEGER ({of})", es "INTEGER ({of})", of),
            Form::Time { none: Some(_), .. } => plain("DURATION|none"),
            Form::Time { none: None, .. } => plain("DURATION"),
            Form::Choice(words) => Sentence::plain(words.iter().map(|w| w.0).collect::<Vec<_>>().join("|")),
            Form::Text => plain("TEXT|none"),
            Form::Bytes(_) | Form::Filter => plain("BYTES"),
            Form::Order => plain(""),
            Form::Group4 | Form::Group6 => plain("GROUP [INTERFACE]"),
            Form::Source => plain("GROUP SOURCE [INTERFACE]"),
            Form::Address4 => plain("ADDRESS"),
            Form::Interface => plain("INTERFACE"),
            Form::Domain | Form::Type | Form::Protocol => phrase!(en "a word", es "una palabra").into(),
            Form::Error => phrase!(en "an error, or 0", es "un error, o 0").into(),
            Form::Address => phrase!(en "an address", es "una dirección").into(),
            Form::Numbers(what) => what.into(),
            Form::Account => phrase!(en "a map", es "un mapa").into(),
        }
    }

    /// How many values it takes: at least, at most.
    pub fn arity(&self) -> (usize, usize) {
        match self.form {
            Form::Order => (0, 0),
            Form::Group4 | Form::Group6 => (1, 2),
            Form::Source => (2, 3),
            _ => (1, 1),
        }
    }

    /// Are its values letters, so that a bare word stays as it is typed?
    pub fn takes_letters(&self) -> bool {
        matches!(self.form, Form::Bytes(_) | Form::Text | Form::Filter)
    }

    /// Words to a value the kernel can be given. What is wrong with them is said for a reader.
    pub fn read(&self, values: &[Value]) -> Result<Setting, Wrong> {
        let (least, most) = self.arity();
        if values.len() < least || values.len() > most {
            let usage = self.value_usage();
            return Err(match (values.len() < least, most) {
                (true, _) => Wrong::new(
                    values.len(),
                    say!(
                        en "`{name}` needs {usage}",
                        es "`{name}` requiere {usage}",
                        name = self.name,
                        usage
                    ),
                )
                .help(self.summary),
                (false, 0) => {
                    let name = self.name;
                    Wrong::new(0, say!(en "`{name}` takes no value", es "`{name}` no lleva valor", name))
                        .help(self.summary)
                }
                (false, _) => {
                    let name = self.name;
                    let message =
                        say!(en "too many values for `{name}`", es "demasiados valores para `{name}`", name);
                    Wrong::new(most, message).help(say!(en "it takes {usage}", es "lleva {usage}", usage))
                }
            });
        }
        let Some(first) = values.first() else { return Ok(Setting::Order) };
        // What can't be text is the C value itself, as Python's `struct.pack` makes it.
        if let Value::Bytes(bytes) = first
            && values.len() == 1
            && !matches!(self.form, Form::Filter | Form::Bytes(_) | Form::Text)
            && (bytes.iter().any(u8::is_ascii_control) || std::str::from_utf8(bytes).is_err())
        {
            return Ok(Setting::Bytes(bytes.to_vec()));
        }
        match self.form {
            Form::Flag => flag(first).map(Setting::Flag),
            Form::Int { of, low, high, .. } => integer(first, of, low, high).map(Setting::Int),
            Form::Time { unit, none } => self.time(first, unit, none.is_some()).map(Setting::Time),
            Form::Choice(words) => choice(first, words).map(Setting::Int),
            Form::Text => Ok(Setting::Text(match first.to_bytes() {
                bytes if bytes.eq_ignore_ascii_case(b"none") => None,
                bytes => Some(bytes.to_vec()),
            })),
            Form::Bytes(_) => Ok(Setting::Bytes(first.to_bytes().to_vec())),
            Form::Filter => filter(first).map(|lines| Setting::Filter(Arc::new(lines))),
            Form::Group4 => {
                let group = ipv4(first, 0, Some("join_multicast_v6"))?;
                let on = values.get(1).map_or(Ok(Interface::Any), |v| interface(v, 1, true))?;
                Ok(Setting::Group4 { group, on })
            }
            Form::Group6 => {
                let group = ipv6(first)?;
                let on = values.get(1).map_or(Ok(Interface::Any), |v| interface(v, 1, false))?;
                Ok(Setting::Group6 { group, on })
            }
            Form::Source => {
                let group = ipv4(first, 0, None)?;
                let source = values.get(1).map_or(Ok(Ipv4Addr::UNSPECIFIED), |v| ipv4(v, 1, None))?;
                let on = values.get(2).map_or(Ok(Ipv4Addr::UNSPECIFIED), |v| ipv4(v, 2, None))?;
                Ok(Setting::Source { group, source, on })
            }
            Form::Address4 => {
                Ok(Setting::Interface(Interface::Address(ipv4(first, 0, Some("multicast_if_v6"))?)))
            }
            Form::Interface => interface(first, 0, false).map(Setting::Interface),
            Form::Order
            | Form::Domain
            | Form::Type
            | Form::Protocol
            | Form::Error
            | Form::Address
            | Form::Account
            | Form::Numbers(_) => Ok(Setting::Order),
        }
    }

    /// In C a struct timeval, of seconds and microseconds, and not an int.
    fn is_timeval(&self) -> bool {
        self.level == libc::SOL_SOCKET && matches!(self.number, libc::SO_RCVTIMEO | libc::SO_SNDTIMEO)
    }

    /// A bare number has C's unit.
    fn time(&self, value: &Value, unit: Duration, none: bool) -> Result<Option<Duration>, Wrong> {
        let text = value.to_text();
        if none && text.eq_ignore_ascii_case("none") {
            return Ok(None);
        }
        let counts = match unit {
            SECONDS => phrase!(en "seconds", es "segundos"),
            MILLIS => phrase!(en "milliseconds", es "milisegundos"),
            _ => phrase!(en "microseconds", es "microsegundos"),
        };
        let time = match value {
            Value::Duration(time) => Some(*time),
            other => match other.to_int() {
                // A struct timeval begins with its seconds.
                Some(n) if self.is_timeval() => u64::try_from(n).ok().map(Duration::from_secs),
                Some(n) => u32::try_from(n).ok().and_then(|n| unit.checked_mul(n)),
                // `1.5` seconds of what C counts in milliseconds.
                None if unit != SECONDS && !self.is_timeval() && text.parse::<f64>().is_ok() => {
                    let message = say!(
                        en "`{text}` needs its unit: {constant} is counted in {counts} in C",
                        es "`{text}` necesita su unidad: {constant} se cuenta en {counts} en C",
                        text,
                        constant = self.constant,
                        counts
                    );
                    return Err(
                        Wrong::new(0, message).help(say!(en "write `{text}s`", es "escribe `{text}s`", text))
                    );
                }
                None => duration_of(&text),
            },
        };
        let Some(time) = time else {
            let bare = if self.is_timeval() { phrase!(en "seconds", es "segundos") } else { counts };
            let help = match none {
                true => say!(
                    en "like `250ms`, `2s` or `1m`; a bare number is {bare}, or `none`",
                    es "como `250ms`, `2s` o `1m`; un número solo son {bare}, o `none`",
                    bare
                ),
                false => say!(
                    en "like `250ms`, `2s` or `1m`; a bare number is {bare}",
                    es "como `250ms`, `2s` o `1m`; un número solo son {bare}",
                    bare
                ),
            };
            let message = say!(en "`{text}` is not a duration", es "`{text}` no es una duración", text);
            return Err(Wrong::new(0, message).help(help));
        };
        if time.as_nanos() % unit.as_nanos() != 0 {
            let message = say!(
                en "`{text}` is too fine: {constant} counts whole {counts}",
                es "`{text}` es demasiado fino: {constant} cuenta {counts} enteros",
                text,
                constant = self.constant,
                counts
            );
            return Err(Wrong::new(0, message));
        }
        if time.as_nanos() / unit.as_nanos() > i32::MAX as u128 && !self.is_timeval() {
            let message = say!(
                en "`{text}` is too long: {constant} holds {most} {counts}",
                es "`{text}` es demasiado largo: en {constant} caben {most} {counts}",
                text,
                constant = self.constant,
                most = i32::MAX,
                counts
            );
            return Err(Wrong::new(0, message));
        }
        Ok(Some(time))
    }
}

// Words to values.

fn flag(value: &Value) -> Result<bool, Wrong> {
    let text = value.to_text();
    match text.to_ascii_lowercase().as_str() {
        "true" | "on" | "1" => Ok(true),
        "false" | "off" | "0" => Ok(false),
        _ => Err(Wrong::new(
            0,
            say!(en "`{text}` is not `true` or `false`", es "`{text}` no es `true` ni `false`", text),
        )
        .help(phrase!(en "`1` and `0` will do too", es "también sirven `1` y `0`"))),
    }
}

fn integer(value: &Value, of: Phrase, low: i64, high: i64) -> Result<i64, Wrong> {
    match value.to_int() {
        Some(n) if (low..=high).contains(&n) => Ok(n),
        Some(n) => {
            let message = say!(en "`{n}` is out of range", es "`{n}` está fuera de rango", n);
            Err(Wrong::new(0, message).help(say!(
                en "it is {low} to {high} ({of})",
                es "va de {low} a {high} ({of})",
                low,
                high,
                of
            )))
        }
        None => {
            let text = value.to_text();
            let message = say!(en "`{text}` is not an integer", es "`{text}` no es un entero", text);
            Err(Wrong::new(0, message).help(phrase!(
                en "like `4096`, `0x1000` or `64KiB`",
                es "como `4096`, `0x1000` o `64KiB`"
            )))
        }
    }
}

fn choice(value: &Value, words: &[(&str, &str, i32)]) -> Result<i64, Wrong> {
    let text = value.to_text();
    let bare = plain(&text);
    let bare = bare.strip_prefix("IPV6_").map_or(bare.to_string(), |rest| format!("IP_{rest}"));
    let found = words.iter().find(|w| w.0.eq_ignore_ascii_case(&bare) || w.1.eq_ignore_ascii_case(&bare));
    match found.map(|w| i64::from(w.2)).or_else(|| value.to_int()) {
        Some(n) => Ok(n),
        None => {
            let names = || words.iter().map(|w| w.0);
            let help = suggest(&text, names()).unwrap_or_else(|| there_are(names()));
            let message =
                say!(en "`{text}` is none of its values", es "`{text}` no es uno de sus valores", text);
            Err(Wrong::new(0, message).help(help))
        }
    }
}

fn filter(value: &Value) -> Result<Vec<SockFilter>, Wrong> {
    let bytes = value.to_bytes();
    if bytes.is_empty() || !bytes.len().is_multiple_of(8) || bytes.len() > 4096 * 8 {
        let message = say!(
            en "{n} bytes are no BPF program",
            es "{n} bytes no son un programa BPF",
            n = bytes.len()
        );
        return Err(Wrong::new(0, message).help(phrase!(
            en "an instruction is eight bytes: code, two jumps, a number",
            es "una instrucción son ocho bytes: código, dos saltos, un número"
        )));
    }
    let line = |l: &[u8]| match *l {
        [c, d, jt, jf, k0, k1, k2, k3] => {
            SockFilter::new(u16::from_ne_bytes([c, d]), jt, jf, u32::from_ne_bytes([k0, k1, k2, k3]))
        }
        // `chunks_exact` gives eight.
        _ => SockFilter::new(0, 0, 0, 0),
    };
    Ok(bytes.chunks_exact(8).map(line).collect())
}

/// The address a word or an address value names.
fn ip(value: &Value) -> Option<IpAddr> {
    match value {
        Value::Address(address) => address.host()?.parse().ok(),
        other => other.to_text().parse().ok(),
    }
}

fn ipv4(value: &Value, at: usize, six: Option<&str>) -> Result<Ipv4Addr, Wrong> {
    match (ip(value), six) {
        (Some(IpAddr::V4(address)), _) => Ok(address),
        (Some(IpAddr::V6(address)), Some(six)) => {
            let message =
                say!(en "`{address}` is an IPv6 address", es "`{address}` es una dirección IPv6", address);
            Err(Wrong::new(at, message).help(say!(
                en "for IPv6 there is `{six}`",
                es "para IPv6 existe `{six}`",
                six
            )))
        }
        _ => {
            let text = value.to_text();
            Err(Wrong::new(
                at,
                say!(en "`{text}` is not an IPv4 address", es "`{text}` no es una dirección IPv4", text),
            ))
        }
    }
}

fn ipv6(value: &Value) -> Result<Ipv6Addr, Wrong> {
    match ip(value) {
        Some(IpAddr::V6(address)) => Ok(address),
        Some(IpAddr::V4(address)) => {
            let message =
                say!(en "`{address}` is an IPv4 address", es "`{address}` es una dirección IPv4", address);
            Err(Wrong::new(0, message).help(phrase!(
                en "for IPv4 there is `join_multicast`",
                es "para IPv4 existe `join_multicast`"
            )))
        }
        None => {
            let text = value.to_text();
            Err(Wrong::new(
                0,
                say!(en "`{text}` is not an IPv6 address", es "`{text}` no es una dirección IPv6", text),
            ))
        }
    }
}

fn interface(value: &Value, at: usize, by_address: bool) -> Result<Interface, Wrong> {
    let text = value.to_text();
    if let Some(n) = value.to_int() {
        return match u32::try_from(n) {
            Ok(0) => Ok(Interface::Any),
            Ok(index) => Ok(Interface::Index(index)),
            Err(_) => {
                let message =
                    say!(en "`{n}` is not an interface's number", es "`{n}` no es un número de interfaz", n);
                Err(Wrong::new(at, message))
            }
        };
    }
    if text.eq_ignore_ascii_case("none") || text.eq_ignore_ascii_case("any") {
        return Ok(Interface::Any);
    }
    match ip(value) {
        Some(IpAddr::V4(address)) if by_address => Ok(Interface::Address(address)),
        Some(_) => {
            let message = say!(
                en "`{text}` is an address, and an interface is due",
                es "`{text}` es una dirección, y aquí va una interfaz",
                text
            );
            Err(Wrong::new(at, message).help(phrase!(
                en "its number or its name, like `lo`",
                es "su número o su nombre, como `lo`"
            )))
        }
        None if text.is_empty() || text.len() >= libc::IFNAMSIZ || text.contains(['\0', '/', ' ']) => {
            let message = say!(en "`{text}` is not an interface", es "`{text}` no es una interfaz", text);
            Err(Wrong::new(at, message).help(phrase!(
                en "its number, its name like `lo`, or one of its addresses",
                es "su número, su nombre como `lo`, o una de sus direcciones"
            )))
        }
        None => Ok(Interface::Name(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::find;
    use super::*;

    #[test]
    fn values_are_read_for_their_option() {
        let read = |name: &str, words: &[&str]| {
            let values: Vec<Value> = words.iter().map(|w| Value::text(w)).collect();
            match find(name).map(|o| o.read(&values)) {
                Some(Ok(setting)) => setting.to_string(),
                Some(Err(wrong)) => wrong.message.english(),
                None => "no option".into(),
            }
        };
        for (name, words, want) in [
            ("nodelay", &["true"][..], "1"),
            ("nodelay", &["off"], "0"),
            ("nodelay", &["yes"], "`yes` is not `true` or `false`"),
            ("nodelay", &["sí"], "`sí` is not `true` or `false`"),
            ("nodelay", &[], "`nodelay` needs true|false"),
            ("nodelay", &["1", "1"], "too many values for `nodelay`"),
            ("linger", &["5s"], "5s"),
            ("linger", &["5"], "5s"),
            ("linger", &["none"], "none"),
            ("linger", &["1500ms"], "`1500ms` is too fine: SO_LINGER counts whole seconds"),
            ("user_timeout", &["5000"], "5s"),
            (
                "user_timeout",
                &["1.5"],
                "`1.5` needs its unit: TCP_USER_TIMEOUT is counted in milliseconds in C",
            ),
            ("busy_poll", &["50"], "50us"),
            ("rcvtimeo", &["5"], "5s"),
            ("user_timeout", &["5000ms"], "5s"),
            ("rcvbuf", &["65536"], "65536"),
            ("rcvbuf", &["64KiB"], "`64KiB` is not an integer"),
            ("rcvbuf", &["-1"], "`-1` is out of range"),
            ("rcvbuf", &["much"], "`much` is not an integer"),
            ("mtu_discover", &["IP_PMTUDISC_DO"], "2"),
            ("mtu_discover", &["maybe"], "`maybe` is none of its values"),
            ("join_multicast", &["239.1.2.3"], "239.1.2.3, any"),
            ("join_multicast", &["239.1.2.3", "lo"], "239.1.2.3, lo"),
            ("join_multicast", &["239.1.2.3", "127.0.0.1"], "239.1.2.3, 127.0.0.1"),
            ("join_multicast", &["ff02::1"], "`ff02::1` is an IPv6 address"),
            ("join_multicast_v6", &["ff02::1", "2"], "ff02::1, 2"),
            ("attach_filter", &["abc"], "3 bytes are no BPF program"),
            ("detach_filter", &["1"], "`detach_filter` takes no value"),
            ("linger", &["\x01\0\0\0\x05\0\0\0"], "\"\\x01\\x00\\x00\\x00\\x05\\x00\\x00\\x00\""),
        ] {
            assert_eq!(read(name, words), want, "{name} {words:?}");
        }
    }
}
