//! Commands about the session itself: names, output, time, help.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::expr::{Expr, at_word};
use super::param::{Binding, FilePath, Param, Rest, SocketName, SocketNames, Span};
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::file;
use crate::picture::ladder::Ladder;
use crate::picture::{self, states};
use crate::session::{Format, Keys, Session, Settings};
use crate::text::diagnostic::{Diagnostic, suggest, there_are};
use crate::text::literal;
use crate::text::secrets::{hide, part};
use crate::value::errno::{Caught, Class};
use crate::value::outcome::{CallError, Detail, Fact, Halt, Limit, Outcome, Reply, Table};
use crate::value::socket::Endpoint;
use crate::value::{Value, ask_room, duration_text, state};
use crate::words::{CODES, Lang, Phrase, Sentence, one_of};

pub(super) const ROWS: &[Command] = &[
    command!(Session, "let", bind_name, (binding: Binding), Nothing,
        en "give a name the value of an expression"
        es "da a un nombre el valor de una expresión",
        c "", rust "", python "n = n + 1",
        errors ["OverflowError", "ZeroDivisionError", "ValueError"],
        note en "An expression is a word, or several with `+ - * / % << >> & | ^ ~ min max` and parentheses, on 64-bit \
            integers; Python's precedence, and `/` rounds down as `//` there. `let a, b = $list` takes a list apart."
             es "Una expresión es una palabra, o varias con `+ - * / % << >> & | ^ ~ min max` y paréntesis, con enteros de \
            64 bits; la precedencia es la de Python, y `/` redondea hacia abajo como `//` allá. `let a, b = $list` separa \
            una lista.",
        like "let n = 2\nlet n = ($n + 5) * 6\nprint $n"),
    command!(Session, "share", bind_name, (binding: Binding), Nothing,
        en "declare a name that all threads and `def`s of the script have in common"
        es "declara un nombre que todos los hilos y `def` del script tienen en común",
        c "", rust "", python "global n, with a threading.Lock",
        errors ["OverflowError", "ZeroDivisionError", "ValueError"], does [Shares],
        note en "`share NAME = EXPRESSION` or `share NAME = COMMAND`. Each line that changes it (`let`, `append`, `put`, \
            `remove`) is one step: no other thread comes between."
             es "`share NAME = EXPRESSION` o `share NAME = COMMAND`. Cada línea que lo cambia (`let`, `append`, `put`, \
            `remove`) es un solo paso: ningún otro hilo se interpone.",
        like "share n = 0\nspawn w\n    let n = $n + 1\nend\nwait w\nprint $n"),
    command!(Session, "print", print, (newline: Newline, words: Rest), Nothing,
        en "show text, the words joined by a space"
        es "muestra texto, con las palabras unidas por un espacio",
        c "", rust "", python "print(*words)",
        errors [], does [Prints],
        note en "Bytes that are not UTF-8 are shown as `\\xff`; on a terminal control characters are shown \
            escaped."
             es "Los bytes que no son UTF-8 se muestran como `\\xff`; en una terminal, los caracteres de \
            control se muestran escapados.",
        like "let who = mundo\nprint hola ${who}!"),
    command!(Session, "sockets" | "status" | "=", sockets, (all: All, lines: Option<Lines>), Nothing,
        en "the open sockets: addresses, state, queues; `>` marks the current one"
        es "los sockets abiertos: direcciones, estado, colas; `>` marca el actual",
        c "getsockname(2), getpeername(2), getsockopt(2), ioctl(2), poll(2)", rust "Socket::local_addr, …",
        python "",
        errors [], does [Looks],
        note en "Recv-Q and Send-Q are bytes not yet read and not yet acknowledged; on a listener, \
            connections waiting and how many may. R and W: a receive, a send would not wait. `--all` also \
            shows the closed ones, with what the kernel still holds of their connections (TIME_WAIT, \
            FIN_WAIT2, …); `.state` says that too. \
            At the prompt `sockets 7` shows them as they stood after `In [7]`, `sockets 5-9` what these lines \
            changed."
             es "Recv-Q y Send-Q son los bytes aún no leídos y aún sin confirmar; en un socket que \
            escucha, las conexiones que esperan y cuántas pueden. R y W: una recepción, un envío no \
            esperaría. `--all` muestra también los cerrados, con lo que el kernel aún retiene de sus \
            conexiones (TIME_WAIT, FIN_WAIT2, …); `.state` también lo dice. En el prompt, `sockets 7` los muestra \
            como estaban tras `In [7]`, y `sockets 5-9`, lo que cambiaron esas líneas.",
        like "socket inet stream\nbind 127.0.0.1 0\nlisten\nsockets"),
    command!(Session, "diagram", diagram, (how: Drawn, sockets: SocketNames), Nothing,
        en "draw what has happened: the ends side by side, the calls, and what went between them"
        es "dibuja lo que pasó: los extremos lado a lado, las llamadas y lo que fue de uno a otro",
        c "", rust "", python "",
        errors ["ENOENT", "EACCES", "ENOSPC"], does [Looks, Draws],
        note en "An arrow is a packet or what a call moved: `─` is told by a call or by TCP_INFO, `┄` is inferred. The other \
            end of a connection is found by its addresses; one that is none of the session's has its address for a \
            name. What repeats is shown three times. With names: only these sockets and what they have to do with. \
            `--svg FILE` writes a picture for a browser, `--mermaid` shows a text that Markdown pages draw, `--states` shows \
            TCP's states with the sockets in them. `run --diagram` draws a whole script, `run --pcap FILE` writes \
            it as a capture."
             es "Una flecha es un paquete o lo que movió una llamada: `─` lo dice una llamada o TCP_INFO, `┄` se deduce. El otro \
            extremo de una conexión se halla por sus direcciones; uno que no es de la sesión lleva su dirección como \
            nombre. Lo que se repite se muestra tres veces. Con nombres: solo esos sockets y lo que tiene que ver con ellos. \
            `--svg FILE` escribe una imagen para un navegador, `--mermaid` muestra un texto que las páginas Markdown \
            dibujan, `--states` muestra los estados de TCP con los sockets en ellos. `run --diagram` dibuja un script entero y \
            `run --pcap FILE` lo escribe como captura.",
        like "a, b = socketpair\na.sendall hola\nb.recv\ndiagram"),
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
    command!(Session, "set", set, (setting: Option<Setting>), Nothing,
        en "how the session works and speaks"
        es "cómo trabaja y habla la sesión",
        c "", rust "", python "socket.setdefaulttimeout(seconds)",
        errors [], does [LooksAlone],
        note en "`set` alone shows the settings; at the prompt `set --keep` keeps them for the next sessions. `set timeout DURATION|none` (for every command that may wait), `set echo on|off`, `set \
            trace on|off` (each system call as it is made), `set lang en|es`, `set format text|hex|json`. \
            At the prompt: `set status on|off` (the sockets below the line), `set notify on|off` (news of \
            them above it), `set keys emacs|vi`, `set pager on|off`."
             es "`set` solo muestra los ajustes; en el prompt, `set --keep` los guarda para las próximas sesiones. `set timeout DURATION|none` (para todo comando que pueda esperar), `set echo on|off`, \
            `set trace on|off` (cada llamada al sistema, cuando se hace), `set lang en|es`, `set format \
            text|hex|json`. En el prompt: `set status on|off` (los sockets bajo la línea), `set notify \
            on|off` (sus novedades sobre ella), `set keys emacs|vi`, `set pager on|off`.",
        like "set timeout 5s"),
    command!(Session, "exit" | "quit", exit, (code: Option<ExitCode>), Nothing,
        en "end the script, with this exit code (0)"
        es "termina el script, con este código de salida (0)",
        c "exit(3)", rust "std::process::exit", python "sys.exit(code)",
        errors [], does [Ends],
        note en "Threads that still run are ended, and not waited for: `wait` before it hears of their errors."
             es "Los hilos que aún corren terminan, y no se les espera: `wait` antes de él se entera de sus errores.",
        like "exit 0"),
    command!(Session, "help" | "?", help, (topic: Option<Topic>), Nothing,
        en "all commands, or one of them, an error, a state, or `keys`, `blocks`, `states`"
        es "todos los comandos, o uno de ellos, un error, un estado, o `keys`, `blocks`, `states`",
        c "", rust "", python "help(socket)",
        errors [], does [Looks, Helps],
        note en "`COMMAND?` is the same."
             es "`COMMAND?` es lo mismo.",
        like "help recv"),
];

