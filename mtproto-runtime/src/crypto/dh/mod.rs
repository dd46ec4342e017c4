//! Diffie–Hellman: how two sides come to a shared key of 2048 bits that nobody else can compute.
//!
//! Handshakes make authorization keys with it, secret chats their keys, and two-step login the shared secret of
//! [SRP](super::srp). One side names the group, a prime `dh_prime` and a generator `g`; a bad group gives the key away, so
//! that the other side checks it ([`DhGroup::check`]). It checks the public value of its peer too, which
//! [`DhGroup::shared`] does by itself.
//!
//! Numbers are byte strings in big-endian order. What comes from here has exactly 256 bytes, leading zeros included; what
//! comes from peers may have lost them.
//!
//! ```
//! use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
//! # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//! # let rng = &mut ChaCha20Rng::seed_from_u64(1);
//!
//! let group = DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default())?;
//! let (a, b) = (group.secret(rng), group.secret(rng));
//! let (g_a, g_b) = (group.public(&a)?, group.public(&b)?);
//! assert_eq!(group.shared(&a, &g_b)?, group.shared(&b, &g_a)?);
//! # Ok::<(), mtproto_runtime::crypto::dh::DhError>(())
//! ```
//!
//! Pages: <https://core.telegram.org/mtproto/auth_key#dh-key-exchange-complete>,
//! <https://core.telegram.org/mtproto/security_guidelines#diffie-hellman-key-exchange>,
//! <https://core.telegram.org/api/end-to-end>.

mod prime;

use alloc::boxed::Box;
use core::fmt;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub use self::prime::{DhPrimeCache, TELEGRAM_DH_PRIME};
use super::bigint::{LIMBS_2048 as LIMBS, Modulus, from_array, from_be_bytes, to_array};
use crate::auth_key::AuthKey;
use crate::wire::Redacted;

/// Why an exchange cannot go on. The peer that sent the value is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DhError {
    /// `dh_prime` is not between 2^2047 and 2^2048.
    #[error("dh_prime must have 2048 bits, the highest set; it has {length_bytes} bytes")]
    PrimeSize {
        /// How many bytes there are.
        length_bytes: usize,
    },
    /// `dh_prime` or `(dh_prime - 1) / 2` is not prime.
    #[error("dh_prime is no safe prime")]
    NotSafePrime,
    /// `g` is none of 2 to 7.
    #[error("g must be 2, 3, 4, 5, 6 or 7, not {g}")]
    Generator {
        /// The generator.
        g: i32,
    },
    /// `g` generates the whole group, not the subgroup of prime order.
    #[error("g = {g} is no quadratic residue modulo dh_prime")]
    NotResidue {
        /// The generator.
        g: i32,
    },
    /// A public value (`g_a`, `g_b`) is not between 2^1984 and `dh_prime` - 2^1984.
    #[error("g_a and g_b must lie between 2^1984 and dh_prime - 2^1984")]
    PublicRange,
}

/// A group that has been checked: `dh_prime` and `g`.
#[derive(Clone)]
pub struct DhGroup {
    /// `dh_prime`. What multiplication needs to know of it takes longer to compute than the checks of a known prime, and a
    /// hundredth of what a power takes: it waits until there is one.
    prime: [u64; LIMBS],
    g: u8,
}

impl DhGroup {
    /// Checks what a peer says the group is.
    ///
    /// A prime of the table of known ones, or with a verdict in the cache, takes microseconds. An unknown one takes as
    /// long as eight exchanges.
    ///
    /// # Errors
    ///
    /// * [`DhError::PrimeSize`], [`DhError::NotSafePrime`]: `dh_prime` is not between 2^2047 and 2^2048, or no safe prime.
    /// * [`DhError::Generator`], [`DhError::NotResidue`]: `g` is not from 2 to 7, or no quadratic residue.
    pub fn check(dh_prime: &[u8], g: i32, cache: &mut DhPrimeCache) -> Result<Self, DhError> {
        let size = DhError::PrimeSize {
            length_bytes: dh_prime.len(),
        };
        let prime: &[u8; 256] = dh_prime.try_into().map_err(|_| size)?;
        if prime[0] < 0x80 {
            return Err(size);
        }
        if !(2..=7).contains(&g) {
            return Err(DhError::Generator { g });
        }
        if !is_residue(g, prime) {
            return Err(DhError::NotResidue { g });
        }
        if !cache.is_safe_prime(prime) {
            return Err(DhError::NotSafePrime);
        }
        Ok(Self {
            prime: from_array(prime),
            g: g as u8,
        })
    }

    /// Arithmetic modulo `dh_prime`.
    pub(super) fn modulus(&self) -> Modulus<LIMBS> {
        Modulus::new(self.prime).expect("a checked prime is odd and of 2048 bits")
    }

    /// `dh_prime`.
    pub fn dh_prime(&self) -> [u8; 256] {
        to_array(&self.prime)
    }

    /// `g`.
    pub fn g(&self) -> i32 {
        self.g.into()
    }

    /// A secret exponent, `a` or `b`: 2048 random bits.
    pub fn secret(&self, rng: &mut dyn CryptoRng) -> DhSecret {
        DhSecret::generate(&[], rng)
    }

    /// A secret exponent into which randomness of the server is mixed (`random` of `messages.dhConfig`, `secure_random`
    /// of `account.password`), for machines whose own is doubtful. Whatever the server sends, the exponent is no easier
    /// to guess than without.
    pub fn secret_mixed(&self, rng: &mut dyn CryptoRng, server_random: &[u8]) -> DhSecret {
        DhSecret::generate(server_random, rng)
    }

