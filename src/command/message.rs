//! Messages with what goes and comes beside their bytes: descriptors, hop limits, addresses, times, errors.

use std::borrow::Cow;
use std::io::IoSlice;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::os::fd::AsRawFd as _;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, MsgHdr};

use super::expr::Expr;
use super::life::{Flow, reach, with_destination, with_flow};
use super::param::{
    Count, Integer, Param, RecvFlags, SendFlags, SocketName, Target, Timeout, read_piece, read_socket,
};
use super::receive::{End, discards, end_of, reserve, trunc};
use super::row::{Command, Kind, command};
use super::send::held;
use super::words::{OptionSpec, Words};
use crate::net::door::{About, Call};
use crate::net::message::{Message, receive};
use crate::session::Session;
use crate::value::control::{self, Control};
use crate::value::errno::Class;
use crate::value::map::Map;
use crate::value::outcome::{CallError, Detail, Fact, Halt, Outcome, Reply};
use crate::value::socket::Endpoint;
use crate::value::{Bytes, Value};
use crate::words::Phrase;

pub const ROWS: &[Command] = &[
    command!(Data, "sendmsg", sendmsg, (flags: SendFlags, beside: Beside, flow: Flow, limit: Timeout, data: Slices),
        One(en "the number of bytes taken" es "el número de bytes tomados"),
        en "hand several pieces to the kernel in one call, each word a piece, and what goes beside them"
        es "entrega varios trozos al kernel en una sola llamada, cada palabra un trozo, y lo que los acompaña",
        c "sendmsg(2)", rust "Socket::sendmsg", python "n = sock.sendmsg([head, body], ancillary, 0, address)",
        errors ["EPIPE", "ECONNRESET", "EAGAIN", "ENOTCONN", "EDESTADDRREQ", "EMSGSIZE", "EINVAL", "EPERM", "ETIMEDOUT"],
        note en "On a datagram socket they are one message. At most 1024 pieces (IOV_MAX), or EMSGSIZE. \
            `--fd SOCKET` sends a descriptor over a Unix socket, as often as it is given; the socket stays \
            open here too. `--ttl`, `--tos` and `--pktinfo` (the address to send from) are for this one \
            message; `--pktinfo ${m.pktinfo}` answers from the address that a message `m` came to."
             es "En un socket de datagramas son un solo mensaje. A lo más 1024 trozos (IOV_MAX), o \
            EMSGSIZE. `--fd SOCKET` envía un descriptor por un socket Unix, tantas veces como aparezca; el \
            socket también sigue abierto aquí. `--ttl`, `--tos` y `--pktinfo` (la dirección desde la que se \
            envía) valen para este único mensaje; `--pktinfo ${m.pktinfo}` responde desde la dirección a la \
            que llegó un mensaje `m`.",
        like "a, b = socketpair\nc, d = socketpair\na.sendmsg --fd c \"head;\" \"body\"\ndata, m = b.recvmsg\nprint $data ${m.fds.len}"),
    command!(Data, "recvmsg", recvmsg, (flags: RecvFlags, asked: Asked, limit: Timeout, n: Option<Count>),
        Pair(en "the bytes" es "los bytes", en "a map of what came beside them" es "un mapa con lo que los acompañaba"),
        en "take what has come, at most N bytes (4096), and what came beside it"
        es "toma lo que llegó, a lo más N bytes (4096), y lo que lo acompañaba",
        c "recvmsg(2)", rust "libc::recvmsg", python "data, ancillary, flags, address = sock.recvmsg(n, 65536)",
        errors ["EAGAIN", "ECONNRESET", "ENOTCONN", "ECONNREFUSED", "ETIMEDOUT"], does [Receives, TakesPart, ReceivesBeside, GivesMap],
        note en "The map has `.from`, `.flags` (a list: TRUNC, CTRUNC, EOR, OOB, ERRQUEUE) and `.fds` (sockets, of the \
            table from now on; what is no socket can be closed and sent on). What else it has an option asks \
            for: `.ttl` (recvttl, recvhoplimit), `.tos` (recvtos, recvtclass), `.pktinfo` with `.addr` and \
            `.ifindex` (pktinfo, recvpktinfo), `.timestamp` in nanoseconds (timestamp, timestampns), \
            `.credentials` with `.pid`, `.uid`, `.gid` (passcred), `.inq`, `.gro` (udp_gro), `.drops` \
            (rxq_ovfl). `--errqueue` takes from the error queue (recverr): `.error` with `.name`, `.origin` and \
            `.offender`, the data being what was refused; `.zerocopy` says which sends are done with. What did not fit is always said: TRUNC of the \
            bytes, CTRUNC of what came beside them; descriptors that do not fit are closed."
             es "El mapa tiene `.from`, `.flags` (una lista: TRUNC, CTRUNC, EOR, OOB, ERRQUEUE) y `.fds` (sockets, de la \
            tabla desde ahora; lo que no es un socket se puede cerrar y reenviar). Lo demás lo pide una \
            opción: `.ttl` (recvttl, recvhoplimit), `.tos` (recvtos, recvtclass), `.pktinfo` con `.addr` e \
            `.ifindex` (pktinfo, recvpktinfo), `.timestamp` en nanosegundos (timestamp, timestampns), \
            `.credentials` con `.pid`, `.uid`, `.gid` (passcred), `.inq`, `.gro` (udp_gro), `.drops` \
            (rxq_ovfl). `--errqueue` toma de la cola de errores (recverr): `.error` con `.name`, `.origin` y \
            `.offender`, donde los datos son lo que se rechazó; `.zerocopy` dice qué envíos terminaron. Siempre se avisa lo que no cupo: TRUNC \
            de los bytes, CTRUNC de lo que los acompañaba; los descriptores que no caben se cierran.",
        like "r = socket inet dgram\nr.bind 127.0.0.1 0\nr.setsockopt recvttl true\ns = socket inet dgram\ns.sendto hola 127.0.0.1 ${r.local.port}\ndata, m = r.recvmsg\nprint ${m.ttl}"),
];

