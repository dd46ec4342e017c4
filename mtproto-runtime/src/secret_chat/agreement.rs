//! The arithmetic of key exchanges.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::auth_key::AuthKey;
use crate::crypto::dh::{DhGroup, DhPrimeCache, DhSecret};

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
    fn public(&self, secret: &DhSecret) -> Box<[u8; 256]>;

    /// `pow(public, secret) mod p`. None if the public value is out of the safe range (check 7).
    fn shared(&self, secret: &DhSecret, public: &[u8]) -> Option<AuthKey>;
}

impl Agreement for DhGroup {
    fn from_parameters(g: i32, p: &[u8]) -> Option<Self> {
        Self::check(p, g, &mut DhPrimeCache::with_capacity(1)).ok()
    }

    fn parameters(&self) -> (i32, Vec<u8>) {
        (self.g(), self.dh_prime().to_vec())
    }

    fn public(&self, secret: &DhSecret) -> Box<[u8; 256]> {
        Box::new(self.public(secret).unwrap_or([0; 256]))
    }

    fn shared(&self, secret: &DhSecret, public: &[u8]) -> Option<AuthKey> {
        self.shared(secret, public).ok()
    }
}
