//! The session: what a script that runs has. Its sockets, names, jobs and settings have a file each.

mod advice;
mod chance;
pub(crate) mod eyes;
mod input;
pub(crate) mod jobs;
pub(crate) mod kinds;
pub mod names;
mod outs;
pub mod past;
pub(crate) mod settings;
pub(crate) mod sockets;
pub mod subtests;
mod unpacked;
pub mod uses;
pub(crate) mod values;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::net::door::{Caller, Thread};
use crate::net::enclosure::Enclosure;
use crate::net::gate::{Deadline, Gate};
use crate::net::ports::Kept;
use crate::picture::events::Recorder;
use crate::session::jobs::Beside;
use crate::session::names::Place;
use crate::session::outs::Outs;
use crate::session::past::Past;
use crate::session::settings::Trace;
use crate::session::sockets::Table;
use crate::session::values::Names;
use crate::text::diagnostic::Span;
use crate::value::Value;
use crate::value::job::Job;
use crate::value::outcome::{Halt, Outcome, SocketFacts};

pub use jobs::Barrier;
pub use settings::{Format, Keys, Settings};

/// What all threads of a script share, beside its sockets.
#[derive(Default)]
pub struct Shared {
    /// Something was printed and not flushed since.
    unseen: AtomicBool,
    /// The temporary folder, from its first use to the end of the script.
    tmpdir: Mutex<Option<tempfile::TempDir>>,
    beside: Beside,
    /// What random bytes are made of.
    seed: chance::Seed,
    /// The lines of standard input.
    input: input::Input,
    /// What the names stand for that all threads have in common, by slot.
    names: RwLock<Vec<Option<Value>>>,
    /// Held by the line that changes one of them, from its first look to its last.
    step: Mutex<()>,
    /// What a fixture has exported.
    exports: Mutex<Vec<(Arc<str>, Value)>>,
    /// What came of the `subtest`s; none where they are not kept.
    subtests: Mutex<Option<Vec<subtests::Subtest>>>,
    /// How far the transfer is that the script itself makes.
    pub transfer: Transfer,
    /// What keeps the ports of `freeport` in a network of the script's own.
    pub ports: Kept,
}

/// How far a transfer is: written by a command that moves bytes in several calls, read by the display.
#[derive(Default)]
pub struct Transfer {
    /// Bytes so far.
    pub done: AtomicU64,
    /// Of so many; 0 where that is not known.
    pub total: AtomicU64,
}

impl Transfer {
    /// Another transfer begins, or none.
    pub fn begin(&self, total: u64) {
        self.done.store(0, Relaxed);
        self.total.store(total, Relaxed);
    }
}

/// What runs the lines of a script on its session: a command may stand in a word, and be a `def`.
pub trait Engine: Send + Sync {
    /// Calls the `def` of this index, from a word that stands there.
    fn invoke(
        &self,
        session: &mut Session,
        function: usize,
        arguments: Vec<Value>,
        at: Span,
    ) -> Result<Value, Box<Halt>>;

    /// Shows what was printed: a call that may wait follows.
    fn flush(&self, gate: &Gate);

    /// Is it to be told of the commands in words?
    fn tells_inner(&self, session: &Session) -> bool;

    /// A command in a word has run.
    fn tell_inner(&self, session: &mut Session, ran: &Ran<'_>) -> Result<(), Box<Halt>>;
}

/// A command in a word, `$(…)`, that has run.
pub struct Ran<'a> {
    /// What stands between the parentheses.
    pub span: Span,
    /// The name of the command.
    pub command: &'a str,
    /// The socket it was about.
    pub socket: Option<Arc<str>>,
    /// What it gave, or why it failed.
    pub result: Result<&'a Outcome, &'a Halt>,
    /// From its start to its end.
    pub took: Duration,
}

/// How far the lines of a thread are inside one another, whatever runs them.
#[derive(Default)]
pub struct Stack {
    /// Blocks and calls inside one another: the stack has an end.
    pub depth: usize,
    /// The lowest address that the stack of this thread may grow down to.
    pub end: usize,
    /// How often each `def` is on its way now, by index.
    pub on_their_way: Vec<usize>,
    /// The `def` whose body runs.
    pub function: Option<usize>,
    /// How many `try` blocks around the line that runs have an `except`.
    pub catching: usize,
    /// The titles of the `subtest`s around the line that runs, joined.
    pub title: String,
    /// Which of the script's `subtest`s failed in this thread: the blocks around them are still on their way to it.
    pub failed: Vec<usize>,
    /// The sockets as they stood when something failed that nothing will catch.
    pub standing: Option<Vec<SocketFacts>>,
    /// How many signals had come when one first ended a block: another ends its `finally` too.
    pub signals: Option<u32>,
}

