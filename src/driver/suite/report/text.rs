//! For people: a line a script as it ends, failures whole, a summary.

use std::time::Duration;

use crate::driver::suite::case::{Attempt, Case, Ran, Verdict};
use crate::driver::suite::live::Console;
use crate::render::colour::{BAD, COMMAND, DOUBT, GOOD, paint};
use crate::render::error::ended_by;
use crate::text::literal::{on_terminal, one_line};
use crate::value::duration_text;
use crate::value::outcome::count;
use crate::words::Lang;

fn millis(d: Duration) -> String {
    match d.as_micros() {
        micros @ 0..10_000 => duration_text(Duration::from_micros(micros as u64 / 10 * 10)),
        _ => duration_text(Duration::from_millis(d.as_millis() as u64)),
    }
}

/// The line of a script that has had all its runs.
pub fn progress(case: &Case, colour: bool) -> String {
    let (word, style) = match case.verdict() {
        Verdict::Passed if case.is_flaky() => ("flaky", DOUBT),
        Verdict::Passed if case.told.blessed => ("blessed", COMMAND),
        Verdict::Passed => ("ok", GOOD),
        Verdict::Failed => ("FAILED", BAD),
        Verdict::Invalid => ("INVALID", BAD),
        Verdict::Broken => ("CUT OFF", BAD),
        Verdict::Skipped(_) => ("skipped", DOUBT),
        Verdict::NotRun => ("not run", DOUBT),
    };
    let path = one_line(&case.path.to_string_lossy());
    let line = match case.verdict() {
        Verdict::Skipped(why) => format!("{word:<8} {path}  ({})", one_line(why)),
        Verdict::NotRun | Verdict::Invalid => format!("{word:<8} {path}"),
        _ => format!("{word:<8} {path}  {}", millis(case.took())),
    };
    let line = line + &runs(case);
    line.replacen(word, &paint(word, style, colour), 1)
}

/// What there is to say of several runs: how many failed, and how long they took.
pub fn runs(case: &Case) -> String {
    let mut out = String::new();
    if case.runs > 1 {
        let spread = case.spread().map_or(String::new(), |(min, median)| {
            format!(", min {}, median {}", millis(min), millis(median))
        });
        out = format!("  {} of {} runs failed{spread}", case.failures, case.runs);
    }
    if case.retried > 0 {
        out.push_str(&format!("  tried again {}", count(case.retried.into(), "time")));
    }
    out
}

/// The failures whole, and the numbers.
pub fn summary(ran: &Ran, console: &mut Console) {
    for case in &ran.cases {
        if let Some(flaky) = case.flaky.as_ref().filter(|_| case.is_flaky()) {
            let how = "failed, and passed when it was tried again";
            detail(case, flaky, how, console);
        }
    }
    for case in &ran.cases {
        if !matches!(case.verdict(), Verdict::Passed | Verdict::Skipped(_)) && !case.told.detail.is_empty() {
            detail(case, &case.told, runs(case).trim(), console);
        }
    }
    console.line(&format!("\n{}", numbers(ran)));
}

fn detail(case: &Case, attempt: &Attempt, how: &str, console: &mut Console) {
    let path = one_line(&case.path.to_string_lossy());
    let how = if how.is_empty() { String::new() } else { format!("  ({how})") };
    console.line(&format!("\n--- {path}{how}"));
    console.line(attempt.coloured.as_ref().unwrap_or(&attempt.detail));
    let printed = attempt.output.trim_end();
    if !printed.is_empty() {
        console.line(&format!("\nit printed:\n{}", on_terminal(printed)));
    }
}

/// `3 scripts: 1 passed, 1 failed, 1 skipped  (12ms)`
fn numbers(ran: &Ran) -> String {
    let counts = ran.counts();
    let scripts = count(ran.cases.len() as u64, "script");
    let mut line = format!("{scripts}: {} passed", counts.passed);
    if counts.flaky > 0 {
        line.push_str(&format!(" ({} flaky)", counts.flaky));
    }
    // An error is a failure to whoever counts; its own word stands beside the script.
    line.push_str(&format!(", {} failed", counts.failed + counts.errors));
    for (n, what) in [(counts.skipped, "skipped"), (counts.not_run, "not run")] {
        if n > 0 {
            line.push_str(&format!(", {n} {what}"));
        }
    }
    if let Some(signal) = ran.signal {
        line.push_str(&format!("; {}", ended_by(signal, Lang::EN)));
    }
    format!("{line}  ({})", millis(ran.took))
}
