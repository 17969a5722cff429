//! Threads of a script: spawned blocks and background calls, from their start to the script's end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::program::{Background, Function, Spawn, Step};
use super::run::{Flow, Runner, Watch, placed};
use crate::net::gate::{Deadline, Registered, register};
use crate::net::kernel::THREAD_STACK;
use crate::session::Session;
use crate::session::names::Place;
use crate::text::diagnostic::Span;
use crate::value::Value;
use crate::value::errno::Class;
use crate::value::job::{Ended, Group, Job};
use crate::value::outcome::{CallError, Detail, Halt, Limit};
use crate::value::way::{Leg, LegKind};

/// Everything a thread needs, moved into it.
struct Thread {
    session: Session,
    functions: Arc<[Arc<Function>]>,
    watch: Arc<dyn Watch>,
    job: Arc<Job>,
    /// The line that began it.
    span: Span,
    /// It is one line, and not a block.
    background: bool,
}

/// How a thread begins.
#[derive(Clone, Copy)]
struct Start {
    /// It is a call in the background, and no block.
    background: bool,
    /// The script's end does not wait for it.
    daemon: bool,
    /// The number of its line, where it was told of before.
    announced: Option<u32>,
}

impl Runner<'_> {
    pub(super) fn spawn(&mut self, span: Span, spawn: &Arc<Spawn>) -> Result<Flow, Box<Halt>> {
        let line = format!("spawn {}{}", spawn.name, if spawn.daemon { " --daemon" } else { "" });
        let (body, name) = (spawn.clone(), spawn.name.clone());
        let work = move |runner: &mut Runner<'_>| {
            let flow = runner.run(&body.body)?;
            let value = if flow == Flow::Return { runner.returned() } else { Value::Nothing };
            Ok((value, Value::Nothing))
        };
        let kind = Start { background: false, daemon: spawn.daemon, announced: None };
        let job = self.start(span, &name, &line, kind, work)?;
        self.join_group(spawn.place, job);
        Ok(Flow::Next)
    }

    pub(super) fn background(&mut self, span: Span, background: &Arc<Background>) -> Result<Flow, Box<Halt>> {
        let number = self.watch.begin(self.session, span);
        self.watch.flush(&self.session.caller.gate);
        let call = background.clone();
        let work = move |runner: &mut Runner<'_>| {
            runner.session.forget_last();
            let step: &Step = &call.step;
            runner.step(step)?;
            Ok(runner.session.take_last())
        };
        let name = background.targets.places().first().and_then(|place| self.session.name_of(*place));
        let name = name.unwrap_or_else(|| "&".into());
        let kind = Start { background: true, daemon: false, announced: Some(number) };
        let job = self.start(span, &name, &background.line, kind, work)?;
        self.session.await_result(&job, background.targets.places());
        Ok(Flow::Next)
    }

    /// Starts a thread of the script.
    fn start(
        &mut self,
        span: Span,
        name: &str,
        line: &str,
        kind: Start,
        work: impl FnOnce(&mut Runner<'_>) -> Ended + Send + 'static,
    ) -> Result<Arc<Job>, Box<Halt>> {
        let job = self.session.add_job(name, line, kind.background, kind.daemon);
        let main = self.session.caller.gate.clone();
        // The first thread makes the script itself one of several.
        self.session.caller.roster.join_main(&main);
        self.session.share();
        let thread = Thread {
            session: self.session.fork(&job, main),
            functions: self.functions.clone(),
            watch: self.watch.clone(),
            job: job.clone(),
            span,
            background: kind.background,
        };
        let begin = move || thread.run(kind.announced, work);
        let started =
            std::thread::Builder::new().name(name.to_string()).stack_size(THREAD_STACK).spawn(begin);
        if let Err(e) = started {
            self.session.drop_job(&job);
            return Err(placed(CallError::io("pthread_create", &e).into(), span));
        }
        Ok(job)
    }

    fn join_group(&mut self, place: Place, job: Arc<Job>) {
        match self.session.get(place) {
            Ok(Value::Jobs(group)) if group.jobs().iter().any(|j| !j.is_collected()) => group.push(job),
            _ => {
                let group = Group::default();
                group.push(job);
                self.session.assign(place, Value::Jobs(Arc::new(group)));
            }
        }
    }
}

