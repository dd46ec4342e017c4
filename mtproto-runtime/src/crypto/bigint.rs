//! Arithmetic modulo odd numbers of a fixed size, for Diffie–Hellman, RSA and SRP.
//!
//! Numbers are little-endian arrays of 64-bit limbs. A [`Modulus`] has its highest bit set, as all moduli of MTProto do;
//! that makes Montgomery's constants cheap. Every function takes the same time and touches the same memory whatever the
//! numbers are; only their sizes show, and exponents that are public by name. Tables and intermediate numbers are erased.
//!
//! It is here, and not taken from a general library, for two reasons: multiplication of one size that the compiler knows
//! is faster, and everything in between can be erased.

use core::mem::swap;

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::{Zeroize, Zeroizing};

/// Limbs of a number of 2048 bits.
pub(crate) const LIMBS_2048: usize = 32;

/// Limbs of a number of 1024 bits.
pub(crate) const LIMBS_1024: usize = 16;

/// How many bits of an exponent are taken at once: an even divisor of 64, so that a window lies in one limb.
const WINDOW_BITS: usize = 4;

/// An odd number with its highest bit set, and what Montgomery's multiplication needs to know of it.
///
/// `N` is a power of two, and `R` is 2^(64 `N`). A number `x` is in Montgomery's form when it stands for `x / R`.
#[derive(Clone, Zeroize)]
pub(crate) struct Modulus<const N: usize> {
    n: [u64; N],
    /// -1 / `n` modulo 2^64.
    negated_inverse: u64,
    /// `R` modulo `n`: 1 in Montgomery's form.
    one: [u64; N],
    /// `R²` modulo `n`: multiplying by it brings a number into Montgomery's form.
    r_squared: [u64; N],
}

