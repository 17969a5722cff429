//! A ladder as a capture: a pcapng file that Wireshark, tshark and tcpdump read.
//!
//! Each arrow between internet sockets is the packet that it stands for, with the headers of IPv4 or IPv6 and of TCP or
//! UDP, their checksums, and one sequence number a direction; data are followed by the acknowledgement that the kernel
//! sends for them. A packet's comment is its line of the script. What goes through a Unix socket has no packets: it is
//! there as exported data, on an interface of its own. The header of the file says that it was drawn.
//!
//! In a network of the script's own (`--isolate`) the packets are those that were captured there, and the header says so;
//! [`super::told`] finds the lines that they are of.
//!
//! pcapng, the draft of the IETF: blocks of a type, a length, a body and the length again; a section header, a
//! description of each interface, and an enhanced packet block for each packet.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::ladder::{Act, Arrow, Ladder, Protocol, What};
use super::told::{Lines, Packet};
use crate::net::capture::Captured;
use crate::text::secrets::{are_kept, hide, hide_bytes};
use crate::words::Lang;

/// Where the packets come from, as the file says.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// From the calls of a script.
    Drawn,
    /// From `lo` of a network of the script's own. `shared`: the fixture and the other scripts below it are in it too.
    Lo { captured: &'a Captured, shared: bool },
}

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;

/// Packets that begin with the header of IPv4 or IPv6.
const LINKTYPE_RAW: u16 = 101;
/// Data without packets, as Wireshark exports them.
const LINKTYPE_UPPER_PDU: u16 = 252;

/// The most that a segment holds where a packet has 16 bits for its length: with a header of IPv6, and of TCP.
const SEGMENT: usize = 65_535 - 40 - 20;
/// Data without packets are written in pieces of this size: Wireshark reads no packet of more than 256 KiB.
const PIECE: usize = 128 << 10;

pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const RST: u8 = 4;
const PSH: u8 = 8;
pub const ACK: u8 = 16;
const URG: u8 = 32;

/// The file, and how many packets are in it.
pub fn pcap(ladder: &Ladder, origin: Origin<'_>, lang: Lang) -> (Vec<u8>, usize) {
    let mut capture = Capture::new(origin, ladder.gone, lang);
    let mut rest = match origin {
        Origin::Drawn => Vec::new().into_iter(),
        Origin::Lo { captured, .. } => real(ladder, captured, lang).into_iter(),
    }
    .peekable();
    for act in ladder.acts() {
        let comment = hide(&act.sentence(ladder, lang)).into_owned();
        let when = act.when.duration_since(UNIX_EPOCH).unwrap_or_default();
        while let Some(packet) = rest.next_if(|packet| packet.when <= when) {
            capture.real(&packet);
        }
        for arrow in &act.arrows {
            // What went through Unix sockets has no packets; all else does.
            if matches!(origin, Origin::Drawn) || arrow.wire.protocol == Protocol::Local {
                capture.arrow(ladder, act, arrow, &comment);
            }
        }
    }
    rest.for_each(|packet| capture.real(&packet));
    (capture.out, capture.packets)
}

/// A captured packet with the line that it is of.
struct Real {
    when: Duration,
    bytes: Vec<u8>,
    comment: String,
}

/// The bytes that went one way in a connection: a secret may lie in two segments, and a segment may come again.
struct Stream {
    /// The number of the first byte.
    start: u32,
    bytes: Vec<u8>,
    parts: Vec<StreamPart>,
}

/// A packet's part of a stream: which packet, how long its headers are, and where its bytes are in the stream.
struct StreamPart {
    packet: usize,
    head: usize,
    at: usize,
}

impl Stream {
    /// More is no connection that is captured whole.
    const MOST: usize = 256 << 20;

    /// Takes in the data of a packet; false where they have no place in it.
    fn take(&mut self, packet: usize, head: usize, seq: u32, data: &[u8]) -> bool {
        let at = seq.wrapping_sub(self.start) as usize;
        let end = at + data.len();
        if end > Stream::MOST {
            return false;
        }
        self.bytes.resize(self.bytes.len().max(end), 0);
        self.bytes[at..end].copy_from_slice(data);
        self.parts.push(StreamPart { packet, head, at });
        true
    }
}

