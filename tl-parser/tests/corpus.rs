//! Whole schemas as they are used in the wild: nothing is lost, nothing sound is refused, and all ids come out right.
//!
//! The environment variable `TL_CORPUS` names a folder: each `*.tl` in it is a schema, each subfolder a schema of several
//! files. Without it, the project's own fixtures are read. `TL_CORPUS_REPORT` names a file for the figures.
//! `book/src/corpus.md` tells which public schemas were read so, and what is wrong with those listed in `support/exceptions.rs`.

#[path = "support/exceptions.rs"]
mod exceptions;
#[path = "support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use exceptions::{PREFIXES, exceptions, is_trusted};
use support::{Fixture, files, ids, joined, sources, without_spans, workspace};
use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::Reading;
use tl_parser::span::{FileId, Sources};
use tl_parser::syntax::ast::Item;
use tl_parser::syntax::{parse, print};

#[test]
fn no_definition_is_lost() {
    for schema in schemas() {
        let sources = schema.sources();
        let syntax_errors = schema
            .reading
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.code <= Code::UnknownSection)
            .count();
        let (mut semicolons, mut items, mut combinators) = (0, 0, 0);
        for (id, source) in sources.iter() {
            semicolons += semicolons_in(source.text());
            let parsed = parse(id, source.text());
            items += parsed
                .file
                .items
                .iter()
                .filter(|item| !matches!(item, Item::Section(_) | Item::Layer(_)))
                .count();
            combinators += parsed
                .file
                .items
                .iter()
                .filter(|item| matches!(item, Item::Combinator(_)))
                .count();
        }
        assert_eq!(items + syntax_errors, semicolons, "{}", schema.name);
        let refused = schema
            .reading
            .diagnostics
            .iter()
            .filter(|diagnostic| matches!(diagnostic.code, Code::DuplicateName | Code::BareResult))
            .count();
        assert_eq!(
            ids(&schema.reading.schema).len() + refused + repeated(&sources),
            combinators,
            "{}",
            schema.name
        );
    }
}

/// How many `;` a text has outside of its comments, counted without the parser.
fn semicolons_in(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while let Some(at) = rest.find([';', '/']) {
        let found = &rest[at..];
        let len = if found.starts_with("//") {
            found.find('\n').unwrap_or(found.len())
        } else if found.starts_with("/*") {
            found.find("*/").expect("the comment ends") + 2
        } else {
            count += usize::from(found.starts_with(';'));
            1
        };
        rest = &found[len..];
    }
    count
}

/// How many definitions a file shares with one before it, word for word: those count once.
fn repeated(sources: &Sources) -> usize {
    let mut seen: BTreeMap<String, FileId> = BTreeMap::new();
    let mut repeated = 0;
    for (id, source) in sources.iter() {
        for item in &parse(id, source.text()).file.items {
            if let Item::Combinator(combinator) = item {
                let first = *seen.entry(print::combinator(combinator)).or_insert(id);
                repeated += usize::from(first != id);
            }
        }
    }
    repeated
}

#[test]
fn nothing_is_an_error_but_what_is_wrong_indeed() {
    for schema in schemas() {
        let sources = schema.sources();
        let errors = schema
            .reading
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.is_error());
        let mut met = BTreeSet::new();
        for error in errors {
            let at = sources.one_line(error.primary.span);
            let exception = exceptions(&schema.name)
                .find(|exception| exception.code == error.code && exception.at.contains(&&*at));
            let place = sources.locate(error.primary.span);
            assert!(
                exception.is_some(),
                "{}: {} {place}: {}",
                schema.name,
                error.code,
                error.message
            );
            met.insert((error.code, at.into_owned()));
        }
        for exception in exceptions(&schema.name) {
            assert!(!exception.reason.is_empty());
            let is_met = |at: &&&str| met.contains(&(exception.code, (**at).to_owned()));
            // The tools that share a list write the same id with seven or eight digits.
            let missing = exception.at.iter().filter(|at| !is_met(at)).count();
            assert!(
                missing <= usize::from(exception.at == PREFIXES),
                "{}: an exception of {} is no longer needed",
                schema.name,
                exception.code
            );
        }
    }
}