// diagram

/// `--svg FILE`, `--mermaid`, `--states`: as what it is drawn.
#[derive(Debug)]
enum Drawn {
    Text,
    Svg(FilePath),
    Mermaid,
    States,
}

impl Param for Drawn {
    type Value<'a> = Drawing;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "--svg",
            value: Some("FILE"),
            about: phrase!(
                en "a picture for a browser, in this file",
                es "una imagen para un navegador, en este archivo"
            ),
        },
        OptionSpec {
            name: "--mermaid",
            value: None,
            about: phrase!(
                en "as text that Markdown pages draw",
                es "como texto que las páginas Markdown dibujan"
            ),
        },
        OptionSpec {
            name: "--states",
            value: None,
            about: phrase!(
                en "TCP's states, with the sockets of this session in them",
                es "los estados de TCP, con los sockets de esta sesión en ellos"
            ),
        },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let svg = words.with_option("--svg", FilePath::read)?;
        let (mermaid, states) = (words.switch("--mermaid"), words.switch("--states"));
        let several =
            usize::from(svg.is_some()) + usize::from(mermaid.is_some()) + usize::from(states.is_some());
        if let Some(at) = states.or(mermaid).filter(|_| several > 1) {
            words.report(Diagnostic::new(
                at,
                say!(
                    en "one picture at a time: `--svg FILE`, `--mermaid` or `--states`",
                    es "una imagen a la vez: `--svg FILE`, `--mermaid` o `--states`"
                ),
            ));
            return None;
        }
        if let (Some(_), Some(word)) = (states, words.peek()) {
            words.report(Diagnostic::new(
                word.span,
                say!(en "`--states` shows every socket", es "`--states` muestra todos los sockets"),
            ));
            return None;
        }
        Some(match (svg, mermaid, states) {
            (Some(path), ..) => Drawn::Svg(path),
            (_, Some(_), _) => Drawn::Mermaid,
            (.., Some(_)) => Drawn::States,
            _ => Drawn::Text,
        })
    }

    fn get(&self, session: &mut Session) -> Result<Drawing, Box<Halt>> {
        Ok(match self {
            Drawn::Text => Drawing::Text,
            Drawn::Svg(path) => {
                Drawing::Svg(path.get(session).map_err(|halt| super::param::blamed(halt, "path"))?)
            }
            Drawn::Mermaid => Drawing::Mermaid,
            Drawn::States => Drawing::States,
        })
    }
}

