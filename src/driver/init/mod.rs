//! `sockbook init`: a project's first test, its `sockbook.toml` and, on request, the job that runs it in CI.
//!
//! The files stand in this folder, a language a folder. One that is there already is left as it is.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::driver::failure::failure;
use crate::driver::files;
use crate::driver::fixture::CONFIG;
use crate::driver::output::Lines;
use crate::text::literal;
use crate::words::{Lang, Phrase};

#[derive(Args)]
pub struct InitArguments {
    /// The folder of the project; it is made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Write the job that runs the tests there, too
    #[arg(long, value_name = "WHERE", value_enum)]
    ci: Option<Runner>,
}

/// Where tests are run at each change.
#[derive(Clone, Copy, ValueEnum)]
pub enum Runner {
    Github,
    Gitlab,
}

/// A file in both languages.
macro_rules! template {
    ($name:literal) => {
        Phrase { en: include_str!(concat!("en/", $name)), es: include_str!(concat!("es/", $name)) }
    };
}

const TESTS: &str = "tests";
const FIRST: Phrase = template!("first.sock");
const SETTINGS: Phrase = template!("sockbook.toml");
const GITHUB: Phrase = template!("github.yml");
const GITLAB: Phrase = template!("gitlab.yml");

impl Runner {
    /// The file that it reads, and what it is to hold.
    fn file(self) -> (&'static str, Phrase) {
        match self {
            Runner::Github => (".github/workflows/sockbook.yml", GITHUB),
            Runner::Gitlab => (".gitlab-ci.yml", GITLAB),
        }
    }
}

/// Writes what is not there yet, and says what to do next.
pub fn main(arguments: &InitArguments, lang: Lang) -> Result<i32> {
    let test = format!("{TESTS}/first.sock");
    let mut wanted = vec![(CONFIG, SETTINGS), (&*test, FIRST)];
    wanted.extend(arguments.ci.map(Runner::file));
    let mut lines = Lines::default();
    for (name, template) in wanted {
        let path = arguments.folder.join(name);
        let text = template.show(lang).replace("@VERSION@", env!("CARGO_PKG_VERSION"));
        let shown = literal::one_line(&path.strip_prefix(".").unwrap_or(&path).to_string_lossy());
        match create(&path, &text) {
            Ok(()) => lines.say(say!(en "wrote {shown}", es "se escribió {shown}", shown).show(lang)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => lines.say(
                say!(en "{shown} is there already: left as it is", es "{shown} ya existe: se deja como está", shown)
                    .show(lang),
            ),
            Err(e) => return Err(failure(files::cannot_write(&shown, &e))),
        }
    }
    // `sockbook.toml` is looked for from the current folder on.
    let next = format!("sockbook test {TESTS}");
    let folder = literal::one_line(&arguments.folder.to_string_lossy());
    let advice = match arguments.folder.strip_prefix(".") {
        Ok(own) if own.as_os_str().is_empty() => say!(en "now: {next}", es "ahora: {next}", next),
        _ => say!(en "now, in {folder}: {next}", es "ahora, en {folder}: {next}", folder, next),
    };
    lines.say(advice.show(lang));
    Ok(lines.exit_code(0))
}

/// Writes a file that must not be there yet, and the folders above it.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        // A file that stands where a folder is due is not the file that was looked for.
        std::fs::create_dir_all(folder).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => io::Error::from_raw_os_error(libc::ENOTDIR),
            _ => e,
        })?;
    }
    files::create(path, text)
}
