//! Choosing a part of the schema by names with `*` in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tl_parser::schema::{CombinatorId, CombinatorKind, Schema, TypeId};

use super::{Cut, OpaqueNames};
use crate::Error;
use crate::analysis::Chosen;
use crate::error::Needed;

/// What is generated, and what is not.
pub(super) struct Selection {
    /// The combinators that are generated; `None` for all.
    pub kept: Option<BTreeSet<CombinatorId>>,
    /// What is kept as bytes.
    pub chosen: Chosen,
    /// The same by names.
    pub opaque: OpaqueNames,
    /// The rest.
    pub cut: Cut,
}

/// What `only` names and all it reaches, or everything without patterns, but for what `except` names; and as bytes what
/// `opaque` names.
pub(super) fn select(
    schema: &Schema,
    only: &[String],
    except: &[String],
    opaque: &[String],
) -> Result<Selection, Error> {
    if only.is_empty() && except.is_empty() && opaque.is_empty() {
        return Ok(Selection {
            kept: None,
            chosen: Chosen::default(),
            opaque: OpaqueNames::default(),
            cut: Cut::default(),
        });
    }
    let cut: BTreeSet<_> = named(schema, except)?
        .into_iter()
        .filter(|&id| is_own(schema, id))
        .collect();
    let mut chosen = choose(schema, opaque, &cut)?;
    let roots = if only.is_empty() {
        roots_of_all(schema, &chosen)
    } else {
        named(schema, only)?
    };
    let reached = reach(schema, roots, &cut, &chosen.constructors, Schema::needs)?;
    let used = reached.types.intersection(&chosen.types);
    chosen.used_types = used.copied().collect();
    let is_used = |id: &CombinatorId| {
        let ty = schema.result_type(*id);
        ty.is_some_and(|ty| reached.types.contains(&ty))
    };
    let used = chosen.constructors.iter().copied().filter(is_used);
    chosen.reached = reach_within(schema, used.collect(), &cut)?;
    let kept = reached.combinators;
    Ok(Selection {
        cut: what_is_cut(schema, &kept, &chosen),
        opaque: names_of(schema, &kept, &chosen),
        kept: Some(kept),
        chosen,
    })
}

/// What patterns of `opaque` name: types, or constructors of types that are enums otherwise.
fn choose(
    schema: &Schema,
    patterns: &[String],
    cut: &BTreeSet<CombinatorId>,
) -> Result<Chosen, Error> {
    let mut chosen = Chosen::default();
    let is_left = |id: &CombinatorId| is_own(schema, *id) && !cut.contains(id);
    for pattern in patterns {
        let mut found: BTreeSet<CombinatorId> = BTreeSet::new();
        for (_, ty) in schema.types().filter(|(_, ty)| ty.name.fits(pattern)) {
            found.extend(ty.constructors.iter().copied().filter(is_left));
        }
        let named = schema.combinators().filter(|(id, combinator)| {
            let is_constructor = combinator.kind == CombinatorKind::Constructor;
            is_constructor && combinator.name.fits(pattern) && is_left(id)
        });
        found.extend(named.map(|(id, _)| id));
        if found.is_empty() {
            return Err(Error::Config(format!(
                "the pattern `{pattern}` of `opaque` matches no type and no constructor of the schema; names are written as in TL, \
                 `WebPage`, and `*` stands for any text"
            )));
        }
        chosen.constructors.append(&mut found);
    }
    // A type of which all constructors are named is named itself.
    for (id, ty) in schema.types() {
        let mut left = ty.constructors.iter().filter(|id| is_left(id)).peekable();
        if left.peek().is_some() && left.all(|id| chosen.constructors.contains(id)) {
            chosen.types.insert(id);
        }
    }
    let all = chosen.constructors.iter().copied().collect();
    chosen.reached = reach_within(schema, all, cut)?;
    Ok(chosen)
}

/// What values of constructors that are kept as bytes hold.
fn reach_within(
    schema: &Schema,
    constructors: Vec<CombinatorId>,
    cut: &BTreeSet<CombinatorId>,
) -> Result<BTreeSet<CombinatorId>, Error> {
    let none = BTreeSet::new();
    let reached = reach(schema, constructors, cut, &none, Schema::arguments_need)?;
    Ok(reached.combinators)
}

