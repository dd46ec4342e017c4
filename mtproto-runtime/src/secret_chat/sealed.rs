//! A message under the chat's key: `key_fingerprint ‖ msg_key ‖ AES-IGE (length ‖ data ‖ padding)`.
//!
//! Pages: <https://core.telegram.org/api/end-to-end#serialization-and-encryption-of-outgoing-messages> (MTProto 2.0) and
//! <https://core.telegram.org/api/end-to-end_v1#serialization-and-encryption-of-outgoing-messages> (1.0).

use alloc::vec::Vec;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::auth_key::AuthKey;
use crate::crypto::aes_ige::{self, LengthError};
use crate::crypto::kdf::{self, Side};
use crate::crypto::message;

/// `key_fingerprint` and `msg_key`.
const HEADER_BYTES: usize = 8 + 16;
/// The length in front of the data.
const LENGTH_BYTES: usize = 4;
const MIN_PADDING_BYTES: usize = 12;
const MAX_PADDING_BYTES: usize = 1024;

/// How messages of a chat are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// MTProto 1.0: SHA-1 of the data without its padding, the same keys in both directions. Peers below layer 73.
    V1,
    /// MTProto 2.0.
    V2,
}

/// Which key, and under which protocol, and who of the two sends.
#[derive(Clone, Copy)]
pub(crate) struct Envelope<'k> {
    pub(crate) key: &'k AuthKey,
    pub(crate) protocol: Protocol,
    pub(crate) from_originator: bool,
}

impl Envelope<'_> {
    /// Encrypts data; the padding is random, and so is how much there is of it.
    pub(crate) fn seal(&self, data: &[u8], rng: &mut dyn CryptoRng) -> Vec<u8> {
        let body = LENGTH_BYTES + data.len();
        let padding = self.padding(body, rng);
        let mut sealed = Vec::with_capacity(HEADER_BYTES + body + padding);
        sealed.resize(HEADER_BYTES, 0);
        sealed.extend((data.len() as u32).to_le_bytes());
        sealed.extend(data);
        sealed.resize(HEADER_BYTES + body + padding, 0);
        rng.fill_bytes(&mut sealed[HEADER_BYTES + body..]);

        let (header, plaintext) = sealed.split_at_mut(HEADER_BYTES);
        let encrypted = match self.protocol {
            Protocol::V1 => v1_encrypt(self.key, plaintext, body),
            Protocol::V2 => message::encrypt(self.key, self.side(), plaintext),
        };
        let msg_key = encrypted.expect("the padding makes whole blocks");
        header[..8].copy_from_slice(&self.key.id().to_le_bytes());
        header[8..].copy_from_slice(&msg_key);
        sealed
    }

    /// Decrypts what [`key_fingerprint`] says is under this key.
    ///
    /// There is one failure, whatever is wrong: who can tell a wrong length from a wrong `msg_key` can ask about plaintexts.
    pub(crate) fn open(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (header, ciphertext) = sealed.split_at_checked(HEADER_BYTES)?;
        let stated: &[u8; 16] = header.last_chunk()?;
        let mut plaintext = Zeroizing::new(ciphertext.to_vec());
        let is_intact = match self.protocol {
            Protocol::V1 => v1_decrypt(self.key, stated, &mut plaintext),
            Protocol::V2 => message::decrypt(self.key, self.side(), stated, &mut plaintext).is_ok(),
        };
        let body = body_bytes(&plaintext)?;
        let padding = plaintext.len().checked_sub(body);
        let is_padded = padding.is_some_and(|padding| self.allows_padding(padding));
        if !(is_intact && is_padded && body.is_multiple_of(4)) {
            return None;
        }
        plaintext.truncate(body);
        plaintext.drain(..LENGTH_BYTES);
        Some(plaintext)
    }

    /// `x` is 0 for what the originator sends, and 8 for the other direction.
    fn side(&self) -> Side {
        if self.from_originator {
            Side::Client
        } else {
            Side::Server
        }
    }

    /// To whole blocks, and up to 15 blocks more, which hide the length.
    fn padding(&self, body: usize, rng: &mut dyn CryptoRng) -> usize {
        let to_block = |len: usize| len.next_multiple_of(16) - len;
        match self.protocol {
            Protocol::V1 => to_block(body),
            Protocol::V2 => {
                let least = MIN_PADDING_BYTES + to_block(body + MIN_PADDING_BYTES);
                least + 16 * (rng.next_u32() % 16) as usize
            }
        }
    }

    fn allows_padding(&self, bytes: usize) -> bool {
        match self.protocol {
            Protocol::V1 => bytes < 16,
            Protocol::V2 => (MIN_PADDING_BYTES..=MAX_PADDING_BYTES).contains(&bytes),
        }
    }
}

/// The length and the data behind it, as far as the length says.
fn body_bytes(plaintext: &[u8]) -> Option<usize> {
    let length: [u8; LENGTH_BYTES] = *plaintext.first_chunk()?;
    Some((u32::from_le_bytes(length) as usize).saturating_add(LENGTH_BYTES))
}

/// Encrypts in place; the padding is outside of what `msg_key` vouches for, and `x` is 0 in both directions.
fn v1_encrypt(key: &AuthKey, plaintext: &mut [u8], body: usize) -> Result<[u8; 16], LengthError> {
    let msg_key = kdf::v1_msg_key(&plaintext[..body]);
    let keys = kdf::v1_message_keys(key, &msg_key, Side::Client);
    aes_ige::encrypt(&keys.key, &keys.iv, plaintext)?;
    Ok(msg_key)
}

/// Decrypts in place; returns whether `msg_key` is that of the body.
fn v1_decrypt(key: &AuthKey, stated: &[u8; 16], plaintext: &mut [u8]) -> bool {
    let keys = kdf::v1_message_keys(key, stated, Side::Client);
    if aes_ige::decrypt(&keys.key, &keys.iv, plaintext).is_err() {
        return false;
    }
    // Of a length that can't be, the whole is hashed, so that it takes as long as any other.
    let body = body_bytes(plaintext).map_or(plaintext.len(), |body| body.min(plaintext.len()));
    kdf::v1_msg_key(&plaintext[..body]).ct_eq(stated).into()
}

/// The fingerprint of the key that a message is under; none if it is too short for a message.
pub(crate) fn key_fingerprint(sealed: &[u8]) -> Option<i64> {
    let fingerprint: &[u8; 8] = sealed.first_chunk()?;
    (sealed.len() > HEADER_BYTES).then(|| i64::from_le_bytes(*fingerprint))
}
