//! The keys of the rounds (FIPS 197, 5.2 and 5.3.5).

use core::arch::x86_64::{
    __m128i, _mm_aesenclast_si128, _mm_aesimc_si128, _mm_set1_epi32, _mm_setzero_si128,
    _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_slli_si128,
};

use zeroize::Zeroize;

use super::{load, xor};

/// The keys of all rounds of AES-256, in the order they are used. Erased when dropped.
pub(super) struct Schedule(pub(super) [__m128i; 15]);

impl Schedule {
    #[inline]
    #[target_feature(enable = "aes,ssse3")]
    pub(super) fn new<const DECRYPT: bool>(key: &[u8; 32]) -> Self {
        let encryption = Self::encryption(key);
        if DECRYPT {
            encryption.inverse()
        } else {
            encryption
        }
    }

    #[inline]
    #[target_feature(enable = "aes,ssse3")]
    pub(super) fn zero() -> Self {
        Self([_mm_setzero_si128(); 15])
    }

    #[inline]
    #[target_feature(enable = "aes,ssse3")]
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

    /// The keys at `index` and after it, from the two before. The last round of AES takes a word through the S-box, and adds
    /// what else is due; the rows that it shifts are of four columns that are the same.
    #[inline]
    #[target_feature(enable = "aes,ssse3")]
    fn expand<const RCON: i32>(&mut self, index: usize) {
        self.expand_even::<RCON>(index);
        let word = _mm_shuffle_epi32::<0xff>(self.0[index]);
        self.0[index + 1] =
            _mm_aesenclast_si128(word, sums(self.0[index - 1], _mm_setzero_si128()));
    }

    #[inline]
    #[target_feature(enable = "aes,ssse3")]
    fn expand_even<const RCON: i32>(&mut self, index: usize) {
        let rotated = _mm_shuffle_epi8(self.0[index - 1], _mm_set1_epi32(0x0c0f_0e0d));
        let sums = sums(self.0[index - 2], _mm_set1_epi32(RCON));
        self.0[index] = _mm_aesenclast_si128(rotated, sums);
    }

    /// The keys of the equivalent inverse cipher.
    #[inline]
    #[target_feature(enable = "aes,ssse3")]
    fn inverse(&self) -> Self {
        let mut inverse = Self([self.0[0]; 15]);
        inverse.0[0] = self.0[14];
        for round in 1..14 {
            inverse.0[round] = _mm_aesimc_si128(self.0[14 - round]);
        }
        inverse
    }
}

/// Each word with all those before it, and with another one.
#[inline]
#[target_feature(enable = "aes,ssse3")]
fn sums(words: __m128i, other: __m128i) -> __m128i {
    let (one, two) = (_mm_slli_si128::<4>(words), _mm_slli_si128::<8>(words));
    let three = _mm_slli_si128::<12>(words);
    xor(xor(xor(words, other), one), xor(two, three))
}

impl Drop for Schedule {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
