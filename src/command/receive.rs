//! What the receiving commands share: one receive into a buffer, and where the bytes go.

use std::num::NonZeroUsize;
use std::sync::Arc;

use socket2::{Domain, Type};

use super::param::Sink;
use crate::net::address::from_kernel;
use crate::net::door::{About, Call, Returned};
use crate::net::file::{self, Opened};
use crate::net::gate::Deadline;
use crate::net::kernel::receive_into;
use crate::session::Session;
use crate::value::errno::{Class, Code};
use crate::value::octets::Octets;
use crate::value::outcome::{CallError, Detail, Fact, Halt, Outcome, Progress};
use crate::value::socket::Endpoint;
use crate::value::{Address, Value};

/// How much of a stream is asked for at a time by the commands that loop.
pub const PIECE: usize = 64 << 10;

/// Room for `n` more bytes, or ENOMEM: a script's number may not end the program.
pub fn reserve(buffer: &mut Vec<u8>, n: usize) -> Result<(), Box<Halt>> {
    buffer.try_reserve(n).map_err(|_| CallError::errno("recv", libc::ENOMEM).blame("n").into())
}

/// Does MSG_TRUNC throw the bytes away here? Unix streams take no notice of it.
pub fn discards(socket: &Endpoint, flags: i32) -> bool {
    socket.is_stream() && socket.domain() != Domain::UNIX && flags & libc::MSG_TRUNC != 0
}

/// The commands that put a stream together again have no business where messages are kept apart: what of a
/// message does not fit would be lost without a word.
pub fn needs_stream(socket: &Arc<Endpoint>, call: &'static str) -> Result<(), Box<Halt>> {
    if !socket.keeps_messages() {
        return Ok(());
    }
    let detail = Detail::NoStream { kind: crate::value::type_name(socket.kind()) };
    let mut error = CallError::new(call, Code::Errno(libc::EOPNOTSUPP), detail);
    error.socket = Some(socket.clone());
    Err(error.into())
}

/// On sockets that keep messages MSG_TRUNC is added: the kernel then tells the length of a message that did not
/// fit.
pub fn trunc(socket: &Endpoint) -> i32 {
    if socket.keeps_messages() { libc::MSG_TRUNC } else { 0 }
}

/// What one receive gave. The buffer goes into the call and comes back out of it, so that observers see what came.
struct Received {
    buffer: Vec<u8>,
    /// How much was in the buffer before.
    before: usize,
    /// How many bytes there were: more than the room is a message that was cut.
    came: usize,
    from: Option<Address>,
}

impl Returned for Received {
    fn returned(&self) -> i64 {
        self.came.returned()
    }

    fn data(&self) -> &[u8] {
        &self.buffer[self.before..]
    }

    fn gave(&self) -> Value {
        self.from.clone().map_or(Value::Nothing, Value::address)
    }
}

/// recv(2), once, to the end of the buffer. Returns how many bytes there were: more than `room` is a
/// message that was cut.
pub fn receive(
    session: &mut Session,
    socket: &Arc<Endpoint>,
    buffer: &mut Vec<u8>,
    room: usize,
    flags: i32,
    deadline: Option<Deadline>,
) -> Result<usize, Box<Halt>> {
    reserve(buffer, room)?;
    let flags = flags | trunc(socket);
    let call = Call { name: "recv", on: socket, about: About::Room { room, flags } };
    let received = session.caller.call(call, deadline, |s| {
        let before = buffer.len();
        let (came, ()) = receive_into(buffer, room, |spare| Ok((s.recv(spare, flags)?, ())))?;
        Ok(Received { buffer: std::mem::take(buffer), before, came, from: None })
    })?;
    *buffer = received.buffer;
    Ok(received.came)
}

/// As [`receive`], by recvfrom(2), with the sender's address. A stream has none.
pub fn receive_from(
    session: &mut Session,
    socket: &Arc<Endpoint>,
    buffer: &mut Vec<u8>,
    room: usize,
    flags: i32,
    deadline: Option<Deadline>,
) -> Result<(usize, Option<Address>), Box<Halt>> {
    reserve(buffer, room)?;
    let flags = flags | trunc(socket);
    let call = Call { name: "recvfrom", on: socket, about: About::Room { room, flags } };
    let received = session.caller.call(call, deadline, |s| {
        let before = buffer.len();
        let (came, sender) = receive_into(buffer, room, |spare| s.recvfrom(spare, flags))?;
        let from = Some(from_kernel(&sender)).filter(|a| *a != Address::Unnamed);
        Ok(Received { buffer: std::mem::take(buffer), before, came, from })
    })?;
    *buffer = received.buffer;
    Ok((received.came, received.from))
}

