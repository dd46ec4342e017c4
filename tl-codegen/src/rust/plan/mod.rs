//! The plan: every decision about the generated Rust, as plain data. [`emit`](super::emit) only spells it out.
//!
//! [`build`] makes it from the analyses of a schema's layers; [`share`] finds what layers have in common, [`fields`] plans
//! the inside of a struct, [`docs`] what is said about an item.

mod build;
mod docs;
mod fields;
mod share;

pub(crate) use build::{Inputs, build};
pub(crate) use fields::locals_of;

use crate::config::{ItemInfo, ItemKind};

/// Everything that is generated for one schema.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The modules, parents before children; the first is the root.
    pub modules: Vec<Module>,
    /// Every combinator by id, for the registry: id and TL name, ascending.
    pub registry: Vec<(u32, String)>,
    /// Paths and switches that all files share.
    pub style: Style,
}

impl Plan {
    /// Every struct and enum, for those who want to know what there is.
    pub(crate) fn items(&self) -> Vec<ItemInfo> {
        let in_module = |module: &Module, item: &Item| {
            let (name, tl_name, kind, type_parameters) = match item {
                Item::Struct(item) => {
                    let kind = match item.role {
                        Role::Constructor => ItemKind::Constructor,
                        Role::Function(_) => ItemKind::Function,
                    };
                    (&item.name, &item.docs.tl_name, kind, item.generics.len())
                }
                Item::Enum(item) => (&item.name, &item.docs.tl_name, ItemKind::Type, 0),
                _ => return None,
            };
            let path: Vec<_> = module
                .path
                .iter()
                .chain([name])
                .map(String::as_str)
                .collect();
            Some(ItemInfo {
                tl_name: tl_name.clone(),
                rust_path: path.join("::"),
                kind,
                type_parameters,
            })
        };
        self.modules
            .iter()
            .flat_map(|module| {
                module
                    .items
                    .iter()
                    .filter_map(move |item| in_module(module, item))
            })
            .collect()
    }
}

/// Paths and switches that all files share.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    /// The path of the runtime crate, `::mtproto_runtime`.
    pub runtime: String,
    /// The path of the allocating crate, `::std` or `::alloc`.
    pub alloc: String,
    /// The derives of every struct and enum.
    pub derives: Vec<String>,
}

/// One module: one file.
#[derive(Debug)]
pub(crate) struct Module {
    /// Its place below the root: `["types", "messages"]`.
    pub path: ModulePath,
    /// What it holds, for its first line.
    pub docs: Vec<String>,
    /// Its child modules with what each holds, by name.
    pub children: Vec<Child>,
    /// Its items in order.
    pub items: Vec<Item>,
}

/// A child module's declaration.
#[derive(Debug)]
pub(crate) struct Child {
    /// Its name.
    pub name: String,
    /// Its docs.
    pub docs: Vec<String>,
    /// Whether it is one of the schema's top modules, of which a program uses only a part.
    pub is_top: bool,
}

/// A module's path below the root of the bindings.
pub(crate) type ModulePath = Vec<String>;

/// An item's module and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ItemPath {
    /// The module.
    pub module: ModulePath,
    /// The name.
    pub name: String,
}

/// One item of a module.
#[derive(Debug)]
pub(crate) enum Item {
    /// `pub const LAYER: i32`.
    Layer(u32),
    /// `pub const LAYERS: &[i32]`.
    Layers(Vec<u32>),
    /// The name-by-id table.
    Registry,
    /// A constructor or function.
    Struct(Struct),
    /// A boxed type.
    Enum(Enum),
    /// An item of another layer that did not change.
    Reexport(ItemPath),
}

/// What the docs of an item say.
#[derive(Clone, Debug)]
pub(crate) struct Docs {
    /// The TL name.
    pub tl_name: String,
    /// The TL definition; a type has none of its own.
    pub definition: Option<String>,
    /// The official page.
    pub link: Option<String>,
    /// What the schema's doc comments say.
    pub description: Option<String>,
}

/// A struct for a constructor or a function.
#[derive(Debug)]
pub(crate) struct Struct {
    /// Its Rust name.
    pub name: String,
    /// Its docs.
    pub docs: Docs,
    /// The id on the wire.
    pub id: u32,
    /// Its type parameters: the queries it wraps.
    pub generics: Vec<String>,
    /// Its fields in wire order, computed ones among them.
    pub fields: Vec<Field>,
    /// The name of the reader in its read function, which no local variable has.
    pub reader: String,
    /// The name of the writer in its write function, which no local variable has.
    pub writer: String,
    /// What kind of combinator it is.
    pub role: Role,
    /// The fewest bytes of its bare form.
    pub min_bytes: usize,
    /// Whether its reader needs the depth budget.
    pub is_recursive: bool,
}

