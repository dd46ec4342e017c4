//! What an implementation in Python, written from the official pages alone, computes: `tests/interop/python/vectors.py` made
//! the files of `fixtures/python` and says what is in each.

#![cfg(all(feature = "handshake", feature = "legacy", feature = "secret-chat"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests are not seen as tests")]

mod crypto;
mod files;
mod handshake;
mod transport;

use core::convert::Infallible;
use std::collections::BTreeMap;
use std::fs;

use mtproto_runtime::crypto::kdf::Side;
use rand_chacha::rand_core::{TryCryptoRng, TryRng};

/// One case: values by their names.
struct Case(BTreeMap<String, Vec<u8>>);

impl Case {
    fn bytes(&self, name: &str) -> &[u8] {
        self.0.get(name).unwrap_or_else(|| panic!("no {name}"))
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap()
    }

    fn long(&self, name: &str) -> u64 {
        u64::from_le_bytes(self.array(name))
    }

    fn side(&self) -> Side {
        match self.bytes("side") {
            b"client" => Side::Client,
            b"server" => Side::Server,
            other => panic!("no side {other:?}"),
        }
    }
}

/// The cases of a file, of which there is at least one.
fn cases(file: &str) -> Vec<Case> {
    let path = format!(
        "{}/tests/fixtures/python/{file}.txt",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = fs::read_to_string(path).unwrap();
    let blocks = text.split("\n\n").skip(1);
    let cases: Vec<_> = blocks
        .map(|block| Case(block.lines().map(value).collect()))
        .collect();
    assert!(!cases.is_empty());
    cases
}

fn value(line: &str) -> (String, Vec<u8>) {
    let (name, digits) = line.split_once(" =").unwrap();
    let (pairs, rest) = digits.trim().as_bytes().as_chunks::<2>();
    assert!(rest.is_empty(), "half a byte in {name}");
    let bytes = pairs
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap());
    (name.to_owned(), bytes.collect())
}

/// Randomness that was drawn before, each byte once.
struct Drawn(Vec<u8>);

impl TryRng for Drawn {
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
        let left = self.0.split_off(bytes.len());
        bytes.copy_from_slice(&self.0);
        self.0 = left;
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}
