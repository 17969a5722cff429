//! TCP_INFO, the kernel's account of a connection, field by field.

use std::io;
use std::mem::offset_of;
use std::time::Duration;

use libc::tcp_info;
use socket2::Socket;

use super::kernel;
use crate::value::duration_text;
use crate::words::{Counted, Noun, Phrase, Sentence};

/// TCP's states as netstat and ss name them, by the kernel's number.
const STATES: [&str; 13] = [
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

/// Two fields that `libc` does not name for musl: behind `tcpi_snd_wnd`, and three fields (u32, u16, u16) later.
const RCV_WND: usize = offset_of!(tcp_info, tcpi_snd_wnd) + 4;
const TOTAL_RTO_TIME: usize = RCV_WND + 12;

/// Name, place, kind, and what it tells.
const FIELDS: &[(&str, usize, Field, Phrase)] = &[
    (
        "rtt",
        offset_of!(tcp_info, tcpi_rtt),
        Micros,
        phrase!(en "time there and back, smoothed", es "tiempo de ida y vuelta, suavizado"),
    ),
    (
        "rttvar",
        offset_of!(tcp_info, tcpi_rttvar),
        Micros,
        phrase!(en "how much that varies", es "cuánto varía"),
    ),
    (
        "min_rtt",
        offset_of!(tcp_info, tcpi_min_rtt),
        Micros,
        phrase!(en "the shortest seen", es "el menor que se ha visto"),
    ),
    (
        "rcv_rtt",
        offset_of!(tcp_info, tcpi_rcv_rtt),
        Micros,
        phrase!(en "the same, guessed by the receiving side", es "lo mismo, estimado por el lado que recibe"),
    ),
    (
        "rto",
        offset_of!(tcp_info, tcpi_rto),
        Micros,
        phrase!(en "without an ACK for so long, send again", es "sin un ACK en este tiempo, se retransmite"),
    ),
    (
        "ato",
        offset_of!(tcp_info, tcpi_ato),
        Micros,
        phrase!(en "an ACK is held back so long", es "cuánto se retiene un ACK"),
    ),
    (
        "cwnd",
        offset_of!(tcp_info, tcpi_snd_cwnd),
        Long(Noun::Segment),
        phrase!(en "congestion window: on their way at most", es "ventana de congestión: máximo en camino"),
    ),
    (
        "ssthresh",
        offset_of!(tcp_info, tcpi_snd_ssthresh),
        Threshold,
        phrase!(en "where slow start ends", es "donde termina el inicio lento"),
    ),
    (
        "ca_state",
        offset_of!(tcp_info, tcpi_ca_state),
        Congestion,
        phrase!(en "what congestion control thinks", es "el estado del control de congestión"),
    ),
    (
        "mss",
        offset_of!(tcp_info, tcpi_snd_mss),
        Long(Noun::Byte),
        phrase!(en "largest segment sent", es "mayor segmento enviado"),
    ),
    (
        "rcv_mss",
        offset_of!(tcp_info, tcpi_rcv_mss),
        Long(Noun::Byte),
        phrase!(en "largest segment received, guessed", es "mayor segmento recibido, estimado"),
    ),
    (
        "advmss",
        offset_of!(tcp_info, tcpi_advmss),
        Long(Noun::Byte),
        phrase!(en "largest segment asked of the peer", es "mayor segmento pedido al otro extremo"),
    ),
    (
        "pmtu",
        offset_of!(tcp_info, tcpi_pmtu),
        Long(Noun::Byte),
        phrase!(en "largest packet of the path", es "mayor paquete de la ruta"),
    ),
    (
        "snd_wnd",
        offset_of!(tcp_info, tcpi_snd_wnd),
        Long(Noun::Byte),
        phrase!(en "the peer's room", es "espacio del otro extremo"),
    ),
    (
        "rcv_wnd",
        RCV_WND,
        Long(Noun::Byte),
        phrase!(en "our room, as the peer knows it", es "nuestro espacio, según sabe el otro extremo"),
    ),
    (
        "rcv_space",
        offset_of!(tcp_info, tcpi_rcv_space),
        Long(Noun::Byte),
        phrase!(en "room that the reader seems to need", es "espacio que parece necesitar quien lee"),
    ),
    (
        "rcv_ssthresh",
        offset_of!(tcp_info, tcpi_rcv_ssthresh),
        Long(Noun::Byte),
        phrase!(en "room we would offer at most now", es "máximo espacio que se ofrecería ahora"),
    ),
    (
        "options",
        offset_of!(tcp_info, tcpi_options),
        Options,
        phrase!(en "what both ends agreed on", es "lo acordado por ambos extremos"),
    ),
    (
        "wscale",
        offset_of!(tcp_info, tcpi_snd_rcv_wscale),
        Scales,
        phrase!(
            en "windows are times 2 to this: peer's, ours",
            es "las ventanas se multiplican por 2 elevado a esto: la otra, la nuestra"
        ),
    ),
    (
        "unacked",
        offset_of!(tcp_info, tcpi_unacked),
        Long(Noun::Segment),
        phrase!(en "sent and not yet acknowledged", es "enviados y aún sin confirmar"),
    ),
    (
        "sacked",
        offset_of!(tcp_info, tcpi_sacked),
        Long(Noun::Segment),
        phrase!(en "arrived out of order at the peer", es "llegaron en desorden al otro extremo"),
    ),
    (
        "lost",
        offset_of!(tcp_info, tcpi_lost),
        Long(Noun::Segment),
        phrase!(en "thought to be lost", es "se creen perdidos"),
    ),
    (
        "retrans",
        offset_of!(tcp_info, tcpi_retrans),
        Long(Noun::Segment),
        phrase!(en "sent again and not yet acknowledged", es "retransmitidos y aún sin confirmar"),
    ),
    (
        "total_retrans",
        offset_of!(tcp_info, tcpi_total_retrans),
        Long(Noun::Segment),
        phrase!(en "sent again, in all", es "retransmitidos en total"),
    ),
    (
        "retransmits",
        offset_of!(tcp_info, tcpi_retransmits),
        Byte(Noun::Try),
        phrase!(en "of the segment that is late now", es "del segmento que ahora se atrasa"),
    ),
    (
        "probes",
        offset_of!(tcp_info, tcpi_probes),
        Byte(Noun::Probe),
        phrase!(
            en "sent to a closed window or a silent peer",
            es "enviadas a una ventana cerrada o a un extremo en silencio"
        ),
    ),
    (
        "backoff",
        offset_of!(tcp_info, tcpi_backoff),
        Byte(Noun::Doubling),
        phrase!(en "of the rto, so far", es "del rto, hasta ahora"),
    ),
    (
        "reordering",
        offset_of!(tcp_info, tcpi_reordering),
        Long(Noun::Segment),
        phrase!(en "out of order without being lost", es "en desorden sin estar perdidos"),
    ),
    (
        "reord_seen",
        offset_of!(tcp_info, tcpi_reord_seen),
        Long(Noun::Time),
        phrase!(en "that order was upset", es "en que se alteró el orden"),
    ),
    (
        "bytes_sent",
        offset_of!(tcp_info, tcpi_bytes_sent),
        Wide(Noun::Byte),
        phrase!(en "sent, repetitions included", es "enviados, con las retransmisiones"),
    ),
    (
        "bytes_acked",
        offset_of!(tcp_info, tcpi_bytes_acked),
        Wide(Noun::Byte),
        phrase!(
            en "acknowledged by the peer (SYN and FIN count one)",
            es "confirmados por el otro extremo (SYN y FIN cuentan uno)"
        ),
    ),
    (
        "bytes_received",
        offset_of!(tcp_info, tcpi_bytes_received),
        Wide(Noun::Byte),
        phrase!(en "received, read or not", es "recibidos, leídos o no"),
    ),
    (
        "bytes_retrans",
        offset_of!(tcp_info, tcpi_bytes_retrans),
        Wide(Noun::Byte),
        phrase!(en "sent again", es "retransmitidos"),
    ),
    (
        "notsent",
        offset_of!(tcp_info, tcpi_notsent_bytes),
        Long(Noun::Byte),
        phrase!(en "in the send buffer and not yet sent", es "en el búfer de envío y aún no enviados"),
    ),
    ("segs_out", offset_of!(tcp_info, tcpi_segs_out), Long(Noun::Segment), phrase!(en "sent", es "enviados")),
    (
        "segs_in",
        offset_of!(tcp_info, tcpi_segs_in),
        Long(Noun::Segment),
        phrase!(en "received", es "recibidos"),
    ),
    (
        "data_segs_out",
        offset_of!(tcp_info, tcpi_data_segs_out),
        Long(Noun::Segment),
        phrase!(en "sent with data in them", es "enviados con datos"),
    ),
    (
        "data_segs_in",
        offset_of!(tcp_info, tcpi_data_segs_in),
        Long(Noun::Segment),
        phrase!(en "received with data in them", es "recibidos con datos"),
    ),
    (
        "delivered",
        offset_of!(tcp_info, tcpi_delivered),
        Long(Noun::Segment),
        phrase!(en "delivered, as far as is known", es "entregados, hasta donde se sabe"),
    ),
    (
        "delivered_ce",
        offset_of!(tcp_info, tcpi_delivered_ce),
        Long(Noun::Segment),
        phrase!(
            en "of these, marked by a crowded router",
            es "de ellos, marcados por un router congestionado"
        ),
    ),
    (
        "dsack_dups",
        offset_of!(tcp_info, tcpi_dsack_dups),
        Long(Noun::Segment),
        phrase!(en "sent again without need", es "retransmitidos sin necesidad"),
    ),
    (
        "rcv_ooopack",
        offset_of!(tcp_info, tcpi_rcv_ooopack),
        Long(Noun::Segment),
        phrase!(en "received out of order", es "recibidos en desorden"),
    ),
    (
        "delivery_rate",
        offset_of!(tcp_info, tcpi_delivery_rate),
        Rate,
        phrase!(en "what got through lately", es "lo entregado últimamente"),
    ),
    (
        "pacing_rate",
        offset_of!(tcp_info, tcpi_pacing_rate),
        Rate,
        phrase!(en "what is let out", es "lo que se deja salir"),
    ),
    (
        "max_pacing_rate",
        offset_of!(tcp_info, tcpi_max_pacing_rate),
        Rate,
        phrase!(en "what may be let out", es "lo que puede salir como máximo"),
    ),
    (
        "busy_time",
        offset_of!(tcp_info, tcpi_busy_time),
        WideMicros,
        phrase!(en "spent with something to send", es "con algo por enviar"),
    ),
    (
        "rwnd_limited",
        offset_of!(tcp_info, tcpi_rwnd_limited),
        WideMicros,
        phrase!(
            en "of this, held up by the peer's window",
            es "de este, frenado por la ventana del otro extremo"
        ),
    ),
    (
        "sndbuf_limited",
        offset_of!(tcp_info, tcpi_sndbuf_limited),
        WideMicros,
        phrase!(en "of this, held up by the send buffer", es "de este, frenado por el búfer de envío"),
    ),
    (
        "last_data_sent",
        offset_of!(tcp_info, tcpi_last_data_sent),
        Millis,
        phrase!(en "ago, data was sent", es "desde el último envío de datos"),
    ),
    (
        "last_data_recv",
        offset_of!(tcp_info, tcpi_last_data_recv),
        Millis,
        phrase!(en "ago, data was received", es "desde la última recepción de datos"),
    ),
    (
        "last_ack_recv",
        offset_of!(tcp_info, tcpi_last_ack_recv),
        Millis,
        phrase!(en "ago, an ACK was received", es "desde el último ACK recibido"),
    ),
    (
        "total_rto",
        TOTAL_RTO_TIME,
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

    /// On a listener: connections that wait for `accept`, and how many may.
    pub fn backlog(&self) -> Option<(u32, u32)> {
        let waiting = self.long(offset_of!(tcp_info, tcpi_unacked))?;
        let most = self.long(offset_of!(tcp_info, tcpi_sacked))?;
        Some((waiting, most))
    }

    /// Every field this kernel has: its name, its value with what it counts, what it tells.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, Sentence, Phrase)> {
        FIELDS
            .iter()
            .filter_map(|&(name, offset, field, about)| Some((name, self.field(offset, field)?, about)))
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
    #[cfg(target_env = "gnu")]
    fn fields_without_a_name_in_musl_lie_where_glibc_has_them() {
        assert_eq!(RCV_WND, offset_of!(tcp_info, tcpi_rcv_wnd));
        assert_eq!(TOTAL_RTO_TIME, offset_of!(tcp_info, tcpi_total_rto_time));
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
