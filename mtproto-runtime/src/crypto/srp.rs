//! SRP 6a, by which a client of two-step login shows that it knows a password, and a server that knows no password checks it.
//!
//! Both have the same parameters, [`PasswordAlgo`]. The server keeps a verifier `v` ([`PasswordAlgo::verifier`], which the
//! client computes when it sets the password). For a login it sends `srp_B` ([`Challenge`]); the client answers with `A` and
//! `M1` ([`PasswordAlgo::answer`]), and the server checks them ([`Challenge::check`]).
//!
//! ```
//! use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
//! use mtproto_runtime::crypto::srp::{Challenge, PasswordAlgo};
//! # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//! # let rng = &mut ChaCha20Rng::seed_from_u64(1);
//!
//! let group = DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default())?;
//! let algo = PasswordAlgo::new(group.clone(), b"salt1", b"salt2");
//! let verifier = algo.verifier(b"password");
//!
//! let challenge = Challenge::new(&algo, &verifier[..], &group.secret(rng))?;
//! let answer = algo.answer(b"password", challenge.srp_b(), &group.secret(rng))?;
//! challenge.check(&answer.a, &answer.m1)?;
//! # Ok::<(), mtproto_runtime::crypto::srp::SrpError>(())
//! ```
//!
//! Page: <https://core.telegram.org/api/srp>, whose names are used here. `|` is concatenation, `H` is SHA-256, and numbers in it
//! have 256 bytes.

use alloc::vec::Vec;
use core::fmt;

use pbkdf2::pbkdf2_hmac;
use rand_core::CryptoRng;
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::bigint::{LIMBS_2048, from_be_bytes, multiply_add_assign, to_array};
use super::dh::{DhError, DhGroup, DhSecret};
use super::hash::sha256;
use crate::wire::Redacted;

const ITERATIONS: u32 = 100_000;
/// Limbs of a SHA-256.
const LIMBS_256: usize = 4;

/// Why a login fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SrpError {
    /// A public value or a verifier is out of its range: the peer that sent it is at fault.
    #[error(transparent)]
    Dh(#[from] DhError),
    /// `srp_B` is not between 0 and `p`, or is one that no honest server sends.
    #[error("srp_B is no value of an honest server")]
    ServerPublic,
    /// `u` is 0, which would let anybody in.
    #[error("the hash of A and srp_B is 0")]
    Scrambler,
    /// `M1` is that of another password.
    #[error("the password is wrong")]
    Password,
}

/// `passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow`, with a group that has been checked.
#[derive(Clone, Debug)]
pub struct PasswordAlgo {
    group: DhGroup,
    salt1: Vec<u8>,
    salt2: Vec<u8>,
}

/// What a client sends in `inputCheckPasswordSRP`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `A`, that is `g_a`.
    pub a: [u8; 256],
    /// `M1`.
    pub m1: [u8; 32],
}

impl PasswordAlgo {
    /// The algorithm with these salts. The group is that of its `p` and its `g`, which [`DhGroup::check`] makes.
    pub fn new(group: DhGroup, salt1: &[u8], salt2: &[u8]) -> Self {
        Self {
            group,
            salt1: salt1.to_vec(),
            salt2: salt2.to_vec(),
        }
    }

    /// For a new password: the algorithm of `new_algo`, with 32 random bytes added to `salt1`.
    pub fn with_random_salt(mut self, rng: &mut dyn CryptoRng) -> Self {
        let length = self.salt1.len();
        self.salt1.resize(length + 32, 0);
        rng.fill_bytes(&mut self.salt1[length..]);
        self
    }

    /// `salt1`, which goes with a new password to the server.
    pub fn salt1(&self) -> &[u8] {
        &self.salt1
    }

    /// `v` = g^x: `new_password_hash` of a new password, and what the server keeps.
    pub fn verifier(&self, password: &[u8]) -> Zeroizing<[u8; 256]> {
        let x = number(&self.hash(password));
        Zeroizing::new(to_array(&self.power_of_g(&x[..])))
    }

    /// The client's answer to `srp_B`. The secret `a` comes from [`DhGroup::secret`] or [`DhGroup::secret_mixed`], fresh for each
    /// answer.
    ///
    /// # Errors
    ///
    /// [`SrpError::ServerPublic`] when an answer to this `srp_B` would tell something of the password.
    pub fn answer(&self, password: &[u8], srp_b: &[u8], a: &DhSecret) -> Result<Answer, SrpError> {
        let answer = self.answer_with(&self.hash(password), srp_b, a)?;
        self.group.check_public(&answer.a)?;
        Ok(answer)
    }

