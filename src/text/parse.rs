//! Lines and blocks out of words; every mistake is reported, none ends the reading.

use std::borrow::Cow;
use std::collections::HashSet;

use super::tree::{Answer, Arm, Block, Line, Name, Statement};
use super::words::{self, Part, Word, is_name};
use crate::text::diagnostic::{Diagnostic, Source, Span};
use crate::text::forms::{self, Keyword};

/// Blocks in blocks in blocks: beyond this it is a mistake, and the stack has an end.
const DEEPEST: usize = 100;

/// Reads a whole text. The tree holds what could be read; `problems` says the rest.
pub fn parse<'t>(source: &'t Source, problems: &mut Vec<Diagnostic>) -> Vec<Statement<'t>> {
    let mut parser = Parser::new(source);
    let mut tree = Vec::new();
    while let Some(statement) = parser.next(problems) {
        tree.push(statement);
    }
    tree
}

/// Reads words that are a line by themselves: what stands after `fails`.
pub fn line_of<'t>(words: Vec<Word<'t>>, problems: &mut Vec<Diagnostic>) -> Option<Line<'t>> {
    LineReader { problems, faulty: Vec::new(), source: None }.parse_line(words)
}

/// Does this line open a block?
pub fn is_opener(line: &Line<'_>) -> bool {
    line.keyword.is_some_and(Keyword::opens)
}

/// Does this line begin another arm of its block?
pub fn is_arm(line: &Line<'_>) -> bool {
    line.keyword.is_some_and(|k| k.arm_of().is_some())
}

/// Reads the one line that begins at this place, for the caret under an error.
pub fn line_at(source: &Source, span: Span) -> Option<Line<'_>> {
    let mut problems = Vec::new();
    let at = span.start.checked_sub(source.base())? as usize;
    // A command in a word ends where its parentheses do.
    let inner = source.text.get(..at)?.ends_with("$(");
    let end = if inner { span.end.checked_sub(source.base())? as usize } else { source.text.len() };
    let read = words::line(source.text.get(..end)?, source.base(), at, &mut problems);
    line_of(read.words, &mut problems)
}

/// May there be an answer at this line's beginning, or behind blank lines? So says whatever begins with `#`.
fn answer_at(text: &str, at: usize) -> bool {
    // Whatever is more than `#` is neither that nor a blank.
    if text.as_bytes().get(at).is_some_and(|b| *b > b'#') {
        return false;
    }
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    rest.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n')) == Some(&b'#')
}

/// A block whose `end` has not come yet.
struct Open<'t> {
    arms: Vec<Arm<'t>>,
    span: Span,
    keyword: Keyword,
}

/// Reads a text statement by statement: a script of any length needs memory for one of them.
pub struct Parser<'t> {
    source: &'t Source,
    at: usize,
    open: Vec<Open<'t>>,
    /// The last line or block outside every block: an answer may follow it.
    last: Option<Statement<'t>>,
    after_command: bool,
    /// The memory of a line's words that was given back.
    spare: Vec<Word<'t>>,
    /// The names that lines would have given a value that could not be read.
    faulty: Vec<String>,
    lost: words::Lost,
}

/// The length of the byte order mark, which is how some editors begin a file; it says nothing here.
pub(super) fn mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

