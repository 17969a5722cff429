//! What this session knows of a failure: its own sockets often are the cause. Looked up when an error is to be shown, and
//! never for one that a script handles.

use std::sync::Arc;

use super::Session;
use crate::net::look::Look;
use crate::net::options::table;
use crate::value::Address;
use crate::value::errno::Code;
use crate::value::outcome::{CallError, Halt};
use crate::value::socket::Endpoint;
use crate::words::Sentence;

impl Session {
    /// Adds to an error that is to be shown what this session's sockets have to do with it.
    pub fn advise(&self, halt: &mut Halt) {
        let Halt::Error(error) = halt else { return };
        if error.advice.is_none() {
            error.advice = self.advice(error).map(Box::new);
        }
    }

    fn advice(&self, error: &CallError) -> Option<Sentence> {
        let Code::Errno(number) = error.code else { return None };
        match (error.call, number) {
            ("connect", libc::ETIMEDOUT | libc::EAGAIN) => self.full_queue(error.to.as_deref()?),
            ("connect", libc::ECONNREFUSED) => {
                let to = error.to.as_deref()?;
                self.not_listening(to).or_else(|| self.listens_elsewhere(to))
            }
            ("connect", libc::EISCONN) => self.connected_already(error.socket.as_ref()?),
            ("accept4", libc::EINVAL) => self.accepts_elsewhere(error.socket.as_ref()?),
            ("recv" | "recvfrom" | "send", libc::ENOTCONN | libc::EPIPE | libc::EINVAL) => {
                self.carries_no_data(error.socket.as_ref()?, error.call)
            }
            ("bind", libc::EADDRINUSE) => self.in_use(error),
            ("send" | "sendmsg" | "sendfile", libc::EAGAIN | libc::ETIMEDOUT) => {
                self.still_connecting(error.socket.as_ref()?)
            }
            _ => None,
        }
    }

    /// The open sockets of this session that have this address, for which `wanted` holds.
    fn bound_to(&self, to: &Address, wanted: impl Fn(&Endpoint) -> bool) -> Option<Arc<Endpoint>> {
        let has = |socket: &Arc<Endpoint>| {
            wanted(socket) && Look::new(&self.caller, socket).local().is_ok_and(|local| reaches(&local, to))
        };
        self.open_sockets().into_iter().find(has)
    }

    fn full_queue(&self, to: &Address) -> Option<Sentence> {
        let listener = self.bound_to(to, Endpoint::is_listening)?;
        let (waiting, most) = Look::new(&self.caller, &listener).facts(false).backlog?;
        // A queue takes one more than its backlog.
        (waiting > most).then(|| {
            say!(
                en "the queue of `{name}`, in this session's table, is full ({waiting} waiting); `{name}.accept` takes one out, and `listen` with a larger backlog has room for more",
                es "la cola de `{name}`, en la tabla de esta sesión, está llena ({waiting} en espera); `{name}.accept` saca uno, y `listen` con una cola mayor tiene lugar para más",
                name = listener.name(),
                waiting
            )
        })
    }

    fn not_listening(&self, to: &Address) -> Option<Sentence> {
        let bound = self.bound_to(to, |s| s.is_stream() && !s.is_listening())?;
        Some(say!(
            en "`{name}` is bound there but has not called `listen`",
            es "`{name}` tiene esa dirección pero no ha llamado a `listen`",
            name = bound.name()
        ))
    }

    /// Nothing listens there, and a socket of this session does elsewhere.
    fn listens_elsewhere(&self, to: &Address) -> Option<Sentence> {
        let listener = self.open_sockets().into_iter().find(|s| s.is_listening() && s.is_inet())?;
        let local = Look::new(&self.caller, &listener).local().ok()?;
        Some(say!(
            en "nothing listens on {to}; `{name}` listens on {local}",
            es "nadie escucha en {to}; `{name}` escucha en {local}",
            to = to.to_string(),
            name = listener.name(),
            local = local.to_string()
        ))
    }

    fn connected_already(&self, socket: &Arc<Endpoint>) -> Option<Sentence> {
        if socket.is_listening() {
            return Some(say!(
                en "`{name}` listens, and a listener does not connect; make a new `socket`",
                es "`{name}` escucha, y un socket que escucha no se conecta; crea un `socket` nuevo",
                name = socket.name()
            ));
        }
        let peer = Look::new(&self.caller, socket).peer().ok()?;
        Some(say!(
            en "`{name}` is connected to {peer} already; make a new `socket` for another connection",
            es "`{name}` ya está conectado a {peer}; crea un `socket` nuevo para otra conexión",
            name = socket.name(),
            peer = peer.to_string()
        ))
    }

