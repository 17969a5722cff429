//! The files that the program itself reads and writes: scripts and reports.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

use super::failure::Failure;
use crate::net::door::Caller;
use crate::net::file;
use crate::text::diagnostic::LONGEST_TEXT;
use crate::text::literal::one_line;
use crate::value::errno::Code;
use crate::value::outcome::Halt;
use crate::words::Sentence;

/// The bytes as a script's text, or what is wrong with them.
pub fn utf8(bytes: Vec<u8>, name: &str) -> Result<String, Sentence> {
    String::from_utf8(bytes).map_err(|e| not_utf8(&e, name))
}

fn not_utf8(e: &FromUtf8Error, name: &str) -> Sentence {
    let at = e.utf8_error().valid_up_to();
    let before = &e.as_bytes()[..at];
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let start = memchr::memrchr(b'\n', before).map_or(0, |n| n + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
    let byte = format!("0x{:02x}", e.as_bytes()[at]);
    say!(
        en "{name}:{line}:{column}: a script is UTF-8 text, and byte {byte} here is not",
        es "{name}:{line}:{column}: un script es texto UTF-8, y el byte {byte} de aquí no lo es",
        name,
        line,
        column,
        byte
    )
}

/// As [`read`], by calls of the session, which its trace shows and Ctrl-C ends: a pipe may never say anything.
pub fn read_by(caller: &mut Caller, path: &Path) -> Result<String, Sentence> {
    let name = one_line(&path.to_string_lossy());
    caller.guard().map_or(Ok(()), |guard| guard.policy().may_source(path))?;
    match caller.by_itself(|caller| file::read(caller, path, LONGEST_TEXT, None)) {
        Ok(bytes) => utf8(bytes, &name),
        Err(halt) => Err(match *halt {
            Halt::Error(error) if error.code == Code::Errno(libc::EISDIR) => directory(&name),
            Halt::Error(error) => {
                let words = error.code.words();
                let why = Sentence::of(|lang| words.show(lang).to_lowercase());
                say!(en "{name}: {why}", es "{name}: {why}", name, why)
            }
            _ => say!(en "{name}: interrupted", es "{name}: interrumpido", name),
        }),
    }
}

/// Reads a file as a script's text; nothing where there is none.
pub fn read_if_there(path: &Path) -> Result<Option<String>, Sentence> {
    match std::fs::metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        _ => read(path).map(Some),
    }
}

/// Reads a file as a script's text.
pub fn read(path: &Path) -> Result<String, Sentence> {
    read_below(LONGEST_TEXT, path)
}

/// As [`read`], of less than `limit` bytes: what has more, a device perhaps, is no text.
fn read_below(limit: usize, path: &Path) -> Result<String, Sentence> {
    let name = || one_line(&path.to_string_lossy());
    // Most scripts have room in this, so that their length need not be asked for.
    let mut bytes = Vec::with_capacity(4096);
    match File::open(path).and_then(|file| file.take(limit as u64).read_to_end(&mut bytes)) {
        Ok(length) if length == limit => Err(too_long(&name())),
        Ok(_) => {
            bytes.shrink_to_fit();
            String::from_utf8(bytes).map_err(|e| not_utf8(&e, &name()))
        }
        Err(e) => Err(cannot_read(path, &e)),
    }
}

/// The bytes of a regular file that a script may fill. Anything else is refused and not waited for: a pipe, a device.
pub fn regular(path: &Path) -> Result<Vec<u8>, Sentence> {
    let name = || one_line(&path.to_string_lossy());
    let wrong = |e: io::Error| cannot_read(path, &e);
    let check = |metadata: Metadata| {
        if metadata.is_dir() {
            return Err(directory(&name()));
        }
        if !metadata.is_file() {
            let name = name();
            return Err(
                say!(en "{name}: it is not a regular file", es "{name}: no es un archivo normal", name),
            );
        }
        if metadata.len() < LONGEST_TEXT as u64 { Ok(()) } else { Err(too_long(&name())) }
    };
    // To open a device may do something; and what is opened may be another file than the one that was there.
    check(std::fs::metadata(path).map_err(wrong)?)?;
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(wrong)?;
    check(file.metadata().map_err(wrong)?)?;
    let mut bytes = Vec::new();
    file.take(LONGEST_TEXT as u64).read_to_end(&mut bytes).map_err(wrong)?;
    if bytes.len() < LONGEST_TEXT { Ok(bytes) } else { Err(too_long(&name())) }
}

/// Why a file is no script.
fn cannot_read(path: &Path, error: &io::Error) -> Sentence {
    let name = one_line(&path.to_string_lossy());
    match error.kind() {
        io::ErrorKind::IsADirectory => directory(&name),
        _ => about(&name, error),
    }
}

fn directory(name: &str) -> Sentence {
    say!(
        en "{name}: this is a directory, and a script is a file",
        es "{name}: esto es un directorio, y un script es un archivo",
        name
    )
}

/// "no such file or directory": the system's words in lower case, without Rust's "(os error 2)" and
/// without the name of a temporary file.
pub fn io_words(error: &io::Error) -> Sentence {
    // tempfile keeps no number, only the text with it and with its file's name behind.
    let text = error.to_string();
    let kept = || text.split_once(" (os error ")?.1.split_once(')')?.0.parse().ok();
    if let Some(number) = error.raw_os_error().or_else(kept) {
        let words = Code::Errno(number).words();
        return Sentence::of(|lang| words.show(lang).to_lowercase());
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Failure>()) {
        Some(failure) => failure.0.clone(),
        None => Sentence::plain(text.to_lowercase()),
    }
}

