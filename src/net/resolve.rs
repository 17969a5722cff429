//! Names and ports to addresses, by `dns-lookup`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use dns_lookup::AddrInfoHints;
use socket2::{Domain, Type};

use super::door::{About, Caller};
use super::gate::Deadline;
use crate::value::errno::{Class, Code};
use crate::value::outcome::{CallError, Detail, Halt};

/// A port as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port {
    Number(u16),
    /// `http`
    Service(String),
}

impl std::fmt::Display for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Port::Number(n) => write!(f, "{n}"),
            Port::Service(name) => f.write_str(name),
        }
    }
}

/// What a look-up may give.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// AF_…, 0 for any.
    pub family: i32,
    /// SOCK_…, 0 for any.
    pub kind: i32,
    /// IPPROTO_…, 0 for any.
    pub protocol: i32,
    /// AI_…
    pub flags: i32,
}

/// One answer of getaddrinfo(3).
#[derive(Clone, Debug)]
pub struct Found {
    pub address: SocketAddr,
    /// The name that DNS has for the one that was asked for, with AI_CANONNAME.
    pub canonical: Option<Vec<u8>>,
}

/// The address of a host that is written as a number; no look-up is made.
pub fn literal(host: &str, domain: Domain) -> Option<IpAddr> {
    match host {
        "" | "*" if domain == Domain::IPV6 => Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
        "" | "*" => Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        "<broadcast>" => Some(IpAddr::V4(Ipv4Addr::BROADCAST)),
        _ => host.parse().ok(),
    }
}

/// The one address of the socket's family: the first, and no other is tried.
pub fn resolve(
    caller: &mut Caller,
    host: &str,
    port: &Port,
    domain: Domain,
    kind: Type,
    deadline: Option<Deadline>,
) -> Result<SocketAddr, Box<Halt>> {
    if let (Some(ip), Port::Number(port)) = (literal(host, domain), port) {
        let fits = ip.is_ipv4() == (domain == Domain::IPV4);
        if !fits {
            let wanted = crate::value::domain_name(domain);
            let detail = Detail::WrongFamily { found: host.into(), wanted };
            return Err(CallError::new("getaddrinfo", Code::Lookup(EAI_ADDRFAMILY), detail)
                .blame("host")
                .into());
        }
        return Ok(SocketAddr::new(ip, *port));
    }
    let wanted = Wanted { family: domain.into(), kind: kind.into(), ..Wanted::default() };
    let any = matches!(host, "" | "*");
    let wanted = Wanted { flags: if any { libc::AI_PASSIVE } else { 0 }, ..wanted };
    let found = getaddrinfo(caller, (!any).then_some(host), Some(port), wanted, deadline)
        .map_err(|halt| other_family(halt, domain))?;
    let family_fits = |f: &&Found| f.address.is_ipv4() == (domain == Domain::IPV4);
    match found.iter().find(family_fits) {
        Some(first) => Ok(first.address),
        None => Err(failed(EAI_NONAME, host).blame("host").into()),
    }
}

/// To a look-up, a name that has addresses of the other family only is none.
fn other_family(mut halt: Box<Halt>, domain: Domain) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt
        && let Detail::Host { host } = &error.detail
        && matches!(error.code, Code::Lookup(EAI_NONAME | EAI_NODATA | EAI_ADDRFAMILY))
        && !host.contains([' ', ':', '/'])
    {
        let advice = if domain == Domain::IPV6 {
            phrase!(
                en "no IPv6 address has that name; if it has an IPv4 address, `socket inet` reaches it; else check the spelling",
                es "ninguna dirección IPv6 tiene ese nombre; si tiene una IPv4, `socket inet` llega a ella; si no, revisa cómo está escrito"
            )
        } else {
            phrase!(
                en "no IPv4 address has that name; if it has an IPv6 address, `socket inet6` reaches it; else check the spelling",
                es "ninguna dirección IPv4 tiene ese nombre; si tiene una IPv6, `socket inet6` llega a ella; si no, revisa cómo está escrito"
            )
        };
        error.advice = Some(Box::new(advice.into()));
    }
    halt
}

