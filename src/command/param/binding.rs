//! What `let` and `share` give a name: the value of an expression.

use super::{Got, Param};
use crate::command::expr::Expr;
use crate::command::row::Does;
use crate::command::syntax::Kind;
use crate::command::words::Words;
use crate::command::{self, formula};
use crate::session::Session;
use crate::session::names::Place;
use crate::text::diagnostic::{Diagnostic, Span};
use crate::text::parse::is_free_name;

/// `NAME = EXPRESSION`, or `NAME, NAME = EXPRESSION` for the items of a list.
#[derive(Debug)]
pub struct Binding {
    pub places: Box<[Place]>,
    /// From the first name to the last.
    pub names: Span,
    pub value: Expr,
}

impl Param for Binding {
    type Value<'a> = &'a Binding;
    const KIND: Kind = Kind::Binding;
    const USAGE: &'static str = "NAME = EXPRESSION";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let (names, span) = read_names(words, name)?;
        match words.next_any() {
            Some(word) if word.is("=") => {}
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
        if words.is_empty() {
            words.missing(name);
            return None;
        }
        let value = formula::expression(words, &names)?;
        let may_be_map = value.may_be_map(words.scope);
        let shares = command::find(words.syntax.name).is_some_and(|row| row.does(Does::Shares));
        // The names are known from the next line on, not on their own right side.
        let mut places = Vec::with_capacity(names.len());
        for name in &names {
            let place = match &**name {
                "_" => Some(Place::Last),
                name if shares => words.scope.share(name),
                name => Some(words.scope.assign(name)),
            };
            let Some(place) = place else {
                words.report(shared_late(name, span));
                return None;
            };
            words.scope.note_map(place, may_be_map);
            places.push(place);
        }
        Some(Binding { places: places.into(), names: span, value })
    }

    fn get<'a>(&'a self, _: &mut Session) -> Got<Self::Value<'a>> {
        Ok(self)
    }
}

/// The mistake of a `share` of a name that a line above gives a value of its own.
pub fn shared_late(name: &str, span: Span) -> Diagnostic {
    let message = say!(
        en "a line above gives `{name}` a value that is not shared",
        es "una línea anterior da a `{name}` un valor que no es compartido",
        name
    );
    Diagnostic::new(span, message).help(say!(
        en "`share` stands before every other line that gives it a value",
        es "`share` va antes de toda otra línea que le dé un valor"
    ))
}

/// The names before `=`, and where they stand.
fn read_names(words: &mut Words<'_>, name: &'static str) -> Option<(Vec<String>, Span)> {
    let Some(first) = words.next_any() else {
        words.missing(name);
        return None;
    };
    words.note(name, first.span);
    let (mut word, mut names, mut span) = (first, Vec::new(), first.span);
    loop {
        let Some(text) = word.bare() else {
            words.report(
                Diagnostic::new(word.span, say!(en "a name is due here", es "aquí va un nombre"))
                    .help(say!(en "like `let n = 5`", es "como `let n = 5`")),
            );
            return None;
        };
        if let Some((name, value)) = text.split_once('=') {
            let keyword = words.syntax.name;
            let help = say!(
                en "write `{keyword} {name} = {value}`", es "escribe `{keyword} {name} = {value}`", keyword, name, value
            );
            words.report(
                Diagnostic::new(
                    word.span,
                    say!(en "`=` is a word of its own", es "`=` es una palabra aparte"),
                )
                .help(help),
            );
            return None;
        }
        span = span.to(word.span);
        let mut at = word.span.start;
        for piece in text.split(',') {
            let place = Span { start: at, end: at + piece.len() as u32 };
            at = place.end + 1;
            if piece.is_empty() {
                continue;
            }
            let thrown_away = piece == "_" && (text.contains(',') || !names.is_empty());
            if !thrown_away && !is_free_name(piece) {
                let checked = words.scope.check_target(piece, place);
                words.accept(checked)?;
            }
            if piece != "_" && names.iter().any(|name| name == piece) {
                let message = say!(
                    en "`{name}` stands twice before `=`", es "`{name}` aparece dos veces antes de `=`", name = piece
                );
                words.report(Diagnostic::new(place, message));
                return None;
            }
            names.push(piece.to_string());
        }
        let comma = text.ends_with(',');
        match words.peek() {
            Some(next) if comma || next.bare().is_some_and(|t| t.starts_with(',')) => {
                word = words.next_any()?;
                if word.is("=") {
                    return None;
                }
            }
            _ => break,
        }
    }
    if names.is_empty() {
        let checked = words.scope.check_target(first.bare().unwrap_or(""), first.span);
        words.accept(checked)?;
        return None;
    }
    Some((names, span))
}
