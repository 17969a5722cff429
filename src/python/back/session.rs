//! The commands of the session, of tests and of programs as Python; and which command is which.

use super::code::{self, Code, Type, text_literal};
use super::formula;
use super::given::{Given, known};
use super::operand::{Got, Piece, formatted};
use super::values::shape;
use super::{Made, Writer};
use crate::command;
use crate::command::row::Command;
use crate::text::tree::Line;
use crate::text::words::Word;
use crate::value::{DOMAINS, signal};

/// Commands that only show the session, or set how it shows things.
const LOOKS: &[&str] = &["options", "vars", "jobs", "diagram", "help", "set", "info"];

impl Writer<'_> {
    /// A command as Python. `want`: its result is needed, if it has one.
    pub fn command(&mut self, line: &Line<'_>, want: bool) -> Got<Made> {
        let name = &*line.command.text;
        if self.effects.defs.contains(name) {
            return self.call(name, &line.words);
        }
        // `p.status`: no socket's command, and so a property.
        let row = command::find(name).filter(|row| line.socket.is_none() || row.shape.on_socket);
        let Some(row) = row.filter(|_| !name.is_empty()) else { return self.shown_value(line) };
        let given = Given::of(row, &line.words);
        let sock = line.socket.as_ref().map(|socket| code::name(&socket.text));
        if let Some(made) = self.socket_command(row.name, sock.as_deref(), &given, want)? {
            if made.makes && self.is_dynamic() {
                let text = format!("{}({})", self.helper("now"), made.code.text);
                return Ok(Made { code: Code { text, ..made.code }, ..made });
            }
            return Ok(made);
        }
        if let Some(made) = self.value_command(row.name, &given)? {
            return Ok(made);
        }
        if let Some(made) = self.changing_command(row.name, &given)? {
            return Ok(made);
        }
        match row.name {
            "print" => self.print(&given),
            "hexdump" => {
                let data = match given.words.is_empty() && !given.has("--file") {
                    true => {
                        let last = Code::atom(self.helper("last"), Type::Any);
                        self.octets(&last)
                    }
                    false => self.given_data(&given, &given.words)?,
                };
                Ok(Made::nothing(format!("{}({})", self.helper("hexdump"), data.text)))
            }
            "poll" => self.poll(&given, sock),
            "sockets" => self.sockets(&given),
            "info" if want => {
                let sock = match given.words.first() {
                    Some(word) => self.own(word)?,
                    None => sock.unwrap_or_else(|| self.current()),
                };
                Ok(Made::one(Code::atom(format!("{}({sock})", self.helper("tcp_info")), Type::Map)))
            }
            "sleep" => {
                self.module("time");
                let time = given.words.first().map_or(Ok("0".into()), |w| self.seconds(w))?;
                Ok(Made::nothing(format!("time.sleep({time})")))
            }
            "exit" => {
                let code = given.words.first().map_or(Ok("0".into()), |w| self.whole(w))?;
                if self.effects.has_checks {
                    return Ok(Made::nothing(format!("{}({code})", self.helper("leave"))));
                }
                self.module("sys");
                Ok(Made::nothing(format!("sys.exit({code})")))
            }
            "set" if given.words.first().is_some_and(|w| w.is("timeout")) => {
                self.module("socket");
                let time = match given.words.get(1) {
                    Some(word) if !word.is("none") => self.seconds(word)?,
                    _ => "None".into(),
                };
                let why = say!(
                    en "this limit holds for sockets that are made after it",
                    es "este plazo vale para los sockets que se crean después"
                );
                self.changed(line.span, &why);
                Ok(Made::nothing(format!("socket.setdefaulttimeout({time})")))
            }
            _ => self.test_command(row, line, &given),
        }
    }

    fn test_command(&mut self, row: &'static Command, line: &Line<'_>, given: &Given<'_, '_>) -> Got<Made> {
        let text = |writer: &mut Self, at: usize| match given.words.get(at) {
            Some(word) => writer.text(word),
            None => Ok("\"\"".into()),
        };
        match row.name {
            "expect" => self.expect(&line.words, given.option("--within")),
            "fail" => {
                let text = text(self, 0)?;
                Ok(Made::nothing(format!("raise {}({text})", self.helper("Failed"))))
            }
            "skip" => {
                let text = text(self, 0)?;
                Ok(Made::nothing(format!("{}({text})", self.helper("skip"))))
            }
            "raise" => {
                let kind = text(self, 0)?;
                let text = text(self, 1)?;
                Ok(Made::nothing(format!("raise {}({kind}, {text})", self.helper("error_named"))))
            }
            "require" => self.require(given),
            "let" | "share" => Err(shape(row.name)),
            "use" => {
                let own = given.words.first().map_or(Err(shape(row.name)), |word| self.own(word))?;
                if self.is_dynamic() {
                    return Ok(Made::nothing(format!("{}({own})", self.helper("now"))));
                }
                self.stack.raise(&own);
                Ok(Made::nothing(""))
            }
            _ => self.program_command(row, line, given),
        }
    }

    fn program_command(
        &mut self,
        row: &'static Command,
        line: &Line<'_>,
        given: &Given<'_, '_>,
    ) -> Got<Made> {
        let limit = self.limit(given)?;
        let timeout = limit.map(|limit| format!("timeout={limit}"));
        let joined =
            |first: Vec<String>| first.into_iter().chain(timeout.clone()).collect::<Vec<_>>().join(", ");
        let own = line.socket.as_ref().map(|socket| code::name(&socket.text));
        match row.name {
            "wait" => {
                let name = given.words.first().and_then(|w| w.bare());
                match name {
                    Some(name) if self.type_of(name) == Type::Process => Ok(Made::one(Code::atom(
                        format!("{}.wait({})", code::name(name), joined(Vec::new())),
                        Type::Any,
                    ))),
                    Some(name) => {
                        let arguments = joined(vec![text_literal(name)]);
                        Ok(Made::one(Code::atom(format!("{}({arguments})", self.helper("wait")), Type::Any)))
                    }
                    None => {
                        // A value is a program.
                        let wait = match given.word(0) {
                            Some(word) => format!("{}.wait", self.own(word)?),
                            None => self.helper("wait"),
                        };
                        Ok(Made::one(Code::atom(format!("{wait}({})", joined(Vec::new())), Type::Any)))
                    }
                }
            }
            "barrier" => {
                let [name, size] = given.words.as_slice() else { return Err(shape(row.name)) };
                let arguments = joined(vec![self.text(name)?, self.whole(size)?]);
                Ok(Made::nothing(format!("{}({arguments})", self.helper("barrier"))))
            }
            "process" => self.process(given),
            "kill" => {
                let program = given.words.first().map_or(Err(shape(row.name)), |word| self.own(word))?;
                let number =
                    given.words.get(1).map(|word| self.signal(word)).transpose()?.unwrap_or_default();
                Ok(Made::nothing(format!("{program}.kill({number})")))
            }
            "write" => {
                let Some(own) = own else { return Err(shape(row.name)) };
                let data = self.given_data(given, &given.words)?;
                Ok(Made::nothing(format!("{own}.write({})", data.text)))
            }
            "closein" => {
                let Some(own) = own else { return Err(shape(row.name)) };
                Ok(Made::nothing(format!("{own}.closein()")))
            }
            "waitfor" => {
                let [name, regex] = given.words.as_slice() else { return Err(shape(row.name)) };
                let name = self.own(name)?;
                formula::pattern(regex)?;
                let regex = self.data(&[regex])?;
                let mut arguments = vec![regex.text];
                if given.has("--stderr") {
                    arguments.push("stderr=True".into());
                }
                Ok(Made::one(Code::atom(format!("{name}.waitfor({})", joined(arguments)), Type::List)))
            }
            "waitport" if given.words.len() == 2 => {
                let address = self.target(&given.words, "")?;
                Ok(Made::nothing(format!("{}({})", self.helper("waitport"), joined(vec![address]))))
            }
            "freeport" => {
                self.module("socket");
                Ok(Made::one(Code::atom(
                    "socket.create_server((\"127.0.0.1\", 0)).getsockname()[1]",
                    Type::Int,
                )))
            }
            name => Err(say!(
                en "`{name}` has no counterpart in Python's standard library",
                es "`{name}` no tiene equivalente en la biblioteca estándar de Python",
                name
            )),
        }
    }

    /// The number of a signal.
    fn signal(&mut self, word: &Word<'_>) -> Got<String> {
        self.module("signal");
        let Some(text) = known(word) else {
            let code = self.value(word)?;
            return Ok(format!("{}({})", self.helper("signal_number"), code.text));
        };
        let name = text.to_ascii_uppercase();
        let name = name.trim_start_matches("SIG");
        match signal::number(&text) {
            Some(_) if name.bytes().all(|b| b.is_ascii_uppercase()) => Ok(format!("signal.SIG{name}")),
            Some(number) => Ok(number.to_string()),
            None => Err(shape("kill")),
        }
    }

    /// Does the command only show something, so that a program goes on without it?
    pub fn is_look(line: &Line<'_>) -> bool {
        LOOKS.contains(&&*line.command.text)
            && line.targets.is_empty()
            && !line.words.first().is_some_and(|w| w.is("timeout"))
            || line.help
            || line.socket.is_none() && matches!(&*line.command.text, "sockets" | "status")
    }

    fn print(&mut self, given: &Given<'_, '_>) -> Got<Made> {
        let end = if given.has("--no-newline") { ", end=\"\", flush=True" } else { "" };
        let mut arguments: Vec<String> = Vec::new();
        let mut literal: Option<String> = None;
        for word in &given.words {
            let pieces = self.pieces(word)?;
            match pieces.as_slice() {
                [Piece::Text(text)] => {
                    // Literals side by side are one.
                    let before = literal.take();
                    if before.is_some() {
                        arguments.pop();
                    }
                    let whole = before.map_or(text.clone(), |before| format!("{before} {text}"));
                    arguments.push(text_literal(&whole));
                    literal = Some(whole);
                }
                [Piece::Value(value)] => {
                    literal = None;
                    arguments.push(value.clone());
                }
                [] => arguments.push("\"\"".into()),
                several => {
                    literal = None;
                    arguments.push(formatted(several));
                }
            }
        }
        // A line comes whole, whatever other threads print.
        let print = if self.effects.has_threads { self.helper("print") } else { "print".into() };
        let text = format!("{print}({}{end})", arguments.join(", "));
        Ok(Made::nothing(if arguments.is_empty() { text.replace("(, ", "(") } else { text }))
    }

    fn expect(&mut self, words: &[Word<'_>], within: Option<&Word<'_>>) -> Got<Made> {
        let words = match words {
            [option, _, rest @ ..] if option.is("--within") => rest,
            all => all,
        };
        self.in_lambda = within.is_some();
        let read = self.condition(words);
        self.in_lambda = false;
        let (condition, groups, taken) = read?;
        if within.is_some() && !groups.is_empty() {
            self.line("found = {}");
        }
        let condition = match within {
            None => condition,
            Some(time) => {
                let time = self.seconds(time)?;
                format!("{}({time}, lambda: {condition})", self.helper("within"))
            }
        };
        let otherwise = match words.get(taken..) {
            Some([word, rest @ ..]) if word.is("else") => {
                let mut pieces = Vec::new();
                for (at, word) in rest.iter().enumerate() {
                    if at > 0 {
                        pieces.push(Piece::Text(" ".into()));
                    }
                    pieces.extend(self.pieces(word)?);
                }
                format!(", {}", formatted(&pieces))
            }
            _ => String::new(),
        };
        self.behind
            .extend(groups.into_iter().map(|(name, value)| format!("{} = {value}", code::name(&name))));
        Ok(Made::nothing(format!("{}({condition}{otherwise})", self.helper("expect"))))
    }

    fn require(&mut self, given: &Given<'_, '_>) -> Got<Made> {
        let mut words = given.words.as_slice();
        let negated = words.first().is_some_and(|w| w.is("not"));
        if negated {
            words = &words[1..];
        }
        let what = words.first().and_then(|w| known(w)).unwrap_or_default();
        let argument = words.get(1).map(|w| self.text(w)).transpose()?.unwrap_or_default();
        let (condition, module) = match what.as_str() {
            "ipv6" => (format!("{}()", self.helper("has_ipv6")), "socket"),
            "root" => ("os.geteuid() == 0".to_string(), "os"),
            "linux" => ("sys.platform == \"linux\"".to_string(), "sys"),
            "command" => (format!("shutil.which({argument})"), "shutil"),
            "env" => (format!("{argument} in os.environ"), "os"),
            "family" => {
                let family =
                    words.get(1).map_or(Err(shape("require family")), |word| self.constant(word, DOMAINS))?;
                (format!("{}({family})", self.helper("has_family")), "socket")
            }
            _ => return Err(shape(&format!("require {what}"))),
        };
        self.module(module);
        let not = if negated { "not " } else { "" };
        let reason: Vec<String> = given.words.iter().filter_map(|w| known(w)).collect();
        let reason = text_literal(&format!("require {}", reason.join(" ")));
        Ok(Made::nothing(format!("{}({not}{condition}, {reason})", self.helper("require"))))
    }

    fn poll(&mut self, given: &Given<'_, '_>, sock: Option<String>) -> Got<Made> {
        self.module("select");
        let flags = [("--read", "select.POLLIN"), ("--write", "select.POLLOUT"), ("--pri", "select.POLLPRI")];
        let mut wanted: Vec<&str> = flags.iter().filter(|row| given.has(row.0)).map(|row| row.1).collect();
        if wanted.is_empty() {
            wanted.push("select.POLLIN");
        }
        let sockets = match given.words.as_slice() {
            [] => format!("[{}]", sock.unwrap_or_else(|| self.current())),
            [one] if one.value().is_some() => {
                let code = self.value(one)?;
                match code.of {
                    Type::List => code.text,
                    Type::Socket => format!("[{}]", code.text),
                    _ => format!("{}({})", self.helper("flat"), code.text),
                }
            }
            several => {
                let mut all_sockets = true;
                let mut texts = Vec::new();
                for word in several {
                    let code = match word.bare() {
                        Some(name) => Code::atom(code::name(name), self.type_of(name)),
                        None => self.value(word)?,
                    };
                    all_sockets &= code.of == Type::Socket || word.bare().is_some();
                    texts.push(code.text);
                }
                let texts = texts.join(", ");
                if all_sockets { format!("[{texts}]") } else { format!("{}({texts})", self.helper("flat")) }
            }
        };
        let mut arguments = vec![wanted.join(" | "), sockets];
        if let Some(limit) = self.limit(given)? {
            arguments.push(format!("timeout={limit}"));
        }
        if let Some(writers) = given.option("--writers") {
            let code = match writers.bare() {
                Some(name) => Code::atom(code::name(name), self.type_of(name)),
                None => self.value(writers)?,
            };
            arguments.push(match code.of {
                Type::List => format!("writers={}", code.text),
                _ => format!("writers={}({})", self.helper("flat"), code.text),
            });
        }
        Ok(Made::one(Code::atom(format!("{}({})", self.helper("poll"), arguments.join(", ")), Type::List)))
    }

    fn sockets(&mut self, given: &Given<'_, '_>) -> Got<Made> {
        if given.has("--all") || !given.words.is_empty() {
            return Err(say!(
                en "Python does not know of the sockets that are closed",
                es "Python no conoce los sockets que ya están cerrados"
            ));
        }
        let mut names: Vec<String> = self
            .scope()
            .names
            .iter()
            .filter(|name| self.type_of(name) == Type::Socket && self.is_given_above(name))
            .cloned()
            .collect();
        names
            .extend((1..=self.nameless).map(|n| format!("s{n}")).filter(|name| !self.effects.is_value(name)));
        names.sort();
        names.dedup();
        let current = self.current();
        // A word of Python's is no name of an argument.
        let named = |(name, own): (&String, String)| match *name == own {
            true => format!("{name}={own}"),
            false => format!("**{{{}: {own}}}", text_literal(name)),
        };
        let arguments: Vec<String> = names.iter().map(|name| (name, code::name(name))).map(named).collect();
        // A name whose line has not run is none.
        let table = self.helper("sockets");
        if self.is_dynamic() {
            self.helper("without_names");
            return Ok(Made::nothing(format!("{table}({current}, **{{**globals(), **without_names()}})")));
        }
        Ok(Made::nothing(format!("{table}({})", [vec![current], arguments].concat().join(", "))))
    }

    /// A word that names a socket or a program, or is one as a value.
    fn own(&mut self, word: &Word<'_>) -> Got<String> {
        match word.bare() {
            Some(name) => Ok(code::name(name)),
            None => Ok(self.value(word)?.tight()),
        }
    }

    fn process(&mut self, given: &Given<'_, '_>) -> Got<Made> {
        let Some((name, command)) = given.words.split_first() else { return Err(shape("process")) };
        let name = name.bare().unwrap_or("").to_string();
        let mut texts = Vec::new();
        for word in command {
            texts.push(self.text(word)?);
        }
        let mut arguments = vec![text_literal(&name), format!("[{}]", texts.join(", "))];
        let listeners: Vec<String> = given.all("--listen").map(|word| self.own(word)).collect::<Got<_>>()?;
        if !listeners.is_empty() {
            arguments.push(format!("listen=[{}]", listeners.join(", ")));
        }
        if let Some(stdio) = given.option("--stdio") {
            arguments.push(format!("stdio={}", self.own(stdio)?));
        }
        if let Some(folder) = given.option("--in") {
            arguments.push(format!("folder={}", self.text(folder)?));
        }
        let mut environment = Vec::new();
        for word in given.all("--env") {
            environment.push(format!("{}.split(\"=\", 1)", self.text(word)?));
        }
        if !environment.is_empty() {
            arguments.push(format!("environment=[{}]", environment.join(", ")));
        }
        if given.has("--may-fail") {
            arguments.push("may_fail=True".into());
        }
        self.note(&name, Type::Process);
        let call = format!("{}({})", self.helper("Process"), arguments.join(", "));
        Ok(Made::nothing(format!("{} = {call}", code::name(&name))))
    }

    /// A value or an expression alone on its line, which a notebook shows.
    fn shown_value(&mut self, line: &Line<'_>) -> Got<Made> {
        let name = &*line.command.text;
        if name.is_empty() {
            let (code, _) = self.expression(&line.words)?;
            return Ok(Made::one(code));
        }
        let (name, properties): (&str, Vec<(String, ())>) = match &line.socket {
            Some(socket) => (&socket.text, name.split('.').map(|p| (p.to_string(), ())).collect()),
            None => (name, Vec::new()),
        };
        let base = if name == "_" { self.helper("last") } else { code::name(name) };
        let code = Code::atom(base, self.type_of(name));
        Ok(Made::one(self.properties(code, &properties)?))
    }

    /// The names of errors after `except`, as Python's.
    pub fn caught(&mut self, names: &[&str]) -> String {
        let class = |name: &str| match name {
            "gaierror" | "herror" => Some(format!("socket.{name}")),
            "JSONDecodeError" => Some("json.JSONDecodeError".to_string()),
            "ETIMEDOUT" => Some("TimeoutError".to_string()),
            "ECONNREFUSED" => Some("ConnectionRefusedError".to_string()),
            "ECONNRESET" => Some("ConnectionResetError".to_string()),
            // Python has no such class, and knows an error of it by its name.
            "PolicyError" => None,
            name if name.ends_with("Error") || name == "Exception" => Some(name.to_string()),
            _ => None,
        };
        let classes: Option<Vec<String>> = names.iter().map(|name| class(name)).collect();
        match classes {
            Some(classes) if classes.is_empty() => "Exception".into(),
            Some(classes) => {
                for class in &classes {
                    if let Some((module, _)) = class.split_once('.') {
                        self.module(module);
                    }
                }
                if classes.len() == 1 { classes.concat() } else { format!("({})", classes.join(", ")) }
            }
            None => {
                let names: Vec<String> = names.iter().map(|name| text_literal(name)).collect();
                format!("{}({})", self.helper("caught"), names.join(", "))
            }
        }
    }

    /// `with fails(…):`, and the words of the command that is to fail.
    pub fn fails<'w, 't>(&mut self, words: &'w [Word<'t>]) -> (String, &'w [Word<'t>]) {
        let names: Vec<&str> =
            words.iter().map_while(|w| w.bare().filter(|name| formula::is_error(name))).collect();
        let texts: Vec<String> = names.iter().map(|name| text_literal(name)).collect();
        (format!("with {}({})", self.helper("fails"), texts.join(", ")), &words[names.len()..])
    }
}
