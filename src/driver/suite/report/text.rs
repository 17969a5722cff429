//! For people: a line a script as it ends, failures whole, a summary.

use std::time::Duration;

use crate::driver::suite::case::{Attempt, Case, FLAKY, Ran, Verdict};
use crate::driver::suite::live::Console;
use crate::render::colour::{BAD, COMMAND, DOUBT, GOOD, paint};
use crate::render::error::ended_by;
use crate::text::literal::{on_terminal, one_line};
use crate::value::duration_text;
use crate::words::{Lang, Phrase, Totals};

/// How long something took: below ten milliseconds to a hundredth of one.
pub fn millis(time: Duration) -> String {
    match time.as_micros() {
        micros @ 0..10_000 => duration_text(Duration::from_micros(micros as u64 / 10 * 10)),
        _ => duration_text(Duration::from_millis(time.as_millis() as u64)),
    }
}

/// What a line of a script begins with, one of these.
const OK: Phrase = Phrase::same("ok");
const FAILED: Phrase = phrase!(en "FAILED", es "FALLÓ");
const INVALID: Phrase = phrase!(en "INVALID", es "INVÁLIDO");
const CUT_OFF: Phrase = phrase!(en "CUT OFF", es "CORTADO");
const BLESSED: Phrase = phrase!(en "blessed", es "escrito");

/// The line of a script that has had all its runs.
pub fn progress(case: &Case, colour: bool, lang: Lang) -> String {
    let (word, style) = match case.verdict() {
        Verdict::Passed if case.is_flaky() => (FLAKY, DOUBT),
        Verdict::Passed if case.told.blessed => (BLESSED, COMMAND),
        Verdict::Passed => (OK, GOOD),
        Verdict::Failed => (FAILED, BAD),
        Verdict::Invalid => (INVALID, BAD),
        Verdict::Broken => (CUT_OFF, BAD),
        Verdict::Interrupted => (Verdict::Interrupted.shown(), BAD),
        other => (other.shown(), DOUBT),
    };
    let words = [FLAKY, INVALID, CUT_OFF, BLESSED, Verdict::NotRun.shown()];
    let width = words.iter().map(|word| word.show(lang).chars().count()).max().unwrap_or(0) + 1;
    let word = word.show(lang);
    let path = one_line(&case.path.to_string_lossy());
    let blank = width.saturating_sub(word.chars().count()) + 1;
    let mut line = String::with_capacity(width + path.len() + 32);
    line.push_str(&paint(word, style, colour));
    for _ in 0..blank {
        line.push(' ');
    }
    line.push_str(&path);
    let because = |line: &mut String, why: &str| line.push_str(&format!("  ({why})"));
    match case.verdict() {
        Verdict::Skipped(why) => because(&mut line, &one_line(&why.show(lang))),
        Verdict::NotRun => {
            if let Some(why) = &case.told.why {
                because(&mut line, &one_line(&why.show(lang)));
            }
        }
        Verdict::Invalid => {}
        verdict => {
            line.push_str("  ");
            line.push_str(&millis(case.took()));
            if *verdict == Verdict::Known {
                because(&mut line, case.head.fails.as_deref().unwrap_or(""));
            }
        }
    }
    line.push_str(&runs(case, lang));
    for note in &case.told.notes {
        line.push_str(&format!("\n{:width$} {}", "", one_line(&note.show(lang))));
    }
    line
}

/// What there is to say of several runs: how many failed, and how long they took.
pub fn runs(case: &Case, lang: Lang) -> String {
    let words = lang.words();
    let mut out = String::new();
    if case.runs > 1 {
        out = format!("  {}", words.runs_failed(case.failures.into(), case.runs.into()));
        if let Some((min, median)) = case.spread() {
            let spread = say!(
                en "min {min}, median {median}",
                es "mín {min}, mediana {median}",
                min = millis(min),
                median = millis(median)
            );
            out.push_str(&format!(", {}", spread.show(lang)));
        }
    }
    if case.retried > 0 {
        out.push_str(&format!("  {}", words.tried_again(case.retried.into())));
    }
    out
}

/// The failures whole, and the numbers.
pub fn summary(ran: &Ran, console: &mut Console) {
    for case in &ran.cases {
        if let Some(flaky) = case.flaky() {
            let how = phrase!(
                en "failed, and passed when it was tried again",
                es "falló, y pasó al reintentarlo"
            );
            detail(case, flaky, how.show(console.lang), true, console.lang)
                .iter()
                .for_each(|line| console.line(line));
        }
    }
    for case in &ran.cases {
        failed(case, true, console.lang).iter().for_each(|line| console.line(line));
    }
    failures(ran, console);
    let numbers = numbers(ran, console.lang);
    console.line(&format!("\n{numbers}"));
}

