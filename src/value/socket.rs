//! A socket of the session: the descriptor, and what was said about it that the kernel does not keep.

// A socket is closed on its own, apart from the value that holds it.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd as _, FromRawFd as _};
use std::sync::atomic::{
    AtomicBool, AtomicU32, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
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

/// The names of a script, by slot: a socket keeps the number of its own.
#[derive(Debug, Default)]
pub struct Names(RwLock<Vec<Arc<str>>>);

impl Names {
    pub fn get(&self, slot: u32) -> Option<Arc<str>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(slot as usize).cloned()
    }

    pub fn count(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The names of a script that has no more.
    pub fn set(&self, all: Vec<Arc<str>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = all;
    }

    /// Takes over the names that came up since; what it has stays as it is.
    pub fn extend(&self, all: &[Arc<str>]) {
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = names.len();
        names.reserve_exact(all.len().saturating_sub(known));
        names.extend(all.iter().skip(known).cloned());
    }
}

/// What socket(2) was asked for: the numbers of C. Linux has no family and no type beyond 16 bits, and 0 is any
/// protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triple {
    domain: u16,
    kind: u16,
    protocol: i32,
}

impl Triple {
    #[inline]
    pub fn new(domain: Domain, kind: Type, protocol: Option<Protocol>) -> Triple {
        let protocol = protocol.map_or(0, i32::from);
        Triple { domain: i32::from(domain) as u16, kind: i32::from(kind) as u16, protocol }
    }

    fn keeps_messages(self) -> bool {
        let kind = Type::from(i32::from(self.kind));
        [Type::DGRAM, Type::SEQPACKET, Type::RAW, Type::from(libc::SOCK_RDM)].contains(&kind)
    }
}

/// One socket. Threads share it; names point at it.
///
/// Ten thousand may be open: what few of them need is made when it is needed.
#[derive(Debug)]
pub struct Endpoint {
    /// In order of creation, from 1: `s1`.
    pub number: u32,
    /// Its number among all sockets of the process, once somebody has asked.
    id: AtomicU32,
    /// The numbers that made it.
    pub triple: Triple,
    /// Open until [`TAKEN`].
    socket: ManuallyDrop<Socket>,
    /// How many calls hold the socket, and the two bits below.
    state: AtomicU32,
    /// The slot of the name given last, and 1 more; 0 is none.
    label: AtomicU32,
    names: Arc<Names>,
    mode: OnceLock<Arc<Mode>>,
    /// `listen` was called on it.
    listening: AtomicBool,
    /// A receive has met the end of the stream.
    ended: AtomicBool,
    /// One receive takes one message.
    messages: bool,
}

/// Each open socket costs this much, and its counts.
const _: () = assert!(size_of::<Endpoint>() <= 56);

/// Somebody closes it: no call begins any more.
const CLOSING: u32 = 1 << 31;
/// The descriptor has been taken out, and is nobody's business here.
const TAKEN: u32 = 1 << 30;

/// The socket was closed before; the kernel was not asked.
#[derive(Debug)]
pub struct Closed;

/// The open socket, held so that no other thread closes it during a call.
pub struct Held<'a>(&'a Endpoint);

impl std::ops::Deref for Held<'_> {
    type Target = Socket;

    #[inline]
    fn deref(&self) -> &Socket {
        &self.0.socket
    }
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.state.fetch_sub(1, Release);
    }
}

impl Endpoint {
    pub fn new(number: u32, socket: Socket, triple: Triple, names: Arc<Names>) -> Self {
        Endpoint {
            number,
            id: AtomicU32::new(0),
            triple,
            socket: ManuallyDrop::new(socket),
            state: AtomicU32::new(0),
            label: AtomicU32::new(0),
            names,
            mode: OnceLock::new(),
            listening: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            messages: triple.keeps_messages(),
        }
    }

    /// Another socket of the same script, in the memory of one that is closed and gone.
    pub fn renew(&mut self, number: u32, socket: Socket, triple: Triple) {
        debug_assert!(self.is_gone());
        self.number = number;
        *self.id.get_mut() = 0;
        self.triple = triple;
        // The old one's descriptor was taken out when it was closed.
        self.socket = ManuallyDrop::new(socket);
        *self.state.get_mut() = 0;
        *self.label.get_mut() = 0;
        if self.mode.get_mut().is_some() {
            self.mode = OnceLock::new();
        }
        *self.listening.get_mut() = false;
        *self.ended.get_mut() = false;
        self.messages = triple.keeps_messages();
    }

    /// Its number among all sockets of the process, from 1: each script counts its own. Only threads ask for it, and
    /// whoever names those that wait.
    pub fn id(&self) -> u32 {
        static GIVEN: AtomicU32 = AtomicU32::new(0);
        match self.id.load(Relaxed) {
            0 => {
                let new = GIVEN.fetch_add(1, Relaxed) + 1;
                self.id.compare_exchange(0, new, Relaxed, Relaxed).map_or_else(|given| given, |_| new)
            }
            id => id,
        }
    }

