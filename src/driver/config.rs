//! `sockbook.toml`: a project's defaults, looked for in the current folder and those above it.
//!
//! What the command line says wins, and then what a script says of itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::failure::failure;
use super::files;
use super::fixture::CONFIG;
use crate::text::diagnostic::{Sources, Span, suggest};
use crate::text::parse::name_problem;
use crate::value::duration_of;
use crate::words::Sentence;

/// What the file says; what it does not say is absent.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The folder that it stands in: paths in it are relative to that.
    pub folder: PathBuf,
    pub jobs: Option<u16>,
    pub timeout: Option<Duration>,
    pub limit: Option<Duration>,
    pub retries: Option<u16>,
    pub deny_skips: bool,
    pub fail_fast: bool,
    pub keep: bool,
    pub isolate: bool,
    /// As `--report` takes them, each with its place.
    pub reports: Vec<(String, String)>,
    pub vars: Vec<(String, String)>,
}

const KEYS: [&str; 10] =
    ["jobs", "timeout", "limit", "retries", "deny-skips", "fail-fast", "keep", "isolate", "reports", "vars"];

/// The project's defaults; those of no project where there is no file.
pub fn find() -> Result<Config> {
    let Ok(here) = std::env::current_dir() else { return Ok(Config::default()) };
    of(&here)
}

