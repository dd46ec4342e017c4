//! A chat that is open, and a peer, a server or a disk that is not to be trusted.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../mtproto-runtime/tests/secret_chat/hostile.rs"]
mod hostile;

fuzz_target!(|input: &[u8]| hostile::drive(input));
