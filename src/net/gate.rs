//! Blocking calls that end when they should: by Ctrl-C, by a limit, by a close in another thread.
//!
//! A flag and a handler lose the wake-up that comes between looking at the flag and entering the
//! call. Here a thread that stops another writes a reason into the thread's word and then sends
//! it a signal again and again, a millisecond apart, until the word is taken back. The fast path
//! costs a load and two stores and no system call.
//!
//! On the main thread Ctrl-C needs no helper: the handler arms an interval timer, whose alarms are
//! the repeated signal. Limits and other threads are served by one kicker thread, which starts when
//! the first limit is armed or the first worker registers.

// Signal handlers and their timer: no crate in the tree has a safe way to put them in.
#![allow(unsafe_code)]

use std::io;
use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::pthread::{Pthread, pthread_kill, pthread_self};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};

use super::kernel;
use crate::value::outcome::Limit;

const SIGNALLED: u64 = 1;
const TIMEOUT: u64 = 2;
const CLOSED: u64 = 4;
const CANCELLED: u64 = 8;
const LIMIT: u64 = 16;
/// A program of the script has died, and nothing has come since for [`SILENCE`].
const DIED: u64 = 32;
const REASONS: u64 = 63;
/// No reason to stop: a program of the script has died, and calls that wait are given [`SILENCE`] each.
const AFTER_DEATH: u64 = 64;
/// The word is the number of the call, shifted, and the reasons to stop it: a limit that comes late
/// finds another number and ends no other call.
const CALL: u64 = 128;

/// How long a call may wait where a program of the script has died: what it sent last is still to be taken.
const SILENCE: Duration = Duration::from_millis(100);
/// Calls that wait for other threads, which have news of their own.
const WAITS_FOR_THREADS: [&str; 2] = ["wait", "barrier"];

/// In place of a socket's number: the call is about several, and any that is closed may be one of them.
pub const SEVERAL: u32 = u32::MAX;

/// One thread's gate.
pub struct Gate {
    word: AtomicU64,
    in_call: AtomicBool,
    /// When the call's limit ends, in nanoseconds since `START`; 0 is never.
    deadline: AtomicU64,
    /// The `deadline` of the last call that had one.
    last_deadline: AtomicU64,
    /// When the whole script's limit ends.
    limit: AtomicU64,
    /// When a call that waits is ended because a program has died; 0 is never.
    silence: AtomicU64,
    /// When that program died.
    died_at: AtomicU64,
    /// The C name of the call this thread makes or made last, and the process-wide number of its socket: 0 for
    /// none, [`SEVERAL`] for more than one.
    doing: Mutex<(&'static str, u32)>,
    /// The thread is ending: its `finally` blocks run, and are not cancelled again.
    ending: AtomicBool,
    /// [`Pthread`]: a number in glibc, a pointer in musl, which threads may not share.
    thread: usize,
}

/// When a command has to be done, and which limit says so.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// In nanoseconds since `START`; never 0.
    at: u64,
    after: Duration,
    limit: Limit,
}

impl Deadline {
    /// The moment `after` from now; `limit` says which limit that is.
    pub fn new(after: Duration, limit: Limit) -> Deadline {
        Deadline { at: now().saturating_add(nanos(after)).max(1), after, limit }
    }

    /// The same limit, counted from an earlier time.
    pub fn since(self, begun: Instant) -> Deadline {
        Deadline { at: self.at.saturating_sub(nanos(begun.elapsed())).max(1), ..self }
    }

    /// Which limit it is.
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// How long that limit is.
    pub fn after(&self) -> Duration {
        self.after
    }

    /// The earlier of two.
    pub fn sooner(self, other: Option<Deadline>) -> Deadline {
        other.filter(|other| other.at <= self.at).unwrap_or(self)
    }

    /// The time that is left.
    pub fn left(&self) -> Duration {
        Duration::from_nanos(self.at.saturating_sub(now()))
    }
}

