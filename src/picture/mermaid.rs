//! A ladder as a Mermaid sequence diagram, which GitHub, GitLab and Jupyter draw out of Markdown.

use std::fmt::Write as _;

use super::ladder::{Act, Ladder, Row};
use super::text::more_of_the_same;
use crate::words::Lang;

/// The text of the diagram.
pub fn mermaid(ladder: Ladder, lang: Lang) -> String {
    let ladder = ladder.folded();
    let mut out = String::from("sequenceDiagram\n");
    let drawn = ladder.drawn();
    for (at, lane) in ladder.lanes.iter().enumerate().filter(|(at, _)| drawn.contains(at)) {
        let kind = if lane.remote { phrase!(en "remote", es "remoto").show(lang) } else { &lane.kind };
        let _ = writeln!(out, "    participant l{at} as {}<br/>{}", plain(&lane.title()), plain(kind));
    }
    let (first, last) = (drawn.first().copied().unwrap_or(0), drawn.last().copied().unwrap_or(0));
    let all = if first == last { format!("l{first}") } else { format!("l{first},l{last}") };
    if ladder.gone > 0 {
        note(&mut out, &all, &format!("… {}", ladder.gone));
    }
    for row in &ladder.rows {
        match row {
            Row::Act(act) => act_of(act, &ladder, &all, &mut out, lang),
            Row::More { rounds, .. } => {
                note(&mut out, &all, &more_of_the_same(*rounds, lang));
            }
        }
    }
    out.trim_end().to_string()
}

fn act_of(act: &Act, ladder: &Ladder, all: &str, out: &mut String, lang: Lang) {
    let over = act.lane.map_or_else(|| all.to_string(), |lane| format!("l{lane}"));
    note(out, &over, &plain(&act.sentence(ladder, lang)));
    for arrow in &act.arrows {
        let line = match (arrow.lost.is_some(), arrow.known) {
            (true, true) => "-x",
            (true, false) => "--x",
            (false, true) => "->>",
            (false, false) => "-->>",
        };
        let label = match arrow.what.text() {
            Some(text) => format!("{} {text}", arrow.what.label(lang)),
            None => arrow.what.label(lang),
        };
        let _ = writeln!(out, "    l{}{line}l{}: {}", arrow.from, arrow.to, plain(&label));
    }
    for (lane, state) in &act.states {
        let state = if state.inferred { format!("({})", state.name) } else { state.name.into() };
        note(out, &format!("l{lane}"), &state);
    }
}

/// A note above some lanes.
fn note(out: &mut String, over: &str, text: &str) {
    let _ = writeln!(out, "    Note over {over}: {text}");
}

/// Text in which Mermaid finds no sign of its own.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '#' | ';' | '<' | '>' | '"' | '&' | '%' | '{' | '}' | '\\' | '`' => {
                let _ = write!(out, "#{};", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}
