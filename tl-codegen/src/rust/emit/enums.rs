//! Enums for boxed types.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::codec::{At, Reading, Writing};
use super::paths::{self, Paths};
use super::{clone, docs, hex, ident, methods, owned, params, serde, shared};
use crate::rust::plan::{Enum, NumberTest, OpaqueVariant, Value, Variant};

/// The enum with its reading and writing.
pub(super) fn emit(item: &Enum, paths: &Paths<'_>) -> Vec<TokenStream> {
    if item.is_boxed_struct {
        return boxed_struct(item, paths);
    }
    let mut tokens = vec![definition(item, paths)];
    tokens.extend(clone::of_enum(item, paths));
    if item.has_shape {
        tokens.extend(shared::of_enum(item, paths));
    }
    tokens.extend(methods::default(item));
    tokens.extend(methods::accessors(item, paths));
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
    tokens.extend(serde::of_enum(item, paths));
    tokens.extend(owned::of_enum(item, paths));
    if paths.has_conversions() {
        let variants = item.variants.iter();
        tokens.extend(variants.flat_map(|variant| conversions(item, variant, paths)));
    }
    tokens
}

/// Of a type of one constructor: the constructor's struct, for which the runtime has a boxed form.
fn boxed_struct(item: &Enum, paths: &Paths<'_>) -> Vec<TokenStream> {
    let only = item.variants.first();
    let Some((variant, payload)) = only.and_then(|it| Some((it, it.payload.as_ref()?))) else {
        return Vec::new();
    };
    let (name, own) = (ident(&item.name), applied(item, quote!('a)));
    let (wire, docs, payload) = (&paths.wire, docs::item(&item.docs, None), paths.ty(payload));
    let (held, out) = match variant.is_boxed {
        true => (paths.boxed_if(true, payload.clone()), quote!(*value.0)),
        false => (payload.clone(), quote!(value.0)),
    };
    let mut tokens = vec![quote!(#docs pub type #name #own = #wire::Boxed<#held>;)];
    if paths.has_conversions() {
        tokens.push(quote! {
            impl #own ::core::convert::From<#name #own> for #payload {
                #[inline]
                fn from(value: #name #own) -> Self { #out }
            }
        });
    }
    tokens
}

/// The enum's parameters, after the lifetime it borrows for if it does.
pub(super) fn applied(item: &Enum, lifetime: TokenStream) -> Option<TokenStream> {
    paths::applied(
        owned::owned_path(&item.ownership).map(|_| lifetime),
        &item.generics,
    )
}

fn definition(item: &Enum, paths: &Paths<'_>) -> TokenStream {
    let name = ident(&item.name);
    let docs = docs::item(&item.docs, None);
    let default = item
        .default
        .filter(|&at| item.variants[at].payload.is_none());
    let mut own = match item.has_shape {
        true => shared::traits(&item.attributes, paths),
        false => Vec::new(),
    };
    if clone::is_written(&item.generics, &item.attributes, paths) {
        own.push("Clone");
    }
    let attributes = paths.attributes(&own, default.is_some(), &item.attributes);
    let generics = applied(item, quote!('a));
    let variants = item.variants.iter().enumerate().map(|(at, variant)| {
        let name = ident(&variant.name);
        let docs = docs::variant(variant);
        let default = (default == Some(at)).then(|| quote!(#[default]));
        let payload = variant.payload.as_ref().map(|payload| {
            let ty = paths.boxed_if(variant.is_boxed, paths.ty(payload));
            quote!((#ty))
        });
        quote!(#docs #default #name #payload)
    });
    let wire = &paths.wire;
    let object = match owned::owned_path(&item.ownership) {
        Some(_) => quote!(#wire::RawObjectRef<'a>),
        None => quote!(#wire::RawObject),
    };
    let opaque = item.opaque.as_ref().map(|opaque| {
        let (name, docs) = (ident(&opaque.name), docs::opaque_variant(opaque));
        quote!(#docs #name(#object),)
    });
    let unknown = item.unknown.as_ref().map(|name| {
        let name = ident(name);
        let doc = " A constructor that the schema does not have, with all that came after it.";
        quote!(#[doc = #doc] #name(#object),)
    });
    quote! {
        #docs
        #attributes
        #[non_exhaustive]
        pub enum #name #generics { #(#variants,)* #opaque #unknown }
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
    let ids = item.variants.iter().map(|variant| variant.id);
    let opaque_ids = item.opaque.iter().flat_map(|opaque| &opaque.constructors);
    let ids: Vec<_> = ids.chain(opaque_ids.map(|(id, _)| *id)).collect();
    let otherwise = match (&item.opaque, &item.unknown) {
        (Some(opaque), unknown) => read_opaque(item, opaque, unknown.as_deref(), &ids, paths),
        (None, Some(name)) => {
            let name = ident(name);
            let keep = ident(match owned::owned_path(&item.ownership) {
                Some(_) => "unknown_ref",
                None => "unknown",
            });
            let (tl_name, ids) = (&item.docs.tl_name, ids.iter().map(|id| hex(*id)));
            quote!({
                let object = #reader.#keep(#tl_name, id, &[#(#ids),*]);
                Self::#name(object)
            })
        }
        (None, None) => {
            let fallback = item.variants.get(item.fallback).map(|variant| {
                let (statements, value) = construct(variant, &reading);
                quote!(#statements #value)
            });
            unexpected(&reader, &item.docs.tl_name, &ids, fallback)
        }
    };
    by_id(&reader, arms.collect(), &otherwise, item.is_recursive)
}

/// Reads what no other variant stands for: a constructor that is kept as bytes, or one that is unknown.
fn read_opaque(
    item: &Enum,
    opaque: &OpaqueVariant,
    unknown: Option<&str>,
    ids: &[u32],
    paths: &Paths<'_>,
) -> TokenStream {
    let (reader, tl_name) = (ident(&item.names.reader), &item.docs.tl_name);
    let (name, table) = (ident(&opaque.name), paths.item(&opaque.table));
    let ids = ids.iter().map(|id| hex(*id));
    let method = |name: &str| match owned::owned_path(&item.ownership) {
        Some(_) => ident(&format!("{name}_ref")),
        None => ident(name),
    };
    match unknown.map(ident) {
        Some(unknown) => {
            let read = method("opaque_or_unknown");
            quote!({
                let kept = #reader.#read(#tl_name, id, &[#(#ids),*], &#table);
                match kept {
                    ::core::result::Result::Ok(object) => Self::#name(object),
                    ::core::result::Result::Err(object) => Self::#unknown(object),
                }
            })
        }
        None => {
            let read = method("opaque_constructor");
            quote!({
                let object = #reader.#read(#tl_name, id, &[#(#ids),*], &#table);
                Self::#name(object)
            })
        }
    }
}

/// What an id that is none of `ids` is read as: a failure, and `fallback`, a value of no meaning.
pub(super) fn unexpected(
    reader: &Ident,
    tl_name: &str,
    ids: &[u32],
    fallback: Option<TokenStream>,
) -> TokenStream {
    let ids = ids.iter().map(|id| hex(*id));
    quote!({
        #reader.unexpected_id(#tl_name, id, &[#(#ids),*]);
        #fallback
    })
}

/// Reads an id and what it stands for, or `otherwise`.
pub(super) fn by_id(
    reader: &Ident,
    arms: Vec<TokenStream>,
    otherwise: &TokenStream,
    is_recursive: bool,
) -> TokenStream {
    let value = quote! {
        match #reader.id() {
            #(#arms,)*
            id => #otherwise
        }
    };
    if is_recursive {
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
    let branches = item.variants.iter().enumerate().map(|(at, variant)| {
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
        // A number that was passed in does not become zero when reading fails: the recursion must end by that.
        let has_room = (item.is_recursive && variant.payload.is_some() && at != item.fallback)
            .then(|| quote!(!#reader.failed()));
        let (statements, value) = construct(variant, &reading);
        let tests: Vec<_> = tests.chain(has_room).collect();
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
    // As of structs.
    let inline = item.is_argument.then(|| quote!(#[inline]));
    quote! {
        impl<'r> #wire::TlRead<'r> for #name #own {
            #inline
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
            Some(payload @ Value::Item { .. }) if has_id && payload.is_plain() => {
                let id = hex(variant.id);
                quote!(Self::#name(#value) => #writer.variant(#id, #value))
            }
            Some(payload) => {
                let id = id.map(|id| quote!(#id;));
                let write = writing.value(payload, &At::Ref(value.clone()), &variant.tl_name);
                quote!(Self::#name(#value) => { #id #write; })
            }
        }
    });
    let unknown = item.unknown.as_ref().map(|name| {
        let (name, tl_name) = (ident(name), &item.docs.tl_name);
        if has_id {
            quote!(Self::#name(#value) => #writer.write(#value),)
        } else {
            quote!(Self::#name(_) => #writer.unknown_without_id(#tl_name),)
        }
    });
    let opaque = item.opaque.as_ref().map(|opaque| {
        let name = ident(&opaque.name);
        quote!(Self::#name(#value) => #writer.opaque(#value),)
    });
    quote!(match self { #(#arms,)* #opaque #unknown })
}

fn write(item: &Enum, paths: &Paths<'_>) -> TokenStream {
    let (name, wire, writer) = (ident(&item.name), &paths.wire, ident(&item.names.writer));
    let (body, own) = (write_body(item, paths, true), applied(item, quote!('_)));
    quote! {
        impl #wire::TlWrite for #name #own {
            #[inline]
            fn write_to(&self, #writer: &mut #wire::Writer) { #body }
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
    let has_others = item.unknown.is_some() || item.opaque.is_some();
    let is_another = (item.variants.len() > 1 || has_others)
        .then(|| quote!(value => ::core::result::Result::Err(value),));
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
