//! What the fuzzers have reached, once more.

use std::fs;
use std::path::Path;

use crate::hostile_keys;
#[cfg(all(feature = "key-storage", feature = "legacy"))]
use crate::hostile_storage;

/// How many inputs there were.
fn replay(target: &str, drive: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let entries = fs::read_dir(folder.join(target)).unwrap();
    entries
        .map(|entry| drive(&fs::read(entry.unwrap().path()).unwrap()))
        .count()
}

#[test]
fn what_the_fuzzer_of_keys_has_reached_is_replayed() {
    assert!(replay("keys", hostile_keys::drive) >= 160);
}

#[cfg(all(feature = "key-storage", feature = "legacy"))]
#[test]
fn what_the_fuzzer_of_stored_keys_has_reached_is_replayed() {
    assert!(replay("key_storage", hostile_storage::drive) >= 5);
}
