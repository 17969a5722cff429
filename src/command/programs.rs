//! Programs: the server under test, its standard input, what it writes and where it listens.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use regex::bytes::Regex;

use super::expr::Expr;
use super::jobs::read_name;
use super::param::{
    Data, Expression, Given, Host, Param, Payload, PortWord, Timeout, given, read_socket, wrong,
};
use super::row::{Command, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::door::{About, Call, Caller, Owned};
use crate::net::gate::Deadline;
use crate::net::listeners::{self, Owner};
use crate::net::process::Launch;
use crate::net::resolve::{Port, resolve};
use crate::net::{kernel, ports, probe, process as programs};
use crate::session::Session;
use crate::session::kinds::Known;
use crate::session::names::Place;
use crate::text::diagnostic::{Diagnostic, there_are};
use crate::text::literal;
use crate::text::words::Word;
use crate::value::errno::{Class, Code};
use crate::value::outcome::{CallError, Detail, Halt, Outcome, Reply};
use crate::value::process::Process;
use crate::value::signal;
use crate::value::socket::Triple;
use crate::value::{Address, Value};
use crate::words::Sentence;

pub const ROWS: &[Command] = &[
    command!(Jobs, "process", process, (program: Program), One(en "the process" es "el proceso"),
        en "start a program: the server under test"
        es "inicia un programa: el servidor que se prueba",
        c "fork(2), execve(2)", rust "std::process::Command", python "subprocess.Popen([command, word])",
        errors ["ENOENT", "EACCES"],
        note en "`process NAME COMMAND WORD…`; what stands before COMMAND is `process`'s own. `--listen SOCKET` hands it a \
            listening socket as descriptor 3, the next one as 4, … (LISTEN_FDS; LISTEN_FDNAMES has the sockets' names), so \
            that no port is raced for; `--stdio SOCKET` makes a socket its standard input and output, as inetd does. \
            `NAME.write` writes to its standard input, which stays open until `NAME.closein`. If it dies (by a signal, \
            or with a status that is not 0) the script fails, unless it waited for it, killed it, or said `--may-fail`. Its \
            output is kept in `.stdout` and `.stderr`: the first 64 KiB and the last 4 MiB; `.pid` and `.status` say the rest. \
            It and its descendants, daemons too, are ended with the script."
             es "`process NAME COMMAND WORD…`; lo que va antes de COMMAND es de `process`. `--listen SOCKET` le entrega un \
            socket que escucha como descriptor 3, el siguiente como 4, … (LISTEN_FDS; LISTEN_FDNAMES tiene los nombres de los \
            sockets), para que no haya carreras por un puerto; `--stdio SOCKET` hace de un socket su entrada y salida \
            estándar, como inetd. `NAME.write` escribe en su entrada estándar, que queda abierta hasta `NAME.closein`. Si muere \
            (por una señal o con un código distinto de 0), el script falla, salvo que lo haya esperado, lo haya terminado con \
            `kill` o diga `--may-fail`. Su salida queda en `.stdout` y `.stderr`: los primeros 64 KiB y los últimos 4 MiB; \
            `.pid` y `.status` dicen el resto. El proceso y sus descendientes, también los demonios, terminan junto con el script.",
        like "process p sh -c \"echo hola\"\nwait p\nprint ${p.stdout}"),
    command!(Jobs, "write", write, [limit: Timeout], (data: Data), Nothing,
        en "write to a program's standard input, until all is taken"
        es "escribe en la entrada estándar de un programa, hasta que la tome toda",
        c "write(2)", rust "ChildStdin::write_all", python "process.stdin.write(data)",
        errors ["ETIMEDOUT", "EPIPE", "EBADF"], does [OnProcess],
        note en "It calls write(2) again until all bytes are taken: a program that does not read makes it wait."
             es "Repite write(2) hasta que se tomen todos los bytes: un programa que no lee lo hace esperar.",
        like "process p cat\np.write \"hola\\n\"\np.closein\nwait p\nprint ${p.stdout}"),
    command!(Jobs, "closein", closein, (), Nothing,
        en "close a program's standard input: it reads to the end"
        es "cierra la entrada estándar de un programa: este lee hasta el fin",
        c "close(2)", rust "drop(ChildStdin)", python "process.stdin.close()",
        errors [], does [OnProcess],
        note en "Again is nothing, as `close` of a socket."
             es "Repetirlo no hace nada, como `close` de un socket.",
        like "process p wc -c\np.closein\nwait p\nprint ${p.stdout.trim}"),
    command!(Jobs, "waitfor", waitfor, (limit: Timeout, pipe: Pipe, name: ProcessName, pattern: Expression),
        One(en "a list of the groups" es "una lista con los grupos"),
        en "wait until a program has written what a regular expression matches"
        es "espera hasta que un programa haya escrito lo que calza con una expresión regular",
        c "futex(2)", rust "", python "process.stdout.readline()",
        errors ["ETIMEDOUT", "EOFError"], does [GivesList],
        note en "All that it has written counts, also before this line; the same pattern again waits for the next place. \
            `.0` is the first group; without groups it is the whole match. It fails at once when the program has ended. Many \
            programs keep their output back when it goes to a pipe: `python3 -u`, `stdbuf -oL`."
             es "Cuenta todo lo que ha escrito, también antes de esta línea; el mismo patrón de nuevo espera el lugar \
            siguiente. `.0` es el primer grupo; sin grupos, todo lo que calzó. Falla de inmediato cuando el programa ha \
            terminado. Muchos programas retienen su salida cuando no va a una terminal: `python3 -u`, `stdbuf -oL`.",
        like "process p sh -c \"echo listening on 8080; sleep 30\"\nport = waitfor p \"listening on ([0-9]+)\"\nprint ${port.0}"),
    command!(Jobs, "waitport", waitport, (limit: Timeout, at: Listening), Nothing,
        en "wait until a server listens there"
        es "espera hasta que un servidor escuche ahí",
        c "/proc/net/tcp, /proc/net/unix; connect(2) for other machines" es "/proc/net/tcp, /proc/net/unix; connect(2) para otras máquinas", rust "", python "",
        errors ["ETIMEDOUT", "ECONNREFUSED"], does [WaitsForPort],
        note en "`waitport HOST PORT`, or the path of a Unix socket. On this machine it reads the kernel's table of \
            listeners, so that no connection is used up. If a process of this script ends with an error meanwhile, it fails at \
            once. Where the listener is none of this script's programs, the report says whose it is."
             es "`waitport HOST PORT`, o la ruta de un socket Unix. En esta máquina lee la tabla del kernel de los sockets que \
            escuchan, para no gastar una conexión. Si mientras tanto un proceso de este script termina con un error, falla \
            de inmediato. Si el que escucha no es un programa de este script, el informe dice de quién es.",
        like "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nwaitport 127.0.0.1 ${l.local.port}"),
    command!(Jobs, "freeport", freeport, (), One(en "the port" es "el puerto"),
        en "a port that no socket uses, for a program that wants its number"
        es "un puerto que ningún socket usa, para un programa que pide su número",
        c "bind(2)", rust "TcpListener::bind", python "",
        errors ["EADDRINUSE"],
        note en "It lies outside the range from which the kernel gives ports by itself, was free for TCP and UDP, and no other \
            `freeport` of this machine gets it until this run has ended; with `--isolate` it is this script's alone. `process \
            --listen` needs no port at all."
             es "Está fuera del rango del que el kernel da puertos por su cuenta, estaba libre para TCP y UDP, y ningún otro \
            `freeport` de esta máquina lo recibe hasta que termine esta ejecución; con `--isolate` es solo de este script. \
            `process --listen` no requiere puerto.",
        like "port = freeport\nl = socket inet stream\nl.bind 127.0.0.1 $port"),
    command!(Jobs, "kill", kill, (name: ProcessName, signal: Option<Signal>), Nothing,
        en "send a process a signal; SIGTERM without a word"
        es "envía una señal a un proceso; SIGTERM si no se indica otra",
        c "kill(2)", rust "Child::kill", python "process.send_signal(signal)",
        errors ["ESRCH"],
        note en "After TERM, INT, QUIT, KILL or ABRT its end is no failure, whatever it is; after another signal (HUP for a \
            reload) only an end by that signal is none."
             es "Después de TERM, INT, QUIT, KILL o ABRT su fin no es una falla, cualquiera que sea; después de otra señal (HUP \
            para recargar) solo no lo es un fin por esa señal.",
        like "process p sleep 30\nkill p\nstatus = wait p\nprint $status"),
];

// process

/// `[--listen SOCKET]… [--stdio SOCKET] [--in DIR] [--env NAME=VALUE]… NAME COMMAND WORD…`: what follows the command is
/// its own, options too.
#[derive(Debug)]
struct Program {
    place: Place,
    name: String,
    listeners: Vec<Expr>,
    stdio: Option<Expr>,
    folder: Option<Expr>,
    environment: Vec<Expr>,
    may_fail: bool,
    words: Vec<Expr>,
}

/// The program with its words worked out.
struct Start<'a> {
    place: Place,
    launch: Launch<'a>,
    words: Vec<String>,
}

