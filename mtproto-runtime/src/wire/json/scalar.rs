//! JSON as values of built-in types; none where it is another kind of value, or out of range.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::number;
use super::tree::Tree;
use crate::base64;

pub(super) fn boolean(tree: &Tree) -> Option<bool> {
    match tree {
        Tree::Bool(value) => Some(*value),
        _ => None,
    }
}

/// What a string holds: text, or anything in base64.
pub(super) fn text(tree: &Tree) -> Option<Cow<'_, [u8]>> {
    match tree {
        Tree::Text(text) => Some(Cow::Borrowed(text.as_bytes())),
        Tree::Map(map) if map.len() == 1 => from_base64(map.get("@bytes")?).map(Cow::Owned),
        _ => None,
    }
}

pub(super) fn from_base64(tree: &Tree) -> Option<Vec<u8>> {
    match tree {
        Tree::Text(text) => base64::decode(text, false),
        _ => None,
    }
}

pub(super) fn integer(tree: &Tree) -> Option<i64> {
    match tree {
        Tree::Signed(value) => Some(*value),
        _ => None,
    }
}

pub(super) fn long(tree: &Tree) -> Option<i64> {
    match tree {
        Tree::Text(text) => text.parse().ok(),
        tree => integer(tree),
    }
}

pub(super) fn double(tree: &Tree) -> Option<f64> {
    match tree {
        Tree::Signed(value) => Some(*value as f64),
        Tree::Unsigned(value) => Some(*value as f64),
        Tree::Float(value) => Some(*value),
        Tree::Text(text) => number::double_of_text(text),
        _ => None,
    }
}

/// The nearest float; none for a number too large for any.
pub(super) fn float(tree: &Tree) -> Option<f32> {
    if let Tree::Text(text) = tree {
        return number::float_of_text(text);
    }
    let value = double(tree)? as f32;
    value.is_finite().then_some(value)
}
