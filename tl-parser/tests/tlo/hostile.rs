//! Files that are not what they should be: an error with its place, whatever they hold.

use tl_parser::format::tlo::{Malformed, TloError, TloVersion, read};

use crate::{bytes, reading, references, schema};

#[test]
fn both_magics_of_a_number_are_read() {
    let (_, _, reference) = references()
        .into_iter()
        .find(|(stem, version, _)| stem == "dependent" && *version == TloVersion::V4)
        .expect("it is there");
    let mut other = reference.clone();
    let (c, page) = (0xdcb4_9bd8_u32.to_le_bytes(), 0x8ce9_40b1_u32.to_le_bytes());
    // A number as a type's argument is an `exprNat` with a `natConst` in it.
    let places: Vec<_> = (0..other.len() - 8)
        .step_by(4)
        .filter(|&at| other[at..at + 4] == c && other[at + 4..at + 8] == c)
        .collect();
    assert!(places.len() > 3);
    for at in places {
        other[at + 4..at + 8].copy_from_slice(&page);
    }
    assert_eq!(read(&other), read(&reference));
}

#[test]
fn old_versions_are_named_as_what_they_are() {
    assert_eq!(
        read(&0xf19d_9e38_u32.to_le_bytes()),
        Err(TloError::Malformed {
            offset: 0,
            what: Malformed::UnknownVersion(0xf19d_9e38)
        })
    );
}

#[test]
fn a_name_cannot_begin_with_the_byte_255() {
    let mut bytes = bytes(&schema("a = Abc;"), TloVersion::V2);
    let at = bytes
        .windows(4)
        .position(|word| word == b"\x03Abc")
        .expect("a name");
    bytes[at] = 255;
    let what = Malformed::NameTooLong;
    assert_eq!(read(&bytes), Err(TloError::Malformed { offset: at, what }));
}

/// No reference is TLO any more when it is cut short, and the error points at the end of what is left.
#[test]
fn a_file_cut_short_is_malformed_there() {
    for (_, _, reference) in references() {
        for length in 0..reference.len() {
            let error = read(&reference[..length]).expect_err("it is too short");
            assert_eq!(
                error,
                TloError::Malformed {
                    offset: length,
                    what: Malformed::Truncated
                }
            );
        }
        let longer = [&reference[..], &[0; 4]].concat();
        let what = Malformed::TrailingBytes;
        assert_eq!(
            read(&longer),
            Err(TloError::Malformed {
                offset: reference.len(),
                what
            })
        );
    }
}

#[test]
fn a_wrong_word_anywhere_is_an_error_or_another_schema() {
    let some = ["dependent", "functions"];
    for (_, _, reference) in references()
        .into_iter()
        .filter(|(stem, version, _)| some.contains(&&**stem) && *version == TloVersion::V2)
    {
        for at in (0..reference.len()).step_by(4) {
            for word in [0_u32, 0xffff_ffff, 0xd9fb_20de, 0x7065_9eff] {
                let mut bytes = reference.clone();
                bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
                match read(&bytes) {
                    // Whatever it is now, it is text the front door takes without harm.
                    Ok(text) => drop(reading(&text)),
                    Err(TloError::Malformed { offset, .. }) => assert!(offset <= bytes.len()),
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }
}

/// Bytes of a file with one type, `A`, and one constructor, whose left side and what follows are given.
fn file(rest: &[u32]) -> Vec<u8> {
    let words = [
        &[
            0x3a2f_9be2,
            0,
            0,
            1,
            0x12eb_4386,
            7,
            u32::from_le_bytes(*b"\x01A\0\0"),
            1,
            0,
            0,
            0,
            0,
        ][..],
        &[1, 0x5c0a_1ed5, 7, u32::from_le_bytes(*b"\x01a\0\0"), 7][..],
        rest,
    ];
    words
        .concat()
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect()
}

const RESULT_AND_END: [u32; 6] = [0x2c06_4372, 0xc186_3d08, 7, 0, 0, 0];

#[test]
fn the_smallest_file() {
    let bytes = file(&[&[0x4c12_c6d9, 0][..], &RESULT_AND_END].concat());
    assert_eq!(read(&bytes).expect("it is TLO"), "a#00000007 = A;\n");
}

#[test]
fn counts_that_lie_cost_nothing() {
    for at in [3, 12, 18] {
        let mut bytes = file(&[&[0x4c12_c6d9, 0][..], &RESULT_AND_END].concat());
        bytes[at * 4..at * 4 + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(read(&bytes).is_err());
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth| {
        let array = [0xd9fb_20de, 0xdcb4_9bd8, 1, 1, 0x29df_e61b, 0, 0];
        let inner = [0xc186_3d08, 7, 0, 0];
        let left = [
            &[0x4c12_c6d9, 1, 0x29df_e61b, 0, 0][..],
            &array.repeat(depth),
            &inner,
        ]
        .concat();
        read(&file(&[&left[..], &RESULT_AND_END].concat()))
    };
    assert!(nested(10).is_ok());
    for depth in [64, 10_000, 1_000_000] {
        let error = nested(depth).expect_err("it is too deep");
        assert!(
            matches!(
                error,
                TloError::Malformed {
                    what: Malformed::TooDeep,
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn names_are_names() {
    for name in [
        "", "A", "a b", "a=A;b", "a\n", "a.", ".a", "a..b", "1a", "é", "//", "a#1",
    ] {
        let mut bytes = file(&[&[0x4c12_c6d9, 0][..], &RESULT_AND_END].concat());
        let padded = [&[name.len() as u8], name.as_bytes(), &[0; 3]].concat();
        let end = (name.len() + 1).next_multiple_of(4);
        // The constructor's name is the word after its id.
        bytes.splice(60..64, padded[..end].iter().copied());
        let error = read(&bytes).expect_err(name);
        assert!(
            matches!(
                error,
                TloError::Malformed {
                    what: Malformed::BadName(_),
                    ..
                }
            ),
            "{name:?}: {error}"
        );
    }
}

#[test]
fn text_can_not_grow_out_of_proportion() {
    // A type with a long name: written once, and called by its id many times.
    let name = "A".repeat(1000);
    let text = format!(
        "a = {name};\nb {} = B;",
        (0..20_000)
            .map(|at| format!("x{at}:{name} "))
            .collect::<String>()
    );
    let bytes = bytes(&schema(&text), TloVersion::V2);
    assert!(read(&bytes).expect("it is TLO").len() < 64 * bytes.len());
}

#[test]
fn built_in_types_need_not_be_listed() {
    let double = |flags| {
        let left = [
            0x4c12_c6d9,
            1,
            0x29df_e61b,
            u32::from_le_bytes(*b"\x01x\0\0"),
            0,
            0xc186_3d08,
            0x2210_c154,
            flags,
            0,
        ];
        read(&file(&[&left[..], &RESULT_AND_END].concat()))
    };
    assert_eq!(double(1).expect("it is TLO"), "a#00000007 x:double = A;\n");
    assert_eq!(double(0).expect("it is TLO"), "a#00000007 x:Double = A;\n");
}
