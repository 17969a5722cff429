//! The watcher: a thread that looks at the session while a line is typed, and takes nothing from it. What it sees is the
//! line of states below; what has changed since its last look is told above, where `set notify` is on.
//!
//! The main thread looks in the same way before each prompt, so that what the last line has brought about is told first.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::busy::Busy;
use super::desk::Desk;
use super::status::{Seen, happened};
use super::terminal::Announcer;
use crate::driver::output::clear_the_way;
use crate::driver::terminal::NO_LINE;
use crate::net::gate;
use crate::render::error;
use crate::session::eyes::Eyes;
use crate::text::literal;
use crate::value::job::Job;
use crate::value::outcome::{Halt, SocketFacts};
use crate::words::Lang;

/// How often the thread looks.
const TICK: Duration = Duration::from_millis(250);
/// Of more sockets it sees only the first, and the current one.
const MOST_SOCKETS: usize = 100;
/// Of more news at once only so much is told.
const MOST_NEWS: usize = 10;

/// How news are told.
#[derive(Clone, Copy)]
pub struct Telling {
    pub notify: bool,
    pub lang: Lang,
    /// The window has room for more than the line: what happens to sockets is told too.
    pub room: bool,
}

/// What was seen and told before.
#[derive(Default)]
struct Memory {
    /// The sockets as they stood at the last look, by their number.
    sockets: HashMap<u32, SocketFacts>,
    jobs: HashSet<u32>,
    programs: HashSet<i32>,
    /// How calls and programs have ended that the thread has seen but was not to tell: the next prompt does.
    held: Vec<String>,
}

/// What the thread does.
enum Task {
    /// A line is typed: it looks at the session.
    Typing { eyes: Eyes, telling: Telling },
    /// A line runs: it says who waits, once that is long.
    Running { eyes: Eyes, busy: Busy },
}

#[derive(Default)]
struct State {
    task: Option<Task>,
    memory: Memory,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
pub struct Watcher {
    shared: Arc<Shared>,
    started: bool,
}

impl Watcher {
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A look before a prompt: what there is, and the news. Where sockets are not to be seen (`TERM=dumb`), only how
    /// calls and programs have ended.
    pub fn look(&self, eyes: &mut Eyes, telling: Telling, sockets: bool) -> (Seen, Vec<String>) {
        self.state().memory.look(eyes, telling, sockets)
    }

    /// A line is typed from here on: the thread looks.
    pub fn begin(&mut self, eyes: Eyes, telling: Telling, desk: &Arc<Desk>, announcer: &Announcer) {
        self.start(desk, announcer);
        self.state().task = Some(Task::Typing { eyes, telling });
        self.shared.wake.notify_one();
    }

    /// A line runs from here on, until [`Watcher::end`].
    pub fn run(&mut self, eyes: Eyes, busy: Busy, desk: &Arc<Desk>, announcer: &Announcer) {
        eyes.transfer().begin(0);
        self.start(desk, announcer);
        self.state().task = Some(Task::Running { eyes, busy });
        self.shared.wake.notify_one();
    }

    fn start(&mut self, desk: &Arc<Desk>, announcer: &Announcer) {
        if !self.started {
            self.started = true;
            let (shared, desk, announcer) = (self.shared.clone(), desk.clone(), announcer.clone());
            let thread = std::thread::Builder::new().name("watcher".into()).stack_size(256 << 10);
            // Without a thread nothing is seen, and nothing else is lost.
            let _ = thread.spawn(move || watch(&shared, &desk, &announcer));
        }
    }

    /// The line is typed, or done: the thread looks at nothing any more, and shows nothing. Did it show something, which
    /// has left an empty line?
    pub fn end(&self) -> bool {
        self.state().task = None;
        clear_the_way()
    }

    /// Everything was closed and forgotten.
    pub fn forget(&self) {
        self.state().memory = Memory::default();
    }
}

/// The thread.
fn watch(shared: &Shared, desk: &Desk, announcer: &Announcer) {
    gate::block_main_signals();
    let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        // With nothing to be seen there is no news before the next line.
        let idle = match &state.task {
            None => true,
            Some(Task::Typing { .. }) => desk.seen().is_empty(),
            Some(Task::Running { .. }) => false,
        };
        if idle {
            state = shared.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let waited = shared.wake.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner);
        state = waited.0;
        let State { task, memory } = &mut *state;
        let (eyes, telling) = match task {
            None => continue,
            Some(Task::Running { eyes, busy }) => {
                busy.tell(eyes, &memory.sockets);
                continue;
            }
            Some(Task::Typing { eyes, telling }) => (eyes, Telling { room: desk.has_room(), ..*telling }),
        };
        let (seen, mut news) = memory.look(eyes, telling, true);
        if !telling.notify {
            memory.held.append(&mut news);
        }
        let changed = desk.show(seen);
        let sent = if !news.is_empty() {
            announcer.send(format!("{}\n", news.join("\n")))
        } else if changed {
            announcer.send(NO_LINE.into())
        } else {
            Ok(())
        };
        if sent.is_err() {
            return;
        }
    }
}

impl Memory {
    fn look(&mut self, eyes: &mut Eyes, telling: Telling, sockets: bool) -> (Seen, Vec<String>) {
        let lang = telling.lang;
        let mut news = Vec::new();
        let held = std::mem::take(&mut self.held);
        let mut seen = Seen::default();
        if sockets {
            let looked = eyes.sockets(MOST_SOCKETS);
            let mut now = HashMap::with_capacity(looked.len());
            for (endpoint, facts) in looked {
                if let Some(before) = self.sockets.get(&endpoint.id) {
                    let in_use = Eyes::is_in_use(&endpoint);
                    let told = happened(before, &facts, in_use, endpoint.has_ended(), lang);
                    news.extend(told.filter(|_| telling.notify && telling.room));
                }
                now.insert(endpoint.id, facts.clone());
                // What moves is no news by itself.
                seen.sockets.push(SocketFacts { moved: None, ..facts });
            }
            self.sockets = now;
        }
        let jobs = eyes.jobs();
        seen.running = jobs.iter().filter(|job| !job.is_over()).count();
        for job in jobs.iter().filter(|job| job.has_unheard_error() && !job.was_interrupted()) {
            if self.jobs.insert(job.number) {
                news.push(failed(job, lang));
            }
        }
        for process in eyes.processes() {
            if process.end_status().is_none() {
                seen.running += 1;
            } else if process.has_died() {
                // A note is enough here: the session goes on.
                process.expect_end();
                self.programs.insert(process.pid);
                news.push(error::died(&process, false).show(lang));
            } else if self.programs.insert(process.pid) && !process.expect_end() && telling.notify {
                news.push(error::died(&process, false).show(lang));
            }
        }
        let more = news.len().saturating_sub(MOST_NEWS);
        news.truncate(MOST_NEWS);
        if more > 0 {
            news.push(say!(en "and {more} more", es "y {more} más", more).show(lang));
        }
        let news = news.into_iter().map(|text| format!("· {}", literal::one_line(&text)));
        (seen, held.into_iter().chain(news).collect())
    }
}

/// `c.recv &` has failed: why.
fn failed(job: &Job, lang: Lang) -> String {
    let why = job.failure(|halt| match halt {
        Halt::Error(error) => error::headline(error, lang),
        Halt::Fail { text, .. } => text.clone(),
        _ => phrase!(en "`wait` says why", es "`wait` dice por qué").show(lang).to_string(),
    });
    say!(
        en "`{line}` has failed: {why}",
        es "`{line}` falló: {why}",
        line = literal::one_line(&job.line),
        why = why.unwrap_or_default()
    )
    .show(lang)
}