    /// The answer, with an `A` that is not yet checked.
    fn answer_with(&self, x: &[u8; 32], srp_b: &[u8], a: &DhSecret) -> Result<Answer, SrpError> {
        let p = self.group.modulus();
        let srp_b = from_be_bytes(srp_b).ok_or(SrpError::ServerPublic)?;
        if !bool::from(p.is_above(&srp_b)) || srp_b == [0; LIMBS_2048] {
            return Err(SrpError::ServerPublic);
        }
        let (a, x) = (a.limbs(), number(x));
        let g_a = to_array(&self.power_of_g(&a[..]));
        let g_b = to_array(&srp_b);
        let u = scrambler(&g_a, &g_b)?;

        let v = self.power_of_g(&x[..]);
        let mut t = Zeroizing::new(srp_b);
        p.subtract_assign(&mut t, &self.k_v(&v));
        // `t` is the server's public value of Diffie–Hellman.
        let t = Zeroizing::new(to_array(&t));
        let t = self
            .group
            .read_public(&t[..])
            .map_err(|_| SrpError::ServerPublic)?;

        let mut exponent = Zeroizing::new([0; LIMBS_2048 + 1]);
        exponent[..LIMBS_2048].copy_from_slice(&a[..]);
        multiply_add_assign(&mut exponent[..], &u[..], &x[..]);
        let s_a = p.pow(&t, &exponent[..]);
        Ok(Answer {
            m1: self.m1(&g_a, &g_b, &s_a),
            a: g_a,
        })
    }

    /// `x` = PH2(password, salt1, salt2).
    fn hash(&self, password: &[u8]) -> Zeroizing<[u8; 32]> {
        let salted = |data: &[u8], salt: &[u8]| Zeroizing::new(sha256(&[salt, data, salt]));
        let first = salted(&salted(password, &self.salt1)[..], &self.salt2);
        let mut long = Zeroizing::new([0; 64]);
        pbkdf2_hmac::<Sha512>(&first[..], &self.salt1, ITERATIONS, &mut long[..]);
        salted(&long[..], &self.salt2)
    }

    /// `g` to the power of a secret exponent.
    fn power_of_g(&self, exponent: &[u64]) -> Zeroizing<[u64; LIMBS_2048]> {
        self.group.modulus().pow(&self.g(), exponent)
    }

    fn g(&self) -> [u64; LIMBS_2048] {
        let mut g = [0; LIMBS_2048];
        g[0] = self.group.g() as u64;
        g
    }

    /// `k v`, where `k` = H(p | g).
    fn k_v(&self, v: &[u64; LIMBS_2048]) -> Zeroizing<[u64; LIMBS_2048]> {
        let k = sha256(&[&self.group.dh_prime(), &to_array(&self.g())]);
        let mut wide = [0; LIMBS_2048];
        wide[..LIMBS_256].copy_from_slice(&number(&k)[..]);
        self.group.modulus().product(&wide, v)
    }

    /// `M1` = H(H(p) xor H(g) | H(salt1) | H(salt2) | g_a | g_b | k_a), where `k_a` = H(s_a).
    fn m1(&self, g_a: &[u8; 256], g_b: &[u8; 256], s_a: &[u64; LIMBS_2048]) -> [u8; 32] {
        let mut p_and_g = sha256(&[&self.group.dh_prime()]);
        for (byte, of_g) in p_and_g.iter_mut().zip(sha256(&[&to_array(&self.g())])) {
            *byte ^= of_g;
        }
        let s_a = Zeroizing::new(to_array(s_a));
        let k_a = Zeroizing::new(sha256(&[&s_a[..]]));
        let (salt1, salt2) = (sha256(&[&self.salt1]), sha256(&[&self.salt2]));
        sha256(&[&p_and_g, &salt1, &salt2, g_a, g_b, &k_a[..]])
    }
}

/// The server's side of one login: `b` and `srp_B`. It is good for one check.
pub struct Challenge {
    algo: PasswordAlgo,
    verifier: Zeroizing<[u64; LIMBS_2048]>,
    b: Zeroizing<[u64; LIMBS_2048]>,
    srp_b: [u8; 256],
}

