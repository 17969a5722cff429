//! A line at a glance: what a script says again is known by its bytes, and is not read once more.

use super::eight::{EACH, HIGH, bytes_below, eight, first_bytes, zero_bytes};

/// A line as far as it can be told apart at a glance: the names it begins with, and the rest. Places count from the
/// text's beginning.
#[derive(Clone, Copy)]
pub struct Glance {
    pub names: Names,
    /// Of the rest and its length, and seldom of another; of fewer than eight bytes never.
    pub key: u64,
    /// Where the line ends.
    pub to: u32,
}

/// `[NAME =] [SOCKET.]` at the beginning of a line, and where its command begins.
#[derive(Clone, Copy)]
pub struct Names {
    /// Where the line begins, and with it the name before `=`.
    pub start: u32,
    /// How long that name is; 0 where there is none.
    target: u32,
    target_word: u64,
    /// How long the name before the dot is; 0 where there is none.
    socket: u32,
    /// Where the command begins, behind the dot.
    pub from: u32,
    socket_word: u64,
}

/// What may be a name and where it stands: whether it is one, others see.
#[derive(Clone, Copy)]
pub struct Named {
    pub from: u32,
    pub to: u32,
    /// Its bytes, where they are eight at the most; else 0.
    pub word: u64,
}

impl Glance {
    /// From the command to the line's end.
    #[inline]
    pub fn rest<'t>(&self, text: &'t str) -> &'t [u8] {
        text.as_bytes().get(self.names.from as usize..self.to as usize).unwrap_or_default()
    }
}

/// What stands before a command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// `NAME =`
    Target,
    /// `SOCKET.`
    Socket,
    /// Nothing, or both.
    Other,
}

impl Names {
    pub fn kind(&self) -> Before {
        match (self.target, self.socket) {
            (1.., 0) => Before::Target,
            (0, 1..) => Before::Socket,
            _ => Before::Other,
        }
    }

    /// The name before `=`.
    #[inline(always)]
    pub fn target(&self) -> Option<Named> {
        let named = Named { from: self.start, to: self.start + self.target, word: self.target_word };
        (self.target != 0).then_some(named)
    }

    /// The name before the dot.
    #[inline(always)]
    pub fn socket(&self) -> Option<Named> {
        let to = self.from.wrapping_sub(1);
        let named = Named { from: to.wrapping_sub(self.socket), to, word: self.socket_word };
        (self.socket != 0).then_some(named)
    }
}

/// What a command says to the end of its line, to be known again.
pub struct Phrase<'t> {
    /// The newline is the last of it.
    line: &'t [u8],
    /// The first eight bytes, where there are so many.
    first: u64,
    /// By how many bits a word is shifted to have nothing of what stands behind the phrase.
    shift: u32,
}

impl<'t> Phrase<'t> {
    /// What a glance has seen.
    pub fn of(glance: &Glance, text: &'t str) -> Option<Phrase<'t>> {
        let line = text.as_bytes().get(glance.names.from as usize..=glance.to as usize)?;
        let first = first_bytes(eight(text.as_bytes(), glance.names.from as usize)?, line.len().min(8));
        Some(Phrase { line, first, shift: 64 - 8 * line.len().min(8) as u32 })
    }

    /// Without its newline.
    pub fn words(&self) -> &'t [u8] {
        self.line.split_last().map_or(&[], |(_, words)| words)
    }

    /// Can it be what begins with these eight bytes?
    #[inline(always)]
    fn begins(&self, eight: u64) -> bool {
        (eight ^ self.first) << self.shift == 0
    }

    /// Is it this line from `from` on, which begins like it?
    #[inline(always)]
    fn goes_on(&self, line: &[u8], from: usize) -> bool {
        let length = self.line.len();
        length <= 8 || line.get(from..from + length).is_some_and(|there| same_beyond_eight(self.line, there))
    }

    /// Where it begins and where the next line does, if the line says it behind `NAME =`, else behind `SOCKET.`.
    #[inline(always)]
    pub fn follows(&self, line: &Beginning<'_>, target: bool) -> Option<(u32, u32)> {
        let between = if target && line.is_target() {
            Beginning::EQUALS
        } else if !target && line.is_socket() {
            Beginning::DOT
        } else {
            return None;
        };
        let from = line.length + between;
        let is_it = self.begins(look(line.window, from)?) && self.goes_on(line.bytes, from);
        let from = line.at + from as u32;
        is_it.then_some((from, from + self.line.len() as u32))
    }

    /// Is it what a glance has seen?
    #[inline]
    pub fn is(&self, glance: &Glance, text: &str) -> bool {
        let (from, bytes) = (glance.names.from as usize, text.as_bytes());
        (glance.to - glance.names.from) as usize + 1 == self.line.len()
            && eight(bytes, from).is_some_and(|first| self.begins(first))
            && self.goes_on(bytes, from)
    }
}

