//! A view of the session for another thread: it looks at the sockets, the calls in the background and the programs, and
//! can do nothing to them. What it reads is read through the door as a look, which `set trace` does not show: no line
//! of the script asked for it.

use std::sync::Arc;

use super::sockets::Table;
use super::{Session, Shared, Transfer};
use crate::net::door::{Caller, Observer, Thread};
use crate::net::gate;
use crate::net::look::Look;
use crate::value::job::Job;
use crate::value::outcome::SocketFacts;
use crate::value::process::Process;
use crate::value::socket::Endpoint;

/// What looks at a session from beside it.
pub struct Eyes {
    caller: Caller,
    sockets: Table,
    shared: Arc<Shared>,
}

impl Session {
    /// A view of this session for another thread.
    pub fn eyes(&mut self) -> Eyes {
        let thread = Thread { number: 0, name: "prompt".into() };
        let mut caller = self.caller.fork(self.caller.gate.clone(), thread);
        if let Some(trace) = &self.trace {
            let trace: Arc<dyn Observer> = trace.clone();
            caller.observers.remove(&trace);
        }
        if let Some(picture) = &self.picture {
            let picture: Arc<dyn Observer> = picture.clone();
            caller.observers.remove(&picture);
        }
        Eyes { caller, sockets: self.sockets.fork(), shared: self.shared.clone() }
    }
}

impl Eyes {
    /// At most so many open sockets in order of creation, the current one among them, each with what there is to see
    /// of it.
    pub fn sockets(&mut self, most: usize) -> Vec<(Arc<Endpoint>, SocketFacts)> {
        let current = self.sockets.current().cloned();
        let mut all = self.sockets.open();
        let at = current.as_ref().and_then(|current| all.iter().position(|e| Arc::ptr_eq(e, current)));
        if let Some(at) = at.filter(|at| *at >= most) {
            all.swap(most - 1, at);
        }
        all.truncate(most);
        let is_current = |e: &Arc<Endpoint>| current.as_ref().is_some_and(|c| Arc::ptr_eq(c, e));
        let facts = |e: Arc<Endpoint>| {
            let facts = Look::new(&self.caller, &e).facts(is_current(&e));
            (e, facts)
        };
        all.into_iter().map(facts).collect()
    }

    /// Does a thread of the script wait in a call on this socket?
    pub fn is_in_use(socket: &Endpoint) -> bool {
        gate::has_users(socket.id)
    }

    /// The open socket of this number among all of the process.
    pub fn socket(&self, id: u32) -> Option<Arc<Endpoint>> {
        self.sockets.open().into_iter().find(|socket| socket.id == id)
    }

    /// What there is to see of one socket.
    pub fn facts(&self, socket: &Arc<Endpoint>) -> SocketFacts {
        Look::new(&self.caller, socket).facts(false)
    }

    /// How far the script's own transfer is.
    pub fn transfer(&self) -> &Transfer {
        &self.shared.transfer
    }

    /// The calls in the background and the threads whose end no line has heard of yet.
    pub fn jobs(&self) -> Vec<Arc<Job>> {
        self.shared.jobs()
    }

    /// The programs that were started.
    pub fn processes(&self) -> Vec<Arc<Process>> {
        self.shared.processes()
    }
}
