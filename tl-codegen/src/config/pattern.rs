//! Choosing a part of the schema by names with `*` in them.

use std::collections::BTreeSet;

use tl_parser::schema::{CombinatorId, Schema};

use crate::Error;

/// The combinators that the patterns name and all they reach; `None` without patterns: everything.
pub(super) fn select(
    schema: &Schema,
    patterns: &[String],
) -> Result<Option<BTreeSet<CombinatorId>>, Error> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut roots = Vec::new();
    for pattern in patterns {
        let before = roots.len();
        for (_, ty) in schema.types().filter(|(_, ty)| ty.name.fits(pattern)) {
            roots.extend(&ty.constructors);
        }
        let named = schema
            .combinators()
            .filter(|(_, combinator)| combinator.name.fits(pattern));
        roots.extend(named.map(|(id, _)| id));
        if roots.len() == before {
            return Err(Error::Pattern {
                pattern: pattern.clone(),
            });
        }
    }
    Ok(Some(schema.reach(roots).combinators))
}
