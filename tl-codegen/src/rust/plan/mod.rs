//! The plan: every decision about the generated Rust, as plain data. [`emit`](super::emit) only spells it out.
//!
//! [`build`] makes it from the analyses of a schema's layers; [`naming`] gives every item its place and name, [`share`] finds
//! what layers have in common, [`shapes`] what types need no
//! derives of their own for, [`definitions`] what serde goes by, [`fields`] plans the inside of a struct, [`values`] the types in it, [`docs`] what is said
//! about an item.

mod borrow;
mod build;
mod decorate;
mod definitions;
mod docs;
mod fields;
mod methods;
mod naming;
mod serve;
mod shapes;
mod share;
mod values;

pub(crate) use build::{Inputs, build};
pub(crate) use definitions::Definitions;
pub(crate) use fields::locals_of;

/// What the docs of the modules say of what is cut, if anything is.
#[derive(Debug, Default)]
pub(crate) struct CutDocs {
    pub functions: Option<String>,
    pub constructors: Option<String>,
    pub types: Option<String>,
}

use crate::config::{ItemInfo, ItemKind};
use crate::{Accessors, BytesType, ItemAttribute, Layout, Strings, Unknown};

/// Everything that is generated for one schema.
#[derive(Debug)]
pub struct Plan {
    /// The modules, parents before children; the first is the root.
    pub modules: Vec<Module>,
    /// Every combinator by id, for the registry: id and TL name, ascending.
    pub registry: Vec<(u32, String)>,
    /// What constructors and functions are made of, by id, for the one `Debug` of all that have it.
    pub shapes: Vec<(u32, String)>,
    /// What serde goes by: a table for each layer, if it is asked for.
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

/// What the docs of an item say.
#[derive(Clone, Debug)]
pub struct Docs {
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

/// A struct for a constructor, a function, or what a repetition repeats.
#[derive(Clone, Debug)]
pub struct Struct {
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
    /// Whether it is among the [shapes](Plan::shapes).
    pub has_shape: bool,
    /// What serde is told, if it has serde's traits.
    pub json: Option<JsonForm>,
    /// Further attributes.
    pub attributes: Vec<String>,
    /// Whether it has `Default`.
    pub has_default: bool,
    /// The methods that set its optional fields, if it has some: fields, and names of methods.
    pub setters: Option<Vec<(String, String)>>,
    /// What kind of combinator it is.
    pub role: Role,
    /// The fewest bytes of its bare form.
    pub min_bytes: usize,
    /// Whether its reader needs the depth budget.
    pub is_recursive: bool,
}

/// Whether an item borrows from the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// It does not.
    Plain,
    /// It does not, but a generic type that it is given to may.
    Argument,
    /// It does; the form that owns its data.
    Borrowed(ItemPath),
}

/// The names of what the functions of a struct handle, which no field and no parameter has.
#[derive(Clone, Debug)]
pub struct FunctionNames {
    /// The reader.
    pub reader: String,
    /// The writer.
    pub writer: String,
    /// A value in a closure.
    pub value: String,
}

/// What must be known to read or write a value of a type with parameters.
#[derive(Clone, Debug)]
pub enum Param {
    /// How the values of a type parameter are read and written.
    Type(TypeParam),
    /// A number.
    Nat(NatParam),
}

/// How the values of a type parameter are read and written: functions that are passed in.
#[derive(Clone, Debug)]
pub struct TypeParam {
    /// The type parameter.
    pub generic: String,
    /// The function that reads.
    pub reader: String,
    /// The function that writes.
    pub writer: String,
}

/// A number that is passed in.
#[derive(Clone, Debug)]
pub struct NatParam {
    /// The parameter of the function; it begins with `_` where it is not used.
    pub name: String,
    /// What the constructor says of it.
    pub rule: NatRule,
}

/// What a constructor says of a number that is passed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NatRule {
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
pub enum Role {
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
pub struct Field {
    /// Its Rust name; the local variable of a computed one.
    pub name: String,
    /// Its TL name.
    pub tl_name: String,
    /// What the schema's doc comments say.
    pub docs: Option<String>,
    /// What the docs say of null, where that is to be told apart.
    pub null: Option<String>,
    /// Whether `Debug` does not show it.
    pub is_redacted: bool,
    /// What it is in Rust and on the wire.
    pub kind: FieldKind,
}

impl Field {
    /// Whether its value follows from other fields.
    pub fn is_computed(&self) -> bool {
        matches!(
            self.kind,
            FieldKind::Flags { .. } | FieldKind::Count { .. } | FieldKind::Length { .. }
        )
    }
}

/// What an argument is in Rust and on the wire.
#[derive(Clone, Debug)]
pub enum FieldKind {
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
        /// Whether the other bits are a field of its name.
        keeps_unknown: bool,
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
    /// Whether it has a place in the struct, be it for a part of it.
    pub(crate) fn is_in_struct(&self) -> bool {
        !self.is_computed()
            || matches!(
                self.kind,
                FieldKind::Flags {
                    keeps_unknown: true,
                    ..
                }
            )
    }

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
pub struct Test {
    /// The number that says so.
    pub word: NatSource,
    /// The bit that says so; without one the number must not be zero.
    pub bit: Option<u8>,
}

/// Where a number is found when a struct is read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NatSource {
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
    pub fn name(&self) -> &str {
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
pub struct Nat {
    /// What it begins with.
    pub source: Option<NatSource>,
    /// What is added.
    pub plus: u32,
}

/// One bit of a flags word.
#[derive(Clone, Debug)]
pub struct Bit {
    /// The bit, 0 to 31.
    pub number: u8,
    /// The fields behind it, and whether each is a mere flag (a `bool`) and not an `Option`.
    pub fields: Vec<(String, bool)>,
}

/// A value's Rust type and wire form at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
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
    /// `bytes::Bytes`
    SharedBytes,
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
    /// A type written by hand, of which a derive knows no more than how it is read and written.
    Foreign(Foreign),
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
pub enum Borrowed {
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

/// How a type written by hand is read and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// By its own `TlRead` and `TlWrite`.
    Plain,
    /// The same, after the id that its `Combinator` gives.
    Boxed,
    /// By the functions `read_NAME` and `write_NAME`.
    With(String),
}

/// A type parameter as a field's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Generic {
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
    pub fn name(&self) -> &str {
        match self {
            Self::Plain(generic) | Self::Passed { generic, .. } => generic,
        }
    }
}

/// What a type is given for one of its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// A type.
    Type(Value),
    /// A number.
    Nat(Nat),
}

impl Value {
    /// Whether `TlRead` and `TlWrite` of its Rust type are its wire form, so that generic helpers can be used.
    pub fn is_plain(&self) -> bool {
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
            | Self::Foreign(Foreign::Boxed | Foreign::With(_))
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
pub struct Enum {
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
    /// Whether its constructors are among the [shapes](Plan::shapes).
    pub has_shape: bool,
    /// What serde is told, if it has serde's traits.
    pub json: Option<JsonForm>,
    /// Further attributes.
    pub attributes: Vec<String>,
    /// Which variant is `Default`, if one is.
    pub default: Option<usize>,
    /// The methods for its constructors' fields.
    pub accessors: Vec<Accessor>,
    /// Its variants in source order.
    pub variants: Vec<Variant>,
    /// The variant for constructors that the schema does not have, if they are kept.
    pub unknown: Option<String>,
    /// Whether it is read and written without ids, too.
    pub has_untagged: bool,
    /// Which variant a failed reader falls back to.
    pub fallback: usize,
    /// Whether its reader needs the depth budget.
    pub is_recursive: bool,
}

/// A method for a field that several constructors have.
#[derive(Clone, Debug)]
pub struct Accessor {
    /// The method.
    pub name: String,
    /// The field's TL name.
    pub tl_name: String,
    /// The field's value.
    pub value: Value,
    /// Whether there may be none.
    pub is_optional: bool,
    /// The variants that have it.
    pub variants: Vec<AccessedVariant>,
    /// Whether there are other variants.
    pub is_partial: bool,
}

/// Where a method finds its field in one variant.
#[derive(Clone, Debug)]
pub struct AccessedVariant {
    /// The variant.
    pub name: String,
    /// The field.
    pub field: String,
    /// Whether it is optional there.
    pub is_optional: bool,
    /// Whether it lies in a box there.
    pub is_boxed: bool,
}

/// What a constructor asks of a number that is passed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberTest {
    /// To be this one.
    Equal(u32),
    /// To be this one or more.
    AtLeast(u32),
}

/// One constructor of a type.
#[derive(Clone, Debug)]
pub struct Variant {
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
    /// What the schema says of the constructor, where no struct says it.
    pub docs: Option<String>,
}
