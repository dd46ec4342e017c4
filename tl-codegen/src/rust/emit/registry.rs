//! The name-by-id registry.

use proc_macro2::TokenStream;
use quote::quote;

use super::hex;
use super::paths::Paths;

/// The lookup and its table.
pub(super) fn emit(registry: &[(u32, String)], paths: &Paths<'_>) -> Vec<TokenStream> {
    let option = paths.optional(&quote!(&'static str));
    let rows = registry.iter().map(|(id, name)| {
        let id = hex(*id);
        quote!((#id, #name))
    });
    vec![
        quote! {
            #[doc = " The TL name of a constructor or function by its id on the wire."]
            pub fn name(id: u32) -> #option {
                let row = NAMES.binary_search_by_key(&id, |row| row.0).ok()?;
                ::core::option::Option::Some(NAMES[row].1)
            }
        },
        quote! {
            #[doc = " Every constructor and function: id and TL name, by id."]
            pub static NAMES: &[(u32, &str)] = &[#(#rows),*];
        },
    ]
}