impl Param for Program {
    type Value<'a> = Start<'a>;
    // Options stand before COMMAND: what follows is the program's.
    const KIND: Kind = Kind::Program;
    const USAGE: &'static str = "NAME COMMAND WORD…";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "--listen",
            value: Some("SOCKET…"),
            about: phrase!(
                en "hand it this listening socket, from descriptor 3 on (LISTEN_FDS); may stand several times",
                es "le entrega este socket que escucha, desde el descriptor 3 (LISTEN_FDS); puede ir varias veces"
            ),
        },
        OptionSpec {
            name: "--stdio",
            value: Some("SOCKET"),
            about: phrase!(
                en "this socket is its standard input and output",
                es "este socket es su entrada y salida estándar"
            ),
        },
        OptionSpec {
            name: "--in",
            value: Some("DIR"),
            about: phrase!(en "start it in this folder", es "lo inicia en esta carpeta"),
        },
        OptionSpec {
            name: "--env",
            value: Some("NAME=VALUE…"),
            about: phrase!(
                en "a variable of its environment; may stand several times",
                es "una variable de su entorno; puede ir varias veces"
            ),
        },
        OptionSpec {
            name: "--may-fail",
            value: None,
            about: phrase!(
                en "its end is no failure, whatever its status",
                es "su final no es una falla, sea cual sea su código de salida"
            ),
        },
    ];

    fn read(words: &mut Words<'_>, parameter: &'static str) -> Option<Self> {
        let may_fail = words.switch("--may-fail").is_some();
        let listeners: Vec<_> =
            words.every_option("--listen").into_iter().map(|word| read_socket(words, word)).collect();
        let stdio = words.option("--stdio").map(|word| read_socket(words, word));
        let folder = words.option("--in").map(|word| {
            words.note("--in", word.span);
            Expr::letters(words, word)
        });
        let environment: Vec<_> =
            words.every_option("--env").into_iter().map(|word| read_variable(words, word)).collect();
        let target = words.require(parameter)?;
        let name = target.bare().unwrap_or("").to_string();
        let checked = words.scope.check_target(&name, target.span);
        words.accept(checked)?;
        if words.is_empty() {
            words.missing(parameter);
            return None;
        }
        // `p = process sh -c …`: no program's name begins so.
        if let Some(option) =
            words.peek().filter(|word| word.bare().is_some_and(|text| text.starts_with('-')))
        {
            let message = say!(
                en "`{name}` is NAME here, and the program's name is missing",
                es "`{name}` es NAME aquí, y falta el nombre del programa",
                name
            );
            let given = words.targets.first().map_or("p", |target| &target.text);
            words.report(Diagnostic::new(option.span, message).help(say!(
                en "the process' own name comes first: `process {given} {name} …`",
                es "el nombre propio del proceso va primero: `process {given} {name} …`",
                given, name
            )));
            return None;
        }
        let mut exprs = Vec::new();
        while let Some(word) = words.next_any() {
            if exprs.is_empty() {
                words.note("program", word.span);
            }
            exprs.push(Expr::letters(words, word));
        }
        let all = |exprs: Vec<Option<Expr>>| exprs.into_iter().collect::<Option<Vec<_>>>();
        let (words_, listeners, environment) = (all(exprs)?, all(listeners)?, all(environment)?);
        let stdio = match stdio {
            Some(expr) => Some(expr?),
            None => None,
        };
        let folder = match folder {
            Some(expr) => Some(expr?),
            None => None,
        };
        let place = words.scope.assign_known(&name, Some(Known::Process));
        words.scope.note_given(&name, place, target.span);
        Some(Program { place, name, listeners, stdio, folder, environment, may_fail, words: words_ })
    }

    fn get<'a>(&'a self, session: &mut Session) -> Result<Start<'a>, Box<Halt>> {
        let socket = |expr: &Expr, session: &mut Session| match expr.get(session)? {
            Value::Socket(socket) => Ok(socket),
            other => Err(wrong(Class::TypeError, phrase!(en "a socket", es "un socket"), &other)),
        };
        let listeners = self.listeners.iter().map(|e| socket(e, session)).collect::<Result<Vec<_>, _>>()?;
        let stdio = self.stdio.as_ref().map(|e| socket(e, session)).transpose()?;
        let folder = self.folder.as_ref().map(|e| e.text(session)).transpose()?.map(PathBuf::from);
        let environment = self.environment.iter().map(|e| variable(&e.text(session)?));
        let environment = environment.collect::<Result<Vec<_>, _>>()?;
        let mut words = Vec::with_capacity(self.words.len());
        for word in &self.words {
            // A list stands for its items.
            match word.get(session)? {
                Value::List(items) => {
                    for item in items.iter() {
                        let value = session.look(item)?;
                        words.push(Expr::constant(value, word.span).text(session)?);
                    }
                }
                value => words.push(Expr::constant(value, word.span).text(session)?),
            }
        }
        let launch = Launch {
            name: &self.name,
            words: &[],
            listeners,
            stdio,
            folder,
            environment,
            may_fail: self.may_fail,
            mark: session.family().mark(),
        };
        Ok(Start { place: self.place, launch, words })
    }
}

