//! TCP_INFO, the kernel's account of a connection, field by field.

use std::io;
use std::time::Duration;

use socket2::Socket;

use super::kernel;
use crate::value::map::Map;
use crate::value::{Value, duration_text};
use crate::words::{Counted, Noun, Phrase, Sentence};

/// TCP's states as netstat and ss name them, by the kernel's number.
pub const STATES: [&str; 13] = [
    "",
    "ESTABLISHED",
    "SYN_SENT",
    "SYN_RECV",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "LISTEN",
    "CLOSING",
    "NEW_SYN_RECV",
];

/// The answer as bytes: older kernels give fewer, and what lies beyond is absent.
pub struct TcpInfo {
    bytes: [u8; 512],
    length: usize,
}

/// How a field is kept and what it counts.
#[derive(Clone, Copy)]
enum Field {
    /// A number of something, in one byte, four or eight.
    Byte(Noun),
    Long(Noun),
    Wide(Noun),
    Millis,
    Micros,
    WideMicros,
    /// Segments, and a very large number for "no limit yet".
    Threshold,
    /// Bytes a second; all ones are no limit.
    Rate,
    Congestion,
    Options,
    /// Two scales of four bits.
    Scales,
}

use Field::*;

/// C's fields behind `tcpi_`, each with its place and its size in bytes, as the kernel's headers have them; all but the
/// bit fields, which are below.
const LAYOUT: &[(&str, usize, usize)] = &[
    ("state", 0, 1),
    ("ca_state", 1, 1),
    ("retransmits", 2, 1),
    ("probes", 3, 1),
    ("backoff", 4, 1),
    ("options", 5, 1),
    ("rto", 8, 4),
    ("ato", 12, 4),
    ("snd_mss", 16, 4),
    ("rcv_mss", 20, 4),
    ("unacked", 24, 4),
    ("sacked", 28, 4),
    ("lost", 32, 4),
    ("retrans", 36, 4),
    ("fackets", 40, 4),
    ("last_data_sent", 44, 4),
    ("last_ack_sent", 48, 4),
    ("last_data_recv", 52, 4),
    ("last_ack_recv", 56, 4),
    ("pmtu", 60, 4),
    ("rcv_ssthresh", 64, 4),
    ("rtt", 68, 4),
    ("rttvar", 72, 4),
    ("snd_ssthresh", 76, 4),
    ("snd_cwnd", 80, 4),
    ("advmss", 84, 4),
    ("reordering", 88, 4),
    ("rcv_rtt", 92, 4),
    ("rcv_space", 96, 4),
    ("total_retrans", 100, 4),
    ("pacing_rate", 104, 8),
    ("max_pacing_rate", 112, 8),
    ("bytes_acked", 120, 8),
    ("bytes_received", 128, 8),
    ("segs_out", 136, 4),
    ("segs_in", 140, 4),
    ("notsent_bytes", 144, 4),
    ("min_rtt", 148, 4),
    ("data_segs_in", 152, 4),
    ("data_segs_out", 156, 4),
    ("delivery_rate", 160, 8),
    ("busy_time", 168, 8),
    ("rwnd_limited", 176, 8),
    ("sndbuf_limited", 184, 8),
    ("delivered", 192, 4),
    ("delivered_ce", 196, 4),
    ("bytes_sent", 200, 8),
    ("bytes_retrans", 208, 8),
    ("dsack_dups", 216, 4),
    ("reord_seen", 220, 4),
    ("rcv_ooopack", 224, 4),
    ("snd_wnd", 228, 4),
    ("rcv_wnd", 232, 4),
    ("rehash", 236, 4),
    ("total_rto", 240, 2),
    ("total_rto_recoveries", 242, 2),
    ("total_rto_time", 244, 4),
    ("received_ce", 248, 4),
    ("delivered_e1_bytes", 252, 4),
    ("delivered_e0_bytes", 256, 4),
    ("delivered_ce_bytes", 260, 4),
    ("received_e1_bytes", 264, 4),
    ("received_e0_bytes", 268, 4),
    ("received_ce_bytes", 272, 4),
    ("accecn_fail_mode", 276, 2),
    ("accecn_opt_seen", 278, 2),
];

