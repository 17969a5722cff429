//! The one door: every call to the system that a script causes is made by [`Caller::call`].
//!
//! A call says what it is called in C, what it is made on (no descriptor, one socket, several, a file) and, as values,
//! what it is about. It is made under this thread's gate, so that Ctrl-C, limits and a `close` in another thread end
//! it, and its failure comes back as an error of the script. Observers see it twice: `before` may refuse it, `after`
//! is given the fact of it. Without an observer that costs one test of an empty list.
//!
//! Two kinds of call are made even when the thread is to stop, because they do not wait: [`Caller::look`] reads what is
//! only shown, and marks its fact as such; [`Caller::settle`] closes sockets and ends programs.

use std::borrow::Cow;
use std::ffi::CStr;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::gate::{Deadline, Gate, SEVERAL, Stop, aside};
use super::options::setting::Setting;
use super::policy::Guard;
use crate::text::diagnostic::Span;
use crate::value::control::Control;
use crate::value::errno::Code;
use crate::value::outcome::{CallError, Detail, Halt, Limit, SetBy, Waiting};
use crate::value::process::Process;
use crate::value::socket::{Endpoint, Transport, Triple};
use crate::value::way::Way;
use crate::value::{Address, Bytes, Value};

/// One call: its name in C, what it is made on, and what it is about.
pub struct Call<'a, S> {
    pub name: &'static str,
    /// `()`, a socket, several sockets or an open file.
    pub on: S,
    pub about: About<'a>,
}

