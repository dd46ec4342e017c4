//! What `schema::diff` says of small pairs of schemas: one test per rule of its module's docs.
//!
//! Verdicts are written `RWA`: breaking for readers, for writers, for the Rust API; `-` where compatible.

mod definitions;
mod fields;
mod layers;
mod masks;

use tl_parser::diagnostic::Code;
use tl_parser::schema::diff::{self, Change, ChangeKind, FieldChange, Impact, Verdict};
use tl_parser::schema::{Options, Schema, read};
use tl_parser::span::Sources;

const OPTIONS: Options = Options {
    dialect: None,
    join: true,
    // Ids that stay while masks grow are what is compared.
    trust_ids: true,
};

fn schema(text: &str) -> Schema {
    let mut sources = Sources::new();
    sources.add("a.tl", text).expect("small");
    let reading = read(&sources, &OPTIONS).remove(0);
    assert!(!reading.has_errors(), "{text}\n{:#?}", reading.diagnostics);
    reading.schema
}

fn changes(old: &str, new: &str) -> Vec<Change> {
    diff::diff(&schema(old), &schema(new))
}

/// The only change there is.
#[track_caller]
fn change(old: &str, new: &str) -> Change {
    let mut changes = changes(old, new);
    assert_eq!(changes.len(), 1, "{changes:#?}");
    changes.remove(0)
}

/// The only change of an argument in the only change there is.
#[track_caller]
fn field(old: &str, new: &str) -> FieldChange {
    let mut details = change(old, new).details;
    assert_eq!(details.len(), 1, "{details:#?}");
    details.remove(0)
}

fn verdict(impact: Impact) -> String {
    let letter = |verdict, letter| match verdict {
        Verdict::Breaking => letter,
        Verdict::Compatible => '-',
    };
    [
        letter(impact.readers, 'R'),
        letter(impact.writers, 'W'),
        letter(impact.rust_api, 'A'),
    ]
    .iter()
    .collect()
}

/// Checks the only argument that changes, which decides what its definition breaks.
#[track_caller]
fn is_field(old: &str, new: &str, kind: ChangeKind, impact: &str, reason: &str) {
    let change = change(old, new);
    assert_eq!(verdict(change.impact), impact, "{change:#?}");
    let field = field(old, new);
    assert_eq!(
        (field.kind, verdict(field.impact).as_str(), &*field.reason),
        (kind, impact, reason)
    );
}

/// Checks the only change there is.
#[track_caller]
fn is_change(old: &str, new: &str, kind: ChangeKind, impact: &str, reason: &str) {
    let change = change(old, new);
    assert_eq!(
        (
            change.kind,
            verdict(change.impact).as_str(),
            &*change.reason
        ),
        (kind, impact, reason)
    );
}

#[test]
fn nothing_changes_from_a_schema_to_itself_written_otherwise() {
    assert_eq!(changes("", ""), []);
    let old = "a#1 x:int y:Vector<string> = A;\nb#2 {t:Type} v:t = B t;";
    let new = "// Another comment.\nb#2 {u:Type} v:u = B u;\na#1 x:int y:(Vector string) = A;";
    let renamed = changes(old, new);
    assert!(
        renamed.iter().all(|change| !change.impact.breaks_wire()),
        "{renamed:#?}"
    );
    let new = "// Another comment.\nb#2 {t:Type} v:t = B t;\na#1 x:int y:(Vector string) = A;";
    assert_eq!(changes(old, new), []);
}

#[test]
fn built_ins_are_not_compared() {
    assert_eq!(changes("int ? = Int;\nlong ? = Long;\n", ""), []);
    assert_eq!(
        changes("", "vector#1cb5c415 {t:Type} # [ t ] = Vector t;"),
        []
    );
}

#[test]
fn changes_come_by_namespace_and_name() {
    let found = changes(
        "z#1 = Z;\na.b#2 = Z;",
        "y#3 = Y;\nb#4 = Y;\na.a#5 = Y;\nb.a#6 = Y;",
    );
    let names: Vec<_> = found.iter().map(|change| change.name.as_str()).collect();
    assert_eq!(names, ["b", "y", "z", "a.a", "a.b", "b.a"]);
}

/// Every schema of the repository, the broken ones of the fixtures included: whatever could be read of them is compared.
fn all_schemas() -> Vec<(String, Schema)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let folders = [
        "schemas",
        "tests/fixtures/errors",
        "tests/fixtures/generate",
    ];
    let mut schemas = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(format!("{root}/{folder}")).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "tl") {
                continue;
            }
            let mut sources = Sources::new();
            let text = std::fs::read(&path).expect("a file");
            sources.add_bytes("a.tl", text).expect("small");
            for reading in read(&sources, &OPTIONS) {
                schemas.push((path.display().to_string(), reading.schema));
            }
        }
    }
    schemas
}

#[test]
fn any_two_schemas_can_be_compared_and_what_one_way_adds_the_other_removes() {
    let schemas = all_schemas();
    assert!(schemas.len() > 50);
    let count = |changes: &[Change], kind| {
        let of_kind = changes.iter().filter(|change| change.kind == kind);
        of_kind.count()
    };
    for (index, (old_name, old)) in schemas.iter().enumerate() {
        assert_eq!(diff::diff(old, old), [], "{old_name}");
        for (new_name, new) in schemas.iter().skip(index + 1).step_by(7) {
            let (there, back) = (diff::diff(old, new), diff::diff(new, old));
            let names = format!("{old_name} and {new_name}");
            assert_eq!(there.len(), back.len(), "{names}");
            for (kind, reverse) in [
                (ChangeKind::Added, ChangeKind::Removed),
                (ChangeKind::Removed, ChangeKind::Added),
                (ChangeKind::Renamed, ChangeKind::Renamed),
            ] {
                assert_eq!(count(&there, kind), count(&back, reverse), "{names}");
            }
        }
    }
}
