//! System calls and C functions in the form that commands need, each made once: EINTR comes back to the gate.
//!
//! `nix` makes those that it has. What no crate in the tree has is called here: options as bytes, futexes,
//! poll and signals with all that the kernel knows, the look-ups in /etc/services and /etc/protocols.

// What no crate in the tree has is called by its C name, with pointers.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::sys::time::TimeSpec;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::time::{ClockId, ClockNanosleepFlags, clock_nanosleep};
use nix::unistd::Pid;

use super::namespace::Network;
use super::resolve::{Found, Wanted};
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

/// shutdown(2) with whatever number: EINVAL for those that are no half of a connection.
pub fn shutdown(socket: &impl AsFd, how: i32) -> io::Result<()> {
    // SAFETY: no pointer is passed, and the descriptor is open for the call.
    check(unsafe { libc::shutdown(socket.as_fd().as_raw_fd(), how) })?;
    Ok(())
}

/// The bytes of an address, the family first: what socket2 gives no fields of.
pub fn address_bytes(address: &socket2::SockAddr) -> &[u8] {
    // SAFETY: the address's storage has at least the length that it says, and lives as long as the slice.
    unsafe { std::slice::from_raw_parts(address.as_ptr().cast(), address.len() as usize) }
}

/// A descriptor by its number, to ask the kernel about it: EBADF is an answer.
pub fn with_descriptor<T>(fd: RawFd, ask: impl FnOnce(BorrowedFd<'_>) -> T) -> T {
    // SAFETY: the number is not -1, is not kept and not closed; what it stands for is asked by system calls only, which
    // refuse a number that is not open.
    ask(unsafe { BorrowedFd::borrow_raw(fd.max(0)) })
}

/// Takes a descriptor that the program was started with: it is closed with what owns it from here on.
pub fn take_inherited(fd: RawFd) -> OwnedFd {
    // SAFETY: the caller has seen that it is open and not close-on-exec, and every descriptor that this program opens
    // is: so nothing here owns it, and it is made close-on-exec before it is taken, which it is thus once.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// What one recvmsg(2) gave; bytes and control messages are in the room that it was lent.
pub struct Came {
    /// With MSG_TRUNC in the flags asked for, more than the room where a message was cut.
    pub bytes: usize,
    /// MSG_…, as it gave them.
    pub flags: i32,
    /// How much of the room for control messages is used.
    pub control: usize,
    pub from: socket2::SockAddr,
}

/// recvmsg(2), once. Descriptors that it brings are close-on-exec.
pub fn recvmsg(
    socket: &impl AsFd,
    room: &mut [MaybeUninit<u8>],
    control: &mut [u8],
    flags: i32,
) -> io::Result<Came> {
    let flags = flags | libc::MSG_CMSG_CLOEXEC;
    // SAFETY: all zeros is a valid `msghdr`. The address's storage, the buffer and the room for control messages are as
    // long as the call is told, and live until it returns; it writes no more than that, and says how much.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        let mut slice = libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room.len() };
        message.msg_iov = &mut slice;
        message.msg_iovlen = 1;
        if !control.is_empty() {
            message.msg_control = control.as_mut_ptr().cast();
            message.msg_controllen = control.len() as _;
        }
        let (bytes, from) = socket2::SockAddr::try_init(|storage, length| {
            message.msg_name = storage.cast();
            message.msg_namelen = *length;
            let came = libc::recvmsg(socket.as_fd().as_raw_fd(), &mut message, flags);
            let came = usize::try_from(came).map_err(|_| io::Error::last_os_error())?;
            *length = message.msg_namelen;
            Ok(came)
        })?;
        #[allow(clippy::unnecessary_cast)]
        let control = (message.msg_controllen as usize).min(control.len());
        Ok(Came { bytes, flags: message.msg_flags, control, from })
    }
}

/// A descriptor that recvmsg(2) has just brought: it is this process's from then on, and nothing else knows of it.
pub fn take_received(fd: RawFd) -> Option<OwnedFd> {
    // SAFETY: the kernel has put it into the control message of this receive, once; -1 is none.
    (fd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(fd) })
}

