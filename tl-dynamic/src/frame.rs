//! What the variables of one value stand for, and how the arguments of its type bind them.
//!
//! A type argument is not copied into the value's fields: it stays a [`Closed`] type, with the frame of the place that
//! states it. Frames live on the stack, so arguments only ever point outwards.

use crate::program::{Arg, Combinator, Condition, Count, Program, Ty};

/// The variables of one value.
#[derive(Debug, Default)]
pub(crate) struct Frame<'p> {
    nats: Nats,
    types: Vec<Option<Closed<'p>>>,
}

/// Numbers. Most definitions have none, one or two, and pay for no allocation.
#[derive(Debug)]
enum Nats {
    Few([u32; 4]),
    Many(Vec<u32>),
}

impl Default for Nats {
    fn default() -> Self {
        Self::Few([0; 4])
    }
}

/// A type with the frame its variables are to be looked up in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed<'p> {
    pub ty: &'p Ty,
    pub frame: &'p Frame<'p>,
}

impl Closed<'_> {
    /// Not a variable, if it is bound: chains of variables must not grow with the depth of values.
    fn shortened(self) -> Self {
        match self.ty {
            Ty::Var {
                slot,
                is_bare: false,
            } => self.frame.closed(*slot).unwrap_or(self),
            _ => self,
        }
    }
}

/// A number that does not fit into 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

impl<'p> Frame<'p> {
    /// The frame of a value whose variables nothing binds: of a call, or of a constructor without parameters.
    pub(crate) fn free(combinator: &Combinator) -> Self {
        let nats = match usize::from(combinator.nat_slots) {
            0..=4 => Nats::default(),
            many => Nats::Many(vec![0; many]),
        };
        let types = match combinator.type_slots {
            0 => Vec::new(),
            count => vec![None; usize::from(count)],
        };
        Self { nats, types }
    }

    /// The frame of a value of `combinator` where a type with `args` stands; none if the constructor is not one of that type.
    pub(crate) fn bound(
        program: &Program,
        combinator: &'p Combinator,
        args: &'p [Arg],
        outer: &'p Frame<'p>,
    ) -> Option<Self> {
        let mut frame = Self::free(combinator);
        if combinator.patterns.is_empty() {
            return Some(frame);
        }
        let mut bound_nats = vec![false; usize::from(combinator.nat_slots)];
        let mut binding = Binding {
            program,
            frame: &mut frame,
            bound_nats: &mut bound_nats,
        };
        binding
            .args(&combinator.patterns, args, outer)
            .then_some(frame)
    }

    /// The constructor of a bare value of a type, and its frame: the only one of that type, or the only one that its arguments
    /// let stand.
    pub(crate) fn of_bare_type(
        program: &'p Program,
        ty: u32,
        args: &'p [Arg],
        outer: &'p Frame<'p>,
    ) -> Option<(u32, Self)> {
        let constructors = program.ty(ty).constructors.iter();
        let mut fitting = constructors.filter_map(|&(_, index)| {
            let combinator = program.combinator(index);
            Some((index, Self::bound(program, combinator, args, outer)?))
        });
        let only = fitting.next()?;
        fitting.next().is_none().then_some(only)
    }

    pub(crate) fn set(&mut self, slot: u16, value: u32) {
        let nats = match &mut self.nats {
            Nats::Few(nats) => &mut nats[..],
            Nats::Many(nats) => nats,
        };
        if let Some(nat) = nats.get_mut(usize::from(slot)) {
            *nat = value;
        }
    }

    pub(crate) fn nat(&self, slot: u16) -> u32 {
        let nats = match &self.nats {
            Nats::Few(nats) => &nats[..],
            Nats::Many(nats) => nats,
        };
        nats.get(usize::from(slot)).copied().unwrap_or(0)
    }

    pub(crate) fn count(&self, count: Count) -> Result<u32, Overflow> {
        let value = count.slot.map_or(0, |slot| self.nat(slot));
        value.checked_add(count.plus).ok_or(Overflow)
    }

    pub(crate) fn holds(&self, condition: Condition) -> bool {
        let word = self.nat(condition.slot);
        match condition.bit {
            Some(bit) => word >> bit & 1 != 0,
            None => word != 0,
        }
    }

    pub(crate) fn closed(&self, slot: u16) -> Option<Closed<'p>> {
        self.types.get(usize::from(slot)).copied().flatten()
    }

    /// Looks a type up until it is no variable any more. `%` before a variable makes a boxed type bare; whether it does is the
    /// second result. None if nothing binds the variable.
    pub(crate) fn resolve<'f>(&'f self, ty: &'f Ty) -> Option<(Closed<'f>, bool)> {
        let mut closed = Closed { ty, frame: self };
        let mut made_bare = false;
        while let Ty::Var { slot, is_bare } = closed.ty {
            made_bare |= is_bare;
            closed = closed.frame.closed(*slot)?;
        }
        Some((closed, made_bare))
    }
}

