//! The type as plan and expansion need it: each field with its wire form, numbers resolved to where they come from.

mod fields;
mod numbers;

use proc_macro2::{Ident, Span};
use syn::{Data, DeriveInput, Generics, Member, Path, Type};
use tl_codegen::by_hand::{self as plan, FieldKind, Foreign, Value};

use crate::attr::{Returns, SchemaAttr, TypeAttrs, VariantAttrs};
use crate::errors::Errors;
use crate::form::Wire;

/// A struct or an enum.
pub(crate) struct Model {
    pub ident: Ident,
    pub generics: Generics,
    pub runtime: Path,
    /// The TL name: the combinator's, or the type's of an enum.
    pub name: Option<(String, Span)>,
    /// The id of a struct.
    pub id: Option<(u32, Span)>,
    /// Whether a struct's reading and writing take care of the id.
    pub is_boxed: bool,
    /// What it returns, if it is a call.
    pub returns: Option<Returns>,
    pub schema: Option<SchemaAttr>,
    /// Whether ids that the schema's text does not give are right.
    pub trusts_ids: bool,
    pub data: Shape,
}

/// What it is made of.
pub(crate) enum Shape {
    Struct(Fields),
    Enum(Vec<Variant>),
}

/// A variant of an enum.
pub(crate) struct Variant {
    pub ident: Ident,
    pub id: Option<(u32, Span)>,
    pub name: Option<(String, Span)>,
    pub is_fallback: bool,
    /// Whether what is said of it could be read.
    is_told: bool,
    pub fields: Fields,
}

/// The fields of a struct or a variant.
pub(crate) struct Fields {
    /// In wire order, words that no field stands for among them.
    pub all: Vec<Field>,
    pub kind: FieldsKind,
    scope: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldsKind {
    Named,
    Tuple,
    Unit,
}

/// One field, or a word before one.
pub(crate) struct Field {
    /// Its place in the Rust type; none of a word that no field stands for.
    pub member: Option<Member>,
    pub span: Span,
    /// The Rust type, without the `Option` of an optional field; nothing of what is only a bit or a number that is computed.
    pub ty: Option<Type>,
    /// The Rust type as it is written.
    pub whole_ty: Option<Type>,
    /// Where the bit is named that it is behind.
    pub flag_span: Option<Span>,
    /// The module that reads and writes it.
    pub with: Option<Path>,
    /// What is on the wire; nothing for a field that is skipped.
    pub plan: Option<plan::Field>,
    /// The wire form as far as the Rust type tells, to hold against a schema.
    pub wire: Wire,
    /// Whether `name` gives the TL name.
    pub is_named: bool,
}

impl Field {
    /// What to call it in an error.
    pub(crate) fn shown(&self) -> String {
        match (&self.member, &self.plan) {
            (Some(Member::Named(name)), _) => bare_name(name),
            (Some(Member::Unnamed(index)), _) => index.index.to_string(),
            (None, Some(plan)) => plan.tl_name.clone(),
            (None, None) => String::new(),
        }
    }
}

impl Model {
    /// Checks the type by itself; all mistakes go to `errors`.
    pub(crate) fn new(input: DeriveInput, errors: &mut Errors) -> Self {
        let mistakes = errors.count();
        let attrs = TypeAttrs::new(&input.attrs, errors);
        let is_told = errors.count() == mistakes;
        let data = match &input.data {
            Data::Struct(data) => Shape::Struct(Fields::new(&data.fields, 0, errors)),
            Data::Enum(data) => {
                let variants = data.variants.iter().enumerate();
                let variants: Vec<_> = variants
                    .map(|(index, own)| Variant::new(own, index, errors))
                    .collect();
                check_enum(&input.ident, &attrs, &variants, errors);
                Shape::Enum(variants)
            }
            Data::Union(_) => {
                errors.add(
                    input.ident.span(),
                    "a union has no TL form: use a struct, or an enum with an id for each variant",
                );
                Shape::Enum(Vec::new())
            }
        };
        let name = attrs.name.as_ref().map(|name| (name.value(), name.span()));
        if let (Shape::Struct(_), None, true) = (&data, &attrs.schema, is_told) {
            match (&attrs.id, &name) {
                (Some((_, span)), None) => {
                    errors.add(*span, "an id needs a name beside it: `name = \"…\"`");
                }
                (None, Some((_, span))) => errors.add(
                    *span,
                    "a name needs an id beside it, `id = 0x…`, or a `schema` that gives it",
                ),
                (None, None) => {
                    if let Some(span) = attrs.boxed {
                        errors.add(span, "a boxed struct has an id: `id = 0x…, name = \"…\"`");
                    }
                }
                _ => {}
            }
        }
        Self {
            ident: input.ident,
            generics: input.generics,
            runtime: attrs.runtime,
            name,
            id: attrs.id,
            is_boxed: attrs.boxed.is_some(),
            returns: attrs.returns,
            schema: attrs.schema,
            trusts_ids: attrs.trust_ids.is_some(),
            data,
        }
    }

