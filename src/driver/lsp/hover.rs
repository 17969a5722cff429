//! What is known of the word at the cursor: where a name has its value from, and the help of a word of the language.

use std::ops::Range;

use serde_json::{Value as Json, json};

use super::document::Document;
use super::names;
use super::unit::{Named, Unit, Want};
use super::world::{Open, World};
use crate::command::session::is_topic;
use crate::command::{find, row};
use crate::manual::page;
use crate::net::options::table;
use crate::session::kinds::Known;
use crate::session::uses::Owner;
use crate::text::forms;
use crate::text::literal;
use crate::text::words::{self, Word};
use crate::words::{Lang, Phrase};

/// What an editor shows beside the byte `at` of an open text.
pub fn at(world: &World, open: &Open, at: usize) -> Option<Json> {
    let unit = world.unit(open, Want::Names);
    if let Some(one) = unit.name_at(&open.file, at)
        && let Some(text) = of_name(world, &unit, one)
    {
        return Some(shown(&open.document, one.at.clone()?, &text));
    }
    let (word, own) = word_at(&open.document.text, at)?;
    let text = of_word(&open.document, &word, own.start, world.lang)?;
    Some(shown(&open.document, own, &text))
}

/// Help is laid out for a terminal: it stands as it is.
fn shown(document: &Document, at: Range<usize>, text: &str) -> Json {
    let text = text.replace("```", "` ` `");
    json!({
        "contents": { "kind": "markdown", "value": format!("```text\n{text}\n```") },
        "range": document.range(at),
    })
}

/// What a name is, and the line that gives it its value, with the comment above it.
fn of_name(world: &World, unit: &Unit, one: &Named) -> Option<String> {
    let lang = world.lang;
    let Some(origin) = names::origin(world, unit, one) else {
        let outside = unit.outside.contains(&one.name);
        let from = phrase!(
            en "given from outside: a fixture, `--var` or `sockbook.toml`",
            es "viene de fuera: un fixture, `--var` o `sockbook.toml`"
        );
        return outside.then(|| format!("{}: {}", one.name, from.show(lang)));
    };
    let what = match (origin.named.owner, origin.named.known) {
        (Owner::Command, _) => Some(phrase!(en "a `def`", es "un `def`")),
        (_, Some(Known::Socket)) => Some(phrase!(en "a socket", es "un socket")),
        (_, Some(Known::Process)) => Some(phrase!(en "a process", es "un proceso")),
        (_, Some(Known::Address)) => Some(phrase!(en "an address", es "una dirección")),
        (_, Some(Known::Items(_))) => Some(phrase!(en "a list", es "una lista")),
        _ => None,
    };
    let document = Document::new(origin.text.as_str());
    let place = origin.named.at.clone()?.start;
    let (line, _) = document.position(place);
    let mut text = one.name.to_string();
    if let Some(what) = what {
        text = format!("{text}: {}", what.show(lang));
    }
    let given = say!(
        en "line {line} of {file}",
        es "línea {line} de {file}",
        line = line + 1,
        file = literal::one_line(&origin.named.file)
    );
    text.push_str(&format!("\n{}\n\n", given.show(lang)));
    for comment in comment_above(&document, place) {
        text.push_str(&literal::one_line(comment));
        text.push('\n');
    }
    text.push_str(&literal::one_line(document.text[document.line(place)].trim()));
    Some(text)
}

/// The comment lines right above the line of this byte.
fn comment_above(document: &Document, at: usize) -> Vec<&str> {
    const MOST: usize = 20;
    let mut found = Vec::new();
    let mut start = document.line(at).start;
    while start > 0 && found.len() < MOST {
        let above = document.line(start - 1);
        let line = document.text[above.clone()].trim();
        if !line.starts_with('#') || line.starts_with("#>") || line.starts_with("# %%") {
            break;
        }
        found.push(line);
        start = above.start;
    }
    found.reverse();
    found
}

/// The letters around this byte, unless they are quoted or a comment.
fn word_at(text: &str, at: usize) -> Option<(String, Range<usize>)> {
    let (_, read) = words::lines(text).find(|(begin, read)| at <= read.body.max(*begin) || at < read.end)?;
    read.words.iter().find_map(|word| in_word(text, word, at))
}

fn in_word(text: &str, word: &Word<'_>, at: usize) -> Option<(String, Range<usize>)> {
    let span = word.span.start as usize..word.span.end as usize;
    if at < span.start || span.end < at {
        return None;
    }
    if let Some(call) = word.call() {
        return call.words.iter().find_map(|inner| in_word(text, inner, at));
    }
    if word.quoted {
        return None;
    }
    let part = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let before: usize = text.get(span.start..at)?.chars().rev().take_while(part).map(char::len_utf8).sum();
    let after: usize = text.get(at..span.end)?.chars().take_while(part).map(char::len_utf8).sum();
    let own = at - before..at + after;
    (!own.is_empty()).then(|| (text[own.clone()].to_string(), own))
}

/// The help of a command, a keyword, a socket option, an error, a state, or of an option of the line's command.
fn of_word(document: &Document, word: &str, at: usize, lang: Lang) -> Option<String> {
    if word.starts_with("--") {
        let line = &document.text[document.line(at).start..at];
        let rows = line.split([' ', '.', '(', '\t']).rev().filter_map(find);
        return rows.into_iter().find_map(|row| of_option(row, word, lang));
    }
    let known = find(word).is_some()
        || forms::find(word).is_some()
        || table::find(word).is_some()
        || is_topic(word) && word.starts_with(|c: char| c.is_ascii_uppercase());
    known.then(|| page::help(Some(word), &[], lang, page::WIDTH))
}

fn of_option(row: &'static row::Command, name: &str, lang: Lang) -> Option<String> {
    let option = row.options().find(|option| option.name == name)?;
    let value = option.value.map_or(String::new(), |value| format!(" {value}"));
    let of: Phrase = option.about;
    Some(format!("{} {name}{value}\n\n{}", row.name, of.show(lang)))
}