impl<'t> Parser<'t> {
    /// A parser at the beginning of a text.
    pub fn new(source: &'t Source) -> Parser<'t> {
        Parser {
            source,
            at: mark(&source.text),
            open: Vec::new(),
            last: None,
            after_command: false,
            spare: Vec::new(),
            faulty: Vec::new(),
            lost: words::Lost::default(),
        }
    }

    /// The names of lines that could not be read: they count as known, so that the lines below are not blamed.
    pub fn take_faulty(&mut self) -> Vec<String> {
        std::mem::take(&mut self.faulty)
    }

    /// Notes the names of a line that cannot be read.
    fn note_faulty(&mut self, names: Vec<String>) {
        self.faulty.extend(names);
    }

    /// Gives back a statement that is done with: the next line's words take its memory.
    pub fn recycle(&mut self, statement: &mut Statement<'t>) {
        if let Statement::Line(line) = statement {
            self.spare = std::mem::take(&mut line.words);
            self.spare.clear();
        }
    }

    /// The next statement outside every block; none at the end of the text.
    pub fn next(&mut self, problems: &mut Vec<Diagnostic>) -> Option<Statement<'t>> {
        while self.at < self.source.text.len() {
            let spare = std::mem::take(&mut self.spare);
            let read = words::line_into(
                spare,
                &self.source.text,
                self.source.base(),
                self.at,
                &mut self.lost,
                problems,
            );
            self.at = read.end;
            if read.words.is_empty() {
                self.spare = read.words;
                if let Some(comment) = read.comment {
                    self.accept_answer(comment, problems);
                } else {
                    self.after_command = self.after_command && read.broken;
                }
                continue;
            }
            self.after_command = false;
            if let Some(comment) =
                read.comment.filter(|comment| self.source.slice(*comment).starts_with("#>"))
            {
                problems.push(
                    Diagnostic::new(
                        comment,
                        say!(
                            en "an answer behind its command is not looked at",
                            es "una respuesta detrás de su comando no se mira"
                        ),
                    )
                    .help(say!(
                        en "it stands on a line of its own, right below the command",
                        es "va en una línea propia, justo debajo del comando"
                    )),
                );
            }
            let block = |w: &Word<'_>| w.bare().and_then(Keyword::of).is_some_and(Keyword::is_reserved);
            if read.unclosed && !read.words.first().is_some_and(block) {
                // What is missing of it would only be complained of once more.
                self.note_faulty(names_of(&read.words));
                continue;
            }
            let mut reader = LineReader { problems, faulty: Vec::new(), source: Some(self.source) };
            let Some(line) = reader.parse_line(read.words) else {
                let names = reader.faulty;
                self.note_faulty(names);
                continue;
            };
            let done = match line.keyword {
                Some(keyword) if keyword.opens() => {
                    self.accept_opener(line, keyword, problems);
                    None
                }
                Some(keyword) if keyword.arm_of().is_some() => {
                    self.accept_arm(line, keyword, problems);
                    None
                }
                Some(Keyword::End) => self.accept_end(&line, problems),
                _ if self.open.is_empty() && self.last.is_none() && !self.answer_follows() => {
                    return Some(Statement::Line(line));
                }
                _ => {
                    self.after_command = true;
                    self.push(Statement::Line(line))
                }
            };
            if done.is_some() {
                return done;
            }
        }
        // What was open is one more.
        let before = self.close_all(problems).and_then(|block| self.push(block));
        before.or_else(|| self.last.take())
    }

    /// May the next line be an answer to this one?
    fn answer_follows(&self) -> bool {
        answer_at(&self.source.text, self.at)
    }

