//! Definitions as the text has them: plain, or as trees.

use std::borrow::Cow;

use super::super::Kind;
use super::declare::result_params;
use super::results::{self, Shape};
use crate::span::Span;
use crate::syntax::Plain;
use crate::syntax::ast::{ArgForm, Combinator, ExplicitId, Expr, ExprKind, Ident};

/// A definition, without a tree as long as it needs none.
#[derive(Clone, Copy)]
pub(super) enum Written<'a, 's> {
    Plain(Plain<'a, 's>),
    Tree(&'a Combinator<'s>),
}

impl<'a, 's> Written<'a, 's> {
    /// The tree, built if there is none yet.
    pub(super) fn tree(self) -> Cow<'a, Combinator<'s>> {
        match self {
            Self::Plain(plain) => Cow::Owned(plain.tree()),
            Self::Tree(tree) => Cow::Borrowed(tree),
        }
    }

    pub(super) fn name(self) -> Ident<'s> {
        match self {
            Self::Plain(plain) => plain.name(),
            Self::Tree(tree) => tree.name,
        }
    }

    pub(super) fn id(self) -> Option<ExplicitId> {
        match self {
            Self::Plain(plain) => plain.id(),
            Self::Tree(tree) => tree.id,
        }
    }

    pub(super) fn span(self) -> Span {
        match self {
            Self::Plain(plain) => plain.span(),
            Self::Tree(tree) => tree.span,
        }
    }

    /// Whether `=>` stands before its result, or `!`.
    pub(super) fn is_written_as_function(self) -> bool {
        matches!(self, Self::Tree(tree) if tree.arrow || tree.result_bang.is_some())
    }

    /// Whether `?` stands in place of its arguments.
    pub(super) fn is_opaque(self) -> bool {
        matches!(self, Self::Tree(tree) if tree.builtin.is_some())
    }

    /// How many arguments it has, those of groups counted once.
    pub(super) fn args(self) -> usize {
        match self {
            Self::Plain(plain) => plain.args().len(),
            Self::Tree(tree) => tree.args.len(),
        }
    }

    pub(super) fn annotations(self) -> &'a [Ident<'s>] {
        match self {
            Self::Plain(_) => &[],
            Self::Tree(tree) => &tree.annotations,
        }
    }

    /// The name of the type it constructs: a boxed one, and none of its own arguments.
    pub(super) fn constructed(self) -> Option<Ident<'s>> {
        self.result_head()
            .filter(|head| !self.declares_implicitly(head.text))
    }

    /// The name of its boxed result type.
    pub(super) fn result_head(self) -> Option<Ident<'s>> {
        match self {
            Self::Plain(plain) => Some(plain.result_head()),
            Self::Tree(tree) => result_head(&tree.result).copied(),
        }
    }

    fn declares_implicitly(self, name: &str) -> bool {
        let Self::Tree(tree) = self else {
            return false;
        };
        let mut implicit = tree.args.iter().filter(|arg| arg.form == ArgForm::Implicit);
        implicit.any(|arg| arg.names.iter().any(|own| own.text == name))
    }

    /// The parameters of the result type, as they are given here; `is_type` says of `O` and `S` whether they are types.
    pub(super) fn result_params(self, is_type: impl Fn(&str) -> bool) -> Vec<Kind> {
        match self {
            Self::Plain(plain) if !plain.result().is_applied() => Vec::new(),
            _ => result_params(&self.tree(), is_type),
        }
    }

    /// The shapes of the result's arguments.
    pub(super) fn shapes(self) -> Vec<Shape> {
        match self {
            Self::Plain(plain) if !plain.result().is_applied() => Vec::new(),
            _ => results::shapes(&self.tree()),
        }
    }
}

/// The name of a boxed result type.
pub(super) fn result_head<'e, 's>(result: &'e Expr<'s>) -> Option<&'e Ident<'s>> {
    match &result.kind {
        ExprKind::Name(name) if name.is_boxed() => Some(name),
        ExprKind::Apply(apply) => result_head(&apply.head),
        ExprKind::Paren(inner) => result_head(inner),
        _ => None,
    }
}
