//! Types that depend on numbers and on types: what the code generated from `fixtures/generate/dependent_types.tl` reads and
//! writes is what an independent script spelled out by hand, `dependent_types.py` beside it.

#![deny(warnings, missing_docs, unreachable_pub, rust_2018_idioms, clippy::all)]

/// What the generator makes of it.
#[path = "fixtures/generate/dependent_types/mod.rs"]
pub mod dependent_types;

#[path = "dependent_types/errors.rs"]
mod errors;
#[path = "support/heap.rs"]
mod heap;
#[path = "dependent_types/hostile.rs"]
mod hostile;

use std::fmt::Debug;

use dependent_types::{borrowed, enums, functions, types};
use telegram_tl::wire::{
    Combinator, Function, Int128, RawObject, Reader, TlRead, TlWrite, ToOwnedForm, decode,
    decode_return, encode, own,
};

/// The bytes of one value, by the script.
#[track_caller]
fn vector(name: &str) -> Vec<u8> {
    let mut lines = include_str!("fixtures/generate/dependent_types.hex").lines();
    let words = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let words = words.unwrap_or_else(|| panic!("the script makes no `{name}`"));
    let digits: Vec<_> = words
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] << 4 | pair[1]) as u8)
        .collect()
}

/// The bytes are read as the value, and the value is written as the bytes.
#[track_caller]
fn is_on_the_wire<T>(name: &str, value: &T)
where
    T: for<'a> TlRead<'a> + TlWrite + PartialEq + Debug,
{
    let bytes = vector(name);
    assert_eq!(decode::<T>(&bytes).as_ref(), Ok(value), "{name}");
    assert_eq!(encode(value).as_ref(), Ok(&bytes), "{name}");
}

/// The form that borrows is read from the same bytes, is written as them, and holds the same.
#[track_caller]
fn is_borrowed<'b, B>(name: &str, bytes: &'b [u8], value: &B::Owned)
where
    B: TlRead<'b> + TlWrite + ToOwnedForm,
    B::Owned: PartialEq + Debug,
{
    let lying: B = decode(bytes).expect("it is read");
    assert_eq!(&own(&lying), value, "{name}");
    assert_eq!(encode(&lying).as_deref(), Ok(bytes), "{name}");
}

/// Both forms of a type.
macro_rules! both {
    ($name:literal, $type:ident $fields:tt) => {{
        let value = types::$type $fields;
        is_on_the_wire($name, &value);
        is_borrowed::<borrowed::types::$type<'_>>($name, &vector($name), &value);
    }};
}

#[test]
fn the_vectors_are_what_the_script_makes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/generate");
    let script = std::process::Command::new("python3")
        .arg("dependent_types.py")
        .current_dir(folder)
        .output();
    // Who has no Python still has the bytes.
    if let Ok(output) = script {
        let made = String::from_utf8_lossy(&output.stdout);
        assert_eq!(made, include_str!("fixtures/generate/dependent_types.hex"));
    }
}

#[test]
fn masks() {
    let nothing = types::Masked {
        a: None,
        b: false,
        more: None,
        c: None,
        d: false,
        last: None,
    };
    is_on_the_wire("masked nothing", &nothing);
    let more = types::Masked {
        more: Some(0),
        ..nothing
    };
    is_on_the_wire("masked more is zero", &more);
    both!(
        "masked all",
        Masked {
            a: Some(-5),
            b: true,
            more: Some(1 | 1 << 31),
            c: Some("see".into()),
            d: true,
            last: Some(1 << 40),
        }
    );
}

#[test]
fn masks_and_counts_from_outside() {
    let outside = |a, items: &[&str]| types::Outside {
        a,
        b: false,
        items: items.iter().copied().map(str::to_owned).collect(),
    };
    let full = |a, items: &[&str]| types::Outside {
        b: true,
        ..outside(a, items)
    };
    both!(
        "outsideHolder",
        OutsideHolder {
            mask: 1 | 1 << 3,
            n: 2,
            bare: full(Some(1), &["x", "yz"]),
            boxed: enums::Outside::Outside(full(Some(2), &["", "four"])),
        }
    );
    both!(
        "outsideHolder empty",
        OutsideHolder {
            mask: 0,
            n: 0,
            bare: outside(None, &[]),
            boxed: enums::Outside::Outside(outside(None, &[])),
        }
    );
    // Bits of a mask from outside that mean nothing here may mean something elsewhere.
    both!(
        "outsideHolder other bits",
        OutsideHolder {
            mask: 0xffff_fff6,
            n: 1,
            bare: outside(None, &["i"]),
            boxed: enums::Outside::Outside(outside(None, &["j"])),
        }
    );
    let bytes = vector("outsideHolder");
    let bare = decode::<types::OutsideHolder>(&bytes);
    // What is told the numbers by hand reads the same.
    let mut r = Reader::new(&bytes[8..]);
    let alone = types::Outside::read_with(&mut r, 9, 2);
    assert_eq!(Ok(alone), bare.map(|holder| holder.bare));
}

