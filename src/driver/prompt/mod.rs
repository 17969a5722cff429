//! The prompt: `In [n]`, `Out[n]`, and the session between them.

mod cell;
mod editor;
mod history;
mod log;
mod paths;
mod saved;
mod terminal;
mod timing;
mod words;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;

use self::editor::{Read, Reader};
pub use self::log::Script;
use self::log::{Entry, Log};
use self::terminal::Announcer;
use self::words::{Own, What};
use crate::driver::files;
use crate::driver::output::{self, Output};
use crate::driver::run::{self, Options};
use crate::driver::terminal::{CLEAR_SCREEN, is_capable};
use crate::driver::transcript::{out_text, pieces, show_trace, shown};
use crate::engine::spawn::interrupt;
use crate::engine::{Compiler, Event, Program, Runner, Watch};
use crate::manual::complete::Known;
use crate::net::gate::{Gate, Stop, ending_signal, main_gate, typing};
use crate::render::error;
use crate::session::Session;
use crate::session::names::Place;
use crate::text::diagnostic::{Diagnostic, Source, Span, first_of, usage};
use crate::text::literal;
use crate::text::tree::Answer;
use crate::text::words::{Word, line};
use crate::value::Value;
use crate::value::job::Job;
use crate::value::outcome::{Fact, Halt, Progress};
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
    mut compiler: Compiler,
    number: u32,
    options: &Options,
    log: Log,
    greeting: Option<Sentence>,
) -> i32 {
    compiler.scope.prompt = true;
    let output = Arc::<Mutex<Output>>::default();
    let reader = Reader::new(session.caller.gate.clone(), output.clone(), session.settings.lang);
    let mut prompt = Prompt {
        session,
        compiler,
        options,
        output,
        log,
        told: HashSet::new(),
        background: Vec::new(),
        shown: log::Shown::default(),
        moved: None,
        number,
        reader,
    };
    if let Some(greeting) = greeting {
        prompt.tell(greeting);
    }
    let code = prompt.converse();
    prompt.end_session();
    let lost = prompt.output().lost();
    match lost {
        Some(lost) => output::exit_code(Some(lost), lost.exit_code()),
        None => code,
    }
}

