//! Time-outs and the blocking mode.

use std::time::Duration;

use super::param::{Flag, SpanOrNone};
use super::row::{Command, Gives::*, command};
use crate::errno::Class;
use crate::outcome::{CallError, Detail, Outcome, Reply};
use crate::session::Session;
use crate::value::Value;

pub const ROWS: &[Command] = &[
    command!(Options, "settimeout", settimeout, (time: SpanOrNone), Nothing,
        "how long this socket's calls may wait; `none` is for ever",
        c "setsockopt(2) SO_RCVTIMEO and SO_SNDTIMEO", rust "Socket::set_read_timeout and set_write_timeout",
        python "sock.settimeout(seconds)",
        errors ["EBADF", "EDOM"],
        note "The kernel keeps it, for `accept` and `connect` too. Running out is ETIMEDOUT, a TimeoutError. \
              `--timeout` of a command and `set timeout` are limits of sockbook's own: the smallest wins.",
        like "socket inet stream\nsettimeout 2s\ngettimeout"),
    command!(Options, "gettimeout", gettimeout, (), One("the time-out"),
        "what `settimeout` set",
        c "getsockopt(2) SO_RCVTIMEO", rust "Socket::read_timeout", python "sock.gettimeout()",
        errors ["EBADF"],
        like "socket inet stream\nsettimeout 250ms\ngettimeout"),
    command!(Options, "setblocking", setblocking, (on: Flag), Nothing,
        "`false`: calls that would wait fail with EAGAIN instead",
        c "fcntl(2) O_NONBLOCK", rust "Socket::set_nonblocking", python "sock.setblocking(False)",
        errors ["EBADF"],
        note "It leaves `settimeout` alone, where Python's clears it.",
        like "a, b = socketpair\na.setblocking false\nfails BlockingIOError recv"),
];

fn settimeout(session: &mut Session, time: Option<Duration>) -> Reply {
    let socket = session.socket()?;
    if time == Some(Duration::ZERO) {
        let found = "0 (for calls that do not wait there is `setblocking false`)".into();
        let detail = Detail::NotA { wanted: "a time-out", found };
        return Err(CallError::class(Class::ValueError, detail).blame("time").into());
    }
    let shown = time.map_or("0".into(), crate::value::duration_text);
    let caller = &mut session.caller;
    caller.on("setsockopt", &socket, None, format_args!("SO_RCVTIMEO, {shown}"), |s| {
        s.set_read_timeout(time)
    })?;
    caller.on("setsockopt", &socket, None, format_args!("SO_SNDTIMEO, {shown}"), |s| {
        s.set_write_timeout(time)
    })?;
    socket.set_timeout(time);
    Outcome::nothing()
}

fn gettimeout(session: &mut Session) -> Reply {
    let socket = session.socket()?;
    let caller = &mut session.caller;
    let time = caller.on("getsockopt", &socket, None, format_args!("SO_RCVTIMEO"), |s| {
        s.read_timeout().map(|t| t.map_or(Value::text("none"), Value::Duration))
    })?;
    Outcome::value(time)
}

fn setblocking(session: &mut Session, on: i32) -> Reply {
    let socket = session.socket()?;
    let nonblocking = on == 0;
    let shown = if nonblocking { "F_SETFL, O_NONBLOCK" } else { "F_SETFL, 0" };
    session.caller.on("fcntl", &socket, None, format_args!("{shown}"), |s| s.set_nonblocking(nonblocking))?;
    socket.set_nonblocking(nonblocking);
    Outcome::nothing()
}
