//! One script as a test.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bless::{answers_of, blessed};
use super::case::{Attempt, Fault, Part, Verdict};
use super::choose::Script;
use super::judge::{Judge, Seen};
use crate::driver::files;
use crate::driver::run::{self, Options, Rest, Standing};
use crate::engine::{Compiler, FIXTURE, Head, Program};
use crate::net::capture::{Capture, Captured};
use crate::net::gate::{Gate, asked_to_end};
use crate::net::namespace::{self, Network};
use crate::picture;
use crate::picture::ladder::Ladder;
use crate::picture::pcap::Origin;
use crate::python::in_a_file;
use crate::render::error;
use crate::render::json;
use crate::render::sides;
use crate::render::way;
use crate::session::Session;
use crate::session::subtests::{CUT, End, Subtest};
use crate::text::diagnostic::{Diagnostic, Source, Sources, Span, Style, first_of};
use crate::text::forms::{ANSWER, Keyword, holds};
use crate::text::lesson;
use crate::text::parse;
use crate::text::tree::{Block, Statement};
use crate::value::outcome::{Halt, Miss, MissKind, SetBy};
use crate::words::{Lang, Noun, Sentence, counted};

/// What all scripts of a run have in common.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The names from outside, the limit of a command, the language.
    pub options: Options,
    /// The limit of a script that has none of its own.
    pub limit: Duration,
    /// Who set it. What the command line gives holds for every script.
    pub limit_by: SetBy,
    /// Today's answers are written into the scripts: what is common to so many runs.
    pub bless: Option<u32>,
    /// How often a script that failed is tried again.
    pub retries: u32,
    /// A report wants every command.
    pub transcripts: bool,
    /// A report wants what is known of a failure: its stack, its sides, the sockets, the programs.
    pub facts: bool,
    /// The report goes to a terminal that shows colours.
    pub colour: bool,
    /// How wide the terminal is that shows them, if it is one.
    pub columns: Option<usize>,
    /// The temporary folder of a script that failed is kept.
    pub keep: bool,
}

impl Settings {
    /// The limit of a script that says this of itself, and who set it.
    pub fn limit_of(&self, head: &Head) -> (Duration, SetBy) {
        match head.limit.filter(|_| self.limit_by != SetBy::CommandLine) {
            Some(own) => (own, SetBy::Script),
            None => (self.limit, self.limit_by),
        }
    }
}

/// One run of a script: its tries, of which the last counts. `options` has what its fixtures give it.
pub fn run(script: &Script, options: &Options, settings: &Settings, gate: &Arc<Gate>) -> Vec<Attempt> {
    let mut tries = vec![attempt(script, options, settings, gate)];
    for _ in 0..settings.retries {
        let again = matches!(tries.last(), Some(Attempt { verdict: Verdict::Failed | Verdict::Broken, .. }));
        if !again || asked_to_end().is_some() {
            break;
        }
        tries.push(attempt(script, options, settings, gate));
    }
    // Only a pass makes a failure good: one that a try without a verdict follows still counts.
    if let [.., failed, last] = &mut tries[..]
        && matches!(last.verdict, Verdict::Skipped(_) | Verdict::Known)
    {
        std::mem::swap(failed, last);
    }
    tries
}

/// Tries it once, whatever happens in it.
fn attempt(script: &Script, options: &Options, settings: &Settings, gate: &Arc<Gate>) -> Attempt {
    // What an earlier script left in the gate is not this one's; a signal ends all scripts.
    gate.reset();
    if asked_to_end().is_some() {
        return Attempt::default();
    }
    let begun = Instant::now();
    let lang = settings.options.lang;
    // A fault of ours is not the failure that is known.
    let mut attempt = caught(lang, || {
        let attempt = judged(script, options, settings, gate);
        match &script.head.fails {
            Some(why) => known(attempt, why, lang),
            None => attempt,
        }
    });
    let _ = gate.set_limit(None);
    attempt.took = begun.elapsed();
    attempt
}

/// A script that is known to fail, and why: it may not pass.
fn known(attempt: Attempt, why: &str, lang: Lang) -> Attempt {
    match attempt.verdict {
        Verdict::Failed | Verdict::Broken if !attempt.prevented => {
            Attempt { verdict: Verdict::Known, ..attempt }
        }
        Verdict::Passed => {
            let passed = say!(
                en "it passes, and `test fails` says that it fails: {why}",
                es "pasa, y `test fails` dice que falla: {why}",
                why
            );
            let detail = format!("error: {}", passed.show(lang));
            let failed = Attempt::failed(Verdict::Failed, detail);
            Attempt {
                took: attempt.took,
                output: attempt.output,
                commands: attempt.commands,
                subtests: attempt.subtests,
                ..failed
            }
        }
        _ => attempt,
    }
}