    /// Holds what is left against itself, when the schema has had its say.
    pub(crate) fn check_ids(&self, errors: &mut Errors) {
        let Shape::Enum(variants) = &self.data else {
            return;
        };
        let mut ids = Vec::new();
        for variant in variants {
            match variant.id {
                Some((id, span)) if ids.contains(&id) => {
                    errors.add(span, "another variant has this id already");
                }
                Some((id, _)) => ids.push(id),
                None if self.schema.is_none() && variant.is_told => errors.add(
                    variant.ident.span(),
                    "which id stands for this variant? `#[tl(id = 0x…)]` tells, or a `schema` that the enum is held against",
                ),
                None => {}
            }
        }
    }

    /// All structs' or variants' fields.
    pub(crate) fn bodies(&self) -> Vec<&Fields> {
        match &self.data {
            Shape::Struct(fields) => vec![fields],
            Shape::Enum(variants) => variants.iter().map(|variant| &variant.fields).collect(),
        }
    }
}

/// What can't be said of an enum.
fn check_enum(ident: &Ident, attrs: &TypeAttrs, variants: &[Variant], errors: &mut Errors) {
    if let Some((_, span)) = attrs.id {
        errors.add(
            span,
            "an enum has no id of its own: each variant has one, `#[tl(id = 0x…)]`",
        );
    }
    if let Some(span) = attrs.boxed {
        errors.add(
            span,
            "an enum is always boxed: its ids tell the variants apart",
        );
    }
    if variants.is_empty() {
        errors.add(
            ident.span(),
            "an enum without variants has no values: give it one per constructor",
        );
    }
    let mut fallbacks = variants.iter().filter(|variant| variant.is_fallback);
    if let (Some(_), Some(second)) = (fallbacks.next(), fallbacks.next()) {
        errors.add(
            second.ident.span(),
            "another variant is the `fallback` already: a reader that fails yields one",
        );
    }
}

impl Variant {
    fn new(variant: &syn::Variant, index: usize, errors: &mut Errors) -> Self {
        let mistakes = errors.count();
        let attrs = VariantAttrs::new(&variant.attrs, errors);
        Self {
            is_told: errors.count() == mistakes,
            ident: variant.ident.clone(),
            id: attrs.id,
            name: attrs.name.map(|name| (name.value(), name.span())),
            is_fallback: attrs.fallback.is_some(),
            fields: Fields::new(&variant.fields, index, errors),
        }
    }
}

/// A name without `r#`.
pub(crate) fn bare_name(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}

/// Whether a value may hold others of any type: then it may hold one of its own.
pub(crate) fn may_nest(fields: &Fields) -> bool {
    fields.all.iter().any(|field| {
        let mut found = false;
        if let Some(FieldKind::Required { value, .. } | FieldKind::Optional { value, .. }) =
            field.plan.as_ref().map(|plan| &plan.kind)
        {
            found = holds_foreign(value);
        }
        found
    })
}

/// Whether a value is, or is made of, one of a type that is known by name only.
fn holds_foreign(value: &Value) -> bool {
    match value {
        Value::Foreign(Foreign::Plain | Foreign::Boxed) => true,
        Value::Vector { item, .. } | Value::Repeat { item, .. } => holds_foreign(item),
        _ => false,
    }
}
