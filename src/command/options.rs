//! Options of a socket, its time-outs and blocking mode, and whether it is ready.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};

use super::expr::Expr;
use super::param::{Count, Flag, Param, SocketName, SocketNames, SpanOrNone, Timeout, read_named};
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::door::{About, Call};
use crate::net::gate::Stop;
use crate::net::kernel;
use crate::net::look::Look;
use crate::net::options::setting::{Form, Interface, Setting, Wrong};
use crate::net::options::table::{self, On, SocketOption};
use crate::net::syn::Syn;
use crate::net::tcp_info::TcpInfo;
use crate::session::Session;
use crate::text::diagnostic::{Diagnostic, Span, did_you_mean, suggest, usage};
use crate::text::literal;
use crate::text::words::Word;
use crate::value::errno::Class;
use crate::value::map::Map;
use crate::value::outcome::{CallError, Detail, Fact, Halt, Outcome, Reply, Table};
use crate::value::socket::Endpoint;
use crate::value::{Value, duration_text, int_text, word_int};
use crate::words::{Counted, Noun, Phrase, Sentence, counted};

pub const ROWS: &[Command] = &[
    command!(Options, "setsockopt", setsockopt, (option: Change), Nothing,
        en "set an option of the socket"
        es "fija una opción del socket",
        c "setsockopt(2)", rust "the option's method, as Socket::set_reuse_address" es "el método de la opción, como Socket::set_reuse_address",
        python "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
        errors ["ENOPROTOOPT", "EOPNOTSUPP", "EINVAL", "EPERM", "EACCES", "ENODEV", "EDOM"], does [SetsOption],
        note en "NAME is sockbook's, socket2's or C's: `reuseaddr`, `reuse_address`, `SO_REUSEADDR`; the \
            LEVEL may be left out. `options` shows what a socket has, `help reuseaddr` explains one. By \
            number, anything goes: LEVEL NUMBER and an integer, which C keeps in an int, or bytes: \
            `setsockopt 6 18 x\"88 13 00 00\"`."
             es "NAME es el de sockbook, el de socket2 o el de C: `reuseaddr`, `reuse_address`, \
            `SO_REUSEADDR`; LEVEL se puede omitir. `options` muestra las que tiene un socket, `help \
            reuseaddr` explica una. Por número sirve cualquiera: LEVEL NUMBER y un entero, que en C es un \
            int, o bytes: `setsockopt 6 18 x\"88 13 00 00\"`.",
        like "socket inet stream\nsetsockopt reuseaddr true\nsetsockopt SOL_SOCKET SO_REUSEADDR 1\nsetsockopt linger 5s\nsetsockopt linger none"),
    command!(Options, "getsockopt", getsockopt, (length: Length, option: Query),
        One(en "the option's value" es "el valor de la opción"),
        en "read an option of the socket"
        es "lee una opción del socket",
        c "getsockopt(2)", rust "the option's method, as Socket::reuse_address" es "el método de la opción, como Socket::reuse_address",
        python "sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)",
        errors ["ENOPROTOOPT", "EOPNOTSUPP", "EINVAL", "ENOTCONN"],
        note en "By number, LEVEL NUMBER reads an int; with `--len N` it is bytes, N at most, as in \
            Python. `getsockopt error` is the pending error, and reading clears it."
             es "Por número, LEVEL NUMBER lee un int; con `--len N` son bytes, a lo más N, como en Python. \
            `getsockopt error` es el error pendiente, y al leerlo se borra.",
        like "socket inet stream\ngetsockopt keepalive\ngetsockopt IPPROTO_TCP TCP_MAXSEG\ngetsockopt 6 1\ngetsockopt SO_LINGER --len 8"),
    command!(Options, "options", options, (socket: Option<SocketName>), Nothing,
        en "every option this kind of socket has: its value now, its constant, its method"
        es "todas las opciones de este tipo de socket: su valor actual, su constante, su método",
        c "getsockopt(2), once an option" es "getsockopt(2), una vez por opción", rust "the option's method" es "el método de la opción", python "sock.getsockopt(level, name)",
        errors [], does [Looks],
        note en "What reading would take away (`error`, `saved_syn`) is left where it is."
             es "Lo que se pierde al leerlo (`error`, `saved_syn`) se deja donde está.",
        like "socket inet dgram\noptions"),
    command!(Options, "settimeout", settimeout, (time: SpanOrNone), Nothing,
        en "how long this socket's calls may wait; `none` is for ever"
        es "cuánto pueden esperar las llamadas de este socket; `none` es para siempre",
        c "setsockopt(2) SO_RCVTIMEO and SO_SNDTIMEO" es "setsockopt(2) SO_RCVTIMEO y SO_SNDTIMEO", rust "Socket::set_read_timeout and set_write_timeout" es "Socket::set_read_timeout y set_write_timeout",
        python "sock.settimeout(seconds)",
        errors ["EBADF", "EDOM"],
        note en "The kernel keeps it, for `accept` and `connect` too. Running out is ETIMEDOUT, a \
            TimeoutError. `--timeout` of a command and `set timeout` are limits of sockbook's own: the \
            smallest wins."
             es "Lo guarda el kernel, también para `accept` y `connect`. Si se agota es ETIMEDOUT, un \
            TimeoutError. El `--timeout` de un comando y `set timeout` son límites propios de sockbook: \
            vale el menor.",
        like "socket inet stream\nsettimeout 2s\ngettimeout"),
    command!(Options, "gettimeout", gettimeout, (), One(en "the time-out" es "el plazo"),
        en "what `settimeout` set"
        es "lo que fijó `settimeout`",
        c "getsockopt(2) SO_RCVTIMEO", rust "Socket::read_timeout", python "sock.gettimeout()",
        errors ["EBADF"],
        like "socket inet stream\nsettimeout 250ms\ngettimeout"),
    command!(Options, "setblocking", setblocking, (on: Flag), Nothing,
        en "`false`: calls that would wait fail with EAGAIN instead"
        es "`false`: las llamadas que esperarían fallan con EAGAIN",
        c "fcntl(2) O_NONBLOCK", rust "Socket::set_nonblocking", python "sock.setblocking(False)",
        errors ["EBADF"], does [SetsBlocking],
        note en "It leaves `settimeout` alone, where Python's clears it."
             es "No cambia `settimeout`; el de Python lo borra.",
        like "a, b = socketpair\na.setblocking false\nfails BlockingIOError recv"),
    command!(Options, "getblocking", getblocking, (), One(en "1 or 0" es "1 o 0"),
        en "do this socket's calls wait?"
        es "¿esperan las llamadas de este socket?",
        c "fcntl(2) F_GETFL", rust "Socket::nonblocking", python "sock.getblocking()",
        errors ["EBADF"],
        like "socket inet stream\nsetblocking false\ngetblocking\nexpect $_ == false"),
    command!(Options, "poll", poll, (events: Events, writers: Writers, limit: Timeout, sockets: SocketNames),
        One(en "a list of the ready sockets" es "una lista de los sockets listos"),
        en "wait until a socket is ready; without names, the current one"
        es "espera hasta que un socket esté listo; sin nombres, el actual",
        c "poll(2)", rust "libc::poll", python "select.select(sockets, [], [], timeout)",
        errors ["ETIMEDOUT", "EBADF"],
        note en "Ready to read, unless only something else is asked for: a receive, or `accept`, would not \
            wait. An error or the end of the connection makes a socket ready too. Which it is, a socket's \
            `.events` says: of what it was last polled for, and of ERR and HUP, what holds when it is read \
            (`IN OUT PRI RDHUP ERR HUP`). `--timeout 0` only looks, and its list may be empty; any other \
            time that runs out is ETIMEDOUT."
             es "Listo para leer, salvo que se pida solo otra cosa: una recepción o un `accept` no \
            esperaría. Un error o el fin de la conexión también dejan listo un socket. Cuál es, lo dice su \
            `.events`: de aquello por lo que se hizo el último `poll`, y de ERR y HUP, lo que se cumple al leerlo \
            (`IN OUT PRI RDHUP ERR HUP`). `--timeout 0` solo mira, y su lista puede quedar vacía; cualquier \
            otro plazo que se agote es ETIMEDOUT.",
        like "a, b = socketpair\na.sendall hola\npoll a b\nexpect $_ == [b]\nexpect ${b.events} contains IN"),
    command!(Options, "info", info, (socket: Option<SocketName>), One(en "the map of TCP_INFO" es "el mapa de TCP_INFO"),
        en "how a connection fares: TCP_INFO, the buffers, what is pending"
        es "cómo va una conexión: TCP_INFO, los búferes, lo pendiente",
        c "getsockopt(2) TCP_INFO, getsockopt(2), ioctl(2), poll(2)", rust "libc::tcp_info", python "sock.getsockopt(IPPROTO_TCP, TCP_INFO, 512)",
        errors [], does [Looks, GivesMap],
        note en "Fields that this kernel's TCP_INFO does not have are left out. As values they are `${c.info.rtt}`, \
            or by C's names and in C's units `${c.info.tcpi_rtt}`; `m = info c` gives the map."
             es "Se omiten los campos que no tiene el TCP_INFO de este kernel. Como valores son \
            `${c.info.rtt}`, o con los nombres y las unidades de C `${c.info.tcpi_rtt}`; `m = info c` entrega el mapa.",
        like "socket inet stream\ninfo"),
];

