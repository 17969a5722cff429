//! The model of a picture: lanes, acts and arrows, built from what happened.
//!
//! A lane is an end: a socket of the session, or an address that is none of them. An act is a line, with what its calls
//! did on one lane; calls of one line that follow each other are one act. An arrow is known where a call or TCP_INFO
//! tells of it, else inferred. What is sent before `accept` goes to the listener, whose queue holds it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use socket2::{Domain, Type};

use super::events::{Counts, Event, Party, Record, SNIPPET, destination, places, plain};
use crate::net::door::{About, CallFact};
use crate::net::options::setting::Setting;
use crate::text::diagnostic::Sources;
use crate::text::literal;
use crate::text::secrets::{hide, hide_bytes};
use crate::value::errno::Code;
use crate::value::{Address, Value, domain_name, type_name};
use crate::words::{Lang, Noun};

/// A session as it is drawn.
#[derive(Debug, Default)]
pub struct Ladder {
    pub lanes: Vec<Lane>,
    pub rows: Vec<Row>,
    /// So many calls before the first are not in it.
    pub gone: u64,
    /// Acts of several threads are in it.
    pub threaded: bool,
}

/// An end.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    pub name: String,
    /// It is none of the session's.
    pub remote: bool,
    /// `inet stream`; empty for what is remote.
    pub kind: String,
    pub address: Option<String>,
    /// Two of one name are told apart.
    pub ordinal: u32,
    pub listens: bool,
}

/// A row of the picture.
// Nearly all rows are acts.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub enum Row {
    Act(Act),
    /// In place of so many rounds more of the rows above, in which these lanes ended.
    More {
        rounds: u64,
        ends: Vec<usize>,
    },
}

/// A line and what it did on one lane.
#[derive(Clone, Debug)]
pub struct Act {
    pub when: SystemTime,
    /// Of the script itself nothing.
    pub thread: Option<Arc<str>>,
    pub place: Option<Place>,
    pub call: &'static str,
    pub lane: Option<usize>,
    pub told: Told,
    /// Lanes that begin here.
    pub starts: Vec<usize>,
    pub arrows: Vec<Arrow>,
    /// The states that are others after it.
    pub states: Vec<(usize, State)>,
    /// Its lane was closed by it.
    pub closes: bool,
    /// Lanes of which nothing is left after it.
    pub ends: Vec<usize>,
    pub counts: Option<Counts>,
    key: (u32, u64),
}

/// Where a line stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The script's own lines have none.
    pub file: Option<String>,
    pub line: usize,
    pub text: String,
}

/// What a call told beside its arrows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Nothing,
    /// What came.
    Took {
        bytes: u64,
        of: Option<u64>,
    },
    /// What was only looked at.
    Peeked {
        bytes: u64,
    },
    /// Fewer were taken than were handed over.
    Partly {
        bytes: u64,
        of: u64,
    },
    End,
    Error(String),
    /// Datagrams that came and were never read, or bytes.
    Unread {
        datagrams: u64,
    },
}

/// A state, and whether it is only inferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    pub name: &'static str,
    pub inferred: bool,
}

/// What goes from one end to another.
#[derive(Clone, Debug)]
pub struct Arrow {
    pub from: usize,
    pub to: usize,
    pub what: What,
    /// A call or TCP_INFO tells of it; else it is inferred.
    pub known: bool,
    /// It does not arrive, and why.
    pub lost: Option<Lost>,
    pub wire: Wire,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Syn,
    SynAck,
    Ack,
    Fin,
    Rst,
    /// A Unix connection, and the end of what one side sends.
    Connect,
    End,
    /// ICMP: nothing listens there.
    Unreachable,
    Data(Data),
}

/// Bytes on their way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data {
    pub length: u64,
    /// The first of them, as far as they are known.
    pub bytes: Vec<u8>,
    /// It is a message of its own.
    pub datagram: bool,
    pub urgent: bool,
    /// TCP_INFO: so many segments, and so many of them again; 0 where it does not say.
    pub segments: u64,
    pub again: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Nothing is bound there.
    Nowhere,
    /// The receiver's queue is full.
    Full,
    /// Nothing answered.
    NoAnswer,
}

/// How it goes over a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    pub protocol: Protocol,
    pub ends: Option<(SocketAddr, SocketAddr)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    Tcp,
    Udp,
    /// Within this machine, without packets.
    Local,
    /// What has no picture on a network.
    #[default]
    Other,
}

impl What {
    /// `SYN`, `23 bytes`, …
    pub fn label(&self, lang: Lang) -> String {
        match self {
            What::Syn => "SYN".into(),
            What::SynAck => "SYN ACK".into(),
            What::Ack => "ACK".into(),
            What::Fin => "FIN".into(),
            What::Rst => "RST".into(),
            What::Connect => "connect".into(),
            What::End => phrase!(en "end", es "fin").show(lang).into(),
            What::Unreachable => "ICMP".into(),
            What::Data(data) => {
                let words = lang.words();
                let mut label = words.count(data.length, Noun::Byte);
                if data.bytes.len() as u64 == data.length
                    && !data.bytes.is_ascii()
                    && let Ok(text) = std::str::from_utf8(&data.bytes)
                {
                    label.push_str(&format!(
                        " ({})",
                        words.count(text.chars().count() as u64, Noun::Character)
                    ));
                }
                if data.urgent {
                    label.push_str(phrase!(en " urgent", es " urgentes").show(lang));
                }
                if data.segments > 1 {
                    label.push_str(&format!(", {}", words.count(data.segments, Noun::Segment)));
                }
                if data.again > 0 {
                    let again = phrase!(en "sent again", es "reenviados").show(lang);
                    label.push_str(&format!(" ({} {again})", data.again));
                }
                label
            }
        }
    }

    /// The bytes themselves, as far as they are short.
    pub fn text(&self) -> Option<String> {
        let What::Data(data) = self else { return None };
        let bytes = hide_bytes(&data.bytes);
        let most = bytes.len().min(SNIPPET);
        let shown = literal::show(&bytes[..most]);
        (most > 0).then(|| if data.length > most as u64 { format!("{shown}…") } else { shown })
    }
}

impl Lost {
    pub fn shown(self, lang: Lang) -> &'static str {
        match self {
            Lost::Nowhere => phrase!(en "nothing is bound there", es "no hay nada en esa dirección"),
            Lost::Full => phrase!(en "the receiver's queue is full", es "la cola del receptor está llena"),
            Lost::NoAnswer => phrase!(en "nothing answered", es "nada respondió"),
        }
        .show(lang)
    }
}

