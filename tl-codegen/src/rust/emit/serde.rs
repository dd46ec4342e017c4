//! `Serialize` and `Deserialize`, a call each of the runtime's one implementation for all types.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::{self, Paths};
use super::{enums, hex, ident, owned, structs};
use crate::rust::plan::{Definitions, Enum, JsonForm, Opaque, Role, Struct};

/// Both of a struct; what can't be read is only serialized.
pub(super) fn of_struct(item: &Struct, paths: &Paths<'_>) -> Vec<TokenStream> {
    let Some(json) = &item.json else {
        return Vec::new();
    };
    let is_read = !matches!(item.role, Role::Function { .. }) || paths.reads_functions();
    let implementation = Impl {
        name: &item.name,
        generics: &item.generics,
        own: structs::applied(item, quote!('_)),
        is_read: is_read && owned::owned_path(&item.ownership).is_none(),
        json,
    };
    implementation.emit(paths)
}

/// Both of an enum.
pub(super) fn of_enum(item: &Enum, paths: &Paths<'_>) -> Vec<TokenStream> {
    let Some(json) = &item.json else {
        return Vec::new();
    };
    let implementation = Impl {
        name: &item.name,
        generics: &item.generics,
        own: enums::applied(item, quote!('_)),
        is_read: owned::owned_path(&item.ownership).is_none(),
        json,
    };
    implementation.emit(paths)
}

/// Both of what is kept as bytes.
pub(super) fn of_opaque(item: &Opaque, paths: &Paths<'_>) -> Vec<TokenStream> {
    let Some(json) = &item.json else {
        return Vec::new();
    };
    let is_borrowed = owned::owned_path(&item.ownership).is_some();
    let implementation = Impl {
        name: &item.name,
        generics: &[],
        own: is_borrowed.then(|| quote!(<'_>)),
        is_read: !is_borrowed,
        json,
    };
    implementation.emit(paths)
}

/// The table that they go by.
pub(super) fn table(definitions: &Definitions, paths: &Paths<'_>) -> Vec<TokenStream> {
    let (name, wire) = (ident(&definitions.name), &paths.wire);
    let rows = |rows: &[(u32, String)]| {
        let rows = rows.iter().map(|(id, line)| {
            let id = hex(*id);
            quote!((#id, #line))
        });
        quote!(&[#(#rows),*])
    };
    let (constructors, functions) = (
        rows(&definitions.constructors),
        rows(&definitions.functions),
    );
    let by_type = definitions.by_type.iter();
    let by_type = by_type.map(|id| hex(*id));
    let of_layer = definitions.layer.map(|layer| format!(" of layer {layer}"));
    let what = match (paths.has_serde(), definitions.has_opaque) {
        (true, true) => "What serde goes by, and where values end that are kept as bytes",
        (true, false) => "What serde goes by",
        (false, _) => "Where values end that are kept as bytes",
    };
    let doc = format!(" {what}: the definitions{}.", of_layer.unwrap_or_default());
    let [own, places, calls] = ["CONSTRUCTORS", "BY_TYPE", "FUNCTIONS"].map(|word| {
        let suffix = definitions.layer.map(|layer| format!("_{layer}"));
        ident(&format!("{word}{}", suffix.unwrap_or_default()))
    });
    let new = match paths.definition_modes() {
        (keeps_unknown, has_text) if definitions.has_opaque && (keeps_unknown || !has_text) => {
            quote!(with(#own, #places, #calls, #keeps_unknown, #has_text))
        }
        _ => quote!(new(#own, #places, #calls)),
    };
    vec![
        quote! {
            #[doc = #doc]
            pub static #name: #wire::Definitions = #wire::Definitions::#new;
        },
        quote! { static #own: &[(u32, &str)] = #constructors; },
        quote! { static #places: &[u32] = &[#(#by_type),*]; },
        quote! { static #calls: &[(u32, &str)] = #functions; },
    ]
}

struct Impl<'i> {
    name: &'i str,
    generics: &'i [String],
    /// Its parameters, where it borrows for any lifetime.
    own: Option<TokenStream>,
    is_read: bool,
    json: &'i JsonForm,
}

impl Impl<'_> {
    fn emit(&self, paths: &Paths<'_>) -> Vec<TokenStream> {
        let (name, wire, own) = (ident(self.name), &paths.wire, &self.own);
        let (form, table) = (&self.json.form, paths.item(&self.json.table));
        let (out, input) = (self.free_name("S"), self.free_name("D"));
        let bounds = paths::bounds(self.generics, |_| quote!(#wire::TlWrite));
        let mut impls = vec![quote! {
            impl #bounds #wire::json::Serialize for #name #own {
                fn serialize<#out: #wire::json::Serializer>(&self, to: #out) -> ::core::result::Result<#out::Ok, #out::Error> {
                    #wire::json::serialize(self, #form, &#table, to)
                }
            }
        }];
        if self.is_read {
            let parameters = self.generics.iter().map(|generic| {
                let generic = ident(generic);
                quote!(, #generic: for<'r> #wire::TlRead<'r>)
            });
            impls.push(quote! {
                impl<'de #(#parameters)*> #wire::json::Deserialize<'de> for #name #own {
                    fn deserialize<#input: #wire::json::Deserializer<'de>>(from: #input) -> ::core::result::Result<Self, #input::Error> {
                        #wire::json::deserialize(#form, &#table, from)
                    }
                }
            });
        }
        impls
    }

    /// A name that no type parameter has.
    fn free_name(&self, word: &str) -> proc_macro2::Ident {
        let mut name = word.to_owned();
        while self.generics.contains(&name) {
            name.push_str("erde");
        }
        ident(&name)
    }
}
