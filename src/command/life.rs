//! Making, connecting and closing sockets.

use std::borrow::Cow;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::param::{Backlog, Family, Goal, How, Integer, Param, ProtocolWord, SocketType, Target, Timeout};
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::address::{from_kernel, to_kernel, unspecified};
use crate::net::descriptor;
use crate::net::door::{About, Call};
use crate::net::gate::Deadline;
use crate::net::kernel;
use crate::net::options::setting::Setting;
use crate::net::resolve::{Port, resolve};
use crate::session::Session;
use crate::text::diagnostic::Diagnostic;
use crate::value::errno::{Class, Code};
use crate::value::fields::{self, Written};
use crate::value::outcome::{CallError, Detail, Fact, Halt, Outcome, Reply};
use crate::value::socket::{Endpoint, Triple};
use crate::value::{Address, Value, domain_name};

pub const ROWS: &[Command] = &[
    command!(Life, "socket", socket,
        (fd: Inherited, domain: Option<Family>, kind: Option<SocketType>, protocol: Option<ProtocolWord>),
        One(en "the socket" es "el socket"),
        en "make a socket; without words it is `inet stream`"
        es "crea un socket; sin palabras es `inet stream`",
        c "socket(2)", rust "Socket::new", python "sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
        errors ["EAFNOSUPPORT", "EPROTONOSUPPORT", "EPERM", "EMFILE"], does [MakesSocket],
        note en "The new socket becomes the current one. C's names are understood too: `socket AF_INET6 \
            SOCK_DGRAM`. `socket --fd N` takes the descriptor N that sockbook was started with, as inetd and \
            systemd hand one over; of 0, 1 and 2 it is a duplicate."
             es "El socket nuevo pasa a ser el actual. También se entienden los nombres de C: `socket \
            AF_INET6 SOCK_DGRAM`. `socket --fd N` toma el descriptor N con el que se inició sockbook, como los \
            que entregan inetd y systemd; de 0, 1 y 2 es un duplicado.",
        like "sock = socket inet stream"),
    command!(Life, "socketpair", socketpair, (domain: Option<Family>, kind: Option<SocketType>),
        Pair(en "the left end" es "el extremo izquierdo", en "the right end" es "el extremo derecho"),
        en "make two sockets that are connected; `unix stream` without words"
        es "crea dos sockets conectados entre sí; sin palabras es `unix stream`",
        c "socketpair(2)", rust "Socket::pair", python "a, b = socket.socketpair()",
        errors ["EAFNOSUPPORT", "EOPNOTSUPP", "EMFILE"], does [MakesPair],
        note en "The left one becomes the current socket."
             es "El izquierdo pasa a ser el socket actual.",
        like "a, b = socketpair\na.sendall hola\nb.recv 4"),
    command!(Life, "bind", bind, (address: Target, limit: Timeout),
        One(en "the address bound" es "la dirección asignada"),
        en "give the socket its own address; port 0 lets the system choose one"
        es "da al socket su propia dirección; el puerto 0 deja elegir al sistema",
        c "bind(2)", rust "Socket::bind", python "sock.bind((host, port))",
        errors ["EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "EINVAL", "EAFNOSUPPORT", "gaierror"], does [Binds, GivesAddress],
        note en "`\"\"` and `*` are every address of this machine. A Unix path makes a file, which stays \
            when the socket is closed, as the system call leaves it: remove it before the next `bind`. The \
            port the system chose is read by getsockname(2) when it is shown or used. `bind \"\"` on a Unix socket lets the system \
            choose an abstract name."
             es "`\"\"` y `*` son todas las direcciones de esta máquina. Una ruta Unix crea un archivo, \
            que permanece al cerrar el socket, tal como lo deja la llamada al sistema: elimínalo antes del \
            próximo `bind`. El puerto que eligió el sistema se lee con getsockname(2) cuando se consulta. `bind \"\"` en un \
            socket Unix deja que el sistema elija un nombre abstracto.",
        like "l = socket inet stream\naddress = bind 127.0.0.1 0\nprint ${address.port}"),
    command!(Life, "listen", listen, (backlog: Option<Backlog>), Nothing,
        en "let peers queue up to connect, so many at a time; 128 without a word"
        es "deja que los clientes hagan cola para conectarse, hasta esta cantidad; 128 si no se indica",
        c "listen(2)", rust "Socket::listen", python "sock.listen(backlog)",
        errors ["EADDRINUSE", "EOPNOTSUPP", "EINVAL"], does [Listens],
        note en "A peer's `connect` succeeds as soon as there is room in the queue, before `accept` is \
            called. A negative BACKLOG is the most the kernel allows (Python makes it 0)."
             es "El `connect` de un cliente tiene éxito apenas hay lugar en la cola, antes de que se llame \
            a `accept`. Un BACKLOG negativo es lo máximo que admite el kernel (Python lo hace 0).",
        like "socket inet stream\nbind 127.0.0.1 0\nlisten 3"),
    command!(Life, "accept", accept, (limit: Timeout),
        Pair(en "the connection" es "la conexión", en "the peer's address" es "la dirección del otro extremo"),
        en "take the next connection from the queue; waits for one"
        es "toma la próxima conexión de la cola; espera si no hay",
        c "accept4(2)", rust "Socket::accept", python "client, address = sock.accept()",
        errors ["EAGAIN", "EINVAL", "EOPNOTSUPP", "ECONNABORTED", "EMFILE", "ETIMEDOUT"], does [Accepts],
        note en "The connection is a new socket and becomes the current one; the listener goes on \
            listening. What `settimeout` gave the listener, which the kernel copies, is taken off the \
            connection: as in Python it waits for ever."
             es "La conexión es un socket nuevo y pasa a ser el actual; el que escucha sigue escuchando. \
            El plazo que `settimeout` dio al que escucha, y que el kernel copia, se le quita a la conexión: \
            como en Python, espera sin límite.",
        like "l = socket inet stream\nbind 127.0.0.1 0\nlisten\nc = socket inet stream\nc.connect ${l.local.host} ${l.local.port}\npeer, address = l.accept"),
    command!(Life, "connect", connect, (flow: Flow, limit: Timeout, address: Peer),
        One(en "the peer's address" es "la dirección del otro extremo"),
        en "connect to a peer; on a datagram socket, choose whom to send to and hear from"
        es "se conecta a otro extremo; en un socket de datagramas, elige a quién enviar y de quién recibir",
        c "connect(2)", rust "Socket::connect", python "sock.connect((host, port))",
        errors ["ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "EISCONN", "EINPROGRESS", "EALREADY",
            "EADDRNOTAVAIL", "ENOENT", "EACCES", "gaierror"], does [Connects],
        note en "A host with several addresses: the first of the socket's family is tried, and no other. \
            `--none` takes the peer of a datagram socket away, and a TCP connection down. Beside `HOST PORT` \
            and paths there are addresses in fields, as they are shown: `cid=2 port=1024` (`vsock`; also \
            `connect 2 1024`), `pid=0 groups=0x1` (`netlink`), `protocol=all ifindex=lo` (`packet`)."
             es "Si un host tiene varias direcciones, se prueba la primera de la familia del socket y \
            ninguna otra. `--none` le quita el otro extremo a un socket de datagramas, y derriba una conexión \
            TCP. Además de `HOST PORT` y de rutas hay direcciones por campos, tal como se muestran: `cid=2 \
            port=1024` (`vsock`; también `connect 2 1024`), `pid=0 groups=0x1` (`netlink`), `protocol=all \
            ifindex=lo` (`packet`).",
        like "l = socket inet stream\nbind 127.0.0.1 0\nlisten\nc = socket inet stream\nc.connect 127.0.0.1 ${l.local.port}"),
    command!(Life, "shutdown", shutdown, (how: Option<How>), Nothing,
        en "end the sending half, the receiving half, or both; `both` without a word"
        es "cierra el sentido de envío, el de recepción, o ambos; `both` si no se indica",
        c "shutdown(2)", rust "Socket::shutdown", python "sock.shutdown(socket.SHUT_WR)",
        errors ["ENOTCONN", "EINVAL"],
        note en "After `shutdown write` the peer reads to the end of stream, and can still answer."
             es "Después de `shutdown write` el otro extremo lee hasta el fin del flujo, y todavía puede \
            responder.",
        like "a, b = socketpair\na.sendall adiós\na.shutdown write\nb.recvall"),
    command!(Life, "close", close, (reset: Reset), Nothing,
        en "close the socket; the one that was current before is current again"
        es "cierra el socket; el que era actual antes vuelve a serlo",
        c "close(2)", rust "drop(Socket)", python "sock.close()",
        errors [], does [Closes],
        note en "Closing again is nothing. `--reset` sets SO_LINGER to 0 first, so that the peer gets a \
            RST (ECONNRESET) in place of an end of stream."
             es "Cerrar de nuevo no hace nada. `--reset` fija antes SO_LINGER en 0, para que el otro \
            extremo reciba un RST (ECONNRESET) en vez del fin del flujo.",
        like "sock = socket inet stream\nsock.close"),
    command!(Life, "dup", dup, (), One(en "the other socket" es "el otro socket"),
        en "a second descriptor of the same socket"
        es "un segundo descriptor del mismo socket",
        c "fcntl(2) F_DUPFD_CLOEXEC", rust "Socket::try_clone", python "other = sock.dup()",
        errors ["EMFILE", "EBADF"], does [Copies],
        note en "Both share the connection, the blocking mode and the time-out; it ends when both are \
            closed."
             es "Ambos comparten la conexión, el modo bloqueante y el plazo; termina cuando ambos se \
            cierran.",
        like "a = socket inet stream\nb = a.dup\na.close\nb.close"),
];

/// `--fd N`
#[derive(Debug)]
struct Inherited(Option<Integer>);

impl Param for Inherited {
    type Value<'a> = Option<i64>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--fd",
        value: Some("N"),
        about: phrase!(
            en "the socket that sockbook was started with as descriptor N",
            es "el socket con el que se inició sockbook como descriptor N"
        ),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let number = words.with_option("--fd", Integer::read)?;
        if let (Some(_), Some(word)) = (&number, words.peek()) {
            words.report(Diagnostic::new(
                word.span,
                say!(
                    en "an inherited socket is what it is: `--fd N` stands alone",
                    es "un socket heredado es lo que es: `--fd N` va solo"
                ),
            ));
            return None;
        }
        Some(Inherited(number))
    }

    fn get(&self, session: &mut Session) -> Result<Option<i64>, Box<Halt>> {
        self.0.as_ref().map(|n| n.get(session)).transpose()
    }
}

