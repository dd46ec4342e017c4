//! What errors say, word for word; and that the first one stays.

use crate::generated::{GetMessage, Message, MessageBody, RichText, full_message};
use crate::words;
use mtproto_runtime::wire::{
    DecodeError, DecodeErrorKind, EncodeError, ExpectedIds, Limits, RawObject, Reader, TlRead,
    VECTOR_ID, decode, decode_with, encode,
};

fn text<'a, T: TlRead<'a>>(bytes: &'a [u8]) -> String {
    decode::<T>(bytes).err().unwrap().to_string()
}

#[test]
fn the_input_ends() {
    assert_eq!(
        text::<i32>(&[1, 2]),
        "at byte 0: the input ends inside `int`: 4 bytes needed, 2 left"
    );
    assert_eq!(
        text::<Message>(&[1, 2]),
        "at byte 0: the input ends inside `Message`: 4 bytes needed, 2 left"
    );
    assert_eq!(
        text::<MessageBody>(&words(&[0, 1, 2, u32::from_le_bytes(*b"\x07abc")])),
        "at byte 12: the input ends inside `string`: 8 bytes needed, 4 left"
    );
    assert_eq!(
        text::<Vec<i64>>(&words(&[VECTOR_ID, 9, 1, 2])),
        "at byte 4: the input ends inside `Vector`: 72 bytes needed, 8 left"
    );
    let mut r = Reader::new(&[]);
    r.limited(1, |_| ());
    assert_eq!(
        r.finish().unwrap_err().to_string(),
        "at byte 0: the input ends inside `body`: 1 byte needed, 0 left"
    );
}

#[test]
fn the_end_at_an_id_names_the_innermost_type() {
    let bytes = words(&[0xe005, 0xe006, VECTOR_ID, 1, 0xe005]);
    assert_eq!(
        text::<RichText>(&bytes),
        "at byte 20: the input ends inside `RichText`: 4 bytes needed, 0 left"
    );
}

#[test]
fn an_id_is_unknown() {
    assert_eq!(
        text::<Message>(&words(&[0x1234_5678])),
        "at byte 0: `Message` has no constructor 0x12345678; expected one of 0x0000e002, 0x0000e003"
    );
    assert_eq!(
        text::<GetMessage>(&words(&[7, 1, 2])),
        "at byte 0: expected `getMessage` (0x0000e007), found 0x00000007"
    );
    assert_eq!(
        text::<Vec<i32>>(&words(&[7])),
        "at byte 0: expected `Vector` (0x1cb5c415), found 0x00000007"
    );
    assert_eq!(
        text::<Vec<bool>>(&words(&[VECTOR_ID, 1, 1])),
        "at byte 8: `Bool` has no constructor 0x00000001; expected one of 0xbc799737, 0x997275b5"
    );
}

#[test]
fn long_lists_of_ids_are_cut() {
    let error = |ids: &'static [u32]| {
        let mut r = Reader::new(&[9, 0, 0, 0]);
        let found = r.id();
        r.unexpected_id("T", found, ids);
        r.finish().unwrap_err().to_string()
    };
    let lead = "at byte 0: `T` has no constructor 0x00000009";
    assert_eq!(error(&[]), lead);
    assert_eq!(error(&[1]), format!("{lead}; expected 0x00000001"));
    let six = "0x00000001, 0x00000002, 0x00000003, 0x00000004, 0x00000005, 0x00000006";
    assert_eq!(
        error(&[1, 2, 3, 4, 5, 6]),
        format!("{lead}; expected one of {six}")
    );
    assert_eq!(
        error(&[1, 2, 3, 4, 5, 6, 7, 8]),
        format!("{lead}; expected one of {six} and 2 more")
    );
}

