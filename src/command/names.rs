//! Looking up names, numbers and interfaces, and asking a socket for its addresses.

use std::borrow::Cow;
use std::ffi::CString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::expr::Expr;
use super::param::{
    Family, Got, Host, Integer, Octets, Param, PortWord, ProtocolWord, SocketType, Text, Timeout, blamed,
    wrong,
};
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::door::{About, Call};
use crate::net::gate::Deadline;
use crate::net::kernel;
use crate::net::resolve::{self, Port, Wanted, getaddrinfo as look_up};
use crate::session::Session;
use crate::value::errno::{Class, Code};
use crate::value::outcome::{CallError, Detail, Halt, Outcome, Reply};
use crate::value::{Address, Bytes, Value, domain_name};
use crate::words::{Phrase, Sentence};

pub const ROWS: &[Command] = &[
    command!(Names, "getsockname", getsockname, (),
        One(en "the socket's own address" es "la dirección propia del socket"),
        en "the address the socket is bound to"
        es "la dirección local del socket",
        c "getsockname(2)", rust "Socket::local_addr", python "sock.getsockname()",
        errors ["EBADF"], does [OnSocket, GivesAddress],
        like "socket inet stream\nbind 127.0.0.1 0\nx = getsockname\nprint ${x.host}"),
    command!(Names, "getpeername", getpeername, (),
        One(en "the peer's address" es "la dirección del otro extremo"),
        en "the address the socket is connected to"
        es "la dirección a la que está conectado el socket",
        c "getpeername(2)", rust "Socket::peer_addr", python "sock.getpeername()",
        errors ["ENOTCONN", "EBADF"], does [OnSocket, GivesAddress],
        like "socket inet stream\nfails ENOTCONN getpeername"),
    command!(Names, "getaddrinfo", getaddrinfo,
        (filter: Filter, limit: Timeout, host: Host, port: Option<PortWord>),
        Pair(en "a list of addresses" es "una lista de direcciones", en "with `--canonname` the name that DNS has for it" es "con `--canonname` el nombre que DNS tiene para él"),
        en "all addresses of a name, and of a service's name"
        es "todas las direcciones de un nombre y de un servicio",
        c "getaddrinfo(3)", rust "dns_lookup::getaddrinfo", python "socket.getaddrinfo(host, port)",
        errors ["EAI_NONAME", "EAI_AGAIN", "EAI_SERVICE", "EAI_FAIL", "ETIMEDOUT"], does [GivesList],
        note en "Without `--type` an address stands once, whatever the types it serves. `--numeric` asks \
            no server. `\"\"` and `*` are any address, for `bind` (AI_PASSIVE). A name with letters beyond \
            ASCII is asked for as DNS has it: `ñandú.cl` is `xn--and-6ma2c.cl`."
             es "Sin `--type` cada dirección aparece una vez, sin importar los tipos para los que sirve. \
            `--numeric` no consulta a ningún servidor. `\"\"` y `*` son cualquier dirección, para `bind` (AI_PASSIVE). \
            Un nombre con letras fuera de ASCII se consulta como lo lleva DNS: `ñandú.cl` es \
            `xn--and-6ma2c.cl`.",
        like "getaddrinfo 127.0.0.1 80 --numeric"),
    command!(Names, "gethostbyname", gethostbyname, (limit: Timeout, host: Host),
        One(en "an IPv4 address" es "una dirección IPv4"),
        en "the first IPv4 address of a name, as text"
        es "la primera dirección IPv4 de un nombre, como texto",
        c "getaddrinfo(3), AF_INET, the first" es "getaddrinfo(3), AF_INET, la primera", rust "dns_lookup::getaddrinfo", python "socket.gethostbyname(host)",
        errors ["EAI_NONAME", "EAI_AGAIN", "ETIMEDOUT"],
        like "gethostbyname 127.0.0.1"),
    command!(Names, "getnameinfo", getnameinfo, (as_what: Shown, limit: Timeout, address: Numeric),
        Pair(en "the host's name" es "el nombre del host", en "the service's name" es "el nombre del servicio"),
        en "the names of an address and of its port"
        es "los nombres de una dirección y de su puerto",
        c "getnameinfo(3)", rust "dns_lookup::getnameinfo", python "host, service = socket.getnameinfo((host, port), 0)",
        errors ["EAI_NONAME", "EAI_AGAIN", "EAI_FAIL", "ETIMEDOUT"],
        note en "What has no name is given as the number it is, unless `--namereqd` is given."
             es "Lo que no tiene nombre se entrega como el número que es, salvo con `--namereqd`.",
        like "getnameinfo --numeric 127.0.0.1 80"),
    command!(Names, "gethostbyaddr", gethostbyaddr, (limit: Timeout, address: HostAddress),
        One(en "the host's name" es "el nombre del host"),
        en "the name of an address; it must have one"
        es "el nombre de una dirección; debe tener uno",
        c "getnameinfo(3), NI_NAMEREQD", rust "dns_lookup::getnameinfo",
        python "name, aliases, addresses = socket.gethostbyaddr(host)",
        errors ["EAI_NONAME", "EAI_AGAIN", "ETIMEDOUT"],
        like "try\n    gethostbyaddr 127.0.0.1\nexcept gaierror\n    print \"it has no name\"\nend"),
    command!(Names, "gethostname", gethostname, (), One(en "the name" es "el nombre"),
        en "the name of this machine"
        es "el nombre de esta máquina",
        c "gethostname(2)", rust "dns_lookup::get_hostname", python "socket.gethostname()",
        errors [],
        like "gethostname"),
    command!(Names, "getservbyname", getservbyname, (limit: Timeout, name: Text, protocol: Option<Text>),
        One(en "the port" es "el puerto"),
        en "the port of a service, as /etc/services has it"
        es "el puerto de un servicio, según /etc/services",
        c "getservbyname_r(3)", rust "libc", python "socket.getservbyname(name, 'tcp')",
        errors ["OSError"], does [TakesService],
        like "getservbyname http tcp"),
    command!(Names, "getservbyport", getservbyport, (limit: Timeout, port: Integer, protocol: Option<Text>),
        One(en "the service's name" es "el nombre del servicio"),
        en "the service at a port, as /etc/services has it"
        es "el servicio de un puerto, según /etc/services",
        c "getservbyport_r(3)", rust "libc", python "socket.getservbyport(80, 'tcp')",
        errors ["OSError", "OverflowError"],
        like "getservbyport 80 tcp"),
    command!(Names, "getprotobyname", getprotobyname, (limit: Timeout, name: Text),
        One(en "the protocol's number" es "el número del protocolo"),
        en "the number of a protocol, as /etc/protocols has it"
        es "el número de un protocolo, según /etc/protocols",
        c "getprotobyname_r(3)", rust "libc", python "socket.getprotobyname('tcp')",
        errors ["OSError"],
        like "getprotobyname tcp"),
    command!(Names, "inet_pton", inet_pton, (text: Presented), One(en "4 or 16 bytes" es "4 o 16 bytes"),
        en "an address in text as the bytes that go over the wire"
        es "una dirección en texto como los bytes que van por la red",
        c "inet_pton(3)", rust "std::net::IpAddr::from_str", python "socket.inet_pton(socket.AF_INET, text)",
        errors ["OSError"],
        note en "Without a family the text tells it: what has a colon is inet6."
             es "Sin familia, la indica el texto: lo que tiene dos puntos es inet6.",
        like "bytes = inet_pton inet 127.0.0.1\nhexdump $bytes"),
    command!(Names, "inet_aton", inet_aton, (text: Text), One(en "4 bytes" es "4 bytes"),
        en "an IPv4 address in any of the forms of old as its 4 bytes"
        es "una dirección IPv4 en cualquiera de las formas antiguas como sus 4 bytes",
        c "inet_aton(3)", rust "std::net::Ipv4Addr", python "socket.inet_aton(text)",
        errors ["OSError"],
        note en "One to four numbers, in decimal, in hex with `0x` or in octal with a leading 0; the last fills \
            what is left: `127.1` is 127.0.0.1."
             es "De uno a cuatro números, en decimal, en hexadecimal con `0x` o en octal con un 0 delante; el \
            último llena lo que queda: `127.1` es 127.0.0.1.",
        like "bytes = inet_aton 127.1\nprint ${bytes.hex}"),
    command!(Names, "inet_ntop", inet_ntop, (bytes: Packed),
        One(en "the address in text" es "la dirección en texto"),
        en "the bytes of an address as text"
        es "los bytes de una dirección como texto",
        c "inet_ntop(3)", rust "std::net::IpAddr", python "socket.inet_ntop(socket.AF_INET, data)",
        errors ["ValueError"],
        note en "Without a family the length tells it: 4 bytes are inet, 16 inet6."
             es "Sin familia, la indica el largo: 4 bytes son inet; 16, inet6.",
        like "inet_ntop inet x\"7f 00 00 01\""),
    command!(Names, "htons", htons, (n: Integer), One(en "the integer" es "el entero"),
        en "16 bits in the host's order as the network has them"
        es "16 bits del orden del host al orden de la red",
        c "htons(3)", rust "u16::to_be", python "socket.htons(n)",
        errors ["OverflowError"],
        like "htons 80"),
    command!(Names, "htonl", htonl, (n: Integer), One(en "the integer" es "el entero"),
        en "32 bits in the host's order as the network has them"
        es "32 bits del orden del host al orden de la red",
        c "htonl(3)", rust "u32::to_be", python "socket.htonl(n)",
        errors ["OverflowError"],
        like "htonl 1"),
    command!(Names, "ntohs", htons, (n: Integer), One(en "the integer" es "el entero"),
        en "16 bits as the network has them in the host's order"
        es "16 bits del orden de la red al orden del host",
        c "ntohs(3)", rust "u16::from_be", python "socket.ntohs(n)",
        errors ["OverflowError"],
        like "n = htons 80\nntohs $n"),
    command!(Names, "ntohl", htonl, (n: Integer), One(en "the integer" es "el entero"),
        en "32 bits as the network has them in the host's order"
        es "32 bits del orden de la red al orden del host",
        c "ntohl(3)", rust "u32::from_be", python "socket.ntohl(n)",
        errors ["OverflowError"],
        like "n = htonl 1\nntohl $n"),
    command!(Names, "if_nameindex", if_nameindex, (),
        One(en "a list of lists: number and name" es "una lista de listas: número y nombre"),
        en "the network interfaces of this machine"
        es "las interfaces de red de esta máquina",
        c "if_nameindex(3)", rust "libc", python "socket.if_nameindex()",
        errors [], does [GivesList],
        like "all = if_nameindex\nprint ${all.0}"),
    command!(Names, "if_nametoindex", if_nametoindex, (name: Text),
        One(en "the interface's number" es "el número de la interfaz"),
        en "the number of a network interface"
        es "el número de una interfaz de red",
        c "if_nametoindex(3)", rust "libc", python "socket.if_nametoindex('lo')",
        errors ["ENODEV"], does [TakesInterface],
        like "if_nametoindex lo"),
    command!(Names, "if_indextoname", if_indextoname, (index: Integer),
        One(en "the interface's name" es "el nombre de la interfaz"),
        en "the name of a network interface"
        es "el nombre de una interfaz de red",
        c "if_indextoname(3)", rust "libc", python "socket.if_indextoname(1)",
        errors ["ENXIO", "OverflowError"],
        like "if_indextoname 1"),
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
    // Without a host getaddrinfo(3) needs a port.
    let port = port.or_else(|| passive.then_some(Port::Number(0)));
    let wanted = Wanted { flags, ..wanted };
    let found = look_up(&mut session.caller, (!passive).then_some(&*host), port.as_ref(), wanted, deadline)?;
    let mut addresses: Vec<std::net::SocketAddr> = Vec::new();
    let canonical = found.iter().find_map(|one| one.canonical.clone());
    for one in found {
        if !addresses.contains(&one.address) {
            addresses.push(one.address);
        }
    }
    let list = addresses.into_iter().map(|a| Value::address(Address::Inet(a))).collect();
    let mut outcome = Outcome::value(Value::list(list))?;
    outcome.second = canonical.map_or(Value::Nothing, Value::bytes);
    Ok(outcome)
}

