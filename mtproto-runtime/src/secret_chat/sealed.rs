//! A message under the chat's key: `key_fingerprint ‖ msg_key ‖ AES-IGE (length ‖ data ‖ padding)`.
//!
//! Pages: <https://core.telegram.org/api/end-to-end#serialization-and-encryption-of-outgoing-messages> (MTProto 2.0) and
//! <https://core.telegram.org/api/end-to-end_v1#serialization-and-encryption-of-outgoing-messages> (1.0).

use alloc::vec::Vec;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::auth_key::AuthKey;
use crate::crypto::aes_ige;
use crate::crypto::kdf::{self, KeyIv, Side};

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
        let msg_key = self.msg_key(plaintext, body);
        let KeyIv { key, iv } = &self.message_keys(&msg_key);
        aes_ige::encrypt(key, iv, plaintext).expect("the padding makes whole blocks");
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
        let KeyIv { key, iv } = &self.message_keys(stated);
        aes_ige::decrypt(key, iv, &mut plaintext).ok()?;
        let length: [u8; LENGTH_BYTES] = *plaintext.first_chunk()?;
        let body = (u32::from_le_bytes(length) as usize).saturating_add(LENGTH_BYTES);

        // Of a length that can't be, the whole is hashed, so that it takes as long as any other.
        let computed = self.msg_key(&plaintext, body.min(plaintext.len()));
        let is_intact = bool::from(computed.ct_eq(stated));
        let padding = plaintext.len().checked_sub(body);
        let is_padded = padding.is_some_and(|padding| self.allows_padding(padding));
        if !(is_intact && is_padded && body.is_multiple_of(4)) {
            return None;
        }
        plaintext.truncate(body);
        plaintext.drain(..LENGTH_BYTES);
        Some(plaintext)
    }

    fn msg_key(&self, plaintext: &[u8], body: usize) -> [u8; 16] {
        match self.protocol {
            Protocol::V1 => kdf::v1_msg_key(&plaintext[..body]),
            Protocol::V2 => kdf::msg_key(self.key, self.side(), plaintext),
        }
    }

    fn message_keys(&self, msg_key: &[u8; 16]) -> KeyIv {
        match self.protocol {
            Protocol::V1 => kdf::v1_message_keys(self.key, msg_key, Side::Client),
            Protocol::V2 => kdf::message_keys(self.key, msg_key, self.side()),
        }
    }

    /// `x` is 0 for what the originator sends, and 8 for the other direction; in 1.0 it is 0 for both.
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

/// The fingerprint of the key that a message is under; none if it is too short for a message.
pub(crate) fn key_fingerprint(sealed: &[u8]) -> Option<i64> {
    let fingerprint: &[u8; 8] = sealed.first_chunk()?;
    (sealed.len() > HEADER_BYTES).then(|| i64::from_le_bytes(*fingerprint))
}
