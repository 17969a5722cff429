//! The few system calls that neither `socket2` nor `std` makes for us. All of the crate's `unsafe`
//! that is not a signal handler stands here, each function one call.

use std::ffi::{CStr, c_char, c_int};
use std::io;
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, AsRawFd, FromRawFd as _, OwnedFd};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use socket2::{SockAddr, SockAddrStorage, Socket};

use super::address::{Name, from_kernel};
use crate::value::Value;
use crate::value::process::Status;

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// getsockopt(2) into `buffer`; returns how many bytes the kernel wrote.
pub fn getsockopt(socket: &impl AsFd, level: i32, name: i32, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = libc::socklen_t::try_from(buffer.len()).unwrap_or(libc::socklen_t::MAX);
    // SAFETY: the kernel writes at most `length` bytes into the buffer of that length.
    check(unsafe {
        libc::getsockopt(socket.as_fd().as_raw_fd(), level, name, buffer.as_mut_ptr().cast(), &mut length)
    })?;
    Ok((length as usize).min(buffer.len()))
}

/// setsockopt(2) with the bytes as they are.
pub fn setsockopt(socket: &impl AsFd, level: i32, name: i32, bytes: &[u8]) -> io::Result<()> {
    let length = libc::socklen_t::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the kernel reads `length` bytes from the slice of that length.
    check(unsafe {
        libc::setsockopt(socket.as_fd().as_raw_fd(), level, name, bytes.as_ptr().cast(), length)
    })?;
    Ok(())
}

/// ioctl(2) that writes one int: FIONREAD, TIOCOUTQ, SIOCATMARK.
pub fn ioctl_int(socket: &impl AsFd, request: libc::Ioctl) -> io::Result<i32> {
    let mut value: libc::c_int = 0;
    // SAFETY: the requests named above write one int.
    check(unsafe { libc::ioctl(socket.as_fd().as_raw_fd(), request, &mut value) })?;
    Ok(value)
}

/// poll(2), once; the time is in milliseconds, -1 for ever. Returns how many are ready.
pub fn poll(fds: &mut [libc::pollfd], millis: i32) -> io::Result<usize> {
    // SAFETY: the slice is valid for its own length.
    let ready = check(unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, millis) })?;
    Ok(ready as usize)
}

/// futex(2) FUTEX_WAIT, once: sleeps while the word is `value`, until it is woken. Returns at once
/// (EAGAIN) where the word is another already, and with EINTR after a signal.
pub fn futex_wait(word: &AtomicU32, value: u32) -> io::Result<()> {
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    let no_time = std::ptr::null::<libc::timespec>();
    // SAFETY: the word is alive for the call, and no time limit is passed.
    let result = unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, value, no_time) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// futex(2) FUTEX_WAKE: everybody who waits for the word.
pub fn futex_wake(word: &AtomicU32) {
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word is alive for the call.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, i32::MAX) };
}

/// kill(2)
pub fn kill(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: numbers only.
    check(unsafe { libc::kill(pid, signal) })?;
    Ok(())
}

/// waitid(2) with WNOWAIT, once: how a child ended, which whoever asks again is told too. With `wait`
/// false it returns at once. `None`: it still runs.
pub fn ended(pid: i32, wait: bool) -> io::Result<Option<Status>> {
    // SAFETY: all zeros is a valid `siginfo_t`.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let flags = libc::WEXITED | libc::WNOWAIT | if wait { 0 } else { libc::WNOHANG };
    let id = libc::id_t::try_from(pid).map_err(|_| io::Error::from_raw_os_error(libc::ECHILD))?;
    // SAFETY: the kernel fills the structure it is given.
    check(unsafe { libc::waitid(libc::P_PID, id, &mut info, flags) })?;
    // SAFETY: waitid filled in a child's fields, or left zeros.
    let (who, status) = unsafe { (info.si_pid(), info.si_status()) };
    Ok(match (who, info.si_code) {
        (0, _) => None,
        (_, libc::CLD_EXITED) => Some(Status::Exited(status)),
        _ => Some(Status::Signalled(status)),
    })
}

/// waitpid(2): takes an ended child's number back. Only after this may it be another's.
pub fn reap(pid: i32) {
    // SAFETY: no status is asked for.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), libc::WNOHANG) };
}

