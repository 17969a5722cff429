//! Tab: a line and a cursor to what could stand there. The table asked from the other side.

use crate::command::row::{Command, Does, Kind};
use crate::command::session::{about as about_setting, settings};
use crate::command::{all, find, openings};
use crate::net::options::table::{OPTIONS, On, find as find_option};
use crate::text::forms::{self, Takes};
use crate::value::errno::Caught;
use crate::value::outcome::SocketFacts;
use crate::words::{Lang, Phrase};

/// What the session knows.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The language of the candidates' descriptions.
    pub lang: Lang,
    /// The names and their values' kinds, as `Value::kind` says them.
    pub names: Vec<(String, &'static str)>,
    /// The open sockets, by name.
    pub sockets: Vec<String>,
    /// The same with what was seen of them, and the options that are for them; of some it may be missing.
    pub seen: Vec<(SocketFacts, On)>,
    /// The `def`s.
    pub commands: Vec<String>,
    /// The prompt's own words, what the first word after each is, and what each does.
    pub own: Vec<(&'static str, Kind, Phrase)>,
    /// The threads, calls in the background and programs, and what each is doing.
    pub jobs: Vec<(String, String)>,
    /// Hosts, and where each is known from.
    pub hosts: Vec<(String, String)>,
    /// Ports, and what there is to say of each.
    pub ports: Vec<(String, String)>,
    /// Services and their ports.
    pub services: Vec<(String, String)>,
    /// Network interfaces.
    pub interfaces: Vec<String>,
}

impl Known {
    /// Are the sockets open that this line names before a dot?
    pub fn has_sockets_of(&self, line: &str) -> bool {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or("");
        let command = if line.contains(" = ") { line.split(" = ").nth(1).unwrap_or("") } else { first };
        match command.split_once('.') {
            Some((socket, _)) => self.sockets.iter().any(|s| s == socket),
            None => true,
        }
    }

    /// What was seen of the socket before the dot, or else of the current one.
    fn seen_of(&self, socket: Option<&str>) -> Option<&(SocketFacts, On)> {
        self.seen.iter().find(|(facts, _)| match socket {
            Some(name) => facts.name == name,
            None => facts.current,
        })
    }
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What is put in.
    pub text: String,
    /// What it is, in a phrase.
    pub about: String,
}

/// What could replace the text from `start` to the cursor.
#[derive(Debug, PartialEq, Eq)]
pub enum Completion {
    /// Words of the language.
    Words {
        /// Where the word begins that is completed, in bytes of the line.
        start: usize,
        /// What the word may become.
        candidates: Vec<Candidate>,
    },
    /// A file's path, of which so much is there; it may stand in an open quote.
    Path {
        /// Where the path begins, in bytes of the line.
        start: usize,
        /// What of it is typed.
        typed: String,
        /// It stands in quotes.
        quoted: bool,
        /// A script is wanted: scripts are offered first.
        scripts: bool,
    },
}

impl Completion {
    fn none(start: usize) -> Completion {
        Completion::Words { start, candidates: Vec::new() }
    }
}

/// Finds the candidates; none for text that is the user's own.
pub fn complete(text: &str, cursor: usize, known: &Known) -> Completion {
    let text = text.get(..cursor).unwrap_or(text);
    let Some(Line { words, start, current, quoted }) = cut(text) else { return Completion::none(cursor) };
    // `${na` may stand anywhere in a word, also in a quoted one.
    if let Some(at) = current.rfind("${")
        && !current[at..].contains('}')
    {
        return value(start + at + 2, &current[at + 2..], "}", known);
    }
    if let (Some(path), None) = (current.strip_prefix('$'), quoted) {
        return value(start + 1, path, "", known);
    }
    let mut words = words.as_slice();
    if let Some(after) =
        words.iter().take(3).position(|w| *w == "=").filter(|&n| n > 0 && words[0] != forms::BINDS)
    {
        words = &words[after + 1..];
    }
    let mut errors = false;
    while let Some((first, rest)) = words.split_first() {
        let own = known.own.iter().find(|(name, ..)| *name == first.trim_start_matches('%'));
        match own.map(|(_, kind, _)| kind) {
            Some(Kind::Command) => words = rest,
            // A number, and then a command.
            Some(Kind::Integer) => match rest {
                [] => return Completion::none(start),
                [_, rest @ ..] => words = rest,
            },
            _ if forms::find(first).is_some_and(|form| form.takes == Takes::Command) => {
                words = rest;
                errors = true;
            }
            _ if errors && Caught::from_name(first).is_some() => words = rest,
            _ => break,
        }
    }
    match words {
        [] if quoted.is_some() => Completion::none(start),
        [] => opening(start, current, errors, known),
        [command, words @ ..] => argument(command, words, start, current, quoted, known),
    }
}

/// The line the cursor is in, up to the cursor.
struct Line<'t> {
    words: Vec<&'t str>,
    /// Where the word at the cursor begins, without its quote.
    start: usize,
    current: &'t str,
    /// The quote that is still open there.
    quoted: Option<u8>,
}

