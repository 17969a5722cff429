//! One script as a test.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bless::{answers_of, blessed};
use super::case::{Attempt, Verdict};
use super::judge::{Judge, Seen};
use crate::driver::files;
use crate::driver::run::{self, Options};
use crate::engine::Compiler;
use crate::net::gate::{Gate, asked_to_end};
use crate::render::error;
use crate::render::json;
use crate::session::Session;
use crate::text::diagnostic::{Diagnostic, Sources, Style, first_of};
use crate::text::parse;
use crate::value::outcome::{Halt, Miss, MissKind};
use crate::words::{Lang, Sentence};

/// What all scripts of a run have in common.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The names from outside, the limit of a command, the language.
    pub options: Options,
    pub limit: Duration,
    pub bless: bool,
    /// How often a script that failed is tried again.
    pub retries: u32,
    /// A report wants every command.
    pub transcripts: bool,
    /// The report goes to a terminal that shows colours.
    pub colour: bool,
}

/// One run of a script: its tries, of which the last counts.
pub fn run(path: &Path, settings: &Settings, gate: &Arc<Gate>) -> Vec<Attempt> {
    let mut tries = vec![attempt(path, settings, gate)];
    for _ in 0..settings.retries {
        let again = matches!(tries.last(), Some(Attempt { verdict: Verdict::Failed | Verdict::Broken, .. }));
        if !again || asked_to_end().is_some() {
            break;
        }
        tries.push(attempt(path, settings, gate));
    }
    tries
}

/// Tries it once, whatever happens in it.
fn attempt(path: &Path, settings: &Settings, gate: &Arc<Gate>) -> Attempt {
    // What an earlier script left in the gate is not this one's; a signal is everybody's.
    gate.reset();
    if asked_to_end().is_some() {
        return Attempt::default();
    }
    let begun = Instant::now();
    let mut attempt = caught(settings.options.lang, || judged(path, settings, gate));
    let _ = gate.set_limit(None);
    attempt.took = begun.elapsed();
    attempt
}

