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

/// The packets of a capture (pcapng): its headers of IP and what follows them, with the comment of each, if it has one.
pub fn packets(capture: &[u8]) -> Vec<(Vec<u8>, String)> {
    let word = |at: usize| u32::from_le_bytes(capture[at..at + 4].try_into().unwrap());
    let mut found = Vec::new();
    let mut at = 0;
    while at < capture.len() {
        let length = word(at + 4) as usize;
        assert_eq!(word(at + length - 4) as usize, length, "a block's two lengths");
        if word(at) == 6 {
            let size = word(at + 20) as usize;
            let bytes = capture[at + 28..at + 28 + size].to_vec();
            let option = at + 28 + size.next_multiple_of(4);
            let head = word(option);
            let has_comment = option < at + length - 4 && head & 0xffff == 1;
            let comment =
                if has_comment { &capture[option + 4..option + 4 + (head >> 16) as usize] } else { &[] };
            found.push((bytes, String::from_utf8_lossy(comment).into_owned()));
        }
        at += length;
    }
    found
}