    /// Puts a statement where it belongs; gives back the one before it, to which nothing can be added.
    fn push(&mut self, statement: Statement<'t>) -> Option<Statement<'t>> {
        match self.open.last_mut().and_then(|o| o.arms.last_mut()) {
            Some(arm) => {
                arm.body.push(statement);
                None
            }
            None => self.last.replace(statement),
        }
    }

    fn accept_opener(&mut self, line: Line<'t>, keyword: Keyword, problems: &mut Vec<Diagnostic>) {
        if self.open.len() == DEEPEST {
            problems.push(
                Diagnostic::new(
                    line.span,
                    say!(
                        en "more than {most} blocks inside one another",
                        es "más de {most} bloques unos dentro de otros",
                        most = DEEPEST
                    ),
                )
                .help(say!(
                    en "a `def` can hold the inner ones",
                    es "un `def` puede contener los de adentro"
                )),
            );
            // One report is enough, and what follows would only repeat it.
            self.at = self.source.text.len();
            self.open.clear();
            return;
        }
        let span = line.command.span;
        self.open.push(Open { arms: vec![Arm { head: line, body: Vec::new() }], span, keyword });
    }

    fn accept_end(&mut self, line: &Line<'t>, problems: &mut Vec<Diagnostic>) -> Option<Statement<'t>> {
        if let Some(word) = line.words.first() {
            problems.push(Diagnostic::new(
                word.span,
                say!(en "nothing may follow `end`", es "después de `end` no puede ir nada"),
            ));
        }
        let Some(block) = self.open.pop() else {
            problems.push(Diagnostic::new(
                line.command.span,
                say!(en "`end` without a block to end", es "`end` sin un bloque que cerrar"),
            ));
            return None;
        };
        self.push(Statement::Block(Block { arms: block.arms, end: line.command.span }))
    }

    /// At the end of the text: what is open is reported and closed, for the lines inside are still
    /// read for mistakes of their own.
    fn close_all(&mut self, problems: &mut Vec<Diagnostic>) -> Option<Statement<'t>> {
        let mut closed: Option<Statement<'t>> = None;
        while let Some(mut block) = self.open.pop() {
            if let (Some(inner), Some(arm)) = (closed.take(), block.arms.last_mut()) {
                arm.body.push(inner);
            }
            let keyword = block.arms.first().map_or("", |a| &*a.head.command.text);
            problems.push(
                Diagnostic::new(
                    block.span,
                    say!(
                        en "`{keyword}` is never closed",
                        es "`{keyword}` nunca se cierra",
                        keyword
                    ),
                )
                .help(say!(
                    en "a block ends with a line that says `end`",
                    es "un bloque termina con una línea que dice `end`"
                ))
                .incomplete(),
            );
            closed = Some(Statement::Block(Block { arms: block.arms, end: block.span }));
        }
        closed
    }
    /// A `#>` line belongs to the command above it.
    fn accept_answer(&mut self, comment: Span, problems: &mut Vec<Diagnostic>) {
        let text = self.source.slice(comment);
        let Some(shown) = text.strip_prefix("#>") else { return };
        let shown = shown.strip_prefix(' ').unwrap_or(shown).to_string();
        let above = match self.open.last_mut().and_then(|o| o.arms.last_mut()) {
            Some(arm) => arm.body.last_mut(),
            None => self.last.as_mut(),
        };
        match above {
            Some(Statement::Line(line)) if self.after_command => match &mut line.answer {
                Some(answer) => {
                    answer.span = answer.span.to(comment);
                    answer.lines.push(shown);
                    answer.places.push(comment);
                }
                None => {
                    let (lines, places) = (vec![shown], vec![comment]);
                    line.answer = Some(Box::new(Answer { span: comment, lines, places }));
                }
            },
            _ => problems.push(
                Diagnostic::new(
                    comment,
                    say!(
                        en "an answer with no command above it",
                        es "una respuesta sin un comando encima"
                    ),
                )
                .help(say!(
                    en "`#>` lines stand right below the command whose Out they show",
                    es "las líneas `#>` van justo debajo del comando cuyo Out muestran"
                )),
            ),
        }
    }

    fn accept_arm(&mut self, line: Line<'t>, keyword: Keyword, problems: &mut Vec<Diagnostic>) {
        let text = &line.command.text;
        let problem = match self.open.last_mut() {
            Some(open) if Some(open.keyword) == keyword.arm_of() => {
                let last = open.arms.last().map(|a| &a.head);
                let closed = match keyword {
                    Keyword::Else => {
                        last.is_some_and(|l| l.keyword == Some(Keyword::Else) && l.words.is_empty())
                    }
                    _ => last.is_some_and(|l| l.keyword == Some(Keyword::Finally)),
                };
                if !closed {
                    open.arms.push(Arm { head: line, body: Vec::new() });
                    return;
                }
                let last = last.map_or("", |l| &*l.command.text);
                let problem = Diagnostic::new(
                    line.command.span,
                    say!(
                        en "`{text}` after the last `{last}`",
                        es "`{text}` después del último `{last}`",
                        text,
                        last
                    ),
                );
                open.arms.push(Arm { head: line, body: Vec::new() });
                problem
            }
            _ => Diagnostic::new(
                line.command.span,
                match keyword {
                    Keyword::Else => say!(
                        en "`{text}` belongs in an `if` block",
                        es "`{text}` va en un bloque `if`",
                        text
                    ),
                    _ => say!(
                        en "`{text}` belongs in a `try` block",
                        es "`{text}` va en un bloque `try`",
                        text
                    ),
                },
            ),
        };
        problems.push(problem);
    }
}

/// Reads one line's words.
struct LineReader<'p> {
    problems: &'p mut Vec<Diagnostic>,
    /// The names of a line that could not be read.
    faulty: Vec<String>,
    /// The text that the words stand in, where it is at hand.
    source: Option<&'p Source>,
}

