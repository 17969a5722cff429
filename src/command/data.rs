//! Sending and receiving.

use std::sync::Arc;
use std::time::Duration;

use super::expr::Expr;
use super::life::{reach, toward};
use super::param::{Count, Data, Goal, OneData, Param, RecvFlags, SendFlags, Sink, Target, Timeout, To};
use super::receive::{PIECE, Taking, discard, is_end, receive};
use super::row::{Command, Gives::*, Kind, command};
use super::words::{OptionSpec, Words};
use crate::diagnostic::Diagnostic;
use crate::errno::{Class, Code};
use crate::net::gate::Deadline;
use crate::outcome::{CallError, Detail, Fact, Halt, Outcome, Reply};
use crate::session::Session;
use crate::value::Value;

pub const ROWS: &[Command] = &[
    command!(Data, "send", send, (flags: SendFlags, limit: Timeout, data: Data), One("the number of bytes taken"),
        "hand bytes to the kernel, once; it may take fewer",
        c "send(2)", rust "Socket::send_with_flags", python "n = sock.send(data)",
        errors ["EPIPE", "ECONNRESET", "EAGAIN", "ENOTCONN", "EDESTADDRREQ", "EMSGSIZE", "ETIMEDOUT"],
        note "How many were taken is the result; the rest is for you to send. `sendall` does that.",
        like "a, b = socketpair\na.send \"hola\\n\"\nb.recv"),
    command!(Data, "sendall", sendall, (flags: SendFlags, pace: Pace, limit: Timeout, data: Data), Nothing,
        "send until all is taken",
        c "send(2), until all is taken", rust "Socket::send_with_flags, until all is taken",
        python "sock.sendall(data)",
        errors ["EPIPE", "ECONNRESET", "EAGAIN", "ENOTCONN", "ETIMEDOUT"],
        note "With `--chunk N --delay D` it sends pieces of N bytes, D apart: a slow peer on purpose. \
              How much was sent before an error is in its message.",
        like "a, b = socketpair\na.sendall \"uno\" \"\\n\"\nb.recvline"),
    command!(Data, "sendto", sendto, (flags: SendFlags, limit: Timeout, data: OneData, address: Target),
        One("the number of bytes taken"), "send one datagram to an address",
        c "sendto(2)", rust "Socket::send_to_with_flags", python "n = sock.sendto(data, (host, port))",
        errors ["EMSGSIZE", "EACCES", "ENETUNREACH", "ECONNREFUSED", "EISCONN", "ENOENT", "gaierror"],
        like "r = socket inet dgram\nr.bind 127.0.0.1 0\ns = socket inet dgram\ns.sendto \"hola\" 127.0.0.1 ${r.local.port}\nr.recvfrom"),
    command!(Data, "recv", recv, (flags: RecvFlags, to: To, limit: Timeout, n: Option<Count>), One("the bytes"),
        "take what has come, at most N bytes (4096); waits if there is nothing yet",
        c "recv(2)", rust "Socket::recv_with_flags", python "data = sock.recv(n)",
        errors ["EAGAIN", "ECONNRESET", "ENOTCONN", "ECONNREFUSED", "ETIMEDOUT"],
        note "A stream has no messages: one `recv` may bring part of what the peer sent, or several sends at \
              once. Nothing at all is the end of stream. On datagram sockets MSG_TRUNC is added, which tells \
              how long a cut datagram was.",
        like "a, b = socketpair\na.sendall hola\nb.recv 4096"),
    command!(Data, "recvfrom", recvfrom, (flags: RecvFlags, to: To, limit: Timeout, n: Option<Count>),
        Pair("the bytes", "the sender's address"), "take one datagram and the address it came from",
        c "recvfrom(2)", rust "Socket::recv_from_with_flags", python "data, address = sock.recvfrom(n)",
        errors ["EAGAIN", "ECONNREFUSED", "ETIMEDOUT"],
        note "What does not fit in N bytes is lost, and said: \"4 of 16 bytes, 12 lost\". MSG_TRUNC is added to \
              know it.",
        like "r = socket inet dgram\nr.bind 127.0.0.1 0\ns = socket inet dgram\ns.sendto \"Voici un message\" 127.0.0.1 ${r.local.port}\ndata, origin = r.recvfrom 4"),
    command!(Data, "peek", peek, (flags: RecvFlags, limit: Timeout, n: Option<Count>), One("the bytes"),
        "see what has come without taking it",
        c "recv(2) with MSG_PEEK", rust "Socket::peek", python "data = sock.recv(n, socket.MSG_PEEK)",
        errors ["EAGAIN", "ECONNRESET", "ENOTCONN", "ETIMEDOUT"],
        like "a, b = socketpair\na.sendall hola\nb.peek 2\nb.recv"),
    command!(Data, "peekfrom", peekfrom, (flags: RecvFlags, limit: Timeout, n: Option<Count>),
        Pair("the bytes", "the sender's address"), "see the next datagram and its sender without taking it",
        c "recvfrom(2) with MSG_PEEK", rust "Socket::peek_from",
        python "data, address = sock.recvfrom(n, socket.MSG_PEEK)",
        errors ["EAGAIN", "ETIMEDOUT"],
        like "r = socket inet dgram\nr.bind 127.0.0.1 0\ns = socket inet dgram\ns.sendto hola 127.0.0.1 ${r.local.port}\nr.peekfrom\nr.recvfrom"),
    command!(Data, "recvexact", recvexact, (to: To, limit: Timeout, n: Count), One("the bytes"),
        "receive until N bytes have come",
        c "recv(2), until N bytes have come", rust "Socket::recv, until N bytes have come",
        python "while len(data) < n: data += sock.recv(n - len(data))",
        errors ["EOFError", "ECONNRESET", "ETIMEDOUT"],
        note "An early end of stream is an EOFError; what came is in its `.data`.",
        like "a, b = socketpair\na.sendall ho\na.sendall la\nb.recvexact 4"),
    command!(Data, "recvuntil", recvuntil, (max: Max, to: To, limit: Timeout, delimiter: OneData), One("the bytes"),
        "receive up to and with a delimiter, and nothing past it",
        c "recv(2) with MSG_PEEK, then recv(2), until it has come",
        rust "Socket::peek and Socket::recv, until it has come", python "data = sock.makefile('rb').readline()",
        errors ["EOFError", "ECONNRESET", "ETIMEDOUT", "EMSGSIZE"],
        note "Each round looks (MSG_PEEK) and then takes only what was looked at, up to the end of the delimiter. \
              `--max N` is 1 MiB unless given.",
        like "a, b = socketpair\na.sendall \"uno;dos\"\nb.recvuntil \";\"\nb.recv"),
    command!(Data, "recvline", recvline, (max: Max, to: To, limit: Timeout), One("the line"),
        "receive a line, up to and with its `\\n`",
        c "recv(2) with MSG_PEEK, then recv(2), until \\n has come",
        rust "Socket::peek and Socket::recv, until \\n has come", python "line = sock.makefile('rb').readline()",
        errors ["EOFError", "ECONNRESET", "ETIMEDOUT", "EMSGSIZE"],
        like "a, b = socketpair\na.sendall \"uno\\ndos\\n\"\nb.recvline\nb.recvline"),
    command!(Data, "recvall", recvall, (max: Max, to: To, limit: Timeout), One("the bytes"),
        "receive to the end of stream",
        c "recv(2), until 0", rust "Socket::recv, until 0", python "while chunk := sock.recv(65536): data += chunk",
        errors ["ECONNRESET", "ETIMEDOUT", "EMSGSIZE"],
        note "`--max N` is 1 GiB unless given, or none with `--to`.",
        like "a, b = socketpair\na.sendall hola\na.close\nb.recvall"),
];

