//! Types without a finite value: every constructor needs, without a condition or a count, a value that needs it again.

use std::ops::Range;

use super::{CombinatorId, CombinatorKind, Param, Schema, Term, TypeId};
use crate::diagnostic::{Code, Diagnostic};

/// Reports every cycle of types that no value can end, each cycle once.
pub(super) fn check(schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    let finite = finite_combinators(schema);
    // Every combinator is walked over once: who comes to one walked before has nothing new to tell.
    let mut walked = vec![false; schema.combinators.len()];
    for (id, combinator) in schema.combinators() {
        if !finite.combinators[id.index()] && combinator.kind != CombinatorKind::Function {
            let cycle = cycle_from(schema, &finite, id, &mut walked);
            diagnostics.extend(report(schema, &cycle));
        }
    }
}

/// Which combinators have a value of finite size, by fixpoint: those whose required fields are finite already.
fn finite_combinators(schema: &Schema) -> Finite {
    let mut finite = Finite {
        combinators: vec![false; schema.combinators.len()],
        types: schema.types.iter().map(|ty| ty.builtin.is_some()).collect(),
    };
    // A constructor's result may not have been resolved; its type is known all the same.
    let mut type_of = vec![None; schema.combinators.len()];
    for (ty, constructors) in schema.types().map(|(id, ty)| (id, &ty.constructors)) {
        constructors
            .iter()
            .for_each(|id| type_of[id.index()] = Some(ty));
    }
    let mut fields = Fields::new(schema);
    let mut waiting = Waiting::new(schema);
    let mut ready: Vec<_> = schema.combinators().map(|(id, _)| id).collect();
    while let Some(id) = ready.pop() {
        match fields.next_unmet(schema, &finite, id) {
            Some(need) => waiting.wait(id, need),
            None => {
                finite.combinators[id.index()] = true;
                waiting.release(Need::Constructor(id), &mut ready);
                if let Some(ty) = type_of[id.index()] {
                    finite.types[ty.index()] = true;
                    waiting.release(Need::Type(ty), &mut ready);
                }
            }
        }
    }
    finite
}

/// What is known to have a finite value.
struct Finite {
    combinators: Vec<bool>,
    types: Vec<bool>,
}

/// What the required fields of all combinators need, each combinator's one behind another. A need once met stays so: no
/// field is looked at twice.
struct Fields {
    needs: Vec<Need>,
    /// Per combinator, its needs that are not known to be met.
    left: Vec<Range<usize>>,
}

impl Fields {
    fn new(schema: &Schema) -> Self {
        let mut needs = Vec::with_capacity(4 * schema.combinators.len());
        let left = schema.combinators.iter().map(|combinator| {
            let start = needs.len();
            required(&combinator.params, &mut |_, need| needs.push(need));
            start..needs.len()
        });
        let left = left.collect();
        Self { needs, left }
    }

    fn next_unmet(&mut self, schema: &Schema, finite: &Finite, id: CombinatorId) -> Option<Need> {
        let left = &mut self.left[id.index()];
        let is_unmet = |need: &Need| !need.is_met(schema, finite);
        left.start += self.needs[left.clone()].iter().position(is_unmet)?;
        Some(self.needs[left.start])
    }
}

/// Who waits for what. A combinator waits for one thing at a time: each list runs through the same table.
struct Waiting {
    first_for_type: Vec<Option<CombinatorId>>,
    first_for_constructor: Vec<Option<CombinatorId>>,
    next: Vec<Option<CombinatorId>>,
}

impl Waiting {
    fn new(schema: &Schema) -> Self {
        Self {
            first_for_type: vec![None; schema.types.len()],
            first_for_constructor: vec![None; schema.combinators.len()],
            next: vec![None; schema.combinators.len()],
        }
    }

    fn wait(&mut self, id: CombinatorId, need: Need) {
        self.next[id.index()] = self.first(need).replace(id);
    }

    /// Hands over all that wait for something that is there now, in the order they came.
    fn release(&mut self, need: Need, ready: &mut Vec<CombinatorId>) {
        let start = ready.len();
        let mut current = self.first(need).take();
        while let Some(id) = current {
            ready.push(id);
            current = self.next[id.index()].take();
        }
        ready[start..].reverse();
    }

