//! The rules of field masks.

use super::*;
use ChangeKind::{Added, Changed, Moved, Removed, Renamed};

#[test]
fn a_new_field_on_a_free_bit_is_compatible() {
    is_field(
        "a#1 flags:# x:flags.0?int = A;",
        "a#1 flags:# x:flags.0?int y:flags.1?string = A;",
        Added,
        "--A",
        "takes the free bit 1 of `flags`",
    );
    // Also in the midst, for it is not there where the bit is clear; and on the last bit.
    is_field(
        "a#1 flags:# x:int = A;",
        "a#1 flags:# y:flags.31?string x:int = A;",
        Added,
        "--A",
        "takes the free bit 31 of `flags`",
    );
}

#[test]
fn a_new_true_on_a_free_bit_is_compatible_and_no_id_covers_it() {
    // The photo's id shows that ids follow Telegram's rule, which leaves `true` out.
    let photo = "inputPhoto#3bb3b94a id:long access_hash:long file_reference:bytes = InputPhoto;";
    is_field(
        &format!("a flags:# x:flags.0?int = A;\n{photo}"),
        &format!("a flags:# y:flags.3?true x:flags.0?int = A;\n{photo}"),
        Added,
        "--A",
        "takes the free bit 3 of `flags` and no bytes",
    );
}

#[test]
fn a_new_field_on_a_used_bit_is_breaking() {
    is_field(
        "a#1 flags:# x:flags.0?int = A;",
        "a#1 flags:# x:flags.0?int y:flags.0?int = A;",
        Added,
        "RWA",
        "bit 0 of `flags` is already used by `x`",
    );
    is_field(
        "a#1 flags:# x:flags.0?int = A;",
        "a#1 flags:# y:flags.0?true x:flags.0?int = A;",
        Added,
        "RWA",
        "bit 0 of `flags` is already used by `x`",
    );
}

#[test]
fn a_bit_is_not_free_when_its_field_goes_in_the_same_step() {
    let change = change(
        "a#1 flags:# x:flags.0?int = A;",
        "a#1 flags:# y:flags.0?string = A;",
    );
    assert_eq!(verdict(change.impact), "RWA");
    let reasons: Vec<_> = change.details.iter().map(|field| &*field.reason).collect();
    assert_eq!(
        reasons,
        [
            "bit 0 of `flags` is already used by `x`",
            "bit 0 still stands for `y`, and old readers expect both",
        ]
    );
}

#[test]
fn a_bit_used_where_the_mask_is_handed_on_is_not_free() {
    let b = "b#2 {m:#} y:m.5?int = B m;\n";
    let reason = "bit 5 of `flags` is already used by `y` of `b`";
    is_field(
        &format!("{b}a#1 flags:# x:(B flags) = A;"),
        &format!("{b}a#1 flags:# x:(B flags) z:flags.5?int = A;"),
        Added,
        "RWA",
        reason,
    );
    // In the reverse direction, too: all holders of a mask share its bits, also through a function's result.
    let holder = "---functions---\nf#1 flags:# z:flags.5?int = B flags;";
    is_field(
        &format!("b#2 {{m:#}} y:m.4?int = B m;\n{holder}"),
        &format!("b#2 {{m:#}} y:m.4?int w:m.5?int = B m;\n{holder}"),
        Added,
        "RWA",
        "bit 5 of `m` is already used by `z` of `f`",
    );
    // Another holder's bits have nothing to do with it.
    is_field(
        &format!("{b}a#1 flags:# x:(B flags) = A;\nc#3 flags:# x:(B flags) z:flags.9?int = A;"),
        &format!(
            "{b}a#1 flags:# x:(B flags) w:flags.9?int = A;\nc#3 flags:# x:(B flags) z:flags.9?int = A;"
        ),
        Added,
        "--A",
        "takes the free bit 9 of `flags`",
    );
}

#[test]
fn a_count_has_no_free_bits() {
    is_field(
        "a#1 n:# x:n*[ int ] = A;",
        "a#1 n:# x:n*[ int ] y:n.1?int = A;",
        Added,
        "RWA",
        "`n` is a count and has no free bits",
    );
    let tuple = "tuple#2 {t:Type} {n:#} [ t ] = Tuple t n;\n";
    is_field(
        &format!("{tuple}a#1 n:# x:(tuple int n) = A;"),
        &format!("{tuple}a#1 n:# x:(tuple int n) y:n.1?int = A;"),
        Added,
        "RWA",
        "bit 1 of `n` is already used by a count of `tuple`",
    );
}

#[test]
fn a_new_mask_behind_a_free_bit_is_compatible() {
    let change = change(
        "a#1 flags:# x:flags.0?int = A;",
        "a#1 flags:# x:flags.0?int flags2:flags.31?# y:flags2.0?int = A;",
    );
    assert_eq!(verdict(change.impact), "--A");
    assert_eq!(
        change.reason,
        "its id stays, and its bytes mean what they did"
    );
    let reasons: Vec<_> = change.details.iter().map(|field| &*field.reason).collect();
    assert_eq!(
        reasons,
        [
            "takes the free bit 31 of `flags`",
            "stands behind the new mask `flags2`",
        ]
    );
}

