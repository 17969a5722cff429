//! Which line of the script a captured packet is of, as far as the calls tell.
//!
//! The ladder's arrows are put in order by connection and direction, and the packets follow the same order: what came
//! between SYN and FIN is found by its place in the stream, a datagram by its place among those of the same two
//! addresses. A packet of a program that no call of the script tells of stays without a line.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::ladder::{Ladder, Protocol, What};
use super::pcap::{ACK, FIN, RST, SYN};
use crate::text::secrets::hide;
use crate::words::Lang;

/// From one address to another.
type Way = (SocketAddr, SocketAddr);

/// What went one way in one connection.
#[derive(Debug, Default)]
struct Direction {
    syn: Option<String>,
    /// The last step of the handshake.
    ack: Option<String>,
    fin: Option<String>,
    rst: Option<String>,
    /// Where the bytes of each send end in the stream, and its line.
    data: Vec<(u64, String)>,
}

/// Where the packets of one way are.
#[derive(Debug, Default)]
struct Position {
    /// Which connection between these addresses: they may have several, one after another.
    connection: usize,
    /// The number of the SYN.
    start: Option<u32>,
    /// The last step of the handshake has been seen.
    answered: bool,
}

/// The lines of a ladder by what they caused.
#[derive(Debug, Default)]
pub struct Lines {
    tcp: HashMap<Way, Vec<Direction>>,
    at: HashMap<Way, Position>,
    datagrams: HashMap<Way, VecDeque<String>>,
    unreachable: HashMap<Way, VecDeque<String>>,
}

impl Lines {
    pub fn of(ladder: &Ladder, lang: Lang) -> Lines {
        let mut lines = Lines::default();
        for act in ladder.acts() {
            let line = hide(&act.sentence(ladder, lang)).into_owned();
            for arrow in &act.arrows {
                let Some((from, to)) = arrow.wire.ends else { continue };
                match arrow.wire.protocol {
                    Protocol::Tcp => lines.segment((from, to), &arrow.what, line.clone()),
                    Protocol::Udp if arrow.what == What::Unreachable => {
                        lines.unreachable.entry((from, to)).or_default().push_back(line.clone());
                    }
                    Protocol::Udp => lines.datagrams.entry((from, to)).or_default().push_back(line.clone()),
                    Protocol::Local | Protocol::Other => {}
                }
            }
        }
        lines
    }

    fn segment(&mut self, way: Way, what: &What, line: String) {
        if *what == What::Syn {
            for way in [way, (way.1, way.0)] {
                self.tcp.entry(way).or_default().push(Direction::default());
            }
        }
        let all = self.tcp.entry(way).or_default();
        if all.is_empty() {
            all.push(Direction::default());
        }
        let Some(last) = all.last_mut() else { return };
        match what {
            What::Syn | What::SynAck => last.syn = Some(line),
            What::Ack => last.ack = Some(line),
            What::Fin => last.fin = Some(line),
            What::Rst => last.rst = Some(line),
            What::Data(data) => {
                let before = last.data.last().map_or(0, |(end, _)| *end);
                last.data.push((before + data.length, line));
            }
            What::Connect | What::End | What::Unreachable => {}
        }
    }

    /// The line that this packet is of. Packets come in the order of the capture.
    pub fn find(&mut self, packet: &Packet<'_>) -> Option<String> {
        match packet {
            Packet::Tcp { way, flags, seq, data } => self.find_segment(*way, *flags, *seq, data.len() as u64),
            Packet::Udp { way } => take(&mut self.datagrams, *way),
            // It goes back to who sent what it answers.
            Packet::Unreachable { answers } => take(&mut self.unreachable, (answers.1, answers.0)),
            Packet::Other => None,
        }
    }