    /// The public value of a secret, `g_a` or `g_b`.
    ///
    /// # Errors
    ///
    /// [`DhError::PublicRange`] for secrets that nobody draws at random.
    pub fn public(&self, secret: &DhSecret) -> Result<[u8; 256], DhError> {
        let mut g = [0; LIMBS];
        g[0] = self.g.into();
        let public = to_array(&self.modulus().pow(&g, &secret.limbs()[..]));
        self.check_public(&public).map(|()| public)
    }

    /// Checks a peer's public value.
    ///
    /// # Errors
    ///
    /// [`DhError::PublicRange`] when it is not between 2^1984 and `dh_prime` - 2^1984.
    pub fn check_public(&self, public: &[u8]) -> Result<(), DhError> {
        self.read_public(public).map(|_| ())
    }

    /// The key of both sides, from the secret of one and the public value of the other.
    ///
    /// # Errors
    ///
    /// [`DhError::PublicRange`], as of [`check_public`](Self::check_public).
    pub fn shared(&self, secret: &DhSecret, peer_public: &[u8]) -> Result<AuthKey, DhError> {
        let public = self.read_public(peer_public)?;
        let shared = self.modulus().pow(&public, &secret.limbs()[..]);
        let bytes = Zeroizing::new(to_array(&shared));
        Ok(AuthKey::new(*bytes))
    }

    /// A public value in range.
    pub(super) fn read_public(&self, public: &[u8]) -> Result<[u64; LIMBS], DhError> {
        let public = from_be_bytes(public).ok_or(DhError::PublicRange)?;
        if in_range(&self.prime, &public) {
            Ok(public)
        } else {
            Err(DhError::PublicRange)
        }
    }
}

impl fmt::Debug for DhGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DhGroup")
            .field("g", &self.g)
            .finish_non_exhaustive()
    }
}

/// A secret exponent: 2048 bits. Erased when dropped, never printed, compared in constant time.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DhSecret(Box<[u8; 256]>);

impl DhSecret {
    /// A new one. What a server offers as randomness is only mixed in: it knows it (check 8).
    pub fn generate(server_random: &[u8], rng: &mut dyn CryptoRng) -> Self {
        let mut this = Self(Box::new([0; 256]));
        rng.fill_bytes(&mut this.0[..]);
        for (i, byte) in server_random.iter().enumerate() {
            this.0[i % 256] ^= byte;
        }
        this
    }

    /// The exponent of these bytes, for whoever draws it elsewhere: it must be 2048 random bits.
    pub fn from_bytes(bytes: &[u8; 256]) -> Self {
        Self(Box::new(*bytes))
    }

    /// The number, big endian.
    pub fn as_bytes(&self) -> &[u8; 256] {
        &self.0
    }

    pub(super) fn limbs(&self) -> Zeroizing<[u64; LIMBS]> {
        Zeroizing::new(from_array(&self.0))
    }
}

impl PartialEq for DhSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0[..].ct_eq(&other.0[..]).into()
    }
}

impl Eq for DhSecret {}

impl fmt::Debug for DhSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DhSecret").field(&Redacted).finish()
    }
}

/// Whether a number is above 2^1984 and below the prime less 2^1984.
pub(super) fn in_range(prime: &[u64; LIMBS], number: &[u64; LIMBS]) -> bool {
    // 2^1984 is 1 in the highest limb, and that of the prime is 2^63 at least.
    let mut low = [0; LIMBS];
    low[LIMBS - 1] = 1;
    let mut high = *prime;
    high[LIMBS - 1] -= 1;
    number.iter().rev().gt(low.iter().rev()) && number.iter().rev().lt(high.iter().rev())
}

/// Whether a number from 2 to 7 is a quadratic residue modulo a prime that is 3 modulo 4, as safe primes are.
fn is_residue(g: i32, prime: &[u8; 256]) -> bool {
    match g {
        2 => remainder(prime, 8) == 7,
        3 => remainder(prime, 3) == 2,
        4 => true,
        5 => matches!(remainder(prime, 5), 1 | 4),
        6 => matches!(remainder(prime, 24), 19 | 23),
        7 => matches!(remainder(prime, 7), 3 | 5 | 6),
        _ => false,
    }
}

/// A big-endian number modulo a small one.
fn remainder(number: &[u8; 256], divisor: u32) -> u32 {
    number
        .iter()
        .fold(0, |rest, &byte| (rest << 8 | u32::from(byte)) % divisor)
}

#[cfg(test)]
mod tests {
    use super::is_residue;

    /// Each rule against Euler's criterion.
    #[test]
    fn check_06_each_rule_is_that_of_quadratic_reciprocity() {
        let is_prime = |p: &u64| (2..*p).all(|d| !p.is_multiple_of(d));
        let mut seen = [[0; 2]; 8];
        for p in (11..2000_u64).step_by(4).filter(is_prime) {
            let mut bytes = [0; 256];
            bytes[248..].copy_from_slice(&p.to_be_bytes());
            for g in 2..=7 {
                let power = (0..(p - 1) / 2).fold(1, |power, _| power * g % p);
                assert_eq!(is_residue(g as i32, &bytes), power == 1, "{g} modulo {p}");
                seen[g as usize][usize::from(power == 1)] += 1;
            }
        }
        for g in [2, 3, 5, 6, 7] {
            assert!(seen[g][0] > 20 && seen[g][1] > 20);
        }
    }
}
