//! Any bytes as a payload: they are read or refused, and never read as plaintext behind a closed gate.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../mtproto-runtime/tests/handshake/harness.rs"]
#[allow(dead_code, reason = "each target runs a part of it")]
mod harness;

fuzz_target!(|input: &[u8]| harness::plain(input));
