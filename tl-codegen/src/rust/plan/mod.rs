//! The plan: every decision about the generated Rust, as plain data. [`emit`](super::emit) only spells it out.
//!
//! [`build`] makes it from the analyses of a schema's layers; [`naming`] gives every item its place and name, [`share`] finds
//! what layers have in common, [`shapes`] what types need no derives of their own for, [`boxed`] which enums can do without, [`definitions`] what serde goes by,
//! [`fields`] plans the inside of a struct, [`values`] the types in it, [`docs`] what is said about an item. What they fill in
//! is [`model`].

mod borrow;
mod boxed;
mod build;
mod decorate;
mod definitions;
mod docs;
mod fields;
mod methods;
mod model;
mod naming;
mod serve;
mod shapes;
mod share;
mod values;

pub(crate) use build::{Inputs, build};
pub(crate) use definitions::Definitions;
pub(crate) use fields::locals_of;
pub(crate) use model::{AccessedVariant, Accessor, Opaque, OpaqueVariant};
pub use model::{
    Arg, Bit, Borrowed, Docs, Enum, Field, FieldKind, Foreign, FunctionNames, Generic, Nat,
    NatParam, NatRule, NatSource, NumberTest, Ownership, Param, PassedBy, Role, Struct, Test,
    TypeParam, Value, Variant,
};

use crate::config::{ItemInfo, ItemKind};
use crate::{Accessors, BytesType, ItemAttribute, Layout, Strings, Unknown};

/// What the docs of the modules say of what is cut, if anything is.
#[derive(Debug, Default)]
pub(crate) struct CutDocs {
    pub functions: Option<String>,
    pub constructors: Option<String>,
    pub types: Option<String>,
}

/// Everything that is generated for one schema.
#[derive(Debug)]
pub struct Plan {
    /// The modules, parents before children; the first is the root.
    pub modules: Vec<Module>,
    /// Every combinator by id, for the registry: id and TL name, ascending.
    pub registry: Vec<(u32, String)>,
    /// What constructors and functions are made of, by id, for the one `Debug` of all that have it.
    pub shapes: Vec<(u32, String)>,
    /// What serde goes by, and where values kept as bytes end: a table for each layer, if anything asks for it.
    pub definitions: Vec<Definitions>,
    /// What is passed over where an object is followed by something; none where no object is.
    pub known: Option<Known>,
    /// Paths and switches that all files share.
    pub style: Style,
}

