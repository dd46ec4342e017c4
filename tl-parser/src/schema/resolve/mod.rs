//! Names to indices: the pass that turns syntax trees into a [`Schema`].
//!
//! Two sweeps: the first [declares](declare) every combinator and type, the second [resolves](bodies) arguments and
//! results against them ([types](terms) are most of it), so that order in the file does not matter, and in the end [puts
//! values in](partial) where partial applications say so. A [plain] definition, as most are, takes a shorter way through the
//! second sweep: it has no tree unless there is something to say of it. Whatever can't be resolved is [reported](report), and
//! its definition left out.

mod bodies;
mod declare;
mod names;
mod partial;
mod plain;
mod report;
mod results;
mod scope;
mod terms;
#[cfg(test)]
mod tests;
mod visible;
mod written;

use super::id::Dialect;
use super::read::{find_docs_link, find_layer};
use super::{Combinator, CombinatorId, Map, Schema, TypeId, prelude};
use crate::diagnostic::Diagnostic;
use crate::syntax::{Outline, ast, outline};
use names::Names;
use visible::Redefined;
use written::Written;

/// Resolves the files of one schema. Besides it: definitions that can't be part of it, for what is wrong with them otherwise is
/// told too. Where there is an explicit id, what the text gives is computed only to compare the two.
pub(super) fn resolve<'s>(
    files: &[Outline<'s>],
    dialect: Dialect,
    compares_ids: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Schema, Vec<Combinator>) {
    let prelude = outline(prelude::FILE, prelude::TEXT).0;
    let count: usize = files
        .iter()
        .chain([&prelude])
        .map(|file| file.entries.len())
        .sum();
    let mut resolver = Resolver {
        schema: Schema {
            combinators: Vec::with_capacity(count),
            dialect,
            layer: find_layer(files, diagnostics),
            docs_link: find_docs_link(files),
            ..Schema::default()
        },
        // Real schemas have a type for every three combinators.
        names: Names::with_capacity(count + count / 2),
        redefined: Redefined::default(),
        declared: Vec::with_capacity(count),
        partials: Vec::new(),
        refused: Vec::new(),
        closed: Map::default(),
        class_docs: Vec::new(),
        diagnostics,
    };
    for file in files {
        resolver.declare_file(file);
    }
    resolver.declare_prelude(&prelude);
    resolver.settle_number_names();
    resolver.attach_class_docs();
    let refused = resolver.resolve_bodies(compares_ids);
    (resolver.schema, refused)
}

/// Suggestions search all names; a file full of unknown ones must not take quadratic time.
const MAX_SUGGESTIONS: u32 = 100;

struct Resolver<'a, 's> {
    schema: Schema,
    names: Names<'s>,
    /// Those of them that more than one layer defines.
    redefined: Redefined<'s>,
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
    written: Written<'a, 's>,
    /// The type of a constructor.
    constructs: Option<TypeId>,
}

/// A definition that is left out of the schema: its name is taken, or it constructs nothing.
struct Refused<'a, 's> {
    written: Written<'a, 's>,
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
