//! What the codec runs: a schema boiled down to indices, one list of fields for each combinator.
//!
//! [`compile`](crate::compile) makes it, once; [decoding](crate::decode), [encoding](crate::encode) and JSON walk it. A variable
//! of a definition is a *slot*: numbers and types have slots of their own, which a [`Frame`](crate::frame::Frame) holds.

use std::sync::Arc;

/// All definitions at one layer.
#[derive(Debug)]
pub(crate) struct Program {
    /// By the index of the schema; those of other layers are there too, and never reached.
    pub combinators: Vec<Combinator>,
    /// By the index of the schema.
    pub types: Vec<Type>,
    /// Constructors and functions of this layer by id, ascending.
    pub by_id: Vec<(u32, u32)>,
    /// Types, constructors and functions of this layer by name, ascending.
    pub by_name: Vec<(Box<str>, Meaning)>,
    /// The ids of `boolFalse` and `boolTrue`.
    pub bool_ids: [u32; 2],
    /// The id of `vector`.
    pub vector_id: u32,
}

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Type(u32),
    Constructor(u32),
    Function(u32),
}

#[derive(Debug)]
pub(crate) struct Type {
    pub name: Box<str>,
    /// The ids and indices of its constructors, in source order.
    pub constructors: Vec<(u32, u32)>,
    pub params: Vec<Kind>,
    /// Whether a value can hold another of the same type, at any distance: the depth is counted.
    pub is_recursive: bool,
    /// Set for `Int` and the like: one constructor around a value that needs no object.
    pub plain: Option<Ty>,
    /// Set for what stands for another wire form: `Bool`, `Vector`, `Object`.
    pub special: Option<Special>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    Bool,
    Vector,
    Object,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Type,
    Nat,
}

#[derive(Debug)]
pub(crate) struct Combinator {
    /// What values of it know of themselves.
    pub shape: Arc<Shape>,
    pub fields: Box<[Field]>,
    /// Whether the language knows it: `int`, `boolTrue`.
    pub is_builtin: bool,
    /// The type it constructs.
    pub ty: Option<u32>,
    /// The arguments of the type it constructs, as it states them: what its variables are bound by.
    pub patterns: Box<[Arg]>,
    /// What a function returns.
    pub result: Option<Ty>,
    pub nat_slots: u16,
    pub type_slots: u16,
    /// Why no value can be read or written: an argument that nothing determines, or an unknown layout.
    pub unusable: Option<Box<str>>,
    /// Whether a bare value can hold another with no boxed value in between.
    pub is_recursive: bool,
    /// The field that is an object, or a call, and takes the rest of the message where it is not decoded.
    pub open_field: Option<usize>,
    /// The fewest bytes of a bare value, as far as it is less than a word.
    pub min_bytes: usize,
}

/// What an object knows of the combinator, or of the repetition, that it is of.
#[derive(Debug)]
pub(crate) struct Shape {
    pub name: Box<str>,
    pub id: u32,
    /// The index of the combinator; none for the items of a repetition.
    pub index: Option<u32>,
    pub fields: Box<[FieldShape]>,
}

#[derive(Debug)]
pub(crate) struct FieldShape {
    pub name: Box<str>,
    pub role: Role,
}

/// What a field is to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Data,
    /// A word that tells nothing but which fields follow, by these bits.
    Flags {
        known: u32,
    },
    /// `flags.N?true`: no value of its own, but a bit in the field `word`.
    Flag {
        word: u16,
        bit: u8,
    },
    /// The size in bytes of the object in the next field.
    Length,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub ty: Ty,
    pub condition: Option<Condition>,
    /// Where a number goes that others look at.
    pub slot: Option<u16>,
    pub role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    /// The number's slot.
    pub slot: u16,
    /// The bit; without one the number must not be zero.
    pub bit: Option<u8>,
}

/// A wire form. Variables are slots of the combinator it stands in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ty {
    Nat,
    Int,
    Long,
    Int53,
    Float,
    Double,
    String,
    Bytes,
    /// `int128` and the like: so many raw bytes.
    Fixed(Fixed),
    True,
    Bool,
    /// Any boxed value or call.
    Object,
    Vector {
        is_boxed: bool,
        item: Box<Ty>,
    },
    Boxed(u32, Box<[Arg]>),
    Bare(u32, Box<[Arg]>),
    /// A bare value of a type, whose arguments tell the constructor.
    BareType(u32, Box<[Arg]>),
    Var {
        slot: u16,
        is_bare: bool,
    },
    /// A call of any function; its result is what the slot stands for.
    Query(Option<u16>),
    Repeat(Arc<Repeat>),
    /// Nothing that can be read: a type as a value.
    Unusable,
}

/// A number that is only bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fixed {
    pub len: usize,
    pub name: &'static str,
}

/// An argument of a type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Arg {
    Type(Ty),
    Nat(Count),
}

/// A sum of a slot and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub slot: Option<u16>,
    pub plus: u32,
}

/// `count*[ … ]`
#[derive(Debug)]
pub(crate) struct Repeat {
    pub count: Count,
    pub fields: Box<[Field]>,
    pub shape: Arc<Shape>,
    /// Whether an item is the value of its one nameless field.
    pub is_plain: bool,
}

/// Two repetitions are the same type only if they are the same.
impl PartialEq for Repeat {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Program {
    pub(crate) fn combinator(&self, index: u32) -> &Combinator {
        &self.combinators[index as usize]
    }

    pub(crate) fn ty(&self, index: u32) -> &Type {
        &self.types[index as usize]
    }

    /// The constructor or function of an id.
    pub(crate) fn with_id(&self, id: u32) -> Option<u32> {
        let at = self.by_id.binary_search_by_key(&id, |row| row.0).ok()?;
        Some(self.by_id[at].1)
    }

    pub(crate) fn named(&self, name: &str) -> Option<Meaning> {
        let at = self
            .by_name
            .binary_search_by(|row| (*row.0).cmp(name))
            .ok()?;
        Some(self.by_name[at].1)
    }
}

impl Type {
    pub(crate) fn constructor_with_id(&self, id: u32) -> Option<u32> {
        let mut constructors = self.constructors.iter();
        constructors.find(|own| own.0 == id).map(|own| own.1)
    }
}

impl Combinator {
    pub(crate) fn name(&self) -> &str {
        &self.shape.name
    }

    /// Whether its type has arguments that only the place of a value can tell.
    pub(crate) fn needs_arguments(&self) -> bool {
        self.patterns.iter().any(Arg::has_variables)
    }

    pub(crate) fn is_function(&self) -> bool {
        self.result.is_some()
    }
}

impl Arg {
    fn has_variables(&self) -> bool {
        match self {
            Self::Nat(count) => count.slot.is_some(),
            Self::Type(Ty::Var { .. }) => true,
            Self::Type(Ty::Vector { item, .. }) => matches!(**item, Ty::Var { .. }),
            Self::Type(ty) => ty.args().iter().any(Self::has_variables),
        }
    }
}
