//! What runs beside the script: its threads and background calls, the programs it started, its barriers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use super::names::Place;
use super::{Session, Shared, lock};
use crate::net::children::Family;
use crate::net::door::{About, Call};
use crate::net::gate::Deadline;
use crate::net::kernel;
use crate::net::process::end_all;
use crate::value::Value;
use crate::value::job::{Ended, Group, Job};
use crate::value::outcome::Halt;
use crate::value::process::{Left, Process};
use crate::words::Sentence;

/// The jobs, programs and barriers of a script.
#[derive(Default)]
pub struct Beside {
    jobs: Mutex<Vec<Arc<Job>>>,
    /// How many jobs were begun: no number is given twice.
    begun: AtomicU32,
    /// Grows by one whenever a job ends; waited for as a futex.
    ended: AtomicU32,
    processes: Mutex<Vec<Arc<Process>>>,
    /// While there are programs.
    family: Mutex<Option<Arc<Family>>>,
    /// What a report says beside a failure, in the order it was noticed.
    notes: Mutex<Vec<Sentence>>,
    barriers: Mutex<HashMap<String, Arc<Barrier>>>,
}

/// A place where several threads meet.
#[derive(Debug, Default)]
pub struct Barrier {
    /// How many threads it is for, and how many are there.
    pub state: Mutex<BarrierState>,
    /// How often it has opened; waited for as a futex.
    pub opened: AtomicU32,
}

#[derive(Debug, Default)]
pub struct BarrierState {
    /// How many are to meet.
    pub size: usize,
    /// How many are there.
    pub here: usize,
}

impl Session {
    /// Enters a job into the list.
    pub fn add_job(&mut self, name: &str, line: &str, background: bool, daemon: bool) -> Arc<Job> {
        let beside = &self.shared.beside;
        let mut jobs = lock(&beside.jobs);
        let number = beside.begun.fetch_add(1, SeqCst) + 1;
        let job = Arc::new(Job::new(number, name.into(), line.into(), background, daemon));
        jobs.push(job.clone());
        job
    }

    /// A job that could not be started after all.
    pub fn drop_job(&mut self, job: &Arc<Job>) {
        lock(&self.shared.beside.jobs).retain(|j| !Arc::ptr_eq(j, job));
    }

    /// The jobs whose result no line has taken yet, without this thread's own: it does not wait for itself.
    pub fn jobs(&self) -> Vec<Arc<Job>> {
        let mut jobs = lock(&self.shared.beside.jobs);
        jobs.retain(|j| !j.is_collected());
        jobs.iter().filter(|j| Some(j.number) != self.own_job).cloned().collect()
    }

    /// Waits until every one of these jobs has ended.
    pub fn wait_jobs(&mut self, jobs: &[Arc<Job>], deadline: Option<Deadline>) -> Result<(), Box<Halt>> {
        self.wait_until(deadline, |_| jobs.iter().all(|j| j.is_over()))
    }

    /// Waits until every job but daemons has ended, those too that begin meanwhile, or one has failed whose error was not
    /// taken.
    pub fn wait_all(&mut self, deadline: Option<Deadline>) -> Result<(), Box<Halt>> {
        let own = self.own_job;
        self.wait_until(deadline, |beside| {
            let jobs = lock(&beside.jobs);
            let mut others = jobs.iter().filter(|j| Some(j.number) != own);
            jobs.iter().any(|j| j.has_unheard_error()) || others.all(|j| j.is_over() || j.daemon)
        })
    }

    fn wait_until(
        &mut self,
        deadline: Option<Deadline>,
        done: impl Fn(&Beside) -> bool,
    ) -> Result<(), Box<Halt>> {
        let shared = self.shared.clone();
        let beside = &shared.beside;
        self.caller.call(Call { name: "wait", on: (), about: About::Plain }, deadline, |()| {
            let seen = beside.ended.load(SeqCst);
            if done(beside) { Ok(()) } else { Err(kernel::wait_again(&beside.ended, seen)) }
        })
    }

    /// The names that a background call's result will have.
    pub fn await_result(&mut self, job: &Arc<Job>, places: Vec<Place>) {
        if let Some(&first) = places.first() {
            let group = Group::default();
            group.push(job.clone());
            self.assign(first, Value::Jobs(Arc::new(group)));
        }
        self.pending.push((job.clone(), places));
    }

