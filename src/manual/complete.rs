//! Tab: a line and a cursor to what could stand there. The table asked from the other side.

use crate::command::row::{Command, Kind};
use crate::command::{all, find, openings};
use crate::net::options::table::OPTIONS;
use crate::text::forms::{self, Takes};
use crate::value::errno::Caught;

/// What the session knows.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The names and their values' kinds, as `Value::kind` says them.
    pub names: Vec<(String, &'static str)>,
    /// The open sockets, by name.
    pub sockets: Vec<String>,
    /// The `def`s.
    pub commands: Vec<String>,
    /// The prompt's own words, and what the first word after each is.
    pub own: Vec<(&'static str, Kind)>,
}

/// What could replace the text from `start` to the cursor.
#[derive(Debug, PartialEq, Eq)]
pub enum Completion {
    /// Words of the language.
    Words {
        /// Where the word begins that is completed, in bytes of the line.
        start: usize,
        /// What the word may become.
        candidates: Vec<String>,
    },
    /// A file's path, of which so much is there; it may stand in an open quote.
    Path {
        /// Where the path begins, in bytes of the line.
        start: usize,
        /// What of it is typed.
        typed: String,
        /// It stands in quotes.
        quoted: bool,
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
        let own = known.own.iter().find(|(name, _)| *name == first.trim_start_matches('%'));
        match own.map(|(_, kind)| kind) {
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
                    begun = None;
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

/// The candidates that go on as the text begins, each once, in order.
fn matching(start: usize, typed: &str, candidates: impl IntoIterator<Item = String>) -> Completion {
    let mut candidates: Vec<String> = candidates.into_iter().filter(|c| c.starts_with(typed)).collect();
    candidates.sort_unstable();
    candidates.dedup();
    Completion::Words { start, candidates }
}

/// A name after `$` or `${`, or a property after its dot.
fn value(start: usize, typed: &str, end: &str, known: &Known) -> Completion {
    let Some((path, property)) = typed.rsplit_once('.') else {
        let names = known.names.iter().map(|(name, _)| name).chain(&known.sockets).map(String::as_str);
        let all = names.chain(["_", "tmpdir"]);
        return matching(start, typed, all.map(|name| format!("{name}{end}")));
    };
    let mut steps = path.split('.');
    let name = steps.next().unwrap_or("");
    let named = known.names.iter().find(|(n, _)| n == name).map(|(_, kind)| *kind);
    let of_socket = known.sockets.iter().any(|s| s == name).then_some("a socket");
    let kind = steps.fold(named.or(of_socket), |kind, step| kind.and_then(|k| property_kind(k, step)));
    let found = kind.map_or(&[][..], properties);
    matching(start + path.len() + 1, property, found.iter().map(|p| format!("{}{end}", p.0)))
}

/// The properties of a kind of value, each with its own kind.
fn properties(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        "bytes" => &[
            ("len", "an integer"),
            ("text", "bytes"),
            ("hex", "bytes"),
            ("base64", "bytes"),
            ("trim", "bytes"),
            ("lines", "a list"),
            ("int", "an integer"),
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

/// The first word of a command.
fn opening(start: usize, typed: &str, errors: bool, known: &Known) -> Completion {
    if let Some((socket, typed)) = typed.split_once('.') {
        if !known.sockets.iter().any(|s| s == socket) {
            return Completion::none(start);
        }
        let rows = all().filter(|row| row.shape.on_socket);
        return matching(start + socket.len() + 1, typed, rows.map(spaced));
    }
    let own = known.own.iter().map(|(name, kind)| match kind {
        Kind::Options => name.to_string(),
        _ => format!("{name} "),
    });
    if let Some(typed) = typed.strip_prefix('%') {
        return matching(start + 1, typed, own);
    }
    let words = openings().map(|name| match find(name) {
        Some(row) => spaced(row),
        None if forms::find(name).is_some_and(|form| form.words.is_empty()) => name.to_string(),
        None => format!("{name} "),
    });
    let defs = known.commands.iter().map(|name| format!("{name} "));
    // With nothing typed yet the commands are many enough.
    let sockets = known.sockets.iter().filter(|_| !typed.is_empty()).map(|name| format!("{name}."));
    let errors = Caught::names().filter(|_| errors && !typed.is_empty()).map(|name| format!("{name} "));
    matching(start, typed, words.chain(defs).chain(own).chain(sockets).chain(errors))
}

/// The command's name, and a space where words may follow.
fn spaced(row: &'static Command) -> String {
    let space = if row.params.is_empty() { "" } else { " " };
    format!("{}{space}", row.name)
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
    let own = known.own.iter().find(|(name, _)| *name == command.trim_start_matches('%'));
    if let Some(&(_, kind)) = own {
        return if words.is_empty() {
            of_kind(kind, start, typed, quoted, known)
        } else {
            Completion::none(start)
        };
    }
    match forms::find(command).map(|form| form.takes) {
        None => {}
        Some(Takes::Path) => return of_kind(Kind::Path, start, typed, quoted, known),
        Some(Takes::Errors) => {
            let names = Caught::names().filter(|_| !typed.is_empty());
            return matching(start, typed, names.map(|n| format!("{n} ")));
        }
        Some(Takes::Words | Takes::Command) => return Completion::none(start),
    }
    let name = command.rsplit_once('.').map_or(command, |(_, name)| name);
    let Some(row) = find(name) else { return Completion::none(start) };
    let option = |text: &str| row.options().find(|o| o.name == text);
    if let Some(spec) = words.last().and_then(|w| option(w))
        && let Some(value) = spec.value
    {
        return match value {
            "PATH" => of_kind(Kind::Path, start, typed, quoted, known),
            _ => Completion::none(start),
        };
    }
    let mut plain = 0;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match option(word) {
            Some(spec) if spec.value.is_some() => {
                rest.next();
            }
            Some(_) => {}
            None => plain += 1,
        }
    }
    if typed.starts_with("--") && quoted.is_none() {
        // After the first word of DATA everything is data.
        if row.syntax().takes_data() && plain > 0 {
            return Completion::none(start);
        }
        let left = row.options().filter(|o| !words.contains(&o.name));
        return matching(start, typed, left.map(|o| format!("{} ", o.name)));
    }
    let params: Vec<Kind> = row.params.iter().filter(|p| !p.usage.is_empty()).map(|p| p.kind).collect();
    let kind = match (params.get(plain), params.last()) {
        (Some(kind), _) => *kind,
        // The last one may take more than one word.
        (None, Some(kind @ (Kind::Sockets | Kind::Target))) => *kind,
        _ => return Completion::none(start),
    };
    of_kind(kind, start, typed, quoted, known)
}

fn of_kind(kind: Kind, start: usize, typed: &str, quoted: Option<u8>, known: &Known) -> Completion {
    let path = || Completion::Path { start, typed: typed.to_string(), quoted: quoted.is_some() };
    match kind {
        Kind::Path => path(),
        Kind::Target | Kind::Host if typed.contains('/') => path(),
        _ if quoted.is_some() => Completion::none(start),
        Kind::Word(words) => matching(start, typed, words.iter().map(|w| w.to_string())),
        Kind::Socket | Kind::Sockets => matching(start, typed, known.sockets.iter().cloned()),
        Kind::Command => {
            let own = known.own.iter().map(|(name, _)| name.to_string());
            matching(
                start,
                typed,
                openings().map(str::to_string).chain(own).chain(known.commands.iter().cloned()),
            )
        }
        Kind::SocketOption => matching(start, typed, OPTIONS.iter().map(|o| format!("{} ", o.name))),
        Kind::Target | Kind::Host => matching(start, typed, ["localhost ".to_string()]),
        _ => Completion::none(start),
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
            own: vec![("save", Kind::Path), ("history", Kind::Options), ("time", Kind::Command)],
        }
    }

    /// `|` is the cursor in the line; in what comes back it is where the replacement begins.
    fn check(line: &str, want: &str) {
        let cursor = line.find('|').expect("a cursor");
        let text = line.replace('|', "");
        let got = match complete(&text, cursor, &known()) {
            Completion::Words { start, candidates } => format!("{start}: {}", candidates.join("|")),
            Completion::Path { start, typed, quoted } => {
                format!("{start}: path {typed}{}", if quoted { " in quotes" } else { "" })
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
            ("a, b = acc|", "7: accept "),
            ("gre|", "0: greet "),
            ("his|", "0: history"),
            ("%sa|", "1: save "),
            ("so|", "0: sock.|socket |socketpair |sockets|source "),
            ("sock.getp|", "5: getpeername"),
            ("sock.sockets|", "5: "),
            ("nope.getp|", "0: "),
            ("use s|", "4: s2|sock"),
            ("socket inet st|", "12: stream"),
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
            ("source sc|", "7: path sc"),
            ("save a|", "5: path a"),
            ("save a 1|", "7: "),
            ("print $|", "7: _|data|n|peer|s2|server|sock|tmpdir"),
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
}
