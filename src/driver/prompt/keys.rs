//! The keys that do more than the editor's own: the menu, earlier lines, blocks, a line that is refused.

use std::ops::Range;
use std::sync::Arc;

use nix::sys::resource::{UsageWho, getrusage};
use rustyline::{
    Cmd, ConditionalEventHandler, Event, EventContext, InputMode, KeyCode, KeyEvent, Modifiers, RepeatCount,
};

use super::cell::{self, Open};
use super::desk::{Desk, State, StepKey};
use super::menu::{Item, Menu, Of};
use super::{paths, places, python};
use crate::manual::complete::{Candidate, Completion, complete};

/// Of the earlier lines in which a text occurs, so many are looked at.
const MOST_FOUND: usize = 200;

/// The one handler of all keys.
pub struct Keys(pub Arc<Desk>);

impl ConditionalEventHandler for Keys {
    fn handle(&self, event: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let key = *event.get(0)?;
        let mut state = self.0.state();
        state.keys.count();
        if !state.whole {
            return None;
        }
        let commands = context.input_mode() == InputMode::Command;
        let line = Line { text: context.line(), cursor: context.pos(), hint: context.hint_text() };
        state.key(key, &line, commands)
    }
}

/// The line as the key finds it.
struct Line<'l> {
    text: &'l str,
    cursor: usize,
    hint: Option<&'l str>,
}

impl Line<'_> {
    fn at_end(&self) -> bool {
        self.cursor == self.text.len()
    }

    /// Where the cursor's own line begins.
    fn begin(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |n| n + 1)
    }

    fn all(&self) -> Range<usize> {
        0..self.text.len()
    }
}

impl super::desk::Keys {
    /// A key that was not waited for was there already: it was typed ahead, or pasted by a terminal that does not say
    /// so. The thread gives the processor away only to wait.
    fn count(&mut self) {
        self.all += 1;
        if let Ok(usage) = getrusage(UsageWho::RUSAGE_THREAD) {
            let waits = usage.voluntary_context_switches();
            self.awaited += u32::from(waits != self.waits);
            self.waits = waits;
        }
    }

    /// Does a human type this line, key by key?
    fn by_hand(&self) -> bool {
        self.awaited * 2 >= self.all
    }
}

impl State {
    fn key(&mut self, KeyEvent(code, modifiers): KeyEvent, line: &Line<'_>, commands: bool) -> Option<Cmd> {
        use KeyCode::{BackTab, Char, Down, End, Enter, Esc, Right, Tab, Up};
        let (plain, alt) = (modifiers == Modifiers::NONE, modifiers == Modifiers::ALT);
        let ctrl = modifiers == Modifiers::CTRL;
        if self.steps
            && let Some(step) = step_key(code, plain, alt)
        {
            self.step = Some(step);
            return Some(Cmd::Interrupt);
        }
        if commands {
            return match code {
                Char('k' | '-') if plain => self.back(line),
                Char('j' | '+') if plain => self.forward(line),
                Up => self.back(line),
                Down => self.forward(line),
                Enter => self.enter(line),
                Char('J' | 'M') if ctrl => self.enter(line),
                _ => None,
            };
        }
        match code {
            Tab if plain => Some(self.tab(line, true)),
            Char('I') if ctrl => Some(self.tab(line, true)),
            BackTab => Some(self.tab(line, false)),
            Char('R') if ctrl => Some(self.search(line)),
            Char('S') if ctrl && self.menu.is_some() => Some(self.step(false)),
            Down if plain && self.menu.is_some() => Some(self.step(true)),
            Up if plain && self.menu.is_some() => Some(self.step(false)),
            Char('N') if ctrl && self.menu.is_some() => Some(self.step(true)),
            Char('P') if ctrl && self.menu.is_some() => Some(self.step(false)),
            Esc if self.menu.is_some() => self.close(),
            Char('G') if ctrl && self.menu.is_some() => self.close(),
            Up if plain => self.back(line),
            Down if plain => self.forward(line),
            Char('P') if ctrl => self.back(line),
            Char('N') if ctrl => self.forward(line),
            Enter if plain => self.enter(line),
            Char('J' | 'M') if ctrl => self.enter(line),
            Enter if alt => Some(self.newline(line)),
            Char('J' | 'M') if modifiers == Modifiers::CTRL_ALT => Some(self.newline(line)),
            Right | End if plain && line.at_end() => Some(self.take_hint(line)),
            Char('F' | 'E') if ctrl && line.at_end() => Some(self.take_hint(line)),
            Right if (alt || ctrl) && line.at_end() => Some(take_word(line)),
            Char('F' | 'f') if alt && line.at_end() => Some(take_word(line)),
            Char('.' | '_') if alt => self.last_word(line),
            Char(c) if plain && line.at_end() && self.keys.by_hand() => self.outdent(line, c),
            _ => None,
        }
    }

