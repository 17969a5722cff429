//! `sockbook test`: scripts as tests.

mod bless;
mod case;
mod choose;
mod filter;
mod find;
mod folders;
mod judge;
mod live;
mod one;
mod pool;
mod record;
pub mod report;
mod shard;
mod watch;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

pub use find::{below, find};

use crate::driver::config::{self, Config};
use crate::driver::failure::{failure, shown};
use crate::driver::files;
use crate::driver::held::{Begins, Held};
use crate::driver::output::complain;
use crate::driver::run::{self, Options};
use crate::text::literal::one_line;
use crate::value::outcome::SetBy;
use crate::words::Lang;
use case::Ran;
use choose::{Choice, Chosen, choose};
use filter::Filter;
use find::NoScript;
use live::{Console, Live};
use one::Settings;
use pool::Plan;
use report::Report;
use shard::Shard;

/// The arguments of `sockbook test`.
#[derive(clap::Args, Clone)]
pub struct TestArguments {
    /// Scripts, and folders of scripts
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How many scripts run at a time [default: the number of cores]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Only scripts for which this holds: `http and not (tag:slow or ipv6)`; given several times, each must hold
    #[arg(long = "filter", value_name = "EXPR", value_parser = filter::parse)]
    filters: Vec<Filter>,
    /// Only scripts that failed when they last ran here
    #[arg(long)]
    failed: bool,
    /// Only the I-th of N parts of the scripts
    #[arg(long, value_name = "I/N", value_parser = shard::parse)]
    shard: Option<Shard>,
    /// A JSON report of an earlier run: the parts of `--shard` then take about as long
    #[arg(long, value_name = "FILE", requires = "shard")]
    timings: Option<PathBuf>,
    /// Say which scripts would run
    #[arg(long)]
    list: bool,
    /// Give a name a value
    #[arg(long = "var", value_name = "NAME=VALUE")]
    vars: Vec<String>,
    /// The limit of a single command that may wait [default: 10s]
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    /// The limit of a script [default: 60s]
    #[arg(long, value_name = "DURATION")]
    limit: Option<String>,
    #[command(flatten)]
    held: Held,
    /// The seed of `random`: the same bytes again
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Try a script that failed again, this often at most; a pass is then reported as flaky
    #[arg(long, value_name = "N")]
    retries: Option<u16>,
    /// Run each script this often, and say how often it failed
    #[arg(long, value_name = "N", default_value = "1", hide_default_value = true,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    repeat: u32,
    /// Stop at the first failure
    #[arg(long)]
    fail_fast: bool,
    /// Write today's answers into the scripts; with `--repeat`, what all the runs share
    #[arg(long, conflicts_with = "retries")]
    bless: bool,
    /// Keep the temporary folders of scripts that failed, and say where they are
    #[arg(long)]
    keep: bool,
    /// Write what happened in each script that failed to this folder, as a capture for Wireshark (pcapng); with --isolate, the packets themselves
    #[arg(long, value_name = "DIR")]
    pcap: Option<PathBuf>,
    /// A skipped script is a failure of the run
    #[arg(long)]
    deny_skips: bool,
    /// Wait for a change of the scripts and run again what it is about, until Ctrl-C
    #[arg(long, conflicts_with_all = ["bless", "list", "shard"])]
    watch: bool,
    /// No line for a script that went well
    #[arg(short = 'q', long)]
    quiet: bool,
    /// Whether what is shown is coloured
    #[arg(long, value_name = "WHEN", value_enum)]
    color: Option<When>,
    /// Write a report: `html=FILE`, `junit=FILE`, `json=FILE`, `gradescope=FILE`, `tap=FILE` or `tap`; `sockbook help reports` says more
    #[arg(long = "report", value_name = "FORM=FILE", value_parser = report::parse)]
    reports: Vec<Report>,
}

/// When colours are shown.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Auto,
    Always,
    Never,
}

/// The arguments with what `sockbook.toml` says where they say nothing.
fn with_defaults(mut arguments: TestArguments, config: &Config) -> Result<TestArguments> {
    arguments.jobs = arguments.jobs.or(config.jobs);
    // What is written is not tried again.
    arguments.retries = arguments.retries.or(config.retries.filter(|_| !arguments.bless));
    arguments.deny_skips |= config.deny_skips;
    arguments.fail_fast |= config.fail_fast;
    arguments.keep |= config.keep;
    arguments.held.isolate |= config.isolate;
    if arguments.reports.is_empty() {
        for (text, place) in &config.reports {
            let report = report::parse(text).map_err(|what| failure(config::wrong(place, what.0)))?;
            arguments.reports.push(report.below(&config.folder));
        }
    }
    Ok(arguments)
}

/// What a round of `--watch` is about: whole paths.
#[derive(Default)]
struct Round {
    /// Only these run; none where it is not one of the later rounds.
    only: Option<HashSet<PathBuf>>,
    /// What has changed.
    told: Option<String>,
    /// These come first.
    first: HashSet<PathBuf>,
}

/// A run, and where it was shown.
struct Done {
    code: i32,
    ran: Ran,
    console: Console,
}

/// Runs scripts as tests; the exit code.
pub fn main(arguments: TestArguments, lang: Lang) -> Result<i32> {
    if arguments.watch {
        return watch::main(&arguments, lang);
    }
    let reports = arguments.reports.clone();
    match once(arguments, &Round::default(), lang) {
        Ok(done) => Ok(done.code),
        Err(error) => {
            report::write_broken(&reports, &shown(&error, lang));
            Err(error)
        }
    }
}

