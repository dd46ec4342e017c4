//! What other implementations compute from the same numbers.

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::dh::DhPrimeCache;
use mtproto_runtime::crypto::rsa::telegram_keys;
use mtproto_runtime::handshake::bind_temp_key;
use mtproto_runtime::handshake::client::{self, DhGen};
use mtproto_runtime::handshake::{ClientConfig, NewKey, PermanentKey};
use mtproto_runtime::plain_message;
use mtproto_runtime::schema::mtproto::types::BindAuthKeyInner;
use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::time::UnixTime;
use mtproto_runtime::wire::{Int256, decode, encode};

use crate::forge::object;
use crate::support::{Script, temp_keys};

const GRAMMERS: &str = include_str!("fixtures/grammers.txt");
const BIND: &str = include_str!("fixtures/bind.txt");

/// The bytes on the line `name = …` of a fixture.
pub(crate) fn fixture(text: &str, name: &str) -> Vec<u8> {
    let mut lines = text.lines().filter_map(|line| line.split_once(" = "));
    let (_, value) = lines.find(|line| line.0 == name).unwrap();
    unhex(value)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.map(byte).collect()
}

/// grammers is asked for `p_q_inner_data`, the form without a datacenter; all else comes out byte for byte.
#[test]
fn the_client_replays_a_handshake_of_grammers() {
    let value = |name| fixture(GRAMMERS, name);
    let answer = |name| plain_message::write(1, &value(name)).unwrap();
    let (step2, step3) = (value("step2_random"), value("step3_random"));
    let (new_nonce, rsa_pad) = step2.split_at(32);
    let data = inner_data(new_nonce);
    let (padding, temp_key) = (&rsa_pad[..192 - data.len()], &rsa_pad[192..]);
    let now = UnixTime::from_secs(1_693_436_740);
    let config = ClientConfig::new(telegram_keys().to_vec(), 2);

    // Our data has four bytes more, `dc`, and as many less of padding. `b` has 256 bytes, the padding at its end 12.
    let mut randoms = Script::new(&[
        &value("step1_random"),
        new_nonce,
        &padding[4..],
        &temp_keys(),
    ]);
    let (state, query) = client::start(config, now, &mut randoms).unwrap();
    assert_eq!(hex(&query[20..]), hex(&value("step1_request")));

    let (state, query) = state
        .on_message(now, &answer("step1_response"), &mut randoms)
        .unwrap();
    let (query, theirs): (functions::ReqDhParams, functions::ReqDhParams) =
        (object(&query), decode(&value("step2_request")).unwrap());
    let key = telegram_keys()
        .into_iter()
        .find(|key| key.fingerprint() as i64 == theirs.public_key_fingerprint)
        .unwrap();
    let encrypted_data = key
        .encrypt_padded(&data, &mut Script::new(&[padding, temp_key]))
        .unwrap();
    let expected = functions::ReqDhParams {
        encrypted_data: encrypted_data.to_vec(),
        ..query
    };
    assert_eq!(expected, theirs);

    let mut randoms = Script::new(&[&step3[..256 + 12]]);
    let (state, query) = state
        .on_message(
            now,
            &answer("step2_response"),
            &mut DhPrimeCache::default(),
            &mut randoms,
        )
        .unwrap();
    assert_eq!(hex(&query[20..]), hex(&value("step3_request")));

    let DhGen::Done(done) = state
        .on_message(now, &answer("step3_response"), &mut randoms)
        .unwrap()
    else {
        panic!("it has no dh_gen_retry");
    };
    let NewKey::Permanent(key) = done.key else {
        panic!("it is permanent");
    };
    assert_eq!(hex(key.to_storage()), hex(&value("auth_key")));
    assert_eq!(done.first_salt, 4_459_407_212_920_268_508);
    assert_eq!(done.time_offset_secs, 0);
}