    /// Puts a text in place of a piece of the line.
    fn put(&mut self, range: Range<usize>, text: String) -> Cmd {
        self.insertion = Some((range, text));
        Cmd::Complete
    }

    /// Tab: what all candidates begin with, and the menu of them; then from one to the next.
    fn tab(&mut self, line: &Line<'_>, forward: bool) -> Cmd {
        if self.menu.is_some() {
            return self.step(forward);
        }
        // In the blanks before a line Tab is more of them.
        let before = &line.text[line.begin()..line.cursor];
        if line.begin() > 0 && before.chars().all(|c| c == ' ') {
            return Cmd::Insert(1, "    ".into());
        }
        let menu = self.words_at(line.text, line.cursor);
        let typed = line.text.get(menu.range.clone()).unwrap_or("").to_string();
        match menu.items.as_slice() {
            [] => Cmd::Noop,
            [only] => {
                let text = only.text.clone();
                self.put(menu.range, text)
            }
            _ => {
                let common = menu.common().to_string();
                let range = menu.range.clone();
                self.menu = Some(menu);
                if common.len() > typed.len() && common.starts_with(&typed) {
                    self.put(range, common)
                } else {
                    Cmd::Repaint
                }
            }
        }
    }

    /// What could stand at the cursor.
    fn words_at(&mut self, text: &str, cursor: usize) -> Menu {
        self.know_places();
        let (start, items) = match complete(text, cursor, &self.known) {
            Completion::Words { start, candidates } => {
                let item = |Candidate { text, about }| {
                    let shown = text.trim_end().trim_end_matches('}').to_string();
                    Item { shown, about, text }
                };
                (start, candidates.into_iter().map(item).collect())
            }
            Completion::Path { start, typed, quoted, scripts } => {
                let item = |(shown, text)| Item { shown, about: String::new(), text };
                (start, paths::candidates(&typed, quoted, scripts).into_iter().map(item).collect())
            }
        };
        Menu { of: Of::Words, items, range: start..cursor, chosen: None }
    }

    /// What this machine and the history know is asked for once for each line; what was seen of the sockets, each time.
    fn know_places(&mut self) {
        let lang = self.lang;
        for (facts, _) in &mut self.known.seen {
            if let Some(seen) = self.seen.sockets.iter().find(|seen| seen.name == facts.name) {
                *facts = seen.clone();
            }
        }
        if self.known.interfaces.is_empty() {
            let (mut hosts, ports) = places::earlier(&self.past, lang);
            hosts.extend(places::hosts());
            self.known.hosts = hosts;
            self.known.ports = ports;
            self.known.services = places::services();
            self.known.interfaces = places::interfaces();
        }
    }

    /// Ctrl-R: the earlier lines in which the text occurs; then from one to the next.
    fn search(&mut self, line: &Line<'_>) -> Cmd {
        match &self.menu {
            Some(menu) if menu.of == Of::Past => self.step(true),
            _ => {
                let mut menu = self.found(line.text);
                menu.chosen = (!menu.items.is_empty()).then_some(0);
                self.menu = (!menu.items.is_empty()).then_some(menu);
                Cmd::Repaint
            }
        }
    }

    fn found(&self, query: &str) -> Menu {
        let item = |entry: Arc<str>| Item {
            shown: entry.replace('\n', " ⏎ "),
            about: String::new(),
            text: entry.to_string(),
        };
        let items = self.past.search(query, MOST_FOUND).into_iter().map(item).collect();
        Menu { of: Of::Past, items, range: 0..query.len(), chosen: None }
    }

    fn step(&mut self, forward: bool) -> Cmd {
        if let Some(menu) = &mut self.menu {
            menu.step(forward);
        }
        Cmd::Repaint
    }

    fn close(&mut self) -> Option<Cmd> {
        self.menu = None;
        Some(Cmd::Repaint)
    }

    fn back(&mut self, line: &Line<'_>) -> Option<Cmd> {
        // Within a block it goes up a line.
        if line.begin() > 0 {
            return None;
        }
        match self.past.back(line.text) {
            Some(text) => Some(self.put(line.all(), text)),
            None => Some(Cmd::Noop),
        }
    }

    fn forward(&mut self, line: &Line<'_>) -> Option<Cmd> {
        if line.text[line.cursor..].contains('\n') {
            return None;
        }
        match self.past.forward(line.text) {
            Some(text) => Some(self.put(line.all(), text)),
            None => Some(Cmd::Noop),
        }
    }

    fn last_word(&mut self, line: &Line<'_>) -> Option<Cmd> {
        match self.past.last_word(line.text, line.cursor) {
            Some((old, word)) => Some(self.put(line.cursor - old..line.cursor, word)),
            None => Some(Cmd::Noop),
        }
    }

