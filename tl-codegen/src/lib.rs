//! Generates Rust from TL schemas: types, and what reads and writes them.
//!
//! This crate is the back end of the compiler. A [`Config`] names schemas and says how the Rust should look; it runs
//! [`tl_parser`], finds facts about the schema (`analysis`), makes every decision (`rust::plan`), spells it out as tokens
//! (`rust::emit`) and lays them out (`rust::render`). The result is an [`Output`]: a pure map of [`Files`], written to disk
//! only on request. The `tlc` program (feature `cli`) is a thin shell around the same API.
//!
//! Generated code plugs into the crate `mtproto-runtime`.

#![forbid(unsafe_code)]

mod analysis;
#[doc(hidden)]
pub mod by_hand;
mod config;
mod error;
mod files;
mod load;
mod options;
pub mod report;
mod rust;

pub use config::{Config, Cut, ItemInfo, ItemKind, OpaqueNames, Output};
pub use error::{Error, Needed};
pub use files::{Files, Stale, StaleKind};
pub use load::{load, load_bytes};
pub use options::{Accessors, BytesType, ItemAttribute, Layout, Options, Strings, Unknown};

// The names that `Config` speaks of, so that a build script needs no second crate.
pub use tl_parser::schema::Dialect;

/// The examples of the book are tests.
#[cfg(doctest)]
#[doc = include_str!("../../book/src/generate.md")]
struct Book;
