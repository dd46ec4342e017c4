//! What `tl-derive` is made of, and nobody else should build on: the plan, and the emitter for bodies of types written by hand.

use proc_macro2::TokenStream;

use crate::rust::emit;
use crate::{Config, Error};

pub use crate::rust::emit::by_hand::{
    Arm, Body, READER, WRITER, read_enum, read_nested, style, write_enum,
};
pub use crate::rust::plan::{
    Arg, Bit, Borrowed, Child, Docs, Enum, Field, FieldKind, Foreign, FunctionNames, Generic, Item,
    ItemPath, Known, Module, ModulePath, Nat, NatParam, NatRule, NatSource, NumberTest, Ownership,
    Param, PassedBy, Plan, Role, Struct, Style, Test, TypeParam, Value, Variant,
};

/// Every decision about the Rust of a schema.
///
/// # Errors
/// As [`Config::generate`].
pub fn plan(config: &Config) -> Result<Plan, Error> {
    config.plan().map(|planned| planned.plan)
}

/// What is generated, as the content of one module.
///
/// # Errors
/// As [`Config::generate`].
pub fn tokens(config: &Config) -> Result<TokenStream, Error> {
    config
        .plan()
        .map(|planned| emit::emit_inline(&planned.plan))
}