/// What went wrong in a script and in its `subtest`s, whole. `colour`: as a terminal shows it, where it is one that does.
pub fn failed(case: &Case, colour: bool, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    for part in case.told.bad_parts() {
        lines.push(format!("\n--- {} [{}]", one_line(&case.path.to_string_lossy()), part.title));
        lines.push(drawn(&part.told, colour));
    }
    let told = !lines.is_empty();
    // Where only `subtest`s failed, that is all there is to tell; one that the script ended in does not say how.
    let cut = case.told.subtests.iter().any(|part| part.told.verdict == Verdict::Broken);
    let is_told = matches!(case.verdict(), Verdict::Passed | Verdict::Skipped(_) | Verdict::Known)
        || told && !cut && case.told.fault().place.is_none() && *case.verdict() == Verdict::Failed;
    if !is_told && !case.told.fault().detail.is_empty() {
        lines.extend(detail(case, &case.told, runs(case, lang).trim(), colour, lang));
    } else if told {
        lines.extend(printed(&case.told, lang));
    }
    lines
}

fn drawn(attempt: &Attempt, colour: bool) -> String {
    attempt.fault().coloured.as_ref().filter(|_| colour).unwrap_or(&attempt.fault().detail).clone()
}

fn detail(case: &Case, attempt: &Attempt, how: &str, colour: bool, lang: Lang) -> Vec<String> {
    let path = one_line(&case.path.to_string_lossy());
    let how = if how.is_empty() { String::new() } else { format!("  ({how})") };
    [format!("\n--- {path}{how}"), drawn(attempt, colour)].into_iter().chain(printed(attempt, lang)).collect()
}

/// What a script printed that went wrong.
fn printed(attempt: &Attempt, lang: Lang) -> Option<String> {
    let printed = attempt.output.trim_end();
    let head = phrase!(en "it printed:", es "imprimió:").show(lang);
    (!printed.is_empty()).then(|| format!("\n{head}\n{}", on_terminal(printed)))
}

/// What went wrong, a line each, where it is more than one thing: the details have scrolled away.
fn failures(ran: &Ran, console: &mut Console) {
    let mut lines = Vec::new();
    for case in &ran.cases {
        let bad: Vec<_> = case.told.bad_parts().collect();
        if bad.is_empty() && !case.verdict().is_bad() {
            continue;
        }
        let path = one_line(&case.path.to_string_lossy());
        let mut add = |attempt: &Attempt, title: &str| {
            let at = match &attempt.fault().place {
                Some(place) => format!("{}:{}", one_line(&place.file), place.line),
                None => path.clone(),
            };
            // Where a library failed, the script is to be named all the same.
            let at = if at.starts_with(&path) { at } else { format!("{path}: {at}") };
            lines.push(format!("  {at}{title}  {}", one_line(&attempt.fault().message)));
        };
        for part in &bad {
            add(&part.told, &format!(" [{}]", part.title));
        }
        if bad.is_empty() {
            add(&case.told, "");
        }
    }
    if lines.len() > 1 {
        let head = phrase!(en "failed:", es "fallaron:").show(console.lang);
        console.line(&format!("\n{head}"));
        lines.iter().for_each(|line| console.line(line));
    }
    if ran.deny_skips && ran.cases.iter().any(Case::has_skips) {
        let denied = phrase!(
            en "error: no script or subtest may be skipped (`--deny-skips`)",
            es "error: ningún script ni subprueba se puede omitir (`--deny-skips`)"
        );
        console.line(&format!("\n{}", denied.show(console.lang)));
    }
}

/// `3 scripts: 1 passed, 1 failed, 1 skipped  (12ms)`
pub fn numbers(ran: &Ran, lang: Lang) -> String {
    let counts = ran.counts();
    let mut line = lang.words().totals(&Totals {
        scripts: ran.scripts() as u64,
        passed: counts.passed as u64,
        flaky: counts.flaky as u64,
        // An error counts as a failure; its own word stands beside the script.
        failed: (counts.failed + counts.errors) as u64,
        skipped: counts.skipped as u64,
        not_run: counts.not_run as u64,
        known: counts.known as u64,
        interrupted: counts.interrupted as u64,
        subtests: counts.subtests as u64,
        subtests_failed: counts.subtests_failed as u64,
        points: counts.points,
    });
    if let Some(signal) = ran.signal {
        line.push_str(&format!("; {}", ended_by(signal, lang)));
    }
    format!("{line}  ({})", millis(ran.took))
}
