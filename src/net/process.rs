//! Programs: starting them, hearing what they write, ending them and their children.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use super::children::{self, Family, MARK};
use super::door::{About, Call, Caller, Descriptor, Returned};
use super::gate::{Deadline, block_main_signals};
use super::kernel::{self, Image};
use super::namespace::{self, Network};
use crate::value::Value;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail, Halt};
use crate::value::process::{Left, Process, Status};
use crate::value::socket::Endpoint;
use crate::value::way::Way;

/// A program that is to be started.
pub struct Launch<'a> {
    /// Its name in the script.
    pub name: &'a str,
    /// The program and its arguments.
    pub words: &'a [String],
    /// Listening sockets, its descriptors from 3 on, announced by LISTEN_FDS and LISTEN_FDNAMES as systemd does.
    pub listeners: Vec<Arc<Endpoint>>,
    /// Its standard input and output, as inetd does.
    pub stdio: Option<Arc<Endpoint>>,
    /// The folder it starts in.
    pub folder: Option<PathBuf>,
    /// What its environment has beside ours, or in its place.
    pub environment: Vec<(String, String)>,
    /// Its end is no failure.
    pub may_fail: bool,
    /// The value of [`MARK`].
    pub mark: String,
}

/// Starts a program in a process group of its own, its output read as it comes. fork(2) and execve(2) are one call,
/// which gives its number.
pub fn start(caller: &mut Caller, launch: &Launch<'_>) -> Result<Arc<Process>, Box<Halt>> {
    let about = About::Program(launch.words.into());
    let sockets: Vec<Arc<Endpoint>> = launch.listeners.iter().chain(&launch.stdio).cloned().collect();
    let Started(process) = match sockets.as_slice() {
        [] => caller.call(Call { name: "execve", on: (), about }, None, |()| run(launch, &[])),
        sockets => caller.call(Call { name: "execve", on: sockets, about }, None, |open| {
            let fds: Vec<RawFd> = open.iter().map(|s| s.socket().as_raw_fd()).collect();
            run(launch, &fds)
        }),
    }?;
    if launch.may_fail {
        process.expect_end();
    }
    watch_end(caller, &process).map_err(|e| CallError::io("pthread_create", &e))?;
    Ok(process)
}

/// Waits for its end on a thread of its own, and tells the script's threads of an end that is a failure.
fn watch_end(caller: &Caller, process: &Arc<Process>) -> io::Result<()> {
    let (roster, starter, child) = (caller.roster.clone(), caller.gate.clone(), process.clone());
    let watch_end = move || {
        block_main_signals();
        let status = loop {
            match kernel::ended(child.pid, true) {
                Ok(Some(status)) => break status,
                Err(e) if e.raw_os_error() == Some(libc::EINTR) => {}
                // Taken back by the end of the script.
                _ => return,
            }
        };
        child.saw_end(status);
        if child.has_died() {
            // Its last words may still be on their way.
            for _ in 0..25 {
                if !child.has_open_pipes() {
                    break;
                }
                pause(Duration::from_millis(2));
            }
            if child.has_died() {
                roster.died(&child, &starter);
            }
        }
    };
    let started = std::thread::Builder::new().name("watcher".into()).stack_size(128 << 10).spawn(watch_end);
    if let Err(e) = started {
        let _ = kernel::kill(-process.pid, libc::SIGKILL);
        children::take_back(process.pid, true);
        return Err(e);
    }
    Ok(())
}

/// A program that was started.
struct Started(Arc<Process>);

impl Returned for Started {
    fn returned(&self) -> i64 {
        self.0.pid.into()
    }
}

/// The environment of a program: ours without what it is not to inherit, and what is given.
fn environment(launch: &Launch<'_>) -> io::Result<Vec<CString>> {
    let mut all: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    for inherited in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] {
        all.remove(OsStr::new(inherited));
    }
    all.insert(MARK.into(), launch.mark.clone().into());
    if !launch.listeners.is_empty() {
        let names: Vec<_> = launch.listeners.iter().map(|socket| socket.name().to_string()).collect();
        all.insert("LISTEN_FDS".into(), names.len().to_string().into());
        all.insert("LISTEN_FDNAMES".into(), names.join(":").into());
    }
    all.extend(launch.environment.iter().map(|(name, value)| (name.into(), value.into())));
    let line = |(name, value): (OsString, OsString)| {
        CString::new([name.as_bytes(), b"=", value.as_bytes()].concat()).map_err(io::Error::from)
    };
    all.into_iter().map(line).collect()
}

