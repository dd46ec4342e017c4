//! Layered schemas: definitions by name and layer.

use super::*;
use ChangeKind::{Added, Changed, Moved, Removed};

const OLD: &str = "===8===\na#1 = A;\n===17===\na#2 x:int = A;\n";

#[test]
fn a_definition_of_a_later_layer_is_compatible() {
    let reason = "only peers that agreed on a layer OLD does not have are sent it";
    is_change(
        OLD,
        &format!("{OLD}===20===\na#3 x:int y:int = A;"),
        Added,
        "---",
        reason,
    );
    is_change(
        OLD,
        &format!("{OLD}===20===\nb#3 = A;"),
        Added,
        "---",
        reason,
    );
}

#[test]
fn a_definition_added_to_an_old_layer_is_breaking_for_readers() {
    is_change(
        OLD,
        &format!("{OLD}b#3 = A;"),
        Added,
        "R--",
        "another constructor of an existing type: old readers do not know its id",
    );
}

#[test]
fn a_name_redefined_or_no_longer_redefined_in_an_old_layer_is_breaking() {
    let first = "===8===\na#1 = A;\n===17===\nb#3 = A;\n";
    let both = "===8===\na#1 = A;\n===17===\nb#3 = A;\na#2 x:int = A;\n";
    let reason = "at its layer the name meant an earlier definition until now";
    is_change(first, both, Added, "RWA", reason);
    let reason = "at its layer the name means an earlier definition now";
    is_change(both, first, Removed, "RWA", reason);
}

#[test]
fn a_change_within_a_layer_is_that_of_its_definition() {
    let change = change(OLD, "===8===\na#1 = A;\n===17===\na#4 x:long = A;\n");
    assert_eq!(
        (change.kind, change.new.unwrap().layer),
        (Changed, Some(17))
    );
    assert_eq!(change.details.len(), 1);
}

#[test]
fn a_definition_moved_to_a_later_layer_is_breaking_for_writers() {
    is_change(
        "===8===\na#1 = A;\nb#2 = A;\n===17===\nc#3 = A;",
        "===8===\na#1 = A;\n===17===\nc#3 = A;\nb#2 = A;",
        Moved,
        "-WA",
        "at layer 8 the new schema does not know it",
    );
}

#[test]
fn a_definition_moved_to_an_earlier_layer_is_breaking_for_readers() {
    is_change(
        "===8===\na#1 = A;\n===17===\nc#3 = A;\nb#2 = A;",
        "===8===\na#1 = A;\nb#2 = A;\n===17===\nc#3 = A;",
        Moved,
        "R--",
        "at layer 8 the old schema does not know it",
    );
}

#[test]
fn a_moved_definition_that_uncovers_an_earlier_one_is_breaking() {
    let last = "===20===\nd#4 = A;\n";
    is_change(
        &format!("{OLD}{last}"),
        &format!("===8===\na#1 = A;\n===17===\n{last}a#2 x:int = A;"),
        Moved,
        "RWA",
        "at layer 17 the new schema means an earlier definition of this name",
    );
    is_change(
        &format!("===8===\na#1 = A;\n===17===\n{last}a#2 x:int = A;"),
        &format!("{OLD}{last}"),
        Moved,
        "RWA",
        "at layer 17 the old schema means an earlier definition of this name",
    );
}

#[test]
fn a_schema_put_into_layers_keeps_its_bytes() {
    is_change(
        "a#1 = A;",
        "===8===\na#1 = A;",
        Moved,
        "--A",
        "no layer lies between its old layer and its new one",
    );
}

#[test]
fn the_stated_layer_alone_changes_nothing() {
    assert_eq!(changes("a#1 = A;\n// LAYER 8", "a#1 = A;\n// LAYER 9"), []);
}
