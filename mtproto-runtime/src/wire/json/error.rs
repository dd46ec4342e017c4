//! What is wrong with JSON, in words.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::tree::Tree;
use crate::wire::definitions::{Condition, Field};

pub(super) type Read<T> = Result<T, Box<JsonError>>;

/// What is wrong with JSON, and where.
#[derive(Debug)]
pub(super) struct JsonError {
    /// Innermost first: fields by name, items by number.
    path: Vec<Step>,
    message: String,
}

#[derive(Debug)]
pub(super) enum Step {
    Field(&'static str),
    Item(usize),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = self.path.iter().rev().peekable();
        if steps.peek().is_none() {
            return f.write_str(&self.message);
        }
        f.write_str("at ")?;
        for (at, step) in steps.enumerate() {
            match step {
                Step::Item(index) => write!(f, "[{index}]")?,
                Step::Field(name) if at == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
            }
        }
        write!(f, ": {}", self.message)
    }
}

pub(super) trait InPlace: Sized {
    fn within(self, step: impl FnOnce() -> Step) -> Self;
}

impl<T> InPlace for Read<T> {
    fn within(self, step: impl FnOnce() -> Step) -> Self {
        self.map_err(|mut error| {
            error.path.push(step());
            error
        })
    }
}

pub(super) fn fail<T>(message: String) -> Read<T> {
    Err(Box::new(JsonError {
        path: Vec::new(),
        message,
    }))
}

pub(super) fn undetermined<T>() -> Read<T> {
    fail("this can't be written: the schema does not tell what stands here".to_owned())
}

/// What JSON belongs where a value of a built-in type stands.
pub(super) fn expected(form: &str) -> String {
    match form {
        "#" => "a number of 32 bits (`#`)".to_owned(),
        "int" => "an integer of 32 bits (`int`)".to_owned(),
        "long" | "int53" => format!("an integer of 64 bits (`{form}`), as a string or a number"),
        "float" | "double" => {
            format!("a number (`{form}`), or `Infinity`, `-Infinity` or `NaN` as a string")
        }
        "Bool" => "`true` or `false`".to_owned(),
        "true" => "`true`".to_owned(),
        "string" => "a string, or its bytes as {\"@bytes\": base64}".to_owned(),
        "bytes" => "bytes as base64".to_owned(),
        "int128" => "16 bytes (`int128`) as base64".to_owned(),
        "int256" => "32 bytes (`int256`) as base64".to_owned(),
        "int512" => "64 bytes (`int512`) as base64".to_owned(),
        other => format!("a `{other}`"),
    }
}

/// Says of a field that it is there, or is not, against its condition.
pub(super) fn presence(field: &Field, is_there: bool) -> String {
    let name = field.name;
    let place = match field.condition {
        Some(Condition {
            word,
            bit: Some(bit),
        }) => format!("bit {bit} of `{word}`"),
        Some(Condition { word, bit: None }) => format!("`{word}`"),
        None => "its number".to_owned(),
    };
    match is_there {
        true => format!("`{name}` is there, but {place} is not set"),
        false => format!("{place} is set, but `{name}` is absent"),
    }
}

pub(super) fn missing<T>(owner: &str, name: &str) -> Read<T> {
    fail(format!("`{owner}` needs the field `{name}`"))
}

pub(super) fn mismatch<T>(tree: &Tree, expected: &str) -> Read<T> {
    let found = match tree {
        Tree::Null => "null".to_owned(),
        Tree::Bool(value) => format!("`{value}`"),
        Tree::Signed(number) => format!("the number {number}"),
        Tree::Unsigned(number) => format!("the number {number}"),
        Tree::Float(number) => format!("the number {number:?}"),
        Tree::Text(text) => match text.char_indices().nth(40) {
            Some((end, _)) => format!("the string \"{}…\"", &text[..end]),
            None => format!("the string \"{text}\""),
        },
        Tree::List(_) => "an array".to_owned(),
        Tree::Map(map) => match map.get("@type") {
            Some(Tree::Text(name)) => format!("an object (`{name}`)"),
            _ => "an object".to_owned(),
        },
    };
    fail(format!("expected {expected}, found {found}"))
}

/// Names for a sentence: all of a few, some of many.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const SHOWN: usize = 6;
    let mut text = String::new();
    let mut more = 0;
    for (at, name) in names.enumerate() {
        match at {
            0 => text = format!("`{name}`"),
            1..SHOWN => text.push_str(&format!(", `{name}`")),
            _ => more += 1,
        }
    }
    if more > 0 {
        text.push_str(&format!(" or {more} more"));
    }
    text
}
