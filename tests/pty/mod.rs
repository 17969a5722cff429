//! A program at a terminal of its own: what a user types, and what the screen shows.
//!
//! The controlling terminal comes from `setsid --ctty`, so that no unsafe call is needed here.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::unistd::tcgetpgrp;

/// Written by the editor when the terminal is the command's again.
pub const COOKED: &str = "\x1b[?2004l";
/// Written by the editor when it takes the terminal: a prompt is coming.
pub const EDITING: &str = "\x1b[?2004h";
pub const CTRL_C: &str = "\x03";
pub const CTRL_D: &str = "\x04";

/// How long anything may take on a busy machine, unless a test says otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Term {
    keyboard: File,
    output: Receiver<Vec<u8>>,
    raw: Vec<u8>,
    /// What has been waited for and found.
    seen: usize,
    screen: vt100::Parser,
    child: Child,
    /// How long anything may take on a busy machine.
    pub patience: Duration,
}

impl Term {
    /// Starts a command line; HOME is a folder of the test's own.
    pub fn start(home: &Path, command: &[&str], vars: &[(&str, &str)]) -> Term {
        Term::sized(home, home, (40, 110), command, vars)
    }

    /// As [`Term::start`], in another folder, at a terminal of so many rows and columns.
    pub fn sized(
        home: &Path,
        folder: &Path,
        (rows, columns): (u16, u16),
        command: &[&str],
        vars: &[(&str, &str)],
    ) -> Term {
        let size = nix::pty::Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = nix::pty::openpty(&size, None).unwrap();
        // The programs of other tests, which start meanwhile, have no part in it.
        for end in [&pty.master, &pty.slave] {
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        }
        let (master, slave) = (File::from(pty.master), File::from(pty.slave));
        let child = Command::new("setsid")
            .arg("--ctty")
            .args(command)
            .env("TERM", "xterm")
            .env("HOME", home)
            .env("NO_COLOR", "1")
            // What is longer than the window is not held up.
            .env("PAGER", "cat")
            // A shell says `Stopped` in the user's language.
            .env("LC_ALL", "C.UTF-8")
            .env_remove("LANGUAGE")
            .env_remove("PROMPT_COMMAND")
            .env_remove("INPUTRC")
            .env_remove("XDG_STATE_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("VISUAL")
            .env_remove("EDITOR")
            .env_remove("SOCKBOOK_HISTORY")
            .env_remove("SOCKBOOK_LANG")
            .envs(vars.iter().copied())
            .current_dir(folder)
            .stdin(slave.try_clone().unwrap())
            .stdout(slave.try_clone().unwrap())
            .stderr(slave)
            .spawn()
            .unwrap();
        let (send, output) = channel();
        let mut reader = master.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if send.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 20_000);
        Term { keyboard: master, output, raw: Vec::new(), seen: 0, screen, child, patience: PATIENCE }
    }

    pub fn send(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// As a terminal sends what the mouse pasted.
    pub fn paste(&mut self, text: &str) {
        let text = text.replace('\n', "\r");
        self.send(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Waits until this has been written, after what was waited for before.
    pub fn expect(&mut self, text: &str) {
        assert!(self.sees(text, self.patience), "no {text:?} came; the screen:\n{}", self.screen());
    }

    /// Does this come within the time, after what was waited for before?
    pub fn sees(&mut self, text: &str, patience: Duration) -> bool {
        if text.is_empty() {
            return true;
        }
        let end = Instant::now() + patience;
        loop {
            let at = self.raw[self.seen..].windows(text.len()).position(|w| w == text.as_bytes());
            if let Some(at) = at {
                self.seen += at + text.len();
                return true;
            }
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.raw.extend(bytes);
                }
                Err(_) => return false,
            }
        }
    }

    #[allow(dead_code)]
    /// Takes in what is written until the screen holds, or patience ends.
    pub fn until(&mut self, holds: impl Fn(&str) -> bool) {
        let end = Instant::now() + self.patience;
        while !holds(&self.screen()) && Instant::now() < end {
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.screen.process(&bytes);
                self.raw.extend(bytes);
            }
        }
    }