/// What comes of the work, or of a fault of ours in it.
pub fn caught(lang: Lang, work: impl FnOnce() -> Attempt) -> Attempt {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|fault| {
        let said = fault.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| fault.downcast_ref::<&str>().copied()).unwrap_or("…");
        let said = crate::text::literal::one_line(said);
        let fault = say!(
            en "a fault of sockbook's own ended this script: {said}",
            es "una falla propia de sockbook terminó este script: {said}",
            said
        );
        Attempt::failed(Verdict::Broken, format!("error: {}", fault.show(lang)))
    })
}

fn judged(script: &Script, options: &Options, settings: &Settings, gate: &Arc<Gate>) -> Attempt {
    let lang = settings.options.lang;
    let late;
    let text = match &script.text {
        Some(text) => text,
        None => {
            late = files::read(&script.path).map(Arc::new);
            &late
        }
    };
    if let Ok(text) = text
        && let blanks @ 1.. = lesson::blanks(text).len()
    {
        return Attempt::new(Verdict::Skipped(say!(
            en "an exercise with {blanks} to fill in (`____`) is no test",
            es "un ejercicio con {blanks} por llenar (`____`) no es una prueba",
            blanks = counted(blanks, Noun::Blank)
        )));
    }
    let (program, mut compiler) = match read(&script.path, text, options, settings) {
        Ok(read) => read,
        Err(attempt) => return *attempt,
    };
    let answers = settings.bless.is_some() || text.as_ref().is_ok_and(|text| holds(text, &ANSWER));
    let limit = settings.limit_of(&script.head);
    let sources = settings.transcripts.then(|| Arc::new(compiler.sources.clone()));
    let source = compiler.sources.first().filter(|_| settings.bless.is_some()).cloned();
    let judge = Arc::new(Judge::new(lang, source, sources));
    // Answers that vary are found by several runs.
    for _ in 1..settings.bless.unwrap_or(1) {
        if let Err(attempt) = own_network(options.network.as_ref(), lang) {
            return *attempt;
        }
        let mut session = Session::new(gate.clone());
        run::give(&mut session, options, &mut compiler.scope.clone(), false);
        run::prepare_pictures(&program, &compiler, &mut session, options.ladders);
        if limited(&mut session, limit, gate, lang).is_ok() {
            run::execute(&program, &mut session, judge.clone(), Rest::Nothing);
        }
        let _ = gate.set_limit(None);
        session.close_all();
        session.remove_tmpdir();
        judge.forget_output();
        if asked_to_end().is_some() {
            break;
        }
        gate.reset();
    }
    let capture = match own_network(options.network.as_ref(), lang)
        .and_then(|_| run::begin_capture(options).map_err(|why| broken(&why, lang)))
    {
        Ok(capture) => capture,
        Err(attempt) => return *attempt,
    };
    let mut session = Session::new(gate.clone());
    run::give(&mut session, options, &mut compiler.scope, false);
    if let Err(attempt) = limited(&mut session, limit, gate, lang) {
        return *attempt;
    }
    run::prepare_pictures(&program, &compiler, &mut session, options.ladders);
    // A fixture that was named itself begins, and ends at once.
    let is_fixture = script.path.file_name().is_some_and(|name| name == FIXTURE);
    let rest = if is_fixture { Rest::Scripts } else { Rest::Nothing };
    let mut ended = run::execute(&program, &mut session, judge.clone(), rest);
    let _ = gate.set_limit(None);
    if is_fixture && ended.halt.is_none() {
        ended = run::conclude(&mut session, &judge);
    }
    // Only answers are looked for in the tree, and most scripts have none.
    let source = compiler.sources.first().filter(|_| answers);
    let tree = source.map(|s| parse(s, &mut Vec::new())).unwrap_or_default();
    let mut written = Ok(false);
    if settings.bless.is_some()
        && ended.halt.is_none()
        && let Some(source) = compiler.sources.first()
    {
        let folder = session.tmpdir_if_made();
        let new = blessed(source, &tree, &judge.seen(), folder.as_deref(), lang);
        if new != *source.text {
            written = files::write(&script.path, &new).map(|()| true);
        }
    }
    // Nothing came for it that could be written: the script would fail on it next time too.
    if ended.halt.as_ref().is_none_or(|halt| matches!(**halt, Halt::Exit { code: 0, .. })) {
        let lost = source.and_then(|source| unreached(source, &tree, &judge.seen(), &ended.subtests));
        ended.halt = lost.or(ended.halt);
    }
    let mut attempt = verdict(&ended, &compiler.sources, settings);
    match written {
        Ok(written) => attempt.blessed = written && attempt.verdict == Verdict::Passed,
        Err(e) => {
            attempt = *broken(&files::cannot_write(&script.path.to_string_lossy(), &e), lang);
        }
    }
    session.close_all();
    if settings.keep && attempt.verdict.is_bad() {
        keep_folder(&mut session, &mut attempt, lang);
    }
    session.remove_tmpdir();
    let captured = capture.map(Capture::end);
    let mut seen = judge.seen();
    attempt.notes = session.take_notes();
    if attempt.verdict.is_bad() {
        attempt.notes.extend(write_capture(script, options, &session, captured.as_ref()));
        attempt.fault_mut().ladder = ladder(options, &session);
    }
    attempt.output = std::mem::take(&mut seen.output);
    attempt.commands = std::mem::take(&mut seen.commands);
    attempt
}

