//! JSON as TL text.

use std::collections::BTreeMap;

use super::entry::{Entry, File, Name, implied};
use super::{EntryProblem, JsonError};
use crate::format::name::{is_arg_name, is_combinator_name};
use crate::span::FileId;
use crate::syntax::ast::Item;
use crate::syntax::parse;

/// The TL text of a schema in JSON, with an id on every definition, constructors before methods, by layer where entries say
/// theirs.
///
/// Unknown keys are skipped. Ids may be numbers as well as strings, and unsigned as well as signed.
///
/// # Errors
/// It is no JSON, not of this shape, or an entry holds what can't be part of a definition.
pub fn read(bytes: &[u8]) -> Result<String, JsonError> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(JsonError::List);
    }
    let file: File = serde_json::from_slice(bytes).map_err(JsonError::Shape)?;
    let mut layers: BTreeMap<Option<u32>, Layer> = BTreeMap::new();
    for (list, entries) in [
        ("constructors", &file.constructors),
        ("methods", &file.methods),
    ] {
        for (index, entry) in entries.iter().enumerate() {
            let line = definition(entry).map_err(|what| JsonError::Entry {
                place: format!("{list}[{index}]"),
                what,
            })?;
            let layer = layers.entry(entry.layer).or_default();
            let section = match entry.name {
                Name::Predicate(_) => &mut layer.types,
                Name::Method(_) => &mut layer.functions,
            };
            section.push_str(&line);
            section.push('\n');
        }
    }
    Ok(layers
        .into_iter()
        .map(|(number, layer)| layer.text(number))
        .collect())
}

/// The definitions of one layer, one a line.
#[derive(Default)]
struct Layer {
    types: String,
    functions: String,
}

impl Layer {
    fn text(&self, number: Option<u32>) -> String {
        let mark = number.map_or_else(String::new, |number| format!("\n==={number}===\n\n"));
        let section = match self.functions.as_str() {
            "" => "",
            _ => "\n---functions---\n\n",
        };
        [&mark, &self.types, section, &self.functions].concat()
    }
}

fn definition(entry: &Entry) -> Result<String, EntryProblem> {
    let name = entry.name.text();
    if !is_combinator_name(name) {
        return Err(EntryProblem::Name(name.to_owned()));
    }
    let id = id(&entry.id).ok_or_else(|| EntryProblem::Id(entry.id.clone()))?;
    let mut text = format!("{name}#{id:08x}");
    for name in implied(
        entry.params.iter().map(|param| (&*param.name, &*param.ty)),
        &entry.ty,
    ) {
        text.push_str(&format!(" {{{name}:Type}}"));
    }
    if entry.params.is_empty() && entry.ty == "Vector t" && name == "vector" {
        text.push_str(" # [ t ]");
    } else if entry.params.is_empty() && is_opaque(entry, id) {
        text.push_str(" ?");
    }
    for param in &entry.params {
        let arg = match &*param.name {
            "" => param.ty.clone(),
            name if is_arg_name(name) => format!("{name}:{}", param.ty),
            name => return Err(EntryProblem::Name(name.to_owned())),
        };
        if !is_one_definition(&format!("x {arg} = X;"), 1) {
            return Err(EntryProblem::Type(param.ty.clone()));
        }
        text.push_str(&format!(" {arg}"));
    }
    if !is_one_definition(&format!("x = {};", entry.ty), 0) {
        return Err(EntryProblem::Type(entry.ty.clone()));
    }
    text.push_str(&format!(" = {};", entry.ty));
    Ok(text)
}

/// Whether the text is what it should be and nothing more: no other definition, argument or comment hides in a type.
fn is_one_definition(text: &str, args: usize) -> bool {
    let parsed = parse(FileId::default(), text);
    let is_whole =
        parsed.diagnostics.is_empty() && parsed.file.comments.is_empty() && !text.contains('\n');
    is_whole
        && matches!(&parsed.file.items[..], [Item::Combinator(combinator)] if combinator.args.len() == args)
}

/// Whether `?` stands in place of the arguments: only the id tells.
fn is_opaque(entry: &Entry, id: u32) -> bool {
    let text = format!("{} ? = {}", entry.name.text(), entry.ty);
    crc32fast::hash(text.as_bytes()) == id
}

/// Ids are written signed; unsigned ones are read as well.
fn id(text: &str) -> Option<u32> {
    let signed = text.parse::<i32>().ok().map(i32::cast_unsigned);
    signed.or_else(|| text.parse().ok())
}
