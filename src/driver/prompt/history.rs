//! The history file: what was typed in earlier sessions, readable by its user only.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Editor, Helper};

use crate::driver::files::{self, io_words};
use crate::driver::output::complain;
use crate::text::literal;
use crate::words::{Lang, Sentence};

/// Where the history is kept, if anywhere.
pub struct HistoryFile {
    path: Option<PathBuf>,
    /// Of the notices about it.
    lang: Lang,
}

/// `$SOCKBOOK_HISTORY` (empty: none), else in the user's folder for state.
fn place() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("SOCKBOOK_HISTORY") {
        return (!given.is_empty()).then(|| PathBuf::from(given));
    }
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("sockbook/history"))
}

impl HistoryFile {
    /// Reads what there is. One that cannot be kept is said once, and the session goes on without.
    pub fn open<H: Helper>(editor: &mut Editor<H, DefaultHistory>, lang: Lang) -> HistoryFile {
        let Some(path) = place() else { return HistoryFile { path: None, lang } };
        let loaded = match load(editor, &path) {
            Err(e) if is_missing(&e) => make_folder(&path).map_err(|e| io_words(&e)),
            other => other.map_err(|e| words(&e)),
        };
        match loaded {
            Ok(()) => HistoryFile { path: Some(path), lang },
            Err(why) => HistoryFile::without(&path, why, lang),
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
        HistoryFile { path: None, lang }
    }

    /// Adds a text, in memory and in the file.
    pub fn keep<H: Helper>(&mut self, editor: &mut Editor<H, DefaultHistory>, text: &str) {
        let added = editor.add_history_entry(literal::visible(text)).unwrap_or(false);
        if let (true, Some(path)) = (added, &self.path)
            && let Err(e) = editor.append_history(path)
        {
            *self = HistoryFile::without(path, words(&e), self.lang);
        }
    }
}

/// Reads the file, and mends it first where something else has spoilt it: bytes that are no text, and what a
/// terminal would obey, become escapes of quoted text. All other lines stay as they are.
fn load<H: Helper>(editor: &mut Editor<H, DefaultHistory>, path: &Path) -> Result<(), ReadlineError> {
    let bytes = std::fs::read(path).map_err(ReadlineError::Io)?;
    if let Some(text) = mended(&bytes) {
        files::write(path, &text).map_err(ReadlineError::Io)?;
    }
    editor.load_history(path)
}

/// The history's text, if it is not fit to be read as it is.
fn mended(bytes: &[u8]) -> Option<String> {
    // The editor writes one line for each text: a backslash is doubled in its second form, which says so.
    let backslash = if bytes.starts_with(b"#V2\n") { "\\\\" } else { "\\" };
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' | '\t' => out.push(c),
                c if literal::visible(c.encode_utf8(&mut [0; 4])).starts_with(c) => out.push(c),
                c => out.push_str(&literal::visible(&c.to_string()).replace('\\', backslash)),
            }
        }
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("{backslash}x{byte:02x}")));
    }
    (out.as_bytes() != bytes).then_some(out)
}

/// What went wrong with the file, as the system says it.
fn words(e: &ReadlineError) -> Sentence {
    match e {
        ReadlineError::Io(e) => io_words(e),
        ReadlineError::Errno(errno) => io_words(&io::Error::from(*errno)),
        other => Sentence::plain(other.to_string().to_lowercase()),
    }
}

fn is_missing(e: &ReadlineError) -> bool {
    matches!(e, ReadlineError::Io(e) if e.kind() == io::ErrorKind::NotFound)
        || matches!(e, ReadlineError::Errno(nix::errno::Errno::ENOENT))
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