/// The arguments of a call as values, without the descriptor.
#[derive(Clone, Debug)]
pub enum About<'a> {
    /// The name says it all: accept4, getsockname, close, …
    Plain,
    /// socket, socketpair
    Make(Triple),
    /// bind, connect
    At(Cow<'a, Address>),
    /// listen
    Backlog(i32),
    /// shutdown: SHUT_RD, SHUT_WR or SHUT_RDWR
    Half(i32),
    /// send, sendto. `length` is how many bytes were handed over; a fact may hold fewer of them.
    Bytes { data: Cow<'a, [u8]>, length: usize, flags: i32, to: Option<Cow<'a, Address>> },
    /// sendmsg: its pieces, where it goes, and what goes beside them
    Slices { pieces: Cow<'a, [Bytes]>, flags: i32, to: Option<Cow<'a, Address>>, control: Cow<'a, [Control]> },
    /// recv, recvfrom, recvmsg
    Room { room: usize, flags: i32 },
    /// sendfile: from this file, at this offset, at most so many bytes
    Transfer { path: Cow<'a, Path>, offset: u64, count: u64 },
    /// getsockopt, and setsockopt with its value
    Option { level: i32, number: i32, value: Option<Cow<'a, Setting>> },
    /// fcntl: F_GETFL, and F_SETFL with its flags
    Mode { command: &'static str, flags: Option<i32> },
    /// ioctl: the request's name
    Request(&'static str),
    /// poll: POLLIN, …, how many sockets, how many more for POLLOUT alone, and the limit, none for ever
    Poll { events: i16, sockets: usize, writers: usize, limit: Option<Duration> },
    /// getaddrinfo: AF_…, SOCK_… and AI_… as numbers
    Lookup { host: Option<Cow<'a, str>>, service: Option<Cow<'a, str>>, family: i32, kind: i32, flags: i32 },
    /// getnameinfo: NI_… as a number
    Reverse { address: SocketAddr, flags: i32 },
    /// getservbyname, getprotobyname, if_nametoindex
    Name { name: Cow<'a, str>, protocol: Option<Cow<'a, str>> },
    /// getservbyport, if_indextoname
    Number { number: i64, protocol: Option<Cow<'a, str>> },
    /// open: O_…
    Open { path: Cow<'a, Path>, flags: i32 },
    /// mkdir, stat, rmdir, unlink
    Path(Cow<'a, Path>),
    /// rename
    Rename { from: Cow<'a, Path>, to: Cow<'a, Path> },
    /// fchmod: the permissions
    Permissions(u32),
    /// read: the room for it
    Read(usize),
    /// write; `length` as in `Bytes`
    Write { data: Cow<'a, [u8]>, length: usize },
    /// fork and execve, as one call
    Program(Cow<'a, [String]>),
    /// kill
    Signal { pid: i32, signal: i32 },
    /// waitid, wait4
    Child(i32),
    /// nanosleep
    Time(Duration),
}

impl About<'_> {
    pub fn bytes(data: &[u8], flags: i32) -> About<'_> {
        About::Bytes { data: data.into(), length: data.len(), flags, to: None }
    }

    /// The same, owning what it names, with no more than `most` of the bytes handed over.
    fn owned(&self, most: usize) -> About<'static> {
        fn own<T: ToOwned + ?Sized>(borrowed: &T) -> Cow<'static, T> {
            Cow::Owned(borrowed.to_owned())
        }
        let first = |data: &[u8]| Cow::Owned(data[..data.len().min(most)].to_vec());
        match self {
            About::Plain => About::Plain,
            About::Make(triple) => About::Make(*triple),
            About::At(address) => About::At(own(address)),
            About::Backlog(n) => About::Backlog(*n),
            About::Half(how) => About::Half(*how),
            About::Bytes { data, length, flags, to } => {
                About::Bytes { data: first(data), length: *length, flags: *flags, to: to.as_deref().map(own) }
            }
            About::Slices { pieces, flags, to, control } => About::Slices {
                pieces: own(pieces),
                flags: *flags,
                to: to.as_deref().map(own),
                control: own(control),
            },
            About::Room { room, flags } => About::Room { room: *room, flags: *flags },
            About::Transfer { path, offset, count } => {
                About::Transfer { path: own(path), offset: *offset, count: *count }
            }
            About::Option { level, number, value } => {
                About::Option { level: *level, number: *number, value: value.as_deref().map(own) }
            }
            About::Mode { command, flags } => About::Mode { command, flags: *flags },
            About::Request(name) => About::Request(name),
            About::Poll { events, sockets, writers, limit } => {
                About::Poll { events: *events, sockets: *sockets, writers: *writers, limit: *limit }
            }
            About::Lookup { host, service, family, kind, flags } => About::Lookup {
                host: host.as_deref().map(own),
                service: service.as_deref().map(own),
                family: *family,
                kind: *kind,
                flags: *flags,
            },
            About::Reverse { address, flags } => About::Reverse { address: *address, flags: *flags },
            About::Name { name, protocol } => {
                About::Name { name: own(name), protocol: protocol.as_deref().map(own) }
            }
            About::Number { number, protocol } => {
                About::Number { number: *number, protocol: protocol.as_deref().map(own) }
            }
            About::Open { path, flags } => About::Open { path: own(path), flags: *flags },
            About::Path(path) => About::Path(own(path)),
            About::Rename { from, to } => About::Rename { from: own(from), to: own(to) },
            About::Permissions(mode) => About::Permissions(*mode),
            About::Read(room) => About::Read(*room),
            About::Write { data, length } => About::Write { data: first(data), length: *length },
            About::Program(words) => About::Program(own(words)),
            About::Signal { pid, signal } => About::Signal { pid: *pid, signal: *signal },
            About::Child(pid) => About::Child(*pid),
            About::Time(time) => About::Time(*time),
        }
    }

    /// Whether EAGAIN is the kernel's answer on a blocking socket too: with MSG_DONTWAIT, and for the urgent byte of a
    /// stream, for which recv(2) does not wait. Sockets that keep messages know no urgent data and wait as without it.
    fn never_waits(&self, on_stream: bool) -> bool {
        match self {
            About::Bytes { flags, .. } | About::Slices { flags, .. } => flags & libc::MSG_DONTWAIT != 0,
            About::Room { flags, .. } => {
                // The error queue is only looked into.
                flags & (libc::MSG_DONTWAIT | libc::MSG_ERRQUEUE) != 0
                    || flags & libc::MSG_OOB != 0 && on_stream
            }
            _ => false,
        }
    }
}

/// What a call is made on.
pub trait Subject {
    /// What is handed to the call itself: the transport of a socket, a file.
    type Open;
    /// Opens it for one call; or the socket that was closed before.
    fn open(&self) -> Result<Self::Open, &Arc<Endpoint>>;
    /// Its sockets.
    fn sockets(&self) -> &[Arc<Endpoint>];
    /// Its descriptors: those of its sockets in their order, or a file's.
    fn fds(&self, open: &Self::Open) -> Vec<RawFd>;
}

impl Subject for () {
    type Open = ();

    fn open(&self) -> Result<(), &Arc<Endpoint>> {
        Ok(())
    }

    fn sockets(&self) -> &[Arc<Endpoint>] {
        &[]
    }

    fn fds(&self, (): &()) -> Vec<RawFd> {
        Vec::new()
    }
}

impl Subject for &Arc<Endpoint> {
    type Open = Arc<dyn Transport>;

    #[inline]
    fn open(&self) -> Result<Arc<dyn Transport>, &Arc<Endpoint>> {
        (**self).open().map_err(|_| *self)
    }

    #[inline]
    fn sockets(&self) -> &[Arc<Endpoint>] {
        std::slice::from_ref(self)
    }

    fn fds(&self, open: &Arc<dyn Transport>) -> Vec<RawFd> {
        vec![open.socket().as_raw_fd()]
    }
}

impl Subject for &[Arc<Endpoint>] {
    type Open = Vec<Arc<dyn Transport>>;

    fn open(&self) -> Result<Vec<Arc<dyn Transport>>, &Arc<Endpoint>> {
        self.iter().map(|socket| socket.open().map_err(|_| socket)).collect()
    }

    fn sockets(&self) -> &[Arc<Endpoint>] {
        self
    }

    fn fds(&self, open: &Vec<Arc<dyn Transport>>) -> Vec<RawFd> {
        open.iter().map(|transport| transport.socket().as_raw_fd()).collect()
    }
}

/// A descriptor that is no socket of the session: a file, or a socket that a command needs for itself. It is closed
/// when it is dropped, and observers are told of that.
pub struct Owned<T> {
    inner: T,
    // Dropped, and told of, after the descriptor was closed.
    closing: Closing,
}

struct Closing {
    fd: RawFd,
    observers: Observers,
    look: bool,
    begun: Option<Begun>,
}

impl<T: AsRawFd> Owned<T> {
    /// `look`: it was opened to show something.
    pub fn new(inner: T, caller: &Caller, look: bool) -> Owned<T> {
        let closing =
            Closing { fd: inner.as_raw_fd(), observers: caller.observers.clone(), look, begun: None };
        Owned { inner, closing }
    }
}

impl<T> std::ops::Deref for Owned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if self.closing.observers.told {
            self.closing.begun = Some(Begun::now());
        }
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if let Some(begun) = &self.begun {
            let call =
                Asked { name: "close", sockets: &[], fds: &[self.fd], about: About::Plain, look: self.look };
            self.observers.after(&call, begun, Ok(&()), None);
        }
    }
}

impl<T> Subject for &Owned<T> {
    type Open = ();

    fn open(&self) -> Result<(), &Arc<Endpoint>> {
        Ok(())
    }

    fn sockets(&self) -> &[Arc<Endpoint>] {
        &[]
    }

    fn fds(&self, (): &()) -> Vec<RawFd> {
        vec![self.closing.fd]
    }
}

/// A descriptor by its number, which nothing here owns.
pub struct Descriptor(pub RawFd);

impl Subject for &Descriptor {
    type Open = ();

    fn open(&self) -> Result<(), &Arc<Endpoint>> {
        Ok(())
    }

    fn sockets(&self) -> &[Arc<Endpoint>] {
        &[]
    }

    fn fds(&self, (): &()) -> Vec<RawFd> {
        vec![self.0]
    }
}

/// A call as observers see it.
pub struct Asked<'a> {
    pub name: &'static str,
    pub sockets: &'a [Arc<Endpoint>],
    /// Those of the sockets in their order, or a file's.
    pub fds: &'a [RawFd],
    pub about: About<'a>,
    /// It only reads what is to be shown.
    pub look: bool,
}

impl Asked<'_> {
    /// The number of its socket within the process; 0 is none.
    fn id(&self) -> u32 {
        id_of(self.sockets)
    }
}

fn id_of(sockets: &[Arc<Endpoint>]) -> u32 {
    match sockets {
        [] => 0,
        [one] => one.id,
        _ => SEVERAL,
    }
}

/// A consumer of calls: the trace, and whatever else is to know or to decide.
pub trait Observer: Send + Sync {
    /// May refuse a call before it is made. What only looks, closes or ends a program is not asked for.
    fn before(&self, _call: &Asked<'_>) -> Result<(), Box<Halt>> {
        Ok(())
    }

    /// A call was made.
    fn after(&self, _fact: &Arc<CallFact>) {}

    /// The same, with the sockets themselves and the way to look at them, for an observer that does.
    fn after_on(&self, fact: &Arc<CallFact>, _sockets: &[Arc<Endpoint>], _door: &Observers) {
        self.after(fact);
    }

    /// The socket that a call of this thread has just made is one of the session's.
    fn adopted(&self, _socket: &Arc<Endpoint>, _door: &Observers) {}

    /// How many bytes of the data of each call this observer wants in its fact.
    fn data(&self) -> usize {
        0
    }

    /// Whether it is told of calls at all: facts are made where an observer wants them.
    fn wants_facts(&self) -> bool {
        true
    }
}

/// A call that was made.
#[derive(Clone, Debug)]
pub struct CallFact {
    pub name: &'static str,
    pub about: About<'static>,
    /// Its sockets, with their names at that time.
    pub ends: Vec<End>,
    /// The descriptor of its socket or file; none where there is none or several.
    pub fd: Option<RawFd>,
    pub thread: Thread,
    /// The line that made it.
    pub line: Step,
    /// When it began, by the monotonic clock and by the calendar.
    pub begun: Instant,
    pub when: SystemTime,
    pub took: Duration,
    /// What it returned in C, or its error.
    pub result: Result<i64, Code>,
    /// The first of the bytes that were taken or came, as far as an observer wants them.
    pub data: Vec<u8>,
    /// What it gave beside its result: an address, an option's value.
    pub gave: Value,
    /// What came beside the bytes of a message.
    pub control: Vec<Control>,
    /// It only read what was to be shown.
    pub look: bool,
    /// The time limit that ended it: the kernel says EINTR then, for sockbook interrupts it, or EAGAIN; the script gets
    /// ETIMEDOUT.
    pub limit: Option<Duration>,
}

/// A socket of a call.
#[derive(Clone, Debug)]
pub struct End {
    pub number: u32,
    pub name: Arc<str>,
    pub fd: RawFd,
}

/// A thread of a script: number 0, `main`, is the script itself.
#[derive(Clone, Debug)]
pub struct Thread {
    pub number: u32,
    pub name: Arc<str>,
}

/// A line that runs: where it stands, and which of its thread's lines it is, so that the rounds of a loop differ. No
/// place, where no line runs: a script that is over closes its sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub span: Option<Span>,
    pub number: u64,
}

/// The observers of one thread's calls.
#[derive(Clone)]
pub struct Observers {
    list: Vec<Arc<dyn Observer>>,
    /// One of them wants facts.
    told: bool,
    thread: Thread,
    line: Step,
}

/// When a call began.
struct Begun {
    at: Instant,
    when: SystemTime,
}

impl Begun {
    fn now() -> Begun {
        Begun { at: Instant::now(), when: SystemTime::now() }
    }
}

impl Observers {
    #[inline]
    fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn of(list: Vec<Arc<dyn Observer>>, thread: Thread, line: Step) -> Observers {
        let told = list.iter().any(|observer| observer.wants_facts());
        Observers { list, told, thread, line }
    }

    pub fn add(&mut self, observer: Arc<dyn Observer>) {
        self.told |= observer.wants_facts();
        self.list.push(observer);
    }

    /// A line begins, or, without a place, none runs any more.
    #[inline]
    pub fn begin_line(&mut self, span: Option<Span>) {
        self.line = Step { span, number: self.line.number + 1 };
    }

    /// A socket that was just made is one of the session's.
    #[inline]
    pub fn adopted(&self, socket: &Arc<Endpoint>) {
        self.list.iter().for_each(|observer| observer.adopted(socket, self));
    }

    /// None: what is made by them, no observer is told of.
    pub fn none() -> Observers {
        let thread = Thread { number: 0, name: "main".into() };
        Observers::of(Vec::new(), thread, Step::default())
    }

    /// The thread whose calls are observed.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// An observer's own look at a socket, which is a fact as others are.
    pub fn look<T: Returned>(
        &self,
        socket: &Arc<Endpoint>,
        name: &'static str,
        about: About<'_>,
        mut make: impl FnMut(&socket2::Socket) -> io::Result<T>,
    ) -> Option<T> {
        let open = socket.open().ok()?;
        let (sockets, fds) = (std::slice::from_ref(socket), [open.socket().as_raw_fd()]);
        let asked = Asked { name, sockets, fds: &fds, about, look: true };
        self.at_once(&asked, || make(open.socket())).ok()
    }

    /// Takes an observer off the list.
    pub fn remove(&mut self, observer: &Arc<dyn Observer>) {
        self.list.retain(|other| !Arc::ptr_eq(other, observer));
        self.told = self.list.iter().any(|observer| observer.wants_facts());
    }

    fn before(&self, call: &Asked<'_>) -> Result<(), Box<Halt>> {
        self.list.iter().try_for_each(|observer| observer.before(call))
    }

    /// Tells every observer of a call that has returned.
    fn after(
        &self,
        call: &Asked<'_>,
        begun: &Begun,
        result: Result<&dyn Returned, Code>,
        limit: Option<Duration>,
    ) {
        let took = begun.at.elapsed();
        let most = self.list.iter().map(|observer| observer.data()).max().unwrap_or(0);
        let data = match (&call.about, result) {
            (About::Bytes { data, .. } | About::Write { data, .. }, Ok(taken)) => {
                &data[..usize::try_from(taken.returned()).unwrap_or(0).min(data.len())]
            }
            (_, Ok(value)) => value.data(),
            (_, Err(_)) => &[],
        };
        let ends = call.sockets.iter().zip(call.fds);
        let fact = Arc::new(CallFact {
            name: call.name,
            about: call.about.owned(most),
            ends: ends.map(|(s, fd)| End { number: s.number, name: s.name(), fd: *fd }).collect(),
            fd: if let [fd] = call.fds { Some(*fd) } else { None },
            thread: self.thread.clone(),
            line: self.line,
            begun: begun.at,
            when: begun.when,
            took,
            result: result.map(|value| value.returned()),
            data: data[..data.len().min(most)].to_vec(),
            gave: result.map_or(Value::Nothing, |value| value.gave()),
            control: result.map_or(Vec::new(), |value| value.control().to_vec()),
            look: call.look,
            limit,
        });
        self.list.iter().for_each(|observer| observer.after_on(&fact, call.sockets, self));
    }

    /// Makes a call that does not wait, whatever this thread is to do; observers are told of it and not asked.
    pub fn at_once<T: Returned>(
        &self,
        call: &Asked<'_>,
        mut make: impl FnMut() -> io::Result<T>,
    ) -> io::Result<T> {
        let begun = self.told.then(Begun::now);
        let result = loop {
            match make() {
                Err(e) if e.raw_os_error() == Some(libc::EINTR) => {}
                result => break result,
            }
        };
        if let Some(begun) = begun {
            let result = result.as_ref().map(|value| value as &dyn Returned).map_err(code_of);
            self.after(call, &begun, result, None);
        }
        result
    }
}

/// The limit of a call: what the socket was given by `settimeout` counts too. The kernel ends such a call by itself, but
/// begins anew to count after each signal (STOP and CONT, a timer), and would then wait for ever.
#[inline]
fn own_limit<S: Subject>(call: &Call<'_, S>, limit: Option<Deadline>) -> Option<Deadline> {
    match call.on.sockets() {
        [socket] if socket.has_timeout() => kernels_limit(call.name, &call.about, socket, limit),
        _ => limit,
    }
}

/// The time-out of a socket that this error is about: what the kernel calls EAGAIN or EINPROGRESS on a blocking socket.
fn kernel_ran_out(name: &str, error: &io::Error, socket: &Endpoint) -> Option<Duration> {
    let is_time_out = matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EINPROGRESS));
    if !is_time_out || socket.nonblocking() {
        return None;
    }
    let sends = name.starts_with("send") || name == "connect";
    if sends { socket.send_timeout() } else { socket.timeout() }
}