/// Cuts the last line into words; nothing inside a comment.
fn cut(text: &str) -> Option<Line<'_>> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    // The words before each `$(` that is open, and where it begins.
    let mut outer: Vec<(Vec<&str>, usize)> = Vec::new();
    let (mut begun, mut quote, mut at) = (None, None, 0);
    while at < bytes.len() {
        let c = bytes[at];
        match quote {
            Some(_) if c == b'\\' => at += 1,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None => match c {
                b'\n' => {
                    words.clear();
                    outer.clear();
                    begun = None;
                }
                b'$' if begun.is_none() && bytes.get(at + 1) == Some(&b'(') => {
                    outer.push((std::mem::take(&mut words), at));
                    at += 1;
                }
                b')' if !outer.is_empty() => {
                    if let Some((before, from)) = outer.pop() {
                        words = before;
                        begun = Some(from);
                    }
                }
                b'\\' if bytes.get(at + 1) == Some(&b'\n') => {
                    words.extend(begun.take().map(|from| &text[from..at]));
                    at += 1;
                }
                b' ' | b'\t' => words.extend(begun.take().map(|from| &text[from..at])),
                b'#' if begun.is_none() => {
                    at = memchr::memchr(b'\n', &bytes[at..]).map(|n| at + n)?;
                    continue;
                }
                b'"' | b'\'' => {
                    quote = Some(c);
                    begun.get_or_insert(at);
                }
                _ => {
                    begun.get_or_insert(at);
                }
            },
        }
        at += 1;
    }
    let begun = begun.unwrap_or(text.len());
    let start = if quote.is_some() && matches!(bytes[begun], b'"' | b'\'') { begun + 1 } else { begun };
    Some(Line { words, start, current: &text[start..], quoted: quote })
}

/// A text and its description.
fn candidate(text: impl Into<String>, about: impl Into<String>) -> Candidate {
    Candidate { text: text.into(), about: about.into() }
}

/// A text of which there is nothing to say.
fn bare(text: impl Into<String>) -> Candidate {
    candidate(text, "")
}

/// The candidates that go on as the text begins, each once, in order.
fn matching(start: usize, typed: &str, candidates: impl IntoIterator<Item = Candidate>) -> Completion {
    let Completion::Words { start, mut candidates } = in_order(start, typed, candidates) else {
        return Completion::none(start);
    };
    candidates.sort_by(|a, b| a.text.cmp(&b.text));
    candidates.dedup_by(|a, b| a.text == b.text);
    Completion::Words { start, candidates }
}

/// The same in the order in which they come.
fn in_order(start: usize, typed: &str, candidates: impl IntoIterator<Item = Candidate>) -> Completion {
    let mut seen = std::collections::HashSet::new();
    let fits = |c: &Candidate| c.text.starts_with(typed) && seen.insert(c.text.clone());
    Completion::Words { start, candidates: candidates.into_iter().filter(fits).collect() }
}