#[test]
fn every_id_given_is_the_computed_one_or_has_a_reason() {
    let mut report = String::from(HEADER);
    for schema in schemas() {
        let mut figures = Figures::default();
        let own = schema.reading.schema.combinators();
        for (_, combinator) in own.filter(|(_, combinator)| !combinator.is_prelude) {
            figures.definitions += 1;
            let Some(given) = combinator.explicit_id else {
                continue;
            };
            figures.given += 1;
            let Some(mismatch) = &combinator.id_mismatch else {
                figures.reproduced += 1;
                continue;
            };
            if mismatch.exception.is_some() {
                figures.known += 1;
            } else if is_trusted(&schema.name) {
                figures.by_hand += 1;
            } else {
                let is_excepted = exceptions(&schema.name).any(|exception| {
                    exception.code == Code::IdMismatch
                        && exception.at.iter().any(|at| {
                            u32::from_str_radix(at.trim_start_matches('#'), 16) == Ok(given)
                        })
                });
                assert!(is_excepted, "{}: {}", schema.name, combinator.name);
                figures.wrong += 1;
            }
        }
        report.push_str(&figures.row(&schema));
    }
    if let Some(path) = std::env::var_os("TL_CORPUS_REPORT") {
        fs::write(path, report).expect("the report can be written");
    }
}

const HEADER: &str = "| schema | files | definitions | rule | ids given | reproduced | known exceptions | by hand | wrong | errors |\n\
                      |---|---|---|---|---|---|---|---|---|---|\n";

#[derive(Default)]
struct Figures {
    definitions: usize,
    given: usize,
    reproduced: usize,
    known: usize,
    by_hand: usize,
    wrong: usize,
}

impl Figures {
    fn row(&self, schema: &Corpus) -> String {
        let mut row = String::new();
        let errors = schema.reading.diagnostics.iter();
        let errors = errors.filter(|diagnostic| diagnostic.is_error()).count();
        writeln!(
            row,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {errors} |",
            schema.name,
            schema.files.len(),
            self.definitions,
            format!("{:?}", schema.reading.schema.dialect()).to_lowercase(),
            self.given,
            self.reproduced,
            self.known,
            self.by_hand,
            self.wrong,
        )
        .expect("a string");
        row
    }
}

#[test]
fn the_formatter_keeps_trees_and_ids() {
    'schemas: for schema in schemas() {
        let mut formatted = Vec::new();
        for file in &schema.files {
            let text = file.text();
            let parsed = parse(FileId(0), &text);
            if !parsed.diagnostics.is_empty() {
                // A broken file is not formatted: what can't be read would be lost.
                continue 'schemas;
            }
            let tidy = print::format(&parsed.file, &text);
            let again = parse(FileId(0), &tidy);
            assert_eq!(again.diagnostics, Vec::<Diagnostic>::new(), "{}", file.name);
            assert!(
                without_spans(&again.file) == without_spans(&parsed.file),
                "{}: the tree changes",
                file.name
            );
            assert_eq!(
                again.file.comments.len(),
                parsed.file.comments.len(),
                "{}",
                file.name
            );
            assert!(
                print::format(&again.file, &tidy) == tidy,
                "{}: formatting is not idempotent",
                file.name
            );
            formatted.push(file.with_text(tidy));
        }
        let again = joined(&sources(&formatted), is_trusted(&schema.name));
        assert_eq!(
            ids(&again.schema),
            ids(&schema.reading.schema),
            "{}",
            schema.name
        );
    }
}

/// One schema of the corpus.
struct Corpus {
    name: String,
    files: Vec<Fixture>,
    reading: Reading,
}

impl Corpus {
    fn new(name: String, files: Vec<Fixture>) -> Self {
        let reading = joined(&sources(&files), is_trusted(&name));
        Self {
            name,
            files,
            reading,
        }
    }

    fn sources(&self) -> Sources {
        sources(&self.files)
    }
}

fn schemas() -> impl Iterator<Item = Corpus> {
    let folder = std::env::var_os("TL_CORPUS").map_or_else(
        || workspace().join("tests/fixtures/language"),
        PathBuf::from,
    );
    let alone = files(&folder)
        .into_iter()
        .map(|file| (file.name.clone(), vec![file]));
    let together = subfolders(&folder).into_iter().map(|path| {
        let name = path.file_name().expect("it has a name");
        (name.to_string_lossy().into_owned(), files(&path))
    });
    let schemas: BTreeMap<_, _> = alone.chain(together).collect();
    assert!(!schemas.is_empty(), "{} is empty", folder.display());
    schemas
        .into_iter()
        .map(|(name, files)| Corpus::new(name, files))
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths.filter(|path| path.is_dir()).collect()
}
