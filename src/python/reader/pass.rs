//! One pass over a text: the lines that it has made so far, and how a statement becomes lines. What cannot be said is
//! taken back, and a mark stands in its place.

use std::collections::HashMap;

use ruff_python_ast::Stmt;
use ruff_python_ast::visitor::Visitor;
use ruff_text_size::Ranged;

use super::Line;
use super::mark::{self, Mark, MarkKind};
use super::names::{Bound, Key, Known, Scan};
use super::operand::{Form, Kind, Operand, Piece, dollar, quoted};
use crate::words::sentence::Sentence;

/// What can be said, or the reason why not.
pub type Said<T> = Result<T, Sentence>;

/// Deeper than this nothing is read.
const DEEPEST: usize = 60;

/// A text takes about so many steps a byte: those of scripts take less than one.
const STEPS_A_BYTE: usize = 20;

/// What each text may take: one with much in few bytes is a script all the same.
const STEPS: usize = 50_000;

/// What `break` does in a loop besides.
#[derive(Default)]
pub struct Loop {
    /// A name that is set, for the `else` of the loop.
    pub flag: Option<String>,
}

/// The kinds that names have at the ends of the parts of a statement.
#[derive(Default)]
pub struct Join {
    ends: HashMap<Key, Vec<Kind>>,
    branches: usize,
}

/// One pass over a text.
pub struct Pass<'s> {
    source: &'s str,
    /// Where each line begins.
    starts: Vec<usize>,
    pub known: Known,
    pub scan: Scan,
    pub out: Vec<Line>,
    pub indent: usize,
    /// The line of Python that is being read, from 1.
    pub from: usize,
    marks: Vec<Mark>,
    /// The comments that are still to come, the next one last: line, text, whether it stands alone.
    comments: Vec<(usize, String, bool)>,
    /// Python's name of the function that is being read; `""` outside.
    pub function: String,
    /// The class whose method is being read, and its `self`.
    pub object: Option<(String, String)>,
    pub loops: Vec<Loop>,
    depth: usize,
    /// So many steps are left: statements, expressions and lines.
    steps: usize,
    /// The error that an `except` has caught, for a `raise` alone.
    pub caught: Vec<Option<String>>,
    /// The name that a call's result is to have, where a target gives it one.
    pub wanted: Option<String>,
}

impl<'s> Pass<'s> {
    pub fn new(source: &'s str, known: Known, scan: Scan, comments: Vec<(usize, String, bool)>) -> Pass<'s> {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', source.as_bytes()).map(|at| at + 1));
        Pass {
            source,
            starts: starts.collect(),
            known,
            scan,
            out: Vec::new(),
            indent: 0,
            from: 1,
            marks: Vec::new(),
            comments,
            function: String::new(),
            object: None,
            loops: Vec::new(),
            depth: 0,
            steps: STEPS + STEPS_A_BYTE * source.len(),
            caught: Vec::new(),
            wanted: None,
        }
    }

    /// Does what calls itself for what stands further in: not too deep, and not without end.
    pub fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Said<T>) -> Said<T> {
        if self.steps == 0 {
            return Err(mark::TOO_LONG.into());
        }
        if self.depth >= DEEPEST {
            return Err(mark::TOO_DEEP.into());
        }
        self.steps -= 1;
        self.depth += 1;
        let said = work(self);
        self.depth -= 1;
        said
    }

    /// One of the steps that a text may take.
    pub fn step(&mut self) {
        self.steps = self.steps.saturating_sub(1);
    }

    /// The line of a place in the text, from 1.
    pub fn line_at(&self, node: &impl Ranged) -> usize {
        let at = usize::from(node.range().start());
        self.starts.partition_point(|start| *start <= at)
    }

    /// The text of a node, in one line.
    pub fn text_of(&self, node: &impl Ranged) -> String {
        let range = node.range();
        let text = self.source.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default();
        text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
    }

    pub fn push(&mut self, text: impl AsRef<str>) {
        self.step();
        let mark = std::mem::take(&mut self.marks).into_iter().reduce(|first, second| Mark {
            kind: first.kind,
            why: say!(en "{a}; {b}", es "{a}; {b}", a = first.why, b = second.why),
        });
        let text = format!("{}{}", "    ".repeat(self.indent), text.as_ref());
        self.out.push(Line { text, from: self.from, mark });
    }

    /// The next line has another meaning than its Python.
    pub fn changed(&mut self, why: impl Into<Sentence>) {
        let mark = Mark::changed(why);
        if !self.marks.contains(&mark) {
            self.marks.push(mark);
        }
    }

