//! Bytes that were cut or changed: an error that lies in the input, or a value that is written as the same bytes.

use telegram_tl::wire::{DecodeErrorKind, TlRead, TlWrite, decode, encode};

use super::heap::measured;
use super::{borrowed, enums, functions, types, vector};

/// Calls `check` for the Rust types of each vector.
macro_rules! for_each_vector {
    ($check:ident) => {
        for_each_vector! { $check
            "masked all" Masked "outsideHolder" OutsideHolder "whole" Whole "counted" Counted "table" Table
            "maskedRows" MaskedRows "tuples" Tuples "dictionaries" Dictionaries "choices" Choices
            "choicesByNumber" ChoicesByNumber "turning" Turning "chainN" ChainN "numbered seven" Numbered
            "numbered eight" Numbered "woods" Woods "unnamed" Unnamed "boxedBuiltins" BoxedBuiltins
            "envelope" Envelope;
            "countedTwice" CountedTwice "matrix" Matrix "countedWhenThere" CountedWhenThere "plus" Plus
            "chain3" Chain3 "sameHolder" SameHolder "data" Data "marked" Marked
        }
    };
    ($check:ident $($both:literal $both_type:ident)+; $($name:literal $type:ident)+) => {
        $(
            $check::<types::$both_type>($both);
            borrows($both, |bytes| decode::<borrowed::types::$both_type<'_>>(bytes).is_ok());
        )+
        $($check::<types::$type>($name);)+
    };
}

/// The form that borrows accepts what the other does.
fn borrows(name: &str, accepts: impl Fn(&[u8]) -> bool) {
    let bytes = vector(name);
    for len in 0..bytes.len() {
        assert!(!accepts(&bytes[..len]), "{name}: {len} bytes of it");
    }
    assert!(accepts(&bytes), "{name}");
}

#[test]
fn what_is_cut_is_an_error_where_it_ends() {
    fn is_an_error<T: for<'a> TlRead<'a>>(name: &str) {
        let bytes = vector(name);
        for len in 0..bytes.len() {
            let Err(error) = decode::<T>(&bytes[..len]) else {
                panic!("{name}: {len} bytes of it");
            };
            assert!(error.offset <= len, "{name}: {error}");
            assert!(
                matches!(error.kind, DecodeErrorKind::UnexpectedEnd { needed, available } if needed > available),
                "{name}, {len} bytes of it: {error}"
            );
        }
    }
    for_each_vector!(is_an_error);
}

#[test]
fn what_is_changed_is_an_error_or_another_value() {
    fn is_sound<T: for<'a> TlRead<'a> + TlWrite>(name: &str) {
        let bytes = vector(name);
        for at in (0..bytes.len()).step_by(4) {
            for word in [0, 1, 2, 0x7fff_ffff, 0xffff_ffff] {
                let mut changed = bytes.clone();
                changed[at..][..4].copy_from_slice(&u32::to_le_bytes(word));
                match decode::<T>(&changed) {
                    Ok(value) => assert_eq!(encode(&value), Ok(changed), "{name}: {word} at {at}"),
                    Err(error) => assert!(error.offset <= bytes.len(), "{name}: {error}"),
                }
            }
        }
    }
    for_each_vector!(is_sound);
}

/// The bytes are refused with little memory, and so at once: a value of each item that they promise would take gigabytes.
#[track_caller]
fn is_refused_at_once<T: for<'a> TlRead<'a>>(words: &[u32]) -> DecodeErrorKind {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let (result, heap_bytes) = measured(|| decode::<T>(&bytes));
    let Err(error) = result else {
        panic!("it is read")
    };
    assert!(heap_bytes < 1 << 20, "{heap_bytes} bytes: {error}");
    error.kind
}

#[test]
fn counts_that_the_input_does_not_pay_for() {
    use DecodeErrorKind::{AllocationLimit, UnexpectedEnd, VectorTooLong};
    let many = i32::MAX as u32;
    let kinds = [
        is_refused_at_once::<types::Counted>(&[many]),
        is_refused_at_once::<types::Matrix>(&[many, many]),
        is_refused_at_once::<types::Table>(&[many, 0]),
        is_refused_at_once::<types::OutsideHolder>(&[0, many]),
        is_refused_at_once::<types::Plus>(&[many - 1]),
        is_refused_at_once::<types::Turning>(&[many, many]),
    ];
    for kind in kinds {
        assert!(
            matches!(kind, UnexpectedEnd { .. } | AllocationLimit { .. }),
            "{kind:?}"
        );
    }
    // Items without a byte on the wire still take memory, or are bounded as if they did.
    for kind in [
        is_refused_at_once::<types::Matrix>(&[many, 0]),
        is_refused_at_once::<types::Marked>(&[many]),
    ] {
        assert!(matches!(kind, AllocationLimit { .. }), "{kind:?}");
    }
    for kind in [
        is_refused_at_once::<types::Counted>(&[u32::MAX]),
        is_refused_at_once::<types::Plus>(&[u32::MAX]),
        is_refused_at_once::<types::Matrix>(&[u32::MAX, 0]),
    ] {
        assert_eq!(kind, VectorTooLong { count: u32::MAX });
    }
}

#[test]
fn nesting_is_bounded() {
    // A tree of one branch, which has one, and so on.
    let tree = [vec![1], [0, 1].repeat(10_000)].concat();
    let kind = is_refused_at_once::<types::Woods>(&tree);
    assert!(
        matches!(kind, DecodeErrorKind::DepthLimit { .. }),
        "{kind:?}"
    );
    let forest = [vec![0, 0, 0], vec![1; 10_000]].concat();
    let kind = is_refused_at_once::<types::Woods>(&forest);
    assert!(
        matches!(kind, DecodeErrorKind::DepthLimit { .. }),
        "{kind:?}"
    );
    // Values that the numbers passed to them make endless, and that take no bytes.
    for words in [[1, 0], [0, 1], [1, 1]] {
        let kind = is_refused_at_once::<types::Endless>(&words);
        let is_depth = matches!(kind, DecodeErrorKind::DepthLimit { .. });
        let is_name = words == [0, 1] && matches!(kind, DecodeErrorKind::UnexpectedEnd { .. });
        assert!(is_depth || is_name, "{kind:?}");
    }
    let kind = is_refused_at_once::<types::Endless>(&[0, 1, 0]);
    assert!(
        matches!(kind, DecodeErrorKind::DepthLimit { .. }),
        "{kind:?}"
    );
    // A chain as long as its number says.
    let chain = vec![0; 10_000];
    let chain = [vec![9_998], chain].concat();
    let kind = is_refused_at_once::<types::ChainN>(&chain);
    assert!(
        matches!(kind, DecodeErrorKind::DepthLimit { .. }),
        "{kind:?}"
    );
    let call = functions::GetChain {
        n: u32::MAX,
        key: String::new(),
    };
    let bytes: Vec<u8> = [0xd5c3_2bac, 1].map(u32::to_le_bytes).concat();
    let chain = telegram_tl::wire::decode_return::<_>(&call, &bytes);
    assert!(chain.is_err());
    let _: Option<enums::Chain<i32>> = chain.ok();
}
