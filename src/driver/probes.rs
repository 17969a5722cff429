//! What may be handed any bytes: each reader of the program as a function, for the properties of `tests/fuzzed.rs` and the
//! targets of `tests/fuzz`. A probe is false where a property does not hold; none may panic, or take long.

use std::path::Path;

use crate::command::param::pattern;
use crate::driver::{config, convert, prompt};
use crate::engine::compile::Compiler;
use crate::engine::lint;
use crate::python::Reader;
use crate::session::names::Scope;
use crate::text::answers::{self, Typed};
use crate::text::diagnostic::{Diagnostic, Sources, Style, first_of};
use crate::text::parse::parse;
use crate::text::{layout, lesson, literal, words};
use crate::value::json::{self, JsonPath};
use crate::words::{Lang, Sentence};

/// A reader, and what has to hold of it.
pub type Probe = fn(&[u8]) -> bool;

/// Every probe with its name.
pub const ALL: &[(&str, Probe)] = &[
    ("words", words_are_read),
    ("literals", literals_are_read),
    ("parser", scripts_are_parsed),
    ("compiler", scripts_are_compiled),
    ("formatter", the_layout_is_one),
    ("answers", answers_match_themselves),
    ("lessons", lessons_are_read),
    ("config", configs_are_read),
    ("history", histories_are_read),
    ("json", json_is_read),
    ("regex", patterns_are_read),
    ("python", python_is_read),
    ("notebook", notebooks_are_read),
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// May this be written to a terminal as it is?
fn is_visible(text: &str) -> bool {
    literal::on_terminal(text) == text
}

fn words_are_read(bytes: &[u8]) -> bool {
    let text = text(bytes);
    let (mut at, mut problems, mut lost) = (0, Vec::new(), words::Lost::default());
    while at < text.len() {
        let read = words::line_into(Vec::new(), &text, 0, at, &mut lost, &mut problems);
        if read.end <= at || read.words.iter().any(|word| word.span.end as usize > text.len()) {
            return false;
        }
        at = read.end;
    }
    true
}

fn literals_are_read(bytes: &[u8]) -> bool {
    let shown = literal::show(bytes);
    let line = format!("send {shown}");
    let mut problems = Vec::new();
    let read = words::line(&line, 0, 0, &mut problems);
    let same = matches!(read.words.as_slice(), [_, word] if word.literal() == Some(bytes));
    let _ = (literal::hex_bytes(bytes), literal::host_and_port(&text(bytes)));
    problems.is_empty() && same && is_visible(&shown) && is_visible(&literal::one_line(&text(bytes)))
}

/// Each mistake can be drawn, and shows nothing that a terminal would obey.
fn are_drawn(problems: Vec<Diagnostic>, sources: &Sources) -> bool {
    let length = sources.first().map_or(0, |source| source.text.len());
    let inside = |problem: &Diagnostic| problem.span.end as usize <= length;
    let drawn = |problem: &Diagnostic| {
        let style = |lang| Style { colour: false, lang, brief: None };
        [Lang::EN, Lang::ES].into_iter().all(|lang| is_visible(&problem.draw(sources, style(lang))))
    };
    problems.iter().all(inside) && first_of(problems).iter().all(drawn)
}

fn scripts_are_parsed(bytes: &[u8]) -> bool {
    let mut sources = Sources::default();
    let source = sources.add("probe", text(bytes));
    let mut problems = Vec::new();
    let tree = parse(&source, &mut problems);
    let _ = lint::lint(&source, &tree, &|_| true);
    are_drawn(problems, &sources)
}

fn scripts_are_compiled(bytes: &[u8]) -> bool {
    let mut compiler = Compiler::new(Scope::default());
    let mut refuse = |_: &Path| Err(Sentence::plain(""));
    let (program, problems) = compiler.compile("probe", text(bytes), &mut refuse);
    program.is_some() != problems.iter().any(Diagnostic::is_error) && are_drawn(problems, &compiler.sources)
}

fn the_layout_is_one(bytes: &[u8]) -> bool {
    let laid = |text: String| layout::format(&Sources::default().add("probe", text)).ok();
    laid(text(bytes)).is_none_or(|once| laid(once.clone()).is_some_and(|twice| twice == once))
}

fn answers_match_themselves(bytes: &[u8]) -> bool {
    let text = text(bytes);
    let (first, second) = text.split_at(text.floor_char_boundary(text.len() / 2));
    let (wanted, got) = (answers::lines_of(first), answers::lines_of(second));
    let _ = answers::matches(&wanted, &got);
    let _ = answers::filled(&wanted, |name| Some(name.to_string()));
    let _ = answers::generalise_all(&got, &Typed::of(first), Some("/tmp/x"));
    let _ = answers::share([wanted.clone(), got].into_iter());
    // What came is the answer to itself.
    let own: Vec<String> = wanted.iter().map(|line| answers::escaped(line)).collect();
    answers::matches(&own, &wanted)
}

fn lessons_are_read(bytes: &[u8]) -> bool {
    let text = text(bytes);
    let blanks = lesson::blanks(&text);
    let _ = (lesson::exercise(&text), lesson::blanks_anywhere(&text), lesson::markdown(&text));
    let _ = (lesson::cells(&text, &[]), lesson::hint(&text, 0), lesson::lost(&text, &text));
    blanks.iter().all(|blank| text.get(blank.clone()).is_some())
}

fn configs_are_read(bytes: &[u8]) -> bool {
    match config::read(Path::new("sockbook.toml"), &text(bytes)) {
        Ok(_) => true,
        Err(problem) => [Lang::EN, Lang::ES].into_iter().all(|lang| !problem.show(lang).is_empty()),
    }
}

fn histories_are_read(bytes: &[u8]) -> bool {
    let _ = prompt::without_prompts(&text(bytes));
    prompt::is_history_sound(bytes)
}

/// What comes of Python stands in lines of its own, each for a line of the text.
fn python_is_read(bytes: &[u8]) -> bool {
    let text = text(bytes);
    match Reader::new().read(&text) {
        Ok(reading) => {
            let most = text.lines().count().max(1);
            reading.lines.iter().all(|line| (1..=most).contains(&line.from))
        }
        Err(mistake) => [Lang::EN, Lang::ES].into_iter().all(|lang| is_visible(&mistake.show(lang))),
    }
}

/// A notebook is read or refused; cells of Python in any of them.
fn notebooks_are_read(bytes: &[u8]) -> bool {
    let text = text(bytes);
    let cell = serde_json::json!({ "cells": [{ "cell_type": "code", "source": text }], "nbformat": 4 });
    let _ = convert::of_notebook("probe.ipynb", &cell.to_string(), Lang::EN);
    convert::of_notebook("probe.ipynb", &text, Lang::ES).is_err_and(|why| !why.to_string().is_empty())
        || serde_json::from_str::<serde_json::Value>(&text).is_ok()
}

fn json_is_read(bytes: &[u8]) -> bool {
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (path, data) = bytes.split_at(at);
    if let Ok(path) = JsonPath::read(&text(path)) {
        let _ = json::parse(data, &path);
    }
    let Ok(value) = json::parse(bytes, &JsonPath::default()) else { return true };
    // What is written reads back as what was written; keys that are numbers are numbers afterwards.
    let Ok(written) = json::text_of(&value) else { return true };
    let again = json::parse(&written, &JsonPath::default());
    again.is_ok_and(|again| json::text_of(&again).is_ok_and(|twice| twice == written))
}

fn patterns_are_read(bytes: &[u8]) -> bool {
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (expression, data) = bytes.split_at(at);
    match pattern::pattern_of(expression) {
        Ok(regex) => {
            let _ = pattern::groups(&regex, data);
            regex.find_iter(data).take(1000).all(|found| found.end() <= data.len())
        }
        Err(problem) => !problem.show(Lang::EN).is_empty(),
    }
}