impl LineReader<'_> {
    /// `[NAMES =] [SOCKET.]COMMAND WORD… [&]`
    fn parse_line<'t>(&mut self, mut words: Vec<Word<'t>>) -> Option<Line<'t>> {
        let span = words.first()?.span.to(words.last()?.span);
        let Some((targets, used)) = self.accept_targets(&words) else {
            self.faulty = names_of(&words);
            return None;
        };
        let background = words.pop_if(|w| w.is("&")).map(|w| w.span);
        let Some(first) = words.get(used) else {
            let message = match background.is_some() && targets.is_empty() {
                true => say!(en "a command is missing before `&`", es "falta un comando antes de `&`"),
                false => say!(en "a command is missing after the `=`", es "falta un comando después del `=`"),
            };
            self.problems.push(Diagnostic::new(span, message).unfinished());
            self.faulty = names_of(&words);
            return None;
        };
        let more = words.len() > used + 1;
        if targets.is_empty() && is_value(first, more) {
            // A value or an expression alone on the line: all of it is words.
            let command = Name { text: "".into(), span: first.span };
            let (socket, keyword, help, answer) = (None, None, false, None);
            return Some(Line { span, targets, socket, command, keyword, words, background, help, answer });
        }
        // A name, or two with a dot between, as most are, is none of another language's forms.
        let is_plain = first.bare().is_some_and(words::is_dotted);
        if !is_plain
            && let Some(problem) =
                call_problem(first, &words[used + 1..], self.source).or_else(|| colon_problem(first))
        {
            self.problems.push(problem);
            let keyword = first.bare().and_then(|text| Keyword::of(text.strip_suffix(':')?));
            let Some(keyword) = keyword else {
                self.faulty = names_of(&words);
                return None;
            };
            let command = Name { text: keyword.row().name.into(), span: first.span };
            words.drain(..=used);
            let (socket, help, answer) = (None, false, None);
            return Some(Line {
                span,
                targets,
                socket,
                command,
                keyword: Some(keyword),
                words,
                background,
                help,
                answer,
            });
        }
        let Some((socket, command, help)) = self.parse_command(first, is_plain, more, !targets.is_empty())
        else {
            self.faulty = names_of(&words);
            return None;
        };
        // A socket before `fails` is a mistake of its own; before any other keyword there is none.
        let stands = |k: &Keyword| socket.is_none() || !k.is_reserved();
        let keyword = if help { None } else { Keyword::of(&command.text).filter(stands) };
        words.drain(..=used);
        Some(Line { span, targets, socket, command, keyword, words, background, help, answer: None })
    }

    /// The names before a bare `=` that is the second word, or the third after a pair; and how many
    /// words they took.
    fn accept_targets<'t>(&mut self, words: &[Word<'t>]) -> Option<(Vec<Name<'t>>, usize)> {
        let none = Some((Vec::new(), 0));
        // More names have commas between them.
        let most = if words.first().is_some_and(|w| w.bare().is_some_and(|t| t.contains(','))) {
            words.len()
        } else {
            4
        };
        let Some(equals) = words.iter().take(most).position(|w| w.is("=")) else { return none };
        // `let x = 5` and `expect a = b` are commands; `=` alone shows the sockets.
        let comma = |w: &Word<'_>| w.bare().is_some_and(|t| t.contains(','));
        let binds = words[0].is(forms::BINDS) || words[0].is(forms::SHARES);
        let several = || !binds && words[..equals].iter().any(comma);
        if equals == 0 || (equals > 1 && !several()) || words[..equals].iter().any(|w| w.bare().is_none()) {
            return none;
        }
        let mut names = Vec::with_capacity(2);
        let mut good = true;
        for word in &words[..equals] {
            let mut at = 0;
            let text = word.bare_text().unwrap_or_default();
            while at <= text.len() {
                let rest = &text[at..];
                let piece = split_at_byte(rest, b',').map_or(rest, |(piece, _)| piece);
                let from = word.span.start + at as u32;
                let span = Span { start: from, end: from + piece.len() as u32 };
                if !piece.is_empty() {
                    good &= piece == "_" || self.check_name(piece, span);
                    names.push(Name { text: part(&text, at, piece.len()), span });
                }
                at += piece.len() + 1;
            }
        }
        let span = words[0].span.to(words[equals].span);
        if names.is_empty() {
            self.problems.push(Diagnostic::new(
                span,
                say!(en "a name is due before `=`", es "antes de `=` va un nombre"),
            ));
            good = false;
        }
        let several = if names.len() > 1 { names.as_slice() } else { &[] };
        let mut before: HashSet<&str> = HashSet::new();
        for name in several.iter().filter(|name| name.text != "_") {
            if !before.insert(&name.text) {
                self.problems.push(Diagnostic::new(
                    name.span,
                    say!(
                        en "`{name}` stands twice before `=`",
                        es "`{name}` aparece dos veces antes de `=`",
                        name = name.text
                    ),
                ));
                good = false;
            }
        }
        good.then_some((names, equals + 1))
    }

    /// May this be given as a name? Says why not.
    fn check_name(&mut self, name: &str, span: Span) -> bool {
        match name_problem(name, span) {
            Some(problem) => {
                self.problems.push(problem);
                false
            }
            None => true,
        }
    }

    /// The socket before the dot, the command, and whether its help is asked for. `is_plain`: the word is a name or
    /// two; `more`: other words follow; `assigned`: names stand before it.
    fn parse_command<'t>(
        &mut self,
        word: &Word<'t>,
        is_plain: bool,
        more: bool,
        assigned: bool,
    ) -> Option<(Option<Name<'t>>, Name<'t>, bool)> {
        let Some(whole) = word.bare_text() else {
            let problem = Diagnostic::new(
                word.span,
                say!(
                    en "a command is due here, and this is a value",
                    es "aquí va un comando, y esto es un valor"
                ),
            );
            let help = match word.value() {
                None if assigned && word.call().is_some() => phrase!(
                    en "the command stands by itself: `NAME = COMMAND`",
                    es "el comando va solo: `NAME = COMMAND`"
                ),
                Some(_) if assigned => phrase!(
                    en "to copy a value write `let NAME = $value`",
                    es "para copiar un valor escribe `let NAME = $value`"
                ),
                _ if assigned => phrase!(
                    en "to keep a value write `let NAME = VALUE`",
                    es "para guardar un valor escribe `let NAME = VALUE`"
                ),
                _ => phrase!(
                    en "to show a value write `print VALUE`",
                    es "para mostrar un valor escribe `print VALUE`"
                ),
            };
            self.problems.push(problem.help(help));
            return None;
        };
        let text = &*whole;
        if text == "=" && assigned {
            self.problems.push(Diagnostic::new(
                word.span,
                say!(
                    en "a command is due after `=`, and this is another",
                    es "después de `=` va un comando, y este es otro `=`"
                ),
            ));
            return None;
        }
        if text == "=" {
            let command = Name { text: "=".into(), span: word.span };
            return Some((None, command, false));
        }
        if !is_plain
            && let Some((name, value)) = text.split_once('=')
            && is_name(name.split(',').next().unwrap_or(name))
        {
            let rest = if more { " …" } else { "" };
            let is_command = value.starts_with(|c: char| c.is_ascii_lowercase());
            let help = match (is_command, name.contains(',')) {
                (true, false) => say!(
                    en "write `{name} = {value}{rest}`, or `let {name} = {value}` for a value",
                    es "escribe `{name} = {value}{rest}`, o `let {name} = {value}` para un valor",
                    name, value, rest
                ),
                (_, true) => say!(
                    en "write `{name} = {value}{rest}`", es "escribe `{name} = {value}{rest}`", name, value, rest
                ),
                (false, false) => say!(
                    en "write `let {name} = {value}{rest}`", es "escribe `let {name} = {value}{rest}`", name, value, rest
                ),
            };
            let problem = Diagnostic::new(
                word.span,
                say!(en "`=` is a word of its own", es "`=` es una palabra aparte"),
            )
            .help(help);
            self.problems.push(problem);
            return None;
        }
        if assigned && text.parse::<i64>().is_ok() {
            let help = say!(
                en "to keep a value write `let NAME = {text}`",
                es "para guardar un valor escribe `let NAME = {text}`",
                text
            );
            self.problems.push(
                Diagnostic::new(
                    word.span,
                    say!(en "a command is due after `=`", es "después de `=` va un comando"),
                )
                .help(help),
            );
            return None;
        }
        let (text, help) = match text.strip_suffix('?') {
            Some(asked) if !asked.is_empty() => (asked, true),
            _ => (text, false),
        };
        let (socket, command) = match split_at_byte(text, b'.') {
            Some((socket, command)) => (Some(socket), command),
            None => (None, text),
        };
        if command.is_empty() && socket.is_some_and(|s| !s.is_empty()) {
            self.problems.push(
                Diagnostic::new(
                    word.span,
                    say!(en "a command is missing after the `.`", es "falta un comando después del `.`"),
                )
                .unfinished(),
            );
            return None;
        }
        let start = word.span.start;
        let name = |text: &str, at: usize| Name {
            text: part(&whole, at, text.len()),
            span: Span { start: start + at as u32, end: start + (at + text.len()) as u32 },
        };
        let socket_name = socket.map(|s| name(s, 0));
        if let Some(socket) = &socket_name
            && !is_name(&socket.text)
        {
            let message = match &*socket.text {
                "" => say!(
                    en "a socket's name is missing before the `.`",
                    es "falta el nombre de un socket antes del `.`"
                ),
                name => say!(
                    en "`{name}` cannot be a socket's name",
                    es "`{name}` no puede ser el nombre de un socket",
                    name
                ),
            };
            let span = if socket.text.is_empty() { word.span } else { socket.span };
            let problem = Diagnostic::new(span, message);
            self.problems.push(problem.help(say!(
                en "a command line is `SOCKET.COMMAND WORD…`",
                es "una línea de comando es `SOCKET.COMMAND WORD…`"
            )));
            return None;
        }
        Some((socket_name, name(command, socket.map_or(0, |s| s.len() + 1)), help))
    }
}

