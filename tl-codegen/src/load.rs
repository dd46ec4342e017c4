//! Schema files from disk, in any form: TL text, TLO or JSON.

use std::fs;
use std::path::Path;

use tl_parser::format::to_text;
use tl_parser::span::{FileId, Sources};

use crate::Error;

/// Reads a schema file into `sources`. TLO, and JSON with the feature `cli`, become the TL text that they stand for; diagnostics
/// show that text under the file's name.
///
/// # Errors
/// The file can't be read, is too large, or is malformed TLO or JSON.
pub fn load(sources: &mut Sources, path: &Path) -> Result<FileId, Error> {
    let bytes = fs::read(path).map_err(|error| Error::Io {
        path: path.to_owned(),
        error,
    })?;
    let text = to_text(bytes).map_err(|error| Error::Format {
        path: path.to_owned(),
        error,
    })?;
    sources
        .add_bytes(path.display().to_string(), text)
        .map_err(Error::TooLarge)
}