// Which option.

/// An option as a line names it, settled when the line is read wherever its words are literal.
#[derive(Debug)]
enum Which {
    Known(Row),
    Number {
        level: i32,
        number: i32,
    },
    /// By values: the level, if there is one, and the name or number.
    Later {
        level: Option<Expr>,
        name: Expr,
    },
}

/// A row of the option table.
#[derive(Clone, Copy)]
struct Row(&'static SocketOption);

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

/// The option a line is about, when it runs.
#[derive(Clone, Copy, Debug)]
enum Chosen {
    Known(Row),
    Number { level: i32, number: i32 },
}

impl Chosen {
    fn numbers(self) -> (i32, i32) {
        match self {
            Chosen::Known(Row(option)) => (option.level, option.number),
            Chosen::Number { level, number } => (level, number),
        }
    }
}

const BY_NUMBER: Phrase = phrase!(
    en "an option sockbook has no name for is given by number: LEVEL NUMBER VALUE",
    es "una opción sin nombre en sockbook se da por número: LEVEL NUMBER VALUE"
);

/// The level of this name or number.
fn level_of(value: &Value) -> Option<i32> {
    match value.to_int() {
        Some(n) => i32::try_from(n).ok(),
        None => table::level(&value.to_text()).map(|l| l.1),
    }
}

/// The option of this name at this level, or what is wrong and the way out.
fn choose(level: Option<i32>, name: &Value) -> Result<Chosen, (Sentence, Sentence)> {
    let text = name.to_text();
    match (table::find(&text), level, name.to_int()) {
        (Some(option), Some(level), _) if option.level != level => {
            let (level, constant) = (option.level_name, option.constant);
            Err((
                say!(
                    en "`{text}` is an option of {level}",
                    es "`{text}` es una opción de {level}",
                    text,
                    level
                ),
                say!(
                    en "write `{level} {constant}`, or leave the level out",
                    es "escribe `{level} {constant}`, u omite el nivel",
                    level,
                    constant
                ),
            ))
        }
        (Some(option), ..) => Ok(Chosen::Known(Row(option))),
        (None, Some(level), Some(n)) => match i32::try_from(n) {
            Ok(number) => Ok(Chosen::Number { level, number }),
            Err(_) => Err((
                say!(en "`{text}` is not an option's number", es "`{text}` no es un número de opción", text),
                phrase!(en "it is an int in C", es "en C es un int").into(),
            )),
        },
        (None, None, Some(_)) => Err((
            say!(en "`{text}` needs a level before it", es "`{text}` requiere un nivel antes", text),
            phrase!(
                en "by number: LEVEL NUMBER, as `6 1`",
                es "por número: LEVEL NUMBER, como `6 1`"
            )
            .into(),
        )),
        (None, ..) => {
            let help = match table::suggestion(&text) {
                Some(near) => did_you_mean(near),
                None => say!(
                    en "`options` shows those a socket has; {by_number}",
                    es "`options` muestra las que tiene un socket; {by_number}",
                    by_number = BY_NUMBER
                ),
            };
            Err((
                say!(en "`{text}` is not a socket option", es "`{text}` no es una opción de socket", text),
                help,
            ))
        }
    }
}

impl Which {
    /// Reads `[LEVEL] NAME`, and says where it stands. With `alone`, these are all the words.
    fn read(words: &mut Words<'_>, name: &'static str, alone: bool) -> Option<(Which, Span)> {
        let first = words.require(name)?;
        let expr = Expr::read(words, first)?;
        let literal = expr.literal().cloned();
        let level = match &literal {
            Some(value) if table::find(&value.to_text()).is_some() => None,
            Some(value) => level_of(value),
            None => None,
        };
        // A lone value is the name; before another name it is the level.
        let next = words.peek().and_then(Word::bare);
        let names_next = next.is_some_and(|t| table::find(t).is_some());
        let is_level = match &literal {
            Some(_) => level.is_some(),
            None if alone => !words.is_empty(),
            None => names_next,
        };
        if !is_level {
            words.note(name, first.span);
            let Some(value) = literal else {
                return Some((Which::Later { level: None, name: expr }, first.span));
            };
            let chosen = choose(None, &value).map_err(|(message, help)| {
                let text = value.to_text();
                let levels = table::LEVELS.iter().map(|l| l.0);
                // Before an option, what is none was meant as a level.
                match suggest(&text, levels) {
                    near if names_next => {
                        let problem = Diagnostic::new(
                            first.span,
                            say!(en "`{text}` is not a level", es "`{text}` no es un nivel", text),
                        );
                        problem.help(near.unwrap_or_else(
                            || say!(en "the level may be left out", es "el nivel se puede omitir"),
                        ))
                    }
                    Some(near) if table::suggestion(&text).is_none() => {
                        Diagnostic::new(first.span, message).help(near)
                    }
                    _ => Diagnostic::new(first.span, message).help(help),
                }
            });
            return words.accept(chosen).map(|c| (Which::from(c), first.span));
        }
        let Some(second) = words.next() else {
            let text = literal.map_or(String::new(), |v| v.to_text());
            let problem = Diagnostic::new(
                first.span,
                say!(
                    en "`{text}` is a level, and an option is due after it",
                    es "`{text}` es un nivel, y después va una opción",
                    text
                ),
            );
            words.report(problem.help(usage(words.syntax.usage())).unfinished());
            return None;
        };
        let span = first.span.to(second.span);
        words.note(name, span);
        let second_expr = Expr::read(words, second)?;
        let (Some(level), Some(value)) = (level, second_expr.literal()) else {
            return Some((Which::Later { level: Some(expr), name: second_expr }, span));
        };
        let chosen = choose(Some(level), value)
            .map_err(|(message, help)| Diagnostic::new(second.span, message).help(help));
        words.accept(chosen).map(|c| (Which::from(c), span))
    }

    fn get(&self, session: &mut Session) -> Result<Chosen, Box<Halt>> {
        match self {
            Which::Known(row) => Ok(Chosen::Known(*row)),
            Which::Number { level, number } => Ok(Chosen::Number { level: *level, number: *number }),
            Which::Later { level, name } => {
                let level = match level {
                    None => None,
                    Some(expr) => {
                        let value = expr.get(session)?;
                        let known = level_of(&value);
                        Some(known.ok_or_else(|| not_a_level(&value.to_text()))?)
                    }
                };
                let name = name.get(session)?;
                choose(level, &name).map_err(|(message, help)| mistake(both(message, help)))
            }
        }
    }
}

impl From<Chosen> for Which {
    fn from(chosen: Chosen) -> Which {
        match chosen {
            Chosen::Known(row) => Which::Known(row),
            Chosen::Number { level, number } => Which::Number { level, number },
        }
    }
}

fn mistake(message: Sentence) -> Box<Halt> {
    CallError::class(Class::ValueError, Detail::Text(message)).into()
}

fn not_a_level(text: &str) -> Box<Halt> {
    mistake(say!(en "`{text}` is not a level", es "`{text}` no es un nivel", text))
}

/// What is wrong and the way out, on one line.
fn both(message: Sentence, help: Sentence) -> Sentence {
    say!(en "{message}; {help}", es "{message}; {help}", message, help)
}

// setsockopt

/// `[LEVEL] NAME VALUE…`
#[derive(Debug)]
struct Change {
    which: Which,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Ready(Setting),
    Later(Vec<Expr>),
}

/// What is to be set, when the line runs.
struct Changed<'a> {
    chosen: Chosen,
    setting: Made<'a>,
}

