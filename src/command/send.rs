//! Sending.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::frame::{FrameType, Width};
use super::life::{Flow, reach, with_destination, with_flow};
use super::param::{
    Data, FilePath, LARGEST_COUNT, OneData, Param, Payload, SendFlags, Size, Span, Target, Timeout,
};
use super::receive::needs_stream;
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::door::{About, Call};
use crate::net::file;
use crate::net::gate::Deadline;
use crate::session::Session;
use crate::text::diagnostic::Diagnostic;
use crate::value::errno::{Class, Code};
use crate::value::outcome::{CallError, Detail, Fact, Halt, Outcome, Progress, Reply};
use crate::value::socket::Endpoint;
use crate::value::{Bytes, Value, extend};

pub const ROWS: &[Command] = &[
    command!(Data, "send", send, [flags: SendFlags, limit: Timeout], (data: Data),
        One(en "the number of bytes taken" es "el número de bytes tomados"),
        en "hand bytes to the kernel, once; it may take fewer"
        es "entrega bytes al kernel, una vez; puede tomar menos",
        c "send(2)", rust "Socket::send_with_flags", python "n = sock.send(data)",
        errors ["EPIPE", "ECONNRESET", "EAGAIN", "ENOTCONN", "EDESTADDRREQ", "EMSGSIZE", "ETIMEDOUT"], does [NeedsPeer],
        note en "How many were taken is the result; the rest is for you to send. `sendall` does that."
             es "El resultado es cuántos tomó; el resto queda por enviar. De eso se encarga `sendall`.",
        like "a, b = socketpair\na.send \"hola\\n\"\nb.recv"),
    command!(Data, "sendall", sendall, [flags: SendFlags, pace: Pace, limit: Timeout], (data: Data), Nothing,
        en "send until all is taken"
        es "envía hasta que se tome todo",
        c "send(2), until all is taken" es "send(2), hasta que se tome todo", rust "Socket::send_with_flags, until all is taken" es "Socket::send_with_flags, hasta que se tome todo",
        python "sock.sendall(data)",
        errors ["EPIPE", "ECONNRESET", "EAGAIN", "ENOTCONN", "ETIMEDOUT"], does [NeedsPeer],
        note en "With `--chunk N --delay D` it sends pieces of N bytes, D apart: a slow peer on purpose. \
            How much was sent before an error is in its message."
             es "Con `--chunk N --delay D` envía trozos de N bytes cada D: un extremo lento a propósito. \
            Cuánto se envió antes de un error está en su mensaje.",
        like "a, b = socketpair\na.sendall \"uno\" \"\\n\"\nb.recvline"),
    command!(Data, "sendto", sendto, (flags: SendFlags, flow: Flow, limit: Timeout, data: OneData, address: Target),
        One(en "the number of bytes taken" es "el número de bytes tomados"),
        en "send one datagram to an address"
        es "envía un datagrama a una dirección",
        c "sendto(2)", rust "Socket::send_to_with_flags", python "n = sock.sendto(data, (host, port))",
        errors ["EMSGSIZE", "EACCES", "ENETUNREACH", "ECONNREFUSED", "EISCONN", "ENOENT", "gaierror"], does [SendsTo],
        like "r = socket inet dgram\nr.bind 127.0.0.1 0\ns = socket inet dgram\ns.sendto \"hola\" 127.0.0.1 ${r.local.port}\nr.recvfrom"),
    command!(Data, "sendfile", sendfile,
        (limit: Timeout, path: FilePath, offset: Option<Size>, count: Option<Size>),
        One(en "the number of bytes sent" es "el número de bytes enviados"),
        en "send a file from the kernel's own pages, until all is sent"
        es "envía un archivo desde las páginas del propio kernel, hasta enviarlo todo",
        c "sendfile(2), until all is sent" es "sendfile(2), hasta enviarlo todo", rust "Socket::sendfile, until all is sent" es "Socket::sendfile, hasta enviarlo todo",
        python "n = sock.sendfile(open(path, 'rb'), offset, count)",
        errors ["ENOENT", "EISDIR", "EACCES", "EPIPE", "ECONNRESET", "EAGAIN", "ENOTCONN", "ETIMEDOUT", "EOPNOTSUPP"],
        note en "From OFFSET (0), COUNT bytes or to the file's end, which may come first: the result says \
            how many were sent. Regular files only. How much was sent before an error is in its message."
             es "Desde OFFSET (0), COUNT bytes o hasta el final del archivo, si llega antes: el resultado \
            dice cuántos se enviaron. Solo archivos normales. Cuánto se envió antes de un error está en su \
            mensaje.",
        like "a, b = socketpair\na.sendfile /etc/passwd 0 20\nb.recv"),
    command!(Data, "sendframe", sendframe, (flags: SendFlags, limit: Timeout, kind: FrameType, data: Data), Nothing,
        en "send the length of the bytes and then the bytes"
        es "envía el largo de los bytes y luego los bytes",
        c "send(2), until all is taken" es "send(2), hasta que se tome todo", rust "Socket::send_with_flags, until all is taken" es "Socket::send_with_flags, hasta que se tome todo",
        python "sock.sendall(struct.pack('>I', len(data)) + data)",
        errors ["OverflowError", "EPIPE", "ECONNRESET", "EAGAIN", "ENOTCONN", "ETIMEDOUT"],
        note en "TYPE is the length's: `u8`, or `u16be`, `u16le`, `u24be` and so on to `u64le`."
             es "TYPE es el del largo: `u8`, o `u16be`, `u16le`, `u24be` y así hasta `u64le`.",
        like "a, b = socketpair\na.sendframe u16be hola\nb.recv\nhexdump $_"),
];

