//! Expectations: what makes a script a test. (`fails` is a form: it holds another command.)

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::condition::{Condition, Verdict};
use super::expr::Expr;
use super::param::{Family, Given, Names, Param, Text, Told, get_duration, given, read_duration, wrong};
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::gate::Deadline;
use crate::net::options::table::SocketOption;
use crate::net::{namespace, probe};
use crate::session::Session;
use crate::text::diagnostic::{Diagnostic, suggest, there_are};
use crate::value::Value;
use crate::value::errno::{Caught, Class};
use crate::value::outcome::{CallError, Detail, Halt, Limit, Miss, MissKind, Outcome, Reply};
use crate::words::Sentence;

pub const ROWS: &[Command] = &[
    command!(Tests, "expect", expect, (condition: Expectation), Nothing,
        en "stop, failing, unless the condition holds; TEXT alone is `$_ contains TEXT`"
        es "se detiene con una falla si la condición no se cumple; TEXT solo es `$_ contains TEXT`",
        c "", rust "", python "assert condition",
        errors [], does [Expects],
        note en "Both sides are shown when it does not hold, and TEXT. No `except` catches it. `and`, `or`, `not` and \
            parentheses are Python's. `--within` is for what is read anew: a property, `$(…)`, a shared name; no command in \
            the condition takes longer."
             es "Cuando no se cumple, muestra ambos lados, y TEXT. Ningún `except` la atrapa. `and`, `or`, `not` y los \
            paréntesis son los de Python. `--within` es para lo que se lee de nuevo: una propiedad, `$(…)`, un nombre \
            compartido; ningún comando de la condición tarda más.",
        like "a, b = socketpair\na.sendall \"hola\\n\"\nb.recv\nexpect hola\nexpect ${_.len} == 5"),
    command!(Tests, "raise", raise, (class: ErrorName, text: Told), Nothing,
        en "fail with an error of this name or class, which `except` and `fails` may take"
        es "falla con un error de este nombre o clase, que `except` y `fails` pueden atrapar",
        c "", rust "", python "raise ValueError(text)",
        errors [], does [Ends],
        like "try\n    raise ValueError \"no such user\"\nexcept ValueError as e\n    print ${e.message}\nend"),
    command!(Tests, "fail", fail, (text: Why), Nothing,
        en "end the script as failed"
        es "termina el script como fallido",
        c "", rust "", python "raise AssertionError(text)",
        errors [], does [Ends],
        like "if 1 > 2\n    fail \"the order of numbers has changed\"\nend"),
    command!(Tests, "skip", skip, (text: Told), Nothing,
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
        note en "`require ipv6`, `require isolated` (a network of its own: `--isolate`), `require root`, `require linux`, \
            `require command NAME`, `require env NAME`, `require option NAME` (a socket option that this kernel has), `require \
            family NAME`; `not` before it asks for the contrary."
             es "`require ipv6`, `require isolated` (una red propia: `--isolate`), `require root`, `require linux`, `require \
            command NAME`, `require env NAME`, `require option NAME` (una opción de sockets que este kernel tiene), `require \
            family NAME`; con `not` delante exige lo contrario.",
        like "require command sh"),
    command!(Tests, "export", export, (names: Names), Nothing,
        en "in a folder's `fixture.sock`: give the scripts of the folder these names and their values"
        es "en el `fixture.sock` de una carpeta: da a los scripts de la carpeta estos nombres y sus valores",
        c "", rust "", python "return value  # a pytest fixture, scope=\"package\"",
        errors [], does [Exports],
        note en "A value is bytes, a number, an address, or a list of these."
             es "Un valor son bytes, un número, una dirección, o una lista de estos.",
        like "l = socket inet stream\nbind 127.0.0.1 0\nlet port = ${l.local.port}\nexport port"),
];

/// `CONDITION [else TEXT]`, and how long to look again.
#[derive(Debug)]
struct Expectation {
    within: Option<Given<Duration>>,
    condition: Condition,
    text: Option<Expr>,
}

