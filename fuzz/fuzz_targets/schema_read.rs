//! Whatever the bytes: reading them as a schema ends without a panic, and every finding points into the text.
//!
//! The last byte chooses the options, and NUL bytes part the files of one schema: so a schema file is a good seed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tl_parser::schema::{Dialect, Options, read};
use tl_parser::span::Sources;

fuzz_target!(|bytes: &[u8]| {
    let (&choice, text) = bytes.split_last().unwrap_or((&0, bytes));
    let mut sources = Sources::new();
    for (index, file) in text.split(|&byte| byte == 0).enumerate() {
        sources
            .add_bytes(format!("{index}.tl"), file.to_vec())
            .expect("it is small");
    }
    let options = Options {
        dialect: match choice & 3 {
            1 => Some(Dialect::Raw),
            2 => Some(Dialect::Telegram),
            _ => None,
        },
        join: choice & 4 != 0,
        trust_ids: choice & 8 != 0,
    };
    for reading in read(&sources, &options) {
        let diagnostics = &reading.diagnostics;
        assert!(diagnostics.is_sorted_by_key(|diagnostic| diagnostic.primary.span));
        for diagnostic in diagnostics {
            let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
            for label in labels {
                let text = sources.file(label.span.file).text();
                assert!(text.get(label.span.range()).is_some(), "{diagnostic:?}");
            }
            assert!(!diagnostic.message.is_empty());
        }
        for &layer in reading.schema.layers() {
            let view = reading.schema.view(Some(layer));
            assert!(view.types().count() <= reading.schema.types().len());
        }
    }
});
