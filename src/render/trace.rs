//! Facts of calls in words: a line of `set trace on`, and an object of `"calls"` in JSON.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::json::value_json;
use crate::net::door::{About, CallFact};
use crate::net::options::setting::Setting;
use crate::net::options::table;
use crate::session::settings::{DATA_SHOWN, Traced};
use crate::text::literal;
use crate::text::secrets::part;
use crate::value::control::{self, Control};
use crate::value::errno::Code;
use crate::value::{Bytes, Value, domain_name, duration_text, type_name};
use crate::words::{Lang, Noun};

/// `    connect(3, 127.0.0.1:80) = 0  <25us>`: what was called, what it returned, how long it took. What was only read
/// to show it says so.
pub fn line(fact: &CallFact, lang: Lang) -> String {
    let mut call = format!("{}(", fact.name);
    let arguments = Arguments(fact, lang).to_string();
    // poll(2) has no descriptor of its own.
    let fd = fact.fd.filter(|_| !matches!(fact.about, About::Poll { .. }));
    match (fd, arguments.is_empty()) {
        (Some(fd), true) => drop(write!(call, "{fd}")),
        (Some(fd), false) => drop(write!(call, "{fd}, {arguments}")),
        (None, _) => call.push_str(&arguments),
    }
    let mut result = match fact.result {
        Ok(n) => n.to_string(),
        Err(code @ Code::Errno(_)) => format!("-1 {}", code.name()),
        Err(code) => code.name(),
    };
    if let Some(limit) = fact.limit {
        let why = say!(
            en " (the time limit, {limit})", es " (el límite de tiempo, {limit})", limit = duration_text(limit)
        );
        result.push_str(&why.show(lang));
    }
    // Nanoseconds would only be noise.
    let micros = Duration::from_micros(u64::try_from(fact.took.as_micros()).unwrap_or(u64::MAX));
    let looking = phrase!(en "only looking", es "solo para mirar");
    let look = if fact.look { format!("  # {}", looking.show(lang)) } else { String::new() };
    format!("    {}) = {result}  <{}>{look}", literal::one_line(&call), duration_text(micros))
}

/// The arguments of a call behind the descriptor, as C would have them and people read them.
struct Arguments<'a>(&'a CallFact, Lang);