    fn take_hint(&self, line: &Line<'_>) -> Cmd {
        if line.hint.is_some() { Cmd::CompleteHint } else { Cmd::Noop }
    }

    /// Enter: takes what is chosen, goes on in the next line, or gives the text to the session; but one that is wrong
    /// stays, until Enter is pressed again.
    fn enter(&mut self, line: &Line<'_>) -> Option<Cmd> {
        if let Some(menu) = self.menu.take()
            && let Some(item) = menu.chosen()
        {
            let text = item.text.clone();
            let range = if menu.of == Of::Past { line.all() } else { menu.range.clone() };
            return Some(self.put(range, text));
        }
        let text = line.text;
        // In a line above the last it goes on there; in the last, wherever the cursor stands in it, the text may be whole.
        if text[line.cursor..].trim_end().contains('\n') {
            return Some(self.newline(line));
        }
        if !self.keys.by_hand() || text.trim().is_empty() {
            return None;
        }
        if cell::is_open(text) {
            return Some(self.newline(line));
        }
        let wrong = !python::is_cell(text) && !self.checker.faults(text).is_empty();
        if self.refused.as_deref() != Some(text) && wrong {
            self.refuse(text);
            return Some(Cmd::Repaint);
        }
        None
    }

    /// A new line within the text, as far in as its block.
    fn newline(&mut self, line: &Line<'_>) -> Cmd {
        let before = &line.text[..line.cursor];
        let begin = line.begin();
        let blanks = &before[begin..];
        match cell::open(before) {
            // What stands in it is text.
            Some(Open::Quote | Open::Document(_)) => Cmd::Insert(1, "\n".into()),
            // An empty line is empty.
            _ if !blanks.is_empty() && blanks.trim().is_empty() && line.at_end() => {
                self.put(begin..line.cursor, "\n".into())
            }
            Some(Open::Line) => Cmd::Insert(1, format!("\n{}", cell::indent(before) + "    ")),
            _ if blanks.is_empty() && begin > 0 && line.at_end() => Cmd::Insert(1, "\n".into()),
            _ => Cmd::Insert(1, format!("\n{}", cell::indent(before))),
        }
    }

    /// The last letter of `end` or `else`: the line goes as far out as its block.
    fn outdent(&mut self, line: &Line<'_>, c: char) -> Option<Cmd> {
        // Of the words that end or go on a block.
        if !matches!(c, 'd' | 'e' | 't' | 'y') || line.begin() == 0 {
            return None;
        }
        let (begin, text) = cell::outdent(&format!("{}{c}", line.text))?;
        Some(self.put(begin..line.cursor, text))
    }
}

/// The keys of `run --step`; those with Alt are for keyboards without the others.
fn step_key(code: KeyCode, plain: bool, alt: bool) -> Option<StepKey> {
    match code {
        KeyCode::PageDown if plain => Some(StepKey::Skip),
        KeyCode::PageUp if plain => Some(StepKey::Back),
        KeyCode::F(5) if plain => Some(StepKey::Cell),
        KeyCode::F(1) if plain => Some(StepKey::Hint),
        KeyCode::F(10) if plain => Some(StepKey::Quit),
        KeyCode::Char('n' | 'N') if alt => Some(StepKey::Skip),
        KeyCode::Char('p' | 'P') if alt => Some(StepKey::Back),
        KeyCode::Char('r' | 'R') if alt => Some(StepKey::Cell),
        KeyCode::Char('h' | 'H') if alt => Some(StepKey::Hint),
        KeyCode::Char('q' | 'Q') if alt => Some(StepKey::Quit),
        _ => None,
    }
}

/// The next word of the hint.
fn take_word(line: &Line<'_>) -> Cmd {
    let Some(hint) = line.hint else { return Cmd::Noop };
    let blanks = hint.len() - hint.trim_start().len();
    let end = hint[blanks..].find(' ').map_or(hint.len(), |n| blanks + n);
    Cmd::Insert(1, hint[..end].to_string())
}

/// The menu follows the text as it is typed; where nothing fits any more it is gone.
pub fn follow(state: &mut State, text: &str, cursor: usize) {
    let Some(old) = state.menu.take() else { return };
    let mut new = match old.of {
        Of::Words => state.words_at(text, cursor),
        Of::Past => state.found(text),
    };
    let same_word = old.of == Of::Past || new.range.start == old.range.start;
    if new.items.is_empty() || !same_word {
        return;
    }
    new.chosen = match old.items == new.items {
        true => old.chosen,
        false if old.of == Of::Past => Some(0),
        false => None,
    };
    state.menu = Some(new);
}
