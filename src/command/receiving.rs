//! Receiving.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use super::frame::{FrameType, Width};
use super::param::{Count, Delimiters, Ends, Param, RecvFlags, Search, Sink, Size, Timeout, To};
use super::receive::{End, PIECE, Taking, discard, discards, end_of, needs_stream, receive, receive_from};
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::gate::Deadline;
use crate::session::Session;
use crate::value::Value;
use crate::value::errno::{Class, Code};
use crate::value::outcome::{CallError, Detail, Fact, Halt, Outcome, Reply};
use crate::value::socket::Endpoint;

pub const ROWS: &[Command] = &[
    command!(Data, "recv", recv, [flags: RecvFlags, to: To, limit: Timeout], (n: Option<Count>),
        One(en "the bytes" es "los bytes"),
        en "take what has come, at most N bytes (4096); waits if there is nothing yet"
        es "toma lo que llegó, a lo más N bytes (4096); espera si aún no hay nada",
        c "recv(2)", rust "Socket::recv_with_flags", python "data = sock.recv(n)",
        errors ["EAGAIN", "ECONNRESET", "ENOTCONN", "ECONNREFUSED", "ETIMEDOUT"], does [Receives, TakesPart, NeedsPeer],
        note en "A stream has no messages: one `recv` may bring part of what the peer sent, or several \
            sends at once. Nothing at all is the end of stream. On datagram sockets MSG_TRUNC is added, \
            which tells how long a cut datagram was."
             es "Un flujo no tiene mensajes: un `recv` puede traer una parte de lo que envió el otro \
            extremo, o varios envíos a la vez. Si no trae nada, es el fin del flujo. En sockets de \
            datagramas se agrega MSG_TRUNC, que dice qué largo tenía un datagrama cortado.",
        like "a, b = socketpair\na.sendall hola\nb.recv 4096"),
    command!(Data, "recvfrom", recvfrom, [flags: RecvFlags, to: To, limit: Timeout], (n: Option<Count>),
        Pair(en "the bytes" es "los bytes", en "the sender's address" es "la dirección de quien envió"),
        en "take one datagram and the address it came from"
        es "toma un datagrama y la dirección desde la que vino",
        c "recvfrom(2)", rust "Socket::recv_from_with_flags", python "data, address = sock.recvfrom(n)",
        errors ["EAGAIN", "ECONNREFUSED", "ETIMEDOUT"], does [Receives, TakesPart],
        note en "What does not fit in N bytes is lost, and said: \"4 of 16 bytes, 12 lost\". MSG_TRUNC is \
            added to know it."
             es "Lo que no cabe en N bytes se pierde, y se avisa: \"4 de 16 bytes, 12 perdidos\". Para \
            saberlo se agrega MSG_TRUNC.",
        like "r = socket inet dgram\nr.bind 127.0.0.1 0\ns = socket inet dgram\ns.sendto \"Voici un message\" 127.0.0.1 ${r.local.port}\ndata, origin = r.recvfrom 4"),
    command!(Data, "peek", peek, [flags: RecvFlags, limit: Timeout], (n: Option<Count>),
        One(en "the bytes" es "los bytes"),
        en "see what has come without taking it"
        es "ve lo que llegó sin tomarlo",
        c "recv(2) with MSG_PEEK" es "recv(2) con MSG_PEEK", rust "Socket::peek", python "data = sock.recv(n, socket.MSG_PEEK)",
        errors ["EAGAIN", "ECONNRESET", "ENOTCONN", "ETIMEDOUT"], does [Peeks, NeedsPeer],
        like "a, b = socketpair\na.sendall hola\nb.peek 2\nb.recv"),
    command!(Data, "peekfrom", peekfrom, [flags: RecvFlags, limit: Timeout], (n: Option<Count>),
        Pair(en "the bytes" es "los bytes", en "the sender's address" es "la dirección de quien envió"),
        en "see the next datagram and its sender without taking it"
        es "ve el próximo datagrama y quién lo envió sin tomarlo",
        c "recvfrom(2) with MSG_PEEK" es "recvfrom(2) con MSG_PEEK", rust "Socket::peek_from",
        python "data, address = sock.recvfrom(n, socket.MSG_PEEK)",
        errors ["EAGAIN", "ETIMEDOUT"], does [Peeks],
        like "r = socket inet dgram\nr.bind 127.0.0.1 0\ns = socket inet dgram\ns.sendto hola 127.0.0.1 ${r.local.port}\nr.peekfrom\nr.recvfrom"),
    command!(Data, "recvexact", recvexact, (to: To, limit: Timeout, n: Size),
        One(en "the bytes" es "los bytes"),
        en "receive until N bytes have come"
        es "recibe hasta que lleguen N bytes",
        c "recv(2), until N bytes have come" es "recv(2), hasta que lleguen N bytes", rust "Socket::recv, until N bytes have come" es "Socket::recv, hasta que lleguen N bytes",
        python "while len(data) < n: data += sock.recv(n - len(data))",
        errors ["EOFError", "ECONNRESET", "ETIMEDOUT"], does [Receives, NeedsPeer],
        note en "An early end of stream is an EOFError; what came is in its `.data`."
             es "Un fin del flujo antes de tiempo es un EOFError; lo que llegó está en su `.data`.",
        like "a, b = socketpair\na.sendall ho\na.sendall la\nb.recvexact 4"),
    command!(Data, "recvuntil", recvuntil, (delimiter: Delimiters, max: Max, to: To, limit: Timeout),
        One(en "the bytes" es "los bytes"),
        en "receive up to and with the first of the delimiters, and nothing past it"
        es "recibe hasta el primero de los delimitadores, con él incluido, y nada más",
        c "recv(2) with MSG_PEEK, then recv(2), until it has come" es "recv(2) con MSG_PEEK, luego recv(2), hasta que llegue",
        rust "Socket::peek and Socket::recv, until it has come" es "Socket::peek y Socket::recv, hasta que llegue", python "data = sock.makefile('rb').readline()",
        errors ["EOFError", "ECONNRESET", "ETIMEDOUT", "EMSGSIZE"], does [Receives, NeedsPeer],
        note en "Each round looks (MSG_PEEK) and then takes only what was looked at, up to the end of the \
            delimiter that ends first; `.match` of the result is that delimiter. With `--regex` each is a regular \
            expression, and the bytes are taken as soon as it matches them, as if they came one by one: `$` is \
            the end of what has come. `--max N` is 1 MiB unless given."
             es "Cada vuelta mira (MSG_PEEK) y luego toma solo lo que miró, hasta el final del \
            delimitador que termina primero; `.match` del resultado es ese delimitador. Con `--regex` cada uno es una \
            expresión regular, y los bytes se toman apenas calza con ellos, como si llegaran de a uno: `$` es \
            el final de lo que llegó. `--max N` es 1 MiB si no se indica.",
        like "a, b = socketpair\na.sendall \"uno;dos\"\nb.recvuntil \";\" \"\\n\"\nprint ${_.match}\nb.recv"),
    command!(Data, "recvline", recvline, (max: Max, to: To, limit: Timeout),
        One(en "the line" es "la línea"),
        en "receive a line, up to and with its `\\n`"
        es "recibe una línea, con su `\\n` incluido",
        c "recv(2) with MSG_PEEK, then recv(2), until \\n has come" es "recv(2) con MSG_PEEK, luego recv(2), hasta que llegue \\n",
        rust "Socket::peek and Socket::recv, until \\n has come" es "Socket::peek y Socket::recv, hasta que llegue \\n", python "line = sock.makefile('rb').readline()",
        errors ["EOFError", "ECONNRESET", "ETIMEDOUT", "EMSGSIZE"], does [Receives, NeedsPeer],
        note en "At the end of stream there is no line: nothing comes, as from Python's `readline`. An end \
            in the middle of a line is an EOFError, with what came in its `.data`."
             es "En el fin del flujo no hay línea: no llega nada, como con el `readline` de Python. Un fin \
            en medio de una línea es un EOFError, con lo que llegó en su `.data`.",
        like "a, b = socketpair\na.sendall \"uno\\ndos\\n\"\nb.recvline\nb.recvline"),
    command!(Data, "recvall", recvall, (max: Max, to: To, limit: Timeout),
        One(en "the bytes" es "los bytes"),
        en "receive to the end of stream"
        es "recibe hasta el fin del flujo",
        c "recv(2), until 0" es "recv(2), hasta 0", rust "Socket::recv, until 0" es "Socket::recv, hasta 0", python "while chunk := sock.recv(65536): data += chunk",
        errors ["ECONNRESET", "ETIMEDOUT", "EMSGSIZE"], does [Receives, NeedsPeer],
        note en "`--max N` is 1 GiB unless given, or none with `--to`. A socket that keeps messages apart \
            has no stream to put together: EOPNOTSUPP."
             es "`--max N` es 1 GiB si no se indica, o ninguno con `--to`. Un socket que mantiene \
            separados los mensajes no tiene un flujo que juntar: EOPNOTSUPP.",
        like "a, b = socketpair\na.sendall hola\na.close\nb.recvall"),
    command!(Data, "recvframe", recvframe, (max: Max, to: To, limit: Timeout, kind: FrameType),
        One(en "the body" es "el cuerpo"),
        en "receive a length and then as many bytes"
        es "recibe un largo y luego esa cantidad de bytes",
        c "recv(2), until all of it has come" es "recv(2), hasta que llegue todo", rust "Socket::recv, until all of it has come" es "Socket::recv, hasta que llegue todo",
        python "data = recvexact(struct.unpack('>I', recvexact(4))[0])",
        errors ["EOFError", "EMSGSIZE", "ECONNRESET", "ETIMEDOUT"], does [Receives],
        note en "TYPE is the length's: `u8`, or `u16be`, `u16le`, `u24be` and so on to `u64le`. Room \
            is made as the body comes, not as it was announced. `--max N` is 16 MiB unless given, or none \
            with `--to`."
             es "TYPE es el del largo: `u8`, o `u16be`, `u16le`, `u24be` y así hasta `u64le`. El \
            espacio se reserva a medida que llega el cuerpo, no según lo anunciado. `--max N` es 16 MiB si \
            no se indica, o ninguno con `--to`.",
        like "a, b = socketpair\na.sendframe u32be hola\nb.recvframe u32be"),
];

