//! Reads and writes TL values by a schema alone: bytes to values and JSON, and back, without generated code.
//!
//! It stands beside the code generator: both take the resolved [`Schema`](tl_parser::schema::Schema) of `tl-parser`. Where
//! generated code is fast and typed, a [`Codec`] takes any schema at run time and tells more of what is wrong: an error
//! names the byte *and* the way there, through constructors and fields. It is what `tlc decode` and `tlc encode` run on, and
//! what generated code is tested against.
//!
//! The wire format is that of <https://core.telegram.org/mtproto/serialize>, with all of
//! <https://core.telegram.org/mtproto/TL-formal>: bare and boxed types, conditional fields, type and number parameters,
//! repetitions, and functions whose result depends on their arguments.
//!
//! ```
//! use tl_dynamic::Codec;
//! use tl_parser::schema::{Options, read};
//! use tl_parser::span::Sources;
//!
//! let mut sources = Sources::new();
//! sources.add("app.tl", "user flags:# id:long name:string bot:flags.0?true = User;")?;
//! let schema = read(&sources, &Options::default()).remove(0).schema;
//!
//! let codec = Codec::new(&schema);
//! let root = codec.value("user")?; // bare; boxed is `User`
//! let bytes = [1, 0, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 3, b'A', b'd', b'a'];
//! let value = codec.decode(&root, &bytes)?;
//! assert_eq!(codec.encode(&root, &value)?, bytes);
//!
//! let error = codec.decode(&root, &bytes[..12]).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "at byte 12: the input ends inside `string`: 4 bytes needed, 0 left, in user > name"
//! );
//! # #[cfg(feature = "json")] {
//! let json = r#"{"@type":"user","id":"42","name":"Ada","bot":true}"#;
//! assert_eq!(value.to_json().to_string(), json);
//! assert_eq!(codec.value_from_text(&root, json)?, value);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Hostile input
//!
//! Nothing here panics on any bytes, value or JSON. Depth and memory are bounded ([`Limits`]), counts are held against the
//! bytes that are left, and reading takes time in proportion to the input.
//!
//! # JSON
//!
//! With the feature `json` (on by default) values become JSON as TDLib writes it, and come back bit by bit: see
//! [`Value::to_json`].

mod codec;
mod compile;
mod decode;
mod encode;
mod error;
mod expression;
mod frame;
#[cfg(feature = "json")]
mod json;
mod open_ended;
mod path;
mod program;
mod recursion;
mod result;
mod suggest;
mod value;

pub use codec::{Codec, Limits, MAX_LEVELS, Objects, Options, Root, Unknown};
pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, NameError};
pub use path::{Path, Step};
pub use value::{Object, Raw, Value};