/// The packets that were captured, with their lines; the bytes of secrets are stars.
fn real(ladder: &Ladder, captured: &Captured, lang: Lang) -> Vec<Real> {
    let mut lines = Lines::of(ladder, lang);
    let mut all: Vec<Real> = Vec::with_capacity(captured.packets.len());
    let mut streams: Vec<Stream> = Vec::new();
    let mut current: HashMap<(SocketAddr, SocketAddr), usize> = HashMap::new();
    for packet in &captured.packets {
        let read = Packet::read(&packet.bytes);
        let comment = lines.find(&read).unwrap_or_default();
        let mut bytes = packet.bytes.clone();
        match read {
            Packet::Tcp { way, flags, seq, data } if are_kept() => {
                let known = current.get(&way).copied().filter(|_| flags & SYN == 0);
                let at = known.unwrap_or(streams.len());
                if known.is_none() {
                    streams.push(Stream { start: seq, bytes: Vec::new(), parts: Vec::new() });
                    current.insert(way, at);
                }
                let head = bytes.len() - data.len();
                if !streams[at].take(all.len(), head, seq, data) {
                    bytes = hide_bytes(&bytes).into_owned();
                }
            }
            _ if are_kept() => bytes = hide_bytes(&bytes).into_owned(),
            _ => {}
        }
        all.push(Real { when: packet.when, bytes, comment });
    }
    for stream in streams {
        let hidden = hide_bytes(&stream.bytes);
        for StreamPart { packet, head, at } in stream.parts {
            let bytes = &mut all[packet].bytes;
            let length = bytes.len() - head;
            bytes[head..].copy_from_slice(&hidden[at..at + length]);
        }
    }
    all
}

struct Capture {
    out: Vec<u8>,
    packets: usize,
    lang: Lang,
    /// The next sequence number of each direction.
    next: HashMap<(SocketAddr, SocketAddr), u32>,
    /// The time of the last packet: none goes back.
    last: Duration,
}

impl Capture {
    fn new(origin: Origin<'_>, gone: u64, lang: Lang) -> Capture {
        let comment = match origin {
            Origin::Drawn => phrase!(
                en "drawn from the calls of a script, not captured: handshakes, segments and acknowledgements are inferred",
                es "dibujado a partir de las llamadas de un script, no capturado: saludos, segmentos y confirmaciones se deducen"
            ),
            Origin::Lo { shared: false, .. } => phrase!(
                en "captured: the packets on the loopback interface of a network of the script's own, each once",
                es "capturado: los paquetes de la interfaz de loopback de una red propia del script, cada uno una vez"
            ),
            Origin::Lo { shared: true, .. } => phrase!(
                en "captured: the packets on the loopback interface of the network that the script shares with its fixture and the \
                    other scripts below that, each once",
                es "capturado: los paquetes de la interfaz de loopback de la red que el script comparte con su fixture y los otros \
                    scripts bajo ella, cada uno una vez"
            ),
        };
        let mut comment = comment.show(lang).to_string();
        if let Origin::Lo { captured: Captured { lost: lost @ 1.., .. }, .. } = origin {
            let lost = say!(
                en "; packets that came and found no room: {n}",
                es "; paquetes que llegaron y no cupieron: {n}",
                n = lost
            );
            comment.push_str(&lost.show(lang));
        }
        if gone > 0 {
            let left = say!(
                en "; the calls before are no longer kept: {n}",
                es "; ya no se guardan las llamadas anteriores: {n}",
                n = gone
            );
            comment.push_str(&left.show(lang));
        }
        let mut capture =
            Capture { out: Vec::new(), packets: 0, lang, next: HashMap::new(), last: Duration::ZERO };
        // The byte order, version 1.0, and a length that is not known.
        let mut body = Vec::new();
        body.extend_from_slice(&0x1a2b_3c4d_u32.to_le_bytes());
        body.extend_from_slice(&1u16.to_le_bytes());
        body.extend_from_slice(&0u16.to_le_bytes());
        body.extend_from_slice(&u64::MAX.to_le_bytes());
        option(&mut body, 1, comment.as_bytes());
        option(&mut body, 4, concat!("sockbook ", env!("CARGO_PKG_VERSION")).as_bytes());
        option(&mut body, 0, &[]);
        capture.block(SECTION, &body);
        let name = if matches!(origin, Origin::Drawn) { "sockbook" } else { "lo" };
        capture.interface(LINKTYPE_RAW, name, None);
        let drawn = phrase!(
            en "what went through Unix sockets, drawn from the calls",
            es "lo que pasó por sockets Unix, dibujado a partir de las llamadas"
        );
        capture.interface(LINKTYPE_UPPER_PDU, "unix", Some(drawn.show(lang)));
        capture
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let length = (12 + body.len()) as u32;
        self.out.extend_from_slice(&kind.to_le_bytes());
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.extend_from_slice(body);
        self.out.extend_from_slice(&length.to_le_bytes());
    }

