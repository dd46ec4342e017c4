//! The file that keeps an authorization key: what is in it, what is refused, and what a kill leaves of it.

#![cfg(all(feature = "key-storage", feature = "store"))]
#![allow(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod files;
mod kill;

use std::path::PathBuf;

use mtproto_runtime::AuthKey;
use mtproto_runtime::store::AuthRecord;
use mtproto_runtime::time::UnixTime;

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

/// The record with that number: all of it depends on it.
fn record(number: u32) -> AuthRecord {
    let mut key = [0; 256];
    for (byte, of_number) in key.iter_mut().zip(number.to_le_bytes().iter().cycle()) {
        *byte = *of_number ^ 0x5a;
    }
    let state = number.to_le_bytes().repeat(number as usize % 500);
    AuthRecord::new(AuthKey::new(key), 2, UnixTime::from_secs(number.into())).with_state(state)
}
