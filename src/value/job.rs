//! Work that goes on beside the script: spawned blocks and background calls.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::value::Value;
use crate::value::outcome::Halt;
use crate::words::Phrase;

/// How a job ended: its value with the other of a pair, or why it ended early.
pub type Ended = Result<(Value, Value), Box<Halt>>;

/// One spawned block, or one call in the background.
#[derive(Debug)]
pub struct Job {
    /// In order of their start, from 1.
    pub number: u32,
    pub name: Arc<str>,
    /// The line as it was written, for `jobs`.
    pub line: String,
    /// A background call: its result belongs to the names before `=` once `wait` has collected it.
    pub background: bool,
    /// The script's end does not wait for it, nor does a `wait` without a name.
    pub daemon: bool,
    /// 0 while it runs, 1 when it has ended; waited for as a futex.
    pub over: AtomicU32,
    result: Mutex<Option<Ended>>,
    /// A `wait` has taken its result or its error.
    collected: AtomicBool,
}

impl Job {
    pub fn new(number: u32, name: Arc<str>, line: String, background: bool, daemon: bool) -> Job {
        Job {
            number,
            name,
            line,
            background,
            daemon,
            over: AtomicU32::new(0),
            result: Mutex::new(None),
            collected: AtomicBool::new(false),
        }
    }

    fn result(&self) -> MutexGuard<'_, Option<Ended>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_over(&self) -> bool {
        self.over.load(SeqCst) != 0
    }

    pub fn end(&self, result: Ended) {
        *self.result() = Some(result);
        self.over.store(1, SeqCst);
    }

    /// Has it failed without any line taking the error?
    pub fn has_unheard_error(&self) -> bool {
        self.is_over() && !self.is_collected() && matches!(*self.result(), Some(Err(_)))
    }

    /// Asks something of the error with which it has failed.
    pub fn failure<T>(&self, ask: impl FnOnce(&Halt) -> T) -> Option<T> {
        match &*self.result() {
            Some(Err(halt)) => Some(ask(halt)),
            _ => None,
        }
    }

    /// Was it ended by a signal, or with the whole script? Then its end is no error of its own.
    pub fn was_interrupted(&self) -> bool {
        matches!(&*self.result(), Some(Err(halt)) if matches!(**halt, Halt::Signal { .. } | Halt::Cancelled { .. }))
    }

    pub fn is_collected(&self) -> bool {
        self.collected.load(SeqCst)
    }

    /// The result, to the first who asks.
    pub fn collect(&self) -> Option<Ended> {
        let mut result = self.result();
        if self.is_collected() || result.is_none() {
            return None;
        }
        self.collected.store(true, SeqCst);
        match &*result {
            // Stays for `$_7` of the line that began it.
            Some(Ok(values)) => Some(Ok(values.clone())),
            _ => result.take(),
        }
    }

    /// The result, for a line that waits for it by its name: a value can be taken again, an error comes out once.
    pub fn collect_again(&self) -> Option<Ended> {
        self.collect().or_else(|| self.gave().map(Ok))
    }

    /// What it gave, if it has ended well; collected or not.
    pub fn gave(&self) -> Option<(Value, Value)> {
        self.result().as_ref()?.as_ref().ok().cloned()
    }

    /// A word for `jobs`.
    pub fn state(&self) -> Phrase {
        match (self.is_over(), &*self.result()) {
            (false, _) => phrase!(en "running", es "en curso"),
            (true, Some(Err(_))) => phrase!(en "failed", es "fallida"),
            (true, _) => phrase!(en "done", es "lista"),
        }
    }
}

/// All jobs of one name: `wait NAME` waits for every one.
#[derive(Debug, Default)]
pub struct Group(Mutex<Vec<Arc<Job>>>);

impl Group {
    pub fn push(&self, job: Arc<Job>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(job);
    }

    pub fn jobs(&self) -> Vec<Arc<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
