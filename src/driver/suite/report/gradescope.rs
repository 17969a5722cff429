//! The results that Gradescope's autograder reads (`results.json`): a test a script, with its title, its points and what
//! went wrong.
//!
//! A course needs a result whatever happens: one that says that the run did not come to its end is written before it
//! begins, and the real one takes its place.

use serde_json::{Value as Json, json};

use super::text;
use crate::driver::suite::case::{Case, Ran, Verdict};
use crate::text::literal;
use crate::text::secrets::hide;
use crate::words::Lang;

/// Of a student's output so many characters are shown: the page is for reading.
const SHOWN: usize = 20_000;

/// The report as a document.
pub fn write(ran: &Ran, lang: Lang) -> String {
    // Where no script has points each counts one.
    let each = ran.counts().points.is_none().then_some(1);
    let tests: Vec<Json> = ran.cases.iter().map(|case| test(case, each, lang)).collect();
    let mut document = json!({ "execution_time": ran.took.as_secs_f64(), "tests": tests });
    let trouble = ran.trouble.as_ref().map(|trouble| trouble.show(lang));
    let signal = ran.signal.map(|signal| crate::render::error::ended_by(signal, lang).to_string());
    let said: Vec<String> = [trouble, signal].into_iter().flatten().collect();
    if !said.is_empty() {
        document["output"] = said.join("\n").into();
    }
    if ran.cases.is_empty() {
        document["score"] = 0.into();
    }
    written(&document)
}

/// What stands there of a run that did not come to its end, and why.
pub fn broken(why: &str) -> String {
    written(&json!({ "score": 0, "output": why }))
}

fn written(document: &Json) -> String {
    // A value of ours always has a text.
    literal::in_json(serde_json::to_string_pretty(document).unwrap_or_default()) + "\n"
}

fn test(case: &Case, each: Option<u32>, lang: Lang) -> Json {
    let path = case.path.to_string_lossy();
    // One that fails as it is known to brings nothing: it is passed where it has no points to lose.
    let points = case.points().or(each.map(|of| match case.verdict() {
        Verdict::Passed => (of, of),
        Verdict::Known => (0, 0),
        _ => (0, of),
    }));
    let points = points.filter(|_| !case.is_fixture);
    // Without a status Gradescope takes a test for passed where its score is all that it may bring.
    let status = match case.verdict() {
        Verdict::Passed => "passed",
        Verdict::Known if points.is_none_or(|(_, of)| of == 0) => "passed",
        _ => "failed",
    };
    let mut test = json!({
        "name": case.head.title.as_deref().unwrap_or(&path),
        "status": status,
        "output": output(case, &path, lang),
        "output_format": "text",
        "tags": case.head.tags,
    });
    if let Some((got, of)) = points {
        test["score"] = got.into();
        test["max_score"] = of.into();
    }
    test
}

/// What the report for people has of it.
fn output(case: &Case, path: &str, lang: Lang) -> String {
    let told = &case.told;
    let mut lines = vec![format!("{path}: {}", told.verdict.shown().show(lang))];
    match &told.verdict {
        Verdict::Skipped(why) => lines.push(why.show(lang)),
        Verdict::Known => lines.extend(case.head.fails.clone()),
        _ => {}
    }
    lines.extend(told.why.as_ref().map(|why| why.show(lang)));
    lines.extend(told.notes.iter().map(|note| note.show(lang)));
    lines.extend(text::failed(case, false, lang));
    let mut text = hide(&lines.join("\n")).into_owned();
    if text.len() > SHOWN {
        text.truncate(text.floor_char_boundary(SHOWN));
        text.push('…');
    }
    text
}