/// What a line has set for its own command, kept while a command in one of its words runs.
pub struct Outer {
    aim: Option<Place>,
    limit: Option<Duration>,
    begun: Option<Instant>,
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
    /// When the commands in the condition of an `expect --within` have to be done.
    within: Option<Deadline>,
    /// `$_`, with the other of a pair.
    last: (Value, Value),
    outs: Outs,
    /// A buffer that is free, for the next receive.
    spare: Vec<u8>,
    /// Background calls whose results names wait for.
    pending: Vec<(Arc<Job>, Vec<Place>)>,
    /// The names some line of this script waits for; none where a line waits for all.
    pub waits: Option<Arc<HashSet<String>>>,
    /// This thread's own job.
    pub own_job: Option<u32>,
    /// The name of this thread; none for the script itself.
    pub thread: Option<Arc<str>>,
    /// The observer that keeps the calls of this thread, while there is a trace.
    trace: Option<Arc<Trace>>,
    /// The observer that keeps what happens, where a picture may be asked for.
    picture: Option<Arc<Recorder>>,
    /// What `unpack` read last, for a `hexdump` of the same bytes.
    unpacked: Option<unpacked::Unpacked>,
    /// A watcher may want lines without an answer; none does until a setting changes.
    watched: bool,
    /// This thread has printed something that was not flushed since.
    printed: bool,
    /// Where this thread's random bytes come from, once it wanted some.
    chance: Option<chance::Generator>,
    /// What runs the lines; none before any does.
    pub engine: Option<Arc<dyn Engine>>,
    /// The sandbox that the kernel holds: the thread that runs the lines enters it.
    pub enclosure: Option<Arc<Enclosure>>,
    /// The temporary folders of the fixtures that the script stands on.
    pub folders: Vec<PathBuf>,
    /// How far the lines that run are inside one another.
    pub stack: Stack,
    /// At the prompt: how the sockets stood after each line.
    past: Past,
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
            within: None,
            last: Default::default(),
            outs: Outs::default(),
            spare: Vec::new(),
            pending: Vec::new(),
            waits: None,
            own_job: None,
            thread: None,
            trace: None,
            picture: None,
            unpacked: None,
            watched: true,
            printed: false,
            chance: None,
            engine: None,
            enclosure: None,
            folders: Vec::new(),
            stack: Stack::default(),
            past: Past::default(),
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
            within: None,
            last: self.last.clone(),
            outs: Outs::default(),
            spare: Vec::new(),
            pending: Vec::new(),
            waits: self.waits.clone(),
            own_job: Some(job.number),
            thread: Some(job.name.clone()),
            trace: self.trace.clone(),
            picture: self.picture.clone(),
            unpacked: None,
            watched: true,
            printed: false,
            chance: None,
            engine: None,
            enclosure: None,
            folders: Vec::new(),
            stack: Stack::default(),
            past: Past::default(),
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

    /// The transfer of the command that runs, of so many bytes (0: unknown); a transfer of a thread is not shown.
    pub fn transfer(&self, done: u64, total: u64) {
        if self.thread.is_none() {
            self.shared.transfer.done.store(done, Relaxed);
            self.shared.transfer.total.store(total, Relaxed);
        }
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

    /// Shows what was printed, before a call that may wait.
    pub fn flush(&mut self) {
        if self.take_unseen()
            && let Some(engine) = &self.engine
        {
            engine.flush(&self.caller.gate);
        }
    }

    /// Calls a `def` from a word; `$_` is what it was before.
    pub fn invoke(&mut self, function: usize, arguments: Vec<Value>, at: Span) -> Result<Value, Box<Halt>> {
        let Some(engine) = self.engine.clone() else { return Ok(Value::Nothing) };
        let last = self.last.clone();
        let result = engine.invoke(self, function, arguments, at);
        self.last = last;
        result
    }

    /// Is the watcher of the run to be told of commands in words?
    pub fn tells_inner(&self) -> bool {
        self.engine.as_ref().is_some_and(|engine| engine.tells_inner(self))
    }

    /// Tells it of one.
    pub fn tell_inner(&mut self, ran: &Ran<'_>) -> Result<(), Box<Halt>> {
        let Some(engine) = self.engine.clone() else { return Ok(()) };
        engine.tell_inner(self, ran)
    }

    /// A command in a word of the line begins.
    pub fn begin_inner(&mut self) -> Outer {
        Outer { aim: self.aim.take(), limit: self.limit.take(), begun: self.begun.take() }
    }

    /// It is over: what the line has set for its own command stands again.
    pub fn end_inner(&mut self, outer: Outer) {
        (self.aim, self.limit, self.begun) = (outer.aim, outer.limit, outer.begun);
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