#[test]
fn flag_bits_are_unknown() {
    let bytes = words(&[0xe003, 0x8000_0009]);
    assert_eq!(
        text::<Message>(&bytes),
        "at byte 4: unknown flag bits 0x80000008; the known ones are 0x00000007"
    );
    let mut r = Reader::new(&bytes);
    assert_eq!(r.flags(u32::MAX), 0xe003);
    assert_eq!(r.flags(0x8000_0000), 0);
    assert_eq!(
        r.finish().unwrap_err().kind,
        DecodeErrorKind::UnknownFlagBits {
            bits: 9,
            known: 0x8000_0000
        }
    );
}

#[test]
fn everything_else() {
    assert_eq!(
        text::<&str>(b"\x02a\xff\0"),
        "at byte 2: `string` is not UTF-8"
    );
    assert_eq!(
        text::<Vec<i32>>(&words(&[VECTOR_ID, u32::MAX])),
        "at byte 4: `Vector` cannot have 4294967295 items"
    );
    assert_eq!(
        text::<RichText>(&words(&[0xe005; 100])),
        "at byte 256: values nest deeper than the limit of 64"
    );
    assert_eq!(
        decode_with::<String>(b"\x03abc", Limits::for_input(4).with_allocation_bytes(1))
            .unwrap_err()
            .to_string(),
        "at byte 0: `string` takes 3 bytes of memory, the limit leaves 1"
    );
    assert_eq!(
        text::<i32>(&[0; 5]),
        "at byte 4: 1 byte too many after the value"
    );
    assert_eq!(
        text::<i32>(&[0; 8]),
        "at byte 4: 4 bytes too many after the value"
    );
    assert_eq!(
        text::<RawObject>(&[0; 7]),
        "at byte 0: `Object` of 7 bytes is not a whole number of 32-bit words"
    );
}

#[test]
fn values_that_cannot_be_written() {
    let Message::Message(mut message) = full_message() else {
        panic!("a full message")
    };
    message.forwards = None;
    assert_eq!(
        encode(&*message).unwrap_err().to_string(),
        "the fields of `message` that share flags.2 must be there all or none"
    );
    assert_eq!(
        EncodeError::TooLong {
            what: "Vector",
            len: 1 << 31
        }
        .to_string(),
        "a `Vector` of length 2147483648 is too long to be written"
    );
    assert_eq!(
        EncodeError::Unstable.to_string(),
        "the value wrote another number of bytes than it had counted"
    );
}

#[test]
fn the_first_failure_stays() {
    let bytes = words(&[1, 2, 3, 4]);
    let mut r = Reader::new(&bytes);
    assert_eq!(r.int(), 1);
    r.expect_id(9, "nine");
    assert!(r.failed());
    assert_eq!(
        (
            r.int(),
            r.nat(),
            r.long(),
            r.double().to_bits(),
            r.boolean()
        ),
        (0, 0, 0, 0, false)
    );
    assert_eq!(
        (r.int128().0, r.int256().0, r.int512().0),
        ([0; 16], [0; 32], [0; 64])
    );
    assert_eq!(
        (r.string(), r.str_(), r.bytes(), r.byte_slice()),
        (String::new(), "", vec![], &[][..])
    );
    assert_eq!(
        (
            r.id(),
            r.flags(0),
            r.vector::<i64>(),
            r.bare_vector_of(0, |_| ())
        ),
        (0, 0, vec![], vec![])
    );
    assert_eq!(
        (
            r.limited(8, |r| r.int()),
            r.limited(0, |r| r.int()),
            r.rest(),
            r.remaining()
        ),
        (0, 0, &[][..], 0)
    );
    r.unexpected_id("T", 0, &[1]);
    r.fail("T", DecodeErrorKind::InvalidUtf8);
    let error = r.finish().unwrap_err();
    assert_eq!((error.offset, error.reading), (4, "nine"));
    assert_eq!(
        error.kind,
        DecodeErrorKind::UnexpectedConstructor {
            found: 2,
            expected: ExpectedIds::One(9)
        }
    );
}

#[test]
fn errors_are_small_and_of_the_core_trait() {
    fn is_error<T: core::error::Error + Send + Sync + 'static>() {}
    is_error::<DecodeError>();
    is_error::<EncodeError>();
    assert!(size_of::<DecodeError>() <= 64);
}