impl Told {
    /// What stands behind a line: `→ 23 bytes`.
    pub fn shown(&self, lang: Lang) -> Option<String> {
        let words = lang.words();
        let bytes = |n: u64| words.count(n, Noun::Byte);
        Some(match self {
            Told::Nothing => return None,
            Told::Took { bytes: n, of: None } => bytes(*n),
            Told::Took { bytes: n, of: Some(of) } => words.cut_message(*n, *of, true),
            Told::Peeked { bytes: n } => {
                let left = phrase!(en "left where they are", es "se dejan donde están").show(lang);
                format!("{} ({left})", bytes(*n))
            }
            Told::Partly { bytes: n, of } => words.taken(*n, *of),
            Told::End => phrase!(en "end of stream", es "fin del flujo").show(lang).into(),
            Told::Error(name) => name.clone(),
            Told::Unread { datagrams } => {
                say!(en "never read: {n}", es "nunca se leyeron: {n}", n = datagrams).show(lang)
            }
        })
    }
}

impl Lane {
    /// Its name, with its number among those of the same name.
    pub fn title(&self) -> String {
        match self.ordinal {
            0 => self.name.clone(),
            n => format!("{} #{}", self.name, n + 1),
        }
    }
}

impl Ladder {
    /// What was recorded, of all sockets or of these and what they have to do with.
    pub fn of(record: &Record, only: Option<&[u32]>) -> Ladder {
        let mut builder = Builder::new(record);
        let mut moments: Vec<(Instant, bool, &Event)> = Vec::new();
        for event in &record.events {
            moments.extend([(moment(&event.fact), false, event), (event.looked, true, event)]);
        }
        moments.sort_by_key(|(when, ..)| *when);
        for (_, is_look, event) in moments {
            if is_look { builder.look(event) } else { builder.event(event) }
        }
        builder.finish(only)
    }

    /// The acts, without what stands for several.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.rows.iter().filter_map(|row| match row {
            Row::Act(act) => Some(act),
            Row::More { .. } => None,
        })
    }

    /// The same with what repeats as one row.
    pub fn folded(mut self) -> Ladder {
        self.rows = super::fold::fold(self.rows);
        self
    }

    /// Of this only what listeners do by themselves.
    pub fn servers(&self) -> Ladder {
        let listens = |lane: usize| self.lanes[lane].listens;
        let alone = |act: &&Act| {
            act.lane.is_some_and(listens)
                && act.arrows.is_empty()
                && act.starts.iter().all(|lane| listens(*lane))
        };
        let rows = self.acts().filter(alone).cloned().map(Row::Act).collect();
        Ladder { lanes: self.lanes.clone(), rows, gone: self.gone, threaded: self.threaded }
    }

    /// Of this only what has to do with these lanes.
    pub fn part(&self, lanes: &HashSet<usize>) -> Ladder {
        let touches = |act: &Act| {
            act.lane.is_some_and(|lane| lanes.contains(&lane))
                || act.arrows.iter().any(|a| lanes.contains(&a.from) || lanes.contains(&a.to))
                || act.starts.iter().any(|lane| lanes.contains(lane))
        };
        let rows = self.acts().filter(|act| touches(act)).cloned().map(Row::Act).collect();
        Ladder { lanes: self.lanes.clone(), rows, gone: self.gone, threaded: self.threaded }
    }
}

/// When a call counts: what waits for another has its place where it ended, what others wait for where it began.
fn moment(fact: &CallFact) -> Instant {
    match fact.name {
        "accept4" | "recv" | "recvfrom" | "recvmsg" | "poll" => fact.begun + fact.took,
        _ => fact.begun,
    }
}

/// What is known of a lane while the events are gone through.
#[derive(Debug, Default)]
struct Side {
    id: Option<u32>,
    stream: bool,
    tcp: bool,
    listening: bool,
    local: Option<Address>,
    remote: Option<Address>,
    /// The other end; of a client that was not accepted yet, the listener.
    peer: Option<usize>,
    /// It waits for `accept` there.
    waits_at: Option<usize>,
    /// Of a listener: those that wait for `accept`.
    waiting: VecDeque<usize>,
    /// Descriptors that stand for it.
    open: u32,
    closed: bool,
    over: bool,
    /// Bytes that came and were not read; of datagrams, how many of them.
    unread: u64,
    /// Those that went to the listener before `accept`.
    early: u64,
    fin_sent: bool,
    fin_came: bool,
    reset: bool,
    lingers_not: bool,
    shown: Option<State>,
    counts: Counts,
    /// All that was received, where all of it is kept.
    came: Vec<u8>,
}

struct Builder<'r> {
    record: &'r Record,
    lanes: Vec<Lane>,
    sides: Vec<Side>,
    by_id: HashMap<u32, usize>,
    remotes: BTreeMap<String, usize>,
    acts: Vec<Act>,
    texts: HashMap<(u32, u32), Option<Place>>,
}

