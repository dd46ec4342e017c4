//! Names to indices: the pass that turns syntax trees into a [`Schema`].
//!
//! Two sweeps: the first [declares](declare) every combinator and type, the second [resolves](bodies) arguments and
//! results against them ([types](terms) are most of it), so that order in the file does not matter, and in the end [puts
//! values in](partial) where partial applications say so. Whatever can't be
//! resolved is [reported](report), and its definition left out.

mod bodies;
mod declare;
mod partial;
mod report;
mod results;
mod scope;
mod terms;

use super::id::Dialect;
use super::read::{find_docs_link, find_layer};
use super::{Combinator, CombinatorId, Map, Schema, TypeId, prelude};
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{self, Expr, ExprKind, Ident};
use crate::syntax::parse;

/// Resolves the files of one schema. Besides it: definitions that can't be part of it, for what is wrong with them otherwise is
/// told too.
pub(super) fn resolve<'s>(
    files: &[ast::File<'s>],
    texts: &[&'s str],
    dialect: Dialect,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Schema, Vec<Combinator>) {
    let prelude = parse(prelude::FILE, prelude::TEXT).file;
    let count = files.iter().map(|file| file.items.len()).sum::<usize>() + prelude.items.len();
    let mut resolver = Resolver {
        schema: Schema {
            combinators: Vec::with_capacity(count),
            dialect,
            layer: find_layer(files, diagnostics),
            docs_link: find_docs_link(files),
            ..Schema::default()
        },
        // Real schemas have a type for every three combinators.
        names: Map::with_capacity_and_hasher(count + count / 3, <_>::default()),
        declared: Vec::with_capacity(count),
        partials: Vec::new(),
        refused: Vec::new(),
        closed: Map::default(),
        class_docs: Vec::new(),
        diagnostics,
    };
    for (file, text) in files.iter().zip(texts) {
        resolver.declare_file(file, text);
    }
    resolver.declare_prelude(&prelude);
    resolver.settle_number_names();
    resolver.attach_class_docs();
    let refused = resolver.resolve_bodies();
    (resolver.schema, refused)
}

/// Suggestions search all names; a file full of unknown ones must not take quadratic time.
const MAX_SUGGESTIONS: u32 = 100;

struct Resolver<'a, 's> {
    schema: Schema,
    /// What the names mean, those of types and of combinators: by its first letter a name is one or the other.
    names: Map<&'s str, Meaning>,
    /// What is known of each combinator besides.
    declared: Vec<Declared<'a, 's>>,
    partials: Vec<partial::Waiting<'a, 's>>,
    refused: Vec<Refused<'a, 's>>,
    /// Types that `Final` or `Empty` has closed.
    closed: Map<&'s str, ast::Finalization<'s>>,
    /// What `//@class` comments say, by type.
    class_docs: Vec<(String, String)>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// What a name means.
#[derive(Clone, Copy)]
enum Meaning {
    Type(TypeId),
    /// The newest of that name.
    Combinator(CombinatorId),
}

/// A combinator between the two sweeps.
struct Declared<'a, 's> {
    tree: &'a ast::Combinator<'s>,
    /// The text of its file.
    text: &'s str,
    /// The type of a constructor.
    constructs: Option<TypeId>,
    /// The combinator of the same name in an earlier layer.
    shadowed: Option<CombinatorId>,
}

/// A definition that is left out of the schema: its name is taken, or it constructs nothing.
struct Refused<'a, 's> {
    tree: &'a ast::Combinator<'s>,
    text: &'s str,
    combinator: Combinator,
}

impl Resolver<'_, '_> {
    fn type_named(&self, name: &str) -> Option<TypeId> {
        match self.names.get(name) {
            Some(&Meaning::Type(id)) => Some(id),
            _ => None,
        }
    }
}

/// The name of a boxed result type.
fn result_head<'e, 's>(result: &'e Expr<'s>) -> Option<&'e Ident<'s>> {
    match &result.kind {
        ExprKind::Name(name) if name.is_boxed() => Some(name),
        ExprKind::Apply(apply) => result_head(&apply.head),
        ExprKind::Paren(inner) => result_head(inner),
        _ => None,
    }
}
