//! Derives TL serialization for types written by hand, and holds them against a schema while they compile.
//!
//! Most programs generate their types: `tl-codegen` makes all of a schema's, from a build script. This crate is for the few that
//! are better written: a message of a protocol of one's own, a type that borrows, one constructor of a large schema. The
//! bodies that read and write are the generator's: the derive makes a piece of its plan of the type, and its emitter does the rest.
//!
//! ```
//! use mtproto_runtime::wire::{decode_boxed, encode_boxed};
//! use tl_derive::{TlRead, TlWrite};
//!
//! #[derive(Debug, PartialEq, TlRead, TlWrite)]
//! #[tl(name = "user", schema_inline = "user#74e5ad7d id:long = User; chat id:int = Chat;")]
//! struct User {
//!     id: i64,
//! }
//!
//! let user = User { id: 7 };
//! let bytes = encode_boxed(&user)?;
//! assert_eq!(bytes, b"\x7d\xad\xe5\x74\x07\0\0\0\0\0\0\0");
//! assert_eq!(decode_boxed::<User>(&bytes)?, user);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What types there are
//!
//! | type | on the wire |
//! |---|---|
//! | struct with named fields, tuple struct, unit struct | its fields in the order they are written in: a bare constructor |
//! | the same with `#[tl(boxed)]` | its id, then its fields: a boxed constructor, or a function |
//! | enum | the id of a variant, then what the variant holds: a boxed type |
//!
//! A variant holds nothing, fields of its own (`Chat { id: i32 }`, `Chat(i32, i32)`), or a constructor's struct (`Chat(Chat)`).
//! Types may have type parameters and lifetimes; what borrows (`&'a str`, `&'a [u8]`, `&'a [u8; 16]`) lies in the input.
//!
//! # What is said of a type: `#[tl(…)]`
//!
//! | option | meaning |
//! |---|---|
//! | `id = 0x74e5ad7d, name = "user"` | the constructor or function that a struct is; gives it `Combinator`. With a schema one of the two is enough |
//! | `name = "User"` | of an enum: its TL type, where it is not called as the enum is |
//! | `boxed` | a struct reads and writes its id itself |
//! | `returns = Vec<User>` | what a call returns, for the derive `Function` |
//! | `returns_of = "query"` | the same: what the call in this field returns |
//! | `schema = "schemas/api.tl"` | a schema file to hold the type against, from the folder of `Cargo.toml`; a change of it compiles the crate again |
//! | `schema_inline = "user id:long = User;"` | the same, as text |
//! | `trust_ids` | ids that the schema gives are right, whatever their text gives: for schemas that number by hand |
//! | `runtime = "path"` | the runtime crate, where it is not `::mtproto_runtime` |
//!
//! # What is said of a variant
//!
//! | option | meaning |
//! |---|---|
//! | `id = 0x74e5ad7d` | the id; with a schema it may be left out |
//! | `name = "user"` | the constructor, where the variant is not called as the generated one would be |
//! | `fallback` | the variant that a reader yields when it has failed (see below) |
//!
//! # What is said of a field
//!
//! | option | meaning |
//! |---|---|
//! | `name = "randomId"` | its TL name, where the field is not called as the generated one would be |
//! | `flags` | a flags word, computed from the fields it speaks of; the field is a `()` |
//! | `flags_before = "flags"` | the same, without a field: the word goes before this one |
//! | `flags = "flags.3"` | it is there when the bit is set: `Option<…>`, or `bool` for a bit alone (`flags.3?true`) |
//! | `counter`, `counter_before = "n"` | a `#` that counts items, computed from them |
//! | `count = "n"` | a `Vec<…>` without a count of its own: the number `n` before it counts (`n*[…]`) |
//! | `bare` | a `Vec<…>` without the id of `Vector`: `vector<…>` |
//! | `boxed` | a struct with its id before it |
//! | `items(…)` | `bare` or `boxed` of the items of a `Vec<…>`, or in turn their `items(…)` |
//! | `with = module` | read by `module::read(&mut Reader<'_>) -> T` and written by `module::write(&T, &mut Writer)`; behind a flag, `T` is what is in the `Option` |
//! | `skip` | not on the wire: read as `Default` |
//!
//! A word that is a `u32` without an option is data: fields behind its bits, and items that it counts, are held against it when the
//! value is written, and a contradiction is an error. A computed word refuses unknown bits, as generated types do.
//!
//! ```
//! use mtproto_runtime::wire::encode;
//! use tl_derive::{TlRead, TlWrite};
//!
//! // profile flags:# about:flags.0?string verified:flags.31?true mask:# age:mask.2?int ids:vector<long> = Profile;
//! #[derive(TlRead, TlWrite)]
//! struct Profile {
//!     #[tl(flags_before = "flags", flags = "flags.0")]
//!     about: Option<String>,
//!     #[tl(flags = "flags.31")]
//!     verified: bool,
//!     mask: u32,
//!     #[tl(flags = "mask.2")]
//!     age: Option<i32>,
//!     #[tl(bare)]
//!     ids: Vec<i64>,
//! }
//!
//! let profile = Profile { about: None, verified: true, mask: 4, age: Some(36), ids: vec![] };
//! assert_eq!(encode(&profile)?, [0, 0, 0, 0x80, 4, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0]);
//! // The mask says that there is an age.
//! assert!(encode(&Profile { age: None, ..profile }).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a schema is held against
//!
//! Ids, the names and order of fields, their types and forms, which bit each is behind, and that an enum has each of its type's
//! constructors: all that is wrong is told at once, each at its place.
//!
//! ```compile_fail
//! use tl_derive::{TlRead, TlWrite};
//!
//! #[derive(TlRead, TlWrite)]
//! #[tl(name = "channel", schema_inline = "channel id:long title:string = Chat;")]
//! struct Channel {
//!     id: i32,    // field `id` is `i32` here (`int`), but `long` in `channel#07b5287b`
//!     titel: i32, // `channel#07b5287b` has no field `titel`; did you mean `title`?
//! }
//! ```
//!
//! Of a field's type that has a name of its own the derive knows the name only. The compiler is asked about it: where the schema
//! has a bare constructor or a boxed type, a struct has to be that (by its id), and what stands for a number has to be of its
//! size. Whether an enum is the right one, and what a type parameter or a module of `with` makes of a field, is not checked.
//! Types that depend on numbers that they are applied to (`Tuple t n`) are generated only.
//!
//! # Values that hold values of their own type
//!
//! Their depth is bounded by the reader's limits. A reader that fails goes on with zeros, and an enum then yields one of its
//! variants: the first whose fields are numbers, texts, vectors or optional, or else the first. Where that holds another
//! value of the enum there would be no end, and the compiler says that it found a cycle in `MIN_BYTES`. Name another variant:
//! `#[tl(fallback)]`.
//!
//! ```compile_fail,E0391
//! use tl_derive::TlRead;
//!
//! #[derive(TlRead)]
//! struct Negated(Box<Expression>);
//!
//! #[derive(TlRead)]
//! struct Literal(i32);
//!
//! #[derive(TlRead)]
//! enum Expression {
//!     #[tl(id = 1)]
//!     Not(Negated),
//!     #[tl(id = 2)] // with `fallback` it compiles
//!     Literal(Literal),
//! }
//! ```

