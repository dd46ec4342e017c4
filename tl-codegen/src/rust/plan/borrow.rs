//! The borrowed forms: a second set of modules, planned from the first, whose texts and bytes lie in the input.
//!
//! What holds none of these at any depth is the same in both forms and is not planned again.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Arg, Borrowed, Enum, Field, FieldKind, Item, ItemPath, Module, ModulePath, Opaque, Ownership,
    Param, Struct, Value, Variant,
};

/// The module that holds the borrowed forms.
const ROOT: &str = "borrowed";

/// Adds the borrowed forms of all items.
pub(super) fn add(modules: &mut BTreeMap<ModulePath, Module>) {
    let borrowing = Borrowing::find(modules);
    mark_arguments(modules);
    let mut added: BTreeMap<ModulePath, Module> = BTreeMap::new();
    for module in modules.values() {
        let items: Vec<Item> = module
            .items
            .iter()
            .filter_map(|item| borrowing.item(&module.path, item))
            .collect();
        if items.is_empty() {
            continue;
        }
        // A module stands below all that its path goes through.
        for depth in 0..=module.path.len() {
            let path = &module.path[..depth];
            added
                .entry(borrowed_module(path))
                .or_insert_with(|| Module {
                    path: borrowed_module(path),
                    docs: docs(modules, path),
                    children: Vec::new(),
                    items: Vec::new(),
                });
        }
        if let Some(own) = added.get_mut(&borrowed_module(&module.path)) {
            own.items = items;
        }
    }
    modules.extend(added);
}

/// Marks what is given to generic types, and these themselves: they must say what their owned forms are.
fn mark_arguments(modules: &mut BTreeMap<ModulePath, Module>) {
    let mut given = HashSet::new();
    let all = modules.values().flat_map(|module| &module.items);
    for value in all.flat_map(Item::values) {
        value.walk(&mut |value| {
            let Value::Item { args, .. } = value else {
                return;
            };
            for arg in args {
                if let Arg::Type(value) = arg {
                    value.walk(&mut |value| {
                        if let Value::Item { path, .. } = value {
                            given.insert(path.clone());
                        }
                    });
                }
            }
        });
    }
    for module in modules.values_mut() {
        for item in &mut module.items {
            let (name, params, ownership) = match item {
                Item::Struct(item) => (&item.name, &item.params, &mut item.ownership),
                Item::Enum(item) => (&item.name, &item.params, &mut item.ownership),
                Item::Opaque(item) => (&item.name, &Vec::new(), &mut item.ownership),
                _ => continue,
            };
            let path = ItemPath {
                module: module.path.clone(),
                name: name.clone(),
            };
            let is_generic = params.iter().any(|param| matches!(param, Param::Type(_)));
            if is_generic || given.contains(&path) {
                *ownership = Ownership::Argument;
            }
        }
    }
}

fn docs(modules: &BTreeMap<ModulePath, Module>, path: &[String]) -> Vec<String> {
    match modules.get(path).filter(|_| !path.is_empty()) {
        Some(module) => module.docs.clone(),
        None => vec!["The same with texts and bytes that lie in the input.".to_owned()],
    }
}

fn borrowed_module(path: &[String]) -> ModulePath {
    std::iter::once(ROOT.to_owned())
        .chain(path.iter().cloned())
        .collect()
}

/// The items that have a borrowed form.
struct Borrowing {
    items: HashSet<ItemPath>,
}

impl Borrowing {
    /// Finds what holds texts and bytes, then what holds that, and so on.
    fn find(modules: &BTreeMap<ModulePath, Module>) -> Self {
        let mut holders: HashMap<ItemPath, Vec<ItemPath>> = HashMap::new();
        let mut waiting = Vec::new();
        for module in modules.values() {
            for item in &module.items {
                let name = match item {
                    Item::Struct(item) => &item.name,
                    Item::Enum(item) => &item.name,
                    Item::Opaque(item) => &item.name,
                    _ => continue,
                };
                let path = ItemPath {
                    module: module.path.clone(),
                    name: name.clone(),
                };
                let mut holds_data = match item {
                    Item::Struct(item) => item.fields.iter().any(is_sized),
                    Item::Enum(item) => item.unknown.is_some() || item.opaque.is_some(),
                    Item::Opaque(_) => true,
                    _ => false,
                };
                for value in item.values() {
                    value.walk(&mut |value| match value {
                        Value::Item { path: held, .. } => {
                            holders.entry(held.clone()).or_default().push(path.clone());
                        }
                        value => holds_data |= borrowed(value).is_some(),
                    });
                }
                if holds_data {
                    waiting.push(path);
                }
            }
        }
        let mut items = HashSet::new();
        while let Some(path) = waiting.pop() {
            if items.insert(path.clone()) {
                waiting.extend(holders.remove(&path).unwrap_or_default());
            }
        }
        Self { items }
    }