/// C's bit fields: the byte, how far the bits stand from its lower end on little-endian machines, and how many they are.
const BITS: &[(&str, usize, u32, u32)] = &[
    ("snd_wscale", 6, 0, 4),
    ("rcv_wscale", 6, 4, 4),
    ("delivery_rate_app_limited", 7, 0, 1),
    ("fastopen_client_fail", 7, 1, 2),
];

const PREFIX: &str = "tcpi_";

/// Is it the name of a field, C's or the friendly one?
pub fn is_field(name: &str) -> bool {
    let c = name.strip_prefix(PREFIX);
    c.is_some_and(|c| LAYOUT.iter().any(|l| l.0 == c) || BITS.iter().any(|b| b.0 == c))
        || name == "state"
        || FIELDS.iter().any(|f| f.0 == name)
}

/// Every name of a field, for suggestions.
pub fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once("state").chain(FIELDS.iter().map(|f| f.0))
}

/// The friendly name, C's, the kind, and what it tells.
const FIELDS: &[(&str, &str, Field, Phrase)] = &[
    (
        "rtt",
        "rtt",
        Micros,
        phrase!(en "time there and back, smoothed", es "tiempo de ida y vuelta, suavizado"),
    ),
    ("rttvar", "rttvar", Micros, phrase!(en "how much that varies", es "cuánto varía")),
    ("min_rtt", "min_rtt", Micros, phrase!(en "the shortest seen", es "el menor que se ha visto")),
    (
        "rcv_rtt",
        "rcv_rtt",
        Micros,
        phrase!(en "the same, guessed by the receiving side", es "lo mismo, estimado por el lado que recibe"),
    ),
    (
        "rto",
        "rto",
        Micros,
        phrase!(en "without an ACK for so long, send again", es "sin un ACK en este tiempo, se retransmite"),
    ),
    ("ato", "ato", Micros, phrase!(en "an ACK is held back so long", es "cuánto se retiene un ACK")),
    (
        "cwnd",
        "snd_cwnd",
        Long(Noun::Segment),
        phrase!(en "congestion window: on their way at most", es "ventana de congestión: máximo en camino"),
    ),
    (
        "ssthresh",
        "snd_ssthresh",
        Threshold,
        phrase!(en "where slow start ends", es "donde termina el inicio lento"),
    ),
    (
        "ca_state",
        "ca_state",
        Congestion,
        phrase!(en "what congestion control thinks", es "el estado del control de congestión"),
    ),
    ("mss", "snd_mss", Long(Noun::Byte), phrase!(en "largest segment sent", es "mayor segmento enviado")),
    (
        "rcv_mss",
        "rcv_mss",
        Long(Noun::Byte),
        phrase!(en "largest segment received, guessed", es "mayor segmento recibido, estimado"),
    ),
    (
        "advmss",
        "advmss",
        Long(Noun::Byte),
        phrase!(en "largest segment asked of the peer", es "mayor segmento pedido al otro extremo"),
    ),
    (
        "pmtu",
        "pmtu",
        Long(Noun::Byte),
        phrase!(en "largest packet of the path", es "mayor paquete de la ruta"),
    ),
    ("snd_wnd", "snd_wnd", Long(Noun::Byte), phrase!(en "the peer's room", es "espacio del otro extremo")),
    (
        "rcv_wnd",
        "rcv_wnd",
        Long(Noun::Byte),
        phrase!(en "our room, as the peer knows it", es "nuestro espacio, según sabe el otro extremo"),
    ),
    (
        "rcv_space",
        "rcv_space",
        Long(Noun::Byte),
        phrase!(en "room that the reader seems to need", es "espacio que parece necesitar quien lee"),
    ),
    (
        "rcv_ssthresh",
        "rcv_ssthresh",
        Long(Noun::Byte),
        phrase!(en "room we would offer at most now", es "máximo espacio que se ofrecería ahora"),
    ),
    (
        "options",
        "options",
        Options,
        phrase!(en "what both ends agreed on", es "lo acordado por ambos extremos"),
    ),
    (
        "wscale",
        "snd_wscale",
        Scales,
        phrase!(
            en "windows are times 2 to this: peer's, ours",
            es "las ventanas se multiplican por 2 elevado a esto: la otra, la nuestra"
        ),
    ),
    (
        "unacked",
        "unacked",
        Long(Noun::Segment),
        phrase!(en "sent and not yet acknowledged", es "enviados y aún sin confirmar"),
    ),
    (
        "sacked",
        "sacked",
        Long(Noun::Segment),
        phrase!(en "arrived out of order at the peer", es "llegaron en desorden al otro extremo"),
    ),
    ("lost", "lost", Long(Noun::Segment), phrase!(en "thought to be lost", es "se creen perdidos")),
    (
        "retrans",
        "retrans",
        Long(Noun::Segment),
        phrase!(en "sent again and not yet acknowledged", es "retransmitidos y aún sin confirmar"),
    ),
    (
        "total_retrans",
        "total_retrans",
        Long(Noun::Segment),
        phrase!(en "sent again, in all", es "retransmitidos en total"),
    ),
    (
        "retransmits",
        "retransmits",
        Byte(Noun::Try),
        phrase!(en "of the segment that is late now", es "del segmento que ahora se atrasa"),
    ),
    (
        "probes",
        "probes",
        Byte(Noun::Probe),
        phrase!(
            en "sent to a closed window or a silent peer",
            es "enviadas a una ventana cerrada o a un extremo en silencio"
        ),
    ),
    ("backoff", "backoff", Byte(Noun::Doubling), phrase!(en "of the rto, so far", es "del rto, hasta ahora")),
    (
        "reordering",
        "reordering",
        Long(Noun::Segment),
        phrase!(en "out of order without being lost", es "en desorden sin estar perdidos"),
    ),
    (
        "reord_seen",
        "reord_seen",
        Long(Noun::Time),
        phrase!(en "that order was upset", es "en que se alteró el orden"),
    ),
    (
        "bytes_sent",
        "bytes_sent",
        Wide(Noun::Byte),
        phrase!(en "sent, repetitions included", es "enviados, con las retransmisiones"),
    ),
    (
        "bytes_acked",
        "bytes_acked",
        Wide(Noun::Byte),
        phrase!(
            en "acknowledged by the peer (SYN and FIN count one)",
            es "confirmados por el otro extremo (SYN y FIN cuentan uno)"
        ),
    ),
    (
        "bytes_received",
        "bytes_received",
        Wide(Noun::Byte),
        phrase!(en "received, read or not", es "recibidos, leídos o no"),
    ),
    ("bytes_retrans", "bytes_retrans", Wide(Noun::Byte), phrase!(en "sent again", es "retransmitidos")),
    (
        "notsent",
        "notsent_bytes",
        Long(Noun::Byte),
        phrase!(en "in the send buffer and not yet sent", es "en el búfer de envío y aún no enviados"),
    ),
    ("segs_out", "segs_out", Long(Noun::Segment), phrase!(en "sent", es "enviados")),
    ("segs_in", "segs_in", Long(Noun::Segment), phrase!(en "received", es "recibidos")),
    (
        "data_segs_out",
        "data_segs_out",
        Long(Noun::Segment),
        phrase!(en "sent with data in them", es "enviados con datos"),
    ),
    (
        "data_segs_in",
        "data_segs_in",
        Long(Noun::Segment),
        phrase!(en "received with data in them", es "recibidos con datos"),
    ),
    (
        "delivered",
        "delivered",
        Long(Noun::Segment),
        phrase!(en "delivered, as far as is known", es "entregados, hasta donde se sabe"),
    ),
    (
        "delivered_ce",
        "delivered_ce",
        Long(Noun::Segment),
        phrase!(
            en "of these, marked by a crowded router",
            es "de ellos, marcados por un router congestionado"
        ),
    ),
    (
        "dsack_dups",
        "dsack_dups",
        Long(Noun::Segment),
        phrase!(en "sent again without need", es "retransmitidos sin necesidad"),
    ),
    (
        "rcv_ooopack",
        "rcv_ooopack",
        Long(Noun::Segment),
        phrase!(en "received out of order", es "recibidos en desorden"),
    ),
    (
        "delivery_rate",
        "delivery_rate",
        Rate,
        phrase!(en "what got through lately", es "lo entregado últimamente"),
    ),
    ("pacing_rate", "pacing_rate", Rate, phrase!(en "what is let out", es "lo que se deja salir")),
    (
        "max_pacing_rate",
        "max_pacing_rate",
        Rate,
        phrase!(en "what may be let out", es "lo que puede salir como máximo"),
    ),
    (
        "busy_time",
        "busy_time",
        WideMicros,
        phrase!(en "spent with something to send", es "con algo por enviar"),
    ),
    (
        "rwnd_limited",
        "rwnd_limited",
        WideMicros,
        phrase!(
            en "of this, held up by the peer's window",
            es "de este, frenado por la ventana del otro extremo"
        ),
    ),
    (
        "sndbuf_limited",
        "sndbuf_limited",
        WideMicros,
        phrase!(en "of this, held up by the send buffer", es "de este, frenado por el búfer de envío"),
    ),
    (
        "last_data_sent",
        "last_data_sent",
        Millis,
        phrase!(en "ago, data was sent", es "desde el último envío de datos"),
    ),
    (
        "last_data_recv",
        "last_data_recv",
        Millis,
        phrase!(en "ago, data was received", es "desde la última recepción de datos"),
    ),
    (
        "last_ack_recv",
        "last_ack_recv",
        Millis,
        phrase!(en "ago, an ACK was received", es "desde el último ACK recibido"),
    ),
    (
        "total_rto",
        "total_rto_time",
        Millis,
        phrase!(en "spent waiting for late ACKs", es "esperando ACK atrasados"),
    ),
];