/// `NAME=VALUE`; a literal one is checked before anything runs.
fn read_variable(words: &mut Words<'_>, word: &Word<'_>) -> Option<Expr> {
    let expr = Expr::letters(words, word)?;
    if let Some(text) = expr.literal().map(|value| value.to_text())
        && split_variable(&text).is_none()
    {
        let problem = Diagnostic::new(
            word.span,
            say!(en "`{text}` is not NAME=VALUE", es "`{text}` no es NAME=VALUE", text),
        );
        words.report(problem.help(say!(
            en "like `--env LANG=C`; with blanks `--env GREETING=\"buen día\"`",
            es "como `--env LANG=C`; con blancos `--env GREETING=\"buen día\"`"
        )));
        return None;
    }
    Some(expr)
}

fn split_variable(text: &str) -> Option<(&str, &str)> {
    text.split_once('=').filter(|(name, _)| !name.is_empty())
}

fn variable(text: &str) -> Result<(String, String), Box<Halt>> {
    match split_variable(text) {
        Some((name, value)) => Ok((name.into(), value.into())),
        None => Err(wrong(Class::ValueError, phrase!(en "NAME=VALUE", es "NAME=VALUE"), &Value::text(text))),
    }
}

fn process(session: &mut Session, start: Start<'_>) -> Reply {
    let Start { place, mut launch, words } = start;
    launch.words = &words;
    let process = programs::start(&mut session.caller, &launch).map_err(|mut halt| {
        if let Halt::Error(error) = &mut *halt
            && error.detail == Detail::None
        {
            error.socket = None;
            // The folder is entered before the program is looked up.
            let lost = launch.folder.as_ref().filter(|folder| !programs::is_folder(&session.caller, folder));
            let (path, blame) = match lost {
                Some(folder) => (folder.display().to_string(), "--in"),
                None => (words.first().cloned().unwrap_or_default(), "program"),
            };
            if lost.is_some() {
                error.advice = Some(Box::new(
                    phrase!(
                        en "there is no such folder to start the program in; check it",
                        es "no existe esa carpeta en la que iniciar el programa; revísala"
                    )
                    .into(),
                ));
            }
            error.detail = Detail::File { path, written: None };
            error.blame = Some(blame);
        }
        halt
    })?;
    session.add_process(process.clone());
    session.assign(place, Value::Process(process.clone()));
    Outcome::value(Value::Process(process))
}