const DEFAULT_COUNT: usize = 4096;

fn recv(
    session: &mut Session,
    flags: i32,
    to: Option<Sink>,
    limit: Option<Duration>,
    n: Option<usize>,
) -> Reply {
    once(session, flags, to, limit, n, false)
}

fn recvfrom(
    session: &mut Session,
    flags: i32,
    to: Option<Sink>,
    limit: Option<Duration>,
    n: Option<usize>,
) -> Reply {
    once(session, flags, to, limit, n, true)
}

fn peek(session: &mut Session, flags: i32, limit: Option<Duration>, n: Option<usize>) -> Reply {
    once(session, flags | libc::MSG_PEEK, None, limit, n, false)
}

fn peekfrom(session: &mut Session, flags: i32, limit: Option<Duration>, n: Option<usize>) -> Reply {
    once(session, flags | libc::MSG_PEEK, None, limit, n, true)
}

/// One receive.
fn once(
    session: &mut Session,
    flags: i32,
    to: Option<Sink>,
    limit: Option<Duration>,
    n: Option<usize>,
    wants_sender: bool,
) -> Reply {
    let socket = session.socket()?;
    let deadline = session.deadline(limit, None);
    let room = n.unwrap_or(DEFAULT_COUNT);
    if discards(&socket, flags) {
        if to.is_some() {
            let detail = Detail::Text(say!(
                en "`--trunc` throws the bytes away: nothing is left for a file",
                es "`--trunc` descarta los bytes: no queda nada para un archivo"
            ));
            return Err(CallError::class(Class::ValueError, detail).blame("to").into());
        }
        let came = discard(session, &socket, room, flags, deadline)?;
        end_of(&socket, room, came);
        return Outcome::value(Value::Int(came as i64));
    }
    let mut taking = Taking::begin(session, to, deadline)?;
    let (came, from) = match wants_sender {
        true => receive_from(session, &socket, taking.buffer(), room, flags, deadline)?,
        false => (receive(session, &socket, taking.buffer(), room, flags, deadline)?, None),
    };
    taking.take(session, came.min(room))?;
    let end = ends(&socket, room, came, flags);
    let mut outcome = taking.finish(session, end, cut(room, came));
    outcome.second = from.map_or(Value::Nothing, Value::address);
    if let Fact::Received { peeked, .. } = &mut outcome.fact {
        *peeked = flags & libc::MSG_PEEK != 0;
    }
    Ok(outcome)
}

