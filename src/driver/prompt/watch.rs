//! What is shown of the lines that run.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::log;
use super::pager::{Pager, Window};
use super::terminal::Announcer;
use crate::driver::output::Output;
use crate::driver::transcript::{fitted, out_text, pieces, show_trace, shown};
use crate::engine::{Event, Watch};
use crate::net::gate::Gate;
use crate::render::table;
use crate::session::Session;
use crate::text::diagnostic::Span;
use crate::text::literal;
use crate::text::tree::Answer;
use crate::value::outcome::{Fact, Halt};

/// Results that one statement shows: a loop of a million rounds is not followed line by line.
pub const SHOWN: u32 = 10;

/// Of a result that is given a name so many rows are shown.
const NAMED_ROWS: usize = 4;

/// The watcher of a statement: what it prints, and its results. A background call may go on to use
/// it while other lines are typed.
pub struct Shown {
    pub number: u32,
    /// The text that was typed; the lines of a `def` above it or of a file show only what they print.
    pub typed: Span,
    pub left: AtomicU32,
    /// Was there anything for `$_`?
    pub result: AtomicBool,
    pub output: Arc<Mutex<Output>>,
    /// What the typed lines showed, for `save`.
    pub kept: log::Shown,
    pub announcer: Option<Announcer>,
    /// The window that tables are made to fit into.
    pub window: Option<Window>,
    /// What is longer than the window goes through a pager: one line was typed, and the terminal can do it.
    pub paged: bool,
}

impl Shown {
    /// Shows pieces of a text as lines; the last has no line end of its own.
    fn say<'t>(
        &self,
        session: &Session,
        pieces: impl IntoIterator<Item = Cow<'t, str>>,
    ) -> Result<(), Box<Halt>> {
        let gate = &session.caller.gate;
        match (&self.announcer, &session.thread) {
            // The user may be typing.
            (Some(announcer), Some(_)) => {
                let text: String = pieces.into_iter().map(|p| literal::on_terminal(&p)).collect();
                let _ = announcer.send(format!("{text}\n"));
                Ok(())
            }
            _ => show(gate, &self.output, self.window.filter(|_| self.paged), pieces),
        }
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, text: &str) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).add(text);
    }
}

/// So much of a long text is made visible at a time.
const PIECE: usize = 64 << 10;

/// Writes pieces of a text and a line end; what is longer than the window, where one is given, through a pager.
pub fn show<'t>(
    gate: &Gate,
    output: &Mutex<Output>,
    window: Option<Window>,
    pieces: impl IntoIterator<Item = Cow<'t, str>>,
) -> Result<(), Box<Halt>> {
    let mut pieces = pieces.into_iter();
    let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(window) = window else {
        pieces.try_for_each(|piece| output.text(gate, &piece))?;
        return output.text(gate, "\n");
    };
    let mut held: Vec<Cow<'t, str>> = Vec::new();
    let mut long = false;
    let mut text = String::new();
    while !long && let Some(piece) = pieces.next() {
        text.push_str(&piece[..piece.floor_char_boundary(PIECE)]);
        long = piece.len() > PIECE || window.is_less_than(&text);
        held.push(piece);
    }
    output.flush(gate);
    let pager = if long { Pager::start() } else { None };
    let mut all = held.into_iter().chain(pieces);
    let Some(mut pager) = pager else {
        all.try_for_each(|piece| output.text(gate, &piece))?;
        return output.text(gate, "\n");
    };
    'text: for piece in all {
        let mut rest = &*piece;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.floor_char_boundary(PIECE));
            if !pager.show(gate, &literal::on_terminal(now))? {
                break 'text;
            }
            rest = later;
        }
    }
    pager.show(gate, "\n")?;
    pager.end(gate)
}

impl Watch for Shown {
    fn wants(&self, session: &Session, _: Option<&Answer>) -> bool {
        self.left.load(Relaxed) > 0 || session.settings.trace
    }

    fn begin(&self, _: &mut Session, _: Span) -> u32 {
        self.number
    }

    fn done(&self, session: &mut Session, event: &Event<'_>) -> Result<(), Box<Halt>> {
        if let Ok(outcome) = event.result {
            let own = self.typed.start <= event.span.start && event.span.end <= self.typed.end;
            let result = outcome.has_result();
            if result && session.thread.is_none() {
                self.result.store(true, Relaxed);
            }
            let counted = |left: u32| (own && left > 0).then(|| left - 1);
            let left = match result {
                true => self.left.fetch_update(Relaxed, Relaxed, counted).ok(),
                false => (!matches!(outcome.fact, Fact::Nothing)).then_some(0),
            };
            let text = if left.is_some() && result { shown(session, outcome) } else { None };
            // Each line's calls stand between it and its Out.
            if session.settings.trace {
                self.output().flush(&session.caller.gate);
                show_trace(session);
            }
            if left.is_some() && !result {
                let keep = |piece: &Cow<'_, str>| {
                    if own {
                        self.keep(piece);
                    }
                };
                let (width, lang) = (self.window.map(|window| window.columns), session.settings.lang);
                // What is kept is as wide as a file has it.
                let pieces = pieces(session, outcome).inspect(keep);
                self.say(session, pieces.map(|piece| fitted(outcome, piece, width, lang)))?;
            } else if left.is_some()
                && let Some(text) = text
            {
                if own {
                    self.keep(&text);
                }
                let text = out_text(self.number, outcome, &text);
                // What has a name can be looked at later: of a long one the beginning is enough.
                let text = match self.window.filter(|_| event.named) {
                    Some(window) => table::beginning(&text, NAMED_ROWS, window.columns),
                    None => text,
                };
                self.say(session, [Cow::Owned(text)])?;
            }
            if left == Some(1) {
                let more = phrase!(en "… and more, which are not shown", es "… y más, que no se muestran");
                self.say(session, [Cow::Borrowed(more.show(session.settings.lang))])?;
            }
        }
        if session.settings.trace {
            self.output().flush(&session.caller.gate);
            show_trace(session);
        }
        Ok(())
    }

    fn flush(&self, gate: &Gate) {
        self.output().flush(gate);
    }
}

/// The watcher of what is only timed.
pub struct Quiet;

impl Watch for Quiet {
    fn wants(&self, _: &Session, _: Option<&Answer>) -> bool {
        false
    }

    fn done(&self, _: &mut Session, _: &Event<'_>) -> Result<(), Box<Halt>> {
        Ok(())
    }

    fn flush(&self, _: &Gate) {}
}