    /// The open socket.
    #[inline]
    pub fn hold(&self) -> Result<Held<'_>, Closed> {
        // Counted first: whoever closes it sees either the count or that nobody could have got in.
        let held = Held(self);
        if self.state.fetch_add(1, Acquire) & CLOSING != 0 { Err(Closed) } else { Ok(held) }
    }

    #[inline]
    pub fn is_open(&self) -> bool {
        !self.is_closing()
    }

    /// Is it closed, the descriptor taken out and no call about?
    #[inline]
    pub fn is_gone(&self) -> bool {
        self.state.load(Relaxed) == CLOSING | TAKEN
    }

    /// Is somebody closing it, or has done so?
    #[inline]
    pub fn is_closing(&self) -> bool {
        self.state.load(Relaxed) & CLOSING != 0
    }

    /// From here on nobody may begin a call on it.
    pub fn begin_close(&self) -> bool {
        self.state.fetch_or(CLOSING, Relaxed) & CLOSING == 0
    }

    /// Closes it, if it is open and no call holds it: the descriptor.
    #[inline]
    pub fn take_unheld(&self) -> Option<Socket> {
        self.take_from(0)
    }

    /// Takes the descriptor out, if no call holds it just now; only after [`Endpoint::begin_close`].
    pub fn try_take(&self) -> Option<Socket> {
        self.take_from(CLOSING)
    }

    #[inline]
    fn take_from(&self, state: u32) -> Option<Socket> {
        self.state.compare_exchange(state, CLOSING | TAKEN, AcqRel, Relaxed).ok()?;
        // SAFETY: the exchange succeeds once, when no `Held` is about, and none can be made any more; with
        // TAKEN set nobody else drops the socket or reads its number.
        Some(unsafe { Socket::from_raw_fd(self.socket.as_raw_fd()) })
    }

    /// The name given last, or `sN`.
    pub fn name(&self) -> Arc<str> {
        let label = self.label.load(Relaxed).checked_sub(1).and_then(|slot| self.names.get(slot));
        label.unwrap_or_else(|| format!("s{}", self.number).into())
    }

    /// Gives it the name of a slot.
    #[inline]
    pub fn set_name(&self, slot: u32) {
        self.label.store(slot.wrapping_add(1), Relaxed);
    }

    /// The name of this slot is another's now.
    #[inline(always)]
    pub fn lose_name(&self, slot: u32) {
        if self.label.load(Relaxed) == slot.wrapping_add(1) {
            self.label.store(0, Relaxed);
        }
    }

    /// A second descriptor of the same socket, just made, shares its modes.
    pub fn share_mode(&self, original: &Endpoint) {
        let _ = self.mode.set(original.mode.get_or_init(Arc::default).clone());
    }

    /// Has it a time-out, or calls that do not wait?
    #[inline]
    pub fn has_modes(&self) -> bool {
        self.mode.get().is_some()
    }

    pub fn domain(&self) -> Domain {
        i32::from(self.triple.domain).into()
    }

    pub fn kind(&self) -> Type {
        i32::from(self.triple.kind).into()
    }

    pub fn protocol(&self) -> Option<Protocol> {
        (self.triple.protocol != 0).then(|| self.triple.protocol.into())
    }

    pub fn is_stream(&self) -> bool {
        self.kind() == Type::STREAM
    }

    /// Does one receive take one message, and lose what does not fit?
    #[inline]
    pub fn keeps_messages(&self) -> bool {
        self.messages
    }

    pub fn is_tcp(&self) -> bool {
        self.is_stream() && self.is_inet()
    }

    pub fn is_inet(&self) -> bool {
        [Domain::IPV4, Domain::IPV6].contains(&self.domain())
    }

    pub fn nonblocking(&self) -> bool {
        self.mode.get().is_some_and(|mode| mode.nonblocking.load(Relaxed))
    }

    pub fn set_nonblocking(&self, on: bool) {
        self.mode().nonblocking.store(on, Relaxed);
    }

    fn mode(&self) -> &Mode {
        self.mode.get_or_init(Arc::default)
    }

    /// How long a receive may wait: what `settimeout` or `setsockopt rcvtimeo` set.
    #[inline]
    pub fn timeout(&self) -> Option<Duration> {
        self.mode.get().and_then(|mode| stored(&mode.receive))
    }

    /// How long a send, or `connect`, may wait.
    #[inline]
    pub fn send_timeout(&self) -> Option<Duration> {
        self.mode.get().and_then(|mode| stored(&mode.send))
    }

    pub fn set_timeout(&self, timeout: Option<Duration>) {
        self.set_receive_timeout(timeout);
        self.set_send_timeout(timeout);
    }

    pub fn set_receive_timeout(&self, timeout: Option<Duration>) {
        store(&self.mode().receive, timeout);
    }

    pub fn set_send_timeout(&self, timeout: Option<Duration>) {
        store(&self.mode().send, timeout);
    }

    pub fn is_listening(&self) -> bool {
        self.listening.load(Relaxed)
    }

    pub fn set_listening(&self) {
        self.listening.store(true, Relaxed);
    }

    pub fn has_ended(&self) -> bool {
        self.ended.load(Relaxed)
    }

    pub fn set_ended(&self) {
        self.ended.store(true, Relaxed);
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if *self.state.get_mut() & TAKEN == 0 {
            // SAFETY: nobody has taken it out, and nobody is left who could hold it.
            unsafe { ManuallyDrop::drop(&mut self.socket) };
        }
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
