//! The type as plan and expansion need it: each field with its wire form, numbers resolved to where they come from.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Generics, LitStr, Member, Path, Type};
use tl_codegen::by_hand::{self as plan, FieldKind, Foreign, NatSource, Test, Value};

use crate::attr::{FieldAttrs, Returns, SchemaAttr, TypeAttrs, VariantAttrs};
use crate::errors::Errors;
use crate::form::{self, Wire};

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

impl Fields {
    /// `scope` tells the fields of one variant from those of another.
    fn new(fields: &syn::Fields, scope: usize, errors: &mut Errors) -> Self {
        let kind = match fields {
            syn::Fields::Named(_) => FieldsKind::Named,
            syn::Fields::Unnamed(_) => FieldsKind::Tuple,
            syn::Fields::Unit => FieldsKind::Unit,
        };
        let mut own = Self {
            all: Vec::new(),
            kind,
            scope,
        };
        for (index, field) in fields.iter().enumerate() {
            own.add(index, field, errors);
        }
        own.connect(errors);
        own
    }

    fn add(&mut self, index: usize, field: &syn::Field, errors: &mut Errors) {
        let attrs = FieldAttrs::new(&field.attrs, errors);
        let member = match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::Unnamed(index.into()),
        };
        let span = match &field.ident {
            Some(name) => name.span(),
            None => field.ty.span(),
        };
        if let Some(skip) = attrs.skip {
            if attrs.says_more_than_skip() {
                errors.add(
                    skip,
                    "a skipped field is not on the wire: nothing else can be said of it",
                );
            }
            self.all.push(Field {
                member: Some(member),
                span,
                ty: Some(field.ty.clone()),
                whole_ty: Some(field.ty.clone()),
                flag_span: None,
                with: None,
                plan: None,
                wire: Wire::Any,
                is_named: false,
            });
            return;
        }
        if let Some(name) = &attrs.flags_before {
            self.add_word(
                name,
                FieldKind::Flags {
                    bits: Vec::new(),
                    keeps_unknown: false,
                },
                errors,
            );
        }
        if let Some(name) = &attrs.counter_before {
            let kind = FieldKind::Count { of: String::new() };
            self.add_word(name, kind, errors);
        }
        let (kind, ty, wire) = if attrs.is_word() {
            (marker(&field.ty, &attrs, errors), None, Wire::Any)
        } else {
            self.kind(field, &member, &attrs, errors)
        };
        let tl_name = match (&attrs.name, &member) {
            (Some(name), _) => name.value(),
            (None, Member::Named(name)) => bare_name(name),
            (None, Member::Unnamed(index)) => index.index.to_string(),
        };
        self.check_name(&tl_name, span, errors);
        self.all.push(Field {
            plan: Some(plan::Field {
                name: local(&member),
                tl_name,
                docs: None,
                null: None,
                is_redacted: false,
                kind,
            }),
            member: Some(member),
            span,
            ty,
            whole_ty: Some(field.ty.clone()),
            flag_span: attrs.flag.as_ref().map(LitStr::span),
            with: attrs.with,
            wire,
            is_named: attrs.name.is_some(),
        });
    }

    fn add_word(&mut self, name: &LitStr, kind: FieldKind, errors: &mut Errors) {
        self.check_name(&name.value(), name.span(), errors);
        self.all.push(Field {
            plan: Some(plan::Field {
                name: format!("word_{}", name.value().replace('.', "_")),
                tl_name: name.value(),
                docs: None,
                null: None,
                is_redacted: false,
                kind,
            }),
            member: None,
            span: name.span(),
            ty: None,
            whole_ty: None,
            flag_span: None,
            with: None,
            wire: Wire::Any,
            is_named: true,
        });
    }

    fn check_name(&self, tl_name: &str, span: Span, errors: &mut Errors) {
        if self.find(tl_name).is_some() {
            errors.add(
                span,
                format!("another field is called `{tl_name}` in TL already"),
            );
        }
    }

    /// The field of a TL name, among those so far.
    fn find(&self, tl_name: &str) -> Option<&plan::Field> {
        let mut planned = self.all.iter().filter_map(|field| field.plan.as_ref());
        planned.find(|field| field.tl_name == tl_name)
    }

    /// What a field is that holds data.
    fn kind(
        &self,
        field: &syn::Field,
        member: &Member,
        attrs: &FieldAttrs,
        errors: &mut Errors,
    ) -> (FieldKind, Option<Type>, Wire) {
        let optional = form::argument_of(&field.ty, "Option");
        let inner = optional.unwrap_or(&field.ty);
        let test = attrs.flag.as_ref().map(|flag| self.test(flag, errors));
        let is_bool = form::is_word(&field.ty, "bool");
        if let (Some(test), None, true, false) = (&test, optional, is_bool, attrs.with.is_some()) {
            if let Some(span) = attrs.form.span() {
                errors.add(
                    span,
                    "a flag is a bit of its word: it has no form of its own",
                );
            }
            let test = test.clone().unwrap_or(no_test());
            return (FieldKind::Flag { test }, None, Wire::Any);
        }
        match (&attrs.flag, optional) {
            (Some(_), None) => errors.on(&field.ty,
                "a field behind a flag may be absent: its type is `Option<…>`, or `bool` where the flag is all there is",
            ),
            (None, Some(_)) if attrs.with.is_none() => errors.on(&field.ty,
                "what says whether this field is there? name the bit: `#[tl(flags = \"flags.0\")]`, after a field \
                 `#[tl(flags)] flags: ()` or with `flags_before = \"flags\"`",
            ),
            _ => {}
        }
        let module = attrs
            .with
            .is_some()
            .then(|| format!("{}_of_{}", local(member), self.scope));
        // Without a flag `with` takes the type as it is.
        let inner = match (&attrs.flag, &attrs.with) {
            (None, Some(_)) => &field.ty,
            _ => inner,
        };
        let mut found = form::value(inner, &attrs.form, module, errors);
        if let Some(count) = &attrs.count {
            found = self.repeat(found, count, inner, attrs, errors);
        }
        let (value, is_boxed) = (found.value, found.is_boxed);
        let kind = match test {
            Some(test) => FieldKind::Optional {
                test: test.unwrap_or(no_test()),
                value,
                is_boxed,
            },
            None => FieldKind::Required { value, is_boxed },
        };
        (kind, Some(inner.clone()), found.wire)
    }

    /// Items that a number before them counts.
    fn repeat(
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
    fn test(&self, flag: &LitStr, errors: &mut Errors) -> Option<Test> {
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
    fn connect(&mut self, errors: &mut Errors) {
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
fn marker(ty: &Type, attrs: &FieldAttrs, errors: &mut Errors) -> FieldKind {
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

/// Stands where an error has been found.
fn no_test() -> Test {
    Test {
        word: NatSource::Local(String::new()),
        bit: None,
    }
}

fn local(member: &Member) -> String {
    match member {
        Member::Named(name) => format!("field_{}", bare_name(name)),
        Member::Unnamed(index) => format!("field_{}", index.index),
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
