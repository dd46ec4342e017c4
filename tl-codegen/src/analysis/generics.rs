//! Type parameters: which of them occur in values, so that the Rust types have them too.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{CombinatorId, TypeId, VarId, View};

use super::graph::Graph;
use super::recursion::Recursion;
use super::shape::{Arg, Field, Pattern, Shape};

/// The type parameters that occur in values: `{t:Type}` of `resultFalse {t:Type} = Maybe t` does not.
#[derive(Debug, Default)]
pub(crate) struct Generics {
    /// Per constructor, its type variables in the order of its type's parameters.
    constructors: HashMap<CombinatorId, Vec<VarId>>,
    /// Per type, the positions of its parameters.
    types: HashMap<TypeId, BTreeSet<usize>>,
}

impl Generics {
    /// The type variables that a constructor's struct has as parameters.
    pub(crate) fn of_constructor(&self, id: CombinatorId) -> &[VarId] {
        self.constructors.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The positions, among all parameters of a type, of those that its enum has.
    pub(crate) fn of_type(&self, ty: TypeId) -> impl Iterator<Item = usize> {
        self.types.get(&ty).into_iter().flatten().copied()
    }

    /// The type variables that occur in values of some fields.
    pub(crate) fn used(
        &self,
        patterns: &HashMap<CombinatorId, Vec<Pattern>>,
        fields: &[Field],
    ) -> BTreeSet<VarId> {
        let mut used = BTreeSet::new();
        for field in fields {
            self.collect(patterns, &field.shape, &mut used);
        }
        used
    }

    /// Finds the least set: a parameter that a type hands round among its own values alone is in none of them.
    pub(super) fn find(
        view: &View<'_>,
        graph: &Graph,
        fields: &HashMap<CombinatorId, Vec<Field>>,
        patterns: &HashMap<CombinatorId, Vec<Pattern>>,
    ) -> Self {
        let schema = view.schema();
        let mut generics = Self::default();
        // Who holds something that has got a parameter is looked at again.
        let ids: Vec<_> = schema.combinators().map(|(id, _)| id).collect();
        let holders = graph.holders();
        let with_parameters = ids.iter().copied().filter(|id| patterns.contains_key(id));
        let mut waiting: VecDeque<CombinatorId> = with_parameters.collect();
        let mut is_waiting: HashSet<CombinatorId> = waiting.iter().copied().collect();
        while let Some(id) = waiting.pop_front() {
            is_waiting.remove(&id);
            let own = &patterns[&id];
            let used = fields
                .get(&id)
                .map(|fields| generics.used(patterns, fields))
                .unwrap_or_default();
            let is_used =
                |at: &usize| matches!(own[*at], Pattern::Type(var) if used.contains(&var));
            let positions: Vec<_> = (0..own.len()).filter(is_used).collect();
            let mut grown = Vec::new();
            if generics.of_constructor(id).len() != positions.len() {
                let variables = positions.iter().filter_map(|&at| match own[at] {
                    Pattern::Type(var) => Some(var),
                    Pattern::Nat(_) => None,
                });
                generics.constructors.insert(id, variables.collect());
                grown.push(graph.constructor_node(id));
            }
            if let Some(ty) = schema.result_type(id) {
                let known = generics.types.entry(ty).or_default();
                let before = known.len();
                known.extend(positions);
                if known.len() > before {
                    grown.push(graph.type_node(ty));
                }
            }
            for holder in grown.into_iter().flat_map(|node| &holders[node]) {
                let holder = graph.constructor_of(*holder).map(|index| ids[index]);
                let holder = holder.filter(|id| patterns.contains_key(id));
                waiting.extend(holder.filter(|id| is_waiting.insert(*id)));
            }
        }
        generics
    }

    /// Collects the type variables that occur in values of a shape, by what is known so far.
    fn collect(
        &self,
        patterns: &HashMap<CombinatorId, Vec<Pattern>>,
        shape: &Shape,
        used: &mut BTreeSet<VarId>,
    ) {
        match shape {
            Shape::Var(var) | Shape::Query(var) => {
                used.insert(*var);
            }
            Shape::Boxed(ty, args) | Shape::BareType(ty, args) => {
                for at in self.of_type(*ty) {
                    if let Some(Arg::Type(shape)) = args.get(at) {
                        self.collect(patterns, shape, used);
                    }
                }
            }
            Shape::Bare(id, args) => {
                for (at, arg) in args.iter().enumerate() {
                    let pattern = patterns.get(id).and_then(|own| own.get(at));
                    if let (Arg::Type(shape), Some(Pattern::Type(var))) = (arg, pattern)
                        && self.of_constructor(*id).contains(var)
                    {
                        self.collect(patterns, shape, used);
                    }
                }
            }
            _ => shape
                .parts()
                .into_iter()
                .for_each(|part| self.collect(patterns, part, used)),
        }
    }
}

/// Reports types that contain themselves with larger type arguments: there is no end to the Rust types they would need.
pub(super) fn reject_growing(
    view: &View<'_>,
    fields: &HashMap<CombinatorId, Vec<Field>>,
    recursion: &Recursion,
    graph: &Graph,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let schema = view.schema();
    for (id, combinator) in schema.combinators() {
        for field in fields.get(&id).into_iter().flatten() {
            let mut grows = false;
            field.shape.walk(&mut |shape| {
                let args = match shape {
                    Shape::Boxed(_, args) | Shape::BareType(_, args) | Shape::Bare(_, args) => args,
                    _ => return,
                };
                let is_larger = |shape: &Shape| {
                    let mut holds_variable = false;
                    shape.walk(&mut |part| holds_variable |= matches!(part, Shape::Var(_)));
                    holds_variable && !matches!(shape, Shape::Var(_))
                };
                grows |= args.iter().filter_map(Arg::as_type).any(is_larger)
                    && recursion.is_mutual(graph, id, shape);
            });
            if grows {
                // Variables ascend.
                let params = &combinator.params;
                let param = params.binary_search_by_key(&field.var, |param| param.var);
                let param = param.ok().map(|at| &params[at]);
                let message = format!(
                    "`{}` contains itself with larger type arguments, which can't be generated",
                    combinator.name
                );
                diagnostics.push(
                    Diagnostic::new(
                        Code::Unsupported,
                        param.map_or(combinator.name_span, |param| param.span),
                        message,
                    )
                    .label("each value would need a Rust type of its own"),
                );
            }
        }
    }
}
