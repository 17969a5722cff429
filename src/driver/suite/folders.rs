//! Fixtures as a run goes on: each begins before the first script below it, on a thread of its own that holds its
//! sockets, threads and programs, and ends after the last.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::case::{Attempt, Case, Verdict};
use super::judge::Judge;
use super::one::{self, Settings};
use crate::driver::fixture::{Fixture, Fixtures};
use crate::driver::run::{self, Options, Rest};
use crate::engine::Head;
use crate::net::door::Roster;
use crate::net::gate::{asked_to_end, register};
use crate::net::namespace::Network;
use crate::session::Session;
use crate::text::diagnostic::Sources;
use crate::text::literal::one_line;
use crate::text::parse;
use crate::value::Value;
use crate::value::outcome::{Halt, SetBy};
use crate::words::Sentence;

/// Names and what a script below finds them to be; none for a name that the fixture might have exported.
pub type Exports = Vec<(Arc<str>, Option<Value>)>;

/// What a script below a fixture finds.
#[derive(Clone, Debug)]
pub enum Found {
    /// What it exports, and those above it.
    Exports(Exports),
    /// It did not begin: how a script below it comes out.
    Nothing(Box<Attempt>),
}

enum State {
    Waiting,
    Starting(Instant),
    Up(Arc<Exports>),
    /// It did not begin, or has ended: what a script that still comes is told.
    Over(Box<Attempt>),
}

struct Folder {
    fixture: Fixture,
    /// The limit until it is up, and again until it has ended.
    limit: (Duration, SetBy),
    /// How many runs of scripts below it, and of fixtures, are still to come.
    left: AtomicUsize,
    state: Mutex<State>,
    changed: Condvar,
    /// Who tells the scripts below it that a program of its has died.
    roster: OnceLock<Arc<Roster>>,
    /// Its network, where scripts have networks of their own.
    network: Mutex<Option<Arc<Network>>>,
    /// Scripts below it are still to come: its thread holds it up.
    held: Mutex<bool>,
    released: Condvar,
    /// How it came out, where it did not do so well.
    told: Mutex<Option<Attempt>>,
}

/// All fixtures of a run.
pub struct Folders {
    all: Vec<Folder>,
    settings: Settings,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long after its limit a fixture may take.
const SLACK: Duration = Duration::from_secs(10);
/// How often those who wait look whether the run is to end.
const TICK: Duration = Duration::from_millis(50);

impl Folders {
    /// `uses`: the innermost fixture of each run of a script.
    pub fn new(
        fixtures: Fixtures,
        uses: impl Iterator<Item = Option<usize>>,
        settings: &Settings,
    ) -> Folders {
        let mut left = vec![0; fixtures.all.len()];
        for used in uses {
            fixtures.chain(used).for_each(|at| left[at] += 1);
        }
        // A fixture holds the one above it until it has ended itself.
        for (at, fixture) in fixtures.all.iter().enumerate() {
            if let Some(parent) = fixture.parent.filter(|_| left[at] > 0) {
                left[parent] += 1;
            }
        }
        let folder = |(fixture, left): (Fixture, usize)| {
            let head = |text: &Arc<String>| Head::of(&Sources::default().share("", text.clone()));
            let head = fixture.text.as_ref().map(head).unwrap_or_default();
            Folder {
                limit: settings.limit_of(&head),
                fixture,
                left: AtomicUsize::new(left),
                state: Mutex::new(State::Waiting),
                changed: Condvar::new(),
                roster: OnceLock::new(),
                network: Mutex::default(),
                held: Mutex::new(true),
                released: Condvar::new(),
                told: Mutex::default(),
            }
        };
        let all = fixtures.all.into_iter().zip(left).map(folder).collect();
        Folders { all, settings: settings.clone() }
    }

