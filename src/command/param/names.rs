//! Names of the script itself, with what they stand for.

use std::sync::Arc;

use super::{Got, Param};
use crate::command::syntax::Kind;
use crate::command::words::Words;
use crate::session::Session;
use crate::session::names::Place;
use crate::text::diagnostic::{Diagnostic, usage};
use crate::value::Value;

/// `NAME…`
#[derive(Debug)]
pub struct Names(Vec<(Arc<str>, Place)>);

impl Param for Names {
    type Value<'a> = Vec<(Arc<str>, Value)>;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "NAME…";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let mut names = Vec::new();
        let mut good = true;
        if words.is_empty() {
            words.missing(name);
            return None;
        }
        while let Some(word) = words.next() {
            words.note(name, word.span);
            let text = match (word.bare(), word.value()) {
                (Some(text), _) => text,
                (None, Some(value)) => {
                    let message = phrase!(
                        en "a name is due here, and this is its value",
                        es "aquí va un nombre, y esto es su valor"
                    );
                    let help = usage(value.name.to_string());
                    words.report(Diagnostic::new(word.span, message).help(help));
                    good = false;
                    continue;
                }
                (None, None) => {
                    let message = phrase!(en "a name is due here", es "aquí va un nombre");
                    words.report(Diagnostic::new(word.span, message));
                    good = false;
                    continue;
                }
            };
            let place = words.scope.require(text, word.span, "name");
            match words.accept(place) {
                Some(place) => names.push((text.into(), place)),
                None => good = false,
            }
        }
        good.then_some(Names(names))
    }

    fn get(&self, session: &mut Session) -> Got<Self::Value<'_>> {
        let value = |(name, place): &(Arc<str>, Place)| {
            let value = session.get(*place)?;
            Ok((name.clone(), session.look(&value)?))
        };
        self.0.iter().map(value).collect()
    }
}
