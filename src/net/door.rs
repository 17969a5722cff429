//! One call of the socket API: made under the gate, its failure told as a fact, its trace kept.

use std::fmt::{Arguments, Display};
use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::gate::{Deadline, Gate, SEVERAL, Stop};
use crate::value::errno::Code;
use crate::value::outcome::{CallError, Detail, Halt, Limit, Waiting};
use crate::value::socket::{Endpoint, Held};

/// A system call as `set trace on` shows it.
#[derive(Clone, Debug)]
pub struct Traced {
    /// `connect(3, 127.0.0.1:80)`
    pub call: String,
    /// What it returned, or the error's number.
    pub result: Result<i64, i32>,
    pub took: Duration,
}

/// Makes calls for one thread.
pub struct Caller {
    pub gate: Arc<Gate>,
    /// What was called since somebody looked, while somebody wants to know.
    pub trace: Option<Vec<Traced>>,
    /// How long the script may take, for the message when it has.
    pub script_limit: Duration,
    /// The script's threads, this one among them.
    pub roster: Arc<Roster>,
    /// The script has threads: each says what it does, for the others to close what it uses, or to tell
    /// who waits where.
    pub threads: bool,
    /// The call asks not to wait (MSG_DONTWAIT): EAGAIN is then an answer and no time-out.
    pub dontwait: bool,
}

impl Caller {
    pub fn new(gate: Arc<Gate>) -> Caller {
        Caller {
            gate,
            trace: None,
            script_limit: Duration::ZERO,
            roster: Arc::default(),
            threads: false,
            dontwait: false,
        }
    }

