//! From a name to where it has its value from, to all its places, and to another name for all of them.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::document::Document;
use super::problems::sourced;
use super::unit::{Named, Unit, Want, defs, each_line, whole_words};
use super::world::{Open, Project, World};
use crate::command;
use crate::driver::fixture::Fixtures;
use crate::engine::exported;
use crate::session::kinds::Known;
use crate::session::uses::Owner;
use crate::text::diagnostic::{Diagnostic, Source, Span};
use crate::text::forms;
use crate::text::literal::one_line;
use crate::text::parse::name_problem;
use crate::text::words;
use crate::value::TYPES;
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
        let units = world.project().units;
        let mut around = units.iter().filter(|other| other.files.iter().any(|f| f == Path::new(&*one.file)));
        return around.find_map(|other| given_in(world, other, one));
    }
    let mut fixtures = Fixtures::default();
    let innermost = fixtures.of_read(Path::new(&*unit.file), &|path| world.text(path));
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

/// All places of a name, in each script of the project that has it in common with this one.
struct Places {
    name: Arc<str>,
    owner: Owner,
    /// The text of each file that these scripts read, and the places in it, in order.
    files: BTreeMap<Arc<str>, (Source, Vec<Named>)>,
    /// The scripts that they stand in.
    units: Vec<Unit>,
    /// Why other scripts could not be read.
    missing: Vec<Sentence>,
}

/// A place in any file; words that hold the name without its own bytes count as one place of the file.
type Key = (Arc<str>, Option<usize>);

fn key(one: &Named) -> Key {
    (one.file.clone(), one.at.as_ref().map(|at| at.start))
}

