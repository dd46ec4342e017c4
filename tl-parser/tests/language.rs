//! Every construct of TL, official or of a dialect, by a small schema that has it: it reads, it survives the formatter,
//! and it means what the golden beside it says. `SNAPSHOTS=overwrite` writes the goldens.
//!
//! `book/src/language.md` tells which fixture shows which construct.

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use snapbox::assert::DEFAULT_ACTION_ENV;
use snapbox::{Assert, Data};
use support::dump::dump;
use support::{Fixture, fixtures, ids, joined, without_spans, workspace};
use tl_parser::schema::{Options, read_unchecked};
use tl_parser::span::FileId;
use tl_parser::syntax::{parse, print};

/// The folder of the fixtures, which hold one construct each.
const FOLDER: &str = "tests/fixtures/language";

#[test]
fn every_construct_reads_without_errors_and_with_the_findings_it_announces() {
    for fixture in fixtures(FOLDER) {
        let reading = joined(&fixture.sources(), false);
        let found: BTreeSet<_> = reading
            .diagnostics
            .iter()
            .map(|diagnostic| {
                assert!(!diagnostic.is_error(), "{}: {diagnostic:#?}", fixture.name);
                diagnostic.code.to_string()
            })
            .collect();
        assert_eq!(found, announced(&fixture), "{}", fixture.name);
    }
}

/// The codes that the first comment of a fixture names.
fn announced(fixture: &Fixture) -> BTreeSet<String> {
    let text = fixture.text();
    let parsed = parse(FileId(0), &text);
    let first = parsed.file.comments.first();
    let first = first.unwrap_or_else(|| panic!("{} says what it shows", fixture.name));
    first
        .text
        .split(|other: char| !other.is_ascii_alphanumeric())
        .filter(|word| word.len() == 6 && word.starts_with("TL0"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_construct_means_what_its_golden_says() {
    for fixture in fixtures(FOLDER) {
        let golden = fixture.path.with_extension("txt");
        let actual = dump(&joined(&fixture.sources(), false).schema);
        Assert::new()
            .action_env(DEFAULT_ACTION_ENV)
            .eq(actual, Data::read_from(&golden, None));
    }
}

#[test]
fn without_checks_a_schema_is_the_same_but_explicit_ids_are_taken_at_their_word() {
    const MISMATCH: &str = "; text gives ";
    let without_mismatch = |line: &str| line.split(MISMATCH).next().map(str::to_owned);
    let mut mismatches = 0;
    for fixture in fixtures(FOLDER) {
        let sources = fixture.sources();
        let options = Options {
            join: true,
            ..Options::default()
        };
        let unchecked = dump(&read_unchecked(&sources, &options).remove(0).schema);
        let checked = dump(&joined(&sources, false).schema);
        let expected: Vec<_> = checked.lines().filter_map(without_mismatch).collect();
        assert_eq!(
            unchecked.lines().collect::<Vec<_>>(),
            expected,
            "{}",
            fixture.name
        );
        mismatches += checked.matches(MISMATCH).count();
    }
    assert!(mismatches > 0);
}

#[test]
fn no_golden_is_left_of_a_fixture_that_is_gone() {
    for entry in fs::read_dir(workspace().join(FOLDER)).expect("the fixtures are there") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            assert!(path.with_extension("tl").exists(), "{}", path.display());
        }
    }
}

#[test]
fn the_formatter_keeps_trees_comments_and_ids_and_has_nothing_more_to_do() {
    for fixture in fixtures(FOLDER) {
        let text = fixture.text();
        let parsed = parse(FileId(0), &text);
        let formatted = print::format(&parsed.file, &text);
        let again = parse(FileId(0), &formatted);
        assert_eq!(again.diagnostics, [], "{}", fixture.name);
        assert_eq!(
            without_spans(&again.file),
            without_spans(&parsed.file),
            "{}",
            fixture.name
        );
        assert_eq!(
            again.file.comments.len(),
            parsed.file.comments.len(),
            "{}",
            fixture.name
        );
        assert_eq!(
            print::format(&again.file, &formatted),
            formatted,
            "{}",
            fixture.name
        );
        let before = joined(&fixture.sources(), false);
        let after = joined(&fixture.with_text(formatted).sources(), false);
        assert_eq!(ids(&after.schema), ids(&before.schema), "{}", fixture.name);
        assert_eq!(
            dump(&after.schema),
            dump(&before.schema),
            "{}",
            fixture.name
        );
    }
}

/// The table of constructs, and the fixtures it links to.
fn table() -> (String, PathBuf) {
    let path = workspace().join("book/src/language.md");
    let text = fs::read_to_string(&path).expect("the book is there");
    (text, path)
}

#[test]
fn the_book_names_every_fixture_and_none_that_is_not_there() {
    let (text, path) = table();
    let is_name = |word: &str| {
        word.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let named: BTreeSet<_> = text
        .split('`')
        .filter_map(|word| word.strip_suffix(".tl"))
        .filter(|word| is_name(word))
        .map(str::to_owned)
        .collect();
    let present: BTreeSet<_> = fixtures(FOLDER)
        .into_iter()
        .map(|fixture| fixture.name)
        .collect();
    let missing: Vec<_> = present.difference(&named).collect();
    let unknown: Vec<_> = named.difference(&present).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "{}: not named {missing:?}, not there {unknown:?}",
        path.display()
    );
}

/// The productions of TL-formal, from its sections "Tokens" and "Syntax".
const PRODUCTIONS: &[&str] = &[
    "lc-letter",
    "uc-letter",
    "digit",
    "hex-digit",
    "underscore",
    "letter",
    "ident-char",
    "lc-ident",
    "uc-ident",
    "namespace-ident",
    "lc-ident-ns",
    "uc-ident-ns",
    "lc-ident-full",
    "nat-const",
    "TL-program",
    "constr-declarations",
    "fun-declarations",
    "declaration",
    "type-expr",
    "nat-expr",
    "expr",
    "subexpr",
    "term",
    "type-ident",
    "boxed-type-ident",
    "var-ident",
    "type-term",
    "nat-term",
    "combinator-decl",
    "full-combinator-id",
    "combinator-id",
    "opt-args",
    "args",
    "multiplicity",
    "var-ident-opt",
    "conditional-def",
    "result-type",
    "builtin-combinator-decl",
    "partial-app-decl",
    "partial-type-app-decl",
    "partial-comb-app-decl",
    "final-decl",
];

#[test]
fn the_book_misses_no_production_of_the_official_grammar() {
    let (text, path) = table();
    for production in PRODUCTIONS {
        let rows = text.lines().filter(|line| line.starts_with('|'));
        let named = rows
            .filter(|row| row.contains(&format!("*{production}*")))
            .count();
        assert!(named > 0, "{}: no row for {production}", path.display());
    }
}
