//! Message keys, and the AES keys that come from them and from the authorization key.
//!
//! MTProto 2.0 is <https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector>. That of 1.0
//! (<https://core.telegram.org/mtproto/description_v1#defining-aes-key-and-initialization-vector>) is needed still to bind
//! temporary keys (<https://core.telegram.org/method/auth.bindTempAuthKey>). The handshake's temporary key is of
//! <https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication>.
//!
//! Secret chats use these functions with their own shared key. In 2.0 the originator of the chat has the part of the client
//! (<https://core.telegram.org/api/end-to-end>); in 1.0 both sides do.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::erase;
use super::hash::{sha1, sha256};
#[cfg(target_arch = "x86_64")]
use super::x86::AesSha;
use crate::auth_key::AuthKey;
use crate::wire::Redacted;

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The client, or who originated a secret chat: `x` is 0.
    Client,
    /// The server, or who accepted a secret chat: `x` is 8.
    Server,
}

impl Side {
    /// Who receives what this one sends.
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// `x` of the pages: where in the authorization key the parts for a direction begin.
    fn x(self) -> usize {
        match self {
            Self::Client => 0,
            Self::Server => 8,
        }
    }
}

/// An AES-256 key with the initialization vector for [IGE](super::aes_ige). Erased when dropped, never printed.
#[derive(Clone)]
pub struct KeyIv {
    /// `aes_key`.
    pub key: [u8; 32],
    /// `aes_iv`.
    pub iv: [u8; 32],
}

impl Zeroize for KeyIv {
    fn zeroize(&mut self) {
        erase(&mut self.key);
        erase(&mut self.iv);
    }
}

impl Drop for KeyIv {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for KeyIv {}

impl fmt::Debug for KeyIv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyIv")
            .field("key", &Redacted)
            .field("iv", &Redacted)
            .finish()
    }
}

/// `msg_key` of MTProto 2.0: the middle 128 bits of the SHA-256 of a part of the key and the plaintext with its padding.
pub fn msg_key(auth_key: &AuthKey, side: Side, plaintext_with_padding: &[u8]) -> [u8; 16] {
    let part = msg_key_part(auth_key, side);
    #[cfg(target_arch = "x86_64")]
    if let (Some(cpu), (blocks, [])) = (AesSha::detect(), plaintext_with_padding.as_chunks()) {
        return middle(&cpu.sha256(part, blocks));
    }
    middle(&sha256(&[part, plaintext_with_padding]))
}

/// What stands before the plaintext in `msg_key_large`.
pub(super) fn msg_key_part(auth_key: &AuthKey, side: Side) -> &[u8; 32] {
    part(auth_key, 88 + side.x())
}

/// `msg_key` of `msg_key_large`.
pub(super) fn middle(msg_key_large: &[u8; 32]) -> [u8; 16] {
    join(&[&msg_key_large[8..24]])
}

/// `aes_key` and `aes_iv` of a message of MTProto 2.0.
pub fn message_keys(auth_key: &AuthKey, msg_key: &[u8; 16], side: Side) -> KeyIv {
    let x = side.x();
    let (first, second) = (part::<36>(auth_key, x), part::<36>(auth_key, 40 + x));
    #[cfg(target_arch = "x86_64")]
    if let Some(cpu) = AesSha::detect() {
        return cpu.message_keys(msg_key, first, second);
    }
    keys_of_hashes(&[msg_key, first], &[second, msg_key])
}

fn keys_of_hashes(first: &[&[u8]], second: &[&[u8]]) -> KeyIv {
    let (mut a, mut b) = (sha256(first), sha256(second));
    let keys = KeyIv {
        key: join(&[&a[..8], &b[8..24], &a[24..]]),
        iv: join(&[&b[..8], &a[8..24], &b[24..]]),
    };
    erase(&mut a);
    erase(&mut b);
    keys
}

/// `msg_key` of MTProto 1.0: the lower 128 bits of the SHA-1 of the plaintext without its padding.
pub fn v1_msg_key(plaintext: &[u8]) -> [u8; 16] {
    join(&[&sha1(&[plaintext])[4..]])
}

