//! The names of a script, by which its slots are found: short ones are compared at once.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

/// A slot's name, and whether the text above gives it a value.
#[derive(Clone, Debug)]
pub struct Name {
    /// Its bytes, the first the lowest, where they are eight at the most, and [`KNOWN`].
    word: u64,
    /// Where they are more.
    long: Option<Arc<str>>,
}

/// What a name says.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    /// Its bytes, and behind them zeros.
    Short([u8; 8]),
    Long(&'a str),
}

/// No letter of a name has the highest bit.
const KNOWN: u64 = 1 << 63;

impl Name {
    /// A name that no text has given a value yet.
    pub fn of(text: &str) -> Name {
        match is_short(text) {
            true => Name::of_word(short_word(text.as_bytes())),
            false => Name { word: 0, long: Some(text.into()) },
        }
    }

    /// As [`Name::of`], of a word that is not 0.
    #[inline(always)]
    pub fn of_word(word: u64) -> Name {
        Name { word, long: None }
    }

    #[inline(always)]
    pub fn is_known(&self) -> bool {
        self.word & KNOWN != 0
    }

    /// Says so; was it not?
    #[inline]
    pub fn make_known(&mut self) -> bool {
        let was = self.is_known();
        self.word |= KNOWN;
        !was
    }

    pub fn forget(&mut self) {
        self.word &= !KNOWN;
    }

    /// Is it this one?
    pub fn is(&self, text: &str) -> bool {
        match &self.long {
            Some(long) => **long == *text,
            None => is_short(text) && self.is_word(short_word(text.as_bytes())),
        }
    }

    /// Is it this one, of a word that is not 0?
    #[inline(always)]
    pub fn is_word(&self, word: u64) -> bool {
        self.word & !KNOWN == word
    }

    /// Is it this one, and known?
    #[inline(always)]
    pub fn is_known_word(&self, word: u64) -> bool {
        word != 0 && self.word == word | KNOWN
    }

    pub fn text(&self) -> Text<'_> {
        match &self.long {
            Some(long) => Text::Long(long),
            None => Text::Short((self.word & !KNOWN).to_le_bytes()),
        }
    }

    pub fn hash(&self) -> u64 {
        match &self.long {
            Some(long) => hash(long),
            None => hash_word(self.word & !KNOWN),
        }
    }
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        match self {
            Text::Long(long) => long,
            Text::Short(bytes) => {
                let length = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
                // It was a text when it was put there.
                std::str::from_utf8(&bytes[..length]).unwrap_or("")
            }
        }
    }
}

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_ref())
    }
}

/// Does a word say all of it? A zero could not be told from those behind it.
#[inline]
fn is_short(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii() && b != 0)
}

/// Where a name is looked for. Names are short: of most all bytes go into one word.
#[inline]
pub fn hash(name: &str) -> u64 {
    match name.len() {
        0..=8 => hash_word(short_word(name.as_bytes())),
        _ => FxBuildHasher.hash_one(name),
    }
}

/// As [`hash`], of a name of eight bytes at the most.
#[inline(always)]
pub fn hash_word(word: u64) -> u64 {
    let wide = u128::from(word) * 0x9e37_79b9_7f4a_7c15;
    wide as u64 ^ (wide >> 64) as u64
}

/// Eight bytes at the most in a word, the first the lowest.
#[inline]
fn short_word(bytes: &[u8]) -> u64 {
    match (bytes.len(), bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (length @ 4..=8, Some(first), Some(last)) => {
            let last = u64::from(u32::from_le_bytes(*last)) << (8 * (length - 4));
            u64::from(u32::from_le_bytes(*first)) | last
        }
        _ => bytes.iter().rev().fold(0, |word, &b| word << 8 | u64::from(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_itself_and_no_other() {
        let texts = [
            "a",
            "ab",
            "abc",
            "abcd",
            "abcde",
            "abcdefgh",
            "abcdefghi",
            "aé",
            "é",
            "ééééé",
            "",
            "a\0",
            "\0",
            "\0a",
        ];
        for one in texts {
            let mut name = Name::of(one);
            for other in texts {
                assert_eq!(name.is(other), one == other, "{one} {other}");
            }
            assert_eq!((name.text().as_ref(), name.hash(), name.is_known()), (one, hash(one), false));
            assert!(name.make_known() && !name.make_known());
            assert_eq!((name.text().as_ref(), name.hash(), name.is(one)), (one, hash(one), true));
            name.forget();
            assert!(!name.is_known());
        }
    }
}
