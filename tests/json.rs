//! serde's traits of generated types: what they write is what the dynamic codec makes of the same bytes, letter by letter, and
//! what they read gives the value back. The two share no line.
//!
//! The bindings of `fixtures/options` are made by `tl-codegen`'s test `options`.

#![deny(warnings, missing_docs, clippy::all)]

#[path = "json/any_input.rs"]
mod any_input;
#[path = "json/errors.rs"]
mod errors;
/// One of each form.
#[path = "fixtures/options/json/mod.rs"]
pub mod json;
/// Types that depend on numbers and types.
#[path = "fixtures/options/json_dependent/mod.rs"]
pub mod json_dependent;
/// Every kind of field, and strings as bytes.
#[path = "fixtures/options/json_shapes/mod.rs"]
pub mod json_shapes;
#[path = "support/random.rs"]
mod random;
#[path = "json/told.rs"]
mod told;

use serde_json::json;
use telegram_tl::wire::json::Deserialize;
use telegram_tl::wire::{RawObject, decode, encode};
use tl_dynamic::Codec;
use told::{Constructor, Function, Layer, Type, is_told};

#[test]
fn every_kind_of_field_is_told_as_the_codec_tells_it_and_comes_back() {
    macro_rules! all {
        ($path:literal in $module:ident: $($kind:ident $name:literal $($item:ident)::+;)+) => {{
            let schema = random::schema($path);
            let mut layer = Layer::new(&schema, None);
            for _ in 0..20 {
                $(layer.check::<$module::$($item)::+>($kind, $name);)+
            }
        }};
    }
    all! { "tests/fixtures/options/shapes.tl" in json_shapes:
        Type "Point" enums::Point;
        Type "Wide" enums::Wide;
        Type "Line" enums::Line;
        Type "Place" enums::Place;
        Type "Holder" enums::Holder;
        Constructor "secret" types::Secret;
        Function "draw" functions::Draw;
        Function "stop" functions::Stop;
    }
    all! { "tests/fixtures/options/json.tl" in json:
        Type "User" enums::User;
        Type "Numbers" enums::Numbers;
        Type "Rows" enums::Rows;
        Type "Tree" enums::Tree;
        Constructor "peerUser" types::PeerUser;
    }
}

/// The vectors that an independent script spelled out.
#[test]
fn dependent_types_are_told_as_the_codec_tells_them_and_come_back() {
    let schema = random::schema("tests/fixtures/generate/dependent_types.tl");
    let codec = Codec::new(&schema);
    let mut count = 0;
    for line in include_str!("fixtures/generate/dependent_types.hex").lines() {
        let Some((what, words)) = line.split_once(':') else {
            continue;
        };
        let digits: Vec<_> = words
            .chars()
            .filter_map(|digit| digit.to_digit(16))
            .collect();
        let pairs = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8);
        let bytes: Vec<u8> = pairs.collect();
        use json_dependent::{functions, types};
        let name = what.split(' ').next().unwrap_or(what);
        macro_rules! told {
            ($($tl_name:literal => $item:ty;)+) => {
                match name {
                    $($tl_name => {
                        let root = codec.value(name).or_else(|_| codec.call(name)).expect("it is there");
                        is_told::<$item>(&codec, &root, &bytes, what);
                        count += 1;
                    })+
                    _ => {}
                }
            };
        }
        if what.ends_with("returns") {
            continue;
        }
        told! {
            "masked" => types::Masked;
            "outsideHolder" => types::OutsideHolder;
            "whole" => types::Whole;
            "counted" => types::Counted;
            "marked" => types::Marked;
            "countedTwice" => types::CountedTwice;
            "matrix" => types::Matrix;
            "table" => types::Table;
            "maskedRows" => types::MaskedRows;
            "countedWhenThere" => types::CountedWhenThere;
            "plus" => types::Plus;
            "tuples" => types::Tuples;
            "dictionaries" => types::Dictionaries;
            "choices" => types::Choices;
            "choicesByNumber" => types::ChoicesByNumber;
            "turning" => types::Turning;
            "chain3" => types::Chain3;
            "chainN" => types::ChainN;
            "numbered" => types::Numbered;
            "sameHolder" => types::SameHolder;
            "woods" => types::Woods;
            "endless" => types::Endless;
            "data" => types::Data;
            "unnamed" => types::Unnamed;
            "boxedBuiltins" => types::BoxedBuiltins;
            "envelope" => types::Envelope;
            "getOutside" => functions::GetOutside;
            "getTuple" => functions::GetTuple;
            "getMatrix" => functions::GetMatrix;
            "getChain" => functions::GetChain;
            "getMaybe" => functions::GetMaybe;
            "getWithin" => functions::GetWithin<RawObject>;
        }
    }
    assert!(count > 40, "only {count} vectors");
}

