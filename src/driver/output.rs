//! Standard output and standard error: whole texts in, and out as far as their readers take them.
//!
//! No write here panics, whatever the reader or the disk does. A write that waits for its reader ends when its
//! thread is asked to: at a terminal at once, elsewhere after `PATIENCE`, for what a reader still takes is
//! not lost. Used by the prompt, `run`, `test` and every command line that prints.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anstyle::Style;
use anyhow::Result;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::net::gate::{Gate, Stop, asked_to_end, main_is_stopped};
use crate::text::literal;
use crate::text::secrets::{self, hide};
use crate::value::errno::Code;
use crate::value::outcome::Halt;
use crate::words::Sentence;

/// How long a reader that does not read is waited for once the end was asked for.
const PATIENCE: Duration = Duration::from_millis(50);
/// A pipe that is ready takes so many bytes without waiting (pipe(7), `PIPE_BUF`).
const AT_ONCE: usize = 4096;
/// A long text is made visible and written in pieces of about this length.
const PIECE: usize = 64 << 10;

/// Standard output is lost: why, as an error number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost(pub i32);

impl Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence().english())
    }
}

impl std::error::Error for Lost {}

impl Lost {
    /// "standard output: no space left on device"
    pub fn sentence(self) -> Sentence {
        say!(
            en "standard output: {why}",
            es "salida estándar: {why}",
            why = Code::Errno(self.0).words()
        )
    }

    /// What this error of a write is.
    pub fn of(error: &io::Error) -> Lost {
        Lost(error.raw_os_error().unwrap_or(libc::EIO))
    }

    /// The reader has gone: it has seen enough, and nothing has failed.
    pub fn is_reader(self) -> bool {
        self.0 == libc::EPIPE
    }

    /// The exit code of what is about its output: as SIGPIPE would end it, or a failure.
    pub fn exit_code(self) -> i32 {
        if self.is_reader() { 128 + libc::SIGPIPE } else { 1 }
    }
}

/// What stands on the terminal's line until something is written, and how it is taken away.
static IN_THE_WAY: Mutex<Option<Box<dyn FnOnce() + Send>>> = Mutex::new(None);
/// Is there something? Every write asks.
static SOMETHING: AtomicBool = AtomicBool::new(false);
/// The terminal's cursor is at the start of a line, as far as was written here.
static AT_START: AtomicBool = AtomicBool::new(true);

/// Shows something on the terminal that goes before the next write: `draw` draws it, and says how it goes. Nothing is
/// shown within a line.
pub fn stand_by(draw: impl FnOnce() -> Box<dyn FnOnce() + Send>) {
    let mut way = IN_THE_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    // Said before the look: who writes says first that it does, and then looks whether this was said.
    SOMETHING.store(true, SeqCst);
    if AT_START.load(SeqCst) {
        *way = Some(draw());
    } else if way.is_none() {
        SOMETHING.store(false, SeqCst);
    }
}

/// Takes away what stands in the way of the next write. Says whether there was something.
pub fn clear_the_way() -> bool {
    if SOMETHING.swap(false, SeqCst)
        && let Some(take_away) = IN_THE_WAY.lock().unwrap_or_else(PoisonError::into_inner).take()
    {
        take_away();
        return true;
    }
    false
}

/// The output of a script or of the prompt: collected, and seen before anything waits.
pub struct Output {
    buffer: Vec<u8>,
    terminal: bool,
    /// Why nothing more is written.
    lost: Option<Lost>,
    /// A reader was given up: from here on none is waited for.
    stalled: bool,
    /// It is a script's: a signal asks for its end once and for all, not for that of one line.
    of_script: bool,
    /// Something was written since it was asked last.
    written: bool,
}

impl Default for Output {
    fn default() -> Self {
        let terminal = io::stdout().is_terminal();
        Output { buffer: Vec::new(), terminal, lost: None, stalled: false, of_script: false, written: false }
    }
}

impl Output {
    /// The output of a script that runs to its end.
    pub fn of_script() -> Output {
        Output { of_script: true, ..Output::default() }
    }

