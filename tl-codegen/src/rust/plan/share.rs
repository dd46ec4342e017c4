//! What the layers of one schema have in common: a type that a layer does not change, and that reaches nothing it
//! changes, is generated once and re-exported.

use tl_parser::schema::{CombinatorId, Schema, TypeId};

use crate::analysis::{Analysis, Shape};

/// Per layer, which layer generates each type and each constructor or function: the layer itself, or an earlier one.
pub(super) struct Sharing {
    types: Vec<Vec<usize>>,
    combinators: Vec<Vec<usize>>,
}

impl Sharing {
    /// Compares each layer with the one before it.
    pub(super) fn find(schema: &Schema, layers: &[Analysis<'_>]) -> Self {
        let mut sharing = Self {
            types: Vec::new(),
            combinators: Vec::new(),
        };
        for (layer, analysis) in layers.iter().enumerate() {
            let mut changed = Changed {
                types: vec![layer == 0; schema.types().len()],
                combinators: vec![layer == 0; schema.combinators().len()],
            };
            if let Some(previous) = layer.checked_sub(1) {
                changed.find(&layers[previous], analysis);
            }
            let owner = |changed: &[bool], before: Option<&Vec<usize>>| -> Vec<usize> {
                let owner_before = |at: usize| before.map_or(layer, |before| before[at]);
                changed
                    .iter()
                    .enumerate()
                    .map(|(at, &changed)| if changed { layer } else { owner_before(at) })
                    .collect()
            };
            let types = owner(&changed.types, sharing.types.last());
            let combinators = owner(&changed.combinators, sharing.combinators.last());
            sharing.types.push(types);
            sharing.combinators.push(combinators);
        }
        sharing
    }

    /// The layer (by index) that generates a type which `layer` holds.
    pub(super) fn type_owner(&self, layer: usize, ty: TypeId) -> usize {
        self.types[layer][ty.index()]
    }

    /// The layer (by index) that generates a combinator which `layer` holds.
    pub(super) fn combinator_owner(&self, layer: usize, id: CombinatorId) -> usize {
        self.combinators[layer][id.index()]
    }
}

struct Changed {
    types: Vec<bool>,
    combinators: Vec<bool>,
}

impl Changed {
    /// Marks what differs by itself, then spreads that to all that holds it.
    fn find(&mut self, before: &Analysis<'_>, now: &Analysis<'_>) {
        for (&id, fields) in &now.fields {
            let fields_before = before.fields.get(&id).filter(|_| before.view.holds(id));
            let same_result = before.results.get(&id) == now.results.get(&id);
            self.combinators[id.index()] = fields_before != Some(fields) || !same_result;
        }
        for ty in now.types() {
            let (opaque, own) = (&before.opaque, &now.opaque);
            self.types[ty.index()] = !before.constructors(ty).eq(now.constructors(ty))
                || opaque.types.contains(&ty) != own.types.contains(&ty)
                || opaque.reach.get(&ty) != own.reach.get(&ty);
        }
        loop {
            let mut spread = false;
            for (id, fields) in &now.fields {
                let mut shapes = fields
                    .iter()
                    .map(|field| &field.shape)
                    .chain(now.results.get(id));
                if !self.combinators[id.index()] && shapes.any(|shape| self.is_changed(shape)) {
                    self.combinators[id.index()] = true;
                    spread = true;
                }
            }
            for ty in now.types() {
                if !self.types[ty.index()]
                    && now.constructors(ty).any(|id| self.combinators[id.index()])
                {
                    self.types[ty.index()] = true;
                    spread = true;
                }
            }
            if !spread {
                return;
            }
        }
    }

    fn is_changed(&self, shape: &Shape) -> bool {
        let mut changed = false;
        shape.walk(&mut |part| {
            changed |= match part {
                Shape::Boxed(ty, _) | Shape::BareType(ty, _) | Shape::Opaque(ty) => {
                    self.types[ty.index()]
                }
                Shape::Bare(id, _) => self.combinators[id.index()],
                _ => false,
            };
        });
        changed
    }
}