#[cold]
fn kernels_limit(
    name: &str,
    about: &About<'_>,
    socket: &Endpoint,
    limit: Option<Deadline>,
) -> Option<Deadline> {
    let own = match name {
        "accept4" | "recv" | "recvfrom" | "recvmsg" => socket.timeout(),
        "connect" | "send" | "sendto" | "sendmsg" | "sendfile" => socket.send_timeout(),
        _ => None,
    };
    let waits = !socket.nonblocking() && !about.never_waits(socket.is_stream());
    match own.filter(|_| waits) {
        Some(after) => Some(Deadline::new(after, Limit::Socket).sooner(limit)),
        None => limit,
    }
}

/// A socket keeps the last bytes that it sent and received, for the report of a failure.
#[inline]
fn keep_last<T: Returned>(sockets: &[Arc<Endpoint>], about: &About<'_>, value: &T) {
    let [socket] = sockets else { return };
    match about {
        About::Bytes { data, .. } => {
            let taken = usize::try_from(value.returned()).unwrap_or(0);
            socket.note_sent(&data[..taken.min(data.len())]);
        }
        About::Slices { pieces, .. } => {
            let mut left = usize::try_from(value.returned()).unwrap_or(0);
            for piece in pieces.iter() {
                let taken = left.min(piece.len());
                socket.note_sent(&piece[..taken]);
                left -= taken;
            }
        }
        About::Room { flags, .. } if flags & (libc::MSG_PEEK | libc::MSG_ERRQUEUE) == 0 => {
            socket.note_came(value.data());
        }
        _ => {}
    }
}

