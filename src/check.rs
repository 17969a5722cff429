//! `sockbook check`: every mistake and every warning of scripts, running nothing.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::diagnostic::Diagnostic;
use crate::engine::{Compiler, lint};
use crate::outcome::count;
use crate::render::json;
use crate::script::{self, Options};
use crate::suite;
use crate::syntax::parse;
use crate::transcript::complain;

/// Says what is wrong in the scripts; 2 if anything is a mistake, 0 if there are only warnings.
pub fn main(paths: &[PathBuf], vars: &[String], as_json: bool) -> Result<i32> {
    let options = Options { vars: script::variables(vars)?, ..Options::default() };
    let files = suite::find(paths)?;
    let colour = script::style(options.lang).colour;
    let (mut mistakes, mut warnings) = (0u64, 0u64);
    for path in &files {
        let name = path.to_string_lossy().into_owned();
        let text = match script::read_file(path) {
            Ok(text) => text,
            Err(why) => {
                mistakes += 1;
                if as_json {
                    script::say(json::unread(&name, &why))?;
                } else {
                    complain(format_args!("error: {why}\n"));
                }
                continue;
            }
        };
        let mut compiler = Compiler::new(script::scope(&options, None));
        if !compiler.sources.fits(text.len()) {
            bail!("{name} is too long for a script");
        }
        for problem in problems(&mut compiler, &name, &text) {
            *(if problem.is_error() { &mut mistakes } else { &mut warnings }) += 1;
            if as_json {
                script::say(json::diagnostic(&problem, &compiler.sources))?;
            } else {
                complain(format_args!("{}\n", problem.draw(&compiler.sources, colour)));
            }
        }
    }
    if !as_json {
        let also = if warnings > 0 { format!(", {}", count(warnings, "warning")) } else { String::new() };
        let scripts = count(files.len() as u64, "script");
        script::say(format_args!("{scripts} checked, {}{also}", count(mistakes, "mistake")))?;
    }
    Ok(if mistakes > 0 { 2 } else { 0 })
}

/// The mistakes of a script; its warnings too, where there is no mistake that they could follow from.
fn problems(compiler: &mut Compiler, name: &str, text: &str) -> Vec<Diagnostic> {
    let (program, mut problems) = compiler.compile(name, text, &mut script::read_file);
    if program.is_some()
        && let Some(source) = compiler.sources.first().cloned()
    {
        let tree = parse(&source, &mut Vec::new());
        problems.extend(lint::lint(&source, &tree, &|name| compiler.scope.find(name).is_some()));
        problems.sort_by_key(|p| (p.span.start, p.span.end));
    }
    problems
}
