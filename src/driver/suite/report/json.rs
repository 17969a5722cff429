//! The whole run as one JSON document; `sockbook help reports` says what it holds.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::utc;
use crate::driver::suite::case::{Attempt, Case, Ran, Verdict};
use crate::words::Lang;

/// Grows when a field changes its meaning or goes; new fields may come at any time.
const VERSION: u32 = 1;

pub fn write(ran: &Ran, lang: Lang) -> String {
    let counts = ran.counts();
    let document = json!({
        "format": "sockbook test",
        "version": VERSION,
        "sockbook": env!("CARGO_PKG_VERSION"),
        "began": utc(ran.began),
        "seconds": seconds(ran.took),
        "signal": ran.signal,
        "exit": ran.exit_code(),
        "repeat": ran.repeat,
        "counts": {
            "scripts": ran.cases.len(), "passed": counts.passed, "failed": counts.failed,
            "errors": counts.errors, "skipped": counts.skipped, "not_run": counts.not_run,
            "flaky": counts.flaky,
        },
        "scripts": ran.cases.iter().map(|c| case(c, lang)).collect::<Json>(),
    });
    // A value of ours always has a text.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn seconds(took: Duration) -> f64 {
    took.as_micros() as f64 / 1e6
}

fn case(case: &Case, lang: Lang) -> Json {
    let told = &case.told;
    let spread = case.spread();
    let reason = match &told.verdict {
        Verdict::Skipped(why) => Some(why.show(lang)),
        _ => None,
    };
    json!({
        "file": case.path.to_string_lossy(),
        "status": told.verdict.word(),
        "reason": reason,
        "error": error(told),
        "flaky": case.flaky.as_ref().filter(|_| case.is_flaky()).map(error),
        "blessed": told.blessed,
        "seconds": seconds(case.took()),
        "runs": {
            "count": case.runs, "failed": case.failures, "retried": case.retried,
            "min": spread.map(|s| seconds(s.0)), "median": spread.map(|s| seconds(s.1)),
        },
        "output": told.output,
        "commands": told.commands,
    })
}

fn error(attempt: &Attempt) -> Json {
    if attempt.detail.is_empty() {
        return Json::Null;
    }
    let place = attempt.place.as_ref();
    json!({
        "message": attempt.message,
        "detail": attempt.detail,
        "file": place.map(|p| &*p.file),
        "line": place.map(|p| p.line),
        "column": place.map(|p| p.column),
        "sockets": attempt.standing.get("sockets"),
        "programs": attempt.standing.get("programs"),
    })
}
