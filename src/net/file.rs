//! Files that a command reads or writes: opened, read and written under the gate, as any call that may wait.
//!
//! A named pipe makes `open` and `write` wait as long as a socket does, and Ctrl-C and limits must hold.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::door::Caller;
use super::gate::Deadline;
use super::kernel;
use crate::value::errno::{Class, Code};
use crate::value::outcome::{CallError, Detail, Halt};
use crate::words::Sentence;

fn about(halt: Box<Halt>, path: &Path) -> Box<Halt> {
    let mut halt = halt;
    if let Halt::Error(error) = &mut *halt
        && error.detail == Detail::None
    {
        error.detail = Detail::File { path: path.display().to_string(), written: None };
    }
    halt
}

fn open(caller: &mut Caller, path: &Path, flags: i32, deadline: Option<Deadline>) -> Result<File, Box<Halt>> {
    let name = std::ffi::CString::new(path.as_os_str().as_bytes()).map_err(|_| {
        let found = Sentence::plain(path.display().to_string());
        CallError::class(Class::ValueError, Detail::NotA { wanted: untranslated!(phrase "a path"), found })
    })?;
    let shown = path.display();
    let opened =
        caller.free("open", deadline, format_args!("{shown}, {flags:#x}"), || kernel::open(&name, flags));
    opened.map(File::from).map_err(|halt| about(halt, path))
}

/// A file to write to: made if it is not there, and emptied unless it is appended to.
pub fn create(
    caller: &mut Caller,
    path: &Path,
    append: bool,
    deadline: Option<Deadline>,
) -> Result<File, Box<Halt>> {
    let how = if append { libc::O_APPEND } else { libc::O_TRUNC };
    open(caller, path, libc::O_WRONLY | libc::O_CREAT | how, deadline)
}

/// Writes all of it, or says how much it wrote.
pub fn write(
    caller: &mut Caller,
    file: &mut File,
    path: &Path,
    bytes: &[u8],
    deadline: Option<Deadline>,
) -> Result<(), (usize, Box<Halt>)> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let written = caller.free("write", deadline, format_args!("{} bytes", rest.len()), || {
            match file.write(rest) {
                // What takes nothing and fails with nothing would be written to for ever.
                Ok(0) => Err(io::Error::from_raw_os_error(libc::EIO)),
                result => result,
            }
        });
        match written {
            Ok(n) => rest = &rest[n..],
            Err(halt) => return Err((bytes.len() - rest.len(), about(halt, path))),
        }
    }
    Ok(())
}

/// The whole of a file, but no more than `most` bytes.
pub fn read(caller: &mut Caller, path: &Path, most: usize) -> Result<Vec<u8>, Box<Halt>> {
    const PIECE: usize = 64 << 10;
    let mut file = open(caller, path, libc::O_RDONLY, None)?;
    let mut bytes = Vec::new();
    let mut piece = vec![0; PIECE];
    loop {
        let got = caller.free("read", None, format_args!("{PIECE}"), || file.read(&mut piece));
        let got = got.map_err(|halt| about(halt, path))?;
        if got == 0 {
            return Ok(bytes);
        }
        if bytes.len() + got > most || bytes.try_reserve(got).is_err() {
            return Err(about(CallError::errno("read", libc::EFBIG).into(), path));
        }
        bytes.extend_from_slice(&piece[..got]);
    }
}

/// A file that sendfile(2) can read, and its length.
pub fn regular(path: &Path) -> Result<(File, u64), Box<Halt>> {
    let failed = |call, error: &io::Error| about(CallError::io(call, error).into(), path);
    // Without O_NONBLOCK a named pipe would wait for its writer only to be refused.
    let opened = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let file = opened.map_err(|e| failed("open", &e))?;
    let facts = file.metadata().map_err(|e| failed("fstat", &e))?;
    if facts.is_dir() {
        return Err(about(CallError::errno("sendfile", libc::EISDIR).into(), path));
    }
    if !facts.is_file() {
        let found = Sentence::plain(path.display().to_string());
        let detail = Detail::NotA { wanted: untranslated!(phrase "a regular file"), found };
        return Err(CallError::new("sendfile", Code::Errno(libc::EINVAL), detail).into());
    }
    Ok((file, facts.len()))
}
