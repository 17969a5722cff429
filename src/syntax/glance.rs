//! A line at a glance: what a script says again is known by its bytes, and is not read once more.

use super::eight::{EACH, HIGH, bytes_below, eight, first_bytes, zero_bytes};

/// A line as far as it can be told apart at a glance: `[NAME =] [SOCKET.]` and the rest. Places count from the text's
/// beginning.
#[derive(Clone, Copy)]
pub struct Glance {
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
    /// Of the rest and its length, and seldom of another; of fewer than eight bytes never.
    pub key: u64,
    /// Where the line ends.
    pub to: u32,
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

    /// From the command to the line's end.
    #[inline]
    pub fn rest(self, text: &str) -> &[u8] {
        text.as_bytes().get(self.from as usize..self.to as usize).unwrap_or_default()
    }
}

impl Named {
    /// Can a value be given to it, as can be seen at once? Small letters and digits, a letter first and a digit last: no
    /// word of the language is like that.
    #[inline(always)]
    pub fn is_plainly_free(self) -> bool {
        let length = self.length();
        if length > 8 || self.word & HIGH != 0 {
            return false;
        }
        let from = |least: u8| self.word.wrapping_add(EACH * u64::from(0x80 - least));
        // Nothing less than `0` stands in it, but behind it.
        let above_digits = from(b'9' + 1) & HIGH;
        let letters = from(b'a') & !from(b'z' + 1) & HIGH;
        let last_is_digit = above_digits << (64 - 8 * length) >> 63 == 0;
        above_digits & !letters == 0 && letters & 0x80 != 0 && last_is_digit
    }

    /// How long it is, in bytes.
    #[inline]
    pub fn length(self) -> usize {
        self.to.wrapping_sub(self.from) as usize
    }

    #[inline]
    pub fn text(self, text: &str) -> &str {
        text.get(self.from as usize..self.to as usize).unwrap_or("")
    }
}

/// How much of a line is looked at word by word.
const WINDOW: usize = 64;

/// Looks at the line that begins at `at`.
///
/// Nothing is said of the text's very end: eight bytes are looked at at a time.
#[inline(always)]
pub fn glance(text: &str, at: u32) -> Option<Glance> {
    let line = text.as_bytes().get(at as usize..)?;
    let window: &[u8; WINDOW] = line.first_chunk()?;
    let look = |from: usize| Some(u64::from_le_bytes(*window.get(from..)?.first_chunk()?));
    let word = |first: u64, length: usize| if length <= 8 { first_bytes(first, length) } else { 0 };
    let (mut target, mut target_word, mut socket, mut socket_word, mut from) = (0, 0, 0, 0, 0);
    let mut first = look(0)?;
    let mut end = name_end(&look, 0, first)?;
    if end == 0 {
        return None;
    }
    let mut behind = look(end)?;
    if behind << 40 == u64::from_le_bytes(*b"\0\0\0\0\0 = ") {
        (target, target_word) = (end as u32, word(first, end));
        from = end + 3;
        first = look(from)?;
        end = name_end(&look, from, first)?;
        behind = look(end)?;
    }
    if behind as u8 == b'.' {
        (socket, socket_word) = ((end - from) as u32, word(first, end - from));
        from = end + 1;
        first = look(from)?;
    }
    let newline = newline(line, &look, from, first)?;
    let length = newline - from;
    let ends = if length < 8 { first_bytes(first, length) } else { first ^ eight(line, newline - 8)? };
    let key = (ends ^ length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (from, to) = (at + from as u32, at + newline as u32);
    Some(Glance { start: at, target, target_word, socket, from, socket_word, key, to })
}

/// Where a name ends at the latest that begins at `from`: nothing less than `0` stands in it.
#[inline(always)]
fn name_end(look: &impl Fn(usize) -> Option<u64>, from: usize, first: u64) -> Option<usize> {
    let (mut at, mut eight) = (from, first);
    loop {
        match bytes_below(eight, b'0') {
            0 => at += 8,
            found => return Some(at + (found.trailing_zeros() / 8) as usize),
        }
        eight = look(at)?;
    }
}

/// Where the line ends that goes on at `from`.
#[inline(always)]
fn newline(line: &[u8], look: &impl Fn(usize) -> Option<u64>, from: usize, first: u64) -> Option<usize> {
    let (mut at, mut eight) = (from, first);
    // What is longer is found faster by whoever is made for it.
    for _ in 0..3 {
        match zero_bytes(eight ^ (EACH * u64::from(b'\n'))) {
            0 => at += 8,
            found => return Some(at + (found.trailing_zeros() / 8) as usize),
        }
        match look(at) {
            Some(next) => eight = next,
            None => break,
        }
    }
    Some(at + memchr::memchr(b'\n', line.get(at..)?)?)
}
