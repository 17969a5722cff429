//! Failures in words: what failed, where, why it usually happens, and what to do.

use std::sync::Arc;

use socket2::{Domain, Type};
use unicode_width::UnicodeWidthStr;

use super::{diff, table};
use crate::engine::locate;
use crate::text::diagnostic::{Note, Sources, Span, Style, draw};
use crate::text::literal;
use crate::text::secrets::{self, hide, part, part_of_stream};
use crate::value::errno::{Class, Code};
use crate::value::outcome::{
    CallError, Detail, Done, Halt, Miss, MissKind, SetBy, Sides, SocketFacts, Waiting,
};
use crate::value::process::{Process, Status};
use crate::value::{Address, Value, domain_name, duration_text, signal, type_name};
use crate::words::{Lang, Noun, Phrase, Sentence};

/// A halt as it is printed when it ends a script or is shown at the prompt. Nothing for `exit`.
pub fn halt(halt: &Halt, sources: &Sources, style: Style) -> String {
    let words = style.lang.words();
    match halt {
        Halt::Error(error) => call_error(error, sources, style),
        Halt::Miss(miss) => self::miss(miss, sources, style),
        Halt::Fail { text, untold, span, .. } => {
            let notes: Vec<Note> = why_untold(untold.as_deref(), sources, style.lang).into_iter().collect();
            let message = words.failed(&literal::one_line(text));
            let message = if untold.is_some() { message.trim_end_matches([':', ' ']) } else { &message };
            draw(message, *span, &notes, sources, style)
        }
        Halt::Skip { text } => words.skipped(&literal::one_line(&text.show(style.lang))),
        Halt::Exit { .. } => String::new(),
        Halt::Limit { after, by, span, waiting, .. } => {
            let message = words.script_limit(&duration_text(*after));
            let span = span.map(|s| locate(sources, s, None));
            let mut notes = who_waits(waiting, style.lang);
            notes.push(Note::Help(longer(*by).show(style.lang).into()));
            draw(&message, span, &notes, sources, style)
        }
        Halt::Died { process, asked, then, span, .. } => {
            let span = span.map(|s| locate(sources, s, None));
            let way_out = phrase!(
                en "where its end is no failure, start it with `--may-fail`; `wait NAME` takes its status",
                es "si su final no es una falla, inícialo con `--may-fail`; `wait NAME` toma su código de salida"
            );
            let notes = [Note::Help(way_out.show(style.lang).into())];
            let end = draw(&died(process, *asked).show(style.lang), span, &notes, sources, style);
            match then {
                None => end,
                Some(then) => {
                    let head = phrase!(en "and the script failed:", es "y el script falló:").show(style.lang);
                    format!("{end}\n\n{head}\n{}", self::halt(then, sources, style))
                }
            }
        }
        Halt::Subtests { failed, of } => {
            draw(&words.subtests_failed(*failed, *of), None, &[], sources, style)
        }
        Halt::Cancelled { span, .. } => {
            let span = span.map(|s| locate(sources, s, None));
            draw(&ended_by(libc::SIGINT, style.lang), span, &[], sources, style)
        }
        Halt::Signal { number, done, span, .. } => {
            let span = span.map(|s| locate(sources, s, None));
            let message = done.told(ended_by(*number, style.lang), style.lang);
            // A script that a signal ends has no use for what came.
            let came = what_came(done, style).filter(|_| style.brief.is_some());
            draw(&message, span, came.as_slice(), sources, style)
        }
    }
}

/// A test that ended with a code other than 0.
pub fn exited(code: i32, span: Option<Span>, sources: &Sources, style: Style) -> String {
    let ended = say!(en "it ended with `exit {code}`", es "terminó con `exit {code}`", code);
    draw(&ended.show(style.lang), span.map(|s| locate(sources, s, None)), &[], sources, style)
}

/// A `subtest` in which the script ended: where.
pub fn cut(what: Phrase, span: Option<Span>, sources: &Sources, style: Style) -> String {
    draw(what.show(style.lang), span.map(|s| locate(sources, s, None)), &[], sources, style)
}

