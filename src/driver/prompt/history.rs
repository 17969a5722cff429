//! The history file: what was typed in earlier sessions, for nobody else's eyes.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Editor, Helper};

/// Where the history is kept, if anywhere.
pub struct HistoryFile(Option<PathBuf>);

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
    pub fn open<H: Helper>(editor: &mut Editor<H, DefaultHistory>) -> HistoryFile {
        let Some(path) = place() else { return HistoryFile(None) };
        let loaded = match editor.load_history(&path) {
            Err(e) if is_missing(&e) => make_folder(&path).map_err(|e| e.to_string()),
            other => other.map_err(|e| e.to_string()),
        };
        match loaded {
            Ok(()) => HistoryFile(Some(path)),
            Err(why) => HistoryFile::without(&path, &why),
        }
    }

    fn without(path: &Path, why: &str) -> HistoryFile {
        let path = crate::text::literal::one_line(&path.to_string_lossy());
        eprintln!("warning: the history is not kept: {path}: {}", why.to_lowercase());
        HistoryFile(None)
    }

    /// Adds a text, in memory and in the file.
    pub fn keep<H: Helper>(&mut self, editor: &mut Editor<H, DefaultHistory>, text: &str) {
        let added = editor.add_history_entry(text).unwrap_or(false);
        if let (true, Some(path)) = (added, &self.0)
            && let Err(e) = editor.append_history(path)
        {
            *self = HistoryFile::without(path, &e.to_string());
        }
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