/// A socket out of a descriptor that the program was started with.
fn inherit(session: &mut Session, fd: i64) -> Reply {
    let number = i32::try_from(fd).ok().filter(|n| *n >= 0);
    let number = number.ok_or_else(|| CallError::errno("fcntl", libc::EBADF).blame("fd"))?;
    let (owned, known) =
        descriptor::inherit(&mut session.caller, number).map_err(|halt| super::param::blamed(halt, "fd"))?;
    let endpoint = session.adopt(Socket::from(owned), known.triple);
    known.note(&endpoint);
    Outcome::with(Value::Socket(endpoint), Fact::Created)
}

fn socket(
    session: &mut Session,
    fd: Option<i64>,
    family: Option<i32>,
    kind: Option<i32>,
    protocol: Option<i32>,
) -> Reply {
    if let Some(fd) = fd {
        return inherit(session, fd);
    }
    let domain = Domain::from(family.unwrap_or(libc::AF_INET));
    let kind = plain_type("socket", kind)?;
    let protocol = protocol.map(Protocol::from);
    let triple = Triple::new(domain, kind, protocol);
    let call = Call { name: "socket", on: (), about: About::Make(triple) };
    let made = session.caller.call(call, None, |()| Socket::new(domain, kind, protocol))?;
    let endpoint = session.adopt(made, triple);
    Outcome::with(Value::Socket(endpoint), Fact::Created)
}

