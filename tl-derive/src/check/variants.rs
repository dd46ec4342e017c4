//! Enums: which constructors the variants are, and what they hold.

use proc_macro2::{Ident, Span};
use tl_codegen::by_hand::{self as plan, FieldKind, Foreign, Value};

use super::shown::label;
use super::{Checking, Claim, Must};
use crate::form::{self, Wire};
use crate::model::{FieldsKind, Variant, bare_name};
use crate::schema::Combinator;
use crate::suggest::{hint, similar};

/// Enums.
impl Checking<'_> {
    pub(super) fn variants(
        &mut self,
        ident: &Ident,
        name: &mut Option<(String, Span)>,
        variants: &mut [Variant],
    ) {
        let schema = self.schema;
        let (own, span) = match &name {
            Some((name, span)) => (name.clone(), *span),
            None => (bare_name(ident), ident.span()),
        };
        let Some(constructors) = schema.types.get(&own) else {
            let hint = hint(similar(&own, schema.types.keys().map(String::as_str)));
            let message = match name {
                Some(_) => format!("the schema has no type `{own}`{hint}"),
                None => {
                    format!("which type of the schema is this? `#[tl(name = \"…\")]` tells{hint}")
                }
            };
            self.errors.add(span, message);
            return;
        };
        name.get_or_insert_with(|| (own.clone(), span));
        let mut taken: Vec<u32> = Vec::new();
        for variant in variants.iter_mut() {
            let Some(found) = self.constructor(variant, &own, constructors) else {
                continue;
            };
            if taken.contains(&found.id) {
                self.errors.add(
                    variant.ident.span(),
                    format!("another variant stands for {} already", label(found)),
                );
                continue;
            }
            taken.push(found.id);
            self.payload(variant, found);
            variant.id.get_or_insert((found.id, variant.ident.span()));
            variant
                .name
                .get_or_insert_with(|| (found.name.clone(), variant.ident.span()));
        }
        for missing in constructors.iter().filter(|own| !taken.contains(&own.id)) {
            let rust = missing.variant.as_deref().unwrap_or_default();
            self.errors.add(
                ident.span(),
                format!(
                    "no variant stands for {}, a constructor of `{own}`: add `{rust}`",
                    label(missing)
                ),
            );
        }
    }

    fn constructor<'s>(
        &mut self,
        variant: &Variant,
        ty: &str,
        constructors: &'s [Combinator],
    ) -> Option<&'s Combinator> {
        let by_name = |name: &str| constructors.iter().find(|own| own.name == name);
        let by_id = |id: u32| constructors.iter().find(|own| own.id == id);
        let ident = bare_name(&variant.ident);
        let names = constructors.iter().map(|own| own.name.as_str());
        match (&variant.name, variant.id) {
            (Some((name, span)), id) => {
                let found = by_name(name);
                match (found, id) {
                    (None, _) => {
                        let hint = hint(similar(name, names));
                        self.errors
                            .add(*span, format!("`{ty}` has no constructor `{name}`{hint}"));
                    }
                    (Some(found), Some((id, span))) if found.id != id => self.errors.add(
                        span,
                        format!(
                            "the id is `0x{id:08x}` here, but the schema has {}",
                            label(found)
                        ),
                    ),
                    _ => {}
                }
                found
            }
            (None, Some((id, span))) => {
                let found = by_id(id);
                if found.is_none() {
                    self.errors.add(
                        span,
                        format!("no constructor of `{ty}` has the id `0x{id:08x}`"),
                    );
                }
                found
            }
            (None, None) => {
                let is_meant = |own: &&Combinator| {
                    let natural = own.variant.as_deref().unwrap_or_default();
                    natural.trim_start_matches("r#") == ident
                };
                let found = constructors.iter().find(is_meant);
                if found.is_none() {
                    let rust = constructors.iter().filter_map(|own| own.variant.as_deref());
                    let hint = hint(similar(&ident, rust));
                    self.errors.add(
                        variant.ident.span(),
                        format!(
                            "`{ty}` has no constructor that would be `{ident}`: `#[tl(name = \"…\")]` tells which it is{hint}"
                        ),
                    );
                }
                found
            }
        }
    }

    /// A variant holds the constructor's struct, or its fields.
    fn payload(&mut self, variant: &mut Variant, found: &Combinator) {
        let fields = &mut variant.fields;
        let single = match &fields.all[..] {
            [field] if fields.kind == FieldsKind::Tuple => Some(field),
            _ => None,
        };
        if let Some(field) = single
            && let (Wire::Value(Value::Foreign(Foreign::Plain)), Some(ty)) =
                (&field.wire, &field.ty)
        {
            // The one field itself may be of such a type.
            let is_inline = |own: &plan::Field| {
                matches!(
                    &own.kind,
                    FieldKind::Required {
                        value: Value::Item { .. } | Value::Object { .. } | Value::Generic(_),
                        ..
                    } | FieldKind::Sized { .. }
                )
            };
            let must = match &found.fields[..] {
                [only] if is_inline(only) => Must::BeBareIfAny(found.id),
                _ => Must::BeBare(vec![found.id]),
            };
            let ty = form::argument_of(ty, "Box").unwrap_or(ty).clone();
            let message = format!(
                "`{}` stands for {}, and `{}` is not the bare constructor with its id",
                variant.ident,
                label(found),
                form::shown(&ty)
            );
            self.claims.push(Claim { ty, must, message });
            return;
        }
        let span = variant.ident.span();
        self.fields(fields, found, span);
    }
}
