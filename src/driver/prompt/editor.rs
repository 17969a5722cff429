//! Where lines come from: the line editor, or plain reading where a terminal can do no more.

use std::io::{BufRead, Write};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, PoisonError};

use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{ColorMode, CompletionType, Config, EditMode, Editor, Event, EventHandler};
use unicode_width::UnicodeWidthStr;

use super::assistant::Assistant;
use super::busy::Busy;
use super::check::Checker;
use super::desk::{self, Desk, StepKey, extent};
use super::keys::Keys as KeyHandler;
use super::paint::{Names, coloured};
use super::terminal::{self, Announcer, EDITING};
use super::watcher::{Telling, Watcher};
use super::{cell, history::HistoryFile};
use crate::driver::output::Output;
use crate::driver::terminal::{ERASE_BELOW, colour as can_colour, is_capable, up};
use crate::manual::complete::Known;
use crate::net::gate::{self, Gate, Stop};
use crate::render::colour::{self, paint};
use crate::session::eyes::Eyes;
use crate::session::{Keys, Settings};
use crate::words::Lang;

/// What came of asking for a line.
pub enum Read {
    Text(String),
    /// A key of `run --step`.
    Step(StepKey),
    /// Ctrl-C, or a signal that ends the session.
    Interrupted,
    /// Ctrl-D, or the terminal is gone.
    End,
    /// Something that is not text.
    NotText,
}

pub enum Reader {
    Edited(Box<Edited>),
    Plain(Arc<Gate>, Arc<Mutex<Output>>),
}

/// What the session gives for a line.
pub struct Asked<'s> {
    pub known: Known,
    pub checker: Checker,
    pub settings: &'s Settings,
    pub eyes: Eyes,
    /// What stands there already, where the lines of a script are offered.
    pub offer: Option<String>,
}

impl Reader {
    /// `output` is where a terminal that cannot edit gets its prompts.
    pub fn new(gate: Arc<Gate>, output: Arc<Mutex<Output>>, lang: Lang) -> Reader {
        match Edited::new(gate.clone(), lang) {
            Some(edited) => Reader::Edited(Box::new(edited)),
            None => Reader::Plain(gate, output),
        }
    }

    /// Where other threads of the session say something without spoiling the line that is typed.
    pub fn announcer(&self) -> Option<Announcer> {
        match self {
            Reader::Edited(edited) => edited.announcer.clone(),
            Reader::Plain(..) => None,
        }
    }

    /// A look at the session before the next prompt; the news.
    pub fn look(&self, watcher: &Watcher, eyes: &mut Eyes, mut telling: Telling) -> Vec<String> {
        match self {
            Reader::Edited(edited) => {
                telling.room = edited.desk.has_room();
                let (seen, news) = watcher.look(eyes, telling, true);
                edited.desk.show(seen);
                news
            }
            Reader::Plain(..) => watcher.look(eyes, telling, false).1,
        }
    }

    /// A line runs: who waits is told after a while, until [`Watcher::end`].
    pub fn run(&self, watcher: &mut Watcher, eyes: Eyes, busy: Busy) {
        if let Reader::Edited(edited) = self
            && let Some(announcer) = &edited.announcer
        {
            watcher.run(eyes, busy, &edited.desk, announcer);
        }
    }

    /// Asks for what `In [number]` is to be: a statement or several, whole.
    pub fn read(&mut self, number: u32, asked: Asked<'_>, watcher: &mut Watcher) -> Read {
        let prompt = format!("In [{number}]: ");
        match self {
            Reader::Plain(gate, output) => read_plain(gate, output, &prompt),
            Reader::Edited(edited) => edited.read_statement(&prompt, asked, watcher),
        }
    }

    /// A yes or a no; anything but yes is no.
    pub fn confirm(&mut self, question: &str, lang: Lang) -> bool {
        let prompt = format!("{question} {} ", phrase!(en "[y/N]", es "[s/N]").show(lang));
        let answer = match self {
            Reader::Plain(gate, output) => read_plain(gate, output, &prompt),
            Reader::Edited(edited) => edited.read(&prompt, false, None),
        };
        let yes = |text: &str| matches!(&*text.trim().to_lowercase(), "y" | "yes" | "s" | "sí" | "si");
        matches!(answer, Read::Text(text) if yes(&text))
    }

    /// The text is to be found again with the arrow keys, today and in later sessions.
    pub fn keep(&mut self, text: &str) {
        if let Reader::Edited(edited) = self {
            edited.history.keep(&edited.desk, text);
        }
    }
}

/// `TERM=dumb`, or an output that is no terminal: lines as the terminal gives them.
fn read_plain(gate: &Gate, output: &Mutex<Output>, prompt: &str) -> Read {
    // What cannot be written is seen to when the line has been read.
    let put = |text: &str| {
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = output.text(gate, text);
        output.flush(gate);
    };
    let mut text = String::new();
    loop {
        let shown =
            if text.is_empty() { prompt.to_string() } else { format!("{:>1$}", "...: ", prompt.len()) };
        put(&shown);
        match read_line(gate) {
            Err(Stop::Io(_)) => return Read::End,
            Err(_) => {
                gate.reset();
                put("\n");
                return Read::Interrupted;
            }
            Ok(bytes) if bytes.is_empty() => {
                put("\n");
                return if text.is_empty() { Read::End } else { Read::Text(text) };
            }
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(line) => text.push_str(line.strip_suffix('\n').unwrap_or(&line)),
                Err(_) => return Read::NotText,
            },
        }
        if !cell::is_open(&text) {
            return Read::Text(text);
        }
        text.push('\n');
    }
}