/// Constructor or function.
#[derive(Debug)]
pub(crate) enum Role {
    /// Read and written bare; its enum takes care of the id.
    Constructor,
    /// Read and written with its id; returns a value.
    Function(Returns),
}

/// What a function returns.
#[derive(Debug)]
pub(crate) enum Returns {
    /// A value of one type.
    Value(Value),
    /// What the query held by this type parameter returns.
    Query(String),
}

/// One argument.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its Rust name; the local variable of a computed one.
    pub name: String,
    /// Its TL name.
    pub tl_name: String,
    /// What the schema's doc comments say.
    pub docs: Option<String>,
    /// What it is in Rust and on the wire.
    pub kind: FieldKind,
}

impl Field {
    /// Whether it has no place in the struct: its value follows from other fields.
    pub(crate) fn is_computed(&self) -> bool {
        matches!(
            self.kind,
            FieldKind::Flags { .. } | FieldKind::Length { .. }
        )
    }
}

/// What an argument is in Rust and on the wire.
#[derive(Debug)]
pub(crate) enum FieldKind {
    /// Always there.
    Required {
        /// Its value.
        value: Value,
        /// Whether it is behind a `Box`.
        is_boxed: bool,
    },
    /// There when a bit of a word is set.
    Optional {
        /// The local variable of the word.
        word: String,
        /// The bit.
        bit: u8,
        /// Its value.
        value: Value,
        /// Whether it is behind a `Box`.
        is_boxed: bool,
    },
    /// A bit of a word and nothing else.
    Flag {
        /// The local variable of the word.
        word: String,
        /// The bit.
        bit: u8,
    },
    /// A flags word, computed from the fields it speaks of.
    Flags {
        /// Per used bit, ascending, the fields that it speaks of.
        bits: Vec<Bit>,
    },
    /// An `int` that states the size of a later object, computed from it.
    Length {
        /// The object's field.
        of: String,
    },
    /// An object; of the stated size, or all that is left.
    Object {
        /// The local variable of the size.
        length: Option<String>,
    },
}

/// One bit of a flags word.
#[derive(Debug)]
pub(crate) struct Bit {
    /// The bit, 0 to 31.
    pub number: u8,
    /// The fields behind it, and whether each is a mere flag (a `bool`) and not an `Option`.
    pub fields: Vec<(String, bool)>,
}

/// A value's Rust type and wire form at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// `i32`
    Int,
    /// `i64`
    Long,
    /// `f64`
    Double,
    /// `bool`, boxed on the wire.
    Bool,
    /// `()`: a bare `true`, which takes no bytes.
    True,
    /// `u32`
    Nat,
    /// `String`
    String,
    /// `Vec<u8>`
    Bytes,
    /// `Int128`
    Int128,
    /// `Int256`
    Int256,
    /// `Int512`
    Int512,
    /// Any boxed object.
    Object,
    /// A generated struct (bare) or enum (boxed).
    Item(ItemPath),
    /// A type parameter.
    Generic(String),
    /// `Vec<…>`
    Vector {
        /// Whether the vector's id goes before it.
        is_boxed: bool,
        /// What it holds.
        item: Box<Value>,
    },
}

impl Value {
    /// Whether `TlRead` and `TlWrite` of its Rust type are its wire form, so that generic helpers can be used.
    pub(crate) fn is_plain(&self) -> bool {
        match self {
            Self::Vector { is_boxed, item } => *is_boxed && item.is_plain(),
            _ => true,
        }
    }
}

/// An enum for a boxed type.
#[derive(Debug)]
pub(crate) struct Enum {
    /// Its Rust name.
    pub name: String,
    /// Its docs.
    pub docs: Docs,
    /// Its variants in source order.
    pub variants: Vec<Variant>,
    /// Which variant a failed reader falls back to.
    pub fallback: usize,
    /// Whether its reader needs the depth budget.
    pub is_recursive: bool,
}

/// One constructor of a type.
#[derive(Debug)]
pub(crate) struct Variant {
    /// Its Rust name.
    pub name: String,
    /// The constructor's TL name.
    pub tl_name: String,
    /// The id on the wire.
    pub id: u32,
    /// The constructor's struct; none for one without fields.
    pub payload: Option<ItemPath>,
    /// Whether the struct is behind a `Box`.
    pub is_boxed: bool,
}
