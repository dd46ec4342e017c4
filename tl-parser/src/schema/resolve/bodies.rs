//! The second sweep: arguments and results, resolved against what is declared.

use super::super::id::{Ids, exception};
use super::super::{
    Combinator, Condition, Kind, Map, Mentions, Name, Param, Repeat, Schema, Term, VarId,
};
use super::scope::Scope;
use super::{Declared, MAX_SUGGESTIONS, Meaning, Resolver};
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{self, ArgForm, Expr, ExprKind, Ident};
use crate::threads::both;

/// This many definitions take several times as long to resolve as a thread to start.
const MANY: usize = 500;

impl Resolver<'_, '_> {
    /// One definition has nothing to do with another, and so of many, two threads resolve half each. But what is told of
    /// them depends on what was told before: with the first thing to tell, all are resolved in order.
    pub(super) fn resolve_bodies(&mut self) {
        let (middle, end) = (self.declared.len() / 2, self.declared.len());
        let sound = (end >= MANY).then(|| {
            let (first, second) = both(|| self.resolved(0..middle), || self.resolved(middle..end));
            [first, second]
        });
        match sound {
            Some(halves) if halves.iter().all(|half| half.diagnostics.is_empty()) => {
                let mut start = 0;
                for half in halves {
                    start += self.fill_in(start, half);
                }
            }
            _ => {
                let all = self.resolved(0..end);
                self.fill_in(0, all);
            }
        }
    }

    fn resolved(&self, range: std::ops::Range<usize>) -> Resolved {
        let mut bodies = Bodies {
            schema: &self.schema,
            names: &self.names,
            declared: &self.declared,
            mentions: vec![Mentions::default(); self.schema.types.len()],
            diagnostics: Vec::new(),
            suggestions_left: MAX_SUGGESTIONS,
        };
        let mut scope = Scope::default();
        let mut ids = Ids::new(self.schema.dialect);
        let resolved = range.map(|index| bodies.body(index, &mut scope, &mut ids));
        Resolved {
            bodies: resolved.collect(),
            mentions: bodies.mentions,
            diagnostics: bodies.diagnostics,
        }
    }

    /// Gives combinators from an index on their bodies, and says how many there were.
    fn fill_in(&mut self, start: usize, resolved: Resolved) -> usize {
        let count = resolved.bodies.len();
        for (combinator, body) in self.schema.combinators[start..].iter_mut().zip(resolved.bodies) {
            body.fill_in(combinator);
        }
        for (ty, mentions) in self.schema.types.iter_mut().zip(resolved.mentions) {
            ty.mentions.by_constructor |= mentions.by_constructor;
            ty.mentions.by_percent |= mentions.by_percent;
        }
        self.diagnostics.extend(resolved.diagnostics);
        count
    }
}

/// What is found out of some combinators.
struct Resolved {
    bodies: Vec<Body>,
    /// By type.
    mentions: Vec<Mentions>,
    diagnostics: Vec<Diagnostic>,
}

/// What a combinator lacks when it is declared.
struct Body {
    params: Vec<Param>,
    result: Term,
    computed_id: u32,
    id_exception: Option<Box<str>>,
}

impl Body {
    fn fill_in(self, combinator: &mut Combinator) {
        combinator.params = self.params;
        combinator.result = self.result;
        combinator.computed_id = self.computed_id;
        combinator.id = combinator.explicit_id.unwrap_or(self.computed_id);
        combinator.id_exception = self.id_exception;
    }
}

/// The second sweep, and what it looks names up in.
pub(super) struct Bodies<'r, 's> {
    pub(super) schema: &'r Schema,
    pub(super) names: &'r Map<&'s str, Meaning>,
    pub(super) declared: &'r [Declared<'r, 's>],
    pub(super) mentions: Vec<Mentions>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) suggestions_left: u32,
}

