//! Every construct of the language: values of each definition are read, written, and go through JSON and back.
//!
//! The bytes are found by asking: where the codec says that the input ends too early, random words are added; where it misses
//! a constructor, one of those it expects is put. What is accepted in the end must come back as it is.

#![cfg(feature = "json")]

use std::fs;
use std::path::Path;

use tl_dynamic::{Codec, DecodeErrorKind, Options, Root};
use tl_parser::schema::{self, Reading, read};
use tl_parser::span::Sources;

/// How many values of each definition are looked for.
const VALUES: u32 = 20;
/// How often a value is asked for before it is given up.
const QUESTIONS: u32 = 300;

/// Definitions without a value that could be found this way.
const MISSED: [&str; 13] = [
    // An argument of a type that nothing constructs.
    "finalizations.tl: later",
    // Calls of calls, where every function of the schema wraps another.
    "ids_by_the_documented_rule.tl: wrap",
    "ids_by_the_telegram_rule.tl: invokeWithBusinessConnection",
    "ids_by_the_telegram_rule.tl: invokeWithLayer",
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
    let mut rng = Rng(1);
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
    let ids: Vec<_> = names.iter().map(|row| row.1).collect();
    let mut definitions = 0;
    for (name, id) in names {
        let Ok(root) = codec.value(&name).or_else(|_| codec.call(&name)) else {
            // A type with parameters: not by its name alone.
            continue;
        };
        if !can_be_read(&codec, &root, id) {
            continue;
        }
        definitions += 1;
        let found = (0..VALUES).filter(|_| {
            let Some(bytes) = find(&codec, &root, &ids, rng) else {
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

/// Whether the schema says how: not of `object ? = Object`, and not where `Type` is a value.
fn can_be_read(codec: &Codec, root: &Root, id: u32) -> bool {
    [&[][..], &id.to_le_bytes(), &[0; 64]].iter().all(|bytes| {
        let error = codec.decode_prefix(root, bytes, &Options::new()).err();
        !error.is_some_and(|error| matches!(error.kind, DecodeErrorKind::Undetermined { .. }))
    })
}

/// Bytes that the codec accepts.
fn find(codec: &Codec, root: &Root, ids: &[u32], rng: &mut Rng) -> Option<Vec<u8>> {
    let mut bytes: Vec<u8> = Vec::new();
    for _ in 0..QUESTIONS {
        let error = match codec.decode_prefix(root, &bytes, &Options::new()) {
            Ok((_, len)) => {
                bytes.truncate(len);
                return Some(bytes);
            }
            Err(error) => error,
        };
        match error.kind {
            DecodeErrorKind::UnexpectedEnd { .. } => {
                let is_text = matches!(error.reading.as_str(), "string" | "bytes");
                let word = match rng.below(8) {
                    choice if is_text => [0, 0x6101][choice & 1],
                    0 => 1 << rng.below(32),
                    _ => rng.below(3) as u32,
                };
                bytes.extend(word.to_le_bytes());
            }
            DecodeErrorKind::UnexpectedConstructor { expected, .. } => {
                let among = if expected.is_empty() { ids } else { &expected };
                let id = among[rng.below(among.len())];
                bytes.truncate(error.offset);
                bytes.extend(id.to_le_bytes());
            }
            // A count beyond reason, an id of what has parameters: another word may do.
            _ => bytes.truncate(error.offset.saturating_sub(4) & !3),
        }
    }
    None
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

/// xorshift64*
struct Rng(u64);

impl Rng {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as usize % limit
    }
}
