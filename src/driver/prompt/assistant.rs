//! What the editor asks while a line is typed: how it is drawn, what stands behind and below it, is it whole.
//!
//! Everything below the line is the editor's hint, of several rows: the menu, or what is wrong, or what is open; and
//! last the line of the sockets' states. The editor repaints a hint without asking for it anew when something is
//! printed above it: so the states are put in when it is drawn, where a mark stands for them.
//!
//! There is always a hint, if only one that draws nothing: with it the editor repaints all of the line at each key,
//! and moves the cursor without repainting.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use rustyline::Changeset;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::line_buffer::LineBuffer;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};
use unicode_width::UnicodeWidthStr;

use super::cell::Open;
use super::desk::{Desk, State};
use super::menu::Of;
use super::paint::{Names, coloured};
use super::status::fitting;
use super::{cell, keys, words};
use crate::command;
use crate::command::row::Kind;
use crate::driver::terminal::{ERASE_BELOW, NOTHING, in_column};
use crate::net::gate::{self, Gate, Stop};
use crate::render::colour::{self, paint};
use crate::render::table::cut;
use crate::words::Lang;

/// Stands in a hint for the line of states.
const STATES: char = '\u{1}';

/// What the editor asks while a line is typed.
pub struct Assistant {
    desk: Arc<Desk>,
    gate: Arc<Gate>,
    /// Our handler stands before the editor's, for this line.
    chained: Cell<bool>,
    /// A signal came within the line.
    broken: Cell<bool>,
    /// The line is drawn for the last time, as it is left behind.
    last: Cell<bool>,
}

impl Assistant {
    pub fn new(desk: Arc<Desk>, gate: Arc<Gate>) -> Assistant {
        Assistant { desk, gate, chained: Cell::new(false), broken: Cell::new(false), last: Cell::new(false) }
    }

    /// A new line begins.
    pub fn begin(&self) {
        self.chained.set(false);
        self.broken.set(false);
        self.last.set(false);
    }

    /// A signal came within the line.
    pub fn is_broken(&self) -> bool {
        self.broken.get()
    }

    /// The editor puts its handlers in for each line; at its first question ours goes before them.
    fn chain(&self) {
        if self.chained.replace(true) {
            return;
        }
        // What came since the last line is about nothing; what comes from here on the editor hears. A question belongs
        // to the line that runs: a Ctrl-C that came before it was asked is its answer.
        let is_question = !self.desk.state().whole;
        if !is_question {
            self.gate.reset();
        }
        gate::chain_signals();
        if is_question && let Some(Stop::Signal(_)) = self.gate.stopped() {
            let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGINT);
        }
        if let Some(signal) = gate::ending_signal()
            && let Ok(signal) = nix::sys::signal::Signal::try_from(signal)
        {
            let _ = nix::sys::signal::raise(signal);
        }
    }
}

