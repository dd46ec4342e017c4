//! What the fuzzers of the handshake have reached, once more: `fuzz/fuzz_targets/{handshake_client,handshake_server,plain_message}.rs`.

use std::fs;
use std::path::Path;

use crate::harness;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        run(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 10, "{} has {count} inputs", folder.display());
}

#[test]
fn handshake_client() {
    replay("handshake_client", harness::client);
}

#[test]
fn handshake_server() {
    replay("handshake_server", harness::server);
}

#[test]
fn plain_message() {
    replay("plain_message", harness::plain);
}