/// Does a line that begins with this word hold a value or an expression, and no command?
fn is_value(word: &Word<'_>, more: bool) -> bool {
    match word.bare() {
        None => !word.glued,
        Some("(") => true,
        Some("-" | "~") => more,
        Some(text) => words::starts_number(text) && !text.contains(['.', '=', '(']),
    }
}

/// `else:`, `try:`
fn colon_problem(word: &Word<'_>) -> Option<Diagnostic> {
    let text = word.bare()?.strip_suffix(':')?;
    let keyword = Keyword::of(text).filter(|k| k.opens() || k.arm_of().is_some())?;
    let message = say!(
        en "a block's first line ends without `:`", es "la primera línea de un bloque no termina en `:`"
    );
    let name = keyword.row().name;
    let span = Span { start: word.span.end - 1, ..word.span };
    Some(Diagnostic::new(span, message).help(say!(en "write `{name}`", es "escribe `{name}`", name)))
}

/// The functions of C, by the names that they have here too, whose first argument is a socket: `send(s, "hola")`.
const OF_A_SOCKET: &[&str] = &[
    "accept",
    "bind",
    "close",
    "connect",
    "getpeername",
    "getsockname",
    "getsockopt",
    "listen",
    "recv",
    "recvfrom",
    "recvmsg",
    "send",
    "sendmsg",
    "sendto",
    "setsockopt",
    "shutdown",
];

