//! Placeholder docs.

#![forbid(unsafe_code)]

mod attr;
mod bindings;
mod check;
mod errors;
mod expand;
mod form;
mod model;
#[cfg(test)]
mod odd_inputs;
mod schema;
mod suggest;

use std::env;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, LitStr};

use attr::SchemaAttr;
use check::Claim;
use errors::Errors;
use model::Model;
use schema::CACHE;

/// Derives `TlRead`.
#[proc_macro_derive(TlRead, attributes(tl))]
pub fn derive_read(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), &base(), expand::read).into()
}

/// Derives `TlWrite`, and `Combinator` where an id is given.
#[proc_macro_derive(TlWrite, attributes(tl))]
pub fn derive_write(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), &base(), expand::write).into()
}

/// Bindings.
#[proc_macro]
pub fn tl_schema(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    bindings::expand(input.into(), &base()).into()
}

/// One derive, or the errors of all that is wrong.
fn derive(
    input: TokenStream,
    base: &Path,
    expand: fn(&Model, &[Claim]) -> TokenStream,
) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let mut model = Model::new(input, &mut errors);
    let mut claims = Vec::new();
    let mut tracking = None;
    let schema = match &model.schema {
        None => None,
        Some(SchemaAttr::File(file)) => {
            let path = absolute(base, file);
            tracking = Some(tracked(&path));
            Some((CACHE.file(&path), file.span()))
        }
        Some(SchemaAttr::Inline(text)) => Some((CACHE.text(&text.value()), text.span())),
    };
    match schema {
        None => {}
        Some((Ok(schema), _)) => claims = check::check(&mut model, &schema, &mut errors),
        Some((Err(texts), span)) => {
            for text in &texts {
                errors.add(span, from_base(text, base));
            }
        }
    }
    model.check_ids(&mut errors);
    match errors.finish(()) {
        Ok(()) => {
            let expanded = expand(&model, &claims);
            quote!(#tracking #expanded)
        }
        Err(error) => {
            let error = error.into_compile_error();
            quote!(#tracking #error)
        }
    }
}

/// The folder of the crate's manifest, which paths start at.
fn base() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from)
}

fn absolute(base: &Path, file: &LitStr) -> PathBuf {
    base.join(file.value())
}

/// An error that names files as the program does.
fn from_base(text: &str, base: &Path) -> String {
    text.replace(&format!("{}/", base.display()), "")
}

/// Makes the compiler run again when the file changes.
fn tracked(path: &Path) -> TokenStream {
    match path.to_str().filter(|_| path.is_file()) {
        Some(path) => quote!(
            const _: &[u8] = ::core::include_bytes!(#path);
        ),
        None => TokenStream::new(),
    }
}