fn send(session: &mut Session, flags: i32, limit: Option<Duration>, data: Arc<Vec<u8>>) -> Reply {
    let socket = session.socket()?;
    let deadline = session.deadline(limit, None);
    let taken = send_once(session, &socket, &data, flags, deadline)?;
    Outcome::with(Value::Int(taken as i64), Fact::Sent { taken, offered: data.len() })
}

/// send(2), once.
fn send_once(
    session: &mut Session,
    socket: &Arc<crate::endpoint::Endpoint>,
    data: &[u8],
    flags: i32,
    deadline: Option<Deadline>,
) -> Result<usize, Box<Halt>> {
    session.caller.dontwait = flags & libc::MSG_DONTWAIT != 0;
    let result =
        session.caller.on("send", socket, deadline, format_args!("{} bytes, {flags:#x}", data.len()), |s| {
            s.send_with_flags(data, flags)
        });
    session.caller.dontwait = false;
    result
}

fn sendall(
    session: &mut Session,
    flags: i32,
    pace: (Option<usize>, Option<Duration>),
    limit: Option<Duration>,
    data: Arc<Vec<u8>>,
) -> Reply {
    let socket = session.socket()?;
    let deadline = session.sending_deadline(limit, &socket);
    let (chunk, delay) = pace;
    let mut rest = &data[..];
    loop {
        let piece = &rest[..rest.len().min(chunk.unwrap_or(usize::MAX))];
        let taken = send_once(session, &socket, piece, flags, deadline).map_err(|mut halt| {
            let taken = (data.len() - rest.len()) as u64;
            if let Halt::Error(error) = &mut *halt
                && taken > 0
                && error.detail == Detail::None
            {
                error.detail = Detail::Partly { taken, offered: data.len() as u64 };
            }
            halt
        })?;
        rest = &rest[taken..];
        if rest.is_empty() {
            return Outcome::nothing();
        }
        if let Some(delay) = delay
            && taken == piece.len()
        {
            let pause = session.caller.gate.sleep(delay, deadline);
            pause.map_err(|stop| session.caller.halt("nanosleep", stop, deadline, None))?;
        }
    }
}