// write, closein

/// The program before the dot.
fn before_dot(session: &mut Session) -> Result<Arc<Process>, Box<Halt>> {
    match session.aimed()? {
        Value::Process(process) => Ok(process),
        other => {
            let wanted = phrase!(en "a process", es "un proceso");
            Err(CallError::class(Class::TypeError, Detail::NotA { wanted, found: other.described() })
                .blame("socket")
                .into())
        }
    }
}

fn write(session: &mut Session, limit: Option<Duration>, data: Payload<'_>) -> Reply {
    let process = before_dot(session)?;
    let Some(pipe) = process.stdin() else {
        let closed = say!(
            en "the standard input of `{name}` is closed, or is a socket",
            es "la entrada estándar de `{name}` está cerrada, o es un socket",
            name = &*process.name
        );
        return Err(CallError::errno("write", libc::EBADF).detail(Detail::Text(closed)).into());
    };
    let deadline = session.deadline(limit, None);
    programs::write(&mut session.caller, &pipe, &data, deadline)?;
    Outcome::nothing()
}

fn closein(session: &mut Session) -> Reply {
    let process = before_dot(session)?;
    if let Some(pipe) = process.take_stdin() {
        programs::close(&session.caller, pipe);
    }
    Outcome::nothing()
}

// waitfor