/// What the fuzz target has reached.
#[test]
fn any_input_is_told_as_the_codec_tells_it() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/json/inputs");
    let entries = std::fs::read_dir(folder).expect("it is there");
    let mut inputs = 0;
    for entry in entries {
        let path = entry.expect("it can be read").path();
        any_input::check(&std::fs::read(path).expect("it can be read"));
        inputs += 1;
    }
    assert!(inputs > 50, "{inputs} inputs");
}

#[test]
fn a_value_reads_as_tdlib_writes_it() {
    let user = json::types::User {
        flags: 0,
        is_bot: true,
        id: 1 << 60,
        name: Some("Ada".to_owned()),
        photo: None,
        peer: None,
    };
    let text = r#"{"@type":"user","is_bot":true,"id":"1152921504606846976","name":"Ada"}"#;
    assert_eq!(serde_json::to_string(&user).expect("it is JSON"), text);
    assert_eq!(
        serde_json::from_str::<json::types::User>(text).expect("it is a user"),
        user
    );
    // In an enum it is the same, and so it is in what serde makes of standard types.
    let users = vec![json::enums::User::User(user)];
    assert_eq!(
        serde_json::to_string(&users).expect("it is JSON"),
        format!("[{text}]")
    );
    let again: Vec<json::enums::User> = serde_json::from_str(&format!("[{text}]")).expect("users");
    assert_eq!(again, users);
    // What is not for the eyes of a log is there.
    let secret = json_shapes::types::Secret {
        auth_key: vec![1, 2, 3],
        kept: -1,
    };
    assert_eq!(
        serde_json::to_value(&secret).expect("it is JSON"),
        json!({"@type": "secret", "auth_key": "AQID", "kept": -1})
    );
}

#[test]
fn a_call_around_a_call_is_told_with_it() {
    let call = json::functions::InvokeWithLayer {
        layer: 230,
        query: json::functions::GetUser { id: 42 },
    };
    let tree = json!({
        "@type": "invokeWithLayer",
        "layer": 230,
        "query": {"@type": "getUser", "id": "42"},
    });
    assert_eq!(serde_json::to_value(&call).expect("it is JSON"), tree);
}

#[test]
fn the_form_that_borrows_is_told_as_the_one_that_owns() {
    let bytes = encode(&json::types::User {
        flags: 0,
        is_bot: false,
        id: 1,
        name: Some("Ada".to_owned()),
        photo: Some(json::enums::Photo::Photo(json::types::Photo {
            id: 2,
            key: vec![0xff; 4],
        })),
        peer: Some(json::enums::Peer::Nobody),
    })
    .expect("it can be written");
    let owned: json::types::User = decode(&bytes).expect("it can be read");
    let borrowed: json::borrowed::types::User<'_> = decode(&bytes).expect("it can be read");
    assert_eq!(
        serde_json::to_string(&borrowed).expect("it is JSON"),
        serde_json::to_string(&owned).expect("it is JSON")
    );
}

