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
use crate::net::probe;
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
            open here too. `--ttl`, `--tos`, `--segment` and `--pktinfo` (the address to send from) are for this one \
            message; `--pktinfo ${m.pktinfo}` answers from the address that a message `m` came to. \
            `--credentials own` tells a Unix peer who sends. `--other MAP` is any control message, by its \
            numbers: `.level`, `.type` and `.data`, as `recvmsg` gives those it does not know."
             es "En un socket de datagramas son un solo mensaje. A lo más 1024 trozos (IOV_MAX), o \
            EMSGSIZE. `--fd SOCKET` envía un descriptor por un socket Unix, tantas veces como aparezca; el \
            socket también sigue abierto aquí. `--ttl`, `--tos`, `--segment` y `--pktinfo` (la dirección desde la que se \
            envía) valen para este único mensaje; `--pktinfo ${m.pktinfo}` responde desde la dirección a la \
            que llegó un mensaje `m`. `--credentials own` dice a un extremo Unix quién envía. `--other MAP` es \
            cualquier mensaje de control, por sus números: `.level`, `.type` y `.data`, como `recvmsg` entrega los que \
            no conoce.",
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

/// The kernel takes no control messages beyond /proc/sys/net/core/optmem_max, which is 128 KiB.
const MOST_CONTROL: usize = 1 << 20;

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
    if let Some(guard) = session.caller.guard() {
        // Refused, they are closed with the message.
        message.descriptors.iter().try_for_each(|fd| guard.may_have("recvmsg", fd.as_raw_fd()))?;
    }
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

/// `--to ADDRESS`, `--fd SOCKET`, `--ttl N`, `--tos N`, `--pktinfo ADDRESS`, `--segment N`, `--credentials WHO`,
/// `--other MAP`
#[derive(Debug)]
struct Beside(Option<Box<Given>>);

#[derive(Debug)]
struct Given {
    to: Option<Target>,
    fds: Vec<SocketName>,
    ttl: Option<Integer>,
    tos: Option<Integer>,
    from: Option<Expr>,
    segment: Option<Integer>,
    credentials: Option<Expr>,
    others: Vec<Expr>,
}

/// What goes beside the bytes, when the line runs.
#[derive(Default)]
struct Going<'a> {
    to: Option<&'a Target>,
    fds: Vec<Arc<Endpoint>>,
    ttl: Option<u8>,
    tos: Option<u8>,
    from: Option<(IpAddr, u32)>,
    segment: Option<u16>,
    credentials: Option<Credentials>,
    others: Vec<Control>,
}

/// struct ucred: a process, its user and its group.
type Credentials = (i32, u32, u32);

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
        OptionSpec {
            name: "--segment",
            value: Some("N"),
            about: phrase!(
                en "as datagrams of N bytes each, the last of what is left (UDP_SEGMENT)",
                es "como datagramas de N bytes cada uno, y el último con lo que queda (UDP_SEGMENT)"
            ),
        },
        OptionSpec {
            name: "--credentials",
            value: Some("own|PID:UID:GID"),
            about: phrase!(
                en "with this process, user and group, over a Unix socket; also as `${m.credentials}` (SCM_CREDENTIALS)",
                es "con este proceso, usuario y grupo, por un socket Unix; también como `${m.credentials}` (SCM_CREDENTIALS)"
            ),
        },
        OptionSpec {
            name: "--other",
            value: Some("MAP…"),
            about: phrase!(
                en "with any control message: a map of its `level`, `type` and `data`",
                es "con cualquier mensaje de control: un mapa con su `level`, `type` y `data`"
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
        let segment = words.with_option("--segment", Integer::read)?;
        let credentials = words.with_option("--credentials", |words, name| {
            let word = words.require(name)?;
            words.note("credentials", word.span);
            Expr::letters(words, word)
        })?;
        let mut others = Vec::new();
        for word in words.every_option("--other") {
            words.note("other", word.span);
            words.refuse_name(word)?;
            others.push(Expr::read(words, word)?);
        }
        Some(Beside(Some(Box::new(Given { to, fds, ttl, tos, from, segment, credentials, others }))))
    }

    fn get(&self, session: &mut Session) -> Result<Going<'_>, Box<Halt>> {
        let Some(given) = &self.0 else { return Ok(Going::default()) };
        let fds = given.fds.iter().map(|fd| fd.get(session)).collect::<Result<_, _>>();
        let from = given.from.as_ref().map(|expr| source(session, expr)).transpose();
        let credentials = given.credentials.as_ref().map(|expr| who(session, expr)).transpose();
        let others = given.others.iter().map(|expr| other(session, expr)).collect::<Result<_, _>>();
        Ok(Going {
            to: given.to.as_ref(),
            fds: fds.map_err(|halt| super::param::blamed(halt, "fd"))?,
            ttl: number(
                session,
                given.ttl.as_ref(),
                "ttl",
                phrase!(en "hop limit", es "un límite de saltos"),
            )?,
            tos: number(
                session,
                given.tos.as_ref(),
                "tos",
                phrase!(en "traffic class", es "una clase de tráfico"),
            )?,
            from: from.map_err(|halt| super::param::blamed(halt, "pktinfo"))?,
            segment: number(
                session,
                given.segment.as_ref(),
                "segment",
                phrase!(en "size of a datagram", es "un tamaño de datagrama"),
            )?,
            credentials: credentials.map_err(|halt| super::param::blamed(halt, "credentials"))?,
            others: others.map_err(|halt| super::param::blamed(halt, "other"))?,
        })
    }
}

