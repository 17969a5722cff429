//! What happened: the calls on sockets, kept as they are made, with what a look right after each of them saw.
//!
//! The list is bounded by calls and by bytes. What no longer fits is let go, the oldest first, and counted.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use crate::net::address::from_kernel;
use crate::net::door::{About, CallFact, Observer, Observers};
use crate::net::kernel;
use crate::net::tcp_info::TcpInfo;
use crate::text::diagnostic::Sources;
use crate::text::secrets;
use crate::value::socket::{Endpoint, Triple};
use crate::value::{Address, Value};

/// So many calls are kept.
pub const MOST: usize = 10_000;
/// So many bytes of their data.
const MOST_BYTES: usize = 64 << 20;
/// So many bytes of each call, for the labels of a diagram; a capture wants all.
pub const SNIPPET: usize = 64;

/// The calls that a picture tells of. `getsockopt` and the like change nothing.
const TOLD: &[&str] = &[
    "socket",
    "socketpair",
    "dup",
    "bind",
    "listen",
    "accept4",
    "connect",
    "send",
    "sendto",
    "sendmsg",
    "sendfile",
    "recv",
    "recvfrom",
    "recvmsg",
    "shutdown",
    "close",
    "setsockopt",
    "poll",
];

/// A call that was made.
#[derive(Clone, Debug)]
pub struct Event {
    pub fact: Arc<CallFact>,
    /// The numbers within the process of the sockets that it was made on.
    pub on: Vec<u32>,
    /// Those of the sockets that it made.
    pub made: Vec<u32>,
    /// What a look right after it saw, and when that was: other threads may have called meanwhile.
    pub seen: Vec<Seen>,
    pub looked: Instant,
}

impl Event {
    fn bytes(&self) -> usize {
        let handed = match &self.fact.about {
            About::Bytes { data, .. } => data.len(),
            About::Slices { pieces, .. } => pieces.iter().map(|piece| piece.len()).sum(),
            _ => 0,
        };
        handed + self.fact.data.len()
    }
}

/// A socket as it was right after a call.
#[derive(Clone, Debug)]
pub struct Seen {
    pub socket: u32,
    /// TCP's.
    pub state: Option<&'static str>,
    pub counts: Counts,
}

/// What the kernel counts of a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// TCP: segments, of these those with data, and those sent again.
    pub segments_out: u64,
    pub segments_in: u64,
    pub data_out: u64,
    pub again: u64,
    /// Datagrams that came and found no room.
    pub dropped: u64,
}

/// A socket that took part.
#[derive(Clone, Debug)]
pub struct Party {
    pub number: u32,
    pub triple: Triple,
    /// The last name that a call on it told.
    name: Arc<str>,
    pub local: Option<Address>,
    pub peer: Option<Address>,
    /// A program got it: what happens to it is not all told by the session's calls.
    pub handed: bool,
    endpoint: Weak<Endpoint>,
}

impl Party {
    fn new(endpoint: &Arc<Endpoint>) -> Party {
        Party {
            number: endpoint.number,
            triple: endpoint.triple,
            name: endpoint.name(),
            local: None,
            peer: None,
            handed: false,
            endpoint: Arc::downgrade(endpoint),
        }
    }

    /// What it is called: by its name, also after another socket has it, else by its number.
    pub fn name(&self) -> Arc<str> {
        let first = self.endpoint.upgrade().and_then(|endpoint| endpoint.first_name());
        first.unwrap_or_else(|| self.name.clone())
    }

    fn call_it(&mut self, name: &Arc<str>) {
        if **name != *format!("s{}", self.number) {
            self.name = name.clone();
        }
    }
}

/// The observer that keeps what happens.
pub struct Recorder {
    inner: Mutex<Inner>,
    /// So many bytes of each call.
    data: usize,
    /// No observer is told of its looks.
    quiet: Option<Observers>,
}

#[derive(Debug, Default)]
struct Inner {
    events: VecDeque<Event>,
    bytes: usize,
    gone: u64,
    parties: BTreeMap<u32, Party>,
    /// The sockets by their two addresses, to find the other end of a connection.
    ends: HashMap<(SocketAddr, SocketAddr), Weak<Endpoint>>,
    /// Those of datagrams by their own address.
    bound: HashMap<SocketAddr, Weak<Endpoint>>,
    sources: Sources,
}

/// What happened, as of one moment.
#[derive(Clone, Debug, Default)]
pub struct Record {
    pub events: Vec<Event>,
    /// So many calls before them are not kept.
    pub gone: u64,
    pub parties: BTreeMap<u32, Party>,
    /// The texts that the lines stand in.
    pub sources: Sources,
}