enum Made<'a> {
    Before(&'a Setting),
    Now(Setting),
}

fn neither(text: &str) -> Sentence {
    say!(
        en "`{text}` is neither an integer nor bytes",
        es "`{text}` no es un entero ni bytes",
        text
    )
}

/// A value for an option that has only a number: an int, or bytes.
fn by_number(values: &[Value]) -> Result<Setting, Wrong> {
    let wrong = |at, message: Sentence| Wrong { at, message, help: Some(BY_NUMBER.into()) };
    match values {
        [Value::Int(n)] if (i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(n) => Ok(Setting::Int(*n)),
        [Value::Int(n)] => {
            Err(wrong(0, say!(en "`{n}` does not fit C's int", es "`{n}` no cabe en un int de C", n)))
        }
        [Value::Flag(on)] => Ok(Setting::Int(i64::from(*on))),
        // Bytes that are wholly an integer are one, whatever way they came.
        [value @ Value::Bytes(_)] if value.to_int().is_some() => {
            by_number(&[Value::Int(value.to_int().unwrap_or_default())])
        }
        [Value::Bytes(bytes)] => match std::str::from_utf8(bytes).ok().filter(|t| int_text(t).is_some()) {
            // `0x1388` in quotes or from outside: its letters are never meant.
            Some(text) => {
                let message = say!(
                    en "`{text}` is text here, and an integer or other bytes are due",
                    es "`{text}` es texto aquí, y va un entero u otros bytes",
                    text
                );
                let help = phrase!(
                    en "a bare word is an integer, and so is `${name.int}`",
                    es "una palabra suelta es un entero, y `${name.int}` también"
                );
                Err(Wrong { at: 0, message, help: Some(help.into()) })
            }
            None => Ok(Setting::Bytes(bytes.to_vec())),
        },
        [other] => Err(wrong(0, neither(&other.to_text()))),
        [] => {
            let due = phrase!(en "an integer or bytes are due", es "aquí va un entero o bytes");
            Err(wrong(0, due.into()))
        }
        [_, ..] => {
            let due = phrase!(en "one integer, or bytes, are due", es "aquí va un solo entero, o bytes");
            Err(wrong(1, due.into()))
        }
    }
}

fn setting_of(chosen: Chosen, values: &[Value]) -> Result<Setting, Wrong> {
    match chosen {
        Chosen::Known(Row(option)) => option.read(values),
        Chosen::Number { .. } => by_number(values),
    }
}

impl Param for Change {
    type Value<'a> = Changed<'a>;
    const KIND: Kind = Kind::SocketOption;
    const USAGE: &'static str = "[LEVEL] NAME VALUE…";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let (which, place) = Which::read(words, name, false)?;
        if let Which::Known(Row(option)) = which
            && !option.is_set()
        {
            let problem = Diagnostic::new(
                place,
                say!(
                    en "`{option}` can only be read",
                    es "`{option}` solo se puede leer",
                    option = option.name
                ),
            );
            words
                .report(problem.help(
                    say!(en "`getsockopt {option}`", es "`getsockopt {option}`", option = option.name),
                ));
            return None;
        }
        let mut spans: Vec<Span> = Vec::new();
        let mut exprs = Vec::new();
        while let Some(word) = words.next() {
            spans.push(word.span);
            // By number, bare text would be bytes by accident.
            let text = word.bare().filter(|t| word_int(t).is_none());
            if let (Which::Number { .. }, Some(text)) = (&which, text) {
                let message = neither(text);
                words.report(Diagnostic::new(word.span, message).help(say!(
                    en "quote it, if these are the bytes",
                    es "ponlo entre comillas, si esos son los bytes"
                )));
                return None;
            }
            // A name, an address and bytes are letters.
            let letters = matches!(&which, Which::Known(Row(option)) if option.takes_letters());
            exprs.push(if letters { Expr::letters(words, word) } else { Expr::read(words, word) });
        }
        if let (Some(first), Some(last)) = (spans.first(), spans.last()) {
            words.note("value", first.to(*last));
        }
        let exprs: Vec<Expr> = exprs.into_iter().collect::<Option<_>>()?;
        let known: Option<Vec<Value>> = exprs.iter().map(|e| e.literal().cloned()).collect();
        let chosen = match which {
            Which::Known(row) => Chosen::Known(row),
            Which::Number { level, number } => Chosen::Number { level, number },
            Which::Later { .. } => return Some(Change { which, values: Values::Later(exprs) }),
        };
        // How many there are is known even where they are not.
        let made = match (&known, chosen) {
            (Some(values), _) => setting_of(chosen, values).map(Values::Ready),
            (None, Chosen::Known(Row(option))) => {
                let (least, most) = option.arity();
                match (least..=most).contains(&exprs.len()) {
                    true => Ok(Values::Later(exprs)),
                    false => setting_of(chosen, &vec![Value::Nothing; exprs.len()]).map(Values::Ready),
                }
            }
            (None, _) => Ok(Values::Later(exprs)),
        };
        match made {
            Ok(values) => Some(Change { which, values }),
            Err(wrong) => {
                let span = spans.get(wrong.at).copied().or(words.last_span()).unwrap_or(words.command);
                let mut problem = Diagnostic::new(span, wrong.message);
                problem.help = wrong.help;
                // A value is missing, and none is wrong.
                let lacks = wrong.at >= spans.len();
                words.report(if lacks { problem.unfinished() } else { problem });
                None
            }
        }
    }

    fn get<'a>(&'a self, session: &mut Session) -> Result<Changed<'a>, Box<Halt>> {
        let chosen = self.which.get(session)?;
        let setting = match &self.values {
            Values::Ready(setting) => Made::Before(setting),
            Values::Later(exprs) => {
                let values: Vec<Value> = exprs
                    .iter()
                    .map(|e| e.get(session).and_then(|v| session.look(&v)))
                    .collect::<Result<_, _>>()
                    .map_err(|halt| super::param::blamed(halt, "value"))?;
                let made = setting_of(chosen, &values).map_err(|wrong| {
                    let message = match wrong.help {
                        Some(help) => both(wrong.message, help),
                        None => wrong.message,
                    };
                    super::param::blamed(mistake(message), "value")
                })?;
                Made::Now(made)
            }
        };
        Ok(Changed { chosen, setting })
    }
}

