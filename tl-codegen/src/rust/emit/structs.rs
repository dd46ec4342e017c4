//! Structs for constructors, functions, and what repetitions repeat.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::codec::{Reading, Writing};
use super::paths::{self, Paths};
use super::{clone, docs, hex, ident, methods, owned, params, serde, shared};
use crate::rust::plan::{FieldKind, Role, Struct, Value, locals_of};

/// The struct with its reading and writing.
pub(super) fn emit(item: &Struct, paths: &Paths<'_>) -> Vec<TokenStream> {
    let mut tokens = vec![definition(item, paths)];
    tokens.extend(clone::of_struct(item, paths));
    if item.has_shape {
        tokens.extend(shared::of_struct(item, paths));
    } else if has_own_debug(item, paths) {
        tokens.push(debug(item, paths));
    }
    tokens.extend(methods::setters(item, paths));
    if !matches!(item.role, Role::Record) {
        tokens.push(combinator(item, paths));
    }
    if let Role::Function { returns } = &item.role {
        tokens.push(function(item, returns, paths));
    }
    if item.params.is_empty() {
        if !matches!(item.role, Role::Function { .. }) || paths.reads_functions() {
            tokens.push(read(item, paths));
        }
        tokens.push(write(item, paths));
    } else {
        tokens.extend(with(item, paths));
    }
    tokens.extend(serde::of_struct(item, paths));
    tokens.extend(owned::of_struct(item, paths));
    tokens
}

/// The struct's parameters, after the lifetime it borrows for if it does.
pub(super) fn applied(item: &Struct, lifetime: TokenStream) -> Option<TokenStream> {
    paths::applied(
        owned::owned_path(&item.ownership).map(|_| lifetime),
        &item.generics,
    )
}

