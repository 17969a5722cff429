//! What comes and goes beside the bytes of a message: the control messages of sendmsg(2) and recvmsg(2), decoded.
//!
//! A row of the table names a kind of message, as C and as the map of `recvmsg` do, and says how its bytes are kept. They
//! are shown as strace shows them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::errno::Code;
use super::map::Map;
use super::{Address, Value};

/// One control message: `cmsg_level`, `cmsg_type` and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    pub level: i32,
    pub kind: i32,
    pub data: Vec<u8>,
}

/// How the bytes of a control message are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Descriptors, an int each.
    Descriptors,
    /// struct ucred
    Credentials,
    /// An int, or one byte or two of one.
    Int,
    /// The same, shown byte by byte in hex.
    Bits,
    /// Four bytes in the network's order.
    Flow,
    /// struct timeval, timespec, and three of the latter
    Micros,
    Nanos,
    Stamps,
    /// struct in_pktinfo, in6_pktinfo
    Packet4,
    Packet6,
    /// struct sock_extended_err, and the address of who is to blame behind it
    Error,
    /// A struct sockaddr
    Address,
    Text,
    Bytes,
}

struct Row {
    level: i32,
    kind: i32,
    constant: &'static str,
    /// Under which name the map of `recvmsg` has it.
    key: &'static str,
    form: Form,
}

const fn row(level: i32, kind: i32, constant: &'static str, key: &'static str, form: Form) -> Row {
    Row { level, kind, constant, key, form }
}

use libc::{IPPROTO_IP as IP, IPPROTO_IPV6 as IPV6, SOL_SOCKET as SOCKET};

/// Constants that libc has not got, or not for every C library, from the kernel's headers.
const SCM_SECURITY: i32 = 3;
const SCM_PIDFD: i32 = 4;
const SO_PRIORITY: i32 = 12;
const SO_TIMESTAMP_OLD: i32 = 29;
const SO_TIMESTAMPNS_OLD: i32 = 35;
const SO_MARK: i32 = 36;
const SO_TIMESTAMPING_OLD: i32 = 37;
const SO_RXQ_OVFL: i32 = 40;
const SCM_INQ: i32 = 84;
const IP_CHECKSUM: i32 = 23;
const IP_RECVFRAGSIZE: i32 = 25;
const IPV6_FLOWINFO: i32 = 11;
const IPV6_RECVFRAGSIZE: i32 = 77;
const IPV6_ORIGDSTADDR: i32 = 74;
pub const SOL_UDP: i32 = 17;
pub const UDP_SEGMENT: i32 = 103;
const UDP_GRO: i32 = 104;
const SOL_TCP: i32 = 6;
const TCP_CM_INQ: i32 = 36;
const SOL_PACKET: i32 = 263;
const PACKET_AUXDATA: i32 = 8;
const SOL_NETLINK: i32 = 270;
const NETLINK_PKTINFO: i32 = 3;

