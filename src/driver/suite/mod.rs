//! `sockbook test`: scripts as tests.

mod bless;
mod case;
mod find;
mod judge;
mod live;
mod one;
mod pool;
pub mod report;

use std::path::PathBuf;

use anyhow::Result;

pub use find::find;

use crate::driver::failure::{Failure, failure};
use crate::driver::output::complain;
use crate::driver::run::{self, Options};
use crate::text::literal::one_line;
use crate::words::Lang;
use live::{Console, Live};
use one::Settings;
use pool::Plan;
use report::Report;

/// The arguments of `sockbook test`.
#[derive(clap::Args)]
pub struct TestArguments {
    /// Scripts, and folders of scripts
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How many scripts run at a time [default: the number of cores]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Only scripts whose path contains this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Only the I-th of N parts of the scripts
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// Say which scripts would run
    #[arg(long)]
    list: bool,
    /// Give a name a value
    #[arg(long = "var", value_name = "NAME=VALUE")]
    vars: Vec<String>,
    /// The limit of a single command that may wait
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    timeout: String,
    /// The limit of a script
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    limit: String,
    /// Try a script that failed again, this often at most; a pass is then reported as flaky
    #[arg(long, value_name = "N", default_value = "0", hide_default_value = true)]
    retries: u16,
    /// Run each script this often, and say how often it failed
    #[arg(long, value_name = "N", default_value = "1", hide_default_value = true,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    repeat: u32,
    /// Stop at the first failure
    #[arg(long)]
    fail_fast: bool,
    /// Write today's answers into the scripts
    #[arg(long, conflicts_with_all = ["retries", "repeat"])]
    bless: bool,
    /// Write a report: `junit=FILE`, `json=FILE`, `tap=FILE` or `tap`; `sockbook help reports` says more
    #[arg(long = "report", value_name = "FORM=FILE", value_parser = report::parse)]
    reports: Vec<Report>,
}

/// One part of several: `--shard 2/5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shard {
    part: usize,
    of: usize,
}

fn shard(text: &str) -> Result<Shard, Failure> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    match parts {
        Some((part, of)) if part >= 1 && part <= of => Ok(Shard { part, of }),
        _ => Err(Failure(say!(
            en "a shard is `I/N` with I from 1 to N, like `2/5`",
            es "una parte es `I/N` con I de 1 a N, como `2/5`"
        ))),
    }
}

/// Runs scripts as tests; the exit code.
pub fn main(arguments: TestArguments, lang: Lang) -> Result<i32> {
    let limit = run::duration(&arguments.limit)?;
    let options = Options {
        vars: run::variables(&arguments.vars)?,
        timeout: Some(run::duration(&arguments.timeout)?),
        lang,
        ..Options::default()
    };
    let files = chosen(&arguments)?;
    let mut console = Console::new(arguments.reports.iter().any(Report::is_on_stdout), lang);
    if arguments.list {
        for file in &files {
            console.line(&one_line(&file.to_string_lossy()));
        }
        console.flush();
        return Ok(console.exit_code(0));
    }
    report::probe(&arguments.reports)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runs = files.len() * arguments.repeat as usize;
    let settings = Settings {
        options,
        limit,
        bless: arguments.bless,
        retries: arguments.retries.into(),
        transcripts: arguments.reports.iter().any(Report::wants_transcripts),
        colour: console.colour,
    };
    let mut live = Live::new(console, &files, runs);
    let plan = Plan {
        files,
        settings,
        repeat: arguments.repeat,
        jobs: arguments.jobs.map_or(cores, usize::from).min(runs),
        fail_fast: arguments.fail_fast,
    };
    let ran = pool::run(plan, &mut live);
    let mut console = live.end();
    report::text::summary(&ran, &mut console);
    if report::github::is_there() {
        report::github::annotate(&ran, &mut console);
    }
    // People have it before anything can go wrong with a report.
    console.flush();
    if let Some(trouble) = &ran.trouble {
        complain(format_args!("error: {}", trouble.show(lang)));
    }
    let wrong = report::write(&arguments.reports, &ran, lang);
    let all_written = wrong.is_empty();
    for error in wrong {
        let stand = say!(
            en "{error}; the results above stand",
            es "{error}; los resultados de arriba valen",
            error
        );
        complain(format_args!("error: {}", stand.show(lang)));
    }
    let code = console.exit_code(ran.exit_code());
    Ok(if all_written { code } else { code.max(1) })
}

/// The scripts that the paths, the filter and the shard leave.
fn chosen(arguments: &TestArguments) -> Result<Vec<PathBuf>> {
    let mut files = find(&arguments.paths)?;
    if let Some(text) = &arguments.filter {
        files.retain(|f| f.to_string_lossy().contains(text.as_str()));
        if files.is_empty() {
            return Err(failure(say!(
                en "no script's path contains `{text}`",
                es "la ruta de ningún script contiene `{text}`",
                text
            )));
        }
    }
    // A shard may be empty: there may be more machines than scripts, which is no fault.
    if let Some(Shard { part, of }) = arguments.shard {
        files = files.into_iter().skip(part - 1).step_by(of).collect();
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_one_of_several() {
        assert_eq!(shard("2/5").ok(), Some(Shard { part: 2, of: 5 }));
        for wrong in ["", "1", "0/2", "3/2", "1/0", "a/b", "-1/2", "1/2/3"] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }
}
