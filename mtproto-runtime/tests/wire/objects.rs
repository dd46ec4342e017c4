//! Whole objects: round trips, truncation, parts bounded by a length, raw objects, values that cannot be written.

use std::cell::Cell;

use crate::generated::{Entity, GetMessage, Message, MessageBody, full_message};
use crate::words;
use mtproto_runtime::wire::{
    Combinator, DecodeErrorKind, EncodeError, Function, Int128, RawObject, Reader, TlRead, TlWrite,
    Writer, decode, decode_boxed, decode_prefix, decode_return, encode, encode_boxed, encode_into,
    encoded_len,
};

#[test]
fn an_object_round_trips() {
    let message = full_message();
    let bytes = encode(&message).unwrap();
    assert_eq!(encoded_len(&message), Ok(bytes.len()));
    assert_eq!(decode::<Message>(&bytes), Ok(message));
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = encode(&full_message()).unwrap();
    for end in 0..bytes.len() {
        let error = decode::<Message>(&bytes[..end]).unwrap_err();
        assert!(
            matches!(error.kind, DecodeErrorKind::UnexpectedEnd { .. }),
            "{end}: {error}"
        );
        assert!(error.offset <= end, "{end}: {error}");
    }
}

#[test]
fn no_changed_byte_panics() {
    let bytes = encode(&full_message()).unwrap();
    for index in 0..bytes.len() {
        for value in [0, 1, 0x7f, 0x80, 0xfe, 0xff] {
            let mut changed = bytes.clone();
            changed[index] = value;
            if let Ok(message) = decode::<Message>(&changed) {
                encode(&message).unwrap();
            }
        }
    }
}

#[test]
fn constructors_are_bare_and_can_be_boxed() {
    let entity = Entity {
        offset: 1,
        length: 2,
    };
    assert_eq!(encode(&entity).unwrap(), words(&[1, 2]));
    let boxed = encode_boxed(&entity).unwrap();
    assert_eq!(boxed, words(&[Entity::ID, 1, 2]));
    assert_eq!(decode_boxed::<Entity>(&boxed), Ok(entity));
    let error = decode_boxed::<Entity>(&words(&[9, 1, 2])).unwrap_err();
    assert_eq!((error.offset, error.reading), (0, "entity"));
}

#[test]
fn a_function_tells_its_result() {
    fn call<F: Function>(query: &F, server: impl Fn(&[u8]) -> Vec<u8>) -> F::Return {
        decode_return(query, &server(&encode(query).unwrap())).unwrap()
    }
    let answer = call(&GetMessage { id: 3 }, |query| {
        assert_eq!(decode::<GetMessage>(query), Ok(GetMessage { id: 3 }));
        encode(&Message::Empty).unwrap()
    });
    assert_eq!(answer, Message::Empty);
}

#[test]
fn encode_into_appends() {
    let mut bytes = vec![1, 2, 3];
    encode_into(&7_i32, &mut bytes).unwrap();
    assert_eq!(bytes, [1, 2, 3, 7, 0, 0, 0]);
}

#[test]
fn a_prefix_leaves_the_rest() {
    let bytes = words(&[0xe002, 5]);
    assert_eq!(
        decode_prefix::<Message>(&bytes),
        Ok((Message::Empty, &[5, 0, 0, 0][..]))
    );
    decode_prefix::<i64>(&bytes[..4]).unwrap_err();
}

#[test]
fn fields_that_share_a_bit_must_agree() {
    let Message::Message(mut message) = full_message() else {
        panic!("a full message")
    };
    message.views = None;
    let expected = EncodeError::Contradiction {
        combinator: "message",
        what: "flags.2",
    };
    assert_eq!(encode(&*message), Err(expected.clone()));
    assert_eq!(encoded_len(&*message), Err(expected.clone()));
    let mut bytes = vec![1];
    assert_eq!(encode_into(&*message, &mut bytes), Err(expected));
    assert_eq!(bytes, [1]);
    message.forwards = None;
    assert_eq!(
        decode::<MessageBody>(&encode(&*message).unwrap()),
        Ok(*message)
    );
}

#[test]
fn a_vector_cannot_have_more_items_than_an_int_counts() {
    #[derive(Clone, Copy)]
    struct Nothing;
    impl TlWrite for Nothing {
        fn write_to(&self, _: &mut Writer) {}
    }
    let items = [Nothing; 1 << 31];
    let expected = EncodeError::TooLong {
        what: "Vector",
        len: 1 << 31,
    };
    assert_eq!(encode(&items[..]), Err(expected));
}