impl Recorder {
    /// `data`: so many bytes of each call are kept. `told`: its looks are facts for the other observers; at the prompt they
    /// are not, because no line asked for them.
    pub fn new(data: usize, told: bool) -> Arc<Recorder> {
        /// A secret that is cut could not be found.
        const WHOLE: usize = 64 << 10;
        let data = if secrets::are_kept() { data.max(WHOLE) } else { data };
        let quiet = (!told).then(Observers::none);
        Arc::new(Recorder { inner: Mutex::default(), data, quiet })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The texts that lines stand in from now on; those before stay where they are among them.
    pub fn read_from(&self, sources: &Sources) {
        self.inner().sources = sources.clone();
    }

    /// What was kept until now.
    pub fn record(&self) -> Record {
        let inner = self.inner();
        Record {
            events: inner.events.iter().cloned().collect(),
            gone: inner.gone,
            parties: inner.parties.clone(),
            sources: inner.sources.clone(),
        }
    }

    /// Forgets all.
    pub fn clear(&self) {
        let mut inner = self.inner();
        let sources = std::mem::take(&mut inner.sources);
        *inner = Inner { sources, ..Inner::default() };
    }
}

impl Observer for Recorder {
    fn after_on(&self, fact: &Arc<CallFact>, sockets: &[Arc<Endpoint>], door: &Observers) {
        if fact.name == "execve" && fact.result.is_ok() {
            let mut inner = self.inner();
            for socket in sockets {
                inner.parties.entry(socket.id).or_insert_with(|| Party::new(socket)).handed = true;
            }
            return;
        }
        let alone = matches!(fact.name, "socket" | "socketpair");
        if fact.look || !TOLD.contains(&fact.name) || sockets.is_empty() && !alone {
            return;
        }
        let door = self.quiet.as_ref().unwrap_or(door);
        let mut inner = self.inner();
        for (socket, end) in sockets.iter().zip(&fact.ends) {
            let party = inner.parties.entry(socket.id).or_insert_with(|| Party::new(socket));
            party.call_it(&socket.first_name().unwrap_or_else(|| end.name.clone()));
        }
        let mut seen = Vec::new();
        if let [socket] = sockets {
            inner.learn_addresses(fact, socket, door);
            seen.extend(see(socket, door));
            seen.extend(inner.other_end(fact, socket).and_then(|other| see(&other, door)));
        }
        inner.push(Event {
            fact: fact.clone(),
            on: sockets.iter().map(|socket| socket.id).collect(),
            made: Vec::new(),
            seen,
            looked: Instant::now(),
        });
    }

    fn adopted(&self, socket: &Arc<Endpoint>, door: &Observers) {
        let thread = door.thread().number;
        let door = self.quiet.as_ref().unwrap_or(door);
        let mut inner = self.inner();
        let mut party = Party::new(socket);
        let from = inner.events.iter_mut().rev().find(|event| event.fact.thread.number == thread);
        if let Some(event) = from {
            event.made.push(socket.id);
            if let Value::Address(address) = &event.fact.gave {
                party.peer = Some((**address).clone());
            }
            event.seen.extend(see(socket, door));
            event.looked = Instant::now();
        }
        inner.parties.insert(socket.id, party);
        inner.learn_local(socket, door);
        inner.know_ends(socket);
    }

    fn data(&self) -> usize {
        self.data
    }
}

impl Inner {
    fn push(&mut self, event: Event) {
        self.bytes += event.bytes();
        self.events.push_back(event);
        while self.events.len() > MOST || self.bytes > MOST_BYTES && self.events.len() > 1 {
            let Some(first) = self.events.pop_front() else { break };
            self.bytes -= first.bytes();
            self.gone += 1;
        }
        // Of sockets that no kept call tells of nothing is drawn.
        if self.parties.len() > 2 * MOST {
            let told: std::collections::HashSet<u32> =
                self.events.iter().flat_map(|event| event.on.iter().chain(&event.made).copied()).collect();
            self.parties.retain(|id, _| told.contains(id));
            self.ends.retain(|_, endpoint| endpoint.strong_count() > 0);
            self.bound.retain(|_, endpoint| endpoint.strong_count() > 0);
        }
    }

