//! Whatever a file holds: a stored key is opened or refused without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../mtproto-runtime/tests/crypto/hostile_storage.rs"]
mod hostile_storage;

fuzz_target!(|input: &[u8]| hostile_storage::drive(input));