#![forbid(unsafe_code)]

mod attr;
mod bindings;
mod check;
mod errors;
mod expand;
mod form;
mod function;
mod model;
#[cfg(test)]
mod odd_inputs;
mod schema;
mod suggest;

use std::env;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{DeriveInput, LitStr};

use attr::SchemaAttr;
use check::Claim;
use errors::Errors;
use model::Model;
use schema::CACHE;

/// Derives `TlRead`; see the [crate's page](crate) for the options.
#[proc_macro_derive(TlRead, attributes(tl))]
pub fn derive_read(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), &base(), expand::read).into()
}

/// Derives `TlWrite`, and `Combinator` for a struct with an id; see the [crate's page](crate) for the options.
#[proc_macro_derive(TlWrite, attributes(tl))]
pub fn derive_write(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into(), &base(), expand::write).into()
}

/// Derives `Function` for a struct that is a call, `#[tl(boxed)]`: `#[tl(returns = Type)]` says what it returns, or
/// `#[tl(returns_of = "query")]` that it is what the call in its field `query` returns. A schema is held against that, too.
///
/// ```
/// use mtproto_runtime::wire::{decode_return, encode};
/// use tl_derive::{Function, TlWrite};
///
/// #[derive(TlWrite, Function)]
/// #[tl(schema_inline = "---functions--- getNames ids:Vector<long> = Vector<string>;")]
/// #[tl(name = "getNames", boxed, returns = Vec<String>)]
/// struct GetNames {
///     ids: Vec<i64>,
/// }
///
/// let call = GetNames { ids: vec![7] };
/// assert_eq!(encode(&call)?.len(), 4 + 4 + 4 + 8);
/// let answer = b"\x15\xc4\xb5\x1c\x01\0\0\0\x03Ada";
/// assert_eq!(decode_return(&call, answer)?, ["Ada"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[proc_macro_derive(Function, attributes(tl))]
pub fn derive_function(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    function::derive(input.into(), &base()).into()
}