/// `s.close()`, `sendall("hola")`: a command as another language calls it.
fn call_problem(word: &Word<'_>, more: &[Word<'_>], source: Option<&Source>) -> Option<Diagnostic> {
    let text = match word.parts().first()?.bytes() {
        Some(bytes) if (!word.quoted || word.glued) && bytes.contains(&b'(') => {
            std::str::from_utf8(bytes).ok()?
        }
        _ => return None,
    };
    let (name, rest) = text.split_once('(').filter(|(name, _)| name.split('.').all(is_name))?;
    let message = say!(
        en "`{name}(…)` is no call here: a line is a command and its words",
        es "`{name}(…)` no es una llamada aquí: una línea es un comando y sus palabras",
        name
    );
    let whole = more.last().map_or(word.span, |last| word.span.to(last.span));
    let typed = source.map(|source| source.slice(whole)).filter(|typed| !typed.contains('\n'));
    let Some(typed) = typed.and_then(|typed| typed.strip_prefix(name)) else {
        let bare = |text: &str| text.replace([',', '(', ')'], " ").trim().to_string();
        let mut meant = vec![name.to_string(), if word.quoted { "…".to_string() } else { bare(rest) }];
        meant.extend(more.iter().map(|word| word.bare().map_or("…".to_string(), bare)));
        return Some(called(Diagnostic::new(word.span, message), meant.join(" ").trim_end()));
    };
    let arguments = plain(typed);
    let arguments = arguments.trim();
    let (first, others) = arguments.split_once(' ').unwrap_or((arguments, ""));
    let meant = match OF_A_SOCKET.contains(&name) && is_free_name(first) {
        true => format!("{first}.{name} {others}"),
        false => format!("{name} {arguments}"),
    };
    Some(called(Diagnostic::new(whole, message), meant.trim_end()))
}