/// A struct sockaddr out of its family and the bytes behind it.
pub fn socket_address(family: i32, bytes: &[u8]) -> io::Result<socket2::SockAddr> {
    let mut storage = socket2::SockAddrStorage::zeroed();
    let family = libc::sa_family_t::try_from(family).map_err(|_| io::ErrorKind::InvalidInput)?.to_ne_bytes();
    let length = family.len() + bytes.len();
    if length > storage.size_of() as usize {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: the storage is as long as it says, and zeroed; the two slices fit into it, one behind the other, and
    // begin with the family, as every struct sockaddr does.
    unsafe {
        let start: *mut u8 = std::ptr::from_mut(storage.view_as::<libc::sockaddr_storage>()).cast();
        start.copy_from_nonoverlapping(family.as_ptr(), family.len());
        start.add(family.len()).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        Ok(socket2::SockAddr::new(storage, length as libc::socklen_t))
    }
}

/// ioctl(2) that writes one int: FIONREAD, TIOCOUTQ, SIOCATMARK.
pub fn ioctl_int(socket: &impl AsFd, request: libc::Ioctl) -> io::Result<i32> {
    let mut value: libc::c_int = 0;
    // SAFETY: the requests named above write one int.
    check(unsafe { libc::ioctl(socket.as_fd().as_raw_fd(), request, &mut value) })?;
    Ok(value)
}

/// ioctl(2) TIOCGWINSZ: the rows and columns of a terminal, where it knows them.
pub fn window_size(terminal: &impl AsFd) -> Option<(u16, u16)> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the request writes one winsize.
    check(unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCGWINSZ, &mut size) }).ok()?;
    (size.ws_row > 0 && size.ws_col > 0).then_some((size.ws_row, size.ws_col))
}

/// poll(2); the time is in milliseconds, -1 for ever. Returns how many are ready. (`nix` hides every event of a
/// socket that has POLLRDHUP.)
pub fn poll(fds: &mut [libc::pollfd], millis: i32) -> io::Result<usize> {
    // SAFETY: the slice is valid for its own length.
    let ready = check(unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, millis) })?;
    Ok(ready as usize)
}

/// futex(2) FUTEX_WAIT, once: sleeps while the word is `value`, until it is woken or `limit` is over (ETIMEDOUT).
/// Returns at once (EAGAIN) where the word is another already, and with EINTR after a signal.
pub fn futex_wait(word: &AtomicU32, value: u32, limit: Option<Duration>) -> io::Result<()> {
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    let time = limit.map(TimeSpec::from_duration);
    let time = time.as_ref().map_or(std::ptr::null(), |time| std::ptr::from_ref(time.as_ref()));
    // SAFETY: the word and the time are alive for the call, which reads them.
    let result = unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, value, time) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Waits while the word is `value`, and asks its caller with EINTR to look again at what it waits for.
pub fn wait_again(word: &AtomicU32, value: u32) -> io::Error {
    match futex_wait(word, value, None) {
        Err(e) if e.raw_os_error() != Some(libc::EAGAIN) => e,
        _ => io::Error::from_raw_os_error(libc::EINTR),
    }
}

/// futex(2) FUTEX_WAKE: all that wait for the word.
pub fn futex_wake(word: &AtomicU32) {
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word is alive for the call.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, i32::MAX) };
}

/// kill(2), with any number: `nix` has no real-time signals.
pub fn kill(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: numbers only.
    check(unsafe { libc::kill(pid, signal) })?;
    Ok(())
}

/// waitid(2) with WNOWAIT: how a child ended; the next call says the same. With `wait` false it returns at
/// once. `None`: it still runs. (`nix` fails where a real-time signal ended the child.)
pub fn ended(pid: i32, wait: bool) -> io::Result<Option<Status>> {
    let flags = libc::WEXITED | libc::WNOWAIT | if wait { 0 } else { libc::WNOHANG };
    let id = libc::id_t::try_from(pid).map_err(|_| io::Error::from_raw_os_error(libc::ECHILD))?;
    // SAFETY: all zeros is a valid `siginfo_t`, which the kernel fills with a child's fields or leaves.
    let (code, who, status) = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        check(libc::waitid(libc::P_PID, id, &mut info, flags))?;
        (info.si_code, info.si_pid(), info.si_status())
    };
    Ok(match (who, code) {
        (0, _) => None,
        (_, libc::CLD_EXITED) => Some(Status::Exited(status)),
        _ => Some(Status::Signalled(status)),
    })
}

