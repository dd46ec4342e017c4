//! AES-256 in infinite garble extension (IGE) mode.
//!
//! Each block is combined with the ciphertext before it ahead of the cipher, and with the plaintext before it after:
//! `c[i] = E(p[i] ^ c[i-1]) ^ p[i-1]`. The initialization vector is two blocks, `c[-1]` and then `p[-1]`.
//!
//! Pages: <https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector>,
//! <https://core.telegram.org/techfaq>.

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes256Dec, Aes256Enc};

/// Data that is not a whole number of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "AES-IGE takes whole blocks of 16 bytes, and {length_bytes} bytes are none: pad before the encryption"
)]
pub struct LengthError {
    /// How long the data is.
    pub length_bytes: usize,
}

/// Encrypts in place.
///
/// # Errors
///
/// When the length is no multiple of 16; the data is as it was.
pub fn encrypt(key: &[u8; 32], iv: &[u8; 32], data: &mut [u8]) -> Result<(), LengthError> {
    let blocks = blocks(data)?;
    let cipher = Aes256Enc::new(key.into());
    let (mut ciphertext, mut plaintext) = halves(iv);
    for block in blocks {
        let next = u128::from_ne_bytes(*block);
        *block = (next ^ ciphertext).to_ne_bytes();
        cipher.encrypt_block(block.into());
        ciphertext = u128::from_ne_bytes(*block) ^ plaintext;
        *block = ciphertext.to_ne_bytes();
        plaintext = next;
    }
    Ok(())
}

/// Decrypts in place.
///
/// # Errors
///
/// When the length is no multiple of 16; the data is as it was.
pub fn decrypt(key: &[u8; 32], iv: &[u8; 32], data: &mut [u8]) -> Result<(), LengthError> {
    let blocks = blocks(data)?;
    let cipher = Aes256Dec::new(key.into());
    let (mut ciphertext, mut plaintext) = halves(iv);
    for block in blocks {
        let next = u128::from_ne_bytes(*block);
        *block = (next ^ plaintext).to_ne_bytes();
        cipher.decrypt_block(block.into());
        plaintext = u128::from_ne_bytes(*block) ^ ciphertext;
        *block = plaintext.to_ne_bytes();
        ciphertext = next;
    }
    Ok(())
}

fn blocks(data: &mut [u8]) -> Result<&mut [[u8; 16]], LengthError> {
    let length_bytes = data.len();
    match data.as_chunks_mut() {
        (blocks, []) => Ok(blocks),
        _ => Err(LengthError { length_bytes }),
    }
}

/// The ciphertext and the plaintext before the first block.
fn halves(iv: &[u8; 32]) -> (u128, u128) {
    let (ciphertext, plaintext) = iv.split_at(16);
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0, |word, &byte| word << 8 | u128::from(byte))
            .to_le()
    };
    (word(ciphertext), word(plaintext))
}
