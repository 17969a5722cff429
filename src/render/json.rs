//! Facts as JSON: `--format json`, and the reports.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::engine::Event;
use crate::render::error;
use crate::text::diagnostic::{Diagnostic, Sources};
use crate::text::literal;
use crate::value::Value;
use crate::value::outcome::{CallError, Fact, Halt, Outcome, SocketFacts};
use crate::value::process::{Process, Status};
use crate::value::socket::Moved;
use crate::words::{Lang, Sentence};

/// An object as one line, which any terminal may be shown.
pub fn line(object: &Json) -> String {
    literal::in_json(object.to_string())
}

/// One object for a line that was run; `looked` is its value with every address read.
pub fn event(event: &Event<'_>, looked: Option<&Value>, sources: &Sources) -> Json {
    let place = sources.place(event.span);
    let (result, failure) = match event.result {
        Ok(outcome) => (outcome_json(outcome, looked.unwrap_or(&outcome.value)), Json::Null),
        Err(halt) => (Json::Null, halt_json(halt)),
    };
    json!({
        "file": place.as_ref().map(|p| &*p.file),
        "line": place.as_ref().map(|p| p.line),
        "in": sources.text(event.span),
        "command": event.command,
        "socket": event.socket.as_deref(),
        "result": result,
        "error": failure,
        "micros": u64::try_from(event.took.as_micros()).unwrap_or(u64::MAX),
    })
}

fn outcome_json(outcome: &Outcome, value: &Value) -> Json {
    match &outcome.fact {
        Fact::Nothing => Json::Null,
        Fact::Printed(text) | Fact::PrintedPart(text) => json!({ "printed": text }),
        Fact::Sent { offered } => json!({ "taken": outcome.value.to_int(), "offered": offered }),
        Fact::Received { end, whole, .. } => {
            let mut object = value_json(&outcome.value);
            if let Some(fields) = object.as_object_mut() {
                fields.insert("end".into(), json!(end));
                if let Some(whole) = whole {
                    fields.insert("whole".into(), json!(whole));
                }
                match &outcome.second {
                    Value::Nothing => {}
                    beside @ Value::Map(_) => drop(fields.insert("beside".into(), value_json(beside))),
                    from => drop(fields.insert("from".into(), value_json(from))),
                }
            }
            object
        }
        Fact::Filed { path, end } => {
            json!({ "bytes": outcome.value.to_int(), "path": &**path, "end": end })
        }
        Fact::Sockets(facts) => facts.iter().map(socket_json).collect(),
        Fact::Table(table) => {
            let object = |row: &Vec<Sentence>| -> Json {
                let fields = table.head.iter().zip(row);
                Json::Object(fields.map(|(k, v)| (k.en.to_string(), json!(v.english()))).collect())
            };
            table.rows.iter().map(object).collect()
        }
        Fact::Drawing(drawing) => json!({ "drawing": drawing.draw(80, Lang::EN) }),
        Fact::Help { topic, .. } => json!({ "help": topic }),
        _ if matches!(outcome.second, Value::Nothing) => value_json(value),
        _ => json!([value_json(value), value_json(&outcome.second)]),
    }
}

fn socket_json(s: &SocketFacts) -> Json {
    json!({
        "current": s.current, "name": s.name, "fd": s.fd, "family": s.family, "type": s.kind,
        "local": s.local.as_ref().map(ToString::to_string),
        "peer": s.peer.as_ref().map(ToString::to_string),
        "state": s.state, "recv_q": s.receive_queue, "send_q": s.send_queue,
        "closed": s.closed, "readable": s.readable, "writable": s.writable, "end": s.end_of_stream, "error": s.error,
        "sent": moved_json(&s.sent), "received": moved_json(&s.received),
        "backlog": s.backlog.map(|(waiting, most)| json!({ "waiting": waiting, "most": most })),
    })
}

/// How many bytes went one way, and the last of them.
fn moved_json(moved: &Moved) -> Json {
    json!({ "bytes": moved.total, "last": value_json(&Value::bytes(moved.last.clone())) })
}

