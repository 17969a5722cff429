//! Where a text gives its names a value and where it uses them, as the compiler understood it: for editors, which lead
//! from a use to its origin and rename all of them at once.

use std::sync::{Arc, Mutex, PoisonError};

use super::kinds::Known;
use crate::text::diagnostic::Span;

/// Whose a name is: two that are written alike and are not the same differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The script's, and of every file that it sources.
    Script,
    /// Of the `def` with this index, its arguments among them.
    Def(u32),
    /// It is the name of a `def`.
    Command,
}

/// One place where a name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The word that holds it: `name`, `$name`, `${name.len}`; all the names before the `=` of a `let`.
    pub span: Span,
    /// The name itself.
    pub name: Arc<str>,
    /// Whose it is.
    pub owner: Owner,
    /// The line gives it a value, or defines it.
    pub gives: bool,
    /// What the value is for certain.
    pub known: Option<Known>,
}

/// The places that were seen so far; a copy records into the same list.
#[derive(Clone, Debug, Default)]
pub struct Uses(Arc<Mutex<Vec<Use>>>);

impl Uses {
    /// Records one more.
    pub fn note(&self, one: Use) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }

    /// All of them, in the order of their places, each once.
    pub fn take(&self) -> Vec<Use> {
        let mut all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        // Of a place that was noted twice, the note that knows more stands first.
        all.sort_by(|a, b| {
            (a.span, &a.name, !a.gives, a.known.is_none()).cmp(&(
                b.span,
                &b.name,
                !b.gives,
                b.known.is_none(),
            ))
        });
        all.dedup_by(|b, a| a.span == b.span && a.name == b.name);
        all
    }
}