    /// This socket does not listen; another one, or it has not yet been told to.
    fn accepts_elsewhere(&self, socket: &Arc<Endpoint>) -> Option<Sentence> {
        let look = Look::new(&self.caller, socket);
        let name = socket.name();
        let connected = look.peer().is_ok();
        match self.open_sockets().into_iter().find(|s| s.is_listening()) {
            Some(listener) if connected => Some(say!(
                en "`{name}` is connected; `{other}` listens: `{other}.accept`",
                es "`{name}` está conectado; `{other}` es el que escucha: `{other}.accept`",
                name,
                other = listener.name()
            )),
            Some(listener) => Some(say!(
                en "`{name}` does not listen; `{other}` does: `{other}.accept`",
                es "`{name}` no escucha; `{other}` sí: `{other}.accept`",
                name,
                other = listener.name()
            )),
            None if connected => Some(say!(
                en "`{name}` is connected, and only a socket that listens accepts",
                es "`{name}` está conectado, y solo acepta un socket que escucha",
                name
            )),
            None => Some(say!(
                en "`{name}` has not called `listen`: `{name}.listen`, then `accept`",
                es "`{name}` no ha llamado a `listen`: `{name}.listen` y luego `accept`",
                name
            )),
        }
    }

    /// A listener carries no data; a connection of this session does.
    fn carries_no_data(&self, socket: &Arc<Endpoint>, call: &str) -> Option<Sentence> {
        let has_peer = |s: &Arc<Endpoint>| s.is_stream() && Look::new(&self.caller, s).peer().is_ok();
        if !socket.is_stream() || has_peer(socket) {
            return None;
        }
        let connected = self.open_sockets().into_iter().rev().find(has_peer)?;
        let (name, other) = (socket.name(), connected.name());
        Some(match socket.is_listening() {
            true => say!(
                en "`{name}` listens and carries no data; `{other}` is connected: `{other}.{call}`",
                es "`{name}` escucha y no lleva datos; `{other}` está conectado: `{other}.{call}`",
                name,
                other,
                call
            ),
            false => say!(
                en "`{name}` is not connected; `{other}` is: `{other}.{call}`",
                es "`{name}` no está conectado; `{other}` sí: `{other}.{call}`",
                name,
                other,
                call
            ),
        })
    }

    fn in_use(&self, error: &CallError) -> Option<Sentence> {
        let (socket, to) = (error.socket.as_ref()?, error.to.as_deref()?);
        if !socket.is_inet() {
            return None;
        }
        let others = |s: &Endpoint| s.id != socket.id && s.kind() == socket.kind();
        if let Some(other) = self.bound_to(to, others) {
            return Some(say!(
                en "`{name}`, in this session's table, has this address; close it first, or choose another port (0: any)",
                es "`{name}`, en la tabla de esta sesión, tiene esta dirección; ciérralo antes o elige otro puerto (0: cualquiera)",
                name = other.name()
            ));
        }
        let option = table::find("reuseaddr")?;
        let reuses = Look::new(&self.caller, socket).option(option).ok()?.to_int() == Some(1);
        Some(match (reuses, socket.is_stream()) {
            (true, true) => phrase!(
                en "another program listens there, or a connection of the server before is in TIME_WAIT: `reuseaddr`, which is set here, helps only if that server had set it too; this once wait a minute, or choose another port",
                es "otro programa escucha ahí, o una conexión del servidor anterior está en TIME_WAIT: `reuseaddr`, que aquí está puesto, sirve solo si ese servidor también lo tenía; por esta vez espera un minuto o elige otro puerto"
            ),
            (false, true) => phrase!(
                en "another program listens there, or a connection of the server before is in TIME_WAIT: for that, `setsockopt reuseaddr true` before `bind`, in every server that is to be started again; else wait a minute, or choose another port",
                es "otro programa escucha ahí, o una conexión del servidor anterior está en TIME_WAIT: para eso, `setsockopt reuseaddr true` antes de `bind`, en todo servidor que se vaya a reiniciar; si no, espera un minuto o elige otro puerto"
            ),
            (_, false) => phrase!(
                en "another program's socket has this address; stop it, or choose another port (0: any)",
                es "el socket de otro programa tiene esta dirección; detenlo o elige otro puerto (0: cualquiera)"
            ),
        }
        .into())
    }

    fn still_connecting(&self, socket: &Arc<Endpoint>) -> Option<Sentence> {
        let connecting = socket.is_tcp()
            && Look::new(&self.caller, socket).tcp_info().is_ok_and(|info| info.state() == "SYN_SENT");
        connecting.then(|| {
            phrase!(
                en "the connection is not made yet (SYN_SENT): `poll --write` until it is, then `getsockopt error` (0: done)",
                es "la conexión aún no está hecha (SYN_SENT): usa `poll --write` hasta que lo esté y luego `getsockopt error` (0: lista)"
            )
            .into()
        })
    }
}

/// Is what is sent to `to` for the socket at `local`?
fn reaches(local: &Address, to: &Address) -> bool {
    match (local, to) {
        (Address::Inet(local), Address::Inet(to)) => {
            local.port() == to.port()
                && (local.ip() == to.ip() || local.ip().is_unspecified() || to.ip().is_unspecified())
        }
        (local, to) => local == to,
    }
}