fn send(session: &mut Session, flags: i32, limit: Option<Duration>, data: Payload<'_>) -> Reply {
    let socket = session.socket()?;
    let deadline = session.deadline(limit, None);
    let taken = send_once(session, &socket, &data, flags, deadline)?;
    Outcome::with(Value::Int(taken as i64), Fact::Sent { offered: data.len() })
}

/// send(2), once.
fn send_once(
    session: &mut Session,
    socket: &Arc<Endpoint>,
    data: &[u8],
    flags: i32,
    deadline: Option<Deadline>,
) -> Result<usize, Box<Halt>> {
    let call = Call { name: "send", on: socket, about: About::bytes(data, flags) };
    if flags & libc::MSG_ZEROCOPY == 0 {
        return session.caller.call(call, deadline, |s| s.send(data, flags));
    }
    let own = held(data)?;
    let taken = session.caller.call(call, deadline, |s| s.send(&own, flags))?;
    socket.hold(vec![own]);
    Ok(taken)
}

/// A copy that is kept as long as the kernel may read it: a send without a copy of its own.
pub fn held(data: &[u8]) -> Result<Bytes, Box<Halt>> {
    let mut own = Vec::new();
    extend(&mut own, data)?;
    Ok(Arc::new(own.into()))
}

/// The error with how much had been sent.
#[cold]
fn so_far(halt: Box<Halt>, taken: u64, offered: u64) -> Box<Halt> {
    let mut halt = halt;
    if let Some(done) = halt.done_mut() {
        done.progress = Some(Progress::Sent { taken, offered });
    }
    halt
}

fn sendall(
    session: &mut Session,
    flags: i32,
    pace: (Option<u64>, Option<Duration>),
    limit: Option<Duration>,
    data: Payload<'_>,
) -> Reply {
    send_all(session, flags, pace, limit, &data)
}

/// Sends until all is taken.
fn send_all(
    session: &mut Session,
    flags: i32,
    pace: (Option<u64>, Option<Duration>),
    limit: Option<Duration>,
    data: &[u8],
) -> Reply {
    let socket = session.socket()?;
    let deadline = session.sending_deadline(limit, &socket);
    let (chunk, delay) = pace;
    let chunk = chunk.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX)).max(1);
    let mut rest = data;
    loop {
        let piece = &rest[..rest.len().min(chunk)];
        let sent = (data.len() - rest.len()) as u64;
        session.transfer(sent, data.len() as u64);
        let taken = send_once(session, &socket, piece, flags, deadline)
            .map_err(|halt| so_far(halt, sent, data.len() as u64))?;
        rest = &rest[taken..];
        if rest.is_empty() {
            return Outcome::nothing();
        }
        if let Some(delay) = delay
            && taken == piece.len()
        {
            let pause = session.caller.pause(delay, deadline, ("send", Some(&socket)));
            pause.map_err(|halt| {
                let halt = slow_pace(halt);
                so_far(halt, (data.len() - rest.len()) as u64, data.len() as u64)
            })?;
        }
    }
}

/// A limit that ran out between two pieces: it is not that the peer does not read.
fn slow_pace(mut halt: Box<Halt>) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt
        && matches!(error.detail, Detail::Limit { .. })
    {
        error.advice = Some(Box::new(say!(
            en "the limit ran out in a pause of `--delay`; with a longer limit or a shorter `--delay` all is sent",
            es "el plazo se acabó en una pausa de `--delay`; con más plazo o menos `--delay` se envía todo"
        )));
    }
    halt
}

