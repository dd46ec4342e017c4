//! Whether one value could be of two constructors' result types: `T n` and `T 3` overlap, `T 0` and `T (n+1)` do not.
//!
//! The question is whether the two results, their variables kept apart, have a common instance: first-order unification, with
//! numbers of the form `n + k`, see <https://core.telegram.org/mtproto/TL-dependent>.

use std::collections::{HashMap, HashSet};

use crate::schema::{Combinator, Kind, Schema, Term, TypeId, VarId};

/// Whether any two of a type's constructors overlap.
pub(super) fn any_overlap(schema: &Schema, constructors: &[&Combinator]) -> bool {
    let results = constructors
        .iter()
        .map(|constructor| &constructor.result)
        .collect();
    find_overlap(schema, results, FEW)
}

/// So many results are compared with each other as fast as they are sorted.
const FEW: usize = 8;

/// Most constructors differ where both name a number or a type, so they are sorted by those before they are compared.
fn find_overlap(schema: &Schema, results: Vec<&Term>, few: usize) -> bool {
    let overlap = |first, second| {
        let mut unifier = Unifier {
            schema,
            types: HashMap::new(),
            nats: HashMap::new(),
        };
        unifier.types((0, first), (1, second))
    };
    let mut groups = vec![results];
    while let Some(results) = groups.pop() {
        let place = (results.len() > few).then(|| telling_place(schema, &results));
        let Some(place) = place.flatten() else {
            let mut pairs = results.iter().enumerate();
            if pairs.any(|(at, first)| results[at + 1..].iter().any(|other| overlap(first, other)))
            {
                return true;
            }
            continue;
        };
        let mut by_head: HashMap<Head, Vec<&Term>> = HashMap::new();
        let mut open = Vec::new();
        for result in results {
            match head_at(schema, result, place) {
                Some(head) => by_head.entry(head).or_default().push(result),
                None => open.push(result),
            }
        }
        // What may be anything at this place is compared with all, the others with those that have the same there.
        for (at, first) in open.iter().enumerate() {
            let mut others = open[at + 1..].iter().chain(by_head.values().flatten());
            if others.any(|other| overlap(first, other)) {
                return true;
            }
        }
        groups.extend(by_head.into_values());
    }
    false
}

/// What tells two arguments apart for certain.
#[derive(PartialEq, Eq, Hash)]
enum Head {
    Number(u32),
    Type(TypeId),
}

/// What an argument of a result certainly is; nothing where that is open.
fn head_at(schema: &Schema, result: &Term, place: usize) -> Option<Head> {
    let Term::Boxed(_, args) = result else {
        return None;
    };
    match args.get(place)? {
        Term::Number(number) => Some(Head::Number(*number)),
        Term::Boxed(ty, _) | Term::BareType(ty, _) => Some(Head::Type(*ty)),
        Term::Bare(id, _) => schema.result_type(*id).map(Head::Type),
        _ => None,
    }
}

/// The argument that tells most of the results apart; none if no argument tells any.
fn telling_place(schema: &Schema, results: &[&Term]) -> Option<usize> {
    let Some(Term::Boxed(_, args)) = results.first() else {
        return None;
    };
    let open = |place: usize| {
        let heads = results.iter().map(|result| head_at(schema, result, place));
        let (mut open, mut known) = (0, HashSet::new());
        for head in heads {
            match head {
                Some(head) => drop(known.insert(head)),
                None => open += 1,
            }
        }
        (known.len() > 1).then_some((open, place))
    };
    (0..args.len())
        .filter_map(open)
        .min()
        .map(|(_, place)| place)
}

/// A variable of the first or of the second constructor.
type Var = (u8, VarId);

/// A term with the side its variables belong to.
type Sided<'a> = (u8, &'a Term);

/// A number: a variable, if any, plus a constant.
type Nat = (Option<Var>, u64);

struct Unifier<'a> {
    schema: &'a Schema,
    types: HashMap<Var, Sided<'a>>,
    nats: HashMap<Var, Nat>,
}

impl<'a> Unifier<'a> {
    fn types(&mut self, left: Sided<'a>, right: Sided<'a>) -> bool {
        let (left, right) = (self.follow(left), self.follow(right));
        match (var(left), var(right)) {
            (Some(first), Some(second)) if first == second => true,
            (Some(var), _) => self.bind(var, right),
            (_, Some(var)) => self.bind(var, left),
            _ => match (self.head(left.1), self.head(right.1)) {
                (Some((first, left_args)), Some((second, right_args))) => {
                    let kinds = self.schema[first].params.iter();
                    let mut args = kinds.zip(left_args).zip(right_args);
                    first == second
                        && args.all(|((kind, first), second)| match kind {
                            Kind::Type => self.types((left.0, first), (right.0, second)),
                            Kind::Nat => self.nats((left.0, first), (right.0, second)),
                        })
                }
                _ => left.1 == right.1,
            },
        }
    }

