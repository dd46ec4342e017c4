//! What changed between two schemas, one file per form. What the words mean: [`tl_parser::schema::diff`].

mod json;
mod markdown;
mod text;

use tl_parser::schema::diff::{Change, ChangeKind, FieldChange, Impact, TypeChange, Verdict};
use tl_parser::schema::{CombinatorKind, Schema};
use tl_parser::span::Sources;

/// Two schemas and what changed from one to the other.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// The one before.
    pub old: Side<'a>,
    /// The one after.
    pub new: Side<'a>,
    /// The definitions that are not the same.
    pub changes: &'a [Change],
    /// The types with other constructors than before.
    pub types: &'a [TypeChange],
}

/// One of the schemas.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The file's name as the user gave it.
    pub name: &'a str,
    /// The schema.
    pub schema: &'a Schema,
    /// Its text.
    pub sources: &'a Sources,
}

impl Report<'_> {
    /// For people at a terminal: counts first, then what changed, grouped by whom it breaks and why. Arguments that stay
    /// are left out.
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// The same for a pull request or release notes.
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// Everything, as one JSON object. Lines and columns count from 1, columns in characters.
    pub fn json(&self) -> String {
        json::render(self)
    }

    /// Whether any change breaks anybody.
    pub fn is_breaking(&self) -> bool {
        self.changes
            .iter()
            .any(|change| change.impact.is_breaking())
    }
}

impl Side<'_> {
    /// The name, and the layer if the schema has one.
    fn title(&self) -> String {
        match self.schema.layer() {
            Some(layer) => format!("{} (layer {layer})", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// How many changes there are, and how many break whom.
#[derive(Clone, Copy, Default)]
struct Counts {
    all: usize,
    readers: usize,
    writers: usize,
    rust_api: usize,
}

impl Counts {
    fn of<'c>(changes: impl Iterator<Item = &'c Change>) -> Self {
        let mut counts = Self::default();
        for change in changes {
            let breaks = |verdict| usize::from(verdict == Verdict::Breaking);
            counts.all += 1;
            counts.readers += breaks(change.impact.readers);
            counts.writers += breaks(change.impact.writers);
            counts.rust_api += breaks(change.impact.rust_api);
        }
        counts
    }
}

/// The kinds of changes in the order of the report: what needs thought comes first.
const KINDS: [ChangeKind; 5] = [
    ChangeKind::Changed,
    ChangeKind::Renamed,
    ChangeKind::Moved,
    ChangeKind::Removed,
    ChangeKind::Added,
];

/// The changes of one kind.
struct Section<'a> {
    kind: ChangeKind,
    counts: Counts,
    groups: Vec<Group<'a>>,
}

/// Changes that break the same people for the same reason.
struct Group<'a> {
    impact: Impact,
    reason: &'a str,
    constructors: Vec<&'a Change>,
    functions: Vec<&'a Change>,
}

/// The sections that are not empty; in each the groups that break the most first.
fn sections<'a>(report: &Report<'a>) -> Vec<Section<'a>> {
    let section = |kind| {
        let of_kind = || {
            report
                .changes
                .iter()
                .filter(move |change| change.kind == kind)
        };
        let mut groups: Vec<Group<'a>> = Vec::new();
        for change in of_kind() {
            let is_its =
                |group: &Group<'_>| group.impact == change.impact && group.reason == change.reason;
            let at = groups.iter().position(is_its).unwrap_or_else(|| {
                groups.push(Group {
                    impact: change.impact,
                    reason: &change.reason,
                    constructors: Vec::new(),
                    functions: Vec::new(),
                });
                groups.len() - 1
            });
            match change.combinator {
                CombinatorKind::Constructor => groups[at].constructors.push(change),
                CombinatorKind::Function => groups[at].functions.push(change),
            }
        }
        groups.sort_by_key(|group| std::cmp::Reverse(weight(group.impact)));
        Section {
            kind,
            counts: Counts::of(of_kind()),
            groups,
        }
    };
    let sections = KINDS.into_iter().map(section);
    sections.filter(|section| section.counts.all > 0).collect()
}

/// The wire weighs more than the Rust API, which the compiler checks.
fn weight(impact: Impact) -> (u8, Verdict) {
    let wire = u8::from(impact.readers == Verdict::Breaking)
        + u8::from(impact.writers == Verdict::Breaking);
    (wire, impact.rust_api)
}

/// `breaks readers, writers and the Rust API`, or `compatible`.
fn whom(impact: Impact) -> String {
    let broken: Vec<_> = [
        (impact.readers, "readers"),
        (impact.writers, "writers"),
        (impact.rust_api, "the Rust API"),
    ]
    .into_iter()
    .filter(|(verdict, _)| *verdict == Verdict::Breaking)
    .map(|(_, who)| who)
    .collect();
    match &broken[..] {
        [] => "compatible".to_owned(),
        [one] => format!("breaks {one}"),
        [most @ .., last] => format!("breaks {} and {last}", most.join(", ")),
    }
}

/// `name#0badcafe = Type`, with arrows from old to new.
fn signature(change: &Change) -> String {
    let mut text = match (&change.old, &change.new) {
        (Some(old), Some(new)) => {
            let mut text = arrow(old.name.as_str(), new.name.as_str());
            text.push('#');
            text.push_str(&arrow(
                &format!("{:08x}", old.id),
                &format!("{:08x}", new.id),
            ));
            text.push_str(" = ");
            text.push_str(&arrow(&old.result, &new.result));
            text
        }
        (Some(only), None) | (None, Some(only)) => {
            format!("{}#{:08x} = {}", only.name, only.id, only.result)
        }
        (None, None) => change.name.to_string(),
    };
    let layers = [&change.old, &change.new]
        .map(|side| side.as_ref().map(|side| side.layer))
        .map(|layer| layer.map(|layer| layer.map_or("none".to_owned(), |layer| layer.to_string())));
    let layer = match layers {
        [Some(old), Some(new)] => arrow(&old, &new),
        [Some(only), None] | [None, Some(only)] => only,
        [None, None] => return text,
    };
    if layer != "none" {
        text.push_str(&format!(" (layer {layer})"));
    }
    text
}

fn arrow(old: &str, new: &str) -> String {
    if old == new {
        new.to_owned()
    } else {
        format!("{old} → {new}")
    }
}

/// Why an argument's change is what it is; where the id changed, that says it all.
fn field_reason<'a>(change: &Change, field: &'a FieldChange) -> Option<&'a str> {
    let id = |side: &Option<tl_parser::schema::diff::Definition>| side.as_ref().map(|side| side.id);
    (id(&change.old) == id(&change.new)).then_some(field.reason.as_str())
}

/// A few words as a heading has them.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn plural(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}
