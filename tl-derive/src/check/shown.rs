//! How a schema's and a type's own words are called in errors.

use tl_codegen::by_hand::{self as plan, NatSource, Test};

use crate::model::Fields;
use crate::schema::Combinator;

/// `user#0000002a`, in backquotes.
pub(super) fn label(found: &Combinator) -> String {
    format!("`{}#{:08x}`", found.name, found.id)
}

pub(super) fn shown_test(test: &Test, fields: &[plan::Field]) -> String {
    with_bit(shown_number(&test.word, fields), test.bit)
}

pub(super) fn shown_test_here(test: &Test, fields: &Fields) -> String {
    with_bit(shown_number_here(&test.word, fields), test.bit)
}

pub(super) fn with_bit(word: String, bit: Option<u8>) -> String {
    match bit {
        Some(bit) => format!("{word}.{bit}"),
        None => word,
    }
}

/// The TL name of a number of a schema's combinator.
pub(super) fn shown_number(source: &NatSource, fields: &[plan::Field]) -> String {
    let name = source.name();
    let found = fields.iter().find(|field| field.name == name);
    found.map_or(name, |field| &field.tl_name).to_owned()
}

/// The TL name of a number of a type here.
pub(super) fn shown_number_here(source: &NatSource, fields: &Fields) -> String {
    let name = source.name();
    let mut planned = fields.all.iter().filter_map(|field| field.plan.as_ref());
    let found = planned.find(|field| field.name == name);
    found.map_or(name, |field| &field.tl_name).to_owned()
}
