//! The second sweep: arguments and results, resolved against what is declared.

use std::rc::Rc;
use std::sync::Arc;

use super::super::id::Ids;
use super::super::{
    Combinator, CombinatorKind, Condition, Kind, Map, Name, Param, Params, Repeat, Schema, Term,
    TypeId, VarId,
};
use super::names::Names;
use super::partial::Unfolding;
use super::plain::{AppliedTo, Variables};
use super::results::Numbered;
use super::scope::Scope;
use super::visible::{Constructors, Redefined};
use super::written::{Written, result_head};
use super::{Declared, MAX_SUGGESTIONS, Refused, Resolver};
use crate::diagnostic::Diagnostic;
use crate::syntax::Plain;
use crate::syntax::ast::{self, ArgForm, Expr, ExprKind, Ident};

impl Resolver<'_, '_> {
    /// Gives every combinator what it lacks when it is declared, and those that are refused their ids.
    pub(super) fn resolve_bodies(&mut self, compares_ids: bool) -> Vec<Combinator> {
        let mut scope = Scope::default();
        let mut variables = Variables::default();
        let mut ids = Ids::new(self.schema.dialect);
        let mut bodies = Bodies {
            schema: &mut self.schema,
            names: &mut self.names,
            redefined: &self.redefined,
            constructors: Constructors::default(),
            numbered: Map::default(),
            declared: &self.declared,
            diagnostics: self.diagnostics,
            suggestions_left: MAX_SUGGESTIONS,
            compares_ids,
            all: Vec::with_capacity(self.declared.iter().map(|one| one.written.args()).sum()),
            applied_to: AppliedTo::default(),
        };
        let mut ends = Vec::with_capacity(self.declared.len());
        for index in 0..self.declared.len() {
            match bodies.declared[index].written {
                Written::Plain(plain) => bodies.fill_in_plain(index, plain, &mut variables),
                Written::Tree(tree) => bodies.fill_in(index, tree, &mut scope),
            }
            let combinator = &mut bodies.schema.combinators[index];
            let written = bodies.declared[index].written;
            identify(combinator, written, &mut ids, compares_ids);
            ends.push(bodies.all.len() as u32);
        }
        let all = Arc::new(std::mem::take(&mut bodies.all));
        let mut start = 0;
        for (combinator, end) in bodies.schema.combinators.iter_mut().zip(ends) {
            combinator.params = Params::of(&all, start..end);
            start = end;
        }
        let refused = std::mem::take(&mut self.refused);
        let refused = refused.into_iter();
        let refused = refused.map(|one| bodies.look_at_refused(one, &mut ids));
        let refused = refused.collect();
        let mut unfolding = Unfolding::new(ids);
        for waiting in &self.partials {
            bodies.partial(waiting, &mut unfolding);
        }
        refused
    }
}

/// The second sweep, and what it looks names up in.
pub(super) struct Bodies<'r, 's> {
    pub(super) schema: &'r mut Schema,
    pub(super) names: &'r mut Names<'s>,
    pub(super) redefined: &'r Redefined<'s>,
    pub(super) constructors: Constructors,
    /// Per type and layer, what numbers tell its constructors apart.
    pub(super) numbered: Map<(TypeId, Option<u32>), Rc<Numbered>>,
    pub(super) declared: &'r [Declared<'r, 's>],
    pub(super) diagnostics: &'r mut Vec<Diagnostic>,
    pub(super) suggestions_left: u32,
    /// Whether explicit ids are held against the text.
    compares_ids: bool,
    /// The arguments of all combinators up to this one.
    pub(super) all: Vec<Param>,
    /// What plain definitions apply types to.
    pub(super) applied_to: AppliedTo,
}

impl<'r, 's> Bodies<'r, 's> {
    /// A plain definition; one that there is something to say of is taken for its tree.
    fn fill_in_plain(&mut self, index: usize, plain: Plain<'r, 's>, variables: &mut Variables) {
        let start = self.all.len();
        if self.plain(index, plain, variables).is_none() {
            self.all.truncate(start);
            self.fill_in(index, &plain.tree(), &mut Scope::default());
        }
    }

    fn fill_in<'t>(
        &mut self,
        index: usize,
        tree: &'t ast::Combinator<'s>,
        scope: &mut Scope<'t, 's>,
    ) {
        scope.enter(tree, self.schema.combinators[index].layer);
        let params = self.params(&tree.args, scope);
        let result = self.term(&tree.result, scope).unwrap_or(Term::Type);
        self.expect_type(&result, &tree.result, scope);
        self.all.extend(params);
        self.schema.combinators[index].result = result;
    }

    #[cold]
    fn look_at_refused(&mut self, refused: Refused<'_, 's>, ids: &mut Ids) -> Combinator {
        let Refused {
            written,
            mut combinator,
        } = refused;
        let tree = written.tree();
        let mut scope = Scope::default();
        scope.enter(&tree, combinator.layer);
        combinator.params = self.params(&tree.args, &mut scope).into();
        if combinator.kind == CombinatorKind::Function || result_head(&tree.result).is_some() {
            self.term(&tree.result, &scope);
        }
        identify(&mut combinator, written, ids, self.compares_ids);
        combinator
    }

    pub(super) fn params(
        &mut self,
        args: &[ast::Arg<'s>],
        scope: &mut Scope<'_, 's>,
    ) -> Vec<Param> {
        let mut params = Vec::with_capacity(args.len());
        for (at, arg) in args.iter().enumerate() {
            let condition = match &arg.condition {
                Some(condition) => self.condition(condition, scope),
                None => None,
            };
            if let Some(ty) = self.param_type(&arg.ty, scope) {
                self.expect_type(&ty, &arg.ty, scope);
                if arg.bang.is_some() && matches!(ty, Term::Repeat(_)) {
                    self.call_of_repetition(arg);
                }
                self.declare_params(arg, condition, ty, scope, &mut params);
            } else {
                self.advise_colon(arg, args.get(at + 1));
            }
        }
        params
    }

    /// A value has a type; a number is none.
    #[inline]
    fn expect_type(&mut self, term: &Term, expr: &Expr<'s>, scope: &Scope<'_, 's>) {
        let is_number = match term {
            Term::Number(_) | Term::Sum(..) => true,
            Term::Var { var, .. } => scope.kind(*var) == Some(Kind::Nat),
            _ => false,
        };
        if is_number {
            self.wrong_kind(expr, Kind::Type);
        }
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
        if arg.form == ArgForm::Implicit && (kind.is_none() || arg.bang.is_some()) {
            self.implicit_value(arg);
        }
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
                    self.missing_count(expr, scope);
                }
                var.map(|var| Term::Var { var, bare: false })
            }
        };
        let outside = scope.open();
        let params = self.params(&repeat.args, scope);
        scope.close(outside);
        Some(Term::Repeat(Box::new(Repeat {
            count: count?,
            params,
        })))
    }
}

/// Gives a combinator its id, and says where its text gives another if the two are to be compared.
#[inline]
fn identify(
    combinator: &mut Combinator,
    written: Written<'_, '_>,
    ids: &mut Ids,
    compares_ids: bool,
) {
    if let (Some(id), false) = (combinator.explicit_id, compares_ids) {
        combinator.id = id;
        return;
    }
    let computed = match written {
        Written::Plain(plain) => ids.plain(plain),
        Written::Tree(tree) => ids.computed(tree),
    };
    combinator.id = combinator.explicit_id.unwrap_or(computed);
    if combinator.id != computed {
        let mismatch = ids.mismatch(&written.tree(), combinator.id, computed);
        combinator.id_mismatch = Some(mismatch);
    }
}