// recvmsg

const DEFAULT_COUNT: usize = 4096;

/// Room for control messages: all that the kernel may send with a message, 253 descriptors (SCM_MAX_FD) among them.
const CONTROL_ROOM: usize = 4096;

/// `--errqueue`, `--peek`, `--control N`
#[derive(Debug)]
struct Asked {
    flags: i32,
    control: Option<Count>,
}

impl Param for Asked {
    type Value<'a> = (i32, usize);
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "--errqueue",
            value: None,
            about: phrase!(
                en "from the queue of errors; it does not wait (MSG_ERRQUEUE)",
                es "de la cola de errores; no espera (MSG_ERRQUEUE)"
            ),
        },
        OptionSpec {
            name: "--peek",
            value: None,
            about: phrase!(
                en "see it without taking it; descriptors are received each time (MSG_PEEK)",
                es "lo ve sin tomarlo; los descriptores se reciben cada vez (MSG_PEEK)"
            ),
        },
        OptionSpec {
            name: "--control",
            value: Some("N"),
            about: phrase!(
                en "room for what comes beside the bytes, 4096 unless given",
                es "espacio para lo que acompaña a los bytes, 4096 si no se indica"
            ),
        },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let asked = |name, flag| if words.switch(name).is_some() { flag } else { 0 };
        let flags = asked("--errqueue", libc::MSG_ERRQUEUE) | asked("--peek", libc::MSG_PEEK);
        let control = words.with_option("--control", Count::read)?;
        Some(Asked { flags, control })
    }

    fn get(&self, session: &mut Session) -> Result<(i32, usize), Box<Halt>> {
        let room = self.control.as_ref().map(|n| n.get(session)).transpose()?;
        Ok((self.flags, room.unwrap_or(CONTROL_ROOM)))
    }
}

fn recvmsg(
    session: &mut Session,
    flags: i32,
    (asked, control_room): (i32, usize),
    limit: Option<Duration>,
    n: Option<usize>,
) -> Reply {
    let socket = session.socket()?;
    let deadline = session.deadline(limit, None);
    let room = n.unwrap_or(DEFAULT_COUNT);
    let flags = flags | asked;
    if discards(&socket, flags) {
        let detail = Detail::Text(say!(
            en "`--trunc` throws the bytes away: `recv --trunc` does that",
            es "`--trunc` descarta los bytes: eso lo hace `recv --trunc`"
        ));
        return Err(CallError::class(Class::ValueError, detail).into());
    }
    let flags = flags | trunc(&socket);
    let mut buffer = session.buffer();
    reserve(&mut buffer, room)?;
    let mut space = Vec::new();
    reserve(&mut space, control_room)?;
    space.resize(control_room, 0);
    let about = About::Room { room, flags: flags | libc::MSG_CMSG_CLOEXEC };
    let call = Call { name: "recvmsg", on: &socket, about };
    let message =
        session.caller.call(call, deadline, |s| receive(s.socket(), &mut buffer, room, &mut space, flags))?;
    let of_errors = flags & libc::MSG_ERRQUEUE != 0;
    let end =
        if of_errors || flags & libc::MSG_OOB != 0 { End::No } else { end_of(&socket, room, message.came) };
    let came = message.came;
    let (bytes, beside) = told(session, &socket, message);
    Ok(Outcome {
        value: Value::bytes(bytes),
        second: beside.into(),
        fact: Fact::Received {
            end: end == End::Yes,
            unsure: end == End::Perhaps,
            whole: NonZeroUsize::new(if came > room { came } else { 0 }),
            peeked: flags & libc::MSG_PEEK != 0,
        },
    })
}

