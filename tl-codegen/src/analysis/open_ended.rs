//! Objects without a stated size take all that is left of the input: nothing can stand behind them.

use std::collections::{HashMap, HashSet};

use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{CombinatorId, View};

use super::fields::{Field, Shape};

/// Reports every field that follows an open end, and every vector of values with one.
pub(super) fn check(
    view: &View<'_>,
    fields: &HashMap<CombinatorId, Vec<Field>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let open = open_ended(view, fields);
    let ids = view.schema().combinators().map(|(id, _)| id);
    for (id, own) in ids.filter_map(|id| Some((id, fields.get(&id)?))) {
        let last = own.iter().rposition(takes_bytes);
        for (at, field) in own.iter().enumerate() {
            let in_vector = matches!(field.shape, Shape::Vector { .. })
                && is_open(field.shape.innermost(), view, &open);
            let in_middle = Some(at) != last && is_open(&field.shape, view, &open);
            if in_vector || in_middle {
                diagnostics.push(report(view, id, field, in_vector));
            }
        }
    }
}

/// The combinators whose values have no end of their own, by fixpoint.
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
    match shape {
        Shape::Object { length } => length.is_none(),
        Shape::Boxed(ty) => view.constructors(*ty).any(|id| open.contains(&id)),
        Shape::Bare(id) => open.contains(id),
        _ => false,
    }
}

fn takes_bytes(field: &Field) -> bool {
    field.shape != Shape::True
}

fn report(view: &View<'_>, id: CombinatorId, field: &Field, in_vector: bool) -> Diagnostic {
    let combinator = &view.schema()[id];
    let param = combinator
        .params
        .iter()
        .find(|param| param.var == field.var);
    let span = param.map_or(combinator.name_span, |param| param.span);
    let place = if in_vector {
        "in a vector"
    } else {
        "before other fields"
    };
    Diagnostic::new(
        Code::Unsupported,
        span,
        format!(
            "`{}` holds an object without a stated size {place}",
            field.name
        ),
    )
    .label("takes all that is left of the input")
    .help("put it last, or an `int` named `bytes` with its size just before the object")
}