/// Are they the same behind the first eight bytes? They are longer and equally long, and short: who is called for that
/// would take longer to begin.
#[inline(always)]
fn same_beyond_eight(one: &[u8], other: &[u8]) -> bool {
    let ((ones, _), (others, _)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let ([_, ones @ ..], [_, others @ ..]) = (ones, others) else { return false };
    one.last_chunk::<8>() == other.last_chunk::<8>()
        && ones.iter().zip(others).all(|(one, other)| one == other)
}

/// Can a value be given to a name of this word, as can be seen at once? Small letters and digits, a letter first and a
/// digit last: no word of the language is like that.
#[inline(always)]
pub fn is_plainly_free(word: u64) -> bool {
    let from = |least: u8| word.wrapping_add(EACH * u64::from(0x80 - least));
    // Nothing less than `0` stands in it, but behind it.
    let above_digits = from(b'9' + 1) & HIGH;
    let letters = from(b'a') & !from(b'z' + 1) & HIGH;
    let last = word << (word.leading_zeros() & 0x38) >> 56;
    word & HIGH == 0 && above_digits & !letters == 0 && letters & 0x80 != 0 && last <= u64::from(b'9')
}

impl Named {
    #[inline]
    pub fn text(self, text: &str) -> &str {
        text.get(self.from as usize..self.to as usize).unwrap_or("")
    }
}

/// How much of a line is looked at word by word.
const WINDOW: usize = 64;
/// The longest name a line is looked at with, in bytes: the eight bytes behind it and what follows stand in the window.
const LONGEST_NAME: usize = 48;

/// The beginning of a line, up to where its first name ends if that is one.
pub struct Beginning<'t> {
    at: u32,
    /// All from here on.
    bytes: &'t [u8],
    window: &'t [u8; WINDOW],
    first: u64,
    /// How long the name is, in bytes.
    length: usize,
    /// The eight bytes behind it.
    behind: u64,
}

impl Beginning<'_> {
    /// ` = `
    pub const EQUALS: usize = 3;
    /// `.`
    pub const DOT: usize = 1;

    /// Is it the name before `=`?
    #[inline(always)]
    pub fn is_target(&self) -> bool {
        self.behind << 40 == u64::from_le_bytes(*b"\0\0\0\0\0 = ")
    }

    /// Is it the name before a dot?
    #[inline(always)]
    pub fn is_socket(&self) -> bool {
        self.behind as u8 == b'.'
    }

    /// The name, where it has eight bytes at the most; else 0.
    #[inline(always)]
    pub fn word(&self) -> u64 {
        first_bytes(self.first, self.length)
    }

    pub fn name(&self) -> Named {
        Named { from: self.at, to: self.at + self.length as u32, word: self.word() }
    }
}

/// The beginning of the line at `at`.
///
/// Nothing is said of the text's very end: eight bytes are looked at at a time.
#[inline(always)]
pub fn beginning(text: &str, at: u32) -> Option<Beginning<'_>> {
    let bytes = text.as_bytes().get(at as usize..)?;
    let window = bytes.first_chunk()?;
    let first = look(window, 0)?;
    let length = name_end(window, 0, first).filter(|length| *length <= LONGEST_NAME)?;
    let behind = look(window, length)?;
    Some(Beginning { at, bytes, window, first, length, behind })
}

/// Looks at the line that begins at `at`, as [`beginning`].
pub fn glance(text: &str, at: u32) -> Option<Glance> {
    let line = beginning(text, at)?;
    let Beginning { bytes, window, mut first, mut behind, .. } = line;
    let mut names = Names { start: at, target: 0, target_word: 0, socket: 0, from: at, socket_word: 0 };
    let (mut from, mut end) = (0, line.length);
    if end == 0 {
        return None;
    }
    if line.is_target() {
        (names.target, names.target_word) = (end as u32, line.word());
        from = end + Beginning::EQUALS;
        first = look(window, from)?;
        end = name_end(window, from, first)?;
        behind = look(window, end)?;
    }
    if behind as u8 == b'.' {
        if end == from {
            return None;
        }
        names.socket = (end - from) as u32;
        names.socket_word = first_bytes(first, end - from);
        from = end + Beginning::DOT;
        first = look(window, from)?;
    }
    names.from = at + from as u32;
    let newline = newline(bytes, window, from, first)?;
    let length = newline - from;
    let ends = if length < 8 { first_bytes(first, length) } else { first ^ eight(bytes, newline - 8)? };
    let key = (ends ^ length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Some(Glance { names, key, to: at + newline as u32 })
}

/// What stands at a place in the window.
#[inline(always)]
fn look(window: &[u8; WINDOW], from: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*window.get(from..)?.first_chunk()?))
}

/// Where a name ends at the latest that begins at `from`: nothing less than `0` stands in it.
#[inline(always)]
fn name_end(window: &[u8; WINDOW], from: usize, first: u64) -> Option<usize> {
    let (mut at, mut eight) = (from, first);
    loop {
        match bytes_below(eight, b'0') {
            0 => at += 8,
            found => return Some(at + (found.trailing_zeros() / 8) as usize),
        }
        eight = look(window, at)?;
    }
}

/// Where the line ends that goes on at `from`.
#[inline(always)]
fn newline(line: &[u8], window: &[u8; WINDOW], from: usize, first: u64) -> Option<usize> {
    let (mut at, mut eight) = (from, first);
    // What is longer is found faster by whoever is made for it.
    for _ in 0..3 {
        match zero_bytes(eight ^ (EACH * u64::from(b'\n'))) {
            0 => at += 8,
            found => return Some(at + (found.trailing_zeros() / 8) as usize),
        }
        match look(window, at) {
            Some(next) => eight = next,
            None => break,
        }
    }
    Some(at + memchr::memchr(b'\n', line.get(at..)?)?)
}
