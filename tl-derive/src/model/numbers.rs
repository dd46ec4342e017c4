//! Numbers: flags words, counters, and the fields that they tell of.

use syn::spanned::Spanned;
use syn::{LitStr, Type};
use tl_codegen::by_hand::{self as plan, FieldKind, NatSource, Test, Value};

use super::Fields;
use crate::attr::FieldAttrs;
use crate::errors::Errors;
use crate::form::{self, Wire};

impl Fields {
    /// Items that a number before them counts.
    pub(super) fn repeat(
        &self,
        found: form::Found,
        count: &LitStr,
        ty: &Type,
        attrs: &FieldAttrs,
        errors: &mut Errors,
    ) -> form::Found {
        if let Some(bare) = attrs.form.bare.or(attrs.form.boxed) {
            errors.add(
                bare,
                "items that a field before them counts have neither an id nor a count of their own",
            );
        }
        let source = match self.find(&count.value()) {
            Some(field) => match (&field.kind, number(field)) {
                (FieldKind::Count { .. }, _) => Some(NatSource::Local(field.name.clone())),
                (_, number) => number,
            },
            None => None,
        };
        if source.is_none() {
            let name = count.value();
            errors.add(
                count.span(),
                format!(
                    "no number `{name}` stands before this field: it is a `u32`, or with `#[tl(counter)]` a `()` that is \
                     computed from the items"
                ),
            );
        }
        let Value::Vector { item, .. } = found.value else {
            errors.on(ty, "items that are counted are a `Vec<…>`");
            return found;
        };
        let count = plan::Nat { source, plus: 0 };
        form::Found {
            wire: match found.wire {
                Wire::Value(Value::Vector { item, .. }) => Wire::Value(Value::Repeat {
                    count: count.clone(),
                    item,
                }),
                other => other,
            },
            value: Value::Repeat { count, item },
            is_boxed: found.is_boxed,
        }
    }

    /// `"flags.3"`, or `"number"` that must not be zero.
    pub(super) fn test(&self, flag: &LitStr, errors: &mut Errors) -> Option<Test> {
        let text = flag.value();
        let (name, bit) = match text.rsplit_once('.') {
            Some((name, bit)) => (name, Some(bit)),
            None => (text.as_str(), None),
        };
        let bit = bit.map(|bit| match bit.starts_with('+') {
            true => None,
            false => bit.parse::<u8>().ok(),
        });
        let number_of_bit = match bit {
            None => None,
            Some(Some(bit @ 0..=31)) => Some(bit),
            Some(_) => {
                errors.add(
                    flag.span(),
                    "a flag is a word and one of its bits, 0 to 31: `flags = \"flags.3\"`",
                );
                return None;
            }
        };
        let Some(word) = self.find(name) else {
            errors.add(
                flag.span(),
                format!(
                    "no flags word `{name}` stands before this field: add `#[tl(flags)] {name}: ()`, or say \
                     `flags_before = \"{name}\"` of the field that comes next after it"
                ),
            );
            return None;
        };
        let source = match (&word.kind, number_of_bit) {
            (FieldKind::Flags { .. }, Some(_)) => Some(NatSource::Local(word.name.clone())),
            (FieldKind::Flags { .. }, None) => {
                errors.add(
                    flag.span(),
                    format!("which bit of `{name}`? `flags = \"{name}.0\"`"),
                );
                return None;
            }
            _ => number(word),
        };
        if source.is_none() {
            errors.add(
                flag.span(),
                format!("`{name}` is no flags word: that is a `u32`, or `()` with `#[tl(flags)]`"),
            );
        }
        Some(Test {
            word: source?,
            bit: number_of_bit,
        })
    }

    /// Tells computed words what they are computed from.
    pub(super) fn connect(&mut self, errors: &mut Errors) {
        let mut bits = Vec::new();
        let mut counted = Vec::new();
        for field in self.all.iter().filter_map(|field| field.plan.as_ref()) {
            let (test, is_flag) = match &field.kind {
                FieldKind::Optional { test, .. } => (Some(test), false),
                FieldKind::Flag { test } => (Some(test), true),
                _ => (None, false),
            };
            if let Some(Test {
                word: NatSource::Local(word),
                bit: Some(bit),
            }) = test
            {
                bits.push((word.clone(), *bit, field.name.clone(), is_flag));
            }
            if let FieldKind::Required {
                value: Value::Repeat { count, .. },
                ..
            } = &field.kind
                && let Some(NatSource::Local(number)) = &count.source
            {
                counted.push((number.clone(), field.name.clone()));
            }
        }
        for field in &mut self.all {
            let Some(plan) = &mut field.plan else {
                continue;
            };
            match &mut plan.kind {
                FieldKind::Flags { bits: own, .. } => {
                    let mut used: Vec<_> = bits.iter().filter(|bit| bit.0 == plan.name).collect();
                    used.sort_by_key(|bit| bit.1);
                    for (_, number, name, is_flag) in used {
                        let entry = (name.clone(), *is_flag);
                        match own.last_mut().filter(|last| last.number == *number) {
                            Some(last) => last.fields.push(entry),
                            None => own.push(plan::Bit {
                                number: *number,
                                fields: vec![entry],
                            }),
                        }
                    }
                }
                FieldKind::Count { of } => match counted.iter().find(|own| own.0 == plan.name) {
                    Some((_, name)) => of.clone_from(name),
                    None => errors.add(
                        field.span,
                        format!(
                            "nothing is counted by this: say `#[tl(count = \"{}\")]` of a `Vec` after it",
                            plan.tl_name
                        ),
                    ),
                },
                _ => {}
            }
        }
    }
}

/// A field that stands for a computed number.
pub(super) fn marker(ty: &Type, attrs: &FieldAttrs, errors: &mut Errors) -> FieldKind {
    if !matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty()) {
        errors.on(ty,
            "a computed number holds nothing: its type is `()`. For one that is data, drop the attribute and make it a `u32`",
        );
    }
    let others = attrs.flag.as_ref().map(Spanned::span);
    let others = others.or(attrs.count.as_ref().map(Spanned::span));
    let others = others.or(attrs.with.as_ref().map(Spanned::span));
    if let Some(span) = others.or(attrs.form.span()) {
        errors.add(span, "nothing else can be said of a computed number");
    }
    match (attrs.flags_word, attrs.counter) {
        (None, _) => FieldKind::Count { of: String::new() },
        (Some(_), None) => FieldKind::Flags {
            bits: Vec::new(),
            keeps_unknown: false,
        },
        (Some(_), Some(span)) => {
            errors.add(span, "a number holds flags or counts items, not both");
            FieldKind::Flags {
                bits: Vec::new(),
                keeps_unknown: false,
            }
        }
    }
}

/// Where a number that is data is found.
fn number(field: &plan::Field) -> Option<NatSource> {
    match &field.kind {
        FieldKind::Required {
            value: Value::Nat, ..
        } => Some(NatSource::Field(field.name.clone())),
        FieldKind::Optional {
            value: Value::Nat, ..
        } => Some(NatSource::OptionalField(field.name.clone())),
        _ => None,
    }
}
