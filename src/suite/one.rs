//! One script as a test.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bless::{answers_of, blessed, write_whole};
use super::judge::{Judge, Seen};
use crate::diagnostic::{Place, Sources};
use crate::engine::Compiler;
use crate::errno::Lang;
use crate::net::gate::Gate;
use crate::outcome::{Halt, Miss, MissKind};
use crate::render::error::{self, Style};
use crate::script::{self, Options};
use crate::session::Session;
use crate::syntax::parse;

/// What all scripts of a run have in common.
#[derive(Clone, Debug)]
pub struct Settings {
    pub vars: Vec<(String, String)>,
    pub timeout: Duration,
    pub limit: Duration,
    pub bless: bool,
}

/// How a script came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// An expectation, an answer or a call failed.
    Failed,
    /// The text is not a script.
    Invalid,
    /// Cut off: its limit, or a fault of ours.
    Broken,
    Skipped(String),
    /// Ctrl-C came first, or a failure with `--fail-fast`.
    NotRun,
}

/// A script and how it came out.
#[derive(Clone, Debug)]
pub struct Case {
    pub path: PathBuf,
    pub verdict: Verdict,
    pub place: Option<Place>,
    /// The first line of what went wrong.
    pub message: String,
    /// All of it: the lines, the caret, the sockets.
    pub detail: String,
    /// What the script printed.
    pub output: String,
    pub took: Duration,
    /// Its answers were written anew.
    pub blessed: bool,
}

impl Case {
    pub fn new(path: &Path, verdict: Verdict) -> Case {
        Case {
            path: path.to_path_buf(),
            verdict,
            place: None,
            message: String::new(),
            detail: String::new(),
            output: String::new(),
            took: Duration::ZERO,
            blessed: false,
        }
    }

    fn failed(path: &Path, verdict: Verdict, detail: String) -> Case {
        let message = detail.lines().next().unwrap_or("").trim_start_matches("error: ").to_string();
        Case { message, detail, ..Case::new(path, verdict) }
    }
}

/// Runs one script, whatever happens in it.
pub fn run(path: &Path, settings: &Settings, gate: &Arc<Gate>) -> Case {
    let begun = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| attempt(path, settings, gate)));
    let _ = gate.set_limit(None);
    let mut case = result.unwrap_or_else(|_| {
        Case::failed(path, Verdict::Broken, "error: a fault of sockbook's own ended this script".into())
    });
    case.took = begun.elapsed();
    case
}

const STYLE: Style = Style { colour: false, lang: Lang::En };

fn attempt(path: &Path, settings: &Settings, gate: &Arc<Gate>) -> Case {
    let name = path.to_string_lossy().into_owned();
    let text = match script::read_file(path) {
        Ok(text) => text,
        Err(why) => return Case::failed(path, Verdict::Invalid, format!("error: {why}")),
    };
    let options =
        Options { vars: settings.vars.clone(), timeout: Some(settings.timeout), ..Options::default() };
    let mut compiler = Compiler::new(script::scope(&options, Some(0)));
    if !compiler.sources.fits(text.len()) {
        return Case::failed(path, Verdict::Invalid, format!("error: {name} is too long for a script"));
    }
    let (program, problems) = compiler.compile(&name, &text, &mut script::read_file);
    let Some(program) = program else {
        let errors: Vec<_> = problems.iter().filter(|p| p.is_error()).collect();
        let drawn: Vec<String> = errors.iter().map(|p| p.draw(&compiler.sources, false)).collect();
        let place = errors.first().and_then(|p| compiler.sources.place(p.span));
        return Case { place, ..Case::failed(path, Verdict::Invalid, drawn.join("\n\n")) };
    };
    let mut session = Session::new(gate.clone());
    script::give(&mut session, &program.names, &options, &mut compiler.scope);
    session.caller.script_limit = settings.limit;
    if let Err(e) = gate.set_limit(Some(settings.limit)) {
        return Case::failed(path, Verdict::Broken, format!("error: no limit can be set: {e}"));
    }
    let judge = Arc::new(Judge::new(settings.bless));
    let mut ended = script::execute(&program, &mut session, judge.clone());
    let _ = gate.set_limit(None);
    let source = compiler.sources.first().cloned();
    let tree = source.as_ref().map(|s| parse(s, &mut Vec::new())).unwrap_or_default();
    if ended.halt.is_none() && !settings.bless {
        ended.halt = unreached(&tree, &judge.seen());
    }
    let mut case = verdict(path, &ended, &compiler.sources);
    if settings.bless
        && matches!(case.verdict, Verdict::Passed)
        && let Some(source) = &source
    {
        let folder = session.tmpdir_if_made();
        let new = blessed(source, &tree, &judge.seen(), folder.as_deref());
        if new != text {
            match write_whole(path, &new) {
                Ok(()) => case.blessed = true,
                Err(e) => case = Case::failed(path, Verdict::Broken, format!("error: {e:#}")),
            }
        }
    }
    case.output = std::mem::take(&mut judge.seen().output);
    session.close_all();
    session.remove_tmpdir();
    case
}

/// The first answer whose line never ran.
fn unreached(tree: &[crate::syntax::tree::Statement], seen: &Seen) -> Option<Box<Halt>> {
    let lost = answers_of(tree).into_iter().find(|a| !seen.came.contains_key(&a.span))?;
    Some(Box::new(Halt::Miss(Miss { span: Some(lost.span), kind: MissKind::Unreached })))
}

fn verdict(path: &Path, ended: &script::Ended, sources: &Sources) -> Case {
    let Some(halt) = &ended.halt else { return Case::new(path, Verdict::Passed) };
    let verdict = match &**halt {
        Halt::Exit(0) => return Case::new(path, Verdict::Passed),
        Halt::Skip { text } => return Case::new(path, Verdict::Skipped(text.clone())),
        Halt::Exit(code) => {
            return Case::failed(path, Verdict::Failed, format!("error: it ended with `exit {code}`"));
        }
        Halt::Error(_) | Halt::Miss(_) | Halt::Fail { .. } => Verdict::Failed,
        Halt::Limit { .. } => Verdict::Broken,
        Halt::Signal { .. } => Verdict::NotRun,
    };
    let drawn = error::halt(halt, sources, STYLE);
    let place = error::span_of(halt)
        .and_then(|(span, blame)| sources.place(crate::engine::locate(sources, span, blame)));
    let detail = format!("{drawn}\n\n{}", error::sockets(&ended.standing));
    Case { place, ..Case::failed(path, verdict, detail) }
}
