//! The keys of the rounds (FIPS 197, 5.2 and 5.3.5).

use core::arch::x86_64::{
    __m128i, _mm_aesimc_si128, _mm_aeskeygenassist_si128, _mm_setzero_si128, _mm_shuffle_epi32,
    _mm_slli_si128,
};

use zeroize::Zeroize;

use super::{load, xor};

/// The keys of all rounds of AES-256, in the order they are used. Erased when dropped.
pub(super) struct Schedule(pub(super) [__m128i; 15]);

impl Schedule {
    #[inline]
    #[target_feature(enable = "aes")]
    pub(super) fn new<const DECRYPT: bool>(key: &[u8; 32]) -> Self {
        let encryption = Self::encryption(key);
        if DECRYPT {
            encryption.inverse()
        } else {
            encryption
        }
    }

    #[inline]
    #[target_feature(enable = "aes")]
    pub(super) fn zero() -> Self {
        Self([_mm_setzero_si128(); 15])
    }

    #[inline]
    #[target_feature(enable = "aes")]
    fn encryption(key: &[u8; 32]) -> Self {
        let mut schedule = Self::zero();
        let (halves, _) = key.as_chunks();
        schedule.0[0] = load(&halves[0]);
        schedule.0[1] = load(&halves[1]);
        schedule.expand::<0x01>(2);
        schedule.expand::<0x02>(4);
        schedule.expand::<0x04>(6);
        schedule.expand::<0x08>(8);
        schedule.expand::<0x10>(10);
        schedule.expand::<0x20>(12);
        schedule.expand_even::<0x40>(14);
        schedule
    }

    /// The keys at `index` and after it, from the two before.
    #[inline]
    #[target_feature(enable = "aes")]
    fn expand<const RCON: i32>(&mut self, index: usize) {
        self.expand_even::<RCON>(index);
        let word = _mm_aeskeygenassist_si128::<0>(self.0[index]);
        self.0[index + 1] = xor(sums(self.0[index - 1]), _mm_shuffle_epi32::<0xaa>(word));
    }

    #[inline]
    #[target_feature(enable = "aes")]
    fn expand_even<const RCON: i32>(&mut self, index: usize) {
        let word = _mm_aeskeygenassist_si128::<RCON>(self.0[index - 1]);
        self.0[index] = xor(sums(self.0[index - 2]), _mm_shuffle_epi32::<0xff>(word));
    }

    /// The keys of the equivalent inverse cipher.
    #[inline]
    #[target_feature(enable = "aes")]
    fn inverse(&self) -> Self {
        let mut inverse = Self([self.0[0]; 15]);
        inverse.0[0] = self.0[14];
        for round in 1..14 {
            inverse.0[round] = _mm_aesimc_si128(self.0[14 - round]);
        }
        inverse
    }
}

/// Each word with all those before it.
#[inline]
#[target_feature(enable = "aes")]
fn sums(words: __m128i) -> __m128i {
    let words = xor(words, _mm_slli_si128::<4>(words));
    xor(words, _mm_slli_si128::<8>(words))
}

impl Drop for Schedule {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
