//! Randomness of a session: padding, session ids, ping ids.

use core::convert::Infallible;

use rand_core::{CryptoRng, TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use crate::crypto::aes_ctr::AesCtr;

/// An AES-256-CTR keystream under a key that the caller's generator made once.
///
/// So a message costs a block of AES rather than a call of the operating system, and the engine is deterministic.
pub(super) struct Random(AesCtr);

impl Random {
    /// Draws the key from `rng`.
    pub(super) fn from_rng(rng: &mut dyn CryptoRng) -> Self {
        let (mut key, mut iv) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 16]));
        rng.fill_bytes(&mut key[..]);
        rng.fill_bytes(&mut iv[..]);
        Self(AesCtr::new(&key, &iv))
    }

    /// Fills `bytes`.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
        self.0.apply(bytes);
    }

    /// A random `long`.
    pub(super) fn long(&mut self) -> i64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        i64::from_le_bytes(bytes)
    }
}

impl TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.long().cast_unsigned())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Random {}
