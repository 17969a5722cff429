//! One script from its text to its exit code.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::driver::failure::failure;
use crate::driver::files;
use crate::driver::output::complain;
use crate::driver::terminal;
use crate::driver::transcript::Transcript;
use crate::engine::spawn::finish;
use crate::engine::{Compiler, Program, Runner, Watch};
use crate::net::capture::Capture;
use crate::net::door::Roster;
use crate::net::enclosure::Enclosure;
use crate::net::gate::{main_gate, register};
use crate::net::namespace::{self, Network};
use crate::net::policy::{Guard, Policy};
use crate::net::process::{first_dead, settle};
use crate::picture::events::{Recorder, SNIPPET};
use crate::picture::ladder::Ladder;
use crate::picture::pcap::{Origin, pcap};
use crate::python::in_a_file;
use crate::render::{error, way};
use crate::session::names::Scope;
use crate::session::subtests::{CUT, End, Subtest};
use crate::session::{Format, Session};
use crate::text::diagnostic::{Diagnostic, LONGEST_TEXT, Sources, Style, first_of};
use crate::text::parse::name_problem;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Drawing as _, Halt, Limit, SocketFacts};
use crate::value::process::Process;
use crate::value::{Value, duration_of, printed_int};
use crate::words::{Lang, Noun, Sentence, counted};

/// What the command line says of a run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--var` and the environment's `SOCKBOOK_VAR_…`.
    pub vars: Vec<(String, String)>,
    /// What the fixtures of its folder give it; a name without a value is one that they may give.
    pub exports: Vec<(Arc<str>, Option<Value>)>,
    /// Those fixtures: a program of theirs that dies ends what the script waits for.
    pub above: Vec<Arc<Roster>>,
    /// `$1`, `$2` …: what follows the script's name.
    pub arguments: Vec<String>,
    /// `--echo`: each line and its result are shown.
    pub echo: bool,
    /// `--trace`: each system call is shown on standard error.
    pub trace: bool,
    /// `--format json`: an object for each command.
    pub json: bool,
    /// `--timeout`: the limit of each command that may wait; `None` is no limit.
    pub timeout: Option<Duration>,
    /// The command line does not have it: it is what `test` gives each command.
    pub default_timeout: bool,
    /// `--seed`: what random bytes are made of.
    pub seed: Option<u64>,
    /// `--diagram`: what happened is drawn on standard error.
    pub diagram: bool,
    /// `--pcap`: it is written to this file as a capture; of `test`, of each script that failed into this folder.
    pub pcap: Option<PathBuf>,
    /// The language of what is explained.
    pub lang: Lang,
    /// `--lang` was given.
    pub lang_given: bool,
    /// What the command line lets its scripts reach; none: everything.
    pub policy: Option<Arc<Policy>>,
    /// The sandbox that the kernel holds.
    pub enclosure: Option<Arc<Enclosure>>,
    /// The network of the fixture that it stands on, where scripts have networks of their own.
    pub network: Option<Arc<Network>>,
    /// A report draws what happened in a script that failed.
    pub ladders: bool,
    /// The temporary folders of the fixtures that it stands on.
    pub folders: Vec<PathBuf>,
    /// `--no-init`: the prompt opens without what the user keeps for it.
    pub no_init: bool,
}

impl Options {
    /// Reads what a script sources, where that is allowed.
    pub fn read(&self, path: &Path) -> Result<String, Sentence> {
        self.policy.as_ref().map_or(Ok(()), |policy| policy.may_source(path))?;
        files::read(path)
    }
}

/// A text to run or check, with the name that its diagnostics bear.
pub struct Text {
    /// A path, `-c` or `<stdin>`.
    pub name: String,
    /// All of it.
    pub text: String,
    /// It is what came on standard input.
    pub is_input: bool,
}

/// The name of a script that is standard input.
const STDIN: &str = "<stdin>";

/// Reads all of standard input.
pub fn read_stdin() -> Result<Text> {
    let mut bytes = Vec::new();
    let length = std::io::stdin().lock().take(LONGEST_TEXT as u64).read_to_end(&mut bytes).map_err(|e| {
        failure(say!(
            en "cannot read standard input: {why}",
            es "no se puede leer la entrada estándar: {why}",
            why = files::io_words(&e)
        ))
    })?;
    if length == LONGEST_TEXT {
        return Err(failure(files::too_long(STDIN)));
    }
    let text = files::utf8(bytes, STDIN).map_err(failure)?;
    Ok(Text { name: STDIN.into(), text, is_input: true })
}