impl<'r> Builder<'r> {
    fn new(record: &'r Record) -> Builder<'r> {
        Builder {
            record,
            lanes: Vec::new(),
            sides: Vec::new(),
            by_id: HashMap::new(),
            remotes: BTreeMap::new(),
            acts: Vec::new(),
            texts: HashMap::new(),
        }
    }

    fn add(&mut self, lane: Lane, side: Side) -> usize {
        self.lanes.push(lane);
        self.sides.push(side);
        self.lanes.len() - 1
    }

    /// The lane of a socket; one that began before the picture has one too.
    fn lane(&mut self, id: u32, act: &mut Act) -> usize {
        if let Some(lane) = self.by_id.get(&id) {
            return *lane;
        }
        let lane = self.start(id, act);
        let Some(party) = self.record.parties.get(&id) else { return lane };
        // It has its other end from before.
        if let (Some(local), Some(remote), true) = (&party.local, &party.peer, self.sides[lane].stream) {
            let other = self.find(|side| {
                side.peer.is_none() && same(side.local.as_ref(), remote) && same(side.remote.as_ref(), local)
            });
            let remote = remote.clone();
            let other = other.unwrap_or_else(|| self.remote_of(&remote, act));
            self.link(lane, other);
        }
        lane
    }

    fn start(&mut self, id: u32, act: &mut Act) -> usize {
        let party = self.record.parties.get(&id);
        let lane = Lane {
            name: party.map_or_else(|| "?".into(), |party| literal::one_line(&party.name())),
            kind: party.map_or_else(String::new, |party| {
                format!("{} {}", domain_name(party.triple.domain()), type_name(party.triple.kind()))
            }),
            address: party.and_then(|party| party.local.as_ref()).map(ToString::to_string),
            ..Lane::default()
        };
        let is = |party: &Party, kind| party.triple.kind() == kind;
        let inet = party.is_some_and(|party| [Domain::IPV4, Domain::IPV6].contains(&party.triple.domain()));
        let stream = party.is_some_and(|party| is(party, Type::STREAM) || is(party, Type::SEQPACKET));
        let side = Side {
            id: Some(id),
            stream,
            tcp: inet && party.is_some_and(|party| is(party, Type::STREAM)),
            local: party.and_then(|party| party.local.clone()),
            remote: party.and_then(|party| party.peer.clone()),
            open: 1,
            ..Side::default()
        };
        let lane = self.add(lane, side);
        self.by_id.insert(id, lane);
        act.starts.push(lane);
        lane
    }

    /// The lane of an address that is none of the session's.
    fn remote_of(&mut self, address: &Address, act: &mut Act) -> usize {
        let name = address.to_string();
        if let Some(lane) = self.remotes.get(&name) {
            return *lane;
        }
        let lane = Lane { name: name.clone(), remote: true, address: Some(name.clone()), ..Lane::default() };
        let lane = self.add(lane, Side { local: Some(address.clone()), ..Side::default() });
        self.remotes.insert(name, lane);
        act.starts.push(lane);
        lane
    }

    fn find(&self, is: impl Fn(&Side) -> bool) -> Option<usize> {
        self.sides.iter().rposition(|side| side.id.is_some() && !side.over && is(side))
    }

    fn link(&mut self, one: usize, other: usize) {
        self.sides[one].peer = Some(other);
        if !self.lanes[other].remote {
            self.sides[other].peer = Some(one);
        }
    }

    fn place(&mut self, fact: &CallFact) -> Option<Place> {
        let span = fact.line.span?;
        let sources = &self.record.sources;
        self.texts.entry((span.start, span.end)).or_insert_with(|| place_of(sources, span)).clone()
    }

    fn event(&mut self, event: &Event) {
        let fact = &*event.fact;
        let mut act = Act {
            when: fact.when + (moment(fact) - fact.begun),
            thread: (fact.thread.number > 0).then(|| fact.thread.name.clone()),
            place: self.place(fact),
            call: fact.name,
            lane: None,
            told: match fact.result {
                Ok(_) => Told::Nothing,
                // The script is told this, whatever the kernel said.
                Err(_) if fact.limit.is_some() => Told::Error(Code::Errno(libc::ETIMEDOUT).name()),
                Err(code) => Told::Error(code.name()),
            },
            starts: Vec::new(),
            arrows: Vec::new(),
            states: Vec::new(),
            closes: false,
            ends: Vec::new(),
            counts: None,
            key: (fact.thread.number, fact.line.number),
        };
        if let [id] = event.on[..] {
            // A copy of a descriptor is no end of its own.
            act.lane = Some(self.lane(id, &mut act));
        }
        self.call(event, &mut act);
        self.push(act);
    }

    /// What the look after a call saw stands where it was seen: behind what other threads did before it.
    fn look(&mut self, event: &Event) {
        // A command that loops peeks at what it then takes, and only the taking is shown.
        let is_shown = |act: &Act| !matches!(act.told, Told::Peeked { .. });
        let Some(at) = self.acts.iter().rposition(is_shown) else { return };
        let mut act = self.acts.remove(at);
        self.see(event, &mut act);
        self.acts.insert(at, act);
    }

    fn call(&mut self, event: &Event, act: &mut Act) {
        let fact = &*event.fact;
        let ok = fact.result.is_ok();
        if let ("socket" | "socketpair" | "accept4" | "recvmsg", Some(&id)) = (fact.name, event.made.first())
        {
            match fact.name {
                "accept4" => return self.accept(id, act),
                "recvmsg" => {}
                _ => {
                    let one = self.start(id, act);
                    act.lane = Some(one);
                    if let Some(&other) = event.made.get(1) {
                        let other = self.start(other, act);
                        self.link(one, other);
                    }
                }
            }
        }
        let Some(lane) = act.lane else { return };
        match fact.name {
            "dup" => {
                if let Some(&copy) = event.made.first() {
                    self.by_id.insert(copy, lane);
                    self.sides[lane].open += 1;
                }
            }
            "listen" if ok => (self.sides[lane].listening, self.lanes[lane].listens) = (true, true),
            "connect" => self.connect(event, lane, act),
            "send" | "sendto" | "sendmsg" | "sendfile" if ok => self.send(event, lane, act),
            "recv" | "recvfrom" | "recvmsg" => self.receive(fact, lane, act),
            "shutdown" if ok && !matches!(fact.about, About::Half(libc::SHUT_RD)) => {
                self.finish_half(event, lane, act)
            }
            "close" => self.close(event, lane, act),
            "setsockopt" => {
                if let About::Option { number: libc::SO_LINGER, value: Some(value), .. } = &fact.about {
                    let none = matches!(&**value, Setting::Time(Some(time)) if time.is_zero());
                    self.sides[lane].lingers_not = none;
                }
            }
            _ => {}
        }
    }

    /// The states and counts that a look saw.
    fn see(&mut self, event: &Event, act: &mut Act) {
        for seen in &event.seen {
            let Some(&lane) = self.by_id.get(&seen.socket) else { continue };
            self.sides[lane].counts = seen.counts;
            if let Some(name) = seen.state {
                let side = &self.sides[lane];
                let both = side.fin_sent && side.fin_came && !side.reset;
                // The kernel has a record of its own for TIME_WAIT, and says CLOSE of the descriptor.
                let waits =
                    name == "CLOSE" && both && side.shown.is_some_and(|s| s.name.starts_with("FIN_WAIT"));
                let state = if waits || side.shown.is_some_and(|s| s.name == "TIME_WAIT") {
                    State { name: "TIME_WAIT", inferred: true }
                } else {
                    State { name, inferred: false }
                };
                self.show_state(lane, state, act);
            }
            if act.lane == Some(lane) {
                act.counts = Some(seen.counts).filter(|_| self.sides[lane].tcp);
            }
        }
    }

    fn show_state(&mut self, lane: usize, state: State, act: &mut Act) {
        let side = &mut self.sides[lane];
        if side.shown.map(|shown| shown.name) == Some(state.name) {
            return;
        }
        // A socket that is only made says nothing by CLOSE.
        if side.shown.is_some() || state.name != "CLOSE" {
            act.states.retain(|(other, _)| *other != lane);
            act.states.push((lane, state));
        }
        side.shown = Some(state);
    }

    fn wire(&self, from: usize, to: usize) -> Wire {
        let side = &self.sides[if self.lanes[from].remote { to } else { from }];
        let inet = |address: &Option<Address>| match address {
            Some(Address::Inet(address)) => Some(plain(*address)),
            _ => None,
        };
        let protocol = if side.tcp { Protocol::Tcp } else { self.protocol(side) };
        let ends = inet(&side.local).zip(inet(&side.remote)).map(sourced);
        let ends =
            ends.map(|(local, peer)| if self.lanes[from].remote { (peer, local) } else { (local, peer) });
        Wire { protocol, ends }
    }

    fn protocol(&self, side: &Side) -> Protocol {
        let Some(party) = side.id.and_then(|id| self.record.parties.get(&id)) else { return Protocol::Other };
        match (party.triple.domain(), party.triple.kind()) {
            (Domain::UNIX, _) => Protocol::Local,
            (Domain::IPV4 | Domain::IPV6, Type::DGRAM)
                if party.triple.protocol().is_none_or(|p| p == socket2::Protocol::UDP) =>
            {
                Protocol::Udp
            }
            _ => Protocol::Other,
        }
    }

    fn arrow(&mut self, from: usize, to: usize, what: What, known: bool, act: &mut Act) {
        let wire = self.wire(from, to);
        act.arrows.push(Arrow { from, to, what, known, lost: None, wire });
    }

    fn connect(&mut self, event: &Event, lane: usize, act: &mut Act) {
        let fact = &*event.fact;
        let about = match &fact.about {
            About::At(address) => address.clone().into_owned(),
            _ => return,
        };
        let party = event.on.first().and_then(|id| self.record.parties.get(id));
        if let Some(party) = party {
            self.sides[lane].local = party.local.clone();
        }
        self.lanes[lane].address = self.sides[lane].local.as_ref().map(ToString::to_string);
        let target =
            party.and_then(|party| party.peer.clone()).filter(|_| fact.result.is_ok()).unwrap_or(about);
        if !self.sides[lane].stream {
            // No packet goes: the kernel remembers the address.
            self.sides[lane].remote = fact.result.is_ok().then_some(target);
            return;
        }
        let errno = match fact.result {
            Ok(_) => 0,
            Err(Code::Errno(errno)) => errno,
            Err(_) => return,
        };
        let begins = matches!(
            errno,
            0 | libc::EINPROGRESS | libc::EINTR | libc::ECONNREFUSED | libc::ETIMEDOUT | libc::EHOSTUNREACH
        );
        let tcp = self.sides[lane].tcp;
        if !begins || !tcp && errno != 0 && errno != libc::ECONNREFUSED {
            return;
        }
        self.sides[lane].remote = Some(target.clone());
        // What became of an earlier try is over.
        let side = &mut self.sides[lane];
        (side.reset, side.fin_sent, side.fin_came) = (false, false, false);
        let listener =
            self.find(|side| side.listening && !side.closed && reaches(side.local.as_ref(), &target));
        let other = listener.unwrap_or_else(|| self.remote_of(&target, act));
        let seen = event.seen.iter().find(|seen| Some(seen.socket) == event.on.first().copied());
        let made = errno == 0
            || errno == libc::EINPROGRESS && seen.is_some_and(|seen| seen.state == Some("ESTABLISHED"));
        if made {
            match listener {
                Some(listener) => {
                    self.sides[listener].waiting.push_back(lane);
                    (self.sides[lane].peer, self.sides[lane].waits_at) = (Some(listener), Some(listener));
                }
                None => self.link(lane, other),
            }
        }
        if !tcp {
            self.arrow(lane, other, What::Connect, true, act);
            if errno != 0
                && let Some(arrow) = act.arrows.last_mut()
            {
                arrow.lost = Some(Lost::Nowhere);
            }
            return;
        }
        // The kernel has counted the segments of the handshake.
        let known = seen.is_some_and(|seen| seen.counts.segments_out >= 2 && seen.counts.segments_in >= 1);
        let refused = errno == libc::ECONNREFUSED
            || errno == libc::EINPROGRESS && seen.is_some_and(|seen| seen.state == Some("CLOSE"));
        self.arrow(lane, other, What::Syn, known || refused, act);
        match errno {
            _ if made => {
                self.arrow(other, lane, What::SynAck, known, act);
                self.arrow(lane, other, What::Ack, known, act);
                // The wire of an arrow towards a listener is the connection's.
                let wire = self.wire(lane, other);
                if let Some(answer) = act.arrows.iter_mut().rev().nth(1) {
                    answer.wire = Wire { ends: wire.ends.map(|(a, b)| (b, a)), ..wire };
                }
            }
            // One that does not wait is refused as soon as it has asked.
            _ if refused => {
                self.sides[lane].reset = true;
                self.arrow(other, lane, What::Rst, true, act);
                let wire = self.wire(lane, other);
                if let Some(answer) = act.arrows.last_mut() {
                    answer.wire = Wire { ends: wire.ends.map(|(a, b)| (b, a)), ..wire };
                }
            }
            libc::EINPROGRESS => self.link(lane, other),
            _ => {
                if let Some(arrow) = act.arrows.last_mut() {
                    arrow.lost = Some(Lost::NoAnswer);
                }
            }
        }
    }

    fn accept(&mut self, id: u32, act: &mut Act) {
        let Some(listener) = act.lane else { return };
        let lane = self.start(id, act);
        let (local, remote) = (self.sides[lane].local.clone(), self.sides[lane].remote.clone());
        let matches = |side: &Side| match (&local, &remote) {
            (Some(local @ Address::Inet(_)), Some(remote @ Address::Inet(_))) => {
                same(side.local.as_ref(), remote) && same(side.remote.as_ref(), local)
            }
            // The queue of a Unix listener keeps its order.
            _ => true,
        };
        let waiting = &self.sides[listener].waiting;
        let at = waiting.iter().position(|client| matches(&self.sides[*client]));
        match at.and_then(|at| self.sides[listener].waiting.remove(at)) {
            Some(client) => {
                self.link(lane, client);
                let sent = std::mem::take(&mut self.sides[client].early);
                let (fin, reset) = (self.sides[client].fin_sent, self.sides[client].reset);
                let side = &mut self.sides[lane];
                (side.unread, side.fin_came, side.reset) = (sent, fin, reset);
                self.sides[client].waits_at = None;
            }
            None => {
                let address = remote.unwrap_or(Address::Unnamed);
                let other = self.remote_of(&address, act);
                self.link(lane, other);
                if self.sides[lane].tcp {
                    self.arrow(other, lane, What::Syn, false, act);
                    self.arrow(lane, other, What::SynAck, false, act);
                    self.arrow(other, lane, What::Ack, false, act);
                    act.arrows.iter_mut().for_each(|arrow| {
                        let end = if arrow.from == lane { &mut arrow.from } else { &mut arrow.to };
                        *end = listener;
                    });
                } else {
                    self.arrow(other, listener, What::Connect, true, act);
                }
            }
        }
    }

    fn send(&mut self, event: &Event, lane: usize, act: &mut Act) {
        let fact = &*event.fact;
        let length = fact.result.ok().and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        let (mut bytes, offered, flags) = match &fact.about {
            About::Bytes { data, length, flags, .. } => (data.to_vec(), *length as u64, *flags),
            About::Slices { pieces, flags, .. } => {
                let all: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().copied()).collect();
                let whole = all.len() as u64;
                (all, whole, *flags)
            }
            _ => (Vec::new(), length, 0),
        };
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        if length < offered {
            act.told = Told::Partly { bytes: length, of: offered };
        }
        let stream = self.sides[lane].stream;
        let mut data = Data { length, bytes, datagram: !stream, ..Data::default() };
        data.urgent = stream && flags & libc::MSG_OOB != 0;
        if !stream {
            return self.send_datagram(event, lane, data, act);
        }
        let Some(to) = self.sides[lane].peer else { return };
        let seen = event.seen.iter().find(|seen| Some(seen.socket) == event.on.first().copied());
        if let Some(seen) = seen.filter(|_| self.sides[lane].tcp) {
            let before = self.sides[lane].counts;
            data.segments = seen.counts.data_out.saturating_sub(before.data_out);
            data.again = seen.counts.again.saturating_sub(before.again);
        }
        self.arrow(lane, to, What::Data(data), true, act);
        match self.sides[lane].waits_at {
            Some(_) => self.sides[lane].early += length,
            None if self.sides[to].closed && self.sides[lane].tcp => {
                // What comes for a socket that is gone is answered so.
                self.arrow(to, lane, What::Rst, self.is_closed(seen.and_then(|seen| seen.state)), act);
                self.sides[lane].reset = true;
            }
            None => self.sides[to].unread += length,
        }
    }

