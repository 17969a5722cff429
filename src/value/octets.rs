//! Bytes, and what is known of where they came from: by what a receive knew that they were complete, and whether they are
//! the letters of a number of JSON.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// Bytes.
#[derive(Clone, Debug, Default)]
pub struct Octets {
    bytes: Vec<u8>,
    /// So many of the last ones are the delimiter that ended them; 0 where there was none.
    delimiter: usize,
    /// The letters of a number of JSON that is no integer.
    number: bool,
}

impl Octets {
    /// Bytes of which the last ones are the delimiter up to which they were received.
    pub fn ended(bytes: Vec<u8>, delimiter: usize) -> Octets {
        let delimiter = delimiter.min(bytes.len());
        Octets { bytes, delimiter, number: false }
    }

    /// The letters of a number of JSON that is no integer.
    pub fn number(text: &str) -> Octets {
        Octets { bytes: text.into(), delimiter: 0, number: true }
    }

    /// Were they a number in JSON?
    pub fn is_number(&self) -> bool {
        self.number
    }

    /// The delimiter up to which they were received.
    pub fn delimiter(&self) -> Option<&[u8]> {
        (self.delimiter > 0).then(|| &self.bytes[self.bytes.len() - self.delimiter..])
    }

    /// The bytes alone.
    pub fn into_vec(self) -> Vec<u8> {
        self.bytes
    }
}

impl From<Vec<u8>> for Octets {
    fn from(bytes: Vec<u8>) -> Octets {
        Octets { bytes, delimiter: 0, number: false }
    }
}

impl Deref for Octets {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

/// Where they came from makes no other bytes of them.
impl PartialEq for Octets {
    fn eq(&self, other: &Octets) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Octets {}

impl Hash for Octets {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}