fn gethostbyname(session: &mut Session, limit: Option<Duration>, host: Cow<'_, str>) -> Reply {
    let deadline = session.deadline(limit, None);
    if host.is_empty() {
        return Outcome::value(Value::text("0.0.0.0"));
    }
    let wanted = Wanted { family: libc::AF_INET, kind: libc::SOCK_STREAM, ..Wanted::default() };
    let found = look_up(&mut session.caller, Some(&host), None, wanted, deadline)?;
    let first = found.first().map_or(Value::Nothing, |f| Value::text(&f.address.ip().to_string()));
    Outcome::value(first)
}

/// The one address that a number in text is; no name is looked up.
fn numeric(
    session: &mut Session,
    host: &str,
    port: &Port,
    deadline: Option<Deadline>,
) -> Result<SocketAddr, Box<Halt>> {
    if let (Ok(ip), Port::Number(port)) = (host.parse::<IpAddr>(), port) {
        return Ok(SocketAddr::new(ip, *port));
    }
    let wanted = Wanted { flags: libc::AI_NUMERICHOST, ..Wanted::default() };
    let found = look_up(&mut session.caller, Some(host), Some(port), wanted, deadline)
        .map_err(|halt| blamed(halt, "address"))?;
    match found.first() {
        Some(first) => Ok(first.address),
        None => {
            let detail = Detail::Host { host: host.into() };
            Err(CallError::new("getaddrinfo", Code::Lookup(libc::EAI_NONAME), detail).blame("address").into())
        }
    }
}