const CONGESTION: [Phrase; 5] = [
    phrase!(en "open", es "abierto"),
    phrase!(en "disorder", es "desorden"),
    phrase!(en "reduced by ECN", es "reducido por ECN"),
    phrase!(en "recovering", es "en recuperación"),
    phrase!(en "loss", es "pérdida"),
];
const OPTIONS: [Phrase; 6] = [
    phrase!(en "timestamps", es "marcas de tiempo"),
    phrase!(en "sack", es "sack"),
    phrase!(en "window scaling", es "escala de ventana"),
    phrase!(en "ecn", es "ecn"),
    phrase!(en "ecn seen", es "ecn visto"),
    phrase!(en "data in the SYN", es "datos en el SYN"),
];

impl TcpInfo {
    /// getsockopt(IPPROTO_TCP, TCP_INFO)
    pub fn read(socket: &Socket) -> io::Result<TcpInfo> {
        let mut bytes = [0; 512];
        let length = kernel::getsockopt(socket, libc::IPPROTO_TCP, libc::TCP_INFO, &mut bytes)?;
        Ok(TcpInfo { bytes, length })
    }

    /// What getsockopt(2) gave.
    pub fn of(given: &[u8]) -> TcpInfo {
        let mut bytes = [0; 512];
        let length = given.len().min(bytes.len());
        bytes[..length].copy_from_slice(&given[..length]);
        TcpInfo { bytes, length }
    }