    fn interface(&mut self, link: u16, name: &str, description: Option<&str>) {
        let mut body = Vec::new();
        body.extend_from_slice(&link.to_le_bytes());
        body.extend_from_slice(&[0; 6]);
        option(&mut body, 2, name.as_bytes());
        if let Some(description) = description {
            option(&mut body, 3, description.as_bytes());
        }
        // Times are in nanoseconds.
        option(&mut body, 9, &[9]);
        option(&mut body, 0, &[]);
        self.block(INTERFACE, &body);
    }

    /// A packet that is drawn: none of them goes back in time.
    fn packet(&mut self, interface: u32, when: SystemTime, bytes: &[u8], comment: &str) {
        let when = when.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.last = when.max(self.last + Duration::from_nanos(100));
        self.write(interface, self.last, bytes, comment);
    }

    /// A packet that was captured, with its own time.
    fn real(&mut self, packet: &Real) {
        self.last = packet.when.max(self.last);
        self.write(0, packet.when, &packet.bytes, &packet.comment);
    }

    fn write(&mut self, interface: u32, when: Duration, bytes: &[u8], comment: &str) {
        let nanos = when.as_nanos() as u64;
        let mut body = Vec::with_capacity(bytes.len() + comment.len() + 48);
        body.extend_from_slice(&interface.to_le_bytes());
        body.extend_from_slice(&((nanos >> 32) as u32).to_le_bytes());
        body.extend_from_slice(&(nanos as u32).to_le_bytes());
        body.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        body.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        body.extend_from_slice(bytes);
        pad(&mut body);
        if !comment.is_empty() {
            option(&mut body, 1, comment.as_bytes());
            option(&mut body, 0, &[]);
        }
        self.block(PACKET, &body);
        self.packets += 1;
    }

    fn arrow(&mut self, ladder: &Ladder, act: &Act, arrow: &Arrow, comment: &str) {
        let inferred = phrase!(en "inferred", es "deducido").show(self.lang);
        let said = if arrow.known { comment.to_string() } else { format!("{comment} ({inferred})") };
        match (arrow.wire.protocol, arrow.wire.ends) {
            (Protocol::Tcp, Some((from, to))) if from.is_ipv4() == to.is_ipv4() => {
                self.tcp(act, arrow, from, to, &said, inferred);
            }
            (Protocol::Udp, Some((from, to))) if from.is_ipv4() == to.is_ipv4() => match &arrow.what {
                What::Data(data) => {
                    let bytes = whole(&data.bytes, data.length);
                    self.packet(0, act.when, &udp(from, to, &bytes), &said);
                }
                What::Unreachable => {
                    self.packet(0, act.when, &unreachable(from, to), &said);
                }
                _ => {}
            },
            (Protocol::Local, _) => {
                if let What::Data(data) = &arrow.what {
                    let names =
                        [arrow.from, arrow.to].map(|lane| ladder.lanes.get(lane).map(|lane| lane.title()));
                    let [from, to] = names.map(Option::unwrap_or_default);
                    let bytes = whole(&data.bytes, data.length);
                    let pieces = bytes.chunks(PIECE).chain(bytes.is_empty().then_some(&[][..]));
                    for piece in pieces {
                        self.packet(1, act.when, &exported(&format!("{from} → {to}"), piece), &said);
                    }
                }
            }
            _ => {}
        }
    }

