//! `--bless`: today's answers written into the script, every other byte left alone.

use std::collections::BTreeMap;

use super::judge::{Seen, Texts};
use crate::text::answers::{Typed, generalise_all, share};
use crate::text::diagnostic::Source;
use crate::text::tree::{Answer, Statement};
use crate::text::words;
use crate::words::Lang;

/// The script with its answers as they came. Where it has none at all, every line that showed
/// something gets one.
///
/// They keep the language that the file's answers are in; `lang` is the run's, which new ones are in.
pub fn blessed(source: &Source, tree: &[Statement], seen: &Seen, tmpdir: Option<&str>, lang: Lang) -> String {
    let lang = seen.language(lang);
    let mut typed = Typed::of(&source.text);
    let came = seen.came.values().flat_map(|c| &c.times).chain(seen.bare.values().flatten());
    typed.look_for_ports(came.flat_map(|texts| texts.lines(lang)).map(String::as_str));
    let shared = |times: &[Texts]| -> Vec<String> {
        share(times.iter().map(|texts| generalise_all(texts.lines(lang), &typed, tmpdir)))
    };
    let answers = answers_of(tree);
    let mut changes = Changes { source, stretches: BTreeMap::new() };
    for answer in &answers {
        // An answer that still holds stays as its author wrote it, wildcards and all.
        if let Some(came) = seen.came.get(&answer.span).filter(|came| came.missed > 0) {
            changes.rewrite(answer, &shared(&came.times));
        }
    }
    if answers.is_empty() {
        for (span, times) in &seen.bare {
            changes.add_below(at(source, span.start), &shared(times));
        }
    }
    changes.made()
}

/// Stretches of a text, and what is to stand there instead: from where, to where and the new text.
struct Changes<'s> {
    source: &'s Source,
    stretches: BTreeMap<usize, (usize, String)>,
}

impl Changes<'_> {
    /// New lines for an answer, each in an old one's place; nothing where there is nothing to answer.
    fn rewrite(&mut self, answer: &Answer, lines: &[String]) {
        let text = &self.source.text;
        let (first, old) = (answer.span.start, answer.places.len());
        let indent = indent_of(text, at(self.source, first));
        for (n, place) in answer.places.iter().enumerate() {
            let (start, end) = (at(self.source, place.start), at(self.source, place.end));
            let Some(line) = lines.get(n) else {
                // The whole line goes.
                let line = start - indent_of(text, start).len();
                let next = memchr::memchr(b'\n', &text.as_bytes()[end..]).map_or(text.len(), |n| end + n + 1);
                self.stretches.insert(line, (next, String::new()));
                continue;
            };
            let mut new = answer_line(line);
            // The last of the old lines has room for the rest.
            for line in lines.iter().skip(n + 1).take_while(|_| n + 1 == old) {
                new.push_str(&format!("{}{indent}{}", line_end(text, start), answer_line(line)));
            }
            self.stretches.insert(start, (end, new));
        }
    }

    /// An answer for the statement that begins here, behind all of it: lines that it goes on in, and its
    /// here-documents.
    fn add_below(&mut self, start: usize, lines: &[String]) {
        let text = &self.source.text;
        let end = words::line(text, 0, start, &mut Vec::new()).end;
        let (indent, line_end) = (indent_of(text, start), line_end(text, start));
        let lines: String =
            lines.iter().map(|line| format!("{indent}{}{line_end}", answer_line(line))).collect();
        if text[..end].ends_with('\n') {
            self.stretches.insert(end, (end, lines));
        } else if !lines.is_empty() {
            self.stretches.insert(end, (end, format!("{line_end}{}", lines.trim_end_matches(line_end))));
        }
    }

    fn made(self) -> String {
        let text = &self.source.text;
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (start, (end, new)) in self.stretches {
            out.push_str(&text[done..start]);
            out.push_str(&new);
            done = end;
        }
        out + &text[done..]
    }
}

fn at(source: &Source, place: u32) -> usize {
    (place.saturating_sub(source.base()) as usize).min(source.text.len())
}

/// The blanks before this place in its line.
fn indent_of(text: &str, at: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    text[start..at].chars().take_while(|c| *c == ' ' || *c == '\t').collect()
}

/// How the line at this place ends, and so do those that are added to it.
fn line_end(text: &str, at: usize) -> &'static str {
    let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |n| at + n);
    if text[..end].ends_with('\r') { "\r\n" } else { "\n" }
}

fn answer_line(line: &str) -> String {
    if line.is_empty() { "#>".to_string() } else { format!("#> {line}") }
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
