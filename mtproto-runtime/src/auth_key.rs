//! The authorization key: what client and server share, and all keys of messages come from.
//!
//! Pages: <https://core.telegram.org/mtproto/description#authorization-key-auth-key> and, for `auth_key_aux_hash` and
//! `new_nonce_hash`, <https://core.telegram.org/mtproto/auth_key>.

use alloc::boxed::Box;
use core::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::crypto::erase;
use crate::crypto::hash::sha1;
use crate::wire::Redacted;

/// An authorization key (`auth_key`): 2048 bits, big endian, leading zeros kept.
///
/// It is compared in constant time, erased when dropped, and shown by its id alone.
#[derive(Clone)]
pub struct AuthKey {
    // In one place on the heap: a value that moves leaves copies behind, which nobody erases.
    bytes: Box<[u8; 256]>,
    id: u64,
    aux_hash: u64,
}

impl AuthKey {
    /// The key of these bytes. A shorter number has zeros in front.
    pub fn new(mut bytes: [u8; 256]) -> Self {
        let hash = sha1(&[&bytes]);
        let [aux_hash @ .., _, _, _, _, _, _, _, _, _, _, _, _] = hash;
        let [_, _, _, _, _, _, _, _, _, _, _, _, id @ ..] = hash;
        let key = Self {
            bytes: Box::new(bytes),
            id: u64::from_le_bytes(id),
            aux_hash: u64::from_le_bytes(aux_hash),
        };
        erase(&mut bytes);
        key
    }

    /// The 256 bytes.
    pub fn as_bytes(&self) -> &[u8; 256] {
        &self.bytes
    }

    /// `auth_key_id`: the 64 lower-order bits of the SHA-1 of the key, as messages carry them in a little-endian `long`.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// `auth_key_aux_hash`: the 64 higher-order bits of the SHA-1 of the key, in the same form. A retried handshake
    /// sends it as `retry_id`.
    pub fn aux_hash(&self) -> u64 {
        self.aux_hash
    }

    /// `new_nonce_hash1`, `2` or `3`, after `number`: the 128 lower-order bits of the SHA-1 of `new_nonce`, the number in
    /// one byte, and `auth_key_aux_hash`. The server ends a handshake with it: 1 is `dh_gen_ok`, 2 `dh_gen_retry`,
    /// 3 `dh_gen_fail`.
    pub fn new_nonce_hash(&self, new_nonce: &[u8; 32], number: u8) -> [u8; 16] {
        let hash = sha1(&[new_nonce, &[number], &self.aux_hash.to_le_bytes()]);
        let [_, _, _, _, low @ ..] = hash;
        low
    }
}

impl ConstantTimeEq for AuthKey {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.bytes[..].ct_eq(&other.bytes[..])
    }
}

/// In constant time.
impl PartialEq for AuthKey {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for AuthKey {}

impl fmt::Debug for AuthKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthKey")
            .field("id", &format_args!("{:#018x}", self.id))
            .field("bytes", &Redacted)
            .finish()
    }
}

impl Zeroize for AuthKey {
    fn zeroize(&mut self) {
        erase(&mut self.bytes);
        self.id.zeroize();
        self.aux_hash.zeroize();
    }
}

impl Drop for AuthKey {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for AuthKey {}
