//! AES-256 in infinite garble extension (IGE) mode.
//!
//! Each block is combined with the ciphertext before it ahead of the cipher, and with the plaintext before it after:
//! `c[i] = E(p[i] ^ c[i-1]) ^ p[i-1]`. The initialization vector is two blocks, `c[-1]` and then `p[-1]`. To go on with a
//! stream, as files of secret chats in parts do, take the last block of ciphertext and the last of plaintext for it.
//!
//! A stream is one long chain, in both directions: no block can begin before the one before it has ended. What can be done
//! is to keep the chain to the rounds of the cipher alone, and to do something else meanwhile: [`encrypt_many`] and
//! [`decrypt_many`] run through several messages at once, and [`decrypt_sha256`] hashes what it has decrypted. This takes
//! the instructions of x86-64 themselves (they are looked for when the program runs); everywhere else it is `portable`,
//! which gives the same bytes.
//!
//! Pages: <https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector>,
//! <https://core.telegram.org/techfaq>.

mod portable;

#[cfg(test)]
mod tests;

use super::hash::sha256;
use super::kdf::KeyIv;
#[cfg(target_arch = "x86_64")]
use super::x86;

/// Data that is not a whole number of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "AES-IGE takes whole blocks of 16 bytes, and {length_bytes} bytes are none: pad before the encryption"
)]
pub struct LengthError {
    /// How long the data is.
    pub length_bytes: usize,
}

/// One of several messages for [`encrypt_many`] and [`decrypt_many`].
#[derive(Debug)]
pub struct Message<'a> {
    /// `aes_key` and `aes_iv`.
    pub keys: &'a KeyIv,
    /// What is encrypted or decrypted in place.
    pub data: &'a mut [u8],
}

/// Encrypts in place.
///
/// ```
/// use mtproto_runtime::crypto::aes_ige;
///
/// let (key, iv) = ([1; 32], [2; 32]);
/// let mut data = *b"AES takes blocks, sixteen bytes long each one is";
/// aes_ige::encrypt(&key, &iv, &mut data)?;
/// aes_ige::decrypt(&key, &iv, &mut data)?;
/// assert_eq!(&data, b"AES takes blocks, sixteen bytes long each one is");
/// # Ok::<(), aes_ige::LengthError>(())
/// ```
///
/// # Errors
///
/// When the length is no multiple of 16; the data is as it was.
pub fn encrypt(key: &[u8; 32], iv: &[u8; 32], data: &mut [u8]) -> Result<(), LengthError> {
    run_one::<false>(key, iv, blocks(data)?);
    Ok(())
}

/// Decrypts in place.
///
/// # Errors
///
/// When the length is no multiple of 16; the data is as it was.
pub fn decrypt(key: &[u8; 32], iv: &[u8; 32], data: &mut [u8]) -> Result<(), LengthError> {
    run_one::<true>(key, iv, blocks(data)?);
    Ok(())
}

/// Encrypts messages in place, each under its own key: several times as fast as one after another.
///
/// # Errors
///
/// When the length of any is no multiple of 16; all of the data is as it was.
pub fn encrypt_many(messages: &mut [Message<'_>]) -> Result<(), LengthError> {
    run_many::<false>(messages)
}

/// Decrypts messages in place, each under its own key: several times as fast as one after another.
///
/// # Errors
///
/// When the length of any is no multiple of 16; all of the data is as it was.
pub fn decrypt_many(messages: &mut [Message<'_>]) -> Result<(), LengthError> {
    run_many::<true>(messages)
}

/// Decrypts in place, and gives the SHA-256 of the prefix and the plaintext, which takes hardly longer than decryption alone.
///
/// # Errors
///
/// When the length is no multiple of 16; the data is as it was.
pub fn decrypt_sha256(
    key: &[u8; 32],
    iv: &[u8; 32],
    data: &mut [u8],
    prefix: &[u8; 32],
) -> Result<[u8; 32], LengthError> {
    let blocks = blocks(data)?;
    #[cfg(target_arch = "x86_64")]
    if let Some(cpu) = x86::AesSha::detect() {
        return Ok(cpu.decrypt_sha256(key, iv, blocks, prefix));
    }
    run_one::<true>(key, iv, blocks);
    Ok(sha256(&[prefix, blocks.as_flattened()]))
}

fn run_one<const DECRYPT: bool>(key: &[u8; 32], iv: &[u8; 32], blocks: &mut [Block]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(cpu) = x86::Aes::detect() {
        return cpu.run_one::<DECRYPT>(key, iv, blocks);
    }
    portable::run::<DECRYPT>(key, iv, blocks);
}

fn run_many<const DECRYPT: bool>(messages: &mut [Message<'_>]) -> Result<(), LengthError> {
    for message in messages.iter_mut() {
        blocks(message.data)?;
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(cpu) = x86::Aes::detect() {
        cpu.run_many::<DECRYPT>(messages);
        return Ok(());
    }
    for Message { keys, data } in messages {
        portable::run::<DECRYPT>(&keys.key, &keys.iv, blocks(data)?);
    }
    Ok(())
}

pub(super) type Block = [u8; 16];

fn blocks(data: &mut [u8]) -> Result<&mut [Block], LengthError> {
    let length_bytes = data.len();
    match data.as_chunks_mut() {
        (blocks, []) => Ok(blocks),
        _ => Err(LengthError { length_bytes }),
    }
}

/// What comes before the first block: of what the cipher gives out, and of what it takes in.
pub(super) fn before<const DECRYPT: bool>(iv: &[u8; 32]) -> (Block, Block) {
    let (halves, _) = iv.as_chunks();
    let (ciphertext, plaintext) = (halves[0], halves[1]);
    if DECRYPT {
        (plaintext, ciphertext)
    } else {
        (ciphertext, plaintext)
    }
}
