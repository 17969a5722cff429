//! Where lines come from: the line editor, or plain reading where a terminal can do no more.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::BufRead;
use std::sync::{Arc, Mutex, PoisonError};

use anstyle::Style;
use rustyline::completion::{Completer, Pair};
use rustyline::error::{ReadlineError, Signal as Broken};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Helper};

use super::terminal::{self, Announcer};
use super::{cell, history::HistoryFile, paths, words};
use crate::command;
use crate::driver::output::Output;
use crate::driver::terminal::{colour as can_colour, is_capable};
use crate::manual::complete::{Completion, Known, complete};
use crate::net::gate::{self, Gate, Stop};
use crate::render::colour::{self, paint};
use crate::text::words::line;
use crate::words::Lang;

/// What came of asking for a line.
pub enum Read {
    Text(String),
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

    /// Asks for what `In [number]` is to be: a statement or several, whole.
    pub fn read(&mut self, number: u32, known: Known) -> Read {
        let prompt = format!("In [{number}]: ");
        match self {
            Reader::Plain(gate, output) => read_plain(gate, output, &prompt),
            Reader::Edited(edited) => edited.read(&prompt, known, true),
        }
    }

    /// A yes or a no; anything but yes is no.
    pub fn confirm(&mut self, question: &str, lang: Lang) -> bool {
        let prompt = format!("{question} {} ", phrase!(en "[y/N]", es "[s/N]").show(lang));
        let answer = match self {
            Reader::Plain(gate, output) => read_plain(gate, output, &prompt),
            Reader::Edited(edited) => edited.read(&prompt, Known::default(), false),
        };
        let yes = |text: &str| matches!(&*text.trim().to_lowercase(), "y" | "yes" | "s" | "sí" | "si");
        matches!(answer, Read::Text(text) if yes(&text))
    }