/// As what it is to be drawn.
enum Drawing {
    Text,
    Svg(PathBuf),
    Mermaid,
    States,
}

fn diagram(session: &mut Session, how: Drawing, sockets: Option<Vec<Arc<Endpoint>>>) -> Reply {
    if matches!(how, Drawing::States) {
        let mut facts = session.all_facts();
        facts.retain(|facts| facts.state != "CLOSED");
        return Outcome::with(Value::Nothing, Fact::Printed(states::with_sockets(&facts)));
    }
    let record = session.kept_for_pictures().map(|kept| kept.record()).unwrap_or_default();
    let only: Option<Vec<u32>> = sockets.map(|sockets| sockets.iter().map(|socket| socket.id).collect());
    let ladder = Ladder::of(&record, only.as_deref());
    let lang = session.settings.lang;
    match how {
        Drawing::Mermaid => Outcome::with(Value::Nothing, Fact::Printed(picture::mermaid(ladder, lang))),
        Drawing::Svg(path) => {
            let deadline = session.deadline(None, None);
            let file = file::create(&mut session.caller, &path, false, deadline)
                .map_err(|halt| super::param::blamed(halt, "path"))?;
            file::write(
                &mut session.caller,
                &file,
                &path,
                hide(&picture::svg(ladder, lang)).as_bytes(),
                deadline,
            )
            .map_err(|(_, halt)| halt)?;
            Outcome::nothing()
        }
        _ => Outcome::with(Value::Nothing, Fact::Drawing(Box::new(ladder))),
    }
}

// let

fn bind_name(session: &mut Session, binding: &Binding) -> Reply {
    let [place] = &*binding.places else {
        let value = binding.value.get(session)?;
        let count = binding.places.len();
        let items = super::items_of(&value, count).map_err(|halt| at_word(halt, binding.names))?;
        if items.len() != count {
            return Err(at_word(super::other_count(items.len(), count), binding.names));
        }
        for (place, item) in binding.places.iter().zip(items) {
            session.assign(*place, item.clone());
        }
        return Outcome::nothing();
    };
    if place.is_shared() {
        // The commands in it run before the step, in which nothing waits.
        let value = binding.value.settled(session)?;
        session.assign_made(*place, |session| value.get(session))?;
    } else {
        let value = binding.value.get(session)?;
        session.assign(*place, value);
    }
    Outcome::nothing()
}

