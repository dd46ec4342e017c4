//! The checks that the pages ask for, one test each by its number in the project's list. Each fails without its check.

use core::borrow::Borrow;
use core::marker::PhantomData;
use core::ops::Deref;
use core::time::Duration;

use mtproto_runtime::crypto::dh::{DhError, DhPrimeCache, DhSecret, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::factorize::PqError;
use mtproto_runtime::crypto::kdf::{Side, message_keys, v1_message_keys, v1_msg_key};
use mtproto_runtime::handshake::bind_temp_key::{self, BindError, Envelope};
use mtproto_runtime::handshake::client::{self, AwaitDhGen, AwaitDhParams, AwaitResPq, DhGen};
use mtproto_runtime::handshake::server::{self, AwaitReqDhParams, AwaitSetClientDhParams};
use mtproto_runtime::handshake::{
    ClientHandshake, EXCHANGE_LIFETIME, HandshakeError, Message, PeerIncompatible, PeerMisbehaved,
    PermanentKey, Refused, ServerConfig, ServerHandshake, ServerStep,
};
use mtproto_runtime::plain_message::{PlainGate, PlainMessageError};
use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::wire::{Int128, encode};
use mtproto_runtime::{AuthKey, crypto};

use crate::bind::{ENVELOPE, call, permanent, temporary};
use crate::forge::{Secrets, inner_data, object, plain, seal, seal_padded};
use crate::support::{
    NOW, PUBLIC_KEY, SERVER, Script, client_config, group, handshake, private_key, rng,
    server_config,
};
use crate::vectors::unhex;

fn misbehaved(message: Message, error: impl Into<PeerMisbehaved>) -> HandshakeError {
    let error = error.into();
    HandshakeError::PeerMisbehaved { message, error }
}

fn another(number: Int128) -> Int128 {
    Int128(number.0.map(|byte| byte ^ 1))
}

/// A client that waits for `resPQ`, and an honest one.
fn await_res_pq() -> (AwaitResPq, types::ResPq) {
    let (state, query) = client::start(client_config(), NOW, &mut rng(1)).unwrap();
    let (_, answer) = server::start(&SERVER, NOW, &query, &mut rng(2)).unwrap();
    let enums::ResPq::ResPq(answer) = object(&answer) else {
        panic!("no resPQ")
    };
    (state, answer)
}

fn res_pq_error(change: impl Fn(&mut types::ResPq)) -> HandshakeError {
    let (state, mut answer) = await_res_pq();
    change(&mut answer);
    let answer = plain(1, &enums::ResPq::ResPq(answer));
    state.on_message(NOW, &answer, &mut rng(3)).unwrap_err()
}

/// A client that waits for `server_DH_params_ok`, what a server knows, and an honest answer.
fn await_dh_params() -> (AwaitDhParams, Secrets, types::ServerDhInnerData) {
    let (state, answer) = await_res_pq();
    let answer = plain(1, &enums::ResPq::ResPq(answer));
    let (state, query) = state.on_message(NOW, &answer, &mut rng(3)).unwrap();
    let secrets = Secrets::of(&query);
    let inner = types::ServerDhInnerData {
        nonce: secrets.nonce,
        server_nonce: secrets.server_nonce,
        g: 3,
        dh_prime: TELEGRAM_DH_PRIME.to_vec(),
        g_a: group(3).public(&secret()).unwrap().to_vec(),
        server_time: NOW.as_secs() as i32 + 17,
    };
    (state, secrets, inner)
}

/// The server's `a` where a test forges for it.
fn secret() -> DhSecret {
    DhSecret::from_bytes(&[0x5A; 256])
}

fn read_params(
    state: AwaitDhParams,
    payload: &[u8],
) -> Result<(AwaitDhGen, Vec<u8>), HandshakeError> {
    state.on_message(NOW, payload, &mut DhPrimeCache::default(), &mut rng(4))
}

fn params_error(change: impl Fn(&mut types::ServerDhInnerData)) -> HandshakeError {
    let (state, secrets, mut inner) = await_dh_params();
    change(&mut inner);
    read_params(state, &secrets.server_dh_params_ok(&inner)).unwrap_err()
}

/// A client that waits for `dh_gen_ok`, what a server knows, and the key.
fn await_dh_gen() -> (AwaitDhGen, Secrets, AuthKey) {
    let (state, secrets, inner) = await_dh_params();
    let (state, query) = read_params(state, &secrets.server_dh_params_ok(&inner)).unwrap();
    let key = key_of(&secrets, &query, 0);
    (state, secrets, key)
}

/// The key that a client proposes, by an attempt with this `retry_id`.
fn key_of(secrets: &Secrets, query: &[u8], retry_id: u64) -> AuthKey {
    let proposal = secrets.open_proposal(query);
    assert_eq!(proposal.retry_id as u64, retry_id);
    group(3).shared(&secret(), &proposal.g_b).unwrap()
}

fn dh_gen(secrets: &Secrets, number: u8, hash: Int128) -> enums::SetClientDhParamsAnswer {
    let (nonce, server_nonce) = (secrets.nonce, secrets.server_nonce);
    match number {
        1 => enums::SetClientDhParamsAnswer::DhGenOk(types::DhGenOk {
            nonce,
            server_nonce,
            new_nonce_hash1: hash,
        }),
        2 => enums::SetClientDhParamsAnswer::DhGenRetry(types::DhGenRetry {
            nonce,
            server_nonce,
            new_nonce_hash2: hash,
        }),
        _ => enums::SetClientDhParamsAnswer::DhGenFail(types::DhGenFail {
            nonce,
            server_nonce,
            new_nonce_hash3: hash,
        }),
    }
}

/// A server that waits for `req_DH_params`, and an honest one.
fn await_req_dh(config: &ServerConfig) -> (AwaitReqDhParams, functions::ReqDhParams) {
    let honest = handshake(1, client_config());
    let (state, answer) = server::start(config, NOW, &honest.messages[0], &mut rng(!1)).unwrap();
    assert_eq!(answer, honest.messages[1]);
    (state, object(&honest.messages[2]))
}

fn req_dh_error(change: impl Fn(&mut functions::ReqDhParams)) -> HandshakeError {
    let (state, mut query) = await_req_dh(&SERVER);
    change(&mut query);
    state
        .on_message(&SERVER, NOW, &plain(0, &query), &mut rng(5))
        .unwrap_err()
}

/// The same for what is encrypted inside.
fn inner_error(change: impl Fn(&mut types::PQInnerDataDc)) -> HandshakeError {
    req_dh_error(|query| {
        let enums::PQInnerData::Dc(mut inner) = inner_data(&private_key(), &query.encrypted_data)
        else {
            panic!("a permanent key of a datacenter")
        };
        change(&mut inner);
        query.encrypted_data = encrypt(&enums::PQInnerData::Dc(inner));
    })
}

fn encrypt(inner: &enums::PQInnerData) -> Vec<u8> {
    let data = encode(inner).unwrap();
    PUBLIC_KEY
        .encrypt_padded(&data, &mut rng(6))
        .unwrap()
        .to_vec()
}

/// A server that waits for `set_client_DH_params`, what the client knows, and an honest one.
fn await_set_dh() -> (AwaitSetClientDhParams, Secrets, types::ClientDhInnerData) {
    let (state, query) = await_req_dh(&SERVER);
    let query = plain(0, &query);
    let (state, _) = state.on_message(&SERVER, NOW, &query, &mut rng(5)).unwrap();
    let secrets = Secrets::of(&query);
    let inner = types::ClientDhInnerData {
        nonce: secrets.nonce,
        server_nonce: secrets.server_nonce,
        retry_id: 0,
        g_b: group(3).public(&secret()).unwrap().to_vec(),
    };
    (state, secrets, inner)
}

fn set_dh_error(change: impl Fn(&mut types::ClientDhInnerData)) -> HandshakeError {
    let (state, secrets, mut inner) = await_set_dh();
    change(&mut inner);
    let query = secrets.set_client_dh_params(&inner);
    state.on_message(&SERVER, NOW, &query).unwrap_err()
}

#[test]
fn check_01_nonces_are_those_of_the_exchange_at_every_step_outside_and_inside() {
    let nonce = |message| misbehaved(message, PeerMisbehaved::Nonce);
    let server_nonce = |message| misbehaved(message, PeerMisbehaved::ServerNonce);

    let error = res_pq_error(|answer| answer.nonce = another(answer.nonce));
    assert_eq!(error, nonce(Message::ResPq));
    assert_eq!(error.fault(), Some(Side::Server));

    for (change_nonce, expected) in [(true, nonce as fn(_) -> _), (false, server_nonce)] {
        let change = |nonce: &mut Int128, server_nonce: &mut Int128| match change_nonce {
            true => *nonce = another(*nonce),
            false => *server_nonce = another(*server_nonce),
        };
        // server_DH_params_ok
        let (state, mut secrets, inner) = await_dh_params();
        let tmp_aes = secrets.tmp_aes();
        change(&mut secrets.nonce, &mut secrets.server_nonce);
        let data = encode(&enums::ServerDhInnerData::ServerDhInnerData(inner)).unwrap();
        let answer = secrets.server_dh_params_sealed(seal(&tmp_aes, &data));
        assert_eq!(
            read_params(state, &answer).unwrap_err(),
            expected(Message::ServerDhParams)
        );
        // server_DH_params_fail
        let (state, mut secrets, _) = await_dh_params();
        change(&mut secrets.nonce, &mut secrets.server_nonce);
        let answer = params_fail(&secrets, hash_of(&secrets));
        assert_eq!(
            read_params(state, &answer).unwrap_err(),
            expected(Message::ServerDhParams)
        );
        // server_DH_inner_data
        let error = params_error(|inner| change(&mut inner.nonce, &mut inner.server_nonce));
        assert_eq!(error, expected(Message::ServerDhInnerData));
        // dh_gen_ok, retry and fail
        for number in 1..=3 {
            let (state, mut secrets, key) = await_dh_gen();
            change(&mut secrets.nonce, &mut secrets.server_nonce);
            let hash = key.new_nonce_hash(&secrets.new_nonce, number);
            let answer = plain(1, &dh_gen(&secrets, number, hash.into()));
            let error = state.on_message(NOW, &answer, &mut rng(7)).unwrap_err();
            assert_eq!(error, expected(Message::DhGen));
        }

        // The server: req_DH_params and P_Q_inner_data
        let error = req_dh_error(|query| change(&mut query.nonce, &mut query.server_nonce));
        assert_eq!(error, expected(Message::ReqDhParams));
        assert_eq!(error.fault(), Some(Side::Client));
        let error = inner_error(|inner| change(&mut inner.nonce, &mut inner.server_nonce));
        assert_eq!(error, expected(Message::PQInnerData));
        // set_client_DH_params and client_DH_inner_data
        let (state, mut secrets, inner) = await_set_dh();
        let tmp_aes = secrets.tmp_aes();
        change(&mut secrets.nonce, &mut secrets.server_nonce);
        let data = encode(&enums::ClientDhInnerData::ClientDhInnerData(inner)).unwrap();
        let query = functions::SetClientDhParams {
            nonce: secrets.nonce,
            server_nonce: secrets.server_nonce,
            encrypted_data: seal(&tmp_aes, &data),
        };
        let error = state
            .on_message(&SERVER, NOW, &plain(0, &query))
            .unwrap_err();
        assert_eq!(error, expected(Message::SetClientDhParams));
        let error = set_dh_error(|inner| change(&mut inner.nonce, &mut inner.server_nonce));
        assert_eq!(error, expected(Message::ClientDhInnerData));
    }
}

fn hash_of(secrets: &Secrets) -> Int128 {
    let hash = crypto::hash::sha1(&[&secrets.new_nonce]);
    Int128(hash[4..].try_into().unwrap())
}

fn params_fail(secrets: &Secrets, new_nonce_hash: Int128) -> Vec<u8> {
    plain(
        1,
        &enums::ServerDhParams::Fail(types::ServerDhParamsFail {
            nonce: secrets.nonce,
            server_nonce: secrets.server_nonce,
            new_nonce_hash,
        }),
    )
}

#[test]
fn check_02_pq_is_the_product_of_two_odd_primes_in_the_fewest_bytes() {
    let bytes = |number: u64| {
        let bytes = number.to_be_bytes();
        bytes[number.leading_zeros() as usize / 8..].to_vec()
    };
    let (p, q) = (1_513_098_571, 1_780_931_429);
    for pq in [
        1,
        p,                         // a prime
        p * p,                     // a square
        2 * p,                     // an even number
        1_009 * 1_013 * 1_019,     // three primes
        9_223_372_036_854_775_783, // the largest prime below 2^63
    ] {
        assert_eq!(
            res_pq_error(|answer| answer.pq = bytes(pq)),
            misbehaved(Message::ResPq, PqError::NotTwoPrimes { pq }),
        );
    }
    let above = bytes(18_446_743_721_522_234_449); // 4294967279 · 4294967291, above 2^63
    let leading_zero = [&[0], &bytes(p * q)[..]].concat();
    for pq in [vec![], vec![0], leading_zero, above, vec![1; 9]] {
        let length_bytes = pq.len();
        assert_eq!(
            res_pq_error(|answer| answer.pq = pq.clone()),
            misbehaved(Message::ResPq, PqError::Form { length_bytes }),
        );
    }
    // And what is sent back: p < q, in the fewest bytes.
    let (state, mut answer) = await_res_pq();
    answer.pq = bytes(65_537 * 3);
    let answer = plain(1, &enums::ResPq::ResPq(answer));
    let (_, query) = state.on_message(NOW, &answer, &mut rng(3)).unwrap();
    let query: functions::ReqDhParams = object(&query);
    assert_eq!((query.p, query.q), (vec![3], vec![1, 0, 1]));
}

#[test]
fn check_03_only_a_known_key_is_used_and_encrypts_below_its_modulus() {
    for offered in [vec![], vec![1], vec![1, 2, 3]] {
        let error = res_pq_error(|answer| answer.server_public_key_fingerprints = offered.clone());
        assert_eq!(
            error,
            HandshakeError::PeerIncompatible {
                message: Message::ResPq,
                error: PeerIncompatible::NoKnownFingerprint {
                    offered: offered.len()
                }
            }
        );
        assert_eq!(error.fault(), None);
    }
    // Among others the known one is found.
    let known = PUBLIC_KEY.fingerprint();
    let (state, mut answer) = await_res_pq();
    answer.server_public_key_fingerprints = vec![1, known as i64, 3];
    let answer = plain(1, &enums::ResPq::ResPq(answer));
    let (_, query) = state.on_message(NOW, &answer, &mut rng(3)).unwrap();
    assert_eq!(
        object::<functions::ReqDhParams>(&query).public_key_fingerprint,
        known as i64
    );

    // The server: a key that it has.
    let error = req_dh_error(|query| query.public_key_fingerprint = 1);
    assert_eq!(
        error,
        misbehaved(
            Message::ReqDhParams,
            PeerMisbehaved::Fingerprint { fingerprint: 1 }
        )
    );

    // RSA_PAD: no more than 144 bytes, and another temp_key when the value is above the modulus. The modulus begins with
    // 0xE2, so that one in nine is.
    assert!(PUBLIC_KEY.encrypt_padded(&[0; 145], &mut rng(1)).is_err());
    let mut drawn = 0;
    for seed in 0..64 {
        let mut script = Script::new(&[&rng_bytes(seed, 48), &rng_bytes(seed + 100, 32 * 16)]);
        let before = script.0.len();
        let encrypted = PUBLIC_KEY.encrypt_padded(&[5; 144], &mut script).unwrap();
        let data = private_key().decrypt_padded(&encrypted).unwrap();
        assert_eq!(data[..144], [5; 144]);
        drawn += before - script.0.len() - 48;
    }
    assert!(drawn > 64 * 32, "no temp_key was ever drawn again");
}

fn rng_bytes(seed: u64, length: usize) -> Vec<u8> {
    use rand_chacha::rand_core::Rng;
    let mut bytes = vec![0; length];
    rng(seed).fill_bytes(&mut bytes);
    bytes
}

#[test]
fn check_04_the_answer_is_whole_blocks_with_its_hash_and_up_to_fifteen_bytes_more() {
    let message = Message::ServerDhInnerData;
    let read = |make: &dyn Fn(&Secrets, &[u8]) -> Vec<u8>| {
        let (state, secrets, inner) = await_dh_params();
        let data = encode(&enums::ServerDhInnerData::ServerDhInnerData(inner)).unwrap();
        let sealed = make(&secrets, &data);
        read_params(state, &secrets.server_dh_params_sealed(sealed))
    };
    for length_bytes in [0, 4, 15, 20, 17, 591] {
        let error = read(&|_, _| vec![1; length_bytes]).unwrap_err();
        assert_eq!(
            error,
            misbehaved(message, PeerMisbehaved::BlockLength { length_bytes })
        );
    }
    // One block holds no SHA-1.
    let error = read(&|_, _| vec![1; 16]).unwrap_err();
    assert_eq!(
        error,
        misbehaved(message, PeerMisbehaved::BlockLength { length_bytes: 16 })
    );

    // 20 + 564 + 8 bytes are whole blocks, and 24 of padding are too many.
    let padded = |padding: usize| {
        read(&|secrets, data| seal_padded(&secrets.tmp_aes(), data, &vec![9; padding]))
    };
    assert!(padded(8).is_ok());
    assert_eq!(
        padded(24).unwrap_err(),
        misbehaved(message, PeerMisbehaved::DataHash)
    );

    // The hash of other data; the data is in order.
    let error = read(&|secrets, data| {
        let mut wrong = [&[0; 20], data, &[0; 8]].concat();
        let tmp_aes = secrets.tmp_aes();
        crypto::aes_ige::encrypt(&tmp_aes.key, &tmp_aes.iv, &mut wrong).unwrap();
        wrong
    });
    assert_eq!(
        error.unwrap_err(),
        misbehaved(message, PeerMisbehaved::DataHash)
    );

    // Under the hash nothing else may stand: what pads the data is outside of it.
    let error = read(&|secrets, data| seal(&secrets.tmp_aes(), &[data, &[0; 4]].concat()));
    assert!(matches!(
        error.unwrap_err(),
        HandshakeError::InvalidMessage { .. }
    ));
}

#[test]
fn check_05_the_prime_is_safe_and_has_2048_bits() {
    let error = |prime: &[u8]| params_error(|inner| inner.dh_prime = prime.to_vec());
    let wrong = |error: DhError| misbehaved(Message::ServerDhInnerData, error);
    let mut composite = TELEGRAM_DH_PRIME;
    composite[255] += 12; // as it is modulo 4 and 3
    assert_eq!(error(&composite), wrong(DhError::NotSafePrime));
    assert_eq!(error(&unsafe_prime()), wrong(DhError::NotSafePrime));
    for prime in [
        &TELEGRAM_DH_PRIME[1..],
        &[&[0], &TELEGRAM_DH_PRIME[..]].concat(),
        &[&[0x7F], &TELEGRAM_DH_PRIME[1..]].concat(),
        &[],
    ] {
        let length_bytes = prime.len();
        assert_eq!(error(prime), wrong(DhError::PrimeSize { length_bytes }));
    }

    // The known prime is in a table; the verdict on another one is kept, from exchange to exchange.
    let primes = &mut DhPrimeCache::default();
    for (prime, verdicts) in [
        (TELEGRAM_DH_PRIME.to_vec(), 0),
        (unsafe_prime(), 1),
        (unsafe_prime(), 1),
    ] {
        let (state, secrets, mut inner) = await_dh_params();
        inner.dh_prime = prime;
        let answer = secrets.server_dh_params_ok(&inner);
        let _ = state.on_message(NOW, &answer, primes, &mut rng(4));
        assert_eq!(primes.len(), verdicts);
    }
}

/// A prime `p`, 2 modulo 3, for which `(p - 1) / 2` is none.
fn unsafe_prime() -> Vec<u8> {
    unhex(include_str!("fixtures/unsafe_prime.txt").trim())
}

#[test]
fn check_06_the_generator_is_a_quadratic_residue_from_2_to_7() {
    // Telegram's prime: 3 modulo 8, 2 modulo 3, 1 modulo 5, 11 modulo 24, 3 modulo 7.
    let prime = TELEGRAM_DH_PRIME;
    let modulo = |divisor| {
        prime
            .iter()
            .fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % divisor)
    };
    for g in -1..=9 {
        let is_residue = match g {
            2 => modulo(8) == 7,
            3 => modulo(3) == 2,
            4 => true,
            5 => matches!(modulo(5), 1 | 4),
            6 => matches!(modulo(24), 19 | 23),
            7 => matches!(modulo(7), 3 | 5 | 6),
            _ => false,
        };
        let (state, secrets, mut inner) = await_dh_params();
        inner.g = g;
        let outcome = read_params(state, &secrets.server_dh_params_ok(&inner)).map(|_| ());
        let error = match g {
            2..=7 => DhError::NotResidue { g },
            _ => DhError::Generator { g },
        };
        let expected = match is_residue {
            true => Ok(()),
            false => Err(misbehaved(Message::ServerDhInnerData, error)),
        };
        assert_eq!(outcome, expected, "g = {g}");
    }
}

