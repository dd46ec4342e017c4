//! Type parameters: which of them occur in values, so that the Rust types have them too.

use std::collections::{BTreeSet, HashMap};

use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{CombinatorId, TypeId, VarId, View};

use super::fields::{Arg, Field, Pattern, Shape};
use super::graph::Graph;
use super::recursion::Recursion;

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
        view: &View<'_>,
        patterns: &HashMap<CombinatorId, Vec<Pattern>>,
        fields: &[Field],
    ) -> BTreeSet<VarId> {
        let mut used = BTreeSet::new();
        for field in fields {
            self.collect(view, patterns, &field.shape, &mut used);
        }
        used
    }

    /// Finds the least set: a parameter that a type hands round among its own values alone is in none of them.
    pub(super) fn find(
        view: &View<'_>,
        fields: &HashMap<CombinatorId, Vec<Field>>,
        patterns: &HashMap<CombinatorId, Vec<Pattern>>,
    ) -> Self {
        let mut generics = Self::default();
        let mut ids: Vec<_> = patterns.keys().copied().collect();
        ids.sort_unstable();
        loop {
            let mut grew = false;
            for &id in &ids {
                let used = fields
                    .get(&id)
                    .map(|fields| generics.used(view, patterns, fields))
                    .unwrap_or_default();
                let own = &patterns[&id];
                let is_used =
                    |at: &usize| matches!(own[*at], Pattern::Type(var) if used.contains(&var));
                let positions: Vec<_> = (0..own.len()).filter(is_used).collect();
                if generics.of_constructor(id).len() != positions.len() {
                    let variables = positions.iter().filter_map(|&at| match own[at] {
                        Pattern::Type(var) => Some(var),
                        Pattern::Nat(_) => None,
                    });
                    generics.constructors.insert(id, variables.collect());
                    grew = true;
                }
                if let Some(ty) = view.schema().result_type(id) {
                    let known = generics.types.entry(ty).or_default();
                    positions
                        .into_iter()
                        .for_each(|at| grew |= known.insert(at));
                }
            }
            if !grew {
                return generics;
            }
        }
    }

    /// Collects the type variables that occur in values of a shape, by what is known so far.
    fn collect(
        &self,
        view: &View<'_>,
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
                        self.collect(view, patterns, shape, used);
                    }
                }
            }
            Shape::Bare(id, args) => {
                for (at, arg) in args.iter().enumerate() {
                    let pattern = patterns.get(id).and_then(|own| own.get(at));
                    if let (Arg::Type(shape), Some(Pattern::Type(var))) = (arg, pattern)
                        && self.of_constructor(*id).contains(var)
                    {
                        self.collect(view, patterns, shape, used);
                    }
                }
            }
            _ => shape
                .parts()
                .into_iter()
                .for_each(|part| self.collect(view, patterns, part, used)),
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
                let param = combinator
                    .params
                    .iter()
                    .find(|param| param.var == field.var);
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