    fn is_closed(&self, state: Option<&str>) -> bool {
        state == Some("CLOSE")
    }

    fn send_datagram(&mut self, event: &Event, lane: usize, data: Data, act: &mut Act) {
        let fact = &*event.fact;
        if let Some(party) = event.on.first().and_then(|id| self.record.parties.get(id)) {
            self.sides[lane].local = party.local.clone();
            self.lanes[lane].address = party.local.as_ref().map(ToString::to_string);
        }
        let pair = self.sides[lane].peer;
        let target = destination(&fact.about).or(self.sides[lane].remote.as_ref()).cloned();
        let own = self.sides[lane].local.clone();
        let to = match (&target, pair) {
            (None, Some(pair)) => Some(pair),
            (Some(target), _) => self.find(|side| {
                // A socket that is connected hears its peer alone.
                !side.stream
                    && !side.closed
                    && reaches(side.local.as_ref(), target)
                    && side
                        .remote
                        .as_ref()
                        .is_none_or(|peer| own.as_ref().is_none_or(|own| same(Some(own), peer)))
            }),
            (None, None) => return,
        };
        let to = match (to, &target) {
            (Some(to), _) => to,
            (None, Some(target)) => self.remote_of(target, act),
            (None, None) => return,
        };
        let seen = event.seen.iter().find(|seen| Some(seen.socket) == self.sides[to].id);
        let full = seen.is_some_and(|seen| seen.counts.dropped > self.sides[to].counts.dropped);
        let known = !self.lanes[to].remote;
        self.arrow(lane, to, What::Data(data), known, act);
        let inet = |address: Option<&Address>| match address {
            Some(Address::Inet(address)) => Some(plain(*address)),
            _ => None,
        };
        let ends = inet(self.sides[lane].local.as_ref()).zip(inet(target.as_ref())).map(sourced);
        if let Some(arrow) = act.arrows.last_mut() {
            arrow.wire.ends = ends;
            arrow.lost = full.then_some(Lost::Full);
        }
        if !full {
            self.sides[to].unread += 1;
        }
    }

