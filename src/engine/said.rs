//! Commands that were read before: a script says the same things again and again, and what was said in
//! the same words is the same.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::program::Call;
use crate::command::RowId;
use crate::command::row::{Action, share, shared};
use crate::outcome::Outcome;
use crate::syntax::words::Glance;

/// What a command said, and what it does.
pub struct Said<'t> {
    pub id: RowId,
    words: &'t str,
    action: Arc<Action>,
}

impl Said<'_> {
    /// How long it is, in bytes, without the blanks behind it.
    #[inline]
    pub fn length(&self) -> usize {
        self.words.trim_ascii_end().len()
    }

    /// The same once more.
    #[inline]
    pub fn again(&self) -> Action {
        shared(&self.action)
    }
}

/// The commands said last. What is said once is not kept: it takes a second time to be worth it.
pub struct Memory<'t> {
    said: [Option<Said<'t>>; MOST],
    /// The hashes of what was said.
    once: [u64; MOST],
}

const MOST: usize = 64;

/// Which place is a glance's.
#[inline]
fn place(glance: &Glance<'_>) -> usize {
    (glance.key >> 58) as usize % MOST
}

impl<'t> Memory<'t> {
    /// So many lines come before one is worth having.
    pub const AFTER: usize = 32;

    pub fn new() -> Memory<'t> {
        Memory { said: [const { None }; MOST], once: [0; MOST] }
    }

    #[inline]
    pub fn find(&self, glance: &Glance<'_>) -> Option<&Said<'t>> {
        self.said[place(glance)].as_ref().filter(|said| said.words == glance.rest)
    }

    /// Was it said before? From here on it was.
    pub fn heard(&mut self, glance: &Glance<'_>) -> bool {
        let hash = FxBuildHasher.hash_one(glance.rest);
        std::mem::replace(&mut self.once[place(glance)], hash) == hash
    }

    /// Keeps what this command does, for it and for others.
    pub fn keep(&mut self, glance: &Glance<'t>, call: &mut Call) {
        let id = call.row_id();
        let action = std::mem::replace(&mut call.action, smallbox::smallbox!(|_: &mut _| Outcome::nothing()));
        let said = self.said[place(glance)].insert(Said { id, words: glance.rest, action: share(action) });
        call.action = said.again();
    }
}