/// The length of a message of which only `room` bytes came.
fn cut(room: usize, came: usize) -> Option<NonZeroUsize> {
    NonZeroUsize::new(if came > room { came } else { 0 })
}

/// As [`end_of`]. That no urgent byte is there says nothing about the others.
fn ends(socket: &Endpoint, room: usize, came: usize, flags: i32) -> End {
    if flags & libc::MSG_OOB != 0 { End::No } else { end_of(socket, room, came) }
}

/// Receives until `taking` holds `wanted` bytes more; fewer are an early end.
fn exactly(
    session: &mut Session,
    socket: &Arc<Endpoint>,
    taking: &mut Taking,
    wanted: u64,
    deadline: Option<Deadline>,
) -> Result<bool, Box<Halt>> {
    let mut left = wanted;
    while left > 0 {
        let room = PIECE.min(usize::try_from(left).unwrap_or(PIECE));
        let came = receive(session, socket, taking.buffer(), room, 0, deadline)
            .map_err(|halt| taking.failed(halt))?;
        if came == 0 {
            end_of(socket, room, 0);
            return Ok(false);
        }
        taking.take(session, came)?;
        left -= came as u64;
    }
    Ok(true)
}

fn recvexact(session: &mut Session, to: Option<Sink>, limit: Option<Duration>, n: u64) -> Reply {
    let socket = session.socket()?;
    needs_stream(&socket, "recv")?;
    let deadline = session.deadline(limit, Some(&socket));
    let mut taking = Taking::begin(session, to, deadline)?;
    if exactly(session, &socket, &mut taking, n, deadline)? {
        return Ok(taking.finish(session, End::No, None));
    }
    let got = taking.total;
    Err(taking.early(Detail::Early { wanted: Some(n), got }))
}

