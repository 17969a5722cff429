//! What goes on beside the script: threads, background calls, programs.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use super::expr::Expr;
use super::param::{
    Given, Host, Param, PortWord, Text, Threads, Timeout, given, read_named, read_socket, wrong,
};
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::door::{About, Call, Caller, Owned};
use crate::net::gate::Deadline;
use crate::net::resolve::{Port, resolve};
use crate::net::{kernel, probe, process as programs};
use crate::session::names::Place;
use crate::session::{Barrier, Session};
use crate::text::diagnostic::there_are;
use crate::value::errno::{Class, Code};
use crate::value::job::Job;
use crate::value::outcome::{CallError, Detail, Fact, Halt, Outcome, Reply, Table};
use crate::value::process::Process;
use crate::value::signal;
use crate::value::socket::{Endpoint, Triple};
use crate::value::{Address, Value};
use crate::words::Sentence;

pub const ROWS: &[Command] = &[
    command!(Jobs, "wait", wait, (limit: Timeout, name: Option<Waited>),
        One(en "what it gave" es "lo que dio"),
        en "wait for a thread, a background call or a process; without a name, for all threads and calls"
        es "espera un hilo, una llamada en segundo plano o un proceso; sin nombre, todos los hilos y \
            llamadas",
        c "futex(2), waitpid(2)", rust "JoinHandle::join, Child::wait", python "thread.join()",
        errors ["ETIMEDOUT"], does [WaitsForJobs],
        note en "An error in it comes out here. A process gives its exit status, a `spawn` block what it \
            `return`s; several blocks of one name are all waited for."
             es "Un error en él aparece aquí. Un proceso da su código de salida; un bloque `spawn`, lo que \
            entrega su `return`; si hay varios bloques de un mismo nombre, los espera a todos.",
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
    command!(Jobs, "process", process, (program: Program), One(en "the process" es "el proceso"),
        en "start a program: the server under test"
        es "inicia un programa: el servidor que se prueba",
        c "fork(2), execve(2)", rust "std::process::Command", python "subprocess.Popen([command, word])",
        errors ["ENOENT", "EACCES"],
        note en "`process NAME COMMAND WORD…`; `--listen SOCKET` before NAME hands it a listening socket \
            as descriptor 3 (LISTEN_FDS), so that no port is raced for. If it dies (by a signal, \
            or with a status that is not 0) the script fails, unless it waited for it, killed it, or said `--may-fail`. Its output is kept in `.stdout` \
            and `.stderr`; `.pid` and `.status` say the rest. It and its children are ended with the \
            script."
             es "`process NAME COMMAND WORD…`; `--listen SOCKET` antes de NAME le entrega un socket que \
            escucha como descriptor 3 (LISTEN_FDS), para que no haya carreras por un puerto. Si muere (por una \
            señal o con un código distinto de 0), el script falla, salvo que lo haya esperado, lo haya terminado con `kill` o diga `--may-fail`. Su salida \
            queda en `.stdout` y `.stderr`; `.pid` y `.status` dicen el resto. El proceso y sus hijos \
            terminan junto con el script.",
        like "process p sh -c \"echo hola\"\nwait p\nprint ${p.stdout}"),
    command!(Jobs, "waitport", waitport, (limit: Timeout, host: Host, port: PortWord), Nothing,
        en "wait until somebody listens there"
        es "espera hasta que alguien escuche ahí",
        c "/proc/net/tcp; connect(2) for other machines" es "/proc/net/tcp; connect(2) para otras máquinas", rust "", python "",
        errors ["ETIMEDOUT", "ECONNREFUSED"], does [WaitsForPort],
        note en "On this machine it reads the kernel's table of listeners, so that no connection is used \
            up. If a process of this script ends with an error meanwhile, it fails at once."
             es "En esta máquina lee la tabla del kernel de los sockets que escuchan, para no gastar una \
            conexión. Si mientras tanto un proceso de este script termina con un error, falla de inmediato.",
        like "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nwaitport 127.0.0.1 ${l.local.port}"),
    command!(Jobs, "kill", kill, (name: ProcessName, signal: Option<Signal>), Nothing,
        en "send a process a signal; SIGTERM without a word"
        es "envía una señal a un proceso; SIGTERM si no se indica otra",
        c "kill(2)", rust "Child::kill", python "process.send_signal(signal)",
        errors ["ESRCH"],
        like "process p sleep 30\nkill p\nstatus = wait p\nprint $status"),
];

// wait

/// The name of a job or of a process.
#[derive(Debug)]
struct Waited(Expr);

impl Param for Waited {
    type Value<'a> = Value;
    const KIND: Kind = Kind::Text;
    const USAGE: &'static str = "NAME";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        read_name(words, name, "thread, call or process").map(Waited)
    }

    fn get(&self, session: &mut Session) -> Result<Value, Box<Halt>> {
        self.0.get(session)
    }
}

