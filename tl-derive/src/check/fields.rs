//! Fields: their bits and their types; and what a call returns.

use syn::Type;
use tl_codegen::by_hand::{self as plan, FieldKind, Foreign, Test, Value};

use super::fits::{fits, same_count, size};
use super::shown::{label, shown_number, shown_number_here, shown_test, shown_test_here};
use super::{Checking, Claim, Must};
use crate::form::{self, Wire};
use crate::model::{Field, Fields};
use crate::schema::{Combinator, shown, shown_field};

/// Fields.
impl Checking<'_> {
    pub(super) fn field(
        &mut self,
        field: &Field,
        all: &Fields,
        own: &plan::Field,
        found: &Combinator,
    ) {
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
    pub(super) fn definition(&self, field: &plan::Field, found: &Combinator) -> String {
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
    pub(super) fn returns(&mut self, ty: &Type, found: &Combinator) {
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
