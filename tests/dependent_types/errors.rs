//! A value that contradicts its own numbers is not written; bytes that contradict theirs are not read.

use std::fmt::Debug;

use telegram_tl::wire::{
    DecodeErrorKind, EncodeError, ExpectedIds, Function, TlRead, TlWrite, decode, encode,
};

use super::{chain, enums, functions, types, vector};

/// Writing fails with this, in both passes alike.
#[track_caller]
fn is_refused<T: TlWrite>(value: &T, expected: EncodeError) {
    assert_eq!(encode(value), Err(expected.clone()));
    assert_eq!(telegram_tl::wire::encoded_len(value), Err(expected));
}

const fn wrong_presence(what: &'static str, expected: bool) -> EncodeError {
    EncodeError::WrongPresence { what, expected }
}

const fn wrong_count(what: &'static str, expected: u32, found: usize) -> EncodeError {
    EncodeError::WrongCount {
        what,
        expected,
        found,
    }
}

const fn wrong_number(combinator: &'static str, found: u32, expected: u32) -> EncodeError {
    EncodeError::WrongNumber {
        combinator,
        found,
        expected,
    }
}

fn read<T: for<'a> TlRead<'a>>(name: &str) -> T {
    decode(&vector(name)).expect("it is read")
}

#[test]
fn presence_against_a_mask() {
    let holder: types::OutsideHolder = read("outsideHolder");
    let missing = types::OutsideHolder {
        bare: types::Outside {
            a: None,
            ..holder.bare.clone()
        },
        ..holder.clone()
    };
    is_refused(&missing, wrong_presence("outside.a", true));
    let not_set = types::OutsideHolder {
        bare: types::Outside {
            b: false,
            ..holder.bare.clone()
        },
        ..holder.clone()
    };
    is_refused(&not_set, wrong_presence("outside.b", true));
    is_refused(
        &types::OutsideHolder { mask: 8, ..holder },
        wrong_presence("outside.a", false),
    );
    let masked: types::Masked = read("masked all");
    let more = |more| types::Masked {
        more,
        ..masked.clone()
    };
    is_refused(&more(None), wrong_presence("masked.c", false));
    is_refused(&more(Some(1)), wrong_presence("masked.d", false));
    is_refused(
        &types::Masked {
            d: false,
            ..masked.clone()
        },
        wrong_presence("masked.d", true),
    );
    let rows: types::MaskedRows = read("maskedRows");
    is_refused(
        &types::MaskedRows { mask: 2, ..rows },
        wrong_presence("maskedRows.a", false),
    );
    let whole: types::Whole = read("whole");
    is_refused(
        &types::Whole {
            text: None,
            ..whole.clone()
        },
        wrong_presence("whole.text", true),
    );
    is_refused(
        &types::Whole { n: 0, ..whole },
        wrong_presence("whole.value", false),
    );
}

#[test]
fn items_against_a_count() {
    let twice = types::CountedTwice {
        xs: vec![1, 2],
        ys: vec![0.5],
    };
    is_refused(&twice, wrong_count("countedTwice.ys", 2, 1));
    let ragged = types::Matrix {
        columns: 2,
        cells: vec![vec![1, 2], vec![3]],
    };
    is_refused(&ragged, wrong_count("matrix.cells", 2, 1));
    let holder: types::OutsideHolder = read("outsideHolder");
    is_refused(
        &types::OutsideHolder { n: 3, ..holder },
        wrong_count("outside.items", 3, 2),
    );
    let there: types::CountedWhenThere = read("countedWhenThere");
    is_refused(
        &types::CountedWhenThere { n: 1, ..there },
        wrong_count("countedWhenThere.items", 1, 2),
    );
    let plus: types::Plus = read("plus");
    is_refused(
        &types::Plus {
            n: 2,
            ..plus.clone()
        },
        wrong_count("plus.items", 3, 2),
    );
    is_refused(
        &types::Plus {
            items: vec![1],
            n: 0,
            ..plus
        },
        wrong_count("tuple.items", 2, 3),
    );
    let mut tuples: types::Tuples = read("tuples");
    tuples.nested.items[2].items.push(0);
    is_refused(&tuples, wrong_count("tuple.items", 2, 3));
    let mut woods: types::Woods = read("woods");
    let next = woods.forest.next.as_mut().expect("it is there");
    next.items.clear();
    is_refused(&woods, wrong_count("forest.items", 1, 0));
}

#[test]
fn more_items_than_a_count_can_say() {
    // Of items that take no memory there can be as many.
    let marked = types::Marked {
        marks: vec![(); 1 << 31],
    };
    is_refused(
        &marked,
        EncodeError::TooLong {
            what: "marked.n",
            len: 1 << 31,
        },
    );
}

#[test]
fn constructors_against_numbers() {
    let chain_n = types::ChainN {
        n: 2,
        items: chain(["a".to_owned()]),
        boxed: chain([]),
    };
    is_refused(&chain_n, wrong_number("chainEnd", 1, 0));
    let too_long = types::ChainN {
        n: 0,
        items: chain(["a".to_owned()]),
        boxed: chain([]),
    };
    is_refused(&too_long, wrong_number("chainLink", 0, 1));
    let seven: types::Numbered = read("numbered seven");
    is_refused(
        &types::Numbered {
            n: 8,
            ..seven.clone()
        },
        wrong_number("onlySeven", 8, 7),
    );
    let eight: types::Numbered = read("numbered eight");
    is_refused(
        &types::Numbered {
            boxed: seven.boxed,
            n: 7,
            ..eight
        },
        wrong_number("onlyEight", 7, 8),
    );
    let same: types::SameHolder = read("sameHolder");
    is_refused(
        &types::SameHolder { b: 3, ..same },
        wrong_number("same", 3, 2),
    );
}

