//! Whatever a peer sends, and in whatever pieces: decoders of all transports read the same of it, and no more than was sent.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../mtproto-runtime/tests/transport/fuzzing.rs"]
#[allow(dead_code, reason = "the other target uses the rest")]
mod fuzzing;

fuzz_target!(|bytes: &[u8]| fuzzing::transport_decode(bytes));