#[test]
fn whole_numbers_as_conditions() {
    both!(
        "whole",
        Whole {
            n: 6,
            value: Some(9),
            text: Some("t".into()),
        }
    );
    both!(
        "whole zero",
        Whole {
            n: 0,
            value: None,
            text: None,
        }
    );
}

#[test]
fn counts() {
    both!(
        "counted",
        Counted {
            items: vec!["a".into(), "bc".into(), "def".into()],
        }
    );
    both!("counted none", Counted { items: vec![] });
    is_on_the_wire("marked", &types::Marked { marks: vec![(); 3] });
    is_on_the_wire(
        "countedTwice",
        &types::CountedTwice {
            xs: vec![1, 2],
            ys: vec![0.5, -0.25],
        },
    );
    is_on_the_wire(
        "countedWhenThere",
        &types::CountedWhenThere {
            n: 2,
            items: Some(vec![3, 4]),
        },
    );
    is_on_the_wire(
        "countedWhenThere not",
        &types::CountedWhenThere { n: 2, items: None },
    );
    is_on_the_wire(
        "plus",
        &types::Plus {
            n: 1,
            items: vec![1, 2],
            tuple: types::Tuple {
                items: vec![3, 4, 5],
            },
        },
    );
}

#[test]
fn repetitions_in_repetitions() {
    is_on_the_wire(
        "matrix",
        &types::Matrix {
            columns: 3,
            cells: vec![vec![1, 2, 3], vec![4, 5, 6]],
        },
    );
    is_on_the_wire(
        "matrix without columns",
        &types::Matrix {
            columns: 0,
            cells: vec![vec![], vec![]],
        },
    );
    let cell = |key: &str, value| types::TableRowsCells {
        key: key.into(),
        value,
    };
    both!(
        "table",
        Table {
            rows: vec![
                types::TableRows {
                    id: 10,
                    cells: vec![cell("k", 1), cell("l", 2)],
                },
                types::TableRows {
                    id: 20,
                    cells: vec![],
                },
            ],
        }
    );
    let row = |a, b: Option<&str>| types::MaskedRowsRows {
        a,
        b: b.map(str::to_owned),
    };
    both!(
        "maskedRows",
        MaskedRows {
            mask: 1,
            rows: vec![row(Some(7), Some("own")), row(Some(8), None)],
        }
    );
    both!(
        "maskedRows without a",
        MaskedRows {
            mask: 0,
            rows: vec![row(None, Some(""))],
        }
    );
}

#[test]
fn applied_types() {
    let tuple = |items: &[i32]| types::Tuple {
        items: items.to_vec(),
    };
    both!(
        "tuples",
        Tuples {
            ints: tuple(&[1, 2, 3, 4]),
            strings: types::Tuple {
                items: vec!["a".into(), "b".into()],
            },
            boxed: enums::Tuple::Tuple(tuple(&[5])),
            nested: types::Tuple {
                items: vec![tuple(&[1, 2]), tuple(&[3, 4]), tuple(&[5, 6])],
            },
        }
    );
    both!(
        "turning",
        Turning {
            a: 1,
            b: 2,
            it: types::Turned {
                first: types::Pair {
                    x: types::Tuple {
                        items: vec!["a".into(), "b".into()],
                    },
                    y: types::Tuple {
                        items: vec!["c".into()],
                    },
                },
            },
        }
    );
}

