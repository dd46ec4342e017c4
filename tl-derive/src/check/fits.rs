//! Which Rust types can be what a schema says.

use tl_codegen::by_hand::{self as plan, Borrowed, Foreign, Value};

use super::shown::{shown_number, shown_number_here};
use crate::model::Fields;
use crate::schema::Combinator;

/// Whether a Rust type can be what the schema says.
pub(super) fn fits(schema: &Value, here: &Value) -> bool {
    match (schema, here) {
        (
            Value::Vector {
                is_boxed,
                item: there,
            },
            Value::Vector {
                is_boxed: own,
                item,
            },
        ) => is_boxed == own && fits(there, item),
        (Value::Repeat { item: there, .. }, Value::Repeat { item, .. }) => fits(there, item),
        (_, Value::Foreign(Foreign::With(_))) => true,
        (Value::Repeat { .. } | Value::WithId { .. }, _) => false,
        (Value::Item { args, .. }, Value::Foreign(Foreign::Plain)) => {
            !args.iter().any(|arg| matches!(arg, plan::Arg::Nat(_)))
        }
        // Whether it is boxed is claimed of the type.
        (Value::Item { .. }, Value::Foreign(Foreign::Boxed)) => true,
        (Value::Vector { is_boxed, .. }, Value::Foreign(Foreign::Plain)) => *is_boxed,
        (_, Value::Foreign(form)) => *form == Foreign::Plain,
        (there, here) => owned(there) == owned(here),
    }
}

/// Whether the same number counts the items.
pub(super) fn same_count(schema: &Value, here: &Value, all: &Fields, found: &Combinator) -> bool {
    let (Value::Repeat { count: there, .. }, Value::Repeat { count, .. }) = (schema, here) else {
        return true;
    };
    let (Some(from), Some(own)) = (&there.source, &count.source) else {
        return false;
    };
    there.plus == count.plus && shown_number(from, &found.fields) == shown_number_here(own, all)
}

/// The form that owns its data.
pub(super) fn owned(value: &Value) -> &Value {
    match value {
        Value::Borrowed(Borrowed::String) => &Value::String,
        Value::Borrowed(Borrowed::Bytes) => &Value::Bytes,
        Value::Borrowed(Borrowed::Int128) => &Value::Int128,
        Value::Borrowed(Borrowed::Int256) => &Value::Int256,
        Value::Borrowed(Borrowed::Int512) => &Value::Int512,
        value => value,
    }
}

/// The bytes of a built-in type; the fewest, where they differ.
pub(super) fn size(value: &Value) -> Option<usize> {
    Some(match owned(value) {
        Value::Int | Value::Nat | Value::Float | Value::Bool | Value::String | Value::Bytes => 4,
        Value::Long | Value::Double => 8,
        Value::Int128 => 16,
        Value::Int256 => 32,
        Value::Int512 => 64,
        _ => return None,
    })
}
