//! A script and the files that it sources, as the compiler reads them together: what is wrong, and where names stand.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::driver::check;
use crate::driver::config;
use crate::driver::fixture::Fixtures;
use crate::driver::run::{self, Options};
use crate::engine::Compiler;
use crate::session::kinds::Known;
use crate::session::uses::{Owner, Uses};
use crate::text::diagnostic::{Diagnostic, Source, Sources, Span};
use crate::text::forms::Keyword;
use crate::text::parse;
use crate::text::parse::{is_opener, line_of};
use crate::text::tree::{Line, Statement};
use crate::text::words;
use crate::words::Sentence;

/// Reads a file that the script sources.
pub type Load<'a> = &'a dyn Fn(&Path) -> Result<String, Sentence>;

/// What was found out about a script.
pub struct Unit {
    /// Its file.
    pub file: Arc<str>,
    /// Its mistakes and warnings, as `check` has them.
    pub problems: Vec<Diagnostic>,
    /// All texts.
    pub sources: Sources,
    /// The files that it sources.
    pub files: Vec<PathBuf>,
    /// The fixtures above it.
    pub fixtures: Vec<PathBuf>,
    /// The names that fixtures and `sockbook.toml` give it.
    pub outside: Vec<Arc<str>>,
    /// Where its names stand, if that was asked for.
    pub names: Vec<Named>,
}

/// A name where it stands in a file.
#[derive(Clone, Debug)]
pub struct Named {
    pub file: Arc<str>,
    /// The name's own bytes; none where it stands in other words, as in a pattern made of pieces.
    pub at: Option<Range<usize>>,
    pub name: Arc<str>,
    pub owner: Owner,
    /// The line gives it a value, or defines it.
    pub gives: bool,
    pub known: Option<Known>,
}

impl Named {
    /// Is it the same name, and not only the same letters?
    pub fn is_same(&self, other: &Named) -> bool {
        self.name == other.name && self.owner == other.owner
    }

    /// Does it stand at this byte of this file? Right behind it too, where a cursor stands that has typed it.
    pub fn stands_at(&self, file: &str, at: usize) -> bool {
        &*self.file == file && self.at.as_ref().is_some_and(|own| own.start <= at && at <= own.end)
    }
}

/// A path from the root, as an editor has it.
pub fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// What to find out beside the mistakes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Want {
    Problems,
    Names,
}

impl Unit {
    /// Reads a script; `file` is its path, as whole as it can be had.
    pub fn read(file: &str, text: &str, want: Want, load: Load<'_>) -> Unit {
        let path = Path::new(file);
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut fixtures = Fixtures::default();
        let innermost = fixtures.of_read(path, load);
        let options = Options {
            // Mistakes of `sockbook.toml` are reported by `check` and `test`.
            vars: config::of(folder).map(|config| config.vars).unwrap_or_default(),
            exports: check::exports(&fixtures, innermost, path),
            ..Options::default()
        };
        let mut scope = run::scope(&options, None);
        let outside = scope.names().map(Arc::from).collect();
        let uses = Uses::default();
        scope.uses = (want == Want::Names).then(|| uses.clone());
        let mut compiler = Compiler::new(scope);
        let mut files = Vec::new();
        let mut unit = Unit {
            file: file.into(),
            problems: Vec::new(),
            sources: Sources::default(),
            files: Vec::new(),
            fixtures: fixtures.all.iter().map(|fixture| whole(&fixture.path)).collect(),
            outside,
            names: Vec::new(),
        };
        if !compiler.sources.fits(text.len()) {
            return unit;
        }
        unit.problems = check::problems(&mut compiler, file, text, &mut |path| {
            files.push(path.to_path_buf());
            load(path)
        });
        (unit.files, unit.sources) = (files, compiler.sources);
        let mut names = Vec::new();
        for one in uses.take() {
            let Some(source) = unit.sources.source(one.span) else { continue };
            let start = (one.span.start - source.base()) as usize;
            let at = name_in(source.slice(one.span), &one.name);
            let at = at.map(|at| start + at.start..start + at.end);
            let (name, owner, known) = (one.name, one.owner, one.known);
            let order = (source.base(), at.as_ref().map_or(start, |at| at.start));
            names
                .push((order, Named { file: source.name.clone(), at, name, owner, gives: one.gives, known }));
        }
        names.sort_by_key(|(order, _)| *order);
        unit.names = names.into_iter().map(|(_, one)| one).collect();
        // A file that is sourced twice is read twice.
        let mut seen = std::collections::HashSet::new();
        unit.names.retain(|one| one.at.is_none() || seen.insert((one.file.clone(), one.at.clone())));
        unit
    }