/// A duration of the command line.
pub fn duration(text: &str) -> Result<Duration> {
    duration_of(text).filter(|d| !d.is_zero()).ok_or_else(|| {
        failure(say!(
            en "`{text}` is not a duration; like `250ms`, `2s` or `1m`",
            es "`{text}` no es una duración; como `250ms`, `2s` o `1m`",
            text
        ))
    })
}

/// The environment's `SOCKBOOK_VAR_name`, then `--var`, which wins.
pub fn variables(given: &[String]) -> Result<Vec<(String, String)>> {
    let mut vars = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix("SOCKBOOK_VAR_")) else { continue };
        let value = value.to_str().ok_or_else(|| {
            failure(say!(en "SOCKBOOK_VAR_{name} is not UTF-8", es "SOCKBOOK_VAR_{name} no es UTF-8", name))
        })?;
        vars.push(variable(name, value)?);
    }
    for text in given {
        let Some((name, value)) = text.split_once('=') else {
            return Err(failure(say!(
                en "`--var {text}` has no `=`; write `--var NAME=VALUE`",
                es "`--var {text}` no tiene `=`; escribe `--var NAME=VALUE`",
                text
            )));
        };
        vars.push(variable(name, value)?);
    }
    Ok(vars)
}

fn variable(name: &str, value: &str) -> Result<(String, String)> {
    match name_problem(name, Default::default()) {
        None => Ok((name.to_string(), value.to_string())),
        Some(problem) => Err(failure(problem.message)),
    }
}

/// The scope before the first line: what the outside gives.
pub fn scope(options: &Options, arguments: Option<u32>) -> Scope {
    let mut scope = Scope::default();
    scope.arguments = arguments;
    for name in options.exports.iter().map(|(name, _)| &**name).chain(options.vars.iter().map(|(n, _)| &**n))
    {
        scope.assign_outside(name);
    }
    scope
}

/// Gives the outside's values to the session. Where no more lines can come, what would be known to them is
/// given back first.
pub fn give(session: &mut Session, options: &Options, scope: &mut Scope, more: bool) {
    if !options.above.is_empty() {
        session.caller.roster.stand_on(options.above.clone());
    }
    if let Some(policy) = &options.policy {
        session.caller.keep_to(Arc::new(Guard::new(policy.clone(), &options.folders)));
    }
    session.enclosure = options.enclosure.clone();
    session.folders = options.folders.clone();
    let exported: Vec<_> = options.exports.iter().map(|(name, _)| scope.assign_outside(name)).collect();
    let places: Vec<_> = options.vars.iter().map(|(name, _)| scope.assign_outside(name)).collect();
    if more {
        session.prepare(&scope.order);
    } else {
        session.prepare(&std::mem::take(scope).order);
    }
    for ((_, value), place) in options.exports.iter().zip(exported) {
        if let Some(value) = value {
            session.assign(place, value.clone());
        }
    }
    // The command line wins.
    for ((_, value), place) in options.vars.iter().zip(places) {
        session.assign(place, printed_int(value).map_or_else(|| Value::text(value), Value::Int));
    }
    session.arguments = options.arguments.iter().map(|a| Value::text(a)).collect();
    session.settings.timeout = options.timeout;
    session.settings.timeout_by = if options.default_timeout { Limit::Default } else { Limit::CommandLine };
    if let Some(seed) = options.seed {
        session.set_seed(seed);
    }
    if options.pcap.is_some() {
        session.keep_for_pictures(usize::MAX, !more);
    } else if options.diagram || more {
        session.keep_for_pictures(SNIPPET, !more);
    }
    session.settings.lang = options.lang;
    session.settings.echo = options.echo;
    session.set_trace(options.trace);
}

/// How failures are drawn on standard error.
pub fn style(lang: Lang) -> Style {
    Style { colour: terminal::colour(&std::io::stderr()), lang, brief: None }
}

/// Reads a script whole. Its mistakes go to standard error.
pub fn compile(text: Text, options: &Options) -> Option<(Program, Compiler)> {
    let count = u32::try_from(options.arguments.len()).unwrap_or(u32::MAX);
    let mut compiler = Compiler::new(scope(options, Some(count)));
    if !compiler.sources.fits(text.text.len()) {
        complain(format_args!("error: {}", files::too_long(&text.name).show(options.lang)));
        return None;
    }
    compiler.scope.is_input = text.is_input;
    let (program, problems) = compiler.compile(&text.name, text.text, &mut |path| options.read(path));
    match program {
        Some(program) => Some((program, compiler)),
        None => {
            let problems = in_a_file(problems, compiler.sources.first());
            report(problems, &compiler.sources, options);
            None
        }
    }
}

