//! Commands that were read before: a script says the same things again and again, and what was said in
//! the same words is the same.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::program::Call;
use crate::command::RowId;
use crate::command::row::{Action, Command, share, shared};
use crate::outcome::Outcome;
use crate::scope::{Scope, Slim};
use crate::syntax::words::Glance;

/// What a command said, and what it does.
pub struct Said<'t> {
    pub id: RowId,
    pub row: &'static Command,
    words: &'t [u8],
    /// How long it is, in bytes, without the blanks behind it.
    pub length: usize,
    action: Arc<Action>,
}

impl Said<'_> {
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
    /// The sockets named last.
    sockets: [Named; 16],
}

/// A name of eight bytes at the most and its place, as long as the scope's version is the same.
#[derive(Clone, Copy, Default)]
struct Named {
    name: u64,
    version: u32,
    place: Option<Slim>,
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
        Memory { said: [const { None }; MOST], once: [0; MOST], sockets: Default::default() }
    }

    /// The place of the socket before the dot.
    #[inline]
    pub fn socket(&mut self, name: &str, short: u64, scope: &Scope) -> Option<Slim> {
        let hash = short.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60;
        let known = &mut self.sockets[hash as usize % 16];
        if known.name == short && short != 0 && known.version == scope.version {
            return known.place;
        }
        let place = Slim::of(scope.find(name)?);
        // `s3` may yet become a name of the script.
        if place.slot().is_some() {
            *known = Named { name: short, version: scope.version, place: Some(place) };
        }
        Some(place)
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
        let (id, row, words) = (call.row_id(), call.row(), glance.rest);
        let length = words.trim_ascii_end().len();
        let action = std::mem::replace(&mut call.action, smallbox::smallbox!(|_: &mut _| Outcome::nothing()));
        let said = self.said[place(glance)].insert(Said { id, row, words, length, action: share(action) });
        call.action = said.again();
    }
}
