//! The session: the socket table with its current socket, the names and their values.

pub mod names;
pub mod sockets;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use socket2::Socket;

use crate::net::door::{Caller, closed};
use crate::net::gate::{Deadline, Gate, interrupt_users};
use crate::net::look;
use crate::session::names::Place;
use crate::session::sockets::Table;
use crate::value::errno::Class;
use crate::value::job::Job;
use crate::value::outcome::{CallError, Detail, Halt, Limit, SocketFacts, Waiting};
use crate::value::process::Process;
use crate::value::socket::{Endpoint, Triple};
use crate::value::{Address, Bytes, Local, Value};
use crate::words::Lang;

/// What all threads of a script share, beside its sockets.
#[derive(Default)]
pub struct Shared {
    /// Something was printed that has not been seen.
    pub unseen: AtomicBool,
    tmpdir: OnceLock<tempfile::TempDir>,
    jobs: Mutex<Vec<Arc<Job>>>,
    /// How many jobs were begun: no number is given twice.
    begun: AtomicU32,
    /// Grows by one whenever a job ends; waited for as a futex.
    ended: AtomicU32,
    processes: Mutex<Vec<Arc<Process>>>,
    barriers: Mutex<HashMap<String, Arc<Barrier>>>,
}

/// A place where several threads meet.
#[derive(Debug, Default)]
pub struct Barrier {
    pub state: Mutex<BarrierState>,
    /// How often it has opened; waited for as a futex.
    pub opened: AtomicU32,
}

#[derive(Debug, Default)]
pub struct BarrierState {
    /// How many are to meet.
    pub size: usize,
    /// How many are there.
    pub here: usize,
}

/// How results are shown: `set format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Text,
    Hex,
    Json,
}

/// What `set` sets.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub timeout: Option<Duration>,
    pub echo: bool,
    pub trace: bool,
    pub lang: Lang,
    pub format: Format,
}

/// One thread's view of a script that runs.
pub struct Session {
    pub caller: Caller,
    pub shared: Arc<Shared>,
    pub settings: Settings,
    pub arguments: Vec<Value>,
    /// What the names stand for, by slot.
    slots: Vec<Option<Value>>,
    /// The names of the `def`s that run, the innermost last.
    frames: Vec<Vec<Option<Value>>>,
    /// Why a line is more than its call: some of the constants below.
    attention: u8,
    sockets: Table,
    /// The socket before the dot of the command that runs.
    aim: Option<Place>,
    /// `$_`, with the other of a pair.
    last: (Value, Value),
    outs: BTreeMap<u32, (Value, Value)>,
    /// Bytes that nobody else holds any more, for their memory; or nothing.
    spare: Value,
    /// Background calls whose results names wait for.
    pending: Vec<(Arc<Job>, [Option<Place>; 2])>,
    /// The names somebody waits for in this script; none where anything may be waited for.
    pub waits: Option<Arc<HashSet<String>>>,
    /// This thread's own job.
    pub own_job: Option<u32>,
    /// Which thread of the script this is; none for the script itself.
    pub thread: Option<Arc<str>>,
}

/// Somebody may want to know of lines without an answer; nobody does until a setting changes.
const WATCHED: u8 = 1;
/// This thread has printed something that nobody may have seen.
const UNSEEN: u8 = 2;
/// Calls of `def`s within calls.
const DEEPEST_CALL: usize = 500;

impl Session {
    pub fn new(gate: Arc<Gate>) -> Session {
        Session {
            caller: Caller::new(gate),
            shared: Arc::default(),
            settings: Settings::default(),
            arguments: Vec::new(),
            slots: Vec::new(),
            frames: Vec::new(),
            attention: WATCHED,
            sockets: Table::default(),
            aim: None,
            last: Default::default(),
            outs: BTreeMap::new(),
            spare: Value::Nothing,
            pending: Vec::new(),
            waits: None,
            own_job: None,
            thread: None,
        }
    }

