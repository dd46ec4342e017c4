//! What a fuzzer does with both sides of a handshake, and with plain messages. The fuzz targets and the replay of their corpora
//! share it.
//!
//! An input is a step, a way to change the honest message of that step, and changes. Up to that step the other side is honest,
//! and all random numbers are fixed. So a change reaches what comes after every check that it leaves in order.

use std::sync::LazyLock;

use mtproto_runtime::crypto::aes_ige;
use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::hash::sha1;
use mtproto_runtime::crypto::kdf::{KeyIv, Side, tmp_aes_key_iv};
use mtproto_runtime::crypto::rsa::{PrivateKey, PublicKey};
use mtproto_runtime::handshake::{
    ClientConfig, ClientHandshake, ClientStep, ServerConfig, ServerHandshake, ServerStep, nonce_of,
};
use mtproto_runtime::plain_message::{self, Payload, PlainGate, PlainMessageError};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const NOW: UnixTime = UnixTime::from_secs(1_707_425_104);
const CLIENT_SEED: u64 = 1;
const SERVER_SEED: u64 = 2;

static SERVER: LazyLock<ServerConfig> = LazyLock::new(|| {
    let key = PrivateKey::from_pem(include_str!("fixtures/server_key.pem")).unwrap();
    let mut config = ServerConfig::new(vec![key], group());
    config.allow_legacy = true;
    config
});

static CLIENT: LazyLock<ClientConfig> = LazyLock::new(|| {
    let key = PublicKey::from_pem(include_str!("fixtures/server_key.pub.pem")).unwrap();
    ClientConfig::new(vec![key], 2)
});

static HONEST: LazyLock<Honest> = LazyLock::new(Honest::new);

fn group() -> DhGroup {
    DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default()).unwrap()
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// The handshake as it goes when nobody changes it.
struct Honest {
    queries: Vec<Vec<u8>>,
    answers: Vec<Vec<u8>>,
    tmp_aes: KeyIv,
    auth_key_id: u64,
}

impl Honest {
    fn new() -> Self {
        let (mut rng_c, mut rng_s) = (rng(CLIENT_SEED), rng(SERVER_SEED));
        let (mut client, query) = ClientHandshake::start(CLIENT.clone(), NOW, &mut rng_c).unwrap();
        let (mut server, answer) =
            ServerHandshake::start(&SERVER, NOW, &query, &mut rng_s).unwrap();
        let (mut queries, mut answers) = (vec![query], vec![answer]);
        let primes = &mut DhPrimeCache::default();
        let mut auth_key_id = 0;
        loop {
            let answer = answers.last().unwrap();
            match client.handle(NOW, answer, primes, &mut rng_c).unwrap() {
                ClientStep::Send(query) => queries.push(query),
                _ => break,
            }
            let query = queries.last().unwrap();
            answers.push(match server.handle(&SERVER, NOW, query, &mut rng_s) {
                ServerStep::Send(answer) => answer,
                _ => {
                    let (done, answer) = server.accept(NOW).unwrap();
                    auth_key_id = done.key.id();
                    answer
                }
            });
        }
        // The client's second and third numbers are new_nonce; the server has said its own.
        let mut rng_c = rng(CLIENT_SEED);
        let (mut nonce, mut new_nonce) = ([0; 16], [0; 32]);
        rand_chacha::rand_core::Rng::fill_bytes(&mut rng_c, &mut nonce);
        rand_chacha::rand_core::Rng::fill_bytes(&mut rng_c, &mut new_nonce);
        let server_nonce = answers[0][40..56].try_into().unwrap();
        Self {
            queries,
            answers,
            tmp_aes: tmp_aes_key_iv(&new_nonce, &server_nonce),
            auth_key_id,
        }
    }
}

/// A client against a server whose answer at one step is the input's.
pub(crate) fn client(input: &[u8]) {
    let honest = &*HONEST;
    let [step, input @ ..] = input else { return };
    let step = usize::from(step % 3);
    let mut rng = rng(CLIENT_SEED);
    let primes = &mut DhPrimeCache::default();
    let (mut client, _) = ClientHandshake::start(CLIENT.clone(), NOW, &mut rng).unwrap();
    for answer in &honest.answers[..step] {
        client.handle(NOW, answer, primes, &mut rng).unwrap();
    }
    let answer = changed(&honest.answers[step], &honest.tmp_aes, input);
    match client.handle(NOW, &answer, primes, &mut rng) {
        Ok(ClientStep::Send(_)) => assert!(!client.unanswered().is_empty()),
        Ok(ClientStep::Wait) => {
            assert!(step > 0 && answer[20..].starts_with(&honest.answers[step - 1][20..]));
        }
        // Only the envelope can have been changed.
        Ok(ClientStep::Done(done)) => assert_eq!(done.key.id(), honest.auth_key_id),
        Err(error) => {
            assert!(client.unanswered().is_empty());
            assert!(!error.to_string().is_empty());
        }
    }
}