impl fmt::Display for Arguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |n: usize, noun: Noun| self.1.words().count(n as u64, noun);
        match &self.0.about {
            About::Plain => Ok(()),
            About::Make(triple) => {
                write!(f, "{}, {}", domain_name(triple.domain()), type_name(triple.kind()))?;
                match triple.protocol() {
                    None => Ok(()),
                    Some(protocol) => write!(f, ", {}", i32::from(protocol)),
                }
            }
            About::At(address) => write!(f, "{address}"),
            About::Backlog(n) => write!(f, "{n}"),
            About::Half(how) => f.write_str(&half(*how)),
            About::Bytes { length, flags, to, .. } => {
                write!(f, "{}, {}", count(*length, Noun::Byte), names(*flags, MESSAGE))?;
                to.as_ref().map_or(Ok(()), |address| write!(f, ", {address}"))
            }
            About::Slices { pieces, flags, to, control } => {
                let (slices, bytes) = (count(pieces.len(), Noun::Slice), count(total(pieces), Noun::Byte));
                write!(f, "{slices}, {bytes}, {}", names(*flags, MESSAGE))?;
                to.as_ref().map_or(Ok(()), |address| write!(f, ", {address}"))?;
                if control.is_empty() { Ok(()) } else { write!(f, ", {}", control::show(control)) }
            }
            About::Room { room, flags } => {
                write!(f, "{room}, {}", names(*flags, MESSAGE))?;
                let control = &self.0.control;
                if control.is_empty() { Ok(()) } else { write!(f, ", {}", control::show(control)) }
            }
            About::Transfer { path, offset, count } => write!(f, "{}, {offset}, {count}", path.display()),
            About::Option { level, number, value } => {
                let (level, name) = option_names(*level, *number);
                write!(f, "{level}, {name}")?;
                match value.as_deref() {
                    None => Ok(()),
                    Some(Setting::Filter(lines)) => {
                        write!(f, ", {}", count(lines.len(), Noun::Instruction))
                    }
                    Some(value) => write!(f, ", {value}"),
                }
            }
            About::Mode { command, flags } => {
                f.write_str(command)?;
                flags.map_or(Ok(()), |flags| write!(f, ", {}", names(flags, STATUS)))
            }
            About::Request(name) => f.write_str(name),
            About::Poll { events, sockets, writers, limit } => {
                write!(f, "{}, {}", count(*sockets, Noun::Socket), names((*events).into(), EVENTS))?;
                if *writers > 0 {
                    write!(f, ", {}, POLLOUT", count(*writers, Noun::Socket))?;
                }
                limit.map_or(Ok(()), |limit| write!(f, ", {}", duration_text(limit)))
            }
            About::Lookup { host, service, family, kind, flags } => {
                let of =
                    |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or("NULL").to_string();
                write!(f, "{}, {}", of(host), of(service))?;
                if *family != 0 {
                    write!(f, ", {}", domain_name((*family).into()))?;
                }
                if *kind != 0 {
                    write!(f, ", {}", type_name((*kind).into()))?;
                }
                if *flags == 0 { Ok(()) } else { write!(f, ", {}", names(*flags, LOOKUP)) }
            }
            About::Reverse { address, flags } => write!(f, "{address}, {}", names(*flags, REVERSE)),
            About::Name { name, protocol } => {
                f.write_str(name)?;
                protocol.as_ref().map_or(Ok(()), |protocol| write!(f, ", {protocol}"))
            }
            About::Number { number, protocol } => {
                write!(f, "{number}")?;
                protocol.as_ref().map_or(Ok(()), |protocol| write!(f, ", {protocol}"))
            }
            About::Open { path, flags } => {
                let how = ["O_RDONLY", "O_WRONLY", "O_RDWR"][(flags & libc::O_ACCMODE).clamp(0, 2) as usize];
                match flags & !libc::O_ACCMODE {
                    0 => write!(f, "{}, {how}", path.display()),
                    more => write!(f, "{}, {how}|{}", path.display(), names(more, STATUS)),
                }
            }
            About::Path(path) => write!(f, "{}", path.display()),
            About::Rename { from, to } => write!(f, "{}, {}", from.display(), to.display()),
            About::Permissions(mode) => write!(f, "{mode:#o}"),
            About::Read(room) => write!(f, "{room}"),
            About::Write { length, .. } => f.write_str(&count(*length, Noun::Byte)),
            About::Program(words) => f.write_str(&words.join(", ")),
            About::Signal { pid, signal } => write!(f, "{pid}, {signal}"),
            About::Child(pid) => write!(f, "{pid}"),
            About::Time(time) => f.write_str(&duration_text(*time)),
        }
    }
}

/// Flags and their names in C.
type Names = &'static [(i32, &'static str)];

const MESSAGE: Names = &[
    (libc::MSG_OOB, "MSG_OOB"),
    (libc::MSG_PEEK, "MSG_PEEK"),
    (libc::MSG_DONTROUTE, "MSG_DONTROUTE"),
    (libc::MSG_CTRUNC, "MSG_CTRUNC"),
    (libc::MSG_TRUNC, "MSG_TRUNC"),
    (libc::MSG_DONTWAIT, "MSG_DONTWAIT"),
    (libc::MSG_EOR, "MSG_EOR"),
    (libc::MSG_WAITALL, "MSG_WAITALL"),
    (libc::MSG_ERRQUEUE, "MSG_ERRQUEUE"),
    (libc::MSG_NOSIGNAL, "MSG_NOSIGNAL"),
    (libc::MSG_MORE, "MSG_MORE"),
    (libc::MSG_ZEROCOPY, "MSG_ZEROCOPY"),
    (libc::MSG_FASTOPEN, "MSG_FASTOPEN"),
    (libc::MSG_CMSG_CLOEXEC, "MSG_CMSG_CLOEXEC"),
];

/// Of open(2) and of F_SETFL; the three ways of access are no flags.
const STATUS: Names = &[
    (libc::O_WRONLY, "O_WRONLY"),
    (libc::O_RDWR, "O_RDWR"),
    (libc::O_CREAT, "O_CREAT"),
    (libc::O_EXCL, "O_EXCL"),
    (libc::O_TRUNC, "O_TRUNC"),
    (libc::O_APPEND, "O_APPEND"),
    (libc::O_NONBLOCK, "O_NONBLOCK"),
    (libc::O_CLOEXEC, "O_CLOEXEC"),
];

