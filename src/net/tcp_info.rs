//! TCP_INFO, the kernel's account of a connection, field by field.

use std::mem::offset_of;
use std::os::fd::AsFd;
use std::time::Duration;

use libc::tcp_info;

use super::kernel;
use crate::value::Value;

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
    Byte(&'static str),
    Long(&'static str),
    Wide(&'static str),
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

/// Name, place, kind, and what it tells.
const FIELDS: &[(&str, usize, Field, &str)] = &[
    ("rtt", offset_of!(tcp_info, tcpi_rtt), Micros, "time there and back, smoothed"),
    ("rttvar", offset_of!(tcp_info, tcpi_rttvar), Micros, "how much that varies"),
    ("min_rtt", offset_of!(tcp_info, tcpi_min_rtt), Micros, "the shortest seen"),
    ("rcv_rtt", offset_of!(tcp_info, tcpi_rcv_rtt), Micros, "the same, guessed by the receiving side"),
    ("rto", offset_of!(tcp_info, tcpi_rto), Micros, "without an ACK for so long, send again"),
    ("ato", offset_of!(tcp_info, tcpi_ato), Micros, "an ACK is held back so long"),
    (
        "cwnd",
        offset_of!(tcp_info, tcpi_snd_cwnd),
        Long("segments"),
        "congestion window: on their way at most",
    ),
    ("ssthresh", offset_of!(tcp_info, tcpi_snd_ssthresh), Threshold, "where slow start ends"),
    ("ca_state", offset_of!(tcp_info, tcpi_ca_state), Congestion, "what congestion control thinks"),
    ("mss", offset_of!(tcp_info, tcpi_snd_mss), Long("bytes"), "largest segment sent"),
    ("rcv_mss", offset_of!(tcp_info, tcpi_rcv_mss), Long("bytes"), "largest segment received, guessed"),
    ("advmss", offset_of!(tcp_info, tcpi_advmss), Long("bytes"), "largest segment asked of the peer"),
    ("pmtu", offset_of!(tcp_info, tcpi_pmtu), Long("bytes"), "largest packet of the path"),
    ("snd_wnd", offset_of!(tcp_info, tcpi_snd_wnd), Long("bytes"), "the peer's room"),
    ("rcv_wnd", offset_of!(tcp_info, tcpi_rcv_wnd), Long("bytes"), "our room, as the peer knows it"),
    ("rcv_space", offset_of!(tcp_info, tcpi_rcv_space), Long("bytes"), "room that the reader seems to need"),
    (
        "rcv_ssthresh",
        offset_of!(tcp_info, tcpi_rcv_ssthresh),
        Long("bytes"),
        "room we would offer at most now",
    ),
    ("options", offset_of!(tcp_info, tcpi_options), Options, "what both ends agreed on"),
    (
        "wscale",
        offset_of!(tcp_info, tcpi_snd_rcv_wscale),
        Scales,
        "windows are times 2 to this: peer's, ours",
    ),
    ("unacked", offset_of!(tcp_info, tcpi_unacked), Long("segments"), "sent and not yet acknowledged"),
    ("sacked", offset_of!(tcp_info, tcpi_sacked), Long("segments"), "arrived out of order at the peer"),
    ("lost", offset_of!(tcp_info, tcpi_lost), Long("segments"), "thought to be lost"),
    ("retrans", offset_of!(tcp_info, tcpi_retrans), Long("segments"), "sent again and not yet acknowledged"),
    ("total_retrans", offset_of!(tcp_info, tcpi_total_retrans), Long("segments"), "sent again, in all"),
    ("retransmits", offset_of!(tcp_info, tcpi_retransmits), Byte("tries"), "of the segment that is late now"),
    ("probes", offset_of!(tcp_info, tcpi_probes), Byte("probes"), "sent to a closed window or a silent peer"),
    ("backoff", offset_of!(tcp_info, tcpi_backoff), Byte("doublings"), "of the rto, so far"),
    (
        "reordering",
        offset_of!(tcp_info, tcpi_reordering),
        Long("segments"),
        "out of order without being lost",
    ),
    ("reord_seen", offset_of!(tcp_info, tcpi_reord_seen), Long("times"), "that order was upset"),
    ("bytes_sent", offset_of!(tcp_info, tcpi_bytes_sent), Wide("bytes"), "sent, repetitions included"),
    (
        "bytes_acked",
        offset_of!(tcp_info, tcpi_bytes_acked),
        Wide("bytes"),
        "acknowledged by the peer (SYN and FIN count one)",
    ),
    ("bytes_received", offset_of!(tcp_info, tcpi_bytes_received), Wide("bytes"), "received, read or not"),
    ("bytes_retrans", offset_of!(tcp_info, tcpi_bytes_retrans), Wide("bytes"), "sent again"),
    (
        "notsent",
        offset_of!(tcp_info, tcpi_notsent_bytes),
        Long("bytes"),
        "in the send buffer and not yet sent",
    ),
    ("segs_out", offset_of!(tcp_info, tcpi_segs_out), Long("segments"), "sent"),
    ("segs_in", offset_of!(tcp_info, tcpi_segs_in), Long("segments"), "received"),
    ("data_segs_out", offset_of!(tcp_info, tcpi_data_segs_out), Long("segments"), "sent with data in them"),
    ("data_segs_in", offset_of!(tcp_info, tcpi_data_segs_in), Long("segments"), "received with data in them"),
    ("delivered", offset_of!(tcp_info, tcpi_delivered), Long("segments"), "delivered, as far as is known"),
    (
        "delivered_ce",
        offset_of!(tcp_info, tcpi_delivered_ce),
        Long("segments"),
        "of these, marked by a crowded router",
    ),
    ("dsack_dups", offset_of!(tcp_info, tcpi_dsack_dups), Long("segments"), "sent again without need"),
    ("rcv_ooopack", offset_of!(tcp_info, tcpi_rcv_ooopack), Long("segments"), "received out of order"),
    ("delivery_rate", offset_of!(tcp_info, tcpi_delivery_rate), Rate, "what got through lately"),
    ("pacing_rate", offset_of!(tcp_info, tcpi_pacing_rate), Rate, "what is let out"),
    ("max_pacing_rate", offset_of!(tcp_info, tcpi_max_pacing_rate), Rate, "what may be let out"),
    ("busy_time", offset_of!(tcp_info, tcpi_busy_time), WideMicros, "spent with something to send"),
    (
        "rwnd_limited",
        offset_of!(tcp_info, tcpi_rwnd_limited),
        WideMicros,
        "of this, held up by the peer's window",
    ),
    (
        "sndbuf_limited",
        offset_of!(tcp_info, tcpi_sndbuf_limited),
        WideMicros,
        "of this, held up by the send buffer",
    ),
    ("last_data_sent", offset_of!(tcp_info, tcpi_last_data_sent), Millis, "ago, data was sent"),
    ("last_data_recv", offset_of!(tcp_info, tcpi_last_data_recv), Millis, "ago, data was received"),
    ("last_ack_recv", offset_of!(tcp_info, tcpi_last_ack_recv), Millis, "ago, an ACK was received"),
    ("total_rto", offset_of!(tcp_info, tcpi_total_rto_time), Millis, "spent waiting for late ACKs"),
];

const CONGESTION: [&str; 5] = ["open", "disorder", "reduced by ECN", "recovering", "loss"];
const OPTIONS: [&str; 6] = ["timestamps", "sack", "window scaling", "ecn", "ecn seen", "data in the SYN"];

impl TcpInfo {
    /// getsockopt(IPPROTO_TCP, TCP_INFO)
    pub fn read(socket: &impl AsFd) -> Option<TcpInfo> {
        let mut bytes = [0; 512];
        let length = kernel::getsockopt(socket, libc::IPPROTO_TCP, libc::TCP_INFO, &mut bytes).ok()?;
        Some(TcpInfo { bytes, length })
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

    /// Every field this kernel has: its name, its value, what it counts, what it tells.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, Value, &'static str, &'static str)> {
        FIELDS.iter().filter_map(|&(name, offset, field, about)| {
            let (value, unit) = self.field(offset, field)?;
            Some((name, value, unit, about))
        })
    }

    fn field(&self, offset: usize, field: Field) -> Option<(Value, &'static str)> {
        let number = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        Some(match field {
            Byte(of) => (number(self.at(offset).map(u8::from_ne_bytes)?.into()), of),
            Long(of) => (number(self.long(offset)?.into()), of),
            Wide(of) => (number(self.wide(offset)?), of),
            // The kernel's words for "never": all ones, and for the shortest rtt too.
            Millis | Micros if self.long(offset)? == u32::MAX => (Value::text("-"), ""),
            Millis => (Duration::from_millis(self.long(offset)?.into()).into(), ""),
            Micros => (Duration::from_micros(self.long(offset)?.into()).into(), ""),
            WideMicros => (Duration::from_micros(self.wide(offset)?).into(), ""),
            Threshold => match self.long(offset)? {
                0x7fff_ffff.. => (Value::text("none yet"), ""),
                n => (number(n.into()), "segments"),
            },
            Rate => match self.wide(offset)? {
                u64::MAX => (Value::text("no limit"), ""),
                n => (number(n), "bytes/s"),
            },
            Congestion => {
                let [state] = self.at(offset)?;
                match CONGESTION.get(usize::from(state)) {
                    Some(word) => (Value::text(word), ""),
                    None => (number(state.into()), ""),
                }
            }
            Options => {
                let [bits] = self.at(offset)?;
                let on = |(at, word): (usize, &&'static str)| (bits >> at & 1 == 1).then_some(*word);
                let words: Vec<&str> = OPTIONS.iter().enumerate().filter_map(on).collect();
                (Value::text(if words.is_empty() { "-".into() } else { words.join(", ") }.as_str()), "")
            }
            // The first of C's two bit fields is the lower half on little-endian machines only.
            Scales => {
                let [both] = self.at(offset)?;
                let (low, high) = (both & 15, both >> 4);
                let (peer, ours) = if cfg!(target_endian = "little") { (low, high) } else { (high, low) };
                (Value::text(&format!("{peer}, {ours}")), "")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