fn setsockopt(session: &mut Session, changed: Changed<'_>) -> Reply {
    let socket = session.socket()?;
    let setting = match &changed.setting {
        Made::Before(setting) => setting,
        Made::Now(setting) => setting,
    };
    let setting = &*with_interface(session, setting)
        .map_err(|halt| explained(halt, changed.chosen, &socket, "value"))?;
    let result = match changed.chosen {
        Chosen::Known(Row(option)) => {
            let call = Call { name: "setsockopt", on: &socket, about: option.changed(setting) };
            session.caller.call(call, None, |s| option.set(s.socket(), setting))
        }
        Chosen::Number { level, number } => {
            let about = About::Option { level, number, value: Some(Cow::Borrowed(setting)) };
            let call = Call { name: "setsockopt", on: &socket, about };
            session.caller.call(call, None, |s| match setting {
                Setting::Bytes(bytes) => kernel::setsockopt(s.socket(), level, number, bytes),
                // Read as an int: what fits 32 bits, with a sign or without.
                Setting::Int(n) => kernel::setsockopt(s.socket(), level, number, &(*n as u32).to_ne_bytes()),
                _ => Err(std::io::Error::from_raw_os_error(libc::EINVAL)),
            })
        }
    };
    result.map_err(|halt| explained(halt, changed.chosen, &socket, "value"))?;
    let (level, number) = changed.chosen.numbers();
    if level == libc::SOL_SOCKET && matches!(number, libc::SO_RCVTIMEO | libc::SO_SNDTIMEO) {
        note_timeout(&socket, number, setting);
    }
    Outcome::nothing()
}

