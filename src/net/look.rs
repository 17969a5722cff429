//! Looking at a socket: addresses, state, queues. Nothing here changes anything, and nothing here is
//! called unless somebody looks.

use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;

use socket2::{Socket, Type};

use super::tcp_info::TcpInfo;
use super::{address, diag, kernel};
use crate::value::outcome::SocketFacts;
use crate::value::socket::Endpoint;
use crate::value::{Address, domain_name, type_name};

/// getsockname(2)
pub fn local(socket: &Socket) -> std::io::Result<Address> {
    socket.local_addr().map(|a| address::from_kernel(&a))
}

/// getpeername(2)
pub fn peer(socket: &Socket) -> std::io::Result<Address> {
    socket.peer_addr().map(|a| address::from_kernel(&a))
}

/// poll(2) without waiting: which of the events hold now.
pub fn ready(socket: &impl AsFd, events: i16) -> i16 {
    let mut fds = [libc::pollfd { fd: socket.as_fd().as_raw_fd(), events, revents: 0 }];
    match kernel::poll(&mut fds, 0) {
        Ok(_) => fds[0].revents,
        Err(_) => 0,
    }
}

/// A word for the state: TCP's own, and for the others what they have come to.
pub fn state(endpoint: &Endpoint) -> String {
    let Ok(held) = endpoint.hold() else { return "CLOSED".into() };
    state_of(endpoint, &held)
}

fn state_of(endpoint: &Endpoint, socket: &Socket) -> String {
    if endpoint.is_tcp()
        && let Some(info) = TcpInfo::read(socket)
    {
        return info.state().into();
    }
    let listening = socket.is_listener().unwrap_or(false);
    if listening {
        "LISTEN".into()
    } else if peer(socket).is_ok() {
        "CONNECTED".into()
    } else if local(socket).is_ok_and(|a| is_bound(&a)) {
        "BOUND".into()
    } else {
        "NEW".into()
    }
}

/// Does the address say anything?
pub fn is_bound(address: &Address) -> bool {
    match address {
        Address::Inet(a) => a.port() != 0,
        Address::Unnamed | Address::Other { .. } => false,
        Address::Path(_) | Address::Abstract(_) => true,
    }
}

/// Everything to be seen of a socket.
pub fn facts(endpoint: &Arc<Endpoint>, current: bool) -> SocketFacts {
    let mut facts = SocketFacts {
        current,
        name: endpoint.name().to_string(),
        family: domain_name(endpoint.domain()),
        kind: type_name(endpoint.kind()),
        state: "CLOSED".into(),
        end_of_stream: endpoint.has_ended(),
        ..SocketFacts::default()
    };
    let Ok(held) = endpoint.hold() else { return facts };
    let socket: &Socket = &held;
    facts.fd = Some(socket.as_raw_fd());
    facts.local = local(socket).ok().filter(is_bound);
    facts.peer = peer(socket).ok().filter(|a| *a != Address::Unnamed);
    let info = if endpoint.is_tcp() { TcpInfo::read(socket) } else { None };
    facts.state = match &info {
        Some(info) => info.state().into(),
        None => state_of(endpoint, socket),
    };
    let listening = facts.state == "LISTEN";
    if listening {
        facts.backlog = match &info {
            Some(info) => info.backlog(),
            None => diag::unix_backlog(socket),
        };
    } else {
        facts.receive_queue = queue(socket, libc::FIONREAD);
        facts.send_queue = queue(socket, libc::TIOCOUTQ);
        // What the kernel counts after a connection was refused is the numbers of its dead SYN.
        if facts.state == "CLOSE" && endpoint.is_tcp() {
            facts.send_queue = facts.send_queue.map(|_| 0);
        }
    }
    let seen = ready(socket, libc::POLLIN | libc::POLLOUT | libc::POLLRDHUP);
    facts.readable = seen & libc::POLLIN != 0;
    facts.writable = seen & libc::POLLOUT != 0;
    facts.error = seen & libc::POLLERR != 0;
    // The peer has said its last word, and all of it has been read. Datagrams have no end.
    let ends = endpoint.is_stream() || endpoint.kind() == Type::SEQPACKET;
    if ends && seen & libc::POLLRDHUP != 0 && facts.receive_queue == Some(0) {
        facts.end_of_stream = true;
    }
    facts
}

fn queue(socket: &Socket, request: libc::Ioctl) -> Option<u64> {
    kernel::ioctl_int(socket, request).ok().and_then(|n| u64::try_from(n).ok())
}

/// Can an IPv6 socket be bound to this machine's own address?
pub fn has_ipv6() -> bool {
    std::net::UdpSocket::bind("[::1]:0").is_ok()
}