const ROWS: &[Row] = &[
    row(SOCKET, libc::SCM_RIGHTS, "SCM_RIGHTS", "fds", Form::Descriptors),
    row(SOCKET, libc::SCM_CREDENTIALS, "SCM_CREDENTIALS", "credentials", Form::Credentials),
    row(SOCKET, SCM_SECURITY, "SCM_SECURITY", "security", Form::Text),
    row(SOCKET, SCM_PIDFD, "SCM_PIDFD", "pidfd", Form::Descriptors),
    row(SOCKET, SO_TIMESTAMP_OLD, "SO_TIMESTAMP_OLD", "timestamp", Form::Micros),
    row(SOCKET, SO_TIMESTAMPNS_OLD, "SO_TIMESTAMPNS_OLD", "timestamp", Form::Nanos),
    row(SOCKET, SO_TIMESTAMPING_OLD, "SO_TIMESTAMPING_OLD", "timestamping", Form::Stamps),
    row(SOCKET, SO_RXQ_OVFL, "SO_RXQ_OVFL", "drops", Form::Int),
    row(SOCKET, SO_MARK, "SO_MARK", "mark", Form::Int),
    row(SOCKET, SO_PRIORITY, "SO_PRIORITY", "priority", Form::Int),
    row(SOCKET, SCM_INQ, "SCM_INQ", "inq", Form::Int),
    row(IP, libc::IP_TTL, "IP_TTL", "ttl", Form::Int),
    row(IP, libc::IP_TOS, "IP_TOS", "tos", Form::Bits),
    row(IP, libc::IP_PKTINFO, "IP_PKTINFO", "pktinfo", Form::Packet4),
    row(IP, libc::IP_RECVERR, "IP_RECVERR", "error", Form::Error),
    row(IP, libc::IP_RECVOPTS, "IP_RECVOPTS", "options", Form::Bytes),
    row(IP, libc::IP_RETOPTS, "IP_RETOPTS", "options", Form::Bytes),
    row(IP, libc::IP_ORIGDSTADDR, "IP_ORIGDSTADDR", "origdst", Form::Address),
    row(IP, IP_CHECKSUM, "IP_CHECKSUM", "checksum", Form::Int),
    row(IP, IP_RECVFRAGSIZE, "IP_RECVFRAGSIZE", "fragsize", Form::Int),
    row(IPV6, libc::IPV6_HOPLIMIT, "IPV6_HOPLIMIT", "ttl", Form::Int),
    row(IPV6, libc::IPV6_TCLASS, "IPV6_TCLASS", "tos", Form::Bits),
    row(IPV6, libc::IPV6_PKTINFO, "IPV6_PKTINFO", "pktinfo", Form::Packet6),
    row(IPV6, libc::IPV6_RECVERR, "IPV6_RECVERR", "error", Form::Error),
    row(IPV6, IPV6_FLOWINFO, "IPV6_FLOWINFO", "flow", Form::Flow),
    row(IPV6, libc::IPV6_HOPOPTS, "IPV6_HOPOPTS", "hopopts", Form::Bytes),
    row(IPV6, libc::IPV6_RTHDR, "IPV6_RTHDR", "rthdr", Form::Bytes),
    row(IPV6, libc::IPV6_DSTOPTS, "IPV6_DSTOPTS", "dstopts", Form::Bytes),
    row(IPV6, libc::IPV6_PATHMTU, "IPV6_PATHMTU", "pathmtu", Form::Bytes),
    row(IPV6, IPV6_ORIGDSTADDR, "IPV6_ORIGDSTADDR", "origdst", Form::Address),
    row(IPV6, IPV6_RECVFRAGSIZE, "IPV6_RECVFRAGSIZE", "fragsize", Form::Int),
    row(SOL_TCP, TCP_CM_INQ, "TCP_CM_INQ", "inq", Form::Int),
    row(SOL_UDP, UDP_SEGMENT, "UDP_SEGMENT", "segment", Form::Int),
    row(SOL_UDP, UDP_GRO, "UDP_GRO", "gro", Form::Int),
    row(SOL_PACKET, PACKET_AUXDATA, "PACKET_AUXDATA", "auxdata", Form::Bytes),
    row(SOL_NETLINK, NETLINK_PKTINFO, "NETLINK_PKTINFO", "group", Form::Int),
];

const LEVELS: &[(i32, &str)] = &[
    (SOCKET, "SOL_SOCKET"),
    (IP, "SOL_IP"),
    (IPV6, "SOL_IPV6"),
    (SOL_TCP, "SOL_TCP"),
    (SOL_UDP, "SOL_UDP"),
    (SOL_PACKET, "SOL_PACKET"),
    (SOL_NETLINK, "SOL_NETLINK"),
];

/// The keys that the map of `recvmsg` may have, and those of the maps in it.
pub const KEYS: &[&str] = &[
    "from",
    "flags",
    "fds",
    "credentials",
    "security",
    "pidfd",
    "timestamp",
    "timestamping",
    "drops",
    "mark",
    "priority",
    "inq",
    "ttl",
    "tos",
    "pktinfo",
    "error",
    "options",
    "origdst",
    "checksum",
    "fragsize",
    "flow",
    "hopopts",
    "rthdr",
    "dstopts",
    "pathmtu",
    "segment",
    "gro",
    "auxdata",
    "group",
    "other",
    "zerocopy",
    "uid",
    "gid",
    "local",
    "ifindex",
    "origin",
    "code",
    "info",
    "offender",
    "first",
    "last",
    "copied",
    "level",
    "kind",
];

/// Who made an error of the error queue: SO_EE_ORIGIN_….
const ORIGINS: [&str; 7] = ["NONE", "LOCAL", "ICMP", "ICMP6", "TIMESTAMPING", "ZEROCOPY", "TXTIME"];
const FROM_ZEROCOPY: u8 = 5;

/// What follows in a control message, taken from its front.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn int(&mut self) -> Option<i32> {
        self.take().map(i32::from_ne_bytes)
    }

    fn long(&mut self) -> Option<u32> {
        self.take().map(u32::from_ne_bytes)
    }

    fn wide(&mut self) -> Option<i64> {
        self.take().map(i64::from_ne_bytes)
    }
}