/// An error of the system as the code that a script sees.
fn code_of(error: &io::Error) -> Code {
    CallError::io("", error).code
}

/// What open(2) goes through: the policy, where files are held.
pub struct Opener(Option<Arc<Guard>>);

impl Opener {
    /// open(2), for a file that the policy has allowed: from the folder that allows it.
    pub fn open(&self, path: &Path, name: &CStr, flags: i32) -> io::Result<OwnedFd> {
        let held = self.0.as_ref().and_then(|guard| guard.open(path, flags));
        held.unwrap_or_else(|| super::kernel::open(name, flags))
    }
}

/// Makes calls for one thread.
pub struct Caller {
    pub gate: Arc<Gate>,
    pub observers: Observers,
    /// How long the script may take, and who says so, for the message when it has.
    pub script_limit: (Duration, SetBy),
    /// The script's threads, this one among them.
    pub roster: Arc<Roster>,
    /// The script has threads: each tells the others which call it is in.
    pub threads: bool,
    /// The policy that the session is held to, which is one of its observers.
    guard: Option<Arc<Guard>>,
    /// Calls that no line has typed are made: the policy is not asked.
    own: bool,
}

impl Caller {
    pub fn new(gate: Arc<Gate>) -> Caller {
        Caller {
            gate,
            observers: Observers::none(),
            script_limit: Default::default(),
            roster: Arc::default(),
            threads: false,
            guard: None,
            own: false,
        }
    }

    /// From here on the policy is asked before each call.
    pub fn keep_to(&mut self, guard: Arc<Guard>) {
        self.observers.add(guard.clone());
        self.guard = Some(guard);
    }

    /// The policy, where there is one.
    pub fn guard(&self) -> Option<&Arc<Guard>> {
        self.guard.as_ref()
    }

    /// Makes calls that the script has not chosen: the temporary folder, the kernel's tables. No observer is asked; each
    /// is told.
    pub fn by_itself<T>(&mut self, work: impl FnOnce(&mut Caller) -> T) -> T {
        let before = std::mem::replace(&mut self.own, true);
        let result = work(self);
        self.own = before;
        result
    }

