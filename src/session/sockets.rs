//! The sockets of a session: in order of creation, which of them is current, and the memory of those that are
//! closed and forgotten.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use socket2::Socket;

use crate::value::socket::{Endpoint, Names, Triple};

/// What the threads of a script share of their sockets.
#[derive(Debug, Default)]
pub struct Common {
    /// Those of all threads. While there is one thread it has its own list, and needs no lock.
    all: Mutex<List>,
    /// How many were made. Among several threads it is changed under the lock, so that the list has its order.
    made: AtomicU32,
    /// The number of the last socket in the list; changed under the lock.
    newest: AtomicU32,
    /// Every name of the script, by slot.
    pub names: Arc<Names>,
}

/// One thread's view.
#[derive(Debug, Default)]
pub struct Table {
    pub common: Arc<Common>,
    /// The script has several threads.
    several: bool,
    /// What this thread made, and what was there when it began.
    own: List,
    /// What was made current again.
    used: Vec<Used>,
    /// There is something in `used`, or there are several threads: to close a socket takes more.
    involved: bool,
    /// Sockets that are closed and forgotten.
    shells: Vec<Arc<Endpoint>>,
}

/// A socket that was made current again, when so many had been made.
#[derive(Clone, Debug)]
struct Used {
    socket: Arc<Endpoint>,
    made: u32,
}

/// In order of creation. What is closed leaves the end at once, and the middle when there is no room.
#[derive(Debug, Default)]
struct List(Vec<Arc<Endpoint>>);

impl List {
    #[inline(always)]
    fn push(&mut self, endpoint: Arc<Endpoint>) {
        if self.is_full() {
            self.make_room(0);
        }
        self.0.push(endpoint);
    }

    #[inline(always)]
    fn is_full(&self) -> bool {
        self.0.len() == self.0.capacity()
    }

    /// Drops the closed ones, so rarely that it costs each of them the same; `likely` may be open at once.
    fn make_room(&mut self, likely: usize) {
        const FEW: usize = 32;
        self.0.retain(|e| e.is_open());
        if self.0.len() > self.0.capacity() / 2 || self.0.capacity() < FEW {
            self.0.reserve_exact(self.0.len().max(FEW).max(likely));
        }
    }

    /// Drops the closed ones at the end.
    #[inline]
    fn trim(&mut self) {
        while self.0.last().is_some_and(|e| !e.is_open()) {
            self.0.pop();
        }
    }

    fn open(&self) -> impl Iterator<Item = &Arc<Endpoint>> {
        self.0.iter().filter(|e| e.is_open())
    }

    fn find(&self, number: u32) -> Option<Arc<Endpoint>> {
        let at = self.0.binary_search_by_key(&number, |e| e.number).ok()?;
        self.0.get(at).filter(|e| e.is_open()).cloned()
    }
}

impl Common {
    fn list(&self) -> MutexGuard<'_, List> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Enters a new socket, which is current from then on.
    pub fn adopt(&mut self, socket: Socket, triple: Triple) -> Arc<Endpoint> {
        let endpoint = match self.several {
            true => self.adopt_in_order(socket, triple, |_| {}),
            false => {
                let number = self.common.made.load(Relaxed) + 1;
                self.common.made.store(number, Relaxed);
                self.make(number, socket, triple)
            }
        };
        self.keep(endpoint.clone());
        endpoint
    }

    /// As [`Table::adopt`], of a second descriptor of a socket: what they share is theirs before others can see it.
    pub fn adopt_copy(&mut self, socket: Socket, original: &Endpoint) -> Arc<Endpoint> {
        let endpoint = self.adopt_in_order(socket, original.triple, |copy| {
            copy.share_mode(original);
            if original.is_listening() {
                copy.set_listening();
            }
        });
        self.keep(endpoint.clone());
        endpoint
    }

    /// Under the lock, so that the list of several threads has its order. `dress` is done to the socket before others
    /// can see it.
    #[cold]
    fn adopt_in_order(
        &mut self,
        socket: Socket,
        triple: Triple,
        dress: impl FnOnce(&Endpoint),
    ) -> Arc<Endpoint> {
        let common = self.common.clone();
        let mut list = common.list();
        let number = common.made.load(Relaxed) + 1;
        common.made.store(number, Relaxed);
        let endpoint = self.make(number, socket, triple);
        dress(&endpoint);
        if self.several {
            list.push(endpoint.clone());
            common.newest.store(number, Relaxed);
        }
        endpoint
    }

    /// Enters a socket into this thread's own list.
    #[inline(always)]
    fn keep(&mut self, endpoint: Arc<Endpoint>) {
        if self.own.is_full() {
            self.make_room();
        }
        self.own.push(endpoint);
    }

