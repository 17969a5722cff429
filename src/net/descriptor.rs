//! Descriptors that were not made here: inherited at the start, or received from another process. What they are, the
//! kernel is asked.

use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::time::Duration;

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use socket2::{Domain, Protocol, Type};

use super::door::{About, Call, Caller, Descriptor};
use super::kernel;
use crate::value::outcome::{CallError, Detail, Halt};
use crate::value::socket::{Endpoint, Triple};

/// What the kernel says of a descriptor that is a socket.
pub struct Known {
    pub triple: Triple,
    nonblocking: bool,
    listening: bool,
    receive: Option<Duration>,
    send: Option<Duration>,
}

impl Known {
    /// Notes it in the socket's endpoint.
    pub fn note(&self, endpoint: &Endpoint) {
        if self.nonblocking {
            endpoint.set_nonblocking(true);
        }
        if self.listening {
            endpoint.set_listening();
        }
        if self.receive.is_some() || self.send.is_some() {
            endpoint.set_receive_timeout(self.receive);
            endpoint.set_send_timeout(self.send);
        }
    }
}

/// What it is: each answer is a look. ENOTSOCK where it is no socket.
pub fn learn(caller: &Caller, fd: RawFd) -> io::Result<Known> {
    let on = Descriptor(fd);
    let int = |number| -> io::Result<i32> {
        let about = About::Option { level: libc::SOL_SOCKET, number, value: None };
        caller
            .look(Call { name: "getsockopt", on: &on, about }, |()| {
                let mut buffer = [0; 4];
                kernel::with_descriptor(fd, |fd| {
                    kernel::getsockopt(&fd, libc::SOL_SOCKET, number, &mut buffer)
                })?;
                Ok(Answer(i32::from_ne_bytes(buffer)))
            })
            .map(|Answer(number)| number)
    };
    let time = |number| -> Option<Duration> {
        let about = About::Option { level: libc::SOL_SOCKET, number, value: None };
        let got = caller.look(Call { name: "getsockopt", on: &on, about }, |()| {
            let mut buffer = [0; 16];
            kernel::with_descriptor(fd, |fd| kernel::getsockopt(&fd, libc::SOL_SOCKET, number, &mut buffer))?;
            let (seconds, micros) = buffer.split_at(8);
            let of = |half: &[u8]| i64::from_ne_bytes(half.try_into().unwrap_or_default());
            let whole = Duration::from_secs(u64::try_from(of(seconds)).unwrap_or(0));
            Ok(Answer(whole.saturating_add(Duration::from_micros(u64::try_from(of(micros)).unwrap_or(0)))))
        });
        got.ok().map(|Answer(time)| time).filter(|time| !time.is_zero())
    };
    let domain = Domain::from(int(libc::SO_DOMAIN)?);
    let kind = Type::from(int(libc::SO_TYPE)?);
    let protocol = Some(int(libc::SO_PROTOCOL)?).filter(|n| *n != 0).map(Protocol::from);
    let about = About::Mode { command: "F_GETFL", flags: None };
    let flags = caller.look(Call { name: "fcntl", on: &on, about }, |()| {
        Ok(kernel::with_descriptor(fd, |fd| fcntl(fd, FcntlArg::F_GETFL))?)
    })?;
    Ok(Known {
        triple: Triple::new(domain, kind, protocol),
        nonblocking: OFlag::from_bits_retain(flags).contains(OFlag::O_NONBLOCK),
        listening: int(libc::SO_ACCEPTCONN)? != 0,
        receive: time(libc::SO_RCVTIMEO),
        send: time(libc::SO_SNDTIMEO),
    })
}

/// What getsockopt(2) gave.
struct Answer<T>(T);

impl<T> super::door::Returned for Answer<T> {
    fn returned(&self) -> i64 {
        0
    }
}

/// Takes a descriptor that this program was started with. It must not be one of its own, which are all close-on-exec;
/// of its standard input, output and error a duplicate is taken, because the program goes on using them.
pub fn inherit(caller: &mut Caller, fd: RawFd) -> Result<(OwnedFd, Known), Box<Halt>> {
    let on = Descriptor(fd);
    let mode = |command, flags| About::Mode { command, flags };
    let call = Call { name: "fcntl", on: &on, about: mode("F_GETFD", None) };
    let flags =
        caller.call(call, None, |()| Ok(kernel::with_descriptor(fd, |fd| fcntl(fd, FcntlArg::F_GETFD))?))?;
    if FdFlag::from_bits_retain(flags).contains(FdFlag::FD_CLOEXEC) {
        let text = say!(
            en "descriptor {fd} is sockbook's own: only one that it was started with can be taken",
            es "el descriptor {fd} es del propio sockbook: solo se puede tomar uno con el que haya partido",
            fd
        );
        return Err(CallError::errno("fcntl", libc::EBADF).detail(Detail::Text(text)).into());
    }
    caller.guard().map_or(Ok(()), |guard| guard.may_have("fcntl", fd))?;
    let known = learn(caller, fd).map_err(|e| CallError::io("getsockopt", &e))?;
    const STANDARD: RawFd = 2;
    let owned = if fd > STANDARD {
        let flag = FdFlag::FD_CLOEXEC;
        let call = Call { name: "fcntl", on: &on, about: mode("F_SETFD", Some(flag.bits())) };
        let set = |()| Ok(kernel::with_descriptor(fd, |fd| fcntl(fd, FcntlArg::F_SETFD(flag)))?);
        caller.call(call, None, |(): &()| set(()))?;
        kernel::take_inherited(fd)
    } else {
        let call = Call { name: "fcntl", on: &on, about: mode("F_DUPFD_CLOEXEC", None) };
        caller.call(call, None, |()| kernel::with_descriptor(fd, |fd| fd.as_fd().try_clone_to_owned()))?
    };
    debug_assert!(owned.as_raw_fd() > STANDARD || fd <= STANDARD);
    Ok((owned, known))
}
