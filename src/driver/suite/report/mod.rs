//! What came of a run, for people and for machines.

pub mod github;
mod gradescope;
mod help;
mod html;
mod json;
mod junit;
pub mod merge;
mod sample;
mod tap;
pub mod text;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

pub use help::HELP;

use super::case::Ran;
use crate::driver::failure::{Failure, failure};
use crate::driver::files;
use crate::text::literal;
use crate::text::secrets::{are_kept, hide, named_in};
use crate::words::{Lang, Sentence};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Junit,
    Tap,
    Json,
    Html,
    Gradescope,
}

/// A report that was asked for: `--report FORM=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    form: Form,
    /// None is standard output.
    path: Option<PathBuf>,
}

/// Reads the option's value.
pub fn parse(text: &str) -> Result<Report, Failure> {
    let (form, path) = match text.split_once('=') {
        Some((form, path)) => (form, Some(path)),
        None => (text, None),
    };
    let form = match form {
        "junit" => Form::Junit,
        "tap" => Form::Tap,
        "json" => Form::Json,
        "html" => Form::Html,
        "gradescope" => Form::Gradescope,
        _ => {
            return Err(Failure(say!(
                en "a report is `html=FILE`, `junit=FILE`, `json=FILE`, `gradescope=FILE`, `tap=FILE` or `tap`",
                es "un informe es `html=FILE`, `junit=FILE`, `json=FILE`, `gradescope=FILE`, `tap=FILE` o `tap`"
            )));
        }
    };
    match path {
        None if form == Form::Tap => Ok(Report { form, path: None }),
        None | Some("") => {
            let text = text.trim_end_matches('=');
            Err(Failure(say!(
                en "`{text}` names no file; write `{text}=FILE`",
                es "`{text}` no nombra un archivo; escribe `{text}=FILE`",
                text
            )))
        }
        Some("-") => Ok(Report { form, path: None }),
        Some(path) => Ok(Report { form, path: Some(path.into()) }),
    }
}

impl Report {
    pub fn is_on_stdout(&self) -> bool {
        self.path.is_none()
    }

    /// The same report, its file relative to this folder.
    pub fn below(self, folder: &Path) -> Report {
        Report { path: self.path.map(|path| folder.join(path)), ..self }
    }

    /// Does it hold every command?
    pub fn wants_transcripts(&self) -> bool {
        self.form == Form::Json
    }

    /// Does it hold what is known of a failure beside its text, and its picture?
    pub fn wants_facts(&self) -> bool {
        matches!(self.form, Form::Json | Form::Html)
    }

    fn text(&self, ran: &Ran, lang: Lang) -> String {
        match self.form {
            Form::Junit => junit::write(ran, lang),
            Form::Tap => tap::write(ran, lang),
            Form::Json => json::write(ran, lang),
            Form::Html => html::write(ran, lang),
            Form::Gradescope => gradescope::write(ran, lang),
        }
    }

    /// How messages call it.
    fn name(&self) -> Sentence {
        match &self.path {
            None => say!(en "on standard output", es "en la salida estándar"),
            Some(path) => Sentence::plain(path.display().to_string()),
        }
    }

    /// Secrets are hidden in the text as a whole: none may stand in what every report is made of, as this one is.
    fn is_readable(&self, made_up: &Ran, lang: Lang) -> Result<()> {
        let Some(secret) = named_in(&self.text(made_up, lang)) else { return Ok(()) };
        Err(failure(say!(
            en "cannot write the report {name}: the value of the secret `{secret}` stands in the report's own words, which would be hidden too; leave out that report, or give the secret another value",
            es "no se puede escribir el informe {name}: el valor del secreto `{secret}` está en las palabras propias del informe, que también se ocultarían; quita ese informe, o dale otro valor al secreto",
            name = self.name(),
            secret
        )))
    }
}

