//! From a name to where it has its value from, to all its places, and to another name for all of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::document::Document;
use super::problems::sourced;
use super::unit::{Named, Unit, Want, def_around};
use super::world::{Open, World};
use crate::command;
use crate::driver::fixture::Fixtures;
use crate::engine::exported;
use crate::session::uses::Owner;
use crate::text::diagnostic::{Diagnostic, Span};
use crate::text::forms;
use crate::text::parse::name_problem;
use crate::words::Sentence;

/// The place that gives a name its value, and the text that it stands in.
pub struct Origin {
    pub named: Named,
    pub text: Arc<String>,
}

/// Where a name has its value from: the nearest line above that gives it one, or the first anywhere; else a fixture.
pub fn origin(world: &World, unit: &Unit, one: &Named) -> Option<Origin> {
    if let Some(found) = given_in(world, unit, one) {
        return Some(found);
    }
    if one.owner != Owner::Script {
        return None;
    }
    // A script that sources this one may give it.
    if !unit.outside.contains(&one.name) {
        let units = world.units();
        let around = units.iter().filter(|other| other.files.iter().any(|f| f == Path::new(&*one.file)));
        return around.into_iter().find_map(|other| given_in(world, other, one));
    }
    let mut fixtures = Fixtures::default();
    let innermost = fixtures.of(Path::new(&*unit.file));
    let chain: Vec<usize> = fixtures.chain(innermost).collect();
    let gives = |at: &&usize| fixtures.all[**at].names.iter().any(|name| **name == *one.name);
    let path = std::path::absolute(&fixtures.all[*chain.iter().find(gives)?].path).ok()?;
    let file = path.to_str()?;
    if *file == *unit.file {
        return None;
    }
    let fixture = world.read(file, &world.text(&path).ok()?, Want::Names);
    given_in(world, &fixture, one)
}

fn given_in(world: &World, unit: &Unit, one: &Named) -> Option<Origin> {
    let here = one.at.as_ref()?.start;
    let line = |file: &str| world.text_in(unit, file).map(|text| Document::new(&**text).line(here).start);
    let line = line(&one.file).unwrap_or(0);
    let given = || unit.names.iter().filter(|other| other.gives && other.is_same(one) && other.at.is_some());
    let above = |other: &&Named| other.file == one.file && other.at.as_ref().is_some_and(|at| at.end <= line);
    let found = given().rfind(above).or_else(|| given().next())?;
    Some(Origin { named: found.clone(), text: world.text_in(unit, &found.file)? })
}

/// The answer to "go to definition": of a name, or of the file that a `source` names.
pub fn definition(world: &World, open: &Open, at: usize) -> Option<Json> {
    let unit = world.unit(open, Want::Names);
    if let Some(one) = unit.name_at(&open.file, at) {
        let origin = origin(world, &unit, one)?;
        let range = Document::new(origin.text.as_str()).range(origin.named.at?);
        return Some(json!({ "uri": world.uri(&origin.named.file), "range": range }));
    }
    let own = unit.sources.first()?;
    let (_, path) = sourced(own)
        .into_iter()
        .find(|(span, _)| unit.own(*span).is_some_and(|word| word.start <= at && at <= word.end))?;
    let start = json!({ "line": 0, "character": 0 });
    Some(json!({ "uri": world.uri(path.to_str()?), "range": { "start": start, "end": start } }))
}

/// All places of a name, in each script of the project that has it in common with this one: by file, in order.
struct Places {
    name: Arc<str>,
    owner: Owner,
    /// The places, and the text of each file.
    files: BTreeMap<Arc<str>, (Arc<String>, Vec<Named>)>,
    /// The scripts that they stand in.
    units: Vec<Unit>,
}

