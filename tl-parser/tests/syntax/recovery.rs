//! A broken definition costs one diagnostic and hides nothing.

use tl_parser::diagnostic::{Code, Fix};
use tl_parser::span::{FileId, Span};

use crate::tree::{item, read, told};

/// The names of what is left, and the codes of what was said.
#[track_caller]
fn recovers(text: &str, kept: &[&str], codes: &[Code]) {
    let parsed = read(text);
    assert_eq!(
        parsed.file.items.iter().map(item).collect::<Vec<_>>(),
        kept,
        "{text}\n{:#?}",
        parsed.diagnostics
    );
    assert_eq!(
        parsed
            .diagnostics
            .iter()
            .map(|found| found.code)
            .collect::<Vec<_>>(),
        codes,
        "{text}"
    );
}

#[test]
fn three_broken_definitions_of_five_leave_two() {
    recovers(
        "a x: = A;\nb = B;\nc [ y:int = C;\nd z:int = D;\ne {t} = E t;\n",
        &["b = B", "d [z:int] = D"],
        &[Code::UnexpectedToken; 3],
    );
}

#[test]
fn several_definitions_on_a_line() {
    recovers(
        "a x: = A; b = B; c = ; d = D;",
        &["b = B", "d = D"],
        &[Code::UnexpectedToken; 2],
    );
}

#[test]
fn a_missing_semicolon_keeps_both_definitions() {
    for next in [
        "b#12 = B",
        "b = B",
        "b {X:Type} = B",
        "b x:int = B",
        "b ? = B",
        "@any b = B",
        "_ x:int = B",
        "b # [ t ] = B",
    ] {
        let text = format!("a x:int = A // one\n{next};");
        let parsed = read(&text);
        assert_eq!(
            parsed.file.items.len(),
            2,
            "{text}: {:?}",
            parsed.diagnostics
        );
        assert_eq!(
            told(&text),
            [r#"MissingSemicolon 11..11 "" expected `;` after `A`"#]
        );
        assert_eq!(
            parsed.diagnostics[0].fix,
            Some(Fix {
                span: Span::new(FileId(7), 11, 11),
                replacement: ";".into()
            })
        );
        assert_eq!(parsed.file.items[0].span(), Span::new(FileId(7), 0, 11));
    }
}

#[test]
fn a_missing_semicolon_before_a_mark_or_the_end() {
    recovers(
        "a = A\n---functions---\nb = B;",
        &["a = A", "section Functions", "b = B"],
        &[Code::MissingSemicolon],
    );
    recovers(
        "a = A\n===8===\nb = B;",
        &["a = A", "layer 8", "b = B"],
        &[Code::MissingSemicolon],
    );
    recovers(
        "a = Vector t // end",
        &["a = apply(Vector t)"],
        &[Code::MissingSemicolon],
    );
    recovers(
        "Vector int\na = A;",
        &["partial apply(Vector int)", "a = A"],
        &[Code::MissingSemicolon],
    );
    recovers(
        "Final T\na#1 = A;",
        &["Final T", "a#1 = A"],
        &[Code::MissingSemicolon],
    );
}

#[test]
fn every_missing_semicolon_is_found() {
    recovers(
        "a = A\nb = B\nc = C t\nd x:t = D\n",
        &["a = A", "b = B", "c = apply(C t)", "d [x:t] = D"],
        &[Code::MissingSemicolon; 4],
    );
}

#[test]
fn results_over_several_lines_need_no_semicolon_inside() {
    recovers(
        "a = Tuple\n  int\n  5;\nb = B;",
        &["a = apply(Tuple int 5)", "b = B"],
        &[],
    );
    recovers(
        "a = Tuple\n  int\n  5\nb x:int = B;",
        &["a = apply(Tuple int 5)", "b [x:int] = B"],
        &[Code::MissingSemicolon],
    );
}

#[test]
fn of_lines_that_could_begin_a_definition_the_first_outermost_does() {
    recovers(
        "a = A\nb\nint\n= B;",
        &["a = A", "b [:int] = B"],
        &[Code::MissingSemicolon],
    );
    recovers(
        "a = A\n t\nb\n int\n= B;",
        &["a = apply(A t)", "b [:int] = B"],
        &[Code::MissingSemicolon],
    );
}

#[test]
fn a_broken_definition_without_semicolon_ends_at_the_next_one() {
    recovers("a x: \nb#12 = B;", &["b#12 = B"], &[Code::UnexpectedToken]);
    recovers(
        "a ( x\nns.b#12 = B;",
        &["ns.b#12 = B"],
        &[Code::UnexpectedToken],
    );
    recovers(
        "a x: = A\nb y:int = B;",
        &["b [y:int] = B"],
        &[Code::UnexpectedToken],
    );
    recovers(
        "a x: = A\n---functions---\nb = B;",
        &["section Functions", "b = B"],
        &[Code::UnexpectedToken],
    );
    recovers(
        "a x:int\n@any b#12 = B;",
        &["@any b#12 = B"],
        &[Code::UnexpectedToken],
    );
}

#[test]
fn a_broken_definition_over_several_lines_is_reported_once() {
    recovers(
        "@read\na#12\n  x:int\n  y:\n  = A;\nb = B;",
        &["b = B"],
        &[Code::UnexpectedToken],
    );
    recovers(
        "a\n  x:\n  = A;\nb = B;",
        &["b = B"],
        &[Code::UnexpectedToken],
    );
}

#[test]
fn a_broken_mark_takes_its_line() {
    recovers(
        "--- foo bar ---\na = A;",
        &["a = A"],
        &[Code::UnexpectedToken],
    );
    recovers("===8\na = A;", &["a = A"], &[Code::UnexpectedToken]);
}

#[test]
fn stray_semicolons_cost_nothing_else() {
    recovers(
        "a = A;; b = B;",
        &["a = A", "b = B"],
        &[Code::UnexpectedToken],
    );
}

#[test]
fn an_unterminated_comment_keeps_what_is_whole() {
    recovers(
        "a = A;\nb = B\n/* c = C;",
        &["a = A", "b = B"],
        &[Code::UnterminatedComment],
    );
    recovers(
        "a = A;\nb x:\n/* c = C;",
        &["a = A"],
        &[Code::UnterminatedComment],
    );
}