fn inner_data(new_nonce: &[u8]) -> Vec<u8> {
    let enums::ResPq::ResPq(res_pq) = decode(&fixture(GRAMMERS, "step1_response")).unwrap() else {
        panic!("no resPQ");
    };
    let query: functions::ReqDhParams = decode(&fixture(GRAMMERS, "step2_request")).unwrap();
    let data = types::PQInnerData {
        pq: res_pq.pq,
        p: query.p,
        q: query.q,
        nonce: query.nonce,
        server_nonce: query.server_nonce,
        new_nonce: Int256(new_nonce.try_into().unwrap()),
    };
    encode(&enums::PQInnerData::PQInnerData(Box::new(data))).unwrap()
}

/// From grammers-crypto/src/auth_key.rs: key and nonce count up from zero.
#[test]
fn new_nonce_hash_of_grammers() {
    let key = AuthKey::new(std::array::from_fn(|i| i as u8));
    let new_nonce = std::array::from_fn(|i| i as u8);
    let hashes = [1, 2, 3].map(|number| hex(&key.new_nonce_hash(&new_nonce, number)));
    assert_eq!(
        hashes,
        [
            "c2ced2b33e593a55d27f4a5dabee7c67",
            "f4318e85bd2ff3be84d9fefce3dce39f",
            "4bf9d7b37db413ee431d28517631cb3d",
        ]
    );
}

/// What `crypto.NonceHash1` of gotd/td (d0d567ee95e61e991eb4075eeb75b16ddc973801) returns.
#[test]
fn new_nonce_hash_of_gotd() {
    let key = AuthKey::new(std::array::from_fn(|i| 255 - i as u8));
    let new_nonce = std::array::from_fn(|i| 0xA5 ^ (i * 7) as u8);
    let hash = key.new_nonce_hash(&new_nonce, 1);
    assert_eq!(hex(&hash), "eaadf935835266f4a0e3368e8d3053f9");
}

/// A binding with the numbers of gotd's own test, and one with others.
#[test]
fn temp_key_binding_of_gotd_and_of_the_page() {
    let counting = PermanentKey::from_storage(
        std::array::from_fn(|i| 255 - i as u8),
        UnixTime::from_secs(0),
    );
    let inner = BindAuthKeyInner {
        nonce: 0x0001_0203_0405_0607,
        temp_auth_key_id: 0x0011_2233_4455_6677,
        perm_auth_key_id: counting.id() as i64,
        temp_session_id: 0x0010_2030_4050_6070,
        expires_at: 1_735_689_600,
    };
    let (msg_id, random) = (0x0011_2233_4455_6677, [0xCD; 24]);
    check_binding(&counting, &inner, msg_id, &random, "gotd");
    check_binding(&counting, &inner, msg_id, &random, "python_1");

    let other = PermanentKey::from_storage(
        std::array::from_fn(|i| (i * i * 7 + 3 * i + 1) as u8),
        UnixTime::from_secs(0),
    );
    let inner = BindAuthKeyInner {
        nonce: -2,
        temp_auth_key_id: -0x0123_4567_89AB_CDEF,
        perm_auth_key_id: other.id() as i64,
        temp_session_id: -1,
        expires_at: i32::MAX,
    };
    let random: [u8; 24] = std::array::from_fn(|i| i as u8);
    check_binding(&other, &inner, 0x65C5_3D50_0000_0004, &random, "python_2");
}

fn check_binding(
    key: &PermanentKey,
    inner: &BindAuthKeyInner,
    msg_id: i64,
    random: &[u8; 24],
    name: &str,
) {
    let theirs = fixture(BIND, name);
    let ours = bind_temp_key::encrypt(key, inner, msg_id, &mut Script::new(&[random]));
    assert_eq!(hex(&ours), hex(&theirs), "{name}");
    let read = bind_temp_key::decrypt(key, &theirs, msg_id);
    assert_eq!(read.as_ref(), Ok(inner), "{name}");
}
