//! For programs.

use serde::Serialize;
use tl_parser::schema::diff::{self, Change, ChangeKind, FieldChange, Impact, TypeChange};
use tl_parser::schema::{CombinatorKind, Name};

use super::{Counts, KINDS, Report, Side};

pub(super) fn render(report: &Report<'_>) -> String {
    let document = Document {
        old: schema(&report.old),
        new: schema(&report.new),
        summary: summary(report.changes),
        changes: report
            .changes
            .iter()
            .map(|change| definition_change(report, change))
            .collect(),
        types: report.types.iter().map(type_change).collect(),
    };
    // Strings and numbers alone can't fail to serialize.
    serde_json::to_string_pretty(&document).map_or_else(|_| String::new(), |text| text + "\n")
}

#[derive(Serialize)]
struct Document<'a> {
    old: Schema<'a>,
    new: Schema<'a>,
    summary: Summary,
    changes: Vec<DefinitionChange<'a>>,
    types: Vec<Type<'a>>,
}

#[derive(Serialize)]
struct Schema<'a> {
    file: &'a str,
    layer: Option<u32>,
    layers: &'a [u32],
}

#[derive(Serialize)]
struct Summary {
    added: usize,
    removed: usize,
    changed: usize,
    renamed: usize,
    moved: usize,
    breaking: Breaking,
}

#[derive(Serialize)]
struct Breaking {
    any: usize,
    readers: usize,
    writers: usize,
    rust_api: usize,
}

#[derive(Serialize)]
struct DefinitionChange<'a> {
    change: &'static str,
    kind: &'static str,
    name: &'a str,
    #[serde(flatten)]
    verdicts: Verdicts,
    reason: &'a str,
    old: Option<Definition<'a>>,
    new: Option<Definition<'a>>,
    arguments: Vec<Argument<'a>>,
}

#[derive(Serialize)]
struct Verdicts {
    readers: &'static str,
    writers: &'static str,
    rust_api: &'static str,
}

#[derive(Serialize)]
struct Definition<'a> {
    name: &'a str,
    id: String,
    result: &'a str,
    layer: Option<u32>,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Argument<'a> {
    change: &'static str,
    name: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
    #[serde(flatten)]
    verdicts: Verdicts,
    reason: &'a str,
}

#[derive(Serialize)]
struct Type<'a> {
    name: &'a str,
    gained: Vec<&'a str>,
    lost: Vec<&'a str>,
}

fn schema<'a>(side: &Side<'a>) -> Schema<'a> {
    Schema {
        file: side.name,
        layer: side.schema.layer(),
        layers: side.schema.layers(),
    }
}

fn summary(changes: &[Change]) -> Summary {
    let [changed, renamed, moved, removed, added] =
        KINDS.map(|kind: ChangeKind| changes.iter().filter(|change| change.kind == kind).count());
    let counts = Counts::of(changes.iter());
    let is_breaking = |change: &&Change| change.impact.is_breaking();
    Summary {
        added,
        removed,
        changed,
        renamed,
        moved,
        breaking: Breaking {
            any: changes.iter().filter(is_breaking).count(),
            readers: counts.readers,
            writers: counts.writers,
            rust_api: counts.rust_api,
        },
    }
}

fn definition_change<'a>(report: &Report<'a>, change: &'a Change) -> DefinitionChange<'a> {
    DefinitionChange {
        change: change.kind.as_str(),
        kind: match change.combinator {
            CombinatorKind::Constructor => "constructor",
            CombinatorKind::Function => "function",
        },
        name: change.name.as_str(),
        verdicts: verdicts(change.impact),
        reason: &change.reason,
        old: (change.old.as_ref()).map(|old| definition(&report.old, old)),
        new: (change.new.as_ref()).map(|new| definition(&report.new, new)),
        arguments: change.details.iter().map(argument).collect(),
    }
}

fn verdicts(impact: Impact) -> Verdicts {
    Verdicts {
        readers: impact.readers.as_str(),
        writers: impact.writers.as_str(),
        rust_api: impact.rust_api.as_str(),
    }
}

fn definition<'a>(side: &Side<'_>, definition: &'a diff::Definition) -> Definition<'a> {
    let span = definition.name_span;
    let (line, column) = side.sources.file(span.file).line_column(span.start);
    Definition {
        name: definition.name.as_str(),
        id: format!("{:08x}", definition.id),
        result: &definition.result,
        layer: definition.layer,
        line,
        column,
    }
}

fn argument(field: &FieldChange) -> Argument<'_> {
    Argument {
        change: field.kind.as_str(),
        name: &field.name,
        old: field.old.as_deref(),
        new: field.new.as_deref(),
        verdicts: verdicts(field.impact),
        reason: &field.reason,
    }
}

fn type_change(ty: &TypeChange) -> Type<'_> {
    fn names(names: &[Name]) -> Vec<&str> {
        names.iter().map(Name::as_str).collect()
    }
    Type {
        name: ty.name.as_str(),
        gained: names(&ty.gained),
        lost: names(&ty.lost),
    }
}
