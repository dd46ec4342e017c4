//! The wire form of arguments: [`Field`]s and their [`Shape`]s, and the numbers that they depend on.

use tl_parser::schema::{CombinatorId, TypeId, VarId};

/// One argument as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    /// The variable it declares.
    pub var: VarId,
    /// Its TL name; one made up for an anonymous argument.
    pub name: String,
    /// Whether it has a name in TL.
    pub is_named: bool,
    /// When it is there.
    pub presence: Presence,
    /// What it is.
    pub shape: Shape,
    /// Whether its Rust value lies behind a `Box`: it recurses, or is too big to be held inline where it is optional.
    pub is_boxed: bool,
}

/// When a field is on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Presence {
    /// Always.
    Always,
    /// When a bit of a number is set.
    Flag {
        /// The number: a field before, or one that is passed in.
        word: VarId,
        /// The bit, 0 to 31; without one the number must not be zero.
        bit: Option<u8>,
    },
}

/// A number that a type or a repetition depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Nat {
    /// The number it begins with: a field before, or one that is passed in.
    pub var: Option<VarId>,
    /// What is added to it.
    pub plus: u32,
}

/// What a type is given for one of its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Arg {
    /// A type.
    Type(Shape),
    /// A number.
    Nat(Nat),
}

/// What a constructor's result says of one of its type's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// A type variable.
    Type(VarId),
    /// A number.
    Nat(Nat),
}

/// The wire form of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// 4 bytes, signed.
    Int,
    /// 8 bytes, signed.
    Long,
    /// 4 bytes, floating point.
    Float,
    /// 8 bytes, floating point.
    Double,
    /// A boxed `Bool`.
    Bool,
    /// A bare `true`: no bytes. Behind a flag it is the flag.
    True,
    /// A `#` that holds data.
    Nat,
    /// A `#` that says which fields follow, and nothing else; not data, but computed from them.
    Flags,
    /// A `#` that says how many items follow, and nothing else; not data, but computed from them.
    Count,
    /// Text.
    String,
    /// Bytes.
    Bytes,
    /// 16 raw bytes.
    Int128,
    /// 32 raw bytes.
    Int256,
    /// 64 raw bytes.
    Int512,
    /// A value with a fixed wire form, boxed: the id goes before it.
    WithId {
        /// The one constructor.
        constructor: CombinatorId,
        /// The value without its id.
        value: Box<Shape>,
    },
    /// Any boxed value, kept as it is.
    Object {
        /// Whether it is a call of a function.
        is_function: bool,
        /// Where it ends.
        extent: Extent,
    },
    /// A boxed value of a type that is kept as bytes.
    Opaque(TypeId),
    /// A boxed value of a generated type.
    Boxed(TypeId, Vec<Arg>),
    /// A bare value of a generated type whose numbers tell its constructors apart.
    BareType(TypeId, Vec<Arg>),
    /// A bare value of a generated constructor, with the arguments of its type.
    Bare(CombinatorId, Vec<Arg>),
    /// A vector.
    Vector {
        /// Whether the vector's id goes before it.
        is_boxed: bool,
        /// What it holds.
        item: Box<Shape>,
    },
    /// `n*[ … ]`: as many items as a number says.
    Repeat {
        /// The number.
        count: Nat,
        /// What it holds.
        item: Box<Shape>,
    },
    /// The fields of a repetition that has several.
    Record(Vec<Field>),
    /// A value of a type parameter.
    Var(VarId),
    /// A call of any function, a type parameter in Rust.
    Query(VarId),
}

/// Where an object of any type ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Extent {
    /// The `int` field before it states its size in bytes.
    Length(VarId),
    /// With the input; or, in an object that something follows, where its own fields do.
    Rest,
    /// Where its own fields do: it is one that the schema defines, and something follows it.
    Known,
}

impl Shape {
    /// The shapes it is made of: items, type arguments, fields of records, but not itself.
    pub(crate) fn parts(&self) -> Vec<&Shape> {
        match self {
            Self::Vector { item, .. } | Self::Repeat { item, .. } => vec![item],
            Self::WithId { value, .. } => vec![value],
            Self::Boxed(_, args) | Self::BareType(_, args) | Self::Bare(_, args) => {
                args.iter().filter_map(Arg::as_type).collect()
            }
            Self::Record(fields) => fields.iter().map(|field| &field.shape).collect(),
            _ => Vec::new(),
        }
    }

    /// Calls `visit` for the shape and all it is made of.
    pub(crate) fn walk<'s>(&'s self, visit: &mut impl FnMut(&'s Shape)) {
        visit(self);
        for part in self.parts() {
            part.walk(visit);
        }
    }

    /// The numbers it depends on, those of the records within but not what these declare themselves.
    pub(crate) fn nats(&self, visit: &mut impl FnMut(VarId)) {
        match self {
            Self::Repeat { count, .. } => count.var.into_iter().for_each(&mut *visit),
            Self::Boxed(_, args) | Self::BareType(_, args) | Self::Bare(_, args) => {
                let nats = args.iter().filter_map(|arg| match arg {
                    Arg::Nat(nat) => nat.var,
                    Arg::Type(_) => None,
                });
                nats.for_each(&mut *visit);
            }
            Self::Record(fields) => {
                // Variables ascend.
                let own = |var| fields.binary_search_by_key(&var, |field| field.var).is_ok();
                for field in fields {
                    field.nats(&mut |var| {
                        if !own(var) {
                            visit(var)
                        }
                    });
                }
                return;
            }
            _ => {}
        }
        for part in self.parts() {
            part.nats_dyn(visit);
        }
    }

    /// [`nats`](Self::nats) behind a pointer, so that the recursion has one type.
    fn nats_dyn(&self, visit: &mut dyn FnMut(VarId)) {
        self.nats(&mut |var| visit(var));
    }
}

impl Field {
    /// The numbers it depends on: its condition's and its shape's.
    pub(crate) fn nats(&self, visit: &mut dyn FnMut(VarId)) {
        if let Presence::Flag { word, .. } = self.presence {
            visit(word);
        }
        self.shape.nats_dyn(visit);
    }
}

impl Arg {
    /// The type, if it is one.
    pub(crate) fn as_type(&self) -> Option<&Shape> {
        match self {
            Self::Type(shape) => Some(shape),
            Self::Nat(_) => None,
        }
    }
}
