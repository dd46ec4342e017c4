//! The official sample, <https://core.telegram.org/mtproto/samples-auth_key>: from the random numbers of the page to every
//! other value on it.
//!
//! Two things cannot be had from the page. RSA_PAD's `temp_key` is not printed, so that the content of `encrypted_data` in
//! `req_DH_params` is checked from the other side: encrypted for a key of ours, it comes out as the page's `data` and
//! `random_padding_bytes`. And the server's messages are printed without the random bytes that their length counts.

use core::time::Duration;

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, DhSecret};
use mtproto_runtime::crypto::factorize::decompose;
use mtproto_runtime::crypto::kdf::KeyIv;
use mtproto_runtime::crypto::rsa::{PublicKey, telegram_keys};
use mtproto_runtime::handshake::client::{self, AwaitDhParams, DhGen, Done};
use mtproto_runtime::handshake::{ClientConfig, HandshakeError, InvalidMessage, Message, NewKey};
use mtproto_runtime::plain_message::PlainMessageError;
use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::time::UnixTime;
use mtproto_runtime::wire::{decode_boxed, encode_boxed};

use crate::forge::{Secrets, object, plain, seal_padded, unseal};
use crate::support::{PUBLIC_KEY, Script, private_key, temp_keys};
use crate::vectors::{fixture, hex};

const SAMPLE: &str = include_str!("fixtures/samples-auth_key.txt");

fn value(name: &str) -> Vec<u8> {
    fixture(SAMPLE, name)
}

/// The clock at `D4720600503DC565`, the first msg_id, and at that of the third query.
const FIRST: UnixTime = at(1_707_425_104, 98_397);
const THIRD: UnixTime = at(1_707_425_105, 112_301);

const fn at(secs: u64, nanos: u32) -> UnixTime {
    UnixTime::from_secs(secs).after(Duration::new(0, nanos))
}

/// The page's key is the one with the fingerprint `85FD64DE851D9DD0`.
fn page_key() -> PublicKey {
    let fingerprint = u64::from_le_bytes(*b"\x85\xFD\x64\xDE\x85\x1D\x9D\xD0");
    let keys = telegram_keys().into_iter();
    let mut known = keys.filter(|key| key.fingerprint() == fingerprint);
    known.next().unwrap()
}

/// A message of the server as it was before the page cut it: the bytes that nobody reads are zeros here.
fn complete(mut payload: Vec<u8>) -> Vec<u8> {
    let length = u32::from_le_bytes(payload[16..20].try_into().unwrap());
    payload.resize(20 + length as usize, 0);
    payload
}

fn res_pq() -> types::ResPq {
    decode_boxed(&value("resPQ")[20..]).unwrap()
}

/// What the client draws first: its nonce, new_nonce, and what RSA_PAD takes.
fn first_randoms() -> Script {
    let nonce = &value("req_pq_multi")[24..];
    Script::new(&[
        nonce,
        &value("new_nonce"),
        &value("random_padding_bytes"),
        &temp_keys(),
    ])
}

/// The client after `resPQ`, and its query.
fn after_res_pq(key: PublicKey, res_pq: &[u8]) -> (AwaitDhParams, Vec<u8>) {
    let randoms = &mut first_randoms();
    let config = ClientConfig::new(vec![key], 2);
    let (state, query) = client::start(config, FIRST, randoms).unwrap();
    assert_eq!(hex(&query), hex(&value("req_pq_multi")));
    state.on_message(FIRST, res_pq, randoms).unwrap()
}

#[test]
fn the_client_replays_the_page() {
    let (state, query) = after_res_pq(page_key(), &complete(value("resPQ")));
    let printed = value("req_DH_params");
    assert_eq!(hex(&query[..printed.len()]), hex(&printed));
    assert_eq!(query.len(), printed.len() + 256);

    let mut randoms = Script::new(&[&value("b"), &value("padding")]);
    let params = [value("server_DH_params_ok"), value("encrypted_answer")].concat();
    let (state, query) = state
        .on_message(
            THIRD,
            &complete(params),
            &mut DhPrimeCache::default(),
            &mut randoms,
        )
        .unwrap();
    let printed = [value("set_client_DH_params"), value("encrypted_data")].concat();
    assert_eq!(hex(&query), hex(&printed));

    let dh_gen = complete(value("dh_gen_ok"));
    let DhGen::Done(done) = state.on_message(THIRD, &dh_gen, &mut randoms).unwrap() else {
        panic!("the page has no dh_gen_retry");
    };
    assert!(randoms.0.is_empty());
    let Done {
        key: NewKey::Permanent(key),
        first_salt,
        time_offset_secs: 0,
    } = done
    else {
        panic!("{done:?}");
    };
    assert_eq!(hex(key.to_storage()), hex(&value("auth_key")));
    // Not on the page, but what it describes: the first eight bytes of new_nonce and server_nonce, xored.
    assert_eq!(hex(&first_salt.to_le_bytes()), "49a6747298503dce");
}

