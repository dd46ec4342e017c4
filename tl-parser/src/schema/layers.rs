//! What a schema holds at one layer: of every name the newest definition up to that layer.
//!
//! End-to-end schemas state changes by `===N===` marks; see <https://core.telegram.org/api/end-to-end> ("Layers").

use super::{CombinatorId, CombinatorKind, Map, Schema, TypeId};

/// A schema as it stands at one layer. An unlayered schema has one view.
#[derive(Clone, Debug)]
pub struct View<'a> {
    schema: &'a Schema,
    layer: Option<u32>,
    /// Per combinator, whether it holds at this layer.
    holds: Vec<bool>,
    /// The constructors that hold, those of one type together.
    constructors: Vec<CombinatorId>,
    /// Per type, where its constructors end in that list; they begin where those of the type before end.
    ends: Vec<u32>,
    /// Per name, the combinator that holds.
    current: Map<&'a str, CombinatorId>,
}

impl Schema {
    /// The schema at `layer`; all of an unlayered schema whatever the layer.
    pub fn view(&self, layer: Option<u32>) -> View<'_> {
        let mut view = View {
            schema: self,
            layer,
            holds: vec![false; self.combinators.len()],
            constructors: Vec::with_capacity(self.combinators.len()),
            ends: Vec::with_capacity(self.types.len()),
            current: Map::with_capacity_and_hasher(self.combinators.len(), <_>::default()),
        };
        let limit = if self.layers.is_empty() { None } else { layer };
        for (id, combinator) in self.combinators() {
            if combinator.layer > limit && !combinator.is_prelude {
                continue;
            }
            view.holds[id.index()] = true;
            if combinator.name.as_str() == "_" {
                continue;
            }
            if let Some(previous) = view.current.insert(combinator.name.as_str(), id) {
                view.holds[previous.index()] = false;
            }
        }
        for ty in &self.types {
            let all = ty.constructors.iter().copied();
            let held = all.filter(|id| view.holds[id.index()]);
            view.constructors.extend(held);
            view.ends.push(view.constructors.len() as u32);
        }
        view
    }
}

impl<'a> View<'a> {
    /// The schema it shows.
    pub fn schema(&self) -> &'a Schema {
        self.schema
    }

    /// The layer it shows.
    pub fn layer(&self) -> Option<u32> {
        self.layer
    }

    /// Whether a combinator belongs to it.
    pub fn holds(&self, id: CombinatorId) -> bool {
        self.holds[id.index()]
    }

    /// The definition that holds for the name of `id`, which may come from an older layer; `id` itself if none does.
    pub fn current(&self, id: CombinatorId) -> CombinatorId {
        self.current
            .get(self.schema[id].name.as_str())
            .copied()
            .unwrap_or(id)
    }

    /// The constructors of a type, in source order.
    pub fn constructors(&self, ty: TypeId) -> impl Iterator<Item = CombinatorId> {
        let start = match ty.index() {
            0 => 0,
            index => self.ends[index - 1],
        };
        let range = start as usize..self.ends[ty.index()] as usize;
        self.constructors[range].iter().copied()
    }

    /// The types that have constructors here and come from files, in order of first appearance.
    pub fn types(&self) -> impl Iterator<Item = TypeId> {
        let is_own = |id: CombinatorId| !self.schema[id].is_prelude;
        self.schema
            .types()
            .map(|(id, _)| id)
            .filter(move |&id| self.constructors(id).any(is_own))
    }

    /// The functions, in source order.
    pub fn functions(&self) -> impl Iterator<Item = CombinatorId> {
        self.schema
            .combinators()
            .filter(|(id, combinator)| {
                combinator.kind == CombinatorKind::Function && self.holds(*id)
            })
            .map(|(id, _)| id)
    }
}