    /// The place of a field that this kernel gives.
    fn place(&self, name: &str) -> Option<usize> {
        LAYOUT.iter().find(|(field, ..)| *field == name).map(|(_, place, _)| *place)
    }

    /// A field as C has it.
    fn number(&self, place: usize, size: usize) -> Option<i64> {
        Some(match size {
            1 => self.at::<1>(place)?[0].into(),
            2 => u16::from_ne_bytes(self.at(place)?).into(),
            4 => self.long(place)?.into(),
            // All ones, no limit, is the largest there is here.
            _ => i64::try_from(self.wide(place)?).unwrap_or(i64::MAX),
        })
    }

    fn bits(&self, place: usize, from: u32, count: u32) -> Option<i64> {
        let [byte] = self.at(place)?;
        let shift = if cfg!(target_endian = "little") { from } else { 8 - from - count };
        Some((i64::from(byte) >> shift) & ((1 << count) - 1))
    }

    /// Every field that this kernel has, by its friendly name as what it means, and by C's, `tcpi_rtt`, as the number that
    /// it is there. What is no limit, or never was, is nothing.
    pub fn map(&self) -> Map {
        let mut map = Map::default();
        map.put(Value::text("state"), Value::text(self.state()));
        for &(name, c, field, _) in FIELDS {
            if let Some(value) = self.place(c).or(Some(6)).and_then(|place| self.value(place, field)) {
                map.put(Value::text(name), value);
            }
        }
        let whole = LAYOUT.iter().map(|&(name, place, size)| (name, self.number(place, size)));
        let parts = BITS.iter().map(|&(name, place, from, count)| (name, self.bits(place, from, count)));
        for (name, number) in whole.chain(parts) {
            if let Some(number) = number {
                map.put(Value::text(&format!("{PREFIX}{name}")), Value::Int(number));
            }
        }
        map
    }