#[test]
fn inner_data_and_padding_are_those_of_the_page() {
    let printed = res_pq();
    let offered = PUBLIC_KEY.fingerprint() as i64;
    let res_pq = plain(
        1,
        &enums::ResPq::ResPq(types::ResPq {
            server_public_key_fingerprints: vec![offered],
            ..printed
        }),
    );
    let (_, query) = after_res_pq(PUBLIC_KEY.clone(), &res_pq);
    let query: functions::ReqDhParams = object(&query);
    let decrypted = private_key().decrypt_padded(&query.encrypted_data).unwrap();
    let printed = [value("data"), value("random_padding_bytes")].concat();
    assert_eq!(hex(&decrypted[..]), hex(&printed));
}

#[test]
fn every_value_between_the_messages_is_that_of_the_page() {
    let res_pq = res_pq();
    let factors = decompose(&res_pq.pq).unwrap();
    assert_eq!(factors.pq, 2_694_724_800_268_887_959);
    assert_eq!((factors.p, factors.q), (1_513_098_571, 1_780_931_429));

    let secrets = Secrets {
        nonce: res_pq.nonce,
        server_nonce: res_pq.server_nonce,
        new_nonce: value("new_nonce").try_into().unwrap(),
    };
    let KeyIv { key, iv } = &secrets.tmp_aes();
    assert_eq!(hex(key), hex(&value("tmp_aes_key")));
    assert_eq!(hex(iv), hex(&value("tmp_aes_iv")));

    // The answer, both ways: 20 bytes of SHA-1 in front, 8 bytes of padding behind.
    let answer_with_hash = unseal(&secrets.tmp_aes(), &value("encrypted_answer"));
    assert_eq!(hex(&answer_with_hash), hex(&value("answer_with_hash")));
    let (answer, padding) = answer_with_hash[20..].split_at(564);
    let sealed = seal_padded(&secrets.tmp_aes(), answer, padding);
    assert_eq!(hex(&sealed), hex(&value("encrypted_answer")));

    let inner: types::ServerDhInnerData = decode_boxed(answer).unwrap();
    assert_eq!(encode_boxed(&inner).unwrap(), answer);
    assert_eq!(inner.server_time, 1_707_425_105);
    let group = DhGroup::check(&inner.dh_prime, inner.g, &mut DhPrimeCache::default()).unwrap();
    let b = DhSecret::from_bytes(&value("b").try_into().unwrap());
    assert_eq!(hex(&group.public(&b).unwrap()), hex(&value("g_b")));
    let auth_key = group.shared(&b, &inner.g_a).unwrap();
    assert_eq!(hex(auth_key.as_bytes()), hex(&value("auth_key")));

    let auth_key = AuthKey::new(value("auth_key").try_into().unwrap());
    let new_nonce_hash1 = auth_key.new_nonce_hash(&secrets.new_nonce, 1);
    assert_eq!(hex(&new_nonce_hash1), hex(&value("dh_gen_ok")[56..]));
}

#[test]
fn a_message_cut_short_as_on_the_page_is_refused() {
    let mut randoms = first_randoms();
    let config = ClientConfig::new(vec![page_key()], 2);
    let (state, _) = client::start(config, FIRST, &mut randoms).unwrap();
    let error = state.on_message(FIRST, &value("resPQ"), &mut randoms);
    assert_eq!(
        error.unwrap_err(),
        HandshakeError::InvalidMessage {
            message: Message::ResPq,
            error: InvalidMessage::Envelope(PlainMessageError::Length {
                declared: 168,
                available: 80,
            }),
        }
    );
}
