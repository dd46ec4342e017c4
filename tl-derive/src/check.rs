//! A type held against its schema: ids, fields, their order, types and bits, and variants. Every finding stands where it is
//! to be put right.
//!
//! What a field's type is that has a name of its own is asked of the compiler: [`Claim`]s become constants that fail to
//! evaluate.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;
use tl_codegen::by_hand::{self as plan, Borrowed, FieldKind, Foreign, NatSource, Test, Value};

use crate::errors::Errors;
use crate::form::{self, Wire};
use crate::model::{Field, Fields, FieldsKind, Model, Shape, Variant, bare_name};
use crate::schema::{Combinator, Schema, shown, shown_field};
use crate::suggest::{hint, similar};

/// What must hold of a type that is known by its name.
pub(crate) struct Claim {
    pub ty: Type,
    pub must: Must,
    /// What is wrong if it does not.
    pub message: String,
}

/// What it is that must hold.
pub(crate) enum Must {
    /// Its values have an id before them: it is no bare constructor, and if a boxed one, then of one of these ids.
    BeBoxed(Vec<u32>),
    /// It is a bare constructor of one of these ids.
    BeBare(Vec<u32>),
    /// It is the one of this id, or no bare constructor at all.
    BeBareIfAny(u32),
    /// Its values take at least this many bytes, and no value takes fewer.
    Take(usize),
}

/// Holds the type against the schema; takes ids and names from it that the type leaves out.
pub(crate) fn check(model: &mut Model, schema: &Schema, errors: &mut Errors) -> Vec<Claim> {
    let mut checking = Checking {
        schema,
        errors,
        claims: Vec::new(),
    };
    let ident = model.ident.clone();
    match &mut model.data {
        Shape::Struct(fields) => {
            if let Some(found) = checking.combinator(&ident, &model.name, model.id) {
                checking.fields(fields, &found, ident.span());
                model.id.get_or_insert((found.id, ident.span()));
                model.name.get_or_insert((found.name, ident.span()));
            }
        }
        Shape::Enum(variants) => checking.variants(&ident, &mut model.name, variants),
    }
    let parameters = model.generics.type_params();
    let mut names: Vec<_> = parameters.map(|own| own.ident.to_string()).collect();
    names.push("Self".to_owned());
    let mut claims = checking.claims;
    // What a parameter stands for shows only where the type is used.
    claims.retain(|claim| !mentions(claim.ty.to_token_stream(), &names));
    claims
}

/// Holds what a call returns against the schema.
pub(crate) fn returned(
    model: &Model,
    ty: &Type,
    schema: &Schema,
    errors: &mut Errors,
) -> Vec<Claim> {
    let mut checking = Checking {
        schema,
        errors,
        claims: Vec::new(),
    };
    if let Some(found) = checking.combinator(&model.ident, &model.name, model.id) {
        checking.returns(ty, &found);
    }
    checking.claims
}

struct Checking<'a> {
    schema: &'a Schema,
    errors: &'a mut Errors,
    claims: Vec<Claim>,
}

