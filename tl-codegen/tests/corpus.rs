//! Code for whole schemas as they are used in the wild: it is made without errors, compiles without a warning, with and
//! without the forms that borrow and the traits for servers, and rustfmt has nothing to change in it.
//!
//! The environment variable `TL_CORPUS` names a folder, as for the parser's test of the same name: each `*.tl` in it is a
//! schema, each subfolder a schema of several files. `TL_CORPUS_REPORT` names a file for the figures.

#[path = "../../tl-parser/tests/support/exceptions.rs"]
#[allow(dead_code, reason = "the parser's test needs the rest")]
mod exceptions;
#[path = "support/fixtures.rs"]
mod fixtures;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use exceptions::{exceptions, is_trusted};
use tl_codegen::{Config, Error, ItemKind, Output};
use tl_parser::diagnostic::Code;

#[test]
#[ignore = "needs public schemas: name their folder in TL_CORPUS, and run with `--ignored`"]
fn every_schema_makes_code_that_compiles_without_a_warning() {
    let scratch = fixtures::scratch_dir("corpus");
    let (mut members, mut figures) = (Vec::new(), Figures::default());
    let mut report = String::from(HEADER);
    for (name, files) in schemas() {
        let Some([plain, borrowed]) = generate(&name, &files) else {
            figures.refused.push(name);
            continue;
        };
        let dir = scratch.join(&name);
        for (form, output) in [("plain", &plain), ("borrowed", &borrowed)] {
            output
                .files
                .write(&dir.join("src").join(form))
                .expect("the code can be written");
        }
        let lib = "//! Bindings.\n\n#![deny(warnings, missing_docs, unreachable_pub, rust_2018_idioms)]\n\n\
                   pub mod borrowed;\npub mod plain;\n";
        // The modules have no docs of their own: nothing but their root is checked for them.
        let lib = lib.replace("pub mod", "#[allow(missing_docs)]\npub mod");
        fs::write(dir.join("src/lib.rs"), lib).expect("it can be written");
        fs::write(dir.join("Cargo.toml"), manifest(members.len())).expect("it can be written");
        figures.add(&plain, &borrowed);
        report.push_str(&row(&name, &plain, &borrowed));
        members.push(name);
    }
    assert!(!members.is_empty());
    println!("{figures}");
    let unformatted: Vec<_> = members
        .iter()
        .filter_map(|name| format_diff(&scratch.join(name).join("src/lib.rs")))
        .collect();
    assert!(unformatted.is_empty(), "{}", unformatted.join("\n"));
    check(&scratch, &members);
    if let Some(path) = std::env::var_os("TL_CORPUS_REPORT") {
        fs::write(path, report).expect("the report can be written");
    }
}

/// The code in both forms; none where the schema is refused for what is wrong with it.
fn generate(name: &str, files: &[PathBuf]) -> Option<[Output; 2]> {
    let wrong: BTreeSet<Code> = exceptions(name).map(|exception| exception.code).collect();
    // An id that no text gives is no obstacle when it is taken as it is.
    let only_ids = wrong.iter().all(|code| *code == Code::IdMismatch);
    let config = files
        .iter()
        .fold(Config::new(), |config, file| config.schema(file))
        .trust_ids(is_trusted(name) || (!wrong.is_empty() && only_ids));
    match config.generate() {
        Ok(plain) => {
            assert!(only_ids, "{name} is not refused");
            let borrowed = config.borrowed(true).dispatcher(true).generate();
            let borrowed = borrowed.unwrap_or_else(|error| panic!("{name}, borrowed: {error}"));
            Some([plain, borrowed])
        }
        Err(Error::Schema {
            sources,
            diagnostics,
        }) => {
            for error in diagnostics.iter().filter(|finding| finding.is_error()) {
                let at = sources.one_line(error.primary.span);
                let is_expected = wrong.contains(&error.code);
                let place = sources.locate(error.primary.span);
                assert!(
                    is_expected,
                    "{name}: {place}: {} {}: {at}",
                    error.code, error.message
                );
            }
            None
        }
        Err(error) => panic!("{name}: {error}"),
    }
}

