//! Whole definitions: added, removed, renamed, with another id or result.

use super::*;
use ChangeKind::{Added, Changed, Removed, Renamed};

#[test]
fn another_id_is_breaking_and_one_change_with_its_fields() {
    let change = change(
        "a flags:# x:flags.0?int = A;\nb#1 = B;",
        "a flags:# x:flags.0?int y:flags.1?int = A;\nb#1 = B;",
    );
    assert_eq!(change.kind, Changed);
    assert_eq!(verdict(change.impact), "RWA");
    assert_eq!(
        change.reason,
        "its id is another one: neither side knows the other's"
    );
    let ids = [change.old, change.new].map(|side| side.unwrap().id);
    assert_ne!(ids[0], ids[1]);
    // By itself the field would be fine.
    let [field] = &change.details[..] else {
        panic!("{:#?}", change.details);
    };
    assert_eq!((field.kind, verdict(field.impact).as_str()), (Added, "--A"));
    assert_eq!(field.new.as_deref(), Some("y:flags.1?int"));
}

#[test]
fn another_id_alone_leaves_the_rust_as_it_is() {
    is_change(
        "a#1 x:int = A;",
        "a#2 x:int = A;",
        Changed,
        "RW-",
        "its id is another one: neither side knows the other's",
    );
}

#[test]
fn a_constructor_added_to_a_type_is_breaking_for_readers() {
    is_change(
        "a#1 = A;",
        "a#1 = A;\nb#2 = A;",
        Added,
        "R--",
        "another constructor of an existing type: old readers do not know its id",
    );
}

#[test]
fn a_constructor_added_to_a_type_that_is_used_bare_is_breaking() {
    let mut sources = Sources::new();
    let text = "a#1 = A;\nb#2 = A;\nholder#3 x:%A y:int = Holder;";
    sources.add("new.tl", text).unwrap();
    let ambiguous = read(&sources, &OPTIONS).remove(0);
    let codes: Vec<_> = (ambiguous.diagnostics.iter())
        .filter(|found| found.is_error())
        .map(|found| found.code)
        .collect();
    assert_eq!(codes, [Code::AmbiguousBare]);
    let old = schema("a#1 = A;\nholder#3 x:%A y:int = Holder;");
    let changes = diff::diff(&old, &ambiguous.schema);
    let added = &changes[0];
    assert_eq!((&*added.name, verdict(added.impact).as_str()), ("b", "RW-"));
    assert_eq!(
        added.reason,
        "its type is used bare in `holder.x`, where no id tells which constructor follows"
    );
    // Where the constructor itself is named, it is clear what follows.
    is_change(
        "a#1 = A;\nholder#3 x:%A = Holder;",
        "a#1 = A;\nb#2 = A;\nholder#3 x:a = Holder;",
        Added,
        "R--",
        "another constructor of an existing type: old readers do not know its id",
    );
}

#[test]
fn a_new_type_and_a_new_function_are_compatible() {
    is_change(
        "",
        "a#1 = A;",
        Added,
        "---",
        "of a new type: nothing in OLD can hold it",
    );
    is_change(
        "",
        "---functions---\nf#1 = Bool;",
        Added,
        "---",
        "a new function: only who knows it calls it",
    );
}

#[test]
fn an_id_with_another_meaning_is_breaking() {
    is_change(
        "a#1 = A;",
        "a#1 = A;\n---functions---\nf#1 = Bool;",
        Added,
        "RW-",
        "its id was that of `a`",
    );
}

#[test]
fn a_removed_definition_is_breaking_for_writers() {
    is_change(
        "a#1 = A;\nb#2 = A;",
        "a#1 = A;",
        Removed,
        "-WA",
        "old data may still hold it, and new readers do not know its id",
    );
    is_change(
        "a#1 = A;",
        "",
        Removed,
        "-WA",
        "gone with its type, which old data may still hold",
    );
    is_change(
        "---functions---\nf#1 = Bool;",
        "",
        Removed,
        "-WA",
        "new readers do not know the calls of old writers",
    );
}

#[test]
fn the_same_id_under_another_name_is_a_rename() {
    is_change(
        "a#1 x:int = A;",
        "b#1 x:int = A;",
        Renamed,
        "--A",
        "the same id under another name",
    );
    let renamed = change("a#1 x:int = A;", "b#1 x:int y:int = A;");
    assert_eq!(
        (
            renamed.kind,
            verdict(renamed.impact).as_str(),
            renamed.details.len()
        ),
        (Renamed, "RWA", 1)
    );
    // A constructor does not become a function.
    assert_eq!(changes("a#1 = A;", "---functions---\na#1 = Bool;").len(), 2);
}

#[test]
fn a_function_that_returns_something_else_is_breaking() {
    let types = "a#1 = A;\nb#2 = B;\n---functions---\n";
    is_change(
        &format!("{types}f#3 = A;"),
        &format!("{types}f#3 = Vector<A>;"),
        Changed,
        "RWA",
        "it returns something else",
    );
    // The mask of a call decides how its answer is read.
    let types = "a#1 {m:#} x:m.0?int = A m;\n---functions---\n";
    is_change(
        &format!("{types}f#3 m:# n:# = A m;"),
        &format!("{types}f#3 m:# n:# = A n;"),
        Changed,
        "RW-",
        "it returns something else",
    );
}

#[test]
fn a_constructor_of_another_type_is_breaking() {
    let rest = "c#2 = A;\nd#3 = B;\n";
    is_change(
        &format!("{rest}a#1 x:int = A;"),
        &format!("{rest}a#1 x:int = B;"),
        Changed,
        "RWA",
        "it constructs another type",
    );
}

#[test]
fn types_tell_what_they_gained_and_lost() {
    let old = schema("a#1 = T;\nb#2 = T;\nn.c#3 = U;\nd#4 = Same;\ne#5 = Gone;");
    let new = schema("a#1 = T;\nz#6 = T;\ny#7 = T;\nn.c#3 = U;\nd#4 = Same;\nf#8 = New;\ng#9 = U;");
    let found: Vec<_> = diff::type_changes(&old, &new)
        .into_iter()
        .map(|ty| format!("{} +{:?} -{:?}", ty.name, ty.gained, ty.lost))
        .collect();
    assert_eq!(found, ["T +[y, z] -[b]", "U +[g] -[]"]);
}

#[test]
fn definitions_without_a_name_are_told_apart_by_their_types() {
    let old = "_#1 x:int = A;\n_#2 x:int = B;";
    assert_eq!(changes(old, old), []);
    let change = change(old, "_#1 x:int = A;\n_#3 x:int = B;");
    assert_eq!(change.new.unwrap().result, "B");
}

#[test]
fn a_constructor_used_bare_changes_without_a_sign() {
    let holder = "holder#2 x:Vector<a> = Holder;\n";
    is_change(
        &format!("{holder}a#1 x:int = A;"),
        &format!("{holder}a#3 x:int y:int = A;"),
        Changed,
        "RWA",
        "its id is another one: neither side knows the other's; it is used bare, too, where no id tells old from new",
    );
    // Nothing happens to the holder's bytes while a free bit is clear.
    is_change(
        &format!("{holder}a#1 flags:# x:int = A;"),
        &format!("{holder}a#1 flags:# x:int y:flags.0?int = A;"),
        Changed,
        "--A",
        "its id stays, and its bytes mean what they did",
    );
}