/// The setting with its interface by number: if_nametoindex(3), where it was given by name.
fn with_interface<'a>(session: &mut Session, setting: &'a Setting) -> Result<Cow<'a, Setting>, Box<Halt>> {
    let Some(Interface::Name(name)) = setting.interface() else { return Ok(Cow::Borrowed(setting)) };
    let index = super::life::interface_number(session, name)?;
    Ok(Cow::Owned(setting.on_interface(Interface::Index(index))))
}

/// The endpoint's own note of the kernel's time-outs is kept in step.
fn note_timeout(socket: &Endpoint, number: i32, setting: &Setting) {
    let time = match setting {
        Setting::Time(time) => *time,
        // struct timeval
        Setting::Bytes(bytes) => match bytes.as_chunks::<8>() {
            ([seconds, micros], []) => {
                let of = |b: &[u8; 8]| u64::try_from(i64::from_ne_bytes(*b)).unwrap_or(0);
                Some(Duration::from_secs(of(seconds)).saturating_add(Duration::from_micros(of(micros))))
            }
            _ => return,
        },
        _ => return,
    };
    match number {
        libc::SO_RCVTIMEO => socket.set_receive_timeout(time),
        _ => socket.set_send_timeout(time),
    }
}

/// Which option it was, and what kind of socket it is for, if it is not for this one.
#[cold]
fn explained(mut halt: Box<Halt>, chosen: Chosen, socket: &Endpoint, at: &'static str) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt
        && error.detail == Detail::None
    {
        let other_kind = table::is_not_for_it(error.code);
        error.blame = Some(if other_kind { "option" } else { at });
        error.detail = Detail::Text(match chosen {
            Chosen::Known(Row(option)) if other_kind && !option.on.includes(On::of(socket)) => {
                say!(
                    en "{option} is for {sockets}",
                    es "{option} es para {sockets}",
                    option = option.constant,
                    sockets = option.on.words()
                )
            }
            Chosen::Known(Row(option)) => Sentence::plain(option.constant),
            Chosen::Number { level, number } => {
                say!(en "level {level}, option {number}", es "nivel {level}, opción {number}", level, number)
            }
        });
    }
    halt
}

// getsockopt

/// `[LEVEL] NAME`
#[derive(Debug)]
struct Query(Which);

impl Param for Query {
    type Value<'a> = Chosen;
    const KIND: Kind = Kind::SocketOption;
    const USAGE: &'static str = "[LEVEL] NAME";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let (which, place) = Which::read(words, name, true)?;
        if let Which::Known(Row(option)) = which
            && !option.is_read()
            && words.option("--len").is_none()
        {
            let problem = Diagnostic::new(
                place,
                say!(
                    en "`{option}` can only be set",
                    es "`{option}` solo se puede fijar",
                    option = option.name
                ),
            );
            words.report(problem.help(say!(
                en "`setsockopt {option} {value}`",
                es "`setsockopt {option} {value}`",
                option = option.name,
                value = option.value_usage()
            )));
            return None;
        }
        Some(Query(which))
    }

    fn get(&self, session: &mut Session) -> Result<Chosen, Box<Halt>> {
        self.0.get(session)
    }
}

/// `--len N`
#[derive(Debug)]
struct Length(Option<Count>);

/// More than any option's value is.
const LONGEST: usize = 64 << 10;

impl Param for Length {
    type Value<'a> = Option<usize>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--len",
        value: Some("N"),
        about: phrase!(en "the value as bytes, N at most", es "el valor como bytes, a lo más N"),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        words.with_option("--len", Count::read).map(Length)
    }

    fn get(&self, session: &mut Session) -> Result<Option<usize>, Box<Halt>> {
        let length = self.0.as_ref().map(|n| n.get(session)).transpose()?;
        match length {
            Some(n) if n > LONGEST => {
                let high = LONGEST as i64;
                let detail = Detail::Range {
                    what: phrase!(en "length of an option", es "un largo de opción"),
                    low: 0,
                    high,
                    found: n.to_string(),
                };
                Err(CallError::class(Class::ValueError, detail).into())
            }
            length => Ok(length),
        }
    }
}

