//! Reading `schemas/api.tl`: ours resolves and checks it; grammers-tl-parser merely parses it, all of it, into definitions.

use std::process::ExitCode;

use tl_benches::compare;
use tl_parser::schema::{Options, Reading, read, read_unchecked};
use tl_parser::span::{FileId, Sources};
use tl_parser::syntax::parse;

fn main() -> ExitCode {
    let text = std::fs::read_to_string("../schemas/api.tl").expect("run from the folder benches");
    let mut sources = Sources::new();
    sources
        .add("api.tl", text.as_str())
        .expect("the schema is small");
    let options = Options::default();
    let theirs = || {
        grammers_tl_parser::parse_tl_file(&text)
            .filter_map(Result::ok)
            .collect::<Vec<_>>()
    };
    assert_same_work(
        &read(&sources, &options),
        &read_unchecked(&sources, &options),
        &theirs(),
    );

    compare("parse", 0.25, || parse(FileId(0), &text), theirs);
    let resolved = compare(
        "parse and resolve",
        0.25,
        || read_unchecked(&sources, &options),
        theirs,
    );
    compare(
        "parse, resolve and check",
        0.25,
        || read(&sources, &options),
        theirs,
    );
    match resolved {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Both sides have to find every definition with its id and its arguments: all but the one of `vector`, which theirs does
/// not read.
fn assert_same_work(
    checked: &[Reading],
    resolved: &[Reading],
    theirs: &[grammers_tl_parser::tl::Definition],
) {
    let ([checked], [resolved]) = (checked, resolved) else {
        panic!("one file is one schema");
    };
    assert_eq!(checked.schema, resolved.schema);
    assert!(!checked.has_errors() && !resolved.has_errors());
    let combinators = resolved
        .schema
        .combinators()
        .map(|(_, combinator)| combinator);
    let own: Vec<_> = combinators
        .filter(|own| !own.is_prelude && own.name.as_str() != "vector")
        .collect();
    assert_eq!(own.len(), theirs.len());
    for (own, their) in own.iter().zip(theirs) {
        // Theirs does not count what stands in braces.
        let args = own.params.iter().filter(|param| !param.is_implicit).count();
        assert_eq!(
            (own.id, args),
            (their.id, their.params.len()),
            "{}",
            own.name
        );
    }
}