    /// Another process has accepted this client: a program that got the listener.
    fn accepted_elsewhere(&mut self, client: usize, act: &mut Act) {
        let (Some(listener), Some(address)) =
            (self.sides[client].waits_at, self.sides[client].remote.clone())
        else {
            return;
        };
        self.sides[client].waits_at = None;
        self.sides[listener].waiting.retain(|other| *other != client);
        let far = self.remote_of(&address, act);
        self.link(client, far);
    }

    fn receive(&mut self, fact: &CallFact, lane: usize, act: &mut Act) {
        let About::Room { room, flags } = &fact.about else { return };
        let stream = self.sides[lane].stream;
        // Nothing comes out of a listener's queue.
        if stream && fact.result.is_ok() && *room > 0 {
            self.accepted_elsewhere(lane, act);
        }
        let peer = self.sides[lane].peer;
        let far = peer.filter(|peer| self.lanes[*peer].remote);
        match fact.result {
            Ok(_) if flags & libc::MSG_ERRQUEUE != 0 => {}
            Ok(n) => {
                let came = u64::try_from(n).unwrap_or(0);
                if flags & libc::MSG_PEEK != 0 {
                    act.told = Told::Peeked { bytes: came };
                    return;
                }
                let room = *room as u64;
                act.told = match () {
                    () if came > room && !stream => Told::Took { bytes: room, of: Some(came) },
                    () if came == 0 && room > 0 && stream => Told::End,
                    () => Told::Took { bytes: came, of: None },
                };
                if !stream {
                    self.take_datagram(fact, lane, came, act);
                } else if came > 0 {
                    self.sides[lane].unread = self.sides[lane].unread.saturating_sub(came);
                    if let Some(far) = far {
                        let data = Data { length: came, bytes: fact.data.clone(), ..Data::default() };
                        self.arrow(far, lane, What::Data(data), true, act);
                    }
                    if fact.data.len() as u64 == came {
                        self.sides[lane].came.extend_from_slice(&fact.data);
                    }
                } else if room > 0 && !self.sides[lane].fin_came {
                    self.sides[lane].fin_came = true;
                    if let Some(far) = far.filter(|_| self.sides[lane].tcp) {
                        self.arrow(far, lane, What::Fin, true, act);
                    }
                }
            }
            Err(Code::Errno(libc::ECONNRESET)) if !self.sides[lane].reset => {
                self.sides[lane].reset = true;
                if let Some(far) = far.filter(|_| self.sides[lane].tcp) {
                    self.arrow(far, lane, What::Rst, true, act);
                }
            }
            Err(Code::Errno(libc::ECONNREFUSED)) if !stream => self.unreachable(lane, act),
            Err(_) => {}
        }
    }

