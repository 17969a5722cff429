//! What a hint says to write, written at a keystroke. Only what was tried is offered: the script is read again with it, and
//! must then have fewer findings.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::document::Document;
use super::unit::{Unit, Want};
use super::world::{Open, World};
use crate::command;
use crate::text::diagnostic::Diagnostic;
use crate::text::forms;
use crate::text::literal;
use crate::words::Sentence;

/// So many findings of a place are looked at.
const MOST: usize = 20;

/// What a hint gives: its English text is asked, since the words in question are the same in each language.
static GIVEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:write|did you mean) `([^`]+)`(.*)").ok());

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
        let title = say!(
            en "replace it with `{text}`",
            es "reemplazarlo por `{text}`",
            text = literal::one_line(&mend.text)
        );
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
pub fn mend(
    unit: &Unit,
    document: &Document,
    problem: &Diagnostic,
    read: &dyn Fn(&str) -> Unit,
) -> Option<Mend> {
    let given = given(problem.help.as_ref()?)?;
    let word = unit.own(problem.span)?;
    let text = &document.text;
    let (gap, under) = (GAP.as_ref()?, text.get(word.clone())?);
    if gap.is_match(&given) && !gap.is_match(under) {
        return None;
    }
    let line = own_text(document, word.start);
    let before = unit.counts();
    let helps = |at: &Range<usize>| {
        let mut mended = text.clone();
        mended.replace_range(at.clone(), &given);
        let after = read(&mended);
        let own = line.start..line.end + given.len().saturating_sub(at.len());
        let on_line =
            |p: &&Diagnostic| p.is_error() && after.own(p.span).is_some_and(|at| own.contains(&at.start));
        after.counts() < before && !after.problems.iter().any(|p| on_line(&p))
    };
    let places = [
        stands_for_word(text, &given, &word, &line).then_some(word.clone()),
        stands_for_line(text, &given, &word, &line).then_some(line.clone()),
    ];
    places.into_iter().flatten().find(helps).map(|at| Mend { at, text: given.clone() })
}

/// May what is given stand in place of the word alone? Not where it is a line of its own, and not where the word goes on.
fn stands_for_word(text: &str, given: &str, word: &Range<usize>, line: &Range<usize>) -> bool {
    let first = given.split(' ').next().unwrap_or("");
    let name = first.rsplit('.').next().unwrap_or(first);
    let opens = command::find(name).is_some() || forms::find(name).is_some();
    let is_line = given.contains(' ') && (opens || given.contains(" = "));
    let goes_on = text[word.end..].starts_with(|c: char| c.is_alphabetic() || c == '_');
    // A command stands behind `NAMES =` too.
    let is_all = word == line
        || word.end == line.end && text[line.start..word.start].ends_with("= ") && !given.contains(" = ");
    (!is_line || is_all) && !goes_on
}

/// May what is given stand in place of the line? Only if nothing of it is lost but the word at fault.
fn stands_for_line(text: &str, given: &str, word: &Range<usize>, line: &Range<usize>) -> bool {
    let (before, after) = (text.get(line.start..word.start), text.get(word.end..line.end));
    let letters = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_string();
    // A command has no `let` before it.
    let is_kept = |word: &str| word == forms::BINDS || given.contains(&letters(word));
    let kept = |part: Option<&str>| part.unwrap_or("").split_whitespace().all(is_kept);
    given.contains(' ') && kept(before) && kept(after)
}

/// The line of a byte without its indentation and its comment.
fn own_text(document: &Document, at: usize) -> Range<usize> {
    let line = document.line(at);
    let whole = &document.text[line.clone()];
    let indent = whole.len() - whole.trim_start().len();
    line.start + indent..line.start + comment_after(whole, indent)
}

/// Where a line's own text ends, before a comment.
fn comment_after(line: &str, from: usize) -> usize {
    let read = crate::text::words::line(line, 0, from, &mut Vec::new());
    let end = read.comment.map_or(line.len(), |comment| comment.start as usize);
    line.get(..end).map_or(line.len(), |text| text.trim_end().len())
}

fn given(help: &Sentence) -> Option<String> {
    let help = help.english();
    let found = GIVEN.as_ref()?.captures(&help)?;
    let rest = found.get(2)?.as_str();
    // "write `print` without `a.`" tells more than what to write, and of two ways out none is the one that is meant.
    let more = rest.starts_with(" without") || GIVEN.as_ref()?.is_match(rest);
    (!more).then(|| found.get(1).map(|given| given.as_str().to_string()))?
}