    fn ask(&self, call: &Asked<'_>) -> Result<(), Box<Halt>> {
        if self.own { Ok(()) } else { self.observers.before(call) }
    }

    /// Opens the files of this thread.
    pub fn opener(&self) -> Opener {
        Opener(self.guard.clone().filter(|_| !self.own))
    }

    /// The caller of a thread that begins here. Its gate is set once it runs.
    pub fn fork(&self, gate: Arc<Gate>, thread: Thread) -> Caller {
        Caller {
            gate,
            observers: Observers::of(self.observers.list.clone(), thread, self.observers.line),
            script_limit: self.script_limit,
            roster: self.roster.clone(),
            threads: true,
            guard: self.guard.clone(),
            own: false,
        }
    }

    /// Makes a call that may wait: until it returns, `limit` runs out, or this thread is stopped.
    ///
    /// `make` is called again when a signal that was meant for no one has interrupted it (EINTR).
    #[inline]
    pub fn call<S: Subject, T: Returned>(
        &mut self,
        call: Call<'_, S>,
        limit: Option<Deadline>,
        mut make: impl FnMut(&S::Open) -> io::Result<T>,
    ) -> Result<T, Box<Halt>> {
        let open = match call.on.open() {
            Ok(open) => open,
            Err(gone) => return Err(closed(call.name, gone)),
        };
        let limit = own_limit(&call, limit);
        // The usual call: no observer, no limit, and it is not interrupted.
        if self.observers.is_empty() && limit.is_none() {
            let doing = self.threads.then(|| (call.name, id_of(call.on.sockets())));
            let result = self.gate.begin(doing).then(|| make(&open));
            self.gate.end();
            match result {
                Some(Ok(value)) => {
                    keep_last(call.on.sockets(), &call.about, &value);
                    return Ok(value);
                }
                Some(Err(e)) if e.raw_os_error() != Some(libc::EINTR) => {
                    let asked = Asked {
                        name: call.name,
                        sockets: call.on.sockets(),
                        fds: &[],
                        about: call.about,
                        look: false,
                    };
                    return Err(self.failed(&asked, Stop::Io(e), None));
                }
                // Not made, or interrupted: the gate knows why.
                _ => {}
            }
        }
        let fds = call.on.fds(&open);
        let asked =
            Asked { name: call.name, sockets: call.on.sockets(), fds: &fds, about: call.about, look: false };
        self.observed(&asked, limit, &mut || make(&open))
    }

    /// The same with observers, limits and interruptions.
    fn observed<T: Returned>(
        &mut self,
        call: &Asked<'_>,
        limit: Option<Deadline>,
        make: &mut dyn FnMut() -> io::Result<T>,
    ) -> Result<T, Box<Halt>> {
        self.ask(call)?;
        let begun = self.observers.told.then(Begun::now);
        let mut made = false;
        let result = loop {
            let result = self.gate.blocking(limit, call.name, call.id(), || {
                made = true;
                make()
            });
            match result {
                // Another script of this process closed its socket of the same number, or a socket was closed that is
                // none of these several.
                Err(Stop::Closed) if call.sockets.iter().all(|s| s.is_open()) => {}
                // The script has waited for the program, or killed it, since its death was noticed.
                Err(Stop::Died) if !self.roster.has_dead() => self.gate.lift_wait_limit(),
                result => break result,
            }
        };
        if let Some(begun) = begun
            && made
        {
            let ran_out = result.as_ref().err().and_then(|stop| self.ran_out(call, stop, limit));
            let result = match &result {
                Ok(value) => Ok(value as &dyn Returned),
                Err(Stop::Io(e)) => Err(code_of(e)),
                Err(_) => Err(Code::Errno(libc::EINTR)),
            };
            self.observers.after(call, &begun, result, ran_out);
        }
        if let Ok(value) = &result {
            keep_last(call.sockets, &call.about, value);
        }
        result.map_err(|stop| self.failed(call, stop, limit))
    }

    /// The time limit that ended this call, if one did.
    #[cold]
    fn ran_out(&self, call: &Asked<'_>, stop: &Stop, limit: Option<Deadline>) -> Option<Duration> {
        match (stop, call.sockets) {
            (Stop::Timeout, _) => limit.map(|limit| limit.after()),
            (Stop::Limit, _) => Some(self.script_limit.0),
            (Stop::Io(e), [socket]) if !call.about.never_waits(socket.is_stream()) => {
                kernel_ran_out(call.name, e, socket)
            }
            _ => None,
        }
    }

    #[cold]
    fn failed(&self, call: &Asked<'_>, stop: Stop, limit: Option<Deadline>) -> Box<Halt> {
        match stop {
            Stop::Closed => match call.sockets.iter().find(|s| !s.is_open()) {
                Some(gone) => closed(call.name, gone),
                None => self.halt(call.name, stop, limit, None),
            },
            Stop::Io(e) if call.about.never_waits(call.sockets.iter().all(|s| s.is_stream())) => {
                let mut error = CallError::io(call.name, &e);
                error.socket = call.sockets.first().cloned();
                error.into()
            }
            // Of several sockets none is the one.
            stop => {
                let socket = if let [one] = call.sockets { Some(one) } else { None };
                self.halt(call.name, stop, limit, socket)
            }
        }
    }

    /// A read that is made to show something: it does not wait, it is made even when this thread is to stop, and its
    /// fact says that it is a look.
    pub fn look<S: Subject, T: Returned>(
        &self,
        call: Call<'_, S>,
        make: impl FnMut(&S::Open) -> io::Result<T>,
    ) -> io::Result<T> {
        self.unasked(call, true, make)
    }

    /// A call that does not wait and is made even when this thread is to stop: the end of a program.
    pub fn settle<S: Subject, T: Returned>(
        &self,
        call: Call<'_, S>,
        make: impl FnMut(&S::Open) -> io::Result<T>,
    ) -> io::Result<T> {
        self.unasked(call, false, make)
    }

