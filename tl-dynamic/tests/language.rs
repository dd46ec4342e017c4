//! Every construct of the language: values of each definition are read, written, and go through JSON and back.
//!
//! The bytes are found by asking. What is accepted in the end must come back as it is.

#![cfg(feature = "json")]

#[path = "../../tests/support/asking.rs"]
mod asking;

use std::fs;
use std::path::Path;

use asking::{Asker, Rng};
use tl_dynamic::{Codec, Options, Root};
use tl_parser::schema::{self, Reading, read};
use tl_parser::span::Sources;

/// How many values of each definition are looked for.
const VALUES: u32 = 20;

/// Definitions without a value that could be found this way.
const MISSED: [&str; 16] = [
    // An argument of a type that nothing constructs.
    "finalizations.tl: later",
    // Calls of calls.
    "functions_as_data.tl: message",
    "functions_as_data.tl: adnl.query",
    // Calls of calls, where every function of the schema wraps another.
    "ids_by_the_documented_rule.tl: wrap",
    "ids_by_the_telegram_rule.tl: invokeWithBusinessConnection",
    "ids_by_the_telegram_rule.tl: invokeWithLayer",
    // A call, where there is no function.
    "implied_builtins.tl: a",
    // An object whose exact size stands before it.
    "known_id_exceptions.tl: message",
    // 4294967295 items.
    "number_arguments.tl: a",
    // Calls of calls.
    "queries.tl: anonymous",
    "queries.tl: comma",
    "queries.tl: optional",
    "queries.tl: seq_pair",
    "queries.tl: set_timeout",
    "queries_in_constructors.tl: engine.query",
    "queries_in_constructors.tl: engine.run",
];

#[test]
fn values_of_every_construct_come_back() {
    let dir = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/language"
    ));
    let mut paths: Vec<_> = fs::read_dir(dir)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tl"))
        .collect();
    paths.sort();
    let mut rng = Rng::new(1);
    let (mut definitions, mut missed) = (0, Vec::new());
    for path in &paths {
        let mut sources = Sources::new();
        let bytes = fs::read(path).expect("it can be read");
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.expect("UTF-8");
        sources.add_bytes(name, bytes).expect("it is small");
        for reading in read(&sources, &schema::Options::default()) {
            definitions += go_through(&reading, name, &mut rng, &mut missed);
        }
    }
    assert!(definitions > 400, "{definitions} definitions");
    assert_eq!(missed, MISSED);
}

/// Finds values of every definition, and says how many definitions there are.
fn go_through(reading: &Reading, file: &str, rng: &mut Rng, missed: &mut Vec<String>) -> u32 {
    let codec = Codec::new(&reading.schema);
    let names: Vec<_> = codec
        .names()
        .map(|(name, id)| (name.to_owned(), id))
        .collect();
    let asker = Asker::new(&codec, Options::new());
    let mut definitions = 0;
    for (name, id) in names {
        let Ok(root) = codec.value(&name).or_else(|_| codec.call(&name)) else {
            // A type with parameters: not by its name alone.
            continue;
        };
        if !asker.is_determined(&root, id) {
            continue;
        }
        definitions += 1;
        let found = (0..VALUES).filter(|_| {
            let Some(bytes) = asker.find(&root, rng) else {
                return false;
            };
            comes_back(&codec, &root, &bytes, &format!("{file}: {name}"));
            true
        });
        if found.count() == 0 {
            missed.push(format!("{file}: {name}"));
        }
    }
    definitions
}

/// Bytes to a value to JSON, and back. Padding may hold anything when read and is zero when written: apart from it the bytes
/// are the same if they are as many, and are the same value.
fn comes_back(codec: &Codec, root: &Root, bytes: &[u8], place: &str) {
    let value = codec.decode(root, bytes);
    let value = value.unwrap_or_else(|error| panic!("{place}: {error}"));
    let text = value.to_json().to_string();
    let again = codec.value_from_text(root, &text);
    let again = again.unwrap_or_else(|error| panic!("{place}: {error}\n{text}"));
    assert_eq!(again.to_json().to_string(), text, "{place}");
    for value in [&value, &again] {
        let written = codec.encode(root, value);
        let written = written.unwrap_or_else(|error| panic!("{place}: {error}\n{text}"));
        assert_eq!(written.len(), bytes.len(), "{place}: {text}");
        let read = codec.decode(root, &written);
        let read = read.unwrap_or_else(|error| panic!("{place}: {error}\n{text}"));
        // Not by value, for a NaN equals nothing.
        assert_eq!(format!("{read:?}"), format!("{value:?}"), "{place}: {text}");
        assert_eq!(codec.encode(root, &read).as_ref(), Ok(&written), "{place}");
    }
}
