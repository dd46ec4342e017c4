//! Methods and traits that are there on request: accessors of enums, `Default`, and setters of optional fields.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::{self, Paths};
use super::{enums, ident, owned, structs};
use crate::rust::plan::{
    AccessedVariant, Accessor, Borrowed, Enum, Field, FieldKind, Struct, Value,
};

/// The methods for fields of an enum's constructors.
pub(super) fn accessors(item: &Enum, paths: &Paths<'_>) -> Option<TokenStream> {
    if item.accessors.is_empty() {
        return None;
    }
    let name = ident(&item.name);
    // The lifetime has a name where a method returns what lies in the input.
    let is_named = item
        .accessors
        .iter()
        .any(|accessor| is_borrowed(&accessor.value));
    let own = enums::applied(item, if is_named { quote!('a) } else { quote!('_) });
    let generics = if is_named {
        paths::applied(Some(quote!('a)), &item.generics)
    } else {
        paths::generics(&item.generics)
    };
    let names = item.accessors.iter().map(|accessor| accessor.name.as_str());
    let allow = allow_self(names, &["from_", "into_"]);
    let methods = item
        .accessors
        .iter()
        .map(|accessor| method(accessor, paths));
    Some(quote! {
        #allow
        impl #generics #name #own { #(#methods)* }
    })
}

fn method(accessor: &Accessor, paths: &Paths<'_>) -> TokenStream {
    let name = ident(&accessor.name);
    let ty = returned(&accessor.value, paths);
    let ty = if accessor.is_optional {
        paths.optional(&ty)
    } else {
        ty
    };
    let doc = if accessor.is_partial {
        format!(" `{}` of the constructors that have it.", accessor.tl_name)
    } else {
        format!(" `{}`, which all constructors have.", accessor.tl_name)
    };
    let arms = accessor.variants.iter().map(|variant| {
        let (name, value) = (ident(&variant.name), access(accessor, variant));
        quote!(Self::#name(value) => #value)
    });
    let otherwise = accessor
        .is_partial
        .then(|| quote!(_ => ::core::option::Option::None,));
    quote! {
        #[doc = #doc]
        pub fn #name(&self) -> #ty {
            match self { #(#arms,)* #otherwise }
        }
    }
}

fn access(accessor: &Accessor, variant: &AccessedVariant) -> TokenStream {
    let field = ident(&variant.field);
    let field = quote!(value.#field);
    let value = &accessor.value;
    match (accessor.is_optional, variant.is_optional) {
        (true, true) if is_copy(value) => field,
        (true, true) if variant.is_boxed || derefs(value) => quote!(#field.as_deref()),
        (true, true) => quote!(#field.as_ref()),
        (true, false) if is_copy(value) => quote!(::core::option::Option::Some(#field)),
        (true, false) => quote!(::core::option::Option::Some(&#field)),
        (false, _) if is_copy(value) => field,
        (false, _) => quote!(&#field),
    }
}

/// What a method returns of a value.
fn returned(value: &Value, paths: &Paths<'_>) -> TokenStream {
    match value {
        Value::WithId { value, .. } => returned(value, paths),
        Value::String => quote!(&str),
        Value::Bytes => quote!(&[u8]),
        Value::Vector { item, .. } | Value::Repeat { item, .. } => {
            let item = paths.ty(item);
            quote!(&[#item])
        }
        value => {
            let ty = paths.ty(value);
            if is_copy(value) { ty } else { quote!(&#ty) }
        }
    }
}

/// Whether what a method returns is behind what the field is.
fn derefs(value: &Value) -> bool {
    match value {
        Value::WithId { value, .. } => derefs(value),
        value => matches!(
            value,
            Value::String | Value::Bytes | Value::Vector { .. } | Value::Repeat { .. }
        ),
    }
}

fn is_copy(value: &Value) -> bool {
    matches!(value, Value::Borrowed(_)) || owned::is_copy(value)
}

/// Whether a value's type has the lifetime of the input.
fn is_borrowed(value: &Value) -> bool {
    let mut is_borrowed = false;
    value.walk(&mut |value| {
        is_borrowed |= matches!(
            value,
            Value::Borrowed(
                Borrowed::String
                    | Borrowed::Bytes
                    | Borrowed::Int128
                    | Borrowed::Int256
                    | Borrowed::Int512
                    | Borrowed::Object { .. }
            ) | Value::Item {
                is_borrowed: true,
                ..
            }
        );
    });
    is_borrowed
}

/// `Default` of an enum that is that of a struct; where it is a variant without one, the derive does it.
pub(super) fn default(item: &Enum) -> Option<TokenStream> {
    let variant = &item.variants[item.default?];
    variant.payload.as_ref()?;
    let (name, variant) = (ident(&item.name), ident(&variant.name));
    let own = enums::applied(item, quote!('_));
    let bounds = paths::bounds(&item.generics, |_| quote!(::core::default::Default));
    Some(quote! {
        impl #bounds ::core::default::Default for #name #own {
            fn default() -> Self { Self::#variant(::core::default::Default::default()) }
        }
    })
}

/// `new` and the methods that set optional fields.
pub(super) fn setters(item: &Struct, paths: &Paths<'_>) -> Option<TokenStream> {
    let setters = item.setters.as_ref()?;
    let name = ident(&item.name);
    let (generics, own) = match owned::owned_path(&item.ownership) {
        Some(_) => {
            let own = structs::applied(item, quote!('a));
            (own.clone(), own)
        }
        None => (
            paths::generics(&item.generics),
            paths::generics(&item.generics),
        ),
    };
    let allow = allow_self(
        setters.iter().map(|(_, name)| name.as_str()),
        &["as_", "from_", "into_", "is_", "to_"],
    );
    let own_fields = item.fields.iter().filter(|field| field.is_in_struct());
    let values = own_fields.clone().map(|field| {
        let name = ident(&field.name);
        match &field.kind {
            FieldKind::Required { is_boxed: true, .. } => {
                let value = paths.new_box(&quote!(#name));
                quote!(#name: #value)
            }
            FieldKind::Required { .. } | FieldKind::Sized { .. } => quote!(#name),
            FieldKind::Flag { .. } => quote!(#name: false),
            FieldKind::Flags { .. } => quote!(#name: 0),
            _ => quote!(#name: ::core::option::Option::None),
        }
    });
    let arguments: Vec<_> = own_fields
        .filter_map(|field| argument(field, paths))
        .collect();
    let many = (arguments.len() > 7).then(
        || quote!(#[allow(clippy::too_many_arguments, reason = "as many as the schema requires")]),
    );
    let methods = item.fields.iter().filter_map(|field| {
        let (_, name) = setters.iter().find(|(own, _)| *own == field.name)?;
        Some(setter(field, name, paths))
    });
    Some(quote! {
        #allow
        impl #generics #name #own {
            #[doc = " With what is required, and nothing else."]
            #[must_use]
            #many
            pub fn new(#(#arguments),*) -> Self { Self { #(#values),* } }

            #(#methods)*
        }
    })
}

/// A required field as an argument.
fn argument(field: &Field, paths: &Paths<'_>) -> Option<TokenStream> {
    let (name, wire) = (ident(&field.name), &paths.wire);
    let ty = match &field.kind {
        FieldKind::Required { value, .. } => paths.ty(value),
        FieldKind::Sized {
            is_borrowed: true, ..
        } => quote!(#wire::RawObjectRef<'a>),
        FieldKind::Sized { .. } => quote!(#wire::RawObject),
        _ => return None,
    };
    Some(quote!(#name: #ty))
}

fn setter(field: &Field, name: &str, paths: &Paths<'_>) -> TokenStream {
    let (own, method) = (ident(&field.name), ident(name));
    let doc = format!(" Sets `{}`.", field.tl_name);
    let (ty, value) = match &field.kind {
        FieldKind::Optional {
            value, is_boxed, ..
        } => {
            let held = if *is_boxed {
                paths.new_box(&quote!(value))
            } else {
                quote!(value)
            };
            (paths.ty(value), quote!(::core::option::Option::Some(#held)))
        }
        _ => (quote!(bool), quote!(value)),
    };
    quote! {
        #[doc = #doc]
        #[must_use]
        pub fn #method(mut self, value: #ty) -> Self {
            self.#own = #value;
            self
        }
    }
}

/// The schema's names begin with words by which a lint expects other receivers.
fn allow_self<'n>(
    mut names: impl Iterator<Item = &'n str>,
    beginnings: &[&str],
) -> Option<TokenStream> {
    names
        .any(|name| {
            beginnings
                .iter()
                .any(|beginning| name.starts_with(beginning))
        })
        .then(
            || quote!(#[allow(clippy::wrong_self_convention, reason = "as the schema names them")]),
        )
}
