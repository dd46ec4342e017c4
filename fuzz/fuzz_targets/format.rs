//! Whatever the text: if it parses, formatting keeps its tree, its comments and its ids, and formatting again changes
//! nothing.
#![no_main]

#[path = "../../tl-parser/tests/support/tree.rs"]
mod tree;

use libfuzzer_sys::fuzz_target;
use tl_parser::schema::{Dialect, id};
use tl_parser::span::FileId;
use tl_parser::syntax::ast::{File, Item};
use tl_parser::syntax::{parse, print};
use tree::without_spans;

fuzz_target!(|text: &str| {
    let parsed = parse(FileId(0), text);
    if !parsed.diagnostics.is_empty() {
        return;
    }
    let formatted = print::format(&parsed.file, text);
    let again = parse(FileId(0), &formatted);
    assert_eq!(again.diagnostics, [], "{formatted}");
    assert_eq!(without_spans(&again.file), without_spans(&parsed.file));
    assert_eq!(again.file.comments.len(), parsed.file.comments.len());
    assert_eq!(print::format(&again.file, &formatted), formatted);
    assert_eq!(ids(&again.file), ids(&parsed.file));
});

fn ids(file: &File<'_>) -> Vec<[u32; 2]> {
    let of_item = |item: &Item<'_>| match item {
        Item::Combinator(combinator) => {
            let by = |dialect| id::computed_id(combinator, dialect);
            Some([by(Dialect::Raw), by(Dialect::Telegram)])
        }
        _ => None,
    };
    file.items.iter().filter_map(of_item).collect()
}
