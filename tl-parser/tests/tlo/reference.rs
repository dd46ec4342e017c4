//! The references: written byte for byte, and read back as the schemas they were made from.

use tl_parser::format::tlo::{TloVersion, read};
use tl_parser::schema::{Param, Schema, Term};

use crate::{VERSIONS, bytes, fixture, references, schema};

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
                assert!(combinator.explicit_id.is_some(), "{}", combinator.name);
                assert_eq!(combinator.id_mismatch, None, "{}", combinator.name);
            }
        }
    }
}

#[test]
fn a_schema_reads_back_the_same() {
    for stem in [
        "types",
        "functions",
        "annotated",
        "dependent",
        "closed",
        "partial",
    ] {
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
        Term::BareType(ty, args) => format!("(%{} {})", schema[*ty].name, all(args)),
        Term::Repeat(repeat) => format!(
            "{}*{:?}",
            shape(schema, &repeat.count),
            params(schema, &repeat.params)
        ),
        other => format!("{other:?}"),
    }
}

fn params(schema: &Schema, params: &[Param]) -> Vec<String> {
    let text = |param: &Param| {
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
