//! AES-IGE and messages of MTProto 2.0, against grammers and against what the processor can do, in the same run.
//!
//! There is no count of instructions here: what a chain of AES rounds takes is their latency, however few there are.

use std::hint::black_box;
use std::iter;

use grammers_crypto::aes::{ige_decrypt, ige_encrypt};
use grammers_crypto::{DequeBuffer, decrypt_data_v2, encrypt_data_v2};
use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::aes_ige::{self, Message};
use mtproto_runtime::crypto::kdf::{KeyIv, Side};
use mtproto_runtime::crypto::message;
use tl_benches::compare;

fn main() {
    assert_same_work();
    for (length, goals) in [
        (64, [0.5, 0.5, 0.5, 0.55]),
        (1_024, [0.5, 0.5, 0.625, 0.588]),
        (16_384, [0.5, 0.5, 0.625, 0.588]),
    ] {
        for (what, goal) in ["encrypt", "decrypt", "send", "receive"]
            .into_iter()
            .zip(goals)
        {
            compare(
                &format!("{what}, {length} B"),
                goal,
                one("ours", what, length),
                one("theirs", what, length),
            );
        }
        many(length);
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("aes") {
            limits(length);
        }
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("aes") && std::is_x86_feature_detected!("sha") {
            limits_of_messages(length);
        }
    }
}

/// One call of one side. Data is encrypted or decrypted again and again: it need not make sense for that. What is received
/// has to, so that it is copied first; both work in place.
fn one(side: &str, what: &str, length: usize) -> Box<dyn FnMut()> {
    let KeyIv { key, iv } = keys();
    let mut data = vec![7; length];
    match (side, what) {
        ("ours", "encrypt") => {
            Box::new(move || aes_ige::encrypt(black_box(&key), &iv, &mut data).expect("blocks"))
        }
        ("ours", "decrypt") => {
            Box::new(move || aes_ige::decrypt(black_box(&key), &iv, &mut data).expect("blocks"))
        }
        ("theirs", "encrypt") => Box::new(move || ige_encrypt(&mut data, black_box(&key), &iv)),
        ("theirs", "decrypt") => Box::new(move || ige_decrypt(&mut data, black_box(&key), &iv)),
        ("ours", "send") => {
            let auth_key = AuthKey::new(AUTH_KEY);
            // As much padding as theirs.
            data.resize(length + 32, 0);
            Box::new(move || {
                black_box(message::encrypt(&auth_key, Side::Client, &mut data).expect("blocks"));
            })
        }
        ("theirs", "send") => {
            let auth_key = grammers_crypto::AuthKey::from_bytes(AUTH_KEY);
            Box::new(move || {
                let mut buffer = DequeBuffer::with_capacity(length + 32, 24);
                buffer.extend(&data[..]);
                encrypt_data_v2(&mut buffer, &auth_key);
                black_box(buffer);
            })
        }
        ("ours", "receive") => {
            let auth_key = AuthKey::new(AUTH_KEY);
            let msg_key = message::encrypt(&auth_key, Side::Server, &mut data).expect("blocks");
            let mut buffer = data.clone();
            Box::new(move || {
                buffer.copy_from_slice(&data);
                message::decrypt(&auth_key, Side::Server, &msg_key, &mut buffer)
                    .expect("it is sound");
            })
        }
        ("theirs", "receive") => {
            let our_key = AuthKey::new(AUTH_KEY);
            let msg_key = message::encrypt(&our_key, Side::Server, &mut data).expect("blocks");
            let data = [&our_key.id().to_le_bytes()[..], &msg_key, &data].concat();
            let auth_key = grammers_crypto::AuthKey::from_bytes(AUTH_KEY);
            let mut buffer = data.clone();
            Box::new(move || {
                buffer.copy_from_slice(&data);
                black_box(decrypt_data_v2(&mut buffer, &auth_key).expect("it is sound"));
            })
        }
        _ => unreachable!("these are all"),
    }
}

