//! Whatever the processor has, the bytes are those of the portable code.

use alloc::vec;
use alloc::vec::Vec;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;

#[test]
fn one_stream_is_as_in_portable_code() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for count in (0..70).chain([255, 256, 1_024]) {
        let (keys, plaintext) = (keys(&mut rng), data(&mut rng, 16 * count));
        let ciphertext = portably::<false>(&keys, &plaintext);
        let mut data = plaintext.clone();
        encrypt(&keys.key, &keys.iv, &mut data).unwrap();
        assert_eq!(data, ciphertext, "{count} blocks");
        assert_eq!(
            portably::<true>(&keys, &ciphertext),
            plaintext,
            "{count} blocks"
        );
        decrypt(&keys.key, &keys.iv, &mut data).unwrap();
        assert_eq!(data, plaintext, "{count} blocks");
    }
}

#[test]
fn many_streams_are_as_in_portable_code() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for round in 0..400 {
        let streams: Vec<_> = (0..round % 20)
            .map(|_| {
                let count = [0, 1, 2, 3, 5, 8, 40][rng.next_u32() as usize % 7];
                (keys(&mut rng), data(&mut rng, 16 * count))
            })
            .collect();
        let mut all: Vec<_> = streams.iter().map(|(_, data)| data.clone()).collect();
        encrypt_many(&mut messages(&streams, &mut all)).unwrap();
        let ciphertexts: Vec<_> = streams
            .iter()
            .map(|(keys, data)| portably::<false>(keys, data))
            .collect();
        assert_eq!(all, ciphertexts, "round {round}");
        decrypt_many(&mut messages(&streams, &mut all)).unwrap();
        assert!(
            all.iter().eq(streams.iter().map(|(_, data)| data)),
            "round {round}"
        );
    }
}

#[test]
fn hashes_are_of_the_prefix_and_the_plaintext() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for count in (0..70).chain([255, 256, 257, 258, 1_024]) {
        let (keys, plaintext) = (keys(&mut rng), data(&mut rng, 16 * count));
        let prefix = keys.iv.map(|byte| !byte);
        let mut data = portably::<false>(&keys, &plaintext);
        let hash = decrypt_sha256(&keys.key, &keys.iv, &mut data, &prefix).unwrap();
        assert_eq!(data, plaintext, "{count} blocks");
        assert_eq!(hash, sha256(&[&prefix, &plaintext]), "{count} blocks");
    }
}

#[test]
fn one_bad_length_leaves_all_as_it_was() {
    let keys = KeyIv {
        key: [1; 32],
        iv: [2; 32],
    };
    for run in [encrypt_many, decrypt_many] {
        let (mut first, mut second) = ([3; 32], [4; 31]);
        let mut messages = [
            Message {
                keys: &keys,
                data: &mut first,
            },
            Message {
                keys: &keys,
                data: &mut second,
            },
        ];
        assert_eq!(run(&mut messages), Err(LengthError { length_bytes: 31 }));
        assert_eq!((first, second), ([3; 32], [4; 31]));
    }
    let mut data = [5; 17];
    assert_eq!(
        decrypt_sha256(&[1; 32], &[2; 32], &mut data, &[6; 32]),
        Err(LengthError { length_bytes: 17 })
    );
    assert_eq!(data, [5; 17]);
}

/// Where this fails, the tests above compare the portable code with itself.
#[test]
#[cfg(target_arch = "x86_64")]
fn the_instructions_are_found() {
    assert_eq!(x86::Aes::detect().is_some(), aes::hardware_accelerated());
}

fn portably<const DECRYPT: bool>(keys: &KeyIv, data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    portable::run::<DECRYPT>(&keys.key, &keys.iv, blocks(&mut data).unwrap());
    data
}

fn messages<'a>(streams: &'a [(KeyIv, Vec<u8>)], all: &'a mut [Vec<u8>]) -> Vec<Message<'a>> {
    streams
        .iter()
        .zip(all)
        .map(|((keys, _), data)| Message { keys, data })
        .collect()
}

fn keys(rng: &mut ChaCha8Rng) -> KeyIv {
    let mut keys = KeyIv {
        key: [0; 32],
        iv: [0; 32],
    };
    rng.fill_bytes(&mut keys.key);
    rng.fill_bytes(&mut keys.iv);
    keys
}

fn data(rng: &mut ChaCha8Rng, length: usize) -> Vec<u8> {
    let mut data = vec![0; length];
    rng.fill_bytes(&mut data);
    data
}