/// Structs.
impl Checking<'_> {
    /// The constructor or function that a struct stands for.
    fn combinator(
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
    fn fields(&mut self, fields: &mut Fields, found: &Combinator, whole: Span) {
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

/// Fields.
impl Checking<'_> {
    fn field(&mut self, field: &Field, all: &Fields, own: &plan::Field, found: &Combinator) {
        let Some(here) = &field.plan else { return };
        if field.with.is_some() && matches!(here.kind, FieldKind::Required { .. }) {
            // What a module reads and writes without a flag is its own affair, presence and all.
            return;
        }
        match (&own.kind, &here.kind) {
            (FieldKind::Flags { .. }, FieldKind::Flags { .. })
            | (FieldKind::Count { .. }, FieldKind::Count { .. }) => {}
            // A number that is kept as data says the same.
            (
                FieldKind::Flags { .. } | FieldKind::Count { .. },
                FieldKind::Required {
                    value: Value::Nat, ..
                },
            )
            | (
                FieldKind::Length { .. },
                FieldKind::Required {
                    value: Value::Int, ..
                },
            ) => {}
            (FieldKind::Required { value, .. }, FieldKind::Required { .. }) => {
                self.value(field, value, all, found, own);
            }
            (
                FieldKind::Optional { test, value, .. },
                FieldKind::Optional {
                    test: test_here, ..
                },
            ) => {
                self.test(field, test_here, all, test, found);
                self.value(field, value, all, found, own);
            }
            (FieldKind::Flag { test }, FieldKind::Flag { test: test_here }) => {
                self.test(field, test_here, all, test, found);
            }
            (
                FieldKind::Sized { .. },
                FieldKind::Required {
                    value: Value::Foreign(_),
                    ..
                },
            ) => {}
            (schema, _) => {
                let advice = match schema {
                    FieldKind::Optional { test, .. } => format!(
                        "make it an `Option<…>` with `#[tl(flags = \"{}\")]`",
                        shown_test(test, &found.fields)
                    ),
                    FieldKind::Flag { test } => format!(
                        "make it a `bool` with `#[tl(flags = \"{}\")]`",
                        shown_test(test, &found.fields)
                    ),
                    FieldKind::Flags { .. } => "make it `()` with `#[tl(flags)]`".to_owned(),
                    FieldKind::Count { .. } => "make it `()` with `#[tl(counter)]`".to_owned(),
                    FieldKind::Required {
                        value: Value::Nat, ..
                    } => "it is data: make it a `u32`".to_owned(),
                    _ => "it is always there: no flag, and no `Option`".to_owned(),
                };
                self.mismatch(field, all, own, found, &advice);
            }
        }
    }

    fn test(
        &mut self,
        field: &Field,
        here: &Test,
        all: &Fields,
        schema: &Test,
        found: &Combinator,
    ) {
        let (here, there) = (
            shown_test_here(here, all),
            shown_test(schema, &found.fields),
        );
        // Without a name, its word was looked for in vain.
        if here != there && !here.is_empty() {
            self.errors.add(
                field.flag_span.unwrap_or(field.span),
                format!(
                    "field `{}` is behind `{here}` here, but behind `{there}` in {}",
                    field.shown(),
                    label(found)
                ),
            );
        }
    }

    fn value(
        &mut self,
        field: &Field,
        schema: &Value,
        all: &Fields,
        found: &Combinator,
        own: &plan::Field,
    ) {
        let (Wire::Value(here), Some(ty)) = (&field.wire, &field.ty) else {
            return;
        };
        if fits(schema, here) && same_count(schema, here, all, found) {
            let what = format!("field `{}`", field.shown());
            self.claim(schema, here, ty, &what, found);
            return;
        }
        let advice = match (schema, here) {
            (
                Value::Vector { is_boxed: true, .. },
                Value::Vector {
                    is_boxed: false, ..
                },
            ) => "it has an id: no `bare`",
            (
                Value::Vector {
                    is_boxed: false, ..
                },
                Value::Vector { is_boxed: true, .. },
            ) => "it has no id: `#[tl(bare)]`",
            (Value::Repeat { count, .. }, Value::Vector { .. }) => match &count.source {
                Some(source) if count.plus == 0 => {
                    let name = shown_number(source, &found.fields);
                    let advice = format!("a number counts its items: `#[tl(count = \"{name}\")]`");
                    return self.mismatch(field, all, own, found, &advice);
                }
                _ => "read it by a module of your own: `with`",
            },
            (Value::Item { .. }, Value::Foreign(Foreign::Boxed)) => "it is bare: no `boxed`",
            (Value::WithId { .. }, _) => {
                "its id stands before it: read it by a module of your own, `with`"
            }
            _ => "",
        };
        self.mismatch(field, all, own, found, advice);
    }

    fn mismatch(
        &mut self,
        field: &Field,
        all: &Fields,
        own: &plan::Field,
        found: &Combinator,
        advice: &str,
    ) {
        let there = shown_field(own, self.schema, |source| {
            shown_number(source, &found.fields)
        });
        let here = match (&field.plan, &field.ty, &field.wire) {
            (Some(plan), ty, wire) => {
                let rust = match (&plan.kind, ty) {
                    (FieldKind::Optional { .. }, Some(ty)) => {
                        format!("Option<{}>", form::shown(ty))
                    }
                    (FieldKind::Flag { .. }, _) => "bool".to_owned(),
                    (_, Some(ty)) => form::shown(ty),
                    (_, None) => "()".to_owned(),
                };
                let tl = match wire {
                    Wire::Value(value) => shown(value, None),
                    Wire::Any if ty.is_none() => {
                        shown_field(plan, self.schema, |source| shown_number_here(source, all))
                    }
                    Wire::Any => "?".to_owned(),
                };
                let condition = match &plan.kind {
                    FieldKind::Optional { test, .. } => shown_test_here(test, all) + "?",
                    _ => String::new(),
                };
                if tl.contains('?') && condition.is_empty() && ty.is_some() {
                    format!("`{rust}` here")
                } else {
                    format!("`{rust}` here (`{condition}{tl}`)")
                }
            }
            _ => "skipped here".to_owned(),
        };
        let advice = match advice {
            "" => String::new(),
            advice => format!("; {advice}"),
        };
        let message = format!(
            "field `{}` is {here}, but `{there}` in {}{advice}",
            field.shown(),
            label(found)
        );
        match &field.whole_ty {
            Some(ty) => self.errors.on(ty, message),
            None => self.errors.add(field.span, message),
        }
    }

    /// `id:long`, in backquotes.
    fn definition(&self, field: &plan::Field, found: &Combinator) -> String {
        let ty = shown_field(field, self.schema, |source| {
            shown_number(source, &found.fields)
        });
        format!("`{}:{ty}`", field.tl_name)
    }

    /// What has to hold of the types in a value that go by names of their own.
    fn claim(&mut self, schema: &Value, here: &Value, ty: &Type, what: &str, found: &Combinator) {
        let ty = form::argument_of(ty, "Box").unwrap_or(ty);
        if let (
            Value::Vector { item: there, .. } | Value::Repeat { item: there, .. },
            Value::Vector { item, .. } | Value::Repeat { item, .. },
        ) = (schema, here)
        {
            if let Some(inner) = form::argument_of(ty, "Vec") {
                self.claim(there, item, inner, what, found);
            }
            return;
        }
        let Value::Foreign(form) = here else { return };
        let (rust, there) = (form::shown(ty), self.schema.shown(schema));
        let of = label(found);
        let (must, why) = match (schema, form) {
            (Value::Item { path, .. }, form) => match (self.schema.item(path), form) {
                (Some(named), Foreign::Plain) if named.is_boxed => (
                    Must::BeBoxed(named.ids.clone()),
                    format!(
                        "`{rust}` is bare (say `boxed` of the field, or of the type) or none of its constructors"
                    ),
                ),
                (Some(named), Foreign::Boxed) if named.is_boxed => (
                    Must::BeBare(named.ids.clone()),
                    format!("`{rust}` is no bare constructor of it"),
                ),
                (Some(named), _) if named.ids != [0] => (
                    Must::BeBare(named.ids.clone()),
                    format!("`{rust}` is not the bare constructor with its id"),
                ),
                _ => return,
            },
            (schema, Foreign::Plain) => match size(schema) {
                Some(size) => (
                    Must::Take(size),
                    format!("`{rust}` does not take its {size} bytes"),
                ),
                None => return,
            },
            _ => return,
        };
        self.claims.push(Claim {
            ty: ty.clone(),
            must,
            message: format!("{what} is `{there}` in {of}, and {why}"),
        });
    }
}

/// What calls return.
impl Checking<'_> {
    fn returns(&mut self, ty: &Type, found: &Combinator) {
        let label = label(found);
        let Some(returns) = &found.returns else {
            let message = format!("{label} is a constructor, and returns nothing");
            return self.errors.on(ty, message);
        };
        let there = self.schema.shown(returns);
        if let Value::Returned { .. } = returns {
            let message =
                format!("what {label} returns, the call in it says: `returns_of = \"…\"`");
            return self.errors.on(ty, message);
        }
        let Wire::Value(here) = form::value(ty, &Default::default(), None, self.errors).wire else {
            return;
        };
        if fits(returns, &here) {
            return self.claim(returns, &here, ty, "the result", found);
        }
        let (rust, tl) = (form::shown(ty), shown(&here, None));
        let message = format!("the result is `{rust}` here (`{tl}`), but `{there}` in {label}");
        self.errors.on(ty, message);
    }
}