#[test]
fn check_07_g_a_is_between_the_bounds() {
    for (value, is_allowed) in publics() {
        let (state, secrets, mut inner) = await_dh_params();
        inner.g_a = value.clone();
        let outcome = read_params(state, &secrets.server_dh_params_ok(&inner)).map(|_| ());
        let expected = match is_allowed {
            true => Ok(()),
            false => Err(misbehaved(Message::ServerDhInnerData, DhError::PublicRange)),
        };
        assert_eq!(outcome, expected, "{value:02x?}");
    }
}

/// Public values at the bounds: 1 and `p - 1`, 2^1984 and `p - 2^1984`.
fn publics() -> Vec<(Vec<u8>, bool)> {
    let bound = |last: u8| {
        let mut number = [0; 256];
        number[7] = 1;
        number[255] = last;
        number
    };
    // p - 2^1984 + last
    let upper = |last: i16| {
        let mut number = TELEGRAM_DH_PRIME;
        number[7] -= 1;
        number[255] = (i16::from(number[255]) + last) as u8;
        number
    };
    let mut below = [0xFF; 256];
    below[..8].fill(0);
    let mut p_minus_1 = TELEGRAM_DH_PRIME;
    p_minus_1[255] -= 1;
    vec![
        (vec![], false),
        (vec![0], false),
        (vec![1], false),
        (vec![3], false),
        (below.to_vec(), false),
        (bound(0).to_vec(), false),
        (bound(1).to_vec(), true),
        // Peers that write the fewest bytes.
        (bound(1)[7..].to_vec(), true),
        (upper(-1).to_vec(), true),
        (upper(0).to_vec(), false),
        (p_minus_1.to_vec(), false),
        (TELEGRAM_DH_PRIME.to_vec(), false),
        (vec![0xFF; 256], false),
        (vec![0xFF; 257], false),
    ]
}

