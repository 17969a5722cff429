//! The prompt: `In [n]`, `Out[n]`, and the session between them.

mod about;
mod again;
mod arguments;
mod assistant;
mod busy;
mod cell;
mod check;
mod config;
mod desk;
mod edit;
mod editor;
mod history;
mod keys;
mod log;
mod menu;
mod own;
mod pager;
mod paint;
mod past;
mod pasted;
pub(crate) mod paths;
mod places;
mod python;
mod saved;
mod status;
mod step;
mod talk;
mod terminal;
mod timing;
mod watch;
mod watcher;
mod words;

pub(super) use history::is_sound as is_history_sound;
pub(super) use pasted::plain as without_prompts;

use std::borrow::Cow;
use std::cell::Cell;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use unicode_width::UnicodeWidthStr;

use self::busy::Busy;
use self::check::Checker;
use self::editor::{Asked, Read, Reader};
pub use self::log::Script;
use self::log::{Entry, Log};
use self::pager::Window;
use self::step::Steps;
pub use self::step::main as step;
use self::watch::{SHOWN, Shown, show};
use self::watcher::{Telling, Watcher};
use self::words::What;
pub use self::words::manual;
use crate::driver::files;
use crate::driver::output::{self, Output};
use crate::driver::run::{self, Options};
use crate::driver::terminal::columns;
use crate::driver::terminal::size as terminal_size;
use crate::engine::spawn::interrupt;
use crate::engine::{Compiler, Program, Runner};
use crate::manual::complete::Known;
use crate::net::gate::{Stop, at_prompt, ending_signal, main_gate, typing};
use crate::net::options::table::On;
use crate::render::error;
use crate::render::table::wrapped;
use crate::session::Session;
use crate::session::names::Place;
use crate::text::answers::{filled, matches};
use crate::text::diagnostic::{Brief, Diagnostic, Span, Style, first_of};
use crate::text::literal;
use crate::value::Value;
use crate::value::job::Job;
use crate::value::outcome::{Halt, Progress, SocketFacts};
use crate::value::socket::Endpoint;
use crate::words::{Lang, Sentence};

/// A new session at the terminal; its exit code.
pub fn main(options: &Options) -> Result<i32> {
    let (session, compiler) = begin(options);
    let greeting = say!(
        en "sockbook {version}: `help` lists the commands, Ctrl-D leaves",
        es "sockbook {version}: `help` muestra los comandos, Ctrl-D sale",
        version = env!("CARGO_PKG_VERSION")
    );
    Ok(converse(session, compiler, 1, options, Log::default(), Some(greeting)))
}

fn begin(options: &Options) -> (Session, Compiler) {
    let count = u32::try_from(options.arguments.len()).unwrap_or(u32::MAX);
    let mut compiler = Compiler::new(run::scope(options, Some(count)));
    let mut session = Session::new(main_gate());
    run::give(&mut session, options, &mut compiler.scope, true);
    compiler.scope.prompt = true;
    (session, compiler)
}

/// A session at the terminal that goes on with what there is, counting from `number`; its exit code.
/// `script` is what did in this session what was done before.
pub fn continue_with(
    session: Session,
    compiler: Compiler,
    number: u32,
    options: &Options,
    script: Option<Script>,
) -> i32 {
    let mut log = Log::default();
    log.push(Entry { script, ..Entry::default() });
    converse(session, compiler, number, options, log, None)
}

fn converse(
    session: Session,
    compiler: Compiler,
    number: u32,
    options: &Options,
    log: Log,
    greeting: Option<Sentence>,
) -> i32 {
    converse_with(session, compiler, number, options, log, greeting, None).unwrap_or(2)
}

/// The same with the lines of a script to offer; nothing where the terminal cannot offer them.
fn converse_with(
    mut session: Session,
    mut compiler: Compiler,
    number: u32,
    options: &Options,
    log: Log,
    greeting: Option<Sentence>,
    steps: Option<Steps>,
) -> Option<i32> {
    compiler.scope.prompt = true;
    session.caller.threads = true;
    let output = Arc::<Mutex<Output>>::default();
    let reader = Reader::new(session.caller.gate.clone(), output.clone(), session.settings.lang);
    let mut prompt = Prompt {
        session,
        compiler,
        options,
        output,
        log,
        watcher: Watcher::default(),
        emptied: false,
        background: Vec::new(),
        shown: log::Shown::default(),
        moved: None,
        number,
        reader,
        asked: false,
        indent: None,
        above: Cell::new(None),
        steps,
        python: crate::python::Reader::new(),
    };
    if prompt.steps.is_some() && !prompt.can_step() {
        return None;
    }
    prompt.load_settings();
    if let Some(greeting) = greeting {
        prompt.tell(greeting);
        prompt.run_init();
    }
    at_prompt(true);
    let code = prompt.converse();
    at_prompt(false);
    prompt.end_session();
    let lost = prompt.output().lost();
    Some(match lost {
        Some(lost) => output::exit_code(Some(lost), lost.exit_code()),
        None => code,
    })
}

