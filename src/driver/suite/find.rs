//! Which scripts a command line means.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use ignore::WalkBuilder;

use crate::driver::failure::failure;
use crate::driver::files;
use crate::words::Sentence;

/// The order of paths in one folder: nothing but the last name differs.
fn by_bytes(one: &Path, other: &Path) -> Ordering {
    one.as_os_str().cmp(other.as_os_str())
}

/// A script that was found.
pub struct Found {
    pub path: PathBuf,
    /// It was named itself, and not a folder above it.
    pub named: bool,
    /// It is a file like most: to read it does not wait.
    pub regular: bool,
}

/// Marks the failure of a search in which nothing is wrong: there only is no script that is meant.
#[derive(Debug)]
pub struct NoScript;

impl fmt::Display for NoScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no script")
    }
}

/// The files that were named, and the `.sock` files below the folders that were named, in order,
/// each once. Hidden and git-ignored ones are left out, as people expect.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    Ok(all(paths)?.into_iter().map(|found| found.path).collect())
}

/// As [`find`], and whether each was named itself.
pub fn all(paths: &[PathBuf]) -> Result<Vec<Found>> {
    let mut files: Vec<Found> = Vec::new();
    for path in paths {
        let metadata =
            std::fs::metadata(path).map_err(|e| failure(files::about(&path.display().to_string(), &e)))?;
        if metadata.is_dir() {
            let before = files.len();
            for found in below(path) {
                files.push(found?);
            }
            if files.len() == before {
                let why = say!(
                    en "{path}: no script (`*.sock`) in this folder",
                    es "{path}: no hay scripts (`*.sock`) en esta carpeta",
                    path = path.display()
                );
                // Beside others it is one that was named wrongly.
                return Err(if paths.len() == 1 { no_script(why) } else { failure(why) });
            }
        } else {
            files.push(Found { path: path.clone(), named: true, regular: metadata.is_file() });
        }
    }
    // Below one folder each is found once.
    if paths.len() > 1 {
        let mut seen = HashSet::with_capacity(files.len());
        let paths = files.iter().map(|f| f.path.strip_prefix(".").unwrap_or(&f.path));
        let new: Vec<bool> = paths.map(|path| seen.insert(path)).collect();
        let mut new = new.into_iter();
        files.retain(|_| new.next().unwrap_or(true));
    }
    Ok(files)
}

/// The `.sock` files below a folder, in order; an error for each entry that cannot be looked into.
pub fn below(folder: &Path) -> impl Iterator<Item = Result<Found>> {
    WalkBuilder::new(folder).sort_by_file_path(by_bytes).build().filter_map(move |entry| {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => return Some(Err(faulty(folder, e))),
        };
        let is_script = entry.path().extension().is_some_and(|e| e == "sock");
        // A link to a script is one, and one that leads nowhere is said to be when it is read; a
        // link to a folder could lead round in a circle.
        let kind = entry.file_type();
        let is_file = kind.is_some_and(|t| t.is_file())
            || (is_script && kind.is_some_and(|t| t.is_symlink()) && !entry.path().is_dir());
        if !is_script || !is_file {
            return None;
        }
        let path = entry.into_path();
        // `.` is where people stand: they do not say it.
        let path = match path.strip_prefix("./") {
            Ok(path) => path.to_path_buf(),
            Err(_) => path,
        };
        let regular = kind.is_some_and(|t| t.is_file()) || path.is_file();
        Some(Ok(Found { path, named: false, regular }))
    })
}

/// An entry that cannot be looked into, by its own path where that is known.
fn faulty(folder: &Path, error: ignore::Error) -> anyhow::Error {
    fn own(error: &ignore::Error) -> Option<&Path> {
        match error {
            ignore::Error::WithPath { path, .. } => Some(path),
            ignore::Error::WithDepth { err, .. } => own(err),
            _ => None,
        }
    }
    match error.io_error() {
        Some(io) => failure(files::about(&own(&error).unwrap_or(folder).display().to_string(), io)),
        None => error.into(),
    }
}

/// That there is no script, as the error that ends the program.
pub fn no_script(why: Sentence) -> anyhow::Error {
    failure(why).context(NoScript)
}