/// waitpid(2): takes an ended child's number back; only after this may it be another's. Returns the number, or 0 if it
/// has not ended and `wait` is false.
pub fn reap(pid: i32, wait: bool) -> i32 {
    let flags = if wait { WaitPidFlag::empty() } else { WaitPidFlag::WNOHANG };
    // How it ended is known already: see `ended`.
    waitpid(Pid::from_raw(pid), Some(flags)).ok().and_then(|status| status.pid()).map_or(0, Pid::as_raw)
}

/// signal(2): a signal as it is by default. Async-signal-safe.
pub fn reset_signal(signal: i32) {
    // SAFETY: SIG_DFL runs no code of this process.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}

/// What a program is started with: its words, its environment (`NAME=VALUE`), and which of our descriptors are to be
/// which of its own. With `listens`, LISTEN_PID is set to its number.
pub struct Image {
    /// The program, looked up in the environment's PATH, and its arguments.
    pub words: Vec<CString>,
    /// `NAME=VALUE`
    pub environment: Vec<CString>,
    /// Ours, and its number there.
    pub descriptors: Vec<(RawFd, RawFd)>,
    /// LISTEN_PID is wanted.
    pub listens: bool,
    /// The network that it is to be in, where that may be another than that of the thread which starts it.
    pub network: Option<Network>,
}

/// The arrays that execvp(3) takes; they point into the strings beside them.
struct Arrays {
    words: Vec<*const c_char>,
    environment: Vec<*const c_char>,
    /// Where the digits of LISTEN_PID go.
    digits: Option<*mut u8>,
    _strings: (Vec<CString>, Vec<CString>, Vec<u8>),
}

// SAFETY: the pointers are to memory that the value owns and that does not move; only the child, which is one thread,
// uses them.
unsafe impl Send for Arrays {}
// SAFETY: as above.
unsafe impl Sync for Arrays {}

unsafe extern "C" {
    static mut environ: *const *const c_char;
}

/// Makes the child of this command such a program. It is killed when this process is gone (PR_SET_PDEATHSIG), which is
/// when the thread that starts it ends: see [`super::children`].
pub fn become_program(command: &mut std::process::Command, image: Image) {
    use std::os::unix::process::CommandExt;
    const PID: &[u8] = b"LISTEN_PID=";
    let mut pid = [PID, &[0; 12]].concat();
    let digits = image.listens.then(|| pid[PID.len()..].as_mut_ptr());
    let pointers = |strings: &[CString]| strings.iter().map(|s| s.as_ptr()).collect::<Vec<_>>();
    let (mut words, mut environment) = (pointers(&image.words), pointers(&image.environment));
    if image.listens {
        environment.push(pid.as_ptr().cast());
    }
    words.push(std::ptr::null());
    environment.push(std::ptr::null());
    let arrays = Arrays { words, environment, digits, _strings: (image.words, image.environment, pid) };
    let parent = std::process::id();
    let above = image.descriptors.iter().map(|(_, to)| to + 1).max().unwrap_or(3).max(3);
    let mut moved = vec![0; image.descriptors.len()];
    let become_it = move || {
        let arrays = &arrays;
        // SAFETY: the set is on the stack, and filled before it is read; else numbers only.
        unsafe {
            // It is to hear what our threads block.
            let mut none = MaybeUninit::<libc::sigset_t>::uninit();
            check(libc::sigemptyset(none.as_mut_ptr()))?;
            check(libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut()))?;
            check(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong))?;
            // It may have gone before that.
            if libc::getppid() as u32 != parent {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
        }
        if let Some(network) = &image.network {
            network.enter()?;
        }
        // Above all numbers that are given first: one of them may be another's source.
        for (at, (from, _)) in moved.iter_mut().zip(&image.descriptors) {
            // SAFETY: numbers only.
            *at = check(unsafe { libc::fcntl(*from, libc::F_DUPFD_CLOEXEC, above) })?;
        }
        for (at, (_, to)) in moved.iter().zip(&image.descriptors) {
            // SAFETY: numbers only.
            check(unsafe { libc::dup2(*at, *to) })?;
        }
        if let Some(digits) = arrays.digits {
            // SAFETY: there is room for ten digits and a NUL.
            unsafe { write_number(digits, libc::getpid().unsigned_abs()) };
        }
        // SAFETY: both arrays end in a null pointer, and their strings in a NUL; this process has one thread.
        unsafe {
            environ = arrays.environment.as_ptr();
            libc::execvp(arrays.words[0], arrays.words.as_ptr());
        }
        Err(io::Error::last_os_error())
    };
    // SAFETY: between fork and exec only async-signal-safe calls are made; nothing is allocated and no lock taken.
    unsafe { command.pre_exec(become_it) };
}