fn recvall(session: &mut Session, max: Option<u64>, to: Option<Sink>, limit: Option<Duration>) -> Reply {
    const DEFAULT_MAX: u64 = 1 << 30;
    let socket = session.socket()?;
    needs_stream(&socket, "recv")?;
    let deadline = session.deadline(limit, Some(&socket));
    let max = max.unwrap_or(if to.is_some() { u64::MAX } else { DEFAULT_MAX });
    let mut taking = Taking::begin(session, to, deadline)?;
    loop {
        // One byte more than is allowed would tell that there is more.
        let left = usize::try_from(max - taking.total).unwrap_or(PIECE);
        let room = PIECE.min(left).max(1);
        let came = receive(session, &socket, taking.buffer(), room, 0, deadline)
            .map_err(|halt| taking.failed(halt))?;
        if came == 0 {
            let end = end_of(&socket, room, 0);
            let nothing = taking.total == 0;
            return Ok(taking.finish(session, if nothing { end } else { End::No }, None));
        }
        taking.take(session, came)?;
        if taking.total > max {
            return Err(taking.failed(too_much(Detail::TooMuch { max })));
        }
    }
}

fn too_much(detail: Detail) -> Box<Halt> {
    CallError::new("recv", Code::Errno(libc::EMSGSIZE), detail).blame("max").into()
}

