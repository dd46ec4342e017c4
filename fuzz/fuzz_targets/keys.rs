//! Whatever the text: keys are read or refused without a panic, an error points into the text, and a key that is read works.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../mtproto-runtime/tests/crypto/hostile_keys.rs"]
mod hostile_keys;

fuzz_target!(|input: &[u8]| hostile_keys::drive(input));
