//! Values that know what they are: what decoding gives and encoding takes.

use std::fmt;
use std::sync::Arc;

use crate::program::{Role, Shape};

/// A TL value.
///
/// It holds exactly what the bytes hold, flags words included, so that encoding gives the same bytes again. Two doubles are
/// equal by value: a NaN is not.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `int`
    Int(i32),
    /// `#`: a count, a mask or any other number.
    Nat(u32),
    /// `long`
    Long(i64),
    /// `int53`
    Int53(i64),
    /// `float`, with all its bits.
    Float(f32),
    /// `double`, with all its bits.
    Double(f64),
    /// `Bool`
    Bool(bool),
    /// `true`, which takes no bytes.
    True,
    /// `string`
    String(String),
    /// A `string` that is not UTF-8.
    NotUtf8(Vec<u8>),
    /// `bytes`, and numbers that are only bytes: `int128`, `int256`, `int512`.
    Bytes(Vec<u8>),
    /// The items of a vector or of a repetition.
    Vector(Vec<Value>),
    /// A constructor's value, a call, or one item of a repetition with several fields.
    Object(Object),
    /// A boxed object kept as it is.
    Raw(Raw),
}

impl Value {
    /// The object that it is.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The field of an object; none for what is absent, or no object.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.as_object()?.get(field)
    }

    /// What it is, in a word or two.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Int(value) => format!("the int {value}"),
            Self::Nat(value) => format!("the number {value}"),
            Self::Long(value) => format!("the long {value}"),
            Self::Int53(value) => format!("the int53 {value}"),
            Self::Float(value) => format!("the float {value}"),
            Self::Double(value) => format!("the double {value}"),
            Self::Bool(_) => "a Bool".to_owned(),
            Self::True => "true".to_owned(),
            Self::String(_) | Self::NotUtf8(_) => "a string".to_owned(),
            Self::Bytes(bytes) => format!("{} bytes", bytes.len()),
            Self::Vector(items) => format!("{} items", items.len()),
            Self::Object(object) => format!("`{}`", object.name()),
            Self::Raw(_) => "a raw object".to_owned(),
        }
    }
}

/// An object: its combinator and its fields.
#[derive(Clone)]
pub struct Object {
    pub(crate) shape: Arc<Shape>,
    /// The fields that are there and have a value of their own, by index, ascending.
    pub(crate) fields: Vec<(u16, Value)>,
}

impl Object {
    /// The TL name of its constructor or function; `items of a repetition` for one of those.
    pub fn name(&self) -> &str {
        &self.shape.name
    }

    /// The id of its constructor or function; 0 for an item of a repetition, which has none.
    pub fn id(&self) -> u32 {
        self.shape.id
    }

    /// A field by its TL name; one without a name is called by its place, `arg1`. None if it is absent.
    pub fn get(&self, field: &str) -> Option<&Value> {
        let mut fields = self.shape.fields.iter();
        self.at(fields.position(|own| &*own.name == field)?)
    }

    /// The fields that are there, in the order of the schema. Flags words are among them.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        let fields = self.shape.fields.iter().enumerate();
        fields.filter_map(|(index, own)| Some((&*own.name, self.at(index)?)))
    }

    pub(crate) fn at(&self, index: usize) -> Option<&Value> {
        match self.shape.fields[index].role {
            Role::Flag { word, bit } => self.bit(word, bit).then_some(&Value::True),
            _ => self.stored(index),
        }
    }

    /// Whether a bit of a word among the fields is set.
    pub(crate) fn bit(&self, word: u16, bit: u8) -> bool {
        matches!(self.stored(usize::from(word)), Some(Value::Nat(word)) if word >> bit & 1 != 0)
    }

    pub(crate) fn stored(&self, index: usize) -> Option<&Value> {
        let index = u16::try_from(index).ok()?;
        let at = self.fields.binary_search_by_key(&index, |field| field.0);
        at.ok().map(|at| &self.fields[at].1)
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.shape.id == other.shape.id
            && self.shape.name == other.shape.name
            && self.fields == other.fields
    }
}

/// The name and the fields.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct(self.name());
        for (name, value) in self.fields() {
            out.field(name, value);
        }
        out.finish()
    }
}

/// A boxed object kept as the bytes it came in, because its type is not known or was not asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Raw {
    bytes: Vec<u8>,
}

impl Raw {
    /// The object that `bytes` are: an id and what belongs to it. None if they are less than an id, or no whole number of
    /// 32-bit words.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() >= 4 && bytes.len().is_multiple_of(4)).then_some(Self { bytes })
    }

    /// The id of the constructor or function.
    pub fn id(&self) -> u32 {
        let id = self.bytes.first_chunk();
        id.map_or(0, |id| u32::from_le_bytes(*id))
    }

    /// The whole object, with its id.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The id and the length, not the content.
impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw(0x{:08x}, {} bytes)", self.id(), self.bytes.len())
    }
}
