//! A command in a word, `$(COMMAND WORD…)`, and the words of a `def`'s call.
//!
//! The command runs when the value of its word is due, each time it is; it leaves `$_` and the limits of the line
//! around it alone, and a failure in it is its own.

use std::sync::Arc;
use std::time::Instant;

use super::expr::Expr;
use super::files::refuse_input;
use super::row::{Action, Command, Does, Gives};
use super::words::Words;
use crate::command;
use crate::session::kinds::Known;
use crate::session::names::{Place, Signature};
use crate::session::{Ran, Session};
use crate::text::diagnostic::{Diagnostic, Later, Span, suggest, usage};
use crate::text::parse::line_of;
use crate::text::tree::Line;
use crate::text::words::{Part, Substitution};
use crate::value::Value;
use crate::value::outcome::{Halt, Outcome, Reply};
use crate::words::{Noun, Sentence, counted};

/// The command of a `$(…)`, read.
#[derive(Clone)]
pub struct Inner {
    /// What stands between the parentheses.
    at: Span,
    what: Arc<What>,
    properties: Box<[Box<str>]>,
}

enum What {
    Command { socket: Option<Place>, row: &'static Command, action: Action },
    Def { name: Box<str>, function: usize, arguments: Box<[Expr]> },
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "$(…)@{}", self.at.start)
    }
}

impl Inner {
    /// Reads the words of a `$(…)` in the scope of the line around it.
    pub fn read(words: &mut Words<'_>, call: &Substitution<'_>) -> Option<Inner> {
        let mut problems = Vec::new();
        let line = if call.words.is_empty() { None } else { line_of(call.words.clone(), &mut problems) };
        let wrong = problems.iter().any(Diagnostic::is_error);
        problems.into_iter().for_each(|problem| words.report(problem));
        if wrong {
            return None;
        }
        let Some(line) = line else {
            let message = say!(en "a command is due in `$(…)`", es "en `$(…)` va un comando");
            words.report(Diagnostic::new(call.span, message));
            return None;
        };
        let mut known = None;
        let what = What::read(words, &line, &mut known)?;
        if let Some(known) = known {
            words.scope.note_result(known, &call.properties);
        }
        let properties = Expr::read_properties(words, &call.properties, what.may_give_map())?;
        Some(Inner { at: call.inside, what: Arc::new(what), properties })
    }

    /// May the result be a map?
    pub fn may_be_map(&self) -> bool {
        self.what.may_give_map()
    }

    /// The result, or a property of it.
    pub fn value(&self, session: &mut Session) -> Result<Value, Box<Halt>> {
        let outer = session.begin_inner();
        let result = if session.tells_inner() { self.run_told(session) } else { self.run(session) };
        let result = session.caller.in_time(result);
        session.end_inner(outer);
        let mut value = result.map(|outcome| outcome.value).map_err(|mut halt| {
            halt.place(self.at);
            if let Halt::Error(error) = &mut *halt {
                error.inner = true;
            }
            halt
        })?;
        for property in &self.properties {
            value = session.property(&value, property)?;
        }
        Ok(value)
    }

    /// The same, of which the run's watcher is told.
    #[cold]
    fn run_told(&self, session: &mut Session) -> Reply {
        let (command, socket) = match &*self.what {
            What::Command { socket: Some(place), row, .. } => (row.name, session.socket_at(*place).ok()),
            What::Command { row, .. } if row.shape.on_socket => (row.name, session.current()),
            What::Command { row, .. } => (row.name, None),
            What::Def { name, .. } => (&**name, None),
        };
        let begun = Instant::now();
        let result = self.run(session);
        let told = session.tell_inner(&Ran {
            span: self.at,
            command,
            socket: socket.map(|socket| socket.name()),
            result: result.as_ref().map_err(|halt| &**halt),
            took: begun.elapsed(),
        });
        told.and(result)
    }

    fn run(&self, session: &mut Session) -> Reply {
        match &*self.what {
            What::Command { socket, row, action } => {
                if row.shape.waits {
                    session.flush();
                }
                session.aim(*socket);
                let outcome = action(session)?;
                if let Value::Process(process) = &outcome.value {
                    process.set_started(self.at);
                }
                Ok(outcome)
            }
            What::Def { function, arguments, .. } => {
                let values = arguments.iter().map(|e| e.get(session)).collect::<Result<Vec<_>, _>>()?;
                Outcome::value(session.invoke(*function, values, self.at)?)
            }
        }
    }
}

impl What {
    fn may_give_map(&self) -> bool {
        match self {
            What::Command { row, .. } => row.may_give_map(),
            What::Def { .. } => true,
        }
    }

