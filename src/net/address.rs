//! Addresses between the kernel's notation and ours.

use std::ffi::OsStr;
use std::io;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt;

use socket2::SockAddr;

use crate::value::Address;

/// The address as the kernel is handed it; EAFNOSUPPORT where it is of no family that can be named.
pub fn to_kernel(address: &Address) -> io::Result<SockAddr> {
    match address {
        Address::Inet(a) => Ok(SockAddr::from(*a)),
        Address::Path(path) => SockAddr::unix(OsStr::from_bytes(path)),
        // socket2 takes a leading NUL as the abstract namespace, as the kernel does.
        Address::Abstract(name) => SockAddr::unix(OsStr::from_bytes(&[b"\0", &name[..]].concat())),
        Address::Unnamed | Address::Other { .. } => Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT)),
    }
}

/// The address that the kernel has written.
pub fn from_kernel(address: &SockAddr) -> Address {
    if let Some(inet) = address.as_socket() {
        return Address::Inet(match inet {
            // The flow label is not part of the address.
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
    // recvfrom on a connected stream gives an address without any length.
    if address.is_unix() || (address.len() as usize) < size_of::<libc::sa_family_t>() {
        return Address::Unnamed;
    }
    let bytes = super::kernel::address_bytes(address).get(size_of::<libc::sa_family_t>()..);
    Address::Other { family: i32::from(address.family()), bytes: bytes.unwrap_or_default().to_vec() }
}

/// The longest path a Unix socket's address can hold, in bytes.
pub const LONGEST_PATH: usize = 107;
