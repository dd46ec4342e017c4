//! Generates what `codec` reads of forms that borrow: `telegram-tl` has the others alone.

use tl_codegen::{Config, Error};

fn main() -> Result<(), Error> {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_BINDINGS").is_some() {
        Config::new()
            .schema("../schemas/api.tl")
            .only(["Message", "Updates", "messages.Messages"])
            .borrowed(true)
            .build("borrowing")?;
    }
    Ok(())
}
