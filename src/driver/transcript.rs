//! A script that runs, as it is seen: what it prints, and with `--echo` each `In` and `Out`.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::driver::output::{Lost, Output, complain};
use crate::engine::{Event, Watch, look::look};
use crate::manual::page;
use crate::net::gate::Gate;
use crate::net::kernel::window_size;
use crate::render::{hexdump, json, outcome::out, table, trace};
use crate::session::{Format, Session};
use crate::text::diagnostic::{Sources, Span};
use crate::text::tree::Answer;
use crate::value::Value;
use crate::value::outcome::{Fact, Halt, Outcome};
use crate::words::Lang;

/// The text a line has to show, whether it is a result or was printed; in the session's language.
pub fn shown(session: &mut Session, outcome: &Outcome) -> Option<String> {
    Shown::of(session, outcome).text(session.settings.lang)
}

/// What a line has to show, with all that is read for it, so that its text in another language calls nothing.
pub struct Shown<'o> {
    outcome: &'o Outcome,
    value: Value,
    local: Option<String>,
    format: Format,
}

impl<'o> Shown<'o> {
    /// Looks at what is to be shown of an outcome, while the session still has it.
    pub fn of(session: &mut Session, outcome: &'o Outcome) -> Self {
        let (value, local) = match &outcome.fact {
            Fact::Printed(_) | Fact::PrintedPart(_) | Fact::Help { .. } => (Value::Nothing, None),
            _ => look(session, outcome),
        };
        Shown { outcome, value, local, format: session.settings.format }
    }

    /// What Out shows, without its label; nothing for an outcome without a result.
    pub fn text(&self, lang: Lang) -> Option<String> {
        match &self.outcome.fact {
            Fact::Printed(text) | Fact::PrintedPart(text) => Some(text.clone()),
            Fact::Help { topic, sockets } => Some(page::help(topic.as_deref(), sockets, lang, page::WIDTH)),
            _ => out(self.outcome, &self.value, self.local.as_deref(), self.format, lang),
        }
    }
}

/// A text to be shown in a window of so many columns: tables and pages of the help are made to fit.
pub fn fitted<'t>(outcome: &Outcome, text: Cow<'t, str>, width: Option<usize>, lang: Lang) -> Cow<'t, str> {
    let Some(width) = width else { return text };
    match &outcome.fact {
        Fact::Sockets(facts) => Cow::Owned(table::sockets_within(facts, lang, width)),
        Fact::Table(table) => Cow::Owned(table::within(table, lang, width)),
        Fact::Drawing(drawing) => Cow::Owned(drawing.draw(width, lang)),
        Fact::Help { topic, sockets } => {
            Cow::Owned(table::wrapped(&page::help(topic.as_deref(), sockets, lang, width), width))
        }
        _ => text,
    }
}

