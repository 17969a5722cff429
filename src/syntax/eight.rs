//! Eight bytes at a time: which of them are what, in a few instructions.

/// A byte in each of eight places.
pub const EACH: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each of them.
pub const HIGH: u64 = EACH << 7;

/// The eight bytes that begin at `at`, the first the lowest; nothing where there are fewer.
#[inline]
pub fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|eight| u64::from_le_bytes(*eight))
}

/// So many of the eight bytes, the others zero; nothing where more are wanted than there are.
#[inline(always)]
pub fn first_bytes(eight: u64, count: usize) -> u64 {
    match count {
        1..=8 => {
            let others = 64 - 8 * count;
            eight << others >> others
        }
        _ => 0,
    }
}

/// The highest bit of each byte that is zero, and perhaps of others above it.
#[inline]
pub fn zero_bytes(eight: u64) -> u64 {
    eight.wrapping_sub(EACH) & !eight & HIGH
}

/// The highest bit of each byte less than `least`, and perhaps of others above it.
#[inline]
pub fn bytes_below(eight: u64, least: u8) -> u64 {
    eight.wrapping_sub(EACH * u64::from(least)) & !eight & HIGH
}
