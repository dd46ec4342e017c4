//! The syntax trees of plain definitions.

use super::plain::{Arg, Condition, Plain, Type};
use crate::syntax::ast::{self, Apply, ArgForm, Combinator, Expr, ExprKind, Names, Nat};

impl<'s> Plain<'_, 's> {
    /// The tree that the grammar would give.
    pub(crate) fn tree(self) -> Combinator<'s> {
        Combinator {
            annotations: Vec::new(),
            name: self.name(),
            id: self.id(),
            args: self.args().iter().map(|arg| self.arg(arg)).collect(),
            builtin: None,
            arrow: false,
            result_bang: None,
            result: self.expr(self.result()),
            span: self.span(),
        }
    }

    fn arg(self, arg: &Arg) -> ast::Arg<'s> {
        ast::Arg {
            form: ArgForm::Plain,
            names: Names::One(self.ident(arg.start, arg.name_end)),
            condition: arg.condition.map(|it| self.condition(arg, it)),
            bang: None,
            ty: self.expr(arg.ty),
            span: self.span_of(arg),
        }
    }

    fn condition(self, arg: &Arg, condition: Condition) -> ast::Condition<'s> {
        let (start, word_end, end) = (arg.name_end + 1, condition.word_end, arg.ty.start);
        ast::Condition {
            word: self.ident(start, word_end),
            bit: condition.bit.map(|bit| Nat {
                value: bit.into(),
                span: self.at(word_end + 1, end - 1),
            }),
            span: self.at(start, end),
        }
    }

    fn expr(self, ty: Type) -> Expr<'s> {
        let head = self.named(ty.start, ty.head_end);
        if !ty.is_applied() {
            return head;
        }
        let apply = Apply {
            head,
            args: vec![self.named(ty.head_end + 1, ty.end - 1)],
            angle: true,
        };
        Expr {
            kind: ExprKind::Apply(Box::new(apply)),
            span: self.at(ty.start, ty.end),
        }
    }

    fn named(self, start: u32, end: u32) -> Expr<'s> {
        let name = self.ident(start, end);
        Expr {
            kind: match name.text {
                "#" => ExprKind::Hash,
                _ => ExprKind::Name(name),
            },
            span: name.span,
        }
    }
}