struct Prompt<'o> {
    session: Session,
    compiler: Compiler,
    options: &'o Options,
    output: Arc<Mutex<Output>>,
    log: Log,
    /// The jobs whose failure has been told.
    told: HashSet<u32>,
    /// The background calls that run, each with the number of its statement.
    background: Vec<(Arc<Job>, u32)>,
    /// What the statement that runs has shown.
    shown: log::Shown,
    /// The error with which it failed, if it sent or took something before.
    moved: Option<String>,
    /// What the next statement is called.
    number: u32,
    reader: Reader,
}

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
            self.tell_failures();
            self.output().flush(&self.session.caller.gate);
            if self.output().lost().is_some() {
                return 0;
            }
            match self.reader.read(self.number, self.known()) {
                Read::Text(text) => {
                    typing(false);
                    if let Ended::Leave(code) = self.cell(&text) {
                        return code;
                    }
                }
                Read::End => return 0,
                Read::NotText => self.refuse_with(say!(
                    en "that key is not UTF-8 text; the line is forgotten",
                    es "esa tecla no es texto UTF-8; la línea se descarta"
                )),
                Read::Interrupted => {}
            }
        }
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

    /// Work in the background that has failed is told once; `wait` says why.
    fn tell_failures(&mut self) {
        for job in self.session.jobs() {
            if job.has_unheard_error() && self.told.insert(job.number) {
                let way = if job.background { "wait".to_string() } else { format!("wait {}", job.name) };
                self.tell(say!(
                    en "`{line}` has failed; `{way}` says why",
                    es "`{line}` falló; `{way}` dice por qué",
                    line = literal::one_line(&job.line),
                    way
                ));
            }
        }
        // A note is enough here: the session goes on.
        let lang = self.session.settings.lang;
        for process in self.session.processes() {
            if process.has_died() {
                process.expect_end();
                self.say(&literal::one_line(&error::died(&process, false).show(lang)));
            }
        }
    }

    /// What completion may offer.
    fn known(&self) -> Known {
        Known {
            names: self.session.named().into_iter().map(|(n, v)| (n.to_string(), v.kind().en)).collect(),
            sockets: self.session.open_sockets().iter().map(|s| s.name().to_string()).collect(),
            commands: self.compiler.scope.commands.keys().cloned().collect(),
            own: words::WORDS.iter().map(|w| (w.name, w.takes)).collect(),
        }
    }

    /// Runs what was typed or pasted, a statement after the other; the first failure ends it.
    fn cell(&mut self, text: &str) -> Ended {
        self.reader.keep(text.trim_end());
        let Some(places) = cell::statements(text) else {
            // Something cannot be read; the compiler says what.
            return self.statement(text.trim_end());
        };
        let total = places.len();
        for (at, place) in places.into_iter().enumerate() {
            let statement = &text[place];
            if at > 0 {
                if let Some(Stop::Signal(_)) = self.session.caller.gate.stopped() {
                    self.refuse_with(Sentence::of(|lang| lang.words().ended_by(None)));
                    return self.left_out(total - at);
                }
                self.announce(statement);
            }
            match self.statement(statement) {
                Ended::Well => {}
                Ended::Failed if at + 1 < total => return self.left_out(total - at - 1),
                other => return other,
            }
        }
        Ended::Well
    }

    /// Shows a statement as if it had been typed now.
    fn announce(&mut self, statement: &str) {
        self.say(&format!("In [{}]: {statement}", self.number));
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
        let own =
            words::recognise(text).filter(|(own, _)| !self.compiler.scope.commands.contains_key(own.name));
        let topic = words::asked_about(text);
        let (ended, looking) = match (own, topic) {
            (Some((own, _)), _) if !matches!(own.what, What::Time | What::Timeit) => {
                (self.own(own, text, number), own.what != What::Run)
            }
            (Some((own, _)), _) => {
                let ended = self.timed(own, text, number);
                (ended, log::is_looking(words::command_of(text)))
            }
            (None, Some("")) => {
                let ended = self.run(text, number);
                self.say(&format!("\n{}", words::help("", self.lang())));
                (ended, true)
            }
            (None, Some(topic)) => {
                self.say(&words::help(topic, self.lang()));
                (Ended::Well, true)
            }
            (None, None) => (self.run(text, number), log::is_looking(text)),
        };
        let worked = ended == Ended::Well;
        if !matches!(ended, Ended::Leave(_)) {
            let port = if worked { self.chosen_port(words::command_of(text), number) } else { None };
            let shown = self.shown.clone();
            let script = self.script_of(own.map(|(own, _)| own.what), text, worked, topic);
            let text = text.to_string();
            self.log.push(Entry { number, text, worked, looking, shown, port, script });
        }
        ended
    }

    /// What does in a script what this statement did.
    fn script_of(&self, own: Option<What>, text: &str, worked: bool, topic: Option<&str>) -> Option<Script> {
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
        let (program, problems) = self.compiler.compile(name, text, &mut files::read);
        self.refuse(&first_of(problems));
        let program = program?;
        self.session.prepare(&self.compiler.scope.order);
        Some(program)
    }

    fn refuse(&self, problems: &[Diagnostic]) {
        let style = run::style(self.session.settings.lang);
        for problem in problems {
            self.complain(problem.draw(&self.compiler.sources, style));
        }
    }

    fn run(&mut self, text: &str, number: u32) -> Ended {
        // `%sockets` is `sockets`; a blank keeps the places in the line.
        let plain =
            text.trim_start().strip_prefix('%').filter(|t| t.starts_with(|c: char| c.is_ascii_lowercase()));
        let text = &plain.map_or(text.to_string(), |t| format!("{}{t}", " ".repeat(text.len() - t.len())));
        let Some(program) = self.compile(&name(number), text) else { return Ended::Failed };
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
        });
        let jobs = self.session.jobs();
        let functions = program.functions.clone();
        let ran = Runner::new(&mut self.session, functions, watch.clone()).run(&program.body);
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
            Err(mut halt) => self.halted(&mut halt),
        }
    }

    /// Says why a statement ended.
    fn halted(&mut self, halt: &mut Halt) -> Ended {
        self.session.advise(halt);
        match halt {
            Halt::Exit(code) => return Ended::Leave(*code),
            Halt::Signal { number, .. } if *number != libc::SIGINT => {
                return Ended::Leave(128 + *number);
            }
            // The terminal has shown `^C` at the start of this line.
            Halt::Signal { .. } | Halt::Cancelled { .. } => self.complain(""),
            _ => {}
        }
        if let Halt::Error(error) = halt {
            let taken = error.data.as_ref().is_some_and(|data| !data.is_empty());
            let moved = match &error.progress {
                Some(Progress::Sent { taken: bytes, .. } | Progress::Filed { bytes, .. }) => *bytes > 0,
                None => false,
            };
            self.moved = (taken || moved).then(|| error.code.name());
        }
        let style = run::style(self.session.settings.lang);
        self.complain(error::halt(halt, &self.compiler.sources, style));
        Ended::Failed
    }

    // The prompt's own words.

    fn own(&mut self, own: &'static Own, text: &str, number: u32) -> Ended {
        let arguments = match Arguments::read(self, text, number) {
            Ok(arguments) => arguments,
            Err(problems) => {
                self.refuse(&problems);
                return Ended::Failed;
            }
        };
        let done = match own.what {
            What::History => arguments.none(own).map(|()| {
                let shown = self.log.shown();
                if !shown.is_empty() {
                    self.say(&shown);
                }
                Ended::Well
            }),
            What::Clear => arguments.none(own).map(|()| {
                if is_capable(&std::io::stdout()) {
                    self.output().control(&self.session.caller.gate, CLEAR_SCREEN);
                }
                Ended::Well
            }),
            What::Reset => arguments.none(own).map(|()| self.reset()),
            What::Rerun => arguments.only_range(own).map(|numbers| self.rerun(&numbers)),
            What::Run => arguments.only_path(own).map(|path| self.run_file(&path, number)),
            What::Save => {
                let (arguments, all) = arguments.switch("--all");
                arguments.path_and_range(own).map(|(path, numbers)| self.save(&path, &numbers, all))
            }
            What::Time | What::Timeit => Ok(Ended::Well),
        };
        done.unwrap_or_else(|problem| {
            self.refuse(&[*problem]);
            Ended::Failed
        })
    }

    fn reset(&mut self) -> Ended {
        let open = self.session.open_sockets().len();
        self.end_session();
        let settings = self.session.settings.clone();
        let sources = std::mem::take(&mut self.compiler.sources);
        (self.session, self.compiler) = begin(self.options);
        self.session.settings = settings;
        self.session.set_trace(self.session.settings.trace);
        self.compiler.sources = sources;
        self.log.reset();
        self.say(&self.lang().words().session_reset(open as u64));
        Ended::Well
    }

    fn rerun(&mut self, numbers: &RangeInclusive<u32>) -> Ended {
        let again = |e: &&Entry| !words::recognise(&e.text).is_some_and(|(own, _)| own.what == What::Rerun);
        let texts: Vec<String> =
            self.log.range(numbers).filter(|e| e.number > 0).filter(again).map(|e| e.text.clone()).collect();
        if texts.is_empty() {
            self.refuse_with(say!(
                en "there is no such line; `history` lists them",
                es "no existe esa línea; `history` las muestra"
            ));
            return Ended::Failed;
        }
        let total = texts.len();
        for (at, text) in texts.iter().enumerate() {
            self.announce(text);
            match self.statement(text) {
                Ended::Well => {}
                Ended::Failed if at + 1 < total => return self.left_out(total - at - 1),
                other => return other,
            }
        }
        Ended::Well
    }

    /// A script's lines in this session. Its `exit` ends only the script.
    fn run_file(&mut self, path: &Path, number: u32) -> Ended {
        let text = match files::read(path) {
            Ok(text) => text,
            Err(why) => {
                self.refuse_with(why);
                return Ended::Failed;
            }
        };
        let Some(program) = self.compile(&path.to_string_lossy(), &text) else { return Ended::Failed };
        match self.execute(&program, Span::default(), number) {
            Ended::Leave(0) => Ended::Well,
            Ended::Leave(code) if code < 128 => {
                let ended = say!(
                    en "the script ended with exit code {code}",
                    es "el script terminó con el código de salida {code}",
                    code
                );
                self.complain(ended.show(self.lang()));
                Ended::Failed
            }
            other => other,
        }
    }

    fn save(&mut self, path: &Path, numbers: &RangeInclusive<u32>, all: bool) -> Ended {
        let shown = literal::one_line(&path.to_string_lossy());
        let folder = path.parent().unwrap_or(Path::new(""));
        let entries = self.log.worth(numbers, all, folder);
        if entries.is_empty() {
            self.refuse_with(say!(
                en "no line there that worked, so nothing was saved",
                es "ninguna de esas líneas funcionó, así que no se guardó nada"
            ));
            return Ended::Failed;
        }
        let lines: Vec<&Entry> = entries.iter().collect();
        let text = match saved::script(&lines, self.session.tmpdir_if_made().as_deref()) {
            Ok(text) => text,
            Err(why) => {
                self.refuse_with(why);
                return Ended::Failed;
            }
        };
        // Lines that need another that is not among them are no script.
        let count_of_arguments = u32::try_from(self.options.arguments.len()).ok();
        let mut compiler = Compiler::new(run::scope(self.options, count_of_arguments));
        let (program, problems) = compiler.compile(&path.to_string_lossy(), text.clone(), &mut files::read);
        if program.is_none() {
            let style = run::style(self.session.settings.lang);
            if let Some(problem) = problems.iter().find(|p| p.is_error()) {
                self.complain(problem.draw(&compiler.sources, style));
            }
            let none = phrase!(
                en "these lines alone are no script, so nothing was saved",
                es "estas líneas solas no son un script, así que no se guardó nada"
            );
            self.complain(none.show(self.lang()));
            return Ended::Failed;
        }
        let question = say!(en "{shown} exists; overwrite it?", es "{shown} existe; ¿sobrescribirlo?", shown);
        if path.exists() && !self.reader.confirm(&question.show(self.lang()), self.lang()) {
            self.complain(phrase!(en "nothing was saved", es "no se guardó nada").show(self.lang()));
            return Ended::Failed;
        }
        match files::write(path, &text) {
            Ok(()) => {
                self.say(&self.lang().words().lines_saved(entries.len() as u64, &shown));
                Ended::Well
            }
            Err(e) => {
                self.refuse_with(files::cannot_write(&shown, &e));
                Ended::Failed
            }
        }
    }

    /// `time` and `timeit`.
    fn timed(&mut self, own: &'static Own, text: &str, number: u32) -> Ended {
        let rest = words::recognise(text).map_or("", |(_, rest)| rest).trim_start();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (rounds, command) = match own.what {
            What::Timeit => (rest[..digits].parse().unwrap_or(0), rest[digits..].trim_start()),
            _ => (1u32, rest),
        };
        if rounds == 0 || command.is_empty() {
            let source = self.compiler.sources.add(&name(number), text);
            let span = Span::new(source.base() as usize, source.base() as usize + text.trim_end().len());
            let missing = match rounds {
                0 => phrase!(en "how many times", es "cuántas veces"),
                _ => phrase!(en "a command", es "un comando"),
            };
            let problem = Diagnostic::new(
                span,
                say!(
                    en "`{command}` needs {missing}",
                    es "`{command}` requiere {missing}",
                    command = own.name,
                    missing
                ),
            );
            self.refuse(&[problem.help(usage(own.usage))]);
            return Ended::Failed;
        }
        // Blanks where the word stood: the places in the line stay.
        let text = words::masked(text);
        if own.what == What::Time {
            let begun = Instant::now();
            let ended = self.run(&text, number);
            if ended == Ended::Well {
                let took = timing::rounded(begun.elapsed());
                self.tell(say!(en "took {took}", es "tardó {took}", took));
            }
            return ended;
        }
        let Some(program) = self.compile(&name(number), &text) else { return Ended::Failed };
        let quiet = Arc::new(Quiet);
        let (mut times, mut halt) = (Vec::new(), None);
        while halt.is_none() && times.len() < rounds as usize {
            halt = match self.session.caller.gate.stopped() {
                Some(stop) => Some(self.session.caller.halt("", stop, None, None)),
                None => {
                    let begun = Instant::now();
                    let ran = Runner::new(&mut self.session, program.functions.clone(), quiet.clone())
                        .run(&program.body);
                    let took = begun.elapsed();
                    ran.map(|_| times.push(took)).err()
                }
            };
        }
        let ended = halt.map_or(Ended::Well, |mut halt| self.halted(&mut halt));
        if let Some(report) = timing::report(&times, self.lang()) {
            self.say(&report);
        }
        ended
    }
}