    fn item(&self, module: &ModulePath, item: &Item) -> Option<Item> {
        let has_form = |name: &str| {
            self.items.contains(&ItemPath {
                module: module.clone(),
                name: name.to_owned(),
            })
        };
        let owned = |name: &str| ItemPath {
            module: module.clone(),
            name: name.to_owned(),
        };
        match item {
            Item::Struct(item) if has_form(&item.name) => Some(Item::Struct(Struct {
                ownership: Ownership::Borrowed(owned(&item.name)),
                ..self.structure(item)
            })),
            Item::Enum(item) if has_form(&item.name) => Some(Item::Enum(Enum {
                ownership: Ownership::Borrowed(owned(&item.name)),
                variants: item
                    .variants
                    .iter()
                    .map(|variant| self.variant(variant))
                    .collect(),
                ..item.clone()
            })),
            Item::Opaque(item) if has_form(&item.name) => Some(Item::Opaque(Opaque {
                ownership: Ownership::Borrowed(owned(&item.name)),
                ..item.clone()
            })),
            Item::Reexport(path) if self.items.contains(path) => {
                Some(Item::Reexport(self.path(path)))
            }
            _ => None,
        }
    }

    fn structure(&self, item: &Struct) -> Struct {
        Struct {
            fields: item.fields.iter().map(|field| self.field(field)).collect(),
            ..item.clone()
        }
    }

    fn field(&self, field: &Field) -> Field {
        let kind = match &field.kind {
            FieldKind::Required { value, is_boxed } => FieldKind::Required {
                value: self.value(value),
                is_boxed: *is_boxed,
            },
            FieldKind::Optional {
                test,
                value,
                is_boxed,
            } => FieldKind::Optional {
                test: test.clone(),
                value: self.value(value),
                is_boxed: *is_boxed,
            },
            FieldKind::Sized { length, .. } => FieldKind::Sized {
                length: length.clone(),
                is_borrowed: true,
            },
            kind => kind.clone(),
        };
        Field {
            kind,
            ..field.clone()
        }
    }

    fn variant(&self, variant: &Variant) -> Variant {
        Variant {
            payload: variant.payload.as_ref().map(|payload| self.value(payload)),
            ..variant.clone()
        }
    }

    fn value(&self, value: &Value) -> Value {
        if let Some(borrowed) = borrowed(value) {
            return Value::Borrowed(borrowed);
        }
        match value {
            Value::WithId { id, name, value } => Value::WithId {
                id: *id,
                name: name.clone(),
                value: Box::new(self.value(value)),
            },
            Value::Vector { is_boxed, item } => Value::Vector {
                is_boxed: *is_boxed,
                item: Box::new(self.value(item)),
            },
            Value::Repeat { count, item } => Value::Repeat {
                count: count.clone(),
                item: Box::new(self.value(item)),
            },
            Value::Item {
                path,
                args,
                is_untagged,
                ..
            } => Value::Item {
                is_untagged: *is_untagged,
                is_borrowed: self.items.contains(path),
                path: self.path(path),
                args: args
                    .iter()
                    .map(|arg| match arg {
                        Arg::Type(value) => Arg::Type(self.value(value)),
                        Arg::Nat(nat) => Arg::Nat(nat.clone()),
                    })
                    .collect(),
            },
            value => value.clone(),
        }
    }

    /// An item's path in the borrowed form, or its own where it has none.
    fn path(&self, path: &ItemPath) -> ItemPath {
        if !self.items.contains(path) {
            return path.clone();
        }
        ItemPath {
            module: borrowed_module(&path.module),
            name: path.name.clone(),
        }
    }
}

fn is_sized(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Sized { .. })
}

/// What a value borrows, if it is one that can lie in the input.
fn borrowed(value: &Value) -> Option<Borrowed> {
    Some(match value {
        Value::String => Borrowed::String,
        Value::Bytes => Borrowed::Bytes,
        Value::Int128 => Borrowed::Int128,
        Value::Int256 => Borrowed::Int256,
        Value::Int512 => Borrowed::Int512,
        Value::Object { passed_by } => Borrowed::Object {
            passed_by: passed_by.clone(),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_data_has_no_borrowed_form() {
        let value = Value::Vector {
            is_boxed: true,
            item: Box::new(Value::Int),
        };
        let borrowing = Borrowing {
            items: HashSet::new(),
        };
        assert_eq!(borrowing.value(&value), value);
        assert!(matches!(
            borrowing.value(&Value::String),
            Value::Borrowed(_)
        ));
    }
}
