//! Reading `schemas/api.tl`: ours parses, resolves and checks; grammers-tl-parser merely parses.

use tl_benches::compare;
use tl_parser::schema::{Options, read};
use tl_parser::span::{FileId, Sources};
use tl_parser::syntax::parse;

fn main() {
    let text = std::fs::read_to_string("../schemas/api.tl").expect("run from the folder benches");
    let mut sources = Sources::new();
    sources.add("api.tl", text.as_str()).expect("the schema is small");
    let theirs = || grammers_tl_parser::parse_tl_file(&text).filter_map(Result::ok).collect::<Vec<_>>();
    compare("parse, resolve and check", 0.25, || read(&sources, &Options::default()), theirs);
    compare("parse alone", 0.25, || parse(FileId(0), &text), theirs);
}