/// The scratch crate of one schema. All are members of one workspace.
fn manifest(at: usize) -> String {
    let runtime = fixtures::root().join("mtproto-runtime");
    let runtime = runtime.canonicalize().expect("the runtime is there");
    format!(
        "[package]\nname = \"schema-{at}\"\nedition = \"2024\"\n\n[dependencies]\n\
         mtproto-runtime = {{ path = {runtime:?}, default-features = false }}\n"
    )
}

fn check(scratch: &Path, members: &[String]) {
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
    fs::write(scratch.join("Cargo.toml"), manifest).expect("it can be written");
    // The lock file of the workspace has all versions: nothing has to be looked up.
    fs::copy(
        fixtures::root().join("Cargo.lock"),
        scratch.join("Cargo.lock"),
    )
    .expect("the lock file can be copied");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--workspace", "--keep-going"])
        .current_dir(scratch)
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus-target"),
        )
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    let first: String = errors.chars().take(20_000).collect();
    assert!(output.status.success(), "{first}");
}

/// What rustfmt would change in a file and the modules below it.
fn format_diff(file: &Path) -> Option<String> {
    let output = Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "--color", "never"])
        .arg(file)
        .output()
        .expect("rustfmt runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    let diff = String::from_utf8_lossy(&output.stdout) + errors;
    (!output.status.success()).then(|| diff.chars().take(4_000).collect())
}

/// The files of each schema, by name.
fn schemas() -> BTreeMap<String, Vec<PathBuf>> {
    let folder =
        std::env::var_os("TL_CORPUS").map_or_else(|| fixtures::dir("language"), PathBuf::from);
    let mut schemas = BTreeMap::new();
    for path in entries(&folder) {
        let name = path.file_stem().expect("it has a name");
        let name = name.to_string_lossy().into_owned();
        if path.is_dir() {
            let files = entries(&path).into_iter().filter(|file| is_schema(file));
            schemas.insert(name, files.collect());
        } else if is_schema(&path) {
            schemas.insert(name, vec![path]);
        }
    }
    schemas
}

fn is_schema(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tl")
}

fn entries(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    entries
        .map(|entry| entry.expect("the folder can be read").path())
        .collect()
}

const HEADER: &str = "| schema | constructors | functions | lines | lines, borrowed forms too |\n|---|---|---|---|---|\n";

fn row(name: &str, plain: &Output, borrowed: &Output) -> String {
    format!(
        "| {name} | {} | {} | {} | {} |\n",
        count(plain, ItemKind::Constructor),
        count(plain, ItemKind::Function),
        lines(plain),
        lines(borrowed)
    )
}

/// What was generated in all.
#[derive(Default)]
struct Figures {
    schemas: usize,
    items: usize,
    dependent: usize,
    lines: usize,
    borrowed_lines: usize,
    refused: Vec<String>,
}

impl Figures {
    fn add(&mut self, plain: &Output, borrowed: &Output) {
        self.schemas += 1;
        self.items += plain.items.len();
        let dependent = plain.items.iter().filter(|item| item.is_dependent);
        self.dependent += dependent.count();
        self.lines += lines(plain);
        self.borrowed_lines += lines(borrowed);
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            schemas,
            items,
            dependent,
            lines,
            borrowed_lines,
            refused,
        } = self;
        let mut text = String::new();
        write!(
            text,
            "{schemas} schemas: {items} structs and enums, {dependent} of them with numbers passed in, in {lines} lines; \
             {borrowed_lines} with the borrowed forms. Refused: {refused:?}"
        )?;
        f.write_str(&text)
    }
}

fn count(output: &Output, kind: ItemKind) -> usize {
    let items = output.items.iter();
    items.filter(|item| item.kind == kind).count()
}

fn lines(output: &Output) -> usize {
    let files = output.files.iter();
    files.map(|(_, text)| text.lines().count()).sum()
}