    /// Waits until the shell has given the terminal to the program that it starts or continues: a moment
    /// that no output marks.
    pub fn given_away(&self) {
        let end = Instant::now() + self.patience;
        while tcgetpgrp(&self.keyboard).unwrap().as_raw() == self.process() {
            assert!(Instant::now() < end, "the shell keeps the terminal; the screen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Types a line and waits until it has been taken.
    pub fn line(&mut self, text: &str) {
        self.send(&format!("{text}\r"));
        self.expect(COOKED);
    }

    /// Types a line and waits for what it shows, then for the next prompt.
    pub fn run(&mut self, text: &str, shows: &str) {
        self.line(text);
        self.expect(shows);
        self.prompt();
    }

    /// Waits for a prompt that is ready.
    pub fn prompt(&mut self) {
        self.expect(EDITING);
        self.expect("In [");
        self.expect("]: ");
    }

    pub fn screen(&self) -> String {
        self.screen.screen().contents()
    }

    /// All lines, those too that have scrolled away.
    #[allow(dead_code)]
    pub fn everything(&mut self) -> Vec<String> {
        let screen = self.screen.screen_mut();
        screen.set_scrollback(usize::MAX);
        let mut lines = Vec::new();
        for above in (1..=screen.scrollback()).rev() {
            screen.set_scrollback(above);
            let (_, columns) = screen.size();
            lines.extend(screen.rows(0, columns.get()).next());
        }
        screen.set_scrollback(0);
        lines.extend(screen.contents().lines().map(str::to_string));
        lines
    }

    /// The window gets another size.
    #[allow(dead_code)]
    pub fn resize(&mut self, rows: u16, columns: u16) {
        let terminal = std::fs::read_link(format!("/proc/{}/fd/0", self.process())).unwrap();
        let status = Command::new("stty")
            .arg("-F")
            .arg(terminal)
            .args(["rows", &rows.to_string(), "cols", &columns.to_string()])
            .status()
            .unwrap();
        assert!(status.success());
        self.screen.screen_mut().set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
    }

    /// What has been written so far is waited for no more.
    #[allow(dead_code)]
    pub fn caught_up(&mut self) {
        self.seen = self.raw.len();
    }

    /// Types a text as a human does: the next key when the last is there to be seen.
    #[allow(dead_code)]
    pub fn type_by_hand(&mut self, text: &str) {
        for c in text.chars() {
            let before = self.raw.len();
            self.send(&c.to_string());
            let end = Instant::now() + self.patience;
            while self.raw.len() == before && Instant::now() < end {
                if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                    self.screen.process(&bytes);
                    self.raw.extend(bytes);
                }
            }
            // The editor waits for the next key a moment after it has drawn this one.
            self.drain(Duration::from_millis(15));
        }
    }

    /// Takes in what is written for so long.
    #[allow(dead_code)]
    pub fn drain(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(bytes) = self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.screen.process(&bytes);
            self.raw.extend(bytes);
        }
    }

    /// The cursor's row and column, from 0.
    #[allow(dead_code)]
    pub fn cursor(&self) -> (u16, u16) {
        self.screen.screen().cursor_position()
    }

    /// The screen with its colours.
    #[allow(dead_code)]
    pub fn cells(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// Everything that was written so far.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// Leaves with Ctrl-D, a second one where it asks; the exit code.
    #[allow(dead_code)]
    pub fn leaves(&mut self) -> i32 {
        self.send(CTRL_D);
        let end = Instant::now() + self.patience;
        while self.child.try_wait().unwrap().is_none() && Instant::now() < end {
            if self.sees("; Ctrl-D ", Duration::from_millis(10)) {
                // A key that comes before the editor has the terminal again is no key of its.
                self.expect("In [");
                self.expect("]: ");
                self.send(CTRL_D);
                break;
            }
        }
        self.ends()
    }

    /// Waits for the end; the exit code.
    pub fn ends(&mut self) -> i32 {
        let end = Instant::now() + self.patience;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                while let Ok(bytes) = self.output.try_recv() {
                    self.screen.process(&bytes);
                    self.raw.extend(bytes);
                }
                return status.code().unwrap_or(-1);
            }
            assert!(Instant::now() < end, "it does not end; the screen:\n{}", self.screen());
            // Only how often it is looked at: nothing is waited out here.
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The process at the terminal, which `setsid` has become.
    pub fn process(&self) -> i32 {
        self.child.id() as i32
    }
}

impl Drop for Term {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