// Output.

fn print(_: &mut Session, newline: bool, words: Vec<Value>) -> Reply {
    // Bytes that are not UTF-8 take four letters each; they are joined, and shown.
    let sizes = words.iter().map(|value| value.size().unwrap_or(usize::MAX));
    ask_room(sizes.fold(0, usize::saturating_add).saturating_mul(8))?;
    let texts: Vec<String> = words.iter().map(Value::to_text).collect();
    let text = texts.join(" ");
    Outcome::with(Value::Nothing, if newline { Fact::Printed(text) } else { Fact::PrintedPart(text) })
}

/// `--no-newline`: whether the line ends.
#[derive(Debug)]
struct Newline(bool);

impl Param for Newline {
    type Value<'a> = bool;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--no-newline",
        value: None,
        about: phrase!(
            en "what is printed next stands on the same line",
            es "lo que se muestra después va en la misma línea"
        ),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        Some(Newline(words.switch("--no-newline").is_none()))
    }

    fn get(&self, _: &mut Session) -> Result<bool, Box<Halt>> {
        Ok(self.0)
    }
}

/// `--all`
#[derive(Debug)]
struct All(bool);

impl Param for All {
    type Value<'a> = bool;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--all",
        value: None,
        about: phrase!(
            en "closed ones too, and what the kernel still holds of them",
            es "también los cerrados, y lo que el kernel aún retiene de ellos"
        ),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        Some(All(words.switch("--all").is_some()))
    }

    fn get(&self, _: &mut Session) -> Result<bool, Box<Halt>> {
        Ok(self.0)
    }
}

fn sockets(session: &mut Session, all: bool, lines: Option<&RangeInclusive<u32>>) -> Reply {
    let Some(lines) = lines else {
        let facts = if all { session.all_facts() } else { session.open_facts() };
        return Outcome::with(Value::Nothing, Fact::Sockets(facts));
    };
    let (first, last) = (*lines.start(), *lines.end());
    if first == last {
        if let Some(seen) = session.seen_after(first) {
            return Outcome::with(Value::Nothing, Fact::Sockets(seen.sockets.to_vec()));
        }
    } else if session.seen_after(first).is_some() && session.seen_after(last).is_some() {
        return Outcome::with(Value::Nothing, Fact::Table(session.changes(lines)));
    }
    let missing = if session.seen_after(first).is_none() { first } else { last };
    let detail = Detail::Text(say!(
        en "the prompt has seen no line `In [{missing}]`",
        es "el prompt no ha visto ninguna línea `In [{missing}]`",
        missing
    ));
    let advice = phrase!(en "`history` lists the lines", es "`history` muestra las líneas");
    Err(CallError::class(Class::LookupError, detail).blame("lines").advice(advice).into())
}

/// Reads `7` or `5-9`, numbers of lines; or says why it is neither.
pub fn line_numbers(text: Option<&str>) -> Result<RangeInclusive<u32>, Sentence> {
    let numbers = text.and_then(|text| {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        Some((from.parse::<u32>().ok()?, to.parse::<u32>().ok()?))
    });
    match numbers {
        Some((from, to)) if from <= to => Ok(from..=to),
        Some((from, to)) => Err(say!(
            en "`{from}-{to}` is no range: {from} comes after {to}",
            es "`{from}-{to}` no es un rango: {from} viene después de {to}",
            from,
            to
        )),
        None => Err(say!(
            en "line numbers are due here, like `3` or `3-7`",
            es "aquí van números de línea, como `3` o `3-7`"
        )),
    }
}

/// Lines of the prompt: `7`, or `5-9`.
#[derive(Debug)]
struct Lines(RangeInclusive<u32>);

