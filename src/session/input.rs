//! Standard input, line by line.

use std::io;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Format, Session};
use crate::net::door::{About, Call, Returned};
use crate::text::literal;
use crate::text::secrets::hide;
use crate::value::outcome::Halt;

/// What was read of standard input and not taken yet; the threads of a script share it.
#[derive(Default)]
pub struct Input(Mutex<State>);

#[derive(Default)]
struct State {
    rest: Vec<u8>,
    /// Nothing more comes.
    over: bool,
}

impl Input {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one read(2) gave.
struct Piece(Vec<u8>);

impl Returned for Piece {
    fn returned(&self) -> i64 {
        self.0.len().returned()
    }

    fn data(&self) -> &[u8] {
        &self.0
    }
}

impl Session {
    /// Standard input is not this script's: it is the script, or that of many tests.
    pub fn without_input(&mut self) {
        self.shared.input.state().over = true;
    }

    /// Shows a text and takes the next line, without its end; nothing where there is none.
    pub fn input_line(&mut self, text: &str) -> Result<Option<Vec<u8>>, Box<Halt>> {
        const ROOM: usize = 4096;
        let shared = self.shared.clone();
        if shared.input.state().over && shared.input.state().rest.is_empty() {
            return Ok(None);
        }
        self.show_now(text)?;
        loop {
            let mut state = shared.input.state();
            if let Some(end) = memchr::memchr(b'\n', &state.rest) {
                let mut line: Vec<u8> = state.rest.drain(..=end).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(Some(line));
            }
            if state.over {
                let rest = std::mem::take(&mut state.rest);
                return Ok((!rest.is_empty()).then_some(rest));
            }
            drop(state);
            let call = Call { name: "read", on: (), about: About::Read(ROOM) };
            let deadline = self.deadline(None, None);
            let Piece(piece) = self.caller.call(call, deadline, |()| {
                let mut room = vec![0; ROOM];
                let got = nix::unistd::read(io::stdin().as_fd(), &mut room)?;
                room.truncate(got);
                Ok(Piece(room))
            })?;
            let mut state = shared.input.state();
            state.over |= piece.is_empty();
            crate::value::extend(&mut state.rest, &piece)?;
        }
    }

    /// Shows a text at once: what was printed before has been seen. Where standard output is lines of JSON, it goes to
    /// standard error.
    fn show_now(&mut self, text: &str) -> Result<(), Box<Halt>> {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let out = if self.settings.format == Format::Json { stderr.as_fd() } else { stdout.as_fd() };
        let shown =
            if nix::unistd::isatty(out).unwrap_or(false) { literal::on_terminal(text) } else { text.into() };
        let shown = hide(&shown);
        let mut rest = shown.as_bytes();
        while !rest.is_empty() {
            let about = About::Write { data: rest.into(), length: rest.len() };
            let call = Call { name: "write", on: (), about };
            let written = self.caller.call(call, None, |()| Ok(nix::unistd::write(out, rest)?))?;
            rest = &rest[written.min(rest.len())..];
        }
        Ok(())
    }
}
