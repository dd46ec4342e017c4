//! Numbers of the handshake: factors of `pq`, powers, checks of primes, RSA, against grammers and the library it computes with.
//!
//! `cargo bench --bench bigint` compares times. With arguments it does one thing a number of times and nothing else, for
//! `valgrind --tool=callgrind`: `bigint ours pq 10`; see `instructions.sh`.

use std::env;
use std::hint::black_box;
use std::time::Duration;

use grammers_crypto::{factorize, rsa, two_factor_auth};
use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, DhSecret, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::factorize as ours;
use mtproto_runtime::crypto::rsa::{PrivateKey, telegram_keys};
use num_bigint::BigUint;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use tl_benches::{compare, medians};

/// `pq` of the official sample, of the tests of grammers, mtcute and gotd, and of servers of ours.
const PQS: [u64; 8] = [
    2694724800268887959,
    1470626929934143021,
    2363612107535801713,
    2804275833720261793,
    2090522174869285481,
    1724114033281923457,
    0x17ED48941A08F981,
    1513098571 * 2147483647,
];
/// A safe prime that nobody knows, from the tests of Diffie–Hellman.
const SAFE_PRIME: &str = include_str!("safe_prime.txt");
const PRIVATE_KEY: &str = include_str!("../../mtproto-runtime/tests/crypto/keys/pkcs1_private.pem");

fn main() {
    let arguments: Vec<_> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let rng = &mut ChaCha20Rng::seed_from_u64(1);

    row(
        "pq",
        0.3,
        &arguments,
        || PQS.map(|pq| ours::factorize(pq).expect("two primes")),
        || PQS.map(factorize),
    );

    let group =
        DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default()).expect("it is known");
    let (a, b) = (exponent(3), exponent(5));
    let g_a = group
        .public(&DhSecret::from_bytes(&a))
        .expect("it is random");
    let secret = DhSecret::from_bytes(&b);
    let [base, power, modulus] =
        [&g_a, &b, &TELEGRAM_DH_PRIME].map(|bytes| BigUint::from_bytes_be(bytes));
    let shared = group.shared(&secret, &g_a).expect("it is in range");
    assert_eq!(
        shared.as_bytes()[..],
        base.modpow(&power, &modulus).to_bytes_be()
    );
    row(
        "modexp",
        0.85,
        &arguments,
        || group.shared(&secret, &g_a),
        || base.modpow(&power, &modulus),
    );

    let prime = BigUint::parse_bytes(SAFE_PRIME.replace("\n", "").as_bytes(), 16)
        .expect("digits")
        .to_bytes_be();
    let our_check =
        |prime: &[u8], g| DhGroup::check(prime, g, &mut DhPrimeCache::default()).is_ok();
    let their_check = |prime: &[u8], g| two_factor_auth::check_p_and_g(prime, &g);
    assert!(our_check(&prime, 4) && their_check(&prime, 4));
    row(
        "unknown_prime",
        0.3,
        &arguments,
        || our_check(&prime, 4),
        || their_check(&prime, 4),
    );
    row(
        "known_prime",
        0.001,
        &arguments,
        || our_check(&TELEGRAM_DH_PRIME, 3),
        || their_check(&TELEGRAM_DH_PRIME, 3),
    );

    let [key, _] = telegram_keys();
    let n = BigUint::from_bytes_be(key.n()).to_string();
    let their_key = rsa::Key::new(&n, "65537").expect("digits");
    let data = [7; 100];
    let random = [9; 224];
    row(
        "rsa_pad",
        1.0,
        &arguments,
        || key.encrypt_padded(&data, rng).expect("it is short"),
        || rsa::encrypt_hashed(&data, &their_key, &random),
    );

    if arguments.is_empty() {
        // What peers do not have.
        let private = PrivateKey::from_pem(PRIVATE_KEY).expect("it is sound");
        let encrypted = private
            .public_key()
            .encrypt_padded(&data, rng)
            .expect("it is short");
        let decrypt = || private.decrypt_padded(&encrypted).expect("it is sound");
        let (time, _) = medians(decrypt, || ());
        println!("rsa_pad decrypted: {time:.1?}");
        let known = || our_check(&TELEGRAM_DH_PRIME, 3);
        let (time, _) = medians(known, || ());
        let goal = Duration::from_micros(10);
        println!(
            "known prime: {time:.1?}, goal {goal:?} {}",
            if time <= goal { "met" } else { "missed" }
        );
    }
}

/// One thing, done by both.
fn row<A, B>(
    what: &str,
    goal: f64,
    arguments: &[String],
    mut ours: impl FnMut() -> A,
    mut theirs: impl FnMut() -> B,
) {
    let [side, wanted, times] = arguments else {
        compare(what, goal, ours, theirs);
        return;
    };
    if what != wanted {
        return;
    }
    for _ in 0..times.parse().expect("a number") {
        match &side[..] {
            "ours" => drop(black_box(ours())),
            "theirs" => drop(black_box(theirs())),
            _ => panic!("ours|theirs WHAT TIMES"),
        }
    }
}

/// Some 2048 bits.
fn exponent(seed: u8) -> [u8; 256] {
    core::array::from_fn(|i| {
        (i as u8)
            .wrapping_mul(101)
            .wrapping_add(seed)
            .rotate_left(3)
    })
}
