//! What both sides of a handshake compute alike.

use alloc::boxed::Box;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::error::{HandshakeError, Message, PeerMisbehaved, Unwritable};
use crate::AuthKey;
use crate::crypto::dh::{DhGroup, DhSecret};
use crate::crypto::hash::sha1;
use crate::crypto::kdf::{KeyIv, tmp_aes_key_iv};
use crate::wire::{Int128, Int256};

/// The two nonces that name an exchange, in every message after `resPQ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nonces {
    pub(super) nonce: Int128,
    pub(super) server_nonce: Int128,
}

impl Nonces {
    /// Whether a message is of this exchange.
    pub(super) fn check(
        &self,
        message: Message,
        nonce: &Int128,
        server_nonce: &Int128,
    ) -> Result<(), HandshakeError> {
        if self.nonce != *nonce {
            return Err(message.misbehaved(PeerMisbehaved::Nonce));
        }
        if self.server_nonce != *server_nonce {
            return Err(message.misbehaved(PeerMisbehaved::ServerNonce));
        }
        Ok(())
    }
}

/// The number that the client has sent under RSA: for the time of the exchange, the secret of both. Erased when dropped,
/// and in one place on the heap, because a value that moves leaves copies behind.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(super) struct NewNonce(Box<[u8; 32]>);

impl NewNonce {
    pub(super) fn random(rng: &mut dyn CryptoRng) -> Self {
        let mut new_nonce = Self(Box::new([0; 32]));
        rng.fill_bytes(&mut new_nonce.0[..]);
        new_nonce
    }

    pub(super) fn from_int256(number: &Int256) -> Self {
        Self(Box::new(number.0))
    }

    /// For the inner data. The copy has to be erased by who takes it.
    pub(super) fn to_int256(&self) -> Int256 {
        Int256(*self.0)
    }

    /// `tmp_aes_key` and `tmp_aes_iv`.
    pub(super) fn tmp_aes(&self, nonces: &Nonces) -> KeyIv {
        tmp_aes_key_iv(&self.0, &nonces.server_nonce.0)
    }

    /// `new_nonce_hash` of `server_DH_params_fail`: the 128 lower-order bits of SHA-1.
    pub(super) fn hash(&self) -> Int128 {
        let [_, _, _, _, low @ ..] = sha1(&[&self.0[..]]);
        Int128(low)
    }

    /// `new_nonce_hash1`, 2 and 3.
    pub(super) fn hash_with(&self, key: &AuthKey, number: u8) -> Int128 {
        Int128(key.new_nonce_hash(&self.0, number))
    }

    /// `server_salt` to begin with: the first eight bytes of `new_nonce` and of `server_nonce`, xored.
    pub(super) fn first_salt(&self, nonces: &Nonces) -> i64 {
        let mut salt = [0; 8];
        for ((salt, a), b) in salt.iter_mut().zip(&self.0[..]).zip(&nonces.server_nonce.0) {
            *salt = a ^ b;
        }
        i64::from_le_bytes(salt)
    }
}

/// Compares in constant time: one of the two is made from a secret.
pub(super) fn same_hash(a: &Int128, b: &Int128) -> bool {
    a.0.ct_eq(&b.0).into()
}

/// How many powers are drawn before the random numbers are held to be none. One in 2⁶³ is unusable.
const MAX_DRAWS: usize = 4;

/// A secret exponent, and `g` to its power.
pub(super) fn draw_power(
    message: Message,
    group: &DhGroup,
    rng: &mut dyn CryptoRng,
) -> Result<(DhSecret, [u8; 256]), HandshakeError> {
    for _ in 0..MAX_DRAWS {
        let secret = group.secret(rng);
        if let Ok(power) = group.public(&secret) {
            return Ok((secret, power));
        }
    }
    Err(message.unwritable(Unwritable::Rng))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The half of check 11 that no test can see from outside: what is secret is of a type that erases itself.
    #[test]
    fn check_11_ephemerals_are_erased_when_dropped() {
        fn erases<T: ZeroizeOnDrop>() {}
        erases::<NewNonce>();
        erases::<KeyIv>();
        erases::<DhSecret>();
        erases::<AuthKey>();
    }
}