/// recv(2) with MSG_TRUNC on a stream: up to `room` bytes are thrown away in the kernel.
pub fn discard(
    session: &mut Session,
    socket: &Arc<Endpoint>,
    room: usize,
    flags: i32,
    deadline: Option<Deadline>,
) -> Result<usize, Box<Halt>> {
    let mut scratch = session.buffer();
    reserve(&mut scratch, room)?;
    let call = Call { name: "recv", on: socket, about: About::Room { room, flags } };
    let came = session.caller.call(call, deadline, |s| {
        // The kernel puts nothing into the buffer, so nothing of it may be read.
        let spare = scratch.spare_capacity_mut();
        let room = room.min(spare.len());
        s.recv(&mut spare[..room], flags)
    });
    session.give_back(scratch);
    came
}

/// Where received bytes go: into memory, or through it into a file.
pub struct Taking {
    bytes: Vec<u8>,
    /// All that came, in bytes.
    pub total: u64,
    deadline: Option<Deadline>,
    file: Option<(Opened, Sink)>,
}

impl Taking {
    /// Opens the file before anything is taken from the socket.
    pub fn begin(
        session: &mut Session,
        sink: Option<Sink>,
        deadline: Option<Deadline>,
    ) -> Result<Taking, Box<Halt>> {
        let file = match sink {
            None => None,
            Some(sink) => {
                let file = file::create(&mut session.caller, &sink.path, sink.append, deadline)
                    .map_err(|halt| super::param::blamed(halt, "to"))?;
                Some((file, sink))
            }
        };
        Ok(Taking { bytes: session.buffer(), total: 0, deadline, file })
    }

    /// What is in memory of it.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Counts what came, and passes it on if a file wants it.
    pub fn take(&mut self, session: &mut Session, bytes: usize) -> Result<(), Box<Halt>> {
        self.total += bytes as u64;
        session.transfer(self.total, 0);
        if self.file.is_some() { self.write(session) } else { Ok(()) }
    }

    fn write(&mut self, session: &mut Session) -> Result<(), Box<Halt>> {
        let Some((file, sink)) = &mut self.file else { return Ok(()) };
        let buffer = &mut self.bytes;
        let before = self.total - buffer.len() as u64;
        let written = file::write(&mut session.caller, file, &sink.path, buffer, self.deadline);
        if let Err((written, mut halt)) = written {
            if let Halt::Error(error) = &mut *halt {
                error.blame = Some("to");
                // The file is named with what it holds; which limit ran out is still to be said.
                if !matches!(error.detail, Detail::Limit { .. }) {
                    error.detail = Detail::None;
                }
            }
            if let Some(done) = halt.done_mut() {
                let path = sink.path.display().to_string();
                done.progress = Some(Progress::Filed { path, bytes: before + written as u64 });
                // What was taken from the socket and is in no file is not to be lost.
                done.data = Some(Arc::new(buffer.split_off(written).into()));
            }
            return Err(halt);
        }
        buffer.clear();
        Ok(())
    }

    /// The error with what had been taken: in `.data`, or how much of it is in the file.
    pub fn failed(&mut self, halt: Box<Halt>) -> Box<Halt> {
        let mut halt = halt;
        if let Some(done) = halt.done_mut() {
            match &self.file {
                None => done.data = Some(Arc::new(std::mem::take(&mut self.bytes).into())),
                Some((_, sink)) if self.total > 0 => {
                    let path = sink.path.display().to_string();
                    done.progress = Some(Progress::Filed { path, bytes: self.total });
                }
                Some(_) => {}
            }
        }
        halt
    }

    /// The stream ended before its time.
    pub fn early(&mut self, detail: Detail) -> Box<Halt> {
        self.failed(CallError::new("recv", Code::Class(Class::EOFError), detail).into())
    }

    /// What came, as the command's outcome.
    pub fn finish(self, session: &mut Session, end: End, whole: Option<NonZeroUsize>) -> Outcome {
        self.finish_at(session, end, whole, 0)
    }

    /// As [`Taking::finish`]; so many of the last bytes are the delimiter up to which they were received.
    pub fn finish_at(
        self,
        session: &mut Session,
        end: End,
        whole: Option<NonZeroUsize>,
        delimiter: usize,
    ) -> Outcome {
        let (end, unsure) = (end == End::Yes, end == End::Perhaps);
        match self.file {
            None => Outcome {
                value: Value::Bytes(Arc::new(Octets::ended(self.bytes, delimiter))),
                second: Value::Nothing,
                fact: Fact::Received { end, unsure, whole, peeked: false },
            },
            Some((_, sink)) => {
                session.give_back(self.bytes);
                Outcome {
                    value: Value::Int(i64::try_from(self.total).unwrap_or(i64::MAX)),
                    second: Value::Nothing,
                    fact: Fact::Filed { path: sink.path.display().to_string(), end },
                }
            }
        }
    }
}

/// Is the stream at its end?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    No,
    Yes,
    /// A seqpacket socket receives an empty message and the end alike.
    Perhaps,
}

/// What it means that `came` of the bytes asked for came.
pub fn end_of(socket: &Endpoint, asked: usize, came: usize) -> End {
    if came > 0 || asked == 0 {
        return End::No;
    }
    match socket.kind() {
        Type::STREAM => {
            socket.set_ended();
            End::Yes
        }
        Type::SEQPACKET => End::Perhaps,
        _ => End::No,
    }
}