impl Param for Lines {
    type Value<'a> = &'a RangeInclusive<u32>;
    const KIND: Kind = Kind::Integer;
    const USAGE: &'static str = "N|N-M";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        let message = match line_numbers(word.bare()) {
            Ok(lines) if words.scope.prompt => return Some(Lines(lines)),
            Ok(_) => say!(
                en "only the prompt knows how the sockets stood after each line",
                es "solo el prompt sabe cómo estaban los sockets tras cada línea"
            ),
            Err(why) => why,
        };
        words.report(Diagnostic::new(word.span, message));
        None
    }

    fn get<'a>(&'a self, _: &mut Session) -> Result<Self::Value<'a>, Box<Halt>> {
        Ok(&self.0)
    }
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
            let shown = literal::show(&part(bytes, 0..MOST));
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
        Value::Map(map) => {
            let entry =
                |(key, value): (&Value, &Value)| format!("{}: {}", brief(key, lang), brief(value, lang));
            let shown = map.iter().take(MOST / 8).map(entry).collect::<Vec<_>>().join(", ");
            match map.len().saturating_sub(MOST / 8) {
                0 => format!("{{{shown}}}"),
                n => say!(en "{{{shown}, and {n} more}}", es "{{{shown} y {n} más}}", shown, n).show(lang),
            }
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
    Err(Box::new(Halt::exit(code.unwrap_or(0).into())))
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
    Notify(bool),
    Status(bool),
    Keys(Keys),
    Pager(bool),
    /// The name alone: how it stands.
    Shown(&'static str),
}

const SETTINGS: &[(&str, &[&str])] = &[
    ("timeout", &[]),
    ("echo", &["on", "off"]),
    ("trace", &["on", "off"]),
    ("lang", &CODES),
    ("format", &["text", "hex", "json"]),
    ("notify", &["on", "off"]),
    ("status", &["on", "off"]),
    ("keys", &["emacs", "vi"]),
    ("pager", &["on", "off"]),
];

/// The settings, each with the values that it takes; none for a duration.
pub fn settings() -> &'static [(&'static str, &'static [&'static str])] {
    SETTINGS
}

impl Param for Setting {
    type Value<'a> = &'a Setting;
    const KIND: Kind = Kind::Setting;
    const USAGE: &'static str = "timeout|echo|trace|lang|format|notify|status|keys|pager [VALUE]";

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
        if words.is_empty() {
            return Some(Setting::Shown(text));
        }
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
            ("notify", on) => Setting::Notify(on == "on"),
            ("status", on) => Setting::Status(on == "on"),
            ("pager", on) => Setting::Pager(on == "on"),
            ("keys", "vi") => Setting::Keys(Keys::Vi),
            ("keys", _) => Setting::Keys(Keys::Emacs),
            (_, "hex") => Setting::Format(Format::Hex),
            (_, "json") => Setting::Format(Format::Json),
            _ => Setting::Format(Format::Text),
        })
    }

    fn get<'a>(&'a self, _: &mut Session) -> Result<Self::Value<'a>, Box<Halt>> {
        Ok(self)
    }
}

/// What a setting is for.
pub fn about(setting: &str) -> Phrase {
    match setting {
        "timeout" => {
            phrase!(en "the limit of every command that may wait", es "el límite de todo comando que pueda esperar")
        }
        "echo" => {
            phrase!(en "lines are shown with their numbers", es "las líneas se muestran con sus números")
        }
        "trace" => phrase!(en "each system call is shown", es "se muestra cada llamada al sistema"),
        "lang" => phrase!(en "the language of messages", es "el idioma de los mensajes"),
        "format" => phrase!(en "how bytes are shown", es "cómo se muestran los bytes"),
        "notify" => phrase!(en "the prompt tells what happens", es "el prompt avisa lo que ocurre"),
        "status" => phrase!(en "the sockets below the line", es "los sockets bajo la línea"),
        "keys" => phrase!(en "the keys of the prompt", es "las teclas del prompt"),
        _ => phrase!(en "long output goes through $PAGER", es "lo largo pasa por $PAGER"),
    }
}

/// How a setting stands, as `set` takes it.
fn standing(settings: &Settings, name: &str) -> String {
    let switch = |on: bool| if on { "on" } else { "off" };
    match name {
        "timeout" => return settings.timeout.map_or("none".into(), duration_text),
        "echo" => switch(settings.echo),
        "trace" => switch(settings.trace),
        "lang" => settings.lang.row().code,
        "format" => match settings.format {
            Format::Text => "text",
            Format::Hex => "hex",
            Format::Json => "json",
        },
        "notify" => switch(settings.notify),
        "status" => switch(settings.status),
        "keys" => match settings.keys {
            Keys::Emacs => "emacs",
            Keys::Vi => "vi",
        },
        _ => switch(settings.pager),
    }
    .to_string()
}

/// The lines that make new settings these; `lang` is the language that would be spoken anyway.
pub fn kept_settings(settings: &Settings, lang: Lang) -> Vec<String> {
    let usual = Settings { lang, ..Settings::default() };
    let line = |(name, _): &(&str, &[&str])| {
        let value = standing(settings, name);
        (value != standing(&usual, name)).then(|| format!("set {name} {value}"))
    };
    SETTINGS.iter().filter_map(line).collect()
}

