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
    flat in "fixtures/options/flat/mod.rs"
    hostile_names in "fixtures/options/hostile_names/mod.rs"
    methods in "fixtures/options/methods/mod.rs"
    methods_of_all in "fixtures/options/methods_of_all/mod.rs"
    secrets in "fixtures/options/secrets/mod.rs"
    shared in "fixtures/options/shared/mod.rs"
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

mod names_of_traits_methods {
    use super::hostile_names::{enums, types};

    #[test]
    fn no_method_for_a_field_called_clone_is_taken_for_that_of_the_trait() {
        let value = types::Copy::new()
            .clone2(enums::Clone::Clone)
            .clones(vec![enums::Clone::Clone])
            .to_owned2("text".to_owned());
        let (copy, debug) = (value.clone(), types::Debug::default().clone());
        assert_eq!(copy.clone, Some(enums::Clone::Clone));
        assert_eq!(copy.clones.as_deref(), Some(&[enums::Clone::Clone][..]));
        assert_eq!(
            enums::Copy::Copy(value.clone()).clone().clone2(),
            copy.clone.as_ref()
        );
        assert_eq!(
            enums::Debug::Debug(debug.clone()).clone2(),
            Some(&debug.clone)
        );
    }
}

mod methods_on_request {
    use std::marker::PhantomData;

    use super::methods::{borrowed, enums, functions, types};
    use super::*;
    use telegram_tl::wire::Int256;

    fn user() -> types::User {
        types::User {
            id: 5,
            name: "Ada".to_owned(),
            key: Int256([3; 32]),
            tags: vec!["a".to_owned(), "b".to_owned()],
            home: None,
            clone: 9,
        }
    }

    fn chats() -> [enums::Chat; 3] {
        [
            enums::Chat::Empty,
            enums::Chat::Chat(types::Chat {
                is_new: true,
                id: 1,
                title: "one".to_owned(),
                about: None,
                photo: enums::Photo::Empty(types::PhotoEmpty { id: 7 }),
                owner: Some(Box::new(enums::User::User(user()))),
            }),
            enums::Chat::Channel(types::Channel {
                id: 2,
                title: "two".to_owned(),
                about: Some("both".to_owned()),
                photo: None,
                clone: String::new(),
            }),
        ]
    }

    #[test]
    fn accessors_give_what_constructors_share() {
        let chats = chats();
        let ids = chats.each_ref().map(enums::Chat::id);
        assert_eq!(ids, [None, Some(1), Some(2)]);
        let titles = chats.each_ref().map(enums::Chat::title);
        assert_eq!(titles, [None, Some("one"), Some("two")]);
        let abouts = chats.each_ref().map(enums::Chat::about);
        assert_eq!(abouts, [None, None, Some("both")]);
        let photos = chats
            .each_ref()
            .map(|chat| chat.photo().map(enums::Photo::id));
        assert_eq!(photos, [None, Some(7), None]);
        let user = enums::User::User(user());
        assert_eq!((user.id(), user.name(), user.key().0[0]), (5, "Ada", 3));
        assert_eq!(
            (user.tags().len(), user.home(), user.clone2()),
            (2, None, 9)
        );
    }

    #[test]
    fn accessors_of_forms_that_borrow_give_what_lies_in_the_input() {
        let bytes = encode(&chats()[2]).expect("it can be written");
        let title = {
            let chat: borrowed::enums::Chat<'_> = decode(&bytes).expect("it can be read");
            chat.title().expect("it has one")
        };
        assert_eq!(title, "two");
        assert!(bytes.as_ptr_range().contains(&title.as_ptr()));
    }

    #[test]
    fn forms_that_borrow_allocate_for_vectors_and_boxes_alone() {
        let [_, chat, _] = chats();
        let enums::Chat::Chat(mut chat) = chat else {
            panic!("another chat")
        };
        chat.owner = Some(Box::new(enums::User::User(user())));
        let chats = enums::Chats::Chats(Box::new(types::Chats {
            chats: vec![enums::Chat::Chat(chat.clone()), enums::Chat::Empty],
            more: enums::Chat::Chat(chat),
        }));
        let bytes = encode(&chats).expect("it can be written");
        let info = allocation_counter::measure(|| {
            let read = decode::<borrowed::enums::Chats<'_>>(&bytes);
            assert!(read.is_ok());
        });
        // The variant, the vector of chats, and in both chats the owner and the vector of tags; no string, no bytes, no key.
        assert_eq!(info.count_total, 2 + 2 * 2);
    }

