//! Keys of messages, IGE, paddings of RSA, factors, and packets of secret chats.

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::aes_ige;
use mtproto_runtime::crypto::factorize::factorize;
use mtproto_runtime::crypto::kdf::{self, Side};
use mtproto_runtime::crypto::rsa::{PrivateKey, PublicKey};

use crate::{Drawn, cases};

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

fn number(big_endian: &[u8]) -> u64 {
    big_endian
        .iter()
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}
