//! Shapes: what the runtime's one `Debug` for all types must know of them, as lines of text by id. The runtime's module
//! `wire::image` says how they are written.
//!
//! A type has a shape if nothing in it depends on parameters, borrows, or is known by name only; and if no other constructor
//! has its id. All others derive what they need, and so do types that hold such.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Enum, Field, FieldKind, Item, ItemPath, Module, NatSource, Ownership, Role, Struct, Test, Value,
};

/// Marks the types that have a shape, and returns the shapes by id: variant (`-` of a function, `=` of a `Boxed` struct,
/// `.` where the enum has no shape), struct (`-` of a variant without one), fields.
pub(super) fn add(modules: &mut [Module]) -> Vec<(u32, String)> {
    let aliases: HashMap<ItemPath, ItemPath> = items(modules)
        .filter_map(|(module, item)| match item {
            Item::Reexport(path) => Some((at(module, &path.name), path.clone())),
            _ => None,
        })
        .collect();
    let owner = |path: &ItemPath| aliases.get(path).unwrap_or(path).clone();

    // What is no enum says what it is; the shape of a value kept as bytes depends on nothing.
    let forms: HashMap<ItemPath, String> = items(modules)
        .filter_map(|(module, item)| match item {
            Item::Struct(item) => Some((at(module, &item.name), format!("%{:08x}", item.id))),
            Item::Opaque(item) => {
                let form = format!("*{}", shown(&item.name));
                Some((at(module, &item.name), form))
            }
            _ => None,
        })
        .collect();
    let is_opaque = |path: &ItemPath| forms.get(path).is_some_and(|form| form.starts_with('*'));

    // What could have a shape, with what it needs of others.
    let mut structs: BTreeMap<ItemPath, Candidate> = BTreeMap::new();
    let mut enums: BTreeMap<ItemPath, &Enum> = BTreeMap::new();
    for (module, item) in items(modules) {
        match item {
            Item::Struct(item) => {
                let needs = item_values(item)
                    .filter_map(needed)
                    .map(|path| owner(&path));
                if let Some(fields) = fields_of(item, &|path| forms.get(&owner(path)).cloned()) {
                    let candidate = Candidate {
                        id: item.id,
                        is_function: matches!(item.role, Role::Function { .. }),
                        line: format!("{} {fields}", shown(&item.name))
                            .trim_end()
                            .to_owned(),
                        needs: needs.collect(),
                    };
                    structs.insert(at(module, &item.name), candidate);
                }
            }
            Item::Enum(item) if is_simple(item) => {
                enums.insert(at(module, &item.name), item);
            }
            _ => {}
        }
    }

    // What needs a type without a shape has none; nor have two that differ and share an id.
    let lines = loop {
        let mut lines: BTreeMap<u32, String> = BTreeMap::new();
        let mut clashes = HashSet::new();
        let mut in_enums = HashSet::new();
        let mut claim = |id: u32, line: String| {
            if lines.get(&id).is_some_and(|other| *other != line) {
                clashes.insert(id);
            }
            lines.insert(id, line);
        };
        for item in enums.values() {
            for variant in &item.variants {
                let payload = variant
                    .payload
                    .as_ref()
                    .and_then(needed)
                    .map(|path| owner(&path));
                let body = match &payload {
                    Some(path) => structs.get(path).map(|candidate| candidate.line.clone()),
                    None => Some("-".to_owned()),
                };
                in_enums.extend(payload);
                if let Some(body) = body {
                    let name = match item.is_boxed_struct {
                        true => "=",
                        false => shown(&variant.name),
                    };
                    claim(variant.id, format!("{name} {body}"));
                }
            }
        }
        for (path, candidate) in &structs {
            if !in_enums.contains(path) {
                let variant = if candidate.is_function { '-' } else { '.' };
                claim(candidate.id, format!("{variant} {}", candidate.line));
            }
        }
        let has_shape = |path: &ItemPath| {
            structs.contains_key(path) || enums.contains_key(path) || is_opaque(path)
        };
        let lost_structs: Vec<_> = structs
            .iter()
            .filter(|(path, candidate)| {
                let is_bare_function = candidate.is_function && in_enums.contains(path);
                clashes.contains(&candidate.id)
                    || is_bare_function
                    || !candidate.needs.iter().all(has_shape)
            })
            .map(|(path, _)| path.clone())
            .collect();
        let lost_enums: Vec<_> = enums
            .iter()
            .filter(|(_, item)| {
                !item.variants.iter().all(|variant| {
                    let payload = variant.payload.as_ref();
                    !clashes.contains(&variant.id)
                        && payload.is_none_or(|payload| {
                            needed(payload)
                                .map(|path| owner(&path))
                                .is_some_and(|path| {
                                    structs.get(&path).is_some_and(|it| it.id == variant.id)
                                })
                        })
                })
            })
            .map(|(path, _)| path.clone())
            .collect();
        if lost_structs.is_empty() && lost_enums.is_empty() {
            break lines;
        }
        lost_structs.iter().for_each(|path| {
            structs.remove(path);
        });
        lost_enums.iter().for_each(|path| {
            enums.remove(path);
        });
    };
    let shaped: HashSet<_> = structs.into_keys().chain(enums.into_keys()).collect();
    for module in modules {
        let path = module.path.clone();
        for item in &mut module.items {
            let has_shape = |name: &str| shaped.contains(&ItemPath::new(&path, name));
            match item {
                Item::Struct(item) => item.has_shape = has_shape(&item.name),
                Item::Enum(item) => item.has_shape = has_shape(&item.name),
                _ => {}
            }
        }
    }
    lines.into_iter().collect()
}

