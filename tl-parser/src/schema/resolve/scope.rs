//! The variables of one definition.

use super::super::{Kind, VarId, prelude};
use crate::span::Span;
use crate::syntax::ast::{self, ExprKind, Ident};

/// The variables in sight at one place of a definition. One scope serves all definitions, one after another.
#[derive(Default)]
pub(super) struct Scope<'t, 's> {
    /// The definition.
    tree: Option<&'t ast::Combinator<'s>>,
    pub layer: Option<u32>,
    vars: Vec<Var<'s>>,
    /// Those of them that types, counts and conditions can name: few, and asked for all the time.
    kinded: Vec<Var<'s>>,
    next: u32,
    /// Where the variables of the innermost brackets begin: names must differ among those alone.
    level: usize,
    /// The same for `kinded`.
    kinded_level: usize,
    /// One bit for each name declared, so that most names are seen to be new at a glance.
    names: u64,
    /// Whether a name was declared again, so that the newest of that name is meant whatever its kind.
    has_duplicates: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Var<'s> {
    pub name: &'s str,
    pub id: VarId,
    /// What it stands for; nothing for a mere value.
    pub kind: Option<Kind>,
    pub span: Span,
}

/// How many variables are in sight.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    vars: usize,
    kinded: usize,
    level: usize,
    kinded_level: usize,
}

impl<'t, 's> Scope<'t, 's> {
    /// That of what stands outside of definitions.
    pub(super) fn without_variables(layer: Option<u32>) -> Self {
        Self {
            layer,
            ..Self::default()
        }
    }

    /// Starts another definition: no variables yet; names are those of `layer`.
    pub(super) fn enter(&mut self, tree: &'t ast::Combinator<'s>, layer: Option<u32>) {
        self.tree = Some(tree);
        self.layer = layer;
        self.close(Extent {
            vars: 0,
            kinded: 0,
            level: 0,
            kinded_level: 0,
        });
        (self.next, self.names, self.has_duplicates) = (0, 0, false);
    }

    /// Whether the definition is the compiler's own.
    pub(super) fn is_of_prelude(&self) -> bool {
        self.tree
            .is_some_and(|tree| tree.span.file == prelude::FILE)
    }

    /// Opens brackets. What is declared in them may have the name of something outside, which it hides.
    pub(super) fn open(&mut self) -> Extent {
        let outside = Extent {
            vars: self.vars.len(),
            kinded: self.kinded.len(),
            level: self.level,
            kinded_level: self.kinded_level,
        };
        (self.level, self.kinded_level) = (self.vars.len(), self.kinded.len());
        outside
    }

    /// Closes brackets: what was declared in them is out of sight.
    pub(super) fn close(&mut self, outside: Extent) {
        self.vars.truncate(outside.vars);
        self.kinded.truncate(outside.kinded);
        (self.level, self.kinded_level) = (outside.level, outside.kinded_level);
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
        find(&self.tree?.args, name)
    }

    /// Declares a variable, of no name if that is empty or `_`. Says where the name was declared before in the same brackets.
    #[inline]
    pub(super) fn declare(
        &mut self,
        name: &Ident<'s>,
        kind: Option<Kind>,
    ) -> (VarId, Option<Span>) {
        let first = self.find_first(name.text);
        let id = VarId(self.next);
        self.next += 1;
        let var = Var {
            name: name.text,
            id,
            kind,
            span: name.span,
        };
        self.vars.push(var);
        if kind.is_some() {
            self.kinded.push(var);
        }
        (id, first)
    }

    #[inline]
    fn find_first(&mut self, name: &str) -> Option<Span> {
        if matches!(name, "" | "_") {
            return None;
        }
        let bit = name_bit(name);
        if self.names & bit == 0 {
            self.names |= bit;
            return None;
        }
        let newest = self.vars.iter().rposition(|var| var.name == name)?;
        self.has_duplicates = true;
        (newest >= self.level).then(|| self.vars[newest].span)
    }

    /// All variables in sight, the newest last.
    pub(super) fn names(&self) -> impl Iterator<Item = &'s str> {
        self.vars.iter().map(|var| var.name)
    }

    /// The variable of a name, whatever it stands for.
    #[inline]
    pub(super) fn find(&self, name: &str) -> Option<Var<'s>> {
        if !self.has_duplicates
            && let Some(var) = self.find_kinded(name)
        {
            return Some(var);
        }
        self.vars.iter().rev().find(|var| var.name == name).copied()
    }

    /// The type or number of a name.
    #[inline]
    pub(super) fn find_kinded(&self, name: &str) -> Option<Var<'s>> {
        let mut newest_first = self.kinded.iter().rev();
        newest_first.find(|var| var.name == name).copied()
    }

    /// The last number of the innermost brackets: it counts a repetition without a count.
    pub(super) fn last_nat(&self) -> Option<VarId> {
        let own = self.kinded.get(self.kinded_level..).unwrap_or_default();
        let nat = own.iter().rev().find(|var| var.kind == Some(Kind::Nat));
        nat.map(|var| var.id)
    }

    /// The last number in sight.
    pub(super) fn last_outer_nat(&self) -> Option<Var<'s>> {
        let mut newest_first = self.kinded.iter().rev();
        newest_first
            .find(|var| var.kind == Some(Kind::Nat))
            .copied()
    }

    pub(super) fn kind(&self, id: VarId) -> Option<Kind> {
        let var = self.kinded.iter().find(|var| var.id == id);
        var.and_then(|var| var.kind)
    }
}

/// The bit that stands for a name in [`Scope::names`].
#[inline]
fn name_bit(name: &str) -> u64 {
    let (Some(first), Some(last)) = (name.as_bytes().first(), name.as_bytes().last()) else {
        return 0;
    };
    let mixed = name.len() + 5 * usize::from(*first) + 11 * usize::from(*last);
    1 << (mixed % 64)
}
