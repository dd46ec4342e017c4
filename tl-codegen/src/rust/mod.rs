//! From facts to Rust: every decision in the [plan], nothing but tokens in [emit], nothing but layout in [render].

pub(crate) mod emit;
pub(crate) mod names;
pub(crate) mod plan;
pub(crate) mod render;
