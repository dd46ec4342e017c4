//! Values of the plan: Rust types and wire forms at once, and the numbers and types that they depend on.

use crate::rust::plan::ItemPath;

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
        /// How its end is found; without that it takes the rest of the input.
        passed_by: Option<PassedBy>,
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
        passed_by: Option<PassedBy>,
    },
}

/// How the end of an object is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedBy {
    /// The function of the registry that passes it over.
    pub function: ItemPath,
    /// Whether it takes the rest of the input, unless it lies in an object that something follows.
    pub is_last: bool,
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

/// A number that a value depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nat {
    /// What it begins with.
    pub source: Option<NatSource>,
    /// What is added.
    pub plus: u32,
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
