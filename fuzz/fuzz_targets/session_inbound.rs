//! Whatever a peer with the right key sends, and whenever: a session, client or server, does not panic and stays small.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../mtproto-runtime/tests/session/hostile.rs"]
mod hostile;

fuzz_target!(|input: &[u8]| hostile::drive(input));
