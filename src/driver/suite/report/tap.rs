//! TAP 14, with what went wrong as YAML below each test point.

use std::fmt::Write as _;

use crate::driver::suite::case::{Attempt, Case, Part, Ran, Verdict};
use crate::render::error::ended_by;
use crate::text::literal::{self, one_line};
use crate::words::Lang;

/// The report as a stream.
pub fn write(ran: &Ran, lang: Lang) -> String {
    let mut out = format!("TAP version 14\n1..{}\n", ran.cases.len());
    for (at, case) in ran.cases.iter().enumerate() {
        let path = escaped(&case.path.to_string_lossy());
        if !case.told.subtests.is_empty() {
            subtests(&mut out, &path, &case.told.subtests, lang);
        }
        let bad = case.verdict().is_bad() || *case.verdict() == Verdict::Known;
        let ok = if bad { "not ok" } else { "ok" };
        let _ = write!(out, "{ok} {} - {path}", at + 1);
        match case.verdict() {
            Verdict::Skipped(why) => {
                let _ = write!(out, " # SKIP {}", one_line(&why.show(lang)));
            }
            Verdict::Known => {
                let _ = write!(out, " # TODO {}", case.head.fails.as_deref().unwrap_or(""));
            }
            Verdict::NotRun => {
                let not_run = phrase!(en "not run", es "no ejecutado").show(lang);
                let why = case.told.why.as_ref().map(|why| format!(": {}", one_line(&why.show(lang))));
                let _ = write!(out, " # SKIP {not_run}{}", why.unwrap_or_default());
            }
            _ => {}
        }
        out.push('\n');
        if !matches!(case.verdict(), Verdict::NotRun) {
            diagnostics(&mut out, case);
        }
    }
    if let Some(signal) = ran.signal {
        let _ = writeln!(out, "Bail out! {}", ended_by(signal, lang));
    }
    out
}

/// The `subtest`s of a script, indented before its own test point.
fn subtests(out: &mut String, path: &str, parts: &[Part], lang: Lang) {
    let _ = writeln!(out, "# Subtest: {path}");
    let mut inner = String::new();
    for (at, part) in parts.iter().enumerate() {
        let ok = if part.told.verdict.is_bad() { "not ok" } else { "ok" };
        let _ = write!(inner, "{ok} {} - {}", at + 1, escaped(&part.title));
        if let Verdict::Skipped(why) = &part.told.verdict {
            let _ = write!(inner, " # SKIP {}", one_line(&why.show(lang)));
        }
        let millis = part.told.took.as_secs_f64() * 1000.0;
        let _ = writeln!(inner, "\n  ---\n  duration_ms: {millis:.3}");
        problem(&mut inner, &part.told);
        inner.push_str("  ...\n");
    }
    let _ = writeln!(inner, "1..{}", parts.len());
    for line in inner.lines() {
        let _ = writeln!(out, "{}", format!("    {line}").trim_end());
    }
}

/// A description: `#` would begin a directive.
fn escaped(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('#', "\\#")
}

fn diagnostics(out: &mut String, case: &Case) {
    let _ = writeln!(out, "  ---\n  duration_ms: {:.3}", case.took().as_secs_f64() * 1000.0);
    let told = case.flaky().unwrap_or(&case.told);
    if case.runs > 1 {
        let _ = writeln!(out, "  runs: {}\n  failures: {}", case.runs, case.failures);
    }
    if case.retried > 0 {
        let _ = writeln!(out, "  flaky: {}\n  retried: {}", case.is_flaky(), case.retried);
    }
    if let Some((got, of)) = case.points() {
        let _ = writeln!(out, "  points: {got}\n  points_of: {of}");
    }
    problem(out, told);
    if !told.notes.is_empty() {
        out.push_str("  notes:\n");
    }
    for note in &told.notes {
        let _ = writeln!(out, "    - {}", quoted(&note.english()));
    }
    out.push_str("  ...\n");
}

fn problem(out: &mut String, told: &Attempt) {
    if !told.verdict.is_bad() && told.verdict != Verdict::Known {
        return;
    }
    let severity = if matches!(told.verdict, Verdict::Failed | Verdict::Known) { "fail" } else { "error" };
    let _ = writeln!(out, "  severity: {severity}\n  message: {}", quoted(&told.fault().message));
    if let Some(place) = &told.fault().place {
        let file = quoted(&place.file);
        let _ =
            writeln!(out, "  at:\n    file: {file}\n    line: {}\n    column: {}", place.line, place.column);
    }
    block(out, "detail", &told.fault().detail);
    if !told.output.trim().is_empty() {
        block(out, "output", &told.output);
    }
}

/// Text as YAML may hold it.
fn visible(text: &str) -> String {
    literal::visible(text).replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

/// A JSON string is a YAML scalar.
fn quoted(text: &str) -> String {
    serde_json::Value::from(visible(text)).to_string()
}

/// Text of several lines, in the form that TAP readers know: YAML's own way to say how deep a block is
/// that begins with a blank is not among it.
fn block(out: &mut String, name: &str, text: &str) {
    let text = visible(text.trim_end());
    if text.starts_with([' ', '\t', '\n']) {
        let _ = writeln!(out, "  {name}: {}", quoted(&text));
        return;
    }
    let _ = writeln!(out, "  {name}: |");
    for line in text.lines() {
        let _ = writeln!(out, "    {line}");
    }
}
