//! Which scripts failed last time, for `--failed`: a file for each folder that tests were run in, in the user's cache.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::case::{Case, Ran, Verdict};
use super::choose::whole;
use crate::driver::files;

/// Where the record of the current folder is, if there can be one.
fn place() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    let here = std::env::current_dir().ok()?;
    let name: String = whole(&here)
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(*b).to_string(),
            other => format!("%{other:02x}"),
        })
        .collect();
    // A name has 255 bytes; the end of a path tells most.
    let start = name.len().saturating_sub(200);
    Some(cache.join("sockbook").join("failed").join(&name[start..]))
}

/// The whole paths of the scripts that failed when they last ran in this folder.
pub fn read() -> HashSet<PathBuf> {
    let text = place().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    text.lines().filter(|line| !line.is_empty()).map(PathBuf::from).collect()
}

/// Takes in what a run found; what it did not run stays as it was. What cannot be written is lost: it is a convenience.
pub fn keep(ran: &Ran) {
    let Some(place) = place() else { return };
    let old: BTreeSet<PathBuf> = read().into_iter().collect();
    let mut new = old.clone();
    // A fixture is no script to choose: those below it are, whether it failed before them or behind them.
    let fixtures: Vec<PathBuf> = ran
        .cases
        .iter()
        .filter(|case| case.is_fixture && case.verdict().is_bad())
        .filter_map(|case| Some(whole(&case.path).parent()?.to_path_buf()))
        .collect();
    let is_below = |case: &Case| fixtures.iter().any(|folder| whole(&case.path).starts_with(folder));
    let is_denied = |case: &Case| ran.deny_skips && case.has_skips();
    for case in ran.cases.iter().filter(|case| !case.is_fixture) {
        match case.verdict() {
            verdict if verdict.is_bad() || is_below(case) || is_denied(case) => {
                new.insert(whole(&case.path));
            }
            Verdict::NotRun | Verdict::Skipped(_) => {}
            // Most runs have nothing to forget.
            _ if new.is_empty() => {}
            _ => {
                new.remove(&whole(&case.path));
            }
        }
    }
    if new == old {
        return;
    }
    let is_line = |path: &&PathBuf| path.to_str().is_some_and(|text| !text.contains('\n'));
    let lines: String = new.iter().filter(is_line).map(|path| format!("{}\n", path.display())).collect();
    let folder = place.parent().unwrap_or(Path::new("."));
    let _ = std::fs::create_dir_all(folder).and_then(|()| files::write(&place, &lines));
}
