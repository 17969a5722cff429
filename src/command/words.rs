//! The words of a line on their way to becoming a command's arguments.

use std::sync::Arc;

use crate::command::row::Gives;
pub use crate::command::syntax::OptionSpec;
use crate::command::syntax::Syntax;
use crate::session::names::Scope;
use crate::text::diagnostic::{Diagnostic, Span, suggest, usage};
use crate::text::tree::{Line, Name};
use crate::text::words::{Word, is_name};
use crate::value::PROPERTIES;

/// An option that was given.
struct Given<'a> {
    spec: &'static OptionSpec,
    span: Span,
    value: Option<&'a Word<'a>>,
}

/// The words that are no options.
enum List<'a> {
    /// There are no options among them.
    All(&'a [Word<'a>]),
    Sorted(Vec<&'a Word<'a>>),
}

/// Reads one line's words for one command or keyword.
pub struct Words<'a> {
    pub syntax: Syntax,
    /// The command's own place.
    pub command: Span,
    /// The text they stand in, for what would keep a piece of it.
    pub text: Option<&'a Arc<String>>,
    /// The names that the line gives a value: on its right side they are what they were.
    pub targets: &'a [Name<'a>],
    /// How many items the list has that the command gives, where its words tell it.
    pub values: Option<usize>,
    words: List<'a>,
    next: usize,
    given: Vec<Given<'a>>,
    pub scope: &'a mut Scope,
    problems: &'a mut Vec<Diagnostic>,
    failed: bool,
    /// A word was taken for an option and refused: that nothing is left may follow from it.
    refused: bool,
    /// Where each parameter was read from, for the caret under an error; kept only where it was asked for.
    spans: Option<Vec<(&'static str, Span)>>,
}