#[test]
fn check_08_b_is_2048_bits_of_the_random_number_generator_alone() {
    let b: [u8; 256] = rng_bytes(8, 256).try_into().unwrap();
    let expected = group(3).public(&DhSecret::from_bytes(&b)).unwrap();
    // Whatever the server says.
    for a in [[0x5A; 256], [0xA5; 256]] {
        let (state, secrets, mut inner) = await_dh_params();
        inner.g_a = group(3).public(&DhSecret::from_bytes(&a)).unwrap().to_vec();
        inner.server_time += i32::from(a[0]);
        let mut script = Script::new(&[&b, &[0; 12]]);
        let answer = secrets.server_dh_params_ok(&inner);
        let primes = &mut DhPrimeCache::default();
        let (_, query) = state.on_message(NOW, &answer, primes, &mut script).unwrap();
        assert!(script.0.is_empty(), "b has 256 bytes, and the padding 12");
        assert_eq!(secrets.open_proposal(&query).g_b, expected);
    }
}

#[test]
fn check_09_new_nonce_hash_is_checked_for_ok_retry_and_fail_and_a_retry_names_the_last_key() {
    let answer = |state: AwaitDhGen, payload: &[u8]| state.on_message(NOW, payload, &mut rng(7));
    for number in 1..=3 {
        // The hash of each other number, which an intruder could put in its place.
        for wrong in (0..=4).filter(|&wrong| wrong != number) {
            let (state, secrets, key) = await_dh_gen();
            let hash = key.new_nonce_hash(&secrets.new_nonce, wrong);
            let error = answer(state, &plain(1, &dh_gen(&secrets, number, hash.into())));
            let expected = PeerMisbehaved::NewNonceHash { number };
            assert_eq!(error.unwrap_err(), misbehaved(Message::DhGen, expected));
        }
    }
    let right = |secrets: &Secrets, key: &AuthKey, number| {
        let hash = key.new_nonce_hash(&secrets.new_nonce, number);
        plain(1, &dh_gen(secrets, number, hash.into()))
    };
    let (state, secrets, key) = await_dh_gen();
    let error = answer(state, &right(&secrets, &key, 3)).unwrap_err();
    let refused = |message, reason| HandshakeError::Refused { message, reason };
    assert_eq!(
        error,
        refused(Message::SetClientDhParams, Refused::DhGenFail)
    );

    // A retry has another b, and the hash of the key before.
    let (state, secrets, first) = await_dh_gen();
    let DhGen::Retry(state, query) = answer(state, &right(&secrets, &first, 2)).unwrap() else {
        panic!("it was asked to")
    };
    let second = key_of(&secrets, &query, first.aux_hash());
    assert_ne!(first, second);
    // Its answer is for the second key.
    let DhGen::Retry(state, query) = answer(state, &right(&secrets, &second, 2)).unwrap() else {
        panic!("it was asked to")
    };
    let third = key_of(&secrets, &query, second.aux_hash());
    let DhGen::Done(done) = answer(state, &right(&secrets, &third, 1)).unwrap() else {
        panic!("it is done")
    };
    assert_eq!(done.key.id(), third.id());
    assert_eq!(done.time_offset_secs, 17);

    // Not for ever.
    let (mut state, secrets, mut key) = await_dh_gen();
    let attempts = client_config().max_retries + 1;
    for _ in 1..attempts {
        let aux_hash = key.aux_hash();
        match answer(state, &right(&secrets, &key, 2)).unwrap() {
            DhGen::Retry(next, query) => {
                key = key_of(&secrets, &query, aux_hash);
                state = next;
            }
            DhGen::Done(_) => panic!("it was asked to"),
        }
    }
    let error = answer(state, &right(&secrets, &key, 2)).unwrap_err();
    assert_eq!(
        error,
        misbehaved(Message::DhGen, PeerMisbehaved::TooManyRetries { attempts })
    );

    // server_DH_params_fail has a hash of its own.
    let (state, secrets, _) = await_dh_params();
    let error = read_params(state, &params_fail(&secrets, hash_of(&secrets))).unwrap_err();
    assert_eq!(
        error,
        refused(Message::ReqDhParams, Refused::ServerDhParamsFail)
    );
    let (state, secrets, _) = await_dh_params();
    let error = read_params(state, &params_fail(&secrets, Int128([1; 16]))).unwrap_err();
    let expected = PeerMisbehaved::NewNonceHash { number: 0 };
    assert_eq!(error, misbehaved(Message::ServerDhParams, expected));

    // The server: retry_id is that of the last attempt.
    for retry_id in [1, -1] {
        assert_eq!(
            set_dh_error(|inner| inner.retry_id = retry_id),
            misbehaved(Message::ClientDhInnerData, PeerMisbehaved::RetryId)
        );
    }
}

