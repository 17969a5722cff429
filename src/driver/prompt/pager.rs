//! What is longer than the window, read a page at a time: `$PAGER`, or `less -FRX`.
//!
//! The pager is the terminal's reader, not the script's program: no line has asked for it. Ctrl-C ends it at once.

use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, write};

use crate::net::gate::{Gate, Stop};
use crate::text::secrets::hide;
use crate::value::outcome::Halt;

/// How long a pager that was told to end is waited for.
const PATIENCE: Duration = Duration::from_millis(200);

/// The window that is written to.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub rows: usize,
    pub columns: usize,
}

impl Window {
    /// Is the text longer than the window, with room for the next prompt?
    pub fn is_less_than(self, text: &str) -> bool {
        let rows = |line: &str| line.len().div_ceil(self.columns.max(1)).max(1);
        let mut left = self.rows.saturating_sub(2);
        text.split('\n').any(|line| match left.checked_sub(rows(line)) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        })
    }
}

/// The program and its arguments, where no shell is needed for more. A shell between would end before the pager that it
/// started, which gives the terminal back in its own time: after the editor has taken it.
fn words(given: &OsStr) -> Option<(String, Vec<String>)> {
    let text = given.to_str().filter(|text| !text.contains(|c| "|&;<>()$`*?[]#~=%!{}\\\n".contains(c)))?;
    let mut words = shlex::split(text)?.into_iter();
    Some((words.next()?, words.collect()))
}

/// A pager that runs.
pub struct Pager {
    child: Child,
    input: Option<ChildStdin>,
    /// The terminal as it was before.
    terminal: Option<Termios>,
}

impl Pager {
    /// Starts it; nothing where there is none.
    pub fn start() -> Option<Pager> {
        let given = std::env::var_os("PAGER").filter(|given| !given.is_empty());
        let mut command = match given {
            Some(given) => match words(&given) {
                Some((program, arguments)) => {
                    let mut command = Command::new(program);
                    command.args(arguments);
                    command
                }
                None => {
                    let mut shell = Command::new("/bin/sh");
                    shell.arg("-c").arg(given);
                    shell
                }
            },
            None => Command::new("less"),
        };
        if std::env::var_os("LESS").is_none() {
            // K: Ctrl-C ends it.
            command.env("LESS", "FRXK");
        }
        let terminal = tcgetattr(io::stdin().as_fd()).ok();
        let mut child = command.stdin(Stdio::piped()).spawn().ok()?;
        let input = child.stdin.take();
        Some(Pager { child, input, terminal })
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap_or(i32::MAX))
    }

    /// Hands it a text. False: it wants no more.
    pub fn show(&mut self, gate: &Gate, text: &str) -> Result<bool, Box<Halt>> {
        let shown = hide(text);
        let mut rest = shown.as_bytes();
        while !rest.is_empty() {
            let Some(input) = &self.input else { return Ok(false) };
            let written =
                gate.blocking(None, "write", 0, || Ok(write(input.as_fd(), &rest[..rest.len().min(4096)])?));
            match written {
                Ok(n) => rest = &rest[n..],
                Err(Stop::Io(_)) => {
                    self.input = None;
                    return Ok(false);
                }
                Err(stop) => return Err(self.stop(&stop)),
            }
        }
        Ok(true)
    }

    /// There is no more: waits until it was read.
    pub fn end(mut self, gate: &Gate) -> Result<(), Box<Halt>> {
        self.input = None;
        let pid = self.pid();
        match gate.blocking(None, "wait4", 0, || Ok(waitpid(pid, None)?)) {
            Err(stop @ (Stop::Signal(_) | Stop::Cancelled)) => Err(self.stop(&stop)),
            // A Ctrl-C reaches the pager too, which may have been the first to hear of it.
            _ => match gate.stopped() {
                Some(stop @ (Stop::Signal(_) | Stop::Cancelled)) => Err(halt(&stop)),
                _ => Ok(()),
            },
        }
    }

    /// Ctrl-C, or another end of the session's line: the pager ends with it.
    fn stop(&mut self, stop: &Stop) -> Box<Halt> {
        self.input = None;
        let _ = kill(self.pid(), Signal::SIGTERM);
        let end = Instant::now() + PATIENCE;
        loop {
            match waitpid(self.pid(), Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) if Instant::now() < end => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Ok(WaitStatus::StillAlive) => {
                    let _ = kill(self.pid(), Signal::SIGKILL);
                    let _ = self.child.wait();
                    break;
                }
                Err(Errno::EINTR) => {}
                _ => break,
            }
        }
        if let Some(terminal) = &self.terminal {
            let _ = tcsetattr(io::stdin().as_fd(), SetArg::TCSADRAIN, terminal);
        }
        halt(stop)
    }
}

/// The end of the line for which the pager ran.
fn halt(stop: &Stop) -> Box<Halt> {
    Box::new(match stop {
        Stop::Signal(number) => {
            Halt::Signal { number: *number, done: Default::default(), span: None, way: Default::default() }
        }
        _ => Halt::Cancelled { span: None, way: Default::default() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_needs_a_shell_only_for_what_is_a_shells() {
        for (given, want) in [
            ("less -FRX", Some(("less", vec!["-FRX"]))),
            ("sed 's/^/PAGED /'", Some(("sed", vec!["s/^/PAGED /"]))),
            ("cat >/dev/null; sleep 1", None),
            ("LESS=X less", None),
        ] {
            let words = words(OsStr::new(given));
            let shown = words.as_ref().map(|(p, a)| (p.as_str(), a.iter().map(String::as_str).collect()));
            assert_eq!(shown, want, "{given}");
        }
    }

    #[test]
    fn a_page_is_what_the_window_holds() {
        let window = Window { rows: 5, columns: 10 };
        assert!(!window.is_less_than("a\nb\nc"));
        assert!(window.is_less_than("a\nb\nc\nd"));
        assert!(window.is_less_than("a\n01234567890123456789\nc"));
    }
}