/// Why a failure has not the text that its line gives it.
fn why_untold(halt: Option<&Halt>, sources: &Sources, lang: Lang) -> Option<Note> {
    let why = match halt? {
        Halt::Exit { code, .. } => format!("`exit {code}`"),
        halt => {
            let drawn = self::halt(halt, sources, Style { colour: false, lang, brief: None });
            drawn.lines().next().unwrap_or_default().trim_start_matches("error: ").to_string()
        }
    };
    let why = say!(en "its text could not be had: {why}", es "no se pudo obtener su texto: {why}", why);
    Some(Note::Fact(why.show(lang)))
}

/// What a receive had taken: in the error, and at the prompt in `$_`.
fn what_came(done: &Done, style: Style) -> Option<Note> {
    let data = done.data.as_ref().filter(|data| !data.is_empty())?;
    let shown = literal::show(&part_of_stream(data, 0..data.len().min(256)));
    let more = if data.len() > 256 { " …" } else { "" };
    let place = if style.brief.is_some() { "$_" } else { ".data" };
    let words = style.lang.words();
    Some(Note::Fact(words.data_so_far(place, data.len() as u64, &format!("{shown}{more}"))))
}

/// Who set a script's limit, and what gives it longer.
fn longer(by: SetBy) -> Phrase {
    match by {
        SetBy::Script => phrase!(
            en "the script's own `test limit` says so; `--limit DURATION` gives every script another",
            es "lo dice el propio `test limit` del script; `--limit DURACIÓN` da otro a todos los scripts"
        ),
        SetBy::CommandLine => phrase!(
            en "the command line's `--limit` says so, for every script",
            es "lo dice el `--limit` de la línea de comandos, para todos los scripts"
        ),
        SetBy::Project => phrase!(
            en "`limit` in `sockbook.toml` says so; `test limit DURATION` in the script gives it longer",
            es "lo dice `limit` en `sockbook.toml`; `test limit DURACIÓN` en el script le da más tiempo"
        ),
        SetBy::Default => phrase!(
            en "each script has as long; `test limit DURATION` in it or `--limit DURATION` gives it longer",
            es "es lo que tiene cada script; `test limit DURACIÓN` en él o `--limit DURACIÓN` le da más tiempo"
        ),
    }
}

/// How a program under test ended, and its last words.
pub fn died(process: &Process, asked: bool) -> Sentence {
    let name = process.name.to_string();
    let end = Sentence::of(|lang| match process.end_status() {
        Some(Status::Signalled(signal)) => lang.words().killed_by(&signal::name(signal).show(lang)),
        status => lang.words().exited_with(status.map_or(0, Status::code)),
    });
    let end = match asked {
        true => say!(
            en "the program `{name}` {end} when it was asked to end with SIGTERM",
            es "el programa `{name}` {end} cuando se le pidió terminar con SIGTERM",
            name,
            end
        ),
        false => say!(en "the program `{name}` {end}", es "el programa `{name}` {end}", name, end),
    };
    let said = process.last_words();
    match said.is_empty() {
        true => end,
        false => {
            say!(en "{end}; its last words: {said}", es "{end}; sus últimas palabras: {said}", end, said)
        }
    }
}

/// How a signal ended a run: `ended by SIGTERM`; Ctrl-C, and a run that another part of it ended, are `interrupted`.
pub fn ended_by(signal: i32, lang: Lang) -> String {
    let name = match signal {
        0 | libc::SIGINT => None,
        number => Some(signal::name(number).show(lang)),
    };
    lang.words().ended_by(name.as_deref())
}

/// `connect: ECONNREFUSED (111) Connection refused: 127.0.0.1:80`
pub fn headline(error: &CallError, lang: Lang) -> String {
    let mut out = String::new();
    if !error.call.is_empty() {
        out.push_str(&format!("{}: ", error.call));
    }
    out.push_str(&error.code.name());
    let message = error.message(lang);
    match (error.code.number(), message.is_empty()) {
        (Some(number), true) => out.push_str(&format!(" ({number})")),
        (Some(number), false) => out.push_str(&format!(" ({number}) {message}")),
        (None, true) => {}
        (None, false) => out.push_str(&format!(": {message}")),
    }
    out
}

