//! `pq` of the handshake: the client proves work by its two prime factors.
//!
//! The factors come from Pollard's rho in Brent's form, on Montgomery's multiplication of 64 bits. It needs no randomness,
//! ends on every number, and takes a fraction of a millisecond on those that servers send.
//!
//! On the wire `pq`, `p` and `q` are byte strings that hold a number in big-endian order ([`read_number`], [`write_number`]).
//!
//! Page: <https://core.telegram.org/mtproto/auth_key#proof-of-work>.

use alloc::vec::Vec;

use rand_core::CryptoRng;

/// Steps of a walk between greatest common divisors, which cost as much as 30 steps.
const BATCH: u32 = 256;
/// Steps of a walk. A factor below 2^32 shows after about 2^16.
const WALK_STEPS: u32 = 1 << 20;
/// Walks. Out of a hundred, one or two fail because both factors show in the same step.
const WALKS: u64 = 64;

/// `pq` with its factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// The product.
    pub pq: u64,
    /// The smaller prime.
    pub p: u64,
    /// The larger prime.
    pub q: u64,
}

/// Why there is no proof of work for a `pq`. The peer that sent it is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PqError {
    /// The number is above 2^63 - 1, or has no bytes, or a leading zero.
    #[error(
        "pq must be the shortest big-endian form of a number up to 2^63 - 1, which these {length_bytes} bytes are not"
    )]
    Form {
        /// How many bytes there are.
        length_bytes: usize,
    },
    /// It is no product of two different odd primes.
    #[error("pq must be the product of two different odd primes, which {pq} is not")]
    NotTwoPrimes {
        /// The number.
        pq: u64,
    },
}

/// Reads `pq` from the bytes of `resPQ`, and factorizes it.
///
/// ```
/// use mtproto_runtime::crypto::factorize::{decompose, write_number};
///
/// // From <https://core.telegram.org/mtproto/samples-auth_key>.
/// let factors = decompose(&0x256595EDB7766797_u64.to_be_bytes())?;
/// assert_eq!((factors.p, factors.q), (1513098571, 1780931429));
/// assert_eq!(write_number(factors.p), [0x5A, 0x30, 0x0D, 0x4B]);
/// # Ok::<(), mtproto_runtime::crypto::factorize::PqError>(())
/// ```
///
/// # Errors
///
/// When the number is not in its shortest form, is above 2^63 - 1, or has other than two different odd prime factors.
pub fn decompose(pq: &[u8]) -> Result<Factors, PqError> {
    let pq = read_number(pq)?;
    match factorize(pq) {
        Some((p, q)) if p > 2 => Ok(Factors { pq, p, q }),
        _ => Err(PqError::NotTwoPrimes { pq }),
    }
}

/// The two primes `p < q` whose product is `pq`; `None` for every other number: primes, squares, 0, products of three.
pub fn factorize(pq: u64) -> Option<(u64, u64)> {
    let factor = small_factor(pq).or_else(|| {
        // The walks are for odd numbers of at least two different factors.
        let hopeless = pq < 2 || is_prime(pq) || pq.isqrt().pow(2) == pq;
        if hopeless { None } else { walk(pq) }
    })?;
    let (p, q) = (factor.min(pq / factor), factor.max(pq / factor));
    (p < q && is_prime(p) && is_prime(q)).then_some((p, q))
}

/// A number of the handshake: big-endian, without leading zeros, up to 2^63 - 1.
///
/// # Errors
///
/// [`PqError::Form`] when the bytes are something else.
pub fn read_number(bytes: &[u8]) -> Result<u64, PqError> {
    let error = PqError::Form {
        length_bytes: bytes.len(),
    };
    if bytes.len() > 8 || bytes.first().is_none_or(|&first| first == 0) {
        return Err(error);
    }
    let number = bytes
        .iter()
        .fold(0, |number, &byte| number << 8 | u64::from(byte));
    if number > i64::MAX as u64 {
        Err(error)
    } else {
        Ok(number)
    }
}

/// A number in big-endian order without leading zeros, as the handshake writes `pq`, `p` and `q`.
pub fn write_number(number: u64) -> Vec<u8> {
    let zeros = number.leading_zeros() as usize / 8;
    number.to_be_bytes()[zeros..].to_vec()
}

/// A proof of work for a client, chosen by a server: two different primes of 31 bits.
pub fn random_pq(rng: &mut dyn CryptoRng) -> Factors {
    let first = random_prime(rng);
    let mut second = random_prime(rng);
    while second == first {
        second = next_prime(second);
    }
    let (p, q) = (first.min(second), first.max(second));
    Factors { pq: p * q, p, q }
}

fn random_prime(rng: &mut dyn CryptoRng) -> u64 {
    next_prime(1 << 30 | u64::from(rng.next_u32()) >> 2)
}

