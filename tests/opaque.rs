//! Values kept as bytes: the walk over definitions that finds where one ends accepts and refuses what generated code does, and
//! bindings that keep some types are, around these, the same as bindings that keep none.
//!
//! The bindings are those of `fixtures/options/opaque.tl`; `tl-codegen`'s test `options` makes them.

#![deny(warnings, missing_docs, clippy::all)]

#[path = "support/random.rs"]
#[allow(dead_code, reason = "only whole types are made here")]
mod random;

use random::{Maker, Rng};
use telegram_tl::api::{self, registry};
use telegram_tl::wire::{
    DecodeError, DecodeErrorKind, Definitions, ExpectedIds, Limits, RawObjectRef, Reader, TlRead,
    TlWrite, decode, decode_with, encode,
};

/// Random values of each type.
const VALUES: u64 = 6;
/// The longest input of which every byte is spoilt; of longer ones some are.
const SPOILT_BYTES: usize = 160;
/// Generated code counts memory by the sizes of its own types: with more than they take all other failures show. It ends what
/// counts items that take no bytes.
const MEMORY_BYTES: usize = 16 << 20;

fn limits(bytes: &[u8]) -> Limits {
    Limits::for_input(bytes.len()).with_allocation_bytes(MEMORY_BYTES)
}

/// Where an object ends by the walk.
fn passed<'a>(
    bytes: &'a [u8],
    ty: &'static str,
    definitions: &'static Definitions,
) -> Result<RawObjectRef<'a>, DecodeError> {
    let mut r = Reader::with_limits(bytes, limits(bytes));
    let object = r.opaque_ref(ty, definitions);
    r.finish().map(|()| object)
}

/// What is comparable of an outcome, as text.
fn told(outcome: Result<(), DecodeError>) -> String {
    let Err(DecodeError {
        offset,
        reading,
        kind,
        ..
    }) = outcome
    else {
        return String::new();
    };
    let kind = match kind {
        DecodeErrorKind::UnexpectedConstructor { found, expected } => {
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            format!("{found:08x}, expected {expected:08x?}")
        }
        DecodeErrorKind::AllocationLimit { .. } => "memory".to_owned(),
        kind => format!("{kind:?}"),
    };
    format!("{offset}: {reading}: {kind}")
}

#[derive(Debug, Default)]
struct Count {
    types: u32,
    inputs: u32,
    refused: u32,
}

impl Count {
    fn same<T: for<'a> TlRead<'a>>(&mut self, bytes: &[u8], ty: &'static str) {
        let read = decode_with::<T>(bytes, limits(bytes)).map(drop);
        let walked = passed(bytes, ty, &registry::DEFINITIONS);
        self.inputs += 1;
        self.refused += u32::from(read.is_err());
        if let Ok(object) = walked {
            assert_eq!(object.as_bytes(), bytes, "{ty}");
        }
        let walked = walked.map(drop);
        assert_eq!(told(walked), told(read), "{ty}: {bytes:02x?}");
    }

    /// Random values, cut at every length, and with every byte spoilt.
    fn check<T: for<'a> TlRead<'a>>(&mut self, maker: &mut Maker<'_>, ty: &'static str) {
        self.types += 1;
        for value in 0..VALUES {
            let bytes = maker.boxed(ty);
            self.same::<T>(&bytes, ty);
            if value > 0 {
                continue;
            }
            let step = 1 + bytes.len() / SPOILT_BYTES;
            for len in (0..bytes.len()).step_by(step) {
                self.same::<T>(&bytes[..len], ty);
            }
            let mut rng = Rng::new(bytes.len() as u64);
            for at in (0..bytes.len()).step_by(step) {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << rng.below(8);
                self.same::<T>(&bytes, ty);
                bytes[at] = [0, 1, 2, 5, 0x7f, 0xfe, 0xff][rng.below(7)];
                self.same::<T>(&bytes, ty);
            }
            let longer = [&bytes[..], &[0; 4]].concat();
            self.same::<T>(&longer, ty);
        }
    }
}

#[test]
fn what_is_passed_over_is_what_generated_code_reads_for_every_type_of_the_api() {
    let schema = random::schema("schemas/api.tl");
    let mut maker = Maker::new(&schema, None, 5);
    let mut count = Count::default();
    macro_rules! item {
        (api, Type, $tl_name:literal, $($path:tt)+) => {{
            count.check::<api::$($path)+>(&mut maker, $tl_name);
        }};
        ($($other:tt)+) => {};
    }
    include!(concat!(env!("OUT_DIR"), "/inventory.rs"));
    assert!(count.types > 600, "{count:?}");
    assert!(count.refused > 30_000, "{count:?}");
    assert!(count.inputs - count.refused > 5_000, "{count:?}");
}