impl Plan {
    /// Every struct and enum, for those who want to know what there is.
    pub(crate) fn items(&self) -> Vec<ItemInfo> {
        let in_module = |module: &Module, item: &Item| {
            let is_borrowed = match item {
                Item::Struct(Struct { ownership, .. })
                | Item::Enum(Enum { ownership, .. })
                | Item::Opaque(Opaque { ownership, .. }) => {
                    matches!(ownership, Ownership::Borrowed(_))
                }
                _ => false,
            };
            let (name, tl_name, kind, generics, params): (_, _, _, &[_], &[_]) = match item {
                Item::Struct(item) => {
                    let kind = match item.role {
                        Role::Constructor => ItemKind::Constructor,
                        Role::Record => ItemKind::Record,
                        Role::Function { .. } => ItemKind::Function,
                    };
                    (
                        &item.name,
                        &item.docs.tl_name,
                        kind,
                        &item.generics,
                        &item.params,
                    )
                }
                Item::Enum(item) => (
                    &item.name,
                    &item.docs.tl_name,
                    ItemKind::Type,
                    &item.generics,
                    &item.params,
                ),
                Item::Opaque(item) => (&item.name, &item.docs.tl_name, ItemKind::Opaque, &[], &[]),
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
                type_parameters: generics.len(),
                is_borrowed,
                is_dependent: params.iter().any(|param| matches!(param, Param::Nat(_))),
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
pub struct Style {
    /// The path of the runtime crate, `::mtproto_runtime`.
    pub runtime: String,
    /// The path of the allocating crate, `::std` or `::alloc`.
    pub alloc: String,
    /// The derives of every struct and enum.
    pub derives: Vec<String>,
    /// Whether each type derives `Debug` and `PartialEq` for itself.
    pub derive_each: bool,
    /// Whether enums come from their constructors' structs, and these from the enums.
    pub conversions: bool,
    /// Whether a type of one constructor is that one's struct in a `Boxed`.
    pub boxed_structs: bool,
    /// Whether there are forms that borrow, too.
    pub borrowed: bool,
    /// Whether there are serde's traits.
    pub serde: bool,
    /// Whether functions are read, too.
    pub read_functions: bool,
    /// Whether there are traits for servers.
    pub dispatcher: bool,
    /// What is done with unknown constructors and flag bits.
    pub unknown: Unknown,
    /// What `string`s are.
    pub strings: Strings,
    /// What `bytes` are.
    pub bytes: BytesType,
    /// Which fields enums have methods for.
    pub accessors: Accessors,
    /// Whether there is `Default`.
    pub default_impls: bool,
    /// How many optional fields call for methods that set them.
    pub builders: Option<usize>,
    /// How namespaces show.
    pub layout: Layout,
    /// Whether docs say apart what may be null.
    pub nullable_docs: bool,
    /// Attributes by patterns.
    pub attributes: Vec<ItemAttribute>,
    /// Patterns of the fields that `Debug` does not show.
    pub redact: Vec<String>,
}

/// One module: one file.
#[derive(Debug)]
pub struct Module {
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
pub struct Child {
    /// Its name.
    pub name: String,
    /// Its docs.
    pub docs: Vec<String>,
    /// Whether it is one of the schema's top modules, of which a program uses only a part.
    pub is_top: bool,
}

/// A module's path below the root of the bindings.
pub type ModulePath = Vec<String>;

/// An item's module and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemPath {
    /// The module.
    pub module: ModulePath,
    /// The name.
    pub name: String,
}

impl ItemPath {
    /// The place of the item `name` in a module.
    pub(crate) fn new(module: &[String], name: &str) -> Self {
        Self {
            module: module.to_vec(),
            name: name.to_owned(),
        }
    }
}

/// One item of a module.
#[derive(Debug)]
pub enum Item {
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
    /// A boxed type that is kept as bytes.
    Opaque(Opaque),
    /// An item of another layer that did not change.
    Reexport(ItemPath),
    /// What a server answers calls with.
    Dispatcher(Vec<ServerTrait>),
}

impl Item {
    /// The values that it holds.
    pub(crate) fn values(&self) -> Vec<&Value> {
        match self {
            Self::Struct(item) => {
                let fields = item.fields.iter().filter_map(|field| match &field.kind {
                    FieldKind::Required { value, .. } | FieldKind::Optional { value, .. } => {
                        Some(value)
                    }
                    _ => None,
                });
                fields.collect()
            }
            Self::Enum(item) => {
                let variants = item.variants.iter();
                variants
                    .filter_map(|variant| variant.payload.as_ref())
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A namespace's trait for servers.
#[derive(Clone, Debug)]
pub struct ServerTrait {
    /// Its Rust name.
    pub name: String,
    /// Its docs.
    pub docs: String,
    /// A method for each function.
    pub methods: Vec<Method>,
}

/// What a server does with calls of one function.
#[derive(Clone, Debug)]
pub struct Method {
    /// Its Rust name.
    pub name: String,
    /// The docs of the function.
    pub docs: Docs,
    /// The function's id.
    pub id: u32,
    /// The function's struct.
    pub path: ItemPath,
    /// How it is called.
    pub kind: MethodKind,
}

/// A number that outlives its call.
#[derive(Clone, Debug)]
pub struct Number {
    /// The field it is in.
    pub field: String,
    /// Whether that is an `Option`.
    pub is_optional: bool,
    /// The local variable it is kept in.
    pub local: String,
}

/// How a function is called.
#[derive(Clone, Debug)]
pub enum MethodKind {
    /// With the call; it returns the result.
    Plain {
        /// What the function returns.
        returns: Value,
        /// The numbers of the call that the result depends on.
        numbers: Vec<Number>,
    },
    /// With what wraps a query; the answer is that of the query.
    Wrapper {
        /// The query's field.
        query: String,
    },
    /// With the call as it is: the schema does not tell its types.
    Raw,
}

/// What a schema's objects are passed over by.
#[derive(Debug)]
pub struct Known {
    /// The boxed types: their constructors' ids, and their enums.
    pub types: Vec<(Vec<u32>, ItemPath)>,
    /// The functions: their ids, and their structs.
    pub functions: Vec<(u32, ItemPath)>,
}

/// How serde finds out what a type is.
#[derive(Clone, Debug)]
pub struct JsonForm {
    /// What the values are, as in [`Definitions`].
    pub form: String,
    /// The definitions.
    pub table: ItemPath,
}