fn sendto(
    session: &mut Session,
    flags: i32,
    flow: Option<u32>,
    limit: Option<Duration>,
    data: Payload<'_>,
    target: &Target,
) -> Reply {
    let goal = target.goal(session)?;
    let socket = session.socket()?;
    let deadline = session.deadline(limit, None);
    let (name, address) = with_flow(reach(session, &socket, goal, deadline)?, flow)?;
    let about = About::Bytes {
        data: Cow::Borrowed(&data),
        length: data.len(),
        flags,
        to: Some(Cow::Borrowed(&address)),
    };
    let call = Call { name: "sendto", on: &socket, about };
    let zerocopy = (flags & libc::MSG_ZEROCOPY != 0).then(|| held(&data)).transpose()?;
    let bytes = zerocopy.as_deref().map_or(&*data, |own| own.as_slice());
    let sent = session.caller.call(call, deadline, |s| s.sendto(bytes, flags, &name));
    let taken = with_destination(sent, &address)?;
    if let Some(own) = zerocopy {
        socket.hold(vec![own]);
    }
    Outcome::with(Value::Int(taken as i64), Fact::Sent { offered: data.len() })
}

fn sendfile(
    session: &mut Session,
    limit: Option<Duration>,
    path: PathBuf,
    offset: Option<u64>,
    count: Option<u64>,
) -> Reply {
    let socket = session.socket()?;
    needs_stream(&socket, "sendfile")?;
    let deadline = session.sending_deadline(limit, &socket);
    let (file, length) =
        file::regular(&mut session.caller, &path).map_err(|halt| super::param::blamed(halt, "path"))?;
    let (offset, wanted) = (offset.unwrap_or(0), count.unwrap_or(u64::MAX));
    let offered = wanted.min(length.saturating_sub(offset));
    let mut sent: u64 = 0;
    while let Some(room) = room_of(wanted - sent) {
        session.transfer(sent, offered);
        let at = offset.saturating_add(sent);
        let at_most = i64::MAX as u64;
        let start = usize::try_from(at.min(at_most)).unwrap_or(usize::MAX);
        let about =
            About::Transfer { path: path.as_path().into(), offset: start as u64, count: room.get() as u64 };
        let call = Call { name: "sendfile", on: &socket, about };
        let taken = session
            .caller
            .call(call, deadline, |s| s.sendfile(&file, start, room))
            .map_err(|halt| so_far(halt, sent, offered.max(sent)))?;
        // The file's end: a file may be longer or shorter by now than it was when it was opened.
        if taken == 0 {
            break;
        }
        sent += taken as u64;
    }
    let taken = usize::try_from(sent).unwrap_or(usize::MAX);
    Outcome::with(Value::Int(i64::try_from(sent).unwrap_or(i64::MAX)), Fact::Sent { offered: taken })
}

/// How much one sendfile(2) may be asked for.
fn room_of(left: u64) -> Option<NonZeroUsize> {
    NonZeroUsize::new(left.min(LARGEST_COUNT as u64) as usize)
}

fn sendframe(
    session: &mut Session,
    flags: i32,
    limit: Option<Duration>,
    width: Width,
    data: Payload<'_>,
) -> Reply {
    let length = data.len() as u64;
    if length > width.largest() {
        let high = i64::try_from(width.largest()).unwrap_or(i64::MAX);
        let detail = Detail::Range {
            what: phrase!(en "length for this type", es "un largo para este tipo"),
            low: 0,
            high,
            found: length.to_string(),
        };
        return Err(CallError::new("", Code::Class(Class::OverflowError), detail).blame("data").into());
    }
    let mut frame = width.prefix(length);
    frame.extend_from_slice(&data);
    send_all(session, flags, (None, None), limit, &frame)
}

/// `--chunk N`, `--delay D`: the size of the pieces, and the time between them.
#[derive(Debug)]
struct Pace(Option<(Size, Option<Span>)>);

impl Param for Pace {
    type Value<'a> = (Option<u64>, Option<Duration>);
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "--chunk",
            value: Some("N"),
            about: phrase!(en "in pieces of N bytes", es "en trozos de N bytes"),
        },
        OptionSpec {
            name: "--delay",
            value: Some("D"),
            about: phrase!(en "this long between the pieces", es "este tiempo entre los trozos"),
        },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let chunk = Size::of_option(words, "--chunk", "chunk")?;
        let delay = words.with_option("--delay", |words, _| Span::read(words, "delay"))?;
        if let Some(word) = words.option("--chunk")
            && word.bare() == Some("0")
        {
            words.report(Diagnostic::new(
                word.span,
                say!(en "a piece has at least one byte", es "un trozo tiene al menos un byte"),
            ));
            return None;
        }
        if let Some(span) = words.switch("--delay")
            && chunk.is_none()
        {
            words.report(Diagnostic::new(
                span,
                say!(en "`--delay` goes with `--chunk N`", es "`--delay` va con `--chunk N`"),
            ));
            return None;
        }
        Some(Pace(chunk.map(|chunk| (chunk, delay))))
    }

    fn get(&self, session: &mut Session) -> Result<Self::Value<'_>, Box<Halt>> {
        let Some((chunk, delay)) = &self.0 else { return Ok((None, None)) };
        let delay = delay.as_ref().map(|d| d.get(session)).transpose()?;
        Ok((Some(chunk.get(session)?), delay))
    }
}
