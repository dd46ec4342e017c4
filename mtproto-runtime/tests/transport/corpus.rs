//! What the fuzz targets have reached, again.

use std::fs;
use std::path::Path;

use crate::fuzzing;

/// Runs all inputs of a target, which has some.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(folder).unwrap() {
        run(&fs::read(entry.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs > 50, "{inputs} inputs");
}

#[test]
fn transport_decode() {
    replay("transport_decode", fuzzing::transport_decode);
}

#[test]
fn detect() {
    replay("detect", fuzzing::detection);
}
