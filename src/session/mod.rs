//! The session: what a script that runs has. Its sockets, names, jobs and settings have a file each.

mod advice;
pub(crate) mod jobs;
pub mod names;
pub(crate) mod settings;
pub(crate) mod sockets;
pub(crate) mod values;

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::net::door::{Caller, Thread};
use crate::net::gate::Gate;
use crate::session::jobs::Beside;
use crate::session::names::Place;
use crate::session::settings::Trace;
use crate::session::sockets::Table;
use crate::session::values::Names;
use crate::value::Value;
use crate::value::job::Job;

pub use jobs::Barrier;
pub use settings::{Format, Settings};

/// What all threads of a script share, beside its sockets.
#[derive(Default)]
pub struct Shared {
    /// Something was printed and not flushed since.
    unseen: AtomicBool,
    /// The temporary folder, from its first use to the end of the script.
    tmpdir: Mutex<Option<tempfile::TempDir>>,
    beside: Beside,
}

/// One thread's view of a script that runs.
pub struct Session {
    /// Makes the calls of this thread.
    pub caller: Caller,
    /// What the threads of the script have in common.
    pub shared: Arc<Shared>,
    /// What `set` sets.
    pub settings: Settings,
    /// `$1`, `$2`, …
    pub arguments: Vec<Value>,
    names: Arc<Names>,
    /// What the names stand for, by slot.
    slots: Vec<Option<Value>>,
    /// The names of the `def`s that run, the innermost last.
    frames: Vec<Vec<Option<Value>>>,
    sockets: Table,
    /// The socket before the dot of the command that runs.
    aim: Option<Place>,
    /// The `--timeout` of the command that runs.
    limit: Option<Duration>,
    /// When the command that runs began to wait, if that was before its own call: for a file of data.
    begun: Option<Instant>,
    /// `$_`, with the other of a pair.
    last: (Value, Value),
    outs: BTreeMap<u32, (Value, Value)>,
    /// A buffer that is free, for the next receive.
    spare: Vec<u8>,
    /// Background calls whose results names wait for.
    pending: Vec<(Arc<Job>, [Option<Place>; 2])>,
    /// The names some line of this script waits for; none where a line waits for all.
    pub waits: Option<Arc<HashSet<String>>>,
    /// This thread's own job.
    pub own_job: Option<u32>,
    /// The name of this thread; none for the script itself.
    pub thread: Option<Arc<str>>,
    /// The observer that keeps the calls of this thread, while there is a trace.
    trace: Option<Arc<Trace>>,
    /// A watcher may want lines without an answer; none does until a setting changes.
    watched: bool,
    /// This thread has printed something that was not flushed since.
    printed: bool,
}

impl Session {
    /// An empty session, whose calls are made under this gate.
    pub fn new(gate: Arc<Gate>) -> Session {
        Session {
            caller: Caller::new(gate),
            shared: Arc::default(),
            settings: Settings::default(),
            arguments: Vec::new(),
            names: Arc::default(),
            slots: Vec::new(),
            frames: Vec::new(),
            sockets: Table::default(),
            aim: None,
            limit: None,
            begun: None,
            last: Default::default(),
            outs: BTreeMap::new(),
            spare: Vec::new(),
            pending: Vec::new(),
            waits: None,
            own_job: None,
            thread: None,
            trace: None,
            watched: true,
            printed: false,
        }
    }

    /// The view of a thread that begins here: the names as they are now, the sockets shared.
    pub fn fork(&self, job: &Job, gate: Arc<Gate>) -> Session {
        let thread = Thread { number: job.number, name: job.name.clone() };
        let mut fork = Session {
            caller: self.caller.fork(gate, thread),
            shared: self.shared.clone(),
            settings: self.settings.clone(),
            arguments: self.arguments.clone(),
            names: self.names.clone(),
            slots: self.slots.clone(),
            frames: self.frames.last().cloned().into_iter().collect(),
            sockets: self.sockets.fork(),
            aim: None,
            limit: None,
            begun: None,
            last: self.last.clone(),
            outs: BTreeMap::new(),
            spare: Vec::new(),
            pending: Vec::new(),
            waits: self.waits.clone(),
            own_job: Some(job.number),
            thread: Some(job.name.clone()),
            trace: self.trace.clone(),
            watched: true,
            printed: false,
        };
        // A trace of its own in place of its parent's.
        fork.set_trace(self.settings.trace);
        fork
    }

    /// Is there more to do for a line than its call: a watcher, or something to flush?
    #[inline]
    pub fn wants_attention(&self) -> bool {
        self.watched || self.printed
    }

    /// May a watcher want lines without an answer?
    pub fn is_watched(&self) -> bool {
        self.watched
    }

    /// No watcher wants lines without an answer, until a setting changes.
    pub fn set_unwatched(&mut self) {
        self.watched = false;
    }

    /// A setting is another, or there is another thread: a watcher may want more lines.
    pub fn has_changed(&mut self) {
        self.watched = true;
    }

    /// Something was printed.
    pub fn has_printed(&mut self) {
        self.shared.unseen.store(true, Relaxed);
        self.printed = true;
    }

    /// Is there something printed by any thread that was not flushed? From here on it counts as flushed.
    pub fn take_unseen(&mut self) -> bool {
        self.printed = false;
        self.shared.unseen.swap(false, Relaxed)
    }

    /// The script is one of several threads from here on.
    pub fn share(&mut self) {
        self.caller.threads = true;
        self.has_changed();
    }

    /// A command begins: its socket before the dot.
    #[inline]
    pub fn aim(&mut self, socket: Option<Place>) {
        self.aim = socket;
        self.limit = None;
        self.begun = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
