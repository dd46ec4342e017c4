//! Enums for boxed types.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::codec::{At, Reading, Writing};
use super::paths::{self, Paths};
use super::{docs, hex, ident, owned, params};
use crate::rust::plan::{Enum, NumberTest, Variant};

/// The enum with its reading and writing.
pub(super) fn emit(item: &Enum, paths: &Paths<'_>) -> Vec<TokenStream> {
    let mut tokens = vec![definition(item, paths)];
    if item.params.is_empty() {
        tokens.extend([read(item, paths), write(item, paths)]);
    } else {
        let functions = params::Functions {
            name: &item.name,
            generics: &item.generics,
            params: &item.params,
            is_borrowed: owned::owned_path(&item.ownership).is_some(),
            names: &item.names,
            read: read_body(item, paths),
            write: write_body(item, paths, true),
            untagged: item
                .has_untagged
                .then(|| (read_untagged(item, paths), write_body(item, paths, false))),
        };
        tokens.extend(functions.emit(paths));
    }
    tokens.extend(owned::of_enum(item, paths));
    if paths.has_conversions() {
        let variants = item.variants.iter();
        tokens.extend(variants.flat_map(|variant| conversions(item, variant, paths)));
    }
    tokens
}

/// The enum's parameters, after the lifetime it borrows for if it does.
fn applied(item: &Enum, lifetime: TokenStream) -> Option<TokenStream> {
    paths::applied(
        owned::owned_path(&item.ownership).map(|_| lifetime),
        &item.generics,
    )
}

