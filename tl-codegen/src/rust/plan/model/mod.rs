//! What a plan's structs and enums are made of; the passes beside this folder fill it in.

mod enums;
mod field;
mod structs;
mod value;

pub(crate) use enums::{AccessedVariant, Accessor, Opaque, OpaqueVariant};
pub use enums::{Enum, NumberTest, Variant};
pub use field::{Bit, Field, FieldKind, Test};
pub use structs::{
    Docs, FunctionNames, NatParam, NatRule, Ownership, Param, Role, Struct, TypeParam,
};
pub use value::{Arg, Borrowed, Foreign, Generic, Nat, NatSource, PassedBy, Value};
