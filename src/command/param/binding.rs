//! What `let` gives a name: a value, or the result of one operation on two.

use super::{Got, Param};
use crate::command;
use crate::command::expr::Expr;
use crate::command::syntax::Kind;
use crate::command::words::Words;
use crate::session::Session;
use crate::session::names::Place;
use crate::text::diagnostic::Diagnostic;
use crate::words::one_of;

/// `NAME = WORD [OP WORD]`
#[derive(Debug)]
pub struct Binding {
    pub place: Place,
    pub left: Expr,
    pub operation: Option<(Operation, Expr)>,
}

/// What `let` works out of two integers.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Min,
    Max,
}

const OPERATIONS: &[(&str, Operation)] = &[
    ("+", Operation::Add),
    ("-", Operation::Subtract),
    ("*", Operation::Multiply),
    ("/", Operation::Divide),
    ("%", Operation::Remainder),
    ("min", Operation::Min),
    ("max", Operation::Max),
];

impl Param for Binding {
    type Value<'a> = &'a Binding;
    const KIND: Kind = Kind::Binding;
    const USAGE: &'static str = "NAME = WORD [OP WORD]";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let Some(target) = words.next_any() else {
            words.missing(name);
            return None;
        };
        words.note(name, target.span);
        let Some(text) = target.bare() else {
            words.report(
                Diagnostic::new(target.span, say!(en "a name is due here", es "aquí va un nombre"))
                    .help(say!(en "like `let n = 5`", es "como `let n = 5`")),
            );
            return None;
        };
        if let Some((name, value)) = text.split_once('=') {
            let help =
                say!(en "write `let {name} = {value}`", es "escribe `let {name} = {value}`", name, value);
            words.report(
                Diagnostic::new(
                    target.span,
                    say!(en "`=` is a word of its own", es "`=` es una palabra aparte"),
                )
                .help(help),
            );
            return None;
        }
        let checked = words.scope.check_target(text, target.span);
        words.accept(checked)?;
        match words.next_any() {
            Some(word) if word.bare() == Some("=") => {}
            Some(word) => {
                words.report(
                    Diagnostic::new(word.span, say!(en "`=` is due here", es "aquí va `=`"))
                        .help(say!(en "like `let n = 5`", es "como `let n = 5`")),
                );
                return None;
            }
            None => {
                words.missing(name);
                return None;
            }
        }
        let Some(first) = words.next_any() else {
            words.missing(name);
            return None;
        };
        if first.bare() != Some(text) {
            words.refuse_name(first)?;
        }
        let left = Expr::read(words, first);
        words.note("left", first.span);
        let operation = match words.next_any() {
            None => None,
            Some(word) => {
                let operation = word.bare().and_then(|t| OPERATIONS.iter().find(|(n, _)| *n == t));
                let Some(&(text, operation)) = operation else {
                    let problem = Diagnostic::new(
                        word.span,
                        say!(en "an operator is due here", es "aquí va un operador"),
                    );
                    let known = one_of(OPERATIONS.iter().map(|o| o.0));
                    let help = match word.bare().and_then(command::find) {
                        _ if first.bare().and_then(command::find).is_some() => {
                            say!(
                                en "to keep a command's result write `{text} = …`, without `let`",
                                es "para guardar el resultado de un comando escribe `{text} = …`, sin `let`",
                                text
                            )
                        }
                        _ => say!(
                            en "the operators are {known}; text with spaces is quoted",
                            es "los operadores son {known}; un texto con espacios va entre comillas",
                            known
                        ),
                    };
                    words.report(problem.help(help));
                    return None;
                };
                let Some(second) = words.next_any() else {
                    words.report(Diagnostic::new(
                        word.span,
                        say!(
                            en "something is missing after `{text}`",
                            es "falta algo después de `{text}`",
                            text
                        ),
                    ));
                    return None;
                };
                let right = Expr::read(words, second)?;
                words.note("right", second.span);
                words.note("operation", first.span.to(second.span));
                for side in left.iter().chain([&right]) {
                    if let Some(value) = side.literal()
                        && value.to_int().is_none()
                    {
                        let text = value.to_text();
                        let message =
                            say!(en "`{text}` is not an integer", es "`{text}` no es un entero", text);
                        words.report(Diagnostic::new(side.span, message));
                        return None;
                    }
                }
                Some((operation, right))
            }
        };
        // The name is known from the next line on, not on its own right side.
        let place = words.scope.assign(text);
        Some(Binding { place, left: left?, operation })
    }

    fn get<'a>(&'a self, _: &mut Session) -> Got<Self::Value<'a>> {
        Ok(self)
    }
}
