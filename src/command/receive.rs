//! What the receiving commands share: one receive into a buffer, and where the bytes go.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use super::param::Sink;
use crate::endpoint::Endpoint;
use crate::net::address::from_kernel;
use crate::net::gate::Deadline;
use crate::net::kernel::receive_into;
use crate::outcome::{CallError, Detail, Fact, Halt, Outcome, Reply};
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
    session.caller.dontwait = flags & libc::MSG_DONTWAIT != 0;
    let name = if wants_sender { "recvfrom" } else { "recv" };
    let result = session.caller.on(name, socket, deadline, format_args!("{room}, {flags:#x}"), |s| {
        receive_into(buffer, room, |spare| {
            if wants_sender {
                s.recv_from_with_flags(spare, flags).map(|(n, a)| (n, Some(a)))
            } else {
                s.recv_with_flags(spare, flags).map(|n| (n, None))
            }
        })
    });
    session.caller.dontwait = false;
    let (came, sender) = result?;
    let from = sender.map(|a| from_kernel(&a)).filter(|a| *a != Address::Unnamed);
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
    session.caller.dontwait = flags & libc::MSG_DONTWAIT != 0;
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
    file: Option<(File, Sink)>,
}

impl Taking {
    /// Opens the file before anything is taken from the socket.
    pub fn begin(session: &mut Session, sink: Option<Sink>) -> Result<Taking, Box<Halt>> {
        let file = match sink {
            None => None,
            Some(sink) => {
                let mut options = File::options();
                options.create(true).write(true).append(sink.append).truncate(!sink.append);
                let file = options.open(&sink.path).map_err(|e| {
                    let path = sink.path.display().to_string();
                    let detail = Detail::File { path, written: None };
                    CallError::io("open", &e).detail(detail).blame("to")
                })?;
                Some((file, sink))
            }
        };
        Ok(Taking { buffer: session.buffer(), total: 0, file })
    }

    /// Counts what came, and passes it on if a file wants it.
    pub fn take(&mut self, bytes: usize) -> Result<(), Box<Halt>> {
        self.total += bytes as u64;
        let Some((file, sink)) = &mut self.file else { return Ok(()) };
        let mut rest = &self.buffer[..];
        let before = self.total - rest.len() as u64;
        while !rest.is_empty() {
            match file.write(rest) {
                Ok(n) => rest = &rest[n..],
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => {
                    let written = Some(before + (self.buffer.len() - rest.len()) as u64);
                    let detail = Detail::File { path: sink.path.display().to_string(), written };
                    return Err(CallError::io("write", &e).detail(detail).blame("to").into());
                }
            }
        }
        self.buffer.clear();
        Ok(())
    }

    /// The error with what had been taken: in `.data`, or how much of it is in the file.
    pub fn failed(&mut self, halt: Box<Halt>) -> Box<Halt> {
        let mut halt = halt;
        if let Halt::Error(error) = &mut *halt {
            match &self.file {
                None => error.data = Some(std::sync::Arc::new(std::mem::take(&mut self.buffer))),
                Some((_, sink)) if matches!(error.detail, Detail::None) => {
                    let path = sink.path.display().to_string();
                    error.detail = Detail::File { path, written: Some(self.total) };
                }
                Some(_) => {}
            }
        }
        halt
    }

    /// What came, as the command's outcome.
    pub fn finish(self, end: bool, whole: Option<usize>, from: Option<Address>) -> Reply {
        let second = from.map_or(Value::Nothing, Value::address);
        Ok(match self.file {
            None => Outcome {
                value: Value::Bytes(std::sync::Arc::new(self.buffer)),
                second,
                fact: Fact::Received { end, whole },
            },
            Some((_, sink)) => Outcome {
                value: Value::Int(i64::try_from(self.total).unwrap_or(i64::MAX)),
                second,
                fact: Fact::Filed { path: sink.path.display().to_string().into(), end },
            },
        })
    }
}

/// Does a receive of nothing mean the end here?
pub fn is_end(socket: &Endpoint, asked: usize, came: usize) -> bool {
    let connected = socket.is_stream() || socket.kind == socket2::Type::SEQPACKET;
    let end = came == 0 && asked > 0 && connected;
    if end {
        socket.set_ended();
    }
    end
}