/// Says what a call was to be.
fn called(problem: Diagnostic, meant: &str) -> Diagnostic {
    problem.help(say!(en "write `{meant}`", es "escribe `{meant}`", meant))
}

/// A line without the parentheses and commas that are outside quotes, and without a colon at its end.
pub fn plain(line: &str) -> String {
    let (mut out, mut quote, mut escaped) = (String::new(), None, false);
    for c in line.trim_end().trim_end_matches(':').chars() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        let blank = out.ends_with(' ');
        match c {
            '(' | ',' | ' ' if quote.is_none() => out.push_str(if blank { "" } else { " " }),
            ')' if quote.is_none() => {}
            c => out.push(c),
        }
    }
    out.trim_end().to_string()
}

/// The names that a line's words would give a value: those before `=`, or glued to it (`x=5`).
pub fn names_of(words: &[Word<'_>]) -> Vec<String> {
    let declares = words.first().is_some_and(|w| w.is(forms::BINDS) || w.is(forms::SHARES));
    let words = &words[usize::from(declares)..];
    if let Some(equals) = words.iter().position(|w| w.is("=")) {
        return words[..equals].iter().flat_map(meant_names).collect();
    }
    let glued =
        words.first().filter(|w| w.parts().first().and_then(Part::bytes).is_some_and(|b| b.contains(&b'=')));
    glued.map_or(Vec::new(), meant_names)
}

/// The names that a word was to give, whatever is glued to them: `x:`, `a,b`, `x="hola"`.
pub fn meant_names(word: &Word<'_>) -> Vec<String> {
    let part = word.parts().first().filter(|_| !word.quoted || word.glued).and_then(Part::bytes);
    let text = part.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("");
    let before = text.split_once('=').map_or(text, |(before, _)| before);
    let begins =
        |piece: &str| piece.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(piece.len());
    let pieces = before.split(',').map(|piece| piece[..begins(piece)].to_string());
    pieces.filter(|name| is_free_name(name)).collect()
}

/// The text before and after the first of an ASCII character. Cheaper than `split_once` for every word.
fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|b| b == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

/// A part of a text, for as long as the whole is there.
fn part<'t>(whole: &Cow<'t, str>, at: usize, length: usize) -> Cow<'t, str> {
    match whole {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(at..at + length).unwrap_or("")),
        Cow::Owned(text) => Cow::Owned(text.get(at..at + length).unwrap_or("").to_string()),
    }
}

/// Is it a keyword that cannot be a name?
fn is_reserved(name: &str) -> bool {
    Keyword::of(name).is_some_and(Keyword::is_reserved)
}