    /// The error of an earlier datagram: nothing was bound where it went.
    fn unreachable(&mut self, lane: usize, act: &mut Act) {
        let of = |act: &&mut Act| act.arrows.iter().any(|arrow| arrow.from == lane && arrow.lost.is_none());
        let sent = self.acts.iter_mut().rev().find(of);
        let Some(arrow) = sent.and_then(|act| act.arrows.iter_mut().rev().find(|arrow| arrow.from == lane))
        else {
            return;
        };
        (arrow.lost, arrow.known) = (Some(Lost::Nowhere), true);
        let (to, wire) = (arrow.to, arrow.wire);
        let wire = Wire { ends: wire.ends.map(|(a, b)| (b, a)), ..wire };
        act.arrows.push(Arrow { from: to, to: lane, what: What::Unreachable, known: true, lost: None, wire });
    }

    fn take_datagram(&mut self, fact: &CallFact, lane: usize, came: u64, act: &mut Act) {
        let from = match &fact.gave {
            Value::Address(address) => Some((**address).clone()),
            _ => self.sides[lane].remote.clone(),
        };
        if self.sides[lane].unread > 0 {
            self.sides[lane].unread -= 1;
            return;
        }
        let Some(from) = from else { return };
        if self.find(|side| !side.stream && same(side.local.as_ref(), &from)).is_some() {
            return;
        }
        let far = self.remote_of(&from, act);
        let data = Data { length: came, bytes: fact.data.clone(), datagram: true, ..Data::default() };
        self.arrow(far, lane, What::Data(data), true, act);
        if let (Some(arrow), Some(Address::Inet(local)), Address::Inet(from)) =
            (act.arrows.last_mut(), &self.sides[lane].local, &from)
        {
            arrow.wire.ends = Some((plain(*from), plain(*local)));
        }
    }