    /// The view of a thread that begins here: the names as they are now, the sockets shared.
    pub fn fork(&self, job: &Job, gate: Arc<Gate>) -> Session {
        let mut caller = Caller::new(gate);
        caller.trace = self.caller.trace.is_some().then(Vec::new);
        caller.roster = self.caller.roster.clone();
        caller.script_limit = self.caller.script_limit;
        caller.threads = true;
        Session {
            caller,
            shared: self.shared.clone(),
            settings: self.settings.clone(),
            arguments: self.arguments.clone(),
            slots: self.slots.clone(),
            frames: self.frames.last().cloned().into_iter().collect(),
            attention: WATCHED,
            sockets: self.sockets.fork(),
            aim: None,
            last: self.last.clone(),
            outs: BTreeMap::new(),
            spare: Value::Nothing,
            pending: Vec::new(),
            waits: self.waits.clone(),
            own_job: Some(job.number),
            thread: Some(job.name.clone()),
        }
    }

    // Jobs and processes.

    /// Enters a job into the list.
    pub fn add_job(&mut self, name: &str, line: &str, background: bool) -> Arc<Job> {
        let mut jobs = lock(&self.shared.jobs);
        let number = self.shared.begun.fetch_add(1, SeqCst) + 1;
        let job = Arc::new(Job::new(number, name.into(), line.into(), background));
        jobs.push(job.clone());
        job
    }

    /// A job that could not be started after all.
    pub fn drop_job(&mut self, job: &Arc<Job>) {
        lock(&self.shared.jobs).retain(|j| !Arc::ptr_eq(j, job));
    }

    /// The jobs whose end nobody has seen yet.
    pub fn jobs(&self) -> Vec<Arc<Job>> {
        let mut jobs = lock(&self.shared.jobs);
        jobs.retain(|j| !j.is_collected());
        // A thread does not wait for itself.
        jobs.iter().filter(|j| Some(j.number) != self.own_job).cloned().collect()
    }

    /// Waits until every one of these jobs has ended.
    pub fn wait_jobs(&mut self, jobs: &[Arc<Job>], deadline: Option<Deadline>) -> Result<(), Box<Halt>> {
        self.wait_until(deadline, |_| jobs.iter().all(|j| j.is_over()))
    }

    /// Waits until every job has ended, those too that begin meanwhile, or one has failed that nobody
    /// heard of.
    pub fn wait_all(&mut self, deadline: Option<Deadline>) -> Result<(), Box<Halt>> {
        let own = self.own_job;
        self.wait_until(deadline, |shared| {
            let jobs = lock(&shared.jobs);
            let mut others = jobs.iter().filter(|j| Some(j.number) != own);
            jobs.iter().any(|j| j.has_unheard_error()) || others.all(|j| j.is_over())
        })
    }

    fn wait_until(
        &mut self,
        deadline: Option<Deadline>,
        done: impl Fn(&Shared) -> bool,
    ) -> Result<(), Box<Halt>> {
        let shared = self.shared.clone();
        let waited = self.caller.gate.blocking(deadline, "wait", 0, || {
            let seen = shared.ended.load(SeqCst);
            if done(&shared) {
                return Ok(());
            }
            match crate::net::kernel::futex_wait(&shared.ended, seen) {
                Err(e) if e.raw_os_error() != Some(libc::EAGAIN) => Err(e),
                // Woken, or there was news already: look again.
                _ => Err(std::io::Error::from_raw_os_error(libc::EINTR)),
            }
        });
        waited.map_err(|stop| self.caller.halt("wait", stop, deadline, None))
    }

    /// Whose names a background call's result will have.
    pub fn await_result(&mut self, job: &Arc<Job>, places: [Option<Place>; 2]) {
        if let Some(first) = places[0] {
            let group = crate::value::job::Group::default();
            group.push(job.clone());
            self.assign(first, Value::Jobs(Arc::new(group)));
        }
        self.pending.push((job.clone(), places));
    }

