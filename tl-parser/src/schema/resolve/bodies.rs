//! The second sweep: arguments and results, resolved against what is declared.

use super::super::suggest::nearest;
use super::super::{
    CombinatorId, CombinatorKind, Condition, Kind, Param, Repeat, Term, TypeId, VarId, prelude,
};
use super::scope::Scope;
use super::{Resolver, result_head};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::ast::{self, ArgForm, Expr, ExprKind, Ident};

impl<'a, 's> Resolver<'a, 's> {
    pub(super) fn resolve_bodies(&mut self) {
        for index in 0..self.trees.len() {
            let tree = self.trees[index];
            let mut scope = Scope::new(tree, self.schema.combinators[index].layer);
            let params = self.params(&tree.args, &mut scope);
            let result = self.term(&tree.result, &scope).unwrap_or(Term::Type);
            let combinator = &mut self.schema.combinators[index];
            combinator.params = params;
            combinator.result = result;
        }
    }

    fn params(&mut self, args: &[ast::Arg<'s>], scope: &mut Scope<'_, 's>) -> Vec<Param> {
        let mut params = Vec::with_capacity(args.len());
        for arg in args {
            let condition = arg
                .condition
                .as_ref()
                .and_then(|condition| self.condition(condition, scope));
            let Some(ty) = self.param_type(&arg.ty, scope) else {
                continue;
            };
            let kind = match ty {
                Term::Type => Some(Kind::Type),
                Term::Nat => Some(Kind::Nat),
                _ => None,
            };
            let anonymous = [Ident {
                text: "",
                span: arg.span,
            }];
            let names = if arg.names.is_empty() {
                &anonymous[..]
            } else {
                &arg.names[..]
            };
            for name in names {
                params.push(Param {
                    var: self.declare_var(name, kind, scope),
                    name: (!matches!(name.text, "" | "_")).then(|| name.text.into()),
                    is_implicit: arg.form == ArgForm::Implicit,
                    condition,
                    is_query: arg.bang.is_some(),
                    ty: ty.clone(),
                    span: arg.span,
                });
            }
        }
        params
    }

    fn declare_var(
        &mut self,
        name: &Ident<'s>,
        kind: Option<Kind>,
        scope: &mut Scope<'_, 's>,
    ) -> VarId {
        if !matches!(name.text, "" | "_")
            && let Some(first) = scope.find(name.text)
        {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::DuplicateArgument,
                    name.span,
                    format!("argument `{}` is defined twice", name.text),
                )
                .label("defined again here")
                .also(first.span, "first defined here"),
            );
        }
        scope.declare(name, kind)
    }

    fn condition(
        &mut self,
        condition: &ast::Condition<'s>,
        scope: &Scope<'_, 's>,
    ) -> Option<Condition> {
        let word = condition.word;
        let Some(var) = scope.find(word.text) else {
            if let Some(place) = scope.declaration(word.text) {
                self.used_before_bound(&word, place);
                return None;
            }
            let near = nearest(word.text, scope.vars.iter().map(|var| var.name)).map(str::to_owned);
            let mut unknown = Diagnostic::new(
                Code::UnknownFlagsWord,
                word.span,
                format!("no argument `{}` stands before this condition", word.text),
            )
            .label("unknown flags word");
            unknown = match near {
                Some(near) => unknown
                    .help(format!("did you mean `{near}`?"))
                    .fix(word.span, near),
                None => unknown.help(format!("declare it first: `{}:#`", word.text)),
            };
            self.diagnostics.push(unknown);
            return None;
        };
        if var.kind != Some(Kind::Nat) {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::NotAFlagsWord,
                    word.span,
                    format!("`{}` is not a flags word", word.text),
                )
                .label("a condition needs an argument of type `#`")
                .also(var.span, "declared here"),
            );
            return None;
        }
        let bit = match condition.bit {
            None => None,
            Some(bit) if bit.value <= 31 => Some(bit.value as u8),
            Some(bit) => {
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::BitOutOfRange,
                        bit.span,
                        format!("flag bit {} is out of range", bit.value),
                    )
                    .label("a flags word has bits 0 to 31")
                    .help("take a free bit, or declare a second flags word"),
                );
                return None;
            }
        };
        Some(Condition { word: var.id, bit })
    }

    /// A field's type; a repetition is possible only here.
    fn param_type(&mut self, expr: &Expr<'s>, scope: &mut Scope<'_, 's>) -> Option<Term> {
        let ExprKind::Repeat(repeat) = &expr.kind else {
            return self.term(expr, scope);
        };
        let count = match &repeat.count {
            Some(count) => {
                let term = self.term(count, scope);
                self.expect_kind(term, Kind::Nat, count, scope)
            }
            None => match scope
                .vars
                .iter()
                .rev()
                .find(|var| var.kind == Some(Kind::Nat))
            {
                Some(var) => Some(Term::Var {
                    var: var.id,
                    bare: false,
                }),
                None => {
                    self.diagnostics.push(
                        Diagnostic::new(
                            Code::MissingCount,
                            expr.span,
                            "nothing says how often this repeats",
                        )
                        .label("no `#` argument stands before it")
                        .help("write the count before it: `4*[ … ]` or `n*[ … ]`"),
                    );
                    None
                }
            },
        };
        let visible = scope.vars.len();
        let params = self.params(&repeat.args, scope);
        scope.vars.truncate(visible);
        Some(Term::Repeat(Box::new(Repeat {
            count: count?,
            params,
        })))
    }

    fn term(&mut self, expr: &Expr<'s>, scope: &Scope<'_, 's>) -> Option<Term> {
        match &expr.kind {
            ExprKind::Hash => Some(Term::Nat),
            ExprKind::Nat(value) => Some(Term::Number(*value)),
            ExprKind::Paren(inner) => self.term(inner, scope),
            ExprKind::Name(name) => self.name(name, &[], scope),
            ExprKind::Apply(apply) => self.apply(&apply.head, &apply.args, scope),
            ExprKind::Bare(inner) => self.bare(inner, scope),
            ExprKind::Add(sum) => self.sum(sum, scope),
            ExprKind::Repeat(_) => {
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::WrongKind,
                        expr.span,
                        "a repetition can't stand inside a type",
                    )
                    .help("give it an argument of its own"),
                );
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
            (Term::Number(a), Term::Number(b)) => Some(Term::Number(a.saturating_add(b))),
            (term, Term::Number(number)) | (Term::Number(number), term) => {
                Some(Term::Sum(Box::new(term), number))
            }
            _ => {
                let span = sum.0.span.to(sum.1.span);
                self.diagnostics.push(
                    Diagnostic::new(Code::WrongKind, span, "one side of a sum must be a number")
                        .help("TL adds constants only: `n+1`"),
                );
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
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::WrongKind,
                        head.span,
                        "only a type can be applied to arguments",
                    )
                    .label("not a type"),
                );
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
            Term::Var { var, .. } => return Some(Term::Var { var, bare: true }),
            bare @ (Term::Bare(..) | Term::Nat) => return Some(bare),
            _ => {
                self.diagnostics.push(
                    Diagnostic::new(Code::WrongKind, span, "`%` must stand before a type")
                        .label("not a type"),
                );
                return None;
            }
        };
        let constructors = self.visible_constructors(ty, scope.layer);
        if let [constructor] = constructors[..] {
            return Some(Term::Bare(constructor, args));
        }
        let entry = &self.schema[ty];
        let mut ambiguous = Diagnostic::new(
            Code::AmbiguousBare,
            span,
            format!(
                "`{}` has {} constructors, so its bare form does not say which is meant",
                entry.name,
                constructors.len()
            ),
        )
        .label("bare use here")
        .help("name the constructor itself, or use the boxed type");
        for id in constructors
            .iter()
            .take(3)
            .filter(|id| !self.schema[**id].is_prelude)
        {
            ambiguous = ambiguous.also(self.schema[*id].name_span, "one of them");
        }
        self.diagnostics.push(ambiguous);
        None
    }

    fn visible_constructors(&self, ty: TypeId, layer: Option<u32>) -> Vec<CombinatorId> {
        let all = &self.schema[ty].constructors;
        all.iter()
            .copied()
            .filter(|&id| self.visible_at(id, layer) == Some(id))
            .collect()
    }

    /// The definition of a combinator's name that holds at a layer.
    fn visible_at(&self, id: CombinatorId, layer: Option<u32>) -> Option<CombinatorId> {
        let name = self.schema[id].name.as_str();
        let mut current = if name == "_" {
            Some(id)
        } else {
            self.combinators.get(name).copied()
        };
        while let Some(candidate) = current {
            if self.schema[candidate].layer <= layer || self.schema[candidate].is_prelude {
                break;
            }
            current = self.shadowed[candidate.index()];
        }
        current
    }

    fn name(&mut self, name: &Ident<'s>, args: &[Expr<'s>], scope: &Scope<'_, 's>) -> Option<Term> {
        if let Some(var) = scope.find_kinded(name.text) {
            if let Some(first) = args.first() {
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::WrongArity,
                        first.span,
                        format!("`{}` is a variable and takes no arguments", name.text),
                    )
                    .also(var.span, "declared here"),
                );
            }
            return Some(Term::Var {
                var: var.id,
                bare: false,
            });
        }
        if name.text == "Type" {
            return Some(Term::Type);
        }
        if name.is_boxed() {
            let Some(&ty) = self.types.get(name.text) else {
                return self.unknown(name, scope);
            };
            let args = self.args(name, ty, args, scope)?;
            return Some(Term::Boxed(ty, args));
        }
        let newest = self.combinators.get(name.text).copied();
        let Some(id) = newest.and_then(|id| self.visible_at(id, scope.layer).or(Some(id))) else {
            return self.unknown(name, scope);
        };
        let combinator = &self.schema[id];
        let ty = match (combinator.kind, result_head(&self.trees[id.index()].result)) {
            (CombinatorKind::Constructor, Some(head)) => self.types[head.text],
            _ => {
                let span = combinator.name_span;
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::FunctionAsType,
                        name.span,
                        format!("`{}` is a function, not a type", name.text),
                    )
                    .also(span, "declared here"),
                );
                return None;
            }
        };
        let args = self.args(name, ty, args, scope)?;
        Some(Term::Bare(id, args))
    }

    fn args(
        &mut self,
        name: &Ident<'s>,
        ty: TypeId,
        args: &[Expr<'s>],
        scope: &Scope<'_, 's>,
    ) -> Option<Vec<Term>> {
        let params = self.schema[ty].params.clone();
        if params.len() != args.len() {
            let entry = &self.schema[ty];
            let (wanted, given) = (params.len(), args.len());
            let mut wrong = Diagnostic::new(
                Code::WrongArity,
                args.last()
                    .map_or(name.span, |last| name.span.to(last.span)),
                format!(
                    "`{}` takes {}, not {given}",
                    name.text,
                    count_of(wanted, "type argument")
                ),
            );
            if entry.span.file != prelude::FILE {
                wrong = wrong.also(entry.span, "defined here");
            }
            if given == 0 {
                wrong = wrong.help(format!("write `{0}<…>` or `({0} …)`", name.text));
            }
            self.diagnostics.push(wrong);
            return None;
        }
        let mut terms = Vec::with_capacity(args.len());
        for (arg, kind) in args.iter().zip(params) {
            let term = self.term(arg, scope);
            terms.push(self.expect_kind(term, kind, arg, scope));
        }
        terms.into_iter().collect()
    }

    fn expect_kind(
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
        let message = match kind {
            Kind::Nat => "expected a number, found a type",
            Kind::Type => "expected a type, found a number",
        };
        self.diagnostics
            .push(Diagnostic::new(Code::WrongKind, expr.span, message));
        None
    }

    fn unknown(&mut self, name: &Ident<'s>, scope: &Scope<'_, 's>) -> Option<Term> {
        if let Some(value) = scope.find(name.text) {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::WrongKind,
                    name.span,
                    format!("`{}` is a value, not a type or a number", name.text),
                )
                .also(value.span, "declared here")
                .help("only arguments of type `#` or `Type` can be used in later types"),
            );
            return None;
        }
        if let Some(place) = scope.declaration(name.text) {
            self.used_before_bound(name, place);
            return None;
        }
        let what = if name.is_boxed() {
            "type"
        } else {
            "type or constructor"
        };
        let mut unknown = Diagnostic::new(
            Code::UnknownType,
            name.span,
            format!("unknown {what} `{}`", name.text),
        )
        .label("nothing defines it");
        if self.suggestions_left > 0 {
            self.suggestions_left -= 1;
            let known = self.types.keys().chain(self.combinators.keys()).copied();
            let same_case = known.filter(|other| {
                Ident {
                    text: other,
                    ..*name
                }
                .is_boxed()
                    == name.is_boxed()
            });
            let mut known: Vec<_> = same_case.collect();
            known.sort_unstable();
            if let Some(near) = nearest(name.text, known.into_iter()) {
                unknown = unknown
                    .help(format!("did you mean `{near}`?"))
                    .fix(name.span, near);
            }
        }
        self.diagnostics.push(unknown);
        None
    }

    fn used_before_bound(&mut self, name: &Ident<'s>, declared: Span) {
        self.diagnostics.push(
            Diagnostic::new(
                Code::UsedBeforeBound,
                name.span,
                format!("`{}` is used before it is declared", name.text),
            )
            .label("used here")
            .also(declared, "declared only here")
            .help("an argument's type may use only the arguments before it: declare it first"),
        );
    }
}

fn count_of(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
