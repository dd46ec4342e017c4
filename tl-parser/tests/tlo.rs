//! TLO: the bytes are those of the reference parsers, what was written reads back as the same schema, and no input harms.
//!
//! `tests/fixtures/tlo/README.md` tells where the reference bytes come from.

use std::fs;
use std::path::PathBuf;

use tl_parser::diagnostic::Code;
use tl_parser::format::tlo::{Inexpressible, Malformed, TloError, TloVersion, read, write};
use tl_parser::format::{Form, to_text};
use tl_parser::schema::{self, Dialect, Options, Reading, Schema, Term};
use tl_parser::span::Sources;

const VERSIONS: [(&str, TloVersion); 3] = [
    ("v2", TloVersion::V2),
    ("v3", TloVersion::V3),
    ("v4", TloVersion::V4),
];

/// Every reference file: what it is of, its version and its bytes.
fn references() -> Vec<(String, TloVersion, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(fixtures()).expect("the fixtures are there") {
        let path = entry.expect("it can be read").path();
        for (suffix, version) in VERSIONS {
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(stem) = name.and_then(|name| name.strip_suffix(&format!(".{suffix}.tlo"))) {
                let bytes = fs::read(&path).expect("it can be read");
                found.push((stem.to_owned(), version, bytes));
            }
        }
    }
    assert_eq!(found.len(), 11, "all reference files are found");
    found
}

fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tlo"))
}

fn fixture(stem: &str) -> String {
    fs::read_to_string(fixtures().join(format!("{stem}.tl")))
        .expect("every reference has its schema")
}

/// The text as one schema, ids by the documented rule: the one the reference parsers know.
#[track_caller]
fn schema(text: &str) -> Schema {
    let Reading {
        schema,
        diagnostics,
        ..
    } = reading(text);
    let errors: Vec<_> = diagnostics
        .iter()
        .filter(|one| one.is_error() && one.code != Code::IdMismatch)
        .collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    schema
}

fn reading(text: &str) -> Reading {
    let mut sources = Sources::new();
    sources.add("a.tl", text).expect("it is small");
    let options = Options {
        dialect: Some(Dialect::Raw),
        join: true,
        ..Options::default()
    };
    schema::read(&sources, &options).pop().expect("one schema")
}

fn bytes(schema: &Schema, version: TloVersion) -> Vec<u8> {
    write(&schema.view(schema.layer()), version, 0).expect("TLO can say it")
}

#[test]
fn bytes_are_those_of_the_reference_parsers() {
    for (stem, version, reference) in references() {
        let written = bytes(&schema(&fixture(&stem)), version);
        let place = written
            .iter()
            .zip(&reference)
            .position(|(one, other)| one != other);
        assert!(
            written == reference,
            "{stem} {version:?} differs from byte {place:?} on"
        );
    }
}

#[test]
fn the_text_of_a_reference_gives_its_bytes_again() {
    for (stem, version, reference) in references() {
        let text = read(&reference).expect("it is TLO");
        assert!(
            bytes(&schema(&text), version) == reference,
            "{stem} {version:?}:\n{text}"
        );
    }
}

#[test]
fn the_text_of_a_reference_has_its_ids() {
    let chosen_by_hand = ["zoo.cage", "user", "users.get"];
    for (_, _, reference) in references() {
        let text = read(&reference).expect("it is TLO");
        for (_, combinator) in schema(&text).combinators() {
            if !combinator.is_prelude && !chosen_by_hand.contains(&combinator.name.as_str()) {
                assert_eq!(
                    combinator.explicit_id,
                    Some(combinator.computed_id),
                    "{}",
                    combinator.name
                );
            }
        }
    }
}

#[test]
fn a_schema_reads_back_the_same() {
    for stem in ["types", "functions", "annotated", "dependent", "closed"] {
        let before = schema(&fixture(stem));
        for (_, version) in VERSIONS {
            let after = schema(&read(&bytes(&before, version)).expect("it is TLO"));
            let own = |schema: &Schema| {
                schema
                    .combinators()
                    .filter(|(_, one)| !one.is_prelude)
                    .count()
            };
            assert_eq!(own(&before), own(&after), "{stem}");
            for (_, one) in before.combinators().filter(|(_, one)| !one.is_prelude) {
                let same = after
                    .combinators()
                    .find(|(_, other)| other.name == one.name);
                let (_, other) = same.expect("it is there");
                assert_eq!(
                    (one.id, one.kind, one.is_opaque),
                    (other.id, other.kind, other.is_opaque)
                );
                assert_eq!(
                    shape(&before, &one.result),
                    shape(&after, &other.result),
                    "{}",
                    one.name
                );
                assert_eq!(
                    params(&before, &one.params),
                    params(&after, &other.params),
                    "{}",
                    one.name
                );
                if version == TloVersion::V4 && !one.annotations.iter().any(|word| &**word == "any")
                {
                    assert_eq!(one.annotations, other.annotations, "{}", one.name);
                }
            }
        }
    }
}