    fn unasked<S: Subject, T: Returned>(
        &self,
        call: Call<'_, S>,
        look: bool,
        mut make: impl FnMut(&S::Open) -> io::Result<T>,
    ) -> io::Result<T> {
        let Ok(open) = call.on.open() else { return Err(io::Error::from_raw_os_error(libc::EBADF)) };
        let fds = if self.observers.is_empty() { Vec::new() } else { call.on.fds(&open) };
        let sockets = call.on.sockets();
        let asked = Asked { name: call.name, sockets, fds: &fds, about: call.about, look };
        self.observers.at_once(&asked, || make(&open))
    }

    /// close(2) of a socket that was taken out of its endpoint: drops the last hold on it.
    pub fn close(&self, socket: &Arc<Endpoint>, transport: Arc<dyn Transport>) {
        let fd = transport.socket().as_raw_fd();
        let sockets = std::slice::from_ref(socket);
        let asked = Asked { name: "close", sockets, fds: &[fd], about: About::Plain, look: false };
        let mut transport = Some(transport);
        let _ = self.observers.at_once(&asked, || {
            drop(transport.take());
            Ok(())
        });
    }

    /// A call of the C library that cannot be interrupted, on a thread of its own. Its own error comes back inside.
    pub fn aside<T: Send + 'static>(
        &mut self,
        name: &'static str,
        about: About<'_>,
        limit: Option<Deadline>,
        work: impl FnOnce() -> Result<T, Code> + Send + 'static,
    ) -> Result<Result<T, Code>, Box<Halt>> {
        let call = Asked { name, sockets: &[], fds: &[], about, look: false };
        self.ask(&call)?;
        let begun = self.observers.told.then(Begun::now);
        let answer = aside(&self.gate, name, limit, work);
        if let Some(begun) = begun {
            let result: Result<&dyn Returned, Code> = match &answer {
                Ok(Ok(_)) => Ok(&()),
                Ok(Err(code)) => Err(*code),
                Err(Stop::Io(e) | Stop::NoThread(e)) => Err(code_of(e)),
                Err(_) => Err(Code::Errno(libc::EINTR)),
            };
            let ran_out = answer.as_ref().err().and_then(|stop| self.ran_out(&call, stop, limit));
            self.observers.after(&call, &begun, result, ran_out);
        }
        answer.map_err(|stop| self.halt(name, stop, limit, None))
    }

    /// A pause of a command that waits for something: as [`Caller::sleep`]. `waits_for` is the call, and
    /// its socket, that the error names where the limit runs out.
    pub fn pause(
        &mut self,
        time: Duration,
        limit: Option<Deadline>,
        waits_for: (&'static str, Option<&Arc<Endpoint>>),
    ) -> Result<(), Box<Halt>> {
        self.sleep(time, limit).map_err(|mut halt| {
            if let Halt::Error(error) = &mut *halt {
                error.call = waits_for.0;
                error.socket = waits_for.1.cloned();
            }
            halt
        })
    }

    /// nanosleep(2), until it is over, `limit` runs out or this thread is stopped.
    pub fn sleep(&mut self, time: Duration, limit: Option<Deadline>) -> Result<(), Box<Halt>> {
        let begun = Instant::now();
        let call = Call { name: "nanosleep", on: (), about: About::Time(time) };
        let mut left = time;
        self.call(call, limit, |()| {
            // Interrupted, it sleeps for the rest.
            super::kernel::nanosleep(left).inspect_err(|_| left = time.saturating_sub(begun.elapsed()))
        })
    }

    /// What a command or a block came to, if the script's limit is not over by then: one that made no call has heard
    /// nothing of it. What has failed for good stays.
    #[inline(always)]
    pub fn in_time<T>(&self, ended: Result<T, Box<Halt>>) -> Result<T, Box<Halt>> {
        if self.gate.is_over() { self.too_late(ended) } else { ended }
    }

    #[cold]
    fn too_late<T>(&self, ended: Result<T, Box<Halt>>) -> Result<T, Box<Halt>> {
        match ended.as_ref().map_err(|halt| &**halt) {
            Ok(_) | Err(Halt::Error(_) | Halt::Exit { .. } | Halt::Skip { .. }) => {
                Err(self.halt("", Stop::Limit, None, None))
            }
            Err(_) => ended,
        }
    }

    /// A stopped or failed call as what the script is told.
    #[cold]
    pub fn halt(
        &self,
        name: &'static str,
        stop: Stop,
        deadline: Option<Deadline>,
        socket: Option<&Arc<Endpoint>>,
    ) -> Box<Halt> {
        let limited =
            |limit, after| CallError::new(name, Code::Errno(libc::ETIMEDOUT), Detail::Limit { limit, after });
        let mut error = match stop {
            Stop::Signal(number) => {
                return Box::new(Halt::Signal {
                    number,
                    done: Default::default(),
                    span: None,
                    way: Way::default(),
                });
            }
            Stop::Cancelled => return Box::new(Halt::Cancelled { span: None, way: Way::default() }),
            Stop::Died => {
                // Once: `finally` blocks wait as long as they like.
                self.gate.lift_wait_limit();
                return Box::new(match self.roster.dead() {
                    Some(process) => {
                        Halt::Died { then: None, process, asked: false, span: None, way: Way::default() }
                    }
                    None => Halt::Cancelled { span: None, way: Way::default() },
                });
            }
            Stop::Limit => {
                let number = socket.map_or(0, |s| s.id);
                let mut waiting = self.roster.waiting(&self.gate, name, number);
                if waiting.is_empty() {
                    waiting.push(Waiting {
                        thread: "main".into(),
                        call: name,
                        number,
                        socket: String::new(),
                    });
                }
                return Box::new(Halt::Limit {
                    after: self.script_limit.0,
                    by: self.script_limit.1,
                    span: None,
                    waiting,
                    way: Way::default(),
                });
            }
            Stop::Closed => CallError::errno(name, libc::EBADF).detail(Detail::Closed),
            Stop::Timeout => match deadline {
                Some(d) => limited(d.limit(), d.after()),
                None => limited(Limit::System, Duration::ZERO),
            },
            Stop::NoThread(e) => CallError::io("pthread_create", &e),
            Stop::Io(e) => match socket.and_then(|socket| kernel_ran_out(name, &e, socket)) {
                Some(after) => limited(Limit::Socket, after),
                None => CallError::io(name, &e),
            },
        };
        error.socket = socket.cloned();
        if matches!(error.detail, Detail::Limit { .. }) {
            error.waiting = self.roster.waiting(&self.gate, name, socket.map_or(0, |s| s.id));
        }
        Box::new(Halt::Error(error))
    }
}

