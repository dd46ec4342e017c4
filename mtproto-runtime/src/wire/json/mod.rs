//! serde for generated types (feature `serde`): one implementation for all of them.
//!
//! Derived, serde's traits cost more to compile than everything else of a schema's bindings together. Here a type's own
//! `TlWrite` writes its bytes, and one function says what they are by a table of [`Definitions`]; the other way round, one
//! function makes bytes of what serde has read, and the type's own `TlRead` reads them. What is generated per type is a call.
//!
//! In formats for people a value is JSON as TDLib writes it: <https://core.telegram.org/tdlib/docs/td__json__client_8h.html>.
//!
//! * An object begins with its `@type`, the TL name of its constructor or function. Fields have their TL names. Absent ones are
//!   left out, and `flags.N?true` is `true` or left out.
//! * A flags word is left out where its fields tell all of it; with bits that no field goes with it is there as a number.
//!   Numbers that also count or are passed on are there always.
//! * `int`, `float` and `double` are numbers, `long` is a string, `int53` a number as long as that is exact. Infinities and NaN
//!   are the strings `Infinity`, `-Infinity` and `NaN`, with its bits where they are not the usual: `NaN:0x7ff0000000000001`.
//! * `bytes`, `int128`, `int256` and `int512` are base64. A string that is not UTF-8 is `{"@bytes": "base64"}`.
//! * An object of an unknown constructor is `{"@type": "@unknown", "@id": "0x1cb5c415", "@raw": "base64"}`, the id apart from
//!   the rest. It takes all the bytes that are left, so anything that follows one is an error.
//! * The items of a repetition with several fields are objects without a `@type`. A field without a name is called by its
//!   place, `arg1`.
//!
//! Reading is lenient where nothing is lost: keys come in any order, `long` may be a number, `@type` may be missing where one
//! constructor alone is possible, `null` stands for an absent field, a count may be missing where the items it counts are
//! there, and base64 may lack its padding. All else is an error that says where it is and what belongs there. Depth
//! ([`MAX_LEVELS`]) and memory ([`MAX_BYTES`]) are bounded.
//!
//! In formats that are not for people (`is_human_readable` is false: bincode, postcard) a value is a byte string, the bytes of
//! [`encode`](super::encode).
//!
//! Fields that `Debug` does not show are no secret to serde.

mod cursor;
mod error;
mod frame;
mod lookup;
mod number;
mod read;
mod scalar;
mod tree;
mod write;

use alloc::format;
use core::fmt;
use core::marker::PhantomData;

pub use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use serde_core::de::{Error as _, Visitor};
use serde_core::ser::Error as _;

use super::{Boxed, Combinator, Definitions, TlRead, TlWrite};

/// How deep values may nest, vectors counted like objects.
pub const MAX_LEVELS: u32 = 256;

/// How much memory one value may take while it is read, before it is a Rust value.
pub const MAX_BYTES: usize = 64 << 20;

/// The `@type` of objects that are kept as bytes.
const UNKNOWN: &str = "@unknown";

/// Serializes a value of a generated type; `form` says what it is, as in [`Definitions`].
///
/// # Errors
///
/// If the value has no form on the wire, or something follows an object of an unknown constructor; or the serializer has one.
pub fn serialize<T: TlWrite, S: Serializer>(
    value: &T,
    form: &'static str,
    definitions: &Definitions,
    to: S,
) -> Result<S::Ok, S::Error> {
    if !to.is_human_readable() {
        return serialize_bytes(value, to);
    }
    let bytes = super::encode(value).map_err(S::Error::custom)?;
    write::value(&bytes, form, definitions, to)
}

/// As formats that are not for people have it.
fn serialize_bytes<T: TlWrite, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    let bytes = super::encode(value).map_err(S::Error::custom)?;
    to.serialize_bytes(&bytes)
}

/// Deserializes a value of a generated type; `form` says what it is, as in [`Definitions`].
///
/// # Errors
///
/// What is not as the schema says, with the path to it; or the deserializer has one.
pub fn deserialize<'de, T, D>(
    form: &'static str,
    definitions: &Definitions,
    from: D,
) -> Result<T, D::Error>
where
    T: for<'r> TlRead<'r>,
    D: Deserializer<'de>,
{
    if !from.is_human_readable() {
        return from.deserialize_bytes(Bytes(PhantomData));
    }
    let tree = tree::read(from)?;
    let bytes = read::bytes(form, definitions, &tree).map_err(D::Error::custom)?;
    drop(tree);
    decode(&bytes)
}

fn decode<T: for<'r> TlRead<'r>, E: serde_core::de::Error>(bytes: &[u8]) -> Result<T, E> {
    super::decode(bytes).map_err(|error| E::custom(format!("this is no such value: {error}")))
}

/// As the struct: an object of a constructor says which it is, whether it is boxed or bare.
impl<T: Serialize + TlWrite + Combinator> Serialize for Boxed<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match to.is_human_readable() {
            true => self.0.serialize(to),
            false => serialize_bytes(self, to),
        }
    }
}

impl<'de, T> Deserialize<'de> for Boxed<T>
where
    T: Deserialize<'de> + for<'r> TlRead<'r> + Combinator,
{
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.is_human_readable() {
            true => T::deserialize(from).map(Self),
            false => from.deserialize_bytes(Bytes(PhantomData)),
        }
    }
}

/// Reads a value from a byte string.
struct Bytes<T>(PhantomData<fn() -> T>);

impl<T: for<'r> TlRead<'r>> Visitor<'_> for Bytes<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a TL value")
    }

    fn visit_bytes<E: serde_core::de::Error>(self, bytes: &[u8]) -> Result<T, E> {
        decode(bytes)
    }
}
