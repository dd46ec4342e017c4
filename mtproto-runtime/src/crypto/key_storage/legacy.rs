//! Authorization keys under a password as the page of MTProto 1.0 suggests it. **Not safe**: a guess at the password costs
//! next to nothing, and equal passwords are equal keys. It is here for what is stored so already.
//!
//! The page (<https://core.telegram.org/mtproto/description_v1#storing-an-authorization-key-on-a-client-device>) has the
//! SHA-1 of the key in front of the key, and "the entire string is encrypted using AES in CBC mode and a key equal to the
//! user's (text) password"; the password is right when the SHA-1 is. That leaves open:
//!
//! * how a password is a key: AES-256, as everywhere in MTProto; the key is the password's bytes, then zeros. A longer password
//!   than 32 bytes is none.
//! * the initialization vector: zeros, since nothing but the string is stored.
//! * the padding: the 276 bytes are filled up with random bytes to 288, as the page says it of all that AES encrypts.

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes256Dec, Aes256Enc};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use super::StorageError;
use crate::auth_key::AuthKey;
use crate::crypto::erase;
use crate::crypto::hash::sha1;

/// How long a stored key is.
pub const STORED_BYTES: usize = 288;

/// Puts a key under a password. The generator fills the padding.
///
/// # Errors
///
/// When the password is longer than 32 bytes.
pub fn seal(
    auth_key: &AuthKey,
    password: &[u8],
    rng: &mut dyn CryptoRng,
) -> Result<[u8; STORED_BYTES], StorageError> {
    let mut key = key(password)?;
    let cipher = Aes256Enc::new((&key).into());
    erase(&mut key);
    let mut stored = [0; STORED_BYTES];
    stored[..20].copy_from_slice(&sha1(&[auth_key.as_bytes()]));
    stored[20..276].copy_from_slice(auth_key.as_bytes());
    rng.fill_bytes(&mut stored[276..]);
    let mut before = [0; 16];
    for block in stored.as_chunks_mut().0 {
        xor(block, &before);
        cipher.encrypt_block(block.into());
        before = *block;
    }
    Ok(stored)
}

/// Takes a key out again.
///
/// # Errors
///
/// When the length is another, when the password is longer than 32 bytes, and when it is wrong or what is stored has changed.
pub fn open(stored: &[u8], password: &[u8]) -> Result<AuthKey, StorageError> {
    let mut data: [u8; STORED_BYTES] = stored.try_into().map_err(|_| StorageError::Length {
        length_bytes: stored.len(),
        expected_bytes: STORED_BYTES,
    })?;
    let mut key = key(password)?;
    let cipher = Aes256Dec::new((&key).into());
    erase(&mut key);
    let mut before = [0; 16];
    for block in data.as_chunks_mut().0 {
        let ciphertext = *block;
        cipher.decrypt_block(block.into());
        xor(block, &before);
        before = ciphertext;
    }
    let mut bytes = [0; 256];
    bytes.copy_from_slice(&data[20..276]);
    let right = sha1(&[&bytes]).ct_eq(&data[..20]).into();
    let auth_key = AuthKey::new(bytes);
    erase(&mut bytes);
    erase(&mut data);
    if right {
        Ok(auth_key)
    } else {
        Err(StorageError::Password)
    }
}

/// The password's bytes, then zeros.
fn key(password: &[u8]) -> Result<[u8; 32], StorageError> {
    let mut key = [0; 32];
    let start = key
        .get_mut(..password.len())
        .ok_or(StorageError::PasswordTooLong {
            length_bytes: password.len(),
            limit_bytes: 32,
        })?;
    start.copy_from_slice(password);
    Ok(key)
}

fn xor(block: &mut [u8; 16], other: &[u8; 16]) {
    block
        .iter_mut()
        .zip(other)
        .for_each(|(byte, other)| *byte ^= other);
}
