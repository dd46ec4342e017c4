//! Code for every construct of the language and for whole schemas as they are used in the wild. It is made without errors but
//! those that are listed here; it compiles without a warning, with and without the forms that borrow and the traits for
//! servers; rustfmt has nothing to change in it. And it is run against the dynamic codec, which shares no line of reading and
//! writing with it: random values give the same bytes, and spoilt ones the same errors at the same byte.
//!
//! The fixtures `tests/fixtures/language/*.tl` and the project's own schemas are gone through every time. The environment
//! variable `TL_CORPUS` names a folder of others, as for the parser's test of the same name: each `*.tl` in it is a schema, each
//! subfolder a schema of several files. `TL_CORPUS_REPORT` names a file for the figures.

mod agreement;
#[path = "../../../tests/support/asking.rs"]
mod asking;
#[path = "../../../tl-parser/tests/support/exceptions.rs"]
#[allow(dead_code, reason = "the parser's test needs the rest")]
mod exceptions;
mod figures;
#[path = "../support/fixtures.rs"]
mod fixtures;
#[path = "../../../tests/support/heights.rs"]
mod heights;
mod refusals;
mod schemas;
mod scratch;

use std::fs;
use std::io::Write;

use agreement::Agreement;
use figures::{Figures, HEADER, row};
use refusals::{REFUSALS, Refusal};
use schemas::Forms;
use scratch::{Workspace, format_diff};

#[test]
fn every_construct_of_the_language_compiles_and_agrees_with_the_codec() {
    let mut refused = Vec::new();
    let mut bindings = Vec::new();
    for schema in schemas::of_folder(&fixtures::dir("language")) {
        let found = schema.refusals();
        bindings.push(schema.bindings(&found, Forms::All));
        refused.extend(found);
    }
    assert_eq!(refused, REFUSALS.map(Refusal::from));
    let workspace = Workspace::new("language");
    workspace.add("language", &bindings);
    assert_eq!(format_diff(&workspace.library("language")), None);
    workspace.build("language");
    let mut agreement = Agreement::thorough();
    agreement.hold(&bindings, &mut workspace.start("language"));
    agreement.holds(1500, 100_000);
    assert_eq!(agreement.missed, refusals::MISSED);
}

#[test]
fn the_schemas_of_the_project_compile_without_a_warning() {
    let folder = fixtures::root().join("schemas");
    let bindings: Vec<_> = schemas::of_folder(&folder)
        .map(|schema| schema.bindings(&[], Forms::Borrowed))
        .collect();
    assert_eq!(bindings.len(), 3);
    let workspace = Workspace::new("schemas");
    workspace.add("schemas", &bindings);
    workspace.check("schemas");
}

#[test]
fn public_schemas_compile_and_agree_with_the_codec() {
    let Some(folder) = std::env::var_os("TL_CORPUS") else {
        // Not `eprintln!`, which says nothing when a test passes.
        let note =
            "LEFT OUT: the public schemas; name their folder in TL_CORPUS to go through them\n";
        std::io::stderr()
            .write_all(note.as_bytes())
            .expect("it can be said");
        return;
    };
    let workspace = Workspace::new("public");
    let (mut report, mut figures) = (String::from(HEADER), Figures::default());
    let (mut packages, mut unformatted) = (Vec::new(), Vec::new());
    for schema in schemas::of_folder(folder.as_ref()) {
        if schema.is_refused_for_what_is_wrong() {
            figures.refused.push(schema.name);
            continue;
        }
        let package = format!("schema_{}", packages.len());
        let bindings = schema.bindings(&[], Forms::PlainAndBorrowed);
        figures.add(&bindings);
        workspace.add(&package, std::slice::from_ref(&bindings));
        unformatted.extend(format_diff(&workspace.library(&package)));
        // Bindings of all schemas at once are more than has to be held in memory.
        packages.push((package, schema, row(&bindings)));
    }
    assert!(unformatted.is_empty(), "{}", unformatted.join("\n"));
    let mut agreement = Agreement::quick();
    for (package, schema, row) in packages {
        workspace.build(&package);
        let bindings = schema.bindings(&[], Forms::PlainAndBorrowed);
        let before = agreement.count;
        let mut program = workspace.start(&package);
        agreement.hold(std::slice::from_ref(&bindings), &mut program);
        let row = format!("{row} {} |\n", agreement.count.since(before));
        // It takes long: what is done is told at once.
        print!("{row}");
        report.push_str(&row);
    }
    println!("{figures}\n{agreement}");
    agreement.holds(1, 1);
    if let Some(path) = std::env::var_os("TL_CORPUS_REPORT") {
        fs::write(path, report).expect("the report can be written");
    }
}
