//! A socket of the session: its transport while it is open, and what the kernel does not keep about it.
//!
//! A call clones the `Arc` of the transport and holds no lock while it waits. `close` takes the transport out, so
//! that no call begins any more, ends the calls that still hold it, and then drops the last `Arc`: that is close(2).

use std::fmt::Debug;
use std::fs::File;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::net::{Shutdown, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::{Address, Bytes};
use crate::text::secrets;

/// What moves the bytes of a socket: the kernel's socket itself, or a protocol above it.
///
/// Each method is one call of socket2 on a plain socket, and blocks as that does. `flags` are MSG_… of send(2) and
/// recv(2), MSG_PEEK among them.
pub trait Transport: Debug + Send + Sync {
    /// The kernel's socket below, for its options, its addresses and its descriptor.
    fn socket(&self) -> &Socket;
    /// send(2); returns how many of the bytes were taken.
    fn send(&self, data: &[u8], flags: i32) -> io::Result<usize>;
    /// sendto(2); returns how many of the bytes were taken.
    fn sendto(&self, data: &[u8], flags: i32, to: &SockAddr) -> io::Result<usize>;
    /// sendmsg(2) of several pieces; returns how many of their bytes were taken.
    fn sendmsg(&self, pieces: &[IoSlice<'_>], flags: i32) -> io::Result<usize>;
    /// sendfile(2) from this offset of the file; returns how many bytes were sent, 0 at the file's end.
    fn sendfile(&self, file: &File, offset: usize, count: NonZeroUsize) -> io::Result<usize>;
    /// recv(2); returns how many bytes there were: with MSG_TRUNC more than the room, if a message was cut.
    fn recv(&self, room: &mut [MaybeUninit<u8>], flags: i32) -> io::Result<usize>;
    /// recvfrom(2); as `recv`, with the sender's address.
    fn recvfrom(&self, room: &mut [MaybeUninit<u8>], flags: i32) -> io::Result<(usize, SockAddr)>;
    /// shutdown(2)
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;
}

impl Transport for Socket {
    fn socket(&self) -> &Socket {
        self
    }

    fn send(&self, data: &[u8], flags: i32) -> io::Result<usize> {
        self.send_with_flags(data, flags)
    }

    fn sendto(&self, data: &[u8], flags: i32, to: &SockAddr) -> io::Result<usize> {
        self.send_to_with_flags(data, to, flags)
    }

    fn sendmsg(&self, pieces: &[IoSlice<'_>], flags: i32) -> io::Result<usize> {
        self.send_vectored_with_flags(pieces, flags)
    }

    fn sendfile(&self, file: &File, offset: usize, count: NonZeroUsize) -> io::Result<usize> {
        Socket::sendfile(self, file, offset, Some(count))
    }

    fn recv(&self, room: &mut [MaybeUninit<u8>], flags: i32) -> io::Result<usize> {
        self.recv_with_flags(room, flags)
    }

    fn recvfrom(&self, room: &mut [MaybeUninit<u8>], flags: i32) -> io::Result<(usize, SockAddr)> {
        self.recv_from_with_flags(room, flags)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        Socket::shutdown(self, how)
    }
}

/// What duplicates of a socket share, because the kernel shares it: the blocking mode and the time-outs.
#[derive(Debug, Default)]
pub struct Mode {
    nonblocking: AtomicBool,
    /// SO_RCVTIMEO and SO_SNDTIMEO in nanoseconds; 0 is none.
    receive: AtomicU64,
    send: AtomicU64,
    /// What MSG_ZEROCOPY has handed over.
    zerocopy: Mutex<ZeroCopy>,
}

/// Bytes that the kernel reads where they are, until it says that it has done with them. Each send has a number, from 0.
#[derive(Debug, Default)]
struct ZeroCopy {
    sends: u32,
    held: Vec<(u32, Vec<Bytes>)>,
}

impl Drop for ZeroCopy {
    /// What may still be on its way stays where it is to the end of the program.
    fn drop(&mut self) {
        std::mem::forget(std::mem::take(&mut self.held));
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
    /// Of a descriptor that is no socket.
    pub const NONE: Triple = Triple { domain: 0, kind: 0, protocol: 0 };

    pub fn new(domain: Domain, kind: Type, protocol: Option<Protocol>) -> Triple {
        let protocol = protocol.map_or(0, i32::from);
        Triple { domain: i32::from(domain) as u16, kind: i32::from(kind) as u16, protocol }
    }

    pub fn domain(self) -> Domain {
        i32::from(self.domain).into()
    }

    pub fn kind(self) -> Type {
        i32::from(self.kind).into()
    }

    pub fn protocol(self) -> Option<Protocol> {
        (self.protocol != 0).then(|| self.protocol.into())
    }
}

/// One socket. Threads share it; names point at it.
#[derive(Debug)]
pub struct Endpoint {
    /// In order of creation within its script, from 1: `s1`.
    pub number: u32,
    /// Its number among all sockets of the process, from 1: each script counts its own.
    pub id: u32,
    /// The numbers that made it.
    pub triple: Triple,
    /// It was given a mode, which others may share.
    has_mode: AtomicBool,
    /// `listen` was called on it.
    listening: AtomicBool,
    /// A receive has met the end of the stream.
    ended: AtomicBool,
    /// POLLIN, … of the last `poll` that named it; 0 where none did.
    polled: AtomicU16,
    /// Locked to read or change it, never during a call.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// None once the socket is closed.
    transport: Option<Arc<dyn Transport>>,
    /// The name given first, if no other socket has it by now.
    name: Option<Arc<str>>,
    /// The name given first, whatever has it by now.
    first_name: Option<Arc<str>>,
    /// None while it is as it was made: of ten thousand sockets few have one.
    mode: Option<Arc<Mode>>,
    /// The addresses of its ends, as far as calls have named them; of internet sockets alone.
    ends: Ends,
    /// What it sent and received last.
    sent: Option<Box<Last>>,
    came: Option<Box<Last>>,
    /// The client's SYN, which the kernel gives only once.
    syn: Option<Box<[u8]>>,
}

/// The two ends of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Its own.
    pub local: Option<SocketAddr>,
    /// The peer's.
    pub peer: Option<SocketAddr>,
}

/// The last bytes that went one way, for the report of a failure.
#[derive(Debug)]
struct Last {
    total: u64,
    /// Longer than what is shown where a secret may reach into it.
    bytes: Box<[u8]>,
}

/// So many bytes are shown each way.
pub const LAST: usize = 64;

impl Last {
    fn none() -> Box<Last> {
        Box::new(Last { total: 0, bytes: vec![0; LAST + secrets::longest()].into() })
    }

    fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let room = self.bytes.len();
        match bytes.len().checked_sub(room) {
            Some(from) => self.bytes.copy_from_slice(&bytes[from..]),
            // The newest stand at the end.
            None => {
                self.bytes.copy_within(bytes.len().., 0);
                self.bytes[room - bytes.len()..].copy_from_slice(bytes);
            }
        }
    }
}

/// How many bytes went one way, and the last of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// All of them.
    pub total: u64,
    /// The last, [`LAST`] at most.
    pub last: Vec<u8>,
}

impl From<&Last> for Moved {
    fn from(last: &Last) -> Moved {
        let room = last.bytes.len();
        let all = usize::try_from(last.total).unwrap_or(room).min(room);
        let kept = &last.bytes[room - all..];
        let shown = all.saturating_sub(LAST)..all;
        Moved { total: last.total, last: secrets::part_of_stream(kept, shown).into_owned() }
    }
}

/// The socket was closed before; the kernel was not asked.
#[derive(Debug)]
pub struct Closed;

impl Endpoint {
    pub fn new(number: u32, transport: Arc<dyn Transport>, triple: Triple) -> Self {
        Endpoint::with_mode(number, transport, triple, None)
    }

    /// A second descriptor of the same socket: `original`'s modes are its own too.
    pub fn copy(number: u32, transport: Arc<dyn Transport>, original: &Endpoint) -> Self {
        let copy = Endpoint::with_mode(number, transport, original.triple, Some(original.mode_made()));
        copy.listening.store(original.is_listening(), Relaxed);
        copy
    }

    fn with_mode(
        number: u32,
        transport: Arc<dyn Transport>,
        triple: Triple,
        mode: Option<Arc<Mode>>,
    ) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        Endpoint {
            number,
            id: MADE.fetch_add(1, Relaxed) + 1,
            triple,
            has_mode: AtomicBool::new(mode.is_some()),
            listening: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            polled: AtomicU16::new(0),
            state: Mutex::new(State {
                transport: Some(transport),
                name: None,
                first_name: None,
                mode,
                ends: Ends::default(),
                sent: None,
                came: None,
                syn: None,
            }),
        }
    }

    #[inline]
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open socket, for one call.
    #[inline]
    pub fn open(&self) -> Result<Arc<dyn Transport>, Closed> {
        self.state().transport.clone().ok_or(Closed)
    }

    #[inline]
    pub fn is_open(&self) -> bool {
        self.state().transport.is_some()
    }

    /// Takes the transport out, once: from here on no call begins. Calls that run hold it still.
    pub fn take(&self) -> Option<Arc<dyn Transport>> {
        self.state().transport.take()
    }

    /// The name given first, or `sN`.
    pub fn name(&self) -> Arc<str> {
        self.state().name.clone().unwrap_or_else(|| format!("s{}", self.number).into())
    }

    /// Gives it this name, unless it has one: a second name (`for s in $a $b`) takes no first one away.
    pub fn set_name(&self, name: Arc<str>) {
        let mut state = self.state();
        state.first_name.get_or_insert_with(|| name.clone());
        state.name.get_or_insert(name);
    }

    /// The name given first, also where another socket has it by now.
    pub fn first_name(&self) -> Option<Arc<str>> {
        self.state().first_name.clone()
    }

    /// This name is another's now.
    pub fn lose_name(&self, lost: &str) {
        let name = &mut self.state().name;
        if name.as_deref() == Some(lost) {
            *name = None;
        }
    }

    /// What is known of its two ends without asking the kernel: it outlives the socket.
    pub fn ends(&self) -> Ends {
        self.state().ends
    }

    /// A call has named its own address.
    pub fn note_local(&self, address: &Address) {
        if let Address::Inet(local) = address {
            self.state().ends.local = Some(*local);
        }
    }

    /// A call has named its peer.
    pub fn note_peer(&self, address: &Address) {
        if let Address::Inet(peer) = address {
            self.state().ends.peer = Some(*peer);
        }
    }

    /// It was reset: the kernel holds nothing of it.
    pub fn forget_ends(&self) {
        self.state().ends = Ends::default();
    }

    fn mode(&self) -> Option<Arc<Mode>> {
        self.state().mode.clone()
    }

    /// The mode, which is made where there is none.
    fn mode_made(&self) -> Arc<Mode> {
        self.has_mode.store(true, Relaxed);
        self.state().mode.get_or_insert_default().clone()
    }

    pub fn domain(&self) -> Domain {
        self.triple.domain()
    }

    pub fn kind(&self) -> Type {
        self.triple.kind()
    }

    pub fn protocol(&self) -> Option<Protocol> {
        self.triple.protocol()
    }

    pub fn is_stream(&self) -> bool {
        self.kind() == Type::STREAM
    }

    /// Does one receive take one message, and lose what does not fit?
    pub fn keeps_messages(&self) -> bool {
        [Type::DGRAM, Type::SEQPACKET, Type::RAW, Type::from(libc::SOCK_RDM)].contains(&self.kind())
    }

    pub fn is_tcp(&self) -> bool {
        self.is_stream() && self.is_inet()
    }

    pub fn is_inet(&self) -> bool {
        [Domain::IPV4, Domain::IPV6].contains(&self.domain())
    }

    pub fn nonblocking(&self) -> bool {
        self.mode().is_some_and(|mode| mode.nonblocking.load(Relaxed))
    }

    pub fn set_nonblocking(&self, on: bool) {
        self.mode_made().nonblocking.store(on, Relaxed);
    }

    /// How long a receive may wait: what `settimeout` or `setsockopt rcvtimeo` set.
    pub fn timeout(&self) -> Option<Duration> {
        self.mode().and_then(|mode| stored(&mode.receive))
    }

    /// How long a send, or `connect`, may wait.
    pub fn send_timeout(&self) -> Option<Duration> {
        self.mode().and_then(|mode| stored(&mode.send))
    }

    /// Has it a limit of its own, for either direction?
    #[inline]
    pub fn has_timeout(&self) -> bool {
        // Without a lock for those that never had one: every call asks.
        self.has_mode.load(Relaxed) && (self.timeout().is_some() || self.send_timeout().is_some())
    }

    pub fn set_timeout(&self, timeout: Option<Duration>) {
        self.set_receive_timeout(timeout);
        self.set_send_timeout(timeout);
    }

    pub fn set_receive_timeout(&self, timeout: Option<Duration>) {
        store(&self.mode_made().receive, timeout);
    }

    pub fn set_send_timeout(&self, timeout: Option<Duration>) {
        store(&self.mode_made().send, timeout);
    }

    /// A send without a copy has taken some of these bytes.
    pub fn hold(&self, bytes: Vec<Bytes>) {
        let mode = self.mode_made();
        let mut zerocopy = mode.zerocopy.lock().unwrap_or_else(PoisonError::into_inner);
        let number = zerocopy.sends;
        zerocopy.sends = number.wrapping_add(1);
        zerocopy.held.push((number, bytes));
    }

    /// The kernel has done with the bytes of these sends.
    pub fn release(&self, first: u32, last: u32) {
        let Some(mode) = self.mode() else { return };
        let mut zerocopy = mode.zerocopy.lock().unwrap_or_else(PoisonError::into_inner);
        zerocopy.held.retain(|(number, _)| !(first..=last).contains(number));
    }

    /// These bytes were taken.
    pub fn note_sent(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.state().sent.get_or_insert_with(Last::none).push(bytes);
        }
    }

    /// These bytes came.
    pub fn note_came(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.state().came.get_or_insert_with(Last::none).push(bytes);
        }
    }

    /// The kernel has given the client's SYN.
    pub fn keep_syn(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.state().syn = Some(bytes.into());
        }
    }

    /// The client's SYN, as far as it was read.
    pub fn syn(&self) -> Option<Box<[u8]>> {
        self.state().syn.clone()
    }

    /// What was sent and what was received, as far as it is kept.
    pub fn moved(&self) -> (Moved, Moved) {
        let state = self.state();
        let of = |last: &Option<Box<Last>>| last.as_deref().map_or_else(Moved::default, Moved::from);
        (of(&state.sent), of(&state.came))
    }

    /// `listen` was called on it.
    pub fn is_listening(&self) -> bool {
        self.listening.load(Relaxed)
    }

    pub fn set_listening(&self) {
        self.listening.store(true, Relaxed);
    }

    /// What `poll` last asked of it.
    pub fn polled(&self) -> Option<i16> {
        Some(self.polled.load(Relaxed).cast_signed()).filter(|events| *events != 0)
    }

    pub fn set_polled(&self, events: i16) {
        self.polled.store(events.cast_unsigned(), Relaxed);
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

/// A time-out of 0 is none, as the kernel has it.
fn store(cell: &AtomicU64, timeout: Option<Duration>) {
    cell.store(timeout.map_or(0, |t| u64::try_from(t.as_nanos()).unwrap_or(u64::MAX)), Relaxed);
}