/// Writes a number's decimal digits and a NUL.
///
/// # Safety
///
/// There must be room for eleven bytes.
unsafe fn write_number(at: *mut u8, mut number: u32) {
    let mut digits = [0u8; 10];
    let mut first = digits.len();
    while number > 0 || first == digits.len() {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let length = digits.len() - first;
    // SAFETY: no more than ten digits and a NUL, as promised.
    unsafe {
        std::ptr::copy_nonoverlapping(digits.as_ptr().add(first), at, length);
        *at.add(length) = 0;
    }
}

/// prctl(2) PR_SET_CHILD_SUBREAPER: a descendant whose parent has ended becomes a child of this process.
pub fn adopt_descendants() {
    // SAFETY: numbers only.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1 as libc::c_ulong) };
}

/// How far the stack of this thread may grow from where its work begins, with a reserve for the calls that a line makes.
/// The main thread has what RLIMIT_STACK leaves it (setrlimit(2)), of which arguments and environment may take a quarter
/// (execve(2)); every other thread that runs lines has [`THREAD_STACK`]. Each thread asks once: many scripts run in one.
pub fn stack_room() -> usize {
    const RESERVE: usize = 160 << 10;
    fn size() -> usize {
        if nix::unistd::gettid() != nix::unistd::getpid() {
            return THREAD_STACK;
        }
        match nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_STACK) {
            Ok((soft, _)) => usize::try_from(soft).unwrap_or(usize::MAX).min(THREAD_STACK) / 4 * 3,
            Err(_) => THREAD_STACK,
        }
    }
    thread_local! {
        static ROOM: usize = size().saturating_sub(RESERVE);
    }
    ROOM.with(|room| *room)
}

/// The stack of a thread that runs lines of a script: `def`s may call each other as deep as on the main one.
pub const THREAD_STACK: usize = 8 << 20;

/// clock_nanosleep(2), which is what nanosleep(3) calls; what is left after EINTR is not returned.
pub fn nanosleep(time: Duration) -> io::Result<()> {
    clock_nanosleep(ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::empty(), &time.into())?;
    Ok(())
}

/// open(2). A file that is made is readable and writable as the umask leaves it.
pub fn open(path: &CStr, flags: i32) -> io::Result<OwnedFd> {
    let flags = OFlag::from_bits_retain(flags) | OFlag::O_CLOEXEC;
    Ok(nix::fcntl::open(path, flags, Mode::from_bits_retain(0o666))?)
}

/// getaddrinfo(3) with the canonical name, which the crate takes for UTF-8. Fails with EAI_….
pub fn getaddrinfo(host: Option<&str>, service: Option<&str>, wanted: Wanted) -> Result<Vec<Found>, i32> {
    let c_text = |text: Option<&str>| text.map(CString::new).transpose().map_err(|_| libc::EAI_NONAME);
    let (host, service) = (c_text(host)?, c_text(service)?);
    let mut found = Vec::new();
    // SAFETY: all zeros is a valid `addrinfo`; names end in a NUL or are null; what the call gives is a list that lives
    // until it is freed, once, after the last read. Each address is read as far as its length says.
    unsafe {
        let mut hints: libc::addrinfo = std::mem::zeroed();
        hints.ai_family = wanted.family;
        hints.ai_socktype = wanted.kind;
        hints.ai_protocol = wanted.protocol;
        hints.ai_flags = wanted.flags;
        let mut list = std::ptr::null_mut();
        let result =
            libc::getaddrinfo(or_null(host.as_deref()), or_null(service.as_deref()), &hints, &mut list);
        if result != 0 {
            return Err(result);
        }
        let mut next = list;
        while let Some(one) = next.as_ref() {
            let length = one.ai_addrlen as usize;
            let address = std::slice::from_raw_parts(one.ai_addr.cast::<u8>(), length);
            let behind = address.get(size_of::<libc::sa_family_t>()..).unwrap_or_default();
            let address = socket_address(one.ai_family, behind).ok().and_then(|a| a.as_socket());
            let name = one.ai_canonname;
            let canonical = (!name.is_null()).then(|| CStr::from_ptr(name).to_bytes().to_vec());
            found.extend(address.map(|address| Found { address, canonical }));
            next = one.ai_next;
        }
        libc::freeaddrinfo(list);
    }
    Ok(found)
}