    /// Takes over what an ended background call made: its names, `$_`, its socket as the current one.
    pub fn take_over(&mut self, job: &Arc<Job>, value: &Value, second: &Value) {
        let Some(at) = self.pending.iter().position(|(j, _)| Arc::ptr_eq(j, job)) else { return };
        let (_, places) = self.pending.remove(at);
        if let Some(place) = places[0] {
            self.assign(place, value.clone());
        }
        if let Some(place) = places[1] {
            self.assign(place, second.clone());
        }
        if let Value::Socket(socket) = value
            && socket.is_open()
        {
            self.make_current(socket.clone());
        }
        if !matches!(value, Value::Nothing) {
            self.set_last(value.clone(), second.clone());
        }
    }

    /// `$_` as if no command had run.
    pub fn forget_last(&mut self) {
        self.last = Default::default();
    }

    pub fn take_last(&mut self) -> (Value, Value) {
        std::mem::take(&mut self.last)
    }

    pub fn name_of(&self, place: Place) -> Option<String> {
        match place {
            Place::Slot(slot) => self.sockets.common.names.get(slot).map(|name| name.to_string()),
            _ => None,
        }
    }

    pub fn add_process(&mut self, process: Arc<Process>) {
        lock(&self.shared.processes).push(process);
    }

    /// The barrier of this name.
    pub fn barrier(&self, name: &str) -> Arc<Barrier> {
        lock(&self.shared.barriers).entry(name.to_string()).or_default().clone()
    }

    pub fn processes(&self) -> Vec<Arc<Process>> {
        lock(&self.shared.processes).clone()
    }

    // Sockets.

    /// Enters a new socket into the table and makes it current.
    #[inline]
    pub fn adopt(&mut self, socket: Socket, triple: Triple) -> Arc<Endpoint> {
        self.sockets.adopt(socket, triple)
    }

    /// As [`Session::adopt`], of a second descriptor of a socket.
    pub fn adopt_copy(&mut self, socket: Socket, original: &Endpoint) -> Arc<Endpoint> {
        self.sockets.adopt_copy(socket, original)
    }

    /// Says what is known of the sockets others wait on.
    pub fn name_waiting(&self, waiting: &mut [Waiting]) {
        for one in waiting.iter_mut().filter(|w| w.number != 0) {
            let Some(socket) = self.sockets.by_id(one.number) else { continue };
            let local = socket.hold().ok().and_then(|s| look::local(&s).ok());
            let local = local.filter(look::is_bound);
            let at = local.map_or(String::new(), |a| format!(" ({a})"));
            one.socket = format!("{}{at}", socket.name());
        }
    }

    pub fn make_current(&mut self, endpoint: Arc<Endpoint>) {
        self.sockets.make_current(endpoint);
    }

    /// The current socket, without the one before the dot.
    pub fn current(&mut self) -> Option<Arc<Endpoint>> {
        self.sockets.current().cloned()
    }

    /// The socket a command acts on: the one before the dot, else the current one.
    pub fn socket(&mut self) -> Result<Arc<Endpoint>, Box<Halt>> {
        match self.aim {
            Some(aim) => self.socket_at(aim).map_err(blame_socket),
            None => self.current_or_none(),
        }
    }

    /// Is a line more than its call?
    #[inline(always)]
    pub fn wants_attention(&self) -> bool {
        self.attention != 0
    }

    /// May somebody want to know of lines without an answer?
    pub fn is_watched(&self) -> bool {
        self.attention & WATCHED != 0
    }

    /// Nobody wants to know of lines without an answer.
    pub fn nobody_watches(&mut self) {
        self.attention &= UNSEEN;
    }

    /// A setting is another, or there is another thread.
    pub fn has_changed(&mut self) {
        self.attention |= WATCHED;
    }

    /// Something was printed.
    pub fn has_printed(&mut self) {
        self.shared.unseen.store(true, Relaxed);
        self.attention |= UNSEEN;
    }