/// Exponents whose power, or whose key, begins with a zero byte: found by counting.
#[test]
fn check_10_keys_and_powers_have_256_bytes_with_their_leading_zeros() {
    let exponent = |number: u32| {
        let mut bytes = [0x5A; 256];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        DhSecret::from_bytes(&bytes)
    };
    let group = group(3);
    let exponents = || (0..2_000).map(exponent);
    let power_of = |b: &DhSecret| group.public(b).unwrap();
    let short_power = exponents().find(|b| power_of(b)[0] == 0).unwrap();
    let g_b = power_of(&short_power);

    // The server takes it with its zero and without, for the same key.
    let keys = [&g_b[..], &g_b[1..]].map(|g_b| {
        let (state, secrets, mut inner) = await_set_dh();
        inner.g_b = g_b.to_vec();
        let query = secrets.set_client_dh_params(&inner);
        state
            .on_message(&SERVER, NOW, &query)
            .unwrap()
            .auth_key_id()
    });
    assert_eq!(keys[0], keys[1]);

    // The client sends it with its zero, and a key that begins with one is hashed whole.
    let g_a = group.public(&secret()).unwrap();
    let key_of = |b: &DhSecret| group.shared(b, &g_a).unwrap();
    for find_short_key in [false, true] {
        let number = (0..2_000)
            .find(|&number| match find_short_key {
                false => power_of(&exponent(number))[0] == 0,
                true => key_of(&exponent(number)).as_bytes()[0] == 0,
            })
            .unwrap();
        let mut b = [0x5A; 256];
        b[..4].copy_from_slice(&number.to_le_bytes());
        let (state, secrets, inner) = await_dh_params();
        let mut script = Script::new(&[&b, &[0; 12]]);
        let answer = secrets.server_dh_params_ok(&inner);
        let primes = &mut DhPrimeCache::default();
        let (state, query) = state.on_message(NOW, &answer, primes, &mut script).unwrap();
        assert_eq!(secrets.open_proposal(&query).g_b.len(), 256);
        let key = key_of(&exponent(number));
        let hash = key.new_nonce_hash(&secrets.new_nonce, 1);
        let answer = plain(1, &dh_gen(&secrets, 1, hash.into()));
        let DhGen::Done(done) = state.on_message(NOW, &answer, &mut rng(7)).unwrap() else {
            panic!("it is done")
        };
        assert_eq!(done.key.id(), key.id());
    }
}