const EAI_NONAME: i32 = libc::EAI_NONAME;
const EAI_SERVICE: i32 = libc::EAI_SERVICE;
/// The libc crate does not name it; glibc's netdb.h does.
const EAI_ADDRFAMILY: i32 = -9;
const EAI_NODATA: i32 = -5;

fn failed(number: i32, what: &str) -> CallError {
    CallError::new("getaddrinfo", Code::Lookup(number), Detail::Host { host: what.into() })
}

/// getaddrinfo(3), on a thread of its own: it cannot be interrupted, and Ctrl-C and limits must hold.
pub fn getaddrinfo(
    caller: &mut Caller,
    host: Option<&str>,
    port: Option<&Port>,
    wanted: Wanted,
    deadline: Option<Deadline>,
) -> Result<Vec<Found>, Box<Halt>> {
    // A NUL ends a C string: there is no such name.
    if host.is_some_and(|h| h.contains('\0')) {
        return Err(failed(EAI_NONAME, host.unwrap_or("")).blame("host").into());
    }
    let service = port.map(Port::to_string);
    let Wanted { family, kind, protocol, flags } = wanted;
    let hints = AddrInfoHints { socktype: kind, protocol, address: family, flags };
    let name = host.map(super::idna::to_ascii).transpose();
    let name = name.map_err(|why| CallError::class(Class::ValueError, Detail::Text(why)).blame("host"))?;
    let host = name.as_deref();
    let (name, asked) = (host.map(str::to_string), service.clone());
    let look = move || {
        if flags & libc::AI_CANONNAME != 0 {
            let found = super::kernel::getaddrinfo(name.as_deref(), asked.as_deref(), wanted);
            return found.map_err(Code::Lookup);
        }
        let found = dns_lookup::getaddrinfo(name.as_deref(), asked.as_deref(), Some(hints));
        let found = found.map_err(|e| Code::Lookup(e.error_num()))?;
        Ok(found
            .filter_map(Result::ok)
            .map(|a| Found { address: a.sockaddr, canonical: None })
            .collect::<Vec<_>>())
    };
    let about = About::Lookup {
        host: host.map(Into::into),
        service: service.as_deref().map(Into::into),
        family: wanted.family,
        kind: wanted.kind,
        flags: wanted.flags,
    };
    let looked = caller.aside("getaddrinfo", about, deadline, look)?;
    if let (Ok(found), Some(host), Some(guard)) = (&looked, host, caller.guard()) {
        guard.has_resolved(host, found.iter().map(|one| one.address.ip()));
    }
    looked.map_err(|code| {
        let service_fault = code == Code::Lookup(EAI_SERVICE);
        let what = if service_fault { service.unwrap_or_default() } else { host.unwrap_or("").to_string() };
        let detail = Detail::Host { host: what };
        let blame = if service_fault { "port" } else { "host" };
        CallError::new("getaddrinfo", code, detail).blame(blame).into()
    })
}

/// Asks a table of the C library, on a thread of its own: getservbyname_r(3) and its like.
pub fn ask<T: Send + 'static>(
    caller: &mut Caller,
    name: &'static str,
    about: About<'_>,
    deadline: Option<Deadline>,
    ask: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Box<Halt>> {
    let answer =
        caller.aside(name, about, deadline, move || ask().map_err(|e| CallError::io(name, &e).code))?;
    answer.map_err(|code| CallError::new(name, code, Detail::None).into())
}

/// getnameinfo(3): the names of the host and of the service, on a thread of its own.
pub fn getnameinfo(
    caller: &mut Caller,
    address: SocketAddr,
    flags: i32,
    deadline: Option<Deadline>,
) -> Result<(String, String), Box<Halt>> {
    let ask = move || dns_lookup::getnameinfo(&address, flags).map_err(|e| Code::Lookup(e.error_num()));
    let named = caller.aside("getnameinfo", About::Reverse { address, flags }, deadline, ask)?;
    named.map_err(|code| {
        let detail = Detail::Host { host: address.ip().to_string() };
        CallError::new("getnameinfo", code, detail).blame("address").into()
    })
}
