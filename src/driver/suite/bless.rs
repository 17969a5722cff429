//! `--bless`: today's answers written into the script, every other byte left alone.

use std::collections::BTreeMap;

use super::judge::Seen;
use crate::text::answers::{Typed, generalise, matches, share};
use crate::text::diagnostic::{Source, Span};
use crate::text::tree::{Answer, Statement};

/// The script with its answers as they came. Where it has none at all, every line that showed
/// something gets one.
pub fn blessed(source: &Source, tree: &[Statement], seen: &Seen, tmpdir: Option<&str>) -> String {
    let mut typed = Typed::of(&source.text);
    let came = seen.came.values().chain(seen.bare.values()).flatten().flatten();
    typed.look_for_ports(came.map(String::as_str));
    let said = |times: &[Vec<String>]| -> Vec<String> {
        let general = |lines: &Vec<String>| lines.iter().map(|l| generalise(l, &typed, tmpdir)).collect();
        share(times.iter().map(general))
    };
    let answers = answers_of(tree);
    // Each change is a stretch of the text and what is to stand there.
    let mut changes: BTreeMap<u32, (u32, String)> = BTreeMap::new();
    for answer in &answers {
        let Some(times) = seen.came.get(&answer.span) else { continue };
        // An answer that still holds stays as its author wrote it, wildcards and all.
        if times.iter().all(|got| matches(&answer.lines, got)) && !is_blank(answer) {
            continue;
        }
        let indent = indent_of(&source.text, at(source, answer.span.start));
        let text = lines_text(&said(times), &indent);
        changes.insert(answer.span.start, (answer.span.end, text));
    }
    if answers.is_empty() {
        for (span, times) in &seen.bare {
            let lines = said(times);
            let (start, end) = (at(source, span.start), at(source, span.end));
            // A line of a `source`d file is not ours to write.
            if lines.is_empty() || span.start < source.base() || end > source.text.len() {
                continue;
            }
            let indent = indent_of(&source.text, start);
            let line_end = memchr::memchr(b'\n', &source.text.as_bytes()[end..]);
            let after = line_end.map_or(source.text.len(), |n| end + n) as u32 + source.base();
            changes.insert(after, (after, format!("\n{indent}{}", lines_text(&lines, &indent))));
        }
    }
    let mut out = String::with_capacity(source.text.len());
    let mut done = 0;
    for (start, (end, text)) in changes {
        out.push_str(&source.text[done..at(source, Span { start, end }.start)]);
        out.push_str(&text);
        done = at(source, end);
    }
    out + &source.text[done..]
}

fn at(source: &Source, place: u32) -> usize {
    (place.saturating_sub(source.base()) as usize).min(source.text.len())
}

fn is_blank(answer: &Answer) -> bool {
    answer.lines.iter().all(|l| l.trim().is_empty())
}

fn indent_of(text: &str, at: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    text[start..at].chars().take_while(|c| *c == ' ' || *c == '\t').collect()
}

fn lines_text(lines: &[String], indent: &str) -> String {
    let line = |l: &String| if l.is_empty() { "#>".to_string() } else { format!("#> {l}") };
    let lines: Vec<String> = lines.iter().map(line).collect();
    if lines.is_empty() { "#>".to_string() } else { lines.join(&format!("\n{indent}")) }
}

/// Every answer of a script.
pub fn answers_of<'a>(tree: &'a [Statement<'_>]) -> Vec<&'a Answer> {
    let mut answers = Vec::new();
    for statement in tree {
        match statement {
            Statement::Line(line) => answers.extend(line.answer.as_deref()),
            Statement::Block(block) => {
                block.arms.iter().for_each(|arm| answers.extend(answers_of(&arm.body)));
            }
        }
    }
    answers
}
