//! What layers make of a change: each schema knows a name at some layers and not at others.

use super::Impact;
use super::facts::Facts;
use crate::schema::Combinator;

/// Whether a definition stands in a layer that only the other schema's later peers know.
pub(super) fn is_of_a_later_layer(old: &Facts<'_>, combinator: &Combinator) -> bool {
    match (old.schema.layers().last(), combinator.layer) {
        (Some(newest), Some(layer)) => layer > *newest,
        _ => false,
    }
}

/// Whether an earlier layer of a schema defines the name too, so that it means that where this definition is not.
pub(super) fn has_earlier(facts: &Facts<'_>, combinator: &Combinator) -> bool {
    let earliest = facts.earliest_layer(&combinator.name, combinator.kind);
    earliest.is_some_and(|earliest| earliest < combinator.layer)
}

/// Whom it breaks that a definition holds from another layer on, and why; nothing when it does not.
pub(super) fn moved<'a>(
    old: &Facts<'a>,
    new: &Facts<'a>,
    before: &Combinator,
    after: &Combinator,
) -> Option<(Impact, String)> {
    if before.layer == after.layer {
        return None;
    }
    let (from, to) = (before.layer, after.layer);
    let (first, end) = (from.min(to), from.max(to));
    let first_between = |layers: &[u32]| {
        let at = layers.partition_point(|layer| Some(*layer) < first);
        layers.get(at).copied().filter(|layer| Some(*layer) < end)
    };
    // Modules of layers come or go as a whole.
    let is_relaid = old.schema.layers().is_empty() != new.schema.layers().is_empty();
    let layer = [old, new]
        .iter()
        .find_map(|facts| first_between(facts.schema.layers()));
    let Some(layer) = layer else {
        let reason = "no layer lies between its old layer and its new one".to_owned();
        return Some((Impact::rust(is_relaid), reason));
    };
    let (means_other, impact, who) = if from < to {
        let means_other = has_earlier(new, after);
        (means_other, Impact::of(means_other, true, true), "new")
    } else {
        let means_other = has_earlier(old, before);
        let impact = Impact::of(true, means_other, means_other || is_relaid);
        (means_other, impact, "old")
    };
    let reason = if means_other {
        format!("at layer {layer} the {who} schema means an earlier definition of this name")
    } else {
        format!("at layer {layer} the {who} schema does not know it")
    };
    Some((impact, reason))
}