/// Generates the bindings of a small schema in place: `tl_schema!(mod name, "schema")`, or `file = "path"` for the text.
///
/// They are the modules that a build script makes with `tl_codegen::Config`, and the options are some of its: `only = ["…"]`,
/// `derives = ["…"]`, `borrowed = true`, `read_functions = true`, `no_std = true`, `trust_ids = true`, `runtime = "path"`.
/// For a large schema use a build script: it runs when the schema changes, and this whenever the crate compiles.
///
/// ```
/// use mtproto_runtime::wire::{decode, encode};
///
/// tl_derive::tl_schema!(
///     pub mod api,
///     "user id:long name:string = User;
///      userEmpty = User;
///      ---functions---
///      getUser id:long = User;",
///     derives = ["Debug", "PartialEq"],
/// );
///
/// let user = api::enums::User::User(api::types::User { id: 7, name: "Ada".to_owned() });
/// assert_eq!(decode::<api::enums::User>(&encode(&user)?)?, user);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// What is wrong with the schema is told at its place in the program, each finding with the line that it speaks of.
#[proc_macro]
pub fn tl_schema(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    bindings::expand(input.into(), &base()).into()
}

/// The guide's programs are tests.
#[cfg(doctest)]
#[doc = include_str!("../../book/src/derive.md")]
mod guide {}

/// One derive, or the errors of all that is wrong.
fn derive(
    input: TokenStream,
    base: &Path,
    expand: fn(&Model, Option<&[Claim]>) -> TokenStream,
) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let mut model = Model::new(input, &mut errors);
    let mut claims = Vec::new();
    let mut tracking = None;
    if let Some(SchemaAttr::File(file)) = &model.schema {
        tracking = Some(tracked(&absolute(base, file)));
    }
    match schema_of(&model, base) {
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
            let expanded = expand(&model, Some(&claims));
            quote!(#tracking #expanded)
        }
        Err(error) => {
            // Without any implementation, each use of the type would be another error.
            let (error, stub) = (error.into_compile_error(), expand(&model, None));
            quote!(#tracking #error #stub)
        }
    }
}

/// The schema that a type is held against, or why there is none; and where it is named.
fn schema_of(model: &Model, base: &Path) -> Option<(schema::Cached, Span)> {
    Some(match model.schema.as_ref()? {
        SchemaAttr::File(file) => (
            CACHE.file(&absolute(base, file), model.trusts_ids),
            file.span(),
        ),
        SchemaAttr::Inline(text) => (CACHE.text(&text.value(), model.trusts_ids), text.span()),
    })
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
