//! Addresses: hosts, ports, Unix paths.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use super::{Given, Got, Param, blamed, given, wrong};
use crate::command::expr::{Expr, bare_value};
use crate::command::syntax::Kind;
use crate::command::words::Words;
use crate::net::resolve::Port;
use crate::session::Session;
use crate::text::diagnostic::Diagnostic;
use crate::text::literal::host_and_port;
use crate::text::words::{Part, Word};
use crate::value::errno::Class;
use crate::value::fields::{self, Written};
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
    /// `cid=2 port=1024`: a word a field, which the families beside inet and unix have.
    Fields(Vec<Expr>),
    /// A lone value: an address, or a path.
    Value(Expr),
    /// The same, where a host and its port may also be one text, as they are shown.
    Shown(Expr),
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
    /// In fields; the interface may be one whose number is still to be looked up.
    Written(Written),
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
        if is_field(first) {
            return read_fields(words, name);
        }
        if words.left() == 1 {
            words.next()?;
            words.note(name, first.span);
            if first.parts().iter().any(|p| matches!(p, Part::Value(_))) {
                return Expr::letters(words, first).map(Target::Value);
            }
            let bytes = first.literal().unwrap_or_default();
            // unix(7): the system chooses the name.
            if bytes.is_empty() {
                return Some(Target::Unix(Box::new(Address::Unnamed)));
            }
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
    /// One word that is an address as it is shown: `127.0.0.1:80`, `[::1]:80`; a path, fields, or a value.
    pub fn read_shown(words: &mut Words<'_>, name: &'static str) -> Option<Target> {
        let word = words.peek()?;
        let plain = !word.parts().iter().any(|p| matches!(p, Part::Value(_)));
        let text = crate::text::literal::text(word.literal().unwrap_or_default());
        let known = host_and_port(&text).filter(|_| plain && !is_field(word) && !text.contains("://"));
        let Some((host, port)) = known else {
            return Some(match Target::read(words, name)? {
                Target::Value(expr) => Target::Shown(expr),
                other => other,
            });
        };
        words.advance(name, word);
        let Some(port) = port_of(&bare_value(port)) else {
            let message = say!(en "`{port}` is not a port", es "`{port}` no es un puerto", port);
            words.report(Diagnostic::new(word.span, message));
            return None;
        };
        let host = unbracketed(if host == "\"\"" { "" } else { host });
        let number = host.parse().ok();
        let host = Host { word: Expr::constant(Value::text(host), word.span), number };
        Some(Target::Inet { host, port: PortWord(Given::Now(port)) })
    }

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
            Target::Unix(address) => match &**address {
                Address::Unnamed if !on_unix(session) => Err(no_address(session, b"")),
                address => Ok(Goal::Known(address.clone())),
            },
            Target::Fields(exprs) => {
                let texts = exprs.iter().map(|e| e.text(session)).collect::<Result<Vec<_>, _>>()?;
                written(&texts.join(" ")).map(Goal::Written)
            }
            Target::Value(expr) | Target::Shown(expr) => {
                let value = expr.get(session)?;
                match session.look(&value)? {
                    Value::Bytes(bytes) if matches!(self, Target::Shown(_)) && is_host_and_port(&bytes) => {
                        let text = crate::text::literal::text(&bytes);
                        let (host, port) = host_and_port(&text).unwrap_or_default();
                        let port = port_of(&bare_value(port)).ok_or_else(|| no_address(session, &bytes))?;
                        let host = unbracketed(if host == "\"\"" { "" } else { host }).to_string();
                        Ok(Goal::Inet { host: host.into(), port })
                    }
                    Value::Address(address) => Ok(Goal::Known((*address).clone())),
                    Value::Bytes(bytes) if is_fields(&bytes) => {
                        written(&crate::text::literal::text(&bytes)).map(Goal::Written)
                    }
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

/// Does the command act on a Unix socket?
fn on_unix(session: &mut Session) -> bool {
    session.socket().is_ok_and(|s| s.domain() == socket2::Domain::UNIX)
}

/// Does the word begin as a field of an address does: `cid=2`, `port=${p}`?
fn is_field(word: &Word<'_>) -> bool {
    match word.parts().first() {
        Some(Part::Text(text)) => fields::begins(text),
        Some(Part::Bytes(bytes)) => std::str::from_utf8(bytes).is_ok_and(fields::begins),
        _ => false,
    }
}

/// `127.0.0.1:80`, and neither a path nor fields.
fn is_host_and_port(bytes: &[u8]) -> bool {
    let text = crate::text::literal::text(bytes);
    host_and_port(&text).is_some() && !text.starts_with('@') && !text.contains("://")
}

fn is_fields(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(fields::begins)
}

/// The words of an address in fields; what is literal is read at once, for its mistakes.
fn read_fields(words: &mut Words<'_>, name: &'static str) -> Option<Target> {
    let mut exprs = Vec::new();
    let mut span = words.peek()?.span;
    while let Some(word) = words.next() {
        span = span.to(word.span);
        exprs.push(Expr::letters(words, word)?);
    }
    words.note(name, span);
    let known: Option<Vec<String>> = exprs.iter().map(|e| Some(e.literal()?.to_text())).collect();
    if let Some(Err(message)) = known.map(|texts| fields::read(&texts.join(" "))) {
        words.report(Diagnostic::new(span, message));
        return None;
    }
    Some(Target::Fields(exprs))
}

fn written(text: &str) -> Got<Written> {
    fields::read(text).map_err(|message| CallError::class(Class::ValueError, Detail::Text(message)).into())
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
    let is_unix = on_unix(session);
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
    let problem = Diagnostic::new(word.span, message).unfinished();
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
        // A host's name may have the dots of a property.
        if !word.bare().is_some_and(|text| text == "localhost" || text.contains('.')) {
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