/// `--stderr`: which of a program's pipes is meant.
#[derive(Debug)]
struct Pipe(bool);

impl Param for Pipe {
    type Value<'a> = bool;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--stderr",
        value: None,
        about: phrase!(
            en "in its standard error, not in its standard output",
            es "en su error estándar, no en su salida estándar"
        ),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        Some(Pipe(words.switch("--stderr").is_some()))
    }

    fn get(&self, _: &mut Session) -> Result<bool, Box<Halt>> {
        Ok(self.0)
    }
}

fn waitfor(
    session: &mut Session,
    limit: Option<Duration>,
    in_stderr: bool,
    process: Arc<Process>,
    pattern: Cow<'_, Regex>,
) -> Reply {
    let deadline = session.deadline(limit, None);
    let groups = |bytes: &[u8], from: usize| {
        let found = pattern.captures_at(bytes, from)?;
        let all = found.get(0)?;
        let value = |group: Option<regex::bytes::Match<'_>>| {
            group.map_or(Value::Nothing, |group| Value::bytes(group.as_bytes().to_vec()))
        };
        let values = match found.len() {
            1 => vec![value(Some(all))],
            _ => found.iter().skip(1).map(value).collect(),
        };
        Some((all.end(), values))
    };
    let look = || process.find(in_stderr, pattern.as_str(), groups);
    let found = programs::wait_for(&mut session.caller, &process, deadline, look);
    let elsewhere = || process.find(!in_stderr, pattern.as_str(), groups).is_some();
    match found.map_err(|halt| not_written(halt, &process, in_stderr, elsewhere))? {
        Some(values) => Outcome::value(Value::list(values)),
        None => Err(programs::wrote_all(&session.caller, process)),
    }
}

