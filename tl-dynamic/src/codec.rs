//! The codec itself, and what is to be read or written: the entries for everybody else.

use tl_parser::schema::Schema;

use crate::compile::compile;
use crate::decode::Decoder;
use crate::encode;
use crate::error::{DecodeError, EncodeError, NameError};
use crate::expression;
use crate::program::{Meaning, Program, Ty};
use crate::result;
use crate::value::Value;

/// Reads and writes the values of a schema.
///
/// Making one takes some milliseconds for the whole Telegram API; after that it is only looked at, and can be shared.
#[derive(Debug)]
pub struct Codec {
    pub(crate) program: Program,
}

/// What bytes are to be read as, or a value to be written as. Belongs to the codec that made it.
#[derive(Clone, Debug)]
pub struct Root(pub(crate) RootKind);

#[derive(Clone, Debug)]
pub(crate) enum RootKind {
    /// A type without free variables.
    Value(Ty),
    /// A call of one function.
    Call(u32),
    /// Whatever its id says.
    Any,
}

impl Codec {
    /// A codec for a schema; of a layered one, for its newest layer.
    pub fn new(schema: &Schema) -> Self {
        Self::at_layer(schema, schema.layer())
    }

    /// A codec for a layered schema as it stood at `layer`; a schema without layers is the same at each.
    pub fn at_layer(schema: &Schema, layer: Option<u32>) -> Self {
        Self {
            program: compile(schema, layer),
        }
    }

    /// A value of a type, written as in TL: `User`, `Vector<long>`, `%Message` or `message` (bare), `(Tuple int 4)`.
    ///
    /// # Errors
    ///
    /// If this is no type, or the schema does not have it.
    pub fn value(&self, ty: &str) -> Result<Root, NameError> {
        let ty = expression::parse(&self.program, ty)?;
        Ok(Root(RootKind::Value(ty)))
    }

    /// A call of a function: its id and its arguments.
    ///
    /// # Errors
    ///
    /// If the schema has no such function.
    pub fn call(&self, function: &str) -> Result<Root, NameError> {
        Ok(Root(RootKind::Call(self.function(function)?)))
    }

    /// A boxed value or a call of whatever constructor or function its id belongs to.
    pub fn any(&self) -> Root {
        Root(RootKind::Any)
    }

    /// What a function returns, where its arguments do not matter for that.
    ///
    /// # Errors
    ///
    /// If the schema has no such function, or its result depends on an argument: then [`result_of`](Self::result_of) a call
    /// is needed.
    pub fn result(&self, function: &str) -> Result<Root, NameError> {
        let index = self.function(function)?;
        result::of_function(&self.program, index).map(|ty| Root(RootKind::Value(ty)))
    }

    /// What a call returns.
    ///
    /// ```
    /// # use tl_dynamic::Codec;
    /// # use tl_parser::{schema::{read, Options}, span::Sources};
    /// # let mut sources = Sources::new();
    /// # sources.add("a.tl", "---functions--- \n getTime = long; inLayer {X:Type} layer:int query:!X = X;").unwrap();
    /// # let schema = read(&sources, &Options::default()).remove(0).schema;
    /// let codec = Codec::new(&schema);
    /// let call = codec.value_from_text(
    ///     &codec.any(),
    ///     r#"{"@type": "inLayer", "layer": 3, "query": {"@type": "getTime"}}"#,
    /// )?;
    /// let result = codec.decode(&codec.result_of(&call)?, &[7, 0, 0, 0, 0, 0, 0, 0])?;
    /// assert_eq!(result, tl_dynamic::Value::Long(7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If this is no call, or one whose result its arguments do not tell: a query kept as raw bytes.
    pub fn result_of(&self, call: &Value) -> Result<Root, NameError> {
        result::of_call(&self.program, call).map(|ty| Root(RootKind::Value(ty)))
    }

    /// Reads a value that takes up all of `bytes`, with the default [`Options`].
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, where it is and how one gets there.
    pub fn decode(&self, root: &Root, bytes: &[u8]) -> Result<Value, DecodeError> {
        self.decode_with(root, bytes, &Options::new())
    }

