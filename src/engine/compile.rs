//! Tree to steps: names become slots, words become values, and every mistake is reported.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::program::{Background, Block, Call, Fails, Function, Invoke, Kind, Program, Step, Targets};
use super::{lint, slips};
use crate::command;
use crate::command::expr::Expr;
use crate::command::row::{Does, Gives};
use crate::command::syntax::{ParamInfo, Syntax};
use crate::command::words::Words;
use crate::session::names::{Place, Scope, Signature};
use crate::text::diagnostic::{Diagnostic, SHOWN, Source, Sources, Span, did_you_mean, suggest};
use crate::text::forms::{self, Keyword};
use crate::text::literal;
use crate::text::parse::{Parser, is_free_name, line_of};
use crate::text::tree::{Arm, Line, Statement};
use crate::text::words::{Word, is_name};
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
}

impl Compiler {
    /// A compiler that knows the names of `scope`, and no text yet.
    pub fn new(scope: Scope) -> Compiler {
        Compiler { scope, sources: Sources::default(), functions: Vec::new() }
    }

    /// Reads a text. With any error in it there is no program, and the names it would have made are
    /// forgotten. Warnings come back beside the program.
    pub fn compile(
        &mut self,
        name: &str,
        text: impl Into<String>,
        load: Load<'_>,
    ) -> (Option<Program>, Vec<Diagnostic>) {
        let before = (self.scope.clone(), self.functions.len());
        let source = self.sources.add(name, text);
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
            waits: Some(HashSet::new()),
        };
        let first = before.1;
        reader.declare_text(&source, first);
        let body = reader.read_text(&source);
        let functions = reader.read_defs();
        let waits = reader.waits.take().map(Arc::new);
        if reader.scope.prompt {
            let source = reader.source.clone();
            let asked = lint::quoted_names(&source, &|name| reader.scope.find(name).is_some());
            reader.problems.extend(asked);
        }
        problems.sort_by_key(|p| (p.span.start, p.span.end));
        problems.dedup();
        if problems.iter().any(Diagnostic::is_error) {
            self.scope = before.0;
            return (None, problems);
        }
        self.functions.extend(functions);
        let program = Program { body, functions: self.functions.clone().into(), waits };
        (Some(program), problems)
    }
}

/// Does it give its first word a value: `let NAME`, `process NAME`?
fn gives_name(parameter: &ParamInfo) -> bool {
    matches!(parameter.kind, command::row::Kind::Binding | command::row::Kind::Program)
}

/// The keywords of lines that the first pass looks for.
const DECLARES: [&[u8]; 2] = [b"def", b"source"];

/// How a keyword's line is typed.
pub(super) fn usage(keyword: Keyword) -> Sentence {
    crate::text::diagnostic::usage(keyword.row().line())
}

/// Files that read files that read files: beyond this it is a mistake.
const DEEPEST_SOURCE: usize = 50;
/// Files that one script may read; files that read others twice are soon very many.
const MOST_SOURCES: usize = 1000;

