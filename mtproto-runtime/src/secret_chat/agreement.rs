//! The arithmetic of key exchanges, and the secrets in it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::auth_key::AuthKey;
use crate::crypto::dh::{DhGroup, DhPrimeCache, DhSecret};
use crate::wire::Redacted;

/// Diffie–Hellman in one group.
///
/// A chat is the same for any: [`DhGroup`] is the one to use, whose checks of the prime and the
/// generator (5 and 6) are behind whoever has one. Simulations of many thousand chats put something small in its place.
pub trait Agreement: Sized {
    /// The group of these parameters, checked. None if they fail.
    fn from_parameters(g: i32, p: &[u8]) -> Option<Self>;

    /// `g` and `p`.
    fn parameters(&self) -> (i32, Vec<u8>);

    /// `pow(g, secret) mod p`, with leading zeros. Of a secret that nobody draws at random it may be 0, which peers refuse.
    fn public(&self, secret: &Secret) -> Box<[u8; 256]>;

    /// `pow(public, secret) mod p`. None if the public value is out of the safe range (check 7).
    fn shared(&self, secret: &Secret, public: &[u8]) -> Option<AuthKey>;
}

impl Agreement for DhGroup {
    fn from_parameters(g: i32, p: &[u8]) -> Option<Self> {
        Self::check(p, g, &mut DhPrimeCache::with_capacity(1)).ok()
    }

    fn parameters(&self) -> (i32, Vec<u8>) {
        (self.g(), self.dh_prime().to_vec())
    }

    fn public(&self, secret: &Secret) -> Box<[u8; 256]> {
        let public = self.public(&DhSecret::from_bytes(&secret.0));
        Box::new(public.unwrap_or([0; 256]))
    }

    fn shared(&self, secret: &Secret, public: &[u8]) -> Option<AuthKey> {
        self.shared(&DhSecret::from_bytes(&secret.0), public).ok()
    }
}

/// A secret exponent: 2048 bits. Erased when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Hash, Zeroize, ZeroizeOnDrop)]
pub struct Secret(Box<[u8; 256]>);

impl Secret {
    /// A new one. What the server offers as randomness is only mixed in: it knows it (check 8).
    pub fn generate(server_random: &[u8], rng: &mut dyn CryptoRng) -> Self {
        let mut this = Self(Box::new([0; 256]));
        rng.fill_bytes(&mut this.0[..]);
        for (own, theirs) in this.0.iter_mut().zip(server_random) {
            *own ^= theirs;
        }
        this
    }

    pub(crate) fn restored(bytes: &[u8; 256]) -> Self {
        Self(Box::new(*bytes))
    }

    /// The number, big endian.
    pub fn as_bytes(&self) -> &[u8; 256] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Secret").field(&Redacted).finish()
    }
}
