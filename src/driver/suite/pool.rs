//! Scripts side by side: workers take them in order, each with a gate of its own.
//!
//! The main thread runs none of them: it shows what happens, hears signals, and leaves a script behind
//! that does not end when its time is over. Workers do not wake it for each result; it looks by itself
//! now and then, so a short script costs no more system calls than its own.

use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::case::{Attempt, Case, Ran, Verdict};
use super::choose::{Chosen, Script};
use super::folders::{Folders, Found};
use super::one::{self, Settings};
use crate::driver::failure::Failure;
use crate::driver::files::io_words;
use crate::driver::run::Options;
use crate::engine::Alone;
use crate::net::gate::{Gate, asked_to_end, main_gate, register};
use crate::value::duration_text;
use crate::words::{Lang, Sentence};

/// What is to be run, and how.
pub struct Plan {
    pub chosen: Chosen,
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
    /// Now and then: how many runs are done, and what runs since when.
    fn tick(&mut self, done: usize, running: &dyn Fn() -> Vec<(String, Instant)>);
}

/// How often the main thread looks.
const TICK: Duration = Duration::from_millis(100);
/// How long after its limit a script may take to clean up: `finally`, and the ends of its programs.
const SLACK: Duration = Duration::from_secs(15);
/// How long after a second Ctrl-C.
const HASTE: Duration = Duration::from_secs(1);

enum News {
    Began { worker: usize, at: usize, when: Instant, gate: Arc<Gate> },
    Ended { worker: usize, at: usize, tries: Vec<Attempt> },
    Gone { worker: usize, why: Option<io::Error> },
}

/// The scripts in the order in which workers take them.
struct Order {
    /// Those of a unit run one after another: the scripts with the same `test alone NAME`, all their rounds at once.
    units: Vec<Unit>,
    /// Those beside which nothing runs: when all the others have ended.
    alone: Vec<usize>,
}

impl Order {
    fn of(scripts: &[Script]) -> Order {
        let (mut units, mut alone) = (Vec::new(), Vec::new());
        let mut named: HashMap<&str, usize> = HashMap::new();
        for (at, script) in scripts.iter().enumerate() {
            match &script.head.alone {
                None => units.push(Unit { scripts: vec![at], named: false }),
                Some(Alone::Wholly) => alone.push(at),
                Some(Alone::Named(name)) => match named.get(name.as_str()) {
                    Some(&unit) => {
                        let unit: &mut Unit = &mut units[unit];
                        unit.scripts.push(at);
                    }
                    None => {
                        named.insert(name, units.len());
                        units.push(Unit { scripts: vec![at], named: true });
                    }
                },
            }
        }
        Order { units, alone }
    }
}

struct Unit {
    scripts: Vec<usize>,
    named: bool,
}

struct Shared {
    scripts: Vec<Script>,
    order: Order,
    folders: Arc<Folders>,
    settings: Settings,
    repeat: u32,
    fail_fast: bool,
    next: AtomicUsize,
    /// How many workers still take units: the last of them runs the scripts that run alone.
    active: AtomicUsize,
    stop: AtomicBool,
    news: Mutex<Vec<News>>,
    bell: Condvar,
}