/// Children are told of again, whatever the parent had set: with SIGCHLD ignored nobody learns how
/// one ended.
pub fn hear_of_children() {
    // SAFETY: SIG_DFL is no handler that could do anything.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// Has the program, once started, this descriptor as its number 3 (LISTEN_FDS), open.
pub fn hand_over(command: &mut std::process::Command, fd: std::os::fd::RawFd) {
    use std::os::unix::process::CommandExt;
    let arrange = move || {
        // SAFETY: between fork and exec only async-signal-safe calls are made: dup2 and fcntl are.
        unsafe {
            if fd == 3 {
                check(libc::fcntl(3, libc::F_SETFD, 0))?;
            } else {
                check(libc::dup2(fd, 3))?;
            }
        }
        Ok(())
    };
    // SAFETY: see `arrange`; it allocates nothing and takes no lock.
    unsafe { command.pre_exec(arrange) };
}

/// nanosleep(2), once: EINTR comes back.
pub fn nanosleep(time: Duration) -> io::Result<()> {
    let request = libc::timespec {
        tv_sec: libc::time_t::try_from(time.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: time.subsec_nanos().into(),
    };
    // SAFETY: the request is valid, and the remaining time is not asked for.
    check(unsafe { libc::nanosleep(&request, std::ptr::null_mut()) })?;
    Ok(())
}

/// bind(2)
pub fn bind(socket: &impl AsRawFd, name: &Name) -> io::Result<()> {
    let (at, length) = name.parts();
    // SAFETY: there are `length` bytes of an address there, which outlives the call.
    check(unsafe { libc::bind(socket.as_raw_fd(), at, length) })?;
    Ok(())
}

/// connect(2), once.
#[inline]
pub fn connect(socket: &impl AsRawFd, name: &Name) -> io::Result<()> {
    let (at, length) = name.parts();
    // SAFETY: as in `bind`.
    check(unsafe { libc::connect(socket.as_raw_fd(), at, length) })?;
    Ok(())
}

/// sendto(2), once.
pub fn sendto(socket: &impl AsRawFd, bytes: &[u8], flags: i32, name: &Name) -> io::Result<usize> {
    let (at, length) = name.parts();
    // SAFETY: as in `bind`, and the bytes are as many as is said.
    let sent =
        unsafe { libc::sendto(socket.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags, at, length) };
    if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(sent as usize) }
}

/// accept4(2), once, and who has connected.
#[inline]
pub fn accept(socket: &impl AsRawFd) -> io::Result<(Socket, Value)> {
    let mut storage = MaybeUninit::<SockAddrStorage>::uninit();
    let mut length = size_of_val(&storage) as libc::socklen_t;
    let at = storage.as_mut_ptr().cast();
    // SAFETY: the kernel writes no more than `length` bytes.
    let fd = check(unsafe { libc::accept4(socket.as_raw_fd(), at, &mut length, libc::SOCK_CLOEXEC) })?;
    // SAFETY: the call has just made the descriptor, and nobody else knows it.
    let accepted = unsafe { Socket::from_raw_fd(fd) };
    // SAFETY: the kernel has filled in the address and said how long it is.
    Ok((accepted, unsafe { address_in(&storage, length) }))
}

/// The address in a storage that the kernel has filled.
///
/// # Safety
///
/// The first `length` bytes are an address, as the kernel writes it.
#[inline]
unsafe fn address_in(storage: &MaybeUninit<SockAddrStorage>, length: libc::socklen_t) -> Value {
    const SHORT: usize = size_of::<libc::sockaddr_in>();
    if length as usize == SHORT {
        // SAFETY: so many bytes are there, any bytes are a `sockaddr_in`, and they are aligned for all kinds of address.
        let name = unsafe { &*storage.as_ptr().cast::<libc::sockaddr_in>() };
        if i32::from(name.sin_family) == libc::AF_INET {
            let ip = Ipv4Addr::from(name.sin_addr.s_addr.to_ne_bytes());
            return Value::Inet(SocketAddrV4::new(ip, u16::from_be(name.sin_port)).into());
        }
    }
    // SAFETY: what the caller promises.
    unsafe { other_address_in(storage, length) }
}

/// # Safety
///
/// As `address_in`.
#[cold]
unsafe fn other_address_in(storage: &MaybeUninit<SockAddrStorage>, length: libc::socklen_t) -> Value {
    let mut whole = SockAddrStorage::zeroed();
    let there = (length as usize).min(size_of_val(&whole));
    // SAFETY: the kernel has written so many bytes, and there is room for them; the rest is zeros.
    let address = unsafe {
        std::ptr::copy_nonoverlapping(storage.as_ptr().cast::<u8>(), (&raw mut whole).cast(), there);
        SockAddr::new(whole, length)
    };
    Value::address(from_kernel(&address))
}

/// Appends what `receive` puts into the free room of `buffer`, of which there are `room` bytes.
///
/// `receive` is one of socket2's receiving methods; what it returns is how many bytes came, which
/// with MSG_TRUNC may be more than there was room for.
pub fn receive_into<T>(
    buffer: &mut Vec<u8>,
    room: usize,
    receive: impl FnOnce(&mut [MaybeUninit<u8>]) -> io::Result<(usize, T)>,
) -> io::Result<(usize, T)> {
    let spare = buffer.spare_capacity_mut();
    let room = room.min(spare.len());
    let (came, rest) = receive(&mut spare[..room])?;
    // SAFETY: the receiving methods promise that the first `came` bytes, as far as they fit, are
    // initialised.
    unsafe { buffer.set_len(buffer.len() + came.min(room)) };
    Ok((came, rest))
}

/// open(2), once: EINTR comes back. A file that is made is readable and writable as the umask leaves it.
pub fn open(path: &CStr, flags: i32) -> io::Result<OwnedFd> {
    const MODE: libc::c_uint = 0o666;
    // SAFETY: the path ends in a NUL and outlives the call.
    let fd = check(unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, MODE) })?;
    // SAFETY: the call has just made the descriptor, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