    /// `known`: what is certain of the result.
    fn read(words: &mut Words<'_>, line: &Line<'_>, known: &mut Option<Known>) -> Option<What> {
        if let Some(problem) = misplaced(line) {
            words.report(problem);
            return None;
        }
        let name = &*line.command.text;
        if let Some(signature) = words.scope.commands.get(name).cloned() {
            if let Some(socket) = &line.socket {
                words.report(no_socket(name, socket.span));
                return None;
            }
            words.scope.note_command(name, line.command.span, false);
            let mut inner = words.inner(line, command::syntax::Syntax::of_call());
            let arguments = read_arguments(&mut inner, name, &signature);
            let failed = inner.has_failed();
            words.take_failure(failed);
            words.scope.note_socket();
            return Some(What::Def { name: name.into(), function: signature.index, arguments: arguments? });
        }
        let Some(row) = command::find(name) else {
            let problem = Diagnostic::new(
                line.command.span,
                say!(en "unknown command `{name}`", es "comando desconocido `{name}`", name),
            )
            .later(Later::Likely);
            let defs: Vec<String> = words.scope.commands.keys().cloned().collect();
            let mut known: Vec<&str> = command::openings().collect();
            known.extend(defs.iter().map(String::as_str));
            let near = suggest(name, known);
            let value = line.socket.is_none() && line.words.is_empty() && words.scope.find(name).is_some();
            let help = match near {
                _ if value => Some(say!(en "write `${name}`", es "escribe `${name}`", name)),
                near => near,
            };
            words.report(match help {
                Some(help) => problem.help(help).later(Later::Unlikely),
                None => problem,
            });
            return None;
        };
        if let Some(problem) = refuse_input(row, words.scope, line.command.span) {
            words.report(problem);
            return None;
        }
        if row.gives == Gives::Nothing {
            words.report(Diagnostic::new(
                line.command.span,
                say!(
                    en "`{name}` has no result that could stand here",
                    es "`{name}` no tiene un resultado que pueda ir aquí",
                    name
                ),
            ));
            return None;
        }
        let socket = match &line.socket {
            None => None,
            Some(socket) if !row.shape.on_socket => {
                words.report(no_socket(name, socket.span));
                return None;
            }
            Some(socket) => {
                let place = words.scope.require(&socket.text, socket.span, "socket");
                Some(words.accept(place)?)
            }
        };
        let mut inner = words.inner(line, row.syntax());
        let action = (row.read)(&mut inner);
        let failed = inner.has_failed();
        *known = match inner.values {
            _ if row.shape.makes_socket => Some(Known::Socket),
            _ if row.does(Does::GivesAddress) => Some(Known::Address),
            values => values.map(Known::Items),
        };
        words.take_failure(failed);
        if row.shape.makes_socket {
            words.scope.note_socket();
        }
        Some(What::Command { socket, row, action: action? })
    }
}

fn no_socket(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        span,
        say!(en "`{name}` is no socket's command", es "`{name}` no es un comando de un socket", name),
    )
}

/// What may not stand in `$(…)`: an assignment, a keyword, `&`, `COMMAND?`.
fn misplaced(line: &Line<'_>) -> Option<Diagnostic> {
    let name = &line.command.text;
    if let Some(target) = line.targets.first() {
        let message = say!(en "nothing is given a name in `$(…)`", es "en `$(…)` no se asigna ningún nombre");
        return Some(Diagnostic::new(target.span, message).help(say!(
            en "the assignment is a line of its own", es "la asignación va en su propia línea"
        )));
    }
    if let Some(span) = line.background {
        let message = say!(en "no `&` stands in `$(…)`", es "en `$(…)` no va `&`");
        return Some(Diagnostic::new(span, message));
    }
    if line.keyword.is_some() || line.help || name.is_empty() {
        let span = line.socket.as_ref().map_or(line.command.span, |s| s.span.to(line.command.span));
        let message = say!(en "a command is due in `$(…)`", es "en `$(…)` va un comando");
        return Some(Diagnostic::new(span, message));
    }
    None
}

/// Reads the words of a `def`'s call: the values of its arguments, in order.
pub fn read_arguments(words: &mut Words<'_>, name: &str, signature: &Signature) -> Option<Box<[Expr]>> {
    let (given, most) = (words.left(), signature.most());
    if given < signature.required || most.is_some_and(|most| given > most) {
        let span = match most.filter(|most| given > *most) {
            Some(most) => words.peek_at(most).map_or(words.command, |w| w.span),
            None => words.command,
        };
        let problem = Diagnostic::new(span, wrong_count(name, signature, given));
        let problem = problem.help(usage(signature.usage(name)));
        words.report(if given < signature.required { problem.unfinished() } else { problem });
        return None;
    }
    let mut exprs = Vec::with_capacity(given);
    while !words.is_empty() {
        let Some(word) = words.next() else {
            exprs.push(None);
            continue;
        };
        // What is glued to a name may be quoted.
        let begins = word.parts().first().filter(|_| !word.quoted || word.glued).and_then(Part::bytes);
        let begins = begins.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("");
        if let Some(argument) = signature.named_in(begins) {
            let message = say!(
                en "arguments have no names in a call", es "los argumentos no llevan nombre en una llamada"
            );
            let shown = signature.usage(name);
            let problem = Diagnostic::new(word.span, message);
            words.report(problem.help(say!(
                en "`{argument}` goes by its place: `{shown}`",
                es "`{argument}` va según su posición: `{shown}`",
                argument, shown
            )));
            exprs.push(None);
            continue;
        }
        // A bare word is text, here as everywhere: a socket is handed on as `$name`.
        let named = words.refuse_name(word);
        exprs.push(named.and_then(|()| Expr::read(words, word)));
    }
    exprs.into_iter().collect()
}

fn wrong_count(name: &str, signature: &Signature, given: usize) -> Sentence {
    let least = signature.required;
    match signature.most() {
        Some(most) if most == least => say!(
            en "`{name}` takes {words}, and here are {given}",
            es "`{name}` lleva {words}, y aquí hay {given}",
            name, words = counted(most, Noun::Word), given
        ),
        Some(most) => say!(
            en "`{name}` takes {least} to {words}, and here are {given}",
            es "`{name}` lleva de {least} a {words}, y aquí hay {given}",
            name, least, words = counted(most, Noun::Word), given
        ),
        None => say!(
            en "`{name}` takes {words} or more, and here are {given}",
            es "`{name}` lleva {words} o más, y aquí hay {given}",
            name, words = counted(least, Noun::Word), given
        ),
    }
}