/// A type by its number; the flags that C may add to it are refused, for each has a command.
fn plain_type(call: &'static str, number: Option<i32>) -> Result<Type, Box<Halt>> {
    let number = number.unwrap_or(libc::SOCK_STREAM);
    if number & (libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) != 0 {
        return Err(no_plain_type(call, number));
    }
    Ok(Type::from(number))
}

fn no_plain_type(call: &'static str, number: i32) -> Box<Halt> {
    let found = say!(
        en "{number} (with SOCK_NONBLOCK or SOCK_CLOEXEC; there is `setblocking false`)",
        es "{number} (con SOCK_NONBLOCK o SOCK_CLOEXEC; existe `setblocking false`)",
        number
    );
    let detail =
        Detail::NotA { wanted: phrase!(en "a plain socket type", es "un tipo de socket simple"), found };
    CallError::new(call, Code::Errno(libc::EINVAL), detail).blame("kind").into()
}

fn socketpair(session: &mut Session, family: Option<i32>, kind: Option<i32>) -> Reply {
    let domain = Domain::from(family.unwrap_or(libc::AF_UNIX));
    let kind = plain_type("socketpair", kind)?;
    let triple = Triple::new(domain, kind, None);
    let call = Call { name: "socketpair", on: (), about: About::Make(triple) };
    let (a, b) = session.caller.call(call, None, |()| Socket::pair(domain, kind, None))?;
    let left = session.adopt(a, triple);
    let right = session.adopt(b, triple);
    // Of a pair, the left becomes current.
    session.make_current(left.clone());
    Ok(Outcome { value: Value::Socket(left), second: Value::Socket(right), fact: Fact::CreatedPair })
}