/// May `name` be given to something?
pub fn is_free_name(name: &str) -> bool {
    is_name(name)
        && !is_reserved(name)
        && !matches!(name, "true" | "false" | "not" | "tmpdir")
        && !name.strip_prefix('_').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

/// Why `name` cannot be given to anything, if it cannot.
pub fn name_problem(name: &str, span: Span) -> Option<Diagnostic> {
    if is_free_name(name) {
        return None;
    }
    if !is_name(name) {
        let problem = Diagnostic::new(
            span,
            say!(en "`{name}` cannot be a name", es "`{name}` no puede ser un nombre", name),
        );
        return Some(problem.help(say!(
            en "a name is letters, digits and `_`, and begins with no digit",
            es "un nombre son letras, dígitos y `_`, y no empieza con un dígito"
        )));
    }
    if is_reserved(name) || matches!(name, "true" | "false" | "not" | "_" | "tmpdir") {
        return Some(Diagnostic::new(
            span,
            say!(
                en "`{name}` is a word of the language, not a name",
                es "`{name}` es una palabra del lenguaje, no un nombre",
                name
            ),
        ));
    }
    let history =
        name.strip_prefix('_').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if history {
        return Some(Diagnostic::new(
            span,
            say!(
                en "`{name}` is the result of `In [{number}]`",
                es "`{name}` es el resultado de `In [{number}]`",
                name,
                number = &name[1..]
            ),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::diagnostic::Sources;

    fn read(text: &str) -> (Vec<Statement<'static>>, Vec<String>) {
        let mut sources = Sources::default();
        let source = sources.add("t", text);
        let mut problems = Vec::new();
        let tree: Vec<_> = parse(&source, &mut problems).into_iter().map(Statement::into_owned).collect();
        let said = problems
            .iter()
            .map(|p| {
                let place = sources.place(p.span).expect("a place");
                format!("{}:{} {}", place.line, place.column, p.message.english())
            })
            .collect();
        (tree, said)
    }

    /// The tree in one line: `a,b = s.cmd(2)`, blocks in braces.
    fn sketch(tree: &[Statement<'_>]) -> String {
        let line = |l: &Line<'_>| {
            let names: Vec<&str> = l.targets.iter().map(|n| &*n.text).collect();
            let names = if names.is_empty() { String::new() } else { format!("{} = ", names.join(",")) };
            let socket = l.socket.as_ref().map_or(String::new(), |s| format!("{}.", s.text));
            let rest =
                format!("{}{}", if l.help { "?" } else { "" }, if l.background.is_some() { "&" } else { "" });
            format!("{names}{socket}{}({}){rest}", l.command.text, l.words.len())
        };
        let part = |s: &Statement<'_>| match s {
            Statement::Line(l) => line(l),
            Statement::Block(b) => {
                b.arms.iter().map(|a| format!("{}{{{}}}", line(&a.head), sketch(&a.body))).collect()
            }
        };
        tree.iter().map(part).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn lines_and_blocks_are_read() {
        for (input, want) in [
            ("sock = socket inet stream", "sock = socket(2)"),
            ("a, b = accept", "a,b = accept(0)"),
            ("a,b = accept\na , b = accept", "a,b = accept(0); a,b = accept(0)"),
            ("s.connect h 80 &", "s.connect(2)&"),
            ("let x = 5", "let(3)"),
            ("=", "=(0)"),
            ("recv?", "recv(0)?"),
            ("repeat 2\n  close\nend", "repeat(1){close(0)}"),
            ("if a == b\nx\nelse if c == d\ny\nelse\nz\nend", "if(3){x(0)}else(4){y(0)}else(0){z(0)}"),
            ("try\na\nexcept X as e\nb\nfinally\nc\nend", "try(0){a(0)}except(3){b(0)}finally(0){c(0)}"),
            ("#!/usr/bin/env sockbook\n\n# note\nx", "x(0)"),
            ("\u{feff}x\r\ny\r\n", "x(0); y(0)"),
        ] {
            let (tree, problems) = read(input);
            assert_eq!(problems, Vec::<String>::new(), "{input}");
            assert_eq!(sketch(&tree), want, "{input}");
        }
    }

    #[test]
    fn every_mistake_is_found_in_one_pass() {
        let (_, problems) = read("repeat 2\na=socket\nsend \"\\q\"\nend\nend\nif x\n");
        assert_eq!(
            problems,
            [
                "2:1 `=` is a word of its own",
                "3:7 unknown escape `\\q`",
                "5:1 `end` without a block to end",
                "6:1 `if` is never closed",
            ]
        );
    }

    #[test]
    fn names_are_checked() {
        for (input, want) in [
            ("if = socket", "1:1 `if` is a word of the language, not a name"),
            ("2x = socket", "1:1 `2x` cannot be a name"),
            ("a, a = accept", "1:4 `a` stands twice before `=`"),
            ("x = 5", "1:5 a command is due after `=`"),
            ("x = $y", "1:5 a command is due here, and this is a value"),
            ("x =", "1:1 a command is missing after the `=`"),
            ("else", "1:1 `else` belongs in an `if` block"),
        ] {
            assert_eq!(read(input).1, [want], "{input}");
        }
    }

    #[test]
    fn answers_belong_to_the_line_above() {
        let (tree, problems) = read("recv 5\n  #> 5 bytes\n#>   more\nclose\n\n#> lost\n");
        assert_eq!(problems, ["6:1 an answer with no command above it"]);
        let Statement::Line(line) = &tree[0] else { panic!("a line") };
        assert_eq!(
            line.answer.as_ref().map(|a| a.lines.clone()),
            Some(vec!["5 bytes".into(), "  more".into()])
        );
    }

    #[test]
    fn blocks_cannot_eat_the_stack() {
        let (_, problems) = read(&"repeat 2\n".repeat(100_000));
        assert_eq!(problems, ["101:1 more than 100 blocks inside one another"]);
    }
}
