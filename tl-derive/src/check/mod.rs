//! A type held against its schema: ids, fields, their order, types and bits, and variants. Every finding stands where it is
//! to be put right.
//!
//! What a field's type is that has a name of its own is asked of the compiler: [`Claim`]s become constants that fail to
//! evaluate.

mod fields;
mod fits;
mod shown;
mod structs;
mod variants;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

use crate::errors::Errors;
use crate::model::{Model, Shape};
use crate::schema::Schema;

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

/// Whether a type names one of these.
fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|name| ident == name.as_str()),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}
