//! Commands about the session itself: names, output, time, help.

use std::sync::Arc;
use std::time::Duration;

use super::expr::Expr;
use super::param::{Binding, Operation, Param, Rest, SocketName, Span, blamed};
use super::row::{Command, Kind, command};
use super::words::Words;
use crate::session::{Format, Session};
use crate::text::diagnostic::{Diagnostic, suggest, there_are};
use crate::text::literal;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail, Fact, Halt, Outcome, Reply, Table};
use crate::value::socket::Endpoint;
use crate::value::{Value, ask_room};
use crate::words::{CODES, Lang, Sentence, one_of};

pub const ROWS: &[Command] = &[
    command!(Session, "let", bind_name, (binding: Binding), Nothing,
        en "give a name a value, or the result of one operation on two"
        es "da a un nombre un valor, o el resultado de una operación entre dos",
        c "", rust "", python "n = n + 1",
        errors ["OverflowError", "ZeroDivisionError", "ValueError"],
        note en "`let NAME = WORD` or `let NAME = WORD OP WORD`; OP is one of `+ - * / % min max`, on \
            64-bit integers."
             es "`let NAME = WORD` o `let NAME = WORD OP WORD`; OP es uno de `+ - * / % min max`, con \
            enteros de 64 bits.",
        like "let n = 2\nlet n = $n * 21\nprint $n"),
    command!(Session, "print", print, (words: Rest), Nothing,
        en "show text, the words joined by a space"
        es "muestra texto, con las palabras unidas por un espacio",
        c "", rust "", python "print(*words)",
        errors [], does [Prints],
        note en "Bytes that are not UTF-8 are shown as `\\xff`; on a terminal control characters are shown \
            escaped."
             es "Los bytes que no son UTF-8 se muestran como `\\xff`; en una terminal, los caracteres de \
            control se muestran escapados.",
        like "let who = mundo\nprint hola ${who}!"),
    command!(Session, "sockets" | "status" | "=", sockets, (), Nothing,
        en "the open sockets: addresses, state, queues; `>` marks the current one"
        es "los sockets abiertos: direcciones, estado, colas; `>` marca el actual",
        c "getsockname(2), getpeername(2), getsockopt(2), ioctl(2), poll(2)", rust "Socket::local_addr, …",
        python "",
        errors [], does [Looks],
        note en "Recv-Q and Send-Q are bytes not yet read and not yet acknowledged; on a listener, \
            connections waiting and how many may. R and W: a receive, a send would not wait."
             es "Recv-Q y Send-Q son los bytes aún no leídos y aún sin confirmar; en un socket que \
            escucha, las conexiones que esperan y cuántas pueden. R y W: una recepción, un envío no \
            esperaría.",
        like "socket inet stream\nbind 127.0.0.1 0\nlisten\nsockets"),
    command!(Session, "use", make_current, (socket: SocketName), Nothing,
        en "make a socket the current one"
        es "hace que un socket sea el actual",
        c "", rust "", python "",
        errors ["EBADF"], does [MakesCurrent],
        like "a = socket inet stream\nb = socket inet dgram\nuse a\nclose"),
    command!(Session, "vars", vars, (), Nothing,
        en "the names and their values"
        es "los nombres y sus valores",
        c "", rust "", python "vars()",
        errors [], does [Looks],
        like "let n = 1\nvars"),
    command!(Session, "sleep", sleep, (time: Span), Nothing,
        en "wait so long; Ctrl-C ends it"
        es "espera este tiempo; Ctrl-C lo termina",
        c "nanosleep(2)", rust "std::thread::sleep", python "time.sleep(seconds)",
        errors [], does [Sleeps],
        like "sleep 1ms"),
    command!(Session, "set", set, (setting: Setting), Nothing,
        en "how the session works and speaks"
        es "cómo trabaja y habla la sesión",
        c "", rust "", python "socket.setdefaulttimeout(seconds)",
        errors [],
        note en "`set timeout DURATION|none` (for every command that may wait), `set echo on|off`, `set \
            trace on|off` (each system call as it is made), `set lang en|es`, `set format text|hex|json`."
             es "`set timeout DURATION|none` (para todo comando que pueda esperar), `set echo on|off`, \
            `set trace on|off` (cada llamada al sistema, cuando se hace), `set lang en|es`, `set format \
            text|hex|json`.",
        like "set timeout 5s"),
    command!(Session, "exit" | "quit", exit, (code: Option<ExitCode>), Nothing,
        en "end the script, with this exit code (0)"
        es "termina el script, con este código de salida (0)",
        c "exit(3)", rust "std::process::exit", python "sys.exit(code)",
        errors [], does [Ends],
        like "exit 0"),
    command!(Session, "help" | "?", help, (topic: Option<Topic>), Nothing,
        en "all commands, or one of them"
        es "todos los comandos, o uno de ellos",
        c "", rust "", python "help(socket)",
        errors [], does [Looks, Helps],
        note en "`COMMAND?` is the same."
             es "`COMMAND?` es lo mismo.",
        like "help recv"),
];

