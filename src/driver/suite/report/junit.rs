//! JUnit's XML, as CI servers read it: a suite, and a test case a script.

use std::fmt::Write as _;
use std::time::Duration;

use super::utc;
use crate::driver::suite::case::{Attempt, Case, Part, Ran, Verdict};
use crate::render::error::ended_by;
use crate::text::literal;
use crate::words::Lang;

/// The report as a document.
pub fn write(ran: &Ran, lang: Lang) -> String {
    let counts = ran.counts();
    let broken = |part: &&Part| !matches!(part.told.verdict, Verdict::Failed);
    let parts = ran.cases.iter().flat_map(|case| &case.told.subtests);
    let cut = parts.filter(|part| part.told.verdict.is_bad()).filter(broken).count();
    let numbers = format!(
        " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"",
        ran.cases.len() + counts.subtests,
        counts.failed + counts.subtests_failed - cut,
        counts.errors + counts.interrupted + cut,
        counts.skipped + counts.not_run + counts.known + counts.subtests_skipped,
        seconds(ran.took)
    );
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"sockbook\"{numbers}>");
    let when = utc(ran.began);
    let _ = writeln!(out, "  <testsuite name=\"sockbook\"{numbers} timestamp=\"{when}\">");
    for case in &ran.cases {
        self::case(&mut out, case, ran, lang);
        case.told.subtests.iter().for_each(|part| subtest(&mut out, case, part, lang));
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn seconds(took: Duration) -> String {
    format!("{:.6}", took.as_secs_f64())
}

/// The start of a test case. Its file and line are its own, whether it passes or fails: what it is known by.
fn begin(out: &mut String, case: &Case, name: &str, line: u32, took: Duration) {
    let path = case.path.to_string_lossy();
    let folder = case.path.parent().map(|p| p.to_string_lossy()).unwrap_or_default();
    out.push_str("    <testcase");
    attribute(out, "name", name);
    attribute(out, "classname", if folder.is_empty() { "." } else { &folder });
    attribute(out, "file", &path);
    attribute(out, "line", &line.to_string());
    attribute(out, "time", &seconds(took));
    out.push_str(">\n");
}

fn case(out: &mut String, case: &Case, ran: &Ran, lang: Lang) {
    begin(out, case, &case.path.to_string_lossy(), 1, case.took());
    properties(out, case);
    match case.verdict() {
        Verdict::Passed => {}
        Verdict::Skipped(why) => skipped(out, &why.show(lang)),
        Verdict::Known => {
            let why = case.head.fails.clone().unwrap_or_default();
            let known = say!(en "known to fail: {why}", es "se sabe que falla: {why}", why);
            skipped(out, &known.show(lang));
        }
        Verdict::NotRun => {
            let earlier = phrase!(en "an earlier script failed", es "un script anterior falló");
            let by_signal = || ran.signal.map_or(earlier.show(lang).into(), |signal| ended_by(signal, lang));
            let why = case.told.why.as_ref().map_or_else(by_signal, |why| why.show(lang));
            skipped(out, &say!(en "not run: {why}", es "no ejecutado: {why}", why).show(lang));
        }
        _ => went_wrong(out, &case.told),
    }
    if let Some(flaky) = case.flaky() {
        // What Maven's Surefire writes, and Jenkins and others read.
        problem(out, "flakyFailure", "failed", flaky);
    }
    if !case.told.output.is_empty() {
        out.push_str("      <system-out>");
        escape(out, &case.told.output, false);
        out.push_str("</system-out>\n");
    }
    if !case.told.notes.is_empty() {
        let notes: Vec<String> = case.told.notes.iter().map(|note| note.show(lang)).collect();
        out.push_str("      <system-err>");
        escape(out, &notes.join("\n"), false);
        out.push_str("</system-err>\n");
    }
    out.push_str("    </testcase>\n");
}

/// A `subtest`, as a test case of its own behind its script's.
fn subtest(out: &mut String, case: &Case, part: &Part, lang: Lang) {
    let path = case.path.to_string_lossy();
    let own = part.line.as_ref().filter(|place| *place.file == *path);
    let line = own.map_or(1, |place| place.line as u32);
    begin(out, case, &format!("{path} [{}]", part.title), line, part.told.took);
    match &part.told.verdict {
        Verdict::Passed => {}
        Verdict::Skipped(why) => skipped(out, &why.show(lang)),
        _ => went_wrong(out, &part.told),
    }
    out.push_str("    </testcase>\n");
}

fn went_wrong(out: &mut String, attempt: &Attempt) {
    match attempt.verdict {
        Verdict::Failed => problem(out, "failure", "failed", attempt),
        Verdict::Invalid => problem(out, "error", "not valid", attempt),
        Verdict::Interrupted => problem(out, "error", "interrupted", attempt),
        _ => problem(out, "error", "cut off", attempt),
    }
}

fn properties(out: &mut String, case: &Case) {
    let mut rows: Vec<(&str, String)> = Vec::new();
    if case.runs > 1 {
        let spread = case.spread().unwrap_or_default();
        rows.push(("runs", case.runs.to_string()));
        rows.push(("failures", case.failures.to_string()));
        rows.push(("min", seconds(spread.0)));
        rows.push(("median", seconds(spread.1)));
    }
    rows.extend(case.head.title.iter().map(|title| ("title", title.clone())));
    rows.extend(case.head.tags.iter().map(|tag| ("tag", tag.clone())));
    if let Some((got, of)) = case.points() {
        rows.push(("points", got.to_string()));
        rows.push(("points_of", of.to_string()));
    }
    if rows.is_empty() {
        return;
    }
    out.push_str("      <properties>\n");
    for (name, value) in rows {
        out.push_str("        <property");
        attribute(out, "name", name);
        attribute(out, "value", &value);
        out.push_str("/>\n");
    }
    out.push_str("      </properties>\n");
}

fn skipped(out: &mut String, why: &str) {
    out.push_str("      <skipped");
    attribute(out, "message", why);
    out.push_str("/>\n");
}

fn problem(out: &mut String, element: &str, kind: &str, attempt: &Attempt) {
    let _ = write!(out, "      <{element}");
    attribute(out, "message", &attempt.fault().message);
    attribute(out, "type", kind);
    out.push('>');
    escape(out, &attempt.fault().detail, false);
    let _ = writeln!(out, "</{element}>");
}

fn attribute(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, " {name}=\"");
    escape(out, value, true);
    out.push('"');
}

