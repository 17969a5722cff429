//! A client's SYN as the kernel kept it for TCP_SAVED_SYN: the headers of IP and TCP, decoded.

use std::fmt;

/// What a SYN offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Syn {
    ttl: u8,
    window: u16,
    mss: Option<u16>,
    scale: Option<u8>,
    sack: bool,
    timestamps: bool,
    fastopen: bool,
}

impl Syn {
    /// Out of the bytes that getsockopt(2) gave; nothing where they are no such headers.
    pub fn read(bytes: &[u8]) -> Option<Syn> {
        let first = bytes.first()?;
        let (ttl, tcp) = match first >> 4 {
            4 => (*bytes.get(8)?, bytes.get(usize::from(first & 15) * 4..)?),
            // Headers of IPv6 that extend it are not looked into.
            6 if bytes.get(6) == Some(&6) => (*bytes.get(7)?, bytes.get(40..)?),
            _ => return None,
        };
        let window = u16::from_be_bytes(tcp.get(14..16)?.try_into().ok()?);
        let length = usize::from(tcp.get(12)? >> 4) * 4;
        let mut syn = Syn { ttl, window, ..Syn::default() };
        let mut options = tcp.get(20..length)?;
        while let Some((&kind, rest)) = options.split_first() {
            match kind {
                0 => break,
                1 => options = rest,
                _ => {
                    let length = usize::from(*rest.first()?);
                    let (option, more) = options.split_at_checked(length.max(2))?;
                    match (kind, &option[2..]) {
                        (2, [a, b]) => syn.mss = Some(u16::from_be_bytes([*a, *b])),
                        (3, [scale]) => syn.scale = Some(*scale),
                        (4, _) => syn.sack = true,
                        (8, _) => syn.timestamps = true,
                        (34, _) => syn.fastopen = true,
                        _ => {}
                    }
                    options = more;
                }
            }
        }
        Some(syn)
    }
}

/// In the terms of RFC 9293, which are the same in every language.
impl fmt::Display for Syn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TTL {}, WIN {}", self.ttl, self.window)?;
        self.mss.map_or(Ok(()), |mss| write!(f, ", MSS {mss}"))?;
        self.scale.map_or(Ok(()), |scale| write!(f, ", WS {}", 1u32 << scale.min(14)))?;
        let marks = [(self.sack, "SACK"), (self.timestamps, "TS"), (self.fastopen, "TFO")];
        marks.iter().filter(|(on, _)| *on).try_for_each(|(_, name)| write!(f, ", {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syn_tells_what_it_offers() {
        let mut bytes = vec![0x45, 0, 0, 60, 0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1];
        bytes.extend_from_slice(&[0x80, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0xa0, 2, 0xff, 0xd7, 0, 0, 0, 0]);
        bytes.extend_from_slice(&[2, 4, 0xff, 0xd7, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7]);
        let syn = Syn::read(&bytes).unwrap();
        assert_eq!(syn.to_string(), "TTL 64, WIN 65495, MSS 65495, WS 128, SACK, TS");
        assert!((0..bytes.len()).all(|length| Syn::read(&bytes[..length]).is_none()));
        assert_eq!(Syn::read(b"hola"), None);
    }
}