/// A struct sockaddr of the internet, or of another family as its bytes.
fn address(bytes: &[u8]) -> Option<Address> {
    let mut rest = Rest(bytes);
    let family = i32::from(u16::from_ne_bytes(rest.take()?));
    match family {
        libc::AF_INET => {
            let port = u16::from_be_bytes(rest.take()?);
            let ip = Ipv4Addr::from(rest.take::<4>()?);
            Some(Address::Inet(SocketAddr::V4(SocketAddrV4::new(ip, port))))
        }
        libc::AF_INET6 => {
            let port = u16::from_be_bytes(rest.take()?);
            let flow = rest.long()?;
            let ip = Ipv6Addr::from(rest.take::<16>()?);
            let scope = rest.long()?;
            Some(Address::Inet(SocketAddr::V6(SocketAddrV6::new(ip, port, flow, scope))))
        }
        libc::AF_UNSPEC => None,
        family => Some(Address::Other { family, bytes: rest.0.to_vec() }),
    }
}

/// struct sock_extended_err
struct Extended {
    errno: i32,
    origin: u8,
    kind: u8,
    code: u8,
    info: u32,
    data: u32,
    offender: Option<Address>,
}

impl Extended {
    fn read(bytes: &[u8]) -> Option<Extended> {
        let mut rest = Rest(bytes);
        let errno = rest.int()?;
        let [origin, kind, code, _] = rest.take()?;
        let (info, data) = (rest.long()?, rest.long()?);
        Some(Extended { errno, origin, kind, code, info, data, offender: address(rest.0) })
    }

    fn origin(&self) -> String {
        ORIGINS.get(usize::from(self.origin)).map_or_else(|| self.origin.to_string(), |name| (*name).into())
    }
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    pairs.into_iter().map(|(key, value)| (Value::text(key), value)).collect::<Map>().into()
}

