//! A value's JSON by serde's traits and by the dynamic codec, held against each other.

use serde_json::Value as Tree;
use telegram_tl::wire::json::{Deserialize, Serialize};
use telegram_tl::wire::{TlRead, TlWrite, decode, encode};
use tl_dynamic::{Codec, Options, Root};
use tl_parser::schema::Schema;

use super::random::Maker;

/// Values of each item.
const VALUES: u64 = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Constructor,
    Type,
    Function,
}

pub(crate) use Kind::{Constructor, Function, Type};

/// One layer of a schema: what makes values of it, and what tells them.
pub(crate) struct Layer<'a> {
    maker: Maker<'a>,
    codec: Codec,
}

impl<'a> Layer<'a> {
    pub(crate) fn new(schema: &'a Schema, layer: Option<u32>) -> Self {
        Self {
            maker: Maker::new(schema, layer, 3),
            codec: Codec::at_layer(schema, layer),
        }
    }

    fn bytes(&mut self, kind: Kind, tl_name: &str) -> Vec<u8> {
        match kind {
            Type => self.maker.boxed(tl_name),
            Constructor => self.maker.combinator(tl_name, false),
            Function => self.maker.combinator(tl_name, true),
        }
    }

    fn root(&self, kind: Kind, tl_name: &str) -> Root {
        match kind {
            Type | Constructor => self.codec.value(tl_name),
            Function => self.codec.call(tl_name),
        }
        .unwrap_or_else(|error| panic!("{tl_name}: {error}"))
    }

    /// Random values of an item are told alike, and come back.
    pub(crate) fn check<T: Both>(&mut self, kind: Kind, tl_name: &str) {
        let root = self.root(kind, tl_name);
        for _ in 0..VALUES {
            let bytes = self.bytes(kind, tl_name);
            is_told::<T>(&self.codec, &root, &bytes, tl_name);
        }
    }
}

/// What generated types are.
pub(crate) trait Both:
    for<'r> TlRead<'r> + TlWrite + Serialize + for<'de> Deserialize<'de>
{
}

impl<T: for<'r> TlRead<'r> + TlWrite + Serialize + for<'de> Deserialize<'de>> Both for T {}

/// The bytes are the same JSON by both, and the same bytes again.
#[track_caller]
pub(crate) fn is_told<T: Both>(codec: &Codec, root: &Root, bytes: &[u8], what: &str) {
    let value: T = decode(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    let dynamic = codec.decode_with(root, bytes, &Options::keeping());
    let dynamic = dynamic.unwrap_or_else(|error| panic!("{what}: {error}"));
    let text = serde_json::to_string(&value).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(text, dynamic.to_json().to_string(), "{what}");

    let mut reader = serde_json::Deserializer::from_str(&text);
    reader.disable_recursion_limit();
    let again =
        T::deserialize(&mut reader).unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
    assert_eq!(encode(&again).as_deref(), Ok(bytes), "{what}: {text}");
    // As a tree whose keys are in another order.
    let tree = serde_json::to_value(&value).expect("it is JSON");
    let again: T = serde_json::from_value(reversed(tree))
        .unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
    assert_eq!(encode(&again).as_deref(), Ok(bytes), "{what}: {text}");

    let packed = postcard::to_allocvec(&value).expect("it is a byte string");
    assert!(packed.ends_with(bytes), "{what}");
    let again: T = postcard::from_bytes(&packed).expect("it is one still");
    assert_eq!(encode(&again).as_deref(), Ok(bytes), "{what}");
}

/// The same with the keys of all objects from last to first.
fn reversed(tree: Tree) -> Tree {
    match tree {
        Tree::Array(items) => items.into_iter().map(reversed).collect(),
        Tree::Object(map) => {
            let rows = map.into_iter().rev();
            rows.map(|(key, tree)| (key, reversed(tree))).collect()
        }
        other => other,
    }
}