/// Shows the mistakes, and says that nothing ran.
fn report(problems: Vec<Diagnostic>, sources: &Sources, options: &Options) {
    let style = style(options.lang);
    let errors: Vec<_> = problems.into_iter().filter(Diagnostic::is_error).collect();
    let none_ran = say!(
        en "{mistakes}; nothing was run",
        es "{mistakes}; no se ejecutó nada",
        mistakes = counted(errors.len(), Noun::Mistake)
    );
    for problem in first_of(errors) {
        complain(format_args!("{}\n", problem.draw(sources, style)));
    }
    complain(none_ran.show(options.lang));
}

/// How a script ended, and, if it failed, its sockets and its programs as they stood.
pub struct Ended {
    /// What ended it; `None` where its last line did.
    pub halt: Option<Box<Halt>>,
    /// The sockets of a script that failed, before they were closed.
    pub standing: Vec<SocketFacts>,
    /// The programs of a script that failed, in the order of their start.
    pub programs: Vec<Arc<Process>>,
    /// What its random bytes were made of, if it had any.
    pub seed: Option<u64>,
    /// What came of its `subtest`s.
    pub subtests: Vec<Subtest>,
}

impl Ended {
    /// It did not begin.
    fn by(halt: Box<Halt>) -> Ended {
        Ended {
            halt: Some(halt),
            standing: Vec::new(),
            programs: Vec::new(),
            seed: None,
            subtests: Vec::new(),
        }
    }

    /// What stands below the error of a report: how it came there, the sockets, the programs, the seed.
    pub fn standing_text(&self, sources: &Sources, lang: Lang, columns: Option<usize>) -> String {
        standing_text(self.halt.as_deref(), self.standing(), sources, lang, columns)
    }

    /// What stood when it ended.
    pub fn standing(&self) -> Standing<'_> {
        Standing { sockets: &self.standing, programs: &self.programs, seed: self.seed }
    }
}

/// The sockets and the programs as they stood, and what random bytes were made of.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    /// The sockets, before they were closed.
    pub sockets: &'a [SocketFacts],
    /// The programs, in the order of their start.
    pub programs: &'a [Arc<Process>],
    /// The seed, if it was used.
    pub seed: Option<u64>,
}

/// How a halt came about, and what stood then, within the columns of a terminal if it is for one.
pub fn standing_text(
    halt: Option<&Halt>,
    stood: Standing<'_>,
    sources: &Sources,
    lang: Lang,
    columns: Option<usize>,
) -> String {
    let way = halt.and_then(|halt| way::lines(halt, sources, lang));
    let sockets = Some(error::sockets(stood.sockets, lang, columns));
    let programs = Some(error::programs(stood.programs, lang)).filter(|text| !text.is_empty());
    let seed = stood.seed.map(|seed| {
        let seed = say!(
            en "the random bytes came from the seed {seed}: `--seed {seed}` gives them again",
            es "los bytes al azar salieron de la semilla {seed}: `--seed {seed}` los da de nuevo",
            seed
        );
        seed.show(lang)
    });
    let parts: Vec<String> = [way, sockets, programs, seed].into_iter().flatten().collect();
    parts.join("\n\n")
}

/// What follows the last line of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing: its programs are ended too, so that an end that is a failure fails the script.
    Nothing,
    /// Other lines may.
    Lines,
    /// The scripts of a folder, of which this is the fixture: its threads and programs go on.
    Scripts,
}

/// Keeps what happens from here on, where the script or a report draws it, and the texts that its lines stand in.
pub fn prepare_pictures(program: &Program, compiler: &Compiler, session: &mut Session, ladders: bool) {
    if program.draws {
        session.keep_for_pictures(SNIPPET, true);
    } else if ladders {
        // No line of the script asked for it: a trace of it is as without the report.
        session.keep_for_pictures(SNIPPET, false);
    }
    if let Some(kept) = session.kept_for_pictures() {
        kept.read_from(&compiler.sources);
    }
}

