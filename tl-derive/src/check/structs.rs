//! Structs: which combinator one is, and which of its fields is which.

use proc_macro2::{Ident, Span};
use tl_codegen::by_hand::{self as plan, FieldKind};

use super::Checking;
use super::shown::{label, shown_test};
use crate::model::{Field, Fields, FieldsKind};
use crate::schema::Combinator;
use crate::suggest::{hint, similar};

/// Structs.
impl Checking<'_> {
    /// The constructor or function that a struct stands for.
    pub(super) fn combinator(
        &mut self,
        ident: &Ident,
        name: &Option<(String, Span)>,
        id: Option<(u32, Span)>,
    ) -> Option<Combinator> {
        let schema = self.schema;
        let names = || schema.combinators.keys().map(String::as_str);
        let found = match (name, id) {
            (Some((name, span)), id) => {
                let Some(candidates) = schema.combinators.get(name) else {
                    let hint = hint(similar(name, names()));
                    self.errors.add(
                        *span,
                        format!("the schema has no constructor or function `{name}`{hint}"),
                    );
                    return None;
                };
                let ids: Vec<_> = candidates
                    .iter()
                    .map(|own| format!("`0x{:08x}`", own.id))
                    .collect();
                let ids = ids.join(", ");
                match (id, &candidates[..]) {
                    (None, [only]) => only,
                    (None, _) => {
                        self.errors.add(
                            *span,
                            format!("the schema's layers differ in `{name}`: say which is meant by its `id`, one of {ids}"),
                        );
                        return None;
                    }
                    (Some((id, span)), _) => match candidates.iter().find(|own| own.id == id) {
                        Some(found) => found,
                        None => {
                            self.errors.add(
                                span,
                                format!("the id is `0x{id:08x}` here, but {ids} of `{name}` in the schema"),
                            );
                            // The fields are held against it none the less.
                            candidates.first()?
                        }
                    },
                }
            }
            (None, Some((id, span))) => {
                let mut all = schema.combinators.values().flatten();
                match all.find(|own| own.id == id) {
                    Some(found) => found,
                    None => {
                        self.errors.add(
                            span,
                            format!(
                                "no constructor or function of the schema has the id `0x{id:08x}`"
                            ),
                        );
                        return None;
                    }
                }
            }
            (None, None) => {
                let hint = hint(similar(&ident.to_string(), names()));
                self.errors.add(
                    ident.span(),
                    format!("which constructor or function of the schema is this? `#[tl(name = \"…\")]` tells{hint}"),
                );
                return None;
            }
        };
        if found.is_dependent {
            let name = &found.name;
            self.errors.add(
                ident.span(),
                format!("`{name}` depends on numbers that its type is applied to: only generated types read it"),
            );
            return None;
        }
        Some(found.clone())
    }

    /// Fields against fields. `whole` is where something is missing.
    pub(super) fn fields(&mut self, fields: &mut Fields, found: &Combinator, whole: Span) {
        let matched = if fields.kind == FieldsKind::Tuple {
            self.by_position(fields, found, whole)
        } else {
            self.by_name(fields, found, whole)
        };
        for (at, field) in fields.all.iter_mut().enumerate() {
            if let (Some(own), Some(index)) = (&mut field.plan, matched[at])
                && !field.is_named
            {
                own.tl_name.clone_from(&found.fields[index].tl_name);
            }
        }
        self.order(fields, found, &matched);
        for (at, field) in fields.all.iter().enumerate() {
            if let Some(index) = matched[at] {
                self.field(field, fields, &found.fields[index], found);
            }
        }
    }

    fn by_position(
        &mut self,
        fields: &Fields,
        found: &Combinator,
        whole: Span,
    ) -> Vec<Option<usize>> {
        let mut next = 0;
        let mut matched = Vec::new();
        for field in &fields.all {
            let index = field.plan.as_ref().map(|_| next);
            next += usize::from(index.is_some());
            matched.push(index.filter(|&index| index < found.fields.len()));
        }
        if next != found.fields.len() {
            let fields: Vec<_> = found
                .fields
                .iter()
                .map(|field| self.definition(field, found))
                .collect();
            let (count, all) = (fields.len(), fields.join(" "));
            self.errors.add(
                whole,
                format!("{next} fields here, but {count} in {}: {all}", label(found)),
            );
        }
        matched
    }

    fn by_name(&mut self, fields: &Fields, found: &Combinator, whole: Span) -> Vec<Option<usize>> {
        let is_meant = |field: &Field, own: &plan::Field| {
            let Some(plan) = &field.plan else {
                return false;
            };
            let by_rust_name = own.name.trim_start_matches("r#") == field.shown();
            plan.tl_name == own.tl_name || (!field.is_named && by_rust_name)
        };
        let index_of = |field: &Field| found.fields.iter().position(|own| is_meant(field, own));
        let matched: Vec<_> = fields.all.iter().map(index_of).collect();
        let is_missing = |index: usize| !matched.contains(&Some(index));
        for (field, index) in fields.all.iter().zip(&matched) {
            if field.plan.is_none() || index.is_some() {
                continue;
            }
            let name = field.shown();
            let free = found.fields.iter().enumerate();
            let free = free.filter(|(index, _)| is_missing(*index));
            let free: Vec<_> = free
                .map(|(_, own)| own.name.trim_start_matches("r#"))
                .collect();
            let hint = hint(similar(&name, free.into_iter()));
            self.errors.add(
                field.span,
                format!("{} has no field `{name}`{hint}", label(found)),
            );
        }
        for (index, own) in found.fields.iter().enumerate() {
            if !is_missing(index) {
                continue;
            }
            let place = match index.checked_sub(1) {
                Some(before) => format!("after `{}`", found.fields[before].tl_name),
                None => "as the first".to_owned(),
            };
            let how = match &own.kind {
                FieldKind::Flags { .. } => {
                    format!(
                        " (`#[tl(flags)] {0}: ()`, or `#[tl(flags_before = \"{0}\")]` of the next field)",
                        own.tl_name
                    )
                }
                FieldKind::Count { .. } => {
                    format!(
                        " (`#[tl(counter)] {0}: ()`, or `#[tl(counter_before = \"{0}\")]` of the next field)",
                        own.tl_name
                    )
                }
                FieldKind::Optional { test, .. } | FieldKind::Flag { test } => {
                    format!(
                        " (`#[tl(flags = \"{}\")]`)",
                        shown_test(test, &found.fields)
                    )
                }
                _ => String::new(),
            };
            let definition = self.definition(own, found);
            self.errors.add(
                whole,
                format!(
                    "the field {definition} of {} is missing: it goes {place}{how}",
                    label(found)
                ),
            );
        }
        matched
    }

    fn order(&mut self, fields: &Fields, found: &Combinator, matched: &[Option<usize>]) {
        let mut last: Option<usize> = None;
        for (field, index) in fields.all.iter().zip(matched) {
            let Some(index) = *index else { continue };
            match last.filter(|&last| index < last) {
                Some(last) => self.errors.add(
                    field.span,
                    format!(
                        "`{}` goes before `{}` in {}",
                        found.fields[index].tl_name,
                        found.fields[last].tl_name,
                        label(found)
                    ),
                ),
                None => last = Some(index),
            }
        }
    }
}
