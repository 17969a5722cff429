//! Addresses: hosts, ports, Unix paths.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use super::{Given, Got, Param, blamed, given, wrong};
use crate::command::expr::Expr;
use crate::command::syntax::Kind;
use crate::command::words::Words;
use crate::net::resolve::Port;
use crate::session::Session;
use crate::text::diagnostic::Diagnostic;
use crate::text::literal::host_and_port;
use crate::text::words::{Part, Word};
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail, Halt};
use crate::value::{Address, Value, int_text};
use crate::words::Sentence;

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
        host: Cow<'a, str>,
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
            if first.parts().iter().any(|p| matches!(p, Part::Value(_))) {
                return Expr::letters(words, first).map(Target::Value);
            }
            let bytes = first.literal().unwrap_or_default();
            let shown = crate::text::literal::text(bytes);
            let meant = host_and_port(&shown);
            if meant.is_some() && shown.contains("://") {
                words.report(no_port(words, first, meant));
                return None;
            }
            return match unix_address(bytes) {
                Some(Ok(address)) => Some(Target::Unix(Box::new(address))),
                Some(Err((_, message))) => {
                    words.report(Diagnostic::new(first.span, message));
                    None
                }
                None => {
                    words.report(no_port(words, first, meant));
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
                        Some(Err((class, message))) => {
                            Err(CallError::class(class, Detail::Text(message)).into())
                        }
                        None => Err(no_address(session, &bytes)),
                    },
                    other => {
                        Err(wrong(Class::TypeError, phrase!(en "an address", es "una dirección"), &other))
                    }
                }
            }
        }
    }
}

/// The error of a lone value that is neither an address nor a path.
fn no_address(session: &mut Session, bytes: &[u8]) -> Box<Halt> {
    let wanted = phrase!(
        en "an address or a path (a host needs a port after it)",
        es "una dirección ni una ruta (un host requiere un puerto después)"
    );
    let found = crate::text::literal::show(bytes);
    let error = CallError::class(Class::ValueError, Detail::NotA { wanted, found: Sentence::plain(found) });
    let shown = crate::text::literal::text(bytes);
    let is_unix = session.socket().is_ok_and(|s| s.domain() == socket2::Domain::UNIX);
    match host_and_port(&shown).filter(|_| !is_unix) {
        Some((host, port)) => error.advice(say!(
            en "a host and a port are two words: `{host} {port}`",
            es "un host y un puerto son dos palabras: `{host} {port}`",
            host,
            port
        )),
        None if is_unix && !shown.is_empty() => error.advice(say!(
            en "a Unix path has a `/` in it: `./{shown}`",
            es "una ruta Unix contiene `/`: `./{shown}`",
            shown
        )),
        None => error.advice(phrase!(
            en "give the host and the port, as two words",
            es "da el host y el puerto, como dos palabras"
        )),
    }
    .into()
}

/// A host stands without its port: what was meant, if the word tells it.
fn no_port(words: &Words<'_>, word: &Word<'_>, meant: Option<(&str, &str)>) -> Diagnostic {
    let command = words.syntax.name;
    let message = say!(
        en "`{command}` needs a port after the host",
        es "`{command}` requiere un puerto después del host",
        command
    );
    let shown = crate::text::literal::text(word.literal().unwrap_or_default());
    let is_path = words.syntax.params.iter().any(|p| p.kind == Kind::Target)
        && !shown.contains([':', ' '])
        && !shown.is_empty();
    let problem = Diagnostic::new(word.span, message);
    match meant {
        Some((host, port)) => {
            problem.help(say!(en "write `{host} {port}`", es "escribe `{host} {port}`", host, port))
        }
        None if is_path && shown.parse::<Ipv4Addr>().is_err() => problem.help(say!(
            en "`{shown} PORT`; a Unix path has a `/` in it (`./{shown}`), or begins with `@`",
            es "`{shown} PUERTO`; una ruta Unix contiene `/` (`./{shown}`) o empieza con `@`",
            shown
        )),
        None => problem.help(say!(en "usage: {usage}", es "uso: {usage}", usage = words.syntax.usage())),
    }
}