    /// What a look saw of the other end.
    fn state_of(&self, event: &Event, lane: usize) -> Option<&'static str> {
        let id = self.sides[lane].id?;
        event.seen.iter().find(|seen| seen.socket == id)?.state
    }

    /// It sends no more.
    fn finish_half(&mut self, event: &Event, lane: usize, act: &mut Act) {
        let Some(peer) = self.sides[lane].peer.filter(|_| self.sides[lane].stream) else { return };
        if self.sides[lane].fin_sent || self.sides[lane].reset {
            return;
        }
        let confirmed = ["CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSING"];
        let own = self.state_of(event, lane);
        let known = self.state_of(event, peer).is_some_and(|state| confirmed.contains(&state))
            || own.is_some_and(|state| matches!(state, "FIN_WAIT2" | "TIME_WAIT"))
            || !self.sides[lane].tcp;
        self.sides[lane].fin_sent = true;
        match self.sides[lane].tcp {
            true => self.arrow(lane, peer, What::Fin, known, act),
            // There the kernel tells a socket that is still open.
            false if !self.sides[peer].closed => self.arrow(lane, peer, What::End, known, act),
            false => {}
        }
        if self.sides[lane].waits_at.is_none() {
            self.sides[peer].fin_came = true;
        }
    }

    fn close(&mut self, event: &Event, lane: usize, act: &mut Act) {
        self.sides[lane].open = self.sides[lane].open.saturating_sub(1);
        if self.sides[lane].open > 0 || self.sides[lane].closed {
            return;
        }
        act.closes = true;
        let peer = self.sides[lane].peer.filter(|_| self.sides[lane].stream);
        self.sides[lane].closed = true;
        if self.sides[lane].listening {
            // Those that were never accepted are reset.
            let left: Vec<usize> = self.sides[lane].waiting.drain(..).collect();
            let party = self.sides[lane].id.and_then(|id| self.record.parties.get(&id));
            let handed = party.is_some_and(|party| party.handed);
            for client in left {
                if handed {
                    self.accepted_elsewhere(client, act);
                    continue;
                }
                let gone = self.sides[client].closed && self.sides[client].reset;
                if self.sides[client].tcp && !gone {
                    self.arrow(lane, client, What::Rst, false, act);
                    let wire = self.wire(client, lane);
                    if let Some(arrow) = act.arrows.last_mut() {
                        arrow.wire = Wire { ends: wire.ends.map(|(a, b)| (b, a)), ..wire };
                    }
                    self.sides[client].reset = true;
                    self.show_state(client, State { name: "CLOSE", inferred: true }, act);
                    self.end_if_over(client, act);
                }
            }
        }
        let Some(peer) = peer else {
            if !self.sides[lane].stream && self.sides[lane].unread > 0 {
                act.told = Told::Unread { datagrams: self.sides[lane].unread };
            }
            self.sides[lane].over = true;
            act.ends.push(lane);
            return;
        };
        let seen = self.state_of(event, peer);
        let resets = (self.sides[lane].lingers_not || self.sides[lane].unread > 0) && self.sides[lane].tcp;
        if self.sides[lane].reset {
            // There is no connection any more.
        } else if resets && !matches!(seen, Some("CLOSE_WAIT" | "TIME_WAIT" | "LAST_ACK")) {
            self.arrow(lane, peer, What::Rst, seen == Some("CLOSE"), act);
            (self.sides[lane].reset, self.sides[peer].reset) = (true, true);
        } else if seen != Some("ESTABLISHED") || self.sides[peer].unread > 0 {
            // Behind data that were not taken yet, the end of the stream has not come either.
            self.finish_half(event, lane, act);
        } else {
            // Another process holds it too: the connection goes on.
            self.sides[lane].over = true;
            act.ends.push(lane);
            return;
        }
        if self.sides[lane].tcp {
            let side = &self.sides[lane];
            // The first that has sent its FIN waits for late packets.
            let state = match (side.reset, side.fin_came, side.shown.map(|state| state.name)) {
                (true, ..) => "CLOSED",
                (_, true, Some("CLOSE_WAIT" | "LAST_ACK")) => "CLOSED",
                (_, true, _) => "TIME_WAIT",
                (_, false, _) => "FIN_WAIT2",
            };
            self.show_state(lane, State { name: state, inferred: true }, act);
            if self.sides[peer].closed && !self.sides[peer].over && !self.sides[lane].reset {
                self.show_state(peer, State { name: "TIME_WAIT", inferred: true }, act);
            }
        }
        self.end_if_over(lane, act);
        self.end_if_over(peer, act);
    }

    /// Nothing more can come for it.
    fn end_if_over(&mut self, lane: usize, act: &mut Act) {
        let side = &self.sides[lane];
        if side.over || !side.closed {
            return;
        }
        let other_is_done = side.peer.is_none_or(|peer| {
            let other = &self.sides[peer];
            self.lanes[peer].remote || other.closed || other.fin_sent || side.waits_at.is_some()
        });
        if side.reset || !side.tcp || other_is_done && (side.fin_came || side.waits_at.is_some()) {
            self.sides[lane].over = true;
            act.ends.push(lane);
        }
    }

    /// Adds an act, or joins it to the one before, if both are one line's.
    fn push(&mut self, act: Act) {
        if let Some(last) = self.acts.last_mut()
            && last.key == act.key
            && last.place.is_some()
            && last.lane == act.lane
            && last.starts.is_empty()
            && !last.closes
        {
            last.join(act);
        } else {
            self.acts.push(act);
        }
    }

    fn finish(mut self, only: Option<&[u32]>) -> Ladder {
        let mut counts: HashMap<String, u32> = HashMap::new();
        for lane in &mut self.lanes {
            let count = counts.entry(lane.name.clone()).or_default();
            lane.ordinal = *count;
            *count += 1;
        }
        self.fill_holes();
        self.forget_peeks();
        let threads: HashSet<_> = self.acts.iter().map(|act| act.key.0).collect();
        self.tell_threads_apart();
        let rows = self.acts.into_iter().map(Row::Act).collect();
        let ladder = Ladder { lanes: self.lanes, rows, gone: self.record.gone, threaded: threads.len() > 1 };
        match only {
            None => ladder,
            Some(ids) => {
                let own: HashSet<usize> = ids.iter().filter_map(|id| self.by_id.get(id)).copied().collect();
                // What a socket sends, its other end takes.
                let others = own.iter().filter_map(|lane| self.sides[*lane].peer);
                ladder.part(&others.chain(own.iter().copied()).collect())
            }
        }
    }

    /// A command that loops looks at what it then takes: only the taking is told.
    fn forget_peeks(&mut self) {
        let takes: HashSet<(u32, u64)> = self
            .acts
            .iter()
            .filter(|act| !matches!(act.told, Told::Peeked { .. }))
            .map(|act| act.key)
            .collect();
        self.acts.retain(|act| {
            let peeks =
                matches!(act.told, Told::Peeked { .. }) && act.starts.is_empty() && act.states.is_empty();
            !(peeks && act.place.is_some() && takes.contains(&act.key))
        });
    }

    /// Threads of one name get a number.
    fn tell_threads_apart(&mut self) {
        let mut named: HashMap<Arc<str>, Vec<u32>> = HashMap::new();
        for act in &self.acts {
            let Some(name) = &act.thread else { continue };
            let numbers = named.entry(name.clone()).or_default();
            if !numbers.contains(&act.key.0) {
                numbers.push(act.key.0);
            }
        }
        for act in &mut self.acts {
            let Some(numbers) = act.thread.as_ref().and_then(|name| named.get(name)) else { continue };
            if numbers.len() > 1 {
                let at = numbers.iter().position(|number| *number == act.key.0).unwrap_or(0);
                act.thread = act.thread.as_ref().map(|name| format!("{name} {}", at + 1).into());
            }
        }
    }

    /// What `sendfile` sent, the receiving end has taken: its bytes are known from there.
    fn fill_holes(&mut self) {
        let mut at: HashMap<usize, usize> = HashMap::new();
        let sides = &self.sides;
        for arrow in self.acts.iter_mut().flat_map(|act| &mut act.arrows) {
            let What::Data(data) = &mut arrow.what else { continue };
            if data.datagram || data.urgent {
                continue;
            }
            let length = usize::try_from(data.length).unwrap_or(usize::MAX);
            let from = at.entry(arrow.from).or_default();
            let to = if sides[arrow.to].listening { sides[arrow.from].peer } else { Some(arrow.to) };
            if data.bytes.is_empty()
                && let Some(bytes) = to.and_then(|to| sides[to].came.get(*from..from.saturating_add(length)))
            {
                data.bytes = bytes.to_vec();
            }
            *from = from.saturating_add(length);
        }
    }
}

impl Act {
    /// Another call of the same line.
    fn join(&mut self, act: Act) {
        for arrow in act.arrows {
            if let What::Data(more) = &arrow.what
                && let Some(last) = self.arrows.last_mut()
                && let What::Data(data) = &mut last.what
                && (last.from, last.to) == (arrow.from, arrow.to)
                && !data.datagram
                && data.urgent == more.urgent
            {
                if data.bytes.len() as u64 == data.length {
                    data.bytes.extend_from_slice(&more.bytes);
                }
                data.length += more.length;
                data.segments += more.segments;
                data.again += more.again;
            } else {
                self.arrows.push(arrow);
            }
        }
        self.told = match (std::mem::replace(&mut self.told, Told::Nothing), act.told) {
            (Told::Took { bytes, of: None }, Told::Took { bytes: more, of: None }) => {
                Told::Took { bytes: bytes + more, of: None }
            }
            (told, Told::Nothing | Told::Peeked { .. }) if told != Told::Nothing => told,
            // A receive that goes on to the end has told how much came.
            (told @ Told::Took { .. }, Told::End) => told,
            (_, told) => told,
        };
        for (lane, state) in act.states {
            self.states.retain(|(other, _)| *other != lane);
            self.states.push((lane, state));
        }
        self.starts.extend(act.starts);
        self.ends.extend(act.ends);
        self.closes |= act.closes;
        self.call = act.call;
        self.counts = act.counts.or(self.counts);
    }
}