#[test]
fn dictionaries() {
    let text = |key: &str, value: &str| types::DictionaryField {
        key: key.into(),
        value: value.into(),
    };
    let some = types::MaybeTrue {
        value: "yes".into(),
    };
    both!(
        "dictionaries",
        Dictionaries {
            texts: types::Dictionary {
                value: vec![text("one", "1"), text("two", "2")],
            },
            counts: types::Dictionary {
                value: vec![types::DictionaryField {
                    key: "n".into(),
                    value: 1,
                }],
            },
            any: types::DictionaryAny {
                items: vec![
                    types::DictionaryAnyItems {
                        key: 1,
                        value: enums::Maybe::True(some),
                    },
                    types::DictionaryAnyItems {
                        key: 2,
                        value: enums::Maybe::False,
                    },
                ],
            },
        }
    );
}

#[test]
fn choices() {
    let pair = |x, y: &str| enums::Pair::Pair(types::Pair { x, y: y.into() });
    both!(
        "choices",
        Choices {
            maybe: enums::Maybe::True(types::MaybeTrue { value: 5 }),
            either: enums::Either::Right(types::Right {
                value: types::Tuple { items: vec![6, 7] },
            }),
            list: enums::Maybe::True(types::MaybeTrue {
                value: vec![pair(1, "a"), pair(2, "b")],
            }),
        }
    );
    both!(
        "choices other",
        Choices {
            maybe: enums::Maybe::False,
            either: enums::Either::Left(types::Left {
                value: "left".into(),
            }),
            list: enums::Maybe::False,
        }
    );
    both!(
        "choicesByNumber",
        ChoicesByNumber {
            n: 1,
            maybe: enums::Maybe::True(types::MaybeTrue {
                value: types::Tuple {
                    items: vec!["only".into()],
                },
            }),
            either: vec![
                enums::Either::Left(types::Left { value: 3 }),
                enums::Either::Right(types::Right {
                    value: types::Outside {
                        a: Some(4),
                        b: false,
                        items: vec!["item".into()],
                    },
                }),
            ],
        }
    );
}

/// A chain of these items.
fn chain<T>(items: impl IntoIterator<Item = T, IntoIter: DoubleEndedIterator>) -> enums::Chain<T> {
    let items = items.into_iter().rev();
    items.fold(enums::Chain::End, |tail, head| {
        enums::Chain::Link(types::ChainLink {
            head,
            tail: Box::new(tail),
        })
    })
}

#[test]
fn numbers_that_tell_constructors_apart() {
    is_on_the_wire(
        "chain3",
        &types::Chain3 {
            items: types::ChainLink {
                head: 1,
                tail: Box::new(chain([2, 3])),
            },
        },
    );
    both!(
        "chainN",
        ChainN {
            n: 2,
            items: chain(["a", "b"].map(str::to_owned)),
            boxed: chain(["c", "d"].map(str::to_owned)),
        }
    );
    both!(
        "chainN empty",
        ChainN {
            n: 0,
            items: enums::Chain::End,
            boxed: enums::Chain::End,
        }
    );
    let seven = |text: &str| enums::Numbered::OnlySeven(types::OnlySeven { text: text.into() });
    both!(
        "numbered seven",
        Numbered {
            n: 7,
            boxed: seven("seven"),
            bare: seven("bare"),
        }
    );
    let eight = |number| enums::Numbered::OnlyEight(types::OnlyEight { number });
    both!(
        "numbered eight",
        Numbered {
            n: 8,
            boxed: eight(8),
            bare: eight(9),
        }
    );
    is_on_the_wire(
        "sameHolder",
        &types::SameHolder {
            a: 2,
            b: 2,
            value: types::Same { items: vec![1, 2] },
        },
    );
}

#[test]
fn recursion_through_generic_types() {
    let leaf = |value: &str| types::Tree {
        value: value.to_owned(),
        children: vec![],
    };
    both!(
        "woods",
        Woods {
            n: 1,
            tree: types::Tree {
                value: "root".into(),
                children: vec![
                    leaf("leaf"),
                    types::Tree {
                        value: "branch".into(),
                        children: vec![leaf("twig")],
                    }
                ],
            },
            forest: types::Forest {
                next: Some(Box::new(types::Forest {
                    next: None,
                    items: vec!["inner".into()],
                })),
                items: vec!["outer".into()],
            },
        }
    );
    // Only where the numbers are zero have these an end.
    both!(
        "endless",
        Endless {
            mask: 2,
            n: 0,
            deep: types::Deep {
                next: None,
                name: "it ends".into(),
            },
            bush: types::Bush { branches: vec![] },
        }
    );
}

