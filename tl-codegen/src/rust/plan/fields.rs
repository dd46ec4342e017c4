//! The inside of a struct: which fields are data, and which numbers are computed from others.

use std::collections::{BTreeMap, HashMap, HashSet};

use tl_parser::schema::VarId;

use super::values::Variables;
use super::{Bit, Field, FieldKind, Value};
use crate::Unknown;
use crate::analysis::{self, Extent, Presence, Shape};

/// Plans the fields of one struct; `values` are their Rust forms.
pub(super) fn plan(
    fields: &[analysis::Field],
    variables: &Variables,
    names: &HashMap<VarId, String>,
    values: &HashMap<VarId, Value>,
    unknown: Unknown,
) -> Vec<Field> {
    let lengths: HashMap<VarId, VarId> = fields
        .iter()
        .filter_map(|field| match field.shape {
            Shape::Object {
                extent: Extent::Length(length),
                ..
            } => Some((length, field.var)),
            _ => None,
        })
        .collect();
    let planned = fields.iter().map(|field| {
        let name = names[&field.var].clone();
        let value = values[&field.var].clone();
        let kind = match (&field.shape, variables.test(field.presence)) {
            (Shape::Flags, _) => {
                let bits = bits(fields, field.var, names);
                FieldKind::Flags {
                    keeps_unknown: unknown == Unknown::Keep && bits.len() < 32,
                    bits,
                }
            }
            (Shape::Count, _) => FieldKind::Count {
                of: counted(fields, field.var, names),
            },
            (Shape::True, Some(test)) => FieldKind::Flag { test },
            (_, Some(test)) => FieldKind::Optional {
                test,
                value,
                is_boxed: field.is_boxed,
            },
            (
                Shape::Object {
                    extent: Extent::Length(length),
                    ..
                },
                None,
            ) => FieldKind::Sized {
                length: names[length].clone(),
                is_borrowed: false,
            },
            _ if lengths.contains_key(&field.var) => FieldKind::Length {
                of: names[&lengths[&field.var]].clone(),
            },
            (_, None) => FieldKind::Required {
                value,
                is_boxed: field.is_boxed,
            },
        };
        Field {
            name,
            tl_name: field.name.clone(),
            docs: None,
            null: None,
            is_redacted: false,
            kind,
        }
    });
    planned.collect()
}

/// The fields that the read function keeps in local variables: all that stand before the last one that says something of
/// others.
pub(crate) fn locals_of(fields: &[Field]) -> &[Field] {
    let mut count = fields
        .iter()
        .rposition(Field::is_computed)
        .map_or(0, |last| last + 1);
    let mut names = HashSet::new();
    for field in fields {
        field.nats(&mut |source| {
            names.insert(source.name().to_owned());
        });
    }
    let is_named = |field: &Field| names.contains(&field.name);
    if let Some(last) = fields.iter().rposition(is_named) {
        count = count.max(last + 1);
    }
    &fields[..count]
}

/// The first field whose items a number counts.
fn counted(fields: &[analysis::Field], count: VarId, names: &HashMap<VarId, String>) -> String {
    let is_counted = |field: &&analysis::Field| matches!(&field.shape, Shape::Repeat { count: own, .. } if own.var == Some(count));
    let first = fields.iter().find(is_counted);
    first.map_or_else(String::new, |field| names[&field.var].clone())
}

fn bits(fields: &[analysis::Field], own: VarId, names: &HashMap<VarId, String>) -> Vec<Bit> {
    let mut bits: BTreeMap<u8, Vec<(String, bool)>> = BTreeMap::new();
    for field in fields {
        match field.presence {
            Presence::Flag {
                word,
                bit: Some(bit),
            } if word == own => {
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
