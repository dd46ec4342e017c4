//! The form of `encrypted_data` that came before RSA_PAD, for servers that old clients reach.
//!
//! ```text
//! data_with_hash = SHA1(data) + data + random bytes     255 bytes
//! ```
//!
//! It is no secure padding: the hash says nothing about the random bytes, so that a ciphertext can be changed in ways that a
//! server does not notice. Clients of today use [`PublicKey::encrypt_padded`].
//!
//! Page: <https://core.telegram.org/mtproto/auth_key>, as it was before RSA_PAD; TDLib and Telethon still have it.

use alloc::vec::Vec;

use rand_core::CryptoRng;
use sha1::{Digest, Sha1};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::padding::{DecryptError, EncryptError};
use super::{PrivateKey, PublicKey};
use crate::crypto::bigint::{from_array, to_array};
use crate::crypto::hash::sha1;

/// Where the data begins: after a zero, which keeps the number below every modulus, and its hash.
const DATA: usize = 1 + 20;
const MAX_DATA_BYTES: usize = 256 - DATA;

impl PublicKey {
    /// Encrypts up to 235 bytes with their SHA-1.
    ///
    /// # Errors
    ///
    /// When the data is longer.
    pub fn encrypt_legacy(
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
        let mut padded = Zeroizing::new([0; 256]);
        padded[1..DATA].copy_from_slice(&sha1(&[data]));
        padded[DATA..][..data.len()].copy_from_slice(data);
        rng.fill_bytes(&mut padded[DATA + data.len()..]);
        Ok(to_array(&self.raise(&Zeroizing::new(from_array(&padded)))))
    }
}

impl PrivateKey {
    /// Undoes [`PublicKey::encrypt_legacy`]: the data without the random bytes.
    ///
    /// How long the data is is written nowhere: it is the length at which the hash is right.
    ///
    /// # Errors
    ///
    /// [`DecryptError`], after the same work whatever is wrong.
    pub fn decrypt_legacy(&self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let encrypted = encrypted.try_into().map_err(|_| DecryptError)?;
        let (padded, is_sound) = self.lower(&from_array(encrypted));
        let padded = Zeroizing::new(to_array(&padded));
        let (head, data) = padded.split_at(DATA);
        let mut hasher = Sha1::new();
        let mut is_found = Choice::from(0);
        let mut found = 0;
        for length in 0..=data.len() {
            let is_hash = hasher.clone().finalize()[..].ct_eq(&head[1..]);
            found.conditional_assign(&(length as u64), is_hash);
            is_found |= is_hash;
            if let Some(byte) = data.get(length) {
                hasher.update([*byte]);
            }
        }
        if (is_sound & is_found & head[0].ct_eq(&0)).into() {
            Ok(Zeroizing::new(data[..found as usize].to_vec()))
        } else {
            Err(DecryptError)
        }
    }
}
