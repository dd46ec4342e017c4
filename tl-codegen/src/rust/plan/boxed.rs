//! Which boxed types need no enum: those of one constructor, where nothing is asked of the enum that the runtime's `Boxed`
//! does not do.

use std::collections::HashSet;

use super::{Enum, Item, ItemPath, Module, ModulePath, Ownership, Style, Value};

/// The traits that `Boxed` has where the struct in it has them.
const TRAITS: [&str; 9] = [
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "PartialEq",
    "Eq",
    "PartialOrd",
    "Ord",
    "Hash",
];

/// Marks the enums that are no enums.
pub(super) fn mark(modules: &mut [Module], style: &Style) {
    let last_word = |path: &str| path.rsplit("::").next().unwrap_or_default().to_owned();
    let has_trait = |path: &String| TRAITS.contains(&last_word(path).as_str());
    if !style.derives.iter().all(has_trait) {
        return;
    }
    // A type that loses a constructor and gets it back has the same struct in two layers: it converts from one of them.
    let mut taken = HashSet::new();
    let mut without_enum = HashSet::new();
    for (path, item) in enums(modules) {
        if only_struct(item).is_some_and(|own| taken.insert(own)) {
            without_enum.insert(path);
        }
    }
    // A form that borrows becomes the one that owns its data: both are alike.
    for (path, item) in enums(modules) {
        if let Ownership::Borrowed(owned) = &item.ownership
            && !(without_enum.contains(&path) && without_enum.contains(owned))
        {
            without_enum.remove(&path);
            without_enum.remove(owned);
        }
    }
    for module in modules {
        for item in &mut module.items {
            if let Item::Enum(item) = item {
                item.is_boxed_struct = without_enum.contains(&place(&module.path, item));
            }
        }
    }
}

fn enums(modules: &[Module]) -> impl Iterator<Item = (ItemPath, &Enum)> {
    modules.iter().flat_map(|module| {
        module.items.iter().filter_map(|item| match item {
            Item::Enum(item) => Some((place(&module.path, item), item)),
            _ => None,
        })
    })
}

fn place(module: &ModulePath, item: &Enum) -> ItemPath {
    ItemPath {
        module: module.clone(),
        name: item.name.clone(),
    }
}

/// The struct that is all of an enum.
fn only_struct(item: &Enum) -> Option<&ItemPath> {
    let [variant] = &item.variants[..] else {
        return None;
    };
    let payload = variant.payload.as_ref().filter(|it| it.is_plain())?;
    let Value::Item { path, .. } = payload else {
        return None;
    };
    let has_parameters = !item.generics.is_empty() || !item.params.is_empty() || item.has_untagged;
    let has_others = item.unknown.is_some() || item.opaque.is_some();
    let is_plain = !variant.is_boxed
        && !has_parameters
        && !has_others
        && !item.is_recursive
        && item.attributes.is_empty()
        // The struct in it has no form for generic types that own their data.
        && item.ownership != Ownership::Argument;
    is_plain.then_some(path)
}
