//! What several tests share: the files of a folder, and whether a tool may be missing.

#![allow(dead_code)]

use std::path::{Path, PathBuf};

/// All files below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The scripts (`*.sock`) below a folder, in order.
pub fn scripts(folder: &Path) -> Vec<PathBuf> {
    let is_script = |path: &PathBuf| path.extension().is_some_and(|e| e == "sock");
    files(folder).into_iter().filter(is_script).collect()
}

/// Does SOCKBOOK_CI name this tool as installed? A test must fail then where the tool does not work.
///
/// Tests say so with `#[cfg_attr(without = "strace", ignore = "strace is missing")]`, which src/build.rs
/// decides by the same rule; this is for those that decide as they run.
pub fn is_required(tool: &str) -> bool {
    let named = std::env::var("SOCKBOOK_CI").unwrap_or_default();
    named.split_whitespace().any(|name| name == tool)
}