    /// Writes a line. An error is the end of what writes it: the reader has gone, or the end was asked for.
    pub fn line(&mut self, gate: &Gate, text: &str) -> Result<(), Box<Halt>> {
        self.text(gate, text)?;
        self.text(gate, "\n")
    }

    /// Writes a text as it is; what cannot be shown on a terminal is made visible there.
    pub fn text(&mut self, gate: &Gate, text: &str) -> Result<(), Box<Halt>> {
        self.written |= !text.is_empty();
        let shown = hide(text);
        let mut text: &str = &shown;
        while !text.is_empty() {
            let (piece, rest) = text.split_at(piece_end(text));
            if self.terminal {
                self.buffer.extend_from_slice(literal::on_terminal(piece).as_bytes());
            } else {
                self.buffer.extend_from_slice(piece.as_bytes());
            }
            text = rest;
            if self.buffer.len() >= PIECE || (self.terminal && self.buffer.ends_with(b"\n")) {
                self.write(gate)?;
            }
        }
        match self.lost {
            Some(lost) => Err(Box::new(Halt::exit(lost.exit_code()))),
            None => Ok(()),
        }
    }

    /// Writes a line in a style, where there is colour.
    pub fn styled_line(
        &mut self,
        gate: &Gate,
        text: &str,
        style: Style,
        colour: bool,
    ) -> Result<(), Box<Halt>> {
        if !colour {
            return self.line(gate, text);
        }
        self.control(gate, &style.to_string());
        let written = self.text(gate, text);
        self.control(gate, &format!("{style:#}"));
        written.and_then(|()| self.text(gate, "\n"))
    }

    /// Sends a terminal what only a terminal understands.
    pub fn control(&mut self, gate: &Gate, sequence: &str) {
        if self.terminal {
            self.buffer.extend_from_slice(sequence.as_bytes());
            self.flush(gate);
        }
    }

    /// Writes what was collected.
    pub fn flush(&mut self, gate: &Gate) {
        // Who asked for the end hears of it in the next call; what was lost, in the next line.
        let _ = self.write(gate);
    }

    /// Was anything written since this was asked last?
    pub fn has_written(&mut self) -> bool {
        std::mem::take(&mut self.written)
    }

    /// Why nothing more is written.
    pub fn lost(&self) -> Option<Lost> {
        self.lost
    }

    fn write(&mut self, gate: &Gate) -> Result<(), Box<Halt>> {
        let mut bytes = std::mem::take(&mut self.buffer);
        // Several texts may have made it whole.
        if secrets::are_kept()
            && let Ok(text) = std::str::from_utf8(&bytes)
        {
            bytes = hide(text).into_owned().into_bytes();
        }
        if bytes.is_empty() || self.lost.is_some() {
            return Ok(());
        }
        if self.terminal {
            AT_START.store(false, SeqCst);
            clear_the_way();
        }
        let mut rest = bytes.as_slice();
        let mut stop = None;
        let hurried = self.stalled || (self.of_script && asked_to_end().is_some());
        while !rest.is_empty() && stop.is_none() && !hurried {
            match gate.blocking(None, "write", 0, || write_some(io::stdout(), rest)) {
                Ok(n) => rest = &rest[n..],
                Err(Stop::Io(e)) => {
                    self.lost = Some(Lost::of(&e));
                    return Ok(());
                }
                Err(other) => stop = Some(other),
            }
        }
        if self.terminal {
            AT_START.store(bytes.ends_with(b"\n"), SeqCst);
        }
        // A terminal is not flooded any further.
        let gone = self.terminal && stop.is_some();
        if !rest.is_empty() && !gone {
            match write_in_haste(io::stdout(), rest, || true) {
                Ok(whole) => self.stalled = !whole,
                Err(e) => self.lost = Some(Lost::of(&e)),
            }
        }
        match stop {
            Some(Stop::Signal(number)) if gone || self.stalled => Err(Box::new(Halt::Signal {
                number,
                done: Default::default(),
                span: None,
                way: Default::default(),
            })),
            Some(Stop::Cancelled) => Err(Box::new(Halt::Cancelled { span: None, way: Default::default() })),
            _ => Ok(()),
        }
    }
}

