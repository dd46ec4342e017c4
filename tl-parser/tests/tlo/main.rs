//! TLO: the bytes are those of the reference parsers, what was written reads back as the same schema, and no input harms.
//!
//! `tests/fixtures/tlo/README.md` tells where the reference bytes come from.

mod hostile;
mod reference;
mod written;

use std::fs;
use std::path::PathBuf;

use tl_parser::diagnostic::Code;
use tl_parser::format::tlo::{TloVersion, write};
use tl_parser::schema::{self, Dialect, Options, Reading, Schema};
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
    assert_eq!(found.len(), 12, "all reference files are found");
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
