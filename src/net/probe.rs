//! What this machine has: an address, IPv6, root, a command. Each call that finds it out is a look.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use nix::ifaddrs::getifaddrs;
use nix::sys::socket::SockaddrStorage;
use socket2::{Domain, Socket, Type};

use super::door::{About, Call, Caller, Owned, Returned};
use super::options::table::SocketOption;
use crate::value::Address;
use crate::value::socket::Triple;

/// Can an IPv6 socket be bound to this machine's own address?
pub fn has_ipv6(caller: &Caller) -> bool {
    let address = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    let (domain, kind) = (Domain::IPV6, Type::DGRAM);
    let call = Call { name: "socket", on: (), about: About::Make(Triple::new(domain, kind, None)) };
    let Ok(socket) = caller.look(call, |()| Socket::new(domain, kind, None)) else { return false };
    let socket = Owned::new(socket, caller, true);
    let about = About::At(Cow::Owned(Address::Inet(address)));
    caller.look(Call { name: "bind", on: &socket, about }, |()| socket.bind(&address.into())).is_ok()
}

/// Can a socket of this family be made?
pub fn has_family(caller: &Caller, family: i32) -> bool {
    let domain = Domain::from(family);
    // One of these is known to every family; what is only forbidden is there.
    [Type::DGRAM, Type::STREAM, Type::RAW].into_iter().any(|kind| {
        let call = Call { name: "socket", on: (), about: About::Make(Triple::new(domain, kind, None)) };
        match caller.look(call, |()| Socket::new(domain, kind, None)) {
            Ok(socket) => {
                drop(Owned::new(socket, caller, true));
                true
            }
            Err(e) => matches!(e.raw_os_error(), Some(libc::EPERM | libc::EACCES)),
        }
    })
}

/// Does this kernel know the option? A socket that it is for is asked.
pub fn has_option(caller: &Caller, option: &SocketOption) -> bool {
    let sockets = [
        (Domain::IPV4, Type::STREAM),
        (Domain::IPV4, Type::DGRAM),
        (Domain::IPV6, Type::STREAM),
        (Domain::IPV6, Type::DGRAM),
        (Domain::UNIX, Type::STREAM),
        (Domain::UNIX, Type::DGRAM),
        (Domain::VSOCK, Type::STREAM),
    ];
    sockets.into_iter().any(|(domain, kind)| {
        let call = Call { name: "socket", on: (), about: About::Make(Triple::new(domain, kind, None)) };
        let Ok(socket) = caller.look(call, |()| Socket::new(domain, kind, None)) else { return false };
        let socket = Owned::new(socket, caller, true);
        let call = Call { name: "getsockopt", on: &socket, about: option.asked() };
        let asked = caller.look(call, |()| {
            super::kernel::getsockopt(&*socket, option.level, option.number, &mut [0; 256]).map(|_| ())
        });
        // Any other error is one of an option that it knows.
        !asked.is_err_and(|e| {
            matches!(e.raw_os_error(), Some(libc::ENOPROTOOPT | libc::EOPNOTSUPP | libc::EPROTONOSUPPORT))
        })
    })
}

/// Is this address one of this machine's? getifaddrs(3), where the address does not say so itself.
pub fn is_local(caller: &Caller, ip: IpAddr) -> bool {
    if ip.is_loopback() || ip.is_unspecified() {
        return true;
    }
    let call = Call { name: "getifaddrs", on: (), about: About::Plain };
    let own = |address: SockaddrStorage| match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
        (Some(v4), _) => Some(IpAddr::V4(v4.ip())),
        (_, Some(v6)) => Some(IpAddr::V6(v6.ip())),
        _ => None,
    };
    let found =
        caller.look(call, |()| Ok(getifaddrs()?.filter_map(|i| i.address).filter_map(own).any(|a| a == ip)));
    found.unwrap_or(false)
}

/// The process, user and group of this program, as it may tell them to a peer.
pub fn own_credentials(caller: &Caller) -> (i32, u32, u32) {
    let ask = |name, id: fn() -> u32| {
        let call = Call { name, on: (), about: About::Plain };
        caller.look(call, |()| Ok(id())).unwrap_or(u32::MAX)
    };
    let user = ask("getuid", || nix::unistd::getuid().as_raw());
    let group = ask("getgid", || nix::unistd::getgid().as_raw());
    (i32::try_from(std::process::id()).unwrap_or(i32::MAX), user, group)
}

/// geteuid(2) says root.
pub fn is_root(caller: &Caller) -> bool {
    let call = Call { name: "geteuid", on: (), about: About::Plain };
    caller.look(call, |()| Ok(nix::unistd::geteuid().as_raw())).is_ok_and(|user| user == 0)
}

/// Is there a command of this name, by its path or in a folder of PATH?
pub fn in_path(caller: &Caller, name: &str) -> bool {
    let runs = |path: &Path| {
        let call = Call { name: "stat", on: (), about: About::Path(path.into()) };
        caller.look(call, |()| path.metadata().map(|m| m.is_file() && m.permissions().mode() & 0o111 != 0))
    };
    if name.contains('/') {
        return runs(Path::new(name)).unwrap_or(false);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| runs(&folder.join(name)).unwrap_or(false))
}

impl Returned for u32 {
    fn returned(&self) -> i64 {
        (*self).into()
    }
}