    /// Is there something printed that has not been seen, whoever printed it? From here on it has.
    #[inline]
    pub fn take_unseen(&mut self) -> bool {
        self.attention &= !UNSEEN;
        self.shared.unseen.load(Relaxed) && self.shared.unseen.swap(false, Relaxed)
    }

    /// The script is one of several threads from here on.
    pub fn share(&mut self) {
        self.caller.threads = true;
        self.sockets.share();
        self.has_changed();
    }

    /// The next command's socket before the dot.
    #[inline(always)]
    pub fn aim(&mut self, socket: Option<Place>) {
        self.aim = socket;
    }

    fn current_or_none(&mut self) -> Result<Arc<Endpoint>, Box<Halt>> {
        match self.current() {
            Some(current) => Ok(current),
            None => {
                Err(CallError::new("", crate::value::errno::Code::Errno(libc::EBADF), Detail::NoSocket)
                    .into())
            }
        }
    }

    /// Closes a socket: close(2), once. Again is nothing. A call on it in another thread ends first.
    pub fn close(&mut self, endpoint: &Arc<Endpoint>) -> Result<(), Box<Halt>> {
        let mut taken = endpoint.take_unheld();
        if taken.is_none() && !endpoint.begin_close() {
            return Ok(());
        }
        while taken.is_none() {
            interrupt_users(endpoint.id());
            let pause = self.caller.gate.sleep(Duration::from_micros(200), None);
            taken = endpoint.try_take();
            if taken.is_none()
                && let Err(stop) = pause
            {
                return Err(self.caller.halt("close", stop, None, Some(endpoint)));
            }
        }
        self.sockets.closed(endpoint.number);
        let Some(socket) = taken else { return Ok(()) };
        match self.caller.trace {
            None => drop(socket),
            Some(_) => self.close_seen(socket),
        }
        Ok(())
    }

    #[cold]
    fn close_seen(&mut self, socket: Socket) {
        let begun = std::time::Instant::now();
        let fd = std::os::fd::AsRawFd::as_raw_fd(&socket);
        drop(socket);
        if let Some(trace) = &mut self.caller.trace {
            let call = format!("close({fd})");
            trace.push(crate::net::door::Traced { call, result: Ok(0), took: begun.elapsed() });
        }
    }

    /// All open sockets, in order of creation.
    pub fn open_sockets(&self) -> Vec<Arc<Endpoint>> {
        self.sockets.open()
    }

    /// What there is to see of every open socket.
    pub fn socket_facts(&mut self) -> Vec<SocketFacts> {
        let current = self.current();
        let is_current = |e: &Arc<Endpoint>| current.as_ref().is_some_and(|c| Arc::ptr_eq(c, e));
        let mut all = self.open_sockets();
        // What still has a name is shown as closed, so that nobody wonders where it went.
        for slot in &self.slots {
            if let Some(Value::Socket(socket)) = slot
                && !socket.is_open()
            {
                all.push(socket.clone());
            }
        }
        all.sort_by_key(|s| s.number);
        all.dedup_by_key(|s| s.number);
        all.iter().map(|e| look::facts(e, is_current(e))).collect()
    }

    /// Ends the programs the script started, and closes whatever it left open.
    pub fn close_all(&mut self) {
        let programs = std::mem::take(&mut *lock(&self.shared.processes));
        programs.iter().for_each(|p| crate::net::process::end(p));
        self.aim = None;
        for endpoint in self.open_sockets() {
            let _ = self.close(&endpoint);
        }
        self.sockets.clear();
    }

    // Names.

    /// As [`Session::prepare`], of a new session and the only script it will run.
    pub fn prepare_only(&mut self, names: Vec<Arc<str>>) {
        self.slots.resize(names.len(), None);
        self.sockets.common.names.set(names);
    }

    /// Makes room for the names of a script that was read.
    pub fn prepare(&mut self, names: &[Arc<str>]) {
        self.sockets.common.names.extend(names);
        self.slots.resize(names.len().max(self.slots.len()), None);
    }

