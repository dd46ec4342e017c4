//! Derives TL serialization for hand-written types.
//!
//! ```
//! use mtproto_runtime::wire::{decode_boxed, encode_boxed};
//! use tl_derive::{TlRead, TlWrite};
//!
//! /// `user#0000002a id:long name:string = User`
//! #[derive(Debug, PartialEq, TlRead, TlWrite)]
//! #[tl(id = 0x0000_002a, name = "user")]
//! struct User {
//!     id: i64,
//!     name: String,
//! }
//!
//! let user = User { id: 7, name: "Ada".to_owned() };
//! let bytes = encode_boxed(&user)?;
//! assert_eq!(bytes, b"\x2a\0\0\0\x07\0\0\0\0\0\0\0\x03Ada");
//! assert_eq!(decode_boxed::<User>(&bytes)?, user);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The two derives cover structs with named fields, each of a type that implements `TlRead` and `TlWrite`; fields go over the
//! wire in the order they are written in. `#[tl(id = …, name = "…")]` makes the struct a combinator: without it the type has a bare
//! form only. `#[tl(runtime = "path")]` names the runtime crate where it is not `::mtproto_runtime`.

#![forbid(unsafe_code)]

mod attr;
mod expand;
mod model;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use model::Model;

/// Derives `TlRead`.
#[proc_macro_derive(TlRead, attributes(tl))]
pub fn derive_read(input: TokenStream) -> TokenStream {
    expand(parse_macro_input!(input), expand::read)
}

/// Derives `TlWrite`, and `Combinator` where an id is given.
#[proc_macro_derive(TlWrite, attributes(tl))]
pub fn derive_write(input: TokenStream) -> TokenStream {
    expand(parse_macro_input!(input), expand::write)
}

fn expand(input: DeriveInput, emit: fn(&Model) -> proc_macro2::TokenStream) -> TokenStream {
    match Model::new(input) {
        Ok(model) => emit(&model).into(),
        Err(error) => error.into_compile_error().into(),
    }
}