fn getsockopt(session: &mut Session, length: Option<usize>, chosen: Chosen) -> Reply {
    let socket = session.socket()?;
    let caller = &mut session.caller;
    let (level, number) = chosen.numbers();
    let is_syn = (level, number) == (libc::IPPROTO_TCP, libc::TCP_SAVED_SYN);
    let result = match (chosen, length) {
        (Chosen::Known(Row(option)), None) => {
            let call = Call { name: "getsockopt", on: &socket, about: option.asked() };
            caller.call(call, None, |s| option.get(s.socket()))
        }
        _ => {
            let about = About::Option { level, number, value: None };
            caller.call(Call { name: "getsockopt", on: &socket, about }, None, |s| {
                let mut buffer = vec![0; length.unwrap_or(4)];
                let came = kernel::getsockopt(s.socket(), level, number, &mut buffer)?;
                buffer.truncate(came);
                Ok(match (length, buffer.as_slice()) {
                    (None, [a, b, c, d]) => Value::Int(i32::from_ne_bytes([*a, *b, *c, *d]).into()),
                    (None, [one]) => Value::Int((*one).into()),
                    _ => Value::bytes(buffer),
                })
            })
        }
    };
    if let (true, Ok(Value::Bytes(bytes))) = (is_syn, &result) {
        socket.keep_syn(bytes);
    }
    let value = result.map_err(|halt| explained(halt, chosen, &socket, "option"))?;
    let is_word = match chosen {
        Chosen::Known(Row(option)) => length.is_none() && !matches!(option.form, Form::Bytes(_)),
        Chosen::Number { .. } => false,
    };
    match &value {
        Value::Bytes(_) if is_word => Outcome::with(value, Fact::Word),
        _ => Outcome::value(value),
    }
}

// options

fn options(session: &mut Session, socket: Option<Arc<Endpoint>>) -> Reply {
    let socket = socket.map_or_else(|| session.socket(), Ok)?;
    let kind = On::of(&socket);
    if !socket.is_open() {
        return Err(crate::net::door::closed("getsockopt", &socket));
    }
    let look = Look::new(&session.caller, &socket);
    let mut rows = Vec::new();
    for option in table::OPTIONS.iter().filter(|o| o.on.includes(kind)) {
        let value = if !option.is_read() {
            phrase!(en "(set only)", es "(solo se fija)").into()
        } else if option.is_taken_by_reading() {
            phrase!(en "(reading takes it)", es "(se pierde al leerla)").into()
        } else {
            match look.option(option) {
                Ok(value) => cell(option, &value),
                Err(e) => Sentence::plain(format!("({})", CallError::io("getsockopt", &e).code.name())),
            }
        };
        rows.push(vec![
            Sentence::plain(option.name),
            value,
            Sentence::plain(option.level_name),
            Sentence::plain(option.constant),
            Sentence::plain(option.method()),
        ]);
    }
    let head = vec![
        phrase!(en "option", es "opción"),
        phrase!(en "value", es "valor"),
        phrase!(en "level", es "nivel"),
        phrase!(en "constant", es "constante"),
        phrase!(en "method", es "método"),
    ];
    let table = Table { head, rows };
    Outcome::with(Value::Nothing, Fact::Table(table))
}

fn cell(option: &SocketOption, value: &Value) -> Sentence {
    match (option.form, value) {
        (Form::Account, _) => phrase!(en "(`info` shows it)", es "(`info` lo muestra)").into(),
        (Form::Bytes(_), Value::Bytes(bytes)) => counted(bytes.len(), Noun::Byte).into(),
        (_, Value::Bytes(bytes)) if bytes.is_empty() => Sentence::plain("\"\""),
        (_, value) => Sentence::plain(literal::one_line(&value.to_text())),
    }
}

// Time and blocking.

fn settimeout(session: &mut Session, time: Option<Duration>) -> Reply {
    let socket = session.socket()?;
    if time == Some(Duration::ZERO) {
        let found = say!(
            en "0 (for calls that do not wait there is `setblocking false`)",
            es "0 (para que las llamadas no esperen existe `setblocking false`)"
        );
        let detail = Detail::NotA { wanted: phrase!(en "a time-out", es "un plazo"), found };
        return Err(CallError::class(Class::ValueError, detail).blame("time").into());
    }
    // The kernel counts microseconds: what is finer would be none, or another limit.
    if let Some(time) = time.filter(|time| time.subsec_nanos() % 1000 != 0) {
        let found = say!(
            en "{text} is too fine: SO_RCVTIMEO counts whole microseconds",
            es "{text} es demasiado fino: SO_RCVTIMEO cuenta microsegundos enteros",
            text = duration_text(time)
        );
        return Err(CallError::class(Class::ValueError, Detail::Text(found)).blame("time").into());
    }
    let value = Setting::Time(time);
    let about =
        |number| About::Option { level: libc::SOL_SOCKET, number, value: Some(Cow::Borrowed(&value)) };
    let caller = &mut session.caller;
    let call = Call { name: "setsockopt", on: &socket, about: about(libc::SO_RCVTIMEO) };
    caller.call(call, None, |s| s.socket().set_read_timeout(time))?;
    let call = Call { name: "setsockopt", on: &socket, about: about(libc::SO_SNDTIMEO) };
    caller.call(call, None, |s| s.socket().set_write_timeout(time))?;
    socket.set_timeout(time);
    Outcome::nothing()
}

/// The kernel counts a time-out in ticks of its clock and rounds it up to whole ones; the longest are 10 ms.
const LONGEST_TICK: Duration = Duration::from_millis(10);

fn gettimeout(session: &mut Session) -> Reply {
    let socket = session.socket()?;
    let about = About::Option { level: libc::SOL_SOCKET, number: libc::SO_RCVTIMEO, value: None };
    let call = Call { name: "getsockopt", on: &socket, about };
    let kept = session.caller.call(call, None, |s| {
        s.socket().read_timeout().map(|t| t.map_or(Value::text("none"), Value::from))
    })?;
    let time = match (&kept, socket.timeout()) {
        (Value::Duration(kept), Some(set)) if kept.checked_sub(set).is_some_and(|m| m < LONGEST_TICK) => {
            Value::from(set)
        }
        _ => kept,
    };
    Outcome::with(time, Fact::Word)
}

