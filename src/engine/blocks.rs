//! Blocks of the tree to steps: loops, conditions, `try`, threads.

use std::collections::HashSet;
use std::sync::Arc;

use super::compile::{Reader, usage};
use super::program::{Block, Except, For, If, Kind, Spawn, Step, Subtest, Try};
use crate::command::condition::Condition;
use crate::command::expr::Expr;
use crate::command::param::{Param, Text};
use crate::session::names::Place;
use crate::text::diagnostic::{Diagnostic, Span};
use crate::text::forms::Keyword;
use crate::text::tree::{Arm, Block as TreeBlock, Line, Statement};
use crate::text::words::Word;
use crate::value::errno::Caught;

/// The names of a `for` and their places.
type Names = Box<[(Arc<str>, Place)]>;

/// `spawn NAME --daemon`: the script's end does not wait for it.
const DAEMON: &str = "--daemon";

impl Reader<'_> {
    pub(super) fn read_tree_block(&mut self, block: &TreeBlock<'_>) -> Option<Step> {
        let slips: Vec<(Span, Diagnostic)> =
            block.arms.iter().filter_map(|arm| Some((arm.head.span, self.slip_of(&arm.head)?))).collect();
        for arm in &block.arms {
            self.look_inside(&arm.head.words);
        }
        let step = self.read_sound_block(block);
        for (head, slip) in slips {
            // One mistake, one complaint: what else was found on that line follows from it.
            self.replace_problems(head, slip);
        }
        step
    }

    fn read_sound_block(&mut self, block: &TreeBlock<'_>) -> Option<Step> {
        let first = block.arms.first()?;
        let head = &first.head;
        let span = head.span;
        self.refuse_decoration(head);
        let kind = match head.keyword {
            Some(Keyword::Repeat) => {
                let count = self.with_words(head, Keyword::Repeat, |words| {
                    let word = words.require("n")?;
                    words.refuse_name(word)?;
                    let expr = Expr::read(words, word)?;
                    let bad = expr.literal().is_some_and(|v| v.to_int().is_none_or(|n| n < 0));
                    if bad {
                        let text = expr.literal().map_or(String::new(), |v| v.to_text());
                        let problem = Diagnostic::new(
                            word.span,
                            say!(
                                en "`{text}` is not a number of times",
                                es "`{text}` no es un número de veces",
                                text
                            ),
                        );
                        words.report(problem.help(say!(
                            en "`while true` is forever",
                            es "`while true` es para siempre"
                        )));
                    }
                    Some(expr)
                });
                let body = self.read_loop(&first.body);
                Kind::Repeat { count: Box::new(count?), body }
            }
            Some(Keyword::While) => {
                let condition = self.with_words(head, Keyword::While, |words| Condition::read(words, false));
                let body = self.read_loop(&first.body);
                Kind::While { condition: Box::new(condition?), body }
            }
            Some(Keyword::For) => {
                let read = self.read_for(head);
                if read.is_none() {
                    let names = head.words.iter().take_while(|word| !word.is("in"));
                    names.for_each(|word| self.know_meant(word));
                }
                let body = self.read_loop(&first.body);
                let (names, words) = read?;
                Kind::For(Box::new(For { names, words: words.into(), body }))
            }
            Some(Keyword::If) => self.read_if(block)?,
            Some(Keyword::Try) => self.read_try(block)?,
            Some(Keyword::Def) => {
                if self.in_def {
                    self.report(Diagnostic::new(
                        span,
                        say!(en "a `def` inside a `def`", es "un `def` dentro de un `def`"),
                    ));
                }
                Kind::Nothing
            }
            Some(Keyword::Spawn) => self.read_spawn(first)?,
            Some(Keyword::Subtest) => {
                let title = self.with_words(head, Keyword::Subtest, |words| Text::read(words, "text"));
                let body = self.read_block(&first.body);
                Kind::Subtest(Box::new(Subtest { title: title?, body }))
            }
            _ => {
                let other = &head.command.text;
                self.report(Diagnostic::new(
                    head.command.span,
                    say!(en "`{other}` begins no block", es "`{other}` no inicia un bloque", other),
                ));
                return None;
            }
        };
        Some(Step { span, kind })
    }

    /// `spawn NAME`: its body is a thread of its own. What it makes is known inside only.
    fn read_spawn(&mut self, arm: &Arm<'_>) -> Option<Kind> {
        let head = &arm.head;
        let daemon = head.words.iter().position(|w| w.is(DAEMON));
        let words: Vec<&Word<'_>> = head.words.iter().filter(|w| !w.is(DAEMON)).collect();
        let ([word], true) = (words.as_slice(), head.words.len() - words.len() < 2) else {
            let span = words.get(1).map_or(head.command.span, |w| w.span);
            words.iter().take(1).for_each(|word| self.know_meant(word));
            let problem =
                Diagnostic::new(span, say!(en "`spawn` takes one name", es "`spawn` lleva un solo nombre"))
                    .help(crate::text::diagnostic::usage(Keyword::Spawn.row().usage()));
            self.report(if words.is_empty() { problem.unfinished() } else { problem });
            return None;
        };
        let name = word.bare().unwrap_or("").to_string();
        if let Err(problem) = self.scope.check_target(&name, word.span) {
            self.report(problem);
            self.know_meant(word);
            return None;
        }
        let place = self.scope.assign(&name);
        self.scope.note_given(&name, place, word.span);
        let before = self.scope.mark();
        let (loops, in_def) = (std::mem::take(&mut self.loops), std::mem::replace(&mut self.in_def, true));
        let body = self.read_block(&arm.body);
        (self.loops, self.in_def) = (loops, in_def);
        self.scope.forget(before);
        Some(Kind::Spawn(Arc::new(Spawn { name, place, daemon: daemon.is_some(), body })))
    }

    fn read_loop(&mut self, body: &[Statement<'_>]) -> Block {
        self.loops += 1;
        let body = self.read_block(body);
        self.loops -= 1;
        body
    }

    /// `for NAME, … in WORD…`
    fn read_for(&mut self, head: &Line<'_>) -> Option<(Names, Vec<Expr>)> {
        let before = head.words.iter().position(|w| w.is("in")).unwrap_or(head.words.len());
        let (list, rest) = head.words.split_at(before);
        let first = list.first().filter(|w| w.bare().is_some());
        let Some(first) = first else {
            self.report(
                Diagnostic::new(head.span, say!(en "`for` needs a name", es "`for` requiere un nombre"))
                    .help(usage(Keyword::For))
                    .unfinished(),
            );
            return None;
        };
        let mut names: Vec<(String, Span)> = Vec::new();
        // A name follows only where a comma stands before it.
        let mut due = true;
        for word in list {
            let text = word.bare().unwrap_or("");
            if !due && !text.starts_with(',') {
                self.report_in(word.span);
                return None;
            }
            let mut at = word.span.start;
            for piece in text.split(',') {
                let span = Span { start: at, end: at + piece.len() as u32 };
                at = span.end + 1;
                if !piece.is_empty() {
                    names.push((piece.to_string(), span));
                }
            }
            due = text.ends_with(',');
        }
        if rest.is_empty() {
            let after =
                list.iter().position(|w| !w.bare().is_some_and(|t| t.ends_with(','))).map_or(0, |n| n + 1);
            self.report_in(list.get(after).map_or(first.span, |w| w.span));
            return None;
        }
        let mut good = true;
        let mut before: HashSet<&str> = HashSet::new();
        for (name, span) in &names {
            if name == "_" {
                continue;
            }
            if let Err(problem) = self.scope.check_target(name, *span) {
                self.report(problem);
                good = false;
            } else if !before.insert(name) {
                self.report(Diagnostic::new(
                    *span,
                    say!(en "`{text}` stands twice", es "`{text}` aparece dos veces", text = name),
                ));
                good = false;
            }
        }
        if names.is_empty() {
            self.report(Diagnostic::new(
                first.span,
                say!(en "`for` needs a name", es "`for` requiere un nombre"),
            ));
            good = false;
        }
        if !good {
            return None;
        }
        let own = |word: &Word<'_>| word.bare().is_some_and(|text| before.contains(text));
        let exprs = self.with_words_of(head, &rest[1..], Keyword::For, |words| {
            let mut exprs = Vec::new();
            while let Some(word) = words.next() {
                let refused = if own(word) { Some(()) } else { words.refuse_name(word) };
                exprs.push(refused.and_then(|()| Expr::read(words, word)));
            }
            exprs.into_iter().collect::<Option<Vec<_>>>()
        });
        let place = |(name, span): &(String, Span)| match name.as_str() {
            // It throws its value away.
            "_" => (Arc::from("_"), Place::Last),
            name => {
                let place = self.scope.assign(name);
                self.scope.note_given(name, place, *span);
                self.scope.note_map(place, true);
                (Arc::from(name), place)
            }
        };
        let places: Vec<_> = names.iter().map(place).collect();
        Some((places.into(), exprs?))
    }

    fn report_in(&mut self, span: Span) {
        self.report(
            Diagnostic::new(span, say!(en "`in` is due after the name", es "después del nombre va `in`"))
                .help(usage(Keyword::For))
                .unfinished(),
        );
    }

    fn read_if(&mut self, block: &TreeBlock<'_>) -> Option<Kind> {
        let mut arms = Vec::new();
        let mut otherwise: Block = Box::default();
        let mut good = true;
        for (at, arm) in block.arms.iter().enumerate() {
            let words = &arm.head.words;
            let words = match (at, words.first()) {
                (0, _) => Some(&words[..]),
                (_, Some(word)) if word.bare().and_then(Keyword::of) == Some(Keyword::If) => {
                    Some(&words[1..])
                }
                (_, None) => None,
                _ => {
                    let problem = Diagnostic::new(
                        words[0].span,
                        say!(
                            en "only `if CONDITION` may follow `else`",
                            es "después de `else` solo puede ir `if CONDITION`"
                        ),
                    );
                    self.report(problem);
                    good = false;
                    None
                }
            };
            let condition = words.map(|w| {
                self.with_words_of(&arm.head, w, Keyword::If, |words| Condition::read(words, false))
            });
            let body = self.read_block(&arm.body);
            match condition {
                None => otherwise = body,
                Some(Some(condition)) => arms.push((condition, body)),
                Some(None) => good = false,
            }
        }
        good.then(|| Kind::If(Box::new(If { arms: arms.into(), otherwise })))
    }

    fn read_try(&mut self, block: &TreeBlock<'_>) -> Option<Kind> {
        let mut made = Try { body: Box::default(), excepts: Vec::new(), finally: None };
        if let [only] = block.arms.as_slice() {
            let problem = Diagnostic::new(
                only.head.command.span,
                say!(en "a `try` without `except` or `finally`", es "un `try` sin `except` ni `finally`"),
            );
            // A block that is never closed ends where it begins: an arm may follow.
            let is_open = block.end == only.head.command.span;
            self.report(if is_open { problem.incomplete() } else { problem });
        }
        let mut any = false;
        for arm in &block.arms {
            match arm.head.keyword {
                Some(Keyword::Except) => {
                    if any {
                        let span = arm.head.command.span;
                        self.report(Diagnostic::new(
                            span,
                            say!(
                                en "nothing gets past the `except` above",
                                es "nada pasa más allá del `except` de arriba"
                            ),
                        ));
                    }
                    let (caught, name) = self.read_except(&arm.head);
                    any = caught.is_empty();
                    let body = self.read_block(&arm.body);
                    made.excepts.push(Except { caught, name, body });
                }
                Some(Keyword::Finally) => {
                    self.refuse_words(&arm.head);
                    made.finally = Some(self.read_block(&arm.body));
                }
                _ => {
                    self.refuse_words(&arm.head);
                    let doubts = self.scope.doubts.len();
                    made.body = self.read_block(&arm.body);
                    // An `except` may be there for just that.
                    self.scope.doubts.truncate(doubts);
                }
            }
        }
        Some(Kind::Try(Box::new(made)))
    }

    /// `except [ERROR…] [as NAME]`
    fn read_except(&mut self, head: &Line<'_>) -> (Vec<Caught>, Option<Place>) {
        let at = head.words.iter().position(|w| w.bare() == Some("as"));
        let (errors, name) = head.words.split_at(at.unwrap_or(head.words.len()));
        let mut caught = Vec::new();
        for word in errors {
            let text = word.bare().unwrap_or("").trim_end_matches(',').to_string();
            match Caught::from_name(&text) {
                Some(error) => caught.push(error),
                None => {
                    let problem = Diagnostic::new(
                        word.span,
                        say!(
                            en "`{text}` is not the name of an error",
                            es "`{text}` no es el nombre de un error",
                            text
                        ),
                    );
                    let near = crate::text::diagnostic::suggest(&text, Caught::names());
                    self.report(problem.help(near.unwrap_or_else(|| {
                        say!(
                            en "like `ECONNREFUSED`, `ConnectionError` or `TimeoutError`",
                            es "como `ECONNREFUSED`, `ConnectionError` o `TimeoutError`"
                        )
                    })));
                }
            }
        }
        let place = match name {
            [] => None,
            [_, name] => match self.scope.check_target(name.bare().unwrap_or(""), name.span) {
                Ok(()) => {
                    let (text, span) = (name.bare().unwrap_or(""), name.span);
                    let place = self.scope.assign(text);
                    self.scope.note_given(text, place, span);
                    Some(place)
                }
                Err(problem) => {
                    self.report(problem);
                    self.know_meant(name);
                    None
                }
            },
            [first, rest @ ..] => {
                rest.iter().take(1).for_each(|word| self.know_meant(word));
                let span = rest.last().map_or(first.span, |w| w.span);
                let problem = Diagnostic::new(
                    first.span.to(span),
                    say!(en "one name is due after `as`", es "después de `as` va un nombre"),
                );
                self.report(if rest.is_empty() { problem.unfinished() } else { problem });
                None
            }
        };
        (caught, place)
    }
}