/// The one address a target means to this socket.
pub fn reach(
    session: &mut Session,
    socket: &Endpoint,
    goal: Goal<'_>,
    deadline: Option<Deadline>,
) -> Result<(SockAddr, Address), Box<Halt>> {
    let address = match goal {
        Goal::Known(address) => address,
        Goal::Written(written) => from_fields(session, written)?,
        Goal::Number { host, port: Port::Number(port) } if socket.domain() == Domain::IPV4 => {
            Address::Inet(SocketAddr::new(host.into(), port))
        }
        Goal::Number { host, port } => look_up(session, socket, &host.to_string(), &port, deadline)?,
        Goal::Inet { host, port } => look_up(session, socket, &host, &port, deadline)?,
    };
    match to_kernel(&address) {
        Ok(name) => Ok((name, address)),
        Err(e) => Err(CallError::io("", &e).detail(Detail::To(address)).into()),
    }
}

/// The address that fields say; an interface's name is looked up by if_nametoindex(3).
pub fn from_fields(session: &mut Session, written: Written) -> Result<Address, Box<Halt>> {
    let Written { family, bytes, interface } = written;
    let bytes = match interface {
        None => bytes,
        Some(name) => fields::with_interface(bytes, family, interface_number(session, &name)?),
    };
    Ok(Address::Other { family, bytes })
}

/// if_nametoindex(3)
pub fn interface_number(session: &mut Session, name: &str) -> Result<u32, Box<Halt>> {
    let asked = std::ffi::CString::new(name).map_err(|_| CallError::errno("if_nametoindex", libc::ENODEV))?;
    let about = About::Name { name: name.into(), protocol: None };
    let call = Call { name: "if_nametoindex", on: (), about };
    let found = session
        .caller
        .call(call, None, |()| Ok(Value::Int(nix::net::if_::if_nametoindex(&*asked)?.into())))?;
    Ok(found.to_int().and_then(|n| u32::try_from(n).ok()).unwrap_or(0))
}