/// The salt. That ephemerals are erased is seen in a test of the library itself, beside the types.
#[test]
fn check_11_the_first_salt_is_that_of_both_nonces() {
    let honest = handshake(1, client_config());
    let secrets = Secrets::of(&honest.messages[2]);
    let salt: [u8; 8] = std::array::from_fn(|i| secrets.new_nonce[i] ^ secrets.server_nonce.0[i]);
    assert_eq!(honest.client.first_salt, i64::from_le_bytes(salt));
    assert_eq!(honest.server.first_salt, honest.client.first_salt);
}

#[test]
fn check_12_plaintext_is_refused_once_keys_exist() {
    let honest = handshake(1, client_config());
    let mut gate = PlainGate::open();
    let read = |gate: &PlainGate| gate.read(&honest.messages[1], Side::Server).map(|_| ());
    assert_eq!(read(&gate), Ok(()));
    gate.close();
    assert_eq!(read(&gate), Err(PlainMessageError::KeysExist));
    // Even if it is too short to be read.
    assert_eq!(
        gate.read(&[0; 8], Side::Server),
        Err(PlainMessageError::KeysExist)
    );
    // What is encrypted passes.
    assert!(gate.read(&[1; 8], Side::Server).is_ok());

    // A client's handshake that is done reads nothing more.
    let rng_c = &mut rng(1);
    let (mut client, _) = ClientHandshake::start(client_config(), NOW, rng_c).unwrap();
    let primes = &mut DhPrimeCache::default();
    for answer in [1, 3, 5] {
        client
            .handle(NOW, &honest.messages[answer], primes, rng_c)
            .unwrap();
    }
    for message in &honest.messages {
        let error = client.handle(NOW, message, primes, rng_c).unwrap_err();
        assert_eq!(error, HandshakeError::NothingAwaited);
    }
}

