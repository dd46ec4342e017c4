//! How deep the smallest value of each constructor is.

use std::collections::HashMap;

use tl_parser::schema::{CombinatorId, Param, Term, View};

/// For each constructor, the height of the smallest tree of required boxed fields.
pub(crate) fn heights(view: &View<'_>) -> HashMap<CombinatorId, usize> {
    let schema = view.schema();
    let mut heights: HashMap<CombinatorId, usize> = HashMap::new();
    for round in 0.. {
        let before = heights.len();
        for (id, combinator) in schema.combinators().filter(|(id, _)| view.holds(*id)) {
            let is_ready = |param: &Param| match &param.ty {
                _ if param.condition.is_some() => true,
                Term::Boxed(ty, _) if schema[*ty].builtin.is_none() => view
                    .constructors(*ty)
                    .any(|id| heights.get(&id).is_some_and(|&height| height < round)),
                Term::Bare(id, _) if schema[*id].builtin.is_none() => heights
                    .get(&view.current(*id))
                    .is_some_and(|&height| height < round),
                _ => true,
            };
            if !heights.contains_key(&id) && combinator.params.iter().all(is_ready) {
                heights.insert(id, round);
            }
        }
        if heights.len() == before {
            break;
        }
    }
    heights
}
