//! Boxed types of one constructor, without enums: the option `boxed_structs`. The same schema is generated with enums, and
//! both read the same bytes.
//!
//! The bindings are those of `fixtures/options/boxed.tl`; `tl-codegen`'s test `options` makes them.

#![deny(warnings, missing_docs, clippy::all)]

/// Without enums where there can be none.
#[path = "fixtures/options/boxed/mod.rs"]
pub mod boxed;
/// The same, where each type derives its traits.
#[path = "fixtures/options/boxed_derived/mod.rs"]
pub mod boxed_derived;
/// With an enum for every type.
#[path = "fixtures/options/boxed_enums/mod.rs"]
pub mod boxed_enums;
#[path = "support/random.rs"]
mod random;

use std::fmt::Debug;

use boxed::{borrowed, enums, functions, server, types};
use random::Maker;
use telegram_tl::wire::json::{Deserialize, Serialize};
use telegram_tl::wire::{
    Boxed, CallError, Combinator, RawObjectRef, Service, TlRead, TlWrite, decode, decode_return,
    encode,
};

const SCHEMA: &str = "tests/fixtures/options/boxed.tl";

fn point(x: f64, y: f64) -> enums::Point {
    Boxed(types::Point { x, y })
}

/// What both make of the same bytes.
fn same<B, D, E>(bytes: &[u8])
where
    B: for<'a> TlRead<'a> + TlWrite + Debug + PartialEq + Serialize + for<'a> Deserialize<'a>,
    D: for<'a> TlRead<'a> + Debug + PartialEq,
    E: for<'a> TlRead<'a> + TlWrite + Serialize,
{
    let (value, other): (B, E) = match (decode(bytes), decode(bytes)) {
        (Ok(value), Ok(other)) => (value, other),
        (Err(error), Err(other)) => {
            assert_eq!((error.offset, error.kind), (other.offset, other.kind));
            return;
        }
        (value, other) => panic!("{:?}, {:?}", value.err(), other.err()),
    };
    assert_eq!(encode(&value), encode(&other));
    let derived: D = decode(bytes).expect("the same types");
    assert_eq!(format!("{value:?}"), format!("{derived:?}"));
    assert_eq!(format!("{value:#?}"), format!("{derived:#?}"));
    // In JSON a boxed value is what a bare one is; in other formats it is its bytes.
    let json = serde_json::to_string(&value).expect("it has a form");
    assert_eq!(json, serde_json::to_string(&other).expect("it has a form"));
    let back: B = serde_json::from_str(&json).expect("it is such a value");
    assert_eq!(encode(&back), encode(&value));
    let packed = postcard::to_allocvec(&value).expect("it has a form");
    assert_eq!(Ok(&packed), postcard::to_allocvec(&other).as_ref());
    let back: B = postcard::from_bytes(&packed).expect("it is such a value");
    assert_eq!(encode(&back), encode(&value));
}

#[test]
fn they_are_read_and_written_as_enums_are() {
    let schema = random::schema(SCHEMA);
    let mut maker = Maker::new(&schema, None, 3);
    macro_rules! each {
        ($($bytes:expr => $($item:ident)::+;)+) => {$(
            for _ in 0..20 {
                let bytes = $bytes;
                let read =
                    same::<boxed::$($item)::+, boxed_derived::$($item)::+, boxed_enums::$($item)::+>;
                read(&bytes);
                for end in 0..bytes.len() {
                    read(&bytes[..end]);
                    let mut spoilt = bytes.clone();
                    spoilt[end] ^= 0x10;
                    read(&spoilt);
                }
            }
        )+};
    }
    each! {
        maker.boxed("Text") => enums::Text;
        maker.boxed("Point") => enums::Point;
        maker.boxed("Mark") => enums::Mark;
        maker.boxed("Marks") => enums::Marks;
        maker.boxed("Large") => enums::Large;
        maker.boxed("Both") => enums::Both;
        maker.boxed("Shape") => enums::Shape;
        maker.boxed("Nothing") => enums::Nothing;
        maker.boxed("List") => enums::List;
        maker.boxed("Named") => enums::Named;
        maker.combinator("marks", false) => types::Marks;
    }
}

