//! For pull requests and release notes.

use tl_parser::schema::diff::{Change, FieldChange};

use super::text::path;
use super::{Counts, Group, Report, capitalized, field_reason, sections, signature, whom};

pub(super) fn render(report: &Report<'_>) -> String {
    let (old, new) = (report.old.title(), report.new.title());
    let mut out = format!("# {} → {}\n", escaped(&old), escaped(&new));
    let sections = sections(report);
    if sections.is_empty() {
        out.push_str("\nNo definition changed.\n");
        return out;
    }
    out.push_str("\n| | all | break readers | break writers | break the Rust API |\n");
    out.push_str("|---|--:|--:|--:|--:|\n");
    for section in &sections {
        out.push_str(&row(section.kind.as_str(), section.counts));
    }
    if sections.len() > 1 {
        out.push_str(&row("all", Counts::of(report.changes.iter())));
    }
    out.push_str("\nReaders: OLD reads what NEW writes. Writers: NEW reads what OLD writes.\n");
    for section in &sections {
        let kind = capitalized(section.kind.as_str());
        out.push_str(&format!("\n## {kind}\n"));
        for group in &section.groups {
            write_group(&mut out, group);
        }
    }
    if !report.types.is_empty() {
        out.push_str("\n## Types with other constructors\n\n");
    }
    for ty in report.types {
        let gained = ty.gained.iter().map(|name| format!("+`{name}`"));
        let lost = ty.lost.iter().map(|name| format!("−`{name}`"));
        let names: Vec<_> = gained.chain(lost).collect();
        out.push_str(&format!("* `{}`: {}\n", ty.name, names.join(", ")));
    }
    out
}

fn row(name: &str, counts: Counts) -> String {
    let Counts {
        all,
        readers,
        writers,
        rust_api,
    } = counts;
    format!("| {name} | {all} | {readers} | {writers} | {rust_api} |\n")
}

/// Its changes as one block that shows additions and removals in colour.
fn write_group(out: &mut String, group: &Group<'_>) {
    let whom = capitalized(&whom(group.impact));
    out.push_str(&format!("\n**{whom}**: {}.\n\n```diff\n", group.reason));
    for change in &group.constructors {
        write_change(out, change);
    }
    if !group.functions.is_empty() {
        out.push_str("  ---functions---\n");
    }
    for change in &group.functions {
        write_change(out, change);
    }
    out.push_str("```\n");
}

fn write_change(out: &mut String, change: &Change) {
    let sign = match (&change.old, &change.new) {
        (None, _) => '+',
        (_, None) => '-',
        _ => ' ',
    };
    out.push_str(&format!("{sign} {}\n", signature(change)));
    for field in &change.details {
        write_field(out, change, field);
    }
}

fn write_field(out: &mut String, change: &Change, field: &FieldChange) {
    let path = path(field);
    // What moved is the same before and after.
    let old = field.old.as_ref().filter(|_| field.old != field.new);
    if let Some(old) = old {
        out.push_str(&format!("-     {path}{old}"));
    }
    if let Some(new) = &field.new {
        if old.is_some() {
            out.push('\n');
        }
        let sign = if field.old == field.new { ' ' } else { '+' };
        out.push_str(&format!("{sign}     {path}{new}"));
    }
    if let Some(reason) = field_reason(change, field) {
        out.push_str(&format!("  // {reason}"));
    }
    out.push('\n');
}

/// A file's name as text.
fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
