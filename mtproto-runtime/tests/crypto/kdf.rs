//! Keys of messages against the vectors of other suites, both directions of both versions.

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::aes_ige;
use mtproto_runtime::crypto::kdf::{
    KeyIv, Side, message_keys, msg_key, tmp_aes_key_iv, v1_message_keys, v1_msg_key,
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

/// Source: grammers (`encrypt_client_data_v2` in `grammers-crypto/src/lib.rs`): `auth_key_id`, `msg_key`, ciphertext.
#[test]
fn a_message_from_a_client() {
    let mut data = b"Hello, world! This data should remain secure!".to_vec();
    data.resize(64, 0);
    let key = AuthKey::new(counting());
    let msg_key = msg_key(&key, Side::Client, &data);
    let KeyIv { key: aes_key, iv } = &message_keys(&key, &msg_key, Side::Client);
    aes_ige::encrypt(aes_key, iv, &mut data).unwrap();
    assert_eq!(
        [&key.id().to_le_bytes()[..], &msg_key, &data].concat(),
        hex(GRAMMERS_CLIENT_MESSAGE)
    );
}

/// Source: grammers (`decrypt_server_data_v2` in `grammers-crypto/src/lib.rs`), a real message; also in gotd.
#[test]
fn a_message_from_a_server() {
    let message = hex(GRAMMERS_SERVER_MESSAGE);
    let (id, rest) = message.split_at(8);
    let (expected_msg_key, ciphertext) = rest.split_at(16);
    let key = AuthKey::new(array(GRAMMERS_KEY));
    assert_eq!(key.id().to_le_bytes(), id);
    let KeyIv { key: aes_key, iv } =
        &message_keys(&key, expected_msg_key.try_into().unwrap(), Side::Server);
    let mut data = ciphertext.to_vec();
    aes_ige::decrypt(aes_key, iv, &mut data).unwrap();
    assert_eq!(data, hex(GRAMMERS_SERVER_PLAINTEXT));
    assert_eq!(msg_key(&key, Side::Server, &data), expected_msg_key);
}

/// Source: mtcute (`packages/core/src/network/auth-key.test.ts`): a client's message, and one of a server.
#[test]
fn messages_of_mtcute() {
    let key = mtcute_key();
    for (side, message) in [
        (Side::Client, MTCUTE_CLIENT_MESSAGE),
        (Side::Server, MTCUTE_SERVER_MESSAGE),
    ] {
        let message = hex(message);
        let expected_msg_key = &message[8..24];
        let KeyIv { key: aes_key, iv } =
            &message_keys(&key, expected_msg_key.try_into().unwrap(), side);
        let mut data = message[24..].to_vec();
        aes_ige::decrypt(aes_key, iv, &mut data).unwrap();
        assert_eq!(data[32..48], *b"hello, world!!!!");
        assert_eq!(msg_key(&key, side, &data), expected_msg_key);
        assert_ne!(msg_key(&key, side.other(), &data), expected_msg_key);
    }
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

fn mtcute_key() -> AuthKey {
    let pattern = hex("98cb29c6ffa89e79da695a54f572e6cb101e81c688b63a4bf73c3622dec230e0");
    AuthKey::new(pattern.repeat(8).try_into().unwrap())
}

const GRAMMERS_KEY: &str = "\
    5d2e7d65f49ec28bd029a88761ea27b8a4c79f12226525443e7d7c596ef3303530db2107e89aa997c7a0164ab694187a\
    deff156bd6ef7118a1962347753c0e7e89a0354b8ec364f9997e71bc6923fb86e8e43491e010606a6ce845e2fa019409\
    77ef0aa32adf5a97dbf6d428ec0434d717a2d3ad19622cc05887642113c7965ffb862a3e3ccb0ab95addda57f89245db\
    d76b492348f8e94bd5a7c0e0b84808523cfd1ea80b32fe9ad198bc2e103fceb7d52492ecc0273a28674bc923eee59265\
    ab17a002df1f4aa2c59b819a5e5e1d105ec117336f5c76c6b187037d4b4270cee9cc21071d97e9bca220c6d7b01b998c\
    f2e5cdb9a50ecda1852a36e635690c8e";
const GRAMMERS_CLIENT_MESSAGE: &str = "\
    32d1586ea457dfc8a81729d46db54019a2bfd7f744f9b96c4f716cfdc4477db2a2c15f6ddb85235fb9552f1d8407c6aa\
    ea00cc844c5a1bf6ac44b79b5edc2a23868b3d6073a590992c0f2975243d563ea180d218ee757c9a";
const GRAMMERS_SERVER_MESSAGE: &str = "\
    7a7183c2c10e4f4df945fa9a9abd35e7c3840b61f045304f39674c19c0e209784f50f6226a073529d675c92cbf0bfa8c\
    99a79b3f39c72a5d9a026d431ab7407ca04ecc55187d6c45f17871524edd90cea02ed728e14d7cb18aea2a636158f094\
    59a9437710d894c79f368c4e8164b7647ea98612aefe942c5d92121acb8db02dccceb66d0f8720ac12a06db0582bfd95\
    5be34f365118e3bab8cd080ce6b45b28eac56dcd2a29374e";
const GRAMMERS_SERVER_PLAINTEXT: &str = "\
    fc826a02248b28fd60f2c4822443ad6801f0c1c2918b305e0200000058000000dcf8f1730200000001a8c1c2918b305e\
    010000001c0000000809c29ec4fd33ad918b305e18a88ea607ee5816fc826a02248b28fd01ccc1c2918b305e02000000\
    14000000c5737734c4fd33ad918b305e6408300000000000fce66704a3cd8ee9d0ae6fab672c60c04a3f1fd4490e51f6";
const MTCUTE_CLIENT_MESSAGE: &str = "\
    40fa5bb7cb56a895f6f5a88914892aadf87c68031cc953ba29d68e118021f329be386a620d49f3ad3a50c60dcef3733f\
    214e8cefa3e403c11d193637d4971dc15db7f74b26fd16cb0e8fee30bf7e3f68858fe82927e2cd06";
const MTCUTE_SERVER_MESSAGE: &str = "\
    40fa5bb7cb56a8950c394b884f1529efc42fea22d972fea650a714ce6d2d1bdb3d98ff5929b8768c401771a69795f36a\
    7e720dcafac2efbccd0ba368e8a7f48b07362cac1a32ffcabe188b51a36cc4d54e1d0633cf9eaf35";