/// Runs a program on a session to its end: on this thread, or, where the kernel holds it, on one that ends with it.
pub fn execute(program: &Program, session: &mut Session, watch: Arc<dyn Watch>, rest: Rest) -> Ended {
    match session.enclosure.clone() {
        None => execute_here(program, session, watch, rest),
        Some(enclosure) => {
            let outer = session.caller.gate.clone();
            let ended = enclosed(&enclosure, session, |session| execute_here(program, session, watch, rest));
            session.caller.gate = outer;
            ended.unwrap_or_else(Ended::by)
        }
    }
}

/// Does the work on a thread that the kernel holds. What cannot be held is not done.
fn enclosed(
    enclosure: &Enclosure,
    session: &mut Session,
    work: impl FnOnce(&mut Session) -> Ended + Send,
) -> Result<Ended, Box<Halt>> {
    let failed = |call, e: &std::io::Error| Box::new(Halt::Error(CallError::io(call, e)));
    let mut folders = session.folders.clone();
    // It cannot be made from within.
    folders.push(session.tmpdir()?);
    let held = move || {
        let registered = register().map_err(|e| failed("pthread_create", &e))?;
        let gate = registered.gate();
        session.caller.gate = gate.clone();
        let limit = session.caller.script_limit.0;
        if !limit.is_zero() {
            gate.set_limit(Some(limit)).map_err(|e| failed("pthread_create", &e))?;
        }
        enclosure.enter(&folders).map_err(|e| failed("sandbox", &e))?;
        let ended = work(session);
        let _ = gate.set_limit(None);
        Ok(ended)
    };
    std::thread::scope(|scope| {
        let builder =
            std::thread::Builder::new().name("sandbox".into()).stack_size(crate::net::kernel::THREAD_STACK);
        let thread = builder.spawn_scoped(scope, held).map_err(|e| failed("pthread_create", &e))?;
        // A fault of ours is passed on, as if it had happened here.
        thread.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault))
    })
}

fn execute_here(program: &Program, session: &mut Session, watch: Arc<dyn Watch>, rest: Rest) -> Ended {
    let gate = session.caller.gate.clone();
    session.caller.roster.end_waits_on_death(true, &gate);
    session.waits = program.waits.clone();
    session.begin_subtests();
    let mut runner = Runner::new(session, program.functions.clone(), watch.clone());
    let mut halt = runner.run(&program.body).err();
    let fails = |h: &Halt| !matches!(h, Halt::Exit { .. } | Halt::Skip { .. });
    if let Some(halt) = halt.as_deref_mut().filter(|halt| fails(halt)) {
        runner.stand(halt);
    }
    let halt = match (rest, halt) {
        (Rest::Scripts, None) => None,
        (_, halt) => finish(runner.session, halt, program.end),
    };
    runner.session.caller.roster.end_waits_on_death(false, &gate);
    let mut halt = judge_programs(runner.session, halt, rest != Rest::Nothing);
    if let Some(halt) = halt.as_deref_mut().filter(|halt| fails(halt)) {
        runner.stand(halt);
    }
    let subtests = runner.session.take_subtests();
    let failed = subtests.iter().filter(|subtest| subtest.has_failed()).count();
    if failed > 0 && matches!(halt.as_deref(), None | Some(Halt::Exit { code: 0, .. } | Halt::Skip { .. })) {
        halt = Some(Box::new(Halt::Subtests { failed, of: subtests.len() }));
    }
    let standing = runner.take_standing().unwrap_or_default();
    let mut programs = Vec::new();
    if halt.as_deref().is_some_and(fails) {
        programs = runner.session.processes();
        // One that failed when it was asked to end is off the session's list by then.
        if let Some(Halt::Died { process, asked: true, .. }) = halt.as_deref() {
            programs.push(process.clone());
        }
        programs.iter().for_each(|p| settle(&runner.session.caller, p));
    }
    watch.flush(&runner.session.caller.gate);
    Ended { halt, standing, programs, subtests, seed: session.used_seed() }
}

/// The end of a fixture, behind the last script of its folder: its threads and programs are ended.
pub fn conclude(session: &mut Session, watch: &Arc<impl Watch + 'static>) -> Ended {
    let running: Vec<_> = session.jobs().into_iter().filter(|job| !job.is_over()).collect();
    crate::engine::spawn::interrupt(session);
    let failed = session.jobs().into_iter().find(|job| {
        job.has_unheard_error() && !job.was_interrupted() && !running.iter().any(|r| Arc::ptr_eq(r, job))
    });
    let halt = failed.and_then(|job| job.collect()?.err());
    // Before the programs are ended, which takes some of them off the list.
    let standing = session.socket_facts();
    let programs = session.processes();
    let halt = judge_programs(session, halt, false);
    programs.iter().for_each(|p| settle(&session.caller, p));
    watch.flush(&session.caller.gate);
    let told = halt.is_some();
    Ended {
        halt,
        standing: if told { standing } else { Vec::new() },
        programs: if told { programs } else { Vec::new() },
        subtests: session.take_subtests(),
        seed: session.used_seed(),
    }
}