    /// The value of a name, if it has one.
    #[inline]
    pub fn at_hand(&self, place: Place) -> Option<&Value> {
        match place {
            Place::Slot(slot) => self.slots.get(slot as usize)?.as_ref(),
            Place::Local(local) => self.frames.last()?.get(local as usize)?.as_ref(),
            _ => None,
        }
    }

    /// The value at a place, or the error that there is none.
    pub fn get(&mut self, place: Place) -> Result<Value, Box<Halt>> {
        let value = match place {
            Place::Slot(slot) => self.slots.get(slot as usize).and_then(Option::clone),
            Place::Local(local) => {
                self.frames.last().and_then(|f| f.get(local as usize)).and_then(Option::clone)
            }
            Place::Last => Some(self.last.0.clone()).filter(|last| !matches!(last, Value::Nothing)),
            Place::Out(n) => self.outs.get(&n).map(|l| l.0.clone()),
            Place::Argument(n) => self.arguments.get((n as usize).wrapping_sub(1)).cloned(),
            Place::Tmpdir => return self.tmpdir().map(|p| Value::text(&p.to_string_lossy())),
            Place::Numbered(n) => self.numbered(n).map(Value::Socket),
        };
        value.ok_or_else(|| {
            let name = self.place_name(place);
            CallError::class(Class::NameError, Detail::Unset { name }).into()
        })
    }

    /// An open socket by its number.
    pub fn numbered(&self, number: u32) -> Option<Arc<Endpoint>> {
        self.sockets.numbered(number)
    }

    fn place_name(&self, place: Place) -> String {
        match place {
            Place::Slot(slot) => {
                self.sockets.common.names.get(slot).map_or(String::new(), |name| name.to_string())
            }
            Place::Local(_) => "this name".into(),
            Place::Last => "$_".into(),
            Place::Out(n) => format!("$_{n}"),
            Place::Argument(n) => format!("${n}"),
            Place::Tmpdir => "tmpdir".into(),
            Place::Numbered(n) => format!("s{n}"),
        }
    }

    /// The socket a name stands for.
    pub fn socket_at(&mut self, place: Place) -> Result<Arc<Endpoint>, Box<Halt>> {
        match self.get(place)? {
            Value::Socket(socket) => Ok(socket),
            other => Err(self.is_no_socket(place, &other)),
        }
    }

    #[cold]
    fn is_no_socket(&self, place: Place, other: &Value) -> Box<Halt> {
        // A name of a `def` has no name here; what it holds says more.
        let name = match place {
            Place::Local(_) => other.to_literal(),
            _ => format!("`{}`", self.place_name(place)),
        };
        let found = match other {
            Value::Jobs(_) => {
                let job = self.place_name(place);
                say!(
                    en "{name} is still waited for (`wait {job}` first), so it",
                    es "{name} aún se espera (primero `wait {job}`), así que",
                    name,
                    job
                )
            }
            other => say!(en "{name} ({kind})", es "{name} ({kind})", name, kind = other.kind()),
        };
        CallError::class(Class::TypeError, Detail::NotA { wanted: untranslated!(phrase "a socket"), found })
            .into()
    }

    /// Gives a name a value. A socket takes the name; the one that bore it is `sN` again.
    pub fn assign(&mut self, place: Place, value: Value) {
        let cell = match place {
            Place::Slot(slot) => return self.assign_slot(slot, value),
            Place::Local(local) => self.frames.last_mut().and_then(|f| f.get_mut(local as usize)),
            _ => None,
        };
        if let Some(cell) = cell {
            let old = cell.replace(value);
            self.let_go(old.unwrap_or_default());
        }
    }

    /// As [`Session::assign`], for a name of the script.
    pub fn assign_slot(&mut self, slot: u32, value: Value) {
        let Some(cell) = self.slots.get_mut(slot as usize) else { return };
        if let Some(Value::Socket(old)) = cell {
            old.lose_name(slot);
        }
        if let Value::Socket(new) = &value {
            new.set_name(slot);
        }
        let old = cell.replace(value);
        if let Some(old) = old
            && !old.is_plain()
        {
            self.let_go(old);
        }
    }

