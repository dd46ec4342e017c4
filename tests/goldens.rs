//! The goldens of `fixtures/generate` as any crate would use them: they compile without a warning, and what they read and
//! write is what was worked out by hand from <https://core.telegram.org/mtproto/serialize>.
//!
//! `tl-codegen`'s test `generate` proves that the generator makes them, and writes them anew with `SNAPSHOTS=overwrite`.

#![deny(warnings, missing_docs, unreachable_pub, rust_2018_idioms, clippy::all)]

use std::fmt::Debug;

use telegram_tl::wire::{
    Combinator, DecodeErrorKind, EncodeError, Function, Int128, Int256, Int512, RawObject, TlRead,
    TlWrite, VECTOR_ID, decode, decode_return, encode,
};

macro_rules! goldens {
    ($($name:ident in $path:literal)+) => {
        $(
            #[doc = concat!("Generated from `", stringify!($name), ".tl`.")]
            #[path = $path]
            pub mod $name;
        )+
        const GOLDENS: &[(&str, &str)] = &[$((stringify!($name), $path)),+];
    };
}

goldens! {
    bare_constructors in "fixtures/generate/bare_constructors/mod.rs"
    builtin_fields in "fixtures/generate/builtin_fields/mod.rs"
    changing_layers in "fixtures/generate/changing_layers/mod.rs"
    computed_ids in "fixtures/generate/computed_ids/mod.rs"
    conversions in "fixtures/generate/conversions/mod.rs"
    declared_builtins in "fixtures/generate/declared_builtins/mod.rs"
    definitions_in_docs in "fixtures/generate/definitions_in_docs/mod.rs"
    doc_comments in "fixtures/generate/doc_comments/mod.rs"
    docs_link in "fixtures/generate/docs_link/mod.rs"
    flags_words in "fixtures/generate/flags_words/mod.rs"
    function_returns_vector in "fixtures/generate/function_returns_vector/mod.rs"
    functions_are_only_written in "fixtures/generate/functions_are_only_written/mod.rs"
    functions_and_results in "fixtures/generate/functions_and_results/mod.rs"
    hostile_names in "fixtures/generate/hostile_names/mod.rs"
    hostile_names_everywhere in "fixtures/generate/hostile_names_everywhere/mod.rs"
    large_structs_box_fields in "fixtures/generate/large_structs_box_fields/mod.rs"
    large_variants_are_boxed in "fixtures/generate/large_variants_are_boxed/mod.rs"
    layers in "fixtures/generate/layers/mod.rs"
    namespaces in "fixtures/generate/namespaces/mod.rs"
    objects_with_length in "fixtures/generate/objects_with_length/mod.rs"
    recursion_is_boxed in "fixtures/generate/recursion_is_boxed/mod.rs"
    shared_flag_bits in "fixtures/generate/shared_flag_bits/mod.rs"
    stated_layer in "fixtures/generate/stated_layer/mod.rs"
    true_without_a_flag in "fixtures/generate/true_without_a_flag/mod.rs"
    unit_variants in "fixtures/generate/unit_variants/mod.rs"
    unused_flags_word in "fixtures/generate/unused_flags_word/mod.rs"
    vectors in "fixtures/generate/vectors/mod.rs"
    wrapped_queries in "fixtures/generate/wrapped_queries/mod.rs"
}

/// The goldens that have a test program of their own.
const ELSEWHERE: &[&str] = &["dependent_types", "server_traits"];

#[test]
fn every_fixture_is_here() {
    let entries = std::fs::read_dir("tests/fixtures/generate").expect("the fixtures are there");
    let names = entries.map(|entry| entry.expect("it can be read").file_name());
    let mut fixtures: Vec<_> = names
        .filter_map(|name| Some(name.to_str()?.strip_suffix(".tl")?.to_owned()))
        .collect();
    fixtures.sort();
    let expected: Vec<_> = fixtures
        .iter()
        .map(|name| (name.as_str(), format!("fixtures/generate/{name}/mod.rs")))
        .collect();
    let mut found: Vec<_> = GOLDENS
        .iter()
        .map(|&(name, path)| (name, path.to_owned()))
        .collect();
    let elsewhere = ELSEWHERE.iter();
    found.extend(elsewhere.map(|&name| (name, format!("fixtures/generate/{name}/mod.rs"))));
    found.sort();
    assert_eq!(found, expected);
}

/// The value is written as these words, and read from them.
///
/// Each line is some bytes in hex, and behind `//` what they are.
#[track_caller]
fn is_on_the_wire<T>(value: &T, words: &str)
where
    T: for<'a> TlRead<'a> + TlWrite + PartialEq + Debug,
{
    let bytes = bytes(words);
    assert_eq!(encode(value).as_ref(), Ok(&bytes));
    assert_eq!(decode::<T>(&bytes).as_ref(), Ok(value));
}

