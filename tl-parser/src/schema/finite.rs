//! Types without a finite value: every constructor needs, without a condition or a count, a value that needs it again.

use super::{CombinatorId, CombinatorKind, Param, Schema, Term, TypeId};
use crate::diagnostic::{Code, Diagnostic};

/// Reports every cycle of types that no value can end, each cycle once.
pub(super) fn check(schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    let finite = finite_combinators(schema);
    // Every combinator is walked over once: who comes to one walked before has nothing new to tell.
    let mut walked = vec![false; schema.combinators.len()];
    for (id, combinator) in schema.combinators() {
        if !finite[id.index()] && combinator.kind != CombinatorKind::Function {
            let cycle = cycle_from(schema, &finite, id, &mut walked);
            diagnostics.extend(report(schema, &cycle));
        }
    }
}

/// Which combinators have a value of finite size, by fixpoint: those whose required fields are finite already.
fn finite_combinators(schema: &Schema) -> Vec<bool> {
    let mut finite = vec![false; schema.combinators.len()];
    let mut waiting = Waiting::new(schema);
    let mut ready: Vec<_> = schema.combinators().map(|(id, _)| id).collect();
    while let Some(id) = ready.pop() {
        match unmet_field(schema, &finite, &schema[id].params) {
            Some((_, need)) => waiting.wait(id, need),
            None => {
                finite[id.index()] = true;
                waiting.release(Need::Constructor(id), &mut ready);
                if let Some(ty) = schema.result_type(id) {
                    waiting.release(Need::Type(ty), &mut ready);
                }
            }
        }
    }
    finite
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
    /// The constructors that would do.
    fn ways(self, schema: &Schema) -> &[CombinatorId] {
        match self {
            Self::Type(ty) => &schema[ty].constructors,
            Self::Constructor(_) => &[],
        }
    }

    fn is_met(self, schema: &Schema, finite: &[bool]) -> bool {
        match self {
            Self::Type(ty) => {
                schema[ty].builtin.is_some()
                    || self.ways(schema).iter().any(|id| finite[id.index()])
            }
            Self::Constructor(id) => schema[id].builtin.is_some() || finite[id.index()],
        }
    }

    /// A constructor that would do; none for a type without constructors.
    fn any_way(self, schema: &Schema) -> Option<CombinatorId> {
        match self {
            Self::Type(_) => self.ways(schema).first().copied(),
            Self::Constructor(id) => Some(id),
        }
    }
}

struct Step<'a> {
    from: CombinatorId,
    param: &'a Param,
    to: CombinatorId,
}

/// The first field that is always there and whose type has no finite value yet.
fn unmet_field<'a>(
    schema: &Schema,
    finite: &[bool],
    params: &'a [Param],
) -> Option<(&'a Param, Need)> {
    let required = params
        .iter()
        .filter(|param| !param.is_implicit && param.condition.is_none());
    for param in required {
        let need = match &param.ty {
            Term::Boxed(ty, _) | Term::BareType(ty, _) => Need::Type(*ty),
            Term::Bare(id, _) => Need::Constructor(*id),
            Term::Repeat(repeat) if matches!(repeat.count, Term::Number(1..)) => {
                match unmet_field(schema, finite, &repeat.params) {
                    Some((_, need)) => return Some((param, need)),
                    None => continue,
                }
            }
            _ => continue,
        };
        if !need.is_met(schema, finite) {
            return Some((param, need));
        }
    }
    None
}

/// Follows unmet fields until a combinator comes again; the steps of that cycle alone, if it is a new one.
fn cycle_from<'a>(
    schema: &'a Schema,
    finite: &[bool],
    start: CombinatorId,
    walked: &mut [bool],
) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    let mut at = start;
    while !std::mem::replace(&mut walked[at.index()], true) {
        let unmet = unmet_field(schema, finite, &schema[at].params);
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

fn report(schema: &Schema, cycle: &[Step<'_>]) -> Option<Diagnostic> {
    let (first, rest) = cycle.split_first()?;
    let path: Vec<_> = cycle
        .iter()
        .map(|step| schema[step.from].name.as_str())
        .chain([schema[first.from].name.as_str()])
        .collect();
    let mut infinite = Diagnostic::new(
        Code::InfiniteType,
        first.param.span,
        format!("`{}` has no finite value: {}", schema[first.from].name, path.join(" → ")),
    )
    .label(format!("every value needs a `{}` here", schema[first.to].name))
    .help("make a field of the cycle optional, put it into a vector, or add a constructor that ends it");
    for step in rest {
        infinite = infinite.also(
            step.param.span,
            format!("which needs a `{}`", schema[step.to].name),
        );
    }
    Some(infinite)
}
