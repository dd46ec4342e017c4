//! Keys of messages against the vectors of other suites, both directions of both versions.

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::kdf::{
    KeyIv, Side, message_keys, msg_key, tmp_aes_key_iv, v1_message_keys, v1_msg_key,
};

use crate::message::{
    GRAMMERS_CLIENT_MESSAGE, GRAMMERS_KEY, GRAMMERS_SERVER_MESSAGE, GRAMMERS_SERVER_PLAINTEXT,
};
use crate::{array, counting, hex};

/// Sources: grammers (`grammers-crypto/src/lib.rs`), gotd (`crypto/key_test.go`).
#[test]
fn message_keys_of_grammers_and_gotd() {
    let keys = |side| message_keys(&AuthKey::new(counting()), &counting(), side);
    expect(
        &keys(Side::Client),
        "704ed09c8b41668ae8f99d244738f71dbddc44469b6bbd4aa8573dd042bd059e",
        "4d266000a550edabbf4c7ce40fd0043cc92230184cd317a5cc9c2482fd3b9318",
    );
    expect(
        &keys(Side::Server),
        "217725799b245806458174a1fcfbc883906807b15033fdd0ea2b4d69cf9c364e",
        "669a6538917a4fa56ca32360a431c9160be4ad887140980dab91ce7bdc47ffbc",
    );
}

/// Source: mtcute (`packages/core/src/utils/crypto/mtproto.test.ts`).
#[test]
fn message_keys_of_mtcute() {
    let msg_key = array("25d701f2a29205526757825a99eb2d32");
    let keys = |side| message_keys(&mtcute_key(), &msg_key, side);
    expect(
        &keys(Side::Client),
        "af3f8e1ffa75f4c981eec33a3e5bbaa2ea48f9bb93e91597627eb1f67960a0c9",
        "9874d77f95155b35221bff94b7df4594c6996e2a62e44fcb7d93c8c4e41b79ee",
    );
    expect(
        &keys(Side::Server),
        "d4b378e1e0525f10ff9d4c42807ccce5b30a033a8088c0b922b5259421751648",
        "4d7194f42f0135d2fd83050b403265b4c40ee3e9e9fba56f0f4d8ea6bcb121f5",
    );
}

/// Source: mtcute (`packages/core/src/utils/crypto/mtproto.test.ts`).
#[test]
fn message_keys_of_version_1_of_mtcute() {
    let msg_key = array("25d701f2a29205526757825a99eb2d32");
    let keys = |side| v1_message_keys(&mtcute_key(), &msg_key, side);
    expect(
        &keys(Side::Client),
        "1fc7b40b1d9ffbdaf4d652525a748864259698f89214abf27c0d36cb9d4cd5db",
        "7251fbda39ec5e6e089f15ded5963b03d6d8d0f7078898431fc7b40b1d9ffbda",
    );
    expect(
        &keys(Side::Server),
        "af0e4e01318654be40ab42b125909d43b44bdeef571ff1a5dfb81474ae26d467",
        "15c9ba6021d2c5cf04f0842540ae216a970b4eac8f46ef01af0e4e01318654be",
    );
}

/// Source: gotd (`crypto/kdf_v1_test.go`).
#[test]
fn keys_of_version_1_of_gotd() {
    assert_eq!(
        v1_msg_key(b"bind-message-test-payload"),
        array("fc11a3669566de22b87f66550dc3de6d")
    );
    expect(
        &v1_message_keys(&AuthKey::new(counting()), &counting(), Side::Client),
        "17d7295ca9213d1ab656acdb1ad48b2ea7f3a8f7095098d5508b900bbd5fccfc",
        "2d7d16a65a84108e9805656caa474501cc580aa2edc33abfd0bfad785464d1c6",
    );
}

