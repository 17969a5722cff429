//! What could stand at the cursor: the prompt's completion, with the names that the lines above give.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::document::Document;
use super::unit::{Named, Want, closed, def_around};
use super::world::{Open, World};
use crate::command::find;
use crate::driver::prompt::paths;
use crate::manual::complete::{Candidate, Completion, Known, complete};
use crate::session::kinds;
use crate::session::uses::Owner;
use crate::text::forms;

/// The candidates at a byte of an open text.
pub fn at(world: &World, open: &Open, cursor: usize) -> Json {
    let document = &open.document;
    let line = document.line(cursor).start;
    let known = known(world, open, line);
    let from = beginning(document, line);
    let text = &document.text[from..];
    let rest = &document.text[cursor..];
    let item = |start: usize, label: &str, new: &str, about: &str, kind: u8| {
        // An editor has put the closing brace there already.
        let new = if rest.starts_with('}') { new.strip_suffix('}').unwrap_or(new) } else { new };
        let mut item = json!({
            "label": label,
            "kind": kind,
            "textEdit": { "range": document.range(from + start..cursor), "newText": new },
        });
        if !about.is_empty() {
            item["detail"] = about.into();
        }
        item
    };
    let items: Vec<Json> = match complete(text, cursor - from, &known) {
        Completion::Words { start, candidates } => {
            let one = |c: &Candidate| {
                let label = c.text.trim_end_matches([' ', '}', '.']);
                item(start, label, &c.text, &c.about, kind(label, &known))
            };
            candidates.iter().map(one).collect()
        }
        Completion::Path { start, typed, quoted, scripts } => {
            // A `source` is read from the script's folder; what a program does with a path is its own folder's matter.
            let folder = Path::new(&open.file).parent().unwrap_or(Path::new("."));
            let given =
                if typed.starts_with('/') { typed.clone() } else { format!("{}/{typed}", folder.display()) };
            let found = paths::candidates(&given, quoted, scripts);
            let own = format!("{}/", folder.display());
            found.iter().map(|(shown, new)| item(start, shown, &new.replacen(&own, "", 1), "", 17)).collect()
        }
    };
    json!({ "isIncomplete": false, "items": items })
}

/// Where the line begins that goes on in this one: behind a `\\` the next line is the same.
fn beginning(document: &Document, mut line: usize) -> usize {
    while line > 0 {
        let before = document.line(line - 1);
        if !document.text[before.clone()].ends_with('\\') {
            break;
        }
        line = before.start;
    }
    line
}

/// The protocol's number for what a candidate is.
fn kind(label: &str, known: &Known) -> u8 {
    const FUNCTION: u8 = 3;
    const PROPERTY: u8 = 10;
    const VARIABLE: u8 = 6;
    const KEYWORD: u8 = 14;
    const VALUE: u8 = 12;
    if label.starts_with("--") {
        return PROPERTY;
    }
    if known.names.iter().any(|(name, _)| name == label) || known.sockets.iter().any(|name| name == label) {
        return VARIABLE;
    }
    match (forms::find(label), find(label)) {
        (Some(_), _) => KEYWORD,
        (_, Some(_)) => FUNCTION,
        _ if known.commands.iter().any(|name| name == label) => FUNCTION,
        _ => VALUE,
    }
}

/// What is known above the line that begins at `line`.
fn known(world: &World, open: &Open, line: usize) -> Known {
    let text = &open.document.text;
    let above = world.read(&open.file, &closed(&text[..line]), Want::Names);
    // A `def` may stand below its call.
    let whole = world.unit(open, Want::Names);
    let inside = def_around(&above.names, &open.file, &text[..line]);
    let mut known = Known { lang: world.lang, ..Known::default() };
    let mut note = |one: &Named| {
        let name = one.name.to_string();
        match (one.owner, one.known) {
            (Owner::Command, _) => known.commands.push(name),
            (_, Some(kinds::Known::Socket)) => known.sockets.push(name),
            (_, kind) => known.names.push((name, kind_words(kind))),
        }
    };
    let given = |one: &&Named| one.gives && !matches!(one.owner, Owner::Def(def) if Some(def) != inside);
    above.names.iter().filter(given).for_each(&mut note);
    // A `def` may stand below its call, and the script's names below the `def` that reads them.
    let below = |one: &&Named| match one.owner {
        Owner::Command => true,
        Owner::Script => inside.is_some(),
        Owner::Def(_) => false,
    };
    whole.names.iter().filter(|one| one.gives).filter(below).for_each(&mut note);
    known.names.extend(above.outside.iter().map(|name| (name.to_string(), "a value")));
    let jobs = known.names.iter().filter(|(_, kind)| *kind == "a process");
    known.jobs = jobs.map(|(name, _)| (name.clone(), String::new())).collect();
    let sockets = known.sockets.clone();
    known.names.retain(|(name, _)| !sockets.contains(name));
    for list in [&mut known.sockets, &mut known.commands] {
        list.sort();
        list.dedup();
    }
    known.names.sort();
    known.names.dedup_by(|a, b| a.0 == b.0);
    known.hosts = vec![("127.0.0.1".into(), String::new())];
    known
}

/// What [`Known::names`] calls a kind of value.
fn kind_words(kind: Option<kinds::Known>) -> &'static str {
    match kind {
        Some(kinds::Known::Socket) => "a socket",
        Some(kinds::Known::Process) => "a process",
        Some(kinds::Known::Address) => "an address",
        Some(kinds::Known::Items(_)) => "a list",
        None => "a value",
    }
}
