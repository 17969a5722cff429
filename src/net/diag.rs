//! What only the kernel's sock_diag tells: how full a Unix listener's queue is, and what is left of closed connections.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use socket2::{Domain, Protocol, Socket, Type};

use super::door::{About, Call, Caller, Owned, Returned};
use super::kernel::receive_into;
use super::tcp_info::STATES;
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

/// A socket of sock_diag.
fn open(caller: &Caller) -> io::Result<Owned<Socket>> {
    let (domain, protocol) = (Domain::from(libc::AF_NETLINK), Protocol::from(libc::NETLINK_SOCK_DIAG));
    let triple = Triple::new(domain, Type::DGRAM, Some(protocol));
    let call = Call { name: "socket", on: (), about: About::Make(triple) };
    let netlink = caller.look(call, |()| Socket::new(domain, Type::DGRAM, Some(protocol)))?;
    Ok(Owned::new(netlink, caller, true))
}

/// Asks, with this body behind the header.
fn send(caller: &Caller, netlink: &Owned<Socket>, flags: u16, body: &[u8]) -> io::Result<()> {
    let length = HEADER + body.len();
    let mut request = Vec::with_capacity(length);
    request.extend_from_slice(&(length as u32).to_ne_bytes());
    request.extend_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    request.extend_from_slice(&flags.to_ne_bytes());
    request.extend_from_slice(&[0; 8]);
    request.extend_from_slice(body);
    let call = Call { name: "send", on: netlink, about: About::bytes(&request, 0) };
    caller.look(call, |()| netlink.send(&request)).map(|_| ())
}

fn receive(caller: &Caller, netlink: &Owned<Socket>, room: usize) -> io::Result<Vec<u8>> {
    let about = About::Room { room, flags: libc::MSG_DONTWAIT };
    let Answer(answer) = caller.look(Call { name: "recv", on: netlink, about }, |()| {
        let mut answer = Vec::with_capacity(room);
        let receive = |spare: &mut _| Ok((netlink.recv_with_flags(spare, libc::MSG_DONTWAIT)?, ()));
        receive_into(&mut answer, room, receive)?;
        Ok(Answer(answer))
    })?;
    Ok(answer)
}

fn ask(caller: &Caller, inode: u32) -> io::Result<Vec<u8>> {
    let netlink = open(caller)?;
    // struct unix_diag_req: family, protocol, padding, states, inode, what to show, any cookie.
    let mut body = vec![libc::AF_UNIX as u8, 0, 0, 0];
    for word in [u32::MAX, inode, UDIAG_SHOW_RQLEN, u32::MAX, u32::MAX] {
        body.extend_from_slice(&word.to_ne_bytes());
    }
    send(caller, &netlink, NLM_F_REQUEST, &body)?;
    receive(caller, &netlink, 512)
}

/// A connection that no program holds any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leftover {
    /// Its own end.
    pub local: SocketAddr,
    /// The other's.
    pub peer: SocketAddr,
    /// TIME_WAIT, FIN_WAIT2, …
    pub state: &'static str,
    /// Bytes that arrived, and that are not yet acknowledged.
    pub queues: (u32, u32),
}

impl Leftover {
    /// Is it what is left of this socket, by the ends that are known of it?
    pub fn is_of(&self, socket: &Endpoint) -> bool {
        let plain = |a: SocketAddr| SocketAddr::new(a.ip().to_canonical(), a.port());
        let ends = socket.ends();
        // Bound to any address, it was only known by its port.
        let is_local = |local: SocketAddr| {
            local.port() == self.local.port()
                && (local.ip().is_unspecified() || plain(local) == plain(self.local))
        };
        // Of connections to one peer their own ends tell which is which. Where none is known: who read the end of the
        // stream before it closed was not the first to close, and waits for nothing but the last ACK.
        let may_be = || socket.has_ended() == (self.state == "LAST_ACK");
        ends.peer.is_some_and(|peer| plain(peer) == plain(self.peer))
            && ends.local.map_or_else(may_be, is_local)
    }
}

/// TCP connections of which the kernel still holds something, and no program: TIME_WAIT, FIN_WAIT1 and 2, LAST_ACK,
/// CLOSING. Each call is a look; none where the kernel does not say.
pub fn leftovers(caller: &Caller) -> Vec<Leftover> {
    let mut found = Vec::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        let _ = dump(caller, family, &mut found);
    }
    found
}

fn dump(caller: &Caller, family: i32, found: &mut Vec<Leftover>) -> io::Result<()> {
    const NLM_F_DUMP: u16 = 0x300;
    const DONE: u16 = 3;
    const ERROR: u16 = 2;
    const ROOM: usize = 64 << 10;
    // TCP_FIN_WAIT1, FIN_WAIT2, TIME_WAIT, LAST_ACK, CLOSING, by their numbers.
    let states: u32 = [4, 5, 6, 9, 11].iter().fold(0, |bits, state| bits | 1 << state);
    let netlink = open(caller)?;
    // struct inet_diag_req_v2: family, protocol, no extensions, padding, states, and any socket.
    let mut body = vec![family as u8, libc::IPPROTO_TCP as u8, 0, 0];
    body.extend_from_slice(&states.to_ne_bytes());
    body.resize(body.len() + 48, 0);
    send(caller, &netlink, NLM_F_REQUEST | NLM_F_DUMP, &body)?;
    loop {
        let answer = receive(caller, &netlink, ROOM)?;
        let mut rest = answer.as_slice();
        if rest.is_empty() {
            return Ok(());
        }
        while let Some((length, kind)) = message(rest) {
            if matches!(kind, DONE | ERROR) {
                return Ok(());
            }
            found.extend(rest.get(HEADER..length).and_then(leftover));
            let Some(next) = rest.get(length.next_multiple_of(4)..) else { break };
            rest = next;
        }
    }
}

/// The length and the kind of the netlink message at the beginning.
fn message(bytes: &[u8]) -> Option<(usize, u16)> {
    let length = u32::from_ne_bytes(*bytes.first_chunk()?) as usize;
    let kind = u16::from_ne_bytes(bytes.get(4..6)?.try_into().ok()?);
    (HEADER..=bytes.len()).contains(&length).then_some((length, kind))
}

/// struct inet_diag_msg, of a socket that no program holds.
fn leftover(bytes: &[u8]) -> Option<Leftover> {
    let long = |at: usize| Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let port = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let (family, state) = (i32::from(*bytes.first()?), usize::from(*bytes.get(1)?));
    let address = |at: usize| -> Option<IpAddr> {
        Some(match family {
            libc::AF_INET => IpAddr::from(<[u8; 4]>::try_from(bytes.get(at..at + 4)?).ok()?),
            _ => IpAddr::from(<[u8; 16]>::try_from(bytes.get(at..at + 16)?).ok()?),
        })
    };
    let one = Leftover {
        local: SocketAddr::new(address(8)?, port(4)?),
        peer: SocketAddr::new(address(24)?, port(6)?),
        state: STATES.get(state).copied()?,
        queues: (long(56)?, long(60)?),
    };
    (long(68)? == 0).then_some(one)
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