/// A number of one byte or two.
fn number<N: TryFrom<i64>>(
    session: &mut Session,
    word: Option<&Integer>,
    name: &'static str,
    what: Phrase,
) -> Result<Option<N>, Box<Halt>> {
    let Some(word) = word else { return Ok(None) };
    let number = word.get(session).map_err(|halt| super::param::blamed(halt, name))?;
    N::try_from(number).map(Some).map_err(|_| {
        let high = (1 << (8 * size_of::<N>())) - 1;
        let detail = Detail::Range { what, low: 0, high, found: number.to_string() };
        CallError::class(Class::OverflowError, detail).blame(name).into()
    })
}

/// `own`, `PID:UID:GID`, or the `.credentials` of a message.
fn who(session: &mut Session, expr: &Expr) -> Result<Credentials, Box<Halt>> {
    let value = expr.get(session)?;
    let read = match &value {
        Value::Map(map) => {
            let of = |key: &str| map.get(&Value::text(key)).and_then(Value::to_int);
            of("pid").zip(of("uid")).zip(of("gid")).map(|((pid, uid), gid)| (pid, uid, gid))
        }
        other => match other.to_text().as_str() {
            "own" => return Ok(probe::own_credentials(&session.caller)),
            text => {
                let numbers: Option<Vec<i64>> = text.split(':').map(|part| part.parse().ok()).collect();
                match numbers.as_deref() {
                    Some([pid, uid, gid]) => Some((*pid, *uid, *gid)),
                    _ => None,
                }
            }
        },
    };
    let fits = read.and_then(|(pid, uid, gid)| {
        Some((i32::try_from(pid).ok()?, u32::try_from(uid).ok()?, u32::try_from(gid).ok()?))
    });
    fits.ok_or_else(|| {
        let wanted = phrase!(en "`own`, or PID:UID:GID", es "`own` ni PID:UID:GID");
        super::param::wrong(Class::ValueError, wanted, &value)
    })
}

/// A control message of a map with `.level`, `.type` and `.data`.
fn other(session: &mut Session, expr: &Expr) -> Result<Control, Box<Halt>> {
    let value = expr.get(session)?;
    let read = match &value {
        Value::Map(map) => {
            let of = |key: &str| map.get(&Value::text(key));
            let int = |key| of(key).and_then(Value::to_int).and_then(|n| i32::try_from(n).ok());
            int("level").zip(int("type")).zip(of("data").cloned())
        }
        _ => None,
    };
    let Some(((level, kind), data)) = read else {
        let wanted = phrase!(
            en "a map with `level`, `type` and `data`",
            es "un mapa con `level`, `type` y `data`"
        );
        return Err(super::param::wrong(Class::ValueError, wanted, &value));
    };
    let data = session.look(&data)?.to_bytes();
    if data.len() > MOST_CONTROL {
        let what = phrase!(en "length of a control message", es "un largo de mensaje de control");
        let detail = Detail::Range { what, low: 0, high: MOST_CONTROL as i64, found: data.len().to_string() };
        return Err(CallError::class(Class::OverflowError, detail).into());
    }
    Ok(Control { level, kind, data: data.to_vec() })
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
        // Over the internet the kernel would throw them away without a word.
        let internet = matches!(socket.domain(), Domain::IPV4 | Domain::IPV6);
        if internet && !self.fds.is_empty() {
            return Err(no_unix("fd"));
        }
        if internet && self.credentials.is_some() {
            return Err(no_unix("credentials"));
        }
        if !self.fds.is_empty() {
            let mut data = Vec::new();
            for fd in &self.fds {
                let open = fd
                    .open()
                    .map_err(|_| super::param::blamed(crate::net::door::closed("sendmsg", fd), "fd"))?;
                data.extend_from_slice(&open.socket().as_raw_fd().to_ne_bytes());
            }
            all.push(Control { level: libc::SOL_SOCKET, kind: libc::SCM_RIGHTS, data });
        }
        let of = |number: u8, four: i32, six: i32, name| -> Result<Control, Box<Halt>> {
            let data = i32::from(number).to_ne_bytes().to_vec();
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
        if let Some(segment) = self.segment {
            let data = segment.to_ne_bytes().to_vec();
            match internet {
                true => all.push(Control { level: control::SOL_UDP, kind: control::UDP_SEGMENT, data }),
                false => return Err(no_internet("segment")),
            }
        }
        if let Some((pid, uid, gid)) = self.credentials {
            let data = [pid.to_ne_bytes(), uid.to_ne_bytes(), gid.to_ne_bytes()].concat();
            all.push(Control { level: libc::SOL_SOCKET, kind: libc::SCM_CREDENTIALS, data });
        }
        all.extend(self.others.iter().cloned());
        Ok(all)
    }
}

fn no_unix(option: &'static str) -> Box<Halt> {
    let detail = Detail::Text(say!(
        en "`--{option}` is for Unix sockets",
        es "`--{option}` es para sockets Unix",
        option
    ));
    CallError::class(Class::ValueError, detail).blame(option).into()
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