/// `ConnectionRefusedError, a ConnectionError, an OSError`
pub fn classes(class: Class, lang: Lang) -> String {
    let above = std::iter::successors(class.parent(), |parent| parent.parent());
    let parents: Vec<&str> = above.filter(|c| *c != Class::Exception).map(Class::name).collect();
    lang.words().classes(class.name(), &parents)
}

/// Who waits in which call on which socket, a line a thread.
fn who_waits(waiting: &[Waiting], lang: Lang) -> Vec<Note> {
    let words = lang.words();
    waiting.iter().map(|w| Note::Fact(words.thread_waits(&w.thread, w.call, &w.socket))).collect()
}

/// The line on the usual cause.
pub fn why(error: &CallError) -> Option<Sentence> {
    let general = || general_why(error).map(Sentence::from);
    error.advice.as_deref().cloned().or_else(|| special_why(error)).or_else(general)
}

/// The cause as far as the address, the host or the socket of the call tells it.
fn special_why(error: &CallError) -> Option<Sentence> {
    let socket = error.socket.as_ref();
    match (&error.detail, error.code) {
        (Detail::Host { host }, Code::Lookup(_)) => host_why(host, error.code),
        (Detail::To(Address::Path(_) | Address::Abstract(_)), Code::Errno(libc::EINVAL | libc::EAFNOSUPPORT)) => {
            let socket = socket.filter(|s| s.is_inet())?;
            let (family, kind) = (domain_name(socket.domain()), type_name(socket.kind()));
            Some(say!(
                en "a path is the address of a Unix socket, and this one is of family {family}: `socket unix {kind}` takes it",
                es "una ruta es la dirección de un socket Unix, y este es de la familia {family}: `socket unix {kind}` la acepta",
                family,
                kind
            ))
        }
        (Detail::WrongFamily { wanted, .. }, Code::Errno(_)) if wanted == "unix" => Some(
            phrase!(
                en "this socket is of family unix: its address is a path; a host and a port are for `inet` and `inet6`",
                es "este socket es de la familia unix: su dirección es una ruta; un host y un puerto son para `inet` e `inet6`"
            )
            .into(),
        ),
        (_, Code::Errno(libc::EMSGSIZE)) if error.call.starts_with("send") => {
            let socket = socket?;
            let (most, over) = match (socket.kind(), socket.domain()) {
                (Type::DGRAM, Domain::IPV4) => (65507, "IPv4"),
                (Type::DGRAM, Domain::IPV6) => (65527, "IPv6"),
                _ => return None,
            };
            Some(say!(
                en "the datagram is too long: UDP takes {most} bytes over {over}; send less at once",
                es "el datagrama es muy largo: UDP admite {most} bytes sobre {over}; envía menos de una vez",
                most,
                over
            ))
        }
        _ => None,
    }
}

/// What is wrong with a host's name that was not found.
fn host_why(host: &str, code: Code) -> Option<Sentence> {
    if host.contains(char::is_whitespace) {
        return Some(
            phrase!(en "a host's name has no blank in it", es "el nombre de un host no contiene blancos")
                .into(),
        );
    }
    if code == Code::Lookup(libc::EAI_NONAME)
        && let Some((host, port)) = crate::text::literal::host_and_port(host)
    {
        return Some(say!(
            en "a host and a port are two words: `{host} {port}`",
            es "un host y un puerto son dos palabras: `{host} {port}`",
            host,
            port
        ));
    }
    None
}

fn general_why(error: &CallError) -> Option<Phrase> {
    use Detail::*;
    match &error.detail {
        // What such a sentence says is the cause and the way out.
        Text(_) if error.code == Code::Class(Class::ValueError) => Option::None,
        TooMuch { .. } | NoDelimiter { .. } | Announced { .. } => Some(phrase!(
            en "the peer sends more than is allowed here; if so much is meant, allow it with `--max`",
            es "el otro extremo envía más de lo permitido aquí; si es lo previsto, permítelo con `--max`"
        )),
        NoStream { .. } => Some(phrase!(
            en "`recv` and `recvfrom` take one message, `send` and `sendto` send one; streams are of type \
                `stream`",
            es "`recv` y `recvfrom` toman un mensaje, `send` y `sendto` envían uno; los flujos son de tipo \
                `stream`"
        )),
        NoSocket => Some(phrase!(
            en "make one first: `socket inet stream`",
            es "crea uno primero: `socket inet stream`"
        )),
        _ => error.code.why(error.call),
    }
}

