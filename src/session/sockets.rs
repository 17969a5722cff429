//! The sockets of a script: all that are open, in order of creation, and for each thread which is its current one.

use std::collections::{HashMap, VecDeque};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::Socket;

use super::Session;
use crate::net::descriptor;
use crate::net::diag::{Leftover, leftovers};
use crate::net::gate::interrupt_users;
use crate::net::look::{self, Look};
use crate::value::errno::Code;
use crate::value::outcome::{CallError, Detail, Halt, SocketFacts, Waiting};
use crate::value::socket::{Endpoint, Triple};
use crate::value::{Address, Value};

/// The sockets of all threads of a script.
#[derive(Debug, Default)]
struct All {
    /// In order of creation; the closed ones go at times.
    list: Vec<Arc<Endpoint>>,
    /// How many were ever made.
    made: u32,
    /// Those that were closed last, the oldest first.
    closed: VecDeque<Arc<Endpoint>>,
}

/// How many closed sockets are remembered.
const MOST_CLOSED: usize = 256;

/// One thread's view of the sockets.
#[derive(Debug, Default)]
pub struct Table {
    all: Arc<Mutex<All>>,
    /// What this thread made or made current, the latest last: the last that is open is the current one.
    stack: Vec<Arc<Endpoint>>,
}

/// Drops the closed ones at the end.
fn trim(list: &mut Vec<Arc<Endpoint>>) {
    while list.last().is_some_and(|e| !e.is_open()) {
        list.pop();
    }
}

impl Table {
    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a new socket, which is current from then on.
    fn adopt(&mut self, make: impl FnOnce(u32) -> Endpoint) -> Arc<Endpoint> {
        let endpoint = self.enter(make);
        self.make_current(endpoint.clone());
        endpoint
    }

    /// Enters a new socket and leaves the current one.
    fn enter(&mut self, make: impl FnOnce(u32) -> Endpoint) -> Arc<Endpoint> {
        let mut all = self.all();
        all.made += 1;
        let endpoint = Arc::new(make(all.made));
        // Closed ones are dropped when the list is full: so seldom that it costs each of them the same.
        if all.list.len() == all.list.capacity() {
            all.list.retain(|e| e.is_open());
        }
        all.list.push(endpoint.clone());
        endpoint
    }

    /// The view of a thread that begins here.
    pub fn fork(&self) -> Table {
        Table { all: self.all.clone(), stack: self.stack.iter().filter(|e| e.is_open()).cloned().collect() }
    }

    fn make_current(&mut self, socket: Arc<Endpoint>) {
        if self.stack.len() == self.stack.capacity() {
            // The closed ones go, and all but the last place of those that stand there several times: none does
            // while the numbers only rise, as they do where each socket is only made.
            let mut last: HashMap<u32, usize> = HashMap::new();
            if self.stack.windows(2).any(|pair| pair[0].number >= pair[1].number) {
                last = self.stack.iter().enumerate().map(|(at, e)| (e.number, at)).collect();
            }
            let mut at = 0..;
            self.stack.retain(|e| {
                let at = at.next();
                e.is_open() && last.get(&e.number).is_none_or(|last| Some(*last) == at)
            });
        }
        self.stack.push(socket);
    }

    /// The current socket: what was made or made current last, and is still open.
    pub(super) fn current(&mut self) -> Option<&Arc<Endpoint>> {
        trim(&mut self.stack);
        self.stack.last()
    }

    /// A socket was closed.
    fn closed(&mut self, socket: &Arc<Endpoint>) {
        trim(&mut self.stack);
        let mut all = self.all();
        trim(&mut all.list);
        if all.closed.len() == MOST_CLOSED {
            all.closed.pop_front();
        }
        all.closed.push_back(socket.clone());
    }

    /// All open sockets of the script, in order of creation.
    pub(super) fn open(&self) -> Vec<Arc<Endpoint>> {
        self.all().list.iter().filter(|e| e.is_open()).cloned().collect()
    }

