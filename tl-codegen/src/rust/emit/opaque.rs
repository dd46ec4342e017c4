//! Structs for boxed types that are kept as bytes.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::Paths;
use super::{clone, docs, ident, owned, serde};
use crate::rust::plan::Opaque;

/// The struct with its reading and writing.
pub(super) fn emit(item: &Opaque, paths: &Paths<'_>) -> Vec<TokenStream> {
    let (name, wire) = (ident(&item.name), &paths.wire);
    let docs = docs::opaque(&item.docs);
    let own = match clone::is_written(&[], &item.attributes, paths) {
        true => &["Clone"][..],
        false => &[],
    };
    let attributes = paths.attributes(own, false, &item.attributes);
    let (tl_name, table) = (&item.docs.tl_name, paths.item(&item.table));
    let is_borrowed = owned::owned_path(&item.ownership).is_some();
    let (object, read) = match is_borrowed {
        true => (quote!(RawObjectRef), quote!(opaque_ref)),
        false => (quote!(RawObject), quote!(opaque)),
    };
    let applied = |lifetime| is_borrowed.then_some(lifetime);
    let (own, of_read, of_any) = (
        applied(quote!(<'a>)),
        applied(quote!(<'r>)),
        applied(quote!(<'_>)),
    );
    let mut tokens = vec![
        quote! {
            #docs
            #attributes
            pub struct #name #own(pub #wire::#object #own);
        },
        quote! {
            impl #own ::core::ops::Deref for #name #own {
                type Target = #wire::#object #own;
                #[inline]
                fn deref(&self) -> &Self::Target { &self.0 }
            }
        },
        quote! {
            impl<'r> #wire::TlRead<'r> for #name #of_read {
                extern "C" fn read_from(r: &mut #wire::Reader<'r>) -> Self {
                    let object = r.#read(#tl_name, &#table);
                    Self(object)
                }
            }
        },
        quote! {
            impl #wire::TlWrite for #name #of_any {
                #[inline]
                fn write_to(&self, w: &mut #wire::Writer) { w.write(&self.0) }
            }
        },
    ];
    tokens.extend(clone::of_opaque(item, paths));
    tokens.extend(serde::of_opaque(item, paths));
    tokens.extend(owned::of_opaque(item, paths));
    tokens
}