#[test]
fn a_value_that_changes_between_the_passes_is_an_error() {
    /// The number of ints it writes next, and the step to the one after.
    struct Moody(Cell<usize>, isize);
    impl TlWrite for Moody {
        fn write_to(&self, w: &mut Writer) {
            let count = self.0.replace(self.0.get().wrapping_add_signed(self.1));
            w.items(count as u32, &vec![0_i32; count], "moody.ints");
        }
    }
    let mut bytes = vec![7];
    encode_into(&Moody(Cell::new(2), 0), &mut bytes).unwrap();
    assert_eq!(bytes, [7, 0, 0, 0, 0, 0, 0, 0, 0]);
    for step in [1, -1] {
        let outcome = encode_into(&Moody(Cell::new(2), step), &mut bytes);
        assert_eq!((outcome, bytes.len()), (Err(EncodeError::Unstable), 9));
        // More than the first pass has room for.
        let outcome = encode(&Moody(Cell::new(20_000), step));
        assert_eq!(outcome, Err(EncodeError::Unstable));
    }
    assert_eq!(encode(&Moody(Cell::new(20_000), 0)), Ok(vec![0; 80_000]));
}

#[test]
fn values_of_any_length_are_written_whole() {
    // The first pass has room for 64 KiB: here the end comes just before, there, and just after.
    for len in (65_500..65_600).chain([200_000, 1]) {
        let value = vec![vec![7_u8; len], vec![8; 3], vec![]];
        let mut expected = vec![0xee; 5];
        encode_into(&value, &mut expected).unwrap();
        assert_eq!(encode(&value).unwrap(), expected[5..], "{len}");
    }
}

#[test]
fn encoding_within_encoding_disturbs_nothing() {
    struct Nested(u32);
    impl TlWrite for Nested {
        fn write_to(&self, w: &mut Writer) {
            w.nat(self.0);
            if let Some(less) = self.0.checked_sub(1) {
                w.bytes(&encode(&Nested(less)).unwrap());
            }
            w.nat(self.0);
        }
    }
    let inner = words(&[0, 0]);
    let bytes = encode(&Nested(1)).unwrap();
    assert_eq!(bytes[..4], words(&[1]));
    assert_eq!(
        bytes[4..],
        [&[8][..], &inner, &[0; 3], &words(&[1])].concat()
    );
    assert_eq!(encode(&Nested(3)).unwrap(), encode(&Nested(3)).unwrap());
}

#[test]
fn a_limited_part_ends_where_its_length_says() {
    let bytes = words(&[8, 1, 2, 3]);
    let mut r = Reader::new(&bytes);
    let len = r.nat() as usize;
    assert_eq!(r.limited(len, |r| (r.int(), r.int())), (1, 2));
    assert_eq!((r.offset(), r.int()), (12, 3));
    assert_eq!(r.finish(), Ok(()));
}

