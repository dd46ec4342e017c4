//! What the comparison has to look up in one schema.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::form::visit_terms;
use super::mask::Masks;
use crate::schema::{Combinator, CombinatorId, CombinatorKind, Name, Param, Schema, Term, TypeId};

/// One schema and its indexes.
pub(super) struct Facts<'a> {
    pub schema: &'a Schema,
    pub masks: Masks<'a>,
    types: HashMap<&'a str, TypeId>,
    ids: HashMap<u32, CombinatorId>,
    bare_uses: HashMap<TypeId, Vec<BareUse<'a>>>,
    used_bare: HashSet<CombinatorId>,
    /// What those are, by names: of the definition, of the argument, of the constructor.
    bare_names: HashSet<(&'a str, Option<&'a str>, &'a str)>,
    /// Per name and kind, the earliest layer that defines it.
    earliest: HashMap<(&'a str, CombinatorKind), Option<u32>>,
}

/// An argument that holds a constructor without its id.
#[derive(Clone, Copy)]
pub(super) struct BareUse<'a> {
    pub holder: &'a Combinator,
    pub param: &'a Param,
    pub constructor: CombinatorId,
}

impl<'a> Facts<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        let mut facts = Self {
            schema,
            masks: Masks::new(schema),
            types: HashMap::new(),
            ids: HashMap::new(),
            bare_uses: HashMap::new(),
            used_bare: HashSet::new(),
            bare_names: HashSet::new(),
            earliest: HashMap::new(),
        };
        for (id, ty) in schema.types() {
            let has_own = ty.constructors.iter().any(|&id| !schema[id].is_prelude);
            if has_own {
                facts.types.insert(ty.name.as_str(), id);
            }
        }
        for (id, combinator) in facts.compared() {
            let name = combinator.name.as_str();
            facts.ids.insert(combinator.id, id);
            let earliest = facts.earliest.entry((name, combinator.kind));
            let layer = combinator.layer;
            earliest
                .and_modify(|known| *known = layer.min(*known))
                .or_insert(layer);
            Param::walk(&combinator.params, &mut |param| {
                visit_terms(&param.ty, &mut |term| {
                    let &Term::Bare(constructor, _) = term else {
                        return;
                    };
                    let constructed = schema[constructor].name.as_str();
                    let argument = param.name.as_deref();
                    facts.used_bare.insert(constructor);
                    facts.bare_names.insert((name, argument, constructed));
                    if let Some(ty) = schema.result_type(constructor) {
                        facts.bare_uses.entry(ty).or_default().push(BareUse {
                            holder: combinator,
                            param,
                            constructor,
                        });
                    }
                });
            });
        }
        facts
    }

    /// The definitions that are compared: those of files whose wire form is not fixed.
    pub(super) fn compared(
        &self,
    ) -> impl Iterator<Item = (CombinatorId, &'a Combinator)> + use<'a> {
        self.schema
            .combinators()
            .filter(|(_, combinator)| !combinator.is_prelude && combinator.builtin.is_none())
    }

    /// The names of the types that files define, in no order.
    pub(super) fn types(&self) -> impl Iterator<Item = &'a str> {
        self.types.keys().copied()
    }

    /// A type that files define.
    pub(super) fn type_named(&self, name: &str) -> Option<TypeId> {
        self.types.get(name).copied()
    }

    /// The names of a type's constructors, of all layers.
    pub(super) fn constructors(&self, ty: &str) -> Option<BTreeSet<&'a str>> {
        let ty = &self.schema[self.type_named(ty)?];
        let names = ty
            .constructors
            .iter()
            .map(|&id| self.schema[id].name.as_str());
        Some(names.collect())
    }

    /// The first layer that defines a name as one of this kind; none where nothing does.
    pub(super) fn earliest_layer(&self, name: &Name, kind: CombinatorKind) -> Option<Option<u32>> {
        self.earliest.get(&(name.as_str(), kind)).copied()
    }

    /// The definition that an id stands for.
    pub(super) fn with_id(&self, id: u32) -> Option<&'a Combinator> {
        self.ids.get(&id).map(|&id| &self.schema[id])
    }

    /// Where the constructors of a type are used bare.
    pub(super) fn bare_uses(&self, ty: TypeId) -> &[BareUse<'a>] {
        self.bare_uses.get(&ty).map_or(&[], Vec::as_slice)
    }

    /// Whether any argument holds a constructor without its id.
    pub(super) fn is_used_bare(&self, id: CombinatorId) -> bool {
        self.used_bare.contains(&id)
    }

    /// Whether an argument, by the names of its definition and itself, holds a constructor bare.
    pub(super) fn uses_bare(&self, holder: &Name, param: Option<&str>, constructor: &Name) -> bool {
        let names = (holder.as_str(), param, constructor.as_str());
        self.bare_names.contains(&names)
    }
}