    /// An open socket by its number: `s3`.
    fn numbered(&self, number: u32) -> Option<Arc<Endpoint>> {
        let all = self.all();
        let at = all.list.binary_search_by_key(&number, |e| e.number).ok()?;
        all.list.get(at).filter(|e| e.is_open()).cloned()
    }

    /// A socket by its number among all of the process.
    fn by_id(&self, id: u32) -> Option<Arc<Endpoint>> {
        self.all().list.iter().find(|e| e.id == id).cloned()
    }

    fn clear(&mut self) {
        let mut all = self.all();
        all.list.clear();
        all.closed.clear();
        drop(all);
        self.stack.clear();
    }
}

impl Session {
    /// Enters a new socket into the table and makes it current.
    pub fn adopt(&mut self, socket: Socket, triple: Triple) -> Arc<Endpoint> {
        let endpoint = self.sockets.adopt(|number| Endpoint::new(number, Arc::new(socket), triple));
        self.caller.observers.adopted(&endpoint);
        endpoint
    }

    /// Enters a descriptor that another process has sent, whatever it is; the current socket stays. What is no socket
    /// can be closed, and sent on.
    pub fn enter_received(&mut self, fd: OwnedFd) -> Arc<Endpoint> {
        let known = descriptor::learn(&self.caller, fd.as_raw_fd()).ok();
        let triple = known.as_ref().map_or(Triple::NONE, |known| known.triple);
        let endpoint = self.sockets.enter(|number| Endpoint::new(number, Arc::new(Socket::from(fd)), triple));
        if let Some(known) = known {
            known.note(&endpoint);
        }
        self.caller.observers.adopted(&endpoint);
        endpoint
    }

    /// As [`Session::adopt`], of a second descriptor of a socket.
    pub fn adopt_copy(&mut self, socket: Socket, original: &Endpoint) -> Arc<Endpoint> {
        let endpoint = self.sockets.adopt(|number| Endpoint::copy(number, Arc::new(socket), original));
        self.caller.observers.adopted(&endpoint);
        endpoint
    }

    /// Makes an open socket the current one.
    pub fn make_current(&mut self, endpoint: Arc<Endpoint>) {
        self.sockets.make_current(endpoint);
    }

    /// The current socket, without the one before the dot.
    pub fn current(&mut self) -> Option<Arc<Endpoint>> {
        self.sockets.current().cloned()
    }

    /// The socket a command acts on: the one before the dot, else the current one.
    pub fn socket(&mut self) -> Result<Arc<Endpoint>, Box<Halt>> {
        match self.aim {
            Some(aim) => self.socket_at(aim).map_err(blame_socket),
            None => self
                .current()
                .ok_or_else(|| CallError::new("", Code::Errno(libc::EBADF), Detail::NoSocket).into()),
        }
    }

    /// An open socket by its number.
    pub fn numbered(&self, number: u32) -> Option<Arc<Endpoint>> {
        self.sockets.numbered(number)
    }

    /// All open sockets, in order of creation.
    pub fn open_sockets(&self) -> Vec<Arc<Endpoint>> {
        self.sockets.open()
    }

    /// Closes a socket: close(2), once; again is nothing. A call on it in another thread ends first.
    pub fn close(&mut self, endpoint: &Arc<Endpoint>) -> Result<(), Box<Halt>> {
        /// Between two attempts to end the calls of other threads.
        const PAUSE: Duration = Duration::from_micros(200);
        let Some(transport) = endpoint.take() else { return Ok(()) };
        self.sockets.closed(endpoint);
        while Arc::strong_count(&transport) > 1 {
            interrupt_users(endpoint.id);
            std::thread::park_timeout(PAUSE);
            // The descriptor is then closed by the call that holds it last.
            if let Some(stop) = self.caller.gate.stopped()
                && Arc::strong_count(&transport) > 1
            {
                return Err(self.caller.halt("close", stop, None, Some(endpoint)));
            }
        }
        self.caller.close(endpoint, transport);
        Ok(())
    }