fn sendto(
    session: &mut Session,
    flags: i32,
    limit: Option<Duration>,
    data: Arc<Vec<u8>>,
    goal: Goal<'_>,
) -> Reply {
    let socket = session.socket()?;
    let deadline = session.deadline(limit, None);
    let (kernel, address) = reach(session, &socket, goal, deadline)?;
    session.caller.dontwait = flags & libc::MSG_DONTWAIT != 0;
    let arguments = format_args!("{} bytes, {flags:#x}, {address}", data.len());
    let result = session
        .caller
        .on("sendto", &socket, deadline, arguments, |s| s.send_to_with_flags(&data, &kernel, flags));
    session.caller.dontwait = false;
    let taken = toward(result, &address)?;
    Outcome::with(Value::Int(taken as i64), Fact::Sent { taken, offered: data.len() })
}

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
    if socket.is_stream() && flags & libc::MSG_TRUNC != 0 {
        let came = discard(session, &socket, room, flags, deadline)?;
        is_end(&socket, room, came);
        return Outcome::value(Value::Int(came as i64));
    }
    let mut taking = Taking::begin(session, to)?;
    let came = receive(session, &socket, &mut taking.buffer, room, flags, wants_sender, deadline);
    let came = came?;
    taking.take(came.bytes)?;
    let end = is_end(&socket, room, came.bytes) && flags & libc::MSG_OOB == 0;
    taking.finish(end, came.whole, came.from)
}

fn recvexact(session: &mut Session, to: Option<Sink>, limit: Option<Duration>, n: usize) -> Reply {
    let socket = session.socket()?;
    let deadline = session.deadline(limit, Some(&socket));
    let mut taking = Taking::begin(session, to)?;
    while taking.total < n as u64 {
        let room = PIECE.min(n - taking.total as usize);
        let came = receive(session, &socket, &mut taking.buffer, room, 0, false, deadline)
            .map_err(|halt| taking.failed(halt))?;
        if came.bytes == 0 {
            is_end(&socket, room, 0);
            let detail = Detail::Early { wanted: Some(n as u64), got: taking.total };
            return Err(taking.failed(CallError::new("recv", Code::Class(Class::EOFError), detail).into()));
        }
        taking.take(came.bytes)?;
    }
    taking.finish(false, None, None)
}

fn recvall(session: &mut Session, max: Option<usize>, to: Option<Sink>, limit: Option<Duration>) -> Reply {
    const DEFAULT_MAX: u64 = 1 << 30;
    let socket = session.socket()?;
    let deadline = session.deadline(limit, Some(&socket));
    let max = match (max, &to) {
        (Some(max), _) => max as u64,
        (None, Some(_)) => u64::MAX,
        (None, None) => DEFAULT_MAX,
    };
    let mut taking = Taking::begin(session, to)?;
    loop {
        let room = PIECE.min(usize::try_from(max - taking.total).unwrap_or(PIECE)).max(1);
        let came = receive(session, &socket, &mut taking.buffer, room, 0, false, deadline)
            .map_err(|halt| taking.failed(halt))?;
        if came.bytes == 0 {
            is_end(&socket, room, 0);
            let nothing = taking.total == 0;
            return taking.finish(nothing, None, None);
        }
        taking.take(came.bytes)?;
        if taking.total > max {
            return Err(taking.failed(too_much(max)));
        }
    }
}

fn too_much(max: u64) -> Box<Halt> {
    CallError::new("recv", Code::Errno(libc::EMSGSIZE), Detail::TooMuch { max }).blame("max").into()
}

fn recvline(session: &mut Session, max: Option<usize>, to: Option<Sink>, limit: Option<Duration>) -> Reply {
    until(session, b"\n", max, to, limit)
}

fn recvuntil(
    session: &mut Session,
    max: Option<usize>,
    to: Option<Sink>,
    limit: Option<Duration>,
    delimiter: Arc<Vec<u8>>,
) -> Reply {
    if delimiter.is_empty() {
        let detail = Detail::NotA { wanted: "a delimiter", found: "\"\"".into() };
        return Err(CallError::class(Class::ValueError, detail).blame("delimiter").into());
    }
    until(session, &delimiter, max, to, limit)
}

