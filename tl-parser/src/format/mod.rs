//! Schemas in other forms than TL text: binary ([`tlo`], TLO) and JSON (`json`, with the feature of that name).
//!
//! Reading either gives TL text, which then goes through [`schema::read`](crate::schema::read) like any other: the same
//! checks hold, and diagnostics show the text that was made. [`to_text`] tells the forms apart by their first bytes, so that
//! all of them can stand wherever a schema is expected.

#[cfg(feature = "json")]
pub mod json;
mod name;
pub mod tlo;

use std::fmt;

/// The form of a schema file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// TL text.
    Text,
    /// A serialized schema, of any version.
    Tlo,
    /// The JSON of the official schema pages.
    Json,
}

impl Form {
    /// The form of a file: TLO begins with a magic number, JSON with a brace or bracket that no TL text begins with.
    pub fn of(bytes: &[u8]) -> Self {
        if tlo::has_magic(bytes) {
            return Self::Tlo;
        }
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{' | b'[') => Self::Json,
            _ => Self::Text,
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The TL text of a schema file in any form; text stays as it is.
///
/// # Errors
/// The file is TLO or JSON, but malformed; or JSON, and the feature `json` is off; or plainly no schema at all.
pub fn to_text(bytes: Vec<u8>) -> Result<Vec<u8>, FormatError> {
    match Form::of(&bytes) {
        Form::Text => match foreign(&bytes) {
            Some(what) => Err(FormatError::Foreign(what)),
            None => Ok(bytes),
        },
        Form::Tlo => Ok(tlo::read(&bytes)?.into_bytes()),
        Form::Json => json_to_text(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes)),
    }
}

/// What a file is that can't be TL text, whatever is wrong with it.
fn foreign(bytes: &[u8]) -> Option<Foreign> {
    let start = bytes
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(bytes)
        .trim_ascii_start();
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(Foreign::Utf16),
        [0x1f, 0x8b, ..] | [b'P', b'K', 3, 4, ..] => Some(Foreign::Compressed),
        _ if start.starts_with(b"<") => Some(Foreign::Markup),
        _ if bytes.contains(&0) => Some(Foreign::Binary),
        _ => None,
    }
}

/// A file that is no schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// Text in UTF-16.
    Utf16,
    /// A gzip or zip file.
    Compressed,
    /// A page in HTML or XML.
    Markup,
    /// Something with zero bytes in it that is no TLO.
    Binary,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf16 => "this is text in UTF-16: save it as UTF-8",
            Self::Compressed => "this is a compressed file: unpack it, and name the schema in it",
            Self::Markup => "this is a page in HTML or XML, not a schema: save the schema itself",
            Self::Binary => "this is neither TL text nor JSON, and does not begin as TLO does",
        })
    }
}

#[cfg(feature = "json")]
fn json_to_text(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    Ok(json::read(bytes)?.into_bytes())
}

#[cfg(not(feature = "json"))]
fn json_to_text(_bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    Err(FormatError::NoJson)
}

/// Why a schema file gives no TL text.
#[derive(Debug)]
#[non_exhaustive]
pub enum FormatError {
    /// Malformed TLO.
    Tlo(tlo::TloError),
    /// Malformed JSON, or JSON that is no schema.
    #[cfg(feature = "json")]
    Json(json::JsonError),
    /// JSON, but the feature `json` is off.
    NoJson,
    /// Not a schema in any form.
    Foreign(Foreign),
}

impl From<tlo::TloError> for FormatError {
    fn from(error: tlo::TloError) -> Self {
        Self::Tlo(error)
    }
}

#[cfg(feature = "json")]
impl From<json::JsonError> for FormatError {
    fn from(error: json::JsonError) -> Self {
        Self::Json(error)
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tlo(error) => error.fmt(f),
            #[cfg(feature = "json")]
            Self::Json(error) => error.fmt(f),
            Self::Foreign(what) => what.fmt(f),
            Self::NoJson => f.write_str(
                "this is a schema in JSON, and reading JSON is left out here: turn on the feature `json` of tl-parser, or convert \
                 it to TL text once",
            ),
        }
    }
}

impl std::error::Error for FormatError {}
