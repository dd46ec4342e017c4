//! The plan: every decision about the generated Rust, as plain data. [`emit`](super::emit) only spells it out.
//!
//! [`build`] makes it from the analyses of a schema's layers; [`naming`] gives every item its place and name, [`share`] finds
//! what layers have in common, [`fields`] plans the inside of a struct, [`values`] the types in it, [`docs`] what is said
//! about an item.

mod borrow;
mod build;
mod docs;
mod fields;
mod naming;
mod share;
mod values;

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
                Item::Struct(Struct { ownership, .. }) | Item::Enum(Enum { ownership, .. }) => {
                    matches!(ownership, Ownership::Borrowed(_))
                }
                _ => false,
            };
            let (name, tl_name, kind, generics, params) = match item {
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
pub(crate) struct Style {
    /// The path of the runtime crate, `::mtproto_runtime`.
    pub runtime: String,
    /// The path of the allocating crate, `::std` or `::alloc`.
    pub alloc: String,
    /// The derives of every struct and enum.
    pub derives: Vec<String>,
    /// Whether enums come from their constructors' structs, and these from the enums.
    pub conversions: bool,
    /// Whether there are forms that borrow, too.
    pub borrowed: bool,
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

/// What a schema's objects are passed over by.
#[derive(Debug)]
pub(crate) struct Known {
    /// The boxed types: their constructors' ids, and their enums.
    pub types: Vec<(Vec<u32>, ItemPath)>,
    /// The functions: their ids, and their structs.
    pub functions: Vec<(u32, ItemPath)>,
}

/// A struct for a constructor, a function, or what a repetition repeats.
#[derive(Clone, Debug)]
pub(crate) struct Struct {
    /// Its Rust name.
    pub name: String,
    /// Its docs.
    pub docs: Docs,
    /// The id on the wire.
    pub id: u32,
    /// Its type parameters.
    pub generics: Vec<String>,
    /// Those of them that stand for queries, of a function that wraps some.
    pub queries: Vec<String>,
    /// What reading and writing must be told, in the order of the parameters of its type; nothing for functions.
    pub params: Vec<Param>,
    /// Its fields in wire order, computed ones among them.
    pub fields: Vec<Field>,
    /// The names of what its functions handle, which nothing else in them has.
    pub names: FunctionNames,
    /// Whether it borrows.
    pub ownership: Ownership,
    /// What kind of combinator it is.
    pub role: Role,
    /// The fewest bytes of its bare form.
    pub min_bytes: usize,
    /// Whether its reader needs the depth budget.
    pub is_recursive: bool,
}

/// Whether an item borrows from the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// It does not.
    Plain,
    /// It does not, but a generic type that it is given to may.
    Argument,
    /// It does; the form that owns its data.
    Borrowed(ItemPath),
}

/// The names of what the functions of a struct handle, which no field and no parameter has.
#[derive(Clone, Debug)]
pub(crate) struct FunctionNames {
    /// The reader.
    pub reader: String,
    /// The writer.
    pub writer: String,
    /// A value in a closure.
    pub value: String,
}

/// What must be known to read or write a value of a type with parameters.
#[derive(Clone, Debug)]
pub(crate) enum Param {
    /// How the values of a type parameter are read and written.
    Type(TypeParam),
    /// A number.
    Nat(NatParam),
}

/// How the values of a type parameter are read and written: functions that are passed in.
#[derive(Clone, Debug)]
pub(crate) struct TypeParam {
    /// The type parameter.
    pub generic: String,
    /// The function that reads.
    pub reader: String,
    /// The function that writes.
    pub writer: String,
}

/// A number that is passed in.
#[derive(Clone, Debug)]
pub(crate) struct NatParam {
    /// The parameter of the function; it begins with `_` where it is not used.
    pub name: String,
    /// What the constructor says of it.
    pub rule: NatRule,
}

/// What a constructor says of a number that is passed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NatRule {
    /// Any will do.
    Any,
    /// It must be this one.
    Equal(u32),
    /// It must be the same as another parameter's, with something added.
    Same(String, u32),
    /// So much more than a number that is found by it.
    More {
        /// The variable that holds the number; none where nothing uses it.
        name: Option<String>,
        /// How much more.
        plus: u32,
    },
}