const EVENTS: Names = &[
    (libc::POLLIN as i32, "POLLIN"),
    (libc::POLLPRI as i32, "POLLPRI"),
    (libc::POLLOUT as i32, "POLLOUT"),
    (libc::POLLERR as i32, "POLLERR"),
    (libc::POLLHUP as i32, "POLLHUP"),
    (libc::POLLNVAL as i32, "POLLNVAL"),
    (libc::POLLRDHUP as i32, "POLLRDHUP"),
];

const LOOKUP: Names = &[
    (libc::AI_PASSIVE, "AI_PASSIVE"),
    (libc::AI_CANONNAME, "AI_CANONNAME"),
    (libc::AI_NUMERICHOST, "AI_NUMERICHOST"),
    (libc::AI_V4MAPPED, "AI_V4MAPPED"),
    (libc::AI_ALL, "AI_ALL"),
    (libc::AI_ADDRCONFIG, "AI_ADDRCONFIG"),
    (libc::AI_NUMERICSERV, "AI_NUMERICSERV"),
];

const REVERSE: Names = &[
    (libc::NI_NUMERICHOST, "NI_NUMERICHOST"),
    (libc::NI_NUMERICSERV, "NI_NUMERICSERV"),
    (libc::NI_NOFQDN, "NI_NOFQDN"),
    (libc::NI_NAMEREQD, "NI_NAMEREQD"),
    (libc::NI_DGRAM, "NI_DGRAM"),
];

/// `MSG_PEEK|MSG_TRUNC`; what has no name stays a number, and none at all is 0.
fn names(flags: i32, names: Names) -> String {
    let mut left = flags;
    let mut found: Vec<String> = Vec::new();
    for (flag, name) in names {
        if left & flag == *flag {
            found.push((*name).to_string());
            left &= !flag;
        }
    }
    if left != 0 || found.is_empty() {
        found.push(if left == 0 { "0".into() } else { format!("{left:#x}") });
    }
    found.join("|")
}

fn half(how: i32) -> Cow<'static, str> {
    match how {
        libc::SHUT_RD => "SHUT_RD".into(),
        libc::SHUT_WR => "SHUT_WR".into(),
        libc::SHUT_RDWR => "SHUT_RDWR".into(),
        other => other.to_string().into(),
    }
}

fn total(pieces: &[Bytes]) -> usize {
    pieces.iter().map(|piece| piece.len()).sum()
}

/// The constants of an option, or its numbers where there are none.
fn option_names(level: i32, number: i32) -> (String, String) {
    match (table::by_number(level, number), level, number) {
        (Some(option), ..) => (option.level_name.into(), option.constant.into()),
        (None, libc::SOL_SOCKET, libc::SO_ACCEPTCONN) => ("SOL_SOCKET".into(), "SO_ACCEPTCONN".into()),
        (None, libc::IPPROTO_TCP, libc::TCP_INFO) => ("IPPROTO_TCP".into(), "TCP_INFO".into()),
        _ => (level.to_string(), number.to_string()),
    }
}

/// Adds `"calls"` to the object of a line, and `"more"` where not all were kept.
pub fn add_calls(object: &mut Json, traced: &Traced) {
    let Some(fields) = object.as_object_mut() else { return };
    fields.insert("calls".into(), traced.calls.iter().map(|call| call_json(call)).collect());
    if traced.more > 0 {
        fields.insert("more".into(), json!(traced.more));
    }
}