/// `fds`: of the listeners in their order, then of the socket that is its standard input and output.
fn run(launch: &Launch<'_>, fds: &[RawFd]) -> io::Result<Started> {
    let Some(program) = launch.words.first() else {
        return Err(io::Error::from_raw_os_error(libc::ENOENT));
    };
    let listeners = launch.listeners.len();
    let mut descriptors: Vec<(RawFd, RawFd)> = fds.iter().take(listeners).copied().zip(3..).collect();
    if let Some(stdio) = fds.get(listeners) {
        descriptors.extend([(*stdio, 0), (*stdio, 1)]);
    }
    let image = Image {
        words: launch.words.iter().map(|w| CString::new(w.as_bytes())).collect::<Result<_, _>>()?,
        environment: environment(launch)?,
        descriptors,
        listens: listeners > 0,
        // Another thread starts it.
        network: namespace::is_isolated().then(Network::of_thread).transpose()?,
    };
    let mut command = Command::new(program);
    kernel::become_program(&mut command, image);
    // Whatever the parent had set: where it is ignored the kernel keeps no child's status.
    kernel::reset_signal(libc::SIGCHLD);
    let own = || if launch.stdio.is_some() { Stdio::null() } else { Stdio::piped() };
    command.stdin(own()).stdout(own()).stderr(Stdio::piped()).process_group(0);
    if let Some(folder) = &launch.folder {
        command.current_dir(folder);
    }
    let mut child = children::spawn(command)?;
    let pid = i32::try_from(child.id()).map_err(|_| io::ErrorKind::InvalidData)?;
    let process = Arc::new(Process::new(launch.name.into(), launch.words.join(" "), pid));
    if let Some(pipe) = child.stdin.take() {
        process.set_stdin(File::from(OwnedFd::from(pipe)));
    }
    let pipes: [(Option<Box<dyn Read + Send>>, bool); 2] = [
        (child.stdout.take().map(|p| Box::new(p) as _), false),
        (child.stderr.take().map(|p| Box::new(p) as _), true),
    ];
    for (pipe, to_stderr) in pipes {
        let Some(pipe) = pipe else {
            process.pipes.fetch_sub(1, SeqCst);
            continue;
        };
        let kept = process.clone();
        let listen = move || {
            block_main_signals();
            listen(pipe, to_stderr, &kept);
        };
        let started = std::thread::Builder::new().name("output".into()).stack_size(128 << 10).spawn(listen);
        if let Err(e) = started {
            // Not known to the script: no observer is told of its end.
            let _ = kernel::kill(-pid, libc::SIGKILL);
            children::take_back(pid, true);
            return Err(e);
        }
    }
    Ok(Started(process))
}

