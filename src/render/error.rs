//! Failures in words: what failed, where, why it usually happens, and what to do.

use std::sync::Arc;

use super::{diff, table};
use crate::engine::locate;
use crate::text::diagnostic::{Note, Sources, Span, Style, draw};
use crate::text::literal;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail, Halt, Miss, MissKind, SocketFacts, Waiting};
use crate::value::process::{Process, Status};
use crate::value::{Value, duration_text};
use crate::words::Lang;

/// A halt as it is printed when it ends a script or is shown at the prompt. Nothing for `exit`.
pub fn halt(halt: &Halt, sources: &Sources, style: Style) -> String {
    match halt {
        Halt::Error(error) => call_error(error, sources, style),
        Halt::Miss(miss) => self::miss(miss, sources, style),
        Halt::Fail { text, span } => {
            let message = format!("failed: {}", literal::one_line(text));
            draw(&message, *span, &[], sources, style)
        }
        Halt::Skip { text } => format!("skipped: {}", literal::one_line(text)),
        Halt::Exit(_) => String::new(),
        Halt::Limit { after, span, waiting } => {
            let message = format!("the script's limit of {} is over", duration_text(*after));
            let span = span.map(|s| locate(sources, s, None));
            let mut notes = who_waits(waiting);
            notes.push(Note::Help("`--limit DURATION` gives it longer".into()));
            draw(&message, span, &notes, sources, style)
        }
        Halt::Signal { number, span } => {
            let message = match *number {
                libc::SIGTERM => "ended by SIGTERM",
                libc::SIGHUP => "ended by SIGHUP",
                _ => "interrupted",
            };
            let span = span.map(|s| locate(sources, s, None));
            draw(message, span, &[], sources, style)
        }
    }
}

/// `connect: ECONNREFUSED (111) Connection refused: 127.0.0.1:80`
pub fn headline(error: &CallError) -> String {
    let mut out = String::new();
    if !error.call.is_empty() {
        out.push_str(&format!("{}: ", error.call));
    }
    out.push_str(&error.code.name());
    let message = error.message();
    match (error.code.number(), message.is_empty()) {
        (Some(number), true) => out.push_str(&format!(" ({number})")),
        (Some(number), false) => out.push_str(&format!(" ({number}) {message}")),
        (None, true) => {}
        (None, false) => out.push_str(&format!(": {message}")),
    }
    out
}

/// `ConnectionRefusedError, a ConnectionError, an OSError`
pub fn classes(class: Class) -> String {
    let mut out = class.name().to_string();
    let mut next = class.parent();
    while let Some(parent) = next {
        if parent != Class::Exception {
            let name = parent.name();
            // A UnicodeError begins with a consonant.
            let vowel = name.starts_with(['A', 'E', 'I', 'O']);
            let article = if vowel { "an" } else { "a" };
            out.push_str(&format!(", {article} {name}"));
        }
        next = parent.parent();
    }
    out
}

/// Who waits in which call on which socket, a line a thread.
fn who_waits(waiting: &[Waiting]) -> Vec<Note> {
    let line = |w: &Waiting| {
        if w.call.is_empty() {
            return Note::Fact(format!("thread `{}` is in no call", w.thread));
        }
        let call = w.call;
        let on = if w.socket.is_empty() { String::new() } else { format!(" on {}", w.socket) };
        Note::Fact(format!("thread `{}` waits in {call}{on}", w.thread))
    };
    waiting.iter().map(line).collect()
}

/// The line on the usual cause.
pub fn why(error: &CallError, lang: Lang) -> Option<&'static str> {
    use Detail::*;
    match (&error.detail, lang) {
        (TooMuch { .. } | NoDelimiter { .. } | Announced { .. }, Lang::En) => {
            Some("the peer sends more than is allowed here; if so much is meant, allow it with `--max`")
        }
        (TooMuch { .. } | NoDelimiter { .. } | Announced { .. }, Lang::Es) => {
            Some("el otro extremo envía más de lo permitido aquí; si es lo previsto, permítelo con `--max`")
        }
        (NoStream { .. }, Lang::En) => Some(
            "`recv` and `recvfrom` take one message, `send` and `sendto` send one; streams are of type `stream`",
        ),
        (NoStream { .. }, Lang::Es) => Some(
            "`recv` y `recvfrom` toman un mensaje, `send` y `sendto` envían uno; los flujos son de tipo `stream`",
        ),
        (NoSocket, Lang::En) => Some("make one first: `socket inet stream`"),
        (NoSocket, Lang::Es) => Some("crea uno primero: `socket inet stream`"),
        _ => error.code.why(error.call, lang),
    }
}

fn call_error(error: &CallError, sources: &Sources, style: Style) -> String {
    let span = error.span.map(|s| locate(sources, s, error.blame));
    let mut notes = vec![Note::Fact(classes(error.code.class()))];
    if let Some(data) = error.data.as_ref().filter(|d| !d.is_empty()) {
        let shown = literal::show(&data[..data.len().min(256)]);
        let more = if data.len() > 256 { " …" } else { "" };
        notes.push(Note::Fact(format!("what had come is in `.data`: {} bytes {shown}{more}", data.len())));
    }
    notes.extend(who_waits(&error.waiting));
    if let Some(why) = why(error, style.lang) {
        notes.push(Note::Help(why.to_string()));
    }
    draw(&headline(error), span, &notes, sources, style)
}

