//! A run as it goes on: a line a script, and on a terminal what runs now.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::case::Case;
use super::pool::Show;
use super::report::text;

/// Where people read: standard output, or standard error where a report has that.
pub struct Console {
    buffer: String,
    to_stderr: bool,
    pub terminal: bool,
    pub colour: bool,
    /// The reader has gone; nothing more is written, and the run goes on.
    broken: bool,
}

impl Console {
    pub fn new(to_stderr: bool) -> Console {
        let terminal = if to_stderr { io::stderr().is_terminal() } else { io::stdout().is_terminal() };
        let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        Console { buffer: String::new(), to_stderr, terminal, colour, broken: false }
    }

    pub fn line(&mut self, text: &str) {
        self.buffer.push_str(text);
        self.buffer.push('\n');
    }

    pub fn flush(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.buffer);
        if !self.broken {
            let written = if self.to_stderr {
                io::stderr().lock().write_all(text.as_bytes())
            } else {
                let mut stdout = io::stdout().lock();
                stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
            };
            self.broken = written.is_err();
        }
    }
}

/// The display of a run.
pub struct Live {
    pub console: Console,
    bar: Option<ProgressBar>,
    files: Vec<PathBuf>,
    began: Instant,
    /// What the display shows: the runs that are done, the seconds, the names.
    shown: (usize, u64, String),
}

/// A run shorter than this has no display: it would only flicker.
const SHORT: Duration = Duration::from_millis(150);

impl Live {
    /// `runs` is how many there will be in all.
    pub fn new(console: Console, files: &[PathBuf], runs: usize) -> Live {
        let bar = console.terminal.then(|| {
            let target = match console.to_stderr {
                true => ProgressDrawTarget::stderr(),
                false => ProgressDrawTarget::stdout(),
            };
            let bar = ProgressBar::with_draw_target(Some(runs as u64), target);
            let style = ProgressStyle::with_template("{elapsed} [{bar:20}] {pos} of {len}  {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            bar
        });
        // Only a display names what runs.
        let files = if bar.is_some() { files.to_vec() } else { Vec::new() };
        Live { console, bar, files, began: Instant::now(), shown: (0, 0, String::new()) }
    }

    /// Takes the display away; what is written from here on stays.
    pub fn end(mut self) -> Console {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.console.flush();
        self.console
    }
}

impl Show for Live {
    fn ended(&mut self, case: &Case) {
        let line = text::progress(case, self.console.colour);
        self.console.line(&line);
    }

    fn tick(&mut self, done: usize, running: &[(usize, Instant)]) {
        let since = self.began.elapsed();
        let Some(bar) = self.bar.as_ref().filter(|_| since >= SHORT) else {
            self.console.flush();
            return;
        };
        if !self.console.buffer.is_empty() {
            bar.suspend(|| self.console.flush());
        }
        let names: Vec<String> = running.iter().map(|&(at, since)| self.name(at, since)).collect();
        let now = (done, since.as_secs(), names.join(", "));
        if now != self.shown {
            bar.set_position(done as u64);
            bar.set_message(now.2.clone());
            bar.tick();
            self.shown = now;
        }
    }
}

impl Live {
    /// `echo.sock`, and how long it has been running once that is long.
    fn name(&self, at: usize, since: Instant) -> String {
        let file = self.files.get(at).and_then(|f| f.file_name());
        let name = crate::literal::one_line(&file.unwrap_or_default().to_string_lossy());
        match since.elapsed() {
            short if short < Duration::from_secs(2) => name,
            long => format!("{name} {}s", long.as_secs()),
        }
    }
}
