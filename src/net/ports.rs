//! A port for a program that wants its number before it starts.
//!
//! It lies outside the range from which the kernel gives ports by itself, so that no `connect` or `bind` to port 0 of
//! another program gets it meanwhile; and an abstract Unix socket named after it keeps it from every other `freeport` of this
//! machine until this process ends. In a network of the script's own, that socket is the script's and ends with it: it would
//! hold the network.

use std::hash::{BuildHasher as _, Hasher as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use socket2::{Domain, SockAddr, Socket, Type};

use super::door::{About, Call, Caller, Owned};
use super::{file, namespace};
use crate::value::Address;
use crate::value::outcome::{CallError, Halt};
use crate::value::socket::Triple;

/// What keeps the ports that were given.
pub type Kept = Mutex<Vec<Owned<Socket>>>;

/// That of ports of the machine: closed when the process ends.
static KEPT: Kept = Mutex::new(Vec::new());

/// The ports that the kernel gives by itself, as it is by default.
const BY_ITSELF: (u16, u16) = (32768, 60999);
/// Below are the well-known ones.
const LOWEST: u16 = 10000;
/// So many are tried.
const TRIES: usize = 2000;

/// A port that no socket uses, for TCP and UDP. What finds it out is no way out for a script: nothing is sent, and nothing
/// listens. `own`: what keeps those of a network of the script's own.
pub fn free(caller: &mut Caller, own: &Kept) -> Result<u16, Box<Halt>> {
    let kept = if namespace::is_isolated() { own } else { &KEPT };
    caller.by_itself(|caller| find(caller, kept))
}

fn find(caller: &mut Caller, kept: &Kept) -> Result<u16, Box<Halt>> {
    let (low, high) = range(caller)?;
    let mut ports: Vec<u16> = (LOWEST..low.max(LOWEST)).chain(high.saturating_add(1)..u16::MAX).collect();
    if ports.is_empty() {
        ports = (LOWEST..u16::MAX).collect();
    }
    let random = std::hash::RandomState::new().build_hasher().finish() as usize;
    for at in 0..TRIES.min(ports.len()) {
        let port = ports[(random + at) % ports.len()];
        let Some(lock) = lock(caller, port)? else { continue };
        if is_free(caller, port)? {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(lock);
            return Ok(port);
        }
    }
    Err(CallError::errno("bind", libc::EADDRINUSE).into())
}

fn range(caller: &mut Caller) -> Result<(u16, u16), Box<Halt>> {
    let path = Path::new("/proc/sys/net/ipv4/ip_local_port_range");
    let text = match file::read(caller, path, 1 << 10, None).map_err(|halt| *halt) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(Halt::Error(_)) => String::new(),
        Err(stopped) => return Err(Box::new(stopped)),
    };
    let mut numbers = text.split_ascii_whitespace().filter_map(|word| word.parse::<u16>().ok());
    Ok(numbers.next().zip(numbers.next()).unwrap_or(BY_ITSELF))
}

/// The socket that keeps the port; `None` where another run has it.
fn lock(caller: &mut Caller, port: u16) -> Result<Option<Owned<Socket>>, Box<Halt>> {
    let name = format!("sockbook-port-{port}");
    let Some(address) = SockAddr::unix(format!("\0{name}")).ok() else { return Ok(None) };
    let made = make(caller, Domain::UNIX, Type::DGRAM)?;
    let call = Call {
        name: "bind",
        on: &made,
        about: About::At(std::borrow::Cow::Owned(Address::Abstract(name.into_bytes()))),
    };
    match caller.call(call, None, |()| made.bind(&address)).map_err(|halt| *halt) {
        Ok(()) => Ok(Some(made)),
        Err(Halt::Error(_)) => Ok(None),
        Err(stopped) => Err(Box::new(stopped)),
    }
}

fn make(caller: &mut Caller, domain: Domain, kind: Type) -> Result<Owned<Socket>, Box<Halt>> {
    let call = Call { name: "socket", on: (), about: About::Make(Triple::new(domain, kind, None)) };
    let socket = caller.call(call, None, |()| Socket::new(domain, kind, None))?;
    Ok(Owned::new(socket, caller, false))
}

/// Can every kind of server bind it?
fn is_free(caller: &mut Caller, port: u16) -> Result<bool, Box<Halt>> {
    let v4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    for (domain, address) in [(Domain::IPV4, v4), (Domain::IPV6, v6)] {
        for kind in [Type::STREAM, Type::DGRAM] {
            let socket = match make(caller, domain, kind).map_err(|halt| *halt) {
                Ok(socket) => socket,
                // A kernel without IPv6.
                Err(Halt::Error(_)) => continue,
                Err(stopped) => return Err(Box::new(stopped)),
            };
            let call = Call {
                name: "bind",
                on: &socket,
                about: About::At(std::borrow::Cow::Owned(Address::Inet(address))),
            };
            match caller.call(call, None, |()| socket.bind(&address.into())).map_err(|halt| *halt) {
                Ok(()) => {}
                Err(Halt::Error(e)) if e.code.number() == Some(libc::EADDRNOTAVAIL) => {}
                Err(Halt::Error(_)) => return Ok(false),
                Err(stopped) => return Err(Box::new(stopped)),
            }
        }
    }
    Ok(true)
}
