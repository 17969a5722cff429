//! `sockbook report merge`: the JSON reports of several shards, read back, as one run.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde_json::Value as Json;

use super::{Report, json, seconds_of};
use crate::driver::failure::failure;
use crate::driver::files;
use crate::driver::output::{self, complain};
use crate::driver::suite::case::{Attempt, Case, Fault, Part, Ran, Verdict};
use crate::driver::suite::live::Console;
use crate::engine::Head;
use crate::text::diagnostic::Place;
use crate::text::literal;
use crate::words::{Lang, Sentence};

/// The arguments of `sockbook report merge`.
#[derive(clap::Args)]
pub struct MergeArguments {
    /// The JSON reports of all the shards
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write a report of them all, as `sockbook test` does; without any, the JSON one on standard output
    #[arg(long = "report", value_name = "FORM=FILE", value_parser = super::parse)]
    reports: Vec<Report>,
}

/// Merges reports; the exit code that one run of all the scripts would have had.
pub fn main(arguments: &MergeArguments, lang: Lang) -> Result<i32> {
    let mut runs = Vec::new();
    for path in &arguments.files {
        runs.push(read(path)?);
    }
    let ran = merged(runs).map_err(failure)?;
    if arguments.reports.is_empty() {
        output::say(json::write(&ran, lang).trim_end())?;
        return Ok(ran.exit_code());
    }
    super::probe(&arguments.reports, &arguments.files, lang)?;
    let mut console = Console::new(arguments.reports.iter().any(Report::is_on_stdout), None, lang);
    super::text::summary(&ran, &mut console);
    console.flush();
    let wrong = super::write(&arguments.reports, &ran, lang);
    for error in &wrong {
        complain(format_args!("error: {}", error.show(lang)));
    }
    let code = console.exit_code(ran.exit_code());
    Ok(if wrong.is_empty() { code } else { code.max(1) })
}

/// The numbers of signals, real-time ones too (signal(7)), end here.
const MOST_SIGNAL: i32 = 64;

/// A report and where it is.
struct Run {
    path: PathBuf,
    ran: Ran,
    /// What it ended with, whatever its scripts say.
    exit: i64,
}

fn read(path: &Path) -> Result<Run> {
    let text = files::read(path).map_err(failure)?;
    let name = path.display().to_string();
    let document = serde_json::from_str::<Json>(&text).ok();
    let document = document.filter(|read| read.get("format").and_then(Json::as_str) == Some("sockbook test"));
    let Some(document) = document else {
        return Err(failure(say!(
            en "{name} is no JSON report of `sockbook test`; `--report json=FILE` writes one",
            es "{name} no es un informe JSON de `sockbook test`; `--report json=FILE` escribe uno",
            name
        )));
    };
    let version = document.get("version").and_then(Json::as_u64).unwrap_or(0);
    if version != u64::from(json::VERSION) {
        return Err(failure(say!(
            en "{name} is a report of version {version}, and this program reads version {own}",
            es "{name} es un informe de la versión {version}, y este programa lee la versión {own}",
            name,
            version,
            own = json::VERSION
        )));
    }
    let ran = ran(&document).ok_or_else(|| {
        failure(say!(
            en "{name} is not whole: something that every report has is missing",
            es "{name} no está completo: falta algo que todo informe tiene",
            name
        ))
    })?;
    let exit = document.get("exit").and_then(Json::as_i64).unwrap_or(0);
    Ok(Run { path: path.to_path_buf(), ran, exit })
}

