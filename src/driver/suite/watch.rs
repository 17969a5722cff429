//! `sockbook test --watch`: after each round it waits for a change of the scripts, or of what they are made of, and
//! runs again those that it is about, the failing ones first.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use ignore::WalkBuilder;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use super::case::{Ran, Verdict};
use super::choose::{Choice, Chosen, Script, choose, whole};
use super::{Round, TestArguments, once, record};
use crate::driver::config;
use crate::driver::failure::{failure, shown};
use crate::driver::files::{self, io_words};
use crate::driver::fixture::CONFIG;
use crate::driver::output::complain;
use crate::engine::{sourced, straight};
use crate::net::gate::{Gate, asked_to_end, main_gate};
use crate::text::diagnostic::Sources;
use crate::text::literal::one_line;
use crate::words::{Lang, Phrase};

/// What happens in a folder that may be a change of a script: a file is written and closed, comes, or goes.
const CHANGES: AddWatchFlags = AddWatchFlags::IN_CLOSE_WRITE
    .union(AddWatchFlags::IN_CREATE)
    .union(AddWatchFlags::IN_DELETE)
    .union(AddWatchFlags::IN_MOVE)
    .union(AddWatchFlags::IN_ATTRIB);
/// A change is over when nothing has come for so long: an editor, or git, does several things.
const QUIET: Duration = Duration::from_millis(40);
/// How often it is waited for that: something may never be quiet.
const PATIENCE: usize = 25;
/// So many names are told of what has changed.
const TOLD: usize = 5;

const WAITS: Phrase =
    phrase!(en "waiting for a change; Ctrl-C ends it", es "esperando un cambio; Ctrl-C lo termina");

/// A file as it stood: when it was written, its length, its number. None where it is not there.
type Stamp = Option<(i64, i64, u64, u64)>;

/// Each script, and the files that it is made of.
type Seen = BTreeMap<PathBuf, BTreeMap<PathBuf, Stamp>>;

/// Runs, waits, and runs again, until a signal ends it: the exit code.
pub fn main(arguments: &TestArguments, lang: Lang) -> Result<i32> {
    let gate = main_gate();
    let no_watch = |e: Errno| {
        let why = io_words(&e.into());
        failure(say!(
            en "changes cannot be watched for: {why}",
            es "no se pueden vigilar los cambios: {why}",
            why
        ))
    };
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).map_err(no_watch)?;
    let mut seen = look(arguments, &inotify).map_err(no_watch)?;
    let mut round = Round { first: record::read(), ..Round::default() };
    // What the command line has wrong is not made good by a change of a script.
    let mut done = Some(once(arguments.clone(), &round, lang)?);
    loop {
        let mut due = HashSet::new();
        if let Some(done) = done {
            if let Some((signal, _)) = asked_to_end() {
                return Ok(128 + signal);
            }
            note(&done.ran, &mut round.first);
            due = not_run(&done.ran);
            let mut console = done.console;
            console.line("");
            console.line(WAITS.show(lang));
            console.flush();
            // The reader of standard output is gone.
            if console.is_lost() {
                return Ok(console.exit_code(done.code));
            }
        }
        let (changed, mut only) = loop {
            settle(&inotify);
            let now = look(arguments, &inotify).map_err(no_watch)?;
            let (changed, only) = difference(&seen, &now);
            seen = now;
            if !only.is_empty() {
                break (changed, only);
            }
            if let Some(signal) = wait(&gate, &inotify) {
                return Ok(128 + signal);
            }
        };
        only.extend(due);
        round.told = Some(told(&changed, lang));
        round.only = Some(only);
        done = match once(arguments.clone(), &round, lang) {
            Ok(done) => Some(done),
            Err(error) => {
                complain(format_args!("error: {}\n\n{}", shown(&error, lang), WAITS.show(lang)));
                None
            }
        };
    }
}

/// Takes in which scripts fail now.
fn note(ran: &Ran, failing: &mut HashSet<PathBuf>) {
    for case in ran.cases.iter().filter(|case| !case.is_fixture) {
        match case.verdict() {
            Verdict::NotRun => {}
            verdict if verdict.is_bad() => {
                failing.insert(whole(&case.path));
            }
            _ => {
                failing.remove(&whole(&case.path));
            }
        }
    }
}

/// Those that `--fail-fast` left out: they come next time.
fn not_run(ran: &Ran) -> HashSet<PathBuf> {
    let left = |case: &&super::case::Case| *case.verdict() == Verdict::NotRun && case.told.why.is_none();
    ran.cases.iter().filter(left).map(|case| whole(&case.path)).collect()
}