fn getnameinfo(
    session: &mut Session,
    flags: i32,
    limit: Option<Duration>,
    (host, port): (Cow<'_, str>, Port),
) -> Reply {
    let deadline = session.deadline(limit, None);
    let address = numeric(session, &host, &port, deadline)?;
    let (host, service) = resolve::getnameinfo(&mut session.caller, address, flags, deadline)?;
    let mut outcome = Outcome::value(Value::text(&host))?;
    outcome.second = Value::text(&service);
    Ok(outcome)
}

fn gethostbyaddr(session: &mut Session, limit: Option<Duration>, host: Cow<'_, str>) -> Reply {
    let deadline = session.deadline(limit, None);
    let address = numeric(session, &host, &Port::Number(0), deadline)?;
    let flags = libc::NI_NAMEREQD;
    let (name, _) = resolve::getnameinfo(&mut session.caller, address, flags, deadline)?;
    Outcome::value(Value::text(&name))
}

fn gethostname(session: &mut Session) -> Reply {
    let call = Call { name: "gethostname", on: (), about: About::Plain };
    let ask = |(): &()| dns_lookup::get_hostname().map(|name| Value::text(&name));
    Outcome::value(session.caller.call(call, None, ask)?)
}

/// A name as C takes it; one with a NUL in it is no name at all.
fn c_name(name: &str, wanted: Phrase) -> Result<CString, Box<Halt>> {
    CString::new(name).map_err(|_| wrong(Class::ValueError, wanted, &Value::text(name)))
}

fn c_protocol(protocol: Option<&str>) -> Result<Option<CString>, Box<Halt>> {
    let name = protocol.map(|p| c_name(p, phrase!(en "a protocol", es "un protocolo"))).transpose();
    name.map_err(|halt| blamed(halt, "protocol"))
}

/// There is no entry of that name: Python's OSError, which has no number.
fn nobody(call: &'static str, found: Sentence, wanted: Phrase, blame: &'static str) -> Box<Halt> {
    let detail = Detail::NotA { wanted, found };
    CallError::new(call, Code::Class(Class::OSError), detail).blame(blame).into()
}

fn service_of(protocol: Option<&str>) -> Phrase {
    match protocol {
        Some("tcp") => phrase!(en "a service over tcp", es "un servicio sobre tcp"),
        Some("udp") => phrase!(en "a service over udp", es "un servicio sobre udp"),
        Some(_) => phrase!(en "a service over that protocol", es "un servicio sobre ese protocolo"),
        None => phrase!(en "a service", es "un servicio"),
    }
}

fn getservbyname(
    session: &mut Session,
    limit: Option<Duration>,
    name: String,
    protocol: Option<String>,
) -> Reply {
    let deadline = session.deadline(limit, None);
    let asked =
        c_name(&name, phrase!(en "a service", es "un servicio")).map_err(|halt| blamed(halt, "name"))?;
    let over = c_protocol(protocol.as_deref())?;
    let ask = move || kernel::getservbyname(&asked, over.as_deref());
    let about = About::Name { name: name.as_str().into(), protocol: protocol.as_deref().map(Into::into) };
    match resolve::ask(&mut session.caller, "getservbyname", about, deadline, ask)? {
        Some(port) => Outcome::value(Value::Int(port.into())),
        None => {
            let found = Sentence::plain(format!("`{name}`"));
            Err(nobody("getservbyname", found, service_of(protocol.as_deref()), "name"))
        }
    }
}

fn getservbyport(
    session: &mut Session,
    limit: Option<Duration>,
    port: i64,
    protocol: Option<String>,
) -> Reply {
    let deadline = session.deadline(limit, None);
    let number = fits::<u16>(port, phrase!(en "port", es "un puerto"), u16::MAX.into(), "port")?;
    let over = c_protocol(protocol.as_deref())?;
    let ask = move || kernel::getservbyport(number, over.as_deref());
    let about = About::Number { number: port, protocol: protocol.as_deref().map(Into::into) };
    match resolve::ask(&mut session.caller, "getservbyport", about, deadline, ask)? {
        Some(name) => Outcome::value(Value::bytes(name)),
        None => {
            let found = say!(en "port {port}", es "el puerto {port}", port);
            Err(nobody("getservbyport", found, service_of(protocol.as_deref()), "port"))
        }
    }
}

fn getprotobyname(session: &mut Session, limit: Option<Duration>, name: String) -> Reply {
    let deadline = session.deadline(limit, None);
    let asked =
        c_name(&name, phrase!(en "a protocol", es "un protocolo")).map_err(|halt| blamed(halt, "name"))?;
    let ask = move || kernel::getprotobyname(&asked);
    let about = About::Name { name: name.as_str().into(), protocol: None };
    match resolve::ask(&mut session.caller, "getprotobyname", about, deadline, ask)? {
        Some(number) => Outcome::value(Value::Int(number.into())),
        None => Err(nobody(
            "getprotobyname",
            Sentence::plain(format!("`{name}`")),
            phrase!(en "a protocol", es "un protocolo"),
            "name",
        )),
    }
}

/// What fits a C type, or Python's OverflowError.
fn fits<T: TryFrom<i64>>(n: i64, what: Phrase, high: i64, blame: &'static str) -> Result<T, Box<Halt>> {
    T::try_from(n).map_err(|_| {
        let detail = Detail::Range { what, low: 0, high, found: n.to_string() };
        CallError::class(Class::OverflowError, detail).blame(blame).into()
    })
}

fn htons(_: &mut Session, n: i64) -> Reply {
    let n: u16 = fits(n, phrase!(en "16-bit integer", es "un entero de 16 bits"), u16::MAX.into(), "n")?;
    Outcome::value(Value::Int(n.to_be().into()))
}

fn htonl(_: &mut Session, n: i64) -> Reply {
    let n: u32 = fits(n, phrase!(en "32-bit integer", es "un entero de 32 bits"), u32::MAX.into(), "n")?;
    Outcome::value(Value::Int(n.to_be().into()))
}

fn inet_pton(_: &mut Session, (family, text): (Option<i32>, String)) -> Reply {
    let family = family.unwrap_or(if text.contains(':') { libc::AF_INET6 } else { libc::AF_INET });
    let bytes = match family {
        libc::AF_INET => text.parse::<Ipv4Addr>().ok().map(|a| a.octets().to_vec()),
        libc::AF_INET6 => text.parse::<Ipv6Addr>().ok().map(|a| a.octets().to_vec()),
        other => return Err(no_such_family("inet_pton", other, "text")),
    };
    match bytes {
        Some(bytes) => Outcome::value(Value::bytes(bytes)),
        None => {
            let wanted = match family {
                libc::AF_INET => phrase!(en "an IPv4 address", es "una dirección IPv4"),
                _ => phrase!(en "an IPv6 address", es "una dirección IPv6"),
            };
            let found = Sentence::plain(format!("\"{}\"", crate::text::literal::one_line(&text)));
            Err(nobody("inet_pton", found, wanted, "text"))
        }
    }
}

fn inet_aton(_: &mut Session, text: String) -> Reply {
    match ipv4_of_old(&text) {
        Some(address) => Outcome::value(Value::bytes(address.octets())),
        None => {
            let found = Sentence::plain(Value::text(&text).to_literal());
            let wanted = phrase!(en "an IPv4 address", es "una dirección IPv4");
            Err(nobody("inet_aton", found, wanted, "text"))
        }
    }
}

/// The forms of inet_aton(3): `a.b.c.d`, `a.b.c`, `a.b`, `a`.
fn ipv4_of_old(text: &str) -> Option<Ipv4Addr> {
    let number = |part: &str| {
        let (digits, base) = match part.as_bytes() {
            [b'0', b'x' | b'X', ..] => (&part[2..], 16),
            [b'0', _, ..] => (&part[1..], 8),
            _ => (part, 10),
        };
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
        u32::from_str_radix(digits, base).ok().filter(|_| plain)
    };
    let numbers: Vec<u32> = text.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = numbers.split_last()?;
    if first.len() > 3 || first.iter().any(|n| *n > 0xff) {
        return None;
    }
    let room = 32 - 8 * first.len() as u32;
    if u64::from(*last) >= 1 << room {
        return None;
    }
    let high = first.iter().fold(0u64, |sum, n| sum << 8 | u64::from(*n)) << room;
    Some(Ipv4Addr::from(u32::try_from(high | u64::from(*last)).ok()?))
}

fn inet_ntop(_: &mut Session, (family, bytes): (Option<i32>, Bytes)) -> Reply {
    let family = family.unwrap_or(if bytes.len() == 16 { libc::AF_INET6 } else { libc::AF_INET });
    let text = match family {
        libc::AF_INET => <[u8; 4]>::try_from(&bytes[..]).ok().map(|b| Ipv4Addr::from(b).to_string()),
        libc::AF_INET6 => <[u8; 16]>::try_from(&bytes[..]).ok().map(|b| inet6_text(b.into())),
        other => return Err(no_such_family("inet_ntop", other, "bytes")),
    };
    match text {
        Some(text) => Outcome::value(Value::text(&text)),
        None => {
            let given = bytes.len();
            let text = match family {
                libc::AF_INET => say!(
                    en "an IPv4 address has 4 bytes, and these are {given}",
                    es "una dirección IPv4 tiene 4 bytes, y estos son {given}",
                    given
                ),
                _ => say!(
                    en "an IPv6 address has 16 bytes, and these are {given}",
                    es "una dirección IPv6 tiene 16 bytes, y estos son {given}",
                    given
                ),
            };
            Err(CallError::new("inet_ntop", Code::Class(Class::ValueError), Detail::Text(text))
                .blame("bytes")
                .into())
        }
    }
}

fn no_such_family(call: &'static str, family: i32, blame: &'static str) -> Box<Halt> {
    let found = Sentence::plain(domain_name(socket2::Domain::from(family)));
    let detail = Detail::NotA { wanted: phrase!(en "inet or inet6", es "inet ni inet6"), found };
    CallError::new(call, Code::Errno(libc::EAFNOSUPPORT), detail).blame(blame).into()
}

/// As inet_ntop(3) writes it: the old IPv4-compatible addresses end in dots, which Rust's own text forgets.
fn inet6_text(address: Ipv6Addr) -> String {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
            let [.., a, b, c, d] = address.octets();
            format!("::{}", Ipv4Addr::new(a, b, c, d))
        }
        _ => address.to_string(),
    }
}