// The C library has them, the libc crate does not.
unsafe extern "C" {
    fn getservbyname_r(
        name: *const c_char,
        protocol: *const c_char,
        entry: *mut libc::servent,
        buffer: *mut c_char,
        length: libc::size_t,
        found: *mut *mut libc::servent,
    ) -> c_int;
    fn getservbyport_r(
        port: c_int,
        protocol: *const c_char,
        entry: *mut libc::servent,
        buffer: *mut c_char,
        length: libc::size_t,
        found: *mut *mut libc::servent,
    ) -> c_int;
    #[cfg(target_env = "gnu")]
    fn getprotobyname_r(
        name: *const c_char,
        entry: *mut libc::protoent,
        buffer: *mut c_char,
        length: libc::size_t,
        found: *mut *mut libc::protoent,
    ) -> c_int;
}

fn or_null(text: Option<&CStr>) -> *const c_char {
    text.map_or(std::ptr::null(), CStr::as_ptr)
}

/// Calls a reentrant look-up with more and more room, until its answer fits.
fn with_room<T>(mut look_up: impl FnMut(&mut [c_char]) -> Result<Option<T>, c_int>) -> io::Result<Option<T>> {
    const MOST: usize = 1 << 20;
    let mut room = vec![0; 1024];
    loop {
        match look_up(&mut room) {
            // Nobody by that name is no failure, whatever the number.
            Ok(found) => return Ok(found),
            Err(libc::ERANGE) if room.len() < MOST => room.resize(room.len() * 2, 0),
            Err(libc::ENOENT) => return Ok(None),
            Err(number) => return Err(io::Error::from_raw_os_error(number)),
        }
    }
}

/// getservbyname_r(3): the port of a service.
pub fn getservbyname(name: &CStr, protocol: Option<&CStr>) -> io::Result<Option<u16>> {
    with_room(|room| {
        let mut entry = MaybeUninit::<libc::servent>::uninit();
        let mut found = std::ptr::null_mut();
        // SAFETY: names end in a NUL; the entry and the room are ours, and as long as the call is told.
        let result = unsafe {
            let (entry, room, length) = (entry.as_mut_ptr(), room.as_mut_ptr(), room.len());
            getservbyname_r(name.as_ptr(), or_null(protocol), entry, room, length, &mut found)
        };
        match (result, found.is_null()) {
            // SAFETY: where `found` is not null it points at the entry, which the call has filled.
            (_, false) => Ok(Some(u16::from_be(unsafe { (*found).s_port } as u16))),
            (0, true) => Ok(None),
            (number, true) => Err(number),
        }
    })
}