impl Control {
    fn row(&self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.level == self.level && row.kind == self.kind)
    }

    /// Has it descriptors, which are the receiver's from now on?
    pub fn has_descriptors(&self) -> bool {
        self.row().is_some_and(|row| row.form == Form::Descriptors)
    }

    /// The descriptors in it.
    pub fn descriptors(&self) -> Vec<i32> {
        let (numbers, _) = self.data.as_chunks::<4>();
        numbers.iter().map(|number| i32::from_ne_bytes(*number)).collect()
    }

    /// An int of it: of the kernel's numbers some are one byte, some two.
    fn number(&self) -> Option<i64> {
        Some(match *self.data.as_slice() {
            [one] => one.into(),
            [a, b] => u16::from_ne_bytes([a, b]).into(),
            [a, b, c, d, ..] => i32::from_ne_bytes([a, b, c, d]).into(),
            _ => return None,
        })
    }

    /// What it says, under the name that the map of `recvmsg` has for it; nothing where the kernel's bytes are not what is
    /// known of them, or nothing is known. Descriptors are not values: who receives them makes sockets of them.
    pub fn news(&self) -> Option<(&'static str, Value)> {
        let row = self.row()?;
        let mut rest = Rest(&self.data);
        let nanos = |seconds: i64, nanos: i64| {
            Value::Int(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
        };
        let value = match row.form {
            Form::Descriptors => return None,
            Form::Credentials => {
                let (pid, uid, gid) = (rest.int()?, rest.long()?, rest.long()?);
                map([
                    ("pid", Value::Int(pid.into())),
                    ("uid", Value::Int(uid.into())),
                    ("gid", Value::Int(gid.into())),
                ])
            }
            Form::Int | Form::Bits => Value::Int(self.number()?),
            Form::Flow => Value::Int(u32::from_be_bytes(rest.take()?).into()),
            Form::Micros => nanos(rest.wide()?, rest.wide()?.saturating_mul(1000)),
            Form::Nanos => nanos(rest.wide()?, rest.wide()?),
            Form::Stamps => {
                let mut stamps = Vec::new();
                for _ in 0..3 {
                    stamps.push(nanos(rest.wide()?, rest.wide()?));
                }
                Value::list(stamps)
            }
            Form::Packet4 => {
                let (index, local, to) = (rest.int()?, rest.take::<4>()?, rest.take::<4>()?);
                map([
                    ("addr", Value::text(&Ipv4Addr::from(to).to_string())),
                    ("local", Value::text(&Ipv4Addr::from(local).to_string())),
                    ("ifindex", Value::Int(index.into())),
                ])
            }
            Form::Packet6 => {
                let (to, index) = (rest.take::<16>()?, rest.int()?);
                map([
                    ("addr", Value::text(&Ipv6Addr::from(to).to_string())),
                    ("ifindex", Value::Int(index.into())),
                ])
            }
            Form::Error => {
                let error = Extended::read(&self.data)?;
                if error.origin == FROM_ZEROCOPY && error.errno == 0 {
                    let told = map([
                        ("first", Value::Int(error.info.into())),
                        ("last", Value::Int(error.data.into())),
                        ("copied", Value::flag(error.code != 0)),
                    ]);
                    return Some(("zerocopy", told));
                }
                map([
                    ("name", Value::text(&Code::Errno(error.errno).name())),
                    ("number", Value::Int(error.errno.into())),
                    ("origin", Value::text(&error.origin())),
                    ("type", Value::Int(error.kind.into())),
                    ("code", Value::Int(error.code.into())),
                    ("info", Value::Int(error.info.into())),
                    ("data", Value::Int(error.data.into())),
                    ("offender", error.offender.map_or(Value::Nothing, Value::address)),
                ])
            }
            Form::Address => Value::address(address(&self.data)?),
            Form::Text => {
                let end = self.data.iter().position(|b| *b == 0).unwrap_or(self.data.len());
                Value::bytes(&self.data[..end])
            }
            Form::Bytes => Value::bytes(self.data.clone()),
        };
        Some((row.key, value))
    }

    /// The numbers of the calls whose bytes the kernel has done with, of a zero-copy completion: the first and the last.
    pub fn completed(&self) -> Option<(u32, u32)> {
        let row = self.row().filter(|row| row.form == Form::Error)?;
        let error = Extended::read(&self.data).filter(|_| row.key == "error")?;
        (error.origin == FROM_ZEROCOPY).then_some((error.info, error.data))
    }

    /// Level and type by C's names, or their numbers.
    pub fn names(&self) -> (String, String) {
        let level = LEVELS.iter().find(|(number, _)| *number == self.level);
        let level = level.map_or_else(|| format!("{:#x}", self.level), |(_, name)| (*name).into());
        let kind = self.row().map_or_else(|| format!("{:#x}", self.kind), |row| row.constant.into());
        (level, kind)
    }

    fn show_data(&self) -> Option<String> {
        let row = self.row()?;
        let mut rest = Rest(&self.data);
        let seconds = |rest: &mut Rest<'_>, unit: &str| {
            Some(format!("{{tv_sec={}, tv_{unit}={}}}", rest.wide()?, rest.wide()?))
        };
        Some(match row.form {
            Form::Descriptors => {
                let numbers = self.descriptors().iter().map(i32::to_string).collect::<Vec<_>>();
                format!("[{}]", numbers.join(", "))
            }
            Form::Credentials => {
                format!("{{pid={}, uid={}, gid={}}}", rest.int()?, rest.long()?, rest.long()?)
            }
            Form::Int => format!("[{}]", self.number()?),
            Form::Bits => {
                let byte = |b: &u8| if *b == 0 { "0".to_string() } else { format!("{b:#x}") };
                format!("[{}]", self.data.iter().map(byte).collect::<Vec<_>>().join(", "))
            }
            Form::Flow => format!("[{:#x}]", u32::from_be_bytes(rest.take()?)),
            Form::Micros => seconds(&mut rest, "usec")?,
            Form::Nanos => seconds(&mut rest, "nsec")?,
            Form::Stamps => {
                let stamps: Vec<String> =
                    (0..3).map(|_| seconds(&mut rest, "nsec")).collect::<Option<_>>()?;
                format!("[{}]", stamps.join(", "))
            }
            Form::Packet4 => {
                let (index, local, to) = (rest.int()?, rest.take::<4>()?, rest.take::<4>()?);
                let (local, to) = (Ipv4Addr::from(local), Ipv4Addr::from(to));
                format!("{{ipi_ifindex={index}, ipi_spec_dst={local}, ipi_addr={to}}}")
            }
            Form::Packet6 => {
                let (to, index) = (Ipv6Addr::from(rest.take::<16>()?), rest.int()?);
                format!("{{ipi6_addr={to}, ipi6_ifindex={index}}}")
            }
            Form::Error => {
                let e = Extended::read(&self.data)?;
                let errno = if e.errno == 0 { "0".into() } else { Code::Errno(e.errno).name() };
                let offender = e.offender.as_ref().map_or_else(|| "none".into(), ToString::to_string);
                format!(
                    "{{ee_errno={errno}, ee_origin=SO_EE_ORIGIN_{}, ee_type={}, ee_code={}, ee_info={}, \
                     ee_data={}, offender={offender}}}",
                    e.origin(),
                    e.kind,
                    e.code,
                    e.info,
                    e.data
                )
            }
            Form::Address => address(&self.data)?.to_string(),
            Form::Text | Form::Bytes => crate::text::literal::show(&self.data),
        })
    }
}

