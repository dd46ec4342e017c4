//! Enums for boxed types.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::Paths;
use super::{docs, hex, ident};
use crate::rust::plan::{Enum, Variant};

/// The enum with its reading and writing.
pub(super) fn emit(item: &Enum, paths: &Paths<'_>) -> Vec<TokenStream> {
    vec![
        definition(item, paths),
        read(item, paths),
        write(item, paths),
    ]
}

fn definition(item: &Enum, paths: &Paths<'_>) -> TokenStream {
    let name = ident(&item.name);
    let docs = docs::item(&item.docs, None);
    let derives = paths.derives();
    let variants = item.variants.iter().map(|variant| {
        let name = ident(&variant.name);
        let doc = format!(" `{}#{:08x}`", variant.tl_name, variant.id);
        let payload = payload_type(variant, paths).map(|ty| quote!((#ty)));
        quote!(#[doc = #doc] #name #payload)
    });
    quote! {
        #docs
        #derives
        #[non_exhaustive]
        pub enum #name { #(#variants),* }
    }
}

fn payload_type(variant: &Variant, paths: &Paths<'_>) -> Option<TokenStream> {
    let path = variant.payload.as_ref()?;
    Some(paths.boxed_if(variant.is_boxed, paths.item(path)))
}

fn read(item: &Enum, paths: &Paths<'_>) -> TokenStream {
    let (name, wire) = (ident(&item.name), &paths.wire);
    let arms = item.variants.iter().map(|variant| {
        let (id, value) = (hex(variant.id), construct(variant));
        quote!(#id => #value)
    });
    let ids = item.variants.iter().map(|variant| hex(variant.id));
    let tl_name = &item.docs.tl_name;
    let fallback = item.variants.get(item.fallback).map(construct);
    let value = quote! {
        match r.id() {
            #(#arms,)*
            id => {
                r.unexpected_id(#tl_name, id, &[#(#ids),*]);
                #fallback
            }
        }
    };
    let body = if item.is_recursive {
        quote! {
            r.enter();
            let value = #value;
            r.leave();
            value
        }
    } else {
        value
    };
    quote! {
        impl<'r> #wire::TlRead<'r> for #name {
            fn read_from(r: &mut #wire::Reader<'r>) -> Self { #body }
        }
    }
}

/// The variant with its payload read.
fn construct(variant: &Variant) -> TokenStream {
    let name = ident(&variant.name);
    match (&variant.payload, variant.is_boxed) {
        (None, _) => quote!(Self::#name),
        (Some(_), true) => quote!(Self::#name(r.boxed())),
        (Some(_), false) => quote!(Self::#name(r.read())),
    }
}

fn write(item: &Enum, paths: &Paths<'_>) -> TokenStream {
    let (name, wire) = (ident(&item.name), &paths.wire);
    let arms = item.variants.iter().map(|variant| {
        let (name, id) = (ident(&variant.name), hex(variant.id));
        match &variant.payload {
            None => quote!(Self::#name => w.id(#id)),
            Some(_) => quote! {
                Self::#name(value) => {
                    w.id(#id);
                    w.write(value);
                }
            },
        }
    });
    quote! {
        impl #wire::TlWrite for #name {
            fn write_to(&self, w: &mut #wire::Writer<'_>) {
                match self { #(#arms,)* }
            }
        }
    }
}
