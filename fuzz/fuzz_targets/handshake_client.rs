//! A client against a server that may say anything at any step: it does not panic, and completes with the honest key alone.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../mtproto-runtime/tests/handshake/harness.rs"]
#[allow(dead_code, reason = "each target runs a part of it")]
mod harness;

fuzz_target!(|input: &[u8]| harness::client(input));