/// The next word as the name of something that was started.
fn read_name(words: &mut Words<'_>, name: &'static str, what: &str) -> Option<Expr> {
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
            collect(session, &jobs)
        }
        // A background call whose result its name has already.
        Some(Value::Nothing) => Outcome::nothing(),
        Some(other) => Outcome::value(other),
        None => {
            session.wait_all(deadline)?;
            let jobs: Vec<Arc<Job>> = session.jobs().into_iter().filter(|j| j.is_over()).collect();
            collect(session, &jobs)?;
            Outcome::nothing()
        }
    }
}

/// The results of jobs that have ended; the first error comes out.
fn collect(session: &mut Session, jobs: &[Arc<Job>]) -> Reply {
    let mut values = Vec::new();
    for job in jobs {
        match job.collect() {
            None => {}
            Some(Err(halt)) => return Err(halt),
            Some(Ok((value, second))) => {
                session.take_over(job, &value, &second);
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
        _ => Outcome::value(Value::list(values.into_iter().map(|(v, _)| v).collect())),
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

// process

/// `[--listen SOCKET] NAME COMMAND WORD…`: what follows the command is its own, options too.
#[derive(Debug)]
struct Program {
    place: Place,
    name: String,
    listen: Option<Expr>,
    may_fail: bool,
    words: Vec<Expr>,
}

/// The program with its words worked out.
struct Start<'a> {
    place: Place,
    name: &'a str,
    listen: Option<Arc<Endpoint>>,
    may_fail: bool,
    words: Vec<String>,
}

impl Param for Program {
    type Value<'a> = Start<'a>;
    // Options stand before COMMAND: what follows is the program's.
    const KIND: Kind = Kind::Program;
    const USAGE: &'static str = "NAME COMMAND WORD…";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "--listen",
            value: Some("SOCKET"),
            about: phrase!(
                en "hand it this listening socket as descriptor 3 (LISTEN_FDS)",
                es "le entrega este socket que escucha como descriptor 3 (LISTEN_FDS)"
            ),
        },
        OptionSpec {
            name: "--may-fail",
            value: None,
            about: phrase!(
                en "its end is no failure, whatever its status",
                es "su final no es una falla, sea cual sea su código de salida"
            ),
        },
    ];

    fn read(words: &mut Words<'_>, parameter: &'static str) -> Option<Self> {
        let may_fail = words.switch("--may-fail").is_some();
        let listen = match words.option("--listen") {
            None => None,
            Some(word) => Some(read_socket(words, word)?),
        };
        let target = words.require(parameter)?;
        let name = target.bare().unwrap_or("").to_string();
        let checked = words.scope.check_target(&name, target.span);
        words.accept(checked)?;
        if words.is_empty() {
            words.missing(parameter);
            return None;
        }
        let mut exprs = Vec::new();
        while let Some(word) = words.next_any() {
            if exprs.is_empty() {
                words.note("program", word.span);
            }
            exprs.push(Expr::letters(words, word));
        }
        let exprs = exprs.into_iter().collect::<Option<Vec<_>>>()?;
        let place = words.scope.assign(&name);
        Some(Program { place, name, listen, may_fail, words: exprs })
    }

    fn get<'a>(&'a self, session: &mut Session) -> Result<Start<'a>, Box<Halt>> {
        let listen = match &self.listen {
            None => None,
            Some(expr) => match expr.get(session)? {
                Value::Socket(socket) => Some(socket),
                other => {
                    let detail = Detail::NotA {
                        wanted: phrase!(en "a socket", es "un socket"),
                        found: Sentence::plain(other.to_literal()),
                    };
                    return Err(CallError::class(Class::TypeError, detail).into());
                }
            },
        };
        let words = self.words.iter().map(|e| e.text(session)).collect::<Result<_, _>>()?;
        Ok(Start { place: self.place, name: &self.name, listen, may_fail: self.may_fail, words })
    }
}

