//! No generated type is large: none above 512 bytes, and each above 200 is listed in `fixtures/large_types.txt` with its size and
//! the reason why it may be.

#[path = "support/random.rs"]
#[expect(dead_code, reason = "only its schema reader is used here")]
mod random;

use std::fmt::Write as _;
use std::mem::size_of;

use snapbox::{assert_data_eq, file};
use tl_parser::schema::{Param, Schema};

const LIMIT: usize = 512;
const LISTED_FROM: usize = 200;

struct Item {
    size: usize,
    path: String,
    tl_name: &'static str,
    kind: &'static str,
}

#[test]
fn no_type_is_larger_than_512_bytes_and_those_above_200_are_listed() {
    let mut items: Vec<Item> = Vec::new();
    macro_rules! item {
        ($module:ident, $kind:ident, $tl_name:literal, $($path:tt)+) => {
            items.push(Item {
                size: size_of::<telegram_tl::$module::$($path)+>(),
                path: format!("{}::{}", stringify!($module), stringify!($($path)+).replace(' ', "")),
                tl_name: $tl_name,
                kind: stringify!($kind),
            });
        };
    }
    include!(concat!(env!("OUT_DIR"), "/inventory.rs"));
    items.sort_by(|a, b| (b.size, &a.path).cmp(&(a.size, &b.path)));
    let largest = items.first().expect("there are types");
    assert!(
        largest.size <= LIMIT,
        "{} has {} bytes",
        largest.path,
        largest.size
    );

    let api = random::schema("schemas/api.tl");
    let mut list = String::from(
        "# Every generated type above 200 bytes on a 64-bit machine: size, path, reason. See tests/sizes.rs.\n",
    );
    for item in items.iter().filter(|item| item.size > LISTED_FROM) {
        writeln!(list, "{}\t{}\t{}", item.size, item.path, reason(&api, item))
            .expect("strings take all text");
    }
    assert_data_eq!(list, file!["fixtures/large_types.txt"]);
}

/// Why a type may be that large: it has many arguments, and nothing but a box or a caller holds it.
fn reason(schema: &Schema, item: &Item) -> String {
    let mut combinators = schema.combinators().map(|(_, combinator)| combinator);
    let found = combinators.find(|combinator| combinator.name.as_str() == item.tl_name);
    let combinator = found.unwrap_or_else(|| {
        panic!(
            "{} has {} bytes: an enum must box its variants",
            item.path, item.size
        )
    });
    let optional = combinator
        .params
        .iter()
        .filter(|param: &&Param| param.condition.is_some())
        .count();
    let holder = match item.kind {
        "Constructor" => "its enum boxes it",
        _ => "a call, made once and encoded",
    };
    format!(
        "{} arguments, {optional} of them optional; {holder}",
        combinator.params.len()
    )
}