fn setblocking(session: &mut Session, on: i32) -> Reply {
    let socket = session.socket()?;
    let nonblocking = on == 0;
    // O_NONBLOCK is one of several flags, and the others stay as they are.
    let before = file_flags(session, &socket)?;
    let flags = if nonblocking { before | OFlag::O_NONBLOCK } else { before - OFlag::O_NONBLOCK };
    let about = About::Mode { command: "F_SETFL", flags: Some(flags.bits()) };
    let call = Call { name: "fcntl", on: &socket, about };
    session.caller.call(call, None, |s| Ok(fcntl(s.socket(), FcntlArg::F_SETFL(flags))?))?;
    socket.set_nonblocking(nonblocking);
    Outcome::nothing()
}

fn getblocking(session: &mut Session) -> Reply {
    let socket = session.socket()?;
    let flags = file_flags(session, &socket)?;
    Outcome::value(Value::flag(!flags.contains(OFlag::O_NONBLOCK)))
}

/// fcntl(2) F_GETFL
fn file_flags(session: &mut Session, socket: &Arc<Endpoint>) -> Result<OFlag, Box<Halt>> {
    let about = About::Mode { command: "F_GETFL", flags: None };
    let call = Call { name: "fcntl", on: socket, about };
    let flags = session.caller.call(call, None, |s| Ok(fcntl(s.socket(), FcntlArg::F_GETFL)?))?;
    Ok(OFlag::from_bits_retain(flags))
}

// poll

/// `--read`, `--write`, `--pri`
#[derive(Debug)]
struct Events(i16);

impl Param for Events {
    type Value<'a> = i16;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "--read",
            value: None,
            about: phrase!(
                en "until a receive or `accept` would not wait (POLLIN)",
                es "hasta que una recepción o un `accept` no esperaría (POLLIN)"
            ),
        },
        OptionSpec {
            name: "--write",
            value: None,
            about: phrase!(
                en "until a send would not wait (POLLOUT)",
                es "hasta que un envío no esperaría (POLLOUT)"
            ),
        },
        OptionSpec {
            name: "--pri",
            value: None,
            about: phrase!(
                en "until there is something urgent, as TCP's urgent byte (POLLPRI)",
                es "hasta que haya algo urgente, como el byte urgente de TCP (POLLPRI)"
            ),
        },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        // That the peer has ended its half is to be read, and is told where reading is asked for.
        const READ: i16 = libc::POLLIN | libc::POLLRDHUP;
        let asked = |name, events| if words.switch(name).is_some() { events } else { 0 };
        let events = asked("--read", READ) | asked("--write", libc::POLLOUT) | asked("--pri", libc::POLLPRI);
        Some(Events(if events == 0 { READ } else { events }))
    }

    fn get(&self, _: &mut Session) -> Result<i16, Box<Halt>> {
        Ok(self.0)
    }
}

/// `--writers LIST`: sockets that are asked whether a send would not wait, and only that.
#[derive(Debug)]
struct Writers(Option<Expr>);

impl Param for Writers {
    type Value<'a> = Vec<Arc<Endpoint>>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--writers",
        value: Some("LIST"),
        about: phrase!(
            en "and these until a send would not wait (POLLOUT)",
            es "y estos hasta que un envío no esperaría (POLLOUT)"
        ),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let Some(word) = words.option("--writers") else { return Some(Writers(None)) };
        words.note("writers", word.span);
        read_named(words, word, "socket").map(|expr| Writers(Some(expr)))
    }

    fn get(&self, session: &mut Session) -> Result<Vec<Arc<Endpoint>>, Box<Halt>> {
        let Some(expr) = &self.0 else { return Ok(Vec::new()) };
        let socket = |value: &Value| match value {
            Value::Socket(socket) => Ok(socket.clone()),
            other => {
                let wanted = phrase!(en "a socket", es "un socket");
                let detail = Detail::NotA { wanted, found: other.described() };
                Err(Box::<Halt>::from(CallError::class(Class::TypeError, detail).blame("writers")))
            }
        };
        match &expr.get(session)? {
            Value::List(items) => items.iter().map(socket).collect(),
            one => Ok(vec![socket(one)?]),
        }
    }
}

fn poll(
    session: &mut Session,
    events: i16,
    writers: Vec<Arc<Endpoint>>,
    limit: Option<Duration>,
    sockets: Option<Vec<Arc<Endpoint>>>,
) -> Reply {
    use std::os::fd::AsRawFd;
    let mut sockets = match sockets {
        Some(named) => named,
        None if writers.is_empty() => vec![session.socket()?],
        None => Vec::new(),
    };
    let readers = sockets.len();
    let mut asked = vec![events; readers];
    for writer in writers {
        // One socket is asked for all of it at once.
        match sockets.iter().position(|socket| Arc::ptr_eq(socket, &writer)) {
            Some(at) => asked[at] |= libc::POLLOUT,
            None => {
                sockets.push(writer);
                asked.push(libc::POLLOUT);
            }
        }
    }
    // poll(2) has a time of its own: the gate need not interrupt it.
    let deadline = session.deadline(limit, None);
    let until = deadline.map(|d| Instant::now() + d.left());
    let mut fds: Vec<libc::pollfd> = Vec::with_capacity(sockets.len());
    let limit_of_call = deadline.map(|d| d.after());
    let writers = sockets.len() - readers;
    let about = About::Poll { events, sockets: readers, writers, limit: limit_of_call };
    let call = Call { name: "poll", on: sockets.as_slice(), about };
    let ready = session.caller.call(call, None, |open| {
        fds.clear();
        let wanted = |(fd, &events)| libc::pollfd { fd, events, revents: 0 };
        fds.extend(open.iter().map(|s| s.socket().as_raw_fd()).zip(&asked).map(wanted));
        let millis = match until {
            None => -1,
            // Rounded up: never a little too early.
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now()).as_nanos().div_ceil(1_000_000);
                i32::try_from(left).unwrap_or(i32::MAX)
            }
        };
        kernel::poll(&mut fds, millis)
    })?;
    if ready == 0 && limit != Some(Duration::ZERO) {
        return Err(session.caller.halt("poll", Stop::Timeout, deadline, sockets.first()));
    }
    sockets.iter().zip(&asked).for_each(|(socket, events)| socket.set_polled(*events));
    let ready = sockets.into_iter().zip(&fds).filter(|(_, fd)| fd.revents != 0);
    Outcome::value(Value::list(ready.map(|(socket, _)| Value::Socket(socket)).collect()))
}