/// A name after `$` or `${`, or a property after its dot.
fn value(start: usize, typed: &str, end: &str, known: &Known) -> Completion {
    let Some((path, property)) = typed.rsplit_once('.') else {
        let names = known
            .names
            .iter()
            .map(|(name, kind)| candidate(format!("{name}{end}"), kind_words(kind, known.lang)));
        let sockets =
            known.sockets.iter().map(|name| candidate(format!("{name}{end}"), about_socket(name, known)));
        let last = phrase!(en "the last result", es "el último resultado").show(known.lang);
        let folder = phrase!(en "this session's temporary folder", es "la carpeta temporal de esta sesión");
        let here = phrase!(en "the script's own folder", es "la carpeta del propio script").show(known.lang);
        let own = [("_", last), ("tmpdir", folder.show(known.lang)), ("here", here)];
        let own = own.map(|(name, about)| candidate(format!("{name}{end}"), about));
        return matching(start, typed, sockets.chain(names).chain(own));
    };
    let mut steps = path.split('.');
    let name = steps.next().unwrap_or("");
    let named = known.names.iter().find(|(n, _)| n == name).map(|(_, kind)| *kind);
    let of_socket = known.sockets.iter().any(|s| s == name).then_some("a socket");
    let kind = steps.fold(of_socket.or(named), |kind, step| kind.and_then(|k| property_kind(k, step)));
    let found = kind.map_or(&[][..], properties);
    // Of what has properties of its own the brace stays open, until it is whole.
    let end = |name: &str, kind: &str| if name == property || properties(kind).len() < 2 { end } else { "" };
    let found = found.iter().map(|(name, kind)| {
        // Text has properties too, but it is mostly the end.
        let closes = if *kind == "bytes" || *kind == "a list" { "" } else { kind };
        candidate(format!("{name}{}", end(name, closes)), kind_words(kind, known.lang))
    });
    matching(start + path.len() + 1, property, found)
}

/// What a kind of value is called.
fn kind_words(kind: &str, lang: Lang) -> String {
    match kind {
        "an integer" => phrase!(en "an integer", es "un entero"),
        "bytes" => phrase!(en "bytes", es "bytes"),
        "a list" => phrase!(en "a list", es "una lista"),
        "an address" => phrase!(en "an address", es "una dirección"),
        "a socket" => phrase!(en "a socket", es "un socket"),
        "a flag" => phrase!(en "a flag", es "un valor lógico"),
        "a duration" => phrase!(en "a duration", es "una duración"),
        "a map" => phrase!(en "a map", es "un mapa"),
        "an error" => phrase!(en "an error", es "un error"),
        "a job" => phrase!(en "a job", es "una tarea"),
        "a process" => phrase!(en "a process", es "un proceso"),
        _ => Phrase::same(""),
    }
    .show(lang)
    .to_string()
}

/// `ESTABLISHED → 127.0.0.1:8998`
fn about_socket(name: &str, known: &Known) -> String {
    let Some((facts, _)) = known.seen_of(Some(name)) else { return String::new() };
    match (&facts.peer, &facts.local) {
        (Some(peer), _) => format!("{} → {peer}", facts.state),
        (None, Some(local)) => format!("{} {local}", facts.state),
        (None, None) => format!("{} {} {}", facts.state, facts.family, facts.kind),
    }
}

/// The properties of a kind of value, each with its own kind.
fn properties(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        // Of a value of which nothing is known it is mostly bytes that are meant.
        "bytes" | "a value" => &[
            ("len", "an integer"),
            ("text", "bytes"),
            ("hex", "bytes"),
            ("base64", "bytes"),
            ("trim", "bytes"),
            ("lines", "a list"),
            ("int", "an integer"),
            ("repr", "bytes"),
            ("chars", "a list"),
        ],
        "an address" => &[("host", "bytes"), ("port", "an integer"), ("family", "bytes")],
        "a socket" => &[
            ("name", "bytes"),
            ("fd", "an integer"),
            ("family", "bytes"),
            ("type", "bytes"),
            ("local", "an address"),
            ("peer", "an address"),
            ("state", "bytes"),
            ("recvq", "an integer"),
            ("sendq", "an integer"),
            ("backlog", "an integer"),
            ("events", "a list"),
        ],
        "an error" => &[
            ("name", "bytes"),
            ("number", "an integer"),
            ("class", "bytes"),
            ("message", "bytes"),
            ("call", "bytes"),
            ("data", "bytes"),
        ],
        "a list" => &[("len", "an integer")],
        "a process" => &[
            ("name", "bytes"),
            ("pid", "an integer"),
            ("status", "an integer"),
            ("stdout", "bytes"),
            ("stderr", "bytes"),
        ],
        _ => &[],
    }
}

