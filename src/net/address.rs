//! Addresses between the kernel's notation and ours.

use std::ffi::OsStr;
use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::os::unix::ffi::OsStrExt;

use socket2::SockAddr;

use crate::value::Address;

/// An address as the kernel is handed it. Most are short, and none is copied about.
pub enum Name {
    V4(libc::sockaddr_in),
    Other(Box<SockAddr>),
}

impl Name {
    pub fn of(address: &Address) -> io::Result<Name> {
        match address {
            Address::Inet(SocketAddr::V4(a)) => Ok(Name::V4(Name::v4(*a))),
            _ => to_kernel(address).map(|name| Name::Other(Box::new(name))),
        }
    }

    pub fn v4(address: SocketAddrV4) -> libc::sockaddr_in {
        libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: address.port().to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(address.ip().octets()) },
            sin_zero: [0; 8],
        }
    }

    /// Where it lies, and how long it is.
    pub fn parts(&self) -> (*const libc::sockaddr, libc::socklen_t) {
        match self {
            Name::V4(name) => ((&raw const *name).cast(), size_of::<libc::sockaddr_in>() as libc::socklen_t),
            Name::Other(name) => (name.as_ptr().cast(), name.len()),
        }
    }
}

fn to_kernel(address: &Address) -> io::Result<SockAddr> {
    match address {
        Address::Inet(a) => Ok(SockAddr::from(*a)),
        Address::Path(path) => SockAddr::unix(OsStr::from_bytes(path)),
        // socket2 takes a leading NUL as the abstract namespace, as the kernel does.
        Address::Abstract(name) => SockAddr::unix(OsStr::from_bytes(&[b"\0", &name[..]].concat())),
        Address::Unnamed | Address::Other { .. } => Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT)),
    }
}

/// Our form of what the kernel said.
pub fn from_kernel(address: &SockAddr) -> Address {
    if let Some(inet) = address.as_socket() {
        return Address::Inet(match inet {
            // The flow label is nobody's address.
            SocketAddr::V6(mut v6) => {
                v6.set_flowinfo(0);
                SocketAddr::V6(v6)
            }
            v4 => v4,
        });
    }
    if let Some(path) = address.as_pathname() {
        return Address::Path(path.as_os_str().as_bytes().to_vec());
    }
    if let Some(name) = address.as_abstract_namespace() {
        return Address::Abstract(name.to_vec());
    }
    // recvfrom on a connected stream names nobody: the address has no length at all.
    if address.is_unix() || (address.len() as usize) < size_of::<libc::sa_family_t>() {
        return Address::Unnamed;
    }
    Address::Other { family: i32::from(address.family()), bytes: Vec::new() }
}

/// The longest path a Unix socket's address can hold, in bytes.
pub const LONGEST_PATH: usize = 107;