    /// Reads a value that takes up all of `bytes`.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    pub fn decode_with(
        &self,
        root: &Root,
        bytes: &[u8],
        options: &Options,
    ) -> Result<Value, DecodeError> {
        let mut decoder = Decoder::new(&self.program, bytes, options);
        let value = decoder.root(&root.0).and_then(|value| {
            decoder.end()?;
            Ok(value)
        });
        value.map_err(|error| *error)
    }

    /// Reads a value from the start of `bytes`, and returns it with its length.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), but for bytes that are left.
    pub fn decode_prefix(
        &self,
        root: &Root,
        bytes: &[u8],
        options: &Options,
    ) -> Result<(Value, usize), DecodeError> {
        let mut decoder = Decoder::new(&self.program, bytes, options);
        match decoder.root(&root.0) {
            Ok(value) => Ok((value, decoder.offset())),
            Err(error) => Err(*error),
        }
    }

    /// Writes a value.
    ///
    /// # Errors
    ///
    /// If it is not what `root` says, or contradicts its own counts or masks.
    pub fn encode(&self, root: &Root, value: &Value) -> Result<Vec<u8>, EncodeError> {
        encode::encode(&self.program, &root.0, value).map_err(|error| *error)
    }

    /// Every constructor and function that holds at this layer: name and id, constructors first, by name.
    pub fn names(&self) -> impl Iterator<Item = (&str, u32)> {
        let of_kind = |is_function: bool| {
            self.program
                .by_name
                .iter()
                .filter_map(move |row| match row.1 {
                    Meaning::Constructor(index) if !is_function => Some((&*row.0, index)),
                    Meaning::Function(index) if is_function => Some((&*row.0, index)),
                    _ => None,
                })
        };
        let id = |(name, index)| (name, self.program.combinator(index).shape.id);
        of_kind(false).chain(of_kind(true)).map(id)
    }

    fn function(&self, name: &str) -> Result<u32, NameError> {
        match self.program.named(name) {
            Some(Meaning::Function(index)) => Ok(index),
            Some(_) => Err(NameError {
                message: format!("`{name}` is no function"),
            }),
            None => {
                let functions = self.program.by_name.iter();
                let functions = functions.filter(|row| matches!(row.1, Meaning::Function(_)));
                let near = crate::suggest::nearest(name, functions.map(|row| &*row.0));
                Err(NameError {
                    message: format!(
                        "there is no function `{name}`{}",
                        crate::suggest::hint(near)
                    ),
                })
            }
        }
    }
}

/// What to do about bytes that the schema does not account for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// An error.
    Reject,
    /// Keep them, so that the value encodes to the same bytes again.
    Keep,
}

/// How to read an `Object` or a query (`!X`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objects {
    /// By its id, as one of the schema's constructors and functions.
    Decode,
    /// Not at all: as [`Value::Raw`], which is what generated code does. Where something may follow it, it has to be one of the
    /// schema's all the same: its own fields tell where it ends.
    Raw,
}

/// How to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Unknown constructors. They can be kept where nothing follows them in the message, for only their type would tell
    /// where they end; elsewhere they are an error all the same.
    pub constructors: Unknown,
    /// Bits of a flags word that no field goes with.
    pub flag_bits: Unknown,
    /// Strings that are not UTF-8.
    pub text: Unknown,
    /// Objects of any type.
    pub objects: Objects,
    /// What reading may cost; by default [`Limits::for_input`].
    pub limits: Option<Limits>,
}

impl Options {
    /// Unknown constructors are an error; unknown flag bits and broken text are kept; objects are decoded.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            constructors: Unknown::Reject,
            flag_bits: Unknown::Keep,
            text: Unknown::Keep,
            objects: Objects::Decode,
            limits: None,
        }
    }

    /// Everything unknown is an error and objects stay raw: what generated bindings accept, this accepts, and the other way
    /// round.
    #[must_use]
    pub const fn strict() -> Self {
        Self {
            constructors: Unknown::Reject,
            flag_bits: Unknown::Reject,
            text: Unknown::Reject,
            objects: Objects::Raw,
            limits: None,
        }
    }

    /// Everything unknown is kept.
    #[must_use]
    pub const fn keeping() -> Self {
        Self {
            constructors: Unknown::Keep,
            ..Self::new()
        }
    }

    /// The same with other limits.
    #[must_use]
    pub const fn with_limits(self, limits: Limits) -> Self {
        Self {
            limits: Some(limits),
            ..self
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// What reading one input may cost at most. Past either limit is an error like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep values of recursive types may nest. Whatever it says, no value nests deeper than [`MAX_LEVELS`].
    pub depth: u32,
    /// How many bytes of memory the value may take, as the sizes of its parts add up.
    pub allocation_bytes: usize,
}

/// How deep values may nest in all: values of recursive types as well as others, vectors and repetitions.
pub const MAX_LEVELS: u32 = 256;

impl Limits {
    /// What an input of `len` bytes gets by default: a depth of 64 as in generated code, and 32 times its length plus 64 KiB
    /// of memory. A [`Value`] takes more than the Rust types it stands for.
    #[must_use]
    pub const fn for_input(len: usize) -> Self {
        Self {
            depth: 64,
            allocation_bytes: len.saturating_mul(32).saturating_add(64 * 1024),
        }
    }
}