/// The bytes of a message, and the map of what came beside them. Its descriptors are the table's from here on.
fn told(session: &mut Session, socket: &Endpoint, message: Message) -> (Vec<u8>, Map) {
    let Message { buffer, flags, from, control, descriptors, .. } = message;
    let mut sockets: Vec<Value> =
        descriptors.into_iter().map(|fd| Value::Socket(session.enter_received(fd))).collect();
    let (mut fds, mut others, mut news) = (Vec::new(), Vec::new(), Vec::new());
    for one in control {
        if let Some((first, last)) = one.completed() {
            socket.release(first, last);
        }
        if one.has_descriptors() {
            let own: Vec<Value> = sockets.drain(..one.descriptors().len().min(sockets.len())).collect();
            match one.kind {
                libc::SCM_RIGHTS => fds.extend(own),
                _ => news.extend(own.into_iter().map(|socket| ("pidfd", socket))),
            }
        } else if let Some(one) = one.news() {
            news.push(one);
        } else {
            let pairs = [("level", one.level.into()), ("type", one.kind.into())];
            let pairs = pairs.map(|(key, number): (_, i64)| (Value::text(key), Value::Int(number)));
            let data = (Value::text("data"), Value::bytes(one.data));
            others.push(pairs.into_iter().chain([data]).collect::<Map>().into());
        }
    }
    let flags = control::flag_names(flags).into_iter().map(Value::text).collect();
    let mut map = Map::default();
    let mut put = |key: &str, value| map.put(Value::text(key), value);
    put("from", from.map_or(Value::Nothing, Value::address));
    put("flags", Value::list(flags));
    put("fds", Value::list(fds));
    for (key, value) in news {
        put(key, value);
    }
    if !others.is_empty() {
        put("other", Value::list(others));
    }
    (buffer, map)
}

// sendmsg

/// `--to ADDRESS`, `--fd SOCKET`, `--ttl N`, `--tos N`, `--pktinfo ADDRESS`
#[derive(Debug)]
struct Beside(Option<Box<Given>>);

#[derive(Debug)]
struct Given {
    to: Option<Target>,
    fds: Vec<SocketName>,
    ttl: Option<Integer>,
    tos: Option<Integer>,
    from: Option<Expr>,
}

/// What goes beside the bytes, when the line runs.
#[derive(Default)]
struct Going<'a> {
    to: Option<&'a Target>,
    fds: Vec<Arc<Endpoint>>,
    ttl: Option<i32>,
    tos: Option<i32>,
    from: Option<(IpAddr, u32)>,
}

impl Param for Beside {
    type Value<'a> = Going<'a>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "--to",
            value: Some("ADDRESS"),
            about: phrase!(
                en "to this address, as it is shown: `127.0.0.1:80`, a path, `${m.from}`",
                es "a esta dirección, tal como se muestra: `127.0.0.1:80`, una ruta, `${m.from}`"
            ),
        },
        OptionSpec {
            name: "--fd",
            value: Some("SOCKET…"),
            about: phrase!(
                en "with a descriptor of this socket, over a Unix socket (SCM_RIGHTS)",
                es "con un descriptor de este socket, por un socket Unix (SCM_RIGHTS)"
            ),
        },
        OptionSpec {
            name: "--ttl",
            value: Some("N"),
            about: phrase!(
                en "with this hop limit (IP_TTL, IPV6_HOPLIMIT)",
                es "con este límite de saltos (IP_TTL, IPV6_HOPLIMIT)"
            ),
        },
        OptionSpec {
            name: "--tos",
            value: Some("N"),
            about: phrase!(
                en "with this traffic class (IP_TOS, IPV6_TCLASS)",
                es "con esta clase de tráfico (IP_TOS, IPV6_TCLASS)"
            ),
        },
        OptionSpec {
            name: "--pktinfo",
            value: Some("ADDRESS"),
            about: phrase!(
                en "from this address of the machine, or that of a `.pktinfo` (IP_PKTINFO)",
                es "desde esta dirección de la máquina, o la de un `.pktinfo` (IP_PKTINFO)"
            ),
        },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        if !words.gives_any(Self::OPTIONS) {
            return Some(Beside(None));
        }
        let to = words.with_option("--to", Target::read_shown)?;
        let mut fds = Vec::new();
        for word in words.every_option("--fd") {
            words.note("fd", word.span);
            fds.push(SocketName::of(read_socket(words, word)?));
        }
        let ttl = words.with_option("--ttl", Integer::read)?;
        let tos = words.with_option("--tos", Integer::read)?;
        let from = words.with_option("--pktinfo", |words, name| {
            let word = words.require(name)?;
            words.note("pktinfo", word.span);
            Expr::letters(words, word)
        })?;
        Some(Beside(Some(Box::new(Given { to, fds, ttl, tos, from }))))
    }

    fn get(&self, session: &mut Session) -> Result<Going<'_>, Box<Halt>> {
        let Some(given) = &self.0 else { return Ok(Going::default()) };
        let fds = given.fds.iter().map(|fd| fd.get(session)).collect::<Result<_, _>>();
        let from = given.from.as_ref().map(|expr| source(session, expr)).transpose();
        Ok(Going {
            to: given.to.as_ref(),
            fds: fds.map_err(|halt| super::param::blamed(halt, "fd"))?,
            ttl: int(session, given.ttl.as_ref(), "ttl", phrase!(en "hop limit", es "un límite de saltos"))?,
            tos: int(
                session,
                given.tos.as_ref(),
                "tos",
                phrase!(en "traffic class", es "una clase de tráfico"),
            )?,
            from: from.map_err(|halt| super::param::blamed(halt, "pktinfo"))?,
        })
    }
}

