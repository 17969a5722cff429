//! Looking at a socket: addresses, state, queues. Nothing here changes anything. Each read is a call through the door
//! that is marked as a look, and none is made before its answer is shown.

use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use socket2::{Socket, Type};

use super::diag::Leftover;
use super::door::{About, Call, Caller, Returned};
use super::options::table::SocketOption;
use super::tcp_info::TcpInfo;
use super::{address, diag, kernel};
use crate::value::outcome::SocketFacts;
use crate::value::socket::Endpoint;
use crate::value::{Address, Value, domain_name, type_name};

/// Reads what is to be shown of one socket.
pub struct Look<'a> {
    caller: &'a Caller,
    endpoint: &'a Arc<Endpoint>,
}

/// The numbers of an ioctl(2).
struct Count(i32);

impl Returned for Count {
    fn returned(&self) -> i64 {
        0
    }

    fn gave(&self) -> Value {
        Value::Int(self.0.into())
    }
}

/// What poll(2) found: how many are ready, and the events.
struct Ready(usize, i16);

impl Returned for Ready {
    fn returned(&self) -> i64 {
        self.0.returned()
    }
}

impl Returned for TcpInfo {
    fn returned(&self) -> i64 {
        0
    }
}

impl Returned for bool {
    fn returned(&self) -> i64 {
        0
    }

    fn gave(&self) -> Value {
        Value::flag(*self)
    }
}

