//! What is generated besides reading and writing where the configuration asks for it: accessors of enums, `Default`, and
//! methods that set optional fields.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    AccessedVariant, Accessor, Arg, Borrowed, Enum, Field, FieldKind, Item, ItemPath, Module,
    ModulePath, NatSource, Role, Struct, Style, Value, Variant,
};
use crate::Accessors;
use crate::rust::names::{Scope, snake_name};

/// Methods that items have already, or that would hide what traits give them.
const TAKEN: [&str; 35] = [
    "add",
    "as_ref",
    "bitand",
    "bitor",
    "bitxor",
    "borrow",
    "borrow_mut",
    "clone",
    "clone_from",
    "cmp",
    "default",
    "deref",
    "div",
    "eq",
    "fmt",
    "from",
    "hash",
    "into",
    "mul",
    "ne",
    "new",
    "partial_cmp",
    "read_bare_with",
    "read_from",
    "read_with",
    "rem",
    "shl",
    "shr",
    "sub",
    "to_owned",
    "to_owned_form",
    "try_from",
    "try_into",
    "write_to",
    "write_with",
];

/// Adds what the style asks for.
pub(super) fn add(modules: &mut BTreeMap<ModulePath, Module>, style: &Style) {
    if style.accessors != Accessors::None {
        add_accessors(modules, style.accessors);
    }
    if style.default_impls {
        add_defaults(modules);
    }
    if let Some(least) = style.builders {
        for item in modules.values_mut().flat_map(|module| &mut module.items) {
            if let Item::Struct(item) = item {
                add_setters(item, least);
            }
        }
    }
}

fn add_setters(item: &mut Struct, least: usize) {
    let is_optional = |field: &&Field| {
        matches!(
            field.kind,
            FieldKind::Optional { .. } | FieldKind::Flag { .. }
        )
    };
    let optional: Vec<_> = item.fields.iter().filter(is_optional).collect();
    if matches!(item.role, Role::Record) || optional.is_empty() || optional.len() < least {
        return;
    }
    let mut scope = taken();
    let setters = optional.iter().map(|field| {
        let name = scope.reserve(&snake_name(&field.tl_name));
        (field.name.clone(), name)
    });
    item.setters = Some(setters.collect());
    // A `new` without arguments asks for it.
    item.has_default |= !item.fields.iter().any(is_required);
}

fn is_required(field: &Field) -> bool {
    matches!(
        field.kind,
        FieldKind::Required { .. } | FieldKind::Sized { .. }
    )
}

fn taken() -> Scope {
    let mut scope = Scope::default();
    for name in TAKEN {
        scope.reserve(name);
    }
    scope
}

fn add_accessors(modules: &mut BTreeMap<ModulePath, Module>, which: Accessors) {
    let mut structs = HashMap::new();
    let mut found: HashMap<ItemPath, Vec<Accessor>> = HashMap::new();
    for (path, item) in items(modules) {
        if let Item::Struct(item) = item {
            structs.insert(path, item);
        }
    }
    for (path, item) in items(modules) {
        if let Item::Enum(item) = item {
            found.insert(path, accessors(item, &structs, which));
        }
    }
    for module in modules.values_mut() {
        for item in &mut module.items {
            if let Item::Enum(item) = item {
                let path = ItemPath {
                    module: module.path.clone(),
                    name: item.name.clone(),
                };
                item.accessors = found.remove(&path).unwrap_or_default();
            }
        }
    }
}

fn items(modules: &BTreeMap<ModulePath, Module>) -> impl Iterator<Item = (ItemPath, &Item)> {
    modules.values().flat_map(|module| {
        module.items.iter().filter_map(|item| {
            let name = match item {
                Item::Struct(item) => &item.name,
                Item::Enum(item) => &item.name,
                _ => return None,
            };
            let path = ItemPath {
                module: module.path.clone(),
                name: name.clone(),
            };
            Some((path, item))
        })
    })
}

fn accessors(item: &Enum, structs: &HashMap<ItemPath, &Struct>, which: Accessors) -> Vec<Accessor> {
    // In the order of their first occurrence; none once types differ.
    let mut order = Vec::new();
    let mut fields: HashMap<&str, Option<Accessor>> = HashMap::new();
    for variant in &item.variants {
        let Some(Value::Item { path, .. }) = &variant.payload else {
            continue;
        };
        for field in structs.get(path).map_or(&[][..], |item| &item.fields) {
            let Some((value, accessed)) = accessed(variant, field) else {
                if field.is_in_struct() {
                    order.push(field.tl_name.as_str());
                    fields.insert(&field.tl_name, None);
                }
                continue;
            };
            match fields.get_mut(field.tl_name.as_str()) {
                None => {
                    order.push(&field.tl_name);
                    let accessor = Accessor {
                        name: String::new(),
                        tl_name: field.tl_name.clone(),
                        value,
                        is_optional: false,
                        variants: vec![accessed],
                        is_partial: false,
                    };
                    fields.insert(&field.tl_name, Some(accessor));
                }
                Some(Some(accessor)) if same_type(&accessor.value, &value) => {
                    accessor.variants.push(accessed);
                }
                Some(accessor) => *accessor = None,
            }
        }
    }
    let mut scope = taken();
    let all = item.variants.len();
    let is_wanted = |accessor: &Accessor| match which {
        Accessors::None => false,
        Accessors::All => accessor.variants.len() == all,
        Accessors::Several => accessor.variants.len() == all || accessor.variants.len() > 1,
    };
    let found = order
        .into_iter()
        .filter_map(|name| fields.remove(name).flatten());
    let found = found.filter(|accessor| is_wanted(accessor));
    let found = found.map(|mut accessor| {
        accessor.name = scope.reserve(&snake_name(&accessor.tl_name));
        let has_others = item.unknown.is_some() || item.opaque.is_some();
        accessor.is_partial = has_others || accessor.variants.len() < all;
        accessor.is_optional =
            accessor.is_partial || accessor.variants.iter().any(|variant| variant.is_optional);
        accessor
    });
    found.collect()
}