    /// What a script below this fixture finds; begins it, if it is the first.
    pub fn enter(self: &Arc<Self>, innermost: Option<usize>) -> Found {
        let Some(at) = innermost else { return Found::Exports(Vec::new()) };
        let folder = &self.all[at];
        let mut state = lock(&folder.state);
        if matches!(*state, State::Waiting) {
            *state = State::Starting(Instant::now());
            drop(state);
            // Those above it come first.
            match self.enter(folder.fixture.parent) {
                Found::Nothing(attempt) => {
                    self.set(at, State::Over(attempt));
                    self.leave_one(folder.fixture.parent);
                }
                Found::Exports(above) => self.begin(at, above),
            }
            state = lock(&folder.state);
        }
        let begun = Instant::now();
        loop {
            match &*state {
                State::Up(exports) => return Found::Exports(exports.to_vec()),
                State::Over(attempt) => return Found::Nothing(attempt.clone()),
                State::Waiting | State::Starting(_) => {}
            }
            if begun.elapsed() > folder.limit.0.saturating_add(SLACK) {
                return Found::Nothing(Box::new(self.not_run(at)));
            }
            if asked_to_end().is_some_and(|(_, count)| count > 1) {
                return Found::Nothing(Box::default());
            }
            let waited = folder.changed.wait_timeout(state, TICK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A run of a script below this fixture is over; the last one ends it.
    pub fn leave(&self, innermost: Option<usize>) {
        let mut next = innermost;
        while let Some(at) = next {
            let folder = &self.all[at];
            if folder.left.fetch_sub(1, SeqCst) == 1 {
                self.release(at);
            }
            next = folder.fixture.parent;
        }
    }

    /// One that was held by a fixture below it.
    fn leave_one(&self, at: Option<usize>) {
        if let Some(at) = at
            && self.all[at].left.fetch_sub(1, SeqCst) == 1
        {
            self.release(at);
        }
    }

    fn release(&self, at: usize) {
        *lock(&self.all[at].held) = false;
        self.all[at].released.notify_all();
    }

    fn set(&self, at: usize, state: State) {
        *lock(&self.all[at].state) = state;
        self.all[at].changed.notify_all();
    }

    /// A script that is not run because its fixture is not up.
    fn not_run(&self, at: usize) -> Attempt {
        let path = one_line(&self.all[at].fixture.path.to_string_lossy());
        let why: Sentence = say!(en "{path} failed", es "{path} falló", path);
        Attempt { why: Some(why), ..Attempt::new(Verdict::NotRun) }
    }

    fn begin(self: &Arc<Self>, at: usize, above: Exports) {
        let mine = self.clone();
        let hold = move || mine.hold(at, above);
        let started = std::thread::Builder::new()
            .name("fixture".into())
            .stack_size(crate::net::kernel::THREAD_STACK)
            .spawn(hold);
        if let Err(e) = started {
            let why = crate::driver::files::io_words(&e);
            let why = say!(en "no thread could be had: {why}", es "no se pudo crear un hilo: {why}", why);
            self.fail(
                at,
                Attempt::failed(Verdict::Broken, format!("error: {}", why.show(self.settings.options.lang))),
            );
            self.leave_one(self.all[at].fixture.parent);
        }
    }

    /// It has failed, and the scripts below it are not run; or it is skipped, and so are they.
    fn fail(&self, at: usize, attempt: Attempt) {
        let seen = match &attempt.verdict {
            Verdict::Skipped(why) => Attempt::new(Verdict::Skipped(why.clone())),
            Verdict::Interrupted | Verdict::NotRun => Attempt::default(),
            _ => self.not_run(at),
        };
        if attempt.verdict.is_bad() {
            lock(&self.all[at].told).get_or_insert(attempt);
        }
        self.set(at, State::Over(Box::new(seen)));
    }

    /// The life of a fixture, on its own thread.
    fn hold(&self, at: usize, above: Exports) {
        let lang = self.settings.options.lang;
        let begun = Instant::now();
        let mut ended = one::caught(lang, || self.held(at, above));
        // No script is below it any more: its descriptor is another network's.
        *lock(&self.all[at].network) = None;
        ended.took = begun.elapsed();
        self.fail(at, ended);
        self.leave_one(self.all[at].fixture.parent);
    }

    fn held(&self, at: usize, above: Exports) -> Attempt {
        let folder = &self.all[at];
        let settings = &self.settings;
        let lang = settings.options.lang;
        let registered = match register() {
            Ok(registered) => registered,
            Err(e) => {
                let why = crate::driver::files::io_words(&e).show(lang);
                return Attempt::failed(Verdict::Broken, format!("error: {why}"));
            }
        };
        let gate = registered.gate();
        let network = self.network(folder.fixture.parent);
        match one::own_network(network.as_ref(), lang) {
            // All below it share it.
            Ok(network) => *lock(&folder.network) = network,
            Err(attempt) => return *attempt,
        }
        let rosters = self.above(folder.fixture.parent);
        let options = Options {
            exports: above.clone(),
            folders: rosters.iter().filter_map(|fixture| Some(fixture.folder()?.to_path_buf())).collect(),
            above: rosters,
            ..settings.options.clone()
        };
        let (path, text) = (&folder.fixture.path, &folder.fixture.text);
        let (program, mut compiler) = match one::read(path, text, &options, settings) {
            Ok(read) => read,
            Err(attempt) => return *attempt,
        };
        let mut session = Session::new(gate.clone());
        run::give(&mut session, &options, &mut compiler.scope, false);
        if let Err(attempt) = one::limited(&mut session, folder.limit, &gate, lang) {
            return *attempt;
        }
        let judge = Arc::new(Judge::new(lang, None, None));
        let mut ended = run::execute(&program, &mut session, judge.clone(), Rest::Scripts);
        let _ = gate.set_limit(None);
        if ended.halt.as_ref().is_none_or(|halt| matches!(**halt, Halt::Exit { code: 0, .. }))
            && let Some(source) = compiler.sources.first()
        {
            let tree = parse(source, &mut Vec::new());
            ended.halt = one::unreached(source, &tree, &judge.seen(), &ended.subtests).or(ended.halt);
        }
        let mut attempt = one::verdict(&ended, &compiler.sources, settings);
        if attempt.verdict == Verdict::Passed {
            let mut exports = above;
            let names = folder.fixture.names.iter().map(|name| (Arc::from(name.as_str()), None));
            let given = session.exports().into_iter().map(|(name, value)| (name, Some(value)));
            for (name, value) in names.chain(given) {
                match exports.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, old)) => *old = value.or(old.take()),
                    None => exports.push((name, value)),
                }
            }
            let _ = folder.roster.set(session.caller.roster.clone());
            self.set(at, State::Up(Arc::new(exports)));
            self.wait(at);
            let ended = run::conclude(&mut session, &judge);
            attempt = one::verdict(&ended, &compiler.sources, settings);
        }
        session.close_all();
        if settings.keep && attempt.verdict.is_bad() {
            one::keep_folder(&mut session, &mut attempt, lang);
        }
        session.remove_tmpdir();
        attempt.output = std::mem::take(&mut judge.seen().output);
        attempt
    }