/// The exit code, if a signal came that ends the session.
fn asked_to_end() -> Option<i32> {
    ending_signal().map(|signal| 128 + signal)
}

fn name(number: u32) -> String {
    format!("In [{number}]")
}

/// The words after one of the prompt's own.
struct Arguments {
    words: Vec<Word<'static>>,
    /// Where the word itself stands.
    own: Span,
}

type Argued<T> = Result<T, Box<Diagnostic>>;

impl Arguments {
    fn read(prompt: &mut Prompt<'_>, text: &str, number: u32) -> Result<Arguments, Vec<Diagnostic>> {
        let source: Source = prompt.compiler.sources.add(&name(number), text);
        let mut problems = Vec::new();
        let words = line(&source.text, source.base(), 0, &mut problems).words;
        let mut words: Vec<_> = words.into_iter().map(Word::into_owned).collect();
        if problems.iter().any(Diagnostic::is_error) || words.is_empty() {
            return Err(problems);
        }
        let own = words.remove(0).span;
        Ok(Arguments { words, own })
    }

    /// Takes a switch out from among the words; was it there?
    fn switch(mut self, name: &str) -> (Arguments, bool) {
        let before = self.words.len();
        self.words.retain(|w| w.bare() != Some(name));
        let given = self.words.len() < before;
        (self, given)
    }