/// One run out of several: none twice, and no shard missing.
fn merged(runs: Vec<Run>) -> std::result::Result<Ran, Sentence> {
    let mut parts: BTreeMap<usize, PathBuf> = BTreeMap::new();
    let mut wanted = None;
    for (at, run) in runs.iter().enumerate() {
        let is_same = |other: &&Run| {
            let (one, other) = (&other.ran, &run.ran);
            let scripts = |run: &Ran| -> Vec<_> {
                run.cases.iter().map(|case| (case.path.clone(), case.took())).collect()
            };
            (one.began, one.took, one.shard) == (other.began, other.took, other.shard)
                && scripts(one) == scripts(other)
        };
        if let Some(other) = runs[..at].iter().find(is_same) {
            return Err(say!(
                en "{one} and {other} are reports of the same run",
                es "{one} y {other} son informes de la misma ejecución",
                one = other.path.display(),
                other = run.path.display()
            ));
        }
        let Some((part, of)) = run.ran.shard else { continue };
        if wanted.is_some_and(|wanted| wanted != of) {
            return Err(say!(
                en "{path} is a part of {of}, and the others are of {others}",
                es "{path} es una parte de {of}, y las otras son de {others}",
                path = run.path.display(),
                of,
                others = wanted.unwrap_or(0)
            ));
        }
        wanted = Some(of);
        if let Some(other) = parts.insert(part, run.path.clone()) {
            return Err(say!(
                en "{one} and {other} are both part {part} of {of}",
                es "{one} y {other} son ambos la parte {part} de {of}",
                one = run.path.display(),
                other = other.display(),
                part,
                of
            ));
        }
    }
    if let Some(of) = wanted
        && let Some(part) = (1..=of).find(|part| !parts.contains_key(part))
    {
        return Err(say!(
            en "part {part} of {of} is missing",
            es "falta la parte {part} de {of}",
            part,
            of
        ));
    }
    if wanted.is_some() {
        same_scripts(&runs)?;
    }
    let mut all = Ran { began: Duration::MAX, repeat: 1, ..Ran::default() };
    let mut exits = Vec::new();
    for Run { ran, exit, .. } in runs {
        all.began = all.began.min(ran.began);
        all.took = all.took.max(ran.took);
        all.signal = all.signal.or(ran.signal);
        all.repeat = all.repeat.max(ran.repeat);
        all.deny_skips |= ran.deny_skips;
        exits.push(exit);
        all.cases.extend(ran.cases);
    }
    all.cases.sort_by(|a, b| (a.order, !a.is_fixture, &a.path).cmp(&(b.order, !b.is_fixture, &b.path)));
    // A fixture fails for the scripts of each shard; it is one, before the first of them all.
    let mut fixtures: HashSet<PathBuf> = HashSet::new();
    all.cases.retain(|case| !case.is_fixture || fixtures.insert(case.path.clone()));
    if let Some(exit) = exits.into_iter().find(|exit| *exit != 0)
        && all.exit_code() == 0
    {
        all.trouble = Some(say!(en "a part ended with {exit}", es "una parte terminó con {exit}", exit));
    }
    Ok(all)
}

/// The parts of one run have each of its scripts once: with another choice or other recorded times they do not.
fn same_scripts(runs: &[Run]) -> std::result::Result<(), Sentence> {
    let mut seen: HashMap<&Path, &Run> = HashMap::new();
    for run in runs.iter().filter(|run| run.ran.shard.is_some()) {
        for case in run.ran.cases.iter().filter(|case| !case.is_fixture) {
            if let Some(other) = seen.insert(&case.path, run) {
                return Err(say!(
                    en "{script} is in {one} and in {other}: they are parts of different runs (`--timings`, `--filter`)",
                    es "{script} está en {one} y en {other}: son partes de ejecuciones distintas (`--timings`, `--filter`)",
                    script = literal::one_line(&case.path.to_string_lossy()),
                    one = other.path.display(),
                    other = run.path.display()
                ));
            }
        }
    }
    let parts = runs.iter().filter_map(|run| Some((run, run.ran.whole?)));
    if let Some((run, whole)) = parts.into_iter().find(|(_, whole)| *whole != seen.len()) {
        return Err(say!(
            en "the parts have {count} scripts, and {path} is a part of {whole}: they are parts of different runs (`--filter`)",
            es "las partes tienen {count} scripts, y {path} es una parte de {whole}: son partes de ejecuciones distintas (`--filter`)",
            count = seen.len(),
            path = run.path.display(),
            whole
        ));
    }
    Ok(())
}

fn ran(document: &Json) -> Option<Ran> {
    let shard = document.get("shard").and_then(|shard| Some((number(shard, "part")?, number(shard, "of")?)));
    Some(Ran {
        cases: document.get("scripts")?.as_array()?.iter().map(case).collect::<Option<_>>()?,
        began: seconds_of(document.get("began")?.as_str()?)?,
        took: duration(document.get("seconds")?)?,
        signal: document
            .get("signal")
            .and_then(Json::as_i64)
            .and_then(|n| i32::try_from(n).ok())
            .filter(|n| (1..=MOST_SIGNAL).contains(n)),
        repeat: number(document, "repeat")?.try_into().ok()?,
        shard,
        whole: document.get("shard").and_then(|shard| number(shard, "scripts")),
        deny_skips: document.get("deny_skips").and_then(Json::as_bool).unwrap_or(false),
        ..Ran::default()
    })
}