    fn find_segment(&mut self, way: Way, flags: u8, seq: u32, length: u64) -> Option<String> {
        let position = self.at.entry(way).or_default();
        if flags & SYN != 0 && position.start != Some(seq) {
            // Another connection of the same two addresses begins with its first SYN.
            position.connection += usize::from(position.start.is_some());
            (position.start, position.answered) = (Some(seq), false);
        }
        let (start, connection) = (position.start, position.connection);
        let direction = self.tcp.get(&way)?.get(connection)?;
        if flags & SYN != 0 {
            return direction.syn.clone();
        }
        if flags & RST != 0 {
            return direction.rst.clone();
        }
        let mut lines: Vec<&str> = Vec::new();
        if length > 0 {
            let from = u64::from(seq.wrapping_sub(start?).wrapping_sub(1));
            let mut begin = 0;
            for (end, line) in &direction.data {
                if *end > from && begin < from + length && lines.last() != Some(&line.as_str()) {
                    lines.push(line);
                }
                begin = *end;
            }
        }
        if flags & FIN != 0 {
            lines.extend(direction.fin.as_deref());
        }
        if length == 0 && flags == ACK && !position.answered {
            position.answered = true;
            lines.extend(direction.ack.as_deref());
        }
        // A stream of many small sends has them all in one segment.
        const MOST: usize = 8;
        let more = if lines.len() > MOST { "; …" } else { "" };
        lines.truncate(MOST);
        (!lines.is_empty()).then(|| lines.join("; ") + more)
    }
}

fn take(all: &mut HashMap<Way, VecDeque<String>>, way: Way) -> Option<String> {
    if let Some(line) = all.get_mut(&way).and_then(VecDeque::pop_front) {
        return Some(line);
    }
    // A socket that is bound to every address sends from the one of the way.
    let any = match way.0 {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    all.get_mut(&(SocketAddr::new(any, way.0.port()), way.1)).and_then(VecDeque::pop_front)
}

/// What a packet says of itself in its headers.
#[derive(Debug)]
pub enum Packet<'a> {
    Tcp {
        way: Way,
        flags: u8,
        seq: u32,
        data: &'a [u8],
    },
    Udp {
        way: Way,
    },
    /// ICMP: nothing is bound there; `answers` is the way of the packet that it is about.
    Unreachable {
        answers: Way,
    },
    /// Something else, or a part of something.
    Other,
}

impl<'a> Packet<'a> {
    /// Reads a packet that begins with the header of IP.
    pub fn read(bytes: &'a [u8]) -> Packet<'a> {
        Packet::parse(bytes).unwrap_or(Packet::Other)
    }

    fn parse(bytes: &'a [u8]) -> Option<Packet<'a>> {
        let Ip { way, protocol, head, length } = Ip::read(bytes)?;
        let whole = &bytes[..length.min(bytes.len())];
        Some(match protocol {
            6 => {
                let seq = u32::from_be_bytes(*whole.get(head + 4..)?.first_chunk()?);
                let data = head + usize::from(whole.get(head + 12)? >> 4) * 4;
                let flags = *whole.get(head + 13)?;
                Packet::Tcp { way, flags, seq, data: whole.get(data..)? }
            }
            17 => Packet::Udp { way },
            // Destination unreachable: the beginning of the packet that could not go on is within.
            1 | 58 if *whole.get(head)? == if protocol == 1 { 3 } else { 1 } => {
                match Ip::read(whole.get(head + 8..)?)? {
                    Ip { way, protocol: 17, .. } => Packet::Unreachable { answers: way },
                    _ => Packet::Other,
                }
            }
            _ => Packet::Other,
        })
    }
}

/// The header of IP, and the two ports that stand behind it.
struct Ip {
    way: Way,
    protocol: u8,
    /// Where what it carries begins, and where that ends.
    head: usize,
    length: usize,
}

impl Ip {
    fn read(bytes: &[u8]) -> Option<Ip> {
        let two = |at: usize| bytes.get(at..)?.first_chunk().map(|two| u16::from_be_bytes(*two));
        let v4 = |at: usize| bytes.get(at..)?.first_chunk::<4>().map(|a| IpAddr::from(*a));
        let v6 = |at: usize| bytes.get(at..)?.first_chunk::<16>().map(|a| IpAddr::from(*a));
        let (from, to, protocol, head, length) = match bytes.first()? >> 4 {
            // Of a packet in pieces only the first has ports.
            4 if two(6)? & 0x1fff == 0 => {
                let head = usize::from(bytes[0] & 15) * 4;
                (v4(12)?, v4(16)?, *bytes.get(9)?, head, usize::from(two(2)?))
            }
            6 => (v6(8)?, v6(24)?, *bytes.get(6)?, 40, 40 + usize::from(two(4)?)),
            _ => return None,
        };
        let way = (SocketAddr::new(from, two(head)?), SocketAddr::new(to, two(head + 2)?));
        Some(Ip { way, protocol, head, length })
    }
}