fn why_note(error: &CallError, lang: Lang) -> Option<Note> {
    why(error).map(|why| Note::Help(why.show(lang)))
}

fn call_error(error: &CallError, sources: &Sources, style: Style) -> String {
    let span = place_of(error, sources);
    let mut notes = Vec::new();
    // `help ECONNREFUSED` has them too.
    if style.brief.is_none() {
        notes.push(Note::Fact(classes(error.code.class(), style.lang)));
    }
    notes.extend(what_came(&error.done, style));
    notes.extend(who_waits(&error.waiting, style.lang));
    notes.extend(why_note(error, style.lang));
    draw(&headline(error, style.lang), span, &notes, sources, style)
}

fn miss(miss: &Miss, sources: &Sources, style: Style) -> String {
    let lang = style.lang;
    let words = lang.words();
    let mut span = miss.span.map(|s| locate(sources, s, Some("condition")));
    // What is too wide for a note.
    let mut below = None;
    let (message, notes) = match &miss.kind {
        MissKind::Condition { sides } => {
            let notes = notes_of(sides, lang);
            if let [
                Sides {
                    left: Value::Bytes(left),
                    operator,
                    right: Some(Value::Bytes(right)),
                    negated: false,
                    ..
                },
            ] = sides.as_slice()
            {
                let length = right.len().min(left.len());
                below = match *operator {
                    "==" => diff::bytes(left, right, style),
                    // Only the part that is compared.
                    "startswith" => diff::part_and_bytes(left, 0..length, right, style),
                    "endswith" => diff::part_and_bytes(left, left.len() - length..left.len(), right, style),
                    "matches" => diff::matched(left, right, style),
                    _ => None,
                };
            }
            let each = sides.iter().map(|s| (s.negated, s.operator, s.right.is_some()));
            (words.expectation_failed(&each.collect::<Vec<_>>()), notes)
        }
        MissKind::TooLate { time, error, sides } => {
            let message = say!(
                en "the expectation did not hold within {time}: {late}",
                es "la expectativa no se cumplió en {time}: {late}",
                time = duration_text(*time),
                late = headline(error, lang)
            );
            (message.show(lang), notes_of(sides, lang))
        }
        MissKind::DidNotFail { wanted, got } => {
            let notes = match got {
                Value::Nothing => vec![],
                got => vec![Note::Fact(words.gave(&side(got, lang)))],
            };
            (words.did_not_fail(&texts(wanted)), notes)
        }
        MissKind::FailedOtherwise { wanted, error } => {
            let mut notes = vec![Note::Fact(classes(error.code.class(), lang))];
            notes.extend(why_note(error, lang));
            if error.is_timeout() {
                let named = phrase!(
                    en "a time-out counts only where it is named: `fails TimeoutError …`",
                    es "un plazo agotado cuenta solo donde se nombra: `fails TimeoutError …`"
                );
                notes.push(Note::Help(named.show(lang).into()));
            } else if wanted.is_empty() {
                let named = say!(
                    en "that is no failed call; if it is meant, name it: `fails {class} …`",
                    es "eso no es una llamada fallida; si es lo esperado, nómbralo: `fails {class} …`",
                    class = error.code.class().name()
                );
                notes.push(Note::Help(named.show(lang)));
            }
            (words.failed_otherwise(&texts(wanted), &headline(error, lang)), notes)
        }
        MissKind::Answer { wanted, got } => {
            span = miss.span;
            below = Some(diff::lines(wanted, got, style));
            (phrase!(en "the answer is another", es "la respuesta es otra").show(lang).to_string(), vec![])
        }
        MissKind::Unreached => {
            span = miss.span;
            let message =
                phrase!(en "this answer was never reached", es "nunca se llegó a esta respuesta").show(lang);
            (message.to_string(), vec![])
        }
    };
    let message = match &miss.text {
        Some(text) => format!("{message}: {}", literal::one_line(text)),
        None => message,
    };
    let mut notes = notes;
    notes.extend(why_untold(miss.untold.as_deref(), sources, lang));
    let mut drawn = draw(&message, span, &notes, sources, style);
    if let Some(below) = below {
        drawn.push_str("\n\n");
        drawn.push_str(&below);
    }
    drawn
}