/// The sockets and the programs as they stood when a script failed.
pub fn standing(sockets: &[SocketFacts], programs: &[Arc<Process>]) -> Json {
    let program = |p: &Arc<Process>| {
        json!({
            "name": &*p.name, "command": p.command, "pid": p.pid,
            "status": p.status().map(Status::code),
            "stdout": crate::text::literal::text(&p.stdout()), "stderr": crate::text::literal::text(&p.stderr()),
        })
    };
    json!({
        "sockets": sockets.iter().map(socket_json).collect::<Json>(),
        "programs": programs.iter().map(program).collect::<Json>(),
    })
}

/// A value. Bytes are text where they are UTF-8, and base64 where they are not.
pub fn value_json(value: &Value) -> Json {
    use base64::Engine as _;
    match value {
        Value::Nothing => Json::Null,
        Value::Int(n) => json!(n),
        Value::Flag(on) => json!(on),
        Value::Duration(time) => json!({ "seconds": time.as_secs_f64() }),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => json!({ "bytes": bytes.len(), "text": text }),
            Err(_) => {
                let coded = base64::engine::general_purpose::STANDARD.encode(&bytes[..]);
                json!({ "bytes": bytes.len(), "base64": coded })
            }
        },
        Value::Address(a) => json!({ "host": a.host(), "port": a.port(), "address": a.to_string() }),
        Value::Local(_) => json!({ "address": value.to_text() }),
        Value::Socket(s) => json!({ "socket": &*s.name() }),
        Value::List(items) => items.iter().map(value_json).collect(),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| (key.to_text(), value_json(value)));
            json!({ "map": Json::Object(entries.collect()) })
        }
        Value::Error(e) => error_json(e),
        Value::Jobs(_) => json!({ "jobs": value.to_text() }),
        Value::Process(p) => json!({ "process": &*p.name, "pid": p.pid }),
    }
}

fn error_json(e: &CallError) -> Json {
    json!({
        "kind": "error", "call": e.call, "name": e.code.name(), "number": e.code.number(),
        "class": e.code.class().name(), "message": e.message(Lang::EN),
        "why": error::why(e).map(|why| why.english()),
    })
}

fn halt_json(halt: &Halt) -> Json {
    match halt {
        Halt::Error(e) => error_json(e),
        Halt::Miss(_) => json!({ "kind": "expectation" }),
        Halt::Fail { text, .. } => json!({ "kind": "fail", "message": text }),
        Halt::Skip { text } => json!({ "kind": "skip", "message": text.english() }),
        Halt::Exit { code, .. } => json!({ "kind": "exit", "code": code }),
        Halt::Limit { after, .. } => json!({ "kind": "limit", "seconds": after.as_secs_f64() }),
        Halt::Died { process, .. } => json!({
            "kind": "process", "process": &*process.name,
            "status": process.end_status().map(Status::code), "said": process.last_words(),
        }),
        Halt::Subtests { failed, of } => json!({ "kind": "subtests", "failed": failed, "of": of }),
        Halt::Cancelled { .. } => json!({ "kind": "cancelled" }),
        Halt::Signal { number, .. } => json!({ "kind": "signal", "number": number }),
    }
}

/// A mistake, for `check --format json`.
pub fn diagnostic(d: &Diagnostic, sources: &Sources) -> Json {
    let place = sources.place(d.span);
    let end = sources.place(crate::text::diagnostic::Span { start: d.span.end, end: d.span.end });
    json!({
        "file": place.as_ref().map(|p| &*p.file),
        "line": place.as_ref().map(|p| p.line),
        "column": place.as_ref().map(|p| p.column),
        "end_line": end.as_ref().map(|p| p.line),
        "end_column": end.as_ref().map(|p| p.column),
        "severity": if d.is_error() { "error" } else { "warning" },
        "code": d.code,
        "message": d.message.english(),
        "help": d.help.as_ref().map(Sentence::english),
    })
}

/// A file that could not be read, said as a mistake is.
pub fn unread(file: &str, why: &str) -> Json {
    let nothing = Json::Null;
    json!({
        "file": file, "line": nothing, "column": nothing, "end_line": nothing, "end_column": nothing,
        "severity": "error", "code": nothing, "message": why, "help": nothing,
    })
}