/// The threads of a script: each one's name and gate.
#[derive(Default)]
pub struct Roster {
    members: Mutex<Vec<Member>>,
    /// Everything is to end: also what has begun but has not joined yet.
    ending: AtomicBool,
    /// The first program of the script that died, and whether such a death ends calls that wait: not at the prompt.
    dead: Mutex<Option<Arc<Process>>>,
    ends_waits: AtomicBool,
    /// The fixtures that the script stands on.
    above: OnceLock<Vec<Arc<Roster>>>,
    /// The temporary folder, once it was made.
    folder: OnceLock<PathBuf>,
    /// Of a fixture: the scripts that run on it.
    below: Mutex<Below>,
    /// The threads that ran into a limit just now, with the call they were in.
    expired: Mutex<Vec<(Instant, u32, Waiting)>>,
}

/// Who is told of the end of a fixture's program.
#[derive(Default)]
struct Below {
    scripts: Vec<(Arc<Roster>, Arc<Gate>)>,
    /// The first that died: scripts that come later are told too.
    dead: Option<Arc<Process>>,
}

impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roster").finish_non_exhaustive()
    }
}

/// A thread of a script: in order of its start, 0 for the script itself.
struct Member {
    number: u32,
    name: Arc<str>,
    gate: Arc<Gate>,
}

impl Roster {
    fn list(&self) -> MutexGuard<'_, Vec<Member>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on the death of a program ends calls of the script that wait; or no longer, and `gate` is as new.
    pub fn end_waits_on_death(self: &Arc<Self>, on: bool, gate: &Arc<Gate>) {
        let above = self.above.get().map_or(&[][..], Vec::as_slice);
        if !on {
            above.iter().for_each(|fixture| fixture.below().scripts.retain(|(s, _)| !Arc::ptr_eq(s, self)));
        }
        let list = self.list();
        self.ends_waits.store(on, SeqCst);
        if !on {
            gate.lift_wait_limit();
        }
        drop(list);
        for fixture in above.iter().filter(|_| on) {
            let mut below = fixture.below();
            below.scripts.push((self.clone(), gate.clone()));
            let dead = below.dead.clone().filter(|process| process.has_died());
            drop(below);
            if let Some(process) = dead {
                self.died(&process, gate);
            }
        }
    }

    /// The script has made its temporary folder.
    pub fn has_folder(&self, path: &Path) {
        let _ = self.folder.set(path.to_path_buf());
    }

    /// Its temporary folder, if there is one.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.get().map(PathBuf::as_path)
    }

    /// The script stands on these fixtures: the death of a program of theirs is as one of its own.
    pub fn stand_on(&self, fixtures: Vec<Arc<Roster>>) {
        let _ = self.above.set(fixtures);
    }

    fn below(&self) -> MutexGuard<'_, Below> {
        self.below.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A program has died that `starter`'s thread started: every thread of the script is told.
    pub fn died(&self, process: &Arc<Process>, starter: &Arc<Gate>) {
        let scripts = {
            let mut below = self.below();
            below.dead.get_or_insert_with(|| process.clone());
            below.scripts.clone()
        };
        scripts.iter().for_each(|(script, gate)| script.died(process, gate));
        let list = self.list();
        if !self.ends_waits.load(SeqCst) {
            return;
        }
        let mut dead = self.lock_dead();
        if !dead.as_ref().is_some_and(|first| first.has_died()) {
            *dead = Some(process.clone());
        }
        drop(dead);
        starter.limit_waits();
        list.iter().filter(|m| !Arc::ptr_eq(&m.gate, starter)).for_each(|m| m.gate.limit_waits());
    }

    fn lock_dead(&self) -> MutexGuard<'_, Option<Arc<Process>>> {
        self.dead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a program died whose end counts?
    fn has_dead(&self) -> bool {
        self.lock_dead().as_ref().is_some_and(|process| process.has_died())
    }

    /// The first program that died.
    pub fn dead(&self) -> Option<Arc<Process>> {
        self.lock_dead().clone()
    }

    pub fn join(&self, number: u32, name: Arc<str>, gate: Arc<Gate>) {
        let mut list = self.list();
        let at = list.partition_point(|m| m.number < number);
        if self.ending.load(SeqCst) {
            gate.cancel();
        }
        if self.lock_dead().is_some() {
            gate.limit_waits();
        }
        list.insert(at, Member { number, name, gate });
    }

    /// The script itself, once it is one of several.
    pub fn join_main(&self, gate: &Arc<Gate>) {
        let mut list = self.list();
        if list.is_empty() {
            list.push(Member { number: 0, name: "main".into(), gate: gate.clone() });
        }
    }

    pub fn leave(&self, gate: &Arc<Gate>) {
        self.list().retain(|m| !Arc::ptr_eq(&m.gate, gate));
    }

    /// Ends what all but this thread are doing, and what joins later, until [`Roster::go_on`].
    pub fn cancel_others(&self, own: &Arc<Gate>) {
        let list = self.list();
        self.ending.store(true, SeqCst);
        list.iter().filter(|m| !Arc::ptr_eq(&m.gate, own)).for_each(|m| m.gate.cancel());
    }

    /// Ends what the script itself is doing: one of its threads has failed for good.
    pub fn cancel_main(&self) {
        self.list().iter().filter(|m| m.number == 0).for_each(|m| m.gate.cancel());
    }

    /// The others are gone: new ones may begin.
    pub fn go_on(&self) {
        self.ending.store(false, SeqCst);
    }

    /// The call each thread waits in, if there is more than one thread: this one in `call`, the others in theirs.
    fn waiting(&self, own: &Arc<Gate>, call: &'static str, socket: u32) -> Vec<Waiting> {
        /// Limits of one length run out together: a thread that was first waits no longer, and is listed all the
        /// same.
        const TOGETHER: Duration = Duration::from_millis(100);
        let list = self.list();
        let mut expired = self.expired.lock().unwrap_or_else(PoisonError::into_inner);
        expired.retain(|(when, ..)| when.elapsed() < TOGETHER);
        let mut all: Vec<(u32, Waiting)> = Vec::new();
        for member in list.iter() {
            let mine = Arc::ptr_eq(&member.gate, own);
            let doing = if mine { Some((call, socket)) } else { member.gate.doing() };
            let Some((call, number)) = doing else { continue };
            let waiting = Waiting { thread: member.name.clone(), call, number, socket: String::new() };
            if mine {
                expired.push((Instant::now(), member.number, waiting.clone()));
            }
            all.push((member.number, waiting));
        }
        for (_, number, waiting) in expired.iter() {
            if !all.iter().any(|(n, _)| n == number) {
                all.push((*number, waiting.clone()));
            }
        }
        if all.len() < 2 {
            return Vec::new();
        }
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, waiting)| waiting).collect()
    }
}