/// Enums.
impl Checking<'_> {
    fn variants(
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

/// `user#0000002a`, in backquotes.
fn label(found: &Combinator) -> String {
    format!("`{}#{:08x}`", found.name, found.id)
}

fn shown_test(test: &Test, fields: &[plan::Field]) -> String {
    with_bit(shown_number(&test.word, fields), test.bit)
}

fn shown_test_here(test: &Test, fields: &Fields) -> String {
    with_bit(shown_number_here(&test.word, fields), test.bit)
}

fn with_bit(word: String, bit: Option<u8>) -> String {
    match bit {
        Some(bit) => format!("{word}.{bit}"),
        None => word,
    }
}

/// The TL name of a number of a schema's combinator.
fn shown_number(source: &NatSource, fields: &[plan::Field]) -> String {
    let name = source.name();
    let found = fields.iter().find(|field| field.name == name);
    found.map_or(name, |field| &field.tl_name).to_owned()
}

/// The TL name of a number of a type here.
fn shown_number_here(source: &NatSource, fields: &Fields) -> String {
    let name = source.name();
    let mut planned = fields.all.iter().filter_map(|field| field.plan.as_ref());
    let found = planned.find(|field| field.name == name);
    found.map_or(name, |field| &field.tl_name).to_owned()
}

/// Whether a Rust type can be what the schema says.
fn fits(schema: &Value, here: &Value) -> bool {
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
fn same_count(schema: &Value, here: &Value, all: &Fields, found: &Combinator) -> bool {
    let (Value::Repeat { count: there, .. }, Value::Repeat { count, .. }) = (schema, here) else {
        return true;
    };
    let (Some(from), Some(own)) = (&there.source, &count.source) else {
        return false;
    };
    there.plus == count.plus && shown_number(from, &found.fields) == shown_number_here(own, all)
}

/// The form that owns its data.
fn owned(value: &Value) -> &Value {
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
fn size(value: &Value) -> Option<usize> {
    Some(match owned(value) {
        Value::Int | Value::Nat | Value::Float | Value::Bool | Value::String | Value::Bytes => 4,
        Value::Long | Value::Double => 8,
        Value::Int128 => 16,
        Value::Int256 => 32,
        Value::Int512 => 64,
        _ => return None,
    })
}

/// Whether a type names one of these.
fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|name| ident == name.as_str()),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}