/// The time is up: what the program wrote last, and why it may have written no more; or that it wrote it `elsewhere`, to
/// its other pipe.
fn not_written(
    mut halt: Box<Halt>,
    process: &Process,
    in_stderr: bool,
    elsewhere: impl FnOnce() -> bool,
) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt
        && error.is_timeout()
    {
        if elsewhere() {
            let advice = match in_stderr {
                false => phrase!(
                    en "it was written to standard error: `waitfor … --stderr` looks there",
                    es "se escribió en el error estándar: `waitfor … --stderr` busca ahí"
                ),
                true => phrase!(
                    en "it was written to standard output: without `--stderr`, `waitfor` looks there",
                    es "se escribió en la salida estándar: sin `--stderr`, `waitfor` busca ahí"
                ),
            };
            error.advice = Some(Box::new(advice.into()));
            return halt;
        }
        let said = process.last_words();
        let kept_back = phrase!(
            en "many programs keep their output back when it goes to a pipe: `python3 -u`, `stdbuf -oL`",
            es "muchos programas retienen su salida cuando no va a una terminal: `python3 -u`, `stdbuf -oL`"
        );
        let advice = match said.is_empty() {
            true => {
                say!(en "it has written nothing; {kept_back}", es "no ha escrito nada; {kept_back}", kept_back)
            }
            false => say!(
                en "it wrote last: {said}; {kept_back}",
                es "lo último que escribió: {said}; {kept_back}",
                said = literal::one_line(&said),
                kept_back
            ),
        };
        error.advice = Some(Box::new(advice));
    }
    halt
}

// freeport

fn freeport(session: &mut Session) -> Reply {
    let shared = session.shared.clone();
    let port = ports::free(&mut session.caller, &shared.ports)?;
    Outcome::value(Value::Int(port.into()))
}

// waitport

/// `HOST PORT`, or the PATH of a Unix socket.
#[derive(Debug)]
enum Listening {
    Port(Host, PortWord),
    Path(Expr),
}

/// The same, worked out.
enum Listener {
    Port(String, Port),
    Path(Vec<u8>),
}

impl Param for Listening {
    type Value<'a> = Listener;
    const KIND: Kind = Kind::Target;
    const USAGE: &'static str = "HOST PORT | PATH";

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let path = words
            .peek()
            .filter(|_| words.left() == 1)
            .filter(|word| word.bare().is_none_or(|text| text.contains('/') || text.starts_with('@')));
        if let Some(word) = path {
            words.advance("path", word);
            return Expr::letters(words, word).map(Listening::Path);
        }
        let host = Host::read(words, "host");
        let port = PortWord::read(words, "port");
        Some(Listening::Port(host?, port?))
    }

    fn get(&self, session: &mut Session) -> Result<Listener, Box<Halt>> {
        Ok(match self {
            Listening::Port(host, port) => {
                Listener::Port(host.get(session)?.into_owned(), port.get(session)?)
            }
            Listening::Path(expr) => Listener::Path(expr.bytes(session)?.to_vec()),
        })
    }
}

/// Waits between two looks at the table: soon at first, then seldom.
const LOOKS: [u64; 6] = [1, 1, 2, 5, 10, 20];