    /// Whether a type has `Default`: where it has, its own constant goes before the trait's.
    struct Probe<T>(PhantomData<T>);

    trait Lacks {
        const HAS_DEFAULT: bool = false;
    }

    impl<T> Lacks for Probe<T> {}

    impl<T: Default> Probe<T> {
        const HAS_DEFAULT: bool = true;
    }

    #[test]
    fn defaults_are_where_the_schema_has_one() {
        assert_eq!(enums::Chat::default(), enums::Chat::Empty);
        let user = types::User::default();
        assert_eq!((user.id, user.name.as_str(), user.home), (0, "", None));
        assert_eq!(
            enums::Chats::default(),
            enums::Chats::Chats(Box::new(types::Chats {
                chats: vec![],
                more: enums::Chat::Empty
            }))
        );
        let counted = types::Counted::default();
        assert_eq!(encode(&counted), Ok(vec![0; 4]));
        let call = functions::SendMessage {
            text: "hi".to_owned(),
            ..Default::default()
        };
        assert!(!call.silent && call.to.is_none());
        // No variant of these is more of a default than another.
        let has_none = [
            Probe::<enums::Photo>::HAS_DEFAULT,
            Probe::<enums::Choice>::HAS_DEFAULT,
            Probe::<enums::Sizes>::HAS_DEFAULT,
            Probe::<types::Chat>::HAS_DEFAULT,
        ];
        assert_eq!(has_none, [false; 4]);
        const {
            assert!(Probe::<types::Pair<String>>::HAS_DEFAULT);
            assert!(Probe::<types::Photo>::HAS_DEFAULT);
        }
        // There is no int256 to lie in an input.
        let borrowed = [
            Probe::<borrowed::types::User<'_>>::HAS_DEFAULT,
            Probe::<borrowed::types::Photo<'_>>::HAS_DEFAULT,
        ];
        assert_eq!(borrowed, [false, true]);
    }

    #[test]
    fn calls_are_built_of_what_is_required_and_what_is_set() {
        let call = functions::SendMessage::new(enums::Chat::Empty, "hi".to_owned(), 7)
            .silent(true)
            .is_loud(false)
            .reply_to(3)
            .entities(vec!["bold".to_owned()])
            .to(enums::User::User(user()));
        let expected = functions::SendMessage {
            silent: true,
            is_loud: false,
            peer: enums::Chat::Empty,
            reply_to: Some(3),
            text: "hi".to_owned(),
            random_id: 7,
            entities: Some(vec!["bold".to_owned()]),
            to: Some(Box::new(enums::User::User(user()))),
        };
        assert_eq!(call, expected);
        assert_eq!(
            functions::DeleteAll::new().now(true).silent_bytes(),
            [1, 0, 0, 0]
        );
        let odd = types::Odd::new()
            .is_set(true)
            .to_all(true)
            .new2(1)
            .from_id(2)
            .add2(3);
        assert_eq!((odd.new, odd.from_id, odd.add), (Some(1), Some(2), Some(3)));
        let many = functions::Many::new(1, 2, 3, 4, 5, 6, 7, 8).j(9);
        assert_eq!((many.h, many.i, many.j), (8, None, Some(9)));
        let borrowed =
            borrowed::functions::SendMessage::new(Default::default(), "hi", 7).silent(true);
        assert_eq!(borrowed.text, "hi");
    }

    trait AfterId {
        fn silent_bytes(&self) -> Vec<u8>;
    }

    impl AfterId for functions::DeleteAll {
        fn silent_bytes(&self) -> Vec<u8> {
            encode(self).expect("it can be written")[4..8].to_vec()
        }
    }

    #[test]
    fn all_is_less_than_several() {
        use super::methods_of_all::{enums, types};
        let photo = enums::Photo::Empty(types::PhotoEmpty { id: 4 });
        assert_eq!(photo.id(), 4);
        let source = include_str!("fixtures/options/methods_of_all/enums.rs");
        assert!(!source.contains("impl Chat {"), "`chatEmpty` has no fields");
        // Of two types, and of none that is the same for all: no method.
        assert!(!source.contains("impl Sizes {"));
    }
}

