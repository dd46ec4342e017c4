//! RSA of the handshake: what a client sends under the server's public key before both have a common one.
//!
//! A client has public keys ([`telegram_keys`], or those of other servers as PEM), picks the one whose fingerprint the
//! server offers, and encrypts with it ([`PublicKey::encrypt_padded`]). A server has the [`PrivateKey`]. Keys have 2048
//! bits, since everything that is encrypted has 256 bytes.
//!
//! * `padding` – RSA_PAD, a variant of OAEP+.
//! * `legacy` – the SHA-1 form that came before it (feature `legacy`).
//! * `pem`, `der` – keys as text.
//!
//! Page: <https://core.telegram.org/mtproto/auth_key#41-rsa-paddata-server-public-key-mentioned-above-is-implemented-as-follows>.

mod der;
#[cfg(feature = "legacy")]
mod legacy;
mod padding;
mod pem;
mod private;
mod telegram;

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use zeroize::Zeroizing;

use self::der::{Der, PublicParts};
pub use self::padding::{DecryptError, EncryptError, MAX_DATA_BYTES};
pub use self::private::PrivateKey;
pub use self::telegram::telegram_keys;
use super::bigint::{LIMBS_2048, Modulus, from_array};
use super::hash::sha1;

/// Why something is no key that can be used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is no PEM: a line that encloses the key is missing or wrong, or there is something beside it.
    #[error("the key's text has no {expected} at byte {offset_bytes}")]
    Pem {
        /// Where it is missing.
        offset_bytes: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// The text is PEM of something else.
    #[error("the key's text is a {found:?}; it must be {expected}")]
    Label {
        /// What the text says it is.
        found: String,
        /// What can be read.
        expected: &'static str,
    },
    /// The private key is encrypted with a password.
    #[error("the private key is encrypted: remove its password first (openssl rsa)")]
    Encrypted,
    /// A character that base64 does not have at this place.
    #[error("the key's text is no base64 at byte {offset_bytes}")]
    Base64 {
        /// Where the character is.
        offset_bytes: usize,
    },
    /// The decoded bytes are not DER of such a key.
    #[error("the key's DER has no {expected} at byte {offset_bytes}")]
    Der {
        /// Where it is missing, from the beginning of what the text decodes to.
        offset_bytes: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// The modulus has not 2048 bits, or is even.
    #[error("the modulus must be odd and have 2048 bits, not {bits}")]
    Modulus {
        /// How many bits it has.
        bits: usize,
    },
    /// The exponent is even, below 3, or longer than 64 bits.
    #[error("the public exponent must be odd, above 1, and below 2^64")]
    Exponent,
    /// The numbers of a private key do not belong to each other.
    #[error(
        "the numbers of the private key do not fit together, or its primes have not 1024 bits each"
    )]
    Inconsistent,
}

/// A server's public key.
#[derive(Clone)]
pub struct PublicKey {
    modulus: Box<Modulus<LIMBS_2048>>,
    n: [u8; 256],
    e: u64,
    fingerprint: u64,
}

impl PublicKey {
    /// A key from PEM: `RSA PUBLIC KEY` (PKCS#1) or `PUBLIC KEY` (SubjectPublicKeyInfo).
    ///
    /// # Errors
    ///
    /// Says what is wrong and at which byte. There may be white space around the key and nothing else, so that no second
    /// key is overlooked.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let pem = pem::read(text)?;
        let parts = match pem.label {
            "RSA PUBLIC KEY" => Der::new(&pem.der).pkcs1_public()?,
            "PUBLIC KEY" => Der::new(&pem.der).public_key_info()?,
            label => {
                return Err(KeyError::Label {
                    found: label.into(),
                    expected: "RSA PUBLIC KEY or PUBLIC KEY",
                });
            }
        };
        Self::from_der_parts(&parts)
    }

    /// A key from its modulus and its exponent, in big-endian order.
    ///
    /// # Errors
    ///
    /// [`KeyError::Modulus`] or [`KeyError::Exponent`].
    pub fn from_parts(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let n = without_zeros(n);
        let bits = 8 * n.len() - n.first().map_or(0, |first| first.leading_zeros() as usize);
        let n: [u8; 256] = n.try_into().map_err(|_| KeyError::Modulus { bits })?;
        let modulus = Modulus::new(from_array(&n)).ok_or(KeyError::Modulus { bits })?;
        let e = without_zeros(e);
        let exponent = e
            .iter()
            .fold(0, |number, &byte| number << 8 | u64::from(byte));
        if e.len() > 8 || exponent < 3 || exponent.is_multiple_of(2) {
            return Err(KeyError::Exponent);
        }
        Ok(Self {
            modulus: Box::new(modulus),
            n,
            e: exponent,
            fingerprint: fingerprint(&n, e),
        })
    }

    fn from_der_parts(parts: &PublicParts<'_>) -> Result<Self, KeyError> {
        Self::from_parts(parts.n, parts.e)
    }

    /// The modulus, in big-endian order.
    pub fn n(&self) -> &[u8; 256] {
        &self.n
    }

    /// The exponent.
    pub fn e(&self) -> u64 {
        self.e
    }

    /// The fingerprint that servers offer and clients send back: the 64 lower-order bits of the SHA-1 of the bare
    /// `rsa_public_key n:string e:string`. On the wire it is a `long`, that is `fingerprint as i64`.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// `message` to the power of `e`; the message stays secret.
    fn raise(&self, message: &[u64; LIMBS_2048]) -> Zeroizing<[u64; LIMBS_2048]> {
        self.modulus.pow_public(message, self.e)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        (self.n, self.e) == (other.n, other.e)
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("fingerprint", &format_args!("{:#018x}", self.fingerprint))
            .finish_non_exhaustive()
    }
}

/// Of the TL strings of both numbers: that of 256 bytes has a length of four bytes, that of up to 8 has one, and zeros
/// fill the last word.
fn fingerprint(n: &[u8; 256], e: &[u8]) -> u64 {
    let padding = 3 - e.len() % 4;
    let hash = sha1(&[&[254, 0, 1, 0], n, &[e.len() as u8], e, &[0; 3][..padding]]);
    let [_, _, _, _, _, _, _, _, _, _, _, _, low @ ..] = hash;
    u64::from_le_bytes(low)
}

/// The number without its leading zeros.
fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    &number[zeros..]
}
