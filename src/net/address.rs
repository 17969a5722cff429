//! Addresses between the kernel's notation and ours.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;

use socket2::SockAddr;

use super::kernel;
use crate::value::Address;

/// The address as the kernel is handed it.
pub fn to_kernel(address: &Address) -> io::Result<SockAddr> {
    match address {
        Address::Inet(a) => Ok(SockAddr::from(*a)),
        Address::Path(path) => SockAddr::unix(OsStr::from_bytes(path)),
        // socket2 takes a leading NUL as the abstract namespace, as the kernel does.
        Address::Abstract(name) => SockAddr::unix(OsStr::from_bytes(&[b"\0", &name[..]].concat())),
        // No name at all: `bind` lets the system choose one, as unix(7) says.
        Address::Unnamed => kernel::socket_address(libc::AF_UNIX, &[]),
        Address::Other { family, bytes } => kernel::socket_address(*family, bytes),
    }
}

/// The address that the kernel has written.
pub fn from_kernel(address: &SockAddr) -> Address {
    if let Some(inet) = address.as_socket() {
        return Address::Inet(inet);
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
    let bytes = kernel::address_bytes(address).get(size_of::<libc::sa_family_t>()..);
    Address::Other { family: i32::from(address.family()), bytes: bytes.unwrap_or_default().to_vec() }
}

/// What connect(2) takes for no peer at all.
pub fn unspecified() -> Address {
    Address::Other { family: libc::AF_UNSPEC, bytes: vec![0; 14] }
}

/// The longest path a Unix socket's address can hold, in bytes.
pub const LONGEST_PATH: usize = 107;