/// Runs them once.
fn once(arguments: TestArguments, round: &Round, lang: Lang) -> Result<Done> {
    let config = config::find()?;
    let arguments = with_defaults(arguments, &config)?;
    let duration = |given: &Option<String>, own: Option<Duration>, usual: u64| match given {
        Some(given) => run::duration(given),
        None => Ok(own.unwrap_or(Duration::from_secs(usual))),
    };
    let limit = duration(&arguments.limit, config.limit, 60)?;
    let limit_by = match (&arguments.limit, config.limit) {
        (Some(_), _) => SetBy::CommandLine,
        (None, Some(_)) => SetBy::Project,
        (None, None) => SetBy::Default,
    };
    let options = Options {
        vars: config
            .vars
            .iter()
            .cloned()
            .chain(run::variables(&arguments.vars)?)
            .chain(arguments.held.secrets()?)
            .collect(),
        timeout: Some(duration(&arguments.timeout, config.timeout, 10)?),
        default_timeout: arguments.timeout.is_none() && config.timeout.is_none(),
        seed: arguments.seed,
        policy: arguments.held.policy()?,
        enclosure: match arguments.list {
            true => None,
            false => arguments.held.begin(Begins::Tests, arguments.pcap.is_some(), lang)?,
        },
        pcap: arguments.pcap.clone(),
        ladders: arguments.reports.iter().any(Report::wants_facts),
        lang,
        ..Options::default()
    };
    let colour = match arguments.color {
        None | Some(When::Auto) => None,
        Some(when) => Some(when == When::Always),
    };
    let mut console = Console::new(arguments.reports.iter().any(Report::is_on_stdout), colour, lang);
    if let Some(told) = &round.told {
        console.line(&format!("\n{told}"));
    }
    let mut shard = arguments.shard.clone();
    if let (Some(shard), Some(path)) = (&mut shard, &arguments.timings) {
        shard.timings = Some(shard::timings(path)?);
    }
    let only = round.only.clone().or_else(|| arguments.failed.then(record::read));
    let part = shard.as_ref().map(|shard| (shard.part, shard.of));
    let choice = Choice { filters: arguments.filters.clone(), shard, only };
    let mut chosen = match choose(&arguments.paths, &choice) {
        // A list may be empty; what is at fault ends the program here too.
        Err(error) if arguments.list && error.is::<NoScript>() => {
            complain(format_args!("{}", shown(&error, lang)));
            Chosen::default()
        }
        chosen => chosen?,
    };
    if !round.first.is_empty() {
        chosen.scripts.sort_by_key(|script| !round.first.contains(&choose::whole(&script.path)));
    }
    if arguments.list {
        for script in &chosen.scripts {
            console.line(&one_line(&script.path.to_string_lossy()));
        }
        console.flush();
        return Ok(Done { code: console.exit_code(0), ran: Ran::default(), console });
    }
    if arguments.failed && round.only.is_none() && chosen.scripts.is_empty() {
        let none = phrase!(
            en "no script here failed when it last ran",
            es "ningún script falló aquí la última vez que se ejecutó"
        );
        console.line(none.show(lang));
    }
    if !arguments.reports.is_empty() {
        let scripts: Vec<_> = chosen.scripts.iter().map(|script| script.path.clone()).collect();
        report::probe(&arguments.reports, &scripts, lang)?;
    }
    if let Some(folder) = &arguments.pcap {
        std::fs::create_dir_all(folder)
            .map_err(|e| failure(files::cannot_write(&folder.to_string_lossy(), &e)))?;
    }
    let unfinished = phrase!(
        en "the tests did not come to their end",
        es "las pruebas no llegaron a su fin"
    );
    report::write_broken(&arguments.reports, unfinished.show(lang));
    // Several runs of a script that is written are runs for its answers.
    let (repeat, bless) =
        if arguments.bless { (1, Some(arguments.repeat)) } else { (arguments.repeat, None) };
    let runs = chosen.scripts.len() * repeat as usize;
    let settings = Settings {
        options,
        limit,
        limit_by,
        bless,
        retries: arguments.retries.unwrap_or(0).into(),
        transcripts: arguments.reports.iter().any(Report::wants_transcripts),
        facts: arguments.reports.iter().any(Report::wants_facts),
        colour: console.colour,
        columns: console.columns(),
        keep: arguments.keep,
    };
    let mut live = Live::new(console, runs, arguments.quiet);
    // One script needs no count of cores, which reads files of the system.
    let jobs = match arguments.jobs {
        Some(jobs) => jobs.into(),
        None if runs < 2 => 1,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let whole = chosen.whole;
    let plan = Plan { chosen, settings, repeat, jobs: jobs.min(runs), fail_fast: arguments.fail_fast };
    let mut ran = pool::run(plan, &mut live);
    (ran.shard, ran.whole, ran.deny_skips) = (part, part.map(|_| whole), arguments.deny_skips);
    record::keep(&ran);
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
    let mut wrong = report::write(&arguments.reports, &ran, lang);
    wrong.extend(report::github::summarize(&ran, lang));
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
    Ok(Done { code: if all_written { code } else { code.max(1) }, ran, console })
}