#[test]
fn a_new_mask_that_is_always_there_is_breaking() {
    let change = change(
        "a#1 flags:# x:flags.0?int = A;",
        "a#1 flags:# x:flags.0?int flags2:# y:flags2.0?int = A;",
    );
    assert_eq!(verdict(change.impact), "RWA");
    assert_eq!(change.reason, "its id stays, but its bytes are others");
    // The mask itself has no field in Rust.
    assert_eq!(verdict(change.details[0].impact), "RW-");
    assert_eq!(verdict(change.details[1].impact), "--A");
}

#[test]
fn a_new_field_without_a_condition_is_breaking() {
    is_field(
        "a#1 x:int = A;",
        "a#1 x:int y:int = A;",
        Added,
        "RWA",
        "is always there: old data lack it, and old readers take its bytes for what follows",
    );
}

#[test]
fn a_new_condition_on_a_whole_word_is_breaking() {
    is_field(
        "a#1 flags:# x:int = A;",
        "a#1 flags:# x:int y:flags?int = A;",
        Added,
        "RWA",
        "depends on all of `flags`, which has other uses",
    );
}

#[test]
fn a_mask_from_outside_follows_the_same_rule() {
    let b = "b#1 {m:#} x:m.0?int = B m;";
    is_field(
        b,
        "b#1 {m:#} x:m.0?int y:m.1?int = B m;",
        Added,
        "--A",
        "takes the free bit 1 of `m`",
    );
    is_field(
        b,
        "b#1 {m:#} = B m;",
        Removed,
        "RWA",
        "the mask comes from outside and may still ask for `m.0`",
    );
}

#[test]
fn a_removed_optional_field_is_breaking_for_writers() {
    is_field(
        "a#1 flags:# x:flags.0?int y:flags.1?int = A;",
        "a#1 flags:# y:flags.1?int = A;",
        Removed,
        "-WA",
        "old data may still have `flags.0` set, which no new reader knows",
    );
}

#[test]
fn a_removed_true_is_breaking_for_writers() {
    is_field(
        "a#1 flags:# x:flags.0?true y:flags.0?int = A;",
        "a#1 flags:# y:flags.0?int = A;",
        Removed,
        "-WA",
        "old data may still have `flags.0` set, which no new reader knows",
    );
}

#[test]
fn a_removed_field_whose_bit_is_still_used_is_breaking() {
    is_field(
        "a#1 flags:# x:flags.0?int y:flags.0?int = A;",
        "a#1 flags:# y:flags.0?int = A;",
        Removed,
        "RWA",
        "bit 0 still stands for `y`, and old readers expect both",
    );
}

#[test]
fn a_changed_bit_or_mask_is_breaking() {
    is_field(
        "a#1 flags:# x:flags.0?int = A;",
        "a#1 flags:# x:flags.1?int = A;",
        Changed,
        "RW-",
        "its bit is `flags.1`, no longer `flags.0`",
    );
    is_field(
        "a#1 flags:# flags2:# x:flags.0?int y:flags2.1?int z:flags.2?int = A;",
        "a#1 flags:# flags2:# x:flags2.0?int y:flags2.1?int z:flags.2?int = A;",
        Changed,
        "RW-",
        "its bit is `flags2.0`, no longer `flags.0`",
    );
    is_field(
        "a#1 flags:# x:flags.0?true = A;",
        "a#1 flags:# x:flags.1?true = A;",
        Changed,
        "RW-",
        "its bit is `flags.1`, no longer `flags.0`",
    );
}

#[test]
fn a_mask_of_another_width_is_breaking() {
    is_field(
        "a#1 flags:# x:int = A;",
        "a#1 flags:long x:int = A;",
        Changed,
        "RWA",
        "its type is `long`, no longer `#`",
    );
}

#[test]
fn optional_made_required_or_the_reverse_is_breaking() {
    is_field(
        "a#1 flags:# x:flags.0?int y:flags.1?int = A;",
        "a#1 flags:# x:int y:flags.1?int = A;",
        Changed,
        "RWA",
        "is always there now",
    );
    is_field(
        "a#1 flags:# x:int y:flags.1?int = A;",
        "a#1 flags:# x:flags.0?int y:flags.1?int = A;",
        Changed,
        "RWA",
        "is optional now",
    );
}

#[test]
fn a_renamed_mask_is_the_same_mask() {
    is_field(
        "a#1 flags:# x:flags.0?int = A;",
        "a#1 mask:# x:mask.0?int = A;",
        Renamed,
        "---",
        "the same place under another name",
    );
}

#[test]
fn the_order_of_true_is_free_and_that_of_masks_is_not() {
    assert_eq!(
        changes(
            "a#1 flags:# x:flags.0?true y:int z:flags.1?true = A;",
            "a#1 flags:# z:flags.1?true y:int x:flags.0?true = A;",
        ),
        []
    );
    is_field(
        "a#1 flags:# x:int y:flags.0?int = A;",
        "a#1 x:int flags:# y:flags.0?int = A;",
        Moved,
        "RW-",
        "stands elsewhere: fields are told apart by their order alone",
    );
}
