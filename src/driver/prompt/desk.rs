//! What the editor, its keys and the watcher share while a line is typed.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use unicode_width::UnicodeWidthChar;

use super::check::{Checker, Fault};
use super::menu::Menu;
use super::past::Past;
use super::status::Seen;
use crate::driver::terminal;
use crate::manual::complete::Known;
use crate::words::Lang;

/// Fewer columns have room for nothing but the line.
const FEWEST_COLUMNS: usize = 40;

/// The state behind the line that is typed.
#[derive(Default)]
pub struct Desk(Mutex<State>);

#[derive(Default)]
pub struct State {
    pub lang: Lang,
    pub colour: bool,
    /// `set status`
    pub status: bool,
    /// The lines of a script are offered, and its keys are keys.
    pub steps: bool,
    /// The one of these that ended the line.
    pub step: Option<StepKey>,
    /// A whole statement is wanted, not an answer to a question.
    pub whole: bool,
    /// What completion may offer.
    pub known: Known,
    pub checker: Checker,
    /// What was typed before.
    pub past: Past,
    pub seen: Seen,
    /// What was found out of the text as it stands.
    read: Option<ReadText>,
    pub menu: Option<Menu>,
    /// The text that Enter was refused for, until it changes.
    pub refused: Option<String>,
    /// What the next completion puts in: the bytes it takes the place of, and the text.
    pub insertion: Option<(Range<usize>, String)>,
    /// How many keys were typed, and how many of them were waited for: the others were there already.
    pub keys: Keys,
    pub place: Place,
    size: Option<(usize, usize)>,
}

/// What a key asks for while the lines of a script are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKey {
    Skip,
    Back,
    /// The lines from this one to the end of its cell.
    Cell,
    Hint,
    Quit,
}

/// The keys of the line so far.
#[derive(Default)]
pub struct Keys {
    pub all: u32,
    pub awaited: u32,
    /// How often the thread had waited, at the last key.
    pub waits: i64,
}

/// Where the editor has drawn what, for taking it away when the line is given up.
#[derive(Default)]
pub struct Place {
    pub prompt: usize,
    pub text: String,
    /// The rows of what stands below the text.
    pub below: usize,
    /// The columns of the first row that are taken.
    pub first_row: usize,
}

struct ReadText {
    text: String,
    cursor: usize,
    faults: Vec<Fault>,
}

impl Desk {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn seen(&self) -> Seen {
        self.state().seen.clone()
    }

    /// Is there room for more than the line in the window as it is now?
    pub fn has_room(&self) -> bool {
        let mut state = self.state();
        state.measure();
        state.has_room()
    }

    /// Keeps what was seen. Is the line of states another for it?
    pub fn show(&self, seen: Seen) -> bool {
        let mut state = self.state();
        let changed = state.status && state.seen != seen;
        state.seen = seen;
        changed
    }
}

impl State {
    /// A new line begins.
    pub fn begin(&mut self, prompt: usize, whole: bool) {
        self.whole = whole;
        self.step = None;
        self.menu = None;
        self.refused = None;
        self.insertion = None;
        self.read = None;
        self.keys = Keys::default();
        self.place = Place { prompt, ..Place::default() };
        self.past.begin();
        self.measure();
    }

    /// The rows and columns of the window are asked for anew.
    pub fn measure(&mut self) {
        self.size = terminal::size(&std::io::stdout());
    }

    pub fn rows(&self) -> usize {
        self.size.map_or(24, |(rows, _)| rows)
    }

    pub fn columns(&self) -> usize {
        self.size.map_or(80, |(_, columns)| columns)
    }

    /// Is there room for more than the line?
    pub fn has_room(&self) -> bool {
        self.columns() >= FEWEST_COLUMNS && self.rows() > 4
    }

    /// The mistakes of the text, found once for each text and place of the cursor.
    pub fn faults(&mut self, text: &str, cursor: usize) -> &[Fault] {
        let known = self.read.as_ref().is_some_and(|read| read.text == text && read.cursor == cursor);
        if !known {
            let faults = match self.refused.as_deref() == Some(text) {
                true => self.checker.faults(text),
                false if self.whole => self.checker.faults_so_far(text, cursor),
                false => Vec::new(),
            };
            self.read = Some(ReadText { text: text.to_string(), cursor, faults });
        }
        self.read.as_ref().map_or(&[], |read| &read.faults)
    }

    /// Enter is refused for this text.
    pub fn refuse(&mut self, text: &str) {
        self.refused = Some(text.to_string());
        self.read = None;
    }

    /// The rows that a text takes behind the prompt, and the column at its end.
    pub fn extent(&self, text: &str) -> (usize, usize) {
        extent(text, self.place.prompt, self.columns())
    }
}

/// The row and the column in which a text ends that begins in the first row, in this column: as the editor reckons.
pub fn extent(text: &str, column: usize, columns: usize) -> (usize, usize) {
    let (mut row, mut at) = (0, column);
    for c in text.chars() {
        let width = match c {
            '\n' => {
                (row, at) = (row + 1, 0);
                continue;
            }
            '\t' => 8 - at % 8,
            c => c.width().unwrap_or(0),
        };
        at += width;
        if at > columns {
            (row, at) = (row + 1, width);
        }
    }
    if at == columns { (row + 1, 0) } else { (row, at) }
}

/// A desk to be shared.
pub fn new() -> Arc<Desk> {
    Arc::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_where_the_editor_says() {
        for (text, columns, want) in [
            ("", 80, (0, 9)),
            ("recv", 80, (0, 13)),
            ("recv\n  x", 80, (1, 3)),
            ("0123456789", 19, (1, 0)),
            ("0123456789a", 19, (1, 1)),
            ("日本日本日本", 20, (1, 2)),
            ("é", 10, (1, 0)),
        ] {
            assert_eq!(extent(text, 9, columns), want, "{text:?}");
        }
    }
}