fn if_nameindex(session: &mut Session) -> Reply {
    let call = Call { name: "if_nameindex", on: (), about: About::Plain };
    let all = session.caller.call(call, None, |()| {
        let pair =
            |(index, name): (u32, Vec<u8>)| Value::list(vec![Value::Int(index.into()), Value::bytes(name)]);
        Ok(Value::list(kernel::if_nameindex()?.into_iter().map(pair).collect()))
    })?;
    Outcome::value(all)
}

fn if_nametoindex(session: &mut Session, name: String) -> Reply {
    let asked =
        c_name(&name, phrase!(en "an interface", es "una interfaz")).map_err(|halt| blamed(halt, "name"))?;
    let about = About::Name { name: name.as_str().into(), protocol: None };
    let call = Call { name: "if_nametoindex", on: (), about };
    let ask = |(): &()| Ok(Value::Int(nix::net::if_::if_nametoindex(&*asked)?.into()));
    let index = session.caller.call(call, None, ask);
    Outcome::value(index.map_err(|halt| asked_for(halt, name, "name"))?)
}

fn if_indextoname(session: &mut Session, index: i64) -> Reply {
    let number = fits::<u32>(
        index,
        phrase!(en "interface's number", es "un número de interfaz"),
        u32::MAX.into(),
        "index",
    )?;
    let about = About::Number { number: index, protocol: None };
    let call = Call { name: "if_indextoname", on: (), about };
    let ask = |(): &()| kernel::if_indextoname(number).map(Value::bytes);
    let name = session.caller.call(call, None, ask);
    Outcome::value(name.map_err(|halt| asked_for(halt, index.to_string(), "index"))?)
}

