//! recvmsg(2): the bytes of a message and what came beside them. Descriptors in it are owned from the moment on when the
//! call returns, so that none is lost whatever happens next.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use super::address::from_kernel;
use super::door::Returned;
use super::kernel;
use crate::value::control::{self, Control};
use crate::value::{Address, Value};

/// What one receive gave. The buffer goes into the call and comes back out of it, so that observers see what came.
pub struct Message {
    /// Its bytes, as far as there was room.
    pub buffer: Vec<u8>,
    /// How many bytes there were: more than the room is a message that was cut.
    pub came: usize,
    /// MSG_…
    pub flags: i32,
    /// Who sent it.
    pub from: Option<Address>,
    /// What came beside the bytes.
    pub control: Vec<Control>,
    /// The descriptors of its control messages, in their order.
    pub descriptors: Vec<OwnedFd>,
}

impl Returned for Message {
    fn returned(&self) -> i64 {
        self.came.returned()
    }

    fn data(&self) -> &[u8] {
        &self.buffer
    }

    fn gave(&self) -> Value {
        self.from.clone().map_or(Value::Nothing, Value::address)
    }

    fn control(&self) -> &[Control] {
        &self.control
    }
}

/// Receives once into an empty buffer, at most `room` bytes, with this much room for control messages.
pub fn receive(
    socket: &impl AsFd,
    buffer: &mut Vec<u8>,
    room: usize,
    control: &mut [u8],
    flags: i32,
) -> io::Result<Message> {
    let receive = |spare: &mut [_]| {
        let came = kernel::recvmsg(socket, spare, control, flags)?;
        Ok((came.bytes, came))
    };
    let (came, got) = kernel::receive_into(buffer, room, receive)?;
    let all = control::parse(&control[..got.control]);
    let with_descriptors = all.iter().filter(|one| one.has_descriptors());
    let descriptors = with_descriptors.flat_map(Control::descriptors).filter_map(kernel::take_received);
    Ok(Message {
        came,
        flags: got.flags,
        from: Some(from_kernel(&got.from)).filter(|a| *a != Address::Unnamed),
        descriptors: descriptors.collect(),
        control: all,
        buffer: std::mem::take(buffer),
    })
}
