//! Schemas from text, and bytes as one writes them down.

use tl_dynamic::{Codec, Root, Value};
use tl_parser::schema::{Options, Schema, read};
use tl_parser::span::Sources;

/// A schema without a fault.
#[track_caller]
pub(crate) fn schema(text: &str) -> Schema {
    let mut sources = Sources::new();
    sources.add("test.tl", text).expect("it is small");
    // Ids are chosen to be readable in bytes.
    let options = Options {
        trust_ids: true,
        ..Options::default()
    };
    let mut readings = read(&sources, &options);
    assert_eq!(readings.len(), 1, "one schema");
    let reading = readings.remove(0);
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    reading.schema
}

#[track_caller]
pub(crate) fn codec(text: &str) -> Codec {
    Codec::new(&schema(text))
}

/// Words of 32 bits, little endian.
pub(crate) fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Holds bytes and JSON to be the same value, in every direction.
#[track_caller]
pub(crate) fn assert_same(codec: &Codec, root: &Root, bytes: &[u8], json: &str) -> Value {
    let value = codec.decode(root, bytes);
    let value = value.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(value.to_json().to_string(), json);
    assert_eq!(codec.encode(root, &value).as_deref(), Ok(bytes));
    let read = codec.value_from_text(root, json);
    let read = read.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(codec.encode(root, &read).as_deref(), Ok(bytes));
    value
}

/// The error of JSON that is no value.
#[track_caller]
pub(crate) fn refused(codec: &Codec, root: &Root, json: &str) -> String {
    let value = codec.value_from_text(root, json);
    value.expect_err("it is refused").to_string()
}
