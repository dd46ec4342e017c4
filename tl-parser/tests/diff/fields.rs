//! Fields beside masks: order, names and types.

use super::*;
use ChangeKind::{Changed, Moved, Removed, Renamed};

#[test]
fn a_removed_field_is_breaking() {
    is_field(
        "a#1 x:int y:int = A;",
        "a#1 y:int = A;",
        Removed,
        "RWA",
        "was always there: old readers expect it, and old data has it",
    );
}

#[test]
fn a_reordered_field_is_breaking_on_the_wire_and_fine_in_rust() {
    is_field(
        "a#1 x:int y:int z:int = A;",
        "a#1 y:int z:int x:int = A;",
        Moved,
        "RW-",
        "stands elsewhere: fields are told apart by their order alone",
    );
}

#[test]
fn a_renamed_field_is_the_same_bytes() {
    is_field(
        "a#1 x:int y:int = A;",
        "a#1 z:int y:int = A;",
        Renamed,
        "--A",
        "the same place under another name",
    );
    // Not without the id: what stands in the same place then may be something else altogether.
    let change = change("a x:int = A;\nb#1 = B;", "a z:int = A;\nb#1 = B;");
    let kinds: Vec<_> = change.details.iter().map(|field| field.kind).collect();
    assert_eq!(kinds, [ChangeKind::Added, Removed]);
}

#[test]
fn a_changed_type_is_breaking() {
    let reason = "its type is `long`, no longer `int`";
    is_field("a#1 x:int = A;", "a#1 x:long = A;", Changed, "RWA", reason);
    let b = "b#2 = B;\n";
    is_field(
        &format!("{b}a#1 x:Vector<B> = A;"),
        &format!("{b}a#1 x:Vector<b> = A;"),
        Changed,
        "RWA",
        "its type is `Vector<b>`, no longer `Vector<B>`",
    );
    // A `vector` has no id before it; Rust does not care.
    is_field(
        "a#1 x:Vector<int> = A;",
        "a#1 x:vector<int> = A;",
        Changed,
        "RW-",
        "its type is `vector<int>`, no longer `Vector<int>`",
    );
    // No bytes and a flag, or bytes and a flag: a `bool` both times.
    is_field(
        "a#1 flags:# x:flags.0?true y:flags.1?int = A;",
        "a#1 flags:# x:Bool y:flags.1?int = A;",
        Changed,
        "RW-",
        "is always there now; its type is `Bool`, no longer `true`",
    );
}

#[test]
fn types_of_the_same_bytes_are_compatible_on_the_wire() {
    let reason = "`int53` and `long` are the same bytes";
    is_field(
        "a#1 x:int53 = A;",
        "a#1 x:long = A;",
        Changed,
        "---",
        reason,
    );
    let reason = "`#` and `int` are the same bytes";
    is_field("a#1 x:# = A;", "a#1 x:int = A;", Changed, "--A", reason);
}

#[test]
fn text_and_bytes_break_whoever_wants_text() {
    let reason = "`string` and `bytes` look the same, but not all bytes are text";
    is_field(
        "a#1 x:string = A;",
        "a#1 x:bytes = A;",
        Changed,
        "R-A",
        reason,
    );
    let reason = "`Vector<bytes>` and `Vector<string>` look the same, but not all bytes are text";
    is_field(
        "a#1 x:Vector<bytes> = A;",
        "a#1 x:Vector<string> = A;",
        Changed,
        "-WA",
        reason,
    );
}

#[test]
fn fields_of_repetitions_follow_the_same_rules() {
    let old = "a#1 n:# items:n*[ flags:# x:int ] = A;";
    let added = field(old, "a#1 n:# items:n*[ flags:# x:int y:flags.0?int ] = A;");
    assert_eq!(
        (&*added.name, verdict(added.impact).as_str()),
        ("items.y", "--A")
    );
    let removed = field(old, "a#1 n:# items:n*[ flags:# ] = A;");
    assert_eq!(
        (&*removed.name, verdict(removed.impact).as_str()),
        ("items.x", "RWA")
    );
    let count = field(
        "a#1 m:# n:# x:n*[ int ] = A;",
        "a#1 m:# n:# x:m*[ int ] = A;",
    );
    assert_eq!(verdict(count.impact), "RWA");
}

#[test]
fn parameters_are_compared_too() {
    let change = change(
        "a#1 {t:Type} x:int = A t;",
        "a#1 {t:Type} {n:#} x:int = A t;",
    );
    assert!(change.impact.breaks_wire());
    assert_eq!(
        change.details[0].reason,
        "the definition depends on one more parameter"
    );
    let f = "---functions---\nf#1 {X:Type} query:!X = X;";
    assert_eq!(changes(f, f), []);
    let g = "---functions---\nf#1 {X:Type} query:!X z:int = X;";
    assert_eq!(field(f, g).name, "z");
}

#[test]
fn a_first_field_gives_a_variant_its_payload() {
    // The mask has no field, but the variant has a struct now.
    is_field(
        "a#1 = A;",
        "a#1 flags:# = A;",
        ChangeKind::Added,
        "RWA",
        "is always there: old data lack it, and old readers take its bytes for what follows",
    );
}
