//! Values as JSON, the way TDLib writes them: <https://core.telegram.org/tdlib/docs/td__json__client_8h.html>.
//!
//! [`write`] needs the value alone, for it knows what it is; [`read`] goes by the schema.

mod read;
mod text;
mod write;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value as Json;

use crate::codec::{Codec, Root};
use crate::error::{EncodeError, EncodeErrorKind};
use crate::value::Value;

/// The `@type` of objects that are kept as bytes.
const UNKNOWN: &str = "@unknown";

/// Standard base64; padding is written, and may be absent when read.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Value {
    /// The value as JSON.
    ///
    /// * An object begins with its `@type`. Absent fields are left out, and `flags.N?true` is `true` or left out.
    /// * A flags word is left out where its fields tell all of it; with bits that no field goes with it is there as a number.
    ///   Numbers that also count or are passed on are there always.
    /// * `int`, `float` and `double` are numbers, `long` is a string, `int53` a number as long as that is exact. Infinities and NaN are
    ///   the strings `Infinity`, `-Infinity` and `NaN`, with its bits where they are not the usual: `NaN:0x7ff0000000000001`.
    /// * `bytes`, `int128`, `int256` and `int512` are base64. A string that is not UTF-8 is `{"@bytes": "base64"}`.
    /// * An object kept as bytes is `{"@type": "@unknown", "@id": "0x1cb5c415", "@raw": "base64"}`, the id apart from the rest.
    /// * The items of a repetition with several fields are objects without a `@type`. A field without a name is called by its
    ///   place, `arg1`.
    pub fn to_json(&self) -> Json {
        write::value(self)
    }
}

impl Codec {
    /// The value of JSON.
    ///
    /// It reads what [`Value::to_json`] writes, and is lenient where nothing is lost: `long` may be a number, `@type` may be
    /// missing where one constructor alone is possible, `null` stands for an absent field, and a count may be missing where
    /// the items it counts are there.
    ///
    /// # Errors
    ///
    /// What is not as the schema says, with the path to it.
    pub fn value_from_json(&self, root: &Root, json: &Json) -> Result<Value, EncodeError> {
        read::value(&self.program, &root.0, json).map_err(|error| *error)
    }

    /// The value of JSON in its text form. A key that comes twice in one object is an error.
    ///
    /// # Errors
    ///
    /// As [`value_from_json`](Self::value_from_json), or if it is no JSON.
    pub fn value_from_text(&self, root: &Root, text: &str) -> Result<Value, EncodeError> {
        let json = text::parse(text).map_err(|error| EncodeError {
            path: Default::default(),
            kind: EncodeErrorKind::NotJson {
                why: error.to_string(),
            },
        })?;
        self.value_from_json(root, &json)
    }
}

fn to_base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}