fn places(world: &World, open: &Open, at: usize) -> Option<Places> {
    let own = world.unit(open, Want::Names);
    let first = own.name_at(&open.file, at)?.clone();
    let mut found =
        Places { name: first.name.clone(), owner: first.owner, files: BTreeMap::new(), units: Vec::new() };
    // A name of a `def` stands in its file alone, and yet the file may be read by others: those are looked at too.
    let mut left = world.units();
    left.retain(|unit| unit.file != own.file);
    left.insert(0, own);
    let mut seeds = vec![first];
    while let Some(seed) = seeds.pop() {
        let Some(start) = seed.at.as_ref().map(|at| at.start) else { continue };
        let (with, without): (Vec<Unit>, Vec<Unit>) = left
            .into_iter()
            .partition(|unit| unit.name_at(&seed.file, start).is_some_and(|one| one.name == seed.name));
        left = without;
        for unit in with {
            let Some(seed) = unit.name_at(&seed.file, start).cloned() else { continue };
            for one in unit.names.iter().filter(|one| one.is_same(&seed)) {
                let Some(text) = world.text_in(&unit, &one.file) else { continue };
                let (_, list) = found.files.entry(one.file.clone()).or_insert_with(|| (text, Vec::new()));
                if !list.iter().any(|other| other.at == one.at) {
                    list.push(one.clone());
                    seeds.push(one.clone());
                }
            }
            found.units.push(unit);
        }
    }
    for (_, list) in found.files.values_mut() {
        list.sort_by_key(|one| one.at.as_ref().map(|at| at.start));
    }
    Some(found)
}

/// The answer to "find all references".
pub fn references(world: &World, open: &Open, at: usize, definitions: bool) -> Option<Json> {
    let found = places(world, open, at)?;
    let mut list = Vec::new();
    for (file, (text, places)) in &found.files {
        let document = Document::new(text.as_str());
        for one in places.iter().filter(|one| definitions || !one.gives) {
            list.extend(
                one.at.clone().map(|at| json!({ "uri": world.uri(file), "range": document.range(at) })),
            );
        }
    }
    Some(list.into())
}

/// What is renamed at this byte: its range.
pub fn renamed(world: &World, open: &Open, at: usize) -> Option<Json> {
    let unit = world.unit(open, Want::Names);
    let one = unit.name_at(&open.file, at)?;
    Some(json!({ "range": open.document.range(one.at.clone()?), "placeholder": *one.name }))
}

/// The edits that give a name another one wherever it stands; or why not. They are tried: each script is read again with
/// them, and every name in it must be what it was.
pub fn rename(world: &World, open: &Open, at: usize, new: &str) -> Result<Option<Json>, Sentence> {
    let Some(found) = places(world, open, at) else { return Ok(None) };
    let old = found.name.clone();
    if *old == *new {
        return Ok(None);
    }
    let whole = Span::new(0, new.len());
    if let Some(problem) = name_problem(new, whole) {
        return Err(problem.message);
    }
    if found.owner == Owner::Command && (command::find(new).is_some() || forms::find(new).is_some()) {
        return Err(say!(en "`{new}` is a command already", es "`{new}` ya es un comando", new));
    }
    let places = || found.files.values().flat_map(|(_, list)| list);
    let is_script = found.owner == Owner::Script;
    if !places().any(|one| one.gives) || is_script && found.units.iter().any(|unit| is_outside(unit, &old)) {
        return Err(say!(
            en "`{old}` is given from outside the script: by a fixture, `--var` or `sockbook.toml`",
            es "`{old}` viene de fuera del script: de un fixture, `--var` o `sockbook.toml`",
            old = old.to_string()
        ));
    }
    let mut texts: BTreeMap<Arc<str>, String> = BTreeMap::new();
    let mut changes = Map::new();
    for (file, (text, list)) in &found.files {
        let document = Document::new(text.as_str());
        let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
        for one in list {
            let Some(at) = one.at.clone() else {
                return Err(say!(
                    en "`{old}` stands in {file} where it cannot be changed by itself",
                    es "`{old}` aparece en {file} donde no se puede cambiar por sí solo",
                    old = old.to_string(), file = file.to_string()
                ));
            };
            edits.push((at, new.to_string()));
        }
        let names = found.units.iter().flat_map(|unit| &unit.names);
        let own: Vec<Named> = names.filter(|one| one.file == *file).cloned().collect();
        edits.extend(in_answers(text, &own, &list[0]).into_iter().map(|at| (at, new.to_string())));
        edits.sort_by_key(|(at, _)| at.start);
        edits.dedup();
        let mut changed = text.to_string();
        for (at, new) in edits.iter().rev() {
            changed.replace_range(at.clone(), new);
        }
        let edits: Vec<Json> = edits
            .into_iter()
            .map(|(at, new)| json!({ "range": document.range(at), "newText": new }))
            .collect();
        changes.insert(world.uri(file), edits.into());
        texts.insert(file.clone(), changed);
    }
    for unit in &found.units {
        if let Some(why) = changes_more(world, unit, &texts, &old, new) {
            return Err(why);
        }
    }
    Ok(Some(json!({ "changes": changes })))
}