/// Both sides of each comparison.
fn notes_of(sides: &[Sides], lang: Lang) -> Vec<Note> {
    let each = sides.iter().flat_map(|Sides { left, right, .. }| {
        let shown = right.as_ref().map(|right| side(right, lang));
        lang.words().sides(&side(left, lang), shown.as_deref())
    });
    each.map(Note::Fact).collect()
}

fn texts(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// A side of a comparison: what it is, and how long.
fn side(value: &Value, lang: Lang) -> String {
    match value {
        Value::Bytes(bytes) => {
            let shown = literal::show(&part(bytes, 0..bytes.len().min(1024)));
            let more = if bytes.len() > 1024 { " …" } else { "" };
            format!("{shown}{more} ({})", lang.words().count(bytes.len() as u64, Noun::Byte))
        }
        other => other.to_literal(),
    }
}

/// The sockets as they stood when a script ended, within the columns of a terminal if it is for one.
pub fn sockets(facts: &[SocketFacts], lang: Lang, columns: Option<usize>) -> String {
    if facts.is_empty() {
        return phrase!(en "no socket was open", es "no había ningún socket abierto").show(lang).into();
    }
    /// More are counted: ten thousand lines hide the error above them.
    const SHOWN: usize = 100;
    let head = phrase!(en "the sockets as they stood:", es "los sockets, como estaban:").show(lang);
    let (facts, more) = facts.split_at(facts.len().min(SHOWN));
    let mut table = table::sockets_within(facts, lang, columns.unwrap_or(usize::MAX));
    if !more.is_empty() {
        let more = more.len();
        table += &say!(en "\n  and {more} more", es "\n  y {more} más", more).show(lang);
    }
    match last_bytes(facts, lang) {
        None => format!("{head}\n{table}"),
        Some(last) => format!("{head}\n{table}\n\n{last}"),
    }
}

/// What each socket sent and received last; nothing where no bytes moved.
fn last_bytes(facts: &[SocketFacts], lang: Lang) -> Option<String> {
    let words = lang.words();
    let sent = phrase!(en "sent", es "envió").show(lang);
    let received = phrase!(en "received", es "recibió").show(lang);
    let width = sent.width().max(received.width());
    let mut lines = Vec::new();
    for socket in facts {
        for (what, moved) in [(sent, &socket.sent), (received, &socket.received)] {
            if moved.total > 0 {
                let cut = if moved.total > moved.last.len() as u64 { "… " } else { "" };
                let count = words.count(moved.total, Noun::Byte);
                let fill = " ".repeat(width - what.width());
                lines.push((
                    socket.name.clone(),
                    format!("{what}{fill}  {cut}{} ({count})", literal::show(&moved.last)),
                ));
            }
        }
    }
    let names = lines.iter().map(|(name, _)| name.width()).max()?;
    let head =
        phrase!(en "what they sent and received last:", es "lo último que enviaron y recibieron:").show(lang);
    let mut out = head.to_string();
    let mut before = "";
    for (name, line) in &lines {
        let shown = if name == before { "" } else { name };
        out.push_str(&format!("\n  {shown}{}  {line}", " ".repeat(names - shown.width())));
        before = name;
    }
    Some(out)
}

/// What the programs of a script were doing when it ended, and what they had last written. Empty where
/// there are none.
pub fn programs(programs: &[Arc<Process>], lang: Lang) -> String {
    let words = lang.words();
    let mut out = String::new();
    for program in programs {
        let status = match program.status() {
            None => words.running_as(program.pid),
            Some(Status::Exited(code)) => words.exited_with(code),
            Some(Status::Signalled(signal)) => words.killed_by(&signal::name(signal).show(lang)),
        };
        let command = literal::one_line(&program.command);
        out.push_str(&format!("\n  {}  {status}: {command}", program.name));
        for (pipe, bytes) in [("stdout", program.stdout()), ("stderr", program.stderr())] {
            if let Some(tail) = tail(&bytes) {
                out.push_str(&format!("\n    {pipe}:\n{tail}"));
            }
        }
    }
    if out.is_empty() {
        return out;
    }
    let head = phrase!(en "the programs as they stood:", es "los programas, como estaban:").show(lang);
    format!("{head}{out}")
}

/// The last lines of a program's output, indented.
fn tail(bytes: &[u8]) -> Option<String> {
    const LINES: usize = 20;
    const BYTES: usize = 8 << 10;
    let bytes = bytes.trim_ascii_end();
    if bytes.is_empty() {
        return None;
    }
    let cut = bytes.len().saturating_sub(BYTES);
    let text = literal::text(&part(bytes, cut..bytes.len())).replace("\r\n", "\n");
    let text = literal::visible(&hide(&text));
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.len().saturating_sub(LINES);
    let mut out = Vec::new();
    if cut > 0 || first > 0 {
        out.push("      …".to_string());
    }
    out.extend(lines[first..].iter().map(|l| format!("      {l}").trim_end().to_string()));
    Some(out.join("\n"))
}

/// An expectation that did not hold, in one line for lists: its words as they stand in the script, and what came.
pub fn brief(halt: &Halt, sources: &Sources, lang: Lang) -> Option<String> {
    const MOST: usize = 60;
    let cut = |text: String| match secrets::first(&text, MOST) {
        Some(first) => format!("{first} …"),
        None => text,
    };
    let shown = |value: &Value| match value {
        Value::Bytes(bytes) => cut(literal::show(&part(bytes, 0..bytes.len().min(4 * MOST)))),
        other => cut(other.to_literal()),
    };
    let Halt::Miss(Miss { span: Some(span), kind, .. }) = halt else { return None };
    let brief = match kind {
        MissKind::Condition { sides } => {
            let condition = literal::one_line(sources.text(locate(sources, *span, Some("condition"))).trim());
            let got: Vec<String> = sides.iter().map(|sides| shown(&sides.left)).collect();
            let got = got.join(", ");
            // What stands there in letters need not be said again.
            let is_value = condition.split(' ').next_back().is_some_and(|word| word.contains('$'));
            let right = match sides.as_slice() {
                [Sides { right: Some(right), .. }] if is_value => Some(shown(right)),
                _ => None,
            };
            match right {
                Some(right) => say!(
                    en "`{condition}`: got {got}, not {right}",
                    es "`{condition}`: llegó {got}, no {right}",
                    condition,
                    got,
                    right
                ),
                None => say!(en "`{condition}`: got {got}", es "`{condition}`: llegó {got}", condition, got),
            }
        }
        MissKind::Answer { wanted, got } => {
            let differs = |at: &usize| wanted.get(*at) != got.get(*at);
            let at = (0..wanted.len().max(got.len())).find(differs)?;
            let line = |lines: &[String]| cut(lines.get(at).map_or(String::new(), |l| literal::one_line(l)));
            say!(
                en "the answer is another: got `{got}`, not `{wanted}`",
                es "la respuesta es otra: llegó `{got}`, no `{wanted}`",
                got = line(got),
                wanted = line(wanted)
            )
        }
        _ => return None,
    };
    Some(brief.show(lang))
}

/// The span of a halt, where it has one.
pub fn span_of(halt: &Halt, sources: &Sources) -> Option<Span> {
    let (line, blame) = match halt {
        Halt::Error(error) => return place_of(error, sources),
        Halt::Miss(m) => (m.span, Some("condition")),
        other => (other.line(), None),
    };
    line.map(|line| locate(sources, line, blame))
}

/// The word at fault of a failed call: a single word's, else the parameter's, else the command's.
fn place_of(error: &CallError, sources: &Sources) -> Option<Span> {
    let (line, word) = error.places()?;
    Some(word.unwrap_or_else(|| locate(sources, line, error.blame)))
}
