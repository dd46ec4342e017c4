//! The authorization key: ids, comparison, what it shows.

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::kdf::KeyIv;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{array, counting, hex};

/// Sources: grammers (`grammers-crypto/src/auth_key.rs`), gotd (`crypto/key_test.go`).
#[test]
fn ids_are_the_ends_of_the_sha1() {
    let key = AuthKey::new(counting());
    assert_eq!(
        key.id().to_le_bytes(),
        [50, 209, 88, 110, 164, 87, 223, 200]
    );
    assert_eq!(
        key.aux_hash().to_le_bytes(),
        [73, 22, 214, 189, 183, 247, 142, 104]
    );
}

/// Source: mtcute (`packages/core/src/network/auth-key.test.ts`).
#[test]
fn the_id_of_a_repeated_pattern() {
    let pattern = hex("98cb29c6ffa89e79da695a54f572e6cb101e81c688b63a4bf73c3622dec230e0");
    let key = AuthKey::new(pattern.repeat(8).try_into().unwrap());
    assert_eq!(key.id().to_le_bytes(), array("40fa5bb7cb56a895"));
}

/// Source: grammers (`grammers-crypto/src/auth_key.rs`).
#[test]
fn hashes_of_the_new_nonce_by_number() {
    let key = AuthKey::new(counting());
    let hash = |number| key.new_nonce_hash(&counting(), number);
    assert_eq!(
        hash(1),
        [
            194, 206, 210, 179, 62, 89, 58, 85, 210, 127, 74, 93, 171, 238, 124, 103
        ]
    );
    assert_eq!(
        hash(2),
        [
            244, 49, 142, 133, 189, 47, 243, 190, 132, 217, 254, 252, 227, 220, 227, 159
        ]
    );
    assert_eq!(
        hash(3),
        [
            75, 249, 215, 179, 125, 180, 19, 238, 67, 29, 40, 81, 118, 49, 203, 61
        ]
    );
}

/// Source: <https://core.telegram.org/mtproto/samples-auth_key>, steps 4, 8 and 9.
#[test]
fn the_sample_handshake_ends_in_new_nonce_hash1() {
    let key = AuthKey::new(array(SAMPLE_KEY));
    let new_nonce = array("a8bbc849512dac6c67b6efd9157d6ca7377a1776307d84265c6be9bdcf802ac1");
    assert_eq!(
        key.new_nonce_hash(&new_nonce, 1),
        array("1142871352165e59e1124036b48b97d3")
    );
}

#[test]
fn keys_are_equal_only_when_every_byte_is() {
    let key = AuthKey::new(counting());
    assert_eq!(key, key.clone());
    for index in 0..256 {
        let mut bytes = *key.as_bytes();
        bytes[index] ^= 0x80;
        assert_ne!(key, AuthKey::new(bytes), "byte {index}");
    }
}

#[test]
fn leading_zeros_stay() {
    let mut bytes = [0; 256];
    bytes[255] = 3;
    assert_eq!(AuthKey::new(bytes).as_bytes(), &bytes);
}

#[test]
fn debug_shows_the_id_and_never_the_key() {
    let key = AuthKey::new(array(SAMPLE_KEY));
    let id = key.id();
    assert_eq!(
        format!("{key:?}"),
        format!("AuthKey {{ id: {id:#018x}, bytes: <redacted> }}")
    );
    let alternate = format!("{key:#?}");
    for window in key.as_bytes().windows(3) {
        let [a, b, c] = [window[0], window[1], window[2]];
        assert!(!alternate.contains(&format!("{a:02x}{b:02x}{c:02x}")));
        assert!(!alternate.contains(&format!("{a}, {b}, {c}")));
        assert!(!alternate.contains(&format!("{a},\n        {b},\n        {c}")));
    }
}

#[test]
fn secrets_are_erased_when_dropped() {
    fn erased_when_dropped(secret: &mut (impl Zeroize + ZeroizeOnDrop)) {
        secret.zeroize();
    }
    let mut key = AuthKey::new(array(SAMPLE_KEY));
    erased_when_dropped(&mut key);
    assert_eq!(
        (key.as_bytes(), key.id(), key.aux_hash()),
        (&[0; 256], 0, 0)
    );
    let mut keys = KeyIv {
        key: [1; 32],
        iv: [2; 32],
    };
    erased_when_dropped(&mut keys);
    assert_eq!((keys.key, keys.iv), ([0; 32], [0; 32]));
}

const SAMPLE_KEY: &str = "\
    aca2547baa3b4b3e6ad9129adee796042fc4acaaaba40dce7a1196640595829e2ba85c5e68e5d2b7b713b28720ccd0e6\
    5da3b80cd8a9282bde895755b924f4cbbced119dee057d3066d7095c25771a53d9ad6ec3464ee0e7fe1a4d9851f17b6c\
    c7d6e636e0bdea7d66153cf37005835a528e65673c1f5adaa27465964ba89aa6fd045108b25b1dc9ab2d979864858c9e\
    acbfa4a399cdbf2154d2cc6743c5caa40683343d80a36c7f1289dc5ac5ee585dea1e1cd296444ea6cd8f6c3564b2d355\
    b310a3c02608eea5ec36d38e941bf811489ab7a24c069e44ff54714cb4a45eee2f310fddc0a1b08bd3dff8801e27c850\
    8efd7ad51ef3c13ef1d9a02ee4601741";