    /// What a field means.
    fn value(&self, offset: usize, field: Field) -> Option<Value> {
        let int = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        Some(match field {
            Byte(_) => int(self.at(offset).map(u8::from_ne_bytes)?.into()),
            Long(_) => int(self.long(offset)?.into()),
            Wide(_) => int(self.wide(offset)?),
            Millis | Micros if self.long(offset)? == u32::MAX => Value::Nothing,
            Millis => Duration::from_millis(self.long(offset)?.into()).into(),
            Micros => Duration::from_micros(self.long(offset)?.into()).into(),
            WideMicros => Duration::from_micros(self.wide(offset)?).into(),
            Threshold => match self.long(offset)? {
                0x7fff_ffff.. => Value::Nothing,
                n => int(n.into()),
            },
            Rate => match self.wide(offset)? {
                u64::MAX => Value::Nothing,
                n => int(n),
            },
            Congestion => {
                let [state] = self.at(offset)?;
                match CONGESTION.get(usize::from(state)) {
                    Some(word) => Value::text(word.en),
                    None => Value::Int(state.into()),
                }
            }
            Options => {
                let [bits] = self.at(offset)?;
                let on = OPTIONS.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
                Value::list(on.map(|(_, word)| Value::text(word.en)).collect())
            }
            Scales => Value::list(vec![Value::Int(self.bits(6, 0, 4)?), Value::Int(self.bits(6, 4, 4)?)]),
        })
    }