mod layouts {
    use super::flat::{enums, functions, types};
    use super::*;

    #[test]
    fn flat_names_hold_their_namespaces() {
        let call = functions::MessagesSend {
            text: vec![0xff, 0xfe],
        };
        let other = functions::AccountSend { text: vec![] };
        assert_ne!(encode(&call), encode(&other));
        let bytes = [
            &words(&[0x4b58_49dd]),
            &[2, 0xff, 0xfe, 0][..],
            &words(&[1]),
        ]
        .concat();
        let message: enums::MessagesMessage = decode(&bytes).expect("strings are bytes here");
        let expected = types::Message {
            text: vec![0xff, 0xfe],
            id: 1,
        };
        assert_eq!(message, enums::MessagesMessage::Message(expected));
        assert_eq!(answer(&call, &bytes), message);
    }

    fn answer<F: Function>(call: &F, bytes: &[u8]) -> F::Return {
        telegram_tl::wire::decode_return(call, bytes).expect("the answer fits")
    }

    #[test]
    fn null_in_words_is_told_apart() {
        let docs = include_str!("fixtures/options/flat/functions.rs");
        assert!(docs.contains("/// Nullable: Pass null to keep the last one.\n    pub text:"));
        let docs = include_str!("fixtures/options/flat/types.rs");
        assert!(docs.contains("/// Nullable: may be null if it has none.\n    pub text:"));
        assert_eq!(docs.matches("Nullable").count(), 1);
    }
}

mod shared_bytes {
    use super::shared::{borrowed, types};
    use super::*;
    use allocation_counter::measure;
    use mtproto_runtime::wire::{Bytes, Reader, decode_bytes};

    fn file() -> types::File {
        types::File {
            id: 1,
            parts: vec![
                Bytes::from(vec![1; 1000]),
                Bytes::from(vec![2; 300]),
                Bytes::new(),
            ],
            thumb: Some(Bytes::from_static(b"thumb")),
            name: "n".to_owned(),
        }
    }

    #[test]
    fn they_are_parts_of_the_input() {
        let input = Bytes::from(encode(&file()).expect("it can be written"));
        let mut read = None;
        // The vector and the name; the input is counted once for all who share it.
        let allocations = measure(|| read = decode_bytes::<types::File>(&input).ok());
        let read = read.expect("it can be read");
        assert_eq!(read, file());
        for part in read.parts[..2].iter().chain(&read.thumb) {
            assert!(input.as_ptr_range().contains(&part.as_ptr()));
        }
        assert_eq!(read.parts[2].len(), 0);
        assert_eq!(encode(&read).as_deref(), Ok(&input[..]));
        let counted = allocations.count_total;
        let again = measure(|| assert!(decode_bytes::<types::File>(&input).is_ok()));
        assert_eq!(
            (counted, again.count_total),
            (3, 2),
            "the first one makes the count"
        );
        // In the form that borrows only the vector is allocated, and owning it copies no part.
        let borrowed: borrowed::types::File<'_> = decode_bytes(&input).expect("the same");
        let owned = borrowed.to_owned();
        assert!(std::ptr::eq(&owned.parts[0][..], &borrowed.parts[0][..]));
        assert_eq!(owned, read);
    }

    #[test]
    fn they_are_copies_of_what_cannot_be_shared() {
        let input = encode(&file()).expect("it can be written");
        let read: types::File = decode(&input).expect("it can be read");
        assert_eq!(read, file());
        assert!(!input.as_ptr_range().contains(&read.parts[0].as_ptr()));
    }

    #[test]
    fn a_limited_part_and_a_failed_reader_share_too() {
        let input = Bytes::from(vec![3, 1, 2, 3, 9, 9, 9, 9]);
        let mut r = Reader::from_bytes(&input);
        let part = r.limited(4, |r| r.shared_bytes());
        assert_eq!(
            (&part[..], part.as_ptr()),
            (&[1, 2, 3][..], input[1..].as_ptr())
        );
        assert_eq!(r.shared_bytes(), Bytes::new());
        let error = r.finish().expect_err("nine bytes are not there");
        assert_eq!((error.offset, error.reading), (4, "bytes"));
    }
}
