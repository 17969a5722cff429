//! The whole run as one JSON document; `sockbook help reports` says what it holds.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::utc;
use crate::driver::suite::case::{Attempt, Case, Part, Ran, Verdict};
use crate::text::literal;
use crate::words::{Lang, Sentence};

/// Grows when a field changes its meaning or goes; new fields may come at any time.
pub const VERSION: u32 = 2;

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
        "shard": ran.shard.map(|(part, of)| json!({ "part": part, "of": of, "scripts": ran.whole })),
        "deny_skips": ran.deny_skips,
        "points": counts.points.map(|(got, of)| json!({ "got": got, "of": of })),
        "counts": {
            "scripts": ran.scripts(), "passed": counts.passed, "failed": counts.failed,
            "errors": counts.errors, "skipped": counts.skipped, "not_run": counts.not_run,
            "flaky": counts.flaky, "known": counts.known, "interrupted": counts.interrupted,
            "subtests": counts.subtests, "subtests_failed": counts.subtests_failed,
            "subtests_skipped": counts.subtests_skipped,
        },
        "scripts": ran.cases.iter().map(|c| case(c, lang)).collect::<Json>(),
    });
    // A value of ours always has a text.
    literal::in_json(serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
}

fn seconds(took: Duration) -> f64 {
    took.as_micros() as f64 / 1e6
}

fn case(case: &Case, lang: Lang) -> Json {
    let told = &case.told;
    let spread = case.spread();
    let points = case.points();
    json!({
        "file": case.path.to_string_lossy(),
        "order": case.order,
        "fixture": case.is_fixture,
        "title": case.head.title,
        "tags": case.head.tags,
        "points": points.map(|(got, of)| json!({ "got": got, "of": of })),
        "status": told.verdict.word(),
        "reason": reason(told, case.head.fails.as_deref(), lang),
        "error": error(told),
        "flaky": case.flaky().map(error),
        "blessed": told.blessed,
        "seconds": seconds(case.took()),
        "runs": {
            "count": case.runs, "failed": case.failures, "retried": case.retried,
            "min": spread.map(|s| seconds(s.0)), "median": spread.map(|s| seconds(s.1)),
        },
        "output": told.output,
        "subtests": told.subtests.iter().map(|part| subtest(part, lang)).collect::<Json>(),
        "notes": told.notes.iter().map(Sentence::english).collect::<Vec<_>>(),
        "commands": told.commands,
    })
}

/// Why it was skipped or not run, or is known to fail.
fn reason(told: &Attempt, fails: Option<&str>, lang: Lang) -> Option<String> {
    match &told.verdict {
        Verdict::Skipped(why) => Some(why.show(lang)),
        Verdict::Known => fails.map(str::to_string),
        _ => told.why.as_ref().map(|why| why.show(lang)),
    }
}

fn subtest(part: &Part, lang: Lang) -> Json {
    json!({
        "title": part.title,
        "file": part.line.as_ref().map(|place| &*place.file),
        "line": part.line.as_ref().map(|place| place.line),
        "status": part.told.verdict.word(),
        "reason": reason(&part.told, None, lang),
        "error": error(&part.told),
        "seconds": seconds(part.told.took),
    })
}

fn error(attempt: &Attempt) -> Json {
    if attempt.fault().detail.is_empty() {
        return Json::Null;
    }
    let place = attempt.fault().place.as_ref();
    json!({
        "message": attempt.fault().message,
        "detail": attempt.fault().detail,
        "file": place.map(|p| &*p.file),
        "line": place.map(|p| p.line),
        "column": place.map(|p| p.column),
        "test_line": attempt.fault().own_place.as_ref().map(|p| p.line),
        "source": attempt.fault().source,
        "sides": attempt.fault().sides,
        "stack": attempt.fault().stack,
        "sockets": attempt.fault().standing.get("sockets"),
        "programs": attempt.fault().standing.get("programs"),
        "ladder": attempt.fault().ladder,
    })
}