fn definition(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let name = ident(&item.name);
    let docs = match item.role {
        Role::Record => docs::record(&item.docs),
        _ => docs::item(&item.docs, Some(item.id)),
    };
    let mut own = match item.has_shape {
        true => shared::traits(&item.attributes, paths),
        false if has_own_debug(item, paths) => vec!["Debug"],
        false => Vec::new(),
    };
    if clone::is_written(&item.generics, &item.attributes, paths) {
        own.push("Clone");
    }
    let attributes = paths.attributes(&own, item.has_default, &item.attributes);
    let generics = applied(item, quote!('a));
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
                FieldKind::Sized { is_borrowed, .. } => {
                    let wire = &paths.wire;
                    if *is_borrowed {
                        quote!(#wire::RawObjectRef<'a>)
                    } else {
                        quote!(#wire::RawObject)
                    }
                }
                FieldKind::Flags {
                    keeps_unknown: true,
                    ..
                } => quote!(u32),
                FieldKind::Flags { .. } | FieldKind::Count { .. } | FieldKind::Length { .. } => {
                    return None;
                }
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
    quote! { #docs #attributes pub struct #name #generics #body }
}

/// Whether `Debug` is asked for and must not show all of the struct.
fn has_own_debug(item: &Struct, paths: &Paths<'_>) -> bool {
    item.fields.iter().any(|field| field.is_redacted) && paths.derives("Debug", &item.attributes)
}

fn debug(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let (name, wire, own) = (ident(&item.name), &paths.wire, applied(item, quote!('_)));
    let bounds = paths::bounds(&item.generics, |_| quote!(::core::fmt::Debug));
    let fields = item.fields.iter().filter(|field| field.is_in_struct());
    let fields = fields.map(|field| {
        let (name, shown) = (ident(&field.name), field.name.trim_start_matches("r#"));
        let value = if field.is_redacted {
            quote!(&#wire::Redacted)
        } else {
            quote!(&self.#name)
        };
        quote!(shown.field(#shown, #value);)
    });
    let shown = item.name.trim_start_matches("r#");
    quote! {
        impl #bounds ::core::fmt::Debug for #name #own {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut shown = f.debug_struct(#shown);
                #(#fields)*
                shown.finish()
            }
        }
    }
}

fn combinator(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let (name, wire, id, tl_name) = (
        ident(&item.name),
        &paths.wire,
        hex(item.id),
        &item.docs.tl_name,
    );
    let (generics, own) = (paths::generics(&item.generics), applied(item, quote!('_)));
    quote! {
        impl #generics #wire::Combinator for #name #own {
            const TL: (u32, &'static str) = (#id, #tl_name);
        }
    }
}

fn function(item: &Struct, returns: &Value, paths: &Paths<'_>) -> TokenStream {
    let (name, wire) = (ident(&item.name), &paths.wire);
    let own = applied(item, quote!('_));
    let bounds = paths::bounds(&item.generics, |generic| {
        if item.queries.iter().any(|query| query == generic) {
            quote!(#wire::Function)
        } else {
            quote!(for<'r> #wire::TlRead<'r> + #wire::TlWrite)
        }
    });
    let ty = paths.ty(returns);
    let reader = ident(&item.names.reader);
    let read = Reading::by_self(&item.names, paths).value(returns);
    quote! {
        impl #bounds #wire::Function for #name #own {
            type Return = #ty;

            #[inline]
            fn read_return(&self, #reader: &mut #wire::Reader<'_>) -> Self::Return { #read }
        }
    }
}

fn read_body(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let reader = ident(&item.names.reader);
    let rules = params::read_rules(&item.params, &reader, &item.docs.tl_name);
    let fields = Reading::new(&item.names, paths).fields(item);
    if !item.is_recursive {
        return quote!(#rules #fields);
    }
    let value = if locals_of(&item.fields).is_empty() {
        fields
    } else {
        quote!({ #fields })
    };
    quote!(#rules #reader.enter(); let value = #value; #reader.leave(); value)
}

/// `read_with` and `write_with`, for what depends on parameters.
fn with(item: &Struct, paths: &Paths<'_>) -> Vec<TokenStream> {
    let writer = ident(&item.names.writer);
    let rules = params::write_rules(&item.params, &writer, &item.docs.tl_name);
    let body = Writing::new(&item.names, paths).fields(item);
    let functions = params::Functions {
        name: &item.name,
        generics: &item.generics,
        params: &item.params,
        is_borrowed: owned::owned_path(&item.ownership).is_some(),
        names: &item.names,
        read: read_body(item, paths),
        write: quote!(#rules #body),
        untagged: None,
    };
    functions.emit(paths)
}

fn read(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let (name, wire, reader) = (ident(&item.name), &paths.wire, ident(&item.names.reader));
    let own = applied(item, quote!('r));
    let lifetime = match &item.generics[..] {
        [] => quote!(<'r>),
        parameters => {
            let parameters = parameters.iter().map(|parameter| ident(parameter));
            quote!(<'r, #(#parameters: #wire::TlRead<'r>),*>)
        }
    };
    let is_function = matches!(item.role, Role::Function { .. });
    let min_bytes = (item.min_bytes < 4 && !is_function).then(|| {
        let bytes = Literal::usize_unsuffixed(item.min_bytes);
        quote!(const MIN_BYTES: usize = #bytes;)
    });
    let id = is_function.then(|| {
        let (id, tl_name) = (hex(item.id), &item.docs.tl_name);
        quote!(#reader.expect_id(#id, #tl_name);)
    });
    // Only servers read functions, and what stands in their arguments alone: they compile where they are used.
    let inline = item.is_argument.then(|| quote!(#[inline]));
    let value = read_body(item, paths);
    let reader = if id.is_none() && value.to_string() == "Self" {
        quote!(_)
    } else {
        quote!(#reader)
    };
    quote! {
        impl #lifetime #wire::TlRead<'r> for #name #own {
            #min_bytes
            #inline
            extern "C" fn read_from(#reader: &mut #wire::Reader<'r>) -> Self {
                #id
                #value
            }
        }
    }
}

fn write(item: &Struct, paths: &Paths<'_>) -> TokenStream {
    let (name, wire, writer) = (ident(&item.name), &paths.wire, ident(&item.names.writer));
    let own = applied(item, quote!('_));
    let bounds = paths::bounds(&item.generics, |_| quote!(#wire::TlWrite));
    let id = matches!(item.role, Role::Function { .. }).then(|| {
        let id = hex(item.id);
        quote!(#writer.id(#id);)
    });
    let body = Writing::new(&item.names, paths).fields(item);
    let writer = if id.is_none() && body.is_empty() {
        quote!(_)
    } else {
        quote!(#writer)
    };
    quote! {
        impl #bounds #wire::TlWrite for #name #own {
            #[inline]
            fn write_to(&self, #writer: &mut #wire::Writer) { #id #body }
        }
    }
}