fn property_kind(kind: &str, property: &str) -> Option<&'static str> {
    properties(kind).iter().find(|p| p.0 == property).map(|p| p.1)
}

/// Can a socket of which this was seen do it, as far as its state tells?
fn can(row: &Command, facts: &SocketFacts) -> bool {
    let stream = facts.kind == "stream" || facts.kind == "seqpacket";
    let listens = facts.state == "LISTEN";
    let connected = facts.peer.is_some()
        || !matches!(facts.state.as_str(), "CLOSE" | "CLOSED" | "NEW" | "BOUND" | "LISTEN");
    let moves = [Does::NeedsPeer, Does::Receives, Does::Peeks].iter().any(|does| row.does(*does));
    match stream {
        true if row.does(Does::Accepts) => listens,
        true if moves => connected,
        true if row.does(Does::SendsTo) => false,
        true if row.does(Does::Connects) => !listens && !connected,
        true if row.does(Does::Listens) => !connected,
        true if row.does(Does::Binds) => !listens && !connected && facts.local.is_none(),
        false if row.does(Does::Accepts) || row.does(Does::Listens) => false,
        _ => true,
    }
}

/// After a name and its dot: what a socket or a program can do, and the properties, which show themselves.
fn member(start: usize, typed: &str, name: &str, rest: &str, known: &Known) -> Completion {
    let is_socket = known.sockets.iter().any(|socket| socket == name);
    let is_process = known.names.iter().any(|(known, kind)| known == name && *kind == "a process");
    let seen = known.seen_of(Some(name)).map(|(facts, _)| facts);
    let able = |row: &&Command| match row.does(Does::OnProcess) {
        true => is_process,
        false => is_socket && row.shape.on_socket && seen.is_none_or(|facts| can(row, facts)),
    };
    let rows = all().filter(|_| !rest.contains('.')).filter(able).map(|row| spaced(row, known.lang));
    let mut rows: Vec<Candidate> = rows.collect();
    rows.sort_by(|a, b| a.text.cmp(&b.text));
    let Completion::Words { start: at, candidates } = value(start, typed, "", known) else {
        return Completion::none(start);
    };
    let shown = candidates.into_iter().filter(|c| find(&c.text).is_none_or(|row| !row.shape.on_socket));
    in_order(at, &typed[at - start..], rows.into_iter().chain(shown))
}

/// The first word of a command.
fn opening(start: usize, typed: &str, errors: bool, known: &Known) -> Completion {
    let lang = known.lang;
    if let Some((name, rest)) = typed.split_once('.') {
        return member(start, typed, name, rest, known);
    }
    let own = known.own.iter().map(|(name, kind, about)| {
        let space = if *kind == Kind::Options { "" } else { " " };
        candidate(format!("{name}{space}"), about.show(lang))
    });
    if let Some(typed) = typed.strip_prefix('%') {
        return matching(start + 1, typed, own);
    }
    let words = openings().filter_map(|name| match find(name) {
        Some(row) => Some(spaced(row, lang)),
        None => {
            let form = forms::find(name)?;
            let space = if form.words.is_empty() { "" } else { " " };
            Some(candidate(format!("{name}{space}"), form.summary.show(lang)))
        }
    });
    let def = phrase!(en "a command of this session", es "un comando de esta sesión").show(lang);
    let defs = known.commands.iter().map(|name| candidate(format!("{name} "), def));
    // With nothing typed yet the commands are many enough.
    let sockets = known.sockets.iter().filter(|_| !typed.is_empty());
    let sockets = sockets.map(|name| candidate(format!("{name}."), about_socket(name, known)));
    let errors = Caught::names().filter(|_| errors && !typed.is_empty()).map(|name| error(name, lang));
    matching(start, typed, words.chain(defs).chain(own).chain(sockets).chain(errors))
}

/// An error's name and what it means, or a class and what it is one of.
fn error(name: &str, lang: Lang) -> Candidate {
    let about = match Caught::from_name(name) {
        Some(Caught::Code(code)) => code.words().show(lang),
        Some(Caught::Class(class)) => {
            class.parent().map_or(String::new(), |parent| parent.name().to_string())
        }
        None => String::new(),
    };
    candidate(format!("{name} "), about)
}

