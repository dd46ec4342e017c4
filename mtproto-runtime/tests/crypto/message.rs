//! Whole messages, there and back, and what is refused.

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::aes_ige::LengthError;
use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::crypto::message::{DecryptError, decrypt, encrypt};

use crate::kdf::mtcute_key;
use crate::{array, counting, hex};

/// Source: grammers (`grammers-crypto/src/lib.rs`).
#[test]
fn messages_of_grammers() {
    let mut data = b"Hello, world! This data should remain secure!".to_vec();
    data.resize(64, 0);
    let key = AuthKey::new(counting());
    let msg_key = encrypt(&key, Side::Client, &mut data).unwrap();
    assert_eq!(
        [&msg_key[..], &data].concat(),
        hex(GRAMMERS_CLIENT_MESSAGE)[8..]
    );

    let message = hex(GRAMMERS_SERVER_MESSAGE);
    let mut data = message[24..].to_vec();
    let key = AuthKey::new(array(GRAMMERS_KEY));
    decrypt(
        &key,
        Side::Server,
        message[8..24].try_into().unwrap(),
        &mut data,
    )
    .unwrap();
    assert_eq!(data, hex(GRAMMERS_SERVER_PLAINTEXT));
}

/// Source: mtcute (`packages/core/src/network/auth-key.test.ts`).
#[test]
fn messages_of_mtcute() {
    for (side, message) in [
        (Side::Client, MTCUTE_CLIENT_MESSAGE),
        (Side::Server, MTCUTE_SERVER_MESSAGE),
    ] {
        let message = hex(message);
        let msg_key = message[8..24].try_into().unwrap();
        let mut data = message[24..].to_vec();
        decrypt(&mtcute_key(), side, msg_key, &mut data).unwrap();
        assert_eq!(data[32..48], *b"hello, world!!!!");
        assert_eq!(encrypt(&mtcute_key(), side, &mut data), Ok(*msg_key));
        assert_eq!(data, message[24..]);
    }
}

#[test]
fn every_changed_byte_is_refused_and_nothing_of_the_message_stays() {
    let key = AuthKey::new(counting());
    for length in [16, 32, 112] {
        let plaintext: Vec<u8> = (1..=length).collect();
        let mut ciphertext = plaintext.clone();
        let msg_key = encrypt(&key, Side::Server, &mut ciphertext).unwrap();
        for index in 0..16 + ciphertext.len() {
            let (mut msg_key, mut data) = (msg_key, ciphertext.clone());
            *msg_key.iter_mut().chain(&mut data).nth(index).unwrap() ^= 1;
            assert_eq!(
                decrypt(&key, Side::Server, &msg_key, &mut data),
                Err(DecryptError::MsgKey),
                "byte {index}"
            );
            assert!(data.iter().all(|&byte| byte == 0), "byte {index}");
        }
        let mut data = ciphertext.clone();
        assert_eq!(
            decrypt(&key, Side::Client, &msg_key, &mut data),
            Err(DecryptError::MsgKey)
        );
        let other = AuthKey::new([1; 256]);
        let mut data = ciphertext.clone();
        assert_eq!(
            decrypt(&other, Side::Server, &msg_key, &mut data),
            Err(DecryptError::MsgKey)
        );
        decrypt(&key, Side::Server, &msg_key, &mut ciphertext).unwrap();
        assert_eq!(ciphertext, plaintext);
    }
}

#[test]
fn parts_of_blocks_are_refused() {
    let key = AuthKey::new(counting());
    let error = LengthError { length_bytes: 30 };
    let mut data = [9; 30];
    assert_eq!(encrypt(&key, Side::Client, &mut data), Err(error));
    assert_eq!(
        decrypt(&key, Side::Client, &[0; 16], &mut data),
        Err(DecryptError::Length(error))
    );
    assert_eq!(data, [9; 30]);
}

#[test]
fn nothing_is_allocated() {
    let key = AuthKey::new(counting());
    let mut data = vec![0; 16 * 1_024];
    let allocations = allocation_counter::measure(|| {
        let msg_key = encrypt(&key, Side::Client, &mut data).unwrap();
        decrypt(&key, Side::Client, &msg_key, &mut data).unwrap();
    });
    assert_eq!(allocations.count_total, 0);
}

pub(crate) const GRAMMERS_KEY: &str = "\
    5d2e7d65f49ec28bd029a88761ea27b8a4c79f12226525443e7d7c596ef3303530db2107e89aa997c7a0164ab694187a\
    deff156bd6ef7118a1962347753c0e7e89a0354b8ec364f9997e71bc6923fb86e8e43491e010606a6ce845e2fa019409\
    77ef0aa32adf5a97dbf6d428ec0434d717a2d3ad19622cc05887642113c7965ffb862a3e3ccb0ab95addda57f89245db\
    d76b492348f8e94bd5a7c0e0b84808523cfd1ea80b32fe9ad198bc2e103fceb7d52492ecc0273a28674bc923eee59265\
    ab17a002df1f4aa2c59b819a5e5e1d105ec117336f5c76c6b187037d4b4270cee9cc21071d97e9bca220c6d7b01b998c\
    f2e5cdb9a50ecda1852a36e635690c8e";
pub(crate) const GRAMMERS_CLIENT_MESSAGE: &str = "\
    32d1586ea457dfc8a81729d46db54019a2bfd7f744f9b96c4f716cfdc4477db2a2c15f6ddb85235fb9552f1d8407c6aa\
    ea00cc844c5a1bf6ac44b79b5edc2a23868b3d6073a590992c0f2975243d563ea180d218ee757c9a";
pub(crate) const GRAMMERS_SERVER_MESSAGE: &str = "\
    7a7183c2c10e4f4df945fa9a9abd35e7c3840b61f045304f39674c19c0e209784f50f6226a073529d675c92cbf0bfa8c\
    99a79b3f39c72a5d9a026d431ab7407ca04ecc55187d6c45f17871524edd90cea02ed728e14d7cb18aea2a636158f094\
    59a9437710d894c79f368c4e8164b7647ea98612aefe942c5d92121acb8db02dccceb66d0f8720ac12a06db0582bfd95\
    5be34f365118e3bab8cd080ce6b45b28eac56dcd2a29374e";
pub(crate) const GRAMMERS_SERVER_PLAINTEXT: &str = "\
    fc826a02248b28fd60f2c4822443ad6801f0c1c2918b305e0200000058000000dcf8f1730200000001a8c1c2918b305e\
    010000001c0000000809c29ec4fd33ad918b305e18a88ea607ee5816fc826a02248b28fd01ccc1c2918b305e02000000\
    14000000c5737734c4fd33ad918b305e6408300000000000fce66704a3cd8ee9d0ae6fab672c60c04a3f1fd4490e51f6";
const MTCUTE_CLIENT_MESSAGE: &str = "\
    40fa5bb7cb56a895f6f5a88914892aadf87c68031cc953ba29d68e118021f329be386a620d49f3ad3a50c60dcef3733f\
    214e8cefa3e403c11d193637d4971dc15db7f74b26fd16cb0e8fee30bf7e3f68858fe82927e2cd06";
const MTCUTE_SERVER_MESSAGE: &str = "\
    40fa5bb7cb56a8950c394b884f1529efc42fea22d972fea650a714ce6d2d1bdb3d98ff5929b8768c401771a69795f36a\
    7e720dcafac2efbccd0ba368e8a7f48b07362cac1a32ffcabe188b51a36cc4d54e1d0633cf9eaf35";
