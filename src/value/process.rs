//! A program that was started: the server under test.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

    pub fn expect_end(&self) {
        self.expected.store(true, SeqCst);
    }

    /// It ended with an error, and was not asked to end.
    pub fn has_died(&self) -> bool {
        !self.expected.load(SeqCst) && self.status().is_some_and(|s| s.code() != 0)
    }

    pub fn has_open_pipes(&self) -> bool {
        self.pipes.load(SeqCst) > 0
    }
}
