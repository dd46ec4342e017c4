//! The private key: the server's side.

use alloc::boxed::Box;
use core::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::der::{Der, PrivateParts};
use super::{KeyError, PublicKey, pem};
use crate::crypto::bigint::{
    LIMBS_1024, LIMBS_2048, Modulus, from_be_bytes, halves, multiply_add_assign,
};
use crate::wire::Redacted;

/// A server's private key. Erased when dropped, never printed.
pub struct PrivateKey {
    public: PublicKey,
    secrets: Box<Secrets>,
}

/// The numbers of the theorem of Chinese remainders, by which one power of 2048 bits becomes two of 1024.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Secrets {
    p: Modulus<LIMBS_1024>,
    q: Modulus<LIMBS_1024>,
    /// `d` modulo `p - 1`.
    d_p: [u64; LIMBS_1024],
    /// `d` modulo `q - 1`.
    d_q: [u64; LIMBS_1024],
    /// 1 / `q` modulo `p`.
    q_inverse: [u64; LIMBS_1024],
}

impl PrivateKey {
    /// A key from PEM: `RSA PRIVATE KEY` (PKCS#1) or `PRIVATE KEY` (PKCS#8), without a password.
    ///
    /// # Errors
    ///
    /// Says what is wrong and at which byte; [`KeyError::Inconsistent`] when the key does not undo its own encryption.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let pem = pem::read(text)?;
        let parts = match pem.label {
            "RSA PRIVATE KEY" => Der::new(&pem.der).pkcs1_private()?,
            "PRIVATE KEY" => Der::new(&pem.der).private_key_info()?,
            "ENCRYPTED PRIVATE KEY" => return Err(KeyError::Encrypted),
            label => {
                return Err(KeyError::Label {
                    found: label.into(),
                    expected: "RSA PRIVATE KEY or PRIVATE KEY",
                });
            }
        };
        Self::from_der_parts(&parts)
    }

    fn from_der_parts(parts: &PrivateParts<'_>) -> Result<Self, KeyError> {
        let public = PublicKey::from_der_parts(&parts.public)?;
        let number = |bytes| from_be_bytes(bytes).ok_or(KeyError::Inconsistent);
        let prime = |bytes| Modulus::new(number(bytes)?).ok_or(KeyError::Inconsistent);
        let secrets = Secrets {
            p: prime(parts.p)?,
            q: prime(parts.q)?,
            d_p: number(parts.d_p)?,
            d_q: number(parts.d_q)?,
            q_inverse: number(parts.q_inverse)?,
        };
        let key = Self {
            public,
            secrets: Box::new(secrets),
        };
        // A number that the key brings back as it was, whatever else is in it: the power takes part in all of them.
        let probe = core::array::from_fn(|i| i as u64 + 2);
        let (_, is_sound) = key.lower(&probe);
        if is_sound.into() {
            Ok(key)
        } else {
            Err(KeyError::Inconsistent)
        }
    }

    /// The public key that belongs to it.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// `ciphertext` to the power of `d`, and whether the power of `e` leads back to it: it does, unless the ciphertext is not
    /// below the modulus, or the machine erred. The time is the same.
    pub(super) fn lower(
        &self,
        ciphertext: &[u64; LIMBS_2048],
    ) -> (Zeroizing<[u64; LIMBS_2048]>, Choice) {
        let Secrets {
            p,
            q,
            d_p,
            d_q,
            q_inverse,
        } = &*self.secrets;
        let (low, high) = &halves(ciphertext);
        let mut of_p = p.pow(&p.reduce(high, low), d_p);
        let of_q = q.pow(&q.reduce(high, low), d_q);
        // of_q + q ((of_p - of_q) / q modulo p)
        p.subtract_assign(&mut of_p, &p.reduce(&[0; LIMBS_1024], &of_q));
        let quotient = p.product(&of_p, q_inverse);
        let mut message = Zeroizing::new([0; LIMBS_2048]);
        message[..LIMBS_1024].copy_from_slice(&of_q[..]);
        multiply_add_assign(&mut message[..], &quotient[..], q.limbs());
        let back = self.public.raise(&message);
        let is_sound = back[..].ct_eq(&ciphertext[..]);
        (message, is_sound)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("public", &self.public)
            .field("secrets", &Redacted)
            .finish()
    }
}