/// Where there is no `only`: everything, but for what functions need only within values kept as bytes.
fn roots_of_all(schema: &Schema, chosen: &Chosen) -> Vec<CombinatorId> {
    let is_function = |id: CombinatorId| schema[id].kind == CombinatorKind::Function;
    let ids = || schema.combinators().map(|(id, _)| id);
    let has_functions = ids().any(|id| is_function(id) && is_own(schema, id));
    let is_within = |id: CombinatorId| match has_functions {
        true => chosen.reached.contains(&id) && !chosen.constructors.contains(&id),
        false => false,
    };
    ids()
        .filter(|&id| is_function(id) || !is_within(id))
        .collect()
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

/// The types and constructors that a combinator names.
type Needs = fn(&Schema, CombinatorId) -> (Vec<TypeId>, Vec<CombinatorId>);

/// What some combinators need.
struct Reached {
    combinators: BTreeSet<CombinatorId>,
    types: BTreeSet<TypeId>,
}

/// What `roots` reach through what is not cut; none of it may need a type that is cut as a whole, or a cut constructor bare.
/// An `opaque` constructor is reached only where it stands bare. What each needs, `needs` tells.
fn reach(
    schema: &Schema,
    roots: Vec<CombinatorId>,
    cut: &BTreeSet<CombinatorId>,
    opaque: &BTreeSet<CombinatorId>,
    needs: Needs,
) -> Result<Reached, Error> {
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
    let is_constructor = |id: CombinatorId| schema[id].kind == CombinatorKind::Constructor;
    let root_types = roots.iter().filter(|&&id| opaque.contains(&id));
    let root_types: Vec<TypeId> = root_types
        .filter_map(|&id| schema.result_type(id).filter(|_| is_constructor(id)))
        .collect();
    let mut types = BTreeSet::new();
    let mut waiting = roots;
    waiting.retain(|id| !opaque.contains(id));
    while let Some(id) = waiting.pop() {
        if cut.contains(&id) || !kept.insert(id) {
            continue;
        }
        let (needed_types, needed_constructors) = needs(schema, id);
        for ty in needed_types {
            if !is_whole(ty) {
                missing
                    .entry(schema[ty].name.to_string())
                    .or_default()
                    .insert(id);
            } else if types.insert(ty) {
                let constructors = schema[ty].constructors.iter();
                waiting.extend(constructors.filter(|id| !opaque.contains(id)));
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
    types.extend(root_types);
    if missing.is_empty() {
        return Ok(Reached {
            combinators: kept,
            types,
        });
    }
    let needed = missing.into_iter().map(|(name, by)| Needed {
        name,
        by: by.iter().map(|&id| schema[id].name.to_string()).collect(),
    });
    Err(Error::Cut(needed.collect()))
}

fn what_is_cut(schema: &Schema, kept: &BTreeSet<CombinatorId>, chosen: &Chosen) -> Cut {
    let mut cut = Cut::default();
    let kept: BTreeSet<_> = kept.union(&chosen.reached).copied().collect();
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

fn names_of(schema: &Schema, kept: &BTreeSet<CombinatorId>, chosen: &Chosen) -> OpaqueNames {
    let types = schema
        .types()
        .filter(|(id, _)| chosen.used_types.contains(id));
    let types = types.map(|(_, ty)| ty.name.to_string()).collect();
    let is_of_enum = |id: CombinatorId| {
        let ty = schema.result_type(id);
        ty.is_some_and(|ty| {
            let mut constructors = schema[ty].constructors.iter();
            !chosen.types.contains(&ty) && constructors.any(|id| kept.contains(id))
        })
    };
    let constructors = schema.combinators().filter(|&(id, _)| {
        chosen.constructors.contains(&id) && !kept.contains(&id) && is_of_enum(id)
    });
    let constructors = constructors.map(|(_, own)| own.name.to_string()).collect();
    OpaqueNames {
        types,
        constructors,
    }
}

/// Whether a combinator is the schema's own and no built-in one.
fn is_own(schema: &Schema, id: CombinatorId) -> bool {
    let combinator = &schema[id];
    !combinator.is_prelude && combinator.builtin.is_none()
}
