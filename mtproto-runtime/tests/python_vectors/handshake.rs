//! What both sides of a handshake compute, and the binding of a temporary key.

use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, DhSecret};
use mtproto_runtime::crypto::hash::sha1;
use mtproto_runtime::crypto::{aes_ige, kdf};
use mtproto_runtime::handshake::PermanentKey;
use mtproto_runtime::handshake::bind_temp_key::{decrypt, encrypt};
use mtproto_runtime::schema::mtproto::types::BindAuthKeyInner;
use mtproto_runtime::time::UnixTime;

use crate::{Drawn, cases};

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
fn binding() {
    for case in cases("binding") {
        let permanent =
            PermanentKey::from_storage(case.array("perm_auth_key"), UnixTime::from_secs(0));
        let long = |name| i64::from_le_bytes(case.array(name));
        let inner = BindAuthKeyInner {
            nonce: long("nonce"),
            temp_auth_key_id: long("temp_auth_key_id"),
            perm_auth_key_id: permanent.id().cast_signed(),
            temp_session_id: long("temp_session_id"),
            expires_at: i32::from_le_bytes(case.array("expires_at")),
        };
        let mut drawn = Drawn([case.bytes("random"), case.bytes("padding")].concat());
        let encrypted = encrypt(&permanent, &inner, long("msg_id"), &mut drawn);
        assert_eq!(encrypted, case.bytes("encrypted_message"));
        assert_eq!(decrypt(&permanent, &encrypted, long("msg_id")), Ok(inner));
    }
}