/// As strace shows it.
impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (level, kind) = self.names();
        let data = self.show_data().unwrap_or_else(|| crate::text::literal::show(&self.data));
        let length = HEADER + self.data.len();
        write!(f, "{{cmsg_len={length}, cmsg_level={level}, cmsg_type={kind}, cmsg_data={data}}}")
    }
}

/// The control messages of a call, as strace shows them; empty where there is none.
pub fn show(all: &[Control]) -> String {
    let shown: Vec<String> = all.iter().map(Control::to_string).collect();
    if shown.is_empty() { String::new() } else { format!("msg_control=[{}]", shown.join(", ")) }
}

/// MSG_… that recvmsg(2) gave, by name without the `MSG_`.
pub fn flag_names(flags: i32) -> Vec<&'static str> {
    const NAMES: [(i32, &str); 7] = [
        (libc::MSG_OOB, "OOB"),
        (libc::MSG_PEEK, "PEEK"),
        (libc::MSG_CTRUNC, "CTRUNC"),
        (libc::MSG_TRUNC, "TRUNC"),
        (libc::MSG_EOR, "EOR"),
        (libc::MSG_ERRQUEUE, "ERRQUEUE"),
        (libc::MSG_CONFIRM, "CONFIRM"),
    ];
    NAMES.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| *name).collect()
}

/// The header of a control message, as the kernel has it: a size_t and two ints.
const HEADER: usize = size_of::<usize>() + 8;

/// The control messages in what recvmsg(2) wrote; what is cut or makes no sense ends the list.
pub fn parse(bytes: &[u8]) -> Vec<Control> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some((length, head)) = rest.split_first_chunk() {
        let length = usize::from_ne_bytes(*length);
        let mut head = Rest(head);
        let (Some(level), Some(kind)) = (head.int(), head.int()) else { break };
        if length < HEADER {
            break;
        }
        let data = rest.get(HEADER..length.min(rest.len())).unwrap_or_default().to_vec();
        found.push(Control { level, kind, data });
        let whole = length.checked_next_multiple_of(size_of::<usize>());
        let Some(next) = whole.and_then(|whole| rest.get(whole..)) else { break };
        rest = next;
    }
    found
}

/// The control messages as sendmsg(2) takes them.
pub fn build(all: &[Control]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for one in all {
        bytes.extend_from_slice(&(HEADER + one.data.len()).to_ne_bytes());
        bytes.extend_from_slice(&one.level.to_ne_bytes());
        bytes.extend_from_slice(&one.kind.to_ne_bytes());
        bytes.extend_from_slice(&one.data);
        bytes.resize(bytes.len().next_multiple_of(size_of::<usize>()), 0);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(level: i32, kind: i32, data: &[u8]) -> Control {
        Control { level, kind, data: data.to_vec() }
    }

    #[test]
    fn what_is_built_is_parsed() {
        let all = vec![
            control(SOCKET, libc::SCM_RIGHTS, &[3, 0, 0, 0, 4, 0, 0, 0]),
            control(IP, libc::IP_TTL, &64i32.to_ne_bytes()),
            control(99, 7, b"x"),
        ];
        let built = build(&all);
        assert_eq!(parse(&built), all);
        assert_eq!(all[0].descriptors(), [3, 4]);
        // However short what comes is, it is read without a fault.
        for short in 0..built.len() {
            let _ = parse(&built[..short]);
        }
        for byte in 0..=255 {
            let _ = parse(&[byte; 40]);
        }
    }

    #[test]
    fn each_kind_is_shown_and_cut_ones_are_bytes() {
        let ttl = control(IP, libc::IP_TTL, &64i32.to_ne_bytes());
        assert_eq!(ttl.to_string(), "{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=[64]}");
        for row in ROWS {
            for length in 0..80 {
                let cut = control(row.level, row.kind, &vec![1; length]);
                let _ = (cut.to_string(), cut.news(), cut.completed());
            }
        }
    }

    #[test]
    fn every_key_is_known() {
        for row in ROWS {
            assert!(KEYS.contains(&row.key), "{}", row.key);
        }
    }
}
