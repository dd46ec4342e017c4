//! Depth and memory.

use crate::generated::{RichText, full_message};
use crate::words;
use mtproto_runtime::wire::{
    DecodeErrorKind, Limits, Reader, VECTOR_ID, decode, decode_with, encode,
};

/// `depth` values, one in the other.
fn nested(depth: usize) -> Vec<u8> {
    let mut ids = vec![0xe005; depth - 1];
    ids.push(0xe004);
    words(&ids)
}

#[test]
fn values_nest_as_deep_as_the_limit() {
    decode::<RichText>(&nested(64)).unwrap();
    let error = decode::<RichText>(&nested(65)).unwrap_err();
    assert_eq!(
        (error.offset, error.kind),
        (64 * 4, DecodeErrorKind::DepthLimit { limit: 64 })
    );
    decode_with::<RichText>(&nested(65), Limits::for_input(260).with_depth(65)).unwrap();
    decode_with::<RichText>(&nested(1), Limits::for_input(4).with_depth(0)).unwrap_err();
}

#[test]
fn nesting_cannot_overflow_the_stack() {
    decode::<RichText>(&nested(10_000)).unwrap_err();
    decode::<RichText>(&words(&[0xe006, VECTOR_ID, 1].repeat(10_000))).unwrap_err();
}

#[test]
fn siblings_do_not_add_depth() {
    let texts = vec![RichText::Bold(Box::new(RichText::Empty)); 1000];
    let text = RichText::Concat(texts);
    assert_eq!(decode::<RichText>(&encode(&text).unwrap()), Ok(text));
}

#[test]
fn leave_restores_what_enter_took_even_when_it_failed() {
    let mut r = Reader::with_limits(&[0; 8], Limits::for_input(8).with_depth(1));
    r.enter();
    r.leave();
    r.enter();
    assert!(!r.failed());
    r.enter();
    assert!(r.failed());
    r.leave();
    r.leave();
    assert_eq!(
        r.finish().unwrap_err().kind,
        DecodeErrorKind::DepthLimit { limit: 1 }
    );
}

#[test]
fn a_value_may_take_as_much_memory_as_the_limit() {
    let message = full_message();
    let bytes = encode(&message).unwrap();
    let limits =
        |allocation_bytes| Limits::for_input(bytes.len()).with_allocation_bytes(allocation_bytes);
    let Some(needed) =
        (0..4096).find(|&n| decode_with::<crate::generated::Message>(&bytes, limits(n)).is_ok())
    else {
        panic!("4 KiB are enough");
    };
    // The box, the text, two entities of 8 bytes, three vectors and what is in them.
    let body = size_of::<crate::generated::MessageBody>();
    assert_eq!(
        needed,
        body + "grüße".len() + 2 * 8 + 3 * size_of::<Vec<u8>>() + 303
    );
}

#[test]
fn each_kind_of_allocation_is_paid_for() {
    let none = Limits::for_input(0).with_allocation_bytes(0);
    let refused = |error: Option<mtproto_runtime::wire::DecodeError>| {
        let error = error.unwrap();
        assert!(
            matches!(
                error.kind,
                DecodeErrorKind::AllocationLimit { available: 0, .. }
            ),
            "{error}"
        );
        error.reading
    };
    assert_eq!(
        refused(decode_with::<String>(b"\x03abc", none).err()),
        "string"
    );
    assert_eq!(
        refused(decode_with::<Vec<u8>>(b"\x03abc", none).err()),
        "bytes"
    );
    assert_eq!(
        refused(decode_with::<Vec<i32>>(&words(&[VECTOR_ID, 1, 1]), none).err()),
        "Vector"
    );
    assert_eq!(
        refused(decode_with::<Box<i32>>(&words(&[1]), none).err()),
        "boxed value"
    );
    assert_eq!(
        refused(decode_with::<mtproto_runtime::wire::RawObject>(&words(&[1]), none).err()),
        "Object"
    );
    decode_with::<&str>(b"\x03abc", none).unwrap();
}

#[test]
fn the_default_grows_with_the_input() {
    assert_eq!(
        Limits::for_input(1000),
        Limits {
            depth: 64,
            allocation_bytes: 6000 + 65536
        }
    );
    assert_eq!(Limits::for_input(usize::MAX).allocation_bytes, usize::MAX);
}