    fn first(&mut self, need: Need) -> &mut Option<CombinatorId> {
        match need {
            Need::Type(ty) => &mut self.first_for_type[ty.index()],
            Need::Constructor(id) => &mut self.first_for_constructor[id.index()],
        }
    }
}

/// What a required field needs: a value of a type, or of one constructor.
#[derive(Clone, Copy)]
enum Need {
    Type(TypeId),
    Constructor(CombinatorId),
}

impl Need {
    fn is_met(self, schema: &Schema, finite: &Finite) -> bool {
        match self {
            Self::Type(ty) => finite.types[ty.index()],
            Self::Constructor(id) => schema[id].builtin.is_some() || finite.combinators[id.index()],
        }
    }

    /// A constructor that would do; none for a type without constructors.
    fn any_way(self, schema: &Schema) -> Option<CombinatorId> {
        match self {
            Self::Type(ty) => schema[ty].constructors.first().copied(),
            Self::Constructor(id) => Some(id),
        }
    }
}

struct Step<'a> {
    from: CombinatorId,
    param: &'a Param,
    to: CombinatorId,
}

/// Visits what the fields need that are always there. Those within a repetition count as the outermost one's.
fn required<'a>(params: &'a [Param], visit: &mut dyn FnMut(&'a Param, Need)) {
    let always = params
        .iter()
        .filter(|param| !param.is_implicit && param.condition.is_none());
    for param in always {
        match &param.ty {
            Term::Boxed(ty, _) | Term::BareType(ty, _) => visit(param, Need::Type(*ty)),
            Term::Bare(id, _) => visit(param, Need::Constructor(*id)),
            Term::Repeat(repeat) if matches!(repeat.count, Term::Number(1..)) => {
                required(&repeat.params, &mut |_, need| visit(param, need));
            }
            _ => {}
        }
    }
}

/// Follows unmet fields until a combinator comes again; the steps of that cycle alone, if it is a new one.
fn cycle_from<'a>(
    schema: &'a Schema,
    finite: &Finite,
    start: CombinatorId,
    walked: &mut [bool],
) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    let mut at = start;
    while !std::mem::replace(&mut walked[at.index()], true) {
        let mut unmet = None;
        required(&schema[at].params, &mut |param, need| {
            if unmet.is_none() && !need.is_met(schema, finite) {
                unmet = Some((param, need));
            }
        });
        // No way to meet the need is finite, so any shows the cycle; a type without constructors ends the search.
        let Some((param, to)) =
            unmet.and_then(|(param, need)| Some((param, need.any_way(schema)?)))
        else {
            return Vec::new();
        };
        steps.push(Step {
            from: at,
            param,
            to,
        });
        at = to;
    }
    match steps.iter().position(|step| step.from == at) {
        Some(entry) => steps.split_off(entry),
        None => Vec::new(),
    }
}

/// How much of a cycle is told. Nobody reads a longer one.
const MAX_STEPS: usize = 20;

fn report(schema: &Schema, cycle: &[Step<'_>]) -> Option<Diagnostic> {
    let (first, rest) = cycle.split_first()?;
    let mut path: Vec<_> = cycle
        .iter()
        .take(MAX_STEPS)
        .map(|step| schema[step.from].name.to_string())
        .collect();
    if let Some(more) = cycle.len().checked_sub(MAX_STEPS).filter(|more| *more > 0) {
        path.push(format!("… {more} more …"));
    }
    path.push(schema[first.from].name.to_string());
    let mut infinite = Diagnostic::new(
        Code::InfiniteType,
        first.param.span,
        format!("`{}` has no finite value: {}", schema[first.from].name, path.join(" → ")),
    )
    .label(format!("every value needs a `{}` here", schema[first.to].name))
    .help("make a field of the cycle optional, put it into a vector, or add a constructor that ends it");
    for step in rest.iter().take(MAX_STEPS - 1) {
        infinite = infinite.also(
            step.param.span,
            format!("which needs a `{}`", schema[step.to].name),
        );
    }
    Some(infinite)
}
