//! Which definition of OLD became which of NEW.

use std::collections::{BTreeMap, HashMap};

use super::facts::Facts;
use crate::schema::{Combinator, CombinatorId, CombinatorKind};

/// A definition's fate.
#[derive(Clone, Copy)]
pub(super) enum Pair {
    Added(CombinatorId),
    Removed(CombinatorId),
    Both(CombinatorId, CombinatorId),
}

/// Pairs by name and layer first, then what moved to another layer, then what kept its id under another name.
pub(super) fn pairs(old: &Facts<'_>, new: &Facts<'_>) -> Vec<Pair> {
    let mut names: BTreeMap<Key<'_>, [Vec<CombinatorId>; 2]> = BTreeMap::new();
    for (side, facts) in [old, new].into_iter().enumerate() {
        for (id, combinator) in facts.compared() {
            names.entry(key(facts, id, combinator)).or_default()[side].push(id);
        }
    }
    let mut pairs = Vec::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for [mut before, mut after] in names.into_values() {
        take_pairs(&mut before, &mut after, &mut pairs, |a, b| {
            old.schema[a].layer == new.schema[b].layer
        });
        take_pairs(&mut before, &mut after, &mut pairs, |a, b| {
            old.schema[a].id == new.schema[b].id
        });
        if let ([a], [b]) = (&before[..], &after[..]) {
            pairs.push(Pair::Both(*a, *b));
            continue;
        }
        removed.append(&mut before);
        added.append(&mut after);
    }
    pair_renamed(old, new, &mut removed, &mut added, &mut pairs);
    pairs.extend(removed.into_iter().map(Pair::Removed));
    pairs.extend(added.into_iter().map(Pair::Added));
    pairs
}

/// What makes definitions the same one. Those called `_` are told apart by what they construct.
type Key<'a> = (bool, &'a str, &'a str);

fn key<'a>(facts: &Facts<'a>, id: CombinatorId, combinator: &'a Combinator) -> Key<'a> {
    let result = match (combinator.name.as_str(), facts.schema.result_type(id)) {
        ("_", Some(ty)) => facts.schema[ty].name.as_str(),
        _ => "",
    };
    let is_function = combinator.kind == CombinatorKind::Function;
    (is_function, combinator.name.as_str(), result)
}

/// Moves what belongs together out of both lists. The lists are the layers of one name: short.
fn take_pairs(
    before: &mut Vec<CombinatorId>,
    after: &mut Vec<CombinatorId>,
    pairs: &mut Vec<Pair>,
    belong: impl Fn(CombinatorId, CombinatorId) -> bool,
) {
    before.retain(
        |&old| match after.iter().position(|&new| belong(old, new)) {
            Some(at) => {
                pairs.push(Pair::Both(old, after.remove(at)));
                false
            }
            None => true,
        },
    );
}

fn pair_renamed(
    old: &Facts<'_>,
    new: &Facts<'_>,
    removed: &mut Vec<CombinatorId>,
    added: &mut Vec<CombinatorId>,
    pairs: &mut Vec<Pair>,
) {
    let mut by_id: HashMap<_, CombinatorId> = HashMap::new();
    for &id in removed.iter() {
        let combinator = &old.schema[id];
        by_id.entry((combinator.kind, combinator.id)).or_insert(id);
    }
    let mut renamed = Vec::new();
    added.retain(|&id| {
        let combinator = &new.schema[id];
        let Some(before) = by_id.remove(&(combinator.kind, combinator.id)) else {
            return true;
        };
        renamed.push(before);
        pairs.push(Pair::Both(before, id));
        false
    });
    renamed.sort_unstable();
    removed.retain(|id| renamed.binary_search(id).is_err());
}
