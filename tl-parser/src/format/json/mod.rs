//! Schemas as JSON, in the shape of the official pages <https://core.telegram.org/schema/json> and `mtproto-json`,
//! `end-to-end-json` beside it.
//!
//! ```json
//! {"constructors":[{"id":"-994444869","predicate":"error","params":[{"name":"code","type":"int"}],"type":"Error"}],
//!  "methods":[{"id":"-1594064501","method":"account.getAuthorizations","params":[],"type":"account.Authorizations"}]}
//! ```
//!
//! Ids are signed decimal numbers in strings. A type is TL text: `#`, `flags.0?true`, `Vector<User>`, `!X`. In a layered schema
//! every entry says its layer. As on the pages:
//!
//! * implicit arguments are left out: `invokeWithLayer` has the parameters `layer` and `query:!X`, and the type `X`;
//! * `vector` has no parameters and the type `Vector t`;
//! * the built-in types are left out: `int`, `string` and the others that every schema may use without defining them.
//!
//! Beyond the pages, an argument without a name has the name `""`.
//!
//! What this form has no place for, and leaves out: comments and documentation, the schema's layer number (`// LAYER N`),
//! annotations, `=>`, `New`, `Final` and `Empty` (so a type without constructors too), partial applications, and the order of constructors among
//! functions. Implicit arguments that can't be told from the rest of their definition, as `{n:#}`, would be lost with a change
//! of meaning: [`write()`] refuses them.

mod entry;
mod read;
mod write;

use std::fmt;

pub use read::read;
pub use write::write;

/// Why JSON gives no schema, or a schema no JSON.
#[derive(Debug)]
#[non_exhaustive]
pub enum JsonError {
    /// It is no JSON, or not of this shape; the error says where, by line and column.
    Shape(serde_json::Error),
    /// It is a list, where a schema is an object.
    List,
    /// An entry can't be a definition.
    Entry {
        /// Which one: `constructors[12]`.
        place: String,
        /// What is wrong with it.
        what: EntryProblem,
    },
    /// These definitions have implicit arguments that would be lost.
    Inexpressible(Vec<String>),
    /// These definitions do not stand where they should: the schema was read from other sources.
    OtherSources(Vec<String>),
}

/// What is wrong with one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryProblem {
    /// The id is no number of 32 bits.
    Id(String),
    /// This can't be a name.
    Name(String),
    /// This is no type.
    Type(String),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(error) => write!(f, "not a schema in JSON: {error}"),
            Self::List => f.write_str(
                "not a schema in JSON: this is a list; a schema is an object with the lists `constructors` and `methods`",
            ),
            Self::Entry { place, what } => write!(f, "not a schema in JSON: {place}: {what}"),
            Self::Inexpressible(names) => write!(
                f,
                "JSON has no place for the implicit arguments of {}",
                listed(names)
            ),
            Self::OtherSources(names) => write!(
                f,
                "the schema was not read from these sources: they lack {}",
                listed(names)
            ),
        }
    }
}

fn listed(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

impl fmt::Display for EntryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, what) = match self {
            Self::Id(text) => (text, "an id: a decimal number of 32 bits"),
            Self::Name(text) => (text, "a name in TL"),
            Self::Type(text) => (text, "a type in TL"),
        };
        write!(f, "`{}` is not {what}", text.escape_debug())
    }
}

impl std::error::Error for JsonError {}