#[test]
fn a_sum_past_the_last_number_is_no_small_one() {
    let value = types::Plus {
        n: u32::MAX,
        items: vec![],
        tuple: types::Tuple { items: vec![] },
    };
    is_refused(&value, wrong_count("plus.items", u32::MAX, 0));
}

#[test]
fn the_first_failure_stands() {
    let holder: types::OutsideHolder = read("outsideHolder");
    let wrong = types::OutsideHolder {
        bare: types::Outside {
            a: None,
            items: vec![],
            ..holder.bare.clone()
        },
        ..holder
    };
    is_refused(&wrong, wrong_presence("outside.a", true));
}

/// Words, changed at some places, are refused: where, as what, and why.
#[track_caller]
fn is_not_read<T>(
    name: &str,
    words: &[(usize, u32)],
    at: usize,
    as_what: &str,
    why: DecodeErrorKind,
) where
    T: for<'a> TlRead<'a> + Debug,
{
    let mut bytes = vector(name);
    for (at, word) in words {
        bytes[at * 4..][..4].copy_from_slice(&word.to_le_bytes());
    }
    let error = decode::<T>(&bytes).expect_err(name);
    assert_eq!(
        (error.offset, error.reading, error.kind),
        (at, as_what, why)
    );
}

#[test]
fn numbers_that_fit_no_constructor_are_not_read() {
    let wrong = |found, expected| DecodeErrorKind::WrongNumber { found, expected };
    // Two links and the end's id, where the number says that three links come.
    is_not_read::<types::ChainN>(
        "chainN empty",
        &[(0, 0), (1, 0xd5c3_2bac)],
        8,
        "chainLink",
        wrong(0, 1),
    );
    is_not_read::<types::Numbered>("numbered seven", &[(0, 8)], 8, "onlySeven", wrong(8, 7));
    is_not_read::<types::SameHolder>("sameHolder", &[(1, 3)], 8, "same", wrong(3, 2));
    let bare = functions::GetChain {
        n: u32::MAX,
        key: String::new(),
    };
    let end = telegram_tl::wire::decode_return(&bare, &0x78ff_ccb2_u32.to_le_bytes());
    let error = end.expect_err("it cannot end");
    assert_eq!(
        (error.offset, error.reading, error.kind),
        (4, "chainEnd", wrong(u32::MAX, 0))
    );
}

#[test]
fn no_constructor_for_a_number() {
    let mut bytes = vector("numbered seven");
    bytes[0] = 9;
    // The boxed one is wrong first: it says that it is for 7.
    let error = decode::<types::Numbered>(&bytes).expect_err("nothing is for 9");
    assert_eq!(error.offset, 8);
    let mut r = telegram_tl::wire::Reader::new(&bytes[8..]);
    let _ = enums::Numbered::read_bare_with(&mut r, 9);
    let error = r.finish().expect_err("nothing is for 9");
    assert_eq!(
        (error.offset, error.reading, error.kind),
        (0, "Numbered", DecodeErrorKind::NoConstructor)
    );
}

#[test]
fn what_masks_say_must_be_known() {
    let unknown = |bits, known| DecodeErrorKind::UnknownFlagBits { bits, known };
    let known = 1 | 1 << 1 | 1 << 2 | 1 << 31;
    is_not_read::<types::Masked>("masked nothing", &[(0, 8)], 0, "#", unknown(8, known));
    is_not_read::<types::MaskedRows>("maskedRows", &[(3, 2)], 12, "#", unknown(2, 1 << 4));
}

#[test]
fn ids_in_applied_types() {
    let expected = &[0xac70_fd8c, 0x73f5_cdaa];
    is_not_read::<types::Choices>(
        "choices other",
        &[(0, 7)],
        0,
        "Maybe",
        DecodeErrorKind::UnexpectedConstructor {
            found: 7,
            expected: ExpectedIds::AnyOf(expected),
        },
    );
    is_not_read::<types::BoxedBuiltins>(
        "boxedBuiltins",
        &[(2, 7)],
        8,
        "long",
        DecodeErrorKind::UnexpectedConstructor {
            found: 7,
            expected: ExpectedIds::One(0x2207_6cba),
        },
    );
    is_not_read::<types::Envelope>(
        "envelope",
        &[(0, 7)],
        0,
        "Object",
        DecodeErrorKind::UnexpectedConstructor {
            found: 7,
            expected: ExpectedIds::AnyOf(&[]),
        },
    );
}

#[test]
fn answers_to_other_arguments_are_not_read() {
    let call = functions::GetTuple { id: 1, n: 3 };
    let answer = vector("getTuple returns");
    let error = telegram_tl::wire::decode_return(&call, &answer).expect_err("there are two");
    assert_eq!(error.offset, answer.len());
    let call = functions::GetTuple { id: 1, n: 1 };
    let error = telegram_tl::wire::decode_return(&call, &answer).expect_err("there are two");
    assert_eq!(error.kind, DecodeErrorKind::TrailingBytes { count: 4 });
    let _: Option<<functions::GetTuple as Function>::Return> = None;
}