/// Bindings that keep some of the schema's types and constructors as bytes.
#[path = "fixtures/options/opaque/mod.rs"]
pub mod kept;
/// The same as a client of a newer peer would have them: forms that borrow, unknown constructors, strings of any bytes.
#[path = "fixtures/options/opaque_borrowed/mod.rs"]
pub mod kept_borrowed;
/// The same, each type with traits of its own.
#[path = "fixtures/options/opaque_derived/mod.rs"]
pub mod kept_derived;
/// Bindings that keep none.
#[path = "fixtures/options/opaque_looked_into/mod.rs"]
pub mod looked_into;

const SCHEMA: &str = "tests/fixtures/options/opaque.tl";

fn words(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// What stands before and after a value does not change what becomes of it, and what it becomes is what was read.
fn same_as_looked_into<K, L>(ty: &str) -> (u32, u32)
where
    K: for<'a> TlRead<'a> + TlWrite,
    L: for<'a> TlRead<'a> + TlWrite,
{
    let schema = random::schema(SCHEMA);
    let mut maker = Maker::new(&schema, None, 7);
    let (mut accepted, mut refused) = (0, 0);
    let mut same = |bytes: &[u8]| {
        let kept = decode_with::<K>(bytes, limits(bytes));
        let looked_into = decode_with::<L>(bytes, limits(bytes));
        if let (Ok(kept), Ok(looked_into)) = (&kept, &looked_into) {
            accepted += 1;
            // What is not looked into comes back as it was, however it might have been written.
            let again = encode(kept).expect("it was read");
            let rewritten = decode_with::<L>(&again, limits(&again)).expect("it was read");
            let rewritten = encode(&rewritten);
            assert_eq!(rewritten, encode(looked_into), "{ty}");
        } else {
            refused += 1;
        }
        let outcomes = (told(kept.map(drop)), told(looked_into.map(drop)));
        assert_eq!(outcomes.0, outcomes.1, "{ty}: {bytes:02x?}");
    };
    for value in 0..120 {
        let bytes = maker.boxed(ty);
        same(&bytes);
        if value < 8 {
            let step = 1 + bytes.len() / SPOILT_BYTES;
            let mut rng = Rng::new(value + 1);
            for at in (0..bytes.len()).step_by(step) {
                same(&bytes[..at]);
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << rng.below(8);
                same(&bytes);
                bytes[at] = [0, 1, 2, 5, 0x7f, 0xfe, 0xff][rng.below(7)];
                same(&bytes);
            }
        }
    }
    (accepted, refused)
}

#[test]
fn what_holds_kept_values_is_read_as_by_bindings_that_keep_none() {
    macro_rules! check {
        ($($ty:ident $tl_name:literal)+) => {$(
            let (accepted, refused) =
                same_as_looked_into::<kept::enums::$ty, looked_into::enums::$ty>($tl_name);
            assert!(accepted >= 120 && refused > 30, "{accepted}, {refused}");
        )+};
    }
    check! { Message "Message" Action "Action" Page "Page" Only "Only" Cell "Cell" }
    let (accepted, refused) = same_as_looked_into::<
        kept::enums::files::Photo,
        looked_into::enums::files::Photo,
    >("files.Photo");
    assert!(accepted >= 120 && refused > 30, "{accepted}, {refused}");
}

#[test]
fn what_is_kept_can_be_read_later() {
    let blocks = words([0xeba2_88c3, 0x9972_75b5, 0x0069_6802]);
    let page = [
        words([0x15ef_b762, 4, 0x0062_6102, 0x1cb5_c415, 1]),
        blocks,
        words([5]),
    ]
    .concat();
    let message = [words([0x10b8_80e2]), page.clone()].concat();
    let kept::enums::Only::Page(only) = decode(&message).expect("it is right");
    assert_eq!(
        (only.page.id(), only.page.as_bytes()),
        (0x15ef_b762, &page[..])
    );
    assert_eq!(kept::registry::name(only.page.id()), Some("page"));
    let looked_into::enums::Page::Page(read) = only.page.decode().expect("it was held against it")
    else {
        panic!("another constructor")
    };
    assert_eq!((&*read.url, read.date, read.is_rtl), ("ab", Some(5), false));
    assert_eq!(read, only.page.decode_boxed().expect("it is this one"));
    // And a value that something else has made can be kept.
    let value = looked_into::enums::Page::Page(read);
    let again: kept::enums::Page =
        decode(&encode(&value).expect("it is right")).expect("it is one");
    assert_eq!(again, only.page);
    assert!(decode::<kept::enums::Page>(&page[..page.len() - 4]).is_err());

    let borrowed: kept_borrowed::borrowed::enums::Page<'_> = decode(&page).expect("it is one");
    assert_eq!(borrowed.as_bytes().as_ptr(), page.as_ptr());
    assert!(borrowed.decode::<looked_into::enums::Page>().is_ok());
    assert_eq!(borrowed.to_owned().as_bytes(), page);
    assert_eq!(encode(&borrowed).as_ref(), Ok(&page));
}

#[test]
fn a_constructor_that_is_kept_is_a_variant_of_its_own() {
    let bytes = words([0xc2e6_dfad, 7, 0, 0xcaa9_682f]);
    let action: kept::enums::Action = decode(&bytes).expect("it is one");
    let kept::enums::Action::Opaque(object) = &action else {
        panic!("{action:?}")
    };
    assert_eq!((object.id(), object.as_bytes()), (0xc2e6_dfad, &bytes[..]));
    assert_eq!(encode(&action).as_ref(), Ok(&bytes));
    // An id of another type, and one of none.
    for id in [0xcaa9_682f, 0x0bad_cafe] {
        let bytes = words([id, 7, 0]);
        let error = decode::<kept::enums::Action>(&bytes).expect_err("it is none");
        let ids = &[0x1d1a_cbb6, 0x43ba_39f7, 0xc2e6_dfad, 0x2579_6af6];
        let expected = DecodeErrorKind::UnexpectedConstructor {
            found: id,
            expected: ExpectedIds::AnyOf(ids),
        };
        assert_eq!(
            (error.offset, error.reading, error.kind),
            (0, "Action", expected)
        );
    }
}

#[test]
fn json_is_that_of_bindings_that_keep_none() {
    let schema = random::schema(SCHEMA);
    let mut maker = Maker::new(&schema, None, 9);
    macro_rules! check {
        ($($ty:ident $tl_name:literal)+) => {$(
            for _ in 0..60 {
                let bytes = maker.boxed($tl_name);
                let kept: kept::enums::$ty = decode(&bytes).expect("it can be read");
                let looked_into: looked_into::enums::$ty = decode(&bytes).expect("it can be read");
                let text = serde_json::to_string(&kept).expect("it can be told");
                assert_eq!(text, serde_json::to_string(&looked_into).expect("it can be told"));
                let again: kept::enums::$ty = serde_json::from_str(&text).expect("it was told");
                assert_eq!(encode(&again), Ok(bytes), "{text}");
            }
        )+};
    }
    check! { Message "Message" Action "Action" Page "Page" Only "Only" }
    let error = serde_json::from_str::<kept::enums::Only>(
        r#"{"@type": "onlyPage", "page": {"@type": "page", "url": 5}}"#,
    );
    let error = error.expect_err("no text").to_string();
    assert!(
        error.starts_with("at page.url: expected a string"),
        "{error}"
    );
}

#[test]
fn traits_by_one_function_say_and_find_what_derived_ones_do() {
    let schema = random::schema(SCHEMA);
    let mut maker = Maker::new(&schema, None, 11);
    let inputs: Vec<_> = (0..60).map(|_| maker.boxed("Message")).collect();
    let read = |bytes: &Vec<u8>| -> (kept::enums::Message, kept_derived::enums::Message) {
        let read = (decode(bytes), decode(bytes));
        (
            read.0.expect("it can be read"),
            read.1.expect("it can be read"),
        )
    };
    let values: Vec<_> = inputs.iter().map(read).collect();
    for (shared, derived) in &values {
        assert_eq!(format!("{shared:?}"), format!("{derived:?}"));
        assert_eq!(format!("{shared:#?}"), format!("{derived:#?}"));
        for other in &values {
            assert_eq!(*shared == other.0, *derived == other.1);
        }
    }
    let action: kept::enums::Action = decode(&words([0x2579_6af6, 0])).expect("it is one");
    assert_eq!(
        format!("{action:?}"),
        "Opaque(RawObject(0x25796af6, 8 bytes))"
    );
    let page: kept::enums::Page = decode(&words([0xcaa9_682f])).expect("it is one");
    let only = kept::types::OnlyPage { page };
    assert_eq!(
        format!("{only:?}"),
        "OnlyPage { page: Page(RawObject(0xcaa9682f, 4 bytes)) }"
    );
}

#[test]
fn depth_is_bounded_as_it_is_for_what_is_read() {
    // `list`, with a `list` in it, and so on; `chain`, with a `link` in a `link`.
    let lists = |depth| {
        let level = [0x0494_d2e9, 0, 0x8000_0000];
        words(
            [0x15ef_b762, 0, 0, 0x1cb5_c415, 1]
                .into_iter()
                .chain(level.repeat(depth)),
        )
    };
    let links = |depth| {
        let start = [0x15ef_b762, 0, 0, 0x1cb5_c415, 1, 0xbf65_c2ec];
        words(start.into_iter().chain([1].repeat(depth)))
    };
    // `actionGift`, a constructor that is kept, with another one in it.
    let gifts = |depth| {
        let level = [0x2579_6af6, 2];
        words(level.repeat(depth).into_iter().chain([0x43ba_39f7]))
    };
    for bytes in [gifts(10), gifts(62), gifts(63), gifts(64), gifts(65)] {
        let kept = decode_with::<kept::enums::Action>(&bytes, limits(&bytes)).map(drop);
        let read = decode_with::<looked_into::enums::Action>(&bytes, limits(&bytes)).map(drop);
        assert_eq!(told(kept), told(read), "{} bytes", bytes.len());
    }
    for bytes in [lists(10), lists(63), lists(64), lists(65), lists(100_000)] {
        let kept = decode_with::<kept::enums::Page>(&bytes, limits(&bytes)).map(drop);
        let read = decode_with::<looked_into::enums::Page>(&bytes, limits(&bytes)).map(drop);
        assert_eq!(told(kept), told(read), "{} bytes", bytes.len());
    }
    for bytes in [links(10), links(62), links(63), links(64), links(100_000)] {
        let kept = decode_with::<kept::enums::Page>(&bytes, limits(&bytes)).map(drop);
        let read = decode_with::<looked_into::enums::Page>(&bytes, limits(&bytes)).map(drop);
        assert_eq!(told(kept), told(read), "{} bytes", bytes.len());
    }
    let error = decode::<kept::enums::Page>(&lists(100_000)).expect_err("too deep");
    assert_eq!(error.kind, DecodeErrorKind::DepthLimit { limit: 64 });
}

#[test]
fn items_without_bytes_are_paid_for() {
    // `rows` with no rows, and marks: bare values without fields.
    let page = |marks: u32| {
        words([
            0x15ef_b762,
            0,
            0,
            0x1cb5_c415,
            1,
            0xfd1b_053d,
            0,
            0x1cb5_c415,
            marks,
        ])
    };
    assert!(decode::<kept::enums::Page>(&page(1000)).is_ok());
    for marks in [1 << 20, i32::MAX as u32] {
        let error = decode::<kept::enums::Page>(&page(marks)).expect_err("nothing pays for them");
        assert_eq!((error.offset, error.reading), (32, "Vector"));
        assert!(
            matches!(error.kind, DecodeErrorKind::AllocationLimit { .. }),
            "{error}"
        );
    }
}

#[test]
fn bindings_that_are_less_strict_keep_what_is_so() {
    use kept_borrowed::{borrowed, enums};

    // A string that is not UTF-8.
    let odd = words([0xeba2_88c3, 0x9972_75b5, 0x0000_ff01]);
    let page = [words([0x15ef_b762, 0, 0, 0x1cb5_c415, 1]), odd].concat();
    assert!(decode::<enums::Page>(&page).is_ok());
    let error = decode::<kept::enums::Page>(&page).expect_err("text is UTF-8");
    assert_eq!(
        (error.offset, error.kind),
        (29, DecodeErrorKind::InvalidUtf8)
    );
    // A bit without a meaning.
    let page = words([0x15ef_b762, 1 << 9, 0, 0x1cb5_c415, 0]);
    assert!(decode::<enums::Page>(&page).is_ok());
    let error = decode::<kept::enums::Page>(&page).expect_err("the bit has no meaning");
    assert!(matches!(
        error.kind,
        DecodeErrorKind::UnknownFlagBits { bits: 512, .. }
    ));
    // A constructor that came later: kept where it is the last of its message, and an error anywhere else.
    let last = words([0x15ef_b762, 0, 0, 0x1cb5_c415, 1, 0x0bad_cafe, 1, 2]);
    let kept: borrowed::enums::Page<'_> = decode(&last).expect("it is the last");
    assert_eq!(kept.as_bytes(), last);
    let before = words([0x15ef_b762, 0, 0, 0x1cb5_c415, 2, 0x0bad_cafe, 1, 2]);
    let error =
        decode::<borrowed::enums::Page<'_>>(&before).expect_err("nothing tells where it ends");
    assert_eq!((error.offset, error.reading), (20, "Block"));
    for (action, is_unknown) in [(0x2579_6af6, false), (0x0bad_cafe, true)] {
        let bytes = words([action, 0]);
        let value: enums::Action = decode(&bytes).expect("it is kept");
        assert_eq!(matches!(value, enums::Action::Unknown(_)), is_unknown);
        let lies: borrowed::enums::Action<'_> = decode(&bytes).expect("it is kept");
        assert_eq!(
            matches!(lies, borrowed::enums::Action::Unknown(_)),
            is_unknown
        );
        assert_eq!(lies.to_owned(), value);
    }
}
