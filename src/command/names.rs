//! Looking up names, and asking a socket for its addresses.

use std::borrow::Cow;
use std::time::Duration;

use super::param::{Family, Host, Param, PortWord, SocketType, Timeout};
use super::row::{Command, Gives::*, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::resolve::{Port, Wanted, getaddrinfo as look_up};
use crate::outcome::{Halt, Outcome, Reply};
use crate::session::Session;
use crate::value::{Address, Value};

pub const ROWS: &[Command] = &[
    command!(Names, "getsockname", getsockname, (), One("the socket's own address"),
        "the address the socket is bound to",
        c "getsockname(2)", rust "Socket::local_addr", python "sock.getsockname()",
        errors ["EBADF"],
        like "socket inet stream\nbind 127.0.0.1 0\nx = getsockname\nprint ${x.host}"),
    command!(Names, "getpeername", getpeername, (), One("the peer's address"),
        "the address the socket is connected to",
        c "getpeername(2)", rust "Socket::peer_addr", python "sock.getpeername()",
        errors ["ENOTCONN", "EBADF"],
        like "socket inet stream\nfails ENOTCONN getpeername"),
    command!(Names, "getaddrinfo", getaddrinfo,
        (filter: Filter, limit: Timeout, host: Host, port: Option<PortWord>), One("a list of addresses"),
        "all addresses of a name, and of a service's name",
        c "getaddrinfo(3)", rust "dns_lookup::getaddrinfo", python "socket.getaddrinfo(host, port)",
        errors ["EAI_NONAME", "EAI_AGAIN", "EAI_SERVICE", "EAI_FAIL", "ETIMEDOUT"],
        note "Without `--type` an address stands once, whatever the types it serves. `--numeric` asks nobody.",
        like "getaddrinfo 127.0.0.1 80 --numeric"),
    command!(Names, "gethostbyname", gethostbyname, (limit: Timeout, host: Host), One("an IPv4 address"),
        "the first IPv4 address of a name, as text",
        c "getaddrinfo(3), AF_INET, the first", rust "dns_lookup::getaddrinfo", python "socket.gethostbyname(host)",
        errors ["EAI_NONAME", "EAI_AGAIN", "ETIMEDOUT"],
        like "gethostbyname 127.0.0.1"),
];

fn getsockname(session: &mut Session) -> Reply {
    let socket = session.socket()?;
    session.local_address(&socket).map(Value::address).and_then(Outcome::value)
}

fn getpeername(session: &mut Session) -> Reply {
    let socket = session.socket()?;
    session.peer_address(&socket).map(Value::address).and_then(Outcome::value)
}

fn getaddrinfo(
    session: &mut Session,
    wanted: Wanted,
    limit: Option<Duration>,
    host: Cow<'_, str>,
    port: Option<Port>,
) -> Reply {
    let deadline = session.deadline(limit, None);
    let passive = matches!(&*host, "" | "*");
    let flags = wanted.flags | if passive { libc::AI_PASSIVE } else { 0 };
    // Nobody at all can be looked up with a port only.
    let port = port.or_else(|| passive.then_some(Port::Number(0)));
    let wanted = Wanted { flags, ..wanted };
    let found = look_up(&mut session.caller, (!passive).then_some(&*host), port.as_ref(), wanted, deadline)?;
    let mut addresses: Vec<std::net::SocketAddr> = Vec::new();
    for one in found {
        if !addresses.contains(&one.address) {
            addresses.push(one.address);
        }
    }
    Outcome::value(Value::list(addresses.into_iter().map(|a| Value::address(Address::Inet(a))).collect()))
}

fn gethostbyname(session: &mut Session, limit: Option<Duration>, host: Cow<'_, str>) -> Reply {
    let deadline = session.deadline(limit, None);
    if host.is_empty() {
        return Outcome::value(Value::text("0.0.0.0"));
    }
    let wanted = Wanted { family: libc::AF_INET, kind: libc::SOCK_STREAM, flags: 0 };
    let found = look_up(&mut session.caller, Some(&host), None, wanted, deadline)?;
    let first = found.first().map_or(Value::Nothing, |f| Value::text(&f.address.ip().to_string()));
    Outcome::value(first)
}

/// `--family F --type T --numeric`
#[derive(Debug)]
struct Filter {
    family: Option<Family>,
    kind: Option<SocketType>,
    numeric: bool,
}

impl Param for Filter {
    type Value<'a> = Wanted;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec { name: "--family", value: Some("F"), about: "`inet` or `inet6` only" },
        OptionSpec { name: "--type", value: Some("T"), about: "`stream` or `dgram` only" },
        OptionSpec { name: "--numeric", value: None, about: "the host is a number; nobody is asked" },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let family = words.with_option("--family", Family::read)?;
        let kind = words.with_option("--type", SocketType::read)?;
        Some(Filter { family, kind, numeric: words.switch("--numeric").is_some() })
    }

    fn get(&self, session: &mut Session) -> Result<Wanted, Box<Halt>> {
        let family = self.family.as_ref().map(|f| f.get(session)).transpose()?.unwrap_or(0);
        let kind = self.kind.as_ref().map(|k| k.get(session)).transpose()?.unwrap_or(0);
        let flags = if self.numeric { libc::AI_NUMERICHOST } else { 0 };
        Ok(Wanted { family, kind, flags })
    }
}
