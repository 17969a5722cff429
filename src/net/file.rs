//! Files that a command reads or writes: opened, read, written and closed through the door.
//!
//! A named pipe makes `open` and `write` wait as long as a socket does, and Ctrl-C and limits must hold.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::door::{About, Call, Caller, Owned, Returned};
use super::gate::Deadline;
use crate::value::errno::{Class, Code};
use crate::value::outcome::{CallError, Detail, Halt};
use crate::words::Sentence;

/// An open file.
pub type Opened = Owned<File>;

/// How many bytes one read(2) asks for.
const PIECE: usize = 64 << 10;

fn about(halt: Box<Halt>, path: &Path) -> Box<Halt> {
    let mut halt = halt;
    if let Halt::Error(error) = &mut *halt
        && error.detail == Detail::None
    {
        error.detail = Detail::File { path: path.display().to_string(), written: None };
    }
    halt
}

fn open(
    caller: &mut Caller,
    path: &Path,
    flags: i32,
    deadline: Option<Deadline>,
) -> Result<Opened, Box<Halt>> {
    let name = std::ffi::CString::new(path.as_os_str().as_bytes()).map_err(|_| {
        let found = Sentence::plain(path.display().to_string());
        CallError::class(
            Class::ValueError,
            Detail::NotA { wanted: phrase!(en "a path", es "una ruta"), found },
        )
    })?;
    let call = Call { name: "open", on: (), about: About::Open { path: path.into(), flags } };
    let opener = caller.opener();
    let opened = caller.call(call, deadline, |()| opener.open(path, &name, flags));
    let opened = opened.map_err(|halt| about(halt, path))?;
    Ok(Owned::new(File::from(opened), caller, false))
}

/// A file to write to: made if it is not there, and emptied unless it is appended to.
pub fn create(
    caller: &mut Caller,
    path: &Path,
    append: bool,
    deadline: Option<Deadline>,
) -> Result<Opened, Box<Halt>> {
    let how = if append { libc::O_APPEND } else { libc::O_TRUNC };
    open(caller, path, libc::O_WRONLY | libc::O_CREAT | how, deadline)
}

/// Writes all of it; the error comes with how many bytes were written before it.
pub fn write(
    caller: &mut Caller,
    file: &Opened,
    path: &Path,
    bytes: &[u8],
    deadline: Option<Deadline>,
) -> Result<(), (usize, Box<Halt>)> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let call =
            Call { name: "write", on: file, about: About::Write { data: rest.into(), length: rest.len() } };
        let written = caller.call(call, deadline, |()| {
            match (&**file).write(rest) {
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

/// Writes a file so that readers find the old text or the new one, never a part: into a file beside it, which then takes
/// its place. One that exists keeps its permissions, and a link to it stays a link.
pub fn replace(caller: &mut Caller, path: &Path, bytes: &[u8]) -> Result<(), Box<Halt>> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let call = Call { name: "stat", on: (), about: About::Path(target.as_path().into()) };
    let existing = caller.look(call, |()| std::fs::metadata(&target).map(Status)).ok();
    if existing.as_ref().is_some_and(|Status(facts)| !facts.is_file()) {
        let detail = Detail::NotA {
            wanted: phrase!(en "a regular file", es "un archivo normal"),
            found: Sentence::plain(path.display().to_string()),
        };
        return Err(CallError::new("open", Code::Errno(libc::EINVAL), detail).into());
    }
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}~", std::process::id()));
    let beside = target.with_file_name(name);
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL;
    // An error names the file that was asked for, not the temporary one.
    let file = open(caller, &beside, flags, None).map_err(|halt| named(halt, path))?;
    let written = write(caller, &file, path, bytes, None).map_err(|(_, halt)| halt).and_then(|()| {
        if let Some(Status(facts)) = existing {
            let mode = facts.permissions().mode() & 0o7777;
            let call = Call { name: "fchmod", on: &file, about: About::Permissions(mode) };
            caller.call(call, None, |()| (*file).set_permissions(facts.permissions()))?;
        }
        let about = About::Rename { from: beside.as_path().into(), to: target.as_path().into() };
        caller.call(Call { name: "rename", on: (), about }, None, |()| std::fs::rename(&beside, &target))
    });
    if written.is_err() {
        let call = Call { name: "unlink", on: (), about: About::Path(beside.as_path().into()) };
        let _ = caller.settle(call, |()| std::fs::remove_file(&beside));
    }
    written.map_err(|halt| named(halt, path))
}

/// The error is about this file.
fn named(mut halt: Box<Halt>, path: &Path) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt
        && matches!(error.detail, Detail::None | Detail::File { .. })
    {
        error.detail = Detail::File { path: path.display().to_string(), written: None };
    }
    halt
}

/// The whole of a file, but no more than `most` bytes: EFBIG.
pub fn read(
    caller: &mut Caller,
    path: &Path,
    most: usize,
    deadline: Option<Deadline>,
) -> Result<Vec<u8>, Box<Halt>> {
    let file = open(caller, path, libc::O_RDONLY, deadline)?;
    let mut bytes = Vec::new();
    let mut piece = vec![0; PIECE];
    loop {
        let call = Call { name: "read", on: &file, about: About::Read(PIECE) };
        let got = read_once(caller, call, &file, &mut piece, deadline).map_err(|halt| about(halt, path))?;
        if got == 0 {
            return Ok(bytes);
        }
        if bytes.len() + got > most || bytes.try_reserve(got).is_err() {
            return Err(about(CallError::errno("read", libc::EFBIG).into(), path));
        }
        bytes.extend_from_slice(&piece[..got]);
    }
}

fn read_once(
    caller: &mut Caller,
    call: Call<'_, &Opened>,
    file: &Opened,
    piece: &mut Vec<u8>,
    deadline: Option<Deadline>,
) -> Result<usize, Box<Halt>> {
    // The room goes into the call and comes back with what was read, so that observers can see it.
    let read = caller.call(call, deadline, |()| {
        let got = (&**file).read(piece)?;
        Ok(Filled { room: std::mem::take(piece), got })
    })?;
    *piece = read.room;
    Ok(read.got)
}

/// Room of which the first bytes were read.
struct Filled {
    room: Vec<u8>,
    got: usize,
}

impl Returned for Filled {
    fn returned(&self) -> i64 {
        self.got.returned()
    }

    fn data(&self) -> &[u8] {
        &self.room[..self.got]
    }
}

/// What fstat(2) says of a file.
struct Status(std::fs::Metadata);

impl Returned for Status {
    fn returned(&self) -> i64 {
        0
    }
}

/// A file that sendfile(2) can read, and its length.
pub fn regular(caller: &mut Caller, path: &Path) -> Result<(Opened, u64), Box<Halt>> {
    // Without O_NONBLOCK a named pipe would wait for its writer only to be refused.
    let file = open(caller, path, libc::O_RDONLY | libc::O_NONBLOCK, None)?;
    let call = Call { name: "fstat", on: &file, about: About::Plain };
    let Status(facts) =
        caller.call(call, None, |()| file.metadata().map(Status)).map_err(|halt| about(halt, path))?;
    if facts.is_dir() {
        return Err(about(CallError::errno("sendfile", libc::EISDIR).into(), path));
    }
    if !facts.is_file() {
        let found = Sentence::plain(path.display().to_string());
        let detail = Detail::NotA { wanted: phrase!(en "a regular file", es "un archivo normal"), found };
        return Err(CallError::new("sendfile", Code::Errno(libc::EINVAL), detail).into());
    }
    Ok((file, facts.len()))
}