/// How long a program has to be gone that the script has lost its connection to: what it held is closed first.
const CLOSED: Duration = Duration::from_secs(1);
/// The same after any other failure.
const GOING: Duration = Duration::from_millis(100);

/// A script does not pass where a program of it has died, and that is the headline of whatever it failed on.
fn judge_programs(session: &mut Session, halt: Option<Box<Halt>>, more: bool) -> Option<Box<Halt>> {
    let mut going = GOING;
    let failed = match halt.as_deref() {
        None | Some(Halt::Exit { code: 0, .. }) => false,
        Some(Halt::Error(e)) => {
            let class = e.code.class();
            if class.is(Class::EOFError) || class.is(Class::ConnectionError) {
                going = CLOSED;
            }
            true
        }
        Some(Halt::Miss(_) | Halt::Fail { .. } | Halt::Limit { .. }) => {
            // An empty line that was expected to be another is a lost connection too.
            let mut standing = session.stack.standing.iter().flatten();
            if standing.any(|socket| socket.end_of_stream || socket.error) {
                going = CLOSED;
            }
            true
        }
        Some(_) => return halt,
    };
    let mut programs = session.processes();
    if !failed {
        programs.retain(|program| !session.is_told_in_subtest(program));
    }
    let died = |process: Arc<Process>, asked, then: Option<Box<Halt>>| {
        let span = then.as_deref().and_then(Halt::line);
        let way = then.as_deref().and_then(Halt::way).cloned().unwrap_or_default();
        let span = span.or(process.started());
        Some(Box::new(Halt::Died { process, asked, then, span, way }))
    };
    if let Some(process) = first_dead(&session.caller, &programs, if failed { going } else { Duration::ZERO })
    {
        return died(process, false, halt.filter(|_| failed));
    }
    if failed || more {
        return halt;
    }
    match session.end_programs() {
        Some(process) => died(process, true, None),
        None => halt,
    }
}

/// The exit code a halt stands for.
pub fn exit_code(halt: Option<&Halt>) -> i32 {
    match halt {
        None | Some(Halt::Skip { .. }) => 0,
        Some(Halt::Exit { code, .. }) => *code,
        Some(Halt::Signal { number, .. }) => 128 + number,
        Some(Halt::Cancelled { .. }) => 128 + libc::SIGINT,
        Some(_) => 1,
    }
}

/// Says on standard error why a script ended.
pub fn explain(ended: &Ended, sources: &Sources, lang: Lang) {
    let columns = terminal::columns(&std::io::stderr());
    for subtest in &ended.subtests {
        let (halt, standing, programs) = match &subtest.end {
            End::Failed { halt, standing, programs } => (halt, standing, programs),
            End::Cut { span } => {
                let cut = error::cut(CUT, *span, sources, style(lang));
                complain(format_args!("--- {}\n{cut}\n", subtest.title));
                continue;
            }
            End::Passed => continue,
        };
        let stood = Standing { sockets: standing, programs, seed: ended.seed };
        complain(format_args!("--- {}\n{}", subtest.title, error::halt(halt, sources, style(lang))));
        if subtest.has_failed() {
            complain(format_args!("\n{}\n", standing_text(Some(halt), stood, sources, lang, columns)));
        }
    }
    let Some(halt) = &ended.halt else { return };
    let text = error::halt(halt, sources, style(lang));
    if text.is_empty() {
        return;
    }
    complain(text);
    if !matches!(**halt, Halt::Skip { .. } | Halt::Subtests { .. }) {
        complain(format_args!("\n{}", ended.standing_text(sources, lang, columns)));
    }
}

/// Begins to capture the packets of this thread's network, where it is the script's own and the command line wants them.
pub fn begin_capture(options: &Options) -> Result<Option<Capture>, Sentence> {
    if options.pcap.is_none() || !namespace::is_isolated() {
        return Ok(None);
    }
    Capture::begin().map(Some).map_err(|e| {
        let why = files::io_words(&e);
        say!(en "the packets cannot be captured: {why}", es "no se pueden capturar los paquetes: {why}", why)
    })
}

