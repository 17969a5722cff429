//! A script as a Markdown page: text cells as prose, code in fences, and behind it what it shows.

use super::outputs::{Outputs, places};
use crate::text::diagnostic::Source;
use crate::text::lesson;
use crate::text::tree::Statement;

/// The page.
pub fn of_script(source: &Source, statements: &[Statement<'_>], outputs: &Outputs) -> String {
    let places = places(source, statements);
    let mut out = String::new();
    for cell in lesson::cells(&source.text, &places) {
        if !out.is_empty() {
            out.push('\n');
        }
        if cell.is_text {
            out.push_str(lesson::markdown(&source.text[cell.body.clone()]).trim_matches('\n'));
            out.push('\n');
            continue;
        }
        if !cell.title.is_empty() {
            out.push_str(&format!("### {}\n\n", cell.title));
        }
        let body = &source.text[cell.body.clone()];
        // What says what the script is.
        if out.is_empty()
            && cell.title.is_empty()
            && body.lines().all(|line| line.is_empty() || line.starts_with('#'))
        {
            let lines: String =
                body.lines().filter(|line| !is_for_students(line)).flat_map(|line| [line, "\n"]).collect();
            out.push_str(lesson::markdown(&lines).trim_matches('\n'));
            out.push('\n');
            continue;
        }
        let mut pieces = Pieces::default();
        let mut at = cell.body.start;
        for (statement, _) in
            statements.iter().zip(&places).filter(|(_, place)| cell.body.contains(&place.start))
        {
            let Statement::Line(line) = statement else { continue };
            let Some(answer) = &line.answer else { continue };
            let from = (answer.span.start - source.base()) as usize;
            let from = source.text[..from].rfind('\n').map_or(0, |n| n + 1);
            let to = (answer.span.end - source.base()) as usize;
            pieces.code(&source.text[at..from]);
            if !outputs.is_run {
                pieces.shown(&answer.lines.join("\n"));
            }
            at = source.text[to..].find('\n').map_or(source.text.len(), |n| to + n + 1);
        }
        pieces.code(&source.text[at.min(cell.body.end)..cell.body.end]);
        if outputs.is_run
            && let Some(shown) = outputs.of(cell.body.start)
        {
            pieces.shown(shown);
        }
        out.push_str(&pieces.text());
    }
    if let Some(ladder) = &outputs.ladder {
        // HTML stands in Markdown up to the first empty line.
        let ladder: Vec<&str> = ladder.lines().filter(|line| !line.trim().is_empty()).collect();
        out.push_str(&format!("\n{}\n", ladder.join("\n")));
    }
    out
}

/// The pieces of a code cell, in order.
#[derive(Default)]
struct Pieces(Vec<(bool, String)>);

impl Pieces {
    fn code(&mut self, text: &str) {
        let kept: String =
            text.lines().filter(|line| !is_for_students(line)).flat_map(|line| [line, "\n"]).collect();
        let kept = kept.trim_matches('\n');
        if kept.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some((true, before)) => {
                before.push('\n');
                before.push_str(kept);
            }
            _ => self.0.push((true, kept.to_string())),
        }
    }

    fn shown(&mut self, text: &str) {
        self.0.push((false, text.to_string()));
    }

    fn text(&self) -> String {
        let fenced = |(is_code, text): &(bool, String)| {
            // A fence is longer than any in the text.
            let longest =
                text.lines().map(|line| line.trim_start().chars().take_while(|c| *c == '`').count()).max();
            let longest = longest.unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            format!("{fence}{}\n{text}\n{fence}\n", if *is_code { "sock" } else { "text" })
        };
        self.0.iter().map(fenced).collect::<Vec<_>>().join("\n")
    }
}

/// The first line of a script, and what an exercise has of a line.
fn is_for_students(line: &str) -> bool {
    let line = line.trim_start();
    ["#!", "#____", "#?"].iter().any(|mark| line.starts_with(mark))
}
