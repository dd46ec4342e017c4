//! Stored authorization keys: the format, and that nothing but the right password and the right bytes opens them.

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::key_storage::{Parameters, STORED_BYTES, StorageError, open, seal};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::{Script, counting, hex};

const PASSWORD: &[u8] = "correct horse \u{1f50b}".as_bytes();
const CHEAP: Parameters = Parameters {
    memory_kib: 64,
    passes: 2,
    lanes: 3,
};

/// Source: `key_storage.py` beside this file, on OpenSSL.
#[test]
fn the_format_is_that_of_another_implementation() {
    let key = AuthKey::new(counting());
    let mut rng = Script::of((100..116).chain(200..224));
    let stored = seal(&key, PASSWORD, CHEAP, &mut rng).unwrap();
    assert_eq!(stored[..], hex(STORED));
    assert_eq!(open(&hex(STORED), PASSWORD), Ok(key));
}

#[test]
fn salt_and_nonce_are_new_each_time() {
    let (key, mut rng) = (AuthKey::new(counting()), ChaCha20Rng::seed_from_u64(1));
    let [first, second] = [(); 2].map(|()| seal(&key, PASSWORD, CHEAP, &mut rng).unwrap());
    for (first, second) in first[24..].chunks(4).zip(second[24..].chunks(4)) {
        assert_ne!(first, second);
    }
}

