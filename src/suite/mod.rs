//! `sockbook test`: scripts as tests.

mod bless;
mod find;
mod judge;
mod one;
mod pool;
mod report;

use std::path::PathBuf;

use anyhow::{Result, bail};

pub use find::find;

use crate::script;
use one::{Settings, Verdict};

/// The arguments of `sockbook test`.
#[derive(clap::Args)]
pub struct TestArguments {
    /// Scripts, and folders of scripts
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How many scripts run at a time [default: the number of cores]
    #[arg(short = 'j', long, value_name = "N")]
    jobs: Option<usize>,
    /// Only scripts whose path contains this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
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
    /// Stop at the first failure
    #[arg(long)]
    fail_fast: bool,
    /// Write today's answers into the scripts
    #[arg(long)]
    bless: bool,
}

/// Runs scripts as tests; the exit code.
pub fn main(arguments: TestArguments) -> Result<i32> {
    let mut files = find(&arguments.paths)?;
    if let Some(text) = &arguments.filter {
        files.retain(|f| f.to_string_lossy().contains(text.as_str()));
    }
    if files.is_empty() {
        bail!("no script found");
    }
    if arguments.list {
        for file in &files {
            println!("{}", file.display());
        }
        return Ok(0);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let settings = Settings {
        vars: script::variables(&arguments.vars)?,
        timeout: script::duration(&arguments.timeout)?,
        limit: script::duration(&arguments.limit)?,
        bless: arguments.bless,
    };
    let jobs = arguments.jobs.unwrap_or(cores).clamp(1, files.len());
    let begun = std::time::Instant::now();
    let cases = pool::run(&files, &settings, jobs, arguments.fail_fast, &mut |case| {
        report::text::progress(case);
    })?;
    let code = exit_code(&cases);
    report::text::summary(&cases, begun.elapsed());
    Ok(code)
}

fn exit_code(cases: &[one::Case]) -> i32 {
    if let Some(signal) = crate::net::gate::signalled() {
        return 128 + signal;
    }
    let bad = cases.iter().any(|c| !matches!(c.verdict, Verdict::Passed | Verdict::Skipped(_)));
    i32::from(bad)
}