/// How a call under a gate ended without a result.
#[derive(Debug)]
pub enum Stop {
    /// The call itself failed.
    Io(io::Error),
    /// A thread that is needed could not be made: pthread_create(3).
    NoThread(io::Error),
    /// This signal asked for the end.
    Signal(i32),
    /// The call was not done by its deadline.
    Timeout,
    /// Another thread closed the socket.
    Closed,
    /// The script ended in another thread.
    Cancelled,
    /// The limit of the whole script.
    Limit,
    /// A program of the script has died, and nothing came any more.
    Died,
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
static MAIN: OnceLock<Arc<Gate>> = OnceLock::new();
/// The last signal that came; SIGINT only while there was no other.
static SIGNAL: AtomicI32 = AtomicI32::new(0);
/// How many signals came: each is passed on to the workers once, so that their `finally` blocks run.
static SIGNALS: AtomicU32 = AtomicU32::new(0);
static KICKER: OnceLock<Kicker> = OnceLock::new();
/// How often the kicker was asked to look; it waits for the next time as for a futex, which needs no descriptor: limits
/// hold where a script has used them all.
static BELL: AtomicU32 = AtomicU32::new(0);
/// The line editor's own handler, which ours calls in turn.
static CHAINED: AtomicUsize = AtomicUsize::new(0);
/// How often the alarm has come since the last signal.
static ALARMS: AtomicU32 = AtomicU32::new(0);
/// How often the editor is told of one signal: when it finds two in its pipe, it hears the first only,
/// and a change of the window's size would hide a Ctrl-C. Four times as many would fit into the pipe.
const MOST_PASSED_ON: u32 = 64;
/// A prompt is open: Ctrl-C is about its line, and what runs in the background goes on.
static AT_PROMPT: AtomicBool = AtomicBool::new(false);
/// The prompt waits for a line.
static TYPING: AtomicBool = AtomicBool::new(false);
/// What the prompt wants done when it was stopped and continued; runs on the kicker.
static ON_REDRAW: Mutex<Option<Box<dyn FnMut() + Send>>> = Mutex::new(None);
static REDRAW: AtomicBool = AtomicBool::new(false);
/// How long after a redraw was asked for the editor is nudged, in nanoseconds, the soonest last.
///
/// Ctrl-Z and Ctrl-\ empty the terminal's input, and while Linux does so select(2) may see something to read:
/// the editor goes on to read(2), deaf to what it is asked. A SIGWINCH takes it out, whenever it comes.
const NUDGES: [u64; 4] = [1_000_000_000, 200_000_000, 40_000_000, 8_000_000];

struct Kicker {
    gates: Mutex<Vec<Arc<Gate>>>,
    /// When it will look next by itself; `u64::MAX` while it is awake.
    next: AtomicU64,
}

fn nanos(d: Duration) -> u64 {
    u64::try_from(d.as_nanos()).unwrap_or(u64::MAX)
}

fn now() -> u64 {
    nanos(START.elapsed())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The signals that end a script, in the order of their exit codes: 130, 143, 129.
const ENDING: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// Makes this thread the main one and lets the ending signals reach its calls.
pub fn main_gate() -> Arc<Gate> {
    let gate = MAIN.get_or_init(|| Arc::new(Gate::here())).clone();
    for signal in ENDING {
        // A shell that started us with `nohup` meant it.
        if signal == Signal::SIGHUP && ignored(signal) {
            continue;
        }
        handle(signal, on_signal);
    }
    handle(Signal::SIGALRM, on_alarm);
    // A file that would exceed RLIMIT_FSIZE is an error of its write, EFBIG; a program that is started has the default
    // again, because this is a handler.
    handle(Signal::SIGXFSZ, on_kick);
    gate
}

fn ignored(signal: Signal) -> bool {
    let mut old = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: with a null new action the call only writes the old one, which is read when it succeeded.
    unsafe {
        libc::sigaction(signal as i32, std::ptr::null(), old.as_mut_ptr()) == 0
            && old.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

fn handle(signal: Signal, handler: extern "C" fn(i32)) {
    // No SA_RESTART: the call must come back.
    let action = SigAction::new(SigHandler::Handler(handler), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handlers below only touch atomics and make async-signal-safe calls.
    let _ = unsafe { sigaction(signal, &action) };
}

/// Runs on the main thread only: every other thread blocks the ending signals.
extern "C" fn on_signal(signal: i32) {
    let saved = nix::errno::Errno::last_raw();
    // A Ctrl-C that comes with a SIGTERM takes nothing of it back, whichever is first.
    if signal == libc::SIGINT {
        let _ = SIGNAL.compare_exchange(0, signal, SeqCst, SeqCst);
    } else {
        SIGNAL.store(signal, SeqCst);
    }
    ALARMS.store(0, SeqCst);
    if signal != libc::SIGINT || !AT_PROMPT.load(SeqCst) {
        SIGNALS.fetch_add(1, SeqCst);
    }
    if let Some(main) = MAIN.get() {
        main.word.fetch_or(SIGNALLED, SeqCst);
    }
    alarm(1000);
    pass_to_editor();
    ring();
    nix::errno::Errno::set_raw(saved);
}

/// The repeated wake-up of the main thread, until its word is taken back.
extern "C" fn on_alarm(_: i32) {
    let saved = nix::errno::Errno::last_raw();
    let signalled = || MAIN.get().is_some_and(|main| main.word.load(SeqCst) & SIGNALLED != 0);
    if !signalled() {
        alarm(0);
        // A signal may have come between the two.
        if signalled() {
            alarm(1000);
        }
    } else if ALARMS.fetch_add(1, SeqCst) < MOST_PASSED_ON {
        pass_to_editor();
    }
    nix::errno::Errno::set_raw(saved);
}

/// The editor knows only SIGINT; any of ours takes it out of its line.
fn pass_to_editor() {
    let chained = CHAINED.load(SeqCst);
    if chained != 0 {
        // SAFETY: the value came from `sigaction`, as a handler that takes the signal's number.
        unsafe { std::mem::transmute::<usize, extern "C" fn(i32)>(chained)(libc::SIGINT) }
    }
}

extern "C" fn on_kick(_: i32) {}

fn alarm(micros: i64) {
    let every = libc::timeval { tv_sec: 0, tv_usec: micros };
    let timer = libc::itimerval { it_interval: every, it_value: every };
    // SAFETY: a bare system call on Linux, with a valid timer; safe in a handler.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut()) };
}

/// Asks the kicker to look; async-signal-safe.
fn ring() {
    BELL.fetch_add(1, SeqCst);
    kernel::futex_wake(&BELL);
}

/// Is a prompt open? Ctrl-C then ends nothing that runs in the background.
pub fn at_prompt(open: bool) {
    AT_PROMPT.store(open, SeqCst);
}

/// Does the prompt wait for a line?
pub fn typing(waits: bool) {
    TYPING.store(waits, SeqCst);
}

/// To be called when the line editor has put its handler in: ours goes before it.
pub fn chain_signals() {
    let action = SigAction::new(SigHandler::Handler(on_signal), SaFlags::empty(), SigSet::empty());
    // SAFETY: see `handle`.
    if let Ok(old) = unsafe { sigaction(Signal::SIGINT, &action) }
        && let SigHandler::Handler(theirs) = old.handler()
        && theirs as usize != on_signal as *const () as usize
    {
        CHAINED.store(theirs as usize, SeqCst);
    }
}

/// The editor's handler is gone with its line; ours stays.
pub fn unchain_signals() {
    CHAINED.store(0, SeqCst);
    handle(Signal::SIGINT, on_signal);
}

/// A handler for what only the prompt must live through; calls that were waiting go on.
pub fn on_signal_restarting(signal: Signal, handler: extern "C" fn(i32)) {
    let action = SigAction::new(SigHandler::Handler(handler), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handlers that are given make async-signal-safe calls only.
    let _ = unsafe { sigaction(signal, &action) };
}

/// Stops this process, in the handler of SIGTSTP, as the signal does by default: not at all where no shell could continue
/// it (an orphaned process group, signal(7)). The handler is there again afterwards.
pub fn stop_as_by_default(handler: extern "C" fn(i32)) {
    kernel::reset_signal(libc::SIGTSTP);
    let _ = raise(Signal::SIGTSTP);
    // It is blocked in its own handler, and comes now.
    let own: SigSet = [Signal::SIGTSTP].into_iter().collect();
    let _ = own.thread_unblock();
    on_signal_restarting(Signal::SIGTSTP, handler);
}

/// What [`ask_redraw`] has done.
pub fn set_redraw(redraw: Box<dyn FnMut() + Send>) {
    *lock(&ON_REDRAW) = Some(redraw);
}

/// Starts the kicker before the first limit does: the prompt's redraw needs it.
pub fn start_kicker() -> io::Result<()> {
    kicker().map(|_| ())
}

/// Asks the kicker for a redraw; for signal handlers.
pub fn ask_redraw() {
    REDRAW.store(true, SeqCst);
    ring();
}

/// Is the main thread asked to end what it does, or the prompt's line?
pub fn main_is_stopped() -> bool {
    MAIN.get().is_some_and(|main| main.stopped().is_some())
}

/// The last signal that asked everything to end, though gates may have been reset since, and how many came.
pub fn asked_to_end() -> Option<(i32, u32)> {
    let count = SIGNALS.load(SeqCst);
    (count > 0).then(|| (SIGNAL.load(SeqCst), count))
}

/// The signal that asked the whole session to end, though gates may have been reset since; never SIGINT.
pub fn ending_signal() -> Option<i32> {
    Some(SIGNAL.load(SeqCst)).filter(|signal| !matches!(*signal, 0 | libc::SIGINT))
}

/// A worker thread blocks what only the main thread may take.
pub fn block_main_signals() {
    let mut set = SigSet::empty();
    for signal in ENDING.into_iter().chain([Signal::SIGALRM, Signal::SIGTSTP, Signal::SIGWINCH]) {
        set.add(signal);
    }
    let _ = set.thread_block();
}

/// Starts the kicker if it does not run yet. It fails only where no thread can be had, and is tried again.
fn kicker() -> io::Result<&'static Kicker> {
    static STARTED: Mutex<bool> = Mutex::new(false);
    static RUNS: AtomicBool = AtomicBool::new(false);
    let kicker = KICKER.get_or_init(|| {
        handle(Signal::SIGUSR1, on_kick);
        let gates = Mutex::new(MAIN.get().into_iter().cloned().collect());
        Kicker { gates, next: AtomicU64::new(u64::MAX) }
    });
    if RUNS.load(Acquire) {
        return Ok(kicker);
    }
    let mut started = lock(&STARTED);
    if !*started {
        let built = std::thread::Builder::new().name("kicker".into()).stack_size(128 << 10);
        built.spawn(move || {
            let _ = SigSet::all().thread_block();
            kicker.run();
        })?;
        *started = true;
        RUNS.store(true, Release);
    }
    Ok(kicker)
}

impl Kicker {
    fn run(&self) {
        let mut passed_on = 0;
        let mut nudges = Vec::new();
        loop {
            let rung = BELL.load(SeqCst);
            // Publish "awake: arming a deadline must ring the bell", then look again: none slips between.
            self.next.store(u64::MAX, SeqCst);
            let (next, pending) = self.scan();
            self.next.store(next, SeqCst);
            if self.scan().0 < next {
                continue;
            }
            let next = nudges.last().map_or(next, |nudge| next.min(*nudge));
            let wait = match (pending, next) {
                (true, _) => Some(Duration::from_millis(1)),
                (false, u64::MAX) => None,
                (false, next) => Some(Duration::from_nanos(next.saturating_sub(now()))),
            };
            let _ = kernel::futex_wait(&BELL, rung, wait);
            if REDRAW.swap(false, SeqCst)
                && let Some(redraw) = lock(&ON_REDRAW).as_mut()
            {
                redraw();
                let asked = now();
                nudges = NUDGES.map(|after| asked + after).to_vec();
            }
            if nudges.last().is_some_and(|nudge| *nudge <= now()) {
                nudges.pop();
                if let Some(main) = MAIN.get()
                    && TYPING.load(SeqCst)
                {
                    main.interrupt(Signal::SIGWINCH);
                }
            }
            // A signal is for all threads; the main thread's handler has marked its own gate, and
            // marking it here again could hit the line after the one that was meant.
            let signals = SIGNALS.load(SeqCst);
            if signals != passed_on {
                passed_on = signals;
                for gate in
                    lock(&self.gates).iter().filter(|g| MAIN.get().is_none_or(|main| !Arc::ptr_eq(g, main)))
                {
                    if !gate.ending.load(SeqCst) {
                        gate.word.fetch_or(SIGNALLED, SeqCst);
                    }
                }
            }
        }
    }

    /// The earliest deadline, and whether some stop is not yet acknowledged.
    fn scan(&self) -> (u64, bool) {
        let (mut next, mut pending) = (u64::MAX, false);
        for gate in lock(&self.gates).iter() {
            let word = gate.word.load(SeqCst);
            let time = now();
            for (due, reason) in [(&gate.deadline, TIMEOUT), (&gate.limit, LIMIT)] {
                let due = due.load(SeqCst);
                if due == 0 || word & reason != 0 {
                    continue;
                }
                if due > time {
                    next = next.min(due);
                } else {
                    let _ = gate.word.compare_exchange(word, word | reason, SeqCst, Relaxed);
                }
            }
            // Only in a call: the next one sets a later time.
            let due = gate.silence.load(SeqCst);
            if due > time {
                next = next.min(due);
            } else if due != 0 && word & DIED == 0 && gate.in_call.load(SeqCst) {
                let _ = gate.word.compare_exchange(word, word | DIED, SeqCst, Relaxed);
            }
            if gate.word.load(SeqCst) & REASONS != 0 {
                // Until the word is cleared, even while `in_call` still reads false.
                pending = true;
                if gate.in_call.load(SeqCst) {
                    gate.interrupt(Signal::SIGUSR1);
                }
            }
        }
        (next, pending)
    }

    fn wake(&self) {
        ring();
    }
}

/// A worker's gate, taken off the list when its thread is done with it.
pub struct Registered(Arc<Gate>);

impl Registered {
    /// The gate of the thread that registered.
    pub fn gate(&self) -> Arc<Gate> {
        self.0.clone()
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        if let Some(kicker) = KICKER.get() {
            lock(&kicker.gates).retain(|g| !Arc::ptr_eq(g, &self.0));
        }
    }
}

/// Gives this worker thread a gate of its own.
pub fn register() -> io::Result<Registered> {
    block_main_signals();
    let kicker = kicker()?;
    let gate = Arc::new(Gate::here());
    lock(&kicker.gates).push(gate.clone());
    // Ctrl-C may have come while this thread was starting, and not for a prompt's line.
    if let Some(main) = MAIN.get()
        && main.word.load(SeqCst) & SIGNALLED != 0
        && !(AT_PROMPT.load(SeqCst) && SIGNAL.load(SeqCst) == libc::SIGINT)
    {
        gate.word.fetch_or(SIGNALLED, SeqCst);
    }
    Ok(Registered(gate))
}

/// Ends the calls in which other threads hold this socket. The caller repeats it until none does.
pub fn interrupt_users(socket: u32) {
    if let Some(kicker) = KICKER.get() {
        for gate in lock(&kicker.gates).iter() {
            let (_, about) = *lock(&gate.doing);
            if gate.in_call.load(SeqCst) && (about == socket || about == SEVERAL) {
                gate.word.fetch_or(CLOSED, SeqCst);
            }
        }
        kicker.wake();
    }
}

/// Does a thread beside the main one wait in a call on this socket?
pub fn has_users(socket: u32) -> bool {
    let uses = |gate: &Arc<Gate>| gate.doing().is_some_and(|(_, about)| about == socket || about == SEVERAL);
    KICKER.get().is_some_and(|kicker| lock(&kicker.gates).iter().any(uses))
}

impl Gate {
    fn here() -> Gate {
        Gate {
            word: AtomicU64::new(0),
            in_call: AtomicBool::new(false),
            deadline: AtomicU64::new(0),
            last_deadline: AtomicU64::new(0),
            limit: AtomicU64::new(0),
            silence: AtomicU64::new(0),
            died_at: AtomicU64::new(0),
            doing: Mutex::new(("", 0)),
            ending: AtomicBool::new(false),
            thread: pthread_self() as usize,
        }
    }

    /// Sends this gate's thread a signal.
    fn interrupt(&self, signal: Signal) {
        let _ = pthread_kill(self.thread as Pthread, signal);
    }

    /// Announces a call that has no limit of its own. False: this thread is asked to stop, and the call is not to be
    /// made. To be followed by [`Gate::end`] in either case.
    ///
    /// `about` is the call's name and its socket's number, where the script has other threads that may ask.
    #[inline(always)]
    pub fn begin(&self, about: Option<(&'static str, u32)>) -> bool {
        match about {
            Some((name, socket)) => self.enter(name, socket),
            None => self.in_call.store(true, Release),
        }
        self.word.load(Acquire) & (REASONS | AFTER_DEATH) == 0
    }

    /// The call that [`Gate::begin`] announced is over.
    #[inline(always)]
    pub fn end(&self) {
        self.in_call.store(false, Release);
    }

    fn enter(&self, name: &'static str, socket: u32) {
        *lock(&self.doing) = (name, socket);
        self.in_call.store(true, Release);
    }

    /// Runs a call that may block, again after every EINTR that was not meant to end it.
    ///
    /// The first call of a command is made even if a busy machine has let the limit run out before it: what
    /// is there is never said not to have come. If it waits, the kicker ends it.
    pub fn blocking<T>(
        &self,
        deadline: Option<Deadline>,
        name: &'static str,
        socket: u32,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> Result<T, Stop> {
        let mut first = match deadline {
            Some(deadline) => self.arm(deadline)?,
            None => false,
        };
        self.enter(name, socket);
        if self.word.load(Acquire) & AFTER_DEATH != 0 {
            self.arm_silence(name);
        }
        let result = loop {
            let reasons = self.word.load(Acquire) & REASONS;
            if reasons == DIED && WAITS_FOR_THREADS.contains(&name) {
                self.disarm_silence();
                continue;
            }
            if reasons != 0 && !(first && reasons == TIMEOUT) {
                let stop = self.stop(reasons);
                // The news of a close came too late: this call is about no socket.
                if matches!(stop, Stop::Closed) && socket == 0 {
                    continue;
                }
                break Err(stop);
            }
            match call() {
                Ok(value) => break Ok(value),
                Err(e) if e.raw_os_error() == Some(libc::EINTR) => first = false,
                Err(e) => break Err(Stop::Io(e)),
            }
        };
        self.in_call.store(false, Release);
        if self.word.load(Acquire) & AFTER_DEATH != 0 {
            self.disarm_silence();
        }
        if deadline.is_some() {
            self.disarm();
        }
        result
    }

    /// A program of this thread's script has died: a call that waits ends when nothing comes for a while. (It fails
    /// only where no thread can be had; the script then fails at its end.)
    pub fn limit_waits(&self) {
        let Ok(kicker) = kicker() else { return };
        let at = now();
        self.died_at.store(at, SeqCst);
        self.silence.store(at.saturating_add(nanos(SILENCE)), SeqCst);
        self.word.fetch_or(AFTER_DEATH, SeqCst);
        kicker.wake();
    }

    /// Calls wait again as long as they like.
    pub fn lift_wait_limit(&self) {
        self.word.fetch_and(!AFTER_DEATH, SeqCst);
        self.disarm_silence();
    }

    /// A call begins while programs have died. A pause is over [`SILENCE`] after the death, for nothing can come in it;
    /// any other call has that long from here.
    fn arm_silence(&self, name: &str) {
        self.disarm_silence();
        let Ok(kicker) = kicker() else { return };
        if WAITS_FOR_THREADS.contains(&name) {
            return;
        }
        let from = if name == "nanosleep" { self.died_at.load(SeqCst) } else { now() };
        let at = from.saturating_add(nanos(SILENCE));
        self.silence.store(at, SeqCst);
        if at < kicker.next.load(SeqCst) {
            kicker.wake();
        }
    }

    fn disarm_silence(&self) {
        self.silence.store(0, SeqCst);
        self.word.fetch_add(CALL, SeqCst);
        self.word.fetch_and(!DIED, SeqCst);
    }

    /// Is it the first call under this limit?
    fn arm(&self, deadline: Deadline) -> Result<bool, Stop> {
        let kicker = kicker().map_err(Stop::NoThread)?;
        self.word.fetch_add(CALL, SeqCst);
        self.deadline.store(deadline.at, SeqCst);
        if deadline.at < kicker.next.load(SeqCst) {
            kicker.wake();
        }
        Ok(self.last_deadline.swap(deadline.at, Relaxed) != deadline.at)
    }

    fn disarm(&self) {
        self.deadline.store(0, SeqCst);
        self.word.fetch_add(CALL, SeqCst);
        self.word.fetch_and(!TIMEOUT, SeqCst);
    }

    #[cold]
    fn stop(&self, reasons: u64) -> Stop {
        if reasons & CLOSED != 0 {
            self.word.fetch_and(!CLOSED, SeqCst);
        }
        // What ends more goes first.
        match reasons {
            r if r & SIGNALLED != 0 => Stop::Signal(SIGNAL.load(SeqCst)),
            r if r & LIMIT != 0 => Stop::Limit,
            r if r & CANCELLED != 0 => Stop::Cancelled,
            r if r & CLOSED != 0 => Stop::Closed,
            // The time-out is only its consequence.
            r if r & DIED != 0 => Stop::Died,
            _ => Stop::Timeout,
        }
    }

    /// The call this thread is in, and its socket's number.
    pub fn doing(&self) -> Option<(&'static str, u32)> {
        self.in_call.load(SeqCst).then(|| *lock(&self.doing))
    }

    /// Why this thread is to stop, if it is. Loops that make no call ask this.
    #[inline]
    pub fn stopped(&self) -> Option<Stop> {
        match self.word.load(Relaxed) & (SIGNALLED | LIMIT | CANCELLED) {
            0 => None,
            reasons => Some(self.stop(reasons)),
        }
    }

    /// Is the limit of the whole script over? Commands that make no call ask this: a look at a word that the kicker sets.
    #[inline(always)]
    pub fn is_over(&self) -> bool {
        self.word.load(Relaxed) & LIMIT != 0
    }

    /// Takes the signal back: before each prompt, and before the `finally` blocks that see to it.
    pub fn reset(&self) {
        self.word.fetch_and(!(SIGNALLED | CANCELLED | CLOSED), SeqCst);
    }

    /// Ends whatever this thread is doing, now and from here on.
    pub fn cancel(&self) {
        if self.ending.load(SeqCst) {
            return;
        }
        self.word.fetch_or(CANCELLED, SeqCst);
        if let Some(kicker) = KICKER.get() {
            kicker.wake();
        }
    }

    /// Is it that of the main thread?
    pub fn is_main(&self) -> bool {
        MAIN.get().is_some_and(|main| std::ptr::eq(&**main, self))
    }

    /// The thread's `finally` blocks may run from here on, so long and no longer, however many they are.
    pub fn end_within(&self, grace: Duration) {
        if !self.ending.swap(true, SeqCst) {
            let _ = self.arm_limit(None);
            let _ = self.arm_limit(Some(grace));
        }
    }

    /// Sets or lifts the limit of the whole script.
    pub fn set_limit(&self, limit: Option<Duration>) -> io::Result<()> {
        self.ending.store(false, SeqCst);
        self.arm_limit(limit)
    }

    fn arm_limit(&self, limit: Option<Duration>) -> io::Result<()> {
        self.word.fetch_and(!LIMIT, SeqCst);
        match limit {
            Some(after) => {
                let kicker = kicker()?;
                let at = now().saturating_add(nanos(after)).max(1);
                self.limit.store(at, SeqCst);
                if at < kicker.next.load(SeqCst) {
                    kicker.wake();
                }
            }
            None => {
                self.limit.store(0, SeqCst);
                self.word.fetch_and(!LIMIT, SeqCst);
            }
        }
        Ok(())
    }

    /// A pause that ends early only by being stopped.
    pub fn sleep(&self, time: Duration, deadline: Option<Deadline>) -> Result<(), Stop> {
        let end = now().saturating_add(nanos(time));
        self.blocking(deadline, "nanosleep", 0, || {
            let left = end.saturating_sub(now());
            if left == 0 {
                return Ok(());
            }
            super::kernel::nanosleep(Duration::from_nanos(left))
        })
    }
}

/// Runs a call that cannot be interrupted (a name look-up) on a thread of its own, and waits for that thread as for
/// any call. If the wait is stopped, the thread is left behind.
pub fn aside<T: Send + 'static>(
    gate: &Gate,
    name: &'static str,
    deadline: Option<Deadline>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Stop> {
    use std::io::Read as _;
    let (mut done, ready) = io::pipe().map_err(Stop::Io)?;
    let slot = Arc::new(Mutex::new(None));
    let result = slot.clone();
    std::thread::Builder::new()
        .name("look-up".into())
        .stack_size(512 << 10)
        .spawn(move || {
            block_main_signals();
            let value = work();
            *lock(&slot) = Some(value);
            drop(ready);
        })
        .map_err(Stop::NoThread)?;
    // The pipe's end is the news; a byte never comes.
    gate.blocking(deadline, name, 0, || done.read(&mut [0]))?;
    match lock(&result).take() {
        Some(value) => Ok(value),
        None => Err(Stop::Io(io::Error::from_raw_os_error(libc::EIO))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_taken_though_the_limit_is_over() {
        let registered = register().unwrap();
        let gate = registered.gate();
        let over = Deadline::new(Duration::ZERO, Limit::Command);
        assert!(matches!(gate.blocking(Some(over), "recv", 0, || Ok(4)), Ok(4)));
        // A command's later calls have no such right, and what waits is ended.
        let hour = Duration::from_secs(3600);
        assert!(matches!(gate.sleep(hour, Some(over)), Err(Stop::Timeout)));
        let over = Deadline::new(Duration::ZERO, Limit::Command);
        assert!(matches!(gate.sleep(hour, Some(over)), Err(Stop::Timeout)));
    }
}