    /// As [`Session::assign_slot`], of a result that `$_` has too.
    #[inline(always)]
    pub fn assign_result(&mut self, slot: u32, value: &Value) {
        match value {
            Value::Socket(socket) => self.name_socket(slot, socket.clone()),
            other => self.assign_copy(slot, other),
        }
    }

    #[inline(never)]
    fn assign_copy(&mut self, slot: u32, value: &Value) {
        self.assign_slot(slot, value.clone());
    }

    /// Gives a socket a name of the script.
    #[inline(never)]
    fn name_socket(&mut self, slot: u32, socket: Arc<Endpoint>) {
        let Some(cell) = self.slots.get_mut(slot as usize) else { return };
        if let Some(Value::Socket(old)) = cell {
            old.lose_name(slot);
        }
        socket.set_name(slot);
        match cell.replace(Value::Socket(socket)) {
            Some(Value::Socket(old)) => self.sockets.recycle(old),
            Some(old) => self.let_go(old),
            None => {}
        }
    }

    /// `$_`, and at the prompt `$_n`.
    pub fn set_last(&mut self, mut value: Value, mut second: Value) {
        self.keep_last(&mut value, &mut second);
    }

    /// As [`Session::set_last`], of a result that is taken out of where it lies.
    #[inline(always)]
    pub fn keep_last(&mut self, value: &mut Value, second: &mut Value) {
        std::mem::swap(&mut self.last.0, value);
        // Hardly any result is a pair.
        if !matches!((&self.last.1, &second), (Value::Nothing, Value::Nothing)) {
            std::mem::replace(&mut self.last.1, std::mem::take(second)).let_go();
        }
        if value.is_plain() {
            return;
        }
        match value {
            Value::Bytes(bytes) if self.could_spare(bytes) => {
                std::mem::swap(&mut self.spare, value);
                // What was spare before is smaller: nobody needs it.
                if !value.is_plain() {
                    drop_value(value);
                }
            }
            // A name has it too.
            Value::Socket(socket) if Arc::strong_count(socket) > 1 => {
                if let Value::Socket(socket) = std::mem::take(value) {
                    drop(socket);
                }
            }
            _ => {
                let old = std::mem::take(value);
                self.let_go_far(old);
            }
        }
    }

    /// A value that a name or `$_` had: its memory is used again.
    #[inline(always)]
    fn let_go(&mut self, old: Value) {
        if !old.is_plain() {
            self.let_go_far(old);
        }
    }

    #[inline(never)]
    fn let_go_far(&mut self, old: Value) {
        match old {
            Value::Bytes(bytes) => self.recycle(bytes),
            Value::Socket(socket) => self.sockets.recycle(socket),
            other => other.let_go(),
        }
    }

    /// Keeps `$_` as the result of `In [number]`.
    pub fn remember(&mut self, number: u32) {
        self.remember_as(number, self.last.clone());
    }

    /// Keeps a value, with the other of a pair, as the result of `In [number]`.
    pub fn remember_as(&mut self, number: u32, result: (Value, Value)) {
        if !matches!(result.0, Value::Nothing) {
            self.outs.insert(number, result);
        }
    }

    /// `$_.1`: the other of a pair.
    pub fn second(&self, place: Place) -> Option<Value> {
        let (_, second) = match place {
            Place::Last => &self.last,
            Place::Out(n) => self.outs.get(&n)?,
            _ => return None,
        };
        (!matches!(second, Value::Nothing)).then(|| second.clone())
    }

    /// All names with a value, in the order they came up.
    pub fn named(&self) -> Vec<(Arc<str>, Value)> {
        let names = &self.sockets.common.names;
        let of = |(slot, value): (u32, &Option<Value>)| Some((names.get(slot)?, value.clone()?));
        (0..).zip(&self.slots).filter_map(of).collect()
    }

