//! A program that was started: the server under test.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::text::diagnostic::Span;

/// What it has written so far; beyond this nothing more is kept.
const MOST_OUTPUT: usize = 4 << 20;

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Exited(i32),
    Signalled(i32),
}

impl Status {
    /// As a shell says it: the exit code, or 128 and the signal.
    pub fn code(self) -> i32 {
        match self {
            Status::Exited(code) => code,
            Status::Signalled(signal) => 128 + signal,
        }
    }
}

#[derive(Debug)]
pub struct Process {
    pub name: Arc<str>,
    pub command: String,
    /// Also the number of its process group, which its children are in.
    pub pid: i32,
    stdout: Mutex<Vec<u8>>,
    stderr: Mutex<Vec<u8>>,
    status: Mutex<Option<Status>>,
    /// How it ended, as seen by the thread that waits for its end; the script looks for itself, in `status`.
    end: OnceLock<Status>,
    /// The line that started it.
    started: OnceLock<Span>,
    /// The script has killed it or waited for it: its end is no failure.
    expected: AtomicBool,
    /// How many of its two output pipes are still open; waited for as a futex.
    pub pipes: AtomicU32,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Process {
    pub fn new(name: Arc<str>, command: String, pid: i32) -> Process {
        Process {
            name,
            command,
            pid,
            stdout: Mutex::default(),
            stderr: Mutex::default(),
            status: Mutex::new(None),
            end: OnceLock::new(),
            started: OnceLock::new(),
            expected: AtomicBool::new(false),
            pipes: AtomicU32::new(2),
        }
    }

    pub fn wrote(&self, to_stderr: bool, bytes: &[u8]) {
        let mut kept = lock(if to_stderr { &self.stderr } else { &self.stdout });
        let room = MOST_OUTPUT - kept.len().min(MOST_OUTPUT);
        kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    pub fn stdout(&self) -> Vec<u8> {
        lock(&self.stdout).clone()
    }

    pub fn stderr(&self) -> Vec<u8> {
        lock(&self.stderr).clone()
    }

    pub fn status(&self) -> Option<Status> {
        *lock(&self.status)
    }

    pub fn set_status(&self, status: Status) {
        *lock(&self.status) = Some(status);
    }

    /// Its end, whatever it is, is no failure from here on. Says whether that was so before.
    pub fn expect_end(&self) -> bool {
        self.expected.swap(true, SeqCst)
    }

    /// Its end counts again: the wait for it was given up.
    pub fn judge_end(&self) {
        self.expected.store(false, SeqCst);
    }

    /// It has ended so; from the thread that waits for it.
    pub fn saw_end(&self, status: Status) {
        let _ = self.end.set(status);
    }

    /// It ended with an error, and was not asked to end.
    pub fn has_died(&self) -> bool {
        !self.expected.load(SeqCst) && self.end_status().is_some_and(|s| s.code() != 0)
    }

    /// How it ended, as the watcher thread or a look saw it first.
    pub fn end_status(&self) -> Option<Status> {
        self.status().or_else(|| self.end.get().copied())
    }

    /// The line that started it, kept for reports.
    pub fn set_started(&self, span: Span) {
        let _ = self.started.set(span);
    }

    /// The line that started it.
    pub fn started(&self) -> Option<Span> {
        self.started.get().copied()
    }

    /// The last line that it wrote, on standard error or else on standard output; empty if it wrote nothing.
    pub fn last_words(&self) -> String {
        let last = |bytes: Vec<u8>| {
            let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(400)..]).into_owned();
            text.trim().lines().last().unwrap_or_default().trim().to_string()
        };
        Some(last(self.stderr())).filter(|line| !line.is_empty()).unwrap_or_else(|| last(self.stdout()))
    }

    pub fn has_open_pipes(&self) -> bool {
        self.pipes.load(SeqCst) > 0
    }
}
