//! Addresses of families beside inet and unix: the fields of sockaddr_vm, sockaddr_ll and sockaddr_nl, by C's names.
//!
//! They are written as they are shown, `cid=2 port=1024`, one word a field or all in one text; what is left out is 0,
//! or any where C has such a value.

use super::{Value, int_text};
use crate::text::literal;
use crate::words::Sentence;

/// A field: its name, where it stands behind the family, how it is kept, and what it is where it is left out.
struct Field {
    name: &'static str,
    at: usize,
    kind: Kind,
    unset: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Byte,
    Short,
    Long,
    /// Two bytes in the network's order, shown in hex.
    Ethernet,
    /// A set of bits, shown in hex.
    Bits,
    /// An interface: its number, or its name where it is written.
    Interface,
    /// A hardware address: eight bytes behind their length.
    Hardware,
}

/// A family, how many bytes of its address stand behind the family, and their fields in the order in which they are shown.
struct Layout {
    family: i32,
    length: usize,
    fields: &'static [Field],
}

const fn field(name: &'static str, at: usize, kind: Kind) -> Field {
    Field { name, at, kind, unset: 0 }
}

const ANY: u64 = u32::MAX as u64;

const LAYOUTS: &[Layout] = &[
    Layout {
        family: libc::AF_VSOCK,
        length: 14,
        fields: &[
            Field { name: "cid", at: 6, kind: Kind::Long, unset: ANY },
            Field { name: "port", at: 2, kind: Kind::Long, unset: ANY },
        ],
    },
    Layout {
        family: libc::AF_PACKET,
        length: 18,
        fields: &[
            field("protocol", 0, Kind::Ethernet),
            field("ifindex", 2, Kind::Interface),
            field("hatype", 6, Kind::Short),
            field("pkttype", 8, Kind::Byte),
            field("addr", 9, Kind::Hardware),
        ],
    },
    Layout {
        family: libc::AF_NETLINK,
        length: 10,
        fields: &[field("pid", 2, Kind::Long), field("groups", 6, Kind::Bits)],
    },
];

/// Words for numbers, by the field's name.
const WORDS: &[(&str, &str, u64)] = &[
    ("cid", "any", ANY),
    ("cid", "hypervisor", 0),
    ("cid", "local", 1),
    ("cid", "host", 2),
    ("port", "any", ANY),
    ("protocol", "all", 0x0003),
    ("protocol", "ip", 0x0800),
    ("protocol", "arp", 0x0806),
    ("protocol", "ipv6", 0x86dd),
    ("pkttype", "host", 0),
    ("pkttype", "broadcast", 1),
    ("pkttype", "multicast", 2),
    ("pkttype", "otherhost", 3),
    ("pkttype", "outgoing", 4),
];

impl Field {
    fn number(&self, bytes: &[u8]) -> Option<u64> {
        let of = |n: usize| bytes.get(self.at..self.at + n);
        Some(match self.kind {
            Kind::Byte => (*bytes.get(self.at)?).into(),
            Kind::Short => u16::from_ne_bytes(of(2)?.try_into().ok()?).into(),
            Kind::Ethernet => u16::from_be_bytes(of(2)?.try_into().ok()?).into(),
            Kind::Long | Kind::Bits | Kind::Interface => u32::from_ne_bytes(of(4)?.try_into().ok()?).into(),
            Kind::Hardware => return None,
        })
    }

    fn hardware(&self, bytes: &[u8]) -> Option<String> {
        let length = usize::from(*bytes.get(self.at)?);
        let hex = bytes.get(self.at + 1..)?.iter().take(length).map(|b| format!("{b:02x}"));
        Some(hex.collect::<Vec<_>>().join(":"))
    }

    fn show(&self, bytes: &[u8]) -> Option<String> {
        let name = self.name;
        Some(match self.kind {
            Kind::Hardware => format!("{name}={}", self.hardware(bytes)?),
            Kind::Ethernet => format!("{name}={:#06x}", self.number(bytes)?),
            Kind::Bits => format!("{name}={:#x}", self.number(bytes)?),
            _ => match self.number(bytes)? {
                ANY if self.unset == ANY => format!("{name}=any"),
                number => format!("{name}={number}"),
            },
        })
    }

    fn write(&self, bytes: &mut [u8], number: u64) -> Option<()> {
        let value: Vec<u8> = match self.kind {
            Kind::Byte => vec![u8::try_from(number).ok()?],
            Kind::Short => u16::try_from(number).ok()?.to_ne_bytes().into(),
            Kind::Ethernet => u16::try_from(number).ok()?.to_be_bytes().into(),
            Kind::Long | Kind::Bits | Kind::Interface => u32::try_from(number).ok()?.to_ne_bytes().into(),
            Kind::Hardware => return None,
        };
        bytes.get_mut(self.at..self.at + value.len())?.copy_from_slice(&value);
        Some(())
    }

    /// `00:00:5e:00:53:01`, up to eight bytes.
    fn write_hardware(&self, bytes: &mut [u8], text: &str) -> Option<()> {
        let parts: Vec<u8> = match text {
            "" => Vec::new(),
            text => text.split(':').map(|part| u8::from_str_radix(part, 16).ok()).collect::<Option<_>>()?,
        };
        *bytes.get_mut(self.at)? = u8::try_from(parts.len()).ok().filter(|n| *n <= 8)?;
        bytes.get_mut(self.at + 1..self.at + 1 + parts.len())?.copy_from_slice(&parts);
        Some(())
    }
}

