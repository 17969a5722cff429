//! `run --step`: a script's cells at the prompt. A text is drawn; each line of code stands ready to be edited, run,
//! skipped or gone back from, and anything else may be typed in between. After the last line the session goes on.

use std::path::Path;

use anyhow::Result;

use super::desk::StepKey;
use super::editor::Reader;
use super::log::Log;
use super::{Ended, Prompt, begin, cell, converse_with, pasted};
use crate::driver::failure::failure;
use crate::driver::run::{self, Options, Text};
use crate::driver::terminal::{colour as can_colour, columns};
use crate::render::colour::{self, paint};
use crate::render::markdown;
use crate::render::table::wrapped;
use crate::text::lesson::{self, BLANK};
use crate::text::literal::visible;

/// Texts are not drawn wider than this: longer lines are hard to read.
const WIDEST: usize = 96;

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    /// A text cell.
    Text(String),
    /// The title of a code cell.
    Title(String),
    /// Comments before a line.
    Note(String),
    Line(Line),
}

/// A statement that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    text: String,
    answer: Vec<String>,
    hint: Option<String>,
    /// Its cell's number.
    cell: usize,
}

/// The script, and how far it has come.
pub(super) struct Steps {
    items: Vec<Item>,
    at: usize,
    /// The keys have been told of.
    told: bool,
    /// The folder that the script stands in, for what it sources.
    pub(super) folder: String,
}

impl Steps {
    /// Nothing where the script cannot be read.
    fn read(text: &str) -> Option<Steps> {
        let places = cell::statements(text)?;
        let blanks = lesson::blanks(text);
        let mut items = Vec::new();
        for (number, cell) in lesson::cells(text, &places).into_iter().enumerate() {
            let body = &text[cell.body.clone()];
            if cell.is_text {
                let title =
                    if cell.title.is_empty() { String::new() } else { format!("## {}\n\n", cell.title) };
                items.push(Item::Text(format!("{title}{}", lesson::markdown(body))));
                continue;
            }
            if !cell.title.is_empty() {
                items.push(Item::Title(cell.title.to_string()));
            }
            let inside = |place: &&std::ops::Range<usize>| cell.body.contains(&place.start);
            let mut at = cell.body.start;
            let mut own = places.iter().filter(inside).peekable();
            items.extend(notes(&text[at..own.peek().map_or(cell.body.end, |place| place.start)]));
            while let Some(place) = own.next() {
                at = place.end.max(at);
                let next = own.peek().map_or(cell.body.end, |place| place.start).max(at);
                let below = &text[at..next];
                items.push(Item::Line(Line {
                    text: without_marks(&text[place.clone()]),
                    answer: pasted::answer(below),
                    hint: lesson::hint(
                        text,
                        blanks.iter().map(|b| b.start).find(|b| place.contains(b)).unwrap_or(place.start),
                    ),
                    cell: number,
                }));
                items.extend(notes(below));
            }
        }
        Some(Steps { items, at: 0, told: false, folder: String::new() })
    }

    /// What is to be shown before the next line; then that line is the current one.
    fn advance(&mut self) -> Vec<Item> {
        let rest = self.items.get(self.at..).unwrap_or_default();
        let shown: Vec<Item> =
            rest.iter().take_while(|item| !matches!(item, Item::Line(_))).cloned().collect();
        self.at += shown.len();
        shown
    }

    fn line(&self) -> Option<&Line> {
        match self.items.get(self.at) {
            Some(Item::Line(line)) => Some(line),
            _ => None,
        }
    }

    /// The line before the current one; false where this is the first.
    fn back(&mut self) -> bool {
        let before = self.items.get(..self.at).unwrap_or_default();
        let found = before.iter().rposition(|item| matches!(item, Item::Line(_)));
        if let Some(at) = found {
            self.at = at;
        }
        found.is_some()
    }
}

/// A statement without the lines that are for `sockbook course`: hints, and what an exercise has in place of a line.
fn without_marks(text: &str) -> String {
    let is_kept = |line: &&str| !["#____", "#?"].iter().any(|mark| line.trim_start().starts_with(mark));
    text.lines().filter(is_kept).collect::<Vec<_>>().join("\n")
}

