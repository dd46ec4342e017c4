//! What goes into the file, and in which order: everything of the view, and of the compiler's own definitions those it uses.
//!
//! Types stand in the order of their names' bytes; constructors in that of their types and then of the source, but `_` is
//! swapped with the last; functions in the order of their names.

use std::collections::{BTreeMap, HashSet};

use crate::schema::{CombinatorId, Param, Term, TypeId, View};

pub(super) struct Selection {
    pub types: Vec<SelectedType>,
    pub functions: Vec<CombinatorId>,
}

pub(super) struct SelectedType {
    pub id: TypeId,
    pub constructors: Vec<CombinatorId>,
    /// Whether a constructor's name stands for it somewhere.
    pub by_constructor: bool,
}

pub(super) fn select(view: &View<'_>) -> Selection {
    let mut search = Search {
        view,
        types: BTreeMap::new(),
        by_constructor: HashSet::new(),
        open: Vec::new(),
    };
    let schema = view.schema();
    for (id, ty) in schema.types() {
        let is_own = |id: CombinatorId| !schema[id].is_prelude;
        if ty.mentions.is_empty || view.constructors(id).any(is_own) {
            search.reach(id);
        }
    }
    let mut functions: Vec<_> = view.functions().collect();
    functions.iter().for_each(|&id| search.combinator(id));
    while let Some(id) = search.open.pop() {
        search.combinator(id);
    }
    functions.sort_by_key(|&id| schema[id].name.as_str());
    let types = search.types.values().map(|&id| SelectedType {
        id,
        constructors: constructors(view, id),
        by_constructor: schema[id].mentions.by_constructor || search.by_constructor.contains(&id),
    });
    Selection {
        types: types.collect(),
        functions,
    }
}

fn constructors(view: &View<'_>, ty: TypeId) -> Vec<CombinatorId> {
    let mut all: Vec<_> = view.constructors(ty).collect();
    let is_default = |&id: &CombinatorId| view.schema()[id].name.as_str() == "_";
    if let (Some(default), Some(last)) = (all.iter().position(is_default), all.len().checked_sub(1))
    {
        all.swap(default, last);
    }
    all
}

struct Search<'v, 'a> {
    view: &'v View<'a>,
    types: BTreeMap<&'a str, TypeId>,
    by_constructor: HashSet<TypeId>,
    open: Vec<CombinatorId>,
}

impl Search<'_, '_> {
    fn reach(&mut self, ty: TypeId) {
        let name = self.view.schema()[ty].name.as_str();
        if self.types.insert(name, ty).is_none() {
            self.open.extend(self.view.constructors(ty));
        }
    }

    fn combinator(&mut self, id: CombinatorId) {
        let combinator = &self.view.schema()[id];
        self.term(&combinator.result, false);
        Param::walk(&combinator.params, &mut |param| {
            self.term(&param.ty, combinator.is_prelude)
        });
    }

    /// The compiler's own definitions call constructors by their names; what others do, the schema knows.
    fn term(&mut self, term: &Term, is_prelude: bool) {
        let args = match term {
            Term::Boxed(ty, args) | Term::BareType(ty, args) => {
                self.reach(*ty);
                args
            }
            Term::Bare(id, args) => {
                if let Some(ty) = self.view.schema().result_type(*id) {
                    self.reach(ty);
                    if is_prelude {
                        self.by_constructor.insert(ty);
                    }
                }
                args
            }
            _ => return,
        };
        args.iter().for_each(|arg| self.term(arg, is_prelude));
    }
}