impl<const N: usize> Modulus<N> {
    /// `None` when the number is even or its highest bit is not set.
    pub(crate) fn new(n: [u64; N]) -> Option<Self> {
        if n[0] & 1 == 0 || n[N - 1] >> 63 == 0 {
            return None;
        }
        // An odd number is its own inverse modulo 8, and each of Newton's steps doubles the bits that are right.
        let mut inverse = n[0];
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(n[0].wrapping_mul(inverse)));
        }
        // With the highest bit set, `n` goes into `R` once.
        let mut one = [0; N];
        subtract_assign(&mut one, &n, Choice::from(1));
        let mut modulus = Self {
            n,
            negated_inverse: inverse.wrapping_neg(),
            one,
            r_squared: one,
        };
        // In Montgomery's form: 2^32 by doubling 1, then squares, until it is 2^(64 N), which is R. R in this form is R².
        // A square takes as long as twenty doublings.
        let mut power = one;
        for _ in 0..32 {
            let half = power;
            modulus.add_assign(&mut power, &half);
        }
        for _ in 0..(2 * N).ilog2() {
            let root = power;
            modulus.multiply(&root, &root, &mut power);
        }
        modulus.r_squared = power;
        Some(modulus)
    }

    /// The number itself.
    pub(crate) fn limbs(&self) -> &[u64; N] {
        &self.n
    }

    /// Whether a number is below the modulus.
    pub(crate) fn is_above(&self, number: &[u64; N]) -> Choice {
        borrow_of(number, &self.n)
    }

    /// `base` to the power of `exponent`, which is secret: only its number of limbs shows. The base may be any number.
    pub(crate) fn pow(&self, base: &[u64; N], exponent: &[u64]) -> Zeroizing<[u64; N]> {
        let mut powers = Zeroizing::new([self.one; 1 << WINDOW_BITS]);
        let mut power = Zeroizing::new([0; N]);
        self.multiply(base, &self.r_squared, &mut power);
        let first = power.clone();
        for i in 1..powers.len() {
            powers[i] = *power;
            self.multiply(&powers[i], &first, &mut power);
        }
        let mut result = Zeroizing::new(self.one);
        let mut buffer = Zeroizing::new([0; N]);
        for limb in exponent.iter().rev() {
            for shift in (0..64).step_by(WINDOW_BITS).rev() {
                for _ in 0..WINDOW_BITS / 2 {
                    self.multiply(&result, &result, &mut buffer);
                    self.multiply(&buffer, &buffer, &mut result);
                }
                let window = limb >> shift & ((1 << WINDOW_BITS) - 1);
                select(&powers[..], window, &mut power);
                self.multiply(&result, &power, &mut buffer);
                *result = *buffer;
            }
        }
        self.retrieve(&result, &mut power);
        power
    }

    /// `base` to the power of `exponent`, which is public: its bits show. The base may be any number, and stays secret.
    pub(crate) fn pow_public(&self, base: &[u64; N], exponent: u64) -> Zeroizing<[u64; N]> {
        let mut first = Zeroizing::new([0; N]);
        self.multiply(base, &self.r_squared, &mut first);
        let mut result = Zeroizing::new(self.one);
        let mut buffer = Zeroizing::new([0; N]);
        for bit in (0..64 - exponent.leading_zeros()).rev() {
            self.multiply(&result, &result, &mut buffer);
            swap(&mut result, &mut buffer);
            if exponent >> bit & 1 == 1 {
                self.multiply(&result, &first, &mut buffer);
                swap(&mut result, &mut buffer);
            }
        }
        self.retrieve(&result, &mut buffer);
        buffer
    }

    /// `a b` modulo `n`, of any two numbers.
    pub(crate) fn product(&self, a: &[u64; N], b: &[u64; N]) -> Zeroizing<[u64; N]> {
        let mut a_in_form = Zeroizing::new([0; N]);
        self.multiply(a, &self.r_squared, &mut a_in_form);
        let mut product = Zeroizing::new([0; N]);
        self.multiply(&a_in_form, b, &mut product);
        product
    }

    /// `high R + low` modulo `n`, of any two numbers.
    pub(crate) fn reduce(&self, high: &[u64; N], low: &[u64; N]) -> Zeroizing<[u64; N]> {
        let mut sum = Zeroizing::new([0; N]);
        self.multiply(high, &self.r_squared, &mut sum);
        let mut low = Zeroizing::new(*low);
        let excess = !self.is_above(&low);
        subtract_assign(&mut low, &self.n, excess);
        self.add_assign(&mut sum, &low);
        sum
    }

    /// `a + b` modulo `n`, of numbers below `n`.
    pub(crate) fn add_assign(&self, a: &mut [u64; N], b: &[u64; N]) {
        let mut carry = false;
        for (a, &b) in a.iter_mut().zip(b) {
            (*a, carry) = a.carrying_add(b, carry);
        }
        let excess = Choice::from(u8::from(carry)) | !self.is_above(a);
        subtract_assign(a, &self.n, excess);
    }

    /// `a - b` modulo `n`, of numbers below `n`.
    pub(crate) fn subtract_assign(&self, a: &mut [u64; N], b: &[u64; N]) {
        let below_zero = borrow_of(a, b);
        subtract_assign(a, b, Choice::from(1));
        // Modulo R, which takes the borrow back.
        let mask = u64::conditional_select(&0, &u64::MAX, below_zero);
        let mut carry = false;
        for (a, &n) in a.iter_mut().zip(&self.n) {
            (*a, carry) = a.carrying_add(n & mask, carry);
        }
    }

    /// `a` out of Montgomery's form.
    fn retrieve(&self, a: &[u64; N], out: &mut [u64; N]) {
        let mut unit = [0; N];
        unit[0] = 1;
        self.multiply(a, &unit, out);
    }

    /// `a b / R` modulo `n`, below `n` if one of the two numbers is: Montgomery's product.
    ///
    /// Each round adds a multiple of `b` and the multiple of `n` that makes the lowest limb vanish, and drops that limb.
    /// The two sums have carries of their own, so that a processor runs them beside each other.
    #[inline(never)]
    fn multiply(&self, a: &[u64; N], b: &[u64; N], out: &mut [u64; N]) {
        let n = &self.n;
        let sum = out;
        sum.fill(0);
        let mut top = 0;
        for &limb in a {
            let (low, mut carry) = multiply_add(sum[0], b[0], limb, 0);
            let factor = low.wrapping_mul(self.negated_inverse);
            let (_, mut carry_of_n) = multiply_add(low, n[0], factor, 0);
            for i in 1..N {
                let (low, high) = multiply_add(sum[i], b[i], limb, carry);
                carry = high;
                (sum[i - 1], carry_of_n) = multiply_add(low, n[i], factor, carry_of_n);
            }
            (sum[N - 1], top) = multiply_add(carry, carry_of_n, 1, top);
        }
        let excess = Choice::from(top as u8) | !self.is_above(sum);
        subtract_assign(sum, n, excess);
    }
}

