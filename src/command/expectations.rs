//! Expectations: what makes a script a test. (`fails` is a form: it holds another command.)

use super::condition::Condition;
use super::expr::Expr;
use super::param::{Param, Text, wrong};
use super::row::{Command, Kind, command};
use super::words::Words;
use crate::session::Session;
use crate::text::diagnostic::{Diagnostic, there_are};
use crate::value::errno::Class;
use crate::value::outcome::{Halt, Outcome, Reply};
use crate::words::Sentence;

pub const ROWS: &[Command] = &[
    command!(Tests, "expect", expect, (condition: Condition), Nothing,
        en "stop, failing, unless the condition holds; TEXT alone is `$_ contains TEXT`"
        es "se detiene con una falla si la condición no se cumple; TEXT solo es `$_ contains TEXT`",
        c "", rust "", python "assert condition",
        errors [], does [Expects],
        note en "Both sides are shown when it does not hold. No `except` catches it."
             es "Cuando no se cumple, muestra ambos lados. Ningún `except` la atrapa.",
        like "a, b = socketpair\na.sendall \"hola\\n\"\nb.recv\nexpect hola\nexpect ${_.len} == 5"),
    command!(Tests, "fail", fail, (text: Text), Nothing,
        en "end the script as failed"
        es "termina el script como fallido",
        c "", rust "", python "raise AssertionError(text)",
        errors [], does [Ends],
        like "if 1 > 2\n    fail \"the order of numbers has changed\"\nend"),
    command!(Tests, "skip", skip, (text: Text), Nothing,
        en "end the script as skipped"
        es "termina el script como omitido",
        c "", rust "", python "raise unittest.SkipTest(text)",
        errors [], does [Ends],
        like "if 1 > 2\n    skip \"not on this machine\"\nend"),
    command!(Tests, "require", require, (what: Requirement), Nothing,
        en "skip the script, with the reason, where something is missing"
        es "omite el script, con el motivo, donde falta algo",
        c "", rust "", python "",
        errors [],
        note en "`require ipv6`, `require root`, `require command NAME`, `require env NAME`."
             es "`require ipv6`, `require root`, `require command NAME`, `require env NAME`.",
        like "require command sh"),
];

fn expect(session: &mut Session, condition: &Condition) -> Reply {
    let verdict = condition.test(session)?;
    if verdict.holds { Outcome::nothing() } else { Err(Box::new(Halt::Miss(condition.miss(verdict)))) }
}

fn fail(_: &mut Session, text: String) -> Reply {
    Err(Box::new(Halt::Fail { text, span: None }))
}

fn skip(_: &mut Session, text: String) -> Reply {
    Err(Box::new(Halt::Skip { text: Sentence::plain(text) }))
}

/// `ipv6|root|command NAME|env NAME`
#[derive(Debug)]
enum Requirement {
    Ipv6,
    Root,
    Command(Text),
    Env(Text),
    /// A value that says which of the first two.
    Later(Expr),
}

const REQUIREMENTS: &[&str] = &["ipv6", "root", "command", "env"];

/// What is required, with its name worked out.
enum Needed {
    Ipv6,
    Root,
    Command(String),
    Env(String),
}

impl Param for Requirement {
    type Value<'a> = Needed;
    const KIND: Kind = Kind::Word(REQUIREMENTS);
    const USAGE: &'static str = "ipv6|root|command NAME|env NAME";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        match word.bare() {
            Some("ipv6") => Some(Requirement::Ipv6),
            Some("root") => Some(Requirement::Root),
            Some("command") => Text::read(words, "name").map(Requirement::Command),
            Some("env") => Text::read(words, "name").map(Requirement::Env),
            _ => {
                let expr = Expr::letters(words, word)?;
                let Some(value) = expr.literal() else { return Some(Requirement::Later(expr)) };
                let text = value.to_text();
                let problem = Diagnostic::new(
                    word.span,
                    say!(en "`{text}` cannot be required", es "`{text}` no se puede exigir", text),
                );
                words.report(problem.help(there_are(REQUIREMENTS.iter().copied())));
                None
            }
        }
    }

    fn get(&self, session: &mut Session) -> Result<Needed, Box<Halt>> {
        Ok(match self {
            Requirement::Ipv6 => Needed::Ipv6,
            Requirement::Root => Needed::Root,
            Requirement::Command(name) => Needed::Command(name.get(session)?),
            Requirement::Env(name) => Needed::Env(name.get(session)?),
            Requirement::Later(expr) => {
                let value = expr.get(session)?;
                match value.to_text().as_str() {
                    "ipv6" => Needed::Ipv6,
                    "root" => Needed::Root,
                    _ => {
                        let wanted = phrase!(
                            en "`ipv6` or `root` (a command or a variable of the environment is required by name)",
                            es "`ipv6` ni `root` (un programa o una variable de entorno se exige por su nombre)"
                        );
                        return Err(wrong(Class::ValueError, wanted, &value));
                    }
                }
            }
        })
    }
}

fn require(session: &mut Session, needed: Needed) -> Reply {
    let caller = &session.caller;
    let (there, missing) = match needed {
        Needed::Ipv6 => (
            crate::net::probe::has_ipv6(caller),
            say!(en "no IPv6 on this machine", es "no hay IPv6 en esta máquina"),
        ),
        Needed::Root => (crate::net::probe::is_root(caller), say!(en "needs root", es "requiere root")),
        Needed::Command(name) => {
            let missing = say!(en "the command `{name}` is not installed", es "el comando `{name}` no está instalado", name);
            (crate::net::probe::in_path(caller, &name), missing)
        }
        Needed::Env(name) => {
            let missing = say!(en "the environment has no `{name}`", es "no existe la variable de entorno `{name}`", name);
            (std::env::var_os(&name).is_some(), missing)
        }
    };
    if there { Outcome::nothing() } else { Err(Box::new(Halt::Skip { text: missing })) }
}