fn case(script: &Json) -> Option<Case> {
    let runs = script.get("runs")?;
    let head = Head {
        title: line(script, "title"),
        tags: script.get("tags")?.as_array()?.iter().filter_map(|t| Some(t.as_str()?.to_string())).collect(),
        points: script.get("points").and_then(|points| number(points, "of")?.try_into().ok()),
        fails: line(script, "reason").filter(|_| text(script, "status").as_deref() == Some("known")),
        ..Head::default()
    };
    let mut told = attempt(script)?;
    told.blessed = script.get("blessed").and_then(Json::as_bool).unwrap_or(false);
    told.output = text(script, "output").unwrap_or_default();
    let notes = script.get("notes").and_then(Json::as_array).into_iter().flatten();
    told.notes = notes.filter_map(|note| Some(Sentence::plain(literal::one_line(note.as_str()?)))).collect();
    told.commands = script.get("commands")?.as_array()?.clone();
    told.subtests = script.get("subtests")?.as_array()?.iter().map(part).collect::<Option<_>>()?;
    let count = |name: &str| number(runs, name).and_then(|n| u32::try_from(n).ok());
    let all = duration(script.get("seconds")?)?;
    let spread = |name: &str| runs.get(name).and_then(duration).unwrap_or(all);
    let flaky = script.get("flaky").filter(|flaky| !flaky.is_null());
    let flaky = flaky.and_then(|error| failed(Verdict::Failed, error, script));
    Some(Case {
        path: text(script, "file")?.into(),
        order: number(script, "order")?,
        head,
        is_fixture: script.get("fixture")?.as_bool()?,
        told,
        made_good: flaky.map(Box::new),
        runs: count("count")?,
        failures: count("failed")?,
        retried: count("retried")?,
        times: Vec::new(),
        summed: Some((all, spread("min"), spread("median"))),
    })
}

fn part(part: &Json) -> Option<Part> {
    let mut told = attempt(part)?;
    told.took = duration(part.get("seconds")?)?;
    let line = place(text(part, "file"), number(part, "line"), Some(1));
    Some(Part { title: self::line(part, "title")?, line, told })
}

/// How a script, or a part of one, came out.
fn attempt(of: &Json) -> Option<Attempt> {
    let reason = || line(of, "reason").map(Sentence::plain);
    let verdict = match of.get("status")?.as_str()? {
        "passed" => Verdict::Passed,
        "failed" => Verdict::Failed,
        "invalid" => Verdict::Invalid,
        "broken" => Verdict::Broken,
        "interrupted" => Verdict::Interrupted,
        "known" => Verdict::Known,
        "skipped" => Verdict::Skipped(reason().unwrap_or_else(|| Sentence::plain(""))),
        "not run" => return Some(Attempt { why: reason(), ..Attempt::new(Verdict::NotRun) }),
        _ => return None,
    };
    match of.get("error").filter(|error| !error.is_null()) {
        None => Some(Attempt::new(verdict)),
        Some(error) => failed(verdict, error, of),
    }
}

fn failed(verdict: Verdict, error: &Json, of: &Json) -> Option<Attempt> {
    let field = |name: &str| error.get(name).cloned().unwrap_or_default();
    let own = number(error, "test_line");
    let own_place = place(text(of, "file"), own, Some(1));
    let at = place(text(error, "file"), number(error, "line"), number(error, "column"));
    // The column of the test's own line is known where it is the line that failed.
    let own_place = match &at {
        Some(at) if Some(at.line) == own && own_place.as_ref().is_some_and(|p| p.file == at.file) => {
            Some(at.clone())
        }
        _ => own_place,
    };
    let fault = Fault {
        message: line(error, "message")?,
        place: at,
        own_place,
        stack: field("stack"),
        sides: field("sides"),
        source: field("source"),
        ladder: text(error, "ladder"),
        standing: serde_json::json!({ "sockets": field("sockets"), "programs": field("programs") }),
        ..Fault::told(literal::visible(&text(error, "detail")?))
    };
    Some(Attempt::of(verdict, fault))
}

fn place(file: Option<String>, line: Option<usize>, column: Option<usize>) -> Option<Place> {
    Some(Place { file: file?.into(), line: line?, column: column? })
}

fn text(of: &Json, name: &str) -> Option<String> {
    of.get(name)?.as_str().map(str::to_string)
}

/// A text that is told in a terminal: who wrote the report may have written anything.
fn line(of: &Json, name: &str) -> Option<String> {
    text(of, name).map(|text| literal::one_line(&text))
}

fn number(of: &Json, name: &str) -> Option<usize> {
    of.get(name)?.as_u64()?.try_into().ok()
}

fn duration(value: &Json) -> Option<Duration> {
    Duration::try_from_secs_f64(value.as_f64()?)
        .ok()
        .map(|d| Duration::from_micros((d.as_nanos() as u64 + 500) / 1000))
}