#[test]
fn numbers_as_data_and_fields_without_names() {
    is_on_the_wire(
        "data",
        &types::Data {
            value: u32::MAX,
            values: vec![0, 1 << 31],
            optional: Some(12),
            tail: true,
        },
    );
    both!(
        "unnamed",
        Unnamed {
            arg1: -1,
            arg2: "two".into(),
            arg3: 3,
            arg4: vec!["four".into()],
        }
    );
    let bits = std::array::from_fn(|at| at as u8);
    both!(
        "boxedBuiltins",
        BoxedBuiltins {
            i: 1,
            l: 2,
            s: "3".into(),
            d: 4.5,
            f: 0.5,
            boxed: -1.0,
            is: true,
            bits: Int128(bits),
        }
    );
}

#[test]
fn objects_that_something_follows() {
    let object = types::Masked {
        a: Some(1),
        b: false,
        more: None,
        c: None,
        d: false,
        last: None,
    };
    let object = encode(&enums::Masked::Masked(object)).expect("it is written");
    let call = encode(&functions::GetOutside { mask: 1, n: 2 }).expect("it is written");
    both!(
        "envelope",
        Envelope {
            object: RawObject::new(object).expect("it is an object"),
            note: "note".into(),
            call: RawObject::new(call).expect("it is an object"),
            delay: 60,
        }
    );
}

/// The call is on the wire, and its answer is read by its arguments.
#[track_caller]
fn returns<F>(name: &str, call: &F, expected: &F::Return)
where
    F: Function<Return: PartialEq + Debug> + for<'a> TlRead<'a> + PartialEq + Debug,
{
    is_on_the_wire(name, call);
    let answer = vector(&format!("{name} returns"));
    assert_eq!(decode_return(call, &answer).as_ref(), Ok(expected));
    for len in 0..answer.len() {
        let error = decode_return(call, &answer[..len]);
        assert!(error.is_err(), "{name}: {len} bytes of its answer");
    }
}

#[test]
fn results_that_depend_on_arguments() {
    assert_eq!(functions::GetOutside::NAME, "getOutside");
    let outside = types::Outside {
        a: None,
        b: true,
        items: vec!["item".into()],
    };
    let call = functions::GetOutside { mask: 8, n: 1 };
    returns("getOutside", &call, &enums::Outside::Outside(outside));
    let tuple = types::Tuple {
        items: vec!["a".to_owned(), "b".to_owned()],
    };
    let get_tuple = functions::GetTuple { id: 1, n: 2 };
    let tuple = enums::Tuple::Tuple(tuple);
    returns("getTuple", &get_tuple, &tuple);
    let row = |item| types::Tuple { items: vec![item] };
    let matrix = types::Tuple {
        items: vec![row(1), row(2)],
    };
    let call = functions::GetMatrix {
        rows: 2,
        columns: 1,
    };
    returns("getMatrix", &call, &enums::Tuple::Tuple(matrix));
    let call = functions::GetChain {
        n: 1,
        key: "key".into(),
    };
    // Boxed, the link has its id, and its bare tail has none.
    returns("getChain", &call, &chain([4, 5]));
    let three = types::Pair {
        x: 3,
        y: "three".to_owned(),
    };
    let call = functions::GetMaybe { id: Some(3) };
    let three = enums::Maybe::True(types::MaybeTrue { value: three });
    returns("getMaybe", &call, &three);
    let call = functions::GetWithin {
        n: 1,
        query: get_tuple,
    };
    let pair = types::Pair {
        x: tuple,
        y: types::Tuple { items: vec![9] },
    };
    returns("getWithin", &call, &enums::Pair::Pair(pair));
}

#[test]
fn objects_in_a_vector_that_a_function_returns() {
    let masked = |a| {
        let value = enums::Masked::Masked(types::Masked {
            a,
            b: false,
            more: None,
            c: None,
            d: false,
            last: None,
        });
        let bytes = encode(&value).expect("it is written");
        RawObject::new(bytes).expect("it is an object")
    };
    let objects = vec![masked(Some(1)), masked(None)];
    returns("getObjects", &functions::GetObjects, &objects);
    let call = functions::GetEach {
        query: functions::GetObject,
    };
    returns("getEach", &call, &objects);
}
