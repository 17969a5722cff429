//! Commands that were read before: a script says the same things again and again, and what was said in
//! the same words is the same.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::program::Around;
use crate::command::row::Gives;
use crate::scope::{Scope, Slim};
use crate::syntax::glance::{Glance, Named};

/// What a command said, and what it does.
pub struct Said<'t> {
    key: u64,
    words: &'t [u8],
    /// How long it is, in bytes, without the blanks behind it.
    pub length: u32,
    /// What is around it, without a name.
    pub around: Around,
    /// Which of the commands it is that were said more than once.
    pub index: u32,
    pub gives: bool,
    pub on_socket: bool,
    pub makes_socket: bool,
}

impl Said<'_> {
    #[inline]
    fn is(&self, glance: &Glance, text: &str) -> bool {
        let length = (glance.to - glance.from) as usize;
        if self.key != glance.key || self.words.len() != length {
            return false;
        }
        // Of fewer than eight bytes the key has all.
        length < 8 || same(self.words, glance.rest(text))
    }
}

/// Are they the same, which are eight bytes each at least and equally long? Both are short: who is called for that
/// would take longer to begin.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    let ((ones, _), (others, _)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let mut pairs = ones.iter().zip(others);
    ones.len() == others.len()
        && one.last_chunk::<8>() == other.last_chunk::<8>()
        && pairs.all(|(one, other)| one == other)
}

/// The commands said last. What is said once is not kept: it takes a second time to be worth it.
pub struct Memory<'t> {
    pub said: Saids<'t>,
    pub once: Once,
    pub sockets: Sockets,
}

/// The commands that were said more than once.
pub struct Saids<'t>([Option<Said<'t>>; MOST]);

/// The hashes of what was said.
pub struct Once([u64; MOST]);

/// The sockets named last.
#[derive(Default)]
pub struct Sockets([Known; 16]);

/// A name of eight bytes at the most and its place, as long as the scope's version is the same.
#[derive(Clone, Copy, Default)]
struct Known {
    word: u64,
    version: u32,
    place: Option<Slim>,
}

const MOST: usize = 64;

/// Which place is a glance's.
#[inline]
fn place(glance: &Glance) -> usize {
    (glance.key >> 58) as usize % MOST
}

impl<'t> Saids<'t> {
    #[inline]
    pub fn find(&self, glance: &Glance, text: &str) -> Option<&Said<'t>> {
        self.0[place(glance)].as_ref().filter(|said| said.is(glance, text))
    }

    /// Keeps this line's command, for it and for others; `index` is its number among those that are kept.
    pub fn keep(&mut self, glance: &Glance, text: &'t str, call: &Around, index: u32) {
        let row = call.row();
        let words = glance.rest(text);
        self.0[place(glance)] = Some(Said {
            key: glance.key,
            words,
            length: words.trim_ascii_end().len() as u32,
            around: Around::plain(call.row_id(), None, None, row.shape.waits),
            index,
            gives: row.gives != Gives::Nothing,
            on_socket: row.shape.on_socket,
            makes_socket: row.shape.makes_socket,
        });
    }
}

impl Sockets {
    /// The place of the socket before the dot.
    #[inline]
    pub fn find(&mut self, name: Named, text: &Arc<String>, scope: &mut Scope) -> Option<Slim> {
        let hash = name.word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60;
        let known = &mut self.0[hash as usize % 16];
        if known.word == name.word && name.word != 0 && known.version == scope.version {
            return known.place;
        }
        let place = scope.find_named(text, name)?;
        // `s3` may yet become a name of the script.
        if place.slot().is_some() {
            *known = Known { word: name.word, version: scope.version, place: Some(place) };
        }
        Some(place)
    }
}

impl<'t> Memory<'t> {
    /// So many lines come before one is worth having.
    pub const AFTER: usize = 32;

    pub fn new() -> Memory<'t> {
        Memory { said: Saids([const { None }; MOST]), once: Once([0; MOST]), sockets: Sockets::default() }
    }
}

impl Once {
    /// Was it said before? From here on it was.
    pub fn heard(&mut self, glance: &Glance, text: &str) -> bool {
        let hash = FxBuildHasher.hash_one(glance.rest(text));
        std::mem::replace(&mut self.0[place(glance)], hash) == hash
    }
}
