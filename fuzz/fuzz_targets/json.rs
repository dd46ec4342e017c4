//! JSON by serde's traits of generated types: from any bytes and from any text it is what the dynamic codec makes of them, and
//! leads back to the same bytes.
//!
//! The first byte of the input says of which type it is, and whether bytes or text follow.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/json/any_input.rs"]
mod any_input;
/// One of each form.
#[path = "../../tests/fixtures/options/json/mod.rs"]
mod json;
/// Types that depend on numbers and types.
#[path = "../../tests/fixtures/options/json_dependent/mod.rs"]
mod json_dependent;
/// Every kind of field.
#[path = "../../tests/fixtures/options/json_shapes/mod.rs"]
mod json_shapes;

fuzz_target!(|input: &[u8]| any_input::check(input));