/// Do fixtures or the project give this name to the script, or does it give the name to others?
fn is_outside(unit: &Unit, name: &Arc<str>) -> bool {
    let exports = |source| exported(source).iter().any(|exported| **exported == **name);
    unit.outside.contains(name) || unit.sources.first().is_some_and(exports)
}

/// The `${name}` of the answers in a file that stand for this name: they hold its text. `names`: all of the file.
fn in_answers(text: &str, names: &[Named], name: &Named) -> Vec<std::ops::Range<usize>> {
    let letters = &*name.name;
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("#>") {
            for end in ["}", "."] {
                let at = line
                    .match_indices(&format!("${{{letters}{end}"))
                    .map(|(at, _)| start + at + 2)
                    .collect::<Vec<_>>();
                found.extend(at.into_iter().map(|at| at..at + letters.len()));
            }
        }
        start += line.len();
    }
    // In a `def` its own name of these letters is meant, if it has one.
    found.retain(|at| match def_around(names, &name.file, &text[..at.start]).map(Owner::Def) {
        Some(def) if names.iter().any(|one| one.owner == def && *one.name == *letters) => name.owner == def,
        _ => name.owner == Owner::Script,
    });
    found
}

/// What the new name would change beside itself in a script: why it is refused.
fn changes_more(
    world: &World,
    unit: &Unit,
    texts: &BTreeMap<Arc<str>, String>,
    old: &str,
    new: &str,
) -> Option<Sentence> {
    let text = |path: &Path| match path.to_str().and_then(|file| texts.get(file)) {
        Some(text) => Ok(text.clone()),
        None => world.text(path),
    };
    let own = text(Path::new(&*unit.file)).ok()?;
    let after = Unit::read(&unit.file, &own, Want::Names, &text);
    let taken = || Some(say!(en "there is a `{new}` already", es "ya existe `{new}`", new));
    if unit.names.len() != after.names.len() {
        return taken();
    }
    // A place that has the new name now had the old one, and is as much the same name as all of those.
    let mut same = BTreeMap::new();
    for (before, after) in unit.names.iter().zip(&after.names) {
        let key = |one: &Named| {
            let def = match one.owner {
                Owner::Script => -2,
                Owner::Command => -1,
                Owner::Def(def) => i64::from(def),
            };
            (def, one.name.to_string())
        };
        let (one, other) = (key(before), key(after));
        let kept = one.1 == other.1 || one.1 == old && other.1 == new;
        if !kept || one.0 != other.0 || *same.entry(other).or_insert(one.clone()) != one {
            return taken();
        }
    }
    let first =
        |unit: &Unit| unit.problems.iter().find(|p| Diagnostic::is_error(p)).map(|p| p.message.clone());
    let ((before, warned), (now, warns)) = (unit.counts(), after.counts());
    if now > before {
        return first(&after);
    }
    if now == before && warns > warned {
        let message = |p: &Diagnostic| p.message.clone();
        return after
            .problems
            .iter()
            .find(|p| !unit.problems.iter().any(|q| q.message == p.message))
            .map(message);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::diagnostic::Sources;

    #[test]
    fn answers_hold_names() {
        let text = "print $a\n#> ${a} ${ab} ${a.len}\n# ${a}\ndef f a\n    print $a\n    #> ${a}\nend\n";
        let source = Sources::default().add("", text);
        let named = |at: usize, owner| Named {
            file: source.name.clone(),
            at: Some(at..at + 1),
            name: "a".into(),
            owner,
            gives: false,
            known: None,
        };
        let names = [named(7, Owner::Script), named(text.find("f a").unwrap() + 2, Owner::Def(0))];
        assert_eq!(in_answers(text, &names, &names[0]), [14..15, 25..26]);
        assert_eq!(in_answers(text, &names, &names[1]).len(), 1);
    }
}