/// if_indextoname(3). (`nix` 0.31.3 takes its null pointer for a name.)
pub fn if_indextoname(index: u32) -> io::Result<Vec<u8>> {
    let mut name = [0; libc::IF_NAMESIZE];
    // SAFETY: the buffer is as long as the call is promised, and holds a name that ends in a NUL where the
    // call returns a pointer.
    unsafe {
        if libc::if_indextoname(index, name.as_mut_ptr()).is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(CStr::from_ptr(name.as_ptr()).to_bytes().to_vec())
    }
}

/// if_nameindex(3): every interface, by number and name.
pub fn if_nameindex() -> io::Result<Vec<(u32, Vec<u8>)>> {
    let all = nix::net::if_::if_nameindex()?;
    Ok(all.iter().map(|one| (one.index(), one.name().to_bytes().to_vec())).collect())
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
            Ok(found) => return Ok(found),
            Err(libc::ERANGE) if room.len() < MOST => room.resize(room.len() * 2, 0),
            // musl knows the services of TCP and UDP, and returns EINVAL for those of any other protocol.
            Err(libc::ENOENT | libc::EINVAL) => return Ok(None),
            Err(number) => return Err(io::Error::from_raw_os_error(number)),
        }
    }
}

/// What a look-up's number and pointer say together: where it found nothing some C libraries return an error.
fn answer<T>(result: c_int, found: Option<T>) -> Result<Option<T>, c_int> {
    if found.is_none() && result != 0 { Err(result) } else { Ok(found) }
}

/// getservbyname_r(3): the port of a service.
pub fn getservbyname(name: &CStr, protocol: Option<&CStr>) -> io::Result<Option<u16>> {
    with_room(|room| {
        let mut entry = MaybeUninit::<libc::servent>::uninit();
        let mut found = std::ptr::null_mut();
        // SAFETY: names end in a NUL; the entry and the room are ours, and as long as the call is told. Where
        // `found` is not null it points at the entry, which the call has filled.
        unsafe {
            let (entry, room, length) = (entry.as_mut_ptr(), room.as_mut_ptr(), room.len());
            let result = getservbyname_r(name.as_ptr(), or_null(protocol), entry, room, length, &mut found);
            answer(result, found.as_ref().map(|found| u16::from_be(found.s_port as u16)))
        }
    })
}

/// getservbyport_r(3): the name of the service at a port.
pub fn getservbyport(port: u16, protocol: Option<&CStr>) -> io::Result<Option<Vec<u8>>> {
    with_room(|room| {
        let mut entry = MaybeUninit::<libc::servent>::uninit();
        let mut found = std::ptr::null_mut();
        // SAFETY: as in `getservbyname`.
        unsafe {
            let (entry, room, length) = (entry.as_mut_ptr(), room.as_mut_ptr(), room.len());
            let result = getservbyport_r(
                c_int::from(port.to_be()),
                or_null(protocol),
                entry,
                room,
                length,
                &mut found,
            );
            answer(result, found.as_ref().map(|found| CStr::from_ptr(found.s_name).to_bytes().to_vec()))
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
        unsafe {
            let (entry, room, length) = (entry.as_mut_ptr(), room.as_mut_ptr(), room.len());
            let result = getprotobyname_r(name.as_ptr(), entry, room, length, &mut found);
            answer(result, found.as_ref().map(|found| found.p_proto))
        }
    })
}

/// getprotobyname(3); other C libraries have no reentrant one.
#[cfg(not(target_env = "gnu"))]
pub fn getprotobyname(name: &CStr) -> io::Result<Option<i32>> {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // SAFETY: the name ends in a NUL; where the answer is not null it is an entry of libc's own, which is read
    // before another thread may ask.
    Ok(unsafe { libc::getprotobyname(name.as_ptr()).as_ref().map(|found| found.p_proto) })
}

/// Sets the interface `lo` up: that of a new network is down.
pub fn raise_loopback() -> io::Result<()> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
    // SAFETY: all zeros is a valid `ifreq`; the name fits with its NUL, and the kernel reads the flags, which are the
    // field of the union that this request is about.
    check(unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
            *to = *from as c_char;
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as libc::Ioctl, &request)
    })?;
    Ok(())
}

