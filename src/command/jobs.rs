//! What goes on beside the script: threads, background calls, programs.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use super::expr::Expr;
use super::param::{Param, Text, Threads, Timeout, read_named};
use super::row::{Command, Kind, command};
use super::words::Words;
use crate::net::door::{About, Call};
use crate::net::{kernel, process as programs};
use crate::session::{Barrier, Session};
use crate::value::errno::Class;
use crate::value::job::{Ended, Job};
use crate::value::outcome::{CallError, Detail, Fact, Halt, Outcome, Reply, Table};
use crate::value::{Value, ask_within};
use crate::words::Sentence;

pub const ROWS: &[Command] = &[
    command!(Jobs, "wait", wait, (limit: Timeout, name: Option<Waited>),
        One(en "what it gave" es "lo que dio"),
        en "wait for a thread, a background call or a process; without a name, for all threads and calls"
        es "espera un hilo, una llamada en segundo plano o un proceso; sin nombre, todos los hilos y \
            llamadas",
        c "futex(2), waitpid(2)", rust "JoinHandle::join, Child::wait", python "thread.join()",
        errors ["ETIMEDOUT"], does [WaitsForJobs, GivesList],
        note en "Without a name it does not wait for a thread begun with `--daemon`; `wait NAME` does. An \
            error in it comes out here. A process gives its exit status, a `spawn` block what it `return`s; several blocks of one name are all waited for."
             es "Sin nombre no espera un hilo iniciado con `--daemon`; `wait NAME` sí. Un error en él \
            aparece aquí. Un proceso da su código de salida; un bloque `spawn`, lo que entrega su `return`; si hay varios bloques de un mismo nombre, los espera a todos.",
        like "spawn w\n    return 42\nend\nx = wait w\nprint $x"),
    command!(Jobs, "jobs", jobs, (), Nothing,
        en "what runs beside the script"
        es "lo que se ejecuta junto al script",
        c "", rust "", python "threading.enumerate()",
        errors [], does [Looks],
        like "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nl.accept &\njobs\nc = socket inet stream\nc.connect 127.0.0.1 ${l.local.port}\nwait"),
    command!(Jobs, "barrier", barrier, (limit: Timeout, name: Text, n: Threads), Nothing,
        en "wait until N threads are here"
        es "espera hasta que N hilos lleguen aquí",
        c "futex(2)", rust "std::sync::Barrier", python "threading.Barrier(n).wait()",
        errors ["ETIMEDOUT"],
        like "spawn w\n    barrier ready 2\nend\nbarrier ready 2\nwait w"),
];

// wait

/// The name of a job or of a process.
#[derive(Debug)]
struct Waited(Expr);

impl Param for Waited {
    type Value<'a> = Value;
    const KIND: Kind = Kind::Job;
    const USAGE: &'static str = "NAME";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        read_name(words, name, "thread, call or process").map(Waited)
    }

    fn get(&self, session: &mut Session) -> Result<Value, Box<Halt>> {
        self.0.get(session)
    }
}

/// The next word as the name of something that was started.
pub(super) fn read_name(words: &mut Words<'_>, name: &'static str, what: &str) -> Option<Expr> {
    let word = words.require(name)?;
    words.note(name, word.span);
    read_named(words, word, what)
}

fn wait(session: &mut Session, limit: Option<Duration>, name: Option<Value>) -> Reply {
    let deadline = session.deadline(limit, None);
    match name {
        Some(Value::Process(process)) => {
            let status = programs::wait(&mut session.caller, deadline, &process)?;
            Outcome::value(Value::Int(status.code().into()))
        }
        Some(Value::Jobs(group)) => {
            let jobs = group.jobs();
            session.wait_jobs(&jobs, deadline)?;
            let ended = jobs.iter().map(|job| job.collect_again());
            collect(session, &jobs, ended)
        }
        // A background call whose result its name has already.
        Some(Value::Nothing) => Outcome::nothing(),
        Some(other) => Outcome::value(other),
        None => {
            session.wait_all(deadline)?;
            let jobs: Vec<Arc<Job>> = session.jobs().into_iter().filter(|j| j.is_over()).collect();
            collect(session, &jobs, jobs.iter().map(|job| job.collect()))?;
            Outcome::nothing()
        }
    }
}