    /// Waits until the last script below it has ended.
    fn wait(&self, at: usize) {
        let folder = &self.all[at];
        let mut held = lock(&folder.held);
        while *held {
            held = folder.released.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The fixtures that a script stands on whose innermost fixture this is.
    pub fn above(&self, innermost: Option<usize>) -> Vec<Arc<Roster>> {
        let chain = std::iter::successors(innermost, |at| self.all[*at].fixture.parent);
        chain.filter_map(|at| self.all[at].roster.get().cloned()).collect()
    }

    /// The network of these fixtures: that of the outermost.
    pub fn network(&self, innermost: Option<usize>) -> Option<Arc<Network>> {
        lock(&self.all[innermost?].network).clone()
    }

    /// Is a script whose innermost fixture this is below that one?
    pub fn is_below(&self, innermost: Option<usize>, at: usize) -> bool {
        std::iter::successors(innermost, |at| self.all[*at].fixture.parent).any(|above| above == at)
    }

    /// Those that are beginning now, and since when.
    pub fn starting(&self) -> Vec<(String, Instant)> {
        let starting = |folder: &Folder| match *lock(&folder.state) {
            State::Starting(since) => Some((folder.fixture.path.to_string_lossy().into_owned(), since)),
            _ => None,
        };
        self.all.iter().filter_map(starting).collect()
    }

    /// Ends what is still up, the innermost first, and waits for it: so long at most, for each.
    pub fn end(&self, patience: Duration) {
        for at in (0..self.all.len()).rev() {
            self.release(at);
            let folder = &self.all[at];
            let begun = Instant::now();
            let mut state = lock(&folder.state);
            while matches!(*state, State::Up(_) | State::Starting(_)) && begun.elapsed() < patience {
                let waited = folder.changed.wait_timeout(state, TICK);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    /// Those that failed, each before the first script below it.
    pub fn failed(&self, first: impl Fn(usize) -> usize) -> Vec<Case> {
        let case = |(at, folder): (usize, &Folder)| {
            let attempt = lock(&folder.told).take()?;
            let mut case = Case { order: first(at), is_fixture: true, ..Case::new(&folder.fixture.path) };
            case.add(vec![attempt]);
            Some(case)
        };
        self.all.iter().enumerate().filter_map(case).collect()
    }
}