    fn wrong(&self, own: &Own, at: Option<&Word>, message: Sentence) -> Box<Diagnostic> {
        let span = at.map_or(self.own, |w| w.span);
        Box::new(Diagnostic::new(span, message).help(usage(own.usage)))
    }

    fn none(&self, own: &Own) -> Argued<()> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(self.wrong(
                own,
                Some(word),
                say!(en "`{name}` takes no words", es "`{name}` no lleva palabras", name = own.name),
            )),
        }
    }

    fn path(&self, own: &Own) -> Argued<PathBuf> {
        let Some(word) = self.words.first() else {
            return Err(self.wrong(
                own,
                None,
                say!(en "`{name}` needs a file", es "`{name}` requiere un archivo", name = own.name),
            ));
        };
        match word.literal() {
            Some(bytes) if !bytes.is_empty() && !bytes.contains(&0) => {
                Ok(PathBuf::from(std::ffi::OsString::from_vec(bytes.to_vec())))
            }
            _ => Err(self.wrong(
                own,
                Some(word),
                say!(en "a file's name is due here", es "aquí va el nombre de un archivo"),
            )),
        }
    }

    fn range(&self, own: &Own, word: &Word) -> Argued<RangeInclusive<u32>> {
        let numbers = word.bare().and_then(|text| {
            let (from, to) = text.split_once('-').unwrap_or((text, text));
            Some(from.parse().ok()?..=to.parse().ok()?)
        });
        match numbers {
            Some(numbers) if !numbers.is_empty() => Ok(numbers),
            _ => Err(self.wrong(
                own,
                Some(word),
                say!(
                    en "line numbers are due here, like `3` or `3-7`",
                    es "aquí van números de línea, como `3` o `3-7`"
                ),
            )),
        }
    }

    fn at_most(&self, own: &Own, most: usize) -> Argued<()> {
        match self.words.get(most) {
            None => Ok(()),
            Some(word) => Err(self.wrong(
                own,
                Some(word),
                say!(
                    en "too many words for `{name}`",
                    es "demasiadas palabras para `{name}`",
                    name = own.name
                ),
            )),
        }
    }

    fn only_path(&self, own: &Own) -> Argued<PathBuf> {
        self.at_most(own, 1)?;
        self.path(own)
    }

    fn only_range(&self, own: &Own) -> Argued<RangeInclusive<u32>> {
        self.at_most(own, 1)?;
        match self.words.first() {
            Some(word) => self.range(own, word),
            None => Err(self.wrong(
                own,
                None,
                say!(en "`rerun` needs line numbers", es "`rerun` requiere números de línea"),
            )),
        }
    }

    fn path_and_range(&self, own: &Own) -> Argued<(PathBuf, RangeInclusive<u32>)> {
        self.at_most(own, 2)?;
        let path = self.path(own)?;
        let numbers = match self.words.get(1) {
            Some(word) => self.range(own, word)?,
            None => 0..=u32::MAX,
        };
        Ok((path, numbers))
    }
}

