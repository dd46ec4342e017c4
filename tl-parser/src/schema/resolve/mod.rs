//! Names to indices: the pass that turns syntax trees into a [`Schema`].
//!
//! Two sweeps: the first [declares](declare) every combinator and type, the second [resolves](bodies) arguments and
//! results against them, so that order in the file does not matter. Whatever can't be resolved is reported, and its definition left out.

mod bodies;
mod declare;
mod scope;

use std::collections::HashMap;

use super::id::Dialect;
use super::read::{find_docs_link, find_layer};
use super::{CombinatorId, Schema, TypeId, prelude};
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{self, Expr, ExprKind, Ident};
use crate::syntax::parse;

/// Resolves the files of one schema.
pub(super) fn resolve(
    files: &[ast::File<'_>],
    dialect: Dialect,
    diagnostics: &mut Vec<Diagnostic>,
) -> Schema {
    let prelude = parse(prelude::FILE, prelude::TEXT).file;
    let count = files.iter().map(|file| file.items.len()).sum::<usize>() + prelude.items.len();
    let mut resolver = Resolver {
        schema: Schema {
            dialect,
            layer: find_layer(files, diagnostics),
            docs_link: find_docs_link(files),
            ..Schema::default()
        },
        combinators: HashMap::with_capacity(count),
        types: HashMap::with_capacity(count),
        shadowed: Vec::with_capacity(count),
        trees: Vec::with_capacity(count),
        partials: Vec::new(),
        closed: HashMap::new(),
        class_docs: Vec::new(),
        diagnostics,
        suggestions_left: MAX_SUGGESTIONS,
    };
    for file in files {
        resolver.declare_file(file);
    }
    resolver.declare_prelude(&prelude);
    resolver.attach_class_docs();
    resolver.resolve_bodies();
    resolver.schema
}

/// Suggestions search all names; a file full of unknown ones must not take quadratic time.
const MAX_SUGGESTIONS: u32 = 100;

struct Resolver<'a, 's> {
    schema: Schema,
    /// The newest combinator of each name.
    combinators: HashMap<&'s str, CombinatorId>,
    types: HashMap<&'s str, TypeId>,
    /// For each combinator the one of the same name in an earlier layer.
    shadowed: Vec<Option<CombinatorId>>,
    trees: Vec<&'a ast::Combinator<'s>>,
    partials: Vec<&'a ast::PartialApplication<'s>>,
    /// Types that `Final` or `Empty` has closed.
    closed: HashMap<&'s str, ast::Finalization<'s>>,
    /// What `//@class` comments say, by type.
    class_docs: Vec<(String, String)>,
    diagnostics: &'a mut Vec<Diagnostic>,
    suggestions_left: u32,
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
