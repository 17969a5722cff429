//! `sockbook check`: every mistake and every warning of scripts, running nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;

use crate::driver::config;
use crate::driver::failure::failure;
use crate::driver::files;
use crate::driver::fixture::Fixtures;
use crate::driver::output::{Lines, complain};
use crate::driver::run::{self, Options};
use crate::driver::suite;
use crate::engine::compile::Load;
use crate::engine::{Compiler, FIXTURE, lint};
use crate::python;
use crate::render::json;
use crate::text::diagnostic::{Diagnostic, first_of};
use crate::text::lesson;
use crate::text::parse;
use crate::value::Value;
use crate::words::Lang;

/// Says what is wrong in the scripts; 2 if anything is a mistake, 0 if there are only warnings.
pub fn main(paths: &[PathBuf], vars: &[String], as_json: bool, lang: Lang) -> Result<i32> {
    let mut options = Options {
        vars: config::find()?.vars.into_iter().chain(run::variables(vars)?).collect(),
        lang,
        ..Options::default()
    };
    let files = suite::find(paths)?;
    let style = run::style(options.lang);
    let mut lines = Lines::default();
    let (mut mistakes, mut warnings) = (0u64, 0u64);
    let mut fixtures = Fixtures::default();
    for path in &files {
        let innermost = fixtures.of(path);
        options.exports = exports(&fixtures, innermost, path);
        let name = path.to_string_lossy().into_owned();
        let text = match files::read(path) {
            Ok(text) => text,
            Err(why) => {
                mistakes += 1;
                if as_json {
                    lines.say(json::line(&json::unread(&name, &why.english())));
                } else {
                    complain(format_args!("error: {}\n", why.show(lang)));
                }
                continue;
            }
        };
        let mut compiler = Compiler::new(run::scope(&options, None));
        if !compiler.sources.fits(text.len()) {
            return Err(failure(files::too_long(&name)));
        }
        let problems = problems(&mut compiler, &name, &text, &mut files::read);
        let wrong = problems.iter().filter(|p| p.is_error()).count();
        mistakes += wrong as u64;
        warnings += (problems.len() - wrong) as u64;
        for problem in first_of(problems) {
            if as_json {
                lines.say(json::line(&json::diagnostic(&problem, &compiler.sources)));
            } else {
                complain(format_args!("{}\n", problem.draw(&compiler.sources, style)));
            }
        }
    }
    if !as_json {
        lines.say(lang.words().checked(files.len() as u64, mistakes, warnings));
    }
    Ok(lines.exit_code(if mistakes > 0 { 2 } else { 0 }))
}

/// The names that the fixtures above a script export, for its scope; `above` is the innermost of them.
pub fn exports(fixtures: &Fixtures, mut above: Option<usize>, path: &Path) -> Vec<(Arc<str>, Option<Value>)> {
    // A fixture is given what those above it export.
    if path.file_name().is_some_and(|name| name == FIXTURE) {
        above = above.and_then(|at| fixtures.all[at].parent);
    }
    fixtures.names(above).into_iter().map(|name| (name, None)).collect()
}

/// The mistakes of a script; its warnings too, where there is no mistake that they could follow from. `load` reads the
/// files that it sources.
pub fn problems(compiler: &mut Compiler, name: &str, text: &str, load: Load<'_>) -> Vec<Diagnostic> {
    let (program, mut problems) = compiler.compile(name, text, load);
    // An exercise is not wrong; the rest of it is read when its blanks are filled in.
    if program.is_none() && !lesson::blanks(text).is_empty() {
        let blank = |p: Diagnostic| Diagnostic::warning("blank", p.span, p.message);
        return problems.into_iter().map(blank).collect();
    }
    if program.is_none() {
        return python::in_a_file(problems, compiler.sources.first());
    }
    if program.is_some()
        && let Some(source) = compiler.sources.first().cloned()
    {
        let tree = parse(&source, &mut Vec::new());
        problems.extend(lint::lint(&source, &tree, &|name| compiler.scope.find(name).is_some()));
        problems.sort_by_key(|p| (p.span.start, p.span.end));
    }
    problems
}
