//! Generates the bindings of `schemas/` through the public API of `tl-codegen`, as any downstream crate would. They serve
//! clients and servers alike: functions can be read.

use std::env;
use std::fs;
use std::path::PathBuf;

use tl_codegen::{Config, Error, ItemInfo};

/// Patterns, separated by commas, of what `api` is cut to; see the README.
const API_ONLY: &str = "TELEGRAM_TL_API_ONLY";

/// Servers write what clients only read: what has so many optional fields gets a `new` that takes the others.
const MANY_OPTIONAL_FIELDS: usize = 8;

fn main() -> Result<(), Error> {
    println!("cargo::rerun-if-env-changed={API_ONLY}");
    let has_serde = env::var_os("CARGO_FEATURE_SERDE").is_some();
    let mut inventory = String::from("{\n");
    if env::var_os("CARGO_FEATURE_MTPROTO").is_some() {
        let output = Config::new()
            .schema("schemas/mtproto.tl")
            .read_functions(true)
            .serde(has_serde)
            .build("mtproto")?;
        list("mtproto", &output.items, &mut inventory);
    }
    if env::var_os("CARGO_FEATURE_END_TO_END").is_some() {
        let output = Config::new()
            .schema("schemas/end-to-end.tl")
            .serde(has_serde)
            .build("end_to_end")?;
        list("end_to_end", &output.items, &mut inventory);
    }
    if env::var_os("CARGO_FEATURE_API").is_some() {
        let only = env::var(API_ONLY).unwrap_or_default();
        let only = only
            .split(',')
            .map(str::trim)
            .filter(|pattern| !pattern.is_empty());
        let mut api = Config::new()
            .schema("schemas/api.tl")
            .read_functions(true)
            .serde(has_serde)
            .only(only);
        if env::var_os("CARGO_FEATURE_SERVER").is_some() {
            api = api.dispatcher(true).builders(MANY_OPTIONAL_FIELDS);
        }
        let output = api.build("api")?;
        list("api", &output.items, &mut inventory);
    }
    inventory.push_str("}\n");
    let path = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("inventory.rs");
    fs::write(&path, inventory).map_err(|error| Error::Io { path, error })
}

/// A call of the macro `item!` for every generated type, with raw objects for the queries it wraps: the tests go through
/// them all.
fn list(module: &str, items: &[ItemInfo], inventory: &mut String) {
    for ItemInfo {
        tl_name,
        rust_path,
        kind,
        type_parameters,
        ..
    } in items
    {
        let parameters = vec!["telegram_tl::wire::RawObject"; *type_parameters].join(", ");
        let parameters = if parameters.is_empty() {
            parameters
        } else {
            format!("::<{parameters}>")
        };
        inventory.push_str(&format!(
            "item!({module}, {kind:?}, {tl_name:?}, {rust_path}{parameters});\n"
        ));
    }
}