/// Puts this thread into a network of its own, or into this one, where scripts have such networks.
pub fn own_network(shared: Option<&Arc<Network>>, lang: Lang) -> Result<Option<Arc<Network>>, Box<Attempt>> {
    if !namespace::is_isolated() {
        return Ok(None);
    }
    let network = match shared {
        Some(network) => network.enter().map(|()| network.clone()),
        None => Network::make().map(Arc::new),
    };
    network.map(Some).map_err(|e| {
        let why = namespace::refused("unshare(2)", e);
        let why = say!(en "it got no network of its own: {why}", es "no obtuvo una red propia: {why}", why);
        broken(&why, lang)
    })
}

/// A script that could not begin, or not be written.
fn broken(why: &Sentence, lang: Lang) -> Box<Attempt> {
    let detail = format!("error: {}", why.show(lang));
    Box::new(Attempt { prevented: true, ..Attempt::failed(Verdict::Broken, detail) })
}

/// What happened in a script that failed as a picture, where a report wants it.
fn ladder(options: &Options, session: &Session) -> Option<String> {
    let record = options.ladders.then(|| session.kept_for_pictures())??.record();
    (!record.events.is_empty()).then(|| picture::svg(Ladder::of(&record, None), options.lang))
}

/// Writes what happened in a script that failed as a capture, where the command line asks for that, and says where it is.
fn write_capture(
    script: &Script,
    options: &Options,
    session: &Session,
    captured: Option<&Captured>,
) -> Option<Sentence> {
    let (folder, kept) = (options.pcap.as_ref()?, session.kept_for_pictures()?);
    // Its own path below the folder; above the current one it is `__`.
    let parts = script.path.with_extension("pcapng");
    let parts = parts.components().filter_map(|part| match part {
        std::path::Component::Normal(part) => Some(part.to_os_string()),
        std::path::Component::ParentDir => Some("__".into()),
        _ => None,
    });
    let path = folder.join(parts.collect::<PathBuf>());
    // What stands in the way is said when the file is written.
    let _ = path.parent().map(std::fs::create_dir_all);
    let shown = crate::text::literal::one_line(&path.to_string_lossy());
    let shared = options.network.is_some();
    let origin = captured.map_or(Origin::Drawn, |captured| Origin::Lo { captured, shared });
    Some(match run::write_capture(kept, origin, &path, options.lang) {
        Ok(()) => say!(en "its capture: {shown}", es "su captura: {shown}", shown),
        Err(why) => why,
    })
}

