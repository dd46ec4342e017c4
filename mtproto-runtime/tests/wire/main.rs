//! The wire format: what it accepts, what it refuses and how it says so.

#![allow(
    improper_ctypes_definitions,
    reason = "reads are `extern \"C\"` so that they do not unwind"
)]
#![expect(clippy::unwrap_used, reason = "helpers of tests are not seen as tests")]

mod generated;

mod errors;
mod limits;
mod objects;
mod strings;
mod vectors;

/// Words, little endian: how the specification writes values.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