/// A number of one byte.
fn int(
    session: &mut Session,
    word: Option<&Integer>,
    name: &'static str,
    what: Phrase,
) -> Result<Option<i32>, Box<Halt>> {
    let Some(word) = word else { return Ok(None) };
    let number = word.get(session).map_err(|halt| super::param::blamed(halt, name))?;
    match u8::try_from(number) {
        Ok(number) => Ok(Some(number.into())),
        Err(_) => {
            let detail = Detail::Range { what, low: 0, high: 255, found: number.to_string() };
            Err(CallError::class(Class::OverflowError, detail).blame(name).into())
        }
    }
}

/// The address to send from, and the interface where the address alone does not say it: text, an address, or the
/// `.pktinfo` of a message.
fn source(session: &mut Session, expr: &Expr) -> Result<(IpAddr, u32), Box<Halt>> {
    let value = expr.get(session)?;
    let value = session.look(&value)?;
    let of = |map: &Map, key: &str| map.get(&Value::text(key)).cloned();
    let (text, index) = match &value {
        // What the kernel answers from: of a multicast or broadcast message it is not where that was sent to.
        Value::Map(map) => {
            let addr = of(map, "local").or_else(|| of(map, "addr")).unwrap_or_default();
            (addr.to_text(), of(map, "ifindex").and_then(|n| n.to_int()).and_then(|n| u32::try_from(n).ok()))
        }
        Value::Address(address) => (address.host().unwrap_or_default(), None),
        other => (other.to_text(), None),
    };
    let ip = text.parse::<IpAddr>().map_err(|_| {
        super::param::wrong(
            Class::ValueError,
            phrase!(en "an address of this machine", es "una dirección de esta máquina"),
            &value,
        )
    })?;
    let needs_interface = matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local() || v6.is_multicast());
    Ok((ip, index.filter(|_| needs_interface).unwrap_or(0)))
}