/// Reads a script whole; or how it came out, where its text is none.
pub fn read(
    path: &Path,
    text: &Result<Arc<String>, Sentence>,
    options: &Options,
    settings: &Settings,
) -> Result<(Program, Compiler), Box<Attempt>> {
    let lang = settings.options.lang;
    let invalid =
        |why: &Sentence| Box::new(Attempt::failed(Verdict::Invalid, format!("error: {}", why.show(lang))));
    let text = text.as_ref().map_err(invalid)?;
    let mut compiler = Compiler::new(run::scope(options, Some(0)));
    let name = path.to_string_lossy();
    if !compiler.sources.fits(text.len()) {
        return Err(invalid(&files::too_long(&name)));
    }
    let (program, problems) = compiler.compile_shared(&name, text.clone(), &mut |path| options.read(path));
    let Some(program) = program else {
        let problems = in_a_file(problems, compiler.sources.first());
        let errors = first_of(problems.into_iter().filter(Diagnostic::is_error).collect());
        let drawn = |colour| -> String {
            let style = Style { colour, lang, brief: None };
            let drawn: Vec<String> = errors.iter().map(|p| p.draw(&compiler.sources, style)).collect();
            drawn.join("\n\n")
        };
        let place = errors.first().and_then(|p| compiler.sources.place(p.span));
        let coloured = settings.colour.then(|| drawn(true));
        let mut fault = Fault::told(drawn(false));
        if settings.facts {
            fault.source = sides::source(place.as_ref(), None, &compiler.sources);
        }
        return Err(Box::new(Attempt::of(Verdict::Invalid, Fault { place, coloured, ..fault })));
    };
    Ok((program, compiler))
}

/// Sets the limit of a script that is about to run; or how it came out, where there can be none.
pub fn limited(
    session: &mut Session,
    limit: (Duration, SetBy),
    gate: &Gate,
    lang: Lang,
) -> Result<(), Box<Attempt>> {
    session.without_input();
    session.caller.script_limit = limit;
    gate.set_limit(Some(limit.0)).map_err(|e| {
        let why = say!(en "no limit can be set: {why}", es "no se puede fijar un límite: {why}", why = files::io_words(&e));
        broken(&why, lang)
    })
}

/// Keeps the temporary folder of a script that failed, and says where it is.
pub fn keep_folder(session: &mut Session, attempt: &mut Attempt, lang: Lang) {
    let Some(folder) = session.keep_tmpdir() else { return };
    let kept = say!(
        en "its temporary folder is kept: {folder}",
        es "su carpeta temporal se conserva: {folder}",
        folder = folder.display()
    );
    let kept = format!("\n\n{}", kept.show(lang));
    let fault = attempt.fault_mut();
    fault.detail.push_str(&kept);
    if let Some(coloured) = &mut fault.coloured {
        coloured.push_str(&kept);
    }
}