/// One call: its name in C, its descriptor and socket, its arguments by name, what it returned and gave.
pub fn call_json(fact: &CallFact) -> Json {
    let names: Vec<&str> = fact.ends.iter().map(|end| &*end.name).collect();
    let when = fact.when.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let mut object = json!({
        "call": fact.name,
        "fd": fact.fd,
        "socket": names.first().filter(|_| names.len() == 1),
        "arguments": arguments_json(&fact.about),
        "result": fact.result.ok(),
        "errno": fact.result.err().map(Code::name),
        "when": when.as_secs_f64(),
        "micros": u64::try_from(fact.took.as_micros()).unwrap_or(u64::MAX),
        "thread": &*fact.thread.name,
        "job": fact.thread.number,
        "look": fact.look,
    });
    if let Some(fields) = object.as_object_mut() {
        if let Some(limit) = fact.limit {
            fields.insert("limit".into(), json!(limit.as_secs_f64()));
        }
        if names.len() > 1 {
            fields.insert("sockets".into(), json!(names));
        }
        if !matches!(fact.gave, Value::Nothing) {
            fields.insert("gave".into(), value_json(&fact.gave));
        }
        if !fact.control.is_empty() {
            fields.insert("control".into(), control_json(&fact.control));
        }
        if !fact.data.is_empty() {
            fields.insert(
                "data".into(),
                value_json(&Value::bytes(part(&fact.data, 0..fact.data.len().min(DATA_SHOWN)))),
            );
        }
    }
    object
}

/// Control messages: level and type by name, and what they say.
fn control_json(all: &[Control]) -> Json {
    let one = |control: &Control| {
        let (level, kind) = control.names();
        let data = match control.news() {
            _ if control.has_descriptors() => json!(control.descriptors()),
            Some((_, value)) => value_json(&value),
            None => value_json(&Value::bytes(control.data.clone())),
        };
        json!({ "level": level, "type": kind, "data": data, "shown": control.to_string() })
    };
    all.iter().map(one).collect()
}

fn arguments_json(about: &About<'_>) -> Json {
    let seconds = |time: &Duration| time.as_secs_f64();
    let fields = match about {
        About::Plain => json!({}),
        About::Make(triple) => json!({
            "family": domain_name(triple.domain()), "type": type_name(triple.kind()),
            "protocol": triple.protocol().map(i32::from),
        }),
        About::At(address) => json!({ "address": address.to_string() }),
        About::Backlog(n) => json!({ "backlog": n }),
        About::Half(how) => json!({ "how": half(*how) }),
        About::Bytes { length, flags, to, .. } => {
            json!({ "bytes": length, "flags": flags, "address": to.as_ref().map(|a| a.to_string()) })
        }
        About::Slices { pieces, flags, to, control } => {
            let control = (!control.is_empty()).then(|| control_json(control));
            json!({
                "slices": pieces.len(), "bytes": total(pieces), "flags": flags,
                "address": to.as_ref().map(|a| a.to_string()), "control": control,
            })
        }
        About::Room { room, flags } => json!({ "room": room, "flags": flags }),
        About::Transfer { path, offset, count } => {
            json!({ "path": path.to_string_lossy(), "offset": offset, "count": count })
        }
        About::Option { level, number, value } => {
            let (level, name) = option_names(*level, *number);
            json!({ "level": level, "option": name, "value": value.as_ref().map(|v| v.to_string()) })
        }
        About::Mode { command, flags } => json!({ "command": command, "flags": flags }),
        About::Request(name) => json!({ "request": name }),
        About::Poll { events, sockets, writers, limit } => {
            let seconds = limit.as_ref().map(seconds);
            json!({ "sockets": sockets, "events": events, "writers": writers, "seconds": seconds })
        }
        About::Lookup { host, service, family, kind, flags } => {
            json!({ "host": host, "service": service, "family": family, "type": kind, "flags": flags })
        }
        About::Reverse { address, flags } => json!({ "address": address.to_string(), "flags": flags }),
        About::Name { name, protocol } => json!({ "name": name, "protocol": protocol }),
        About::Number { number, protocol } => json!({ "number": number, "protocol": protocol }),
        About::Open { path, flags } => json!({ "path": path.to_string_lossy(), "flags": flags }),
        About::Path(path) => json!({ "path": path.to_string_lossy() }),
        About::Rename { from, to } => json!({ "from": from.to_string_lossy(), "to": to.to_string_lossy() }),
        About::Permissions(mode) => json!({ "mode": mode }),
        About::Read(room) => json!({ "room": room }),
        About::Write { length, .. } => json!({ "bytes": length }),
        About::Program(words) => json!({ "words": words }),
        About::Signal { pid, signal } => json!({ "pid": pid, "signal": signal }),
        About::Child(pid) => json!({ "pid": pid }),
        About::Time(time) => json!({ "seconds": seconds(time) }),
    };
    // What an argument is not there for is left out.
    let Json::Object(fields) = fields else { return Json::Null };
    Json::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}
