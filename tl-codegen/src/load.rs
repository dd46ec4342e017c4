//! Schema files from disk, in any form: TL text, TLO or JSON.

use std::fs;
use std::io::{self, ErrorKind};
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
    let bytes = match fs::read(path) {
        Err(_) if path.is_dir() => Err(io::Error::new(
            ErrorKind::IsADirectory,
            "this is a directory: name the schema files in it",
        )),
        bytes => bytes,
    };
    let bytes = bytes.map_err(|error| Error::Io {
        path: path.to_owned(),
        error,
    })?;
    load_bytes(sources, path, bytes)
}

/// Takes the bytes of a schema file, which are at hand already, into `sources` as [`load`] does.
///
/// # Errors
/// They are too many, or malformed TLO or JSON.
pub fn load_bytes(sources: &mut Sources, name: &Path, bytes: Vec<u8>) -> Result<FileId, Error> {
    let text = to_text(bytes).map_err(|error| Error::Format {
        path: name.to_owned(),
        error,
    })?;
    sources
        .add_bytes(name.display().to_string(), text)
        .map_err(Error::TooLarge)
}
