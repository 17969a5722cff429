//! What the prompt's own words do: `history`, `save`, `run`, `rerun`, `time`, `timeit`, `clear`, `reset`; those of `edit`,
//! `watch` and `talk` have a file each.

use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use super::arguments::Arguments;
use super::log::Entry;
use super::talk::Manner;
use super::watch::Quiet;
use super::words::{self, Own, What};
use super::{Ended, Prompt, begin, cell, name, saved, timing};
use crate::driver::files;
use crate::driver::run;
use crate::driver::terminal::{CLEAR_SCREEN, is_capable};
use crate::driver::transcript::show_trace;
use crate::engine::{Compiler, Runner};
use crate::net::file;
use crate::text::diagnostic::{Brief, Diagnostic, Span, Style, usage};
use crate::text::literal;
use crate::text::secrets::hide;
use crate::value::outcome::Halt;
use crate::words::{Phrase, Sentence};

impl Prompt<'_> {
    /// Does what one of the words says.
    pub(super) fn own(&mut self, own: &'static Own, text: &str, number: u32) -> Ended {
        let arguments = match Arguments::read(self, text, number) {
            Ok(arguments) => arguments,
            Err(problems) => {
                self.refuse(&problems);
                return Ended::Failed;
            }
        };
        let done = match own.what {
            What::History => {
                let (arguments, outs) = arguments.switch("-o");
                let rest = words::recognise(text).map_or("", |(_, rest)| rest);
                arguments.wanted(own, rest, outs).map(|wanted| {
                    let shown = self.log.shown(&wanted);
                    if !shown.is_empty() {
                        self.page(&shown);
                    }
                    Ended::Well
                })
            }
            What::Clear => arguments.none(own).map(|()| {
                if is_capable(&std::io::stdout()) {
                    self.output().control(&self.session.caller.gate, CLEAR_SCREEN);
                }
                Ended::Well
            }),
            What::Reset => arguments.none(own).map(|()| self.reset()),
            What::Rerun => arguments.ranges(own).map(|ranges| self.rerun(&ranges)),
            What::Run => arguments.only_path(own).map(|path| self.run_file(&path, number)),
            What::Save => {
                let (arguments, all) = arguments.switch("--all");
                arguments.path_and_range(own).map(|(path, numbers)| self.save(&path, &numbers, all))
            }
            What::Edit => arguments.only_number(own).map(|number| self.edit(number)),
            What::Keep => Ok(self.keep_settings()),
            What::Talk => {
                let (arguments, crlf) = arguments.switch("--crlf");
                let (arguments, hex) = arguments.switch("--hex");
                let manner = Manner { hex, crlf };
                arguments.only_name(own).map(|name| self.talk(name.as_deref(), manner))
            }
            What::Time | What::Timeit | What::Watch => Ok(Ended::Well),
        };
        if self.session.settings.trace {
            show_trace(&mut self.session);
        }
        done.unwrap_or_else(|problem| {
            self.refuse(&[*problem]);
            Ended::Failed
        })
    }

    fn reset(&mut self) -> Ended {
        let open = self.session.open_sockets().len();
        self.end_session();
        let settings = self.session.settings.clone();
        let past = self.session.take_past();
        let sources = std::mem::take(&mut self.compiler.sources);
        (self.session, self.compiler) = begin(self.options);
        self.session.settings = settings;
        self.session.set_trace(self.session.settings.trace);
        self.session.set_past(past);
        self.compiler.sources = sources;
        self.python = crate::python::Reader::new();
        self.log.reset();
        self.watcher.forget();
        self.say(&self.lang().words().session_reset(open as u64));
        self.run_init();
        Ended::Well
    }

    /// Runs statements that come from elsewhere, each shown as if it had been typed.
    pub(super) fn announce_and_run(&mut self, text: &str) -> Ended {
        let Some(places) = cell::statements(text) else {
            self.announce(text);
            return self.statement(text);
        };
        let texts: Vec<String> = places.into_iter().map(|place| text[place].to_string()).collect();
        self.run_all(&texts)
    }

    /// Runs earlier lines again: those of the ranges, or the last one.
    fn rerun(&mut self, ranges: &[RangeInclusive<u32>]) -> Ended {
        let again = |e: &&Entry| {
            e.number > 0 && !words::recognise(&e.text).is_some_and(|(own, _)| own.what == What::Rerun)
        };
        let texts: Vec<String> = match ranges {
            [] => self.log.range(&(0..=u32::MAX)).filter(again).last().into_iter().map(text_of).collect(),
            _ => {
                ranges.iter().flat_map(|numbers| self.log.range(numbers)).filter(again).map(text_of).collect()
            }
        };
        if texts.is_empty() {
            self.refuse_with(say!(
                en "there is no such line; `history` lists them",
                es "no existe esa línea; `history` las muestra"
            ));
            return Ended::Failed;
        }
        self.run_all(&texts)
    }

    fn run_all(&mut self, texts: &[String]) -> Ended {
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
        let text = match files::read_by(&mut self.session.caller, path) {
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
        if self.log.worth(numbers, all, false, folder).is_empty() {
            self.refuse_with(say!(
                en "no line there that worked, so nothing was saved",
                es "ninguna de esas líneas funcionó, así que no se guardó nada"
            ));
            return Ended::Failed;
        }
        if path.is_dir() {
            self.refuse_with(say!(en "{shown} is a folder", es "{shown} es una carpeta", shown));
            return Ended::Failed;
        }
        let (count, text) = match self.as_script(path, numbers, all, folder) {
            Ok(script) => script,
            Err(why) => {
                self.complain(why);
                return Ended::Failed;
            }
        };
        let question = say!(en "{shown} exists; overwrite it?", es "{shown} existe; ¿sobrescribirlo?", shown);
        if path.exists() && !self.reader.confirm(&question.show(self.lang()), self.lang()) {
            self.complain(phrase!(en "nothing was saved", es "no se guardó nada").show(self.lang()));
            return Ended::Failed;
        }
        match file::replace(&mut self.session.caller, path, hide(&text).as_bytes()) {
            Ok(()) => {
                self.say(&self.lang().words().lines_saved(count as u64, &shown));
                Ended::Well
            }
            Err(halt) => {
                let why = match &*halt {
                    Halt::Error(error) if error.code.number().is_some() => {
                        Sentence::plain(error.code.words().show(self.lang()).to_lowercase())
                    }
                    Halt::Error(error) => error.sentence(),
                    _ => phrase!(en "interrupted", es "interrumpido").into(),
                };
                self.refuse_with(say!(
                    en "cannot write {shown}: {why}",
                    es "no se puede escribir {shown}: {why}",
                    shown,
                    why
                ));
                Ended::Failed
            }
        }
    }

    /// These lines as a script that `check` passes, and how many there are; or why they are none. The user's own script
    /// is part of it where a line needs what it defines.
    fn as_script(
        &mut self,
        path: &Path,
        numbers: &RangeInclusive<u32>,
        all: bool,
        folder: &Path,
    ) -> Result<(usize, String), String> {
        let mut reason = String::new();
        for init in [false, true] {
            let entries = self.log.worth(numbers, all, init, folder);
            let lines: Vec<&Entry> = entries.iter().collect();
            let tmpdir = self.session.tmpdir_if_made();
            let text = saved::script(&lines, tmpdir.as_deref()).map_err(|why| {
                let why = why.show(self.lang());
                say!(en "error: {why}", es "error: {why}", why).show(self.lang())
            })?;
            // Lines that need another that is not among them are no script.
            let count_of_arguments = u32::try_from(self.options.arguments.len()).ok();
            let mut compiler = Compiler::new(run::scope(self.options, count_of_arguments));
            let name = path.to_string_lossy();
            let (program, problems) =
                compiler.compile(&name, text.clone(), &mut |path| self.options.read(path));
            if program.is_some() {
                return Ok((entries.iter().filter(|entry| entry.number > 0).count(), text));
            }
            if let Some(problem) = problems.iter().find(|p| p.is_error()).filter(|_| !init) {
                let style =
                    Style { brief: Some(Brief { columns: self.columns(), above: None }), ..self.style() };
                // A name of the line at fault that a line outside the range has made.
                let base = compiler.sources.source(problem.span).map_or(0, |source| source.base());
                let at = text.floor_char_boundary(problem.span.start.saturating_sub(base) as usize);
                let begin = text[..at].rfind('\n').map_or(0, |n| n + 1);
                let line = text[begin..].lines().next().unwrap_or_default();
                let gone = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).find_map(|name| {
                    let (number, _) = self.log.made(name)?;
                    (!numbers.contains(&number)).then_some((number, name))
                });
                let problem = match gone {
                    Some((number, name)) => problem.clone().help(say!(
                        en "In [{number}] makes `{name}`, and it is not among these lines",
                        es "In [{number}] crea `{name}`, y no está entre estas líneas",
                        number,
                        name
                    )),
                    None => problem.clone(),
                };
                reason = problem.draw(&compiler.sources, style);
            }
        }
        let none = phrase!(
            en "these lines alone are no script, so nothing was saved",
            es "estas líneas solas no son un script, así que no se guardó nada"
        );
        Err(format!("{reason}\n{}", none.show(self.lang())))
    }

    /// One of the words lacks something.
    pub(super) fn incomplete(
        &mut self,
        own: &'static Own,
        text: &str,
        number: u32,
        missing: Phrase,
    ) -> Ended {
        let source = self.compiler.sources.add(&name(number), text);
        let span = Span::new(source.base() as usize, source.base() as usize + text.trim_end().len());
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
        Ended::Failed
    }

    /// `time` and `timeit`.
    pub(super) fn timed(&mut self, own: &'static Own, text: &str, number: u32) -> Ended {
        let rest = words::recognise(text).map_or("", |(_, rest)| rest).trim_start();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (rounds, command) = match own.what {
            What::Timeit => (rest[..digits].parse().ok(), rest[digits..].trim_start()),
            _ => (Some(1u32), rest),
        };
        let rounds = match rounds {
            None if digits == 0 => Err(phrase!(en "how many times", es "cuántas veces")),
            None => Err(phrase!(en "at most 4294967295 rounds", es "4294967295 rondas como máximo")),
            Some(0) => Err(phrase!(en "at least 1 round", es "al menos 1 ronda")),
            Some(_) if command.is_empty() => Err(phrase!(en "a command", es "un comando")),
            Some(rounds) => Ok(rounds),
        };
        let rounds = match rounds {
            Ok(rounds) => rounds,
            Err(missing) => return self.incomplete(own, text, number, missing),
        };
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
        let (mut times, mut halt) = (timing::Times::default(), None);
        let round = self.attend();
        while halt.is_none() && times.len() < u64::from(rounds) {
            halt = match self.session.caller.gate.stopped() {
                Some(stop) => Some(self.session.caller.halt("", stop, None, None)),
                None => {
                    let begun = Instant::now();
                    let ran = Runner::new(&mut self.session, program.functions.clone(), quiet.clone())
                        .run(&program.body);
                    let took = begun.elapsed();
                    round.fetch_add(1, Relaxed);
                    ran.map(|_| times.add(took)).err()
                }
            };
        }
        let emptied = self.watcher.end();
        let ended = halt.map_or(Ended::Well, |mut halt| {
            self.emptied = emptied;
            self.halted(&mut halt)
        });
        if let Some(report) = times.report(self.lang(), self.window().map_or(80, |window| window.columns)) {
            self.say(&report);
        }
        ended
    }
}

fn text_of(entry: &Entry) -> String {
    entry.text.clone()
}