impl Param for Expectation {
    type Value<'a> = &'a Expectation;
    const KIND: Kind = Kind::Condition;
    const USAGE: &'static str = "CONDITION|TEXT [else TEXT]";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--within",
        value: Some("DURATION"),
        about: phrase!(
            en "look again until it holds, for so long",
            es "vuelve a mirar hasta que se cumpla, durante este tiempo"
        ),
    }];

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let within = match words.option("--within") {
            None => None,
            Some(word) => Some((read_duration(words, word)?, word.span)),
        };
        if let (Some(first), Some(span)) = (words.peek(), words.last_span()) {
            words.note(name, first.span.to(span));
        }
        let condition = Condition::read(words, true)?;
        let text = match words.peek().filter(|word| word.is("else")) {
            None => None,
            Some(otherwise) => match words.next_any().and_then(|_| words.next_any()) {
                Some(word) => {
                    words.refuse_name(word)?;
                    Some(Expr::letters(words, word)?)
                }
                None => {
                    words.report(
                        Diagnostic::new(
                            otherwise.span,
                            say!(en "a text is due after `else`", es "después de `else` va un texto"),
                        )
                        .unfinished(),
                    );
                    return None;
                }
            },
        };
        if let Some((_, span)) = within
            && !condition.changes()
        {
            let message = say!(
                en "nothing in this condition is read anew", es "nada en esta condición se lee de nuevo"
            );
            words.report(Diagnostic::new(span, message).help(say!(
                en "`--within` is for a property (`${{c.state}}`), a command (`$(recvline)`) or a shared name",
                es "`--within` es para una propiedad (`${{c.state}}`), un comando (`$(recvline)`) o un nombre compartido"
            )));
            return None;
        }
        Some(Expectation { within: within.map(|(time, _)| time), condition, text })
    }

    fn get<'a>(&'a self, _: &mut Session) -> Result<Self::Value<'a>, Box<Halt>> {
        Ok(self)
    }
}

/// The text of a failure, worked out where it is told.
#[derive(Debug)]
struct Why(Text);

impl Param for Why {
    type Value<'a> = &'a Expr;
    const KIND: Kind = Text::KIND;
    const USAGE: &'static str = Text::USAGE;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        Told::read(words, name).map(|told| Why(told.0))
    }

    fn get(&self, _: &mut Session) -> Result<Self::Value<'_>, Box<Halt>> {
        Ok(&self.0.0)
    }
}

/// Waits between two looks: soon at first, then seldom.
const LOOKS: [u64; 6] = [1, 1, 2, 5, 10, 20];

fn expect(session: &mut Session, expectation: &Expectation) -> Reply {
    let looked = match &expectation.within {
        None => Ok(expectation.condition.test(session)?),
        Some(within) => {
            let time = get_duration(within, session)?;
            let outer = session.limit_commands(None);
            session.limit_commands(Some(Deadline::new(time, Limit::Within).sooner(outer)));
            let looked = look_again(session, &expectation.condition, time);
            session.limit_commands(outer);
            looked?
        }
    };
    match looked {
        Ok(verdict) if verdict.holds => Outcome::nothing(),
        Ok(verdict) => missed(session, verdict.miss(), expectation),
        Err(late) => missed(session, late, expectation),
    }
}

/// Looks until it holds or the time is over; or what was still awaited then.
fn look_again(
    session: &mut Session,
    condition: &Condition,
    time: Duration,
) -> Result<Result<Verdict, Miss>, Box<Halt>> {
    let end = Instant::now() + time;
    let mut looks = LOOKS.iter().copied().chain(std::iter::repeat(20)).map(Duration::from_millis);
    let mut last: Option<Verdict> = None;
    loop {
        let verdict = match condition.test(session).map_err(|halt| *halt) {
            Ok(verdict) => verdict,
            Err(Halt::Error(error)) if matches!(error.detail, Detail::Limit { limit: Limit::Within, .. }) => {
                let sides = last.map_or(Vec::new(), Verdict::sides);
                return Ok(Err(Miss::new(MissKind::TooLate { time, error: Box::new(error), sides })));
            }
            Err(other) => return Err(Box::new(other)),
        };
        let left = end.saturating_duration_since(Instant::now());
        if verdict.holds || left.is_zero() {
            return Ok(Ok(verdict));
        }
        session.flush();
        session.caller.sleep(looks.next().unwrap_or_default().min(left), None)?;
        last = Some(verdict);
    }
}

/// The failure of an expectation, with its text.
fn missed(session: &mut Session, mut miss: Miss, expectation: &Expectation) -> Reply {
    if let Some(text) = &expectation.text {
        let text = text.get(session).and_then(|value| session.look(&value)).map(|value| value.to_text());
        match told(text)? {
            Ok(text) => miss.text = Some(text),
            Err(why) => miss.untold = Some(why),
        }
    }
    Err(Box::new(Halt::Miss(miss)))
}

/// The name of an error or of a class.
#[derive(Debug)]
struct ErrorName(Given<Caught>);

