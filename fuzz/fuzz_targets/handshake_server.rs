//! A server against a client that may say anything at any step: it does not panic, and after a refusal it refuses.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../mtproto-runtime/tests/handshake/harness.rs"]
#[allow(dead_code, reason = "each target runs a part of it")]
mod harness;

fuzz_target!(|input: &[u8]| harness::server(input));