/// Looks, then takes what it looked at up to the end of the delimiter; round by round.
fn until(
    session: &mut Session,
    delimiter: &[u8],
    max: Option<usize>,
    to: Option<Sink>,
    limit: Option<Duration>,
) -> Reply {
    const DEFAULT_MAX: usize = 1 << 20;
    let socket = session.socket()?;
    let deadline = session.deadline(limit, Some(&socket));
    let max = max.unwrap_or(DEFAULT_MAX);
    let mut taking = Taking::begin(session, to)?;
    // The end of what was taken, in which a delimiter may have begun.
    let mut tail: Vec<u8> = Vec::new();
    let mut looked = Vec::new();
    loop {
        let left = max.saturating_sub(taking.total as usize);
        if left == 0 {
            return Err(taking.failed(too_much(max as u64)));
        }
        looked.clear();
        looked.extend_from_slice(&tail);
        let room = left.min(PIECE);
        let seen = receive(session, &socket, &mut looked, room, libc::MSG_PEEK, false, deadline)
            .map_err(|halt| taking.failed(halt))?;
        if seen.bytes == 0 {
            is_end(&socket, room, 0);
            let detail = Detail::Early { wanted: None, got: taking.total };
            return Err(taking.failed(CallError::new("recv", Code::Class(Class::EOFError), detail).into()));
        }
        let found = memchr::memmem::find(&looked, delimiter);
        let mut wanted = match found {
            Some(at) => at + delimiter.len() - tail.len(),
            None => seen.bytes,
        };
        while wanted > 0 {
            let came = receive(session, &socket, &mut taking.buffer, wanted, 0, false, deadline)
                .map_err(|halt| taking.failed(halt))?;
            if came.bytes == 0 {
                break;
            }
            wanted -= came.bytes;
            taking.take(came.bytes)?;
        }
        if found.is_some() {
            return taking.finish(false, None, None);
        }
        let keep = looked.len().min(delimiter.len() - 1);
        tail.clear();
        tail.extend_from_slice(&looked[looked.len() - keep..]);
    }
}

/// `--max N`
#[derive(Debug)]
struct Max(Option<Expr>);

impl Param for Max {
    type Value<'a> = Option<usize>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] =
        &[OptionSpec { name: "--max", value: Some("N"), about: "fail with EMSGSIZE if more comes" }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let Some(word) = words.option("--max") else { return Some(Max(None)) };
        words.note("max", word.span);
        count_option(words, word).map(|e| Max(Some(e)))
    }

    fn get(&self, session: &mut Session) -> Result<Option<usize>, Box<Halt>> {
        self.0.as_ref().map(|e| count_value(e, session)).transpose()
    }
}

/// The word of an option that is a count.
fn count_option(words: &mut Words<'_>, word: &crate::syntax::words::Word) -> Option<Expr> {
    let expr = Expr::read(words, word)?;
    if let Some(value) = expr.literal()
        && value.to_int().is_none_or(|n| n < 0)
    {
        let problem = Diagnostic::new(word.span, format!("`{}` is not a number of bytes", value.to_text()));
        words.report(problem.help("like `4096` or `64KiB`"));
        return None;
    }
    Some(expr)
}

fn count_value(expr: &Expr, session: &mut Session) -> Result<usize, Box<Halt>> {
    let value = expr.get(session)?;
    match value.to_int().and_then(|n| usize::try_from(n).ok()) {
        Some(n) => Ok(n),
        None => {
            let detail = Detail::NotA { wanted: "a number of bytes", found: value.to_literal() };
            Err(CallError::class(Class::ValueError, detail).into())
        }
    }
}

/// `--chunk N`, `--delay D`
#[derive(Debug)]
struct Pace {
    chunk: Option<Expr>,
    delay: Option<Expr>,
}

impl Param for Pace {
    type Value<'a> = (Option<usize>, Option<Duration>);
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec { name: "--chunk", value: Some("N"), about: "in pieces of N bytes" },
        OptionSpec { name: "--delay", value: Some("D"), about: "this long between the pieces" },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let chunk = match words.option("--chunk") {
            None => None,
            Some(word) => {
                let expr = count_option(words, word)?;
                if expr.literal().and_then(Value::to_int) == Some(0) {
                    words.report(Diagnostic::new(word.span, "a piece has at least one byte"));
                    return None;
                }
                Some(expr)
            }
        };
        let delay = match words.option("--delay") {
            None => None,
            Some(word) => Some(Expr::read(words, word)?),
        };
        if let Some(span) = words.switch("--delay")
            && chunk.is_none()
        {
            words.report(Diagnostic::new(span, "`--delay` goes with `--chunk N`"));
            return None;
        }
        Some(Pace { chunk, delay })
    }

    fn get(&self, session: &mut Session) -> Result<Self::Value<'_>, Box<Halt>> {
        let chunk = self.chunk.as_ref().map(|e| count_value(e, session)).transpose()?;
        let delay = match &self.delay {
            None => None,
            Some(expr) => Some(super::param::duration(&expr.get(session)?)?),
        };
        Ok((chunk.map(|n| n.max(1)), delay))
    }
}
