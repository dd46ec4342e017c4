//! Whatever a client starts with, and in whatever pieces: a server comes to the same end, and takes no answer back.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../mtproto-runtime/tests/transport/fuzzing.rs"]
#[allow(dead_code, reason = "the other target uses the rest")]
mod fuzzing;

fuzz_target!(|bytes: &[u8]| fuzzing::detection(bytes));