    /// A call on an open socket. `name` is the C name; `arguments` is what a trace shows after the
    /// descriptor.
    #[inline(always)]
    pub fn on<T: Returned>(
        &mut self,
        name: &'static str,
        socket: &Arc<Endpoint>,
        deadline: Option<Deadline>,
        arguments: impl Display,
        mut call: impl FnMut(&Held<'_>) -> io::Result<T>,
    ) -> Result<T, Box<Halt>> {
        let Ok(held) = socket.hold() else { return Err(closed(name, socket)) };
        // The usual case: nothing to be shown, no limit, and the call is not interrupted.
        if self.trace.is_none() && deadline.is_none() {
            let result =
                if self.gate.begin(self.about(name, || socket.id())) { Some(call(&held)) } else { None };
            self.gate.end();
            match result {
                Some(Ok(value)) => return Ok(value),
                Some(Err(e)) if e.raw_os_error() != Some(libc::EINTR) => {
                    return Err(self.failed(name, e, socket));
                }
                // Not made, or interrupted: it is found out why.
                _ => {}
            }
        }
        self.on_slowly(name, socket, deadline, &arguments, held, &mut call)
    }

    #[inline]
    fn about(&self, name: &'static str, socket: impl FnOnce() -> u32) -> Option<(&'static str, u32)> {
        self.threads.then(|| (name, socket()))
    }

    #[cold]
    fn on_slowly<T: Returned>(
        &mut self,
        name: &'static str,
        socket: &Arc<Endpoint>,
        deadline: Option<Deadline>,
        arguments: &dyn Display,
        held: Held<'_>,
        call: &mut dyn FnMut(&Held<'_>) -> io::Result<T>,
    ) -> Result<T, Box<Halt>> {
        let begun = self.begun();
        let result = loop {
            match self.gate.blocking(deadline, name, socket.id(), || call(&held)) {
                // Another script of this process closed its socket of the same number.
                Err(Stop::Closed) if !socket.is_closing() => {}
                result => break result,
            }
        };
        if let Some(begun) = begun {
            use std::os::fd::AsRawFd;
            self.note(name, Some(held.as_raw_fd()), arguments, returned(&result), begun);
        }
        drop(held);
        result.map_err(|stop| self.halt(name, stop, deadline, Some(socket)))
    }

    #[cold]
    fn failed(&self, name: &'static str, error: io::Error, socket: &Arc<Endpoint>) -> Box<Halt> {
        self.halt(name, Stop::Io(error), None, Some(socket))
    }

    /// A call on no socket of the table: socket(2), a look-up, a file.
    #[inline(always)]
    pub fn free<T: Returned>(
        &mut self,
        name: &'static str,
        deadline: Option<Deadline>,
        arguments: impl Display,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> Result<T, Box<Halt>> {
        if self.trace.is_none() && deadline.is_none() {
            let result = if self.gate.begin(self.about(name, || 0)) { Some(call()) } else { None };
            self.gate.end();
            match result {
                Some(Ok(value)) => return Ok(value),
                Some(Err(e)) if e.raw_os_error() != Some(libc::EINTR) => {
                    return Err(self.halt(name, Stop::Io(e), None, None));
                }
                _ => {}
            }
        }
        self.free_slowly(name, deadline, &arguments, &mut call)
    }

    #[cold]
    fn free_slowly<T: Returned>(
        &mut self,
        name: &'static str,
        deadline: Option<Deadline>,
        arguments: &dyn Display,
        call: &mut dyn FnMut() -> io::Result<T>,
    ) -> Result<T, Box<Halt>> {
        let begun = self.begun();
        let result = self.gate.blocking(deadline, name, 0, call);
        if let Some(begun) = begun {
            self.note(name, None, arguments, returned(&result), begun);
        }
        result.map_err(|stop| self.halt(name, stop, deadline, None))
    }

    /// A call on several sockets, none of which can be closed by another thread before it is over.
    pub fn over<T: Returned>(
        &mut self,
        name: &'static str,
        sockets: &[Arc<Endpoint>],
        arguments: Arguments<'_>,
        mut call: impl FnMut(&[Held<'_>]) -> io::Result<T>,
    ) -> Result<T, Box<Halt>> {
        loop {
            let mut held = Vec::with_capacity(sockets.len());
            for socket in sockets {
                let Ok(open) = socket.hold() else { return Err(closed(name, socket)) };
                held.push(open);
            }
            let begun = self.begun();
            let result = self.gate.blocking(None, name, SEVERAL, || call(&held));
            if let Some(begun) = begun {
                self.note(name, None, &arguments, returned(&result), begun);
            }
            // A socket was closed somewhere: if it is none of these, it was a false alarm.
            if matches!(result, Err(Stop::Closed)) {
                match sockets.iter().find(|s| s.is_closing()) {
                    Some(gone) => return Err(closed(name, gone)),
                    None => continue,
                }
            }
            return result.map_err(|stop| self.halt(name, stop, None, None));
        }
    }

    /// When a call begins that is to be shown.
    #[inline]
    fn begun(&self) -> Option<Instant> {
        self.trace.as_ref().map(|_| Instant::now())
    }

    #[cold]
    fn note(
        &mut self,
        name: &str,
        fd: Option<RawFd>,
        arguments: &dyn Display,
        result: Result<i64, i32>,
        begun: Instant,
    ) {
        let took = begun.elapsed();
        let arguments = arguments.to_string();
        let call = match fd {
            None => format!("{name}({arguments})"),
            Some(fd) if arguments.is_empty() => format!("{name}({fd})"),
            Some(fd) => format!("{name}({fd}, {arguments})"),
        };
        if let Some(trace) = &mut self.trace {
            trace.push(Traced { call, result, took });
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
            Stop::Signal(number) => return Box::new(Halt::Signal { number, span: None }),
            Stop::Cancelled => return Box::new(Halt::Signal { number: 0, span: None }),
            Stop::Limit => {
                let number = socket.map_or(0, |s| s.id());
                let mut waiting = self.roster.waiting(&self.gate, name, number);
                if waiting.is_empty() {
                    waiting.push(Waiting {
                        thread: "main".into(),
                        call: name,
                        number,
                        socket: String::new(),
                    });
                }
                return Box::new(Halt::Limit { after: self.script_limit, span: None, waiting });
            }
            Stop::Closed => CallError::errno(name, libc::EBADF).detail(Detail::Closed),
            Stop::Timeout => match deadline {
                Some(d) => limited(d.limit(), d.after()),
                None => limited(Limit::System, Duration::ZERO),
            },
            Stop::Io(e) => match (e.raw_os_error(), socket) {
                // What the kernel calls EAGAIN or EINPROGRESS on a blocking socket is its time-out.
                (Some(libc::EAGAIN | libc::EINPROGRESS), Some(s)) if !s.nonblocking() && !self.dontwait => {
                    let sends = name.starts_with("send") || name == "connect";
                    match if sends { s.send_timeout() } else { s.timeout() } {
                        Some(after) => limited(Limit::Socket, after),
                        None => CallError::io(name, &e),
                    }
                }
                _ => CallError::io(name, &e),
            },
        };
        error.socket = socket.cloned();
        if matches!(error.detail, Detail::Limit { .. }) {
            error.waiting = self.roster.waiting(&self.gate, name, socket.map_or(0, |s| s.id()));
        }
        Box::new(Halt::Error(error))
    }
}

/// Who runs in a script: each thread's name and gate.
#[derive(Default)]
pub struct Roster {
    members: Mutex<Vec<Member>>,
    /// Everything is to end: also what has begun but has not joined yet.
    ending: AtomicBool,
    /// Who has run into a limit just now, and where.
    expired: Mutex<Vec<(Instant, u32, Waiting)>>,
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

    pub fn join(&self, number: u32, name: Arc<str>, gate: Arc<Gate>) {
        let mut list = self.list();
        let at = list.partition_point(|m| m.number < number);
        if self.ending.load(SeqCst) {
            gate.cancel();
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

    /// Who waits where, if there is more than one: this thread in `call`, the others in theirs.
    fn waiting(&self, own: &Arc<Gate>, call: &'static str, socket: u32) -> Vec<Waiting> {
        /// Limits of one length run out together: who was first is blocked no more, and belongs in
        /// the picture all the same.
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

/// What a trace shows of a call's end.
#[cold]
fn returned<T: Returned>(result: &Result<T, Stop>) -> Result<i64, i32> {
    match result {
        Ok(value) => Ok(value.returned()),
        Err(Stop::Io(e)) => Err(e.raw_os_error().unwrap_or(0)),
        Err(_) => Err(libc::EINTR),
    }
}

/// The number that a call's result is in C.
pub trait Returned {
    fn returned(&self) -> i64;
}

impl Returned for () {
    fn returned(&self) -> i64 {
        0
    }
}

impl Returned for usize {
    fn returned(&self) -> i64 {
        *self as i64
    }
}

impl Returned for socket2::Socket {
    fn returned(&self) -> i64 {
        use std::os::fd::AsRawFd;
        self.as_raw_fd().into()
    }
}

impl Returned for std::os::fd::OwnedFd {
    fn returned(&self) -> i64 {
        use std::os::fd::AsRawFd;
        self.as_raw_fd().into()
    }
}

impl<A: Returned, B> Returned for (A, B) {
    fn returned(&self) -> i64 {
        self.0.returned()
    }
}

impl Returned for crate::value::Value {
    fn returned(&self) -> i64 {
        0
    }
}

impl Returned for socket2::SockAddr {
    fn returned(&self) -> i64 {
        0
    }
}

impl<T> Returned for Vec<T> {
    fn returned(&self) -> i64 {
        self.len() as i64
    }
}

/// A socket that was closed is used again.
#[cold]
pub fn closed(name: &'static str, socket: &Arc<Endpoint>) -> Box<Halt> {
    let mut error = CallError::errno(name, libc::EBADF).detail(Detail::Closed);
    error.socket = Some(socket.clone());
    Box::new(Halt::Error(error))
}