    fn at<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        self.bytes[..self.length].get(offset..offset + N)?.try_into().ok()
    }

    fn long(&self, offset: usize) -> Option<u32> {
        self.at(offset).map(u32::from_ne_bytes)
    }

    fn wide(&self, offset: usize) -> Option<u64> {
        self.at(offset).map(u64::from_ne_bytes)
    }

    pub fn state(&self) -> &'static str {
        STATES.get(usize::from(self.bytes[0])).copied().unwrap_or("")
    }

    /// A field that counts, by C's name without `tcpi_`; nothing where this kernel has none.
    pub fn count(&self, name: &str) -> Option<u64> {
        let &(_, place, size) = LAYOUT.iter().find(|(field, ..)| *field == name)?;
        u64::try_from(self.number(place, size)?).ok()
    }

    /// The bytes that the peer has acknowledged, and those that were received; not from every kernel.
    pub fn moved(&self) -> Option<(u64, u64)> {
        let acked = self.wide(self.place("bytes_acked")?)?;
        Some((acked, self.wide(self.place("bytes_received")?)?))
    }

    /// On a listener: connections that wait for `accept`, and how many may.
    pub fn backlog(&self) -> Option<(u32, u32)> {
        let waiting = self.long(self.place("unacked")?)?;
        let most = self.long(self.place("sacked")?)?;
        Some((waiting, most))
    }

    /// Every field this kernel has: its name, its value with what it counts, what it tells.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, Sentence, Phrase)> {
        FIELDS.iter().filter_map(|&(name, c, field, about)| {
            // The scales are bit fields, and have no place of their own.
            let place = self.place(c).unwrap_or(6);
            Some((name, self.field(place, field)?, about))
        })
    }

    fn field(&self, offset: usize, field: Field) -> Option<Sentence> {
        let so_many = |n: u64, noun: Noun| Sentence::from(Counted { n, noun });
        let time = |time: Duration| Sentence::plain(duration_text(time));
        Some(match field {
            Byte(of) => so_many(self.at(offset).map(u8::from_ne_bytes)?.into(), of),
            Long(of) => so_many(self.long(offset)?.into(), of),
            Wide(of) => so_many(self.wide(offset)?, of),
            // The kernel's words for "never": all ones, and for the shortest rtt too.
            Millis | Micros if self.long(offset)? == u32::MAX => Sentence::plain("-"),
            Millis => time(Duration::from_millis(self.long(offset)?.into())),
            Micros => time(Duration::from_micros(self.long(offset)?.into())),
            WideMicros => time(Duration::from_micros(self.wide(offset)?)),
            Threshold => match self.long(offset)? {
                0x7fff_ffff.. => phrase!(en "none yet", es "ninguno aún").into(),
                n => so_many(n.into(), Noun::Segment),
            },
            Rate => match self.wide(offset)? {
                u64::MAX => phrase!(en "no limit", es "sin límite").into(),
                n => Sentence::plain(format!("{n} bytes/s")),
            },
            Congestion => {
                let [state] = self.at(offset)?;
                match CONGESTION.get(usize::from(state)) {
                    Some(word) => Sentence::from(*word),
                    None => Sentence::plain(state.to_string()),
                }
            }
            Options => {
                let [bits] = self.at(offset)?;
                let on =
                    OPTIONS.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, word)| *word);
                on.map(Sentence::from)
                    .reduce(|before, word| say!(en "{before}, {word}", es "{before}, {word}", before, word))
                    .unwrap_or_else(|| Sentence::plain("-"))
            }
            // The first of C's two bit fields is the lower half on little-endian machines only.
            Scales => {
                let [both] = self.at(offset)?;
                let (low, high) = (both & 15, both >> 4);
                let (peer, ours) = if cfg!(target_endian = "little") { (low, high) } else { (high, low) };
                Sentence::plain(format!("{peer}, {ours}"))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_where_the_headers_have_them() {
        use libc::tcp_info;
        use std::mem::offset_of;
        let place = |name| LAYOUT.iter().find(|l| l.0 == name).unwrap().1;
        assert_eq!(place("rto"), offset_of!(tcp_info, tcpi_rto));
        assert_eq!(place("rtt"), offset_of!(tcp_info, tcpi_rtt));
        assert_eq!(place("total_retrans"), offset_of!(tcp_info, tcpi_total_retrans));
        assert_eq!(place("pacing_rate"), offset_of!(tcp_info, tcpi_pacing_rate));
        assert_eq!(place("delivery_rate"), offset_of!(tcp_info, tcpi_delivery_rate));
        assert_eq!(place("rwnd_limited"), offset_of!(tcp_info, tcpi_rwnd_limited));
        assert_eq!(place("bytes_sent"), offset_of!(tcp_info, tcpi_bytes_sent));
        assert_eq!(place("snd_wnd"), offset_of!(tcp_info, tcpi_snd_wnd));
        // Each begins where the one before it ends, but for the two bytes of bits.
        for pair in LAYOUT.windows(2) {
            let end = pair[0].1 + pair[0].2;
            assert_eq!(pair[1].1, if end == 6 { 8 } else { end }, "{}", pair[1].0);
        }
        for (friendly, c, ..) in FIELDS {
            assert!(LAYOUT.iter().any(|l| l.0 == *c) || *friendly == "wscale", "{friendly}");
        }
    }

    #[test]
    fn a_map_has_each_field_by_both_names() {
        let mut bytes = [0; 280];
        bytes[0] = 1;
        bytes[6] = 0xa7;
        bytes[68..72].copy_from_slice(&57u32.to_ne_bytes());
        bytes[76..80].copy_from_slice(&0x7fff_ffffu32.to_ne_bytes());
        let map = TcpInfo::of(&bytes).map();
        let of = |key: &str| map.get(&Value::text(key)).map(Value::to_text);
        assert_eq!(of("state").as_deref(), Some("ESTABLISHED"));
        assert_eq!((of("rtt").as_deref(), of("tcpi_rtt").as_deref()), (Some("57us"), Some("57")));
        assert_eq!(
            (of("ssthresh").as_deref(), of("tcpi_snd_ssthresh").as_deref()),
            (Some(""), Some("2147483647"))
        );
        #[cfg(target_endian = "little")]
        assert_eq!((of("tcpi_snd_wscale").as_deref(), of("wscale").as_deref()), (Some("7"), Some("[7, 10]")));
        assert_eq!(map.keys().filter(|k| !is_field(&k.to_text())).count(), 0);
        assert_eq!(map.len(), 1 + FIELDS.len() + LAYOUT.len() + BITS.len());
    }

    #[test]
    fn a_shorter_kernel_gives_fewer_fields() {
        let whole = TcpInfo { bytes: [0; 512], length: 512 };
        assert_eq!(whole.fields().count(), FIELDS.len());
        let old = TcpInfo { bytes: [0; 512], length: 104 };
        let names: Vec<&str> = old.fields().map(|f| f.0).collect();
        assert!(names.contains(&"total_retrans") && !names.contains(&"bytes_acked"), "{names:?}");
        assert_eq!(TcpInfo { bytes: [0; 512], length: 0 }.fields().count(), 0);
        assert_eq!(TcpInfo { bytes: [0; 512], length: 0 }.state(), "");
    }
}