/// Results that one statement shows: a loop of a million rounds is not followed line by line.
const SHOWN: u32 = 10;

/// The watcher of a statement: what it prints, and its results. A background call may go on to use
/// it while other lines are typed.
struct Shown {
    number: u32,
    /// The text that was typed; the lines of a `def` above it or of a file show only what they print.
    typed: Span,
    left: AtomicU32,
    /// Was there anything for `$_`?
    result: AtomicBool,
    output: Arc<Mutex<Output>>,
    /// What the typed lines showed, for `save`.
    kept: log::Shown,
    announcer: Option<Announcer>,
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
            _ => {
                let mut output = self.output();
                pieces.into_iter().try_for_each(|piece| output.text(gate, &piece))?;
                output.text(gate, "\n")
            }
        }
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, text: &str) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).add(text);
    }
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
            if left.is_some() && !result {
                let keep = |piece: &Cow<'_, str>| {
                    if own {
                        self.keep(piece);
                    }
                };
                let pieces = pieces(session, outcome).inspect(keep);
                self.say(session, pieces)?;
            } else if left.is_some()
                && let Some(text) = shown(session, outcome)
            {
                if own {
                    self.keep(&text);
                }
                self.say(session, [Cow::Owned(out_text(self.number, outcome, &text))])?;
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
struct Quiet;

impl Watch for Quiet {
    fn wants(&self, _: &Session, _: Option<&Answer>) -> bool {
        false
    }

    fn done(&self, _: &mut Session, _: &Event<'_>) -> Result<(), Box<Halt>> {
        Ok(())
    }

    fn flush(&self, _: &Gate) {}
}
