//! Programs: starting them, hearing what they write, ending them and their children.

use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::RawFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use nix::sys::signal::SigSet;

use super::gate::{Gate, Stop, block_main_signals};
use super::kernel;
use crate::value::process::{Process, Status};

/// Starts a program in a process group of its own, its output read as it comes. With `listener`, that
/// descriptor is its number 3, announced by LISTEN_FDS as systemd does.
pub fn start(name: &str, words: &[String], listener: Option<RawFd>) -> io::Result<Arc<Process>> {
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
            end(&process);
            return Err(e);
        }
    }
    Ok(process)
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

/// Has it ended? Asks the kernel if nobody has heard so far.
pub fn status(process: &Process) -> Option<Status> {
    if process.status().is_none()
        && let Ok(Some(status)) = kernel::ended(process.pid, false)
    {
        process.set_status(status);
    }
    process.status()
}

/// Looks at a program for a report: its status, and if it has ended, all that it wrote; a moment at most.
pub fn settle(process: &Process) {
    if status(process).is_none() {
        return;
    }
    for _ in 0..50 {
        if !process.has_open_pipes() {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// waitid(2) under the gate, then all that it wrote. The number is kept until [`end`].
pub fn wait(gate: &Gate, deadline: Option<super::gate::Deadline>, process: &Process) -> Result<Status, Stop> {
    let status = match process.status() {
        Some(status) => status,
        None => gate.blocking(deadline, "waitid", 0, || {
            kernel::ended(process.pid, true)?.ok_or_else(|| io::Error::from_raw_os_error(libc::ECHILD))
        })?,
    };
    process.set_status(status);
    process.expect_end();
    drain(gate, process)?;
    Ok(status)
}

/// Waits for the rest of its output, a moment: a child of it may hold the pipes open for ever.
fn drain(gate: &Gate, process: &Process) -> Result<(), Stop> {
    let step = Duration::from_millis(2);
    for _ in 0..500 {
        if !process.has_open_pipes() {
            break;
        }
        gate.sleep(step, None)?;
    }
    Ok(())
}

/// How long a program has to see to its end when it is asked to.
const POLITE: Duration = Duration::from_millis(500);

/// Ends a program and its children: SIGTERM, and SIGKILL for what is left after a moment.
pub fn end(process: &Process) {
    let group = -process.pid;
    if status(process).is_none() {
        let _ = kernel::kill(group, libc::SIGTERM);
        let begun = std::time::Instant::now();
        while status(process).is_none() && begun.elapsed() < POLITE {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    // The children that are left, or all of it. Its number is still its own: it was not reaped.
    let _ = kernel::kill(group, libc::SIGKILL);
    let begun = std::time::Instant::now();
    while status(process).is_none() && begun.elapsed() < POLITE {
        std::thread::sleep(Duration::from_millis(1));
    }
    kernel::reap(process.pid);
}

/// Does anything on this machine listen at this TCP address? Read from the kernel's table, so that no
/// connection of the server is used up.
pub fn is_listened(ip: IpAddr, port: u16) -> bool {
    let table = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let v4 = table("/proc/net/tcp");
    let v6 = table("/proc/net/tcp6");
    let listeners = v4.lines().chain(v6.lines()).filter_map(listener);
    let wanted = unmapped(ip);
    listeners.filter(|&(_, p)| p == port).any(|(at, _)| {
        let at = unmapped(at);
        at == wanted || (at.is_unspecified() && (at.is_ipv6() || wanted.is_ipv4()))
    })
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

/// Is this address one of this machine's, so that its table of listeners speaks of it?
pub fn is_local(ip: IpAddr) -> bool {
    ip.is_loopback() || ip.is_unspecified() || std::net::UdpSocket::bind((ip, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_are_seen_and_only_they() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        assert!(is_listened(address.ip(), address.port()));
        assert!(!is_listened("127.0.0.2".parse().unwrap(), address.port()));
        drop(socket);
        assert!(!is_listened(address.ip(), address.port()));
    }
}