fn waitport(session: &mut Session, limit: Option<Duration>, at: Listener) -> Reply {
    let deadline = session.deadline(limit, None);
    let (place, address) = match &at {
        Listener::Path(path) => (literal::text(path), None),
        Listener::Port(host, port) => {
            let domain = if host.contains(':') { socket2::Domain::IPV6 } else { socket2::Domain::IPV4 };
            let kind = socket2::Type::STREAM;
            let address = resolve(&mut session.caller, host, port, domain, kind, deadline)?;
            (address.to_string(), Some(address))
        }
    };
    if let Some(guard) = session.caller.guard() {
        // The kernel's table would tell of any listener of the machine.
        let told = match (&at, address) {
            (_, Some(address)) => Address::Inet(address),
            (Listener::Path(path), None) => path
                .strip_prefix(b"@")
                .map_or_else(|| Address::Path(path.to_vec()), |name| Address::Abstract(name.to_vec())),
            (Listener::Port(..), None) => Address::Unnamed,
        };
        guard.may_reach("connect", &told)?;
    }
    let elsewhere = address.filter(|address| !probe::is_local(&session.caller, address.ip()));
    // A program that had ended before is no reason to give up.
    let running = |p: &Arc<Process>| programs::status(&session.caller, p).is_none();
    let before: Vec<Arc<Process>> = session.processes().into_iter().filter(|p| !running(p)).collect();
    let mut looks = LOOKS.iter();
    let mut pause = 1;
    loop {
        let found = match (&at, elsewhere, address) {
            (_, Some(address), _) => try_connect(session, address, deadline)?.then_some(None),
            (Listener::Path(path), ..) => listeners::at_path(&mut session.caller, path)?.map(Some),
            (_, _, Some(address)) => listeners::at(&mut session.caller, address)?.map(Some),
            _ => None,
        };
        if let Some(socket) = found {
            if let Some(socket) = socket {
                note_owner(session, &place, socket);
            }
            return Outcome::nothing();
        }
        for process in session.processes() {
            let status = programs::status(&session.caller, &process);
            if process.has_died() {
                return Err(programs::died(&session.caller, process));
            }
            // Its end is no failure of the script, but it will not listen.
            let ended_now = !before.iter().any(|b| Arc::ptr_eq(b, &process));
            if ended_now && status.is_some_and(|s| s.code() != 0) {
                return Err(gone(&session.caller, &process));
            }
        }
        pause = looks.next().copied().unwrap_or(pause);
        let paused = session.caller.pause(Duration::from_millis(pause), deadline, ("connect", None));
        match elsewhere {
            Some(_) => paused?,
            None => paused.map_err(|halt| nobody_yet(halt, &place))?,
        }
    }
}

/// Where the listener is none of this script's programs, a report says whose it is: the port may be another server's.
fn note_owner(session: &mut Session, place: &str, socket: u64) {
    let programs = session.processes();
    if programs.is_empty() {
        return;
    }
    let mark = session.family().mark();
    let place = literal::one_line(place);
    let note = match listeners::owner(&session.caller, socket, &programs, &mark) {
        Owner::Ours => return,
        Owner::Other { pid, command } => say!(
            en "what listens on {place} is none of this script's programs: `{command}`, pid {pid}",
            es "lo que escucha en {place} no es un programa de este script: `{command}`, pid {pid}",
            place,
            command,
            pid
        ),
        Owner::Unknown => say!(
            en "what listens on {place} is none of this script's programs, and of another user",
            es "lo que escucha en {place} no es un programa de este script, y es de otro usuario",
            place
        ),
    };
    session.add_note(note);
}

/// The time is up, and no socket listens there on this machine.
fn nobody_yet(mut halt: Box<Halt>, place: &str) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt
        && let Detail::Limit { after, limit } = error.detail
    {
        let waited = Detail::Limit { after, limit };
        error.call = "";
        error.detail = Detail::Text(say!(
            en "nothing listens on {place} yet ({waited})",
            es "todavía nada escucha en {place} ({waited})",
            place = literal::one_line(place),
            waited = Sentence::of(|lang| waited.said(lang))
        ));
    }
    halt
}

/// Whether a connection is taken there, for other machines: it is made, and closed again.
fn try_connect(
    session: &mut Session,
    address: std::net::SocketAddr,
    deadline: Option<Deadline>,
) -> Result<bool, Box<Halt>> {
    let domain = socket2::Domain::for_address(address);
    let kind = socket2::Type::STREAM;
    let call = Call { name: "socket", on: (), about: About::Make(Triple::new(domain, kind, None)) };
    let socket = session.caller.call(call, None, |()| socket2::Socket::new(domain, kind, None))?;
    let socket = Owned::new(socket, &session.caller, false);
    let kernel = address.into();
    let about = About::At(Cow::Owned(Address::Inet(address)));
    let call = Call { name: "connect", on: &socket, about };
    let tried = session.caller.call(call, deadline, |()| socket.connect(&kernel));
    match tried.map_err(|halt| *halt) {
        Ok(()) => Ok(true),
        Err(Halt::Error(e)) if e.code == Code::Errno(libc::ECONNREFUSED) => Ok(false),
        Err(other) => Err(Box::new(other)),
    }
}

