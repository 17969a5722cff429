//! The texts as the editor has them, and the files beside them.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use super::document::Document;
use super::unit::{Unit, Want, whole};
use crate::driver::failure;
use crate::driver::files;
use crate::driver::suite;
use crate::engine::straight;
use crate::text::forms::SOURCE;
use crate::text::literal::one_line;
use crate::value::encoding::Encoding;
use crate::words::{Lang, Sentence};

/// A text that the editor has open.
pub struct Open {
    /// Its path; for a text that has none, its address.
    pub file: String,
    pub document: Document,
    pub version: Json,
    /// The files that it sourced when it was last read, and its fixtures.
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

/// The scripts of the project, as far as they can be read.
pub struct Project {
    pub units: Vec<Unit>,
    /// Why others could not be read.
    pub missing: Vec<Sentence>,
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
        if let Some((_, open)) = self.of_file(&whole(path)) {
            return Ok(open.document.text.clone());
        }
        // A pipe or a device that a script names would be waited for, and `/dev/stdin` is the editor's.
        files::utf8(files::regular(path)?, &one_line(&path.to_string_lossy()))
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
    pub fn project(&self) -> Project {
        let mut project = Project { units: Vec::new(), missing: Vec::new() };
        for open in self.open.values() {
            project.units.push(self.unit(open, Want::Names));
        }
        // An editor that was given a file knows no folder of a project.
        let parent = |open: &Open| Path::new(&open.file).parent().map(Path::to_path_buf);
        let beside = || self.open.values().filter_map(parent).collect();
        let mut roots: Vec<PathBuf> = if self.roots.is_empty() { beside() } else { self.roots.clone() };
        roots.retain(|root| root.is_absolute());
        let mut seen = HashSet::new();
        for found in roots.iter().flat_map(|root| suite::below(root)) {
            let path = match found {
                Ok(found) if found.regular => found.path,
                Ok(_) => continue,
                Err(why) => {
                    project.missing.push(failure::sentence(&why));
                    continue;
                }
            };
            if self.of_file(&path).is_some() || !seen.insert(path.clone()) {
                continue;
            }
            let bytes = match files::regular(&path) {
                Ok(bytes) => bytes,
                Err(why) => {
                    project.missing.push(why);
                    continue;
                }
            };
            if SOURCE.find(&bytes).is_none() {
                continue;
            }
            // What is no text is no script, and sources nothing.
            if let (Some(file), Ok(text)) = (path.to_str(), String::from_utf8(bytes)) {
                project.units.push(self.read(file, &text, Want::Names));
            }
        }
        project
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