    pub fn enter(&mut self, locals: usize, arguments: Vec<Value>) -> Result<(), Box<Halt>> {
        if self.frames.len() >= DEEPEST_CALL {
            let detail = Detail::Depth { most: DEEPEST_CALL };
            return Err(CallError::class(Class::RecursionError, detail).into());
        }
        let mut frame: Vec<Option<Value>> = arguments.into_iter().map(Some).collect();
        frame.resize(locals.max(frame.len()), None);
        self.frames.push(frame);
        Ok(())
    }

    pub fn leave(&mut self) {
        self.frames.pop();
    }

    // Buffers.

    /// A buffer that nobody else holds: the last one's memory where it is free again.
    ///
    /// It is emptied by who uses it.
    #[inline(always)]
    pub fn fresh(&mut self) -> Bytes {
        match std::mem::take(&mut self.spare) {
            Value::Bytes(bytes) => bytes,
            _ => Bytes::default(),
        }
    }

    /// As [`Session::fresh`], without the shell.
    pub fn buffer(&mut self) -> Vec<u8> {
        let mut bytes = self.fresh();
        let mut buffer = Arc::get_mut(&mut bytes).map(std::mem::take).unwrap_or_default();
        buffer.clear();
        buffer
    }

    /// Keeps the memory of bytes that were replaced, if nobody else holds them.
    pub fn recycle(&mut self, bytes: Bytes) {
        if self.could_spare(&bytes) {
            self.spare = Value::Bytes(bytes);
        }
    }

    /// Are they worth keeping for their memory?
    #[inline(always)]
    fn could_spare(&self, bytes: &Bytes) -> bool {
        /// More is given back to the system.
        const KEPT: usize = 4 << 20;
        let smaller = match &self.spare {
            Value::Bytes(spare) => spare.capacity() < bytes.capacity(),
            _ => true,
        };
        // What others hold too is theirs to keep; that the last of them lets go of it just now is no harm.
        smaller && bytes.capacity() <= KEPT && Arc::strong_count(bytes) == 1
    }

    // Time.

    /// When a command has to be done: the smallest limit that applies. `socket`'s own counts for
    /// commands that loop; a single call is ended by the kernel.
    #[inline]
    pub fn deadline(&self, command: Option<Duration>, socket: Option<&Endpoint>) -> Option<Deadline> {
        self.smallest(command, socket.and_then(Endpoint::timeout))
    }

    /// As [`Session::deadline`], for a command that sends.
    #[inline]
    pub fn sending_deadline(&self, command: Option<Duration>, socket: &Endpoint) -> Option<Deadline> {
        self.smallest(command, socket.send_timeout())
    }

    #[inline]
    fn smallest(&self, command: Option<Duration>, socket: Option<Duration>) -> Option<Deadline> {
        if command.is_none() && self.settings.timeout.is_none() && socket.is_none() {
            return None;
        }
        self.smallest_of(command, socket)
    }

    #[cold]
    fn smallest_of(&self, command: Option<Duration>, socket: Option<Duration>) -> Option<Deadline> {
        let all =
            [(command, Limit::Command), (self.settings.timeout, Limit::Session), (socket, Limit::Socket)];
        let given = all.into_iter().filter_map(|(after, limit)| after.map(|a| (a, limit)));
        given.min_by_key(|&(after, _)| after).map(|(after, limit)| Deadline::new(after, limit))
    }

    // Looking.

    /// The value with nothing left to be read: getsockname(2) where a local address stands.
    pub fn look(&mut self, value: &Value) -> Result<Value, Box<Halt>> {
        match value {
            Value::Local(local) => match local.read.get() {
                Some(address) => Ok(Value::Address(address.clone())),
                None => {
                    let address = self.local_address(&local.socket)?;
                    Ok(Value::Address(local.read.get_or_init(|| Arc::new(address)).clone()))
                }
            },
            Value::Inet(inet) => {
                Ok(Value::Address(Arc::new(Address::Inet(std::net::SocketAddr::V4((*inet).into())))))
            }
            other => Ok(other.clone()),
        }
    }

