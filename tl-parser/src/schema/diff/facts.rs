//! What the comparison has to look up in one schema.

use std::collections::{BTreeSet, HashMap};

use super::form::visit_terms;
use super::mask::Masks;
use crate::schema::{Combinator, CombinatorId, Name, Param, Schema, Term, TypeId};

/// One schema and its indexes.
pub(super) struct Facts<'a> {
    pub schema: &'a Schema,
    pub masks: Masks<'a>,
    types: HashMap<&'a str, TypeId>,
    names: HashMap<&'a str, Vec<CombinatorId>>,
    ids: HashMap<u32, CombinatorId>,
    bare_uses: HashMap<TypeId, Vec<BareUse<'a>>>,
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
            names: HashMap::new(),
            ids: HashMap::new(),
            bare_uses: HashMap::new(),
        };
        for (id, ty) in schema.types() {
            let has_own = ty.constructors.iter().any(|&id| !schema[id].is_prelude);
            if has_own {
                facts.types.insert(ty.name.as_str(), id);
            }
        }
        for (id, combinator) in facts.compared() {
            let name = combinator.name.as_str();
            facts.names.entry(name).or_default().push(id);
            facts.ids.insert(combinator.id, id);
            Param::walk(&combinator.params, &mut |param| {
                visit_terms(&param.ty, &mut |term| {
                    let &Term::Bare(constructor, _) = term else {
                        return;
                    };
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

    /// The definitions of a name, of all layers.
    pub(super) fn definitions(&self, name: &Name) -> impl Iterator<Item = &'a Combinator> {
        let ids = self.names.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        ids.iter().map(|&id| &self.schema[id])
    }

    /// The definition that an id stands for.
    pub(super) fn with_id(&self, id: u32) -> Option<&'a Combinator> {
        self.ids.get(&id).map(|&id| &self.schema[id])
    }

    /// Where the constructors of a type are used bare.
    pub(super) fn bare_uses(&self, ty: TypeId) -> &[BareUse<'a>] {
        self.bare_uses.get(&ty).map_or(&[], Vec::as_slice)
    }

    /// Whether an argument, by the names of its definition and itself, holds a constructor bare.
    pub(super) fn uses_bare(&self, holder: &Name, param: Option<&str>, constructor: &Name) -> bool {
        let mut found = false;
        for holder in self.definitions(holder) {
            Param::walk(&holder.params, &mut |own| {
                if own.name.as_deref() == param {
                    visit_terms(&own.ty, &mut |term| {
                        found |= matches!(term, Term::Bare(id, _) if self.schema[*id].name == *constructor);
                    });
                }
            });
        }
        found
    }
}