    /// What there is to see of every open socket.
    pub fn open_facts(&mut self) -> Vec<SocketFacts> {
        self.facts_of(self.open_sockets())
    }

    /// The same, and the closed ones, with what the kernel still holds of them.
    pub fn all_facts(&mut self) -> Vec<SocketFacts> {
        let mut facts = self.open_facts();
        let closed = self.closed_sockets();
        let held = self.left_of(&closed);
        let of_each = closed.iter().zip(&held);
        facts.extend(
            of_each.map(|(socket, held)| Look::new(&self.caller, socket).closed_facts(held.as_ref())),
        );
        facts
    }

    fn closed_sockets(&self) -> Vec<Arc<Endpoint>> {
        self.sockets.all().closed.iter().cloned().collect()
    }

    /// The state of a socket that was closed: what the kernel still holds of it.
    pub fn closed_state(&self, socket: &Arc<Endpoint>) -> &'static str {
        let mut closed = self.closed_sockets();
        closed.retain(|other| !Arc::ptr_eq(other, socket));
        closed.push(socket.clone());
        self.left_of(&closed).last().copied().flatten().map_or("CLOSED", |held| held.state)
    }

    /// What the kernel still holds of each of these: first of those whose own address is known.
    fn left_of(&self, closed: &[Arc<Endpoint>]) -> Vec<Option<Leftover>> {
        let may_linger = |socket: &Endpoint| socket.is_tcp() && socket.ends().peer.is_some();
        let mut held = match closed.last() {
            Some(_) if closed.iter().any(|socket| may_linger(socket)) => leftovers(&self.caller),
            _ => Vec::new(),
        };
        let mut found = vec![None; closed.len()];
        for local_is_known in [true, false] {
            for (socket, found) in closed.iter().zip(&mut found) {
                if found.is_some() || socket.ends().local.is_some() != local_is_known || !may_linger(socket) {
                    continue;
                }
                if let Some(at) = held.iter().position(|held| held.is_of(socket)) {
                    let held = held.remove(at);
                    socket.note_local(&Address::Inet(held.local));
                    *found = Some(held);
                }
            }
        }
        found
    }

    /// The same, and the closed ones that still have a name: for the report of a failure.
    pub fn socket_facts(&mut self) -> Vec<SocketFacts> {
        let mut all = self.open_sockets();
        for slot in &self.slots {
            if let Some(Value::Socket(socket)) = slot
                && !socket.is_open()
            {
                all.push(socket.clone());
            }
        }
        all.sort_by_key(|s| s.number);
        all.dedup_by_key(|s| s.number);
        self.facts_of(all)
    }

    fn facts_of(&mut self, all: Vec<Arc<Endpoint>>) -> Vec<SocketFacts> {
        let current = self.current();
        let is_current = |e: &Arc<Endpoint>| current.as_ref().is_some_and(|c| Arc::ptr_eq(c, e));
        all.iter().map(|e| Look::new(&self.caller, e).facts(is_current(e))).collect()
    }

    /// Adds the names and addresses of the sockets that threads wait on.
    pub fn name_waiting(&self, waiting: &mut [Waiting]) {
        for one in waiting.iter_mut().filter(|w| w.number != 0) {
            let Some(socket) = self.sockets.by_id(one.number) else { continue };
            let local = Look::new(&self.caller, &socket).local().ok().filter(look::is_bound);
            let at = local.map_or(String::new(), |a| format!(" ({a})"));
            one.socket = format!("{}{at}", socket.name());
        }
    }

    /// Ends the programs the script started, and closes whatever it left open.
    pub fn close_all(&mut self) {
        let gate = self.caller.gate.clone();
        self.caller.roster.end_waits_on_death(false, &gate);
        self.caller.observers.begin_line(None);
        self.end_programs();
        self.aim = None;
        for endpoint in self.open_sockets() {
            let _ = self.close(&endpoint);
        }
        self.sockets.clear();
    }
}

/// The caret of this error belongs under the socket's name.
fn blame_socket(mut halt: Box<Halt>) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt {
        error.blame = Some("socket");
    }
    halt
}