/// Adds to an error what was asked for.
fn asked_for(halt: Box<Halt>, what: String, blame: &'static str) -> Box<Halt> {
    let mut halt = blamed(halt, blame);
    if let Halt::Error(error) = &mut *halt
        && error.detail == Detail::None
    {
        error.detail = Detail::Text(Sentence::plain(what));
    }
    halt
}

/// `HOST PORT`, `HOST`, or an address at hand.
#[derive(Debug)]
struct Numeric {
    host: HostAddress,
    port: Option<PortWord>,
}

/// A host that is a number, or an address at hand with its port.
#[derive(Debug)]
struct HostAddress(Expr);

impl HostAddress {
    fn parts(&self, session: &mut Session) -> Got<(String, u16)> {
        let value = self.0.get(session)?;
        match session.look(&value)? {
            Value::Address(address) => match (address.host(), address.port()) {
                (Some(host), Some(port)) => Ok((host, port)),
                _ => Err(wrong(
                    Class::ValueError,
                    phrase!(en "an internet address", es "una dirección de internet"),
                    &Value::Address(address),
                )),
            },
            _ => Ok((self.0.text(session)?, 0)),
        }
    }
}

impl Param for HostAddress {
    type Value<'a> = Cow<'a, str>;
    const KIND: Kind = Kind::Host;
    const USAGE: &'static str = "ADDRESS";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        Expr::letters(words, word).map(HostAddress)
    }

    fn get(&self, session: &mut Session) -> Got<Cow<'_, str>> {
        self.parts(session).map(|(host, _)| host.into())
    }
}