/// A path without `.` and `dir/..`, so that a file is known again by whatever way it is named.
fn straight(path: &Path) -> PathBuf {
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

pub(super) struct Reader<'a> {
    pub(super) scope: &'a mut Scope,
    sources: &'a mut Sources,
    problems: &'a mut Vec<Diagnostic>,
    load: Load<'a>,
    /// The text whose lines are being read.
    source: Source,
    /// The texts of `source` lines, by the place of the line.
    sourced: HashMap<Span, Source>,
    /// The files being read, so that none reads itself.
    open: Vec<PathBuf>,
    /// The bodies of `def`s, read when every name of the script is known.
    defs: Vec<(Arm<'static>, Source)>,
    pub(super) loops: usize,
    pub(super) in_def: bool,
    /// The names some `wait` has; none once a `wait` has no name.
    waits: Option<HashSet<String>>,
}

impl Reader<'_> {
    pub(super) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// First pass over a text: finds its `def`s and reads the files that it names, because both must be
    /// known before the first line is compiled. `first` is the index of the first function of this program.
    ///
    /// A text in which neither word occurs declares nothing, and is parsed once only.
    fn declare_text(&mut self, source: &Source, first: usize) {
        let text = source.text.as_bytes();
        if DECLARES.iter().all(|word| memchr::memmem::find(text, word).is_none()) {
            return;
        }
        let mut parser = Parser::new(source);
        // The second pass reports what is wrong with the lines.
        let mut unreported = Vec::new();
        while let Some(statement) = parser.next(&mut unreported) {
            self.declare(&statement, first);
        }
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
        let mut steps = Vec::new();
        while let Some(statement) = parser.next(self.problems) {
            for name in parser.take_faulty() {
                self.scope.assign(&name);
            }
            steps.extend(self.read_statement(&statement));
            parser.recycle(statement);
        }
        steps.into()
    }

    fn declare_def(&mut self, arm: &Arm<'_>, first: usize) {
        let mut words = arm.head.words.iter();
        let Some(name) = words.next() else {
            let problem = Diagnostic::new(
                arm.head.command.span,
                say!(en "`def` needs a name", es "`def` requiere un nombre"),
            );
            self.report(problem.help(usage(Keyword::Def)));
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
        let mut parameters = Vec::new();
        for word in words {
            let text = word.bare().unwrap_or("").to_string();
            if let Err(problem) = self.scope.check_target(&text, word.span) {
                self.report(problem);
            } else if parameters.contains(&text) {
                self.report(Diagnostic::new(
                    word.span,
                    say!(en "`{text}` stands twice", es "`{text}` aparece dos veces", text),
                ));
            }
            parameters.push(text);
        }
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
        let index = first + self.defs.len();
        self.defs.push((arm.clone().into_owned(), self.source.clone()));
        self.scope.commands.insert(text, Signature { parameters, index });
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

    fn read_defs(&mut self) -> Vec<Arc<Function>> {
        let mut functions = Vec::new();
        for (arm, source) in std::mem::take(&mut self.defs) {
            let name = arm.head.words.first().and_then(Word::bare).unwrap_or("").to_string();
            let parameters = self.scope.commands.get(&name).map_or(Vec::new(), |s| s.parameters.clone());
            let outer = std::mem::replace(&mut self.source, source);
            self.scope.enter(&parameters);
            (self.in_def, self.loops) = (true, 0);
            let body = self.read_block(&arm.body);
            self.in_def = false;
            let locals = self.scope.leave();
            self.source = outer;
            functions.push(Arc::new(Function { name, parameters: parameters.len(), locals, body }));
        }
        functions
    }

    fn read_statement(&mut self, statement: &Statement<'_>) -> Option<Step> {
        match statement {
            Statement::Line(line) => self.read_line(line),
            Statement::Block(block) => self.read_tree_block(block),
        }
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
        let step = match slips::slip(line, &self.source, self.scope) {
            Some(problem) => {
                self.report(problem);
                None
            }
            None => self.read_sound_line(line),
        };
        if step.is_none() {
            self.know_names(line);
        }
        step
    }

    /// What another language's habit made of a block's first line.
    pub(super) fn slip_of(&self, head: &Line<'_>) -> Option<Diagnostic> {
        slips::slip(head, &self.source, self.scope)
    }

    /// Reports one mistake in place of all that were found on a line.
    pub(super) fn replace_problems(&mut self, line: Span, problem: Diagnostic) {
        self.problems.retain(|p| p.span.start < line.start || p.span.end > line.end);
        self.problems.push(problem);
    }

    /// Makes the names known that a faulty line would have given a value.
    fn know_names(&mut self, line: &Line<'_>) {
        for target in line.targets.iter().filter(|target| target.text != "_") {
            self.scope.assign(&target.text);
        }
        let names = command::find(&line.command.text).is_some_and(|row| row.params.iter().any(gives_name));
        if let Some(name) = line.words.first().and_then(Word::bare).filter(|name| names && is_free_name(name))
        {
            self.scope.assign(name);
        }
    }

    fn read_sound_line(&mut self, line: &Line<'_>) -> Option<Step> {
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
                let value = self.with_words(line, Keyword::Return, |words| match words.next() {
                    None => Some(None),
                    Some(word) => {
                        words.refuse_name(word)?;
                        Expr::read(words, word).map(Some)
                    }
                });
                Kind::Return(value?.map(Box::new))
            }
            Some(Keyword::Source) => {
                self.refuse_decoration(line);
                let source = self.sourced.remove(&line.span)?;
                let outer = std::mem::replace(&mut self.source, source.clone());
                let body = self.read_text(&source);
                self.source = outer;
                Kind::Lines(body)
            }
            Some(Keyword::Fails) => self.read_fails(line)?,
            _ => self.read_command(line)?,
        };
        Some(Step { span, kind })
    }

    /// A keyword takes no name before it, no socket and no `&`.
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
            );
            self.report(problem.help(usage(Keyword::Fails)));
            return None;
        }
        if let Some(text) = rest[0].bare()
            && command::find(text).is_none()
            && rest.len() > 1
            && let Some(near) = suggest(text, Caught::names())
            && text.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
        {
            let problem = Diagnostic::new(
                rest[0].span,
                say!(
                    en "`{text}` is not the name of an error",
                    es "`{text}` no es el nombre de un error",
                    text
                ),
            );
            self.report(problem.help(near));
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
        let step = self.read_line(&inner)?;
        let targets = self.read_targets(line, Gives::One(phrase!(en "the error", es "el error")));
        Some(Kind::Fails(Box::new(Fails {
            names,
            wanted,
            step,
            targets: targets?,
            answer: line.answer.clone(),
        })))
    }

    fn read_command(&mut self, line: &Line<'_>) -> Option<Kind> {
        let name = &*line.command.text;
        if let Some(signature) = self.scope.commands.get(name).cloned() {
            return self.read_invoke(line, &signature);
        }
        let Some(row) = command::find(name) else {
            self.report_unknown(line);
            return None;
        };
        if row.does(Does::WaitsForJobs) {
            self.note_wait(line);
        }
        let socket = match &line.socket {
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
                    match self.scope.require(&socket.text, socket.span, "socket") {
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
        if row.shape.makes_socket {
            self.scope.note_socket();
        }
        // After the words: a name is not known on its own right side.
        let targets = self.read_targets(line, row.gives);
        let bad_socket = line.socket.is_some() && socket.is_none();
        match (action, targets, bad_socket) {
            (Some(action), Some(targets), false) => {
                Some(Kind::call(Call { socket, row, action }, targets, line.answer.clone()))
            }
            _ => None,
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
        let wanted = signature.parameters.len();
        if line.words.len() != wanted {
            let span = line.words.get(wanted).map_or(line.command.span, |w| w.span);
            let shown = format!("{name} {}", signature.parameters.join(" ").to_uppercase());
            let message = say!(
                en "`{name}` takes {words}, and here are {given}",
                es "`{name}` lleva {words}, y aquí hay {given}",
                name,
                words = counted(wanted, Noun::Word),
                given = line.words.len()
            );
            self.report(
                Diagnostic::new(span, message).help(crate::text::diagnostic::usage(shown.trim_end())),
            );
            return None;
        }
        let arguments = self.with_words(line, Keyword::Def, |words| {
            let mut exprs = Vec::new();
            while let Some(word) = words.next() {
                // A bare word is text, here as everywhere: a socket is handed on as `$name`.
                let name = words.refuse_name(word);
                exprs.push(name.and_then(|()| Expr::read(words, word)));
            }
            exprs.into_iter().collect::<Option<Vec<_>>>()
        });
        let targets = self.read_targets(line, Gives::One(phrase!(en "what it returns", es "lo que entrega")));
        self.scope.note_socket();
        Some(Kind::Invoke(Box::new(Invoke {
            function: signature.index,
            arguments: arguments?.into(),
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
            "raise" | "throw" => Some("fail"),
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
            Some(near) => problem.help(near),
            None => problem.help(say!(en "`help` lists the commands", es "`help` muestra los comandos")),
        };
        self.report(problem);
    }

    /// The places of the names before `=`.
    fn read_targets(&mut self, line: &Line<'_>, gives: Gives) -> Option<Targets> {
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
        if let (Gives::One(what), [_, second]) = (gives, line.targets.as_slice()) {
            let command = &line.command.text;
            let problem = Diagnostic::new(
                second.span,
                say!(
                    en "`{command}` gives one value: {what}",
                    es "`{command}` da un solo valor: {what}",
                    command,
                    what
                ),
            );
            self.report(problem);
            good = false;
        }
        if line.targets.is_empty() {
            return good.then_some(Targets::None);
        }
        let row = command::find(&line.command.text).filter(|row| row.shape.makes_socket);
        let (socket, pair) = (row.is_some(), row.is_some_and(|row| row.does(Does::MakesPair)));
        let mut places = line.targets.iter().enumerate().map(|(at, name)| {
            if &*name.text == "_" {
                // It throws its value away: nothing is bound.
                return Place::Last;
            }
            let place = self.scope.assign(&name.text);
            if socket && (at == 0 || pair) {
                self.scope.note_socket_name(place);
            }
            place
        });
        let targets = match (places.next(), places.next()) {
            (None, _) => Targets::None,
            (Some(one), None) => Targets::One(one),
            (Some(one), Some(two)) => Targets::Two(one, two),
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
        let made = read(&mut words)?;
        words.finish()?;
        Some(made)
    }
}