impl Going<'_> {
    /// As control messages of this socket's family.
    fn control(&self, socket: &Endpoint) -> Result<Vec<Control>, Box<Halt>> {
        let mut all = Vec::new();
        if !self.fds.is_empty() {
            let mut data = Vec::new();
            for fd in &self.fds {
                let open = fd.open().map_err(|_| crate::net::door::closed("sendmsg", fd))?;
                data.extend_from_slice(&open.socket().as_raw_fd().to_ne_bytes());
            }
            all.push(Control { level: libc::SOL_SOCKET, kind: libc::SCM_RIGHTS, data });
        }
        let of = |number: i32, four: i32, six: i32, name| -> Result<Control, Box<Halt>> {
            let data = number.to_ne_bytes().to_vec();
            match socket.domain() {
                Domain::IPV4 => Ok(Control { level: libc::IPPROTO_IP, kind: four, data }),
                Domain::IPV6 => Ok(Control { level: libc::IPPROTO_IPV6, kind: six, data }),
                _ => Err(no_internet(name)),
            }
        };
        if let Some(ttl) = self.ttl {
            all.push(of(ttl, libc::IP_TTL, libc::IPV6_HOPLIMIT, "ttl")?);
        }
        if let Some(tos) = self.tos {
            all.push(of(tos, libc::IP_TOS, libc::IPV6_TCLASS, "tos")?);
        }
        if let Some((ip, index)) = self.from {
            all.push(match (socket.domain(), ip) {
                // struct in_pktinfo: the interface, the address to send from, and one that is not looked at.
                (Domain::IPV4, IpAddr::V4(v4)) => {
                    let data = [&index.to_ne_bytes()[..], &v4.octets(), &[0; 4]].concat();
                    Control { level: libc::IPPROTO_IP, kind: libc::IP_PKTINFO, data }
                }
                (Domain::IPV6, ip) => {
                    let v6 = match ip {
                        IpAddr::V6(v6) => v6,
                        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
                    };
                    let data = [&v6.octets()[..], &index.to_ne_bytes()].concat();
                    Control { level: libc::IPPROTO_IPV6, kind: libc::IPV6_PKTINFO, data }
                }
                (Domain::IPV4, other) => {
                    let detail = Detail::WrongFamily { found: other.to_string(), wanted: "inet".into() };
                    return Err(CallError::class(Class::ValueError, detail).blame("pktinfo").into());
                }
                _ => return Err(no_internet("pktinfo")),
            });
        }
        Ok(all)
    }
}

fn no_internet(option: &'static str) -> Box<Halt> {
    let detail = Detail::Text(say!(
        en "`--{option}` is for Internet sockets",
        es "`--{option}` es para sockets de Internet",
        option
    ));
    CallError::class(Class::ValueError, detail).blame(option).into()
}

fn sendmsg(
    session: &mut Session,
    flags: i32,
    beside: Going<'_>,
    flow: Option<u32>,
    limit: Option<Duration>,
    pieces: Vec<Bytes>,
) -> Reply {
    let goal = beside.to.map(|to| to.goal(session)).transpose()?;
    let socket = session.socket()?;
    let deadline = session.deadline(limit, None);
    let to = match goal {
        Some(goal) => Some(with_flow(reach(session, &socket, goal, deadline)?, flow)?),
        None => None,
    };
    let messages = beside.control(&socket)?;
    let control = control::build(&messages);
    // Without a copy the kernel reads the bytes where they are: they are this call's alone.
    let pieces = match flags & libc::MSG_ZEROCOPY {
        0 => pieces,
        _ => pieces.iter().map(|piece| held(piece)).collect::<Result<_, _>>()?,
    };
    let slices: Vec<IoSlice<'_>> = pieces.iter().map(|p| IoSlice::new(p)).collect();
    let offered = pieces.iter().map(|p| p.len()).sum();
    let about = About::Slices {
        pieces: Cow::Borrowed(&pieces),
        flags,
        to: to.as_ref().map(|(_, address)| Cow::Borrowed(address)),
        control: Cow::Borrowed(&messages),
    };
    let call = Call { name: "sendmsg", on: &socket, about };
    let sent = if to.is_none() && control.is_empty() {
        session.caller.call(call, deadline, |s| s.sendmsg(&slices, flags))
    } else {
        session.caller.call(call, deadline, |s| {
            let mut message = MsgHdr::new().with_buffers(&slices);
            if let Some((name, _)) = &to {
                message = message.with_addr(name);
            }
            if !control.is_empty() {
                message = message.with_control(&control);
            }
            s.socket().sendmsg(&message, flags)
        })
    };
    let taken = match &to {
        Some((_, address)) => with_destination(sent, address)?,
        None => sent?,
    };
    if flags & libc::MSG_ZEROCOPY != 0 {
        socket.hold(pieces);
    }
    Outcome::with(Value::Int(taken as i64), Fact::Sent { offered })
}

/// One or more words, each a slice of its own.
#[derive(Debug)]
struct Slices(Vec<Expr>);

impl Param for Slices {
    type Value<'a> = Vec<Bytes>;
    const KIND: Kind = Kind::Data;
    const USAGE: &'static str = "DATA…";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let first = words.require(name)?;
        let mut span = first.span;
        words.refuse_name(first)?;
        let mut exprs = vec![read_piece(words, first)];
        while let Some(word) = words.next() {
            span = span.to(word.span);
            words.refuse_name(word)?;
            exprs.push(read_piece(words, word));
        }
        words.note(name, span);
        exprs.into_iter().collect::<Option<_>>().map(Slices)
    }

    fn get(&self, session: &mut Session) -> Result<Vec<Bytes>, Box<Halt>> {
        self.0.iter().map(|e| e.bytes(session)).collect()
    }
}
