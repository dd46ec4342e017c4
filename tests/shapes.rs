//! `Debug` and `PartialEq` by one function of the runtime say and find what derived ones do: the same schema is generated
//! both ways, and each value is read into both.
//!
//! The bindings are those of `fixtures/options/shapes.tl`; `tl-codegen`'s test `options` makes them.

#![deny(warnings, missing_docs, clippy::all)]

#[path = "support/random.rs"]
mod random;
/// `Debug` and `PartialEq` are shared.
#[path = "fixtures/options/shapes/mod.rs"]
pub mod shapes;
/// They are derived.
#[path = "fixtures/options/shapes_derived/mod.rs"]
pub mod shapes_derived;

use std::fmt::Debug;

use random::Maker;
use telegram_tl::wire::{RawObject, TlRead, decode, encode};

const SCHEMA: &str = "tests/fixtures/options/shapes.tl";
/// Values of each item.
const VALUES: usize = 60;

/// All ways to print that a formatter's flags make.
#[track_caller]
fn same_text(shared: &dyn Debug, derived: &dyn Debug) {
    assert_eq!(format!("{shared:?}"), format!("{derived:?}"));
    assert_eq!(format!("{shared:#?}"), format!("{derived:#?}"));
    assert_eq!(format!("{shared:x?}"), format!("{derived:x?}"));
    assert_eq!(format!("{shared:#08.3?}"), format!("{derived:#08.3?}"));
}

/// The values print alike, and each is equal to just those that it is equal to by derived comparison.
fn same<S, D>(inputs: &[Vec<u8>]) -> usize
where
    S: for<'a> TlRead<'a> + Debug + PartialEq,
    D: for<'a> TlRead<'a> + Debug + PartialEq,
{
    let read = |input: &Vec<u8>| -> (S, D) {
        (
            decode(input).expect("it can be read"),
            decode(input).expect("it can be read"),
        )
    };
    let values: Vec<_> = inputs.iter().map(read).collect();
    for (shared, derived) in &values {
        same_text(shared, derived);
    }
    let mut equal = 0;
    for (left_shared, left) in &values {
        for (right_shared, right) in &values {
            assert_eq!(
                left_shared == right_shared,
                left == right,
                "{left:?}, {right:?}"
            );
            equal += usize::from(left == right);
        }
    }
    equal
}

#[test]
fn random_values_print_and_compare_as_derived() {
    let schema = random::schema(SCHEMA);
    let mut maker = Maker::new(&schema, None, 7);
    macro_rules! each {
        ($($kind:ident $name:literal: $($module:ident)::+;)+) => {$({
            let mut inputs: Vec<_> = (0..VALUES).map(|_| maker.$kind($name)).collect();
            inputs.extend_from_within(..2);
            let equal = same::<shapes::$($module)::+, shapes_derived::$($module)::+>(&inputs);
            assert!(equal >= inputs.len(), "{}", $name);
        })+};
    }
    each! {
        boxed "Point": enums::Point;
        boxed "Wide": enums::Wide;
        boxed "Line": enums::Line;
        boxed "Place": enums::Place;
        boxed "Holder": enums::Holder;
        boxed "Secret": enums::Secret;
        call "draw": functions::Draw;
        call "stop": functions::Stop;
    }
}

trait Call {
    fn call(&mut self, name: &str) -> Vec<u8>;
}

impl Call for Maker<'_> {
    fn call(&mut self, name: &str) -> Vec<u8> {
        self.combinator(name, true)
    }
}

#[test]
fn numbers_that_are_not_equal_to_themselves_compare_as_derived() {
    let doubles = [0.0, -0.0, 1.5, f64::NAN, -f64::NAN, f64::INFINITY];
    let floats = [0.0_f32, -0.0, f32::NAN, f32::MIN_POSITIVE];
    let mut inputs = Vec::new();
    for x in doubles {
        for y in floats {
            let point = shapes_derived::enums::Point::Point(shapes_derived::types::Point { x, y });
            inputs.push(encode(&point).expect("it can be written"));
        }
    }
    let equal = same::<shapes::enums::Point, shapes_derived::enums::Point>(&inputs);
    // Zeros of both signs are equal, and nothing that has a NaN is equal to anything.
    assert_eq!(equal, (4 + 1 + 1) * (4 + 1));

    // In a row of bare numbers, too.
    let counted = doubles.map(|x| {
        let counted = shapes_derived::types::Counted {
            items: vec![String::new()],
            xs: vec![x],
        };
        let value = shapes_derived::enums::Counted::Counted(counted);
        encode(&value).expect("it can be written")
    });
    let equal = same::<shapes::enums::Counted, shapes_derived::enums::Counted>(&counted);
    assert_eq!(equal, 4 + 1 + 1);
}