/// What there is to show and is no result, in pieces: a long one is heard to be stopped between two.
pub fn pieces<'o>(
    session: &mut Session,
    outcome: &'o Outcome,
) -> Box<dyn Iterator<Item = Cow<'o, str>> + 'o> {
    match (&outcome.fact, &outcome.value) {
        (Fact::Printed(text) | Fact::PrintedPart(text), _) => {
            Box::new(std::iter::once(Cow::Borrowed(text.as_str())))
        }
        (Fact::Hexdump(parts), Value::Bytes(bytes)) => {
            Box::new(hexdump::pieces(bytes, parts, session.settings.lang).map(Cow::Owned))
        }
        _ => Box::new(shown(session, outcome).into_iter().map(Cow::Owned)),
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
    /// The columns of the terminal.
    width: Option<usize>,
    /// Something was printed that has not been seen.
    waiting: AtomicBool,
}

/// The columns of the terminal that standard output is.
fn width() -> Option<usize> {
    let stdout = std::io::stdout();
    window_size(&stdout).map(|(_, columns)| columns.into())
}

impl Transcript {
    /// A watcher of a script of these sources; with `json` each command is an object.
    pub fn new(sources: Arc<Sources>, json: bool) -> Self {
        Transcript {
            sources,
            output: Mutex::new(Output::of_script()),
            json,
            number: AtomicU32::new(0),
            width: width(),
            waiting: AtomicBool::new(false),
        }
    }

    fn line(&self, session: &Session, text: &str) -> Result<(), Box<Halt>> {
        self.waiting.store(true, Relaxed);
        self.output().line(&session.caller.gate, text)
    }

    /// Is each command an object?
    fn is_json(&self, session: &Session) -> bool {
        self.json || session.settings.format == Format::Json
    }

    /// The object of a command, with the calls that it made while there is a trace.
    fn object(&self, session: &mut Session, event: &Event<'_>) -> serde_json::Value {
        let looked = event.result.ok().map(|outcome| look(session, outcome).0);
        let mut object = json::event(event, looked.as_ref(), &self.sources);
        // Taken last: the looks that the object needed are among them.
        if session.settings.trace {
            trace::add_calls(&mut object, &session.take_calls());
        }
        object
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What kept the output from being written, if it was no reader that has gone.
    pub fn failure(&self) -> Option<Lost> {
        self.output().lost().filter(|lost| !lost.is_reader())
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
        self.is_json(session) || settings.echo || settings.trace
    }

    fn begin(&self, session: &mut Session, span: Span) -> u32 {
        let number = self.number.fetch_add(1, Relaxed) + 1;
        // A thread's line is shown together with its result: others come between.
        if session.settings.echo && !self.json && session.thread.is_none() {
            let _ = self.line(session, &self.in_text(session, number, span));
        }
        number
    }

    fn wants_inner(&self, session: &Session) -> bool {
        self.is_json(session)
    }

    fn inner(&self, session: &mut Session, event: &Event<'_>) -> Result<(), Box<Halt>> {
        let mut object = self.object(session, event);
        if let Some(fields) = object.as_object_mut() {
            fields.insert("inner".into(), true.into());
        }
        self.line(session, &json::line(&object))
    }

    fn done(&self, session: &mut Session, event: &Event<'_>) -> Result<(), Box<Halt>> {
        let mut told = Ok(());
        if self.is_json(session) {
            let object = self.object(session, event);
            told = self.line(session, &json::line(&object));
        } else {
            let echo = session.settings.echo;
            let mut text = String::new();
            if echo && session.thread.is_some() {
                text = self.in_text(session, event.number, event.span);
            }
            let prints = |outcome: &Outcome| !outcome.has_result() && !matches!(outcome.fact, Fact::Nothing);
            // Read before the trace is shown, in which these looks stand too.
            let out = match event.result {
                Ok(outcome) if echo && !prints(outcome) => shown(session, outcome),
                _ => None,
            };
            if session.settings.trace {
                if !text.is_empty() {
                    self.line(session, &std::mem::take(&mut text))?;
                }
                self.flush(&session.caller.gate);
                show_trace(session);
            }
            if let Ok(outcome) = event.result {
                let prints = prints(outcome);
                if prints {
                    let mut output = self.output();
                    self.waiting.store(true, Relaxed);
                    let gate = session.caller.gate.clone();
                    if !text.is_empty() {
                        output.line(&gate, &std::mem::take(&mut text))?;
                    }
                    for piece in pieces(session, outcome) {
                        let piece = fitted(outcome, piece, self.width, session.settings.lang);
                        output.text(&gate, &piece)?;
                    }
                    told = output.text(&gate, if outcome.ends_line() { "\n" } else { "" });
                } else if let Some(out) = out {
                    text.push_str(if text.is_empty() { "" } else { "\n" });
                    text.push_str(&out_text(event.number, outcome, &out));
                    told = self.line(session, &text);
                    text.clear();
                }
            }
            if !text.is_empty() {
                told = self.line(session, &text);
            }
        }
        if session.settings.trace {
            self.flush(&session.caller.gate);
            show_trace(session);
        }
        told
    }

    fn over(&self, session: &mut Session) {
        if !session.settings.trace {
            return;
        }
        if self.is_json(session) {
            let traced = session.take_calls();
            if !traced.calls.is_empty() {
                let mut object = serde_json::json!({ "command": null });
                trace::add_calls(&mut object, &traced);
                let _ = self.line(session, &json::line(&object));
            }
        } else {
            self.flush(&session.caller.gate);
            show_trace(session);
        }
    }

    fn flush(&self, gate: &Gate) {
        // Looked at first: a line that printed nothing pays for no more.
        if self.waiting.load(Relaxed) && self.waiting.swap(false, Relaxed) {
            self.output().flush(gate);
        }
    }
}