fn process(session: &mut Session, start: Start<'_>) -> Reply {
    let started =
        programs::start(&mut session.caller, start.name, &start.words, start.listen.as_ref(), start.may_fail);
    let process = started.map_err(|mut halt| {
        if let Halt::Error(error) = &mut *halt
            && error.detail == Detail::None
        {
            let path = start.words.first().cloned().unwrap_or_default();
            error.detail = Detail::File { path, written: None };
            error.blame = Some("program");
        }
        halt
    })?;
    session.add_process(process.clone());
    session.assign(start.place, Value::Process(process.clone()));
    Outcome::value(Value::Process(process))
}

/// Waits between two looks at the table: soon at first, then seldom.
const LOOKS: [u64; 6] = [1, 1, 2, 5, 10, 20];

fn waitport(session: &mut Session, limit: Option<Duration>, host: Cow<'_, str>, port: Port) -> Reply {
    let deadline = session.deadline(limit, None);
    let wants_v6 = host.contains(':');
    let domain = if wants_v6 { socket2::Domain::IPV6 } else { socket2::Domain::IPV4 };
    let address = resolve(&mut session.caller, &host, &port, domain, socket2::Type::STREAM, deadline)?;
    let local = probe::is_local(&session.caller, address.ip());
    // A program that had ended before is no reason to give up.
    let running = |p: &Arc<Process>| programs::status(&session.caller, p).is_none();
    let before: Vec<Arc<Process>> = session.processes().into_iter().filter(|p| !running(p)).collect();
    let mut looks = LOOKS.iter();
    let mut pause = 1;
    loop {
        let up = if local {
            programs::is_listened(&mut session.caller, address.ip(), address.port())?
        } else {
            try_connect(session, address, deadline)?
        };
        if up {
            return Outcome::nothing();
        }
        for process in session.processes() {
            let status = programs::status(&session.caller, &process);
            if process.has_died() {
                return Err(programs::died(&session.caller, process));
            }
            // Its end is no failure of the script, but it will not listen.
            let ended_now = !before.iter().any(|b| Arc::ptr_eq(b, &process));
            if ended_now && status.is_some_and(|s| s.code() != 0) {
                return Err(gone(&session.caller, &process));
            }
        }
        pause = looks.next().copied().unwrap_or(pause);
        let paused = session.caller.pause(Duration::from_millis(pause), deadline, ("connect", None));
        if local {
            paused.map_err(|halt| nobody_yet(halt, address))?;
        } else {
            paused?;
        }
    }
}

/// The time is up, and no socket listens there on this machine.
fn nobody_yet(mut halt: Box<Halt>, address: std::net::SocketAddr) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt
        && let Detail::Limit { after, limit } = error.detail
    {
        let waited = Detail::Limit { after, limit };
        error.call = "";
        error.detail = Detail::Text(say!(
            en "nothing listens on {address} yet ({waited})",
            es "todavía nada escucha en {address} ({waited})",
            address = address.to_string(),
            waited = Sentence::of(|lang| waited.said(lang))
        ));
    }
    halt
}

/// Whether a connection is taken there, for other machines: it is made, and closed again.
fn try_connect(
    session: &mut Session,
    address: std::net::SocketAddr,
    deadline: Option<Deadline>,
) -> Result<bool, Box<Halt>> {
    let domain = socket2::Domain::for_address(address);
    let kind = socket2::Type::STREAM;
    let call = Call { name: "socket", on: (), about: About::Make(Triple::new(domain, kind, None)) };
    let socket = session.caller.call(call, None, |()| socket2::Socket::new(domain, kind, None))?;
    let socket = Owned::new(socket, &session.caller, false);
    let kernel = address.into();
    let about = About::At(Cow::Owned(Address::Inet(address)));
    let call = Call { name: "connect", on: &socket, about };
    let tried = session.caller.call(call, deadline, |()| socket.connect(&kernel));
    match tried.map_err(|halt| *halt) {
        Ok(()) => Ok(true),
        Err(Halt::Error(e)) if e.code == Code::Errno(libc::ECONNREFUSED) => Ok(false),
        Err(other) => Err(Box::new(other)),
    }
}