/// Reads one of its pipes to the end.
fn listen(mut pipe: Box<dyn Read + Send>, to_stderr: bool, process: &Process) {
    let mut buffer = [0; 8192];
    loop {
        match pipe.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                process.wrote(to_stderr, &buffer[..n]);
                process.news.fetch_add(1, SeqCst);
                kernel::futex_wake(&process.news);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    process.pipes.fetch_sub(1, SeqCst);
    kernel::futex_wake(&process.pipes);
    process.news.fetch_add(1, SeqCst);
    kernel::futex_wake(&process.news);
}

/// Has it ended? A look, waitid(2), unless it is known by now.
pub fn status(caller: &Caller, process: &Process) -> Option<Status> {
    if process.status().is_none() {
        let call = Call { name: "waitid", on: (), about: About::Child(process.pid) };
        if let Ok(Found(Some(status))) = caller.look(call, |()| kernel::ended(process.pid, false).map(Found))
        {
            process.set_status(status);
        }
    }
    process.status()
}

/// How a child ended, if it has.
struct Found(Option<Status>);

impl Returned for Found {
    fn returned(&self) -> i64 {
        0
    }

    fn gave(&self) -> Value {
        self.0.map_or(Value::Nothing, |status| Value::Int(status.code().into()))
    }
}

/// Looks at a program for a report: its status, and if it has ended, all that it wrote; 100 ms at most.
pub fn settle(caller: &Caller, process: &Process) {
    if status(caller, process).is_none() {
        return;
    }
    for _ in 0..50 {
        if !process.has_open_pipes() {
            return;
        }
        pause(Duration::from_millis(2));
    }
}

/// The failure of a script whose program has died. It is told once: `finally` blocks wait as long as they like.
pub fn died(caller: &Caller, process: Arc<Process>) -> Box<Halt> {
    settle(caller, &process);
    process.expect_end();
    caller.gate.lift_wait_limit();
    Box::new(Halt::Died { process, asked: false, then: None, span: None, way: Way::default() })
}

/// The first of these programs that has died, or dies within so long; what it wrote has come by then.
pub fn first_dead(caller: &Caller, programs: &[Arc<Process>], within: Duration) -> Option<Arc<Process>> {
    let begun = Instant::now();
    loop {
        let running = programs.iter().filter(|p| status(caller, p).is_none()).count();
        if let Some(dead) = programs.iter().find(|p| p.has_died()) {
            settle(caller, dead);
            return Some(dead.clone());
        }
        if running == 0 || begun.elapsed() >= within {
            return None;
        }
        pause(Duration::from_millis(2));
    }
}

/// A pause that is no call of the script: a futex, as threads wait for each other.
fn pause(time: Duration) {
    std::thread::park_timeout(time);
}

/// waitid(2) under the gate, then all that it wrote. Its number is kept until [`end`].
pub fn wait(caller: &mut Caller, deadline: Option<Deadline>, process: &Process) -> Result<Status, Box<Halt>> {
    let status = match process.status() {
        Some(status) => {
            process.expect_end();
            status
        }
        None => {
            let call = Call { name: "waitid", on: (), about: About::Child(process.pid) };
            // Its end is what is waited for; if the wait is given up, it counts again.
            let expected = process.expect_end();
            let waited = caller.call(call, deadline, |()| kernel::ended(process.pid, true).map(Found));
            if waited.is_err() && !expected {
                process.judge_end();
            }
            waited?.0.ok_or_else(|| CallError::errno("waitid", libc::ECHILD))?
        }
    };
    process.set_status(status);
    drain(caller, process)?;
    Ok(status)
}

/// Waits for the rest of its output, a second at most: a child of it may hold the pipes open for ever.
fn drain(caller: &Caller, process: &Process) -> Result<(), Box<Halt>> {
    for _ in 0..500 {
        if !process.has_open_pipes() {
            break;
        }
        pause(Duration::from_millis(2));
        if let Some(stop) = caller.gate.stopped() {
            return Err(caller.halt("waitid", stop, None, None));
        }
    }
    Ok(())
}

/// How long programs have to see to their end when they are asked to: a sanitizer may look for leaks in it.
const POLITE: Duration = Duration::from_secs(2);
/// How long what was sent SIGKILL is waited for.
const GONE: Duration = Duration::from_millis(500);

/// kill(2)
fn kill(caller: &Caller, pid: i32, signal: i32) {
    let call = Call { name: "kill", on: (), about: About::Signal { pid, signal } };
    let _ = caller.settle(call, |()| kernel::kill(pid, signal));
}

/// Ends programs and their descendants: SIGTERM, and SIGKILL for what is left after a while. Returns the first program
/// whose end counts and was, after the SIGTERM, none of 0, 143 and SIGTERM itself; and the descendants that had left
/// their program's group.
pub fn end_all(
    caller: &Caller,
    programs: &[Arc<Process>],
    family: Option<&Family>,
) -> (Option<Arc<Process>>, Vec<Left>) {
    let expected: Vec<bool> = programs.iter().map(|p| p.expect_end()).collect();
    let mut asked = vec![false; programs.len()];
    for (program, asked) in programs.iter().zip(&mut asked) {
        if status(caller, program).is_none() {
            kill(caller, -program.pid, libc::SIGTERM);
            *asked = true;
        }
    }
    let end_within = |time: Duration| {
        let begun = Instant::now();
        for program in programs {
            while status(caller, program).is_none() && begun.elapsed() < time {
                pause(Duration::from_millis(1));
            }
        }
    };
    end_within(POLITE);
    let well = |program: &Process| match program.status() {
        None => true,
        Some(Status::Exited(code)) => matches!(code, 0 | 143),
        Some(Status::Signalled(signal)) => signal == libc::SIGTERM,
    };
    let bad = programs.iter().zip(expected.iter().zip(&asked));
    let bad = bad.filter(|(program, (expected, asked))| **asked && !**expected && !well(program));
    let first = bad.map(|(program, _)| program.clone()).next();
    for program in programs {
        // The children that are left, or all of it. Its number is still its own: it was not reaped.
        kill(caller, -program.pid, libc::SIGKILL);
    }
    end_within(GONE);
    for program in programs {
        if let Some(stdin) = program.take_stdin() {
            close(caller, stdin);
        }
        let call = Call { name: "wait4", on: (), about: About::Child(program.pid) };
        let _ = caller.settle(call, |()| Ok(children::take_back(program.pid, false)));
    }
    let groups: Vec<i32> = programs.iter().map(|p| p.pid).collect();
    (first, family.map_or(Vec::new(), |family| family.end_orphans(caller, &groups, GONE)))
}

/// close(2) of a pipe.
pub fn close(caller: &Caller, pipe: Arc<File>) {
    let call = Call { name: "close", on: &Descriptor(pipe.as_raw_fd()), about: About::Plain };
    let mut pipe = Some(pipe);
    let _ = caller.settle(call, |()| {
        drop(pipe.take());
        Ok(())
    });
}

/// Writes all of it to a program's standard input: write(2), again until it is taken.
pub fn write(
    caller: &mut Caller,
    pipe: &Arc<File>,
    bytes: &[u8],
    deadline: Option<Deadline>,
) -> Result<(), Box<Halt>> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let about = About::Write { data: rest.into(), length: rest.len() };
        let written = caller.call(
            Call { name: "write", on: &Descriptor(pipe.as_raw_fd()), about },
            deadline,
            |()| {
                let mut pipe: &File = pipe;
                io::Write::write(&mut pipe, rest)
            },
        )?;
        rest = &rest[written..];
    }
    Ok(())
}

