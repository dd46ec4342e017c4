//! `Clone` written out: numbers are copied, and the rest is cloned by methods, which the compiler goes through faster than
//! through the paths of a derive.
//!
//! By a method it is the trait's: no generated method is called `clone`, whatever fields are.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::paths::Paths;
use super::{enums, ident, owned, structs};
use crate::rust::plan::{Enum, Field, FieldKind, Opaque, Struct, Value};

/// Whether `Clone` is asked for and written out. A type that is `Copy`, too, derives both, and so does one that has bounds.
pub(super) fn is_written(generics: &[String], attributes: &[String], paths: &Paths<'_>) -> bool {
    generics.is_empty() && paths.derives("Clone", attributes) && !paths.derives("Copy", attributes)
}

/// `Clone` of a struct.
pub(super) fn of_struct(item: &Struct, paths: &Paths<'_>) -> Option<TokenStream> {
    let fields = item.fields.iter().filter(|field| field.is_in_struct());
    let fields: Vec<_> = fields.map(field).collect();
    let body = if fields.is_empty() {
        quote!(Self)
    } else {
        quote!(Self { #(#fields),* })
    };
    let is_written = is_written(&item.generics, &item.attributes, paths);
    let own = structs::applied(item, quote!('_));
    is_written.then(|| written(&ident(&item.name), own, &body))
}

/// `Clone` of an enum.
pub(super) fn of_enum(item: &Enum, paths: &Paths<'_>) -> Option<TokenStream> {
    let arms = item.variants.iter().map(|variant| {
        let name = ident(&variant.name);
        match variant.payload {
            Some(_) => quote!(Self::#name(value) => Self::#name(value.clone())),
            None => quote!(Self::#name => Self::#name),
        }
    });
    let object = match owned::owned_path(&item.ownership) {
        Some(_) => quote!(*value),
        None => quote!(value.clone()),
    };
    let opaque = item.opaque.iter().map(|opaque| &opaque.name);
    let objects = opaque.chain(&item.unknown).map(|name| {
        let name = ident(name);
        quote!(Self::#name(value) => Self::#name(#object))
    });
    let arms: Vec<_> = arms.chain(objects).collect();
    let is_written = is_written(&item.generics, &item.attributes, paths);
    let own = enums::applied(item, quote!('_));
    is_written.then(|| written(&ident(&item.name), own, &quote!(match self { #(#arms,)* })))
}

/// `Clone` of what is kept as bytes.
pub(super) fn of_opaque(item: &Opaque, paths: &Paths<'_>) -> Option<TokenStream> {
    let (own, body) = match owned::owned_path(&item.ownership) {
        Some(_) => (Some(quote!(<'_>)), quote!(Self(self.0))),
        None => (None, quote!(Self(self.0.clone()))),
    };
    let is_written = is_written(&[], &item.attributes, paths);
    is_written.then(|| written(&ident(&item.name), own, &body))
}

fn written(name: &Ident, own: Option<TokenStream>, body: &TokenStream) -> TokenStream {
    quote! {
        impl ::core::clone::Clone for #name #own {
            #[inline]
            fn clone(&self) -> Self { #body }
        }
    }
}

fn field(field: &Field) -> TokenStream {
    let is_copy = match &field.kind {
        FieldKind::Required { value, is_boxed }
        | FieldKind::Optional {
            value, is_boxed, ..
        } => !is_boxed && is_copy(value),
        FieldKind::Sized { is_borrowed, .. } => *is_borrowed,
        _ => true,
    };
    let (name, clone) = (ident(&field.name), (!is_copy).then(|| quote!(.clone())));
    quote!(#name: self.#name #clone)
}

fn is_copy(value: &Value) -> bool {
    match value {
        Value::WithId { value, .. } => is_copy(value),
        Value::Int128 | Value::Int256 | Value::Int512 | Value::Borrowed(_) => true,
        value => owned::is_copy(value),
    }
}
