//! For people at a terminal.

use tl_parser::schema::Name;
use tl_parser::schema::diff::{Change, ChangeKind, FieldChange};

use super::{Counts, Group, Report, capitalized, field_reason, plural, sections, signature, whom};

pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = format!("{} → {}\n\n", report.old.title(), report.new.title());
    let sections = sections(report);
    if sections.is_empty() {
        out.push_str("No definition changed.\n");
        return out;
    }
    let kinds: Vec<_> = sections
        .iter()
        .map(|section| format!("{} {}", section.counts.all, section.kind))
        .collect();
    let all = Counts::of(report.changes.iter());
    out.push_str(&format!(
        "{}: {}\n",
        plural(all.all, "change"),
        kinds.join(", ")
    ));
    out.push_str(&breaking(all));
    for section in &sections {
        let kind = capitalized(section.kind.as_str());
        out.push_str(&format!("\n{kind}: {}\n", section.counts.all));
        for group in &section.groups {
            write_group(&mut out, group);
        }
    }
    if !report.types.is_empty() {
        out.push_str(&format!(
            "\nTypes with other constructors: {}\n\n",
            report.types.len()
        ));
    }
    for ty in report.types {
        let lists = [list('+', &ty.gained), list('-', &ty.lost)];
        let lists: Vec<_> = lists.into_iter().flatten().collect();
        out.push_str(&format!("  {}: {}\n", ty.name, lists.join("; ")));
    }
    out
}

fn breaking(counts: Counts) -> String {
    let Counts {
        readers,
        writers,
        rust_api,
        ..
    } = counts;
    if readers + writers + rust_api == 0 {
        return "nothing breaks\n".to_owned();
    }
    format!(
        "breaking: {readers} for readers (OLD reads what NEW writes), {writers} for writers (NEW reads what OLD writes), \
         {rust_api} for the Rust API\n"
    )
}

fn write_group(out: &mut String, group: &Group<'_>) {
    out.push_str(&format!(
        "\n  [{}] {}\n\n",
        whom(group.impact),
        group.reason
    ));
    for change in &group.constructors {
        write_change(out, change);
    }
    if !group.functions.is_empty() {
        out.push_str("    ---functions---\n");
    }
    for change in &group.functions {
        write_change(out, change);
    }
}

fn write_change(out: &mut String, change: &Change) {
    out.push_str(&format!(
        "    {} {}\n",
        sign(change.kind),
        signature(change)
    ));
    for field in &change.details {
        write_field(out, change, field);
    }
}

fn write_field(out: &mut String, change: &Change, field: &FieldChange) {
    let text = match (&field.old, &field.new) {
        (Some(old), Some(new)) if old != new => format!("{old} → {}", without_name(old, new)),
        (_, Some(only)) | (Some(only), None) => only.clone(),
        (None, None) => return,
    };
    out.push_str(&format!(
        "        {} {}{text}",
        sign(field.kind),
        path(field)
    ));
    if let Some(reason) = field_reason(change, field) {
        out.push_str(&format!("  // {reason}"));
    }
    out.push('\n');
}

/// An argument without its name, where that is the old one's.
fn without_name<'n>(old: &str, new: &'n str) -> &'n str {
    match (old.split_once(':'), new.split_once(':')) {
        (Some((old, _)), Some((name, ty))) if old == name => ty,
        _ => new,
    }
}

/// The repetitions around an argument.
pub(super) fn path(field: &FieldChange) -> &str {
    match field.name.rfind('.') {
        Some(end) => &field.name[..=end],
        None => "",
    }
}

fn sign(kind: ChangeKind) -> char {
    match kind {
        ChangeKind::Added => '+',
        ChangeKind::Removed => '-',
        ChangeKind::Changed | ChangeKind::Renamed | ChangeKind::Moved => '~',
    }
}

fn list(sign: char, names: &[Name]) -> Option<String> {
    let names: Vec<_> = names.iter().map(Name::as_str).collect();
    (!names.is_empty()).then(|| format!("{sign} {}", names.join(", ")))
}
