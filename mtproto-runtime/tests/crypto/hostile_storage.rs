//! Whatever a file holds: a stored key is opened or refused without a panic.
//!
//! The fuzz target `key_storage` does the same; what it has reached is in `tests/corpus`.

use mtproto_runtime::crypto::key_storage::{self, STORED_BYTES};

/// Opens the input in both forms. Of what asks for much work within the bounds, which takes minutes and tells nothing, only the
/// legacy form is opened.
pub(crate) fn drive(input: &[u8]) {
    let _ = key_storage::legacy::open(input, b"password");
    let number = |start: usize| {
        let bytes = input.get(start..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    };
    let is_cheap = number(12) <= 256 && number(16) <= 2 && number(20) <= 4;
    let is_refused_early = number(12) > 1 << 20 || number(16) > 1000 || number(20) > 1000;
    if input.len() != STORED_BYTES || is_cheap || is_refused_early {
        let _ = key_storage::open(input, b"password");
    }
}
