//! What the numbers in a constructor's result can be: they may tell the constructors of a type apart, as in
//! `tnil {X:Type} = Tuple X 0` and `tcons {X:Type} {n:#} … = Tuple X (n+1)`.
//!
//! Specification: <https://core.telegram.org/mtproto/TL-dependent>.

use std::cell::OnceCell;

use super::super::{CombinatorId, Map, Term};
use crate::syntax::ast::{Arg, Combinator, Expr, ExprKind};

/// What one argument of a result can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// This number.
    Exactly(u32),
    /// This number and all above it: `n+3`.
    AtLeast(u32),
    /// Anything, for all that is known here.
    Any,
}

impl Shape {
    /// Whether an argument can be of this shape for some values of its variables.
    fn fits(self, arg: &Term) -> bool {
        match (self, arg) {
            (Self::Exactly(own), Term::Number(number)) => own == *number,
            (Self::Exactly(own), Term::Sum(_, least)) => own >= *least,
            (Self::AtLeast(own), Term::Number(number)) => own <= *number,
            _ => true,
        }
    }

    /// Whether nothing is of both shapes.
    fn differs(self, other: Self) -> bool {
        match (self, other) {
            (Self::Exactly(one), Self::Exactly(two)) => one != two,
            (Self::Exactly(one), Self::AtLeast(least))
            | (Self::AtLeast(least), Self::Exactly(one)) => one < least,
            _ => false,
        }
    }
}

/// The constructors that a type has at a layer, by the numbers in their results.
pub(super) struct Numbered {
    all: Vec<(CombinatorId, Vec<Shape>)>,
    places: Vec<Place>,
    /// Whether every two results differ; found when first asked for.
    all_differ: OnceCell<bool>,
}

/// One argument of all results.
struct Place {
    /// Which results have just this number there.
    exact: Map<u32, Vec<usize>>,
    /// Which may have several.
    open: Vec<usize>,
}