    /// The addresses that this call may have given its socket.
    fn learn_addresses(&mut self, fact: &CallFact, socket: &Arc<Endpoint>, door: &Observers) {
        match fact.name {
            "bind" => self.learn_local(socket, door),
            "listen" | "send" | "sendto" | "sendmsg" => {
                let known = self.parties.get(&socket.id).and_then(|party| party.local.as_ref());
                if known.is_none_or(|local| local.port() == Some(0)) {
                    self.learn_local(socket, door);
                }
            }
            "connect" => {
                self.learn_local(socket, door);
                let peer =
                    door.look(socket, "getpeername", About::Plain, |s| Ok(from_kernel(&s.peer_addr()?)));
                let peer = peer.filter(|peer| *peer != Address::Unnamed);
                let asked = match &fact.about {
                    About::At(address) => Some(address.clone().into_owned()),
                    _ => None,
                };
                if let Some(party) = self.parties.get_mut(&socket.id) {
                    party.peer = peer.or(asked);
                }
                self.know_ends(socket);
            }
            _ => {}
        }
    }

    fn learn_local(&mut self, socket: &Arc<Endpoint>, door: &Observers) {
        let local = door.look(socket, "getsockname", About::Plain, |s| Ok(from_kernel(&s.local_addr()?)));
        if let (Some(party), Some(local)) = (self.parties.get_mut(&socket.id), local) {
            if let Address::Inet(local) = local
                && !socket.is_stream()
            {
                self.bound.insert(plain(local), Arc::downgrade(socket));
            }
            party.local = Some(local);
        }
    }

    fn know_ends(&mut self, socket: &Arc<Endpoint>) {
        let Some(party) = self.parties.get(&socket.id) else { return };
        if let (Some(Address::Inet(local)), Some(Address::Inet(peer))) = (&party.local, &party.peer) {
            self.ends.insert((plain(*local), plain(*peer)), Arc::downgrade(socket));
        }
    }

    /// The other end of a connection, or where a datagram went, for what changes it.
    fn other_end(&self, fact: &CallFact, socket: &Arc<Endpoint>) -> Option<Arc<Endpoint>> {
        let tells = matches!(fact.name, "shutdown" | "close" | "send" | "sendto" | "sendmsg" | "sendfile");
        let party = self.parties.get(&socket.id).filter(|_| tells)?;
        if !socket.is_stream() {
            let Some(Address::Inet(to)) = destination(&fact.about).or(party.peer.as_ref()) else {
                return None;
            };
            return places(plain(*to)).iter().find_map(|place| self.bound.get(place)?.upgrade());
        }
        let (Some(Address::Inet(local)), Some(Address::Inet(peer))) = (&party.local, &party.peer) else {
            return None;
        };
        self.ends.get(&(plain(*peer), plain(*local)))?.upgrade()
    }
}

/// An address as both ends write it: one of IPv4 as such, also on a socket of IPv6.
pub fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Where a send names its destination.
pub fn destination<'a>(about: &'a About<'static>) -> Option<&'a Address> {
    match about {
        About::Bytes { to, .. } | About::Slices { to, .. } => to.as_deref(),
        _ => None,
    }
}

/// What a socket may be bound to that is reached at this address.
pub fn places(address: SocketAddr) -> [SocketAddr; 3] {
    let any = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    [address, SocketAddr::new(any[0], address.port()), SocketAddr::new(any[1], address.port())]
}

/// SO_MEMINFO, which libc has no name for.
const SO_MEMINFO: i32 = 55;
/// struct sk_meminfo: nine numbers, the last those that were dropped.
const MEMINFO: usize = 36;

/// Looks at a socket that is open.
fn see(endpoint: &Arc<Endpoint>, door: &Observers) -> Option<Seen> {
    let about = |level, number| About::Option { level, number, value: None };
    if endpoint.is_tcp() {
        let about = about(libc::IPPROTO_TCP, libc::TCP_INFO);
        let info = door.look(endpoint, "getsockopt", about, TcpInfo::read)?;
        let count = |name| info.count(name).unwrap_or(0);
        let counts = Counts {
            segments_out: count("segs_out"),
            segments_in: count("segs_in"),
            data_out: count("data_segs_out"),
            again: count("total_retrans"),
            dropped: 0,
        };
        return Some(Seen { socket: endpoint.id, state: Some(info.state()), counts });
    }
    if !endpoint.is_inet() {
        return None;
    }
    let memory = door.look(endpoint, "getsockopt", about(libc::SOL_SOCKET, SO_MEMINFO), |socket| {
        let mut bytes = vec![0; MEMINFO];
        let length = kernel::getsockopt(socket, libc::SOL_SOCKET, SO_MEMINFO, &mut bytes)?;
        bytes.truncate(length);
        Ok(Value::bytes(bytes))
    })?;
    let Value::Bytes(bytes) = memory else { return None };
    let last: [u8; 4] = bytes.last_chunk().copied().filter(|_| bytes.len() == MEMINFO)?;
    let counts = Counts { dropped: u32::from_ne_bytes(last).into(), ..Counts::default() };
    Some(Seen { socket: endpoint.id, state: None, counts })
}
