//! Input made to hurt: an error each time, no panic, and no more heap than the input has paid for.

#[path = "support/heap.rs"]
mod heap;

use heap::measured;
use telegram_tl::api::enums;
use telegram_tl::wire::{DecodeError, DecodeErrorKind, TlRead, VECTOR_ID, decode, encode};

const MEGABYTE: usize = 1 << 20;
/// The most heap that an input may take, as a multiple of its size.
const HEAP_FACTOR: u64 = 8;
/// What the first few values of a small input may take all the same: a single `Box<Message>` is 464 bytes.
const HEAP_FLOOR: u64 = 1024;

/// Decodes, and holds the heap against the input.
fn decode_measured<T: for<'a> TlRead<'a>>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (result, heap_bytes) = measured(|| decode::<T>(bytes));
    let limit = HEAP_FLOOR.max(HEAP_FACTOR * bytes.len() as u64);
    assert!(
        heap_bytes <= limit,
        "{heap_bytes} bytes of heap for {} bytes of input",
        bytes.len()
    );
    result
}

fn words(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// A real object of 732 bytes.
fn updates() -> Vec<u8> {
    std::fs::read("tests/fixtures/payloads/updates_one.bin").expect("the fixture is there")
}

#[test]
fn a_megabyte_of_nested_text_bold_reaches_the_depth_limit() {
    const TEXT_BOLD: u32 = 0x6724_abc4;
    let bytes = words(std::iter::repeat_n(TEXT_BOLD, MEGABYTE / 4));
    let error = decode_measured::<enums::RichText>(&bytes).expect_err("it never ends");
    assert!(
        matches!(error.kind, DecodeErrorKind::DepthLimit { .. }),
        "{error}"
    );
}

#[test]
fn a_megabyte_of_small_variants_of_a_large_type_reaches_the_allocation_limit() {
    const MESSAGE_MEDIA_EMPTY: u32 = 0x3ded_6320;
    let count = MEGABYTE / 4;
    let bytes = words(
        [VECTOR_ID, count as u32]
            .into_iter()
            .chain(std::iter::repeat_n(MESSAGE_MEDIA_EMPTY, count)),
    );
    let error =
        decode_measured::<Vec<enums::MessageMedia>>(&bytes).expect_err("it takes too much memory");
    assert!(
        matches!(error.kind, DecodeErrorKind::AllocationLimit { .. }),
        "{error}"
    );
}

#[test]
fn every_truncation_of_an_object_is_an_error() {
    let bytes = updates();
    assert!(decode::<enums::Updates>(&bytes).is_ok());
    for len in 0..bytes.len() {
        let error = decode_measured::<enums::Updates>(&bytes[..len]).expect_err("it is cut");
        assert!(
            matches!(error.kind, DecodeErrorKind::UnexpectedEnd { .. }),
            "{len} bytes: {error}"
        );
    }
}

/// Puts extreme numbers at every place, so that each count, length, id and flags word of the object gets each of them.
#[test]
fn hostile_counts_and_lengths_never_panic() {
    let bytes = updates();
    let mut refused = 0;
    for at in 0..bytes.len() - 3 {
        for word in [
            0,
            1,
            0xff,
            0xfe,
            0x00ff_fffe,
            100,
            170,
            0x7fff_ffff,
            0x8000_0000,
            u32::MAX,
            VECTOR_ID,
        ] {
            let mut bytes = bytes.clone();
            bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
            match decode_measured::<enums::Updates>(&bytes) {
                Ok(value) => drop(encode(&value).expect("what was read can be written")),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 1000, "only {refused} refused");
}

#[test]
fn a_count_that_the_input_cannot_hold_is_refused_before_anything_is_allocated() {
    for count in [2, 1000, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        let bytes = words([VECTOR_ID, count, 0]);
        let (result, heap_bytes) = measured(|| decode::<Vec<enums::Update>>(&bytes));
        let error = result.expect_err("there is one word for the items");
        assert_eq!(error.offset, 4, "{error}");
        assert_eq!(heap_bytes, 0);
    }
}
