//! Digests and checksums of bytes.

use crc32fast::Hasher;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// What bytes are reduced to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha512,
    /// CRC-32 as in Ethernet, gzip and PNG, the high byte first.
    Crc32,
    /// The checksum of IP, TCP, UDP and ICMP (RFC 1071).
    Inet,
}

/// Every hash by its name.
const HASHES: &[(&str, Hash)] = &[
    ("md5", Hash::Md5),
    ("sha1", Hash::Sha1),
    ("sha256", Hash::Sha256),
    ("sha512", Hash::Sha512),
    ("crc32", Hash::Crc32),
    ("inet", Hash::Inet),
];

/// The names of all.
pub const NAMES: &[&str] = &["md5", "sha1", "sha256", "sha512", "crc32", "inet"];
/// Those that a key can be mixed into.
pub const KEYED: &[&str] = &["md5", "sha1", "sha256", "sha512"];

impl Hash {
    pub fn named(name: &str) -> Option<Hash> {
        HASHES.iter().find(|(known, _)| *known == name).map(|(_, hash)| *hash)
    }

    /// The digest, the high byte first.
    pub fn of(self, data: &[u8]) -> Vec<u8> {
        match self {
            Hash::Md5 => Md5::digest(data).to_vec(),
            Hash::Sha1 => Sha1::digest(data).to_vec(),
            Hash::Sha256 => Sha256::digest(data).to_vec(),
            Hash::Sha512 => Sha512::digest(data).to_vec(),
            Hash::Crc32 => {
                let mut hasher = Hasher::new();
                hasher.update(data);
                hasher.finalize().to_be_bytes().to_vec()
            }
            Hash::Inet => inet(data).to_be_bytes().to_vec(),
        }
    }

    /// The digest with a key (RFC 2104); nothing for a checksum, which takes none.
    pub fn keyed(self, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        // A key may have any length.
        macro_rules! mac {
            ($hash:ty) => {{
                let mut mac = <Hmac<$hash> as KeyInit>::new_from_slice(key).ok()?;
                mac.update(data);
                Some(mac.finalize().into_bytes().to_vec())
            }};
        }
        match self {
            Hash::Md5 => mac!(Md5),
            Hash::Sha1 => mac!(Sha1),
            Hash::Sha256 => mac!(Sha256),
            Hash::Sha512 => mac!(Sha512),
            Hash::Crc32 | Hash::Inet => None,
        }
    }
}

/// The one's complement of the one's complement sum of the 16 bit words; an odd byte has a zero behind it.
fn inet(data: &[u8]) -> u16 {
    let word = |pair: &[u8]| u64::from(pair[0]) << 8 | u64::from(pair.get(1).copied().unwrap_or(0));
    let mut sum: u64 = data.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn hex(bytes: Vec<u8>) -> String {
        match Value::bytes(bytes).property("hex") {
            Some(Ok(hex)) => hex.to_text(),
            _ => String::new(),
        }
    }

    #[test]
    fn the_digests_are_those_of_their_standards() {
        for (name, data, want) in [
            ("md5", "abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("crc32", "123456789", "cbf43926"),
            // RFC 1071, section 3: the sum is 0xddf2.
            ("inet", "\u{0}\u{1}", "fffe"),
            ("inet", "", "ffff"),
            ("inet", "a", "9eff"),
        ] {
            assert_eq!(
                Hash::named(name).map(|h| hex(h.of(data.as_bytes()))).as_deref(),
                Some(want),
                "{name}"
            );
        }
        assert_eq!(hex(Hash::Inet.of(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])), "220d");
        assert!(hex(Hash::Sha512.of(b"abc")).starts_with("ddaf35a193617aba"));
    }

    #[test]
    fn a_key_is_mixed_in_as_rfc_2202_and_4231_say() {
        let of = |name: &str, key: &str, data: &str| {
            Hash::named(name).and_then(|h| h.keyed(key.as_bytes(), data.as_bytes())).map(hex)
        };
        let data = "what do ya want for nothing?";
        assert_eq!(of("md5", "Jefe", data).as_deref(), Some("750c783e6ab0b503eaa86e310a5db738"));
        assert_eq!(of("sha1", "Jefe", data).as_deref(), Some("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
        assert_eq!(
            of("sha256", "Jefe", data).as_deref(),
            Some("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        );
        assert_eq!(of("crc32", "Jefe", data), None);
        assert!(KEYED.iter().all(|name| of(name, "", "").is_some()));
        assert!(NAMES.iter().all(|name| Hash::named(name).is_some()) && NAMES.len() == HASHES.len());
    }
}
