//! From files to checked schemas: the order of the passes, and which files belong together.

use std::cmp::Ordering;

use super::id::{Dialect, computed_id};
use super::{Combinator, Schema, check, resolve};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Sources};
use crate::syntax::ast::{self, Item};
use crate::syntax::{Entry, Outline, outline};

/// How to read schemas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The rule for ids; found out from the explicit ids when not set.
    pub dialect: Option<Dialect>,
    /// Whether all files make one schema, also those that state a layer.
    pub join: bool,
    /// Whether explicit ids are right whatever the text gives, as where they are chosen by hand.
    pub trust_ids: bool,
}

/// One schema with everything that was found in it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reading {
    /// The schema. With errors among the diagnostics it holds what was sound.
    pub schema: Schema,
    /// All findings, in source order.
    pub diagnostics: Vec<Diagnostic>,
    /// The files it was read from.
    pub files: Vec<FileId>,
}

impl Reading {
    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Reads every file of `sources`.
///
/// A file that states its layer (`// LAYER N` or `===N===`) is a schema of its own, for its names mean something else in
/// another. All other files together make one schema, so that they may use each other's types. Schemas come in the order
/// of their first files.
pub fn read(sources: &Sources, options: &Options) -> Vec<Reading> {
    let check = |(mut reading, refused): Resolved| {
        check::check(
            &reading.schema,
            &refused,
            options.trust_ids,
            &mut reading.diagnostics,
        );
        sorted(reading)
    };
    resolve(sources, options, true).map(check).collect()
}

/// Reads every file as [`read`] does, but does not check what came of it: that ids match their texts and differ, that
/// every type has a finite value, and that nothing is legal and yet strange. Explicit ids are taken at their word: what the
/// text gives is not computed beside them, and no [`Combinator::id_mismatch`] is set. For a schema that was read before.
pub fn read_unchecked(sources: &Sources, options: &Options) -> Vec<Reading> {
    let readings = resolve(sources, options, false);
    readings.map(|(reading, _)| sorted(reading)).collect()
}

fn sorted(mut reading: Reading) -> Reading {
    let place = |found: &Diagnostic| (found.primary.span, found.code);
    reading.diagnostics.sort_by_key(place);
    reading
}

/// A file and what is wrong with it as text.
type Outlined<'s> = (Outline<'s>, Vec<Diagnostic>);

/// A schema, and the definitions that can't be part of it.
type Resolved = (Reading, Vec<Combinator>);

fn resolve(
    sources: &Sources,
    options: &Options,
    compares_ids: bool,
) -> impl Iterator<Item = Resolved> {
    let mut groups: Vec<Vec<Outlined<'_>>> = Vec::new();
    let mut joint = None;
    for (id, source) in sources.iter() {
        let outlined = outline(id, source.text());
        if !options.join && states_layer(&outlined.0) {
            groups.push(vec![outlined]);
            continue;
        }
        let group = *joint.get_or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(outlined);
    }
    let groups = groups.into_iter();
    groups.map(move |group| resolve_group(group, options, compares_ids))
}

fn resolve_group(group: Vec<Outlined<'_>>, options: &Options, compares_ids: bool) -> Resolved {
    let (outlines, found): (Vec<_>, Vec<_>) = group.into_iter().unzip();
    let mut diagnostics = found.concat();
    let dialect = options.dialect.unwrap_or_else(|| detect_dialect(&outlines));
    let (schema, refused) = resolve::resolve(&outlines, dialect, compares_ids, &mut diagnostics);
    let reading = Reading {
        schema,
        diagnostics,
        files: outlines.iter().map(|outline| outline.file).collect(),
    };
    (reading, refused)
}

fn states_layer(outline: &Outline<'_>) -> bool {
    let is_mark =
        |entry: &Entry<'_>| matches!(entry, Entry::Tree(item) if matches!(**item, Item::Layer(_)));
    outline.entries.iter().any(is_mark)
        || outline
            .comments
            .iter()
            .any(|comment| layer_of(comment).is_some())
}

/// The dialect that more of the explicit ids agree with. Without any evidence: Telegram's where every definition has an id,
/// else the documented rule, for only its users leave ids to the rule.
fn detect_dialect(outlines: &[Outline<'_>]) -> Dialect {
    let (mut telegram, mut raw, mut with_id, mut without_id) = (0_u32, 0_u32, 0_u32, 0_u32);
    for combinator in outlines.iter().flat_map(Outline::combinators) {
        let Some(id) = combinator.id else {
            without_id += 1;
            continue;
        };
        with_id += 1;
        if super::id::differs_between_dialects(&combinator) {
            telegram += u32::from(computed_id(&combinator, Dialect::Telegram) == id.value);
            raw += u32::from(computed_id(&combinator, Dialect::Raw) == id.value);
        }
        // A clear lead needs no further counting.
        if telegram.abs_diff(raw) >= 16 {
            break;
        }
    }
    let all_have_ids = with_id > 0 && without_id == 0;
    match telegram.cmp(&raw) {
        Ordering::Greater => Dialect::Telegram,
        Ordering::Equal if all_have_ids => Dialect::Telegram,
        _ => Dialect::Raw,
    }
}

/// What a comment `// WORD value` states.
fn stated<'s>(comment: &ast::Comment<'s>, word: &str) -> Option<&'s str> {
    comment
        .text
        .strip_prefix("//")?
        .trim()
        .strip_prefix(word)?
        .strip_prefix(' ')
        .map(str::trim)
}

/// The pattern of official pages that a `// DOCS URL` comment states.
pub(super) fn find_docs_link(files: &[Outline<'_>]) -> Option<String> {
    let mut comments = files.iter().flat_map(|file| &file.comments);
    comments
        .find_map(|comment| stated(comment, "DOCS"))
        .filter(|url| url.contains("://"))
        .map(str::to_owned)
}

/// The layer that a `// LAYER N` comment states.
fn layer_of(comment: &ast::Comment<'_>) -> Option<u32> {
    stated(comment, "LAYER")?.parse().ok()
}

/// Finds the layer of an unlayered schema in its comments.
pub(super) fn find_layer(files: &[Outline<'_>], diagnostics: &mut Vec<Diagnostic>) -> Option<u32> {
    let mut found: Option<(u32, ast::Comment<'_>)> = None;
    for comment in files.iter().flat_map(|file| &file.comments) {
        let Some(layer) = layer_of(comment) else {
            continue;
        };
        match found {
            Some((first, place)) if first != layer => diagnostics.push(
                Diagnostic::new(
                    Code::LayerConflict,
                    comment.span,
                    format!("the schema states layer {layer} here, and layer {first} before"),
                )
                .also(place.span, "stated here first")
                .help("one schema has one layer; remove the stale line"),
            ),
            Some(_) => {}
            None => found = Some((layer, *comment)),
        }
    }
    found.map(|(layer, _)| layer)
}