impl Helper for Assistant {}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        // The editor may have read on before it has heard of a Ctrl-C: what was typed before and after it
        // is no line. The editor takes it for one, so as to keep what it has read beyond.
        if let Some(Stop::Signal(_)) = self.gate.stopped() {
            self.broken.set(true);
            return Ok(ValidationResult::Valid(None));
        }
        let open = self.desk.state().whole && cell::is_open(context.input());
        Ok(if open { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Completer for Assistant {
    type Candidate = Pair;

    /// What a key has chosen to be put in.
    fn complete(&self, _: &str, _: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        Ok(match &self.desk.state().insertion {
            Some((range, text)) => {
                (range.start, vec![Pair { display: String::new(), replacement: text.clone() }])
            }
            None => (0, Vec::new()),
        })
    }

    fn update(&self, line: &mut LineBuffer, start: usize, elected: &str, changes: &mut Changeset) {
        let end = match self.desk.state().insertion.take() {
            Some((Range { end, .. }, _)) if end <= line.len() => end,
            _ => line.pos(),
        };
        line.replace(start..end, elected, changes);
    }
}

/// What stands behind and below the line.
pub struct Below {
    shown: String,
    /// What the cursor's way to the right takes over.
    taken: Option<String>,
}

impl Hint for Below {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        self.taken.as_deref()
    }
}

impl Hinter for Assistant {
    type Hint = Below;

    fn hint(&self, text: &str, cursor: usize, _: &Context<'_>) -> Option<Below> {
        self.chain();
        Some(self.desk.state().below(text, cursor))
    }
}

impl State {
    fn below(&mut self, text: &str, cursor: usize) -> Below {
        self.measure();
        let (lang, colour) = (self.lang, self.colour);
        if !self.whole {
            self.place.text = text.to_string();
            return Below { shown: NOTHING.into(), taken: None };
        }
        if self.refused.as_deref().is_some_and(|refused| refused != text) {
            self.refused = None;
        }
        keys::follow(self, text, cursor);
        let width = self.columns().saturating_sub(1);
        let mut taken = None;
        let mut ghost = String::new();
        let mut usage = None;
        if cursor == text.len() && self.menu.is_none() {
            // In black and white it would look like what was typed.
            if colour {
                let State { past, known, .. } = &mut *self;
                taken = past.continuation(text, |line| known.has_sockets_of(line));
            }
            if taken.is_none() {
                usage = usage_left(text);
            }
            if let Some(text) = taken.as_ref().or(usage.as_ref()).filter(|_| colour) {
                ghost = text.clone();
            }
        }
        let (line_rows, column) = self.extent(text);
        ghost = fitting(&ghost, width.saturating_sub(column)).to_string();
        let mut rows = self.rows_below(text, cursor, width);
        if rows.is_empty()
            && !colour
            && let Some(usage) = usage
        {
            rows.push(cut(&format!("  {usage}"), width));
        }
        let states = self.status && self.has_room() && !self.seen.is_empty();
        // What does not fit into the window would be drawn again and again into what scrolls away.
        let room = self.rows().saturating_sub(line_rows + 1 + usize::from(states));
        rows.truncate(room);
        let mut shown = paint(&ghost, colour::FAINT, colour && !ghost.is_empty());
        for row in &rows {
            shown.push('\n');
            shown.push_str(row);
        }
        if states && line_rows + 2 <= self.rows() {
            shown.push_str("\n ");
            shown.push(STATES);
        }
        let first = text.split('\n').next().unwrap_or("");
        let (wraps, end) = self.extent(first);
        let is_one = first.len() == text.len();
        self.place.first_row =
            if wraps > 0 { self.columns() } else { end + if is_one { ghost.width() } else { 0 } };
        self.place.below = shown.matches('\n').count();
        self.place.text = text.to_string();
        let _ = lang;
        if shown.is_empty() {
            shown.push_str(NOTHING);
        }
        Below { shown, taken }
    }

    /// The menu; or what is wrong; or what is open.
    fn rows_below(&mut self, text: &str, cursor: usize, width: usize) -> Vec<String> {
        let (lang, colour) = (self.lang, self.colour);
        if let Some(menu) = &self.menu {
            let query = if menu.of == Of::Past { text } else { "" };
            return menu.rows(self.rows().saturating_sub(3), width, query, colour);
        }
        if self.columns() < 20 {
            return Vec::new();
        }
        if let Some(fault) = self.faults(text, cursor).first() {
            let lines = fault.lines(lang);
            let styles = [colour::BAD, colour::FAINT];
            let row = |(line, style): (&String, _)| {
                let line = format!("  {line}");
                paint(cut(&line, width), style, colour)
            };
            return lines.iter().zip(styles).map(row).collect();
        }
        let open = if text.contains('\n') || text.ends_with('\\') { cell::open(text) } else { None };
        let open = open.map(|open| format!("  {}", open_words(&open, lang)));
        open.map(|row| paint(cut(&row, width), colour::FAINT, colour)).into_iter().collect()
    }
}

/// What closes what is open.
fn open_words(open: &Open, lang: Lang) -> String {
    match open {
        Open::Quote => phrase!(en "the quote is open", es "la comilla sigue abierta").show(lang).to_string(),
        Open::Document(name) => say!(
            en "`{name}` on a line of its own ends the text",
            es "`{name}` en una línea propia termina el texto",
            name
        )
        .show(lang),
        Open::Block(name) => say!(en "`end` closes `{name}`", es "`end` cierra el `{name}`", name).show(lang),
        Open::Line => phrase!(en "the line goes on", es "la línea continúa").show(lang).to_string(),
    }
}

/// What the command of the line still takes, once a blank stands after its last word.
fn usage_left(text: &str) -> Option<String> {
    let last = &text[text.rfind('\n').map_or(0, |n| n + 1)..];
    if !last.ends_with(' ') {
        return None;
    }
    let mut typed = last.split_whitespace();
    let mut name = typed.next()?.trim_start_matches('%');
    if last.contains(['"', '\'', '#']) {
        return None;
    }
    let mut rest: Vec<&str> = typed.collect();
    // The command stands after `NAMES =`.
    if let Some(at) = rest.iter().take(3).position(|word| *word == "=") {
        name = rest.get(at + 1)?;
        rest.drain(..at + 2);
    }
    if let Some(own) = words::WORDS.iter().find(|w| w.name == name) {
        return if rest.is_empty() { own.usage.split_once(' ').map(|(_, words)| words.into()) } else { None };
    }
    let row = command::find(name.rsplit_once('.').map_or(name, |(_, n)| n))?;
    let mut plain = 0;
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match row.options().find(|o| o.name == *word) {
            Some(option) if option.value.is_some() && rest.next().is_none() => {
                return option.value.map(str::to_string);
            }
            Some(_) => {}
            None => plain += 1,
        }
    }
    // Behind a value that begins a condition.
    let begins = last.split_whitespace().last().is_some_and(|word| word.starts_with('$'));
    if plain == 1 && begins && row.params.iter().any(|param| matches!(param.kind, Kind::Condition)) {
        return Some("== VALUE, < VALUE, contains TEXT, …".into());
    }
    let usage = row.syntax().words();
    let left: Vec<&str> = usage.split_whitespace().skip(plain).collect();
    let mut left = left.join(" ");
    // The bracket of what was begun stands before.
    while left.ends_with(']') && left.matches(']').count() > left.matches('[').count() {
        left.pop();
    }
    (!left.is_empty()).then_some(left)
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, text: &'l str, cursor: usize) -> Cow<'l, str> {
        // What was pasted may hold what a terminal obeys: it is not drawn, and has no width to the editor.
        let harmful = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        if text.contains(harmful) {
            return Cow::Owned(text.replace(harmful, ""));
        }
        let mut state = self.desk.state();
        if !state.colour || !state.whole {
            return Cow::Borrowed(text);
        }
        let wrong: Vec<Range<usize>> = state.faults(text, cursor).iter().map(|f| f.at.clone()).collect();
        let names = Names { sockets: &state.known.sockets, commands: &state.known.commands };
        Cow::Owned(coloured(text, &names, &wrong))
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, own: bool) -> Cow<'b, str> {
        let state = self.desk.state();
        let here = state
            .seen
            .here()
            .filter(|_| own && state.whole && state.status && state.has_room() && !self.last.get());
        let columns = state.columns();
        let right = here
            .filter(|here| state.place.first_row + here.width() + 3 < columns)
            .map(|here| in_column(columns - here.width(), &paint(&here, colour::FAINT, state.colour)));
        // What a window that was made smaller has left below is in the way.
        Cow::Owned(format!("{ERASE_BELOW}{}{prompt}", right.unwrap_or_default()))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        let Some(at) = hint.find(STATES) else { return Cow::Borrowed(hint) };
        let state = self.desk.state();
        let bar = state.seen.bar(state.columns().saturating_sub(3), state.lang, state.colour);
        Cow::Owned(format!("{}{bar}", &hint[..at]))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.last.set(kind == CmdKind::ForcedRefresh);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_still_takes() {
        let left = |text: &str| usage_left(text).unwrap_or_default();
        assert_eq!(left("expect "), "CONDITION|TEXT [else TEXT]");
        assert_eq!(left("expect hola "), "[else TEXT]");
        assert_eq!(left("set status "), "[VALUE]");
        assert_eq!(left("expect $_ "), "== VALUE, < VALUE, contains TEXT, …");
    }
}