#[test]
fn what_is_unknown_is_kept_where_it_is_last() {
    let object = RawObject::new(vec![0x78, 0x56, 0x34, 0x12, 1, 2, 3, 4]).expect("it has an id");
    let unknown = json::enums::Peer::Unknown(object);
    let user = json::types::User {
        // A bit without a meaning.
        flags: 1 << 9,
        is_bot: false,
        id: 1,
        name: None,
        photo: Some(json::enums::Photo::Photo(json::types::Photo {
            id: 2,
            key: Vec::new(),
        })),
        peer: Some(unknown.clone()),
    };
    let tree = serde_json::to_value(&user).expect("it is JSON");
    assert_eq!(
        tree,
        json!({
            "@type": "user", "flags": 0b10_0000_0100, "id": "1",
            "photo": {"@type": "photo", "id": "2", "key": ""},
            "peer": {"@type": "@unknown", "@id": "0x12345678", "@raw": "AQIDBA=="},
        })
    );
    let again: json::types::User = serde_json::from_value(tree).expect("it is the last");
    assert_eq!(again, user);
    // Anything after it would be taken for a part of it.
    let tree = json::types::Tree {
        left: Box::new(json::enums::Tree::Unknown(
            RawObject::new(vec![1, 2, 3, 4]).expect("it has an id"),
        )),
        right: Box::new(json::enums::Tree::Leaf(json::types::Leaf {
            r#type: String::new(),
        })),
    };
    let error = serde_json::to_value(&tree)
        .expect_err("something follows")
        .to_string();
    assert!(error.contains("unknown constructor"), "{error}");
}

#[test]
fn numbers_beyond_json_are_texts() {
    let mut numbers = json::types::Numbers {
        small: -1,
        wide: [0xfb; 16].into(),
        exact: 1 << 53,
        single: 0.1,
        double: -0.0,
        yes: true,
    };
    let tree = json!({
        "@type": "numbers", "small": -1, "wide": "+/v7+/v7+/v7+/v7+/v7+w==", "exact": "9007199254740992",
        "single": f64::from(0.1_f32), "double": -0.0, "yes": true,
    });
    assert_eq!(serde_json::to_value(&numbers).expect("it is JSON"), tree);
    for (double, text) in [
        (f64::INFINITY, "Infinity"),
        (f64::NEG_INFINITY, "-Infinity"),
        (f64::from_bits(0x7ff8_0000_0000_0000), "NaN"),
        (
            f64::from_bits(0x7ff0_0000_0000_0001),
            "NaN:0x7ff0000000000001",
        ),
    ] {
        (numbers.double, numbers.exact) = (double, 7);
        let tree = serde_json::to_value(&numbers).expect("it is JSON");
        assert_eq!((&tree["double"], &tree["exact"]), (&json!(text), &json!(7)));
        let again: json::types::Numbers = serde_json::from_value(tree).expect("numbers");
        assert_eq!(again.double.to_bits(), double.to_bits());
    }
}

#[test]
fn reading_is_lenient_where_nothing_is_lost() {
    let read = |tree| serde_json::from_value::<json::enums::Numbers>(tree).expect("numbers");
    let strict = json!({
        "@type": "numbers", "small": 1, "wide": "AAAAAAAAAAAAAAAAAAAAAA==", "exact": 5,
        "single": 1.0, "double": 2.0, "yes": false,
    });
    // The only constructor, an exact number as text, no padding, whole numbers.
    let lenient = json!({
        "small": 1, "wide": "AAAAAAAAAAAAAAAAAAAAAA", "exact": "5", "single": 1, "double": 2, "yes": false,
    });
    assert_eq!(read(lenient), read(strict.clone()));
    // Numbers as `serde_json` tells them with its feature `arbitrary_precision`.
    let number = |digits: &str| json!({"$serde_json::private::Number": digits});
    let lenient = json!({
        "small": number("1"), "wide": "AAAAAAAAAAAAAAAAAAAAAA", "exact": number("5"), "single": number("1"),
        "double": number("2.0"), "yes": false,
    });
    assert_eq!(read(lenient), read(strict));
    let read = |tree| serde_json::from_value::<json::types::User>(tree).expect("a user");
    let strict = json!({"@type": "user", "id": "7"});
    let lenient = json!({"is_bot": false, "id": 7, "name": null, "flags": 0});
    assert_eq!(read(lenient), read(strict));
}

#[test]
fn a_value_that_contradicts_itself_is_an_error() {
    let user = json::types::User {
        flags: 0,
        is_bot: false,
        id: 1,
        name: None,
        photo: None,
        peer: Some(json::enums::Peer::Nobody),
    };
    let error = serde_json::to_string(&user).expect_err("the two share a bit");
    assert_eq!(
        error.to_string(),
        "the fields of `user` that share flags.2 must be there all or none"
    );
}
