//! Tree to steps: names become slots, words become values, and every mistake is reported.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::head::{Head, misplaced};
use super::program::{Background, Block, Call, Fails, Function, Invoke, Kind, Program, Step, Targets};
use super::{lint, slips};
use crate::command;
use crate::command::expr::Expr;
use crate::command::row::{Command, Does, Gives};
use crate::command::syntax::{ParamInfo, Syntax};
use crate::command::words::Words;
use crate::command::{formula, inner};
use crate::session::kinds::Known;
use crate::session::names::{Place, Scope, Signature};
use crate::text::diagnostic::{
    Diagnostic, Later, SHOWN, Severity, Source, Sources, Span, did_you_mean, suggest,
};
use crate::text::forms::{self, Keyword, holds};
use crate::text::literal;
use crate::text::parse::{Parser, is_free_name, line_of, meant_names, names_of};
use crate::text::tree::{Arm, Line, Name, Statement};
use crate::text::words::{Word, is_name};
use crate::value::PROPERTIES;
use crate::value::errno::Caught;
use crate::words::{Noun, Sentence, counted};

/// Reads the files that `source` names: path to text, or why not.
pub type Load<'a> = &'a mut dyn FnMut(&Path) -> Result<String, Sentence>;

/// Turns texts into programs. At the prompt it lives as long as the session; for a file, for the file.
pub struct Compiler {
    /// The names that are known, and what they are.
    pub scope: Scope,
    /// Every text that was read, for messages.
    pub sources: Sources,
    /// The `def`s, by index.
    pub functions: Vec<Arc<Function>>,
    /// At the prompt: the `def`s that name what no line has made yet, read again when one may have.
    unready: Vec<Unready>,
}

/// A `def` and the text that it stands in, by the index of its function.
#[derive(Clone)]
struct Unready {
    index: usize,
    arm: Arm<'static>,
    source: Source,
}

impl Compiler {
    /// A compiler that knows the names of `scope`, and no text yet.
    pub fn new(scope: Scope) -> Compiler {
        Compiler { scope, sources: Sources::default(), functions: Vec::new(), unready: Vec::new() }
    }

    /// Reads a text. With any error in it there is no program, and the names it would have made are
    /// forgotten. Warnings come back beside the program.
    pub fn compile(
        &mut self,
        name: &str,
        text: impl Into<String>,
        load: Load<'_>,
    ) -> (Option<Program>, Vec<Diagnostic>) {
        self.compile_shared(name, Arc::new(text.into()), load)
    }

    /// As [`Compiler::compile`], of a text that others have too.
    pub fn compile_shared(
        &mut self,
        name: &str,
        text: Arc<String>,
        load: Load<'_>,
    ) -> (Option<Program>, Vec<Diagnostic>) {
        let before = (self.scope.clone(), self.functions.len());
        let source = self.sources.share(name, text);
        // Nothing else is told of a text that is an exercise: what is missing would only lead to more.
        let blanks = crate::text::diagnostic::blanks(&source);
        if !blanks.is_empty() {
            return (None, blanks);
        }
        self.scope.file = Some(source.name.clone());
        let mut problems = Vec::new();
        let mut reader = Reader {
            scope: &mut self.scope,
            sources: &mut self.sources,
            problems: &mut problems,
            load,
            source: source.clone(),
            sourced: HashMap::new(),
            open: Vec::new(),
            defs: Vec::new(),
            loops: 0,
            in_def: false,
            late: false,
            missing: 0,
            unready: Vec::new(),
            waits: Some(HashSet::new()),
            draws: false,
            end: None,
            head: Some(Head::default()),
        };
        let first = before.1;
        let body = match reader.declare_text(&source, first) {
            Some(parsed) => reader.read_parsed(parsed),
            None => reader.read_text(&source),
        };
        let functions = reader.read_defs(first);
        let ready = reader.read_again(&self.unready);
        let waits = reader.waits.take().map(Arc::new);
        let (draws, end) = (reader.draws, reader.end);
        let without = reader.scope.settle_doubts();
        reader.problems.extend(without);
        if reader.scope.prompt {
            let source = reader.source.clone();
            let asked = lint::quoted_names(&source, &|name| reader.scope.find(name).is_some());
            reader.problems.extend(asked);
        }
        let unready = std::mem::take(&mut reader.unready);
        problems.sort_by_key(|p| (p.span.start, p.span.end));
        problems.dedup();
        if problems.iter().any(Diagnostic::is_error) {
            self.scope = before.0;
            return (None, problems);
        }
        self.functions.extend(functions);
        for (index, function) in ready {
            self.functions[index] = function;
        }
        self.unready = unready;
        let program = Program { body, functions: self.functions.clone().into(), waits, draws, end };
        (Some(program), problems)
    }
}

/// Does it give its first word a value: `let NAME`, `process NAME`?
fn gives_name(parameter: &ParamInfo) -> bool {
    matches!(parameter.kind, command::row::Kind::Binding | command::row::Kind::Program)
}

/// A text that was parsed and not compiled yet.
#[derive(Default)]
struct Parsed<'t> {
    statements: Vec<ParsedStatement<'t>>,
    /// What is wrong behind the last of them.
    rest: Vec<Diagnostic>,
}

struct ParsedStatement<'t> {
    statement: Statement<'t>,
    problems: Vec<Diagnostic>,
    /// The names of lines above it that could not be parsed.
    faulty: Vec<String>,
}

/// Of a longer text no tree is kept: it would take many times its memory.
const LONGEST_KEPT: usize = 256 << 10;

/// The keywords of lines that the first pass looks for.
static DECLARES: [&forms::Sought; 2] = [&forms::DEF, &forms::SOURCE];

/// An argument of a `def` and the word that is its default: `port=80`, `host="::1"`.
fn default_of<'t>(word: &Word<'t>) -> Option<(String, Word<'t>)> {
    let bytes = word.parts().first()?.bytes()?;
    let text = std::str::from_utf8(bytes).ok()?;
    let (name, _) = text.split_once('=').filter(|(name, _)| is_name(name) && (!word.quoted || word.glued))?;
    Some((name.to_string(), word.without_prefix(&format!("{name}="))?))
}

/// How a keyword's line is typed.
pub(super) fn usage(keyword: Keyword) -> Sentence {
    crate::text::diagnostic::usage(keyword.row().line())
}

/// The script that is run once for a folder, before the others in it.
pub const FIXTURE: &str = "fixture.sock";

/// Files that read files that read files: beyond this it is a mistake.
const DEEPEST_SOURCE: usize = 50;
/// Files that one script may read; files that read others twice are soon very many.
const MOST_SOURCES: usize = 1000;

