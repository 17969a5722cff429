//! Programs: starting them, hearing what they write, ending them and their children.

use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use nix::sys::signal::SigSet;

use super::door::{About, Call, Caller, Returned};
use super::gate::{Deadline, block_main_signals};
use super::{file, kernel};
use crate::value::Value;
use crate::value::outcome::{CallError, Halt};
use crate::value::process::{Process, Status};
use crate::value::socket::Endpoint;

/// Starts a program in a process group of its own, its output read as it comes. With `listener`, that socket is its
/// descriptor 3, announced by LISTEN_FDS as systemd does. fork(2) and execve(2) are one call, which gives its number.
pub fn start(
    caller: &mut Caller,
    name: &str,
    words: &[String],
    listener: Option<&Arc<Endpoint>>,
    may_fail: bool,
) -> Result<Arc<Process>, Box<Halt>> {
    let about = About::Program(words.into());
    let Started(process) = match listener {
        None => caller.call(Call { name: "execve", on: (), about }, None, |()| run(name, words, None)),
        Some(socket) => caller.call(Call { name: "execve", on: socket, about }, None, |s| {
            run(name, words, Some(s.socket().as_raw_fd()))
        }),
    }?;
    if may_fail {
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
        kernel::reap(process.pid, true);
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

fn run(name: &str, words: &[String], listener: Option<RawFd>) -> io::Result<Started> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(io::Error::from_raw_os_error(libc::ENOENT));
    };
    let mut command = match listener {
        None => {
            let mut command = Command::new(program);
            command.args(arguments);
            command
        }
        // LISTEN_PID is the program's own number, which only it can know: the shell says it and then
        // becomes the program.
        Some(fd) => {
            let mut command = Command::new("/bin/sh");
            command
                .args(["-c", "LISTEN_PID=$$ LISTEN_FDS=1; export LISTEN_PID LISTEN_FDS; exec \"$0\" \"$@\""]);
            command.arg(program).args(arguments);
            kernel::hand_over(&mut command, fd);
            command
        }
    };
    kernel::reset_sigchld();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = with_open_signals(|| command.spawn())?;
    let pid = i32::try_from(child.id()).map_err(|_| io::ErrorKind::InvalidData)?;
    let process = Arc::new(Process::new(name.into(), words.join(" "), pid));
    let pipes: [(Option<Box<dyn Read + Send>>, bool); 2] = [
        (child.stdout.take().map(|p| Box::new(p) as _), false),
        (child.stderr.take().map(|p| Box::new(p) as _), true),
    ];
    for (pipe, to_stderr) in pipes {
        let Some(pipe) = pipe else { continue };
        let kept = process.clone();
        let listen = move || {
            block_main_signals();
            listen(pipe, to_stderr, &kept);
        };
        let started = std::thread::Builder::new().name("output".into()).stack_size(128 << 10).spawn(listen);
        if let Err(e) = started {
            // Not known to the script: no observer is told of its end.
            let _ = kernel::kill(-pid, libc::SIGKILL);
            kernel::reap(pid, true);
            return Err(e);
        }
    }
    Ok(Started(process))
}

/// A program inherits the signals that the thread which starts it blocks, and our threads block what a
/// program is ended with.
fn with_open_signals<T>(start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let blocked = SigSet::thread_get_mask()?;
    SigSet::empty().thread_set_mask()?;
    let started = start();
    blocked.thread_set_mask()?;
    started
}

/// Reads one of its pipes to the end.
fn listen(mut pipe: Box<dyn Read + Send>, to_stderr: bool, process: &Process) {
    let mut buffer = [0; 8192];
    loop {
        match pipe.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => process.wrote(to_stderr, &buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    process.pipes.fetch_sub(1, SeqCst);
    kernel::futex_wake(&process.pipes);
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
    Box::new(Halt::Died { process, asked: false, span: None })
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

/// How long a program has to see to its end when it is asked to.
const POLITE: Duration = Duration::from_millis(500);

/// kill(2)
fn kill(caller: &Caller, pid: i32, signal: i32) {
    let call = Call { name: "kill", on: (), about: About::Signal { pid, signal } };
    let _ = caller.settle(call, |()| kernel::kill(pid, signal));
}

/// Ends a program and its children: SIGTERM, and SIGKILL for what is left after half a second. False: its end counts,
/// and after the SIGTERM it was none of 0, 143 and SIGTERM itself.
pub fn end(caller: &Caller, process: &Process) -> bool {
    let expected = process.expect_end();
    let mut well = true;
    let group = -process.pid;
    let ends_within = |time: Duration| {
        let begun = std::time::Instant::now();
        while status(caller, process).is_none() && begun.elapsed() < time {
            pause(Duration::from_millis(1));
        }
    };
    if status(caller, process).is_none() {
        kill(caller, group, libc::SIGTERM);
        ends_within(POLITE);
        well = match process.status() {
            None => true,
            Some(Status::Exited(code)) => matches!(code, 0 | 143),
            Some(Status::Signalled(signal)) => signal == libc::SIGTERM,
        };
    }
    // The children that are left, or all of it. Its number is still its own: it was not reaped.
    kill(caller, group, libc::SIGKILL);
    ends_within(POLITE);
    let call = Call { name: "wait4", on: (), about: About::Child(process.pid) };
    let _ = caller.settle(call, |()| Ok(kernel::reap(process.pid, false)));
    well || expected
}

/// Does anything on this machine listen at this TCP address? Read from the kernel's table, so that no
/// connection of the server is used up.
pub fn is_listened(caller: &mut Caller, ip: IpAddr, port: u16) -> Result<bool, Box<Halt>> {
    /// More than any table of this size is read; what lies beyond is not looked at.
    const MOST: usize = 64 << 20;
    let mut table = |path: &str| match file::read(caller, Path::new(path), MOST, None).map_err(|halt| *halt) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        // A kernel without IPv6 has no such table.
        Err(Halt::Error(_)) => Ok(String::new()),
        Err(stopped) => Err(Box::new(stopped)),
    };
    let (v4, v6) = (table("/proc/net/tcp")?, table("/proc/net/tcp6")?);
    let listeners = v4.lines().chain(v6.lines()).filter_map(listener);
    let wanted = unmapped(ip);
    Ok(listeners.filter(|&(_, p)| p == port).any(|(at, _)| {
        let at = unmapped(at);
        at == wanted || (at.is_unspecified() && (at.is_ipv6() || wanted.is_ipv4()))
    }))
}

fn unmapped(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        v4 => v4,
    }
}

/// A line of /proc/net/tcp: the address, if it is a listener's (state 0A).
fn listener(line: &str) -> Option<(IpAddr, u16)> {
    let mut fields = line.split_ascii_whitespace();
    let local = fields.nth(1)?;
    if fields.nth(1)? != "0A" {
        return None;
    }
    let (address, port) = local.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // Words of the machine's own byte order, each as eight digits.
    let mut bytes = Vec::new();
    for word in address.as_bytes().chunks(8) {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend_from_slice(&word.to_ne_bytes());
    }
    let ip = match bytes.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        _ => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)),
    };
    Some((ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_are_seen_and_only_they() {
        let registered = crate::net::gate::register().unwrap();
        let mut caller = Caller::new(registered.gate());
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let mut listened = |ip: IpAddr| is_listened(&mut caller, ip, address.port()).unwrap();
        assert!(listened(address.ip()));
        assert!(!listened("127.0.0.2".parse().unwrap()));
        drop(socket);
        assert!(!listened(address.ip()));
    }
}