/// Constructor, function, or neither.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    /// Read and written bare; its enum takes care of the id.
    Constructor,
    /// What a repetition repeats: has no id.
    Record,
    /// Read and written with its id.
    Function {
        /// What it returns.
        returns: Value,
    },
}

/// One argument.
#[derive(Clone, Debug)]
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
            FieldKind::Flags { .. } | FieldKind::Count { .. } | FieldKind::Length { .. }
        )
    }
}

/// What an argument is in Rust and on the wire.
#[derive(Clone, Debug)]
pub(crate) enum FieldKind {
    /// Always there.
    Required {
        /// Its value.
        value: Value,
        /// Whether it is behind a `Box`.
        is_boxed: bool,
    },
    /// There when a number says so.
    Optional {
        /// When.
        test: Test,
        /// Its value.
        value: Value,
        /// Whether it is behind a `Box`.
        is_boxed: bool,
    },
    /// A bit of a word and nothing else.
    Flag {
        /// When it is set.
        test: Test,
    },
    /// A flags word, computed from the fields it speaks of.
    Flags {
        /// Per used bit, ascending, the fields that it speaks of.
        bits: Vec<Bit>,
    },
    /// A `#` that counts the items of a later field, computed from it.
    Count {
        /// The first field whose items it counts.
        of: String,
    },
    /// An `int` that states the size of a later object, computed from it.
    Length {
        /// The object's field.
        of: String,
    },
    /// An object of the stated size.
    Sized {
        /// The local variable of the size.
        length: String,
        /// Whether it lies in the input.
        is_borrowed: bool,
    },
}

impl Field {
    /// Calls `visit` for every number the field depends on.
    pub(crate) fn nats(&self, visit: &mut dyn FnMut(&NatSource)) {
        if let FieldKind::Optional { test, .. } | FieldKind::Flag { test } = &self.kind {
            visit(&test.word);
        }
        if let FieldKind::Required { value, .. } | FieldKind::Optional { value, .. } = &self.kind {
            value.nats(visit);
        }
    }
}

/// When a field is there.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// The number that says so.
    pub word: NatSource,
    /// The bit that says so; without one the number must not be zero.
    pub bit: Option<u8>,
}

/// Where a number is found when a struct is read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NatSource {
    /// In a local variable: it is computed and no field.
    Local(String),
    /// In a field.
    Field(String),
    /// In a field that may be absent, and is zero then.
    OptionalField(String),
    /// In a parameter of the function, or what a parameter leads to.
    Param(String),
}

impl NatSource {
    /// The name of the variable, field or parameter.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Local(name)
            | Self::Field(name)
            | Self::OptionalField(name)
            | Self::Param(name) => name,
        }
    }
}

/// A number that a value depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Nat {
    /// What it begins with.
    pub source: Option<NatSource>,
    /// What is added.
    pub plus: u32,
}

/// One bit of a flags word.
#[derive(Clone, Debug)]
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
    /// `f32`
    Float,
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
    /// A value of a built-in type with its id before it.
    WithId {
        /// The id.
        id: u32,
        /// The constructor's TL name.
        name: String,
        /// The value without the id.
        value: Box<Value>,
    },
    /// Any boxed object.
    Object {
        /// The function of the registry that passes it over; without one it takes the rest of the input.
        passed_by: Option<ItemPath>,
    },
    /// A generated struct (bare) or enum (boxed).
    Item {
        /// Its path.
        path: ItemPath,
        /// What it is given for its parameters, in their order.
        args: Vec<Arg>,
        /// Whether it is a form that borrows.
        is_borrowed: bool,
        /// Whether it is an enum without an id before it: numbers tell the variant.
        is_untagged: bool,
    },
    /// A value that lies in the input.
    Borrowed(Borrowed),
    /// A type parameter.
    Generic(Generic),
    /// What the query in a field returns, in the result of the function that wraps it.
    Returned {
        /// The query's type parameter.
        generic: String,
        /// The field that holds the query.
        field: String,
    },
    /// `Vec<…>`
    Vector {
        /// Whether the vector's id goes before it.
        is_boxed: bool,
        /// What it holds.
        item: Box<Value>,
    },
    /// `Vec<…>`, without an id or a count of its own.
    Repeat {
        /// How many.
        count: Nat,
        /// What it holds.
        item: Box<Value>,
    },
}