/// A field of a variant's struct, as a method can give it; nothing for what is no field of the schema, or no plain one.
fn accessed(variant: &Variant, field: &Field) -> Option<(Value, AccessedVariant)> {
    let (value, is_optional, is_boxed) = match &field.kind {
        FieldKind::Required { value, is_boxed } => (value.clone(), false, *is_boxed),
        FieldKind::Optional {
            value, is_boxed, ..
        } => (value.clone(), true, *is_boxed),
        FieldKind::Flag { .. } => (Value::Bool, false, false),
        FieldKind::Sized {
            is_borrowed: false, ..
        } => (Value::Object { passed_by: None }, false, false),
        FieldKind::Sized {
            is_borrowed: true, ..
        } => (
            Value::Borrowed(Borrowed::Object { passed_by: None }),
            false,
            false,
        ),
        FieldKind::Flags { .. } | FieldKind::Count { .. } | FieldKind::Length { .. } => {
            return None;
        }
    };
    let mut is_plain = !is_boxed || matches!(value, Value::Item { .. });
    value.walk(&mut |value| is_plain &= !matches!(value, Value::Generic(_)));
    let accessed = AccessedVariant {
        name: variant.name.clone(),
        field: field.name.clone(),
        is_optional,
        is_boxed,
    };
    is_plain.then_some((value, accessed))
}

/// Whether two values are of one Rust type, whatever they are on the wire.
fn same_type(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::WithId { value, .. }, other) | (other, Value::WithId { value, .. }) => {
            same_type(value, other)
        }
        (
            Value::Vector { item: one, .. } | Value::Repeat { item: one, .. },
            Value::Vector { item: other, .. } | Value::Repeat { item: other, .. },
        ) => same_type(one, other),
        (Value::Object { .. }, Value::Object { .. })
        | (Value::Borrowed(Borrowed::Object { .. }), Value::Borrowed(Borrowed::Object { .. })) => {
            true
        }
        (
            Value::Item {
                path,
                args,
                is_borrowed,
                ..
            },
            Value::Item {
                path: other_path,
                args: other_args,
                is_borrowed: other_is_borrowed,
                ..
            },
        ) => {
            let types = |args: &'_ [Arg]| -> Vec<Value> {
                let types = args.iter().filter_map(|arg| match arg {
                    Arg::Type(value) => Some(value.clone()),
                    Arg::Nat(_) => None,
                });
                types.collect()
            };
            let (types, other_types) = (types(args), types(other_args));
            path == other_path
                && is_borrowed == other_is_borrowed
                && types.len() == other_types.len()
                && types
                    .iter()
                    .zip(&other_types)
                    .all(|(one, other)| same_type(one, other))
        }
        (one, other) => one == other,
    }
}

/// Marks what has a default, from what is clear of itself to what is made of it.
fn add_defaults(modules: &mut BTreeMap<ModulePath, Module>) {
    let mut known: HashSet<ItemPath> = HashSet::new();
    loop {
        let before = known.len();
        for (path, item) in items(modules) {
            let has_default = match item {
                Item::Struct(item) => item.fields.iter().all(|field| field_default(field, &known)),
                Item::Enum(item) => default_variant(item, &known).is_some(),
                _ => false,
            };
            if has_default {
                known.insert(path);
            }
        }
        if known.len() == before {
            break;
        }
    }
    for module in modules.values_mut() {
        for item in &mut module.items {
            let path = |name: &str| ItemPath {
                module: module.path.clone(),
                name: name.to_owned(),
            };
            match item {
                Item::Struct(item) => item.has_default = known.contains(&path(&item.name)),
                Item::Enum(item) => item.default = default_variant(item, &known),
                _ => {}
            }
        }
    }
}

fn default_variant(item: &Enum, known: &HashSet<ItemPath>) -> Option<usize> {
    let has_default = |variant: &Variant| match &variant.payload {
        Some(payload) => value_default(payload, known),
        None => variant.rules.is_empty(),
    };
    if let ([only], None) = (&item.variants[..], &item.opaque) {
        return has_default(only).then_some(0);
    }
    let is_empty = |variant: &Variant| {
        variant.payload.is_none() && variant.rules.is_empty() && variant.tl_name.ends_with("Empty")
    };
    let mut empty = (0..item.variants.len()).filter(|&at| is_empty(&item.variants[at]));
    let first = empty.next();
    first.filter(|_| empty.next().is_none())
}

fn field_default(field: &Field, known: &HashSet<ItemPath>) -> bool {
    match &field.kind {
        FieldKind::Required { value, .. } => value_default(value, known),
        FieldKind::Sized { .. } => false,
        _ => true,
    }
}

fn value_default(value: &Value, known: &HashSet<ItemPath>) -> bool {
    match value {
        Value::Object { .. } | Value::Returned { .. } => false,
        Value::Borrowed(borrowed) => matches!(borrowed, Borrowed::String | Borrowed::Bytes),
        Value::WithId { value, .. } => value_default(value, known),
        // None are right where their number is computed from them.
        Value::Repeat { count, .. } => {
            count.plus == 0 && matches!(count.source, Some(NatSource::Local(_)))
        }
        Value::Item { path, args, .. } => {
            let mut types = args.iter().filter_map(|arg| match arg {
                Arg::Type(value) => Some(value),
                Arg::Nat(_) => None,
            });
            known.contains(path) && types.all(|value| value_default(value, known))
        }
        _ => true,
    }
}
