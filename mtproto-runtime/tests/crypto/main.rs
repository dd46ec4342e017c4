//! Cryptography against published vectors, plain reference implementations, and its own rules.

#![cfg(feature = "crypto")]
#![expect(clippy::unwrap_used, reason = "helpers of tests are not seen as tests")]

mod aes_ctr;
mod aes_ige;
mod auth_key;
mod corpus;
mod dh;
mod factorize;
mod hash;
mod hostile_keys;
#[cfg(all(feature = "key-storage", feature = "legacy"))]
mod hostile_storage;
mod kdf;
#[cfg(feature = "key-storage")]
mod key_storage;
mod message;
mod rsa;
mod srp;

use core::convert::Infallible;

use rand_chacha::rand_core::{TryCryptoRng, TryRng};

/// A random number generator that says what it is told, again and again.
struct Script(core::iter::Cycle<std::vec::IntoIter<u8>>);

impl Script {
    fn of(bytes: impl IntoIterator<Item = u8>) -> Self {
        Self(Vec::from_iter(bytes).into_iter().cycle())
    }
}

impl TryRng for Script {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill_with(|| self.0.next().unwrap());
        Ok(())
    }
}

impl TryCryptoRng for Script {}

/// Bytes from hexadecimal digits.
fn hex(digits: &str) -> Vec<u8> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty());
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// Bytes from as many hexadecimal digits.
fn array<const N: usize>(digits: &str) -> [u8; N] {
    hex(digits).try_into().unwrap()
}

/// 0, 1, 2 and so on.
fn counting<const N: usize>() -> [u8; N] {
    core::array::from_fn(|index| index as u8)
}

/// The generator of the tests of TDLib (`tdutils/test/crypto.cpp`): data, then key, then initialization vector.
fn tdlib_bytes(seed: &mut u32, length: usize) -> Vec<u8> {
    core::iter::repeat_with(|| {
        *seed = seed.wrapping_mul(123_457_567).wrapping_add(987_651_241);
        (*seed >> 23) as u8
    })
    .take(length)
    .collect()
}

/// The checksum that TDLib compares (CRC-32 of zlib), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |state, &byte| {
        (0..8).fold(state ^ u32::from(byte), |state, _| {
            (state >> 1) ^ (0xedb8_8320 & (state & 1).wrapping_neg())
        })
    })
}