/// The address of a host and a port.
fn look_up(
    session: &mut Session,
    socket: &Endpoint,
    host: &str,
    port: &Port,
    deadline: Option<Deadline>,
) -> Result<Address, Box<Halt>> {
    if socket.domain() == Domain::VSOCK {
        let written = fields::vsock(host, &port.to_string());
        let written =
            written.map_err(|message| CallError::class(Class::ValueError, Detail::Text(message)))?;
        return from_fields(session, written);
    }
    if !socket.is_inet() {
        let wanted = domain_name(socket.domain());
        let detail = Detail::WrongFamily { found: format!("{host} {port}"), wanted };
        let error = CallError::new("", Code::Errno(libc::EAFNOSUPPORT), detail).blame("host");
        return Err(match i32::from(socket.domain()) {
            libc::AF_NETLINK => error.advice(phrase!(
                en "a `netlink` address is `pid=N groups=N`; of the kernel it is `pid=0`",
                es "una dirección `netlink` es `pid=N groups=N`; la del kernel es `pid=0`"
            )),
            libc::AF_PACKET => error.advice(phrase!(
                en "a `packet` address is `protocol=all ifindex=lo`, and where it is sent to also `addr=00:…`",
                es "una dirección `packet` es `protocol=all ifindex=lo`, y al enviar también `addr=00:…`"
            )),
            _ => error,
        }
        .into());
    }
    resolve(&mut session.caller, host, port, socket.domain(), socket.kind(), deadline).map(Address::Inet)
}

/// Adds to an error where its call was to go.
pub fn with_destination<T>(result: Result<T, Box<Halt>>, address: &Address) -> Result<T, Box<Halt>> {
    result.map_err(|mut halt| {
        if let Halt::Error(error) = &mut *halt {
            error.to = Some(Box::new(address.clone()));
            if error.detail == Detail::None {
                error.detail = Detail::To(address.clone());
                error.blame = error.blame.or(Some("address"));
            }
        }
        halt
    })
}

fn bind(session: &mut Session, target: &Target, limit: Option<Duration>) -> Reply {
    let goal = target.goal(session)?;
    let socket = session.socket()?;
    let deadline = session.deadline(limit, None);
    let (name, address) = reach(session, &socket, goal, deadline)?;
    let call = Call { name: "bind", on: &socket, about: About::At(Cow::Borrowed(&address)) };
    let bound = session.caller.call(call, None, |s| s.socket().bind(&name));
    with_destination(bound, &address)?;
    if address.port().is_some_and(|port| port != 0) {
        socket.note_local(&address);
    }
    // A chosen port is read when it is used or shown, and not before.
    let value = match &address {
        Address::Inet(inet) if inet.port() == 0 => Session::local_later(&socket),
        Address::Unnamed | Address::Other { .. } => Session::local_later(&socket),
        _ => Value::address(address),
    };
    Outcome::with(value, Fact::Bound)
}

fn listen(session: &mut Session, backlog: Option<i32>) -> Reply {
    let socket = session.socket()?;
    let backlog = backlog.unwrap_or(128);
    let call = Call { name: "listen", on: &socket, about: About::Backlog(backlog) };
    session.caller.call(call, None, |s| s.socket().listen(backlog))?;
    socket.set_listening();
    Outcome::nothing()
}

fn accept(session: &mut Session, limit: Option<Duration>) -> Reply {
    let listener = session.socket()?;
    let deadline = session.deadline(limit, None);
    let call = Call { name: "accept4", on: &listener, about: About::Plain };
    let (socket, peer) = session.caller.call(call, deadline, |s| s.socket().accept())?;
    let endpoint = session.adopt(socket, listener.triple);
    lift_limits(session, &listener, &endpoint)?;
    let peer = from_kernel(&peer);
    endpoint.note_peer(&peer);
    // A connection has its listener's port.
    if let Some(local) = listener.ends().local {
        endpoint.note_local(&Address::Inet(local));
    }
    Ok(Outcome { value: Value::Socket(endpoint), second: Value::address(peer), fact: Fact::Accepted })
}

