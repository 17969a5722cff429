//! The history file: what was typed in earlier sessions and is typed at other prompts, readable by its user only.
//!
//! It is rustyline's second form: `#V2`, then a text a line, with `\\` for a backslash and `\n` for a line end. A line
//! is added in one write while the file is locked, so that of prompts that run side by side none loses a line; before
//! each prompt what the others have added is read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

use super::desk::Desk;
use super::past;
use crate::driver::files::{self, io_words};
use crate::driver::output::complain;
use crate::text::literal;
use crate::text::secrets::hide;
use crate::words::{Lang, Sentence};

/// What the file begins with.
const HEAD: &str = "#V2\n";

/// Where the history is kept, if anywhere.
pub struct HistoryFile {
    path: Option<PathBuf>,
    /// So many bytes of it were read.
    read: u64,
    /// Of the notices about it.
    lang: Lang,
}

/// `$SOCKBOOK_HISTORY` (empty: none), else in the user's folder for state.
fn place() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("SOCKBOOK_HISTORY") {
        return (!given.is_empty()).then(|| PathBuf::from(given));
    }
    files::state("history")
}

impl HistoryFile {
    /// Reads what there is. One that cannot be kept is said once, and the session goes on without.
    pub fn open(desk: &Desk, lang: Lang) -> HistoryFile {
        let Some(path) = place() else { return HistoryFile { path: None, read: 0, lang } };
        let loaded = match load(desk, &path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => make_folder(&path).map(|()| 0),
            other => other,
        };
        match loaded {
            Ok(read) => HistoryFile { path: Some(path), read, lang },
            Err(e) => HistoryFile::without(&path, io_words(&e), lang),
        }
    }

    fn without(path: &Path, why: Sentence, lang: Lang) -> HistoryFile {
        let lost = say!(
            en "warning: the history is not kept: {path}: {why}",
            es "advertencia: el historial no se guarda: {path}: {why}",
            path = literal::one_line(&path.to_string_lossy()),
            why
        );
        complain(lost.show(lang));
        HistoryFile { path: None, read: 0, lang }
    }

    /// Adds a text, in memory and in the file.
    pub fn keep(&mut self, desk: &Desk, text: &str) {
        // A blank before it keeps a line out, as in a shell.
        if text.trim().is_empty() || text.starts_with(' ') {
            return;
        }
        self.refresh(desk);
        let text = literal::visible(text);
        if desk.state().past.add(&text)
            && let Some(path) = &self.path
        {
            match append(path, &text) {
                Ok(written) => self.read = written,
                Err(e) => *self = HistoryFile::without(path, io_words(&e), self.lang),
            }
        }
    }

    /// Reads what other prompts have added. One that cannot be read now may be so the next time.
    pub fn refresh(&mut self, desk: &Desk) {
        let Some(path) = &self.path else { return };
        let Ok(length) = std::fs::metadata(path).map(|m| m.len()) else { return };
        if length == self.read {
            return;
        }
        // A shorter file was written anew, with what is known here.
        if length > self.read
            && let Ok(bytes) = tail(path, self.read)
        {
            let text = String::from_utf8_lossy(&bytes);
            let mut state = desk.state();
            for line in text.lines().filter(|line| self.read > 0 || *line != HEAD.trim_end()) {
                state.past.add(&literal::visible(&decoded(line)));
            }
        }
        self.read = length;
    }
}

fn tail(path: &Path, from: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a text at the end; how long the file is then.
fn append(path: &Path, text: &str) -> io::Result<u64> {
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    let mut file = match Flock::lock(file, FlockArg::LockExclusive) {
        Ok(file) => file,
        Err((_, errno)) => return Err(errno.into()),
    };
    let before = file.metadata()?.len();
    let head = if before == 0 { HEAD } else { "" };
    if let Err(e) = file.write_all(format!("{head}{}\n", encoded(text)).as_bytes()) {
        // A full disk takes the beginning of a line, which the next one would go on.
        let _ = file.set_len(before);
        return Err(e);
    }
    Ok(file.metadata()?.len())
}

fn encoded(text: &str) -> String {
    hide(text).replace('\\', "\\\\").replace('\n', "\\n")
}

fn decoded(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match (c, rest.clone().next()) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('\\')) => out.push('\\'),
            _ => {
                out.push(c);
                continue;
            }
        }
        rest.next();
    }
    out
}

/// Reads the file, and mends it first where something else has spoilt it: bytes that are no text, and what a
/// terminal would obey, become escapes of quoted text. All other lines stay as they are. Its length.
fn load(desk: &Desk, path: &Path) -> io::Result<u64> {
    let bytes = std::fs::read(path)?;
    let text = match mended(&bytes) {
        Some(text) => text,
        None => text_of(&bytes),
    };
    let second = text.starts_with(HEAD);
    let lines = text.lines().skip(usize::from(second)).filter(|line| !line.is_empty());
    let entries: Vec<String> = match second {
        true => lines.map(decoded).collect(),
        false => lines.map(str::to_string).collect(),
    };
    let old = entries.len().saturating_sub(past::MOST);
    let mut length = text.len() as u64;
    // An older form, a spoilt file, or one that has grown to twice what is kept, is written anew.
    if text.as_bytes() != bytes || (!second && !text.is_empty()) || entries.len() > 2 * past::MOST {
        let kept: String = entries[old..].iter().map(|entry| encoded(entry) + "\n").collect();
        let text = format!("{HEAD}{kept}");
        files::write(path, &text)?;
        length = text.len() as u64;
    }
    let mut state = desk.state();
    entries[old..].iter().for_each(|entry| {
        state.past.add(entry);
    });
    Ok(length)
}

/// The history's text, if it is not fit to be read as it is.
fn mended(bytes: &[u8]) -> Option<String> {
    // The editor writes one line for each text: a backslash is doubled in its second form, which says so.
    let backslash = if bytes.starts_with(b"#V2\n") { "\\\\" } else { "\\" };
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                // Most of ten thousand lines; each other character is asked about by itself.
                '\n' | '\t' | ' '..='~' => out.push(c),
                c if literal::visible(c.encode_utf8(&mut [0; 4])).starts_with(c) => out.push(c),
                c => out.push_str(&literal::visible(&c.to_string()).replace('\\', backslash)),
            }
        }
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("{backslash}x{byte:02x}")));
    }
    (out.as_bytes() != bytes).then_some(out)
}

/// Is this file, once it is mended, text that a terminal may be shown, and the same when it is read again? For any bytes.
pub(in crate::driver) fn is_sound(bytes: &[u8]) -> bool {
    let text = mended(bytes).unwrap_or_else(|| text_of(bytes));
    let entries = text.lines().map(decoded);
    mended(text.as_bytes()).is_none() && entries.into_iter().all(|entry| decoded(&encoded(&entry)) == entry)
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_default()
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spoilt_history_is_mended_line_by_line() {
        for (bytes, want) in [
            (&b"#V2\nprint \\\\x\n\tcaf\xc3\xa9\n"[..], None),
            (b"#V2\nprint \"\x1b[31m\xff\"\nok\n", Some("#V2\nprint \"\\\\x1b[31m\\\\xff\"\nok\n")),
            (b"a\xc2\x9bb\n", Some("a\\u{9b}b\n")),
            (b"", None),
        ] {
            assert_eq!(mended(bytes).as_deref(), want);
        }
    }
}