    #[inline(never)]
    fn make_room(&mut self) {
        // Hardly any script has more sockets open than it has names for them; a thread has few.
        let likely = if self.several { 0 } else { self.common.names.count() };
        self.own.make_room(likely);
    }

    #[inline(always)]
    fn make(&mut self, number: u32, socket: Socket, triple: Triple) -> Arc<Endpoint> {
        if let Some(mut shell) = self.shells.pop()
            && let Some(inside) = Arc::get_mut(&mut shell)
        {
            inside.renew(number, socket, triple);
            return shell;
        }
        Arc::new(Endpoint::new(number, socket, triple, self.common.names.clone()))
    }

    /// Keeps the memory of a socket that is closed and forgotten, for the next one.
    #[inline]
    pub fn recycle(&mut self, socket: Arc<Endpoint>) {
        const FEW: usize = 4;
        if socket.is_gone() && Arc::strong_count(&socket) == 1 && self.shells.len() < FEW {
            self.shells.push(socket);
        }
    }

    /// The script has several threads from here on: their sockets stand in one list.
    pub fn share(&mut self) {
        if std::mem::replace(&mut self.several, true) {
            return;
        }
        self.involved = true;
        let mut list = self.common.list();
        list.0 = self.own.open().cloned().collect();
        self.common.newest.store(list.0.last().map_or(0, |e| e.number), Relaxed);
    }

    /// The view of a thread that begins here.
    pub fn fork(&self) -> Table {
        Table {
            common: self.common.clone(),
            several: true,
            own: List(self.own.open().cloned().collect()),
            used: self.used.iter().filter(|u| u.socket.is_open()).cloned().collect(),
            involved: true,
            shells: Vec::new(),
        }
    }

    /// Makes a socket of the script the current one.
    pub fn make_current(&mut self, socket: Arc<Endpoint>) {
        if self.used.len() == self.used.capacity() {
            self.forget_used();
        }
        self.involved = true;
        self.used.push(Used { socket, made: self.common.made.load(Relaxed) });
    }

    /// Drops what is closed, and what was made current again later, so rarely that it costs each the same.
    #[cold]
    fn forget_used(&mut self) {
        let mut seen = HashSet::new();
        self.used.reverse();
        self.used.retain(|used| used.socket.is_open() && seen.insert(used.socket.number));
        self.used.reverse();
        self.used.reserve_exact(self.used.len().max(8));
    }

    /// The current socket: what was made or made current last, and is still open.
    pub fn current(&mut self) -> Option<&Arc<Endpoint>> {
        self.trim();
        self.topmost()
    }

    /// The current socket, where nothing closed stands above it.
    #[inline]
    pub fn topmost(&self) -> Option<&Arc<Endpoint>> {
        let own = self.own.0.last();
        match self.used.last() {
            Some(used) if own.is_none_or(|own| own.number <= used.made) => Some(&used.socket),
            _ => own,
        }
        .filter(|e| e.is_open())
    }

    /// Drops what is closed and would be current.
    #[inline]
    fn trim(&mut self) {
        self.own.trim();
        while self.used.last().is_some_and(|used| !used.socket.is_open()) {
            self.used.pop();
        }
    }

    /// A socket was closed.
    #[inline]
    pub fn closed(&mut self, number: u32) {
        self.own.trim();
        if self.involved {
            self.closed_among_others(number);
        }
    }

    #[cold]
    fn closed_among_others(&mut self, number: u32) {
        self.trim();
        self.involved = self.several || !self.used.is_empty();
        // The last one made is mostly the first to go; the others are dropped with the next that are made.
        if self.several && self.common.newest.load(Relaxed) == number {
            let mut list = self.common.list();
            list.trim();
            self.common.newest.store(list.0.last().map_or(0, |e| e.number), Relaxed);
        }
    }

    /// All open sockets of the script, in order of creation.
    pub fn open(&self) -> Vec<Arc<Endpoint>> {
        match self.several {
            true => self.common.list().open().cloned().collect(),
            false => self.own.open().cloned().collect(),
        }
    }

    /// An open socket by its number: `s3`.
    pub fn numbered(&self, number: u32) -> Option<Arc<Endpoint>> {
        if self.several { self.common.list().find(number) } else { self.own.find(number) }
    }

    /// A socket by its number among all of the process.
    pub fn by_id(&self, id: u32) -> Option<Arc<Endpoint>> {
        let find = |list: &List| list.0.iter().find(|e| e.id() == id).cloned();
        if self.several { find(&self.common.list()) } else { find(&self.own) }
    }

    /// Forgets all of this thread's.
    pub fn clear(&mut self) {
        self.own.0.clear();
        self.used.clear();
    }
}