    /// Takes over what an ended background call made: its names, `$_`, its socket as the current one. What is wrong where
    /// a list has another number of items than there are names: how many of each.
    pub fn take_over(&mut self, job: &Arc<Job>, value: &Value, second: &Value) -> Result<(), (usize, usize)> {
        let Some(at) = self.pending.iter().position(|(j, _)| Arc::ptr_eq(j, job)) else { return Ok(()) };
        let (_, places) = self.pending.remove(at);
        let mut taken = Ok(());
        match (value, places.as_slice()) {
            (_, []) => {}
            (_, [one]) => self.assign(*one, value.clone()),
            (Value::List(items), several) if matches!(second, Value::Nothing) => {
                if items.len() != several.len() {
                    taken = Err((items.len(), several.len()));
                }
                for (place, item) in several.iter().zip(&**items) {
                    self.assign(*place, item.clone());
                }
            }
            (_, [one, two, ..]) => {
                self.assign(*one, value.clone());
                self.assign(*two, second.clone());
            }
        }
        if let Value::Socket(socket) = value
            && socket.is_open()
        {
            self.make_current(socket.clone());
        }
        if !matches!(value, Value::Nothing) {
            self.set_last(value.clone(), second.clone());
        }
        taken
    }

    /// Enters a program that was started.
    pub fn add_process(&mut self, process: Arc<Process>) {
        lock(&self.shared.beside.processes).push(process);
    }

    /// The programs that were started, in that order.
    pub fn processes(&self) -> Vec<Arc<Process>> {
        self.shared.processes()
    }

    /// What the programs of this script have in common.
    pub fn family(&self) -> Arc<Family> {
        lock(&self.shared.beside.family).get_or_insert_with(|| Arc::new(Family::new())).clone()
    }

    /// Notes something that is no failure by itself.
    pub fn add_note(&self, note: Sentence) {
        let mut notes = lock(&self.shared.beside.notes);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// What was noted.
    pub fn notes(&self) -> Vec<Sentence> {
        lock(&self.shared.beside.notes).clone()
    }

    /// What was noted since it was last taken.
    pub fn take_notes(&self) -> Vec<Sentence> {
        std::mem::take(&mut *lock(&self.shared.beside.notes))
    }

    /// Ends the programs the script started; the first whose end is a failure comes back.
    pub fn end_programs(&mut self) -> Option<Arc<Process>> {
        let programs = std::mem::take(&mut *lock(&self.shared.beside.processes));
        let family = lock(&self.shared.beside.family).take();
        if programs.is_empty() && family.is_none() {
            return None;
        }
        let (bad, left) = end_all(&self.caller, &programs, family.as_deref());
        for Left { pid, command, ended } in left {
            self.add_note(match ended {
                true => say!(
                    en "a program left `{command}` behind, pid {pid}; it was ended",
                    es "un programa dejó atrás `{command}`, pid {pid}; se terminó",
                    command,
                    pid
                ),
                false => say!(
                    en "a program left `{command}` behind, pid {pid}, and it could not be ended",
                    es "un programa dejó atrás `{command}`, pid {pid}, y no se pudo terminar",
                    command,
                    pid
                ),
            });
        }
        bad
    }

    /// The barrier of this name.
    pub fn barrier(&self, name: &str) -> Arc<Barrier> {
        lock(&self.shared.beside.barriers).entry(name.to_string()).or_default().clone()
    }
}

impl Shared {
    /// The jobs whose result no line has taken yet.
    pub(super) fn jobs(&self) -> Vec<Arc<Job>> {
        lock(&self.beside.jobs).iter().filter(|j| !j.is_collected()).cloned().collect()
    }

    /// The programs that were started, in that order.
    pub(super) fn processes(&self) -> Vec<Arc<Process>> {
        lock(&self.beside.processes).clone()
    }

    /// A job has ended: its waiters look again.
    pub fn job_ended(&self, job: &Job, result: Ended) {
        job.end(result);
        self.beside.ended.fetch_add(1, SeqCst);
        kernel::futex_wake(&self.beside.ended);
    }
}
