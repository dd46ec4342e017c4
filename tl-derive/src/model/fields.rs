//! Fields: what is said of each, and the wire form that comes of it.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{LitStr, Member, Type};
use tl_codegen::by_hand::{self as plan, FieldKind, NatSource, Test};

use super::numbers::marker;
use super::{Field, Fields, FieldsKind, bare_name};
use crate::attr::FieldAttrs;
use crate::errors::Errors;
use crate::form::{self, Wire};

impl Fields {
    /// `scope` tells the fields of one variant from those of another.
    pub(super) fn new(fields: &syn::Fields, scope: usize, errors: &mut Errors) -> Self {
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

    pub(super) fn check_name(&self, tl_name: &str, span: Span, errors: &mut Errors) {
        if self.find(tl_name).is_some() {
            errors.add(
                span,
                format!("another field is called `{tl_name}` in TL already"),
            );
        }
    }

    /// The field of a TL name, among those so far.
    pub(super) fn find(&self, tl_name: &str) -> Option<&plan::Field> {
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
}

/// Stands where an error has been found.
pub(super) fn no_test() -> Test {
    Test {
        word: NatSource::Local(String::new()),
        bit: None,
    }
}

pub(super) fn local(member: &Member) -> String {
    match member {
        Member::Named(name) => format!("field_{}", bare_name(name)),
        Member::Unnamed(index) => format!("field_{}", index.index),
    }
}