/// Writes what was kept, or was captured, as a capture.
pub fn write_capture(kept: &Recorder, origin: Origin<'_>, path: &Path, lang: Lang) -> Result<(), Sentence> {
    let (bytes, _) = pcap(&Ladder::of(&kept.record(), None), origin, lang);
    files::write_or_send(path, &bytes).map_err(|e| files::cannot_write(&path.to_string_lossy(), &e))
}

/// A script that has run, its sockets still open.
pub struct Ran {
    /// Its names and its open sockets.
    pub session: Session,
    /// What later lines are compiled with: the same scope and sources.
    pub compiler: Compiler,
    /// What was run: kept, because taking apart the steps of a long script takes time.
    program: Program,
    /// What ended it; `None` where its last line did.
    pub halt: Option<Box<Halt>>,
    /// How many lines `--echo` has numbered.
    pub numbered: u32,
    /// What happened is drawn when the script is over, and written to this file as a capture.
    diagram: bool,
    pcap: Option<PathBuf>,
    /// The packets themselves, in a network of its own.
    capture: Option<Capture>,
    watch: Arc<Transcript>,
}

impl Ran {
    /// Draws what happened, as the command line asks for it; false where that cannot be done, which is said.
    pub fn draw_and_tell(&mut self) -> bool {
        let drawn = self.draw();
        if let Err(why) = &drawn {
            complain(format_args!("error: {}", why.show(self.session.settings.lang)));
        }
        drawn.is_ok()
    }

    fn draw(&mut self) -> Result<(), Sentence> {
        let captured = self.capture.take().map(Capture::end);
        let Some(kept) = self.session.kept_for_pictures() else { return Ok(()) };
        let lang = self.session.settings.lang;
        if self.diagram {
            let ladder = Ladder::of(&kept.record(), None);
            let columns = terminal::columns(&std::io::stderr()).unwrap_or(80);
            complain(format_args!("\n{}", ladder.draw(columns, lang)));
        }
        match &self.pcap {
            Some(path) => {
                let origin = captured
                    .as_ref()
                    .map_or(Origin::Drawn, |captured| Origin::Lo { captured, shared: false });
                write_capture(kept, origin, path, lang)
            }
            None => Ok(()),
        }
    }

    /// Closes what is open; the exit code.
    pub fn close(mut self) -> i32 {
        self.session.close_all();
        self.session.remove_tmpdir();
        for note in self.session.take_notes() {
            let note = note.show(self.session.settings.lang);
            complain(say!(en "note: {note}", es "nota: {note}", note).show(self.session.settings.lang));
        }
        self.watch.over(&mut self.session);
        self.watch.flush(&self.session.caller.gate);
        let code = exit_code(self.halt.as_deref());
        let code = if self.draw_and_tell() { code } else { code.max(1) };
        // The process ends here: taking apart what it held would only take time.
        std::mem::forget((self.session, self.compiler, self.program));
        code
    }
}

/// Reads, runs and explains; nothing if the text has mistakes, which have been said. `more`: the prompt may
/// follow.
pub fn run_open(text: Text, options: &Options, more: bool) -> Option<Ran> {
    let from_stdin = text.is_input;
    let (program, mut compiler) = compile(text, options)?;
    let mut session = Session::new(main_gate());
    give(&mut session, options, &mut compiler.scope, more);
    if options.json {
        session.settings.format = Format::Json;
    }
    if from_stdin {
        session.without_input();
    }
    prepare_pictures(&program, &compiler, &mut session, options.ladders);
    let watch = Arc::new(Transcript::new(Arc::new(compiler.sources.clone()), options.json));
    let rest = if more { Rest::Lines } else { Rest::Nothing };
    let capture = match begin_capture(options) {
        Ok(capture) => capture,
        Err(why) => {
            complain(format_args!("error: {}", why.show(options.lang)));
            return None;
        }
    };
    let mut ended = execute(&program, &mut session, watch.clone(), rest);
    let numbered = watch.numbered();
    let failure = watch.failure();
    if let Some(lost) = failure {
        complain(format_args!("error: {lost}"));
        ended.halt = Some(Box::new(Halt::exit(1)));
    }
    explain(&ended, &compiler.sources, session.settings.lang);
    let (diagram, pcap) = (options.diagram, options.pcap.clone());
    Some(Ran { session, compiler, program, halt: ended.halt, numbered, diagram, pcap, capture, watch })
}
