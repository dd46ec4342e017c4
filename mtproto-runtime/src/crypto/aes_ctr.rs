//! AES-256 in counter mode, with a big-endian counter of 128 bits.
//!
//! Obfuscated transports run one keystream over a whole connection, so it goes on from call to call. CDN files use it, too.
//!
//! Pages: <https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation>, <https://core.telegram.org/cdn>.

use core::fmt;

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};

/// A keystream. Encryption and decryption are the same.
///
/// ```
/// use mtproto_runtime::crypto::aes_ctr::AesCtr;
///
/// let (key, iv) = ([1; 32], [2; 16]);
/// let mut data = *b"any length will do";
/// AesCtr::new(&key, &iv).apply(&mut data);
/// let mut decryption = AesCtr::new(&key, &iv);
/// let (first, second) = data.split_at_mut(5);
/// decryption.apply(first);
/// decryption.apply(second);
/// assert_eq!(&data, b"any length will do");
/// ```
pub struct AesCtr(Ctr128BE<Aes256>);

impl AesCtr {
    /// The keystream whose first block is `iv`, encrypted.
    pub fn new(key: &[u8; 32], iv: &[u8; 16]) -> Self {
        Self(Ctr128BE::new(key.into(), iv.into()))
    }

    /// Combines the data with the next bytes of the keystream.
    pub fn apply(&mut self, data: &mut [u8]) {
        self.0.apply_keystream(data);
    }
}

impl fmt::Debug for AesCtr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AesCtr").finish_non_exhaustive()
    }
}
