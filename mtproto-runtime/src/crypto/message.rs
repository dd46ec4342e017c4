//! Encrypted messages of MTProto 2.0: all of `encrypted_data`, with its `msg_key`.
//!
//! What it consists of (salt, session, ids, padding) is the business of sessions. Secret chats encrypt in the same way, with
//! their own shared key.
//!
//! Pages: <https://core.telegram.org/mtproto/description#encrypted-message>,
//! <https://core.telegram.org/mtproto/security_guidelines#mtproto-encrypted-messages>.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::aes_ige::{self, LengthError};
use super::kdf::{self, Side, message_keys, msg_key_part};
use crate::auth_key::AuthKey;

/// Why encrypted data is not a message.
///
/// An attacker may know either: the first shows in the length of what was sent. Nothing else may be told apart before
/// `msg_key` is found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptError {
    /// It is not whole blocks.
    #[error(transparent)]
    Length(#[from] LengthError),
    /// `msg_key` is not that of the plaintext: another authorization key, the wrong direction, or data changed underway.
    #[error(
        "msg_key is not that of the plaintext: another auth_key, the wrong direction, or data changed underway"
    )]
    MsgKey,
}

/// Encrypts `plaintext + padding` in place, and gives its `msg_key`.
///
/// # Errors
///
/// When the length is no multiple of 16; the data is as it was.
pub fn encrypt(auth_key: &AuthKey, side: Side, data: &mut [u8]) -> Result<[u8; 16], LengthError> {
    let msg_key = kdf::msg_key(auth_key, side, data);
    let keys = message_keys(auth_key, &msg_key, side);
    aes_ige::encrypt(&keys.key, &keys.iv, data)?;
    Ok(msg_key)
}

/// Decrypts `encrypted_data` in place, and compares `msg_key` in constant time. `side` is who sent it.
///
/// # Errors
///
/// When the length is no multiple of 16, and the data is as it was; and when `msg_key` is not that of the plaintext, and the
/// data is erased, so that nobody reads what nobody has vouched for.
pub fn decrypt(
    auth_key: &AuthKey,
    side: Side,
    msg_key: &[u8; 16],
    data: &mut [u8],
) -> Result<(), DecryptError> {
    let keys = message_keys(auth_key, msg_key, side);
    let msg_key_large =
        aes_ige::decrypt_sha256(&keys.key, &keys.iv, data, msg_key_part(auth_key, side))?;
    // In two steps: byte by byte it takes as long as a block of the hash.
    let words = |msg_key: [u8; 16]| {
        let number = u128::from_le_bytes(msg_key);
        [number as u64, (number >> 64) as u64]
    };
    let expected = words(kdf::middle(&msg_key_large));
    if expected[..].ct_eq(&words(*msg_key)).into() {
        return Ok(());
    }
    data.zeroize();
    Err(DecryptError::MsgKey)
}