/// Source: grammers (`encrypt_client_data_v2` and, a real message, `decrypt_server_data_v2` in `grammers-crypto/src/lib.rs`).
#[test]
fn msg_keys_of_both_directions() {
    let mut plaintext = b"Hello, world! This data should remain secure!".to_vec();
    plaintext.resize(64, 0);
    let key = AuthKey::new(counting());
    assert_eq!(
        msg_key(&key, Side::Client, &plaintext),
        hex(GRAMMERS_CLIENT_MESSAGE)[8..24]
    );
    let key = AuthKey::new(array(GRAMMERS_KEY));
    let plaintext = hex(GRAMMERS_SERVER_PLAINTEXT);
    assert_eq!(
        msg_key(&key, Side::Server, &plaintext),
        hex(GRAMMERS_SERVER_MESSAGE)[8..24]
    );
    assert_ne!(
        msg_key(&key, Side::Server.other(), &plaintext),
        hex(GRAMMERS_SERVER_MESSAGE)[8..24]
    );
}

/// Sources: <https://core.telegram.org/mtproto/samples-auth_key>, step 6; an older form of that page, in gotd
/// (`crypto/temp_keys_test.go`); gotd, nonces that begin with zeros; grammers (`grammers-crypto/src/lib.rs`);
/// mtcute (`packages/core/src/utils/crypto/mtproto.test.ts`) has a new nonce of 16 bytes, which no handshake has.
#[test]
fn temporary_keys_of_handshakes() {
    let keys = |new_nonce, server_nonce| tmp_aes_key_iv(&array(new_nonce), &array(server_nonce));
    expect(
        &keys(
            "a8bbc849512dac6c67b6efd9157d6ca7377a1776307d84265c6be9bdcf802ac1",
            "e11dbc3bc97d91a26154f932af019943",
        ),
        "5ea702f743e850f5546e857f08b7d5337bbaedf9b61248751594851be2e8c297",
        "1cef8e372a63d97ebfa805c0dbb018bc7c1e0931693fbcb1a1afc0c0a8bbc849",
    );
    expect(
        &keys(
            "311c85db234aa2640afc4a76a735cf5b1f0fd68bd17fa181e1229ad867cc024d",
            "a5cf4d33f4a11ea877ba4aa573907330",
        ),
        "f011280887c7bb01df0fc4e17830e0b91fbb8be4b2267cb985ae25f33b527253",
        "3212d579ee35452ed23e0d0c92841aa7d31b2e9bdef2151e80d15860311c85db",
    );
    expect(
        &keys(
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "002122232425262728292a2b2c2d2e2f",
        ),
        "0a2d0f607499a866848e41798a34315e4922c39fe55c6caf5bc322c4b8c08c6a",
        "9cb702d4fd6e5d25e864070e166e6218f6783e8511471a5ab7802cf200010203",
    );
    expect(
        &tmp_aes_key_iv(&counting(), &counting()),
        "0758f1533b615d24f6e8a94a6fcbee0a55eaab2217d7295ca9213d1a2d7d16a6",
        "5a84108e9805656ce864070e166e6218f6783e8511471a5ab7802cf200010203",
    );
}

#[test]
fn debug_shows_no_key() {
    let keys = KeyIv {
        key: [0xab; 32],
        iv: [0xcd; 32],
    };
    assert_eq!(
        format!("{keys:?}"),
        "KeyIv { key: <redacted>, iv: <redacted> }"
    );
}

#[test]
fn nothing_is_allocated() {
    let key = AuthKey::new(counting());
    let allocations = allocation_counter::measure(|| {
        let msg_key = msg_key(&key, Side::Client, &[0; 1_024]);
        std::hint::black_box(message_keys(&key, &msg_key, Side::Client));
        std::hint::black_box(v1_message_keys(
            &key,
            &v1_msg_key(&[0; 1_024]),
            Side::Server,
        ));
    });
    assert_eq!(allocations.count_total, 0);
}

#[track_caller]
fn expect(keys: &KeyIv, key: &str, iv: &str) {
    assert_eq!(keys.key, array(key), "aes_key");
    assert_eq!(keys.iv, array(iv), "aes_iv");
}

pub(crate) fn mtcute_key() -> AuthKey {
    let pattern = hex("98cb29c6ffa89e79da695a54f572e6cb101e81c688b63a4bf73c3622dec230e0");
    AuthKey::new(pattern.repeat(8).try_into().unwrap())
}
