//! What an implementation in Python, written from the official pages alone, computes: `tests/interop/python/vectors.py` made
//! the files of `fixtures/python` and says what is in each.

#![cfg(feature = "legacy")]
#![expect(clippy::unwrap_used, reason = "helpers of tests are not seen as tests")]

use core::convert::Infallible;
use std::collections::BTreeMap;
use std::fs;

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, DhSecret};
use mtproto_runtime::crypto::factorize::factorize;
use mtproto_runtime::crypto::kdf::{self, Side};
use mtproto_runtime::crypto::rsa::{PrivateKey, PublicKey};
use mtproto_runtime::crypto::{aes_ige, hash::sha1};
use rand_chacha::rand_core::{TryCryptoRng, TryRng};

#[test]
fn ige() {
    for case in cases("ige") {
        let (key, iv) = (case.array("key"), case.array("iv"));
        let mut data = case.bytes("plaintext").to_vec();
        aes_ige::encrypt(&key, &iv, &mut data).unwrap();
        assert_eq!(data, case.bytes("ciphertext"));
        aes_ige::decrypt(&key, &iv, &mut data).unwrap();
        assert_eq!(data, case.bytes("plaintext"));
    }
}

#[test]
fn keys_of_messages() {
    for case in cases("keys") {
        let auth_key = AuthKey::new(case.array("auth_key"));
        assert_eq!(auth_key.id(), case.long("auth_key_id"));
        assert_eq!(auth_key.aux_hash(), case.long("auth_key_aux_hash"));

        let (side, plaintext) = (case.side(), case.bytes("plaintext"));
        let msg_key = kdf::msg_key(&auth_key, side, plaintext);
        assert_eq!(msg_key, case.array("msg_key"));
        let keys = kdf::message_keys(&auth_key, &msg_key, side);
        assert_eq!(keys.key, case.array("aes_key"));
        assert_eq!(keys.iv, case.array("aes_iv"));

        let msg_key = kdf::v1_msg_key(plaintext);
        assert_eq!(msg_key, case.array("msg_key_v1"));
        let keys = kdf::v1_message_keys(&auth_key, &msg_key, side);
        assert_eq!(keys.key, case.array("aes_key_v1"));
        assert_eq!(keys.iv, case.array("aes_iv_v1"));
    }
}

#[test]
fn whole_messages() {
    for case in cases("messages") {
        let auth_key = AuthKey::new(case.array("auth_key"));
        let mut data = Vec::new();
        for part in ["salt", "session_id", "msg_id", "seq_no"] {
            data.extend_from_slice(case.bytes(part));
        }
        let body = case.bytes("body");
        data.extend_from_slice(&u32::try_from(body.len()).unwrap().to_le_bytes());
        data.extend_from_slice(body);
        data.extend_from_slice(case.bytes("padding"));

        let msg_key = kdf::msg_key(&auth_key, case.side(), &data);
        let keys = kdf::message_keys(&auth_key, &msg_key, case.side());
        aes_ige::encrypt(&keys.key, &keys.iv, &mut data).unwrap();
        let packet = [&auth_key.id().to_le_bytes(), &msg_key[..], &data].concat();
        assert_eq!(packet, case.bytes("packet"));
    }
}

#[test]
fn rsa_padding() {
    for case in cases("rsa_padding") {
        let public = PublicKey::from_parts(case.bytes("n"), case.bytes("e")).unwrap();
        assert_eq!(public.fingerprint(), case.long("fingerprint"));
        let pem = str::from_utf8(case.bytes("pem")).unwrap();
        let private = PrivateKey::from_pem(pem).unwrap();
        assert_eq!(private.public_key().fingerprint(), public.fingerprint());

        let (data, padding) = (case.bytes("data"), case.bytes("padding"));
        let mut drawn = Drawn([padding, case.bytes("temp_keys")].concat());
        let encrypted = public.encrypt_padded(data, &mut drawn).unwrap();
        assert_eq!(encrypted, case.array("encrypted"));
        assert!(drawn.0.is_empty(), "a temp_key is left");
        let decrypted = private.decrypt_padded(&encrypted).unwrap();
        assert_eq!(decrypted[..], [data, padding].concat());

        let mut drawn = Drawn(case.bytes("legacy_padding").to_vec());
        let encrypted = public.encrypt_legacy(data, &mut drawn).unwrap();
        assert_eq!(encrypted, case.array("legacy_encrypted"));
        assert_eq!(private.decrypt_legacy(&encrypted).unwrap()[..], *data);
    }
}

