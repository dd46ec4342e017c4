//! Which definition of OLD became which of NEW.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;

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
pub(super) fn pairs<'a>(old: &Facts<'a>, new: &Facts<'a>) -> Vec<Pair> {
    let mut names: BTreeMap<Key<'_>, [Vec<CombinatorId>; 2]> = BTreeMap::new();
    for (side, facts) in [old, new].into_iter().enumerate() {
        for (id, combinator) in facts.compared() {
            names.entry(key(facts, id, combinator)).or_default()[side].push(id);
        }
    }
    let mut pairs = Vec::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for [mut before, mut after] in names.into_values() {
        take_pairs(&mut before, &mut after, &mut pairs, |side, id| {
            [old, new][side].schema[id].layer
        });
        take_pairs(&mut before, &mut after, &mut pairs, |side, id| {
            [old, new][side].schema[id].id
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

/// Moves what has the same key on both sides out of both lists, in their order.
fn take_pairs<K: Eq + Hash>(
    before: &mut Vec<CombinatorId>,
    after: &mut Vec<CombinatorId>,
    pairs: &mut Vec<Pair>,
    key: impl Fn(usize, CombinatorId) -> K,
) {
    if before.is_empty() || after.is_empty() {
        return;
    }
    let mut places: HashMap<K, VecDeque<usize>> = HashMap::new();
    for (at, &id) in after.iter().enumerate() {
        places.entry(key(1, id)).or_default().push_back(at);
    }
    let mut is_taken = vec![false; after.len()];
    before.retain(|&old| {
        let place = places.get_mut(&key(0, old)).and_then(VecDeque::pop_front);
        if let Some(at) = place {
            is_taken[at] = true;
            pairs.push(Pair::Both(old, after[at]));
        }
        place.is_none()
    });
    let mut is_taken = is_taken.into_iter();
    after.retain(|_| !is_taken.next().unwrap_or(false));
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
