//! What the fuzzer of keys has reached, once more.

use std::fs;
use std::path::Path;

use crate::hostile_keys;

#[test]
fn what_the_fuzzer_has_reached_is_replayed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/keys");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        hostile_keys::drive(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 160, "{count} inputs");
}