/// The first answer whose line never ran; none where a `skip` is why.
pub fn unreached(
    source: &Source,
    tree: &[Statement<'_>],
    seen: &Seen,
    subtests: &[Subtest],
) -> Option<Box<Halt>> {
    let mut lost = answers_of(tree);
    lost.retain(|answer| !seen.came.contains_key(&answer.span));
    if !lost.is_empty() && subtests.iter().any(Subtest::is_skipped) {
        let skipped = skipped(source, tree, subtests);
        let is_inside = |answer: Span, block: &Span| block.start <= answer.start && answer.end <= block.end;
        lost.retain(|answer| !skipped.iter().any(|block| is_inside(answer.span, block)));
    }
    let lost = lost.first()?;
    Some(Box::new(Halt::Miss(Miss { span: Some(lost.span), ..Miss::new(MissKind::Unreached) })))
}

/// The `subtest`s that were skipped, and the `def`s that these name, from their first byte to their last.
fn skipped(source: &Source, tree: &[Statement<'_>], subtests: &[Subtest]) -> Vec<Span> {
    let (mut left, mut found) = (Vec::new(), Vec::new());
    for block in blocks_of(tree) {
        let Some(head) = block.arms.first().map(|arm| &arm.head) else { continue };
        let span = head.span.to(block.end);
        match head.keyword {
            Some(Keyword::Subtest) if subtests.iter().any(|s| s.is_skipped() && s.span == head.span) => {
                found.push(span);
            }
            Some(Keyword::Def) => left.extend(head.words.first().and_then(|w| w.bare()).map(|n| (n, span))),
            _ => {}
        }
    }
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut at = 0;
    while let Some(&span) = found.get(at) {
        let names: HashSet<&str> = source.slice(span).split(|c| !is_of_name(c)).collect();
        let (named, others) = left.into_iter().partition(|(name, _)| names.contains(name));
        left = others;
        found.extend(Vec::into_iter(named).map(|(_, span)| span));
        at += 1;
    }
    found
}

/// Every block of a script, those inside others too.
fn blocks_of<'a, 't>(tree: &'a [Statement<'t>]) -> Vec<&'a Block<'t>> {
    let mut blocks = Vec::new();
    for statement in tree {
        if let Statement::Block(block) = statement {
            blocks.push(block);
            block.arms.iter().for_each(|arm| blocks.extend(blocks_of(&arm.body)));
        }
    }
    blocks
}

/// How a script came out that has ended, and its `subtest`s.
pub fn verdict(ended: &run::Ended, sources: &Sources, settings: &Settings) -> Attempt {
    let mut attempt = match &ended.halt {
        None => Attempt::new(Verdict::Passed),
        Some(halt) => of_halt(halt, ended.standing(), sources, settings),
    };
    for subtest in &ended.subtests {
        let mut part = part(subtest, ended.seed, sources, settings);
        // A report tells tests apart by their names.
        let same =
            ended.subtests.iter().take(attempt.subtests.len()).filter(|s| s.title == part.title).count();
        if same > 0 {
            part.title.push_str(&format!(" #{}", same + 1));
        }
        attempt.subtests.push(part);
    }
    attempt
}

/// A `subtest` and how it came out.
fn part(subtest: &Subtest, seed: Option<u64>, sources: &Sources, settings: &Settings) -> Part {
    let told = match &subtest.end {
        End::Passed => Attempt::new(Verdict::Passed),
        End::Failed { halt, standing, programs } => {
            let stood = Standing { sockets: standing, programs, seed };
            of_halt(halt, stood, sources, settings)
        }
        End::Cut { span } => {
            let lang = settings.options.lang;
            let drawn = |colour| error::cut(CUT, *span, sources, Style { colour, lang, brief: None });
            let place = span.and_then(|span| sources.place(span));
            let coloured = settings.colour.then(|| drawn(true));
            Attempt::of(Verdict::Broken, Fault { place, coloured, ..Fault::told(drawn(false)) })
        }
    };
    let told = Attempt { took: subtest.took, ..told };
    Part { title: subtest.title.clone(), line: sources.place(subtest.span), told }
}

/// What a halt makes of a script, and what is told of it.
fn of_halt(halt: &Halt, stood: Standing<'_>, sources: &Sources, settings: &Settings) -> Attempt {
    let lang = settings.options.lang;
    let verdict = match halt {
        Halt::Exit { code: 0, .. } => return Attempt::new(Verdict::Passed),
        Halt::Skip { text } => return Attempt::new(Verdict::Skipped(text.clone())),
        Halt::Exit { .. } | Halt::Error(_) | Halt::Miss(_) | Halt::Fail { .. } | Halt::Died { .. } => {
            Verdict::Failed
        }
        // Each of them tells what stood there.
        Halt::Subtests { .. } => {
            return Attempt::failed(
                Verdict::Failed,
                error::halt(halt, sources, Style { colour: false, lang, brief: None }),
            );
        }
        Halt::Limit { .. } => Verdict::Broken,
        Halt::Signal { .. } | Halt::Cancelled { .. } => Verdict::Interrupted,
    };
    let place = error::span_of(halt, sources).and_then(|span| sources.place(span));
    let drawn = |colour, columns| {
        let style = Style { colour, lang, brief: None };
        let (told, standing) = match halt {
            // It says itself how it ends; the sockets were not looked at.
            Halt::Exit { code, span, .. } => (
                error::exited(*code, *span, sources, style),
                way::lines(halt, sources, lang).unwrap_or_default(),
            ),
            halt => (
                error::halt(halt, sources, style),
                run::standing_text(Some(halt), stood, sources, lang, columns),
            ),
        };
        if standing.is_empty() { told } else { format!("{told}\n\n{standing}") }
    };
    let is_shown = settings.colour || settings.columns.is_some();
    let coloured = is_shown.then(|| drawn(settings.colour, settings.columns));
    let own_place = way::own_place(halt, sources);
    let mut fault = Fault::told(drawn(false, None));
    if settings.facts {
        fault.stack = way::stack(halt, sources);
        fault.standing = json::standing(stood.sockets, stood.programs);
        fault.sides = sides::sides(halt, lang);
        fault.source = sides::source(place.as_ref(), own_place.as_ref(), sources);
    }
    if let Some(brief) = error::brief(halt, sources, lang) {
        fault.message = brief;
    }
    Attempt::of(verdict, Fault { place, own_place, coloured, ..fault })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_ours_is_a_broken_script_with_its_words() {
        let attempt = caught(Lang::EN, || std::panic::panic_any("index out of bounds"));
        assert_eq!(attempt.verdict, Verdict::Broken);
        let message = &attempt.fault().message;
        assert!(message.ends_with("index out of bounds"), "{message}");
        assert_eq!(caught(Lang::EN, || Attempt::new(Verdict::Passed)).verdict, Verdict::Passed);
    }
}