impl<'a> Words<'a> {
    pub fn new(
        syntax: Syntax,
        command: Span,
        words: &'a [Word<'a>],
        scope: &'a mut Scope,
        problems: &'a mut Vec<Diagnostic>,
    ) -> Words<'a> {
        let mut reader = Words {
            syntax,
            command,
            text: None,
            targets: &[],
            values: None,
            words: List::All(words),
            next: 0,
            given: Vec::new(),
            scope,
            problems,
            failed: false,
            refused: false,
            spans: None,
        };
        if words.iter().any(|w| w.bare().is_some_and(|t| t.starts_with("--"))) {
            let sorted = reader.sort_out(words);
            reader.words = List::Sorted(sorted);
        }
        reader.refused = reader.failed;
        reader
    }

    /// The words of a command that stands in a word of these.
    pub fn inner<'b>(&'b mut self, line: &'b Line<'b>, syntax: Syntax) -> Words<'b> {
        let mut inner =
            Words::new(syntax, line.command.span, &line.words, &mut *self.scope, &mut *self.problems);
        inner.text = self.text;
        inner
    }

    /// Was anything wrong?
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// Something was wrong with the words of a command in a word of these.
    pub fn take_failure(&mut self, failed: bool) {
        self.failed |= failed;
    }

    /// The same, which also keeps where each parameter stood, for [`Words::place_of`].
    pub fn noting(mut self) -> Words<'a> {
        self.spans = Some(Vec::new());
        self
    }

    /// Where this parameter was read from.
    pub fn place_of(&self, parameter: &str) -> Option<Span> {
        self.spans.as_ref()?.iter().find(|(name, _)| *name == parameter).map(|(_, span)| *span)
    }

    /// Takes the options out from among the words.
    fn sort_out(&mut self, words: &'a [Word<'a>]) -> Vec<&'a Word<'a>> {
        let mut sorted = Vec::with_capacity(words.len());
        let mut rest = words.iter();
        let mut over = false;
        while let Some(word) = rest.next() {
            let option = word.bare().filter(|t| t.starts_with("--") && !over);
            match option {
                Some("--") => over = true,
                Some(name) => self.accept_option(name, word, &mut rest),
                None => {
                    sorted.push(word);
                    // What follows the process's name and the command is the program's.
                    over |= self.syntax.words_before_program().is_some_and(|n| sorted.len() > n + 1);
                }
            }
        }
        sorted
    }

    /// Were there no options?
    pub fn is_plain(&self) -> bool {
        self.given.is_empty()
    }

    fn accept_option(&mut self, name: &str, word: &'a Word<'a>, rest: &mut std::slice::Iter<'a, Word<'a>>) {
        let row = self.syntax;
        let Some(spec) = row.options().find(|o| o.name == name) else {
            let message = match row.is_definition() {
                true => say!(
                    en "the command of a `def` has no options, as `{name}` would be",
                    es "el comando de un `def` no tiene opciones, como lo sería `{name}`",
                    name
                ),
                false => say!(
                    en "`{command}` has no option `{name}`",
                    es "`{command}` no tiene la opción `{name}`",
                    command = row.name,
                    name
                ),
            };
            let problem = Diagnostic::new(word.span, message);
            let names: Vec<&str> = row.options().map(|o| o.name).collect();
            let problem = match suggest(name, names.iter().copied()) {
                Some(near) => problem.help(near),
                None if names.is_empty() => {
                    problem.help(say!(en "quote it, if it is text", es "ponlo entre comillas, si es texto"))
                }
                None => problem.help(
                    say!(en "it takes {words}", es "lleva {words}", words = crate::words::one_of(names)),
                ),
            };
            self.report(problem);
            return;
        };
        if !spec.repeats() && self.given.iter().any(|g| g.spec.name == name) {
            self.report(Diagnostic::new(
                word.span,
                say!(en "`{name}` is given twice", es "`{name}` aparece dos veces", name),
            ));
        }
        let value = match spec.value {
            None => None,
            Some(_) => rest.next(),
        };
        if let (Some(placeholder), None) = (spec.value, value) {
            let message = say!(
                en "`{name}` needs a value: {placeholder}",
                es "`{name}` requiere un valor: {placeholder}",
                name,
                placeholder
            );
            self.report(Diagnostic::new(word.span, message).unfinished());
        }
        self.given.push(Given { spec, span: word.span, value });
    }

    pub fn report(&mut self, problem: Diagnostic) {
        self.failed |= problem.is_error();
        // One mistake, one complaint.
        if !(self.refused && self.is_empty() && problem.is_error()) {
            self.problems.push(problem);
        }
    }

    /// Reports what `result` says is wrong.
    pub fn accept<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|problem| self.report(problem)).ok()
    }

    /// Was this switch given?
    pub fn switch(&self, name: &str) -> Option<Span> {
        self.given.iter().find(|g| g.spec.name == name).map(|g| g.span)
    }

    /// Was any of these options given?
    pub fn gives_any(&self, options: &[OptionSpec]) -> bool {
        self.given.iter().any(|g| options.iter().any(|o| o.name == g.spec.name))
    }

    /// The value given with this option.
    pub fn option(&self, name: &str) -> Option<&'a Word<'a>> {
        self.given.iter().find(|g| g.spec.name == name).and_then(|g| g.value)
    }

    /// Every value given with an option that may stand several times.
    pub fn every_option(&self, name: &str) -> Vec<&'a Word<'a>> {
        self.given.iter().filter(|g| g.spec.name == name).filter_map(|g| g.value).collect()
    }

    /// Reads an option's value as a parameter reads its word. The outer `None` is a mistake.
    pub fn with_option<P>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<P>,
    ) -> Option<Option<P>> {
        let Some(word) = self.option(name) else { return Some(None) };
        let before = self.next;
        let outer = std::mem::replace(&mut self.words, List::Sorted(vec![word]));
        self.next = 0;
        let made = read(self, name);
        self.words = outer;
        self.next = before;
        made.map(Some)
    }

    fn at(&self, index: usize) -> Option<&'a Word<'a>> {
        match &self.words {
            List::All(words) => words.get(index),
            List::Sorted(words) => words.get(index).copied(),
        }
    }

    fn count(&self) -> usize {
        match &self.words {
            List::All(words) => words.len(),
            List::Sorted(words) => words.len(),
        }
    }

    fn last(&self) -> Option<&'a Word<'a>> {
        self.at(self.count().checked_sub(1)?)
    }

    pub fn is_empty(&self) -> bool {
        self.next >= self.count()
    }

    pub fn peek(&self) -> Option<&'a Word<'a>> {
        self.at(self.next)
    }

    /// The word after so many others.
    pub fn peek_at(&self, ahead: usize) -> Option<&'a Word<'a>> {
        self.at(self.next + ahead)
    }

    /// The word that was taken last.
    pub fn previous(&self) -> Option<&'a Word<'a>> {
        self.at(self.next.checked_sub(1)?)
    }

    /// How many words are left.
    pub fn left(&self) -> usize {
        self.count().saturating_sub(self.next)
    }

    /// Takes the word that was looked at for a parameter.
    pub fn advance(&mut self, parameter: &'static str, word: &Word<'_>) {
        self.next += 1;
        self.note(parameter, word.span);
    }

    /// The next word, whatever it is.
    pub fn next_any(&mut self) -> Option<&'a Word<'a>> {
        let word = self.peek()?;
        self.next += 1;
        Some(word)
    }

    /// The next word as an argument: a shell's operators are none.
    pub fn next(&mut self) -> Option<&'a Word<'a>> {
        let word = self.next_any()?;
        if let Some(text) = word.bare().filter(|t| t.len() < 3 || t.ends_with(';')) {
            if matches!(text, ";" | "|" | "||" | "&&" | "&" | ">" | ">>" | "<" | "<=" | ">=" | "==" | "=") {
                let help = match text {
                    "=" => phrase!(
                        en "quote it, if it is text; for a value write `NAME = COMMAND`",
                        es "ponlo entre comillas, si es texto; para un valor escribe `NAME = COMMAND`"
                    ),
                    ">" | ">>" => phrase!(
                        en "quote it, if it is text; to receive into a file there is `--to PATH`",
                        es "ponlo entre comillas, si es texto; para recibir en un archivo existe `--to PATH`"
                    ),
                    "&" => phrase!(
                        en "quote it, if it is text; `&` stands at the end of a line",
                        es "ponlo entre comillas, si es texto; `&` va al final de una línea"
                    ),
                    ";" => phrase!(
                        en "quote it, if it is text; each command has a line of its own",
                        es "ponlo entre comillas, si es texto; cada comando va en su propia línea"
                    ),
                    _ => phrase!(en "quote it, if it is text", es "ponlo entre comillas, si es texto"),
                };
                self.report(
                    Diagnostic::new(
                        word.span,
                        say!(en "`{text}` has no meaning here", es "`{text}` no significa nada aquí", text),
                    )
                    .help(help),
                );
                // Once is enough: what the parameter makes of it would only be a second complaint.
                return None;
            } else if text.len() > 1 && text.ends_with(';') {
                let end = Span { start: word.span.end - 1, end: word.span.end };
                self.report(
                    Diagnostic::new(end, say!(en "`;` has no meaning here", es "`;` no significa nada aquí"))
                        .help(say!(
                            en "quote it, if it is text; each command has a line of its own",
                            es "ponlo entre comillas, si es texto; cada comando va en su propia línea"
                        )),
                );
                return None;
            }
        }
        Some(word)
    }

    /// Reports a bare word that is a name to which a line above gives a value: its letters are not meant.
    /// A name that this line itself gives a value does not count.
    pub fn refuse_name(&mut self, word: &Word<'_>) -> Option<()> {
        match self.name_as_text(word) {
            None => Some(()),
            Some(problem) => {
                self.report(problem);
                None
            }
        }
    }

    /// The same as a problem that is not reported.
    pub fn name_as_text(&self, word: &Word<'_>) -> Option<Diagnostic> {
        let Some(name) = self.given_name(word) else { return self.dotted_as_text(word) };
        let message = say!(
            en "`{name}` is text here, and a line above gives it a value",
            es "`{name}` es texto aquí, y una línea anterior le da un valor",
            name
        );
        let help = say!(
            en "write `${name}` for the value, or `\"{name}\"` for the text",
            es "escribe `${name}` para el valor, o `\"{name}\"` para el texto",
            name
        );
        Some(Diagnostic::new(word.span, message).help(help))
    }

    /// What was meant by a bare word `NAME.rest`, where a line above gives the name a value: a property of it, or what a
    /// command gives on it.
    pub fn meant_by_dotted(&self, word: &Word<'_>) -> Option<String> {
        let text = word.bare()?;
        let (_, rest) = text.split_once('.').filter(|(name, _)| self.is_given(name))?;
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if rest.split('.').all(|part| PROPERTIES.contains(&part) || is_number(part)) {
            return Some(format!("${{{text}}}"));
        }
        let command = super::find(rest).filter(|command| command.shape.on_socket)?;
        (command.gives != Gives::Nothing).then(|| format!("$({text})"))
    }

    /// Such a word as a problem.
    fn dotted_as_text(&self, word: &Word<'_>) -> Option<Diagnostic> {
        let meant = self.meant_by_dotted(word)?;
        let text = word.bare()?;
        let name = text.split('.').next()?;
        let message = say!(
            en "`{text}` is text here, and a line above gives `{name}` a value",
            es "`{text}` es texto aquí, y una línea anterior le da un valor a `{name}`",
            text,
            name
        );
        let help = say!(
            en "write `{meant}` for the value, or `\"{text}\"` for the text",
            es "escribe `{meant}` para el valor, o `\"{text}\"` para el texto",
            meant,
            text
        );
        Some(Diagnostic::new(word.span, message).help(help))
    }

    /// A bare word that is a name to which a line above gives a value.
    pub fn given_name<'w>(&self, word: &'w Word<'_>) -> Option<&'w str> {
        word.bare().filter(|name| self.is_given(name))
    }

    /// Does a line above give a value of this name, and this line none?
    fn is_given(&self, name: &str) -> bool {
        let is_target = || self.targets.iter().any(|target| target.text == name);
        is_name(name) && self.scope.is_given(name) && !is_target()
    }

    /// The next word, or the report that the parameter is missing.
    pub fn require(&mut self, name: &str) -> Option<&'a Word<'a>> {
        if self.is_empty() {
            self.missing(name);
            return None;
        }
        self.next()
    }

    pub fn missing(&mut self, name: &str) {
        let (shown, wanted) = (self.syntax.usage(), self.syntax.wanted(name));
        let span = self.last().map_or(self.command, |w| w.span);
        self.report(
            Diagnostic::new(
                span,
                say!(
                    en "`{command}` needs {wanted}",
                    es "`{command}` requiere {wanted}",
                    command = self.syntax.name,
                    wanted
                ),
            )
            .help(usage(shown))
            .unfinished(),
        );
    }

    /// Remembers where a parameter came from.
    pub fn note(&mut self, name: &'static str, span: Span) {
        if let Some(spans) = &mut self.spans {
            spans.push((name, span));
        }
    }

    /// Where the last word stands.
    pub fn last_span(&self) -> Option<Span> {
        self.last().map(|w| w.span)
    }

    /// Is every word used? Says which are too many; `None` if anything was wrong.
    pub fn finish(&mut self) -> Option<()> {
        if let Some(first) = self.peek()
            && !self.failed
        {
            // A shell's operator is what was meant, more often than one word too many.
            self.next();
            if self.failed {
                return None;
            }
            self.next -= 1;
            let last = self.last().map_or(first.span, |w| w.span);
            let shown = self.syntax.usage();
            let name = self.syntax.name;
            let message = if self.next == 0 {
                say!(en "`{name}` takes no words", es "`{name}` no lleva palabras", name)
            } else {
                say!(en "too many words for `{name}`", es "demasiadas palabras para `{name}`", name)
            };
            self.report(Diagnostic::new(first.span.to(last), message).help(usage(shown)));
        }
        (!self.failed).then_some(())
    }
}
