//! The registry: names by ids, and what passes over objects of any type.

use std::iter;

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::Paths;
use super::{hex, serde};
use crate::rust::plan::{Item, Known, Plan};

/// The lookup and its table.
pub(super) fn emit(plan: &Plan, paths: &Paths<'_>) -> Vec<TokenStream> {
    let mut tokens = names(&plan.registry, paths);
    let is_shown = |item: &Item| match item {
        Item::Struct(item) => item.has_shape && paths.derives("Debug", &item.attributes),
        Item::Enum(item) => {
            item.has_shape && !item.is_boxed_struct && paths.derives("Debug", &item.attributes)
        }
        _ => false,
    };
    let mut items = plan.modules.iter().flat_map(|module| &module.items);
    if items.any(is_shown) {
        tokens.push(shapes(&plan.shapes, paths));
    }
    let definitions = plan.definitions.iter();
    tokens.extend(definitions.flat_map(|definitions| serde::table(definitions, paths)));
    if let Some(known) = &plan.known {
        tokens.extend(pass(known, paths));
    }
    tokens
}

/// What passes over objects of any type, to find where they end.
fn pass(known: &Known, paths: &Paths<'_>) -> Vec<TokenStream> {
    let wire = &paths.wire;
    let types = known.types.iter().flat_map(|(ids, path)| {
        let path = paths.item(path);
        ids.iter().map(move |id| {
            let id = hex(*id);
            quote!(#id => r.pass::<#path>())
        })
    });
    let functions = known.functions.iter().map(|(id, path)| {
        let (id, path) = (hex(*id), paths.item(path));
        quote!(#id => r.pass::<#path>())
    });
    vec![
        quote! {
            #[doc = " Reads past a boxed value of any type that the schema has."]
            pub fn pass_object(r: &mut #wire::Reader<'_>) {
                match r.peek_id() {
                    #(#types,)*
                    _ => r.unknown_id("Object"),
                }
            }
        },
        quote! {
            #[doc = " Reads past a call of any function that the schema has."]
            pub fn pass_function(r: &mut #wire::Reader<'_>) {
                match r.peek_id() {
                    #(#functions,)*
                    _ => r.unknown_id("Function"),
                }
            }
        },
    ]
}

/// The table that `Debug` goes by.
fn shapes(shapes: &[(u32, String)], paths: &Paths<'_>) -> TokenStream {
    let wire = &paths.wire;
    // No id: it is before all that have one.
    let boxed = match shapes.iter().any(|(_, shape)| shape.starts_with("= ")) {
        true => " `=`: boxed without an enum;",
        false => "",
    };
    let head = format!(
        "id, variant (`-`: a function;{boxed} `.`: in no enum with a shape), struct (`-`: none), fields in wire order"
    );
    let rows = shapes.iter().map(|(id, shape)| format!("{id:08x} {shape}"));
    let rows = iter::once(head).chain(rows);
    quote! {
        #[doc = " What every constructor and function is made of, by id: what `Debug` goes by."]
        pub static SHAPES: &#wire::Shapes = &[#(#rows),*];
    }
}

fn names(registry: &[(u32, String)], paths: &Paths<'_>) -> Vec<TokenStream> {
    let option = paths.optional(&quote!(&'static str));
    let rows = registry.iter().map(|(id, name)| {
        let id = hex(*id);
        quote!((#id, #name))
    });
    vec![
        quote! {
            #[doc = " The TL name of a constructor, or else of a function, by its id on the wire."]
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
