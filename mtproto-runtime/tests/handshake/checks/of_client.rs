//! What a client checks, and where both sides check the same, the server with it.

use mtproto_runtime::crypto::dh::{DhError, DhPrimeCache, DhSecret, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::factorize::PqError;
use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::handshake::client::{AwaitDhGen, DhGen};
use mtproto_runtime::handshake::{
    ClientHandshake, HandshakeError, Message, PeerIncompatible, PeerMisbehaved, Refused,
};
use mtproto_runtime::plain_message::{PlainGate, PlainMessageError};
use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::wire::{Int128, encode};
use mtproto_runtime::{AuthKey, crypto};

use super::{
    another, await_dh_gen, await_dh_params, await_res_pq, await_set_dh, dh_gen, inner_error,
    key_of, misbehaved, params_error, publics, read_params, req_dh_error, res_pq_error, rng_bytes,
    secret, set_dh_error,
};
use crate::forge::{Secrets, object, plain, seal, seal_padded};
use crate::support::{
    NOW, PUBLIC_KEY, SERVER, Script, client_config, group, handshake, private_key, rng,
};
use crate::vectors::unhex;

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
    unhex(include_str!("../fixtures/unsafe_prime.txt").trim())
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
