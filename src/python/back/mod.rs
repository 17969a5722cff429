//! A script as a Python program that prints the same and needs nothing but the standard library.
//!
//! The tree is walked statement by statement. What is known of each name's value (a type, where all lines that give it one
//! agree) is found by walking more than once, until nothing changes; where it is known, Python's own operators and
//! methods stand, and else a helper that looks at the value (`runtime/*.py`). What Python has no words for is marked: it
//! stands there as a comment and raises an error that nothing takes if it is reached; what only shows the session is left out.

mod block;
pub mod code;
mod comments;
mod effects;
mod formula;
mod given;
mod operand;
pub mod runtime;
mod session;
mod sockets;
mod stack;
mod threads;
mod values;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use self::code::{Code, Type};
use self::comments::harmless;
use self::effects::Effects;
use self::stack::Stack;
use crate::text::diagnostic::{Sources, Span};
use crate::text::lesson;
use crate::text::tree::Statement;
use crate::words::{Lang, Sentence};

/// A piece of the program.
#[derive(Clone, Debug)]
pub struct Cell {
    /// It is text: `text` is Markdown then, else Python.
    pub is_text: bool,
    /// Its title.
    pub title: String,
    /// What stands in it, without a line end.
    pub text: String,
    /// Where its lines stand in the script.
    pub source: Range<usize>,
}

/// What Python does not say, and where it would stand.
#[derive(Clone, Debug)]
pub struct Unsaid {
    /// The line of the script, from 1.
    pub line: usize,
    /// The script's file.
    pub file: String,
    /// The reason.
    pub why: Sentence,
}

/// A program in pieces.
#[derive(Clone, Debug)]
pub struct Written {
    /// `import …`, a line each.
    pub imports: String,
    /// The helpers that the cells use.
    pub helpers: String,
    /// The cells, in order.
    pub cells: Vec<Cell>,
    /// What Python does not say.
    pub unsaid: Vec<Unsaid>,
}

/// What a command came to.
pub(super) struct Made {
    pub code: Code,
    /// It gives two values, as a tuple.
    pub pair: Option<(Type, Type)>,
    /// It gives none: the code is a statement.
    pub is_statement: bool,
    /// It makes a socket that is the current one then.
    pub makes: bool,
}

impl Made {
    fn nothing(text: impl Into<String>) -> Made {
        Made { code: Code::atom(text, Type::Any), pair: None, is_statement: true, makes: false }
    }

    fn one(code: Code) -> Made {
        Made { code, pair: None, is_statement: false, makes: false }
    }

    fn pair(text: impl Into<String>, first: Type, second: Type) -> Made {
        Made {
            code: Code::atom(text, Type::Any),
            pair: Some((first, second)),
            is_statement: false,
            makes: false,
        }
    }

    fn making(self) -> Made {
        Made { makes: true, ..self }
    }
}

/// What a pass over the script has found, for the next one.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    /// The types of names, by the scope that gives them a value.
    types: HashMap<(usize, String), Type>,
    /// The current socket is not known before the script runs: the program keeps the stack itself.
    dynamic: bool,
    /// `$_` is read.
    reads_last: bool,
    /// The types did not settle: nothing is known of any.
    is_blind: bool,
}

/// In place of a scope: what `def`s are given and return.
const DEFS: usize = usize::MAX;

/// A `def`, a `spawn` or the script itself.
struct Scope {
    id: usize,
    /// The `def` that it is.
    def: Option<String>,
    /// The names that it gives values.
    names: HashSet<String>,
    /// It is in a loop, a `def` or a thread: what is made here may be made again.
    repeats: bool,
}

/// Where the program is written.
pub(super) struct Writer<'s> {
    sources: &'s Sources,
    lang: Lang,
    effects: &'s Effects,
    known: Known,
    found: Known,
    scopes: Vec<Scope>,
    next_scope: usize,
    stack: Stack,
    lines: Vec<String>,
    depth: usize,
    /// As far as the comments of the script have been written.
    told: u32,
    used: BTreeSet<String>,
    unsaid: Vec<Unsaid>,
    /// Lines that belong behind the statement that is being written.
    behind: Vec<String>,
    nameless: usize,
    loops: usize,
    /// The patterns with names in the condition that is being written, and whether it stands in a lambda.
    founds: usize,
    in_lambda: bool,
    /// The stacks at the beginning of the loops around, and those with which lines leave the innermost.
    entries: Vec<Stack>,
    exits: Vec<Stack>,
    /// The body of the `try` that is being written leaves another stack than it found.
    moved_in_try: bool,
    /// The calls that are made before the statement, each with the name of its value, while there is a list for them.
    lifted: Option<Vec<(String, String)>>,
    /// Background calls that nothing has waited for: their names, what they give values, and whether that is a pair.
    waiting: Vec<(String, Vec<String>, bool)>,
}

