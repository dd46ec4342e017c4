//! Encrypted messages of MTProto 2.0, as far as the example of the handshake needs them:
//! <https://core.telegram.org/mtproto/description#encrypted-message>.

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::aes_ige;
use mtproto_runtime::crypto::kdf::{Side, message_keys, msg_key};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

/// `auth_key_id` and `msg_key`.
const HEAD_BYTES: usize = 8 + 16;
/// `salt`, `session_id`, `msg_id`, `seq_no` and the length.
const INNER_HEAD_BYTES: usize = 8 + 8 + 8 + 4 + 4;

/// A message as it is under the encryption.
#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub(crate) salt: i64,
    pub(crate) session_id: i64,
    pub(crate) msg_id: i64,
    pub(crate) seq_no: i32,
    pub(crate) body: Vec<u8>,
}

/// Decrypts what `sender` has encrypted. What comes after the last whole block is a transport's padding.
pub(crate) fn decrypt(key: &AuthKey, sender: Side, payload: &[u8]) -> Result<Inner, &'static str> {
    let (head, encrypted) = payload.split_at_checked(HEAD_BYTES).ok_or("too short")?;
    let key_of_message: &[u8; 16] = head[8..].try_into().map_err(|_| "too short")?;
    let keys = message_keys(key, key_of_message, sender);
    let mut plaintext = encrypted[..encrypted.len() / 16 * 16].to_vec();
    aes_ige::decrypt(&keys.key, &keys.iv, &mut plaintext).map_err(|_| "no blocks")?;
    if !bool::from(msg_key(key, sender, &plaintext).ct_eq(key_of_message)) {
        return Err("wrong msg_key");
    }
    let (head, rest) = plaintext
        .split_at_checked(INNER_HEAD_BYTES)
        .ok_or("too short")?;
    let long = |at: usize| i64::from_le_bytes(head[at..at + 8].try_into().unwrap_or_default());
    let int = |at: usize| i32::from_le_bytes(head[at..at + 4].try_into().unwrap_or_default());
    let length = usize::try_from(int(28)).map_err(|_| "negative length")?;
    let body = rest
        .get(..length)
        .ok_or("the length is beyond the message")?;
    if length % 4 != 0 || !(12..=1024).contains(&(rest.len() - length)) {
        return Err("wrong padding");
    }
    Ok(Inner {
        salt: long(0),
        session_id: long(8),
        msg_id: long(16),
        seq_no: int(24),
        body: body.to_vec(),
    })
}

/// Encrypts a message with this much padding, or as much as it needs.
pub(crate) fn encrypt(
    key: &AuthKey,
    sender: Side,
    inner: &Inner,
    padding: Option<usize>,
    rng: &mut dyn CryptoRng,
) -> Vec<u8> {
    let mut plaintext = Vec::new();
    for long in [inner.salt, inner.session_id, inner.msg_id] {
        plaintext.extend(long.to_le_bytes());
    }
    plaintext.extend(inner.seq_no.to_le_bytes());
    plaintext.extend((inner.body.len() as i32).to_le_bytes());
    plaintext.extend(&inner.body);
    let unpadded = plaintext.len();
    let padded = match padding {
        Some(padding) => unpadded + padding,
        None => (unpadded + 12).next_multiple_of(16),
    };
    plaintext.resize(padded.next_multiple_of(16), 0);
    rng.fill_bytes(&mut plaintext[unpadded..]);

    let key_of_message = msg_key(key, sender, &plaintext);
    let keys = message_keys(key, &key_of_message, sender);
    // The length is a number of blocks.
    let _ = aes_ige::encrypt(&keys.key, &keys.iv, &mut plaintext);
    [&key.id().to_le_bytes()[..], &key_of_message, &plaintext].concat()
}