/// The comments of a text between two statements; those of an answer, a hint or an exercise's form are none.
fn notes(text: &str) -> Option<Item> {
    let is_note = |line: &&str| {
        line.starts_with('#') && !["#!", "#>", "#?", "#____"].iter().any(|mark| line.starts_with(mark))
    };
    let lines: Vec<&str> = text.lines().map(str::trim).filter(is_note).collect();
    (!lines.is_empty()).then(|| Item::Note(lines.join("\n")))
}

/// The command of a line, without the names that it gives a value and the socket that it acts on.
fn command(text: &str) -> &str {
    let text = text.split_once(" = ").filter(|(names, _)| is_names(names)).map_or(text, |(_, rest)| rest);
    let word = text.split_whitespace().next().unwrap_or("");
    word.rsplit_once('.').map_or(word, |(_, command)| command)
}

fn is_names(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ',' | ' '))
}

/// A session that follows a script; its exit code.
pub fn main(text: Text, options: &Options) -> Result<i32> {
    let lacks = say!(
        en "`--step` needs a terminal that can edit lines",
        es "`--step` necesita una terminal que pueda editar líneas"
    );
    let exercise = !lesson::blanks(&text.text).is_empty();
    let folder = Path::new(&text.name).parent().map(|path| path.to_string_lossy().into_owned());
    let steps = Steps::read(&text.text);
    // One that cannot be read says why; a blank is to be filled in at the prompt.
    if (steps.is_none() || !exercise) && run::compile(text, options).is_none() {
        return Ok(2);
    }
    let Some(mut steps) = steps else { return Err(failure(lacks)) };
    steps.folder = folder.unwrap_or_default();
    if !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return Err(failure(lacks));
    }
    let (session, compiler) = begin(options);
    converse_with(session, compiler, 1, options, Log::default(), None, Some(steps))
        .ok_or_else(|| failure(lacks))
}