struct Prompt<'o> {
    session: Session,
    compiler: Compiler,
    options: &'o Options,
    output: Arc<Mutex<Output>>,
    log: Log,
    /// Looks at the session before each prompt and while a line is typed.
    watcher: Watcher,
    /// The line that the terminal's cursor is in was emptied after its `^C`.
    emptied: bool,
    /// The background calls that run, each with the number of its statement.
    background: Vec<(Arc<Job>, u32)>,
    /// What the statement that runs has shown.
    shown: log::Shown,
    /// The error with which it failed, if it sent or took something before.
    moved: Option<String>,
    /// What the next statement is called.
    number: u32,
    reader: Reader,
    /// Ctrl-D was pressed, and it was said what is still open.
    asked: bool,
    /// The line that is about to run stands on the screen right above, behind so many columns of prompt.
    indent: Option<usize>,
    /// The same of the line that runs, as long as nothing has been shown below it.
    above: Cell<Option<(Span, usize)>>,
    /// The script whose lines are offered, `run --step`.
    steps: Option<Steps>,
    /// Reads the cells that are Python.
    python: crate::python::Reader,
}

/// So many sockets are looked at before Ctrl-D leaves.
const MOST_ASKED: usize = 100;

/// How a statement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Well,
    Failed,
    Leave(i32),
}