// let

fn bind_name(session: &mut Session, binding: &Binding) -> Reply {
    let left = binding.left.get(session).map_err(|halt| blamed(halt, "left"))?;
    let value = match &binding.operation {
        None => left,
        Some((operation, right)) => {
            let right = right.get(session).map_err(|halt| blamed(halt, "right"))?;
            let left = int(&left).map_err(|halt| blamed(halt, "left"))?;
            let right = int(&right).map_err(|halt| blamed(halt, "right"))?;
            Value::Int(operate(*operation, left, right)?)
        }
    };
    session.assign(binding.place, value);
    Outcome::nothing()
}

fn int(value: &Value) -> Result<i64, Box<Halt>> {
    value.to_int().ok_or_else(|| {
        let found = value.described();
        CallError::class(
            Class::ValueError,
            Detail::NotA { wanted: phrase!(en "an integer", es "un entero"), found },
        )
        .into()
    })
}

/// Division rounds down and a remainder has the divisor's sign, as in Python.
fn operate(operation: Operation, a: i64, b: i64) -> Result<i64, Box<Halt>> {
    let divides = matches!(operation, Operation::Divide | Operation::Remainder);
    if divides && b == 0 {
        return Err(CallError::class(Class::ZeroDivisionError, Detail::DivisionByZero).blame("right").into());
    }
    let result = match operation {
        Operation::Add => a.checked_add(b),
        Operation::Subtract => a.checked_sub(b),
        Operation::Multiply => a.checked_mul(b),
        Operation::Divide => {
            a.checked_div(b).map(|q| if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q })
        }
        Operation::Remainder => {
            a.checked_rem(b).or(Some(0)).map(|r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r })
        }
        Operation::Min => Some(a.min(b)),
        Operation::Max => Some(a.max(b)),
    };
    result.ok_or_else(|| CallError::class(Class::OverflowError, Detail::Overflow).blame("operation").into())
}

// Output.

fn print(_: &mut Session, words: Vec<Value>) -> Reply {
    // Bytes that are not UTF-8 take four letters each; they are joined, and shown.
    let bytes = |value: &Value| if let Value::Bytes(bytes) = value { bytes.len() } else { 0 };
    ask_room(words.iter().map(bytes).sum::<usize>().saturating_mul(8))?;
    let texts: Vec<String> = words.iter().map(Value::to_text).collect();
    Outcome::with(Value::Nothing, Fact::Printed(texts.join(" ")))
}

fn sockets(session: &mut Session) -> Reply {
    let facts = session.open_facts();
    Outcome::with(Value::Nothing, Fact::Sockets(facts))
}

fn vars(session: &mut Session) -> Reply {
    let mut rows = Vec::new();
    for (name, value) in session.named() {
        let kind = value.kind_noun().into();
        let shown = match session.look(&value) {
            Ok(value) => Sentence::of(|lang| brief(&value, lang)),
            Err(_) => phrase!(en "(unknown)", es "(desconocido)").into(),
        };
        rows.push(vec![Sentence::plain(name.to_string()), kind, shown]);
    }
    let head =
        vec![phrase!(en "name", es "nombre"), phrase!(en "kind", es "tipo"), phrase!(en "value", es "valor")];
    let table = Table { head, rows };
    Outcome::with(Value::Nothing, Fact::Table(table))
}

/// A value on a row of a table: of what is long, the beginning and its length.
fn brief(value: &Value, lang: Lang) -> String {
    const MOST: usize = 256;
    match value {
        Value::Bytes(bytes) if bytes.len() > MOST => {
            let shown = literal::show(&bytes[..MOST]);
            lang.words().and_more(&shown, (bytes.len() - MOST) as u64)
        }
        Value::List(items) if items.len() > MOST / 8 => {
            let shown: Vec<String> = items[..MOST / 8].iter().map(|item| brief(item, lang)).collect();
            let (shown, n) = (shown.join(", "), items.len() - MOST / 8);
            say!(en "[{shown}, and {n} more]", es "[{shown} y {n} más]", shown, n).show(lang)
        }
        Value::List(items) => {
            format!("[{}]", items.iter().map(|item| brief(item, lang)).collect::<Vec<_>>().join(", "))
        }
        other => other.to_literal(),
    }
}

fn make_current(session: &mut Session, socket: Arc<Endpoint>) -> Reply {
    if !socket.is_open() {
        return Err(crate::net::door::closed("", &socket));
    }
    session.make_current(socket);
    Outcome::nothing()
}

fn sleep(session: &mut Session, time: Duration) -> Reply {
    session.caller.sleep(time, None)?;
    Outcome::nothing()
}

fn exit(_: &mut Session, code: Option<u8>) -> Reply {
    Err(Box::new(Halt::Exit(code.unwrap_or(0).into())))
}

/// What a process can end with: 0 to 255.
#[derive(Debug)]
struct ExitCode(Expr);

