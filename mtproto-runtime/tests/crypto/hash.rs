//! Sources: FIPS 180 examples, as in mtcute (`packages/test/src/crypto.ts`) and TDLib (`tdutils/test/crypto.cpp`).

use mtproto_runtime::crypto::hash::{sha1, sha256};

use crate::{array, counting, hex};

#[test]
fn sha1_gives_published_digests() {
    assert_eq!(sha1(&[]), array("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
    assert_eq!(
        sha1(&[b"hello"]),
        array("aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d")
    );
    assert_eq!(
        sha1(&[&hex("aebb1f")]),
        array("62849d15c5dea495916c5eea8dba5f9551288850")
    );
    assert_eq!(
        sha1(&[&[b'a'; 1_000_000]]),
        array("34aa973cd4c4daa4f61eeb2bdbad27316534016f")
    );
}

#[test]
fn sha256_gives_published_digests() {
    assert_eq!(
        sha256(&[]),
        array("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    assert_eq!(
        sha256(&[b"hello"]),
        array("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
    );
    assert_eq!(
        sha256(&[&hex("aebb1f")]),
        array("2d29658aba48f2b286fe8bbddb931b7ad297e5adb5b9a6fc3aab67ef7fbf4e80")
    );
    assert_eq!(
        sha256(&[&[b'a'; 1_000_000]]),
        array("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    );
}

#[test]
fn all_lengths_are_as_in_another_implementation() {
    use sha2::Digest;

    let bytes: [u8; 200] = counting();
    for length in 0..=bytes.len() {
        let bytes = &bytes[..length];
        assert_eq!(
            sha256(&[bytes]),
            *sha2::Sha256::digest(bytes),
            "{length} bytes"
        );
        assert_eq!(sha1(&[bytes]), *sha1::Sha1::digest(bytes), "{length} bytes");
    }
}

#[test]
fn parts_are_hashed_one_after_another() {
    let text = b"substr (auth_key, 88+x, 32) + plaintext + random_padding";
    for first in 0..text.len() {
        for second in first..text.len() {
            let parts = [&text[..first], &text[first..second], &[], &text[second..]];
            assert_eq!(sha1(&parts), sha1(&[text]));
            assert_eq!(sha256(&parts), sha256(&[text]));
        }
    }
}
