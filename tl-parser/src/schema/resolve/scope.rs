//! The variables of one definition.
//!
//! Most definitions have a handful, which are looked through one by one. [`Index`] finds them where there are many.

use std::cell::OnceCell;
use std::collections::hash_map::Entry;

use super::super::{Kind, Map, VarId, prelude};
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
    /// Where the numbers among `kinded` stand.
    nats: Vec<usize>,
    next: u32,
    /// Where the variables of the innermost brackets begin: names must differ among those alone.
    level: usize,
    /// The same for `kinded`.
    kinded_level: usize,
    /// One bit for each name declared, so that most names are seen to be new at a glance.
    names: u64,
    /// Whether a name was declared again, so that the newest of that name is meant whatever its kind.
    has_duplicates: bool,
    /// There while there are more than [`FEW`] variables.
    index: Option<Box<Index<'s>>>,
    /// The places that declare names, asked for by findings alone.
    declarations: OnceCell<Map<&'s str, Span>>,
}

/// So many variables are looked through as fast as an index.
const FEW: usize = 64;

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
        self.declarations.take();
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
        if outside.vars <= FEW {
            self.index = None;
        }
        if let Some(index) = &mut self.index {
            self.vars[outside.vars..]
                .iter()
                .for_each(|var| index.vars.hide(var.name));
            self.kinded[outside.kinded..]
                .iter()
                .for_each(|var| index.kinded.hide(var.name));
        }
        self.vars.truncate(outside.vars);
        self.kinded.truncate(outside.kinded);
        while self.nats.last().is_some_and(|&at| at >= outside.kinded) {
            self.nats.pop();
        }
        (self.level, self.kinded_level) = (outside.level, outside.kinded_level);
    }

    /// The place that declares a name anywhere in the definition, in sight or not.
    pub(super) fn declaration(&self, name: &str) -> Option<Span> {
        fn collect<'s>(args: &[ast::Arg<'s>], places: &mut Map<&'s str, Span>) {
            for arg in args {
                for name in &arg.names {
                    places.entry(name.text).or_insert(name.span);
                }
                if let ExprKind::Repeat(repeat) = &arg.ty.kind {
                    collect(&repeat.args, places);
                }
            }
        }
        let tree = self.tree?;
        let places = self.declarations.get_or_init(|| {
            let mut places = Map::default();
            collect(&tree.args, &mut places);
            places
        });
        places.get(name).copied()
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
            if kind == Some(Kind::Nat) {
                self.nats.push(self.kinded.len());
            }
            self.kinded.push(var);
        }
        if self.vars.len() > FEW {
            self.index_newest(var);
        }
        (id, first)
    }

    #[cold]
    fn index_newest(&mut self, newest: Var<'s>) {
        if let Some(index) = &mut self.index {
            index.vars.show(newest.name, self.vars.len() - 1);
            if newest.kind.is_some() {
                index.kinded.show(newest.name, self.kinded.len() - 1);
            }
            return;
        }
        let mut index = Index::default();
        for (at, var) in self.vars.iter().enumerate() {
            index.vars.show(var.name, at);
        }
        for (at, var) in self.kinded.iter().enumerate() {
            index.kinded.show(var.name, at);
        }
        self.index = Some(Box::new(index));
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
        let newest = match &self.index {
            Some(index) => index.vars.newest(name),
            None => self.vars.iter().rposition(|var| var.name == name),
        }?;
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
        if let Some(index) = &self.index {
            return Some(self.vars[index.vars.newest(name)?]);
        }
        self.vars.iter().rev().find(|var| var.name == name).copied()
    }

    /// The type or number of a name.
    #[inline]
    pub(super) fn find_kinded(&self, name: &str) -> Option<Var<'s>> {
        if let Some(index) = &self.index {
            return Some(self.kinded[index.kinded.newest(name)?]);
        }
        let mut newest_first = self.kinded.iter().rev();
        newest_first.find(|var| var.name == name).copied()
    }

    /// The last number of the innermost brackets: it counts a repetition without a count.
    pub(super) fn last_nat(&self) -> Option<VarId> {
        let last = self.nats.last().filter(|&&at| at >= self.kinded_level);
        last.map(|&at| self.kinded[at].id)
    }

    /// The last number in sight.
    pub(super) fn last_outer_nat(&self) -> Option<Var<'s>> {
        self.nats.last().map(|&at| self.kinded[at])
    }

    pub(super) fn kind(&self, id: VarId) -> Option<Kind> {
        // Ids ascend in the order of declarations.
        let at = self.kinded.binary_search_by_key(&id, |var| var.id).ok()?;
        self.kinded[at].kind
    }
}

/// Where the names of many variables stand.
#[derive(Default)]
struct Index<'s> {
    vars: Places<'s>,
    kinded: Places<'s>,
}

/// Per name its places in a list that grows and shrinks at its end, the newest last.
#[derive(Default)]
struct Places<'s> {
    of: Map<&'s str, Vec<usize>>,
}

impl<'s> Places<'s> {
    fn show(&mut self, name: &'s str, at: usize) {
        self.of.entry(name).or_default().push(at);
    }

    fn hide(&mut self, name: &'s str) {
        if let Entry::Occupied(mut places) = self.of.entry(name) {
            places.get_mut().pop();
            if places.get().is_empty() {
                places.remove();
            }
        }
    }

    fn newest(&self, name: &str) -> Option<usize> {
        self.of.get(name)?.last().copied()
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