/// Types only get wider from pass to pass: more passes find nothing new, but in scripts made for it.
const MOST_PASSES: usize = 60;

/// Writes a script, which has no mistakes, as a program. `sources` holds the script first, and the files that it
/// reads by `source`.
pub fn write(sources: &Sources, statements: &[Statement<'_>], lang: Lang) -> Written {
    let effects = Effects::of(sources, statements);
    let mut known = Known::default();
    let mut written = None;
    for pass in 0..MOST_PASSES {
        let mut writer = Writer::new(sources, lang, &effects, known.clone());
        let cells = writer.cells(statements);
        let found = std::mem::take(&mut writer.found);
        let settled = found == known || known.is_blind;
        let labels: Vec<&str> = LABELS.iter().map(|label| label.show(lang)).collect();
        let (imports, helpers) = runtime::prelude(&writer.used, &labels);
        written = Some(Written { imports, helpers, cells, unsaid: writer.unsaid });
        if settled {
            break;
        }
        known = if pass + 2 < MOST_PASSES {
            found
        } else {
            Known { types: HashMap::new(), is_blind: true, ..found }
        };
    }
    written.unwrap_or(Written {
        imports: String::new(),
        helpers: String::new(),
        cells: Vec::new(),
        unsaid: Vec::new(),
    })
}

/// The words of the helpers' tables.
const LABELS: &[crate::words::Phrase] = &[
    phrase!(en "name", es "nombre"),
    phrase!(en "fd", es "fd"),
    phrase!(en "family", es "familia"),
    phrase!(en "type", es "tipo"),
    phrase!(en "local", es "local"),
    phrase!(en "peer", es "remoto"),
    phrase!(en "state", es "estado"),
    phrase!(en "Recv-Q", es "Recv-Q"),
    phrase!(en "Send-Q", es "Send-Q"),
    phrase!(en "RW", es "RW"),
    phrase!(en "backlog", es "cola de espera"),
    phrase!(en "end of stream", es "fin del flujo"),
    phrase!(en "characters", es "caracteres"),
    phrase!(en "character", es "carácter"),
];

impl<'s> Writer<'s> {
    fn new(sources: &'s Sources, lang: Lang, effects: &'s Effects, known: Known) -> Writer<'s> {
        let names = effects.script.clone();
        let stack = Stack::new(known.dynamic);
        let found = Known { dynamic: known.dynamic, ..Known::default() };
        Writer {
            sources,
            lang,
            effects,
            known,
            found,
            scopes: vec![Scope { id: 0, def: None, names, repeats: false }],
            next_scope: 1,
            stack,
            lines: Vec::new(),
            depth: 0,
            told: 0,
            used: BTreeSet::new(),
            unsaid: Vec::new(),
            behind: Vec::new(),
            nameless: 0,
            loops: 0,
            founds: 0,
            in_lambda: false,
            entries: Vec::new(),
            exits: Vec::new(),
            moved_in_try: false,
            lifted: None,
            waiting: Vec::new(),
        }
    }

    /// The script in cells.
    fn cells(&mut self, statements: &[Statement<'_>]) -> Vec<Cell> {
        let Some(source) = self.sources.first().cloned() else { return Vec::new() };
        let base = source.base() as usize;
        let places: Vec<Range<usize>> =
            statements.iter().map(|s| s.span().start as usize - base..s.span().end as usize - base).collect();
        let mut cells = Vec::new();
        let mut next = 0;
        self.define_early(statements);
        for cell in lesson::cells(&source.text, &places) {
            let Range { start, end } = cell.body;
            if cell.is_text {
                let text = harmless(&lesson::markdown(&source.text[start..end]));
                cells.push(Cell { is_text: true, title: harmless(cell.title), text, source: start..end });
                continue;
            }
            let count = places[next..].iter().take_while(|place| place.start < end).count();
            let ends_here = next + count == statements.len();
            self.told = (base + start) as u32;
            self.statements(&statements[next..next + count], !ends_here);
            self.comments((base + end) as u32);
            next += count;
            let mut lines = std::mem::take(&mut self.lines);
            while lines.last().is_some_and(|line| line.is_empty()) {
                lines.pop();
            }
            cells.push(Cell {
                is_text: false,
                title: harmless(cell.title),
                text: harmless(&lines.join("\n")),
                source: start..end,
            });
        }
        self.finish(&mut cells);
        cells
    }

    /// What stands at the end of a program with threads or subtests.
    fn finish(&mut self, cells: &mut Vec<Cell>) {
        let checks = [
            ("check_threads", ["spawn", "background"].as_slice()),
            ("check_programs", &["Process"]),
            ("check_subtests", &["subtest"]),
        ];
        let checks = checks.into_iter().filter(|(_, of)| of.iter().any(|name| self.used.contains(*name)));
        let checks: Vec<&str> = checks.map(|(check, _)| check).collect();
        if checks.is_empty() {
            return;
        }
        checks.into_iter().for_each(|check| self.module(check));
        let end = format!("{}()", self.helper("finish"));
        match cells.iter_mut().rfind(|cell| !cell.is_text) {
            Some(cell) if !cell.text.is_empty() => {
                cell.text.push('\n');
                cell.text.push_str(&end);
            }
            _ => cells.push(Cell { is_text: false, title: String::new(), text: end, source: 0..0 }),
        }
    }

    /// A helper's name, which the program then has.
    fn helper(&mut self, name: &str) -> String {
        if name == "last" {
            self.found.reads_last = true;
        } else {
            self.used.insert(name.into());
        }
        name.into()
    }

    /// The program has this module, or this helper.
    fn module(&mut self, name: &str) {
        self.used.insert(name.into());
    }

    /// Writes a line, or several.
    fn line(&mut self, text: &str) {
        for line in text.lines() {
            let indent = if line.is_empty() { 0 } else { 4 * self.depth };
            self.lines.push(format!("{:indent$}{line}", ""));
        }
    }

    /// Marks a line that Python does not say. `left_out`: nothing depends on it.
    fn unsaid(&mut self, span: Span, why: &Sentence, left_out: bool) {
        let text = self.sources.text(span);
        let first = text.lines().next().unwrap_or("").trim().to_string();
        let reason = why.show(self.lang);
        self.comment(&first);
        self.comment(&format!("    {reason}"));
        if !left_out {
            let helper = self.helper("cannot");
            self.line(&format!("{helper}({})", code::text_literal(&first)));
        }
        self.note_unsaid(span, why);
    }

    /// Marks a line whose Python does something else in a case that the reason tells.
    fn changed(&mut self, span: Span, why: &Sentence) {
        self.comment(&why.show(self.lang).to_string());
        self.note_unsaid(span, why);
    }

    fn note_unsaid(&mut self, span: Span, why: &Sentence) {
        let place = self.sources.place(span);
        let (file, line) = place.map_or((String::new(), 0), |place| (place.file.to_string(), place.line));
        self.unsaid.push(Unsaid { line, file, why: why.clone() });
    }

    /// Does a line give this name a value, here or in a scope around?
    fn is_assigned(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.names.contains(name))
    }

    /// The number in `s3`, the name of a socket that was given none.
    fn socket_number(&self, name: &str) -> Option<u32> {
        name.strip_prefix('s').filter(|_| !self.is_assigned(name))?.parse().ok()
    }

    fn is_shared(&self, name: &str) -> bool {
        self.effects.shared.contains(name) && !self.scopes[1..].iter().any(|scope| scope.names.contains(name))
    }

    /// May the name's list or map be changed where it is, because no other name has it?
    fn is_own_list(&self, name: &str) -> bool {
        self.effects.is_own(name)
    }

    fn scope(&self) -> &Scope {
        &self.scopes[self.scopes.len() - 1]
    }

    /// The scope in which this name is given a value here.
    fn home(&self, name: &str) -> usize {
        if self.is_shared(name) { 0 } else { self.scope().id }
    }

    /// What is known of a name's value.
    fn type_of(&self, name: &str) -> Type {
        let of = |scope: &Scope| self.known.types.get(&(scope.id, name.to_string())).copied();
        let mut types = self.scopes.iter().filter(|scope| scope.names.contains(name)).map(of);
        // A scope's own name may still have the value of the one around it.
        let first = types.next();
        let all = types.chain(first).fold(Type::Never, |all, next| all.or(next.unwrap_or(Type::Never)));
        if self.known.is_blind { Type::Any } else { all }
    }

    /// What is known of what a `def` returns, and of its arguments by their places.
    fn type_of_def(&self, def: &str, what: &str) -> Type {
        let known = self.known.types.get(&(DEFS, format!("{def} {what}"))).copied();
        if self.known.is_blind { Type::Any } else { known.unwrap_or(Type::Never) }
    }

    /// Notes a value that a `def` returns or is given.
    fn note_def(&mut self, def: &str, what: &str, of: Type) {
        let known = self.found.types.entry((DEFS, format!("{def} {what}"))).or_insert(of);
        *known = known.or(of);
    }

    /// Notes the type of a value that a name is given.
    fn note(&mut self, name: &str, of: Type) {
        let place = (self.home(name), name.to_string());
        let known = self.found.types.entry(place).or_insert(of);
        *known = known.or(of);
    }
}