/// All settings as a table, or one of them.
fn settings_table(settings: &Settings, only: Option<&str>) -> Table {
    let head = vec![
        phrase!(en "setting", es "ajuste"),
        phrase!(en "value", es "valor"),
        phrase!(en "what it is", es "qué es"),
    ];
    let row = |(name, _): &(&str, &[&str])| {
        vec![Sentence::plain(name.to_string()), Sentence::plain(standing(settings, name)), about(name).into()]
    };
    let wanted = SETTINGS.iter().filter(|(name, _)| only.is_none_or(|only| only == *name));
    Table { head, rows: wanted.map(row).collect() }
}

fn set(session: &mut Session, setting: Option<&Setting>) -> Reply {
    let Some(setting) = setting else {
        return Outcome::with(Value::Nothing, Fact::Table(settings_table(&session.settings, None)));
    };
    match setting {
        Setting::Shown(name) => {
            let table = settings_table(&session.settings, Some(name));
            return Outcome::with(Value::Nothing, Fact::Table(table));
        }
        Setting::Timeout(time) => {
            session.settings.timeout = time.get(session)?.filter(|t| !t.is_zero());
            session.settings.timeout_by = Limit::Session;
        }
        Setting::Echo(on) => session.settings.echo = *on,
        Setting::Trace(on) => session.set_trace(*on),
        Setting::Lang(lang) => session.settings.lang = *lang,
        Setting::Format(format) => session.settings.format = *format,
        Setting::Notify(on) => session.settings.notify = *on,
        Setting::Status(on) => session.settings.status = *on,
        Setting::Keys(keys) => session.settings.keys = *keys,
        Setting::Pager(on) => session.settings.pager = *on,
    }
    // The watcher may want more lines now.
    session.has_changed();
    Outcome::nothing()
}

// help

/// What `help` knows beside commands, options, errors and states.
pub const TOPICS: &[&str] = &["keys", "blocks", "python", STATES];
const STATES: &str = "states";

/// Is there help on this that is no command's, no keyword's and no option's?
pub fn is_topic(name: &str) -> bool {
    TOPICS.contains(&name) || Caught::from_name(name).is_some() || state::find(name).is_some()
}

/// The name of a command, a form, an error, a state, or one of [`TOPICS`].
#[derive(Debug)]
struct Topic(String);

impl Param for Topic {
    type Value<'a> = &'a str;
    const KIND: Kind = Kind::Command;
    const USAGE: &'static str = "COMMAND|ERROR|STATE|TOPIC";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        let Some(text) = word.bare() else {
            words.report(Diagnostic::new(
                word.span,
                say!(
                    en "`help` takes the name of a command, an error or a state, and this is a value",
                    es "`help` lleva el nombre de un comando, un error o un estado, y esto es un valor"
                ),
            ));
            return None;
        };
        if super::find(text).is_none()
            && crate::text::forms::find(text).is_none()
            && !words.scope.commands.contains_key(text)
            && crate::net::options::table::find(text).is_none()
            && !is_topic(text)
        {
            let problem = Diagnostic::new(
                word.span,
                say!(
                    en "there is no help on `{text}`: it is no command, error or state",
                    es "no hay ayuda sobre `{text}`: no es un comando, un error ni un estado",
                    text
                ),
            );
            // Errors are many: one that begins with another letter is hardly meant.
            let begins =
                |name: &&str| name.chars().zip(text.chars()).take(1).all(|(a, b)| a.eq_ignore_ascii_case(&b));
            let of_error = || suggest(text, Caught::names().filter(begins));
            let near = suggest(text, super::openings().chain(TOPICS.iter().copied())).or_else(of_error);
            words.report(match near {
                Some(near) => problem.help(near),
                None => problem,
            });
            return None;
        }
        Some(Topic(text.to_string()))
    }

    fn get<'a>(&'a self, _: &mut Session) -> Result<&'a str, Box<Halt>> {
        Ok(&self.0)
    }
}

fn help(session: &mut Session, topic: Option<&str>) -> Reply {
    // Only a page on states shows them.
    let shows_sockets = topic.is_some_and(|topic| topic == STATES || state::find(topic).is_some());
    let sockets = if shows_sockets { session.open_facts() } else { Vec::new() };
    Outcome::with(Value::Nothing, Fact::Help { topic: topic.map(str::to_string), sockets })
}