fn definition(item: &Enum, paths: &Paths<'_>) -> TokenStream {
    let name = ident(&item.name);
    let docs = docs::item(&item.docs, None);
    let derives = paths.derives();
    let generics = applied(item, quote!('a));
    let variants = item.variants.iter().map(|variant| {
        let name = ident(&variant.name);
        let doc = format!(" `{}#{:08x}`", variant.tl_name, variant.id);
        let payload = variant.payload.as_ref().map(|payload| {
            let ty = paths.boxed_if(variant.is_boxed, paths.ty(payload));
            quote!((#ty))
        });
        quote!(#[doc = #doc] #name #payload)
    });
    quote! {
        #docs
        #derives
        #[non_exhaustive]
        pub enum #name #generics { #(#variants),* }
    }
}

fn read_body(item: &Enum, paths: &Paths<'_>) -> TokenStream {
    let reading = Reading::new(&item.names, paths);
    let reader = ident(&item.names.reader);
    let arms = item.variants.iter().map(|variant| {
        let id = hex(variant.id);
        let rules = params::rules(&variant.rules, &reader, &variant.tl_name);
        let (statements, value) = construct(variant, &reading);
        if rules.is_empty() && statements.is_none() {
            quote!(#id => #value)
        } else {
            quote!(#id => { #rules #statements #value })
        }
    });
    let ids = item.variants.iter().map(|variant| hex(variant.id));
    let tl_name = &item.docs.tl_name;
    let fallback = item.variants.get(item.fallback).map(|variant| {
        let (statements, value) = construct(variant, &reading);
        quote!(#statements #value)
    });
    let value = quote! {
        match #reader.id() {
            #(#arms,)*
            id => {
                #reader.unexpected_id(#tl_name, id, &[#(#ids),*]);
                #fallback
            }
        }
    };
    if item.is_recursive {
        quote! {
            #reader.enter();
            let value = #value;
            #reader.leave();
            value
        }
    } else {
        value
    }
}

/// Reads by the numbers that tell the constructors apart.
fn read_untagged(item: &Enum, paths: &Paths<'_>) -> TokenStream {
    let reading = Reading::new(&item.names, paths);
    let reader = ident(&item.names.reader);
    let branches = item.variants.iter().map(|variant| {
        let tests = variant.tests.iter().map(|(name, test)| {
            let name = ident(name);
            match test {
                NumberTest::Equal(number) => {
                    let number = Literal::u32_unsuffixed(*number);
                    quote!(#name == #number)
                }
                NumberTest::AtLeast(number) => {
                    let number = Literal::u32_unsuffixed(*number);
                    quote!(#name >= #number)
                }
            }
        });
        let (statements, value) = construct(variant, &reading);
        let condition = quote!(#(#tests)&&*);
        quote!(if #condition { #statements #value } else)
    });
    let tl_name = &item.docs.tl_name;
    let fallback = item.variants.get(item.fallback).map(|variant| {
        let (statements, value) = construct(variant, &reading);
        quote!(#statements #value)
    });
    let value = quote! {
        #(#branches)* {
            #reader.no_constructor(#tl_name);
            #fallback
        }
    };
    if item.is_recursive {
        quote!(#reader.enter(); let value = #value; #reader.leave(); value)
    } else {
        value
    }
}

fn read(item: &Enum, paths: &Paths<'_>) -> TokenStream {
    let (name, wire, reader) = (ident(&item.name), &paths.wire, ident(&item.names.reader));
    let (body, own) = (read_body(item, paths), applied(item, quote!('r)));
    quote! {
        impl<'r> #wire::TlRead<'r> for #name #own {
            extern "C" fn read_from(#reader: &mut #wire::Reader<'r>) -> Self { #body }
        }
    }
}

/// The variant with its payload read; a payload that is told parameters is read by a statement of its own.
fn construct(variant: &Variant, reading: &Reading<'_>) -> (Option<TokenStream>, TokenStream) {
    let name = ident(&variant.name);
    match &variant.payload {
        None => (None, quote!(Self::#name)),
        Some(payload) => {
            let read = reading.held(payload, variant.is_boxed);
            if payload.is_plain() {
                (None, quote!(Self::#name(#read)))
            } else {
                (Some(quote!(let value = #read;)), quote!(Self::#name(value)))
            }
        }
    }
}

fn write_body(item: &Enum, paths: &Paths<'_>, has_id: bool) -> TokenStream {
    let (writer, value) = (ident(&item.names.writer), ident(&item.names.value));
    let writing = Writing::new(&item.names, paths);
    let arms = item.variants.iter().map(|variant| {
        let (name, id) = (ident(&variant.name), hex(variant.id));
        let rules = params::rules(&variant.rules, &writer, &variant.tl_name);
        let id = has_id.then(|| quote!(#writer.id(#id)));
        match &variant.payload {
            None if rules.is_empty() => match id {
                Some(id) => quote!(Self::#name => #id),
                None => quote!(Self::#name => {}),
            },
            None => {
                let id = id.map(|id| quote!(#id;));
                quote!(Self::#name => { #rules #id })
            }
            Some(payload) => {
                let id = id.map(|id| quote!(#id;));
                let write = writing.value(payload, &At::Ref(value.clone()), &variant.tl_name);
                quote!(Self::#name(#value) => { #id #write; })
            }
        }
    });
    quote!(match self { #(#arms,)* })
}

fn write(item: &Enum, paths: &Paths<'_>) -> TokenStream {
    let (name, wire, writer) = (ident(&item.name), &paths.wire, ident(&item.names.writer));
    let (body, own) = (write_body(item, paths, true), applied(item, quote!('_)));
    quote! {
        impl #wire::TlWrite for #name #own {
            #[inline]
            fn write_to(&self, #writer: &mut #wire::Writer<'_>) { #body }
        }
    }
}

/// From the constructor's struct, and back where it is that one.
fn conversions(item: &Enum, variant: &Variant, paths: &Paths<'_>) -> Vec<TokenStream> {
    let Some(payload) = &variant.payload else {
        return Vec::new();
    };
    let own = applied(item, quote!('a));
    let (name, payload, variant_name) =
        (ident(&item.name), paths.ty(payload), ident(&variant.name));
    let (into, out) = if variant.is_boxed {
        (paths.new_box(&quote!(value)), quote!(*value))
    } else {
        (quote!(value), quote!(value))
    };
    let is_another =
        (item.variants.len() > 1).then(|| quote!(value => ::core::result::Result::Err(value),));
    vec![
        quote! {
            impl #own ::core::convert::From<#payload> for #name #own {
                #[inline]
                fn from(value: #payload) -> Self { Self::#variant_name(#into) }
            }
        },
        quote! {
            impl #own ::core::convert::TryFrom<#name #own> for #payload {
                type Error = #name #own;
                #[inline]
                fn try_from(value: #name #own) -> ::core::result::Result<Self, #name #own> {
                    match value {
                        #name::#variant_name(value) => ::core::result::Result::Ok(#out),
                        #is_another
                    }
                }
            }
        },
    ]
}
