//! Random bytes that come again with their seed.

use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::Session;

/// The seed that the threads of a script share.
#[derive(Default)]
pub struct Seed {
    value: OnceLock<u64>,
    /// Something was made of it.
    used: AtomicBool,
}

impl Seed {
    /// The seed; where `--seed` gave none, one is made when it is first asked for.
    fn get(&self) -> u64 {
        *self.value.get_or_init(|| {
            // The standard library's hashes have keys of the system's. Short enough to be typed again.
            std::hash::RandomState::new().build_hasher().finish() & 0xffff_ffff
        })
    }
}

/// SplitMix64: the bytes of a seed are the same in every version of this program.
#[derive(Clone, Debug)]
pub struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Session {
    /// `--seed N`, before anything runs.
    pub fn set_seed(&mut self, seed: u64) {
        let _ = self.shared.seed.value.set(seed);
    }

    /// The seed, if random bytes were made of it.
    pub fn used_seed(&self) -> Option<u64> {
        let seed = &self.shared.seed;
        seed.used.load(Relaxed).then(|| seed.get())
    }

    /// Appends `n` random bytes, for which there is room.
    pub fn fill_randomly(&mut self, bytes: &mut Vec<u8>, n: usize) {
        let generator = self.chance.get_or_insert_with(|| {
            self.shared.seed.used.store(true, Relaxed);
            // Each thread its own, whichever of them is faster.
            let mut first = Generator(self.shared.seed.get());
            let thread = u64::from(self.own_job.unwrap_or(0));
            Generator(first.next() ^ thread.wrapping_mul(0xd6e8_feb8_6659_fd93))
        });
        let end = bytes.len() + n;
        while bytes.len() < end {
            let next = generator.next().to_le_bytes();
            bytes.extend_from_slice(&next[..next.len().min(end - bytes.len())]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_splitmix64() {
        // The first numbers of the seed 1234567, as published with the algorithm.
        let mut generator = Generator(1_234_567);
        assert_eq!(
            [generator.next(), generator.next()],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
        );
    }
}
