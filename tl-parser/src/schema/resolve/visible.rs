//! What names mean at a layer, and which constructors a type has there.

use super::super::{CombinatorId, Map, Name, Schema, TypeId};

/// A layer; what stands before all marks has none, and holds everywhere.
type Layer = Option<u32>;

/// The names that several layers define.
#[derive(Default)]
pub(super) struct Redefined<'s> {
    /// Per name its definitions, their layers ascending. One that a later definition of the same or an earlier layer
    /// hides everywhere is left out.
    definitions: Map<&'s str, Vec<(Layer, CombinatorId)>>,
}

impl<'s> Redefined<'s> {
    /// Adds a definition of a name that `previous` had alone until now, or shared already.
    pub(super) fn add(
        &mut self,
        name: &'s str,
        previous: (Layer, CombinatorId),
        newest: (Layer, CombinatorId),
    ) {
        let definitions = self.definitions.entry(name);
        let definitions = definitions.or_insert_with(|| vec![previous]);
        while definitions
            .pop_if(|(layer, _)| *layer >= newest.0)
            .is_some()
        {}
        definitions.push(newest);
    }

    /// The definition of a name that holds at a layer; `newest` is the one that came last.
    pub(super) fn at(
        &self,
        name: &Name,
        newest: (Layer, CombinatorId),
        layer: Layer,
    ) -> Option<CombinatorId> {
        if newest.0 <= layer {
            return Some(newest.1);
        }
        let definitions = self.definitions.get(name.as_str())?;
        let after = definitions.partition_point(|(since, _)| *since <= layer);
        Some(definitions[after.checked_sub(1)?].1)
    }

    /// The layers at which a definition holds: from one on, up to another where there is one.
    fn extent(
        &self,
        name: &str,
        (layer, id): (Layer, CombinatorId),
    ) -> Option<(Layer, Option<Layer>)> {
        let Some(definitions) = self.definitions.get(name) else {
            return Some((layer, None));
        };
        let at = definitions.partition_point(|(since, _)| *since < layer);
        let is_there = definitions.get(at).is_some_and(|(_, own)| *own == id);
        is_there.then(|| (layer, definitions.get(at + 1).map(|(end, _)| *end)))
    }
}

/// How many constructors a type has at each layer, and which, where it is one.
#[derive(Default)]
pub(super) struct Constructors {
    types: Map<TypeId, Vec<Step>>,
}

/// From a layer on.
#[derive(Clone, Copy)]
struct Step {
    since: Layer,
    count: u32,
    /// The sum of their ids, which is the id of an only one.
    sum: u32,
}

impl Constructors {
    /// How many constructors a type has at a layer, and the id of an only one.
    pub(super) fn at(
        &mut self,
        (schema, redefined): (&Schema, &Redefined<'_>),
        ty: TypeId,
        layer: Layer,
    ) -> (usize, Option<CombinatorId>) {
        let steps = self.types.entry(ty);
        let steps = steps.or_insert_with(|| steps_of(schema, redefined, ty));
        let after = steps.partition_point(|step| step.since <= layer);
        match after.checked_sub(1).map(|at| steps[at]) {
            Some(step) => {
                let only = (step.count == 1).then_some(CombinatorId(step.sum));
                (step.count as usize, only)
            }
            None => (0, None),
        }
    }
}

fn steps_of(schema: &Schema, redefined: &Redefined<'_>, ty: TypeId) -> Vec<Step> {
    let mut changes: Vec<(Layer, bool, CombinatorId)> = Vec::new();
    for &id in &schema[ty].constructors {
        let constructor = &schema[id];
        let name = constructor.name.as_str();
        let extent = redefined.extent(name, (constructor.layer, id));
        if let Some((since, end)) = extent {
            changes.push((since, true, id));
            changes.extend(end.map(|end| (end, false, id)));
        }
    }
    changes.sort_unstable_by_key(|(layer, ..)| *layer);
    let mut steps: Vec<Step> = Vec::new();
    let (mut count, mut sum) = (0_u32, 0_u32);
    for (since, comes, id) in changes {
        (count, sum) = match comes {
            true => (count.wrapping_add(1), sum.wrapping_add(id.0)),
            false => (count.wrapping_sub(1), sum.wrapping_sub(id.0)),
        };
        steps.pop_if(|step| step.since == since);
        steps.push(Step { since, count, sum });
    }
    steps
}