/// The bytes of a line with its end; none at the end of input. Ctrl-C ends it as it ends a call.
fn read_line(gate: &Gate) -> Result<Vec<u8>, Stop> {
    let mut out = Vec::new();
    let mut stdin = std::io::stdin().lock();
    loop {
        let (taken, done) = gate.blocking(None, "read", 0, || {
            let there = stdin.fill_buf()?;
            let end = memchr::memchr(b'\n', there).map_or(there.len(), |n| n + 1);
            out.extend_from_slice(&there[..end]);
            Ok((end, end == 0 || there[end - 1] == b'\n'))
        })?;
        stdin.consume(taken);
        if done {
            return Ok(out);
        }
    }
}

/// How long the editor waits for more after an escape: a key by itself, or the beginning of another.
const AFTER_ESCAPE: u16 = 100;

/// rustyline with everything around it.
pub struct Edited {
    editor: Editor<Assistant, MemHistory>,
    desk: Arc<Desk>,
    history: HistoryFile,
    announcer: Option<Announcer>,
    colour: bool,
}

impl Edited {
    /// Nothing where the terminal cannot do it.
    fn new(gate: Arc<Gate>, lang: Lang) -> Option<Edited> {
        if !is_capable(&std::io::stdout()) {
            return None;
        }
        let config = Config::builder()
            .auto_add_history(false)
            .completion_type(CompletionType::List)
            .keyseq_timeout(Some(AFTER_ESCAPE))
            // A Ctrl-C is a signal at every moment: as a key it would be lost between two lines.
            .enable_signals(true)
            // What is drawn goes through the assistant also where it gets no colour.
            .color_mode(ColorMode::Forced)
            .build();
        // What was typed before is the desk's: the editor's own history stays empty.
        let history = MemHistory::with_config(&config);
        let mut editor = Editor::with_history(config, history).ok()?;
        // Alive for the whole session: with it the editor waits in select(2) and hears signals there.
        let printer = editor.create_external_printer().ok()?;
        let announcer = terminal::take_care(printer);
        let colour = can_colour(&std::io::stdout());
        let desk = desk::new();
        desk.state().colour = colour;
        editor.set_helper(Some(Assistant::new(desk.clone(), gate)));
        editor.bind_sequence(Event::Any, EventHandler::Conditional(Box::new(KeyHandler(desk.clone()))));
        let history = HistoryFile::open(&desk, lang);
        Some(Edited { editor, desk, history, announcer, colour })
    }

    fn read_statement(&mut self, prompt: &str, asked: Asked<'_>, watcher: &mut Watcher) -> Read {
        self.history.refresh(&self.desk);
        let settings = asked.settings;
        let mode = if settings.keys == Keys::Vi { EditMode::Vi } else { EditMode::Emacs };
        if mode != self.editor.config_mut().edit_mode() {
            self.editor.set_edit_mode(mode);
            self.editor.set_keyseq_timeout(Some(AFTER_ESCAPE));
        }
        let mut state = self.desk.state();
        (state.known, state.checker) = (asked.known, asked.checker);
        (state.lang, state.status) = (settings.lang, settings.status);
        state.steps = asked.offer.is_some();
        let watched = (settings.status || settings.notify).then_some(self.announcer.clone()).flatten();
        drop(state);
        if let Some(announcer) = watched {
            let telling = Telling { notify: settings.notify, lang: settings.lang, room: true };
            watcher.begin(asked.eyes, telling, &self.desk, &announcer);
        }
        let read = self.read(prompt, true, asked.offer.as_deref());
        watcher.end();
        read
    }

    fn read(&mut self, prompt: &str, whole: bool, offer: Option<&str>) -> Read {
        self.desk.state().begin(prompt.width(), whole);
        if let Some(assistant) = self.editor.helper() {
            assistant.begin();
        }
        let styled = paint(prompt, colour::PROMPT, self.colour);
        EDITING.store(true, SeqCst);
        let read = match offer {
            Some(offer) => self.editor.readline_with_initial(&(prompt, styled.as_str()), (offer, "")),
            None => self.editor.readline(&(prompt, styled.as_str())),
        };
        EDITING.store(false, SeqCst);
        gate::unchain_signals();
        let broken = self.editor.helper().is_some_and(Assistant::is_broken);
        match read {
            Ok(_) if broken => Read::Interrupted,
            Ok(text) => Read::Text(text),
            Err(ReadlineError::Interrupted | ReadlineError::Signal(_)) => {
                self.leave(&styled);
                self.desk.state().step.take().map_or(Read::Interrupted, Read::Step)
            }
            Err(ReadlineError::Io(e)) if e.kind() == std::io::ErrorKind::InvalidData => {
                self.leave(&styled);
                Read::NotText
            }
            Err(_) => Read::End,
        }
    }

    /// A line that was given up stays on the screen as it was typed: what stood behind and below it goes.
    fn leave(&self, prompt: &str) {
        let state = self.desk.state();
        let place = &state.place;
        let (rows, _) = extent(&place.text, place.prompt, state.columns());
        let all = rows + place.below + 1;
        if place.below == 0 || all > state.rows() {
            return;
        }
        let names = Names { sockets: &state.known.sockets, commands: &state.known.commands };
        let text = if state.colour { coloured(&place.text, &names, &[]) } else { place.text.clone() };
        let _ = writeln!(std::io::stdout(), "{}{ERASE_BELOW}{prompt}{text}", up(all));
        let _ = std::io::stdout().flush();
    }
}