impl<'a> Look<'a> {
    pub fn new(caller: &'a Caller, endpoint: &'a Arc<Endpoint>) -> Look<'a> {
        Look { caller, endpoint }
    }

    fn call<T: Returned>(
        &self,
        name: &'static str,
        about: About<'_>,
        mut make: impl FnMut(&Socket) -> io::Result<T>,
    ) -> io::Result<T> {
        self.caller.look(Call { name, on: self.endpoint, about }, |s| make(s.socket()))
    }

    /// getsockname(2)
    pub fn local(&self) -> io::Result<Address> {
        let local =
            self.call("getsockname", About::Plain, |s| s.local_addr().map(|a| address::from_kernel(&a)))?;
        self.endpoint.note_local(&local);
        Ok(local)
    }

    /// getpeername(2)
    pub fn peer(&self) -> io::Result<Address> {
        self.call("getpeername", About::Plain, |s| s.peer_addr().map(|a| address::from_kernel(&a)))
    }

    /// getsockopt(2)
    pub fn option(&self, option: &SocketOption) -> io::Result<Value> {
        self.call("getsockopt", option.asked(), |s| option.get(s))
    }

    /// getsockopt(2) TCP_INFO
    pub fn tcp_info(&self) -> io::Result<TcpInfo> {
        let about = About::Option { level: libc::IPPROTO_TCP, number: libc::TCP_INFO, value: None };
        self.call("getsockopt", about, TcpInfo::read)
    }

    /// getsockopt(2) SO_ACCEPTCONN
    fn is_listener(&self) -> io::Result<bool> {
        let about = About::Option { level: libc::SOL_SOCKET, number: libc::SO_ACCEPTCONN, value: None };
        self.call("getsockopt", about, Socket::is_listener)
    }

    /// poll(2) without waiting: which of the events hold now.
    fn ready(&self, events: i16) -> i16 {
        let about = About::Poll { events, sockets: 1, writers: 0, limit: Some(std::time::Duration::ZERO) };
        let ready = self.call("poll", about, |s| {
            let mut fds = [libc::pollfd { fd: s.as_raw_fd(), events, revents: 0 }];
            let count = kernel::poll(&mut fds, 0)?;
            Ok(Ready(count, fds[0].revents))
        });
        ready.map_or(0, |Ready(_, events)| events)
    }

    /// Of what it was last polled for, and of ERR and HUP, what holds now, by poll(2)'s names.
    pub fn events(&self) -> Vec<&'static str> {
        const NAMES: [(i16, &str); 7] = [
            (libc::POLLIN, "IN"),
            (libc::POLLPRI, "PRI"),
            (libc::POLLOUT, "OUT"),
            (libc::POLLRDHUP, "RDHUP"),
            (libc::POLLERR, "ERR"),
            (libc::POLLHUP, "HUP"),
            (libc::POLLNVAL, "NVAL"),
        ];
        let asked = self.endpoint.polled().unwrap_or(libc::POLLIN | libc::POLLPRI | libc::POLLRDHUP);
        let seen = self.ready(asked);
        NAMES.iter().filter(|(event, _)| seen & event != 0).map(|(_, name)| *name).collect()
    }

    /// ioctl(2): FIONREAD, the bytes that have arrived and were not read; of a socket that keeps datagrams those of the
    /// next one.
    pub fn receive_queue(&self) -> io::Result<i64> {
        self.count("FIONREAD", libc::FIONREAD)
    }

    /// ioctl(2): TIOCOUTQ, the bytes that were sent and not yet acknowledged, or not yet taken.
    pub fn send_queue(&self) -> io::Result<i64> {
        self.count("TIOCOUTQ", libc::TIOCOUTQ)
    }

    fn count(&self, name: &'static str, request: libc::Ioctl) -> io::Result<i64> {
        let count = self.call("ioctl", About::Request(name), |s| kernel::ioctl_int(s, request).map(Count));
        count.map(|Count(n)| n.into())
    }

    /// Connections that wait for `accept`, and how many may; nothing where it does not listen.
    pub fn backlog(&self) -> io::Result<Option<(u32, u32)>> {
        if self.endpoint.is_tcp() {
            let info = self.tcp_info()?;
            return Ok(info.backlog().filter(|_| info.state() == "LISTEN"));
        }
        Ok(if self.is_listener()? { diag::unix_backlog(self.caller, self.endpoint) } else { None })
    }

    /// ioctl(2): FIONREAD or TIOCOUTQ
    fn queue(&self, name: &'static str, request: libc::Ioctl) -> Option<u64> {
        self.count(name, request).ok().and_then(|n| u64::try_from(n).ok())
    }

    /// A word for the state: TCP's own, and for the others how far they have come.
    pub fn state(&self) -> String {
        if !self.endpoint.is_open() {
            return "CLOSED".into();
        }
        if self.endpoint.is_tcp()
            && let Ok(info) = self.tcp_info()
        {
            return info.state().into();
        }
        if self.is_listener().unwrap_or(false) {
            "LISTEN".into()
        } else if self.peer().is_ok_and(|peer| is_peer(&peer)) {
            "CONNECTED".into()
        } else if self.local().is_ok_and(|a| is_bound(&a)) {
            "BOUND".into()
        } else {
            "NEW".into()
        }
    }

    /// What is known of a socket that was closed, with what the kernel still holds of it.
    pub fn closed_facts(&self, held: Option<&Leftover>) -> SocketFacts {
        let mut facts = self.facts(false);
        facts.closed = true;
        let ends = self.endpoint.ends();
        // Of a connection to or from any address its own was one of them.
        let local = ends.local.filter(|local| ends.peer.is_none() || !local.ip().is_unspecified());
        (facts.local, facts.peer) = (local.map(Address::Inet), ends.peer.map(Address::Inet));
        if let Some(held) = held {
            facts.state = held.state.into();
            (facts.receive_queue, facts.send_queue) =
                (Some(held.queues.0.into()), Some(held.queues.1.into()));
        }
        facts
    }

    /// Everything to be seen of the socket.
    pub fn facts(&self, current: bool) -> SocketFacts {
        let endpoint = self.endpoint;
        let (sent, received) = endpoint.moved();
        let mut facts = SocketFacts {
            sent,
            received,
            current,
            name: endpoint.name().to_string(),
            family: domain_name(endpoint.domain()),
            kind: type_name(endpoint.kind()),
            state: "CLOSED".into(),
            end_of_stream: endpoint.has_ended(),
            ..SocketFacts::default()
        };
        let Ok(open) = endpoint.open() else { return facts };
        facts.fd = Some(open.socket().as_raw_fd());
        // Held no longer than each call, so that `close` in another thread need not wait.
        drop(open);
        facts.local = self.local().ok().filter(is_bound);
        facts.peer = self.peer().ok().filter(|a| *a != Address::Unnamed && is_peer(a));
        let info = if endpoint.is_tcp() { self.tcp_info().ok() } else { None };
        facts.moved = info.as_ref().and_then(TcpInfo::moved);
        facts.state = match &info {
            Some(info) => info.state().into(),
            None => self.state(),
        };
        if facts.state == "LISTEN" {
            facts.backlog = match &info {
                Some(info) => info.backlog(),
                None => diag::unix_backlog(self.caller, endpoint),
            };
        } else {
            facts.receive_queue = self.queue("FIONREAD", libc::FIONREAD);
            facts.send_queue = self.queue("TIOCOUTQ", libc::TIOCOUTQ);
            // What the kernel counts after a connection was refused is the numbers of its dead SYN.
            if facts.state == "CLOSE" && endpoint.is_tcp() {
                facts.send_queue = facts.send_queue.map(|_| 0);
            }
        }
        let seen = self.ready(libc::POLLIN | libc::POLLOUT | libc::POLLRDHUP);
        facts.readable = seen & libc::POLLIN != 0;
        facts.writable = seen & libc::POLLOUT != 0;
        facts.error = seen & libc::POLLERR != 0;
        // The peer has ended its half, and all of it has been read. Datagrams have no end.
        let ends = endpoint.is_stream() || endpoint.kind() == Type::SEQPACKET;
        if ends && seen & libc::POLLRDHUP != 0 && facts.receive_queue == Some(0) {
            facts.end_of_stream = true;
        }
        facts
    }
}

/// Does the address say anything?
pub fn is_bound(address: &Address) -> bool {
    match address {
        Address::Inet(a) => a.port() != 0,
        Address::Unnamed => false,
        // sockaddr_vm of an unbound socket says any port and any machine.
        Address::Other { family: libc::AF_VSOCK, bytes } => bytes.get(2..10) != Some(&[0xff; 8][..]),
        // A packet socket has its protocol and type of hardware before it is bound to an interface.
        Address::Other { family: libc::AF_PACKET, bytes } => bytes.get(..6).is_some_and(|b| b != [0; 6]),
        Address::Other { bytes, .. } => bytes.iter().any(|b| *b != 0),
        Address::Path(_) | Address::Abstract(_) => true,
    }
}

/// Does an address that getpeername(2) gave name a peer? A netlink socket has the kernel for one from its beginning.
fn is_peer(address: &Address) -> bool {
    match address {
        Address::Other { .. } => is_bound(address),
        _ => true,
    }
}
