//! A socket of the session: the descriptor, and what was said about it that the kernel does not keep.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

/// What duplicates of a socket share, because the kernel shares it: the blocking mode and the time-out.
#[derive(Debug, Default)]
pub struct Mode {
    nonblocking: AtomicBool,
    /// SO_RCVTIMEO and SO_SNDTIMEO in nanoseconds; 0 is none.
    receive: AtomicU64,
    send: AtomicU64,
}

/// One socket. Threads share it; names point at it.
#[derive(Debug)]
pub struct Endpoint {
    /// In order of creation, from 1: `s1`.
    pub number: u32,
    /// Its number among all sockets of the process: each script counts its own from 1.
    pub id: u32,
    pub domain: Domain,
    pub kind: Type,
    pub protocol: Option<Protocol>,
    pub mode: Arc<Mode>,
    socket: RwLock<Option<Socket>>,
    label: Mutex<Option<Arc<str>>>,
    closing: AtomicBool,
    /// `listen` was called on it.
    listening: AtomicBool,
    /// A receive has met the end of the stream.
    ended: AtomicBool,
    /// What was asked of `listen`.
    backlog: AtomicU32,
}

/// The socket was closed before; the kernel was not asked.
#[derive(Debug)]
pub struct Closed;

/// The open socket, held so that no other thread closes it during a call.
pub struct Held<'a>(RwLockReadGuard<'a, Option<Socket>>);

impl std::ops::Deref for Held<'_> {
    type Target = Socket;

    fn deref(&self) -> &Socket {
        match self.0.as_ref() {
            Some(socket) => socket,
            // `Endpoint::hold` hands out a guard only over `Some`, and the guard keeps it so.
            None => unreachable!("a held socket is open"),
        }
    }
}

impl Endpoint {
    pub fn new(number: u32, socket: Socket, domain: Domain, kind: Type, protocol: Option<Protocol>) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(1);
        Endpoint {
            number,
            id: MADE.fetch_add(1, Relaxed),
            domain,
            kind,
            protocol,
            mode: Arc::default(),
            socket: RwLock::new(Some(socket)),
            label: Mutex::default(),
            closing: AtomicBool::new(false),
            listening: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            backlog: AtomicU32::new(0),
        }
    }

    /// The open socket.
    #[inline]
    pub fn hold(&self) -> Result<Held<'_>, Closed> {
        if self.closing.load(Relaxed) {
            return Err(Closed);
        }
        let guard = self.socket.read().unwrap_or_else(PoisonError::into_inner);
        if guard.is_some() { Ok(Held(guard)) } else { Err(Closed) }
    }

    pub fn is_open(&self) -> bool {
        self.hold().is_ok()
    }

    /// Is somebody closing it, or has done so?
    pub fn is_closing(&self) -> bool {
        self.closing.load(Relaxed)
    }

    /// From here on nobody may begin a call on it.
    pub fn begin_close(&self) -> bool {
        !self.closing.swap(true, Relaxed)
    }

    /// Takes the descriptor out, if no call holds it just now.
    pub fn try_take(&self) -> Option<Option<Socket>> {
        match self.socket.try_write() {
            Ok(mut guard) => Some(guard.take()),
            Err(std::sync::TryLockError::Poisoned(guard)) => Some(guard.into_inner().take()),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }

    /// The name given last, or `sN`.
    pub fn name(&self) -> Arc<str> {
        let label = self.label.lock().unwrap_or_else(PoisonError::into_inner);
        label.clone().unwrap_or_else(|| format!("s{}", self.number).into())
    }

    /// Gives it a name, or takes the name `old` away again when another socket has got it.
    pub fn set_name(&self, name: Option<Arc<str>>) {
        *self.label.lock().unwrap_or_else(PoisonError::into_inner) = name;
    }

    pub fn is_named(&self, name: &str) -> bool {
        self.label.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(name)
    }

    pub fn is_stream(&self) -> bool {
        self.kind == Type::STREAM
    }

    /// Does one receive take one message, and lose what does not fit?
    pub fn keeps_messages(&self) -> bool {
        [Type::DGRAM, Type::SEQPACKET, Type::RAW, Type::from(libc::SOCK_RDM)].contains(&self.kind)
    }

    pub fn is_tcp(&self) -> bool {
        self.is_stream() && self.is_inet()
    }

    pub fn is_inet(&self) -> bool {
        self.domain == Domain::IPV4 || self.domain == Domain::IPV6
    }

    pub fn nonblocking(&self) -> bool {
        self.mode.nonblocking.load(Relaxed)
    }

    pub fn set_nonblocking(&self, on: bool) {
        self.mode.nonblocking.store(on, Relaxed);
    }

    /// How long a receive may wait: what `settimeout` or `setsockopt rcvtimeo` set.
    pub fn timeout(&self) -> Option<Duration> {
        stored(&self.mode.receive)
    }

    /// How long a send, or `connect`, may wait.
    pub fn send_timeout(&self) -> Option<Duration> {
        stored(&self.mode.send)
    }

    pub fn set_timeout(&self, timeout: Option<Duration>) {
        self.set_receive_timeout(timeout);
        self.set_send_timeout(timeout);
    }

    pub fn set_receive_timeout(&self, timeout: Option<Duration>) {
        store(&self.mode.receive, timeout);
    }

    pub fn set_send_timeout(&self, timeout: Option<Duration>) {
        store(&self.mode.send, timeout);
    }

    pub fn is_listening(&self) -> bool {
        self.listening.load(Relaxed)
    }

    pub fn set_listening(&self, backlog: u32) {
        self.listening.store(true, Relaxed);
        self.backlog.store(backlog, Relaxed);
    }

    pub fn backlog(&self) -> u32 {
        self.backlog.load(Relaxed)
    }

    pub fn has_ended(&self) -> bool {
        self.ended.load(Relaxed)
    }

    pub fn set_ended(&self) {
        self.ended.store(true, Relaxed);
    }
}

fn stored(nanos: &AtomicU64) -> Option<Duration> {
    match nanos.load(Relaxed) {
        0 => None,
        nanos => Some(Duration::from_nanos(nanos)),
    }
}

/// A time of nothing is none, as the kernel has it.
fn store(cell: &AtomicU64, timeout: Option<Duration>) {
    cell.store(timeout.map_or(0, |t| u64::try_from(t.as_nanos()).unwrap_or(u64::MAX)), Relaxed);
}
