//! The formatter: its style, and that it changes nothing but blanks.

use tl_parser::syntax::ast::{ExprKind, Item};
use tl_parser::syntax::print;

use crate::tree::{read, without_spans};

/// Formats, and proves on the way that the tree stays the same and that formatting again changes nothing.
#[track_caller]
fn format(text: &str) -> String {
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    let formatted = print::format(&parsed.file, text);
    let again = read(&formatted);
    assert_eq!(again.diagnostics, [], "{formatted}");
    assert_eq!(
        without_spans(&again.file),
        without_spans(&parsed.file),
        "{formatted}"
    );
    assert_eq!(
        again.file.comments.len(),
        parsed.file.comments.len(),
        "{formatted}"
    );
    assert_eq!(print::format(&again.file, &formatted), formatted);
    formatted
}

#[test]
fn one_definition_a_line_with_single_blanks() {
    assert_eq!(
        format("a#AB\n\t{ X : Type }   x : flags . 3 ?  ! X\r\n = A ;b=B; @read   c ?=>C ;"),
        "a#000000ab {X:Type} x:flags.3?!X = A;\nb = B;\n@read c ? => C;\n"
    );
}

#[test]
fn every_form_of_type_stays_as_written() {
    let text = "a x:Vector<int> y:(Vector int) z:((T)) w:%(M<a b,n+1>) (p q:t) n*[ a:int b:int ] m:[ ] # !X = T 1+2+n;\n";
    assert_eq!(format(text), text);
    assert_eq!(
        format("a n * [a:int [b]]=T< a , b >;"),
        "a n*[ a:int [ b ] ] = T<a,b>;\n"
    );
}

#[test]
fn parentheses_around_a_condition_go() {
    assert_eq!(
        format("a x:(f.0?int) y:(f.1?V int) = A;"),
        "a x:f.0?int y:f.1?(V int) = A;\n"
    );
}

#[test]
fn finalizations_and_partial_applications() {
    assert_eq!(
        format("New  A ; Final B;Empty\nC; V  int ; V< int >;"),
        "New A;\nFinal B;\nEmpty C;\nV int;\nV<int>;\n"
    );
}

#[test]
fn marks_have_a_blank_line_before_them() {
    assert_eq!(
        format("--- types ---\na = A;\n// f\n--- functions ---\n=== 17 ===\n\n\nb = B;"),
        "---types---\na = A;\n// f\n\n---functions---\n\n===17===\n\nb = B;\n"
    );
    assert_eq!(
        format("a = A;\n---/* x */types--- // y"),
        "a = A;\n/* x */\n\n---types--- // y\n"
    );
}

#[test]
fn blank_lines_collapse_to_one() {
    assert_eq!(
        format("\n\n// c\n\n\n\na = A;\n\n \n\nb = B;\nc = C;\n\n\n"),
        "// c\n\na = A;\n\nb = B;\nc = C;\n"
    );
}

#[test]
fn comments_keep_their_place() {
    assert_eq!(
        format(
            "// top\n/* two\t\n lines  */ a = A;   // behind  \n  // own\nb = B; /* p */ // q\n//end"
        ),
        "// top\n/* two\n lines  */\na = A; // behind\n// own\nb = B; /* p */ // q\n//end\n"
    );
    assert_eq!(format("a = A; /* c */ b = B;"), "a = A; /* c */\nb = B;\n");
    assert_eq!(format("/* a */ // b"), "/* a */ // b\n");
}

#[test]
fn comments_inside_of_a_definition_move_before_it() {
    assert_eq!(
        format("z = Z;\n\na // one\n x:int /* two */ // three\n= A // four\n; // five\n// six"),
        "z = Z;\n\n// one\n/* two */\n// three\n// four\na x:int = A; // five\n// six\n"
    );
}

#[test]
fn line_ends_byte_order_marks_and_empty_files() {
    assert_eq!(
        format("\u{feff}a = A;\r\n\r\n\r\n/* x\r\n y */\r\n"),
        "a = A;\n\n/* x\n y */\n"
    );
    assert_eq!(format(""), "");
    assert_eq!(format(" \n\n"), "");
    assert_eq!(format("\u{feff}"), "");
}

#[test]
fn a_number_sign_never_becomes_an_id() {
    assert_eq!(format("a #b = A;"), "a # b = A;\n");
    assert_eq!(format("a # #[b] x:V<#>#=A;"), "a # # [ b ] x:V<#> # = A;\n");
}

#[test]
fn single_nodes_print_alone() {
    let parsed = read("a.b#1 x:f.0?Vector< int > = V   t;");
    let [Item::Combinator(definition)] = parsed.file.items.as_slice() else {
        panic!("{parsed:?}")
    };
    assert_eq!(
        print::combinator(definition),
        "a.b#00000001 x:f.0?Vector<int> = V t;"
    );
    assert_eq!(print::arg(&definition.args[0]), "x:f.0?Vector<int>");
    assert_eq!(print::expr(&definition.result), "V t");
    assert!(matches!(definition.result.kind, ExprKind::Apply(_)));
}

/// The project's own schemas are kept as the formatter writes them.
#[test]
fn real_schemas_are_read_whole_and_come_back_unchanged() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas");
    let mut read_files = 0;
    for entry in std::fs::read_dir(folder).expect("the workspace has schemas") {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_some_and(|extension| extension == "tl") {
            let text = std::fs::read_to_string(&path).expect("a readable schema");
            assert_eq!(format(&text), text, "{}", path.display());
            read_files += 1;
        }
    }
    assert!(read_files > 0);
}