impl Challenge {
    /// A challenge for who knows the password of `verifier`. The secret `b` is fresh for each challenge.
    ///
    /// # Errors
    ///
    /// [`DhError::PublicRange`] for a verifier that no password has, and for a `b` that nobody draws at random.
    pub fn new(algo: &PasswordAlgo, verifier: &[u8], b: &DhSecret) -> Result<Self, SrpError> {
        let verifier = Zeroizing::new(algo.group.read_public(verifier)?);
        let b = b.limbs();
        let mut srp_b = algo.power_of_g(&b[..]);
        algo.group.check_public(&to_array(&srp_b))?;
        algo.group
            .modulus()
            .add_assign(&mut srp_b, &algo.k_v(&verifier));
        Ok(Self {
            srp_b: to_array(&srp_b),
            algo: algo.clone(),
            verifier,
            b,
        })
    }

    /// `srp_B`, for `account.password`.
    pub fn srp_b(&self) -> &[u8; 256] {
        &self.srp_b
    }

    /// Checks a client's `A` and `M1`.
    ///
    /// # Errors
    ///
    /// [`SrpError::Password`] when the client has another password; others when `A` is out of its range.
    pub fn check(self, a: &[u8], m1: &[u8]) -> Result<(), SrpError> {
        let p = self.algo.group.modulus();
        let a = self.algo.group.read_public(a)?;
        let g_a = to_array(&a);
        let u = scrambler(&g_a, &self.srp_b)?;
        let v_u = p.pow(&self.verifier, &u[..]);
        let s_b = p.pow(&p.product(&a, &v_u), &self.b[..]);
        if self.algo.m1(&g_a, &self.srp_b, &s_b).ct_eq(m1).into() {
            Ok(())
        } else {
            Err(SrpError::Password)
        }
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge")
            .field("algo", &self.algo)
            .field("verifier", &Redacted)
            .field("b", &Redacted)
            .finish_non_exhaustive()
    }
}

/// `u` = H(g_a | g_b), which is not 0.
fn scrambler(g_a: &[u8; 256], g_b: &[u8; 256]) -> Result<Zeroizing<[u64; LIMBS_256]>, SrpError> {
    let u = sha256(&[g_a, g_b]);
    if u == [0; 32] {
        Err(SrpError::Scrambler)
    } else {
        Ok(number(&u))
    }
}

/// A hash as a number.
fn number(hash: &[u8; 32]) -> Zeroizing<[u64; LIMBS_256]> {
    let mut limbs = Zeroizing::new([0; LIMBS_256]);
    for (limb, chunk) in limbs.iter_mut().zip(hash.as_chunks().0.iter().rev()) {
        *limb = u64::from_be_bytes(*chunk);
    }
    limbs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::dh::{DhPrimeCache, TELEGRAM_DH_PRIME};

    /// gotd, `crypto/srp/srp_test.go`: its `a` is 1, which leads to an `A` that is not sent.
    #[test]
    fn vector_of_gotd() {
        let group = DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default())
            .expect("it is known");
        let salt1 = bytes(
            "4d11fb6bec38f9d2546bb0f61e4f1c99a1bc0db8f0d5f35b1291b37b213123d7ed48f3c6794d495b",
        );
        let algo = PasswordAlgo::new(group, &salt1, &bytes("a1b181aafe88188680ae32860d60bb01"));
        let mut one = [0; 256];
        one[255] = 1;
        let x = algo.hash(b"123123");
        let answer = algo
            .answer_with(&x, &bytes(SRP_B), &DhSecret::from_bytes(&one))
            .expect("it is sound");
        assert_eq!(answer.a[254..], [0, 3]);
        assert_eq!(
            answer.m1.to_vec(),
            bytes("999df906bda2c6cbb52f503406eba2d0d0503ace0cc302c38f13ee5010ad4051")
        );
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("digits");
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    const SRP_B: &str = "\
        9c52401a6a8084ec82f01c3725d3fb448bd2f0c909f9d97726eac4b7a74172d952f02466be6734fa274d2b7429e27397f103\
        72d66b400b80a5c5ae3f28b17bf3105d7a2d2a885998cdc2defc208aec217ab58859a9abc2374ad93dc285f4b3fbcaff4143\
        d7888f2425bd2fb711b25609ceb21757d935b1ef2f042173ad0ce2fe0e474dac53914bd25a8a9aed4aea8953d55cb88621db\
        37b871ea0d04393ac0987f68094ccc9de8239251375d8fffd263316cd528c097b7bc9fb919fbedb76c525df3413c374ee076\
        d97a1e6d352bb7cc80fd13651b04b32e2e48c5268150842cfd07cf855958b1b5ea9c36fdad697fe3aec8dcc6b1efec36874a\
        f226204676cf";
}