/// A server against a client whose query at one step is the input's.
pub(crate) fn server(input: &[u8]) {
    let honest = &*HONEST;
    let [step, input @ ..] = input else { return };
    let step = usize::from(step % 4);
    let mut rng = rng(SERVER_SEED);
    let query = changed(&honest.queries[step.min(2)], &honest.tmp_aes, input);
    let _ = nonce_of(&query);
    if step == 0 {
        let _ = ServerHandshake::start(&SERVER, NOW, &query, &mut rng);
        return;
    }
    let first = &honest.queries[0];
    let (mut server, _) = ServerHandshake::start(&SERVER, NOW, first, &mut rng).unwrap();
    for query in &honest.queries[1..step] {
        server.handle(&SERVER, NOW, query, &mut rng);
    }
    if step == 3 {
        server.accept(NOW).unwrap();
    }
    match server.handle(&SERVER, NOW, &query, &mut rng) {
        ServerStep::Send(_) | ServerStep::Wait => {}
        ServerStep::CheckAuthKeyId(id) => {
            let (done, _) = server.accept(NOW).unwrap();
            assert_eq!(done.key.id(), id);
        }
        ServerStep::Refuse { code, error } => {
            assert!(code == -404 || code == -444);
            assert!(!error.to_string().is_empty());
            // Nothing comes after it.
            let again = server.handle(&SERVER, NOW, first, &mut rng);
            assert!(matches!(again, ServerStep::Refuse { code: -404, .. }));
        }
    }
}

/// Any bytes as a payload.
pub(crate) fn plain(input: &[u8]) {
    for sender in [Side::Client, Side::Server] {
        let mut gate = PlainGate::open();
        let outcome = gate.read(input, sender);
        if let Ok(Payload::Plain(message)) = outcome {
            let written = plain_message::write(message.msg_id, message.body).unwrap();
            assert!(input.starts_with(&written) && input.len() - written.len() < 16);
        }
        gate.close();
        match gate.read(input, sender) {
            Ok(Payload::Plain(_)) => panic!("plaintext after the gate was closed"),
            Ok(Payload::Encrypted { auth_key_id, .. }) => assert_ne!(auth_key_id, 0),
            Err(error) => assert!(matches!(
                error,
                PlainMessageError::KeysExist | PlainMessageError::TooShort { .. }
            )),
        }
    }
}

/// The message with changes.
///
/// 0: bytes of the payload. 1: bytes of what is encrypted inside, under a hash that holds, in a length that may be another. 2: the object is the input. 3: the payload is the input.
fn changed(honest: &[u8], tmp_aes: &KeyIv, input: &[u8]) -> Vec<u8> {
    let [way, input @ ..] = input else {
        return honest.to_vec();
    };
    match way % 4 {
        0 => change(honest.to_vec(), input),
        // The head is 60 bytes: envelope, id, nonces, and the length of a string of at least 254 bytes; in req_DH_params
        // 84, with p, q and the fingerprint.
        1 => match honest.len() {
            340 => with_rsa_inner(honest, input),
            350.. => with_aes_inner(honest, tmp_aes, input),
            _ => change(honest.to_vec(), input),
        },
        2 => {
            let mut payload = honest[..16].to_vec();
            payload.extend((input.len() as i32).to_le_bytes());
            payload.extend(input);
            payload
        }
        _ => input.to_vec(),
    }
}

/// Three bytes say where, and which byte comes there.
fn change(mut bytes: Vec<u8>, input: &[u8]) -> Vec<u8> {
    for &[low, high, byte] in input.as_chunks().0 {
        let at = usize::from(u16::from_le_bytes([low, high]));
        match bytes.get_mut(at) {
            Some(changed) => *changed = byte,
            // Beyond the end: how many bytes to cut off, or to append.
            None if high & 0x80 == 0 => bytes.truncate(bytes.len().saturating_sub(byte.into())),
            None => bytes.extend(core::iter::repeat_n(low, byte.into())),
        }
    }
    bytes
}

fn with_aes_inner(honest: &[u8], tmp_aes: &KeyIv, input: &[u8]) -> Vec<u8> {
    let mut sealed = honest[60..].to_vec();
    if aes_ige::decrypt(&tmp_aes.key, &tmp_aes.iv, &mut sealed).is_err() {
        return honest.to_vec();
    }
    // 20 bytes of SHA-1; less than 16 of padding, which the honest lengths tell.
    let padding = if honest.len() > 600 { 8 } else { 12 };
    let data = change(sealed[20..sealed.len() - padding].to_vec(), input);
    let mut sealed = [&sha1(&[&data])[..], &data].concat();
    sealed.resize(sealed.len().next_multiple_of(16), 0);
    if aes_ige::encrypt(&tmp_aes.key, &tmp_aes.iv, &mut sealed).is_err() {
        return honest.to_vec();
    }
    let mut body = honest[20..56].to_vec();
    body.extend([254]);
    body.extend(&(sealed.len() as u32).to_le_bytes()[..3]);
    body.extend(sealed);
    let mut payload = honest[..16].to_vec();
    payload.extend((body.len() as i32).to_le_bytes());
    payload.extend(body);
    payload
}

fn with_rsa_inner(honest: &[u8], input: &[u8]) -> Vec<u8> {
    let key = &SERVER.private_keys[0];
    let data = key.decrypt_padded(&honest[84..]).unwrap();
    // p_q_inner_data_dc has 100 bytes.
    let data = change(data[..100].to_vec(), input);
    match key.public_key().encrypt_padded(&data, &mut rng(3)) {
        Ok(encrypted) => [&honest[..84], &encrypted].concat(),
        Err(_) => honest.to_vec(),
    }
}
