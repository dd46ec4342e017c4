//! RSA_PAD, by which a client encrypts `P_Q_inner_data` to a server: a variant of OAEP+.
//!
//! ```text
//! data_with_padding  = data + random_padding_bytes                               192 bytes
//! data_with_hash     = reversed data_with_padding + SHA256(temp_key + data_with_padding)   224 bytes
//! aes_encrypted      = AES256_IGE(data_with_hash, temp_key, 0)
//! key_aes_encrypted  = temp_key xor SHA256(aes_encrypted) + aes_encrypted        256 bytes
//! ```
//!
//! Page: <https://core.telegram.org/mtproto/auth_key#41-rsa-paddata-server-public-key-mentioned-above-is-implemented-as-follows>.

use rand_core::CryptoRng;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{PrivateKey, PublicKey};
use crate::crypto::aes_ige;
use crate::crypto::bigint::{from_array, to_array};
use crate::crypto::hash::sha256;

/// How long `data` may be.
pub const MAX_DATA_BYTES: usize = 144;

const PADDED_BYTES: usize = 192;
/// Each `temp_key` does with a probability of at least one half.
const ATTEMPTS: u32 = 128;

/// Why nothing was encrypted. The caller is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptError {
    /// The data leaves no room for its padding.
    #[error("{length_bytes} bytes cannot be encrypted at once; there is room for {max_bytes}")]
    TooLong {
        /// How many bytes there are.
        length_bytes: usize,
        /// How many there may be.
        max_bytes: usize,
    },
    /// 128 times in a row the random number generator gave a `temp_key` that leads above the modulus.
    #[error("the random number generator is not random")]
    Random,
}

/// A ciphertext that was not made for this key, or was changed on its way. The peer is at fault.
///
/// It does not say more, and takes the same time, whatever is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("encrypted_data is not encrypted for this key")]
pub struct DecryptError;

impl PublicKey {
    /// RSA_PAD: encrypts up to 144 bytes.
    ///
    /// # Errors
    ///
    /// When the data is longer.
    pub fn encrypt_padded(
        &self,
        data: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<[u8; 256], EncryptError> {
        if data.len() > MAX_DATA_BYTES {
            return Err(EncryptError::TooLong {
                length_bytes: data.len(),
                max_bytes: MAX_DATA_BYTES,
            });
        }
        let mut data_with_padding = Zeroizing::new([0; PADDED_BYTES]);
        data_with_padding[..data.len()].copy_from_slice(data);
        rng.fill_bytes(&mut data_with_padding[data.len()..]);

        let mut temp_key = Zeroizing::new([0; 32]);
        for _ in 0..ATTEMPTS {
            rng.fill_bytes(&mut temp_key[..]);
            let padded = Zeroizing::new(from_array(&pad(&data_with_padding, &temp_key)));
            if self.modulus.is_above(&padded).into() {
                return Ok(to_array(&self.raise(&padded)));
            }
        }
        Err(EncryptError::Random)
    }
}

impl PrivateKey {
    /// Undoes [`PublicKey::encrypt_padded`]: the data, and random bytes up to 192. The data says itself how long it is.
    ///
    /// # Errors
    ///
    /// [`DecryptError`], after the same work whatever is wrong.
    pub fn decrypt_padded(
        &self,
        encrypted: &[u8],
    ) -> Result<Zeroizing<[u8; PADDED_BYTES]>, DecryptError> {
        let encrypted = encrypted.try_into().map_err(|_| DecryptError)?;
        let (padded, is_sound) = self.lower(&from_array(encrypted));
        let padded = Zeroizing::new(to_array(&padded));
        let (data_with_padding, is_intact) = unpad(&padded);
        if (is_sound & is_intact).into() {
            Ok(data_with_padding)
        } else {
            Err(DecryptError)
        }
    }
}

/// `key_aes_encrypted`.
fn pad(data_with_padding: &[u8; PADDED_BYTES], temp_key: &[u8; 32]) -> Zeroizing<[u8; 256]> {
    let mut padded = Zeroizing::new([0; 256]);
    let (temp_key_xor, aes_encrypted) = padded.split_at_mut(32);
    aes_encrypted[..PADDED_BYTES].copy_from_slice(data_with_padding);
    aes_encrypted[..PADDED_BYTES].reverse();
    aes_encrypted[PADDED_BYTES..].copy_from_slice(&sha256(&[temp_key, data_with_padding]));
    aes_ige::encrypt(temp_key, &[0; 32], aes_encrypted).expect("224 bytes are whole blocks");
    let hash = sha256(&[aes_encrypted]);
    for (xor, (key, hash)) in temp_key_xor.iter_mut().zip(temp_key.iter().zip(hash)) {
        *xor = key ^ hash;
    }
    padded
}

/// `data_with_padding`, and whether its hash is right.
fn unpad(key_aes_encrypted: &[u8; 256]) -> (Zeroizing<[u8; PADDED_BYTES]>, Choice) {
    let (temp_key_xor, aes_encrypted) = key_aes_encrypted.split_at(32);
    let mut temp_key = Zeroizing::new(sha256(&[aes_encrypted]));
    for (key, xor) in temp_key.iter_mut().zip(temp_key_xor) {
        *key ^= xor;
    }
    let mut data_with_hash = Zeroizing::new([0; 224]);
    data_with_hash.copy_from_slice(aes_encrypted);
    aes_ige::decrypt(&temp_key, &[0; 32], &mut data_with_hash[..])
        .expect("224 bytes are whole blocks");
    let (reversed, hash) = data_with_hash.split_at(PADDED_BYTES);
    let mut data_with_padding = Zeroizing::new([0; PADDED_BYTES]);
    data_with_padding.copy_from_slice(reversed);
    data_with_padding.reverse();
    let is_intact = sha256(&[&temp_key[..], &data_with_padding[..]]).ct_eq(hash);
    (data_with_padding, is_intact)
}