/// The defaults of the project that this folder, whose path is whole, belongs to.
pub fn of(here: &Path) -> Result<Config> {
    for folder in here.ancestors() {
        let path = folder.join(CONFIG);
        if path.is_file() {
            let shown = path.strip_prefix(here).unwrap_or(&path).to_path_buf();
            let text = files::read(&path).map_err(failure)?;
            return Ok(Config { folder: folder.to_path_buf(), ..read(&shown, &text).map_err(failure)? });
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok(Config::default())
}

/// What is wrong at a place of the file.
pub fn wrong(place: &str, what: Sentence) -> Sentence {
    say!(en "{place}: {what}", es "{place}: {what}", place, what)
}

/// Says where in the file something is wrong.
struct Reader {
    sources: Sources,
    base: usize,
}

impl Reader {
    fn place(&self, at: std::ops::Range<usize>) -> String {
        let place = self.sources.place(Span::new(self.base + at.start, self.base + at.end));
        place.map_or(String::new(), |p| format!("{}:{}:{}", p.file, p.line, p.column))
    }

    fn wrong(&self, at: std::ops::Range<usize>, what: Sentence) -> Sentence {
        wrong(&self.place(at), what)
    }

    fn not_a(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: crate::words::Phrase) -> Sentence {
        self.wrong(value.span(), say!(en "`{key}` is {wanted}", es "`{key}` es {wanted}", key, wanted))
    }

    fn duration(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Duration, Sentence> {
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(seconds) => Some(seconds.as_str().to_string()),
            _ => None,
        };
        let duration = text.as_deref().and_then(duration_of).filter(|d| !d.is_zero());
        duration.ok_or_else(|| {
            let wanted = phrase!(en "a duration, like \"5s\"", es "una duración, como \"5s\"");
            self.not_a(key, value, wanted)
        })
    }

    fn number(&self, key: &str, value: &Spanned<DeValue<'_>>, least: u16) -> Result<u16, Sentence> {
        let number = match value.get_ref() {
            DeValue::Integer(n) => n.as_str().parse().ok().filter(|n| *n >= least),
            _ => None,
        };
        number.ok_or_else(|| self.not_a(key, value, phrase!(en "a number", es "un número")))
    }

    fn flag(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<bool, Sentence> {
        match value.get_ref() {
            DeValue::Boolean(on) => Ok(*on),
            _ => Err(self.not_a(key, value, phrase!(en "true or false", es "true o false"))),
        }
    }

    fn texts(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<(String, String)>, Sentence> {
        let wanted = phrase!(
            en "a list of texts, like [\"junit=out/junit.xml\"]",
            es "una lista de textos, como [\"junit=out/junit.xml\"]"
        );
        let DeValue::Array(items) = value.get_ref() else { return Err(self.not_a(key, value, wanted)) };
        let text = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
            DeValue::String(text) => Ok((text.to_string(), self.place(item.span()))),
            _ => Err(self.not_a(key, item, wanted)),
        };
        items.iter().map(text).collect()
    }

    fn vars(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<(String, String)>, Sentence> {
        let wanted = phrase!(en "a table of names and values", es "una tabla de nombres y valores");
        let DeValue::Table(rows) = value.get_ref() else { return Err(self.not_a(key, value, wanted)) };
        let mut vars = Vec::new();
        for (name, value) in rows {
            if let Some(problem) = name_problem(name.get_ref(), Span::default()) {
                return Err(self.wrong(name.span(), problem.message));
            }
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(n) => n.as_str().to_string(),
                _ => {
                    let wanted = phrase!(en "a text or a number", es "un texto o un número");
                    return Err(self.not_a(name.get_ref(), value, wanted));
                }
            };
            vars.push((name.get_ref().to_string(), text));
        }
        Ok(vars)
    }
}

pub(super) fn read(path: &Path, text: &str) -> Result<Config, Sentence> {
    let mut sources = Sources::default();
    let base = sources.add(&path.to_string_lossy(), text).base() as usize;
    let reader = Reader { sources, base };
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or(0..0);
        // The library's own words are English.
        reader.wrong(at, Sentence::plain(error.message().to_string()))
    })?;
    let mut config = Config::default();
    for (key, value) in table.get_ref() {
        let name: &str = key.get_ref();
        match name {
            "jobs" => config.jobs = Some(reader.number(name, value, 1)?),
            "retries" => config.retries = Some(reader.number(name, value, 0)?),
            "timeout" => config.timeout = Some(reader.duration(name, value)?),
            "limit" => config.limit = Some(reader.duration(name, value)?),
            "deny-skips" => config.deny_skips = reader.flag(name, value)?,
            "fail-fast" => config.fail_fast = reader.flag(name, value)?,
            "keep" => config.keep = reader.flag(name, value)?,
            "isolate" => config.isolate = reader.flag(name, value)?,
            "reports" => config.reports = reader.texts(name, value)?,
            "vars" => config.vars = reader.vars(name, value)?,
            _ => {
                let unknown = say!(en "there is no `{name}`", es "no existe `{name}`", name);
                let what = match suggest(name, KEYS) {
                    Some(near) => say!(en "{unknown}; {near}", es "{unknown}; {near}", unknown, near),
                    None => say!(
                        en "{unknown}; there are {keys}",
                        es "{unknown}; puede ser {keys}",
                        unknown,
                        keys = crate::words::one_of(KEYS)
                    ),
                };
                return Err(reader.wrong(key.span(), what));
            }
        }
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Result<Config, String> {
        read(Path::new("sockbook.toml"), text).map_err(|what| what.english())
    }

    #[test]
    fn a_file_holds_defaults() {
        let config = said(
            "jobs = 4\nlimit = \"5s\"\ntimeout = 2\nretries = 1\ndeny-skips = true\nreports = [\"tap\"]\n[vars]\nport = 8998\nhost = \"localhost\"\n",
        )
        .unwrap();
        assert_eq!((config.jobs, config.limit), (Some(4), Some(Duration::from_secs(5))));
        assert_eq!((config.timeout, config.retries), (Some(Duration::from_secs(2)), Some(1)));
        assert!(
            config.deny_skips
                && !config.keep
                && config.reports == [("tap".into(), "sockbook.toml:6:12".into())]
        );
        assert!(config.vars.contains(&("port".into(), "8998".into())));
    }

    #[test]
    fn what_is_wrong_is_said_at_its_place() {
        for (text, want) in [
            ("jobs = 0", "sockbook.toml:1:8: `jobs` is a number"),
            ("\nlimit = \"soon\"", "sockbook.toml:2:9: `limit` is a duration, like \"5s\""),
            ("job = 1", "sockbook.toml:1:1: there is no `job`; did you mean `jobs`?"),
            ("keep = 1", "sockbook.toml:1:8: `keep` is true or false"),
            ("[vars]\nif = 1", "sockbook.toml:2:1: `if` is a word of the language, not a name"),
            ("[vars]\nx = 1.5", "sockbook.toml:2:5: `x` is a text or a number"),
        ] {
            assert_eq!(said(text).unwrap_err(), want);
        }
        assert!(said("jobs =").unwrap_err().starts_with("sockbook.toml:1:"));
    }
}
