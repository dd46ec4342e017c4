//! Fields of the plan: what an argument is in Rust and on the wire.

use super::{NatSource, Value};

/// One argument.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its Rust name; the local variable of a computed one.
    pub name: String,
    /// Its TL name.
    pub tl_name: String,
    /// What the schema's doc comments say.
    pub docs: Option<String>,
    /// What the docs say of null, where that is to be told apart.
    pub null: Option<String>,
    /// Whether `Debug` does not show it.
    pub is_redacted: bool,
    /// What it is in Rust and on the wire.
    pub kind: FieldKind,
}

impl Field {
    /// Whether its value follows from other fields.
    pub fn is_computed(&self) -> bool {
        matches!(
            self.kind,
            FieldKind::Flags { .. } | FieldKind::Count { .. } | FieldKind::Length { .. }
        )
    }
}

impl Field {
    /// Whether it has a place in the struct, be it for a part of it.
    pub(crate) fn is_in_struct(&self) -> bool {
        !self.is_computed()
            || matches!(
                self.kind,
                FieldKind::Flags {
                    keeps_unknown: true,
                    ..
                }
            )
    }

    /// Calls `visit` for every number the field depends on.
    pub(crate) fn nats(&self, visit: &mut dyn FnMut(&NatSource)) {
        if let FieldKind::Optional { test, .. } | FieldKind::Flag { test } = &self.kind {
            visit(&test.word);
        }
        if let FieldKind::Required { value, .. } | FieldKind::Optional { value, .. } = &self.kind {
            value.nats(visit);
        }
    }
}

/// What an argument is in Rust and on the wire.
#[derive(Clone, Debug)]
pub enum FieldKind {
    /// Always there.
    Required {
        /// Its value.
        value: Value,
        /// Whether it is behind a `Box`.
        is_boxed: bool,
    },
    /// There when a number says so.
    Optional {
        /// When.
        test: Test,
        /// Its value.
        value: Value,
        /// Whether it is behind a `Box`.
        is_boxed: bool,
    },
    /// A bit of a word and nothing else.
    Flag {
        /// When it is set.
        test: Test,
    },
    /// A flags word, computed from the fields it speaks of.
    Flags {
        /// Per used bit, ascending, the fields that it speaks of.
        bits: Vec<Bit>,
        /// Whether the other bits are a field of its name.
        keeps_unknown: bool,
    },
    /// A `#` that counts the items of a later field, computed from it.
    Count {
        /// The first field whose items it counts.
        of: String,
    },
    /// An `int` that states the size of a later object, computed from it.
    Length {
        /// The object's field.
        of: String,
    },
    /// An object of the stated size.
    Sized {
        /// The local variable of the size.
        length: String,
        /// Whether it lies in the input.
        is_borrowed: bool,
    },
}

/// When a field is there.
#[derive(Clone, Debug)]
pub struct Test {
    /// The number that says so.
    pub word: NatSource,
    /// The bit that says so; without one the number must not be zero.
    pub bit: Option<u8>,
}

/// One bit of a flags word.
#[derive(Clone, Debug)]
pub struct Bit {
    /// The bit, 0 to 31.
    pub number: u8,
    /// The fields behind it, and whether each is a mere flag (a `bool`) and not an `Option`.
    pub fields: Vec<(String, bool)>,
}
