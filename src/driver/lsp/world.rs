//! The texts as the editor has them, and the files beside them.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use super::document::Document;
use super::unit::{Unit, Want};
use crate::driver::files;
use crate::driver::suite;
use crate::engine::straight;
use crate::text::literal::one_line;
use crate::value::encoding::Encoding;
use crate::words::{Lang, Sentence};

/// A text that the editor has open.
pub struct Open {
    /// Its path; for a text that has none, its address.
    pub file: String,
    pub document: Document,
    pub version: Json,
    /// The files that it sourced when it was last read.
    pub files: Vec<PathBuf>,
}

/// All that is open.
#[derive(Default)]
pub struct World {
    /// By address, as the editor writes it.
    pub open: HashMap<String, Open>,
    /// The folders of the project.
    pub roots: Vec<PathBuf>,
    pub lang: Lang,
}

/// The path of a `file:` address.
pub fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    // Before the path a host may stand.
    let path = &rest[rest.find('/')?..];
    let bytes = Encoding::Url.decode(path.as_bytes()).ok()?;
    Some(straight(Path::new(OsStr::from_bytes(&bytes))))
}

/// The address of a file.
fn uri_of(file: &str) -> String {
    let encoded = |part: &str| {
        let bytes = Encoding::Url.encode(part.as_bytes()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    format!("file://{}", file.split('/').map(encoded).collect::<Vec<_>>().join("/"))
}

impl World {
    /// Takes in a text that the editor has opened.
    pub fn open(&mut self, uri: &str, text: &str, version: Json) {
        let file = path_of(uri).and_then(|path| path.into_os_string().into_string().ok());
        let file = file.unwrap_or_else(|| uri.to_string());
        let open = Open { file, document: Document::new(text), version, files: Vec::new() };
        self.open.insert(uri.to_string(), open);
    }

    /// The open text of a file.
    fn of_file(&self, file: &Path) -> Option<(&String, &Open)> {
        self.open.iter().find(|(_, open)| Path::new(&open.file) == file)
    }

    /// The address of a file, as the editor writes it where it has it open.
    pub fn uri(&self, file: &str) -> String {
        self.of_file(Path::new(file)).map_or_else(|| uri_of(file), |(uri, _)| uri.clone())
    }

    /// The text of a file: what is typed counts before what is saved.
    pub fn text(&self, path: &Path) -> Result<String, Sentence> {
        if let Some((_, open)) = self.of_file(path) {
            return Ok(open.document.text.clone());
        }
        // A pipe or a device that a script names would be waited for, and `/dev/stdin` is the editor's.
        if std::fs::metadata(path).is_ok_and(|known| !known.is_file() && !known.is_dir()) {
            let name = one_line(&path.to_string_lossy());
            return Err(
                say!(en "{name}: it is not a regular file", es "{name}: no es un archivo normal", name),
            );
        }
        files::read(path)
    }

    /// Reads a text of this file.
    pub fn read(&self, file: &str, text: &str, want: Want) -> Unit {
        Unit::read(file, text, want, &|path| self.text(path))
    }

    /// Reads an open text.
    pub fn unit(&self, open: &Open, want: Want) -> Unit {
        self.read(&open.file, &open.document.text, want)
    }

    /// Every script of the project, read with its names, that sources a file or is one of the open ones.
    pub fn units(&self) -> Vec<Unit> {
        let mut paths: Vec<PathBuf> = self.open.values().map(|open| PathBuf::from(&open.file)).collect();
        // An editor that was given a file knows no folder of a project.
        let beside: Vec<PathBuf> =
            paths.iter().filter_map(|path| path.parent().map(Path::to_path_buf)).collect();
        let roots = if self.roots.is_empty() { &beside } else { &self.roots };
        // A folder without scripts is none of the project's.
        let found = roots
            .iter()
            .filter(|root| root.is_absolute())
            .flat_map(|root| suite::find(std::slice::from_ref(root)).unwrap_or_default());
        paths.extend(found.filter(|path| self.of_file(path).is_none()));
        let mut units = Vec::new();
        for path in paths {
            let (Some(file), Ok(text)) = (path.to_str(), self.text(&path)) else { continue };
            if self.of_file(&path).is_some() || memchr::memmem::find(text.as_bytes(), b"source").is_some() {
                units.push(self.read(file, &text, Want::Names));
            }
        }
        units
    }

    /// The text that a unit read of one of its files.
    pub fn text_in(&self, unit: &Unit, file: &str) -> Option<Arc<String>> {
        unit.sources.files().iter().find(|source| &*source.name == file).map(|source| source.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_paths() {
        for (uri, path) in [
            ("file:///a/b.sock", Some("/a/b.sock")),
            ("file:///a%20b/%C3%B1.sock", Some("/a b/ñ.sock")),
            ("file://localhost/a/../b.sock", Some("/b.sock")),
            ("untitled:Untitled-1", None),
            ("file://", None),
            ("file:///%4", None),
        ] {
            assert_eq!(path_of(uri).as_deref(), path.map(Path::new), "{uri}");
        }
        assert_eq!(uri_of("/a b/ñ.sock"), "file:///a%20b/%C3%B1.sock");
    }
}