/// "PATH: no such file or directory"
pub fn about(name: &str, error: &io::Error) -> Sentence {
    say!(en "{name}: {why}", es "{name}: {why}", name, why = io_words(error))
}

/// "cannot write PATH: permission denied"
pub fn cannot_write(name: &str, error: &io::Error) -> Sentence {
    say!(
        en "cannot write {name}: {why}",
        es "no se puede escribir {name}: {why}",
        name,
        why = io_words(error)
    )
}

/// A text that is longer than places in it can be counted.
pub fn too_long(name: &str) -> Sentence {
    say!(en "{name} is too long: 1 GiB or more", es "{name} es demasiado largo: 1 GiB o más", name)
}

/// Writes a file so that readers find the old text or the new one, never a part.
///
/// A new file gets the permissions that the umask leaves; one that exists keeps its own, and a link to it
/// stays a link. Only a regular file can be replaced: a device or a pipe is an error.
pub fn write(path: &Path, text: impl AsRef<[u8]>) -> io::Result<()> {
    let existing = std::fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|m| !m.is_file()) {
        let irregular = phrase!(en "it is not a regular file", es "no es un archivo normal");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, Failure(irregular.into())));
    }
    let target = target(path);
    let mut file = temporary(&target)?;
    file.write_all(text.as_ref())?;
    if let Some(existing) = existing {
        file.as_file().set_permissions(existing.permissions())?;
    }
    file.persist(&target)?;
    Ok(())
}

/// Writes a file that must not be there yet: readers find all of it or none, and where it cannot be written none is left.
pub fn create(path: &Path, text: &str) -> io::Result<()> {
    if std::fs::symlink_metadata(path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut file = temporary(path)?;
    file.write_all(text.as_bytes())?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// Writes to a device or a pipe, and any other file as [`write`] does.
pub fn write_or_send(path: &Path, text: impl AsRef<[u8]>) -> io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|m| !m.is_file()) {
        return OpenOptions::new().write(true).open(path)?.write_all(text.as_ref());
    }
    write(path, text)
}

/// Finds out whether [`write_or_send`] can write this file, and leaves it as it is.
pub fn probe(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(existing) if existing.is_dir() => return Err(io::Error::from_raw_os_error(libc::EISDIR)),
        // A pipe would wait for its reader; it is opened when there is something to read.
        Ok(existing) if !existing.is_file() => return Ok(()),
        Ok(_) => drop(OpenOptions::new().write(true).open(path)?),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(e),
    }
    temporary(&target(path)).map(drop)
}

/// The file itself, where the path is a link to it.
fn target(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// A file in the target's folder, from where it can be renamed to the target.
fn temporary(target: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The umask is taken from these.
    let usual = Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(".sockbook").permissions(usual).tempfile_in(folder)
}

/// A file in the user's folder for state, if there is one.
pub fn state(name: &str) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("sockbook").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).map_or(0, |m| m.permissions().mode() & 0o777)
    }

    #[test]
    fn a_file_is_written_whole_with_its_permissions_and_links() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a"), folder.path().join("link"));
        write(&file, "one").unwrap();
        let plain = folder.path().join("plain");
        std::fs::write(&plain, "").unwrap();
        assert_eq!(mode(&file), mode(&plain), "as any new file");
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(mode(&file), 0o600);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "no temporary file is left");
    }

    #[test]
    fn only_a_regular_file_is_opened_for_an_editor() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for path in [&pipe, Path::new("/dev/zero"), Path::new("/dev/stdin")] {
            // Standard input of a test may be a file.
            let answer = regular(path).map_err(|why| why.english());
            assert!(answer.is_ok() == path.is_file(), "{answer:?}");
        }
        let long = folder.path().join("long");
        File::create(&long).unwrap().set_len(LONGEST_TEXT as u64).unwrap();
        assert!(regular(&long).unwrap_err().english().ends_with("is too long: 1 GiB or more"));
        std::fs::write(&long, "print").unwrap();
        assert_eq!(regular(&long).unwrap(), b"print");
        assert!(regular(folder.path()).unwrap_err().english().contains("directory"));
    }

    #[test]
    fn what_does_not_end_is_no_script() {
        let refused = |path: &str| read_below(5, Path::new(path)).unwrap_err().english();
        assert_eq!(refused("/dev/zero"), "/dev/zero is too long: 1 GiB or more");
        let file = tempfile::NamedTempFile::new().unwrap();
        for (text, fits) in [("", true), ("1234", true), ("12345", false), ("123456", false)] {
            std::fs::write(file.path(), text).unwrap();
            assert_eq!(read_below(5, file.path()).is_ok_and(|read| read == text), fits, "{text}");
        }
    }

    #[test]
    fn errors_have_the_words_of_the_system() {
        let folder = tempfile::tempdir().unwrap();
        let lost = folder.path().join("no/such");
        for error in
            [write(&lost, "").unwrap_err(), probe(&lost).unwrap_err(), File::open(&lost).unwrap_err()]
        {
            assert_eq!(io_words(&error).english(), "no such file or directory");
        }
        assert_eq!(
            io_words(&write(Path::new("/dev/null"), "").unwrap_err()).english(),
            "it is not a regular file"
        );
        assert_eq!(io_words(&probe(folder.path()).unwrap_err()).english(), "is a directory");
        assert!(
            read(folder.path())
                .unwrap_err()
                .english()
                .ends_with("this is a directory, and a script is a file")
        );
    }
}