/// What stands there now. The folders are watched before their files are looked at: no change is lost between.
fn look(arguments: &TestArguments, inotify: &Inotify) -> Result<Seen, Errno> {
    let mut folders = BTreeSet::new();
    for path in &arguments.paths {
        if path.is_dir() {
            let below = WalkBuilder::new(path).build().filter_map(|entry| entry.ok());
            let is_folder = |entry: &ignore::DirEntry| entry.file_type().is_some_and(|t| t.is_dir());
            folders.extend(below.filter(is_folder).map(|entry| whole(entry.path())));
        } else {
            folders.extend(folder_of(path));
        }
    }
    for folder in &folders {
        watch(inotify, folder)?;
    }
    let choice = Choice { filters: arguments.filters.clone(), ..Choice::default() };
    // What is wrong with the scripts is said when they are run.
    let chosen = choose(&arguments.paths, &choice).unwrap_or_default();
    let config = config::find().map(|config| config.folder).unwrap_or_default();
    let config = std::path::absolute(config.join(CONFIG)).unwrap_or_default();
    let mut seen = Seen::new();
    // Each is looked at once: a change that comes meanwhile is one of all scripts, or of none.
    let mut known: HashMap<PathBuf, Stamp> = HashMap::new();
    for script in &chosen.scripts {
        let mut parts = BTreeSet::from([config.clone()]);
        gather(script, &chosen, &mut parts);
        let mut stamps = BTreeMap::new();
        for part in parts {
            if let Some(folder) = folder_of(&part).filter(|folder| !folders.contains(folder)) {
                watch(inotify, &folder)?;
                folders.insert(folder);
            }
            let stamp = *known.entry(part.clone()).or_insert_with(|| stamp(&part));
            stamps.insert(part, stamp);
        }
        seen.insert(whole(&script.path), stamps);
    }
    Ok(seen)
}

/// The files that a script is made of: its own, those that it reads in, its fixtures and theirs.
fn gather(script: &Script, chosen: &Chosen, parts: &mut BTreeSet<PathBuf>) {
    let fixtures = chosen.fixtures.chain(script.fixture).map(|at| &chosen.fixtures.all[at].path);
    let mut left: Vec<PathBuf> = fixtures.chain([&script.path]).cloned().collect();
    while let Some(path) = left.pop() {
        let path = straight(&std::path::absolute(&path).unwrap_or(path));
        // A pipe is not read twice.
        let text = if path.is_file() { files::read(&path).ok() } else { None };
        if !parts.insert(path.clone()) {
            continue;
        }
        let mut sources = Sources::default();
        if let Some(text) = text.filter(|text| sources.fits(text.len())) {
            let folder = path.parent().unwrap_or(Path::new(""));
            left.extend(sourced(&sources.add("", text)).iter().map(|name| folder.join(name)));
        }
    }
}

fn folder_of(path: &Path) -> Option<PathBuf> {
    std::path::absolute(path).ok()?.parent().map(whole)
}

fn watch(inotify: &Inotify, folder: &Path) -> Result<(), Errno> {
    match inotify.add_watch(folder, CHANGES) {
        // It has gone, or may not be read; what is wrong with it is said when it is run.
        Ok(_) | Err(Errno::ENOENT | Errno::EACCES | Errno::ENOTDIR) => Ok(()),
        Err(e) => Err(e),
    }
}

fn stamp(path: &Path) -> Stamp {
    let file = std::fs::metadata(path).ok()?;
    Some((file.mtime(), file.mtime_nsec(), file.len(), file.ino()))
}

/// The files that have changed, and the scripts that are to run again.
fn difference(old: &Seen, new: &Seen) -> (BTreeSet<PathBuf>, HashSet<PathBuf>) {
    let (mut changed, mut only) = (BTreeSet::new(), HashSet::new());
    for (script, parts) in new {
        let before = old.get(script);
        if before == Some(parts) {
            continue;
        }
        only.insert(script.clone());
        // One that is new is told by its own name alone.
        let Some(before) = before else {
            changed.insert(script.clone());
            continue;
        };
        let is_new = |(path, stamp): &(&PathBuf, &Stamp)| before.get(*path) != Some(*stamp);
        changed.extend(parts.iter().filter(is_new).map(|(path, _)| path.clone()));
        changed.extend(before.keys().filter(|path| !parts.contains_key(*path)).cloned());
    }
    (changed, only)
}

fn told(changed: &BTreeSet<PathBuf>, lang: Lang) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let name = |path: &PathBuf| one_line(&path.strip_prefix(&here).unwrap_or(path).to_string_lossy());
    let mut names: Vec<String> = changed.iter().take(TOLD).map(name).collect();
    if changed.len() > TOLD {
        names.push("…".into());
    }
    let names = names.join(", ");
    say!(en "changed: {names}", es "cambió: {names}", names).show(lang).to_string()
}

fn ready(inotify: &Inotify, time: PollTimeout) -> io::Result<bool> {
    let mut fds = [PollFd::new(inotify.as_fd(), PollFlags::POLLIN)];
    Ok(poll(&mut fds, time)? > 0)
}

/// Waits until something happens in the folders, or a signal comes: which.
fn wait(gate: &Gate, inotify: &Inotify) -> Option<i32> {
    // What is wrong with the wait itself is found again by the next look.
    let _ = gate.blocking(None, "poll", 0, || ready(inotify, PollTimeout::NONE));
    asked_to_end().map(|(signal, _)| signal)
}

/// Waits until nothing more happens there.
fn settle(inotify: &Inotify) {
    let quiet = PollTimeout::try_from(QUIET).unwrap_or(PollTimeout::ZERO);
    for _ in 0..PATIENCE {
        while inotify.read_events().is_ok_and(|events| !events.is_empty()) {}
        if !ready(inotify, quiet).unwrap_or(false) {
            break;
        }
    }
}