/// A path without `.` and `dir/..`, so that a file is known again by whatever way it is named.
pub fn straight(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        let back = matches!(out.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if back => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// May the result be a list that is taken apart?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Apart {
    No,
    /// Into as many names as it has items when the line runs.
    Any,
    /// The text says how many there are.
    Into(usize),
}

pub(super) struct Reader<'a> {
    pub(super) scope: &'a mut Scope,
    sources: &'a mut Sources,
    problems: &'a mut Vec<Diagnostic>,
    load: Load<'a>,
    /// The text whose lines are being read.
    source: Source,
    /// The line that was read last, of those that stand in no other.
    end: Option<Span>,
    /// The texts of `source` lines, by the place of the line.
    sourced: HashMap<Span, Source>,
    /// The files being read, so that none reads itself.
    open: Vec<PathBuf>,
    /// The bodies of `def`s, read when every name of the script is known.
    defs: Vec<(Arm<'static>, Source)>,
    pub(super) loops: usize,
    pub(super) in_def: bool,
    /// In a `def` at the prompt, where what a line names may be made by one that is typed later.
    late: bool,
    /// So many statements of `def`s name what is not there yet.
    missing: usize,
    /// The `def`s that have such.
    unready: Vec<Unready>,
    /// The names some `wait` has; none once a `wait` has no name.
    waits: Option<HashSet<String>>,
    /// A line draws what has happened.
    draws: bool,
    /// What the `test` lines have said so far; none behind the first other command.
    head: Option<Head>,
}

impl Reader<'_> {
    pub(super) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// First pass over a text: finds its `def`s and reads the files that it names, because both must be
    /// known before the first line is compiled. `first` is the index of the first function of this program.
    ///
    /// A text in which neither word occurs declares nothing, and is parsed once only. So is one of usual length: what was
    /// parsed is given back for the second pass.
    fn declare_text<'t>(&mut self, source: &'t Source, first: usize) -> Option<Parsed<'t>> {
        let text = &*source.text;
        if !DECLARES.iter().any(|word| holds(text, word)) {
            return None;
        }
        let keep = text.len() <= LONGEST_KEPT;
        let mut parser = Parser::new(source);
        let mut parsed = Parsed::default();
        // The second pass reports what is wrong with the lines.
        let mut problems = Vec::new();
        while let Some(statement) = parser.next(&mut problems) {
            self.declare(&statement, first);
            if keep {
                let (problems, faulty) = (std::mem::take(&mut problems), parser.take_faulty());
                parsed.statements.push(ParsedStatement { statement, problems, faulty });
            }
        }
        parsed.rest = problems;
        keep.then_some(parsed)
    }

    fn declare(&mut self, statement: &Statement<'_>, first: usize) {
        match statement {
            Statement::Line(line) if line.keyword == Some(Keyword::Source) => {
                self.declare_source(line, first)
            }
            Statement::Line(_) => {}
            Statement::Block(block) => {
                if let Some(arm) = block.arms.first()
                    && arm.head.keyword == Some(Keyword::Def)
                {
                    self.declare_def(arm, first);
                }
                for inner in block.arms.iter().flat_map(|arm| &arm.body) {
                    self.declare(inner, first);
                }
            }
        }
    }

    /// Second pass over a text: compiles it statement by statement, so that a text of any length needs
    /// memory for the tree of one.
    fn read_text(&mut self, source: &Source) -> Block {
        let mut parser = Parser::new(source);
        // Room for the lines of a short script.
        let mut steps = Vec::with_capacity(16);
        while let Some(mut statement) = parser.next(self.problems) {
            steps.extend(self.read_outermost(&statement, parser.take_faulty()));
            parser.recycle(&mut statement);
        }
        steps.into()
    }

    /// The same, of a text that was parsed for its declarations.
    fn read_parsed(&mut self, parsed: Parsed<'_>) -> Block {
        let mut steps = Vec::new();
        for ParsedStatement { statement, problems, faulty } in parsed.statements {
            self.problems.extend(problems);
            steps.extend(self.read_outermost(&statement, faulty));
        }
        self.problems.extend(parsed.rest);
        steps.into()
    }

    /// Compiles a statement that stands in no other; `faulty` are the names of lines above it that could not be parsed.
    fn read_outermost(&mut self, statement: &Statement<'_>, faulty: Vec<String>) -> Option<Step> {
        for name in faulty {
            self.scope.assign(&name);
        }
        if !matches!(statement, Statement::Line(line) if line.keyword == Some(Keyword::Test)) {
            self.head = None;
        }
        let step = self.read_statement(statement);
        // Behind those of a file that it sources.
        self.end = Some(match statement {
            Statement::Line(line) => line.span,
            Statement::Block(block) => block.end,
        });
        step
    }

    /// Goes on with the lines of another text; gives back the one that was read before.
    fn enter_source(&mut self, source: Source) -> Source {
        self.scope.file = Some(source.name.clone());
        std::mem::replace(&mut self.source, source)
    }

    fn declare_def(&mut self, arm: &Arm<'_>, first: usize) {
        let mut words = arm.head.words.iter();
        let Some(name) = words.next() else {
            let problem = Diagnostic::new(
                arm.head.command.span,
                say!(en "`def` needs a name", es "`def` requiere un nombre"),
            );
            self.report(problem.help(usage(Keyword::Def)).unfinished());
            return;
        };
        let text = name.bare().unwrap_or("").to_string();
        if let Err(problem) = self.scope.check_target(&text, name.span) {
            self.report(problem);
            return;
        }
        if command::find(&text).is_some() || forms::find(&text).is_some() {
            let problem = Diagnostic::new(
                name.span,
                say!(en "`{text}` is a command already", es "`{text}` ya es un comando", text),
            );
            self.report(problem.help(say!(
                en "a `def` hides no built-in command; give it another name",
                es "un `def` no oculta un comando del programa; dale otro nombre"
            )));
            return;
        }
        let signature = self.read_signature(words.as_slice(), first + self.defs.len());
        let old = self.scope.commands.get(&text).and_then(|old| old.index.checked_sub(first));
        if let Some((other, source)) = old.and_then(|at| self.defs.get(at)) {
            let (here, there) = (&self.source, other.head.span);
            // A file that several others source is read for each of them; what it defines is one.
            let offset = |span: Span, source: &Source| span.start.checked_sub(source.base());
            if source.name == here.name && offset(there, source) == offset(arm.head.span, here) {
                return;
            }
            let mut problem = Diagnostic::new(
                name.span,
                say!(en "`def {text}` stands twice", es "`def {text}` aparece dos veces", text),
            );
            if let Some(place) = self.sources.place(there) {
                let place = format!("{}:{}:{}", literal::one_line(&place.file), place.line, place.column);
                problem = problem.help(say!(
                    en "the other one is at {place}; give one of them another name",
                    es "el otro está en {place}; dale otro nombre a uno de los dos",
                    place
                ));
            }
            self.report(problem);
        }
        self.scope.note_command(&text, name.span, true);
        self.defs.push((arm.clone().into_owned(), self.source.clone()));
        self.scope.commands.insert(text, signature);
    }

    /// The arguments of a `def`: `ARG… [ARG=WORD…] [REST...]`.
    fn read_signature(&mut self, words: &[Word<'_>], index: usize) -> Signature {
        let mut signature = Signature { parameters: Vec::new(), required: 0, rest: false, index };
        let mut before: HashSet<String> = HashSet::new();
        for (at, word) in words.iter().enumerate() {
            let (name, default) = match default_of(word) {
                Some((name, _)) => (name, true),
                None => (word.bare().unwrap_or("").to_string(), false),
            };
            let bare = name.strip_suffix("...").unwrap_or(&name).to_string();
            let rest = bare.len() < name.len() && !default;
            let span = Span { end: word.span.start + bare.len() as u32, ..word.span };
            let span = if default || rest { span } else { word.span };
            if let Err(problem) = self.scope.check_target(&bare, span) {
                self.report(problem);
            } else if !before.insert(bare.clone()) {
                self.report(Diagnostic::new(
                    span,
                    say!(en "`{text}` stands twice", es "`{text}` aparece dos veces", text = bare),
                ));
            } else if rest && at + 1 < words.len() {
                self.report(Diagnostic::new(
                    word.span,
                    say!(
                        en "`{name}` takes all that is left, so it stands last",
                        es "`{name}` toma todo lo que queda, así que va al final",
                        name
                    ),
                ));
            } else if !default && !rest && signature.required < signature.parameters.len() {
                self.report(Diagnostic::new(
                    word.span,
                    say!(
                        en "`{name}` has no default, and one before it has",
                        es "`{name}` no tiene valor por omisión, y uno anterior sí",
                        name
                    ),
                ));
            }
            signature.required += usize::from(!default && !rest);
            signature.rest |= rest;
            // What is glued to a name makes it no other.
            signature.parameters.push(meant_names(word).pop().unwrap_or(bare));
        }
        signature
    }

    fn declare_source(&mut self, line: &Line<'_>, first: usize) {
        let [word] = line.words.as_slice() else {
            let problem = Diagnostic::new(
                line.command.span,
                say!(en "`source` takes one file", es "`source` lleva un solo archivo"),
            );
            self.report(problem.help(usage(Keyword::Source)));
            return;
        };
        let Some(path) = word.literal().and_then(|b| std::str::from_utf8(b).ok()) else {
            let problem = Diagnostic::new(
                word.span,
                say!(
                    en "the file of a `source` is not a value",
                    es "el archivo de un `source` no es un valor"
                ),
            );
            self.report(problem.help(say!(
                en "it is read with this file, before anything runs: write its name",
                es "se lee junto con este archivo, antes de ejecutar nada: escribe su nombre"
            )));
            return;
        };
        let here = Path::new(&*self.source.name).parent().unwrap_or(Path::new(""));
        let full = straight(&here.join(path));
        if self.open.is_empty() {
            self.open.push(straight(Path::new(&*self.source.name)));
        }
        if self.open.len() > DEEPEST_SOURCE || self.sourced.len() >= MOST_SOURCES {
            let most = if self.open.len() > DEEPEST_SOURCE { DEEPEST_SOURCE } else { MOST_SOURCES };
            self.report(Diagnostic::new(
                word.span,
                say!(
                    en "more than {most} files are read here",
                    es "aquí se leen más de {most} archivos",
                    most
                ),
            ));
            return;
        }
        if self.open.contains(&full) {
            self.report(Diagnostic::new(
                word.span,
                say!(en "`{path}` is being read already", es "`{path}` ya se está leyendo", path),
            ));
            return;
        }
        let text = match (self.load)(&full) {
            Ok(text) if self.sources.fits(text.len()) => text,
            Ok(_) => {
                self.report(Diagnostic::new(
                    word.span,
                    say!(en "`{path}` is too long", es "`{path}` es demasiado largo", path),
                ));
                return;
            }
            Err(why) => {
                self.report(Diagnostic::new(word.span, why));
                return;
            }
        };
        let source = self.sources.add(&full.to_string_lossy(), text);
        let outer = std::mem::replace(&mut self.source, source.clone());
        self.open.push(full);
        self.declare_text(&source, first);
        self.open.pop();
        self.source = outer;
        self.sourced.insert(line.span, source);
    }

    fn read_defs(&mut self, first: usize) -> Vec<Arc<Function>> {
        let mut functions = Vec::new();
        for (at, (arm, source)) in std::mem::take(&mut self.defs).into_iter().enumerate() {
            let def = Unready { index: first + at, arm, source };
            let (function, complete) = self.read_def(&def);
            functions.push(Arc::new(function));
            if !complete {
                self.unready.push(def);
            }
        }
        functions
    }

    /// Reads the `def`s of earlier texts again that named what was not there, now that these lines may have made it.
    fn read_again(&mut self, unready: &[Unready]) -> Vec<(usize, Arc<Function>)> {
        let mut functions = Vec::new();
        for def in unready {
            let name = def.arm.head.words.first().and_then(Word::bare).unwrap_or("");
            // One of the same name may have taken its place.
            if self.scope.commands.get(name).is_none_or(|now| now.index != def.index) {
                continue;
            }
            let (problems, doubts) = (self.problems.len(), self.scope.doubts.len());
            let (function, complete) = self.read_def(def);
            let faulty = self.problems.iter().skip(problems).any(Diagnostic::is_error);
            self.problems.truncate(problems);
            self.scope.doubts.truncate(doubts);
            if !faulty {
                functions.push((def.index, Arc::new(function)));
            }
            if !complete || faulty {
                self.unready.push(def.clone());
            }
        }
        functions
    }

    /// Reads one `def`; beside it, whether all that its lines name is there.
    fn read_def(&mut self, def: &Unready) -> (Function, bool) {
        let Unready { arm, source, .. } = def;
        let missing = self.missing;
        let name = arm.head.words.first().and_then(Word::bare).unwrap_or("").to_string();
        let signature = self.scope.commands.get(&name).cloned();
        let (parameters, rest) = signature.map_or((Vec::new(), false), |s| (s.parameters, s.rest));
        let outer = self.enter_source(source.clone());
        self.scope.enter(def.index, &parameters);
        for (at, (parameter, word)) in parameters.iter().zip(arm.head.words.iter().skip(1)).enumerate() {
            self.scope.note_given(parameter, Place::Local(at as u32), word.span);
        }
        (self.in_def, self.loops, self.late) = (true, 0, self.scope.prompt);
        let defaults = self.read_defaults(&arm.head);
        let body = self.read_block(&arm.body);
        (self.in_def, self.late) = (false, false);
        let locals = self.scope.leave();
        self.enter_source(outer);
        let parameters = parameters.iter().map(|p| p.as_str().into()).collect();
        let function = Function { name: name.into(), parameters, defaults, rest, locals, body };
        (function, self.missing == missing)
    }

    /// The values of the arguments that have some: each call works them out anew.
    fn read_defaults(&mut self, head: &Line<'_>) -> Box<[Expr]> {
        let words: Vec<Word<'_>> = head.words.iter().skip(1).filter_map(|w| Some(default_of(w)?.1)).collect();
        let read = self.with_words_of(head, &words, Keyword::Def, |words| {
            let mut exprs = Vec::new();
            while let Some(word) = words.next_any() {
                let named = words.refuse_name(word);
                exprs.push(named.and_then(|()| Expr::read(words, word)));
            }
            exprs.into_iter().collect::<Option<Vec<_>>>()
        });
        read.map_or(Box::default(), Vec::into_boxed_slice)
    }

    fn read_statement(&mut self, statement: &Statement<'_>) -> Option<Step> {
        let before = self.problems.len();
        let step = match statement {
            Statement::Line(line) => self.read_line(line),
            Statement::Block(block) => self.read_tree_block(block),
        };
        if step.is_none() && self.late { self.put_off(before, statement.span()) } else { step }
    }

    /// What is wrong with a statement of a `def` at the prompt is judged when it runs, if it is no more than a name that is
    /// not there yet: lines that are typed one by one then mean what they mean in a file. What is near another name is
    /// warned of.
    fn put_off(&mut self, before: usize, span: Span) -> Option<Step> {
        let mut own = self.problems.split_off(before.min(self.problems.len()));
        let mut errors = own.iter().filter(|problem| problem.is_error());
        let first = errors.next().filter(|first| first.later != Later::No).cloned();
        let Some(first) = first.filter(|_| errors.all(|problem| problem.later != Later::No)) else {
            self.problems.append(&mut own);
            return None;
        };
        self.missing += 1;
        for problem in own.into_iter().filter(|problem| problem.later != Later::Likely) {
            let severity = Severity::Warning;
            self.problems.push(Diagnostic { severity, code: Some("not-there-yet"), ..problem });
        }
        Some(Step { span, kind: Kind::Missing(Box::new(first)) })
    }

    pub(super) fn read_block(&mut self, statements: &[Statement<'_>]) -> Block {
        let mut steps = Vec::with_capacity(statements.len());
        for statement in statements {
            steps.extend(self.read_statement(statement));
        }
        steps.into()
    }

    /// Reads a line. The names of one that is faulty count as known, so that the lines below are not blamed for it.
    fn read_line(&mut self, line: &Line<'_>) -> Option<Step> {
        self.look_inside(&line.words);
        let row = command::find(&line.command.text);
        let step = match slips::slip(line, row, &self.source, self.scope) {
            Some(problem) => {
                self.report(problem);
                None
            }
            None => self.read_sound_line(line, row),
        };
        if row.is_some_and(|row| line.targets.is_empty() && row.may_give_map()) {
            self.scope.note_map(Place::Last, true);
        }
        if step.is_none() {
            self.know_names(line);
        }
        step
    }

    /// What another language's habit made of a block's first line.
    pub(super) fn slip_of(&self, line: &Line<'_>) -> Option<Diagnostic> {
        slips::slip(line, command::find(&line.command.text), &self.source, self.scope)
    }

    /// Reports one mistake in place of all that were found on a line.
    pub(super) fn replace_problems(&mut self, line: Span, problem: Diagnostic) {
        self.problems.retain(|p| p.span.start < line.start || p.span.end > line.end);
        self.problems.push(problem);
    }

    /// Makes the names known that a faulty line would have given a value.
    fn know_names(&mut self, line: &Line<'_>) {
        for target in line.targets.iter().filter(|target| target.text != "_") {
            let place = self.scope.assign(&target.text);
            self.scope.note_given(&target.text, place, target.span);
        }
        self.know_groups(&line.words);
        let row = command::find(&line.command.text);
        if row.is_none() && line.keyword.is_none() && line.socket.is_none() {
            self.know_unknown(line);
        }
        let Some(row) = row.filter(|row| row.params.iter().any(gives_name)) else { return };
        if line.words.iter().any(|word| word.is("=")) {
            for name in names_of(&line.words) {
                self.scope.assign(&name);
            }
            return;
        }
        // The options that stand before it have values.
        let mut words = line.words.iter();
        while let Some(word) = words.next() {
            match word.bare() {
                Some(option) if option.starts_with("--") => {
                    if row.options().any(|o| o.name == option && o.value.is_some()) {
                        words.next();
                    }
                }
                _ => return self.know_meant(word),
            }
        }
    }

    /// `a b = socketpair`, `n += 1`: no command, and the names of an assignment.
    fn know_unknown(&mut self, line: &Line<'_>) {
        let is_sign = |word: &Word<'_>| word.bare().is_some_and(|text| text.ends_with('='));
        let Some(sign) = line.words.iter().position(is_sign) else { return };
        if is_free_name(&line.command.text) {
            self.scope.assign(&line.command.text);
        }
        line.words[..sign].iter().for_each(|word| self.know_meant(word));
    }

    /// Makes the names known that a word of a faulty line was to give.
    pub(super) fn know_meant(&mut self, word: &Word<'_>) {
        for name in meant_names(word) {
            self.scope.assign(&name);
        }
    }

    /// The same of the named groups of what was to be a regular expression.
    fn know_groups(&mut self, words: &[Word<'_>]) {
        let quoted = words.iter().filter(|word| word.quoted).filter_map(Word::literal);
        for text in quoted.filter_map(|bytes| std::str::from_utf8(bytes).ok()) {
            for piece in text.split("(?").skip(1) {
                let piece = piece.strip_prefix('P').unwrap_or(piece);
                let name =
                    piece.strip_prefix('<').and_then(|piece| piece.split_once('>')).map(|(name, _)| name);
                if let Some(name) = name.filter(|name| is_free_name(name)) {
                    self.scope.assign(name);
                }
            }
        }
    }

    /// Reads a line that is no slip; `row` is the command of its name.
    fn read_sound_line(&mut self, line: &Line<'_>, row: Option<&'static Command>) -> Option<Step> {
        if let Some(span) = line.background {
            return self.read_background(line, span);
        }
        if line.help {
            return self.read_help(line);
        }
        let span = line.span;
        let kind = match line.keyword {
            Some(keyword @ (Keyword::Break | Keyword::Continue)) => {
                self.refuse_decoration(line);
                self.refuse_words(line);
                if self.loops == 0 {
                    let command = &line.command.text;
                    let problem = Diagnostic::new(
                        line.command.span,
                        say!(en "`{command}` outside a loop", es "`{command}` fuera de un ciclo", command),
                    );
                    self.report(problem);
                }
                if keyword == Keyword::Break { Kind::Break } else { Kind::Continue }
            }
            Some(Keyword::Return) => {
                self.refuse_decoration(line);
                if !self.in_def {
                    self.report(Diagnostic::new(
                        line.command.span,
                        say!(en "`return` outside a `def`", es "`return` fuera de un `def`"),
                    ));
                }
                let values = self.with_words(line, Keyword::Return, |words| {
                    let mut values = Vec::new();
                    while !words.is_empty() {
                        values.push(formula::part(words, &[])?);
                    }
                    Some(values)
                });
                Kind::Return(values?.into())
            }
            Some(Keyword::Source) => {
                self.refuse_decoration(line);
                let source = self.sourced.remove(&line.span)?;
                let outer = self.enter_source(source.clone());
                let body = self.read_text(&source);
                self.enter_source(outer);
                Kind::Lines(body)
            }
            Some(Keyword::Test) => {
                self.refuse_decoration(line);
                match &mut self.head {
                    Some(head) => head.read(line, self.problems)?,
                    None => self.report(misplaced(line.span)),
                }
                Kind::Nothing
            }
            Some(Keyword::Fails) => self.read_fails(line)?,
            _ => self.read_command(line, row)?,
        };
        Some(Step { span, kind })
    }

    /// A keyword takes no name before it, no socket and no `&`, and has no answer below it.
    pub(super) fn refuse_decoration(&mut self, head: &Line<'_>) {
        let keyword = &head.command.text;
        if let Some(name) = head.targets.first() {
            self.report(Diagnostic::new(
                name.span,
                say!(
                    en "`{keyword}` gives nothing to keep",
                    es "`{keyword}` no da nada que guardar",
                    keyword
                ),
            ));
        }
        if let Some(answer) = &head.answer {
            let message = say!(
                en "`{keyword}` shows nothing that an answer could stand for",
                es "`{keyword}` no muestra nada a lo que una respuesta pudiera corresponder",
                keyword
            );
            let help = match head.keyword {
                Some(Keyword::Source) => phrase!(
                    en "what the lines of the file show has its answers in that file, below these lines",
                    es "lo que muestran las líneas del archivo tiene sus respuestas en ese archivo, debajo de esas líneas"
                ),
                _ => phrase!(
                    en "`#>` lines stand right below the command whose Out they show",
                    es "las líneas `#>` van justo debajo del comando cuyo Out muestran"
                ),
            };
            self.report(Diagnostic::new(answer.span, message).help(help));
        }
        if let Some(socket) = &head.socket {
            self.report(Diagnostic::new(
                socket.span,
                say!(
                    en "`{keyword}` is no socket's command",
                    es "`{keyword}` no es un comando de un socket",
                    keyword
                ),
            ));
        }
        if let Some(span) = head.background {
            self.report(Diagnostic::new(
                span,
                say!(
                    en "`{keyword}` cannot run in the background",
                    es "`{keyword}` no puede ejecutarse en segundo plano",
                    keyword
                ),
            ));
        }
    }

    pub(super) fn refuse_words(&mut self, head: &Line<'_>) {
        if let Some(word) = head.words.first() {
            let keyword = &head.command.text;
            self.report(Diagnostic::new(
                word.span,
                say!(en "`{keyword}` takes no words", es "`{keyword}` no lleva palabras", keyword),
            ));
        }
    }

    /// `COMMAND &`
    fn read_background(&mut self, line: &Line<'_>, ampersand: Span) -> Option<Step> {
        let command = &*line.command.text;
        let row = command::find(command);
        let quick = row.is_some_and(|r| !r.shape.waits);
        if Keyword::of(command).is_some_and(Keyword::is_reserved) || quick {
            let problem = Diagnostic::new(
                ampersand,
                say!(
                    en "`{command}` does not wait, so it cannot run in the background",
                    es "`{command}` no espera, así que no puede ejecutarse en segundo plano",
                    command
                ),
            );
            self.report(problem.help(say!(
                en "`&` is for calls that wait: accept, recv, connect, …",
                es "`&` es para llamadas que esperan: accept, recv, connect, …"
            )));
            return None;
        }
        let alone = Line { background: None, ..line.clone() };
        let mut step = self.read_line(&alone)?;
        step.span = line.span;
        let targets = step.kind.targets();
        let text = self.source.slice(line.span).to_string();
        Some(Step {
            span: line.span,
            kind: Kind::Background(Arc::new(Background { step, targets, line: text })),
        })
    }

    /// `COMMAND?`
    fn read_help(&mut self, line: &Line<'_>) -> Option<Step> {
        let row = command::all().find(|row| row.does(Does::Helps))?;
        if let Some(word) = line.words.first() {
            self.report(Diagnostic::new(
                word.span,
                say!(en "nothing may follow `COMMAND?`", es "después de `COMMAND?` no puede ir nada"),
            ));
            return None;
        }
        let topics = [Word::made(line.command.span, &line.command.text)];
        let mut words = Words::new(row.syntax(), line.command.span, &topics, self.scope, self.problems);
        let action = (row.read)(&mut words)?;
        let call = Call { socket: None, row, action };
        Some(Step { span: line.span, kind: Kind::call(call, Targets::None, line.answer.clone()) })
    }

    fn read_fails(&mut self, line: &Line<'_>) -> Option<Kind> {
        if let Some(socket) = &line.socket {
            let problem = Diagnostic::new(
                socket.span,
                say!(
                    en "the socket stands before the command that fails",
                    es "el socket va antes del comando que falla"
                ),
            );
            self.report(problem.help(say!(
                en "write `fails {socket}.COMMAND`",
                es "escribe `fails {socket}.COMMAND`",
                socket = socket.text
            )));
            return None;
        }
        let known = |w: &&Word<'_>| w.bare().is_some_and(|t| Caught::from_name(t).is_some());
        let errors: Vec<&Word<'_>> = line.words.iter().take_while(known).collect();
        let names: Vec<String> = errors.iter().filter_map(|w| w.bare().map(str::to_string)).collect();
        let wanted = names.iter().filter_map(|n| Caught::from_name(n)).collect();
        let rest: Vec<Word<'_>> = line.words[errors.len()..].to_vec();
        if rest.is_empty() {
            let problem = Diagnostic::new(
                line.span,
                say!(en "`fails` needs a command", es "`fails` requiere un comando"),
            )
            .unfinished();
            self.report(problem.help(usage(Keyword::Fails)));
            return None;
        }
        if let Some(text) = rest[0].bare()
            && command::find(text).is_none()
            && !self.scope.commands.contains_key(text)
            && text.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            let problem = Diagnostic::new(
                rest[0].span,
                say!(
                    en "`{text}` is not the name of an error",
                    es "`{text}` no es el nombre de un error",
                    text
                ),
            );
            let problem = problem.suggest(text, Caught::names());
            self.report(if rest.len() == 1 { problem.unfinished() } else { problem });
            return None;
        }
        let inner = line_of(rest, self.problems)?;
        if let Some(name) = inner.targets.first() {
            self.report(Diagnostic::new(
                name.span,
                say!(
                    en "a command that fails gives nothing to keep",
                    es "un comando que falla no da nada que guardar"
                ),
            ));
            return None;
        }
        let doubts = self.scope.doubts.len();
        let step = self.read_line(&inner);
        // That there is no such property may be what it is to fail with.
        self.scope.doubts.truncate(doubts);
        let step = step?;
        let targets = self.read_targets(line, Gives::One(phrase!(en "the error", es "el error")), Apart::No);
        Some(Kind::Fails(Box::new(Fails {
            names,
            wanted,
            step,
            targets: targets?,
            answer: line.answer.clone(),
        })))
    }

    fn read_command(&mut self, line: &Line<'_>, row: Option<&'static Command>) -> Option<Kind> {
        let name = &*line.command.text;
        if let Some(signature) = self.scope.commands.get(name).cloned() {
            return self.read_invoke(line, &signature);
        }
        let Some(row) = row else {
            return self.read_value(line);
        };
        // `p.status`: no socket's command, and a property of a program.
        if line.socket.as_ref().is_some_and(|s| !row.shape.on_socket && !self.scope.is_socket(&s.text))
            && self.value_word(line).is_some()
        {
            return self.read_value(line);
        }
        if row.does(Does::Shares) {
            self.check_share(line)?;
            if let Some(shared) = self.shared_line(line) {
                return self.read_shared(line, &shared);
            }
        }
        if row.does(Does::WaitsForJobs) {
            self.note_wait(line);
        }
        if let Some(problem) = command::files::refuse_input(row, self.scope, line.command.span) {
            self.report(problem);
        }
        self.draws |= row.does(Does::Draws);
        if row.does(Does::Exports) {
            self.judge_export(line);
        }
        let socket = match &line.socket {
            None if row.does(Does::OnProcess) => {
                let problem = Diagnostic::new(
                    line.command.span,
                    say!(
                        en "`{name}` is about a program, whose name stands before it",
                        es "`{name}` es sobre un programa, cuyo nombre va delante",
                        name
                    ),
                );
                self.report(problem.help(say!(
                    en "write `NAME.{name}`, with the NAME of its `process`",
                    es "escribe `NAME.{name}`, con el NAME de su `process`",
                    name
                )));
                return None;
            }
            None => None,
            Some(socket) => {
                if !row.shape.on_socket {
                    let problem = Diagnostic::new(
                        socket.span,
                        say!(
                            en "`{name}` is no socket's command",
                            es "`{name}` no es un comando de un socket",
                            name
                        ),
                    );
                    self.report(problem.help(say!(
                        en "write `{name}` without `{socket}.`",
                        es "escribe `{name}` sin `{socket}.`",
                        name,
                        socket = socket.text
                    )));
                    None
                } else {
                    let what = if row.does(Does::OnProcess) { "process" } else { "socket" };
                    match self.scope.require(&socket.text, socket.span, what) {
                        Ok(place) => Some(place),
                        Err(problem) => {
                            self.report(problem);
                            None
                        }
                    }
                }
            }
        };
        let mut words = Words::new(row.syntax(), line.command.span, &line.words, self.scope, self.problems);
        words.text = Some(&self.source.text);
        words.targets = &line.targets;
        let action = (row.read)(&mut words);
        let apart = match words.values {
            Some(count) => Apart::Into(count),
            None if row.does(Does::GivesList) => Apart::Any,
            None => Apart::No,
        };
        if row.shape.makes_socket {
            self.scope.note_socket();
        }
        // After the words: a name is not known on its own right side.
        let targets = self.read_targets(line, row.gives, apart);
        let bad_socket = line.socket.is_some() && socket.is_none();
        match (action, targets, bad_socket) {
            (Some(action), Some(targets), false) => {
                Some(Kind::call(Call { socket, row, action }, targets, line.answer.clone()))
            }
            _ => None,
        }
    }

    /// `share` declares for the whole script, one name a line.
    fn check_share(&mut self, line: &Line<'_>) -> Option<()> {
        let names = names_of(&line.words);
        let mut before = line.words.split_inclusive(|word| word.is("="));
        let has_comma = |word: &Word<'_>| word.bare().is_some_and(|text| text.contains(','));
        if let (Some([first, .., last]), [name, .., end]) = (before.next(), names.as_slice())
            && last.is("=")
            && (has_comma(first) || line.words.get(1).is_some_and(has_comma))
        {
            let span = first.span.to(Span { start: last.span.start - 1, end: last.span.start - 1 });
            let message = say!(en "`share` takes one name", es "`share` lleva un solo nombre");
            let text = self.source.slice(Span { start: last.span.end, end: line.span.end }).trim();
            let help = say!(
                en "declare each before: `share {name} = 0`, `share {end} = 0`, and then `{names} = {text}`",
                es "declara antes cada uno: `share {name} = 0`, `share {end} = 0`, y después `{names} = {text}`",
                name, end, names = names.join(", "), text
            );
            self.report(Diagnostic::new(span, message).help(help));
            return None;
        }
        if !self.in_def {
            return Some(());
        }
        let message = say!(
            en "`share` stands outside every `def` and `spawn`", es "`share` va fuera de todo `def` y `spawn`"
        );
        let help = say!(
            en "declare the name in the script itself, above; here it is changed like any other",
            es "declara el nombre en el script mismo, más arriba; aquí se cambia como cualquier otro"
        );
        self.report(Diagnostic::new(line.command.span, message).help(help));
        None
    }

    /// `share NAME = COMMAND WORD…` as `NAME = COMMAND WORD…`.
    fn shared_line<'t>(&self, line: &Line<'t>) -> Option<Line<'t>> {
        let [name, equals, first, ..] = line.words.as_slice() else { return None };
        let text = first.bare().filter(|_| equals.is("="))?;
        let command = text.rsplit_once('.').map_or(text, |(_, command)| command);
        let is_command = command::find(command).is_some() || self.scope.commands.contains_key(command);
        if !is_command || !name.bare().is_some_and(is_free_name) {
            return None;
        }
        let mut shared = line_of(line.words[2..].to_vec(), &mut Vec::new())?;
        shared.targets = vec![Name { text: name.bare_text()?, span: name.span }];
        shared.answer = line.answer.clone();
        Some(shared)
    }

    fn read_shared(&mut self, line: &Line<'_>, shared: &Line<'_>) -> Option<Kind> {
        let [name] = shared.targets.as_slice() else { return None };
        if !self.scope.declare_shared(&name.text) {
            self.report(command::param::shared_late(&name.text, name.span));
            return None;
        }
        let row = command::find(&shared.command.text);
        let step = self.read_sound_line(&Line { span: line.span, ..shared.clone() }, row)?;
        Some(step.kind)
    }

    /// A value or an expression alone on its line; else the report of an unknown command.
    fn read_value(&mut self, line: &Line<'_>) -> Option<Kind> {
        let word;
        let list = match self.value_word(line) {
            _ if line.command.text.is_empty() => &line.words[..],
            Some(made) => {
                word = [made];
                &word[..]
            }
            None => {
                self.report_unknown(line);
                return None;
            }
        };
        if let Some(target) = line.targets.first() {
            let names: Vec<&str> = line.targets.iter().map(|t| &*t.text).collect();
            let from = list.first().map_or(line.span.end, |first| first.span.start);
            let text = self.source.slice(Span { start: from, end: line.span.end });
            // A name stands for its value only where it is a line by itself.
            let shown = if line.command.text.is_empty() { text.to_string() } else { format!("${text}") };
            let problem = Diagnostic::new(
                target.span.to(line.span),
                say!(en "a command is due after `=`", es "después de `=` va un comando"),
            );
            let names = names.join(", ");
            self.report(problem.help(say!(
                en "for a value write `let {names} = {shown}`",
                es "para un valor escribe `let {names} = {shown}`",
                names, shown
            )));
            return None;
        }
        let row = command::value_row();
        let mut words = Words::new(row.syntax(), line.command.span, list, self.scope, self.problems);
        let action = (row.read)(&mut words)?;
        Some(Kind::call(Call { socket: None, row, action }, Targets::None, line.answer.clone()))
    }

    /// `c`, `c.peer`, `_`: the word that a line of one bare word is as a value.
    fn value_word(&self, line: &Line<'_>) -> Option<Word<'static>> {
        if !line.words.is_empty() || line.background.is_some() || line.help {
            return None;
        }
        let span = line.socket.as_ref().map_or(line.command.span, |s| s.span.to(line.command.span));
        let (name, properties) = match &line.socket {
            Some(socket) => (&*socket.text, Some(&*line.command.text)),
            None => (&*line.command.text, None),
        };
        let place = self.scope.find(name)?;
        let property = properties.map(|p| p.split('.').next().unwrap_or(p));
        let has = |p: &str| PROPERTIES.contains(&p) || p.bytes().all(|b| b.is_ascii_digit());
        if property.is_some_and(|p| !has(p)) && !self.scope.may_be_map(place) {
            return None;
        }
        let path = properties.map_or(name.to_string(), |properties| format!("{name}.{properties}"));
        Word::value_of(span, &path)
    }

    /// Looks at the commands in these words: what another language's habit made of them, and what they wait for.
    pub(super) fn look_inside(&mut self, words: &[Word<'_>]) {
        for call in words.iter().filter_map(Word::call) {
            if let Some(inner) = line_of(call.words.clone(), &mut Vec::new()) {
                if let Some(problem) = self.slip_of(&inner) {
                    self.report(problem);
                }
                if command::find(&inner.command.text).is_some_and(|row| row.does(Does::WaitsForJobs)) {
                    self.note_wait(&inner);
                }
                self.look_inside(&inner.words);
            }
        }
    }

    /// What the scripts of a folder are given is known from its fixture's own text.
    fn judge_export(&mut self, line: &Line<'_>) {
        let file = Path::new(&*self.source.name);
        if file.extension().is_some_and(|e| e == "sock") && file.file_name().is_none_or(|n| n != FIXTURE) {
            let message = say!(
                en "`{command}` is for a folder's `fixture.sock`",
                es "`{command}` es para el `fixture.sock` de una carpeta",
                command = line.command.text
            );
            let help = phrase!(
                en "the scripts of the folder know the names then",
                es "los scripts de la carpeta conocen entonces los nombres"
            );
            self.report(Diagnostic::new(line.command.span, message).help(help));
        }
    }

    /// Notes for which thread or call a line waits; a word that is no plain name may be any of them.
    fn note_wait(&mut self, line: &Line<'_>) {
        match (line.words.first().and_then(Word::bare), &mut self.waits) {
            (Some(name), Some(names)) => {
                names.insert(name.to_string());
            }
            (_, waits) => *waits = None,
        }
    }

    fn read_invoke(&mut self, line: &Line<'_>, signature: &Signature) -> Option<Kind> {
        let name = &line.command.text;
        if let Some(socket) = &line.socket {
            self.report(Diagnostic::new(
                socket.span,
                say!(en "`{name}` is no socket's command", es "`{name}` no es un comando de un socket", name),
            ));
        }
        self.scope.note_command(name, line.command.span, false);
        let arguments =
            self.with_words(line, Keyword::Def, |words| inner::read_arguments(words, name, signature));
        let what = phrase!(en "what it returns", es "lo que entrega");
        let targets = self.read_targets(line, Gives::One(what), Apart::Any);
        self.scope.note_socket();
        Some(Kind::Invoke(Box::new(Invoke {
            function: signature.index,
            arguments: arguments?,
            targets: targets?,
            answer: line.answer.clone(),
        })))
    }

    fn report_unknown(&mut self, line: &Line<'_>) {
        let name = &line.command.text;
        let problem = Diagnostic::new(
            line.command.span,
            say!(en "unknown command `{name}`", es "comando desconocido `{name}`", name),
        );
        if Keyword::of(name).is_some() {
            let problem = Diagnostic::new(
                line.command.span,
                say!(en "`{name}` cannot stand here", es "`{name}` no puede ir aquí", name),
            );
            self.report(problem);
            return;
        }
        if let Some(before) = name.strip_suffix(';').filter(|n| !n.is_empty()) {
            let end = Span { start: line.command.span.end - 1, end: line.command.span.end };
            let problem =
                Diagnostic::new(end, say!(en "`;` has no meaning here", es "`;` no significa nada aquí"));
            let help = say!(
                en "each command has a line of its own: `{before}` is one",
                es "cada comando va en su propia línea: `{before}` es uno",
                before
            );
            self.report(problem.help(help));
            return;
        }
        // `connect` said as a method of something that is no name, `sock = stream`, `echo`, …
        let habit = match &**name {
            "echo" => Some("print"),
            "write" => Some("send"),
            "read" => Some("recv"),
            "open" => Some("socket"),
            "import" => Some("source"),
            "assert" => Some("expect"),
            "elif" => Some("else if"),
            "catch" => Some("except"),
            "throw" => Some("raise"),
            "close_all" => Some("close"),
            "stop" => Some("exit"),
            _ => None,
        };
        let mut known: Vec<&str> = command::openings().collect();
        let mut defs: Vec<_> = self.scope.commands.iter().collect();
        defs.sort_by_key(|(_, def)| def.index);
        known.extend(defs.iter().map(|(name, _)| name.as_str()));
        // So many suggestions are enough, and each one compares the word with every command.
        let read = self.problems.len() < SHOWN;
        let nearest = || if read { suggest(name, known) } else { None };
        let near = habit.map(did_you_mean).or_else(nearest);
        let problem = match near {
            _ if self.scope.find(name).is_some() && is_name(name) => problem.help(say!(
                en "`{name}` is a name; to show its value write `print ${name}`",
                es "`{name}` es un nombre; para mostrar su valor escribe `print ${name}`",
                name
            )),
            Some(near) => problem.help(near).later(Later::Unlikely),
            None => problem
                .later(Later::Likely)
                .help(say!(en "`help` lists the commands", es "`help` muestra los comandos")),
        };
        self.report(problem);
    }

    /// The places of the names before `=`.
    fn read_targets(&mut self, line: &Line<'_>, gives: Gives, apart: Apart) -> Option<Targets> {
        let mut good = true;
        if gives == Gives::Nothing
            && let Some(name) = line.targets.first()
        {
            let command = &line.command.text;
            self.report(Diagnostic::new(
                name.span,
                say!(
                    en "`{command}` gives nothing to keep",
                    es "`{command}` no da nada que guardar",
                    command
                ),
            ));
            good = false;
        }
        if let (false, [first, .., last]) = (gives == Gives::Nothing, line.targets.as_slice()) {
            let given = line.targets.len();
            let command = &line.command.text;
            let wrong = match (gives, apart) {
                (Gives::Pair(..), _) if given > 2 => Some(say!(
                    en "`{command}` gives two values, and here are {given} names",
                    es "`{command}` da dos valores, y aquí hay {given} nombres",
                    command, given
                )),
                (Gives::One(_), Apart::Into(count)) if count != given => Some(say!(
                    en "`{command}` gives {values} here, and there are {given} names",
                    es "`{command}` da {values} aquí, y hay {given} nombres",
                    command, values = counted(count, Noun::Value), given
                )),
                (Gives::One(what), Apart::No) => Some(say!(
                    en "`{command}` gives one value: {what}",
                    es "`{command}` da un solo valor: {what}",
                    command,
                    what
                )),
                _ => None,
            };
            if let Some(message) = wrong {
                let span = if apart == Apart::No { line.targets[1].span } else { first.span.to(last.span) };
                self.report(Diagnostic::new(span, message));
                good = false;
            }
        }
        if line.targets.is_empty() {
            return good.then_some(Targets::None);
        }
        let row = command::find(&line.command.text);
        let socket = row.is_some_and(|row| row.shape.makes_socket);
        let pair = socket && row.is_some_and(|row| row.does(Does::MakesPair));
        let accepts = socket && row.is_some_and(|row| row.does(Does::Accepts));
        let address = row.is_some_and(|row| row.does(Does::GivesAddress));
        // What a `def` returns may be anything.
        let map = row.is_none_or(Command::may_give_map);
        let mut place = |at: usize, name: &Name<'_>| {
            if &*name.text == "_" {
                // It throws its value away: nothing is bound.
                return Place::Last;
            }
            let known = match (at, apart) {
                (0, _) if socket => Some(Known::Socket),
                (1, _) if pair => Some(Known::Socket),
                (1, _) if accepts => Some(Known::Address),
                (0, _) if address => Some(Known::Address),
                (0, Apart::Into(count)) if line.targets.len() == 1 => Some(Known::Items(count)),
                _ => None,
            };
            let place = self.scope.assign_known(&name.text, known);
            self.scope.note_given(&name.text, place, name.span);
            self.scope.note_map(place, map);
            if socket && (at == 0 || pair) {
                self.scope.note_socket_name(place);
            }
            place
        };
        let targets = match (line.targets.as_slice(), gives) {
            ([one], _) => Targets::One(place(0, one)),
            ([one, two], Gives::Pair(..)) => Targets::Two(place(0, one), place(1, two)),
            (several, _) => {
                let span = several.iter().fold(several[0].span, |span, t| span.to(t.span));
                Targets::Apart((0..).zip(several).map(|(at, name)| place(at, name)).collect(), span)
            }
        };
        good.then_some(targets)
    }

    /// Reads a keyword's words as a command's are read.
    pub(super) fn with_words<T>(
        &mut self,
        head: &Line<'_>,
        keyword: Keyword,
        read: impl FnOnce(&mut Words<'_>) -> Option<T>,
    ) -> Option<T> {
        self.with_words_of(head, &head.words, keyword, read)
    }

    /// As [`Reader::with_words`], of some of the line's words.
    pub(super) fn with_words_of<T>(
        &mut self,
        head: &Line<'_>,
        list: &[Word<'_>],
        keyword: Keyword,
        read: impl FnOnce(&mut Words<'_>) -> Option<T>,
    ) -> Option<T> {
        let syntax = Syntax::of(keyword.row());
        let mut words = Words::new(syntax, head.command.span, list, self.scope, self.problems);
        words.targets = &head.targets;
        let made = read(&mut words).filter(|_| words.finish().is_some());
        if made.is_none() {
            self.know_groups(list);
        }
        made
    }
}