impl Prompt<'_> {
    /// Can lines be offered here?
    pub(super) fn can_step(&self) -> bool {
        matches!(self.reader, Reader::Edited(_))
    }

    /// Shows lines whose colours are ours; what the script has in them was made visible before.
    fn show_drawn(&self, text: &str) {
        let gate = self.session.caller.gate.clone();
        self.output().control(&gate, &format!("{text}\n"));
    }

    /// Shows what comes before the next line, and gives that line.
    pub(super) fn offer(&mut self) -> Option<String> {
        let steps = self.steps.as_mut()?;
        let shown = steps.advance();
        let first = !std::mem::replace(&mut steps.told, true);
        let line = steps.line().map(|line| line.text.clone());
        let columns = columns(&std::io::stdout()).unwrap_or(80);
        let colour = can_colour(&std::io::stdout());
        for item in shown {
            match item {
                Item::Text(text) => {
                    self.show_drawn(&format!("\n{}\n", markdown::draw(&text, columns.min(WIDEST), colour)));
                }
                Item::Title(title) => {
                    let title = format!("── {} ──", visible(&title));
                    self.show_drawn(&format!(
                        "\n{}",
                        paint(wrapped(&title, columns), colour::PROMPT, colour)
                    ));
                }
                Item::Note(text) => {
                    self.show_drawn(&paint(wrapped(&visible(&text), columns), colour::FAINT, colour));
                }
                Item::Line(_) => {}
            }
        }
        let keys = say!(
            en "· Enter: run the line · PgDn: skip · PgUp: back · F5: run the cell · F1: hint · F10: end the steps",
            es "· Intro: ejecutar la línea · AvPág: saltar · RePág: volver · F5: ejecutar la celda · F1: pista · F10: \
                terminar los pasos"
        );
        match &line {
            Some(_) if first => self.say(&wrapped(&keys.show(self.lang()), columns)),
            Some(_) => {}
            None => {
                self.steps = None;
                let end = say!(
                    en "· that was the last line; the session goes on, Ctrl-D leaves",
                    es "· esa era la última línea; la sesión sigue, Ctrl-D sale"
                );
                self.say(&wrapped(&end.show(self.lang()), columns));
            }
        }
        line
    }

    /// Runs what was entered: the line that was offered, edited or not, or something else in between.
    pub(super) fn step(&mut self, text: &str) -> Ended {
        let Some(line) = self.steps.as_ref().and_then(|steps| steps.line()).cloned() else {
            return self.cell(text);
        };
        if text.trim().is_empty() {
            return Ended::Well;
        }
        let ended = self.cell(text);
        if command(text.trim()) != command(&line.text) && !line.text.contains(BLANK) {
            return ended;
        }
        match ended {
            Ended::Well => {
                let known = !line.answer.iter().any(|answer| answer.contains(BLANK));
                if known {
                    self.compare(&line.answer);
                }
                self.pass();
            }
            Ended::Failed => self.tell(say!(
                en "· the line is offered again; PgDn skips it",
                es "· la línea se ofrece otra vez; AvPág la salta"
            )),
            Ended::Leave(_) => {}
        }
        ended
    }

    fn pass(&mut self) {
        if let Some(steps) = &mut self.steps {
            steps.at += 1;
        }
    }

    /// One of the keys of the steps.
    pub(super) fn step_key(&mut self, key: StepKey) -> Ended {
        let Some(line) = self.steps.as_ref().and_then(|steps| steps.line()).cloned() else {
            return Ended::Well;
        };
        match key {
            StepKey::Skip => {
                self.tell(say!(en "· skipped", es "· saltada"));
                self.pass();
            }
            StepKey::Back => {
                if !self.steps.as_mut().is_some_and(Steps::back) {
                    self.tell(say!(en "· this is the first line", es "· esta es la primera línea"));
                }
            }
            StepKey::Hint => match &line.hint {
                Some(hint) => {
                    let hint = visible(hint);
                    self.tell(say!(en "· hint: {hint}", es "· pista: {hint}", hint));
                }
                None => self.tell(say!(en "· no hint for this line", es "· no hay pista para esta línea")),
            },
            StepKey::Quit => {
                self.steps = None;
                self.tell(say!(
                    en "· the steps end here; the session goes on, Ctrl-D leaves",
                    es "· los pasos terminan aquí; la sesión sigue, Ctrl-D sale"
                ));
            }
            StepKey::Cell => return self.run_cell(line.cell),
        }
        Ended::Well
    }

    /// Runs the lines of a cell from the current one on; a failure ends it.
    fn run_cell(&mut self, number: usize) -> Ended {
        loop {
            let next = self.steps.as_ref().and_then(|steps| steps.line()).cloned();
            let Some(line) = next.filter(|line| line.cell == number) else { return Ended::Well };
            self.reader.keep(&line.text);
            self.announce(&line.text);
            match self.statement(&line.text) {
                Ended::Well => self.compare(&line.answer),
                other => return other,
            }
            self.pass();
            // The comments within a cell are passed by; what begins another one is not.
            let Some(steps) = &mut self.steps else { return Ended::Well };
            while matches!(steps.items.get(steps.at), Some(Item::Note(_))) {
                steps.at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_a_row_of_texts_and_lines() {
        let text = "#!/usr/bin/env sockbook\n# head\n# %% [markdown]\n# # T\n\n# %% uno\na = socket\n#> a\n# note\n\
            a.recv ____\n#? four\n";
        let steps = Steps::read(text).unwrap();
        let line = |text: &str, answer: &[&str], hint: Option<&str>| {
            let answer = answer.iter().map(|a| a.to_string()).collect();
            Item::Line(Line { text: text.into(), answer, hint: hint.map(Into::into), cell: 2 })
        };
        let want = [
            Item::Note("# head".into()),
            Item::Text("# T\n".into()),
            Item::Title("uno".into()),
            line("a = socket", &["a"], None),
            Item::Note("# note".into()),
            line("a.recv ____", &[], Some("four")),
        ];
        assert_eq!(steps.items, want);
        let block = Steps::read("if true\n    recv 5\n    #____ recv ____\n    #? five\nend\n").unwrap();
        assert_eq!(block.line().map(|line| line.text.as_str()), Some("if true\n    recv 5\nend"));
        assert!(Steps::read("end").is_none());
    }

    #[test]
    fn an_edited_line_is_known_by_its_command() {
        for text in ["a = socket inet", "socket", "b, c = a.socket inet"] {
            assert_eq!(command(text), "socket", "{text}");
        }
        assert_eq!(command("expect $a == b"), "expect");
    }
}