    /// How many mistakes, and how many warnings.
    pub fn counts(&self) -> (usize, usize) {
        let errors = self.problems.iter().filter(|p| p.is_error()).count();
        (errors, self.problems.len() - errors)
    }

    /// The bytes of a span in the script itself; none where it lies in a file that is sourced.
    pub fn own(&self, span: Span) -> Option<Range<usize>> {
        let first = self.sources.first()?;
        let base = first.base() as usize;
        first.holds(span).then(|| span.start as usize - base..span.end as usize - base)
    }

    /// The name that stands at this byte of a file.
    pub fn name_at(&self, file: &str, at: usize) -> Option<&Named> {
        self.names.iter().find(|one| one.stands_at(file, at))
    }
}

/// Where a name stands in the word that holds it.
fn name_in(word: &str, name: &str) -> Option<Range<usize>> {
    // The group of a pattern, before the letters that it matches.
    let group = whole_words(word, name).find(|at| {
        (word[..*at].ends_with("?<") || word[..*at].ends_with("?P<"))
            && word[at + name.len()..].starts_with('>')
    });
    let at = group.or_else(|| whole_words(word, name).next())?;
    Some(at..at + name.len())
}

/// Where a name stands in a text and is no part of a longer one.
pub fn whole_words(text: &str, name: &str) -> impl Iterator<Item = usize> {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let length = name.len();
    text.match_indices(name)
        .map(|(at, _)| at)
        .filter(move |&at| !part(text[..at].chars().next_back()) && !part(text[at + length..].chars().next()))
}

/// The `def` whose lines the end of this text is among.
pub fn def_around(names: &[Named], file: &str, above: &str) -> Option<u32> {
    let head = open_blocks(above).into_iter().rev().find(|(keyword, _)| *keyword == Keyword::Def)?.1;
    let own = |one: &&Named| {
        &*one.file == file && one.at.as_ref().is_some_and(|at| head <= at.start && at.start < above.len())
    };
    names.iter().filter(own).find_map(|one| match one.owner {
        Owner::Def(def) => Some(def),
        _ => None,
    })
}

/// The text with an `end` for each block that is open at its end.
pub fn closed(text: &str) -> String {
    let open = open_blocks(text).len();
    format!("{text}{}", "\nend".repeat(open))
}

/// The blocks that are open at the end of a text, the outermost first: the keyword, and where its line begins.
fn open_blocks(text: &str) -> Vec<(Keyword, usize)> {
    let blocks = blocks(text).into_iter();
    blocks.filter(|block| block.end.is_none()).map(|block| (block.keyword, block.start)).collect()
}

/// The bytes of each `def`, from its first line to its `end`, in order.
pub fn defs(text: &str) -> Vec<Range<usize>> {
    let defs = blocks(text).into_iter().filter(|block| block.keyword == Keyword::Def);
    defs.map(|block| block.start..block.end.unwrap_or(text.len())).collect()
}

/// A keyword with lines of its own.
struct Block {
    keyword: Keyword,
    start: usize,
    /// Behind its `end`; none where that is missing.
    end: Option<usize>,
}

/// The blocks of a text, in the order in which they begin.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (at, read) in words::lines(text) {
        let end = read.end;
        let Some(line) = line_of(read.words, &mut Vec::new()) else { continue };
        match line.keyword {
            Some(Keyword::End) => {
                if let Some(block) = open.pop() {
                    blocks[block].end = Some(end);
                }
            }
            Some(keyword) if is_opener(&line) => {
                open.push(blocks.len());
                blocks.push(Block { keyword, start: at, end: None });
            }
            _ => {}
        }
    }
    blocks
}

/// Goes through the lines of a text, those of blocks too.
pub fn each_line(source: &Source, found: &mut dyn FnMut(&Line<'_>)) {
    fn look(statements: &[Statement<'_>], found: &mut dyn FnMut(&Line<'_>)) {
        for statement in statements {
            match statement {
                Statement::Line(line) => found(line),
                Statement::Block(block) => block.arms.iter().for_each(|arm| look(&arm.body, found)),
            }
        }
    }
    look(&parse(source, &mut Vec::new()), found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_its_word() {
        for (word, name, want) in [
            ("data", "data", Some(0)),
            ("$data", "data", Some(1)),
            ("${len.len}", "len", Some(2)),
            ("rest...", "rest", Some(0)),
            ("port=80", "port", Some(0)),
            ("ab, a", "a", Some(4)),
            ("\"code (?P<code>.)\"", "code", Some(10)),
            ("$x", "data", None),
        ] {
            assert_eq!(name_in(word, name).map(|at| at.start), want, "{word}");
        }
    }
}