/// The results of jobs, each asked for in its turn; the first error comes out.
fn collect(session: &mut Session, jobs: &[Arc<Job>], ended: impl Iterator<Item = Option<Ended>>) -> Reply {
    let mut values = Vec::new();
    for (job, ended) in jobs.iter().zip(ended) {
        match ended {
            None => {}
            Some(Err(halt)) => return Err(halt),
            Some(Ok((value, second))) => {
                let taken = session.take_over(job, &value, &second);
                taken.map_err(|(items, names)| super::other_count(items, names))?;
                values.push((value, second));
            }
        }
    }
    match values.len() {
        0 => Outcome::nothing(),
        1 => {
            let (value, second) = values.remove(0);
            let fact = match &value {
                Value::Nothing => Fact::Nothing,
                Value::Socket(_) if !matches!(second, Value::Nothing) => Fact::Accepted,
                _ => Fact::Value,
            };
            Ok(Outcome { value, second, fact })
        }
        _ if values.iter().all(|(v, _)| matches!(v, Value::Nothing)) => Outcome::nothing(),
        _ => {
            let values: Vec<Value> = values.into_iter().map(|(value, _)| value).collect();
            ask_within(&values)?;
            Outcome::value(Value::list(values))
        }
    }
}

fn jobs(session: &mut Session) -> Reply {
    let mut rows = Vec::new();
    for job in session.jobs() {
        rows.push(vec![
            Sentence::plain(job.number.to_string()),
            Sentence::plain(&*job.name),
            job.state().into(),
            Sentence::plain(job.line.clone()),
        ]);
    }
    for process in session.processes() {
        let state = match programs::status(&session.caller, &process) {
            None => phrase!(en "running", es "en ejecución").into(),
            Some(status) => say!(en "ended with {code}", es "terminó con {code}", code = status.code()),
        };
        rows.push(vec![
            Sentence::plain(process.pid.to_string()),
            Sentence::plain(&*process.name),
            state,
            Sentence::plain(process.command.clone()),
        ]);
    }
    let head = vec![
        phrase!(en "job", es "tarea"),
        phrase!(en "name", es "nombre"),
        phrase!(en "state", es "estado"),
        phrase!(en "line", es "línea"),
    ];
    let table = Table { head, rows };
    Outcome::with(Value::Nothing, Fact::Table(table))
}

// barrier

fn barrier(session: &mut Session, limit: Option<Duration>, name: String, n: usize) -> Reply {
    let deadline = session.deadline(limit, None);
    let barrier: Arc<Barrier> = session.barrier(&name);
    let opened = {
        let mut state = barrier.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if state.here > 0 && state.size != n {
            let found = say!(
                en "{n} (others wait there for {size})",
                es "{n} (otros esperan ahí con {size})",
                n,
                size = state.size
            );
            let detail = Detail::NotA {
                wanted: phrase!(
                    en "the number this barrier was begun with",
                    es "el número con que se inició esta barrera"
                ),
                found,
            };
            return Err(CallError::class(Class::ValueError, detail).blame("n").into());
        }
        state.size = n;
        state.here += 1;
        if state.here >= n {
            state.here = 0;
            barrier.opened.fetch_add(1, SeqCst);
            kernel::futex_wake(&barrier.opened);
            return Outcome::nothing();
        }
        barrier.opened.load(SeqCst)
    };
    let call = Call { name: "barrier", on: (), about: About::Plain };
    let waited = session.caller.call(call, deadline, |()| match barrier.opened.load(SeqCst) == opened {
        true => Err(kernel::wait_again(&barrier.opened, opened)),
        false => Ok(()),
    });
    if let Err(halt) = waited {
        let mut state = barrier.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // It may have opened at the last moment: then this one has gone through.
        if barrier.opened.load(SeqCst) == opened {
            state.here = state.here.saturating_sub(1);
            return Err(halt);
        }
    }
    Outcome::nothing()
}
