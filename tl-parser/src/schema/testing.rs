//! What the tests of schema facts share.

use super::{CombinatorId, Options, Reading, Schema, TypeId, read};
use crate::span::Sources;

/// The schema of a text with nothing wrong in it.
pub(crate) fn schema(text: &str) -> Schema {
    let reading = reading(text);
    assert_eq!(reading.diagnostics, []);
    reading.schema
}

/// The reading of a text.
pub(crate) fn reading(text: &str) -> Reading {
    let mut sources = Sources::new();
    sources.add("a.tl", text).expect("small");
    let mut readings = read(&sources, &Options::default());
    readings.pop().expect("one file")
}

/// The first combinator of a name.
pub(crate) fn combinator(schema: &Schema, name: &str) -> CombinatorId {
    let mut combinators = schema.combinators();
    let found = combinators.find(|(_, combinator)| combinator.name.as_str() == name);
    found.expect("defined").0
}

/// The type of a name.
pub(crate) fn type_named(schema: &Schema, name: &str) -> TypeId {
    let found = schema.types().find(|(_, ty)| ty.name.as_str() == name);
    found.expect("constructed").0
}