    fn tcp(
        &mut self,
        act: &Act,
        arrow: &Arrow,
        from: SocketAddr,
        to: SocketAddr,
        said: &str,
        inferred: &str,
    ) {
        let start = |(from, to): (SocketAddr, SocketAddr)| {
            // Any number will do, and the same session has the same.
            u32::from(from.port()) << 16 | u32::from(to.port())
        };
        let mut seq = *self.next.entry((from, to)).or_insert_with(|| start((from, to)));
        let mut back = *self.next.entry((to, from)).or_insert_with(|| start((to, from)));
        let answer = format!("ACK ({inferred})");
        let send = |capture: &mut Capture, flags: u8, seq: u32, ack: u32, data: &[u8], said: &str| {
            capture.packet(0, act.when, &segment(from, to, flags, seq, ack, data), said);
        };
        match &arrow.what {
            What::Syn => {
                // Of a connection that had the same two addresses before, nothing counts any more.
                seq = start((from, to)).wrapping_add(self.packets as u32);
                back = start((to, from)).wrapping_add(self.packets as u32);
                send(self, SYN, seq, 0, &[], said);
                seq = seq.wrapping_add(1);
            }
            What::SynAck => {
                send(self, SYN | ACK, seq, back, &[], said);
                seq = seq.wrapping_add(1);
            }
            What::Ack => send(self, ACK, seq, back, &[], said),
            What::Fin => {
                send(self, FIN | ACK, seq, back, &[], said);
                seq = seq.wrapping_add(1);
                self.packet(0, act.when, &segment(to, from, ACK, back, seq, &[]), &answer);
            }
            What::Rst => send(self, RST | ACK, seq, back, &[], said),
            What::Data(data) => {
                let bytes = whole(&data.bytes, data.length);
                for piece in bytes.chunks(SEGMENT) {
                    let urgent = if data.urgent { URG } else { 0 };
                    send(self, PSH | ACK | urgent, seq, back, piece, said);
                    seq = seq.wrapping_add(piece.len() as u32);
                    self.packet(0, act.when, &segment(to, from, ACK, back, seq, &[]), &answer);
                }
            }
            What::Connect | What::End | What::Unreachable => {}
        }
        self.next.insert((from, to), seq);
        self.next.insert((to, from), back);
    }
}

/// An option of a block, padded to four bytes.
fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = &value[..value.len().min(usize::from(u16::MAX))];
    body.extend_from_slice(&code.to_le_bytes());
    body.extend_from_slice(&(value.len() as u16).to_le_bytes());
    body.extend_from_slice(value);
    pad(body);
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

/// The bytes that went; those that are not known are 0, and those of secrets are stars.
fn whole(bytes: &[u8], length: u64) -> Vec<u8> {
    let mut bytes = hide_bytes(bytes).into_owned();
    bytes.resize(usize::try_from(length).unwrap_or(bytes.len()), 0);
    bytes
}

