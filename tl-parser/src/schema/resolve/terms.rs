//! Types and numbers: names looked up, applications given their arguments.

use std::rc::Rc;

use super::super::{Args, CombinatorId, Kind, Term, TypeId};
use super::Meaning;
use super::bodies::Bodies;
use super::results::{Fitting, Numbered};
use super::scope::Scope;
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind, Ident};

impl<'s> Bodies<'_, 's> {
    pub(super) fn term(&mut self, expr: &Expr<'s>, scope: &Scope<'_, 's>) -> Option<Term> {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, &[], scope),
            ExprKind::Hash => Some(Term::Nat),
            ExprKind::Nat(value) => Some(Term::Number(*value)),
            ExprKind::Paren(inner) => self.term(inner, scope),
            ExprKind::Apply(apply) => self.apply(&apply.head, &apply.args, scope),
            ExprKind::Bare(inner) => self.bare(inner, scope),
            ExprKind::Add(sum) => self.sum(sum, scope),
            ExprKind::Repeat(_) => {
                self.repeat_inside_type(expr);
                None
            }
        }
    }

    fn sum(&mut self, sum: &(Expr<'s>, Expr<'s>), scope: &Scope<'_, 's>) -> Option<Term> {
        let left = self.term(&sum.0, scope);
        let left = self.expect_kind(left, Kind::Nat, &sum.0, scope)?;
        let right = self.term(&sum.1, scope);
        let right = self.expect_kind(right, Kind::Nat, &sum.1, scope)?;
        match (left, right) {
            (term, Term::Number(number)) | (Term::Number(number), term) => {
                self.plus(term, number, sum.0.span.to(sum.1.span))
            }
            _ => {
                self.sum_without_number(sum.0.span.to(sum.1.span));
                None
            }
        }
    }

    /// `term + number`; all constants of a sum make one.
    fn plus(&mut self, term: Term, number: u32, span: Span) -> Option<Term> {
        let (variable, total) = match term {
            Term::Number(other) => (None, other.checked_add(number)),
            Term::Sum(variable, other) => (Some(variable), other.checked_add(number)),
            variable => (Some(Box::new(variable)), Some(number)),
        };
        let Some(total) = total else {
            self.sum_too_large(span);
            return None;
        };
        Some(match variable {
            None => Term::Number(total),
            Some(variable) if total == 0 => *variable,
            Some(variable) => Term::Sum(variable, total),
        })
    }

    /// `O` and `S n`, the built-in constructors of numbers, where no definition has taken these names.
    fn number_constructor(
        &mut self,
        name: &Ident<'s>,
        args: &[Expr<'s>],
        scope: &Scope<'_, 's>,
    ) -> Option<Term> {
        match (name.text, args) {
            ("O", []) => Some(Term::Number(0)),
            ("S", [arg]) => {
                let term = self.term(arg, scope);
                let term = self.expect_kind(term, Kind::Nat, arg, scope)?;
                self.plus(term, 1, name.span.to(arg.span))
            }
            _ => {
                self.number_constructor_arity(name, args);
                None
            }
        }
    }

    /// An application; `(T a) b` is `T a b`.
    fn apply(&mut self, head: &Expr<'s>, args: &[Expr<'s>], scope: &Scope<'_, 's>) -> Option<Term> {
        match &head.kind {
            ExprKind::Name(name) => self.name(name, args, scope),
            ExprKind::Paren(inner) => self.apply(inner, args, scope),
            ExprKind::Apply(inner) => {
                let all: Vec<_> = inner.args.iter().chain(args).cloned().collect();
                self.apply(&inner.head, &all, scope)
            }
            ExprKind::Bare(inner) => {
                let boxed = self.apply(inner, args, scope)?;
                self.make_bare(boxed, head.span, scope)
            }
            _ => {
                self.not_applicable(head);
                None
            }
        }
    }

    fn bare(&mut self, inner: &Expr<'s>, scope: &Scope<'_, 's>) -> Option<Term> {
        let boxed = self.term(inner, scope)?;
        self.make_bare(boxed, inner.span, scope)
    }

    fn make_bare(&mut self, term: Term, span: Span, scope: &Scope<'_, 's>) -> Option<Term> {
        let (ty, args) = match term {
            Term::Boxed(ty, args) => (ty, args),
            Term::Var { var, .. } if scope.kind(var) != Some(Kind::Nat) => {
                return Some(Term::Var { var, bare: true });
            }
            bare @ (Term::Bare(..) | Term::BareType(..) | Term::Nat) => return Some(bare),
            _ => {
                self.bare_of_no_type(span);
                return None;
            }
        };
        self.schema.types[ty.index()].mentions.by_percent = true;
        let constructors = &mut self.constructors;
        let known = (&*self.schema, self.redefined);
        let (count, only) = constructors.at(known, ty, scope.layer);
        match only {
            Some(constructor) => Some(Term::Bare(constructor, args)),
            None if args.is_empty() => {
                let examples = self.some_visible(ty, scope.layer);
                self.ambiguous_bare(ty, count, &examples, span);
                None
            }
            None => self.bare_by_number(ty, args, scope.layer, span),
        }
    }

    /// The bare type of several constructors: the one that the numbers among its arguments leave, or whichever of several
    /// they stand for when the values are known (TL-dependent: `tl:%(Tuple X n)`).
    #[cold]
    fn bare_by_number(
        &mut self,
        ty: TypeId,
        args: Args,
        layer: Option<u32>,
        span: Span,
    ) -> Option<Term> {
        let numbered = match self.numbered.get(&(ty, layer)) {
            Some(known) => Rc::clone(known),
            None => {
                let constructors = self.visible_constructors(ty, layer);
                let shapes = |id: &CombinatorId| self.declared[id.index()].written.shapes();
                let constructors = constructors.iter().map(|id| (*id, shapes(id)));
                let new = Rc::new(Numbered::new(constructors.collect()));
                self.numbered.insert((ty, layer), Rc::clone(&new));
                new
            }
        };
        match numbered.fitting(&args) {
            Fitting::One(constructor) => Some(Term::Bare(constructor, args)),
            Fitting::OneOfSeveral => Some(Term::BareType(ty, args)),
            Fitting::None if numbered.count() > 0 => {
                self.no_constructor_fits(ty, &numbered.first_few(), span);
                None
            }
            Fitting::None | Fitting::Ambiguous => {
                self.ambiguous_bare(ty, numbered.count(), &numbered.first_few(), span);
                None
            }
        }
    }

    pub(super) fn visible_constructors(&self, ty: TypeId, layer: Option<u32>) -> Vec<CombinatorId> {
        let all = self.schema[ty].constructors.iter().copied();
        all.filter(|&id| self.is_visible(id, layer)).collect()
    }

    /// Examples, looked for among the first constructors alone.
    fn some_visible(&self, ty: TypeId, layer: Option<u32>) -> Vec<CombinatorId> {
        const MAX_LOOKED_AT: usize = 32;
        let first = self.schema[ty].constructors.iter().take(MAX_LOOKED_AT);
        let visible = first.copied().filter(|&id| self.is_visible(id, layer));
        visible.take(3).collect()
    }

    fn is_visible(&self, id: CombinatorId, layer: Option<u32>) -> bool {
        let newest = match self.names.get(self.schema[id].name.as_str()) {
            Some(&Meaning::Combinator(newest)) => newest,
            // Only `_` is no name.
            _ => id,
        };
        self.visible_at(newest, layer) == Some(id)
    }

    /// Of a combinator and those it shadows the one that holds at a layer.
    pub(super) fn visible_at(
        &self,
        newest: CombinatorId,
        layer: Option<u32>,
    ) -> Option<CombinatorId> {
        let combinator = &self.schema[newest];
        self.redefined
            .at(&combinator.name, (combinator.layer, newest), layer)
    }

    #[inline]
    pub(super) fn name(
        &mut self,
        name: &Ident<'s>,
        args: &[Expr<'s>],
        scope: &Scope<'_, 's>,
    ) -> Option<Term> {
        if let Some(var) = scope.find_kinded(name.text) {
            if let Some(first) = args.first() {
                self.applied_variable(name, &var, first);
            }
            return Some(Term::Var {
                var: var.id,
                bare: false,
            });
        }
        if name.text == "Type" {
            return Some(Term::Type);
        }
        match self.names.get(name.text) {
            Some(&Meaning::Type(ty)) => {
                let args = self.args(name, ty, args, scope)?;
                Some(Term::Boxed(ty, args.into()))
            }
            Some(&Meaning::Combinator(newest)) => {
                let id = self.visible_at(newest, scope.layer).unwrap_or(newest);
                let Some(ty) = self.declared[id.index()].constructs else {
                    self.function_as_type(name, id);
                    return None;
                };
                self.schema.types[ty.index()].mentions.by_constructor |= !scope.is_of_prelude();
                let args = self.args(name, ty, args, scope)?;
                Some(Term::Bare(id, args.into()))
            }
            None if matches!((name.text, args), ("O", _) | ("S", [_, ..])) => {
                self.number_constructor(name, args, scope)
            }
            None => {
                self.unknown(name, scope);
                None
            }
        }
    }

    #[inline]
    fn args(
        &mut self,
        name: &Ident<'s>,
        ty: TypeId,
        args: &[Expr<'s>],
        scope: &Scope<'_, 's>,
    ) -> Option<Vec<Term>> {
        let wanted = self.schema[ty].params.len();
        match (wanted, args) {
            (0, []) => Some(Vec::new()),
            _ if wanted == args.len() => self.matching_args(ty, args, scope),
            _ => {
                self.wrong_arity(name, ty, args);
                None
            }
        }
    }

    /// As many arguments as the type has parameters. All of them are looked at, also behind a broken one.
    fn matching_args(
        &mut self,
        ty: TypeId,
        args: &[Expr<'s>],
        scope: &Scope<'_, 's>,
    ) -> Option<Vec<Term>> {
        let mut terms = Vec::with_capacity(args.len());
        for (index, arg) in args.iter().enumerate() {
            let term = self.term(arg, scope);
            let kind = self.schema[ty].params[index];
            terms.extend(self.expect_kind(term, kind, arg, scope));
        }
        (terms.len() == args.len()).then_some(terms)
    }

    pub(super) fn expect_kind(
        &mut self,
        term: Option<Term>,
        kind: Kind,
        expr: &Expr<'s>,
        scope: &Scope<'_, 's>,
    ) -> Option<Term> {
        let term = term?;
        let found = match &term {
            Term::Number(_) | Term::Sum(..) => Kind::Nat,
            Term::Var { var, .. } => scope.kind(*var).unwrap_or(kind),
            _ => Kind::Type,
        };
        if found == kind {
            return Some(term);
        }
        self.wrong_kind(expr, kind);
        None
    }
}
