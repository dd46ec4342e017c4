//! Structs for constructors and functions.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::paths::Paths;
use super::{codec, docs, hex, ident};
use crate::rust::plan::{FieldKind, Returns, Role, Struct};

/// The struct with its reading and writing.
pub(super) fn emit(item: &Struct, paths: &Paths<'_>) -> Vec<TokenStream> {
    let mut tokens = vec![definition(item, paths), combinator(item, paths)];
    if let Role::Function(returns) = &item.role {
        tokens.push(function(item, returns, paths));
    }
    tokens.extend([read(item, paths), write(item, paths)]);
    tokens
}

fn definition(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let name = ident(&item.name);
    let docs = docs::item(&item.docs, Some(item.id));
    let derives = paths.derives();
    let generics = generics(item);
    let fields: Vec<_> = item
        .fields
        .iter()
        .filter_map(|field| {
            let ty = match &field.kind {
                FieldKind::Required { value, is_boxed } => paths.held(value, *is_boxed),
                FieldKind::Optional {
                    value, is_boxed, ..
                } => paths.optional(&paths.held(value, *is_boxed)),
                FieldKind::Flag { .. } => quote!(bool),
                FieldKind::Object { .. } => {
                    let wire = &paths.wire;
                    quote!(#wire::RawObject)
                }
                FieldKind::Flags { .. } | FieldKind::Length { .. } => return None,
            };
            let name = ident(&field.name);
            let doc = docs::field(field);
            Some(quote!(#doc pub #name: #ty))
        })
        .collect();
    let body = if fields.is_empty() {
        quote!(;)
    } else {
        quote!({ #(#fields),* })
    };
    quote! { #docs #derives pub struct #name #generics #body }
}

fn combinator(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let (name, wire, id, tl_name) = (
        ident(&item.name),
        &paths.wire,
        hex(item.id),
        &item.docs.tl_name,
    );
    let generics = generics(item);
    quote! {
        impl #generics #wire::Combinator for #name #generics {
            const ID: u32 = #id;
            const NAME: &'static str = #tl_name;
        }
    }
}

fn function(item: &Struct, returns: &Returns, paths: &Paths<'_>) -> TokenStream {
    let (name, wire) = (ident(&item.name), &paths.wire);
    let generics = generics(item);
    let bounds = bounds(item, &quote!(#wire::Function));
    let returns = match returns {
        Returns::Value(value) => paths.ty(value),
        Returns::Query(query) => {
            let query = ident(query);
            quote!(#query::Return)
        }
    };
    quote! {
        impl #bounds #wire::Function for #name #generics {
            type Return = #returns;
        }
    }
}

fn read(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let (name, wire, reader) = (ident(&item.name), &paths.wire, ident(&item.reader));
    let generics = generics(item);
    let lifetime = match &item.generics[..] {
        [] => quote!(<'r>),
        parameters => {
            let parameters = parameters.iter().map(|parameter| ident(parameter));
            quote!(<'r, #(#parameters: #wire::TlRead<'r>),*>)
        }
    };
    let min_bytes = (item.min_bytes < 4 && matches!(item.role, Role::Constructor)).then(|| {
        let bytes = Literal::usize_unsuffixed(item.min_bytes);
        quote!(const MIN_BYTES: usize = #bytes;)
    });
    let id = matches!(item.role, Role::Function(_)).then(|| {
        quote!(#reader.expect_id(<Self as #wire::Combinator>::ID, <Self as #wire::Combinator>::NAME);)
    });
    let value = codec::read(item, paths);
    let value = if item.is_recursive {
        quote!(#reader.enter(); let value = { #value }; #reader.leave(); value)
    } else {
        value
    };
    let reader = if id.is_none() && value.to_string() == "Self" {
        quote!(_)
    } else {
        quote!(#reader)
    };
    quote! {
        impl #lifetime #wire::TlRead<'r> for #name #generics {
            #min_bytes
            fn read_from(#reader: &mut #wire::Reader<'r>) -> Self {
                #id
                #value
            }
        }
    }
}

fn write(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let (name, wire, writer) = (ident(&item.name), &paths.wire, ident(&item.writer));
    let generics = generics(item);
    let bounds = bounds(item, &quote!(#wire::TlWrite));
    let id = matches!(item.role, Role::Function(_)).then(|| {
        let id = hex(item.id);
        quote!(#writer.id(#id);)
    });
    let body = codec::write(item);
    let writer = if id.is_none() && body.is_empty() {
        quote!(_)
    } else {
        quote!(#writer)
    };
    quote! {
        impl #bounds #wire::TlWrite for #name #generics {
            fn write_to(&self, #writer: &mut #wire::Writer<'_>) { #id #body }
        }
    }
}

/// `<X>`, or nothing.
fn generics(item: &Struct) -> Option<TokenStream> {
    let names = item.generics.iter().map(|name| ident(name));
    (!item.generics.is_empty()).then(|| quote!(<#(#names),*>))
}

/// `<X: Bound>`, or nothing.
fn bounds(item: &Struct, bound: &TokenStream) -> Option<TokenStream> {
    let names = item.generics.iter().map(|name| ident(name));
    (!item.generics.is_empty()).then(|| quote!(<#(#names: #bound),*>))
}