/// Eight messages, together and one by one: both are ours.
fn many(length: usize) {
    let keys = keys();
    for (what, together, alone) in [
        (
            "encrypt",
            aes_ige::encrypt_many as fn(&mut [Message<'_>]) -> _,
            aes_ige::encrypt as fn(&_, &_, &mut _) -> _,
        ),
        ("decrypt", aes_ige::decrypt_many, aes_ige::decrypt),
    ] {
        let (mut all, mut others) = (vec![vec![7_u8; length]; 8], vec![vec![7_u8; length]; 8]);
        compare(
            &format!("{what} 8 messages at once, 8 × {length} B (theirs: ours, one by one)"),
            0.2,
            || {
                let mut messages: [Message<'_>; 8] = {
                    let mut rest = all.iter_mut();
                    std::array::from_fn(|_| Message {
                        keys: black_box(&keys),
                        data: rest.next().expect("eight"),
                    })
                };
                together(&mut messages).expect("blocks");
            },
            || {
                others.iter_mut().for_each(|data| {
                    alone(black_box(&keys.key), &keys.iv, &mut data[..]).expect("blocks")
                })
            },
        );
    }
}

/// Against the latency of the rounds of AES, which nothing that chains blocks can get below.
#[cfg(target_arch = "x86_64")]
fn limits(length: usize) {
    use std::arch::x86_64::{__m128i, _mm_aesenc_si128, _mm_set1_epi8};

    #[target_feature(enable = "aes")]
    fn rounds(blocks: usize, keys: &[__m128i; 14]) -> __m128i {
        let mut state = keys[0];
        for _ in 0..blocks {
            for &key in keys {
                state = _mm_aesenc_si128(state, key);
            }
        }
        state
    }
    // SAFETY: SSE2 is part of x86-64.
    let keys = std::array::from_fn(|index| unsafe { _mm_set1_epi8(index as i8) });
    for (what, goal) in [("encrypt", 1.053), ("decrypt", 1.053), ("receive", 1.1)] {
        compare(
            &format!("{what}, {length} B (theirs: the latency of 14 rounds a block)"),
            goal,
            one("ours", what, length),
            // SAFETY: the processor has been asked for the instructions.
            || unsafe { rounds(length / 16, black_box(&keys)) },
        );
    }
    for what in ["encrypt", "decrypt"] {
        compare(
            &format!("{what}, {length} B, were it only the latency of 14 rounds a block"),
            0.5,
            // SAFETY: the processor has been asked for the instructions.
            || unsafe { rounds(length / 16, black_box(&keys)) },
            one("theirs", what, length),
        );
    }
}

/// Against the latency of what has to follow on one another. When a message is received, that is a block of SHA-256 for its keys,
/// their expansion, the rounds of AES, and the last block of SHA-256: what is hashed meanwhile is not counted. When it is sent, all
/// of it is hashed before.
#[cfg(target_arch = "x86_64")]
fn limits_of_messages(length: usize) {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_aesdec_si128, _mm_aesenclast_si128, _mm_set1_epi8,
        _mm_sha256rnds2_epu32, _mm_shuffle_epi32,
    };

    #[target_feature(enable = "sha")]
    fn sha256(mut one: __m128i, words: __m128i) -> __m128i {
        let mut other = words;
        for _ in 0..16 {
            other = _mm_sha256rnds2_epu32(other, one, words);
            one = _mm_sha256rnds2_epu32(one, other, words);
        }
        _mm_add_epi32(one, words)
    }
    /// So many blocks of SHA-256, the keys, so many blocks of AES, so many blocks of SHA-256.
    #[target_feature(enable = "aes,sha")]
    fn chain((before, blocks, after): (usize, usize, usize), start: __m128i) -> __m128i {
        let mut state = start;
        for _ in 0..before + 1 {
            state = sha256(state, start);
        }
        for _ in 0..13 {
            state = _mm_aesenclast_si128(_mm_shuffle_epi32::<0xff>(state), start);
        }
        for _ in 0..14 * blocks {
            state = _mm_aesdec_si128(state, start);
        }
        for _ in 0..after {
            state = sha256(state, start);
        }
        state
    }
    let sent = length + 32;
    let hashed = (32 + sent + 9).div_ceil(64);
    for (what, counts, goals) in [
        ("send", (hashed, sent / 16, 0), [1.05, 0.625]),
        ("receive", (0, length / 16, 1), [1.2, 0.55]),
    ] {
        // Each begins with what the one before has ended with, or the processor would have several under way.
        // SAFETY: SSE2 is part of x86-64.
        let mut state = unsafe { _mm_set1_epi8(7) };
        // SAFETY: the processor has been asked for the instructions.
        let mut chain = || state = unsafe { chain(black_box(counts), black_box(state)) };
        compare(
            &format!("{what}, {length} B (theirs: the latency of all that it is a chain of)"),
            goals[0],
            one("ours", what, length),
            &mut chain,
        );
        compare(
            &format!("{what}, {length} B, were it only that latency"),
            goals[1],
            chain,
            one("theirs", what, length),
        );
    }
}

fn assert_same_work() {
    let keys = keys();
    let data: Vec<u8> = (0..=255).cycle().take(4_096).collect();
    let (mut ours, mut theirs) = (data.clone(), data.clone());
    aes_ige::encrypt(&keys.key, &keys.iv, &mut ours).expect("blocks");
    ige_encrypt(&mut theirs, &keys.key, &keys.iv);
    assert_eq!(ours, theirs);
    assert!(iter::zip(&ours, &data).any(|(ours, data)| ours != data));
    ige_decrypt(&mut ours, &keys.key, &keys.iv);
    assert_eq!(ours, data);
}

fn keys() -> KeyIv {
    KeyIv {
        key: std::array::from_fn(|index| index as u8 * 7),
        iv: std::array::from_fn(|index| index as u8 * 11),
    }
}

const AUTH_KEY: [u8; 256] = [0x5a; 256];
