//! `tlc encode`: JSON to bytes, by the schema alone.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::Outcome;
use crate::codec::{Target, text};
use crate::output::Printer;

/// Write JSON, as `tlc decode` gives it, in the bytes of a schema.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// JSON, a file, or - for standard input.
    #[arg(value_name = "JSON|FILE")]
    input: String,

    /// The file to write the bytes to [default: hex on standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let Some(codec) = arguments.target.codec(printer)? else {
        return Ok(Outcome::Findings);
    };
    let root = arguments.target.root(&codec)?;
    let text = text(&arguments.input)?;
    let value = codec.value_from_text(&root, &text);
    let bytes = match value.and_then(|value| codec.encode(&root, &value)) {
        Ok(bytes) => bytes,
        Err(error) => {
            printer.note(&format!("error: {error}"))?;
            return Ok(Outcome::Findings);
        }
    };
    match arguments.out {
        Some(path) => {
            fs::write(&path, bytes).with_context(|| path.display().to_string())?;
        }
        None => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            printer.text(&(hex + "\n"))?;
        }
    }
    Ok(Outcome::Fine)
}