/// Takes the listener's time-outs off a connection: the kernel copies them to it (TCP), and it is to wait as a new
/// socket does.
fn lift_limits(
    session: &mut Session,
    listener: &Endpoint,
    connection: &Arc<Endpoint>,
) -> Result<(), Box<Halt>> {
    if !listener.is_inet() {
        return Ok(());
    }
    let none = Setting::Time(None);
    let about = |number| About::Option { level: libc::SOL_SOCKET, number, value: Some(Cow::Borrowed(&none)) };
    if listener.timeout().is_some() {
        let call = Call { name: "setsockopt", on: connection, about: about(libc::SO_RCVTIMEO) };
        session.caller.call(call, None, |s| s.socket().set_read_timeout(None))?;
    }
    if listener.send_timeout().is_some() {
        let call = Call { name: "setsockopt", on: connection, about: about(libc::SO_SNDTIMEO) };
        session.caller.call(call, None, |s| s.socket().set_write_timeout(None))?;
    }
    Ok(())
}

fn connect(
    session: &mut Session,
    flow: Option<u32>,
    limit: Option<Duration>,
    target: Option<&Target>,
) -> Reply {
    let Some(target) = target else { return disconnect(session) };
    let goal = target.goal(session)?;
    let socket = session.socket()?;
    let deadline = session.deadline(limit, None);
    let (name, address) = with_flow(reach(session, &socket, goal, deadline)?, flow)?;
    let call = Call { name: "connect", on: &socket, about: About::At(Cow::Borrowed(&address)) };
    let connected = session.caller.call(call, deadline, |s| s.socket().connect(&name));
    with_destination(connected, &address)?;
    socket.note_peer(&address);
    Outcome::with(Value::address(address), Fact::Connected { number: socket.number })
}

/// connect(2) with AF_UNSPEC: no peer any more.
fn disconnect(session: &mut Session) -> Reply {
    let socket = session.socket()?;
    let address = unspecified();
    let name = to_kernel(&address).map_err(|e| CallError::io("connect", &e))?;
    let call = Call { name: "connect", on: &socket, about: About::At(Cow::Borrowed(&address)) };
    session.caller.call(call, None, |s| s.socket().connect(&name))?;
    Outcome::nothing()
}

/// The address with this flow information: class and label, as sin6_flowinfo has them.
pub fn with_flow(
    (name, address): (SockAddr, Address),
    flow: Option<u32>,
) -> Result<(SockAddr, Address), Box<Halt>> {
    match (flow, address) {
        (None, address) => Ok((name, address)),
        (Some(flow), Address::Inet(SocketAddr::V6(mut v6))) => {
            v6.set_flowinfo(flow.to_be());
            Ok((SockAddr::from(v6), Address::Inet(SocketAddr::V6(v6))))
        }
        (Some(_), other) => {
            let detail = Detail::WrongFamily { found: other.to_string(), wanted: "inet6".into() };
            Err(CallError::class(Class::ValueError, detail).blame("flow").into())
        }
    }
}

/// `--flow N`
#[derive(Debug)]
pub struct Flow(Option<Integer>);

