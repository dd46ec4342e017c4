//! What the options of the generator make of types, as any crate would use it: the bindings of `fixtures/options` compile
//! without a warning, and what they read and write is what was worked out by hand.
//!
//! `tl-codegen`'s test `options` proves that `tlc generate` makes them, and writes them anew with `SNAPSHOTS=overwrite`.

#![deny(warnings, missing_docs, unreachable_pub, rust_2018_idioms, clippy::all)]

macro_rules! bindings {
    ($($name:ident in $path:literal)+) => {$(
        #[doc = concat!("Generated from `", stringify!($name), ".tl`.")]
        #[path = $path]
        pub mod $name;
    )+};
}

bindings! {
    secrets in "fixtures/options/secrets/mod.rs"
    unknown in "fixtures/options/unknown/mod.rs"
}

use telegram_tl::wire::{
    DecodeError, DecodeErrorKind, EncodeError, Function, RawObject, TlRead, decode, encode,
};

/// The words of a message, little endian.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// What reading fails with.
#[track_caller]
fn error<'a, T: TlRead<'a>>(bytes: &'a [u8]) -> DecodeError {
    match decode::<T>(bytes) {
        Ok(_) => panic!("it can be read"),
        Err(error) => error,
    }
}

mod unknown_constructors {
    use super::unknown::{borrowed, enums, types};
    use super::*;

    const NEW: u32 = 0x0bad_cafe;
    const EMPTY: u32 = 0xb5a1_9f0a;
    const VECTOR: u32 = 0x1cb5_c415;

    #[test]
    fn the_last_of_a_message_is_kept_and_written_again() {
        // `user`: its flags say that there is a photo, of a constructor that came later.
        let bytes = words(&[0x6c3c_21bb, 2, 7, 0, NEW, 1, 2]);
        let user: enums::User = decode(&bytes).expect("the photo is the last field");
        let enums::User::User(user) = &user else {
            panic!("{user:?}")
        };
        let Some(enums::Photo::Unknown(photo)) = &user.photo else {
            panic!("{user:?}")
        };
        assert_eq!((photo.id(), photo.as_bytes()), (NEW, &bytes[16..]));
        let user = enums::User::User(user.clone());
        assert_eq!(encode(&user).as_ref(), Ok(&bytes));
        // The whole message, and one that is nothing but an id.
        for bytes in [&bytes[16..], &bytes[16..20]] {
            let user: enums::User = decode(bytes).expect("it is kept");
            assert!(matches!(&user, enums::User::Unknown(object) if object.as_bytes() == bytes));
            assert_eq!(encode(&user).as_deref(), Ok(bytes));
        }
    }

    #[test]
    fn the_form_that_borrows_keeps_it_where_it_lies() {
        let bytes = words(&[0x6c3c_21bb, 2, 7, 0, NEW, 1, 2]);
        let user: borrowed::enums::User<'_> = decode(&bytes).expect("it is kept");
        let borrowed::enums::User::User(inner) = &user else {
            panic!("{user:?}")
        };
        let Some(borrowed::enums::Photo::Unknown(photo)) = &inner.photo else {
            panic!("{user:?}")
        };
        assert!(std::ptr::eq(photo.as_bytes(), &bytes[16..]));
        assert_eq!(Ok(user.to_owned()), decode(&bytes));
        assert_eq!(encode(&user).as_ref(), Ok(&bytes));
    }