#[test]
fn other_passwords_open_nothing() {
    let longer = [PASSWORD, b"\0"].concat();
    for password in [
        b"",
        &PASSWORD[1..],
        &PASSWORD[..PASSWORD.len() - 1],
        &longer,
        b"Correct horse",
    ] {
        assert_eq!(open(&hex(STORED), password), Err(StorageError::Password));
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    for index in 0..STORED_BYTES {
        // The low bit gives cheap parameters still; the high one those of a third byte that are not.
        for bit in [0x01, 0x80] {
            let mut stored = hex(STORED);
            stored[index] ^= bit;
            let number =
                |start: usize| u32::from_le_bytes(stored[start..start + 4].try_into().unwrap());
            let parameters = Parameters {
                memory_kib: number(12),
                passes: number(16),
                lanes: number(20),
            };
            let Parameters {
                memory_kib,
                passes,
                lanes,
            } = parameters;
            let expected = match index {
                0..8 => StorageError::Magic,
                8..12 => StorageError::Version { version: number(8) },
                12..24
                    if memory_kib > 262_144
                        || !(1..=16).contains(&passes)
                        || !(1..=16).contains(&lanes) =>
                {
                    StorageError::Parameters(parameters)
                }
                _ => StorageError::Password,
            };
            assert_eq!(
                open(&stored, PASSWORD),
                Err(expected),
                "byte {index}, bit {bit:#x}"
            );
        }
    }
}

#[test]
fn other_lengths_are_refused() {
    let stored = hex(STORED);
    for length_bytes in 0..stored.len() {
        let expected = StorageError::Length {
            length_bytes,
            expected_bytes: 336,
        };
        assert_eq!(open(&stored[..length_bytes], PASSWORD), Err(expected));
    }
    let longer = [&stored[..], &[0]].concat();
    let expected = StorageError::Length {
        length_bytes: 337,
        expected_bytes: 336,
    };
    assert_eq!(open(&longer, PASSWORD), Err(expected));
    assert_eq!(
        open(b"SQLite format 3\0", PASSWORD),
        Err(StorageError::Magic)
    );
}

#[test]
fn parameters_out_of_bounds_are_refused_before_anything_is_allocated() {
    let key = AuthKey::new(counting());
    let least = Parameters {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
    for parameters in [
        Parameters {
            memory_kib: 262_145,
            ..least
        },
        Parameters {
            memory_kib: u32::MAX,
            ..least
        },
        Parameters {
            memory_kib: 7,
            ..least
        },
        Parameters {
            memory_kib: 31,
            lanes: 4,
            ..least
        },
        Parameters { passes: 0, ..least },
        Parameters {
            passes: 17,
            ..least
        },
        Parameters { lanes: 0, ..least },
        Parameters {
            memory_kib: 8 * 17,
            lanes: 17,
            ..least
        },
        Parameters {
            lanes: u32::MAX,
            ..least
        },
    ] {
        let expected = Err(StorageError::Parameters(parameters));
        let sealed = seal(
            &key,
            PASSWORD,
            parameters,
            &mut ChaCha20Rng::seed_from_u64(1),
        );
        assert_eq!(sealed.map(drop), expected);
        let mut stored = hex(STORED);
        let numbers = [parameters.memory_kib, parameters.passes, parameters.lanes];
        stored[12..24].copy_from_slice(numbers.map(u32::to_le_bytes).as_flattened());
        let memory = allocation_counter::measure(|| {
            assert_eq!(open(&stored, PASSWORD).map(drop), expected);
        });
        assert_eq!(memory.count_total, 0);
    }
    for parameters in [
        least,
        Parameters {
            passes: 16,
            ..least
        },
        Parameters {
            memory_kib: 128,
            lanes: 16,
            ..least
        },
    ] {
        let stored = seal(
            &key,
            PASSWORD,
            parameters,
            &mut ChaCha20Rng::seed_from_u64(1),
        )
        .unwrap();
        assert_eq!(open(&stored, PASSWORD).as_ref(), Ok(&key));
    }
}

#[test]
fn errors_say_what_to_do() {
    let text = |error: StorageError| error.to_string();
    assert_eq!(
        text(StorageError::Parameters(Parameters::default())),
        "Argon2id is out of bounds with 65536 KiB, 3 passes and 4 lanes: see `Parameters`"
    );
    assert_eq!(
        text(StorageError::Password),
        "the password is wrong, or the stored authorization key has changed"
    );
}

#[cfg(feature = "legacy")]
mod legacy {
    use mtproto_runtime::crypto::key_storage::legacy::{open, seal};

    use super::*;

    /// Source: `key_storage.py` beside this file, on OpenSSL.
    #[test]
    fn the_format_is_that_of_another_implementation() {
        let key = AuthKey::new(counting());
        let stored = seal(&key, PASSWORD, &mut Script::of(0..12)).unwrap();
        assert_eq!(stored[..], hex(LEGACY));
        assert_eq!(open(&stored, PASSWORD), Ok(key));
    }

    #[test]
    fn other_passwords_and_changed_bytes_open_nothing() {
        for password in [
            b"",
            &PASSWORD[1..],
            &PASSWORD[..PASSWORD.len() - 1],
            b"Correct horse",
        ] {
            assert_eq!(open(&hex(LEGACY), password), Err(StorageError::Password));
        }
        for index in 0..288 {
            for bit in 0..8 {
                let mut stored = hex(LEGACY);
                stored[index] ^= 1 << bit;
                assert_eq!(
                    open(&stored, PASSWORD),
                    Err(StorageError::Password),
                    "byte {index}, bit {bit}"
                );
            }
        }
    }

    #[test]
    fn other_lengths_are_refused() {
        let stored = [hex(LEGACY), vec![0; 16]].concat();
        for length_bytes in (0..288).chain(289..stored.len()) {
            let expected = StorageError::Length {
                length_bytes,
                expected_bytes: 288,
            };
            assert_eq!(open(&stored[..length_bytes], PASSWORD), Err(expected));
        }
    }

    #[test]
    fn passwords_have_room_for_32_bytes() {
        let (key, mut rng) = (AuthKey::new(counting()), ChaCha20Rng::seed_from_u64(1));
        let stored = seal(&key, &[b'a'; 32], &mut rng).unwrap();
        assert_eq!(open(&stored, &[b'a'; 32]).as_ref(), Ok(&key));
        let expected = StorageError::PasswordTooLong {
            length_bytes: 33,
            limit_bytes: 32,
        };
        assert_eq!(seal(&key, &[b'a'; 33], &mut rng), Err(expected));
        assert_eq!(open(&stored, &[b'a'; 33]), Err(expected));
    }

    const LEGACY: &str = "\
        ab149c64f5be8dae534f7414258dd6c4d08eccd527c81ed9b8e53f88cd80d1b668b7fa6bcb500a3ed6c639a8dc99\
        81235f9f6413d95d1627072979a93b5cdbb4f53e29f51b5f87ce093225499e119de21bad7e086cc51c532467aecf\
        670a0984ed2e4c249a6271107ee44a3bc183c823189a2639d311c10895434ccc2a731fa905495dd53d2eebd38a12\
        b9c505b3602b11551d3606c78ff9049a6f5b1d74fb45e70fdcd3302269c5b04d85cbbb76dbce8f035bef79f25e73\
        eafe3fa379c9e6b1afbdece0b1a0f19dab44403804379fa7fba9d827bca351ced08ac9dfba5a7c5c07505fc5d6d5\
        dd368a453babe2f0a953c00b006c8df1bd72a826a6b599b1a2f6cc4195475bb0eada95d4ede2ee8b5ebf31e09b4d\
        683a7daa6ebedb1ebe3ac897";
}

const STORED: &str = "\
    4d5450524f544f4b010000004000000002000000030000006465666768696a6b6c6d6e6f70717273c8c9cacbcccdcecf\
    d0d1d2d3d4d5d6d7d8d9dadbdcdddedfadf6fe20abc20a0900bdf03b8744cd00f5fc3a43202ad50724653d05d5538150\
    762486306d29a7bbf2cdd2bd726fe3b1b13cb9bd107e36408200448e662247daf68b7b8c82fa7cd77085616e348cb7f3\
    fbe7497de5f5007b41979b4b4d857598ebcc09e27dfb442961a9d141f9ca95327a59d2b1a05742bbd317348bc8c8be43\
    b7e226af39886608beaa961926298949cbdc7e674e8c991d4c94aa1deb8e1a9dcd8b52ad4f58d407e5985a780924076e\
    1fb10073858d9e87697cce6a7bb0cc0d91440d49152559ab6c61a437edf934dc5c87282047bc2596867e6a746d9aee3c\
    bb8bb6ce19e615f3ccaa2dd5cefc589fa683408ca2914e385ba8aaaaa6a8381b4cb7d9c196adda4a3d92767360397d44";