    /// getsockname(2)
    pub fn local_address(&mut self, socket: &Arc<Endpoint>) -> Result<Address, Box<Halt>> {
        let name = self.caller.on("getsockname", socket, None, format_args!(""), |s| s.local_addr())?;
        Ok(crate::net::address::from_kernel(&name))
    }

    /// getpeername(2)
    pub fn peer_address(&mut self, socket: &Arc<Endpoint>) -> Result<Address, Box<Halt>> {
        let name = self.caller.on("getpeername", socket, None, format_args!(""), |s| s.peer_addr())?;
        Ok(crate::net::address::from_kernel(&name))
    }

    /// A local address that is read when somebody looks.
    pub fn local_later(socket: &Arc<Endpoint>) -> Value {
        Value::Local(Arc::new(Local { socket: socket.clone(), read: OnceLock::new() }))
    }

    /// A property, of what is at hand or by asking the kernel.
    pub fn property(&mut self, value: &Value, name: &str) -> Result<Value, Box<Halt>> {
        let value = self.look(value)?;
        if let Value::Socket(socket) = &value {
            match name {
                "fd" => {
                    let Ok(held) = socket.hold() else { return Err(closed("fileno", socket)) };
                    return Ok(Value::Int(std::os::fd::AsRawFd::as_raw_fd(&*held).into()));
                }
                "local" => return self.local_address(socket).map(Value::address),
                "peer" => return self.peer_address(socket).map(Value::address),
                "state" => return Ok(Value::text(&look::state(socket))),
                _ => {}
            }
        }
        if let (Value::Process(process), "status") = (&value, name) {
            let status = crate::net::process::status(process);
            return Ok(status.map_or(Value::text("running"), |s| Value::Int(s.code().into())));
        }
        match value.property(name) {
            Some(result) => result.map_err(Box::<Halt>::from),
            None => Err(crate::value::no_property(name, value.kind()).into()),
        }
    }

    /// The script's temporary folder, made when first used. Short enough for a Unix path.
    pub fn tmpdir(&mut self) -> Result<PathBuf, Box<Halt>> {
        if let Some(made) = self.shared.tmpdir.get() {
            return Ok(made.path().to_path_buf());
        }
        let made = tempfile::Builder::new()
            .prefix("sb")
            .tempdir_in(short_temp())
            .map_err(|e| CallError::io("mkdir", &e))?;
        Ok(self.shared.tmpdir.get_or_init(|| made).path().to_path_buf())
    }
}

#[cold]
fn drop_value(value: &mut Value) {
    drop(std::mem::take(value));
}

impl Shared {
    /// A job has ended: whoever waits may look.
    pub fn job_ended(&self, job: &Job, result: crate::value::job::Ended) {
        job.end(result);
        self.ended.fetch_add(1, SeqCst);
        crate::net::kernel::futex_wake(&self.ended);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// The temporary folder's path, if anything used it.
    pub fn tmpdir_if_made(&self) -> Option<String> {
        self.shared.tmpdir.get().map(|t| t.path().to_string_lossy().into_owned())
    }

    /// Removes the temporary folder, if this is the last session that could use it.
    pub fn remove_tmpdir(&mut self) {
        if self.shared.tmpdir.get().is_none() {
            return;
        }
        let shared = std::mem::take(&mut self.shared);
        if let Some(shared) = Arc::into_inner(shared)
            && let Some(folder) = shared.tmpdir.into_inner()
        {
            // What cannot be removed is the system's to clear.
            let _ = folder.close();
        }
    }
}

/// A Unix socket's path has 107 bytes: a deep TMPDIR would leave none for the name.
fn short_temp() -> PathBuf {
    let usual = std::env::temp_dir();
    if usual.as_os_str().len() > 60 && Path::new("/tmp").is_dir() { PathBuf::from("/tmp") } else { usual }
}

/// The caret of this error belongs under the socket's name.
fn blame_socket(mut halt: Box<Halt>) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt {
        error.blame = Some("socket");
    }
    halt
}