impl Thread {
    fn run(mut self, announced: Option<u32>, work: impl FnOnce(&mut Runner<'_>) -> Ended) {
        let shared = self.session.shared.clone();
        let job = self.job.clone();
        let registered: Registered = match register() {
            Ok(registered) => registered,
            Err(e) => {
                shared.job_ended(&job, Err(CallError::io("pthread_create", &e).into()));
                return;
            }
        };
        let gate = registered.gate();
        let roster = self.session.caller.roster.clone();
        roster.join(job.number, job.name.clone(), gate.clone());
        self.session.caller.gate = gate.clone();
        let watch = self.watch.clone();
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut runner = Runner::new(&mut self.session, self.functions.clone(), watch.clone());
            runner.announced(announced);
            work(&mut runner)
        }));
        let result = ran.unwrap_or_else(|_| {
            let detail = Detail::Text(say!(
                en "a fault of sockbook's own ended this thread",
                es "una falla propia de sockbook terminó este hilo"
            ));
            Err(CallError::class(Class::RuntimeError, detail).into())
        });
        let leg = || Leg { span: self.span, kind: LegKind::Thread { name: job.name.clone() } };
        let result = match self.background {
            true => result,
            false => {
                self.session.subtests_leave(0, leg);
                result.map_err(|mut halt| {
                    halt.leaves(leg);
                    halt
                })
            }
        };
        watch.over(&mut self.session);
        watch.flush(&gate);
        roster.leave(&gate);
        let waits = self.session.waits.clone();
        let failed = result
            .as_ref()
            .is_err_and(|halt| !matches!(**halt, Halt::Signal { .. } | Halt::Cancelled { .. }));
        let is_waited_for = || waits.is_none_or(|names| names.contains(&*job.name));
        let died = result.as_ref().is_err_and(|halt| matches!(**halt, Halt::Died { .. }));
        let unheard = died || failed && !is_waited_for();
        // Dropped before the result is published: a waiter finds the thread's session gone.
        drop(self);
        drop(registered);
        shared.job_ended(&job, result);
        // No line waits for this thread: its error ends the script.
        if unheard {
            roster.cancel_main();
        }
    }
}

/// The end of a script: what it spawned is waited for. The first error that no line took ends it,
/// and what still runs is then interrupted.
pub fn finish(session: &mut Session, halt: Option<Box<Halt>>, end: Option<Span>) -> Option<Box<Halt>> {
    if session.jobs().is_empty() {
        return halt;
    }
    let mut halt = halt;
    if halt.is_none()
        && let Err(mut stopped) = session.wait_all(None)
    {
        if let Some(end) = end {
            stopped.place(end);
        }
        halt = Some(stopped);
    }
    // Cancelled: a thread that no line waits for has failed, and ended the script by that.
    if halt.as_deref().is_none_or(|h| matches!(h, Halt::Cancelled { .. })) {
        let failed = session.jobs().into_iter().find(|j| j.has_unheard_error() && !j.was_interrupted());
        if let Some(Err(error)) = failed.and_then(|j| j.collect()) {
            halt = Some(error);
        }
    }
    // Daemons are not waited for.
    if halt.is_some() || session.jobs().iter().any(|j| !j.is_over()) {
        interrupt(session);
    }
    halt
}

/// How long threads have in all to be gone, their `finally` blocks included.
const GONE: Duration = Duration::from_secs(5);

/// Ends all threads of the script and waits until they are gone: a moment, for each stops at its call.
/// Threads that are not gone then are left behind.
pub fn interrupt(session: &mut Session) {
    let gate = session.caller.gate.clone();
    gate.reset();
    let _ = gate.set_limit(None);
    let deadline = Deadline::new(GONE, Limit::Session);
    loop {
        // A thread may have begun another meanwhile.
        let running: Vec<Arc<Job>> = session.jobs().into_iter().filter(|j| !j.is_over()).collect();
        if running.is_empty() {
            break;
        }
        session.caller.roster.cancel_others(&gate);
        // An error is a second Ctrl-C, or the end of patience.
        if session.wait_jobs(&running, Some(deadline)).is_err() {
            break;
        }
    }
    // At the prompt the session goes on.
    session.caller.roster.go_on();
}
