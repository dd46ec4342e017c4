//! The stores that keep authorization keys: what holds of all of them, what is in the files of each, and what a kill leaves.

#![cfg(all(feature = "key-storage", feature = "sqlite"))]
#![allow(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod conformance;
mod files;
mod kill;
mod sqlite;

use std::path::PathBuf;

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::key_storage::Parameters;
use mtproto_runtime::store::{AuthRecord, AuthStore, FileStore, SqliteStore, StoreError};
use mtproto_runtime::time::UnixTime;

/// As cheap as Argon2id can be.
const CHEAP: Parameters = Parameters {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};

/// A kind of store, for what holds of all.
trait Kind: AuthStore<Error = StoreError> + std::fmt::Debug {
    fn at(file: PathBuf) -> Self;

    fn under_password(file: PathBuf, password: &[u8]) -> Self;
}

impl Kind for FileStore {
    fn at(file: PathBuf) -> Self {
        Self::new(file)
    }

    fn under_password(file: PathBuf, password: &[u8]) -> Self {
        Self::encrypted(file, password, CHEAP)
    }
}

impl Kind for SqliteStore {
    fn at(file: PathBuf) -> Self {
        Self::new(file, "dc2")
    }

    fn under_password(file: PathBuf, password: &[u8]) -> Self {
        Self::encrypted(file, "dc2", password, CHEAP)
    }
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let name = format!("auth-store-{test}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("dc2.key")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The record with that number: all of it depends on it. Some are as short as can be, others have a state of many pages.
fn record(number: u32) -> AuthRecord {
    let mut key = [0; 256];
    for (byte, of_number) in key.iter_mut().zip(number.to_le_bytes().iter().cycle()) {
        *byte = *of_number ^ 0x5a;
    }
    let words = [number % 500, number * 37 % 10_000][number as usize % 2];
    let state = number.to_le_bytes().repeat(words as usize);
    AuthRecord::new(AuthKey::new(key), 2, UnixTime::from_secs(number.into())).with_state(state)
}

/// Whether the key of a record stands anywhere in some bytes as it is.
fn shows_key(bytes: &[u8], record: &AuthRecord) -> bool {
    let key = &record.key.as_bytes()[..16];
    bytes.windows(16).any(|part| part == key)
}
