//! What serde reads, before it is held against the schema: which type a field has, only `@type` tells, and that may come last.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use serde_core::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{MAX_BYTES, MAX_LEVELS};

/// A value of JSON.
#[derive(Debug)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    List(Vec<Tree>),
    Map(Map),
}

/// An object, by its keys.
pub(super) type Map = BTreeMap<String, Tree>;

/// What a key takes besides its text: its place in a node, and as much for nodes that are half full.
const KEY_BYTES: usize = 2 * size_of::<String>();

/// What a value takes, with as much for vectors that have just grown.
const TREE_BYTES: usize = 2 * size_of::<Tree>();

/// The key by which `serde_json` tells numbers of any length, where its feature `arbitrary_precision` is on.
const ANY_NUMBER: &str = "$serde_json::private::Number";

/// A number by its digits.
fn number(digits: &str) -> Option<Tree> {
    let signed = digits.parse().map(Tree::Signed);
    let unsigned = signed.or_else(|_| digits.parse().map(Tree::Unsigned));
    unsigned.or_else(|_| digits.parse().map(Tree::Float)).ok()
}

pub(super) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Tree, D::Error> {
    let seed = Seed {
        // An object in a vector in an object takes two levels of JSON to one of ours.
        levels: 2 * MAX_LEVELS,
        bytes: &Cell::new(MAX_BYTES),
    };
    seed.deserialize(from)
}

/// Makes a tree of at most so many levels and bytes.
#[derive(Clone, Copy)]
struct Seed<'s> {
    levels: u32,
    bytes: &'s Cell<usize>,
}

impl Seed<'_> {
    fn inner<E: Error>(self) -> Result<Self, E> {
        match self.levels.checked_sub(1) {
            Some(levels) => Ok(Self { levels, ..self }),
            None => Err(E::custom(format_args!(
                "values nest deeper than the limit of {}",
                2 * MAX_LEVELS
            ))),
        }
    }

    fn pay<E: Error>(self, bytes: usize) -> Result<(), E> {
        match self.bytes.get().checked_sub(bytes) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => Err(E::custom(format_args!(
                "the value takes more than the limit of {MAX_BYTES} bytes of memory"
            ))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Tree, D::Error> {
        self.pay(TREE_BYTES)?;
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a TL value as JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Tree, D::Error> {
        self.inner()?.deserialize(from)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Tree, D::Error> {
        self.inner()?.deserialize(from)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Signed(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(i64::try_from(value).map_or(Tree::Unsigned(value), Tree::Signed))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Tree, E> {
        self.pay(value.len())?;
        Ok(Tree::Text(value.into()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Tree, E> {
        self.pay(value.len())?;
        Ok(Tree::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let inner = self.inner()?;
        let mut map = BTreeMap::new();
        while let Some(key) = access.next_key::<String>()? {
            self.pay(KEY_BYTES + key.len())?;
            let value = access.next_value_seed(inner)?;
            match map.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(entry) => {
                    let key = entry.key();
                    return Err(A::Error::custom(format!("the key `{key}` comes twice")));
                }
            }
        }
        Ok(match map.get(ANY_NUMBER) {
            Some(Tree::Text(digits)) => number(digits).unwrap_or(Tree::Map(map)),
            _ => Tree::Map(map),
        })
    }
}