/// A number from big-endian bytes; `None` if there are more than it has room for, be they zeros.
pub(crate) fn from_be_bytes<const N: usize>(bytes: &[u8]) -> Option<[u64; N]> {
    (bytes.len() <= 8 * N).then(|| {
        let mut limbs = [0; N];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.rchunks(8)) {
            *limb = chunk
                .iter()
                .fold(0, |limb, &byte| limb << 8 | u64::from(byte));
        }
        limbs
    })
}

/// A number of 2048 bits from its bytes in big-endian order.
pub(crate) fn from_array(bytes: &[u8; 256]) -> [u64; LIMBS_2048] {
    let mut limbs = [0; LIMBS_2048];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.as_chunks().0.iter().rev()) {
        *limb = u64::from_be_bytes(*chunk);
    }
    limbs
}

/// The 256 bytes of a number of 2048 bits in big-endian order, with its leading zeros.
pub(crate) fn to_array(limbs: &[u64; LIMBS_2048]) -> [u8; 256] {
    let mut bytes = [0; 256];
    for (limb, chunk) in limbs.iter().zip(bytes.rchunks_exact_mut(8)) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    bytes
}

/// The lower and the higher half of a number of 2048 bits.
pub(crate) fn halves(number: &[u64; LIMBS_2048]) -> ([u64; LIMBS_1024], [u64; LIMBS_1024]) {
    let half = |start| core::array::from_fn(|i| number[start + i]);
    (half(0), half(LIMBS_1024))
}

/// Adds `x y` to a sum that has room for it.
pub(crate) fn multiply_add_assign(sum: &mut [u64], x: &[u64], y: &[u64]) {
    for (i, &x) in x.iter().enumerate() {
        let (addends, rest) = sum[i..].split_at_mut(y.len());
        let mut carry = 0;
        for (addend, &y) in addends.iter_mut().zip(y) {
            (*addend, carry) = multiply_add(*addend, x, y, carry);
        }
        for limb in rest {
            (*limb, carry) = multiply_add(*limb, 0, 0, carry);
        }
    }
}

/// Whether `a` is below `b`.
fn borrow_of<const N: usize>(a: &[u64; N], b: &[u64; N]) -> Choice {
    let mut borrow = false;
    for (&a, &b) in a.iter().zip(b) {
        (_, borrow) = a.borrowing_sub(b, borrow);
    }
    Choice::from(u8::from(borrow))
}

/// `a - b`, or `a` again if `choice` is not set; modulo `R`.
fn subtract_assign<const N: usize>(a: &mut [u64; N], b: &[u64; N], choice: Choice) {
    let mask = u64::conditional_select(&0, &u64::MAX, choice);
    let mut borrow = false;
    for (a, &b) in a.iter_mut().zip(b) {
        (*a, borrow) = a.borrowing_sub(b & mask, borrow);
    }
}

/// The number at `index`, after looking at them all.
fn select<const N: usize>(numbers: &[[u64; N]], index: u64, out: &mut [u64; N]) {
    for (i, number) in (0_u64..).zip(numbers) {
        let choice = i.ct_eq(&index);
        for (out, limb) in out.iter_mut().zip(number) {
            out.conditional_assign(limb, choice);
        }
    }
}

/// `sum + x y + carry`, which two limbs hold: the lower and the higher.
fn multiply_add(sum: u64, x: u64, y: u64, carry: u64) -> (u64, u64) {
    let wide = u128::from(x) * u128::from(y) + u128::from(sum) + u128::from(carry);
    (wide as u64, (wide >> 64) as u64)
}

#[cfg(test)]
mod tests;
