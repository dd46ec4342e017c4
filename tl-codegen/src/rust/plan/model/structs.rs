//! Structs of the plan: constructors, functions, and what repetitions repeat.

use super::{Field, Value};
use crate::rust::plan::{ItemPath, JsonForm};

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
    /// Whether it is among the [shapes](crate::rust::plan::Plan::shapes).
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
    /// Whether it is a function or stands in functions' arguments alone, so that only servers read it.
    pub is_argument: bool,
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