fn places(world: &World, open: &Open, at: usize) -> Option<Places> {
    let own = world.unit(open, Want::Names);
    let first = own.name_at(&open.file, at)?.clone();
    let (name, owner) = (first.name.clone(), first.owner);
    // A name of a `def` stands in its file alone, and yet the file may be read by others: those are looked at too.
    let Project { mut units, missing } = world.project();
    units.retain(|unit| unit.file != own.file);
    units.insert(0, own);
    let mut known = HashSet::from([key(&first)]);
    let alike =
        |unit: &Unit| unit.names.clone().into_iter().filter(|one| one.name == name).collect::<Vec<_>>();
    let alike: Vec<Vec<Named>> = units.iter().map(alike).collect();
    let is_in = |names: &[Named], known: &HashSet<Key>| -> HashSet<Owner> {
        let known = names.iter().filter(|one| one.at.is_some() && known.contains(&key(one)));
        known.map(|one| one.owner).collect()
    };
    // What one script adds may stand in a file that another one reads too.
    let mut count = 0;
    while count < known.len() {
        count = known.len();
        for names in &alike {
            let owners = is_in(names, &known);
            known.extend(names.iter().filter(|one| owners.contains(&one.owner)).map(key));
        }
    }
    let mut found = Places { name, owner, files: BTreeMap::new(), units: Vec::new(), missing };
    let mut listed = HashSet::new();
    for (unit, names) in units.into_iter().zip(alike) {
        if is_in(&names, &known).is_empty() {
            continue;
        }
        for source in unit.sources.files().iter() {
            found.files.entry(source.name.clone()).or_insert_with(|| (source.clone(), Vec::new()));
        }
        for one in names {
            // Each is listed once.
            if known.contains(&key(&one))
                && listed.insert(key(&one))
                && let Some((_, list)) = found.files.get_mut(&one.file)
            {
                list.push(one);
            }
        }
        found.units.push(unit);
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
        let document = Document::new(text.text.as_str());
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
    // A name of a `def` stands in one file.
    if !matches!(found.owner, Owner::Def(_))
        && let Some(why) = found.missing.first()
    {
        return Err(say!(
            en "`{old}` may stand in a script that cannot be read: {why}",
            es "`{old}` puede aparecer en un script que no se puede leer: {why}",
            old = old.to_string(), why = why.clone()
        ));
    }
    let mut texts: BTreeMap<Arc<str>, String> = BTreeMap::new();
    let mut changes = Map::new();
    for (file, (source, list)) in &found.files {
        let mut starts = Vec::new();
        for one in list {
            let Some(at) = &one.at else {
                return Err(say!(
                    en "`{old}` stands in {file} where it cannot be changed by itself",
                    es "`{old}` aparece en {file} donde no se puede cambiar por sí solo",
                    old = old.to_string(), file = file.to_string()
                ));
            };
            starts.push(at.start);
        }
        if let Some(at) = in_faulty_lines(&found, source) {
            return Err(say!(
                en "{place}: this line has a mistake, and `{old}` stands in it: correct it first",
                es "{place}: esta línea tiene un error y `{old}` aparece en ella: primero hay que corregirla",
                place = place(source, at), old = old.to_string()
            ));
        }
        starts.extend(in_answers(&found, source).map_err(|at| {
            say!(
                en "{place}: `{old}` in this answer may be the name or other text",
                es "{place}: `{old}` en esta respuesta puede ser el nombre u otro texto",
                place = place(source, at), old = old.to_string()
            )
        })?);
        if starts.is_empty() {
            continue;
        }
        starts.sort_unstable();
        starts.dedup();
        let document = Document::new(source.text.as_str());
        let (mut changed, mut edits, mut kept) = (String::new(), Vec::new(), 0);
        for at in starts {
            changed.push_str(&source.text[kept..at]);
            changed.push_str(new);
            kept = at + old.len();
            edits.push(json!({ "range": document.range(at..kept), "newText": new }));
        }
        changed.push_str(&source.text[kept..]);
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

/// The place of a byte, as `FILE:LINE` with lines from 1.
fn place(source: &Source, at: usize) -> String {
    let line = memchr::memchr_iter(b'\n', &source.text.as_bytes()[..at]).count() + 1;
    format!("{}:{line}", one_line(&source.name))
}

impl Places {
    /// All names that are written like this one in a file, of each owner, in order.
    fn alike(&self, file: &str) -> Vec<&Named> {
        let all = self.units.iter().flat_map(|unit| &unit.names);
        let mut alike: Vec<&Named> =
            all.filter(|one| one.name == self.name && *one.file == *file && one.at.is_some()).collect();
        alike.sort_by_key(|one| one.at.as_ref().map(|at| at.start));
        alike.dedup_by_key(|one| one.at.as_ref().map(|at| at.start));
        alike
    }

    fn list(&self, file: &str) -> &[Named] {
        self.files.get(file).map_or(&[], |(_, list)| list)
    }
}

/// Does one of these names, which are in order, begin among these bytes?
fn any_in<'a>(names: impl AsRef<[&'a Named]>, among: &Range<usize>) -> bool {
    let names = names.as_ref();
    let start = |one: &&Named| one.at.as_ref().map_or(0, |at| at.start);
    names.get(names.partition_point(|one| start(one) < among.start)).is_some_and(|one| start(one) < among.end)
}

/// Where the name stands in a line with a mistake and is not known for what it is: such a line is not read to its end.
fn in_faulty_lines(found: &Places, source: &Source) -> Option<usize> {
    let all = found.units.iter().flat_map(|unit| {
        let own = unit.sources.files().iter().filter(|own| own.name == source.name);
        own.flat_map(|own| {
            let errors = unit.problems.iter().filter(|p| p.is_error() && own.holds(p.span));
            errors.map(|p| (p.span.start - own.base()) as usize)
        })
    });
    let mut faults: Vec<usize> = all.collect();
    if faults.is_empty() {
        return None;
    }
    faults.sort_unstable();
    let known: HashSet<usize> =
        found.alike(&source.name).iter().filter_map(|one| Some(one.at.as_ref()?.start)).collect();
    words::lines(&source.text).find_map(|(start, line)| {
        let next = faults.get(faults.partition_point(|&at| at < start));
        // At the end of a text a mistake may stand behind its last line.
        let is_faulty = next.is_some_and(|&at| at < line.end || line.end == source.text.len());
        let text = source.text.get(start..line.end).filter(|_| is_faulty)?;
        whole_words(text, &found.name).map(|at| start + at).find(|at| !known.contains(at))
    })
}

/// Where the answers in a file show the name: as `${NAME}`, which stands for its text, or because it is a socket's. Else
/// a byte at which it cannot be told whether an answer shows it.
fn in_answers(found: &Places, source: &Source) -> Result<Vec<usize>, usize> {
    let (text, name) = (&*source.text, &*found.name);
    let alike = found.alike(&source.name);
    let mine: Vec<&Named> = found.list(&source.name).iter().collect();
    let locals: Vec<&Named> =
        alike.iter().copied().filter(|one| matches!(one.owner, Owner::Def(_))).collect();
    let defs = defs(text);
    // In a `def` its own name of these letters is meant, if it has one.
    let is_mine = |at: usize| {
        let before = defs.partition_point(|def| def.start <= at);
        let def = before.checked_sub(1).map(|last| &defs[last]).filter(|def| at < def.end);
        match def.filter(|def| any_in(&locals, def)) {
            Some(def) => matches!(found.owner, Owner::Def(_)) && any_in(&mine, def),
            None => found.owner == Owner::Script,
        }
    };
    let holders = [Some(Known::Socket), Some(Known::Process)];
    let is_shown = found.files.values().flat_map(|(_, list)| list).any(|one| holders.contains(&one.known));
    let base = source.base() as usize;
    let bytes = |span: Span| span.start as usize - base..span.end as usize - base;
    let (mut list, mut unclear) = (Vec::new(), None);
    each_line(source, &mut |line| {
        let own = bytes(line.span);
        for shown in line.answer.iter().flat_map(|answer| &answer.places) {
            let shown = bytes(*shown);
            for at in whole_words(&text[shown.clone()], name).map(|at| shown.start + at) {
                let (before, after) = (&text[shown.start..at], &text[at + name.len()..shown.end]);
                let is_reference =
                    before.ends_with("${") && !before.ends_with("\\${") && after.starts_with(['}', '.']);
                if is_reference || is_socket(before, after) && any_in(&alike, &own) {
                    let is_mine = if is_reference { is_mine(at) } else { any_in(&mine, &own) };
                    list.extend(is_mine.then_some(at));
                } else if is_shown || !has_text(text, &own, name, &alike) {
                    unclear.get_or_insert(at);
                }
            }
        }
    });
    unclear.map_or(Ok(list), Err)
}

/// Is what stands between these `NAME` of `NAME: inet stream`, as a socket is shown?
fn is_socket(before: &str, after: &str) -> bool {
    let before = before.trim_start_matches("#>").trim_end();
    let mut words = after.strip_prefix(": ").unwrap_or("").split(' ');
    let is_type = |word: &str| TYPES.iter().any(|(name, ..)| *name == word);
    (before.is_empty() || before.ends_with('⇄')) && words.nth(1).is_some_and(is_type)
}

/// Do the bytes of a line hold these letters as text, beside the names that are known?
fn has_text(text: &str, line: &Range<usize>, name: &str, known: &[&Named]) -> bool {
    let own = |at: usize| any_in(known, &(at..at + 1));
    whole_words(&text[line.clone()], name).any(|at| !own(line.start + at))
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
