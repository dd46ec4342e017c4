//! Whether one value could be of two constructors' result types: `T n` and `T 3` overlap, `T 0` and `T (n+1)` do not.
//!
//! The question is whether the two results, their variables kept apart, have a common instance: first-order unification, with
//! numbers of the form `n + k`, see <https://core.telegram.org/mtproto/TL-dependent>.

use std::collections::HashMap;

use crate::schema::{Combinator, Kind, Schema, Term, TypeId, VarId};

/// Whether any two of a type's constructors overlap.
pub(super) fn any_overlap(schema: &Schema, constructors: &[&Combinator]) -> bool {
    constructors.iter().enumerate().any(|(index, first)| {
        constructors[index + 1..].iter().any(|second| {
            Unifier {
                schema,
                types: HashMap::new(),
                nats: HashMap::new(),
            }
            .types((0, &first.result), (1, &second.result))
        })
    })
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