/// A path or `@name` as the address it is; `None` for what is neither.
fn unix_address(text: &[u8]) -> Option<Result<Address, (Class, Sentence)>> {
    use crate::net::address::LONGEST_PATH;
    let (rest, is_abstract) = match text.strip_prefix(b"@") {
        Some(name) => (name, true),
        None => (text, false),
    };
    if !is_abstract && !text.contains(&b'/') {
        return None;
    }
    if rest.len() > LONGEST_PATH {
        // As in Python, an OSError without a number.
        return Some(Err((
            Class::OSError,
            say!(
                en "a Unix path has at most {most} bytes, and this has {length}",
                es "una ruta Unix tiene a lo más {most} bytes, y esta tiene {length}",
                most = LONGEST_PATH,
                length = rest.len()
            ),
        )));
    }
    if !is_abstract && text.contains(&0) {
        let message = say!(en "a Unix path has no NUL in it", es "una ruta Unix no contiene ningún NUL");
        return Some(Err((Class::ValueError, message)));
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
    type Value<'a> = Cow<'a, str>;
    const KIND: Kind = Kind::Host;
    const USAGE: &'static str = "HOST";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        if !word.is("localhost") {
            words.refuse_name(word)?;
        }
        let expr = Expr::letters(words, word)?;
        if let Some(value) = expr.literal() {
            let bytes = value.to_bytes();
            if std::str::from_utf8(&bytes).is_err() || bytes.contains(&0) {
                words.report(Diagnostic::new(
                    word.span,
                    say!(en "this cannot be a host's name", es "esto no puede ser el nombre de un host"),
                ));
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
            return Ok(unbracketed(text).into());
        }
        let value = self.word.get(session)?;
        match session.look(&value)? {
            // An address stands for its host where only a host is due.
            Value::Address(address) => Ok(address.host().unwrap_or_else(|| address.to_string()).into()),
            _ => self.word.text(session).map(|text| unbracketed(&text).to_string().into()),
        }
    }
}

/// `[::1]`, as an address and its port are shown, is the host `::1`.
fn unbracketed(host: &str) -> &str {
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.filter(|inner| inner.contains(':')).unwrap_or(host)
}

/// A port: a number, 0 for any, or a service's name.
#[derive(Debug)]
pub struct PortWord(Given<Port>);

/// Services whose names are taken for them, even where a name of the script is the same.
const SERVICES: &[&str] = &[
    "echo", "discard", "daytime", "chargen", "time", "ftp", "ssh", "telnet", "smtp", "domain", "tftp",
    "finger", "http", "pop3", "ntp", "imap", "https", "imaps", "pop3s",
];

/// The port that a value is, if it is one.
fn port_of(value: &Value) -> Option<Port> {
    match (value, value.to_int()) {
        (_, Some(n)) => u16::try_from(n).ok().map(Port::Number),
        (Value::Bytes(bytes), None) => {
            let name = std::str::from_utf8(bytes).ok().filter(|n| !n.is_empty() && !n.contains('\0'))?;
            let is_number = int_text(name).is_some() || name.bytes().all(|b| b.is_ascii_digit());
            (!is_number).then(|| Port::Service(name.to_string()))
        }
        _ => None,
    }
}

impl Param for PortWord {
    type Value<'a> = Port;
    const KIND: Kind = Kind::Port;
    const USAGE: &'static str = "PORT";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        if words.is_empty()
            && let Some(host) = words.previous()
            && let shown = crate::text::literal::text(host.literal().unwrap_or_default())
            && let Some(meant) = host_and_port(&shown)
        {
            words.report(no_port(words, host, Some(meant)));
            return None;
        }
        let make = |value: &Value, text: &str| {
            port_of(value).ok_or_else(|| {
                let help = say!(
                    en "a port is 0 to 65535, or a service's name like `http`; 0 lets the system choose",
                    es "un puerto va de 0 a 65535, o es el nombre de un servicio como `http`; 0 deja \
                        elegir al sistema"
                );
                (say!(en "`{text}` is not a port", es "`{text}` no es un puerto", text), Some(help))
            })
        };
        if let Some(word) = words.peek().filter(|w| !w.bare().is_some_and(|t| SERVICES.contains(&t))) {
            words.refuse_name(word)?;
        }
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
                port_of(&value).ok_or_else(|| {
                    let found = value.to_literal();
                    let detail = Detail::Range {
                        what: phrase!(en "port", es "un puerto"),
                        low: 0,
                        high: 65535,
                        found,
                    };
                    CallError::class(Class::OverflowError, detail).into()
                })
            }
        }
    }
}