/// What comes of the work, or of a fault of ours in it.
fn caught(lang: Lang, work: impl FnOnce() -> Attempt) -> Attempt {
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

fn judged(path: &Path, settings: &Settings, gate: &Arc<Gate>) -> Attempt {
    let lang = settings.options.lang;
    let invalid = |why: Sentence| Attempt::failed(Verdict::Invalid, format!("error: {}", why.show(lang)));
    let name = path.to_string_lossy();
    let text = match files::read(path) {
        Ok(text) => text,
        Err(why) => return invalid(why),
    };
    let mut compiler = Compiler::new(run::scope(&settings.options, Some(0)));
    if !compiler.sources.fits(text.len()) {
        return invalid(files::too_long(&name));
    }
    let answers = settings.bless || memchr::memmem::find(text.as_bytes(), b"#>").is_some();
    let (program, problems) = compiler.compile(&name, text, &mut files::read);
    let Some(program) = program else {
        let errors = first_of(problems.into_iter().filter(Diagnostic::is_error).collect());
        let drawn = |colour| -> String {
            let style = Style { colour, lang };
            let drawn: Vec<String> = errors.iter().map(|p| p.draw(&compiler.sources, style)).collect();
            drawn.join("\n\n")
        };
        let place = errors.first().and_then(|p| compiler.sources.place(p.span));
        let coloured = settings.colour.then(|| drawn(true));
        return Attempt { place, coloured, ..Attempt::failed(Verdict::Invalid, drawn(false)) };
    };
    let mut session = Session::new(gate.clone());
    run::give(&mut session, &settings.options, &mut compiler.scope, false);
    session.caller.script_limit = settings.limit;
    if let Err(e) = gate.set_limit(Some(settings.limit)) {
        let why = say!(en "no limit can be set: {why}", es "no se puede fijar un límite: {why}", why = files::io_words(&e));
        return Attempt::failed(Verdict::Broken, format!("error: {}", why.show(lang)));
    }
    let sources = settings.transcripts.then(|| Arc::new(compiler.sources.clone()));
    let script = compiler.sources.first().filter(|_| settings.bless).cloned();
    let judge = Arc::new(Judge::new(lang, script, sources));
    let mut ended = run::execute(&program, &mut session, judge.clone(), false);
    let _ = gate.set_limit(None);
    // Only answers are looked for in the tree, and most scripts have none.
    let source = compiler.sources.first().filter(|_| answers);
    let tree = source.map(|s| parse(s, &mut Vec::new())).unwrap_or_default();
    let mut written = Ok(false);
    if settings.bless
        && ended.halt.is_none()
        && let Some(source) = compiler.sources.first()
    {
        let folder = session.tmpdir_if_made();
        let new = blessed(source, &tree, &judge.seen(), folder.as_deref(), lang);
        if new != *source.text {
            written = files::write(path, &new).map(|()| true);
        }
    }
    // Nothing came for it that could be written: the script would fail on it next time too.
    if ended.halt.as_ref().is_none_or(|halt| matches!(**halt, Halt::Exit(0))) {
        ended.halt = unreached(&tree, &judge.seen()).or(ended.halt);
    }
    let mut attempt = verdict(&ended, &compiler.sources, settings);
    match written {
        Ok(written) => attempt.blessed = written && attempt.verdict == Verdict::Passed,
        Err(e) => {
            let why = files::cannot_write(&name, &e).show(lang);
            attempt = Attempt::failed(Verdict::Broken, format!("error: {why}"));
        }
    }
    session.close_all();
    session.remove_tmpdir();
    let mut seen = judge.seen();
    attempt.output = std::mem::take(&mut seen.output);
    attempt.commands = std::mem::take(&mut seen.commands);
    attempt
}

/// The first answer whose line never ran.
fn unreached(tree: &[crate::text::tree::Statement], seen: &Seen) -> Option<Box<Halt>> {
    let lost = answers_of(tree).into_iter().find(|a| !seen.came.contains_key(&a.span))?;
    Some(Box::new(Halt::Miss(Miss { span: Some(lost.span), kind: MissKind::Unreached })))
}

fn verdict(ended: &run::Ended, sources: &Sources, settings: &Settings) -> Attempt {
    let Some(halt) = &ended.halt else { return Attempt::new(Verdict::Passed) };
    let verdict = match &**halt {
        Halt::Exit(0) => return Attempt::new(Verdict::Passed),
        Halt::Skip { text } => return Attempt::new(Verdict::Skipped(text.clone())),
        Halt::Exit(code) => {
            let ended = say!(en "it ended with `exit {code}`", es "terminó con `exit {code}`", code);
            return Attempt::failed(Verdict::Failed, format!("error: {}", ended.show(settings.options.lang)));
        }
        Halt::Error(_) | Halt::Miss(_) | Halt::Fail { .. } | Halt::Died { .. } => Verdict::Failed,
        Halt::Limit { .. } => Verdict::Broken,
        Halt::Signal { .. } | Halt::Cancelled { .. } => Verdict::NotRun,
    };
    let place = error::span_of(halt, sources).and_then(|span| sources.place(span));
    let standing = ended.standing_text(settings.options.lang);
    let drawn = |colour| {
        let style = Style { colour, lang: settings.options.lang };
        format!("{}\n\n{standing}", error::halt(halt, sources, style))
    };
    let coloured = settings.colour.then(|| drawn(true));
    let facts = settings.transcripts.then(|| json::standing(&ended.standing, &ended.programs));
    let failed = Attempt::failed(verdict, drawn(false));
    Attempt { place, coloured, standing: facts.unwrap_or_default(), ..failed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_ours_is_a_broken_script_with_its_words() {
        let attempt = caught(Lang::EN, || std::panic::panic_any("index out of bounds"));
        assert_eq!(attempt.verdict, Verdict::Broken);
        assert!(attempt.message.ends_with("index out of bounds"), "{}", attempt.message);
        assert_eq!(caught(Lang::EN, || Attempt::new(Verdict::Passed)).verdict, Verdict::Passed);
    }
}
