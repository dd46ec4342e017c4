//! What comes of a configuration.

use tl_parser::diagnostic::Diagnostic;
use tl_parser::span::Sources;

use crate::Files;

/// What was generated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Output {
    /// The files; `mod.rs` is the root.
    pub files: Files,
    /// Every struct, enum and `Boxed` struct, by module and in source order.
    pub items: Vec<ItemInfo>,
    /// What of the schema was not generated.
    pub cut: Cut,
    /// What is kept as bytes.
    pub opaque: OpaqueNames,
    /// Notes and warnings; errors make no output.
    pub diagnostics: Vec<Diagnostic>,
    /// The schema files, to show diagnostics in.
    pub sources: Sources,
}

/// What patterns cut from a schema, by TL names in source order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cut {
    /// Functions.
    pub functions: Vec<String>,
    /// Constructors.
    pub constructors: Vec<String>,
    /// Types without a constructor that is left.
    pub types: Vec<String>,
}

/// What [`Config::opaque`](crate::Config::opaque) keeps as bytes, by TL names in source order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpaqueNames {
    /// Types.
    pub types: Vec<String>,
    /// Constructors of types that are enums otherwise.
    pub constructors: Vec<String>,
}

/// A generated struct or enum.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemInfo {
    /// Its TL name.
    pub tl_name: String,
    /// Its Rust path below the root module, `types::messages::Messages`.
    pub rust_path: String,
    /// What it stands for.
    pub kind: ItemKind,
    /// The number of its type parameters.
    pub type_parameters: usize,
    /// Whether it borrows from the input, and so has the lifetime of it as its first parameter.
    pub is_borrowed: bool,
    /// Whether it depends on numbers that are passed in: then it has `read_with` and `write_with`, and no `TlRead` and
    /// `TlWrite`.
    pub is_dependent: bool,
}

/// What a generated item stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A constructor: a struct that reads and writes bare.
    Constructor,
    /// A boxed type: an enum, or the struct of its one constructor in a `Boxed`.
    Type,
    /// A boxed type that is kept as bytes: a struct around them.
    Opaque,
    /// A function: a struct.
    Function,
    /// What a repetition repeats, `n*[ a:int b:int ]`: a struct without an id.
    Record,
}
