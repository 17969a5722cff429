//! A program that was started: the server under test.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::text::diagnostic::Span;
use crate::text::secrets::{hide, longest, part};

/// Of what it writes the beginning is kept, and the end; of a longer output the middle is left out.
const HEAD: usize = 64 << 10;
const TAIL: usize = 4 << 20;
/// So much more is kept before the middle is cut again.
const SLACK: usize = 256 << 10;

/// What a program has written to one pipe.
#[derive(Debug, Default)]
struct Written {
    /// All of it, or the beginning and the end.
    kept: VecDeque<u8>,
    /// How many bytes are left out behind [`HEAD`].
    left_out: u64,
}

impl Written {
    fn add(&mut self, bytes: &[u8]) {
        self.kept.extend(bytes);
        if self.kept.len() > HEAD + TAIL + SLACK {
            self.cut();
        }
    }

    /// Leaves the middle out.
    fn cut(&mut self) {
        let over = self.kept.len().saturating_sub(HEAD + TAIL);
        if over > 0 {
            self.hide_ends(HEAD..HEAD + over);
            self.kept.drain(HEAD..HEAD + over);
            self.left_out += over as u64;
        }
    }

    /// Writes stars over what is kept of a secret of which a part is left out: the rest alone would not be known as one
    /// when it is shown. The script's own `${p.stdout}` has the stars too.
    fn hide_ends(&mut self, left_out: Range<usize>) {
        let most = longest();
        let bytes = self.kept.make_contiguous();
        for cut in [left_out.start, left_out.end] {
            // Whatever lies over the cut lies within these; what only lies over their ends is not found in them.
            let around = cut.saturating_sub(most)..bytes.len().min(cut + most);
            let kept = if cut == left_out.start { around.start..cut } else { cut..around.end };
            let shown = kept.start - around.start..kept.end - around.start;
            if let Cow::Owned(hidden) = part(&bytes[around], shown) {
                bytes[kept].copy_from_slice(&hidden);
            }
        }
    }

    /// The pieces that are whole, each with how many bytes were written before it.
    fn pieces(&mut self) -> [(u64, &[u8]); 2] {
        self.cut();
        let left_out = self.left_out;
        let bytes: &[u8] = self.kept.make_contiguous();
        match left_out {
            0 => [(0, bytes), (bytes.len() as u64, &[])],
            _ => [(0, &bytes[..HEAD]), (HEAD as u64 + left_out, &bytes[HEAD..])],
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        self.cut();
        let left_out = self.left_out;
        let [(_, head), (_, tail)] = self.pieces();
        let mut bytes = head.to_vec();
        if left_out > 0 {
            bytes.extend_from_slice(format!("\n[... {left_out} bytes left out ...]\n").as_bytes());
        }
        bytes.extend_from_slice(tail);
        bytes
    }
}

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

/// A descendant of a script's programs that was still there when they had ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its number.
    pub pid: i32,
    /// What it was started with.
    pub command: String,
    /// It is gone by now.
    pub ended: bool,
}

#[derive(Debug)]
pub struct Process {
    pub name: Arc<str>,
    pub command: String,
    /// Also the number of its process group, which its children are in.
    pub pid: i32,
    stdout: Mutex<Written>,
    stderr: Mutex<Written>,
    /// Grows whenever it has written or a pipe has ended; waited for as a futex.
    pub news: AtomicU32,
    /// Its standard input, until that is closed.
    stdin: Mutex<Option<Arc<File>>>,
    /// How far `waitfor` has found each of its patterns, by pipe and text.
    found: Mutex<HashMap<(bool, String), u64>>,
    status: Mutex<Option<Status>>,
    /// How it ended, as seen by the thread that waits for its end; the script looks for itself, in `status`.
    end: OnceLock<Status>,
    /// The line that started it.
    started: OnceLock<Span>,
    /// The script has killed it or waited for it: its end is no failure.
    expected: AtomicBool,
    /// The other signals that the script has sent it, a bit each: an end by one of them is no failure.
    sent: AtomicU64,
    /// How many of its two output pipes are still open; waited for as a futex.
    pub pipes: AtomicU32,
}

/// The bit of a signal, which are 1 to 64 (signal(7)); none of another number.
fn signal_bit(number: i32) -> u64 {
    if (1..=64).contains(&number) { 1 << (number - 1) } else { 0 }
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
            news: AtomicU32::new(0),
            stdin: Mutex::default(),
            found: Mutex::default(),
            status: Mutex::new(None),
            end: OnceLock::new(),
            started: OnceLock::new(),
            expected: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            pipes: AtomicU32::new(2),
        }
    }

    fn output(&self, of_stderr: bool) -> MutexGuard<'_, Written> {
        lock(if of_stderr { &self.stderr } else { &self.stdout })
    }

    /// It has written this.
    pub fn wrote(&self, to_stderr: bool, bytes: &[u8]) {
        self.output(to_stderr).add(bytes);
    }

    /// What it wrote to standard output; where the middle is left out, a line says so.
    pub fn stdout(&self) -> Vec<u8> {
        self.output(false).bytes()
    }

    /// The same of standard error.
    pub fn stderr(&self) -> Vec<u8> {
        self.output(true).bytes()
    }

    /// Looks for a pattern in what it wrote. The same pattern is looked for again behind where it was found: `find` is
    /// given bytes and where to begin, and returns what it found with its end.
    pub fn find<T>(
        &self,
        in_stderr: bool,
        pattern: &str,
        mut find: impl FnMut(&[u8], usize) -> Option<(usize, T)>,
    ) -> Option<T> {
        let mut found = lock(&self.found);
        let from = found.entry((in_stderr, pattern.to_string())).or_default();
        for (before, piece) in self.output(in_stderr).pieces() {
            let begin = usize::try_from(from.saturating_sub(before)).unwrap_or(usize::MAX);
            if begin <= piece.len()
                && let Some((end, what)) = find(piece, begin)
            {
                // An empty match does not stand still.
                *from = before + end.max(begin + usize::from(end == begin)) as u64;
                return Some(what);
            }
        }
        None
    }

    /// Hands over the pipe to its standard input.
    pub fn set_stdin(&self, pipe: File) {
        *lock(&self.stdin) = Some(Arc::new(pipe));
    }

    /// Its standard input; `None` once it was closed, or where a socket is its standard input.
    pub fn stdin(&self) -> Option<Arc<File>> {
        lock(&self.stdin).clone()
    }

    /// Takes its standard input away, to close it.
    pub fn take_stdin(&self) -> Option<Arc<File>> {
        lock(&self.stdin).take()
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

    /// The script sends it this signal: an end by it is no failure from here on, and any other still is.
    pub fn expect_signal(&self, signal: i32) {
        self.sent.fetch_or(signal_bit(signal), SeqCst);
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
        let sent = self.sent.load(SeqCst);
        // A shell, and some programs, end with 128 and the signal.
        let is_bad = |status: Status| status.code() != 0 && sent & signal_bit(status.code() - 128) == 0;
        !self.expected.load(SeqCst) && self.end_status().is_some_and(is_bad)
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
            let text = String::from_utf8_lossy(&part(&bytes, bytes.len().saturating_sub(400)..bytes.len()))
                .into_owned();
            hide(&text).trim().lines().last().unwrap_or_default().trim().to_string()
        };
        Some(last(self.stderr())).filter(|line| !line.is_empty()).unwrap_or_else(|| last(self.stdout()))
    }

    pub fn has_open_pipes(&self) -> bool {
        self.pipes.load(SeqCst) > 0
    }
}
