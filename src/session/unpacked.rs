//! What `unpack` read last: a `hexdump` of the same bytes marks its fields.

use super::Session;
use crate::value::outcome::Part;
use crate::value::packing::Format;

/// Longer data are not kept.
const LONGEST: usize = 4096;
/// So many fields are marked.
const MOST: usize = 52;

/// The bytes, where in them the format began, and the format.
pub struct Unpacked {
    bytes: Vec<u8>,
    from: usize,
    format: Format,
}

impl Session {
    /// A format was read out of these bytes, from there on.
    pub fn note_unpacked(&mut self, bytes: &[u8], from: usize, format: Format) {
        if bytes.len() <= LONGEST {
            let mut kept = self.unpacked.take().map_or_else(Vec::new, |unpacked| unpacked.bytes);
            kept.clear();
            kept.extend_from_slice(bytes);
            self.unpacked = Some(Unpacked { bytes: kept, from, format });
        }
    }

    /// The fields that were read out of these bytes last; none where others were read since.
    pub fn unpacked_parts(&self, bytes: &[u8]) -> Vec<Part> {
        let Some(Unpacked { bytes: read, from, format }) =
            self.unpacked.as_ref().filter(|u| u.bytes == bytes)
        else {
            return Vec::new();
        };
        let mut parts = format.parts(&read[*from..], MOST);
        parts.iter_mut().for_each(|part| (part.from, part.to) = (part.from + from, part.to + from));
        parts
    }
}
