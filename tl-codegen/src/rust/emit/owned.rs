//! From the form that borrows to the one that owns: `to_owned`, and the trait that says so to generic types.
//!
//! A generic type has no form of its own that borrows; what it is given may.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use super::paths::{self, Paths};
use crate::rust::plan::{Enum, Field, FieldKind, ItemPath, Opaque, Ownership, Role, Struct, Value};

/// `to_owned` of a struct.
pub(super) fn of_struct(item: &Struct, paths: &Paths<'_>) -> Vec<TokenStream> {
    let target = target(&item.ownership, &item.name, paths);
    let fields = item.fields.iter().filter(|field| field.is_in_struct());
    let fields = fields.map(|field| {
        let (name, value) = (ident(&field.name), field_value(field, &item.queries, paths));
        quote!(#name: #value)
    });
    let owning = Owning {
        name: &item.name,
        generics: &item.generics,
        queries: &item.queries,
        is_function: matches!(item.role, Role::Function { .. }),
        ownership: &item.ownership,
        body: quote!(#target { #(#fields),* }),
        target: &target,
    };
    owning.emit(paths)
}

/// `to_owned` of an enum.
pub(super) fn of_enum(item: &Enum, paths: &Paths<'_>) -> Vec<TokenStream> {
    let target = target(&item.ownership, &item.name, paths);
    let wire = &paths.wire;
    let arms = item.variants.iter().map(|variant| {
        let name = ident(&variant.name);
        match &variant.payload {
            None => quote!(Self::#name => #target::#name),
            Some(payload) => {
                let owned = if differs(payload, &[]) {
                    quote!(#wire::own(value))
                } else {
                    quote!(value.clone())
                };
                quote!(Self::#name(value) => #target::#name(#owned))
            }
        }
    });
    let unknown = item.unknown.as_ref().map(|name| {
        let name = ident(name);
        quote!(Self::#name(value) => #target::#name(#wire::own(value)),)
    });
    let opaque = item.opaque.as_ref().map(|opaque| {
        let name = ident(&opaque.name);
        quote!(Self::#name(value) => #target::#name(#wire::own(value)),)
    });
    let owning = Owning {
        name: &item.name,
        generics: &item.generics,
        queries: &[],
        is_function: false,
        ownership: &item.ownership,
        body: quote!(match self { #(#arms,)* #opaque #unknown }),
        target: &target,
    };
    owning.emit(paths)
}

/// `to_owned` of what is kept as bytes.
pub(super) fn of_opaque(item: &Opaque, paths: &Paths<'_>) -> Vec<TokenStream> {
    let target = target(&item.ownership, &item.name, paths);
    let owning = Owning {
        name: &item.name,
        generics: &[],
        queries: &[],
        is_function: false,
        ownership: &item.ownership,
        body: quote!(#target(self.0.to_owned())),
        target: &target,
    };
    owning.emit(paths)
}

struct Owning<'a> {
    name: &'a str,
    generics: &'a [String],
    /// Those of the generics that stand for queries.
    queries: &'a [String],
    is_function: bool,
    ownership: &'a Ownership,
    target: &'a TokenStream,
    /// The owned value, made of `self`.
    body: TokenStream,
}

impl Owning<'_> {
    fn emit(&self, paths: &Paths<'_>) -> Vec<TokenStream> {
        let (name, wire, target, body) = (ident(self.name), &paths.wire, self.target, &self.body);
        let types: Vec<_> = self.generics.iter().map(|generic| ident(generic)).collect();
        match self.ownership {
            Ownership::Plain => Vec::new(),
            // The same in both forms, and given to a generic type.
            Ownership::Argument if types.is_empty() => vec![quote! {
                impl #wire::ToOwnedForm for #name {
                    type Owned = Self;

                    fn to_owned_form(&self) -> Self { self.clone() }
                }
            }],
            Ownership::Argument => self.generic(None, wire),
            Ownership::Borrowed(_) if self.is_function => {
                // The query that a call wraps stays as it is.
                let is_query = |generic: &str| self.queries.iter().any(|query| query == generic);
                let bounds = paths::bounds(self.generics, |generic| match is_query(generic) {
                    true => quote!(::core::clone::Clone),
                    false => quote!(#wire::ToOwnedForm),
                });
                let own = paths::applied(Some(quote!('_)), self.generics);
                let applied = self.generics.iter().zip(&types).map(|(name, generic)| {
                    if is_query(name) {
                        quote!(#generic)
                    } else {
                        quote!(#generic::Owned)
                    }
                });
                let applied = (!types.is_empty()).then(|| quote!(<#(#applied),*>));
                vec![quote! {
                    impl #bounds #name #own {
                        #[doc = " The same with data of its own."]
                        pub fn to_owned(&self) -> #target #applied { #body }
                    }
                }]
            }
            Ownership::Borrowed(_) if types.is_empty() => vec![
                quote! {
                    impl #name<'_> {
                        #[doc = " The same with data of its own."]
                        pub fn to_owned(&self) -> #target { #body }
                    }
                },
                quote! {
                    impl #wire::ToOwnedForm for #name<'_> {
                        type Owned = #target;

                        fn to_owned_form(&self) -> #target { self.to_owned() }
                    }
                },
            ],
            Ownership::Borrowed(_) => self.generic(Some(quote!('_)), wire),
        }
    }

    fn generic(&self, lifetime: Option<TokenStream>, wire: &TokenStream) -> Vec<TokenStream> {
        let (name, target, body) = (ident(self.name), self.target, &self.body);
        let types: Vec<_> = self.generics.iter().map(|generic| ident(generic)).collect();
        let own = paths::applied(lifetime, self.generics);
        vec![quote! {
            impl<#(#types: #wire::ToOwnedForm),*> #wire::ToOwnedForm for #name #own {
                type Owned = #target<#(#types::Owned),*>;

                fn to_owned_form(&self) -> Self::Owned { #body }
            }
        }]
    }
}

fn target(ownership: &Ownership, name: &str, paths: &Paths<'_>) -> TokenStream {
    match ownership {
        Ownership::Borrowed(path) => paths.item(path),
        Ownership::Plain | Ownership::Argument => {
            let name = ident(name);
            quote!(#name)
        }
    }
}

fn field_value(field: &Field, queries: &[String], paths: &Paths<'_>) -> TokenStream {
    let (name, wire) = (ident(&field.name), &paths.wire);
    match &field.kind {
        FieldKind::Required { value, .. } | FieldKind::Optional { value, .. } => {
            if is_copy(value) {
                quote!(self.#name)
            } else if differs(value, queries) {
                quote!(#wire::own(&self.#name))
            } else {
                quote!(self.#name.clone())
            }
        }
        FieldKind::Sized { .. } => quote!(self.#name.to_owned()),
        _ => quote!(self.#name),
    }
}

/// Whether the two forms of a value are of different types. A query has one form.
fn differs(value: &Value, queries: &[String]) -> bool {
    let mut differs = false;
    value.walk(&mut |value| {
        differs |= match value {
            Value::Borrowed(_)
            | Value::Item {
                is_borrowed: true, ..
            } => true,
            Value::Generic(generic) => !queries.iter().any(|query| query == generic.name()),
            _ => false,
        };
    });
    differs
}

pub(super) fn is_copy(value: &Value) -> bool {
    match value {
        Value::WithId { value, .. } => is_copy(value),
        Value::Int
        | Value::Long
        | Value::Float
        | Value::Double
        | Value::Bool
        | Value::True
        | Value::Nat => true,
        _ => false,
    }
}

/// The path of the form that owns its data.
pub(super) fn owned_path(ownership: &Ownership) -> Option<&ItemPath> {
    match ownership {
        Ownership::Borrowed(path) => Some(path),
        Ownership::Plain | Ownership::Argument => None,
    }
}