fn layout(family: i32) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|layout| layout.family == family)
}

/// The fields, or the bytes of a family whose fields are not known.
pub fn show(family: i32, bytes: &[u8]) -> String {
    if family == libc::AF_UNSPEC {
        return "AF_UNSPEC".into();
    }
    let fields = layout(family)
        .and_then(|layout| layout.fields.iter().map(|field| field.show(bytes)).collect::<Option<Vec<_>>>());
    fields.map_or_else(|| format!("family={family} {}", literal::show(bytes)), |fields| fields.join(" "))
}

/// A field by its name.
pub fn get(family: i32, bytes: &[u8], name: &str) -> Option<Value> {
    let field = layout(family)?.fields.iter().find(|field| field.name == name)?;
    match field.kind {
        Kind::Hardware => field.hardware(bytes).map(|text| Value::text(&text)),
        _ => field.number(bytes).and_then(|n| i64::try_from(n).ok()).map(Value::Int),
    }
}

/// Does the text begin as a field does: `cid=`?
pub fn begins(text: &str) -> bool {
    text.split_once('=')
        .is_some_and(|(name, _)| LAYOUTS.iter().any(|l| l.fields.iter().any(|f| f.name == name)))
}

/// An address in fields, and the name of its interface, where one was written that is still to be looked up.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    pub family: i32,
    pub bytes: Vec<u8>,
    pub interface: Option<String>,
}

/// Reads fields, with blanks or commas between them.
pub fn read(text: &str) -> Result<Written, Sentence> {
    let pairs: Vec<(&str, &str)> = text
        .split([' ', ','])
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').ok_or_else(|| no_field(part)))
        .collect::<Result<_, _>>()?;
    let first = pairs.first().map_or("", |pair| pair.0);
    // `port` alone is vsock's, and `pid` netlink's: the first name tells the family.
    let Some(layout) = LAYOUTS.iter().find(|l| l.fields.iter().any(|f| f.name == first)) else {
        return Err(no_field(first));
    };
    let mut bytes = vec![0; layout.length];
    for field in layout.fields {
        // What has no number is a hardware address, of no bytes.
        let _ = field.write(&mut bytes, field.unset);
    }
    let mut interface = None;
    for (name, value) in pairs {
        let Some(field) = layout.fields.iter().find(|f| f.name == name) else { return Err(no_field(name)) };
        let wrong = || say!(en "`{value}` is not a value of `{name}`", es "`{value}` no es un valor de `{name}`", value, name);
        if field.kind == Kind::Hardware {
            field.write_hardware(&mut bytes, value).ok_or_else(wrong)?;
            continue;
        }
        let word = WORDS.iter().find(|(of, word, _)| *of == name && *word == value).map(|row| row.2);
        match word.or_else(|| int_text(value).and_then(|n| u64::try_from(n).ok())) {
            Some(number) => field.write(&mut bytes, number).ok_or_else(wrong)?,
            None if field.kind == Kind::Interface && !value.is_empty() && !value.contains('\0') => {
                interface = Some(value.to_string());
            }
            None => return Err(wrong()),
        }
    }
    Ok(Written { family: layout.family, bytes, interface })
}

/// The address with the number of its interface.
pub fn with_interface(mut bytes: Vec<u8>, family: i32, index: u32) -> Vec<u8> {
    let field = layout(family).and_then(|l| l.fields.iter().find(|f| f.kind == Kind::Interface));
    if let Some(field) = field {
        let _ = field.write(&mut bytes, index.into());
    }
    bytes
}

/// A vsock address of two numbers, or their words: `local 1024`.
pub fn vsock(cid: &str, port: &str) -> Result<Written, Sentence> {
    let any = |text: &str| if matches!(text, "" | "*") { "any".to_string() } else { text.to_string() };
    read(&format!("cid={} port={}", any(cid), any(port)))
}

fn no_field(name: &str) -> Sentence {
    let known = LAYOUTS.iter().map(|l| l.fields.iter().map(|f| f.name).collect::<Vec<_>>().join(" "));
    let known = known.map(|names| format!("`{names}`")).collect::<Vec<_>>().join(", ");
    say!(
        en "`{name}` is not a field of an address: {known}",
        es "`{name}` no es un campo de una dirección: {known}",
        name,
        known
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_they_are_shown() {
        for text in [
            "cid=2 port=1024",
            "protocol=0x0806 ifindex=1 hatype=772 pkttype=4 addr=00:00:5e:00:53:01",
            "protocol=0x0003 ifindex=0 hatype=0 pkttype=0 addr=",
            "pid=7 groups=0x11",
        ] {
            let read = read(text).unwrap();
            assert_eq!(show(read.family, &read.bytes), text);
        }
        let all = read("cid=local,port=any").unwrap();
        assert_eq!(show(all.family, &all.bytes), "cid=1 port=any");
        assert_eq!(read("ifindex=lo").unwrap().interface.as_deref(), Some("lo"));
    }

    #[test]
    fn what_is_no_field_is_said() {
        for text in
            ["", "cid", "cid=x", "cid=1 pid=2", "cid=-1", "addr=1:2:3:4:5:6:7:8:9", "protocol=0x10000"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
