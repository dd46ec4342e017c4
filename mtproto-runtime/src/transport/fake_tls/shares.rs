//! Public keys that nobody has the secrets of: fillings for the key shares of hellos.
//!
//! They are drawn so that those who check can't tell them from real ones: a curve point of the right subgroup for X25519, and
//! coefficients below the modulus for ML-KEM-768.

use alloc::vec::Vec;

use crypto_bigint::modular::ConstMontyForm;
use crypto_bigint::{U256, const_monty_params};
use rand_core::CryptoRng;

use crate::transport::Error;

/// How long an X25519 public key is.
pub(super) const X25519_LEN: usize = 32;

const_monty_params!(
    Curve25519,
    U256,
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
    "The field that X25519 computes in: 2^255 - 19."
);
type Element = ConstMontyForm<Curve25519, { U256::LIMBS }>;

/// (p - 1) / 2: to this power, squares are 1.
const HALF: U256 =
    U256::from_be_hex("3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff6");
/// Every second number is an `x` of the curve; a generator that finds none in so many attempts is broken.
const ATTEMPTS: u32 = 128;
/// The modulus of ML-KEM.
const ML_KEM_MODULUS: u32 = 3329;

/// A public key of X25519: the `x` of a point in the subgroup that keys are of.
pub(super) fn x25519(rng: &mut dyn CryptoRng) -> Result<[u8; X25519_LEN], Error> {
    for _ in 0..ATTEMPTS {
        let mut bytes = [0; X25519_LEN];
        rng.fill_bytes(&mut bytes);
        bytes[31] &= 0x7f;
        let x = Element::new(&U256::from_le_slice(&bytes));
        if square_of_y(&x).pow_vartime(&HALF) != Element::ONE {
            continue;
        }
        // Eight times a point is in the subgroup, as the curve has eight times as many.
        let eightfold = double(&x).and_then(|x| double(&x)).and_then(|x| double(&x));
        if let Some(x) = eightfold {
            bytes.copy_from_slice(x.retrieve().to_le_bytes().as_ref());
            return Ok(bytes);
        }
    }
    Err(Error::Randomness { attempts: ATTEMPTS })
}

/// y² of the curve: x³ + 486662 x² + x.
fn square_of_y(x: &Element) -> Element {
    let a = Element::new(&U256::from_u32(486_662));
    x.add(&a).mul(x).add(&Element::ONE).mul(x)
}

/// The `x` of twice the point, if that is not the neutral element: (x² - 1)² / 4y².
fn double(x: &Element) -> Option<Element> {
    let inverse = square_of_y(x).double().double().invert_vartime();
    let numerator = x.square().sub(&Element::ONE).square();
    Option::from(inverse).map(|inverse| numerator.mul(&inverse))
}

/// Appends a public key of ML-KEM-768: 768 coefficients of 12 bits, and a seed.
pub(super) fn ml_kem_768(hello: &mut Vec<u8>, rng: &mut dyn CryptoRng) {
    for _ in 0..384 {
        let [a, b] = [rng.next_u32(), rng.next_u32()].map(|word| word % ML_KEM_MODULUS);
        hello.extend(&(b << 12 | a).to_le_bytes()[..3]);
    }
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    hello.extend(seed);
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    /// RFC 7748: the base point is 9, and twice and four times it are multiples known from its ladder.
    #[test]
    fn points_double_like_x25519() {
        // x of 2·9 by the affine formula, computed with Python's integers.
        let doubled = double(&Element::new(&U256::from_u32(9))).map(|x| x.retrieve());
        let expected =
            U256::from_be_hex("20d342d51873f1b7d9750c687d1571148f3f5ced1e350b5c5cae469cdd684efb");
        assert_eq!(doubled, Some(expected));
    }

    #[test]
    fn keys_are_points_of_the_subgroup() -> Result<(), Error> {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        for _ in 0..8 {
            let key = x25519(&mut rng)?;
            let x = Element::new(&U256::from_le_slice(&key));
            assert_eq!(square_of_y(&x).pow_vartime(&HALF), Element::ONE);
        }
        Ok(())
    }

    #[test]
    fn coefficients_are_below_the_modulus() {
        let mut key = Vec::new();
        ml_kem_768(&mut key, &mut ChaCha20Rng::from_seed([7; 32]));
        assert_eq!(key.len(), 1184);
        for pair in key[..1152].chunks_exact(3) {
            let word = u32::from_le_bytes([pair[0], pair[1], pair[2], 0]);
            assert!(word & 0xfff < ML_KEM_MODULUS && word >> 12 < ML_KEM_MODULUS);
        }
    }
}