    #[test]
    fn anywhere_else_it_is_the_error_that_it_is_without_the_option() {
        let expected = |offset| {
            DecodeError::clone(&{
                let mut error = error::<enums::Photo>(&words(&[NEW, 0])[..6]);
                error.offset = offset;
                error
            })
        };
        assert_eq!(
            expected(8).to_string(),
            "at byte 8: `Photo` has no constructor 0x0badcafe; expected one of 0xb5a19f0a, 0x4f898c68"
        );
        // A field comes after it, or an item of a vector, the bytes of which it took.
        let pair = words(&[0x2ff4_c7f8, NEW, EMPTY]);
        assert_eq!(error::<enums::Pair>(&pair), expected(4));
        let album = words(&[0xe9de_d7ad, VECTOR, 3, EMPTY, NEW, EMPTY]);
        assert_eq!(error::<enums::Album>(&album), expected(16));
        assert_eq!(error::<borrowed::enums::Album<'_>>(&album), expected(16));
        // The last item of all is the end of the message.
        let album = words(&[0xe9de_d7ad, VECTOR, 2, EMPTY, NEW, EMPTY]);
        let kept: enums::Album = decode(&album).expect("nothing comes after it");
        assert_eq!(encode(&kept).as_ref(), Ok(&album));
    }

    #[test]
    fn what_is_no_object_is_not_kept() {
        let short = error::<enums::Photo>(&[1, 2]);
        assert_eq!((short.offset, short.reading), (0, "Photo"));
        assert!(matches!(
            short.kind,
            DecodeErrorKind::UnexpectedEnd { needed: 4, .. }
        ));
        let uneven = [&words(&[NEW]), &b"abc"[..]].concat();
        assert!(matches!(
            error::<enums::Photo>(&uneven).kind,
            DecodeErrorKind::UnexpectedConstructor { found: NEW, .. }
        ));
    }

    #[test]
    fn a_body_with_one_fails_alone() {
        // Three bodies of 8 bytes: a whole one, one that an unknown constructor breaks, and one of nothing but that.
        let good = [EMPTY];
        let broken = [0x2ff4_c7f8, NEW, EMPTY];
        let new = [NEW, 5];
        let mut message = vec![<types::Packets as telegram_tl::wire::Combinator>::ID, 3];
        for body in [&good[..], &broken, &new] {
            message.push(4 * body.len() as u32);
            message.extend(body);
        }
        let message = words(&message);
        let packets: enums::Packets = decode(&message).expect("the bodies are bounded");
        assert_eq!(encode(&packets).as_ref(), Ok(&message));
        let enums::Packets::Packets(packets) = packets else {
            panic!("{packets:?}")
        };
        let [first, second, third] = &packets.items[..] else {
            panic!("{packets:?}")
        };
        assert_eq!(first.body.decode::<enums::Photo>(), Ok(enums::Photo::Empty));
        let error = second.body.decode::<enums::Pair>().expect_err("broken");
        assert_eq!((error.offset, error.reading), (4, "Photo"));
        assert!(matches!(
            third.body.decode::<enums::Photo>(),
            Ok(enums::Photo::Unknown(object)) if object.as_bytes() == words(&new)
        ));
    }

    #[test]
    fn a_limited_part_ends_with_it_and_reading_goes_on() {
        use telegram_tl::wire::Reader;
        let bytes = words(&[NEW, 1, 77, NEW]);
        let mut r = Reader::new(&bytes);
        let photo = r.limited(8, |r| r.read::<enums::Photo>());
        assert!(matches!(photo, enums::Photo::Unknown(object) if object.as_bytes() == &bytes[..8]));
        assert_eq!(r.int(), 77);
        // A failure after the part is its own; one within the part is not.
        let mut short = Reader::new(&bytes[..12]);
        short.limited(8, |r| r.read::<enums::Photo>());
        assert_eq!((short.int(), short.int()), (77, 0));
        let error = short.finish().expect_err("there is no second int");
        assert_eq!((error.offset, error.reading), (12, "int"));
        let mut inner = Reader::new(&bytes);
        inner.limited(8, |r| (r.read::<enums::Photo>(), r.int()));
        let error = inner.finish().expect_err("the object took the int");
        assert_eq!((error.offset, error.reading), (0, "Photo"));
    }

    #[test]
    fn it_is_paid_for() {
        use telegram_tl::wire::{Limits, decode_with};
        let bytes = words(&[NEW; 100]);
        let limits = Limits::for_input(400).with_allocation_bytes(399);
        let error = decode_with::<enums::Photo>(&bytes, limits).expect_err("too large");
        assert!(matches!(
            error.kind,
            DecodeErrorKind::AllocationLimit {
                needed: 400,
                available: 399
            }
        ));
        assert!(decode_with::<borrowed::enums::Photo<'_>>(&bytes, limits).is_ok());
    }

    #[test]
    fn a_place_without_ids_has_no_room_for_one() {
        let object = RawObject::new(words(&[NEW])).expect("it is an object");
        let row = types::Row {
            n: 0,
            slot: enums::Slot::Unknown(object),
        };
        let error = encode(&row).expect_err("the id would be missing");
        assert_eq!(error, EncodeError::UnknownWithoutId { type_name: "Slot" });
        assert_eq!(
            error.to_string(),
            "an unknown constructor of `Slot` can't be written without its id"
        );
    }

    #[test]
    fn the_variant_has_its_name_even_where_a_constructor_wants_it() {
        let known: enums::Unknown = decode(&words(&[0x684b_ee6d, 1])).expect("known");
        assert!(matches!(
            known,
            enums::Unknown::Unknown2(types::Unknown { x: 1 })
        ));
        let new: enums::Unknown = decode(&words(&[NEW])).expect("kept");
        assert!(matches!(new, enums::Unknown::Unknown(_)));
    }

    #[test]
    fn bits_without_a_meaning_are_kept_and_those_with_one_are_not_set_twice() {
        let bytes = words(&[0x6c3c_21bb, 0x8000_0101, 7, 0]);
        let user: enums::User = decode(&bytes).expect("unknown bits are kept");
        let enums::User::User(mut user) = user else {
            panic!("{user:?}")
        };
        assert_eq!((user.flags, user.is_bot), (0x8000_0100, true));
        assert_eq!(encode(&user).as_deref(), Ok(&bytes[4..]));
        let borrowed: borrowed::types::User<'_> = decode(&bytes[4..]).expect("the same");
        assert_eq!(borrowed.to_owned(), user);
        user.flags = 2;
        let error = encode(&user).expect_err("the photo is not there");
        assert_eq!(
            error.to_string(),
            "the bits 0x00000002 of `user.flags` follow from fields and can't be set by themselves"
        );
        let call = super::unknown::functions::GetPhoto {
            flags: 1,
            large: true,
            id: 5,
        };
        let id = <super::unknown::functions::GetPhoto as telegram_tl::wire::Combinator>::ID;
        assert_eq!(encode(&call), Ok(words(&[id, 9, 5, 0])));
        let mut r = telegram_tl::wire::Reader::new(&[]);
        assert!(matches!(call.read_return(&mut r), enums::Photo::Unknown(_)));
        assert!(r.finish().is_err());
    }
}

mod patterns {
    use std::collections::BTreeSet;

    use super::secrets::{borrowed, enums, functions, types};
    use super::*;

    #[test]
    fn no_secret_is_printed() {
        let key = types::AuthKey {
            auth_key: vec![0xab; 8],
            id: 7,
            phone_number: Some("+49 30".to_owned()),
            is_new: true,
        };
        let shown =
            "AuthKey { auth_key: <redacted>, id: 7, phone_number: <redacted>, is_new: <redacted> }";
        assert_eq!(format!("{key:?}"), shown);
        let bytes = encode(&key).expect("it can be written");
        let borrowed: borrowed::types::AuthKey<'_> = decode(&bytes).expect("it can be read");
        assert_eq!(format!("{borrowed:?}"), shown);
        assert_eq!(
            format!("{:?}", enums::AuthKey::AuthKey(key)),
            format!("AuthKey({shown})")
        );
        let call = functions::auth::SendCode {
            phone_number: "+49 30".to_owned(),
            api_id: 5,
        };
        assert_eq!(
            format!("{call:?}"),
            "SendCode { phone_number: <redacted>, api_id: 5 }"
        );
        // Within values of any depth, and pretty.
        let contacts = vec![enums::Contact::Contact(types::Contact {
            phone_number: "+49 30".to_owned(),
            name: "Ada".to_owned(),
        })];
        let pretty = format!("{contacts:#?}");
        assert!(
            !pretty.contains("+49") && pretty.contains("name: \"Ada\""),
            "{pretty}"
        );
        let pair = types::Pair {
            secret: 271,
            shown: 3,
        };
        assert_eq!(format!("{pair:?}"), "Pair { secret: <redacted>, shown: 3 }");
    }

    #[test]
    fn attributes_hold_for_what_they_name() {
        let kinds = BTreeSet::from([enums::Kind::OtherKind, enums::Kind::Kind]);
        let copied = kinds.clone();
        assert_eq!(kinds.into_iter().next(), copied.first().copied());
    }
}