/// getservbyport_r(3): the name of the service at a port.
pub fn getservbyport(port: u16, protocol: Option<&CStr>) -> io::Result<Option<Vec<u8>>> {
    with_room(|room| {
        let mut entry = MaybeUninit::<libc::servent>::uninit();
        let mut found = std::ptr::null_mut();
        // SAFETY: as in `getservbyname`.
        let result = unsafe {
            let (entry, room, length) = (entry.as_mut_ptr(), room.as_mut_ptr(), room.len());
            getservbyport_r(c_int::from(port.to_be()), or_null(protocol), entry, room, length, &mut found)
        };
        match (result, found.is_null()) {
            // SAFETY: the entry is filled, and its name ends in a NUL.
            (_, false) => Ok(Some(unsafe { CStr::from_ptr((*found).s_name) }.to_bytes().to_vec())),
            (0, true) => Ok(None),
            (number, true) => Err(number),
        }
    })
}

/// getprotobyname_r(3): the number of a protocol.
#[cfg(target_env = "gnu")]
pub fn getprotobyname(name: &CStr) -> io::Result<Option<i32>> {
    with_room(|room| {
        let mut entry = MaybeUninit::<libc::protoent>::uninit();
        let mut found = std::ptr::null_mut();
        // SAFETY: as in `getservbyname`.
        let result = unsafe {
            let (entry, room, length) = (entry.as_mut_ptr(), room.as_mut_ptr(), room.len());
            getprotobyname_r(name.as_ptr(), entry, room, length, &mut found)
        };
        match (result, found.is_null()) {
            // SAFETY: where `found` is not null it points at the entry, which the call has filled.
            (_, false) => Ok(Some(unsafe { (*found).p_proto })),
            (0, true) => Ok(None),
            (number, true) => Err(number),
        }
    })
}

/// getprotobyname(3); other C libraries have no reentrant one.
#[cfg(not(target_env = "gnu"))]
pub fn getprotobyname(name: &CStr) -> io::Result<Option<i32>> {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // SAFETY: the name ends in a NUL; the answer is read before anybody else may ask.
    let found = unsafe { libc::getprotobyname(name.as_ptr()) };
    // SAFETY: where it is not null it is an entry of libc's own.
    Ok((!found.is_null()).then(|| unsafe { (*found).p_proto }))
}

/// if_nametoindex(3)
pub fn if_nametoindex(name: &CStr) -> io::Result<u32> {
    // SAFETY: the name ends in a NUL.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        index => Ok(index),
    }
}

/// if_indextoname(3)
pub fn if_indextoname(index: u32) -> io::Result<Vec<u8>> {
    let mut name = [0; libc::IF_NAMESIZE];
    // SAFETY: the buffer has the length that the call is promised.
    if unsafe { libc::if_indextoname(index, name.as_mut_ptr()) }.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has written a name that ends in a NUL.
    Ok(unsafe { CStr::from_ptr(name.as_ptr()) }.to_bytes().to_vec())
}

/// if_nameindex(3): every interface, by number and name.
pub fn if_nameindex() -> io::Result<Vec<(u32, Vec<u8>)>> {
    // SAFETY: it takes nothing, and what it returns is freed below.
    let first = unsafe { libc::if_nameindex() };
    if first.is_null() {
        return Err(io::Error::last_os_error());
    }
    let mut all = Vec::new();
    let mut next = first;
    loop {
        // SAFETY: the entries end with one whose name is null, and `next` has not passed it.
        let entry = unsafe { &*next };
        if entry.if_name.is_null() {
            break;
        }
        // SAFETY: a name ends in a NUL.
        all.push((entry.if_index, unsafe { CStr::from_ptr(entry.if_name) }.to_bytes().to_vec()));
        // SAFETY: there is an entry after every one that is not the last.
        next = unsafe { next.add(1) };
    }
    // SAFETY: `first` came from if_nameindex, and nothing of it is used any more.
    unsafe { libc::if_freenameindex(first) };
    Ok(all)
}

/// geteuid(2) says root.
pub fn is_root() -> bool {
    // SAFETY: it only returns a number.
    unsafe { libc::geteuid() == 0 }
}