    fn nats(&mut self, left: Sided<'a>, right: Sided<'a>) -> bool {
        match (self.nat(left), self.nat(right)) {
            ((None, first), (None, second)) => first == second,
            ((Some(var), plus), (None, number)) | ((None, number), (Some(var), plus)) => {
                let rest = number.checked_sub(plus);
                rest.is_some_and(|rest| {
                    self.nats.insert(var, (None, rest));
                    true
                })
            }
            ((Some(first), a), (Some(second), b)) if first == second => a == b,
            ((Some(first), a), (Some(second), b)) => {
                let (var, value) = if a >= b {
                    (second, (Some(first), a - b))
                } else {
                    (first, (Some(second), b - a))
                };
                self.nats.insert(var, value);
                true
            }
        }
    }

    /// What is left of a number when all known variables are put in.
    fn nat(&self, (side, term): Sided<'a>) -> Nat {
        let (mut var, mut plus) = match term {
            Term::Number(number) => (None, u64::from(*number)),
            Term::Var { var, .. } => (Some((side, *var)), 0),
            Term::Sum(inner, number) => {
                let (var, plus) = self.nat((side, inner));
                (var, plus.saturating_add(u64::from(*number)))
            }
            _ => (None, 0),
        };
        while let Some((next, more)) = var.and_then(|var| self.nats.get(&var)) {
            (var, plus) = (*next, plus.saturating_add(*more));
        }
        (var, plus)
    }

    fn follow(&self, mut term: Sided<'a>) -> Sided<'a> {
        while let Some(next) = var(term).and_then(|var| self.types.get(&var)) {
            term = *next;
        }
        term
    }

    fn bind(&mut self, var: Var, value: Sided<'a>) -> bool {
        let is_finite = !self.occurs(var, value);
        if is_finite {
            self.types.insert(var, value);
        }
        is_finite
    }

    fn occurs(&self, needle: Var, term: Sided<'a>) -> bool {
        let term = self.follow(term);
        let args = self.head(term.1).map_or(&[][..], |(_, args)| args);
        var(term) == Some(needle) || args.iter().any(|arg| self.occurs(needle, (term.0, arg)))
    }

    /// A type with its arguments; bare or boxed is all the same here.
    fn head(&self, term: &'a Term) -> Option<(TypeId, &'a [Term])> {
        match term {
            Term::Boxed(ty, args) | Term::BareType(ty, args) => Some((*ty, args)),
            Term::Bare(id, args) => Some((self.schema.result_type(*id)?, args)),
            _ => None,
        }
    }
}

fn var((side, term): Sided<'_>) -> Option<Var> {
    match term {
        Term::Var { var, .. } => Some((side, *var)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing::{reading, type_named};

    #[test]
    fn sorting_finds_what_comparing_all_finds() {
        let args = ["0", "1", "7", "n", "(n+1)", "(n+5)", "m"];
        let types = ["int", "A", "(T 1 int)", "t", "(V t)", "(V int)", "(V A)"];
        let mut state = 0x9e37_79b9_u32;
        let mut pick = |bound: usize| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as usize % bound
        };
        let mut overlaps = 0;
        for _ in 0..300 {
            let mut text = "v {t:Type} x:t = V t; a = A; t0 {n:#} {t:Type} = T n t;\n".to_owned();
            for index in 0..2 + pick(4) {
                let (nat, second, ty) = (args[pick(7)], args[pick(7)], types[pick(7)]);
                text.push_str(&format!(
                    "c{index} {{n:#}} {{m:#}} {{t:Type}} = C {nat} {second} {ty};\n"
                ));
            }
            let schema = reading(&text).schema;
            let ty = type_named(&schema, "C");
            let results = || schema[ty].constructors.iter().map(|&id| &schema[id].result);
            let sorted = find_overlap(&schema, results().collect(), 1);
            assert_eq!(
                sorted,
                find_overlap(&schema, results().collect(), 99),
                "{text}"
            );
            overlaps += usize::from(sorted);
        }
        assert!((50..250).contains(&overlaps), "{overlaps}");
    }
}
