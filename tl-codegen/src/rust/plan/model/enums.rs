//! Enums of the plan: boxed types.

use super::{Docs, FunctionNames, NatParam, Ownership, Param, Value};
use crate::rust::plan::{ItemPath, JsonForm};

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
    /// Whether its constructors are among the [shapes](crate::rust::plan::Plan::shapes).
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
    /// The variant for constructors that are kept as bytes, if there are any.
    pub opaque: Option<OpaqueVariant>,
    /// Whether it is read and written without ids, too.
    pub has_untagged: bool,
    /// Which variant a failed reader falls back to.
    pub fallback: usize,
    /// Whether its reader needs the depth budget.
    pub is_recursive: bool,
    /// Whether it stands in functions' arguments alone, so that only servers read it.
    pub is_argument: bool,
    /// Whether it is no enum, but its one constructor's struct in a `Boxed`.
    pub is_boxed_struct: bool,
}

/// The variant for constructors that are kept as bytes.
#[derive(Clone, Debug)]
pub struct OpaqueVariant {
    /// Its Rust name.
    pub name: String,
    /// The constructors: ids and TL names.
    pub constructors: Vec<(u32, String)>,
    /// The table of their definitions.
    pub table: ItemPath,
}

/// A struct for a boxed type that is kept as bytes.
#[derive(Clone, Debug)]
pub struct Opaque {
    /// Its Rust name.
    pub name: String,
    /// Its docs.
    pub docs: Docs,
    /// The ids of its constructors.
    pub ids: Vec<u32>,
    /// Whether it borrows.
    pub ownership: Ownership,
    /// Further attributes.
    pub attributes: Vec<String>,
    /// What serde is told, if it has serde's traits.
    pub json: Option<JsonForm>,
    /// The table of its definitions.
    pub table: ItemPath,
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

/// What a constructor asks of a number that is passed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberTest {
    /// To be this one.
    Equal(u32),
    /// To be this one or more.
    AtLeast(u32),
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