#[test]
fn values_of_the_handshake() {
    for case in cases("handshake") {
        let g = i32::from_le_bytes(case.array("g"));
        let group =
            DhGroup::check(case.bytes("dh_prime"), g, &mut DhPrimeCache::default()).unwrap();
        let (a, b) = (
            DhSecret::from_bytes(&case.array("a")),
            DhSecret::from_bytes(&case.array("b")),
        );
        let (g_a, g_b) = (group.public(&a).unwrap(), group.public(&b).unwrap());
        assert_eq!(g_a, case.array("g_a"));
        assert_eq!(g_b, case.array("g_b"));
        let auth_key = group.shared(&a, &g_b).unwrap();
        assert_eq!(auth_key.as_bytes(), &case.array("auth_key"));
        assert_eq!(auth_key, group.shared(&b, &g_a).unwrap());

        let new_nonce: [u8; 32] = case.array("new_nonce");
        let keys = kdf::tmp_aes_key_iv(&new_nonce, &case.array("server_nonce"));
        assert_eq!(keys.key, case.array("tmp_aes_key"));
        assert_eq!(keys.iv, case.array("tmp_aes_iv"));
        let mut answer = case.bytes("answer").to_vec();
        aes_ige::encrypt(&keys.key, &keys.iv, &mut answer).unwrap();
        assert_eq!(answer, case.bytes("encrypted_answer"));

        for number in 1..=3 {
            let expected = case.array(&format!("new_nonce_hash{number}"));
            assert_eq!(auth_key.new_nonce_hash(&new_nonce, number), expected);
        }
        assert_eq!(sha1(&[&new_nonce])[4..], *case.bytes("new_nonce_hash"));
    }
}

#[test]
fn factors() {
    for case in cases("factors") {
        let [pq, p, q] = ["pq", "p", "q"].map(|name| number(case.bytes(name)));
        assert_eq!(factorize(pq), Some((p, q)));
    }
}

/// How packets of secret chats are encrypted; their direction counts in version 2.0 alone.
#[test]
fn secret_messages() {
    for case in cases("secret_messages") {
        let key = AuthKey::new(case.array("key"));
        assert_eq!(key.id(), case.long("fingerprint"));
        let [body, padding] = ["body", "padding"].map(|name| case.bytes(name));
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        let mut data = [&length, body, padding].concat();
        let (msg_key, keys) = if case.bytes("version") == [1] {
            let msg_key = kdf::v1_msg_key(&data[..4 + body.len()]);
            (msg_key, kdf::v1_message_keys(&key, &msg_key, Side::Client))
        } else {
            let side = match case.bytes("from_originator") {
                [1] => Side::Client,
                _ => Side::Server,
            };
            let msg_key = kdf::msg_key(&key, side, &data);
            (msg_key, kdf::message_keys(&key, &msg_key, side))
        };
        aes_ige::encrypt(&keys.key, &keys.iv, &mut data).unwrap();
        let packet = [&key.id().to_le_bytes(), &msg_key[..], &data].concat();
        assert_eq!(packet, case.bytes("packet"));
    }
}

/// One case: values by their names.
struct Case(BTreeMap<String, Vec<u8>>);

impl Case {
    fn bytes(&self, name: &str) -> &[u8] {
        self.0.get(name).unwrap_or_else(|| panic!("no {name}"))
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap()
    }

    fn long(&self, name: &str) -> u64 {
        u64::from_le_bytes(self.array(name))
    }

    fn side(&self) -> Side {
        match self.bytes("side") {
            b"client" => Side::Client,
            b"server" => Side::Server,
            other => panic!("no side {other:?}"),
        }
    }
}

/// The cases of a file, of which there is at least one.
fn cases(file: &str) -> Vec<Case> {
    let path = format!(
        "{}/tests/fixtures/python/{file}.txt",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = fs::read_to_string(path).unwrap();
    let blocks = text.split("\n\n").skip(1);
    let cases: Vec<_> = blocks
        .map(|block| Case(block.lines().map(value).collect()))
        .collect();
    assert!(!cases.is_empty());
    cases
}

fn value(line: &str) -> (String, Vec<u8>) {
    let (name, digits) = line.split_once(" =").unwrap();
    let (pairs, rest) = digits.trim().as_bytes().as_chunks::<2>();
    assert!(rest.is_empty(), "half a byte in {name}");
    let bytes = pairs
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap());
    (name.to_owned(), bytes.collect())
}

fn number(big_endian: &[u8]) -> u64 {
    big_endian
        .iter()
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// Randomness that was drawn before, each byte once.
struct Drawn(Vec<u8>);

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let left = self.0.split_off(bytes.len());
        bytes.copy_from_slice(&self.0);
        self.0 = left;
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}