/// A socket that has no address of its own yet sends from the one that it sends to, where that is this machine's.
fn sourced((local, peer): (SocketAddr, SocketAddr)) -> (SocketAddr, SocketAddr) {
    if local.ip().is_unspecified() && peer.ip().is_loopback() {
        return (SocketAddr::new(peer.ip(), local.port()), peer);
    }
    (local, peer)
}

/// Are these the same place?
fn same(one: Option<&Address>, other: &Address) -> bool {
    match (one, other) {
        (Some(Address::Inet(one)), Address::Inet(other)) => plain(*one) == plain(*other),
        (Some(Address::Unnamed) | None, _) | (_, Address::Unnamed) => false,
        (Some(one), other) => one == other,
    }
}

/// Is what is bound there reached at this address?
fn reaches(bound: Option<&Address>, target: &Address) -> bool {
    match (bound, target) {
        (Some(Address::Inet(bound)), Address::Inet(target)) => {
            let bound = plain(*bound);
            let target = plain(*target);
            // A connection to any address goes to this machine.
            bound.port() != 0
                && (places(target).contains(&bound)
                    || target.ip().is_unspecified() && bound.port() == target.port())
        }
        (bound, target) => same(bound, target),
    }
}

/// The line under a span, by its number; the prompt's by the number of its `In`.
fn place_of(sources: &Sources, span: crate::text::diagnostic::Span) -> Option<Place> {
    let place = sources.place(span)?;
    let text = hide(sources.text(span));
    let text = text.lines().next().unwrap_or("").trim();
    let first = sources.first().map(|source| &*source.name);
    // A line of the prompt is its whole text, and its number stands in its name.
    if let Some(number) = place.file.strip_prefix("In [").and_then(|rest| rest.strip_suffix(']')) {
        return Some(Place {
            file: Some(format!("[{number}]")),
            line: place.line,
            text: literal::one_line(text),
        });
    }
    let file = (first != Some(&*place.file)).then(|| {
        std::path::Path::new(&*place.file)
            .file_name()
            .map_or_else(|| place.file.to_string(), |name| name.to_string_lossy().into_owned())
    });
    let file = file.map(|file| literal::one_line(&file));
    Some(Place { file, line: place.line, text: literal::one_line(text) })
}

impl Place {
    /// `5`, `two.sock:5`, `[5]` of the prompt.
    pub fn shown(&self) -> String {
        match &self.file {
            None => self.line.to_string(),
            Some(file) if file.starts_with('[') && self.line == 1 => file.clone(),
            Some(file) => format!("{file}:{}", self.line),
        }
    }
}

// What all pictures say in words.

impl Ladder {
    /// The lanes that occur, a listener beside those that it accepts, in the order of their beginning.
    pub fn drawn(&self) -> Vec<usize> {
        let mut drawn = Vec::new();
        for act in self.acts() {
            let ends = act.arrows.iter().flat_map(|arrow| [arrow.from, arrow.to]);
            for lane in act.starts.iter().copied().chain(act.lane).chain(ends) {
                if !drawn.contains(&lane) {
                    drawn.push(lane);
                }
            }
        }
        drawn
    }
}

impl What {
    /// The class of its colour in SVG.
    pub fn class(&self) -> &'static str {
        match self {
            What::Data(_) => "data",
            What::Rst | What::Unreachable => "rst",
            _ => "",
        }
    }
}

impl Act {
    /// Why no line made it.
    pub fn end_of_script(&self, lang: Lang) -> &'static str {
        phrase!(en "end of the script", es "fin del script").show(lang)
    }

    /// What came of it, as it stands behind the line: ` → 23 bytes`.
    pub fn outcome(&self, lang: Lang) -> String {
        let mut out = self.told.shown(lang).map_or(String::new(), |told| format!(" → {told}"));
        if let Some(lost) = self.arrows.iter().find_map(|arrow| arrow.lost) {
            out.push_str(&format!(" ✗ {}", lost.shown(lang)));
        }
        out
    }

    /// Did its call fail, or something get lost?
    pub fn has_failed(&self) -> bool {
        matches!(self.told, Told::Error(_)) || self.arrows.iter().any(|arrow| arrow.lost.is_some())
    }

    /// The line, or what was called without one.
    pub fn line(&self, ladder: &Ladder, lang: Lang) -> String {
        match &self.place {
            Some(place) => format!("{} {}", place.shown(), place.text),
            None => {
                let lane = self.lane.and_then(|lane| ladder.lanes.get(lane));
                let lane = lane.map_or(String::new(), |lane| format!("{}.", lane.title()));
                format!("{lane}{} ({})", self.call, self.end_of_script(lang))
            }
        }
    }

    /// `w: 5 client.recv 4096 → 23 bytes`
    pub fn sentence(&self, ladder: &Ladder, lang: Lang) -> String {
        let thread = self.thread.as_ref().filter(|_| ladder.threaded);
        let thread = thread.map_or(String::new(), |name| format!("{name}: "));
        format!("{thread}{}{}", self.line(ladder, lang), self.outcome(lang))
    }

    /// All of it in one line: the sentence, its arrows, the states and what TCP_INFO counts.
    pub fn description(&self, ladder: &Ladder, lang: Lang) -> String {
        let name = |lane: usize| ladder.lanes.get(lane).map_or(String::new(), Lane::title);
        let mut out = self.sentence(ladder, lang);
        for arrow in &self.arrows {
            let inferred =
                if arrow.known { "" } else { phrase!(en " (inferred)", es " (deducido)").show(lang) };
            let label = arrow.what.label(lang);
            out.push_str(&format!("; {} → {}: {label}{inferred}", name(arrow.from), name(arrow.to)));
        }
        for (lane, state) in &self.states {
            let inferred =
                if state.inferred { phrase!(en " (inferred)", es " (deducido)").show(lang) } else { "" };
            out.push_str(&format!("; {}: {}{inferred}", name(*lane), state.name));
        }
        if let Some(counts) = self.counts {
            let counted = say!(
                en "TCP_INFO: segments out {out}, in {came}, sent again {again}",
                es "TCP_INFO: segmentos enviados {out}, recibidos {came}, reenviados {again}",
                out = counts.segments_out,
                came = counts.segments_in,
                again = counts.again
            );
            out.push_str(&format!("; {}", counted.show(lang)));
        }
        out
    }
}