impl Param for ExitCode {
    type Value<'a> = u8;
    const KIND: Kind = Kind::Integer;
    const USAGE: &'static str = "CODE";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        let expr = Expr::read(words, word)?;
        if let Some(value) = expr.literal()
            && exit_code(value).is_none()
        {
            let problem = Diagnostic::new(
                word.span,
                say!(
                    en "`{text}` is not an exit code",
                    es "`{text}` no es un código de salida",
                    text = value.to_text()
                ),
            );
            words.report(
                problem.help(say!(en "an exit code is 0 to 255", es "un código de salida va de 0 a 255")),
            );
            return None;
        }
        Some(ExitCode(expr))
    }

    fn get(&self, session: &mut Session) -> Result<u8, Box<Halt>> {
        let value = self.0.get(session)?;
        exit_code(&value).ok_or_else(|| {
            let detail = Detail::Range {
                what: phrase!(en "exit code", es "un código de salida"),
                low: 0,
                high: 255,
                found: value.to_literal(),
            };
            CallError::class(Class::ValueError, detail).into()
        })
    }
}

fn exit_code(value: &Value) -> Option<u8> {
    value.to_int().and_then(|n| u8::try_from(n).ok())
}

// set

#[derive(Debug)]
enum Setting {
    Timeout(super::param::SpanOrNone),
    Echo(bool),
    Trace(bool),
    Lang(Lang),
    Format(Format),
}

const SETTINGS: &[(&str, &[&str])] = &[
    ("timeout", &[]),
    ("echo", &["on", "off"]),
    ("trace", &["on", "off"]),
    ("lang", &CODES),
    ("format", &["text", "hex", "json"]),
];

impl Param for Setting {
    type Value<'a> = &'a Setting;
    const KIND: Kind = Kind::Word(&["timeout", "echo", "trace", "lang", "format"]);
    const USAGE: &'static str = "timeout|echo|trace|lang|format VALUE";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        let text = word.bare().unwrap_or("");
        let Some(&(text, choices)) = SETTINGS.iter().find(|(n, _)| *n == text) else {
            let problem = Diagnostic::new(
                word.span,
                say!(en "there is no setting `{text}`", es "no existe el ajuste `{text}`", text),
            );
            let names = || SETTINGS.iter().map(|s| s.0);
            let near = suggest(text, names());
            words.report(problem.help(near.unwrap_or_else(|| there_are(names()))));
            return None;
        };
        if text == "timeout" {
            return super::param::SpanOrNone::read(words, name).map(Setting::Timeout);
        }
        let value = words.require(name)?;
        let chosen = value.bare().and_then(|v| choices.iter().find(|c| **c == v));
        let Some(chosen) = chosen else {
            let known = one_of(choices.iter().copied());
            let message = say!(en "`set {text}` takes {known}", es "`set {text}` lleva {known}", text, known);
            words.report(Diagnostic::new(value.span, message));
            return None;
        };
        Some(match (text, *chosen) {
            ("echo", on) => Setting::Echo(on == "on"),
            ("trace", on) => Setting::Trace(on == "on"),
            ("lang", code) => Setting::Lang(Lang::of_code(code).unwrap_or_default()),
            (_, "hex") => Setting::Format(Format::Hex),
            (_, "json") => Setting::Format(Format::Json),
            _ => Setting::Format(Format::Text),
        })
    }

    fn get<'a>(&'a self, _: &mut Session) -> Result<Self::Value<'a>, Box<Halt>> {
        Ok(self)
    }
}

fn set(session: &mut Session, setting: &Setting) -> Reply {
    match setting {
        Setting::Timeout(time) => session.settings.timeout = time.get(session)?.filter(|t| !t.is_zero()),
        Setting::Echo(on) => session.settings.echo = *on,
        Setting::Trace(on) => session.set_trace(*on),
        Setting::Lang(lang) => session.settings.lang = *lang,
        Setting::Format(format) => session.settings.format = *format,
    }
    // The watcher may want more lines now.
    session.has_changed();
    Outcome::nothing()
}

// help

/// The name of a command or a form.
#[derive(Debug)]
struct Topic(String);

impl Param for Topic {
    type Value<'a> = &'a str;
    const KIND: Kind = Kind::Command;
    const USAGE: &'static str = "COMMAND";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        let text = word.bare().unwrap_or("");
        if super::find(text).is_none()
            && crate::text::forms::find(text).is_none()
            && !words.scope.commands.contains_key(text)
            && crate::net::options::table::find(text).is_none()
        {
            let problem = Diagnostic::new(
                word.span,
                say!(en "there is no command `{text}`", es "no existe el comando `{text}`", text),
            );
            words.report(problem.suggest(text, super::openings()));
            return None;
        }
        Some(Topic(text.to_string()))
    }

    fn get<'a>(&'a self, _: &mut Session) -> Result<&'a str, Box<Halt>> {
        Ok(&self.0)
    }
}

fn help(_: &mut Session, topic: Option<&str>) -> Reply {
    Outcome::with(Value::Nothing, Fact::Help(topic.map(str::to_string)))
}