/// The server is not coming: what it said last is the reason.
fn gone(caller: &Caller, process: &Process) -> Box<Halt> {
    // Its last words may still be on their way.
    programs::settle(caller, process);
    let code = process.status().map_or(0, |s| s.code());
    let tail = process.last_words();
    let name = &process.name;
    let text = match tail.is_empty() {
        true => say!(
            en "process `{name}` ended with {code} before anybody listened",
            es "el proceso `{name}` terminó con {code} antes de que alguien escuchara",
            name,
            code
        ),
        false => say!(
            en "process `{name}` ended with {code} before anybody listened, having written: {tail}",
            es "el proceso `{name}` terminó con {code} antes de que alguien escuchara, y escribió: {tail}",
            name,
            code,
            tail
        ),
    };
    CallError::new("connect", Code::Errno(libc::ECONNREFUSED), Detail::Text(text)).into()
}

// kill

#[derive(Debug)]
struct ProcessName(Expr);

impl Param for ProcessName {
    type Value<'a> = Arc<Process>;
    const KIND: Kind = Kind::Text;
    const USAGE: &'static str = "NAME";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        read_name(words, name, "process").map(ProcessName)
    }

    fn get(&self, session: &mut Session) -> Result<Arc<Process>, Box<Halt>> {
        match self.0.get(session)? {
            Value::Process(process) => Ok(process),
            other => {
                let found = other.described();
                Err(CallError::class(
                    Class::TypeError,
                    Detail::NotA { wanted: phrase!(en "a process", es "un proceso"), found },
                )
                .into())
            }
        }
    }
}

/// `TERM`, `SIGTERM` or 15.
#[derive(Debug)]
struct Signal(Given<i32>);

impl Param for Signal {
    type Value<'a> = i32;
    const KIND: Kind = Kind::Word(signal::OFFERED);
    const USAGE: &'static str = "SIGNAL";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |value: &Value, text: &str| {
            signal::number(&value.to_text()).ok_or_else(|| {
                let problem = say!(en "`{text}` is not a signal", es "`{text}` no es una señal", text);
                (problem, Some(there_are(signal::OFFERED.iter().copied())))
            })
        };
        given(words, name, make).map(Signal)
    }

    fn get(&self, session: &mut Session) -> Result<i32, Box<Halt>> {
        match &self.0 {
            Given::Now(number) => Ok(*number),
            Given::Later(expr) => {
                let value = expr.get(session)?;
                let wanted = phrase!(en "a signal", es "una señal");
                signal::number(&value.to_text()).ok_or_else(|| wrong(Class::ValueError, wanted, &value))
            }
        }
    }
}

/// Whether a program without a handler ends by this signal; 0 only asks whether it is there.
fn ends_programs(signal: i32) -> bool {
    use libc::{SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH};
    !matches!(signal, 0 | SIGCHLD | SIGCONT | SIGSTOP | SIGTSTP | SIGTTIN | SIGTTOU | SIGURG | SIGWINCH)
}

fn kill(session: &mut Session, process: Arc<Process>, signal: Option<i32>) -> Reply {
    let signal = signal.unwrap_or(libc::SIGTERM);
    // One that has ended and was waited for has no number any more.
    if programs::status(&session.caller, &process).is_some() {
        return Err(CallError::errno("kill", libc::ESRCH).blame("name").into());
    }
    if ends_programs(signal) {
        process.expect_end();
    }
    let pid = -process.pid;
    let call = Call { name: "kill", on: (), about: About::Signal { pid, signal } };
    session.caller.call(call, None, |()| kernel::kill(pid, signal))?;
    Outcome::nothing()
}