/// A value that lies in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Borrowed {
    /// `&str`
    String,
    /// `&[u8]`
    Bytes,
    /// `&[u8; 16]`
    Int128,
    /// `&[u8; 32]`
    Int256,
    /// `&[u8; 64]`
    Int512,
    /// Any boxed object.
    Object {
        /// As of the form that owns it.
        passed_by: Option<ItemPath>,
    },
}

/// A type parameter as a field's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Generic {
    /// Read and written by its own `TlRead` and `TlWrite`: in functions.
    Plain(String),
    /// Read and written by functions that are passed in.
    Passed {
        /// The type parameter.
        generic: String,
        /// The function that reads.
        reader: String,
        /// The function that writes.
        writer: String,
    },
}

impl Generic {
    /// The type parameter.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Plain(generic) | Self::Passed { generic, .. } => generic,
        }
    }
}

/// What a type is given for one of its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arg {
    /// A type.
    Type(Value),
    /// A number.
    Nat(Nat),
}

impl Value {
    /// Whether `TlRead` and `TlWrite` of its Rust type are its wire form, so that generic helpers can be used.
    pub(crate) fn is_plain(&self) -> bool {
        match self {
            Self::Vector { is_boxed, item } => *is_boxed && item.is_plain(),
            Self::Item {
                is_untagged: true, ..
            } => false,
            Self::Item { args, .. } => args
                .iter()
                .all(|arg| matches!(arg, Arg::Type(value) if value.is_plain())),
            Self::Repeat { .. }
            | Self::WithId { .. }
            | Self::Returned { .. }
            | Self::Generic(Generic::Passed { .. })
            | Self::Object { passed_by: Some(_) }
            | Self::Borrowed(Borrowed::Object { passed_by: Some(_) }) => false,
            _ => true,
        }
    }

    /// Calls `visit` for the value and all it is made of.
    pub(crate) fn walk<'v>(&'v self, visit: &mut dyn FnMut(&'v Value)) {
        visit(self);
        match self {
            Self::Vector { item, .. } | Self::Repeat { item, .. } => item.walk(visit),
            Self::WithId { value, .. } => value.walk(visit),
            Self::Item { args, .. } => {
                for arg in args {
                    if let Arg::Type(value) = arg {
                        value.walk(visit);
                    }
                }
            }
            _ => {}
        }
    }

    /// Calls `visit` for every number the value depends on.
    pub(crate) fn nats(&self, visit: &mut dyn FnMut(&NatSource)) {
        match self {
            Self::Vector { item, .. } => item.nats(visit),
            Self::Repeat { count, item } => {
                count.source.iter().for_each(&mut *visit);
                item.nats(visit);
            }
            Self::Item { args, .. } => {
                for arg in args {
                    match arg {
                        Arg::Type(value) => value.nats(visit),
                        Arg::Nat(nat) => nat.source.iter().for_each(&mut *visit),
                    }
                }
            }
            _ => {}
        }
    }
}

/// An enum for a boxed type.
#[derive(Clone, Debug)]
pub(crate) struct Enum {
    /// Its Rust name.
    pub name: String,
    /// Its docs.
    pub docs: Docs,
    /// Its type parameters.
    pub generics: Vec<String>,
    /// What reading and writing must be told.
    pub params: Vec<Param>,
    /// The names of what its functions handle.
    pub names: FunctionNames,
    /// Whether it borrows.
    pub ownership: Ownership,
    /// Its variants in source order.
    pub variants: Vec<Variant>,
    /// Whether it is read and written without ids, too.
    pub has_untagged: bool,
    /// Which variant a failed reader falls back to.
    pub fallback: usize,
    /// Whether its reader needs the depth budget.
    pub is_recursive: bool,
}

/// What a constructor asks of a number that is passed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberTest {
    /// To be this one.
    Equal(u32),
    /// To be this one or more.
    AtLeast(u32),
}

/// One constructor of a type.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    /// Its Rust name.
    pub name: String,
    /// The constructor's TL name.
    pub tl_name: String,
    /// The id on the wire.
    pub id: u32,
    /// The constructor's struct, as a value; none for one without fields.
    pub payload: Option<Value>,
    /// Whether the struct is behind a `Box`.
    pub is_boxed: bool,
    /// What it says of the numbers passed in, for one without a struct.
    pub rules: Vec<NatParam>,
    /// The numbers passed in that tell it from others, with the only one it stands for or the least one.
    pub tests: Vec<(String, NumberTest)>,
}
