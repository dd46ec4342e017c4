//! Choosing a part of the schema by names with `*` in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tl_parser::schema::{CombinatorId, CombinatorKind, Schema, TypeId};

use super::Cut;
use crate::Error;
use crate::error::Needed;

/// What is generated, and what is not.
pub(super) struct Selection {
    /// The combinators that are generated; `None` for all.
    pub kept: Option<BTreeSet<CombinatorId>>,
    /// The rest.
    pub cut: Cut,
}

/// What `only` names and all it reaches, or everything without patterns, but for what `except` names.
pub(super) fn select(
    schema: &Schema,
    only: &[String],
    except: &[String],
) -> Result<Selection, Error> {
    if only.is_empty() && except.is_empty() {
        return Ok(Selection {
            kept: None,
            cut: Cut::default(),
        });
    }
    let cut: BTreeSet<_> = named(schema, except)?
        .into_iter()
        .filter(|&id| is_own(schema, id))
        .collect();
    let roots = if only.is_empty() {
        schema.combinators().map(|(id, _)| id).collect()
    } else {
        named(schema, only)?
    };
    let kept = reach(schema, roots, &cut)?;
    Ok(Selection {
        cut: what_is_cut(schema, &kept),
        kept: Some(kept),
    })
}

/// The combinators that patterns name: by their own names, or by those of their types.
fn named(schema: &Schema, patterns: &[String]) -> Result<Vec<CombinatorId>, Error> {
    let mut found = Vec::new();
    for pattern in patterns {
        let before = found.len();
        for (_, ty) in schema.types().filter(|(_, ty)| ty.name.fits(pattern)) {
            found.extend(ty.constructors.iter());
        }
        let named = schema
            .combinators()
            .filter(|(_, combinator)| combinator.name.fits(pattern));
        found.extend(named.map(|(id, _)| id));
        if found.len() == before {
            return Err(Error::Pattern {
                pattern: pattern.clone(),
            });
        }
    }
    Ok(found)
}

/// What `roots` reach through what is not cut; none of it may need a type that is cut as a whole, or a cut constructor bare.
fn reach(
    schema: &Schema,
    roots: Vec<CombinatorId>,
    cut: &BTreeSet<CombinatorId>,
) -> Result<BTreeSet<CombinatorId>, Error> {
    let mut same_name: HashMap<&str, Vec<CombinatorId>> = HashMap::new();
    for (id, combinator) in schema.combinators() {
        let name = combinator.name.as_str();
        same_name.entry(name).or_default().push(id);
    }
    let is_whole = |ty: TypeId| {
        let constructors = &schema[ty].constructors;
        constructors.is_empty() || !constructors.iter().all(|id| cut.contains(id))
    };
    let mut kept = BTreeSet::new();
    let mut missing: BTreeMap<String, BTreeSet<CombinatorId>> = BTreeMap::new();
    let mut types = BTreeSet::new();
    let mut waiting = roots;
    while let Some(id) = waiting.pop() {
        if cut.contains(&id) || !kept.insert(id) {
            continue;
        }
        let (needed_types, needed_constructors) = schema.needs(id);
        for ty in needed_types {
            if !is_whole(ty) {
                missing
                    .entry(schema[ty].name.to_string())
                    .or_default()
                    .insert(id);
            } else if types.insert(ty) {
                waiting.extend(&schema[ty].constructors);
            }
        }
        for constructor in needed_constructors {
            let name = schema[constructor].name.as_str();
            if cut.contains(&constructor) {
                missing.entry(name.to_owned()).or_default().insert(id);
            } else if let Some(same) = same_name.get(name).filter(|_| name != "_") {
                waiting.extend(same);
            } else {
                waiting.push(constructor);
            }
        }
    }
    if missing.is_empty() {
        return Ok(kept);
    }
    let needed = missing.into_iter().map(|(name, by)| Needed {
        name,
        by: by.iter().map(|&id| schema[id].name.to_string()).collect(),
    });
    Err(Error::Cut(needed.collect()))
}

fn what_is_cut(schema: &Schema, kept: &BTreeSet<CombinatorId>) -> Cut {
    let mut cut = Cut::default();
    let own = schema
        .combinators()
        .filter(|(id, _)| is_own(schema, *id) && !kept.contains(id));
    for (_, combinator) in own {
        let names = match combinator.kind {
            CombinatorKind::Function => &mut cut.functions,
            CombinatorKind::Constructor => &mut cut.constructors,
        };
        names.push(combinator.name.to_string());
    }
    let types = schema.types().filter(|(_, ty)| {
        let mut constructors = ty.constructors.iter();
        !ty.constructors.is_empty()
            && constructors.all(|id| is_own(schema, *id) && !kept.contains(id))
    });
    cut.types = types.map(|(_, ty)| ty.name.to_string()).collect();
    cut
}

/// Whether a combinator is the schema's own and no built-in one.
fn is_own(schema: &Schema, id: CombinatorId) -> bool {
    let combinator = &schema[id];
    !combinator.is_prelude && combinator.builtin.is_none()
}