#[test]
fn check_13_a_repeated_query_gets_its_answer_for_ten_minutes_and_a_wrong_one_ends_the_exchange() {
    let honest = handshake(1, client_config());
    let [req_pq, res_pq, req_dh, dh_params, set_dh, dh_gen] = &honest.messages;
    let start = || {
        let rng_s = rng(!1);
        let mut rng_s = rng_s;
        let (server, answer) = ServerHandshake::start(&SERVER, NOW, req_pq, &mut rng_s).unwrap();
        assert_eq!(&answer, res_pq);
        (server, rng_s)
    };
    let sent = |step| match step {
        ServerStep::Send(answer) => answer,
        step => panic!("{step:?}"),
    };
    let last = NOW.after(EXCHANGE_LIFETIME);
    let over = last.after(Duration::from_nanos(1));

    // The same answers until the last moment, at every step.
    let (mut server, mut rng_s) = start();
    assert_eq!(
        &sent(server.handle(&SERVER, last, req_pq, &mut rng_s)),
        res_pq
    );
    assert_eq!(
        &sent(server.handle(&SERVER, NOW, req_dh, &mut rng_s)),
        dh_params
    );
    for query in [req_pq, req_dh] {
        let answer = sent(server.handle(&SERVER, last, query, &mut rng(99)));
        assert!([res_pq, dh_params].contains(&&answer));
    }
    let step = server.handle(&SERVER, NOW, set_dh, &mut rng_s);
    assert!(matches!(step, ServerStep::CheckAuthKeyId(_)));
    assert_eq!(&server.accept(NOW).unwrap().1, dh_gen);
    assert_eq!(
        &sent(server.handle(&SERVER, last, set_dh, &mut rng(99))),
        dh_gen
    );
    // Then it is forgotten.
    assert!(!server.is_expired(last) && server.is_expired(over));
    for query in [req_pq, req_dh, set_dh] {
        let step = server.handle(&SERVER, over, query, &mut rng(99));
        assert!(
            matches!(step, ServerStep::Refuse { code: -404, .. }),
            "{step:?}"
        );
    }
    // The steps without their driver know it, too.
    let (state, query) = await_req_dh(&SERVER);
    let late = state.on_message(&SERVER, over, &plain(0, &query), &mut rng(5));
    assert_eq!(late.unwrap_err(), HandshakeError::Expired);

    // A wrong query at each step: -404, and -404 from then on for the right ones.
    for steps in 0..=2 {
        for wrong in [&req_dh[..], &set_dh[..], &[], &[0; 4]] {
            let (mut server, mut rng_s) = start();
            if steps > 0 {
                sent(server.handle(&SERVER, NOW, req_dh, &mut rng_s));
            }
            if steps > 1 {
                server.handle(&SERVER, NOW, set_dh, &mut rng_s);
                server.accept(NOW).unwrap();
            }
            let mut wrong = wrong.to_vec();
            if let Some(last) = wrong.last_mut() {
                *last ^= 1;
            }
            match server.handle(&SERVER, NOW, &wrong, &mut rng_s) {
                ServerStep::Refuse { code: -404, .. } => {}
                step => panic!("{step:?}"),
            }
            for query in [req_pq, req_dh, set_dh] {
                match server.handle(&SERVER, NOW, query, &mut rng_s) {
                    ServerStep::Refuse {
                        code: -404,
                        error: HandshakeError::Poisoned,
                    } => {}
                    step => panic!("{step:?}"),
                }
            }
            assert_eq!(
                server.accept(NOW).unwrap_err(),
                HandshakeError::NothingAwaited
            );
        }
    }
}

