//! The runtime that generated TL bindings plug into.
//!
//! It sits at the right end of the pipeline: `tl-parser` and `tl-codegen` turn `.tl` text into Rust types, and those
//! types need only this crate to become bytes and to come back. It knows nothing of schemas and compilers.
//!
//! * [`wire`] – reading and writing TL values (`no_std` + `alloc`).
//!
//! # Features
//!
//! * `std` (default) – what needs an operating system. Errors implement [`core::error::Error`] without it.

#![no_std]

extern crate alloc;

pub mod wire;
