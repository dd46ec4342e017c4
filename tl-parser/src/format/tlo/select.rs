//! What goes into the file, and in which order: everything of the view, and of the compiler's own definitions those it uses.
//!
//! Types stand in the order of their names' bytes; constructors in that of their types and then of the source, but `_` is
//! swapped with the last; functions in the order of their names. A partial application of a type is a type of its own, one of a
//! combinator another combinator.

use std::collections::{BTreeMap, HashSet};

use crate::schema::{
    Applied, Combinator, CombinatorId, CombinatorKind, Kind, Param, PartialApplication, Schema,
    Term, TypeId, View,
};

pub(super) struct Selection<'a> {
    pub types: Vec<SelectedType<'a>>,
    pub functions: Vec<&'a Combinator>,
}

pub(super) struct SelectedType<'a> {
    pub id: TypeId,
    /// The partial application that makes it a type of its own, `Vector int`.
    pub partial: Option<&'a PartialApplication>,
    pub constructors: Vec<&'a Combinator>,
    /// Whether a constructor's name stands for it somewhere.
    pub by_constructor: bool,
}

impl SelectedType<'_> {
    pub(super) fn name<'n>(&'n self, schema: &'n Schema) -> &'n str {
        match self.partial {
            Some(partial) => &partial.name,
            None => &schema[self.id].name,
        }
    }

    /// The kinds of its parameters; some have a value already.
    pub(super) fn params<'n>(&self, schema: &'n Schema) -> &'n [Kind] {
        let given = self.partial.map_or(0, |partial| partial.args.len());
        schema[self.id].params.get(given..).unwrap_or_default()
    }
}

pub(super) fn select<'a>(view: &View<'a>) -> Selection<'a> {
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
    let mut functions: Vec<_> = view.functions().map(|id| &schema[id]).collect();
    let partials: Vec<_> = schema
        .partial_applications()
        .iter()
        .filter(|partial| partial.layer.is_none() || partial.layer <= view.layer())
        .collect();
    let applied = |kind| instances(&partials).filter(move |one: &&Combinator| one.kind == kind);
    functions.extend(applied(CombinatorKind::Function));
    functions.iter().for_each(|one| search.combinator(one));
    instances(&partials).for_each(|one| search.combinator(one));
    while let Some(id) = search.open.pop() {
        search.combinator(&schema[id]);
    }
    functions.sort_by_key(|one| one.name.as_str());
    let mut types: Vec<_> = search
        .types
        .values()
        .map(|&id| SelectedType {
            id,
            partial: None,
            constructors: constructors(view, id, &partials),
            by_constructor: schema[id].mentions.by_constructor
                || search.by_constructor.contains(&id),
        })
        .collect();
    let applied_types = partials.iter().filter_map(|partial| match partial.head {
        Applied::Type(id) => Some(SelectedType {
            id,
            partial: Some(partial),
            constructors: in_order(partial.instances.iter().collect()),
            by_constructor: false,
        }),
        Applied::Combinator(_) => None,
    });
    types.extend(applied_types);
    types.sort_by(|one, other| one.name(schema).cmp(other.name(schema)));
    Selection { types, functions }
}

/// What partial applications stand for.
fn instances<'p, 'a: 'p>(
    partials: &'p [&'a PartialApplication],
) -> impl Iterator<Item = &'a Combinator> + use<'p, 'a> {
    partials.iter().flat_map(|partial| &partial.instances)
}

/// Those of the type itself, and those that partial applications of them stand for, in the order of the source.
fn constructors<'a>(
    view: &View<'a>,
    ty: TypeId,
    partials: &[&'a PartialApplication],
) -> Vec<&'a Combinator> {
    let schema = view.schema();
    let mut all: Vec<_> = view.constructors(ty).map(|id| &schema[id]).collect();
    let own = all.len();
    for partial in partials {
        if let Applied::Combinator(id) = partial.head
            && schema[id].kind == CombinatorKind::Constructor
            && schema.result_type(id) == Some(ty)
        {
            all.extend(&partial.instances);
        }
    }
    if all.len() > own {
        all.sort_by_key(|one| (!one.is_prelude, one.span));
    }
    in_order(all)
}

/// `_` is swapped with the last.
fn in_order(mut constructors: Vec<&Combinator>) -> Vec<&Combinator> {
    let is_default = |one: &&Combinator| one.name.as_str() == "_";
    if let (Some(default), Some(last)) = (
        constructors.iter().position(is_default),
        constructors.len().checked_sub(1),
    ) {
        constructors.swap(default, last);
    }
    constructors
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

    fn combinator(&mut self, combinator: &Combinator) {
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
