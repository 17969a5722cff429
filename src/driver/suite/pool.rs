//! Scripts side by side: workers take them in order, each with a gate of its own.
//!
//! The main thread runs none of them: it shows what happens, hears signals, and leaves a script behind
//! that does not end when its time is over. Workers do not wake it for each result; it looks by itself
//! now and then, so a short script costs no more system calls than its own.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::case::{Attempt, Case, Ran, Verdict};
use super::one::{self, Settings};
use crate::driver::failure::Failure;
use crate::driver::files::io_words;
use crate::net::gate::{asked_to_end, main_gate, register};
use crate::value::duration_text;
use crate::words::{Lang, Sentence};

/// What is to be run, and how.
pub struct Plan {
    pub files: Vec<PathBuf>,
    pub settings: Settings,
    /// How often each script is run.
    pub repeat: u32,
    /// How many at a time.
    pub jobs: usize,
    /// The first failure ends the run.
    pub fail_fast: bool,
}

/// An observer that shows a run as it goes on.
pub trait Show {
    /// A script has had all its runs.
    fn ended(&mut self, case: &Case);
    /// Now and then: how many runs are done, and which scripts run since when.
    fn tick(&mut self, done: usize, running: &[(usize, Instant)]);
}

/// How often the main thread looks.
const TICK: Duration = Duration::from_millis(100);
/// How long after its limit a script may take to clean up: `finally`, and the ends of its programs.
const SLACK: Duration = Duration::from_secs(15);
/// How long after a second Ctrl-C.
const HASTE: Duration = Duration::from_secs(1);

enum News {
    Began { worker: usize, at: usize, when: Instant },
    Ended { worker: usize, at: usize, tries: Vec<Attempt> },
    Gone { worker: usize, why: Option<io::Error> },
}

struct Shared {
    plan: Plan,
    next: AtomicUsize,
    stop: AtomicBool,
    news: Mutex<Vec<News>>,
    bell: Condvar,
}

impl Shared {
    fn news(&self) -> MutexGuard<'_, Vec<News>> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, worker: usize) -> io::Result<()> {
        let registered = register()?;
        let gate = registered.gate();
        let count = self.plan.files.len();
        let runs = count * self.plan.repeat as usize;
        loop {
            let turn = self.next.fetch_add(1, SeqCst);
            if turn >= runs || self.stop.load(SeqCst) || asked_to_end().is_some() {
                return Ok(());
            }
            // All files once, then all again: a race between scripts has more chances so.
            let at = turn % count;
            let Some(file) = self.plan.files.get(at) else { return Ok(()) };
            self.news().push(News::Began { worker, at, when: Instant::now() });
            let tries = one::run(file, &self.plan.settings, &gate);
            if self.plan.fail_fast && tries.last().is_some_and(|t| t.verdict.is_bad()) {
                self.stop.store(true, SeqCst);
            }
            self.news().push(News::Ended { worker, at, tries });
        }
    }
}

/// What the main thread knows of a worker.
#[derive(Clone, Copy)]
enum Worker {
    Idle,
    Running(usize, Instant),
    /// It has ended, or was left behind.
    Gone,
}

