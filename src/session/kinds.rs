//! What is known for certain of a name's value before anything runs: its kind, and so the properties that it has.

use super::names::Place;
use crate::text::diagnostic::{Diagnostic, Span, did_you_mean, nearest, there_are};
use crate::words::{Counted, Noun};

/// Properties that only bytes have.
const OF_BYTES: &[&str] = &["len", "text", "hex", "base64", "trim", "lines", "int", "repr", "chars"];

/// What every line that gives a name a value gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    Socket,
    Process,
    Address,
    /// A list of so many items, which nothing makes longer.
    Items(usize),
}

/// What is known of a name so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// No line has given it a value yet.
    #[default]
    Unset,
    Always(Known),
    /// Lines differ, or one is not known.
    Any,
}

impl Kind {
    /// With one more line that gives a value.
    pub fn and(self, known: Option<Known>) -> Kind {
        match (self, known) {
            (Kind::Unset, Some(known)) => Kind::Always(known),
            (Kind::Always(before), Some(known)) if before == known => self,
            _ => Kind::Any,
        }
    }
}

/// A property that a value of a known kind does not have: a mistake, unless a line further down gives the name a value of
/// another kind.
#[derive(Clone, Debug)]
pub struct Doubt {
    /// The name's; none of the result of a `$(…)`.
    pub place: Option<Place>,
    known: Known,
    /// What does not have it: the name's value, or a property of it.
    of: Known,
    property: String,
    /// The property, its dot before it.
    span: Span,
}

impl Known {
    /// Its properties; none where any may be one of them.
    fn properties(self) -> Option<&'static [&'static str]> {
        match self {
            Known::Socket => Some(&[
                "name", "fd", "family", "type", "local", "peer", "state", "recvq", "sendq", "backlog",
                "info", "events",
            ]),
            Known::Process => Some(&["pid", "status", "stdout", "stderr", "name"]),
            Known::Address => Some(&[
                "host", "port", "family", "cid", "protocol", "ifindex", "hatype", "pkttype", "addr", "pid",
                "groups", "flow",
            ]),
            Known::Items(_) => None,
        }
    }

    fn has(self, property: &str) -> bool {
        match (self, property.parse::<usize>()) {
            (Known::Items(count), Ok(index)) => index < count,
            _ => self.properties().is_none_or(|all| all.contains(&property)),
        }
    }

    /// What one of its properties is, where that is certain.
    fn of(self, property: &str) -> Option<Known> {
        matches!((self, property), (Known::Socket, "local" | "peer")).then_some(Known::Address)
    }

    /// The first of these properties that there cannot be.
    pub fn doubt(self, place: Option<Place>, properties: &[(String, Span)]) -> Option<Doubt> {
        let mut of = self;
        for (property, span) in properties {
            if !of.has(property) {
                let span = Span { start: span.start - 1, ..*span };
                return Some(Doubt { place, known: self, of, property: property.clone(), span });
            }
            of = of.of(property)?;
        }
        None
    }
}

impl Doubt {
    /// Is what it takes for certain of the name still so? `kind`: what is known of it by now.
    pub fn stands(&self, kind: Option<Kind>) -> bool {
        kind.is_none_or(|kind| kind == Kind::Always(self.known))
    }

    /// The mistake, if this is still what is known of the name.
    pub fn settle(&self, kind: Option<Kind>) -> Option<Diagnostic> {
        if !self.stands(kind) {
            return None;
        }
        let property = &*self.property;
        let message = match self.of {
            Known::Socket => {
                say!(en "a socket has no `.{property}`", es "un socket no tiene `.{property}`", property)
            }
            Known::Process => {
                say!(en "a process has no `.{property}`", es "un proceso no tiene `.{property}`", property)
            }
            Known::Address => {
                say!(en "an address has no `.{property}`", es "una dirección no tiene `.{property}`", property)
            }
            Known::Items(count) => {
                let problem = say!(
                    en "there is no `.{property}` in a list of {count}",
                    es "no hay `.{property}` en una lista de {count}",
                    property, count
                );
                return Some(Diagnostic::new(self.span, problem).help(say!(
                    en "the line that makes it gives {values}, and `.0` is the first",
                    es "la línea que la crea da {values}, y `.0` es el primero",
                    values = Counted { n: count as u64, noun: Noun::Value }
                )));
            }
        };
        let all = self.of.properties().unwrap_or_default();
        let problem = Diagnostic::new(self.span, message);
        if self.of == Known::Socket && ["host", "port"].contains(&property) {
            return Some(problem.help(say!(
                en "an address has it: `.local.{property}`, `.peer.{property}`",
                es "lo tiene una dirección: `.local.{property}`, `.peer.{property}`",
                property
            )));
        }
        if self.of == Known::Socket && OF_BYTES.contains(&property) {
            return Some(problem.help(say!(
                en "bytes have it, as `data = recv` gives them",
                es "lo tienen los bytes, como los que da `data = recv`"
            )));
        }
        Some(problem.help(match nearest(property, all.iter().copied()) {
            Some(near) => did_you_mean(&format!(".{near}")),
            None => there_are(all.iter().copied()),
        }))
    }
}
