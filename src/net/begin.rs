//! What has to be so before the first line of `main`.
//!
//! std's own runtime does this and more: it looks for the end of the stack in `/proc/self/maps`, so
//! that a handler can word a stack overflow. That is more than a quarter of a start, and nothing here
//! goes deeper than it says: blocks, calls and brackets inside one another are counted.

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStrExt as _;

/// Nothing but standard input, output and error has their numbers, and a reader that has gone is an
/// error of the write, not the end of the process.
pub fn prepare() {
    let mut standard = [0, 1, 2].map(|fd| libc::pollfd { fd, events: 0, revents: 0 });
    // SAFETY: the kernel reads and writes three entries.
    unsafe { libc::poll(standard.as_mut_ptr(), 3, 0) };
    for place in standard {
        // Closed: the first socket would get the number, and `print` would write into it.
        if place.revents & libc::POLLNVAL != 0 {
            // SAFETY: a constant path; the lowest free number is the one that is missing.
            unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) };
        }
    }
    // SAFETY: no handler of ours is put in.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
}

/// The arguments of C's `main`.
///
/// # Safety
///
/// `texts` points to that many C strings, as the C library says.
pub unsafe fn arguments(count: c_int, texts: *const *const c_char) -> Vec<OsString> {
    let owned = |at: usize| {
        // SAFETY: `at` is below the number of texts, each a C string that lives as long as the process.
        let text = unsafe { CStr::from_ptr(*texts.add(at)) };
        OsStr::from_bytes(text.to_bytes()).to_os_string()
    };
    (0..usize::try_from(count).unwrap_or(0)).map(owned).collect()
}
