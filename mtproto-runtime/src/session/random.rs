//! Randomness of a session: padding, session ids, ping ids.

use core::convert::Infallible;

use rand_core::{CryptoRng, TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use crate::crypto::aes_ctr::AesCtr;

/// So many random bytes are made at once, besides the next key.
const POOL_BYTES: usize = 224;

/// Random bytes from a key that the caller's generator made once: so a message costs no call of the operating system, and the
/// engine is deterministic.
///
/// They are made by AES-256-CTR, some at a time, each time with the key of the next time; what was made before can't be told
/// from what is here ([fast key erasure](https://blog.cr.yp.to/20170723-random.html)). Nor is a key schedule kept, which would
/// be most of what an idle session has.
pub(super) struct Random {
    key: Zeroizing<[u8; 32]>,
    /// What is used is erased.
    pool: Zeroizing<[u8; POOL_BYTES]>,
    used: usize,
}

impl Random {
    /// Draws the key from `rng`.
    pub(super) fn from_rng(rng: &mut dyn CryptoRng) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut key[..]);
        Self {
            key,
            pool: Zeroizing::new([0; POOL_BYTES]),
            used: POOL_BYTES,
        }
    }

    /// Fills `bytes`.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.used == POOL_BYTES {
                self.refill();
            }
            let len = rest.len().min(POOL_BYTES - self.used);
            let (now, later) = rest.split_at_mut(len);
            let fresh = &mut self.pool[self.used..self.used + len];
            now.copy_from_slice(fresh);
            fresh.fill(0);
            self.used += len;
            rest = later;
        }
    }

    fn refill(&mut self) {
        // A key is used once: counting may begin at zero.
        let mut keystream = AesCtr::new(&self.key, &[0; 16]);
        self.key.fill(0);
        keystream.apply(&mut self.key[..]);
        keystream.apply(&mut self.pool[..]);
        self.used = 0;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn seeded() -> Random {
        Random::from_rng(&mut Random {
            key: Zeroizing::new([1; 32]),
            pool: Zeroizing::new([0; POOL_BYTES]),
            used: POOL_BYTES,
        })
    }

    #[test]
    fn it_is_one_stream_however_it_is_taken() {
        let mut whole = [0; 1000];
        seeded().fill(&mut whole);
        let (mut pieces, mut random) = ([0; 1000], seeded());
        let mut rest = &mut pieces[..];
        for len in (0..40).cycle() {
            let len = rest.len().min(len);
            let (now, later) = rest.split_at_mut(len);
            random.fill(now);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        assert!(whole == pieces);
        // No 8 of them come twice.
        let mut words: alloc::vec::Vec<&[u8]> = whole.chunks(8).collect();
        words.sort_unstable();
        assert!(words.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn what_was_given_out_is_gone() {
        let mut random = seeded();
        let mut bytes = [0; 100];
        random.fill(&mut bytes);
        assert_eq!(random.pool[..100], [0; 100]);
        let key = *random.key;
        random.fill(&mut [0; POOL_BYTES]);
        assert_ne!(*random.key, key);
        assert_ne!(bytes, [0; 100]);
    }
}