/// The three sets of capabilities of a thread, as capget(2) and capset(2) have them: a word each of those that are
/// effective, permitted and inheritable, then the second words.
type Capabilities = [u32; 6];

/// capget(2), or capset(2), of this thread.
fn exchange_capabilities(call: libc::c_long, sets: &mut Capabilities) -> io::Result<()> {
    // _LINUX_CAPABILITY_VERSION_3, and 0 for this thread.
    let mut header: [u32; 2] = [0x2008_0522, 0];
    // SAFETY: the header and the three sets of two words each are alive for the call, which reads or writes them.
    let result = unsafe { libc::syscall(call, header.as_mut_ptr(), sets.as_mut_ptr()) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The capabilities that this thread uses, a bit each.
pub fn capabilities() -> io::Result<u64> {
    let mut sets = Capabilities::default();
    exchange_capabilities(libc::SYS_capget, &mut sets)?;
    Ok(u64::from(sets[3]) << 32 | u64::from(sets[0]))
}

/// Whether this thread uses the capabilities that it is permitted.
pub fn use_capabilities(used: bool) -> io::Result<()> {
    let mut sets = Capabilities::default();
    exchange_capabilities(libc::SYS_capget, &mut sets)?;
    let wanted = if used { [sets[1], sets[4]] } else { [0, 0] };
    if [sets[0], sets[3]] == wanted {
        return Ok(());
    }
    [sets[0], sets[3]] = wanted;
    exchange_capabilities(libc::SYS_capset, &mut sets)
}

/// This thread has no capabilities from here on, as that of an ordinary user.
pub fn drop_capabilities() -> io::Result<()> {
    exchange_capabilities(libc::SYS_capset, &mut Capabilities::default())
}

/// seccomp(2): from here on this thread, and all that it starts, can run no program, look into no other process, and make
/// sockets only of the families `unix`, `inet`, `inet6` and `netlink`, of which a network namespace has its own. EPERM.
pub fn filter_calls() -> io::Result<()> {
    #[cfg(target_arch = "x86_64")]
    const ARCH: u32 = 0xc000_003e;
    #[cfg(target_arch = "aarch64")]
    const ARCH: u32 = 0xc000_00b7;
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return Err(io::Error::from_raw_os_error(libc::ENOSYS));
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    {
        const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
        const EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
        const AT_LEAST: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;
        const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
        /// The calls of x32 have this bit.
        const OTHER_NUMBERS: u32 = 0x4000_0000;
        let refused = [
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_pidfd_getfd,
            libc::SYS_io_uring_setup,
        ];
        let families = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];
        let step = |code: u32, k: u32, jt: usize, jf: usize| libc::sock_filter {
            code: code as u16,
            jt: jt as u8,
            jf: jf as u8,
            k,
        };
        // struct seccomp_data: the number of the call, the architecture, and from 16 on the arguments.
        let (number, arch, family) = (0, 4, if cfg!(target_endian = "big") { 20 } else { 16 });
        // Where the two answers stand: behind four instructions, the calls, three more, and the families.
        let deny = refused.len() + families.len() + 7;
        let allow = deny + 1;
        let (arch_is, number_is) =
            (step(EQUAL, ARCH, 0, deny - 2), step(AT_LEAST, OTHER_NUMBERS, deny - 4, 0));
        let mut program = vec![step(LOAD, arch, 0, 0), arch_is, step(LOAD, number, 0, 0), number_is];
        for call in refused {
            program.push(step(EQUAL, call as u32, deny - program.len() - 1, 0));
        }
        program.push(step(EQUAL, libc::SYS_socket as u32, 1, 0));
        program.push(step(EQUAL, libc::SYS_socketpair as u32, 0, allow - program.len() - 1));
        program.push(step(LOAD, family, 0, 0));
        for family in families {
            program.push(step(EQUAL, family as u32, allow - program.len() - 1, 0));
        }
        program.push(step(RETURN, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32, 0, 0));
        program.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0));
        let all = libc::sock_fprog {
            len: u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?,
            filter: program.as_mut_ptr(),
        };
        // SAFETY: the program is alive for the call, which copies it, and as long as it says.
        check(unsafe {
            check(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
            libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, std::ptr::from_ref(&all))
        })?;
        Ok(())
    }
}