impl Param for Flow {
    type Value<'a> = Option<u32>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--flow",
        value: Some("N"),
        about: phrase!(
            en "IPv6: the flow label, with the traffic class above it (sin6_flowinfo)",
            es "IPv6: la etiqueta de flujo, con la clase de tráfico encima (sin6_flowinfo)"
        ),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        words.with_option("--flow", Integer::read).map(Flow)
    }

    fn get(&self, session: &mut Session) -> Result<Option<u32>, Box<Halt>> {
        let Some(number) = self.0.as_ref().map(|n| n.get(session)).transpose()? else { return Ok(None) };
        match u32::try_from(number) {
            Ok(flow) if flow < 1 << 28 => Ok(Some(flow)),
            _ => {
                let what = phrase!(en "flow label and class", es "una etiqueta de flujo con su clase");
                let detail = Detail::Range { what, low: 0, high: (1 << 28) - 1, found: number.to_string() };
                Err(CallError::class(Class::OverflowError, detail).blame("flow").into())
            }
        }
    }
}

/// An address, or `--none`.
#[derive(Debug)]
struct Peer(Option<Target>);

impl Param for Peer {
    type Value<'a> = Option<&'a Target>;
    const KIND: Kind = Kind::Target;
    const USAGE: &'static str = "HOST PORT|PATH|ADDRESS";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--none",
        value: None,
        about: phrase!(en "no peer any more (AF_UNSPEC)", es "sin otro extremo desde ahora (AF_UNSPEC)"),
    }];

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        match (words.switch("--none"), words.peek()) {
            (Some(_), None) => Some(Peer(None)),
            (Some(none), Some(_)) => {
                let message = say!(
                    en "`--none` is in place of an address",
                    es "`--none` va en lugar de una dirección"
                );
                words.report(Diagnostic::new(none, message));
                None
            }
            (None, _) => Target::read(words, name).map(|target| Peer(Some(target))),
        }
    }

    fn get(&self, _: &mut Session) -> Result<Self::Value<'_>, Box<Halt>> {
        Ok(self.0.as_ref())
    }
}

fn shutdown(session: &mut Session, how: Option<i32>) -> Reply {
    let socket = session.socket()?;
    let how = how.unwrap_or(libc::SHUT_RDWR);
    let call = Call { name: "shutdown", on: &socket, about: About::Half(how) };
    session.caller.call(call, None, |s| match how {
        libc::SHUT_RD => s.shutdown(Shutdown::Read),
        libc::SHUT_WR => s.shutdown(Shutdown::Write),
        libc::SHUT_RDWR => s.shutdown(Shutdown::Both),
        // No other number has a name in Rust; what the kernel says of it is shown.
        other => kernel::shutdown(s.socket(), other),
    })?;
    Outcome::nothing()
}

/// `--reset`
#[derive(Debug)]
struct Reset(bool);

impl super::param::Param for Reset {
    type Value<'a> = bool;
    const KIND: super::row::Kind = super::row::Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--reset",
        value: None,
        about: phrase!(
            en "the peer gets a RST: SO_LINGER 0 first",
            es "el otro extremo recibe un RST: antes, SO_LINGER en 0"
        ),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        Some(Reset(words.switch("--reset").is_some()))
    }

    fn get(&self, _: &mut Session) -> Result<bool, Box<Halt>> {
        Ok(self.0)
    }
}

fn close(session: &mut Session, reset: bool) -> Reply {
    let socket = session.socket()?;
    if reset && socket.is_open() {
        let value = Setting::Time(Some(Duration::ZERO));
        let about = About::Option {
            level: libc::SOL_SOCKET,
            number: libc::SO_LINGER,
            value: Some(Cow::Borrowed(&value)),
        };
        let call = Call { name: "setsockopt", on: &socket, about };
        session.caller.call(call, None, |s| s.socket().set_linger(Some(Duration::ZERO)))?;
        socket.forget_ends();
    }
    session.close(&socket)?;
    Outcome::nothing()
}

fn dup(session: &mut Session) -> Reply {
    let original = session.socket()?;
    let call = Call { name: "dup", on: &original, about: About::Plain };
    let copy = session.caller.call(call, None, |s| s.socket().try_clone())?;
    let endpoint = session.adopt_copy(copy, &original);
    Outcome::with(Value::Socket(endpoint), Fact::Created)
}
