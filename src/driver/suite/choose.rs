//! Which scripts are tests of this run, read before any of them runs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;

use super::filter::Filter;
use super::find::{self, Found};
use super::shard::Shard;
use crate::driver::failure::failure;
use crate::driver::files;
use crate::driver::fixture::Fixtures;
use crate::engine::{FIXTURE, Head, sourced, straight};
use crate::text::diagnostic::Sources;
use crate::text::forms::{SOURCE, TEST, holds};
use crate::words::Sentence;

/// A script that is a test.
#[derive(Debug)]
pub struct Script {
    pub path: PathBuf,
    /// What it says, or why it could not be read; none where it is to be read in its turn, because that may wait.
    pub text: Option<Result<Arc<String>, Sentence>>,
    /// What its `test` lines say.
    pub head: Head,
    /// Its place among all scripts that were found.
    pub order: usize,
    /// The innermost of its fixtures.
    pub fixture: Option<usize>,
    /// It was named itself on the command line.
    named: bool,
    /// It is a file like most: to read it does not wait.
    regular: bool,
    /// The files that it reads in.
    sources: Vec<PathBuf>,
}

impl Script {
    /// One that is not read yet.
    fn new(found: Found) -> Script {
        let Found { path, named, regular } = found;
        let (head, sources) = (Head::default(), Vec::new());
        Script { path, text: None, head, order: 0, fixture: None, named, regular, sources }
    }

    /// Reads what it says, unless that may wait.
    fn read(&mut self) {
        if !self.regular || self.text.is_some() {
            return;
        }
        let text = files::read(&self.path).map(Arc::new);
        if let Ok(text) = &text {
            // Most have neither word in them.
            let mut read = Sources::default();
            if (holds(text, &TEST) || holds(text, &SOURCE)) && read.fits(text.len()) {
                let own = read.share("", text.clone());
                self.head = Head::of(&own);
                self.sources = files_of(&self.path, sourced(&own));
            }
        }
        self.text = Some(text);
    }
}

/// What leaves some of the scripts that were found out.
#[derive(Default)]
pub struct Choice {
    pub filters: Vec<Filter>,
    pub shard: Option<Shard>,
    /// Only these, by their whole paths: those that failed last time, or that a change is about.
    pub only: Option<HashSet<PathBuf>>,
}

/// The scripts and their fixtures.
#[derive(Default)]
pub struct Chosen {
    pub scripts: Vec<Script>,
    /// How many they are with those of the other shards.
    pub whole: usize,
    pub fixtures: Fixtures,
}

/// Finds the scripts below the paths, reads them, and leaves out what is not meant.
pub fn choose(paths: &[PathBuf], choice: &Choice) -> Result<Chosen> {
    let mut found = find::all(paths)?;
    found.retain(|f| f.named || !is_apart(&f.path));
    let mut fixtures = Fixtures::default();
    let mut scripts: Vec<Script> = found.into_iter().map(Script::new).collect();
    read_all(&mut scripts);
    for script in &mut scripts {
        script.fixture = fixtures.of(&script.path);
        // One that is named itself is a test below those above it.
        script.fixture = script.fixture.and_then(|at| match script.path.file_name() {
            Some(name) if name == FIXTURE => fixtures.all[at].parent,
            _ => Some(at),
        });
    }
    leave_libraries_out(&mut scripts, &fixtures);
    if scripts.is_empty() {
        let path = paths.first().map(|p| p.display().to_string()).unwrap_or_default();
        return Err(find::no_script(say!(
            en "{path}: no script here is a test (`_*.sock`, `fixture.sock` and files that others source are none)",
            es "{path}: ningún script es una prueba aquí (`_*.sock`, `fixture.sock` y los archivos que otros leen con `source` no lo son)",
            path
        )));
    }
    for (at, script) in scripts.iter_mut().enumerate() {
        script.order = at;
    }
    let holds = |script: &Script, filter: &Filter| {
        let title = script.head.title.as_deref().unwrap_or("");
        filter.holds(&script.path.to_string_lossy(), title, &script.head.tags)
    };
    scripts.retain(|script| choice.filters.iter().all(|filter| holds(script, filter)));
    if scripts.is_empty() {
        return Err(failure(phrase!(
            en "`--filter` holds for no script here",
            es "`--filter` no se cumple para ningún script aquí"
        )));
    }
    if let Some(only) = &choice.only {
        scripts.retain(|script| only.contains(&whole(&script.path)));
    }
    // A shard may be empty: there may be more machines than scripts, which is no fault.
    let count = scripts.len();
    if let Some(shard) = &choice.shard {
        scripts = shard.part(scripts);
    }
    Ok(Chosen { scripts, whole: count, fixtures })
}

/// Is its name one of those that are no test, unless they are asked for by name?
fn is_apart(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name == FIXTURE || name.as_encoded_bytes().starts_with(b"_")
}

/// A path that stands for the same file wherever the program is started.
pub fn whole(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Reads the scripts; many of them side by side.
fn read_all(scripts: &mut [Script]) {
    /// Fewer are read sooner than a thread begins.
    const FEW: usize = 64;
    if scripts.len() > 2 * FEW {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let part = scripts.len().div_ceil(cores).max(FEW);
        std::thread::scope(|scope| {
            for part in scripts.chunks_mut(part) {
                let work = || part.iter_mut().for_each(Script::read);
                // Those for which no thread can be had are read below.
                let _ = std::thread::Builder::new().spawn_scoped(scope, work);
            }
        });
    }
    scripts.iter_mut().for_each(Script::read);
}

fn files_of(script: &Path, sources: Vec<String>) -> Vec<PathBuf> {
    let folder = script.parent().unwrap_or(Path::new(""));
    sources.iter().map(|source| straight(&folder.join(source))).collect()
}

/// A file that another one reads in is no test, unless it was named itself.
fn leave_libraries_out(scripts: &mut Vec<Script>, fixtures: &Fixtures) {
    let mut libraries: HashSet<PathBuf> = scripts.iter().flat_map(|s| s.sources.iter().cloned()).collect();
    for fixture in &fixtures.all {
        if let Ok(text) = &fixture.text {
            libraries.extend(files_of(&fixture.path, sourced(&Sources::default().share("", text.clone()))));
        }
    }
    if !libraries.is_empty() {
        scripts.retain(|script| script.named || !libraries.contains(&straight(&script.path)));
    }
}
