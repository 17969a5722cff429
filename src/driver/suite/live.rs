//! A run as it goes on: a line a script, and on a terminal what runs now.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::case::Case;
use super::pool::Show;
use super::report::text;
use crate::driver::output::{Lost, exit_code};
use crate::driver::terminal;
use crate::render::table::cut;
use crate::text::secrets::hide;
use crate::words::Lang;

/// Where people read: standard output, or standard error where a report has that.
pub struct Console {
    buffer: String,
    to_stderr: bool,
    /// It is a terminal on which a line can be drawn again.
    pub capable: bool,
    pub colour: bool,
    /// The language of what is shown.
    pub lang: Lang,
    /// Why nothing more is written; the run goes on.
    lost: Option<Lost>,
}

impl Console {
    /// `colour`: whether it is coloured, where that was said.
    pub fn new(to_stderr: bool, colour: Option<bool>, lang: Lang) -> Console {
        let (capable, usual) = if to_stderr {
            (terminal::is_capable(&io::stderr()), terminal::colour(&io::stderr()))
        } else {
            (terminal::is_capable(&io::stdout()), terminal::colour(&io::stdout()))
        };
        let colour = colour.unwrap_or(usual);
        Console { buffer: String::new(), to_stderr, capable, colour, lang, lost: None }
    }

    /// How wide the terminal is.
    pub fn columns(&self) -> Option<usize> {
        if self.to_stderr { terminal::columns(&io::stderr()) } else { terminal::columns(&io::stdout()) }
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
        let text = hide(&text);
        if self.lost.is_none() {
            let written = if self.to_stderr {
                io::stderr().lock().write_all(text.as_bytes())
            } else {
                let mut stdout = io::stdout().lock();
                stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
            };
            self.lost = written.err().map(|e| Lost::of(&e));
        }
    }

    /// Nothing that is written arrives any more.
    pub fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// The exit code of a run, or of what was lost of its lines.
    pub fn exit_code(&self, code: i32) -> i32 {
        exit_code(self.lost.filter(|_| !self.to_stderr), code)
    }
}

/// The display of a run.
pub struct Live {
    pub console: Console,
    /// Only what went wrong has a line, or what has a note.
    quiet: bool,
    /// What the display shows at the foot of a terminal, if there is one that can.
    foot: Option<Foot>,
}

/// The line below what has come of the run so far.
struct Foot {
    runs: usize,
    /// How many scripts went wrong.
    bad: usize,
    began: Instant,
    /// As it stands there now; empty while it does not.
    shown: String,
}

/// A run shorter than this has no display: it would only flicker.
const SHORT: Duration = Duration::from_millis(150);

impl Live {
    /// `runs` is how many there will be in all.
    pub fn new(console: Console, runs: usize, quiet: bool) -> Live {
        let foot =
            console.capable.then(|| Foot { runs, bad: 0, began: Instant::now(), shown: String::new() });
        Live { console, quiet, foot }
    }

    /// Takes the display away; what is written from here on stays.
    pub fn end(mut self) -> Console {
        if let Some(foot) = &mut self.foot {
            foot.take_away(&mut self.console);
        }
        self.console.flush();
        self.console
    }
}

impl Show for Live {
    fn ended(&mut self, case: &Case) {
        if let Some(foot) = &mut self.foot {
            foot.bad += usize::from(case.verdict().is_bad());
        }
        // What there is to know beside a pass is told all the same: whose a listener was.
        if self.quiet && !case.verdict().is_bad() && case.told.notes.is_empty() {
            return;
        }
        let line = text::progress(case, self.console.colour, self.console.lang);
        if let Some(foot) = &mut self.foot {
            foot.take_away(&mut self.console);
        }
        self.console.line(&line);
    }

    fn tick(&mut self, done: usize, running: &dyn Fn() -> Vec<(String, Instant)>) {
        if let Some(foot) = &mut self.foot {
            foot.show(&mut self.console, done, running);
        }
        self.console.flush();
    }
}

impl Foot {
    fn take_away(&mut self, console: &mut Console) {
        if !std::mem::take(&mut self.shown).is_empty() {
            console.buffer.push_str(terminal::ERASE_LINE);
        }
    }

    fn show(&mut self, console: &mut Console, done: usize, running: &dyn Fn() -> Vec<(String, Instant)>) {
        let since = self.began.elapsed();
        if since < SHORT {
            return;
        }
        // Those that take longest are told where there is little room.
        let mut running = running();
        running.sort_by_key(|(_, since)| *since);
        let names: Vec<String> = running.iter().map(|(path, since)| name(path, *since)).collect();
        // The terminal may have changed its size.
        let width = console.columns().unwrap_or(80);
        let so_far = (done, self.runs, self.bad);
        let now = foot_text(since, so_far, &names.join(", "), width, console.lang);
        if now != self.shown {
            self.take_away(console);
            // One that becomes narrower right now cuts the line, and does not continue it on the next.
            console.buffer.push_str(terminal::CUT_LINES);
            console.buffer.push_str(&now);
            console.buffer.push_str(terminal::WRAP_LINES);
            self.shown = now;
        }
    }
}

/// `echo.sock`, and how long it has been running once that is long.
fn name(path: &str, since: Instant) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let name = crate::text::literal::one_line(file);
    match since.elapsed() {
        short if short < Duration::from_secs(2) => name,
        long => format!("{name} {}s", long.as_secs()),
    }
}

/// `12s [======>             ] 3 of 10, 1 failed  echo.sock`, in one line; on a narrow terminal the bar is short.
fn foot_text(
    since: Duration,
    (done, runs, bad): (usize, usize, usize),
    names: &str,
    width: usize,
    lang: Lang,
) -> String {
    let bar = if width < 60 { 8 } else { 20 };
    let time = match since.as_secs() {
        seconds @ ..60 => format!("{seconds}s"),
        seconds => format!("{}m{:02}s", seconds / 60, seconds % 60),
    };
    let full = (bar * done).checked_div(runs).unwrap_or(0).min(bar);
    let drawn = format!("{}{}", "=".repeat(full), if full < bar { ">" } else { "" });
    let mut so_far = say!(en "{done} of {runs}", es "{done} de {runs}", done, runs).show(lang);
    if bad > 0 {
        so_far.push_str(&say!(en ", {bad} failed", es ", {bad} con fallas", bad).show(lang));
    }
    cut(&format!("{time} [{drawn:bar$}] {so_far}  {names}"), width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_foot_says_how_far_it_is() {
        for (seconds, so_far, width, want) in [
            (0, (0, 3, 0), 80, "0s [>                   ] 0 of 3  a.sock"),
            (59, (1, 2, 0), 80, "59s [==========>         ] 1 of 2  a.sock"),
            (61, (19, 20, 2), 80, "1m01s [===================>] 19 of 20, 2 failed  a.sock"),
            (3600, (7, 7, 0), 80, "60m00s [====================] 7 of 7  a.sock"),
            (5, (7, 11, 1), 40, "5s [=====>  ] 7 of 11, 1 failed  a.sock"),
            (5, (7, 11, 1), 36, "5s [=====>  ] 7 of 11, 1 failed  a.…"),
        ] {
            let text = foot_text(Duration::from_secs(seconds), so_far, "a.sock", width, Lang::EN);
            assert_eq!(text, want);
        }
    }
}
