//! The variables of one definition.

use super::super::{Kind, VarId};
use crate::span::Span;
use crate::syntax::ast::{self, ExprKind, Ident};

/// The variables in sight at one place of a definition.
pub(super) struct Scope<'t, 's> {
    /// The definition.
    pub tree: &'t ast::Combinator<'s>,
    pub vars: Vec<Var<'s>>,
    next: u32,
    pub layer: Option<u32>,
}

#[derive(Clone, Copy)]
pub(super) struct Var<'s> {
    pub name: &'s str,
    pub id: VarId,
    /// What it stands for; nothing for a mere value.
    pub kind: Option<Kind>,
    pub span: Span,
}

impl<'t, 's> Scope<'t, 's> {
    /// No variables yet; names are those of `layer`.
    pub(super) fn new(tree: &'t ast::Combinator<'s>, layer: Option<u32>) -> Self {
        Self {
            tree,
            vars: Vec::new(),
            next: 0,
            layer,
        }
    }

    /// The place that declares a name anywhere in the definition, in sight or not.
    pub(super) fn declaration(&self, name: &str) -> Option<Span> {
        fn find(args: &[ast::Arg<'_>], name: &str) -> Option<Span> {
            args.iter().find_map(|arg| {
                let own = arg
                    .names
                    .iter()
                    .find(|own| own.text == name)
                    .map(|own| own.span);
                own.or_else(|| match &arg.ty.kind {
                    ExprKind::Repeat(repeat) => find(&repeat.args, name),
                    _ => None,
                })
            })
        }
        find(&self.tree.args, name)
    }

    pub(super) fn declare(&mut self, name: &Ident<'s>, kind: Option<Kind>) -> VarId {
        let id = VarId(self.next);
        self.next += 1;
        self.vars.push(Var {
            name: name.text,
            id,
            kind,
            span: name.span,
        });
        id
    }

    pub(super) fn find(&self, name: &str) -> Option<Var<'s>> {
        self.vars.iter().rev().find(|var| var.name == name).copied()
    }

    pub(super) fn find_kinded(&self, name: &str) -> Option<Var<'s>> {
        self.vars
            .iter()
            .rev()
            .find(|var| var.kind.is_some() && var.name == name)
            .copied()
    }

    pub(super) fn kind(&self, id: VarId) -> Option<Kind> {
        self.vars
            .iter()
            .find(|var| var.id == id)
            .and_then(|var| var.kind)
    }
}