/// `aes_key` and `aes_iv` of a message of MTProto 1.0.
pub fn v1_message_keys(auth_key: &AuthKey, msg_key: &[u8; 16], side: Side) -> KeyIv {
    let x = side.x();
    let mut a = sha1(&[msg_key, part::<32>(auth_key, x)]);
    let mut b = sha1(&[
        part::<16>(auth_key, 32 + x),
        msg_key,
        part::<16>(auth_key, 48 + x),
    ]);
    let mut c = sha1(&[part::<32>(auth_key, 64 + x), msg_key]);
    let mut d = sha1(&[msg_key, part::<32>(auth_key, 96 + x)]);
    let keys = KeyIv {
        key: join(&[&a[..8], &b[8..20], &c[4..16]]),
        iv: join(&[&a[8..20], &b[..8], &c[16..20], &d[..8]]),
    };
    erase(&mut a);
    erase(&mut b);
    erase(&mut c);
    erase(&mut d);
    keys
}

/// `tmp_aes_key` and `tmp_aes_iv`, under which the handshake sends the parameters of Diffie–Hellman.
pub fn tmp_aes_key_iv(new_nonce: &[u8; 32], server_nonce: &[u8; 16]) -> KeyIv {
    let mut new_server = sha1(&[new_nonce, server_nonce]);
    let mut server_new = sha1(&[server_nonce, new_nonce]);
    let mut new_new = sha1(&[new_nonce, new_nonce]);
    let keys = KeyIv {
        key: join(&[&new_server, &server_new[..12]]),
        iv: join(&[&server_new[12..], &new_new, &new_nonce[..4]]),
    };
    erase(&mut new_server);
    erase(&mut server_new);
    erase(&mut new_new);
    keys
}

/// `substr (auth_key, start, N)`.
fn part<const N: usize>(auth_key: &AuthKey, start: usize) -> &[u8; N] {
    let (part, _) = auth_key.as_bytes()[start..]
        .split_first_chunk()
        .expect("the key is long enough for all of them");
    part
}

/// The parts in a row; they are as long as the result.
fn join<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut whole = [0; N];
    let mut rest = &mut whole[..];
    for part in parts {
        let (start, end) = rest.split_at_mut(part.len());
        start.copy_from_slice(part);
        rest = end;
    }
    debug_assert!(rest.is_empty());
    whole
}

/// Whatever the processor has, the bytes are those of the portable code.
#[cfg(test)]
mod tests {
    use alloc::vec;

    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn message_keys_are_as_in_portable_code() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for round in 0..100 {
            let (mut bytes, mut msg_key) = ([0; 256], [0; 16]);
            rng.fill_bytes(&mut bytes);
            rng.fill_bytes(&mut msg_key);
            let auth_key = AuthKey::new(bytes);
            for (side, x) in [(Side::Client, 0), (Side::Server, 8)] {
                let keys = message_keys(&auth_key, &msg_key, side);
                let first: [&[u8]; 2] = [&msg_key, &bytes[x..36 + x]];
                let expected = keys_of_hashes(&first, &[&bytes[40 + x..76 + x], &msg_key]);
                assert_eq!(
                    (keys.key, keys.iv),
                    (expected.key, expected.iv),
                    "round {round}"
                );
            }
        }
    }

    #[test]
    fn msg_key_is_as_in_portable_code() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for length in (0..400).chain([1_040, 16_384]) {
            let (mut bytes, mut plaintext) = ([0; 256], vec![0; length]);
            rng.fill_bytes(&mut bytes);
            rng.fill_bytes(&mut plaintext);
            let msg_key_large = sha256(&[&bytes[88 + 8..120 + 8], &plaintext]);
            let found = msg_key(&AuthKey::new(bytes), Side::Server, &plaintext);
            assert_eq!(found, middle(&msg_key_large), "{length} bytes");
        }
    }
}