    /// The lines since `start`, taken back, without the indentation of this block.
    pub fn take(&mut self, start: usize) -> Vec<Line> {
        let cut = 4 * self.indent;
        let lines = self.out.drain(start..);
        lines
            .map(|line| Line { text: line.text.get(cut..).unwrap_or_default().to_string(), ..line })
            .collect()
    }

    /// Lines that were taken, in the block that is open now.
    pub fn give(&mut self, lines: Vec<Line>) {
        let blanks = "    ".repeat(self.indent);
        self.out
            .extend(lines.into_iter().map(|line| Line { text: format!("{blanks}{}", line.text), ..line }));
    }

    pub fn statements(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.statement(stmt);
        }
    }

    /// The lines of a block that `push` has opened.
    pub fn block(&mut self, body: &[Stmt]) {
        self.indent += 1;
        self.statements(body);
        self.indent -= 1;
    }

    fn statement(&mut self, stmt: &Stmt) {
        let line = self.line_at(stmt);
        self.comments_before(line);
        let (start, indent) = (self.out.len(), self.indent);
        let (loops, caught) = (self.loops.len(), self.caught.len());
        let (function, object) = (self.function.clone(), self.object.clone());
        self.from = line;
        let said = self.deeper(|pass| pass.say(stmt));
        if let Err(why) = said {
            self.out.truncate(start);
            self.marks.clear();
            self.indent = indent;
            self.loops.truncate(loops);
            self.caught.truncate(caught);
            (self.function, self.object) = (function, object);
            self.from = line;
            self.unsaid(stmt, why);
        } else if self.out.len() == start {
            let text = self.first_line(stmt);
            self.push(format!("# {text}"));
        }
        self.marks.clear();
        self.comment_behind(line, start);
    }

    /// A mark in place of a statement: a `fail`, so that no script goes on without it, or a comment for what is only
    /// defined.
    pub fn unsaid(&mut self, stmt: &Stmt, why: Sentence) {
        let line = self.line_at(stmt);
        let text = self.first_line(stmt);
        let defines =
            matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_) | Stmt::Import(_) | Stmt::ImportFrom(_));
        self.marks.insert(0, Mark { kind: MarkKind::Unsaid, why });
        if defines {
            self.push(format!("# {text}"));
        } else {
            let text = format!("Python {line}: {text}");
            self.push(format!("fail {}", quoted(&[Piece::Bytes(text.into_bytes())])));
            // Its names are known from here on, so that the lines that use them can be read.
            let mut bound = Bound::default();
            bound.visit_stmt(stmt);
            for python in bound.names.iter().filter(|name| *name != "_") {
                let name = self.known.sock_name(python);
                self.note_kind(python, Kind::Unknown);
                self.push(format!("let {name} = \"\""));
            }
        }
        for (at, rest) in self.lines_of(stmt) {
            self.from = at;
            self.push(comment(&rest));
        }
    }

    /// The lines of a node but the first, each with its number; their comments are part of them.
    pub fn lines_of(&mut self, node: &impl Ranged) -> Vec<(usize, String)> {
        let (line, range) = (self.line_at(node), node.range());
        let whole = self.source.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default();
        let rest = whole.lines().enumerate().skip(1).filter(|(_, rest)| !rest.trim().is_empty());
        let lines: Vec<(usize, String)> =
            rest.map(|(at, rest)| (line + at, rest.trim_end().to_string())).collect();
        // The last comment stands first.
        let last = lines.last().map_or(line, |(at, _)| *at);
        let begin = self.comments.partition_point(|comment| comment.0 > last);
        let end = self.comments.partition_point(|comment| comment.0 > line);
        self.comments.drain(begin..end);
        lines
    }

    /// The first line of a statement as a comment, where its body alone has lines.
    pub fn as_comment(&mut self, node: &impl Ranged) {
        let text = format!("# {}", self.first_line(node));
        self.push(text);
    }

    fn first_line(&self, node: &impl Ranged) -> String {
        let range = node.range();
        let text = self.source.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default();
        text.lines().next().unwrap_or_default().trim().to_string()
    }

    /// Every comment above a line of the text.
    pub fn comments_before(&mut self, line: usize) {
        while let Some((at, text, _)) = self.comments.pop_if(|comment| comment.0 < line) {
            self.from = at;
            let marks = std::mem::take(&mut self.marks);
            self.push(text);
            self.marks = marks;
        }
    }

    /// The comment at the end of a statement's first line: there too if that is one line, else above it.
    fn comment_behind(&mut self, line: usize, start: usize) {
        let Some((_, text, _)) = self.comments.pop_if(|comment| comment.0 == line && !comment.2) else {
            return;
        };
        match &mut self.out[start..] {
            [only] if !only.text.trim_start().starts_with(['#']) => {
                only.text.push_str("  ");
                only.text.push_str(&text);
            }
            _ => {
                let text = format!("{}{text}", "    ".repeat(self.indent));
                self.out.insert(start, Line { text, from: line, mark: None });
            }
        }
    }

    /// A name of its own for what a line makes.
    pub fn temporary(&mut self) -> String {
        self.known.temporary()
    }

    /// The line that gives `name` this value: `let x = 5`, `x = recv`.
    pub fn give_name(&mut self, name: &str, operand: &Operand) -> Said<()> {
        let line = self.giving(name, operand)?;
        self.push(line);
        Ok(())
    }

    /// The names that statements may give a value.
    fn given_in(&self, body: &[Stmt]) -> Vec<Key> {
        let mut bound = Bound::default();
        bound.visit_body(body);
        bound.names.into_iter().map(|name| (self.place_of(&name), name)).collect()
    }

    /// A part of a statement that is run or not: the kinds that it leaves go to `join`.
    pub fn branch<T>(&mut self, join: &mut Join, body: &[Stmt], work: impl FnOnce(&mut Self) -> T) -> T {
        let keys = self.given_in(body);
        let before: Vec<Option<Kind>> = keys.iter().map(|key| self.known.kinds.get(key).cloned()).collect();
        let done = work(self);
        join.branches += 1;
        for (key, before) in keys.into_iter().zip(before) {
            let end = match before {
                Some(before) => self.known.kinds.insert(key.clone(), before),
                None => self.known.kinds.remove(&key),
            };
            join.ends.entry(key).or_default().extend(end);
        }
        done
    }

    /// After the parts of a statement a name has the kind that one of them left. Where none of them may have run it can
    /// be as it was before.
    pub fn join(&mut self, join: Join, one_has_run: bool) {
        for (key, mut kinds) in join.ends {
            if !one_has_run || kinds.len() < join.branches {
                kinds.extend(self.known.kinds.get(&key).cloned());
            }
            if let Some(kind) = kinds.into_iter().reduce(Kind::merge) {
                self.known.kinds.insert(key, kind);
            }
        }
    }

    /// A loop begins: its names have the kinds that they have before it, or at the end of a round.
    pub fn enter_loop(&mut self, place: &impl Ranged) {
        let ends = self.known.loop_ends.get(&usize::from(place.range().start())).cloned();
        for (key, end) in ends.unwrap_or_default() {
            let before = self.known.kinds.get(&key).cloned().unwrap_or(Kind::None);
            self.known.kinds.insert(key, before.merge(end));
        }
    }

    /// A loop ends, of which no round may have run.
    pub fn leave_loop(&mut self, place: &impl Ranged, body: &[Stmt], join: Join) {
        let ends = self.given_in(body).into_iter().filter_map(|key| {
            let kind = join.ends.get(&key)?.first()?.clone();
            Some((key, kind))
        });
        let ends = ends.collect();
        self.known.loop_ends.insert(usize::from(place.range().start()), ends);
        self.join(join, false);
    }

    /// Whether a name may hold None as well as a value, which are told apart in Python alone.
    pub fn may_be_none(&self, operand: &Operand) -> bool {
        match &operand.form {
            Form::Path(path) => self
                .known
                .python
                .get(path)
                .is_some_and(|python| self.known.nones.contains(&(self.place_of(python), python.clone()))),
            Form::Call(command) => {
                let called = command.split(' ').next().unwrap_or_default();
                command.ends_with(" $(json null)") || self.known.none_defs.contains(called)
            }
            _ => false,
        }
    }

    /// Whether what a name holds, by its sockbook name, is changed in place somewhere.
    pub fn is_changed_in_place(&self, name: &str, kind: &Kind) -> bool {
        let Some(python) = self.known.python.get(name) else { return false };
        let place = python.split_once('.').map_or(python.clone(), |(_, attribute)| format!(".{attribute}"));
        self.scan.mutated.contains(&place)
            || matches!(kind, Kind::List(_) | Kind::Map(..)) && self.scan.augmented.contains(&place)
    }

    /// A value that one name has goes to another, or into a list or a map where no name is given.
    pub fn note_copy(&mut self, to: &str, operand: &Operand) {
        if to.is_empty() && (operand.kind == Kind::None || self.may_be_none(operand)) {
            self.changed(mark::NONE_IS_EMPTY);
        }
        let called = operand.command().and_then(|command| command.split(' ').next());
        if called.is_some_and(|called| self.known.sharing_defs.contains(called))
            && self.is_changed_in_place(to, &operand.kind)
        {
            self.changed(mark::COPIED);
        }
        let Some(from) = operand.root().filter(|_| operand.kind.is_shared()) else { return };
        // What stands between has no other name.
        if !self.known.python.contains_key(from) {
            return;
        }
        if self.is_changed_in_place(from, &operand.kind) || self.is_changed_in_place(to, &operand.kind) {
            self.changed(mark::COPIED);
        }
    }

    /// `let x = 5`, `x = recv`, without `let` where `share` stands before it.
    pub fn giving(&mut self, name: &str, operand: &Operand) -> Said<String> {
        self.note_copy(name, operand);
        Ok(match &operand.form {
            Form::Call(command) => format!("{name} = {command}"),
            Form::Pair(command) => {
                let (first, second) = (self.temporary(), self.temporary());
                self.push(format!("{first}, {second} = {command}"));
                format!("{name} = list ${first} ${second}")
            }
            Form::Act(_) | Form::Lists(_) => return Err(mark::NO_RESULT.into()),
            Form::Sum(sum) => format!("let {name} = {sum}"),
            _ => {
                let word = self.word(operand)?;
                format!("let {name} = {word}")
            }
        })
    }

    /// The operand under a name of its own, if it runs a command or is worked out.
    pub fn lifted(&mut self, operand: Operand) -> Said<Operand> {
        match operand.form {
            Form::Text(_) | Form::Path(_) | Form::Word(_) => Ok(operand),
            _ => self.named(operand),
        }
    }

    /// The operand under a name of its own; a name itself stays as it is.
    pub fn named(&mut self, operand: Operand) -> Said<Operand> {
        if matches!(&operand.form, Form::Path(_)) {
            return Ok(operand);
        }
        let name = self.temporary();
        self.give_name(&name, &operand)?;
        Ok(Operand::path(name, operand.kind))
    }

    /// The operand under a name of its own, whatever it is: what comes after it may change what it is made of.
    pub fn kept(&mut self, operand: Operand) -> Said<Operand> {
        if operand.literal().is_some()
            || matches!(operand.form, Form::Act(_) | Form::Lists(_) | Form::Word(_))
        {
            return Ok(operand);
        }
        let name = self.temporary();
        let line = self.giving(&name, &operand)?;
        self.push(line);
        Ok(Operand::path(name, operand.kind))
    }

    /// The path of an operand, under a name of its own where it has none.
    pub fn path(&mut self, operand: Operand) -> Said<String> {
        match self.named(operand)?.form {
            Form::Path(path) => Ok(path),
            _ => Err(mark::NO_RESULT.into()),
        }
    }

    /// The operand as one word of a line.
    pub fn word(&mut self, operand: &Operand) -> Said<String> {
        Ok(match &operand.form {
            Form::Text(pieces) => match pieces.as_slice() {
                [Piece::Path(path)] => format!("\"${{{path}}}\""),
                _ => quoted(pieces),
            },
            Form::Path(path) => dollar(path),
            Form::Word(word) => word.clone(),
            Form::Call(command) => format!("$({command})"),
            Form::Part(command, property) => format!("$({command}).{property}"),
            Form::Act(_) | Form::Lists(_) => return Err(mark::NO_RESULT.into()),
            Form::Sum(_) | Form::Pair(_) => {
                let named = self.named(operand.clone())?;
                return self.word(&named);
            }
        })
    }

    /// The operand as a part of quoted text, exactly as sockbook shows it.
    pub fn pieces(&mut self, operand: Operand) -> Said<Vec<Piece>> {
        let operand = self.lifted(operand)?;
        Ok(match operand.form {
            Form::Text(pieces) => pieces,
            Form::Path(path) => vec![Piece::Path(path)],
            Form::Word(word) => vec![Piece::Bytes(word.into_bytes())],
            _ => return Err(mark::NO_RESULT.into()),
        })
    }

    /// A property of the operand: `${x.len}`, `$(recv).len`.
    pub fn property(&mut self, operand: Operand, property: &str, kind: Kind) -> Said<Operand> {
        Ok(match operand.form {
            Form::Path(path) => Operand::path(format!("{path}.{property}"), kind),
            Form::Call(command) => Operand::new(Form::Part(command, property.to_string()), kind),
            _ => {
                let path = self.path(operand)?;
                Operand::path(format!("{path}.{property}"), kind)
            }
        })
    }
}

/// A line of Python as a comment, whose first letters sockbook gives no meaning.
pub fn comment(text: &str) -> String {
    let inside = text.strip_prefix('#').unwrap_or(text);
    match inside.chars().next() {
        None => "#".to_string(),
        Some(c) if c.is_whitespace() => format!("#{inside}"),
        Some(_) => format!("# {inside}"),
    }
}