/// The command's name, and a space where words may follow.
fn spaced(row: &'static Command, lang: Lang) -> Candidate {
    let space = if row.params.is_empty() { "" } else { " " };
    candidate(format!("{}{space}", row.name), row.summary.show(lang))
}

/// A word after a command's name.
fn argument(
    command: &str,
    words: &[&str],
    start: usize,
    typed: &str,
    quoted: Option<u8>,
    known: &Known,
) -> Completion {
    let lang = known.lang;
    let place = Word { start, typed, quoted, known };
    let own = known.own.iter().find(|(name, ..)| *name == command.trim_start_matches('%'));
    if let Some(&(_, kind, _)) = own {
        return if words.is_empty() { place.of_kind(kind) } else { Completion::none(start) };
    }
    match forms::find(command).map(|form| form.takes) {
        None => {}
        Some(Takes::Path) => return place.of_kind(Kind::Script),
        Some(Takes::Errors) => {
            return matching(start, typed, Caught::names().map(|name| error(name, lang)));
        }
        Some(Takes::Words | Takes::Command) => {
            // `spawn NAME [--daemon]`
            let options = forms::find(command).map_or("", |form| form.words).split(['[', ']']);
            let options = options.filter(|word| typed.starts_with("--") && word.starts_with("--"));
            return matching(start, typed, options.map(bare));
        }
    }
    let (socket, name) = match command.rsplit_once('.') {
        Some((socket, name)) => (Some(socket), name),
        None => (None, command),
    };
    let Some(row) = find(name) else { return Completion::none(start) };
    let option = |text: &str| row.options().find(|o| o.name == text);
    if let Some(spec) = words.last().and_then(|w| option(w))
        && let Some(value) = spec.value
    {
        return match value {
            "PATH" => place.of_kind(Kind::Path),
            "SOCKET" => place.of_kind(Kind::Socket),
            _ => Completion::none(start),
        };
    }
    let mut plain: Vec<&str> = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match option(word) {
            Some(spec) if spec.value.is_some() => {
                rest.next();
            }
            Some(_) => {}
            None => plain.push(word),
        }
    }
    if typed.starts_with("--") && quoted.is_none() {
        // After the first word of DATA everything is data.
        if row.syntax().takes_data() && !plain.is_empty() {
            return Completion::none(start);
        }
        let left = row.options().filter(|o| !words.contains(&o.name));
        return matching(start, typed, left.map(|o| candidate(format!("{} ", o.name), o.about.show(lang))));
    }
    let Some((kind, place_in_it)) = kind_at(row, &plain) else { return Completion::none(start) };
    match (kind, place_in_it) {
        (Kind::Target, 1..) | (Kind::Port, _) => place.port(row),
        (Kind::Target | Kind::Host, _) if place.is_free() => place.host(row),
        (Kind::Setting, 0) => {
            let setting =
                |(name, _): &(&str, _)| candidate(format!("{name} "), about_setting(name).show(lang));
            matching(start, typed, settings().iter().map(setting))
        }
        (Kind::Setting, _) => {
            let set = settings().iter().find(|(name, _)| plain.last() == Some(name));
            matching(start, typed, set.into_iter().flat_map(|(_, values)| *values).map(|value| bare(*value)))
        }
        (Kind::SocketOption, 0) => {
            let sets = row.does(Does::SetsOption);
            place.option(known.seen_of(socket).map(|(_, on)| *on), sets)
        }
        (Kind::SocketOption, _) => place.option_value(plain.last().copied().unwrap_or("")),
        (Kind::Text, 0) if row.does(Does::TakesInterface) => {
            matching(start, typed, known.interfaces.iter().map(bare))
        }
        (Kind::Text, 0) if row.does(Does::TakesService) => {
            matching(start, typed, known.services.iter().map(|(name, port)| candidate(name, port)))
        }
        _ => place.of_kind(kind),
    }
}

/// What the next word is, after these: its parameter's kind, and which of the parameter's words it is.
fn kind_at(row: &Command, plain: &[&str]) -> Option<(Kind, usize)> {
    let mut left = plain;
    for param in row.params.iter().filter(|p| p.has_words()) {
        let takes = match param.kind {
            Kind::Target if left.first().is_some_and(|word| word.contains('/') || word.starts_with('@')) => 1,
            Kind::Target | Kind::Setting => 2,
            // The last one may take more than one word.
            Kind::Sockets | Kind::SocketOption | Kind::Words | Kind::Program | Kind::Condition => usize::MAX,
            _ => 1,
        };
        if left.len() < takes {
            return Some((param.kind, left.len()));
        }
        left = &left[takes..];
    }
    None
}