/// Finds out before anything runs whether the reports can be written.
pub fn probe(reports: &[Report], inputs: &[PathBuf], lang: Lang) -> Result<()> {
    if reports.iter().filter(|r| r.is_on_stdout()).count() > 1 {
        return Err(failure(phrase!(
            en "standard output can hold one report only",
            es "la salida estándar admite un solo informe"
        )));
    }
    if are_kept() {
        let ran = sample::ran(lang);
        reports.iter().try_for_each(|report| report.is_readable(&ran, lang))?;
    }
    for (at, report) in reports.iter().enumerate() {
        let Some(path) = &report.path else { continue };
        if reports[..at].iter().any(|r| r.path.as_ref() == Some(path)) {
            return Err(failure(say!(
                en "two reports cannot share the file {path}",
                es "dos informes no pueden compartir el archivo {path}",
                path = path.display()
            )));
        }
        // By whatever names and links.
        if let Ok(there) = path.canonicalize()
            && inputs.iter().any(|input| input.canonicalize().is_ok_and(|input| input == there))
        {
            return Err(failure(say!(
                en "{path} is read for this report, and would be written over",
                es "{path} se lee para este informe, y se sobrescribiría",
                path = literal::one_line(&path.to_string_lossy())
            )));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let made = folder.map_or(Ok(()), |folder| match std::fs::create_dir_all(folder) {
            // A file stands where a folder should.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                Err(io::Error::from_raw_os_error(libc::ENOTDIR))
            }
            made => made,
        });
        if let Err(e) = made.and_then(|()| files::probe(path)) {
            return Err(failure(unwritten(report.name(), &e)));
        }
    }
    Ok(())
}

/// Writes, into those reports that a course cannot do without, that the run did not come to its end, and why. Where one
/// cannot be written, [`probe`] or [`write`] says so.
pub fn write_broken(reports: &[Report], why: &str) {
    for report in reports.iter().filter(|report| report.form == Form::Gradescope) {
        if let Some(path) = &report.path {
            let _ = files::write_or_send(path, gradescope::broken(why));
        }
    }
}

/// Writes the reports, each whole or not at all; what could not be written.
pub fn write(reports: &[Report], ran: &Ran, lang: Lang) -> Vec<Sentence> {
    let mut wrong = Vec::new();
    for report in reports {
        let text = report.text(ran, lang);
        let text = hide(&text);
        let written = match &report.path {
            None => to_stdout(&text),
            Some(path) => files::write_or_send(path, text.as_bytes()),
        };
        if let Err(e) = written {
            wrong.push(unwritten(report.name(), &e));
        }
    }
    wrong
}

fn to_stdout(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
}

fn unwritten(name: Sentence, error: &io::Error) -> Sentence {
    say!(
        en "cannot write the report {name}: {why}",
        es "no se puede escribir el informe {name}: {why}",
        name,
        why = files::io_words(error)
    )
}

/// A time since 1970 as `2026-11-22T16:47:11Z`.
fn utc(since: Duration) -> String {
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // Years begin in March here, so that the odd day is a year's last; 400 of them are 146,097 days.
    let day = days + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{of_month:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The time since 1970 of such a text.
fn seconds_of(text: &str) -> Option<Duration> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let numbers = |text: &str, by: char| -> Option<[u64; 3]> {
        text.split(by).map(|n| n.parse().ok()).collect::<Option<Vec<u64>>>()?.try_into().ok()
    };
    let ([year, month, day], [hour, minute, second]) = (numbers(date, '-')?, numbers(time, ':')?);
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // As in `utc`: years begin in March.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let march = (month + 9) % 12;
    let of_year = (153 * march + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    let days = days.checked_sub(719_468)?;
    Some(Duration::from_secs(days * 86_400 + hour * 3600 + minute * 60 + second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_names() {
        for (seconds, want) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_366_031, "2026-11-22T16:47:11Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(utc(Duration::from_secs(seconds)), want);
            assert_eq!(seconds_of(want), Some(Duration::from_secs(seconds)));
        }
    }

    #[test]
    fn the_option_says_what_it_takes() {
        assert!(parse("tap").unwrap().is_on_stdout());
        assert!(parse("junit=-").unwrap().is_on_stdout());
        assert_eq!(parse("json=a=b").unwrap().path, Some("a=b".into()));
        for wrong in ["", "xml=x", "junit", "junit=", "json"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(parse("junit=").unwrap_err().to_string().ends_with("write `junit=FILE`"));
    }
}