/// The next prime of 31 bits, after the largest the smallest.
fn next_prime(number: u64) -> u64 {
    let next = (number + 1).max(1 << 30);
    let mut candidates = (next..1 << 31).chain(1 << 30..next);
    candidates
        .find(|&candidate| is_prime(candidate))
        .unwrap_or(next)
}

/// The smallest factor up to 256, if it is not the whole number.
fn small_factor(number: u64) -> Option<u64> {
    (2..=256)
        .take_while(|factor| factor * factor <= number)
        .find(|factor| number.is_multiple_of(*factor))
}

/// The test of Miller and Rabin with bases that leave no doubt below 2^64.
fn is_prime(number: u64) -> bool {
    if number < 1 << 16 {
        return number > 1 && small_factor(number).is_none();
    }
    if number.is_multiple_of(2) {
        return false;
    }
    let field = Montgomery::new(number);
    let minus_one = number - field.one;
    let twos = (number - 1).trailing_zeros();
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]
        .iter()
        .all(|&base| {
            let mut power = field.pow(field.enter(base), (number - 1) >> twos);
            let mut left = twos;
            while power != field.one && power != minus_one && left > 1 {
                power = field.multiply(power, power);
                left -= 1;
            }
            power == minus_one || (power == field.one && left == twos)
        })
}

/// A factor of an odd composite number: <https://maths-people.anu.edu.au/~brent/pub/pub051.html>.
fn walk(number: u64) -> Option<u64> {
    let field = Montgomery::new(number);
    (1..=WALKS).find_map(|c| walk_with(&field, field.enter(c)))
}

/// One walk `x ↦ x² + c`. Each time its length doubles, the later half is held against the point in the middle.
fn walk_with(field: &Montgomery, c: u64) -> Option<u64> {
    let step = |x| field.add(field.multiply(x, x), c);
    let mut x = c;
    let mut length = 1;
    while length < WALK_STEPS {
        let start = x;
        let mut left = length;
        while left > 0 {
            let batch = left.min(BATCH);
            let before = x;
            let mut product = field.one;
            for _ in 0..batch {
                x = step(x);
                product = field.multiply(product, start.abs_diff(x));
            }
            left -= batch;
            match gcd(product, field.n) {
                1 => {}
                // More than one factor in the batch: once more in single steps.
                divisor if divisor == field.n => {
                    let mut x = before;
                    let divisors = (0..batch).map(|_| {
                        x = step(x);
                        gcd(start.abs_diff(x), field.n)
                    });
                    return divisors
                        .into_iter()
                        .find(|&divisor| divisor > 1)
                        .filter(|&divisor| divisor < field.n);
                }
                divisor => return Some(divisor),
            }
        }
        length *= 2;
    }
    None
}

/// The greatest common divisor with an odd number.
fn gcd(mut a: u64, mut odd: u64) -> u64 {
    while a != 0 {
        a >>= a.trailing_zeros();
        (a, odd) = (a.abs_diff(odd), a.min(odd));
    }
    odd
}

/// Numbers modulo an odd `n`, as `x 2^64` modulo `n`.
struct Montgomery {
    n: u64,
    /// 1 / `n` modulo 2^64.
    inverse: u64,
    /// 2^64 modulo `n`.
    one: u64,
}

impl Montgomery {
    fn new(n: u64) -> Self {
        let mut inverse = n;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(n.wrapping_mul(inverse)));
        }
        Self {
            n,
            inverse,
            one: (u64::MAX % n + 1) % n,
        }
    }

    /// A small number in this form.
    fn enter(&self, number: u64) -> u64 {
        (u128::from(self.one) * u128::from(number) % u128::from(self.n)) as u64
    }

    fn add(&self, a: u64, b: u64) -> u64 {
        let (sum, carry) = a.overflowing_add(b);
        if carry || sum >= self.n {
            sum.wrapping_sub(self.n)
        } else {
            sum
        }
    }

    fn multiply(&self, a: u64, b: u64) -> u64 {
        let product = u128::from(a) * u128::from(b);
        let factor = (product as u64).wrapping_mul(self.inverse);
        let excess = (u128::from(factor) * u128::from(self.n)) >> 64;
        // Both halves are below `n`, so that this holds for the whole of 64 bits.
        let (difference, borrow) = ((product >> 64) as u64).overflowing_sub(excess as u64);
        if borrow {
            difference.wrapping_add(self.n)
        } else {
            difference
        }
    }

    fn pow(&self, base: u64, exponent: u64) -> u64 {
        let mut power = self.one;
        for bit in (0..64 - exponent.leading_zeros()).rev() {
            power = self.multiply(power, power);
            if exponent >> bit & 1 == 1 {
                power = self.multiply(power, base);
            }
        }
        power
    }
}
