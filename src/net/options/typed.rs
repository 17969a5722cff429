//! What socket2's methods take and give, as settings and values.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use nix::net::if_::if_nametoindex;
use socket2::{Domain, InterfaceIndexOrAddress, Protocol, SockAddr, Socket, Type};

use super::setting::{Interface, Setting};
use crate::net::address;
use crate::value::outcome::CallError;
use crate::value::{Value, domain_name, type_name};

/// A method's result as a value.
pub trait Shown {
    fn shown(self) -> Value;
}

impl Shown for bool {
    fn shown(self) -> Value {
        Value::flag(self)
    }
}

macro_rules! shown_as_int {
    ($($type:ty)*) => {$(
        impl Shown for $type {
            fn shown(self) -> Value {
                Value::Int(i64::try_from(self).unwrap_or(i64::MAX))
            }
        }
    )*};
}

shown_as_int!(u32 u64 usize);

impl Shown for Duration {
    fn shown(self) -> Value {
        self.into()
    }
}

impl Shown for Vec<u8> {
    fn shown(self) -> Value {
        // A name in a C array ends at its NUL.
        let end = self.iter().position(|&b| b == 0).unwrap_or(self.len());
        Value::bytes(&self[..end])
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(self) -> Value {
        self.map_or_else(|| Value::text("none"), Shown::shown)
    }
}

impl Shown for NonZeroU32 {
    fn shown(self) -> Value {
        self.get().shown()
    }
}

impl Shown for Ipv4Addr {
    fn shown(self) -> Value {
        Value::text(&self.to_string())
    }
}

impl Shown for SockAddr {
    fn shown(self) -> Value {
        Value::address(address::from_kernel(&self))
    }
}

/// No error pending is 0, as in C.
impl Shown for io::Error {
    fn shown(self) -> Value {
        Value::Error(Arc::new(CallError::io("getsockopt", &self)))
    }
}

impl Shown for Domain {
    fn shown(self) -> Value {
        Value::text(&domain_name(self))
    }
}

impl Shown for Type {
    fn shown(self) -> Value {
        Value::text(&type_name(self))
    }
}

impl Shown for Protocol {
    fn shown(self) -> Value {
        let number = i32::from(self);
        let known = crate::value::PROTOCOLS.iter().find(|p| p.2 == number);
        known.map_or(Value::Int(number.into()), |p| Value::text(p.0))
    }
}

/// A setting as a method's argument. What was read for a form fits its method.
pub trait Taken: Sized {
    fn taken(setting: &Setting) -> io::Result<Self>;
}

pub fn misfit<T>() -> io::Result<T> {
    Err(io::Error::from_raw_os_error(libc::EINVAL))
}

impl Taken for bool {
    fn taken(setting: &Setting) -> io::Result<bool> {
        if let Setting::Flag(on) = setting { Ok(*on) } else { misfit() }
    }
}

macro_rules! taken_from_int {
    ($($type:ty)*) => {$(
        impl Taken for $type {
            fn taken(setting: &Setting) -> io::Result<$type> {
                match setting {
                    Setting::Int(n) => <$type>::try_from(*n).or_else(|_| misfit()),
                    _ => misfit(),
                }
            }
        }
    )*};
}

taken_from_int!(u32 usize);

impl Taken for Option<Duration> {
    fn taken(setting: &Setting) -> io::Result<Self> {
        if let Setting::Time(time) = setting { Ok(*time) } else { misfit() }
    }
}

pub fn index_of(setting: &Setting) -> io::Result<u32> {
    if let Setting::Interface(interface) = setting { interface.index() } else { misfit() }
}

pub fn text_of(setting: &Setting) -> io::Result<Option<&[u8]>> {
    if let Setting::Text(text) = setting { Ok(text.as_deref()) } else { misfit() }
}

/// The kernel's -1 is none.
pub fn cpu(socket: &Socket) -> io::Result<Value> {
    let known = |n| i64::try_from(n).ok().filter(|&n| n <= i64::from(i32::MAX));
    Ok(known(socket.cpu_affinity()?).map_or_else(|| Value::text("none"), Value::Int))
}

pub fn take_error(socket: &Socket) -> io::Result<Value> {
    Ok(socket.take_error()?.map_or(Value::Int(0), Shown::shown))
}

pub fn join_or_leave_4(
    setting: &Setting,
    by_address: impl FnOnce(&Ipv4Addr, &Ipv4Addr) -> io::Result<()>,
    by_index: impl FnOnce(&Ipv4Addr, &InterfaceIndexOrAddress) -> io::Result<()>,
) -> io::Result<()> {
    match setting {
        Setting::Group4 { group, on: Interface::Any } => by_address(group, &Ipv4Addr::UNSPECIFIED),
        Setting::Group4 { group, on: Interface::Address(address) } => by_address(group, address),
        Setting::Group4 { group, on } => by_index(group, &on.index_or_address()?),
        _ => misfit(),
    }
}

pub fn group_6(setting: &Setting) -> io::Result<(&Ipv6Addr, u32)> {
    if let Setting::Group6 { group, on } = setting { Ok((group, on.index()?)) } else { misfit() }
}

pub fn source_4(setting: &Setting) -> io::Result<(&Ipv4Addr, &Ipv4Addr, &Ipv4Addr)> {
    if let Setting::Source { group, source, on } = setting { Ok((source, group, on)) } else { misfit() }
}

impl Interface {
    /// Its number; a name is looked up with if_nametoindex(3).
    pub fn index(&self) -> io::Result<u32> {
        match self {
            Interface::Any => Ok(0),
            Interface::Index(index) => Ok(*index),
            Interface::Name(name) => {
                let name = std::ffi::CString::new(name.as_bytes());
                Ok(if_nametoindex(&*name.map_err(|_| io::Error::from_raw_os_error(libc::ENODEV))?)?)
            }
            Interface::Address(_) => Err(io::Error::from_raw_os_error(libc::EINVAL)),
        }
    }

    /// socket2 has one type for both.
    pub fn index_or_address(&self) -> io::Result<InterfaceIndexOrAddress> {
        match self {
            Interface::Any => Ok(InterfaceIndexOrAddress::Index(0)),
            Interface::Address(address) => Ok(InterfaceIndexOrAddress::Address(*address)),
            other => other.index().map(InterfaceIndexOrAddress::Index),
        }
    }
}

fn span(setting: &Setting) -> io::Result<Duration> {
    if let Setting::Time(Some(time)) = setting { Ok(*time) } else { misfit() }
}

pub fn units(setting: &Setting, unit: Duration) -> io::Result<u32> {
    u32::try_from(span(setting)?.as_nanos() / unit.as_nanos()).or_else(|_| misfit())
}