impl Param for Numeric {
    type Value<'a> = (Cow<'a, str>, Port);
    const KIND: Kind = Kind::Host;
    const USAGE: &'static str = "ADDRESS [PORT]";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let host = HostAddress::read(words, name);
        let port = Option::<PortWord>::read(words, "port");
        Some(Numeric { host: host?, port: port? })
    }

    fn get(&self, session: &mut Session) -> Got<Self::Value<'_>> {
        let (host, own) = self.host.parts(session)?;
        let port = self.port.get(session).map_err(|halt| blamed(halt, "port"))?;
        Ok((host.into(), port.unwrap_or(Port::Number(own))))
    }
}

/// `--numeric`, `--namereqd`, `--dgram`
#[derive(Debug)]
struct Shown(i32);

impl Param for Shown {
    type Value<'a> = i32;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "--numeric",
            value: None,
            about: phrase!(
                en "as numbers; no server is asked (NI_NUMERICHOST, NI_NUMERICSERV)",
                es "como números; no se consulta a ningún servidor (NI_NUMERICHOST, NI_NUMERICSERV)"
            ),
        },
        OptionSpec {
            name: "--namereqd",
            value: None,
            about: phrase!(
                en "fail if the host has no name (NI_NAMEREQD)",
                es "falla si el host no tiene nombre (NI_NAMEREQD)"
            ),
        },
        OptionSpec {
            name: "--dgram",
            value: None,
            about: phrase!(en "the service over UDP (NI_DGRAM)", es "el servicio sobre UDP (NI_DGRAM)"),
        },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let flag = |name, flag| if words.switch(name).is_some() { flag } else { 0 };
        let numeric = flag("--numeric", libc::NI_NUMERICHOST | libc::NI_NUMERICSERV);
        Some(Shown(numeric | flag("--namereqd", libc::NI_NAMEREQD) | flag("--dgram", libc::NI_DGRAM)))
    }

    fn get(&self, _: &mut Session) -> Got<i32> {
        Ok(self.0)
    }
}