// info

fn info(session: &mut Session, socket: Option<Arc<Endpoint>>) -> Reply {
    let socket = socket.map_or_else(|| session.socket(), Ok)?;
    let current = session.current().is_some_and(|c| Arc::ptr_eq(&c, &socket));
    let look = Look::new(&session.caller, &socket);
    let facts = look.facts(current);
    let mut fields = Map::default();
    let mut rows: Vec<Vec<Sentence>> = Vec::new();
    let mut row =
        |what: Phrase, value: Sentence, about: Phrase| rows.push(vec![what.into(), value, about.into()]);
    const NONE: Phrase = Phrase::same("");
    let plain = |text: &dyn std::fmt::Display| Sentence::plain(text.to_string());
    let bytes = |n: u64| Sentence::from(Counted { n, noun: Noun::Byte });
    row(
        phrase!(en "socket", es "socket"),
        Sentence::plain(format!("{} {} {}", facts.name, facts.family, facts.kind)),
        NONE,
    );
    row(phrase!(en "state", es "estado"), plain(&facts.state), NONE);
    if let Some(local) = &facts.local {
        row(
            phrase!(en "local", es "local"),
            plain(local),
            phrase!(en "its own address", es "su propia dirección"),
        );
    }
    if let Some(peer) = &facts.peer {
        row(phrase!(en "peer", es "remoto"), plain(peer), phrase!(en "the other end", es "el otro extremo"));
    }
    if let Some((waiting, most)) = facts.backlog {
        row(
            phrase!(en "backlog", es "cola de espera"),
            say!(en "{waiting} of {most}", es "{waiting} de {most}", waiting, most),
            phrase!(en "connections that wait for `accept`", es "conexiones que esperan un `accept`"),
        );
    }
    if let Some(n) = facts.receive_queue {
        row(
            Phrase::same("Recv-Q"),
            bytes(n),
            phrase!(en "arrived and not yet read", es "llegaron y aún no se leen"),
        );
    }
    if let Some(n) = facts.send_queue {
        row(
            Phrase::same("Send-Q"),
            bytes(n),
            phrase!(
                en "sent and not yet acknowledged, or not yet taken",
                es "enviados y aún sin confirmar, o aún no tomados"
            ),
        );
    }
    if facts.end_of_stream {
        row(
            phrase!(en "end of stream", es "fin del flujo"),
            phrase!(en "yes", es "sí").into(),
            phrase!(en "the peer sends no more", es "el otro extremo no envía más"),
        );
    }
    if facts.error {
        row(
            phrase!(en "error", es "error"),
            phrase!(en "pending", es "pendiente").into(),
            phrase!(
                en "`getsockopt error` tells which, and clears it",
                es "`getsockopt error` dice cuál, y lo borra"
            ),
        );
    }
    if socket.is_open() {
        let read = |name: &str| table::find(name).and_then(|o| look.option(o).ok());
        for (name, about) in [
            ("rcvbuf", phrase!(en "room for what has arrived", es "espacio para lo que llegó")),
            ("sndbuf", phrase!(en "room for what is on its way", es "espacio para lo que va en camino")),
        ] {
            if let Some(Value::Int(n)) = read(name) {
                row(Phrase::same(name), bytes(n.unsigned_abs()), about);
            }
        }
        if let Some(Value::List(numbers)) = read("meminfo")
            && let Some(Value::Int(dropped)) = numbers.get(8)
        {
            row(
                phrase!(en "dropped", es "descartados"),
                Sentence::from(Counted { n: dropped.unsigned_abs(), noun: Noun::Packet }),
                phrase!(en "there was no room for them", es "no había espacio para ellos"),
            );
        }
        if socket.is_tcp() && !socket.is_listening() {
            if socket.syn().is_none()
                && let Some(Value::Bytes(bytes)) = read("saved_syn")
            {
                socket.keep_syn(&bytes);
            }
            if let Some(syn) = socket.syn().and_then(|bytes| Syn::read(&bytes)) {
                row(
                    Phrase::same("SYN"),
                    plain(&syn),
                    phrase!(
                        en "the client's first packet, kept by `save_syn`",
                        es "el primer paquete del cliente, guardado por `save_syn`"
                    ),
                );
            }
        }
        if socket.is_tcp() {
            if let Some(Value::Bytes(name)) = read("congestion") {
                row(
                    Phrase::same("congestion"),
                    Sentence::plain(literal::text(&name)),
                    phrase!(
                        en "the congestion control algorithm",
                        es "el algoritmo de control de congestión"
                    ),
                );
            }
            // A listener's fields count connections, and are shown above; a fresh socket's mean nothing.
            let account = look.tcp_info().ok();
            fields = account.as_ref().map(TcpInfo::map).unwrap_or_default();
            let account = account.filter(|i| !matches!(i.state(), "LISTEN" | "CLOSE"));
            for (name, value, about) in account.iter().flat_map(TcpInfo::fields) {
                row(Phrase::same(name), value, about);
            }
        }
    }
    let head = vec![
        phrase!(en "what", es "qué"),
        phrase!(en "value", es "valor"),
        phrase!(en "meaning", es "significado"),
    ];
    let table = Table { head, rows };
    Outcome::with(fields.into(), Fact::Table(table))
}
