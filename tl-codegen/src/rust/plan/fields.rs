//! The inside of a struct: Rust names, flags words as computed values, sizes as computed values.

use std::collections::{BTreeMap, HashMap};

use tl_parser::schema::VarId;

use super::{Bit, Field, FieldKind, Value};
use crate::analysis::{self, Presence, Shape};
use crate::rust::names::{Scope, snake_name};

/// The planned fields of one struct, and the names its functions use.
pub(super) struct Fields {
    pub fields: Vec<Field>,
    pub reader: String,
    pub writer: String,
}

/// Plans the fields of one combinator; `value` gives a shape's Rust form, `docs` what is
/// said of an argument.
pub(super) fn plan(
    fields: &[analysis::Field],
    value: impl Fn(&Shape) -> Value,
    docs: impl Fn(&str) -> Option<String>,
) -> Fields {
    let names = names(fields);
    let lengths: HashMap<VarId, VarId> = fields
        .iter()
        .filter_map(|field| match field.shape {
            Shape::Object {
                length: Some(length),
            } => Some((length, field.var)),
            _ => None,
        })
        .collect();
    let planned = fields.iter().map(|field| {
        let kind = match (&field.shape, field.presence) {
            (Shape::Flags, _) => FieldKind::Flags {
                bits: bits(fields, field.var, &names),
            },
            (Shape::True, Presence::Flag { word, bit }) => FieldKind::Flag {
                word: names[&word].clone(),
                bit,
            },
            (Shape::Object { length }, Presence::Always) => FieldKind::Object {
                length: length.map(|length| names[&length].clone()),
            },
            (shape, Presence::Flag { word, bit }) => FieldKind::Optional {
                word: names[&word].clone(),
                bit,
                value: value(shape),
                is_boxed: field.is_boxed,
            },
            _ if lengths.contains_key(&field.var) => FieldKind::Length {
                of: names[&lengths[&field.var]].clone(),
            },
            (shape, Presence::Always) => FieldKind::Required {
                value: value(shape),
                is_boxed: field.is_boxed,
            },
        };
        Field {
            name: names[&field.var].clone(),
            tl_name: field.name.clone(),
            docs: docs(&field.name),
            kind,
        }
    });
    let fields: Vec<_> = planned.collect();
    let mut locals = Scope::default();
    for field in locals_of(&fields) {
        locals.reserve(&field.name);
    }
    Fields {
        reader: locals.reserve("r"),
        writer: locals.reserve("w"),
        fields,
    }
}

/// The fields that the read function keeps in local variables: all that stand before the last flags word or size.
pub(crate) fn locals_of(fields: &[Field]) -> &[Field] {
    let count = fields
        .iter()
        .rposition(Field::is_computed)
        .map_or(0, |last| last + 1);
    &fields[..count]
}

fn names(fields: &[analysis::Field]) -> HashMap<VarId, String> {
    let mut scope = Scope::default();
    fields
        .iter()
        .map(|field| (field.var, scope.reserve(&snake_name(&field.name))))
        .collect()
}

fn bits(fields: &[analysis::Field], own: VarId, names: &HashMap<VarId, String>) -> Vec<Bit> {
    let mut bits: BTreeMap<u8, Vec<(String, bool)>> = BTreeMap::new();
    for field in fields {
        match field.presence {
            Presence::Flag { word, bit } if word == own => {
                bits.entry(bit)
                    .or_default()
                    .push((names[&field.var].clone(), field.shape == Shape::True));
            }
            _ => {}
        }
    }
    bits.into_iter()
        .map(|(number, fields)| Bit { number, fields })
        .collect()
}