/// A struct that could have a shape.
struct Candidate {
    id: u32,
    is_function: bool,
    /// The struct's name and its fields.
    line: String,
    needs: Vec<ItemPath>,
}

fn items(modules: &[Module]) -> impl Iterator<Item = (&Module, &Item)> {
    modules
        .iter()
        .flat_map(|module| module.items.iter().map(move |item| (module, item)))
}

fn at(module: &Module, name: &str) -> ItemPath {
    ItemPath::new(&module.path, name)
}

fn is_simple(item: &Enum) -> bool {
    item.generics.is_empty()
        && item.params.is_empty()
        && item.ownership == Ownership::Plain
        && !item.has_untagged
        && item.unknown.as_deref().is_none_or(|name| name == "Unknown")
        && item.opaque.as_ref().is_none_or(|own| own.name == "Opaque")
        && item.variants.iter().all(|variant| variant.id != 0)
}

fn item_values(item: &Struct) -> impl Iterator<Item = &Value> {
    item.fields.iter().filter_map(|field| match &field.kind {
        FieldKind::Required { value, .. } | FieldKind::Optional { value, .. } => Some(value),
        _ => None,
    })
}

/// The generated type that a value is, or is made of.
fn needed(value: &Value) -> Option<ItemPath> {
    match value {
        Value::Item { path, .. } => Some(path.clone()),
        Value::Vector { item, .. } | Value::Repeat { item, .. } => needed(item),
        Value::WithId { value, .. } => needed(value),
        _ => None,
    }
}

/// A struct's fields; `form_of` is the form of what is no enum.
fn fields_of(item: &Struct, form_of: &dyn Fn(&ItemPath) -> Option<String>) -> Option<String> {
    let is_simple = item.generics.is_empty()
        && item.params.is_empty()
        && item.ownership == Ownership::Plain
        && !matches!(item.role, Role::Record)
        && item.id != 0;
    let fields: Option<Vec<_>> = item
        .fields
        .iter()
        .map(|field| field_form(field, form_of))
        .collect();
    is_simple.then_some(fields?.join(" "))
}

fn field_form(field: &Field, form_of: &dyn Fn(&ItemPath) -> Option<String>) -> Option<String> {
    let form = match &field.kind {
        FieldKind::Required { value, .. } => form(value, form_of)?,
        FieldKind::Optional { test, value, .. } => {
            format!("?{}:{}", tested(test), form(value, form_of)?)
        }
        FieldKind::Flag { test } => format!("&{}", tested(test)),
        FieldKind::Flags {
            bits,
            keeps_unknown,
        } => {
            let shared = bits.iter().filter(|bit| bit.fields.len() > 1);
            let shared = shared.flat_map(|bit| bit.fields.iter().map(|_| bit.number.to_string()));
            let own = if *keeps_unknown { "u" } else { "" };
            format!("^{own}{}", shared.collect::<Vec<_>>().join(","))
        }
        FieldKind::Count { .. } | FieldKind::Length { .. } => "~".to_owned(),
        FieldKind::Sized { .. } => "object".to_owned(),
    };
    let secret = if field.is_redacted { "-" } else { "" };
    Some(format!("{}:{secret}{form}", shown(&field.name)))
}

/// A number that is no field says itself whether a value is there; of others an image tells it.
fn tested(test: &Test) -> String {
    match (&test.word, test.bit) {
        (NatSource::Local(word), Some(bit)) => format!("{}.{bit}", shown(word)),
        (NatSource::Local(word), None) => shown(word).to_owned(),
        _ => String::new(),
    }
}

fn form(value: &Value, form_of: &dyn Fn(&ItemPath) -> Option<String>) -> Option<String> {
    Some(match value {
        Value::Int => "int".to_owned(),
        Value::Long => "long".to_owned(),
        Value::Float => "float".to_owned(),
        Value::Double => "double".to_owned(),
        Value::Bool => "Bool".to_owned(),
        Value::True => "true".to_owned(),
        Value::Nat => "#".to_owned(),
        Value::String => "string".to_owned(),
        Value::Bytes => "bytes".to_owned(),
        Value::Int128 => "int128".to_owned(),
        Value::Int256 => "int256".to_owned(),
        Value::Int512 => "int512".to_owned(),
        Value::Object { .. } => "object".to_owned(),
        Value::WithId { value, .. } => format!("={}", form(value, form_of)?),
        Value::Item {
            args, is_untagged, ..
        } if !args.is_empty() || *is_untagged => return None,
        Value::Item { path, .. } => match form_of(path) {
            Some(form) => form,
            None => "!".to_owned(),
        },
        Value::Vector { is_boxed, item } => {
            format!(
                "{}{}",
                if *is_boxed { '[' } else { '(' },
                form(item, form_of)?
            )
        }
        Value::Repeat { item, .. } => format!("({}", form(item, form_of)?),
        _ => return None,
    })
}

/// As `Debug` shows it.
fn shown(name: &str) -> &str {
    name.trim_start_matches("r#")
}
