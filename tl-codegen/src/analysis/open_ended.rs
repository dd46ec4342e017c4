//! Objects of any type: one that is last in its message takes the rest of it; one that something follows ends where its own
//! fields do, so it must be one that the schema defines.

use std::collections::{HashMap, HashSet};

use tl_parser::schema::{CombinatorId, View};

use super::fields::{Extent, Field, Shape};

/// Finds the objects that something can follow, and has them end where their fields do.
pub(super) fn delimit(view: &View<'_>, fields: &mut HashMap<CombinatorId, Vec<Field>>) {
    fields.values_mut().for_each(|own| delimit_directly(own));
    let open = open_ended(view, fields);
    let mut followed = HashSet::new();
    for own in fields.values() {
        collect_followed(view, own, &open, &mut followed);
    }
    // What a followed value ends with is followed, too.
    let mut waiting: Vec<CombinatorId> = followed.iter().copied().collect();
    while let Some(own) = waiting.pop().and_then(|id| fields.get_mut(&id)) {
        for field in own {
            delimit_shape(&mut field.shape);
            let mut inner = HashSet::new();
            collect_open(view, &field.shape, &open, &mut inner);
            waiting.extend(inner.into_iter().filter(|&id| followed.insert(id)));
        }
    }
}

/// Whether any object ends where its fields do.
pub(super) fn has_known(fields: &HashMap<CombinatorId, Vec<Field>>) -> bool {
    let mut found = false;
    for field in fields.values().flatten() {
        field.shape.walk(&mut |shape| {
            found |= matches!(
                shape,
                Shape::Object {
                    extent: Extent::Known,
                    ..
                }
            );
        });
    }
    found
}

/// The combinators whose values have no end of their own.
fn open_ended(
    view: &View<'_>,
    fields: &HashMap<CombinatorId, Vec<Field>>,
) -> HashSet<CombinatorId> {
    let mut open = HashSet::new();
    loop {
        let before = open.len();
        for (&id, own) in fields {
            if own.iter().any(|field| is_open(&field.shape, view, &open)) {
                open.insert(id);
            }
        }
        if open.len() == before {
            return open;
        }
    }
}

fn is_open(shape: &Shape, view: &View<'_>, open: &HashSet<CombinatorId>) -> bool {
    let itself = match shape {
        Shape::Object { extent, .. } => *extent == Extent::Rest,
        Shape::Boxed(ty, _) | Shape::BareType(ty, _) => {
            view.constructors(*ty).any(|id| open.contains(&id))
        }
        Shape::Bare(id, _) => open.contains(id),
        _ => false,
    };
    itself
        || shape
            .parts()
            .into_iter()
            .any(|part| is_open(part, view, open))
}

/// Collects the open combinators whose values something follows.
fn collect_followed(
    view: &View<'_>,
    own: &[Field],
    open: &HashSet<CombinatorId>,
    followed: &mut HashSet<CombinatorId>,
) {
    let last = own.iter().rposition(takes_bytes);
    for (at, field) in own.iter().enumerate() {
        if Some(at) != last
            || !matches!(
                field.shape,
                Shape::Boxed(..) | Shape::BareType(..) | Shape::Bare(..)
            )
        {
            collect_open(view, &field.shape, open, followed);
        }
    }
}

fn collect_open(
    view: &View<'_>,
    shape: &Shape,
    open: &HashSet<CombinatorId>,
    found: &mut HashSet<CombinatorId>,
) {
    shape.walk(&mut |shape| match shape {
        Shape::Boxed(ty, _) | Shape::BareType(ty, _) => {
            found.extend(view.constructors(*ty).filter(|id| open.contains(id)))
        }
        Shape::Bare(id, _) => found.extend(open.get(id)),
        _ => {}
    });
}

/// Has every object in a shape end where its fields do.
fn delimit_shape(shape: &mut Shape) {
    match shape {
        Shape::Object { extent, .. } if *extent == Extent::Rest => *extent = Extent::Known,
        Shape::Vector { item, .. } | Shape::Repeat { item, .. } => delimit_shape(item),
        Shape::Record(fields) => fields
            .iter_mut()
            .for_each(|field| delimit_shape(&mut field.shape)),
        Shape::Boxed(_, args) | Shape::BareType(_, args) | Shape::Bare(_, args) => {
            for arg in args {
                if let super::fields::Arg::Type(shape) = arg {
                    delimit_shape(shape);
                }
            }
        }
        _ => {}
    }
}

/// The same for those of a combinator that lie in a vector or in a type's parameter, or before other fields.
fn delimit_directly(own: &mut [Field]) {
    let last = own.iter().rposition(takes_bytes);
    for (at, field) in own.iter_mut().enumerate() {
        let is_last = Some(at) == last && matches!(field.shape, Shape::Object { .. });
        if !is_last {
            delimit_shape(&mut field.shape);
        }
    }
}

fn takes_bytes(field: &Field) -> bool {
    field.shape != Shape::True
}