    /// The text is to be found again with the arrow keys, today and in later sessions.
    pub fn keep(&mut self, text: &str) {
        if let Reader::Edited(edited) = self {
            edited.history.keep(&mut edited.editor, text);
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

/// rustyline with everything around it.
pub struct Edited {
    editor: Editor<Assistant, DefaultHistory>,
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
            .max_history_size(10_000)
            .and_then(|c| c.history_ignore_dups(true))
            .ok()?
            .history_ignore_space(true)
            .auto_add_history(false)
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            // A Ctrl-C is a signal at every moment: as a key it would be lost between two lines.
            .enable_signals(true)
            // What is drawn goes through the assistant also where it gets no colour.
            .color_mode(ColorMode::Forced)
            .build();
        let mut editor = Editor::with_config(config).ok()?;
        // Alive for the whole session: with it the editor waits in select(2) and hears signals there.
        let printer = editor.create_external_printer().ok()?;
        let announcer = terminal::take_care(printer);
        let colour = can_colour(&std::io::stdout());
        editor.set_helper(Some(Assistant {
            known: Known::default(),
            gate,
            colour,
            whole: true,
            chained: Cell::new(false),
            broken: Cell::new(false),
        }));
        let history = HistoryFile::open(&mut editor, lang);
        Some(Edited { editor, history, announcer, colour })
    }

    fn read(&mut self, prompt: &str, known: Known, whole: bool) -> Read {
        if let Some(assistant) = self.editor.helper_mut() {
            assistant.known = known;
            assistant.whole = whole;
            assistant.chained.set(false);
            assistant.broken.set(false);
        }
        let styled = paint(prompt, colour::PROMPT, self.colour);
        let read = self.editor.readline(&(prompt, styled.as_str()));
        gate::unchain_signals();
        let broken = self.editor.helper().is_some_and(|assistant| assistant.broken.get());
        match read {
            Ok(_) if broken => Read::Interrupted,
            Ok(text) => Read::Text(text),
            Err(ReadlineError::Interrupted | ReadlineError::Signal(Broken::Interrupt)) => Read::Interrupted,
            Err(ReadlineError::Signal(_)) => Read::Interrupted,
            Err(ReadlineError::Io(e)) if e.kind() == std::io::ErrorKind::InvalidData => Read::NotText,
            Err(_) => Read::End,
        }
    }
}

/// What the editor asks while a line is typed.
pub struct Assistant {
    known: Known,
    gate: Arc<Gate>,
    colour: bool,
    /// A whole statement is wanted, not an answer to a question.
    whole: bool,
    /// Our handler stands before the editor's, for this line.
    chained: Cell<bool>,
    /// A signal came within the line.
    broken: Cell<bool>,
}

impl Assistant {
    /// The editor puts its handlers in for each line; at its first question ours goes before them.
    fn chain(&self) {
        if self.chained.replace(true) {
            return;
        }
        // What came since the last line is about nothing; what comes from here on the editor hears.
        self.gate.reset();
        gate::chain_signals();
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
        let open = self.whole && cell::is_open(context.input());
        Ok(if open { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, text: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        if !self.whole {
            return Ok((cursor, Vec::new()));
        }
        Ok(match complete(text, cursor, &self.known) {
            Completion::Words { start, candidates } => {
                let pair = |c: String| Pair { display: c.trim_end().to_string(), replacement: c };
                (start, candidates.into_iter().map(pair).collect())
            }
            Completion::Path { start, typed, quoted } => {
                let pair = |(display, replacement)| Pair { display, replacement };
                (start, paths::candidates(&typed, quoted).into_iter().map(pair).collect())
            }
        })
    }
}

/// What a command takes, shown in grey after its name.
pub struct Usage(String);

impl Hint for Usage {
    fn display(&self) -> &str {
        &self.0
    }

    /// It is to be read, not to be taken over.
    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Assistant {
    type Hint = Usage;

    fn hint(&self, text: &str, cursor: usize, _: &Context<'_>) -> Option<Usage> {
        self.chain();
        if !self.colour || !self.whole || cursor != text.len() || !text.ends_with(' ') {
            return None;
        }
        let last = text[text.rfind('\n').map_or(0, |n| n + 1)..].trim_start();
        let name = last.strip_suffix(' ')?.trim_start_matches('%');
        if name.contains(char::is_whitespace) {
            return None;
        }
        let usage = match words::WORDS.iter().find(|w| w.name == name) {
            Some(own) => own.usage.to_string(),
            None => {
                let row = command::find(name.rsplit_once('.').map_or(name, |(_, n)| n))?;
                format!("{}{}", row.name, row.syntax().words())
            }
        };
        usage.split_once(' ').map(|(_, words)| Usage(words.to_string()))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, text: &'l str, _: usize) -> Cow<'l, str> {
        // What was pasted may hold what a terminal obeys: it is not drawn, and has no width to the editor.
        if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Cow::Owned(text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), ""));
        }
        if self.colour && self.whole { Cow::Owned(coloured(text)) } else { Cow::Borrowed(text) }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(paint(hint, colour::FAINT, self.colour))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.colour && kind != CmdKind::MoveCursor
    }
}

/// Commands, quoted text, values and comments in their colours.
fn coloured(text: &str) -> String {
    let masked = words::masked(text);
    let mut marks: Vec<(usize, usize, Style)> = Vec::new();
    let mut at = 0;
    while at < masked.len() {
        let mut problems = Vec::new();
        let read = line(&masked, 0, at, &mut problems);
        let mut first = true;
        for (place, word) in read.words.iter().enumerate() {
            let (from, to) = (word.span.start as usize, word.span.end as usize);
            let bare = word.bare();
            let next = read.words.get(place + 1).and_then(|w| w.bare());
            if word.quoted {
                marks.push((from, to, colour::QUOTED));
            } else if word.value().is_some() {
                marks.push((from, to, colour::VALUE));
            } else if first
                && bare != Some("=")
                && next != Some("=")
                && !bare.is_some_and(|t| t.ends_with(','))
            {
                let name = bare.unwrap_or("");
                let name = name.rsplit_once('.').map_or(name, |(_, n)| n).trim_end_matches('?');
                if command::find(name).is_some() || command::openings().any(|o| o == name) {
                    marks.push((from, to, colour::COMMAND));
                }
            }
            // The command stands after `NAMES =`.
            first =
                first && (bare == Some("=") || next == Some("=") || bare.is_some_and(|t| t.ends_with(',')));
        }
        if let Some(comment) = read.comment {
            marks.push((comment.start as usize, comment.end as usize, colour::FAINT));
        }
        at = read.end.max(at + 1);
    }
    let mut out = String::with_capacity(text.len() + marks.len() * 9);
    let mut done = 0;
    for (from, to, style) in marks {
        if from < done || to > text.len() || !text.is_char_boundary(from) || !text.is_char_boundary(to) {
            continue;
        }
        out.push_str(&text[done..from]);
        out.push_str(&paint(&text[from..to], style, true));
        done = to;
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_change_no_character() {
        for (text, want) in [
            ("recv 10", "<36>recv<0> 10"),
            ("x = s.recv # all", "x = <36>s.recv<0> <2># all<0>"),
            ("a, b = accept", "a, b = <36>accept<0>"),
            ("send \"é\" $x", "<36>send<0> <33>\"é\"<0> <35>$x<0>"),
            ("nonsense recv", "nonsense recv"),
            ("send \"open", "<36>send<0> \"open"),
            ("repeat 2\n  recv\nend", "<36>repeat<0> 2\n  <36>recv<0>\n<36>end<0>"),
            ("time recv", "time <36>recv<0>"),
        ] {
            let marked = |n: u8, text: String| text.replace(&format!("\x1b[{n}m"), &format!("<{n}>"));
            let got = [0, 2, 33, 35, 36].into_iter().fold(coloured(text), |text, n| marked(n, text));
            assert_eq!(got, want, "{text}");
        }
    }
}