/// The sum of RFC 1071.
fn checksum(parts: &[&[u8]]) -> u16 {
    let all: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).collect();
    let mut sum: u32 = 0;
    for pair in all.chunks(2) {
        sum += u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// The header of IP, and behind it what it carries, whose checksum stands at this place.
fn ip(
    from: SocketAddr,
    to: SocketAddr,
    protocol: u8,
    mut payload: Vec<u8>,
    sum_at: Option<usize>,
) -> Vec<u8> {
    let length = payload.len() as u32;
    let mut out = Vec::with_capacity(payload.len() + 40);
    let mut pseudo = Vec::new();
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            pseudo.extend_from_slice(&from.octets());
            pseudo.extend_from_slice(&to.octets());
            pseudo.extend_from_slice(&[0, protocol]);
            pseudo.extend_from_slice(&(length as u16).to_be_bytes());
            out.extend_from_slice(&[0x45, 0]);
            out.extend_from_slice(&((length + 20) as u16).to_be_bytes());
            // No identification, and it may not be cut.
            out.extend_from_slice(&[0, 0, 0x40, 0, 64, protocol, 0, 0]);
            out.extend_from_slice(&from.octets());
            out.extend_from_slice(&to.octets());
            let sum = checksum(&[&out]);
            out[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            pseudo.extend_from_slice(&from.octets());
            pseudo.extend_from_slice(&to.octets());
            pseudo.extend_from_slice(&length.to_be_bytes());
            pseudo.extend_from_slice(&[0, 0, 0, protocol]);
            out.extend_from_slice(&[0x60, 0, 0, 0]);
            out.extend_from_slice(&(length as u16).to_be_bytes());
            out.extend_from_slice(&[protocol, 64]);
            out.extend_from_slice(&from.octets());
            out.extend_from_slice(&to.octets());
        }
        // Both ends of a packet are of one family.
        _ => return out,
    }
    // ICMP of IPv4 sums up nothing but itself.
    let pseudo = if protocol == 1 { &[] } else { &pseudo[..] };
    if let Some(at) = sum_at {
        let sum = match checksum(&[pseudo, &payload]) {
            // UDP: 0 would say that there is none.
            0 if protocol == 17 => 0xffff,
            sum => sum,
        };
        payload[at..at + 2].copy_from_slice(&sum.to_be_bytes());
    }
    out.extend_from_slice(&payload);
    out
}

fn segment(from: SocketAddr, to: SocketAddr, flags: u8, seq: u32, ack: u32, data: &[u8]) -> Vec<u8> {
    let mut payload = Vec::with_capacity(data.len() + 20);
    payload.extend_from_slice(&from.port().to_be_bytes());
    payload.extend_from_slice(&to.port().to_be_bytes());
    payload.extend_from_slice(&seq.to_be_bytes());
    payload.extend_from_slice(&ack.to_be_bytes());
    payload.extend_from_slice(&[5 << 4, flags, 0xff, 0xff, 0, 0]);
    let urgent = if flags & URG != 0 { data.len() as u16 } else { 0 };
    payload.extend_from_slice(&urgent.to_be_bytes());
    payload.extend_from_slice(data);
    ip(from, to, 6, payload, Some(16))
}

fn udp(from: SocketAddr, to: SocketAddr, data: &[u8]) -> Vec<u8> {
    let mut payload = Vec::with_capacity(data.len() + 8);
    payload.extend_from_slice(&from.port().to_be_bytes());
    payload.extend_from_slice(&to.port().to_be_bytes());
    payload.extend_from_slice(&((data.len() + 8) as u16).to_be_bytes());
    payload.extend_from_slice(&[0, 0]);
    payload.extend_from_slice(data);
    ip(from, to, 17, payload, Some(6))
}

/// ICMP: nothing is bound to the port. It holds the beginning of the packet that it answers.
fn unreachable(from: SocketAddr, to: SocketAddr) -> Vec<u8> {
    let answered = udp(to, from, &[]);
    let (protocol, kind) = if from.is_ipv4() { (1, 3) } else { (58, 1) };
    let code = if from.is_ipv4() { 3 } else { 4 };
    let mut payload = vec![kind, code, 0, 0, 0, 0, 0, 0];
    payload.extend_from_slice(&answered);
    ip(from, to, protocol, payload, Some(2))
}

/// Data without packets: tags with a name for the two columns, then the bytes.
fn exported(info: &str, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut tag = |code: u16, value: &[u8]| {
        let length = value.len().next_multiple_of(4);
        out.extend_from_slice(&code.to_be_bytes());
        out.extend_from_slice(&(length as u16).to_be_bytes());
        out.extend_from_slice(value);
        out.resize(out.len() + length - value.len(), 0);
    };
    tag(12, b"data");
    tag(33, b"UNIX");
    tag(36, info.as_bytes());
    tag(0, &[]);
    out.extend_from_slice(data);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_makes_the_sum_whole() {
        // RFC 1071 has this example.
        assert_eq!(checksum(&[&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]]), !0xddf2);
        let (from, to) = ("127.0.0.1:5".parse().unwrap(), "127.0.0.1:6".parse().unwrap());
        let packet = udp(from, to, b"hola!");
        assert_eq!(packet.len(), 33);
        assert_eq!(checksum(&[&packet[..20]]), 0);
    }
}