#[test]
fn check_14_the_server_checks_factors_g_b_and_says_nothing_of_what_rsa_hides() {
    // p·q = pq, in ascending order, outside and inside.
    let swap = |query: &mut functions::ReqDhParams| std::mem::swap(&mut query.p, &mut query.q);
    let factors = misbehaved(Message::ReqDhParams, PeerMisbehaved::Factors);
    assert_eq!(req_dh_error(swap), factors);
    assert_eq!(req_dh_error(|query| query.p[0] ^= 1), factors);
    assert_eq!(req_dh_error(|query| query.q[0] ^= 1), factors);
    assert_eq!(req_dh_error(|query| query.p.insert(0, 0)), factors);
    let inner = misbehaved(Message::PQInnerData, PeerMisbehaved::InnerFactors);
    assert_eq!(
        inner_error(|data| std::mem::swap(&mut data.p, &mut data.q)),
        inner
    );
    assert_eq!(inner_error(|data| data.pq[0] ^= 1), inner);

    // g_b, as g_a.
    for (value, is_allowed) in publics() {
        let (state, secrets, mut inner) = await_set_dh();
        inner.g_b = value.clone();
        let query = secrets.set_client_dh_params(&inner);
        let outcome = state.on_message(&SERVER, NOW, &query).map(|_| ());
        let expected = match is_allowed {
            true => Ok(()),
            false => Err(misbehaved(Message::ClientDhInnerData, DhError::PublicRange)),
        };
        assert_eq!(outcome, expected, "{value:02x?}");
    }

    // Whatever is wrong under RSA, it is one error: a value above the modulus, another length, another hash, an object that
    // is none, or the padding of old clients.
    let honest = handshake(1, client_config());
    let query: functions::ReqDhParams = object(&honest.messages[2]);
    let data = encode(&inner_data(&private_key(), &query.encrypted_data)).unwrap();
    let no_object = PUBLIC_KEY.encrypt_padded(&data[4..], &mut rng(6)).unwrap();
    let mut flipped = query.encrypted_data.clone();
    flipped[200] ^= 1;
    let mut wrong = vec![
        vec![0xFF; 256],
        vec![0; 256],
        vec![],
        query.encrypted_data[..252].to_vec(),
        no_object.to_vec(),
        flipped,
    ];
    #[cfg(feature = "legacy")]
    wrong.push(
        PUBLIC_KEY
            .encrypt_legacy(&data, &mut rng(6))
            .unwrap()
            .to_vec(),
    );
    for encrypted_data in wrong {
        let error = req_dh_error(|query| query.encrypted_data = encrypted_data.clone());
        let expected = misbehaved(Message::ReqDhParams, PeerMisbehaved::EncryptedData);
        assert_eq!(error, expected);
        assert_eq!(error.refusal_code(), -404);
    }
}

/// Old clients: inner data without a datacenter, and under the SHA-1 padding.
#[cfg(feature = "legacy")]
#[test]
fn check_14_old_clients_are_served_only_where_that_is_allowed() {
    for allow_legacy in [false, true] {
        let config = ServerConfig {
            allow_legacy,
            ..server_config()
        };
        let (_, query) = await_req_dh(&config);
        let enums::PQInnerData::Dc(data) = inner_data(&private_key(), &query.encrypted_data) else {
            panic!("a permanent key of a datacenter")
        };
        let types::PQInnerDataDc {
            pq,
            p,
            q,
            nonce,
            server_nonce,
            new_nonce,
            ..
        } = *data.clone();
        let without_dc = enums::PQInnerData::PQInnerData(Box::new(types::PQInnerData {
            pq: pq.clone(),
            p: p.clone(),
            q: q.clone(),
            nonce,
            server_nonce,
            new_nonce,
        }));
        let temporary = enums::PQInnerData::Temp(Box::new(types::PQInnerDataTemp {
            pq,
            p,
            q,
            nonce,
            server_nonce,
            new_nonce,
            expires_in: 60,
        }));
        for (inner, has_dc) in [
            (without_dc, false),
            (temporary, false),
            (enums::PQInnerData::Dc(data), true),
        ] {
            let bytes = encode(&inner).unwrap();
            let old = PUBLIC_KEY
                .encrypt_legacy(&bytes, &mut rng(6))
                .unwrap()
                .to_vec();
            for (encrypted_data, is_old) in [(encrypt(&inner), false), (old, true)] {
                let (state, mut query) = await_req_dh(&config);
                query.encrypted_data = encrypted_data;
                let outcome = state
                    .on_message(&config, NOW, &plain(0, &query), &mut rng(5))
                    .map(|_| ());
                let expected = match (allow_legacy, is_old, has_dc) {
                    (true, ..) | (_, false, true) => Ok(()),
                    (false, true, _) => Err(misbehaved(
                        Message::ReqDhParams,
                        PeerMisbehaved::EncryptedData,
                    )),
                    (false, false, false) => Err(HandshakeError::PeerIncompatible {
                        message: Message::PQInnerData,
                        error: PeerIncompatible::LegacyInnerData,
                    }),
                };
                assert_eq!(outcome, expected);
            }
        }
    }
}

#[test]
fn check_15_a_key_id_that_is_taken_leads_to_another_key() {
    let (mut rng_c, mut rng_s) = (rng(15), rng(!15));
    let primes = &mut DhPrimeCache::default();
    let (mut client, query) = ClientHandshake::start(client_config(), NOW, &mut rng_c).unwrap();
    let (mut server, mut answer) =
        ServerHandshake::start(&SERVER, NOW, &query, &mut rng_s).unwrap();
    let mut taken = Vec::new();
    let key = loop {
        use mtproto_runtime::handshake::ClientStep;
        let query = match client.handle(NOW, &answer, primes, &mut rng_c).unwrap() {
            ClientStep::Send(query) => query,
            ClientStep::Done(done) => break done.key,
            ClientStep::Wait => panic!("no message comes twice"),
        };
        answer = match server.handle(&SERVER, NOW, &query, &mut rng_s) {
            ServerStep::Send(answer) => answer,
            ServerStep::CheckAuthKeyId(id) if taken.len() < 2 => {
                assert!(!taken.contains(&id), "it is another key");
                taken.push(id);
                let answer = server.retry(&SERVER, NOW).unwrap();
                // A repeated proposal gets the same answer, and is not a new one.
                let step = server.handle(&SERVER, NOW, &query, &mut rng(99));
                assert!(matches!(step, ServerStep::Send(again) if again == answer));
                answer
            }
            ServerStep::CheckAuthKeyId(id) => {
                assert!(!taken.contains(&id));
                let (done, answer) = server.accept(NOW).unwrap();
                assert_eq!(done.key.id(), id);
                answer
            }
            step => panic!("{step:?}"),
        };
    };
    assert_eq!(taken.len(), 2);
    assert!(!taken.contains(&key.id()));

    // A client that proposes the key again by another name of the attempt, or the attempts of another exchange.
    let (state, secrets, inner) = await_set_dh();
    let query = secrets.set_client_dh_params(&inner);
    let proposal = state.on_message(&SERVER, NOW, &query).unwrap();
    let (state, _) = proposal.retry(&SERVER, NOW).unwrap();
    let error = state.unwrap().on_message(&SERVER, NOW, &query).unwrap_err();
    assert_eq!(
        error,
        misbehaved(Message::ClientDhInnerData, PeerMisbehaved::RetryId)
    );

    // Not for ever: dh_gen_fail.
    let (state, secrets, mut inner) = await_set_dh();
    let mut state = Some(state);
    let mut answers = 0;
    while let Some(awaiting) = state.take() {
        let query = secrets.set_client_dh_params(&inner);
        let proposal = awaiting.on_message(&SERVER, NOW, &query).unwrap();
        let (next, answer) = proposal.retry(&SERVER, NOW).unwrap();
        answers += 1;
        assert!(answers <= SERVER.max_attempts);
        match object(&answer) {
            enums::SetClientDhParamsAnswer::DhGenRetry(_) => {
                // The forged client proposes the same g_b, under the right name.
                inner.retry_id = retry_id(&secrets, &answer, &inner);
                state = next;
            }
            enums::SetClientDhParamsAnswer::DhGenFail(_) => assert!(next.is_none()),
            answer => panic!("{answer:?}"),
        }
    }
    assert_eq!(answers, SERVER.max_attempts);
}

