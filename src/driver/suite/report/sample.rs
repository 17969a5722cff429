//! A made-up run that has everything that a report can tell of: what a report is written with, whatever happens in a run.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::driver::suite::case::{Attempt, Case, Fault, Part, Ran, Verdict};
use crate::engine::Head;
use crate::picture::{self, ladder::Ladder};
use crate::words::{Lang, Sentence};

/// What describes the JSON report, and the commands in it.
const SCHEMAS: [&str; 2] =
    [include_str!("../../../../docs/report.schema.json"), include_str!("../../../../docs/lines.schema.json")];

/// A case of every verdict, with its `subtest`s, and empty texts.
pub fn ran(lang: Lang) -> Ran {
    let nothing = || Sentence::plain("");
    let verdicts = || {
        use Verdict::{Broken, Failed, Interrupted, Invalid, Known, NotRun, Passed, Skipped};
        [Passed, Failed, Invalid, Broken, Skipped(nothing()), Known, Interrupted, NotRun]
    };
    let names = names();
    let attempt = |verdict: Verdict| Attempt {
        output: "-".into(),
        notes: vec![nothing()],
        commands: vec![names.clone()],
        ..Attempt::of(verdict, fault(lang))
    };
    let case = |verdict: Verdict| {
        let parts = verdicts().map(|verdict| Part { told: attempt(verdict), ..Part::default() });
        Case {
            head: Head {
                title: Some(String::new()),
                tags: vec![String::new()],
                points: Some(1),
                ..Head::default()
            },
            told: Attempt { subtests: parts.into(), ..attempt(verdict) },
            runs: 2,
            retried: 1,
            times: vec![Duration::from_millis(1)],
            ..Case::new(Path::new(""))
        }
    };
    let flaky = Case { made_good: Some(Box::new(attempt(Verdict::Failed))), ..case(Verdict::Passed) };
    Ran {
        cases: verdicts().map(case).into_iter().chain([flaky]).collect(),
        signal: Some(libc::SIGTERM),
        trouble: Some(nothing()),
        repeat: 2,
        shard: Some((1, 2)),
        deny_skips: true,
        ..Ran::default()
    }
}

fn fault(lang: Lang) -> Fault {
    let moved = json!({ "bytes": 1, "last": { "text": "" } });
    Fault {
        stack: json!([{ "file": "", "line": 1, "text": "" }]),
        standing: json!({
            "sockets": [{ "current": true, "name": "", "sent": moved, "received": moved }],
            "programs": [{ "name": "", "command": "", "stdout": "-", "stderr": "-" }],
        }),
        sides: json!([{ "operator": "==", "expected": "a", "got": "b" }]),
        source: json!([{ "file": "", "line": 1, "first": 1, "lines": [""] }]),
        ladder: Some(picture::svg(Ladder::default(), lang)),
        ..Fault::told("-".into())
    }
}

/// The name of every field that can stand in a JSON report.
fn names() -> Json {
    fn add(schema: &Json, names: &mut Vec<Json>) {
        let properties = schema.get("properties").and_then(Json::as_object);
        names.extend(properties.into_iter().flatten().map(|(name, _)| json!(name)));
        let fields = schema.as_object().into_iter().flatten().map(|(_, value)| value);
        fields.chain(schema.as_array().into_iter().flatten()).for_each(|inner| add(inner, names));
    }
    let mut names = Vec::new();
    for schema in SCHEMAS {
        // They are ours, and the tests read them.
        add(&serde_json::from_str(schema).unwrap_or_default(), &mut names);
    }
    names.into()
}