/// The server is not coming: what it said last is the reason.
fn gone(caller: &Caller, process: &Process) -> Box<Halt> {
    // Its last words may still be on their way.
    programs::settle(caller, process);
    let code = process.status().map_or(0, |s| s.code());
    let tail = process.last_words();
    let name = &process.name;
    let text = match tail.is_empty() {
        true => say!(
            en "process `{name}` ended with {code} before a socket listened there",
            es "el proceso `{name}` terminó con {code} antes de que un socket escuchara ahí",
            name,
            code
        ),
        false => say!(
            en "process `{name}` ended with {code} before a socket listened there, having written: {tail}",
            es "el proceso `{name}` terminó con {code} antes de que un socket escuchara ahí, y escribió: {tail}",
            name,
            code,
            tail
        ),
    };
    CallError::new("connect", Code::Errno(libc::ECONNREFUSED), Detail::Text(text)).into()
}

// kill

#[derive(Debug)]
struct ProcessName(Expr);

impl Param for ProcessName {
    type Value<'a> = Arc<Process>;
    const KIND: Kind = Kind::Job;
    const USAGE: &'static str = "NAME";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        read_name(words, name, "process").map(ProcessName)
    }

    fn get(&self, session: &mut Session) -> Result<Arc<Process>, Box<Halt>> {
        match self.0.get(session)? {
            Value::Process(process) => Ok(process),
            other => {
                let found = other.described();
                Err(CallError::class(
                    Class::TypeError,
                    Detail::NotA { wanted: phrase!(en "a process", es "un proceso"), found },
                )
                .into())
            }
        }
    }
}

/// `TERM`, `SIGTERM` or 15.
#[derive(Debug)]
struct Signal(Given<i32>);

impl Param for Signal {
    type Value<'a> = i32;
    const KIND: Kind = Kind::Word(signal::OFFERED);
    const USAGE: &'static str = "SIGNAL";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let make = |value: &Value, text: &str| {
            signal::number(&value.to_text()).ok_or_else(|| {
                let problem = say!(en "`{text}` is not a signal", es "`{text}` no es una señal", text);
                (problem, Some(there_are(signal::OFFERED.iter().copied())))
            })
        };
        given(words, name, make).map(Signal)
    }

    fn get(&self, session: &mut Session) -> Result<i32, Box<Halt>> {
        match &self.0 {
            Given::Now(number) => Ok(*number),
            Given::Later(expr) => {
                let value = expr.get(session)?;
                let wanted = phrase!(en "a signal", es "una señal");
                signal::number(&value.to_text()).ok_or_else(|| wrong(Class::ValueError, wanted, &value))
            }
        }
    }
}

/// Does this signal ask a program to end? Others (SIGHUP, SIGUSR1) tell it something: it goes on, or ends by that signal.
fn ends_programs(signal: i32) -> bool {
    use libc::{SIGABRT, SIGINT, SIGKILL, SIGQUIT, SIGTERM};
    matches!(signal, SIGTERM | SIGINT | SIGQUIT | SIGKILL | SIGABRT)
}

fn kill(session: &mut Session, process: Arc<Process>, signal: Option<i32>) -> Reply {
    let signal = signal.unwrap_or(libc::SIGTERM);
    // One that has ended and was waited for has no number any more.
    if programs::status(&session.caller, &process).is_some() {
        return Err(CallError::errno("kill", libc::ESRCH).blame("name").into());
    }
    if ends_programs(signal) {
        process.expect_end();
    }
    process.expect_signal(signal);
    let pid = -process.pid;
    let call = Call { name: "kill", on: (), about: About::Signal { pid, signal } };
    session.caller.call(call, None, |()| kernel::kill(pid, signal))?;
    Outcome::nothing()
}