/// A term with names in place of indices, for two schemas number differently.
fn shape(schema: &Schema, term: &Term) -> String {
    let all = |args: &[Term]| {
        args.iter()
            .map(|arg| shape(schema, arg))
            .collect::<Vec<_>>()
            .join(" ")
    };
    match term {
        Term::Boxed(ty, args) => format!("({} {})", schema[*ty].name, all(args)),
        Term::Bare(id, args) => format!("({} {})", schema[*id].name, all(args)),
        Term::Repeat(repeat) => format!(
            "{}*{:?}",
            shape(schema, &repeat.count),
            params(schema, &repeat.params)
        ),
        other => format!("{other:?}"),
    }
}

fn params(schema: &Schema, params: &[schema::Param]) -> Vec<String> {
    let text = |param: &schema::Param| {
        let marks = (
            param.var,
            &param.name,
            param.is_implicit,
            param.is_query,
            param.condition,
        );
        format!("{marks:?} {}", shape(schema, &param.ty))
    };
    params.iter().map(text).collect()
}

#[test]
fn a_schema_without_built_in_types_gets_those_it_uses() {
    let text = read(&bytes(
        &schema("user name:string photos:Vector<int128> = User;"),
        TloVersion::V2,
    ))
    .expect("it is TLO");
    assert_eq!(
        text,
        "int#a8509bda ? = Int;\n\
         int128#84ccf7b7 4*[ int ] = Int128;\n\
         string#b5286e24 ? = String;\n\
         user#23aaac1b name:string photos:Vector<int128> = User;\n\
         vector#1cb5c415 {t:Type} # [ t ] = Vector t;\n"
    );
}

#[test]
fn one_layer_is_written() {
    let layered = schema(
        "===1===\nuser id:int = User;\n===2===\nuser id:long = User;\nold = Old;\n===3===\nold a:int = Old;\n",
    );
    let at = |layer| {
        read(&write(&layered.view(layer), TloVersion::V2, 0).expect("TLO can say it"))
            .expect("it is TLO")
    };
    assert!(at(Some(1)).contains(" id:int = User;") && !at(Some(1)).contains("old"));
    assert!(at(Some(2)).contains(" id:long = User;") && at(Some(2)).contains("old#"));
    assert!(at(Some(3)).contains(" a:int = Old;"));
}

#[test]
fn long_names_are_tl_strings() {
    for length in [253, 254, 255, 1000] {
        let name = "n".repeat(length);
        let long = schema(&format!("{name} = Long;"));
        let text = read(&bytes(&long, TloVersion::V2)).expect("it is TLO");
        assert!(text.starts_with(&format!("{name}#")), "{length}");
    }
}

#[test]
fn a_condition_on_a_whole_word_is_refused() {
    let whole = schema("set mask:# all:mask?int = Set;");
    assert_eq!(
        write(&whole.view(None), TloVersion::V2, 0),
        Err(TloError::Inexpressible {
            name: "set".to_owned(),
            what: Inexpressible::WholeWordCondition
        })
    );
}

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
fn the_form_of_a_file_is_seen_by_its_first_bytes() {
    assert_eq!(Form::of(b"\xe2\x9b\x2f\x3a"), Form::Tlo);
    assert_eq!(Form::of(b"\x4b\x60\xa8\xe4 and more"), Form::Tlo);
    assert_eq!(Form::of(b"\xd7\x88\xac\x90"), Form::Tlo);
    assert_eq!(Form::of(b" \n\xef"), Form::Text);
    assert_eq!(Form::of(b"\xef\xbb\xbf {"), Form::Json);
    assert_eq!(Form::of(b"// {\n"), Form::Text);
    assert_eq!(Form::of(b""), Form::Text);
    assert_eq!(to_text(b"a = A;".to_vec()).expect("it is text"), b"a = A;");
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
