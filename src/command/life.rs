//! Making, connecting and closing sockets.

use std::borrow::Cow;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::param::{Backlog, Family, Goal, How, ProtocolWord, SocketType, Target, Timeout};
use super::row::{Command, command};
use super::words::{OptionSpec, Words};
use crate::net::address::{from_kernel, to_kernel};
use crate::net::door::{About, Call};
use crate::net::gate::Deadline;
use crate::net::kernel;
use crate::net::options::setting::Setting;
use crate::net::resolve::{Port, resolve};
use crate::session::Session;
use crate::value::errno::Code;
use crate::value::outcome::{CallError, Detail, Fact, Halt, Outcome, Reply};
use crate::value::socket::{Endpoint, Triple};
use crate::value::{Address, Value, domain_name};

pub const ROWS: &[Command] = &[
    command!(Life, "socket", socket,
        (domain: Option<Family>, kind: Option<SocketType>, protocol: Option<ProtocolWord>),
        One(en "the socket" es "el socket"),
        en "make a socket; without words it is `inet stream`"
        es "crea un socket; sin palabras es `inet stream`",
        c "socket(2)", rust "Socket::new", python "sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
        errors ["EAFNOSUPPORT", "EPROTONOSUPPORT", "EPERM", "EMFILE"], does [MakesSocket],
        note en "The new socket becomes the current one. C's names are understood too: `socket AF_INET6 \
            SOCK_DGRAM`."
             es "El socket nuevo pasa a ser el actual. También se entienden los nombres de C: `socket \
            AF_INET6 SOCK_DGRAM`.",
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
        errors ["EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "EINVAL", "EAFNOSUPPORT", "gaierror"], does [Binds],
        note en "`\"\"` and `*` are every address of this machine. A Unix path makes a file, which stays \
            when the socket is closed, as the system call leaves it: remove it before the next `bind`. The \
            port the system chose is read by getsockname(2) when somebody looks at it."
             es "`\"\"` y `*` son todas las direcciones de esta máquina. Una ruta Unix crea un archivo, \
            que permanece al cerrar el socket, tal como lo deja la llamada al sistema: elimínalo antes del \
            próximo `bind`. El puerto que eligió el sistema se lee con getsockname(2) cuando se consulta.",
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
    command!(Life, "connect", connect, (address: Target, limit: Timeout),
        One(en "the peer's address" es "la dirección del otro extremo"),
        en "connect to a peer; on a datagram socket, choose whom to send to and hear from"
        es "se conecta a otro extremo; en un socket de datagramas, elige a quién enviar y de quién recibir",
        c "connect(2)", rust "Socket::connect", python "sock.connect((host, port))",
        errors ["ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "EISCONN", "EINPROGRESS", "EALREADY",
            "EADDRNOTAVAIL", "ENOENT", "EACCES", "gaierror"], does [Connects],
        note en "A host with several addresses: the first of the socket's family is tried, and no other."
             es "Si un host tiene varias direcciones, se prueba la primera de la familia del socket y \
            ninguna otra.",
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

fn socket(session: &mut Session, family: Option<i32>, kind: Option<i32>, protocol: Option<i32>) -> Reply {
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

/// The address of a host and a port.
fn look_up(
    session: &mut Session,
    socket: &Endpoint,
    host: &str,
    port: &Port,
    deadline: Option<Deadline>,
) -> Result<Address, Box<Halt>> {
    if !socket.is_inet() {
        let wanted = domain_name(socket.domain());
        let detail = Detail::WrongFamily { found: format!("{host} {port}"), wanted };
        return Err(CallError::new("", Code::Errno(libc::EAFNOSUPPORT), detail).blame("host").into());
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
    // A chosen port is read when it is used or shown, and not before.
    let value = match address.port() {
        Some(0) => Session::local_later(&socket),
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
    let peer = Value::address(from_kernel(&peer));
    Ok(Outcome { value: Value::Socket(endpoint), second: peer, fact: Fact::Accepted })
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

fn connect(session: &mut Session, target: &Target, limit: Option<Duration>) -> Reply {
    let goal = target.goal(session)?;
    let socket = session.socket()?;
    let deadline = session.deadline(limit, None);
    let (name, address) = reach(session, &socket, goal, deadline)?;
    let call = Call { name: "connect", on: &socket, about: About::At(Cow::Borrowed(&address)) };
    let connected = session.caller.call(call, deadline, |s| s.socket().connect(&name));
    with_destination(connected, &address)?;
    Outcome::with(Value::address(address), Fact::Connected { number: socket.number })
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