/// The constant of C that one of these words stands for.
fn constant(words: &[&str], word: &str) -> Option<String> {
    let upper = word.to_uppercase();
    if words.contains(&"inet6") {
        return Some(format!("AF_{upper}"));
    }
    if words.contains(&"dgram") {
        return Some(format!("SOCK_{upper}"));
    }
    match word {
        "read" => Some("SHUT_RD".into()),
        "write" => Some("SHUT_WR".into()),
        "both" => Some("SHUT_RDWR".into()),
        _ => None,
    }
}

/// The word at the cursor.
struct Word<'a> {
    start: usize,
    typed: &'a str,
    quoted: Option<u8>,
    known: &'a Known,
}

impl Word<'_> {
    /// It is neither quoted nor a path.
    fn is_free(&self) -> bool {
        self.quoted.is_none() && !self.typed.contains('/')
    }

    fn path(&self, scripts: bool) -> Completion {
        let Word { start, typed, quoted, .. } = *self;
        Completion::Path { start, typed: typed.to_string(), quoted: quoted.is_some(), scripts }
    }

    fn of_kind(&self, kind: Kind) -> Completion {
        let Word { start, typed, known, .. } = *self;
        match kind {
            Kind::Path => self.path(false),
            Kind::Script => self.path(true),
            Kind::Target | Kind::Host if typed.contains('/') => self.path(false),
            _ if self.quoted.is_some() => Completion::none(start),
            Kind::Word(words) => {
                // The constants of C are synonyms; they are offered where one begins.
                let upper = typed.starts_with(|c: char| c.is_ascii_uppercase());
                let constants = words.iter().filter(|_| upper).filter_map(|word| constant(words, word));
                matching(start, typed, words.iter().map(|w| w.to_string()).chain(constants).map(bare))
            }
            Kind::Socket | Kind::Sockets => {
                let about = |name: &String| candidate(name, about_socket(name, known));
                matching(start, typed, known.sockets.iter().map(about))
            }
            Kind::Error => matching(start, typed, Caught::names().map(|name| error(name, known.lang))),
            Kind::Job => {
                matching(start, typed, known.jobs.iter().map(|(name, about)| candidate(name, about)))
            }
            Kind::Command => {
                let rows = openings().map(|name| match find(name) {
                    Some(row) => candidate(name, row.summary.show(known.lang)),
                    None => candidate(name, forms::find(name).map_or("", |f| f.summary.show(known.lang))),
                });
                let own = known.own.iter().map(|(name, _, about)| candidate(*name, about.show(known.lang)));
                matching(start, typed, rows.chain(own).chain(known.commands.iter().map(bare)))
            }
            _ => Completion::none(start),
        }
    }

    fn host(&self, row: &Command) -> Completion {
        let lang = self.known.lang;
        let machine = phrase!(en "this machine", es "esta máquina").show(lang);
        let any = phrase!(en "every address of this machine", es "todas las direcciones de esta máquina");
        let mut hosts = vec![candidate("localhost ", machine)];
        if row.does(Does::Binds) {
            hosts.push(candidate("* ", any.show(lang)));
        }
        let known = self.known.hosts.iter().map(|(host, about)| candidate(format!("{host} "), about));
        in_order(self.start, self.typed, hosts.into_iter().chain(known))
    }

    fn port(&self, row: &Command) -> Completion {
        if self.quoted.is_some() {
            return Completion::none(self.start);
        }
        let lang = self.known.lang;
        let chosen = phrase!(en "the system chooses one", es "lo elige el sistema").show(lang);
        let zero = row.does(Does::Binds).then(|| candidate("0", chosen));
        let mut ports: Vec<Candidate> = Vec::new();
        for (facts, _) in self.known.seen.iter().filter(|_| !row.does(Does::Binds)) {
            let Some(port) = facts.local.as_ref().and_then(|local| local.port()) else { continue };
            let name = &facts.name;
            let about = match facts.state.as_str() {
                "LISTEN" => say!(en "{name} listens there", es "ahí escucha {name}", name),
                "BOUND" | "CLOSE" if facts.peer.is_none() => {
                    say!(en "{name} is bound there", es "ahí está {name}", name)
                }
                _ => continue,
            };
            ports.push(candidate(port.to_string(), about.show(lang)));
        }
        let earlier = self.known.ports.iter().map(|(port, about)| candidate(port, about));
        // Services are many: they are offered once a letter of them is typed.
        let services = self.known.services.iter().filter(|_| !self.typed.is_empty());
        let services = services.map(|(name, port)| candidate(name, port));
        in_order(self.start, self.typed, zero.into_iter().chain(ports).chain(earlier).chain(services))
    }

    /// The options for this kind of socket, by the names of C where one of them begins; those only that can be set, if
    /// that is wanted.
    fn option(&self, on: Option<On>, sets: bool) -> Completion {
        if self.quoted.is_some() {
            return Completion::none(self.start);
        }
        let for_it =
            OPTIONS.iter().filter(|o| on.is_none_or(|on| o.on.includes(on)) && (!sets || o.is_set()));
        let upper = self.typed.starts_with(|c: char| c.is_ascii_uppercase());
        let named = for_it.map(|o| {
            let name = if upper { o.constant } else { o.name };
            candidate(format!("{name} "), o.summary.show(self.known.lang))
        });
        matching(self.start, self.typed, named)
    }

    fn option_value(&self, option: &str) -> Completion {
        let Some(option) = find_option(option).filter(|o| !o.example.is_empty()) else {
            return Completion::none(self.start);
        };
        let example = phrase!(en "for example", es "por ejemplo").show(self.known.lang);
        matching(self.start, self.typed, [candidate(option.example, example)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
            names: vec![
                ("data".into(), "bytes"),
                ("peer".into(), "an address"),
                ("sock".into(), "a socket"),
                ("n".into(), "an integer"),
                ("server".into(), "a process"),
            ],
            sockets: vec!["sock".into(), "s2".into()],
            commands: vec!["greet".into()],
            own: vec![
                ("save", Kind::Path, Phrase::same("")),
                ("history", Kind::Options, Phrase::same("")),
                ("time", Kind::Command, Phrase::same("")),
            ],
            jobs: vec![("worker".into(), String::new())],
            hosts: vec![("example.cl".into(), String::new())],
            ports: vec![("8998".into(), String::new())],
            services: vec![("http".into(), "80/tcp".into())],
            interfaces: vec!["lo".into()],
            ..Known::default()
        }
    }

    /// `|` is the cursor in the line; in what comes back it is where the replacement begins.
    fn check(line: &str, want: &str) {
        let cursor = line.find('|').expect("a cursor");
        let text = line.replace('|', "");
        let got = match complete(&text, cursor, &known()) {
            Completion::Words { start, candidates } => {
                let texts: Vec<String> = candidates.into_iter().map(|c| c.text).collect();
                format!("{start}: {}", texts.join("|"))
            }
            Completion::Path { start, typed, quoted, scripts } => {
                let what = if scripts { "script" } else { "path" };
                format!("{start}: {what} {typed}{}", if quoted { " in quotes" } else { "" })
            }
        };
        assert_eq!(got, want, "{line}");
    }

    #[test]
    fn candidates_fit_their_place() {
        for (line, want) in [
            ("conn|", "0: connect "),
            ("sendt|", "0: sendto "),
            ("c = acc|", "4: accept "),
            ("expect $(acc|", "9: accept "),
            ("let n = $(slice $(sock.getp|", "23: getpeername"),
            ("print $(recv) $da|", "15: data"),
            ("use $(slice x) s|", "15: "),
            ("spawn w --|", "8: --daemon"),
            ("raise KeyE|", "6: KeyError "),
            ("a, b = acc|", "7: accept "),
            ("gre|", "0: greet "),
            ("his|", "0: history"),
            ("%sa|", "1: save "),
            ("so|", "0: sock.|socket |socketpair |sockets |source "),
            ("sock.getp|", "5: getpeername"),
            ("sock.sockets|", "5: "),
            ("nope.getp|", "5: "),
            ("server.|", "7: closein|write |name|pid|status|stderr|stdout"),
            ("sock.closei|", "5: "),
            ("sock.sta|", "5: state"),
            ("sock.local.po|", "11: port"),
            ("data.le|", "5: len"),
            ("use s|", "4: s2|sock"),
            ("socket inet st|", "12: stream"),
            ("socket AF_INET|", "7: AF_INET|AF_INET6"),
            ("shutdown SHUT_W|", "9: SHUT_WR"),
            ("socket inet6 dgram|", "13: dgram"),
            ("sock.shutdown w|", "14: write"),
            ("recv --tim|", "5: --timeout "),
            ("recv --timeout 5s --ti|", "18: "),
            ("sendall --fi|", "8: --file "),
            ("sendall hi --fi|", "11: "),
            ("sendall --file sr|", "15: path sr"),
            ("sendall --file \"sr|", "16: path sr in quotes"),
            ("recv --to out|", "10: path out"),
            ("connect ./so|", "8: path ./so"),
            ("connect lo|", "8: localhost "),
            ("setsockopt reusea|", "11: reuseaddr "),
            ("setsockopt SO_REUSEA|", "11: SO_REUSEADDR "),
            // What is only read is not set.
            ("setsockopt acceptc|", "11: "),
            ("getsockopt acceptc|", "11: acceptconn "),
            ("connect localhost |", "18: 8998"),
            ("connect localhost ht|", "18: http"),
            ("connect localhost 80 |", "21: "),
            ("x = connect localhost |", "22: 8998"),
            ("bind localhost |", "15: 0|8998"),
            ("sendto \"x\" lo|", "11: localhost "),
            ("sendto \"x\" localhost |", "21: 8998"),
            ("connect ex|", "8: example.cl "),
            ("connect ./a |", "12: "),
            ("wait |", "5: worker"),
            ("kill w|", "5: worker"),
            ("set lang |", "9: en|es"),
            ("set st|", "4: status "),
            ("if_nametoindex |", "15: lo"),
            ("getservbyname h|", "14: http"),
            ("print ${sock.lo|", "13: local"),
            ("print ${sock.local|", "13: local}"),
            ("print ${sock.local.|", "19: family}|host}|port}"),
            ("source sc|", "7: script sc"),
            ("save a|", "5: path a"),
            ("save a 1|", "7: "),
            ("print $|", "7: _|data|here|n|peer|s2|server|sock|tmpdir"),
            ("print ${server.|", "15: name}|pid}|status}|stderr}|stdout}"),
            ("print $server.st|", "14: status|stderr|stdout"),
            ("print $da|", "7: data"),
            ("print ${da|", "8: data}"),
            ("print \"x ${da|", "11: data}"),
            ("print \"x $da|", "7: "),
            ("print $data.t|", "12: text|trim"),
            ("print ${peer.po|", "13: port}"),
            ("print $sock.local.|", "18: family|host|port"),
            ("print $n.|", "9: "),
            ("help sav|", "5: save"),
            ("help getsockn|", "5: getsockname"),
            ("time recvu|", "5: recvuntil "),
            ("fails ECONNREF|", "6: ECONNREFUSED "),
            ("fails ECONNREFUSED conn|", "19: connect "),
            ("try\n  close\nexcept ConnectionRef|", "19: ConnectionRefusedError "),
            ("recv # conn|", "11: "),
            ("recv # a comment\nconn|", "17: connect "),
            ("send \"conn|", "6: "),
            ("conn|ect localhost", "0: connect "),
            ("send \"é\" |", "10: "),
        ] {
            check(line, want);
        }
    }

    #[test]
    fn every_property_is_one_of_the_table() {
        for kind in ["bytes", "an address", "a socket", "an error", "a list", "a process"] {
            assert!(!properties(kind).is_empty());
            for (name, of) in properties(kind) {
                assert!(crate::value::PROPERTIES.contains(name), "{name}");
                assert!(matches!(*of, "bytes" | "an address" | "an integer" | "a list"));
            }
        }
    }

    #[test]
    fn a_setting_is_described() {
        let Completion::Words { candidates, .. } = complete("set ", 4, &known()) else { return };
        assert!(candidates.len() > 5 && candidates.iter().all(|c| !c.about.is_empty()), "{candidates:?}");
    }
}