/// Waits until `look` finds something in what a program has written, or it can write no more; the latter is `None`.
pub fn wait_for<T>(
    caller: &mut Caller,
    process: &Arc<Process>,
    deadline: Option<Deadline>,
    mut look: impl FnMut() -> Option<T>,
) -> Result<Option<T>, Box<Halt>> {
    let call = Call { name: "waitfor", on: (), about: About::Plain };
    let Looked(found) = caller.call(call, deadline, |()| {
        let news = process.news.load(SeqCst);
        let over = !process.has_open_pipes();
        match look() {
            Some(found) => Ok(Looked(Some(found))),
            None if over => Ok(Looked(None)),
            None => Err(kernel::wait_again(&process.news, news)),
        }
    })?;
    Ok(found)
}

/// What a wait for a program's words gave.
struct Looked<T>(Option<T>);

impl<T> Returned for Looked<T> {
    fn returned(&self) -> i64 {
        self.0.is_some().into()
    }
}

/// Is there such a folder? For a report of what could not be started.
pub fn is_folder(caller: &Caller, path: &Path) -> bool {
    let call = Call { name: "stat", on: (), about: About::Path(path.into()) };
    let mut is_one = false;
    let _ = caller.look(call, |()| {
        is_one = std::fs::metadata(path)?.is_dir();
        Ok(())
    });
    is_one
}

/// A program that will write no more, and has not written what was waited for.
pub fn wrote_all(caller: &Caller, process: Arc<Process>) -> Box<Halt> {
    for _ in 0..50 {
        if status(caller, &process).is_some() {
            break;
        }
        pause(Duration::from_millis(2));
    }
    if process.has_died() {
        return died(caller, process);
    }
    let name = process.name.to_string();
    let end = match process.status() {
        None => say!(
            en "`{name}` has closed its output, and what was waited for is not in it",
            es "`{name}` cerró su salida, y lo que se esperaba no está en ella",
            name
        ),
        Some(status) => say!(
            en "`{name}` has ended with {code}, and what was waited for is not in its output",
            es "`{name}` terminó con {code}, y lo que se esperaba no está en su salida",
            name,
            code = status.code()
        ),
    };
    let error = CallError::class(Class::EOFError, Detail::Text(end));
    match process.last_words() {
        said if said.is_empty() => error.into(),
        said => {
            error.advice(say!(en "it wrote last: {said}", es "lo último que escribió: {said}", said)).into()
        }
    }
}