impl Shared {
    fn news(&self) -> MutexGuard<'_, Vec<News>> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.stop.load(SeqCst) || asked_to_end().is_some()
    }

    /// Takes units until there are none.
    fn work(&self, worker: usize, gate: &Arc<Gate>) {
        let count = self.order.units.len();
        let turns = count * self.repeat as usize;
        loop {
            let turn = self.next.fetch_add(1, SeqCst);
            if turn >= turns {
                return;
            }
            // All files once, then all again: a race between scripts has more chances so.
            let unit = &self.order.units[turn % count];
            let rounds = match (unit.named, turn / count) {
                (false, _) => 1,
                (true, 0) => self.repeat,
                (true, _) => 0,
            };
            for at in (0..rounds).flat_map(|_| unit.scripts.iter().copied()) {
                if self.is_over() {
                    return;
                }
                self.run(worker, at, gate);
            }
        }
    }

    fn work_alone(&self, worker: usize, gate: &Arc<Gate>) {
        for _ in 0..self.repeat {
            for &at in &self.order.alone {
                if self.is_over() {
                    return;
                }
                self.run(worker, at, gate);
            }
        }
    }

    fn run(&self, worker: usize, at: usize, gate: &Arc<Gate>) {
        let Some(script) = self.scripts.get(at) else { return };
        let found = self.folders.enter(script.fixture);
        self.news().push(News::Began { worker, at, when: Instant::now(), gate: gate.clone() });
        let tries = match found {
            Found::Nothing(attempt) => vec![*attempt],
            Found::Exports(_) if script.fixture.is_none() => {
                one::run(script, &self.settings.options, &self.settings, gate)
            }
            Found::Exports(exports) => {
                let above = self.folders.above(script.fixture);
                let folders =
                    above.iter().filter_map(|fixture| Some(fixture.folder()?.to_path_buf())).collect();
                let network = self.folders.network(script.fixture);
                let options = Options { exports, above, folders, network, ..self.settings.options.clone() };
                one::run(script, &options, &self.settings, gate)
            }
        };
        if self.fail_fast && tries.last().is_some_and(|t| t.verdict.is_bad()) {
            self.stop.store(true, SeqCst);
        }
        self.folders.leave(script.fixture);
        self.news().push(News::Ended { worker, at, tries });
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
    let Plan { chosen: Chosen { scripts, fixtures, .. }, settings, repeat, jobs, fail_fast } = plan;
    let lang = settings.options.lang;
    let new = |s: &Script| Case { order: s.order, head: s.head.clone(), ..Case::new(&s.path) };
    let mut cases: Vec<Case> = scripts.iter().map(new).collect();
    let patience = |at: usize, shared: &Shared| {
        let limit = shared.scripts.get(at).map_or(settings.limit, |s| settings.limit_of(&s.head).0);
        limit.saturating_add(SLACK).saturating_mul((1 + settings.retries) * settings.bless.unwrap_or(1))
    };
    let uses = scripts.iter().flat_map(|s| (0..repeat).map(|_| s.fixture));
    let shared = Arc::new(Shared {
        order: Order::of(&scripts),
        folders: Arc::new(Folders::new(fixtures, uses, &settings)),
        settings: settings.clone(),
        scripts,
        repeat,
        fail_fast,
        next: AtomicUsize::new(0),
        active: AtomicUsize::new(jobs),
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
    // Those whose fixture failed are shown once.
    let mut shown = vec![false; cases.len()];
    let mut hurried: Option<Instant> = None;
    let mut gates: HashMap<usize, Arc<Gate>> = HashMap::new();
    while workers.iter().any(|w| !matches!(w, Worker::Gone)) {
        for news in look(&shared) {
            match news {
                News::Began { worker, at, when, gate } => {
                    workers[worker] = Worker::Running(at, when);
                    gates.insert(worker, gate);
                }
                News::Ended { worker, .. } if matches!(workers[worker], Worker::Gone) => {}
                News::Ended { worker, at, tries } => {
                    workers[worker] = Worker::Idle;
                    done += 1;
                    let told = tries.last().is_some_and(|t| t.why.is_some());
                    cases[at].add(tries);
                    if cases[at].runs == repeat || told && !std::mem::replace(&mut shown[at], true) {
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
                Worker::Running(case, since) if in_haste || since.elapsed() > patience(case, &shared) => {
                    workers[at] = Worker::Gone;
                    done += 1;
                    let in_call = gates.get(&at).is_some_and(|gate| gate.doing().is_some());
                    let attempt =
                        if in_haste { Attempt::default() } else { lost(since.elapsed(), in_call, lang) };
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
        let running = || {
            let name =
                |at: usize| shared.scripts.get(at).map_or(String::new(), |s| s.path.to_string_lossy().into());
            let of = |worker: &Worker| match worker {
                Worker::Running(at, since) => Some((name(*at), *since)),
                _ => None,
            };
            shared.folders.starting().into_iter().chain(workers.iter().filter_map(of)).collect()
        };
        show.tick(done, &running);
    }
    // A second Ctrl-C is a request to be gone.
    shared.folders.end(if hurried.is_some() { HASTE } else { SLACK });
    let signal = asked_to_end().map(|(signal, _)| signal);
    // What was stopped between its runs speaks with those it had.
    let stopped = signal.is_some() || shared.stop.load(SeqCst);
    let has_news = |c: &Case| c.runs > 0 || !c.told.fault().detail.is_empty();
    for (_, case) in (0..).zip(&cases).filter(|(at, c)| c.runs < repeat && has_news(c) && !shown[*at]) {
        show.ended(case);
    }
    let cut_short = !stopped && done < shared.scripts.len() * repeat as usize;
    let trouble = cut_short.then(|| {
        let why =
            trouble.map_or(Sentence::plain(""), |e| say!(en ": {why}", es ": {why}", why = io_words(&e)));
        say!(
            en "no thread could be had to run the rest in{why}",
            es "no se pudo crear un hilo para ejecutar el resto{why}",
            why
        )
    });
    let first = |at: usize| {
        let below = |s: &&Script| shared.folders.is_below(s.fixture, at);
        shared.scripts.iter().find(below).map_or(0, |s| s.order)
    };
    for case in shared.folders.failed(first) {
        show.ended(&case);
        let at = cases.iter().position(|c| c.order >= case.order && !c.is_fixture).unwrap_or(cases.len());
        cases.insert(at, case);
    }
    Ran { cases, began, took: clock.elapsed(), signal, trouble, repeat, ..Ran::default() }
}

/// Starts a worker: one of the first, or in the place of one that was left behind.
fn start(shared: &Arc<Shared>, worker: usize) -> io::Result<()> {
    let mine = shared.clone();
    let work = move || {
        // Whatever happens to it, the main thread hears that it has gone.
        let broken =
            || io::Error::other(Failure(say!(en "a worker broke down", es "un hilo de trabajo se cayó")));
        let whole = |work: &dyn Fn()| catch_unwind(AssertUnwindSafe(work)).err().map(|_| broken());
        let why = match register() {
            Ok(registered) => {
                let gate = registered.gate();
                let why = whole(&|| mine.work(worker, &gate));
                let last = mine.active.fetch_sub(1, SeqCst) == 1;
                why.or_else(|| if last { whole(&|| mine.work_alone(worker, &gate)) } else { None })
            }
            Err(e) => {
                mine.active.fetch_sub(1, SeqCst);
                Some(e)
            }
        };
        mine.news().push(News::Gone { worker, why });
        mine.bell.notify_all();
    };
    let builder = std::thread::Builder::new()
        .name(format!("test {worker}"))
        .stack_size(crate::net::kernel::THREAD_STACK);
    builder.spawn(work).map(|_| ()).inspect_err(|_| {
        shared.active.fetch_sub(1, SeqCst);
    })
}

fn look(shared: &Shared) -> Vec<News> {
    let news = shared.news();
    let empty = |news: &mut Vec<News>| news.iter().all(|n| !matches!(n, News::Gone { .. }));
    let waited = shared.bell.wait_timeout_while(news, TICK, empty);
    let (mut news, _) = waited.unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut news)
}

/// A script that did not end though its limit was over.
fn lost(took: Duration, in_call: bool, lang: Lang) -> Attempt {
    let after = duration_text(Duration::from_secs(took.as_secs()));
    let over = phrase!(
        en "the script's limit is over, and it did not end",
        es "se acabó el límite del script, y no terminó"
    );
    let left = match in_call {
        true => say!(
            en "note: it was left behind after {after}, in a call to the system that did not return",
            es "nota: se dejó atrás después de {after}, en una llamada al sistema que no volvió",
            after
        ),
        false => say!(
            en "note: it was left behind after {after}, in no call to the system: a command was computing",
            es "nota: se dejó atrás después de {after}, sin estar en una llamada al sistema: un comando calculaba",
            after
        ),
    };
    let detail = format!("error: {}\n  = {}", over.show(lang), left.show(lang));
    Attempt { took, ..Attempt::failed(Verdict::Broken, detail) }
}