/// What a call's result is in C, and what came with it.
pub trait Returned {
    fn returned(&self) -> i64;

    /// The bytes that came.
    fn data(&self) -> &[u8] {
        &[]
    }

    /// What it gave beside its result.
    fn gave(&self) -> Value {
        Value::Nothing
    }

    /// What came beside the bytes of a message.
    fn control(&self) -> &[Control] {
        &[]
    }
}

impl Returned for () {
    fn returned(&self) -> i64 {
        0
    }
}

impl Returned for usize {
    fn returned(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

impl Returned for i32 {
    fn returned(&self) -> i64 {
        (*self).into()
    }
}

impl Returned for socket2::Socket {
    fn returned(&self) -> i64 {
        self.as_raw_fd().into()
    }
}

/// accept4(2)
impl Returned for (socket2::Socket, socket2::SockAddr) {
    fn returned(&self) -> i64 {
        self.0.as_raw_fd().into()
    }

    fn gave(&self) -> Value {
        Value::address(super::address::from_kernel(&self.1))
    }
}

/// socketpair(2)
impl Returned for (socket2::Socket, socket2::Socket) {
    fn returned(&self) -> i64 {
        0
    }
}

impl Returned for std::os::fd::OwnedFd {
    fn returned(&self) -> i64 {
        self.as_raw_fd().into()
    }
}

/// getsockname(2), getpeername(2)
impl Returned for Address {
    fn returned(&self) -> i64 {
        0
    }

    fn gave(&self) -> Value {
        Value::address(self.clone())
    }
}

/// An option's value.
impl Returned for Value {
    fn returned(&self) -> i64 {
        0
    }

    fn gave(&self) -> Value {
        self.clone()
    }
}

/// The error of a call on a socket that was closed before; the kernel is not asked.
#[cold]
pub fn closed(name: &'static str, socket: &Arc<Endpoint>) -> Box<Halt> {
    let mut error = CallError::errno(name, libc::EBADF).detail(Detail::Closed);
    error.socket = Some(socket.clone());
    Box::new(Halt::Error(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::gate::register;

    /// Refuses to connect, and keeps the facts of the rest with three bytes of their data.
    #[derive(Default)]
    struct Guard(Mutex<Vec<Arc<CallFact>>>);

    impl Observer for Guard {
        fn before(&self, call: &Asked<'_>) -> Result<(), Box<Halt>> {
            match call.name {
                "connect" => Err(CallError::errno("connect", libc::EACCES).into()),
                _ => Ok(()),
            }
        }

        fn after(&self, fact: &Arc<CallFact>) {
            self.0.lock().unwrap().push(fact.clone());
        }

        fn data(&self) -> usize {
            3
        }
    }

    fn call(name: &'static str) -> Call<'static, ()> {
        Call { name, on: (), about: About::bytes(b"abcdef", 7) }
    }

    #[test]
    fn an_observer_refuses_a_call_before_it_is_made() {
        let registered = register().unwrap();
        let mut caller = Caller::new(registered.gate());
        let guard = Arc::new(Guard::default());
        caller.observers.add(guard.clone());
        let made = std::cell::Cell::new(0);
        let make = |_: &()| {
            made.set(made.get() + 1);
            Ok(4)
        };
        assert!(caller.call(call("connect"), None, make).is_err());
        // What only looks is not asked for.
        assert_eq!(caller.look(call("connect"), make).unwrap(), 4);
        assert_eq!(caller.call(call("send"), None, make).unwrap(), 4);
        assert_eq!(made.get(), 2);
        let facts = guard.0.lock().unwrap().clone();
        assert_eq!(
            facts.iter().map(|f| (f.name, f.look)).collect::<Vec<_>>(),
            [("connect", true), ("send", false)]
        );
        let sent = &facts[1];
        assert_eq!((sent.result, &sent.data[..]), (Ok(4), &b"abc"[..]));
        assert!(matches!(sent.about, About::Bytes { length: 6, flags: 7, .. }));
        let observer: Arc<dyn Observer> = guard.clone();
        caller.observers.remove(&observer);
        assert!(caller.call(call("connect"), None, make).is_ok());
        assert_eq!(guard.0.lock().unwrap().len(), 2);
    }

    #[test]
    fn a_call_that_fails_is_a_fact_with_its_error() {
        let registered = register().unwrap();
        let mut caller = Caller::new(registered.gate());
        let guard = Arc::new(Guard::default());
        caller.observers.add(guard.clone());
        let mut tries = 0;
        // Interrupted by nothing that concerns it, it is made again, and is one fact.
        let failed = caller.call(call("recv"), None, |()| {
            tries += 1;
            let error = if tries == 1 { libc::EINTR } else { libc::ECONNRESET };
            Err::<usize, _>(io::Error::from_raw_os_error(error))
        });
        assert!(failed.is_err() && tries == 2);
        let facts = guard.0.lock().unwrap();
        assert_eq!(facts.iter().map(|f| f.result).collect::<Vec<_>>(), [Err(Code::Errno(libc::ECONNRESET))]);
    }
}