impl<'r, 's> Bodies<'r, 's> {
    fn body(&mut self, index: usize, scope: &mut Scope<'r, 's>, ids: &mut Ids) -> Body {
        let tree = self.declared[index].tree;
        scope.enter(tree, self.schema.combinators[index].layer);
        let params = self.params(&tree.args, scope);
        let result = self.term(&tree.result, scope).unwrap_or(Term::Type);
        let computed_id = ids.computed(tree);
        let stated = tree.id.map(|id| id.value);
        let id_exception = stated
            .filter(|&id| id != computed_id)
            .and_then(|id| exception(tree, id, self.schema.dialect))
            .map(String::into_boxed_str);
        Body {
            params,
            result,
            computed_id,
            id_exception,
        }
    }

    fn params(&mut self, args: &[ast::Arg<'s>], scope: &mut Scope<'_, 's>) -> Vec<Param> {
        let mut params = Vec::with_capacity(args.len());
        for arg in args {
            let condition = match &arg.condition {
                Some(condition) => self.condition(condition, scope),
                None => None,
            };
            if let Some(ty) = self.param_type(&arg.ty, scope) {
                self.declare_params(arg, condition, ty, scope, &mut params);
            }
        }
        params
    }

    /// A param for each name of an argument; one without a name for an anonymous argument.
    #[inline]
    fn declare_params(
        &mut self,
        arg: &ast::Arg<'s>,
        condition: Option<Condition>,
        ty: Term,
        scope: &mut Scope<'_, 's>,
        params: &mut Vec<Param>,
    ) {
        let kind = match ty {
            Term::Type => Some(Kind::Type),
            Term::Nat => Some(Kind::Nat),
            _ => None,
        };
        let anonymous = Ident {
            text: "",
            span: arg.span,
        };
        let (last, others) = arg.names.split_last().unwrap_or((&anonymous, &[]));
        let param = |var, name: &Ident<'_>, ty| Param {
            var,
            name: (!matches!(name.text, "" | "_")).then(|| Name::from(name.text)),
            is_implicit: arg.form == ArgForm::Implicit,
            condition,
            is_query: arg.bang.is_some(),
            ty,
            span: arg.span,
        };
        for name in others {
            let var = self.declare_var(name, kind, scope);
            params.push(param(var, name, ty.clone()));
        }
        let var = self.declare_var(last, kind, scope);
        params.push(param(var, last, ty));
    }

    #[inline]
    fn declare_var(
        &mut self,
        name: &Ident<'s>,
        kind: Option<Kind>,
        scope: &mut Scope<'_, 's>,
    ) -> VarId {
        let (id, first) = scope.declare(name, kind);
        if let Some(first) = first {
            self.duplicate_argument(name, first);
        }
        id
    }

    #[inline]
    fn condition(
        &mut self,
        condition: &ast::Condition<'s>,
        scope: &Scope<'_, 's>,
    ) -> Option<Condition> {
        let word = condition.word;
        let Some(var) = scope.find(word.text) else {
            self.unknown_flags_word(&word, scope);
            return None;
        };
        if var.kind != Some(Kind::Nat) {
            self.not_a_flags_word(&word, &var);
            return None;
        }
        let bit = match condition.bit {
            None => None,
            Some(bit) if bit.value <= 31 => Some(bit.value as u8),
            Some(bit) => {
                self.bit_out_of_range(bit);
                return None;
            }
        };
        Some(Condition { word: var.id, bit })
    }

    /// A field's type; a repetition is possible only here.
    #[inline]
    fn param_type(&mut self, expr: &Expr<'s>, scope: &mut Scope<'_, 's>) -> Option<Term> {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, &[], scope),
            ExprKind::Repeat(repeat) => self.repeat(expr, repeat, scope),
            _ => self.term(expr, scope),
        }
    }

    fn repeat(
        &mut self,
        expr: &Expr<'s>,
        repeat: &ast::Repeat<'s>,
        scope: &mut Scope<'_, 's>,
    ) -> Option<Term> {
        let count = match &repeat.count {
            Some(count) => {
                let term = self.term(count, scope);
                self.expect_kind(term, Kind::Nat, count, scope)
            }
            None => {
                let var = scope.last_nat();
                if var.is_none() {
                    self.missing_count(expr);
                }
                var.map(|var| Term::Var { var, bare: false })
            }
        };
        let visible = scope.extent();
        let params = self.params(&repeat.args, scope);
        scope.truncate(visible);
        Some(Term::Repeat(Box::new(Repeat {
            count: count?,
            params,
        })))
    }
}
