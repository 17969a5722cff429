//! A script that runs, as it is seen: what it prints, and with `--echo` each `In` and `Out`.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{Event, Watch, look::look};
use crate::manual::page;
use crate::net::gate::asked_to_end;
use crate::render::{json, outcome::out, trace};
use crate::session::{Format, Session};
use crate::text::diagnostic::{Sources, Span};
use crate::text::literal;
use crate::text::tree::Answer;
use crate::value::outcome::{Fact, Halt, Outcome};

/// Standard output: collected, and seen before anybody waits.
pub struct Output {
    buffer: Vec<u8>,
    terminal: bool,
    /// Why nothing more is written: EPIPE where the reader has gone.
    broken: Option<i32>,
}

impl Default for Output {
    fn default() -> Self {
        Output { buffer: Vec::new(), terminal: io::stdout().is_terminal(), broken: None }
    }
}

impl Output {
    /// Bytes from a peer may be in the text: a terminal is shown control characters, never sent them.
    pub fn line(&mut self, text: &str) {
        if self.terminal {
            self.buffer.extend_from_slice(literal::visible(text).as_bytes());
        } else {
            self.buffer.extend_from_slice(text.as_bytes());
        }
        self.buffer.push(b'\n');
        const FULL: usize = 64 << 10;
        if self.terminal || self.buffer.len() >= FULL {
            self.flush();
        }
    }

    /// Writes what has been collected; after an error nothing is written any more.
    pub fn flush(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        if self.broken.is_none()
            && let Err(e) = write_out(&self.buffer)
        {
            self.broken = Some(e.raw_os_error().unwrap_or(libc::EIO));
        }
        self.buffer.clear();
    }

    /// The end of a script whose output has no reader any more: the exit code of a process that SIGPIPE ends.
    fn check(&self) -> Result<(), Box<Halt>> {
        if self.broken.is_some() { Err(Box::new(Halt::Exit(128 + libc::SIGPIPE))) } else { Ok(()) }
    }
}

/// Writes to standard output. A signal that asks the program to end also ends a write that blocks.
fn write_out(mut rest: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let before = asked_to_end();
    while !rest.is_empty() {
        match stdout.write(rest) {
            Ok(n) => rest = &rest[n..],
            Err(e) if e.kind() == io::ErrorKind::Interrupted && asked_to_end() == before => {}
            Err(e) => return Err(e),
        }
    }
    stdout.flush()
}

impl Drop for Output {
    fn drop(&mut self) {
        self.flush();
    }
}

