//! Objects of any type: one that is last in its message takes the rest of it; one that something follows ends where its own
//! fields do, so it must be one that the schema defines.
//!
//! What can be followed by its place in a field or a result is found here. What is last in an object that is followed itself is known only
//! when it is read: the reader remembers it.

use std::collections::HashMap;

use tl_parser::schema::{CombinatorId, View};

use super::graph::Graph;
use super::shape::{Arg, Extent, Field, Shape};

/// Finds the objects that something can follow, and has them end where their fields do.
pub(super) fn delimit(
    view: &View<'_>,
    graph: &Graph,
    fields: &mut HashMap<CombinatorId, Vec<Field>>,
    results: &mut HashMap<CombinatorId, Shape>,
) {
    fields.values_mut().for_each(|own| delimit_directly(own));
    for result in results.values_mut() {
        if !matches!(result, Shape::Object { .. }) {
            delimit_shape(result);
        }
    }
    let open = open_ended(graph, fields);
    let mut waiting: Vec<usize> = Vec::new();
    for own in fields.values() {
        collect_followed(graph, own, &mut waiting);
    }
    for result in results.values() {
        add_followed(graph, result, true, &mut waiting);
    }
    // What a followed value ends with is followed, too.
    let ids: Vec<_> = view.schema().combinators().map(|(id, _)| id).collect();
    let mut is_followed = vec![false; graph.len()];
    while let Some(node) = waiting.pop() {
        if !open[node] || std::mem::replace(&mut is_followed[node], true) {
            continue;
        }
        waiting.extend(graph.edges(node).iter().map(|edge| edge.to));
        let own = graph.constructor_of(node).map(|index| ids[index]);
        for field in own.and_then(|id| fields.get_mut(&id)).into_iter().flatten() {
            delimit_shape(&mut field.shape);
        }
    }
}

/// Whether any object ends where its fields do.
pub(super) fn has_known(
    fields: &HashMap<CombinatorId, Vec<Field>>,
    results: &HashMap<CombinatorId, Shape>,
) -> bool {
    let mut found = false;
    let shapes = fields.values().flatten().map(|field| &field.shape);
    for shape in shapes.chain(results.values()) {
        shape.walk(&mut |shape| {
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

/// The nodes whose values have no end of their own: they hold an object that takes the rest of the input.
fn open_ended(graph: &Graph, fields: &HashMap<CombinatorId, Vec<Field>>) -> Vec<bool> {
    let holders = graph.holders();
    let mut open = vec![false; graph.len()];
    let ends_open = |own: &Vec<Field>| own.iter().any(|field| holds_open_object(&field.shape));
    let first = fields.iter().filter(|(_, own)| ends_open(own));
    let mut waiting: Vec<_> = first.map(|(id, _)| graph.constructor_node(*id)).collect();
    while let Some(node) = waiting.pop() {
        if !std::mem::replace(&mut open[node], true) {
            waiting.extend(&holders[node]);
        }
    }
    open
}

fn holds_open_object(shape: &Shape) -> bool {
    let mut found = false;
    shape.walk(&mut |shape| {
        found |= matches!(shape, Shape::Object { extent, .. } if *extent == Extent::Rest);
    });
    found
}

/// Collects what something follows.
fn collect_followed(graph: &Graph, own: &[Field], followed: &mut Vec<usize>) {
    let last = own.iter().rposition(takes_bytes);
    for (at, field) in own.iter().enumerate() {
        add_followed(graph, &field.shape, Some(at) == last, followed);
    }
}

/// The same in one value.
fn add_followed(graph: &Graph, shape: &Shape, is_last: bool, followed: &mut Vec<usize>) {
    let mut add = |shape| followed.extend(graph.edges_of(shape).iter().map(|edge| edge.to));
    match shape {
        // Where in a type its arguments stand is not looked at.
        Shape::Boxed(_, args) | Shape::BareType(_, args) | Shape::Bare(_, args) if is_last => {
            args.iter().filter_map(Arg::as_type).for_each(add);
        }
        shape => add(shape),
    }
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
                if let Arg::Type(shape) = arg {
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