/// Matching the arguments of a type against what a constructor states of it.
struct Binding<'b, 'p> {
    program: &'b Program,
    frame: &'b mut Frame<'p>,
    bound_nats: &'b mut [bool],
}

impl<'p> Binding<'_, 'p> {
    fn args(&mut self, patterns: &[Arg], args: &'p [Arg], outer: &'p Frame<'p>) -> bool {
        patterns.len() == args.len()
            && patterns
                .iter()
                .zip(args)
                .all(|(pattern, arg)| match (pattern, arg) {
                    (Arg::Nat(pattern), Arg::Nat(arg)) => outer
                        .count(*arg)
                        .is_ok_and(|value| self.nat(*pattern, value)),
                    (Arg::Type(pattern), Arg::Type(ty)) => {
                        self.ty(pattern, Closed { ty, frame: outer }.shortened())
                    }
                    _ => false,
                })
    }

    fn nat(&mut self, pattern: Count, value: u32) -> bool {
        let Some(rest) = value.checked_sub(pattern.plus) else {
            return false;
        };
        let Some(slot) = pattern.slot else {
            return rest == 0;
        };
        if std::mem::replace(&mut self.bound_nats[usize::from(slot)], true) {
            return self.frame.nat(slot) == rest;
        }
        self.frame.set(slot, rest);
        true
    }

    fn ty(&mut self, pattern: &Ty, value: Closed<'p>) -> bool {
        if let Ty::Var {
            slot,
            is_bare: false,
        } = pattern
        {
            let place = &mut self.frame.types[usize::from(*slot)];
            return match *place {
                None => {
                    *place = Some(value);
                    true
                }
                Some(bound) => same(bound, value, &mut 10_000),
            };
        }
        let Some((value, made_bare)) = value.frame.resolve(value.ty) else {
            return false;
        };
        match (pattern, value.ty) {
            (Ty::BareType(own, patterns), Ty::BareType(ty, args)) if own == ty => {
                self.args(patterns, args, value.frame)
            }
            (Ty::BareType(own, patterns), Ty::Boxed(ty, args)) if own == ty && made_bare => {
                self.args(patterns, args, value.frame)
            }
            (Ty::Boxed(own, patterns), Ty::Boxed(ty, args)) if own == ty && !made_bare => {
                self.args(patterns, args, value.frame)
            }
            (Ty::Bare(own, patterns), Ty::Bare(index, args)) if own == index => {
                self.args(patterns, args, value.frame)
            }
            (Ty::Bare(own, patterns), Ty::Boxed(ty, args)) if made_bare => {
                self.program.combinator(*own).ty == Some(*ty)
                    && self.args(patterns, args, value.frame)
            }
            (
                Ty::Vector { is_boxed, item },
                Ty::Vector {
                    is_boxed: boxed,
                    item: own,
                },
            ) => {
                *is_boxed == (*boxed && !made_bare)
                    && self.ty(
                        item,
                        Closed {
                            ty: own,
                            frame: value.frame,
                        },
                    )
            }
            (pattern, ty) => pattern == ty,
        }
    }
}

/// Whether two types are the same. Types that share parts can be huge when written out: past `fuel` comparisons they count as
/// different.
fn same(left: Closed<'_>, right: Closed<'_>, fuel: &mut u32) -> bool {
    let (Some((left, left_bare)), Some((right, right_bare))) =
        (left.frame.resolve(left.ty), right.frame.resolve(right.ty))
    else {
        return false;
    };
    let Some(less) = fuel.checked_sub(1) else {
        return false;
    };
    *fuel = less;
    let mut same_type = |one: &Ty, other: &Ty| {
        let (one, other) = (
            Closed {
                ty: one,
                frame: left.frame,
            },
            Closed {
                ty: other,
                frame: right.frame,
            },
        );
        same(one, other, fuel)
    };
    let mut same_args = |one: &[Arg], other: &[Arg]| {
        one.len() == other.len()
            && one.iter().zip(other).all(|pair| match pair {
                (Arg::Nat(one), Arg::Nat(other)) => {
                    left.frame.count(*one) == right.frame.count(*other)
                }
                (Arg::Type(one), Arg::Type(other)) => same_type(one, other),
                _ => false,
            })
    };
    match (left.ty, right.ty) {
        (Ty::Boxed(one, args), Ty::Boxed(other, others)) => {
            one == other && left_bare == right_bare && same_args(args, others)
        }
        (Ty::Bare(one, args), Ty::Bare(other, others))
        | (Ty::BareType(one, args), Ty::BareType(other, others)) => {
            one == other && same_args(args, others)
        }
        (
            Ty::Vector { is_boxed, item },
            Ty::Vector {
                is_boxed: boxed,
                item: other,
            },
        ) => (*is_boxed && !left_bare) == (*boxed && !right_bare) && same_type(item, other),
        (one, other) => one == other,
    }
}
