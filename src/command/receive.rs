//! What the receiving commands share: one receive into a buffer, and where the bytes go.

use std::fs::File;
use std::sync::Arc;

use socket2::{Domain, Type};

use super::param::Sink;
use crate::endpoint::Endpoint;
use crate::errno::{Class, Code};
use crate::net::address::from_kernel;
use crate::net::file;
use crate::net::gate::Deadline;
use crate::net::kernel::receive_into;
use crate::outcome::{CallError, Detail, Fact, Halt, Outcome, Progress, Reply};
use crate::session::Session;
use crate::value::{Address, Value};

/// How much of a stream is asked for at a time by the commands that loop.
pub const PIECE: usize = 64 << 10;

/// What one receive brought.
pub struct Came {
    /// Bytes that are in the buffer now.
    pub bytes: usize,
    /// The datagram's length, where not all of it fitted.
    pub whole: Option<usize>,
    pub from: Option<Address>,
}

/// Room for `n` more bytes, or ENOMEM: nobody's number may end the program.
fn reserve(buffer: &mut Vec<u8>, n: usize) -> Result<(), Box<Halt>> {
    buffer.try_reserve(n).map_err(|_| CallError::errno("recv", libc::ENOMEM).blame("n").into())
}

/// EAGAIN is then the kernel's answer: for urgent data nobody waits, on a blocking socket either.
fn never_waits(flags: i32) -> bool {
    flags & (libc::MSG_DONTWAIT | libc::MSG_OOB) != 0
}

/// Does MSG_TRUNC throw the bytes away here? Unix streams take no notice of it.
pub fn discards(socket: &Endpoint, flags: i32) -> bool {
    socket.is_stream() && socket.domain != Domain::UNIX && flags & libc::MSG_TRUNC != 0
}

/// The commands that put a stream together again have no business where messages are kept apart: what of a
/// message does not fit would be lost without a word.
pub fn needs_stream(socket: &Arc<Endpoint>, call: &'static str) -> Result<(), Box<Halt>> {
    if !socket.keeps_messages() {
        return Ok(());
    }
    let detail = Detail::NoStream { kind: crate::value::type_name(socket.kind) };
    let mut error = CallError::new(call, Code::Errno(libc::EOPNOTSUPP), detail);
    error.socket = Some(socket.clone());
    Err(error.into())
}

/// recv(2), or recvfrom(2) if the sender's address is wanted, once, to the end of the buffer.
///
/// On sockets that keep messages MSG_TRUNC is added: the kernel then tells the length of a message
/// that did not fit.
pub fn receive(
    session: &mut Session,
    socket: &Arc<Endpoint>,
    buffer: &mut Vec<u8>,
    room: usize,
    flags: i32,
    wants_sender: bool,
    deadline: Option<Deadline>,
) -> Result<Came, Box<Halt>> {
    reserve(buffer, room)?;
    let flags = flags | if socket.keeps_messages() { libc::MSG_TRUNC } else { 0 };
    session.caller.dontwait = never_waits(flags);
    let arguments = format_args!("{room}, {flags:#x}");
    // Two branches: a sender's address is large, and a stream has none.
    let result = if wants_sender {
        session
            .caller
            .on("recvfrom", socket, deadline, arguments, |s| {
                receive_into(buffer, room, |spare| s.recv_from_with_flags(spare, flags))
            })
            .map(|(came, sender)| (came, Some(from_kernel(&sender))))
    } else {
        session
            .caller
            .on("recv", socket, deadline, arguments, |s| {
                receive_into(buffer, room, |spare| s.recv_with_flags(spare, flags).map(|n| (n, ())))
            })
            .map(|(came, ())| (came, None))
    };
    session.caller.dontwait = false;
    let (came, sender) = result?;
    let from = sender.filter(|a| *a != Address::Unnamed);
    Ok(Came { bytes: came.min(room), whole: (came > room).then_some(came), from })
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
    session.caller.dontwait = never_waits(flags);
    let result = session.caller.on("recv", socket, deadline, format_args!("{room}, {flags:#x}"), |s| {
        // Nothing is put into the buffer, so nothing of it may be read.
        let spare = scratch.spare_capacity_mut();
        let room = room.min(spare.len());
        s.recv_with_flags(&mut spare[..room], flags)
    });
    session.caller.dontwait = false;
    result
}

/// Where received bytes go: into memory, or through it into a file.
pub struct Taking {
    pub buffer: Vec<u8>,
    /// All that came, in bytes.
    pub total: u64,
    deadline: Option<Deadline>,
    file: Option<(File, Sink)>,
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
        Ok(Taking { buffer: session.buffer(), total: 0, deadline, file })
    }

    /// Counts what came, and passes it on if a file wants it.
    pub fn take(&mut self, session: &mut Session, bytes: usize) -> Result<(), Box<Halt>> {
        self.total += bytes as u64;
        let Some((file, sink)) = &mut self.file else { return Ok(()) };
        let before = self.total - self.buffer.len() as u64;
        let written = file::write(&mut session.caller, file, &sink.path, &self.buffer, self.deadline);
        if let Err((written, mut halt)) = written {
            if let Halt::Error(error) = &mut *halt {
                let path = sink.path.display().to_string();
                error.blame = Some("to");
                error.detail = Detail::None;
                error.progress = Some(Progress::Filed { path, bytes: before + written as u64 });
                // What was taken from the socket and is in no file is not to be lost.
                error.data = Some(Arc::new(self.buffer.split_off(written)));
            }
            return Err(halt);
        }
        self.buffer.clear();
        Ok(())
    }

    /// The error with what had been taken: in `.data`, or how much of it is in the file.
    pub fn failed(&mut self, halt: Box<Halt>) -> Box<Halt> {
        let mut halt = halt;
        if let Halt::Error(error) = &mut *halt {
            match &self.file {
                None => error.data = Some(Arc::new(std::mem::take(&mut self.buffer))),
                Some((_, sink)) if self.total > 0 => {
                    let path = sink.path.display().to_string();
                    error.progress = Some(Progress::Filed { path, bytes: self.total });
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
    pub fn finish(self, end: End, whole: Option<usize>, from: Option<Address>) -> Reply {
        let (end, unsure) = (end == End::Yes, end == End::Perhaps);
        let second = from.map_or(Value::Nothing, Value::address);
        Ok(match self.file {
            None => Outcome {
                value: Value::Bytes(Arc::new(self.buffer)),
                second,
                fact: Fact::Received { end, unsure, whole },
            },
            Some((_, sink)) => Outcome {
                value: Value::Int(i64::try_from(self.total).unwrap_or(i64::MAX)),
                second,
                fact: Fact::Filed { path: sink.path.display().to_string().into(), end },
            },
        })
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
    match socket.kind {
        Type::STREAM => {
            socket.set_ended();
            End::Yes
        }
        Type::SEQPACKET => End::Perhaps,
        _ => End::No,
    }
}