/// A line on standard error. A reader that has gone is ignored: it changes no exit code.
pub fn complain(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// The text a line has to show, whether it is a result or was printed.
pub fn shown(session: &mut Session, outcome: &Outcome) -> Option<String> {
    match &outcome.fact {
        Fact::Printed(text) => Some((**text).clone()),
        Fact::Help(topic) => Some(page::help(topic.as_ref().map(|t| t.as_str()), session.settings.lang)),
        _ => {
            let (value, local) = look(session, outcome);
            out(outcome, &value, local.as_deref(), session.settings.format, session.settings.lang)
        }
    }
}

/// `Out[3]: …`, or the bare text of what is no result.
pub fn out_text(number: u32, outcome: &Outcome, text: &str) -> String {
    if !outcome.has_result() {
        return text.to_string();
    }
    let gap = if text.contains('\n') { "\n" } else { " " };
    format!("Out[{number}]:{gap}{text}")
}

/// Shows the calls that were made since they were shown last.
pub fn show_trace(session: &mut Session) {
    let lang = session.settings.lang;
    let traced = session.take_calls();
    for call in &traced.calls {
        complain(trace::line(call, lang));
    }
    if traced.more > 0 {
        let more = say!(
            en "… and more calls, which are not shown: {n}",
            es "… y más llamadas, que no se muestran: {n}",
            n = traced.more
        );
        complain(format_args!("    {}", more.show(lang)));
    }
}

/// The watcher of `sockbook run`.
pub struct Transcript {
    sources: Arc<Sources>,
    output: Mutex<Output>,
    json: bool,
    number: AtomicU32,
    /// Something was printed that has not been seen.
    waiting: AtomicBool,
}

impl Transcript {
    /// A watcher of a script of these sources; with `json` each command is an object.
    pub fn new(sources: Arc<Sources>, json: bool) -> Self {
        Transcript {
            sources,
            output: Mutex::default(),
            json,
            number: AtomicU32::new(0),
            waiting: AtomicBool::new(false),
        }
    }

    fn line(&self, text: &str) -> Result<(), Box<Halt>> {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.line(text);
        self.waiting.store(true, Relaxed);
        output.check()
    }

    /// What kept the output from being written, if it was no reader that has gone.
    pub fn failure(&self) -> Option<i32> {
        let output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.broken.filter(|&errno| errno != libc::EPIPE && errno != libc::EINTR)
    }

    /// `In [3]: sock.recv`, in a thread with its name.
    fn in_text(&self, session: &Session, number: u32, span: Span) -> String {
        let thread = session.thread.as_ref().map_or(String::new(), |t| format!(" {t}"));
        format!("In [{number}]{thread}: {}", self.sources.text(span))
    }

    /// How many lines have been numbered.
    pub fn numbered(&self) -> u32 {
        self.number.load(Relaxed)
    }
}

impl Watch for Transcript {
    fn wants(&self, session: &Session, _: Option<&Answer>) -> bool {
        let settings = &session.settings;
        self.json || settings.echo || settings.trace || settings.format == Format::Json
    }

    fn begin(&self, session: &mut Session, span: Span) -> u32 {
        let number = self.number.fetch_add(1, Relaxed) + 1;
        // A thread's line is shown together with its result: others come between.
        if session.settings.echo && !self.json && session.thread.is_none() {
            let _ = self.line(&self.in_text(session, number, span));
        }
        number
    }

    fn done(&self, session: &mut Session, event: &Event<'_>) -> Result<(), Box<Halt>> {
        let mut told = Ok(());
        if self.json || session.settings.format == Format::Json {
            let looked = event.result.ok().map(|outcome| look(session, outcome).0);
            let mut object = json::event(event, looked.as_ref(), &self.sources);
            // Taken last: the looks that the object needed are among them.
            if session.settings.trace {
                trace::add_calls(&mut object, &session.take_calls());
            }
            told = self.line(&object.to_string());
        } else {
            let echo = session.settings.echo;
            let mut text = String::new();
            if echo && session.thread.is_some() {
                text = self.in_text(session, event.number, event.span);
            }
            if let Ok(outcome) = event.result {
                let prints = !outcome.has_result() && !matches!(outcome.fact, Fact::Nothing);
                if (echo || prints)
                    && let Some(out) = shown(session, outcome)
                {
                    text.push_str(if text.is_empty() { "" } else { "\n" });
                    text.push_str(&out_text(event.number, outcome, &out));
                    told = self.line(&text);
                    text.clear();
                }
            }
            if !text.is_empty() {
                told = self.line(&text);
            }
        }
        if session.settings.trace {
            self.flush();
            show_trace(session);
        }
        told
    }

    fn over(&self, session: &mut Session) {
        if !session.settings.trace {
            return;
        }
        if self.json || session.settings.format == Format::Json {
            let traced = session.take_calls();
            if !traced.calls.is_empty() {
                let mut object = serde_json::json!({ "command": null });
                trace::add_calls(&mut object, &traced);
                let _ = self.line(&object.to_string());
            }
        } else {
            self.flush();
            show_trace(session);
        }
    }

    fn flush(&self) {
        // Looked at first: a line that printed nothing pays for no more.
        if self.waiting.load(Relaxed) && self.waiting.swap(false, Relaxed) {
            self.output.lock().unwrap_or_else(PoisonError::into_inner).flush();
        }
    }
}
