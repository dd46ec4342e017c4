//! `pq`: <https://core.telegram.org/mtproto/auth_key#proof-of-work>.

use mtproto_runtime::crypto::factorize::{
    Factors, PqError, decompose, factorize, random_pq, read_number, write_number,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::Script;

#[test]
fn vectors() {
    for (pq, p, q) in [
        // <https://core.telegram.org/mtproto/samples-auth_key>
        (2694724800268887959, 1513098571, 1780931429),
        // grammers, `grammers-crypto/src/factorize.rs`
        (1470626929934143021, 1206429347, 1218991343),
        (2363612107535801713, 1518968219, 1556064227),
        (2804275833720261793, 1555252417, 1803100129),
        // mtcute, `packages/core/src/utils/crypto/factorization.test.ts`
        (2090522174869285481, 1112973847, 1878321023),
        // gotd, `crypto/pq_test.go`
        (1724114033281923457, 1229739323, 1402015859),
        (378221, 613, 617),
        (15, 3, 5),
        (0x17ED48941A08F981, 0x494C553B, 0x53911073),
        // TDLib, `tdutils/test/pq.cpp`
        (7 * 3, 3, 7),
        (179424611 * 179424673, 179424611, 179424673),
    ] {
        assert_eq!(factorize(pq), Some((p, q)));
        assert_eq!(decompose(&write_number(pq)), Ok(Factors { pq, p, q }));
    }
}

#[test]
fn every_small_number_is_told_apart() {
    let least_factor = |number: u64| (2..=number).find(|factor| number.is_multiple_of(*factor));
    for number in 0..20_000_u64 {
        let p = least_factor(number).unwrap_or(1);
        let q = number / p;
        let expected = (p < q && least_factor(q) == Some(q)).then_some((p, q));
        assert_eq!(factorize(number), expected, "{number}");
    }
}

/// Numbers without a factor that a division finds, up to the last of 64 bits.
#[test]
fn large_numbers_that_are_no_product_of_two_primes_end() {
    const P: u64 = 4294967291; // The largest prime of 32 bits.
    const Q: u64 = 4294967279; // The one before.
    assert_eq!(factorize(P * Q), Some((Q, P)));
    assert_eq!(factorize(u64::MAX), None); // 3 · 5 · 17 · 257 · 641 · 65537 · 6700417
    for prime in [
        18446744073709551557,
        9223372036854775783,
        P,
        2147483647,
        65537,
        257,
        2,
    ] {
        assert_eq!(factorize(prime), None, "{prime} is prime");
    }
    for (root, exponent) in [
        (P, 2),
        (2147483647, 2),
        (65537, 2),
        (257, 2),
        (2097143, 3),
        (65521, 3),
        (7129, 5),
        (257, 7),
    ] {
        assert_eq!(factorize(root.pow(exponent)), None, "{root}^{exponent}");
    }
    assert_eq!(factorize(2097143 * 2097133 * 2097131), None);
    assert_eq!(factorize(65537 * 65539 * 65543), None);
    assert_eq!(
        factorize(2 * 9223372036854775783),
        Some((2, 9223372036854775783))
    );
    // Numbers that pass a test of primality with few bases.
    for (pseudoprime, factors) in [
        (3215031751, None),
        (4759123141, Some((48781, 97561))),
        (3825123056546413051, None),
    ] {
        assert_eq!(factorize(pseudoprime), factors, "{pseudoprime}");
    }
}

#[test]
fn products_of_two_primes_of_every_size() {
    let rng = &mut ChaCha20Rng::seed_from_u64(7);
    let is_prime = |number: u64| {
        (2..)
            .take_while(|d| d * d <= number)
            .all(|d| !number.is_multiple_of(d))
    };
    let mut prime = |bits: u32| {
        let start = rng.next_u64() >> (64 - bits) | 1 << (bits - 1);
        (start..).find(|&number| is_prime(number)).unwrap()
    };
    for bits in 2..=31 {
        for other in [bits, 17, 32] {
            let (p, q) = (prime(bits), prime(other));
            if p != q {
                assert_eq!(factorize(p * q), Some((p.min(q), p.max(q))));
            }
        }
    }
}

#[test]
fn check_02_pq_is_composite_and_its_factors_ordered() {
    for pq in [
        2147483647,
        1000003 * 1000003,
        3 * 5 * 7,
        1,
        9223372036854775783,
    ] {
        assert_eq!(
            decompose(&write_number(pq)),
            Err(PqError::NotTwoPrimes { pq })
        );
    }
    // The primes are odd.
    assert_eq!(decompose(&[14]), Err(PqError::NotTwoPrimes { pq: 14 }));
    let Factors { p, q, .. } = decompose(&write_number(1780931429 * 1513098571)).unwrap();
    assert!(p < q);
}

#[test]
fn check_02_pq_is_below_2_to_63() {
    let above = 3037000507_u64 * 3037000537;
    assert!(above > i64::MAX as u64);
    assert_eq!(factorize(above), Some((3037000507, 3037000537)));
    assert_eq!(
        decompose(&above.to_be_bytes()),
        Err(PqError::Form { length_bytes: 8 })
    );
    assert_eq!(read_number(&i64::MAX.to_be_bytes()), Ok(i64::MAX as u64));
    assert_eq!(
        read_number(&(1_u64 << 63).to_be_bytes()),
        Err(PqError::Form { length_bytes: 8 })
    );
}

#[test]
fn check_02_pq_is_in_its_shortest_form() {
    for bytes in [
        &[][..],
        &[0],
        &[0, 15],
        &[1; 9],
        &[0, 0, 0, 0, 0, 0, 0, 0, 15],
    ] {
        let length_bytes = bytes.len();
        assert_eq!(decompose(bytes), Err(PqError::Form { length_bytes }));
    }
    assert_eq!(decompose(&[15]), Ok(Factors { pq: 15, p: 3, q: 5 }));
    assert_eq!(write_number(0x0100), [1, 0]);
    assert_eq!(write_number(u64::MAX), [255; 8]);
}

#[test]
fn a_server_draws_products_that_a_client_factorizes() {
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    for _ in 0..50 {
        let factors = random_pq(rng);
        assert!(factors.p < factors.q && factors.p > 1 << 30);
        assert_eq!(decompose(&factors.pq.to_be_bytes()), Ok(factors));
    }
    // Even of a generator that always says the same.
    for byte in [0, 255] {
        let factors = random_pq(&mut Script::of([byte]));
        assert_eq!(decompose(&factors.pq.to_be_bytes()), Ok(factors));
    }
}