/// `[FAMILY] TEXT` and `[FAMILY] BYTES`: of two words the first is the family.
macro_rules! after_family {
    ($type:ident, $rest:ty, $value:ty, $usage:literal) => {
        #[derive(Debug)]
        struct $type {
            family: Option<Family>,
            rest: $rest,
        }

        impl Param for $type {
            type Value<'a> = (Option<i32>, $value);
            const KIND: Kind = Kind::Text;
            const USAGE: &'static str = $usage;

            fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
                let family = (words.left() > 1).then(|| Family::read(words, "family"));
                let rest = <$rest>::read(words, name);
                let family = match family {
                    Some(family) => Some(family?),
                    None => None,
                };
                Some($type { family, rest: rest? })
            }

            fn get(&self, session: &mut Session) -> Got<Self::Value<'_>> {
                let family = self.family.as_ref().map(|f| f.get(session)).transpose();
                Ok((family.map_err(|halt| blamed(halt, "family"))?, self.rest.get(session)?))
            }
        }
    };
}

after_family!(Presented, Text, String, "[FAMILY] TEXT");
after_family!(Packed, Octets, Bytes, "[FAMILY] BYTES");

/// `--family F --type T --protocol P`, and AI_… as switches.
#[derive(Debug)]
struct Filter {
    family: Option<Family>,
    kind: Option<SocketType>,
    protocol: Option<ProtocolWord>,
    flags: i32,
}

