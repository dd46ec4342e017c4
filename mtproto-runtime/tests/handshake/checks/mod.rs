//! The checks that the pages ask for, one test each by its number in the project's list. Each fails without its check.

mod of_client;
mod of_keys;
mod of_server;

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::dh::{DhPrimeCache, DhSecret, TELEGRAM_DH_PRIME};
use mtproto_runtime::handshake::client::{AwaitDhGen, AwaitDhParams, AwaitResPq};
use mtproto_runtime::handshake::server::{AwaitReqDhParams, AwaitSetClientDhParams};
use mtproto_runtime::handshake::{
    HandshakeError, Message, PeerMisbehaved, ServerConfig, client, server,
};
use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::wire::{Int128, encode};

use crate::forge::{Secrets, inner_data, object, plain};
use crate::support::{NOW, PUBLIC_KEY, SERVER, client_config, group, handshake, private_key, rng};

pub(crate) fn misbehaved(message: Message, error: impl Into<PeerMisbehaved>) -> HandshakeError {
    let error = error.into();
    HandshakeError::PeerMisbehaved { message, error }
}

pub(crate) fn another(number: Int128) -> Int128 {
    Int128(number.0.map(|byte| byte ^ 1))
}

/// A client that waits for `resPQ`, and an honest one.
pub(crate) fn await_res_pq() -> (AwaitResPq, types::ResPq) {
    let (state, query) = client::start(client_config(), NOW, &mut rng(1)).unwrap();
    let (_, answer) = server::start(&SERVER, NOW, &query, &mut rng(2)).unwrap();
    let enums::ResPq::ResPq(answer) = object(&answer) else {
        panic!("no resPQ")
    };
    (state, answer)
}

pub(crate) fn res_pq_error(change: impl Fn(&mut types::ResPq)) -> HandshakeError {
    let (state, mut answer) = await_res_pq();
    change(&mut answer);
    let answer = plain(1, &enums::ResPq::ResPq(answer));
    state.on_message(NOW, &answer, &mut rng(3)).unwrap_err()
}

/// A client that waits for `server_DH_params_ok`, what a server knows, and an honest answer.
pub(crate) fn await_dh_params() -> (AwaitDhParams, Secrets, types::ServerDhInnerData) {
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
pub(crate) fn secret() -> DhSecret {
    DhSecret::from_bytes(&[0x5A; 256])
}

pub(crate) fn read_params(
    state: AwaitDhParams,
    payload: &[u8],
) -> Result<(AwaitDhGen, Vec<u8>), HandshakeError> {
    state.on_message(NOW, payload, &mut DhPrimeCache::default(), &mut rng(4))
}

pub(crate) fn params_error(change: impl Fn(&mut types::ServerDhInnerData)) -> HandshakeError {
    let (state, secrets, mut inner) = await_dh_params();
    change(&mut inner);
    read_params(state, &secrets.server_dh_params_ok(&inner)).unwrap_err()
}

/// A client that waits for `dh_gen_ok`, what a server knows, and the key.
pub(crate) fn await_dh_gen() -> (AwaitDhGen, Secrets, AuthKey) {
    let (state, secrets, inner) = await_dh_params();
    let (state, query) = read_params(state, &secrets.server_dh_params_ok(&inner)).unwrap();
    let key = key_of(&secrets, &query, 0);
    (state, secrets, key)
}

/// The key that a client proposes, by an attempt with this `retry_id`.
pub(crate) fn key_of(secrets: &Secrets, query: &[u8], retry_id: u64) -> AuthKey {
    let proposal = secrets.open_proposal(query);
    assert_eq!(proposal.retry_id as u64, retry_id);
    group(3).shared(&secret(), &proposal.g_b).unwrap()
}

pub(crate) fn dh_gen(
    secrets: &Secrets,
    number: u8,
    hash: Int128,
) -> enums::SetClientDhParamsAnswer {
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
pub(crate) fn await_req_dh(config: &ServerConfig) -> (AwaitReqDhParams, functions::ReqDhParams) {
    let honest = handshake(1, client_config());
    let (state, answer) = server::start(config, NOW, &honest.messages[0], &mut rng(!1)).unwrap();
    assert_eq!(answer, honest.messages[1]);
    (state, object(&honest.messages[2]))
}

pub(crate) fn req_dh_error(change: impl Fn(&mut functions::ReqDhParams)) -> HandshakeError {
    let (state, mut query) = await_req_dh(&SERVER);
    change(&mut query);
    state
        .on_message(&SERVER, NOW, &plain(0, &query), &mut rng(5))
        .unwrap_err()
}

/// The same for what is encrypted inside.
pub(crate) fn inner_error(change: impl Fn(&mut types::PQInnerDataDc)) -> HandshakeError {
    req_dh_error(|query| {
        let enums::PQInnerData::Dc(mut inner) = inner_data(&private_key(), &query.encrypted_data)
        else {
            panic!("a permanent key of a datacenter")
        };
        change(&mut inner);
        query.encrypted_data = encrypt(&enums::PQInnerData::Dc(inner));
    })
}

pub(crate) fn encrypt(inner: &enums::PQInnerData) -> Vec<u8> {
    let data = encode(inner).unwrap();
    PUBLIC_KEY
        .encrypt_padded(&data, &mut rng(6))
        .unwrap()
        .to_vec()
}

/// A server that waits for `set_client_DH_params`, what the client knows, and an honest one.
pub(crate) fn await_set_dh() -> (AwaitSetClientDhParams, Secrets, types::ClientDhInnerData) {
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

pub(crate) fn set_dh_error(change: impl Fn(&mut types::ClientDhInnerData)) -> HandshakeError {
    let (state, secrets, mut inner) = await_set_dh();
    change(&mut inner);
    let query = secrets.set_client_dh_params(&inner);
    state.on_message(&SERVER, NOW, &query).unwrap_err()
}

pub(crate) fn rng_bytes(seed: u64, length: usize) -> Vec<u8> {
    use rand_chacha::rand_core::Rng;
    let mut bytes = vec![0; length];
    rng(seed).fill_bytes(&mut bytes);
    bytes
}

/// Public values at the bounds: 1 and `p - 1`, 2^1984 and `p - 2^1984`.
pub(crate) fn publics() -> Vec<(Vec<u8>, bool)> {
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