/// The packets that come to this thread's network, in memory that is shared with the kernel (packet(7), TPACKET_V3): blocks
/// that it fills and hands over one after another, each when it is full or after a while.
pub struct PacketRing {
    socket: OwnedFd,
    memory: *mut u8,
    /// The block that is handed over next.
    next: usize,
}

// SAFETY: the memory is the ring's alone, and goes with it.
unsafe impl Send for PacketRing {}

/// The size of a block and how many there are: 8 MiB.
const BLOCK: usize = 256 << 10;
const BLOCKS: usize = 32;
/// A block is handed over after so many milliseconds at most.
const HANDED_OVER: libc::c_uint = 2;
/// Where a block says whose it is.
const STATUS: usize = 8;

impl PacketRing {
    /// A socket that sees each packet of IP once, as it arrives, from its IP header on. Needs CAP_NET_RAW.
    pub fn open() -> io::Result<PacketRing> {
        let kind = socket2::Type::DGRAM.cloexec();
        // No protocol yet: nothing is to come before all is set.
        let socket = OwnedFd::from(socket2::Socket::new_raw(socket2::Domain::PACKET, kind, None)?);
        let number = |level, name, value: i32| setsockopt(&socket, level, name, &value.to_ne_bytes());
        number(libc::SOL_PACKET, libc::PACKET_VERSION, libc::tpacket_versions::TPACKET_V3 as i32)?;
        // What goes out by `lo` comes in by it.
        number(libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1)?;
        // The block's size and how many there are, the least size of a frame and how many there could be, when a block is
        // handed over; no private room, no features.
        let frame = 2048;
        let request =
            [BLOCK as u32, BLOCKS as u32, frame, (BLOCK * BLOCKS) as u32 / frame, HANDED_OVER, 0, 0];
        let request: Vec<u8> = request.iter().flat_map(|word| word.to_ne_bytes()).collect();
        setsockopt(&socket, libc::SOL_PACKET, libc::PACKET_RX_RING, &request)?;
        let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        // SAFETY: a new mapping, of the size that the ring was made with.
        let memory =
            unsafe { libc::mmap(std::ptr::null_mut(), BLOCK * BLOCKS, access, flags, socket.as_raw_fd(), 0) };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let ring = PacketRing { socket, memory: memory.cast(), next: 0 };
        let protocol = (libc::ETH_P_ALL as u16).to_be();
        // SAFETY: all zeros is a valid address of this family; the fields that count are set.
        check(unsafe {
            let mut address: libc::sockaddr_ll = std::mem::zeroed();
            address.sll_family = libc::AF_PACKET as u16;
            address.sll_protocol = protocol;
            let length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
            libc::bind(ring.socket.as_raw_fd(), (&raw const address).cast(), length)
        })?;
        Ok(ring)
    }

    /// The next block, if it was handed over, as struct tpacket_block_desc and what follows it. It is the kernel's again
    /// when this returns.
    pub fn block<T>(&mut self, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let at = self.next * BLOCK;
        // SAFETY: the status is a word within the mapping, aligned, which both sides change one at a time.
        let status = unsafe { AtomicU32::from_ptr(self.memory.add(at + STATUS).cast()) };
        if status.load(Acquire) & libc::TP_STATUS_USER == 0 {
            return None;
        }
        // SAFETY: the block lies within the mapping, and the kernel leaves it alone until the status is stored.
        let done = read(unsafe { std::slice::from_raw_parts(self.memory.add(at), BLOCK) });
        status.store(libc::TP_STATUS_KERNEL, Release);
        self.next = (self.next + 1) % BLOCKS;
        Some(done)
    }

    /// How many packets have come since this was last asked for, and how many of them were lost because the ring was full.
    pub fn counts(&self) -> io::Result<(u64, u64)> {
        let mut bytes = [0; 12];
        getsockopt(&self.socket, libc::SOL_PACKET, libc::PACKET_STATISTICS, &mut bytes)?;
        let word = |at: usize| bytes[at..].first_chunk().map_or(0, |word| u32::from_ne_bytes(*word).into());
        Ok((word(0), word(4)))
    }
}

impl AsFd for PacketRing {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for PacketRing {
    fn drop(&mut self) {
        // SAFETY: the mapping of this size was made with the ring, and no reference into it is left.
        unsafe { libc::munmap(self.memory.cast(), BLOCK * BLOCKS) };
    }
}
