//! `Debug` and `PartialEq` by the runtime's one function for all types, of those that have a shape.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::Paths;
use super::{hex, ident};
use crate::rust::plan::{Enum, ItemPath, Struct};

/// What an item does not derive, because [`of_struct`] or [`of_enum`] make it.
pub(super) fn traits(attributes: &[String], paths: &Paths<'_>) -> Vec<&'static str> {
    let mut traits = Vec::new();
    if paths.derives("Debug", attributes) {
        traits.push("Debug");
    }
    // What is derived on top of it should be of one piece with it.
    let has_more = ["Eq", "Hash", "PartialOrd", "Ord"];
    let has_more = has_more.iter().any(|name| paths.derives(name, attributes));
    if paths.derives("PartialEq", attributes) && !has_more {
        traits.push("PartialEq");
    }
    traits
}

/// The traits of a struct.
pub(super) fn of_struct(item: &Struct, paths: &Paths<'_>) -> Vec<TokenStream> {
    let (wire, id, shapes) = (&paths.wire, hex(item.id), shapes(paths));
    let show = quote!(#wire::debug_struct(self, #id, #shapes, f));
    impls(&item.name, &item.attributes, &show, paths)
}

/// The traits of an enum.
pub(super) fn of_enum(item: &Enum, paths: &Paths<'_>) -> Vec<TokenStream> {
    let (wire, shapes) = (&paths.wire, shapes(paths));
    let show = quote!(#wire::debug_enum(self, #shapes, f));
    impls(&item.name, &item.attributes, &show, paths)
}

fn impls(
    name: &str,
    attributes: &[String],
    show: &TokenStream,
    paths: &Paths<'_>,
) -> Vec<TokenStream> {
    let (name, wire) = (ident(name), &paths.wire);
    let traits = traits(attributes, paths);
    let impls = traits.into_iter().map(|which| match which {
        "Debug" => quote! {
            impl ::core::fmt::Debug for #name {
                #[inline]
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { #show }
            }
        },
        _ => quote! {
            impl ::core::cmp::PartialEq for #name {
                #[inline]
                fn eq(&self, other: &Self) -> bool { #wire::equal(self, other) }
            }
        },
    });
    impls.collect()
}

fn shapes(paths: &Paths<'_>) -> TokenStream {
    paths.item(&ItemPath {
        module: vec!["registry".to_owned()],
        name: "SHAPES".to_owned(),
    })
}
