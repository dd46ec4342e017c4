//! What the fuzzer has reached, once more.

use std::fs;
use std::path::Path;

use crate::hostile;

#[test]
fn what_the_fuzzer_has_reached_is_replayed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/secret_chat");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("the folder can be read").path();
        hostile::drive(&fs::read(path).expect("the input can be read"));
        count += 1;
    }
    assert!(count >= 10, "{count} inputs");
}

#[test]
fn stored_chats_that_are_spoilt_are_refused_or_read() {
    let mut pair = crate::support::Pair::new(8);
    pair.settle();
    pair.a.say("whole");
    let stored = pair.a.stored;
    for at in 0..stored.len() {
        let mut spoilt = vec![0];
        spoilt.extend(&stored);
        spoilt[at + 1] ^= 0x81;
        hostile::drive(&spoilt);
        hostile::drive(&spoilt[..=at]);
    }
}