fn miss(miss: &Miss, sources: &Sources, style: Style) -> String {
    let mut span = miss.span.map(|s| locate(sources, s, Some("condition")));
    // What is too wide for a note.
    let mut below = None;
    let (message, notes) = match &miss.kind {
        MissKind::Condition { left, operator, right, negated } => {
            let not = if *negated { "not " } else { "" };
            let mut notes = vec![Note::Fact(format!("left:  {}", side(left)))];
            if let Some(right) = right {
                notes.push(Note::Fact(format!("right: {}", side(right))));
            }
            if let (Value::Bytes(left), "==", Some(Value::Bytes(right))) = (left, *operator, right) {
                below = diff::bytes(left, right, style);
            }
            let sides = if right.is_some() { "right" } else { "" };
            let condition = format!("left {not}{operator} {sides}");
            (format!("expectation failed: {}", condition.trim_end()), notes)
        }
        MissKind::DidNotFail { wanted, got } => {
            let notes = match got {
                Value::Nothing => vec![],
                got => vec![Note::Fact(format!("it gave {}", side(got)))],
            };
            (format!("expected {}, and it did not fail", wanted_names(wanted)), notes)
        }
        MissKind::FailedOtherwise { wanted, error } => {
            let mut notes = vec![Note::Fact(classes(error.code.class()))];
            if let Some(why) = why(error, style.lang) {
                notes.push(Note::Help(why.to_string()));
            }
            if error.is_timeout() {
                notes.push(Note::Help(
                    "a time-out counts only where it is named: `fails TimeoutError …`".into(),
                ));
            }
            (format!("expected {}, and it failed with {}", wanted_names(wanted), headline(error)), notes)
        }
        MissKind::Answer { wanted, got } => {
            span = miss.span;
            below = Some(diff::lines(wanted, got, style));
            ("the answer is another".to_string(), vec![])
        }
        MissKind::Unreached => {
            span = miss.span;
            ("this answer was never reached".to_string(), vec![])
        }
    };
    let mut drawn = draw(&message, span, &notes, sources, style);
    if let Some(below) = below {
        drawn.push_str("\n\n");
        drawn.push_str(&below);
    }
    drawn
}

fn wanted_names(wanted: &[String]) -> String {
    match wanted {
        [] => "a failure".into(),
        names => {
            format!("a failure with {}", crate::text::diagnostic::one_of(names.iter().map(String::as_str)))
        }
    }
}

/// A side of a comparison: what it is, and how long.
fn side(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => {
            let shown = literal::show(&bytes[..bytes.len().min(1024)]);
            let more = if bytes.len() > 1024 { " …" } else { "" };
            format!("{shown}{more} ({})", crate::value::outcome::count(bytes.len() as u64, "byte"))
        }
        other => other.to_literal(),
    }
}

/// The sockets as they stood when a script ended.
pub fn sockets(facts: &[SocketFacts]) -> String {
    if facts.is_empty() {
        return "no socket was open".into();
    }
    format!("the sockets as they stood:\n{}", table::draw(&table::sockets(facts)))
}

/// What the programs of a script were doing when it ended, and what they had last written. Empty where
/// there are none.
pub fn programs(programs: &[Arc<Process>]) -> String {
    let mut out = String::new();
    for program in programs {
        let status = match program.status() {
            None => format!("running as {}", program.pid),
            Some(Status::Exited(code)) => format!("exited with {code}"),
            Some(Status::Signalled(signal)) => format!("ended by {}", signal_name(signal)),
        };
        let command = literal::one_line(&program.command);
        out.push_str(&format!("\n  {}  {status}: {command}", program.name));
        for (pipe, bytes) in [("stdout", program.stdout()), ("stderr", program.stderr())] {
            if let Some(tail) = tail(&bytes) {
                out.push_str(&format!("\n    {pipe}:\n{tail}"));
            }
        }
    }
    if out.is_empty() { out } else { format!("the programs as they stood:{out}") }
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
    let text = literal::visible(&literal::text(&bytes[cut..]).replace("\r\n", "\n"));
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.len().saturating_sub(LINES);
    let mut out = Vec::new();
    if cut > 0 || first > 0 {
        out.push("      …".to_string());
    }
    out.extend(lines[first..].iter().map(|l| format!("      {l}").trim_end().to_string()));
    Some(out.join("\n"))
}

fn signal_name(number: i32) -> String {
    nix::sys::signal::Signal::try_from(number).map_or(format!("signal {number}"), |s| s.as_str().to_string())
}

/// The span of a halt, where it has one.
pub fn span_of(halt: &Halt) -> Option<(Span, Option<&'static str>)> {
    match halt {
        Halt::Error(e) => e.span.map(|s| (s, e.blame)),
        Halt::Miss(m) => m.span.map(|s| (s, Some("condition"))),
        Halt::Fail { span, .. } | Halt::Limit { span, .. } | Halt::Signal { span, .. } => {
            span.map(|s| (s, None))
        }
        Halt::Skip { .. } | Halt::Exit(_) => None,
    }
}
