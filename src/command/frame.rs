//! The length before a message: how wide it is, and which byte comes first.

use super::param::{Given, Got, Param, given, wrong};
use super::row::Kind;
use super::words::Words;
use crate::session::Session;
use crate::text::diagnostic::suggest;
use crate::value::errno::Class;

/// A length prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    name: &'static str,
    bytes: usize,
    big: bool,
}

pub const WIDTHS: &[Width] = &[
    Width { name: "u8", bytes: 1, big: true },
    Width { name: "u16be", bytes: 2, big: true },
    Width { name: "u16le", bytes: 2, big: false },
    Width { name: "u24be", bytes: 3, big: true },
    Width { name: "u24le", bytes: 3, big: false },
    Width { name: "u32be", bytes: 4, big: true },
    Width { name: "u32le", bytes: 4, big: false },
    Width { name: "u40be", bytes: 5, big: true },
    Width { name: "u40le", bytes: 5, big: false },
    Width { name: "u48be", bytes: 6, big: true },
    Width { name: "u48le", bytes: 6, big: false },
    Width { name: "u56be", bytes: 7, big: true },
    Width { name: "u56le", bytes: 7, big: false },
    Width { name: "u64be", bytes: 8, big: true },
    Width { name: "u64le", bytes: 8, big: false },
];

const NAMES: &[&str] = &[
    "u8", "u16be", "u16le", "u24be", "u24le", "u32be", "u32le", "u40be", "u40le", "u48be", "u48le", "u56be",
    "u56le", "u64be", "u64le",
];

impl Width {
    fn named(text: &str) -> Option<Width> {
        WIDTHS.iter().copied().find(|w| w.name == text)
    }

    /// How many bytes the prefix has.
    pub fn len(self) -> usize {
        self.bytes
    }

    /// The largest length it can say.
    pub fn largest(self) -> u64 {
        u64::MAX >> (64 - 8 * self.bytes)
    }

    /// The length that a prefix says; bytes beyond its own are not looked at.
    pub fn length(self, prefix: &[u8]) -> u64 {
        let prefix = prefix.iter().take(self.bytes);
        let join = |length: u64, byte: &u8| length << 8 | u64::from(*byte);
        if self.big { prefix.fold(0, join) } else { prefix.rev().fold(0, join) }
    }

    /// The prefix that says this length, as far as it can.
    pub fn prefix(self, length: u64) -> Vec<u8> {
        if self.big {
            length.to_be_bytes()[8 - self.bytes..].to_vec()
        } else {
            length.to_le_bytes()[..self.bytes].to_vec()
        }
    }
}

/// The type of a length prefix.
#[derive(Debug)]
pub struct FrameType(Given<Width>);

impl Param for FrameType {
    type Value<'a> = Width;
    const KIND: Kind = Kind::Word(NAMES);
    const USAGE: &'static str = "TYPE";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        given(words, name, |_, text| {
            Width::named(text).ok_or_else(|| {
                let help = suggest(text, NAMES.iter().copied()).unwrap_or_else(|| {
                    say!(
                        en "`u8`, or of 16 to 64 bits with the byte that comes first: `u16be`, `u24le`, `u32be`",
                        es "`u8`, o de 16 a 64 bits y con el byte que va primero: `u16be`, `u24le`, `u32be`"
                    )
                });
                let message = say!(
                    en "`{text}` is not the type of a length",
                    es "`{text}` no es el tipo de un largo",
                    text
                );
                (message, Some(help))
            })
        })
        .map(FrameType)
    }

    fn get(&self, session: &mut Session) -> Got<Width> {
        match &self.0 {
            Given::Now(width) => Ok(*width),
            Given::Later(expr) => {
                let value = expr.get(session)?;
                let width = Width::named(&value.to_text());
                width.ok_or_else(|| {
                    wrong(
                        Class::ValueError,
                        phrase!(en "the type of a length", es "el tipo de un largo"),
                        &value,
                    )
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_says_its_length_again() {
        for width in WIDTHS {
            assert!(NAMES.contains(&width.name));
            for length in [0, 1, 200, width.largest() / 3, width.largest()] {
                let prefix = width.prefix(length.min(width.largest()));
                assert_eq!(prefix.len(), width.len());
                assert_eq!(width.length(&prefix), length.min(width.largest()), "{}", width.name);
            }
        }
        assert_eq!(Width::named("u16be").map(|w| w.prefix(1)), Some(vec![0, 1]));
        assert_eq!(Width::named("u16le").map(|w| w.prefix(1)), Some(vec![1, 0]));
    }
}
