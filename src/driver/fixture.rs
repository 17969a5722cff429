//! Which fixtures a script has: the `fixture.sock` of its folder and of the folders above it.
//!
//! Looked at are the script's own folder and those above it, up to the first that holds `sockbook.toml` or `.git`: the
//! project. Where there is none, those up to the current folder, or, for a script elsewhere, its own folder alone.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files;
use crate::engine::{FIXTURE, exported, straight};
use crate::text::diagnostic::Sources;
use crate::words::Sentence;

/// The file that holds a project's defaults.
pub const CONFIG: &str = "sockbook.toml";

/// The `fixture.sock` of a folder.
pub struct Fixture {
    /// As it is shown.
    pub path: PathBuf,
    pub text: Result<Arc<String>, Sentence>,
    /// The fixture of a folder above, which is begun before it and ends after it.
    pub parent: Option<usize>,
    /// The names that its own `export` lines give.
    pub names: Vec<String>,
}

/// Reads a text: its path to what it says, or why not.
pub type Read<'a> = &'a dyn Fn(&Path) -> Result<String, Sentence>;

/// The fixtures of a run: parents stand before their children.
#[derive(Default)]
pub struct Fixtures {
    pub all: Vec<Fixture>,
    /// The innermost fixture of each folder that was asked for.
    known: HashMap<PathBuf, Option<usize>>,
}

impl Fixtures {
    /// The innermost fixture of a script.
    pub fn of(&mut self, script: &Path) -> Option<usize> {
        self.of_read(script, &files::read)
    }

    /// As [`Fixtures::of`]; `read` gives the texts: an editor has some that are not saved yet.
    pub fn of_read(&mut self, script: &Path, read: Read<'_>) -> Option<usize> {
        let folder = script.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if let Some(&known) = self.known.get(folder) {
            return known;
        }
        let found = self.look(folder, read);
        self.known.insert(folder.to_path_buf(), found);
        found
    }

    fn look(&mut self, folder: &Path, read: Read<'_>) -> Option<usize> {
        let whole = straight(&std::path::absolute(folder).ok()?);
        // A script that is read from a pipe has no folder of its own.
        if whole.starts_with("/proc") || whole.starts_with("/dev") {
            return None;
        }
        // Most scripts have none, and then nothing else is looked for.
        if !whole.ancestors().any(|above| above.join(FIXTURE).is_file()) {
            return None;
        }
        let root = whole.ancestors().find(|f| f.join(CONFIG).is_file() || f.join(".git").exists());
        let here = std::env::current_dir().unwrap_or_default();
        let own = |above: &&Path| match root {
            Some(root) => above.starts_with(root),
            None => *above == whole || whole.starts_with(&here) && above.starts_with(&here),
        };
        let paths = whole.ancestors().filter(own).filter(|above| above.join(FIXTURE).is_file());
        let paths: Vec<&Path> = paths.collect();
        let mut innermost = None;
        for path in paths.into_iter().rev() {
            let shown = path.strip_prefix(&here).unwrap_or(path).join(FIXTURE);
            innermost = Some(match self.all.iter().position(|fixture| fixture.path == shown) {
                Some(at) => at,
                None => {
                    let text = read(&shown).map(Arc::new);
                    let names = |text: &Arc<String>| exported(&Sources::default().share("", text.clone()));
                    let names = text.as_ref().map(names).unwrap_or_default();
                    self.all.push(Fixture { path: shown, text, parent: innermost, names });
                    self.all.len() - 1
                }
            });
        }
        innermost
    }

    /// A fixture and those above it, the innermost first.
    pub fn chain(&self, innermost: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(innermost, |at| self.all[*at].parent)
    }

    /// The names that a fixture and those above it give.
    pub fn names(&self, innermost: Option<usize>) -> Vec<Arc<str>> {
        let names = self.chain(innermost).flat_map(|at| &self.all[at].names);
        names.map(|name| name.as_str().into()).collect()
    }
}