impl Param for ErrorName {
    type Value<'a> = Caught;
    const KIND: Kind = Kind::Error;
    const USAGE: &'static str = "CLASS";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |_: &Value, text: &str| {
            Caught::from_name(text).ok_or_else(|| {
                let near = suggest(text, Caught::names());
                let like = say!(
                    en "like `ValueError`, `ConnectionError` or `ECONNRESET`",
                    es "como `ValueError`, `ConnectionError` o `ECONNRESET`"
                );
                let message = say!(en "`{text}` is not the name of an error", es "`{text}` no es el nombre de un error", text);
                (message, Some(near.unwrap_or(like)))
            })
        };
        given(words, name, make).map(ErrorName)
    }

    fn get(&self, session: &mut Session) -> Result<Caught, Box<Halt>> {
        match &self.0 {
            Given::Now(caught) => Ok(*caught),
            Given::Later(expr) => {
                let value = expr.get(session)?;
                let wanted = phrase!(en "the name of an error", es "el nombre de un error");
                Caught::from_name(&value.to_text()).ok_or_else(|| wrong(Class::ValueError, wanted, &value))
            }
        }
    }
}

fn raise(_: &mut Session, class: Caught, text: String) -> Reply {
    let detail = Detail::Text(Sentence::plain(text));
    Err(CallError::new("", class.code(), detail).into())
}

fn fail(session: &mut Session, text: &Expr) -> Reply {
    let (text, untold) = match told(text.text(session))? {
        Ok(text) => (text, None),
        Err(why) => (String::new(), Some(why)),
    };
    Err(Box::new(Halt::Fail { text, untold, span: None, way: Default::default() }))
}

/// The text of what has failed, or why it could not be had: the failure stands all the same, and no `except` takes it.
/// What ends the whole script goes on its way.
fn told(text: Result<String, Box<Halt>>) -> Result<Result<String, Arc<Halt>>, Box<Halt>> {
    match text {
        Ok(text) => Ok(Ok(text)),
        Err(halt) => match *halt {
            Halt::Limit { .. } | Halt::Signal { .. } | Halt::Cancelled { .. } | Halt::Died { .. } => {
                Err(halt)
            }
            _ => Ok(Err(halt.into())),
        },
    }
}

fn skip(_: &mut Session, text: String) -> Reply {
    Err(Box::new(Halt::Skip { text: Sentence::plain(text) }))
}

/// `export` belongs to a fixture: elsewhere no script is there to take the names.
fn export(session: &mut Session, names: Vec<(Arc<str>, Value)>) -> Reply {
    for (name, value) in names {
        if !is_plain(&value) {
            let found =
                say!(en "`{name}` ({kind})", es "`{name}` ({kind})", name = &*name, kind = value.kind());
            let wanted = phrase!(
                en "bytes, a number, an address, or a list of these",
                es "bytes, un número, una dirección, o una lista de estos"
            );
            return Err(CallError::class(Class::TypeError, Detail::NotA { wanted, found }).into());
        }
        session.export(name, value);
    }
    Outcome::nothing()
}

/// Is it of use without the session that made it?
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::Bytes(_) | Value::Address(_) | Value::Flag(_) | Value::Duration(_) => true,
        Value::List(items) => items.iter().all(is_plain),
        _ => false,
    }
}

/// `[not] ipv6|isolated|root|linux|command NAME|env NAME|option NAME|family NAME`
struct Requirement {
    /// It is required that it is missing.
    not: bool,
    what: What,
}

enum What {
    Ipv6,
    Isolated,
    Root,
    Linux,
    Command(Text),
    Env(Text),
    Option(&'static SocketOption),
    Family(Family, String),
    /// A value that says which of the first four.
    Later(Expr),
}

const REQUIREMENTS: &[&str] =
    &["ipv6", "isolated", "root", "linux", "command", "env", "option", "family", "not"];

/// What is required, with its name worked out.
enum Needed<'a> {
    Ipv6,
    Isolated,
    Root,
    Linux,
    Command(String),
    Env(String),
    Option(&'static SocketOption),
    Family(i32, &'a str),
}

impl Param for Requirement {
    type Value<'a> = (bool, Needed<'a>);
    const KIND: Kind = Kind::Word(REQUIREMENTS);
    const USAGE: &'static str =
        "[not] ipv6|isolated|root|linux|command NAME|env NAME|option NAME|family NAME";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let mut word = words.require(name)?;
        words.note(name, word.span);
        let not = word.is("not");
        if not {
            word = words.require(name)?;
        }
        let what = match word.bare() {
            Some("ipv6") => What::Ipv6,
            Some("isolated") => What::Isolated,
            Some("root") => What::Root,
            Some("linux") => What::Linux,
            Some("command") => What::Command(Text::read(words, "name")?),
            Some("env") => What::Env(Text::read(words, "name")?),
            Some("option") => What::Option(read_option(words)?),
            Some("family") => {
                let shown = words.peek().and_then(|w| w.bare()).unwrap_or("").to_string();
                What::Family(Family::read(words, "name")?, shown)
            }
            _ => {
                let expr = Expr::letters(words, word)?;
                match expr.literal() {
                    None => What::Later(expr),
                    Some(value) => {
                        let text = value.to_text();
                        let problem = Diagnostic::new(
                            word.span,
                            say!(en "`{text}` cannot be required", es "`{text}` no se puede exigir", text),
                        );
                        words.report(problem.help(there_are(REQUIREMENTS.iter().copied())));
                        return None;
                    }
                }
            }
        };
        Some(Requirement { not, what })
    }

