//! What a Rust type is on the wire, as far as it tells by its name.

use syn::{Expr, ExprLit, GenericArgument, Lit, PathArguments, Type};
use tl_codegen::by_hand::{Borrowed, Foreign, Value};

use crate::attr::Form;
use crate::errors::Errors;

/// The wire form that a schema is held against.
#[derive(Clone)]
pub(crate) enum Wire {
    /// Nothing is known of it, or there is nothing to say.
    Any,
    /// It is read and written as this. What lies in a `Box` is the same on the wire.
    Value(Value),
}

/// What a field's type is.
pub(crate) struct Found {
    /// How it is read and written.
    pub value: Value,
    /// Whether that is of what lies in a `Box`.
    pub is_boxed: bool,
    /// What that amounts to.
    pub wire: Wire,
}

impl Found {
    fn plain(value: Value) -> Self {
        Self {
            wire: Wire::Value(value.clone()),
            value,
            is_boxed: false,
        }
    }
}

/// The wire form of a type. `module` is what reads and writes it, if a module does.
pub(crate) fn value(ty: &Type, form: &Form, module: Option<String>, errors: &mut Errors) -> Found {
    if let Some(module) = module {
        if let Some(span) = form.span() {
            errors.add(
                span,
                "what `with` reads and writes has the form that it gives it",
            );
        }
        return Found {
            value: Value::Foreign(Foreign::With(module)),
            is_boxed: false,
            wire: Wire::Any,
        };
    }
    if let Some(inner) = argument_of(ty, "Box") {
        let found = value(inner, form, None, errors);
        return match &found.value {
            // A box reads and writes as what is in it, by its own `TlRead` and `TlWrite`.
            value if value.is_plain() => Found {
                value: Value::Foreign(Foreign::Plain),
                ..found
            },
            Value::Foreign(_) => found,
            _ => Found {
                is_boxed: true,
                ..found
            },
        };
    }
    if let Some(item) = argument_of(ty, "Vec").filter(|item| !is_word(item, "u8")) {
        return vector(item, form, errors);
    }
    if let Some((_, span)) = &form.items {
        errors.add(*span, "only a `Vec<…>` has items");
    }
    if argument_of(ty, "Option").is_some() {
        errors.on(
            ty,
            "an `Option` has no TL form here: only a field behind a flag may be absent",
        );
    }
    match builtin(ty) {
        Some(value) => {
            if let Some(span) = form.bare.or(form.boxed) {
                let ty = shown(ty);
                errors.add(
                    span,
                    format!("`{ty}` has one form only: drop this, or give it another with `with`"),
                );
            }
            Found::plain(value)
        }
        None => {
            if let Some(span) = form.bare {
                errors.add(
                    span,
                    "only vectors are made bare here: a struct is bare anyway, and an enum needs its ids",
                );
            }
            Found::plain(Value::Foreign(match form.boxed {
                Some(_) => Foreign::Boxed,
                None => Foreign::Plain,
            }))
        }
    }
}

fn vector(item: &Type, form: &Form, errors: &mut Errors) -> Found {
    if let Some(span) = form.boxed {
        errors.add(
            span,
            "a `Vec` has its id unless it is `bare`; `items(boxed)` gives its items theirs",
        );
    }
    let none = Form::default();
    let items = form.items.as_ref().map_or(&none, |(items, _)| items);
    let item_found = value(item, items, None, errors);
    if item_found.is_boxed {
        errors.on(item,
            "a vector in a box in a vector has no reading here: drop the box, or give it one with `with`",
        );
    }
    let is_boxed = form.bare.is_none();
    let of = |item| Value::Vector {
        is_boxed,
        item: Box::new(item),
    };
    Found {
        value: of(item_found.value),
        is_boxed: false,
        wire: match item_found.wire {
            Wire::Value(item) => Wire::Value(of(item)),
            Wire::Any => Wire::Any,
        },
    }
}

/// The types that are built in.
fn builtin(ty: &Type) -> Option<Value> {
    const NAMES: &[(&str, Value)] = &[
        ("i32", Value::Int),
        ("i64", Value::Long),
        ("u32", Value::Nat),
        ("f32", Value::Float),
        ("f64", Value::Double),
        ("bool", Value::Bool),
        ("String", Value::String),
        ("Int128", Value::Int128),
        ("Int256", Value::Int256),
        ("Int512", Value::Int512),
    ];
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => Some(Value::True),
        Type::Reference(reference) if reference.mutability.is_none() => {
            let borrowed = match &*reference.elem {
                inner if is_word(inner, "str") => Borrowed::String,
                Type::Slice(slice) if is_word(&slice.elem, "u8") => Borrowed::Bytes,
                Type::Array(array) if is_word(&array.elem, "u8") => match length(&array.len)? {
                    16 => Borrowed::Int128,
                    32 => Borrowed::Int256,
                    64 => Borrowed::Int512,
                    _ => return None,
                },
                _ => return None,
            };
            Some(Value::Borrowed(borrowed))
        }
        Type::Paren(paren) => builtin(&paren.elem),
        Type::Group(group) => builtin(&group.elem),
        _ if argument_of(ty, "Vec").is_some_and(|item| is_word(item, "u8")) => Some(Value::Bytes),
        _ => {
            let named = NAMES.iter().find(|(name, _)| is_word(ty, name));
            named.map(|(_, value)| value.clone())
        }
    }
}

fn length(len: &Expr) -> Option<u32> {
    match len {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok(),
        Expr::Group(group) => length(&group.expr),
        _ => None,
    }
}

/// Whether a type is a path that ends in this name and takes no arguments.
pub(crate) fn is_word(ty: &Type, name: &str) -> bool {
    match ungrouped(ty) {
        Type::Path(path) if path.qself.is_none() => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == name && last.arguments.is_none()),
        _ => false,
    }
}

/// `T` of `Name<T>`.
pub(crate) fn argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ungrouped(ty) else {
        return None;
    };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let mut arguments = arguments.args.iter();
    match (arguments.next(), arguments.next()) {
        (Some(GenericArgument::Type(inner)), None) => Some(inner),
        _ => None,
    }
}

/// Without the invisible brackets that a macro leaves.
fn ungrouped(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            _ => return ty,
        };
    }
}

/// A type as it is written, without the spaces between tokens.
pub(crate) fn shown(ty: &Type) -> String {
    let text = quote::ToTokens::to_token_stream(ty).to_string();
    let mut out = String::new();
    for (at, letter) in text.char_indices() {
        let before = text[..at].chars().next_back();
        let after = text[at + letter.len_utf8()..].chars().next();
        let is_word = |letter: Option<char>| {
            letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
        };
        let is_needed = is_word(before) && (is_word(after) || after == Some('\''))
            || matches!(before, Some(',' | ';'));
        if letter != ' ' || is_needed {
            out.push(letter);
        }
    }
    out
}