/// Where the first piece of a text ends: not within a character, nor between CR and LF.
fn piece_end(text: &str) -> usize {
    if text.len() <= PIECE {
        return text.len();
    }
    let boundary = |at: &usize| text.is_char_boundary(*at) && text.as_bytes()[at - 1] != b'\r';
    (1..=PIECE).rev().find(boundary).unwrap_or(text.len())
}

fn write_some(to: impl AsFd, bytes: &[u8]) -> io::Result<usize> {
    nix::unistd::write(to, bytes).map_err(io::Error::from)
}

/// Writes it all; once `hurried`, only what the reader takes: false where it takes nothing for `PATIENCE`.
fn write_in_haste(to: impl AsFd, mut rest: &[u8], hurried: impl Fn() -> bool) -> io::Result<bool> {
    let mut end = None;
    while !rest.is_empty() {
        if hurried() {
            let left = end
                .get_or_insert_with(|| Instant::now() + PATIENCE)
                .saturating_duration_since(Instant::now());
            let wait = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
            match poll(&mut [PollFd::new(to.as_fd(), PollFlags::POLLOUT)], wait) {
                Ok(0) => return Ok(false),
                Ok(_) => {}
                Err(Errno::EINTR) => continue,
                Err(e) => return Err(e.into()),
            }
        }
        match write_some(&to, &rest[..rest.len().min(AT_ONCE)]) {
            Ok(n) => rest = &rest[n..],
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(true)
}

/// A line on standard error. A reader that has gone changes no exit code.
pub fn complain(text: impl Display) {
    AT_START.store(false, SeqCst);
    clear_the_way();
    let _ = write_in_haste(io::stderr(), hide(&format!("{text}\n")).as_bytes(), main_is_stopped);
    AT_START.store(true, SeqCst);
}

/// A text that is all there is to say, on standard output. A reader that has gone has seen enough:
/// `sockbook help | head`.
pub fn say(text: impl Display) -> Result<()> {
    written(writeln!(io::stdout(), "{}", hide(&text.to_string())))
}

/// The outcome of a write to standard output that was all there is to do.
pub fn written(result: io::Result<()>) -> Result<()> {
    match result.map_err(|e| Lost::of(&e)) {
        Err(lost) if !lost.is_reader() => Err(lost.into()),
        _ => Ok(()),
    }
}

/// Lines of work that goes on whatever becomes of them: files are laid out, checked and tested to the last.
#[derive(Default)]
pub struct Lines {
    lost: Option<Lost>,
}

impl Lines {
    /// Writes a line to standard output; once one is lost, nothing.
    pub fn say(&mut self, text: impl Display) {
        if self.lost.is_none() {
            let text = text.to_string();
            self.lost = writeln!(io::stdout(), "{}", hide(&text)).err().map(|e| Lost::of(&e));
        }
    }

    /// The exit code of the work, or of what was lost of its lines.
    pub fn exit_code(&self, code: i32) -> i32 {
        exit_code(self.lost, code)
    }
}

/// The exit code of work whose lines may have been lost, which is said.
pub fn exit_code(lost: Option<Lost>, code: i32) -> i32 {
    match lost {
        Some(lost) if !lost.is_reader() => {
            complain(format_args!("error: {lost}"));
            code.max(1)
        }
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_line_ends() {
        for (text, want) in [
            ("a".to_string(), 1),
            ("a".repeat(PIECE + 1), PIECE),
            ("é".repeat(PIECE), PIECE),
            (format!("x{}", "é".repeat(PIECE)), PIECE - 1),
            (format!("{}\r\n", "a".repeat(PIECE - 1)), PIECE - 1),
            ("\r".repeat(PIECE + 5), PIECE + 5),
        ] {
            assert_eq!(piece_end(&text), want);
        }
    }
}