    fn get(&self, session: &mut Session) -> Result<(bool, Needed<'_>), Box<Halt>> {
        let needed = match &self.what {
            What::Ipv6 => Needed::Ipv6,
            What::Isolated => Needed::Isolated,
            What::Root => Needed::Root,
            What::Linux => Needed::Linux,
            What::Command(name) => Needed::Command(name.get(session)?),
            What::Env(name) => Needed::Env(name.get(session)?),
            What::Option(option) => Needed::Option(option),
            What::Family(family, shown) => Needed::Family(family.get(session)?, shown),
            What::Later(expr) => {
                let value = expr.get(session)?;
                match value.to_text().as_str() {
                    "ipv6" => Needed::Ipv6,
                    "isolated" => Needed::Isolated,
                    "root" => Needed::Root,
                    "linux" => Needed::Linux,
                    _ => {
                        let wanted = phrase!(
                            en "`ipv6`, `isolated`, `root` or `linux` (anything else is required by name)",
                            es "`ipv6`, `isolated`, `root` ni `linux` (lo demás se exige por su nombre)"
                        );
                        return Err(wrong(Class::ValueError, wanted, &value));
                    }
                }
            }
        };
        Ok((self.not, needed))
    }
}

/// The option of this name.
fn read_option(words: &mut Words<'_>) -> Option<&'static SocketOption> {
    let word = words.require("name")?;
    let text = word.bare().unwrap_or("");
    let found = crate::net::options::table::find(text);
    if found.is_none() {
        let problem = Diagnostic::new(
            word.span,
            say!(en "there is no option `{text}`", es "no existe la opción `{text}`", text),
        );
        words.report(problem.suggest(text, crate::net::options::table::OPTIONS.iter().map(|o| o.name)));
    }
    found
}

fn require(session: &mut Session, (not, needed): (bool, Needed<'_>)) -> Reply {
    let caller = &session.caller;
    let (there, missing, present) = match needed {
        Needed::Ipv6 => (
            probe::has_ipv6(caller),
            say!(en "no IPv6 on this machine", es "no hay IPv6 en esta máquina"),
            say!(en "this machine has IPv6", es "esta máquina tiene IPv6"),
        ),
        Needed::Isolated => (
            namespace::is_isolated(),
            say!(en "needs a network of its own (`--isolate`)", es "requiere una red propia (`--isolate`)"),
            say!(en "not for a network of its own (`--isolate`)", es "no es para una red propia (`--isolate`)"),
        ),
        Needed::Root => (
            probe::is_root(caller),
            say!(en "needs root", es "requiere root"),
            say!(en "not for root", es "no es para root"),
        ),
        Needed::Linux => (
            cfg!(target_os = "linux"),
            say!(en "needs Linux", es "requiere Linux"),
            say!(en "not for Linux", es "no es para Linux"),
        ),
        Needed::Command(name) => (
            probe::in_path(caller, &name),
            say!(en "the command `{name}` is not installed", es "el comando `{name}` no está instalado", name = name.clone()),
            say!(en "the command `{name}` is installed", es "el comando `{name}` está instalado", name),
        ),
        Needed::Env(name) => (
            std::env::var_os(&name).is_some(),
            say!(en "the environment has no `{name}`", es "no existe la variable de entorno `{name}`", name = name.clone()),
            say!(en "the environment has `{name}`", es "existe la variable de entorno `{name}`", name),
        ),
        Needed::Option(option) => {
            let name = option.name;
            (
                probe::has_option(caller, option),
                say!(en "this kernel has no option `{name}`", es "este kernel no tiene la opción `{name}`", name),
                say!(en "this kernel has the option `{name}`", es "este kernel tiene la opción `{name}`", name),
            )
        }
        Needed::Family(family, name) => (
            probe::has_family(caller, family),
            say!(en "this kernel has no sockets of family `{name}`", es "este kernel no tiene sockets de la familia `{name}`", name),
            say!(en "this kernel has sockets of family `{name}`", es "este kernel tiene sockets de la familia `{name}`", name),
        ),
    };
    match there != not {
        true => Outcome::nothing(),
        false => Err(Box::new(Halt::Skip { text: if not { present } else { missing } })),
    }
}