#[test]
fn the_fields_are_at_hand() {
    let mut text: enums::Text = types::Text {
        value: "hello".to_owned(),
        bold: vec![1],
    }
    .into();
    text.bold.push(2);
    let mark: enums::Mark = types::Mark {
        note: text.clone(),
        ..types::Mark::default()
    }
    .into();
    assert_eq!(mark.note.value.len(), 5);
    assert_eq!(mark.note.bold, [1, 2]);
    let back: types::Text = text.clone().into();
    assert_eq!(back, text.0);
    // A large one lies behind a box of its own.
    let large: enums::Large = types::Large {
        text,
        ..types::Large::default()
    }
    .into();
    assert_eq!(large.text.bold, [1, 2]);
    assert_eq!(size_of::<enums::Large>(), size_of::<usize>());
    assert_eq!(types::Large::from(large.clone()), **large);
    // One that stays an enum holds them.
    let shape = enums::Shape::from(types::Shape {
        at: point(1.0, 2.0),
    });
    assert!(matches!(&shape, enums::Shape::Shape(shape) if shape.at.y == 2.0));
    assert_eq!(size_of::<enums::Text>(), size_of::<types::Text>());
}

#[test]
fn what_keeps_something_of_its_own_is_an_enum() {
    let at = point(0.5, 1.0);
    let named = types::Named { at: at.clone() };
    assert!(matches!(enums::Named::Named(named), enums::Named::Named(_)));
    assert!(matches!(enums::Nothing::Nothing, enums::Nothing::Nothing));
    let pair = types::Pair {
        first: 1,
        second: at,
    };
    assert!(matches!(enums::Pair::Pair(pair), enums::Pair::Pair(_)));
    assert!(matches!(enums::List::default(), enums::List::List(_)));
}

#[test]
fn debug_shows_the_struct_and_not_what_is_redacted() {
    let mark = Boxed(types::Mark {
        at: Some(point(1.0, 2.0)),
        secret: Some(vec![7]),
        note: enums::Text::default(),
    });
    assert_eq!(
        format!("{mark:?}"),
        "Mark { at: Some(Point { x: 1.0, y: 2.0 }), secret: <redacted>, note: Text { value: \"\", bold: [] } }"
    );
}

#[test]
fn another_constructor_is_an_error_that_says_what_belongs_there() {
    let id = types::Text::ID;
    let error = decode::<enums::Point>(&id.to_le_bytes()).expect_err("it is a text");
    assert_eq!(
        error.to_string(),
        format!(
            "at byte 0: expected `point` (0x{:08x}), found 0x{id:08x}",
            types::Point::ID
        )
    );
}

#[test]
fn the_form_that_borrows_is_boxed_too() {
    let text = Boxed(types::Text {
        value: "hello".to_owned(),
        bold: vec![1, 2],
    });
    let bytes = encode(&text).expect("it can be written");
    let borrowed: borrowed::enums::Text<'_> = decode(&bytes).expect("the same type");
    assert_eq!(borrowed.value, "hello");
    assert_eq!(borrowed.to_owned(), text);
}

/// Marks every point it is asked for.
struct Marker;

impl Service for Marker {
    type Error = CallError;
}

impl server::Functions for Marker {
    fn get(&mut self, call: functions::Get) -> Result<enums::Mark, CallError> {
        let at = Some(call.at);
        Ok(Boxed(types::Mark {
            at,
            ..Default::default()
        }))
    }

    fn find(&mut self, _: &functions::Find<RawObjectRef<'_>>) -> Result<(), CallError> {
        Ok(())
    }
}

#[test]
fn functions_take_and_return_them() {
    let call = functions::Get {
        at: point(3.0, 4.0),
    };
    let wrapped = functions::Find {
        at: point(0.0, 0.0),
        query: call.clone(),
    };
    for bytes in [encode(&call), encode(&wrapped)] {
        let bytes = bytes.expect("it can be written");
        let reply = server::dispatch(&mut Marker, &bytes).expect("it is answered");
        let mark: enums::Mark = decode_return(&call, &reply).expect("it is a mark");
        assert_eq!(mark.at, Some(point(3.0, 4.0)));
    }
}
