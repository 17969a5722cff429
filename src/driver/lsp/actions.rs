//! What a hint says to write, written at a keystroke. Only what was tried is offered: the script is read again with it, and
//! must then have fewer findings.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::document::Document;
use super::unit::{Unit, Want};
use super::world::{Open, World};
use crate::text::diagnostic::Diagnostic;
use crate::words::Sentence;

/// So many findings of a place are looked at.
const MOST: usize = 20;

/// What a hint gives: its English text is asked, since the words in question are the same in each language.
static GIVEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:write|did you mean) `([^`]+)`").ok());

/// Words that stand for others, and letters that go on.
static GAP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"…|\bHH\b|\b(?:NAME|VALUE|COMMAND|WORD|HOST|PORT|PATH|TEXT|DATA|FILE|ADDRESS|SOCKET)\b").ok()
});

/// One stretch of a text and what to put there.
pub struct Mend {
    pub at: Range<usize>,
    pub text: String,
}

/// The actions for the findings that touch this range.
pub fn of(world: &World, uri: &str, open: &Open, at: Range<usize>) -> Vec<Json> {
    let unit = world.unit(open, Want::Problems);
    let mut actions = Vec::new();
    let touches = |own: &Range<usize>| own.start <= at.end && at.start <= own.end;
    let near = unit.problems.iter().filter(|p| unit.own(p.span).is_some_and(|own| touches(&own)));
    for problem in near.take(MOST) {
        let read = |text: &str| world.read(&open.file, text, Want::Problems);
        let Some(mend) = mend(&unit, &open.document, problem, &read) else { continue };
        let title = say!(en "write `{text}`", es "escribir `{text}`", text = mend.text.clone());
        let edit = json!({ "range": open.document.range(mend.at), "newText": mend.text });
        actions.push(json!({
            "title": title.show(world.lang),
            "kind": "quickfix",
            "isPreferred": true,
            "edit": { "changes": { uri: [edit] } },
        }));
    }
    actions.dedup();
    actions
}

/// What mends a finding as its hint says; none where the hint has gaps, or what it says would not do.
pub fn mend(unit: &Unit, document: &Document, problem: &Diagnostic, read: &dyn Fn(&str) -> Unit) -> Option<Mend> {
    let given = given(problem.help.as_ref()?)?;
    let word = unit.own(problem.span)?;
    let gap = GAP.as_ref()?;
    if gap.is_match(&given) && !gap.is_match(document.text.get(word.clone())?) {
        return None;
    }
    let line = document.line(word.start);
    let whole = &document.text[line.clone()];
    let indent = whole.len() - whole.trim_start().len();
    let comment = comment_after(whole, indent);
    let line = line.start + indent..line.start + comment;
    let opening = given.split([' ', '.', '(']).next().unwrap_or("");
    // What begins as the line does is the line; all else is the word.
    let begins = !opening.is_empty() && given.contains(' ') && document.text[line.clone()].starts_with(opening);
    let places = if begins { [line, word] } else { [word, line] };
    let before = unit.counts();
    places.into_iter().find_map(|at| {
        let mut text = document.text.clone();
        text.replace_range(at.clone(), &given);
        (read(&text).counts() < before).then(|| Mend { at, text: given.clone() })
    })
}

/// Where a line's own text ends, before a comment.
fn comment_after(line: &str, from: usize) -> usize {
    let read = crate::text::words::line(line, 0, from, &mut Vec::new());
    let end = read.comment.map_or(line.len(), |comment| comment.start as usize);
    line.get(..end).map_or(line.len(), |text| text.trim_end().len())
}

fn given(help: &Sentence) -> Option<String> {
    let help = help.english();
    let mut found = GIVEN.as_ref()?.captures_iter(&help);
    let first = found.next()?.get(1)?.as_str().to_string();
    // Of two ways out none is the one that is meant.
    found.next().is_none().then_some(first)
}
