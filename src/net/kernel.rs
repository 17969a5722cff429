//! The few system calls that neither `socket2` nor `std` makes for us. All of the crate's `unsafe`
//! that is not a signal handler stands here, each function one call.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use crate::process::Status;

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

/// waitpid(2), once; with `wait` false it returns at once. `None`: it still runs.
pub fn waitpid(pid: i32, wait: bool) -> io::Result<Option<Status>> {
    let mut status = 0;
    let flags = if wait { 0 } else { libc::WNOHANG };
    // SAFETY: the kernel writes one int.
    let ended = check(unsafe { libc::waitpid(pid, &mut status, flags) })?;
    Ok(match ended {
        0 => None,
        _ if libc::WIFEXITED(status) => Some(Status::Exited(libc::WEXITSTATUS(status))),
        _ => Some(Status::Signalled(libc::WTERMSIG(status))),
    })
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

/// if_nametoindex(3): the number of the interface of this name.
pub fn if_nametoindex(name: &str) -> io::Result<u32> {
    let name = std::ffi::CString::new(name).map_err(|_| io::Error::from_raw_os_error(libc::ENODEV))?;
    // SAFETY: the name is a C string and lives through the call.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        index => Ok(index),
    }
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