#[test]
fn a_limited_part_cannot_have_a_negative_length() {
    let bytes = words(&[1, 2]);
    for len in [-1, i32::MIN] {
        let mut r = Reader::new(&bytes);
        r.limited(len as usize, |r| r.int());
        let error = r.finish().unwrap_err();
        let message = format!("at byte 0: `body` cannot be {len} bytes long");
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn a_limited_part_cannot_be_left_early_or_overrun() {
    let bytes = words(&[8, 1, 2, 3]);
    let fail = |read: fn(&mut Reader<'_>) -> i32, len| {
        let mut r = Reader::new(&bytes);
        r.nat();
        r.limited(len, read);
        assert_eq!(r.int(), 0);
        r.finish().unwrap_err()
    };
    let early = fail(|r| r.int(), 8);
    assert_eq!(
        (early.offset, early.kind),
        (8, DecodeErrorKind::TrailingBytes { count: 4 })
    );
    let over = fail(|r| r.int() + r.int() + r.int(), 8);
    assert_eq!(
        (over.offset, over.kind),
        (
            12,
            DecodeErrorKind::UnexpectedEnd {
                needed: 4,
                available: 0
            }
        )
    );
    let long = fail(|r| r.int(), 16);
    assert_eq!(
        (long.offset, long.kind),
        (
            4,
            DecodeErrorKind::UnexpectedEnd {
                needed: 16,
                available: 12
            }
        )
    );
}

#[test]
fn a_raw_object_keeps_its_bytes() {
    let bytes = encode(&full_message()).unwrap();
    let object: RawObject = decode(&bytes).unwrap();
    assert_eq!((object.id(), object.as_bytes()), (0xe003, &bytes[..]));
    assert_eq!(object.decode::<Message>().unwrap(), full_message());
    assert_eq!(
        Message::Message(Box::new(object.decode_boxed().unwrap())),
        full_message()
    );
    assert_eq!(encode(&object).unwrap(), bytes);
    assert_eq!(
        format!("{object:?}"),
        format!("RawObject(0x0000e003, {} bytes)", bytes.len())
    );
    assert_eq!(RawObject::new(bytes), Ok(object));
}

#[test]
fn a_raw_object_is_whole_words() {
    let kind = |bytes: &[u8]| RawObject::new(bytes.to_vec()).unwrap_err().kind;
    assert_eq!(
        kind(&[]),
        DecodeErrorKind::UnexpectedEnd {
            needed: 4,
            available: 0
        }
    );
    assert_eq!(
        kind(&[1, 2, 3]),
        DecodeErrorKind::UnexpectedEnd {
            needed: 4,
            available: 3
        }
    );
    assert_eq!(
        kind(&[1, 2, 3, 4, 5]),
        DecodeErrorKind::UnalignedLength { len: 5 }
    );
    let bytes = words(&[4, 1, 2]);
    let mut r = Reader::new(&bytes);
    r.nat();
    assert_eq!(r.limited(4, |r| RawObject::read_from(r).id()), 1);
    assert_eq!(r.int(), 2);
}

/// What generated code has for objects of any type: `leaf#1 n:int`, `last#2 o:Object`, `sized#3 bytes:int o:Object`.
fn pass(r: &mut Reader<'_>) {
    match r.id() {
        1 => drop(r.int()),
        2 => drop(r.last(pass)),
        3 => {
            let bytes = r.int();
            r.limited(bytes as usize, |r| r.last_ref(pass).id());
        }
        found => r.unexpected_id("Object", found, &[]),
    }
}

#[test]
fn an_object_that_is_last_takes_the_rest_and_ends_by_itself_where_something_follows_what_it_is_in()
{
    // Of ids that nobody here knows.
    let unknown = words(&[7, 8, 9]);
    let mut r = Reader::new(&unknown);
    assert_eq!(r.last(pass).as_bytes(), unknown);
    assert_eq!(r.finish(), Ok(()));

    let bytes = words(&[2, 2, 1, 5, 6]);
    let owned = |r: &mut Reader<'_>| r.passed(pass).into_bytes();
    let borrowed = |r: &mut Reader<'_>| r.passed_ref(pass).as_bytes().to_vec();
    for passed in [owned as fn(&mut Reader<'_>) -> Vec<u8>, borrowed] {
        let mut r = Reader::new(&bytes);
        assert_eq!((passed(&mut r), r.int()), (words(&[2, 2, 1, 5]), 6));
        // And what is last after that takes the rest again.
        let mut r = Reader::new(&bytes);
        passed(&mut r);
        assert_eq!(r.last_ref(pass).as_bytes(), words(&[6]));
        assert_eq!(r.finish(), Ok(()));
    }

    // A part that states its size has an end, whatever follows it.
    let bytes = words(&[3, 8, 7, 8, 6]);
    let mut r = Reader::new(&bytes);
    assert_eq!((r.passed(pass).as_bytes().len(), r.int()), (16, 6));
    let bytes = words(&[2, 7, 8]);
    let mut r = Reader::new(&bytes);
    r.passed(pass);
    assert_eq!(r.finish().unwrap_err().offset, 4);
}

#[test]
fn objects_in_objects_that_something_follows_are_not_too_deep() {
    let deep = |levels: usize| [vec![2; levels - 1], vec![1, 5, 6]].concat();
    let read = |words: &[u32]| {
        let bytes = crate::words(words);
        let mut r = Reader::new(&bytes);
        r.passed(pass);
        r.int();
        r.finish()
    };
    assert_eq!(read(&deep(64)), Ok(()));
    let error = read(&deep(65)).unwrap_err();
    let limit = DecodeErrorKind::DepthLimit { limit: 64 };
    assert_eq!((error.offset, error.kind), (64 * 4, limit));
}

#[test]
fn wide_numbers_are_bytes_and_print_as_hex() {
    let number = Int128(*b"0123456789abcdef");
    assert_eq!(encode(&number).unwrap(), b"0123456789abcdef");
    assert_eq!(decode::<Int128>(b"0123456789abcdef"), Ok(number));
    assert_eq!(
        format!("{number:?}"),
        "Int128(30313233343536373839616263646566)"
    );
}