impl Prompt<'_> {
    fn converse(&mut self) -> i32 {
        loop {
            typing(true);
            self.session.caller.gate.reset();
            if let Some(code) = asked_to_end() {
                return code;
            }
            self.remember_background();
            self.tell_news();
            self.output().flush(&self.session.caller.gate);
            if self.output().lost().is_some() {
                return 0;
            }
            let offer = self.offer();
            self.output().flush(&self.session.caller.gate);
            let (known, eyes) = (self.known(), self.session.eyes());
            let checker = Checker::new(&self.compiler);
            let asked = Asked { known, checker, settings: &self.session.settings, eyes, offer };
            match self.reader.read(self.number, asked, &mut self.watcher) {
                Read::Text(text) => {
                    typing(false);
                    self.asked = false;
                    if let Ended::Leave(code) = self.step(&text) {
                        return code;
                    }
                }
                Read::Step(key) => {
                    typing(false);
                    self.asked = false;
                    if let Ended::Leave(code) = self.step_key(key) {
                        return code;
                    }
                }
                Read::End if self.may_leave() => return 0,
                Read::End => {}
                Read::NotText => self.refuse_with(say!(
                    en "that key is not UTF-8 text; the line is forgotten",
                    es "esa tecla no es texto UTF-8; la línea se descarta"
                )),
                // To what Ctrl-D has asked, it is a no.
                Read::Interrupted => self.asked = false,
            }
        }
    }

    /// Whether Ctrl-D leaves now: with connections or work in the background only the second time.
    fn may_leave(&mut self) -> bool {
        let mut held: Vec<String> = Vec::new();
        for (socket, facts) in self.session.eyes().sockets(MOST_ASKED) {
            if facts.peer.is_some() || facts.state == "CONNECTED" {
                held.push(socket.name().to_string());
            }
        }
        let jobs = self.session.jobs().into_iter().filter(|job| !job.is_over());
        held.extend(jobs.map(|job| format!("`{}`", literal::one_line(&job.line))));
        let programs = self.session.processes().into_iter().filter(|p| p.end_status().is_none());
        held.extend(programs.map(|program| program.name.to_string()));
        if held.is_empty() || std::mem::replace(&mut self.asked, true) {
            return true;
        }
        let more = held.len().saturating_sub(5);
        held.truncate(5);
        if more > 0 {
            held.push(format!("… ({more})"));
        }
        self.tell(say!(
            en "still open or running: {held}; Ctrl-D again leaves",
            es "aún abierto o en curso: {held}; Ctrl-D otra vez sale",
            held = held.join(", ")
        ));
        false
    }

    /// Ends what still runs and closes what is open.
    fn end_session(&mut self) {
        let jobs = self.session.jobs();
        if !jobs.is_empty() {
            interrupt(&mut self.session);
        }
        self.session.close_all();
        self.session.remove_tmpdir();
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a line. Where it is lost, the session ends at the next prompt.
    fn say(&self, text: &str) {
        let _ = self.output().line(&self.session.caller.gate, text);
    }

    fn lang(&self) -> Lang {
        self.session.settings.lang
    }

    /// Shows a notice in the session's language.
    fn tell(&self, sentence: impl Into<Sentence>) {
        self.say(&sentence.into().show(self.lang()));
    }

    /// Says in the session's language why a line is not done.
    fn refuse_with(&self, sentence: impl Into<Sentence>) {
        self.complain(format_args!("error: {}", sentence.into().show(self.lang())));
    }

    /// Says on standard error what is wrong, after what was shown before it.
    fn complain(&self, text: impl std::fmt::Display) {
        self.output().flush(&self.session.caller.gate);
        output::complain(text);
    }

    /// The result of a call that ended in the background is `$_n` of its line. Its names, `$_` and the current socket
    /// are `wait`'s to change, as in a script.
    fn remember_background(&mut self) {
        // What Ctrl-C has ended needs no telling.
        self.session.jobs().iter().filter(|j| j.is_over() && j.was_interrupted()).for_each(|j| {
            j.collect();
        });
        let (over, running) = self.background.drain(..).partition(|(job, _)| job.is_over());
        self.background = running;
        let over: Vec<(Arc<Job>, u32)> = over;
        for (job, number) in over {
            if let Some(result) = job.gave() {
                self.session.remember_as(number, result);
            }
        }
    }

    /// What has happened since the last prompt is told before the next.
    fn tell_news(&mut self) {
        let settings = &self.session.settings;
        let telling = Telling { notify: settings.notify, lang: settings.lang, room: true };
        let mut eyes = self.session.eyes();
        for line in self.reader.look(&self.watcher, &mut eyes, telling) {
            self.say(&line);
        }
    }

    /// What completion may offer.
    fn known(&self) -> Known {
        Known {
            names: self.session.named().into_iter().map(|(n, v)| (n.to_string(), v.kind().en)).collect(),
            sockets: self.session.open_sockets().iter().map(|s| s.name().to_string()).collect(),
            commands: self.compiler.scope.commands.keys().cloned().collect(),
            own: words::WORDS.iter().map(|w| (w.name, w.takes, w.summary)).collect(),
            seen: self.session.open_sockets().iter().map(|socket| (named(socket), On::of(socket))).collect(),
            jobs: self.jobs(),
            lang: self.lang(),
            ..Known::default()
        }
    }

    /// What `wait` and `kill` may name, and what each does.
    fn jobs(&self) -> Vec<(String, String)> {
        let jobs = self.session.jobs().into_iter().filter(|job| !job.background);
        let mut found: Vec<(String, String)> =
            jobs.map(|job| (job.name.to_string(), job.state().show(self.lang()).to_string())).collect();
        let waited = |value: &Value| matches!(value, Value::Jobs(_) | Value::Process(_));
        for (name, value) in self.session.named().into_iter().filter(|(_, value)| waited(value)) {
            let about = match &value {
                Value::Process(process) => literal::one_line(&process.command),
                _ => value.kind().show(self.lang()).to_string(),
            };
            found.push((name.to_string(), about));
        }
        found.dedup_by(|a, b| a.0 == b.0);
        found
    }

    /// Runs what was typed or pasted, a statement after the other; the first failure ends it.
    fn cell(&mut self, text: &str) -> Ended {
        let text = &pasted::plain(text);
        self.reader.keep(text.trim_end());
        if let Some(reading) = self.python_cell(text) {
            return self.run_python(text, &reading);
        }
        let Some(places) = cell::statements(text) else {
            // Something cannot be read; the compiler says what.
            self.indent = (!text.trim_end().contains('\n')).then(|| self.prompt_width());
            return self.statement(text.trim_end());
        };
        let total = places.len();
        let ends: Vec<usize> = places.iter().skip(1).map(|next| next.start).chain([text.len()]).collect();
        for (at, (place, end)) in places.into_iter().zip(ends).enumerate() {
            let indent = self.prompt_width() + text[..place.start].width();
            self.indent = (total == 1 && !text.trim_end().contains('\n')).then_some(indent);
            let answer = pasted::answer(&text[place.end..end]);
            let statement = &text[place];
            if at > 0 {
                if let Some(Stop::Signal(_)) = self.session.caller.gate.stopped() {
                    self.refuse_with(Sentence::of(|lang| lang.words().ended_by(None)));
                    return self.left_out(total - at);
                }
                self.announce(statement);
            }
            match self.statement(statement) {
                Ended::Well => self.compare(&answer),
                Ended::Failed if at + 1 < total => return self.left_out(total - at - 1),
                other => return other,
            }
        }
        Ended::Well
    }

    /// Says where a line that was pasted with its answer has shown something else.
    fn compare(&mut self, answer: &[String]) {
        if answer.is_empty() {
            return;
        }
        let mut known = std::collections::BTreeMap::new();
        for (name, value) in self.session.named() {
            let value = self.session.look(&value).unwrap_or(value);
            known.insert(name, value.to_text());
        }
        let wanted = filled(answer, |name| known.get(name).cloned());
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let differs = !shown.cut && !matches(&wanted, &shown.lines);
        drop(shown);
        if differs {
            let wanted = literal::one_line(&wanted.join("\n"));
            self.tell(say!(en "· the answer was: {wanted}", es "· la respuesta era: {wanted}", wanted));
        }
    }

    /// Shows a statement as if it had been typed now.
    fn announce(&mut self, statement: &str) {
        self.say(&format!("In [{}]: {statement}", self.number));
        self.indent = (!statement.contains('\n')).then(|| self.prompt_width());
    }

    /// How wide `In [7]: ` is.
    fn prompt_width(&self) -> usize {
        name(self.number).len() + 2
    }

    fn left_out(&self, left: usize) -> Ended {
        self.complain(self.lang().words().lines_left_out(left as u64));
        Ended::Failed
    }

    /// Runs one statement under the next number.
    fn statement(&mut self, text: &str) -> Ended {
        let number = self.number;
        self.number += 1;
        self.remember_background();
        self.shown = log::Shown::default();
        self.moved = None;
        let typed = self.compiler.sources.next() as usize;
        let typed = Span::new(typed, typed + text.len());
        self.above.set(self.indent.take().map(|indent| (typed, indent)));
        self.output().has_written();
        let own =
            words::recognise(text).filter(|(own, _)| !self.compiler.scope.commands.contains_key(own.name));
        let topic = words::asked_about(text);
        let mut rounds = 0;
        let (ended, looking) = match (own, topic) {
            (Some((own, _)), _) if own.what == What::Watch => {
                let (ended, times) = self.watch(own, text, number);
                rounds = times;
                (ended, log::is_looking(words::command_of(text)))
            }
            (Some((own, _)), _) if !matches!(own.what, What::Time | What::Timeit) => {
                (self.own(own, text, number), own.what != What::Run)
            }
            (Some((own, _)), _) => {
                let ended = self.timed(own, text, number);
                (ended, log::is_looking(words::command_of(text)))
            }
            (None, Some("")) => {
                let ended = self.run(text, number);
                self.page(&format!("\n{}", words::help("", self.lang())));
                (ended, true)
            }
            (None, Some(topic)) => {
                self.page(&words::help(topic, self.lang()));
                (Ended::Well, true)
            }
            (None, None) => match self.asked_value(text) {
                Some((name, value)) => {
                    let page = self.describe(&name, &value);
                    self.page(&page);
                    (Ended::Well, true)
                }
                None => (self.run(text, number), log::is_looking(text)),
            },
        };
        self.session.note_sockets(number, text);
        let worked = ended == Ended::Well;
        if !matches!(ended, Ended::Leave(_)) {
            let port = if worked { self.chosen_port(words::command_of(text), number) } else { None };
            let shown = self.shown.clone();
            let script = self.script_of(own.map(|(own, _)| own.what), text, worked, topic, rounds);
            let text = text.to_string();
            self.log.push(Entry { number, text, worked, looking, shown, port, script });
        }
        if let Some(last) = self.session.first_gone() {
            self.tell(say!(
                en "note: the oldest results are let go from here on, as the one of `In [{last}]`; `let NAME = $_N` keeps one",
                es "nota: desde aquí se descartan los resultados más antiguos, como el de `In [{last}]`; `let NAME = $_N` guarda uno",
                last
            ));
        }
        ended
    }

    /// What does in a script what this statement did.
    fn script_of(
        &self,
        own: Option<What>,
        text: &str,
        worked: bool,
        topic: Option<&str>,
        rounds: u32,
    ) -> Option<Script> {
        let command = words::command_of(text);
        if !worked {
            // What it took or sent before it failed, the lines after it do not find any more.
            let name = self.moved.as_ref().filter(|_| own != Some(What::Timeit))?;
            return saved::without_targets(command).map(|line| Script::Text(format!("fails {name} {line}")));
        }
        match own {
            Some(What::Time) => Some(Script::Text(command.to_string())),
            Some(What::Timeit) => {
                let rounds = words::rounds_of(text);
                Some(Script::Text(format!("repeat {rounds}\n    {command}\nend")))
            }
            Some(What::Watch) if rounds > 0 => {
                Some(Script::Text(format!("repeat {rounds}\n    {command}\nend")))
            }
            Some(What::Run) => words::path_of(text).map(Script::File),
            Some(_) => None,
            None if topic.is_some_and(|topic| !topic.is_empty()) => None,
            None => Some(Script::Text(command.to_string())),
        }
    }

    /// The port that the system chose for this line's `bind`.
    fn chosen_port(&mut self, text: &str, number: u32) -> Option<u16> {
        if !saved::binds_any_port(text) {
            return None;
        }
        let value = self.session.get(Place::Out(number)).ok()?;
        match self.session.look(&value).ok()? {
            Value::Address(address) => address.port(),
            _ => None,
        }
    }

    /// Reads a text; its mistakes and warnings are shown.
    fn compile(&mut self, name: &str, text: &str) -> Option<Program> {
        if !self.compiler.sources.fits(text.len()) {
            self.refuse_with(files::too_long(name));
            return None;
        }
        // What a line sources is read by the session, and its trace shows it.
        let caller = &mut self.session.caller;
        let (program, problems) = self.compiler.compile(name, text, &mut |path| files::read_by(caller, path));
        self.refuse(&first_of(problems));
        let program = program?;
        run::prepare_pictures(&program, &self.compiler, &mut self.session, false);
        self.session.prepare(&self.compiler.scope.order);
        Some(program)
    }

    fn refuse(&self, problems: &[Diagnostic]) {
        for problem in problems {
            self.complain(problem.draw(&self.compiler.sources, self.style()));
        }
    }

    /// How wide what is complained about may be.
    fn columns(&self) -> usize {
        columns(&std::io::stderr()).unwrap_or(80)
    }

    /// How the next finding is drawn: below the line that was typed, if it stands right above.
    fn style(&self) -> Style {
        let seen = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        let written = self.output().has_written() || self.session.settings.trace;
        let above = self.above.take().filter(|_| seen && !written);
        let columns = self.columns();
        // A line that goes on in the next row has no place for a mark below it.
        let in_a_row = |&(typed, indent): &(Span, usize)| {
            indent + self.compiler.sources.text(typed).trim_end().width() < columns
        };
        let brief = Brief { columns, above: above.filter(in_a_row) };
        Style { brief: Some(brief), ..run::style(self.lang()) }
    }

    fn run(&mut self, text: &str, number: u32) -> Ended {
        // `%sockets` is `sockets`; a blank keeps the places in the line.
        let plain =
            text.trim_start().strip_prefix('%').filter(|t| t.starts_with(|c: char| c.is_ascii_lowercase()));
        let text = &plain.map_or(text.to_string(), |t| format!("{}{t}", " ".repeat(text.len() - t.len())));
        // What a script sources is found from its folder, where its lines are offered.
        let own = match self.steps.as_ref().map(|steps| steps.folder.as_str()) {
            // The line's own place is shown as at any prompt, where nothing asks for the folder.
            _ if !text.contains("source") && !text.contains("here") => name(number),
            None | Some("") => name(number),
            Some(folder) => format!("{folder}/{}", name(number)),
        };
        let Some(program) = self.compile(&own, text) else { return Ended::Failed };
        let source = program.body.first().and_then(|step| self.compiler.sources.source(step.span));
        let start = source.map_or(0, |s| s.base() as usize);
        self.execute(&program, Span::new(start, start + text.len()), number)
    }

    /// Runs what was read, showing the results of the lines that were typed.
    fn execute(&mut self, program: &Program, typed: Span, number: u32) -> Ended {
        let watch = Arc::new(Shown {
            number,
            typed,
            left: AtomicU32::new(SHOWN),
            result: AtomicBool::new(false),
            output: self.output.clone(),
            kept: self.shown.clone(),
            announcer: self.reader.announcer(),
            window: self.window(),
            paged: self.pages() && program.body.len() == 1 && self.is_line(typed),
        });
        let jobs = self.session.jobs();
        let functions = program.functions.clone();
        self.attend();
        let ran = Runner::new(&mut self.session, functions, watch.clone()).run(&program.body);
        let emptied = self.watcher.end();
        let result = watch.result.load(Relaxed);
        let new = self.session.jobs();
        for job in new.iter().filter(|j| j.background && !jobs.iter().any(|old| Arc::ptr_eq(old, j))) {
            self.background.push((job.clone(), number));
        }
        match ran {
            Ok(_) => {
                if result {
                    self.session.remember(number);
                }
                Ended::Well
            }
            Err(mut halt) => {
                self.emptied = emptied;
                self.halted(&mut halt)
            }
        }
    }

    /// From here on it is told who waits, once that is long, until the watcher's end. What runs again and again counts
    /// its rounds in what comes back.
    fn attend(&mut self) -> Arc<AtomicU64> {
        let busy = Busy::new(self.session.caller.gate.clone(), self.lang());
        let round = busy.round.clone();
        let eyes = self.session.eyes();
        self.reader.run(&mut self.watcher, eyes, busy);
        round
    }

    /// The window of the terminal.
    fn window(&self) -> Option<Window> {
        let size = if std::io::stdout().is_terminal() { terminal_size(&std::io::stdout()) } else { None };
        size.map(|(rows, columns)| Window { rows, columns })
    }

    /// Does what is longer than the window go through a pager?
    fn pages(&self) -> bool {
        self.session.settings.pager && matches!(self.reader, Reader::Edited(_))
    }

    /// Was it one line, and no block?
    fn is_line(&self, typed: Span) -> bool {
        typed != Span::default() && !self.compiler.sources.text(typed).contains('\n')
    }

    /// Shows a text of several lines, which may be longer than the window.
    fn page(&self, text: &str) {
        let window = self.window();
        let text = window.map_or_else(|| text.to_string(), |window| wrapped(text, window.columns));
        let _ = show(
            &self.session.caller.gate,
            &self.output,
            window.filter(|_| self.pages()),
            [Cow::Owned(text)],
        );
    }

    /// Says why a statement ended.
    fn halted(&mut self, halt: &mut Halt) -> Ended {
        self.session.advise(halt);
        match halt {
            Halt::Exit { code, .. } => return Ended::Leave(*code),
            Halt::Signal { number, .. } if *number != libc::SIGINT => {
                return Ended::Leave(128 + *number);
            }
            Halt::Signal { span, .. } | Halt::Cancelled { span, .. } => {
                // The terminal has shown `^C` at the start of this line, if that was not taken away.
                if !std::mem::take(&mut self.emptied) {
                    self.complain("");
                }
                // Where it was is news only of a block.
                if self.above.take().is_some() {
                    *span = None;
                }
            }
            _ => {}
        }
        if let Some(data) = halt.done_mut().and_then(|done| done.data.clone()).filter(|data| !data.is_empty())
        {
            self.session.set_last(Value::Bytes(data), Value::Nothing);
            // The next line's number is there already.
            self.session.remember(self.number.saturating_sub(1));
        }
        if let Halt::Error(error) = halt {
            let taken = error.done.data.as_ref().is_some_and(|data| !data.is_empty());
            let moved = match &error.done.progress {
                Some(Progress::Sent { taken: bytes, .. } | Progress::Filed { bytes, .. }) => *bytes > 0,
                None => false,
            };
            self.moved = (taken || moved).then(|| error.code.name());
        }
        self.complain(error::halt(halt, &self.compiler.sources, self.style()));
        Ended::Failed
    }
}

/// The exit code, if a signal came that ends the session.
fn asked_to_end() -> Option<i32> {
    ending_signal().map(|signal| 128 + signal)
}

/// A socket of which nothing but its name was seen.
fn named(socket: &Endpoint) -> SocketFacts {
    SocketFacts { name: socket.name().to_string(), ..SocketFacts::default() }
}

fn name(number: u32) -> String {
    format!("In [{number}]")
}