/// Each switch with its flag.
const LOOKUP_FLAGS: &[(&str, i32)] = &[
    ("--numeric", libc::AI_NUMERICHOST),
    ("--numericserv", libc::AI_NUMERICSERV),
    ("--canonname", libc::AI_CANONNAME),
    ("--passive", libc::AI_PASSIVE),
    ("--v4mapped", libc::AI_V4MAPPED),
    ("--all", libc::AI_ALL),
    ("--addrconfig", libc::AI_ADDRCONFIG),
];

impl Param for Filter {
    type Value<'a> = Wanted;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "--family",
            value: Some("F"),
            about: phrase!(en "`inet` or `inet6` only", es "solo `inet` o `inet6`"),
        },
        OptionSpec {
            name: "--type",
            value: Some("T"),
            about: phrase!(en "`stream` or `dgram` only", es "solo `stream` o `dgram`"),
        },
        OptionSpec {
            name: "--protocol",
            value: Some("P"),
            about: phrase!(en "`tcp` or `udp` only", es "solo `tcp` o `udp`"),
        },
        OptionSpec {
            name: "--numeric",
            value: None,
            about: phrase!(
                en "the host is a number; no server is asked (AI_NUMERICHOST)",
                es "el host es un número; no se consulta a ningún servidor (AI_NUMERICHOST)"
            ),
        },
        OptionSpec {
            name: "--numericserv",
            value: None,
            about: phrase!(en "the port is a number (AI_NUMERICSERV)", es "el puerto es un número (AI_NUMERICSERV)"),
        },
        OptionSpec {
            name: "--canonname",
            value: None,
            about: phrase!(
                en "also the name that DNS has for it (AI_CANONNAME)",
                es "también el nombre que DNS tiene para él (AI_CANONNAME)"
            ),
        },
        OptionSpec {
            name: "--passive",
            value: None,
            about: phrase!(
                en "addresses to bind to, where no host is given (AI_PASSIVE)",
                es "direcciones para `bind`, donde no se da un host (AI_PASSIVE)"
            ),
        },
        OptionSpec {
            name: "--v4mapped",
            value: None,
            about: phrase!(
                en "with `--family inet6`: IPv4 addresses as `::ffff:…`, where there is no other (AI_V4MAPPED)",
                es "con `--family inet6`: direcciones IPv4 como `::ffff:…`, si no hay otra (AI_V4MAPPED)"
            ),
        },
        OptionSpec {
            name: "--all",
            value: None,
            about: phrase!(
                en "with `--v4mapped`: both (AI_ALL)",
                es "con `--v4mapped`: ambas (AI_ALL)"
            ),
        },
        OptionSpec {
            name: "--addrconfig",
            value: None,
            about: phrase!(
                en "only families that this machine has an address of (AI_ADDRCONFIG)",
                es "solo familias de las que esta máquina tiene una dirección (AI_ADDRCONFIG)"
            ),
        },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let family = words.with_option("--family", Family::read)?;
        let kind = words.with_option("--type", SocketType::read)?;
        let protocol = words.with_option("--protocol", ProtocolWord::read)?;
        let given = LOOKUP_FLAGS.iter().filter(|(name, _)| words.switch(name).is_some());
        let flags = given.fold(0, |flags, (_, flag)| flags | flag);
        Some(Filter { family, kind, protocol, flags })
    }

    fn get(&self, session: &mut Session) -> Result<Wanted, Box<Halt>> {
        let family = self.family.as_ref().map(|f| f.get(session)).transpose()?.unwrap_or(0);
        let kind = self.kind.as_ref().map(|k| k.get(session)).transpose()?.unwrap_or(0);
        let protocol = self.protocol.as_ref().map(|p| p.get(session)).transpose()?.unwrap_or(0);
        Ok(Wanted { family, kind, protocol, flags: self.flags })
    }
}
