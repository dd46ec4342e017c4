//! Against `num-bigint`, which works in another way: on random numbers, and on numbers of limbs that make carries.

use alloc::vec::Vec;

use num_bigint::BigUint;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;

/// Numbers at which carries and borrows begin and end, and random ones.
fn numbers<const N: usize>(rng: &mut ChaCha20Rng, count: usize) -> Vec<[u64; N]> {
    let mut one = [0; N];
    one[0] = 1;
    let mut high = [0; N];
    high[N - 1] = 1 << 63;
    let mut numbers = Vec::from([
        [0; N],
        one,
        high,
        [u64::MAX; N],
        [1 << 63; N],
        [u64::MAX >> 1; N],
    ]);
    for _ in 0..count {
        numbers.push(core::array::from_fn(|_| rng.next_u64()));
        // Limbs of all zeros or all ones in a random order.
        numbers.push(core::array::from_fn(|_| (rng.next_u32() & 1).into()).map(u64::wrapping_neg));
    }
    numbers
}

/// Odd numbers with the highest bit set.
fn moduli<const N: usize>(rng: &mut ChaCha20Rng, count: usize) -> Vec<Modulus<N>> {
    let moduli = numbers(rng, count).into_iter().map(|mut n: [u64; N]| {
        n[0] |= 1;
        n[N - 1] |= 1 << 63;
        Modulus::new(n).expect("odd, and of full length")
    });
    moduli.collect()
}

fn big<const N: usize>(limbs: &[u64; N]) -> BigUint {
    BigUint::from_bytes_le(
        &limbs
            .iter()
            .flat_map(|limb| limb.to_le_bytes())
            .collect::<Vec<u8>>(),
    )
}

fn everything_is_as_in_num_bigint<const N: usize>() {
    let rng = &mut ChaCha20Rng::seed_from_u64(N as u64);
    let r = BigUint::from(1_u32) << (64 * N);
    for modulus in moduli::<N>(rng, 2) {
        let n = big(&modulus.n);
        assert_eq!(big(&modulus.one), &r % &n);
        assert_eq!(big(&modulus.r_squared), &r * &r % &n);
        let numbers = numbers::<N>(rng, 2);
        for a in &numbers {
            assert_eq!(bool::from(modulus.is_above(a)), big(a) < n);
            assert_eq!(
                big(&modulus.pow_public(a, 65537)),
                big(a).modpow(&65537_u32.into(), &n)
            );
            assert_eq!(
                big(&modulus.pow_public(a, 3)),
                big(a).modpow(&3_u32.into(), &n)
            );
            for b in &numbers {
                assert_eq!(big(&modulus.product(a, b)), big(a) * big(b) % &n);
                assert_eq!(big(&modulus.reduce(a, b)), (big(a) * &r + big(b)) % &n);
                let (a, b) = (modulus.reduce(&[0; N], a), modulus.reduce(&[0; N], b));
                let mut sum = *a;
                modulus.add_assign(&mut sum, &b);
                assert_eq!(big(&sum), (big(&a) + big(&b)) % &n);
                let mut difference = *a;
                modulus.subtract_assign(&mut difference, &b);
                assert_eq!(big(&difference), (big(&a) + &n - big(&b)) % &n);
            }
        }
    }
}

#[test]
fn numbers_of_1024_bits() {
    everything_is_as_in_num_bigint::<LIMBS_1024>();
}

#[test]
fn numbers_of_2048_bits() {
    everything_is_as_in_num_bigint::<LIMBS_2048>();
}

/// Exponents shorter than the modulus and longer, with windows of zeros.
#[test]
fn powers() {
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    for modulus in moduli::<LIMBS_2048>(rng, 1) {
        let n = big(&modulus.n);
        for base in numbers(rng, 1) {
            for exponent in numbers::<4>(rng, 1) {
                assert_eq!(
                    big(&modulus.pow(&base, &exponent)),
                    big(&base).modpow(&big(&exponent), &n)
                );
            }
            let exponent: [u64; 33] = core::array::from_fn(|_| rng.next_u64());
            assert_eq!(
                big(&modulus.pow(&base, &exponent)),
                big(&base).modpow(&big(&exponent), &n)
            );
        }
        assert_eq!(*modulus.pow(&modulus.n, &[]), unit());
    }
}

#[test]
fn sums_of_products() {
    let rng = &mut ChaCha20Rng::seed_from_u64(4);
    for x in numbers::<4>(rng, 4) {
        for y in numbers::<4>(rng, 4) {
            let mut sum: [u64; 10] = core::array::from_fn(|_| u64::MAX);
            sum[9] = 0;
            let expected = big(&sum) + big(&x) * big(&y);
            multiply_add_assign(&mut sum, &x, &y);
            assert_eq!(big(&sum), expected);
        }
    }
}

#[test]
fn bytes_are_in_big_endian_order() {
    let bytes: [u8; 256] = core::array::from_fn(|i| i as u8);
    let number = from_array(&bytes);
    assert_eq!(big(&number), BigUint::from_bytes_be(&bytes));
    assert_eq!(to_array(&number), bytes);
    for length in [0, 1, 7, 8, 9, 255, 256] {
        let short: Option<[u64; LIMBS_2048]> = from_be_bytes(&bytes[256 - length..]);
        assert_eq!(
            short.map(|short| big(&short)),
            Some(BigUint::from_bytes_be(&bytes[256 - length..]))
        );
    }
    assert_eq!(from_be_bytes::<LIMBS_2048>(&[0; 257]), None);
}

#[test]
fn even_and_short_numbers_have_no_modulus() {
    let mut n = [u64::MAX; LIMBS_2048];
    n[0] -= 1;
    assert!(Modulus::new(n).is_none());
    let mut n = [u64::MAX; LIMBS_2048];
    n[LIMBS_2048 - 1] >>= 1;
    assert!(Modulus::new(n).is_none());
}

fn unit() -> [u64; LIMBS_2048] {
    let mut unit = [0; LIMBS_2048];
    unit[0] = 1;
    unit
}
