//! Reads TL schemas: text to tokens to [syntax tree](syntax::ast) to resolved [`Schema`](schema::Schema).
//!
//! This crate is the front end of the compiler and everything about schemas that is not about Rust: constructor ids,
//! semantic checks, diagnostics as data and the formatter. It touches no terminal and no file system, and no input makes
//! it panic. The language is the one of <https://core.telegram.org/mtproto/TL> and the dialects found in the wild.

#![forbid(unsafe_code)]

pub mod diagnostic;
pub mod format;
pub mod schema;
pub mod span;
pub mod syntax;