fn recvframe(
    session: &mut Session,
    max: Option<u64>,
    to: Option<Sink>,
    limit: Option<Duration>,
    width: Width,
) -> Reply {
    const DEFAULT_MAX: u64 = 16 << 20;
    let socket = session.socket()?;
    needs_stream(&socket, "recv")?;
    let deadline = session.deadline(limit, Some(&socket));
    let max = max.unwrap_or(if to.is_some() { u64::MAX } else { DEFAULT_MAX });
    let mut prefix = Taking::begin(session, None, deadline)?;
    if !exactly(session, &socket, &mut prefix, width.len() as u64, deadline)? {
        let got = prefix.total;
        return Err(prefix.early(Detail::Early { wanted: Some(width.len() as u64), got }));
    }
    let announced = width.length(prefix.buffer());
    if announced > max {
        return Err(too_much(Detail::Announced { length: announced, max }));
    }
    // The length was only announced: room is made for what comes.
    let mut taking = Taking::begin(session, to, deadline)?;
    if exactly(session, &socket, &mut taking, announced, deadline)? {
        return Ok(taking.finish(session, End::No, None));
    }
    let got = taking.total;
    Err(taking.early(Detail::ShortFrame { announced, got }))
}

fn recvline(session: &mut Session, max: Option<u64>, to: Option<Sink>, limit: Option<Duration>) -> Reply {
    until(session, Search::text(b"\n"), max, to, limit, true)
}

fn recvuntil(
    session: &mut Session,
    ends: Ends,
    max: Option<u64>,
    to: Option<Sink>,
    limit: Option<Duration>,
) -> Reply {
    until(session, Search::new(&ends)?, max, to, limit, false)
}

/// Looks, then takes what it looked at up to the end of the delimiter; round by round.
fn until(
    session: &mut Session,
    mut search: Search<'_>,
    max: Option<u64>,
    to: Option<Sink>,
    limit: Option<Duration>,
    nothing_is_the_end: bool,
) -> Reply {
    const DEFAULT_MAX: u64 = 1 << 20;
    // Most delimiters are near: the first look is a short one.
    const FIRST: usize = 4 << 10;
    let socket = session.socket()?;
    needs_stream(&socket, "recv")?;
    let deadline = session.deadline(limit, Some(&socket));
    let max = max.unwrap_or(DEFAULT_MAX);
    let mut taking = Taking::begin(session, to, deadline)?;
    let mut looked = Vec::new();
    loop {
        let left = max.saturating_sub(taking.total);
        if left == 0 {
            return Err(taking.failed(too_much(Detail::NoDelimiter { max })));
        }
        looked.clear();
        looked.extend_from_slice(search.tail());
        let most = if taking.total == 0 { FIRST } else { PIECE };
        let room = most.min(usize::try_from(left).unwrap_or(most));
        let seen = receive(session, &socket, &mut looked, room, libc::MSG_PEEK, deadline)
            .map_err(|halt| taking.failed(halt))?;
        let found = search.look(&looked)?;
        let wanted = found.as_ref().map_or(seen, |end| end.taken);
        // What was seen may be gone when another thread has taken it: that is an end too.
        if seen == 0 || !exactly(session, &socket, &mut taking, wanted as u64, deadline)? {
            let end = end_of(&socket, room, 0);
            let got = taking.total;
            // As Python's `readline`: no line is left.
            if got == 0 && nothing_is_the_end {
                return Ok(taking.finish(session, end, None));
            }
            return Err(taking.early(Detail::Early { wanted: None, got }));
        }
        if let Some(end) = found {
            return Ok(taking.finish_at(session, End::No, None, end.delimiter));
        }
    }
}

/// `--max N`
#[derive(Debug)]
struct Max(Option<Size>);

impl Param for Max {
    type Value<'a> = Option<u64>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--max",
        value: Some("N"),
        about: phrase!(en "fail with EMSGSIZE if more comes", es "falla con EMSGSIZE si llega más"),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        Size::of_option(words, "--max", "max").map(Max)
    }

    fn get(&self, session: &mut Session) -> Result<Option<u64>, Box<Halt>> {
        self.0.as_ref().map(|n| n.get(session)).transpose()
    }
}