impl Numbered {
    pub(super) fn new(all: Vec<(CombinatorId, Vec<Shape>)>) -> Self {
        let count = all.iter().map(|(_, shapes)| shapes.len()).min();
        let place = |place: usize| {
            let (mut exact, mut open) = (Map::<u32, Vec<usize>>::default(), Vec::new());
            for (at, (_, shapes)) in all.iter().enumerate() {
                match shapes[place] {
                    Shape::Exactly(number) => exact.entry(number).or_default().push(at),
                    _ => open.push(at),
                }
            }
            Place { exact, open }
        };
        Self {
            places: (0..count.unwrap_or(0)).map(place).collect(),
            all,
            all_differ: OnceCell::new(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// A few of them, in source order.
    pub(super) fn first_few(&self) -> Vec<CombinatorId> {
        self.all.iter().take(3).map(|(id, _)| *id).collect()
    }

    /// Which constructors values with these arguments can be of.
    pub(super) fn fitting(&self, args: &[Term]) -> Fitting {
        let says_something = |arg: &Term| matches!(arg, Term::Number(_) | Term::Sum(..));
        if !args.iter().any(says_something) {
            let all = || all_differ(self.all.iter().map(|(_, shapes)| &shapes[..]));
            return match &self.all[..] {
                [] => Fitting::None,
                [(id, _)] => Fitting::One(*id),
                _ if *self.all_differ.get_or_init(all) => Fitting::OneOfSeveral,
                _ => Fitting::Ambiguous,
            };
        }
        let fits = |at: &usize| {
            let mut pairs = self.all[*at].1.iter().zip(args);
            pairs.all(|(shape, arg)| shape.fits(arg))
        };
        let fitting: Vec<usize> = match self.with_a_number_of(args) {
            Some(places) => places.into_iter().filter(fits).collect(),
            None => (0..self.all.len()).filter(fits).collect(),
        };
        match fitting[..] {
            [] => Fitting::None,
            [at] => Fitting::One(self.all[at].0),
            _ if all_differ(fitting.iter().map(|at| &self.all[*at].1[..])) => Fitting::OneOfSeveral,
            _ => Fitting::Ambiguous,
        }
    }

    /// Where an argument is a number, those that can have it there; of several arguments, that which leaves fewest.
    fn with_a_number_of(&self, args: &[Term]) -> Option<Vec<usize>> {
        let by_number = self.places.iter().zip(args).filter_map(|(place, arg)| {
            let Term::Number(number) = arg else {
                return None;
            };
            let exact = place.exact.get(number).map_or(&[][..], Vec::as_slice);
            Some((exact, &place.open[..]))
        });
        let (exact, open) = by_number.min_by_key(|(exact, open)| exact.len() + open.len())?;
        Some(exact.iter().chain(open).copied().collect())
    }
}

/// Which of a type's constructors a bare value can be of.
pub(super) enum Fitting {
    /// None of them.
    None,
    /// This one.
    One(CombinatorId),
    /// One of several, that numbers tell apart once they are known.
    OneOfSeveral,
    /// One of several, and nothing says which.
    Ambiguous,
}

/// With more results than these, one argument alone has to tell all of them apart.
const MAX_COMPARED: usize = 64;

/// Whether every two results differ in some argument.
fn all_differ<'r>(results: impl Iterator<Item = &'r [Shape]>) -> bool {
    let results: Vec<_> = results.collect();
    let differ = |one: &[Shape], two: &[Shape]| one.iter().zip(two).any(|(a, b)| a.differs(*b));
    let some_places = || {
        results.len() <= MAX_COMPARED
            && results.iter().enumerate().all(|(at, first)| {
                let mut others = results[at + 1..].iter();
                others.all(|second| differ(first, second))
            })
    };
    let places = results.first().map_or(0, |first| first.len());
    let one_place = (0..places.min(MAX_COMPARED)).any(|place| {
        let shapes = results
            .iter()
            .filter_map(|result| result.get(place).copied());
        differ_alone(shapes.collect(), results.len())
    });
    one_place || some_places()
}

/// Whether shapes differ: different numbers, and above all of them at most one that is open.
fn differ_alone(shapes: Vec<Shape>, count: usize) -> bool {
    let (mut numbers, mut open) = (Vec::new(), Vec::new());
    for shape in &shapes {
        match shape {
            Shape::Exactly(number) => numbers.push(*number),
            Shape::AtLeast(number) => open.push(*number),
            Shape::Any => return false,
        }
    }
    numbers.sort_unstable();
    let is_below = |least: &u32| numbers.last().is_none_or(|last| last < least);
    shapes.len() == count
        && numbers.windows(2).all(|pair| pair[0] != pair[1])
        && open.len() <= 1
        && open.iter().all(is_below)
}

/// The shapes of a result's arguments.
pub(super) fn shapes(tree: &Combinator<'_>) -> Vec<Shape> {
    args(&tree.result)
        .iter()
        .map(|arg| match number(arg, &tree.args) {
            Some((None, number)) => Shape::Exactly(number),
            Some((Some(_), least)) => Shape::AtLeast(least),
            None => Shape::Any,
        })
        .collect()
}

/// What a result's type is applied to.
pub(super) fn args<'e, 's>(result: &'e Expr<'s>) -> &'e [Expr<'s>] {
    match &result.kind {
        ExprKind::Apply(apply) => &apply.args,
        ExprKind::Paren(inner) => args(inner),
        _ => &[],
    }
}

/// An expression that is a number, as a variable, if there is one, and what is added to it. A lone name says nothing of its
/// kind and counts as a variable.
pub(super) fn number<'s>(expr: &Expr<'s>, own: &[Arg<'s>]) -> Option<(Option<&'s str>, u32)> {
    match &expr.kind {
        ExprKind::Nat(number) => Some((None, *number)),
        ExprKind::Name(name) if name.text == "O" && declaring(own, "O").is_none() => {
            Some((None, 0))
        }
        ExprKind::Name(name) => Some((Some(name.text), 0)),
        ExprKind::Paren(inner) => number(inner, own),
        ExprKind::Add(sum) => match (number(&sum.0, own)?, number(&sum.1, own)?) {
            ((var, a), (None, b)) | ((None, a), (var, b)) => Some((var, a.saturating_add(b))),
            _ => None,
        },
        ExprKind::Apply(apply) => match (&apply.head.kind, &apply.args[..]) {
            (ExprKind::Name(head), [arg]) if head.text == "S" => {
                let (var, plus) = number(arg, own)?;
                Some((var, plus.saturating_add(1)))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The argument that declares a name, outside of brackets.
pub(super) fn declaring<'t, 's>(args: &'t [Arg<'s>], name: &str) -> Option<&'t Arg<'s>> {
    args.iter()
        .find(|arg| arg.names.iter().any(|own| own.text == name))
}
