//! Commands that were read before: a script says the same things again and again, and what was said in
//! the same words is the same.

use std::hash::BuildHasher as _;

use rustc_hash::FxBuildHasher;

use crate::command::row::{Command, Gives};
use crate::scope::{Scope, Slim};
use crate::syntax::glance::{Before, Glance, Named, Phrase};

/// What a command said.
pub struct Said<'t> {
    key: u64,
    pub phrase: Phrase<'t>,
    /// How long it is, in bytes, without the blanks behind it.
    pub length: u32,
    /// Which of the commands it is that were said more than once.
    pub index: u32,
    pub gives: bool,
    pub on_socket: bool,
    /// What stood before it the last time: a name that may stand there.
    pub name: Before,
    /// The socket it was said to last.
    socket: Known,
    /// Where among them stands what was said next the last time.
    next: u8,
}

/// The commands said last. What is said once is not kept: it takes a second time to be worth it.
pub struct Memory<'t> {
    pub said: Saids<'t>,
    pub once: Once,
}

/// The commands that were said more than once.
pub struct Saids<'t> {
    all: [Option<Said<'t>>; MOST],
    /// Where the one stands that was said last.
    last: u8,
    /// Where the one stands that should be said next: scripts say the same things in the same order.
    expected: u8,
}

/// The hashes of what was said.
pub struct Once([u64; MOST]);

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
    /// What should be said next.
    #[inline(always)]
    pub fn expected(&mut self) -> Option<&mut Said<'t>> {
        self.all[usize::from(self.expected) % MOST].as_mut()
    }

    /// What should be said next was said.
    #[inline(always)]
    pub fn go_on(&mut self) {
        self.last = self.expected;
        self.expected = self.all[usize::from(self.last) % MOST].as_ref().map_or(0, |said| said.next);
    }

    /// What a glance has seen, if it was said before; it is what should be said next, from here on.
    pub fn turn_to(&mut self, glance: &Glance, text: &str) -> Option<&mut Said<'t>> {
        let place = place(glance);
        self.all[place].as_ref().filter(|said| said.key == glance.key && said.phrase.is(glance, text))?;
        if let Some(before) = &mut self.all[usize::from(self.last) % MOST] {
            before.next = place as u8;
        }
        self.expected = place as u8;
        self.all[place].as_mut()
    }

    /// Keeps this line's command, for it and for others; `index` is its number among those that are kept.
    pub fn keep(&mut self, glance: &Glance, text: &'t str, row: &Command, index: u32) {
        let Some(phrase) = Phrase::of(glance, text) else { return };
        let place = place(glance);
        (self.last, self.expected) = (place as u8, place as u8);
        self.all[place] = Some(Said {
            key: glance.key,
            length: phrase.words().trim_ascii_end().len() as u32,
            phrase,
            index,
            gives: row.gives != Gives::Nothing,
            on_socket: row.shape.on_socket,
            name: glance.names.kind(),
            socket: Known::default(),
            next: place as u8,
        });
    }
}

impl Said<'_> {
    /// The place of the socket before the dot, where it is what it was, or the next.
    #[inline(always)]
    pub fn same_socket(&self, word: u64, scope: &mut Scope) -> Option<Slim> {
        let known = &self.socket;
        if known.word == word && word != 0 && known.version == scope.version {
            return known.place;
        }
        // Names are mostly used in the order in which they were made.
        scope.next_named(word)
    }

    /// The place of the socket before the dot.
    #[inline(never)]
    pub fn socket(&mut self, name: Named, text: &str, scope: &mut Scope) -> Option<Slim> {
        if let Some(place) = self.same_socket(name.word, scope) {
            return Some(place);
        }
        let place = scope.find_named(text, name)?;
        // `s3` may yet become a name of the script.
        if place.slot().is_some() {
            self.socket = Known { word: name.word, version: scope.version, place: Some(place) };
        }
        Some(place)
    }
}

impl<'t> Memory<'t> {
    /// So many lines come before one is worth having.
    pub const AFTER: usize = 32;

    pub fn new() -> Memory<'t> {
        let said = Saids { all: [const { None }; MOST], last: 0, expected: 0 };
        Memory { said, once: Once([0; MOST]) }
    }
}

impl Once {
    /// Was it said before? From here on it was.
    pub fn heard(&mut self, glance: &Glance, text: &str) -> bool {
        let hash = FxBuildHasher.hash_one(glance.rest(text));
        std::mem::replace(&mut self.0[place(glance)], hash) == hash
    }
}