/// Runs them all; the results are in the order of the files.
pub fn run(plan: Plan, show: &mut dyn Show) -> Ran {
    let gate = main_gate();
    let began = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let clock = Instant::now();
    let (repeat, jobs) = (plan.repeat, plan.jobs);
    let lang = plan.settings.options.lang;
    let mut cases: Vec<Case> = plan.files.iter().map(|f| Case::new(f)).collect();
    let patience = plan.settings.limit.saturating_add(SLACK).saturating_mul(1 + plan.settings.retries);
    let shared = Arc::new(Shared {
        plan,
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        news: Mutex::default(),
        bell: Condvar::new(),
    });
    let mut workers = Vec::new();
    let mut trouble = None;
    for _ in 0..jobs {
        match start(&shared, workers.len()) {
            Ok(()) => workers.push(Worker::Idle),
            Err(e) => trouble = Some(e),
        }
    }
    let mut done = 0;
    let mut hurried: Option<Instant> = None;
    while workers.iter().any(|w| !matches!(w, Worker::Gone)) {
        for news in look(&shared) {
            match news {
                News::Began { worker, at, when } => workers[worker] = Worker::Running(at, when),
                News::Ended { worker, .. } if matches!(workers[worker], Worker::Gone) => {}
                News::Ended { worker, at, tries } => {
                    workers[worker] = Worker::Idle;
                    done += 1;
                    cases[at].add(tries);
                    if cases[at].runs == repeat {
                        show.ended(&cases[at]);
                    }
                }
                News::Gone { worker, why } => {
                    if let Worker::Running(at, since) = workers[worker] {
                        done += 1;
                        let fault = phrase!(
                            en "a fault of sockbook's own ended this script",
                            es "una falla propia de sockbook terminó este script"
                        );
                        let detail = format!("error: {}", fault.show(lang));
                        let attempt = Attempt::failed(Verdict::Broken, detail);
                        cases[at].add(vec![Attempt { took: since.elapsed(), ..attempt }]);
                    }
                    workers[worker] = Worker::Gone;
                    trouble = trouble.or(why);
                }
            }
        }
        if let Some((_, count)) = asked_to_end() {
            // Heard: the alarm that repeats it for this thread's calls may end.
            gate.reset();
            if count > 1 {
                hurried.get_or_insert_with(Instant::now);
            }
        }
        let in_haste = hurried.is_some_and(|since| since.elapsed() > HASTE);
        for at in 0..workers.len() {
            match workers[at] {
                Worker::Running(case, since) if in_haste || since.elapsed() > patience => {
                    workers[at] = Worker::Gone;
                    done += 1;
                    let attempt = if in_haste { Attempt::default() } else { lost(since.elapsed(), lang) };
                    cases[case].add(vec![attempt]);
                    if cases[case].runs == repeat {
                        show.ended(&cases[case]);
                    }
                    if !in_haste && start(&shared, workers.len()).is_ok() {
                        workers.push(Worker::Idle);
                    }
                }
                Worker::Idle if in_haste => workers[at] = Worker::Gone,
                _ => {}
            }
        }
        let running = workers.iter().filter_map(|w| match w {
            Worker::Running(at, since) => Some((*at, *since)),
            _ => None,
        });
        show.tick(done, &running.collect::<Vec<_>>());
    }
    let signal = asked_to_end().map(|(signal, _)| signal);
    // What was stopped between its runs speaks with those it had.
    let stopped = signal.is_some() || shared.stop.load(SeqCst);
    let has_news = |c: &&Case| c.runs > 0 || !c.told.detail.is_empty();
    for case in cases.iter().filter(|c| c.runs < repeat).filter(has_news) {
        show.ended(case);
    }
    let cut_short = !stopped && done < cases.len() * repeat as usize;
    let trouble = cut_short.then(|| {
        let why =
            trouble.map_or(Sentence::plain(""), |e| say!(en ": {why}", es ": {why}", why = io_words(&e)));
        say!(
            en "no thread could be had to run the rest in{why}",
            es "no se pudo crear un hilo para ejecutar el resto{why}",
            why
        )
    });
    Ran { cases, began, took: clock.elapsed(), signal, trouble, repeat }
}

fn start(shared: &Arc<Shared>, worker: usize) -> io::Result<()> {
    let mine = shared.clone();
    let work = move || {
        // Whatever happens to it, the main thread hears that it has gone.
        let worked = catch_unwind(AssertUnwindSafe(|| mine.work(worker)));
        let why = worked
            .unwrap_or_else(|_| {
                Err(io::Error::other(Failure(
                    say!(en "a worker broke down", es "un hilo de trabajo se cayó"),
                )))
            })
            .err();
        mine.news().push(News::Gone { worker, why });
        mine.bell.notify_all();
    };
    let builder = std::thread::Builder::new()
        .name(format!("test {worker}"))
        .stack_size(crate::net::kernel::THREAD_STACK);
    builder.spawn(work).map(|_| ())
}

fn look(shared: &Shared) -> Vec<News> {
    let news = shared.news();
    let empty = |news: &mut Vec<News>| news.iter().all(|n| !matches!(n, News::Gone { .. }));
    let waited = shared.bell.wait_timeout_while(news, TICK, empty);
    let (mut news, _) = waited.unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut news)
}

/// A script that did not end though its limit was over.
fn lost(took: Duration, lang: Lang) -> Attempt {
    let after = duration_text(Duration::from_secs(took.as_secs()));
    let over = phrase!(
        en "the script's limit is over, and it did not end",
        es "se acabó el límite del script, y no terminó"
    );
    let left = say!(
        en "note: it was left behind after {after}, in a call that cannot be interrupted (a file that nobody \
            writes to, a disk that does not answer)",
        es "nota: se dejó atrás después de {after}, en una llamada que no se puede interrumpir (un archivo en el que \
            nadie escribe, un disco que no responde)",
        after
    );
    let detail = format!("error: {}\n  = {}", over.show(lang), left.show(lang));
    Attempt { took, ..Attempt::failed(Verdict::Broken, detail) }
}
