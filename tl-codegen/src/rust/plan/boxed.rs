//! Which boxed types need no enum: those of one constructor, where nothing is asked of the enum that the runtime's `Boxed`
//! does not do.

use std::collections::{HashMap, HashSet};

use super::{Enum, Item, ItemPath, Module, Ownership, Style, Value, Variant};
use crate::rust::names::last_word;

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
    let has_trait = |path: &String| TRAITS.contains(&last_word(path));
    if !style.derives.iter().all(has_trait) {
        return;
    }
    // In layers one struct may be all of a type, and one of two constructors of the same type later: an enum in all of them.
    let mut holders: HashMap<&ItemPath, usize> = HashMap::new();
    for (_, item) in enums(modules) {
        let payloads = item.variants.iter().filter_map(payload);
        payloads.for_each(|path| *holders.entry(path).or_default() += 1);
    }
    let is_alone = |item: &Enum| only_struct(item).is_some_and(|own| holders.get(own) == Some(&1));
    let alone = enums(modules).filter(|(_, item)| is_alone(item));
    let mut without_enum: HashSet<_> = alone.map(|(path, _)| path).collect();
    // A form that borrows becomes the one that owns its data: both are alike.
    for (path, item) in enums(modules) {
        if let Ownership::Borrowed(owned) = &item.ownership
            && !(without_enum.contains(&path) && without_enum.contains(owned))
        {
            without_enum.remove(&path);
            without_enum.remove(owned);
        }
    }
    // What a generic type is given says itself what owns its data.
    let arguments = enums(modules).filter(|(path, item)| {
        item.ownership == Ownership::Argument && without_enum.contains(path)
    });
    let arguments = arguments.filter_map(|(_, item)| only_struct(item).cloned());
    let arguments: HashSet<_> = arguments.collect();
    for module in modules {
        for item in &mut module.items {
            match item {
                Item::Enum(item) => {
                    let own = ItemPath::new(&module.path, &item.name);
                    item.is_boxed_struct = without_enum.contains(&own);
                }
                Item::Struct(item)
                    if item.ownership == Ownership::Plain
                        && arguments.contains(&ItemPath::new(&module.path, &item.name)) =>
                {
                    item.ownership = Ownership::Argument;
                }
                _ => {}
            }
        }
    }
}

fn enums(modules: &[Module]) -> impl Iterator<Item = (ItemPath, &Enum)> {
    modules.iter().flat_map(|module| {
        module.items.iter().filter_map(|item| match item {
            Item::Enum(item) => Some((ItemPath::new(&module.path, &item.name), item)),
            _ => None,
        })
    })
}

/// The struct of a variant.
fn payload(variant: &Variant) -> Option<&ItemPath> {
    match &variant.payload {
        Some(Value::Item { path, .. }) => Some(path),
        _ => None,
    }
}

/// The struct that is all of an enum.
fn only_struct(item: &Enum) -> Option<&ItemPath> {
    let [variant] = &item.variants[..] else {
        return None;
    };
    let own = payload(variant).filter(|_| variant.payload.as_ref().is_some_and(Value::is_plain));
    let has_parameters = !item.generics.is_empty() || !item.params.is_empty() || item.has_untagged;
    let has_others = item.unknown.is_some() || item.opaque.is_some();
    let is_plain =
        !has_parameters && !has_others && !item.is_recursive && item.attributes.is_empty();
    own.filter(|_| is_plain)
}