/// Text as XML may hold it. What XML 1.0 cannot hold at all is shown as sockbook shows it elsewhere: `\x1b`.
fn escape(out: &mut String, text: &str, attribute: bool) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            // `]]>` may not stand in text.
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' if attribute => out.push_str("&quot;"),
            '\n' | '\t' if !attribute => out.push(c),
            // A reader would make blanks of them in attributes, and line ends of CR.
            '\n' | '\t' | '\r' => {
                let _ = write!(out, "&#{};", c as u32);
            }
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c => literal::push_visible(c, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_comes_back_or_is_shown() {
        let all: String = (0..0x300).chain(0xfff0..0x10010).filter_map(char::from_u32).collect();
        let mut xml = String::from("<a");
        attribute(&mut xml, "b", &all);
        xml.push('>');
        escape(&mut xml, &all, false);
        xml.push_str("]]&gt;</a>");
        let read = roxmltree::Document::parse(&xml).unwrap();
        let back: String = read.root_element().text().unwrap().into();
        assert_eq!(read.root_element().attribute("b").unwrap().to_string() + "]]>", back);
        assert!(back.starts_with("\\x00\\x01") && back.contains("\t\n\\x0b\\x0c\r\\x0e"), "{back}");
        assert!(back.contains("\u{fffd}\\ufffe\\uffff\u{10000}"));
        let is_shown =
            |c: &char| !c.is_control() && !literal::is_unseen(*c) && !matches!(c, '\u{fffe}' | '\u{ffff}');
        for c in all.chars().filter(is_shown) {
            assert!(back.contains(c), "{c:?}");
        }
    }
}