/// `auth_key_aux_hash` of a key that was not told: the server's `a` is drawn from `rng(5)`.
fn retry_id(secrets: &Secrets, answer: &[u8], inner: &types::ClientDhInnerData) -> i64 {
    let a: [u8; 256] = rng_bytes(5, 256).try_into().unwrap();
    let key = group(3)
        .shared(&DhSecret::from_bytes(&a), &inner.g_b)
        .unwrap();
    let enums::SetClientDhParamsAnswer::DhGenRetry(retry) = object(answer) else {
        panic!("no dh_gen_retry")
    };
    let hash = key.new_nonce_hash(&secrets.new_nonce, 2);
    assert_eq!(retry.new_nonce_hash2.0, hash);
    key.aux_hash() as i64
}

/// Messages are encrypted with an `AuthKey`, and nothing turns a permanent key into one but a function whose name says what is
/// given up. (That `message_keys` does not take it is seen in the documentation of `PermanentKey`.)
#[test]
fn check_30_the_permanent_key_is_never_used_directly() {
    /// Whether a type has a trait: an inherent constant, where there is one, goes before that of `Absent`.
    macro_rules! has {
        ($type:ty: $($bound:tt)+) => {{
            struct Probe<T>(PhantomData<T>);
            trait Absent {
                const HAS: bool = false;
            }
            impl<T> Absent for Probe<T> {}
            #[allow(dead_code, reason = "absent, if all is well")]
            impl<T: $($bound)+> Probe<T> {
                const HAS: bool = true;
            }
            Probe::<$type>::HAS
        }};
    }
    let lends = [
        has!(PermanentKey: AsRef<AuthKey>),
        has!(PermanentKey: Borrow<AuthKey>),
        has!(PermanentKey: Deref<Target = AuthKey>),
        has!(PermanentKey: Into<AuthKey>),
    ];
    assert_eq!(lends, [false; 4]);
    assert!(
        has!(AuthKey: Borrow<AuthKey>),
        "the probes see what there is"
    );

    // The temporary key encrypts; in a binding its own id and that of the session stand under the permanent key's.
    let (permanent, temporary) = (permanent(), temporary());
    let call = call();
    let _ = message_keys(temporary.auth_key(), &[0; 16], Side::Client);
    assert_eq!(call.perm_auth_key_id, permanent.id() as i64);
    assert_ne!(temporary.id(), permanent.id());
}

#[test]
fn check_31_a_binding_is_encrypted_the_old_way_under_the_msg_id_of_its_message() {
    let (permanent, temporary) = (permanent(), temporary());
    let call = call();
    let verify = |envelope| bind_temp_key::verify(&permanent, &temporary, envelope, &call, NOW);
    assert_eq!(verify(ENVELOPE), Ok(()));
    let outer = ENVELOPE.msg_id + 4;
    let other = Envelope {
        msg_id: outer,
        ..ENVELOPE
    };
    let inner = ENVELOPE.msg_id;
    assert_eq!(verify(other), Err(BindError::MsgId { inner, outer }));

    // The key derivation of MTProto 1.0, and msg_key from SHA-1 of what comes before the padding.
    let message = &call.encrypted_message;
    let key = AuthKey::new(*permanent.to_storage());
    assert_eq!(message[..8], key.id().to_le_bytes());
    let msg_key: [u8; 16] = message[8..24].try_into().unwrap();
    let keys = v1_message_keys(&key, &msg_key, Side::Client);
    let mut plaintext = message[24..].to_vec();
    crypto::aes_ige::decrypt(&keys.key, &keys.iv, &mut plaintext).unwrap();
    assert_eq!(v1_msg_key(&plaintext[..72]), msg_key);
    assert_eq!(plaintext[16..24], ENVELOPE.msg_id.to_le_bytes());
    assert_eq!(
        plaintext[24..32],
        [0, 0, 0, 0, 40, 0, 0, 0],
        "seqno and length"
    );

    // Encrypted in the way of 2.0 it is refused, and so are other values of seqno and the length.
    let forge = |plaintext: &[u8], msg_key: [u8; 16], keys: crypto::kdf::KeyIv| {
        let mut encrypted = plaintext.to_vec();
        crypto::aes_ige::encrypt(&keys.key, &keys.iv, &mut encrypted).unwrap();
        let message = [&key.id().to_le_bytes()[..], &msg_key, &encrypted].concat();
        bind_temp_key::decrypt(&permanent, &message, ENVELOPE.msg_id).unwrap_err()
    };
    let new_msg_key = crypto::kdf::msg_key(&key, Side::Client, &plaintext);
    let error = forge(
        &plaintext,
        new_msg_key,
        message_keys(&key, &new_msg_key, Side::Client),
    );
    assert_eq!(error, BindError::MsgKey);
    for (at, expected) in [
        (24, BindError::Seqno { seqno: 1 }),
        (28, BindError::InnerLength { length: 41 }),
    ] {
        let mut changed = plaintext.clone();
        changed[at] += 1;
        let msg_key = v1_msg_key(&changed[..72]);
        let error = forge(
            &changed,
            msg_key,
            v1_message_keys(&key, &msg_key, Side::Client),
        );
        assert_eq!(error, expected);
    }
}