/// The same expression by the items of either module.
macro_rules! both {
    (|$types:ident, $enums:ident| $value:expr) => {{
        let shared = {
            use shapes::{enums as $enums, types as $types};
            let _ = std::any::type_name::<$enums::Point>();
            $value
        };
        let derived = {
            use shapes_derived::{enums as $enums, types as $types};
            let _ = std::any::type_name::<$enums::Point>();
            $value
        };
        (shared, derived)
    }};
}

#[test]
fn values_that_contradict_themselves_print_and_compare_as_derived() {
    // Fields that share a bit: no two of these have the same form on the wire, for they have none.
    let mut places = Vec::new();
    for latitude in [None, Some(0.5)] {
        for longitude in [None, Some(0.5)] {
            for is_named in [false, true] {
                for name in [None, Some(String::new()), Some("x".to_owned())] {
                    places.push(both!(|types, enums| types::Place {
                        flags: 0,
                        latitude,
                        longitude,
                        is_named,
                        name: name.clone(),
                        r#type: Some(1),
                        r#fn: false,
                    }));
                }
            }
        }
    }
    // Fields that another field speaks of (right ones are among them), and bits that have a meaning of their own.
    let mut masked = Vec::new();
    for value in [0, 4, 32] {
        for mask in [0, 1, 2] {
            for id in [None, Some(0)] {
                for last in [None, Some(String::new())] {
                    masked.push(both!(|types, enums| types::Masked {
                        mask,
                        value,
                        id,
                        is_new: last.is_some(),
                        more: None,
                        last: last.clone(),
                    }));
                }
            }
        }
    }
    // Numbers with ids of their own.
    let numbers = [0, -1].map(|number| {
        both!(|types, enums| types::Boxed {
            i: number,
            l: i64::from(number) << 40,
            s: "a\n".to_owned(),
        })
    });
    // Rows that are to be of one length.
    let mut counted = Vec::new();
    for items in 0..3 {
        for xs in 0..3 {
            counted.push(both!(|types, enums| types::Counted {
                items: vec![String::new(); items],
                xs: vec![0.0; xs],
            }));
        }
    }
    fn check<S: Debug + PartialEq, D: Debug + PartialEq>(values: &[(S, D)]) {
        for (at, (shared, derived)) in values.iter().enumerate() {
            same_text(shared, derived);
            for (other, (right, right_derived)) in values.iter().enumerate() {
                assert_eq!(shared == right, at == other, "{shared:?}, {right:?}");
                assert_eq!(derived == right_derived, at == other);
            }
        }
    }
    check(&places);
    check(&masked);
    check(&counted);
    check(&numbers);
}

#[test]
fn unknown_constructors_and_secrets_print_and_compare_as_derived() {
    let objects: Vec<_> = [&[1_u8, 2, 3, 4][..], &[1, 2, 3, 4, 5, 6, 7, 8], &[0; 4]]
        .map(|bytes| RawObject::new(bytes.to_vec()).expect("it has an id"))
        .into();
    let values: Vec<_> = objects
        .iter()
        .map(|object| {
            both!(|types, enums| vec![
                enums::Point::Unknown(object.clone()),
                enums::Point::Near(types::PointNear {
                    of: Box::new(enums::Point::Unknown(object.clone())),
                    name: String::new(),
                }),
                enums::Point::Empty,
            ])
        })
        .collect();
    for (at, (shared, derived)) in values.iter().enumerate() {
        same_text(shared, derived);
        for (other, (right, _)) in values.iter().enumerate() {
            assert_eq!(shared == right, at == other);
        }
    }
    let (shared, derived) = both!(|types, enums| types::Secret {
        auth_key: vec![1, 2, 3],
        kept: -1,
    });
    same_text(&shared, &derived);
    assert_eq!(
        format!("{shared:?}"),
        "Secret { auth_key: <redacted>, kept: -1 }"
    );
    // What is not shown still counts.
    let other = shapes::types::Secret {
        auth_key: vec![1, 2, 4],
        kept: -1,
    };
    assert!(shared != other);
}
