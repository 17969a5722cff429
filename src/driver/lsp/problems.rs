//! What is wrong with a script, as an editor shows it: the findings of `check`, each at its place.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::document::Document;
use super::unit::{Unit, Want, each_line};
use super::world::World;
use crate::engine::straight;
use crate::text::diagnostic::{Diagnostic, Source, Span, first_of};
use crate::text::forms::Keyword;
use crate::text::literal;

/// The findings of an open text, and the message that shows them.
pub fn publish(world: &mut World, uri: &str) -> Option<Json> {
    let open = world.open.get(uri)?;
    let unit = world.unit(open, Want::Problems);
    let list: Vec<Json> = first_of(unit.problems.clone())
        .iter()
        .map(|problem| shown(world, &unit, &open.document, problem))
        .collect();
    let params = json!({ "uri": uri, "version": open.version, "diagnostics": list });
    if let Some(open) = world.open.get_mut(uri) {
        open.files = [unit.files, unit.fixtures].concat();
    }
    Some(super::message::notification("textDocument/publishDiagnostics", params))
}

/// The message that takes the findings of a text away.
pub fn withdraw(uri: &str) -> Json {
    let params = json!({ "uri": uri, "diagnostics": [] });
    super::message::notification("textDocument/publishDiagnostics", params)
}

fn shown(world: &World, unit: &Unit, document: &Document, problem: &Diagnostic) -> Json {
    let lang = world.lang;
    let mut message = literal::visible(&problem.message.show(lang));
    if let Some(help) = &problem.help {
        message = format!("{message}\n{}", literal::visible(&help.show(lang)));
    }
    let mut shown = json!({
        "severity": if problem.is_error() { 1 } else { 2 },
        "source": "sockbook",
    });
    if let Some(code) = problem.code {
        shown["code"] = code.into();
    }
    match unit.own(problem.span) {
        Some(at) => shown["range"] = document.range(at),
        None => {
            // It is in a file that a line of this one sources: that line is marked, and leads there.
            let source = unit.sources.source(problem.span);
            let name = source.map_or("", |source| &*source.name);
            let line =
                unit.sources.first().and_then(|own| line_to(own, Path::new(name), world, &mut Vec::new()));
            shown["range"] = document.range(line.and_then(|span| unit.own(span)).unwrap_or(0..0));
            if let Some(source) = source {
                let base = source.base() as usize;
                let at = problem.span.start as usize - base..(problem.span.end as usize).saturating_sub(base);
                let range = Document::new(&**source.text).range(at);
                let location = json!({ "uri": world.uri(name), "range": range });
                shown["relatedInformation"] = json!([{ "location": location, "message": message }]);
                message = format!("{}: {message}", literal::one_line(name));
            }
        }
    }
    shown["message"] = message.into();
    shown
}

/// The word of the `source` line that leads to this file, by way of others too.
fn line_to(source: &Source, file: &Path, world: &World, seen: &mut Vec<PathBuf>) -> Option<Span> {
    let lines = sourced(source);
    if let Some((span, _)) = lines.iter().find(|(_, path)| path == file) {
        return Some(*span);
    }
    lines.into_iter().find(|(_, path)| leads(path, file, world, seen)).map(|(span, _)| span)
}

fn leads(path: &Path, file: &Path, world: &World, seen: &mut Vec<PathBuf>) -> bool {
    if seen.iter().any(|known| known == path) {
        return false;
    }
    seen.push(path.to_path_buf());
    let Ok(text) = world.text(path) else { return false };
    let source = crate::text::diagnostic::Sources::default().add(&path.to_string_lossy(), text);
    line_to(&source, file, world, seen).is_some()
}

/// The files that the lines of a text source, each with the word that names it.
pub fn sourced(source: &Source) -> Vec<(Span, PathBuf)> {
    let folder = Path::new(&*source.name).parent().unwrap_or(Path::new(""));
    let mut files = Vec::new();
    each_line(source, &mut |line| {
        let word = line.words.first().filter(|_| line.keyword == Some(Keyword::Source));
        if let Some(word) = word
            && let Some(path) = word.literal().and_then(|bytes| std::str::from_utf8(bytes).ok())
        {
            files.push((word.span, straight(&folder.join(path))));
        }
    });
    files
}
