//! What only the kernel's sock_diag tells: how full a Unix listener's queue is.

use std::io;
use std::sync::Arc;

use socket2::{Domain, Protocol, Socket, Type};

use super::door::{About, Call, Caller, Owned, Returned};
use super::kernel::receive_into;
use crate::value::socket::{Endpoint, Triple};

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const UDIAG_SHOW_RQLEN: u32 = 0x10;
const UNIX_DIAG_RQLEN: u16 = 4;
/// The lengths of a netlink header and of the answer's fixed part.
const HEADER: usize = 16;
const ANSWER: usize = 16;

/// Connections that wait in a Unix listener's queue, and how many may. Asked over a netlink socket, which is closed
/// again when this returns; `None` where the kernel does not say. Each call is a look.
pub fn unix_backlog(caller: &Caller, endpoint: &Arc<Endpoint>) -> Option<(u32, u32)> {
    let call = Call { name: "fstat", on: endpoint, about: About::Plain };
    let Inode(inode) = caller.look(call, |s| Ok(Inode(nix::sys::stat::fstat(s.socket())?.st_ino))).ok()?;
    let answer = ask(caller, u32::try_from(inode).ok()?).ok()?;
    queue(&answer)
}

/// What fstat(2) says of a socket.
struct Inode(u64);

impl Returned for Inode {
    fn returned(&self) -> i64 {
        0
    }
}

/// The answer of recv(2).
struct Answer(Vec<u8>);

impl Returned for Answer {
    fn returned(&self) -> i64 {
        self.0.len().returned()
    }

    fn data(&self) -> &[u8] {
        &self.0
    }
}

fn ask(caller: &Caller, inode: u32) -> io::Result<Vec<u8>> {
    let (domain, protocol) = (Domain::from(libc::AF_NETLINK), Protocol::from(libc::NETLINK_SOCK_DIAG));
    let triple = Triple::new(domain, Type::DGRAM, Some(protocol));
    let call = Call { name: "socket", on: (), about: About::Make(triple) };
    let netlink = caller.look(call, |()| Socket::new(domain, Type::DGRAM, Some(protocol)))?;
    let netlink = Owned::new(netlink, caller, true);
    let mut request = Vec::with_capacity(40);
    request.extend_from_slice(&40u32.to_ne_bytes());
    request.extend_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    request.extend_from_slice(&NLM_F_REQUEST.to_ne_bytes());
    request.extend_from_slice(&[0; 8]);
    // struct unix_diag_req: family, protocol, padding, states, inode, what to show, any cookie.
    request.extend_from_slice(&[libc::AF_UNIX as u8, 0, 0, 0]);
    for word in [u32::MAX, inode, UDIAG_SHOW_RQLEN, u32::MAX, u32::MAX] {
        request.extend_from_slice(&word.to_ne_bytes());
    }
    let call = Call { name: "send", on: &netlink, about: About::bytes(&request, 0) };
    caller.look(call, |()| netlink.send(&request))?;
    const ROOM: usize = 512;
    let about = About::Room { room: ROOM, flags: libc::MSG_DONTWAIT };
    let Answer(answer) = caller.look(Call { name: "recv", on: &netlink, about }, |()| {
        let mut answer = Vec::with_capacity(ROOM);
        let receive = |room: &mut _| Ok((netlink.recv_with_flags(room, libc::MSG_DONTWAIT)?, ()));
        receive_into(&mut answer, ROOM, receive)?;
        Ok(Answer(answer))
    })?;
    Ok(answer)
}

/// The queue's two numbers out of the answer.
fn queue(answer: &[u8]) -> Option<(u32, u32)> {
    let short = |at: usize, from: &[u8]| Some(u16::from_ne_bytes(from.get(at..at + 2)?.try_into().ok()?));
    let long = |at: usize, from: &[u8]| Some(u32::from_ne_bytes(from.get(at..at + 4)?.try_into().ok()?));
    if short(4, answer)? != SOCK_DIAG_BY_FAMILY {
        return None;
    }
    let mut rest = answer.get(HEADER + ANSWER..)?;
    while rest.len() >= 4 {
        let length = usize::from(short(0, rest)?);
        if short(2, rest)? == UNIX_DIAG_RQLEN {
            return Some((long(4, rest)?, long(8, rest)?));
        }
        rest = rest.get(length.max(4).next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_cut_says_nothing() {
        let mut answer = vec![0; 44];
        answer[4] = 20;
        answer[32..36].copy_from_slice(&[12, 0, 4, 0]);
        answer[36] = 3;
        answer[40] = 5;
        assert_eq!(queue(&answer), Some((3, 5)));
        for short in 0..44 {
            assert_eq!(queue(&answer[..short]), None, "{short}");
        }
    }
}