#[track_caller]
fn bytes(words: &str) -> Vec<u8> {
    let digits: Vec<_> = words
        .lines()
        .flat_map(|line| line.split("//").next())
        .flat_map(|hex| hex.chars().filter(|digit| !digit.is_whitespace()))
        .map(|digit| digit.to_digit(16).expect("a hex digit") as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// What the function's answer is read as.
fn answer<F: Function>(call: &F, words: &str) -> F::Return {
    decode_return(call, &bytes(words)).expect("the answer fits")
}

#[test]
fn builtin_fields() {
    use builtin_fields::{enums, types};
    let builtins = types::Builtins {
        int: -2,
        long: 0x0000_0001_0000_0005,
        wide: 1 << 53,
        double: 1.5,
        text: "hé".into(),
        raw: vec![1, 2, 3, 4],
        is_set: true,
        count: 0xffff_fffe,
    };
    let words = "
        feffffff                // int: -2
        05000000 01000000       // long
        00000000 00002000       // wide: 2^53
        00000000 0000f83f       // double: 1.5
        03 68 c3a9              // text: 3 bytes
        04 01020304 000000      // raw: 4 bytes and 3 of padding
        b5757299                // is_set: boolTrue
        feffffff                // count";
    is_on_the_wire(&builtins, words);
    // The id, behind it the same again.
    is_on_the_wire(
        &enums::Builtins::Builtins(builtins),
        &format!("b6726bf3 // builtins\n{words}"),
    );
    let digest: Vec<u8> = (0..64).collect();
    is_on_the_wire(
        &types::Numbers {
            nonce: Int128(*b"0123456789abcdef"),
            new_nonce: Int256([0xee; 32]),
            digest: Int512(digest.try_into().expect("64 bytes")),
        },
        "
        30313233 34353637 38396162 63646566 // nonce: in the order of its bytes
        eeeeeeee eeeeeeee eeeeeeee eeeeeeee // new_nonce
        eeeeeeee eeeeeeee eeeeeeee eeeeeeee
        00010203 04050607 08090a0b 0c0d0e0f // digest
        10111213 14151617 18191a1b 1c1d1e1f
        20212223 24252627 28292a2b 2c2d2e2f
        30313233 34353637 38393a3b 3c3d3e3f",
    );
    is_on_the_wire(
        &types::Answer {
            to: 1,
            body: RawObject::new(bytes("379779bc")).expect("it is an object"),
        },
        "
        01000000 00000000 // to
        379779bc          // body: boolFalse",
    );
}

#[test]
fn declared_builtins() {
    use declared_builtins::{registry, types};
    let sample = types::Sample {
        is_new: true,
        id: 3,
        key: Int128([1; 16]),
        hash: Int256([2; 32]),
        value: -0.5,
        data: vec![],
        is_last: false,
        names: vec!["abc".into()],
    };
    is_on_the_wire(
        &sample,
        "
        01000000                            // flags: is_new
        03000000 00000000                   // id
        01010101 01010101 01010101 01010101 // key
        02020202 02020202 02020202 02020202 // hash
        02020202 02020202 02020202 02020202
        00000000 0000e0bf                   // value: -0.5
        00000000                            // data: 0 bytes and 3 of padding
        379779bc                            // is_last: boolFalse
        15c4b51c                            // names: vector
        01000000                            // one
        03616263                            // 3 bytes",
    );
    assert_eq!(registry::name(VECTOR_ID), Some("vector"));
    assert_eq!(registry::name(1), None);
}

#[test]
fn flags_words() {
    use flags_words::{enums, types};
    let none = types::Settings {
        id: 7,
        is_muted: false,
        volume: None,
        is_pinned: false,
        title: String::new(),
        theme: None,
        palette: None,
        sound: None,
    };
    is_on_the_wire(
        &none,
        "
        07000000 00000000 // id
        00000000          // flags
        00000000          // title
        00000000          // flags2",
    );
    let all = types::Settings {
        is_muted: true,
        volume: Some(100),
        is_pinned: true,
        theme: Some("t".into()),
        palette: Some(vec![255]),
        sound: Some("s".into()),
        ..none.clone()
    };
    is_on_the_wire(
        &enums::Settings::Settings(all),
        "
        e174bb31          // settings
        07000000 00000000 // id
        07000080          // flags: 0, 1, 2 and 31
        64000000          // volume
        00000000          // title
        01000080          // flags2: 0 and 31
        01740000          // theme
        15c4b51c          // palette: vector
        01000000          // one
        ff000000
        01730000          // sound",
    );
    let unknown = bytes(
        "
        07000000 00000000 // id
        08000000          // flags: 3",
    );
    let error = decode::<types::Settings>(&unknown).expect_err("no field has the bit 3");
    assert!(
        matches!(error.kind, DecodeErrorKind::UnknownFlagBits { bits: 8, .. }),
        "{error}"
    );
}

#[test]
fn unused_flags_word() {
    is_on_the_wire(
        &unused_flags_word::types::Reserved {
            flags: 0x8000_0001,
            id: 1,
        },
        "
        01000080 // flags
        01000000 // id",
    );
}

#[test]
fn shared_flag_bits() {
    use shared_flag_bits::types::Place;
    let nowhere = Place {
        latitude: None,
        longitude: None,
        is_named: false,
        name: None,
    };
    is_on_the_wire(&nowhere, "00000000 // flags");
    let somewhere = Place {
        latitude: Some(1.0),
        longitude: Some(2.0),
        is_named: true,
        name: Some("x".into()),
    };
    is_on_the_wire(
        &somewhere,
        "
        09000000          // flags: 0 and 3
        00000000 0000f03f // latitude: 1.0
        00000000 00000040 // longitude: 2.0
        01780000          // name",
    );
    let half = Place {
        longitude: None,
        ..somewhere.clone()
    };
    assert_eq!(
        encode(&half),
        Err(EncodeError::Contradiction {
            combinator: "place",
            what: "flags.0"
        })
    );
    let unnamed = Place {
        is_named: false,
        ..somewhere
    };
    assert_eq!(
        encode(&unnamed),
        Err(EncodeError::Contradiction {
            combinator: "place",
            what: "flags.3"
        })
    );
}

#[test]
fn vectors() {
    use vectors::{enums, types};
    is_on_the_wire(
        &types::OfNumbers {
            boxed: vec![1, 2],
            bare: vec![3],
            percent: vec![],
            words: vec![-1],
        },
        "
        15c4b51c 02000000 01000000 02000000 // boxed: vector, two
        01000000 03000000 00000000          // bare: one
        00000000                            // percent: none
        01000000 ffffffff                   // words: one",
    );
    is_on_the_wire(
        &types::OfBytes {
            boxed: vec![vec![9], vec![]],
            bare: vec!["ab".into()],
            optional: Some(vec![true, false]),
        },
        "
        15c4b51c 02000000 01090000 00000000 // boxed: vector, two
        01000000 02616200                   // bare: one
        01000000                            // flags: 0
        15c4b51c 02000000 b5757299 379779bc // optional: vector, two, boolTrue, boolFalse",
    );
    let point = |x, y| types::Point { x, y };
    let boxed_point = |x, y| enums::Point::Point(point(x, y));
    is_on_the_wire(
        &types::OfPoints {
            boxed: vec![boxed_point(1, 2)],
            of_bare: vec![point(3, 4)],
            by_name: vec![point(5, 6)],
            bare: vec![boxed_point(7, 8)],
        },
        "
        15c4b51c 01000000 f470fee3 01000000 02000000 // boxed: vector, one, point
        15c4b51c 01000000          03000000 04000000 // of_bare: vector, one
                 01000000          05000000 06000000 // by_name: one
                 01000000 f470fee3 07000000 08000000 // bare: one, point",
    );
    is_on_the_wire(
        &enums::Vectors::OfVectors(types::OfVectors {
            boxed: vec![vec![1], vec![]],
            of_bare: vec![vec![2]],
            bare: vec![vec![boxed_point(3, 4)]],
            deep: vec![vec![vec!["d".into()]]],
            optional: Some(vec![vec![5]]),
        }),
        "
        9849bf4c                                     // ofVectors
        15c4b51c 02000000                            // boxed: vector, two
        15c4b51c 01000000 01000000                   //   vector, one
        15c4b51c 00000000                            //   vector, none
        15c4b51c 01000000 01000000 02000000          // of_bare: vector, one, one
        01000000 15c4b51c 01000000                   // bare: one, vector, one
        f470fee3 03000000 04000000                   //   point
        15c4b51c 01000000 15c4b51c 01000000          // deep: vector, one, vector, one
        15c4b51c 01000000 01640000                   //   vector, one
        10000000                                     // flags: 4
        01000000 01050000                            // optional: one",
    );
}

#[test]
fn unit_variants() {
    use unit_variants::{enums, types};
    is_on_the_wire(&enums::Color::Red, "407653ad // red");
    is_on_the_wire(
        &enums::Color::Mixed(types::Mixed { red: 1, green: 2 }),
        "
        4920fcfc          // mixed
        01000000 02000000",
    );
    is_on_the_wire(&types::Nothing, "");
    is_on_the_wire(&enums::Nothing::Nothing, "65586657 // nothing");
    is_on_the_wire(
        &types::Holder {
            nothing: types::Nothing,
            color: enums::Color::Green,
        },
        "9519b260 // color: green; nothing takes no bytes",
    );
    let error = decode::<enums::Color>(&bytes("41414141")).expect_err("no color");
    assert_eq!(
        error.to_string(),
        "at byte 0: `Color` has no constructor 0x41414141; expected one of 0xad537640, 0x60b21995, 0xfcfc2049"
    );
}

#[test]
fn large_variants_are_boxed() {
    use large_variants_are_boxed::{enums, types};
    assert!(size_of::<enums::Shape>() <= 136);
    is_on_the_wire(
        &enums::Shape::OverLimit(Box::new(types::ShapeOverLimit {
            a: Int512([0xaa; 64]),
            b: Int512([0xbb; 64]),
            c: 1,
        })),
        &format!(
            "
            07bd46ab // shapeOverLimit
            {}       // a
            {}       // b
            01000000 // c",
            "aa".repeat(64),
            "bb".repeat(64)
        ),
    );
    let row = types::LongRow {
        a: 1,
        b: 0,
        c: 0,
        d: 0,
        e: 0,
        f: 0,
        g: 0,
        h: 0,
        i: 2,
    };
    let row_words = format!("01000000 {} 02000000 00000000", "00000000".repeat(15));
    is_on_the_wire(
        &types::Table {
            short: None,
            long: Some(Box::new(row.clone())),
            boxed: Some(Box::new(enums::LongRow::LongRow(row.clone()))),
            always: row,
        },
        &format!(
            "
            02000000    // flags: 1
            {row_words} // long
            2ade2b68    // boxed: longRow
            {row_words}
            {row_words} // always"
        ),
    );
}

#[test]
fn large_structs_box_fields() {
    use large_structs_box_fields::types;
    for size in [
        size_of::<types::AtLimit>(),
        size_of::<types::OverLimit>(),
        size_of::<types::FarOverLimit>(),
    ] {
        assert!(size <= 512, "{size} bytes");
    }
    let block = |byte| types::Block {
        a: Int512([byte; 64]),
        b: Int512([byte; 64]),
    };
    is_on_the_wire(
        &types::FarOverLimit {
            a: Box::new(block(1)),
            b: block(2),
            c: block(3),
            d: block(4),
            optional: None,
            last: 5,
        },
        &format!(
            "
            00000000          // flags
            {}                // a
            {}                // b
            {}                // c
            {}                // d
            05000000 00000000 // last",
            "01".repeat(128),
            "02".repeat(128),
            "03".repeat(128),
            "04".repeat(128)
        ),
    );
}

#[test]
fn recursion_is_boxed() {
    use recursion_is_boxed::enums::{Crown, Node, RichText, Tree};
    use recursion_is_boxed::types;
    let plain = |text: &str| RichText::TextPlain(types::TextPlain { text: text.into() });
    is_on_the_wire(
        &RichText::TextBold(types::TextBold {
            text: Box::new(RichText::TextConcat(types::TextConcat {
                texts: vec![plain("a"), RichText::TextEmpty],
            })),
        }),
        "
        c4ab2467          // textBold
        d760627e          // textConcat
        15c4b51c 02000000 // vector, two
        e0944674 01610000 // textPlain
        4f823ddc          // textEmpty",
    );
    is_on_the_wire(
        &Node::Node(types::Node {
            value: 1,
            next: Some(Box::new(Node::Node(types::Node {
                value: 2,
                next: None,
            }))),
        }),
        "
        4b7013cf 01000000 01000000 // node, flags: 0, value
        4b7013cf 00000000 02000000 // node, flags, value",
    );
    let crown = Crown::Crown(types::Crown {
        height: 3,
        left: Box::new(Tree::Leaf),
        right: Box::new(Tree::Leaf),
    });
    is_on_the_wire(
        &Tree::Branch(types::Branch {
            crown: Box::new(crown),
        }),
        "
        e106dc68          // branch
        3b28920d 03000000 // crown, height
        e96acbdb e96acbdb // leaf, leaf",
    );
    // Too deep a value is an error, not the end of the stack.
    let deep = bytes(&"c4ab2467".repeat(1 << 20));
    let error = decode::<RichText>(&deep).expect_err("it never ends");
    assert!(
        matches!(error.kind, DecodeErrorKind::DepthLimit { .. }),
        "{error}"
    );
}

#[test]
fn bare_constructors() {
    use bare_constructors::{enums, types};
    let point = |x, y| types::Point { x, y };
    is_on_the_wire(
        &types::Figure {
            outline: types::Circle {
                center: point(1, 2),
                radius: 3,
            },
            label: Some(types::Label { text: "l".into() }),
            shape: enums::Shape::Line(types::Line {
                from: point(4, 5),
                to: enums::Point::Point(point(6, 7)),
            }),
        },
        "
        01000000                   // flags: 0
        01000000 02000000 03000000 // outline
        016c0000                   // label
        3927e4e6                   // shape: line
        04000000 05000000          //   from
        f470fee3 06000000 07000000 //   to: point",
    );
}

#[test]
fn functions_are_only_written() {
    use functions_are_only_written::{enums, functions, types};

    // An inherent constant goes before one of a trait.
    struct Probe<T>(std::marker::PhantomData<T>);
    impl<T: for<'a> TlRead<'a>> Probe<T> {
        const IS_READ: bool = true;
    }
    trait NotRead {
        const IS_READ: bool = false;
    }
    impl<T> NotRead for Probe<T> {}
    const {
        assert!(!Probe::<functions::users::Get>::IS_READ);
        assert!(!Probe::<functions::users::Me>::IS_READ);
        assert!(Probe::<types::User>::IS_READ);
    }

    let call = functions::users::Get { id: vec![7] };
    let id = functions::users::Get::ID.to_le_bytes();
    let sent = encode(&call).expect("it has a form");
    assert_eq!(sent[..4], id);
    let user = enums::User::User(types::User { id: 7 });
    let answer = encode(&vec![user.clone()]).expect("it has a form");
    assert_eq!(decode_return(&call, &answer), Ok(vec![user]));
}

#[test]
fn functions_and_results() {
    use functions_and_results::{enums, functions, types};
    let call = functions::help::GetNearestDc;
    is_on_the_wire(&call, "2630b31f // help.getNearestDc");
    let nearest = answer(
        &call,
        "
        75171a8e          // nearestDc
        024e4c00          // country
        02000000 04000000",
    );
    let expected = types::NearestDc {
        country: "NL".into(),
        this_dc: 2,
        nearest_dc: 4,
    };
    assert_eq!(nearest, enums::NearestDc::NearestDc(expected));

    let call = functions::account::UpdateStatus { offline: true };
    is_on_the_wire(
        &call,
        "
        2c562866 // account.updateStatus
        b5757299 // offline: boolTrue",
    );
    assert!(!answer(&call, "379779bc // boolFalse"));

    let call = functions::GetPoint {
        is_exact: true,
        near: Some(types::Point { x: 1, y: 2 }),
    };
    is_on_the_wire(
        &call,
        "
        6f3c3df1          // getPoint
        03000000          // flags: 0 and 1
        01000000 02000000 // near",
    );
    let bare: types::Point = answer(&call, "03000000 04000000");
    assert_eq!((bare.x, bare.y), (3, 4));

    assert_eq!(answer(&functions::GetCount, "ffffffff"), -1);
    assert_eq!(answer(&functions::GetText, "02686900"), "hi");
    let anything: RawObject = answer(&functions::GetAnything, "b5757299 // boolTrue");
    assert_eq!(anything.decode::<bool>(), Ok(true));
}

#[test]
fn wrapped_queries() {
    use wrapped_queries::functions::{GetState, InitConnection, InvokeAfterMsg, InvokeWithLayer};
    let call = InvokeWithLayer {
        layer: 198,
        query: InitConnection {
            api_id: 6,
            lang: Some("en".into()),
            query: InvokeAfterMsg {
                msg_id: 1,
                query: GetState,
            },
        },
    };
    let words = "
        0d0d9bda c6000000          // invokeWithLayer, layer
        f2841eb5 01000000 06000000 // initConnection, flags: 0, api_id
        02656e00                   // lang
        2d379fcb 01000000 00000000 // invokeAfterMsg, msg_id
        d600cf10                   // getState";
    is_on_the_wire(&call, words);
    let state: bool = answer(&call, "b5757299 // boolTrue");
    assert!(state);
    // A server that does not know the query keeps it as it is.
    let unknown: InvokeWithLayer<RawObject> = decode(&bytes(words)).expect("it is the same call");
    assert_eq!(unknown.query.id(), 0xb51e84f2);
    assert_eq!(encode(&unknown).as_ref(), Ok(&bytes(words)));
}

#[test]
fn function_returns_vector() {
    use function_returns_vector::{enums, functions, types};
    let call = functions::GetUsers { ids: vec![5] };
    is_on_the_wire(
        &call,
        "
        25035b8f          // getUsers
        15c4b51c 01000000 // ids: vector, one
        05000000 00000000",
    );
    let user = types::User { id: 5 };
    let users = answer(
        &call,
        "
        15c4b51c 01000000          // vector, one
        7dade574 05000000 00000000 // user",
    );
    assert_eq!(users, [enums::User::User(user.clone())]);
    let users = answer(
        &functions::GetBareUsers,
        "
        15c4b51c 01000000 // vector, one
        05000000 00000000",
    );
    assert_eq!(users, [user]);
    let ids = answer(
        &functions::GetContactIDs { hash: 0 },
        "15c4b51c 02000000 01000000 02000000 // vector, two",
    );
    assert_eq!(ids, [1, 2]);
    let names = answer(
        &functions::GetNames,
        "
        15c4b51c 01000000          // vector, one
        15c4b51c 01000000 01610000 // vector, one",
    );
    assert_eq!(names, [["a"]]);
}

#[test]
fn layers() {
    use layers::{layer_8, layer_17, layer_45};
    assert_eq!(layers::LAYERS, [8, 17, 45]);
    assert_eq!(
        (layers::LAYER, layer_8::LAYER, layer_45::LAYER),
        (45, 8, 45)
    );
    // What did not change is one type.
    let photo: layer_45::types::Photo = layer_8::types::Photo { id: 1 };
    let media: layer_17::enums::Media = layer_8::enums::Media::Photo(layer_8::types::MediaPhoto {
        photo: layer_8::enums::Photo::Photo(photo),
    });
    let media_words = "
        a526b65a                   // mediaPhoto
        6674e432 01000000 00000000 // photo";
    is_on_the_wire(&media, media_words);
    // A definition of a later layer takes the place of the one before.
    is_on_the_wire(
        &layer_8::enums::Message::Message(layer_8::types::Message {
            id: 2,
            text: "a".into(),
            media: media.clone(),
        }),
        &format!(
            "
            183e2f4d 02000000 00000000 // message, id
            01610000                   // text
            {media_words}"
        ),
    );
    is_on_the_wire(
        &layer_17::enums::Message::Message(layer_17::types::Message {
            id: 2,
            ttl: 60,
            text: "a".into(),
            media,
        }),
        &format!(
            "
            33fd1cef 02000000 00000000 // message, id
            3c000000                   // ttl
            01610000                   // text
            {media_words}"
        ),
    );
    // A message of layer 45 is as one of layer 17, but for what its media may be.
    let location = layer_8::types::Location {
        lat: 1.0,
        long: 2.0,
    };
    let media = layer_45::enums::Media::Location(layer_45::types::MediaLocation {
        location: layer_8::enums::Location::Location(location),
    });
    is_on_the_wire(
        &layer_45::types::Message {
            id: 2,
            ttl: 60,
            text: String::new(),
            media,
        },
        "
        02000000 00000000 // id
        3c000000          // ttl
        00000000          // text
        1ace59eb          // media: mediaLocation
        5d7dadbf          //   location
        00000000 0000f03f //     lat: 1.0
        00000000 00000040 //     long: 2.0",
    );
    let action = bytes("9fcad8b1 15c4b51c 00000000 // actionDelete, vector, none");
    assert!(decode::<layer_8::enums::Action>(&action).is_err());
    assert!(decode::<layer_17::enums::Action>(&action).is_ok());
}

#[test]
fn stated_layer() {
    assert_eq!(stated_layer::LAYER, 198);
    is_on_the_wire(
        &stated_layer::enums::Config::Config(stated_layer::types::Config { date: 1 }),
        "48bce6b2 01000000 // config, date",
    );
}

#[test]
fn namespaces() {
    use namespaces::{enums, functions, types};
    let point = types::Point { x: 1, y: 2 };
    let outer = types::ton::chain::Point {
        outer: enums::Point::Point(point.clone()),
        middle: enums::ton::Point::Point(types::ton::Point { x: 3 }),
        inner: point,
    };
    let words = "
        cceda787                   // ton.chain.point
        f470fee3 01000000 02000000 //   point
        6045e95e 03000000          //   ton.point
        01000000 02000000";
    let call = functions::ton::chain::GetHeader {
        point: enums::ton::chain::Point::Point(outer.clone()),
    };
    is_on_the_wire(&call, &format!("453db7eb // ton.chain.getHeader\n{words}"));
    let trailer = types::ton::chain::shard::block::Trailer { points: vec![] };
    let header = types::ton::chain::shard::block::Header {
        top: enums::ton::chain::Point::Point(outer),
        next: enums::ton::chain::shard::block::Trailer::Trailer(trailer),
    };
    let header_words = format!(
        "
        d84a32ba          // ton.chain.shard.block.header
        {words}
        d768be0f          // ton.chain.shard.block.trailer
        15c4b51c 00000000 //   vector, none"
    );
    let boxed = enums::ton::chain::shard::block::Header::Header(header);
    is_on_the_wire(&boxed, &header_words);
    assert_eq!(answer(&call, &header_words), boxed);
}

#[test]
fn hostile_names() {
    use hostile_names::{enums, functions, types};
    is_on_the_wire(
        &types::Keywords {
            r#type: 1,
            self_: 2,
            self2: 3,
            crate_: 4,
            super_: 5,
            r#fn: 6,
            r#async: 7,
            r#gen: 8,
            r#dyn: 9,
            r#abstract: 10,
            r#box: 11,
            union: 12,
        },
        "
        01000000 02000000 03000000 04000000 05000000 06000000
        07000000 08000000 09000000 0a000000 0b000000 0c000000",
    );
    is_on_the_wire(
        &types::Locals {
            r: 1,
            w: 2,
            value: 3,
            id: 4,
            bytes: 5,
            reader: Some(6),
            writer: true,
            known: vec![vec![7]],
            rest: vec![vec![8]],
        },
        "
        01000000 02000000 03000000 04000000 05000000 // r, w, value, id, bytes
        03000000 06000000                            // flags: 0 and 1, reader
        15c4b51c 01000000 15c4b51c 01000000 07000000 // known: vector, one, vector, one
        01000000 01000000 08000000                   // rest: one, one",
    );
    is_on_the_wire(
        &enums::Option::Some(types::Some { x: 1 }),
        "52a925a9 01000000 // some",
    );
    is_on_the_wire(
        &enums::Result::Result(types::Result { text: "r".into() }),
        "3d094b5b 01720000 // result",
    );
    is_on_the_wire(
        &enums::Self_::Self_(types::Self_ {
            value: enums::Self2::Self2,
        }),
        "38e3ff7a 716bd3c0 // self, self2",
    );
    let by_case = [
        enums::UserName::UserName,
        enums::UserName::UserName2(types::UserName { x: 1 }),
        enums::UserName::UserName3(types::UserName2 { y: 2 }),
    ];
    is_on_the_wire(
        &Vec::from(by_case),
        "
        15c4b51c 03000000 // vector, three
        d43d03f2          // userName
        6e4ae7a1 01000000 // user_name
        27fe4798 02000000 // user_Name",
    );
    is_on_the_wire(
        &enums::Anonymous::__(types::__ { x: 1 }),
        "36758806 01000000 // _",
    );
    is_on_the_wire(
        &enums::self_::Super::Super(types::self_::Super {
            r#type: enums::r#type::Match::Match(types::r#type::Match { x: 1 }),
        }),
        "88ec9b3f 3142a606 01000000 // self.super, type.match",
    );
    is_on_the_wire(
        &functions::X2 {
            query: functions::GetName2,
        },
        "bd73a420 385e68e1 // x2, getName",
    );
}

#[test]
fn hostile_names_everywhere() {
    use hostile_names_everywhere::{borrowed, enums, functions, types};
    // A number, a type and a field may be called as what the generated code calls its own.
    let bytes = bytes(
        "
        00000000 01000000 01000000 // r, w, value, which are to `generic` its w, id and value:
        01720000                   //   x, and none of items
        01690000                   //   id
        017a0000                   //   value: one
        f0000000                   // boxed: an id that is none",
    );
    let error = decode::<types::Told>(&bytes).expect_err("the id is none");
    assert_eq!((error.offset, error.reading), (24, "Generic"));
    let text = |text: &str| hostile_names_everywhere::types::T { text: text.into() };
    is_on_the_wire(&text("t"), "01740000");
    let lying: borrowed::types::T<'_> = decode(&[1, 0x74, 0, 0]).expect("it is read");
    assert_eq!((lying.text, lying.to_owned()), ("t", text("t")));
    is_on_the_wire(
        &types::mod_::Item {
            a: Some(1),
            b: None,
            items: vec![2],
        },
        "
        01000000 01000000 // flags: 0, a
        01000000 02000000 // n, items",
    );
    is_on_the_wire(
        &functions::wrap::R {
            r: functions::GetUserId,
            w: functions::GetUserId2,
        },
        &format!(
            "{:08x} {:08x} {:08x}",
            functions::wrap::R::<(), ()>::ID.swap_bytes(),
            functions::GetUserId::ID.swap_bytes(),
            functions::GetUserId2::ID.swap_bytes()
        ),
    );
    let user_ids = [
        enums::UserId::UserId(types::UserId { x: String::new() }),
        enums::UserId::UserId2(types::UserId2 { y: String::new() }),
        enums::UserId::UserId3(types::UserId3 { z: String::new() }),
        enums::UserId::UserId4,
    ];
    let written = encode(&user_ids.to_vec()).expect("they are written");
    assert_eq!(
        decode::<Vec<enums::UserId>>(&written).as_deref(),
        Ok(&user_ids[..])
    );
}

#[test]
fn objects_with_length() {
    use objects_with_length::{enums, types};
    let message = |msg_id, body: &str| types::Message {
        msg_id,
        seqno: 1,
        body: RawObject::new(bytes(body)).expect("it is an object"),
    };
    let container = types::MsgContainer {
        messages: vec![message(2, "b5757299"), message(3, "15c4b51c 00000000")],
    };
    is_on_the_wire(
        &enums::MessageContainer::MsgContainer(container),
        "
        dcf8f173                            // msg_container
        02000000                            // two
        02000000 00000000 01000000 04000000 // msg_id, seqno, bytes
        b5757299                            //   boolTrue
        03000000 00000000 01000000 08000000 // msg_id, seqno, bytes
        15c4b51c 00000000                   //   vector, none",
    );
    is_on_the_wire(
        &types::RpcResult {
            req_msg_id: 4,
            result: RawObject::new(bytes("15c4b51c 00000000")).expect("it is an object"),
        },
        "
        04000000 00000000 // req_msg_id
        15c4b51c 00000000 // result: vector, none",
    );
    let past_the_end = bytes(
        "
        02000000 00000000 01000000 08000000 // msg_id, seqno, bytes
        b5757299                            //   only four of them",
    );
    assert!(decode::<types::Message>(&past_the_end).is_err());
}

#[test]
fn docs_link() {
    is_on_the_wire(
        &docs_link::types::help::Support {
            phone_number: "1".into(),
            user: docs_link::enums::User::Empty(docs_link::types::UserEmpty { id: 1 }),
        },
        "
        01310000                   // phone_number
        7a4bbcd3 01000000 00000000 // user: userEmpty",
    );
}

#[test]
fn doc_comments() {
    use doc_comments::{enums, functions, types};
    is_on_the_wire(
        &functions::Draw {
            shape: enums::Shape::Circle(types::Circle {
                center: 1,
                radius: 2,
            }),
            is_filled: true,
        },
        "
        e19871cb                   // draw
        01000000                   // flags: 0
        6bf65916 01000000 02000000 // shape: circle",
    );
}

#[test]
fn definitions_in_docs() {
    is_on_the_wire(
        &definitions_in_docs::types::User {
            is_bot: true,
            id: 1,
            first_name: Some("f".into()),
            last_name: Some("l".into()),
            phone: None,
            username: None,
            about: Some("a".into()),
        },
        "
        13000000          // flags: 0, 1 and 4
        01000000 00000000 // id
        01660000          // first_name
        016c0000          // last_name
        01610000          // about",
    );
}

#[test]
fn computed_ids() {
    use computed_ids::{enums, types};
    is_on_the_wire(
        &enums::User::GetUser(types::GetUser {
            is_bot: false,
            photo: vec![1],
            photos: vec![vec![2]],
        }),
        "
        5c094a08                   // CRC-32 of `getUser flags:# is_bot:flags.0?true photo:bytes photos:Vector bytes = User`
        00000000                   // flags
        01010000                   // photo
        15c4b51c 01000000 01020000 // photos: vector, one",
    );
}

#[test]
fn true_without_a_flag() {
    is_on_the_wire(
        &true_without_a_flag::types::Marked {
            id: 1,
            mark: (),
            marks: vec![(); 3],
        },
        "
        01000000          // id
        15c4b51c 03000000 // marks: vector, three",
    );
}

#[test]
fn changing_layers() {
    use changing_layers::{layer_1, layer_2};

    // In layer 2 the answer may be a `b`, which layer 1's type does not know.
    let answer = layer_2::enums::A::B;
    let bytes = encode(&answer).expect("it has a form on the wire");
    assert_eq!(decode_return(&layer_2::functions::GetA, &bytes), Ok(answer));
    assert!(decode_return(&layer_1::functions::GetA, &bytes).is_err());
    // A wrapper returns what the query in its result does, here the second.
    type Wrapped = layer_1::functions::Wrap<layer_1::functions::GetA, layer_1::functions::GetA>;
    let _: Option<<Wrapped as Function>::Return> = None::<layer_1::enums::A>;
    // Both names are there, and the namespace `mod` has not replaced its parent.
    let _ = layer_2::types::Z {
        w: layer_2::types::C,
    };
    let _ = (
        layer_2::types::FooBar { value: 1 },
        layer_2::types::FooBar2 { other: 2 },
    );
    let _ = layer_1::types::mod_::A { x: 3 };
}

#[test]
fn structs_and_enums_convert() {
    use conversions::{enums, types};

    let point = types::Point { x: 1, y: -1 };
    let shape = enums::Shape::from(point.clone());
    assert_eq!(shape, enums::Shape::Point(point.clone()));
    assert_eq!(types::Point::try_from(shape.clone()), Ok(point));
    assert_eq!(types::Circle::try_from(shape.clone()), Err(shape));

    let circle = types::Circle {
        name: "unit".to_owned(),
        title: String::new(),
        about: String::new(),
        note: String::new(),
        author: String::new(),
        city: String::new(),
    };
    let shape = enums::Shape::from(circle.clone());
    assert_eq!(shape, enums::Shape::Circle(Box::new(circle.clone())));
    assert_eq!(types::Circle::try_from(shape), Ok(circle));

    let only = types::Only {
        shape: enums::Shape::Nothing,
    };
    assert_eq!(
        types::Only::try_from(enums::Only::from(only.clone())),
        Ok(only)
    );
}
